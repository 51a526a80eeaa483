"""The arrangement of members in memory: one row (career, status, age) is six moments by forty-eight service bins.

Rows lie one after the other, the bins of a moment side by side, so that a step over bins runs as vector instructions.
Every step goes over all bins: a loop of fixed length over arrays of fixed place costs less than finding out how many
bins are in use. Sums by row stand beside the members in `Scratch` and are kept up to date by whoever changes a row.
Reductions run over eight interleaved partial sums in a fixed order, so that every processor finds the same bits
without fast-math flags.
"""

from __future__ import annotations

from simengine.kernels import layout as at
from simengine.kernels.compiler.jit import inlined, kernel, over_bins


@inlined
def sum_partial(partial):
    """The eight partial sums as one, in a fixed order."""
    return ((partial[0] + partial[4]) + (partial[2] + partial[6])) + (
        (partial[1] + partial[5]) + (partial[3] + partial[7])
    )


@over_bins
def sum_bins(array, item, scratch):
    """Sum over the bins of `array[item]`, in a fixed order."""
    partial = scratch.partial
    for k in range(at.WIDTH):
        total = array[item, k] + array[item, k + 8]
        total += array[item, k + 16]
        total += array[item, k + 24]
        total += array[item, k + 32]
        partial[k] = total + array[item, k + 40]
    return sum_partial(partial)


@over_bins
def sum_part(row, moment, weight, scratch):
    """Sum over the bins of one moment of a row, each times its part in `scratch.bins[weight]`."""
    partial = scratch.partial
    part = scratch.bins
    for k in range(at.WIDTH):
        total = row[moment, k] * part[weight, k] + row[moment, k + 8] * part[weight, k + 8]
        total += row[moment, k + 16] * part[weight, k + 16]
        total += row[moment, k + 24] * part[weight, k + 24]
        total += row[moment, k + 32] * part[weight, k + 32]
        partial[k] = total + row[moment, k + 40] * part[weight, k + 40]
    return sum_partial(partial)


@inlined
def moments_of(deemed):
    """How many moments a row or group has: without deemed years the last two are zero throughout."""
    return at.MOMENTS if deemed > 0.0 else at.PAID_MOMENTS


@inlined
def is_empty(heads):
    """Whether a row is passed over."""
    return heads <= 0.0


@over_bins
def clear_row(row, deemed):
    """Empty a row [moment, bin]; `deemed`: whether it has deemed years."""
    for moment in range(moments_of(deemed)):
        for k in range(at.ROW):
            row[moment, k] = 0.0


@kernel
def vacate(career, status, i, state, scratch):
    """Empty a row of members that nobody moves into."""
    if scratch.held[career, status, i] > 0.0:
        clear_row(state.members[career, status, i], scratch.deemed[career, status, i])
        scratch.held[career, status, i] = 0.0
        scratch.deemed[career, status, i] = 0.0


@over_bins
def scale_row(row, deemed, factor):
    """Multiply a row [moment, bin]."""
    for moment in range(moments_of(deemed)):
        for k in range(at.ROW):
            row[moment, k] *= factor


@over_bins
def add_part(row, deemed, share, other):
    """Add a share of a row to another row."""
    for moment in range(moments_of(deemed)):
        for k in range(at.ROW):
            other[moment, k] += row[moment, k] * share


@over_bins
def sum_movers(scratch, moment):
    """Sum over the bins of one moment of the group in `scratch.movers`."""
    movers = scratch.movers
    partial = scratch.partial
    for k in range(at.WIDTH):
        total = movers[moment, k + at.LEAD] + movers[moment, k + (at.LEAD + 8)]
        total += movers[moment, k + (at.LEAD + 16)]
        total += movers[moment, k + (at.LEAD + 24)]
        total += movers[moment, k + (at.LEAD + 32)]
        partial[k] = total + movers[moment, k + (at.LEAD + 40)]
    return sum_partial(partial)


@kernel
def set_climb(scratch, term, share):
    """Fill `scratch.climb[term]`: a share of each bin rises by one, the top bin keeps its own."""
    if scratch.climbing[term] == share:
        return
    scratch.climbing[term] = share
    climb = scratch.climb
    for k in range(at.ROW):
        climb[term, 0, k] = 1.0 - share if k < at.BINS - 1 else 1.0 if k == at.BINS - 1 else 0.0
        climb[term, 1, k] = share if k < at.BINS else 0.0


@over_bins
def add_climbing(scratch, term, deemed, row):
    """Add the group in `scratch.movers` to a row, with its bins risen as `set_climb` says."""
    movers = scratch.movers
    climb = scratch.climb
    for moment in range(moments_of(deemed)):
        for k in range(at.ROW):
            staying = climb[term, 0, k] * movers[moment, k + at.LEAD]
            row[moment, k] += staying + climb[term, 1, k] * movers[moment, k + (at.LEAD - 1)]


@over_bins
def set_climbing(scratch, term, deemed, before, row):
    """As `add_climbing`, in place of what the row held; `before`: whether that had deemed years."""
    movers = scratch.movers
    climb = scratch.climb
    moments = moments_of(deemed)
    for moment in range(moments):
        for k in range(at.ROW):
            staying = climb[term, 0, k] * movers[moment, k + at.LEAD]
            row[moment, k] = staying + climb[term, 1, k] * movers[moment, k + (at.LEAD - 1)]
    for moment in range(moments, moments_of(before)):
        for k in range(at.ROW):
            row[moment, k] = 0.0


@kernel
def sum_row(career, status, i, state, scratch):
    """Heads, accounts and recognised years of a row as it stands."""
    heads = accounts = service = 0.0
    if scratch.held[career, status, i] > 0.0:
        row = state.members[career, status, i]
        heads = sum_bins(row, at.HEADS, scratch)
        accounts = sum_bins(row, at.ACCOUNT, scratch)
        service = sum_bins(row, at.SERVICE, scratch)
    scratch.heads[career, status, i] = heads
    scratch.accounts[career, status, i] = accounts
    scratch.service[career, status, i] = service


@kernel
def open_rows(state, scratch):
    """Marks and sums of a state that comes from elsewhere; no arrivals yet."""
    for career in range(at.CAREERS):
        for status in range(at.STATUSES):
            for i in range(at.WORKING_AGES):
                row = state.members[career, status, i]
                heads = sum_bins(row, at.HEADS, scratch)
                deemed = sum_bins(row, at.DEEMED, scratch)
                deemed_index = sum_bins(row, at.DEEMED_INDEX, scratch)
                scratch.held[career, status, i] = 1.0 if heads > 0.0 else 0.0
                scratch.deemed[career, status, i] = 1.0 if deemed + deemed_index > 0.0 else 0.0
                clear_row(scratch.arrivals[career, status, i], 1.0)
                scratch.arrived[career, status, i] = 0.0
                scratch.waiting[career, status, i] = 0.0
                scratch.arrived_deemed[career, status, i] = 0.0
                sum_row(career, status, i, state, scratch)
    scratch.movers[:, :] = 0.0
    scratch.climbing[:] = -1.0


@kernel
def relabel_rows(scratch):
    """Ageing of the sums by row: they are labelled by the age reached in the year; nobody is left at 79.

    The members themselves move one age on while they are settled (`turnover.settle_row`).
    """
    for career in range(at.CAREERS):
        for status in range(at.STATUSES):
            for i in range(at.WORKING_AGES - 1, 0, -1):
                scratch.heads[career, status, i] = scratch.heads[career, status, i - 1]
                scratch.accounts[career, status, i] = scratch.accounts[career, status, i - 1]
            scratch.heads[career, status, 0] = 0.0
            scratch.accounts[career, status, 0] = 0.0


@inlined
def note_arrival(scratch, career, status, i, heads, deemed):
    """Sums of the arrivals of a row after so many heads joined it; `deemed`: 1 if they bring deemed years, else 0."""
    scratch.arrived[career, status, i] += heads
    scratch.waiting[career, status, i] = 1.0
    scratch.arrived_deemed[career, status, i] = max(scratch.arrived_deemed[career, status, i], deemed)


@kernel
def add_arrival(scratch, career, status, i, k, heads, service, index, deemed, deemed_index, account):
    """Add a group (sums) to one bin of the arrivals of a row."""
    row = scratch.arrivals[career, status, i]
    row[at.HEADS, k] += heads
    row[at.SERVICE, k] += service
    row[at.INDEX, k] += index
    row[at.DEEMED, k] += deemed
    row[at.DEEMED_INDEX, k] += deemed_index
    row[at.ACCOUNT, k] += account
    note_arrival(scratch, career, status, i, heads, 1.0 if deemed > 0.0 else 0.0)


@inlined
def arrive(scratch, career, status, i, heads, deemed):
    """Add the group in `scratch.movers`, of so many heads, to the arrivals of a row; it rises by half a year."""
    add_climbing(scratch, at.HALF, deemed, scratch.arrivals[career, status, i])
    note_arrival(scratch, career, status, i, heads, deemed)


@kernel
def count_status(heads, status):
    """Members of one status from the sums by row [persons]."""
    total = 0.0
    for career in range(at.CAREERS):
        for i in range(at.WORKING_AGES):
            total += heads[career, status, i]
    return total
