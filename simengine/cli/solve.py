"""The command solve: the value of a lever, or the cheapest point on two, that meets a goal."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from simengine.cli import tables as shared
from simengine.cli.session import AsJson, Lang, Quiet, Session, Threads, begin, records, threads_to_use

if TYPE_CHECKING:
    from simengine.common.errors import SimengineError
    from simengine.common.progress import Reporter
    from simengine.decide.solve import Solution
    from simengine.decide.solve.trying import Tried
    from simengine.report.tables.workbook import Sheet
    from simengine.scenario.scenario import Scenario

FIXED = "What holds throughout"

Name = Annotated[str, typer.Argument(metavar="SCENARIO", help="A name (china/baseline) or a file ending in .yaml.")]
Levers = Annotated[
    list[str] | None,
    typer.Option(
        "--lever",
        metavar="KEY=LOW..HIGH",
        help="What is solved for; twice for the cheapest point on two. A key of the law with a day "
        "(pension/rate_employer=2028-01-01:16%..30%) or without (then --from), a series (NAME=2028:LOW..HIGH, growth "
        "NAME=LOW..HIGH), a constant, retirement_step, retirement_cap, indexation, campaign_STATUS. Keys joined by & "
        "move together.",
    ),
]
Try = Annotated[
    list[str] | None,
    typer.Option(
        "--try",
        metavar="all|NAME,NAME",
        help="In place of --lever: put packaged levers on one by one (all of the region that are measures, or by name: "
        "xuzhou_small_firms) and rank those that meet the goal by cost.",
    ),
]
Goals = Annotated[
    list[str],
    typer.Option(
        "--goal",
        metavar="GOAL",
        help="reserve_months=9@2050, fund_ratio=1@2095, balance=500亿@2050, lasts=2060, no_deficit=2050, "
        "constant_ratio=20, actuarial_balance=75, row=ID, targets (all rows at once). May be repeated.",
    ),
]
Fund = Annotated[str, typer.Option("--fund", help="Fund of the conditions on a fund, by key or name.")]
Account = Annotated[
    str, typer.Option("--account", metavar="own|unaided", help="The account with aid (own, if left out), or without.")
]
From = Annotated[
    str | None, typer.Option("--from", metavar="YEAR,YEAR", help="First years of a lever written without a date.")
]
With = Annotated[
    list[str] | None,
    typer.Option("--with", metavar="NAME", rich_help_panel=FIXED, help="A lever, packaged or an own file."),
]
SetTo = Annotated[
    list[str] | None,
    typer.Option(
        "--set", metavar="SERIES=YEAR:VALUE", rich_help_panel=FIXED, help="A value, as in the what-ifs of run."
    ),
]
Growth = Annotated[
    list[str] | None,
    typer.Option("--growth", metavar="SERIES=RATE", rich_help_panel=FIXED, help="Yearly growth, as in run."),
]
Step = Annotated[
    str | None,
    typer.Option("--step", metavar="STEP", help="Grid of the answer, such as 0.1% or 1000; by the unit if left out."),
]
Points = Annotated[
    int | None, typer.Option("--points", help="Values on which the interval is searched, 5 to 201 [11].")
]
Beside = Annotated[bool, typer.Option("--closures/--no-closures", help="The range of the answer over the closures.")]

EPILOG = """Examples:

\b
  simengine solve china/baseline --lever pension/rate_employer=16%..30% --from 2028,2033 --goal fund_ratio=1@2060
  simengine solve china/baseline --lever retirement_step=1..8 --lever indexation=2028:0%..4% --goal lasts=2050
  simengine solve xuzhou/baseline --lever campaign_unemployment=2025:0..2万 --goal row=XZ-14-04
  simengine solve xuzhou/baseline --try all --goal row=XZ-14-04

simengine/notes/solve.md explains levers, goals, costs and ranges."""


def solve(
    scenario: Name,
    goal: Goals,
    lever: Levers = None,
    names: Try = None,
    fund: Fund = "enterprise_pension",
    account: Account = "own",
    start: From = None,
    fixed: With = None,
    set_to: SetTo = None,
    growth: Growth = None,
    step: Step = None,
    points: Points = None,
    closures: Beside = True,
    to: shared.To = None,
    out: shared.Stem = None,
    json: AsJson = False,
    lang: Lang = None,
    threads: Threads = None,
    quiet: Quiet = False,
) -> None:
    """Find what meets a goal.

    The mildest value of a lever, or the cheapest point on two, that meets a row of the plan, a condition on a fund, or
    all rows at once; what it costs, and its range over the closures. That no value meets it is a result.
    """
    session = begin(lang, quiet=quiet, as_json=json)
    from simengine.cli.inputs import remarks_of
    from simengine.common.errors import SimengineError, each_error, raise_all
    from simengine.common.messages import say
    from simengine.common.progress import reporting
    from simengine.decide.solve.search import MESH
    from simengine.decide.solve.study import prepared, solve_prepared

    used = threads_to_use(threads)
    mesh = MESH if points is None else points
    with reporting(session.lang, quiet=quiet) as reporter:
        reporter("read")
        kinds, errors = shared.formats(to, None)
        grid, years = _step(step, errors), _years(start, errors)
        loaded, wrong = _loaded(scenario)
        errors += wrong
        if names:
            errors += _try_faults(lever, step, start)
            given = (loaded or scenario, goal, names, fund, account, fixed, set_to, growth)
            return _tell_tried(session, _tried(session, *given, errors, used, reporter), kinds, out or Path("solve"))
        try:
            asked = prepared(
                loaded or scenario, lever or (), goal, fund, account, years, fixed or (), set_to or (), growth or (),
                grid, mesh, used, reporter,
            )  # fmt: skip
        except SimengineError as error:
            errors += each_error(error)
        raise_all(list({str(error): error for error in errors}.values()))
        found = solve_prepared(*asked, mesh, closures)
        remarks = remarks_of(found.scenario)
    for text in dict.fromkeys(getattr(remark, session.lang) for remark in remarks):
        session.note(say("remark", session.lang, text=text))
    _tell(session, found, kinds, out or Path("solve"))


def _try_faults(lever: list[str] | None, step: str | None, start: str | None) -> list[SimengineError]:
    """Options that do not go with packaged levers."""
    from simengine.common.errors import ScenarioError

    given = {"--lever": lever, "--step": step, "--from": start}
    return [ScenarioError("solve_try_alone", where=option) for option, value in given.items() if value]


def _tried(
    session: Session,
    scenario: Scenario | str,
    goal: list[str],
    names: list[str],
    fund: str,
    account: str,
    fixed: list[str] | None,
    set_to: list[str] | None,
    growth: list[str] | None,
    errors: list[SimengineError],
    threads: int,
    reporter: Reporter,
) -> Tried:
    """Packaged levers, tried; everything that is wrong is raised at once."""
    from simengine.common.errors import SimengineError, each_error, raise_all
    from simengine.decide.solve.trying import prepared_try, try_prepared

    asked = None
    try:
        asked = prepared_try(
            scenario, goal, names, fund, account, fixed or (), set_to or (), growth or (), threads, reporter
        )
    except SimengineError as error:
        errors += each_error(error)
    raise_all(list({str(error): error for error in errors}.values()))
    assert asked is not None  # noqa: S101 - else an error has been raised
    return try_prepared(*asked, session.lang)


def _tell_tried(session: Session, found: Tried, kinds: list[str], stem: Path) -> None:
    """Print the levers that were tried, or write their files."""
    from simengine.report.tables.solved import about_tried, show_tried

    session.result(
        {"scenario": found.scenario.key, "fund": found.fund, "account": found.account, "tried": records(found.rows)}
    )
    if kinds:

        def book() -> tuple[list[list[str]], list[Sheet]]:
            from simengine.common.messages import say
            from simengine.report.tables.workbook import Sheet

            return about_tried(found, session.lang), [Sheet(say("solve.sheet_tried", session.lang), found.rows, 4)]

        shared.write(session, kinds, stem, {"": found.rows}, book)
    elif not (session.quiet or session.json):
        show_tried(found, session.lang)


def _step(text: str | None, errors: list[SimengineError]) -> float | None:
    """The grid of the answer as a number; what cannot be read is added to the errors."""
    from simengine.common.errors import ScenarioError
    from simengine.common.messages import words
    from simengine.scenario.what_if import FULL_WIDTH, number

    found = None if text is None else number(text.translate(FULL_WIDTH))
    if text is not None and found is None:
        errors.append(ScenarioError("fund_option", option="--step", value=text, form=words("solve.form_step")))
    return found


def _years(text: str | None, errors: list[SimengineError]) -> list[int] | None:
    """First years; what cannot be read is added to the errors."""
    from simengine.common.errors import ScenarioError
    from simengine.common.messages import words

    if text is None:
        return None
    parts = [part.strip().removesuffix("年") for part in text.replace("，", ",").split(",")]
    if all(part.isdecimal() and len(part) == 4 for part in parts):
        return [int(part) for part in parts]
    errors.append(ScenarioError("fund_option", option="--from", value=text, form=words("solve.form_from")))
    return None


def _loaded(name: str) -> tuple[Scenario | None, list[SimengineError]]:
    """The scenario held against basis, law, indicators and targets; None, and why, where it cannot be run."""
    from simengine.cli.inputs import load_all
    from simengine.common.errors import SimengineError, each_error

    try:
        return load_all([name])[0], []
    except SimengineError as error:
        return None, each_error(error)


def _tell(session: Session, found: Solution, kinds: list[str], stem: Path) -> None:
    """Print the solution, or write its files."""
    from simengine.report.tables.solved import about_solution, file_tables, show_solution

    session.result(
        {
            "scenario": found.scenario.key,
            "levers": [lever.text for lever in found.levers],
            "fund": found.fund,
            "account": found.account,
            "answers": records(found.answers),
            "line": records(found.line),
            "needed": records(found.needed),
            "stated": list(found.stated),
        }
    )
    if kinds:
        tables = file_tables(found)

        def book() -> tuple[list[list[str]], list[Sheet]]:
            from simengine.common.messages import say
            from simengine.report.tables.workbook import Sheet

            names = {"": "answers"}
            pages = [
                Sheet(say(f"solve.sheet_{names.get(name, name)}", session.lang), frame)
                for name, frame in tables.items()
            ]
            return about_solution(found, session.lang), pages

        shared.write(session, kinds, stem, tables, book)
    elif not (session.quiet or session.json):
        show_solution(found, session.lang)
