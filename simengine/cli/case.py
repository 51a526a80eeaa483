"""Compute individual entitlements: `simengine case`."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from simengine.cli.session import AsJson, Lang, Quiet, Session, begin

if TYPE_CHECKING:
    from simengine.cases import CaseResult
    from simengine.cases.expected import Check
    from simengine.cases.table import AwardTable

INTEGRITY = 4
SHOWN_ROWS = 12
"""Rows of a table printed on a screen."""

EPILOG = "Example: simengine case --template award > persons.csv; simengine case persons.csv --out awards.csv"


def case(
    file: Annotated[
        Path | None, typer.Argument(metavar="FILE", help="Case file (.yaml) or table of persons (.csv, .xlsx).")
    ] = None,
    out: Annotated[
        Path | None, typer.Option("--out", help="File to write, .csv or .xlsx; the screen when left out.")
    ] = None,
    skip_bad: Annotated[
        bool, typer.Option("--skip-bad", help="Compute the good rows of a table; list the refused ones in a file.")
    ] = False,
    template: Annotated[
        str | None,
        typer.Option("--template", metavar="KIND", help="Print a case of this kind to fill in; award: a table."),
    ] = None,
    kinds: Annotated[bool, typer.Option("--kinds", help="List the kinds of case, each with its meaning.")] = False,
    fields: Annotated[
        str | None,
        typer.Option("--fields", metavar="KIND", help="List every field of a kind: unit, whether needed, meaning."),
    ] = None,
    json: AsJson = False,
    lang: Lang = None,
    quiet: Quiet = False,
) -> None:
    """Compute what the law gives one person.

    Pension, contributions, account, survivor and sickness benefits, unemployment, work injury: to the cent, each amount
    with its formula, the numbers put in, the document it rests on and the evidence of the law values used.

    A case file holds one case, or a list under cases:

      kind: award

      region: jiangxi

      person: {sex: man, born: 1965-05}

      record: {paid_months: 327, index: 0.8523, account: 96_500}

    Kinds: award, retirement, contribution, account, survivor, sickness, adjustment, comparison, annuity, resident,
    switch, entrusted, growth_of_standard, central_adjustment, coverage, unemployment, stabilisation, injury_premium,
    injury, injury_death, injury_prevention. --kinds says what each is, --fields KIND what may be stated, and
    --template KIND prints one to fill in.

    A table holds one person a row and gives awards; a million rows take seconds. Values a file lists under expected:
    are compared; one that differs ends with exit code 4.
    """
    session = begin(lang, quiet=quiet, as_json=json)
    if template is not None:
        _print_template(session, template)
        return
    if kinds or fields is not None:
        from simengine.cli.case_help import print_fields, print_kinds

        print_kinds(session) if fields is None else print_fields(session, fields)
        return
    _compute(session, file, out, skip_bad)


def _compute(session: Session, file: Path | None, out: Path | None, skip_bad: bool) -> None:
    """Compute a case file or a table."""
    from simengine.common.errors import CaseError

    if file is None:
        raise CaseError("case_no_file")
    if out is not None and out.suffix.lower() not in (".csv", ".xlsx"):
        raise CaseError("case_out_kind", name=out)
    suffix = file.suffix.lower()
    if suffix in (".csv", ".xlsx"):
        _table(session, file, out, skip_bad)
    elif suffix in (".yaml", ".yml"):
        _sheets(session, file, out)
    else:
        raise CaseError("case_file_kind", where=str(file), name=file.name)


def _print_template(session: Session, name: str) -> None:
    from simengine.cases.templates import template_text, templates
    from simengine.common.errors import CaseError
    from simengine.common.messages import near

    known = templates()
    if name not in known:
        raise CaseError("case_template_unknown", near=near(name, known), name=name, known=", ".join(known))
    session.file(template_text(name, session.lang))


# --- case files -----------------------------------------------------------------------------------------------------


def _sheets(session: Session, file: Path, out: Path | None) -> None:
    """Compute the cases of a YAML file and print or write them."""
    from simengine.cases import compute_all, load_cases
    from simengine.cases.expected import checks_of
    from simengine.cases.text import plain
    from simengine.common.progress import reporting

    with reporting(session.lang, quiet=session.quiet or session.json) as report:
        _mention_compiling(report)
        results = compute_all(load_cases(file))
    checks = [checks_of(result) for result in results]
    pairs = list(zip(results, checks, strict=True))
    session.result({"cases": [plain(result, session.lang, own) for result, own in pairs]})
    if out is not None:
        _write_sheets(session, results, out)
    else:
        for number, (result, own) in enumerate(pairs):
            _print_sheet(session, result, own)
            if number + 1 < len(pairs):
                session.line("")
    _judge(session, checks)


def _print_sheet(session: Session, result: CaseResult, checks: Sequence[Check]) -> None:
    from simengine.cases.text import sheet_of

    sheet = sheet_of(result, session.lang, checks)
    for indent, text in sheet.before:
        session.tell(text, margin=indent, hang=2)
    session.table(sheet.steps, sheet.headings, margin=4, keys=1)
    for indent, text in sheet.after:
        session.tell(text, margin=indent, hang=2)


def _mention_compiling(report: Any) -> None:
    """Say that kernels are compiled when none of these sources is on the disk yet."""
    from simengine.kernels.compiler import jit

    if jit.JIT_ENABLED and not jit.is_warm():
        report("compile")


def _write_sheets(session: Session, results: list[CaseResult], out: Path) -> None:
    import pandas as pd

    from simengine.cases.table import in_words
    from simengine.cases.text import rows_of
    from simengine.cli.case_files import write_frames

    rows = [row for result in results for row in rows_of(result, session.lang)]
    write_frames({out: in_words(pd.DataFrame(rows), session.lang)})
    session.say("case.written", count=len(rows), path=out)


def _judge(session: Session, checks: list[Any]) -> None:
    """End with the exit code of a failed check where an expected value differs."""
    from simengine.common.errors import CaseError, localised

    stated = [check for own in checks for check in own]
    wrong = [check for check in stated if not check.agrees]
    if wrong:
        cases = sum(any(not check.agrees for check in own) for own in checks)
        session.note(localised(CaseError("case_expected", count=len(wrong), cases=cases), session.lang))
        raise typer.Exit(INTEGRITY)
    if stated:
        session.say("case.expected_ok", count=len(stated))


# --- tables ---------------------------------------------------------------------------------------------------------


def _table(session: Session, file: Path, out: Path | None, skip_bad: bool) -> None:
    """Compute a table of persons."""
    from simengine.cases.table import award_table
    from simengine.common.errors import CaseError
    from simengine.common.progress import reporting

    if skip_bad and out is None:
        raise CaseError("case_skip_needs_out")
    with reporting(session.lang, quiet=session.quiet or session.json) as report:
        _mention_compiling(report)
        done = award_table(file, skip_bad=skip_bad, lang=session.lang, progress=report)
        if out is not None:
            report("case_write")
            _write_table(session, done, out)
    for text in done.remarks(session.lang):
        session.note(text)
    session.result(done.plain() if out is None else done.summary())
    if out is None:
        _show(session, done)
    else:
        session.say("case.written", count=len(done.frame), path=out)
        if done.refused is not None:
            counts = {"count": done.refused_rows, "total": done.total, "path": done.refusals_path(out)}
            session.say("case.refused", **counts)
    session.say("case.summary", **done.summary_text())


def _write_table(session: Session, done: AwardTable, out: Path) -> None:
    """The awards, and the refusals beside them."""
    from simengine.cli.case_files import write_frames

    frames = {out: done.written(session.lang)}
    if done.refused is not None:
        frames[done.refusals_path(out)] = done.refused
    write_frames(frames)


def _show(session: Session, done: AwardTable) -> None:
    """The first rows on the screen."""
    if len(done.frame) > SHOWN_ROWS:
        session.say("case.first_rows", count=SHOWN_ROWS)
    headings, rows = done.first(SHOWN_ROWS, session.lang)
    session.table(rows, headings)
