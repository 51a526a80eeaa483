"""Coverage: level targets met by solved flows; who enters, who returns (model.md, section 6)."""

from __future__ import annotations

import math

from simengine.kernels import layout as at
from simengine.kernels.jit import inlined, kernel
from simengine.kernels.members import add_member


@kernel
def count_status(members, status):
    """Members of one status [persons]."""
    heads = 0.0
    for career in range(at.CAREERS):
        for i in range(at.WORKING_AGES):
            for k in range(at.BINS):
                heads += members[at.HEADS, career, status, i, k]
    return heads


@kernel
def working_age_population(t, tables, population):
    """Population between 16 and the statutory month of its sex [persons]."""
    total = 0.0
    for sex in range(2):
        for age in range(at.FIRST_AGE, at.FIRST_AGE + at.WORKING_AGES):
            total += population[sex, age] * tables.working_weight[t, sex, age]
    return total


@kernel
def level_target(level, index, ratio, denominator):
    """Target of the year: the known level, or the last known ratio times its index [persons]."""
    if math.isnan(level):
        return ratio * index * denominator
    return level


@kernel
def anchor(level, index, target, denominator, memory, position):
    """Keep the ratio to the denominator while the level is known, so that the index can carry it on."""
    if not math.isnan(level) and denominator > 0.0:
        memory[position] = target / (denominator * index)


@kernel
def fill_pools(t, constants, tables, state, scratch):
    """Who can enter the employees' scheme, by sex and age [persons]: nobody's members and resident contributors.

    `scratch.count` holds everyone with a main status. Students are no pool; a resident contributor with a
    dormant employees' account is a returner, not an entrant.
    """
    for sex in range(2):
        for i in range(at.WORKING_AGES):
            age = at.FIRST_AGE + i
            free = scratch.population_survived[sex, age] * (1.0 - tables.student_share[age]) - scratch.count[sex, age]
            registered = (
                state.resident[at.R_PAYING, sex, age]
                + state.resident[at.R_NOT_PAYING, sex, age]
                - state.resident[at.R_DUAL, sex, age]
            )
            scratch.pool_resident[sex, i] = max(0.0, registered)
            scratch.pool[sex, i] = max(0.0, free) + max(0.0, registered)


@kernel
def women_55_share(status, constants):
    """Share of women entering a status whose old retirement age is 55 [1]."""
    if status == at.ENTERPRISE:
        return constants[at.CONSTANT_WOMEN_55_SHARE_ENTERPRISE]
    if status == at.FLEXIBLE:
        return constants[at.CONSTANT_WOMEN_55_SHARE_FLEXIBLE]
    return constants[at.CONSTANT_WOMEN_55_SHARE_PUBLIC]


@kernel
def shape_scale(status, target, tables, scratch):
    """Factor that turns the age profile of a status (members per resident) into `target` heads."""
    total = 0.0
    for sex in range(2):
        for i in range(at.WORKING_AGES):
            total += tables.level_shape[status, sex, i] * scratch.population_survived[sex, at.FIRST_AGE + i]
    return target / total if total > 0.0 else 0.0


@kernel
def weigh_entries(t, status, target, constants, tables, state, scratch):
    """Entry weights by career and age: a blend of a hazard pattern and the gap to the level shape.

    Entry is open while the years left to the statutory month exceed the minimum years, and fades over the
    five years before that point. Writes `scratch.weight`; returns their sum.
    """
    blend = constants[at.CONSTANT_ENTRY_BLEND]
    hazard_sum = 0.0
    gap_sum = 0.0
    scale = shape_scale(status, target, tables, scratch)
    for career in range(at.CAREERS):
        sex = at.MALE if career == 0 else at.FEMALE
        share = 1.0
        if career > 0:
            share = women_55_share(status, constants)
            if career == 2:
                share = 1.0 - share
        for i in range(at.WORKING_AGES):
            table = tables.retirement[t, career, at.FIRST_AGE + i]
            open_years = table[at.RET_YEARS_TO_STATUTORY] - table[at.RET_THRESHOLD]
            taper = share * min(1.0, max(0.0, open_years / 5.0))
            hazard = tables.entry_hazard[status, sex, i] * scratch.pool[sex, i] * taper
            current = 0.0
            for k in range(at.BINS):
                current += state.members[at.HEADS, career, status, i, k]
            gap = (
                max(
                    0.0,
                    scale
                    * tables.level_shape[status, sex, i]
                    * scratch.population_survived[sex, at.FIRST_AGE + i]
                    * share
                    - current,
                )
                * min(1.0, taper / share)
                if share > 0.0
                else 0.0
            )
            gap = min(gap, scratch.pool[sex, i])
            scratch.weight[career, i] = hazard
            scratch.entry[career, i] = gap
            hazard_sum += hazard
            gap_sum += gap
    total = 0.0
    for career in range(at.CAREERS):
        for i in range(at.WORKING_AGES):
            weight = 0.0
            if hazard_sum > 0.0:
                weight += (1.0 - blend) * scratch.weight[career, i] / hazard_sum
            if gap_sum > 0.0:
                weight += blend * scratch.entry[career, i] / gap_sum
            scratch.weight[career, i] = weight
            total += weight
    return total


@kernel
def spread_entries(heads, scratch):
    """Spread entrants over careers and ages by weight, nowhere more than nine tenths of the pool.

    Writes `scratch.entry`; returns the heads that found a place (the rest is a reported shortfall).
    """
    scratch.entry[:, :] = 0.0
    left = heads
    for _ in range(3 * at.WORKING_AGES):
        weight_sum = 0.0
        for career in range(at.CAREERS):
            sex = at.MALE if career == 0 else at.FEMALE
            for i in range(at.WORKING_AGES):
                taken = scratch.entry[0, i] if sex == at.MALE else scratch.entry[1, i] + scratch.entry[2, i]
                if 0.9 * scratch.pool[sex, i] - taken > 1e-9:
                    weight_sum += scratch.weight[career, i]
        if left <= 1e-9 * (1.0 + heads) or weight_sum <= 0.0:
            break
        wave = left
        for career in range(at.CAREERS):
            sex = at.MALE if career == 0 else at.FEMALE
            for i in range(at.WORKING_AGES):
                taken = scratch.entry[0, i] if sex == at.MALE else scratch.entry[1, i] + scratch.entry[2, i]
                room = 0.9 * scratch.pool[sex, i] - taken
                if room > 1e-9:
                    part = min(room, wave * scratch.weight[career, i] / weight_sum)
                    scratch.entry[career, i] += part
                    left -= part
    return heads - max(left, 0.0)


@kernel
def weigh_catch_up(t, tables, constants, scratch):
    """Weights of catch-up entrants: people within fifteen years of old age who buy the missing years."""
    total = 0.0
    for career in range(at.CAREERS):
        sex = at.MALE if career == 0 else at.FEMALE
        share = 1.0
        if career > 0:
            share = women_55_share(at.FLEXIBLE, constants)
            if career == 2:
                share = 1.0 - share
        for i in range(at.WORKING_AGES):
            left = tables.retirement[t, career, at.FIRST_AGE + i, at.RET_YEARS_TO_STATUTORY]
            weight = 0.0
            if 0.0 < left <= 15.0:
                weight = share * scratch.pool[sex, i] * tables.catch_up_shape[sex, i]
            scratch.weight[career, i] = weight
            total += weight
    return total


@kernel
def admit_entries(t, status, kind, paths, constants, tables, state, scratch, out):
    """Turn `scratch.entry` into arrivals and take them from their pools.

    Ordinary entrants of 35 and over bring deemed years before a stated year; catch-up entrants reach the minimum
    with deemed years (a share, before that year) and with years bought at the flexible price; of a group admitted
    together all years since the entry age are deemed.
    A resident contributor brings the resident account along.
    """
    flows = out.flows
    year = constants[at.CONSTANT_FIRST_YEAR] + t
    price_year = 12.0 * paths[at.PATH_PREVIOUS_WAGE, t] * constants[at.CONSTANT_FLEXIBLE_BUY_INDEX]
    for career in range(at.CAREERS):
        sex = at.MALE if career == 0 else at.FEMALE
        for i in range(at.WORKING_AGES):
            heads = scratch.entry[career, i]
            if heads <= 0.0:
                continue
            age = at.FIRST_AGE + i
            account = take_from_pool(t, status, sex, i, heads, state, scratch, out)
            service = 0.0
            index = 0.0
            deemed = 0.0
            deemed_index = constants[at.CONSTANT_DEEMED_INDEX]
            if kind == at.ENTRY_CATCH_UP:
                left = tables.retirement[t, career, age, at.RET_YEARS_TO_STATUTORY]
                missing = max(0.0, constants[at.CONSTANT_CATCH_UP_MINIMUM_YEARS] + 0.5 - max(left - 0.5, 0.0))
                if year < constants[at.CONSTANT_DEEMED_ENTRY_BEFORE]:
                    deemed = heads * missing * constants[at.CONSTANT_DEEMED_ENTRY_SHARE]
                service = heads * missing - deemed
                index = service * constants[at.CONSTANT_FLEXIBLE_BUY_INDEX]
                money = service * price_year * paths[at.PATH_CATCH_UP_PRICE_RATE, t]
                credit = service * price_year * paths[at.PATH_FLEXIBLE_ACCOUNT_SHARE, t]
                account += credit
                flows[at.FLOW_CATCH_UP_INCOME, t] += money
                flows[at.FLOW_ACCOUNT_CREDITS, t] += credit
                scratch.ledger[at.FUND_ENTERPRISE, at.IN_CONTRIBUTIONS] += money
            elif kind == at.ENTRY_ADMISSION:
                deemed = heads * max(0.0, age - constants[at.CONSTANT_ADMISSION_ENTRY_AGE])
                deemed_index = constants[at.CONSTANT_PUBLIC_DEEMED_INDEX]
            elif age >= 35.0 and year < constants[at.CONSTANT_DEEMED_ENTRY_BEFORE]:
                deemed = heads * constants[at.CONSTANT_DEEMED_ENTRY_SHARE] * (age - 20.0)
            mean = (service + deemed) / heads
            k = min(int(mean), at.BINS - 1)
            add_member(
                scratch.arrivals, career, status, i, k, 0.0, heads, service + deemed, index, deemed,
                deemed * deemed_index, account,
            )  # fmt: skip


@kernel
def take_from_pool(t, status, sex, i, heads, state, scratch, out):
    """Take entrants from nobody's members and resident contributors alike; returns the accounts they bring [yuan]."""
    age = at.FIRST_AGE + i
    pool = scratch.pool[sex, i]
    if pool <= 0.0:
        return 0.0
    from_resident = min(heads * scratch.pool_resident[sex, i] / pool, scratch.pool_resident[sex, i])
    scratch.pool[sex, i] = max(0.0, pool - heads)
    resident = state.resident
    registered = resident[at.R_PAYING, sex, age] + resident[at.R_NOT_PAYING, sex, age]
    if from_resident <= 0.0 or registered <= 0.0:
        return 0.0
    scratch.pool_resident[sex, i] -= from_resident
    share = min(1.0, from_resident / registered)
    account = resident[at.R_ACCOUNT, sex, age] * share
    for item in (at.R_PAYING, at.R_NOT_PAYING, at.R_PAID_YEARS, at.R_FIFTEEN, at.R_ACCOUNT):
        resident[item, sex, age] *= 1.0 - share
    out.flows[at.FLOW_ENTRIES_FROM_RESIDENT, t] += from_resident
    out.flows[at.FLOW_RESIDENT_TO_EMPLOYEES, t] += from_resident
    out.flows[at.FLOW_RESIDENT_ACCOUNT_OUT, t] += account
    out.flows[at.FLOW_ACCOUNT_TRANSFERRED_IN, t] += account
    scratch.ledger[at.FUND_RESIDENT, at.OUT_TRANSFERS] += account
    scratch.ledger[at.FUND_PUBLIC if status == at.PUBLIC else at.FUND_ENTERPRISE, at.IN_TRANSFERS] += account
    return account


@inlined
def return_weight(s, threshold, years_left, constants):
    """How likely a paused member takes up paying again, relative to one with ample time [1].

    Who still needs most of the years left to reach the minimum is pressed to return; who has reached it, or can no
    longer reach it, has less reason (model.md section 6: re-entry by time to the statutory month).

    Parameters
    ----------
    s : recognised years; threshold : minimum years; years_left : years to the statutory month
    """
    missing = threshold - s
    slack = years_left - missing
    if missing <= 0.0 or slack < 0.0:
        return constants[at.CONSTANT_RETURN_WITHOUT_NEED]
    return 1.0 + constants[at.CONSTANT_RETURN_URGENCY] * max(0.0, 1.0 - slack / constants[at.CONSTANT_PRESSING_YEARS])


@inlined
def pause_weight(s, threshold, years_left, constants):
    """Share of the pause probability that holds [1]: nobody who needs all the years left to the minimum stops."""
    missing = threshold - s
    slack = years_left - missing
    if missing <= 0.0 or slack < 0.0:
        return 1.0
    return min(1.0, slack / constants[at.CONSTANT_PRESSING_YEARS])


@kernel
def weigh_returns(t, factor, constants, tables, state):
    """Paused members before the statutory month who return at `factor` times their weight, 0.9 of a cell at most.

    Returns the heads that return and heads x weight of the cells below the cap: how fast they grow with the factor.
    """
    returning = 0.0
    growing = 0.0
    for career in range(at.CAREERS):
        for i in range(at.WORKING_AGES):
            table = tables.retirement[t, career, at.FIRST_AGE + i]
            years_left = table[at.RET_YEARS_TO_STATUTORY]
            if years_left < 1.0:
                continue
            for k in range(at.BINS):
                heads = state.members[at.HEADS, career, at.PAUSED, i, k]
                if heads > 0.0:
                    s = state.members[at.SERVICE, career, at.PAUSED, i, k] / heads
                    weight = return_weight(s, table[at.RET_THRESHOLD], years_left, constants)
                    returning += heads * min(0.9, factor * weight)
                    if factor * weight < 0.9:
                        growing += heads * weight
    return returning, growing


@kernel
def solve_returns(t, wanted, constants, tables, state):
    """Factor on the weights at which `wanted` paused members return, as far as nine tenths of each cell reach [1].

    The heads grow piecewise linearly with the factor, so each step is exact until the next cell meets its cap; there
    are few different weights and fewer steps.
    """
    factor = 0.0
    for _ in range(64):
        found, growing = weigh_returns(t, factor, constants, tables, state)
        if wanted - found <= 1e-12 * wanted or growing <= 0.0:
            break
        factor += (wanted - found) / growing
    return factor


@kernel
def return_members(t, factor, to_enterprise, constants, tables, state, scratch, out):
    """Paused members before the statutory month take up paying again: the share factor x weight of every cell.

    They stand in the paused cells with the year's interest already added; half a year of paying follows with
    the other arrivals. Returns the heads that returned.
    """
    members = state.members
    heads_total = 0.0
    for career in range(at.CAREERS):
        for i in range(at.WORKING_AGES):
            table = tables.retirement[t, career, at.FIRST_AGE + i]
            years_left = table[at.RET_YEARS_TO_STATUTORY]
            if years_left < 1.0:
                continue
            for k in range(at.BINS):
                heads = members[at.HEADS, career, at.PAUSED, i, k]
                if heads <= 0.0:
                    continue
                s = members[at.SERVICE, career, at.PAUSED, i, k] / heads
                share = min(0.9, factor * return_weight(s, table[at.RET_THRESHOLD], years_left, constants))
                heads_total += heads * share
                for moment in range(at.MOMENTS):
                    value = members[moment, career, at.PAUSED, i, k]
                    scratch.arrivals[moment, career, at.ENTERPRISE, i, k] += value * share * to_enterprise
                    scratch.arrivals[moment, career, at.FLEXIBLE, i, k] += value * share * (1.0 - to_enterprise)
                    members[moment, career, at.PAUSED, i, k] = value * (1.0 - share)
    out.flows[at.FLOW_RETURNS_ENTERPRISE, t] += heads_total * to_enterprise
    out.flows[at.FLOW_RETURNS_FLEXIBLE, t] += heads_total * (1.0 - to_enterprise)
    return heads_total


@kernel
def merge_arrivals(t, paths, constants, tables, state, scratch, out):
    """Arrivals of the year: half a year in the new status earns service, index, credits; then they are members."""
    wage = 12.0 * paths[at.PATH_PREVIOUS_WAGE, t]
    factor = 1.0 + constants[at.CONSTANT_CURRENT_YEAR_INTEREST] * paths[at.PATH_ACCOUNT_INTEREST, t]
    flows = out.flows
    for status in range(at.STATUSES):
        density = 0.0
        account_share = 0.0
        if status == at.ENTERPRISE:
            density = paths[at.PATH_DENSITY_ENTERPRISE, t]
            account_share = paths[at.PATH_ACCOUNT_SHARE, t]
        elif status == at.FLEXIBLE:
            density = paths[at.PATH_DENSITY_FLEXIBLE, t]
            account_share = paths[at.PATH_FLEXIBLE_ACCOUNT_SHARE, t]
        elif status == at.PUBLIC:
            density = paths[at.PATH_DENSITY_PUBLIC, t]
            account_share = paths[at.PATH_PUBLIC_ACCOUNT_SHARE, t]
        for career in range(at.CAREERS):
            sex = at.MALE if career == 0 else at.FEMALE
            for i in range(at.WORKING_AGES):
                index = tables.index[t, status, sex, i] if status != at.PAUSED else 0.0
                gain = 0.5 * density
                if at.FIRST_AGE + i > constants[at.CONSTANT_OLD_AGE_MEN + career] and status != at.PUBLIC:
                    gain *= constants[at.CONSTANT_EXTENSION_PAYMENT_SHARE]
                credit = gain * wage * index * account_share
                for k in range(at.BINS - 1, -1, -1):
                    heads = scratch.arrivals[at.HEADS, career, status, i, k]
                    if heads <= 0.0:
                        continue
                    flows[at.FLOW_ACCOUNT_CREDITS, t] += heads * credit
                    flows[at.FLOW_ACCOUNT_INTEREST_CREDITED, t] += heads * credit * (factor - 1.0)
                    if status != at.PAUSED:
                        scratch.base[status, 0] += 0.5 * heads
                        scratch.base[status, 1] += heads * gain * index
                    add_member(
                        state.members, career, status, i, k, gain, heads,
                        scratch.arrivals[at.SERVICE, career, status, i, k] + heads * gain,
                        scratch.arrivals[at.INDEX, career, status, i, k] + heads * gain * index,
                        scratch.arrivals[at.DEEMED, career, status, i, k],
                        scratch.arrivals[at.DEEMED_INDEX, career, status, i, k],
                        scratch.arrivals[at.ACCOUNT, career, status, i, k] + heads * credit * factor,
                    )  # fmt: skip


@kernel
def receive_migrants(t, constants, tables, state, scratch, out):
    """Insured in-migrants: a share of net in-migration arrives as enterprise payers with the mean moments of
    their sex and age, accounts as a transfer in; all others arrive without insurance (model.md section 6)."""
    share = constants[at.CONSTANT_ARRIVE_INSURED]
    members = state.members
    for sex in range(2):
        first = 0 if sex == at.MALE else 1
        last = 1 if sex == at.MALE else 3
        for i in range(at.WORKING_AGES):
            arriving = share * max(0.0, tables.migration[t, sex, at.FIRST_AGE + i])
            if arriving <= 0.0:
                continue
            heads = 0.0
            for career in range(first, last):
                for k in range(at.BINS):
                    heads += members[at.HEADS, career, at.ENTERPRISE, i, k]
            if heads <= 0.0:
                continue
            growth = min(0.2, arriving / heads)
            out.flows[at.FLOW_MEMBERS_IN, t] += growth * heads
            for career in range(first, last):
                for k in range(at.BINS):
                    account = members[at.ACCOUNT, career, at.ENTERPRISE, i, k] * growth
                    out.flows[at.FLOW_ACCOUNT_TRANSFERRED_IN, t] += account
                    scratch.ledger[at.FUND_ENTERPRISE, at.IN_TRANSFERS] += account
                    for moment in range(at.MOMENTS):
                        members[moment, career, at.ENTERPRISE, i, k] *= 1.0 + growth


@kernel
def pause_payers(t, share, tables, state, scratch, out):
    """Payers with a year to the statutory month pause at year end: the share `share` of every cell [persons]."""
    members = state.members
    moved = 0.0
    for status in (at.ENTERPRISE, at.FLEXIBLE):
        for career in range(at.CAREERS):
            for i in range(at.WORKING_AGES):
                if tables.retirement[t, career, at.FIRST_AGE + i, at.RET_YEARS_TO_STATUTORY] < 1.0:
                    continue
                for k in range(at.BINS):
                    heads = members[at.HEADS, career, status, i, k] * share
                    moved += heads
                    out.flows[at.FLOW_PAUSES_ENTERPRISE + status - at.ENTERPRISE, t] += heads
                    for moment in range(at.MOMENTS):
                        value = members[moment, career, status, i, k]
                        scratch.arrivals[moment, career, at.PAUSED, i, k] += value * share
                        members[moment, career, status, i, k] = value * (1.0 - share)
    return moved


@kernel
def count_pausable(t, tables, state, status):
    """Payers of one status with at least a year to their statutory month [persons]."""
    heads = 0.0
    for career in range(at.CAREERS):
        for i in range(at.WORKING_AGES):
            if tables.retirement[t, career, at.FIRST_AGE + i, at.RET_YEARS_TO_STATUTORY] >= 1.0:
                for k in range(at.BINS):
                    heads += state.members[at.HEADS, career, status, i, k]
    return heads
