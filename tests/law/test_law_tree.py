from __future__ import annotations

import datetime
from pathlib import Path

import numpy as np
import pytest

from simengine.common.errors import ErrorList, InputFileError, LawError, LeverError, SimengineError
from simengine.kernels.rules import by_row
from simengine.kernels.rules.unemployment import phased_rate
from simengine.law import LawTree, load_law
from simengine.registry.units import UNITS, month_index, unit

REGIONS = """
china: {code: "000000", name: {en: China, local: 全国}, level: nation, parent: null}
east: {code: "320000", name: {en: East, local: 东}, level: province, parent: china}
town: {code: "320300", name: {en: Town, local: 镇}, level: city, parent: east}
west: {code: "360000", name: {en: West, local: 西}, level: province, parent: china}
"""
HEAD = 'name: {en: Rate, local: 费率}\nunit: "%s"\nwithin_year: %s\n'
HELD = "extension: {rule: held, evidence: assumption, reason: no change enacted}\n"
V = ", reference: Decree, evidence: memory}\n"
RATE = (
    HEAD % ("1", "weighted")
    + HELD
    + "values:\n"
    + f"  1992-12-31: {{value: 0.20{V}"
    + f"  2019-05-01: {{value: 0.16{V}"
    + "regions:\n"
    + f"  east:\n    1992-12-31: {{value: 0.18{V}"
)


def write(root: Path, **files: str) -> Path:
    (root / "law" / "pension").mkdir(parents=True, exist_ok=True)
    (root / "regions.yaml").write_text(REGIONS, encoding="utf-8")
    for name, text in files.items():
        (root / "law" / "pension" / f"{name}.yaml").write_text(text, encoding="utf-8")
    return root


def tree(root: Path, text: str) -> LawTree:
    return load_law(write(root, x=text))


@pytest.fixture(scope="module")
def law() -> LawTree:
    return load_law()


# --- from dates to years -------------------------------------------------------------------------------------------


def test_weighted__counts_days_from_the_day_of_the_change(tmp_path: Path) -> None:
    rate = tree(tmp_path, RATE).annual("pension/x", [2018, 2019, 2020])
    assert rate[0] == 0.20 and rate[2] == 0.16
    assert rate[1] == pytest.approx(0.20 * 120 / 365 + 0.16 * 245 / 365, rel=1e-15)
    assert round(rate[1], 6) == 0.173151


@pytest.mark.parametrize(("rule", "expected"), [("start", 0.20), ("end", 0.16)])
def test_start_and_end__take_one_day(tmp_path: Path, rule: str, expected: float) -> None:
    assert tree(tmp_path, RATE.replace("weighted", rule)).annual("pension/x", [2019])[0] == expected


def test_leap_year__has_366_days(tmp_path: Path) -> None:
    text = HEAD % ("1", "weighted") + HELD + f"values:\n  1992-12-31: {{value: 1{V}  2020-03-01: {{value: 0{V}"
    assert tree(tmp_path, text).annual("pension/x", [2020])[0] == pytest.approx(60 / 366, rel=1e-15)


def test_region__falls_back_to_its_parents(tmp_path: Path) -> None:
    law = tree(tmp_path, RATE)
    assert [law["pension/x"].at("2020-06-01", r) for r in ("town", "east", "west", "china", None)] == [
        0.18,
        0.18,
        0.16,
        0.16,
        0.16,
    ]
    with pytest.raises(LawError, match='Did you mean "town"'):
        law["pension/x"].at("2020-06-01", "twon")


def test_year_before_the_first_date__names_it_with_file_and_line(tmp_path: Path) -> None:
    law = tree(tmp_path, RATE)
    with pytest.raises(LawError, match=r"no value on 1992-01-01 for china; the first is dated 1992-12-31") as caught:
        law.annual("pension/x", [1992, 1993])
    assert caught.value.where == "law/pension/x.yaml, line 6"
    with pytest.raises(LawError, match="the first is dated 1992-12-31"):
        law["pension/x"].at(datetime.date(1992, 12, 30))


def test_years__must_ascend(tmp_path: Path) -> None:
    law = tree(tmp_path, RATE)
    for years in ([], [2001, 2000], [2000, 2000]):
        with pytest.raises(ValueError, match="years"):
            law.annual("pension/x", years)


def test_tables__keep_the_order_of_their_labels(tmp_path: Path) -> None:
    text = (
        HEAD % ("1", "weighted")
        + "table: career\n"
        + HELD
        + f"values:\n  1992-12-31: {{value: {{b: 0.1, a: 0.3}}{V}  2000-07-01: {{value: {{b: 0.2, a: 0.5}}{V}"
    )
    law = tree(tmp_path, text)
    assert law.labels("pension/x") == ("b", "a")
    table = law.annual("pension/x", [1999, 2000, 2001], table=True)
    np.testing.assert_allclose(table[1], [0.1 * 182 / 366 + 0.2 * 184 / 366, 0.3 * 182 / 366 + 0.5 * 184 / 366])
    assert table.shape == (3, 2)
    with pytest.raises(LawError, match="table"):
        law.annual("pension/x", [2000])
    law["pension/x"].at("2001-01-01")["a"] = 9.0  # type: ignore[index]
    assert law["pension/x"].at("2001-01-01") == {"b": 0.2, "a": 0.5}


def test_code__has_no_number(tmp_path: Path) -> None:
    text = (
        HEAD % ("code", "start")
        + f"allowed: [one, two]\n{HELD}values:\n  1992-12-31: {{value: one{V}  2000-07-01: {{value: two{V}"
    )
    law = tree(tmp_path, text)
    assert law.codes("pension/x", [2000, 2001]) == ("one", "two")
    with pytest.raises(LawError, match="code"):
        law.annual("pension/x", [2000])


def test_calendar_month__is_stored_as_a_number(tmp_path: Path) -> None:
    text = HEAD % ("calendar month", "start") + f'{HELD}values:\n  1992-12-31: {{value: "1965-01"{V}'
    assert tree(tmp_path, text)["pension/x"].at("2000-01-01") == 12 * 1965 == month_index("1965-01")
    assert month_index("1965-13") is None and month_index("65-1") is None


# --- beyond the last date ------------------------------------------------------------------------------------------


def test_held__is_recorded_with_its_years(tmp_path: Path) -> None:
    law = tree(tmp_path, RATE)
    law.annual("pension/x", [2018, 2019])
    assert law.extensions == ()
    law.annual("pension/x", [2019, 2020, 2021])
    law.annual("pension/x", [2030])
    (use,) = law.extensions
    assert (use.key, use.region, use.first_year, use.last_year, use.rule) == ("pension/x", "china", 2020, 2030, "held")
    assert use.reason == "no change enacted"
    law.annual("pension/x", [1993], "town")
    assert [(use.region, use.first_year) for use in law.extensions] == [("china", 2020), ("town", 1993)]


def test_standing_rule__counts_as_extended_only_after_the_review(tmp_path: Path) -> None:
    write(tmp_path, x=RATE.replace("rule: held", "rule: held, standing: true"))
    (tmp_path / "law" / "reviewed.yaml").write_text("reviewed: 2026-11-30\n", encoding="utf-8")
    law = load_law(tmp_path)
    law.annual("pension/x", range(2000, 2027))
    assert law.extensions == ()
    law.annual("pension/x", range(2000, 2031))
    assert (law.extensions[0].first_year, law.extensions[0].last_year) == (2027, 2030)
    early = law.known_on("2021-08-25")
    early.annual("pension/x", range(2000, 2031))
    assert early.extensions[0].first_year == 2022
    with pytest.raises(LawError, match="last reviewed on 2026-11-30"):
        law.known_on("2027-01-01")
    (tmp_path / "law" / "reviewed.yaml").write_text("reviewed: soon\n", encoding="utf-8")
    with pytest.raises(LawError, match="the review date is missing"):
        load_law(tmp_path)


INDEXED = (
    HEAD % ("yuan/month", "start")
    + "extension: {rule: indexed, index: wage, %sevidence: assumption, reason: follows wages}\n"
    + f"values:\n  2000-01-01: {{value: 100{V}  2002-01-01: {{value: 120{V}"
)


def test_indexed__moves_with_the_index_from_the_last_dated_year(tmp_path: Path) -> None:
    law = tree(tmp_path, INDEXED % "")
    index = {"wage": np.array([1.0, 2.0, 4.0, 5.0, 6.0])}
    np.testing.assert_allclose(law.annual("pension/x", range(2000, 2005), index=index), [100, 100, 120, 150, 180])
    assert law.extensions[0].index == "wage"


def test_indexed_with_lag__runs_behind(tmp_path: Path) -> None:
    law = tree(tmp_path, INDEXED % "lag: 1, ")
    index = {"wage": np.array([1.0, 2.0, 4.0, 5.0, 6.0])}
    np.testing.assert_allclose(law.annual("pension/x", range(2000, 2005), index=index), [100, 100, 120, 240, 300])


@pytest.mark.parametrize(
    ("years", "index", "word"),
    [
        (range(2000, 2005), None, "needs the index"),
        (range(2000, 2005), {"price": np.ones(5)}, "needs the index"),
        (range(2000, 2005), {"wage": np.ones(4)}, "shape"),
        (range(2003, 2005), {"wage": np.ones(2)}, '2002, and the index "wage" does not cover'),
    ],
)
def test_indexed__without_a_usable_index_is_refused(tmp_path: Path, years: range, index: dict, word: str) -> None:
    with pytest.raises((LawError, ValueError), match=word):
        tree(tmp_path, INDEXED % "").annual("pension/x", years, index=index)


def test_no_rule__ends_the_horizon(tmp_path: Path) -> None:
    law = tree(tmp_path, RATE.replace("rule: held", "rule: null"))
    assert law.annual("pension/x", [2019]).shape == (1,)
    with pytest.raises(LawError, match="no rule that carries it on"):
        law.annual("pension/x", [2019, 2020])


def test_dated_null__ends_the_rule(tmp_path: Path) -> None:
    text = HEAD % ("1", "weighted") + HELD + f"values:\n  1992-12-31: {{value: 0.2{V}  2000-07-01: {{value: null{V}"
    with pytest.raises(LawError, match="ended on 2000-07-01"):
        tree(tmp_path, text).annual("pension/x", [2001])
    law = tree(tmp_path, text.replace("within", "null_value: 0\nwithin"))
    np.testing.assert_allclose(law.annual("pension/x", [1999, 2000, 2001, 2050]), [0.2, 0.2 * 182 / 366, 0, 0])
    assert law["pension/x"].at("2001-01-01") is None
    assert law.extensions == ()


# --- before the first date of a region -----------------------------------------------------------------------------

LATE = (
    HEAD % ("yuan/month", "start")
    + "%s"
    + HELD
    + f"values:\n  1992-12-31: {{value: 100{V}  2000-01-01: {{value: 200{V}  2010-01-01: {{value: 400{V}"
    + f"regions:\n  east:\n    2010-01-01: {{value: 300{V}"
)


def test_before__parent_fills_in_the_earlier_years(tmp_path: Path) -> None:
    text = LATE % "before: {rule: parent, evidence: assumption, reason: none found}\n"
    assert tree(tmp_path, text).annual("pension/x", [1993, 2000, 2010], "town").tolist() == [100, 200, 300]


def test_before__parent_scaled_meets_the_first_own_value(tmp_path: Path) -> None:
    law = tree(tmp_path, LATE % "before: {rule: parent_scaled, evidence: derived, reason: ratio}\n")
    assert law.annual("pension/x", [1993, 2000, 2010], "east").tolist() == [75, 150, 300]
    first = law["pension/x"].timeline("east")[0]
    assert first.evidence == "derived" and "0.75" in first.reference


def test_before__absent_means_no_earlier_value(tmp_path: Path) -> None:
    with pytest.raises(LawError, match="for east; the first is dated 2010-01-01"):
        tree(tmp_path, LATE % "").annual("pension/x", [2009], "east")


# --- what could be known -------------------------------------------------------------------------------------------


def test_known_on__leaves_out_what_was_enacted_later(tmp_path: Path) -> None:
    text = RATE.replace("{value: 0.16", "{value: 0.16, enacted: 2019-04-04")
    law = tree(tmp_path, text)
    assert law.known_on("2019-04-03").annual("pension/x", [2020])[0] == 0.20
    assert law.known_on("2019-04-04").annual("pension/x", [2020])[0] == 0.16
    assert law.known_on("2019-04-03").information_date == datetime.date(2019, 4, 3)


def test_known_on__counts_the_publication_lag_and_keeps_the_level_of_a_region(tmp_path: Path) -> None:
    text = LATE % "known_lag_months: 18\nbefore: {rule: parent_scaled, evidence: derived, reason: ratio}\n"
    early = tree(tmp_path, text).known_on("2011-06-30")
    assert early["pension/x"].at("2010-06-01", "east") == 150
    assert tree(tmp_path, text).known_on("2011-07-01")["pension/x"].at("2010-06-01", "east") == 300


# --- levers --------------------------------------------------------------------------------------------------------


def test_lever__replaces_the_law_from_its_first_date_on(tmp_path: Path) -> None:
    law = tree(tmp_path, RATE)
    changed = law.with_changes({"pension/x": {"2010-01-01": 0.10}}, origin="levers/low.yaml")
    assert changed.annual("pension/x", [2009, 2010, 2030]).tolist() == [0.20, 0.10, 0.10]
    assert changed.annual("pension/x", [2009, 2010, 2030], "town").tolist() == [0.18, 0.10, 0.10]
    assert law.annual("pension/x", [2010])[0] == 0.20
    assert changed["pension/x"].dated_at("2020-01-01").where == "levers/low.yaml"
    assert changed.changes[0].origin == "levers/low.yaml"


def test_lever__of_one_region_leaves_the_others(tmp_path: Path) -> None:
    changed = tree(tmp_path, RATE).with_changes({"pension/x": {datetime.date(2010, 1, 1): 0.10}}, region="town")
    rates = [changed.annual("pension/x", [2009, 2011], r).tolist() for r in ("town", "east", None)]
    assert rates == [[0.18, 0.10], [0.18, 0.18], [0.20, 0.20]]
    west = tree(tmp_path, RATE).with_changes({"pension/x": {"2020-01-01": 0.10}}, region="west")
    assert west.annual("pension/x", [2009, 2021], "west").tolist() == [0.20, 0.10]


def test_lever__of_a_province_reaches_its_cities(tmp_path: Path) -> None:
    law = tree(tmp_path, RATE + f"  town:\n    1992-12-31: {{value: 0.12{V}")
    changed = law.with_changes({"pension/x": {"2010-01-01": 0.10}}, region="east")
    rates = [changed.annual("pension/x", [2009, 2011], r).tolist() for r in ("town", "east", "west")]
    assert rates == [[0.12, 0.10], [0.18, 0.10], [0.20, 0.20]]
    nation = law.with_changes({"pension/x": {"2010-01-01": 0.10}}, region="china")
    assert [nation.annual("pension/x", [2011], r)[0] for r in ("town", "east", "west")] == [0.12, 0.18, 0.10]


def test_lever__that_repeats_the_law_changes_no_number(tmp_path: Path) -> None:
    law = tree(tmp_path, RATE)
    years = range(1993, 2060)
    neutral = law.with_changes({"pension/x": {"2019-05-01": 0.16}}, region="west")
    assert np.array_equal(law.annual("pension/x", years, "west"), neutral.annual("pension/x", years, "west"))


def test_lever__may_change_one_label_of_a_table(law: LawTree) -> None:
    changed = law.with_changes({"retirement/delay_cap": {"2025-01-01": {"men": 24}}})
    assert changed["retirement/delay_cap"].at("2030-01-01") == {"men": 24, "women_55": 36, "women_50": 60}
    steps = law.with_changes({"retirement/delay_cap": {"2027-01-01": {"men": 24}, "2030-01-01": {"women_50": 36}}})
    assert steps["retirement/delay_cap"].at("2030-01-01") == {"men": 24, "women_55": 36, "women_50": 36}
    with pytest.raises(LeverError, match=r"no entry is called \"man\".*Did you mean \"men\""):
        law.with_changes({"retirement/delay_cap": {"2025-01-01": {"man": 24}}})


@pytest.mark.parametrize(
    ("changes", "word"),
    [
        ({"pension/rate_employr": {"2028-01-01": 0.2}}, 'Did you mean "pension/rate_employer"'),
        ({"pension/rate_employer": {"2028-01-01": 16}}, "A share or rate is written 0.16, not 16"),
        ({"pension/rate_employer": {"2028-01-01": -0.1}}, "out of range"),
        ({"pension/rate_employer": {"2028-01-01": "20 %"}}, "not a number"),
        ({"pension/rate_employer": {"2028-01-01": True}}, "not a number"),
        ({"pension/rate_employer": {"2028-01-01": {"men": 0.1}}}, "not a"),
        ({"pension/rate_employer": {"2028": 0.2}}, "not a date"),
        ({"pension/rate_employer": {}}, "no dated values"),
        ({"pension/rate_employer": 0.2}, "no dated values"),
        ({"pension/divisor_method": {"2028-01-01": "interpolated"}}, 'Did you mean "interpolate"'),
        ({"retirement/first_delayed_birth": {"2025-01-01": {"men": "1968-13"}}}, "not a number"),
        ({"injury/float_levels": {"2025-01-01": [0.5, 1.5]}}, "5 numbers"),
    ],
)
def test_lever__that_makes_no_sense_is_refused(law: LawTree, changes: dict, word: str) -> None:
    with pytest.raises(LeverError, match=word) as caught:
        law.with_changes(changes, origin="levers/wrong.yaml")
    assert "levers/wrong.yaml" in str(caught.value)


def test_lever__faults_are_reported_together(law: LawTree) -> None:
    wrong = {"pension/rate_employer": {"2028-01-01": 16}, "pension/none": {"2028-01-01": 1}}
    with pytest.raises(ErrorList) as caught:
        law.with_changes(wrong)
    assert len(caught.value.errors) == 2
    with pytest.raises(LeverError, match="region"):
        law.with_changes({}, region="nowhere")


def test_reform_switched_off__needs_one_lever(law: LawTree) -> None:
    off = law.with_changes({"retirement/delay_cap": {"2025-01-01": {"men": 0, "women_55": 0, "women_50": 0}}})
    assert not off.annual("retirement/delay_cap", range(2025, 2060), table=True).any()


# --- reading -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("old", "new", "word"),
    [
        ('unit: "1"', "unit: one", "unit"),
        ("weighted", "mean", "within_year"),
        ("rule: held", "rule: kept", "extension rule"),
        (", reason: no change enacted", "", "extension is incomplete"),
        ("evidence: assumption", "evidence: guess", "evidence"),
        ("value: 0.16", "value: 16", "0.16, not 16"),
        ("value: 0.16", "value: x", "not a number"),
        ("value: 0.16", "value: [0.1, 0.2]", "not a number"),
        ("2019-05-01: {value: 0.16, reference: Decree,", "2019-05-01: {value: 0.16,", "no reference"),
        (
            "2019-05-01: {value: 0.16, reference: Decree, evidence: memory}",
            "2019-05-01: {value: 0.16, reference: Decree}",
            "evidence",
        ),
        ("2019-05-01", "1990-05-01", "not in order"),
        ("2019-05-01", "2019", "not a date"),
        ("  east", "  est", "region"),
        ("values:", "valeus:", "unknown"),
        ("local: 费率", "local: null", "names"),
        ("extension", "exttension", "missing"),
    ],
)
def test_faulty_file__is_refused_with_its_name(tmp_path: Path, old: str, new: str, word: str) -> None:
    assert RATE.count(old)
    with pytest.raises(SimengineError, match=word) as caught:
        tree(tmp_path, RATE.replace(old, new))
    assert "law/pension/x.yaml" in str(caught.value)


def test_repeated_date__is_refused_by_the_reader(tmp_path: Path) -> None:
    with pytest.raises(InputFileError, match="repeated"):
        tree(tmp_path, RATE.replace("2019-05-01", "1992-12-31"))


def test_faults_of_many_files__come_together(tmp_path: Path) -> None:
    write(tmp_path, a=RATE.replace("0.16", "16"), b=RATE.replace("weighted", "mean"))
    with pytest.raises(ErrorList) as caught:
        load_law(tmp_path)
    assert "law/pension/a.yaml, line 7" in str(caught.value) and "law/pension/b.yaml" in str(caught.value)


def test_file_defaults__serve_values_without_their_own(tmp_path: Path) -> None:
    text = (
        HEAD % ("1", "start")
        + HELD
        + "reference: Bulletin\nevidence: published\nvalues:\n  1992-12-31: 0.1\n  2000-01-01: 0.2\n"
    )
    first, second = tree(tmp_path, text)["pension/x"].timeline()
    assert (first.reference, second.evidence, second.value) == ("Bulletin", "published", 0.2)


def test_unknown_key_and_missing_folder(tmp_path: Path, law: LawTree) -> None:
    with pytest.raises(LawError, match='Did you mean "pension/rate_employer"'):
        law["pension/rate_employers"]
    with pytest.raises(LawError, match="no law folder"):
        load_law(tmp_path)


def test_region_file__faults(tmp_path: Path) -> None:
    for old, new, word in (
        ("parent: east", "parent: esat", "is unknown"),
        ("level: city", "level: town", "level"),
        ("level: city, parent: east", "level: city, parent: null", "no parent"),
        ("level: city, parent: east", "level: province, parent: east", "higher level"),
        ('code: "320300"', "code: 320300", "not text"),
        ("level: city, parent: east", "level: city, parent: east, readings: {pension_scope: 1}", "are not words"),
    ):
        write(tmp_path, x=RATE)
        (tmp_path / "regions.yaml").write_text(REGIONS.replace(old, new), encoding="utf-8")
        with pytest.raises(SimengineError, match=word):
            load_law(tmp_path)


def test_digest__follows_numbers_but_not_remarks(tmp_path: Path) -> None:
    plain = tree(tmp_path, RATE).digest()
    assert tree(tmp_path, "# remark\n" + RATE).digest() == plain
    assert tree(tmp_path, RATE.replace("0.20", "0.2")).digest() == plain
    assert tree(tmp_path, RATE.replace("0.20", "0.21")).digest() != plain
    assert tree(tmp_path, RATE.replace("2019-05-01", "2019-05-02")).digest() != plain
    assert tree(tmp_path, RATE.replace("weighted", "start")).digest() != plain
    assert tree(tmp_path, RATE).with_changes({"pension/x": {"2030-01-01": 0.1}}).digest() != plain


def test_units__unknown_one_names_the_closest() -> None:
    assert unit("yuan/month") is UNITS["yuan/month"]
    with pytest.raises(SimengineError, match='Did you mean "month"'):
        unit("months")
    assert not UNITS["code"].numeric and not UNITS["code"].holds(1.0)
    assert UNITS["1"].holds(0.16) and not UNITS["1"].holds(16)


# --- the law of the engine -----------------------------------------------------------------------------------------


def test_contributions_of_jiangxi_2025(law: LawTree) -> None:
    """Wage 5000: employer 800, employee 400; 3000 counts as 3915, 25000 as 19575; flexible floor 783, of it 313.20."""
    w = law["economy/average_wage"].at("2024-06-30", "jiangxi")
    floor = w * law.annual("pension/base_floor_share", [2025], "jiangxi")[0]
    cap = w * law.annual("pension/base_cap_share", [2025], "jiangxi")[0]
    assert (round(floor, 2), round(cap, 2)) == (3915, 19575)
    assert law["pension/base_floor"].at("2025-06-30", "jingdezhen") == 3915
    assert 5000 * law.annual("pension/rate_employer", [2025], "jiangxi")[0] == pytest.approx(800)
    assert 5000 * law.annual("pension/rate_employee", [2025], "jiangxi")[0] == pytest.approx(400)
    assert floor * law.annual("pension/rate_flexible", [2025], "jiangxi")[0] == pytest.approx(783)
    assert floor * law.annual("pension/account_credit_rate_flexible", [2025], "jiangxi")[0] == pytest.approx(313.2)


def test_zhejiang_floor__is_data_not_a_formula(law: LawTree) -> None:
    printed = law["pension/base_floor"].at("2025-06-30", "haiyan")
    assert printed == 4986 < 0.6 * 8433
    share = law.annual("pension/base_floor_share", [2025], "haiyan")[0]
    assert round(share * law["economy/average_wage"].at("2024-01-01", "haiyan")) == printed


def test_calibre_switch__drops_the_wage_once(law: LawTree) -> None:
    for region in (None, "jiangsu", "jiangxi", "hubei"):
        wage = law.annual("economy/average_wage", range(1993, 2025), region)
        assert list(np.flatnonzero(np.diff(wage) < 0) + 1993) == [2018]
    assert law.codes("economy/average_wage_calibre", [2018, 2019]) == ("urban_non_private", "all_urban_units")


def test_relief_of_2020__is_weighted_by_days_and_deeper_in_hubei(law: LawTree) -> None:
    due = law.annual("pension/employer_share_due", [2019, 2020, 2021])
    np.testing.assert_allclose(due, [1, (31 * 1 + 151 * 0.2 + 184 * 0.4) / 366, 1])
    hubei = law.annual("pension/employer_share_due", [2020], "hubei")[0]
    assert hubei == pytest.approx((31 + 184 * 0.4) / 366)
    assert (round(due[1], 4), round(hubei, 4)) == (0.3683, 0.2858)


def test_minimum_years__rise_by_half_a_year(law: LawTree) -> None:
    months = law.annual("retirement/minimum_months", range(2028, 2042))
    assert months.tolist() == [180, 180, 186, 192, 198, 204, 210, 216, 222, 228, 234, 240, 240, 240]


def test_retirement_table__gives_printed_months(law: LawTree) -> None:
    """Delay = min(cap, n // k + 1) for births from the first delayed month on; rows of the annexes."""
    day = "2025-01-01"
    old, first, step, cap = (
        law[f"retirement/{name}"].at(day) for name in ("old_age", "first_delayed_birth", "births_per_step", "delay_cap")
    )
    for career, birth, expected in (
        ("men", "1964-12", "2024-12"),
        ("men", "1967-05", "2028-01"),
        ("men", "1976-09", "2039-09"),
        ("women_55", "1974-10", "2031-01"),
        ("women_50", "1979-10", "2032-03"),
        ("women_50", "1984-11", "2039-11"),
    ):
        n = month_index(birth) - first[career]
        delay = 0 if n < 0 else min(cap[career], n // step[career] + 1)
        assert month_index(birth) + old[career] + delay == month_index(expected)


def test_divisor__of_whole_ages_and_before_2006(law: LawTree) -> None:
    table = law["pension/account_divisor"].at("2025-01-01")
    assert (table[40], table[55], table[60], table[63], table[70]) == (233, 170, 139, 117, 56)
    assert set(law["pension/account_divisor"].at("2000-01-01").values()) == {120}


def test_compensation_months__follow_the_steps(law: LawTree) -> None:
    months = law["pension/compensation_months"].at("2022-01-01")
    assert [months[years] for years in (0, 4, 5, 9, 10, 15, 16, 28, 30)] == [3, 3, 6, 6, 9, 9, 10, 22, 24]


def test_public_transition__ends_with_a_null(law: LawTree) -> None:
    share = law["public/transition_gain_share"]
    assert [share.at(day) for day in ("2015-06-01", "2019-06-01", "2024-09-01", "2024-10-01")] == [0.1, 0.5, 1, None]


def test_pension_refund_of_the_unemployed__ends_in_2039(law: LawTree) -> None:
    refund = law.annual("unemployment/pension_refund_rate", [2024, 2025, 2039, 2040, 2060])
    assert refund.tolist() == [0, 0.2, 0.2, 0, 0]


def unemployment_rate(law: LawTree, payer: str, years: list[int], region: str | None = None) -> np.ndarray:
    """Rate of one payer by year, with the cut in force."""
    keys = ("phased_cut", f"rate_{payer}_reduced", f"rate_{payer}_statutory")
    return by_row(phased_rate, *(law.annual(f"unemployment/{key}", years, region) for key in keys))


def test_unemployment_rate__is_exact_in_the_year_the_cut_begins(law: LawTree) -> None:
    employer, employee = (
        unemployment_rate(law, payer, [2014, 2015, 2016, 2025], "hubei") for payer in ("employer", "employee")
    )
    np.testing.assert_allclose(employer[[0, 3]], [0.02, 0.007])
    assert employer[1] == pytest.approx(0.02 * 59 / 365 + 0.015 * 306 / 365)
    assert employee[1] == pytest.approx(0.01 * 59 / 365 + 0.005 * 306 / 365)
    ended = law.with_changes({"unemployment/phased_cut": {"2027-01-01": 0}})
    assert unemployment_rate(ended, "employer", [2026, 2027]).tolist() == [0.005, 0.02]


def test_minimum_wage__takes_the_class_of_the_region(law: LawTree) -> None:
    for region, wage in (("xuzhou_urban", 1830), ("xuzhou_peixian", 1620)):
        level = law["economy/minimum_wage_class"].at("2020-01-01", region)
        assert law[f"economy/minimum_wage_class_{level}"].at("2020-01-01", region) == wage
    share = law["unemployment/benefit_share"].at("2024-05-01", "jingdezhen")
    assert share * law["economy/minimum_wage_class_2"].at("2024-05-01", "jingdezhen") == pytest.approx(1683)


def test_death_grant__of_2025_and_2026(law: LawTree) -> None:
    multiple = law.annual("injury/death_income_multiple", [2025, 2026])
    income = law.annual("economy/urban_income", [2024, 2025])
    assert (multiple * income).tolist() == [1_083_760, 1_130_040]


def test_work_injury_rates__of_2020(law: LawTree) -> None:
    rates = law.annual("injury/class_rate", [2014, 2020], table=True)
    assert law.labels("injury/class_rate") == tuple(range(1, 9))
    np.testing.assert_allclose(rates[1], [0.002, 0.004, 0.007, 0.009, 0.011, 0.013, 0.016, 0.019])
    assert sum(law["injury/outcome_share"].at("2020-01-01").values()) == pytest.approx(1)


def test_plan_of_2021__does_not_know_the_retirement_reform(law: LawTree) -> None:
    plan = law.known_on("2021-08-25")
    assert plan["retirement/delay_cap"].at("2030-01-01") == {"men": 0, "women_55": 0, "women_50": 0}
    assert plan.annual("retirement/minimum_months", [2039])[0] == 180
    assert (
        plan.annual("economy/average_wage", [2019], "hubei")[0]
        == law.annual("economy/average_wage", [2019], "hubei")[0]
    )
    assert plan["pension/employer_share_due"].at("2020-03-01", "hubei") == 0
