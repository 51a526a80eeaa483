"""Margins of the state at a year end, written to the output arrays."""

from __future__ import annotations

from simengine.kernels import layout as at
from simengine.kernels.branches.resident import coverable_people, registered_ratio
from simengine.kernels.branches.unemployment import total_insured
from simengine.kernels.compiler.jit import kernel
from simengine.kernels.people.mortality import count_covered


@kernel
def working_age_population(t, tables, population):
    """Population between 16 and the statutory month of its sex [persons]."""
    total = 0.0
    for sex in range(2):
        for age in range(at.FIRST_AGE, at.FIRST_AGE + at.WORKING_AGES):
            total += population[sex, age] * tables.working_weight[t, sex, age]
    return total


@kernel
def record_people(e, t, constants, tables, state, scratch, out):
    """Population, and main statuses that must add up to it: insured, students, uncovered, non-resident members."""
    stocks = out.stocks
    count_covered(state, scratch)
    for sex in range(2):
        for age in range(at.AGES):
            people = state.population[sex, age]
            out.population[e, sex, age] = people
            stocks[at.STOCK_POPULATION_TOTAL, e] += people
            if age >= at.FIRST_AGE:
                stocks[at.STOCK_POPULATION_16, e] += people
            if at.FIRST_AGE <= age < at.SENIOR_AGE:
                stocks[at.STOCK_POPULATION_16_59, e] += people
            if age >= at.SENIOR_AGE:
                stocks[at.STOCK_POPULATION_60, e] += people
                stocks[at.STOCK_REGISTERED_60, e] += people * registered_ratio(t, age, constants)
            covered = scratch.count[sex, age]
            stocks[at.STOCK_NON_RESIDENT_MEMBERS, e] += max(0.0, covered - people)
            free = max(0.0, people - covered)
            students = min(free, people * tables.student_share[age])
            stocks[at.STOCK_STUDENTS, e] += students
            stocks[at.STOCK_UNCOVERED, e] += free - students
    stocks[at.STOCK_WORKING_AGE_POPULATION, e] = working_age_population(t, tables, state.population)
    stocks[at.STOCK_COVERABLE_POPULATION, e] = coverable_people(t, constants, tables, state.population)


@kernel
def record_members(e, state, scratch, out):
    """Members by status, sex and age, their service and accounts."""
    stocks = out.stocks
    for career in range(at.CAREERS):
        sex = at.MALE if career == 0 else at.FEMALE
        for status in range(at.STATUSES):
            for i in range(at.WORKING_AGES):
                heads = scratch.heads[career, status, i]
                stocks[at.STOCK_MEMBER_SERVICE, e] += scratch.service[career, status, i]
                stocks[at.STOCK_ACCOUNT_BALANCE, e] += scratch.accounts[career, status, i]
                out.members[e, status, sex, i] += heads
                out.service[e, sex, at.FIRST_AGE + i] += scratch.service[career, status, i]
                stocks[at.STOCK_MEMBERS_ENTERPRISE + status, e] += heads
        for i in range(at.WORKING_AGES):
            for branch in range(at.INVALID_BRANCHES):
                stocks[at.STOCK_INVALIDITY_RECIPIENTS, e] += state.invalidity[at.I_HEADS, branch, career, i]
                stocks[at.STOCK_PENSIONER_ACCOUNT_BALANCE, e] += state.invalidity[at.I_ACCOUNT, branch, career, i]
            stocks[at.STOCK_ANNUITY_FUND, e] += state.annuity[0, career, i]
            stocks[at.STOCK_ANNUITY_RECORDED, e] += state.annuity[1, career, i]


@kernel
def record_pensioners(e, state, out):
    """Pensioners, survivors and annuitants with their masses."""
    stocks = out.stocks
    pensioners = state.pensioners
    for career in range(at.CAREERS):
        sex = at.MALE if career == 0 else at.FEMALE
        for age in range(at.AGES):
            for scheme in range(2):
                heads = pensioners[at.P_HEADS, career, scheme, age]
                out.pensioners[e, scheme, sex, age] += heads
                out.pension_mass[e, scheme, sex, age] += pensioners[at.P_MASS, career, scheme, age]
                out.service[e, sex, age] += pensioners[at.P_SERVICE, career, scheme, age]
                stocks[at.STOCK_ENTERPRISE_PENSIONERS + scheme, e] += heads
                stocks[at.STOCK_ENTERPRISE_PENSION_MASS + scheme, e] += pensioners[at.P_MASS, career, scheme, age]
                stocks[at.STOCK_PENSIONER_ACCOUNT_BALANCE, e] += pensioners[at.P_ACCOUNT, career, scheme, age]
                stocks[at.STOCK_ANNUITY_FUND, e] += pensioners[at.P_ANNUITY, career, scheme, age]
                if age >= at.SENIOR_AGE:
                    stocks[at.STOCK_PENSIONERS_60, e] += heads
            stocks[at.STOCK_INJURY_ANNUITANTS, e] += state.annuitants[at.A_HEADS, career, age]
            stocks[at.STOCK_INJURY_SURVIVORS, e] += state.injury_survivors[0, career, age]


@kernel
def record_resident(e, base_pension, state, out):
    """Resident scheme: registered, beneficiaries, masses at the year's standard."""
    stocks = out.stocks
    for sex in range(2):
        for age in range(at.AGES):
            paying = state.resident[at.R_PAYING, sex, age]
            waiting = state.resident[at.R_NOT_PAYING, sex, age]
            heads = state.beneficiaries[at.B_HEADS, sex, age]
            state.beneficiaries[at.B_BASE_MASS, sex, age] = heads * base_pension
            out.resident[e, sex, age] = paying + waiting
            out.beneficiaries[e, sex, age] = heads
            stocks[at.STOCK_RESIDENT_CONTRIBUTORS, e] += paying
            stocks[at.STOCK_RESIDENT_PAUSED, e] += waiting
            stocks[at.STOCK_DUAL_MEMBERS, e] += state.resident[at.R_DUAL, sex, age]
            stocks[at.STOCK_RESIDENT_ACCOUNT_BALANCE, e] += state.resident[at.R_ACCOUNT, sex, age]
            stocks[at.STOCK_RESIDENT_BENEFICIARIES, e] += heads
            stocks[at.STOCK_RESIDENT_BASE_MASS, e] += heads * base_pension
            stocks[at.STOCK_RESIDENT_PENSION_MASS, e] += (
                heads * base_pension + state.beneficiaries[at.B_ACCOUNT_MASS, sex, age]
            )
            stocks[at.STOCK_RESIDENT_PENSIONER_ACCOUNT, e] += state.beneficiaries[at.B_ACCOUNT, sex, age]


@kernel
def record_stocks(e, t, base_pension, constants, tables, state, scratch, out):
    """All stocks of year end e; t is the year whose retirement ages mark the working-age population."""
    out.stocks[:, e] = 0.0
    out.members[e, :, :, :] = 0.0
    out.pensioners[e, :, :, :] = 0.0
    out.pension_mass[e, :, :, :] = 0.0
    out.service[e, :, :] = 0.0
    record_people(e, t, constants, tables, state, scratch, out)
    record_members(e, state, scratch, out)
    record_pensioners(e, state, out)
    record_resident(e, base_pension, state, out)
    stocks = out.stocks
    stocks[at.STOCK_UNEMPLOYMENT_INSURED, e] = total_insured(state)
    for near in range(2):
        for step in range(at.LADDER):
            for left in range(at.MONTHS):
                stocks[at.STOCK_UNEMPLOYMENT_CLAIMANTS, e] += state.claimants[near, step, left]
    stocks[at.STOCK_INJURY_INSURED, e] = state.memory[at.MEMORY_INJURY_INSURED]
    stocks[at.STOCK_PLATFORM_INSURED, e] = state.memory[at.MEMORY_PLATFORM_INSURED]
    stocks[at.STOCK_ENTRUSTED_ENTERPRISE, e] = state.entrusted[0]
    stocks[at.STOCK_ENTRUSTED_RESIDENT, e] = state.entrusted[1]
    for account in range(2):
        for fund in range(at.FUNDS):
            out.balance[account, fund, e] = state.funds[account, fund]
