"""The resident scheme through one year: contributors, beneficiaries, accounts (schemes.md, section 4)."""

from __future__ import annotations

import math

from simengine.kernels import layout as at
from simengine.kernels.compiler.jit import inlined, kernel
from simengine.kernels.members.coverage import anchor, level_target
from simengine.kernels.members.enrolment import count_employees, count_everyone
from simengine.kernels.rules.accounts import account_pension, pay_account
from simengine.kernels.rules.resident import credit_resident, resident_pension, years_to_make_up

FIRST_MONTHS = at.HALF_YEAR - 0.5
"""Months for which who begins to draw all over a year is paid in it: twelve months, each from the month after."""


@inlined
def reached_share(age, pension_age):
    """Part of an age, as reached in the year, that has the pension age by the end of the year [1].

    Birthdays are spread evenly, so a fractional pension age (60 years 3 months = 60.25) splits one age:

        min(1, max(0, age + 1 - pension age))

    Examples
    --------
    >>> reached_share(59, 60.0), reached_share(60, 60.0), reached_share(60, 60.25)
    (0.0, 1.0, 0.75)
    """
    return min(1.0, max(0.0, age + 1.0 - pension_age))


@inlined
def reached_after(age, pension_age):
    """Part of the year that passes on average before those of an age who reach the pension age in it do so [1].

    Who had the age on 1 January draws already; after a fall of it by whole years, who then has it waits no longer.

    Examples
    --------
    >>> reached_after(60, 60.0), reached_after(60, 60.25), reached_after(61, 60.25), reached_after(62, 60.0)
    (0.5, 0.625, 0.125, 0.0)
    """
    first = min(1.0, max(0.0, pension_age - age))
    last = min(1.0, max(0.0, pension_age - age + 1.0))
    return 0.5 * (first + last)


@kernel
def relabel_resident(state):
    """Ageing of contributors and beneficiaries."""
    for sex in range(2):
        for item in range(at.RESIDENT_ITEMS):
            for age in range(at.AGES - 1, 0, -1):
                state.resident[item, sex, age] = state.resident[item, sex, age - 1]
            state.resident[item, sex, 0] = 0.0
        for item in range(at.BENEFICIARY_ITEMS):
            state.beneficiaries[item, sex, at.AGES - 1] += state.beneficiaries[item, sex, at.AGES - 2]
            for age in range(at.AGES - 2, 0, -1):
                state.beneficiaries[item, sex, age] = state.beneficiaries[item, sex, age - 1]
            state.beneficiaries[item, sex, 0] = 0.0


@kernel
def registered_ratio(t, age, constants):
    """Registered (hukou) over resident people of an age [1]: who turns 60 after the opening keeps the younger ratio.

    The basis states one ratio below 60 and one from 60 on, whatever the pension age of the law.
    """
    since_opening = constants[at.CONSTANT_FIRST_YEAR] + t - constants[at.CONSTANT_OPENING_YEAR]
    if age < at.SENIOR_AGE or age - at.SENIOR_AGE < since_opening:
        return constants[at.CONSTANT_HUKOU_RATIO_16_59]
    return constants[at.CONSTANT_HUKOU_RATIO]


@kernel
def resident_paying_share(t, paths):
    """Share of registered residents who pay in the year [1]; a payment-rate lever overrides the path."""
    rate = paths[at.PATH_RESIDENT_PAYMENT_RATE, t]
    if math.isnan(rate):
        return paths[at.PATH_RESIDENT_PAYING_SHARE, t]
    return rate


@kernel
def paying_share_of_cell(t, resumed, registered, paths):
    """Share of the registered of a cell who pay [1]: who pays again because of a campaign is on top of the path.

    A payment-rate lever states the share; it contains them.
    """
    share = resident_paying_share(t, paths)
    if math.isnan(paths[at.PATH_RESIDENT_PAYMENT_RATE, t]):
        return min(1.0, share + resumed / registered)
    return share


@kernel
def pay_beneficiaries(t, paths, state, scratch, out):
    """A year of the opening beneficiaries: base pension at the year's standard, account part, deaths."""
    beneficiaries = state.beneficiaries
    flows = out.flows
    rate = paths[at.PATH_RESIDENT_ACCOUNT_RATE, t]
    base = paths[at.PATH_BASIC_PENSION, t] + paths[at.PATH_RESIDENT_SUPPLEMENT, t]
    for sex in range(2):
        for age in range(at.FIRST_AGE, at.AGES):
            heads = beneficiaries[at.B_HEADS, sex, age]
            if heads <= 0.0:
                continue
            q = scratch.death[at.Q_OTHER, sex, age]
            base_paid = 12.0 * heads * base * (1.0 - 0.5 * q)
            account_paid = 12.0 * beneficiaries[at.B_ACCOUNT_MASS, sex, age] * (1.0 - 0.5 * q)
            closing, interest, drawn, inherited = pay_account(
                beneficiaries[at.B_ACCOUNT, sex, age], beneficiaries[at.B_ACCOUNT_MASS, sex, age], q, rate
            )
            funeral = heads * q * paths[at.PATH_RESIDENT_FUNERAL, t]
            flows[at.FLOW_RESIDENT_BASE_PAID, t] += base_paid
            flows[at.FLOW_RESIDENT_ACCOUNT_PAID, t] += account_paid
            flows[at.FLOW_RESIDENT_FUNERAL_PAID, t] += funeral
            flows[at.FLOW_RESIDENT_INTEREST_CREDITED, t] += interest
            flows[at.FLOW_RESIDENT_DRAWN, t] += drawn
            flows[at.FLOW_RESIDENT_INHERITED, t] += inherited
            flows[at.FLOW_RESIDENT_BENEFICIARY_DEATHS, t] += heads * q
            scratch.ledger[at.FUND_RESIDENT, at.OUT_BENEFITS] += base_paid + account_paid + inherited + funeral
            # Budgets carry what no account covers any more, and the funeral grants (base pensions: funds.py).
            scratch.ledger[at.FUND_RESIDENT, at.IN_FISCAL] += account_paid - drawn + funeral
            beneficiaries[at.B_HEADS, sex, age] = heads * (1.0 - q)
            beneficiaries[at.B_BEYOND, sex, age] *= 1.0 - q
            beneficiaries[at.B_ACCOUNT_MASS, sex, age] *= 1.0 - q
            beneficiaries[at.B_ACCOUNT, sex, age] = closing


@kernel
def pay_contributors(t, paths, state, scratch, out):
    """A year of the registered: contributions, subsidies, interest A=(A+c)(1+r); deaths; reaching the pension age."""
    resident = state.resident
    flows = out.flows
    rate = paths[at.PATH_RESIDENT_ACCOUNT_RATE, t]
    own = paths[at.PATH_RESIDENT_CONTRIBUTION, t]
    subsidy = paths[at.PATH_RESIDENT_SUBSIDY, t]
    collective = own * paths[at.PATH_COLLECTIVE_SHARE, t]
    pension_age = paths[at.PATH_RESIDENT_PENSION_AGE, t]
    ledger = scratch.ledger
    for sex in range(2):
        for age in range(at.FIRST_AGE, at.AGES):
            registered = resident[at.R_PAYING, sex, age] + resident[at.R_NOT_PAYING, sex, age]
            if registered <= 0.0:
                continue
            q = scratch.death[at.Q_OTHER, sex, age]
            share = paying_share_of_cell(t, resident[at.R_RESUMED, sex, age], registered, paths)
            reached = reached_share(age, pension_age)
            exposure = 1.0 - reached * (1.0 - reached_after(age, pension_age))
            paid_living = registered * (1.0 - q) * share * exposure
            paid_dying = registered * q * share * 0.5
            paid = paid_living + paid_dying
            yearly = own + subsidy + collective
            poor = paid * min(own, paths[at.PATH_RESIDENT_POOR_SHARE, t] * paths[at.PATH_RESIDENT_POOR_AMOUNT, t])
            flows[at.FLOW_RESIDENT_POOR_PAID, t] += poor  # budgets pay the lowest tier for the poor
            ledger[at.FUND_RESIDENT, at.IN_CONTRIBUTIONS] += paid * own - poor
            ledger[at.FUND_RESIDENT, at.IN_FISCAL] += paid * subsidy + poor
            ledger[at.FUND_RESIDENT, at.IN_COLLECTIVE] += paid * collective
            account = resident[at.R_ACCOUNT, sex, age]
            closing, interest = credit_resident(account * (1.0 - q), paid_living * yearly, rate, exposure)
            dying = account * q * (1.0 + 0.5 * rate) + paid_dying * yearly
            flows[at.FLOW_RESIDENT_CREDITS, t] += paid * yearly
            flows[at.FLOW_RESIDENT_INTEREST_CREDITED, t] += interest + account * q * 0.5 * rate
            flows[at.FLOW_RESIDENT_INHERITED, t] += dying
            flows[at.FLOW_RESIDENT_CONTRIBUTOR_DEATHS, t] += registered * q
            ledger[at.FUND_RESIDENT, at.OUT_BENEFITS] += dying
            alive = registered * (1.0 - q)
            resident[at.R_PAYING, sex, age] = alive * share
            resident[at.R_NOT_PAYING, sex, age] = alive * (1.0 - share)
            for item in (at.R_DUAL, at.R_BEYOND, at.R_RESUMED):
                resident[item, sex, age] *= 1.0 - q
            resident[at.R_ACCOUNT, sex, age] = closing
            resident[at.R_PAID_YEARS, sex, age] = resident[at.R_PAID_YEARS, sex, age] * (1.0 - q) + paid_living
            if reached > 0.0:
                retire_residents(t, sex, age, paths, state, scratch, out)


@kernel
def retire_residents(t, sex, age, paths, state, scratch, out):
    """The registered who reach the pension age draw; those with a dormant employees' account take the money and leave.

    Who has paid fewer than the required years (15, or those since the scheme came) makes them up at the own
    contribution of the year, without subsidy (schemes.md 4.2); the share that does so is `resident_make_up_share`.
    """
    resident = state.resident
    pension_age = paths[at.PATH_RESIDENT_PENSION_AGE, t]
    reached = reached_share(age, pension_age)
    everybody = resident[at.R_PAYING, sex, age] + resident[at.R_NOT_PAYING, sex, age]
    registered = everybody * reached
    dual = min(resident[at.R_DUAL, sex, age] * reached, registered)
    account = resident[at.R_ACCOUNT, sex, age] * reached
    refunded = account * dual / registered if registered > 0.0 else 0.0
    scratch.ledger[at.FUND_RESIDENT, at.OUT_BENEFITS] += refunded
    out.flows[at.FLOW_RESIDENT_INHERITED, t] += refunded
    out.flows[at.FLOW_RESIDENT_DUAL_ENDED, t] += dual
    made_up = 0.0
    if registered > 0.0:
        mean = resident[at.R_PAID_YEARS, sex, age] / everybody
        missing = years_to_make_up(mean, paths[at.PATH_RESIDENT_REQUIRED_YEARS, t], 1.0)
        made_up = (registered - dual) * missing * paths[at.PATH_RESIDENT_MAKE_UP_SHARE, t]
        made_up *= paths[at.PATH_RESIDENT_CONTRIBUTION, t]
    scratch.ledger[at.FUND_RESIDENT, at.IN_CONTRIBUTIONS] += made_up
    out.flows[at.FLOW_RESIDENT_CREDITS, t] += made_up
    out.flows[at.FLOW_RESIDENT_MADE_UP, t] += made_up
    months = 12.0 * (1.0 - reached_after(age, pension_age)) - 0.5  # paid from the month after
    start_pension(t, sex, age, registered - dual, account - refunded + made_up, months, paths, state, scratch, out)
    for item in range(at.RESIDENT_ITEMS):
        resident[item, sex, age] *= 1.0 - reached


@kernel
def start_pension(t, sex, age, heads, account, months, paths, state, scratch, out):
    """New beneficiaries of the year: on average so many months of the base pension and of A/D (schemes.md 4.2).

    Parameters
    ----------
    account : A [yuan]; months : 5.5 for persons who begin to draw all over the year, from the month after
    """
    divisor = paths[at.PATH_RESIDENT_DIVISOR, t]
    mass = account_pension(account, divisor)
    base = heads * (paths[at.PATH_BASIC_PENSION, t] + paths[at.PATH_RESIDENT_SUPPLEMENT, t])
    drawn = min(months * mass, account)
    state.beneficiaries[at.B_HEADS, sex, age] += heads
    state.beneficiaries[at.B_ACCOUNT_MASS, sex, age] += mass
    state.beneficiaries[at.B_ACCOUNT, sex, age] += account - drawn
    out.flows[at.FLOW_RESIDENT_NEW_BENEFICIARIES, t] += heads
    out.flows[at.FLOW_RESIDENT_BASE_PAID, t] += months * base
    out.flows[at.FLOW_RESIDENT_ACCOUNT_PAID, t] += months * mass
    out.flows[at.FLOW_RESIDENT_DRAWN, t] += drawn
    scratch.ledger[at.FUND_RESIDENT, at.OUT_BENEFITS] += months * resident_pension(base, account, divisor, 0.0)


@kernel
def people_without_pension(t, sex, age, paths, constants, state, scratch):
    """People of the pension age who draw no pension of any scheme [persons]; `scratch.count` holds the employees."""
    reached = reached_share(age, paths[at.PATH_RESIDENT_PENSION_AGE, t])
    people = scratch.population_survived[sex, age] * registered_ratio(t, age, constants)
    free = reached * max(0.0, people - scratch.count[sex, age])
    return max(0.0, free - state.beneficiaries[at.B_HEADS, sex, age] - scratch.resident_in[0, sex, age])


@kernel
def admit_elderly(t, paths, constants, state, scratch, out):
    """People of the pension age and over without any pension take up a resident pension.

    Target by sex and age: rollout × take-up × (hukou population - everyone in the employees' scheme). It keeps
    recipients / (the old less employees' pensioners) at the take-up share (model.md section 11). Who draws because of a
    campaign is beyond that share.
    """
    count_employees(state, scratch)
    for sex in range(2):
        for age in range(at.FIRST_AGE, at.AGES):
            reached = reached_share(age, paths[at.PATH_RESIDENT_PENSION_AGE, t])
            if reached <= 0.0:
                continue
            people = scratch.population_survived[sex, age] * registered_ratio(t, age, constants)
            free = reached * max(0.0, people - scratch.count[sex, age])
            target = paths[at.PATH_RESIDENT_ROLLOUT, t] * paths[at.PATH_RESIDENT_TAKEUP, t] * free
            beyond = state.beneficiaries[at.B_BEYOND, sex, age]
            missing = target - (state.beneficiaries[at.B_HEADS, sex, age] - beyond) - scratch.resident_in[0, sex, age]
            if beyond > 0.0:
                missing = min(missing, people_without_pension(t, sex, age, paths, constants, state, scratch))
            if missing > 0.0:
                out.flows[at.FLOW_RESIDENT_ADMITTED, t] += missing
                start_pension(t, sex, age, missing, 0.0, FIRST_MONTHS, paths, state, scratch, out)


@kernel
def join_from_employees(t, paths, state, scratch, out):
    """Members below the minimum who chose the resident scheme join it at year end with account and years:
    its beneficiaries from the pension age on, its registered below."""
    divisor = paths[at.PATH_RESIDENT_DIVISOR, t]
    for sex in range(2):
        for age in range(at.AGES):
            heads = scratch.resident_in[0, sex, age]
            account = scratch.resident_in[1, sex, age]
            old = reached_share(age, paths[at.PATH_RESIDENT_PENSION_AGE, t])
            if old > 0.0:
                state.beneficiaries[at.B_HEADS, sex, age] += old * heads
                state.beneficiaries[at.B_ACCOUNT_MASS, sex, age] += account_pension(old * account, divisor)
                state.beneficiaries[at.B_ACCOUNT, sex, age] += old * account
                out.flows[at.FLOW_RESIDENT_NEW_BENEFICIARIES, t] += old * heads
            if old < 1.0:
                state.resident[at.R_NOT_PAYING, sex, age] += (1.0 - old) * heads
                state.resident[at.R_PAID_YEARS, sex, age] += (1.0 - old) * scratch.resident_in[2, sex, age]
                state.resident[at.R_ACCOUNT, sex, age] += (1.0 - old) * account


@kernel
def coverable_people(t, constants, tables, population):
    """People the law wants covered [persons]: residents or, if more, registered of 16 and over, less students."""
    total = 0.0
    for sex in range(2):
        for age in range(at.FIRST_AGE, at.AGES):
            ratio = max(1.0, registered_ratio(t, age, constants))
            total += population[sex, age] * ratio * (1.0 - tables.student_share[age])
    return total


@kernel
def insured_elsewhere(t, paths, state, scratch):
    """Participants beside the registered below the pension age, who is in both schemes taken off [persons].

    `scratch.count` holds the employees.
    """
    insured = 0.0
    for sex in range(2):
        for age in range(at.AGES):
            insured += scratch.count[sex, age] + state.beneficiaries[at.B_HEADS, sex, age]
            insured -= state.resident[at.R_DUAL, sex, age]
            insured += reached_share(age, paths[at.PATH_RESIDENT_PENSION_AGE, t]) * scratch.resident_in[0, sex, age]
    return insured


@kernel
def planned_people(t, paths, constants, tables, population):
    """Denominator of the coverage rate: what the plan counts of the coverable people [persons]."""
    return paths[at.PATH_COVERAGE_POPULATION_RATIO, t] * coverable_people(t, constants, tables, population)


@kernel
def room_below(t, share, beyond, paths, constants, tables, state, scratch):
    """Most registrations below the pension age at which a share of the coverable people is covered [persons].

    `scratch.count` holds the employees. `beyond` : beneficiaries who do not count towards the share [persons]
    """
    coverable = planned_people(t, paths, constants, tables, scratch.population_survived)
    return max(0.0, share * coverable - (insured_elsewhere(t, paths, state, scratch) - beyond))


@kernel
def keep_reached_rate(t, paths, constants, tables, state, scratch):
    """Keep the coverage rate of a known level, without pensioners whom campaigns brought, as a floor of the ceiling."""
    count_employees(state, scratch)
    insured = insured_elsewhere(t, paths, state, scratch) - count_beyond(state.beneficiaries, at.B_BEYOND)
    coverable = planned_people(t, paths, constants, tables, scratch.population_survived)
    if coverable > 0.0:
        insured += count_registered(t, paths, state, scratch)
        state.memory[at.MEMORY_REACHED_COVERAGE] = insured / coverable


@kernel
def coverage_ceiling(constants, state):
    """Highest coverage rate that ordinary registrations bring about: the constant or the last known rate above it."""
    return max(constants[at.CONSTANT_COVERAGE_CEILING], state.memory[at.MEMORY_REACHED_COVERAGE])


@kernel
def room_to_register(t, paths, constants, tables, state, scratch):
    """Most ordinary registrations that keep the coverage rate at its ceiling, campaigns apart [persons]."""
    beyond = count_beyond(state.beneficiaries, at.B_BEYOND)
    return room_below(t, coverage_ceiling(constants, state), beyond, paths, constants, tables, state, scratch)


@kernel
def count_beyond(people, item):
    """Whom campaigns brought beyond the level of the registered (`R_BEYOND`) or the take-up (`B_BEYOND`) [persons]."""
    heads = 0.0
    for sex in range(2):
        for age in range(at.AGES):
            heads += people[item, sex, age]
    return heads


@kernel
def count_registered(t, paths, state, scratch):
    """The registered below the pension age, with those who join from the employees' scheme at year end [persons]."""
    registered = 0.0
    for sex in range(2):
        for age in range(at.FIRST_AGE, at.AGES):
            young = 1.0 - reached_share(age, paths[at.PATH_RESIDENT_PENSION_AGE, t])
            if young <= 0.0:
                continue
            registered += state.resident[at.R_PAYING, sex, age] + state.resident[at.R_NOT_PAYING, sex, age]
            registered += young * scratch.resident_in[0, sex, age]
    return registered


@kernel
def count_paused(scratch, sex, age):
    """Paused members of one sex and age [persons]."""
    heads = 0.0
    for career in range(at.CAREERS):
        if (career == 0) == (sex == at.MALE):
            heads += scratch.heads[career, at.PAUSED, age - at.FIRST_AGE]
    return heads


@kernel
def end_double_registrations(t, state, scratch, out):
    """A registration beside an employees' account that is dormant no more ends; its own money is given back.

    Who is registered in both is never more than the paused members of the sex and age (人社部发〔2014〕17号 art. 6).
    """
    resident = state.resident
    for sex in range(2):
        for age in range(at.FIRST_AGE, at.FIRST_AGE + at.WORKING_AGES):
            ended = resident[at.R_DUAL, sex, age] - count_paused(scratch, sex, age)
            if ended <= 0.0:
                continue
            share = min(1.0, ended / (resident[at.R_PAYING, sex, age] + resident[at.R_NOT_PAYING, sex, age]))
            refunded = resident[at.R_ACCOUNT, sex, age] * share
            for item in (at.R_PAYING, at.R_NOT_PAYING, at.R_PAID_YEARS, at.R_ACCOUNT, at.R_BEYOND, at.R_RESUMED):
                resident[item, sex, age] *= 1.0 - share
            resident[at.R_DUAL, sex, age] -= ended
            scratch.ledger[at.FUND_RESIDENT, at.OUT_BENEFITS] += refunded
            out.flows[at.FLOW_RESIDENT_INHERITED, t] += refunded
            out.flows[at.FLOW_RESIDENT_DUAL_ENDED, t] += ended


@kernel
def register_paused(t, need, paths, constants, state, scratch, out):
    """Paused members among the year's registrations: the share `dual_share`, by where they are [persons]."""
    free = 0.0
    pension_age = paths[at.PATH_RESIDENT_PENSION_AGE, t]
    for sex in range(2):
        for age in range(at.FIRST_AGE, at.FIRST_AGE + at.WORKING_AGES):
            young = 1.0 - reached_share(age, pension_age)
            free += young * max(0.0, count_paused(scratch, sex, age) - state.resident[at.R_DUAL, sex, age])
    share = min(at.MOST_OF_CELL, constants[at.CONSTANT_DUAL_SHARE] * max(0.0, need) / free) if free > 0.0 else 0.0
    if share <= 0.0:
        return 0.0
    paying = resident_paying_share(t, paths)
    for sex in range(2):
        for age in range(at.FIRST_AGE, at.FIRST_AGE + at.WORKING_AGES):
            young = 1.0 - reached_share(age, pension_age)
            entering = share * young * max(0.0, count_paused(scratch, sex, age) - state.resident[at.R_DUAL, sex, age])
            state.resident[at.R_PAYING, sex, age] += entering * paying
            state.resident[at.R_NOT_PAYING, sex, age] += entering * (1.0 - paying)
            state.resident[at.R_DUAL, sex, age] += entering
    out.flows[at.FLOW_RESIDENT_DUAL_ENTRIES, t] += share * free
    return share * free


@kernel
def people_without_scheme(t, sex, age, constants, tables, scratch):
    """People of an age in no scheme and not in school [persons]; `scratch.count` holds everyone in one."""
    people = scratch.population_survived[sex, age] * registered_ratio(t, age, constants)
    return max(0.0, people * (1.0 - tables.student_share[age]) - scratch.count[sex, age])


@kernel
def register_residents(t, paths, constants, tables, state, scratch, out):
    """New registrations so that the registered meet their target; drawn from people without any scheme.

    The target is known, or the last known share of people from 16 to the pension age outside the employees' scheme
    times an index, at most what the ceiling of the coverage rate leaves. A share of the new ones has a dormant
    employees' account. A known level keeps the rate it comes to (`keep_reached_rate`). It contains who registers
    because of a campaign; later they are beyond the target.
    """
    end_double_registrations(t, state, scratch, out)
    count_employees(state, scratch)
    pension_age = paths[at.PATH_RESIDENT_PENSION_AGE, t]
    level = paths[at.PATH_RESIDENT_REGISTERED, t]
    if not math.isnan(level):
        state.resident[at.R_BEYOND, :, :] = 0.0
    outside = 0.0
    registered = count_registered(t, paths, state, scratch)
    beyond = count_beyond(state.resident, at.R_BEYOND)
    for sex in range(2):
        for age in range(at.FIRST_AGE, at.AGES):
            young = 1.0 - reached_share(age, pension_age)
            if young <= 0.0:
                continue
            people = scratch.population_survived[sex, age] * registered_ratio(t, age, constants)
            outside += young * max(0.0, people * (1.0 - tables.student_share[age]) - scratch.count[sex, age])
    memory = state.memory
    index = paths[at.PATH_RESIDENT_INDEX, t]
    target = level_target(level, index, memory[at.MEMORY_RATIO_RESIDENT], outside)
    anchor(level, index, target, outside, memory, at.MEMORY_RATIO_RESIDENT)
    if math.isnan(level):
        target = min(target, room_to_register(t, paths, constants, tables, state, scratch))
    need = target - (registered - beyond)
    if beyond > 0.0:  # with campaigns, at most everybody is covered
        need = min(need, room_below(t, 1.0, 0.0, paths, constants, tables, state, scratch) - registered)
    dual = register_paused(t, need, paths, constants, state, scratch, out)
    need -= dual
    count_everyone(state, scratch)
    free = 0.0
    for sex in range(2):
        for age in range(at.FIRST_AGE, at.AGES):
            young = 1.0 - reached_share(age, pension_age)
            free += young * people_without_scheme(t, sex, age, constants, tables, scratch)
    share = min(at.MOST_OF_POOL, max(0.0, need) / free) if free > 0.0 else 0.0
    paying = resident_paying_share(t, paths)
    for sex in range(2):
        for age in range(at.FIRST_AGE, at.AGES):
            young = 1.0 - reached_share(age, pension_age)
            entering = share * young * people_without_scheme(t, sex, age, constants, tables, scratch)
            state.resident[at.R_PAYING, sex, age] += entering * paying
            state.resident[at.R_NOT_PAYING, sex, age] += entering * (1.0 - paying)
    out.flows[at.FLOW_RESIDENT_ENTRIES, t] += share * free + dual
    out.flows[at.FLOW_SHORTFALL_RESIDENT, t] = need - share * free
    if not math.isnan(level):
        keep_reached_rate(t, paths, constants, tables, state, scratch)
