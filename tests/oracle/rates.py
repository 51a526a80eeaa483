"""What the cells of one row (career, status, age) share in a year, and shares of a bin by its mean service."""

from __future__ import annotations

import math
from dataclasses import dataclass

from simengine.kernels import layout as at
from tests.oracle.cells import Row
from tests.oracle.year import Year, sex_of

TURNOVER = {
    at.ENTERPRISE: ("pause_enterprise", "stop_at_minimum_enterprise", "switch_enterprise_flexible"),
    at.FLEXIBLE: ("pause_flexible", "stop_at_minimum_flexible", "switch_flexible_enterprise"),
}


@dataclass(frozen=True)
class Rates:
    """Rates of a row; they act one after the other and never compete for a head (notes/order.md, section 1)."""

    row: Row
    death: float
    invalid: float  # probability of losing the capacity to work
    hazard: float  # of being awarded, for those with the minimum years
    choice: float  # of having to choose, for the others
    month: float  # mean of award month / 12
    threshold: float  # minimum years
    years_left: float
    planned_threshold: float  # minimum and years left that people plan by: those before the reform below its ages
    planned_years: float
    gain: float  # years of service in a full year
    index: float  # contribution base over W(t-1)
    credit: float  # to the account in a full year [yuan]
    credit_factor: float
    interest: float
    pause: float
    stop: float
    switch: float
    leave: float

    @property
    def status(self) -> int:
        """Status of the row."""
        return self.row[1]

    @property
    def base(self) -> float:
        """Insurable base of a full year over W(t-1) [1]."""
        return self.gain * self.index

    @property
    def growth(self) -> float:
        """What the interest of a whole year makes of an opening account [1]."""
        return 1.0 + self.interest


def rates_of(year: Year, row: Row) -> Rates:
    """The rates of a row, from the opening state and the series of the year."""
    status = row[1]
    table = year.retiring(row)
    left = table[at.RET_YEARS_TO_STATUTORY]
    choice = table[at.RET_CHOICE_HAZARD]
    if left < -4.0 and status != at.PAUSED:
        choice = 1.0  # five years of continuing are over
    gain, index, credit = year.paying(row)
    pause, stop, switch = 0.0, 0.0, 0.0
    if left > 0.0 and status in TURNOVER:
        pause, stop, switch = (year.path[name] for name in TURNOVER[status])
    return Rates(
        row=row,
        death=death_prob(year, row),
        invalid=invalidity_prob(year, row),
        hazard=table[at.RET_HAZARD],
        choice=choice,
        month=table[at.RET_MONTH],
        threshold=table[at.RET_THRESHOLD],
        years_left=left,
        planned_threshold=table[at.RET_PLANNED_THRESHOLD],
        planned_years=table[at.RET_PLANNED_YEARS],
        gain=gain,
        index=index,
        credit=credit,
        credit_factor=year.credit_factor(),
        interest=year.path["account_interest"],
        pause=pause,
        stop=stop,
        switch=switch,
        leave=leaving_share(year, row),
    )


def death_prob(year: Year, row: Row) -> float:
    """Probability of dying by main status: payers, public payers, all others."""
    career, status, i = row
    group = {at.PUBLIC: at.Q_PUBLIC, at.PAUSED: at.Q_OTHER}.get(status, at.Q_PAYER)
    return float(year.work.death[group, sex_of(career), at.FIRST_AGE + i])


def invalidity_prob(year: Year, row: Row) -> float:
    """The allowance for lost capacity is one of the enterprise scheme, before old age, from a stated age on."""
    _, status, i = row
    if status == at.PUBLIC or year.years_left(row) <= 0.0 or at.FIRST_AGE + i < year.constant["invalidity_age"]:
        return 0.0
    return year.path["invalidity_hazard"]


def leaving_share(year: Year, row: Row) -> float:
    """Net out-migrants over those who would be here without them; at most nine tenths [1]."""
    career, _, i = row
    sex, age = sex_of(career), at.FIRST_AGE + i
    leaving = -float(year.tables.migration[year.t, sex, age])
    staying = float(year.work.population_survived[sex, age])
    return min(0.9, leaving / (staying + leaving)) if leaving > 0.0 and staying > 0.0 else 0.0


def eligible_share(service: float, threshold: float) -> float:
    """Share of a bin at or above the minimum years: spread evenly over one year around its mean."""
    return min(1.0, max(0.0, service + 0.5 - threshold))


def split_factors(service: float, share: float, least: float = at.LEAST_SERVICE) -> tuple[float, float]:
    """Mean moments of the upper part (`share` of the bin) and of the lower one, over those of the bin."""
    if service <= least:
        return 1.0, 1.0
    return (service + 0.5 * (1.0 - share)) / service, max(0.0, (service - 0.5 * share) / service)


def pause_weight(service: float, rates: Rates, pressing: float) -> float:
    """Share of the pause probability that holds: nobody who needs all the years left to the minimum stops."""
    missing = rates.planned_threshold - service
    slack = rates.planned_years - missing
    if missing <= at.LEAST_SERVICE or slack < -at.LEAST_SERVICE:
        return 1.0
    return min(1.0, slack / pressing)


def compensation_months(year: Year, service: float) -> float:
    """Months of income paid to survivors, mean over a bin spread evenly over one year around its mean service.

    From fifteen years on a started year counts as a whole one where the law counts up.
    """

    def inside(whole: int) -> float:
        started = whole + 1 if whole >= 15 and year.path["compensation_count_up"] > 0.5 else whole
        return year.compensation[min(max(started, 0), len(year.compensation) - 1)]

    lowest = service - 0.5
    whole = math.floor(lowest)
    above = lowest - whole
    return (1.0 - above) * inside(whole) + above * inside(whole + 1)
