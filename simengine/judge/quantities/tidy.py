"""Values of quantities as tidy rows: one number a row, with its scenario, region, scheme, sex, age, year and unit."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np

from simengine.common.errors import ScenarioError, SimengineError, raise_all
from simengine.judge.closures.measures import INDICATOR_YEARS
from simengine.judge.indicators import Definitions, registry
from simengine.judge.indicators.define import schema
from simengine.judge.measures.told import GIVES_VERDICT, PROOF
from simengine.judge.quantities.catalogue import BUDGET_TABLE, INDICATOR, Quantity
from simengine.judge.quantities.select import AGE_AXES, COLUMN_OF, SEX_AXES, Selection, groups
from simengine.judge.targets.withheld import rule_of, withheld_cells
from simengine.judge.time import closing, opening
from simengine.registry.axes import (
    BUDGET,
    CLOSING,
    INCOME_ITEM,
    NET,
    OPENING,
    OUTGO_ITEM,
    TOTAL_INCOME,
    TOTAL_OUTGO,
    same_labels,
)

if TYPE_CHECKING:
    import pandas as pd
    import xarray as xr

    from simengine.judge.checks.anchors import FundVerdict

CELLS = ("scheme", "item", "sex", "age")
COLUMNS = ("scenario", "region", "indicator", "name", *CELLS, "year", "unit", "value", "low", "high")
"""Columns of a tidy table; keys of labels, a name and a unit in one language. The last two are the range of a year in
which something happens to a fund, over the closures; they are empty for everything else."""

LANE = ("scenario", "region")
Ranges = Callable[[], "pd.DataFrame"]
Decisions = Callable[[], "Mapping[str, FundVerdict]"]


@dataclass(frozen=True)
class Reading:
    """How values are read and written.

    Attributes
    ----------
    base : base units, instead of those of bureaus and plans
    lang : language of names and units
    """

    base: bool = False
    lang: str = "en"


def budget(data: xr.Dataset) -> xr.DataArray:
    """The account of every fund in budget order: balances, nine items of income, five of outgo [yuan].

    The own account, aid included: closing = opening + total income - total outgo, to rounding.
    """
    import xarray as xr

    own = data["fund_balance"]
    income, outgo = data["income"], data["outgo"]
    lines = {OPENING: opening(own), CLOSING: closing(own)}
    lines |= {TOTAL_INCOME: income.sum("income_item"), TOTAL_OUTGO: outgo.sum("outgo_item")}
    lines[NET] = lines[TOTAL_INCOME] - lines[TOTAL_OUTGO]
    lines |= {name: income.sel(income_item=name, drop=True) for name in INCOME_ITEM}
    lines |= {name: outgo.sel(outgo_item=name, drop=True) for name in OUTGO_ITEM}
    stacked = xr.concat([lines[name] for name in BUDGET], "budget_line").assign_coords(budget_line=list(BUDGET))
    return stacked.transpose(..., "fund", "budget_line", "year")


@same_labels()
def values_of(quantity: Quantity, data: xr.Dataset, definitions: Definitions) -> xr.DataArray:
    """One quantity in base units on scenario, region, its axes and time; the first draw."""
    if quantity.kind == BUDGET_TABLE:
        values = budget(data)
    elif quantity.kind == INDICATOR:
        values = registry()[quantity.source](data, definitions)
    else:
        values = data[quantity.source]
    if quantity.fixed:
        values = values.sel({axis: [label] for axis, label in quantity.fixed.items()})
    values = values.isel(draw=0, drop=True)
    inner = [dim for dim in values.dims if dim not in (*LANE, "year", "year_end")]
    return values.transpose(*LANE, *inner, ...)


def needs(quantities: Sequence[Quantity]) -> set[str]:
    """Variables of a projection that some quantities read."""
    found: set[str] = set()
    for one in quantities:
        if one.kind == BUDGET_TABLE:
            found |= {"fund_balance", "income", "outgo"}
        elif one.kind == INDICATOR:
            found |= set(registry()[one.source].reads)
        else:
            found.add(one.source)
    return found


def tidy(
    data: xr.Dataset,
    quantities: Sequence[Quantity],
    chosen: Selection,
    regions: Sequence[str],
    definitions: Definitions,
    reading: Reading,
    ranges: Ranges | None = None,
    decided: Decisions | None = None,
) -> pd.DataFrame:
    """Rows of some quantities (`COLUMNS`), those of one quantity together, years last.

    Parameters
    ----------
    data : projection; regions that a scenario does not run hold no number and are left out
    regions : keys of the regions to show
    ranges : gives the ranges over the closures (`Over.ranges`), asked for only where a year of a fund is shown
    decided : gives whether the funds of each region are judged, asked for only where a figure may be withheld
        (`simengine.judge.targets.withheld`); nothing is withheld without it

    Raises
    ------
    ScenarioError or an ErrorList of them for what no part of the projection can answer
    """
    import pandas as pd

    raise_all(selection_faults(data, quantities, chosen))
    parts = [_rows(one, data, chosen, regions, definitions, reading, ranges) for one in quantities]
    if not parts:
        return pd.DataFrame(columns=list(COLUMNS))
    rows = pd.concat(parts, ignore_index=True)[list(COLUMNS)]
    return rows if decided is None or not may_be_withheld(quantities) else _withheld(rows, decided())


def may_be_withheld(quantities: Sequence[Quantity]) -> bool:
    """Whether a figure of some quantity is withheld where the funds of its region are not judged."""
    return any(rule_of(one.key, OPENING if one.kind == BUDGET_TABLE else "") for one in quantities)


def _withheld(rows: pd.DataFrame, decided: Mapping[str, FundVerdict]) -> pd.DataFrame:
    kept = withheld_cells(rows, decided)
    return rows.assign(**{name: rows[name].mask(kept) for name in ("value", "low", "high")})


def selection_faults(data: xr.Dataset, quantities: Sequence[Quantity], chosen: Selection) -> list[SimengineError]:
    """Everything that was asked for and that this projection or these quantities do not have."""
    errors: list[SimengineError] = []
    ends = data["year_end" if "year_end" in data.coords else "year"].values  # flows alone have no year ends
    low, high = int(ends[0]), int(ends[-1])
    outside = [year for year in chosen.years or () if not low <= year <= high]
    if outside:
        first, last = outside[0], outside[-1]
        errors.append(ScenarioError("years_absent", where="--years", first=first, last=last, low=low, high=high))
    for option, given, axes in (("--sex", chosen.sexes, SEX_AXES), ("--age", chosen.ages, AGE_AXES)):
        if given is not None and not any({*axes} & {*one.axes} for one in quantities):
            errors.append(ScenarioError("quantity_axis", where=option, names=", ".join(one.key for one in quantities)))
    if chosen.schemes is not None:
        errors += _absent_schemes(quantities, chosen.schemes)
    return errors


@cache
def _schemes_of(quantity: Quantity) -> tuple[str, ...]:
    """Funds, schemes or statuses that a quantity has; none where it has no such axis."""
    if not any(COLUMN_OF[axis] == "scheme" for axis in quantity.axes):
        return ()
    values = values_of(quantity, schema(), Definitions())
    return tuple(str(label) for axis in quantity.axes if COLUMN_OF[axis] == "scheme" for label in values[axis].values)


def _absent_schemes(quantities: Sequence[Quantity], wanted: Sequence[str]) -> list[SimengineError]:
    """Schemes that no quantity has, and quantities with such an axis that have none of them."""
    held = {one.key: _schemes_of(one) for one in quantities}
    if not any(held.values()):
        return [ScenarioError("quantity_axis", where="--scheme", names=", ".join(held))]
    known = tuple(dict.fromkeys(name for names in held.values() for name in names))
    missing = [(name, ", ".join(key for key, names in held.items() if names), known) for name in wanted]
    missing = [one for one in missing if one[0] not in known]
    missing += [(", ".join(wanted), key, names) for key, names in held.items() if names and not {*wanted} & {*names}]
    return [
        ScenarioError("quantity_scheme", where="--scheme", name=name, names=names, known=", ".join(labels))
        for name, names, labels in missing
    ]


def _rows(
    quantity: Quantity,
    data: xr.Dataset,
    chosen: Selection,
    regions: Sequence[str],
    definitions: Definitions,
    reading: Reading,
    ranges: Ranges | None,
) -> pd.DataFrame:
    """Rows of one quantity."""
    import pandas as pd

    unit = quantity.printed(reading.base)
    values = values_of(quantity, data, definitions).sel(region=list(regions))
    values, labels = _grouped(values, chosen)
    time = next((str(dim) for dim in values.dims if dim in ("year", "year_end")), "")
    if time:
        known = [int(year) for year in values[time].values]
        years = known if chosen.years is None else [year for year in chosen.years if year in known]
        values = values.sel({time: years})
        labels[time] = years
    index = pd.MultiIndex.from_product([labels[str(dim)] for dim in values.dims], names=[str(d) for d in values.dims])
    frame = index.to_frame(index=False)
    frame["value"] = values.values.ravel() / unit.factor
    frame = frame[_run(values).ravel()].rename(columns={**COLUMN_OF, "year_end": "year"})
    told = {"indicator": quantity.key, "name": quantity.name(reading.lang), "unit": unit.word(reading.lang)}
    frame = frame.assign(**told)
    for name in ("low", "high"):
        frame[name] = np.nan
    for name in CELLS:
        if name not in frame:
            frame[name] = ""
    frame["year"] = frame["year"].astype("Int64") if time else pd.array([pd.NA] * len(frame), dtype="Int64")
    if quantity.key in INDICATOR_YEARS:
        frame = _ranged(frame, quantity.key, ranges)
    elif quantity.key in GIVES_VERDICT and ranges is not None:
        judged = judged_funds(ranges())
        frame["value"] = frame["value"].where([cell in judged for cell in _cells(frame)])
    return frame


def _cells(frame: pd.DataFrame) -> list[tuple[str, str, str]]:
    return list(zip(frame["scenario"], frame["region"], frame["scheme"], strict=True))


def judged_funds(ranges: pd.DataFrame) -> set[tuple[str, str, str]]:
    """Scenario, region and fund of every fund that is judged: it has a year of exhaustion over the closures."""
    found = ranges[ranges["measure"] == PROOF]
    return set(zip(found["scenario"], found["region"], found["fund"], strict=True))


def _run(values: xr.DataArray) -> np.ndarray:
    """Which values belong to a region that its scenario runs: some number of the scenario and region is there.

    An event that never comes is not a number, so a quantity without time keeps every row.
    """
    numbers = values.values
    if numbers.ndim == len(LANE) or not {"year", "year_end"} & {*values.dims}:
        return np.ones(numbers.shape, dtype=bool)
    inner = tuple(range(len(LANE), numbers.ndim))
    return np.broadcast_to((~np.isnan(numbers)).any(axis=inner, keepdims=True), numbers.shape)


def _grouped(values: xr.DataArray, chosen: Selection) -> tuple[xr.DataArray, dict[str, list[Any]]]:
    """Values with the rows of each axis that the selection wants, and the labels of what is left."""
    import xarray as xr

    labels: dict[str, list[Any]] = {name: [str(label) for label in values[name].values] for name in LANE}
    told = {dim: groups(dim, list(values[dim].values), chosen) for dim in map(str, values.dims) if dim in COLUMN_OF}
    values = values.sum([dim for dim, rows in told.items() if rows is None], skipna=False)  # at once, as indicators do
    for dim, rows in told.items():
        if rows is None:
            continue
        parts = [
            values.sel({dim: some[0]}, drop=True) if len(some) == 1 else values.sel({dim: some}).sum(dim, skipna=False)
            for _, some in rows
        ]
        order = values.dims
        values = xr.concat(parts, dim).transpose(*order) if parts else values.isel({dim: slice(0)})
        labels[dim] = [name for name, _ in rows]
    return values, labels


def _ranged(frame: pd.DataFrame, key: str, ranges: Ranges | None) -> pd.DataFrame:
    """Years of a fund with their range over the closures; a year without a range is not told."""
    ends: dict[tuple[str, ...], Mapping[Any, Any]] = {}
    if ranges is not None:
        found = ranges()
        found = found[found["measure"] == key]
        ends = {(row["scenario"], row["region"], row["fund"]): row for row in found.to_dict("records")}
    cells = list(zip(frame["scenario"], frame["region"], frame["scheme"], strict=True))
    known = np.array([cell in ends for cell in cells], dtype=bool)
    frame["value"] = frame["value"].where(known)
    for name in ("low", "high"):
        frame[name] = np.array([ends.get(cell, {}).get(name, np.nan) for cell in cells], dtype=np.float64)
    return frame
