"""No verdict on a fund where what was printed after the opening is missed (notes/fund.md, section 1)."""

from __future__ import annotations

import dataclasses
import io
import json
import math
import re
from collections.abc import Callable, Iterator
from contextlib import redirect_stdout
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import simengine
from simengine.basis.basis import load_basis
from simengine.cli import main as cli
from simengine.common.errors import InputFileError
from simengine.common.messages import LANGUAGES, Language
from simengine.engine.project import Result, project
from simengine.judge.checks.anchors import (
    COLUMNS,
    Anchor,
    FundVerdict,
    anchor_table,
    anchors_of,
    fund_verdicts,
    held_against,
    held_run,
    limit_in_force,
    read_limit,
)
from simengine.judge.checks.headlines import baseline_regions
from simengine.judge.checks.plausibility import RANGES
from simengine.judge.indicators import registry
from simengine.judge.run import Judged, JudgedRun
from simengine.judge.targets.withheld import holdings, on_a_fund
from simengine.law.regions import load_regions
from simengine.report.tables.anchors import show_anchors
from simengine.report.tables.closures import closure_lines
from simengine.scenario.scenario import load_scenario
from tests.helpers.anchors import ANY, NONE, SERIES, judged_on, limited, with_printed, without_printed

HOLDERS = [region for region in baseline_regions() if load_regions()[region].holds_pension_fund]
OTHERS = [region for region in baseline_regions() if region not in HOLDERS]
KINDS = ("baseline", "as_planned")
PROVINCE = "jiangxi/baseline"


def by_hand(result: Result, year: int = 2024) -> dict[str, float]:
    """Pensioners, revenue, spending and balance of the employees' scheme of a run of one region, item by item.

    Payments between levels of government are left out of both flows, and the item that closes published balances.
    """
    data = result.dataset.isel(scenario=0, draw=0, region=0)
    funds = ["enterprise_pension", "public_pension"]
    income, outgo = (data[name].sel(fund=funds, year=year).sum("fund") for name in ("income", "outgo"))
    closes = float(data["published_other"].sel(year=year))
    received = sum(
        float(income.sel(income_item=item)) for item in income.income_item.values if "from_" not in str(item)
    )
    paid = sum(float(outgo.sel(outgo_item=item)) for item in outgo.outgo_item.values if "to_" not in str(item))
    pensioners = sum(float(data[f"{name}_pensioners"].sel(year_end=year)) for name in ("enterprise", "public"))
    balance = sum(float(data["fund_balance"].sel(fund=fund, year_end=year)) for fund in funds)
    figures = (pensioners, received - max(closes, 0.0), paid - max(-closes, 0.0), balance)
    return dict(zip(SERIES, figures, strict=True))


# --- the limit --------------------------------------------------------------------------------------------------------


def test_limit__is_stated_with_day_source_and_evidence() -> None:
    known = limit_in_force()
    assert (known.limit, str(known.since), known.evidence) == (0.05, "2026-12-01", "assumption")
    assert tuple(known.names) == SERIES and all(name[lang] for name in known.names.values() for lang in LANGUAGES)
    assert "section 11" in known.source


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("  limit: 0.05\n", "  limit: 5\n", 'limit of the anchors is "5"'),
        ("  limit: 0.05\n", "  limit: 1.0\n", 'limit of the anchors is "1.0"'),
        ("  limit: 0.05\n", "", "missing or unknown: limit"),
        ("  since: 2026-12-01\n", "  since: soon\n", 'since "soon"'),
        ("    balance: {en: balance", "    balances: {en: balance", 'anchor "balances"'),
        (
            '  evidence: assumption\n  source: "model',
            '  evidence: hearsay\n  source: "model',
            "no evidence or no source",
        ),
        ("anchors:\n", "anchor:\n", "missing or unknown: evidence"),
    ],
)
def test_limit__a_wrong_file_is_refused(tmp_path: Path, old: str, new: str, said: str) -> None:
    text = RANGES.read_text(encoding="utf-8")
    assert old in text
    path = tmp_path / "ranges.yaml"
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(InputFileError, match=said):
        read_limit(path)


# --- what is held against what ----------------------------------------------------------------------------------------


def test_anchors__are_the_last_printed_figures_after_the_opening() -> None:
    """Figures from memory and those of the opening or before are none; a region without references has none."""
    for name in ("china-2020", "jiangxi-2020", "hubei-2020", "jiangsu-2020", "zhejiang-2020"):
        found = anchors_of(load_basis(name))
        assert [(one.series, one.year) for one in found] == [(series, 2024) for series in SERIES], name
        assert not {one.evidence for one in found} & {"memory", "recalled", "assumption"}
    assert anchors_of(load_basis("haiyan-2020")) == [] == anchors_of(without_printed(load_basis("jiangxi-2020")))


@pytest.mark.parametrize("region", HOLDERS)
def test_anchors__of_every_region_are_the_run_beside_the_print(ran: Callable[[str], Result], region: str) -> None:
    """The engine's figures item by item from the dataset, the printed ones from the file of the basis."""
    key = f"{region}/baseline"
    result = ran(key)
    (found,) = fund_verdicts(result, load_scenario(key)).values()
    file = pd.read_csv(load_basis(f"{region}-2020").folder / "references.csv").query("year == 2024")
    printed = file.set_index("series")["value"]
    expected = by_hand(result)
    assert [one.series for one in found.anchors] == list(SERIES)
    for one in found.anchors:
        assert one.engine == pytest.approx(expected[one.series], rel=1e-9), one.series
        assert one.printed == printed[one.series]
        assert one.gap == pytest.approx(expected[one.series] / printed[one.series] - 1.0, rel=1e-9)
    beyond = {name for name in SERIES if abs(expected[name] / printed[name] - 1.0) > 0.05}
    assert {one.series for one in found.missed} == beyond and found.given == (not beyond)


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("region", HOLDERS)
def test_verdict__says_in_words_what_is_missed_and_by_how_much(
    ran: Callable[[str], Result], region: str, kind: str, lang: Language
) -> None:
    key = f"{region}/{kind}"
    (found,) = fund_verdicts(ran(key), load_scenario(key)).values()
    text = found.text(lang)
    place = load_regions()[region]
    assert (place.name if lang == "en" else place.local_name) in text and "5" in text
    for one in found.missed:
        scale = 1e8 if one.unit == "yuan" else 1e4
        for figure in (f"{one.engine / scale:,.0f}", f"{one.printed / scale:,.0f}", f"{100.0 * one.gap:+.1f}"):
            assert figure in text, (one.series, figure)
        assert found.limit.names[one.series][lang] in text and "2024" in text
    refused = {"en": "No verdict", "zh": "不作判定"}[lang]
    assert (refused in text) == (not found.given)
    assert (f"{region}/baseline" in text) == (kind == "as_planned")
    stream = io.StringIO()
    show_anchors([found], lang, stream)
    rows = [line for line in stream.getvalue().splitlines() if " 2024 " in f" {line} "]
    assert len([line for line in rows if any(found.limit.names[name][lang] in line for name in SERIES)]) >= len(SERIES)


@pytest.mark.parametrize("region", OTHERS)
def test_verdict__who_holds_no_fund_has_none(ran: Callable[[str], Result], region: str) -> None:
    key = f"{region}/baseline"
    assert fund_verdicts(ran(key), load_scenario(key)) == {}


# --- as planned -------------------------------------------------------------------------------------------------------


def test_as_planned__is_judged_by_the_baseline_of_its_region(ran: Callable[[str], Result]) -> None:
    """What nobody foresaw in 2020 is no fault of the engine: the anchors of the two scenarios are the same figures."""
    planned = load_scenario("jiangxi/as_planned")
    assert held_run(planned).key == PROVINCE and held_run(load_scenario(PROVINCE)).key == PROVINCE
    one = fund_verdicts(ran("jiangxi/as_planned"), planned)["jiangxi"]
    two = fund_verdicts(ran(PROVINCE), load_scenario(PROVINCE))["jiangxi"]
    assert one.anchors == two.anchors and (one.run, one.scenario) == (PROVINCE, "jiangxi/as_planned")
    own = by_hand(ran("jiangxi/as_planned"))
    assert all(abs(own[anchor.series] / anchor.engine - 1.0) > 1e-4 for anchor in one.anchors)


def test_as_planned__beside_its_baseline_takes_the_run_that_is_there(monkeypatch: pytest.MonkeyPatch) -> None:
    """And makes it where the baseline beside it was moved by a lever."""
    from simengine.judge.checks import anchors

    made: list[str] = []
    beside = anchors.run_beside
    monkeypatch.setattr(anchors, "run_beside", lambda given, *more: made.append(given[0].key) or beside(given, *more))
    pair = [load_scenario(PROVINCE), load_scenario("jiangxi/as_planned")]
    result = project(pair)
    plain = fund_verdicts(result, pair[1])["jiangxi"]
    assert made == []
    moved = dataclasses.replace(pair[0], digest="moved")
    result.lanes[0].scenario = moved
    assert fund_verdicts(result, pair[1])["jiangxi"].anchors == plain.anchors and made == [PROVINCE]


def test_as_planned__without_a_packaged_baseline_is_held_against_them_itself() -> None:
    planned = load_scenario("jiangxi/as_planned")
    other = planned.content.model_copy(update={"basis": "jiangsu-2020"})
    alone = dataclasses.replace(planned, content=other)
    assert held_run(alone) is alone


# --- at the limit -----------------------------------------------------------------------------------------------------


def judged_with(result: Result, gaps: dict[str, float]) -> Judged:
    """A run judged beside references from which the engine stands off by the gaps given, and by nothing elsewhere."""
    (lane,) = result.lanes
    engine = by_hand(result)
    printed = {name: engine[name] / (1.0 + gaps.get(name, 0.0)) for name in SERIES}
    moved = judged_on(result, with_printed(lane.basis, printed))
    run = JudgedRun((lane.scenario,), {lane.scenario.key: moved}, 1)
    return run[lane.scenario.key]


@pytest.mark.parametrize("series", SERIES)
@pytest.mark.parametrize("sign", [1.0, -1.0])
def test_limit__each_anchor_alone_withholds_just_beyond_it(
    ran: Callable[[str], Result], series: str, sign: float
) -> None:
    for gap, given in ((0.05 - 1e-6, True), (0.05 + 1e-6, False)):
        found = judged_with(ran(PROVINCE), {series: sign * gap}).fund_verdicts["jiangxi"]
        assert found.given == given
        assert [one.series for one in found.missed] == ([] if given else [series])


@pytest.fixture(scope="module")
def sides(ran: Callable[[str], Result]) -> dict[bool, Judged]:
    """The same run just within the limit and just beyond it."""
    return {
        given: judged_with(ran(PROVINCE), {"revenue": 0.05 + (-1e-6 if given else 1e-6)}) for given in (True, False)
    }


def test_limit__every_verdict_on_a_fund_appears_and_disappears(sides: dict[bool, Judged]) -> None:
    within, beyond = sides[True], sides[False]
    assert len(within.exhaustion) == 6 and len(beyond.exhaustion) == 0
    assert list(beyond.exhaustion.columns) == list(within.exhaustion.columns)
    for name in ("ranges", "closures"):
        assert set(getattr(within, name)["fund"]) > {"", "enterprise_pension"}
        assert set(getattr(beyond, name)["fund"]) == {""} and len(getattr(beyond, name))
    people = within.ranges[within.ranges["fund"] == ""].reset_index(drop=True)
    pd.testing.assert_frame_equal(people, beyond.ranges, check_exact=True)
    assert within.anchors["ok"].all() and not beyond.anchors.set_index("series")["ok"]["revenue"]
    assert tuple(beyond.anchors.columns) == COLUMNS


def test_limit__rows_on_a_fund_are_withheld_and_say_why(sides: dict[bool, Judged]) -> None:
    """Every other row keeps its verdict; a withheld row holds no figure of the engine."""
    within, beyond = (sides[given].verdicts for given in (True, False))
    changed = 0
    for one, two in zip(within, beyond, strict=True):
        if one.verdict in ("met", "missed") and on_a_fund(one.indicator):
            changed += 1
            assert two.verdict == "withheld" and two.reason == "anchors"
            assert (two.projected, two.projected_text, two.satisfied, two.margin) == (None, "", None, None)
            assert (two.first_year_met, two.other_readings) == (None, {}) and not two.headline
            for lang in LANGUAGES:
                assert sides[False].fund_verdicts["jiangxi"].text(lang).rstrip(".。") in two.text(lang)
        else:
            assert one == two
    assert changed > 0


def test_funds__are_known_by_what_a_measure_reads() -> None:
    assert {"fund_balance", "fund_balance_unaided", "entrusted_principal", "financing_need"} <= holdings()
    assert "income" not in holdings() and "members" not in holdings()
    sizes = {"oa_fund_size", "fund_balance_3schemes", "delegated_investment_stock", "payable_months", "exhaustion_year"}
    assert all(on_a_fund(name) for name in sizes)
    assert {name for name in registry() if on_a_fund(name)}.isdisjoint({"uebps_participants", "payg_cost_rate"})


def test_verdict__of_a_run_that_ends_before_the_anchors_is_none() -> None:
    content = load_scenario(PROVINCE).content.model_copy(update={"years": (2021, 2023)})
    short = dataclasses.replace(load_scenario(PROVINCE), content=content)
    found = fund_verdicts(project(short), short)["jiangxi"]
    assert (found.why, found.given) == ("unreached", False) and all(math.isnan(one.engine) for one in found.anchors)
    assert "ends before" in found.text("en") and "nan" not in found.text("zh")
    assert not anchor_table([found])["ok"].any()


@pytest.mark.parametrize("lang", LANGUAGES)
def test_verdict__without_anchors_is_given_and_says_that_nothing_tests_it(
    ran: Callable[[str], Result], lang: Language
) -> None:
    (lane,) = ran(PROVINCE).lanes
    found = fund_verdicts(judged_on(ran(PROVINCE), without_printed(lane.basis)), lane.scenario)["jiangxi"]
    assert (found.why, found.given, found.anchors) == ("none", True, ())
    assert {"en": "no figure tests its funds", "zh": "基金未经检验"}[lang] in found.text(lang) and "2020" in found.text(
        lang
    )


def test_anchor__a_printed_balance_below_zero_is_missed_by_its_size() -> None:
    """Printed -100: -104 is 4 % below, 100 is 200 % above; nothing printed is met by nothing alone."""
    gaps = [Anchor("balance", 2024, "yuan", engine, -100.0, "").gap for engine in (-104.0, 100.0)]
    assert gaps == pytest.approx([-0.04, 2.0])
    assert not Anchor("balance", 2024, "yuan", 1.0, 0.0, "").within(0.05)


# --- the nation beside a region ---------------------------------------------------------------------------------------


def test_nation__its_years_beside_a_region_give_way_to_the_reason() -> None:
    for limit, given in ((ANY, True), (NONE, False)):
        with pytest.MonkeyPatch.context() as patch:
            limited(patch, limit)
            judged = simengine.judge_scenarios("haiyan/baseline")["haiyan/baseline"]
            assert judged.nation is not None and judged.nation_funds is not None
            assert judged.nation_funds.given == given
            assert ("enterprise_pension" in set(judged.nation.ranges()["fund"])) == given
            names = {key: name.en for key, name in judged.over.closures.names().items()}
            lines = closure_lines(judged.over, judged.nation, names, "en", judged.nation_funds)
            assert any("stays below zero" in line for line in lines) == given
            assert any(line.startswith("No verdict on the pension fund of China") for line in lines) == (not given)


def test_nation__what_is_kept_of_it_is_what_its_own_run_gives(
    ran: Callable[[str], Result], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Made, then read back: both equal the nation's own verdict."""
    from simengine.judge.closures.table import nation_fund_verdict

    monkeypatch.setenv("SIMENGINE_CACHE", str(tmp_path))
    nation = load_scenario("china/baseline")
    own = held_against(load_basis("china-2020"), ran("china/baseline").dataset.isel(scenario=0, draw=0, region=0))
    for _ in range(2):
        found = nation_fund_verdict(ran("haiyan/baseline"), load_scenario("haiyan/baseline"))
        assert isinstance(found, FundVerdict) and (found.region, found.run) == ("china", nation.key)
        assert found.anchors == own


# --- commands ---------------------------------------------------------------------------------------------------------


@pytest.fixture
def beyond(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    """A folder of its own, and a limit that every region with anchors misses, whatever the fits have reached."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "400")
    limited(monkeypatch, NONE)
    yield


def printed(*arguments: str) -> str:
    said = io.StringIO()
    with redirect_stdout(said):
        assert cli.execute(list(arguments)) == cli.DONE
    return said.getvalue()


FUND_WORDS = re.compile(
    r"below zero|first deficit|for good|aid,|exhaust(?!ion\.csv)|转负|收不抵支|持续为负|（无补贴）|（含补贴）", re.I
)


@pytest.mark.usefixtures("beyond")
@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("region", HOLDERS)
def test_commands__say_that_there_is_no_verdict_and_nothing_else_on_the_funds(region: str, lang: Language) -> None:
    place = load_regions()[region]
    name = place.name if lang == "en" else place.local_name
    refused = {"en": f"No verdict on the pension fund of {name}", "zh": f"对{name}养老保险基金及其他基金不作判定"}[lang]
    for command in ("run", "check"):
        text = printed(command, f"{region}/baseline", "--lang", lang)
        assert refused in text
        assert [line for line in text.splitlines() if FUND_WORDS.search(line)] == []
        if (command, lang) not in (("run", "en"), ("check", "zh")):
            continue
        shown = json.loads(printed(command, f"{region}/baseline", "--lang", lang, "--json"))
        if command == "run":
            (own,) = shown["scenarios"]
            verdicts = own["fund_verdicts"]
            assert {row["fund"] for row in own["ranges"]} == {""}
        else:
            own, verdicts = shown["scenarios"][f"{region}/baseline"], shown["fund_verdicts"][f"{region}/baseline"]
            assert own["exhaustion"] == [] and {row["fund"] for row in own["closures"]} == {""}
        assert [(one["region"], one["given"], one["why"]) for one in verdicts] == [(region, False, "missed")]
        assert verdicts[0]["text"].startswith(refused)
        figures = {row["series"]: row for row in own["anchors"]}
        assert set(figures) == set(SERIES) and not any(row["ok"] for row in figures.values())


@pytest.mark.usefixtures("beyond")
@pytest.mark.parametrize("lang", LANGUAGES)
def test_pictures__say_that_there_is_no_verdict(lang: Language, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every picture of a fund; its table holds both figures of each anchor and no year of the fund."""
    import matplotlib.axes

    titles: list[str] = []
    keep = matplotlib.axes.Axes.set_title
    monkeypatch.setattr(
        matplotlib.axes.Axes, "set_title", lambda ax, text, **more: titles.append(text) or keep(ax, text, **more)
    )
    printed("run", PROVINCE, "--lang", lang)
    funds = ("enterprise_pension", "resident")
    printed("plot", f"out/{PROVINCE}", "--lang", lang, *(f"--figure=fund_{fund}" for fund in funds))
    refused = {"en": "No verdict on the", "zh": "不作判定"}[lang]
    assert len(titles) == len(funds) and all(refused in "".join(title.split("\n")) for title in titles)
    for fund in funds:
        rows = pd.read_csv(f"out/{PROVINCE}/figures/fund_{fund}.csv")
        assert {f"{side}:{name}" for side in ("anchor", "printed") for name in SERIES} <= set(rows["series"])
        assert not set(rows["series"]) & {"exhaustion", "first_deficit", "unaided", "recovers", "times"}


def test_as_a_fund_within__the_verdict_comes_back(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    limited(monkeypatch, ANY)
    shown: Any = json.loads(printed("check", PROVINCE, "--json"))
    assert len(shown["scenarios"][PROVINCE]["exhaustion"]) == 6
    assert [one["why"] for one in shown["fund_verdicts"][PROVINCE]] == ["within"]
