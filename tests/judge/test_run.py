"""The judged run: one Python call gives what the commands print, each part when it is asked for."""

from __future__ import annotations

import json
import subprocess
import sys
from functools import cache
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import simengine
from simengine.basis.basis import load_basis
from simengine.cli.session import records
from simengine.common.errors import ScenarioError
from simengine.judge import run as judged_run
from simengine.judge.indicators import registry
from simengine.judge.run import IdentityError, JudgedRun
from simengine.judge.targets.verdicts import LARGE_ALIGNMENT, to_frame
from simengine.registry.units import in_words
from simengine.scenario.scenario import load_scenario

NAMES = ("haiyan/baseline", "haiyan/as_planned")


@cache
def judged() -> JudgedRun:
    return simengine.judge_scenarios(NAMES)


def printed(*arguments: str) -> Any:
    """What a command prints as JSON, from a process of its own."""
    command = [sys.executable, "-m", "simengine", *arguments, "--json"]
    done = subprocess.run(command, capture_output=True, text=True, check=True, cwd=Path(__file__).parents[2])
    return json.loads(done.stdout)


def plain(frame: pd.DataFrame) -> Any:
    return json.loads(json.dumps(records(frame)))


def test_judged_run__gives_the_verdicts_that_the_command_prints() -> None:
    shown = printed("targets", *NAMES)
    assert list(shown) == list(judged()) == list(NAMES)
    for name in NAMES:
        assert shown[name] == plain(to_frame(judged()[name].verdicts))
        assert len(shown[name]) > 20
    flags = [row["flags"] for row in shown[NAMES[0]]]
    assert any(LARGE_ALIGNMENT in flag for flag in flags)


def test_judged_run__gives_the_checks_that_the_command_prints() -> None:
    shown = printed("check", *NAMES)
    assert shown["checks"] == plain(judged().identities)
    assert shown["failed"] == len(judged().failed) == 0
    for name in NAMES:
        assert shown["scenarios"][name] == {table: plain(frame) for table, frame in judged()[name].tables.items()}
    assert "coherence" not in shown and judged().coherence.empty


def test_judged_run__of_a_city_and_its_province_sets_them_side_by_side() -> None:
    names = ("jiangxi/baseline", "jingdezhen/baseline")
    table = simengine.judge_scenarios(names).coherence
    assert set(zip(table["parent"], table["children"], strict=True)) == {("jiangxi", "jingdezhen")}
    assert printed("check", *names)["coherence"] == plain(table)


def test_judged_run__takes_names_files_and_scenarios() -> None:
    scenario = load_scenario(NAMES[0])
    for given in (NAMES[0], scenario, [scenario], (name for name in NAMES[:1])):
        found = simengine.judge_scenarios(given, threads=1)
        assert found.scenarios[0].key == NAMES[0] and found.threads == 1
        assert found[NAMES[0]].projection.equals(judged()[NAMES[0]].projection)


def test_judged_run__computes_nothing_that_is_not_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    found = simengine.judge_scenarios(NAMES[0])[NAMES[0]]

    def forbidden(*_: object) -> None:
        raise AssertionError("computed without being asked for")

    for name in ("factor_table", "gap_table", "exhaustion_table", "branch_table", "run_checks", "check_targets"):
        monkeypatch.setattr(judged_run, name, forbidden)
    assert len(found.plausibility) and found.plausibility is found.plausibility
    with pytest.raises(AssertionError):
        found.gap  # noqa: B018


def test_judged_run__refuses_verdicts_where_an_identity_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    found = simengine.judge_scenarios(NAMES)
    own = judged().identities.copy()
    own.loc[(own["scenario"] == NAMES[0]) & (own["check"] == "funds"), "ok"] = False
    monkeypatch.setattr(judged_run, "run_checks", lambda result: own)
    with pytest.raises(IdentityError, match=r"haiyan/baseline: 1 identities do not hold: funds"):
        found[NAMES[0]].verdicts  # noqa: B018
    assert list(found.failed["check"]) == ["funds"]
    assert found[NAMES[1]].verdicts == judged()[NAMES[1]].verdicts


def test_judged_run__names_the_inputs_by_the_digests_of_law_and_bases() -> None:
    inputs = judged()[NAMES[0]].inputs
    assert inputs["bases"] == {"haiyan-2020": load_basis("haiyan-2020").digest()}
    assert inputs["law"] == judged().results[NAMES[0]].law.digest()


def test_judged_run__knows_each_scenario_once() -> None:
    with pytest.raises(ScenarioError, match='two scenarios are called "haiyan/baseline"'):
        simengine.judge_scenarios([NAMES[0], NAMES[0]])
    with pytest.raises(ScenarioError, match=r'no results of a scenario "haiyan/base".*haiyan/baseline'):
        judged()["haiyan/base"]


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_list__names_every_indicator(lang: str) -> None:
    shown = printed("list", "--lang", lang)["indicators"]
    assert shown == {
        name: f"{getattr(entry, lang)} [{in_words(entry.unit, lang)}]" for name, entry in registry().items()
    }
    assert "award_years" in shown
