"""Deaths by main status that add up to the deaths of the population (model.md, section 3)."""

from __future__ import annotations

from simengine.kernels import layout as at
from simengine.kernels.compiler.jit import kernel


@kernel
def count_covered(state, scratch):
    """Persons with a main status of the insurance schemes, by sex and age [persons].

    Members count once: a dormant employees' account of a resident contributor (`dual`) is taken off.
    """
    count = scratch.count
    count[:, :] = 0.0
    for career in range(at.CAREERS):
        sex = at.MALE if career == 0 else at.FEMALE
        for status in range(at.STATUSES):
            for i in range(at.WORKING_AGES):
                count[sex, at.FIRST_AGE + i] += scratch.heads[career, status, i]
        for i in range(at.WORKING_AGES):
            for branch in range(at.INVALID_BRANCHES):
                count[sex, at.FIRST_AGE + i] += state.invalidity[at.I_HEADS, branch, career, i]
        for age in range(at.AGES):
            count[sex, age] += (
                state.pensioners[at.P_HEADS, career, 0, age] + state.pensioners[at.P_HEADS, career, 1, age]
            )
    for sex in range(2):
        for age in range(at.AGES):
            count[sex, age] += (
                state.resident[at.R_PAYING, sex, age]
                + state.resident[at.R_NOT_PAYING, sex, age]
                - state.resident[at.R_DUAL, sex, age]
                + state.beneficiaries[at.B_HEADS, sex, age]
            )


@kernel
def close_mortality(t, constants, tables, state, scratch, out):
    """Probability of dying by mortality group, sex and age; rescaled so that deaths equal the population's.

        Σ n_g·m_g·c = n        q_g = q·m_g·c

    Payers, public payers, pensioners and invalidity recipients have stated multipliers m_g; everybody else
    takes the multiplier that closes the sum, up to a stated maximum, beyond which all groups are scaled by c.
    All stocks are already relabelled to the age reached in the year.
    """
    count_covered(state, scratch)
    largest = 0.0
    for sex in range(2):
        for age in range(at.AGES):
            payers = 0.0
            public = 0.0
            pensioners = 0.0
            invalid = 0.0
            for career in range(at.CAREERS):
                if (career == 0) != (sex == at.MALE):
                    continue
                pensioners += (
                    state.pensioners[at.P_HEADS, career, 0, age] + state.pensioners[at.P_HEADS, career, 1, age]
                )
                i = age - at.FIRST_AGE
                if 0 <= i < at.WORKING_AGES:
                    payers += scratch.heads[career, at.ENTERPRISE, i] + scratch.heads[career, at.FLEXIBLE, i]
                    public += scratch.heads[career, at.PUBLIC, i]
                    for branch in range(at.INVALID_BRANCHES):
                        invalid += state.invalidity[at.I_HEADS, branch, career, i]
            total = max(scratch.population_open[sex, age], scratch.count[sex, age])
            stated = (
                payers * constants[at.CONSTANT_MORTALITY_PAYER]
                + public * constants[at.CONSTANT_MORTALITY_PUBLIC]
                + pensioners * constants[at.CONSTANT_MORTALITY_PENSIONER]
                + invalid * constants[at.CONSTANT_MORTALITY_INVALID]
            )
            others = total - payers - public - pensioners - invalid
            other = 1.0
            scale = 1.0
            if total > 0.0:
                if others > at.NO_HEADS * total:
                    other = min(
                        max((total - stated) / others, at.LEAST_OTHER_MORTALITY),
                        constants[at.CONSTANT_MORTALITY_OTHER_MAX],
                    )
                    scale = total / (stated + others * other)
                else:
                    scale = total / stated
            largest = max(largest, scale)
            q = tables.death_prob[t, sex, age] * scale
            scratch.death[at.Q_OTHER, sex, age] = min(1.0, q * other)
            scratch.death[at.Q_PAYER, sex, age] = min(1.0, q * constants[at.CONSTANT_MORTALITY_PAYER])
            scratch.death[at.Q_PUBLIC, sex, age] = min(1.0, q * constants[at.CONSTANT_MORTALITY_PUBLIC])
            scratch.death[at.Q_PENSIONER, sex, age] = min(1.0, q * constants[at.CONSTANT_MORTALITY_PENSIONER])
            scratch.death[at.Q_INVALID, sex, age] = min(1.0, q * constants[at.CONSTANT_MORTALITY_INVALID])
    out.flows[at.FLOW_MORTALITY_FACTOR_MAX, t] = largest
