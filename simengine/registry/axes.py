"""Names of every axis, in the order in which they are stored.

Age is age last birthday at year end (100 stands for 100 and over); the cohort is ``year - age``.
Stocks live on ``year_end`` (n+1 values, the opening position first), flows on ``year`` (n values).
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

SEX = ("male", "female")
CAREER = ("men", "women_55", "women_50")
SEX_OF_CAREER = ("male", "female", "female")
STATUS = ("enterprise", "flexible", "public", "paused")
PAYER_STATUS = STATUS[:3]
SCHEME = ("enterprise", "public")

AGE = tuple(range(101))
WORKING_AGE = tuple(range(16, 80))
SERVICE = tuple(range(46))
RISK_CLASS = tuple(range(1, 9))

FUND = (
    "enterprise_pension",
    "public_pension",
    "occupational_annuity",
    "resident",
    "unemployment",
    "work_injury",
)
INCOME_ITEM = (
    "contributions",
    "interest",
    "investment",
    "fiscal_subsidy",
    "collective_subsidy",
    "transfers_in",
    "from_above",
    "from_below",
    "other_income",
)
OUTGO_ITEM = ("benefits", "transfers_out", "to_below", "to_above", "other_outgo")

SPIN_UP_START = 1992
"""Year end at which every spin-up opens (model.md, section 11)."""

LABELS: dict[str, list[str] | list[int]] = {
    "sex": list(SEX),
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
