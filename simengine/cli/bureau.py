"""The tables of a bureau on the command line: an empty set to fill, and the check of a filled one."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path

from simengine.cli.session import Session
from simengine.common.errors import SimengineError
from simengine.common.messages import Words

YEARS = re.compile(r"(\d{4})-(\d{4})")
FIRST, LAST = 1990, 2100
MARKS = ("about.csv", "observations.csv", "levels.csv", "basis.xlsx")
"""Files by which a folder is known; results of a run have an ``opening.csv`` as well."""


def is_bureau(name: str) -> bool:
    """Whether a name on the command line means tables of a bureau: a folder that holds one, or a workbook."""
    path = Path(name)
    return path.suffix.lower() == ".xlsx" or any((path / file).is_file() for file in MARKS)


def is_actuals(name: str) -> bool:
    """Whether a name on the command line means a table of actuals: a CSV, or a workbook with a sheet of that name."""
    path = Path(name)
    if path.suffix.lower() != ".xlsx" or not path.is_file():
        return path.suffix.lower() == ".csv"
    from simengine.basis.bureau.actuals import TABLE
    from simengine.common.errors import BasisError
    from simengine.common.workbook import read_sheets

    try:
        return TABLE in read_sheets(path, BasisError)
    except BasisError:
        return False  # told by whoever reads it as tables of a bureau


def check_bureau(path: Path) -> list[SimengineError]:
    """Every error of the tables of a bureau."""
    from simengine.basis.bureau import read_bureau
    from simengine.common.errors import each_error

    try:
        read_bureau(path)
    except SimengineError as error:
        return each_error(error)
    return []


def remarks_of_bureau(path: Path) -> list[Words]:
    """What may be wrong in tables of a bureau without an error."""
    from simengine.basis.bureau.read import read_tables
    from simengine.basis.bureau.remarks import find_remarks

    return find_remarks(read_tables(path))


def write_template(session: Session, out: Path | None, region: str, years: str) -> None:
    """Write the empty tables into a folder: CSV files, and the workbook where XlsxWriter is installed.

    Raises
    ------
    BasisError
        no folder, a wrong option, or a file of the template that exists already.
    """
    from simengine.basis.bureau import BasisError, template_files
    from simengine.basis.bureau.grid import WORKBOOK
    from simengine.basis.bureau.read import REGION
    from simengine.common.files import file_set
    from simengine.judge.checks.free_run import SERIES

    found = YEARS.fullmatch(years)
    if found is None or not FIRST <= int(found[1]) <= int(found[2]) <= LAST:
        raise BasisError("bureau_years_option", value=years)
    if REGION.fullmatch(region) is None:
        raise BasisError("bureau_region", name=region)
    if out is None:
        raise BasisError("bureau_no_folder")
    files = template_files(region, (int(found[1]), int(found[2])), measured=SERIES)
    for name in files:
        if (out / name).exists():
            raise BasisError("template_exists", path=out / name)
    with file_set() as written:
        for name, content in files.items():
            written.content(out / name, content)
        written.commit()
    session.say("bureau.written", count=len(files), path=out)
    if WORKBOOK not in files:
        from simengine.common.messages import say

        session.note(say("bureau.no_workbook", session.lang))


def write_actuals(session: Session, out: Path | None, region: str, years: str | None) -> None:
    """Write the table of actuals of a region: into a folder or a file, or as CSV on standard output.

    Raises
    ------
    SimengineError
        a region without a basis, a wrong option, or a file that exists already.
    """
    from simengine.basis.bureau import BasisError
    from simengine.basis.bureau.actuals import TABLE, template_files
    from simengine.common.files import file_set
    from simengine.engine.actuals.names import last_day
    from simengine.engine.actuals.template import basis_of, template_items

    basis = basis_of(region)
    last = max(basis.base_year + 1, (last_day() + timedelta(days=1)).year - 1)  # the last year that has ended
    found = YEARS.fullmatch(years or f"{basis.base_year + 1}-{last}")
    if found is None or not FIRST <= int(found[1]) <= int(found[2]) <= LAST:
        raise BasisError("bureau_years_option", value=years)
    files = template_files(list(template_items(basis)), (int(found[1]), int(found[2])))
    if out is None:
        session.file(files[f"{TABLE}.csv"].decode("utf-8"))
        return
    if out.suffix.lower() in (".csv", ".xlsx"):
        name = f"{TABLE}{out.suffix.lower()}"
        if name not in files:
            raise BasisError("actuals_no_workbook", where=str(out))
        targets = {out: files[name]}
    else:
        targets = {out / name: content for name, content in files.items()}
    for path in targets:
        if path.exists():
            raise BasisError("template_exists", path=path)
    with file_set() as written:
        for path, content in targets.items():
            written.content(path, content)
        written.commit()
    session.say("actuals.written", files=", ".join(map(str, targets)), region=region)
