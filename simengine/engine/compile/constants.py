"""Constants of one lane: the basis, what the scenario changes, and law parameters the kernels take as one number."""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from simengine.basis.basis import Basis
from simengine.common.errors import BasisError, LeverError, SimengineError
from simengine.common.messages import near
from simengine.engine.compile.coverage import TRENDS
from simengine.kernels import layout as at
from simengine.law import LawTree
from simengine.law.interest import INTEREST_TIMING
from simengine.registry.inputs import FIXED
from simengine.scenario.scenario import Scenario

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


def constant_faults(scenario: Scenario, basis: Basis) -> Iterator[SimengineError]:
    """An error for every constant that a scenario changes and the basis does not have, or not within that range."""
    stated = [(name, value, scenario.where("constants", name)) for name, value in scenario.content.constants.items()]
    for lever in scenario.levers:
        stated += [(name, value, lever.where("constants", name)) for name, value in lever.content.constants.items()]
    for name, value, where in stated:
        if name in FIXED:
            continue  # refused before (simengine.scenario.inputs)
        if name not in basis.constants:
            free = [known for known in basis.constants if known not in FIXED]
            yield LeverError("constant_unknown", where=where, near=near(name, free), name=name, basis=basis.name)
            continue
        known = basis.find_constant(name)
        if not known.low <= value <= known.high:
            limits = {"low": f"{known.low:g}", "high": f"{known.high:g}"}
            yield LeverError("constant_range", where=where, name=name, value=f"{value:g}", **limits)


def fill_constants(basis: Basis, law: LawTree, years: np.ndarray, changed: Mapping[str, float]) -> np.ndarray:
    """All constants in the kernels' order [constant].

    A law parameter that is dated counts as it stands at the end of the last year of spin-up or, in a projection,
    of the opening year: kernels that need it by year read it as a series instead.
    """
    date = datetime.date(int(years[-1]) if years[0] <= 1993 else int(years[0]), 12, 31)
    values = law_constants(law, basis, date)
    values["first_year"] = float(years[0])
    values["opening_year"] = float(basis.base_year)
    values |= dict.fromkeys(TRENDS, 1.0)
    values["runs_adjustment_fund"] = float(law.regions[basis.region].level == "province")
    for name in at.CONSTANT_NAMES:
        if name not in values:
            values[name] = basis.constant(name)
    for name, value in changed.items():
        if name not in at.CONSTANT_NAMES and name not in basis.constants:
            suggestion = near(name, at.CONSTANT_NAMES)
            raise BasisError("constant_unknown", near=suggestion, name=name, basis=basis.name)
        if name in at.CONSTANT_NAMES:
            values[name] = float(value)
    result = np.array([values[name] for name in at.CONSTANT_NAMES], dtype=np.float64)
    if not np.isfinite(result).all():
        bad = [name for name, value in zip(at.CONSTANT_NAMES, result, strict=True) if not np.isfinite(value)]
        raise BasisError("constants_not_finite", where=basis.name, names=", ".join(bad))
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


SUBSIDY_LAW = ("injury/outcome_share", "injury/subsidy_rule")
TERMS_LAW = (
    *SUBSIDY_LAW,
    "injury/disability_lump_months",
    "injury/disability_allowance_share",
    "injury/funeral_months",
    "injury/death_income_multiple",
    "injury/medical_subsidy_months",
    "injury/medical_subsidy_amount",
)
EMPLOYMENT_LAW = (*SUBSIDY_LAW, "injury/employment_subsidy_months", "injury/employment_subsidy_amount")


def injury_series(law: LawTree, basis: Basis, years: np.ndarray, previous_wages: np.ndarray) -> dict[str, np.ndarray]:
    """`injury_terms` of every year [name, t]; made once for equal parameters, wages and share of leavers."""
    leaving, region = basis.constant("injury_leaver_share"), basis.region
    what = ("injury_terms", region, leaving, years.tobytes(), _by_amount(law, region, years, previous_wages))

    def make(part: LawTree) -> dict[str, np.ndarray]:
        terms = [
            injury_terms(part, region, leaving, int(year), float(wage))
            for year, wage in zip(years, previous_wages, strict=True)
        ]
        return {name: np.array([term[name] for term in terms]) for name in INJURY_TERMS}

    made: dict[str, np.ndarray] = law.once(TERMS_LAW, what, make)
    return made


def employment_series(law: LawTree, basis: Basis, years: np.ndarray, previous_wages: np.ndarray) -> np.ndarray:
    """`employment_months` of every year [months; t]; made once for equal parameters, wages and share of leavers."""
    leaving, region = basis.constant("injury_leaver_share"), basis.region
    what = ("employment_months", region, leaving, years.tobytes(), _by_amount(law, region, years, previous_wages))

    def make(part: LawTree) -> np.ndarray:
        pairs = zip(years, previous_wages, strict=True)
        return np.array([employment_months(part, region, leaving, int(year), float(wage)) for year, wage in pairs])

    made: np.ndarray = law.once(EMPLOYMENT_LAW, what, make)
    return made


def _by_amount(law: LawTree, region: str, years: np.ndarray, previous_wages: np.ndarray) -> bytes:
    """Wages on which subsidies in months rest: those of a region that prints amounts; nothing elsewhere."""
    months = all(rule == "months" for rule in law.codes("injury/subsidy_rule", years, region))
    return b"" if months else previous_wages.tobytes()


def injury_terms(law: LawTree, region: str, leaving: float, year: int, previous_wage: float) -> dict[str, float]:
    """Means over the outcomes of a recognised injury: lump sums, subsidies and allowances in months of a wage.

    Grades of one outcome group count alike; leavers of grades 5 to 10 take the medical subsidy of the fund.

    Parameters
    ----------
    leaving : share of the injured who leave their employer, the constant `injury_leaver_share` [1]
    previous_wage : W(t-1) [yuan/month]
    """
    outcome = law.of_year("injury/outcome_share", year, region)
    lump = law.of_year("injury/disability_lump_months", year, region)
    allowance = law.of_year("injury/disability_allowance_share", year, region)
    months = sum(outcome[name] * np.mean([lump[grade] for grade in grades]) for name, grades in GRADES.items())
    subsidies = _subsidy_months(law, region, year, previous_wage)
    subsidy = sum(
        outcome[name] * leaving * np.mean([subsidies[grade] for grade in grades])
        for name, grades in GRADES.items()
        if name != "grade_1_4"
    )
    return {
        "injury_funeral_months": law.of_year("injury/funeral_months", year, region),
        "injury_death_multiple": law.of_year("injury/death_income_multiple", year, region),
        "injury_death_share": float(outcome["death"]),
        "injury_annuity_share": float(outcome["grade_1_4"]),
        "injury_lump_months": float(months),
        "injury_subsidy_months": float(subsidy),
        "injury_allowance_share": float(np.mean([allowance[grade] for grade in (1, 2, 3, 4)])),
    }


def employment_months(law: LawTree, region: str, leaving: float, year: int, previous_wage: float) -> float:
    """Employment subsidy of employers over all cases of a year, in months of W(t-1) [months] (schemes.md 6.4).

    Parameters
    ----------
    leaving, previous_wage : as in `injury_terms`
    """
    outcome = law.of_year("injury/outcome_share", year, region)
    months = _subsidy_months(law, region, year, previous_wage, "employment")
    return float(
        sum(
            outcome[name] * leaving * np.mean([months[grade] for grade in grades])
            for name, grades in GRADES.items()
            if name != "grade_1_4"
        )
    )


def _subsidy_months(
    law: LawTree, region: str, year: int, previous_wage: float, kind: str = "medical"
) -> dict[int, float]:
    """Medical (fund) or employment (employer) subsidy by grade in months of W; printed amounts in months of W(t-1)."""
    if law.of_year("injury/subsidy_rule", year, region) == "months":
        table = law.of_year(f"injury/{kind}_subsidy_months", year, region)
        return {int(grade): float(value) for grade, value in table.items()}
    table = law.of_year(f"injury/{kind}_subsidy_amount", year, region)
    return {int(grade): float(value) / previous_wage for grade, value in table.items()}
