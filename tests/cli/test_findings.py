"""What a run is ended by, or tells, beside identities and verdicts: impossible results, rates above one, campaigns."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from simengine.cli import main as cli
from simengine.cli.session import records
from tests.cli.conftest import Ran

LEVER = "name: {en: L, local: 杠杆}\nreason: a test\n"
TWICE = "paths: {coverage_population_ratio: {multiply: {2023: 0.5}}}\n"
"""A denominator of half its size: a rate of cover near two."""
DRIVE = (
    "campaigns:\n  - {id: drive, status: flexible, kind: additional, total: 200_000, years: [2024, 2025],"
    " pools: [paused], reason: x}\n"
)


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir())}


def with_lever(folder: Path, lever: str) -> None:
    """The short scenario of Haiyan with one lever."""
    (folder / "lever.yaml").write_text(LEVER + lever, encoding="utf-8")
    text = (folder / "option.yaml").read_text(encoding="utf-8")
    (folder / "option.yaml").write_text(f"{text}levers: [./lever.yaml]\n", encoding="utf-8")


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


# --- impossible results -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("lang", "said"),
    [
        (
            "en",
            (
                "Impossible results in 1 measure(s)",
                "Basic pension coverage rate (pension_coverage_rate), haiyan, option:",
            ),
        ),
        ("zh", ("1项结果不可能成立", "基本养老保险参保率（pension_coverage_rate），haiyan，option：", "结果未写出")),
    ],
)
def test_run__of_something_impossible_ends_with_four_and_keeps_earlier_results(
    here: Path, ran: Ran, capsys: pytest.CaptureFixture[str], lang: str, said: tuple[str, ...]
) -> None:
    folder = ran.copy(here)
    before = contents(folder)
    with_lever(here, TWICE)
    assert cli.execute(["run", "option.yaml", "--quiet", "--lang", lang]) == cli.INTEGRITY
    printed = capsys.readouterr()
    assert not printed.out and all(part in printed.err for part in said)
    assert contents(folder) == before
    (row,) = rows(here / "out" / "failed_checks.csv")
    assert (row["check"], row["region"], row["fault"], row["since"]) == (
        *("pension_coverage_rate", "haiyan"),
        *("above_one", "2023"),
    )
    assert float(row["worst"]) > 1.9 and float(row["limit"]) == 1.21


def test_check_and_targets__of_something_impossible_end_with_four(
    here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with_lever(here, TWICE)
    assert cli.execute(["targets", "option.yaml", "--quiet"]) == cli.INTEGRITY
    capsys.readouterr()
    assert cli.execute(["check", "option.yaml", "--json"]) == cli.INTEGRITY
    printed = json.loads(capsys.readouterr().out)
    assert printed["failed"] == 1
    row, told = sorted(printed["bounds"], key=lambda one: bool(one["ok"]))
    assert (row["measure"], row["fault"], row["ok"]) == ("pension_coverage_rate", "above_one", False)
    assert (told["measure"], told["ok"]) == ("wi_coverage_rate", True)  # known of Haiyan, with its reason


def test_json__holds_no_infinite_number() -> None:
    assert records(pd.DataFrame({"value": [float("inf"), float("nan"), 1.5]})) == [
        *({"value": None}, {"value": None}),
        {"value": 1.5},
    ]


def test_run__with_failed_identity_and_impossible_result_writes_both(
    here: Path, ran: Ran, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from simengine.judge import run

    run_checks = run.run_checks

    def off(result: Any) -> Any:
        checks = run_checks(result)
        checks.loc[0, ["worst", "ok"]] = [1e-6, False]
        return checks

    monkeypatch.setattr(run, "run_checks", off)
    with_lever(here, TWICE)
    assert cli.execute(["run", "option.yaml", "--quiet"]) == cli.INTEGRITY
    said = capsys.readouterr().err
    assert "1 identities fail" in said and "Impossible results in 1 measure(s)" in said
    assert [row["check"] for row in rows(here / "out" / "failed_checks.csv")][1:] == ["pension_coverage_rate"]


# --- what is told -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("command", ["run", "check", "targets"])
@pytest.mark.parametrize(
    ("lang", "told"),
    [
        ("en", "Work injury insurance coverage of the employed, Haiyan (option): above one from 2024, "),
        ("zh", "海盐县工伤保险参保人数占就业人数比（option）自2024年起超过1"),
    ],
)
def test_command__tells_a_known_rate_above_one(
    here: Path, capsys: pytest.CaptureFixture[str], command: str, lang: str, told: str
) -> None:
    assert cli.execute([command, "option.yaml", "--lang", lang]) == cli.DONE
    assert told in "".join(capsys.readouterr().out.replace("\n    ", " " if lang == "en" else "").splitlines())


@pytest.mark.parametrize(
    ("lang", "told"), [("en", "Campaign drive (flexible payers; option): of "), ("zh", "扩面drive（")]
)
def test_campaign__is_told_on_screen_and_in_the_manifest(
    here: Path, capsys: pytest.CaptureFixture[str], lang: str, told: str
) -> None:
    with_lever(here, DRIVE)
    for command in ("run", "check", "targets"):
        assert cli.execute([command, "option.yaml", "--lang", lang]) == cli.DONE
        assert told in capsys.readouterr().out, command
    assert cli.execute(["targets", "option.yaml", "--markdown", "--lang", lang]) == cli.DONE
    printed = capsys.readouterr()
    assert told in printed.err and told not in printed.out
    manifest = json.loads((here / "out" / "option" / "manifest.json").read_text(encoding="utf-8"))
    for key, start in (("remarks", "Campaign drive"), ("remarks_zh", "扩面drive")):
        assert sum(text.startswith(start) for text in manifest[key]) == 1
    assert cli.execute(["run", "option.yaml", "--json", "--lang", "en"]) == cli.DONE
    (scenario,) = json.loads(capsys.readouterr().out)["scenarios"]
    (row,) = scenario["campaigns"]
    assert row["status"] == "flexible" and row["missing"] > 0.0 and row["first_missing"] in (2024, 2025)
    assert scenario["remarks"] == manifest["remarks"]
