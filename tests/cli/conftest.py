"""What tests of the command line share: a short scenario of Haiyan with two rows of its own, and its results."""

from __future__ import annotations

import contextlib
import io
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from simengine.cli import main as cli
from simengine.cli import session

OPTION = "extends: haiyan/baseline\nyears: [2021, 2026]\ntargets: [./rows.yaml]\n"
ROWS = """\
- {id: R1, region: haiyan, record_kind: target, indicator: ui_participants, unit: 万人,
   name: {en: Insured, local: 参保}, target: {year: 2025, operator: ">=", printed: "5", decimals: 0}, source: {text: t}}
- {id: R2, region: haiyan, record_kind: target, indicator: ui_participants, unit: 万人,
   name: {en: "=Insured", local: 参保}, target: {year: 2025, operator: ">=", printed: "30.25", decimals: 2},
   source: {text: t}}
"""


@dataclass(frozen=True)
class Ran:
    """Results of ``option.yaml`` in ``folder/out/option``, and what the run printed."""

    folder: Path
    said: str

    def copy(self, place: Path) -> Path:
        """The results of the scenario in ``out/option`` of another folder."""
        shutil.copytree(self.folder / "out" / "option", place / "out" / "option")
        return place / "out" / "option"


def write_option(folder: Path) -> None:
    """The scenario and its rows."""
    (folder / "option.yaml").write_text(OPTION, encoding="utf-8")
    (folder / "rows.yaml").write_text(ROWS, encoding="utf-8")


@pytest.fixture(scope="session")
def ran(tmp_path_factory: pytest.TempPathFactory) -> Ran:
    """The short run, made once."""
    folder, said = tmp_path_factory.mktemp("ran"), io.StringIO()
    write_option(folder)
    with pytest.MonkeyPatch.context() as patch, contextlib.redirect_stdout(said):
        patch.chdir(folder)
        patch.setenv("COLUMNS", "160")
        session.begin("en")
        assert cli.execute(["run", "option.yaml", "--threads", "1"]) == cli.DONE
    return Ran(folder, said.getvalue())


@pytest.fixture
def here(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Path]:
    """An own folder with the scenario and its rows; the session speaks English before and after."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "160")
    write_option(tmp_path)
    session.begin("en")
    yield tmp_path
    session.begin("en")
