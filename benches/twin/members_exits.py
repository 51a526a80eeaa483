"""Groups that leave their rows, in vectorised NumPy: awards, choices below the minimum, lost working capacity.

Rows are the first axis [row, moment, bin]; `where` says which career and age each one is.
"""

from __future__ import annotations

import numpy as np

from benches.twin.members_rows import Rows, exposure, send
from simengine.kernels import layout as at

A = np.ndarray
Where = tuple[A, ...]


def take(opening: A, weight: A, term: A) -> A:
    """A group out of every bin, from its parts of heads and moments."""
    group = opening * term[:, None]
    group[:, at.HEADS] = opening[:, at.HEADS] * weight
    return np.asarray(group)


def deemed_index(group: A, later: A, later_index: A, bought: A | float, bought_index: A | float, average: float) -> A:
    """Deemed index-years of groups, summed over their bins."""
    carried = group[:, at.DEEMED_INDEX]
    if average <= 0.5:
        return np.asarray(carried.sum(-1))
    heads = group[:, at.HEADS]
    service = group[:, at.SERVICE] + bought + later[:, None] * heads
    index = group[:, at.INDEX] + bought_index * bought + later_index[:, None] * heads
    paid = service - group[:, at.DEEMED]
    enough = paid > 1e-9 * service
    inverse = np.divide(1.0, paid, out=np.zeros_like(paid), where=enough)
    return np.asarray(np.where(enough, group[:, at.DEEMED] * index * inverse, carried).sum(-1))


def pooled_part(rows: Rows, heads: A | float, s: A, x: A, j: A, public: bool) -> A:
    """Base part, transition part and provincial extras of groups [yuan/month]."""
    t, paths = rows.t, rows.paths
    base = paths[at.PATH_BENEFIT_BASE, t]
    coefficient = paths[at.PATH_PUBLIC_TRANSITION_COEFFICIENT if public else at.PATH_TRANSITION_COEFFICIENT, t]
    extras = paths[at.PATH_ADDON_FIXED, t] * heads + paths[at.PATH_ADDON_INDEX_YEARS, t] * (x + j)
    return np.asarray(base / 200.0 * (s + x + j) + base * coefficient * j + extras)


def pool_of_year(rows: Rows, gain: A, gain_index: A) -> A:
    """Pooled part of a further year [yuan/month]."""
    base, addon = rows.paths[at.PATH_BENEFIT_BASE, rows.t], rows.paths[at.PATH_ADDON_INDEX_YEARS, rows.t]
    return np.asarray(base / 200.0 * (gain + gain_index) + addon * gain_index)


def award_factor(rows: Rows) -> float:
    """Factor on the formula of the scheme."""
    public = rows.status == at.PUBLIC
    return float(rows.paths[at.PATH_PUBLIC_AWARD_FACTOR if public else at.PATH_AWARD_FACTOR, rows.t])


def retirement_of(rows: Rows, where: Where) -> A:
    """Retirement table of rows, items first."""
    return np.asarray(rows.tables["retirement"][rows.t, where[0], at.FIRST_AGE + 1 + where[1]].T)


def award(rows: Rows, where: Where, heads: A, s: A, x: A, j: A, a: A, added: A | float) -> None:
    """Award groups their pensions (`exits.award_group`)."""
    row, flows = rows.shared_at(where), rows.flows
    table = retirement_of(rows, where)
    public = rows.status == at.PUBLIC
    month, interest = row[at.ROW_MONTH], row[at.ROW_INTEREST]
    gain = row[at.ROW_GAIN] * heads
    gain_index = gain * row[at.ROW_INDEX]
    factor = award_factor(rows)
    pool = added + factor * pooled_part(rows, heads, s, x, j, public)
    pool_year = factor * pool_of_year(rows, gain, gain_index)
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
    drawn = np.minimum(account_paid, balance + later)
    service = s + gain * month
    new = rows.scratch["new_pensioners"]
    place = (where[0], int(public), at.FIRST_AGE + 1 + where[1])
    items = (at.P_HEADS, at.P_MASS, at.P_ACCOUNT_MASS, at.P_SERVICE, at.P_ACCOUNT)
    for item, amount in zip(items, (heads, mass, account_mass, service, balance + later - drawn), strict=True):
        new[(item, *place)] += amount
    exposure(rows, heads * month, row)
    flows[at.FLOW_ACCOUNT_CREDITS] += (credit * month).sum()
    flows[at.FLOW_ACCOUNT_INTEREST_CREDITED] += ((growth - credit) * month).sum()
    flows[at.FLOW_ACCOUNT_TO_PENSION] += balance.sum()
    flows[at.FLOW_PENSION_ACCOUNT_IN] += balance.sum()
    flows[at.FLOW_PENSION_ACCOUNT_INTEREST] += later.sum()
    flows[at.FLOW_PENSION_ACCOUNT_DRAWN] += drawn.sum()
    flows[at.FLOW_AWARD_SERVICE] += service.sum()
    flows[at.FLOW_AWARDS_PUBLIC if public else at.FLOW_AWARDS_ENTERPRISE] += heads.sum()
    flows[at.FLOW_NEW_AWARD_MASS_PUBLIC if public else at.FLOW_NEW_AWARD_MASS_ENTERPRISE] += mass.sum()
    flows[at.FLOW_PENSION_PAID_PUBLIC if public else at.FLOW_PENSION_PAID_ENTERPRISE] += paid.sum()


def mean_gain(ratio: A, table: A) -> A:
    """Mean gain by the ratio of new over old pension, by linear interpolation."""
    place = (ratio - at.GAIN_FIRST) / at.GAIN_STEP
    below = np.clip(place, 0.0, table.size - 2.0).astype(np.intp)
    share = place - below
    inner = (1.0 - share) * table[below] + share * table[below + 1]
    return np.where(place <= 0.0, 0.0, np.where(place >= table.size - 1, ratio - 1.0, inner))


def compared(rows: Rows, where: Where, group: A, bought: A | float) -> A | float:
    """What the comparison with the old formula adds to public awards [yuan/month]; bought: years by bin."""
    t, paths = rows.t, rows.paths
    share = paths[at.PATH_PUBLIC_COMPARED_SHARE, t]
    if rows.status != at.PUBLIC or share <= 0.0:
        return 0.0
    row = rows.shared_at(where)[..., None]
    table = retirement_of(rows, where)[..., None]
    heads = group[:, at.HEADS]
    inverse = np.divide(1.0, heads, out=np.zeros_like(heads), where=heads > 0.0)
    gain = row[at.ROW_GAIN]
    year = award_factor(rows) * pool_of_year(rows, gain, gain * row[at.ROW_INDEX]) * row[at.ROW_MONTH]
    years = bought * inverse
    s = group[:, at.SERVICE] * inverse + years
    x = group[:, at.INDEX] * inverse + years * row[at.ROW_BUY_INDEX]
    j = group[:, at.DEEMED_INDEX] * inverse
    a = group[:, at.ACCOUNT] * inverse + years * row[at.ROW_BUY_CREDIT]
    growth = a * row[at.ROW_INTEREST] + row[at.ROW_CREDIT] * row[at.ROW_CREDIT_FACTOR]
    new = year + award_factor(rows) * pooled_part(rows, 1.0, s, x, j, True)
    new += a * table[at.RET_INVERSE_DIVISOR] + growth * table[at.RET_MONTH_INVERSE_DIVISOR]
    new += rows.scratch["annuity_month"][where[0], 1 + where[1]][:, None]
    old = paths[at.PATH_PUBLIC_OLD_SHARE, t] * paths[at.PATH_PREVIOUS_WAGE, t] * row[at.ROW_INDEX]
    with np.errstate(divide="ignore", invalid="ignore"):
        gained = mean_gain(new / old, rows.tables["transition_gain"])
    paid = old * (1.0 + paths[at.PATH_PUBLIC_GAIN_SHARE, t] * gained)
    return np.asarray(np.where((old > 0.0) & (heads > 0.0), heads * share * (paid - new), 0.0).sum(-1))


def average_of(rows: Rows) -> float:
    """Whether the average index of the paid years stands for the deemed ones."""
    return 0.0 if rows.status == at.PUBLIC else float(rows.constants[at.CONSTANT_DEEMED_INDEX_ACTUAL_AVERAGE])


def award_rows(rows: Rows, where: Where, opening: A, weight: A, upper: A) -> A:
    """Awards of the parts with the minimum; their heads by row."""
    row = rows.shared_at(where)
    group = take(opening, weight, weight * upper)
    heads = group[:, at.HEADS].sum(-1)
    month = row[at.ROW_GAIN] * row[at.ROW_MONTH]
    j = deemed_index(group, month, month * row[at.ROW_INDEX], 0.0, 0.0, average_of(rows))
    s, x, a = (group[:, moment].sum(-1) for moment in (at.SERVICE, at.INDEX, at.ACCOUNT))
    award(rows, where, heads, s, x, j, a, compared(rows, where, group, 0.0))
    return np.asarray(heads)


def pay_up(rows: Rows, where: Where, group: A, share: float) -> None:
    """Of the groups below the minimum, a share buys the missing years and is awarded."""
    row = rows.shared_at(where)
    month = row[at.ROW_GAIN] * row[at.ROW_MONTH]
    needed = row[at.ROW_THRESHOLD] - month
    missing = np.maximum(0.0, needed[:, None] * group[:, at.HEADS] - group[:, at.SERVICE])
    bought = share * missing.sum(-1)
    heads, s, x, a = (share * group[:, m].sum(-1) for m in (at.HEADS, at.SERVICE, at.INDEX, at.ACCOUNT))
    index = row[at.ROW_BUY_INDEX]
    j = share * deemed_index(group, month, month * row[at.ROW_INDEX], missing, index[:, None], average_of(rows))
    credit = bought * row[at.ROW_BUY_CREDIT]
    price = (bought * row[at.ROW_BUY_PRICE]).sum()
    rows.flows[at.FLOW_PAY_UP_AWARDS] += heads.sum()
    rows.flows[at.FLOW_PAY_UP_INCOME] += price
    rows.flows[at.FLOW_ACCOUNT_CREDITS] += credit.sum()
    rows.scratch["ledger"][rows.fund, at.IN_CONTRIBUTIONS] += price
    added = share * compared(rows, where, group, missing)
    award(rows, where, heads, s + bought, x + bought * index, j, a + credit, added)


def leave_scheme(rows: Rows, where: Where, group: A, resident: A, refund: A) -> None:
    """Of the groups below the minimum, parts that move to the resident scheme and that take their account back."""
    row, flows, scratch = rows.shared_at(where), rows.flows, rows.scratch
    heads, account, service = (group[:, m].sum(-1) for m in (at.HEADS, at.ACCOUNT, at.SERVICE))
    credit = heads * row[at.ROW_CREDIT] * row[at.ROW_MONTH]
    interest = account * row[at.ROW_INTEREST] * row[at.ROW_MONTH]
    balance = account + credit + interest
    flows[at.FLOW_ACCOUNT_CREDITS] += ((resident + refund) * credit).sum()
    flows[at.FLOW_ACCOUNT_INTEREST_CREDITED] += ((resident + refund) * interest).sum()
    exposure(rows, (resident + refund) * heads * row[at.ROW_MONTH], row)
    flows[at.FLOW_CHOICE_REFUND] += (refund * heads).sum()
    refunded = (refund * balance).sum()
    flows[at.FLOW_ACCOUNT_REFUNDED] += refunded
    scratch["ledger"][rows.fund, at.OUT_BENEFITS] += refunded
    moved, money, years = resident * heads, resident * balance, resident * service
    for flow in (at.FLOW_CHOICE_RESIDENT, at.FLOW_RESIDENT_FROM_EMPLOYEES):
        flows[flow] += moved.sum()
    for flow in (at.FLOW_ACCOUNT_TRANSFERRED_OUT, at.FLOW_RESIDENT_ACCOUNT_IN):
        flows[flow] += money.sum()
    scratch["ledger"][rows.fund, at.OUT_TRANSFERS] += money.sum()
    scratch["ledger"][at.FUND_RESIDENT, at.IN_TRANSFERS] += money.sum()
    sex = np.where(where[0] == 0, at.MALE, at.FEMALE)
    for item, amount in enumerate((moved, money, years)):
        np.add.at(scratch["resident_in"][item], (sex, at.FIRST_AGE + 1 + where[1]), amount)


def choose_rows(rows: Rows, where: Where, opening: A, weight: A, lower: A) -> A:
    """Choices of the parts below the minimum; the part of who chooses that leaves each row."""
    t, paths, flows = rows.t, rows.paths, rows.flows
    row = rows.shared_at(where)
    group = take(opening, weight, weight * lower)
    heads = group[:, at.HEADS].sum(-1)
    buying = float(paths[at.PATH_PAY_UP_SHARE, t])
    over = row[at.ROW_YEARS_LEFT] < -4.0
    resident = np.where(over, 1.0 - buying, paths[at.PATH_RESIDENT_SHARE, t])
    refund = np.where(over, 0.0, paths[at.PATH_REFUND_SHARE, t])
    continues, unclaimed = paths[at.PATH_CONTINUE_SHARE, t], paths[at.PATH_UNCLAIMED_SHARE, t]
    moved = np.where(over, 0.0, continues if rows.status == at.PAUSED else unclaimed)
    choosing = heads[~over].sum()
    flows[at.FLOW_BELOW_MINIMUM] += choosing
    flows[at.FLOW_CHOICE_CONTINUE] += choosing * continues
    flows[at.FLOW_CHOICE_UNCLAIMED] += choosing * unclaimed
    if buying > 0.0:
        pay_up(rows, where, group, buying)
    leave_scheme(rows, where, group, resident, refund)
    group *= moved[:, None, None]
    send(rows, group, at.FLEXIBLE if rows.status == at.PAUSED else at.PAUSED, where)
    return np.asarray(buying + resident + refund + moved)


def award_and_choose(rows: Rows, where: Where, alive: A, service: A) -> tuple[A, A, A, A]:
    """Awards and choices of the rows in which somebody is awarded or has to choose.

    Returns heads awarded by row; who stays, heads and moments apart, and their mean service, by bin.
    """
    row = rows.shared_at(where)
    opening = rows.opening[where]
    later = row[at.ROW_GAIN] * row[at.ROW_MONTH]
    share = np.clip(service + later[:, None] + 0.5 - row[at.ROW_THRESHOLD][:, None], 0.0, 1.0)
    inverse = np.divide(1.0, service, out=np.zeros_like(service), where=service > at.LEAST_SERVICE)
    upper = 1.0 + 0.5 * (1.0 - share) * inverse
    lower = np.maximum(0.0, 1.0 - 0.5 * share * inverse)
    hazard, choice = row[at.ROW_HAZARD], row[at.ROW_CHOICE]
    awarded = award_rows(rows, where, opening, (alive * hazard)[:, None] * share, upper)
    leaving = choose_rows(rows, where, opening, (alive * choice)[:, None] * (1.0 - share), lower)
    gone = share * hazard[:, None]
    chosen = (1.0 - share) * (choice * leaving)[:, None]
    heads = 1.0 - gone - chosen
    moments = 1.0 - gone * upper - chosen * lower
    some = alive[:, None] * heads > 1e-12
    kept = np.where(some, alive[:, None] * heads, 0.0)
    longer = np.divide(moments, heads, out=np.zeros_like(heads), where=some)
    return awarded, kept, np.where(some, alive[:, None] * moments, 0.0), service * longer


def retire_unable(rows: Rows, where: Where, unable: A, service: A) -> None:
    """New recipients of the allowance for lost capacity (`exits.retire_unable`)."""
    row = rows.shared_at(where)
    opening, s = rows.opening[where], service[where]
    near = row[at.ROW_YEARS_LEFT] <= rows.paths[at.PATH_SICKNESS_NEAR_YEARS, rows.t]
    share = np.clip(s + 0.5 - row[at.ROW_THRESHOLD][:, None], 0.0, 1.0)
    inverse = np.divide(0.5, s, out=np.zeros_like(s), where=s > 0.0)
    upper = unable[where][:, None] * share
    lower = unable[where][:, None] * (1.0 - share)
    group = take(opening, upper, upper * (1.0 + (1.0 - share) * inverse))
    settle_unable(rows, where, group, np.where(near, 0, 1))
    group = take(opening, lower, lower * np.maximum(0.0, 1.0 - share * inverse))
    settle_unable(rows, where, group, np.full(near.size, 2))


def settle_unable(rows: Rows, where: Where, group: A, branch: A) -> None:
    """Groups enter branches of the allowance: accounts closed, half a year paid."""
    row, flows, t, paths = rows.shared_at(where), rows.flows, rows.t, rows.paths
    heads, s, x, account = (group[:, m].sum(-1) for m in (at.HEADS, at.SERVICE, at.INDEX, at.ACCOUNT))
    none = np.zeros_like(heads)
    j = deemed_index(group, none, none, 0.0, 0.0, float(rows.constants[at.CONSTANT_DEEMED_INDEX_ACTUAL_AVERAGE]))
    credit = 0.5 * row[at.ROW_CREDIT] * heads
    balance = account * (1.0 + row[at.ROW_INTEREST]) + credit
    factor = paths[at.PATH_AWARD_FACTOR, t]
    short = paths[at.PATH_BENEFIT_BASE, t] / 200.0 * (s + x + j)
    pooled = factor * np.where(branch == 0, pooled_part(rows, heads, s, x, j, False), short)
    from_account = np.where(branch == 0, balance * retirement_of(rows, where)[at.RET_INVERSE_DIVISOR], 0.0)
    drawn = np.minimum(6.0 * from_account, balance)
    flows[at.FLOW_NEW_INVALIDS] += heads.sum()
    flows[at.FLOW_ACCOUNT_CREDITS] += credit.sum()
    flows[at.FLOW_ACCOUNT_INTEREST_CREDITED] += (account * row[at.ROW_INTEREST]).sum()
    flows[at.FLOW_ACCOUNT_TRANSFERRED_OUT] += balance.sum()
    flows[at.FLOW_PENSION_ACCOUNT_IN] += balance.sum()
    flows[at.FLOW_PENSION_ACCOUNT_DRAWN] += drawn.sum()
    flows[at.FLOW_PENSION_PAID_ENTERPRISE] += 6.0 * (pooled + from_account).sum()
    exposure(rows, 0.5 * heads, row)
    amounts = {at.I_HEADS: heads, at.I_MASS: pooled + from_account, at.I_ACCOUNT: balance - drawn, at.I_SERVICE: s}
    amounts |= {at.I_INDEX: x, at.I_DEEMED_INDEX: j, at.I_ACCOUNT_MASS: from_account}
    for item, amount in amounts.items():
        rows.state["invalidity"][item][branch, where[0], 1 + where[1]] += amount
