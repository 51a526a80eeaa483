"""Age profiles from typed knots, and the mix of injury classes."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from simengine.common.errors import BasisError
from simengine.registry.axes import RISK_CLASS, SEX, WORKING_AGE
from simengine_calibration.series.tables import number_text
from simengine_calibration.sources.histories import typed

SHAPE_COLUMNS = ("kind", "status", "sex", "age", "value")
WAGE_COLUMNS = ("status", "sex", "age", "value")
CLASS_COLUMNS = ("risk_class", "mix", "incidence")

AGES_OF_KIND = {
    "entry": WORKING_AGE,
    "level": WORKING_AGE,
    "catch_up": WORKING_AGE,
    "student": tuple(range(16, 26)),
    "participation": tuple(range(16, 101)),
    "initial_pensioner": tuple(range(45, 101)),
}
SUM_TO_ONE = ("initial_pensioner", "catch_up")


def profile(kind: str, status: str, sex: str, ages: tuple[int, ...]) -> np.ndarray:
    """One typed profile at whole ages; linear between knots, the end values held."""
    knots = typed("shapes")[kind]["profiles"][status][sex]
    at, values = zip(*knots, strict=True)
    if list(at) != sorted(set(at)):
        raise BasisError(
            "knots_not_ascending", where="calibration/figures/shapes.yaml", kind=kind, status=status, sex=sex
        )
    return np.asarray(np.interp(ages, at, values))


def age_shape_rows() -> list[tuple[object, ...]]:
    """Rows of age_shapes.csv; zero rows are left out."""
    rows: list[tuple[object, ...]] = []
    for kind, ages in AGES_OF_KIND.items():
        for status, by_sex in typed("shapes")[kind]["profiles"].items():
            values = {sex: profile(kind, status, sex, ages) for sex in by_sex}
            total = sum(part.sum() for part in values.values()) if kind in SUM_TO_ONE else 1.0
            for sex in SEX:
                for age, value in zip(ages, values[sex] / total, strict=True):
                    if value > 0.0:
                        rows.append((kind, status, sex, age, f"{value:.5g}"))
    return rows


def wage_profile_rows(pyramid: Mapping[str, np.ndarray]) -> list[tuple[object, ...]]:
    """Rows of wage_profile.csv: relative wages with mean one over the level profile times a pyramid.

    Parameters
    ----------
    pyramid : persons by age 0..100 for each sex
    """
    rows: list[tuple[object, ...]] = []
    for status in typed("shapes")["wage"]["profiles"]:
        wages = {sex: profile("wage", status, sex, WORKING_AGE) for sex in SEX}
        weights = {sex: profile("level", status, sex, WORKING_AGE) * pyramid[sex][list(WORKING_AGE)] for sex in SEX}
        mean = sum((wages[sex] * weights[sex]).sum() for sex in SEX) / sum(weights[sex].sum() for sex in SEX)
        for sex in SEX:
            rows += [
                (status, sex, age, f"{value / mean:.5g}") for age, value in zip(WORKING_AGE, wages[sex], strict=True)
            ]
    return rows


def injury_class_rows(mix: list[float]) -> list[tuple[object, ...]]:
    """Rows of injury_classes.csv; the mix must add up to one."""
    if abs(sum(mix) - 1.0) > 1e-9 or len(mix) != len(RISK_CLASS):
        raise BasisError(
            "class_mix_sum",
            where="calibration/figures/shapes.yaml",
            count=len(mix),
            total=f"{sum(mix):.6f}",
            expected=len(RISK_CLASS),
        )
    incidence = typed("shapes")["injury_classes"]["incidence"]
    return [
        (risk, number_text(share), number_text(cases))
        for risk, share, cases in zip(RISK_CLASS, mix, incidence, strict=True)
    ]


def mean_incidence(mix: list[float]) -> float:
    """Cases per 1000 insured of a class mix."""
    return float(np.dot(mix, typed("shapes")["injury_classes"]["incidence"]))


def class_mixes() -> dict[str, list[float]]:
    """Class mix by basis."""
    mixes: dict[str, list[float]] = typed("shapes")["injury_classes"]["mix"]
    return mixes
