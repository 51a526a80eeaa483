"""Work-injury insurance: cases by risk class, lump sums, annuitants and survivors (schemes.md, section 6)."""

from __future__ import annotations

from simengine.kernels import layout as at
from simengine.kernels.coverage import anchor, level_target
from simengine.kernels.jit import kernel


@kernel
def class_sum(mix, values):
    """Mean of a class value over the mix of risk classes (mix sums to 1)."""
    total = 0.0
    for risk in range(at.RISK_CLASSES):
        total += mix[risk] * values[risk]
    return total


@kernel
def pay_annuitants(t, paths, constants, tables, state, scratch, out):
    """A year of the annuitants (grades 1-4) and survivors: adjusted, paid, deaths.

    Past the statutory month the pension replaces the allowance and the fund tops up the difference
    (工伤保险条例 art. 35); the mean enterprise pension of the closing year stands for the pension.
    """
    ratio = 1.0 + paths[at.PATH_ADJUSTMENT_RATIO, t]
    heads_all = 0.0
    mass_all = 0.0
    for career in range(at.CAREERS):
        for age in range(at.AGES):
            heads_all += state.pensioners[at.P_HEADS, career, 0, age]
            mass_all += state.pensioners[at.P_MASS, career, 0, age]
    pension = mass_all / heads_all if heads_all > 0.0 else 0.0
    flows = out.flows
    for career in range(at.CAREERS):
        sex = at.MALE if career == 0 else at.FEMALE
        for age in range(at.FIRST_AGE, at.AGES):
            for item in (at.A_ALLOWANCE, at.A_NURSING):
                state.annuitants[item, career, age] *= ratio
            state.injury_survivors[1, career, age] *= ratio
            heads = state.annuitants[at.A_HEADS, career, age]
            if heads > 0.0:
                q = min(1.0, scratch.death[at.Q_OTHER, sex, age] * constants[at.CONSTANT_INJURY_ANNUITANT_MORTALITY])
                allowance = state.annuitants[at.A_ALLOWANCE, career, age]
                old = tables.retirement[t, career, age, at.RET_YEARS_TO_STATUTORY] <= 0.0
                if old:
                    allowance = max(0.0, allowance - heads * pension)
                paid = 12.0 * (allowance + state.annuitants[at.A_NURSING, career, age]) * (1.0 - 0.5 * q)
                flows[at.FLOW_INJURY_ALLOWANCES, t] += paid
                flows[at.FLOW_ANNUITANT_DEATHS, t] += heads * q
                for item in range(3):
                    state.annuitants[item, career, age] *= 1.0 - q
                state.annuitants[at.A_TOPPED_UP, career, age] = (
                    state.annuitants[at.A_HEADS, career, age] if old else 0.0
                )
            survivors = state.injury_survivors[0, career, age]
            if survivors > 0.0:
                exit_prob = min(1.0, scratch.death[at.Q_OTHER, sex, age] + constants[at.CONSTANT_INJURY_SURVIVOR_EXIT])
                flows[at.FLOW_INJURY_SURVIVOR_PENSIONS, t] += (
                    12.0 * state.injury_survivors[1, career, age] * (1.0 - 0.5 * exit_prob)
                )
                flows[at.FLOW_INJURY_SURVIVOR_EXITS, t] += survivors * exit_prob
                state.injury_survivors[0, career, age] *= 1.0 - exit_prob
                state.injury_survivors[1, career, age] *= 1.0 - exit_prob


@kernel
def add_annuitants(t, new, fatal, wage, paths, constants, state):
    """New annuitants and survivors, spread by career and age like the enterprise payers [persons, yuan/month].

    Returns whether there is anybody to spread them over.
    """
    total = 0.0
    for career in range(at.CAREERS):
        for i in range(at.WORKING_AGES):
            for k in range(at.BINS):
                total += state.members[at.HEADS, career, at.ENTERPRISE, i, k]
    if total <= 0.0:
        return False
    nursing = constants[at.CONSTANT_INJURY_NURSING_SHARE] * paths[at.PATH_PREVIOUS_WAGE, t]
    for career in range(at.CAREERS):
        for i in range(at.WORKING_AGES):
            heads = 0.0
            for k in range(at.BINS):
                heads += state.members[at.HEADS, career, at.ENTERPRISE, i, k]
            share = heads / total
            age = at.FIRST_AGE + i
            state.annuitants[at.A_HEADS, career, age] += new * share
            state.annuitants[at.A_ALLOWANCE, career, age] += (
                new * share * paths[at.PATH_INJURY_ALLOWANCE_SHARE, t] * wage
            )
            state.annuitants[at.A_NURSING, career, age] += new * share * nursing
            state.injury_survivors[0, career, age] += fatal * share
            state.injury_survivors[1, career, age] += (
                fatal * share * constants[at.CONSTANT_INJURY_SURVIVOR_SHARE] * wage
            )
    return True


@kernel
def settle_injury(t, employed, paths, constants, tables, state, scratch, out):
    """A year of the branch: premiums by class, cases, lump sums, annuities, prevention.

    Parameters
    ----------
    employed : employed residents [persons]; the level target's anchor when no level is known
    """
    flows = out.flows
    memory = state.memory
    level = paths[at.PATH_INJURY_INSURED, t]
    index = paths[at.PATH_INJURY_INDEX, t]
    target = level_target(level, index, memory[at.MEMORY_RATIO_INJURY], employed)
    anchor(level, index, target, employed, memory, at.MEMORY_RATIO_INJURY)
    insured = 0.5 * (memory[at.MEMORY_INJURY_INSURED] + target)
    memory[at.MEMORY_INJURY_INSURED] = target
    memory[at.MEMORY_PLATFORM_INSURED] = paths[at.PATH_PLATFORM_INSURED, t]
    wage = paths[at.PATH_PREVIOUS_WAGE, t] * paths[at.PATH_INJURY_WAGE_RATIO, t]
    wage_bill = insured * 12.0 * wage
    rate = class_sum(tables.class_mix, tables.class_rate[t]) * paths[at.PATH_INJURY_RATE_FACTOR, t]
    premium = wage_bill * rate * paths[at.PATH_INJURY_SHARE_DUE, t]
    cases = insured * class_sum(tables.class_mix, tables.class_incidence) * paths[at.PATH_INCIDENCE_FACTOR, t]
    fatal = cases * paths[at.PATH_INJURY_DEATH_SHARE, t]
    new = cases * paths[at.PATH_INJURY_ANNUITY_SHARE, t]
    medical = cases * paths[at.PATH_MEDICAL_COST, t]
    lump = cases * (
        paths[at.PATH_INJURY_LUMP_MONTHS, t] * wage
        + paths[at.PATH_INJURY_SUBSIDY_MONTHS, t] * paths[at.PATH_PREVIOUS_WAGE, t]
    )
    death = fatal * (
        paths[at.PATH_INJURY_FUNERAL_MONTHS, t] * paths[at.PATH_PREVIOUS_WAGE, t]
        + paths[at.PATH_INJURY_DEATH_MULTIPLE, t] * paths[at.PATH_PREVIOUS_NATIONAL_URBAN_INCOME, t]
    )
    pay_annuitants(t, paths, constants, tables, state, scratch, out)
    units = fatal  # one unit of dependants for each fatal case
    if not add_annuitants(t, new, units, wage, paths, constants, state):
        new = 0.0
        units = 0.0
    half = 6.0 * (
        new * (paths[at.PATH_INJURY_ALLOWANCE_SHARE, t] * wage
               + constants[at.CONSTANT_INJURY_NURSING_SHARE] * paths[at.PATH_PREVIOUS_WAGE, t])
    )  # fmt: skip
    half_survivor = 6.0 * units * constants[at.CONSTANT_INJURY_SURVIVOR_SHARE] * wage
    flows[at.FLOW_INJURY_CASES, t] = cases
    flows[at.FLOW_FATAL_CASES, t] = fatal
    flows[at.FLOW_NEW_ANNUITANTS, t] = new
    flows[at.FLOW_NEW_INJURY_SURVIVORS, t] = units
    flows[at.FLOW_INJURY_MEDICAL, t] = medical
    flows[at.FLOW_INJURY_LUMP_SUMS, t] = lump
    flows[at.FLOW_INJURY_DEATH_BENEFITS, t] = death
    flows[at.FLOW_INJURY_ALLOWANCES, t] += half
    flows[at.FLOW_INJURY_SURVIVOR_PENSIONS, t] += half_survivor
    flows[at.FLOW_INJURY_WAGE_BILL, t] = wage_bill
    prevention = paths[at.PATH_PREVENTION_SHARE, t] * memory[at.MEMORY_PREMIUM_INJURY]
    ledger = scratch.ledger
    ledger[at.FUND_INJURY, at.IN_CONTRIBUTIONS] += premium
    ledger[at.FUND_INJURY, at.OUT_BENEFITS] += (
        medical + lump + death + flows[at.FLOW_INJURY_ALLOWANCES, t] + flows[at.FLOW_INJURY_SURVIVOR_PENSIONS, t]
    )
    ledger[at.FUND_INJURY, at.OUT_OTHER] += prevention
    memory[at.MEMORY_PREMIUM_INJURY] = premium
