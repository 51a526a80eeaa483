"""Wage tiers of cities and indices by rank: chosen, refused, remarked. Amounts stand in cases_places.yaml."""

from __future__ import annotations

from pathlib import Path

import pytest

from simengine.cases import compute, load_cases
from simengine.cases.sheet import CaseResult
from simengine.cases.words import tables
from simengine.common.errors import SimengineError
from simengine.law import load_law

AWARD = "kind: award\nregion: {region}\nscheme: {scheme}\nperson: {{sex: man, born: 1962-12}}\nretires: 2022-12\n"
PUBLIC = AWARD.format(region="jiangxi", scheme="public")
RECORD = "record: {paid_months: 96, index: 1.2, deemed_months: 288, account: 0}\n"


def result(folder: Path, text: str) -> CaseResult:
    path = folder / "case.yaml"
    path.write_text(text, encoding="utf-8")
    return compute(load_cases(path)[0])


def codes(found: CaseResult) -> set[str]:
    return {remark.code for remark in found.remarks}


def contribution(city: str = "", month: str = "2025-07", region: str = "hubei", more: str = "wage: 4000") -> str:
    stated = f"city: {city}\n" if city else ""
    return f"kind: contribution\nregion: {region}\nmonth: {month}\n{stated}{more}\n"


def test_city__without_one_tier_1_is_taken_with_a_remark(tmp_path: Path) -> None:
    """Tier 1 as printed: floor 4498; the remark lists the cities."""
    found = result(tmp_path, contribution())
    assert found.value("base_floor") == 4498 and "wage_tiers" in codes(found)
    assert result(tmp_path, contribution("wuhan")).value("base_floor") == 4498


def test_city__every_city_has_a_tier_and_every_tier_its_amounts() -> None:
    law = load_law()
    tiers = law["pension/contribution_tier"].regional["hubei"][-1].value
    bases = law["pension/benefit_base_cities"].regional["hubei"][-1].value
    assert isinstance(tiers, dict) and isinstance(bases, dict)
    assert set(tiers) == set(bases) and set(tiers.values()) == {1, 2, 3}
    assert [city for city, tier in tiers.items() if tier == 1] == ["wuhan"]
    wages, floors, caps = (
        law[key].regional["hubei"][-1].value
        for key in ("economy/average_wage_tiers", "pension/base_floor_tiers", "pension/base_cap_tiers")
    )
    for tier in (1, 2, 3):
        assert caps[tier] == 3 * wages[tier]  # type: ignore[index]
        assert 0.59 * wages[tier] < floors[tier] <= 0.6 * wages[tier] + 0.5  # type: ignore[index]


def test_city__tier_1_is_the_province() -> None:
    """The amounts without a city are those of tier 1: one number in two files."""
    law = load_law()
    for key in ("economy/average_wage", "pension/base_floor", "pension/base_cap"):
        whole = {dated.date: dated.value for dated in law[key].regional["hubei"]}
        for dated in law[f"{key}_tiers"].regional["hubei"]:
            assert whole[dated.date] == dated.value[1], key  # type: ignore[index]


def test_city__years_before_the_tiers_take_the_province_with_a_remark(tmp_path: Path) -> None:
    """Contribution year 2023 rests on the wage of 2022, known for tier 1 alone: 0.6 x 7040 = 4224."""
    found = result(tmp_path, contribution("jingzhou", "2023-07"))
    assert found.value("base_floor") == 4224 and "tier_unknown" in codes(found)
    assert "tier_unknown" not in codes(result(tmp_path, contribution("jingzhou", "2024-07")))


def test_city__a_wage_stated_in_the_case_comes_first(tmp_path: Path) -> None:
    text = contribution("jingzhou", more="wage: 4000\nlaw: {economy/average_wage: 8000, pension/base_floor: 4700}")
    found = result(tmp_path, text)
    assert found.value("base_floor") == 4700 and "tier_unknown" not in codes(found)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (contribution("jinzhou"), "jingzhou"),
        (contribution("jingzhou", region="jiangxi"), "sorts no cities into wage tiers"),
        (contribution("xuzhou", region="jiangsu"), "sorts no cities into wage tiers"),
        (
            AWARD.format(region="jiangxi", scheme="enterprise") + "rank: division\n" + RECORD,
            "in the public sector alone",
        ),
        (PUBLIC + "rank: division\n" + RECORD.replace("account", "deemed_index: 1.3, account"), "beside a rank"),
        (PUBLIC + "rank: divison\n" + RECORD, "division"),
        (PUBLIC + "rank: 处长\n" + RECORD, "division 正处"),
        (PUBLIC + "rank: division\n" + RECORD.replace("288", "0").replace("96", "384"), "no deemed months"),
    ],
)
def test_places__what_cannot_act_is_refused(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(SimengineError, match=said):
        result(tmp_path, text)


def test_rank__in_a_career(tmp_path: Path) -> None:
    """288 deemed months at 1.6 and 96 paid at 1.2: index 1.5 as with a summary."""
    career = (
        "rank: division\ncareer:\n- {from: 1990-10, to: 2014-09, kind: deemed}\n"
        "- {from: 2014-10, to: 2022-09, kind: public, index: 1.2}\n- {from: 2022-10, to: 2022-12, kind: none}\n"
    )
    found = result(tmp_path, PUBLIC + career)
    assert (found.value("deemed_months"), found.value("paid_months")) == (288, 96)
    assert found.value("base_pension") == pytest.approx(2627.60, abs=0.005)


def test_rank__beside_an_index_of_a_stretch_is_refused(tmp_path: Path) -> None:
    career = "rank: division\ncareer:\n- {from: 1990-10, to: 2014-09, kind: deemed, index: 1.3}\n"
    with pytest.raises(SimengineError, match=r"line 8.*beside a rank"):
        result(tmp_path, PUBLIC + career + "- {from: 2014-10, kind: public, index: 1.2}\n")


def test_rank__every_rank_has_a_chinese_word() -> None:
    labels = load_law()["public/deemed_index_by_rank"].labels
    words = tables()["ranks"]
    assert set(words) == set(labels) and len({entry["zh"] for entry in words.values()}) == len(labels)


def test_rank__the_table_is_assumed_and_a_case_says_so(tmp_path: Path) -> None:
    found = result(tmp_path, PUBLIC + "rank: 副科级\n" + RECORD)
    use = next(use for use in found.law if use.key == "public/deemed_index_by_rank")
    assert (use.evidence, use.label, use.number) == ("assumption", "deputy_section", 1.15)


def test_scaling__in_proportion_is_assumed(tmp_path: Path) -> None:
    """The ordinance limits the sum; how the shares are scaled is no text that was read."""
    text = "kind: injury_death\nregion: jiangxi\nmonth: 2025-06\nwage: 5000\nspouse: true\nothers: 3\n"
    tags = {use.key: use.evidence for use in result(tmp_path, text).law}
    assert (tags["injury/survivor_cap"], tags["injury/survivor_scaling"]) == ("verified", "assumption")
