"""Tables of one lane: mortality, births, migration, retirement, contribution bases, age shapes, risk classes."""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from simengine.basis.basis import Basis
from simengine.common import elementwise
from simengine.common.errors import LawError, LeverError
from simengine.engine.compile.book import PathBook
from simengine.engine.compile.constants import law_constants
from simengine.engine.compile.coverage import entry_open, entry_shape
from simengine.engine.compile.demography import fill_people
from simengine.engine.compile.retirement import retirement_table, working_weight
from simengine.engine.compile.shares import city_share
from simengine.kernels import layout as at
from simengine.kernels.layout import Tables
from simengine.kernels.rules.bounds import step_reached
from simengine.law import LawTree
from simengine.law.contribution_base import clamped_mean
from simengine.law.normal import ndtr
from simengine.law.parameter import DatedValue, step_at
from simengine.registry.axes import CAMPAIGN_STATUS, PAYER_STATUS, SEX
from simengine.registry.inputs import LEVER_ROWS
from simengine.scenario.combine import named_campaigns
from simengine.scenario.levers import Campaign, Retirement
from simengine.scenario.scenario import Scenario


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
        mean = book.values[f"compliance_{status}"][:, None, None] * profile[position][None]
        low = flexible_floor if status == "flexible" else floor
        clamped = clamped_mean(mean, constant(basis, changed, f"wage_log_sd_{status}"), low, cap)
        if status == "flexible":
            at_floor = constant(basis, changed, "flexible_at_floor_share")
            clamped = at_floor * low + (1.0 - at_floor) * clamped
        result[:, position] = clamped
    return result


def mean_gains(log_sd: float) -> np.ndarray:
    """Mean of max(0, R - 1) for a lognormal R with mean ρ, on the kernels' grid of ρ [point].

    E = ρ·Φ(d) - Φ(d - σ),  d = ln(ρ)/σ + σ/2
    """
    ratio = at.GAIN_FIRST + at.GAIN_STEP * np.arange(at.GAIN_POINTS)
    if log_sd <= 0.0:
        return np.asarray(np.maximum(0.0, ratio - 1.0))
    d = elementwise.log(ratio) / log_sd + 0.5 * log_sd
    return np.asarray(ratio * ndtr(d) - ndtr(d - log_sd))


def cut_labels(law: LawTree) -> list[float]:
    """Payable months from which the factors of the phased cut count, the first zero."""
    return [float(label) for label in law.labels("injury/cut_factor")]


def phased_cuts(law: LawTree, years: np.ndarray, region: str) -> np.ndarray:
    """Rate factor of the phased cut at its marks, 1 while it is not in force [t, mark]."""
    factors = law.annual("injury/cut_factor", years, region, table=True)
    force = law.annual("injury/phased_cut", years, region)[:, None]
    return np.asarray(force * factors + (1.0 - force))


def float_levels(law: LawTree, years: np.ndarray, region: str) -> np.ndarray:
    """Premium rate over the base rate by floating level, of class 1 and of the others [t, 2, level].

    Class 1 has no level below the base rate: its first one stands for them (人社部发〔2015〕71号, schemes.md 6.1).
    """
    others = law.annual("injury/float_levels", years, region, table=True)
    own = law.annual("injury/float_levels_class_1", years, region, table=True)
    first = np.concatenate([np.repeat(own[:, :1], others.shape[1] - own.shape[1], axis=1), own], axis=1)
    return np.stack([first, others], axis=1)


FLOAT_MARKS = ("one_down_below", "one_up_above", "two_up_above")
"""Claims ratios at which a class moves by one level down, one up and two up; none lies below the one before."""


def float_shifts(law: LawTree, years: np.ndarray, region: str, log_sd: float) -> np.ndarray:
    """Mean change of the floating level by the claims ratio of a class, on the kernels' grid [t, point].

    P(c > 1.2) + P(c > 2) - P(c < 0.3),  c lognormal around the class's ratio

    Raises
    ------
    LawError where a mark lies below the one before it
    """
    key, labels = "injury/float_thresholds", FLOAT_MARKS
    stated = law.annual(key, years, region, table=True)[:, [law.labels(key).index(label) for label in labels]]
    falls = np.argwhere(np.diff(stated, axis=1) < 0.0)
    if falls.size:
        t, mark = (int(place) for place in falls[0])
        said: dict[str, Any] = {"year": years[t], "label": labels[mark + 1], "before": labels[mark]}
        said |= {"value": f"{stated[t, mark + 1]:g}", "other": f"{stated[t, mark]:g}"}
        raise LawError("float_marks_fall", key=key, known=" <= ".join(labels), **said)
    marks, place = np.unique(stated, axis=0, return_inverse=True)
    shifts = [_float_shift(dict(zip(labels, row, strict=True)), log_sd) for row in marks]
    return np.stack(shifts)[place.ravel()]


def _float_shift(marks: Mapping[str, float], log_sd: float) -> np.ndarray:
    """`float_shifts` by the thresholds of one year [point]."""
    ratio = at.FLOAT_STEP * np.arange(at.FLOAT_POINTS)
    centre = elementwise.log(ratio) - 0.5 * log_sd**2

    def above(mark: float) -> np.ndarray:
        return np.asarray(1.0 - ndtr((elementwise.log(mark) - centre) / log_sd))

    return np.asarray(
        above(marks["one_up_above"]) + above(marks["two_up_above"]) - (1.0 - above(marks["one_down_below"]))
    )


LADDER = "unemployment/duration_months"


def ladder_steps(law: LawTree) -> np.ndarray:
    """Statutory step of the ladder of benefits by class of whole paid years, -1 below the first [class]."""
    marks = np.array([float(label) for label in law.labels(LADDER)])
    steps = [int(step_reached(12.0 * paid, marks)) for paid in range(at.PAID_YEAR_CLASSES)]
    return np.minimum(steps, at.LADDER - 1)


def ladder_months(law: LawTree, years: np.ndarray, region: str) -> np.ndarray:
    """Months of unemployment benefit by class of whole paid years [t, class] (Social Insurance Law art. 46).

    Raises
    ------
    LawError where a region or a lever states steps that the classes cannot tell apart
    """
    parameter = law[LADDER]
    law.note_extension(LADDER, [int(year) for year in years], region)
    rows: dict[str, np.ndarray] = {}
    result = np.zeros((len(years), at.PAID_YEAR_CLASSES))
    for t, year in enumerate(years):
        dated = parameter.dated_at(datetime.date(int(year), 1, 1), region)
        if dated.where not in rows:
            rows[dated.where] = _ladder_row(dated)
        result[t] = rows[dated.where]
    return result


def _ladder_row(dated: DatedValue) -> np.ndarray:
    """Months by class of whole paid years of one entry [class]."""
    steps: Any = dated.value
    last = at.PAID_YEAR_CLASSES - 1
    wrong = [mark for mark in steps if mark % 12 or (mark > 12 * last and steps[mark] != step_at(steps, 12 * last))]
    if wrong:
        marks = ", ".join(f"{mark:g}" for mark in wrong)
        raise LawError("ladder_classes", where=dated.where, key=LADDER, marks=marks, last=12 * last)
    return np.array([step_at(steps, 12 * paid) for paid in range(at.PAID_YEAR_CLASSES)])


def class_rates(law: LawTree, years: np.ndarray, region: str) -> np.ndarray:
    """Base rates by risk class [t, class]."""
    return np.ascontiguousarray(law.annual("injury/class_rate", years, region, table=True))


POOL_CODES = {
    "paused": at.POOL_PAUSED, "none": at.POOL_NONE, "resident": at.POOL_RESIDENT, "elderly": at.POOL_ELDERLY,
}  # fmt: skip


def campaign_pools(
    years: np.ndarray, campaigns: Sequence[tuple[str, Campaign]], shares: Mapping[str, float]
) -> np.ndarray:
    """Sources of the campaigns of a year in their order, with the most persons each gives [t, status, order, 2].

    Parameters
    ----------
    campaigns : each with the file and line of its pools
    shares : part of a city's campaign that falls to the lane's area, by status [1]

    Raises
    ------
    LeverError when two campaigns of one status draw on different sources in the same year
    """
    result = np.zeros((years.size, len(CAMPAIGN_STATUS), at.CAMPAIGN_SOURCES, 2))
    for where, campaign in campaigns:
        column = CAMPAIGN_STATUS.index(campaign.status)
        wanted = np.zeros((at.CAMPAIGN_SOURCES, 2))
        for order, pool in enumerate(campaign.pools):
            wanted[order] = POOL_CODES[pool], campaign.limits.get(pool, np.inf) * shares[campaign.status]
        for t in np.flatnonzero((years >= campaign.years[0]) & (years <= campaign.years[1])):
            if result[t, column].any() and not np.array_equal(result[t, column], wanted):
                stated = {"name": campaign.id, "status": campaign.status, "year": years[t]}
                raise LeverError("campaign_pools", where=where, **stated)
            result[t, column] = wanted
    return result


def pools_of(years: np.ndarray, basis: Basis, scenario: Scenario | None) -> np.ndarray:
    """`campaign_pools` of a lane; zero without a scenario."""
    campaigns = [
        (lever.where("campaigns", place, "pools"), campaign)
        for lever in (scenario.levers if scenario else ())
        for place, campaign in enumerate(named_campaigns(lever))
        if campaign.pools
    ]
    shares: dict[str, float] = {
        one.status: city_share(basis, scenario, LEVER_ROWS[f"campaign_{one.kind}_{one.status}"].shared_by)
        for _, one in campaigns
    }
    return campaign_pools(years, campaigns, shares)


DEFAULT_AGES = (35.0, float(at.FIRST_AGE + at.WORKING_AGES - 1), 1.0)
"""First and last age of a campaign that states none: from 35 to the last age that can still reach the minimum years."""

EVERY_AGE = (float(at.FIRST_AGE), float(at.AGES - 1), 0.0)
"""The same for the residents' scheme, which asks for no minimum: everyone in the pools."""


def campaign_ages(years: np.ndarray, scenario: Scenario | None) -> np.ndarray:
    """Ages that the campaigns of a year draw on, and whether in time for the minimum years alone [t, status, 3].

    Raises
    ------
    LeverError when two campaigns of one status draw on different ages in the same year
    """
    result = np.zeros((years.size, len(CAMPAIGN_STATUS), 3))
    result[:] = DEFAULT_AGES
    result[:, at.CAMPAIGN_RESIDENT] = EVERY_AGE
    taken: dict[tuple[int, int], tuple[float, ...]] = {}
    for lever in scenario.levers if scenario else ():
        for place, campaign in enumerate(named_campaigns(lever)):
            if campaign.status not in CAMPAIGN_STATUS:
                continue
            column = CAMPAIGN_STATUS.index(campaign.status)
            default = EVERY_AGE if campaign.status == "resident" else DEFAULT_AGES
            wanted = default if campaign.ages is None else (*map(float, campaign.ages), 0.0)
            for t in np.flatnonzero((years >= campaign.years[0]) & (years <= campaign.years[1])):
                if taken.setdefault((int(t), column), wanted) != wanted:
                    stated = {"name": campaign.id, "status": campaign.status, "year": years[t]}
                    raise LeverError("campaign_ages", where=lever.where("campaigns", place, "ages"), **stated)
                result[t, column] = wanted
    return result


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
    entry = {**basis.constants, **changed, **law_constants(law, basis, datetime.date(int(years[0]), 12, 31))}
    mix, incidence = basis.injury_classes()
    people = fill_people(basis, book, scenario)
    tables = Tables(
        death_prob=people.death_prob,
        birth_rate=people.birth_rate,
        migration=people.migration,
        retirement=retirement,
        index=index_table(basis, law, book, changed),
        entry_hazard=shape_table(basis, "entry"),
        entry_shape=entry_shape(basis, entry),
        entry_open=entry_open(retirement, entry),
        level_shape=shape_table(basis, "level"),
        student_share=basis.shape("student").max(axis=0),
        participation=basis.shape("participation"),
        working_weight=working_weight(retirement, constant(basis, changed, "women_55_share_enterprise")),
        class_mix=mix,
        class_rate=class_rates(law, years, region),
        class_incidence=incidence,
        catch_up_shape=basis.shape("catch_up")[:, WORKING],
        campaign=pools_of(years, basis, scenario),
        campaign_ages=campaign_ages(years, scenario),
        cut_marks=np.array([constant(basis, changed, "injury_months_low"), *cut_labels(law)[1:]], dtype=np.float64),
        cut_factor=phased_cuts(law, years, region),
        float_levels=float_levels(law, years, region),
        float_shift=float_shifts(law, years, region, constant(basis, changed, "injury_ratio_log_sd")),
        compensation=law.annual("pension/compensation_months", years, region, table=True),
        transition_gain=mean_gains(constant(basis, changed, "public_gap_log_sd")),
        ladder_months=ladder_months(law, years, region),
        ladder_step=np.maximum(ladder_steps(law), 0),
    )
    return Tables(*(np.ascontiguousarray(table, dtype=np.float64) for table in tables))
