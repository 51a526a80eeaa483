"""Coverage: pattern of entry of the history, catch-up, who is taken from which pool, pauses (model.md, section 6)."""

from __future__ import annotations

import math

from simengine.kernels import layout as at
from simengine.kernels.compiler.jit import inlined, kernel
from simengine.kernels.members.rows import add_arrival, add_part, is_empty, note_arrival, scale_row


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
def women_55_share(status, constants):
    """Share of women entering a status whose old retirement age is 55 [1]."""
    if status == at.ENTERPRISE:
        return constants[at.CONSTANT_WOMEN_55_SHARE_ENTERPRISE]
    if status == at.FLEXIBLE:
        return constants[at.CONSTANT_WOMEN_55_SHARE_FLEXIBLE]
    return constants[at.CONSTANT_WOMEN_55_SHARE_PUBLIC]


@kernel
def career_share(status, career, constants):
    """Share of the entrants of a status and sex who take up a career [1]."""
    if career == 0:
        return 1.0
    share = women_55_share(status, constants)
    return share if career == 1 else 1.0 - share


@kernel
def shape_scale(status, target, tables, scratch):
    """Factor that turns the age profile of a status (members per resident) into `target` heads."""
    total = 0.0
    for sex in range(2):
        for i in range(at.WORKING_AGES):
            total += tables.level_shape[status, sex, i] * scratch.population_survived[sex, at.FIRST_AGE + i]
    return target / total if total > 0.0 else 0.0


@kernel
def weigh_entries(t, status, target, constants, tables, scratch):
    """Entry weights of the history by career and age: a blend of a hazard pattern and the gap to the level shape.

    The gap fades over the five years before the last month from which the minimum years can be reached. The hazard does
    so for flexible payers; employees enter up to their statutory month, since insurance is compulsory. Writes
    `scratch.weight`; returns their sum.
    """
    blend = constants[at.CONSTANT_ENTRY_BLEND]
    hazard_sum = 0.0
    gap_sum = 0.0
    scale = shape_scale(status, target, tables, scratch)
    for career in range(at.CAREERS):
        sex = at.MALE if career == 0 else at.FEMALE
        share = career_share(status, career, constants)
        for i in range(at.WORKING_AGES):
            table = tables.retirement[t, career, at.FIRST_AGE + i]
            open_years = table[at.RET_PLANNED_YEARS] - table[at.RET_PLANNED_THRESHOLD]
            taper = share * min(1.0, max(0.0, open_years / at.ENTRY_FADE))
            reached = tables.entry_open[t, status, career, i] * scratch.pool[sex, i]
            hazard = tables.entry_hazard[status, sex, i] * reached
            current = scratch.heads[career, status, i]
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
    for _ in range(at.CAREERS * at.WORKING_AGES):
        weight_sum = 0.0
        for career in range(at.CAREERS):
            sex = at.MALE if career == 0 else at.FEMALE
            for i in range(at.WORKING_AGES):
                taken = scratch.entry[0, i] if sex == at.MALE else scratch.entry[1, i] + scratch.entry[2, i]
                if at.MOST_OF_CELL * scratch.pool[sex, i] - taken > at.NO_HEADS:
                    weight_sum += scratch.weight[career, i]
        if left <= at.NO_HEADS * (1.0 + heads) or weight_sum <= 0.0:
            break
        wave = left
        for career in range(at.CAREERS):
            sex = at.MALE if career == 0 else at.FEMALE
            for i in range(at.WORKING_AGES):
                taken = scratch.entry[0, i] if sex == at.MALE else scratch.entry[1, i] + scratch.entry[2, i]
                room = at.MOST_OF_CELL * scratch.pool[sex, i] - taken
                if room > at.NO_HEADS:
                    part = min(room, wave * scratch.weight[career, i] / weight_sum)
                    scratch.entry[career, i] += part
                    left -= part
    return heads - max(left, 0.0)


@kernel
def weigh_catch_up(t, tables, constants, scratch):
    """Weights of catch-up entrants: people nearer to old age than the years they buy up to."""
    total = 0.0
    for career in range(at.CAREERS):
        sex = at.MALE if career == 0 else at.FEMALE
        share = career_share(at.FLEXIBLE, career, constants)
        for i in range(at.WORKING_AGES):
            left = tables.retirement[t, career, at.FIRST_AGE + i, at.RET_YEARS_TO_STATUTORY]
            weight = 0.0
            if 0.0 < left <= constants[at.CONSTANT_CATCH_UP_MINIMUM_YEARS]:
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
            elif age >= at.DEEMED_ENTRY_AGE and year < constants[at.CONSTANT_DEEMED_ENTRY_BEFORE]:
                deemed = heads * constants[at.CONSTANT_DEEMED_ENTRY_SHARE] * (age - at.CAREER_START)
            mean = (service + deemed) / heads
            k = min(int(mean + at.LEAST_SERVICE), at.BINS - 1)  # a whole number of years is one, whatever its last bit
            add_arrival(
                scratch, career, status, i, k, heads, service + deemed, index, deemed, deemed * deemed_index, account
            )


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
    for item in (at.R_PAYING, at.R_NOT_PAYING, at.R_PAID_YEARS, at.R_ACCOUNT, at.R_BEYOND, at.R_RESUMED):
        resident[item, sex, age] *= 1.0 - share
    out.flows[at.FLOW_ENTRIES_FROM_RESIDENT, t] += from_resident
    out.flows[at.FLOW_RESIDENT_TO_EMPLOYEES, t] += from_resident
    out.flows[at.FLOW_RESIDENT_ACCOUNT_OUT, t] += account
    out.flows[at.FLOW_ACCOUNT_TRANSFERRED_IN, t] += account
    scratch.ledger[at.FUND_RESIDENT, at.OUT_TRANSFERS] += account
    scratch.ledger[at.FUND_PUBLIC if status == at.PUBLIC else at.FUND_ENTERPRISE, at.IN_TRANSFERS] += account
    return account


@inlined
def pause_weight(s, threshold, years_left, per_pressing):
    """Share of the pause probability that holds [1]: nobody who needs all the years left to the minimum stops.

    `per_pressing`: one over the years of slack from which on nothing presses.
    """
    missing = threshold - s
    slack = years_left - missing
    free = (missing <= at.LEAST_SERVICE) | (slack < -at.LEAST_SERVICE)
    return 1.0 if free else min(1.0, slack * per_pressing)


@kernel
def pause_payers(t, of_enterprise, of_flexible, tables, state, scratch, out):
    """Payers with a year to the statutory month pause at year end: a share of every cell by status [persons]."""
    moved = 0.0
    for status in (at.ENTERPRISE, at.FLEXIBLE):
        share = of_enterprise if status == at.ENTERPRISE else of_flexible
        if share > 0.0:
            moved += pause_status(t, status, share, tables, state, scratch, out)
    return moved


@kernel
def pause_status(t, status, share, tables, state, scratch, out):
    """The share of every cell of one status of payers that pauses (`pause_payers`) [persons]."""
    moved = 0.0
    for career in range(at.CAREERS):
        for i in range(at.WORKING_AGES):
            left = tables.retirement[t, career, at.FIRST_AGE + i, at.RET_PLANNED_YEARS]
            if is_empty(scratch.heads[career, status, i]) or left < 1.0:
                continue
            row = state.members[career, status, i]
            deemed = scratch.deemed[career, status, i]
            add_part(row, deemed, share, scratch.arrivals[career, at.PAUSED, i])
            scale_row(row, deemed, 1.0 - share)
            heads = scratch.heads[career, status, i] * share
            moved += heads
            out.flows[at.FLOW_PAUSES_ENTERPRISE + status - at.ENTERPRISE, t] += heads
            note_arrival(scratch, career, at.PAUSED, i, heads, deemed)
            scratch.heads[career, status, i] -= heads
    return moved


@kernel
def count_pausable(t, tables, scratch, status):
    """Payers of one status with at least a year to their statutory month [persons]."""
    heads = 0.0
    for career in range(at.CAREERS):
        for i in range(at.WORKING_AGES):
            if tables.retirement[t, career, at.FIRST_AGE + i, at.RET_PLANNED_YEARS] >= 1.0:
                heads += scratch.heads[career, status, i]
    return heads
