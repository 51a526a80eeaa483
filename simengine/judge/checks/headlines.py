"""Headline figures of the packaged baselines: what a release says, kept so that the next one can be told from it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from simengine.registry.axes import FUND

if TYPE_CHECKING:
    import pandas as pd

YEARS = (2025, 2035, 2050)
INDICATORS = (
    *("population", "uebps_participants", "uebps_payers", "avg_enterprise_pension", "resident_participants"),
    *("pension_coverage_rate", "ui_participants", "wi_participants", "system_dependency_ratio"),
    "replacement_ratio_average",
)
BALANCE = "balance_"
"""Beginning of the measures that are balances of a fund."""
MEASURES = (*INDICATORS, *(f"{BALANCE}{fund}" for fund in FUND))
COLUMNS = ("region", "measure", "year", "value")


def baseline_regions() -> tuple[str, ...]:
    """Regions with a packaged baseline, in the order of ``regions.yaml``."""
    from simengine.law.regions import load_regions
    from simengine.scenario.scenario import packaged

    return tuple(region for region in load_regions() if f"{region}/baseline" in packaged())


def headlines(region: str) -> Iterator[tuple[str, str, int, float]]:
    """Region, measure, year and value (base units) of one baseline."""
    from simengine.engine.project import project
    from simengine.judge.indicators import registry
    from simengine.judge.time import time_of
    from simengine.scenario.scenario import load_scenario

    data = project(load_scenario(f"{region}/baseline")).dataset.sel(region=[region])
    for name in INDICATORS:
        values = registry()[name](data)
        for year in YEARS:
            yield region, name, year, float(values.sel({time_of(values): year}).squeeze())
    for fund in FUND:
        for year in YEARS:
            balance = data["fund_balance"].sel(fund=fund, year_end=year)
            yield region, f"{BALANCE}{fund}", year, float(balance.squeeze())


def headline_table(say: Callable[[str], None] | None = None) -> pd.DataFrame:
    """All headlines of all baselines, columns `COLUMNS`.

    Parameters
    ----------
    say : called with the region before each one
    """
    import pandas as pd

    rows: list[tuple[str, str, int, float]] = []
    for region in baseline_regions():
        if say is not None:
            say(region)
        rows += headlines(region)
    return pd.DataFrame(rows, columns=list(COLUMNS))


def headline_text(table: pd.DataFrame) -> str:
    """The table as it is kept on disk: nine significant digits, line feeds."""
    text: str = table.to_csv(index=False, float_format="%.9g", lineterminator="\n")
    return text
