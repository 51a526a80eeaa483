"""What the nation's lane holds, year by year, as a typed figure of the basis: the national pool cannot move more.

    python -m simengine_calibration.fitting.pool            # prints found and kept values
    python -m simengine_calibration.fitting.pool --keep     # writes them to figures/behaviour.yaml; then build anew

The nation has no pool above it and does not read the kept values, so one pass is exact. Rule: simengine/notes/fund.md.
"""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Sequence
from pathlib import Path

from simengine.basis.basis import load_basis
from simengine.engine.project import project
from simengine.law.regions import NATION
from simengine.scenario.scenario import load_scenario
from simengine_calibration.resources import data_root

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
    """Write the ratios into the typed figures; every other line stays as it is."""
    stated = ", ".join(f"{year}: {value:g}" for year, value in {1992: 0.0, FIRST - 1: 0.0, **found}.items())
    pattern = r"(?m)^(pool_reserve: .*values: \{)[^}]*(\}\})$"
    text, count = re.subn(pattern, rf"\g<1>{stated}\g<2>", file.read_text(encoding="utf-8"))
    if count != 1:
        raise ValueError(f"{file}: pool_reserve does not stand there once")
    file.write_text(text, encoding="utf-8")


def main(arguments: Sequence[str] | None = None) -> int:
    """Print found and kept ratios; exit 1 where they differ and nothing is kept."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--keep", action="store_true", help="write the ratios to figures/behaviour.yaml")
    options = parser.parse_args(arguments)
    found, known = found_reserves(), kept_reserves()
    for year, value in found.items():
        print(f"  {year}  found {value:z.3f}  kept {known.get(year, float('nan')):z.3f}")
    if options.keep:
        keep(found, data_root() / "figures" / "behaviour.yaml")
        return 0
    return int(found != known)


if __name__ == "__main__":
    sys.exit(main())
