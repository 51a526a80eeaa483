"""The README's figures are those its own commands print."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from simengine.cli import main as cli
from simengine.cli import session

README = Path(__file__).parents[2] / "README.md"
BLOCK = re.compile(r"<!-- (simengine [^>]*?) -->\n(.*?)<!-- end -->", re.S)


def text() -> str:
    return README.read_text(encoding="utf-8")


@pytest.mark.parametrize("command", [found[1] for found in BLOCK.finditer(text())])
def test_a_table_of_the_readme_is_what_its_command_prints(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    shown = next(found[2] for found in BLOCK.finditer(text()) if found[1] == command)
    session.begin("en")
    assert cli.execute(command.split()[1:]) == cli.DONE
    printed = capsys.readouterr().out
    assert shown == printed, f"README.md is out of date; replace the table by what this prints:\n\n    {command}\n"


def test_the_readme_states_the_command_of_its_table() -> None:
    commands = [found[1] for found in BLOCK.finditer(text())]
    assert commands == ["simengine targets jiangxi/baseline --markdown"]
    outside = BLOCK.sub("", text())
    for command in commands:
        assert f"`{command}`" in outside


def test_every_file_the_readme_links_to_is_there() -> None:
    links = re.findall(r"\]\(([^)#]+)\)", text())
    assert len(links) >= 8
    for link in links:
        assert (README.parent / link).exists(), link
