"""Persons of one region by single age: shares of birth cohorts, and what their falls rest on."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from simengine.registry.axes import WORKING_AGE

if TYPE_CHECKING:
    from xarray import Dataset

SPAN = 5
"""Birth years that are shown together."""

FIRST_COHORT_AGE = 20
"""Age from which the share of a cohort is shown."""


@dataclass(frozen=True)
class ByAge:
    """Persons of one region by single age.

    Attributes
    ----------
    people, covered : residents; members of all statuses and pensioners [age, year end]
    gone : members and pensioners who died or left, by the age reached [age, year]
    year_ends, years : labels
    """

    people: np.ndarray
    covered: np.ndarray
    gone: np.ndarray
    year_ends: np.ndarray
    years: np.ndarray

    def cohort(self, born: int) -> np.ndarray:
        """Members and pensioners over residents born in five years from `born` on, while 20 to 79 [1; year end]."""
        ages = self.year_ends[:, None] - born - np.arange(SPAN)
        known = (ages.min(axis=1) >= FIRST_COHORT_AGE) & (ages.max(axis=1) <= WORKING_AGE[-1])
        place = (np.where(known[:, None], ages, 0), np.arange(self.year_ends.size)[:, None])
        with np.errstate(invalid="ignore", divide="ignore"):
            return np.where(known, self.covered[place].sum(axis=1) / self.people[place].sum(axis=1), math.nan)

    def falls(self) -> tuple[np.ndarray, np.ndarray]:
        """Fall of the covered share of every single cohort, and what of it the stated flows explain [1].

        The flows are deaths and all who leave alive. The share of a cohort falls by more than they explain only where
        members vanish.

        Returns
        -------
        both [age reached, year], ages 17 to 79
        """
        before, after = (slice(WORKING_AGE[0], WORKING_AGE[-1]), slice(WORKING_AGE[1], WORKING_AGE[-1] + 1))
        with np.errstate(invalid="ignore", divide="ignore"):
            share = self.covered[before, :-1] / self.people[before, :-1]
            left = (self.covered[before, :-1] - self.gone[after]) / self.people[after, 1:]
            return share - self.covered[after, 1:] / self.people[after, 1:], share - left


def by_age(data: Dataset) -> ByAge:
    """Persons by single age of one region."""

    def summed(name: str, axis: str, time: str) -> np.ndarray:
        values = data[name]
        whole = values.sum([dim for dim in values.dims if dim not in (axis, time)])
        return np.asarray(whole.transpose(axis, time).values)

    covered = summed("pensioners_by_age", "age", "year_end")
    covered[WORKING_AGE[0] : WORKING_AGE[-1] + 1] += summed("members_by_age", "working_age", "year_end")
    people, gone = summed("population", "age", "year_end"), summed("departures_by_age", "age", "year")
    return ByAge(people, covered, gone, data["year_end"].values, data["year"].values)
