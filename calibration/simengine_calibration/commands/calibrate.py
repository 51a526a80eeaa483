"""``simengine calibrate``: fit a basis to published and recalled years, with residuals, errors and a report."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from simengine.cli.session import AsJson, Lang, Quiet, Session, Threads, begin, records, threads_to_use

if TYPE_CHECKING:
    import pandas as pd

    from simengine_calibration.fitting.fit import Fit
    from simengine_calibration.fitting.model import Model

    Tables = dict[str, pd.DataFrame]


File = Annotated[
    Path, typer.Argument(metavar="FILE", help="Calibration file, or the name of a packaged one, such as china.")
]
Out = Annotated[Path | None, typer.Option("--out", help="Folder of the report; out/calibrate/NAME by default.")]
Until = Annotated[int | None, typer.Option("--until", help="Use figures up to this year only.")]
Starts = Annotated[int, typer.Option("--starts", min=1, max=64, help="Starts of the fit.")]
Draws = Annotated[int, typer.Option("--draws", min=0, max=10_000, help="Draws of the parameters to keep.")]
Sample = Annotated[int, typer.Option("--sample", min=0, help="Steps of emcee; 0: draws of the normal form.")]
Mechanisms = Annotated[bool, typer.Option("--mechanisms", help="Also remove the mechanisms one at a time.")]
Recover = Annotated[int, typer.Option("--recover", min=0, help="Instead: fit this many worlds made up.")]
Freeze = Annotated[Path | None, typer.Option("--freeze", help="Write the basis with the fit in it, here.")]
Keep = Annotated[bool, typer.Option("--keep", help="Keep the fit in calibration/fits for the next build.")]
Fresh = Annotated[bool, typer.Option("--fresh", help="Forget what a run before has kept.")]
OwnTables = Annotated[
    Path | None, typer.Option("--tables", help="A bureau's own tables: folder of CSV files, or workbook.")
]
WriteNotes = Annotated[
    Path | None,
    typer.Option("--write-notes", metavar="FILE", help="Renew the block of this fit in this page."),
]


def calibrate(
    file: File,
    out: Out = None,
    until: Until = None,
    starts: Starts = 4,
    draws: Draws = 100,
    sample: Sample = 0,
    mechanisms: Mechanisms = False,
    recover: Recover = 0,
    freeze: Freeze = None,
    keep: Keep = False,
    fresh: Fresh = False,
    tables: OwnTables = None,
    write_notes: WriteNotes = None,
    threads: Threads = None,
    lang: Lang = None,
    as_json: AsJson = False,
    quiet: Quiet = False,
) -> None:
    """Fit the free parameters of a basis to published and recalled years.

    Reads what is free, its prior and bounds, and which series must be met with what weight; runs the history from 1992
    with the engine's own kernel; writes parameters, errors, residuals, correlations, alignment factors and draws. A
    run that was stopped goes on where it was. Later years than those of the file are printed beside the fit. Notes:
    simengine/notes/calibration.md.

    With --tables a bureau's own figures (simengine template --basis) go before those of the basis, and --freeze writes
    a basis of its region, to be used with SIMENGINE_BASES=FOLDER. Notes: simengine/notes/bureau.md.
    """
    session = begin(lang, quiet=quiet, as_json=as_json)
    from simengine.basis.bureau import read_bureau
    from simengine.common.files import locked
    from simengine.law import load_law
    from simengine_calibration.fitting.bureau_basis import check_tables
    from simengine_calibration.fitting.model import Model
    from simengine_calibration.fitting.spec import read_fit
    from simengine_calibration.resources import calibration_file

    file = calibration_file(file)
    spec = read_fit(file, until)
    folder = out or Path("out") / "calibrate" / spec.key
    if keep:
        _refuse_keep(tables, until)
    model = Model(spec, load_law(), tables=None if tables is None else read_bureau(tables))
    if model.tables is not None:
        check_tables(model.tables)
    with locked(folder):
        if recover:
            _recover(session, model, recover, folder, threads_to_use(threads))
            return
        fit = _fit(session, model, folder, starts, threads_to_use(threads), fresh)
        found = _write(session, fit, folder, draws, sample, mechanisms, threads_to_use(threads))
    if write_notes is not None:
        command = f"simengine calibrate {file}{' --mechanisms' if mechanisms else ''}"
        _renew(write_notes, spec.key, until, found, command)
    if freeze is not None:
        _freeze(session, fit, freeze)
    for path in _kept(fit) if keep else ():
        session.line(_say("written", session, path=path))


def _kept(fit: Fit) -> list[Path]:
    from simengine_calibration.fitting.freeze import keep_fit

    return list(keep_fit(fit))


def _refuse_keep(tables: Path | None, until: int | None) -> None:
    """A fit is kept where all figures of its own file are used, and where the checkout can be written."""
    from simengine.common.errors import SimengineError
    from simengine_calibration.resources import in_checkout

    if tables is not None:
        raise SimengineError("fit_keep_tables", where="--keep")
    if until is not None:
        raise SimengineError("fit_keep_until", where="--keep")
    if not in_checkout():
        raise SimengineError("fit_keep_no_checkout", where="--keep")


def _renew(page: Path, key: str, until: int | None, found: Tables, command: str) -> None:
    from simengine_calibration.fitting.report import notes_block, renew_notes

    if until is not None:
        key, command = f"{key}-{until}", command.replace(" --mechanisms", f" --until {until} --mechanisms")
        command = command if "--until" in command else f"{command} --until {until}"
    renew_notes(page, key, notes_block(found, command))


def _freeze(session: Session, fit: Fit, folder: Path) -> None:
    """Write the bases of a fit; with tables the basis of their region and how to use it."""
    from simengine_calibration.fitting.freeze import freeze_basis

    if fit.model.tables is None:
        session.line(_say("frozen", session, path=freeze_basis(fit, folder)))
        return
    from simengine_calibration.fitting.bureau_basis import freeze_bureau

    basis = freeze_bureau(fit, folder)
    session.line(_say("frozen_own", session, path=folder, basis=basis.name))


def _say(key: str, session: Session, **values: object) -> str:
    from simengine_calibration.fitting.words import say

    return say(key, session.lang, **values)


def _fit(session: Session, model: Model, folder: Path, starts: int, threads: int, fresh: bool) -> Fit:
    from simengine_calibration.fitting.fit import finish
    from simengine_calibration.fitting.solve import CHECKPOINT, refuse_too_many, solve, uncertainty

    refuse_too_many(model)
    if fresh:
        (folder / CHECKPOINT).unlink(missing_ok=True)
    solution = solve(
        model, starts, threads, folder / CHECKPOINT, lambda key, **v: session.note(_say(key, session, **v))
    )
    return finish(model, solution, uncertainty(model, solution))


def _write(session: Session, fit: Fit, folder: Path, draws: int, sample: int, mechanisms: bool, threads: int) -> Tables:
    from simengine_calibration.fitting import report

    tables = {
        "parameters": report.parameter_table(fit),
        "residuals": report.residual_table(fit),
        "correlation": report.correlation_table(fit),
        "starts": report.start_table(fit),
        "alignment": report.alignment_table(fit),
    }
    tables["summary"] = report.summary(tables["residuals"])
    if draws:
        tables["draws"] = report.draw_table(fit.model.names, _draws(session, fit, folder, draws, sample, threads))
    if mechanisms:
        from simengine.basis.overlay import overlay
        from simengine_calibration.fitting.mechanisms import mechanism_table

        fitted = overlay(fit.model.basis, fit.model.values(fit.solution.x))
        tables["mechanisms"] = mechanism_table(fit.model, fitted, session.note)
    texts = {"report.md": report.markdown(fit, tables, "en"), "report.zh.md": report.markdown(fit, tables, "zh")}
    report.write_tables(folder, tables, texts)
    for line in report.short(fit, tables, session.lang):
        session.line(line)
    session.line(_say("written", session, path=folder))
    session.result({name: records(table.reset_index()) for name, table in tables.items()})
    return tables


def _draws(session: Session, fit: Fit, folder: Path, count: int, steps: int, threads: int):  # type: ignore[no-untyped-def]
    from simengine_calibration.fitting.solve import laplace_draws

    if not steps:
        return laplace_draws(fit.model, fit.solution, fit.known, count, seed=7)
    from simengine_calibration.fitting.sample import sample, thin
    from simengine_calibration.fitting.solve import run_key

    chain = folder / f"chain-{run_key(fit.model)[:12]}.h5"

    def told(done: int, total: int) -> None:
        if done % 10 == 0 or done == total:
            session.note(_say("sampling", session, done=done, total=total))

    found = sample(fit.model, fit.solution.x, fit.known.covariance, steps, chain, threads, told)
    return thin(found, count)


def _recover(session: Session, model: Model, count: int, folder: Path, threads: int) -> None:
    from simengine_calibration.fitting.recovery import recover

    def told(done: int, total: int) -> None:
        if done % 10 == 0 or done == total:
            session.note(_say("replicate", session, done=done, total=total))

    table = recover(model, count, folder, threads, told)
    (folder / "recovery.csv").write_text(table.to_csv(index=False, float_format="%.6g"), encoding="utf-8")
    session.line(_say("recovery", session))
    session.line(table.to_string(index=False, float_format=lambda value: f"{value:z.3f}"))
    session.result({"recovery": records(table)})
