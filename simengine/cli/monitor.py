"""The command monitor: where every row of a plan stands on the way to its target."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from simengine.cli import tables as shared
from simengine.cli.session import AsJson, Lang, Quiet, Session, Threads, begin, records
from simengine.cli.what_if import Growth, Lever, SetTo

if TYPE_CHECKING:
    from simengine.judge.monitor import Monitor
    from simengine.report.tables.workbook import Sheet

KINDS = ("csv", "xlsx", "png")
EPILOG = """
The table of actuals has a row an item and a column a year or month (simengine template actuals writes one). An item
may also be a row of the plan that the engine does not model, by its id, its indicator or its printed name, in the unit
of the plan: such rows are monitored from their actuals. Time distance: years ahead of (+) or behind (-) the straight
path from base to target.

\b
实际数表每个项目一行、每年或每月一列（simengine template actuals可生成）。模型以外的规划指标也可填写，
项目写编号、指标键或原文名称，单位按规划：这类指标只按实际数监测。时间差为相对“基数到目标”直线进度
超前（+）或滞后（-）的年数。

Examples:

\b
  simengine monitor jiangxi --as-of 2022-09 --lang zh
  simengine monitor xuzhou --actuals own.csv --to csv,xlsx,png --out review
  simengine monitor targets/haiyan --actuals own.xlsx --full
"""

Plan = Annotated[
    str,
    typer.Argument(
        metavar="PLAN",
        help="A region (jiangxi), a scenario, a file of targets (targets/haiyan, own.yaml).",
    ),
]
Tables = Annotated[
    list[str] | None,
    typer.Option("--actuals", metavar="FILE", help="Own table of actuals (.csv, .xlsx); may be repeated."),
]
AsOf = Annotated[
    str | None,
    typer.Option("--as-of", metavar="DAY", help="Day of the review: 2022, 2022-09 or 2022-09-30; today if left out."),
]
Known = Annotated[
    str | None,
    typer.Option(
        "--known",
        metavar="today|opening",
        help="Law and figures that the run knows: today's, or those of its opening; as the scenario if left out.",
    ),
]
Full = Annotated[
    bool,
    typer.Option("--full", help="Rows of plans that have ended, superseded ones, and those of every area and year."),
]
To = Annotated[
    str | None,
    typer.Option(
        "--to", metavar="csv,xlsx,png", help="Write files instead of printing; png: pictures with their numbers."
    ),
]


def monitor(
    plan: Plan,
    actuals: Tables = None,
    as_of: AsOf = None,
    known: Known = None,
    full: Full = False,
    to: To = None,
    out: shared.Stem = None,
    lever: Lever = None,
    set_to: SetTo = None,
    growth: Growth = None,
    json: AsJson = False,
    lang: Lang = None,
    threads: Threads = None,
    quiet: Quiet = False,
) -> None:
    """Review a plan: every row against its straight path.

    Base, target, last actual and its age, path, distance, pace so far over pace needed, time distance, and the
    projection to the target year from the last actual: of the run that knows it where the engine models the row, else
    the straight continuation, marked. Areas are ranked; the table on enlarging coverage stands in the columns of the
    offices.
    """
    session = begin(lang, quiet=quiet, as_json=json)
    from simengine.common.errors import SimengineError, each_error, raise_all
    from simengine.common.progress import reporting
    from simengine.judge import monitor as reviews

    reader = shared.Reader(session, threads)
    with reporting(session.lang, quiet=quiet) as reporter:
        reporter("read")
        kinds, errors = shared.formats(to, None, KINDS)
        found: Monitor | None = None
        options = {"levers": lever or (), "set": set_to or (), "growth": growth or ()}
        try:
            found = reviews.monitor(
                plan,
                actuals or (),
                as_of,
                known=known,
                run=None if errors else reader.running(reporter),
                **options,
            )
        except SimengineError as error:
            errors += each_error(error)
        raise_all(errors)
    if found is not None:  # without one an error has been raised
        _tell_remarks(session, found)
        _tell(session, found, kinds, out or Path("monitor"), full=full)


def _tell_remarks(session: Session, found: Monitor) -> None:
    """What a reader must know, each once."""
    from simengine.common.messages import say

    for text in dict.fromkeys(getattr(remark, session.lang) for remark in found.remarks):
        session.note(say("remark", session.lang, text=text))


def _tell(session: Session, found: Monitor, kinds: list[str], stem: Path, *, full: bool) -> None:
    """Print the monitor, or write its files."""
    from simengine.report.tables.monitor import show_monitor

    session.result(
        {
            "plan": found.plan,
            "as_of": found.as_of.isoformat(),
            "known": found.knows,
            "counts": found.counts,
            "rows": records(found.rows),
            "expansion": records(found.expansion),
            "points": records(found.points),
        }
    )
    if kinds:
        _write(session, found, kinds, stem)
    elif not (session.quiet or session.json):
        show_monitor(found, session.lang, full=full)


def _write(session: Session, found: Monitor, kinds: list[str], stem: Path) -> None:
    """Tables as CSV and as one workbook, pictures with their numbers."""
    from simengine.report.tables.monitor import frames_of, points_words

    frames = frames_of(found, session.lang)

    def book() -> tuple[list[list[str]], list[Sheet]]:
        from simengine.judge.monitor.words import word
        from simengine.report.tables.monitor import about
        from simengine.report.tables.workbook import Sheet

        sheets = {**frames, "points": points_words(found, session.lang)}
        keys = {"rows": 2, "expansion": 2, "expansion_wide": 1, "points": 1}
        made = [Sheet(word("sheets", name, session.lang), frame, keys[name]) for name, frame in sheets.items()]
        return about(found, session.lang), made

    tables = {"": frames["rows"], "expansion": frames["expansion"]}
    shared.write(session, [kind for kind in kinds if kind != "png"], stem, tables, book)
    if "png" in kinds:
        from simengine.report.figures.monitor import save_monitor

        for path in save_monitor(found, stem, session.lang):
            session.line(str(path))
