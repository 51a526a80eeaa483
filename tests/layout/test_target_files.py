"""Target files: nothing of the printed plans is lost, and mistakes in a user's file are found with file and line."""

from __future__ import annotations

import csv
import random
import re
from functools import cache
from pathlib import Path

import pytest

from simengine.common import resources, strict_yaml
from simengine.common.errors import ErrorList, SimengineError, TargetError
from simengine.judge.indicators import PLAN_UNITS, registry
from simengine.judge.targets.files import (
    PRINTED_FLAGS,
    RECORD_KINDS,
    ROW_KEYS,
    implausible,
    known_indicators,
    packaged_target_files,
    read_targets,
    region_scale,
    words,
)
from simengine.judge.targets.rows import Figure, Target
from simengine.law.regions import load_regions

ROOT = Path(__file__).resolve().parents[2]
SPEC = ROOT.parent / "shared" / "spec"
NEEDS_TABLES = pytest.mark.skipif(
    not (SPEC / "plan_targets.csv").is_file(),
    reason=f"the tables read from the printed plans are not at {SPEC}; the target files cannot be compared with them",
)
REGION_FILES = ("jiangxi", "jingdezhen", "hubei", "haiyan", "xuzhou")


@cache
def packaged(name: str) -> tuple[Target, ...]:
    return tuple(read_targets([packaged_target_files()[name]]))


def printed(figure: Figure | None) -> tuple[str, str]:
    return ("", "") if figure is None else (str(figure.year), figure.printed)


def as_plan_row(row: Target) -> dict[str, str]:
    """The columns of plan_targets.csv, rebuilt from what the reader returned."""
    assert row.plan is not None
    target_year, target_value = printed(row.target)
    base_year, base_value = printed(row.base)
    previous_year, previous_value = printed(row.previous)
    actual_year, actual_value = printed(row.actual)
    return {
        "id": row.id,
        "region_code": row.area["code"],
        "region_en": row.area["en"],
        "region_zh": row.area["local"],
        "level": row.area["level"],
        "doc_no": row.document,
        "plan_period": row.plan.period,
        "period_start": str(row.plan.start),
        "period_end": str(row.plan.end),
        "record_kind": row.record_kind,
        "scheme": row.scheme,
        "indicator_id": row.indicator,
        "indicator_en": row.name_en,
        "indicator_zh": row.name_local,
        "unit_zh": row.unit,
        "base_year": base_year,
        "base_value": base_value,
        "prev_target_year": previous_year,
        "prev_target_op": (row.previous.operator or "") if row.previous else "",
        "prev_target_value": previous_value,
        "target_year": target_year,
        "target_op_printed": row.target.operator_printed if row.target else "",
        "target_op": (row.target.operator or "") if row.target else "",
        "target_value": target_value,
        "actual_year": actual_year,
        "actual_value": actual_value,
        "cumulative": "1" if row.cumulative else "0",
        "attribute_zh": row.attribute_printed,
        "attribute": row.attribute,
        "source_part": row.source["part"],
        "seed_file": row.source["file"],
        "seed_line": str(row.source["line"]),
        "quote_zh": row.source["quote"],
        "duplicate_of": row.duplicate_of or "",
        "conflict": row.conflict,
        "remarks": row.remarks,
    }


def as_cell(row: Target) -> dict[str, str]:
    """The columns of plan_targets_xuzhou_counties.csv, rebuilt from what the reader returned."""
    figure = row.target or row.base
    assert figure is not None
    return {
        "table_no": str(row.table["number"]),
        "title_zh": row.table["title"],
        "scheme": row.scheme,
        "indicator_id": row.indicator,
        "unit_zh": row.unit,
        "area_zh": row.area["local"],
        "area_en": row.area["en"],
        "area_code": row.area["code"],
        "row_type": row.area["row_type"],
        "year": str(figure.year),
        "value": figure.printed,
        "value_kind": row.value_kind,
        "attribute": row.attribute,
        "seed_file": row.source["file"],
    }


@NEEDS_TABLES
def test_all_155_rows_are_kept_cell_by_cell() -> None:
    with (SPEC / "plan_targets.csv").open(encoding="utf-8", newline="") as handle:
        expected = {entry["id"]: entry for entry in csv.DictReader(handle)}
    found = {row.id: as_plan_row(row) for name in REGION_FILES for row in packaged(name)}
    assert len(expected) == 155
    assert found == expected


@NEEDS_TABLES
def test_all_144_annex_cells_are_kept() -> None:
    with (SPEC / "plan_targets_xuzhou_counties.csv").open(encoding="utf-8", newline="") as handle:
        expected = list(csv.DictReader(handle))
    assert len(expected) == 144
    assert [as_cell(row) for row in packaged("xuzhou_counties")] == expected


def test_row_counts_of_the_packaged_files() -> None:
    counts = {name: len(packaged(name)) for name in REGION_FILES}
    assert counts == {"jiangxi": 37, "jingdezhen": 34, "hubei": 27, "haiyan": 24, "xuzhou": 33}
    assert sum(counts.values()) == 155
    assert len(packaged("xuzhou_counties")) == 144


def test_annex_totals_are_the_sums_of_the_areas() -> None:
    cells = {
        (row.table["number"], row.region, row.year): (row.target or row.base) for row in packaged("xuzhou_counties")
    }
    areas = [f"xuzhou_{area}" for area in ("fengxian", "peixian", "pizhou", "xinyi", "suining", "tongshan", "urban")]
    for table in (6, 7, 8):
        for year in range(2020, 2026):
            total = cells[table, "xuzhou", year]
            parts = [cells[table, area, year] for area in areas]
            assert total is not None and all(parts)
            assert sum(part.exact for part in parts if part) == total.exact, (table, year)


def test_annex_totals_of_2025_restate_the_main_table() -> None:
    main = {row.id: row for row in packaged("xuzhou")}
    restating = [row for row in packaged("xuzhou_counties") if row.restates]
    assert len(restating) == 3
    for row in restating:
        original = main[str(row.restates)]
        assert original.target and row.target
        assert (original.indicator, original.target.exact) == (row.indicator, row.target.exact)


def test_annex_cells_stand_in_the_line_they_quote() -> None:
    for row in packaged("xuzhou_counties"):
        figure = row.target or row.base
        assert figure is not None and figure.printed in row.source["quote"].split("\t")
        assert row.source["quote"].split("\t")[0].replace(" ", "") == row.area["local"]


def test_regions_of_the_files_agree_with_the_region_table() -> None:
    regions = load_regions(resources.scenarios_root() / "regions.yaml")
    for name in (*REGION_FILES, "xuzhou_counties"):
        for row in packaged(name):
            assert regions[row.region].code == row.area["code"], row.id
    assert set(region_scale()) == set(regions)


def test_flags_follow_from_the_noted_contradictions() -> None:
    rows = {row.id: row for name in (*REGION_FILES, "xuzhou_counties") for row in packaged(name)}
    for row in rows.values():
        assert not row.conflict or row.flags, row.id
    assert rows["JDZ-13-03"].flags == ("contradicts_itself",)
    assert rows["HB-14-07"].flags == ("text_damaged",)
    assert rows["JDZ-13-18"].flags == ("below_legal_minimum",)
    assert rows["XZ-14-03"].flags == rows["XZ-T6-320300-2025"].flags == ("definition_unclear",)
    assert set(PRINTED_FLAGS) <= set(words()["flags"])


def test_superseding_file_names_rows_of_the_plan_and_its_evidence() -> None:
    files = packaged_target_files()
    rows = read_targets([files["jiangxi"], files["superseding"]])
    later = [row for row in rows if row.supersedes]
    assert {row.id for row in rows if row.superseded_by} == {name for row in later for name in row.supersedes}
    assert {row.source["evidence"] for row in later} == {"secondary"}
    assert {row.id: row.target.printed for row in later if row.target} == {
        "JX-22-01": "95.5",
        "JX-22-02": "400",
        "JX-22-03": "580",
    }


def test_template_is_valid_and_explained_in_two_languages() -> None:
    path = packaged_target_files()["template_2026_2030"]
    rows = read_targets([path])
    assert {row.year for row in rows} == {2028, 2030} and all(row.id.startswith("EXAMPLE") for row in rows)
    assert {row.indicator for row in rows} <= set(registry())
    comments = [line for line in path.read_text(encoding="utf-8").splitlines() if line.startswith("#")]
    assert sum(bool(re.search("[\u4e00-\u9fff]", line)) for line in comments) >= 8
    assert sum(not re.search("[\u4e00-\u9fff]", line) for line in comments) >= 4


def test_every_indicator_of_the_plans_is_computed_set_or_explained() -> None:
    used = {row.indicator for name in (*REGION_FILES, "xuzhou_counties") for row in packaged(name)}
    explained = set(words()["not_modelled"])
    assert used <= known_indicators()
    assert explained <= used
    assert not explained & (set(registry()) | set(words()["set_by"]))


def test_every_law_parameter_named_as_a_setting_exists() -> None:
    law = resources.scenarios_root() / "law"
    for name, entry in words()["set_by"].items():
        if entry["kind"] == "law":
            assert (law / f"{entry['name']}.yaml").is_file(), name


# --- mistakes in a user's file --------------------------------------------------------------------------------------

GOOD = """\
- id: A-1
  indicator: ui_participants
  region: jiangxi
  unit: 万人
  target: {year: 2030, operator: ">=", printed: "430"}
"""


def write(folder: Path, text: str) -> Path:
    path = folder / "my_plan.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def errors_of(folder: Path, text: str) -> list[SimengineError]:
    with pytest.raises(SimengineError) as caught:
        read_targets([write(folder, text)])
    return caught.value.errors if isinstance(caught.value, ErrorList) else [caught.value]


def test_a_plain_list_is_enough(tmp_path: Path) -> None:
    (row,) = read_targets([write(tmp_path, GOOD)])
    assert (row.record_kind, row.year, row.target) == ("target", 2030, Figure("430", 0, 2030, ">="))
    assert row.where.endswith("my_plan.yaml, line 1")


def test_a_number_may_be_given_instead_of_printed_text(tmp_path: Path) -> None:
    (row,) = read_targets([write(tmp_path, GOOD.replace('printed: "430"', "value: 430.5"))])
    assert row.target == Figure("430.5", 1, 2030, ">=")


def test_groups_and_common_keys_are_taken_over_and_overridden(tmp_path: Path) -> None:
    text = """\
common: {region: hubei, unit: 万人, source: {file: plan.pdf, part: table}}
groups:
  a: {indicator: ui_participants, region: haiyan}
targets:
- {id: A-1, group: a, target: {year: 2030, operator: "≥", value: 15}, source: {line: 7}}
- {id: A-2, indicator: wi_participants, target: {year: 2030, operator: ">=", value: 700}}
"""
    first, second = read_targets([write(tmp_path, text)])
    assert (first.region, first.indicator, first.unit) == ("haiyan", "ui_participants", "万人")
    assert first.target and first.target.operator == ">="
    assert dict(first.source) == {"file": "plan.pdf", "part": "table", "line": 7}
    assert second.region == "hubei"


@pytest.mark.parametrize(
    ("old", "new", "line", "said"),
    [
        ("indicator:", "indicater:", 2, 'Did you mean "indicator"?'),
        ("ui_participants", "ui_participant", 2, 'Did you mean "ui_participants"?'),
        ("jiangxi", "jianxi", 3, 'Did you mean "jiangxi"?'),
        ("unit: 万人", "unit: 万", 4, 'no unit is called "万"'),
        ("unit: 万人", 'unit: "%"', 4, "does not fit ui_participants"),
        ('operator: ">="', 'operator: ">>"', 5, 'the operator is ">>"'),
        ('operator: ">=", ', "", 5, "no operator"),
        ("year: 2030", 'year: "2030"', 5, "no usable year"),
        ('printed: "430"', 'printed: "430万"', 5, "is not a figure"),
        ('printed: "430"', "printed: 430", 5, "is not a figure"),
        ('printed: "430"', 'printed: "430", value: 430', 5, "either printed or value"),
        ('printed: "430"', 'printed: "430", decimals: 1', 5, "has 0 decimals"),
        ('printed: "430"', "value: true", 5, "not a number"),
        ("- id: A-1\n ", "-", 1, '"id" is missing'),
        ("  unit: 万人\n", "", 1, '"unit" is missing'),
        ("  target:", "  base:", 1, "needs target"),
        ("unit: 万人", "unit: 万人\n  record_kind: tarjet", 5, 'record_kind is "tarjet"'),
        ("unit: 万人", "unit: 万人\n  attribute: bindin", 5, 'the attribute is "bindin"'),
        ("unit: 万人", "unit: 万人\n  flags: [dupe]", 5, 'no flag is called "dupe"'),
        ("unit: 万人", "unit: 万人\n  group: x", 5, 'no group is called "x"'),
        ("unit: 万人", "unit: 万人\n  fund: resident", 5, "is not by fund"),
        ("unit: 万人", "unit: 万人\n  plan: {start: 2030, end: 2026}", 5, "plan runs from"),
        ("unit: 万人", "unit: 万人\n  cumulative: 1", 5, "cumulative is 1"),
        ("unit: 万人", "unit: 万人\n  cumulative: true", 1, "has no plan period"),
        ("unit: 万人", "unit: 万人\n  duplicate_of: B-1", 1, "not another row"),
        ("unit: 万人", "unit: 万人\n  unit: 人", 5, "repeated"),
    ],
)
def test_a_mistake_is_named_with_its_line(old: str, new: str, line: int, said: str, tmp_path: Path) -> None:
    assert old in GOOD
    found = errors_of(tmp_path, GOOD.replace(old, new, 1))
    assert any(said in str(error) and f"my_plan.yaml, line {line}:" in str(error) for error in found), found


def test_all_mistakes_of_all_files_are_reported_at_once(tmp_path: Path) -> None:
    first, second = tmp_path / "a.yaml", tmp_path / "b.yaml"
    first.write_text(GOOD.replace("jiangxi", "jianxi").replace("ui_part", "uu_part"), encoding="utf-8")
    second.write_text(GOOD.replace("万人", "万") + GOOD, encoding="utf-8")
    with pytest.raises(ErrorList) as caught:
        read_targets([first, second])
    text = str(caught.value)
    assert len(caught.value.errors) == 3
    assert "a.yaml, line 3" in text and "a.yaml, line 2" in text and "b.yaml, line 4" in text


def test_an_id_used_twice_names_both_places(tmp_path: Path) -> None:
    (error,) = errors_of(tmp_path, GOOD + GOOD)
    assert "line 6" in str(error) and "line 1" in str(error)


def test_a_repetition_of_a_repetition_is_refused(tmp_path: Path) -> None:
    text = GOOD + GOOD.replace("A-1", "A-2").replace("unit:", "duplicate_of: A-1\n  unit:")
    text += GOOD.replace("A-1", "A-3").replace("unit:", "duplicate_of: A-2\n  unit:")
    (error,) = errors_of(tmp_path, text)
    assert "itself a repetition" in str(error) and "A-1" in error.hint


def test_a_measure_by_fund_needs_its_fund(tmp_path: Path) -> None:
    text = GOOD.replace("ui_participants", "payable_months").replace("万人", "月").replace('"430"', '"6"')
    (error,) = errors_of(tmp_path, text)
    assert "needs a fund" in str(error)
    (row,) = read_targets([write(tmp_path, text.replace("unit:", "fund: resident\n  unit:"))])
    assert row.fund == "resident"


@pytest.mark.parametrize("text", ["[]", "targets: []", "common: {}", "7", "targets: {a: 1}", "- 7", "- [1]"])
def test_a_file_without_rows_is_an_error(text: str, tmp_path: Path) -> None:
    assert all(isinstance(error, TargetError) for error in errors_of(tmp_path, text))


def _keys() -> list[str]:
    return [key for key in ROW_KEYS if len(key) > 4]


@pytest.mark.parametrize("key", _keys())
def test_one_letter_wrong_in_a_key_suggests_the_right_one(key: str, tmp_path: Path) -> None:
    rng = random.Random(key)
    for _ in range(6):
        at = rng.randrange(len(key))
        wrong = rng.choice([key[:at] + key[at + 1 :], key[:at] + "x" + key[at:], key[:at] + "z" + key[at + 1 :]])
        if wrong in ROW_KEYS:
            continue
        found = errors_of(tmp_path, GOOD + f"  {wrong}: 1\n")
        assert any(f'Did you mean "{key}"?' in str(error) for error in found), wrong


# --- units ----------------------------------------------------------------------------------------------------------


def figures() -> list[tuple[Target, Figure]]:
    rows = [row for name in (*REGION_FILES, "xuzhou_counties", "superseding") for row in packaged(name)]
    return [
        (row, figure)
        for row in rows
        if row.indicator in registry()
        for figure in (row.base, row.previous, row.target, row.actual)
        if figure is not None
    ]


def head(row: Target) -> float:
    return region_scale()[row.region] if registry()[row.indicator].per_head else 1.0


def test_no_figure_of_the_plans_is_taken_for_a_slip() -> None:
    assert len(figures()) > 300
    for row, figure in figures():
        assert implausible(registry()[row.indicator], figure, row.unit, head(row)) == {}, row.id


def test_slips_of_unit_are_found() -> None:
    """Heads in persons, money in yuan or 万元, per cent as a fraction and the other way round: at least 99 in 100."""
    factors = {"person": (1e4, 1e-4), "yuan": (1e4, 1e-4, 1e8), "1": (100.0, 0.01)}
    slips = found = 0
    for row, figure in figures():
        measure = registry()[row.indicator]
        for factor in factors.get(measure.unit, ()):
            wrong = Figure(format(float(figure.exact) * factor, ".10f"), 10, figure.year)
            slips += 1
            found += bool(implausible(measure, wrong, row.unit, head(row)))
    assert slips > 500
    assert found / slips > 0.99


@pytest.mark.parametrize(
    ("indicator", "unit", "figure", "said"),
    [
        ("ui_participants", "万人", "4300000", "10,000 times larger"),
        ("ui_participants", "人", "430", "10,000 times smaller"),
        ("oa_fund_size", "万元", "580", "10,000 times smaller"),
        ("oa_fund_size", "亿元", "58000000000", "100 million times larger"),
        ("pension_coverage_rate", "%", "0.955", "100 times smaller"),
        ("avg_enterprise_pension", "元/月", "28860", "12 times larger"),
    ],
)
def test_a_slip_is_explained(indicator: str, unit: str, figure: str, said: str, tmp_path: Path) -> None:
    text = GOOD.replace("ui_participants", indicator).replace("万人", f'"{unit}"').replace('"430"', f'"{figure}"')
    (error,) = errors_of(tmp_path, text)
    assert said in str(error) and "line 5" in str(error)


def test_a_region_of_the_user_is_checked_with_the_population_given(tmp_path: Path) -> None:
    path = write(tmp_path, GOOD.replace("jiangxi", "mytown").replace("430", "43000"))
    assert read_targets([path], regions=["mytown"])[0].region == "mytown"
    with pytest.raises(TargetError, match="not credible"):
        read_targets([path], regions=["mytown"], populations={"mytown": 900_000.0})


# --- fuzz -----------------------------------------------------------------------------------------------------------


def test_damaged_files_end_in_a_clear_error(tmp_path: Path) -> None:
    """Lines cut, doubled, swapped and garbled: the reader returns rows or says what is wrong, and never breaks."""
    rng = random.Random(11)
    source = (packaged_target_files()["template_2026_2030"]).read_text(encoding="utf-8").splitlines()
    lines = [line for line in source if line.strip() and not line.startswith("#")]
    pieces = ["[]", "{}", "[1, 2]", "{a: 1}", "null", "true", "-1", "2030-01-01", '""', "x: y", "1e9", "&a", "*a"]
    refused = 0
    for _ in range(600):
        text = list(lines)
        for _ in range(rng.randint(1, 3)):
            at = rng.randrange(len(text))
            kind = rng.randrange(4)
            if kind == 0:
                del text[at]
            elif kind == 1:
                text.insert(at, text[rng.randrange(len(text))])
            elif kind == 2 and ":" in text[at]:
                text[at] = text[at].partition(":")[0] + ": " + rng.choice(pieces)
            else:
                cut = rng.randrange(len(text[at]) + 1)
                text[at] = text[at][:cut] + rng.choice(pieces) + text[at][cut:]
        try:
            read_targets([write(tmp_path, "\n".join(text))])
        except SimengineError as error:
            refused += 1
            assert "my_plan.yaml" in str(error)
    assert refused > 300


def test_words_and_units_have_no_unused_entries() -> None:
    assert set(words()["record_kinds"]) == set(RECORD_KINDS)
    units = {row.unit for name in (*REGION_FILES, "xuzhou_counties") for row in packaged(name)}
    assert units <= set(PLAN_UNITS)
    assert strict_yaml.load(packaged_target_files()["jiangxi"]).data["common"]["region"] == "jiangxi"
