"""Paused members who take up paying again, so that a wanted number returns (model.md, section 6)."""

from __future__ import annotations

from simengine.kernels import layout as at
from simengine.kernels.jit import inlined, kernel
from simengine.kernels.rows import note_arrival, sum_bins, whole_vectors

MOST = 0.9  # of a cell, in one year


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
    if missing <= at.LEAST_SERVICE or slack < -at.LEAST_SERVICE:
        return constants[at.CONSTANT_RETURN_WITHOUT_NEED]
    return 1.0 + constants[at.CONSTANT_RETURN_URGENCY] * max(0.0, 1.0 - slack / constants[at.CONSTANT_PRESSING_YEARS])


@kernel
def fill_return_weights(t, constants, tables, state, scratch):
    """Weights of the paused members of every bin with a year or more to the statutory month; zero elsewhere."""
    for career in range(at.CAREERS):
        for i in range(at.WORKING_AGES):
            n = whole_vectors(int(scratch.extent[career, at.PAUSED, i]))
            table = tables.retirement[t, career, at.FIRST_AGE + i]
            years_left = table[at.RET_YEARS_TO_STATUTORY]
            if years_left < 1.0:
                n = 0
            threshold = table[at.RET_THRESHOLD]
            row = state.members[career, at.PAUSED, i]
            weights = scratch.return_weights[career, i]
            for k in range(n):
                heads = row[at.HEADS, k]
                s = row[at.SERVICE, k] / heads if heads > 0.0 else 0.0
                weights[k] = return_weight(s, threshold, years_left, constants) if heads > 0.0 else 0.0
            for k in range(n, at.ROW):
                weights[k] = 0.0


@kernel
def weigh_returns(factor, state, scratch):
    """Paused members before the statutory month who return at `factor` times their weight, 0.9 of a cell at most.

    Returns the heads that return and heads x weight of the cells below the cap: how fast they grow with the factor.
    """
    bins = scratch.bins
    for k in range(at.ROW):
        bins[at.V_WEIGHT, k] = 0.0
        bins[at.V_TERM, k] = 0.0
    for career in range(at.CAREERS):
        for i in range(at.WORKING_AGES):
            row = state.members[career, at.PAUSED, i]
            weights = scratch.return_weights[career, i]
            for k in range(whole_vectors(int(scratch.extent[career, at.PAUSED, i]))):
                heads = row[at.HEADS, k]
                share = factor * weights[k]
                bins[at.V_WEIGHT, k] += heads * min(MOST, share)
                bins[at.V_TERM, k] += heads * weights[k] if share < MOST else 0.0
    return sum_bins(bins, at.V_WEIGHT, at.ROW), sum_bins(bins, at.V_TERM, at.ROW)


@kernel
def solve_returns(t, wanted, constants, tables, state, scratch):
    """Factor on the weights at which `wanted` paused members return, as far as nine tenths of each cell reach [1].

    The heads grow piecewise linearly with the factor, so each step is exact until the next cell meets its cap; there
    are few different weights and fewer steps.
    """
    fill_return_weights(t, constants, tables, state, scratch)
    factor = 0.0
    for _ in range(64):
        found, growing = weigh_returns(factor, state, scratch)
        if wanted - found <= 1e-12 * wanted or growing <= 0.0:
            break
        factor += (wanted - found) / growing
    return factor


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
            used = int(scratch.extent[career, at.PAUSED, i])
            n = whole_vectors(used)
            if n == 0:
                continue
            row = state.members[career, at.PAUSED, i]
            weights = scratch.return_weights[career, i]
            for k in range(n):
                bins[at.V_WEIGHT, k] = min(MOST, factor * weights[k])
                bins[at.V_TERM, k] = row[at.HEADS, k] * bins[at.V_WEIGHT, k]
            heads = sum_bins(bins, at.V_TERM, n)
            if heads <= 0.0:
                continue
            enterprise = scratch.arrivals[career, at.ENTERPRISE, i]
            flexible = scratch.arrivals[career, at.FLEXIBLE, i]
            for moment in range(at.MOMENTS):
                for k in range(n):
                    moving = row[moment, k] * bins[at.V_WEIGHT, k]
                    enterprise[moment, k] += moving * to_enterprise
                    flexible[moment, k] += moving * (1.0 - to_enterprise)
                    row[moment, k] -= moving
            deemed = scratch.deemed[career, at.PAUSED, i]
            note_arrival(scratch, career, at.ENTERPRISE, i, used, heads * to_enterprise, deemed)
            note_arrival(scratch, career, at.FLEXIBLE, i, used, heads * (1.0 - to_enterprise), deemed)
            scratch.heads[career, at.PAUSED, i] -= heads
            heads_total += heads
    out.flows[at.FLOW_RETURNS_ENTERPRISE, t] += heads_total * to_enterprise
    out.flows[at.FLOW_RETURNS_FLEXIBLE, t] += heads_total * (1.0 - to_enterprise)
    return heads_total
