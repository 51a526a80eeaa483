"""Floors, caps and tables "from so much on", which every branch uses."""

from __future__ import annotations

from simengine.kernels.jit import inlined, kernel


@inlined
def held_between(value, low, high):
    """A value held between a floor and a cap, in any unit: min(max(x, f), c).

    Source: Social Insurance Law art. 12 with the provincial contribution bases (schemes.md 1.3), 工伤保险条例 art. 64.

    Parameters
    ----------
    low, high : floor f and cap c, in the unit of the value

    Examples
    --------
    >>> held_between(3000.0, 3915.0, 19_575.0), held_between(25_000.0, 3915.0, 19_575.0)  # schemes.md P1
    (3915.0, 19575.0)
    """
    return min(max(value, low), high)


@kernel
def step_reached(amount, marks):
    """Position of the last mark that an amount has reached in a table "from so much on"; -1 below the first one.

    Parameters
    ----------
    marks : rising, in the unit of the amount

    Examples
    --------
    With marks at 12, 60 and 120 paid months: 11 gives -1, 59 gives 0, 60 gives 1, 400 gives 2 (schemes.md U1).
    """
    reached = -1
    for position in range(marks.size):
        if marks[position] <= amount:
            reached = position
    return reached
