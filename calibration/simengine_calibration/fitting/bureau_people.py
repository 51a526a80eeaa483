"""Residents of a bureau's region by sex and age: from its own file, else those of the basis it borrows from, scaled."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np

from simengine.common.errors import SimengineError
from simengine.common.workbook import plain_number
from simengine.registry.axes import AGE, SEX
from simengine_calibration.fitting.bureau import FittedTables, TablesProblem

SEXES = {**{sex: place for place, sex in enumerate(SEX)}, "男": 0, "女": 1}
COLUMNS = ("sex", "age", "value")
TOTAL_GAP = 0.02
"""Largest gap of the sum of the file to the population stated [1]."""


def pyramid(tables: FittedTables) -> tuple[np.ndarray, list[SimengineError]]:
    """Residents at the end of the base year [persons; sex, age], and what is wrong with their file."""
    about, carrier = tables.bureau.about, tables.carrier
    if about.population_file is None or tables.own:
        return carrier.population() / tables.size, []
    people, faults = read_people(about.population_file)
    total = float(people.sum())
    if not faults and abs(total / about.population - 1.0) > TOTAL_GAP:
        values = {"total": f"{total:z_.0f}", "stated": f"{about.population:z_.0f}"}
        faults.append(TablesProblem("people_total", where=str(about.population_file), **values))
    return people, faults


def read_people(path: Path) -> tuple[np.ndarray, list[SimengineError]]:
    """A file of columns sex, age, value as persons [sex, age 0..100]; every line that cannot be read is told."""
    people, seen = np.zeros((len(SEX), len(AGE))), set()
    faults: list[SimengineError] = []

    def fail(line: int, reason: str) -> None:
        faults.append(TablesProblem("people_form", where=f"{path}, line {line}", reason=reason))

    try:
        rows = list(csv.reader(path.read_text(encoding="utf-8-sig").splitlines()))
    except (UnicodeDecodeError, csv.Error) as error:
        fail(1, str(error))
        return people, faults
    header = [cell.strip().lower() for cell in rows[0]] if rows else []
    if not set(COLUMNS) <= set(header):
        fail(1, f"columns {', '.join(header) or '-'}")
        return people, faults
    for line, row in enumerate(rows[1:], 2):
        cells = dict(zip(header, (cell.strip() for cell in row), strict=False))
        if not any(cells.values()):
            continue
        sex, age, value = cells.get("sex", ""), plain_number(cells.get("age", "")), plain_number(cells.get("value", ""))
        if sex not in SEXES or age not in range(len(AGE)) or not value >= 0.0:
            fail(line, ", ".join(cells.values()))
        elif (SEXES[sex], int(age)) in seen:
            fail(line, f"{sex} {age:z.0f} twice")
        else:
            seen.add((SEXES[sex], int(age)))
            people[SEXES[sex], int(age)] = value
    if not faults and len(seen) < people.size:
        fail(len(rows), f"{len(seen)} rows instead of {people.size}")
    return people, faults
