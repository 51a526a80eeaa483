"""Amounts fixed in law that prices erode, and the verdicts that rest on them (notes/checks.md, section 5)."""

from __future__ import annotations

import datetime
import io
import re
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import simengine
from simengine.common.messages import say
from simengine.engine.project import Result, project
from simengine.judge.checks.erosion import (
    COLUMNS,
    LOST,
    MADE_BY_THE_ENGINE,
    Amount,
    Prices,
    eroded_at,
    erosion_table,
    flat_since,
    places_of,
    said,
)
from simengine.judge.targets.check import check_targets
from simengine.judge.targets.erosion import ERODED, flag_eroded, rows_moved
from simengine.judge.targets.files import words
from simengine.judge.targets.rows import Figure, Target
from simengine.judge.targets.verdicts import Verdict
from simengine.law import load_law
from simengine.registry.inputs import PATH_NAMES, SERIES
from simengine.registry.units import MONEY
from simengine.report.tables.erosion import show_erosion
from simengine.report.tables.verdicts import show_verdicts, verdict_csv
from simengine.scenario.scenario import load_scenario, with_levers

REGIONS = ("china", "jiangxi", "hubei", "xuzhou", "haiyan", "jingdezhen")
NOTE = Path(simengine.__file__).parent / "notes" / "checks.md"


@cache
def baseline(region: str) -> Result:
    return project(load_scenario(f"{region}/baseline"))


def levered(region: str, **lever: Any) -> Result:
    stated = {"name": {"en": "a test", "local": "试"}, "reason": "A test of erosion.", **lever}
    return project(with_levers(load_scenario(f"{region}/baseline"), "t", {"t": stated}))


def by_key(result: Result, region: str) -> dict[str, dict[str, Any]]:
    """Rows of one region by amount; of several values the last."""
    table = erosion_table(places_of(result), {})
    return {row["amount"]: row for row in table[table["region"] == region].to_dict("records")}


# --- worth ------------------------------------------------------------------------------------------------------------


PRICES = Prices(2019, np.array([1.0, 1.0, 1.1, 1.21, 1.331, 1.4641]))
"""Flat in 2020, then ten per cent a year."""


def amount(value: float = 500.0, date: str = "2020-05-01", until: int = 2024) -> Amount:
    return Amount(
        "resident/tiers", "law", "projection", "yuan/year", value, datetime.date.fromisoformat(date), until, ""
    )


def test_worth__is_the_price_of_the_date_over_that_of_the_year() -> None:
    """1/1.1 = .9091, 1/1.21 = .8264, 1/1.331 = .7513, 1/1.4641 = .6830: 30 % are lost in 2024, not in 2023."""
    worths = [PRICES.worth(amount().date, year) for year in range(2020, 2025)]
    assert worths == pytest.approx([1.0, 0.90909, 0.82645, 0.75131, 0.68301], abs=1e-5)
    assert PRICES.eroded_year(amount()) == 2024
    assert PRICES.eroded_year(amount(until=2023)) is None  # another value is in force by then
    assert PRICES.eroded_year(amount(date="2021-01-01")) is None  # 1.1/1.4641 = .7513


def test_worth__of_exactly_seventy_per_cent_is_lost() -> None:
    exact = Prices(2020, np.array([0.7, 0.9, 1.0]))
    assert exact.eroded_year(amount(date="2020-01-01", until=2022)) == 2022
    above = Prices(2020, np.array([0.7001, 0.9, 1.0]))
    assert above.eroded_year(amount(date="2020-01-01", until=2022)) is None


def test_worth__of_a_date_before_the_prices_begin_counts_from_their_first_year() -> None:
    assert PRICES.worth(datetime.date(1992, 12, 31), 2024) == pytest.approx(1.0 / 1.4641)


def test_note__worked_example_cell_by_cell() -> None:
    """Every cell of the note by the run's prices: 150 yuan of 2011; .70 is passed at 2.370368/.7 = 3.38624."""
    (place,) = places_of(baseline("haiyan"))
    (addon,) = [one for one in place.amounts if one.key == "pension/addon_fixed"]
    assert (addon.value, addon.date.isoformat()) == (150, "2011-01-01")
    rows = re.findall(r"^\| (\d{4}) \| ([\d.]+) \| ([\d.]+) \| ([\d.]+) \|$", NOTE.read_text(encoding="utf-8"), re.M)
    assert [row[0] for row in rows] == ["2011", "2025", "2031", "2032", "2095"]
    for year, *cells in rows:
        worth = place.prices.worth(addon.date, int(year))
        price = place.prices.index[int(year) - place.prices.first]
        assert cells == [f"{price:.4f}", f"{worth:.4f}", f"{150.0 * worth:.2f}"], year
        assert worth == pytest.approx(2.370368 / price, rel=1e-12)
    index = {int(year): float(price) for year, price, *_ in rows}
    assert index[2031] < 2.370368 / (1.0 - LOST) < index[2032]
    assert by_key(baseline("haiyan"), "haiyan")["pension/addon_fixed"]["eroded_year"] == 2032
    assert "30 % are lost in 2032" in NOTE.read_text(encoding="utf-8")


def test_words__say_the_part_that_is_flagged() -> None:
    """The constant and what readers are told are the same number."""
    assert LOST == 0.30
    for text in (words()["flags"][ERODED]["en"], words()["columns"]["eroded"]["en"], say("erosion.title", "en")):
        assert f"{100 * LOST:.0f} %" in text
    for text in (words()["flags"][ERODED]["zh"], words()["columns"]["eroded"]["zh"], say("erosion.title", "zh")):
        assert "三成" in text


# --- which amounts ----------------------------------------------------------------------------------------------------


def test_amounts__every_parameter_held_in_money_is_listed_where_it_is_not_zero() -> None:
    """Over all regions: the law's own amounts, found by unit and rule; the rest of them is zero everywhere."""
    law = load_law()
    listed = {one.key for region in REGIONS for place in places_of(baseline(region)) for one in place.amounts}
    nominal = {key for key, parameter in law.items() if parameter.is_nominal}
    assert {"pension/addon_fixed", "resident/tiers", "unemployment/skill_subsidy"} <= nominal
    zero = {"resident/age_supplement", "resident/funeral_grant", "resident/long_service_supplement"}
    assert listed == nominal - zero
    for key in zero:
        assert {dated.value for dated in law[key].all_values()} == {0}, key


def test_amounts__a_parameter_in_money_that_is_not_held_moves_or_ends() -> None:
    """What is no amount by the rule is carried on by an index, ends, or has no number past its last value."""
    for key, parameter in load_law().items():
        if parameter.unit.symbol in MONEY and not parameter.is_nominal:
            assert parameter.extension.rule in ("indexed", "ended", None), key


@pytest.mark.parametrize("region", REGIONS)
def test_amounts__every_flat_series_of_money_is_accounted_for(region: str) -> None:
    """A series in yuan that stands still is made of a listed amount, listed itself, or read by nobody by then."""
    result = baseline(region)
    places = {place.region: place for place in places_of(result)}
    for lane in result.lanes:
        keys = {one.key for one in places[lane.basis.region].amounts}
        for name, values in zip(PATH_NAMES, lane.inputs.paths, strict=True):
            row = SERIES[name]
            if row.unit not in MONEY or row.source in MADE_BY_THE_ENGINE or flat_since(values) is None:
                continue
            if name == "admitted_public_pension":  # nobody is admitted after 2018
                admitted = lane.inputs.paths[PATH_NAMES.index("admitted_public_pensioners")]
                assert admitted[-1] == 0.0 and name not in keys
                continue
            assert name in keys or set(row.law) & keys, (lane.basis.region, name)


def test_amounts__a_series_that_a_lever_freezes_is_one() -> None:
    """The subsidy on a resident's contribution set to 60 yuan from 2030 on: no law holds it flat, the lever does."""
    rows = by_key(levered("jiangxi", paths={"resident_subsidy": {"set": {2030: 60.0}}}), "jiangxi")
    assert "resident_subsidy" not in by_key(baseline("jiangxi"), "jiangxi")
    found = rows["resident_subsidy"]
    assert (found["kind"], found["used"], found["date"], found["value"]) == ("series", "projection", "2030-01-01", "60")
    (place,) = places_of(baseline("jiangxi"))
    price = dict(zip(range(place.prices.first, place.prices.last + 1), place.prices.index, strict=True))
    assert found["eroded_year"] == next(year for year in range(2030, 2096) if price[2030] / price[year] <= 0.7)


@pytest.mark.parametrize(
    ("values", "since"),
    [
        ([1.0, 2.0, *[3.0] * 11], 2), ([1.0, 2.0, *[3.0] * 10], None), ([*[3.0] * 12, 4.0], None), ([0.0] * 20, None),
        ([3.0] * 4, 0), ([2.0, 3.0, 3.0, 3.0], None), ([np.nan] * 12, None), ([np.nan, *[3.0] * 11], 1),
    ],
)  # fmt: skip
def test_flat__stands_still_for_ten_years_to_the_horizon_or_all_of_a_short_run(
    values: list[float], since: int | None
) -> None:
    assert flat_since(np.array(values)) == since


def test_amounts__who_reads_them_is_told() -> None:
    """A tier is read by cases alone, since the projection holds the mean contribution; the pilot's fee by nobody."""
    rows = by_key(baseline("xuzhou"), "xuzhou")
    used = {key: row["used"] for key, row in rows.items()}
    assert used["resident/tiers"] == "cases" and used["injury/platform_premium"] == "nothing"
    assert used["injury/medical_subsidy_amount"] == used["unemployment/skill_subsidy"] == "projection"


# --- levers and information -------------------------------------------------------------------------------------------


def test_lever__on_prices_is_heard() -> None:
    """Three points more a year from 2027 on: the index 2027+k is that of the baseline times (1.05/1.02)^k."""
    plain, dear = baseline("haiyan"), levered("haiyan", paths={"price_index": {"growth": {2027: 0.05}}})
    before, after = (places_of(one)[0].prices for one in (plain, dear))
    for year in (2011, 2025, 2026):
        at = year - before.first
        assert after.index[at] == before.index[at]
    year = by_key(dear, "haiyan")["pension/addon_fixed"]["eroded_year"]
    assert year < by_key(plain, "haiyan")["pension/addon_fixed"]["eroded_year"]
    worths = [after.worth(datetime.date(2011, 1, 1), one) for one in (int(year) - 1, int(year))]
    assert worths[0] > 0.7 >= worths[1]


def test_lever__that_raises_an_amount_starts_anew() -> None:
    """Two values, each with years of its own: the old one is in force to 2029 and never lost, the new one from 2030."""
    result = levered("haiyan", changes={"pension/addon_fixed": {"2030-01-01": 220}})
    table = erosion_table(places_of(result), {})
    rows = table[table["amount"] == "pension/addon_fixed"].to_dict("records")
    assert [(row["date"], row["until"], row["value"]) for row in rows] == [
        ("2011-01-01", 2029, "150"), ("2030-01-01", 2095, "220")
    ]  # fmt: skip
    assert np.isnan(rows[0]["eroded_year"])
    (place,) = places_of(result)
    begun = datetime.date(2030, 1, 1)
    first = next(year for year in range(2030, 2096) if place.prices.worth(begun, year) <= 0.7)
    assert rows[1]["eroded_year"] == first > 2040


def test_lever__beyond_the_horizon_leaves_the_old_value_in_force_to_its_end() -> None:
    """A run to 2030 and a value of 2045: worth and end are those of 2030."""
    lever = {"name": {"en": "a test", "local": "试"}, "reason": "A test of erosion."}
    lever |= {"changes": {"pension/addon_fixed": {"2045-01-01": 220}}}
    scenario = with_levers(load_scenario("haiyan/baseline"), "t", {"t": lever})
    content = scenario.content.model_copy(update={"years": (2021, 2030)})
    row = by_key(project(replace(scenario, content=content)), "haiyan")["pension/addon_fixed"]
    assert (row["date"], row["until"], row["end_year"]) == ("2011-01-01", 2030, 2030)
    assert row["worth_end"] == pytest.approx(2.370368 / 3.285, rel=1e-4)  # 2.975485 x 1.02^5, but for rounding


def test_information__who_knows_the_opening_alone_does_not_know_a_later_value() -> None:
    """Jiangxi's tiers are dated 2020; seen from the opening of 2015 those of the nation of 2014 go on."""
    rows = {row["amount"]: row for row in erosion_table(
        places_of(project(load_scenario("jingdezhen/as_planned"))), {}
    ).to_dict("records")}  # fmt: skip
    assert (rows["resident/tier_lowest"]["date"], rows["resident/tier_lowest"]["value"]) == ("2014-02-21", "100")
    assert by_key(baseline("jingdezhen"), "jingdezhen")["resident/tier_lowest"]["date"] == "2020-01-01"
    assert "unemployment/skill_subsidy" not in rows  # of 2017


# --- the table --------------------------------------------------------------------------------------------------------


def test_table__holds_worth_and_real_value_in_the_plans_year_and_at_the_end() -> None:
    judged = simengine.judge_scenarios(["haiyan/baseline"])["haiyan/baseline"]
    table = judged.erosion
    assert tuple(table.columns) == COLUMNS and judged.tables["erosion"] is table
    row = table[table["amount"] == "pension/addon_fixed"].iloc[0]
    assert (row["plan_year"], row["end_year"], row["eroded_year"]) == (2025, 2095, 2032)
    assert row["worth_plan"] == pytest.approx(2.370368 / 2.975485) and row["real_plan"] == "119.495"
    assert float(row["real_end"]) == pytest.approx(150 * row["worth_end"], rel=1e-5)
    skill = table[table["amount"] == "unemployment/skill_subsidy"].iloc[0]
    parts = [part.split(" ") for part in skill["real_end"].split(", ")]
    assert [label for label, _ in parts] == ["junior", "middle", "senior"]
    wanted = [nominal * skill["worth_end"] for nominal in (1000, 1500, 2000)]
    assert [float(number) for _, number in parts] == pytest.approx(wanted, rel=1e-5)
    assert all("eroded" not in verdict.flags and not verdict.eroded for verdict in judged.verdicts)


def test_said__tables_are_told_leaf_by_leaf() -> None:
    assert said({5: 95_000, 10: 15_000}, 0.5) == "5 47500, 10 7500"
    assert said([100, 2000]) == "100, 2000" and said(None) == ""


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_screen__shows_every_amount_and_fits(lang: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "120")
    table = erosion_table(places_of(baseline("haiyan")), {"haiyan/baseline": 2025})
    stream = io.StringIO()
    show_erosion(table, lang, stream)
    printed = stream.getvalue()
    for row in table.to_dict("records"):
        assert row["amount"] in printed and row["date"] in printed
    assert "2032" in printed and "119.5" in printed and "2025" in printed and "29.88" in printed
    assert max(len(line) for line in printed.splitlines()) <= 120


# --- the flag ---------------------------------------------------------------------------------------------------------


def target(name: str, indicator: str, year: int, unit: str, **more: Any) -> Target:
    fields: dict[str, Any] = {
        "id": name, "region": "haiyan", "record_kind": "target", "indicator": indicator, "unit": unit,
        "where": "plan.yaml, line 3", "target": Figure("1", 0, year, ">="), **more,
    }  # fmt: skip
    return Target(**fields)


ROWS = [
    target("pension-2031", "avg_enterprise_pension", 2031, "元/月"),
    target("pension-2035", "avg_enterprise_pension", 2035, "元/月"),
    target("pension-2060", "avg_enterprise_pension", 2060, "元/月"),
    target("members-2060", "uebps_participants", 2060, "万人"),
    target("jobless-2060", "fund_balance", 2060, "亿元", fund="unemployment"),
    target("resident-2060", "fund_balance", 2060, "亿元", fund="resident"),
    target("budget-2050", "resident_financing_ratio", 2050, "%"),
    target("insured-2060", "ui_participants", 2060, "万人"),
]
SUPPLEMENTS = ("pension/addon_fixed", "pension/addon_transition_fixed", "pension/addon_transition_per_index_year")


def flagged(result: Result) -> dict[str, Verdict]:
    def judge(projection: Any) -> list[Verdict]:
        return check_targets(projection, ROWS)

    return {row.id: row for row in flag_eroded(judge(result.dataset), result, places_of(result), judge)}


def test_flag__stands_beside_what_moves_with_the_amount_alone() -> None:
    """Zhejiang's supplement is lost in 2032, the transitional ones in 2039, skill subsidies in 2038, tiers in 2042.

    The supplements raise pensions, the skill subsidy is paid by the unemployment fund, the lowest tier is what budgets
    pay for the poor in their place, which moves the share of budgets and not the balance. Heads rest on no amount.
    """
    rows = flagged(baseline("haiyan"))
    assert {name: row.eroded for name, row in rows.items()} == {
        "pension-2031": (), "pension-2035": ("pension/addon_fixed",), "pension-2060": SUPPLEMENTS, "members-2060": (),
        "jobless-2060": ("unemployment/skill_subsidy",), "resident-2060": (), "insured-2060": (),
        "budget-2050": ("resident/tier_lowest",),
    }  # fmt: skip
    for row in rows.values():
        assert (ERODED in row.flags) == bool(row.eroded)


def test_flag__goes_when_prices_stand_still() -> None:
    rows = flagged(levered("haiyan", paths={"price_index": {"growth": {2026: 0.0}}}))
    assert not any(row.eroded or ERODED in row.flags for row in rows.values())


def test_flag__a_series_frozen_by_a_lever_counts() -> None:
    """A subsidy on contributions set flat from 2027 on is lost by 2060, and the resident fund rests on it."""
    row = flagged(levered("haiyan", paths={"resident_subsidy": {"set": {2027: 60.0}}}))["resident-2060"]
    assert row.eroded == ("resident_subsidy",)


@pytest.mark.parametrize("key", [*SUPPLEMENTS, "resident/tier_lowest", "unemployment/skill_subsidy"])
def test_trial__finds_the_rows_that_a_lever_on_the_amount_moves(key: str) -> None:
    """By another road: a lever of a planner that doubles the amount in 2021 moves the same rows, and no other."""
    result = baseline("haiyan")

    def judge(projection: Any) -> list[Verdict]:
        return check_targets(projection, ROWS)

    verdicts = judge(result.dataset)
    found = set(rows_moved(verdicts, result, key, "law", judge))
    value = load_law().value(key, datetime.date(2021, 1, 1), "haiyan")
    doubled = {label: 2 * leaf for label, leaf in value.items()} if isinstance(value, dict) else 2 * value
    other = levered("haiyan", changes={key: {"2021-01-01": doubled}}, checked=[key]).dataset
    again = judge(other.assign_coords(scenario=result.dataset.scenario))
    moved = {
        place
        for place, (one, two) in enumerate(zip(verdicts, again, strict=True))
        if not np.isclose(one.projected, two.projected, rtol=1e-9, atol=0.0)  # type: ignore[arg-type]
    }
    assert found == moved != set()


def test_eroded__only_what_the_projection_reads() -> None:
    """The tiers have lost 30 % by 2036, but no figure of a projection rests on them."""
    places = places_of(baseline("haiyan"))
    keys = {one.key for one in eroded_at(places, "haiyan/baseline", "haiyan", 2060)}
    assert keys == {*SUPPLEMENTS, "resident/tier_lowest", "unemployment/skill_subsidy"}
    assert eroded_at(places, "haiyan/baseline", "haiyan", 2031) == []
    assert eroded_at(places, "haiyan/baseline", "zhejiang", 2060) == []


def test_flag__reaches_a_city_that_is_the_sum_of_its_areas() -> None:
    """Jiangsu's lump sums of work injury are eroded in every area; the medical one is paid by the fund of Xuzhou.

    The employment subsidy is paid by the employer (Work Injury Insurance Regulations, art. 36 and 37), so the fund does
    not rest on it, although it is as much eroded.
    """
    result = baseline("xuzhou")
    rows = [
        target("city", "fund_balance", 2060, "亿元", region="xuzhou", fund="work_injury"),
        target("area", "fund_balance", 2060, "亿元", region="xuzhou_urban", fund="work_injury"),
        target("heads", "wi_participants", 2060, "万人", region="xuzhou"),
    ]

    def judge(projection: Any) -> list[Verdict]:
        return check_targets(projection, rows)

    found = {row.id: row.eroded for row in flag_eroded(judge(result.dataset), result, places_of(result), judge)}
    paid = ("injury/medical_subsidy_amount",)
    assert found == {"city": paid, "area": paid, "heads": ()}
    both = {one.key for one in eroded_at(places_of(result), "xuzhou/baseline", "xuzhou", 2060)}
    assert {"injury/employment_subsidy_amount", *paid} <= both


PLAN = """
common:
  region: haiyan
  document: "an invented plan"
  plan: {period: "2051-2060", start: 2051, end: 2060}
  record_kind: target
targets:
  - id: MY-01
    indicator: avg_enterprise_pension
    name: {en: "Mean pension", local: 平均养老金}
    unit: 元/月
    target: {year: 2060, operator: ">=", printed: "15000", decimals: 0}
    source: {text: "row 1"}
"""


def test_plan__of_a_planner_is_flagged_with_the_names_of_the_amounts(tmp_path: Path) -> None:
    """From two files to the row of targets.csv and the words of both languages."""
    (tmp_path / "plan.yaml").write_text(PLAN, encoding="utf-8")
    scenario = tmp_path / "long.yaml"
    scenario.write_text("extends: haiyan/baseline\ntargets: [./plan.yaml]\n", encoding="utf-8")
    judged = simengine.judge_scenarios([scenario])["long"]
    (row,) = judged.verdicts
    assert row.eroded == SUPPLEMENTS and ERODED in row.flags
    (cells,) = verdict_csv([row]).to_dict("records")
    assert cells["eroded"] == "; ".join(SUPPLEMENTS) and ERODED in cells["flags"]
    assert set(judged.erosion["plan_year"].dropna()) == {2060}
    for lang, head in (("en", "Amounts that have lost 30 %"), ("zh", "实际价值已降三成的金额")):
        stream = io.StringIO()
        show_verdicts([row], lang, full=True, stream=stream)  # type: ignore[arg-type]
        assert head in stream.getvalue() and "pension/addon_fixed" in stream.getvalue()
        assert words()["flags"][ERODED][lang] in stream.getvalue()
