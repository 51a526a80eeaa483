"""The rule of entry on real regions: known levels, the nation's change, nobody foresees a law, the reform touches whom
it touches (notes/coverage.md).
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from simengine.basis.basis import load_basis
from simengine.engine.project import Lane, project, spin_up
from simengine.kernels import layout as at
from simengine.kernels.layout import Output
from simengine.law import load_law
from simengine.scenario.scenario import load_scenario, with_levers

REGIONS = ("china", "jiangxi", "hubei", "xuzhou", "haiyan", "jingdezhen")
STATUSES = ("enterprise", "flexible", "public", "paused")
PAYERS = slice(0, 3)
LAST_KNOWN = 2024
ODDS = (np.exp(-3.0), np.exp(3.0))
"""Lowest and highest odds factor of an entry."""


@cache
def lanes_of(region: str, kind: str = "baseline") -> tuple[Lane, ...]:
    scenario = load_scenario(f"{region}/{kind}")
    return tuple(project(scenario).lanes)


def with_change(region: str, **change: Any) -> tuple[Lane, ...]:
    """The baseline of a region with one lever."""
    lever = {"name": {"en": "a", "local": "a"}, "reason": "A trial.", **change}
    return tuple(project(with_levers(load_scenario(f"{region}/baseline"), "a", {"a": lever})).lanes)


def output_of(lane: Lane) -> Output:
    assert lane.output is not None
    return lane.output


def years_of(lane: Lane) -> list[int]:
    return [int(year) for year in lane.inputs.years]


def end(lane: Lane, year: int) -> int:
    """Position of a year end in the stocks."""
    return years_of(lane).index(year) + 1


def flow(lane: Lane, name: str) -> np.ndarray:
    return output_of(lane).flows[at.FLOW_NAMES.index(name)]


def level(lane: Lane, status: int) -> np.ndarray:
    return lane.inputs.paths[at.PATH_ENTERPRISE_PAYERS + status]


def known_years(lane: Lane, status: int) -> list[int]:
    """Projected years whose level is known."""
    return [year for year, value in zip(years_of(lane)[1:], level(lane, status)[1:], strict=True) if value == value]


def pressures(lane: Lane, status: int, years: list[int]) -> np.ndarray:
    odds = flow(lane, f"entry_odds_{STATUSES[status]}")
    return np.log(odds[[years_of(lane).index(year) for year in years]])


def covered(lane: Lane, first: int, last: int) -> dict[int, float]:
    """Members of all statuses over residents of some ages, by year end."""
    ages = slice(first - at.FIRST_AGE, last + 1 - at.FIRST_AGE)
    output = output_of(lane)
    return {
        year: float(output.members[end(lane, year), :, :, ages].sum())
        / float(output.population[end(lane, year), :, first : last + 1].sum())
        for year in years_of(lane)[1:]
    }


# --- known years ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("region", REGIONS)
def test_known_years__meet_their_levels(region: str) -> None:
    """Every level of every region is met to the last digits: no shortfall is left, nobody is cut."""
    for lane in lanes_of(region):
        for status, name in enumerate(STATUSES):
            known = known_years(lane, status)
            assert known[-1] == LAST_KNOWN
            stock = output_of(lane).stocks[at.STOCK_NAMES.index(f"members_{name}")]
            short = flow(lane, f"shortfall_{name}")
            for year in known:
                t = years_of(lane).index(year)
                wanted = float(level(lane, status)[t])
                assert stock[t + 1] == pytest.approx(wanted, rel=1e-10), f"{lane.basis.region} {name} {year}"
                assert short[t] == pytest.approx(wanted - stock[t + 1], abs=1e-9 * wanted)
        assert flow(lane, "entries_cut").max() == 0.0


@pytest.mark.parametrize("region", REGIONS)
def test_known_years__pressures_are_between_their_bounds(region: str) -> None:
    for lane in lanes_of(region):
        for status in (at.ENTERPRISE, at.FLEXIBLE):
            found = pressures(lane, status, known_years(lane, status))
            assert np.all(np.abs(found) < 3.0), lane.basis.region


@pytest.mark.parametrize("region", REGIONS[1:])
def test_regions__move_with_the_nation_from_a_mean_of_their_own_years(region: str) -> None:
    """Odds over those of the nation's path: the last one gives way in ten years to the mean of the last five solved."""
    for lane in lanes_of(region):
        for status in (at.ENTERPRISE, at.FLEXIBLE):
            known = known_years(lane, status)
            later = [year for year in years_of(lane) if year > known[-1]]
            path = dict(zip(years_of(lane), lane.inputs.paths[at.PATH_ENTRY_ODDS_ENTERPRISE + status], strict=True))
            beside = {
                year: np.exp(found) / path[year]
                for year, found in zip((*known, *later), pressures(lane, status, [*known, *later]), strict=True)
            }
            solved = np.array([beside[year] for year in known])
            assert abs(solved[-1] - 1.0) > 0.01  # each region has solved its own
            part = np.minimum(1.0, np.arange(1, len(later) + 1) / 10.0)
            wanted = solved[-1] + (solved[-5:].mean() - solved[-1]) * part
            np.testing.assert_allclose([beside[year] for year in later], wanted, rtol=1e-12)


def test_kept_pressures__are_those_the_run_of_the_nation_solves() -> None:
    pressure = pytest.importorskip("simengine_calibration.fitting.pressure")
    found, kept = pressure.solved_pressures(), pressure.kept_pressures()
    assert found == kept
    assert all(sorted(values) == list(range(2015, LAST_KNOWN + 1)) for values in kept.values())


@pytest.mark.parametrize("region", ["china", "jiangxi", "xuzhou", "haiyan", "jingdezhen"])
def test_as_planned__solves_one_year_of_its_own(region: str) -> None:
    """A scenario as known at its opening has no later level: one more year of the growth before it stands for one."""
    for lane in lanes_of(region, "as_planned"):
        years, history = years_of(lane)[1:], lane.basis.spinup_parent or lane.basis
        base = years_of(lane)[0]
        for status, name in ((at.ENTERPRISE, "enterprise_payers"), (at.FLEXIBLE, "flexible_payers")):
            assert known_years(lane, status) == []
            before, last = history.path(name, np.array([base - 5, base]), base)
            stock = output_of(lane).stocks[at.STOCK_NAMES.index(f"members_{STATUSES[status]}")]
            brought = flow(lane, f"campaign_top_up_{name[:-7]}")[1] - flow(lane, f"campaign_missing_{name[:-7]}")[1]
            assert stock[2] - brought == pytest.approx(level(lane, status)[0] * (last / before) ** 0.2, rel=1e-6)
            path = lane.inputs.paths[at.PATH_ENTRY_ODDS_ENTERPRISE + status, 1:]
            found = np.exp(pressures(lane, status, years))
            np.testing.assert_allclose(found, np.clip(found[0] * path / path[0], *ODDS), rtol=1e-12)


# --- the young --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("region", ["china", "jiangxi", "hubei"])
def test_young__are_covered_within_five_to_eight_tenths_and_move_slowly(region: str) -> None:
    """Ages 25-29 from the last known year on, and less than two points a year from the third year after it."""
    (lane,) = lanes_of(region)
    share = covered(lane, 25, 29)
    later = [share[year] for year in share if year >= LAST_KNOWN]
    assert min(later) > 0.5 and max(later) < 0.8
    steps = {year: abs(share[year] - share[year - 1]) for year in share if year >= LAST_KNOWN + 3}
    assert max(steps.values()) < 0.02


def test_closures__order_the_payers_of_later_years() -> None:
    """Payers of 2050 at the low, the middle and the high mean of the solved years; history is one."""
    runs = [with_constants("china", coverage_closure=closure)[0] for closure in (-1.0, 0.0, 1.0)]
    payers = [output_of(lane).members[end(lane, 2050), PAYERS].sum() for lane in runs]
    assert payers[0] < 0.95 * payers[1] and payers[1] < 0.95 * payers[2]
    known = [output_of(lane).members[: end(lane, LAST_KNOWN) + 1] for lane in runs]
    assert np.array_equal(known[0], known[1]) and np.array_equal(known[1], known[2])
    assert np.array_equal(output_of(runs[1]).members, output_of(lanes_of("china")[0]).members)


def with_constants(region: str, **constants: float) -> tuple[Lane, ...]:
    return with_change(region, constants=constants)


# --- the reform -------------------------------------------------------------------------------------------------------


@cache
def lanes_without_reform(region: str) -> tuple[Lane, ...]:
    return with_change(region, retirement={"reform": "none"})


def without_reform(region: str) -> Lane:
    (lane,) = lanes_without_reform(region)
    return lane


REFORMED = ("china", "jiangxi")


@pytest.mark.parametrize("region", REFORMED)
def test_reform__starts_from_one_state(region: str) -> None:
    """Members, flows and stocks to the end of 2024 are equal to the bit; 2025 is not."""
    (lane,), other = lanes_of(region), without_reform(region)
    until = end(lane, LAST_KNOWN)
    one, two = output_of(lane), output_of(other)
    for name in ("members", "pensioners", "population", "resident", "beneficiaries"):
        assert np.array_equal(getattr(one, name)[: until + 1], getattr(two, name)[: until + 1]), name
    assert np.array_equal(one.stocks[:, : until + 1], two.stocks[:, : until + 1])
    assert np.array_equal(one.flows[:, :until], two.flows[:, :until])
    assert not np.array_equal(one.members[until + 1], two.members[until + 1])


@pytest.mark.parametrize("region", REGIONS)
@pytest.mark.parametrize(("sex", "age"), [(at.MALE, 60), (at.FEMALE, 50)])
def test_reform__leaves_alone_whom_it_does_not_touch(region: str, sex: int, age: int) -> None:
    """Payers among men below 60 and women below 50, in every year and region: equal to a hundred-thousandth.

    A thousandth is required. The pool of entrants does not depend on how many of them are registered as residents, so
    the registrations, which follow the reform, move nobody.
    """
    for lane, other in zip(lanes_of(region), lanes_without_reform(region), strict=True):
        found = []
        for one in (lane, other):
            members = output_of(one).members[2:, PAYERS, sex, : age - at.FIRST_AGE]
            found.append(members.sum(axis=(1, 2)))
        np.testing.assert_allclose(found[0], found[1], rtol=1e-5)
        assert not np.array_equal(output_of(lane).members, output_of(other).members)


@pytest.mark.parametrize("end_year", [2026, 2030, 2035, 2040, 2060, 2095])
@pytest.mark.parametrize("region", REFORMED)
def test_reform__leaves_alone_women_of_the_longer_career_below_55(region: str, end_year: int, tmp_path: Path) -> None:
    """Only the state after the last year parts the careers of women: so one run for each of these years."""
    path = tmp_path / "short.yaml"
    path.write_text(f"extends: {region}/baseline\nyears: [2021, {end_year}]\ntargets: []\n", encoding="utf-8")
    plain = load_scenario(path)
    lever = {"name": {"en": "a", "local": "a"}, "reason": "A trial.", "retirement": {"reform": "none"}}
    found = []
    for one in (plain, with_levers(plain, "a", {"a": lever})):
        (lane,) = project(one).lanes
        assert lane.closing is not None
        heads = at.by_moment(lane.closing.members)[at.HEADS, 1, PAYERS, : 55 - at.FIRST_AGE]
        found.append(float(heads.sum()))
    assert found[0] > 0.0
    assert found[0] == pytest.approx(found[1], rel=1e-3)


@pytest.mark.parametrize("name", ["china-2020", "jiangxi-2020"])
def test_history__foresees_no_law(name: str) -> None:
    """Run to 2024 under the law of today and under that known at the end of 2023: one history, to the bit."""
    law = load_law()
    one, two = (spin_up(load_basis(name), tree, LAST_KNOWN) for tree in (law, law.known_on("2023-12-31")))
    assert one.inputs.years[-1] == LAST_KNOWN
    assert np.array_equal(one.inputs.tables.retirement, two.inputs.tables.retirement)
    assert np.array_equal(one.output.members, two.output.members)
    assert np.array_equal(one.state.members[..., at.SERVICE, :], two.state.members[..., at.SERVICE, :])
    assert np.array_equal(one.state.returns, two.state.returns)
    assert np.array_equal(one.state.odds, two.state.odds)


# --- levers -----------------------------------------------------------------------------------------------------------

CAMPAIGN = {
    "id": "c", "status": "flexible", "kind": "additional", "total": 10_000_000, "years": [2026, 2030],
    "pools": ["none", "resident"], "reason": "A trial.",
}  # fmt: skip


@cache
def campaigned(ages: tuple[int, int] | None = None) -> Lane:
    stated = CAMPAIGN if ages is None else {**CAMPAIGN, "ages": list(ages)}
    (lane,) = with_change("china", campaigns=[stated])
    return lane


def more_of(lane: Lane, what: str, year: int) -> float:
    """People more than in the baseline at a year end, over the heads of the campaign [1]."""
    (plain,) = lanes_of("china")
    arrays = [getattr(output_of(one), what)[end(one, year)] for one in (lane, plain)]
    if what == "members":
        arrays = [array[PAYERS] for array in arrays]
    return float(arrays[0].sum() - arrays[1].sum()) / CAMPAIGN_HEADS


CAMPAIGN_HEADS = 10_000_000.0


def test_campaign__heads_pay_retire_and_draw() -> None:
    """Ten million of 35 to the last age in time: four fifths pay in 2030, by 2060 none of them is a payer.

    Payers are then fewer by 6 % of the campaign: of the same cohorts some who entered late without it still pay for
    missing years. Pensioners are more by 28 % of it; the others had entered anyway, paused, or have died.
    """
    lane = campaigned()
    assert flow(lane, "campaign_top_up_flexible").sum() == pytest.approx(CAMPAIGN_HEADS)
    assert flow(lane, "campaign_missing_flexible").max() < 1.0
    assert flow(lane, "campaign_in_time").sum() == pytest.approx(CAMPAIGN_HEADS)
    assert 0.7 < more_of(lane, "members", 2030) < 0.9
    assert -0.10 < more_of(lane, "members", 2060) < 0.01
    assert 0.15 < more_of(lane, "pensioners", 2060) < 0.45
    assert more_of(lane, "pensioners", 2030) == pytest.approx(0.0, abs=1e-4)


def test_campaign__of_stated_ages_tells_how_many_are_too_late() -> None:
    """Ages 35 to 55: two thirds of the people who can enter are too old to reach the minimum by their month."""
    lane = campaigned((35, 55))
    brought = flow(lane, "campaign_top_up_flexible").sum() - flow(lane, "campaign_missing_flexible").sum()
    assert brought == pytest.approx(CAMPAIGN_HEADS)
    in_time = flow(lane, "campaign_in_time").sum() / brought
    assert 0.1 < in_time < 0.6
    assert more_of(lane, "pensioners", 2060) < more_of(campaigned(), "pensioners", 2060)


def test_campaign__leaves_no_memory_in_later_entries() -> None:
    """Pressures are those of the baseline; entries after it fall by what the pool lacks, never by its heads."""
    (plain,), lane = lanes_of("china"), campaigned()
    for status in ("enterprise", "flexible"):
        assert np.array_equal(flow(lane, f"entry_odds_{status}"), flow(plain, f"entry_odds_{status}"))
    first = years_of(lane).index(2031)
    fewer = (flow(plain, "entries_flexible") - flow(lane, "entries_flexible"))[first:]
    assert 0.0 < fewer[0] < 0.05 * CAMPAIGN_HEADS
    assert np.abs(fewer).max() < 0.05 * CAMPAIGN_HEADS


@pytest.mark.parametrize("rate", [0.75, 0.90])
def test_payment_rate__moves_no_member(rate: float) -> None:
    """In its first year the total of members is the same; a year later only deaths and choices differ."""
    (plain,), (lane,) = lanes_of("china"), with_change("china", payment_rate={2026: rate})
    totals = {
        year: [float(output_of(one).members[end(one, year)].sum()) for one in (lane, plain)] for year in (2026, 2027)
    }
    assert totals[2026][0] == pytest.approx(totals[2026][1], rel=1e-12)
    assert totals[2027][0] == pytest.approx(totals[2027][1], rel=1e-4)
    for year in (2026, 2040, 2060):
        members = output_of(lane).members[end(lane, year)]
        assert members[PAYERS].sum() / members.sum() == pytest.approx(rate, rel=1e-9)
    for status in STATUSES[:2]:
        t = years_of(lane).index(2026)
        assert flow(lane, f"entries_{status}")[t] == pytest.approx(flow(plain, f"entries_{status}")[t], rel=1e-12)


def test_coverage_growth__adds_to_the_heads_what_it_states() -> None:
    """2 % more flexible payers in 2030 than entries at the pressure of the year bring; the pressure says so."""
    (plain,), (lane,) = (
        lanes_of("china"),
        with_change("china", coverage_growth={"flexible_payers": {2030: 0.02, 2031: 0.0}}),
    )
    heads = [float(output_of(one).members[end(one, 2030), at.FLEXIBLE].sum()) for one in (lane, plain)]
    assert heads[0] / heads[1] == pytest.approx(1.02, rel=1e-6)
    t = years_of(lane).index(2030)
    assert flow(lane, "shortfall_flexible")[t] == pytest.approx(0.0, abs=1e-3)
    odds = [flow(one, "entry_odds_flexible") for one in (lane, plain)]
    assert odds[0][t] > odds[1][t]
    assert odds[0][t + 1] == odds[1][t + 1]
