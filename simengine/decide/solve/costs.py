"""What a mend costs: what payers pay more, what budgets pay more, and what is paid less in benefits."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from simengine.decide.solve.figures import Figures

COSTS = ("contributions", "subsidy", "benefits_forgone")
"""Parts of a cost, in the order of the columns; `cost` is their sum."""


@dataclass(frozen=True)
class Cost:
    """Worth of a mend at the beginning of its first year [yuan], all funds of the region together.

    Attributes
    ----------
    contributions, subsidy : paid more than without it
    benefits_forgone : paid less than without it
    """

    contributions: float
    subsidy: float
    benefits_forgone: float

    @property
    def total(self) -> float:
        """The three together: money that somebody gives up."""
        return self.contributions + self.subsidy + self.benefits_forgone


def cost_of(made: Figures, base: Figures, first: int, last: int) -> Cost:
    """The cost of a mend over some years.

        Σ (X'_t - X_t) / ((1 + i_first)·…·(1 + i_{t-1})·(1 + i_t)^½)

    Every fund's flows are discounted by the return of its own money in the base; they arrive evenly over the year.

    Parameters
    ----------
    made, base : with the mend and without it
    first, last : years, both counted
    """
    span = slice(first - base.base_year - 1, last - base.base_year)
    returns = 1.0 + base.returns[:, span]
    worth = np.sqrt(returns) / np.cumprod(returns, axis=1)

    def more(name: str) -> float:
        change = getattr(made, name)[:, span] - getattr(base, name)[:, span]
        return float((change * worth).sum())

    return Cost(more("contributions"), more("subsidy"), 0.0 - more("benefits"))
