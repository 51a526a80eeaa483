"""What a city is given, shared over its areas: persons and sums of money; what is said per head is the same in each.

An area takes the part that it has in an opening figure of the city (`simengine.registry.inputs.LeverRow.shared_by`),
so the areas together get what was stated.
"""

from __future__ import annotations

from simengine.basis.basis import Basis, load_basis
from simengine.registry.inputs import LEVER_ROWS
from simengine.scenario.scenario import Scenario


def city_share(basis: Basis, scenario: Scenario | None, level: str = "enterprise_payers") -> float:
    """Part that a lane has in an opening figure of its scenario's basis; one where the basis is not parted [1]."""
    if scenario is None or scenario.basis == basis.name:
        return 1.0
    return float(basis.opening(level) / load_basis(scenario.basis).opening(level))


def area_part(series: str, basis: Basis, scenario: Scenario) -> float:
    """Part of a number that a lever states for a series which falls to one lane [1]."""
    row = LEVER_ROWS.get(series)
    return 1.0 if row is None or not row.shared_by else city_share(basis, scenario, row.shared_by)
