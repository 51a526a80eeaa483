"""The straight path from base to target, and where a figure stands on it: distance, pace, time distance.

    path(t) = b + (g - b)·(t - t0)/(t1 - t0)        b at t0 is the base, g at t1 the target
    pace = ((x - b)/(t - t0)) / ((g - b)/(t1 - t0))  x at t is the actual
    time distance = s - t with path(s) = x           s lies between t0 and t1

Times are years as numbers, and the end of a year has its number: the end of 2025 is 2025.0, the end of August 2022 is
2021 + 8/12. Rules: notes/monitor.md.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

NEAR = 1e-9
"""Part of the way from base to target within which a figure lies on the path."""


def moment(year: int, month: int | None = None) -> float:
    """The end of a year or of a month as a number.

    >>> moment(2025), round(moment(2022, 8), 4), moment(2022, 12)
    (2025.0, 2021.6667, 2022.0)
    """
    return float(year) if month is None else year - 1 + month / 12


@dataclass(frozen=True)
class Path:
    """A straight path: `base` at `since`, `target` at `until`, two different values and `since` before `until`."""

    base: float
    since: float
    target: float
    until: float

    @property
    def way(self) -> float:
        """What lies between base and target."""
        return self.target - self.base

    @property
    def needed(self) -> float:
        """Change a year that the path asks for."""
        return self.way / (self.until - self.since)

    def at(self, when: float) -> float:
        """Value of the path; the base before it begins, the target after it has ended.

        >>> Path(80.0, 2020.0, 100.0, 2025.0).at(2022.0)
        88.0
        """
        return self.base + self.way * self.elapsed(when)

    def elapsed(self, when: float) -> float:
        """Part of the time of the path that has passed."""
        return min(max((when - self.since) / (self.until - self.since), 0.0), 1.0)

    def covered(self, value: float) -> float:
        """Part of the way from base to target that a value has gone; below zero behind the base, beyond one above."""
        return (value - self.base) / self.way

    def carried_on(self, value: float, when: float) -> float:
        """Value at the end of the path on the straight line from the base through a later value."""
        return self.base + (value - self.base) * (self.until - self.since) / (when - self.since)


@dataclass(frozen=True)
class Standing:
    """Where a figure stands on its path.

    Attributes
    ----------
    path : value of the path at the time of the figure
    distance : figure less path, on the good side above zero
    pace : change a year so far over that which the path asks for
    still_needed : change a year from here to the target, zero where it is reached; not a number at the end
    time_distance : years ahead of the path (above zero) or behind it
    beyond : whether the path never had the figure, so that the time distance is one at least: the figure lies beyond
        the target (ahead) or before the base (behind)
    """

    path: float
    distance: float
    pace: float
    still_needed: float
    time_distance: float
    beyond: bool


def standing(path: Path, value: float, when: float) -> Standing:
    """Where a value stands at a time after the begin of its path.

    A target of 100 from 80 in five years stands at 88 after three years; the path had 88 after two.

    >>> found = standing(Path(80.0, 2020.0, 100.0, 2025.0), 88.0, 2023.0)
    >>> found.path, found.distance, round(found.pace, 4), found.time_distance
    (92.0, -4.0, 0.6667, -1.0)
    """
    at = path.at(when)
    covered = path.covered(value)
    left = path.until - when
    still = math.nan if left <= 0.0 else 0.0 if covered >= 1.0 else (path.target - value) / left
    if abs(value - at) <= NEAR * abs(path.way):
        return Standing(at, 0.0, 1.0, still, 0.0, beyond=False)
    had = path.since + min(max(covered, 0.0), 1.0) * (path.until - path.since)
    return Standing(
        path=at,
        distance=math.copysign(1.0, path.way) * (value - at),
        pace=covered * (path.until - path.since) / (when - path.since),
        still_needed=still,
        time_distance=had - min(when, path.until),
        beyond=not 0.0 <= covered <= 1.0,
    )
