"""Dated values that are multiplied and change inside one year: the mean of the product (law/together.py)."""

from __future__ import annotations

import datetime

import numpy as np
import pytest

from simengine.law import LawTree, load_law
from simengine.law.together import coupling, pieces
from simengine.registry.axes import SPIN_UP_START

SHARE, WAGE = "unemployment/benefit_share", "economy/minimum_wage_class_2"
CUT, REDUCED = "unemployment/phased_cut", "unemployment/rate_employer_reduced"


@pytest.fixture(scope="module")
def law() -> LawTree:
    return load_law()


def factor(law: LawTree, keys: tuple[str, ...], year: int, region: str, one_amount: bool = False) -> float:
    return float(coupling([law[key] for key in keys], np.array([year]), region, one_amount=one_amount)[0])


def means(law: LawTree, keys: tuple[str, ...], year: int, region: str) -> float:
    return float(np.prod([law.annual(key, [year], region)[0] for key in keys]))


def test_coupling__days_of_jiangxi_2024(law: LawTree) -> None:
    """366 days: 91 to the end of March, then 7 with the new wage and the old share, then 268 with both new."""
    product = (91 * 0.75 * 1730 + 7 * 0.75 * 1870 + 268 * 0.9 * 1870) / 366
    found = factor(law, (SHARE, WAGE), 2024, "jiangxi") * means(law, (SHARE, WAGE), 2024, "jiangxi")
    assert found == pytest.approx(product, rel=1e-14)


def test_coupling__one_amount_changes_on_the_later_day_of_the_month(law: LawTree) -> None:
    """The seven days of April count as before: 98 days at 1297.50, 268 at 1683."""
    product = (98 * 1297.50 + 268 * 1683.0) / 366
    found = factor(law, (SHARE, WAGE), 2024, "jiangxi", one_amount=True)
    assert found * means(law, (SHARE, WAGE), 2024, "jiangxi") == pytest.approx(product, rel=1e-14)
    gap = 1.0 / found - 1.0
    print(f"Jiangxi 2024: product of the means over the mean of the products {100.0 * gap:+.2f} %")
    assert 0.001 < abs(gap) < 0.01


def test_coupling__is_exactly_one_where_one_value_changes(law: LawTree) -> None:
    for year in (2019, 2021, 2022, 2025, 2030):  # 2021: the wage alone, on 1 April
        assert factor(law, (SHARE, WAGE), year, "jiangxi", one_amount=True) == 1.0


@pytest.mark.parametrize("day", ["2027-01-20", "2027-07-09"])
def test_coupling__a_change_on_new_years_day_waits_for_one_inside_january(law: LawTree, day: str) -> None:
    """Share 0.9 to 0.8 on 1 January; the cut to one half in January or July. In July each acts by itself."""
    changed = law.with_changes({SHARE: {"2027-01-01": 0.8}, CUT: {day: 0.5}})
    found = factor(changed, (SHARE, CUT), 2027, "jiangxi", one_amount=True)
    date = datetime.date.fromisoformat(day)
    before = (date - datetime.date(2027, 1, 1)).days
    first = 0.9 if date.month == 1 else 0.8
    product = (before * first * 1.0 + (365 - before) * 0.8 * 0.5) / 365
    assert found * means(changed, (SHARE, CUT), 2027, "jiangxi") == pytest.approx(product, rel=1e-14)


def test_pieces__a_value_that_is_restated_is_no_change(law: LawTree) -> None:
    assert pieces(law[CUT], 2025, "jiangxi") == [(datetime.date(2025, 1, 1), 1.0)]
    assert [number for _, number in pieces(law[CUT], 2015, "jiangxi")] == [0.0, 1.0]


MULTIPLIED = [
    (CUT, REDUCED),
    (CUT, "unemployment/rate_employee_reduced"),
    (CUT, "unemployment/rate_employer_statutory"),
    (CUT, "unemployment/rate_employee_statutory"),
    (REDUCED, "unemployment/employer_share_due"),
    ("pension/rate_employer", "pension/employer_share_due"),
    ("public/rate_employer", "pension/employer_share_due"),
    ("injury/phased_cut", "injury/employer_share_due"),
    ("unemployment/pension_refund_rate", "unemployment/benefit_share"),
    ("public/settlement", "public/rate_employer"),
]
"""Weighted parameters whose yearly numbers are multiplied with each other in a lane."""


@pytest.mark.parametrize("pair", MULTIPLIED, ids=lambda pair: " x ".join(pair))
def test_coupling__no_enacted_year_mixes_old_and_new_in_the_other_products(law: LawTree, pair: tuple[str, str]) -> None:
    """Elsewhere the product of yearly means stands: no year of the law so far changes both factors apart."""
    years = np.arange(SPIN_UP_START + 1, 2031)
    for region in law.regions:
        found = coupling([law[key] for key in pair], years, region)
        assert found == pytest.approx(np.ones(years.size), abs=1e-12), (region, years[found != 1.0])
