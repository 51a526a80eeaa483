"""The command table: any quantity by year, region, scenario, scheme, sex and age."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from simengine.cli import tables as shared
from simengine.cli.session import AsJson, Lang, Quiet, Session, Threads, begin, records
from simengine.cli.what_if import Actuals, Growth, Lever, SetTo, WhatIfs

if TYPE_CHECKING:
    from simengine.judge.quantities.table import Table
    from simengine.report.tables.workbook import Sheet


def table(
    sources: shared.Sources,
    indicator: shared.Indicators = None,
    years: shared.Years = None,
    region: shared.Regions = None,
    scheme: shared.Schemes = None,
    sex: shared.Sexes = None,
    age: shared.Ages = None,
    base_units: shared.BaseUnits = False,
    to: shared.To = None,
    layout: shared.Layout = None,
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
    """Print any quantity by year.

    Indicators, stocks, flows, measures and items of funds, by region, scenario, scheme, sex and age, in ten thousand
    persons and hundred million yuan or in base units, on the screen, as CSV and as a workbook. Years of funds stand
    with their range over the closures. Where no years are named, the first, the last and every fifth are printed;
    files hold all.
    """
    session = begin(lang, quiet=quiet, as_json=json)
    from simengine.common.errors import SimengineError, each_error, raise_all
    from simengine.common.progress import reporting
    from simengine.judge.quantities.sources import read_sources
    from simengine.judge.quantities.table import asked, table_of
    from simengine.judge.quantities.tidy import Reading

    reader = shared.Reader(session, threads)
    with reporting(session.lang, quiet=quiet) as reporter:
        reporter("read")
        kinds, errors = shared.formats(to, layout)
        try:
            quantities, chosen = asked(indicator or [], years, region, sex, age, scheme)
        except SimengineError as error:
            errors += each_error(error)
        given, wrong = shared.named(sources, WhatIfs(lever, set_to, growth, actuals))
        raise_all([*errors, *wrong])
        found = read_sources(given, reader.running(reporter))
        reporter("tables")
        made = table_of(found, quantities, chosen, Reading(base_units, session.lang))
    reader.tell_remarks()
    _tell(session, made, kinds, layout, out or Path("table"), named_years=years is not None)


def _tell(
    session: Session, made: Table, kinds: list[str], layout: str | None, stem: Path, *, named_years: bool
) -> None:
    """Print the table, or write its files."""
    from simengine.report.tables.workbook import Sheet, read_me
    from simengine.report.tables.yearly import for_readers, screen_years, show_table

    session.result(
        {"sources": shared.sources_told(made.sources), "rows": records(made.rows)} | shared.withheld_told(made.withheld)
    )
    if kinds:

        def book() -> tuple[list[list[str]], list[Sheet]]:
            from simengine.common.messages import say

            readable = for_readers(made, session.lang)
            keys = sum(not isinstance(name, int) for name in readable.columns)
            source = "; ".join(f"{one.key} ({one.marks.get('run_id', '')})" for one in made.sources)
            above = [say("workbook.above", session.lang, source=source)]
            pages = [Sheet(say("workbook.wide", session.lang), readable, keys, above)] if len(readable) else []
            pages.append(Sheet(say("workbook.tidy", session.lang), made.rows, 4))
            about = read_me(made.sources, made.quantities, made.reading.base, session.lang)
            return [*about, *shared.withheld_cells(made.withheld, session.lang)], pages

        frame = for_readers(made, session.lang) if layout == "wide" else made.rows
        shared.write(session, kinds, stem, {"": frame}, book)
        shared.note_withheld(session, made.withheld)
    elif not (session.quiet or session.json):
        years = None if named_years else screen_years(made.rows)
        show_table(made, session.lang, years)
        if not named_years and made.rows["year"].notna().any():
            session.say("table.years_shown")
