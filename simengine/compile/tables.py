"""Tables of one lane: mortality, births, migration, retirement, contribution bases, age shapes, risk classes."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from simengine.axes import PAYER_STATUS, SEX
from simengine.basis import Basis
from simengine.compile.paths import PathBook
from simengine.compile.retirement import retirement_table, working_weight
from simengine.kernels import layout as at
from simengine.kernels.layout import Tables
from simengine.law import LawTree
from simengine.law.contribution_base import clamped_mean
from simengine.levers import Retirement
from simengine.scenario import Scenario


def constant(basis: Basis, changed: Mapping[str, float], name: str) -> float:
    """A constant of the basis, or what the scenario makes of it."""
    return float(changed.get(name, basis.constant(name)))


WORKING = slice(at.FIRST_AGE, at.FIRST_AGE + at.WORKING_AGES)


def shape_table(basis: Basis, kind: str) -> np.ndarray:
    """Age profile of one kind by payer status [status, sex, working age]."""
    return np.stack([basis.shape(kind, status)[:, WORKING] for status in PAYER_STATUS])


def index_table(basis: Basis, law: LawTree, book: PathBook, changed: Mapping[str, float]) -> np.ndarray:
    """Contribution base over W(t-1), which is also the year's index [t, status, sex, working age].

    Mean of the clamped lognormal wage; its mean is the wage profile times the compliance of the year. Of flexible
    payers a stated share stands at the floor, the others as everyone (model.md section 6).
    """
    years, region = book.years, basis.region
    floor = law.annual("pension/base_floor_share", years, region)[:, None, None]
    flexible_floor = law.annual("pension/flexible_floor_share", years, region)[:, None, None]
    cap = law.annual("pension/base_cap_share", years, region)[:, None, None]
    profile = basis.wage_profile()[:, :, WORKING]
    result = np.zeros((years.size, len(PAYER_STATUS), len(SEX), at.WORKING_AGES))
    for position, status in enumerate(PAYER_STATUS):
        mean = book.aside[f"compliance_{status}"][:, None, None] * profile[position][None]
        low = flexible_floor if status == "flexible" else floor
        clamped = clamped_mean(mean, constant(basis, changed, f"wage_log_sd_{status}"), low, cap)
        if status == "flexible":
            at_floor = constant(basis, changed, "flexible_at_floor_share")
            clamped = at_floor * low + (1.0 - at_floor) * clamped
        result[:, position] = clamped
    return result


def ladder_months(law: LawTree, years: np.ndarray, region: str) -> np.ndarray:
    """Months of unemployment benefit by class of whole paid years 0..10 [t, class] (Social Insurance Law art. 46)."""
    labels = [int(label) for label in law.labels("unemployment/duration_months")]
    values = law.annual("unemployment/duration_months", years, region, table=True)
    result = np.zeros((years.size, at.PAID_YEAR_CLASSES))
    for paid in range(at.PAID_YEAR_CLASSES):
        reached = [column for column, label in enumerate(labels) if paid * 12 >= label]
        if reached:
            result[:, paid] = values[:, reached[-1]]
    return result


def class_rates(law: LawTree, years: np.ndarray, region: str) -> np.ndarray:
    """Base rates by risk class [t, class]."""
    return np.ascontiguousarray(law.annual("injury/class_rate", years, region, table=True))


def fill_tables(
    basis: Basis,
    law: LawTree,
    book: PathBook,
    lever: Retirement | None,
    changed: Mapping[str, float],
    scenario: Scenario | None,
) -> Tables:
    """All tables of one lane."""
    years, region = book.years, basis.region
    stay = book.values["continue_share"] + book.values["unclaimed_share"]
    retirement = retirement_table(law, region, lever, years, stay)
    mix, incidence = basis.injury_classes()
    known_until = basis.base_year if scenario is not None and scenario.information == "opening" else None
    tables = Tables(
        death_prob=basis.death_prob(years),
        birth_rate=basis.fertility(years)[:, 15:50],
        migration=basis.net_migration(years, known_until=known_until),
        retirement=retirement,
        index=index_table(basis, law, book, changed),
        entry_hazard=shape_table(basis, "entry"),
        level_shape=shape_table(basis, "level"),
        student_share=basis.shape("student").max(axis=0),
        participation=basis.shape("participation"),
        working_weight=working_weight(retirement, constant(basis, changed, "women_55_share_enterprise")),
        class_mix=mix,
        class_rate=class_rates(law, years, region),
        class_incidence=incidence,
        catch_up_shape=basis.shape("catch_up")[:, WORKING],
        ladder_months=ladder_months(law, years, region),
    )
    return Tables(*(np.ascontiguousarray(table, dtype=np.float64) for table in tables))
