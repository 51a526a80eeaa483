"""Constants of one lane: the basis, what the scenario changes, and law parameters the kernels take as one number."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any

import numpy as np

from simengine.basis import Basis
from simengine.errors import BasisError, closest
from simengine.kernels import layout as at
from simengine.law import LawTree

INJURY_TERMS = (
    "injury_death_share",
    "injury_annuity_share",
    "injury_lump_months",
    "injury_subsidy_months",
    "injury_allowance_share",
    "injury_funeral_months",
    "injury_death_multiple",
)
"""Series that `injury_terms` gives for every year."""

INTEREST_TIMING = {"m116": 1.083 / 2.0, "none": 0.0, "monthly": 0.5}
"""Part of the year's rate that the year's own credits earn (劳办发〔1997〕116号: r x 1.083 / 2)."""


def fill_constants(basis: Basis, law: LawTree, years: np.ndarray, changed: Mapping[str, float]) -> np.ndarray:
    """All constants in the kernels' order [constant].

    A law parameter that is dated counts as it stands at the end of the last year of spin-up or, in a projection,
    of the opening year: kernels that need it by year read it as a series instead.
    """
    date = datetime.date(int(years[-1]) if years[0] <= 1993 else int(years[0]), 12, 31)
    values = law_constants(law, basis, date)
    values["first_year"] = float(years[0])
    values["opening_year"] = float(basis.base_year)
    for name in at.CONSTANT_NAMES:
        if name not in values:
            values[name] = basis.constant(name)
    for name, value in changed.items():
        if name not in at.CONSTANT_NAMES and name not in basis.constants:
            raise BasisError(
                f'constant "{name}" is unknown', allowed="constants of the basis", hint=closest(name, at.CONSTANT_NAMES)
            )
        if name in at.CONSTANT_NAMES:
            values[name] = float(value)
    result = np.array([values[name] for name in at.CONSTANT_NAMES], dtype=np.float64)
    if not np.isfinite(result).all():
        bad = [name for name, value in zip(at.CONSTANT_NAMES, result, strict=True) if not np.isfinite(value)]
        raise BasisError(f"constants without a finite value: {', '.join(bad)}", where=basis.name)
    return result


def law_constants(law: LawTree, basis: Basis, date: datetime.date) -> dict[str, float]:
    """Law parameters that enter the kernels as one number."""
    region = basis.region

    def at_date(key: str) -> Any:
        return law.value(key, date, region)

    rule = at_date("pension/deemed_index_rule")
    values = {
        "deemed_index_actual_average": 1.0 if rule == "actual_average" else 0.0,
        "current_year_interest": INTEREST_TIMING[at_date("pension/account_interest_timing")],
        "public_deemed_index": float(at_date("public/deemed_index")),
        **{f"old_age_{career}": float(months) / 12.0 for career, months in at_date("retirement/old_age").items()},
    }
    if rule == "fixed":
        values["deemed_index"] = float(at_date("pension/deemed_index_fixed"))
    return values


GRADES = {
    "grade_1_4": (1, 2, 3, 4), "grade_5_6": (5, 6), "grade_7": (7,), "grade_8": (8,), "grade_9": (9,),
    "grade_10": (10,),
}  # fmt: skip
"""Outcomes of a recognised injury that leave a grade of disability, and the grades of each."""


def injury_terms(law: LawTree, basis: Basis, date: datetime.date, previous_wage: float) -> dict[str, float]:
    """Means over the outcomes of a recognised injury: lump sums, subsidies and allowances in months of a wage.

    Grades of one outcome group count alike; leavers of grades 5 to 10 take the medical subsidy of the fund.
    """
    outcome = law.value("injury/outcome_share", date, basis.region)
    lump = law.value("injury/disability_lump_months", date, basis.region)
    allowance = law.value("injury/disability_allowance_share", date, basis.region)
    months = sum(outcome[name] * np.mean([lump[grade] for grade in grades]) for name, grades in GRADES.items())
    subsidies = _subsidy_months(law, basis, date, previous_wage)
    leaving = basis.constant("injury_leaver_share")
    subsidy = sum(
        outcome[name] * leaving * np.mean([subsidies[grade] for grade in grades])
        for name, grades in GRADES.items()
        if name != "grade_1_4"
    )
    return {
        "injury_funeral_months": float(law.value("injury/funeral_months", date, basis.region)),
        "injury_death_multiple": float(law.value("injury/death_income_multiple", date, basis.region)),
        "injury_death_share": float(outcome["death"]),
        "injury_annuity_share": float(outcome["grade_1_4"]),
        "injury_lump_months": float(months),
        "injury_subsidy_months": float(subsidy),
        "injury_allowance_share": float(np.mean([allowance[grade] for grade in (1, 2, 3, 4)])),
    }


def employment_months(law: LawTree, basis: Basis, year: int, previous_wage: float) -> float:
    """Employment subsidy of employers over all cases of a year, in months of W(t-1) [months] (schemes.md 6.4)."""
    date = datetime.date(year, 12, 31)
    outcome = law.value("injury/outcome_share", date, basis.region)
    months = _subsidy_months(law, basis, date, previous_wage, "employment")
    leaving = basis.constant("injury_leaver_share")
    return float(
        sum(
            outcome[name] * leaving * np.mean([months[grade] for grade in grades])
            for name, grades in GRADES.items()
            if name != "grade_1_4"
        )
    )


def _subsidy_months(
    law: LawTree, basis: Basis, date: datetime.date, previous_wage: float, kind: str = "medical"
) -> dict[int, float]:
    """Medical (fund) or employment (employer) subsidy by grade in months of W; printed amounts in months of W(t-1)."""
    if law.value("injury/subsidy_rule", date, basis.region) == "months":
        table = law.value(f"injury/{kind}_subsidy_months", date, basis.region)
        return {int(grade): float(value) for grade, value in table.items()}
    table = law.value(f"injury/{kind}_subsidy_amount", date, basis.region)
    return {int(grade): float(value) / previous_wage for grade, value in table.items()}
