"""One year of a lane as the oracle sees it: inputs by name, members by cell, and where amounts are booked."""

from __future__ import annotations

from dataclasses import dataclass, field
from types import SimpleNamespace

import numpy as np

from simengine.kernels import layout as at
from tests.oracle.cells import Members, Row

FLOW = {name: position for position, name in enumerate(at.FLOW_NAMES)}
MEMORY = {name: position for position, name in enumerate(at.MEMORY_NAMES)}
DENSITY = ("density_enterprise", "density_flexible", "density_public")
ACCOUNT_SHARE = ("account_share", "flexible_account_share", "public_account_share")
OLD_AGE = ("old_age_men", "old_age_women_55", "old_age_women_50")


def sex_of(career: int) -> int:
    """Sex of a career."""
    return at.MALE if career == 0 else at.FEMALE


def views(group: at.Group) -> SimpleNamespace:
    """The arrays of a group by name: a record looks each of them up anew, which is slow."""
    return SimpleNamespace(**{name: getattr(group, name) for name in group.SHAPES})


def fund_of(status: int) -> int:
    """Fund that pays for a member of a status."""
    return at.FUND_PUBLIC if status == at.PUBLIC else at.FUND_ENTERPRISE


@dataclass
class Year:
    """Year t: series and constants by name, members and arrivals by cell, groups of arrays shared with other steps.

    `stock` and `work` are the arrays of `state` and `scratch`, which go to the other steps as they are.
    """

    t: int
    paths: np.ndarray
    constants: np.ndarray
    tables: at.LaneTables
    state: at.State
    scratch: at.Scratch
    out: at.LaneOutput
    members: Members
    arrivals: Members = field(default_factory=Members)

    def __post_init__(self) -> None:
        self.stock, self.work, self.flows = views(self.state), views(self.scratch), self.out.flows
        self.path: dict[str, float] = dict(zip(at.PATH_NAMES, self.paths[:, self.t].tolist(), strict=True))
        self.constant: dict[str, float] = dict(zip(at.CONSTANT_NAMES, self.constants.tolist(), strict=True))
        self.retirement: list[list[list[float]]] = self.tables.retirement[self.t].tolist()
        self.compensation: list[float] = self.tables.compensation[self.t].tolist()

    def depart(self, row: Row, heads: float) -> None:
        """Members of a row who die or leave the scheme, by the age reached."""
        self.out.departures[self.t, sex_of(row[0]), at.FIRST_AGE + row[2]] += heads

    def retire(self, item: int, row: Row, heads: float) -> None:
        """One of the counts of who retires, by career."""
        self.out.retirements[self.t, item, row[0]] += heads

    # --- inputs -------------------------------------------------------------------------------------------------------

    def retiring(self, row: Row) -> list[float]:
        """The retirement table of a row: hazard, sums over the award months, threshold, years left."""
        return self.retirement[row[0]][at.FIRST_AGE + row[2]]

    def years_left(self, row: Row) -> float:
        """Years from the middle of the year to the statutory month of a row."""
        return self.retiring(row)[at.RET_YEARS_TO_STATUTORY]

    def award_level(self, public: bool) -> float:
        """Awards over the formula: the factor of the year, and what is left of the factor of the opening [1]."""
        scheme, span = "public" if public else "enterprise", self.constant["award_alignment_years"]
        passed = float(self.stock.memory[MEMORY["award_excess_years"]])
        excess = float(self.stock.memory[MEMORY[f"award_excess_{scheme}"]])
        left = max(0.0, (span - passed) / span) if span > 0.0 else 0.0
        return self.path["public_award_factor" if public else "award_factor"] * (1.0 + left * excess)

    def yearly_wage(self) -> float:
        """The wage W(t-1) contributions rest on [yuan/year]."""
        return 12.0 * self.path["previous_wage"]

    def paying(self, row: Row) -> tuple[float, float, float]:
        """Of a full year in a row: years of service, contribution base over W(t-1), credit to the account [yuan]."""
        career, status, i = row
        if status == at.PAUSED:
            return 0.0, 0.0, 0.0
        gain = self.path[DENSITY[status]]
        if status != at.PUBLIC and at.FIRST_AGE + i > self.constant[OLD_AGE[career]]:
            gain *= self.constant["extension_payment_share"]
        index = float(self.tables.index[self.t, status, sex_of(career), i])
        return gain, index, self.yearly_wage() * gain * index * self.path[ACCOUNT_SHARE[status]]

    def credit_factor(self) -> float:
        """What the interest of the year makes of its credits [1]."""
        return 1.0 + self.constant["current_year_interest"] * self.path["account_interest"]

    # --- bookings -----------------------------------------------------------------------------------------------------

    def book(self, flow: str, amount: float) -> None:
        """Add to a flow of the year."""
        self.flows[FLOW[flow], self.t] += amount

    def flow(self, name: str) -> float:
        """A flow of the year as booked so far."""
        return float(self.flows[FLOW[name], self.t])

    def settle(self, fund: int, item: int, amount: float) -> None:
        """Add to an item of a fund's ledger [yuan]."""
        self.work.ledger[fund, item] += amount

    def expose(self, status: int, head_years: float, base: float) -> None:
        """Head-years as a payer, at a base of so many W(t-1) a year: exposure and insurable base of the status."""
        if status != at.PAUSED:
            self.work.payer_base[status, 0] += head_years
            self.work.payer_base[status, 1] += head_years * base

    def publish(self) -> None:
        """Tell the other steps how many are in each row, with which accounts and years, and how many have arrived."""
        for name in ("heads", "accounts", "service", "arrived"):
            getattr(self.work, name)[...] = 0.0
        for row in self.members.rows:
            cells = [cell for _, cell in self.members.cells_of(row)]
            self.work.heads[row] = sum(cell.heads for cell in cells)
            self.work.accounts[row] = sum(cell.account for cell in cells)
            self.work.service[row] = sum(cell.service for cell in cells)
        for row in self.arrivals.rows:
            self.work.arrived[row] = self.arrivals.heads_of(row)
