"""Funds: what each collects and pays in a year, and how its balance moves (model.md, sections 5 and 10)."""

from __future__ import annotations

import math

from simengine.kernels import layout as at
from simengine.kernels.compiler.jit import kernel
from simengine.kernels.rules.funds import central_payment, entrusted_after, newly_entrusted


@kernel
def earned_on(balance, net, rate):
    """Return of one year on an opening balance and on the evenly spread net flow [yuan].

        V·i + net·((1+i)^½ - 1)

    Examples
    --------
    >>> earned_on(100.0, 0.0, 0.05)
    5.0
    """
    return balance * rate + net * (math.sqrt(1.0 + rate) - 1.0)


@kernel
def collect_contributions(t, paths, scratch, out):
    """Contributions of the employees' scheme: exposure × W(t-1) × index × density × rate [yuan].

    The same index enters the base and the member's record; the employer's part alone is relieved.
    """
    yearly = 12.0 * paths[at.PATH_PREVIOUS_WAGE, t]
    flows = out.flows
    ledger = scratch.ledger
    due = paths[at.PATH_EMPLOYER_SHARE_DUE, t]
    enterprise = scratch.payer_base[at.ENTERPRISE, 1] * yearly
    flexible = scratch.payer_base[at.FLEXIBLE, 1] * yearly
    public = scratch.payer_base[at.PUBLIC, 1] * yearly
    collected = (
        enterprise * (paths[at.PATH_EMPLOYER_RATE, t] * due + paths[at.PATH_EMPLOYEE_RATE, t])
        + flexible * paths[at.PATH_FLEXIBLE_RATE, t]
    )
    ledger[at.FUND_ENTERPRISE, at.IN_CONTRIBUTIONS] += collected
    arrears = collected * paths[at.PATH_ARREARS_SHARE, t]
    flows[at.FLOW_ARREARS, t] = arrears
    ledger[at.FUND_ENTERPRISE, at.IN_OTHER] += arrears
    ledger[at.FUND_PUBLIC, at.IN_CONTRIBUTIONS] += public * (
        paths[at.PATH_PUBLIC_EMPLOYER_RATE, t] + paths[at.PATH_PUBLIC_EMPLOYEE_RATE, t]
    )
    flows[at.FLOW_INSURABLE_EARNINGS_ENTERPRISE, t] = enterprise
    flows[at.FLOW_INSURABLE_EARNINGS_FLEXIBLE, t] = flexible
    flows[at.FLOW_INSURABLE_EARNINGS_PUBLIC, t] = public
    flows[at.FLOW_EXPOSURE_ENTERPRISE, t] = scratch.payer_base[at.ENTERPRISE, 0]
    flows[at.FLOW_EXPOSURE_FLEXIBLE, t] = scratch.payer_base[at.FLEXIBLE, 0]
    flows[at.FLOW_EXPOSURE_PUBLIC, t] = scratch.payer_base[at.PUBLIC, 0]


@kernel
def settle_public(t, paths, state, scratch, out):
    """Back settlement of the public sector's entry, 国发〔2015〕2号: pensions and contributions from October 2014 to
    the month in which a unit really joined are settled by the fund years later [yuan].

        person-years settled × 12 × mean public pension;   person-years × 12 W(t-1) × mean index × rates
    """
    heads = 0.0
    mass = 0.0
    for career in range(at.CAREERS):
        for age in range(at.AGES):
            heads += state.pensioners[at.P_HEADS, career, 1, age]
            mass += state.pensioners[at.P_MASS, career, 1, age]
    flows = out.flows
    flows[at.FLOW_SETTLED_PENSIONS, t] = 0.0
    if heads > 0.0:
        flows[at.FLOW_SETTLED_PENSIONS, t] = paths[at.PATH_SETTLED_PENSION_YEARS, t] * 12.0 * mass / heads
    flows[at.FLOW_SETTLED_CONTRIBUTIONS, t] = 0.0
    if scratch.payer_base[at.PUBLIC, 0] > 0.0:
        index = scratch.payer_base[at.PUBLIC, 1] / scratch.payer_base[at.PUBLIC, 0]
        due = index * (paths[at.PATH_PUBLIC_EMPLOYER_RATE, t] + paths[at.PATH_PUBLIC_EMPLOYEE_RATE, t])
        years = paths[at.PATH_SETTLED_CONTRIBUTION_YEARS, t]
        flows[at.FLOW_SETTLED_CONTRIBUTIONS, t] = years * 12.0 * paths[at.PATH_PREVIOUS_WAGE, t] * due
    scratch.ledger[at.FUND_PUBLIC, at.OUT_BENEFITS] += flows[at.FLOW_SETTLED_PENSIONS, t]
    scratch.ledger[at.FUND_PUBLIC, at.IN_OTHER] += flows[at.FLOW_SETTLED_CONTRIBUTIONS, t]


@kernel
def book_published_other(t, paths, scratch):
    """History only: what published balances moved beyond published revenue less expenditure [yuan]."""
    other = paths[at.PATH_PUBLISHED_OTHER, t]
    scratch.ledger[at.FUND_ENTERPRISE, at.IN_OTHER] += max(0.0, other)
    scratch.ledger[at.FUND_ENTERPRISE, at.OUT_OTHER] += max(0.0, -other)


@kernel
def adjust_centrally(t, paths, state, scratch):
    """Central adjustment fund, 国发〔2018〕18号 (schemes.md 1.12): paid by payers, received by pensioners, 2018-2021.

    Receipts are the nation's amount a pensioner of the year; the nation itself pays and receives nothing.
    """
    insured = scratch.payer_base[at.ENTERPRISE, 0] + scratch.payer_base[at.FLEXIBLE, 0]
    share = paths[at.PATH_CENTRAL_ADJUSTMENT_WAGE_SHARE, t]
    wage_year = 12.0 * paths[at.PATH_PREVIOUS_WAGE, t]
    paid = central_payment(wage_year, share, insured, paths[at.PATH_CENTRAL_ADJUSTMENT_RATE, t])
    heads = 0.0
    for career in range(at.CAREERS):
        for age in range(at.AGES):
            heads += state.pensioners[at.P_HEADS, career, 0, age]
    scratch.ledger[at.FUND_ENTERPRISE, at.OUT_TO_ABOVE] += paid
    scratch.ledger[at.FUND_ENTERPRISE, at.IN_FROM_ABOVE] += heads * paths[at.PATH_CENTRAL_ADJUSTMENT_RECEIPT, t]


@kernel
def pooled(t, account, net, outgo, paths):
    """Transfer from (above zero) or to the national pool of enterprise pensions, 国办发〔2021〕48号 [yuan].

    A deficit of the year is met, a surplus given, by the stated shares, and both at most by the region's share of what
    the pool moves in the year (notes/fund.md, section 1). The unaided account has no pool (model.md section 10).

    Parameters
    ----------
    net : change of the balance in the year, before the transfer [yuan]; outgo : spending of the year [yuan]
    """
    if account == at.UNAIDED:
        return 0.0
    if net < 0.0:
        return min(-net * paths[at.PATH_POOL_TAKE_SHARE, t], paths[at.PATH_POOL_RECEIPT_LIMIT, t] * outgo)
    return -min(net * paths[at.PATH_POOL_GIVE_SHARE, t], paths[at.PATH_POOL_PAYMENT_LIMIT, t] * outgo)


@kernel
def adjustment_terms(t, fund, paths):
    """Terms of the provincial adjustment fund of a fund: rate paid up [1], months [month], share of a deficit [1].

    Enterprise pensions are pooled by the nation, annuities and residents' pensions by nobody.
    """
    if fund == at.FUND_PUBLIC:
        return (
            paths[at.PATH_PUBLIC_ADJUSTMENT_FUND_RATE, t],
            paths[at.PATH_PUBLIC_ADJUSTMENT_FUND_MONTHS, t],
            paths[at.PATH_PUBLIC_ADJUSTMENT_FUND_SHARE, t],
        )
    if fund == at.FUND_UNEMPLOYMENT:
        return (
            paths[at.PATH_UNEMPLOYMENT_ADJUSTMENT_FUND_RATE, t],
            paths[at.PATH_UNEMPLOYMENT_ADJUSTMENT_FUND_MONTHS, t],
            paths[at.PATH_UNEMPLOYMENT_ADJUSTMENT_FUND_SHARE, t],
        )
    if fund == at.FUND_INJURY:
        return (
            paths[at.PATH_INJURY_ADJUSTMENT_FUND_RATE, t],
            paths[at.PATH_INJURY_ADJUSTMENT_FUND_MONTHS, t],
            paths[at.PATH_INJURY_ADJUSTMENT_FUND_SHARE, t],
        )
    return 0.0, 0.0, 0.0


@kernel
def adjustment_payment(share, deficit, shortfall):
    """What the provincial adjustment fund pays to a fund at the end of a year [yuan] (notes/fund.md, section 1).

        min(β·max(0, D), max(0, M))

    Parameters
    ----------
    share : β, part of a deficit that is met [1]; deficit : D of the year, before the payment [yuan]
    shortfall : M, what the balance lacks to the stated months of spending, before the payment [yuan]

    Examples
    --------
    >>> adjustment_payment(0.5, 100.0, 80.0), adjustment_payment(0.5, 100.0, 30.0), adjustment_payment(0.5, -10.0, 80.0)
    (50.0, 30.0, 0.0)
    """
    return min(share * max(0.0, deficit), max(0.0, shortfall))


@kernel
def entrusted_part(fund, opening, state):
    """Entrusted principal of the own account, at most the opening balance of the account at hand [yuan]."""
    if opening > 0.0 and fund == at.FUND_ENTERPRISE:
        return min(state.entrusted[0], opening)
    if opening > 0.0 and fund == at.FUND_RESIDENT:
        return min(state.entrusted[1], opening)
    return 0.0


@kernel
def subsidise(t, paths, scratch, out):
    """Fiscal subsidies by the history-calibrated share of spending; resident base pensions are paid by budgets.

    `close_funds` withholds what the enterprise fund gets no more, once its reserve is full.
    """
    ledger = scratch.ledger
    for fund in (at.FUND_ENTERPRISE, at.FUND_PUBLIC):
        share = paths[at.PATH_SUBSIDY_ENTERPRISE, t] if fund == at.FUND_ENTERPRISE else paths[at.PATH_SUBSIDY_PUBLIC, t]
        spending = 0.0
        for item in range(at.OUT_BENEFITS, at.LEDGER_ITEMS):
            spending += ledger[fund, item]
        ledger[fund, at.IN_FISCAL] += share * spending
    ledger[at.FUND_RESIDENT, at.IN_FISCAL] += out.flows[at.FLOW_RESIDENT_BASE_PAID, t]
    transfer = paths[at.PATH_POOL_TRANSFER, t]
    if transfer >= 0.0:
        ledger[at.FUND_ENTERPRISE, at.IN_FROM_ABOVE] += transfer
    else:
        ledger[at.FUND_ENTERPRISE, at.OUT_TO_ABOVE] -= transfer


@kernel
def fund_return(t, fund, paths):
    """Annual return of a fund's own money [1/year]."""
    if fund == at.FUND_ENTERPRISE:
        return paths[at.PATH_RETURN_ENTERPRISE_PENSION, t]
    if fund == at.FUND_PUBLIC:
        return paths[at.PATH_RETURN_PUBLIC_PENSION, t]
    if fund == at.FUND_RESIDENT:
        return paths[at.PATH_RETURN_RESIDENT, t]
    if fund == at.FUND_UNEMPLOYMENT:
        return paths[at.PATH_RETURN_UNEMPLOYMENT, t]
    return paths[at.PATH_RETURN_WORK_INJURY, t]


@kernel
def withheld_aid(t, income, outgo, paths, state, scratch):
    """Subsidy of the enterprise fund that is not paid, because the own account passes its months of reserve [yuan].

        min(A, max(0, V(t+1) - m/12·B)/(1 + i)^½)      V(t+1) with the whole subsidy A, before the pool

    The subsidy arrives through the year and earns half a year's return, so a fund that passes the months in the year
    closes at them exactly, or above them without any subsidy. Without spending there are no months.
    """
    if outgo <= 0.0:
        return 0.0
    fund = at.FUND_ENTERPRISE
    opening = state.funds[at.OWN, fund]
    entrusted = entrusted_part(fund, opening, state)
    rate = fund_return(t, fund, paths)
    closing = opening + income - outgo + earned_on(opening - entrusted, income - outgo, rate)
    closing += entrusted * paths[at.PATH_RETURN_ENTRUSTED, t]
    above = max(0.0, closing - paths[at.PATH_SUBSIDY_RESERVE_MONTHS, t] / 12.0 * outgo)
    return min(scratch.ledger[fund, at.IN_FISCAL], above / math.sqrt(1.0 + rate))


@kernel
def close_funds(t, paths, constants, state, scratch, out):
    """Close both accounts of every fund: opening + nine incomes - five outgoes = closing.

    Unaided account: the two employees' funds without subsidy and pool, the headline. Own account: with subsidies up to
    their months of reserve (`withheld_aid`) and the pool (`pooled`); a negative balance is debt at the fund's return.
    Financed account: the same flows plus what brings the balance back to the stated months of spending.

    Provincial adjustment fund: a rate of the contributions is paid up through the year, part of a deficit is paid down
    at its end; the unaided account has neither. What the province itself pays and receives stays in its own fund: both
    ends of it are booked, and the balance does not move.
    """
    ledger = scratch.ledger
    inside = constants[at.CONSTANT_RUNS_ADJUSTMENT_FUND]
    for fund in range(at.FUNDS):
        rate, months, share = adjustment_terms(t, fund, paths)
        income = 0.0
        outgo = 0.0
        for item in range(at.OUT_BENEFITS):
            income += ledger[fund, item]
        for item in range(at.OUT_BENEFITS, at.LEDGER_ITEMS):
            outgo += ledger[fund, item]
        withheld = withheld_aid(t, income, outgo, paths, state, scratch) if fund == at.FUND_ENTERPRISE else 0.0
        for account in range(at.ACCOUNTS):
            aid = withheld
            if account == at.UNAIDED and (fund == at.FUND_ENTERPRISE or fund == at.FUND_PUBLIC):
                aid = ledger[fund, at.IN_FISCAL]
            up = 0.0 if account == at.UNAIDED else rate * ledger[fund, at.IN_CONTRIBUTIONS]
            leaving = (1.0 - inside) * up
            opening = state.funds[account, fund]
            interest = 0.0
            invested = 0.0
            if fund != at.FUND_ANNUITY:
                entrusted = entrusted_part(fund, opening, state)
                interest = earned_on(opening - entrusted, income - aid - outgo - leaving, fund_return(t, fund, paths))
                invested = entrusted * paths[at.PATH_RETURN_ENTRUSTED, t]
            closing = opening + income - aid + interest + invested - outgo - leaving
            down = 0.0
            if account != at.UNAIDED:
                down = adjustment_payment(share, opening - closing, months / 12.0 * outgo - closing)
            closing += (1.0 - inside) * down
            transfer = 0.0
            if fund == at.FUND_ENTERPRISE:
                transfer = pooled(t, account, closing - opening, outgo, paths)
                closing += transfer
            fill = 0.0
            if account == at.FINANCED and fund != at.FUND_ANNUITY:
                fill = max(0.0, paths[at.PATH_EMERGENCY_MONTHS, t] / 12.0 * outgo - closing)
                closing += fill
            state.funds[account, fund] = closing
            for item in range(at.LEDGER_ITEMS):
                out.ledger[account, fund, item, t] = ledger[fund, item]
            out.ledger[account, fund, at.IN_INTEREST, t] += interest
            out.ledger[account, fund, at.IN_INVESTMENT, t] += invested
            out.ledger[account, fund, at.IN_FISCAL, t] += fill - aid
            out.ledger[account, fund, at.IN_FROM_ABOVE, t] += max(transfer, 0.0) + down
            out.ledger[account, fund, at.OUT_TO_ABOVE, t] += max(-transfer, 0.0) + up
            out.ledger[account, fund, at.IN_FROM_BELOW, t] += inside * up
            out.ledger[account, fund, at.OUT_TO_BELOW, t] += inside * down
            out.balance[account, fund, t + 1] = closing
    entrust(t, paths, state, out)


@kernel
def entrust(t, paths, state, out):
    """Entrusted principal of the resident fund by the rule, at most the balance; of the enterprise fund a known share.

    The surplus already holds the return, which stays entrusted: adding both would entrust the return almost twice.
    """
    surplus = out.balance[at.OWN, at.FUND_RESIDENT, t + 1] - out.balance[at.OWN, at.FUND_RESIDENT, t]
    earned = out.ledger[at.OWN, at.FUND_RESIDENT, at.IN_INVESTMENT, t]
    newly = newly_entrusted(paths[at.PATH_RESIDENT_ENTRUSTED_SHARE, t], surplus)
    principal = entrusted_after(state.entrusted[1], earned, newly)
    state.entrusted[1] = min(max(0.0, state.funds[at.OWN, at.FUND_RESIDENT]), principal)
    state.entrusted[0] = max(
        0.0, paths[at.PATH_ENTRUSTED_SHARE_ENTERPRISE, t] * state.funds[at.OWN, at.FUND_ENTERPRISE]
    )
    out.flows[at.FLOW_RESIDENT_NEW_SURPLUS, t] = surplus
    out.flows[at.FLOW_RESIDENT_NEWLY_ENTRUSTED, t] = newly
