"""Compute cases: what the law gives, and what of the input acted on nothing."""

from __future__ import annotations

from collections.abc import Sequence

from simengine.cases.idle import judge_inputs
from simengine.cases.kinds import KINDS, MEASURES, Kind, kind_of
from simengine.cases.law import known_regions, packaged_law
from simengine.cases.plausible import check_amounts
from simengine.cases.sheet import Case, CaseResult, Sheet, with_place
from simengine.common.errors import CaseError, LawError, SimengineError, each_error, raise_all
from simengine.law import LawTree

__all__ = ["KINDS", "MEASURES", "Kind", "compute", "compute_all", "kind_of"]


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
        where the law refuses the case, or an input acts on nothing; all reasons together, each with file and line.
    """
    tree = law if law is not None else packaged_law()
    sheet = _computed(case, tree)
    result = sheet.finish()
    judge_inputs(sheet, result, lambda trial: _computed(trial, tree).finish())
    sheet.stop()
    return result


def _computed(case: Case, tree: LawTree) -> Sheet:
    """The sheet of a case, with every line."""
    sheet = Sheet(case, tree)
    try:
        check_amounts(sheet)
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
    return sheet


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
