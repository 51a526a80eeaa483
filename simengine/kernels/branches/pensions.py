"""Pensions in payment: adjustment on 1 January, payment, deaths, accounts; invalidity recipients; annuities."""

from __future__ import annotations

from simengine.kernels import layout as at
from simengine.kernels.compiler.jit import kernel
from simengine.kernels.members.counts import depart
from simengine.kernels.members.members import sickness_amounts
from simengine.kernels.rules.accounts import pay_account
from simengine.kernels.rules.death import compensation_spread, retiree_compensation
from simengine.kernels.rules.disability import LIMITED


@kernel
def relabel_pensioners(state):
    """Ageing of pensioners, survivors, invalidity recipients and annuitants; 100 collects 100 and over."""
    pensioners = state.pensioners
    for item in range(at.PENSIONER_ITEMS):
        for career in range(at.CAREERS):
            for scheme in range(2):
                pensioners[item, career, scheme, at.AGES - 1] += pensioners[item, career, scheme, at.AGES - 2]
                for age in range(at.AGES - 2, 0, -1):
                    pensioners[item, career, scheme, age] = pensioners[item, career, scheme, age - 1]
                pensioners[item, career, scheme, 0] = 0.0
    for career in range(at.CAREERS):
        for item in range(at.INVALID_ITEMS):
            for branch in range(at.INVALID_BRANCHES):
                for i in range(at.WORKING_AGES - 1, 0, -1):
                    state.invalidity[item, branch, career, i] = state.invalidity[item, branch, career, i - 1]
                state.invalidity[item, branch, career, 0] = 0.0
        for item in range(at.ANNUITANT_ITEMS):
            state.annuitants[item, career, at.AGES - 1] += state.annuitants[item, career, at.AGES - 2]
            for age in range(at.AGES - 2, 0, -1):
                state.annuitants[item, career, age] = state.annuitants[item, career, age - 1]
            state.annuitants[item, career, 0] = 0.0
        for item in range(2):
            state.injury_survivors[item, career, at.AGES - 1] += state.injury_survivors[item, career, at.AGES - 2]
            for age in range(at.AGES - 2, 0, -1):
                state.injury_survivors[item, career, age] = state.injury_survivors[item, career, age - 1]
            state.injury_survivors[item, career, 0] = 0.0


@kernel
def set_award_levels(t, paths, constants, state, scratch):
    """Level of the awards of the year over the formula by scheme, into `scratch.award_level` [1].

        level = factor(t)·(1 + (a - 1)·max(0, 1 - k/n)),   k years after the opening

    a is the factor that the opening put on the mean pension, n `award_alignment_years`: what history misses in the
    pensions it awarded, it misses in the next awards too, and the less the further they are (model.md, section 11).
    """
    memory = state.memory
    memory[at.MEMORY_AWARD_EXCESS_YEARS] += 1.0
    span = constants[at.CONSTANT_AWARD_ALIGNMENT_YEARS]
    left = max(0.0, 1.0 - memory[at.MEMORY_AWARD_EXCESS_YEARS] / span) if span > 0.0 else 0.0
    enterprise = 1.0 + memory[at.MEMORY_AWARD_EXCESS_ENTERPRISE] * left
    public = 1.0 + memory[at.MEMORY_AWARD_EXCESS_PUBLIC] * left
    scratch.award_level[at.SCHEME_ENTERPRISE] = paths[at.PATH_AWARD_FACTOR, t] * enterprise
    scratch.award_level[at.SCHEME_PUBLIC] = paths[at.PATH_PUBLIC_AWARD_FACTOR, t] * public


@kernel
def tilted_share(age, tilt_age):
    """Part of an age that the tilt of 1 January reaches [1]: who is to turn `age` in the year and has the tilt age.

    Birthdays are spread evenly, so a fractional tilt age splits one age:

        min(1, max(0, age - tilt age))

    Examples
    --------
    >>> tilted_share(71, 70.0), tilted_share(70, 70.0), tilted_share(71, 70.25)
    (1.0, 0.0, 0.75)
    """
    return min(1.0, max(0.0, age - tilt_age))


@kernel
def adjust_pensions(t, paths, state):
    """1 January adjustment of the opening pensioners of both schemes.

        ΔP_cell = G·(f·N/ΣN + y·S/ΣS + l·P/ΣP + o·Nₒ/ΣNₒ),  G = g·ΣP

    G is the national ratio g of the closing mass of t-1; f, y, l, o are the shares of the fixed amount, the
    years, the level and the tilt to the old Nₒ (schemes.md 1.11). The account part grows with its cell.
    """
    pensioners = state.pensioners
    tilt_age = paths[at.PATH_ADJUSTMENT_TILT_AGE, t]
    for scheme in range(2):
        heads = 0.0
        mass = 0.0
        service = 0.0
        old = 0.0
        for career in range(at.CAREERS):
            for age in range(at.AGES):
                heads += pensioners[at.P_HEADS, career, scheme, age]
                mass += pensioners[at.P_MASS, career, scheme, age]
                service += pensioners[at.P_SERVICE, career, scheme, age]
                old += tilted_share(age, tilt_age) * pensioners[at.P_HEADS, career, scheme, age]
        if heads <= 0.0 or mass <= 0.0:
            continue
        total = paths[at.PATH_ADJUSTMENT_RATIO, t] * mass
        years = paths[at.PATH_ADJUSTMENT_YEARS, t] if service > 0.0 else 0.0
        tilt = paths[at.PATH_ADJUSTMENT_TILT, t] if old > 0.0 else 0.0
        level = 1.0 - paths[at.PATH_ADJUSTMENT_FIXED, t] - years - tilt
        for career in range(at.CAREERS):
            for age in range(at.AGES):
                cell = pensioners[at.P_MASS, career, scheme, age]
                if cell <= 0.0:
                    continue
                cell_heads = pensioners[at.P_HEADS, career, scheme, age]
                rise = paths[at.PATH_ADJUSTMENT_FIXED, t] * cell_heads / heads + level * cell / mass
                if service > 0.0:
                    rise += years * pensioners[at.P_SERVICE, career, scheme, age] / service
                if old > 0.0:
                    rise += tilt * (tilted_share(age, tilt_age) * cell_heads) / old
                factor = 1.0 + total * rise / cell
                pensioners[at.P_MASS, career, scheme, age] = cell * factor
                pensioners[at.P_ACCOUNT_MASS, career, scheme, age] *= factor
    ratio = 1.0 + paths[at.PATH_ADJUSTMENT_RATIO, t]
    for branch in range(at.INVALID_BRANCHES):
        for career in range(at.CAREERS):
            for i in range(at.WORKING_AGES):
                state.invalidity[at.I_MASS, branch, career, i] *= ratio
                state.invalidity[at.I_ACCOUNT_MASS, branch, career, i] *= ratio


@kernel
def death_months(t, career, scheme, age, heads, paths, tables, pensioners):
    """Funeral grant and compensation of a dead pensioner of a cell, in months of urban income [months]."""
    months = retiree_compensation(
        compensation_spread(
            pensioners[at.P_SERVICE, career, scheme, age] / heads,
            tables.compensation[t],
            paths[at.PATH_COMPENSATION_COUNT_UP, t],
            paths[at.PATH_COMPENSATION_COUNTED_FROM, t],
        ),
        pensioners[at.P_YEARS, career, scheme, age] / heads,
        paths[at.PATH_COMPENSATION_DECREMENT, t],
        paths[at.PATH_COMPENSATION_MINIMUM, t],
    )
    return paths[at.PATH_FUNERAL_MONTHS, t] + paths[at.PATH_COMPENSATION_FACTOR, t] * months


@kernel
def pay_cell(t, career, scheme, age, heads, q, paths, tables, pensioners, scratch, out):
    """A year of the opening pensioners of one cell; returns the pensions paid [yuan]."""
    flows = out.flows
    fund = at.FUND_PUBLIC if scheme == 1 else at.FUND_ENTERPRISE
    dying = heads * q
    mass = pensioners[at.P_MASS, career, scheme, age]
    paid = 12.0 * mass * (1.0 - 0.5 * q)
    closing, interest, drawn, inherited = pay_account(
        pensioners[at.P_ACCOUNT, career, scheme, age],
        pensioners[at.P_ACCOUNT_MASS, career, scheme, age],
        q,
        paths[at.PATH_ACCOUNT_INTEREST, t],
    )
    flows[at.FLOW_PENSION_ACCOUNT_INTEREST, t] += interest
    flows[at.FLOW_PENSION_ACCOUNT_DRAWN, t] += drawn
    flows[at.FLOW_PENSION_ACCOUNT_INHERITED, t] += inherited
    months = death_months(t, career, scheme, age, heads, paths, tables, pensioners)
    survivor = dying * months * (paths[at.PATH_PREVIOUS_URBAN_INCOME, t] / 12.0)
    flows[at.FLOW_SURVIVOR_BENEFITS, t] += survivor
    scratch.ledger[fund, at.OUT_BENEFITS] += survivor + inherited
    flows[at.FLOW_PENSIONER_DEATHS_PUBLIC if scheme == 1 else at.FLOW_PENSIONER_DEATHS_ENTERPRISE, t] += dying
    depart(t, career, age, dying, out)
    annuity, earned, annuity_drawn, annuity_left = pay_account(
        pensioners[at.P_ANNUITY, career, scheme, age],
        pensioners[at.P_ANNUITY_MASS, career, scheme, age],
        q,
        paths[at.PATH_RETURN_OCCUPATIONAL_ANNUITY, t],
    )
    scratch.ledger[at.FUND_ANNUITY, at.IN_INVESTMENT] += earned
    scratch.ledger[at.FUND_ANNUITY, at.OUT_BENEFITS] += annuity_drawn + annuity_left
    pensioners[at.P_ANNUITY, career, scheme, age] = annuity
    pensioners[at.P_ACCOUNT, career, scheme, age] = closing
    pensioners[at.P_YEARS, career, scheme, age] += heads
    for item in (at.P_HEADS, at.P_MASS, at.P_ACCOUNT_MASS, at.P_SERVICE, at.P_YEARS, at.P_ANNUITY_MASS):
        pensioners[item, career, scheme, age] *= 1.0 - q
    return paid


@kernel
def pay_pensions(t, paths, tables, state, scratch, out):
    """A year of the opening pensioners: payments, deaths (half a year), accounts, annuities, survivor benefits."""
    pensioners = state.pensioners
    for scheme in range(2):
        paid_total = 0.0
        for career in range(at.CAREERS):
            sex = at.MALE if career == 0 else at.FEMALE
            for age in range(at.AGES):
                heads = pensioners[at.P_HEADS, career, scheme, age]
                if heads > 0.0:
                    q = scratch.death[at.Q_PENSIONER, sex, age]
                    paid_total += pay_cell(t, career, scheme, age, heads, q, paths, tables, pensioners, scratch, out)
        out.flows[at.FLOW_PENSION_PAID_PUBLIC if scheme == 1 else at.FLOW_PENSION_PAID_ENTERPRISE, t] += paid_total


@kernel
def recompute_near(t, career, i, paths, tables, state, scratch):
    """Recipients of branch 1 whose old age is near get the full formula, never less than before (schemes.md 1.10)."""
    invalid = state.invalidity
    heads = invalid[at.I_HEADS, 1, career, i]
    left = tables.retirement[t, career, at.FIRST_AGE + i, at.RET_YEARS_TO_STATUTORY]
    if heads <= 0.0 or left > paths[at.PATH_SICKNESS_NEAR_YEARS, t]:
        return
    pooled, from_account = sickness_amounts(
        t, career, i, True, heads, invalid[at.I_SERVICE, 1, career, i], invalid[at.I_INDEX, 1, career, i],
        invalid[at.I_DEEMED_INDEX, 1, career, i], invalid[at.I_ACCOUNT, 1, career, i], paths, tables, scratch,
    )  # fmt: skip
    invalid[at.I_MASS, 1, career, i] = max(invalid[at.I_MASS, 1, career, i], pooled + from_account)
    invalid[at.I_ACCOUNT_MASS, 1, career, i] = from_account
    for item in range(at.INVALID_ITEMS):
        invalid[item, 0, career, i] += invalid[item, 1, career, i]
        invalid[item, 1, career, i] = 0.0


@kernel
def pay_invalids(t, paths, constants, tables, state, scratch, out):
    """A year of the recipients of the allowance; at the statutory month they become pensioners (schemes.md 1.10).

    Branch 2 (below the minimum) is paid for a limited time: `limited_allowance_exit` of it ends a year, a mean over the
    12 + 3 months a year of contributions; who leaves takes the account.
    """
    invalid = state.invalidity
    flows = out.flows
    rate = paths[at.PATH_ACCOUNT_INTEREST, t]
    for career in range(at.CAREERS):
        for i in range(at.WORKING_AGES):
            recompute_near(t, career, i, paths, tables, state, scratch)
    for branch in range(at.INVALID_BRANCHES):
        for career in range(at.CAREERS):
            sex = at.MALE if career == 0 else at.FEMALE
            for i in range(at.WORKING_AGES):
                heads = invalid[at.I_HEADS, branch, career, i]
                if heads <= 0.0:
                    continue
                age = at.FIRST_AGE + i
                q = scratch.death[at.Q_INVALID, sex, age]
                mass = invalid[at.I_MASS, branch, career, i]
                ended = paths[at.PATH_LIMITED_ALLOWANCE_EXIT, t] * (1.0 - q) if branch == LIMITED else 0.0
                gone = q + ended
                closing, interest, drawn, inherited = pay_account(
                    invalid[at.I_ACCOUNT, branch, career, i], invalid[at.I_ACCOUNT_MASS, branch, career, i], gone, rate
                )
                flows[at.FLOW_PENSION_PAID_ENTERPRISE, t] += 12.0 * mass * (1.0 - 0.5 * gone)
                flows[at.FLOW_INVALID_DEATHS, t] += heads * q
                flows[at.FLOW_INVALID_ENDED, t] += heads * ended
                flows[at.FLOW_PENSION_ACCOUNT_INTEREST, t] += interest
                flows[at.FLOW_PENSION_ACCOUNT_DRAWN, t] += drawn
                flows[at.FLOW_PENSION_ACCOUNT_INHERITED, t] += inherited
                scratch.ledger[at.FUND_ENTERPRISE, at.OUT_BENEFITS] += inherited
                for item in range(at.INVALID_ITEMS):
                    invalid[item, branch, career, i] *= 1.0 - gone
                invalid[at.I_ACCOUNT, branch, career, i] = closing
                table = tables.retirement[t, career, age]
                if table[at.RET_YEARS_TO_STATUTORY] <= 0.0 or i == at.WORKING_AGES - 1:
                    retire_invalids(t, branch, career, age, table[at.RET_INVERSE_DIVISOR], state, scratch, out)


@kernel
def retire_invalids(t, branch, career, age, inverse_divisor, state, scratch, out):
    """Recipients past the statutory month become pensioners: branch 0 as they are, others with the account part."""
    i = age - at.FIRST_AGE
    heads = state.invalidity[at.I_HEADS, branch, career, i]
    account = state.invalidity[at.I_ACCOUNT, branch, career, i]
    from_account = state.invalidity[at.I_ACCOUNT_MASS, branch, career, i]
    added = 0.0
    if branch > 0:
        added = account * inverse_divisor
    new = scratch.new_pensioners
    new[at.P_HEADS, career, 0, age] += heads
    new[at.P_MASS, career, 0, age] += state.invalidity[at.I_MASS, branch, career, i] + added
    new[at.P_ACCOUNT_MASS, career, 0, age] += from_account + added
    new[at.P_SERVICE, career, 0, age] += state.invalidity[at.I_SERVICE, branch, career, i]
    new[at.P_ACCOUNT, career, 0, age] += account
    out.flows[at.FLOW_INVALID_TO_PENSION, t] += heads
    for item in range(at.INVALID_ITEMS):
        state.invalidity[item, branch, career, i] = 0.0


@kernel
def expect_annuities(t, tables, state, scratch):
    """Monthly occupational annuity a public payer of an age would draw now, into `scratch.annuity_month` [yuan]."""
    for career in range(at.CAREERS):
        for i in range(at.WORKING_AGES):
            heads = scratch.heads[career, at.PUBLIC, i]
            scratch.annuity_month[career, i] = 0.0
            if heads > 0.0:
                saved = state.annuity[0, career, i] + state.annuity[1, career, i]
                inverse = tables.retirement[t, career, at.FIRST_AGE + i, at.RET_INVERSE_DIVISOR]
                scratch.annuity_month[career, i] = saved / heads * inverse


@kernel
def settle_annuities(t, paths, tables, state, scratch):
    """Occupational annuity of public employees (国办发〔2015〕18号; schemes.md section 3).

    Employee contributions and the cash part of the employer's are invested; the recorded part of the employer's
    is credited and made real at retirement. Dying and retiring shares follow the public members of the cell.
    """
    contributions = 0.0
    heads_total = 0.0
    for career in range(at.CAREERS):
        for i in range(at.WORKING_AGES):
            heads_total += scratch.public_share[2, career, i]
    base = scratch.payer_base[at.PUBLIC, 1] * 12.0 * paths[at.PATH_PREVIOUS_WAGE, t]
    rate = paths[at.PATH_RETURN_OCCUPATIONAL_ANNUITY, t]
    announced = paths[at.PATH_ANNUITY_RECORDED_INTEREST, t]
    cash_rate = (
        paths[at.PATH_ANNUITY_EMPLOYEE_RATE, t]
        + paths[at.PATH_ANNUITY_EMPLOYER_RATE, t] * paths[at.PATH_OA_CASH_SHARE, t]
    )
    recorded_rate = paths[at.PATH_ANNUITY_EMPLOYER_RATE, t] * (1.0 - paths[at.PATH_OA_CASH_SHARE, t])
    ledger = scratch.ledger
    for career in range(at.CAREERS):
        for i in range(at.WORKING_AGES):
            heads = scratch.public_share[2, career, i]
            if heads <= 0.0:
                ledger[at.FUND_ANNUITY, at.OUT_BENEFITS] += state.annuity[0, career, i]  # nobody left: refunded
                state.annuity[0, career, i] = 0.0
                state.annuity[1, career, i] = 0.0
                continue
            dying = scratch.public_share[0, career, i] / heads
            retiring = scratch.public_share[1, career, i] / heads
            paid_in = cash_rate * base * heads / heads_total
            recorded_in = recorded_rate * base * heads / heads_total
            contributions += paid_in
            cash = state.annuity[0, career, i]
            earned = cash * rate + paid_in * (0.5 * rate)
            cash += earned + paid_in
            recorded = state.annuity[1, career, i]
            recorded += recorded * announced + recorded_in * (1.0 + 0.5 * announced)
            ledger[at.FUND_ANNUITY, at.IN_INVESTMENT] += earned
            ledger[at.FUND_ANNUITY, at.OUT_BENEFITS] += cash * dying
            made_real = recorded * retiring * paths[at.PATH_OA_MADE_REAL_SHARE, t]
            ledger[at.FUND_ANNUITY, at.IN_OTHER] += made_real
            age = at.FIRST_AGE + i
            balance = cash * retiring + made_real
            scratch.new_pensioners[at.P_ANNUITY, career, 1, age] += balance
            scratch.new_pensioners[at.P_ANNUITY_MASS, career, 1, age] += (
                balance * tables.retirement[t, career, age, at.RET_INVERSE_DIVISOR]
            )
            state.annuity[0, career, i] = cash * (1.0 - dying - retiring)
            state.annuity[1, career, i] = recorded * (1.0 - dying - retiring)
            if i == at.WORKING_AGES - 1:  # refunded with the account
                ledger[at.FUND_ANNUITY, at.OUT_BENEFITS] += state.annuity[0, career, i]
                state.annuity[0, career, i] = 0.0
                state.annuity[1, career, i] = 0.0
    ledger[at.FUND_ANNUITY, at.IN_CONTRIBUTIONS] += contributions


@kernel
def relabel_annuities(state):
    """Ageing of the active annuity accounts."""
    for item in range(2):
        for career in range(at.CAREERS):
            for i in range(at.WORKING_AGES - 1, 0, -1):
                state.annuity[item, career, i] = state.annuity[item, career, i - 1]
            state.annuity[item, career, 0] = 0.0


@kernel
def admit_group(t, heads, pension, scheme, like, state, scratch, out):
    """Pensioners who join a fund together: spread by career and age like the pensioners of fund `like`.

    They draw from the middle of the year; a mean service stands for the unknown record. Without a pensioner to
    take the profile from nobody is admitted: a reported shortfall.
    """
    total = 0.0
    for career in range(at.CAREERS):
        for age in range(at.AGES):
            total += state.pensioners[at.P_HEADS, career, like, age]
    if total <= 0.0:
        out.flows[at.FLOW_SHORTFALL_ADMITTED, t] += heads
        return
    for career in range(at.CAREERS):
        for age in range(at.AGES):
            cell = heads * state.pensioners[at.P_HEADS, career, like, age] / total
            scratch.new_pensioners[at.P_HEADS, career, scheme, age] += cell
            scratch.new_pensioners[at.P_MASS, career, scheme, age] += cell * pension
            scratch.new_pensioners[at.P_SERVICE, career, scheme, age] += cell * at.ADMITTED_SERVICE
    out.flows[at.FLOW_ADMITTED_PENSIONERS, t] += heads
    if scheme == 1:
        out.flows[at.FLOW_PENSION_PAID_PUBLIC, t] += at.HALF_YEAR * heads * pension
    else:
        out.flows[at.FLOW_PENSION_PAID_ENTERPRISE, t] += at.HALF_YEAR * heads * pension


@kernel
def admit_pensioners(t, paths, state, scratch, out):
    """Groups admitted with their pensioners: the public sector (2014-2018), and units and their retired that the
    enterprise scheme took over (collectives, family workers); the latter at a stated ratio to the mean pension."""
    heads = paths[at.PATH_ADMITTED_PUBLIC_PENSIONERS, t]
    if heads > 0.0:
        present = 0.0
        for career in range(at.CAREERS):
            for age in range(at.AGES):
                present += state.pensioners[at.P_HEADS, career, 1, age]
        like = 1 if present > at.LIKE_OWN * heads else 0
        admit_group(t, heads, paths[at.PATH_ADMITTED_PUBLIC_PENSION, t], 1, like, state, scratch, out)
    heads = paths[at.PATH_ADMITTED_ENTERPRISE_PENSIONERS, t]
    if heads > 0.0:
        present = 0.0
        mass = 0.0
        for career in range(at.CAREERS):
            for age in range(at.AGES):
                present += state.pensioners[at.P_HEADS, career, 0, age]
                mass += state.pensioners[at.P_MASS, career, 0, age]
        pension = paths[at.PATH_ADMITTED_PENSION_RATIO, t] * mass / present if present > 0.0 else 0.0
        admit_group(t, heads, pension, 0, 0, state, scratch, out)


@kernel
def join_new_pensioners(state, scratch):
    """Awards and admissions of the year join the pensioners at year end (first adjusted in the next year)."""
    for item in range(at.PENSIONER_ITEMS):
        for career in range(at.CAREERS):
            for scheme in range(2):
                for age in range(at.AGES):
                    state.pensioners[item, career, scheme, age] += scratch.new_pensioners[item, career, scheme, age]
