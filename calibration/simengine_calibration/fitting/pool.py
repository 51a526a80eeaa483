"""What the nation's lane holds, year by year, as a typed figure of the basis: the national pool cannot move more.

    python -m simengine_calibration.fitting.pool            # prints found and kept values
    python -m simengine_calibration.fitting.pool --keep     # writes them to figures/behaviour.yaml; then build anew

The nation has no pool above it and does not read the kept values, so one pass is exact. Rule: simengine/notes/fund.md.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

from simengine.basis.basis import load_basis
from simengine.engine.project import project
from simengine.law.regions import NATION
from simengine.scenario.scenario import load_scenario
from simengine_calibration.fitting.kept_figures import command, of_series, write

FIRST = 2022
"""First year of the national pool, 国办发〔2021〕48号."""
DECIMALS = 3
"""Of a kept ratio: a thousandth is half a day of spending."""


def found_reserves(scenario: str = f"{NATION}/baseline") -> dict[int, float]:
    """Own account of the enterprise fund at year end over the spending of the year, at least zero [1], by year."""
    data = project(load_scenario(scenario)).dataset.squeeze()
    balance = data["fund_balance"].sel(fund="enterprise_pension")
    spending = data["outgo"].sel(fund="enterprise_pension").sum("outgo_item")
    years = [int(year) for year in spending.year.values if year >= FIRST]
    return {
        year: round(max(0.0, float(balance.sel(year_end=year) / spending.sel(year=year))), DECIMALS) for year in years
    }


def kept_reserves() -> dict[int, float]:
    """The same as the basis of the nation has them."""
    series = load_basis(f"{NATION}-2020").own_series["pool_reserve"]
    return {int(year): float(value) for year, value in zip(series.years, series.values, strict=True) if year >= FIRST}


def keep(found: dict[int, float], file: Path) -> None:
    """Write the ratios into the typed figures."""
    write([of_series("pool_reserve", [(1992, 0.0), (FIRST - 1, 0.0), *found.items()])], file)


def main(arguments: Sequence[str] | None = None) -> int:
    """Print found and kept ratios; exit 1 where they differ and nothing is kept."""
    found, known = found_reserves(), kept_reserves()

    def show() -> bool:
        for year, value in found.items():
            print(f"  {year}  found {value:z.3f}  kept {known.get(year, float('nan')):z.3f}")
        return found == known

    return command(__doc__, arguments, "behaviour.yaml", show, lambda file: keep(found, file))


if __name__ == "__main__":
    sys.exit(main())
