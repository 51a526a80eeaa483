"""One lane (region x scenario x draw) through every year: the order of events (notes/order.md).

Lanes share only read-only tables, so blocks, threads and restarts cannot change a digit.
"""

from __future__ import annotations

import math

from simengine.kernels import layout as at
from simengine.kernels.branches.funds import (
    adjust_centrally,
    book_published_other,
    close_funds,
    collect_contributions,
    settle_public,
    subsidise,
)
from simengine.kernels.branches.injury import injury_target, settle_injury
from simengine.kernels.branches.pensions import (
    adjust_pensions,
    admit_pensioners,
    expect_annuities,
    join_new_pensioners,
    pay_invalids,
    pay_pensions,
    relabel_annuities,
    relabel_pensioners,
    set_award_levels,
    settle_annuities,
)
from simengine.kernels.branches.resident import (
    admit_elderly,
    join_from_employees,
    pay_beneficiaries,
    pay_contributors,
    register_residents,
    relabel_resident,
)
from simengine.kernels.branches.resident_campaign import enlarge_residents, top_up_residents
from simengine.kernels.branches.unemployment import settle_unemployment, unemployment_target
from simengine.kernels.compiler.jit import kernel
from simengine.kernels.members.arrivals import merge_arrivals, receive_migrants
from simengine.kernels.members.enrolment import enrol
from simengine.kernels.members.rows import count_status, open_rows, relabel_rows
from simengine.kernels.members.turnover import refund_oldest, settle_members
from simengine.kernels.people.mortality import close_mortality
from simengine.kernels.people.population import count_births, enter_births, split_births, survive_population
from simengine.kernels.record import record_stocks


@kernel
def relabel_population(population, relabelled):
    """Opening population by the age reached in the year; the births of the year are not there yet."""
    for sex in range(2):
        relabelled[sex, 0] = 0.0
        for age in range(1, at.AGES):
            relabelled[sex, age] = population[sex, age - 1]
        relabelled[sex, at.AGES - 1] += population[sex, at.AGES - 1]


@kernel
def count_employed(t, paths, tables, scratch):
    """Employed residents: population x participation x (1 - unemployment rate) [persons]."""
    active = 0.0
    for sex in range(2):
        for age in range(at.FIRST_AGE, at.AGES):
            active += scratch.population_survived[sex, age] * tables.participation[sex, age]
    return active * (1.0 - paths[at.PATH_SURVEYED_UNEMPLOYMENT_RATE, t])


@kernel
def close_population(t, paths, tables, state, scratch, out):
    """Births, then the closing population becomes the state; deaths and migration are counted."""
    given = paths[at.PATH_BIRTHS_MALE, t]
    if math.isnan(given):
        births = count_births(state.population, scratch.population_survived, tables.birth_rate[t])
        boys, girls = split_births(births, paths[at.PATH_SEX_RATIO_AT_BIRTH, t])
    else:
        boys = given
        girls = paths[at.PATH_BIRTHS_FEMALE, t]
    enter_births(boys, girls, tables.death_prob[t], tables.migration[t], scratch.population_survived)
    deaths = boys * tables.death_prob[t, 0, 0] + girls * tables.death_prob[t, 1, 0]
    migration = 0.0
    for sex in range(2):
        for age in range(at.AGES):
            if age > 0:
                deaths += scratch.population_open[sex, age] * tables.death_prob[t, sex, age]
            migration += tables.migration[t, sex, age]
            state.population[sex, age] = scratch.population_survived[sex, age]
    out.flows[at.FLOW_BIRTHS, t] = boys + girls
    out.flows[at.FLOW_DEATHS, t] = deaths
    out.flows[at.FLOW_NET_MIGRATION, t] = migration


@kernel
def book_pensions(t, scratch, out):
    """Pensions of the year leave the two pension funds."""
    scratch.ledger[at.FUND_ENTERPRISE, at.OUT_BENEFITS] += out.flows[at.FLOW_PENSION_PAID_ENTERPRISE, t]
    scratch.ledger[at.FUND_PUBLIC, at.OUT_BENEFITS] += out.flows[at.FLOW_PENSION_PAID_PUBLIC, t]


@kernel
def step_year(t, paths, constants, tables, state, scratch, out):
    """Year t. The order of events is model.md section 5; one cell goes through it in notes/order.md."""
    out.flows[:, t] = 0.0
    out.retirements[t, :, :] = 0.0
    out.departures[t, :, :] = 0.0
    scratch.ledger[:, :] = 0.0

    # 0. Labels: every cell is named by the age reached in the year.
    relabel_population(state.population, scratch.population_open)
    relabel_rows(scratch)
    relabel_pensioners(state)
    relabel_resident(state)
    relabel_annuities(state)

    # 1. Economy: wages, bases, prices and returns of the year are in `paths`; the level of its awards.
    set_award_levels(t, paths, constants, state, scratch)
    # 2. 1 January: opening pensioners are adjusted.
    adjust_pensions(t, paths, state)

    # 3. Rates of the year from the opening state: deaths by main status add up to the population's.
    survive_population(state.population, tables.death_prob[t], tables.migration[t], scratch.population_survived)
    close_mortality(t, constants, tables, state, scratch, out)

    # 4-6. Members: deaths, awards, choices, moves; opening pensioners; the resident scheme.
    scratch.new_pensioners[:, :, :, :] = 0.0
    expect_annuities(t, tables, state, scratch)
    pay_invalids(t, paths, constants, tables, state, scratch, out)
    settle_members(t, paths, constants, tables, state, scratch, out)
    pay_pensions(t, paths, tables, state, scratch, out)
    pay_beneficiaries(t, paths, state, scratch, out)
    pay_contributors(t, paths, state, scratch, out)

    # 6. Insured in-migrants; returns and entries meet the level targets; then half a year in the new status.
    refund_oldest(t, state, scratch, out)
    receive_migrants(t, constants, tables, state, scratch, out)
    enrol(t, paths, constants, tables, state, scratch, out)
    merge_arrivals(t, paths, constants, tables, state, scratch, out)
    admit_pensioners(t, paths, state, scratch, out)
    settle_annuities(t, paths, tables, state, scratch)
    admit_elderly(t, paths, constants, state, scratch, out)
    enlarge_residents(t, paths, constants, tables, state, scratch, out)
    register_residents(t, paths, constants, tables, state, scratch, out)
    top_up_residents(t, paths, constants, tables, state, scratch, out)

    # 7. Unemployment in twelve monthly steps; work injury.
    employed = count_employed(t, paths, tables, scratch)
    out.flows[at.FLOW_EMPLOYED, t] = employed
    injured = injury_target(t, employed, paths, state, out)
    payers = count_status(scratch.heads, at.ENTERPRISE)
    public = count_status(scratch.heads, at.PUBLIC)
    insured = unemployment_target(t, payers, public, injured, paths, state, out)
    mean_index = (
        scratch.payer_base[at.ENTERPRISE, 1] / scratch.payer_base[at.ENTERPRISE, 0]
        if scratch.payer_base[0, 0] > 0.0
        else 0.0
    )
    settle_unemployment(t, insured, mean_index, paths, constants, tables, state, scratch, out)
    settle_injury(t, injured, paths, constants, tables, state, scratch, out)

    # 8. What is left at 79 is refunded; awards of the year join the pensioners.
    join_new_pensioners(state, scratch)
    join_from_employees(t, paths, state, scratch, out)

    # 9. Births, and the funds close.
    close_population(t, paths, tables, state, scratch, out)
    book_pensions(t, scratch, out)
    collect_contributions(t, paths, scratch, out)
    settle_public(t, paths, state, scratch, out)
    adjust_centrally(t, paths, state, scratch)
    subsidise(t, paths, scratch, out)
    book_published_other(t, paths, scratch)
    close_funds(t, paths, constants, state, scratch, out)
    base = paths[at.PATH_BASIC_PENSION, t] + paths[at.PATH_RESIDENT_SUPPLEMENT, t]
    record_stocks(t + 1, t, base, constants, tables, state, scratch, out)


@kernel
def project_lane(paths, constants, tables, state, scratch, out, first, last):
    """Step one lane through the years first..last-1. The opening stocks are recorded at position `first`."""
    open_rows(state, scratch)
    base = paths[at.PATH_BASIC_PENSION, max(first - 1, 0)] + paths[at.PATH_RESIDENT_SUPPLEMENT, max(first - 1, 0)]
    record_stocks(first, max(first - 1, 0), base, constants, tables, state, scratch, out)
    for t in range(first, last):
        step_year(t, paths, constants, tables, state, scratch, out)
