"""What the rows of one status share in a year, as arrays [item, career, age], and moves between statuses."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from simengine.kernels import layout as at

A = np.ndarray


class Rows(NamedTuple):
    """The rows of one status by the age reached, with what they read and write.

    Attributes
    ----------
    shared : [ROW_ item, career, age]; opening : [career, age, moment, bin], a view on the members by the age before
    flows : flows of the year, added up over the statuses
    """

    t: int
    status: int
    shared: A
    opening: A
    flows: A
    paths: A
    constants: A
    tables: Any
    state: Any
    scratch: Any

    @property
    def fund(self) -> int:
        """Fund that pays for the status."""
        return int(at.FUND_PUBLIC if self.status == at.PUBLIC else at.FUND_ENTERPRISE)

    def shared_at(self, where: tuple[A, ...]) -> A:
        """What single rows share, items first: `where` gives career and age of each."""
        place: tuple[Any, ...] = (slice(None), *where)
        return np.asarray(self.shared[place])


def by_career(by_sex: A) -> A:
    """Values by sex as values by career: men, and women twice."""
    return by_sex[[0, 1, 1]]


def terms(t: int, status: int, paths: A, tables: Any) -> tuple[float, float, A | float]:
    """Density, share of the account and contribution base [career, age] of a status."""
    names = {
        at.ENTERPRISE: (at.PATH_DENSITY_ENTERPRISE, at.PATH_ACCOUNT_SHARE),
        at.FLEXIBLE: (at.PATH_DENSITY_FLEXIBLE, at.PATH_FLEXIBLE_ACCOUNT_SHARE),
        at.PUBLIC: (at.PATH_DENSITY_PUBLIC, at.PATH_PUBLIC_ACCOUNT_SHARE),
    }
    if status == at.PAUSED:
        return 0.0, 0.0, 0.0
    density, share = names[status]
    return float(paths[density, t]), float(paths[share, t]), by_career(tables["index"][t, status])


def fill_rows(t: int, status: int, paths: A, constants: A, tables: Any, scratch: Any) -> A:
    """`members.fill_row` for every row of a status."""
    row = np.zeros((at.ROW_ITEMS, at.CAREERS, at.WORKING_AGES))
    ages = slice(at.FIRST_AGE, at.FIRST_AGE + at.WORKING_AGES)
    age = np.arange(at.FIRST_AGE, at.FIRST_AGE + at.WORKING_AGES)
    group = {at.PUBLIC: at.Q_PUBLIC, at.PAUSED: at.Q_OTHER}.get(status, at.Q_PAYER)
    retirement = tables["retirement"][t, :, ages]
    row[at.ROW_DEATH] = by_career(scratch["death"][group, :, ages])
    row[at.ROW_HAZARD] = retirement[..., at.RET_HAZARD]
    row[at.ROW_MONTH] = retirement[..., at.RET_MONTH]
    row[at.ROW_THRESHOLD] = retirement[..., at.RET_THRESHOLD]
    row[at.ROW_CHOICE] = retirement[..., at.RET_CHOICE_HAZARD]
    left = row[at.ROW_YEARS_LEFT] = retirement[..., at.RET_YEARS_TO_STATUTORY]
    if status != at.PAUSED:
        row[at.ROW_CHOICE][left < -4.0] = 1.0
    row[at.ROW_INTEREST] = paths[at.PATH_ACCOUNT_INTEREST, t]
    row[at.ROW_CREDIT_FACTOR] = 1.0 + row[at.ROW_INTEREST] * constants[at.CONSTANT_CURRENT_YEAR_INTEREST]
    density, account_share, index = terms(t, status, paths, tables)
    row[at.ROW_GAIN] = density
    if status != at.PUBLIC:
        old = constants[at.CONSTANT_OLD_AGE_MEN : at.CONSTANT_OLD_AGE_MEN + at.CAREERS, None]
        row[at.ROW_GAIN][age > old] *= constants[at.CONSTANT_EXTENSION_PAYMENT_SHARE]
    row[at.ROW_INDEX] = index
    wage = 12.0 * paths[at.PATH_PREVIOUS_WAGE, t]
    row[at.ROW_CREDIT] = wage * row[at.ROW_GAIN] * row[at.ROW_INDEX] * account_share
    fill_moves(t, status, paths, constants, row, age)
    leaving = -by_career(tables["migration"][t, :, ages])
    here = by_career(scratch["population_survived"][:, ages])
    goes = (leaving > 0.0) & (here > 0.0)
    row[at.ROW_LEAVE][goes] = np.minimum(0.9, leaving[goes] / (here[goes] + leaving[goes]))
    row[at.ROW_INCOME_MONTH] = paths[at.PATH_PREVIOUS_URBAN_INCOME, t] / 12.0
    bought = constants[at.CONSTANT_FLEXIBLE_BUY_INDEX]
    row[at.ROW_BUY_INDEX] = bought
    row[at.ROW_BUY_PRICE] = wage * bought * paths[at.PATH_CATCH_UP_PRICE_RATE, t]
    row[at.ROW_BUY_CREDIT] = wage * bought * paths[at.PATH_FLEXIBLE_ACCOUNT_SHARE, t]
    return row


def fill_moves(t: int, status: int, paths: A, constants: A, row: A, age: A) -> None:
    """Pauses, stops, switches and lost capacity before the statutory month."""
    before = row[at.ROW_YEARS_LEFT] > 0.0
    moves = {
        at.ENTERPRISE: (
            at.PATH_PAUSE_ENTERPRISE,
            at.PATH_STOP_AT_MINIMUM_ENTERPRISE,
            at.PATH_SWITCH_ENTERPRISE_FLEXIBLE,
        ),
        at.FLEXIBLE: (at.PATH_PAUSE_FLEXIBLE, at.PATH_STOP_AT_MINIMUM_FLEXIBLE, at.PATH_SWITCH_FLEXIBLE_ENTERPRISE),
    }
    for item, path in zip((at.ROW_PAUSE, at.ROW_STOP, at.ROW_SWITCH), moves.get(status, ()), strict=False):
        row[item][before] = paths[path, t]
    if status != at.PUBLIC:
        exposed = before & (age >= constants[at.CONSTANT_INVALIDITY_AGE])
        row[at.ROW_INVALID][exposed] = paths[at.PATH_INVALIDITY_HAZARD, t]


def exposure(rows: Rows, head_years: A, shared: A) -> None:
    """Payers' exposure and insurable base of the year."""
    if rows.status != at.PAUSED:
        base = (head_years * shared[at.ROW_GAIN] * shared[at.ROW_INDEX]).sum()
        rows.scratch["payer_base"][rows.status] += (head_years.sum(), base)


def grow(group: A, gain: A, index: A | float, factor: A | float, credit: A) -> None:
    """Service, index-years and account of groups [..., moment, bin] grow by so much a head."""
    people = group[..., at.HEADS, :]
    group[..., at.SERVICE, :] += people * gain[..., None]
    group[..., at.INDEX, :] += people * np.asarray(gain * index)[..., None]
    if isinstance(factor, float):
        group[..., at.ACCOUNT, :] += people * credit[..., None]
    else:
        account = group[..., at.ACCOUNT, :]
        account *= factor[..., None]
        account += people * credit[..., None]


def climb(group: A, share: A, into: A) -> None:
    """Add groups to rows: `share` of each bin rises by one, the top bin keeps its own."""
    if not share.any():
        into += group
        return
    part = share[..., None, None]
    top = at.BINS - 1
    rising = group[..., : at.BINS] * part
    into[..., : at.BINS] += group[..., : at.BINS]
    into[..., : at.BINS] -= rising
    into[..., 1 : at.BINS] += rising[..., :top]
    into[..., top] += rising[..., top]


def send(rows: Rows, group: A, target: int, where: tuple[A, ...] | None = None) -> float:
    """Groups move within the scheme: half a year in the old status, then the arrivals of the new one; their heads."""
    shared = rows.shared if where is None else rows.shared_at(where)
    heads = group[..., at.HEADS, :].sum(-1)
    account = group[..., at.ACCOUNT, :].sum(-1)
    gain = 0.5 * shared[at.ROW_GAIN]
    half = 0.5 * shared[at.ROW_CREDIT]
    credit = half * shared[at.ROW_CREDIT_FACTOR]
    interest = shared[at.ROW_INTEREST]
    grow(group, gain, shared[at.ROW_INDEX], 1.0 + interest, credit)
    rows.flows[at.FLOW_ACCOUNT_CREDITS] += (heads * half).sum()
    rows.flows[at.FLOW_ACCOUNT_INTEREST_CREDITED] += (account * interest + heads * (credit - half)).sum()
    exposure(rows, 0.5 * heads, shared)
    arrivals, arrived = rows.scratch["arrivals"][:, target, 1:], rows.scratch["arrived"][:, target, 1:]
    if where is None:
        climb(group, gain, arrivals)
        arrived += heads
    else:
        chosen = arrivals[where]
        climb(group, gain, chosen)
        arrivals[where] = chosen
        arrived[where] += heads
    return float(heads.sum())
