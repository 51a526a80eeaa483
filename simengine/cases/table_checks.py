"""Checks of a table that need the law: window, birth, index, account, months; the same limits as for a single case."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from simengine.cases.record import index_limits, index_said
from simengine.cases.sheet import Sheet
from simengine.cases.table_columns import SCHEMES
from simengine.cases.table_persons import WINDOW, Persons, groups, months_said
from simengine.cases.table_places import places_of
from simengine.cases.table_read import ABSENT, Table
from simengine.common.messages import Words, month_text, near

FloatArray = npt.NDArray[np.float64]


def check_rows(table: Table, persons: Persons) -> None:
    """Award month against birth and window, city against the region."""
    usable, month = persons.usable, persons.month
    before = usable & (month <= persons.born)
    table.faults.note("case_birth_after", "born", before, months_said(persons, "born", "month"))
    late = usable & ~before & (month > persons.latest)
    reached, paid_on = _paid_on(table, persons, late)
    early = usable & ~before & (month < persons.earliest)
    table.faults.note("case_window", "retires", early | (late & ~paid_on), months_said(persons, *WINDOW))
    values = lambda row: {  # noqa: E731
        "month": month_text(int(month[row])),
        "reached": month_text(int(reached[row])),
        "minimum": int(persons.minimum[row]),
    }
    table.faults.note("case_paid_on", "retires", late & paid_on & (reached < month), values)
    _check_cities(table, persons)


def _paid_on(table: Table, persons: Persons, late: Any) -> tuple[Any, Any]:
    """Month in which each late person reaches the minimum, and who reached it by paying on alone."""
    paid, deemed = (np.nan_to_num(table.numbers[name]) for name in ("paid_months", "deemed_months"))
    spare = (paid + deemed).astype(np.int64) - persons.minimum
    reached = persons.month - np.maximum(spare, 0)
    return reached, late & (spare >= 0) & (spare < persons.month - persons.statutory)


def _check_cities(table: Table, persons: Persons) -> None:
    """Refuse a city its region prints no base for."""
    stated = persons.usable & (persons.city >= 0)

    def city(row: int) -> str:
        return persons.cities[int(persons.city[row])]

    for place, sheet in enumerate(persons.sheets):
        rows = stated & (persons.region == place)
        if not rows.any():
            continue
        parameter = sheet.law.tree["pension/benefit_base_cities"]
        if parameter.source_region(sheet.case.region) is None:
            _note_idle_cities(table, persons, sheet, rows)
            continue
        known = [str(label) for label in parameter.labels]
        good = np.array([name in known for name in persons.cities])
        wrong = rows & ~good[np.clip(persons.city, 0, None)]
        said = lambda row, known=known: {"city": city(row), "near": near(city(row), known)}  # noqa: E731
        table.faults.note("case_city", "city", wrong, said, known=", ".join(known))
        first = min(value.date for value in parameter.all_values())
        early = rows & ~wrong & (persons.month < 12 * first.year + first.month - 1)
        day = lambda row: {"day": month_text(int(persons.month[row]))}  # noqa: E731
        values: dict[str, Any] = {"key": parameter.key, "first": first, "region": sheet.case.region}
        table.faults.note("case_law_early", "city", early, day, **values)


def _note_idle_cities(table: Table, persons: Persons, sheet: Sheet, rows: npt.NDArray[np.bool_]) -> None:
    """Remark and drop cities of a region that prints no base by city; refuse those that lie elsewhere."""
    places = places_of(sheet.law.tree)
    elsewhere = np.array([places.find(name) is not None for name in persons.cities])
    wrong = rows & elsewhere[np.clip(persons.city, 0, None)]
    said = lambda row: {"city": persons.cities[int(persons.city[row])]}  # noqa: E731
    table.faults.note("case_city_none", "city", wrong, said, region=sheet.case.region)
    idle = np.flatnonzero(rows & ~wrong)
    if idle.size:
        persons.city[idle] = ABSENT
        region = sheet.law.tree.regions[sheet.case.region]
        where = {"count": int(idle.size), "row": int(table.lines[idle[0]])}
        table.notes.append(("case.city_idle", where | {"region": Words(region.name, region.local_name)}))


def check_records(table: Table, persons: Persons) -> None:
    """Indexes out of range and contradictions in the numbers; what only looks impossible: `table_doubts`."""
    numbers = table.numbers
    paid = numbers["paid_months"]
    deemed = np.nan_to_num(numbers["deemed_months"])
    _check_index(table, "index", persons, paid != 0.0)
    _check_index(table, "deemed_index", persons)
    _check_index(table, "index_before_accounts", persons)
    before, service = numbers["months_before_accounts"], paid + deemed
    apart = np.nan_to_num(numbers["deemed_after_accounts"])
    table.faults.note(
        "case_deemed_after",
        "deemed_after_accounts",
        apart > deemed,
        values=lambda row: {"value": f"{apart[row]:g}", "deemed": f"{deemed[row]:g}"},
    )
    low, high = deemed - apart, service - apart
    wrong = ~np.isnan(before) & (apart <= deemed) & ~((before >= low) & (before <= high))
    table.faults.note(
        "case_months_before",
        "months_before_accounts",
        wrong,
        values=lambda row: {"value": f"{before[row]:g}", "low": f"{low[row]:g}", "high": f"{high[row]:g}"},
    )
    _check_former(table, persons)


def _check_former(table: Table, persons: Persons) -> None:
    """Refuse a former transition pension where no new one is phased in."""
    stated = persons.usable & ~np.isnan(table.numbers["former_transition"])
    for place, sheet in enumerate(persons.sheets):
        parameter = sheet.law.tree["pension/transition_gain_share"]
        phased = parameter.source_region(sheet.case.region) is not None
        wrong = stated & (persons.region == place) & ((persons.scheme > 0) | (not phased))
        known = ", ".join(parameter.regional)
        table.faults.note("case_former_none", "former_transition", wrong, region=sheet.case.region, known=known)


def _check_index(table: Table, name: str, persons: Persons, counts: Any = True) -> None:
    """Refuse an index out of range where it counts; a slip of the decimal point is told as one."""
    values = table.numbers[name]
    low, high = index_limits(persons.sheets[0]) if persons.sheets else (0.0, np.inf)
    wrong = ~np.isnan(values) & ~((values >= low) & (values <= high)) & counts

    def said(row: int) -> dict[str, Any]:
        return index_said(name, values[row], low, high)

    slip = np.zeros_like(wrong)
    slip[wrong] = [bool(said(int(row))["meant"]) for row in np.flatnonzero(wrong)]
    table.faults.note("case_index_slip", name, slip, said)
    table.faults.note("case_index", name, wrong & ~slip, said)


def floor_shares(here: Persons) -> FloatArray:
    """Share of the local average pension below which a first pension may not lie; zero in the public scheme."""
    unique, group = groups(here.region, here.scheme, here.month)
    shares = np.zeros(len(unique))
    for place, (region, scheme, month) in enumerate(unique):
        if SCHEMES[scheme] == "enterprise":
            use = here.sheets[region].use("pension/minimum_share_of_local_average", int(month))
            shares[place] = use.number
    return shares[group]
