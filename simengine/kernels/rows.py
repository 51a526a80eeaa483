"""The arrangement of members in memory: one row (career, status, age) is six moments by forty-eight service bins.

Rows lie one after the other, the bins of a moment side by side, so that a step over bins runs as vector instructions.
Of a row only the bins below its extent are in use; all others hold zero. Sums by row stand beside the members in
`Scratch` and are kept up to date by whoever changes a row. Reductions run over eight interleaved partial sums in a
fixed order, so that every processor finds the same bits without fast-math flags.
"""

from __future__ import annotations

from simengine.kernels import layout as at
from simengine.kernels.jit import inlined, kernel

WIDTH = 8  # bins of one vector, and the number of partial sums


@inlined
def whole_vectors(bins):
    """So many bins, rounded up to whole vectors."""
    return min(at.ROW, (bins + WIDTH - 1) // WIDTH * WIDTH)


@kernel
def sum_bins(array, item, n):
    """Sum of the first n bins (n: whole vectors) of `array[item]`, in a fixed order."""
    a = b = c = d = e = f = g = h = 0.0
    for k in range(0, n, WIDTH):
        a += array[item, k]
        b += array[item, k + 1]
        c += array[item, k + 2]
        d += array[item, k + 3]
        e += array[item, k + 4]
        f += array[item, k + 5]
        g += array[item, k + 6]
        h += array[item, k + 7]
    return ((a + e) + (c + g)) + ((b + f) + (d + h))


@kernel
def count_bins(row):
    """Extent of a row [moment, bin]: bins up to the last one with heads."""
    for k in range(at.BINS - 1, -1, -1):
        if row[at.HEADS, k] != 0.0:
            return k + 1
    return 0


@kernel
def clear_row(row, n):
    """Empty the first n bins of a row."""
    for moment in range(at.MOMENTS):
        for k in range(n):
            row[moment, k] = 0.0


@kernel
def scale_row(row, n, factor):
    """Multiply the first n bins of a row."""
    for moment in range(at.MOMENTS):
        for k in range(n):
            row[moment, k] *= factor


@inlined
def is_empty(moment, deemed):
    """Whether a moment is zero throughout because the row has no deemed years."""
    return deemed <= 0.0 and (moment == at.DEEMED or moment == at.DEEMED_INDEX)


@kernel
def sum_movers(scratch, moment, n):
    """Sum over the bins of one moment of the group in `scratch.movers`."""
    movers = scratch.movers
    a = b = c = d = e = f = g = h = 0.0
    for k in range(at.LEAD, at.LEAD + n, WIDTH):
        a += movers[moment, k]
        b += movers[moment, k + 1]
        c += movers[moment, k + 2]
        d += movers[moment, k + 3]
        e += movers[moment, k + 4]
        f += movers[moment, k + 5]
        g += movers[moment, k + 6]
        h += movers[moment, k + 7]
    return ((a + e) + (c + g)) + ((b + f) + (d + h))


@inlined
def bins_after(used, share):
    """Extent of a group of extent `used` after `share` of it rose by a bin."""
    return min(used + 1, at.BINS) if share > 0.0 else used


@kernel
def add_climbing(scratch, used, share, deemed, row):
    """Add the group in `scratch.movers` to a row: `share` of each bin rises by one, the top bin keeps its own."""
    movers = scratch.movers
    kept = 1.0 - share
    n = whole_vectors(used)
    after = whole_vectors(bins_after(used, share))
    for moment in range(at.MOMENTS):
        if is_empty(moment, deemed):
            continue
        for k in range(at.LEAD + n, at.LEAD + after):
            movers[moment, k] = 0.0
        for k in range(after):
            row[moment, k] += kept * movers[moment, k + at.LEAD] + share * movers[moment, k + (at.LEAD - 1)]
        row[moment, at.BINS - 1] += row[moment, at.BINS]
        row[moment, at.BINS] = 0.0


@kernel
def set_climbing(scratch, used, share, deemed, before, row):
    """As `add_climbing`, in place of what a row of extent `before` held."""
    movers = scratch.movers
    kept = 1.0 - share
    n = whole_vectors(used)
    after = whole_vectors(bins_after(used, share))
    for moment in range(at.MOMENTS):
        if is_empty(moment, deemed):
            for k in range(before):
                row[moment, k] = 0.0
            continue
        for k in range(at.LEAD + n, at.LEAD + after):
            movers[moment, k] = 0.0
        for k in range(after):
            row[moment, k] = kept * movers[moment, k + at.LEAD] + share * movers[moment, k + (at.LEAD - 1)]
        for k in range(after, before):
            row[moment, k] = 0.0
        row[moment, at.BINS - 1] += row[moment, at.BINS]
        row[moment, at.BINS] = 0.0


@kernel
def sum_rows(state, scratch):
    """Heads, accounts and recognised years of every row as it stands."""
    for career in range(at.CAREERS):
        for status in range(at.STATUSES):
            for i in range(at.WORKING_AGES):
                n = whole_vectors(int(scratch.extent[career, status, i]))
                row = state.members[career, status, i]
                scratch.heads[career, status, i] = sum_bins(row, at.HEADS, n)
                scratch.accounts[career, status, i] = sum_bins(row, at.ACCOUNT, n)
                scratch.service[career, status, i] = sum_bins(row, at.SERVICE, n)


@kernel
def open_rows(state, scratch):
    """Extents and sums of a state that comes from elsewhere; no arrivals yet."""
    for career in range(at.CAREERS):
        for status in range(at.STATUSES):
            for i in range(at.WORKING_AGES):
                row = state.members[career, status, i]
                scratch.extent[career, status, i] = count_bins(row)
                deemed = sum_bins(row, at.DEEMED, at.ROW) + sum_bins(row, at.DEEMED_INDEX, at.ROW)
                scratch.deemed[career, status, i] = 1.0 if deemed > 0.0 else 0.0
                clear_row(scratch.arrivals[career, status, i], at.ROW)
                scratch.arrived[career, status, i] = 0.0
                scratch.arrived_extent[career, status, i] = 0.0
                scratch.arrived_deemed[career, status, i] = 0.0
    scratch.movers[:, :] = 0.0
    sum_rows(state, scratch)


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
def note_arrival(scratch, career, status, i, used, heads, deemed):
    """Sums of the arrivals of a row after so many heads joined its first `used` bins.

    `deemed`: 1 if they bring deemed years, 0 otherwise.
    """
    scratch.arrived[career, status, i] += heads
    scratch.arrived_extent[career, status, i] = max(scratch.arrived_extent[career, status, i], used)
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
    note_arrival(scratch, career, status, i, k + 1, heads, 1.0 if deemed > 0.0 else 0.0)


@kernel
def arrive(scratch, career, status, i, used, share, heads, deemed):
    """Add the group in `scratch.movers`, of so many heads, to the arrivals of a row; `share` of it rises a bin."""
    add_climbing(scratch, used, share, deemed, scratch.arrivals[career, status, i])
    note_arrival(scratch, career, status, i, bins_after(used, share), heads, deemed)


@kernel
def count_status(heads, status):
    """Members of one status from the sums by row [persons]."""
    total = 0.0
    for career in range(at.CAREERS):
        for i in range(at.WORKING_AGES):
            total += heads[career, status, i]
    return total
