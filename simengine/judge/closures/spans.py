"""The range of a year in signs that every language reads; drawing imports nothing heavier for it."""

from __future__ import annotations


def year_span(low: float, high: float, horizon: int) -> str:
    """The range of a year in signs that every language reads; a year that never comes is later than the horizon.

    >>> year_span(2050.0, 2072.0, 2095), year_span(2050.0, float("nan"), 2095)
    ('2050-2072', '2050->2095')
    """
    first, last = (f">{horizon}" if end != end else f"{end:z.0f}" for end in (low, high))
    return f"{first}-{last}"
