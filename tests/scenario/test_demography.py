"""The section `demography` of lever files: what may be written, conflicts between levers, digest, lines and tables."""

from __future__ import annotations

import itertools
from pathlib import Path
from typing import Any

import pytest

from simengine.cli import main as cli
from simengine.cli.inputs import check_file
from simengine.common.errors import LeverError, SimengineError, each_error, localised
from simengine.common.problems import field_names
from simengine.scenario.combine import read_lever
from simengine.scenario.demography import Cells, Demography, Mortality
from simengine.scenario.levers import LeverFile
from simengine.scenario.scenario import Scenario, load_scenario, with_levers


def lever(demography: dict[str, Any]) -> dict[str, Any]:
    return {"name": {"en": "x", "local": "甲"}, "reason": "A test.", "demography": demography}


def under(**levers: dict[str, Any]) -> Scenario:
    """The baseline of Jiangxi with levers that say this under `demography`."""
    return with_levers(load_scenario("jiangxi/baseline"), "mine", {name: lever(said) for name, said in levers.items()})


def codes(**levers: dict[str, Any]) -> list[str]:
    with pytest.raises(SimengineError) as caught:
        under(**levers)
    return [error.code for error in each_error(caught.value)]


# --- what may be written ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ({}, "demography_empty"),
        ({"mortality": []}, "demography_empty"),
        ({"tables": {}}, "demography_empty"),
        ({"births": {"multiply": {2026: 0.5}}}, "unknown_key"),
        ({"fertility": {}}, "fertility_operation"),
        ({"fertility": {"multiply": {2026: 0.5}, "add": {2026: 0.1}}}, "fertility_operation"),
        ({"fertility": {"hold": 2023, "shape": "ramp"}}, "shape_without_years"),
        ({"fertility": {"multiply": {}}}, "too_few"),
        ({"fertility": {"multiply": {2026: 80.0}}}, "too_large"),
        ({"fertility": {"multiply": {2026: -0.5}}}, "too_small"),
        ({"fertility": {"set": {2026: 8.5}}}, "too_large"),
        ({"fertility": {"multiply": {2019: 0.5}}}, "change_before_start"),
        ({"fertility": {"hold": 2019}}, "change_before_start"),
        ({"fertility": {"replacement": 2020}}, "change_before_start"),
        ({"mortality": [{}]}, "mortality_operation"),
        ({"mortality": [{"multiply": {2026: 0.9}, "pace": {2026: 0.01}}]}, "mortality_operation"),
        ({"mortality": [{"multiply": {2026: 0.1}}]}, "too_small"),
        ({"mortality": [{"multiply": {2026: 6.0}}]}, "too_large"),
        ({"mortality": [{"pace": {2026: 0.5}}]}, "too_large"),
        ({"mortality": [{"pace": {2026: 1.5}}]}, "looks_like_percent"),
        ({"mortality": [{"sex": "male", "pace": {2026: 0.01}}]}, "not_one_of"),
        ({"mortality": [{"ages": [80, 60], "pace": {2026: 0.01}}]}, "ages_reversed"),
        ({"mortality": [{"ages": [60, 110], "pace": {2026: 0.01}}]}, "too_large"),
        ({"mortality": [{"hold": 2021}, {"sex": "men", "hold": 2023}]}, "holds_overlap"),
        ({"mortality": [{"hold": 2021}, {"pace": {2020: 0.01}}]}, "change_before_start"),
        ({"migration": {"sex": "men"}}, "migration_operation"),
        ({"migration": {"multiply": {2026: 11.0}}}, "too_large"),
        ({"migration": {"add": {2026: 1_000.0}, "by": "births"}}, "not_one_of"),
        ({"migration": {"add": {2020: 1_000.0}}}, "change_before_start"),
        ({"tables": {"fertility": "no_such_file.csv"}}, "lever_table_unread"),
        ({"tables": {"population": "a.csv"}}, "unknown_key"),
    ],
)
def test_wrong_demography__is_refused_in_both_languages(said: dict[str, Any], code: str) -> None:
    with pytest.raises(SimengineError) as caught:
        under(mine=said)
    (error,) = each_error(caught.value)
    assert error.code == code
    assert localised(error, "zh") != localised(error, "en")


def test_a_scenario__points_to_a_lever_file(tmp_path: Path) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text("extends: jiangxi/baseline\ndemography: {fertility: {hold: 2023}}\n", encoding="utf-8")
    with pytest.raises(SimengineError) as caught:
        load_scenario(path)
    assert [error.code for error in each_error(caught.value)] == ["section_of_a_lever"]


def test_errors__stand_at_the_line_of_the_entry(tmp_path: Path) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text(
        "name: {en: x, local: 甲}\nreason: A test.\ndemography:\n  mortality:\n    - {pace: {2026: 0.01}}\n"
        "    - sex: men\n      ages: [80, 60]\n      multiply: {2026: 0.9}\n  migration: {multiply: {2026: -1}}\n",
        encoding="utf-8",
    )
    _, errors = read_lever(path, "mine")
    assert {(error.code, error.where.rpartition(" ")[2]) for error in errors} == {
        ("ages_reversed", "7"),
        ("too_small", "9"),
    }


def test_field_names__reach_into_the_lists() -> None:
    assert "pace" in field_names(LeverFile, ("demography", "mortality", 0))
    assert "replacement" in field_names(LeverFile, ("demography", "fertility"))


@pytest.mark.parametrize(
    ("one", "other", "meet"),
    [
        ({}, {}, True),
        ({"sex": "men"}, {"sex": "women"}, False),
        ({"sex": "men"}, {"ages": (0, 4)}, True),
        ({"ages": (0, 59)}, {"ages": (60, 100)}, False),
        ({"ages": (0, 60)}, {"ages": (60, 100)}, True),
    ],
)
def test_cells__meet_where_sex_and_ages_do(one: dict[str, Any], other: dict[str, Any], meet: bool) -> None:
    assert Cells(**one).meets(Cells(**other)) is meet
    assert Cells(**other).meets(Cells(**one)) is meet


# --- levers together --------------------------------------------------------------------------------------------------

HALF = {"fertility": {"multiply": {2026: 0.5}}}
OLD_MEN = {
    "mortality": [{"pace": {2026: 0.0}, "ages": [0, 1]}, {"sex": "men", "ages": [60, 100], "pace": {2026: 0.01}}]
}
CLOSED = {"migration": {"multiply": {2026: 0.0}}}


@pytest.mark.parametrize(
    ("one", "two", "what"),
    [
        (HALF, {"fertility": {"hold": 2023}}, "fertility"),
        (HALF, {"fertility": {"multiply": {2050: 0.5}}}, "fertility"),
        (OLD_MEN, {"mortality": [{"ages": [70, 75], "multiply": {2030: 0.9}}]}, "mortality"),
        (CLOSED, {"migration": {"add": {2026: 10_000.0}, "by": "residents"}}, "migration"),
    ],
)
def test_two_levers_on_the_same_people__are_an_error_that_names_both(
    one: dict[str, Any], two: dict[str, Any], what: str
) -> None:
    said = []
    for pair in ({"alpha": one, "beta": two}, {"beta": two, "alpha": one}):
        with pytest.raises(LeverError) as caught:
            under(**pair)
        said.append(str(caught.value))
        assert caught.value.code == "levers_conflict"
    assert said[0] == said[1]
    assert '"alpha"' in said[0] and '"beta"' in said[0] and what in said[0]


def test_levers_on_other_people__join_in_any_order() -> None:
    levers = {
        "births": HALF,
        "men": OLD_MEN,
        "women": {"mortality": [{"sex": "women", "ages": [2, 100], "multiply": {2026: 0.9}}]},
        "moves": CLOSED,
    }
    joined = [under(**dict(order)) for order in itertools.permutations(levers.items())]
    assert len({(repr(each.settings), each.digest) for each in joined}) == 1
    assert [each.lever for each in joined[0].settings.demography] == ["births", "men", "moves", "women"]


def test_a_change_after_the_horizon__is_a_remark() -> None:
    (remark,) = under(late={"fertility": {"multiply": {2150: 0.5}}}).remarks
    assert "fertility in 2150" in remark.en


# --- tables, digest, show ---------------------------------------------------------------------------------------------


def births(folder: Path, value: str = "0.1", first: int = 2026, name: str = "births.csv", columns: str = "") -> Path:
    """A table of births at ages 15 to 49, all alike, from a year on."""
    path = folder / name
    rows = [f"{age},{value}" for age in range(15, 50)]
    path.write_text("\n".join([columns or f"age,{first}", *rows]) + "\n", encoding="utf-8")
    return path


def file_with_table(folder: Path, table: str = "births.csv", name: str = "mine") -> Path:
    path = folder / f"{name}.yaml"
    text = f"name: {{en: x, local: 甲}}\nreason: A test.\ndemography:\n  tables:\n    fertility: {table}\n"
    path.write_text(text, encoding="utf-8")
    (folder / f"with_{name}.yaml").write_text(f"extends: jiangxi/baseline\nlevers: [./{name}.yaml]\n", encoding="utf-8")
    return folder / f"with_{name}.yaml"


def test_table__is_found_beside_the_lever_and_its_bytes_enter_the_digest(tmp_path: Path) -> None:
    births(tmp_path)
    scenario = file_with_table(tmp_path)
    before = load_scenario(scenario)
    (change,) = before.settings.demography
    assert change.tables["fertility"].first_year == 2026
    births(tmp_path, "0.1001")
    assert load_scenario(scenario).digest != before.digest
    births(tmp_path)
    assert load_scenario(scenario).digest == before.digest
    births(tmp_path, name="other.csv")
    file_with_table(tmp_path, "other.csv")
    assert load_scenario(scenario).digest == before.digest


def test_table_from_before_the_opening__is_refused(tmp_path: Path) -> None:
    births(tmp_path, first=2020)
    with pytest.raises(LeverError) as caught:
        load_scenario(file_with_table(tmp_path))
    assert caught.value.code == "change_before_start"
    assert "mine.yaml, line 5" in caught.value.where


def test_year_held_before_the_table_begins__is_refused(tmp_path: Path) -> None:
    births(tmp_path)
    scenario = file_with_table(tmp_path)
    for year, refused in ((2025, True), (2026, False)):
        file_with_table(tmp_path)
        with (tmp_path / "mine.yaml").open("a", encoding="utf-8") as file:
            file.write(f"  fertility: {{hold: {year}}}\n")
        if refused:
            with pytest.raises(LeverError) as caught:
                load_scenario(scenario)
            assert (caught.value.code, caught.value.where) == ("hold_before_table", f"{tmp_path / 'mine.yaml'}, line 6")
        else:
            load_scenario(scenario)


def test_table_and_a_change_of_the_same_in_two_levers__conflict(tmp_path: Path) -> None:
    births(tmp_path)
    with pytest.raises(LeverError) as caught:
        with_levers(load_scenario(file_with_table(tmp_path)), "both", {"half": lever(HALF)})
    assert caught.value.code == "levers_conflict"


def test_wrong_table__is_found_in_the_lever_file_alone(tmp_path: Path) -> None:
    births(tmp_path)
    file_with_table(tmp_path)
    assert check_file(tmp_path / "mine.yaml") == []
    births(tmp_path, "85")
    (error,) = check_file(tmp_path / "mine.yaml")
    assert error.code == "table_births"
    assert error.where.endswith("births.csv, line 2")


def test_digest__follows_the_numbers() -> None:
    said = (HALF, {"fertility": {"multiply": {2026: 0.51}}}, {"fertility": {"set": {2026: 0.5}}}, CLOSED)
    assert len({under(mine=each).digest for each in (*said, HALF)}) == len(said)


def test_show__prints_every_value_with_its_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    births(tmp_path)
    scenario = file_with_table(tmp_path)
    text = (tmp_path / "mine.yaml").read_text(encoding="utf-8")
    (tmp_path / "mine.yaml").write_text(
        text + "  mortality:\n    - {sex: men, ages: [60, 100], multiply: {2026: 0.9}}\n    - {pace: {2026: 0.005}}\n",
        encoding="utf-8",
    )
    assert cli.execute(["show", str(scenario), "--json"]) == cli.DONE
    printed = capsys.readouterr().out
    for key, value, line in (
        ("tables.fertility", "births.csv", 5),
        ("mortality.0.ages", "[60, 100]", 7),
        ("mortality.0.multiply.2026", "0.9", 7),
        ("mortality.1.pace.2026", "0.005", 8),
    ):
        at = printed.index(f"levers.mine.demography.{key}")
        entry = printed[at : printed.index("}", at)]
        assert value in entry and f"mine.yaml, line {line}" in entry, key


def test_model__reads_lists_as_they_stand() -> None:
    said = Demography.model_validate({"mortality": [{"ages": [60, 100], "pace": {2026: 0.01}}]})
    assert said.mortality == (Mortality(ages=(60, 100), pace={2026: 0.01}),)
