"""The command sensitivity: what every driver and lever, moved alone by its size, does to a result."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from simengine.cli import tables as shared
from simengine.cli.session import AsJson, Lang, Quiet, Session, Threads, begin, records, threads_to_use
from simengine.cli.what_if import Actuals, Growth, Lever, SetTo, WhatIfs

if TYPE_CHECKING:
    import pandas as pd

    from simengine.common.errors import SimengineError
    from simengine.decide.sensitivity import Sensitivity
    from simengine.report.tables.workbook import Sheet

FORMATS = ("csv", "xlsx", "png", "svg")
PICTURES = ("png", "svg")
PANEL = "What is moved"
MAP_PANEL = "Two-way map"

Name = Annotated[str, typer.Argument(metavar="SCENARIO", help="Name (jiangxi/baseline) or file ending in .yaml.")]
Outputs = Annotated[
    list[str] | None,
    typer.Option(
        "--output",
        "-o",
        metavar="NAME",
        help="Result that is looked at, as table takes it: indicator, stock, flow, item of a fund. May be repeated.",
    ),
]
Target = Annotated[
    str | None,
    typer.Option("--target", metavar="ID", help="Row of the plan: its result and year, and its value as the goal."),
]
Drivers = Annotated[
    list[str] | None,
    typer.Option(
        "--driver",
        metavar="NAME",
        rich_help_panel=PANEL,
        help="Driver, lever, series or constant to move; those of sensitivity.yaml if left out. May be repeated.",
    ),
]
Everything = Annotated[
    bool, typer.Option("--all", rich_help_panel=PANEL, help="Move every series and constant that a lever may move.")
]
Sizes = Annotated[
    list[str] | None,
    typer.Option(
        "--size", metavar="NAME=SIZE", rich_help_panel=PANEL, help="Another size: wages=1%, fertility=0.1, pauses=20%."
    ),
]
Since = Annotated[
    int | None,
    typer.Option("--from", metavar="YEAR", rich_help_panel=PANEL, help="First year moved; after the known ones."),
]
Map = Annotated[
    str | None,
    typer.Option("--map", metavar="X,Y", rich_help_panel=MAP_PANEL, help="Two drivers to be moved together."),
]
Points = Annotated[int | None, typer.Option("--points", rich_help_panel=MAP_PANEL, help="Points to an axis [5].")]
Reach = Annotated[
    float | None, typer.Option("--reach", rich_help_panel=MAP_PANEL, help="Sizes to either side of the baseline [4].")
]
Goal = Annotated[
    float | None,
    typer.Option("--goal", rich_help_panel=MAP_PANEL, help="Value whose line is drawn, in the unit of the table."),
]
To = Annotated[str | None, typer.Option("--to", metavar="csv,xlsx,png,svg", help="Write files instead of printing.")]
EPILOG = """A picture has its numbers as CSV beside it.

Examples:

\b
  simengine sensitivity china/baseline --output actuarial_balance_75 --scheme enterprise_pension
  simengine sensitivity jiangxi/baseline -o ui_participants --years 2030 --to png --out unemployment
  simengine sensitivity china/baseline -o ui_participants --years 2035 --map enterprise_payers,wages --goal 26000

simengine/notes/sensitivity.md explains sizes, sources and the map."""


def sensitivity(
    scenario: Name,
    output: Outputs = None,
    target: Target = None,
    years: shared.Years = None,
    region: shared.Regions = None,
    scheme: shared.Schemes = None,
    driver: Drivers = None,
    everything: Everything = False,
    size: Sizes = None,
    since: Since = None,
    map_of: Map = None,
    points: Points = None,
    reach: Reach = None,
    goal: Goal = None,
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
    """Show what moves a result.

    Every driver and lever is moved alone, down and up, by a stated size with its source. The widest stands first, and
    what moves nothing stays in the table. With --map two drivers are moved together, and the line is drawn on which a
    goal is just met.
    """
    session = begin(lang, quiet=quiet, as_json=json)
    from simengine.cli.inputs import load_all
    from simengine.common.errors import SimengineError, each_error, raise_all
    from simengine.common.progress import reporting
    from simengine.decide.sensitivity import sensitivity as analyse

    used = threads_to_use(threads)
    with reporting(session.lang, quiet=quiet) as reporter:
        reporter("read")
        kinds, errors = _formats(to)
        pair = None if map_of is None else tuple(part.strip() for part in map_of.replace("，", ",").split(","))
        found: Sensitivity | None = None
        try:
            (loaded,) = load_all([scenario], WhatIfs(lever, set_to, growth, actuals))
            found = analyse(
                loaded, output or (), years=years, regions=region, schemes=scheme, target=target, goal=goal,
                drivers=driver or (), sizes=size or (), everything=everything, since=since, map=pair,  # type: ignore[arg-type]
                points=points, reach=reach, base_units=base_units, lang=session.lang, threads=used, progress=reporter,
                wrong=errors,
            )  # fmt: skip
        except SimengineError as error:
            raise_all([*(one for one in errors if one not in each_error(error)), *each_error(error)])
    if found is not None:
        _note_remarks(session, found)
        _tell(session, found, kinds, out or Path("sensitivity"))


def _note_remarks(session: Session, found: Sensitivity) -> None:
    """What a reader must know of the levers of the scenario."""
    from simengine.cli.inputs import remarks_of
    from simengine.common.messages import say

    for text in dict.fromkeys(getattr(remark, session.lang) for remark in remarks_of(found.scenario)):
        session.note(say("remark", session.lang, text=text))


def _formats(to: str | None) -> tuple[list[str], list[SimengineError]]:
    """Kinds of files to write, and what is wrong with them; a picture brings its CSV."""
    from simengine.common.errors import ScenarioError
    from simengine.common.messages import near

    kinds = [part.strip().lower() for part in (to or "").replace("，", ",").split(",") if part.strip()]
    wrong = [name for name in kinds if name not in FORMATS]
    errors: list[SimengineError] = [
        ScenarioError("quantity_format", where="--to", near=near(name, FORMATS), name=name, known=", ".join(FORMATS))
        for name in wrong
    ]
    _, others = shared.formats(",".join(name for name in kinds if name == "xlsx"), None)
    pictures = any(name in PICTURES for name in kinds)
    return list(dict.fromkeys([*kinds, *(["csv"] if pictures else [])])), [*errors, *others]


def tables_of(found: Sensitivity) -> dict[str, pd.DataFrame]:
    """Files of an analysis by the end of their name."""
    tables = {"": found.rows}
    if found.two_way is not None:
        tables |= {"map": found.two_way.rows, "contour": found.two_way.contour}
    return tables


def _tell(session: Session, found: Sensitivity, kinds: list[str], stem: Path) -> None:
    """Print the analysis, or write its files."""
    from simengine.report.tables.sensitivity import show_sensitivity

    tables = tables_of(found)
    names = {"": "rows"}
    session.result({names.get(name, name): records(frame) for name, frame in tables.items()})
    if not kinds:
        if not (session.quiet or session.json):
            show_sensitivity(found, session.lang)
        return

    def book() -> tuple[list[list[str]], list[Sheet]]:
        from simengine.common.messages import say
        from simengine.report.tables.workbook import Sheet, about

        pages = [
            Sheet(say(f"sensitivity.sheet.{names.get(name, name)}", session.lang), frame, 1)
            for name, frame in tables.items()
            if len(frame)
        ]
        return about([found.scenario], found.quantities, found.reading.base, session.lang), pages

    pictures = [kind for kind in kinds if kind in PICTURES]
    shared.write(session, [kind for kind in kinds if kind not in PICTURES], stem, tables, book)
    if pictures:
        from simengine.report.figures.sensitivity import draw_all

        shared.draw(session, draw_all(found, session.lang), pictures, stem)
