"""What the unemployment and work-injury branches come to on average, beside published national ratios."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from simengine.common import strict_yaml
from simengine.engine.project import Result
from simengine.judge.checks.lanes import datasets_in_order
from simengine.judge.indicators.sums import outgo_of
from simengine.judge.time import closing, exposed, opening
from simengine.registry.axes import same_labels
from simengine.registry.units import EVIDENCE

if TYPE_CHECKING:
    import pandas as pd
    import xarray as xr

RATIOS = Path(__file__).with_name("branch_ratios.yaml")
KEYS = {"measure", "year", "value", "unit", "en", "zh", "evidence", "source", "why"}


def _paid_in(data: xr.Dataset, fund: str) -> xr.DataArray:
    return data["income"].sel(fund=fund, income_item="contributions", drop=True)


def _outgo(data: xr.Dataset, fund: str) -> xr.DataArray:
    return outgo_of(data).sel(fund=fund, drop=True)


def _months(data: xr.Dataset, fund: str) -> xr.DataArray:
    return 12.0 * closing(data["fund_balance"].sel(fund=fund, drop=True)) / _outgo(data, fund)


MEASURES: Mapping[str, Callable[[Any], Any]] = {
    "recipients_per_insured": lambda d: closing(d.unemployment_claimants / d.unemployment_insured),
    "claims_per_insured": lambda d: (
        (opening(d.unemployment_claimants) + d.new_claimants) / exposed(d.unemployment_insured)
    ),
    "benefit_per_month": lambda d: d.unemployment_benefit,
    "unemployment_premium": lambda d: _paid_in(d, "unemployment") / exposed(d.unemployment_insured),
    "unemployment_months": lambda d: _months(d, "unemployment"),
    "injury_premium": lambda d: _paid_in(d, "work_injury") / exposed(d.injury_insured),
    "injury_cost": lambda d: _outgo(d, "work_injury") / exposed(d.injury_insured),
    "injury_rate": lambda d: _paid_in(d, "work_injury") / d.injury_wage_bill,
    "injury_months": lambda d: _months(d, "work_injury"),
    "cost_per_case": lambda d: _outgo(d, "work_injury") / d.injury_cases,
}
"""The function behind each ratio, by year, on a dataset of one scenario, draw and region."""


@dataclass(frozen=True)
class Published:
    """One published ratio of the nation: value in `unit`, and why a region may differ."""

    measure: str
    year: int
    value: float
    unit: str
    en: str
    zh: str
    evidence: str
    source: str
    why: Mapping[str, str]


@cache
def published() -> tuple[Published, ...]:
    """Every ratio of ``branch_ratios.yaml``, in its order."""
    doc = strict_yaml.load(RATIOS)
    found = []
    for name, entry in doc.data["ratios"].items():
        where = doc.where("ratios", name)
        if set(entry) != KEYS:
            odd = sorted(KEYS ^ set(entry))
            raise ValueError(f"{where}: {name} lacks or does not know {', '.join(odd)}")
        if entry["measure"] not in MEASURES:
            raise ValueError(f"{where}: {name} has no measure")
        if entry["evidence"] not in EVIDENCE or not str(entry["source"]).strip():
            raise ValueError(f"{where}: {name} has no evidence or source")
        found.append(Published(**{**entry, "value": float(entry["value"])}))
    return tuple(found)


COLUMNS = (
    *("scenario", "region", "measure", "year", "unit", "engine", "published", "ratio", "evidence", "source"),
    *("name_en", "name_zh", "why_en", "why_zh"),
)


@same_labels()
def branch_table(result: Result) -> pd.DataFrame:
    """A region's averages of the two branches beside the nation's published ones.

    Where the published year lies outside the run, the nearest projected year stands in for it, and `year` says which.

    Returns
    -------
    `COLUMNS`: engine in the year, published value of the nation, their ratio; name and why, in both languages: what is
    measured and why a region differs
    """
    import pandas as pd

    return pd.DataFrame(list(_rows(result)), columns=COLUMNS)


def _rows(result: Result) -> Iterator[tuple[Any, ...]]:
    for scenario, region, data in datasets_in_order(result):
        years = data.year.values
        for entry in published():
            year = min(max(entry.year, int(years[0])), int(years[-1]))
            value = float(MEASURES[entry.measure](data).sel(year=year))
            texts = (entry.evidence, entry.source, entry.en, entry.zh, entry.why["en"], entry.why["zh"])
            head = (scenario, region, entry.measure, year, entry.unit)
            yield (*head, value, entry.value, value / entry.value, *texts)
