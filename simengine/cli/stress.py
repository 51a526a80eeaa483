"""The command stress: what breaks targets and funds, and how much of it is needed."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from simengine.cli import tables as shared
from simengine.cli import what_if
from simengine.cli.session import AsJson, Lang, Quiet, Session, Threads, begin, records, threads_to_use

if TYPE_CHECKING:
    from simengine.common.errors import SimengineError
    from simengine.decide.stress.reverse import Reversed
    from simengine.decide.stress.run import Stressed
    from simengine.report.tables.workbook import Sheet
    from simengine.scenario.scenario import Scenario

REVERSE = "Reverse stress"

Scenarios = Annotated[
    list[str] | None,
    typer.Argument(metavar="SCENARIO", help="Names (jiangxi/baseline) or files ending in .yaml."),
]
Names = Annotated[
    list[str] | None,
    typer.Option("--stress", metavar="NAME", help="A stress of the library; all of them if left out. Repeatable."),
]
Start = Annotated[
    int | None,
    typer.Option("--start", metavar="YEAR", help="First year of the shocks; the first year without known payers."),
]
Before = Annotated[
    int | None,
    typer.Option(
        "--before", metavar="YEAR", help="A fund fails when it is below zero, without aid, before this year: 2050."
    ),
]
Year = Annotated[
    int | None,
    typer.Option("--year", metavar="YEAR", help="Year of the months that a fund has in hand, without aid: 2035."),
]
Listed = Annotated[bool, typer.Option("--list", help="Show the library with its sizes and records, and run nothing.")]
Break = Annotated[
    list[str] | None,
    typer.Option(
        "--break",
        metavar="ROW|FUND:YEAR",
        rich_help_panel=REVERSE,
        help="Find the smallest shock that misses a row of the plan (XZ-14-05), or takes a fund, without aid, below "
        "zero before a year (work_injury:2050). May be repeated.",
    ),
]
Mend = Annotated[
    list[str] | None,
    typer.Option(
        "--mend",
        metavar="LEVER",
        rich_help_panel=REVERSE,
        help="A further lever to try against the shock: a packaged name, or your own file ending in .yaml.",
    ),
]
Region = Annotated[
    list[str] | None,
    typer.Option(
        "--region",
        metavar="REGION",
        help="Rows of the plan of an area, a district or a county of a city; its own rows if left out. Repeatable.",
    ),
]
Plot = Annotated[
    Path | None, typer.Option("--plot", metavar="FILE.png", help="Draw the heat map of one scenario, a CSV beside it.")
]

EPILOG = """Examples:

\b
  simengine stress jiangxi/baseline
  simengine stress china/baseline hubei/baseline --stress wage_stagnation --stress low_fertility --before 2060
  simengine stress xuzhou/baseline --break XZ-14-05 --stress layoff_wave
  simengine stress --list

simengine/notes/stress.md explains sizes, shapes and the search."""


def stress(
    scenarios: Scenarios = None,
    names: Names = None,
    start: Start = None,
    before: Before = None,
    year: Year = None,
    listed: Listed = False,
    breaks: Break = None,
    mends: Mend = None,
    region: Region = None,
    lever: what_if.Lever = None,
    set_to: what_if.SetTo = None,
    growth: what_if.Growth = None,
    actuals: what_if.Actuals = None,
    plot: Plot = None,
    to: shared.To = None,
    out: shared.Stem = None,
    json: AsJson = False,
    lang: Lang = None,
    threads: Threads = None,
    quiet: Quiet = False,
) -> None:
    """Stress targets and funds.

    Every stress of the library on every row of the plan and every fund; or, with --break, the smallest shock of each
    that makes a scenario fail, in its unit and in standard deviations of its record, and the levers that undo it.
    """
    session = begin(lang, quiet=quiet, as_json=json)
    used = threads_to_use(threads)
    kinds, errors = shared.formats(to, None)
    errors += _option_faults(listed, scenarios or [], breaks or [], mends or [], plot, before, year, region)
    if listed:
        _list(session, names, errors)
        return
    what_ifs = what_if.WhatIfs(lever, set_to, growth, actuals)
    found = _load(scenarios or [], what_ifs, errors)
    if breaks:
        _reverse(session, found, names, breaks, mends or [], start, kinds, errors, out or Path("stress"), used)
    else:
        _heat(session, found, names, start, before, year, region, kinds, errors, out or Path("stress"), plot, used)


def _option_faults(
    listed: bool,
    scenarios: list[str],
    breaks: list[str],
    mends: list[str],
    plot: Path | None,
    before: int | None,
    year: int | None,
    region: list[str] | None,
) -> list[SimengineError]:
    """Options that do not go together."""
    from simengine.common.errors import ScenarioError

    errors: list[SimengineError] = []
    if listed and (scenarios or breaks):
        errors.append(ScenarioError("stress_list_alone", where="--list"))
    if mends and not breaks:
        errors.append(ScenarioError("stress_mend_alone", where="--mend"))
    if breaks and len(scenarios) > 1:
        errors.append(ScenarioError("stress_break_one", where="--break", count=len(scenarios)))
    for option, given in (("--before", before), ("--year", year), ("--plot", plot), ("--region", region)):
        if breaks and given is not None:
            errors.append(ScenarioError("stress_break_option", where=option))
    if plot is not None and len(scenarios) != 1:
        errors.append(ScenarioError("stress_plot_one", where="--plot"))
    if plot is not None and plot.suffix.lower() != ".png":
        errors.append(ScenarioError("stress_plot_kind", where="--plot", name=plot.name))
    return errors


def _load(names: list[str], what_ifs: what_if.WhatIfs, errors: list[SimengineError]) -> list[Scenario]:
    """The scenarios named with the what-ifs; what is wrong with any of them joins the errors."""
    from simengine.cli.inputs import load_all
    from simengine.common.errors import SimengineError, each_error

    try:
        return load_all(names, what_ifs) if names else []
    except SimengineError as error:
        errors += each_error(error)
        return []


def _list(session: Session, names: list[str] | None, errors: list[SimengineError]) -> None:
    from simengine.common.errors import SimengineError, each_error, raise_all
    from simengine.decide.stress.library import find_stresses
    from simengine.decide.stress.run import library_table
    from simengine.report.tables.stress import show_library

    chosen = []
    try:
        chosen = find_stresses(names)
    except SimengineError as error:
        errors += each_error(error)
    raise_all(errors)
    session.result({"library": records(library_table(chosen, session.lang))})
    if not (session.quiet or session.json):
        show_library(chosen, session.lang)


def _heat(
    session: Session,
    found: list[Scenario],
    names: list[str] | None,
    start: int | None,
    before: int | None,
    year: int | None,
    region: list[str] | None,
    kinds: list[str],
    errors: list[SimengineError],
    stem: Path,
    plot: Path | None,
    threads: int,
) -> None:
    """Run the stresses and print them, or write their files."""
    from simengine.common.errors import SimengineError, each_error, raise_all
    from simengine.common.progress import reporting
    from simengine.decide.stress.run import BEFORE, YEAR, prepared, run_prepared
    from simengine.report.tables.stress import about, heat, show_stress

    ends = (BEFORE if before is None else before, YEAR if year is None else year)
    with reporting(session.lang, quiet=session.quiet) as reporter:
        reporter("read")
        try:
            places, chosen = prepared(found, names, start, *ends, region or ())
        except SimengineError as error:
            errors += [one for one in each_error(error) if not (errors and one.code == "no_scenario")]
        raise_all(errors)
        made = run_prepared(places, chosen, *ends, session.lang, threads, reporter, region or ())
        if plot is not None:
            reporter("write")
            _draw(session, made, plot)
    tables = {"": made.cells, "library": made.library, "left_out": made.left_out}
    session.result({name or "cells": records(frame) for name, frame in tables.items()})
    if kinds:

        def book() -> tuple[list[list[str]], list[Sheet]]:
            from simengine.common.messages import say
            from simengine.report.tables.workbook import Sheet

            sheets = {"heat": heat(made), "cells": made.cells, "library": made.library}
            keys = {"heat": 5, "cells": 5, "library": 2}
            pages = [Sheet(say(f"stress.sheet.{name}", session.lang), of, keys[name]) for name, of in sheets.items()]
            return about(made, session.lang), pages

        shared.write(session, kinds, stem, tables, book)
    elif not (session.quiet or session.json):
        show_stress(made, session.lang)


def _draw(session: Session, made: Stressed, path: Path) -> None:
    """Write the heat map and the table behind it."""
    from simengine.common.files import file_set, write_table
    from simengine.report.figures.stress import draw_stress, stress_table

    table = stress_table(made, session.lang)
    with file_set() as files:
        files.add(path, lambda temporary: draw_stress(made, table, temporary, session.lang))
        files.add(path.with_suffix(".csv"), lambda temporary: write_table(table, temporary))
        written = files.commit()
    for one in written:
        session.line(str(one))


def _reverse(
    session: Session,
    found: list[Scenario],
    names: list[str] | None,
    breaks: list[str],
    mends: list[str],
    start: int | None,
    kinds: list[str],
    errors: list[SimengineError],
    stem: Path,
    threads: int,
) -> None:
    """Find the smallest shocks and print them, or write their files."""
    from simengine.common.errors import ScenarioError, SimengineError, each_error, raise_all
    from simengine.common.progress import reporting
    from simengine.decide.stress.batch import SearchRuns, base_of
    from simengine.decide.stress.reverse import prepared_reverse, read_failures, reverse_prepared
    from simengine.report.tables.stress import about, show_reverse

    with reporting(session.lang, quiet=session.quiet) as reporter:
        reporter("read")
        if not found and not errors:
            errors.append(ScenarioError("no_scenario"))
        raise_all(errors if not found else [])
        ready, asked = None, []
        try:
            ready = prepared_reverse(found[0], names, mends, start)
        except SimengineError as error:
            errors += each_error(error)
        base = base_of(found[0], SearchRuns(threads))
        try:
            asked = read_failures(base, breaks)
        except SimengineError as error:
            errors += each_error(error)
        raise_all(errors)
        if ready is None:
            return
        place, chosen, levers = ready
        made: Reversed = reverse_prepared(base, place, asked, chosen, levers, session.lang, reporter)
    session.result({"reverse": records(made.rows)})
    if kinds:

        def book() -> tuple[list[list[str]], list[Sheet]]:
            from simengine.common.messages import say
            from simengine.report.tables.workbook import Sheet

            return about(made, session.lang), [Sheet(say("stress.sheet.reverse", session.lang), made.rows, 4)]

        shared.write(session, kinds, stem.with_name(f"{stem.name}_reverse"), {"": made.rows}, book)
    elif not (session.quiet or session.json):
        show_reverse(made, session.lang)
