"""The heat table equals runs alone; reverse stress passes at 99 % of its shock and fails at 101 %."""

from __future__ import annotations

import io
import re
from itertools import pairwise

import numpy as np
import pytest

import simengine
from simengine.common.errors import SimengineError, each_error
from simengine.decide.stress.forms import place_of, shocked
from simengine.decide.stress.library import stresses
from simengine.decide.stress.reverse import Reversed, reverse_stress
from simengine.decide.stress.run import BASELINE, BELOW, HOLDS, NO_FUND, Stressed
from simengine.judge.closures.measures import FUND_YEARS
from simengine.judge.indicators.sums import outgo_of
from simengine.judge.run import Judged, judge_scenarios
from simengine.judge.targets.verdicts import WITHHELD
from simengine.registry.axes import FUND
from simengine.report.tables.stress import show_reverse, show_stress

CHOSEN = ("return_shortfall", "layoff_wave", "campaign_half")
WAVE, ACCIDENTS = "layoff_wave", "accident_year"


@pytest.fixture(scope="module")
def heat() -> Stressed:
    """Two regions whose funds are judged or withheld, and one that holds none."""
    return simengine.stress(["hubei/baseline", "jiangxi/baseline", "haiyan/baseline"], CHOSEN)


@pytest.fixture(scope="module")
def broken() -> dict[str, Reversed]:
    """Smallest shocks of a row of the plan and of a fund, and of what nothing breaks."""
    return {
        "row": simengine.reverse_stress(
            "jiangxi/baseline", ["JX-22-03", "JX-22-02"], [WAVE, "deflation"], mends=["layoff_wave", "neutral"]
        ),
        "fund": simengine.reverse_stress(
            "hubei/baseline", ["work_injury:2050", "工伤保险基金:2027"], [ACCIDENTS, "low_fertility", "campaign_half"]
        ),
    }


def alone(key: str, stress: str, shock: float) -> Judged:
    """A scenario under a shock, judged on its own."""
    under = shocked(stresses()[stress], shock, place_of(simengine.load_scenario(key)), "alone")
    assert under is not None
    return judge_scenarios(under, threads=1)["alone"]


@pytest.mark.parametrize(("key", "stress"), [("hubei/baseline", "return_shortfall"), ("jiangxi/baseline", WAVE)])
def test_cells__are_those_of_the_same_run_alone_to_the_last_bit(heat: Stressed, key: str, stress: str) -> None:
    judged = alone(key, stress, stresses()[stress].content.size)
    verdicts = {row.id: row for row in judged.verdicts}
    cells = heat.cells[(heat.cells["scenario"] == key) & (heat.cells["stress"] == stress)]
    rows = cells[cells["kind"] == "target"].to_dict("records")
    assert len(rows) >= 4
    for row in rows:
        own = verdicts[row["id"]]
        assert row["verdict"] == own.verdict
        assert row["value"] == own.projected or (own.projected is None and np.isnan(row["value"]))
    if key.startswith("hubei"):
        data = judged.projection.sel(region="hubei").squeeze()
        for name in ("occupational_annuity", "resident"):  # aid is not left out of these
            fund = cells[cells["id"] == name].to_dict("records")[0]
            balance = float(data.fund_balance.sel(fund=name, year_end=2035))
            assert fund["value"] == 12.0 * balance / float(outgo_of(data).sel(fund=name, year=2035))


def test_cells__hold_every_fund_and_judged_row_under_every_stress(heat: Stressed) -> None:
    for key, count in (("hubei/baseline", 2), ("jiangxi/baseline", 2), ("haiyan/baseline", 2)):
        own = heat.cells[heat.cells["scenario"] == key]
        assert {*own["stress"]} == {BASELINE, *CHOSEN[:count]}
        assert (own.groupby("stress").size() == own["id"].nunique()).all()
        assert {*own[own["kind"] == "fund"]["id"]} == {*FUND}
    assert heat.left_out.values.tolist() == [[one.key, "campaign_half", "no_campaign"] for one in heat.scenarios]


def test_funds__without_a_verdict_say_so_and_give_no_figure(heat: Stressed) -> None:
    funds = heat.cells[heat.cells["kind"] == "fund"]
    for key, code in (("jiangxi/baseline", WITHHELD), ("haiyan/baseline", NO_FUND)):
        own = funds[funds["scenario"] == key]
        assert {*own["verdict"]} == {code} and own[["base_value", "value", "distance"]].isna().all(axis=None)
    hubei = funds[funds["scenario"] == "hubei/baseline"]
    assert {*hubei["verdict"]} == {HOLDS, BELOW} and hubei["value"].notna().all()
    assert "Jiangxi" in heat.why["jiangxi/baseline"]["en"] and "江西" in heat.why["jiangxi/baseline"]["zh"]
    assert heat.why["haiyan/baseline"] == {} and "hubei/baseline" not in heat.why


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_screen__fits_eighty_columns_and_tells_no_year_of_a_fund(
    heat: Stressed, broken: dict[str, Reversed], lang: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    from rich.cells import cell_len

    monkeypatch.setenv("COLUMNS", "80")
    text = io.StringIO()
    show_stress(heat, lang, text)  # type: ignore[arg-type]
    for found in broken.values():
        show_reverse(found, lang, text)  # type: ignore[arg-type]
    lines = text.getvalue().splitlines()
    assert max(map(cell_len, lines)) <= 80
    # years that stand there: of the shock, of plans, of anchors, of the conditions asked for, of the record
    known = {2022, 2023, 2024, 2025, 2027, 2035, 2050, 1997, 2021}
    assert {int(year) for year in re.findall(r"(?<!\d)(?:19|20)\d\d(?!\d)", text.getvalue())} <= known
    assert not {*heat.cells.columns} & {*FUND_YEARS}


def row_of(found: Reversed, failure: str, stress: str) -> dict[str, object]:
    rows = found.rows[(found.rows["failure"] == failure) & (found.rows["stress"] == stress)].to_dict("records")
    assert len(rows) == 1
    return {str(name): value for name, value in rows[0].items()}


def test_reverse__a_row_of_the_plan_passes_at_99_and_fails_at_101_per_cent(broken: dict[str, Reversed]) -> None:
    row = row_of(broken["row"], "JX-22-03", WAVE)
    assert row["status"] == "found"
    shock = float(row["shock"])  # type: ignore[arg-type]
    verdicts = [
        next(one for one in alone("jiangxi/baseline", WAVE, part * shock).verdicts if one.id == "JX-22-03").verdict
        for part in (0.99, 1.01)
    ]
    assert verdicts == ["met", "missed"]
    stated = stresses()[WAVE].content.stated
    assert stated is not None
    assert row["in_sd"] == shock / stated.sd and row["of_library"] == shock / stresses()[WAVE].content.size


def test_reverse__a_fund_holds_at_99_and_falls_at_101_per_cent(broken: dict[str, Reversed]) -> None:
    row = row_of(broken["fund"], "work_injury:2050", ACCIDENTS)
    assert row["status"] == "found"
    lowest = []
    for part in (0.99, 1.01):
        data = alone("hubei/baseline", ACCIDENTS, part * float(row["shock"])).projection.squeeze()  # type: ignore[arg-type]
        own = data.fund_balance_unaided.sel(fund="work_injury", year_end=slice(2024, 2049))
        lowest.append(float(own.min()))
    assert lowest[0] >= 0.0 > lowest[1]


def test_reverse__levers_are_tried_just_beyond_the_shock_and_undo_it_or_not(broken: dict[str, Reversed]) -> None:
    row = row_of(broken["row"], "JX-22-03", WAVE)
    tried, undone = ({*filter(None, str(row[name]).split("; "))} for name in ("tried", "undone_by"))
    assert "neutral" in tried and "neutral" not in undone and undone <= tried
    assert "layoff_wave" not in tried  # it states what the shock moves
    shock = 1.01 * float(row["shock"])  # type: ignore[arg-type]
    under = shocked(stresses()[WAVE], shock, place_of(simengine.load_scenario("jiangxi/baseline")), "mended")
    for name in sorted(tried)[:2]:
        judged = judge_scenarios(simengine.what_if(under, levers=[name]), threads=1)  # type: ignore[arg-type]
        (mended,) = judged.values()
        assert (next(one for one in mended.verdicts if one.id == "JX-22-03").verdict == "met") == (name in undone)


def test_reverse__without_a_shock_is_a_result(broken: dict[str, Reversed]) -> None:
    assert row_of(broken["row"], "JX-22-02", WAVE)["status"] == "already"
    none = row_of(broken["row"], "JX-22-03", "deflation")
    assert none["status"] == "none" and none["most"] == stresses()["deflation"].content.most
    assert row_of(broken["fund"], "work_injury:2050", "campaign_half")["status"] == "no_campaign"
    nearer = [row_of(broken["fund"], name, ACCIDENTS)["shock"] for name in ("work_injury:2050", "工伤保险基金:2027")]
    values = [float("inf") if one != one else float(one) for one in nearer]  # type: ignore[arg-type]
    assert all(later <= sooner for later, sooner in pairwise(values))  # a later end is no harder to break


def test_reverse__looks_up_to_the_largest_shock_that_the_model_takes(broken: dict[str, Reversed]) -> None:
    # Hubei's fertility is too low to lose .9 children up to 2095: half of it passes, what lies between is looked at too
    late = simengine.reverse_stress("hubei/baseline", "work_injury:2096", "low_fertility")
    fewer = row_of(late, "work_injury:2096", "low_fertility")
    most, half = float(fewer["most"]), 0.5 * stresses()["low_fertility"].content.most  # type: ignore[arg-type]
    assert fewer["status"] == "none" and fewer["limit"] == "model"
    assert half < most < 2.0 * half
    place = place_of(simengine.load_scenario("hubei/baseline"))

    def taken(shock: float) -> bool:
        under = shocked(stresses()["low_fertility"], shock, place, "alone")
        try:
            (judged,) = judge_scenarios(under, threads=1).values()  # type: ignore[arg-type]
        except SimengineError:
            return False
        return bool(judged.bounds["ok"].all())

    gap = (2.0 * half - half) / 25.0  # 4 shocks between two, twice: a fifth of a fifth is left
    assert taken(most) and not taken(most + 1.01 * gap)
    assert row_of(broken["row"], "JX-22-03", "deflation")["limit"] == "file"
    found = row_of(broken["row"], "JX-22-03", WAVE)
    assert found["limit"] == "file" and found["goal"] and found["as_is"]


def test_reverse__the_size_of_the_library_is_looked_at_whatever_the_file_allows() -> None:
    # beyond 1.9 times its parts the model takes no combination; it breaks the row at 1.17, above the last half
    found = simengine.reverse_stress("xuzhou/baseline", "XZ-14-05", "combined_adverse")
    row = row_of(found, "XZ-14-05", "combined_adverse")
    assert row["status"] == "found" and 1.0 < float(row["shock"]) < 1.9  # type: ignore[arg-type]


def test_reverse__what_fails_already_is_told_from_one_run_of_the_baseline(monkeypatch: pytest.MonkeyPatch) -> None:
    from simengine.decide.stress.search import Search

    def never(search: Search) -> None:
        raise AssertionError("a shock was run")

    monkeypatch.setattr(Search, "lay_mesh", never)
    found = simengine.reverse_stress("jiangxi/baseline", "JX-22-02")
    applies = found.rows[found.rows["status"] != "no_campaign"]
    assert {*applies["status"]} == {"already"}
    (own,) = judge_scenarios(simengine.load_scenario("jiangxi/baseline"), threads=1).values()
    projected = next(one for one in own.verdicts if one.id == "JX-22-02").projected
    assert (applies["as_is"] == projected).all() and {*applies["goal"]} == {">= 400 万人"}
    for lang, words in (("en", "384.1 in the baseline, where >= 400"), ("zh", "基准为384.1，目标为>= 400")):
        text = io.StringIO()
        show_reverse(found, lang, text)  # type: ignore[arg-type]
        assert words in text.getvalue() and "simengine solve jiangxi/baseline --goal row=JX-22-02" in " ".join(
            text.getvalue().split()
        )


@pytest.mark.parametrize(
    ("key", "failures", "codes"),
    [
        ("jiangxi/baseline", ["resident:2050", "JX-14-10"], ["break_withheld", "break_not_modelled"]),
        ("haiyan/baseline", ["unemployment:2040", "nothing"], ["break_no_fund", "break_unknown"]),
        ("hubei/baseline", ["resident", "resident:1990"], ["break_fund_year", "break_year"]),
    ],
)
def test_failure__that_cannot_be_asked_for_is_refused_all_at_once(
    key: str, failures: list[str], codes: list[str]
) -> None:
    with pytest.raises(SimengineError) as caught:
        reverse_stress(key, failures, "deflation")
    found = each_error(caught.value)
    assert [one.code for one in found] == codes
    assert all(one.parts("zh")[0] != one.parts("en")[0] for one in found)


def test_everything_that_is_wrong_is_told_at_once() -> None:
    with pytest.raises(SimengineError) as caught:
        simengine.stress("china/baseline", ["wages"], start=1990, before=3000, year=2200)
    codes = sorted(one.code for one in each_error(caught.value))
    assert codes == ["stress_start", "stress_unknown", "stress_year", "stress_year"]
