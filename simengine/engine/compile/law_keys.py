"""Which law parameters a projection reads, and the guard that refuses levers on all others.

The law folder holds more rules than the kernels follow: a lever on a rule that nothing reads would be reported as
applied and change no number. A test records every key read while all lanes of all bases are compiled; the sets here
must equal what it records.
"""

from __future__ import annotations

import datetime
import difflib
from collections.abc import Collection, Iterable

from simengine.common.errors import LeverError, SimengineError, raise_all
from simengine.engine.compile.paths import LAW_SERIES
from simengine.engine.compile.retirement import LAW_KEYS
from simengine.scenario.combine import LawChange

PATH_KEYS = frozenset(
    {
        "pension/addon_fixed",
        "pension/addon_transition_fixed",
        "pension/adjustment_ratio",
        "pension/adjustment_split",
        "pension/central_adjustment_rate",
        "pension/compensation_part_year",
        "pension/pooling_share",
        "pension/sickness_in_force",
        "pension/sickness_near_months",
        "public/reform_month",
        "public/settlement",
        "public/transition_gain_share",
        "resident/minimum_months",
        "resident/tier_lowest",
        "unemployment/phased_cut",
        "unemployment/rate_employee_reduced",
        "unemployment/rate_employee_statutory",
        "unemployment/rate_employer_reduced",
        "unemployment/rate_employer_statutory",
        "injury/employment_subsidy_amount",
        "injury/employment_subsidy_months",
        "injury/prevention_share_cap",
        "injury/project_rate",
        "injury/stop_work_months",
        "unemployment/pension_refund_base_share",
        "unemployment/pension_refund_rate",
        "unemployment/refund_rate_large",
        "unemployment/refund_rate_small",
        "unemployment/refund_reserve_months",
        "unemployment/skill_subsidy",
    }
)
"""Read by engine/compile/paths.py beside `LAW_SERIES`."""

STANDARD_KEYS = frozenset(
    {
        "economy/urban_living_standard",
        "resident/basic_pension_minimum",
        "unemployment/benefit_rule",
        "unemployment/benefit_share",
        "unemployment/own_base_cap",
        "unemployment/own_base_floor",
        "unemployment/own_base_share",
    }
)
"""Read by engine/compile/standards.py."""

CONSTANT_KEYS = frozenset(
    {
        "injury/death_income_multiple",
        "injury/disability_allowance_share",
        "injury/disability_lump_months",
        "injury/funeral_months",
        "injury/medical_subsidy_amount",
        "injury/medical_subsidy_months",
        "injury/outcome_share",
        "injury/subsidy_rule",
        "pension/account_interest_timing",
        "pension/deemed_index_rule",
        "public/deemed_index",
        "retirement/old_age",
    }
)
"""Read by engine/compile/constants.py."""

TABLE_KEYS = frozenset(
    {
        "injury/class_rate",
        "injury/cut_factor",
        "injury/float_levels",
        "injury/float_thresholds",
        "injury/phased_cut",
        "pension/base_cap_share",
        "pension/compensation_months",
        "pension/base_floor_share",
        "pension/flexible_floor_share",
        "unemployment/duration_months",
    }
)
"""Read by engine/compile/tables.py."""

RETIREMENT_KEYS = frozenset(LAW_KEYS)
"""Read by engine/compile/retirement.py."""

READ_KEYS = frozenset(LAW_SERIES.values()) | PATH_KEYS | STANDARD_KEYS | CONSTANT_KEYS | TABLE_KEYS | RETIREMENT_KEYS
"""Every law parameter that the compilation of a lane reads, in some region."""

SETTLED_KEYS = frozenset(
    {
        "pension/account_divisor",
        "pension/account_interest_timing",
        "pension/deemed_index_rule",
        "pension/divisor_method",
        "public/deemed_index",
        "public/reform_month",
    }
)
"""Of them, read once, as the law stands at the opening or before: a lever, which begins after it, cannot act."""

READ_ON = {"retirement/early_share_at_earliest": datetime.date(2025, 12, 31)}
"""Read on one day: a lever that begins later cannot act."""

LEVER_KEYS = READ_KEYS - SETTLED_KEYS
"""Law parameters that a lever may change."""

SERIES_INSTEAD = {
    "economy/average_wage": "average_wage",
    "economy/minimum_wage_class_1": "minimum_wage",
    "economy/minimum_wage_class_2": "minimum_wage",
    "economy/minimum_wage_class_3": "minimum_wage",
    "economy/urban_income": "urban_income",
    "injury/incidence": "incidence_factor",
    "injury/medical_cost": "medical_cost",
    "injury/monthly_adjustment": "adjustment_ratio",
    "injury/platform_in_force": "platform_insured",
    "pension/benefit_base": "benefit_base",
    "pension/benefit_base_factor": "benefit_base",
    "pension/entrusted_return": "return_entrusted",
    "public/annuity_cash_share": "oa_cash_share",
    "resident/account_interest_rate": "resident_account_rate",
    "resident/age_supplement": "resident_supplement",
    "resident/long_service_supplement": "resident_supplement",
    "resident/scheme_share_in_force": "resident_rollout",
    "resident/subsidy_lowest_tier": "resident_subsidy",
    "resident/subsidy_upper_tiers": "resident_subsidy",
    "resident/tiers": "resident_contribution",
    "unemployment/medical_base_share": "unemployment_medical",
    "unemployment/medical_rate": "unemployment_medical",
}
"""Yearly series that stand for a parameter no code reads: what `paths:` of a lever can move in its place."""


def nearest_keys(key: str, known: Collection[str], count: int = 3) -> list[str]:
    """The known keys nearest to one: those of its branch first, by the likeness of the names."""
    branch, _, name = key.partition("/")
    own = sorted(other for other in known if other.startswith(f"{branch}/"))
    names = {other.partition("/")[2]: other for other in own}
    found = [names[match] for match in difflib.get_close_matches(name, list(names), n=count, cutoff=0.0)]
    if len(found) < count:
        rest = sorted(set(known) - set(own))
        found += difflib.get_close_matches(key, rest, n=count - len(found), cutoff=0.0)
    return found


def unread(change: LawChange) -> LeverError | None:
    """What is wrong with a change of a parameter of the law that cannot act, or None."""
    day = READ_ON.get(change.key, datetime.date.max)
    if change.key in LEVER_KEYS and min(change.values) <= day:
        return None
    if change.key in LEVER_KEYS:
        reason = f"is read as it stands on {day}: a later value would change nothing"
    elif change.key in SETTLED_KEYS:
        reason = "is read once, as the law stands at the opening: a later value would change nothing"
    else:
        reason = "is not used by the projection yet: this lever would change nothing"
    series = SERIES_INSTEAD.get(change.key)
    return LeverError(
        f"{change.lever} changes {change.key}, but this parameter {reason}",
        where=change.where,
        allowed=f"parameters the projection reads; the nearest are {', '.join(nearest_keys(change.key, LEVER_KEYS))}",
        hint=f"The yearly series {series} stands for it: change that under paths" if series else "Drop the change",
    )


def refuse_unread(changes: Iterable[LawChange]) -> None:
    """Refuse every change of a law parameter that no code of the projection reads.

    Parameters
    ----------
    changes : changes of parameters that exist; a misspelt key is the law tree's own error

    Raises
    ------
    LeverError, or an ErrorList of them, each naming the key, the lever file and the nearest keys that are read
    """
    errors: list[SimengineError] = [error for error in map(unread, changes) if error is not None]
    raise_all(errors)
