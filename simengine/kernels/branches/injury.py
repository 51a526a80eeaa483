"""Work-injury insurance: cases by risk class, lump sums, annuitants and survivors (schemes.md, section 6)."""

from __future__ import annotations

import math

from simengine.kernels import layout as at
from simengine.kernels.compiler.jit import kernel
from simengine.kernels.members.campaigns import branch_campaign
from simengine.kernels.members.coverage import anchor, level_target
from simengine.kernels.rules.funds import payable_months
from simengine.kernels.rules.injury import (
    death_grant,
    disability_allowance,
    disability_lump,
    funeral_grant,
    leaving_subsidy,
    nursing_payment,
    premium_rate,
    prevention_cap,
    survivor_pension,
    topped_up,
)


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
                allowance = topped_up(allowance, heads * paths[at.PATH_MINIMUM_WAGE, t])
                old = tables.retirement[t, career, age, at.RET_YEARS_TO_STATUTORY] <= 0.0
                if old:
                    allowance = max(0.0, allowance - heads * pension)
                paid = 12.0 * (allowance + state.annuitants[at.A_NURSING, career, age]) * (1.0 - 0.5 * q)
                flows[at.FLOW_INJURY_ALLOWANCES, t] += paid
                flows[at.FLOW_ANNUITANT_DEATHS, t] += heads * q
                for item in range(at.ANNUITANT_ITEMS):
                    state.annuitants[item, career, age] *= 1.0 - q
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
def add_annuitants(t, new, fatal, wage, paths, state, scratch):
    """New annuitants and survivors, spread by career and age like the enterprise payers [persons, yuan/month].

    Returns whether there is anybody to spread them over.
    """
    total = 0.0
    for career in range(at.CAREERS):
        for i in range(at.WORKING_AGES):
            total += scratch.heads[career, at.ENTERPRISE, i]
    if total <= 0.0:
        return False
    nursing = nursing_payment(paths[at.PATH_INJURY_NURSING_SHARE, t], paths[at.PATH_PREVIOUS_WAGE, t])
    for career in range(at.CAREERS):
        for i in range(at.WORKING_AGES):
            share = scratch.heads[career, at.ENTERPRISE, i] / total
            age = at.FIRST_AGE + i
            state.annuitants[at.A_HEADS, career, age] += new * share
            state.annuitants[at.A_ALLOWANCE, career, age] += disability_allowance(
                new * share * paths[at.PATH_INJURY_ALLOWANCE_SHARE, t], wage
            )
            state.annuitants[at.A_NURSING, career, age] += new * share * nursing
            state.injury_survivors[0, career, age] += fatal * share
            state.injury_survivors[1, career, age] += survivor_pension(
                fatal * share * paths[at.PATH_INJURY_SURVIVOR_SHARE, t], wage
            )
    return True


@kernel
def interpolate(place, table):
    """Value of a table at a fractional position, its ends held."""
    if place <= 0.0:
        return table[0]
    below = int(place)
    if below >= table.size - 1:
        return table[table.size - 1]
    share = place - below
    return (1.0 - share) * table[below] + share * table[below + 1]


@kernel
def phased_cut(t, months, tables):
    """Mean factor of the phased cut at a region's payable months [1] (人社部发〔2018〕25号, schemes.md 6.1).

    Areas of a region stand on both sides of its mean: the factor moves linearly between the marks of the law.
    """
    marks = tables.cut_marks
    factors = tables.cut_factor[t]
    if months <= marks[0]:
        return factors[0]
    for k in range(1, marks.size):
        if months <= marks[k]:
            share = (months - marks[k - 1]) / (marks[k] - marks[k - 1])
            return (1.0 - share) * factors[k - 1] + share * factors[k]
    return factors[marks.size - 1]


@kernel
def fund_months(state):
    """Payable months of the fund at the last year end, by last year's outgo [months]; none known: above every mark."""
    spent = state.memory[at.MEMORY_SPENDING_INJURY]
    if spent <= 0.0:
        return math.nan
    return payable_months(state.funds[at.OWN, at.FUND_INJURY], spent)


@kernel
def mean_level(t, tables, state):
    """Mean rate over base rate of the floating classes, weighed by their base premiums [1]."""
    base = 0.0
    floating = 0.0
    for risk in range(at.RISK_CLASSES):
        premium = tables.class_mix[risk] * tables.class_rate[t, risk]
        base += premium
        group = 0 if risk == 0 else 1
        floating += premium * interpolate(state.injury_classes[at.C_LEVEL, risk], tables.float_levels[t, group])
    return floating / base if base > 0.0 else 1.0


@kernel
def injury_rate_factor(t, paths, constants, tables, state):
    """Factor on the class rates [1].

    Published years: the published factor, which includes floating and the phased cut. Later years: its last value
    without both, times this year's cut and reserve factor; floating is applied by class.

    The branch is pay-as-you-go (工伤保险条例 art. 8): below the lower mark of months the reserve factor rises by a
    step a year, from the upper mark on it falls back, never below one; the mean rate of the floating classes stays
    between the lowest and the highest level.
    """
    memory = state.memory
    months = fund_months(state)
    known = paths[at.PATH_INJURY_RATE_FACTOR, t]
    if not math.isnan(known):
        cut = 1.0 if math.isnan(months) else phased_cut(t, months, tables)
        memory[at.MEMORY_INJURY_RATE_FACTOR] = known / (cut * mean_level(t, tables, state))
        memory[at.MEMORY_INJURY_RESERVE_FACTOR] = 1.0
        return known
    level = mean_level(t, tables, state)
    levels = tables.float_levels[t, 1]
    step = 1.0 + constants[at.CONSTANT_INJURY_RATE_STEP]
    cut = 1.0
    if not math.isnan(months):
        cut = phased_cut(t, months, tables)
        if months < constants[at.CONSTANT_INJURY_MONTHS_LOW]:
            highest = max(1.0, levels[levels.size - 1] / (memory[at.MEMORY_INJURY_RATE_FACTOR] * level))
            memory[at.MEMORY_INJURY_RESERVE_FACTOR] = min(highest, memory[at.MEMORY_INJURY_RESERVE_FACTOR] * step)
        elif months >= constants[at.CONSTANT_INJURY_MONTHS_HIGH]:
            memory[at.MEMORY_INJURY_RESERVE_FACTOR] = max(1.0, memory[at.MEMORY_INJURY_RESERVE_FACTOR] / step)
    factor = memory[at.MEMORY_INJURY_RATE_FACTOR] * memory[at.MEMORY_INJURY_RESERVE_FACTOR] * cut
    return min(levels[levels.size - 1] / level, max(levels[0] / level, factor))


@kernel
def rerate_classes(t, paths, tables, state):
    """Floating of the classes: every few years the level moves by the claims ratio since the last re-rating.

    Employers of a class spread around its ratio, so the mean level moves by fractions: `Tables.float_shift`. Class 1
    never floats below its base rate (人社部发〔2015〕71号, schemes.md 6.1).
    """
    memory = state.memory
    memory[at.MEMORY_RERATING_YEARS] += 1.0
    if memory[at.MEMORY_RERATING_YEARS] < paths[at.PATH_RERATING_INTERVAL, t]:
        return
    classes = state.injury_classes
    for risk in range(at.RISK_CLASSES):
        if classes[at.C_PREMIUMS, risk] > 0.0:
            ratio = classes[at.C_CLAIMS, risk] / classes[at.C_PREMIUMS, risk]
            lowest = at.FLOAT_BASE if risk == 0 else 0.0
            level = classes[at.C_LEVEL, risk] + interpolate(ratio / at.FLOAT_STEP, tables.float_shift[t])
            classes[at.C_LEVEL, risk] = min(at.FLOAT_LEVELS - 1.0, max(lowest, level))
        classes[at.C_CLAIMS, risk] = 0.0
        classes[at.C_PREMIUMS, risk] = 0.0
    memory[at.MEMORY_RERATING_YEARS] = 0.0


@kernel
def injury_target(t, employed, paths, state, out):
    """Insured at year end [persons]: the known level, or its ratio to the employed and the campaigns' heads.

    An unknown level never exceeds the employed and those insured by project; a known one that does is reported.
    """
    memory = state.memory
    level = paths[at.PATH_INJURY_INSURED, t]
    index = paths[at.PATH_INJURY_INDEX, t]
    target = level_target(level, index, memory[at.MEMORY_RATIO_INJURY], employed)
    anchor(level, index, target, employed, memory, at.MEMORY_RATIO_INJURY)
    target += memory[at.MEMORY_EXTRA_INJURY]
    heads = branch_campaign(
        paths[at.PATH_CAMPAIGN_GROSS_INJURY, t], paths[at.PATH_CAMPAIGN_ADDITIONAL_INJURY, t],
        target - memory[at.MEMORY_INJURY_INSURED], at.MEMORY_BACKLOG_INJURY, state,
    )  # fmt: skip
    memory[at.MEMORY_EXTRA_INJURY] += heads
    out.flows[at.FLOW_CAMPAIGN_TOP_UP_INJURY, t] = heads
    target += heads
    project = paths[at.PATH_INJURY_PROJECT_SHARE, t]
    if math.isnan(level):
        target = min(target, employed / (1.0 - project))
    out.flows[at.FLOW_INJURY_OVER_EMPLOYED, t] = max(0.0, target * (1.0 - project) - employed)
    return target


@kernel
def collect_premiums(t, insured, case_cost, paths, constants, tables, state, out):
    """Premiums by class and by project; claims and premiums of the classes are remembered for re-rating [yuan].

    Parameters
    ----------
    insured : mean of opening and closing insured [persons]; case_cost : mean cost of a case of the year [yuan]
    """
    memory = state.memory
    rerate_classes(t, paths, tables, state)
    factor = injury_rate_factor(t, paths, constants, tables, state)
    project = paths[at.PATH_INJURY_PROJECT_SHARE, t]
    wage = paths[at.PATH_PREVIOUS_WAGE, t] * paths[at.PATH_INJURY_WAGE_RATIO, t]
    bill = insured * (1.0 - project) * 12.0 * wage
    total = 0.0
    for risk in range(at.RISK_CLASSES):
        level = 1.0
        if math.isnan(paths[at.PATH_INJURY_RATE_FACTOR, t]):
            group = 0 if risk == 0 else 1
            level = interpolate(state.injury_classes[at.C_LEVEL, risk], tables.float_levels[t, group])
        rate = premium_rate(tables.class_rate[t, risk], level, factor)
        premium = bill * tables.class_mix[risk] * rate * paths[at.PATH_INJURY_SHARE_DUE, t]
        incidence = tables.class_incidence[risk] * incidence_factor(t, paths, constants)
        state.injury_classes[at.C_PREMIUMS, risk] += premium
        claims = insured * (1.0 - project) * tables.class_mix[risk] * incidence * case_cost
        state.injury_classes[at.C_CLAIMS, risk] += claims
        total += premium
    by_project = insured * project * paths[at.PATH_INJURY_PROJECT_PREMIUM, t] * paths[at.PATH_INJURY_SHARE_DUE, t]
    out.flows[at.FLOW_INJURY_WAGE_BILL, t] = bill
    out.flows[at.FLOW_INJURY_PROJECT_PREMIUMS, t] = by_project
    memory[at.MEMORY_PREMIUM_INJURY] = total + by_project
    return total + by_project


@kernel
def incidence_factor(t, paths, constants):
    """Factor on the incidence of every class [1]: the path, lowered by prevention beyond what the law provides.

    1 - e·(share/share of the law - 1),  e: fall for a doubling, `prevention_effect`
    """
    factor = paths[at.PATH_INCIDENCE_FACTOR, t]
    base = paths[at.PATH_PREVENTION_BASE, t]
    if base > 0.0:
        more = paths[at.PATH_PREVENTION_SHARE, t] / base - 1.0
        factor *= max(0.0, 1.0 - constants[at.CONSTANT_PREVENTION_EFFECT] * more)
    return factor


@kernel
def book_cases(t, cases, fatal, new, units, wage, average, paths, flows):
    """Cases of the year and, for half a year, what new annuitants and dependants draw.

    Parameters
    ----------
    cases, fatal : recognised injuries, of them fatal; new : annuitants; units : units of dependants [persons]
    wage, average : wage of the insured, W(t-1) [yuan/month]
    """
    half = at.HALF_YEAR * (
        new
        * (
            disability_allowance(paths[at.PATH_INJURY_ALLOWANCE_SHARE, t], wage)
            + nursing_payment(paths[at.PATH_INJURY_NURSING_SHARE, t], average)
        )
    )
    half_survivor = survivor_pension(at.HALF_YEAR * units * paths[at.PATH_INJURY_SURVIVOR_SHARE, t], wage)
    flows[at.FLOW_INJURY_CASES, t] = cases
    flows[at.FLOW_FATAL_CASES, t] = fatal
    flows[at.FLOW_NEW_ANNUITANTS, t] = new
    flows[at.FLOW_NEW_INJURY_SURVIVORS, t] = units
    flows[at.FLOW_INJURY_ALLOWANCES, t] += half
    flows[at.FLOW_INJURY_SURVIVOR_PENSIONS, t] += half_survivor


@kernel
def settle_injury(t, target, paths, constants, tables, state, scratch, out):
    """A year of the branch: premiums by class, cases, lump sums, annuities, prevention.

    Parameters
    ----------
    target : insured at year end [persons]
    """
    flows = out.flows
    memory = state.memory
    insured = 0.5 * (memory[at.MEMORY_INJURY_INSURED] + target)
    memory[at.MEMORY_INJURY_INSURED] = target
    memory[at.MEMORY_PLATFORM_INSURED] = paths[at.PATH_PLATFORM_INSURED, t]
    prevention = prevention_cap(paths[at.PATH_PREVENTION_SHARE, t], memory[at.MEMORY_PREMIUM_INJURY])
    average = paths[at.PATH_PREVIOUS_WAGE, t]
    wage = average * paths[at.PATH_INJURY_WAGE_RATIO, t]
    cases = insured * class_sum(tables.class_mix, tables.class_incidence) * incidence_factor(t, paths, constants)
    fatal = cases * paths[at.PATH_INJURY_DEATH_SHARE, t]
    new = cases * paths[at.PATH_INJURY_ANNUITY_SHARE, t]
    medical = cases * paths[at.PATH_MEDICAL_COST, t]
    lump = cases * (
        disability_lump(paths[at.PATH_INJURY_LUMP_MONTHS, t], wage)
        + leaving_subsidy(paths[at.PATH_INJURY_SUBSIDY_MONTHS, t], average)
    )
    death = fatal * (
        funeral_grant(paths[at.PATH_INJURY_FUNERAL_MONTHS, t], average)
        + death_grant(paths[at.PATH_INJURY_DEATH_MULTIPLE, t], paths[at.PATH_PREVIOUS_NATIONAL_URBAN_INCOME, t])
    )
    cost = (medical + lump + death) / cases if cases > 0.0 else 0.0
    premium = collect_premiums(t, insured, cost, paths, constants, tables, state, out)
    pay_annuitants(t, paths, constants, tables, state, scratch, out)
    units = fatal  # one unit of dependants for each fatal case
    if not add_annuitants(t, new, units, wage, paths, state, scratch):
        new = 0.0
        units = 0.0
    book_cases(t, cases, fatal, new, units, wage, average, paths, flows)
    flows[at.FLOW_INJURY_MEDICAL, t] = medical
    flows[at.FLOW_INJURY_LUMP_SUMS, t] = lump
    flows[at.FLOW_INJURY_DEATH_BENEFITS, t] = death
    flows[at.FLOW_INJURY_EMPLOYER_PAID, t] = cases * (
        paths[at.PATH_INJURY_STOP_WORK_MONTHS, t] * wage
        + leaving_subsidy(paths[at.PATH_INJURY_EMPLOYMENT_MONTHS, t], average)
    )
    ledger = scratch.ledger
    ledger[at.FUND_INJURY, at.IN_CONTRIBUTIONS] += premium
    ledger[at.FUND_INJURY, at.OUT_BENEFITS] += (
        medical + lump + death + flows[at.FLOW_INJURY_ALLOWANCES, t] + flows[at.FLOW_INJURY_SURVIVOR_PENSIONS, t]
    )
    ledger[at.FUND_INJURY, at.OUT_OTHER] += prevention
    memory[at.MEMORY_SPENDING_INJURY] = ledger[at.FUND_INJURY, at.OUT_BENEFITS] + ledger[at.FUND_INJURY, at.OUT_OTHER]
