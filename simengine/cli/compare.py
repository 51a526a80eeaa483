"""The command compare: scenarios beside the first of them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from simengine.cli import tables as shared
from simengine.cli.session import AsJson, Lang, Quiet, Session, Threads, begin, records
from simengine.cli.what_if import NONE, Actuals, Growth, Lever, SetTo, WhatIfs

if TYPE_CHECKING:
    from simengine.decide.compare import Comparison
    from simengine.report.tables.workbook import Sheet


KINDS = (*shared.FORMATS, "png", "svg")
To = Annotated[
    str | None,
    typer.Option(
        "--to",
        metavar="csv,xlsx,png,svg",
        help="Write files instead of printing; png, svg: the waterfall of every fund that moves, its CSV beside it.",
    ),
]


def compare(
    sources: shared.Sources,
    indicator: shared.Indicators = None,
    years: shared.Years = None,
    region: shared.Regions = None,
    scheme: shared.Schemes = None,
    sex: shared.Sexes = None,
    age: shared.Ages = None,
    base_units: shared.BaseUnits = False,
    to: To = None,
    out: shared.Stem = None,
    lever: Lever = None,
    set_to: SetTo = None,
    growth: Growth = None,
    actuals: Actuals = None,
    json: AsJson = False,
    lang: Lang = None,
    threads: Threads = None,
    quiet: Quiet = False,
) -> None:
    """Compare scenarios with the first.

    Levels, differences and per cent by year, verdicts that flip, and balances of funds that move; any number of
    scenarios or results of one region. One scenario alone is compared with itself under the what-ifs.
    """
    session = begin(lang, quiet=quiet, as_json=json)
    from simengine.common.errors import SimengineError, each_error, raise_all
    from simengine.common.progress import reporting
    from simengine.decide.compare import compare_sources, wanted
    from simengine.judge.quantities.sources import read_sources
    from simengine.judge.quantities.tidy import Reading

    reader = shared.Reader(session, threads)
    what_ifs = WhatIfs(lever, set_to, growth, actuals)
    with reporting(session.lang, quiet=quiet) as reporter:
        reporter("read")
        kinds, errors = shared.formats(to, None, KINDS)
        try:
            quantities, chosen = wanted(indicator, years, region, sex, age, scheme)
        except SimengineError as error:
            errors += each_error(error)
        given, wrong = shared.named(sources, what_ifs)
        if len(sources) == 1 and what_ifs:
            plain, more = shared.named(sources, NONE)
            given, wrong = [*plain, *given], [*wrong, *more]
        raise_all(list({str(error): error for error in [*errors, *wrong]}.values()))
        found = read_sources(given, reader.running(reporter))
        reporter("tables")
        made = compare_sources(found, quantities, chosen, Reading(base_units, session.lang))
    reader.tell_remarks()
    _tell(session, made, kinds, out or Path("compare"), named_years=years is not None)


def _tell(session: Session, made: Comparison, kinds: list[str], stem: Path, *, named_years: bool) -> None:
    """Print the comparison, or write its files."""
    from simengine.report.tables.comparison import show_comparison
    from simengine.report.tables.yearly import screen_years

    session.result(
        {
            "sources": shared.sources_told(made.sources),
            "rows": records(made.rows),
            "flips": records(made.flips),
            "compared": dict(made.compared),
            "balances": records(made.balances),
        }
        | shared.withheld_told(made.withheld)
    )
    if kinds:
        from simengine.report.tables.workbook import Sheet, read_me

        steps = made.bridge()

        def book() -> tuple[list[list[str]], list[Sheet]]:
            from simengine.common.messages import say

            about = read_me(made.sources, made.quantities, made.reading.base, session.lang)
            about += shared.withheld_cells(made.withheld, session.lang)
            names = ("rows", "flips", "balances", "bridge")
            frames = (made.rows, made.flips, made.balances, steps)
            return about, [
                Sheet(say(f"compare.sheet_{name}", session.lang), frame, 2)
                for name, frame in zip(names, frames, strict=True)
            ]

        tables = {"": made.rows, "flips": made.flips, "balances": made.balances, "bridge": steps}
        pictures = [kind for kind in kinds if kind not in shared.FORMATS]
        wanted = [kind for kind in kinds if kind in shared.FORMATS]
        if pictures and "csv" not in wanted:
            tables = {"bridge": steps}
            wanted.append("csv")
        shared.write(session, wanted, stem, tables, book)
        if pictures:
            from simengine.report.figures.waterfall import draw_waterfalls

            if steps.empty:
                session.say("compare.no_balances")
            shared.draw(session, draw_waterfalls(made, steps, session.lang), pictures, stem)
        session.say("compare.bridge_year", year=made.last)
        shared.note_withheld(session, made.withheld)
    elif not (session.quiet or session.json):
        years = None if named_years else screen_years(made.balances if made.rows.empty else made.rows)
        show_comparison(made, session.lang, years)
        if not named_years:
            session.say("table.years_shown")
