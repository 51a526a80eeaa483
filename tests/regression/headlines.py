"""Headline figures of the packaged baselines: what a release says, kept so that the next one can be told from it.

``python -m tests.regression.headlines`` writes ``headlines.csv`` anew after a change that moves a number; the change,
its size and its reason belong into the changelog.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd

TABLE = Path(__file__).with_name("headlines.csv")
REGIONS = ("china", "jiangxi", "hubei", "xuzhou", "haiyan", "jingdezhen")
YEARS = (2025, 2035, 2050)
INDICATORS = (
    *("population", "uebps_participants", "uebps_payers", "avg_enterprise_pension", "resident_participants"),
    *("pension_coverage_rate", "ui_participants", "wi_participants", "system_dependency_ratio"),
    "replacement_ratio_average",
)
FUNDS = ("enterprise_pension", "public_pension", "occupational_annuity", "resident", "unemployment", "work_injury")


def headlines(region: str) -> Iterator[tuple[str, str, int, float]]:
    """Region, measure, year and value (base units) of one baseline."""
    from simengine.indicators import registry
    from simengine.project import project
    from simengine.scenario import load_scenario

    data = project(load_scenario(f"{region}/baseline")).dataset.sel(region=[region])
    for name in INDICATORS:
        values = registry()[name](data)
        time = "year_end" if "year_end" in values.dims else "year"
        for year in YEARS:
            yield region, name, year, float(values.sel({time: year}).squeeze())
    for fund in FUNDS:
        for year in YEARS:
            balance = data["fund_balance"].sel(fund=fund, year_end=year)
            yield region, f"balance_{fund}", year, float(balance.squeeze())


def table() -> pd.DataFrame:
    """All headlines of all baselines."""
    import pandas as pd

    rows = [row for region in REGIONS for row in headlines(region)]
    return pd.DataFrame(rows, columns=["region", "measure", "year", "value"])


if __name__ == "__main__":
    table().to_csv(TABLE, index=False, float_format="%.9g", lineterminator="\n")
