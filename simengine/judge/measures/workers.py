"""Money's worth of stylised workers: what the dated law of a lane takes from and gives to one employee of enterprises.

The award is that of the case calculator (`kernels.cases.award_parts`), unrounded, on the wages, benefit bases, account
interest, increases and deaths of the lane. Rule and example by hand: notes/actuarial.md, section 5.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from simengine.engine.compile import scenario_law
from simengine.engine.compile.retirement import retirement_rules
from simengine.engine.project import Lane
from simengine.kernels import cases
from simengine.law import LawTree
from simengine.law.divisor import divisor_at
from simengine.law.retirement import RetirementRules, retirement_month
from simengine.registry.axes import CAREER
from simengine.registry.inputs import PATH_NAMES

if TYPE_CHECKING:
    import pandas as pd

INDEXES = (0.6, 1.0, 2.0)
"""Contribution base over the average wage of the year before: the floor, the mean, twice the mean."""
COHORTS = (1975, 1985, 1995, 2005)
BIRTH_MONTH = 7
ENTRY_AGE = 25
"""Age in years at which the worker begins to pay, without a gap until the statutory month."""
LAST_AGE = 100
LEVELS = ("previous_wage", "benefit_base")
"""Series that grow on beyond the horizon as in its last year; all others stay."""
COLUMNS = (
    *("scenario", "region", "career", "cohort", "index", "begins", "retires", "years", "first_pension"),
    *("replacement", "money_worth", "own_multiple", "internal_return"),
)


class Paths:
    """Series of a lane from the start of its history on, and beyond its horizon as a rule says."""

    def __init__(self, lane: Lane) -> None:
        self._parts = [lane.spin_up.inputs, lane.inputs]
        self.first = int(self._parts[0].years[0])
        self.last = int(self._parts[1].years[-1])

    def at(self, name: str, year: int) -> float:
        """Value of a series in a year."""
        if year > self.last:
            end, before = self.at(name, self.last), self.at(name, self.last - 1)
            beyond = [end / before] * (year - self.last) if name in LEVELS and before > 0.0 else []
            return math.prod([end, *beyond])
        part = self._parts[1] if year >= int(self._parts[1].years[0]) + 1 else self._parts[0]
        return float(part.paths[PATH_NAMES.index(name), year - int(part.years[0])])

    def death(self, year: int, sex: int, age: int) -> float:
        """Probability of dying in a year, by the age reached in it; that of the last year beyond the horizon."""
        part = self._parts[1] if year >= int(self._parts[1].years[0]) + 1 else self._parts[0]
        place = min(year, self.last) - int(part.years[0])
        return float(part.tables.death_prob[place, sex, min(age, LAST_AGE)])


@dataclass
class Worker:
    """One stylised worker, year by year.

    Attributes
    ----------
    paid, own, received : contributions of both sides, those of the worker alone, pensions and accounts left to heirs,
        each a head of those who began, by year [yuan]
    discount : value at the beginning of a yuan in the middle of each year [1]
    """

    career: str
    cohort: int
    index: float
    begins: int
    retires: int
    pension: float = 0.0
    replacement: float = math.nan
    paid: list[float] = field(default_factory=list)
    own: list[float] = field(default_factory=list)
    received: list[float] = field(default_factory=list)
    discount: list[float] = field(default_factory=list)

    @property
    def months(self) -> int:
        """Months paid."""
        return self.retires - self.begins

    def worth(self, flow: Sequence[float]) -> float:
        """Present value of a flow at the beginning [yuan]."""
        return math.fsum(value * at for value, at in zip(flow, self.discount, strict=True))

    @property
    def money_worth(self) -> float:
        """What is received over what is paid, both at present value [1]."""
        return self.worth(self.received) / self.worth(self.paid)

    @property
    def own_multiple(self) -> float:
        """What is received over what the worker pays himself [1]."""
        return self.worth(self.received) / self.worth(self.own)

    @property
    def internal_return(self) -> float:
        """Yearly rate at which what is received is worth what is paid [1]; not a number beyond -20 to 50 %."""
        from scipy.optimize import brentq

        net = np.array(self.received) - np.array(self.paid)

        def at(rate: float) -> float:
            growth = np.cumprod(np.full(net.size, 1.0 + rate))  # at the end of each year
            return float((net / growth).sum()) * math.sqrt(1.0 + rate)

        low, high = -0.2, 0.5
        return float(brentq(at, low, high, xtol=1e-12)) if at(low) * at(high) < 0.0 else math.nan


def follow(paths: Paths, rules: RetirementRules, career: str, cohort: int, index: float) -> Worker:
    """Pay, retire and draw by the law of the lane.

    Parameters
    ----------
    career : label of `axes.CAREER`; cohort : year of birth; index : contribution base over last year's average wage
    """
    born = 12 * cohort + BIRTH_MONTH - 1
    retires = int(retirement_month(born, rules.career(career).path)) + 1  # first month of the pension
    worker = Worker(career, cohort, index, born + 12 * ENTRY_AGE, retires)
    sex = 0 if CAREER.index(career) == 0 else 1
    alive, value, account, left, from_account = 1.0, 1.0, 0.0, 0.0, 0.0
    for year in range(worker.begins // 12, cohort + LAST_AGE + 1):
        paying = max(0, min(12 * year + 12, retires) - max(12 * year, worker.begins))
        drawing = max(0, 12 * year + 12 - max(12 * year, retires))
        dying = paths.death(year, sex, year - cohort)
        mean = alive * (1.0 - 0.5 * dying)
        base = paying * index * paths.at("previous_wage", year)
        interest = paths.at("account_interest", year)
        if paying:
            account += account * interest * paying / 12.0
            account += base * paths.at("account_share", year) * (1.0 + 0.5 * interest * paying / 12.0)
        inherited = account if paying and not drawing else 0.0
        if drawing and not left and not worker.pension:
            worker.pension, from_account = _award(paths, rules, worker, born, account)
            worker.replacement = worker.pension / (index * paths.at("previous_wage", year + 1))
            left, pension = account, worker.pension
        elif drawing:
            rise = 1.0 + paths.at("adjustment_ratio", year)
            pension, from_account = pension * rise, from_account * rise
        received = 0.0
        if drawing:
            received = mean * drawing * pension
            left = max(0.0, left * (1.0 + interest * drawing / 12.0) - drawing * from_account)
            inherited = left
        rate = paths.at("return_enterprise_pension", year)
        worker.paid.append(mean * base * (paths.at("employer_rate", year) + paths.at("employee_rate", year)))
        worker.own.append(mean * base * paths.at("employee_rate", year))
        worker.received.append(received + alive * dying * inherited)
        worker.discount.append(value / math.sqrt(1.0 + rate))
        alive *= 1.0 - dying
        value /= 1.0 + rate
    return worker


def _award(paths: Paths, rules: RetirementRules, worker: Worker, born: int, account: float) -> tuple[float, float]:
    """The first pension by the calculator, without rounding, and its part from the account [yuan/month]."""
    year = worker.retires // 12
    record, law = np.zeros(cases.RECORD_COLUMNS), np.zeros(cases.LAW_COLUMNS)
    record[cases.PAID], record[cases.INDEX], record[cases.ACCOUNT] = worker.months, worker.index, account
    record[cases.DIVISOR] = float(divisor_at(worker.retires - 1 - born, rules.divisor))
    record[cases.FORMER] = math.nan
    law[cases.BASE], law[cases.ACCRUAL] = paths.at("benefit_base", year), paths.at("accrual_rate", year)
    law[cases.FIXED] = paths.at("addon_fixed", year)
    law[cases.GAIN] = law[cases.FORMER_SHARE] = 1.0
    parts = cases.award_parts(record, law)
    return float(parts[cases.PENSION]), float(parts[cases.ACCOUNT_PART])


def workers_of(lane: Lane, law: LawTree) -> Iterator[Worker]:
    """Every stylised worker of one lane: cohorts, careers, indexes."""
    own = scenario_law(lane.scenario, law)
    rules = retirement_rules(own, lane.basis.region, lane.scenario.settings.retirement, lane.scenario.base_year)
    paths = Paths(lane)
    for cohort in COHORTS:
        if cohort + ENTRY_AGE >= paths.first:
            for career in CAREER:
                for index in INDEXES:
                    yield follow(paths, rules, career, cohort, index)


def worker_table(lanes: Sequence[Lane], law: LawTree) -> pd.DataFrame:
    """What stylised workers pay and get, by lane (`COLUMNS`); months as ``2043-05``, money in yuan of its year."""
    import pandas as pd

    rows = [
        (
            lane.scenario.key, lane.basis.region, one.career, one.cohort, one.index, _month(one.begins),
            _month(one.retires), one.months / 12.0, one.pension, one.replacement, one.money_worth, one.own_multiple,
            one.internal_return,
        )
        for lane in lanes
        for one in workers_of(lane, law)
    ]  # fmt: skip
    return pd.DataFrame(rows, columns=list(COLUMNS))


def _month(place: int) -> str:
    return f"{place // 12}-{place % 12 + 1:02d}"
