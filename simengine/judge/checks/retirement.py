"""New pensions by factor, and the years in which the law on retirement moves (notes/ages.md).

new pensions = people reaching their statutory month x insured share x share with the minimum - going later
               + early leaving + arduous work + a month chosen ahead + after the month + missing years paid up
"""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

from simengine.engine.compile import scenario_law
from simengine.judge.indicators.sums import total
from simengine.judge.time import ratio
from simengine.law import LawTree
from simengine.law.parameter import DatedValue
from simengine.registry.inputs import TABLES
from simengine.scenario.scenario import Scenario

if TYPE_CHECKING:
    import xarray as xr

ADDED = {
    "early_leaving": "awards_early_leaving",
    "special_jobs": "awards_special_jobs",
    "ahead": "awards_ahead",
    "later": "awards_later",
    "paid_up": "awards_paid_up",
}
"""New pensions beside those in the statutory month: term -> variable."""

OTHER_WAYS = "other_ways"
"""All terms but early leaving, as one."""

TERMS = (*ADDED, "deferred")


# --- dated steps of law -----------------------------------------------------------------------------------------------


def law_steps(scenario: Scenario, law: LawTree, region: str) -> frozenset[int]:
    """Years into which a parameter of retirement ages or minimum years moves, as the scenario's law has it.

    A value tagged as an assumption is no law: shares of who chooses, and the hazard of early leaving. Nor is a lever on
    them; a lever on the law is.

    Parameters
    ----------
    law : as enacted; what was known and the levers are applied here
    """
    known = scenario_law(scenario, law)
    years = {
        dated.first_year(known[key].within_year)
        for key in TABLES["retirement"].law
        if key.startswith("retirement/")
        for before, dated in pairwise(known[key].timeline(region))
        if dated.value != before.value and _is_law(dated, law[key].timeline(region))
    }
    lever = scenario.settings.retirement
    if lever is not None and lever.start_month is not None:
        years.add(lever.start_month[0])
    return frozenset(years)


def _is_law(dated: DatedValue, enacted: tuple[DatedValue, ...]) -> bool:
    """Whether a value is one of the law; a lever's is where the last value it stands beside is one."""
    evidence = enacted[-1].evidence if dated.lever else dated.evidence
    return evidence != "assumption"


# --- new pensions by factor -------------------------------------------------------------------------------------------


def factors(data: xr.Dataset) -> dict[str, xr.DataArray]:
    """New pensions of a year by factor, of one region; persons, and shares [1].

    Returns
    -------
    people_reaching, insured_share, minimum_share; early_leaving, special_jobs, ahead, later, paid_up (added) and
    deferred (taken off); awards; and residual, the gap over the awards, which is zero but for the last bits
    """
    people, insured = total(data["people_reaching_month"]), total(data["insured_reaching_month"])
    below = total(data["below_minimum_ten_years"]) + total(data["below_minimum_fewer_years"])
    found = {
        "people_reaching": people,
        "insured_share": ratio(insured, people),
        "minimum_share": ratio(insured - below, insured),
        **{name: total(data[variable]) for name, variable in ADDED.items()},
        "deferred": total(data["deferred_at_month"]),
        "awards": data["awards"],
    }
    at_month = found["people_reaching"] * found["insured_share"].fillna(0.0) * found["minimum_share"].fillna(0.0)
    rebuilt = at_month - found["deferred"] + sum(found[name] for name in ADDED)
    return {**found, "residual": ratio(rebuilt - found["awards"], found["awards"])}


def factor_move(name: str, found: dict[str, xr.DataArray]) -> xr.DataArray:
    """Yearly move of one factor: of its own level a year before, or, of a term, over the new pensions of that year."""
    values = found[name]
    scale = (found["awards"] if name in (*TERMS, OTHER_WAYS) else values).shift(year=1)
    return ratio(values - values.shift(year=1), scale)


def with_other_ways(found: dict[str, xr.DataArray]) -> dict[str, xr.DataArray]:
    """The factors, and all terms but early leaving as one (`OTHER_WAYS`)."""
    together = sum(found[name] for name in ADDED if name != "early_leaving") - found["deferred"]
    return {**found, OTHER_WAYS: together}
