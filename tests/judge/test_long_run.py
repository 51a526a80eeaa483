"""notes/long_run.md: the nation beside a published study, its explanations run, its tables those of the engine."""

from __future__ import annotations

import math
from functools import cache

import pytest

from simengine.basis.basis import load_basis
from simengine.engine.project import project
from simengine.judge.checks.free_run import references
from simengine.judge.closures.table import over_closures
from simengine.scenario.scenario import load_scenario
from tests.helpers import long_run
from tests.helpers.long_run import (
    BASELINE,
    ENTERPRISE,
    EXPLANATIONS,
    HISTORY,
    LAST,
    NOT_EXPLAINED,
    ROWS,
    YEARS,
    LongRun,
    blocks,
    compared,
    late,
    name_of,
    of_the_engine,
    published,
)
from tests.helpers.note_tables import note_tables
from tests.helpers.pages import block

RETIREES, PAYERS, INSURED = ("retirees", LAST), ("payers", LAST), ("insured", LAST)
AIDED, UNAIDED = ("yearly_balance", LAST), ("yearly_balance_unaided", LAST)


@cache
def engine() -> LongRun:
    """The nation, its closures and the explanations, run once."""
    return of_the_engine()


# --- what is compared -------------------------------------------------------------------------------------------------


def test_scope__the_first_years_of_the_study_are_those_of_the_enterprise_fund() -> None:
    """Within a twentieth without the public sector, more than a tenth off with it."""
    history = project(load_scenario(BASELINE)).histories["china-2020"].isel(scenario=0, draw=0, region=0)
    public = {
        "retirees": float(history.public_pensioners.sel(year_end=HISTORY)),
        "insured": float(history.members.sel(status="public", year_end=HISTORY)),
    }
    for name, more in public.items():
        own, theirs = engine().base[name, HISTORY], published()[name, HISTORY]
        assert own == pytest.approx(theirs, rel=0.05)
        assert own + 1e-6 * more > 1.1 * theirs
    assert engine().base["dependency_payers", HISTORY] == pytest.approx(published()["dependency_payers", HISTORY], 0.05)


def test_study__its_ratios_are_those_of_its_persons() -> None:
    """278/289 = .962 and 278/341 = .815, as printed to half a hundredth: rows of one base case."""
    theirs = published()
    assert theirs[RETIREES] / theirs[PAYERS] == pytest.approx(theirs["dependency_payers", LAST], abs=0.005)
    assert theirs[RETIREES] / theirs[INSURED] == pytest.approx(theirs["dependency_insured", LAST], abs=0.005)


def test_ours__the_baseline_lies_inside_every_range() -> None:
    for key in ROWS:
        low, high = engine().ends(key)
        assert late(low) <= late(engine().base[key]) <= late(high)
        if key[1] == HISTORY:
            assert low == high, "no closure acts before the opening"


def test_ours__years_of_the_fund_are_those_over_the_closures() -> None:
    """The same baseline, low and high end as `run` prints."""
    scenario = load_scenario(BASELINE)
    ranges = over_closures(project(scenario), scenario).ranges().set_index(["measure", "fund"])
    for name, (measure, _) in YEARS.items():
        row = ranges.loc[(measure, ENTERPRISE)]
        ends = (engine().base[name, None], *engine().ends((name, None)))
        assert [late(one) for one in ends] == [late(row[name]) for name in ("baseline", "low", "high")]


def test_balance__of_2024_is_beyond_the_highest_of_the_study() -> None:
    known = [one for one in references(load_basis("china-2020")) if (one.series, one.year) == ("balance", 2024)]
    assert known and 1e-12 * known[0].value > published()["balance", 2027]


# --- explanations -----------------------------------------------------------------------------------------------------


def made_up() -> LongRun:
    """Base 10, study 20: one explanation moves 5, one 12, one the other way; a year that never comes in one of them."""
    heads, year = RETIREES, ("exhaustion", None)
    moved = {"half": 15.0, "beyond": 22.0, "away": 8.0}
    explained = {name: {heads: value, year: 2050.0} for name, value in moved.items()}
    explained["half"][year] = math.nan
    return LongRun({heads: 10.0, year: 2052.0}, {}, explained, {heads: 20.0, year: 2032.0}, 2095)


def test_explanations__parts_are_moves_over_differences() -> None:
    found = made_up()
    assert [found.share(name, RETIREES) for name in found.explained] == pytest.approx([0.5, 1.2, -0.2])
    assert found.share("away", ("exhaustion", None)) == pytest.approx(0.1), "two of twenty years"
    assert math.isnan(found.share("half", ("exhaustion", None)))


def test_closest__names_nothing_that_leaves_more_than_half() -> None:
    found = made_up()
    assert found.closest(RETIREES) == "beyond", "a fifth too much is nearer than a half too little"
    assert found.closest(("exhaustion", None)) == ""
    assert f"| {NOT_EXPLAINED} | - |" in long_run.causes_table(found)


def test_explanations__act_as_their_names_say() -> None:
    base, by = engine().base, engine().explained
    assert by["no retirement reform"][RETIREES] > 1.05 * base[RETIREES]
    lower = by["lower pressure of entry"]
    assert lower[PAYERS] < 0.95 * base[PAYERS] and lower[RETIREES] == pytest.approx(base[RETIREES], rel=0.01)
    paying = by["as many insured pay as in the study"]
    assert paying[PAYERS] / paying[INSURED] > base[PAYERS] / base[INSURED] + 0.02
    for name in ("higher new pensions", "faster yearly increase", "no aid from 2026"):
        assert by[name][RETIREES] == pytest.approx(base[RETIREES], rel=1e-9)
        assert by[name][AIDED] < base[AIDED]
    assert by["no aid from 2026"][UNAIDED] == pytest.approx(base[UNAIDED], abs=0.05)
    assert by["no aid from 2026"][AIDED] == pytest.approx(by["no aid from 2026"][UNAIDED], rel=0.05), (
        "no aid leaves nothing between the two"
    )
    never = by["no aid since the opening"]
    assert never["balance", 2027] < by["no aid from 2026"]["balance", 2027] < base["balance", 2027]
    assert never[UNAIDED] == pytest.approx(base[UNAIDED], abs=0.05)
    assert by["as known at the opening"]["exhaustion", None] < base["exhaustion", None]
    assert by["early leaving stays"][RETIREES] > base[RETIREES]
    assert set(by) == {one.name for one in EXPLANATIONS}


# --- the page ---------------------------------------------------------------------------------------------------------


def test_page__has_every_row_and_the_studys_figures_as_printed() -> None:
    (beside,) = note_tables("long_run", "2.")
    name, _, theirs = beside[0]
    assert [row[name] for row in beside] == [name_of(key) for key in ROWS]
    printed = {row[name]: row[theirs] for row in beside}
    for key, value in published().items():
        assert float(printed[name_of(key)].removesuffix(" (printed)")) == value
    assert sum(cell == "-" for cell in printed.values()) == len(ROWS) - len(published())


def test_page__every_difference_has_its_explanations() -> None:
    fund, people, causes = note_tables("long_run", "3.")
    keys = [name_of(key) for key in ROWS if key in published() and key[1] != HISTORY]
    assert [next(iter(row.values())) for row in causes] == keys
    assert {*fund[0], *people[0]} == {"moved by", *keys}
    for table in (fund, people):
        assert [row["moved by"] for row in table][1:] == [one.name for one in EXPLANATIONS]


def test_compared__leaves_out_what_the_baseline_never_reaches() -> None:
    found = made_up()
    assert compared(found) == [("exhaustion", None), RETIREES]
    never = LongRun({**found.base, ("exhaustion", None): math.nan}, {}, {}, found.theirs, 2095)
    assert compared(never) == [RETIREES]


@pytest.mark.release
def test_tables__are_those_of_this_engine() -> None:
    for key, body in blocks(engine()).items():
        assert block(long_run.PAGE, key) == body, "run python -m tests.helpers.long_run"
