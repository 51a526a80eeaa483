"""Figures that may be right and look as if they were not: another scope, a neighbouring year, a scheme not yet there.

These are remarks, not errors: transfers part a balance, provinces were ahead of the nation. Rows that the bureau
vouches for (`checked`) are left out. Rules and bounds: notes/bureau.md, section 4.
"""

from __future__ import annotations

import csv
import datetime
import math
from collections.abc import Iterator, Mapping

from simengine.basis.basis import basis_names
from simengine.basis.bureau.records import Line, Reading
from simengine.basis.bureau.rows import LAUNCH, OBSERVATIONS, OPENING
from simengine.basis.bureau.scale import Scale
from simengine.basis.bureau.units import FLOW, HEADS, STOCK, factor_of
from simengine.common.messages import Words, words
from simengine.common.resources import bases_root
from simengine.law import load_law

FUNDS = ("", "resident_", "unemployment_", "injury_")
"""Beginnings of the three rows of a fund: revenue, expenditure, balance."""

PARTED = 0.1
"""Gap of opening + income - outgo and the balance, over the larger flow, from which it is remarked."""

STEADY = {
    "expenditure": ("pensioners", "wage"),
    "mean_enterprise_pension": ("wage",),
    "resident_expenditure": ("resident_recipients", "parent:basic_pension"),
    "members": (),
    "pensioners": (),
    "participants": (),
    "resident_registered": (),
    "resident_recipients": (),
    "resident_participants": (),
    "unemployment_insured": (),
    "injury_insured": (),
}
"""Rows that grow evenly, and what their growth is held against. Revenue is none of them: employers were relieved in
2020; nor is what the unemployed get."""

SPIKE, EDGE, WIDER = 1.25, 1.5, 0.03
"""Factor from both neighbours, or from the only one, from which a figure breaks its growth; more for years between."""

DIGITS = 4
"""Digits of a figure from which two equal years are no chance."""

NEAR, APART = 0.001, 0.005
"""A figure this near to the published one of the neighbouring year and this far from that of its own."""

IN_FORCE = "resident/scheme_share_in_force"
AHEAD = 0.9
"""Heads of a pilot year over those of the first year in which the scheme runs everywhere."""


def find_remarks(reading: Reading) -> list[Words]:
    """Every remark on tables without an error, row by row."""
    lines = [line for line in reading.lines if line.table != OPENING and not line.checked]
    scale = Scale(reading.about.population, reading.about.parent)
    for line in reading.lines:
        if line.table == OBSERVATIONS:
            scale.learn(line.row.key, line.plain)
    found = [*_before_scheme(lines), *_columns_off(lines, reading.about.region)]
    return [*found, *_growth(lines, scale), *_balances(lines)]


def _said(code: str, line: Line, year: int, **values: object) -> Words:
    """A remark on one cell."""
    name = Words(line.row.english, line.row.name)
    _, stated, where = line.figures[year]
    return words(code, where=where, name=name, year=year, value=stated, unit=line.unit, **values)


# --- scope ------------------------------------------------------------------------------------------------------------


def _balances(lines: list[Line]) -> Iterator[Words]:
    """Years in which opening + income - outgo and the balance part."""
    rows = {line.row.key: line for line in lines if line.table == OBSERVATIONS}
    for fund in FUNDS:
        keys = [f"{fund}{name}" for name in ("revenue", "expenditure", "balance")]
        if not set(keys) <= rows.keys():
            continue
        revenue, spent, balance = (rows[key].plain for key in keys)
        for year in sorted(set(revenue) & set(spent) & set(balance)):
            if year - 1 not in balance:
                continue
            carried = balance[year - 1] + revenue[year] - spent[year]
            gap, flow = balance[year] - carried, max(revenue[year], spent[year])
            if flow > 0.0 and abs(gap) > PARTED * flow:
                line = rows[keys[2]]
                size = factor_of(line.row.kind, line.unit) or 1.0
                said = {
                    "expected": f"{carried / size:.2f}",
                    "gap": f"{gap / size:.2f}",
                    "share": f"{abs(gap) / flow:.0%}",
                }
                yield _said("bureau.remark_balance", line, year, **said)


def _growth(lines: list[Line], scale: Scale) -> Iterator[Words]:
    """Figures that break the growth of their own row, held against what it follows."""
    for line in lines:
        if line.table != OBSERVATIONS or line.row.key not in STEADY:
            continue
        yards = {year: scale.yard(STEADY[line.row.key], year) for year in line.figures}
        first = max(line.row.launch, LAUNCH if line.row.key.startswith("resident_") else 0)
        ratios = {
            year: value / yard
            for year, value in line.plain.items()
            if value > 0.0 and year >= first and (yard := yards[year]) is not None
        }
        for year, factor in sorted(spikes(ratios).items()):
            code = "bureau.remark_growth_high" if factor > 1.0 else "bureau.remark_growth_low"
            yield _said(code, line, year, times=f"{factor:.2f}")


def spikes(ratios: Mapping[int, float]) -> dict[int, float]:
    """Years whose figure leaves both neighbours the same way, or the only one, and the factor from the nearer figure.

    >>> spikes({2018: 1.0, 2019: 1.02, 2020: 0.6, 2021: 1.0, 2022: 1.01})
    {2020: 0.6}
    """
    years = sorted(ratios)
    found: dict[int, float] = {}
    if len(years) < 3:
        return found
    for place, year in enumerate(years):
        around = [years[at] for at in (place - 1, place + 1) if 0 <= at < len(years)]
        if len(around) == 1 and abs(around[0] - year) > 1:
            continue
        logs = [math.log(ratios[year] / ratios[other]) for other in around]
        limits = [math.log((SPIKE if len(around) == 2 else EDGE) + WIDER * (abs(other - year) - 1)) for other in around]
        same_way = all(log > 0.0 for log in logs) or all(log < 0.0 for log in logs)
        if same_way and all(abs(log) > limit for log, limit in zip(logs, limits, strict=True)):
            found[year] = math.exp(min(logs, key=abs))
    # an edge beside a spike is blamed for it: the inner one is the odd figure
    inner = {year for year in found if years[0] < year < years[-1]}
    return {year: factor for year, factor in found.items() if year in inner or not inner & _beside(years, year)}


def _beside(years: list[int], year: int) -> set[int]:
    place = years.index(year)
    return {years[at] for at in (place - 1, place + 1) if 0 <= at < len(years)}


# --- years ------------------------------------------------------------------------------------------------------------


def _columns_off(lines: list[Line], region: str) -> Iterator[Words]:
    """Figures that stand twice in neighbouring years, or that were published for the year beside."""
    published = _published(region)
    for line in lines:
        if line.row.kind not in (HEADS, FLOW, STOCK):
            continue
        values, known = line.plain, published.get(line.row.key, {}) if line.table == OBSERVATIONS else {}
        for year, value in sorted(values.items()):
            digits = len(line.figures[year][1].replace(".", "").strip("0"))
            if value == values.get(year + 1) and value and digits >= DIGITS:
                yield _said("bureau.remark_twice", line, year, other=year + 1)
                continue
            own = known.get(year)
            if own is None or abs(value / own - 1.0) <= APART:
                continue
            beside = [at for at in (year - 1, year + 1) if at in known and abs(value / known[at] - 1.0) <= NEAR]
            if beside:
                yield _said("bureau.remark_column", line, year, other=beside[0])


def _published(region: str) -> dict[str, dict[int, float]]:
    """Positive figures of a packaged basis of the region, by series and year."""
    found: dict[str, dict[int, float]] = {}
    for name in basis_names():
        path = bases_root() / name / "references.csv"
        if name.rpartition("-")[0] != region or not path.is_file():
            continue
        with path.open(encoding="utf-8-sig", newline="") as file:
            for row in csv.DictReader(file):
                value = float(row["value"])
                if value > 0.0:
                    found.setdefault(row["series"], {}).setdefault(int(row["year"]), value)
    return found


def _before_scheme(lines: list[Line]) -> Iterator[Words]:
    """Heads and money of the residents' scheme before it began, or at full size while it was a pilot."""
    dated = sorted((entry.date, float(str(entry.value))) for entry in load_law()[IN_FORCE].national)
    first = next(day for day, share in dated if share > 0.0)
    whole = next(day for day, share in dated if share >= 1.0)
    for line in lines:
        if not line.row.key.startswith("resident_"):
            continue
        full = [year for year in line.figures if datetime.date(year, 12, 31) >= whole]
        for year, value in sorted(line.plain.items()):
            end = datetime.date(year, 12, 31)
            share = max((entry for entry in dated if entry[0] <= end), default=(end, 0.0))[1]
            if value > 0.0 and share == 0.0:
                yield _said("bureau.remark_before", line, year, first=first)
            elif value > 0.0 and 0.0 < share < 1.0 and full and line.row.kind == HEADS:
                other = min(full)
                if value > AHEAD * line.plain[other] > 0.0:
                    yield _said("bureau.remark_pilot", line, year, share=f"{share:.0%}", other=other)
