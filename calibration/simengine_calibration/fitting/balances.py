"""What the employees' funds of a province held at its opening, where nobody printed it.

    python -m simengine_calibration.fitting.balances            # prints found and kept balances
    python -m simengine_calibration.fitting.balances --keep     # writes them to figures/provinces.yaml; then build anew

The balance printed for a later year is taken back by the flows of the province's own aligned lane: the opening is
solved so that the lane holds the printed balance at the end of that year (model.md section 11). Rule: notes/opening.md.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
from scipy.optimize import root_scalar

from simengine.basis.basis import Basis, load_basis
from simengine.engine.compile import compile_lane
from simengine.engine.opening import align
from simengine.engine.project import copy_state, run_lane, spin_up
from simengine.kernels import layout as at
from simengine.law import LawTree, load_law
from simengine_calibration.fitting.kept_figures import Place, command, write
from simengine_calibration.sources.histories import anchor, has_typed, typed

YEAR = 2024
"""Year whose balance is printed (anchors of figures/anchors.yaml)."""
OWN = 0
"""Position of the own account."""
PENSION = slice(at.FUND_ENTERPRISE, at.FUND_PUBLIC + 1)
STEP = 100_000_000.0
"""A kept balance is rounded to a hundred million yuan, as printed ones are."""


def provinces() -> tuple[str, ...]:
    """Bases whose opening balance is solved: provinces in whose figures a place is kept for it."""
    found = [region for region in typed("provinces") if has_typed("provinces", region, "balance_2020")]
    return tuple(f"{region}-2020" for region in found)


def later_balance(basis: Basis, law: LawTree) -> Callable[[float], float]:
    """Balance of the employees' funds at the end of `YEAR` as a function of that at the opening [yuan]."""
    years = np.arange(basis.base_year, YEAR + 1)
    inputs = compile_lane(basis, law, years, None)
    opening = copy_state(spin_up(basis, law).state)
    align(opening, basis, inputs)
    whole = float(opening.funds[OWN, PENSION].sum())

    def balance(employees: float) -> float:
        state = copy_state(opening)
        state.funds[:, PENSION] *= employees / whole
        state.entrusted[0] *= employees / whole
        return float(run_lane(inputs, state, 1, years.size).balance[OWN, PENSION, -1].sum())

    return balance


def found_balance(name: str, law: LawTree) -> float:
    """Opening balance that meets the printed one, to `STEP` [yuan]."""
    basis = load_basis(name)
    printed = anchor(basis.region, "balance").value
    balance = later_balance(basis, law)
    solved = root_scalar(lambda employees: balance(employees) - printed, x0=printed, x1=0.8 * printed, rtol=1e-9)
    if not solved.converged or solved.root <= 0.0:
        raise ValueError(f"{name}: no opening balance above zero meets {printed:z.0f} yuan at the end of {YEAR}")
    return STEP * round(solved.root / STEP)


def kept_balance(name: str) -> float:
    """The same as the opening of the basis has it [yuan]."""
    basis = load_basis(name)
    return sum(basis.opening(f"fund_balance_{fund}") for fund in ("enterprise_pension", "public_pension"))


def keep(found: dict[str, float], file: Path) -> None:
    """Write the balances into the typed figures."""
    places = []
    for name, value in found.items():
        region, year = name.rsplit("-", 1)
        pattern = rf"(?m)(^{region}:\n(?:  .*\n)*?  balance_{year}: .*values: \{{{year}: )[0-9.]+(\}}\}})$"
        places.append(Place(f"balance_{year} of {region}", pattern, f"{value / STEP:z.0f}"))
    write(places, file)


def main(arguments: Sequence[str] | None = None) -> int:
    """Print found and kept balances; exit 1 where they differ and nothing is kept."""
    law = load_law()
    found = {name: found_balance(name, law) for name in provinces()}
    known = {name: STEP * round(kept_balance(name) / STEP) for name in found}

    def show() -> bool:
        for name, value in found.items():
            print(f"  {name}  found {value / STEP:z.0f}  kept {known[name] / STEP:z.0f}  hundred million yuan")
        return found == known

    return command(__doc__, arguments, "provinces.yaml", show, lambda file: keep(found, file))


if __name__ == "__main__":
    sys.exit(main())
