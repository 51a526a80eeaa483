"""notes/calibration.md, section 5.1: what levels tell of the growth after 2018, and that they leave it open."""

from __future__ import annotations

import math

import pytest

from tests.helpers import member_growth
from tests.helpers.member_growth import BEGAN, MEMBERS, NATION, REGIONS, blocks, branches, growth, levels, rates
from tests.helpers.note_tables import note_tables, number_of
from tests.helpers.pages import block


def test_growth__is_the_mean_log_growth() -> None:
    assert growth({2010: 100.0, 2012: 121.0}, 2010, 2012) == pytest.approx(math.log(1.1))
    assert math.isnan(growth({2010: 100.0}, 2010, 2012))


def test_branches__pension_members_are_without_the_public_sector() -> None:
    """2018: 301.0 m members, 36.1 m of them public [recalled]; 264.9 m are left."""
    path = branches()[MEMBERS]
    assert path[2018] == pytest.approx(264.9e6, abs=0.1e6)
    assert levels(NATION)["members"][2018] == pytest.approx(301.04e6)


def test_levels__a_figure_that_was_read_comes_before_a_recalled_one() -> None:
    """Unemployment 2020: 216.9 m published, 216.89 m recalled."""
    assert levels(NATION)["unemployment_insured"][2020] == 216_900_000.0


def test_provinces__only_the_control_group_was_at_fourteen_and_rose() -> None:
    found = {region: rates(region) for region in REGIONS}
    assert found["zhejiang"] == (0.14, 0.16)
    assert all(first > last == 0.16 for region, (first, last) in found.items() if region != "zhejiang")


def test_provinces__no_comparison_around_2018_can_be_made() -> None:
    """The question is open as long as this holds: a province whose members of 2018 are collected has to be compared."""
    for region in REGIONS:
        if region != NATION:
            known = levels(region)["members"]
            assert not [year for year in known if 2011 <= year <= 2023], f"{region}: rewrite section 5.1"


def test_page__says_open_and_prints_what_was_computed() -> None:
    tables = note_tables("calibration", "5.1")
    assert len(tables) == len(blocks()) == 3
    for key, body in blocks().items():
        assert block(member_growth.PAGE, key) == body, "run python -m tests.helpers.member_growth"
    faster = {row["growth, % a year"]: number_of(row["faster after 2018"]) for row in tables[0]}
    assert min(faster.values()) > 0.0 and max(faster, key=lambda name: faster[name]) == MEMBERS
    assert [row["year"] for row in tables[1] if row["what began"]] == [str(year) for year in BEGAN]
    assert {row[column] for row in tables[2][:-1] for column in list(row)[4:]} == {"not published"}
