"""Entered actuals on the real engine: known years are met, growth goes on, the opening stays, areas add up."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np
import pytest

from simengine.basis.basis import load_basis
from simengine.common.errors import SimengineError, each_error
from simengine.engine.actuals import settle
from simengine.engine.compile.paths import fill_paths
from simengine.engine.project import Openings, Result, lane_bases, project
from simengine.engine.what_if import what_if
from simengine.judge.indicators import Definitions, registry
from simengine.law import load_law
from simengine.registry.actuals import ENTERED, refusal
from simengine.registry.inputs import LEVEL_SERIES, LEVER_ROWS, SERIES
from simengine.scenario.scenario import Scenario, load_scenario
from tests.helpers.actual_tables import scenario_with, table
from tests.helpers.note_tables import note_text

REGIONS = ("china", "jiangxi", "hubei", "xuzhou", "haiyan", "jingdezhen")
SHORT = "years: [{first}, 2030]\n"


def short(region: str) -> str:
    """Lines that end a scenario in 2030 and take packaged actuals away."""
    first = load_scenario(f"{region}/baseline").years[0]
    return SHORT.format(first=first) + "targets: []\nactuals: none\n"


def plain(region: str, folder: Path) -> Scenario:
    """The short scenario of a region without actuals."""
    path = folder / "plain.yaml"
    path.write_text(f"extends: {region}/baseline\n{short(region)}", encoding="utf-8")
    return load_scenario(path)


def measured(result: Result, name: str, region: str) -> dict[int, float]:
    """An indicator of the first scenario by year end."""
    values = registry()[name](result.dataset, Definitions()).sel(region=region).isel(scenario=0, draw=0)
    return dict(zip(values.year_end.values.tolist(), values.values.tolist(), strict=True))


def heads(result: Result, series: str, region: str) -> dict[int, float]:
    """A coverage level as the run has it, by year end."""
    data = result.dataset.sel(region=region).isel(scenario=0, draw=0)
    status = {"enterprise_payers": "enterprise", "flexible_payers": "flexible", "public_payers": "public"}
    status |= {"paused_members": "paused"}
    if series in status:
        found = data["members"].sel(status=status[series])
    elif series == "resident_registered":
        found = data["resident_contributors"] + data["resident_paused"]
    else:
        found = data[series]
    return dict(zip(found.year_end.values.tolist(), found.values.tolist(), strict=True))


# --- every level of every region --------------------------------------------------------------------------------------


SHORTFALL = {
    "enterprise_payers": "enterprise", "flexible_payers": "flexible", "public_payers": "public",
    "paused_members": "paused", "resident_registered": "resident",
}  # fmt: skip


@pytest.mark.parametrize("name", LEVEL_SERIES)
@pytest.mark.parametrize("region", REGIONS)
def test_level__of_every_region_is_what_is_entered(region: str, name: str, tmp_path: Path) -> None:
    without = project(plain(region, tmp_path))
    first = without.lanes[0].scenario.years[0]
    years = [first, first + 1, first + 2]
    known = heads(without, name, region)
    asked = {year: round(0.998 * known[year]) for year in years}
    row = f"{name},,人,{','.join(map(str, asked.values()))},bureau,,,"
    made = scenario_with(f"{region}/baseline", tmp_path, ",".join(map(str, years)), row, text=short(region))
    result = project(made)
    found = heads(result, name, region)
    data = result.dataset.sel(region=region).isel(scenario=0, draw=0)
    for year in years:
        lacking = 0.0
        if name in SHORTFALL:  # what the engine reports: too few people who could enter, or more who cannot leave
            lacking = float(data[f"shortfall_{SHORTFALL[name]}"].sel(year=year))
        laid_off = 0.0
        if name == "paused_members":  # layoffs of payers who are not entered come on top
            laid_off = float(data["layoffs"].sel(year=slice(first, year)).sum())
        assert found[year] + lacking == pytest.approx(asked[year] + laid_off, rel=1e-9), year
        if name not in ("resident_registered", "paused_members"):
            assert lacking == pytest.approx(0.0, abs=1e-6 * asked[year])
    assert found[first - 1] == known[first - 1]


@pytest.mark.parametrize("name", ["enterprise_payers", "paused_members"])
def test_level__after_years_not_entered_is_met(name: str, tmp_path: Path) -> None:
    known = heads(project(plain("haiyan", tmp_path)), name, "haiyan")
    row = f"{name},,人,{round(known[2023])},bureau,,,"
    result = project(scenario_with("haiyan/baseline", tmp_path, "2023", row, text=short("haiyan")))
    assert heads(result, name, "haiyan")[2023] == pytest.approx(round(known[2023]), rel=1e-6)


@pytest.mark.parametrize("region", REGIONS)
def test_series__take_an_actual_and_read_it_or_are_refused(region: str, tmp_path: Path) -> None:
    base, law = plain(region, tmp_path), load_law()
    year = base.base_year + 2
    first = lane_bases(base)[0]
    years = np.arange(base.base_year, 2031)
    before = fill_paths(first, law, years, base).values
    refused, taken = [], 0
    for name in SERIES:
        known = before.get(name)
        value = 1.0 if known is None or not np.isfinite(known[2]) or known[2] == 0.0 else float(known[2])
        made = what_if(base, actuals=[table(tmp_path, str(year), f"{name},,,{value!r},s,,yes,", name="one")])
        file = tmp_path / "one.yaml"
        entry = f"{{item: {name}, source: s, checked: true, values: {{{year}: {value!r}}}}}"
        file.write_text(
            f"extends: {region}/baseline\nyears: [{base.years[0]}, 2030]\ntargets: []\nactuals: [{entry}]\n"
        )
        assert made.actuals
        try:
            (own, *_) = lane_bases(load_scenario(file))
        except SimengineError as error:
            (only,) = each_error(error)
            assert only.code.startswith("actual_"), only.code
            assert (
                refusal(name) or name not in first.series_names() or only.code in ("actual_least", "actual_bounds")
            ), name
            refused.append(name)
            continue
        part = 1.0
        if name in LEVER_ROWS and LEVER_ROWS[name].shared_by and base.basis != own.name:
            level = LEVER_ROWS[name].shared_by
            part = own.opening(level) / load_basis(base.basis).opening(level)
        assert own.path(name, [year])[0] == pytest.approx(value * part, rel=1e-12), name
        assert own.origin(name, year).source == "s", name
        taken += 1
    assert taken >= len(ENTERED) - 12 and "employer_rate" in refused and "births_male" in refused


# --- growth goes on ---------------------------------------------------------------------------------------------------


def test_level__between_and_after_entered_years_goes_on_by_borrowed_growth(tmp_path: Path) -> None:
    without = heads(project(plain("xuzhou", tmp_path)), "injury_insured", "xuzhou")
    rows = ["injury_insured,,万人,104,,109,bureau,,,"]
    made = scenario_with("xuzhou/baseline", tmp_path, "2021,2022,2023", *rows, text=short("xuzhou"))
    run = heads(project(made), "injury_insured", "xuzhou")
    assert run[2021] == pytest.approx(1_040_000) and run[2023] == pytest.approx(1_090_000)
    assert run[2022] / run[2021] == pytest.approx(without[2022] / without[2021], rel=2e-4)
    assert run[2030] / run[2023] == pytest.approx(without[2030] / without[2023], rel=2e-3)


def test_wage__of_a_city_replaces_what_is_borrowed_and_grows_on(tmp_path: Path) -> None:
    base = plain("haiyan", tmp_path)
    (before,), years = lane_bases(base), [2021, 2022, 2023, 2024, 2025, 2030]
    rows = ["average_wage,,元/月,8000,bureau,,,"]
    (after,) = lane_bases(scenario_with("haiyan/baseline", tmp_path, "2022", *rows, text=short("haiyan")))
    known, moved = before.path("average_wage", years), after.path("average_wage", years)
    assert moved[0] == known[0] and moved[1] == 8000.0
    assert moved[2:] == pytest.approx(known[2:] * 8000.0 / known[1], rel=1e-12)


def test_wage__published_by_the_region_itself_stands_after_the_entered_year(tmp_path: Path) -> None:
    (before,) = lane_bases(plain("jiangxi", tmp_path))
    rows = ["average_wage,,元/月,6000,bureau,,,"]
    (after,) = lane_bases(scenario_with("jiangxi/baseline", tmp_path, "2022", *rows, text=short("jiangxi")))
    assert after.path("average_wage", [2022])[0] == 6000.0
    assert (after.path("average_wage", [2021, 2023, 2024]) == before.path("average_wage", [2021, 2023, 2024])).all()


def test_share__goes_on_along_the_path_of_the_basis(tmp_path: Path) -> None:
    (before,) = lane_bases(plain("haiyan", tmp_path))
    rows = ["registered_unemployment_rate,,%,2.5,bureau,,,"]
    (after,) = lane_bases(scenario_with("haiyan/baseline", tmp_path, "2022", *rows, text=short("haiyan")))
    name, own = "registered_unemployment_rate", before.own_series
    assert after.path(name, [2021])[0] == before.path(name, [2021])[0]
    assert after.path(name, [2022])[0] == pytest.approx(0.025)
    if max(own[name].years) <= 2022 and before.rule(name).after == "held":
        assert after.path(name, [2030])[0] == pytest.approx(0.025)


def test_lever__acts_on_top_of_an_actual(tmp_path: Path) -> None:
    rows = ["average_wage,,元/月,8000,bureau,,,"]
    lever = "paths: {average_wage: {multiply: {2022: 1.1}}}\n"
    made = scenario_with("haiyan/baseline", tmp_path, "2022", *rows, text=short("haiyan") + lever)
    (basis,) = lane_bases(made)
    book = fill_paths(basis, load_law(), np.arange(2020, 2031), made)
    assert book.values["average_wage"][2] == pytest.approx(8800.0)


def test_opening__and_history_do_not_see_an_actual(tmp_path: Path) -> None:
    without = project(plain("jiangxi", tmp_path))
    rows = ["average_wage,,元/月,6000,bureau,,,", "unemployment_insured,,万人,330,bureau,,,"]
    run = project(scenario_with("jiangxi/baseline", tmp_path, "2022", *rows, text=short("jiangxi")))
    assert (run.lanes[0].opening == without.lanes[0].opening).all()
    assert run.spin_ups["jiangxi-2020"].basis is run.lanes[0].basis.plain


def test_opening_scenario__sees_no_actual_and_says_so(tmp_path: Path) -> None:
    rows = ["unemployment_insured,,万人,330,bureau,,,"]
    made = scenario_with("haiyan/as_planned", tmp_path, "2022", rows[0].replace("330", "16"))
    assert [basis.without_actuals for basis in lane_bases(made)] == [None]
    (told,) = settle(made).remarks
    assert "not entered" in told.en and "未填入" in told.zh


# --- areas ------------------------------------------------------------------------------------------------------------


def test_areas__get_the_city_by_their_share_and_an_entered_one_its_own(tmp_path: Path) -> None:
    rows = ["unemployment_insured,,万人,90,bureau,,,", "unemployment_insured,沛县,万人,7,bureau,,,"]
    made = scenario_with("xuzhou/baseline", tmp_path, "2022", *rows, text=short("xuzhou"))
    run = project(made)
    assert heads(run, "unemployment_insured", "xuzhou")[2022] == pytest.approx(900_000)
    assert heads(run, "unemployment_insured", "xuzhou_peixian")[2022] == pytest.approx(70_000)
    parts = {lane.basis.region: lane.basis.opening("unemployment_insured") for lane in run.lanes}
    left = sum(value for region, value in parts.items() if region != "xuzhou_peixian")
    urban = heads(run, "unemployment_insured", "xuzhou_urban")[2022]
    assert urban == pytest.approx(830_000 * parts["xuzhou_urban"] / left, rel=1e-9)


def test_areas__an_entered_one_keeps_its_part_in_later_entered_years(tmp_path: Path) -> None:
    """The city is entered in 2022, 2023 and 2025, Pei County in 2022 and 2024.

    2023: 7/90 of the city, as in 2022. 2025: 8, of 2024, beside what the other areas had in 2023, 94·83/90, and its
    growth to 2024, which is the nation's.
    """
    rows = ["unemployment_insured,,万人,90,94,,96,bureau,,,", "unemployment_insured,沛县,万人,7,,8,,bureau,,,"]
    made = scenario_with("xuzhou/baseline", tmp_path, "2022,2023,2024,2025", *rows, text=short("xuzhou"))
    settled = settle(made).actuals
    found = {name: {one.year: one.value for one in values} for name, values in settled.items()}
    area = found["xuzhou_peixian-2020"]
    assert area[2023] == pytest.approx(940_000 * 7.0 / 90.0, rel=1e-9)
    assert area[2024] == 80_000.0
    before, after = load_basis("china-2020").path("unemployment_insured", [2023, 2024])
    rest = 940_000 * 83.0 / 90.0 * after / before
    assert area[2025] == pytest.approx(960_000 * 80_000 / (80_000 + rest), rel=1e-9)
    assert sum(values[2025] for values in found.values()) == pytest.approx(960_000)
    left = {name: values[2025] / values[2022] for name, values in found.items() if "peixian" not in name}
    assert max(left.values()) == pytest.approx(min(left.values()), rel=1e-9)


def test_wage_of_a_city__is_that_of_every_area(tmp_path: Path) -> None:
    rows = ["average_wage,,元/月,7500,bureau,,,", "average_wage,沛县,元/月,6500,bureau,,,"]
    bases = lane_bases(scenario_with("xuzhou/baseline", tmp_path, "2023", *rows, text=short("xuzhou")))
    wages = {basis.region: basis.path("average_wage", [2023])[0] for basis in bases}
    assert wages.pop("xuzhou_peixian") == 6500.0 and set(wages.values()) == {7500.0}


# --- totals -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("region", REGIONS)
@pytest.mark.parametrize(
    "name", ["uebps_payers", "uebps_participants", "resident_participants", "pension_participants"]
)
def test_total__is_met_with_the_pensioners_of_the_run(region: str, name: str, tmp_path: Path) -> None:
    base = plain(region, tmp_path)
    known = measured(project(base), name, region)
    first, second = base.base_year + 2, base.base_year + 3
    factors = (0.999, 0.9985) if region == "china" else (1.001, 1.0015)  # the nation has nobody left to register
    asked = {year: round(factor * known[year]) for year, factor in zip((first, second), factors, strict=True)}
    row = f"{name},,人,{asked[first]},{asked[second]},bureau,,,"
    result = project(scenario_with(f"{region}/baseline", tmp_path, f"{first},{second}", row, text=short(region)))
    found = measured(result, name, region)
    parts = len(result.lanes)
    assert [found[year] for year in asked] == pytest.approx(list(asked.values()), abs=0.5 * parts)


def test_total__leaves_what_is_entered_itself(tmp_path: Path) -> None:
    rows = ["uebps_participants,,万人,1340,bureau,,,", "enterprise_payers,,万人,540,bureau,,,"]
    result = project(scenario_with("jiangxi/baseline", tmp_path, "2022", *rows, text=short("jiangxi")))
    assert heads(result, "enterprise_payers", "jiangxi")[2022] == pytest.approx(5_400_000, rel=1e-9)
    assert measured(result, "uebps_participants", "jiangxi")[2022] == pytest.approx(13_400_000, abs=0.5)


def test_total_of_an_area__takes_it_out_of_the_city(tmp_path: Path) -> None:
    base = project(plain("xuzhou", tmp_path))
    city = round(1.01 * measured(base, "uebps_participants", "xuzhou")[2022])
    area = round(1.03 * measured(base, "uebps_participants", "xuzhou_peixian")[2022])
    rows = [f"uebps_participants,,人,{city},bureau,,,", f"uebps_participants,xuzhou_peixian,人,{area},bureau,,,"]
    result = project(scenario_with("xuzhou/baseline", tmp_path, "2022", *rows, text=short("xuzhou")))
    assert measured(result, "uebps_participants", "xuzhou")[2022] == pytest.approx(city, abs=4.0)
    assert measured(result, "uebps_participants", "xuzhou_peixian")[2022] == pytest.approx(area, abs=0.5)


# --- months -----------------------------------------------------------------------------------------------------------


def test_month__is_carried_to_the_year_end_along_the_growth_of_the_year(tmp_path: Path) -> None:
    rows = ["unemployment_insured,,万人,330,bureau,,,"]
    made = scenario_with("jiangxi/baseline", tmp_path, "2022-08", *rows, text=short("jiangxi"))
    nation = load_basis("china-2020").path("unemployment_insured", [2021, 2022])
    wanted = 3_300_000 * (nation[1] / nation[0]) ** (4 / 12)
    result = project(made)
    assert heads(result, "unemployment_insured", "jiangxi")[2022] == pytest.approx(wanted, rel=1e-12)
    (told,) = settle(made).remarks
    assert "carried to the end of 2022" in told.en and "china-2020" in told.en


# --- packaged ---------------------------------------------------------------------------------------------------------


def test_jiangxi__enters_august_2022_and_the_plan_scenario_does_not() -> None:
    known = settle(load_scenario("jiangxi/baseline"))
    assert {row.statement.item for row in known.rows if not row.compared} == {
        "pension_participants", "unemployment_insured", "injury_insured",
    }  # fmt: skip
    assert not settle(load_scenario("jiangxi/as_planned")).actuals


def test_digest__tells_actuals_apart_and_says_nothing_without(tmp_path: Path) -> None:
    rows = ["unemployment_insured,,万人,{},bureau,,,"]
    base = plain("haiyan", tmp_path)
    one = what_if(base, actuals=[table(tmp_path, "2022", rows[0].format(15), name="a")])
    two = what_if(base, actuals=[table(tmp_path, "2022", rows[0].format(16), name="b")])
    assert len({base.digest, one.digest, two.digest}) == 3
    assert replace(base, key="x").digest == base.digest
    assert what_if(one, actuals=["none"]).digest == base.digest


def test_sweep__of_levers_shares_the_bases_with_their_actuals() -> None:
    base = load_scenario("jiangxi/baseline")
    openings = Openings()
    shared = openings.bases(base)
    assert openings.bases(what_if(base, growth={"average_wage": {2030: 0.03}})) is shared
    assert openings.bases(load_scenario("jiangxi/as_planned")) is not shared
    assert openings.bases(what_if(base, actuals=["none"])) is not shared


def test_example_of_the_notes__is_a_scenario(tmp_path: Path) -> None:
    block = note_text("actuals").split("```yaml\n")[1].split("```")[0]
    path = tmp_path / "mine.yaml"
    path.write_text(block.replace("2021: 8.9, ", ""), encoding="utf-8")
    table(tmp_path, "2021", "unemployment_insured,,万人,88.2,s,,,", name="bureau")
    settled = settle(load_scenario(path))
    assert len(settled.actuals) == 7 and [len(actuals) for actuals in settled.actuals.values()].count(2) == 1
    (peixian,) = (one for one in settled.actuals["xuzhou_peixian-2020"] if one.series == "injury_insured")
    assert peixian.value > 91_000 and peixian.source == "yearbook 2022" and peixian.where.startswith(str(path))
    path.write_text(block, encoding="utf-8")
    both = [one for one in settle(load_scenario(path)).actuals["xuzhou_peixian-2020"] if one.series == "injury_insured"]
    assert [one.year for one in both] == [2021, 2022] and both[0].value == 89_000


def test_month__of_a_year_that_no_basis_knows_stands_as_it_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rows = ["unemployment_insured,,万人,18,bureau,,,"]
    monkeypatch.setattr("simengine.engine.actuals.names.today", lambda: date(2029, 1, 1))
    made = scenario_with("haiyan/baseline", tmp_path, "2028-06", *rows, text=short("haiyan"))
    settled = settle(made)
    assert settled.actuals["haiyan-2020"][0].value == 180_000.0
    assert "no basis knows the growth" in settled.remarks[0].en and "没有基础数据" in settled.remarks[0].zh


def test_years__up_to_the_opening_keep_every_bit(tmp_path: Path) -> None:
    base = plain("hubei", tmp_path)
    (before,) = lane_bases(base)
    years = np.arange(base.base_year - 1, base.base_year + 3)
    names = [name for name in ENTERED if name in before.series_names()]
    entry = "{{item: {}, source: s, checked: true, values: {{2023: {!r}}}}}"
    known = {name: float(np.nan_to_num(before.path(name, [2023])[0])) for name in names}
    entries = [entry.format(name, known[name] or (0.0 if not LEVER_ROWS.get(name) else 1.0)) for name in names]
    path = tmp_path / "mine.yaml"
    path.write_text(f"extends: hubei/baseline\nactuals: [{', '.join(entries)}]\n", encoding="utf-8")
    (after,) = lane_bases(load_scenario(path))
    for name in names:
        assert np.array_equal(before.path(name, years[:2]), after.path(name, years[:2]), equal_nan=True), name
        np.testing.assert_allclose(after.path(name, years[2:]), before.path(name, years[2:]), rtol=1e-12, err_msg=name)
