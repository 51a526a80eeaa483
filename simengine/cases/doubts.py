"""What looks impossible in a record: service before an age, deemed months after accounts began, amounts out of scale.

The rules are elementwise: a single case and the rows of a table are judged by the same ones. `checked` overrules them.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from simengine.cases.law import new_year
from simengine.cases.record import SCHEME_KEYS, Numbers
from simengine.cases.sheet import Sheet
from simengine.common.errors import CaseError
from simengine.common.messages import month_text

YOUNGEST = 120
"""Age in months before which nobody has begun to work. Apprentices, artists, athletes and those sent to the country
began before the age of joining (sixteen); that is computed with a remark."""

FEW = 24
"""Months before the age of joining up to which deemed months are taken as they stand though the paid ones would fit in
their place: beyond, the two are swapped."""

LARGEST_CREDIT = 0.25
"""Account over paid months x index (at least 1) x average wage beyond which it is out of scale: credits were at most
11 % of the base; wages of earlier years were lower, interest makes up for that."""

AVERAGE_PENSION = 0.45
"""Local average pension over the average wage, about which a stated one is judged."""

FINE, EARLY, TOO_MANY, SWAPPED = 0, 1, 2, 3
"""Verdicts on months."""


def entry_age(sheet: Sheet, month: int) -> int:
    """Age from which anybody may be insured [months]."""
    return int(sheet.law.get("resident/entry_age", month).number)


def account_start(sheet: Sheet, scheme: str, month: int) -> int:
    """Month in which accounts begin in a scheme, the first that cannot be deemed."""
    return int(sheet.law.get(SCHEME_KEYS[scheme]["start"], month).number)


def service_room(born: Any, month: Any, entry: Any) -> Any:
    """Months from the age of joining to the award month, both included.

    >>> service_room(12 * 1965 + 4, 12 * 2025 + 6, 192)
    531
    """
    return month - born - entry + 1


def deemed_room(born: Any, month: Any, entry: Any, start: Any) -> Any:
    """Months from the age of joining to the last one before accounts began; below zero where they began earlier.

    >>> int(deemed_room(12 * 1965 + 4, 12 * 2025 + 6, 192, 12 * 1995 + 9))
    173
    """
    return np.minimum(start, month + 1) - born - entry


def judged_service(months: Any, room: Any, entry: Any) -> Any:
    """Verdict on all months of service."""
    return np.where(months <= room, FINE, np.where(months <= room + entry - YOUNGEST, EARLY, TOO_MANY))


def judged_deemed(deemed: Any, paid: Any, room: Any, entry: Any) -> Any:
    """Verdict on deemed months beside the paid ones.

    >>> [int(judged_deemed(deemed, 122, 173, 192)) for deemed in (358, 175, 0)]
    [3, 1, 0]
    """
    swapped = (deemed > room + FEW) & (paid <= room) & (paid > 0)
    verdict = np.where(deemed <= room + entry - YOUNGEST, EARLY, TOO_MANY)
    return np.where((deemed <= room) | (deemed == 0), FINE, np.where(swapped, SWAPPED, verdict))


def largest_account(paid: Any, index: Any, wage: Any) -> Any:
    """Largest balance that paid months can have left [yuan]."""
    return LARGEST_CREDIT * paid * np.maximum(index, 1.0) * wage


def wage_near(sheet: Sheet, month: int) -> float | None:
    """Average wage of the year before [yuan/month], as a measure; None where the law cannot tell it."""
    try:
        found = sheet.law.find("economy/average_wage", new_year(month // 12 - 1))
    except CaseError:
        return None
    return None if found is None else found.number


# --- single cases ---------------------------------------------------------------------------------------------------


def check_service(
    sheet: Sheet, numbers: Numbers, born: int, month: int, scheme: str, key: str, begun: int | None = None
) -> None:
    """Doubt months that no life holds, or that lie after accounts began; remark work begun before the age of joining.

    Parameters
    ----------
    key : where the record stands in the case; begun : first month of service where the case dates it
    """
    entry = entry_age(sheet, month)
    room = service_room(born, month, entry)
    verdict = int(judged_service(numbers.recognised, room, entry))
    if begun is not None and begun < born + entry:
        verdict = max(verdict, EARLY if begun >= born + YOUNGEST else TOO_MANY)
    said = {"months": numbers.recognised, "possible": max(0, room), "age": entry // 12, "youngest": YOUNGEST // 12}
    if verdict == TOO_MANY:
        sheet.doubt("case_service", key, "paid_months", **said)
    elif key == "record":
        verdict = max(verdict, _check_deemed(sheet, numbers, born, month, scheme))
    if verdict == EARLY:
        sheet.note("service_early", age=entry // 12)


def _check_deemed(sheet: Sheet, numbers: Numbers, born: int, month: int, scheme: str) -> int:
    """Doubt deemed months that do not fit between the age of joining and the start of accounts."""
    entry, start = entry_age(sheet, month), account_start(sheet, scheme, month)
    room = int(deemed_room(born, month, entry, start))
    deemed = numbers.deemed - numbers.later
    verdict = int(judged_deemed(deemed, numbers.paid, room, entry))
    said = deemed_said(deemed, numbers.paid, room, start, entry)
    if verdict == SWAPPED:
        sheet.doubt("case_deemed_swapped", "record", "deemed_months", **said)
    elif verdict == TOO_MANY:
        sheet.doubt("case_deemed_many", "record", "deemed_months", **said)
    elif _stated_before(sheet) > max(numbers.deemed, room + entry - YOUNGEST):
        said |= {"value": f"{_stated_before(sheet)}"}
        sheet.doubt("case_before_many", "record", "months_before_accounts", **said)
    return verdict if verdict == EARLY else FINE


def _stated_before(sheet: Sheet) -> int:
    """Months before accounts that the record states; nought where it states none."""
    record = getattr(sheet.case.content, "record", None)
    return int(record.months_before_accounts or 0) if record is not None else 0


def deemed_said(deemed: Any, paid: Any, room: Any, start: Any, entry: Any) -> dict[str, Any]:
    """What is said of deemed months that do not fit."""
    return {
        "value": f"{deemed:z.0f}",
        "paid": f"{paid:z.0f}",
        "possible": max(0, int(room)),
        "start": month_text(int(start)),
        "age": int(entry) // 12,
    }


def check_scale(sheet: Sheet, numbers: Numbers, month: int, average: float | None = None) -> None:
    """Doubt a balance too large for its paid months, and a local average pension of another scale."""
    wage = wage_near(sheet, month)
    if wage is None or sheet.errors:
        return
    most = float(largest_account(numbers.paid, numbers.index, wage))
    if numbers.account > most and numbers.paid:
        sheet.doubt("case_account_high", "record", "account", **account_said(numbers.account, numbers.paid, most))
    if average is not None:
        sheet.check_slip(average, AVERAGE_PENSION * wage, "local_average_pension")


def account_said(account: Any, paid: Any, most: Any) -> dict[str, Any]:
    """What is said of a balance out of scale."""
    return {"value": f"{account:z.12g}", "months": f"{paid:z.0f}", "most": f"{most:z.0f}"}
