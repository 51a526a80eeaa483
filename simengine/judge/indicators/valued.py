"""Present values of flows at year ends, and the actuarial balance that indicators, goals and drivers share.

Formulas: notes/actuarial.md, section 2.
"""

from __future__ import annotations

import numpy as np

from simengine.registry.axes import INCOME_ITEM, OUTGO_ITEM

OWN_INCOME = tuple(
    name for name in INCOME_ITEM if name in ("contributions", "collective_subsidy", "transfers_in", "other_income")
)
"""Items of income that are neither return nor aid nor paid by another fund."""
OWN_COST = tuple(name for name in OUTGO_ITEM if name in ("benefits", "transfers_out", "other_outgo"))
"""Items of outgo that are not paid to another fund."""


class Discounts:
    """Discount factors by the returns of a fund's own money, and the present value of flows at every year end.

        D(v) = 1/Π (1 + i(s)), s <= v;   v(t) = D(t-1)·(1 + i(t))^-½;   PV(v) = Σ X(t)·v(t)/D(v), v < t <= v + n

    Flows are [..., year], stocks [..., year_end]; year end 0 is the one before the first year.
    """

    def __init__(self, returns: np.ndarray) -> None:
        earned = 1.0 + returns
        first = np.ones((*earned.shape[:-1], 1))
        self.at_end = np.concatenate([first, 1.0 / np.cumprod(earned, axis=-1)], axis=-1)
        self.in_year = self.at_end[..., :-1] / np.sqrt(earned)
        self.years = int(earned.shape[-1])

    def starts(self, span: int) -> int:
        """Year ends behind which so many years are projected."""
        return max(0, self.years + 1 - span)

    def present(self, flow: np.ndarray, span: int) -> np.ndarray:
        """Present value of a flow over the span, at every year end that has one [..., year_end]."""
        worth, count = flow * self.in_year, self.starts(span)
        if not count:
            return np.zeros((*flow.shape[:-1], 0))
        windows = np.lib.stride_tricks.sliding_window_view(worth, span, axis=-1)
        return np.asarray(windows.sum(axis=-1) / self.at_end[..., :count])

    def at_last(self, flow: np.ndarray, span: int) -> np.ndarray:
        """The flow of the last year of the span, due at its end, at every year end that has one [..., year_end]."""
        count = self.starts(span)
        last = flow[..., span - 1 :] * self.at_end[..., span:]
        return np.asarray(last[..., :count] / self.at_end[..., :count])

    def income_rate(self, held: np.ndarray, income: np.ndarray, base: np.ndarray, span: int) -> np.ndarray:
        """Summarised income rate, (V + PV(I))/PV(B) [1; ..., year_end]; no number where there is no base."""
        worth = held[..., : self.starts(span)] + self.present(income, span)
        return _over(worth, self.present(base, span))

    def cost_rate(self, cost: np.ndarray, base: np.ndarray, span: int) -> np.ndarray:
        """Summarised cost rate, (PV(C) + C(v+n)·D(v+n)/D(v))/PV(B) [1; ..., year_end]."""
        return _over(self.present(cost, span) + self.at_last(cost, span), self.present(base, span))


def _over(part: np.ndarray, whole: np.ndarray) -> np.ndarray:
    return np.asarray(np.divide(part, whole, out=np.full(whole.shape, np.nan), where=whole > 0.0))
