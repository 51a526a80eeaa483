"""Notebooks are text without outputs, and run from top to bottom in a fresh kernel."""

from __future__ import annotations

import re
import tempfile
from pathlib import Path
from typing import Any

import jupytext
import pytest
from nbclient import NotebookClient

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "notebooks"
NOTEBOOKS = sorted(FOLDER.glob("*.md"))
TIMEOUT = 900
"""Seconds a single cell may take: the first projection on a machine compiles every kernel."""

PICTURES = {"01_first_projection": 5, "02_xuzhou_unemployment": 2, "03_mid_term_review": 1, "04_nine_months": 2}
"""Pictures each notebook has to show."""


def test_notebooks__each_is_listed_with_what_it_shows() -> None:
    assert [path.stem for path in NOTEBOOKS] == sorted(PICTURES)


def test_notebooks__are_stored_as_text_alone() -> None:
    stored = [path.name for path in FOLDER.iterdir() if not path.name.startswith(".")]
    assert sorted(stored) == [path.name for path in NOTEBOOKS]


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_notebook__tells_a_story_without_stored_outputs(path: Path) -> None:
    notebook = jupytext.read(path)
    assert notebook.metadata["kernelspec"]["name"] == "python3"
    assert notebook.cells[0].cell_type == "markdown" and notebook.cells[0].source.startswith("# ")
    for cell in notebook.cells:
        assert not cell.get("outputs") and cell.get("execution_count") is None
    code = [cell.source for cell in notebook.cells if cell.cell_type == "code"]
    said = " ".join(cell.source for cell in notebook.cells if cell.cell_type == "markdown")
    assert len(code) >= 5 and len(said.split()) >= 15 * len(code)
    assert "not a forecast" in said
    again = re.sub(r"\n +jupytext_version: .*", "", jupytext.writes(notebook, fmt="md:myst"))
    assert again.strip() == path.read_text(encoding="utf-8").strip(), "jupytext would store it differently"


@pytest.mark.slow
@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_notebook__runs_and_shows_its_pictures(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    monkeypatch.setenv("MPLBACKEND", "module://matplotlib_inline.backend_inline")
    notebook = jupytext.read(path)
    with tempfile.TemporaryDirectory() as place:
        client = NotebookClient(
            notebook, timeout=TIMEOUT, kernel_name="python3", resources={"metadata": {"path": place}}
        )
        client.execute()
        assert list(Path(place).iterdir()) == []
    outputs: list[Any] = [output for cell in notebook.cells for output in cell.get("outputs", ())]
    assert [output.text for output in outputs if output.get("name") == "stderr"] == []
    pictures = [output for output in outputs if "image/png" in output.get("data", {})]
    assert len(pictures) == PICTURES[path.stem]
    text = "\n".join(output.get("text", "") for output in outputs)
    assert re.search(r"\{'met': \d+, 'missed': \d+\}", text)
