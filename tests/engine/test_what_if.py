"""What-ifs in the engine: the bits of a lever in a file, and the way back from the text that a manifest keeps."""

from __future__ import annotations

import copy
import datetime
import json
from pathlib import Path
from typing import Any

import pytest
import xarray as xr

import simengine
from simengine.basis.basis import load_basis
from simengine.cli.inputs import faults
from simengine.common.errors import ScenarioError, SimengineError
from simengine.engine.provenance import provenance, read_manifest, restore
from simengine.engine.results import ResultError
from simengine.engine.what_if import first_open_year, what_if
from simengine.law import load_law
from simengine.registry.inputs import LAW_SERIES
from simengine.scenario.scenario import Scenario, load_scenario

SHORT = "extends: haiyan/baseline\nyears: [2021, 2028]\ntargets: []\n"
LEVER = "name: {en: x, local: 甲}\nreason: x\n"

SAME: dict[str, tuple[str, str, str]] = {
    "set": ("set", "average_wage=2026:9500,2028:9_800", "paths: {average_wage: {set: {2026: 9500, 2028: 9_800}}}"),
    "set_heads": ("set", "injury_insured=2026:15.5万", "paths: {injury_insured: {set: {2026: 155_000}, shape: pulse}}"),
    "set_share": ("set", "payment_rate=2026:83%", "paths: {payment_rate: {set: {2026: 0.83}}}"),
    "set_law": ("set", "pension/rate_employer=2027-07-01:20%", "changes: {pension/rate_employer: {2027-07-01: 0.2}}"),
    "set_constant": ("set", "never_enters=0.05", "constants: {never_enters: 0.05}"),
    "growth": ("growth", "average_wage=2026:3%,2028:1%", "paths: {average_wage: {growth: {2026: 0.03, 2028: 0.01}}}"),
    "growth_coverage": ("growth", "enterprise_payers=2026:1%", "coverage_growth: {enterprise_payers: {2026: 0.01}}"),
    "growth_coverage_ever": ("growth", "enterprise_payers=2021:1%", "coverage_growth: {enterprise_payers: 0.01}"),
}
"""An option with its text, and the section of a lever file that says the same."""


def own(folder: Path, text: str = SHORT, name: str = "own") -> Path:
    path = folder / f"{name}.yaml"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def projected(*scenarios: Scenario) -> list[xr.Dataset]:
    """Every scenario's part of one run."""
    dataset = simengine.project(scenarios).dataset
    return [dataset.isel(scenario=place) for place in range(len(scenarios))]


def same_bits(one: xr.Dataset, two: xr.Dataset) -> bool:
    return all(one[name].values.tobytes() == two[name].values.tobytes() for name in one.data_vars)


# --- what they do -----------------------------------------------------------------------------------------------------


def test_option__gives_the_bits_of_the_same_lever_in_a_file(tmp_path: Path) -> None:
    base = load_scenario(own(tmp_path))
    scenarios = [base]
    for option, text, body in SAME.values():
        made = what_if(base, **{option: [text]})
        (key,) = made.lever_names
        own(tmp_path, LEVER + body + "\n", key)
        read = load_scenario(own(tmp_path, f"{SHORT}levers: [./{key}.yaml]\n", f"with_{len(scenarios)}"))
        assert (made.digest == read.digest) == (text != "enterprise_payers=2021:1%")
        scenarios += [made, read]
    plain, *pairs = projected(*scenarios)
    for name, made_run, read_run in zip(SAME, pairs[::2], pairs[1::2], strict=True):
        assert same_bits(made_run, read_run), name
        assert not same_bits(made_run, plain), name


def test_lever__by_name_and_by_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    base = load_scenario(own(tmp_path))
    own(tmp_path, LEVER + "indexation: {rate: {2026: 0.02}}\n", "mine")
    made = what_if(base, levers=["layoff_wave", "./mine.yaml"])
    read = load_scenario(own(tmp_path, f"{SHORT}levers: [layoff_wave, ./mine.yaml]\n", "both"))
    assert made.key == "own+layoff_wave+mine"
    assert (made.digest, made.settings) == (read.digest, read.settings)


def test_mapping__is_what_the_texts_say() -> None:
    texts = what_if(
        "haiyan/baseline",
        set=["average_wage=2030:9500", "pension/rate_employer=2028-01-01:0.2", "layoff_share=0.5"],
        growth=["urban_income=0.03", "rural_income=2027:0.02,2030:0.01"],
    )
    mapped = what_if(
        load_scenario("haiyan/baseline"),
        set={
            "average_wage": {2030: 9500},
            "pension/rate_employer": {datetime.date(2028, 1, 1): 0.2},
            "layoff_share": 0.5,
        },
        growth={"urban_income": 0.03, "rural_income": {2027: 0.02, 2030: 0.01}},
    )
    assert (texts.key, texts.digest) == (mapped.key, mapped.digest)
    assert simengine.what_if is what_if


def test_growth_without_a_year__begins_after_the_last_known_value(tmp_path: Path) -> None:
    base = load_scenario(own(tmp_path))
    last = int(load_basis("haiyan-2020").owner("average_wage").own_series["average_wage"].years[-1])
    assert 2021 < last < 2028
    made = what_if(base, growth={"average_wage": 0.2})
    assert made.settings.paths["average_wage"].growth == {last + 1: 0.2}
    before, after = projected(base, made)
    known = {"year": slice(0, last - 2020)}
    yearly = [name for name in before.data_vars if "year" in before[name].dims]
    assert len(yearly) > 100
    for name in yearly:
        assert before[name].isel(known).values.tobytes() == after[name].isel(known).values.tobytes(), name
    assert not same_bits(before, after)


def test_first_open_year__of_each_kind_of_series() -> None:
    today, then, areas = (load_scenario(name) for name in ("jiangxi/baseline", "jiangxi/as_planned", "xuzhou/baseline"))
    reviewed = load_law().information_date
    assert reviewed is not None
    assert first_open_year(today, "sex_ratio_at_birth") == reviewed.year + 1  # stated to 2100
    wages = load_basis("jiangxi-2020").owner("average_wage").own_series["average_wage"]
    assert first_open_year(today, "average_wage") == wages.years[-1] + 1 > 2021
    law_series = next(iter(LAW_SERIES))
    assert first_open_year(today, law_series) == reviewed.year + 1
    for series in ("average_wage", "sex_ratio_at_birth", law_series):
        assert first_open_year(then, series) == 2021
    assert 2021 < first_open_year(areas, "average_wage") <= reviewed.year + 1


def test_slip_of_unit__is_told_at_the_option_and_at_the_line_of_a_lever(tmp_path: Path) -> None:
    base = load_scenario(own(tmp_path))
    with pytest.raises(ScenarioError) as caught:
        simengine.project(what_if(base, set=["average_wage=2026:9"]))
    assert caught.value.where == "--set average_wage=2026:9"
    own(tmp_path, LEVER + "paths:\n  average_wage:\n    set:\n      2025: 9500\n      2026: 9\n", "slip")
    read = load_scenario(own(tmp_path, f"{SHORT}levers: [./slip.yaml]\n", "with_slip"))
    with pytest.raises(ScenarioError) as caught:
        simengine.project(read)
    assert caught.value.where.endswith("slip.yaml, line 7")


# --- what a manifest keeps --------------------------------------------------------------------------------------------


def test_mark_of_what_is_meant__confirms_it_and_leaves_name_and_assumptions() -> None:
    slip = what_if("jiangxi/baseline", set=["average_wage=2026:84306"])
    with pytest.raises(SimengineError, match=r"ends in !"):
        simengine.project(slip)
    for text in ("average_wage=2026:84306!", "average_wage=2026:84306！ ", "average_wage=2026:84_306!"):
        meant = what_if("jiangxi/baseline", set=[text])
        assert (meant.key, meant.digest) == (slip.key, slip.digest)
        assert meant.levers[-1].content.checked == ("average_wage",)
        assert not faults(meant)


@pytest.fixture
def nested(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Scenario:
    """A scenario whose own files lie in three folders, one with a byte order mark and Windows line ends."""
    home = tmp_path / "home"
    own(home / "base", "extends: haiyan/baseline\nyears: [2021, 2025]\ntargets: [../plan/rows.yaml]\n", "middle")
    own(home / "plan", "extends: ../base/middle.yaml\nlevers: [./rise.yaml, layoff_wave]\n", "top")
    text = "\ufeff" + LEVER + "indexation: {rate: {2023: 0.02, 2030: 0.03}}\n"
    (home / "plan" / "rise.yaml").write_bytes(text.replace("\n", "\r\n").encode())
    own(
        home / "plan",
        "- {id: R1, region: haiyan, record_kind: target, indicator: ui_participants, unit: 万人,\n"
        "   name: {en: Insured, local: 参保}, target: {year: 2025, operator: '>=', printed: '5', decimals: 0},\n"
        "   source: {text: t}}\n",
        "rows",
    )
    own(home / "levers", LEVER + "constants: {layoff_share: 0.5}\n", "share")
    monkeypatch.chdir(home / "plan")
    return what_if(
        "top.yaml", set=["average_wage=2023:9_000"], growth=["urban_income=3%"], levers=["../levers/share.yaml"]
    )


def test_provenance__keeps_own_files_as_text_and_no_path_of_the_machine(nested: Scenario, tmp_path: Path) -> None:
    kept = provenance(nested, map(str, nested.remarks))
    assert [(entry["kind"], entry["name"], entry.get("file")) for entry in kept["sources"]] == [
        ("scenario", "top", "plan/top.yaml"),
        ("scenario", "middle", "base/middle.yaml"),
        ("scenario", "haiyan/baseline", None),
        ("lever", "rise", "plan/rise.yaml"),
        ("lever", "layoff_wave", None),
        ("targets", "rows", "plan/rows.yaml"),
        ("lever", "share", "levers/share.yaml"),
    ]
    assert all(len(entry["sha256"]) == 64 and ("text" in entry) == ("file" in entry) for entry in kept["sources"])
    assert kept["named"] == "plan/top.yaml"
    assert kept["what_if"] == {
        "lever": ["levers/share.yaml"],
        "set": ["average_wage=2023:9_000"],
        "growth": ["urban_income=3%"],
        "options": "--lever levers/share.yaml --set average_wage=2023:9_000 --growth urban_income=3%",
    }
    assert any(remark.startswith("plan/rise.yaml, line 3: ") for remark in kept["remarks"])
    assert str(tmp_path) not in json.dumps(kept) and str(Path(simengine.__file__).parents[1]) not in json.dumps(kept)


def test_packaged_scenario__is_kept_by_name_alone() -> None:
    kept = provenance(load_scenario("haiyan/baseline"))
    assert kept["named"] == "haiyan/baseline" and "what_if" not in kept
    assert not [entry for entry in kept["sources"] if "text" in entry or "file" in entry]


def test_restored_text__gives_the_same_scenario_and_the_same_bits(nested: Scenario, tmp_path: Path) -> None:
    kept = json.loads(json.dumps(provenance(nested)))
    before = projected(nested)[0]
    for path in (tmp_path / "home").rglob("*.yaml"):
        path.unlink()
    again = restore(kept, tmp_path / "again")
    assert (again.key, again.digest, again.what_if["set"]) == (nested.key, nested.digest, nested.what_if["set"])
    assert (tmp_path / "again" / "plan" / "rise.yaml").read_bytes().startswith(b"\xef\xbb\xbfname")
    assert same_bits(before, projected(again)[0])
    own_entries = [entry for entry in provenance(again)["sources"] if "text" in entry]
    assert own_entries == [entry for entry in kept["sources"] if "text" in entry]


def test_table_of_an_own_lever__is_kept_and_written_again(tmp_path: Path) -> None:
    home = tmp_path / "home"
    base = load_scenario(own(home, "extends: haiyan/baseline\nyears: [2021, 2028]\ntargets: []\n"))
    ages = "".join(f"{age},0.02\n" for age in range(15, 50))
    (home / "births.csv").write_text(f"age,2024\n{ages}", encoding="utf-8")
    lever = own(home, LEVER + "demography: {tables: {fertility: births.csv}}\n", "people")
    made = what_if(base, levers=[lever])
    kept = provenance(made)
    assert kept["sources"][-1] | {"sha256": "", "text": ""} == {
        **{"kind": "table", "name": "people/fertility", "file": "births.csv"},
        **{"sha256": "", "text": ""},
    }
    again = restore(kept, tmp_path / "again")
    assert (again.key, again.digest) == (made.key, made.digest)
    (before, one), (two,) = projected(base, made), projected(again)
    assert same_bits(one, two) and not same_bits(one, before)


@pytest.mark.parametrize(
    "change",
    [
        lambda kept: kept["sources"][0].update(file="../top.yaml"),
        lambda kept: kept["sources"][0].update(file="/tmp/top.yaml"),
        lambda kept: kept["sources"][0].update(file="C:\\top.yaml"),
        lambda kept: kept["sources"][0].update(text=kept["sources"][0]["text"] + "seed: 8\n"),
        lambda kept: kept["sources"][0].pop("sha256"),
        lambda kept: kept.update(sources=7),
    ],
)
def test_manifest_that_contradicts_itself__is_refused(nested: Scenario, tmp_path: Path, change: Any) -> None:
    kept = copy.deepcopy(provenance(nested))
    change(kept)
    with pytest.raises(ResultError) as caught:
        restore(kept, tmp_path / "again")
    assert caught.value.code == "manifest_damaged"
    assert not (tmp_path / "top.yaml").exists()


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (None, "manifest_absent"),
        ("{", "manifest_damaged"),
        ("[]", "manifest_damaged"),
        ('{"run_id": "x", "files": {}}', "manifest_without_texts"),
    ],
)
def test_manifest_that_cannot_be_read__is_refused(tmp_path: Path, content: str | None, code: str) -> None:
    if content is not None:
        (tmp_path / "manifest.json").write_text(content, encoding="utf-8")
    with pytest.raises(SimengineError) as caught:
        read_manifest(tmp_path)
    assert caught.value.code == code
