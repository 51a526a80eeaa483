"""notes/fund.md, section 9: three funds of the nation in 2025 and of Jiangxi in 2022, and causes of their misses."""

from __future__ import annotations

import csv
from functools import cache

import pytest

from simengine.basis.basis import load_basis
from simengine.engine.project import project
from simengine.scenario.scenario import load_scenario
from tests.helpers import three_funds
from tests.helpers.note_tables import note_tables, number_of
from tests.helpers.pages import block
from tests.helpers.three_funds import (
    ANCHOR,
    BRANCHES,
    GOAL,
    GOAL_REGION,
    HEADS,
    ITEMS,
    MONTH,
    NATION,
    PRINTED,
    REGION,
    SCHEMES,
    YEAR,
    Found,
    blocks,
    paths_of,
    printed,
)


@cache
def found() -> tuple[Found, Found]:
    """The nation and Jiangxi, run once."""
    return three_funds.nation(), three_funds.region()


def test_printed__has_source_and_tag_for_every_figure() -> None:
    with PRINTED.open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert all(row["source"] and row["evidence"] in ("secondary", "seed") for row in rows)
    assert set(printed(NATION, str(YEAR))) == {*ITEMS, *BRANCHES}
    assert printed(NATION, str(YEAR))["revenue"] == 9.1e12
    assert printed(REGION, MONTH)["balance"] == pytest.approx(137.416e9)


def test_three_funds__the_run_does_not_know_what_it_is_held_against() -> None:
    """Insured persons differ from the printed ones that the basis carries, and Jiangxi's from those of August 2022."""
    known, (nation, region) = printed(NATION, str(YEAR)), found()
    told = paths_of(project(load_scenario(f"{NATION}/baseline")))
    for name in BRANCHES[1:]:
        assert load_basis("china-2020").own_series[name].years.max() == YEAR
        assert told[name][YEAR] == pytest.approx(known[name], rel=1e-6)
        assert nation.paths[name][YEAR] != told[name][YEAR]
        assert nation.paths[name][ANCHOR] == told[name][ANCHOR]
    with_it = paths_of(project(load_scenario(f"{REGION}/baseline")))
    assert all(region.paths[name][2022] != with_it[name][2022] for name in BRANCHES)
    assert region.paths["unemployment_insured"][2020] == with_it["unemployment_insured"][2020]


def test_known__a_figure_that_was_read_comes_before_a_recalled_one() -> None:
    """Revenue of 2021: 6.05 trillion published, 6.0455 recalled."""
    assert found()[0].known["revenue", 2021].value == 6.05e12
    assert (found()[0].last("injury_expenditure").year, found()[0].last("revenue").year) == (2021, ANCHOR)


def test_carried__flows_grow_and_balances_move_as_the_engine() -> None:
    nation = found()[0]
    flow, balance = nation.paths["revenue"], nation.paths["balance"]
    at = nation.known["revenue", ANCHOR].value, nation.known["balance", ANCHOR].value
    assert nation.carried("revenue") == pytest.approx(at[0] * flow[YEAR] / flow[ANCHOR])
    assert nation.carried("balance") == pytest.approx(at[1] + balance[YEAR] - balance[ANCHOR])


def test_parts__add_up_to_the_miss() -> None:
    """Four schemes and the rest, each rounded to one: at most half a unit each from the miss."""
    table = note_tables("fund", "9.1")[1]
    for item in ITEMS:
        values = [number_of(row["of the miss"]) for row in table if row["item"] == item]
        assert len(values) == len(SCHEMES) + 2
        assert values[-1] == pytest.approx(sum(values[:-1]), abs=0.5 * len(values))


def test_causes__heads_times_money_per_head_make_the_miss() -> None:
    table = note_tables("fund", "9.1")[2]
    assert [row["flow"] for row in table] == [name.replace("_", " ") for name in HEADS]
    for row in table:
        parts = [1.0 + number_of(row[name]) / 100.0 for name in ("miss of heads %", "miss per head %")]
        assert parts[0] * parts[1] == pytest.approx(1.0 + number_of(row["miss %"]) / 100.0, abs=0.0016)


def test_sums__opening_and_flows_make_the_balance() -> None:
    for row in note_tables("fund", "9.1")[3]:
        *parts, total = (number_of(cell) for name, cell in row.items() if name != "scheme")
        assert total == pytest.approx(sum(parts), abs=2.5)
    nation = found()[0]
    assert nation.miss("balance", 2020) == pytest.approx(0.0, abs=1e6), "the opening is the figure of 2020"


def test_goals__are_judged_by_the_printed_figures() -> None:
    """Every verdict of the page from its own two cells."""
    pairs = [(note_tables("fund", "9.1")[0], "printed", "as run", "within 3 %", GOAL)]
    pairs.append((note_tables("fund", "9.1")[0], "printed", "carried", "within 3 % carried", GOAL))
    pairs.append((note_tables("fund", "9.2")[0], "31 August 2022, printed", "end of 2022", "within 5 %", GOAL_REGION))
    judged = 0
    for table, known, own, verdict, goal in pairs:
        for row in table:
            if row[own]:
                miss = abs(number_of(row[own]) / number_of(row[known]) - 1.0)
                assert (row[verdict] == "met") == (miss <= goal), row
                judged += 1
    assert judged == len(ITEMS) * 2 + len(BRANCHES) * 2 + 1
    assert [three_funds._verdict(miss, 0.03) for miss in (0.03, -0.0301, 0.0301)] == ["met", "missed", "missed"]


def test_region__the_parts_are_those_of_the_total() -> None:
    """Opening and end of the four schemes make the totals, and the opening is the bound that the plan prints."""
    table = note_tables("fund", "9.2")[1]
    *schemes, total, known = table
    for name in list(total)[1:]:
        assert number_of(total[name]) == pytest.approx(sum(number_of(row[name]) for row in schemes), abs=2.5)
    assert known["opening"] == f"more than {total['opening']}"


@pytest.mark.release
def test_tables__of_the_three_funds_are_those_of_this_engine() -> None:
    for key, body in blocks(*found()).items():
        assert block(three_funds.PAGE, key) == body, "run python -m tests.helpers.three_funds"
