"""The command sweep: combinations of levers over regions in one batch."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from simengine.cli import tables as shared
from simengine.cli.session import AsJson, Lang, Names, Quiet, Session, Threads, begin, records, threads_to_use

if TYPE_CHECKING:
    from simengine.common.errors import SimengineError
    from simengine.decide.design import Design
    from simengine.decide.sweep import Swept
    from simengine.report.tables.workbook import Sheet
    from simengine.scenario.scenario import Scenario

PANEL = "What varies"

Levers = Annotated[
    list[str] | None,
    typer.Option(
        "--lever",
        metavar="NAME,NAME",
        rich_help_panel=PANEL,
        help="Alternatives of levers, packaged names or own files ending in .yaml: none,layoff_wave. One alone is part "
        "of every combination.",
    ),
]
Sets = Annotated[
    list[str] | None,
    typer.Option(
        "--set",
        metavar="SERIES=YEAR:VALUE/VALUE",
        rich_help_panel=PANEL,
        help="Alternatives of a value, as in the what-ifs of run: unemployment_insured=2026:400万/420万, "
        "pension/rate_employer=2028-01-01:16%/18%/20%, layoff_share=0.2..0.8 (a range).",
    ),
]
Growths = Annotated[
    list[str] | None,
    typer.Option(
        "--growth",
        metavar="SERIES=RATE/RATE",
        rich_help_panel=PANEL,
        help="Alternatives of yearly growth: average_wage=2%/3%/4%, average_wage=2%..4% (a range).",
    ),
]
ListFile = Annotated[
    Path | None,
    typer.Option(
        "--list",
        metavar="FILE.csv",
        rich_help_panel=PANEL,
        help="A list of combinations in place of a grid: columns lever, set KEY, growth SERIES; a row each.",
    ),
]
DesignName = Annotated[
    str,
    typer.Option(
        "--design",
        metavar="grid|sobol|halton|latin",
        rich_help_panel=PANEL,
        help="Every combination, or points of a quasi-random sequence.",
    ),
]
Points = Annotated[
    int | None,
    typer.Option(
        "--points", rich_help_panel=PANEL, help="Values that a range takes in a grid; else the number of combinations."
    ),
]
Seed = Annotated[int, typer.Option("--seed", rich_help_panel=PANEL, help="Seed of a quasi-random sequence.")]

EPILOG = """Examples:

\b
  simengine sweep jiangxi/baseline hubei/baseline --growth average_wage=2%/3%/4% --lever none,layoff_wave
  simengine sweep xuzhou/baseline --set unemployment_insured=2025:98万..102万 --points 5 -i ui_participants --years 2025
  simengine sweep jiangxi/baseline --growth average_wage=2%..4% --set layoff_share=0.2..0.8 --design sobol --points 64

simengine/notes/tables.md, section 4, explains designs and files."""


def sweep(
    scenarios: Names,
    lever: Levers = None,
    set_to: Sets = None,
    growth: Growths = None,
    list_file: ListFile = None,
    design: DesignName = "grid",
    points: Points = None,
    seed: Seed = 0,
    indicator: shared.Indicators = None,
    years: shared.Years = None,
    region: shared.Regions = None,
    scheme: shared.Schemes = None,
    base_units: shared.BaseUnits = False,
    to: shared.To = None,
    out: shared.Stem = None,
    json: AsJson = False,
    lang: Lang = None,
    threads: Threads = None,
    quiet: Quiet = False,
) -> None:
    """Run combinations of levers.

    A grid, a list or points of a quasi-random sequence, over one scenario or several, in one batch: the verdict on
    every row of the plan in each combination, and any indicator by year. Each equals the same run alone.
    """
    session = begin(lang, quiet=quiet, as_json=json)
    from simengine.cli.inputs import remarks_of
    from simengine.common.errors import SimengineError, each_error, raise_all
    from simengine.common.messages import say
    from simengine.common.progress import reporting
    from simengine.decide.sweep import INDICATORS, prepared, run_prepared
    from simengine.judge.quantities.tidy import Reading

    used = threads_to_use(threads)
    with reporting(session.lang, quiet=quiet) as reporter:
        reporter("read")
        kinds, errors = shared.formats(to, None)
        found, plan, wrong = _read(scenarios, list_file, design, points)
        errors += wrong
        try:
            asked = prepared(
                found or scenarios[:0], lever or (), set_to or (), growth or (), plan, points, seed,
                indicator or INDICATORS, years, region, scheme,
            )  # fmt: skip
        except SimengineError as error:
            errors += [one for one in each_error(error) if found or one.code != "no_scenario"]  # said above
        raise_all(errors)
        made = run_prepared(*asked, Reading(base_units, session.lang), used, reporter)
        remarks = [remark for scenario in found for remark in remarks_of(scenario)]
    for text in dict.fromkeys(getattr(remark, session.lang) for remark in remarks):
        session.note(say("remark", session.lang, text=text))
    _tell(session, made, kinds, out or Path("sweep"), figures=indicator is not None, named_years=years is not None)


def _read(
    names: list[str], list_file: Path | None, design: str, points: int | None
) -> tuple[list[Scenario], str | Design, list[SimengineError]]:
    """Scenarios and combinations of a list, or the name of a design; and all that is wrong with them."""
    from simengine.cli.inputs import load_all
    from simengine.common.errors import ScenarioError, SimengineError, each_error
    from simengine.decide.design import Design, read_list

    errors: list[SimengineError] = []
    found: list[Scenario] = []
    plan: str | Design = design if list_file is None else Design((), (), regular=False)
    if list_file is not None and (design != "grid" or points is not None):
        errors.append(ScenarioError("sweep_list_design"))
    try:
        found = load_all(names)
    except SimengineError as error:
        errors += each_error(error)
    try:
        plan = plan if list_file is None else read_list(list_file)
    except SimengineError as error:
        errors += each_error(error)
    return found, plan, errors


def _tell(session: Session, made: Swept, kinds: list[str], stem: Path, *, figures: bool, named_years: bool) -> None:
    """Print the sweep, or write its files."""
    from simengine.report.tables.swept import show_sweep
    from simengine.report.tables.yearly import screen_years

    tables = {"": made.rows, "verdicts": made.verdicts, "combinations": made.combinations}
    names = {"": "rows"}
    told = {names.get(name, name): records(frame) for name, frame in tables.items()}
    session.result({**told, "impossible": records(made.impossible), "idle": list(made.idle)})
    if kinds:

        def book() -> tuple[list[list[str]], list[Sheet]]:
            from simengine.common.messages import say
            from simengine.report.tables.workbook import Sheet, about_sweep

            pages = [
                Sheet(say(f"sweep.sheet_{names.get(name, name)}", session.lang), frame, 2)
                for name, frame in tables.items()
            ]
            return about_sweep(made, session.lang), pages

        shared.write(session, kinds, stem, tables, book)
    elif not (session.quiet or session.json):
        years = None if named_years else screen_years(made.rows)
        show_sweep(made, session.lang, years, figures=figures)
        if figures and not named_years:
            session.say("table.years_shown")
