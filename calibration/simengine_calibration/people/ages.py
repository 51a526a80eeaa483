"""Year-end pyramid that has the counts of a census: a smooth ratio by age to a first guess, no step between groups.

A factor a broad age leaves a step where two of them meet; those who turn 60 in the years after the census are then too
few or too many by as much as the step. Here the ratio to the first guess changes as little as possible from one age to
the next, and every count of the census day is met exactly.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from simengine.common.errors import BasisError
from simengine_calibration.people.cohorts import Margins
from simengine_calibration.people.mortality import AGES

BROAD_AGES = ((0, 14), (15, 59), (60, 64), (65, AGES - 1))
"""Ages of `Margins.by_group`."""
SEXES_ALIKE = 10.0
"""Weight of a change of the ratio that differs between the sexes, against one that both share [1]: a census by age
group for both sexes together says nothing of the sexes inside a group."""
SERVING_AGES = (15, 34)
"""Ages at which serving soldiers are placed: they are in the total of the census and in no age group [assumption]."""

Ages = tuple[int, int]


@dataclass(frozen=True)
class Census:
    """Counts of a census day.

    Attributes
    ----------
    margins : broad ages of both sexes together, and the sexes [persons]
    groups : first and last age of finer groups to their persons of both sexes; empty where none are known
    """

    margins: Margins
    groups: Mapping[Ages, float]


def with_soldiers(groups: Mapping[Ages, float], margins: Margins) -> dict[Ages, float]:
    """Five-year groups with the serving soldiers, whom the census has in its broad ages and in no five-year group.

    What the broad age of 15-59 has beyond its groups goes to `SERVING_AGES` in proportion.
    """
    first, last = BROAD_AGES[1]
    inside = {ages: people for ages, people in groups.items() if first <= ages[0] and ages[1] <= last}
    if sum(ages[1] - ages[0] + 1 for ages in inside) < last - first + 1:
        raise BasisError("census_groups_absent", first=first, last=last)
    serving = {ages: people for ages, people in inside.items() if SERVING_AGES[0] <= ages[0] <= SERVING_AGES[1]}
    soldiers = float(margins.by_group[1]) - sum(inside.values())
    share = 1.0 + soldiers / sum(serving.values())
    return {ages: people * (share if ages in serving else 1.0) for ages, people in groups.items()}


def counted_on_the_day(prob: np.ndarray, late_share: float, ages: Ages) -> np.ndarray:
    """Persons of the ages on the census day for each person of a cell at the year end [1; sex, age].

    On the census day a cohort stands in two ages: those with a birthday still to come before the year end
    (`late_share`) are one year younger than their label. Both are brought back to that day by the mortality of the
    days between; infants born after it were not counted.
    """
    first, last = ages
    label = np.arange(AGES)
    on_label = (first <= label) & (label <= last)
    year_younger = (first <= label - 1) & (label - 1 <= last)
    share = (1.0 - late_share) * on_label + late_share * year_younger
    return share / (1.0 - prob) ** late_share


def smooth_to_census(pyramid: np.ndarray, census: Census, prob: np.ndarray, late_share: float) -> np.ndarray:
    """Year-end pyramid whose census-day image has the counts of the census [persons; sex, age].

    Minimises the squared changes of the ratio r(s, a) to `pyramid` from age to age, those that differ between the
    sexes with a higher weight, under the counts as linear equations in r:

        Σ_s Σ_a (r(s,a) - r(s,a-1))² + k² Σ_a (Δr(male,a) - Δr(female,a))²

    Parameters
    ----------
    pyramid : first guess of the same year end, for the shape [persons; sex, age]
    prob : death probabilities of the year [1; sex, age]
    late_share : share of the calendar year after the census day [1]

    Raises
    ------
    BasisError
        where counts contradict each other, so that a cell would be empty or negative.
    """
    rows, counts = _equations(pyramid, census, prob, late_share)
    change = np.zeros((AGES - 1, AGES))
    change[:, 1:] += np.eye(AGES - 1)
    change[:, :-1] -= np.eye(AGES - 1)
    none = np.zeros_like(change)
    apart = SEXES_ALIKE * change
    rough = np.block([[change, none], [none, change], [apart, -apart]])
    size, given = 2 * AGES, len(counts)
    system = np.block([[rough.T @ rough, rows.T], [rows, np.zeros((given, given))]])
    solved = np.linalg.lstsq(system, np.concatenate((np.zeros(size), np.ones(given))), rcond=None)[0]
    ratio = solved[:size].reshape(2, AGES)
    if (ratio <= 0.0).any() or np.abs(rows @ solved[:size] - 1.0).max() > 1e-9:
        raise BasisError("census_unmet")
    return pyramid * ratio


def _equations(
    pyramid: np.ndarray, census: Census, prob: np.ndarray, late_share: float
) -> tuple[np.ndarray, np.ndarray]:
    """Each count as a share met by the ratios: rows [count, sex x age] with row · r = 1, and the counts [persons].

    Of the groups inside a broad age the first is left out where they fill it, and of the sexes the second: they follow.
    """
    wanted = dict(zip(BROAD_AGES, map(float, census.margins.by_group), strict=True))
    for first, last in BROAD_AGES:
        inside = {ages: people for ages, people in census.groups.items() if first <= ages[0] and ages[1] <= last}
        full = sum(ages[1] - ages[0] + 1 for ages in inside) >= last - first + 1
        wanted |= dict(list(inside.items())[1 if full else 0 :])
    cells = [(counted_on_the_day(prob, late_share, ages) * pyramid, people) for ages, people in wanted.items()]
    men = counted_on_the_day(prob, late_share, (0, AGES - 1)) * pyramid
    men[1] = 0.0
    cells.append((men, float(census.margins.by_sex[0])))
    counts = np.array([people for _, people in cells])
    return np.array([cell.ravel() for cell, _ in cells]) / counts[:, None], counts
