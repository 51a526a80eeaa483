"""The opening position: the stationary start of 1992, then alignment of the spun-up state (model.md, section 11).

Alignment multiplies members by one factor per status and pensioners by one factor per scheme, heads and mass apart;
accounts are never aligned on their own. Factors are reported; large ones are flagged beside every verdict.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from simengine.basis.basis import Basis
from simengine.common.elementwise import log
from simengine.common.errors import BasisError
from simengine.engine.compile import LaneInputs
from simengine.kernels import layout as at
from simengine.kernels.branches.injury import injury_rate_factor
from simengine.kernels.branches.resident import planned_people
from simengine.kernels.layout import State, by_moment, new_state
from simengine.registry.axes import FUND, LEVEL_OF_STATUS

MEMBER_FLAG = 0.2
PENSION_FLAG = 0.1
NOT_YET = -1.0
"""In `State.odds` and `State.returns`: no known year stands there yet."""


@dataclass(frozen=True)
class Factor:
    """One alignment factor: the spun-up value, the opening value, their ratio, and whether it is large."""

    item: str
    before: float
    opening: float

    @property
    def factor(self) -> float:
        """Opening over spun-up value; NaN when the spin-up had nothing."""
        return self.opening / self.before if self.before > 0.0 else math.nan

    @property
    def large(self) -> bool:
        """Whether the factor is beyond the flag of its kind."""
        limit = PENSION_FLAG if self.item.startswith("average") else MEMBER_FLAG
        return not abs(float(log(self.factor))) <= limit  # also where there is no factor


def stationary_state(basis: Basis, inputs: LaneInputs) -> State:
    """State of 31 December 1992: members with service since the entry age, all of it deemed; no accounts yet.

    Members follow the enterprise age shape, pensioners the stated age profile, both sums the published heads.
    """
    state = new_state()
    state.odds[:] = state.returns[:] = NOT_YET
    cells = by_moment(state.members)
    state.population[:] = basis.population_1992()
    members = basis.constant("initial_members")
    entry_age = basis.constant("initial_entry_age")
    density = inputs.paths[at.PATH_DENSITY_ENTERPRISE, 0]
    shares = (1.0, inputs.constants[at.CONSTANT_WOMEN_55_SHARE_ENTERPRISE])
    index = inputs.constants[at.CONSTANT_DEEMED_INDEX]
    working = slice(at.FIRST_AGE, at.FIRST_AGE + at.WORKING_AGES)
    shape = inputs.tables.level_shape[at.ENTERPRISE] * state.population[:, working]
    shape /= shape.sum()
    for career in range(at.CAREERS):
        sex = 0 if career == 0 else 1
        part = shares[0] if career == 0 else shares[1] if career == 1 else 1.0 - shares[1]
        for i in range(at.WORKING_AGES):
            age = at.FIRST_AGE + i
            left = inputs.tables.retirement[0, career, age, at.RET_YEARS_TO_STATUTORY]
            heads = members * shape[sex, i] * part if left > 0.0 else 0.0
            service = density * max(0.0, age - entry_age)
            k = min(int(service), at.BINS - 1)
            for moment, value in (
                (at.HEADS, 1.0),
                (at.SERVICE, service),
                (at.DEEMED, service),
                (at.DEEMED_INDEX, service * index),
            ):
                cells[moment, career, at.ENTERPRISE, i, k] += heads * value
    placed = cells[at.HEADS].sum()
    state.members[:] *= members / placed
    _place_pensioners(state, basis)
    state.funds[:, at.FUND_ENTERPRISE] = basis.constant("initial_fund")
    state.injury_classes[at.C_LEVEL] = at.FLOAT_BASE
    state.memory[at.MEMORY_INJURY_RESERVE_FACTOR] = 1.0
    state.memory[at.MEMORY_UNEMPLOYMENT_RATE] = inputs.paths[at.PATH_SURVEYED_UNEMPLOYMENT_RATE, 0]
    state.memory[at.MEMORY_INJURY_INSURED] = max(0.0, float(np.nan_to_num(inputs.paths[at.PATH_INJURY_INSURED, 0])))
    return state


def _place_pensioners(state: State, basis: Basis) -> None:
    heads = basis.constant("initial_pensioners")
    average = basis.constant("initial_average_pension")
    profile = basis.shape("initial_pensioner")
    profile = profile / profile.sum()
    women_55 = basis.constant("women_55_share_enterprise")
    for sex in range(2):
        for age in range(at.AGES):
            cell = heads * profile[sex, age]
            parts = ((0, cell),) if sex == 0 else ((1, cell * women_55), (2, cell * (1.0 - women_55)))
            for career, part in parts:
                state.pensioners[at.P_HEADS, career, 0, age] += part
                state.pensioners[at.P_MASS, career, 0, age] += part * average
                state.pensioners[at.P_SERVICE, career, 0, age] += part * at.ADMITTED_SERVICE


# --- alignment --------------------------------------------------------------------------------------------------------


def scale_to_child(state: State, parent: State, population: np.ndarray) -> None:
    """Give a child region its parent's state, every stock scaled by the ratio of the populations of its sex and age."""
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = np.where(parent.population > 0.0, population / parent.population, 0.0)
    overall = population.sum() / parent.population.sum()
    sex_of = (0, 1, 1)
    working = slice(at.FIRST_AGE, at.FIRST_AGE + at.WORKING_AGES)
    state.population[:] = population
    for career in range(at.CAREERS):
        by_age = ratio[sex_of[career]]
        state.members[career] = parent.members[career] * by_age[working][None, :, None, None]
        state.pensioners[:, career] = parent.pensioners[:, career] * by_age[None, None, :]
        state.invalidity[:, :, career] = parent.invalidity[:, :, career] * by_age[working][None, None, :]
        state.annuity[:, career] = parent.annuity[:, career] * by_age[working]
        state.annuitants[:, career] = parent.annuitants[:, career] * by_age
        state.injury_survivors[:, career] = parent.injury_survivors[:, career] * by_age
    state.resident[:] = parent.resident * ratio[None]
    state.beneficiaries[:] = parent.beneficiaries * ratio[None]
    state.unemployment[:] = parent.unemployment * overall
    state.claimants[:] = parent.claimants * overall
    state.funds[:] = parent.funds * overall
    state.entrusted[:] = parent.entrusted * overall
    state.memory[:] = parent.memory
    names = ("SPENDING_INJURY", "PREMIUM_INJURY", "PREMIUM_UNEMPLOYMENT", "SPENDING_UNEMPLOYMENT")
    for amount in (getattr(at, f"MEMORY_{name}") for name in names):
        state.memory[amount] *= overall
    state.injury_classes[:] = parent.injury_classes
    state.injury_classes[at.C_CLAIMS :] *= overall


def align(state: State, basis: Basis, inputs: LaneInputs) -> list[Factor]:
    """Align a spun-up state to the opening figures of its basis, in place; returns the factors."""
    factors: list[Factor] = []

    def factor(item: str, before: float) -> float:
        entry = Factor(item, before, basis.opening(item))
        factors.append(entry)
        if entry.before <= 0.0 < entry.opening:
            raise BasisError("opening_without_history", where=basis.name, name=item, value=f"{entry.opening:.0f}")
        return entry.factor if entry.before > 0.0 else 0.0

    _align_members(state, factor)
    _align_pensioners(state, factor)
    _align_resident(state, basis, factor)
    insured = state.unemployment[0].sum()
    state.unemployment[:] *= factor("unemployment_insured", insured)
    state.claimants[:] *= factor("unemployment_claimants", state.claimants.sum())
    state.memory[at.MEMORY_INJURY_INSURED] = basis.opening("injury_insured")
    scale = factor("injury_annuitants", state.annuitants[at.A_HEADS].sum())
    state.annuitants[:] *= scale
    state.injury_survivors[:] *= scale
    for position, fund in enumerate(FUND):
        state.funds[:, position] = basis.opening(f"fund_balance_{fund}")
    state.entrusted[1] = basis.opening("entrusted_resident")
    state.entrusted[0] = inputs.paths[at.PATH_ENTRUSTED_SHARE_ENTERPRISE, 0] * state.funds[0, at.FUND_ENTERPRISE]
    annuity = state.annuity[0].sum() + state.pensioners[at.P_ANNUITY].sum()
    scale = factor("fund_balance_occupational_annuity", annuity)
    state.annuity[:] *= scale
    state.pensioners[at.P_ANNUITY] *= scale
    state.pensioners[at.P_ANNUITY_MASS] *= scale
    _anchor(state, inputs)
    return factors


def _align_members(state: State, factor) -> None:  # type: ignore[no-untyped-def]
    """Members: one factor a status, alike at every sex and age; the people of a cell do not bound its members."""
    for status, item in enumerate(LEVEL_OF_STATUS.values()):
        heads = state.members[:, status, :, at.HEADS].sum()
        state.members[:, status] *= factor(item, heads)


def _align_pensioners(state: State, factor) -> None:  # type: ignore[no-untyped-def]
    for scheme, name in enumerate(("enterprise", "public")):
        heads = state.pensioners[at.P_HEADS, :, scheme].sum()
        state.pensioners[:, :, scheme] *= factor(f"{name}_pensioners", heads)
        heads = state.pensioners[at.P_HEADS, :, scheme].sum()
        mass = state.pensioners[at.P_MASS, :, scheme].sum()
        level = factor(f"average_{name}_pension", mass / heads if heads else 0.0)
        state.pensioners[at.P_MASS, :, scheme] *= level
        state.memory[(at.MEMORY_AWARD_EXCESS_ENTERPRISE, at.MEMORY_AWARD_EXCESS_PUBLIC)[scheme]] = (
            level - 1.0 if mass > 0.0 else 0.0
        )
    state.memory[at.MEMORY_AWARD_EXCESS_YEARS] = 0.0


def _align_resident(state: State, basis: Basis, factor) -> None:  # type: ignore[no-untyped-def]
    registered = state.resident[at.R_PAYING].sum() + state.resident[at.R_NOT_PAYING].sum()
    state.resident[:] *= factor("resident_registered", registered)
    state.beneficiaries[:] *= factor("resident_beneficiaries", state.beneficiaries[at.B_HEADS].sum())
    registered = basis.opening("resident_registered")
    dual = basis.opening("dual_members")
    heads = state.resident[at.R_PAYING] + state.resident[at.R_NOT_PAYING]
    if registered > 0.0:
        factor("resident_paying_share", float(state.resident[at.R_PAYING].sum() / heads.sum()))
        state.resident[at.R_PAYING] = heads * basis.opening("resident_paying_share")
        state.resident[at.R_NOT_PAYING] = heads - state.resident[at.R_PAYING]
    state.resident[at.R_DUAL] = heads * (dual / registered if registered > 0.0 else 0.0)
    base = basis.opening("resident_average_benefit") - basis.opening("basic_pension")
    mass = state.beneficiaries[at.B_ACCOUNT_MASS].sum()
    heads_total = state.beneficiaries[at.B_HEADS].sum()
    if mass > 0.0:
        state.beneficiaries[at.B_ACCOUNT_MASS] *= (
            factor("resident_account_pension", mass / heads_total)
            if ("resident_account_pension" in basis.openings)
            else max(base, 0.0) * heads_total / mass
        )


def _anchor(state: State, inputs: LaneInputs) -> None:
    """Ratios to which unknown levels return: opening stock over its denominator, divided by the index of the year.

    `inputs` starts with the opening year itself, so position 0 is the year of the opening.
    """
    t = 0
    paths, tables, memory = inputs.paths, inputs.tables, state.memory
    by_status = by_moment(state.members)[at.HEADS].sum(axis=(0, 2, 3))
    public = by_moment(state.members)[at.HEADS, :, at.PUBLIC].sum(axis=-1)
    reached = at.FIRST_AGE + np.arange(at.WORKING_AGES)
    old_age = inputs.constants[at.CONSTANT_OLD_AGE_MEN : at.CONSTANT_OLD_AGE_MEN + at.CAREERS]
    posts = float(public[reached[None, :] < old_age[:, None]].sum())
    memory[at.MEMORY_RATIO_PUBLIC] = posts / (state.population.sum() * paths[at.PATH_PUBLIC_INDEX, t])
    memory[at.MEMORY_ODDS_ENTERPRISE] = memory[at.MEMORY_ODDS_FLEXIBLE] = 0.0  # solved in the aligned lane alone
    memory[at.MEMORY_UNSOLVED_ENTERPRISE] = memory[at.MEMORY_UNSOLVED_FLEXIBLE] = 0.0
    state.odds[:] = state.returns[:] = NOT_YET
    covered = np.zeros((2, at.AGES))
    for career, sex in enumerate((0, 1, 1)):
        covered[sex, at.FIRST_AGE : at.FIRST_AGE + at.WORKING_AGES] += by_moment(state.members)[at.HEADS, career].sum(
            axis=(0, 2)
        )
        covered[sex, at.FIRST_AGE : at.FIRST_AGE + at.WORKING_AGES] += state.invalidity[at.I_HEADS, :, career].sum(0)
        covered[sex] += state.pensioners[at.P_HEADS, career].sum(axis=0)
    people = state.population * inputs.constants[at.CONSTANT_HUKOU_RATIO_16_59] * (1.0 - tables.student_share)
    pension_age = float(paths[at.PATH_RESIDENT_PENSION_AGE, t])
    young = slice(at.FIRST_AGE, math.ceil(pension_age))
    below = np.clip(pension_age - np.arange(at.AGES)[young], 0.0, 1.0)
    outside = float((np.maximum(people - covered, 0.0)[:, young] * below).sum())
    registered = state.resident[at.R_PAYING].sum() + state.resident[at.R_NOT_PAYING].sum()
    memory[at.MEMORY_RATIO_RESIDENT] = registered / (outside * paths[at.PATH_RESIDENT_INDEX, t]) if outside else 0.0
    drawing, dual = state.beneficiaries[at.B_HEADS].sum(), state.resident[at.R_DUAL].sum()
    people = float(planned_people(t, paths, inputs.constants, inputs.packed, state.population))
    memory[at.MEMORY_REACHED_COVERAGE] = (covered.sum() + registered + drawing - dual) / people
    employed = float((state.population * tables.participation).sum())
    employed *= 1.0 - paths[at.PATH_SURVEYED_UNEMPLOYMENT_RATE, t]
    insured = state.unemployment[0].sum()
    memory[at.MEMORY_RATIO_UNEMPLOYMENT] = insured / (by_status[0] * paths[at.PATH_UNEMPLOYMENT_INDEX, t])
    memory[at.MEMORY_RATIO_INJURY] = memory[at.MEMORY_INJURY_INSURED] / (employed * paths[at.PATH_INJURY_INDEX, t])
    memory[at.MEMORY_UNEMPLOYMENT_RATE] = paths[at.PATH_SURVEYED_UNEMPLOYMENT_RATE, t]
    memory[at.MEMORY_EXTRA_UNEMPLOYMENT] = 0.0
    memory[at.MEMORY_EXTRA_INJURY] = 0.0
    project = memory[at.MEMORY_INJURY_INSURED] * paths[at.PATH_INJURY_PROJECT_SHARE, t]
    wage_bill = (memory[at.MEMORY_INJURY_INSURED] - project) * 12.0 * paths[at.PATH_PREVIOUS_WAGE, t]
    factor = injury_rate_factor(t, paths, inputs.constants, inputs.packed, state)
    rate = float((tables.class_mix * tables.class_rate[t]).sum()) * factor
    by_project = project * paths[at.PATH_INJURY_PROJECT_PREMIUM, t]
    memory[at.MEMORY_PREMIUM_INJURY] = wage_bill * paths[at.PATH_INJURY_WAGE_RATIO, t] * rate + by_project
    if memory[at.MEMORY_PREMIUM_UNEMPLOYMENT] > 0.0 and insured > 0.0:
        rate = paths[at.PATH_UNEMPLOYMENT_EMPLOYER_RATE, t] + paths[at.PATH_UNEMPLOYMENT_EMPLOYEE_RATE, t]
        ages = slice(at.FIRST_AGE, at.FIRST_AGE + at.WORKING_AGES)
        weight = tables.level_shape[at.ENTERPRISE] * state.population[:, ages]
        base = float((tables.index[t, at.ENTERPRISE] * weight).sum() / weight.sum())
        memory[at.MEMORY_PREMIUM_UNEMPLOYMENT] = insured * 12.0 * paths[at.PATH_PREVIOUS_WAGE, t] * base * rate
