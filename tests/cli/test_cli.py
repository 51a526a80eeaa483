"""The command line: what it prints and writes, and how each way of ending looks from outside."""

from __future__ import annotations

import csv
import errno
import hashlib
import io as text_io
import json
import os
import re
import resource
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from importlib import metadata
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pandas as pd
import pytest
import typer
import xarray as xr

from simengine.cli import inputs, session
from simengine.cli import main as cli
from simengine.common import files, resources
from simengine.common.messages import table
from simengine.common.progress import Reporter
from simengine.engine import results as io
from simengine.judge.targets.check import check_targets
from simengine.report.tables.verdicts import checks_line, plain, show_rows, summary
from simengine.scenario.scenario import packaged
from tests.helpers.fake_engine import FakeEngine, fake_bases
from tests.helpers.registry_projection import synthetic

ROOT = Path(__file__).parents[2]
OPTION = "extends: jiangxi/baseline\nyears: [2021, 2030]\ntargets: [./rows.yaml]\n"
ROWS = """\
- {id: R1, region: jiangxi, record_kind: target, indicator: ui_participants, unit: 万人,
   name: {en: Insured, local: 参保}, target: {year: 2025, operator: ">=", printed: "5", decimals: 0}, source: {text: t}}
- {id: R2, region: jiangxi, record_kind: target, indicator: ui_participants, unit: 万人,
   name: {en: "=Insured", local: 参保}, target: {year: 2025, operator: ">=", printed: "900.25", decimals: 2},
   source: {text: t}}
"""

TABLES = (
    *("targets.csv", "checks.csv", "opening.csv", "position.csv", "gap.csv", "free_run.csv", "plausibility.csv"),
    *("exhaustion.csv", "branches.csv"),
)

Run = Callable[..., int]


@pytest.fixture
def engine(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[FakeEngine]:
    """The stand-in in place of the engine, and bases as far as the command line looks into them."""
    made = FakeEngine()
    for name, module in made.modules().items():
        monkeypatch.setitem(sys.modules, name, module)
    bases = fake_bases(tmp_path / "bases")
    monkeypatch.setattr(resources, "bases_root", lambda: bases)
    # The stand-in's bases have no series to compile; bounds on changed values have their own tests (test_bounds.py).
    monkeypatch.setattr(inputs, "_value_faults", lambda scenario: [])
    monkeypatch.chdir(tmp_path)
    (tmp_path / "option.yaml").write_text(OPTION, encoding="utf-8")
    (tmp_path / "rows.yaml").write_text(ROWS, encoding="utf-8")
    inputs.constants.cache_clear()
    session.begin("en")
    yield made
    inputs.constants.cache_clear()
    session.begin("en")


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir()) if path.is_file()}


# --- starting ---------------------------------------------------------------------------------------------------------


def test_help__is_quick_and_imports_nothing_heavy() -> None:
    code = (
        "import sys, simengine.cli.main; simengine.cli.main.execute(['--help'])\n"
        "heavy = {'numpy', 'pandas', 'xarray', 'numba', 'scipy', 'matplotlib', 'pydantic', 'ruamel', 'rich', 'h5py'}\n"
        "sys.exit(len(heavy & set(sys.modules)))"
    )
    seconds = []
    for _ in range(5):
        start = time.perf_counter()
        done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, check=False)
        seconds.append(time.perf_counter() - start)
        assert done.returncode == 0, done.stderr
    assert min(seconds) < 0.5
    for command in ("run", "check", "targets", "show", "validate", "plot", "list", "template"):
        assert re.search(rf"^  {command} ", done.stdout, re.MULTILINE), command


def test_version_and_no_command(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.execute(["--version"]) == cli.DONE
    assert capsys.readouterr().out.startswith("simengine 0.")
    assert cli.execute([]) == cli.INPUT


@pytest.mark.parametrize("arguments", [["--nothing"], ["nothing"], ["run"], ["run", "--lang", "fr", "option.yaml"]])
def test_mistyped_command__ends_with_two(engine: FakeEngine, arguments: list[str]) -> None:
    assert cli.execute(arguments) == cli.INPUT
    assert engine.calls == []


# --- run --------------------------------------------------------------------------------------------------------------


def test_run__writes_whole_results_that_say_what_they_are(
    engine: FakeEngine, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.execute(["run", "option.yaml", "--out", "results", "--threads", "1"]) == cli.DONE
    folder = tmp_path / "results" / "option"
    assert set(contents(folder)) == {"projection.nc", *TABLES, "manifest.json"}
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    for name, entry in manifest["files"].items():
        raw = (folder / name).read_bytes()
        assert entry == {"sha256": hashlib.sha256(raw).hexdigest(), "bytes": len(raw)}
    assert set(manifest["files"]) == set(contents(folder)) - {"manifest.json"}
    expected = {"run_id", "engine_version", "scenario_sha256", "basis", "levers", "targets", "draws", "seed"}
    assert expected | {"arithmetic", "inputs", "environment", "started", "finished"} <= set(manifest)
    assert {"python", "numpy", "numba", "threads", "cpu_level"} <= set(manifest["environment"])
    assert manifest["inputs"]["bases"].keys() == {"jiangxi-2020"}
    dataset = io.read_projection(folder)
    assert dataset.attrs["run_id"] == manifest["run_id"]
    assert json.loads(dataset.attrs["inputs"]) == manifest["inputs"]
    assert list(dataset.region.values) == ["jiangxi"]
    assert dataset.population.attrs["units"] == "person"
    raw = (folder / "targets.csv").read_bytes()
    assert raw.startswith(b"\xef\xbb\xbf")
    rows = list(csv.DictReader(text_io.StringIO(raw.decode("utf-8-sig"))))
    assert [row["verdict"] for row in rows] == ["met", "missed"]
    assert (rows[1]["name"], rows[1]["name_zh"]) == ("'=Insured", "参保")
    said = capsys.readouterr().out
    rounded = re.search(r"^R2 .* 900\.25 +(\S+) +万人 ", said, re.MULTILINE)
    assert rounded is not None
    assert f"{rounded.group(1)} 万人 against >= 900.25" in said
    assert "1 of 2 judged targets are met, 1 missed" in said
    assert "All 1 identities hold" in said
    assert "1 of 1 figures printed in the plan are equal" in said
    assert "Large alignment factors: jiangxi: unemployment_insured." in said
    assert "1 measures leave their stated range: dependency_ratio." in said
    flags = {row["id"]: row["flags"] for row in rows}
    assert all("large_alignment" in flag for flag in flags.values())
    assert not [path for path in folder.rglob("*") if path.name.startswith(files.TEMPORARY)]


def test_run_again__gives_equal_bytes(engine: FakeEngine, tmp_path: Path) -> None:
    folders = []
    for name in ("one", "two"):
        assert cli.execute(["run", "option.yaml", "--out", name, "--quiet"]) == cli.DONE
        folders.append(contents(tmp_path / name / "option"))
    for name in ("projection.nc", *TABLES):
        assert folders[0][name] == folders[1][name], name
    first, second = (json.loads(folder["manifest.json"]) for folder in folders)
    assert first["run_id"] == second["run_id"]
    assert first["files"] == second["files"]


def test_scenarios_of_other_years__are_projected_apart_and_keep_their_own_region(
    engine: FakeEngine, tmp_path: Path
) -> None:
    (tmp_path / "hubei.yaml").write_text("extends: hubei/baseline\nyears: [2021, 2030]\ntargets: []\n")
    (tmp_path / "jdz.yaml").write_text("extends: jingdezhen/baseline\ntargets: []\n")
    names = ["option.yaml", "jdz.yaml", "hubei.yaml"]
    assert cli.execute(["run", *names, "--out", "o", "--quiet"]) == cli.DONE
    assert engine.calls == [("option", "hubei"), ("jdz",)]
    regions = {
        name: list(io.read_projection(tmp_path / "o" / name).region.values) for name in ("option", "hubei", "jdz")
    }
    assert regions == {"option": ["jiangxi"], "hubei": ["hubei"], "jdz": ["jingdezhen"]}


def test_json__is_all_there_is_on_standard_output(engine: FakeEngine, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.execute(["run", "option.yaml", "--json"]) == cli.DONE
    (printed,) = json.loads(capsys.readouterr().out)["scenarios"]
    assert printed["scenario"] == "option"
    assert [row["verdict"] for row in printed["targets"]] == ["met", "missed"]
    assert cli.execute(["targets", "option.yaml", "--json"]) == cli.DONE
    assert [row["id"] for row in json.loads(capsys.readouterr().out)["option"]] == ["R1", "R2"]
    assert cli.execute(["check", "option.yaml", "--json"]) == cli.DONE
    assert json.loads(capsys.readouterr().out)["failed"] == 0
    assert not Path("out/option/nothing").exists()


def test_quiet__says_nothing(engine: FakeEngine, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.execute(["run", "option.yaml", "--quiet"]) == cli.DONE
    assert cli.execute(["targets", "option.yaml", "-q"]) == cli.DONE
    assert capsys.readouterr() == ("", "")


def test_missed_target__ends_with_three_only_when_asked(engine: FakeEngine) -> None:
    assert cli.execute(["run", "option.yaml", "--quiet"]) == cli.DONE
    assert cli.execute(["run", "option.yaml", "--quiet", "--fail-on-miss"]) == cli.MISSED
    assert cli.execute(["targets", "option.yaml", "--quiet", "--fail-on-miss"]) == cli.MISSED
    engine.change = lambda dataset: dataset.assign(unemployment_insured=dataset.unemployment_insured * 1e3)
    assert cli.execute(["targets", "option.yaml", "--quiet", "--fail-on-miss"]) == cli.DONE


def test_check__prints_the_tables_behind_the_opening(
    engine: FakeEngine, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.execute(["check", "option.yaml", "--lang", "zh"]) == cli.DONE
    said = capsys.readouterr().out
    assert re.search(r"^jiangxi +unemployment_insured +100\.0 +150\.0 +1\.500 +大$", said, re.MULTILINE)
    assert re.search(r"^jiangxi +paused_members +band +persons +5\.000 +9\.000 +4\.000 +6\.000$", said, re.MULTILINE)
    printed, recalled = said.index("公布值之比"), said.index("回忆值之比")
    assert re.search(r"^2005 +0\.900$", said[printed:recalled], re.MULTILINE)
    assert re.search(r"^2006 +1\.200$", said[recalled:], re.MULTILINE)
    assert "2006" not in said[printed:recalled]
    assert re.search(r"^jiangxi +members +2005 +2006 +1\.200 +2006 .* outside$", said, re.MULTILINE)
    assert re.search(r"^jiangxi +dependency_ratio .* level and change$", said, re.MULTILINE)
    used_up = r"^jiangxi +enterprise_pension +2024 +2026 +- +2025 +35(\.0+)?$"
    assert re.search(used_up, said[said.index("三种补贴口径") :], re.MULTILINE)
    beside = said[said.index("地区均值与全国公布值") :]
    assert re.search(r"^jiangxi +人均收入 \[yuan/year\] +2021 +289\.8 +346\.0 +0\.838$", beside, re.MULTILINE)
    assert re.search(r"^人均收入：随地区工资。$", beside, re.MULTILINE)
    assert not (tmp_path / "out").exists()
    assert cli.execute(["check", "option.yaml", "--json"]) == cli.DONE
    found = json.loads(capsys.readouterr().out)["scenarios"]["option"]
    assert set(found) == {"opening", "position", "gap", "free_run", "plausibility", "exhaustion", "branches"}
    assert found["position"][1]["ok"] is False


@pytest.mark.parametrize("worst", [1e-6, float("nan")])
def test_failed_identity__ends_with_four_and_keeps_earlier_results(
    engine: FakeEngine, tmp_path: Path, capsys: pytest.CaptureFixture[str], worst: float
) -> None:
    assert cli.execute(["run", "option.yaml", "--quiet"]) == cli.DONE
    before = contents(tmp_path / "out" / "option")
    engine.worst = worst
    assert cli.execute(["run", "option.yaml", "--lang", "zh"]) == cli.INTEGRITY
    assert contents(tmp_path / "out" / "option") == before
    said = capsys.readouterr().err
    assert "1项恒等式不成立" in said
    assert "结果未写出" in said
    assert "money" in (tmp_path / "out" / "failed_checks.csv").read_text(encoding="utf-8-sig")
    assert cli.execute(["check", "option.yaml", "--quiet"]) == cli.INTEGRITY
    assert cli.execute(["targets", "option.yaml", "--quiet"]) == cli.INTEGRITY


def test_wrong_input__ends_with_two_before_anything_runs(
    engine: FakeEngine, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "lever.yaml").write_text(
        "name: {en: L, local: 杠杆}\nreason: x\nchanges: {pension/rate_employr: {2028-01-01: 0.2}}\n"
        "paths: {average_wge: {multiply: {2026: 1.1}}}\nconstants: {layoff_share: 1.5, layoff_shar: 0.5}\n"
        "coverage_growth: {enterprise_payer: 0.01}\n",
        encoding="utf-8",
    )
    (tmp_path / "bad.yaml").write_text(
        "extends: jiangxi/baseline\nlevers: [./lever.yaml]\ndefinitions: {pension_scope: al_participants, scope: x}\n"
    )
    (tmp_path / "rows.yaml").write_text(ROWS.replace("ui_participants", "ui_participant"), encoding="utf-8")
    assert cli.execute(["run", "option.yaml", "bad.yaml"]) == cli.INPUT
    assert engine.calls == []
    assert not (tmp_path / "out").exists()
    said = capsys.readouterr().err
    for words in (
        'Did you mean "pension/rate_employer"?',
        'Did you mean "average_wage"?',
        'Did you mean "layoff_share"?',
        'Did you mean "enterprise_payers"?',
        'Did you mean "all_participants"?',
        'Did you mean "ui_participants"?',
        "layoff_share is 1.5. Allowed: 0.0 to 1.0",
        '"scope" is not a word',
    ):
        assert words in said, words
    assert said.count("lever.yaml, line 3") == 1
    assert f"{len(said.splitlines()) - 1} error(s)." in said


def test_rate_of_sixteen__is_refused_with_the_right_way_to_write_it(
    engine: FakeEngine, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "lever.yaml").write_text(
        "name: {en: L, local: 杠杆}\nreason: x\nchanges: {pension/rate_employer: {2028-01-01: 16}}\n", encoding="utf-8"
    )
    assert cli.execute(["validate", "lever.yaml"]) == cli.INPUT
    assert "lever.yaml, line 3" in capsys.readouterr().err


@pytest.mark.parametrize("value", ["0", "-1", "100000"])
def test_threads__out_of_range_end_with_two(engine: FakeEngine, value: str) -> None:
    assert cli.execute(["run", "option.yaml", "--threads", value]) == cli.INPUT


def test_two_files_of_one_name__are_refused(engine: FakeEngine, tmp_path: Path) -> None:
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / "option.yaml").write_text("extends: jiangxi/baseline\n")
    assert cli.execute(["run", "option.yaml", "sub/option.yaml"]) == cli.INPUT


def test_error_of_the_engine__ends_with_one_and_leaves_a_report(
    engine: FakeEngine, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def broken(dataset: xr.Dataset) -> xr.Dataset:
        raise ZeroDivisionError("in the middle")

    engine.change = broken
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    assert cli.execute(["run", "option.yaml"]) == cli.BUG
    said = capsys.readouterr().err
    assert "Traceback" not in said
    path = Path(said.split()[-1])
    report = path.read_text(encoding="utf-8")
    assert "ZeroDivisionError: in the middle" in report
    assert "['run', 'option.yaml']" in report
    assert "numpy " in report


# --- disk, locks, interruptions ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("number", "words"),
    [
        (errno.ENOSPC, "disk is full"),
        (errno.EACCES, "No permission"),
        (errno.EROFS, "read-only"),
        (errno.EIO, "Cannot"),
    ],
)
@pytest.mark.parametrize("call", ["fsync", "replace"])
def test_refused_write__ends_with_five_and_keeps_earlier_results(
    engine: FakeEngine,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    call: str,
    number: int,
    words: str,
) -> None:
    assert cli.execute(["run", "option.yaml", "--quiet"]) == cli.DONE
    before = contents(tmp_path / "out" / "option")

    def refuse(*arguments: Any, **options: Any) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(f"simengine.common.files.os.{call}", refuse)
    assert cli.execute(["run", "option.yaml"]) == cli.ENVIRONMENT
    assert contents(tmp_path / "out" / "option") == before
    assert words in capsys.readouterr().err


def fake(tmp_path: Path, mode: str, *arguments: str, **options: Any) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "tests.helpers.fake_engine", mode, str(tmp_path / "bases"), *arguments]
    return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, **options)


def wait_for(process: subprocess.Popen[str], word: str) -> None:
    assert process.stderr is not None
    for line in process.stderr:
        if word in line:
            return
    pytest.fail(f"ended before it said {word}")


@pytest.mark.skipif(not hasattr(resource, "RLIMIT_FSIZE"), reason="needs a limit on file size")
def test_file_that_cannot_grow__leaves_nothing_under_a_final_name(engine: FakeEngine, tmp_path: Path) -> None:
    def limit() -> None:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (8192, 8192))

    process = fake(
        tmp_path, "quick", "run", str(tmp_path / "option.yaml"), "--out", str(tmp_path / "o"), preexec_fn=limit
    )
    _, said = process.communicate(timeout=120)
    assert process.returncode == cli.ENVIRONMENT, said
    assert "projection.nc" in said
    assert "Traceback" not in said
    assert [
        path for path in (tmp_path / "o").rglob("*") if path.is_file() and not path.name.startswith(files.LOCK)
    ] == []


@pytest.mark.parametrize("mode", ["sleep", "hang"])
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_interruption__ends_with_130_within_two_seconds(
    engine: FakeEngine, tmp_path: Path, mode: str, number: signal.Signals
) -> None:
    process = fake(tmp_path, mode, "run", str(tmp_path / "option.yaml"), "--out", str(tmp_path / "o"))
    wait_for(process, "working")
    start = time.perf_counter()
    process.send_signal(number)
    _, said = process.communicate(timeout=30)
    assert time.perf_counter() - start < 3.0
    assert process.returncode == cli.INTERRUPTED
    assert "Interrupted" in said


def test_second_run_on_one_folder__is_told_who_holds_it(
    engine: FakeEngine, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    process = fake(tmp_path, "sleep", "run", str(tmp_path / "option.yaml"), "--out", str(tmp_path / "o"))
    wait_for(process, "working")
    assert cli.execute(["run", "option.yaml", "--out", "o"]) == cli.ENVIRONMENT
    assert f"process {process.pid}" in capsys.readouterr().err
    process.kill()
    process.communicate(timeout=30)
    (tmp_path / "o" / "option").mkdir(exist_ok=True)
    orphan = tmp_path / "o" / "option" / f"{files.TEMPORARY}orphan.nc"
    orphan.write_bytes(b"half")
    assert cli.execute(["run", "option.yaml", "--out", "o", "--quiet"]) == cli.DONE
    assert not orphan.exists()


# --- reading results --------------------------------------------------------------------------------------------------


@pytest.fixture
def plot(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, ...]]:
    """A stand-in for the figures; lists what was asked for."""
    asked: list[tuple[str, ...]] = []

    def save_figures(
        projection: xr.Dataset, folder: Path, lang: str, *, names: list[str], regions: Any, font: str | None
    ) -> list[Path]:
        chosen = (*(regions or ()), *((font,) if font else ()))
        asked.append((*names, *chosen, lang, *(str(name) for name in projection.scenario.values)))
        return [folder / f"{name}.png" for name in names]

    module = ModuleType("simengine.report.figures.plot")
    module.FIGURES = {"fund": None, "pyramid": None}  # type: ignore[attr-defined]
    module.save_figures = save_figures  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "simengine.report.figures.plot", module)
    return asked


def test_plot__draws_what_was_run(engine: FakeEngine, plot: list[tuple[str, ...]], tmp_path: Path) -> None:
    assert cli.execute(["run", "option.yaml", "--quiet"]) == cli.DONE
    assert cli.execute(["plot", "out/option", "--figure", "fund", "--lang", "zh"]) == cli.DONE
    assert cli.execute(["plot", "out/option/projection.nc"]) == cli.DONE
    assert plot == [("fund", "zh", "option"), ("fund", "pyramid", "zh", "option")]
    assert cli.execute(["plot", "out/option", "--figure", "fnd"]) == cli.INPUT
    assert cli.execute(["plot", "out/nothing"]) == cli.INTEGRITY


def test_plot__of_a_folder_of_several_scenarios_asks_which(
    engine: FakeEngine, plot: list[tuple[str, ...]], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.execute(["run", "option.yaml", "jiangxi/as_planned", "--quiet"]) == cli.DONE
    assert cli.execute(["plot", "out/jiangxi", "--figure", "fund"]) == cli.DONE  # the only one below
    assert cli.execute(["plot", "out", "--figure", "fund"]) == cli.INPUT
    said = capsys.readouterr()
    assert "--scenario" in said.err and "jiangxi/as_planned, option" in said.err
    for folder, name in (("out", "jiangxi/as_planned"), ("out/jiangxi", "jiangxi/as_planned"), ("out", "option")):
        assert cli.execute(["plot", folder, "--figure", "fund", "--scenario", name]) == cli.DONE
    asked = [each[-1] for each in plot]
    assert asked == ["jiangxi/as_planned", "jiangxi/as_planned", "jiangxi/as_planned", "option"]
    assert f"{Path('out/option/figures/fund.png')}\n" in capsys.readouterr().out
    for folder in ("out", "out/option"):
        assert cli.execute(["plot", folder, "--scenario", "optio"]) == cli.INPUT
        assert 'Did you mean "option"?' in capsys.readouterr().err


def test_plot__hands_on_region_and_font(
    engine: FakeEngine, plot: list[tuple[str, ...]], capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.execute(["run", "option.yaml", "--quiet"]) == cli.DONE
    chosen = ["--figure", "fund", "--region", "jiangxi", "--font", "Some Font"]
    assert cli.execute(["plot", "out/option", *chosen]) == cli.DONE
    assert plot == [("fund", "jiangxi", "Some Font", "en", "option")]
    assert cli.execute(["plot", "out/option", "--region", "jianxi", "--lang", "zh"]) == cli.INPUT
    said = capsys.readouterr().err
    assert "推演结果中没有地区“jianxi”" in said and "jiangxi" in said.replace("jianxi", "", 1)
    assert len(plot) == 1


def test_changed_results__are_found_before_they_are_read(
    engine: FakeEngine, plot: list[tuple[str, ...]], tmp_path: Path
) -> None:
    assert cli.execute(["run", "option.yaml", "--quiet"]) == cli.DONE
    path = tmp_path / "out" / "option" / "projection.nc"
    raw = path.read_bytes()
    rng = np.random.default_rng(5)
    for position in rng.integers(0, len(raw), 40):
        changed = bytearray(raw)
        changed[position] ^= 1 << int(rng.integers(8))
        path.write_bytes(bytes(changed))
        assert cli.execute(["plot", "out/option"]) == cli.INTEGRITY
    path.write_bytes(raw[: len(raw) // 2])
    assert cli.execute(["plot", "out/option"]) == cli.INTEGRITY
    path.write_bytes(raw)
    manifest = path.with_name("manifest.json")
    good = manifest.read_text(encoding="utf-8")
    for bad in ("{}", "[]", "{", '{"files": {}}'):
        manifest.write_text(bad, encoding="utf-8")
        assert cli.execute(["plot", "out/option"]) == cli.INTEGRITY
    manifest.unlink()
    assert cli.execute(["plot", "out/option"]) == cli.INTEGRITY
    manifest.write_text(good, encoding="utf-8")
    assert cli.execute(["plot", "out/option"]) == cli.DONE


# --- show, validate, list, template, plug-ins -------------------------------------------------------------------------


def test_show__names_file_and_line_of_every_value(engine: FakeEngine, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.execute(["show", "option.yaml"]) == cli.DONE
    said = capsys.readouterr().out
    assert re.search(r"^years +\[2021, 2030\] +option\.yaml, line 2$", said, re.MULTILINE)
    assert re.search(r"^basis +jiangxi-2020 +.*baseline\.yaml, line \d+$", said, re.MULTILINE)
    assert re.search(r"^seed +7 +default$", said, re.MULTILINE)
    assert cli.execute(["show", "option.yaml", "--diff", "--json"]) == cli.DONE
    rows = {row["key"]: row for row in json.loads(capsys.readouterr().out)}
    assert set(rows) == {"years", "targets"}
    assert rows["years"]["was"] == "[2021, 2095]"


def test_show__a_lever_with_its_own_lines(
    engine: FakeEngine, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "x.yaml").write_text("extends: jiangxi/baseline\nlevers: [employer_rate_20]\n")
    assert cli.execute(["show", "x.yaml", "--json"]) == cli.DONE
    rows = {row["key"]: row for row in json.loads(capsys.readouterr().out)}
    row = rows["levers.employer_rate_20.changes.pension/rate_employer.2028-01-01"]
    assert row["value"] == "0.2"
    line = int(row["from"].rsplit(" ", 1)[1])
    text = (resources.scenarios_root() / "levers" / "employer_rate_20.yaml").read_text(encoding="utf-8")
    assert "2028-01-01: 0.20" in text.splitlines()[line - 1]


def test_show_diff__of_a_twin_says_so(engine: FakeEngine, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "twin.yaml").write_text("extends: jiangxi/baseline\n")
    assert cli.execute(["show", "twin.yaml", "--diff"]) == cli.DONE
    assert "Nothing differs from" in capsys.readouterr().out


@pytest.mark.parametrize("kind", ["scenario", "lever", "targets"])
def test_template__is_valid_as_it_stands(engine: FakeEngine, kind: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.execute(["template", kind, "--out", f"{kind}.yaml"]) == cli.DONE
    assert cli.execute(["validate", f"{kind}.yaml"]) == cli.DONE, capsys.readouterr().err
    assert cli.execute(["template", kind, "--out", f"{kind}.yaml"]) == cli.INPUT
    capsys.readouterr()
    assert cli.execute(["template", kind]) == cli.DONE
    assert capsys.readouterr().out == Path(f"{kind}.yaml").read_text(encoding="utf-8")


def test_schema__names_every_key(engine: FakeEngine, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.execute(["template", "schema"]) == cli.DONE
    schema = json.loads(capsys.readouterr().out)
    assert "information" in schema["scenario"]["properties"]
    assert "campaigns" in schema["lever"]["properties"]
    assert cli.execute(["template", "poem"]) == cli.INPUT


def test_validate__tells_files_apart_and_finds_all(
    engine: FakeEngine, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "odd.yaml").write_text("hello: 1\n")
    (tmp_path / "torn.yaml").write_text("hello: [1\n")
    names = ["option.yaml", "rows.yaml", "odd.yaml", "torn.yaml", "absent.yaml", "levers/indexation_2pct"]
    assert cli.execute(["validate", *names, "--lang", "zh"]) == cli.INPUT
    said = capsys.readouterr().err
    assert "odd.yaml, line 1：这既不是情景、杠杆，也不是目标文件" in said
    assert "torn.yaml" in said
    assert "没有文件absent.yaml" in said
    assert "共3处错误" in said
    assert (
        cli.execute(["validate", "option.yaml", "rows.yaml", "levers/indexation_2pct", "jiangxi/baseline"]) == cli.DONE
    )


def test_list__shows_what_can_be_named(engine: FakeEngine, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.execute(["list", "--json"]) == cli.DONE
    listed = json.loads(capsys.readouterr().out)
    assert "jiangxi/baseline" in listed["scenarios"]
    assert listed["levers"]["indexation_2pct"].startswith("Pensions in payment")
    assert "average_wage" in listed["series"]
    assert "ui_participants" in listed["indicators"]
    assert cli.execute(["list", "--lang", "zh"]) == cli.DONE
    assert re.search(r"^  indexation_2pct +养老金每年调整2%$", capsys.readouterr().out, re.MULTILINE)


def test_commands_of_other_packages__are_listed_and_called(
    engine: FakeEngine, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    app = typer.Typer()

    @app.command()
    def fit(level: int = 1, fail: bool = False) -> None:
        print(f"fitted at level {level}")
        if fail:
            raise typer.Exit(4)

    module = ModuleType("other_package")
    module.app, module.plain = app, fit  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "other_package", module)
    entries = [
        metadata.EntryPoint("fit", "other_package:app", cli.PLUGINS),
        metadata.EntryPoint("plain", "other_package:plain", cli.PLUGINS),
    ]
    monkeypatch.setattr(cli.metadata, "entry_points", lambda group: entries if group == cli.PLUGINS else [])
    assert cli.execute(["--help"]) == cli.DONE
    assert re.search(r"^  fit +From other_package", capsys.readouterr().out, re.MULTILINE)
    assert cli.execute(["fit", "--level", "3"]) == cli.DONE
    assert cli.execute(["plain"]) == cli.DONE
    assert capsys.readouterr().out == "fitted at level 3\nfitted at level 1\n"
    assert cli.execute(["fit", "--fail"]) == cli.INTEGRITY
    assert cli.execute(["fit", "--levle", "3"]) == cli.INPUT
    capsys.readouterr()
    assert cli.execute(["fit", "--help"]) == cli.DONE
    assert "--level" in capsys.readouterr().out


# --- tables, sentences, progress --------------------------------------------------------------------------------------


def numbers(text: str) -> set[str]:
    return set(re.findall(r"\d+(?:\.\d+)?", text))


@pytest.fixture(scope="module")
def projection() -> xr.Dataset:
    """A made-up projection of Jiangxi, made before the stand-in takes the place of the engine."""
    return synthetic(2020, 2030, regions=("jiangxi",), draws=1).isel(scenario=[0])


def test_summary__every_number_comes_from_a_verdict(projection: xr.Dataset, engine: FakeEngine, tmp_path: Path) -> None:
    from simengine.judge.targets.files import read_targets

    targets = read_targets([tmp_path / "rows.yaml"])
    seen = set()
    for factor in (1.0, 2.0, 1e3):
        changed = projection.assign(unemployment_insured=projection.unemployment_insured * factor)
        verdicts = check_targets(changed, targets)
        for lang in ("en", "zh"):
            said = " ".join(summary(verdicts, lang))  # type: ignore[arg-type]
            seen.add(said)
            cells = {str(len(verdicts)), "0", "1", "2"} | {
                number
                for verdict in verdicts
                for cell in (verdict.id, verdict.year, verdict.printed, verdict.projected_text, verdict.first_year_met)
                for number in numbers(str(cell))
            }
            cells |= {
                number for verdict in verdicts for number in numbers(f"{abs(verdict.margin or 0.0):.6f}".rstrip("0"))
            }
            assert numbers(said) <= cells, said
    assert len(seen) == 6


def test_checks_line__gives_the_worst_residual() -> None:
    frame = pd.DataFrame(
        {
            "check": ["a", "b"],
            "region": ["r", "r"],
            "scenario": ["s", "s"],
            "worst": [2e-13, 3e-12],
            "limit": [1e-9, 1e-9],
        }
    )
    assert "3e-12" in checks_line(frame.assign(ok=[True, True]), "en")
    failed = checks_line(frame.assign(ok=[True, False]), "zh")
    assert failed.splitlines()[0].startswith("1项")
    assert failed.splitlines()[1] == "b，r，s：残差3e-12，限值1e-09"


def test_plain_table__keeps_its_columns_under_chinese_text() -> None:
    lines = plain([["参保人数", "1"], ["x", "22"]], ["名称", "n"]).splitlines()
    assert lines == ["名称      n", "参保人数  1", "x         22"]


def test_progress__speaks_only_of_what_takes_long() -> None:
    stream = text_io.StringIO()
    reporter = Reporter("zh", stream=stream, patience=0.05)
    reporter("read")
    reporter("project")
    time.sleep(0.3)
    reporter("write", 1, 2)
    reporter.close()
    lines = stream.getvalue().splitlines()
    assert lines[0] == f"{table()['progress.project']['zh']} …"
    assert re.fullmatch(r"  0\.\d s", lines[1])
    assert len(lines) == 2
    silent = text_io.StringIO()
    quiet = Reporter("en", quiet=True, stream=silent, patience=0.0)
    quiet("project")
    time.sleep(0.1)
    quiet.close()
    assert silent.getvalue() == ""


class Terminal(text_io.StringIO):
    """A stream that says it is a terminal."""

    def isatty(self) -> bool:
        return True


def test_terminal__gets_drawn_tables_and_a_live_line() -> None:
    screen = Terminal()
    show_rows([["达标", 1.5, None], ["x", -0.0, True]], ["判定", "n", "o"], screen, ["green", ""])
    drawn = screen.getvalue()
    assert "达标" in drawn
    assert "┃" in drawn
    assert "-0" not in drawn
    screen = Terminal()
    reporter = Reporter("en", stream=screen, patience=0.05)
    reporter("project")
    time.sleep(0.3)
    reporter("project", 3, 4)
    time.sleep(0.3)
    reporter.close()
    assert "projecting 3/4" in screen.getvalue()


# --- what ships -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", sorted(packaged()))
def test_packaged_scenario__is_valid(name: str) -> None:
    assert [str(error) for error in inputs.check_name(name)] == []


@pytest.mark.parametrize("name", sorted(packaged("levers")))
def test_packaged_lever__is_valid_on_a_scenario(name: str, tmp_path: Path) -> None:
    path = tmp_path / "with.yaml"
    region = "jingdezhen" if name.startswith("jingdezhen_") else "xuzhou"  # the one region that opens in 2015
    path.write_text(f"extends: {region}/baseline\nlevers: [{name}]\n", encoding="utf-8")
    assert [str(error) for error in inputs.check_name(str(path))] == []
    assert inputs.check_name(f"levers/{name}") == []
