"""Who retires in a year, by the way it comes about, and who leaves cover: counts beside the flows (notes/ages.md).

They balance nothing and feed nothing: what they count is booked as a flow where it happens.
"""

from __future__ import annotations

from simengine.kernels import layout as at
from simengine.kernels.compiler.jit import inlined, kernel
from simengine.kernels.members.rows import sum_part
from simengine.kernels.rules.pension import eligible_share


@inlined
def depart(t, career, age, heads, out):
    """Members or pensioners of an age reached who die or leave the scheme alive [persons]."""
    out.departures[t, at.MALE if career == 0 else at.FEMALE, age] += heads


@kernel
def count_awards(t, career, i, heads, tables, out):
    """Awards of a row by the way they come about: parts of its cell of the retirement table [persons]."""
    table = tables.retirement[t, career, at.FIRST_AGE + i]
    for way in range(at.WAYS):
        out.retirements[t, at.WENT_EARLY + way, career] += heads * table[at.RET_EARLY_PART + way]


@kernel
def count_deferred(t, career, i, alive, row, tables, scratch, out):
    """Members with the minimum who reach the statutory month in the year and have chosen a later one [persons]."""
    deferred = tables.retirement[t, career, at.FIRST_AGE + i, at.RET_DEFERRED]
    if deferred > 0.0:
        heads = alive * sum_part(row, at.HEADS, at.V_SHARE, scratch)
        out.retirements[t, at.DEFERRED, career] += heads * deferred


@kernel
def count_below(t, career, choice, heads, left, reached, row, scratch, out):
    """Who chooses below the minimum, by recognised years at the award month: ten and more, or fewer [persons].

    Parameters
    ----------
    choice : part of the opening row that chooses, where it is below the minimum; heads : all who choose
    left : of them, the part that ends without a pension of the scheme; reached : 1 in the statutory month, 0 after it
    """
    shared = scratch.row
    bins = scratch.bins
    later = shared[at.ROW_GAIN] * shared[at.ROW_MONTH]
    for k in range(at.ROW):
        far = choice * (1.0 - eligible_share(bins[at.V_SERVICE, k] + later, at.NEAR_MINIMUM))
        bins[at.V_TERM, k] = min(far, bins[at.V_WEIGHT, k])
    few = sum_part(row, at.HEADS, at.V_TERM, scratch)
    counts = out.retirements[t]
    counts[at.BELOW_NEAR, career] += reached * (heads - few)
    counts[at.BELOW_FAR, career] += reached * few
    counts[at.LEFT_NEAR, career] += left * (heads - few)
    counts[at.LEFT_FAR, career] += left * few
