"""Labels of the ticks of an axis: as many decimals as tell them apart, thousands grouped."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from matplotlib.axis import Axis

MOST = 9
"""Decimals of a tick, at most."""


def decimals_for(ticks: Iterable[float]) -> int:
    """Fewest decimals that state every tick as it is.

    >>> decimals_for([0.0, 2.5, 5.0]), decimals_for([20_000.0, 20_500.0]), decimals_for([10.02, 10.04, 10.06])
    (1, 0, 2)
    """
    places = [float(tick) for tick in ticks]
    span = (max(places) - min(places) if places else 0.0) or max(map(abs, places), default=1.0) or 1.0
    for decimals in range(MOST):
        if all(abs(round(tick, decimals) - tick) <= 1e-6 * span for tick in places):
            return decimals
    return MOST


def tick_text(value: float, decimals: int) -> str:
    """One tick, without a minus before a nought.

    >>> tick_text(-0.0, 1), tick_text(20500.0, 0)
    ('0.0', '20,500')
    """
    return f"{value:z,.{decimals}f}"


def label_ticks(axis: Axis) -> None:
    """Write the ticks of an axis by what tells them apart; to be called when its limits are set."""
    low, high = sorted(axis.get_view_interval())
    ticks = [float(tick) for tick in axis.get_majorticklocs() if low <= tick <= high]
    decimals = decimals_for(ticks)
    axis.set_major_formatter(lambda value, _: tick_text(float(value), decimals))
