"""Results over the closures: the range, the set around a run, what is kept between runs, years with their range."""

from __future__ import annotations

import json
import math
import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import numpy as np
import pandas as pd
import pytest
import xarray as xr

import simengine
from simengine.engine.project import Result, project
from simengine.judge.checks.accounts import Start, returns_of, unaided_from_print
from simengine.judge.checks.exhaustion import COLUMNS, exhaustion_table, starts_of
from simengine.judge.closures import kept, table
from simengine.judge.closures.measures import (
    FUND_YEARS,
    INDICATOR_YEARS,
    INDICATORS,
    KEPT,
    YEARS,
    as_dataset,
    measures_of,
)
from simengine.judge.closures.table import RANGES, VALUES, Over, over_closures, range_of
from simengine.judge.closures.years import range_columns, ranged_verdicts
from simengine.judge.indicators import registry
from simengine.judge.time import lasting_year, time_of
from simengine.registry.axes import FUND, PAYER_STATUS
from simengine.scenario.closures import read_closures, scenarios_beside
from simengine.scenario.scenario import load_scenario
from tests.judge.test_targets import row

NEVER = math.nan
NATION, REGION, CITY = "china/baseline", "hubei/baseline", "xuzhou/baseline"


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("cache")


@pytest.fixture(scope="module")
def over(ran: Callable[[str], Result], cache: Path) -> Callable[[str], Over]:
    """A packaged scenario over the closures, computed once; what is kept goes into a folder of its own."""
    known: dict[str, Over] = {}

    def of(key: str) -> Over:
        if key not in known:
            with pytest.MonkeyPatch.context() as patch:
                patch.setenv("SIMENGINE_CACHE", str(cache))
                known[key] = over_closures(ran(key), load_scenario(key))
        return known[key]

    return of


# --- a range ----------------------------------------------------------------------------------------------------------


def rows_of(values: dict[str, float]) -> list[dict[str, Any]]:
    """Rows of one measure: ``closure:variant``, and extremes and the baseline by their name alone."""
    named = {name: (*name.split(":"), name)[:2] if ":" in name else (name, name) for name in values}
    return [{"closure": named[name][0], "variant": named[name][1], "value": value} for name, value in values.items()]


def test_range__ends_who_gives_them_and_what_moves_most_alone() -> None:
    """Alone 90 to 125: b moves by 25, a by 10; the extremes reach 80 and 130 and are no closure."""
    values = {"baseline": 100.0, "a:low": 90.0, "a:high": 105.0, "b:high": 125.0, "tight": 80.0, "ample": 130.0}
    assert range_of(rows_of(values)) == {
        "baseline": 100.0, "low": 80.0, "low_by": "tight", "high": 130.0, "high_by": "ample",
        "moved_most_by": "b", "most": 25.0,
    }  # fmt: skip


def test_range__a_year_that_never_comes_is_later_than_any() -> None:
    """Baseline 2058; a brings 2050, b never: b moves it most, by no number of years, and is the late end."""
    found = range_of(rows_of({"baseline": 2058.0, "a:low": 2050.0, "b:high": NEVER}))
    assert (found["low"], found["low_by"], found["high_by"], found["moved_most_by"]) == (2050.0, "a:low", "b:high", "b")
    assert math.isnan(found["high"]) and math.isnan(found["most"])


def test_range__where_nothing_moves_no_closure_is_named() -> None:
    for value in (7.0, NEVER):
        found = range_of(rows_of({"baseline": value, "a:low": value, "tight": value}))
        assert (found["moved_most_by"], found["most"], found["low_by"]) == ("", 0.0, "baseline")


def test_measures__a_short_run_is_measured_in_its_last_year() -> None:
    years = {horizon: {one.year for one in measures_of(horizon, True)} - {None} for horizon in (2026, 2040, 2095)}
    assert years == {2026: {2026}, 2040: {2035}, 2095: {2035, 2050}}


@pytest.mark.parametrize(
    ("holds", "year"),
    [([1, 1, 0, 1], 2024.0), ([1, 1, 0, 0], NEVER), ([1, 1, 1, 1], 2021.0), ([0, 0, 0, 1], 2024.0)],
)
def test_lasting_year__begins_after_the_last_gap(holds: list[int], year: float) -> None:
    """2021 to 2024; a spell that ends before 2024 does not last."""
    found = float(lasting_year(xr.DataArray(np.array(holds, dtype=bool), {"year": [2021, 2022, 2023, 2024]}, "year")))
    assert found == year or (math.isnan(found) and math.isnan(year))


# --- the set around a run ---------------------------------------------------------------------------------------------


def judged_accounts(result: Result) -> np.ndarray:
    """Unaided accounts of a result of one lane, counted from the last printed balance [fund, year_end]."""
    (lane,) = result.lanes
    data = result.dataset.isel(scenario=0, draw=0, region=0)
    accounts = [data[name].transpose("fund", "year_end").values for name in ("fund_balance_unaided", "fund_balance")]
    return unaided_from_print(*accounts, returns_of(lane), lane.scenario.base_year, starts_of(lane.basis))


@pytest.mark.parametrize("key", [REGION, CITY])
def test_over__the_baseline_is_the_run_itself_to_the_bit(
    ran: Callable[[str], Result], over: Callable[[str], Over], key: str
) -> None:
    """Every measure of the baseline row beside the same indicator of the projection; a city is the sum of its areas."""
    own = over(key)
    data = ran(key).dataset.sel(scenario=key, region=own.region, draw=0)
    values = own.values().query("closure == 'baseline'")
    values = values[values["region"] == own.region].set_index(["measure", "fund", "year"])["value"]
    for year in YEARS:
        for name in INDICATORS:
            found = registry()[name](data)
            assert values[name, "", year] == float(found.sel({time_of(found): year}))
        if key == REGION:
            at = [int(end) for end in data.year_end.values].index(year)
            judged = judged_accounts(ran(key))
            for name, balances in (("fund_balance", data.fund_balance.values), ("fund_balance_unaided", judged)):
                assert values[name, "enterprise_pension", year] == balances[FUND.index("enterprise_pension"), at]
    for fund in ("resident", "unemployment", "work_injury"):
        for name in INDICATOR_YEARS:
            found = float(registry()[name](data).sel(fund=fund))
            told = values.xs((name, fund), level=("measure", "fund")).iloc[0]
            assert told == found or (math.isnan(told) and math.isnan(found)), (fund, name)


@pytest.mark.parametrize("key", [NATION, REGION, "hubei/as_planned"])
def test_over__the_years_of_the_baseline_are_those_of_the_table(
    ran: Callable[[str], Result], over: Callable[[str], Over], key: str
) -> None:
    """Both judge from the same start, the last printed balance that the scenario knows, so every year is equal."""
    values = (
        over(key).values().query("closure == 'baseline' and unit == 'year'").set_index(["fund", "measure"])["value"]
    )
    table = exhaustion_table(ran(key))
    assert {"first_deficit", "constant_share", "exhaustion_unaided"} <= set(FUND_YEARS) & set(table.columns)
    for of_fund in table.to_dict("records"):
        for name in set(FUND_YEARS) & set(table.columns):
            told, found = values[of_fund["fund"], name], of_fund[name]
            assert told == found or (math.isnan(told) and math.isnan(found)), (of_fund["fund"], name)


def test_as_dataset__years_before_the_start_of_a_fund_are_history() -> None:
    """Below zero at the end of 2021 and from 2024 on, 100 and 90 between. From the opening 2020 the first year below
    zero is 2021, judged from 2022 it is 2024, and from 2025 it is 2025. The balance falls in 2021, 2023 and 2024."""
    path = np.array([50.0, -1.0, 100.0, 90.0, -5.0, -4.0])
    lane = {name: np.zeros(6) for name in KEPT} | {"wage": np.ones(5), "members": np.zeros((len(PAYER_STATUS), 6))}
    lane |= {"financing_need": np.zeros((len(FUND), 5)), "returns": np.zeros((len(FUND), 5))}
    lane |= dict.fromkeys(("fund_balance", "fund_balance_unaided"), np.tile(path, (len(FUND), 1)))
    starts = {"resident": Start(2022, "printed"), "unemployment": Start(2025, "printed")}
    data = as_dataset([lane], 2020, starts)
    found = {name: {fund: float(of(data).sel(fund=fund)[0]) for fund in FUND} for name, of in FUND_YEARS.items()}
    funds = ("enterprise_pension", "resident", "unemployment")
    assert [found["constant_share"][fund] for fund in funds] == [2021, 2024, 2025]
    assert [found["exhaustion"][fund] for fund in funds] == [2024, 2024, 2025]
    assert [found["first_deficit"][fund] for fund in funds[:2]] == [2021, 2023]
    assert math.isnan(found["first_deficit"]["unemployment"])
    assert (
        {found["exhaustion_year"][fund] for fund in FUND}
        == {found["first_deficit_year"][fund] for fund in FUND}
        == {2021}
    )


def test_over__a_lane_equals_the_same_scenario_run_alone(over: Callable[[str], Over]) -> None:
    beside, _ = scenarios_beside(load_scenario(REGION), read_closures(), False)
    chosen = {(one.closure, one.variant): one.scenario for one in beside}
    values = over(REGION).values().set_index(["closure", "variant", "measure", "fund", "year"])["value"]
    for name in (("tight", "tight"), ("early_leaving", "low"), ("subsidy", "none")):
        data = project(chosen[name]).dataset.isel(scenario=0, draw=0).sel(region="hubei")
        balance = data.fund_balance.sel(fund="enterprise_pension", year_end=2050)
        assert values[*name, "fund_balance", "enterprise_pension", 2050] == float(balance)


@pytest.mark.parametrize("key", [NATION, REGION, CITY])
def test_over__the_baseline_is_inside_every_range(over: Callable[[str], Over], key: str) -> None:
    ranges = over(key).ranges().fillna({"low": math.inf, "baseline": math.inf, "high": math.inf})
    assert tuple(ranges.columns) == RANGES and len(ranges) > 20
    assert (ranges["low"] <= ranges["baseline"]).all() and (ranges["baseline"] <= ranges["high"]).all()


def test_over__each_value_moves_the_fund_the_way_its_name_says(over: Callable[[str], Over]) -> None:
    """Own balance of the nation in 2050: what brings money raises it, what costs lowers it; the extremes span them."""
    found = over(NATION).values().query("measure == 'fund_balance' and year == 2050")
    value = {f"{row.closure}:{row.variant}": row.value for row in found.itertuples()}
    base = value.pop("baseline:baseline")
    dearer = {
        "coverage_pressure:low", "award_factor:high", "indexation_mix:high", "early_leaving:high",
        "account_interest:high", "subsidy:none", "subsidy_months:low", "fund_return:low", "tight:tight",
    }  # fmt: skip
    assert {name for name, moved in value.items() if moved < base} == dearer
    assert {name for name, moved in value.items() if moved > base} == set(value) - dearer
    unaided = over(NATION).values().query("measure == 'fund_balance_unaided' and year == 2050").set_index("closure")
    for extreme, worst in (("tight", min), ("ample", max)):
        assert float(unaided.loc[extreme, "value"]) == worst(unaided["value"])


def test_over__the_pool_moves_a_province_and_the_subsidy_no_unaided_account(over: Callable[[str], Over]) -> None:
    """Hubei: the pool counts on the own account alone. The unaided balance changes by no subsidy but through money that
    is entrusted, whose share follows the own account: below one thousandth of the own account's move."""
    values = over(REGION).values().query("fund == 'enterprise_pension' and year == 2035")
    value = values.set_index(["measure", "closure", "variant"])["value"]
    own, unaided = value["fund_balance"], value["fund_balance_unaided"]
    assert own["pool", "low"] < own["baseline", "baseline"] < own["pool", "high"]
    moved = own["subsidy", "none"] - own["baseline", "baseline"]
    assert moved < 0.0 and abs(unaided["subsidy", "none"] - unaided["baseline", "baseline"]) < 1e-2 * abs(moved)


def test_over__below_the_province_no_pension_fund_is_measured(over: Callable[[str], Over]) -> None:
    ranges = over(CITY).ranges()
    assert not set(ranges["fund"]) & {"enterprise_pension", "public_pension"}
    assert {"uebps_payers", "replacement_ratio_average"} <= set(ranges["measure"])
    assert ranges["region"].nunique() == 8  # the city and its seven areas


def test_over__threads_change_no_bit(ran: Callable[[str], Result], over: Callable[[str], Over]) -> None:
    alone = over_closures(ran(REGION), load_scenario(REGION), threads=1)
    pd.testing.assert_frame_equal(alone.values(), over(REGION).values(), check_exact=True)


# --- kept between runs ------------------------------------------------------------------------------------------------

ROWS = [
    {
        "region": "china",
        "measure": "m",
        "fund": "",
        "year": 2035,
        "unit": "1",
        "closure": "a",
        "variant": "b",
        "value": v,
    }
    for v in (0.1 + 0.2, NEVER, -1e300)
]


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("SIMENGINE_CACHE", str(tmp_path))
    return tmp_path / "simengine" / kept.FOLDER


class Counted:
    """Makes rows and counts how often."""

    def __init__(self) -> None:
        self.made = 0

    def __call__(self) -> kept.Rows:
        self.made += 1
        return ROWS


def same(rows: kept.Rows) -> bool:
    return repr(rows) == repr(ROWS)


def test_kept__are_made_once_and_every_bit_comes_back(home: Path) -> None:
    make = Counted()
    assert all(same(kept.kept_rows("key", make)) for _ in range(3)) and make.made == 1
    kept.kept_rows("other", make)
    assert make.made == 2 and {path.name for path in home.iterdir()} == {"key.json", "other.json"}


@pytest.mark.parametrize("fault", ["cut", "changed", "empty", "renamed", "link", "open to others"])
def test_kept__a_file_that_is_not_whole_or_not_ones_own_is_made_again(home: Path, fault: str) -> None:
    make = Counted()
    kept.kept_rows("key", make)
    path = home / "key.json"
    content = path.read_bytes()
    if fault == "cut":
        path.write_bytes(content[:-5])
    elif fault == "changed":
        path.write_bytes(content.replace(b"2035", b"2036"))
    elif fault == "empty":
        path.write_bytes(b"")
    elif fault == "renamed":
        kept.kept_rows("old", lambda: [])
        os.replace(home / "old.json", path)
    elif fault == "link":
        path.rename(home / "there.json")
        path.symlink_to(home / "there.json")
    else:
        path.chmod(0o666)
    assert same(kept.kept_rows("key", make)) and make.made == 2


def test_kept__where_nothing_can_be_kept_they_are_made_each_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("no folder", encoding="utf-8")
    monkeypatch.setenv("SIMENGINE_CACHE", str(tmp_path / "file"))
    make = Counted()
    assert same(kept.kept_rows("key", make)) and same(kept.kept_rows("key", make)) and make.made == 2


def test_kept__no_more_files_than_stated_stay(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kept, "MOST", 3)
    for number in range(5):
        kept.kept_rows(f"key{number}", Counted())
        os.utime(home / f"key{number}.json", (number, number))
    assert len(list(home.iterdir())) <= 4


def test_kept__the_nation_is_computed_once_and_equals_a_fresh_run(
    ran: Callable[[str], Result], home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A region and the nation itself find the same file; with its lanes refused the second time, the values stand."""
    nation = load_scenario(NATION)
    fresh = table.nation_over_closures(ran(REGION), load_scenario(REGION))
    monkeypatch.setattr(table, "run_beside", lambda *given: pytest.fail("the nation is run again"))
    again = table.nation_over_closures(ran(REGION), load_scenario(REGION))
    own = over_closures(ran(NATION), nation)
    assert fresh is not None and again is not None and len(list(home.iterdir())) == 1
    for other in (again, own):
        pd.testing.assert_frame_equal(fresh.values(), other.values(), check_exact=True)


def test_key__changes_with_all_that_decides_the_numbers(
    ran: Callable[[str], Result], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    openings, scenario, closures = ran(NATION).openings, load_scenario(NATION), read_closures()
    beside, _ = scenarios_beside(scenario, closures, True)
    whole = kept.key_of(scenario, beside, closures, openings)
    assert kept.key_of(scenario, beside, closures, openings) == whole
    text = tmp_path / "closures.yaml"
    text.write_text(closures.path.read_text(encoding="utf-8") + "\n", encoding="utf-8")
    other = scenarios_beside(load_scenario("china/as_planned"), closures, True)[0]
    keys = {
        whole,
        kept.key_of(scenario, beside[:-1], closures, openings),
        kept.key_of(scenario, other, closures, openings),
        kept.key_of(replace(scenario, digest="0"), beside, closures, openings),
        kept.key_of(scenario, beside, replace(closures, path=text), openings),
    }
    law = SimpleNamespace(digest=lambda: "0")
    basis = SimpleNamespace(digest=lambda: "0")
    keys.add(kept.key_of(scenario, beside, closures, cast(Any, SimpleNamespace(law=law, bases=openings.bases))))
    keys.add(
        kept.key_of(scenario, beside, closures, cast(Any, SimpleNamespace(law=openings.law, bases=lambda s: [basis])))
    )
    monkeypatch.setattr(kept, "code_digest", lambda: "0")
    keys.add(kept.key_of(scenario, beside, closures, openings))
    assert len(keys) == 8


def test_code_digest__sees_every_source_and_table_of_the_package(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(kept, "PACKAGE", tmp_path)
    digests = []
    for name, text in (("a.py", "1"), ("a.py", "2"), ("b/c.csv", "1"), ("b/d.yaml", "1"), ("b/e.md", "1")):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text, encoding="utf-8")
        kept.code_digest.cache_clear()
        digests.append(kept.code_digest())
    kept.code_digest.cache_clear()
    assert len(set(digests)) == 4 and digests[-1] == digests[-2]  # a page of text decides no number


def test_kept__hold_plain_json(home: Path) -> None:
    kept.kept_rows("key", Counted())
    assert [row["value"] for row in json.loads((home / "key.json").read_bytes().partition(b"\n")[2])][1] is None


# --- years with their range -------------------------------------------------------------------------------------------


def ranges_of(**ends: tuple[float, float]) -> pd.DataFrame:
    rows = [
        {"region": "jiangxi", "fund": "enterprise_pension", "measure": name, "low": low, "high": high}
        for name, (low, high) in ends.items()
    ]
    return pd.DataFrame(rows, columns=["region", "fund", "measure", "low", "high"])


def test_range_columns__stand_behind_each_year_of_a_fund() -> None:
    years = {"first_deficit": 2021.0, "no_subsidy": 2030.0, "constant_share": 2058.0, "first_need": NEVER}
    plain = pd.DataFrame(
        [{"scenario": "s", "region": "jiangxi", "fund": "enterprise_pension", **years, "need_to_horizon": 0}]
    )
    told = range_columns(plain, ranges_of(constant_share=(2049.0, NEVER)), 2095)
    assert [name for name in told.columns if name.startswith("constant_share")] == [
        *("constant_share", "constant_share_low", "constant_share_high"),
    ]
    (row,) = told.to_dict("records")
    assert row["constant_share_low"] == 2049 and math.isnan(row["constant_share_high"]) and row["horizon"] == 2095
    assert math.isnan(row["no_subsidy_low"])


def test_exhaustion__every_year_of_its_columns_has_a_measure_over_the_closures() -> None:
    """A column with a year that the closures do not measure could be told without a range."""
    no_event = {"scenario", "region", "fund", "judged_from", "judged_on", "need_to_horizon", "source"}
    crossings = {"own_crossings", "unaided_crossings"}  # told in words: `test_lines__tell_every_crossing_...`
    assert set(COLUMNS) - no_event - crossings <= set(FUND_YEARS)


def test_judged__writes_both_tables_and_the_ends_of_the_years() -> None:
    judged = simengine.judge_scenarios(NATION)[NATION]
    assert tuple(judged.tables["closures"].columns) == VALUES and set(judged.tables["closures"]["region"]) == {"china"}
    assert tuple(judged.tables["ranges"].columns) == RANGES and judged.nation is None
    table = judged.tables["exhaustion"].set_index("fund").loc["enterprise_pension"]
    for name in set(FUND_YEARS) & set(COLUMNS):
        assert table[f"{name}_low"] <= table[name] <= table[f"{name}_high"], name


def test_verdict__of_a_year_of_a_fund_tells_its_range() -> None:
    """A plan that asks for no exhaustion before 2060 is answered 2054 (2029->2095); other rows stay."""
    target = row(">=", "2060", 2060, indicator="exhaustion_year", unit="年", fund="enterprise_pension")
    over = SimpleNamespace(ranges=lambda: ranges_of(exhaustion_year=(2029.0, NEVER)), horizon=2095)
    verdict = verdict_of(target, 2054.0)
    (told,) = ranged_verdicts([verdict], [target], lambda: cast(Any, over))
    assert told.projected_text == "2054 (2029->2095)" and told.projected == 2054.0
    plain = replace(verdict, indicator="uebps_payers")
    assert ranged_verdicts([plain], [target], lambda: pytest.fail("no year is told")) == [plain]


def verdict_of(target: Any, projected: float) -> Any:
    from simengine.judge.targets.verdicts import Verdict

    fixed = {"name_en": "", "name_zh": "", "record_kind": "target", "attribute": "", "verdict": "missed"}
    own = {name: getattr(target, name) for name in ("id", "indicator", "year", "unit")}
    told = {"scenario": "s", "region": "jiangxi", "operator": ">=", "printed": "2060"}
    return Verdict(**own, **fixed, **told, projected=projected, projected_text=f"{projected:.0f}")
