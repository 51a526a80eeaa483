"""The command line with two scenarios of one region: verdicts side by side, as Markdown, as JSON, and the way there."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from simengine.cli import main as cli
from simengine.cli import session
from simengine.cli.verdicts import arranged, counterpart
from simengine.scenario.scenario import load_scenario, packaged

ROOT = Path(__file__).parents[2]
TODAY, THEN = "haiyan/baseline", "haiyan/as_planned"
SHORT = "years: [2021, 2026]\n"
ROW = """\
- {id: R1, region: haiyan, record_kind: target, indicator: ui_participants, unit: 万人,
   name: {en: Insured, local: 参保}, target: {year: 2025, operator: ">=", printed: "%s", decimals: 2},
   source: {text: t}}
"""


@pytest.fixture
def folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Path]:
    """Short scenarios of Haiyan, and one of Jingdezhen with targets of its own and one without any of its own."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "160")
    (tmp_path / "short.yaml").write_text(f"extends: {TODAY}\n{SHORT}", encoding="utf-8")
    (tmp_path / "plan.yaml").write_text(f"extends: {THEN}\n{SHORT}", encoding="utf-8")
    (tmp_path / "third.yaml").write_text(f"extends: {TODAY}\n{SHORT}seed: 8\n", encoding="utf-8")
    (tmp_path / "fewer.yaml").write_text(f"extends: {TODAY}\n{SHORT}targets: [./row.yaml]\n", encoding="utf-8")
    (tmp_path / "other.yaml").write_text("extends: jingdezhen/baseline\nyears: [2016, 2021]\n", encoding="utf-8")
    (tmp_path / "stray.yaml").write_text("extends: jingdezhen/baseline\nyears: [2016, 2021]\ntargets: [haiyan]\n")
    (tmp_path / "row.yaml").write_text(ROW % "5.00", encoding="utf-8")
    session.begin("en")
    yield tmp_path
    session.begin("en")


def tables(said: str) -> list[str]:
    """What each table is of: one scenario, or two."""
    return re.findall(r"^Targets(?: of .*\((\S+)\)|: (\S+ beside \S+))$", said, re.MULTILINE)


def of(said: str) -> list[str]:
    return [one or two for one, two in tables(said)]


# --- how scenarios are arranged ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        (["short.yaml", "plan.yaml"], ["short beside plan"]),
        (["plan.yaml", "short.yaml"], ["short beside plan"]),
        (["third.yaml", "short.yaml"], ["third beside short"]),
        (["plan.yaml", "other.yaml", "short.yaml"], ["short beside plan", "other"]),
        (["short.yaml", "plan.yaml", "third.yaml"], ["short", "plan", "third"]),
        (["short.yaml", "fewer.yaml"], ["short", "fewer"]),
        (["short.yaml", "stray.yaml"], ["short", "stray"]),
        (["short.yaml"], ["short"]),
    ],
)
def test_two_scenarios_of_one_region_and_the_same_rows__stand_side_by_side(
    folder: Path, names: list[str], expected: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.execute(["targets", *names]) == cli.DONE
    assert of(capsys.readouterr().out) == expected


def test_scenarios_without_targets__are_told_one_by_one(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for name in ("one", "two"):
        (folder / f"{name}.yaml").write_text(f"extends: {TODAY}\n{SHORT}targets: []\n", encoding="utf-8")
    assert cli.execute(["targets", "one.yaml", "two.yaml"]) == cli.DONE
    said = [line for line in capsys.readouterr().out.splitlines() if "targets" in line]
    assert said == ["one names no targets.", "two names no targets."]


# --- what is printed --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_targets_of_both__prints_values_and_verdicts_of_both(
    folder: Path, lang: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.execute(["targets", TODAY, THEN, "--json"]) == cli.DONE
    found = json.loads(capsys.readouterr().out)
    assert set(found) == {TODAY, THEN}
    assert cli.execute(["targets", TODAY, THEN, "--lang", lang]) == cli.DONE
    said = capsys.readouterr().out
    one, two = (next(row for row in found[name] if row["id"] == "HY-14-05") for name in (TODAY, THEN))
    assert one["projected"] > two["projected"] + 1.0
    (line,) = [line for line in said.splitlines() if line.startswith("HY-14-05 ")]
    assert re.search(rf" {one['projected_text']} +{one['margin']:.10g} .* {two['projected_text']} ", line)
    assert f"  baseline{':' if lang == 'en' else '：'}" in said and TODAY in said and THEN in said
    words = {
        "en": ("judged targets are met", "baseline: ", "as_planned: "),
        "zh": ("评判的", "baseline：", "as_planned："),
    }
    for side in words[lang][1:]:
        assert re.search(rf"^{side}.*{words[lang][0]}", said, re.MULTILINE)


def test_run_of_both__prints_one_table_and_writes_each_as_ever(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.execute(["run", THEN, TODAY, "--out", "both"]) == cli.DONE
    said = capsys.readouterr().out
    assert of(said) == [f"{TODAY} beside {THEN}"]
    assert said.index("Opening position of Haiyan, law") < said.index("Opening position of Haiyan, as known")
    assert "simengine run" not in said
    assert cli.execute(["run", TODAY, "--out", "alone", "--quiet"]) == cli.DONE
    for name in ("projection.nc", "targets.csv", "checks.csv"):
        assert (folder / "both" / TODAY / name).read_bytes() == (folder / "alone" / TODAY / name).read_bytes()
    assert cli.execute(["run", THEN, TODAY, "--json"]) == cli.DONE
    printed = json.loads(capsys.readouterr().out)["scenarios"]
    assert [each["scenario"] for each in printed] == [THEN, TODAY]  # as named
    assert all(each["targets"] for each in printed)


def test_quiet_pair__says_nothing(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.execute(["targets", TODAY, THEN, "--quiet"]) == cli.DONE
    assert cli.execute(["targets", TODAY, THEN, "--quiet", "--markdown"]) == cli.DONE
    assert capsys.readouterr() == ("", "")


@pytest.mark.parametrize("command", ["run", "targets"])
@pytest.mark.parametrize("lang", ["en", "zh"])
def test_baseline_alone__says_in_one_line_how_to_see_both(
    folder: Path, command: str, lang: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.execute([command, TODAY, "--lang", lang]) == cli.DONE
    said = capsys.readouterr().out
    (line,) = [line for line in said.splitlines() if "simengine" in line]
    assert line.endswith(f"simengine {command} {TODAY} {THEN}")
    for names in ([THEN], ["short.yaml"], [TODAY, THEN]):
        assert cli.execute([command, *names, "--lang", lang]) == cli.DONE
        assert "simengine" not in capsys.readouterr().out, names


def test_every_packaged_baseline__has_its_counterpart() -> None:
    for name in packaged():
        region, kind = name.split("/")
        assert counterpart(load_scenario(name)) == (f"{region}/as_planned" if kind == "baseline" else "")


def test_missed_on_one_side__counts_as_missed(folder: Path) -> None:
    Path("rows.yaml").write_text(ROW % "15.00", encoding="utf-8")  # the two give 15.40 and 14.69
    for name in ("short", "plan"):
        text = Path(f"{name}.yaml").read_text(encoding="utf-8")
        Path(f"{name}.yaml").write_text(f"{text}targets: [./rows.yaml]\n", encoding="utf-8")
    assert cli.execute(["targets", "short.yaml", "--quiet", "--fail-on-miss"]) == cli.DONE
    assert cli.execute(["targets", "short.yaml", "plan.yaml", "--quiet", "--fail-on-miss"]) == cli.MISSED


# --- Markdown ---------------------------------------------------------------------------------------------------------


def test_markdown__is_the_table_and_nothing_else(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.execute(["targets", TODAY, "--markdown"]) == cli.DONE
    said = capsys.readouterr().out
    lines = said.splitlines()
    assert lines[0] == "| row | target | year | plan | projected | verdict | first met |"
    assert all(line.count("|") == 8 for line in lines)
    assert cli.execute(["targets", TODAY, "--json"]) == cli.DONE
    found = json.loads(capsys.readouterr().out)[TODAY]
    judged = [
        row["id"]
        for row in found
        if row["verdict"] in ("met", "missed")
        and not row["duplicate_of"]
        and not row["restates"]
        and "superseded" not in row["flags"]
    ]
    assert [line.split(" | ")[0].removeprefix("| ") for line in lines[2:]] == judged
    assert "HY-14-06" in judged and "HY-14-11" not in judged
    assert cli.execute(["targets", TODAY, "--markdown", "--lang", "zh"]) == cli.DONE
    assert capsys.readouterr().out.startswith("| 编号 | 目标 | 年份 | 规划值 | 推演值 | 判定 | 首次达标 |\n")


def test_markdown_of_several__has_a_line_before_each_table(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.execute(["targets", "short.yaml", "plan.yaml", "other.yaml", "--markdown"]) == cli.DONE
    lines = capsys.readouterr().out.splitlines()
    heads = [place for place, line in enumerate(lines) if line and not line.startswith("|")]
    assert [re.findall(r"\((\w+)\)", lines[place]) for place in heads] == [["short", "plan"], ["other"]]
    assert "short: projected" in lines[heads[0] + 2] and "plan: verdict" in lines[heads[0] + 2]
    assert lines[heads[1] - 1] == ""


def test_markdown_with_json__is_refused(folder: Path) -> None:
    assert cli.execute(["targets", TODAY, "--markdown", "--json"]) == cli.INPUT


def test_help__names_the_option(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.execute(["targets", "--help"]) == cli.DONE
    said = " ".join(capsys.readouterr().out.split())
    assert "--markdown Print only the judged rows in force, as a Markdown table" in said
    assert "side by side" in said


# --- what ships -------------------------------------------------------------------------------------------------------


def test_make_run__projects_both_scenarios_of_every_region(tmp_path: Path) -> None:
    ready = tmp_path / ".ready"
    ready.touch()
    command = ["make", "--dry-run", "--directory", str(ROOT), "run", f"READY={ready}", "--assume-old", str(ready)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    (line,) = [line for line in done.stdout.splitlines() if "simengine run" in line]
    named = re.findall(r"\w+/\w+", line.split(" run ")[1].split(" --out ")[0])
    assert sorted(named) == sorted(packaged())
    loaded = [load_scenario(name) for name in named]
    same = {scenario.key: [_plain_row(name) for name in scenario.target_files] for scenario in loaded}
    together = list(arranged(loaded, same))  # type: ignore[arg-type]
    assert all(len(each) == 2 for each in together if same[each[0].key])


def _plain_row(name: str) -> object:
    """A stand-in for a verdict that only tells target files apart."""
    from types import SimpleNamespace

    keys = ("id", "region", "indicator", "record_kind", "year", "operator", "printed", "unit")
    return SimpleNamespace(**dict.fromkeys(keys, name))
