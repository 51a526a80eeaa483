"""Paused members who take up paying again, so that a wanted number returns (model.md, section 6)."""

from __future__ import annotations

from simengine.kernels import layout as at
from simengine.kernels.compiler.jit import inlined, kernel, over_bins
from simengine.kernels.members.rows import is_empty, moments_of, note_arrival, sum_bins, sum_part


@inlined
def return_weight(s, threshold, years_left, without_need, urgency, per_pressing):
    """How likely a paused member takes up paying again, relative to one with ample time [1].

    Who still needs most of the years left to reach the minimum is pressed to return; who has reached it, or can no
    longer reach it, has less reason (model.md section 6: re-entry by time to the statutory month).

    Parameters
    ----------
    s : recognised years; threshold : minimum years; years_left : years to the statutory month
    without_need : weight of who has less reason; urgency : what the greatest pressure adds to a weight of one
    per_pressing : one over the years of slack from which on nothing presses
    """
    missing = threshold - s
    slack = years_left - missing
    free = (missing <= at.LEAST_SERVICE) | (slack < -at.LEAST_SERVICE)
    return without_need if free else 1.0 + urgency * max(0.0, 1.0 - slack * per_pressing)


@over_bins
def weigh_row(row, threshold, years_left, without_need, urgency, per_pressing, weights):
    """Weights of the bins of one row; zero where nobody is."""
    for k in range(at.ROW):
        heads = row[at.HEADS, k]
        s = row[at.SERVICE, k] / heads if heads > 0.0 else 0.0
        weight = return_weight(s, threshold, years_left, without_need, urgency, per_pressing)
        weights[k] = weight if heads > 0.0 else 0.0


@kernel
def fill_return_weights(t, constants, tables, state, scratch):
    """Weights of the paused members of every bin with a year or more to the statutory month; zero elsewhere.

    `scratch.may_return`: `RETURNS_BELOW` below the retirement ages before the reform, `RETURNS_ABOVE` where they may
    return at a later age.
    """
    without_need = constants[at.CONSTANT_RETURN_WITHOUT_NEED]
    urgency = constants[at.CONSTANT_RETURN_URGENCY]
    per_pressing = 1.0 / constants[at.CONSTANT_PRESSING_YEARS]
    for career in range(at.CAREERS):
        old_age = constants[at.CONSTANT_OLD_AGE_MEN + career]
        for i in range(at.WORKING_AGES):
            years_left = tables.retirement[t, career, at.FIRST_AGE + i, at.RET_PLANNED_YEARS]
            may_return = not is_empty(scratch.heads[career, at.PAUSED, i]) and years_left >= 1.0
            below = at.RETURNS_BELOW if at.FIRST_AGE + i < old_age else at.RETURNS_ABOVE
            scratch.may_return[career, i] = below if may_return else 0.0
            if may_return:
                threshold = tables.retirement[t, career, at.FIRST_AGE + i, at.RET_PLANNED_THRESHOLD]
                row = state.members[career, at.PAUSED, i]
                weights = scratch.return_weights[career, i]
                weigh_row(row, threshold, years_left, without_need, urgency, per_pressing, weights)


@over_bins
def weigh_bins(row, weights, factor, bins):
    """Add what returns of one row at a factor to V_WEIGHT, and to V_TERM how fast it grows with the factor."""
    for k in range(at.ROW):
        heads = row[at.HEADS, k]
        share = factor * weights[k]
        bins[at.V_WEIGHT, k] += heads * min(at.MOST_OF_CELL, share)
        bins[at.V_TERM, k] += heads * weights[k] if share < at.MOST_OF_CELL else 0.0


@kernel
def weigh_returns(factor, most, state, scratch):
    """Paused members who return at `factor` times their weight, 0.9 of a cell at most.

    `most`: `RETURNS_BELOW` for those below the retirement ages before the reform, `RETURNS_ABOVE` for all. Returns the
    heads that return and heads x weight of the cells below the cap: how fast they grow with the factor.
    """
    bins = scratch.bins
    for k in range(at.ROW):
        bins[at.V_WEIGHT, k] = 0.0
        bins[at.V_TERM, k] = 0.0
    for career in range(at.CAREERS):
        for i in range(at.WORKING_AGES):
            if 0.0 < scratch.may_return[career, i] <= most:
                weigh_bins(state.members[career, at.PAUSED, i], scratch.return_weights[career, i], factor, bins)
    found = sum_bins(bins, at.V_WEIGHT, scratch)
    growing = sum_bins(bins, at.V_TERM, scratch)
    return found, growing


@kernel
def solve_returns(t, wanted, constants, tables, state, scratch):
    """Factor on the weights at which `wanted` paused members return, as far as nine tenths of each cell reach [1]."""
    fill_return_weights(t, constants, tables, state, scratch)
    return solve_factor(wanted, at.RETURNS_ABOVE, state, scratch)


@kernel
def solve_rate(t, rate, constants, tables, state, scratch):
    """Factor on the weights at which a share of the paused members below the old retirement ages returns [1].

    The share is what known years identify. A law that changes the weights changes who returns, not how many.
    """
    fill_return_weights(t, constants, tables, state, scratch)
    return solve_factor(rate * count_below(scratch), at.RETURNS_BELOW, state, scratch)


@kernel
def return_rate(factor, state, scratch):
    """Share of the paused members below the old retirement ages who return at a factor on the weights [1]."""
    heads = count_below(scratch)
    if heads <= 0.0:
        return 0.0
    found, _ = weigh_returns(factor, at.RETURNS_BELOW, state, scratch)
    return found / heads


@kernel
def count_below(scratch):
    """Paused members below the old retirement ages who may return [persons]."""
    heads = 0.0
    for career in range(at.CAREERS):
        for i in range(at.WORKING_AGES):
            if scratch.may_return[career, i] == at.RETURNS_BELOW:
                heads += scratch.heads[career, at.PAUSED, i]
    return heads


@kernel
def solve_factor(wanted, most, state, scratch):
    """Factor on the weights of `weigh_returns` at which `wanted` members return [1].

    The heads grow piecewise linearly with the factor, so each step is exact until the next cell meets its cap; there
    are few different weights and fewer steps.
    """
    factor = 0.0
    for _ in range(at.MOST_ROUNDS):
        found, growing = weigh_returns(factor, most, state, scratch)
        if wanted - found <= at.NO_PART * wanted or growing <= 0.0:
            break
        factor += (wanted - found) / growing
    return factor


@over_bins
def move_back(row, to_enterprise, moments, bins, enterprise, flexible):
    """The parts V_WEIGHT of a paused row join the arrivals of the two statuses that pay."""
    for moment in range(moments):
        for k in range(at.ROW):
            moving = row[moment, k] * bins[at.V_WEIGHT, k]
            enterprise[moment, k] += moving * to_enterprise
            flexible[moment, k] += moving * (1.0 - to_enterprise)
            row[moment, k] -= moving


@over_bins
def share_returns(weights, factor, bins):
    """Parts of the bins of a row that return, into V_WEIGHT."""
    for k in range(at.ROW):
        bins[at.V_WEIGHT, k] = min(at.MOST_OF_CELL, factor * weights[k])


@kernel
def return_members(t, factor, to_enterprise, state, scratch, out):
    """Paused members take up paying again: the share factor x weight of every cell (`solve_returns`).

    They stand in the paused cells with the year's interest already added; half a year of paying follows with
    the other arrivals. Returns the heads that returned.
    """
    bins = scratch.bins
    heads_total = 0.0
    for career in range(at.CAREERS):
        for i in range(at.WORKING_AGES):
            if scratch.may_return[career, i] <= 0.0:
                continue
            row = state.members[career, at.PAUSED, i]
            share_returns(scratch.return_weights[career, i], factor, bins)
            heads = sum_part(row, at.HEADS, at.V_WEIGHT, scratch)
            if heads <= 0.0:
                continue
            deemed = scratch.deemed[career, at.PAUSED, i]
            enterprise = scratch.arrivals[career, at.ENTERPRISE, i]
            flexible = scratch.arrivals[career, at.FLEXIBLE, i]
            move_back(row, to_enterprise, moments_of(deemed), bins, enterprise, flexible)
            note_arrival(scratch, career, at.ENTERPRISE, i, heads * to_enterprise, deemed)
            note_arrival(scratch, career, at.FLEXIBLE, i, heads * (1.0 - to_enterprise), deemed)
            scratch.heads[career, at.PAUSED, i] -= heads
            heads_total += heads
    out.flows[at.FLOW_RETURNS_ENTERPRISE, t] += heads_total * to_enterprise
    out.flows[at.FLOW_RETURNS_FLEXIBLE, t] += heads_total * (1.0 - to_enterprise)
    return heads_total
