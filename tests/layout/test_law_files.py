"""The law folder as a whole: complete, dated, sourced, usable from the start of the spin-up in every region."""

from __future__ import annotations

import csv
import re
from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from simengine.common import resources, strict_yaml
from simengine.law import LawTree, load_law
from simengine.law.parameter import INDICES
from simengine.registry.units import EVIDENCE

BRANCHES = ("economy", "pension", "retirement", "public", "resident", "unemployment", "injury")
COVERAGE = Path(__file__).with_name("law_coverage.csv")
"""Section of the scheme rules and law key, one row a key: which file holds the numbers of which rule."""

SECTION_COUNTS = {
    "0.2": 4,
    "1.2": 6,
    "1.3": 11,
    "1.4": 6,
    "1.5": 2,
    "1.6": 13,
    "1.7": 5,
    "1.8": 4,
    "1.9": 7,
    "1.10": 4,
    "1.11": 3,
    "1.12": 7,
    "2.2": 4,
    "2.3": 10,
    "2.4": 1,
    "3": 16,
    "4": 1,
    "4.1": 8,
    "4.2": 8,
    "4.3": 1,
    "4.4": 2,
    "5.1": 8,
    "5.2": 1,
    "5.3": 3,
    "5.4": 11,
    "5.5": 23,
    "6.1": 15,
    "6.2": 3,
    "6.3": 2,
    "6.4": 11,
    "6.5": 6,
    "6.6": 2,
    "7.5": 1,
}
PROVINCIAL_ONLY = {
    "pension/base_floor",
    "pension/base_cap",
    "pension/base_floor_tiers",
    "pension/base_cap_tiers",
    "pension/benefit_base_cities",
    "pension/contribution_tier",
    "economy/average_wage_tiers",
    "injury/medical_subsidy_amount",
    "injury/employment_subsidy_amount",
}
SPIN_UP_START = 1993
HORIZON = 2100


@pytest.fixture(scope="module")
def law() -> LawTree:
    return load_law()


def rows() -> list[dict[str, str]]:
    with COVERAGE.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_every_key_is_listed_once_and_every_listed_key_exists(law: LawTree) -> None:
    listed = Counter(row["key"] for row in rows())
    assert set(listed) == set(law)
    assert set(listed.values()) == {1}


def test_every_section_has_its_parameters() -> None:
    assert Counter(row["section"] for row in rows()) == SECTION_COUNTS


def test_folder_holds_parameters_and_nothing_else(law: LawTree) -> None:
    folder = resources.scenarios_root() / "law"
    files = [path for path in folder.rglob("*") if path.is_file()]
    assert {path.name for path in folder.iterdir() if path.is_file()} == {"reviewed.yaml"}
    assert len(files) == len(law) + 1
    assert law.information_date is not None
    assert {path.suffix for path in files} == {".yaml"}
    assert {key.partition("/")[0] for key in law} == set(BRANCHES)
    assert all(re.fullmatch(r"[a-z]+/[a-z][a-z0-9_]*", key) for key in law)


def test_regions_are_those_of_the_engine(law: LawTree) -> None:
    written = strict_yaml.load(resources.scenarios_root() / "regions.yaml").data
    assert list(law.regions) == list(written)
    assert law.regions.chain("xuzhou_peixian") == ("xuzhou_peixian", "xuzhou", "jiangsu", "china")
    assert law.regions.chain("haiyan") == ("haiyan", "zhejiang", "china")
    assert len(law.regions.children("xuzhou")) == 7
    assert len({law.regions[key].code for key in law.regions}) == len(law.regions)


def test_every_value_has_reference_evidence_and_place(law: LawTree) -> None:
    for key, parameter in law.items():
        assert parameter.name and parameter.local_name, key
        assert parameter.extension.reason and parameter.extension.evidence in EVIDENCE, key
        for dated in parameter.all_values():
            assert len(dated.reference) >= 5 and dated.evidence in EVIDENCE, (key, dated.date)
            assert re.fullmatch(rf"law/{key}\.yaml, line \d+", dated.where), (key, dated.where)


def test_assumed_values_do_not_pose_as_read(law: LawTree) -> None:
    for key, parameter in law.items():
        for dated in parameter.all_values():
            if "assumed" in dated.reference and dated.evidence == "verified":
                assert "month assumed" in dated.reference, (key, dated.date, dated.reference)


def test_every_parameter_covers_the_spin_up_in_every_region(law: LawTree) -> None:
    for key, parameter in law.items():
        if key in PROVINCIAL_ONLY:
            assert not parameter.national and parameter.regional, key
            continue
        assert parameter.national, key
        for region in law.regions:
            first = parameter.timeline(region)[0].date
            assert first.year < SPIN_UP_START, (key, region, first)


def test_every_number_can_be_drawn_over_the_whole_horizon(law: LawTree) -> None:
    years = range(1992, HORIZON + 1)
    index = {name: 1.03 ** np.arange(len(years)) for name in INDICES}
    for key, parameter in law.items():
        if key in PROVINCIAL_ONLY or parameter.unit.symbol == "code" or parameter.ragged:
            continue
        last = HORIZON if parameter.extension.rule else parameter.timeline()[-1].date.year
        span = range(SPIN_UP_START, last + 1)
        cut = {name: path[1 : 1 + len(span)] for name, path in index.items()}
        for region in ("china", "jingdezhen", "hubei", "xuzhou_urban", "haiyan"):
            numbers = law.annual(key, span, region, cut, table=parameter.table is not None)
            assert np.isfinite(numbers).all(), (key, region)
            assert (numbers >= parameter.limits[0]).all(), (key, region)


@pytest.mark.parametrize(("day", "region"), [("2015-12-31", "jingdezhen"), ("2020-12-31", "hubei")])
def test_law_as_known_at_an_opening_still_covers_spin_up_and_horizon(law: LawTree, day: str, region: str) -> None:
    years = range(SPIN_UP_START, HORIZON + 1)
    index = {name: 1.03 ** np.arange(len(years)) for name in INDICES}
    known = law.known_on(day)
    for key, parameter in known.items():
        if key in PROVINCIAL_ONLY or parameter.ragged or parameter.extension.rule is None:
            continue
        if parameter.unit.symbol == "code":
            assert all(known.codes(key, years, region)), key
        else:
            numbers = known.annual(key, years, region, index, table=parameter.table is not None)
            assert np.isfinite(numbers).all(), key


def test_only_scenario_drivers_lack_an_extension(law: LawTree) -> None:
    assert {key for key, parameter in law.items() if parameter.extension.rule is None} == {"pension/entrusted_return"}


def test_no_value_is_dated_after_its_review_without_being_enacted(law: LawTree) -> None:
    assert law.information_date is not None
    for key, parameter in law.items():
        for dated in parameter.all_values():
            assert min(dated.date, dated.known) <= law.information_date or dated.evidence == "assumption", (key, dated)


def test_announced_numbers_are_not_standing_rules(law: LawTree) -> None:
    announced = (
        "pension/account_interest_rate",
        "pension/adjustment_ratio",
        "public/annuity_recorded_interest",
        "resident/account_interest_rate",
        "unemployment/refund_rate_large",
        "unemployment/phased_cut",
        "injury/phased_cut",
    )
    for key in announced:
        assert law[key].extension.rule == "held" and not law[key].extension.standing, key


def test_shares_of_a_whole_add_to_one(law: LawTree) -> None:
    for key in ("pension/adjustment_split", "injury/outcome_share"):
        for dated in law[key].all_values():
            assert sum(dated.value.values()) == pytest.approx(1.0, abs=1e-12), key  # type: ignore[union-attr]


def test_floors_lie_below_caps(law: LawTree) -> None:
    years = range(SPIN_UP_START, 2031)
    for region in law.regions:
        floor = law.annual("pension/base_floor_share", years, region)
        assert (floor < law.annual("pension/base_cap_share", years, region)).all()
        one, two, three = (
            law.annual(f"economy/minimum_wage_class_{level}", range(SPIN_UP_START, 2025), region) for level in (1, 2, 3)
        )
        assert (one > two).all() and (two > three).all(), region


def test_resources__installed_data_comes_first_and_absence_is_an_error(tmp_path: Path) -> None:
    package = tmp_path / "simengine"
    package.mkdir()
    with pytest.raises(Exception, match="the folder scenarios of the engine is missing"):
        resources.scenarios_root(package)
    (tmp_path / "scenarios").mkdir()
    (tmp_path / "calibration" / "bases").mkdir(parents=True)
    assert resources.scenarios_root(package) == tmp_path / "scenarios"
    assert resources.bases_root(package) == tmp_path / "calibration" / "bases"
    (package / "data" / "scenarios").mkdir(parents=True)
    (package / "data" / "bases").mkdir()
    assert resources.scenarios_root(package) == package / "data" / "scenarios"
    assert resources.bases_root(package) == package / "data" / "bases"
