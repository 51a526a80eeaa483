"""Kinds of case and how each is computed; adding a kind is a model, a function and its lines in words.yaml."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from simengine.cases import models, models_branches
from simengine.cases.adjustment import adjustment
from simengine.cases.award import award
from simengine.cases.contribution import account, contribution
from simengine.cases.fields import CaseFile
from simengine.cases.funds import (
    average_benefit,
    central_adjustment,
    coverable,
    enlargement,
    entrusted,
    growth_of_standard,
    payable_months,
)
from simengine.cases.injury import injury, injury_death, injury_premium, injury_prevention
from simengine.cases.law import known_regions, packaged_law
from simengine.cases.public import annuity, comparison
from simengine.cases.resident import resident
from simengine.cases.retirement import retirement
from simengine.cases.sheet import Case, CaseResult, Sheet, with_place
from simengine.cases.sickness import sickness
from simengine.cases.survivor import survivor
from simengine.cases.switch import switch
from simengine.cases.unemployment import stabilisation, unemployment
from simengine.common.errors import CaseError, LawError, SimengineError, each_error, raise_all
from simengine.law import LawTree


@dataclass(frozen=True)
class Kind:
    """One kind of case: what its file may say and how it is computed."""

    model: type[CaseFile]
    compute: Callable[[Sheet, Any], None]


KINDS: dict[str, Kind] = {
    "retirement": Kind(models.RetirementCase, retirement),
    "award": Kind(models.AwardCase, award),
    "contribution": Kind(models.ContributionCase, contribution),
    "account": Kind(models.AccountCase, account),
    "survivor": Kind(models.SurvivorCase, survivor),
    "sickness": Kind(models.SicknessCase, sickness),
    "adjustment": Kind(models.AdjustmentCase, adjustment),
    "comparison": Kind(models.ComparisonCase, comparison),
    "annuity": Kind(models.AnnuityCase, annuity),
    "resident": Kind(models.ResidentCase, resident),
    "switch": Kind(models.SwitchCase, switch),
    "entrusted": Kind(models.EntrustedCase, entrusted),
    "growth_of_standard": Kind(models.GrowthCase, growth_of_standard),
    "central_adjustment": Kind(models.CentralAdjustmentCase, central_adjustment),
    "coverage": Kind(models.CoverableCase, coverable),
    "unemployment": Kind(models_branches.UnemploymentCase, unemployment),
    "stabilisation": Kind(models_branches.StabilisationCase, stabilisation),
    "injury_premium": Kind(models_branches.InjuryPremiumCase, injury_premium),
    "injury": Kind(models_branches.InjuryCase, injury),
    "injury_death": Kind(models_branches.InjuryDeathCase, injury_death),
    "injury_prevention": Kind(models_branches.InjuryPreventionCase, injury_prevention),
}
"""Every kind by its name."""

MEASURES: dict[str, Kind] = {
    "coverable": KINDS["coverage"],
    "enlargement": Kind(models.EnlargementCase, enlargement),
    "payable_months": Kind(models.PayableMonthsCase, payable_months),
    "average_benefit": Kind(models.AverageBenefitCase, average_benefit),
}
"""Measures of the kind `coverage`."""


def kind_of(content: CaseFile) -> Kind:
    """Kind of a case that was read."""
    return MEASURES[content.measure] if content.kind == "coverage" else KINDS[content.kind]  # type: ignore[attr-defined]


def compute(case: Case, law: LawTree | None = None) -> CaseResult:
    """Compute one case.

    Parameters
    ----------
    case : a case of `load_cases`
    law : law tree; the packaged one by default

    Returns
    -------
    `CaseResult`: components with formula, numbers, document and law values [units in words.yaml], years, remarks

    Raises
    ------
    SimengineError
        where the law refuses the case; all reasons together, each with file and line.
    """
    sheet = Sheet(case, law if law is not None else packaged_law())
    try:
        kind_of(case.content).compute(sheet, case.content)
        sheet.check_region()
        sheet.stop()
    except CaseError as error:
        if error.code == "case_law_absent" and "region" not in case.content.model_fields_set:
            known = known_regions(sheet.law.tree)
            error = CaseError("case_region_missing", uses=error.values["key"], known=known)
        raise_all([*sheet.errors, with_place(error, case.where())] if error not in sheet.errors else sheet.errors)
    except LawError as error:
        raise CaseError("case_law", where=case.where(), text=error.words()) from error
    return sheet.finish()


def compute_all(cases: Sequence[Case], law: LawTree | None = None) -> list[CaseResult]:
    """Compute several cases; the errors of all of them are raised together."""
    results: list[CaseResult] = []
    errors: list[SimengineError] = []
    for case in cases:
        try:
            results.append(compute(case, law))
        except SimengineError as error:
            errors += each_error(error)
    raise_all(errors)
    return results
