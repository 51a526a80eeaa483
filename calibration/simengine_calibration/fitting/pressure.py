"""Pressures of entry, solved in the run of the nation for its known levels, as typed figures of the basis.

    python -m simengine_calibration.fitting.pressure            # prints solved and kept values
    python -m simengine_calibration.fitting.pressure --keep     # writes them to figures/behaviour.yaml; then build anew

A known year does not read the kept values, so one pass is exact. Rule: simengine/notes/coverage.md.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from simengine.basis.basis import load_basis
from simengine.engine.project import project
from simengine.law.regions import NATION
from simengine.scenario.scenario import load_scenario
from simengine_calibration.fitting.kept_figures import command, of_series, write

STATUSES = ("enterprise", "flexible")
DECIMALS = 4
"""Of a kept pressure: a ten-thousandth moves no head count by more than a hundredth of a per cent."""


def solved_pressures(scenario: str = f"{NATION}/baseline") -> dict[str, dict[int, float]]:
    """Pressure by status and year, from the first year of the rule to the last known level.

    Returns
    -------
    {status: {year: logarithm of the odds factor}}
    """
    result = project(load_scenario(scenario))
    (history,) = result.histories.values()
    first = int(load_basis(f"{NATION}-2020").constant("entry_rule_year"))
    found: dict[str, dict[int, float]] = {}
    for status in STATUSES:
        name = f"entry_odds_{status}"
        before, after = history[name].squeeze(), result.dataset[name].squeeze()
        levels = load_basis(f"{NATION}-2020").own_series[f"{status}_payers"].years
        odds = {int(year): float(value) for year, value in zip(before.year.values, before.values, strict=True)}
        odds |= {int(year): float(value) for year, value in zip(after.year.values, after.values, strict=True)}
        years = range(first, int(levels[-1]) + 1)
        found[status] = {year: round(float(np.log(odds[year])), DECIMALS) for year in years}
    return found


def kept_pressures() -> dict[str, dict[int, float]]:
    """The same as the basis of the nation has them."""
    series = load_basis(f"{NATION}-2020").own_series
    return {
        status: {int(year): float(value) for year, value in zip(known.years, known.values, strict=True)}
        for status, known in ((status, series[f"entry_pressure_{status}"]) for status in STATUSES)
    }


def keep(found: dict[str, dict[int, float]], file: Path) -> None:
    """Write solved pressures into the typed figures."""
    write([of_series(f"entry_pressure_{status}", values.items()) for status, values in found.items()], file)


def main(arguments: Sequence[str] | None = None) -> int:
    """Print solved and kept pressures; exit 1 where they differ and nothing is kept."""
    found, known = solved_pressures(), kept_pressures()

    def show() -> bool:
        for status, values in found.items():
            print(status)
            for year, value in values.items():
                print(f"  {year}  solved {value:+z.4f}  kept {known[status].get(year, float('nan')):+z.4f}")
        return found == known

    return command(__doc__, arguments, "behaviour.yaml", show, lambda file: keep(found, file))


if __name__ == "__main__":
    sys.exit(main())
