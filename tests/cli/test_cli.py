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
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from simengine.cli import inputs
from simengine.cli import main as cli
from simengine.common import files
from simengine.engine import results as io
from simengine.scenario.scenario import packaged
from tests.cli.conftest import ROWS, Ran

ROOT = Path(__file__).parents[2]
TABLES = (
    *("targets.csv", "checks.csv", "opening.csv", "position.csv", "gap.csv", "free_run.csv", "plausibility.csv"),
    *("people.csv", "exhaustion.csv", "branches.csv", "erosion.csv", "entry.csv", "ages.csv"),
    *("anchors.csv", "closures.csv", "ranges.csv", "valuation.csv", "workers.csv"),
)


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir()) if path.is_file()}


def refuse_to_project(monkeypatch: pytest.MonkeyPatch, error: BaseException) -> None:
    """Let every projection end in an error."""

    def refuse(*arguments: Any, **options: Any) -> None:
        raise error

    monkeypatch.setattr("simengine.judge.run.project", refuse)


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
def test_mistyped_command__ends_with_two(here: Path, monkeypatch: pytest.MonkeyPatch, arguments: list[str]) -> None:
    refuse_to_project(monkeypatch, AssertionError("nothing may run"))
    assert cli.execute(arguments) == cli.INPUT


# --- run --------------------------------------------------------------------------------------------------------------


def test_run__writes_whole_results_that_say_what_they_are(ran: Ran) -> None:
    folder = ran.folder / "out" / "option"
    assert set(contents(folder)) == {"projection.nc", *TABLES, "manifest.json"}
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    for name, entry in manifest["files"].items():
        raw = (folder / name).read_bytes()
        assert entry == {"sha256": hashlib.sha256(raw).hexdigest(), "bytes": len(raw)}
    assert set(manifest["files"]) == set(contents(folder)) - {"manifest.json"}
    expected = {"run_id", "engine_version", "scenario_sha256", "basis", "levers", "targets", "draws", "seed"}
    assert expected | {"arithmetic", "inputs", "environment", "started", "finished"} <= set(manifest)
    assert {"python", "numpy", "numba", "threads", "cpu_level"} <= set(manifest["environment"])
    assert manifest["inputs"]["bases"].keys() == {"haiyan-2020"}  # its digest holds the bases it draws on
    dataset = io.read_projection(folder)
    assert dataset.attrs["run_id"] == manifest["run_id"]
    assert json.loads(dataset.attrs["inputs"]) == manifest["inputs"]
    assert list(dataset.region.values) == ["haiyan"]
    assert dataset.population.attrs["units"] == "person"
    raw = (folder / "targets.csv").read_bytes()
    assert raw.startswith(b"\xef\xbb\xbf")
    rows = list(csv.DictReader(text_io.StringIO(raw.decode("utf-8-sig"))))
    assert [row["verdict"] for row in rows] == ["met", "missed"]
    assert (rows[1]["name"], rows[1]["name_zh"]) == ("'=Insured", "参保")
    assert not [path for path in folder.rglob("*") if path.name.startswith(files.TEMPORARY)]


def test_run__says_what_the_results_come_to(ran: Ran) -> None:
    rounded = re.search(r"^R2 +=Insured +2025 +>= 30\.25 万人 +(\S+) +missed ", ran.said, re.MULTILINE)
    assert rounded is not None
    assert f"{rounded.group(1)} 万人 against >= 30.25" in ran.said
    assert "1 of 2 judged targets are met, 1 missed" in ran.said
    assert re.search(r"^All \d+ identities hold", ran.said, re.MULTILINE)
    assert re.search(r"^\d+ of \d+ figures printed in the plan are equal", ran.said, re.MULTILINE)
    assert re.search(r"^\d+ measures leave their stated range: \w+", ran.said, re.MULTILINE)


def test_run_again__gives_equal_bytes(here: Path, ran: Ran) -> None:
    assert cli.execute(["run", "option.yaml", "--out", "two", "--quiet"]) == cli.DONE
    first, second = contents(ran.folder / "out" / "option"), contents(here / "two" / "option")
    for name in ("projection.nc", *TABLES):
        assert first[name] == second[name], name
    one, two = (json.loads(each["manifest.json"]) for each in (first, second))
    assert (one["run_id"], one["files"]) == (two["run_id"], two["files"])


def test_scenarios_of_other_years__keep_their_own_region_and_years(here: Path) -> None:
    (here / "later.yaml").write_text("extends: haiyan/baseline\nyears: [2021, 2023]\ntargets: []\n")
    (here / "jdz.yaml").write_text("extends: jingdezhen/baseline\nyears: [2016, 2018]\ntargets: []\n")
    names = ["later.yaml", "jdz.yaml"]
    assert cli.execute(["run", *names, "--out", "o", "--quiet"]) == cli.DONE
    read = {name: io.read_projection(here / "o" / name) for name in ("later", "jdz")}
    assert {name: list(each.region.values) for name, each in read.items()} == {
        "later": ["haiyan"],
        "jdz": ["jingdezhen"],
    }
    assert {name: list(each.year.values) for name, each in read.items()} == {
        "later": [2021, 2022, 2023],
        "jdz": [2016, 2017, 2018],
    }


def test_json__is_all_there_is_on_standard_output(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.execute(["run", "option.yaml", "--json"]) == cli.DONE
    (printed,) = json.loads(capsys.readouterr().out)["scenarios"]
    assert printed["scenario"] == "option"
    assert [row["verdict"] for row in printed["targets"]] == ["met", "missed"]
    assert cli.execute(["targets", "option.yaml", "--json"]) == cli.DONE
    assert [row["id"] for row in json.loads(capsys.readouterr().out)["option"]] == ["R1", "R2"]
    assert cli.execute(["check", "option.yaml", "--json"]) == cli.DONE
    found = json.loads(capsys.readouterr().out)
    assert found["failed"] == 0
    tables = found["scenarios"]["option"]
    names = {"opening", "position", "gap", "free_run", "people", "plausibility", "anchors", "exhaustion"}
    assert set(tables) == {*names, "branches", "erosion", "entry", "ages", "closures", "ranges", "valuation", "workers"}


def test_quiet__says_nothing(here: Path, capfd: pytest.CaptureFixture[str]) -> None:
    for command in ("check", "targets"):
        assert cli.execute([command, "option.yaml", "-q"]) == cli.DONE
    assert capfd.readouterr() == ("", "")


def test_missed_target__ends_with_three_only_when_asked(here: Path) -> None:
    assert cli.execute(["targets", "option.yaml", "--quiet"]) == cli.DONE
    assert cli.execute(["run", "option.yaml", "--quiet", "--fail-on-miss"]) == cli.MISSED
    assert cli.execute(["targets", "option.yaml", "--quiet", "--fail-on-miss"]) == cli.MISSED
    (here / "rows.yaml").write_text(ROWS.replace("30.25", "1.25"), encoding="utf-8")
    assert cli.execute(["targets", "option.yaml", "--quiet", "--fail-on-miss"]) == cli.DONE


@pytest.mark.parametrize("worst", [1e-6, float("nan")])
def test_failed_identity__ends_with_four_and_keeps_earlier_results(
    here: Path, ran: Ran, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], worst: float
) -> None:
    from simengine.judge import run

    run_checks, folder = run.run_checks, ran.copy(here)
    before = contents(folder)

    def off(result: Any) -> pd.DataFrame:
        checks = run_checks(result)
        checks.loc[0, ["worst", "ok"]] = [worst, False]
        return checks

    monkeypatch.setattr(run, "run_checks", off)
    assert cli.execute(["run", "option.yaml", "--lang", "zh"]) == cli.INTEGRITY
    assert contents(folder) == before
    said = capsys.readouterr().err
    assert "1项恒等式不成立" in said
    assert "结果未写出" in said
    (failed,) = csv.DictReader(text_io.StringIO((here / "out" / "failed_checks.csv").read_text(encoding="utf-8-sig")))
    assert (failed["scenario"], failed["region"], failed["ok"]) == ("option", "haiyan", "False")
    assert cli.execute(["check", "option.yaml", "--quiet"]) == cli.INTEGRITY
    assert cli.execute(["targets", "option.yaml", "--quiet"]) == cli.INTEGRITY


def test_wrong_input__ends_with_two_before_anything_runs(
    here: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    refuse_to_project(monkeypatch, AssertionError("nothing may run"))
    (here / "lever.yaml").write_text(
        "name: {en: L, local: 杠杆}\nreason: x\nchanges: {pension/rate_employr: {2028-01-01: 0.2}}\n"
        "paths: {average_wge: {multiply: {2026: 1.1}}}\nconstants: {layoff_share: 1.5, layoff_shar: 0.5}\n"
        "coverage_growth: {enterprise_payer: 0.01}\n",
        encoding="utf-8",
    )
    (here / "bad.yaml").write_text(
        "extends: haiyan/baseline\nlevers: [./lever.yaml]\ndefinitions: {pension_scope: al_participants, scope: x}\n"
    )
    (here / "rows.yaml").write_text(ROWS.replace("ui_participants", "ui_participant"), encoding="utf-8")
    assert cli.execute(["run", "option.yaml", "bad.yaml"]) == cli.INPUT
    assert not (here / "out").exists()
    said = capsys.readouterr().err
    for words in (
        'Did you mean "pension/rate_employer"?',
        'Did you mean "average_wage"?',
        'Did you mean "layoff_share"?',
        'Did you mean "enterprise_payers"?',
        'Did you mean "all_participants"?',
        'Did you mean "ui_participants"?',
        "layoff_share is 1.5. Allowed: 0.3 to 1.",
        '"scope" is not a word',
    ):
        assert words in said, words
    assert said.count("lever.yaml, line 3") == 1
    assert f"{len(said.splitlines()) - 1} error(s)." in said


def test_rate_of_sixteen__is_refused_with_the_right_way_to_write_it(
    here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (here / "lever.yaml").write_text(
        "name: {en: L, local: 杠杆}\nreason: x\nchanges: {pension/rate_employer: {2028-01-01: 16}}\n", encoding="utf-8"
    )
    assert cli.execute(["validate", "lever.yaml"]) == cli.INPUT
    assert "lever.yaml, line 3" in capsys.readouterr().err


@pytest.mark.parametrize("value", ["0", "-1", "100000"])
def test_threads__out_of_range_end_with_two(here: Path, value: str) -> None:
    assert cli.execute(["run", "option.yaml", "--threads", value]) == cli.INPUT


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_one_scenario_named_twice__is_refused(here: Path, capsys: pytest.CaptureFixture[str], lang: str) -> None:
    (here / "sub").mkdir()
    (here / "sub" / "option.yaml").write_text("extends: haiyan/baseline\n")
    assert cli.execute(["run", "option.yaml", "sub/option.yaml"]) == cli.INPUT
    capsys.readouterr()
    assert cli.execute(["targets", "option.yaml", "option.yaml", "--lang", lang]) == cli.INPUT
    said = {"en": '"option.yaml" is named twice', "zh": "“option.yaml”写了两次"}[lang]
    assert capsys.readouterr().err.count(said) == 1


def test_error_of_the_engine__ends_with_one_and_leaves_a_report(
    here: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    refuse_to_project(monkeypatch, ZeroDivisionError("in the middle"))
    monkeypatch.setattr("tempfile.tempdir", str(here))
    assert cli.execute(["run", "option.yaml"]) == cli.BUG
    said = capsys.readouterr().err
    assert "Traceback" not in said
    report = Path(said.split()[-1]).read_text(encoding="utf-8")
    assert "ZeroDivisionError: in the middle" in report
    assert "['run', 'option.yaml']" in report
    assert re.search(r"^numpy \d", report, re.MULTILINE)


# --- disk, locks, interruptions ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("call", "number", "words"),
    [
        ("fsync", errno.ENOSPC, "disk is full"),
        ("replace", errno.ENOSPC, "disk is full"),
        ("replace", errno.EACCES, "No permission"),
        ("replace", errno.EROFS, "read-only"),
        ("replace", errno.EIO, "Cannot"),
    ],
)
def test_refused_write__ends_with_five_and_keeps_earlier_results(
    here: Path,
    ran: Ran,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    call: str,
    number: int,
    words: str,
) -> None:
    folder = ran.copy(here)
    before = contents(folder)

    def refuse(*arguments: Any, **options: Any) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(f"simengine.common.files.os.{call}", refuse)
    assert cli.execute(["run", "option.yaml"]) == cli.ENVIRONMENT
    assert contents(folder) == before
    assert words in capsys.readouterr().err


WAITING = """
import contextlib, sys, time
from simengine.cli import main
from simengine.engine import project as engine

project, mode = engine.project, sys.argv.pop(1)

def waits(*arguments, **options):
    print("working", file=sys.stderr, flush=True)
    end = time.monotonic() + 60.0
    while time.monotonic() < end:
        if mode == "sleep":
            time.sleep(60)
        with contextlib.suppress(KeyboardInterrupt):  # compiled code does not listen to interruptions either
            time.sleep(60)
    return project(*arguments, **options)

engine.project = waits
main.main()
"""
"""The command line, which waits where the projection begins: it sleeps, or hangs like compiled code."""


def started(*words: str, **options: Any) -> subprocess.Popen[str]:
    path = os.pathsep.join([str(ROOT), *filter(None, [os.environ.get("PYTHONPATH")])])
    return subprocess.Popen(
        [sys.executable, *words],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": path},
        **options,
    )


def wait_for(process: subprocess.Popen[str], word: str) -> None:
    assert process.stderr is not None
    for line in process.stderr:
        if word in line:
            return
    pytest.fail(f"ended before it said {word}")


@pytest.mark.skipif(not hasattr(resource, "RLIMIT_FSIZE"), reason="needs a limit on file size")
def test_file_that_cannot_grow__leaves_nothing_under_a_final_name(here: Path) -> None:
    def limit() -> None:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (8192, 8192))

    process = started("-m", "simengine", "run", "option.yaml", "--out", "o", preexec_fn=limit)
    _, said = process.communicate(timeout=120)
    assert process.returncode == cli.ENVIRONMENT, said
    assert "projection.nc" in said
    assert "Traceback" not in said
    assert [path for path in (here / "o").rglob("*") if path.is_file() and not path.name.startswith(files.LOCK)] == []


@pytest.mark.parametrize("mode", ["sleep", "hang"])
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_interruption__ends_with_130_within_two_seconds(here: Path, mode: str, number: signal.Signals) -> None:
    process = started("-c", WAITING, mode, "run", "option.yaml", "--out", "o")
    wait_for(process, "working")
    start = time.perf_counter()
    process.send_signal(number)
    _, said = process.communicate(timeout=30)
    assert time.perf_counter() - start < 3.0
    assert process.returncode == cli.INTERRUPTED
    assert "Interrupted" in said


def test_second_run_on_one_folder__is_told_who_holds_it(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    process = started("-c", WAITING, "sleep", "run", "option.yaml", "--out", "o")
    wait_for(process, "working")
    assert cli.execute(["run", "option.yaml", "--out", "o"]) == cli.ENVIRONMENT
    assert f"process {process.pid}" in capsys.readouterr().err
    process.kill()
    process.communicate(timeout=30)
    (here / "o" / "option").mkdir(exist_ok=True)
    orphan = here / "o" / "option" / f"{files.TEMPORARY}orphan.nc"
    orphan.write_bytes(b"half")
    assert cli.execute(["run", "option.yaml", "--out", "o", "--quiet"]) == cli.DONE
    assert not orphan.exists()


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
