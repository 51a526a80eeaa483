"""Unemployment insurance: insured by paid years, a monthly queue of claimants, benefits (schemes.md, section 5)."""

from __future__ import annotations

import math

from simengine.kernels import layout as at
from simengine.kernels.compiler.jit import kernel
from simengine.kernels.members.campaigns import branch_campaign
from simengine.kernels.members.coverage import anchor, level_target
from simengine.kernels.rules.funds import payable_months
from simengine.kernels.rules.unemployment import claim_months, cut_withdrawn, partly_cut, price_subsidy


@kernel
def total_insured(state):
    """Insured payers of both groups [persons]."""
    total = 0.0
    for group in range(2):
        for years in range(at.PAID_YEAR_CLASSES):
            total += state.unemployment[0, group, years]
    return total


@kernel
def open_claims(t, paths, constants, tables, state, out):
    """New claims of one month: separations among those with at least one paid year, times the take-up.

    A claimant leaves the payers; the head itself is among the members who paused (an overlay, never added).
    """
    insured = total_insured(state)
    separations = paths[at.PATH_SEPARATION_PROB, t]
    if insured > 0.0:  # a rise of the unemployment rate lays off insured payers on top of the usual separations
        separations += max(0.0, out.flows[at.FLOW_LAYOFFS, t]) / insured
    chance = min(1.0, separations / 12.0 * paths[at.PATH_UNEMPLOYMENT_TAKE_UP, t])
    near_share = constants[at.CONSTANT_NEAR_RETIREMENT_SHARE]
    for group in range(2):
        for years in range(1, at.PAID_YEAR_CLASSES):
            heads = state.unemployment[0, group, years]
            if heads <= 0.0:
                continue
            claims = heads * chance
            unused = state.unemployment[1, group, years] / heads
            months = claim_months(tables.ladder_months[t, years], unused, paths[at.PATH_UNEMPLOYMENT_DURATION_CAP, t])
            step = int(tables.ladder_step[years])
            if months <= 0.0:
                continue
            whole = max(1, int(months))  # less than one month counts as one
            part = max(0.0, months - whole)
            for near in range(2):
                share = near_share if near == 1 else 1.0 - near_share
                state.claimants[near, step, whole - 1] += claims * share * (1.0 - part)
                if part > 0.0:
                    state.claimants[near, step, min(whole, at.MONTHS - 1)] += claims * share * part
            state.unemployment[0, group, years] -= claims
            state.unemployment[1, group, years] -= claims * unused
            out.flows[at.FLOW_NEW_CLAIMANTS, t] += claims


@kernel
def claimant_death_prob(scratch):
    """Yearly probability of dying of claimants [1]: that of others, at the ages of the enterprise payers."""
    heads = 0.0
    dying = 0.0
    for career in range(at.CAREERS):
        sex = at.MALE if career == 0 else at.FEMALE
        for i in range(at.WORKING_AGES):
            cell = scratch.heads[career, at.ENTERPRISE, i]
            heads += cell
            dying += cell * scratch.death[at.Q_OTHER, sex, at.FIRST_AGE + i]
    return dying / heads if heads > 0.0 else 0.0


@kernel
def step_claimants(t, death, paths, constants, state, out):
    """One month of the claimants: paid for the month; some die, some find work, the others' months shrink by one.

    Who finds work brings the unused months back to the payers' first class. Someone near the statutory month
    whose benefit ends stays on half a year on average (extension to that month, at most 11 months). The fund refunds
    pension contributions in the last twelve months before the statutory month (人社部发〔2024〕76号).
    """
    claimants = state.claimants
    reemployed = paths[at.PATH_REEMPLOYMENT_PROB, t]
    flows = out.flows
    for near in range(2):
        for step in range(at.LADDER):
            for left in range(at.MONTHS):
                heads = claimants[near, step, left]
                if heads <= 0.0:
                    continue
                flows[at.FLOW_CLAIM_MONTHS, t] += heads
                if near == 1:
                    flows[at.FLOW_PENSION_REFUNDS, t] += (
                        heads
                        * (1.0 if left == 0 else constants[at.CONSTANT_NEAR_LAST_YEAR_SHARE])
                        * paths[at.PATH_UNEMPLOYMENT_PENSION_REFUND, t]
                    )
                dead = heads * death / 12.0
                flows[at.FLOW_CLAIMANT_DEATHS, t] += dead
                heads -= dead
                working = heads * reemployed * (constants[at.CONSTANT_NEAR_REEMPLOYMENT_FACTOR] if near == 1 else 1.0)
                stay = heads - working
                flows[at.FLOW_CLAIMS_REEMPLOYED, t] += working
                state.unemployment[0, 0, 0] += working
                state.unemployment[1, 0, 0] += working * left
                claimants[near, step, left] = 0.0
                if left > 0:
                    claimants[near, step, left - 1] += stay
                elif near == 1:
                    ending = constants[at.CONSTANT_NEAR_EXTENSION_EXIT]
                    claimants[near, step, 0] += stay * (1.0 - ending)
                    flows[at.FLOW_CLAIMS_ENDED, t] += stay * ending
                else:
                    flows[at.FLOW_CLAIMS_ENDED, t] += stay


@kernel
def turn_payers(t, target, paths, constants, state, out):
    """Year end of the payers: part leaves, the others gain a paid year, entrants fill the level target.

    New entrants are split between enterprises and public institutions by `unemployment_public_share`.
    """
    payers = state.unemployment
    leaving = paths[at.PATH_UNEMPLOYMENT_EXIT_PROB, t]
    open_heads = total_insured(state)
    if open_heads * (1.0 - leaving) > target and open_heads > 0.0:
        leaving = 1.0 - target / open_heads
    for group in range(2):
        for item in range(2):
            for years in range(at.PAID_YEAR_CLASSES):
                payers[item, group, years] *= 1.0 - leaving
            payers[item, group, at.PAID_YEAR_CLASSES - 1] += payers[item, group, at.PAID_YEAR_CLASSES - 2]
            for years in range(at.PAID_YEAR_CLASSES - 2, 0, -1):
                payers[item, group, years] = payers[item, group, years - 1]
            payers[item, group, 0] = 0.0
    entering = max(0.0, target - total_insured(state))
    public = constants[at.CONSTANT_UNEMPLOYMENT_PUBLIC_SHARE]
    payers[0, 0, 0] += entering * (1.0 - public)
    payers[0, 1, 0] += entering * public
    out.flows[at.FLOW_UNEMPLOYMENT_EXITS, t] += open_heads * leaving
    out.flows[at.FLOW_UNEMPLOYMENT_ENTRIES, t] += entering


@kernel
def unemployment_target(t, enterprise_payers, public_payers, injury_insured, paths, state, out):
    """Insured at year end [persons]: the known level, or its ratio to enterprise payers and the campaigns' heads.

    An unknown level exceeds neither those who pay as employees nor the injury-insured; a known one that does is
    reported (schemes.md 7.1: unemployment insured <= work-injury insured).
    """
    memory = state.memory
    level = paths[at.PATH_UNEMPLOYMENT_INSURED, t]
    index = paths[at.PATH_UNEMPLOYMENT_INDEX, t]
    target = level_target(level, index, memory[at.MEMORY_RATIO_UNEMPLOYMENT], enterprise_payers)
    anchor(level, index, target, enterprise_payers, memory, at.MEMORY_RATIO_UNEMPLOYMENT)
    target += memory[at.MEMORY_EXTRA_UNEMPLOYMENT]
    heads = branch_campaign(
        paths[at.PATH_CAMPAIGN_GROSS_UNEMPLOYMENT, t], paths[at.PATH_CAMPAIGN_ADDITIONAL_UNEMPLOYMENT, t],
        target - total_insured(state), at.MEMORY_BACKLOG_UNEMPLOYMENT, state,
    )  # fmt: skip
    memory[at.MEMORY_EXTRA_UNEMPLOYMENT] += heads
    out.flows[at.FLOW_CAMPAIGN_TOP_UP_UNEMPLOYMENT, t] = heads
    target += heads
    if math.isnan(level):
        target = min(target, enterprise_payers + public_payers, injury_insured)
    out.flows[at.FLOW_UNEMPLOYMENT_OVER_INJURY, t] = max(0.0, target - injury_insured)
    return target


@kernel
def refund_share(t, paths, state):
    """Stabilisation refunds over last year's premiums [1] (schemes.md 5.5).

    The higher rates need a fund that covers the stated months of outgo; below them the lower rates count, in
    proportion to the months that are left.
    """
    spent = state.memory[at.MEMORY_SPENDING_UNEMPLOYMENT]
    reserve = paths[at.PATH_REFUND_RESERVE_MONTHS, t]
    if spent <= 0.0 or reserve <= 0.0:
        return paths[at.PATH_STABILISATION_SHARE, t]
    months = payable_months(state.funds[at.OWN, at.FUND_UNEMPLOYMENT], spent)
    if months >= reserve:
        return paths[at.PATH_STABILISATION_SHARE, t]
    return paths[at.PATH_STABILISATION_LOW_SHARE, t] * max(0.0, months / reserve)


@kernel
def withdraw_cut(t, paths, constants, state):
    """Part of the phased cut that is withdrawn in the year [1], remembered for the next one.

    By the months of the own account on 1 January, at last year's outgo. Nothing while the cut asks for no reserve.
    """
    memory = state.memory
    full = paths[at.PATH_CUT_FULL_MONTHS, t]
    spent = memory[at.MEMORY_SPENDING_UNEMPLOYMENT]
    if full <= 0.0:
        memory[at.MEMORY_CUT_WITHDRAWN] = 0.0
    elif spent > 0.0:
        months = payable_months(state.funds[at.OWN, at.FUND_UNEMPLOYMENT], spent)
        memory[at.MEMORY_CUT_WITHDRAWN] = cut_withdrawn(
            memory[at.MEMORY_CUT_WITHDRAWN], months, paths[at.PATH_CUT_NONE_MONTHS, t], full,
            constants[at.CONSTANT_UNEMPLOYMENT_CUT_STEP],
        )  # fmt: skip
    return memory[at.MEMORY_CUT_WITHDRAWN]


@kernel
def pay_out(t, opening, mean_index, paths, constants, state, scratch, out):
    """Money of the year: contributions, benefits, medical contributions, refunds, subsidies [yuan].

    Benefits of a month are those of its claimants; death benefits are an employee's without years of contributions
    (funeral grant and the lowest compensation, Social Insurance Law art. 49).
    """
    flows = out.flows
    memory = state.memory
    base = 0.5 * (opening + total_insured(state)) * 12.0 * paths[at.PATH_PREVIOUS_WAGE, t] * mean_index
    base *= paths[at.PATH_UNEMPLOYMENT_BASE_RATIO, t]
    withdrawn = withdraw_cut(t, paths, constants, state)
    flows[at.FLOW_UNEMPLOYMENT_CUT_WITHDRAWN, t] = withdrawn
    employer_rate = partly_cut(
        withdrawn, paths[at.PATH_UNEMPLOYMENT_EMPLOYER_RATE, t], paths[at.PATH_UNEMPLOYMENT_EMPLOYER_UNCUT_RATE, t]
    )
    employee_rate = partly_cut(
        withdrawn, paths[at.PATH_UNEMPLOYMENT_EMPLOYEE_RATE, t], paths[at.PATH_UNEMPLOYMENT_EMPLOYEE_UNCUT_RATE, t]
    )
    employer = base * employer_rate * paths[at.PATH_UNEMPLOYMENT_SHARE_DUE, t]
    premium = employer + base * employee_rate
    benefits = flows[at.FLOW_CLAIM_MONTHS, t] * paths[at.PATH_UNEMPLOYMENT_BENEFIT, t]
    medical = flows[at.FLOW_CLAIM_MONTHS, t] * paths[at.PATH_UNEMPLOYMENT_MEDICAL, t]
    growth = paths[at.PATH_PRICE_INDEX, t] / paths[at.PATH_PREVIOUS_PRICE_INDEX, t] - 1.0
    dear = price_subsidy(paths[at.PATH_LIVING_STANDARD, t], growth, paths[at.PATH_PRICE_TRIGGER, t])
    flows[at.FLOW_UNEMPLOYMENT_PRICE_SUBSIDIES, t] = flows[at.FLOW_CLAIM_MONTHS, t] * dear
    months = paths[at.PATH_FUNERAL_MONTHS, t] + paths[at.PATH_COMPENSATION_FACTOR, t] * scratch.death_months[0]
    deaths = flows[at.FLOW_CLAIMANT_DEATHS, t] * months * paths[at.PATH_PREVIOUS_URBAN_INCOME, t] / 12.0
    refunds = refund_share(t, paths, state) * memory[at.MEMORY_PREMIUM_UNEMPLOYMENT]
    other = paths[at.PATH_OTHER_UNEMPLOYMENT_SHARE, t] * memory[at.MEMORY_PREMIUM_UNEMPLOYMENT]
    programmes = paths[at.PATH_UNEMPLOYMENT_PROGRAMME_SHARE, t] * memory[at.MEMORY_PREMIUM_UNEMPLOYMENT]
    skills = 0.5 * (opening + total_insured(state)) * paths[at.PATH_SKILL_SUBSIDY_COST, t]
    flows[at.FLOW_UNEMPLOYMENT_BENEFITS, t] = benefits
    flows[at.FLOW_UNEMPLOYMENT_MEDICAL_PAID, t] = medical
    flows[at.FLOW_STABILISATION_REFUNDS, t] = refunds
    flows[at.FLOW_CLAIMANT_DEATH_BENEFITS, t] = deaths
    flows[at.FLOW_SKILL_SUBSIDIES, t] = skills
    flows[at.FLOW_UNEMPLOYMENT_PROGRAMMES, t] = programmes
    ledger = scratch.ledger
    ledger[at.FUND_UNEMPLOYMENT, at.IN_CONTRIBUTIONS] += premium
    ledger[at.FUND_UNEMPLOYMENT, at.OUT_BENEFITS] += benefits + medical + deaths + flows[at.FLOW_PENSION_REFUNDS, t]
    ledger[at.FUND_UNEMPLOYMENT, at.OUT_BENEFITS] += flows[at.FLOW_UNEMPLOYMENT_PRICE_SUBSIDIES, t]
    ledger[at.FUND_UNEMPLOYMENT, at.OUT_OTHER] += refunds + other + skills + programmes
    memory[at.MEMORY_PREMIUM_UNEMPLOYMENT] = premium
    memory[at.MEMORY_SPENDING_UNEMPLOYMENT] = (
        ledger[at.FUND_UNEMPLOYMENT, at.OUT_BENEFITS] + ledger[at.FUND_UNEMPLOYMENT, at.OUT_OTHER]
    )


@kernel
def settle_unemployment(t, target, mean_index, paths, constants, tables, state, scratch, out):
    """A year of the branch: twelve monthly steps, then the payers' year end and the money.

    Parameters
    ----------
    target : insured at year end [persons]
    mean_index : mean contribution base of enterprise payers over W(t-1) [1]
    """
    opening = total_insured(state)
    death = claimant_death_prob(scratch)
    scratch.death_months[0] = tables.compensation[t, 0]
    flows = out.flows
    for month in range(12):
        paid = flows[at.FLOW_CLAIM_MONTHS, t]
        opened = flows[at.FLOW_NEW_CLAIMANTS, t]
        open_claims(t, paths, constants, tables, state, out)
        step_claimants(t, death, paths, constants, state, out)
        claimants = 0.0
        for near in range(2):
            for step in range(at.LADDER):
                for left in range(at.MONTHS):
                    claimants += state.claimants[near, step, left]
        out.unemployment_months[0, month, t] = claimants
        out.unemployment_months[1, month, t] = flows[at.FLOW_CLAIM_MONTHS, t] - paid
        out.unemployment_months[2, month, t] = flows[at.FLOW_NEW_CLAIMANTS, t] - opened
        benefit = paths[at.PATH_UNEMPLOYMENT_BENEFIT, t]
        out.unemployment_months[3, month, t] = out.unemployment_months[1, month, t] * benefit
    turn_payers(t, target, paths, constants, state, out)
    pay_out(t, opening, mean_index, paths, constants, state, scratch, out)
