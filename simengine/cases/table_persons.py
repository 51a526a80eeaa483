"""Persons of a table: region, path of the retirement law, window and award month of every row."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from simengine.cases.award import PUBLIC_WOMEN
from simengine.cases.fields import CaseFile, Person
from simengine.cases.retirement import DEFAULT_CAREER, window_of
from simengine.cases.sheet import Case, Sheet
from simengine.cases.table_columns import CAREER_WORDS, SCHEMES, SEX_WORDS, WORKER
from simengine.cases.table_places import read_places
from simengine.cases.table_read import ABSENT, BAD, IntArray, Table
from simengine.common.errors import CaseError
from simengine.common.messages import month_text
from simengine.law import LawTree
from simengine.registry.axes import CAREER, SEX_OF_CAREER

OPEN_PATH = {"enterprise": "case.women_enterprise", "public": "case.women_public"}
"""Remark on women without a career, by scheme."""

SEX_OF = np.array([0 if sex == "male" else 1 for sex in SEX_OF_CAREER])


@dataclass(frozen=True)
class Persons:
    """Rows of a table as the law sees them; arrays [row], months as month indexes.

    Attributes
    ----------
    regions : keys of the regions that occur; region : position of each row among them; sheets : one sheet a region
    cities : words of the city column; city : position among them, ABSENT for none
    scheme : position among SCHEMES
    statutory, earliest, latest : lawful window; month : award month; minimum : minimum months of that month
    usable : rows whose window could be computed
    """

    sheets: list[Sheet]
    regions: list[str]
    cities: list[str]
    region: IntArray
    city: IntArray
    scheme: IntArray
    born: IntArray
    statutory: IntArray
    earliest: IntArray
    latest: IntArray
    month: IntArray
    minimum: IntArray
    usable: npt.NDArray[np.bool_]

    def at(self, rows: IntArray) -> Persons:
        """The same for some rows."""
        arrays: dict[str, Any] = {
            name: value[rows] for name, value in vars(self).items() if isinstance(value, np.ndarray)
        }
        return replace(self, **arrays)


def persons_of(table: Table, tree: LawTree) -> Persons:
    """Read the words of every row and compute the window of every combination that occurs."""
    region, regions, city, cities = read_places(table, tree)
    sheets = [_sheet(tree, key) for key in regions]
    scheme = np.where(table.words["scheme"] == ABSENT, 0, table.words["scheme"])
    career = _careers(table, scheme)
    special = np.where(table.words["special_job"] < 0, 0, table.words["special_job"])
    born, retires = table.months["born"], table.months["retires"]
    usable = (region >= 0) & (career >= 0) & (born >= 0) & (retires != BAD) & (scheme >= 0)
    statutory, earliest, latest = _windows(table, sheets, (region, career, special, born), usable)
    month = np.where(retires >= 0, retires, statutory)
    first = min(value.date for value in tree["retirement/minimum_months"].national)
    early = usable & (month < 12 * (first.year + 1))
    usable &= ~early
    minimum = _minimum(sheets, region, statutory, month, usable)
    window = (born, statutory, earliest, latest, month, minimum)
    persons = Persons(sheets, regions, cities, region, city, scheme, *window, usable)
    table.faults.note("case_window", "retires", early, months_said(persons, *WINDOW))
    return persons


WINDOW = ("month", "earliest", "latest", "statutory")
"""Months that a refusal of an award month names."""


def months_said(persons: Persons, *names: str) -> Callable[[int], dict[str, str]]:
    """Some months of a row as text, by their names."""
    return lambda row: {name: month_text(int(getattr(persons, name)[row])) for name in names}


def _sheet(tree: LawTree, region: str) -> Sheet:
    """A sheet through which the law of a region is read."""
    return Sheet(Case(CaseFile(kind="award", region=region), lambda *keys: region, region, {}), tree)


def _careers(table: Table, scheme: IntArray) -> IntArray:
    """Path of the retirement law: stated, by rank and sex, or by sex; what contradicts or is empty is noted."""
    sex, career = table.words["sex"], _by_rank(table.words["career"], table.words["sex"])
    if {"sex", "career"} & table.headers.keys():
        name = "sex" if "sex" in table.headers else "career"
        ranked = (table.words["career"] >= WORKER) & (sex == ABSENT)
        missing = ((sex == ABSENT) & (career == ABSENT)) | ranked
        table.faults.note("case_cell_missing", name, missing, allowed="sex: " + ", ".join(SEX_WORDS))
    stated = career >= 0
    against = stated & (sex >= 0) & (SEX_OF[np.clip(career, 0, None)] != sex)
    names = [name for name in CAREER_WORDS if name in CAREER]
    table.faults.note(
        "case_sex_career",
        "career",
        against,
        values=lambda row: {"key": "career", "sex": ("man", "woman")[sex[row]], "career": names[career[row]]},
    )
    women = np.where(
        scheme == SCHEMES.index("public"), CAREER.index(PUBLIC_WOMEN), CAREER.index(DEFAULT_CAREER["woman"])
    )
    by_sex = np.where(sex == 0, CAREER.index(DEFAULT_CAREER["man"]), women)
    _note_women(table, (sex == 1) & (career == ABSENT), scheme)
    found = np.where(stated, career, np.where((sex >= 0) & (career == ABSENT), by_sex, BAD))
    return np.where(against, BAD, found)


def _by_rank(career: IntArray, sex: IntArray) -> IntArray:
    """Careers in which workers and cadres have become a path: a man's is the same for both, a woman's is not."""
    women = np.where(career == WORKER, CAREER.index("women_50"), CAREER.index("women_55"))
    ranked = np.where(sex == 0, CAREER.index("men"), np.where(sex == 1, women, BAD))
    return np.where(career >= WORKER, ranked, career)


def _note_women(table: Table, open_path: npt.NDArray[np.bool_], scheme: IntArray) -> None:
    """Remark how many women have been put on the path of their scheme, as their career is not stated."""
    for place, name in enumerate(SCHEMES):
        rows = np.flatnonzero(open_path & (scheme == place))
        if rows.size:
            said = {"count": int(rows.size), "row": int(table.lines[rows[0]])}
            table.notes.append((OPEN_PATH[name], said))


def groups(*columns: IntArray) -> tuple[IntArray, IntArray]:
    """Combinations that occur, one a row, and the position of every row's combination among them."""
    key = np.zeros(columns[0].size, dtype=np.int64)
    lows, spans = [], []
    for column in columns:
        low = int(column.min()) if column.size else 0
        span = int(column.max()) - low + 1 if column.size else 1
        key = key * span + (column - low)
        lows.append(low)
        spans.append(span)
    unique, group = np.unique(key, return_inverse=True)
    parts = []
    for low, span in zip(reversed(lows), reversed(spans), strict=True):
        parts.append(unique % span + low)
        unique = unique // span
    return np.stack(parts[::-1], axis=1), group.reshape(-1)


def _windows(
    table: Table, sheets: list[Sheet], rows: tuple[IntArray, ...], usable: npt.NDArray[np.bool_]
) -> tuple[IntArray, IntArray, IntArray]:
    """Statutory, earliest and latest month of every row, each combination computed once.

    A row the law cannot answer is noted and no longer usable.

    Parameters
    ----------
    rows : region, career, special job and birth month of every row
    """
    unique, group = groups(*(column[usable] for column in rows))
    found = np.zeros((len(unique), 3), dtype=np.int64)
    problems: dict[int, CaseError] = {}
    for place, (where, path, job, birth) in enumerate(unique):
        person = Person.model_construct(born=int(birth), sex=None, career=CAREER[path], special_job=bool(job))
        try:
            window = window_of(sheets[where], person)
        except CaseError as error:
            problems[place] = error
            continue
        found[place] = window.statutory, window.earliest, window.latest
    size = usable.size
    result, of_row = np.zeros((3, size), dtype=np.int64), np.full(size, -1)
    result[:, usable], of_row[usable] = found[group].T, group
    for place, problem in problems.items():
        mask = of_row == place
        table.faults.note(problem.code, "born", mask, **problem.values)
        usable &= ~mask
    return result[0], result[1], result[2]


def _minimum(
    sheets: list[Sheet], region: IntArray, statutory: IntArray, month: IntArray, usable: npt.NDArray[np.bool_]
) -> IntArray:
    """Minimum months of every row: of the statutory month, for an early one of the month the law names."""
    result = np.zeros(region.size, dtype=np.int64)
    for place, sheet in enumerate(sheets):
        mask = usable & (region == place)
        early, months = month[mask] < statutory[mask], month[mask]
        chosen = {
            int(value): sheet.use("retirement/early_minimum_test", int(value)).value == "chosen_month"
            for value in np.unique(months[early])
        }
        by_month = np.isin(months, [value for value, named in chosen.items() if named])
        deciding = np.where(early & by_month, months, statutory[mask])
        unique, group = np.unique(deciding, return_inverse=True)
        needed = [int(sheet.use("retirement/minimum_months", int(value)).number) for value in unique]
        result[mask] = np.array(needed, dtype=np.int64)[group.reshape(-1)]
    return result
