"""What the commands on tables share: options, reading of scenarios and results, and files."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from simengine.cli.session import Session, threads_to_use
from simengine.cli.what_if import WhatIfs

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

    from simengine.common.errors import SimengineError
    from simengine.common.messages import Language
    from simengine.common.progress import Reporter
    from simengine.judge.quantities.sources import Named, Run, Source
    from simengine.judge.quantities.table import Withheld
    from simengine.judge.run import JudgedRun
    from simengine.report.tables.workbook import Sheet
    from simengine.scenario.scenario import Scenario

FORMATS = ("csv", "xlsx")
LAYOUTS = ("tidy", "wide")

Sources = Annotated[
    list[str],
    typer.Argument(
        metavar="SCENARIO|RUN",
        help="Names (jiangxi/baseline), files ending in .yaml, or folders that a run wrote (out/jiangxi/baseline).",
    ),
]
Indicators = Annotated[
    list[str] | None,
    typer.Option(
        "--indicator",
        "-i",
        metavar="NAME",
        help="Indicator, stock, flow or measure, by key or by name in either language; an item of a fund as "
        "income:FUND:ITEM; budget for the account of a fund in budget order. May be repeated.",
    ),
]
Years = Annotated[str | None, typer.Option("--years", metavar="YEARS", help="2025, 2025-2035 or 2025,2030.")]
Regions = Annotated[
    list[str] | None,
    typer.Option("--region", help="Region or area, by key or name; all for every one. The scenario's own if left out."),
]
Sexes = Annotated[str | None, typer.Option("--sex", help="men, women, or all for a row each.")]
Ages = Annotated[str | None, typer.Option("--age", help="60, 60-64, 0-15,16-59, or all for every single age.")]
Schemes = Annotated[
    list[str] | None, typer.Option("--scheme", help="Fund, scheme or status, by key or name; each of them if left out.")
]
BaseUnits = Annotated[
    bool, typer.Option("--base-units", help="Persons and yuan, instead of ten thousand persons and 100m yuan.")
]
To = Annotated[str | None, typer.Option("--to", metavar="csv,xlsx", help="Write files instead of printing.")]
Layout = Annotated[
    str | None,
    typer.Option(
        "--layout",
        metavar="tidy|wide",
        help="Of a CSV: one number a row (tidy, if left out), or years across. A workbook holds both.",
    ),
]
ENDINGS = (".csv", ".xlsx", ".png", ".svg")


def stem_of(text: str) -> Path:
    """Path of files without their ending: an ending that a command writes is no part of the name.

    >>> stem_of("out/二季度.xlsx").name, stem_of("v1.5").name
    ('二季度', 'v1.5')
    """
    path = Path(text)
    return path.with_suffix("") if path.suffix.lower() in ENDINGS and path.stem else path


Stem = Annotated[
    Path | None,
    typer.Option(
        "--out",
        parser=stem_of,
        metavar="NAME",
        help="Files to write, with or without an ending; the name of the command if left out.",
    ),
]


class Reader:
    """Reads scenarios and results of a command, and keeps what was run."""

    def __init__(self, session: Session, threads: int | None) -> None:
        self.session = session
        self.threads = threads_to_use(threads)
        self.done: list[JudgedRun] = []

    def running(self, reporter: Reporter) -> Run:
        """Runs scenarios with progress told."""
        from simengine.cli.engine import execute

        def run(scenarios: Sequence[Scenario]) -> JudgedRun:
            self.done.append(execute(scenarios, self.threads, reporter))
            return self.done[-1]

        return run

    def tell_remarks(self) -> None:
        """Say what a reader must know of the levers of what was run."""
        from simengine.common.messages import say

        told = [remark for run in self.done for judged in run.values() for remark in judged.remarks]
        for text in dict.fromkeys(getattr(remark, self.session.lang) for remark in told):
            self.session.note(say("remark", self.session.lang, text=text))


def named(names: Sequence[str], what_ifs: WhatIfs) -> tuple[list[Named], list[SimengineError]]:
    """What names stand for, scenarios with what-ifs and checked, in their order; and all that is wrong with them."""
    from simengine.cli.inputs import load_all
    from simengine.common.errors import ScenarioError, SimengineError, each_error
    from simengine.judge.quantities.sources import is_run

    errors: list[SimengineError] = []
    runs = [name for name in names if is_run(name)]
    if what_ifs:
        errors += [ScenarioError("what_if_elsewhere", where=name) for name in runs]
    wanted = [name for name in names if name not in runs]
    scenarios: dict[str, Any] = {}
    for name in dict.fromkeys(wanted):
        try:
            scenarios[name] = load_all([name], what_ifs)[0]
        except SimengineError as error:
            errors += each_error(error)
    found: list[Named] = [
        Path(name) if name in runs else scenarios[name] for name in names if name in runs or name in scenarios
    ]
    return found, errors


def formats(
    to: str | None, layout: str | None, known_kinds: Sequence[str] = FORMATS
) -> tuple[list[str], list[SimengineError]]:
    """Kinds of files to write, and what is wrong with the options that say so."""
    from simengine.common.errors import ScenarioError
    from simengine.common.messages import near

    errors: list[SimengineError] = []
    kinds = [
        part.strip().lower().removeprefix(".") for part in (to or "").replace("，", ",").split(",") if part.strip()
    ]
    chosen = [("--to", kind, tuple(known_kinds)) for kind in kinds] + [("--layout", layout or LAYOUTS[0], LAYOUTS)]
    for option, name, known in chosen:
        if name not in known:
            told, similar = ", ".join(known), near(name, known)
            errors.append(ScenarioError("quantity_format", where=option, near=similar, name=name, known=told))
    if "xlsx" in kinds:
        from simengine.report.tables.workbook import refuse_workbook

        try:
            refuse_workbook(Path("table.xlsx"))
        except ScenarioError as error:
            errors.append(error)
    return list(dict.fromkeys(kinds)), errors


def write(
    session: Session,
    kinds: Sequence[str],
    stem: Path,
    tables: Mapping[str, pd.DataFrame],
    book: Callable[[], tuple[list[list[str]], list[Sheet]]],
) -> None:
    """Write tables as files, all or none, and say which.

    Parameters
    ----------
    stem : path of the files without their ending
    tables : by what is put behind the stem, empty for the first
    book : gives the first sheet and the others of the workbook
    """
    from simengine.common.files import file_set, write_table
    from simengine.report.tables.workbook import refuse_workbook, write_workbook

    with file_set() as files:
        for name, frame in tables.items() if "csv" in kinds else ():
            path = stem.with_name(f"{stem.name}{name and '_'}{name}.csv")
            files.add(path, lambda temporary, frame=frame: write_table(frame, temporary))  # type: ignore[misc]
        if "xlsx" in kinds:
            about, sheets = book()
            path = stem.with_name(f"{stem.name}.xlsx")
            refuse_workbook(path, sheets)
            files.add(path, lambda temporary: write_workbook(temporary, about, sheets, session.lang))
        written = files.commit()
    for path in written:
        session.line(str(path))


def withheld_told(found: Sequence[Withheld]) -> dict[str, Any]:
    """What is not told as funds are not judged, for JSON; nothing where all is."""
    return {"withheld": [one.told for one in found]} if found else {}


def withheld_cells(found: Sequence[Withheld], lang: Language) -> list[list[str]]:
    """The same for the first sheet of a workbook."""
    from simengine.report.tables.yearly import withheld_lines

    lines = [[line] for line in withheld_lines(found, lang)]
    return [[""], *lines] if lines else []


def note_withheld(session: Session, found: Sequence[Withheld]) -> None:
    """The same beside files that hold no such figure."""
    from simengine.report.tables.yearly import withheld_lines

    for line in withheld_lines(found, session.lang):
        session.note(line)


def draw(session: Session, figures: Mapping[str, Figure], kinds: Sequence[str], stem: Path) -> None:
    """Write pictures, all or none, and say which.

    Parameters
    ----------
    figures : by what is put behind the stem
    kinds : ``png``, ``svg``
    """
    from simengine.common.files import file_set
    from simengine.report.figures.plot import write_figure

    with file_set() as files:
        for name, figure in figures.items():
            for kind in kinds:
                path = stem.with_name(f"{stem.name}_{name}.{kind}")
                files.add(path, lambda temporary, figure=figure, kind=kind: write_figure(figure, temporary, kind))  # type: ignore[misc]
        written = files.commit()
    for path in written:
        session.line(str(path))


def sources_told(sources: Sequence[Source]) -> list[dict[str, Any]]:
    """The projections behind a table, for JSON."""
    return [{"scenario": one.key, "region": one.region, "run_id": one.marks.get("run_id", "")} for one in sources]
