"""The backtest: what was known at a cut-off, its rivals in closed form, its scores by hand, the plans as cases."""

from __future__ import annotations

import copy
import csv
import dataclasses
import datetime
import json
import math
import subprocess
import sys
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from simengine.basis.basis import Basis, load_basis
from simengine.basis.overlay import Values
from simengine.basis.paths import Rule
from simengine.common import strict_yaml
from simengine.common.errors import SimengineError
from simengine.judge.checks.free_run import SERIES as MEASURED
from simengine.law import LawTree, load_law
from simengine_calibration.backtest import plans, score
from simengine_calibration.backtest.information import (
    CARRIERS,
    enacted_by,
    fading,
    information,
    inputs_at,
    known_at,
    without_date,
)
from simengine_calibration.backtest.report import BEGIN, END, percent, wins, write_block
from simengine_calibration.backtest.rivals import CARRIED_BY, constant_shares, drift
from simengine_calibration.backtest.run import Figure, Prediction, actual_figures, predict, published_at
from simengine_calibration.backtest.score import Guess, growth_of_spread, spread_known, with_spread
from simengine_calibration.backtest.words import REASONS, SERIES, WORDS
from simengine_calibration.sources.histories import FIGURES

CUTOFF = 2015


@cache
def nation() -> Basis:
    return load_basis("china-2020")


@cache
def law() -> LawTree:
    return load_law()


# --- rivals -----------------------------------------------------------------------------------------------------------


def figures(values: Mapping[int, float]) -> dict[int, Figure]:
    return {year: Figure(printed=value) for year, value in values.items()}


def test_drift__goes_on_at_the_mean_log_growth_of_the_window() -> None:
    known = figures({2008: 50.0, 2010: 100.0, 2013: 120.0, 2015: 121.0, 2016: 9.0})
    found = drift(known, 2015, [2016, 2020])
    rate = math.log(121.0 / 100.0) / 5.0
    assert found == pytest.approx({2016: 121.0 * math.exp(rate), 2020: 121.0 * math.exp(5.0 * rate)})
    assert found[2020] == pytest.approx(121.0 * 1.21)


def test_drift__of_constant_growth_is_exact() -> None:
    known = figures({year: 7.0 * 1.08 ** (year - 2000) for year in range(2000, 2011)})
    assert drift(known, 2010, [2024])[2024] == pytest.approx(7.0 * 1.08**24)


@pytest.mark.parametrize("known", [{2015: 5.0}, {2014: 4.0, 2015: 5.0}, {2009: 3.0, 2015: 5.0}, {2012: 4.0, 2014: 5.0}])
def test_drift__says_nothing_without_two_years_to_measure_it(known: dict[int, float]) -> None:
    assert drift(figures(known), 2015, [2016]) == {}


def test_drift__does_not_reach_across_the_roll_out() -> None:
    known = figures({2010: 1.0, 2012: 100.0, 2015: 106.0})
    assert drift(known, 2015, [2016], first=2012)[2016] == pytest.approx(106.0 * 1.06 ** (1.0 / 3.0))


def test_constant_shares__keep_the_ratio_to_people_times_wage() -> None:
    drivers = {"population_60": {2015: 200.0, 2020: 250.0}, "wage": {2015: 5000.0, 2020: 7000.0}}
    found = constant_shares("expenditure", 40.0, 2015, drivers, [2020])
    assert found[2020] == pytest.approx(40.0 * (250.0 / 200.0) * (7000.0 / 5000.0))
    assert constant_shares("pensioners", 90.0, 2015, drivers, [2020])[2020] == pytest.approx(90.0 * 1.25)


def test_every_series__has_a_rival_a_name_and_a_reason() -> None:
    scored = set(MEASURED) - {"mean_enterprise_pension_growth"}
    known = {item for years in (actual_figures(nation()),) for item in years}
    assert known <= set(CARRIED_BY) and known <= set(SERIES) and known <= set(REASONS)
    assert set(score.HEADLINES) <= scored
    assert all(english and chinese for english, chinese in (*WORDS.values(), *SERIES.values(), *REASONS.values()))


# --- information ------------------------------------------------------------------------------------------------------


def doubled(basis: Basis, cutoff: int) -> Basis:
    """A copy in which everything dated after a year is twice as large, whatever table it stands in."""
    changed = copy.deepcopy(basis)
    for one in changed.sources():
        own = {}
        for name, series in one.own_series.items():
            late = series.years > cutoff if series.years[0] <= cutoff else np.zeros(series.years.size, dtype=bool)
            own[name] = dataclasses.replace(series, values=np.where(late, 2.0 * series.values, series.values))
        one.__dict__["own_series"] = own
        tables = dict(one.tables)
        for name in ("births", "fertility", "net_migration", "death_prob", "references"):
            if name in tables:
                tables[name] = _table_doubled(tables[name], cutoff)
        object.__setattr__(one, "tables", tables)
    return changed


def _table_doubled(table: Any, cutoff: int) -> Any:
    size = 1.5 if table.name == "death_prob" else 2.0
    years = [int(year) for year in table.columns.get("year", ())]

    def cells(name: str, column: tuple[str, ...]) -> tuple[str, ...]:
        if name.isdigit() and int(name) > cutoff:
            return tuple(repr(min(float(cell) * size, 1.0) if size == 1.5 else float(cell) * size) for cell in column)
        if name == "value" and years:
            pairs = zip(column, years, strict=True)
            return tuple(repr(2.0 * float(cell)) if year > cutoff else cell for cell, year in pairs)
        return column

    columns = {name: cells(name, column) for name, column in table.columns.items()}
    return dataclasses.replace(table, columns=columns, _parsed={})


def rewritten(tree: LawTree, cutoff: int) -> LawTree:
    """The law in which every number enacted after a year is half as large again."""
    end = datetime.date(cutoff, 12, 31)

    def values(dated: tuple[Any, ...]) -> tuple[Any, ...]:
        return tuple(
            dataclasses.replace(one, value=one.value * 1.5) if one.known > end and isinstance(one.value, float) else one
            for one in dated
        )

    parameters = {
        key: dataclasses.replace(
            tree[key], national=values(tree[key].national),
            regional={region: values(dated) for region, dated in tree[key].regional.items()},
        )
        for key in tree if key != "public/reform_month"
    }  # fmt: skip
    return LawTree({**parameters, "public/reform_month": tree["public/reform_month"]}, tree.regions, tree.changes,
                   tree.information_date)  # fmt: skip


def said(basis: Basis, tree: LawTree, cutoff: int) -> Prediction:
    return predict(information(basis, tree, cutoff), published_at(actual_figures(basis), cutoff), 2024)


@pytest.mark.parametrize("cutoff", [2012, 2018])
def test_no_peeking__later_values_and_later_laws_change_no_bit(cutoff: int) -> None:
    honest = said(nation(), law(), cutoff)
    peeking = said(doubled(nation(), cutoff), rewritten(law(), cutoff), cutoff)
    assert honest.values == peeking.values
    assert honest.drivers == peeking.drivers
    assert honest.factors == peeking.factors


def test_no_peeking__the_test_would_see_it() -> None:
    honest = said(nation(), law(), 2018)
    assert said(doubled(nation(), 2017), law(), 2018).values != honest.values
    later = predict(information(nation(), law(), 2018), published_at(actual_figures(nation()), 2018), 2024,
                    law().known_on("2024-12-31"))  # fmt: skip
    assert later.values["revenue"][2020] < 0.85 * honest.values["revenue"][2020]


def test_no_peeking__scores_of_a_cut_off_do_not_move_its_prediction_or_interval() -> None:
    actuals = actual_figures(nation())
    later = {
        name: {year: figure if year <= CUTOFF else Figure(9.9e9, None) for year, figure in known.items()}
        for name, known in actuals.items()
    }
    runs = [score.backtest(nation(), law(), one, [CUTOFF], earlier=(2008, 2010, 2012)) for one in (actuals, later)]
    told = [[(g.series, g.year, g.engine, g.drift, g.shares, g.low, g.high) for g in run.guesses] for run in runs]
    assert told[0] == told[1]
    assert any(g.low is not None for g in runs[0].guesses)


def test_known_at__keeps_no_later_year_of_any_series() -> None:
    cut = known_at(load_basis("jiangxi-2020"), CUTOFF)
    for one in cut.sources():
        assert all(int(series.years.max()) <= CUTOFF for series in one.own_series.values())
        assert one.base_year <= CUTOFF
    assert load_basis("jiangxi-2020").own_series["average_wage"].years.max() > CUTOFF, "the loaded basis is untouched"


def test_without_date__names_what_nobody_had_collected() -> None:
    assert set(without_date(nation(), CUTOFF)) == {"coverage_population_ratio", "ui_obliged_ratio"}


def test_enacted_by__knows_no_public_reform_before_its_decree() -> None:
    assert (
        enacted_by(law(), 2014).value("public/reform_month", datetime.date(2014, 12, 31))
        == law()["public/reform_month"].limits[1]
    )
    assert enacted_by(law(), 2015).value("public/reform_month", datetime.date(2015, 12, 31)) == 12 * 2014 + 9


def test_growth_seen__is_the_mean_of_five_years_of_the_share() -> None:
    known = information(nation(), law(), 2018)
    assert set(known.growth) == set(CARRIERS)
    insured = nation().path("injury_insured", [2013, 2018])
    assert known.growth["injury"] == pytest.approx(math.log(insured[1] / insured[0]) / 5.0, abs=0.01)
    assert known.growth["public"] == 0.0, "years of admission tell nothing"
    index = known.basis.path("injury_index", [2018, 2019, 2020])
    assert index[0] == 1.0
    assert index[1] == pytest.approx(math.exp(known.growth["injury"]))
    assert index[2] / index[1] < index[1], "growth fades"


def test_fading__follows_the_pace_of_the_rule_and_not_its_calendar() -> None:
    rule = Rule("step", "held", "growth", "dated", "", growth=((2025.0, 0.02), (2035.0, 0.01)))
    assert fading(rule, np.array([1, 6, 11])) == pytest.approx([1.0, 0.75, 0.5])
    assert fading(dataclasses.replace(rule, growth=((2016.0, 0.01), (2025.0, 0.0))), np.array([1])) == [0.0]


def test_inputs__mortality_goes_on_declining_and_nobody_migrates() -> None:
    inputs = inputs_at(information(nation(), law(), CUTOFF), 2020)
    at = list(inputs.years).index(CUTOFF)
    then, now = nation().death_prob([CUTOFF - 10, CUTOFF])
    assert inputs.tables.death_prob[at] == pytest.approx(now)
    assert inputs.tables.death_prob[at + 3, 1, 70] == pytest.approx(now[1, 70] * (now / then)[1, 70] ** 0.3)
    assert not inputs.tables.migration[at + 1 :].any()
    assert np.isnan(inputs.paths[:, at + 1]).any(), "levels after the cut-off are not known"


def test_estimate__of_the_calibration_moves_the_prediction() -> None:
    moved = {"china-2020": Values(constants={"indexation_wage_share": 1.0})}
    published = published_at(actual_figures(nation()), CUTOFF)
    plain = predict(information(nation(), law(), CUTOFF), published, 2020)
    fitted = predict(information(nation(), law(), CUTOFF, moved), published, 2020)
    assert fitted.values["expenditure"][2020] > plain.values["expenditure"][2020]


def test_prediction__starts_from_the_published_figures() -> None:
    actuals = actual_figures(nation())
    published = published_at(actuals, CUTOFF)
    found = {factor.item: factor for factor in predict(information(nation(), law(), CUTOFF), published, 2016).factors}
    assert found["pensioners"].opening == published["pensioners"]
    assert found["balance"].opening == published["balance"]
    assert found["expenditure"].opening == pytest.approx(published["expenditure"])
    assert found["linked revenue"].opening == published["revenue"]


# --- scores -----------------------------------------------------------------------------------------------------------


def guess(engine: float, came: float, cutoff: int = 2010, lead: int = 1, **more: Any) -> Guess:
    return Guess(cutoff, more.pop("series", "members"), cutoff + lead, came, None, engine, **more)


def test_scores__against_hand_arithmetic() -> None:
    told = [guess(110.0, 100.0, drift=130.0, shares=100.0), guess(80.0, 100.0, lead=2, drift=90.0, shares=101.0)]
    row = score.scores(told).iloc[0]
    assert (row["mape"], row["bias"]) == (pytest.approx(0.15), pytest.approx(-0.05))
    assert row["rmse"] == pytest.approx(math.sqrt((0.01 + 0.04) / 2.0))
    assert (row["drift_mape"], row["shares_mape"]) == (pytest.approx(0.20), pytest.approx(0.005))
    assert (row["beats_drift"], row["beats_shares"]) == (True, False)


def test_better__compares_where_both_say_something() -> None:
    told = [guess(150.0, 100.0), guess(101.0, 100.0, lead=2, drift=105.0)]
    assert score.better(told, "drift") is True
    assert score.better(told[:1], "drift") is None


def test_kinds__are_never_mixed_in_a_comparison_that_decides() -> None:
    printed = guess(110.0, 100.0, drift=101.0)
    recalled = dataclasses.replace(printed, printed=None, recalled=100.0, engine=100.0, year=2012)
    assert wins([printed, recalled], "printed", "drift") == (0, 1, 0, 1)
    assert wins([printed, recalled], "recalled", "drift") == (1, 1, 1, 1)
    assert list(score.scores([printed, recalled])["kind"]) == ["printed", "recalled"]


def test_spread__takes_the_quantile_of_errors_known_by_then() -> None:
    sizes = ((0.1, 2006, 1), (0.2, 2007, 2), (-0.3, 2008, 1))
    seen = [guess(math.exp(size * growth_of_spread(lead)), 1.0, year, lead) for size, year, lead in sizes]
    unknown = guess(math.exp(9.0), 1.0, 2008, lead=5)
    assert spread_known([*seen, unknown], "members", 2010) == pytest.approx(np.quantile([0.1, 0.2, 0.3], 0.8))
    assert spread_known(seen, "members", 2008) is None, "errors from a single cut-off"
    assert spread_known(seen, "pensioners", 2010) is None
    told = with_spread([guess(100.0, 130.0, lead=4)], seen)[0]
    width = math.exp(0.26 * math.sqrt(4.0 * (1.0 + 4.0 / 5.0)))
    assert [told.low, told.high] == pytest.approx([100.0 / width, 100.0 * width])
    assert told.inside() is True


def test_coverage__counts_intervals_alone() -> None:
    told = [guess(1.0, 1.0, low=0.5, high=2.0), guess(1.0, 3.0, low=0.5, high=2.0), guess(1.0, 3.0)]
    assert score.coverage(g.inside() for g in told) == 0.5
    assert math.isnan(score.coverage(g.inside("draw_low", "draw_high") for g in told))


def test_draws__give_the_tenth_and_ninetieth_percentile() -> None:
    people = {name: {2015: 1.0, 2016: 1.0} for name in ("population_16_59", "wage")}
    runs = [Prediction(2015, {"members": {2016: float(value)}}, people) for value in range(101)]
    actuals = {"members": {2015: Figure(50.0), 2016: Figure(None, 51.0)}}
    told = score.guess(runs[50], actuals, runs)[0]
    assert [told.draw_low, told.draw_high] == pytest.approx([10.0, 90.0])
    assert (told.kind, told.actual, told.shares) == ("recalled", 51.0, 50.0)


def test_relief__enacted_later_explains_2020() -> None:
    table = score.relief_table(nation(), law(), actual_figures(nation()), {}).set_index(["series", "year"])
    row = table.loc[("revenue", 2020)]
    assert row["error_known"] > 0.2
    assert abs(row["error_later"]) < 0.5 * row["error_known"]


# --- plans ------------------------------------------------------------------------------------------------------------


def test_thirteenth__actuals_and_targets_are_those_of_the_plan_rows() -> None:
    table = plans.thirteenth(law()).set_index("row")
    for case in plans.cases():
        rows = plans.plan_rows(case.region)
        for name in case.rows:
            row, told = rows[name], table.loc[name]
            assert row.target is not None and told["target"] == float(row.target.exact)
            assert row.target.year == plans.MIDDLE
            if case.how == "no actual":
                assert row.actual is None and math.isnan(told["engine"])
            else:
                assert row.actual is not None and told["actual"] == float(row.actual.exact)
                assert row.actual.year == plans.MIDDLE
                assert told["target_error"] == pytest.approx(told["target"] / told["actual"] - 1.0)
    assert table.loc["JX-13-03", "actual"] == 1167.0
    counted = plans.plan_scores(table.reset_index())
    assert counted["engine"][0] == counted["target"][0] == 10, "levels alone and plans without actual do not count"


def test_fourteenth__is_held_against_the_anchors(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(plans, "anchored_regions", lambda: ("jiangxi",))
    anchors = strict_yaml.load(FIGURES / "anchors.yaml").data["regions"]["jiangxi"]
    table = plans.fourteenth(law()).set_index("series")
    for series, (name, size) in {"pensioners": ("retirees", 1e4), "expenditure": ("expenditure", 1e8)}.items():
        assert table.loc[series, "actual"] == pytest.approx(anchors[name] * size)
        assert math.isnan(table.loc[series, "shares"]), "no published figure of 2020 to start from"
    assert table.loc["participants", "start"] == pytest.approx(11_670_000.0)


# --- report and command -----------------------------------------------------------------------------------------------


def test_block__of_the_notes_is_replaced_and_nothing_else(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text(f"above\n{BEGIN}\nold\n{END}\nbelow\n", encoding="utf-8")
    write_block(page, "new\n")
    assert page.read_text(encoding="utf-8") == f"above\n{BEGIN}\nnew\n{END}\nbelow\n"
    page.write_text("no marks\n", encoding="utf-8")
    with pytest.raises(SimengineError, match="no place"):
        write_block(page, "new\n")


def test_percent__shows_the_sign_of_a_bias() -> None:
    assert (percent(0.0512), percent(0.0512, True), percent(-0.2, True), percent(math.nan)) == (
        "5.1", "+5.1", "-20.0", "",
    )  # fmt: skip


def command(*arguments: str) -> subprocess.CompletedProcess[str]:
    line = [sys.executable, "-m", "simengine", "backtest", *arguments]
    return subprocess.run(line, capture_output=True, text=True, check=False)


def test_command__writes_tables_that_agree_with_its_json(tmp_path: Path) -> None:
    done = command("--cutoffs", "2015,2018", "--no-plans", "--out", str(tmp_path), "--json", "--lang", "zh")
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    with (tmp_path / "scores.csv").open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert [row["series"] for row in rows] == [row["series"] for row in told["scores"]]
    assert float(rows[0]["mape"]) == pytest.approx(told["scores"][0]["mape"])
    assert (tmp_path / "backtest.png").stat().st_size > 10_000
    assert (tmp_path / "backtest.md").read_text(encoding="utf-8").startswith("# china回测")


def test_command__refuses_years_it_cannot_use() -> None:
    assert command("--cutoffs", "2012,soon").returncode == 2
    assert command("--region", "haiyan").returncode == 2
