"""One row of members (career, status, age) through a year: who dies, retires, chooses, moves or stays."""

from __future__ import annotations

from simengine.kernels import layout as at
from simengine.kernels.awards import deemed_index_years, eligible_share
from simengine.kernels.coverage import pause_weight
from simengine.kernels.jit import inlined, kernel
from simengine.kernels.members import add_member, award_group, fill_row, sickness_amounts
from simengine.kernels.rules import compensation_spread


@inlined
def fund_of(status):
    """Fund that pays for a member of this status."""
    return at.FUND_PUBLIC if status == at.PUBLIC else at.FUND_ENTERPRISE


@inlined
def settle_deaths(t, status, heads, s, a, paths, months, row, base, ledger, flows):
    """Deaths of one bin: half a year of exposure, the account to heirs, survivor benefits [persons, yuan].

    Below the stated years funeral grant and compensation together are at most the own payments, for which the account
    stands (人社部发〔2021〕18号, schemes.md 1.9). `months`: compensation by whole years of contributions.
    """
    credit = 0.5 * row[at.ROW_CREDIT]
    interest = 0.5 * a * row[at.ROW_INTEREST]
    own = a + credit + interest
    flows[at.FLOW_MEMBER_DEATHS, t] += heads
    flows[at.FLOW_ACCOUNT_CREDITS, t] += heads * credit
    flows[at.FLOW_ACCOUNT_INTEREST_CREDITED, t] += heads * interest
    flows[at.FLOW_ACCOUNT_INHERITED, t] += heads * own
    funeral = paths[at.PATH_FUNERAL_MONTHS, t]
    factor = paths[at.PATH_COMPENSATION_FACTOR, t]
    paid = funeral + factor * compensation_spread(s, months, paths[at.PATH_COMPENSATION_COUNT_UP, t])
    short = min(1.0, max(0.0, paths[at.PATH_COMPENSATION_LIMIT_YEARS, t] - s + 0.5))
    over = max(0.0, (funeral + factor * months[0]) * row[at.ROW_INCOME_MONTH] - own)
    benefit = heads * (paid * row[at.ROW_INCOME_MONTH] - short * over)
    flows[at.FLOW_SURVIVOR_BENEFITS, t] += benefit
    ledger[fund_of(status), at.OUT_BENEFITS] += benefit + heads * own
    add_exposure(status, 0.5 * heads, row, base)


@inlined
def add_exposure(status, head_years, row, base):
    """Payers' exposure [persons x years] and insurable base [W x years] of the year, by status."""
    if status != at.PAUSED:
        base[status, 0] += head_years
        base[status, 1] += head_years * row[at.ROW_GAIN] * row[at.ROW_INDEX]


@kernel
def settle_invalids(t, career, status, i, heads, s, x, v, j, a, paths, constants, tables, state, scratch, out):
    """New recipients of the allowance for lost capacity of one bin, 人社部发〔2024〕72号 (schemes.md 1.10).

    The bin is split at the minimum years as for an award: the upper part goes to branch 0 (full formula, account drawn
    down) or 1 (base part, account kept) by the years to old age, the lower part to branch 2 (base part for a limited
    time). Half a year is paid in the first year.
    """
    row = scratch.row
    share = eligible_share(s, row[at.ROW_THRESHOLD])
    upper = 1.0
    lower = 1.0
    if s > 0.0:
        upper = (s + 0.5 * (1.0 - share)) / s
        lower = max(0.0, (s - 0.5 * share) / s)
    credit = 0.5 * row[at.ROW_CREDIT]
    interest = a * row[at.ROW_INTEREST]
    flows = out.flows
    flows[at.FLOW_NEW_INVALIDS, t] += heads
    flows[at.FLOW_ACCOUNT_CREDITS, t] += heads * credit
    flows[at.FLOW_ACCOUNT_INTEREST_CREDITED, t] += heads * interest
    flows[at.FLOW_ACCOUNT_TRANSFERRED_OUT, t] += heads * (a + credit + interest)
    flows[at.FLOW_PENSION_ACCOUNT_IN, t] += heads * (a + credit + interest)
    near = row[at.ROW_YEARS_LEFT] <= paths[at.PATH_SICKNESS_NEAR_YEARS, t]
    j = deemed_index_years(s, x, v, j, constants[at.CONSTANT_DEEMED_INDEX_ACTUAL_AVERAGE])
    for part in range(2):
        people = heads * share if part == 0 else heads * (1.0 - share)
        if people <= 0.0:
            continue
        scale = upper if part == 0 else lower
        branch = 2
        if part == 0:
            branch = 0 if near else 1
        balance = a * scale * (1.0 + row[at.ROW_INTEREST]) + credit
        pooled, from_account = sickness_amounts(
            t, career, i, branch == 0, s * scale, x * scale, j * scale, balance, paths, tables
        )
        invalid = state.invalidity
        for item, value in (
            (at.I_HEADS, 1.0),
            (at.I_MASS, pooled + from_account),
            (at.I_ACCOUNT, balance - min(6.0 * from_account, balance)),
            (at.I_SERVICE, s * scale),
            (at.I_INDEX, x * scale),
            (at.I_DEEMED_INDEX, j * scale),
            (at.I_ACCOUNT_MASS, from_account),
        ):
            invalid[item, branch, career, i] += people * value
        flows[at.FLOW_PENSION_ACCOUNT_DRAWN, t] += people * min(6.0 * from_account, balance)
        flows[at.FLOW_PENSION_PAID_ENTERPRISE, t] += 6.0 * people * (pooled + from_account)
    add_exposure(status, 0.5 * heads, row, scratch.base)


@kernel
def settle_choices(t, career, status, i, k, heads, s, x, v, j, a, paths, constants, tables, state, scratch, out):
    """Members below the minimum at the statutory month choose once (model.md section 7; 人社部令第13号).

    Pay-up awards, moves to the resident scheme and refunds leave the members; a paused member who continues
    becomes a flexible payer, a payer who does not claim pauses; the others who continue or do not claim stay.
    Returns the heads that left this row.
    """
    row = scratch.row
    flows = out.flows
    fund = fund_of(status)
    moved = 0.0
    pay_up = heads * paths[at.PATH_PAY_UP_SHARE, t]
    resident = heads * paths[at.PATH_RESIDENT_SHARE, t]
    refund = heads * paths[at.PATH_REFUND_SHARE, t]
    if row[at.ROW_YEARS_LEFT] < -4.0:  # five years of continuing are over
        resident = heads - pay_up
        refund = 0.0
    else:
        flows[at.FLOW_BELOW_MINIMUM, t] += heads
        flows[at.FLOW_CHOICE_CONTINUE, t] += heads * paths[at.PATH_CONTINUE_SHARE, t]
        flows[at.FLOW_CHOICE_UNCLAIMED, t] += heads * paths[at.PATH_UNCLAIMED_SHARE, t]
        moved = heads * paths[at.PATH_UNCLAIMED_SHARE, t]
        target = at.PAUSED
        if status == at.PAUSED:
            moved = heads * paths[at.PATH_CONTINUE_SHARE, t]
            target = at.FLEXIBLE
        move_members(t, career, status, target, i, k, moved, s, x, v, j, a, row, scratch.base, scratch.arrivals, flows)
    if pay_up > 0.0:
        missing = max(0.0, row[at.ROW_THRESHOLD] - s - row[at.ROW_GAIN] * row[at.ROW_MONTH])
        flows[at.FLOW_PAY_UP_AWARDS, t] += pay_up
        flows[at.FLOW_PAY_UP_INCOME, t] += pay_up * missing * row[at.ROW_BUY_PRICE]
        flows[at.FLOW_ACCOUNT_CREDITS, t] += pay_up * missing * row[at.ROW_BUY_CREDIT]
        scratch.ledger[fund, at.IN_CONTRIBUTIONS] += pay_up * missing * row[at.ROW_BUY_PRICE]
        award_group(
            t, career, status, i, pay_up, s + missing, x + missing * row[at.ROW_BUY_INDEX], v, j,
            a + missing * row[at.ROW_BUY_CREDIT], paths, constants, tables, scratch, out,
        )  # fmt: skip
    leaving = resident + refund
    if leaving > 0.0:
        credit = row[at.ROW_CREDIT] * row[at.ROW_MONTH]
        interest = a * row[at.ROW_INTEREST] * row[at.ROW_MONTH]
        balance = a + credit + interest
        flows[at.FLOW_ACCOUNT_CREDITS, t] += leaving * credit
        flows[at.FLOW_ACCOUNT_INTEREST_CREDITED, t] += leaving * interest
        add_exposure(status, leaving * row[at.ROW_MONTH], row, scratch.base)
        flows[at.FLOW_CHOICE_REFUND, t] += refund
        flows[at.FLOW_ACCOUNT_REFUNDED, t] += refund * balance
        scratch.ledger[fund, at.OUT_BENEFITS] += refund * balance
        receive_resident(t, career, at.FIRST_AGE + i, fund, resident, balance, s, scratch, out)
    return pay_up + leaving + moved


@kernel
def receive_resident(t, career, age, fund, heads, account, service, scratch, out):
    """Move heads with their account into the resident scheme (人社部发〔2014〕17号; schemes.md 7.5).

    They wait in `scratch.resident_in` and join at year end; the money goes from their pension fund to the resident
    fund.
    """
    sex = at.MALE if career == 0 else at.FEMALE
    money = heads * account
    out.flows[at.FLOW_CHOICE_RESIDENT, t] += heads
    out.flows[at.FLOW_RESIDENT_FROM_EMPLOYEES, t] += heads
    out.flows[at.FLOW_ACCOUNT_TRANSFERRED_OUT, t] += money
    out.flows[at.FLOW_RESIDENT_ACCOUNT_IN, t] += money
    scratch.ledger[fund, at.OUT_TRANSFERS] += money
    scratch.ledger[at.FUND_RESIDENT, at.IN_TRANSFERS] += money
    scratch.resident_in[0, sex, age] += heads
    scratch.resident_in[1, sex, age] += money
    scratch.resident_in[2, sex, age] += heads * service


@inlined
def move_members(t, career, source, target, i, k, heads, s, x, v, j, a, row, base, arrivals, flows):
    """Movers within the scheme: half a year in the old status, then the arrivals buffer of the new one."""
    gain = 0.5 * row[at.ROW_GAIN]
    credit = 0.5 * row[at.ROW_CREDIT] * row[at.ROW_CREDIT_FACTOR]
    balance = a * (1.0 + row[at.ROW_INTEREST]) + credit
    flows[at.FLOW_ACCOUNT_CREDITS, t] += heads * 0.5 * row[at.ROW_CREDIT]
    flows[at.FLOW_ACCOUNT_INTEREST_CREDITED, t] += heads * (balance - a - 0.5 * row[at.ROW_CREDIT])
    add_exposure(source, 0.5 * heads, row, base)
    add_member(
        arrivals, career, target, i, k, gain, heads, heads * (s + gain),
        heads * (x + gain * row[at.ROW_INDEX]), heads * v, heads * j, heads * balance,
    )  # fmt: skip


@inlined
def migrate_out(t, status, heads, a, row, base, ledger, flows):
    """Members who leave the region with their account: half a year of exposure, a transfer out [persons, yuan]."""
    credit = 0.5 * row[at.ROW_CREDIT]
    interest = a * row[at.ROW_INTEREST] * 0.5
    flows[at.FLOW_MEMBERS_OUT, t] += heads
    flows[at.FLOW_ACCOUNT_CREDITS, t] += heads * credit
    flows[at.FLOW_ACCOUNT_INTEREST_CREDITED, t] += heads * interest
    flows[at.FLOW_ACCOUNT_TRANSFERRED_OUT, t] += heads * (a + credit + interest)
    ledger[fund_of(status), at.OUT_TRANSFERS] += heads * (a + credit + interest)
    add_exposure(status, 0.5 * heads, row, base)


@inlined
def settle_movers(t, career, status, i, k, heads, s, x, v, j, a, constants, row, base, ledger, arrivals, flows):
    """Pauses, switches and out-migration of the stayers of one bin; returns the heads that moved."""
    hazard = row[at.ROW_PAUSE] * pause_weight(s, row[at.ROW_THRESHOLD], row[at.ROW_YEARS_LEFT], constants)
    pause = min(0.95, hazard + row[at.ROW_STOP] * eligible_share(s, row[at.ROW_THRESHOLD]))
    switch = min(0.95 - pause, row[at.ROW_SWITCH]) if pause < 0.95 else 0.0
    leave = row[at.ROW_LEAVE] * (1.0 - pause - switch)
    kept = 0.0
    if status == at.ENTERPRISE:
        kept = leave * constants[at.CONSTANT_LEAVE_PAUSED]
    if status == at.ENTERPRISE:
        flows[at.FLOW_PAUSES_ENTERPRISE, t] += heads * (pause + kept)
        flows[at.FLOW_SWITCHES_TO_FLEXIBLE, t] += heads * switch
    elif status == at.FLEXIBLE:
        flows[at.FLOW_PAUSES_FLEXIBLE, t] += heads * pause
        flows[at.FLOW_SWITCHES_TO_ENTERPRISE, t] += heads * switch
    if pause + kept > 0.0:
        move_members(
            t, career, status, at.PAUSED, i, k, heads * (pause + kept), s, x, v, j, a, row, base, arrivals, flows
        )
    if switch > 0.0:
        other = at.FLEXIBLE if status == at.ENTERPRISE else at.ENTERPRISE
        move_members(t, career, status, other, i, k, heads * switch, s, x, v, j, a, row, base, arrivals, flows)
    if leave - kept > 0.0:
        migrate_out(t, status, heads * (leave - kept), a, row, base, ledger, flows)
    return heads * (pause + switch + leave)


@inlined
def settle_stayers(t, career, status, i, k, heads, s, x, v, j, a, members, row, base, flows):
    """A full year in the status: service, index-years and account grow; the density's share climbs one bin."""
    gain = row[at.ROW_GAIN]
    credit = row[at.ROW_CREDIT]
    interest = a * row[at.ROW_INTEREST] + credit * (row[at.ROW_CREDIT_FACTOR] - 1.0)
    flows[at.FLOW_ACCOUNT_CREDITS, t] += heads * credit
    flows[at.FLOW_ACCOUNT_INTEREST_CREDITED, t] += heads * interest
    add_exposure(status, heads, row, base)
    add_member(
        members, career, status, i, k, gain, heads, heads * (s + gain), heads * (x + gain * row[at.ROW_INDEX]),
        heads * v, heads * j, heads * (a + credit + interest),
    )  # fmt: skip


@kernel
def settle_row(t, career, status, i, paths, constants, tables, state, scratch, out):
    """All bins of one row, from the highest down, so that a group that climbs is never met twice."""
    row = scratch.row
    members = state.members
    arrivals = scratch.arrivals
    base = scratch.base
    ledger = scratch.ledger
    flows = out.flows
    for k in range(at.BINS - 1, -1, -1):
        heads = members[at.HEADS, career, status, i, k]
        if heads <= 0.0:
            continue
        s = members[at.SERVICE, career, status, i, k] / heads
        x = members[at.INDEX, career, status, i, k] / heads
        v = members[at.DEEMED, career, status, i, k] / heads
        j = members[at.DEEMED_INDEX, career, status, i, k] / heads
        a = members[at.ACCOUNT, career, status, i, k] / heads
        for moment in range(at.MOMENTS):
            members[moment, career, status, i, k] = 0.0
        dying = heads * row[at.ROW_DEATH]
        settle_deaths(t, status, dying, s, a, paths, tables.compensation[t], row, base, ledger, flows)
        alive = heads - dying
        invalid = alive * row[at.ROW_INVALID]
        if invalid > 0.0:
            settle_invalids(t, career, status, i, invalid, s, x, v, j, a, paths, constants, tables, state, scratch, out)
        alive -= invalid
        share = eligible_share(s + row[at.ROW_GAIN] * row[at.ROW_MONTH], row[at.ROW_THRESHOLD])
        upper = 1.0
        lower = 1.0
        if s > at.LEAST_SERVICE:
            upper = (s + 0.5 * (1.0 - share)) / s
            lower = max(0.0, (s - 0.5 * share) / s)
        awarded = alive * share * row[at.ROW_HAZARD]
        if awarded > 0.0:
            award_group(
                t, career, status, i, awarded, s * upper, x * upper, v * upper, j * upper, a * upper,
                paths, constants, tables, scratch, out,
            )  # fmt: skip
        choosing = alive * (1.0 - share) * row[at.ROW_CHOICE]
        chosen = 0.0
        if choosing > 0.0:
            chosen = settle_choices(
                t, career, status, i, k, choosing, s * lower, x * lower, v * lower, j * lower, a * lower,
                paths, constants, tables, state, scratch, out,
            )  # fmt: skip
        if status == at.PUBLIC:
            scratch.public_share[0, career, i] += dying
            scratch.public_share[1, career, i] += awarded
            scratch.public_share[2, career, i] += heads
        stay = alive - awarded - chosen
        if stay <= 1e-12 * heads:
            continue
        left = alive * 1.0 - awarded * upper - chosen * lower  # weight of the mean moments still here
        left = left / stay
        s, x, v, j, a = s * left, x * left, v * left, j * left, a * left
        moved = settle_movers(
            t, career, status, i, k, stay, s, x, v, j, a, constants, row, base, ledger, arrivals, flows
        )
        if stay - moved > 0.0:
            settle_stayers(t, career, status, i, k, stay - moved, s, x, v, j, a, members, row, base, flows)


@kernel
def settle_members(t, paths, constants, tables, state, scratch, out):
    """Every row of members, from its opening state; movers wait in the arrivals buffer."""
    scratch.arrivals[:, :, :, :, :] = 0.0
    scratch.public_share[:, :, :] = 0.0
    scratch.base[:, :] = 0.0
    scratch.resident_in[:, :, :] = 0.0
    for career in range(at.CAREERS):
        for status in range(at.STATUSES):
            for i in range(at.WORKING_AGES):
                fill_row(t, career, status, i, paths, constants, tables, scratch)
                settle_row(t, career, status, i, paths, constants, tables, state, scratch, out)


@kernel
def refund_oldest(t, state, scratch, out):
    """Whoever is still a member at 79 receives the account and leaves (unclaimed accounts, model.md section 6)."""
    last = at.WORKING_AGES - 1
    for career in range(at.CAREERS):
        for status in range(at.STATUSES):
            for k in range(at.BINS):
                heads = (
                    state.members[at.HEADS, career, status, last, k]
                    + scratch.arrivals[at.HEADS, career, status, last, k]
                )
                account = (
                    state.members[at.ACCOUNT, career, status, last, k]
                    + scratch.arrivals[at.ACCOUNT, career, status, last, k]
                )
                out.flows[at.FLOW_FINAL_REFUNDS, t] += heads
                out.flows[at.FLOW_ACCOUNT_REFUNDED, t] += account
                scratch.ledger[fund_of(status), at.OUT_BENEFITS] += account
                for moment in range(at.MOMENTS):
                    state.members[moment, career, status, last, k] = 0.0
                    scratch.arrivals[moment, career, status, last, k] = 0.0
