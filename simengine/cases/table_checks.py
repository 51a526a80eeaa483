"""Checks of a table that need the law: window, birth, index, account, months; the same limits as for a single case."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from simengine.cases.record import SLIP, SMALLEST_MONTHLY_CREDIT, index_limits
from simengine.cases.table_columns import SCHEMES
from simengine.cases.table_persons import Persons, groups
from simengine.cases.table_read import Table
from simengine.common.messages import month_text, near

FloatArray = npt.NDArray[np.float64]


def check_rows(table: Table, persons: Persons) -> None:
    """Award month against birth and window, city against the region."""
    usable, month = persons.usable, persons.month
    before = usable & (month <= persons.born)
    table.faults.note(
        "case_birth_after",
        "born",
        before,
        values=lambda row: {"born": month_text(int(persons.born[row])), "month": month_text(int(month[row]))},
    )
    outside = usable & ~before & ((month < persons.earliest) | (month > persons.latest))
    table.faults.note("case_window", "retires", outside, values=lambda row: _window(persons, row))
    _check_cities(table, persons)


def _window(persons: Persons, row: int) -> dict[str, str]:
    names = ("month", "earliest", "latest", "statutory")
    return {name: month_text(int(getattr(persons, name)[row])) for name in names}


def _check_cities(table: Table, persons: Persons) -> None:
    """Refuse a city its region prints no base for."""
    stated = persons.usable & (persons.city >= 0)
    for place, sheet in enumerate(persons.sheets):
        rows = stated & (persons.region == place)
        if not rows.any():
            continue
        parameter = sheet.law.tree["pension/benefit_base_cities"]
        if parameter.source_region(sheet.case.region) is None:
            table.faults.note(
                "case_city_none",
                "city",
                rows,
                values=lambda row: _named(persons, row),
                region=sheet.case.region,
            )
            continue
        known = [str(label) for label in parameter.labels]
        good = np.array([city in known for city in persons.cities])
        wrong = rows & ~good[np.clip(persons.city, 0, None)]
        table.faults.note(
            "case_city",
            "city",
            wrong,
            values=lambda row: _named(persons, row),
            near=lambda row, known=known: near(_city(persons, row), known),  # type: ignore[misc]
            known=", ".join(known),
        )
        first = min(value.date for value in parameter.all_values())
        early = rows & ~wrong & (persons.month < 12 * first.year + first.month - 1)
        values: dict[str, Any] = {"key": parameter.key, "first": first, "region": sheet.case.region}
        table.faults.note(
            "case_law_early", "city", early, values=lambda row: {"day": month_text(int(persons.month[row]))}, **values
        )


def _city(persons: Persons, row: int) -> str:
    return persons.cities[int(persons.city[row])]


def _named(persons: Persons, row: int) -> dict[str, str]:
    return {"city": _city(persons, row)}


def check_records(table: Table, persons: Persons) -> None:
    """Slips of unit and contradictions in the numbers."""
    numbers = table.numbers
    paid = numbers["paid_months"]
    deemed = np.nan_to_num(numbers["deemed_months"])
    low, high = index_limits(persons.sheets[0]) if persons.sheets else (0.0, np.inf)
    for name in ("index", "deemed_index", "index_before_accounts"):
        values = numbers[name]
        wrong = ~np.isnan(values) & ~((values >= low) & (values <= high)) & ~((paid == 0.0) & (name == "index"))
        meant = (values > high) & (values / 10.0 >= low) & ((values / 10.0 <= high) | (values / 100.0 <= high))
        limits: dict[str, Any] = {"key": name, "low": low, "high": high}
        table.faults.note("case_index_slip", name, wrong & meant, values=_meant(values, low, high), **limits)
        table.faults.note("case_index", name, wrong & ~meant, values=_value(values), **limits)
    account = numbers["account"]
    slip = (account > 0.0) & (account < SMALLEST_MONTHLY_CREDIT * paid)
    table.faults.note("case_account_slip", "account", slip, values=lambda row: _account_slip(account, paid, row))
    before, service = numbers["months_before_accounts"], paid + deemed
    wrong = ~np.isnan(before) & ~((before >= deemed) & (before <= service))
    table.faults.note(
        "case_months_before",
        "months_before_accounts",
        wrong,
        values=lambda row: {"value": f"{before[row]:g}", "low": f"{deemed[row]:g}", "high": f"{service[row]:g}"},
    )
    _check_service(table, persons, service)


def _value(values: FloatArray) -> Any:
    return lambda row: {"value": f"{values[row]:g}"}


def _meant(values: FloatArray, low: float, high: float) -> Any:
    def said(row: int) -> dict[str, str]:
        tenths = [values[row] / factor for factor in (10.0, 100.0)]
        meant = " / ".join(f"{value:g}" for value in tenths if low <= value <= high)
        return {"value": f"{values[row]:g}", "meant": meant}

    return said


def _account_slip(account: FloatArray, paid: FloatArray, row: int) -> dict[str, str]:
    return {"value": f"{account[row]:g}", "months": f"{paid[row]:.0f}", "meant": f"{account[row] * SLIP:.0f}"}


def _check_service(table: Table, persons: Persons, service: FloatArray) -> None:
    """Refuse more months than have passed since the age from which anybody may be insured."""
    for place, sheet in enumerate(persons.sheets):
        mask = persons.usable & (persons.region == place) & (persons.month > persons.born)
        if not mask.any():
            continue
        months, group = np.unique(persons.month[mask], return_inverse=True)
        ages = np.array([int(sheet.law.get("resident/entry_age", int(month)).number) for month in months])
        entry = np.zeros(persons.month.size, dtype=np.int64)
        entry[mask] = ages[group.reshape(-1)]
        possible = persons.month - persons.born - entry + 1
        values = lambda row, possible=possible, entry=entry: {  # noqa: E731
            "months": f"{service[row]:.0f}",
            "possible": max(0, int(possible[row])),
            "age": int(entry[row]) // 12,
        }
        table.faults.note("case_service", "paid_months", mask & (service > possible), values=values)


def floor_shares(here: Persons) -> FloatArray:
    """Share of the local average pension below which a first pension may not lie; zero in the public scheme."""
    unique, group = groups(here.region, here.scheme, here.month)
    shares = np.zeros(len(unique))
    for place, (region, scheme, month) in enumerate(unique):
        if SCHEMES[scheme] == "enterprise":
            use = here.sheets[region].use("pension/minimum_share_of_local_average", int(month))
            shares[place] = use.number
    return shares[group]
