"""Ages on the real engine: new pensions by factor, cohorts, dated steps of law, and the table of `simengine check`."""

from __future__ import annotations

import io
import math
from functools import cache
from typing import Any

import numpy as np
import pytest
import xarray as xr

from simengine.engine.compile import LaneInputs
from simengine.engine.label import label_dataset, lane_variables
from simengine.engine.project import Result, project
from simengine.judge.checks import ages, identities
from simengine.judge.checks.ages import AFTER, COLUMNS, SHOWN, ages_table
from simengine.judge.checks.lanes import datasets
from simengine.judge.checks.plausibility import ranges
from simengine.judge.checks.retirement import ADDED, factor_move, factors, law_steps, with_other_ways
from simengine.judge.indicators import find_indicator
from simengine.judge.indicators.by_age import ByAge, by_age
from simengine.kernels import layout as at
from simengine.report.tables.opening import show_ages
from simengine.scenario.scenario import load_scenario, with_levers
from tests.helpers.lane_builder import Lane, build_lane
from tests.helpers.note_tables import assert_rows, note_tables, number_of

WHY = {"name": {"en": "a test", "local": "试"}, "reason": "A test of ages."}
REFORM = {
    "reform": "custom",
    "start": "2027-03",
    "step_months": {"men": 2, "women_55": 2, "women_50": 2},
    "cap_months": {"men": 60, "women_55": 60, "women_50": 60},
}
NO_EARLY = {"retirement/early_hazard": {"2021-01-01": 0.0}}
LEVERS: dict[str, dict[str, Any]] = {
    "none": {},
    "reform": {"retirement": REFORM},
    "no reform": {"retirement": {"reform": "none"}},
    "no early leaving": {"changes": NO_EARLY},
    "minimum": {"changes": {"retirement/minimum_months": {"2027-01-01": 240}}},
}


@cache
def run(lever: str = "none", region: str = "jiangxi", until: int = 2045) -> Result:
    """The baseline of a region with one lever, run once; levers stand for every kind of change of the law."""
    scenario = load_scenario(f"{region}/baseline")
    stated = {"t": {**WHY, **LEVERS[lever]}} if LEVERS[lever] else {}
    return project(with_levers(scenario, "t", stated))


def data_of(lever: str = "none", region: str = "jiangxi") -> xr.Dataset:
    """The dataset of that region."""
    (found,) = [data for _, basis, data in datasets(run(lever, region)) if basis.region == region]
    return found


def heads(data: xr.Dataset, name: str) -> np.ndarray:
    """A count by career, summed [year]."""
    return np.asarray(data[name].sum("career").values)


# --- new pensions by factor -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("lever", LEVERS)
def test_factors__give_back_the_new_pensions(lever: str) -> None:
    data = data_of(lever)
    found = factors(data)
    at_month = found["people_reaching"] * found["insured_share"] * found["minimum_share"]
    rebuilt = at_month - found["deferred"] + sum(found[name] for name in ADDED)
    assert np.allclose(rebuilt, data["awards_enterprise"] + data["awards_public"], rtol=1e-9, atol=0.0)
    assert float(abs(found["residual"]).max()) < 1e-9
    assert (data["awards"] > 0.0).all()
    shares = found["insured_share"], found["minimum_share"]
    assert all(((share > 0.0) & (share < 1.0)).all() for share in shares)


def test_early_leaving__is_apart_from_the_reform() -> None:
    """The hazard alone drives it, and the hazard alone takes it away; the law of 2025 brings months ahead and after.

    The years before the law do not foresee it, and the hazard acts first on who is there when the law begins: so early
    leaving up to 2025 is the same to the bit without the law.
    """
    base, without, old = (data_of(name) for name in ("none", "no early leaving", "no reform"))
    years = base["year"].values
    early = heads(base, "awards_early_leaving")
    assert (early > 0.0).all() and early[years == 2025] < early[years == 2024], "the hazard falls in 2025 and stays"
    assert (heads(without, "awards_early_leaving") == 0.0).all()
    assert heads(without, "awards_at_month")[years == 2024] > heads(base, "awards_at_month")[years == 2024]
    for name in ("awards_ahead", "deferred_at_month"):
        assert (heads(base, name)[years < 2025] == 0.0).all() and (heads(base, name)[years >= 2025] > 0.0).all(), name
        assert (heads(old, name) == 0.0).all(), name
    assert (heads(base, "awards_special_jobs")[years < 2025] == 0.0).all()
    kept = years <= 2025
    assert np.array_equal(early[kept], heads(old, "awards_early_leaving")[kept])
    later = heads(old, "awards_early_leaving")[~kept]
    assert (early[~kept] != later).all(), (
        "who goes ahead or stays under the law is there or not at the next year's start"
    )


def test_people_reaching__are_all_who_are_left_of_the_months_without_a_reform() -> None:
    """Under the old ages men reach their month at 60 exactly: those of 60 at year end."""
    data = data_of("no reform")
    men = data["people_reaching_month"].sel(career="men").values
    sixty = data["population"].sel(sex="male", age=60).values[1:]
    assert men == pytest.approx(sixty, rel=1e-12)


def test_factor_move__is_over_the_year_before() -> None:
    found = with_other_ways(factors(data_of()))
    place = list(found["awards"].year.values).index(2031)
    share, early, new = (found[name].values for name in ("insured_share", "early_leaving", "awards"))
    assert factor_move("insured_share", found).values[place] == pytest.approx(share[place] / share[place - 1] - 1.0)
    before = list(found["awards"].year.values).index(2026)
    change = (early[before] - early[before - 1]) / new[before - 1]
    assert factor_move("early_leaving", found).values[before] == pytest.approx(change)
    others = sum(found[name] for name in ADDED if name != "early_leaving") - found["deferred"]
    assert np.array_equal(found["other_ways"].values, others.values)


def test_retirements__a_count_that_is_lost_ends_the_run() -> None:
    data = run().dataset
    assert float(np.abs(identities.CHECKS["retirements"](data)).max()) < 1e-12
    for name in ("awards_later", "below_minimum_fewer_years", "left_ten_years", "awards_paid_up"):
        wrong = data.assign({name: data[name] * 0.99})
        assert float(np.abs(identities.CHECKS["retirements"](wrong)).max()) > identities.LIMIT, name


# --- cohorts ----------------------------------------------------------------------------------------------------------


def test_cohorts__members_who_vanish_are_found() -> None:
    """A tenth of the men of 40 is taken away in 2030: identity and table name it."""
    result = run()
    data = result.dataset
    assert float(np.abs(identities.CHECKS["cohorts"](data)).max()) < 1e-12
    members = data["members_by_age"].copy(deep=True)
    members.loc[{"sex": "male", "working_age": 40, "year_end": 2030}] *= 0.9
    wrong = data.assign(members_by_age=members)
    residual = np.abs(identities.CHECKS["cohorts"](wrong))[0, 0, 0]
    assert residual.max() > 1e-3 and wrong["year"].values[residual.argmax()] == 2030
    fall, explained = by_age(wrong.sel(scenario="t", region="jiangxi", draw=0)).falls()
    worst = np.unravel_index((fall - explained).argmax(), fall.shape)
    assert (worst[0] + 17, wrong["year"].values[worst[1]]) == (40, 2030)
    assert fall[worst] > explained[worst] + 1e-3


def test_cohorts__fall_by_no_more_than_deaths_and_leavers_explain() -> None:
    for lever in LEVERS:
        fall, explained = by_age(data_of(lever)).falls()
        assert np.isfinite(fall).all() and (fall <= explained + 1e-9).all(), lever
        assert fall.max() > 0.0


def test_note__a_cohort() -> None:
    people, covered, gone = np.zeros((101, 2)), np.zeros((101, 2)), np.zeros((101, 1))
    people[:], covered[:], gone[:] = [200.0, 195.0], [100.0, 96.0], 5.0
    one = ByAge(people, covered, gone, np.array([2020, 2021]), np.array([2021]))
    fall, explained = one.falls()
    values = {
        "share before": covered[40, 0] / people[40, 0],
        "share after": covered[41, 1] / people[41, 1],
        "fall": fall[24, 0],
        "explained by the flows": explained[24, 0],
    }
    assert_rows(note_tables("ages", "4.3")[0], values)
    assert one.cohort(1980)[0] == pytest.approx(0.5)
    assert math.isnan(one.cohort(2000)[0])  # sixteen to twenty years old


# --- the kernel's counts ----------------------------------------------------------------------------------------------


def month_lane() -> Lane:
    """The lane of the note: men who reach 60, paused, with 20, 12 and 4 years."""
    lane = build_lane().awards("men", 60, {6: 1.0}, hazard=0.8, choice=0.75)
    cell = lane.tables.retirement[:, 0, 60]
    cell[:, [at.RET_EARLY_PART, at.RET_SPECIAL_PART, at.RET_AHEAD_PART]] = 0.10, 0.05, 0.15
    cell[:, [at.RET_MONTH_PART, at.RET_LATER_PART]] = 0.60, 0.10
    cell[:, [at.RET_DEFERRED, at.RET_REACHING]] = 0.04, 0.75
    lane.path(pay_up_share=0.5, continue_share=0.1, resident_share=0.2, refund_share=0.1, unclaimed_share=0.1)
    lane.people(at.MALE, 60, 2000.0)
    for count, years in ((1000.0, 20.0), (200.0, 12.0), (100.0, 4.0)):
        lane.members("paused", 60, count, years)
    return lane


def labelled(lane: Lane) -> xr.Dataset:
    """The results of one year of a lane under their names."""
    inputs = LaneInputs(np.array([2020]), lane.paths, lane.constants, at.Tables(*(getattr(lane.tables, name)[:1]
        if name in ("retirement",) else getattr(lane.tables, name) for name in at.Tables._fields)))  # fmt: skip
    values = lane_variables(inputs, at.unpack(lane.out, 1), 0)
    whole = label_dataset({("s", "china"): values}, inputs.years, ["s"], ["china"])
    return whole.sel(scenario="s", region="china", draw=0)


def test_note__new_pensions_by_factor() -> None:
    data = labelled(month_lane().step())
    found = {name: float(values[0]) for name, values in factors(data).items()}

    def men(name: str) -> float:
        return float(data[name].sel(career="men")[0])

    values = {
        "people reaching their month": men("people_reaching_month"),
        "early leaving": men("awards_early_leaving"),
        "special jobs": men("awards_special_jobs"),
        "ahead": men("awards_ahead"),
        "at the month": men("awards_at_month"),
        "later": men("awards_later"),
        "going later": men("deferred_at_month"),
        "below, ten or more years": men("below_minimum_ten_years"),
        "below, fewer years": men("below_minimum_fewer_years"),
        "paid up": men("awards_paid_up"),
        "left without a pension, ten or more": men("left_ten_years"),
        "left without a pension, fewer": men("left_fewer_years"),
        "insured reaching their month": men("insured_reaching_month"),
        "insured share": found["insured_share"],
        "with the minimum": found["minimum_share"],
        "new pensions": found["awards"],
        "ten or more years of the retirements": float(find_indicator("below_ten_years_share")(data)[0]),
        "left without a pension, of the retirements": float(find_indicator("left_ten_years_share")(data)[0]),
    }
    assert_rows(note_tables("ages", "4.1")[0], values)
    assert abs(found["residual"]) < 1e-12


def test_departures__deaths_moves_and_refunds_of_the_age_reached() -> None:
    """Half of all who reach 60 and 70 die; of the living members 0.2 move, 0.1 take the account."""
    lane = month_lane().pensioners(70, 400.0, 1000.0)
    lane.people(at.MALE, 70, 400.0)
    lane.tables.death_prob[:, at.MALE, [60, 70]] = 0.5
    lane.step()
    gone = lane.out.departures[0]
    dead = lane.flow("member_deaths")
    left = lane.flow("choice_resident") + lane.flow("choice_refund")
    assert dead > 500.0 and left == pytest.approx(0.3 * 0.75 * 300.0 * (1.0 - dead / 1300.0))
    assert gone[at.MALE, 60] == pytest.approx(dead + left)
    assert gone[at.MALE, 70] == pytest.approx(lane.flow("pensioner_deaths_enterprise"))
    assert gone.sum() == pytest.approx(gone[at.MALE, [60, 70]].sum())


def test_deferred__all_go_later_and_none_is_awarded() -> None:
    lane = month_lane()
    lane.tables.retirement[:, 0, 60, at.RET_HAZARD] = 0.0
    lane.tables.retirement[:, 0, 60, at.RET_DEFERRED] = 1.0
    data = labelled(lane.step())
    assert heads(data, "deferred_at_month") == pytest.approx([1000.0])
    assert heads(data, "insured_reaching_month") == pytest.approx([1225.0])
    assert heads(data, "awards_at_month") == 0.0


@pytest.mark.parametrize("service", [9.5, 9.7, 10.0, 10.25, 10.5])
def test_below__a_bin_is_split_at_ten_years(service: float) -> None:
    """Ten thousand persons spread over one year of service, counted one by one."""
    lane = build_lane().awards("men", 60, {6: 1.0}, choice=1.0)
    lane.members("paused", 60, 1000.0, service).step()
    years = service - 0.5 + (np.arange(10_000) + 0.5) / 10_000
    assert lane.out.retirements[0, at.BELOW_NEAR, 0] == pytest.approx(1000.0 * (years >= 10.0).mean(), abs=0.2)
    below = lane.out.retirements[0, [at.BELOW_NEAR, at.BELOW_FAR], 0]
    assert below.sum() == pytest.approx(lane.flow("below_minimum"))


# --- dated steps ------------------------------------------------------------------------------------------------------


def test_law_steps__are_read_from_the_law_of_the_scenario() -> None:
    def steps(lever: str) -> frozenset[int]:
        result = run(lever)
        return law_steps(result.lanes[0].scenario, result.law, "jiangxi")

    enacted = {2025, *range(2030, 2040)}
    assert {year for year in steps("none") if year > 2020} == enacted
    assert steps("no early leaving") == steps("none")  # an assumption: no law moves
    assert {year for year in steps("reform") if year > 2020} == {*enacted, 2027}
    assert {year for year in steps("minimum") if year > 2020} == {2025, 2027}


# --- the table --------------------------------------------------------------------------------------------------------


def row(lever: str, measure: str, group: str = "", region: str = "jiangxi") -> dict[str, Any]:
    table = ages_table(run(lever, region))
    own = table[(table.region == region) & (table.measure == measure) & (table.group == group)]
    assert len(own) == 1
    return dict(own.iloc[0])


def test_ages_table__shows_the_shares_of_the_results() -> None:
    data = data_of()
    young = row("none", "member_share", "25-29")
    for year in (2030, 2050):
        members = float(data["members_by_age"].sel(working_age=slice(25, 29), year_end=year).sum())
        people = float(data["population"].sel(age=slice(25, 29), year_end=year).sum())
        assert young[str(year)] == pytest.approx(members / people)
    known = int(young["known_year"])
    share = find_indicator("covered_25_29")(data)
    assert (young["known"], young["after_3"]) == (
        pytest.approx(float(share.sel(year_end=known))), pytest.approx(float(share.sel(year_end=known + AFTER))),
    )  # fmt: skip
    moves = np.abs(np.diff(share.values))[share.year_end.values[1:] >= known + AFTER]
    assert young["extreme"] == pytest.approx(moves.max())
    senior = row("none", "covered_share", "60-64")["2040"]
    drawing = row("none", "pensioners_60_64")["2040"]
    members = data["members_by_age"].sel(working_age=slice(60, 64), year_end=2040).sum()
    assert senior - drawing == pytest.approx(float(members / data["population_60_64"].sel(year_end=2040)))


def test_ages_table__a_cohort_is_five_birth_years_on_their_way() -> None:
    data = data_of()
    found = row("none", "cohort_share", "1980-1984")
    for year in SHOWN[:3]:
        span = slice(year - 1984, year - 1980)
        covered = data["members_by_age"].sel(working_age=span, year_end=year).sum()
        covered = covered + data["pensioners_by_age"].sel(age=span, year_end=year).sum()
        people = data["population"].sel(age=span, year_end=year).sum()
        assert found[str(year)] == pytest.approx(float(covered / people))
    assert math.isnan(found["2060"]) is (2060 - 1980 > 79)


def test_ages_table__careers_make_up_all_new_pensions() -> None:
    data = data_of()
    of = {group: row("none", "new_pensions_reaching", group)["2035"] for group in ("", *ages.GROUPS)}
    people = data["people_reaching_month"].sel(year=2035)
    weights = {"male": people.sel(career="men"), "women_55": people.sel(career="women_55")}
    weights["women_50"] = people.sel(career="women_50")
    total = sum(float(weights[name]) * of[name] for name in weights)
    assert total == pytest.approx(float(data["awards"].sel(year=2035)))
    assert of[""] * float(people.sum()) == pytest.approx(total)
    women = float(weights["women_55"]) * of["women_55"] + float(weights["women_50"]) * of["women_50"]
    assert women == pytest.approx(of["female"] * float(people.sel(career=["women_55", "women_50"]).sum()))


def test_ages_table__judges_moves_outside_dated_steps_alone() -> None:
    """The largest move of the share with the minimum that is judged falls into no year of the law."""
    steps = law_steps(run().lanes[0].scenario, run().law, "jiangxi")
    for name in ("insured_share", "minimum_share", "early_leaving", "deferred"):
        found = row("none", name)
        assert found["extreme_year"] not in steps and found["extreme_year"] > found["known_year"]
    moves = abs(factor_move("insured_share", factors(data_of())))
    assert float(moves.sel(year=2025)) > 0.10  # the law moves in that year, and nobody is told off for it
    assert row("none", "people_reaching")["verdict"] == ""


def test_ages_table__limits_are_those_of_nation_and_provinces() -> None:
    stated = {item.measure: item for item in ranges()}
    province, county = row("none", "member_share", "25-29"), row("none", "member_share", "25-29", "haiyan")
    assert province["limit"] == stated["covered_25_29"].step and province["verdict"] in ("inside", "outside")
    assert math.isnan(county["limit"]) and county["verdict"] == ""
    for name in ("below_ten_years", "left_ten_years"):
        assert row("none", name)["limit"] == stated[f"{name}_share"].high


@pytest.mark.parametrize(("lang", "said"), [("en", "Early leaving"), ("zh", "提前离岗")])
def test_show_ages__prints_every_part_in_both_languages(lang: Any, said: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "120")
    table = ages_table(run())
    assert list(table.columns) == list(COLUMNS)
    stream = io.StringIO()
    show_ages(table, lang, stream)
    printed = stream.getvalue()
    assert said in printed and "25-29" in printed and "1980-1984" in printed
    share = row("none", "member_share", "25-29")["2035"]
    assert f"{share:.3f}" in next(line for line in printed.splitlines() if "25-29" in line)


def test_note__parts_of_a_cell() -> None:
    """Weights of the men of 1965, of all who were there at 55, from the tables of the law."""
    from simengine.law.retirement import retirement_tables
    from tests.helpers.retirement_reference import make

    tables = retirement_tables(make(early=0.35, late=0.03, arduous=0.0, hazard=(0.11, 0.0)), range(2015, 2036))
    left, sums = 1.0, {name: [0.0, 0.0] for name in ("early", "ahead", "month", "later", "deferred")}
    for year in range(2020, 2030):
        place = (year - 2015, 0, year - 1965)
        hazard = tables.hazard[place]
        for name, total in sums.items():
            value = (
                tables.deferred_hazard[place] if name == "deferred" else hazard * getattr(tables, f"{name}_part")[place]
            )
            total[0] += left * value
            total[1] += left * value * (year == 2025)
        left *= 1.0 - hazard
    rows = note_tables("ages", "4.2")[0]
    for printed, found in zip(rows, sums.values(), strict=True):
        assert number_of(printed["all years"]) == pytest.approx(found[0], abs=5.1e-5), printed["way"]
        assert number_of(printed["of it 2025"]) == pytest.approx(found[1], abs=5.1e-5), printed["way"]
