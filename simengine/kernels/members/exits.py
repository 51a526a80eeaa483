"""Groups that leave a row of members: awards, choices below the minimum, lost working capacity.

A group is taken out of every bin of the row (`take_group`) and settled by its sums: the formulas are linear in them.
Three formulas are not linear (deemed index-years at the average index, years to buy, the comparison with the old
public formula); these are computed in each service bin.
"""

from __future__ import annotations

from simengine.kernels import layout as at
from simengine.kernels.compiler.jit import inlined, kernel, over_bins
from simengine.kernels.members.counts import count_awards, count_below, depart
from simengine.kernels.members.members import continued_out, sickness_amounts, transition_difference
from simengine.kernels.members.rows import arrive, moments_of, sum_bins, sum_movers, sum_part
from simengine.kernels.rules.disability import FULL, sickness_branch
from simengine.kernels.rules.pension import addon_pension, base_pension, eligible_share, transition_pension


@inlined
def fund_of(status):
    """Fund that pays for a member of this status."""
    return at.FUND_PUBLIC if status == at.PUBLIC else at.FUND_ENTERPRISE


@inlined
def add_exposure(status, head_years, row, base):
    """Payers' exposure [persons x years] and insurable base [W x years] of the year, by status."""
    if status != at.PAUSED:
        base[status, 0] += head_years
        base[status, 1] += head_years * row[at.ROW_GAIN] * row[at.ROW_INDEX]


@over_bins
def take_group(row, deemed, scratch):
    """A group out of every bin, from its parts of heads (V_WEIGHT) and moments (V_TERM), into `scratch.movers`."""
    bins = scratch.bins
    movers = scratch.movers
    moments = moments_of(deemed)
    for k in range(at.ROW):
        movers[at.HEADS, k + at.LEAD] = row[at.HEADS, k] * bins[at.V_WEIGHT, k]
    for moment in range(at.SERVICE, moments):
        for k in range(at.ROW):
            movers[moment, k + at.LEAD] = row[moment, k] * bins[at.V_TERM, k]
    for moment in range(moments, at.MOMENTS):
        for k in range(at.ROW):
            movers[moment, k + at.LEAD] = 0.0


@over_bins
def take_movers(part, kept, row, deemed, gain, index, factor, credit, scratch):
    """Like `take_group`, for members who have not left: moves the share in `bins[part]` to `scratch.movers`.

    `kept` is the share of every bin that has not left; below zero, the shares by bin apply (V_KEEP_HEADS,
    V_KEEP_MOMENTS). For the movers, service grows by `gain` and index-years by `index` a head; the account is
    multiplied by `factor` and grows by `credit` a head.
    """
    bins = scratch.bins
    movers = scratch.movers
    if kept >= 0.0:
        for k in range(at.ROW):
            bins[at.V_TERM, k] = kept * bins[part, k]
            movers[at.HEADS, k + at.LEAD] = row[at.HEADS, k] * (kept * bins[part, k])
    else:
        for k in range(at.ROW):
            movers[at.HEADS, k + at.LEAD] = row[at.HEADS, k] * (bins[at.V_KEEP_HEADS, k] * bins[part, k])
            bins[at.V_TERM, k] = bins[at.V_KEEP_MOMENTS, k] * bins[part, k]
    for k in range(at.ROW):
        grown = gain * movers[at.HEADS, k + at.LEAD]
        movers[at.SERVICE, k + at.LEAD] = row[at.SERVICE, k] * bins[at.V_TERM, k] + grown
    for k in range(at.ROW):
        grown = index * movers[at.HEADS, k + at.LEAD]
        movers[at.INDEX, k + at.LEAD] = row[at.INDEX, k] * bins[at.V_TERM, k] + grown
    for k in range(at.ROW):
        grown = credit * movers[at.HEADS, k + at.LEAD]
        movers[at.ACCOUNT, k + at.LEAD] = row[at.ACCOUNT, k] * bins[at.V_TERM, k] * factor + grown
    if deemed > 0.0:
        for k in range(at.ROW):
            movers[at.DEEMED, k + at.LEAD] = row[at.DEEMED, k] * bins[at.V_TERM, k]
        for k in range(at.ROW):
            movers[at.DEEMED_INDEX, k + at.LEAD] = row[at.DEEMED_INDEX, k] * bins[at.V_TERM, k]


@over_bins
def sum_deemed_index(deemed, later, later_index, bought, bought_index, average, scratch):
    """Deemed index-years of a group, summed over its bins [index x years] (schemes.md 1.5).

    Deemed years count at the average index of the paid years, or at the index they carry; with no paid year at theirs.

    Parameters
    ----------
    deemed : 1 if the group has deemed years; 0 otherwise
    later, later_index : years and index-years a head gains before the award
    bought : 1 if the years in V_TERM are bought, at the index `bought_index`; 0 otherwise
    average : 1 if the average index of the paid years stands for the deemed ones
    """
    bins = scratch.bins
    movers = scratch.movers
    if deemed <= 0.0:
        return 0.0
    if average <= 0.5:
        return sum_movers(scratch, at.DEEMED_INDEX)
    for k in range(at.ROW):
        heads = movers[at.HEADS, k + at.LEAD]
        extra = bought * bins[at.V_TERM, k]
        service = movers[at.SERVICE, k + at.LEAD] + extra + later * heads
        index = movers[at.INDEX, k + at.LEAD] + bought_index * extra + later_index * heads
        years = movers[at.DEEMED, k + at.LEAD]
        paid = service - years
        enough = paid > at.NO_HEADS * service + at.LEAST_SUM
        inverse = 1.0 / paid if enough else 0.0
        carried = movers[at.DEEMED_INDEX, k + at.LEAD]
        bins[at.V_DEEMED_INDEX, k] = years * index * inverse if enough else carried
    return sum_bins(bins, at.V_DEEMED_INDEX, scratch)


@kernel
def place_award(career, scheme, age, heads, mass, account_mass, service, account, scratch):
    """Add a group to the new pensioners of a cell: heads, monthly mass and its account part, years, account left."""
    new = scratch.new_pensioners
    new[at.P_HEADS, career, scheme, age] += heads
    new[at.P_MASS, career, scheme, age] += mass
    new[at.P_ACCOUNT_MASS, career, scheme, age] += account_mass
    new[at.P_SERVICE, career, scheme, age] += service
    new[at.P_ACCOUNT, career, scheme, age] += account


@kernel
def award_group(t, career, status, i, heads, s, x, j, a, added, paths, tables, scratch, out):
    """Award a group of members (sums at the opening) their pensions.

    Award month m has weight w_m; service, index and account grow linearly to m, so the sums over m of the
    retirement table give the award exactly:

        mass = pool(opening) + pool(year)·Σw·m/12 + A·Σw/D + (A·i + credit·f)·Σw·(m/12)/D

    Parameters
    ----------
    heads, s, x, j, a : heads, recognised years, index-years, deemed index-years, accounts [yuan]
    added : what a comparison with an older formula adds to the pooled part [yuan/month]
    """
    row = scratch.row
    scheme = 1 if status == at.PUBLIC else 0
    age = at.FIRST_AGE + i
    table = tables.retirement[t, career, age]
    base = paths[at.PATH_BENEFIT_BASE, t]
    accrual = paths[at.PATH_ACCRUAL_RATE, t]
    month = row[at.ROW_MONTH]
    gain = row[at.ROW_GAIN] * heads
    gain_index = gain * row[at.ROW_INDEX]
    coefficient = paths[at.PATH_PUBLIC_TRANSITION_COEFFICIENT if scheme == 1 else at.PATH_TRANSITION_COEFFICIENT, t]
    factor = scratch.award_level[scheme]
    addon = paths[at.PATH_ADDON_INDEX_YEARS, t]
    pool = added + factor * (
        base_pension(base, accrual, s, x, j)
        + transition_pension(base, j, coefficient)
        + addon_pension(paths[at.PATH_ADDON_FIXED, t] * heads, addon, x + j)
    )
    pool_year = factor * (base_pension(base, accrual, gain, gain_index, 0.0) + addon * gain_index)
    interest = row[at.ROW_INTEREST]
    credit = row[at.ROW_CREDIT] * heads
    growth = a * interest + credit * row[at.ROW_CREDIT_FACTOR]
    account_mass = a * table[at.RET_INVERSE_DIVISOR] + growth * table[at.RET_MONTH_INVERSE_DIVISOR]
    mass = pool + pool_year * month + account_mass
    account_paid = 12.0 * (
        a * table[at.RET_INVERSE_DIVISOR_PENSION_SHARE] + growth * table[at.RET_MONTH_INVERSE_DIVISOR_PENSION_SHARE]
    )
    paid = account_paid + 12.0 * (pool * table[at.RET_PENSION_SHARE] + pool_year * table[at.RET_MONTH_PENSION_SHARE])
    balance = a + growth * month
    later = interest * (a * table[at.RET_PENSION_SHARE] + growth * table[at.RET_MONTH_PENSION_SHARE])
    drawn = min(account_paid, balance + later)
    service = s + gain * month
    place_award(career, scheme, age, heads, mass, account_mass, service, balance + later - drawn, scratch)
    add_exposure(status, heads * month, row, scratch.payer_base)
    flows = out.flows
    flows[at.FLOW_ACCOUNT_CREDITS, t] += credit * month
    flows[at.FLOW_ACCOUNT_INTEREST_CREDITED, t] += (growth - credit) * month
    flows[at.FLOW_ACCOUNT_TO_PENSION, t] += balance
    flows[at.FLOW_PENSION_ACCOUNT_IN, t] += balance
    flows[at.FLOW_PENSION_ACCOUNT_INTEREST, t] += later
    flows[at.FLOW_PENSION_ACCOUNT_DRAWN, t] += drawn
    flows[at.FLOW_AWARD_SERVICE, t] += service
    flows[at.FLOW_AWARDS_PUBLIC if scheme == 1 else at.FLOW_AWARDS_ENTERPRISE, t] += heads
    flows[at.FLOW_NEW_AWARD_MASS_PUBLIC if scheme == 1 else at.FLOW_NEW_AWARD_MASS_ENTERPRISE, t] += mass
    flows[at.FLOW_PENSION_PAID_PUBLIC if scheme == 1 else at.FLOW_PENSION_PAID_ENTERPRISE, t] += paid


@kernel
def compare_public(t, career, i, bought, paths, tables, scratch):
    """What the comparison with the old formula adds to the public awards of a row [yuan/month] (schemes.md 3).

    `bought`: 1 if the years in V_TERM are bought at the price of the year; 0 otherwise.
    """
    if paths[at.PATH_PUBLIC_COMPARED_SHARE, t] <= 0.0:
        return 0.0
    row = scratch.row
    bins = scratch.bins
    table = tables.retirement[t, career, at.FIRST_AGE + i]
    base = paths[at.PATH_BENEFIT_BASE, t]
    accrual = paths[at.PATH_ACCRUAL_RATE, t]
    factor = scratch.award_level[at.SCHEME_PUBLIC]
    addon = paths[at.PATH_ADDON_INDEX_YEARS, t]
    gain = row[at.ROW_GAIN]
    gain_index = gain * row[at.ROW_INDEX]
    year = factor * (base_pension(base, accrual, gain, gain_index, 0.0) + addon * gain_index) * row[at.ROW_MONTH]
    added = 0.0
    for k in range(at.ROW):
        heads = scratch.movers[at.HEADS, k + at.LEAD]
        if heads <= 0.0:
            continue
        years = bought * bins[at.V_TERM, k] / heads
        s = scratch.movers[at.SERVICE, k + at.LEAD] / heads + years
        x = scratch.movers[at.INDEX, k + at.LEAD] / heads + years * row[at.ROW_BUY_INDEX]
        j = scratch.movers[at.DEEMED_INDEX, k + at.LEAD] / heads
        a = scratch.movers[at.ACCOUNT, k + at.LEAD] / heads + years * row[at.ROW_BUY_CREDIT]
        growth = a * row[at.ROW_INTEREST] + row[at.ROW_CREDIT] * row[at.ROW_CREDIT_FACTOR]
        formula = year + factor * (
            base_pension(base, accrual, s, x, j)
            + transition_pension(base, j, paths[at.PATH_PUBLIC_TRANSITION_COEFFICIENT, t])
            + addon_pension(paths[at.PATH_ADDON_FIXED, t], addon, x + j)
        )
        formula += a * table[at.RET_INVERSE_DIVISOR] + growth * table[at.RET_MONTH_INVERSE_DIVISOR]
        annuity = scratch.annuity_month[career, i]
        added += heads * transition_difference(t, formula, annuity, row[at.ROW_INDEX], paths, tables)
    return added


@kernel
def award_row(t, career, status, i, alive, row, deemed, paths, constants, tables, scratch, out):
    """Awards of a row: of every bin the share with the minimum, times the hazard; returns their heads."""
    shared = scratch.row
    bins = scratch.bins
    hazard = alive * shared[at.ROW_HAZARD]
    for k in range(at.ROW):
        bins[at.V_WEIGHT, k] = hazard * bins[at.V_SHARE, k]
        bins[at.V_TERM, k] = bins[at.V_WEIGHT, k] * bins[at.V_UPPER, k]
    heads = sum_part(row, at.HEADS, at.V_WEIGHT, scratch)
    if heads <= 0.0:
        return 0.0
    s = sum_part(row, at.SERVICE, at.V_TERM, scratch)
    x = sum_part(row, at.INDEX, at.V_TERM, scratch)
    account = sum_part(row, at.ACCOUNT, at.V_TERM, scratch)
    if deemed > 0.0 or status == at.PUBLIC:  # who is evaluated bin by bin
        take_group(row, deemed, scratch)
    month = shared[at.ROW_GAIN] * shared[at.ROW_MONTH]
    # Of the public sector the deemed index goes by rank and post.
    average = constants[at.CONSTANT_DEEMED_INDEX_ACTUAL_AVERAGE] if status != at.PUBLIC else 0.0
    deemed_index = sum_deemed_index(deemed, month, month * shared[at.ROW_INDEX], 0.0, 0.0, average, scratch)
    added = compare_public(t, career, i, 0.0, paths, tables, scratch) if status == at.PUBLIC else 0.0
    award_group(t, career, status, i, heads, s, x, deemed_index, account, added, paths, tables, scratch, out)
    count_awards(t, career, i, heads, tables, out)
    return heads


@kernel
def pay_up(t, career, status, i, share, deemed, paths, constants, tables, scratch, out):
    """Of the group below the minimum, `share` buy the missing years at once and are awarded (人社部令第13号)."""
    shared = scratch.row
    bins = scratch.bins
    month = shared[at.ROW_GAIN] * shared[at.ROW_MONTH]
    needed = shared[at.ROW_THRESHOLD] - month
    for k in range(at.ROW):
        missing = needed * scratch.movers[at.HEADS, k + at.LEAD] - scratch.movers[at.SERVICE, k + at.LEAD]
        bins[at.V_TERM, k] = max(0.0, missing)
    bought = share * sum_bins(bins, at.V_TERM, scratch)
    heads = share * sum_movers(scratch, at.HEADS)
    s = share * sum_movers(scratch, at.SERVICE) + bought
    x = share * sum_movers(scratch, at.INDEX)
    account = share * sum_movers(scratch, at.ACCOUNT)
    index = shared[at.ROW_BUY_INDEX]
    average = constants[at.CONSTANT_DEEMED_INDEX_ACTUAL_AVERAGE] if status != at.PUBLIC else 0.0
    deemed_index = share * sum_deemed_index(deemed, month, month * shared[at.ROW_INDEX], 1.0, index, average, scratch)
    credit = bought * shared[at.ROW_BUY_CREDIT]
    price = bought * shared[at.ROW_BUY_PRICE]
    out.flows[at.FLOW_PAY_UP_AWARDS, t] += heads
    out.retirements[t, at.PAID_UP, career] += heads
    out.flows[at.FLOW_PAY_UP_INCOME, t] += price
    out.flows[at.FLOW_ACCOUNT_CREDITS, t] += credit
    scratch.ledger[fund_of(status), at.IN_CONTRIBUTIONS] += price
    added = share * compare_public(t, career, i, 1.0, paths, tables, scratch) if status == at.PUBLIC else 0.0
    award_group(
        t, career, status, i, heads, s, x + bought * index, deemed_index, account + credit, added, paths, tables,
        scratch, out,
    )  # fmt: skip


@kernel
def leave_scheme(t, career, status, i, resident, refund, scratch, out):
    """Of the group below the minimum, parts that move to the resident scheme and that take their account back."""
    shared = scratch.row
    age = at.FIRST_AGE + i
    heads = sum_movers(scratch, at.HEADS)
    account = sum_movers(scratch, at.ACCOUNT)
    service = sum_movers(scratch, at.SERVICE)
    credit = heads * shared[at.ROW_CREDIT] * shared[at.ROW_MONTH]
    interest = account * shared[at.ROW_INTEREST] * shared[at.ROW_MONTH]
    balance = account + credit + interest
    flows = out.flows
    flows[at.FLOW_ACCOUNT_CREDITS, t] += (resident + refund) * credit
    flows[at.FLOW_ACCOUNT_INTEREST_CREDITED, t] += (resident + refund) * interest
    add_exposure(status, (resident + refund) * heads * shared[at.ROW_MONTH], shared, scratch.payer_base)
    flows[at.FLOW_CHOICE_REFUND, t] += refund * heads
    depart(t, career, age, (resident + refund) * heads, out)
    flows[at.FLOW_ACCOUNT_REFUNDED, t] += refund * balance
    scratch.ledger[fund_of(status), at.OUT_BENEFITS] += refund * balance
    receive_resident(
        t, career, age, fund_of(status), resident * heads, resident * balance, resident * service, scratch, out
    )


@kernel
def receive_resident(t, career, age, fund, heads, money, service, scratch, out):
    """Move a group (sums) with its accounts into the resident scheme (人社部发〔2014〕17号; schemes.md 7.5).

    They wait in `scratch.resident_in` and join at year end; the money goes from their pension fund to the resident
    fund.
    """
    sex = at.MALE if career == 0 else at.FEMALE
    out.flows[at.FLOW_CHOICE_RESIDENT, t] += heads
    out.flows[at.FLOW_RESIDENT_FROM_EMPLOYEES, t] += heads
    out.flows[at.FLOW_ACCOUNT_TRANSFERRED_OUT, t] += money
    out.flows[at.FLOW_RESIDENT_ACCOUNT_IN, t] += money
    scratch.ledger[fund, at.OUT_TRANSFERS] += money
    scratch.ledger[at.FUND_RESIDENT, at.IN_TRANSFERS] += money
    scratch.resident_in[0, sex, age] += heads
    scratch.resident_in[1, sex, age] += money
    scratch.resident_in[2, sex, age] += service


@over_bins
def grow_movers(gain, index, factor, credit, scratch):
    """Service, index-years and account of the group in `scratch.movers` grow by so much a head."""
    movers = scratch.movers
    for k in range(at.LEAD, at.LEAD + at.ROW):
        movers[at.SERVICE, k] += gain * movers[at.HEADS, k]
        movers[at.INDEX, k] += index * movers[at.HEADS, k]
        movers[at.ACCOUNT, k] = movers[at.ACCOUNT, k] * factor + credit * movers[at.HEADS, k]


@inlined
def send_group(t, career, status, target, i, deemed, scratch, out):
    """The group in `scratch.movers`, half a year in the old status later, joins the arrivals of the new one.

    Books its half year; returns its heads.
    """
    shared = scratch.row
    heads = sum_movers(scratch, at.HEADS)
    half = 0.5 * shared[at.ROW_CREDIT]
    credit = half * shared[at.ROW_CREDIT_FACTOR]
    growth = 1.0 + shared[at.ROW_INTEREST]
    account = (sum_movers(scratch, at.ACCOUNT) - credit * heads) / growth
    out.flows[at.FLOW_ACCOUNT_CREDITS, t] += heads * half
    out.flows[at.FLOW_ACCOUNT_INTEREST_CREDITED, t] += account * shared[at.ROW_INTEREST] + heads * (credit - half)
    add_exposure(status, 0.5 * heads, shared, scratch.payer_base)
    arrive(scratch, career, target, i, heads, deemed)
    return heads


@kernel
def choose_row(t, career, status, i, alive, row, deemed, paths, constants, tables, scratch, out):
    """Members below the minimum at the statutory month choose once (model.md section 7; 人社部令第13号).

    Pay-up awards, moves to the resident scheme and refunds leave the members; a paused member who continues
    becomes a flexible payer, a payer who does not claim pauses; the others who continue or do not claim stay.
    Returns the part of those who choose that leaves this row.
    """
    shared = scratch.row
    bins = scratch.bins
    flows = out.flows
    choice = alive * shared[at.ROW_CHOICE]
    for k in range(at.ROW):
        bins[at.V_WEIGHT, k] = choice * (1.0 - bins[at.V_SHARE, k])
        bins[at.V_TERM, k] = bins[at.V_WEIGHT, k] * bins[at.V_LOWER, k]
    take_group(row, deemed, scratch)
    heads = sum_movers(scratch, at.HEADS)
    buying = paths[at.PATH_PAY_UP_SHARE, t]
    resident = paths[at.PATH_RESIDENT_SHARE, t]
    refund = paths[at.PATH_REFUND_SHARE, t]
    moved = 0.0
    reached = 0.0
    unclaimed = 0.0
    target = at.PAUSED
    if continued_out(shared[at.ROW_YEARS_LEFT], paths[at.PATH_LATE_PAYMENT_YEARS, t]):
        resident = 1.0 - buying
        refund = 0.0
    else:
        flows[at.FLOW_BELOW_MINIMUM, t] += heads
        flows[at.FLOW_CHOICE_CONTINUE, t] += heads * paths[at.PATH_CONTINUE_SHARE, t]
        reached = 1.0
        unclaimed = paths[at.PATH_UNCLAIMED_SHARE, t]
        flows[at.FLOW_CHOICE_UNCLAIMED, t] += heads * unclaimed
        moved = unclaimed
        if status == at.PAUSED:
            moved = paths[at.PATH_CONTINUE_SHARE, t]
            target = at.FLEXIBLE
    if heads <= 0.0:
        return buying + resident + refund + moved
    count_below(t, career, choice, heads, resident + refund + unclaimed, reached, row, scratch, out)
    if buying > 0.0:
        pay_up(t, career, status, i, buying, deemed, paths, constants, tables, scratch, out)
    if resident + refund > 0.0:
        leave_scheme(t, career, status, i, resident, refund, scratch, out)
    if moved > 0.0:
        for moment in range(moments_of(deemed)):
            for k in range(at.ROW):
                scratch.movers[moment, k + at.LEAD] *= moved
        gain = 0.5 * shared[at.ROW_GAIN]
        credit = 0.5 * shared[at.ROW_CREDIT] * shared[at.ROW_CREDIT_FACTOR]
        growth = 1.0 + shared[at.ROW_INTEREST]
        grow_movers(gain, gain * shared[at.ROW_INDEX], growth, credit, scratch)
        send_group(t, career, status, target, i, deemed, scratch, out)
    return buying + resident + refund + moved


@kernel
def retire_unable(t, career, status, i, unable, row, deemed, paths, constants, tables, state, scratch, out):
    """New recipients of the allowance for lost capacity of one row, 人社部发〔2024〕72号 (schemes.md 1.10).

    Every bin is split at the minimum years as for an award: the upper part goes to branch 0 (full formula, account
    drawn down) or 1 (base part, account kept) by the years to old age, the lower part to branch 2 (base part for a
    limited time). Half a year is paid in the first year.
    """
    shared = scratch.row
    bins = scratch.bins
    threshold = shared[at.ROW_THRESHOLD]
    for part in range(2):
        branch = sickness_branch(part == 0, shared[at.ROW_YEARS_LEFT], paths[at.PATH_SICKNESS_NEAR_YEARS, t])
        for k in range(at.ROW):
            s = bins[at.V_SERVICE, k]
            share = eligible_share(s, threshold)
            inverse = 0.5 / s if s > at.LEAST_SERVICE else 0.0
            upper = 1.0 + (1.0 - share) * inverse
            lower = max(0.0, 1.0 - share * inverse)
            bins[at.V_WEIGHT, k] = unable * (share if part == 0 else 1.0 - share)
            bins[at.V_TERM, k] = bins[at.V_WEIGHT, k] * (upper if part == 0 else lower)
        heads = sum_part(row, at.HEADS, at.V_WEIGHT, scratch)
        if heads > 0.0:
            enter_branch(
                t, career, status, i, branch, heads, row, deemed, paths, constants, tables, state, scratch, out
            )


@kernel
def enter_branch(t, career, status, i, branch, heads, row, deemed, paths, constants, tables, state, scratch, out):
    """The parts of a row in V_WEIGHT and V_TERM enter one branch of the allowance: account closed, half a year paid."""
    shared = scratch.row
    flows = out.flows
    s = sum_part(row, at.SERVICE, at.V_TERM, scratch)
    x = sum_part(row, at.INDEX, at.V_TERM, scratch)
    average = constants[at.CONSTANT_DEEMED_INDEX_ACTUAL_AVERAGE]
    if deemed > 0.0:
        take_group(row, deemed, scratch)
    j = sum_deemed_index(deemed, 0.0, 0.0, 0.0, 0.0, average, scratch)
    account = sum_part(row, at.ACCOUNT, at.V_TERM, scratch)
    credit = 0.5 * shared[at.ROW_CREDIT] * heads
    balance = account * (1.0 + shared[at.ROW_INTEREST]) + credit
    pooled, from_account = sickness_amounts(
        t, career, i, branch == FULL, heads, s, x, j, balance, paths, tables, scratch
    )
    drawn = min(at.HALF_YEAR * from_account, balance)
    flows[at.FLOW_NEW_INVALIDS, t] += heads
    depart(t, career, at.FIRST_AGE + i, heads, out)
    flows[at.FLOW_ACCOUNT_CREDITS, t] += credit
    flows[at.FLOW_ACCOUNT_INTEREST_CREDITED, t] += account * shared[at.ROW_INTEREST]
    flows[at.FLOW_ACCOUNT_TRANSFERRED_OUT, t] += balance
    flows[at.FLOW_PENSION_ACCOUNT_IN, t] += balance
    flows[at.FLOW_PENSION_ACCOUNT_DRAWN, t] += drawn
    flows[at.FLOW_PENSION_PAID_ENTERPRISE, t] += at.HALF_YEAR * (pooled + from_account)
    add_exposure(status, 0.5 * heads, shared, scratch.payer_base)
    invalid = state.invalidity
    invalid[at.I_HEADS, branch, career, i] += heads
    invalid[at.I_MASS, branch, career, i] += pooled + from_account
    invalid[at.I_ACCOUNT, branch, career, i] += balance - drawn
    invalid[at.I_SERVICE, branch, career, i] += s
    invalid[at.I_INDEX, branch, career, i] += x
    invalid[at.I_DEEMED_INDEX, branch, career, i] += j
    invalid[at.I_ACCOUNT_MASS, branch, career, i] += from_account
