"""Campaigns of the residents' scheme: who draws, pays again or registers because of one (notes/campaigns.md).

What a campaign brings is beyond what the scheme does by itself, and stays so: the people it registers (`R_BEYOND`) and
those who draw because of it (`B_BEYOND`) are not counted towards the level and the take-up; who pays again
(`R_RESUMED`) is on top of the paying share. They grow older, leave and die like the others of their sex and age.
"""

from __future__ import annotations

import math

from simengine.kernels import layout as at
from simengine.kernels.branches.resident import (
    FIRST_MONTHS,
    count_registered,
    people_without_pension,
    people_without_scheme,
    reached_share,
    resident_paying_share,
    room_below,
    start_pension,
)
from simengine.kernels.compiler.jit import kernel
from simengine.kernels.members.campaigns import campaign_top_up
from simengine.kernels.members.enrolment import count_employees, count_everyone


@kernel
def weigh_residents(t, source, paths, constants, tables, state, scratch):
    """People in a pool of the residents' campaign by sex and age, into `scratch.reach`; returns their sum [persons].

    `scratch.count` holds the employees for the old without a pension, and everyone for people without a scheme.
    """
    ages = tables.campaign_ages[t, at.CAMPAIGN_RESIDENT]
    pension_age = paths[at.PATH_RESIDENT_PENSION_AGE, t]
    total = 0.0
    for sex in range(2):
        for age in range(at.AGES):
            people = 0.0
            if age >= at.FIRST_AGE and ages[0] <= age <= ages[1]:
                if source == at.POOL_ELDERLY:
                    people = people_without_pension(t, sex, age, paths, constants, state, scratch)
                elif source == at.POOL_PAUSED:
                    people = min(scratch.unpaid[sex, age], state.resident[at.R_NOT_PAYING, sex, age])
                else:
                    young = 1.0 - reached_share(age, pension_age)
                    people = young * people_without_scheme(t, sex, age, constants, tables, scratch)
            scratch.reach[sex, age] = people
            total += people
    return total


@kernel
def room_for_campaign(t, paths, constants, tables, state, scratch):
    """People a campaign can still register before everybody whom the plan wants covered is [persons]."""
    count_employees(state, scratch)
    room = room_below(t, 1.0, 0.0, paths, constants, tables, state, scratch)
    return room - count_registered(t, paths, state, scratch)


@kernel
def bring_residents(t, source, wanted, paths, constants, tables, state, scratch, out):
    """People whom a campaign brings from a pool: one share of every age of its profile, at most nine tenths [persons].

    The old without a pension draw the base pension. The registered who do not pay do so again from the next year on; no
    such campaign moves a stated payment rate. People in no scheme register and pay like others, until everybody whom
    the plan wants covered is.
    """
    if source == at.POOL_PAUSED and not math.isnan(paths[at.PATH_RESIDENT_PAYMENT_RATE, t]):
        return 0.0
    if source == at.POOL_NONE:
        wanted = min(wanted, room_for_campaign(t, paths, constants, tables, state, scratch))
    if source == at.POOL_ELDERLY:
        count_employees(state, scratch)
    else:
        count_everyone(state, scratch)
    people = weigh_residents(t, source, paths, constants, tables, state, scratch)
    if people <= 0.0 or wanted <= 0.0:
        return 0.0
    share = min(at.MOST_OF_CELL, wanted / people)
    paying = resident_paying_share(t, paths)
    resident = state.resident
    for sex in range(2):
        for age in range(at.FIRST_AGE, at.AGES):
            heads = share * scratch.reach[sex, age]
            if heads <= 0.0:
                continue
            if source == at.POOL_ELDERLY:
                start_pension(t, sex, age, heads, 0.0, FIRST_MONTHS, paths, state, scratch, out)
                state.beneficiaries[at.B_BEYOND, sex, age] += heads
            elif source == at.POOL_PAUSED:
                resident[at.R_PAYING, sex, age] += heads
                resident[at.R_NOT_PAYING, sex, age] -= heads
                resident[at.R_RESUMED, sex, age] += heads
                scratch.unpaid[sex, age] -= heads
            else:
                resident[at.R_PAYING, sex, age] += heads * paying
                resident[at.R_NOT_PAYING, sex, age] += heads * (1.0 - paying)
                resident[at.R_BEYOND, sex, age] += heads
    brought = share * people
    if source == at.POOL_ELDERLY:
        out.flows[at.FLOW_CAMPAIGN_RESIDENT_FROM_ELDERLY, t] += brought
        out.flows[at.FLOW_RESIDENT_ADMITTED, t] += brought
    elif source == at.POOL_PAUSED:
        out.flows[at.FLOW_CAMPAIGN_RESIDENT_FROM_PAUSED, t] += brought
    else:
        out.flows[at.FLOW_CAMPAIGN_RESIDENT_FROM_NONE, t] += brought
        out.flows[at.FLOW_RESIDENT_ENTRIES, t] += brought
    return brought


@kernel
def drawn_residents(t, source, out):
    """Heads that the campaigns of the year have drawn from a pool so far [persons]."""
    if source == at.POOL_ELDERLY:
        return out.flows[at.FLOW_CAMPAIGN_RESIDENT_FROM_ELDERLY, t]
    if source == at.POOL_PAUSED:
        return out.flows[at.FLOW_CAMPAIGN_RESIDENT_FROM_PAUSED, t]
    return out.flows[at.FLOW_CAMPAIGN_RESIDENT_FROM_NONE, t]


@kernel
def campaign_residents(t, heads, paths, constants, tables, state, scratch, out):
    """Heads of a campaign of the year, drawn from its pools in their order, each up to its limit of the year.

    What no pool can give is missing: it is reported, and nothing of it is asked for again.
    """
    if heads <= 0.0:
        return
    out.flows[at.FLOW_CAMPAIGN_TOP_UP_RESIDENT, t] += heads
    left = heads
    for order in range(at.CAMPAIGN_SOURCES):
        source = int(tables.campaign[t, at.CAMPAIGN_RESIDENT, order, 0])
        wanted = min(left, tables.campaign[t, at.CAMPAIGN_RESIDENT, order, 1] - drawn_residents(t, source, out))
        if source > 0 and wanted > 0.0:
            left -= bring_residents(t, source, wanted, paths, constants, tables, state, scratch, out)
    out.flows[at.FLOW_CAMPAIGN_MISSING_RESIDENT, t] += max(left, 0.0)


@kernel
def enlarge_residents(t, paths, constants, tables, state, scratch, out):
    """Heads of an additional campaign, after the old who take up a pension anyway and before ordinary registrations.

    Who has not paid before the registrations of the year is kept for both kinds: who registers now is not brought back.
    """
    heads = paths[at.PATH_CAMPAIGN_ADDITIONAL_RESIDENT, t]
    if heads > 0.0 or paths[at.PATH_CAMPAIGN_GROSS_RESIDENT, t] > 0.0:
        for sex in range(2):
            for age in range(at.AGES):
                scratch.unpaid[sex, age] = state.resident[at.R_NOT_PAYING, sex, age]
    campaign_residents(t, heads, paths, constants, tables, state, scratch, out)


@kernel
def top_up_residents(t, paths, constants, tables, state, scratch, out):
    """A gross campaign adds what ordinary registrations and take-up leave of its number (`campaign_top_up`).

    A known level contains whatever campaigns brought: then they only count up to it.
    """
    flows = out.flows
    ordinary = flows[at.FLOW_RESIDENT_ENTRIES, t] - flows[at.FLOW_CAMPAIGN_RESIDENT_FROM_NONE, t]
    ordinary += flows[at.FLOW_RESIDENT_ADMITTED, t] - flows[at.FLOW_CAMPAIGN_RESIDENT_FROM_ELDERLY, t]
    planned = paths[at.PATH_CAMPAIGN_GROSS_RESIDENT, t]
    if not math.isnan(paths[at.PATH_RESIDENT_REGISTERED, t]) and planned > 0.0:
        state.memory[at.MEMORY_BACKLOG_RESIDENT] += planned - ordinary
        return
    heads = campaign_top_up(planned, ordinary, at.MEMORY_BACKLOG_RESIDENT, state)
    campaign_residents(t, heads, paths, constants, tables, state, scratch, out)
