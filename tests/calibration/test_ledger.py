"""Ledger of assumed and recalled figures: moved values against direct runs, bands complete, tags everywhere."""

from __future__ import annotations

import csv
import dataclasses
import datetime
import io
from pathlib import Path

import numpy as np
import pytest

from simengine.basis.basis import Basis, basis_names, load_basis
from simengine.basis.overlay import Values
from simengine.common.errors import BasisError
from simengine.engine.project import Histories, lane_bases, open_lane, project
from simengine.law import LawTree, load_law
from simengine.registry.units import EVIDENCE
from simengine.scenario.scenario import Scenario, load_scenario
from simengine_calibration.commands import assumptions as command
from simengine_calibration.ledger.bands import Step, read_bands
from simengine_calibration.ledger.figures import (
    LOOSE,
    list_figures,
    loose_rows,
    moved_parameter,
    series_world,
    tag_text,
)
from simengine_calibration.ledger.page import csv_text, page, rows_by_tag
from simengine_calibration.ledger.results import HEADLINES, results
from simengine_calibration.ledger.run import Outcome, move_each
from simengine_calibration.ledger.worlds import World, moved_basis, run_world

NAMES = ("mortality_pensioner", "flexible_at_floor_share", "award_factor")
NOTE = Path(__file__).parents[2] / "simengine" / "notes" / "reports" / "assumptions.md"
REGIONS = ("china", "jiangxi", "hubei", "xuzhou", "haiyan", "jingdezhen")


@pytest.fixture(scope="module")
def law() -> LawTree:
    return load_law()


@pytest.fixture(scope="module")
def scenario() -> Scenario:
    return load_scenario("china/baseline")


@pytest.fixture(scope="module")
def outcome(scenario: Scenario) -> Outcome:
    return move_each(scenario, NAMES, threads=2)


def effect_of(outcome: Outcome, name: str) -> dict[str, dict[str, float]]:
    effect = next(effect for effect in outcome.effects if effect.figure.name == name)
    return {side: dict(found) for side, found in effect.results.items()}


# --- moved values -----------------------------------------------------------------------------------------------------


def test_base__is_the_scenario_as_projected(outcome: Outcome, scenario: Scenario) -> None:
    data = project(scenario).dataset.sel(region=["china"])
    assert outcome.base == results(data, 2095)
    assert set(outcome.base) == {one.key for one in HEADLINES}


@pytest.mark.parametrize("name", NAMES[:2])
def test_constant__moved_is_a_direct_run_at_its_band(outcome: Outcome, scenario: Scenario, name: str) -> None:
    known = load_basis("china-2020").find_constant(name)
    for side, end in (("low", known.low), ("high", known.high)):
        data = project(scenario, values={"china-2020": Values(constants={name: end})}).dataset.sel(region=["china"])
        assert effect_of(outcome, name)[side] == results(data, 2095)


def test_series__moved_is_a_direct_run_with_its_rows_moved(outcome: Outcome, scenario: Scenario) -> None:
    series = load_basis("china-2020").own_series["award_factor"]
    step = read_bands().sections["series"]["award_factor"].low
    assert step == Step("factor", 0.9)
    moved = {int(year): 0.9 * float(value) for year, value in zip(series.years, series.values, strict=True)}
    data = project(scenario, values={"china-2020": Values(series={"award_factor": moved})}).dataset.sel(
        region=["china"]
    )
    assert effect_of(outcome, "award_factor")["low"] == pytest.approx(results(data, 2095), rel=1e-12, nan_ok=True)
    assert effect_of(outcome, "award_factor")["low"] != outcome.base


def test_effects__are_sorted_by_the_enterprise_fund(outcome: Outcome) -> None:
    sizes = [max(map(abs, outcome.changes(effect, HEADLINES[0].key).values())) for effect in outcome.effects]
    assert sizes == sorted(sizes, reverse=True)
    assert HEADLINES[0].key == "enterprise_balance_2050"


def test_series__balanced_shares_still_add_up_to_one() -> None:
    basis = load_basis("china-2020")
    band = read_bands().sections["series"]["pay_up_share"]
    for step in band.sides().values():
        world = series_world([basis], "pay_up_share", band, step, {basis.name: basis})
        moved = moved_basis(basis, world)
        years = np.arange(1993, 2096)
        parts = [moved.path(name, years) for name in ("pay_up_share", *band.balance)]
        assert np.sum(parts, axis=0) == pytest.approx(np.ones(years.size), abs=1e-12)
        assert moved.path("pay_up_share", [2020])[0] == pytest.approx(step.of(0.6))


def test_series__opening_figure_of_the_same_name_moves_with_it() -> None:
    basis = load_basis("china-2020")
    band = read_bands().sections["series"]["flexible_payers"]
    world = series_world([basis], "flexible_payers", band, Step("factor", 1.25), {basis.name: basis})
    moved = moved_basis(basis, world)
    assert moved.opening("flexible_payers") == pytest.approx(1.25 * basis.opening("flexible_payers"))
    both = [one.opening("flexible_payers") + one.opening("enterprise_payers") for one in (basis, moved)]
    assert both[0] == pytest.approx(both[1])


def test_rule__moved_reaches_history_and_projection(law: LawTree, scenario: Scenario) -> None:
    basis = load_basis("china-2020")
    figure = next(one for one in list_figures([basis], law, read_bands()) if one.kind == "rule" and
                  one.name == "average_wage")  # fmt: skip
    moved = moved_basis(basis, figure.worlds["high"]())
    growth = [one.path("average_wage", [2040, 2041]) for one in (basis, moved)]
    assert growth[1][1] / growth[1][0] - growth[0][1] / growth[0][0] == pytest.approx(0.01)
    histories = Histories(law, lambda text: None)
    assert open_lane(scenario, moved, law, histories).basis is moved
    assert histories.known[moved.name].basis is moved


def test_region__inherited_constant_moves_with_its_owner() -> None:
    basis = load_basis("xuzhou_urban-2020")
    world = World(values={"china-2020": Values(constants={"mortality_pensioner": 0.8})})
    moved = moved_basis(basis, world)
    assert moved.constant("mortality_pensioner") == 0.8
    assert moved.spin_up.constant("mortality_pensioner") == 0.8
    assert load_basis("xuzhou_urban-2020").constant("mortality_pensioner") == 0.9


def test_law__only_assumed_and_recalled_values_move_and_no_lever_is_made(law: LawTree, scenario: Scenario) -> None:
    parameter = law["pension/adjustment_ratio"]
    band = read_bands().sections["law_values"]["pension/adjustment_ratio"]
    moved = moved_parameter(parameter, band, Step("factor", 0.5))
    for before, after in zip(parameter.national, moved.national, strict=True):
        factor = 0.5 if before.evidence in LOOSE else 1.0
        assert after.value == pytest.approx(factor * before.value)
    data = run_world(scenario, law, World(law={"pension/adjustment_ratio": moved}))
    late = [float(one.adjustment_ratio.sel(year=2040).squeeze()) for one in (run_world(scenario, law, World()), data)]
    assert late[0] == late[1]


# --- complete ---------------------------------------------------------------------------------------------------------


def test_law_after__is_not_moved_where_the_opening_law_ends_earlier(law: LawTree) -> None:
    basis = load_basis("jiangxi-2020")
    kinds = [{one.kind for one in list_figures([basis], law, read_bands(), today)} for today in (True, False)]
    assert kinds[0] - kinds[1] == {"law after"}


@pytest.mark.parametrize("region", REGIONS)
def test_bands__every_assumed_series_and_rule_of_every_region_has_one(region: str, law: LawTree) -> None:
    assert list_figures(lane_bases(load_scenario(f"{region}/baseline")), law, read_bands())


def test_bands__a_new_assumed_series_without_one_is_refused_by_name(law: LawTree) -> None:
    basis = load_basis("china-2020")
    lone = dataclasses.replace(basis)
    series = basis.own_series["award_factor"]
    rules = {**basis.own_rules, "novel_share": basis.own_rules["award_factor"]}
    lone.__dict__["own_series"] = {**basis.own_series, "novel_share": dataclasses.replace(series, name="novel_share")}
    lone.__dict__["own_rules"] = rules
    with pytest.raises(BasisError, match=r"novel_share is assumed or recalled and has no band.*bands\.yaml"):
        list_figures([lone], law, read_bands())


def test_bands__name_series_and_law_that_exist(law: LawTree) -> None:
    names = {name for basis in basis_names() for name in load_basis(basis).series_names()}
    bands = read_bands()
    assert set(bands.sections["series"]) <= names
    assert set(bands.sections["rules"]) <= names
    assert {other for band in bands.sections["series"].values() for other in band.balance} <= names


def test_bands__what_cannot_be_meant_is_refused(tmp_path: Path) -> None:
    for text, message in (
        ("series: {a: {low: {times: 2}, evidence: assumption, source: x}}", "side"),
        ("series: {a: {low: {factor: 2}, source: x}}", "without evidence"),
        ("series: {a: {evidence: assumption, source: x}}", "without a side"),
        ("levels: {a: {still: x}}", "sections levels"),
        ("series: {a: {lower: {factor: 2}, evidence: assumption, source: x}}", 'has "lower"'),
    ):
        file = tmp_path / f"{abs(hash(text))}.yaml"
        file.write_text(text + "\n")
        with pytest.raises(BasisError, match=message):
            read_bands(file)


@pytest.mark.parametrize("name", basis_names())
def test_evidence__no_row_of_any_basis_is_without_a_tag(name: str) -> None:
    basis: Basis = load_basis(name)
    for table in basis.tables.values():
        tags = table.text("evidence") if "evidence" in table.columns else (str(table.card["evidence"]),)
        assert len(tags) in (1, len(table))
        assert set(tags) <= set(EVIDENCE), f"{name}/{table.name}.csv"


def test_unknown_figure__is_refused_with_the_nearest(scenario: Scenario) -> None:
    with pytest.raises(BasisError, match="award_factor"):
        move_each(scenario, ["award_facto"])


# --- printed ----------------------------------------------------------------------------------------------------------


def test_page__names_command_day_and_tags(outcome: Outcome, law: LawTree) -> None:
    text = page(outcome, lane_bases(outcome.scenario), law, "simengine assumptions x", datetime.date(2026, 11, 22))
    assert "`simengine assumptions x` on 2026-11-22" in text
    assert "| 1 | series | award_factor | [assumed] |" in text
    assert outcome.digests["law"][:12] in text
    counts = rows_by_tag(lane_bases(outcome.scenario), law)
    assert f"| paths.csv | {counts['paths.csv']['assumption']} |" in text
    rows = sum(len(load_basis("china-2020").tables[name]) for name in load_basis("china-2020").tables)
    assert sum(counter.total() for name, counter in counts.items() if name != "law") == rows


@pytest.mark.release
def test_report__holds_every_figure_of_today(law: LawTree) -> None:
    figures = list_figures([load_basis("china-2020")], law, read_bands())
    again = "run simengine assumptions china/baseline --markdown simengine/notes/reports/assumptions.md"
    text = NOTE.read_text(encoding="utf-8")
    missing = [one.name for one in figures if f"| {one.name} |" not in text]
    assert not missing, f"the page lacks {', '.join(missing)}: {again}"


@pytest.mark.release
def test_report__is_of_this_law_basis_and_engine(law: LawTree, outcome: Outcome) -> None:
    text = NOTE.read_text(encoding="utf-8")
    for digest in (law.digest(), load_basis("china-2020").digest()):
        assert f"`{digest[:12]}`" in text
    day = datetime.date(2026, 11, 22)
    fresh = page(outcome, lane_bases(outcome.scenario), law, "", day).split("## 2.")[0].split("## 1.")[1]
    assert fresh in text


def test_csv__has_a_row_a_figure_side_and_headline(outcome: Outcome) -> None:
    rows = list(csv.DictReader(io.StringIO(csv_text(outcome))))
    assert len(rows) == len(HEADLINES) * sum(len(effect.results) for effect in outcome.effects)
    assert {row["evidence"] for row in rows} == {"[assumed]"}


def test_tags__are_those_to_search_for() -> None:
    assert tag_text(["recalled"]) == "[recalled]"
    assert tag_text(["computed", "computed"]) == "[computed]"
    series = load_basis("china-2020").own_series["average_wage"]
    assert set(np.array(series.evidence)[loose_rows(series)]) <= set(LOOSE)


def test_command__lists_figures_without_running(capsys: pytest.CaptureFixture[str]) -> None:
    command.assumptions("china/baseline", listing=True)
    said = capsys.readouterr().out
    assert "retirement/early_share" in said
    assert "[recalled]" in said
