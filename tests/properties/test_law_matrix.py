"""Every parameter of the law that a lever may change, at three days of a year, on every region.

The lever moves an input of some lane, is refused by the check with the reason, or is told after the run. What it moves
lies in no year before its date. The suite tries a tenth; `pytest -m release` tries all of it.
"""

from __future__ import annotations

import datetime
import random
from functools import cache

import numpy as np
import pytest

from simengine.basis.basis import Basis
from simengine.common.errors import SimengineError, each_error
from simengine.engine.compile import LaneInputs, compile_scenario
from simengine.engine.project import lane_bases
from simengine.kernels.layout import Tables
from simengine.law import LawTree, load_law
from simengine.registry.inputs import LEVER_KEYS, READ_ON, REFORM_KEYS
from simengine.scenario.scenario import with_levers
from tests.helpers.law_values import has_values, other_value
from tests.helpers.lever_matrix import REGIONS, openings, projected, shortened

SEED = 20261201
YEAR = 2030
DAYS = (datetime.date(YEAR, 1, 1), datetime.date(YEAR, 7, 1), datetime.date(YEAR, 12, 31))
ANSWERED = {
    "law_whole_reform", "law_read_on", "law_read_once", "law_unread", "law_nothing_above", "law_number_range",
    "law_share_range",
    "minimum_months_kept", "retirement_reach", "retirement_order", "law_region_without",
}  # fmt: skip
"""Refusals that say why a lever cannot act so."""

OTHER_RULE = {
    "pension/transition_former_over_new": "pension/transition_gain_share",
    "unemployment/own_base_cap": "unemployment/benefit_rule",
    "unemployment/own_base_floor": "unemployment/benefit_rule",
    "unemployment/own_base_share": "unemployment/benefit_rule",
    "unemployment/benefit_share": "unemployment/benefit_rule",
    "unemployment/rate_employee_statutory": "unemployment/phased_cut",
    "unemployment/rate_employer_statutory": "unemployment/phased_cut",
    "injury/medical_subsidy_months": "injury/subsidy_rule", "injury/medical_subsidy_amount": "injury/subsidy_rule",
    "injury/employment_subsidy_months": "injury/subsidy_rule",
    "injury/employment_subsidy_amount": "injury/subsidy_rule",
    "retirement/early_window": "the hazard of early leaving has faded to nothing by then",
    "injury/stop_work_months": "the months of the basis lie below the law's longest",
    "public/settlement": "nobody joins after the opening", "public/transition_gain_share": "the comparison has ended",
    "public/reform_month": "the comparison has ended", "pension/deemed_index_fixed": "pension/deemed_index_rule",
    "economy/urban_living_standard": "unemployment/benefit_rule",
    "injury/survivor_cap": "the shares of the survivors lie below it",
}  # fmt: skip
"""Parameters that some region does not read in those years, with what decides it: a run says so of them."""


@cache
def law() -> LawTree:
    return load_law()


@cache
def compiled(region: str) -> tuple[list[Basis], list[LaneInputs]]:
    scenario = shortened(region)
    bases = lane_bases(scenario)
    return bases, compile_scenario(scenario, bases, law())


def judge(region: str, some: list[tuple[str, datetime.date]]) -> None:
    bases, plain = compiled(region)
    for key, day in some:
        if not has_values(law(), key, bases[0].region):
            continue
        value = other_value(law(), key, day, bases[0].region)
        lever = {"name": {"en": "a", "local": "a"}, "reason": "A trial.", "changes": {key: {day: value}}}
        try:
            found = compile_scenario(with_levers(shortened(region), "a", {"a": lever}), bases, law())
        except SimengineError as error:
            codes = {one.code for one in each_error(error)}
            assert codes <= ANSWERED, f"{region} {key} {day}: {error}"
            continue
        moved = [name for lane, base in zip(found, plain, strict=True) for name in differences(lane, base, None)]
        assert moved or key in OTHER_RULE, f"{region}: {key} on {day} moves nothing"
        early = [name for lane, base in zip(found, plain, strict=True) for name in differences(lane, base, YEAR)]
        assert not early, f"{region}: {key} on {day} moves {early} before its year"


def differences(lane: LaneInputs, base: LaneInputs, before: int | None) -> list[str]:
    """Inputs of a lane that differ, in the years before one or in all."""
    span = slice(None) if before is None else slice(0, before - int(base.years[0]))
    found = ["paths"] if not np.array_equal(lane.paths[:, span], base.paths[:, span], equal_nan=True) else []
    if not np.array_equal(lane.constants, base.constants, equal_nan=True):
        found.append("constants")
    for name in Tables._fields:
        one, other = getattr(lane.tables, name), getattr(base.tables, name)
        by_year = one.shape[:1] == base.years.shape
        if not np.array_equal(one[span] if by_year else one, other[span] if by_year else other, equal_nan=True):
            found.append(name)
    return found


def everything() -> list[tuple[str, datetime.date]]:
    return [(key, day) for key in sorted(LEVER_KEYS) for day in DAYS]


@pytest.mark.parametrize("region", REGIONS)
def test_a_tenth_of_the_law__moves_something_or_is_refused(region: str) -> None:
    some = everything()
    judge(region, random.Random(f"{SEED} {region}").sample(some, len(some) // 10))


@pytest.mark.release
@pytest.mark.parametrize("region", REGIONS)
def test_the_whole_law__moves_something_or_is_refused(region: str) -> None:
    judge(region, everything())


# --- results ----------------------------------------------------------------------------------------------------------

TELLING: dict[str, object] = {
    "pension/compensation_part_year_from": 5, "pension/late_payment_months_max": 12, "pension/sickness_near_months": 1,
    "injury/survivor_cap": 0.2, "injury/stop_work_months": 1, "unemployment/own_base_floor": 3.0,
    "unemployment/price_trigger": 0.001, "injury/adjustment_fund_months": 1,
}  # fmt: skip
"""Values that cross what a small change does not."""

BESIDE: dict[str, dict[str, object]] = {
    **{
        f"{branch}/adjustment_fund_{part}": {
            f"{branch}/adjustment_fund_rate": 0.05,
            f"{branch}/adjustment_fund_months": 24,
            f"{branch}/adjustment_fund_share": 0.5,
            **({"injury/employer_share_due": 0.2} if branch == "injury" else {}),  # a deficit that is met
        }
        for branch in ("unemployment", "injury", "public")
        for part in ("months", "share")
    },
    "pension/central_adjustment_wage_share": {"pension/central_adjustment_rate": 0.03},
    "unemployment/rate_employee_statutory": {"unemployment/phased_cut": 0},
    "unemployment/rate_employer_statutory": {"unemployment/phased_cut": 0},
    "economy/urban_living_standard": {"unemployment/price_trigger": 0.001},
    "retirement/early_window": {"retirement/early_hazard": 0.1},
}
"""Changes of the law beside which a parameter acts."""


def moves_a_result(key: str) -> bool:
    """Whether a change of a parameter in 2028 moves a number of some region to 2036."""
    day = datetime.date(2028, 1, 1)
    for region in ("jiangxi", "china", "xuzhou", "haiyan", "hubei"):
        bases, _ = compiled(region)
        beside = {other: {day: value} for other, value in BESIDE.get(key, {}).items() if other != key}
        if not has_values(law(), key, bases[0].region):
            continue
        for value in (other_value(law(), key, day, bases[0].region), TELLING.get(key)):
            if value is None:
                continue
            lever = {"name": {"en": "a", "local": "a"}, "reason": "A trial.", "checked": [key, *beside]}
            both = {"a": {**lever, "changes": {**beside, key: {day: value}}}}
            plain = {"a": {**lever, "changes": beside}} if beside else {}
            try:
                lanes = [openings().lanes(with_levers(shortened(region), "a", one)) for one in (both, plain)]
            except SimengineError:
                continue
            for one, other in zip(projected(lanes[0]), projected(lanes[1]), strict=True):
                if any(not np.array_equal(one[name], other[name], equal_nan=True) for name in one):
                    return True
    return False


def sound_keys() -> list[str]:
    """Parameters that take a date of their own."""
    return sorted(key for key in LEVER_KEYS if key not in REFORM_KEYS and READ_ON.get(key) is None)


def test_a_tenth_of_the_law__moves_a_result_somewhere() -> None:
    keys = sound_keys()
    for key in random.Random(SEED).sample(keys, len(keys) // 10):
        assert moves_a_result(key), key


@pytest.mark.release
def test_the_whole_law__moves_a_result_somewhere() -> None:
    assert [key for key in sound_keys() if not moves_a_result(key)] == []
