"""`simengine backtest`: what the engine would have said at earlier dates with what was known then, and what came."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from simengine.cli.session import AsJson, Lang, Quiet, Session, begin, records

if TYPE_CHECKING:
    from simengine.common.progress import Reporter
    from simengine_calibration.backtest.report import Report
    from simengine_calibration.backtest.score import FitAt

CUTOFFS = "2010,2012,2014,2015,2016,2018,2020"
EARLIER = 2002
RELIEF = 2018
FIRST, LAST = 2005, 2022


def backtest(
    cutoffs: Annotated[
        str, typer.Option("--cutoffs", help="Cut-off years; what is dated later is not known.", metavar="YEARS")
    ] = CUTOFFS,
    region: Annotated[
        str, typer.Option("--region", help="Region with figures of the past (references.csv).")
    ] = "china",
    draws: Annotated[int, typer.Option("--draws", min=0, help="Most draws of the calibration at a cut-off.")] = 50,
    plans: Annotated[bool, typer.Option("--plans/--no-plans", help="The plan periods as cases.")] = True,
    out: Annotated[Path | None, typer.Option("--out", help="Folder for tables (CSV), report and picture.")] = None,
    write_notes: Annotated[
        Path | None,
        typer.Option("--write-notes", metavar="FILE", help="Renew the report between the marks of this page."),
    ] = None,
    as_json: AsJson = False,
    lang: Lang = None,
    quiet: Quiet = False,
) -> None:
    """Predict from earlier years with what was known then, and score it.

    At every cut-off the history is run with the values dated up to it and the
    law enacted by then, aligned lightly to the figures of that year, and
    continued. Members enter at the pressure of the years solved by then; other
    coverage grows as it was seen to grow in the five years before.

    Two naive rivals start from the same figures: a random walk with drift, and
    constant shares of the population (times wage). Positive errors are too
    high. Printed and recalled figures are scored apart; recalled ones decide
    nothing. How to read it: notes/backtest.md.

    Examples:

    simengine backtest
    simengine backtest --cutoffs 2012,2015,2018 --no-plans --out out/backtest
    simengine backtest --write-notes simengine/notes/reports/backtest.md
    """
    session = begin(lang, quiet=quiet, as_json=as_json)
    years = cutoff_years(cutoffs)
    from simengine.common.progress import reporting

    with reporting(session.lang, quiet=quiet) as reporter:
        report = compute(years, region, draws, plans, reporter)
    written = []
    if out is not None:
        written += write(out, report, session)
    if write_notes is not None:
        written.append(notes(write_notes, report))
    tell(session, report, written)


def cutoff_years(given: str) -> list[int]:
    """Years of ``--cutoffs``, ascending, each once."""
    from simengine.common.errors import SimengineError

    words = given.replace(",", " ").split()
    if not words or not all(text.isdigit() and FIRST <= int(text) <= LAST for text in words):
        raise SimengineError("cutoffs_wrong", where="--cutoffs", given=given, first=FIRST, last=LAST)
    return sorted({int(text) for text in words})


def calibrated() -> FitAt:
    """The calibration's estimate and draws at a cut-off; imported late, since it builds on the backtest itself."""
    from simengine_calibration.fitting.cutoffs import fit_at

    return fit_at


def compute(years: list[int], region: str, draws: int, plans: bool, reporter: Reporter) -> Report:
    """Everything the report tells."""
    from simengine.basis.basis import load_basis
    from simengine.common.errors import SimengineError
    from simengine.law import load_law
    from simengine_calibration.backtest.plans import fourteenth, thirteenth
    from simengine_calibration.backtest.report import Report
    from simengine_calibration.backtest.run import actual_figures
    from simengine_calibration.backtest.score import backtest as score
    from simengine_calibration.backtest.score import relief_table
    from simengine_calibration.backtest.words import WORDS, word

    reporter("read")

    def progress(stage: str, done: int, total: int) -> None:
        known = stage in WORDS
        reporter(word(stage, reporter.lang) if known else word("draw_stage", reporter.lang, cutoff=stage), done, total)

    basis, law, fit_at = load_basis(f"{region}-2020"), load_law(), cache(calibrated())  # a fit takes long
    actuals = actual_figures(basis)
    if not any(cutoff in known for cutoff in years for known in actuals.values()):
        raise SimengineError(
            "cutoffs_without_figures", where="--region", region=region, years=", ".join(map(str, years))
        )
    found = score(basis, law, actuals, years, fit_at, range(EARLIER, years[0]), draws, progress)
    when = RELIEF if RELIEF in years else years[-1]
    relief = relief_table(basis, law, actuals, fit_at(when)[0], when)
    if not plans:
        return Report(found, relief, when)
    return Report(found, relief, when, thirteenth(law, fit_at, progress), fourteenth(law, fit_at, progress))


def write(out: Path, report: Report, session: Session) -> list[Path]:
    """Tables, report and picture of a run; returns their paths."""
    from simengine_calibration.backtest.chart import draw
    from simengine_calibration.backtest.report import tables, text

    out.mkdir(parents=True, exist_ok=True)
    written = []
    for name, table in tables(report).items():
        written.append(out / f"{name}.csv")
        table.to_csv(written[-1], index=False, float_format="%.9g", lineterminator="\n")
    written.append(out / "backtest.md")
    written[-1].write_text(text(report, session.lang, depth=1), encoding="utf-8")
    written.append(draw(report.found.guesses, out / "backtest.png", session.lang))
    return written


def notes(path: Path, report: Report) -> Path:
    """Renew the generated block of a page; it is in English whatever the session speaks."""
    from simengine_calibration.backtest.report import text, write_block

    write_block(path, text(report, "en", depth=3))
    return path


def tell(session: Session, report: Report, written: list[Path]) -> None:
    """The report on standard output, or one JSON object."""
    from simengine_calibration.backtest.report import tables, text
    from simengine_calibration.backtest.words import word

    session.line(text(report, session.lang))
    for path in written:
        session.line(word("written", session.lang, path=path))
    content: dict[str, Any] = {name: records(table) for name, table in tables(report).items() if name != "errors"}
    session.result({"region": report.found.region, "draws": {str(k): v for k, v in report.found.draws.items()},
                    "files": [str(path) for path in written], **content})  # fmt: skip
