"""Dated levers: every parameter that a lever may change, at 1 January, 1 July and 31 December, table or number.

A value dated inside a year never moves that year's number beyond what holds without the lever and what the lever
states. Years before it are those without the lever, whatever the extension rule of the law says of them.
"""

from __future__ import annotations

import datetime
from functools import cache

import numpy as np
import pytest

from simengine.engine.compile.law_keys import date_remarks
from simengine.law import LawTree, load_law
from simengine.law.parameter import INDICES
from simengine.registry.inputs import LEVER_KEYS
from simengine.scenario.combine import LawChange
from tests.helpers.law_values import has_values, other_value

YEARS = list(range(2015, 2041))
YEAR = 2030
DAYS = (datetime.date(YEAR, 1, 1), datetime.date(YEAR, 7, 1), datetime.date(YEAR, 12, 31))
INDEX = {name: 1.04 ** np.arange(len(YEARS)) for name in INDICES}


@cache
def law() -> LawTree:
    return load_law()


NUMERIC = sorted(key for key in LEVER_KEYS if law()[key].unit.symbol != "code" and not law()[key].ragged)


def by_year(tree: LawTree, key: str, region: str) -> np.ndarray:
    """Numbers by year [years, cells]."""
    table = tree[key].table is not None
    found = tree.annual(key, YEARS, region, index=INDEX, table=table)
    return found if table else found[:, None]


@pytest.mark.parametrize("day", DAYS, ids=str)
@pytest.mark.parametrize("key", NUMERIC)
def test_a_dated_lever__stays_between_its_neighbours(key: str, day: datetime.date) -> None:
    for region in (place for place in ("jiangxi", "haiyan", "jiangsu") if has_values(law(), key, place)):
        value = other_value(law(), key, day, region)
        before = by_year(law(), key, region)
        after = by_year(law().with_changes({key: {day: value}}), key, region)
        at = YEARS.index(YEAR)
        np.testing.assert_array_equal(after[:at], before[:at], err_msg=f"{key} in {region} before {day}")
        cells = list(value.values()) if isinstance(value, dict) else value
        lever = np.broadcast_to(np.asarray(cells, dtype=float), after[at].shape)
        low, high = np.minimum(before[at], lever), np.maximum(before[at], lever)
        slack = 1e-12 * np.abs(high)
        assert (after[at] >= low - slack).all() and (after[at] <= high + slack).all(), (key, region, after[at])
        weight = expected_weight(law()[key].within_year, day)
        np.testing.assert_allclose(after[at], weight * lever + (1.0 - weight) * before[at], rtol=1e-12, atol=1e-15)
        held = lever if law()[key].extension.rule != "indexed" else after[at + 1]
        np.testing.assert_allclose(after[at + 1], held, rtol=1e-12)
        assert not np.array_equal(after[at + 1], before[at + 1])


def expected_weight(within_year: str, day: datetime.date) -> float:
    """Part of the year's number that a lever gives."""
    if within_year == "start":
        return 1.0 if (day.month, day.day) == (1, 1) else 0.0
    if within_year == "end":
        return 1.0
    return (datetime.date(day.year + 1, 1, 1) - day).days / 365.0


def test_a_rule_that_has_ended__stays_ended_until_a_lever_and_lasts_after_it() -> None:
    """The lever of 2030 used to wake the rule from its last value on, and to end it again after one year."""
    key = "pension/central_adjustment_rate"
    tree = law().with_changes({key: {datetime.date(2030, 1, 1): 0.02}})
    found = dict(zip(YEARS, tree.annual(key, YEARS, "jiangxi").tolist(), strict=True))
    assert found[2025] == found[2029] == 0.0
    assert found[2030] == found[2031] == found[2040] == 0.02


def test_an_indexed_value__runs_on_to_the_lever() -> None:
    """Between the law's last value and the lever of 2032 the standard follows its index; it used to stand still."""
    key = "economy/urban_living_standard"
    plain = law().annual(key, YEARS, "jiangxi", index=INDEX)
    tree = law().with_changes({key: {"2032-07-01": 2000.0}})
    found = tree.annual(key, YEARS, "jiangxi", index=INDEX)
    at = YEARS.index(2032)
    assert found[:at].tolist() == plain[:at].tolist()
    assert plain[at - 1] > plain[at - 2]
    within = law()[key].within_year
    weight = expected_weight(within, datetime.date(2032, 7, 1))
    assert found[at] == pytest.approx(weight * 2000.0 + (1 - weight) * plain[at], rel=1e-3)


def test_a_remark__tells_when_a_value_inside_a_year_acts() -> None:
    days = {datetime.date(2030, 7, 1): 0.05, datetime.date(2031, 1, 1): 0.04}
    start = LawChange("mine", "mine.yaml, line 5", "pension/adjustment_ratio", None, days)
    weighted = LawChange("mine", "mine.yaml, line 9", "pension/rate_employer", None, {datetime.date(2030, 5, 1): 0.2})
    end = LawChange("mine", "mine.yaml, line 7", "injury/subsidy_rule", None, {datetime.date(2030, 6, 1): "months"})
    remark, whole = date_remarks([start, weighted, end], law())
    assert "acts in the whole of 2030" in whole.en and "2030年全年" in whole.zh
    assert remark.en == (
        "mine.yaml, line 5: pension/adjustment_ratio is read on 1 January: the value of 2030-07-01 acts from 2031 on."
    )
    assert "2031年起起作用" in remark.zh


def test_a_remark__tells_by_whom_a_parameter_of_the_statutory_month_is_read() -> None:
    """Nobody foresees the lever: members plan by all of it from the year of its first date on."""
    days = {datetime.date(2030, 7, 1): 240, datetime.date(2032, 1, 1): 252}
    change = LawChange("mine", "mine.yaml, line 5", "retirement/minimum_months", None, days)
    first, second = date_remarks([change], law())
    assert "people who reach it in 2031 or later, and members plan by it from 2030 on" in first.en
    assert "people who reach it in 2032 or later, and members plan by it from 2030 on" in second.en
    assert "2031年及以后到龄" in first.zh and "自2030年起" in first.zh
