"""The tables of a bureau on the command line: an empty set to fill, and the check of a filled one."""

from __future__ import annotations

import re
from pathlib import Path

from simengine.cli.session import Session
from simengine.common.errors import SimengineError

YEARS = re.compile(r"(\d{4})-(\d{4})")
FIRST, LAST = 1990, 2100
MARKS = ("about.csv", "observations.csv", "levels.csv", "basis.xlsx")
"""Files by which a folder is known; results of a run have an ``opening.csv`` as well."""


def is_bureau(name: str) -> bool:
    """Whether a name on the command line means tables of a bureau: a folder that holds one, or a workbook."""
    path = Path(name)
    return path.suffix.lower() == ".xlsx" or any((path / file).is_file() for file in MARKS)


def check_bureau(path: Path) -> list[SimengineError]:
    """Every error of the tables of a bureau."""
    from simengine.basis.bureau import read_bureau
    from simengine.common.errors import each_error

    try:
        read_bureau(path)
    except SimengineError as error:
        return each_error(error)
    return []


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
