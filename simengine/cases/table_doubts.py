"""What looks impossible in the rows of a table, by the rules of `doubts`: the column checked overrules it.

Exchanged columns are told as such, in place of the errors that each of the two cells has for itself.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from simengine.cases.doubts import (
    AVERAGE_PENSION,
    EARLY,
    SWAPPED,
    TOO_MANY,
    YOUNGEST,
    account_said,
    account_start,
    deemed_room,
    deemed_said,
    entry_age,
    judged_deemed,
    judged_service,
    largest_account,
    service_room,
    wage_near,
)
from simengine.cases.record import SMALLEST_MONTHLY_CREDIT, index_limits
from simengine.cases.record import account_said as small_account_said
from simengine.cases.table_columns import SCHEMES
from simengine.cases.table_faults import Values
from simengine.cases.table_persons import Persons, groups
from simengine.cases.table_read import Table
from simengine.common.messages import month_text
from simengine.registry import slips

BoolArray = npt.NDArray[np.bool_]
FloatArray = npt.NDArray[np.float64]

LEAST_ACCOUNT = 900.0
"""A number up to which months are told from an account [yuan]; months are not more."""
WORKING_LIFE = (12 * 40, 12 * 75)
"""Months between birth and an award."""


def check_doubts(table: Table, persons: Persons) -> None:
    """Exchanged columns, months that no life holds, amounts out of scale."""
    doubted = np.zeros(table.rows, dtype=bool)
    _swapped(table, persons)
    usable = persons.usable & (persons.month > persons.born) & ~table.faults.bad
    entry, start, wage = _law(persons, usable)
    for mask in (_months(table, persons, usable, entry, start), _amounts(table, usable, wage)):
        doubted |= mask
    idle = np.flatnonzero(table.checked & usable & ~doubted)
    if idle.size:
        table.notes.append(("case.checked_idle", {"count": int(idle.size), "row": int(table.lines[idle[0]])}))


def _law(persons: Persons, usable: BoolArray) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64], FloatArray]:
    """Age of joining and start of accounts [months], average wage [yuan/month], of every row in use."""
    unique, group = groups(persons.region[usable], persons.scheme[usable], persons.month[usable])
    found = np.zeros((len(unique), 3))
    wages: dict[tuple[int, int], float] = {}
    for place, (region, scheme, month) in enumerate(unique):
        sheet, when = persons.sheets[region], int(month)
        if (region, when // 12) not in wages:
            wages[region, when // 12] = wage_near(sheet, when) or np.nan
        start = account_start(sheet, SCHEMES[scheme], when)
        found[place] = entry_age(sheet, when), start, wages[region, when // 12]
    result = np.zeros((3, usable.size))
    result[:, usable] = found[group].T
    return result[0].astype(np.int64), result[1].astype(np.int64), result[2]


# --- months ---------------------------------------------------------------------------------------------------------


def _months(table: Table, persons: Persons, usable: BoolArray, entry: Any, start: Any) -> BoolArray:
    """Doubt months; returns the rows called in question, vouched for or not."""
    paid = np.nan_to_num(table.numbers["paid_months"])
    deemed = np.nan_to_num(table.numbers["deemed_months"])
    before = np.nan_to_num(table.numbers["months_before_accounts"])
    born, month = persons.born, persons.month
    room, most = deemed_room(born, month, entry, start), service_room(born, month, entry)
    service = judged_service(paid + deemed, most, entry)
    earlier = deemed - np.nan_to_num(table.numbers["deemed_after_accounts"])
    verdict = judged_deemed(earlier, paid, room, entry)
    many = usable & (service == TOO_MANY)
    swapped = usable & ~many & (verdict == SWAPPED)
    late = usable & ~many & (verdict == TOO_MANY)
    early_before = usable & ~many & ~swapped & ~late & (before > deemed) & (before > room + entry - YOUNGEST)

    def total_said(row: int) -> dict[str, Any]:
        possible, age = max(0, int(most[row])), int(entry[row]) // 12
        months = f"{paid[row] + deemed[row]:z.0f}"
        return {"months": months, "possible": possible, "age": age, "youngest": YOUNGEST // 12}

    def said(row: int) -> dict[str, Any]:
        return deemed_said(earlier[row], paid[row], room[row], start[row], entry[row])

    def before_said(row: int) -> dict[str, Any]:
        return said(row) | {"value": f"{before[row]:z.0f}"}

    # the column that the file has: paid months may have been taken from all months
    column = "paid_months" if "paid_months" in table.headers else "total_months"
    _doubt(table, "case_service", column, many, total_said)
    _doubt(table, "case_deemed_swapped", "deemed_months", swapped, said)
    _doubt(table, "case_deemed_many", "deemed_months", late, said)
    _doubt(table, "case_before_many", "months_before_accounts", early_before, before_said)
    rows = np.flatnonzero(usable & ~table.faults.bad & ((service == EARLY) | (verdict == EARLY)))
    if rows.size:
        age = int(entry[rows[0]]) // 12
        said_early = {"count": int(rows.size), "row": int(table.lines[rows[0]]), "age": age}
        table.notes.append(("case.service_early", said_early))
    return np.asarray(many | swapped | late | early_before)


def _doubt(table: Table, code: str, column: str, mask: BoolArray, said: Values) -> None:
    """Note an error of the rows that nobody vouches for."""
    table.faults.note(code, column, mask & ~table.checked, said)


# --- amounts --------------------------------------------------------------------------------------------------------


def _amounts(table: Table, usable: BoolArray, wage: FloatArray) -> BoolArray:
    """Doubt the account and the local average; returns the rows called in question."""
    account, paid, index = (table.numbers[name] for name in ("account", "paid_months", "index"))
    average = table.numbers["local_average_pension"]
    most = largest_account(paid, index, wage)
    low = usable & (account > 0.0) & (account < SMALLEST_MONTHLY_CREDIT * paid)
    high = usable & (paid > 0.0) & (account > most)
    _doubt(table, "case_account_slip", "account", low, lambda row: small_account_said(account[row], paid[row]))
    _doubt(table, "case_account_high", "account", high, lambda row: account_said(account[row], paid[row], most[row]))
    known = AVERAGE_PENSION * wage
    with np.errstate(invalid="ignore", divide="ignore"):
        ratio = average / known
    limit = slips.LIMITS[slips.TIMED]
    off = usable & (average > 0.0) & ((ratio >= limit) | (ratio <= 1.0 / limit))

    def said(row: int) -> dict[str, Any]:
        doubt = slips.doubt(float(average[row]), float(known[row]), slips.TIMED)
        guess = slips.meaning(slips.TIMED, doubt.off if doubt is not None else None)
        value, about = f"{average[row]:z.12g}", f"{known[row]:z.0f}"
        return {"key": "local_average_pension", "value": value, "known": about, "guess": guess}

    _doubt(table, "case_slip", "local_average_pension", off, said)
    return np.asarray(low | high | off)


# --- exchanged columns ----------------------------------------------------------------------------------------------


def _swapped(table: Table, persons: Persons) -> None:
    """Tell two cells of a row that fit when exchanged, and neither of which fits as it stands."""
    born, retires = table.months["born"], table.months["retires"]
    between = born - retires
    life = (born >= 0) & (retires >= 0) & (between >= WORKING_LIFE[0]) & (between <= WORKING_LIFE[1])
    said = lambda row: {"value": month_text(int(born[row])), "other": month_text(int(retires[row]))}  # noqa: E731
    _replace(table, "born", "retires", life, said)
    low, high = index_limits(persons.sheets[0]) if persons.sheets else (0.3, 3.0)
    fits = {
        "months": lambda values: (values == np.rint(values)) & (values > high) & (values <= LEAST_ACCOUNT),
        "index": lambda values: (values >= low) & (values <= high),
        "money": lambda values: values > LEAST_ACCOUNT,
    }
    pairs = (
        *(("paid_months", "months", "index", "index"), ("paid_months", "months", "account", "money")),
        *(("index", "index", "account", "money"), ("deemed_months", "months", "account", "money")),
        *(("deemed_months", "months", "deemed_index", "index"), ("deemed_months", "months", "index", "index")),
    )
    for first, one, second, other in pairs:
        a, b = table.stated(first), table.stated(second)
        with np.errstate(invalid="ignore"):
            mask = ~np.isnan(a) & ~np.isnan(b) & fits[other](a) & fits[one](b)
        _replace(table, first, second, mask, _both(a, b))


def _both(first: FloatArray, second: FloatArray) -> Values:
    """Two numbers of a row as they are said."""
    return lambda row: {"value": f"{first[row]:g}", "other": f"{second[row]:g}"}


def _replace(table: Table, first: str, second: str, mask: BoolArray, said: Values) -> None:
    """One error of both cells in place of those of each."""
    if mask.any():
        table.faults.drop(mask, (first, second))
        name = table.headers[second].written
        table.faults.note("case_swapped", first, mask, lambda row: said(row) | {"name": name})
