"""Measures that leave their range in a shipped baseline, and what they come from: causes that can be taken away.

`python -m tests.helpers.findings` writes `plausibility_findings.csv` anew: values as they are, causes kept where they
still hold, another cause where one does, and ``not explained`` where none does. What it writes is judged by
`tests/judge/test_findings.py`, and read by a person before it is committed.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

import pandas as pd

from simengine.engine.project import Result, project
from simengine.judge.checks.plausibility import plausibility_table
from simengine.scenario.scenario import Scenario, load_scenario, with_levers

REGIONS = ("china", "jiangxi", "hubei", "xuzhou", "haiyan", "jingdezhen")
FINDINGS = Path(__file__).parents[1] / "judge" / "plausibility_findings.csv"
COLUMNS = ("region", "measure", "leaves", "value", "cause", "moves", "why")
NOT_EXPLAINED = "not explained"
NO_MOVE = "-"
NO_REASON = "no cause of the list takes half of it away"

MONEY = (
    *("wage_growth", "benefit_base_growth", "minimum_wage_growth", "price_growth", "unemployment_benefit_growth"),
    *("basic_pension_growth", "urban_income_growth", "rural_income_growth", "adjustment"),
)
"""What must keep moving in every region, with no exception."""

MOVES = {"below": "up", "above": "down", "change": "smaller"}
"""Side of the range that is left -> where taking a cause away moves the value."""

HALF = 0.5
"""Part of what lies beyond the range that a cause must take away to be one."""


@dataclass(frozen=True)
class Cause:
    """Something that can be taken away from a run.

    Attributes
    ----------
    why : the reason in words, as the list prints it
    lever : sections of a lever that takes it away, by the first projected year
    without : another way to take it away
    """

    why: str
    lever: Callable[[int], dict[str, Any]] | None = None
    without: Callable[[Scenario], Scenario] | None = None

    def taken_from(self, scenario: Scenario) -> Scenario:
        """The scenario without it."""
        if self.without is not None:
            return self.without(scenario)
        assert self.lever is not None
        stated = {"name": {"en": "a test", "local": "试"}, "reason": "A test of the reasons of findings."}
        return with_levers(scenario, "t", {"t": stated | self.lever(scenario.base_year + 1)})


def _known_at_opening(scenario: Scenario) -> Scenario:
    return replace(scenario, content=scenario.content.model_copy(update={"information": "opening"}))


def _constant(section: dict[str, Any]) -> Callable[[int], dict[str, Any]]:
    return lambda first: section


LAST_RESORT = "known after the opening"
"""The widest cause: it is named only where none of the others holds."""

CAUSES: dict[str, Cause] = {
    "minimum years": Cause(
        "the minimum years rise from 15 to 20 by 2039 [law]: members with fewer reach their month",
        _constant({"changes": {"retirement/minimum_months": {"2026-01-01": 180}}}),
    ),
    "early leaving": Cause(
        "early leaving takes members with the minimum alone, and makes pensioners of people of working age [assumed]",
        lambda first: {"changes": {"retirement/early_hazard": {f"{first}-01-01": 0.0}}},
    ),
    "half-wage indexation": Cause(
        "in the long run pensions in payment rise with half the wage and prices [assumed]",
        _constant({"constants": {"indexation_wage_share": 1.0}}),
    ),
    "later statutory age": Cause(
        "with a later statutory age members of 60 to 62 still wait for their month [law]",
        _constant({"retirement": {"reform": "none"}}),
    ),
    "few births": Cause(
        "births stay below replacement: small cohorts work while large ones retire",
        _constant({"demography": {"fertility": {"replacement": 2024}}}),
    ),
    "injury premiums": Cause(
        "premiums of a small fund lie below its claims until rates have risen; half as much again would carry them",
        lambda first: {"paths": {"injury_rate_factor": {"multiply": {first: 1.5}}}},
    ),
    "coverable people": Cause(
        "members from elsewhere are insured here and not coverable by registration",
        lambda first: {"paths": {"coverage_population_ratio": {"multiply": {first: 1.2}}}},
    ),
    "steps of the base pension": Cause(
        "the base pension of residents is raised in steps that the plan years contain",
        lambda first: {"paths": {"basic_pension": {"growth": {first: 0.055}}}},
    ),
    "return of 2024": Cause(
        "entrusted money earned about three times as much in 2024 as in 2023 [published]",
        lambda first: {"paths": {"return_entrusted": {"set": {max(first, 2023): 0.03}}}},
    ),
    "fall of the incidence": Cause(
        "the fitted incidence of injuries falls by a seventh from 2015 to 2018, inside a projection from 2015",
        lambda first: {"paths": {"incidence_factor": {"multiply": {first: 0.8635, first + 1: 0.9267, first + 2: 1.0}}}},
    ),
    "entered actuals": Cause(
        "a count entered for a year after the opening lies off the path before and after it",
        without=lambda scenario: replace(scenario, actuals=load_scenario("hubei/baseline").actuals),
    ),
    LAST_RESORT: Cause(
        "counts, returns and law that became known after the opening move it in the first years",
        without=_known_at_opening,
    ),
}
"""What findings may come from."""


@cache
def baseline(region: str) -> Result:
    """The packaged baseline of a region over its whole horizon, run once."""
    return project(load_scenario(f"{region}/baseline"))


@cache
def table_of(region: str, cause: str = "") -> pd.DataFrame:
    """Plausibility of a baseline by region and measure, whole or with a cause taken away."""
    if not cause:
        result = baseline(region)
    else:
        scenario = CAUSES[cause].taken_from(load_scenario(f"{region}/baseline"))
        result = project(scenario)
    return plausibility_table(result).set_index(["region", "measure"])


def run_of(region: str) -> str:
    """The run that holds a region: areas are in that of their city."""
    return region.split("_")[0]


def excess(row: Any, side: str) -> float:
    """What lies beyond one side of the range, in the unit of the measure; below zero inside."""
    beyond = {
        "below": row["low"] - row["lowest"],
        "above": row["highest"] - row["high"],
        "change": row["change"] - row["step"],
    }
    return float(beyond[side])


def value_of(row: Any, side: str) -> float:
    """The lowest value, the highest, or the largest change."""
    return float(row[{"below": "lowest", "above": "highest", "change": "change"}[side]])


def sides(row: Any) -> Iterator[str]:
    """Sides of its range that a measure leaves."""
    for side in MOVES:
        if excess(row, side) > 0.0 and ("change" if side == "change" else "level") in row["verdict"]:
            yield side


def outside(region: str) -> dict[tuple[str, str, str], float]:
    """Value of every measure of a run that leaves its range, by region, measure and side."""
    table = table_of(region)
    return {(*key, side): value_of(row, side) for key, row in table.iterrows() for side in sides(row)}


def taken_away(region: str, measure: str, side: str, cause: str) -> float:
    """Part of what lies beyond the range that goes with a cause; one and more where the measure is inside then [1]."""
    run, key = run_of(region), (region, measure)
    before, after = excess(table_of(run).loc[key], side), excess(table_of(run, cause).loc[key], side)
    return (before - after) / before


def explained(region: str, measure: str, side: str, known: str = "") -> str:
    """The cause of a finding: the known one where it still holds, else the one that takes most away, half at least."""
    if known in CAUSES and taken_away(region, measure, side, known) >= HALF:
        return known
    parts = {cause: taken_away(region, measure, side, cause) for cause in CAUSES}
    narrow = {cause: part for cause, part in parts.items() if cause != LAST_RESORT and part >= HALF}
    if narrow:
        return max(narrow, key=lambda cause: narrow[cause])
    return LAST_RESORT if parts[LAST_RESORT] >= HALF else NOT_EXPLAINED


def listed() -> pd.DataFrame:
    """The list of known findings."""
    return pd.read_csv(FINDINGS)


def write_anew() -> None:
    """The list as the runs of today make it; causes that still hold are kept."""
    known = {(row["region"], row["measure"], row["leaves"]): row["cause"] for row in listed().to_dict("records")}
    rows = []
    for region in REGIONS:
        for (place, measure, side), value in outside(region).items():
            cause = explained(place, measure, side, known.get((place, measure, side), ""))
            why = CAUSES[cause].why if cause in CAUSES else NO_REASON
            moves = MOVES[side] if cause in CAUSES else NO_MOVE
            rows.append((place, measure, side, float(f"{value:.4g}"), cause, moves, why))
            print(place, measure, side, f"{value:.4g}", cause, file=sys.stderr)
    pd.DataFrame(rows, columns=COLUMNS).sort_values(["measure", "region", "leaves"], kind="stable").to_csv(
        FINDINGS, index=False
    )


if __name__ == "__main__":
    write_anew()
