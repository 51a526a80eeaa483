"""A sweep: every combination labelled, equal to the same run alone to the last bit, with the verdicts of that run."""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import yaml

import simengine
from simengine.basis.basis import load_basis
from simengine.common.errors import ErrorList, ModelError, ScenarioError, SimengineError, each_error
from simengine.decide import runs as module
from simengine.decide.design import designed, read_list
from simengine.decide.sweep import IMPOSSIBLE, Swept, counts, flips, sweep
from simengine.engine.project import open_lanes
from simengine.judge.checks.bounds import beyond_bounds, bounds_table
from simengine.judge.closures.measures import INDICATOR_YEARS
from simengine.judge.indicators import registry
from simengine.judge.measures.told import GIVES_VERDICT
from simengine.judge.quantities.catalogue import INDICATOR, quantities
from tests.helpers.lever_matrix import FIRST, pairs, shortened, stated

QUANTITIES = ("ui_participants", "budget", "payable_months", "members_by_age", "basic_pension_growth")
RATES, LEVERS = ("2%", "3%"), ("none", "layoff_wave")


@pytest.fixture(scope="module")
def grid() -> Swept:
    """Wages x a layoff wave, on a region with areas and on one without."""
    growth, lever = ["average_wage=2%/3%"], ["none,layoff_wave"]
    return sweep(
        ["xuzhou/baseline", "haiyan/baseline"], growth=growth, lever=lever, indicators=QUANTITIES, regions="all"
    )


def alone(key: str, labels: tuple[str, str]) -> Any:
    """The same combination judged on its own."""
    lever, rate = labels
    made = simengine.what_if(key, levers=[] if lever == "none" else [lever], growth=[f"average_wage={rate}"])
    return simengine.judge_scenarios(made, threads=1)[made.key]


def test_grid__is_labelled_by_what_it_changes(grid: Swept) -> None:
    assert grid.axes == ("lever layoff_wave", "growth average_wage")
    assert grid.combinations["combination"].tolist() == [1, 2, 3, 4]
    labels = [tuple(row) for row in grid.combinations[list(grid.axes)].values.tolist()]
    assert labels == [(lever, rate) for lever in LEVERS for rate in RATES]
    data = grid.dataset
    assert data.sizes["scenario"] == 2 and data.sizes["combination"] == 4 and data.sizes["region"] == 9
    assert data["growth average_wage"].values.tolist() == ["2%", "3%", "2%", "3%"]
    assert data["stated"].values[3] == "lever layoff_wave; growth average_wage=3%"
    assert data.ui_participants.attrs["units"] == "person" and data.budget.attrs["long_name_zh"] == "基金收支表"
    wave = data.ui_participants.where(data["lever layoff_wave"] == "layoff_wave", drop=True)
    assert wave.combination.values.tolist() == [3, 4]


@pytest.mark.parametrize("key", ["xuzhou/baseline", "haiyan/baseline"])
def test_every_combination__equals_the_same_run_alone_to_the_last_bit(grid: Swept, key: str) -> None:
    for number, labels in enumerate(((lever, rate) for lever in LEVERS for rate in RATES), 1):
        judged = alone(key, labels)  # type: ignore[arg-type]
        table = simengine.tabulate(judged, QUANTITIES, regions="all").rows
        rows = grid.rows[(grid.rows["scenario"] == key) & (grid.rows["combination"] == number)]
        assert rows["value"].to_numpy().tobytes() == table["value"].to_numpy().tobytes()
        assert (
            rows[["region", "indicator", "year"]].values.tolist()
            == table[["region", "indicator", "year"]].values.tolist()
        )
        own = grid.dataset.sel(scenario=key, combination=number, region=judged.projection.region.values)
        insured = judged.projection.unemployment_insured.isel(scenario=0, draw=0)
        assert own.ui_participants.values.tobytes() == insured.values.tobytes()
        verdicts = grid.verdicts[(grid.verdicts["scenario"] == key) & (grid.verdicts["combination"] == number)]
        expected = [row for row in judged.verdicts if row.duplicate_of is None]
        assert verdicts["id"].tolist() == [row.id for row in expected]
        assert verdicts["verdict"].tolist() == [row.verdict for row in expected]
        for name in ("projected", "margin", "first_year_met"):
            wanted = [getattr(row, name) for row in expected]
            found = [None if pd.isna(value) else value for value in verdicts[name]]
            assert found == wanted, name


def test_combinations__differ_where_their_levers_act(grid: Swept) -> None:
    assert not grid.idle and grid.impossible.empty
    own = grid.dataset.sel(scenario="haiyan/baseline")
    values = own.budget.sel(region="haiyan", fund="unemployment", budget_line="closing", year=2040).values
    assert len({*values.tolist()}) == 4


def test_counts_and_flips__are_those_of_the_verdicts(grid: Swept) -> None:
    kinds = list(dict.fromkeys(grid.verdicts["verdict"]))
    assert len(kinds) > 2  # rows that are not decided are counted too
    for areas in (False, True):
        tally = counts(grid, areas=areas)
        assert areas or len(tally) == 8
        for row in tally.to_dict("records"):
            own = grid.verdicts[
                (grid.verdicts["scenario"] == row["scenario"]) & (grid.verdicts["combination"] == row["combination"])
            ]
            mine = own["region"] == str(row["scenario"]).partition("/")[0]
            listed = own[~mine if areas else mine]["verdict"].tolist()
            assert [row[kind] for kind in kinds] == [listed.count(kind) for kind in kinds]
    moved = {(row["scenario"], row["id"]) for row in flips(grid).to_dict("records")}
    by_row: dict[tuple[str, str], set[str]] = {}
    for row in grid.verdicts.to_dict("records"):
        by_row.setdefault((row["scenario"], row["id"]), set()).add(row["verdict"])
    assert moved == {place for place, found in by_row.items() if len(found) > 1}


@pytest.mark.parametrize("region", ["china", "jiangxi", "xuzhou"])
def test_what_judges_a_fund__is_told_where_funds_are_judged_as_a_run_tells_it(region: str) -> None:
    """The nation's funds are judged; Jiangxi misses an anchor; Xuzhou holds no pension fund in law."""
    key = f"{region}/baseline"
    names = ["actuarial_balance_75", "implicit_debt"]
    found = sweep(key, growth=["average_wage=3%/4%"], indicators=names, years=2020)
    table = simengine.tabulate(key, names, years=2020).rows
    told = {*table.loc[table["value"].notna(), "indicator"]}
    assert told == ({*names} if region == "china" else set())
    for name in names:
        rows = found.rows[found.rows["indicator"] == name]
        assert rows["value"].notna().all() if name in told else rows["value"].isna().all()
        assert bool(found.dataset[name].notnull().any()) is (name in told)
    levels = sweep(
        key, growth=["average_wage=3%/4%"], indicators=["payable_months", "fund_balance", "budget"], years="2024-2025"
    )
    shown = simengine.tabulate(key, ["payable_months", "fund_balance", "budget"], years="2024-2025").rows
    for (name, scheme, item, year), own in levels.rows.groupby(["indicator", "scheme", "item", "year"]):
        place = (shown["indicator"] == name) & (shown["scheme"] == scheme) & (shown["item"] == item)
        assert own["value"].isna().all() == shown.loc[place & (shown["year"] == year), "value"].isna().all()
    balance = levels.dataset.fund_balance.sel(fund="unemployment", region=region)
    assert bool(balance.sel(year_end=2024).notnull().all())
    assert bool(balance.sel(year_end=2025).isnull().all()) is (region == "jiangxi")
    run = {row.id: row.verdict for row in simengine.judge_scenarios(key)[key].verdicts if row.duplicate_of is None}
    assert {*found.verdicts["id"]} == {*run}
    withheld = {*found.verdicts.loc[found.verdicts["verdict"] == "withheld", "id"]}
    assert withheld == {name for name, verdict in run.items() if verdict == "withheld"}
    assert ("JX-14-07" in withheld) is (region == "jiangxi")
    assert found.verdicts.loc[found.verdicts["id"].isin(withheld), "projected"].isna().all()


def test_blocks_and_threads__change_no_bit(monkeypatch: pytest.MonkeyPatch) -> None:
    options: dict[str, Any] = {"growth": {"average_wage": (0.0, 0.04)}, "points": 5, "indicators": ["budget"]}
    whole = sweep("haiyan/baseline", **options, threads=2)
    monkeypatch.setattr(module, "TOGETHER", 2)
    seen: list[tuple[str, int, int]] = []
    parts = sweep("haiyan/baseline", **options, threads=1, progress=lambda *told: seen.append(told))
    assert whole.rows.equals(parts.rows) and whole.verdicts.equals(parts.verdicts)
    assert seen == [("sweep", done, 5) for done in (0, 2, 4, 5)]


def test_block__is_released_before_the_one_after_the_next(monkeypatch: pytest.MonkeyPatch) -> None:
    """No more than two blocks hold their lanes, whatever the number of combinations."""
    import gc
    import weakref

    monkeypatch.setattr(module, "TOGETHER", 1)
    held: list[Any] = []
    most = 0
    original = module.Result

    def counted(*arguments: Any) -> Any:
        nonlocal most
        gc.collect()
        made = original(*arguments)
        held.append(weakref.ref(made))
        most = max(most, sum(one() is not None for one in held))
        return made

    monkeypatch.setattr(module, "Result", counted)
    sweep("haiyan/baseline", growth={"average_wage": (0.0, 0.04)}, points=8, indicators="ui_participants")
    assert len(held) == 8 and most <= 3  # one checked, one waiting, one made


def test_list__runs_its_combinations(tmp_path: Path) -> None:
    file = tmp_path / "plan.csv"
    file.write_text("lever,growth average_wage\nnone,3%\nlayoff_wave,2%\n", encoding="utf-8")
    found = sweep(
        "haiyan/baseline", design=read_list(file), set=["layoff_share=0.4"], indicators="ui_participants", years=2030
    )
    assert found.combinations["stated"].tolist() == [
        "set layoff_share=0.4; growth average_wage=3%",
        "lever layoff_wave; set layoff_share=0.4; growth average_wage=2%",
    ]
    made = simengine.what_if(
        "haiyan/baseline", levers=["layoff_wave"], set=["layoff_share=0.4"], growth=["average_wage=2%"]
    )
    value = simengine.tabulate(made, "ui_participants", 2030).rows["value"].tolist()
    assert found.rows["value"].tolist()[1:] == value and not found.idle
    with pytest.raises(ScenarioError, match="beside alternatives"):
        sweep("haiyan/baseline", design=read_list(file), set=["layoff_share=0.4/0.5"])


def test_axis__along_which_nothing_moves_is_told() -> None:
    found = sweep("haiyan/baseline", growth=["average_wage=2%/3%"], set=["layoff_share=0.3/0.5"], years=2030)
    assert found.idle == ("set layoff_share",)  # nobody is laid off


def test_impossible_combination__has_no_figure_and_no_verdict() -> None:
    """1,300,000 insured against unemployment are more than the obliged employees of an area of Xuzhou."""
    insured = ["unemployment_insured=2025:99万/130万"]
    found = sweep("xuzhou/baseline", set=insured, indicators="ui_participants", years=2025)
    assert found.impossible.values.tolist() == [["xuzhou/baseline", 2]]
    assert {*found.rows["combination"]} == {1}
    assert np.isnan(found.dataset.ui_participants.sel(combination=2)).all()
    second = found.verdicts[found.verdicts["combination"] == 2]
    assert {*second["verdict"]} == {IMPOSSIBLE} and second["projected"].isna().all()
    assert counts(found)["met"].tolist()[1] == 0 and flips(found).empty
    made = simengine.what_if("xuzhou/baseline", set=["unemployment_insured=2025:130万"])
    with pytest.raises(ModelError):
        _ = simengine.judge_scenarios(made)[made.key].verdicts
    with pytest.raises(ModelError, match="every combination"):
        sweep("xuzhou/baseline", set=["unemployment_insured=2025:130万/131万"])


@pytest.mark.parametrize("region", ["china", "jiangxi", "hubei", "xuzhou", "haiyan", "jingdezhen"])
def test_bounds_of_many__find_what_those_of_one_find(region: str) -> None:
    judged = simengine.judge_scenarios(f"{region}/baseline")[f"{region}/baseline"]
    data = judged.projection
    assert beyond_bounds(data, judged.definitions) == set()
    for name, value in (("deaths", -5.0), ("births", np.nan), ("return_rate", 1.5), ("ui_obliged_population", 1.0)):
        wrong = data.copy(deep=True)
        wrong[name][..., 3] = value
        table = bounds_table(wrong, judged.scenario.key, judged.definitions)
        assert (not table["ok"].all()) and beyond_bounds(wrong, judged.definitions) == {judged.scenario.key}, name


def test_sweep__refuses_what_it_cannot_run_all_at_once() -> None:
    with pytest.raises(ErrorList) as raised:
        sweep(
            ["haiyan/baselin", "nowhere"], growth=["average_wage=2%"], indicators=["nothing", "exhaustion"], years="x"
        )
    codes = [one.code for one in each_error(raised.value)]  # type: ignore[attr-defined]
    assert codes.count("quantity_unknown") == 2 and {"quantity_years", "sweep_nothing"} <= {*codes} and len(codes) == 6
    with pytest.raises(ErrorList) as raised:
        sweep("haiyan/baseline", set=["wages=1/2"], growth=["average_wage=2%/300%"])
    told = [str(one) for one in each_error(raised.value)]
    assert len(told) == 3 and sum("average_wage=300%" in text for text in told) == 1
    with pytest.raises(ScenarioError, match="a sweep tells none"):
        sweep("haiyan/baseline", growth=["average_wage=2%/3%"], indicators="exhaustion_year")
    with pytest.raises(ScenarioError, match="combinations 1, 2 are the same"):
        sweep("haiyan/baseline", growth=["average_wage=2%/0.02"])
    with pytest.raises(ScenarioError, match="no scenario is named"):
        sweep([], growth=["average_wage=2%/3%"])
    with pytest.raises(ScenarioError, match="haiyan/baseline"):
        sweep(["haiyan/baseline", "haiyan/baseline"], growth=["average_wage=2%/3%"])


# --- every lever and every quantity -----------------------------------------------------------------------------------


def lever_files(folder: Path, some: list[tuple[str, str]]) -> Iterator[Path]:
    """A lever file for each series x operation, as a planner would write it."""
    basis = load_basis(shortened("haiyan").basis)
    for series, operation in some:
        own = float("nan")
        if series in basis.series_names():
            own = float(basis.path(series, [FIRST])[0])
        change = {series: {operation: {FIRST: float(stated(series, operation, own, basis))}}}
        content = {"name": {"en": "trial", "local": "试算"}, "reason": "A trial.", "paths": change}
        path = folder / f"{series}_{operation}.yaml"
        path.write_text(yaml.safe_dump(content, allow_unicode=True), encoding="utf-8")
        yield path


def tried(folder: Path, some: list[tuple[str, str]]) -> None:
    """All levers that the region takes are swept together, with every indicator; each has its figures and verdicts."""
    base = shortened("haiyan")
    taken = []
    for path in lever_files(folder, some):
        try:
            next(open_lanes([simengine.what_if(base, levers=[str(path)])]))
        except SimengineError:
            continue  # tests/properties/test_lever_matrix.py judges why
        taken.append(path)
    assert len(taken) > len(some) / 3
    names = [name for name, one in quantities().items() if one.kind == INDICATOR and name not in INDICATOR_YEARS]
    found = sweep(base, lever=["none," + ",".join(map(str, taken))], indicators=names, years="2027,2036")
    possible = len(taken) + 1 - len(found.impossible)
    assert possible > len(taken) / 2
    heads = found.rows.groupby("indicator", sort=False)["combination"].nunique()
    withheld = {*GIVES_VERDICT}  # a county holds no pension fund in law
    assert heads.index.tolist() == [name for name in names if name not in withheld] and (heads == possible).all()
    assert {*names} == {*registry()} - {*INDICATOR_YEARS} - {
        name for name, one in quantities().items() if one.kind != INDICATOR
    }
    judged = found.verdicts.groupby("combination").size()
    assert len(judged) == len(taken) + 1 and judged.nunique() == 1


def test_a_tenth_of_all_levers__is_swept_with_every_indicator(tmp_path: Path) -> None:
    everything = pairs()
    tried(tmp_path, random.Random("20261201 sweep").sample(everything, len(everything) // 10))


@pytest.mark.release
def test_every_lever__is_swept_with_every_indicator(tmp_path: Path) -> None:
    tried(tmp_path, pairs())


def test_every_value_of_every_axis__is_checked_before_anything_is_run(monkeypatch: pytest.MonkeyPatch) -> None:
    """The middle value of one axis and the first of another are refused: both are told at once, and nothing is run."""
    from simengine.decide.runs import Runs

    def never(*_: object) -> None:
        raise AssertionError("a combination was run")

    monkeypatch.setattr(Runs, "of", never)
    with pytest.raises(SimengineError) as caught:
        sweep(
            "jiangxi/baseline",
            set=["layoff_share=0.2/7/0.5", "pension/rate_employer=2028-01-01:900%/16%"], years=2030,
        )  # fmt: skip
    told = [str(one) for one in each_error(caught.value)]
    assert any("layoff_share" in text and "7" in text for text in told)
    assert any("rate_employer" in text for text in told)


@pytest.mark.parametrize(
    ("asked", "code"),
    [
        ({"growth": ["average_wage=4%..2%"]}, "solve_bounds"),
        ({"growth": ["average_wage=2%..2%"]}, "solve_bounds_equal"),
        ({"set": ["average_wage=2026:9500/9600"], "growth": ["average_wage=3%"]}, "sweep_set_and_growth"),
        ({"growth": ["average_wage=2%/3%"], "indicators": "exhaustion_year"}, "sweep_event"),
    ],
)
def test_slip__is_told_by_one_error_of_its_own(asked: dict[str, Any], code: str) -> None:
    with pytest.raises(SimengineError) as caught:
        sweep("haiyan/baseline", points=3 if ".." in str(asked) else None, **asked)
    assert [one.code for one in each_error(caught.value)] == [code]


def test_slash_of_a_chinese_keyboard__parts_alternatives() -> None:
    assert (
        designed(growth=["average_wage＝2%／3%"]).combinations == designed(growth=["average_wage=2%/3%"]).combinations
    )
