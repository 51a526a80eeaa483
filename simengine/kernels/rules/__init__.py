"""The law as formulas: one module a branch, one small function a rule, every number of the law an argument.

The lane applies a rule to the sums or means of a group, the compilation of a lane to the numbers of a year, the case
calculator to one person. The calculator alone rounds, by `rounding`. A rule that is linear in its amounts is exact for
a group, whatever the spread inside it. Where a rule is not linear, a second function gives its mean over the spread.

    bounds        floors, caps and tables "from so much on", for all branches
    accounts      individual accounts: crediting, payment
    pension       awards, adjustment and transition of the employees' pension
    disability    allowance for lost working capacity
    death         funeral grant and compensation after a death not caused by work
    resident      resident pension
    unemployment  months and amount of the benefit
    injury        premium and benefits of work injury
    funds         pooling, entrusting, payable months
    rounding      how amounts are rounded when they are paid
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable


def by_row(rule: Callable[..., Any], *numbers: np.ndarray) -> np.ndarray:
    """A rule applied to one number of each array after the other.

    Parameters
    ----------
    numbers : the arguments of the rule, arrays of one length (t,)

    Returns
    -------
    what the rule gives, shape (t,), or (t, results) for a rule with several results

    Examples
    --------
    >>> by_row(min, np.array([1.0, 5.0]), np.array([3.0, 3.0])).tolist()
    [1.0, 3.0]
    """
    return np.array([rule(*row) for row in zip(*numbers, strict=True)], dtype=np.float64)
