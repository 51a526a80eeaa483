"""Names of every axis, in the order in which they are stored.

Age is age last birthday at year end (100 stands for 100 and over); the cohort is ``year - age``.
Stocks live on ``year_end`` (n+1 values, the opening position first), flows on ``year`` (n values).
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from simengine.registry.rows import read_rows


@dataclass(frozen=True, slots=True)
class Label:
    """One label of an axis with its meaning; the order of the rows is the order in which it is stored."""

    key: str
    axis: str
    name: str
    en: str
    zh: str


WORDS = {(row.axis, row.name): row for row in read_rows("labels.csv", Label).values()}
"""Every label of an axis of names, by axis and name."""


def _labels(axis: str) -> tuple[str, ...]:
    return tuple(name for one, name in WORDS if one == axis)


SEX = _labels("sex")
CAREER = _labels("career")
SEX_OF_CAREER = ("male", "female", "female")
STATUS = _labels("status")
PAYER_STATUS = STATUS[:3]
LEVEL_OF_STATUS = dict(
    zip(STATUS, ("enterprise_payers", "flexible_payers", "public_payers", "paused_members"), strict=True)
)
"""Series, and opening figure, of the members of each status."""
CAMPAIGN_STATUS = (*STATUS[:2], "resident")
"""Whom a campaign with pools brings in: payers of the employees' scheme, or people into the residents'."""

SCHEME = _labels("scheme")

AGE = tuple(range(101))
WORKING_AGE = tuple(range(16, 80))
SERVICE = tuple(range(46))
RISK_CLASS = tuple(range(1, 9))

FUND = _labels("fund")
INCOME_ITEM = _labels("income_item")
"""The nine items of income of a fund, in the order of the budget of social insurance funds."""

OUTGO_ITEM = _labels("outgo_item")
"""The five items of outgo of a fund."""

OPENING, TOTAL_INCOME, TOTAL_OUTGO, NET, CLOSING = _labels("budget_line")
BUDGET = (OPENING, TOTAL_INCOME, *INCOME_ITEM, TOTAL_OUTGO, *OUTGO_ITEM, NET, CLOSING)
"""Lines of the table of one fund in the order of the budget: balances, sums, and the fourteen items."""

SPIN_UP_START = 1992
"""Year end at which every spin-up opens (model.md, section 11)."""

LABELS: dict[str, list[str] | list[int]] = {
    "sex": list(SEX),
    "career": list(CAREER),
    "age": list(AGE),
    "working_age": list(WORKING_AGE),
    "status": list(STATUS),
    "scheme": list(SCHEME),
    "fund": list(FUND),
    "income_item": list(INCOME_ITEM),
    "outgo_item": list(OUTGO_ITEM),
}
"""Labels of the axes of a dataset, beside scenario, draw, region and time."""


@contextmanager
def same_labels() -> Iterator[None]:
    """Make arithmetic refuse variables whose labels differ; also a decorator of functions that calculate.

    Without it xarray keeps the labels that both sides share, and a year is lost without a word. Being sure that labels
    agree is also quicker: nothing is copied to make them agree.

    Raises
    ------
    ValueError from the arithmetic, where the labels of an axis differ
    """
    import xarray as xr

    with xr.set_options(arithmetic_join="exact"):  # type: ignore[no-untyped-call]
        yield
