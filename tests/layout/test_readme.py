"""The README's figures are those its own commands print."""

from __future__ import annotations

import re
from pathlib import Path

from simengine.checks.target_files import read_targets
from simengine.checks.targets import check_targets
from simengine.project import project
from simengine.scenario import load_scenario

README = Path(__file__).parents[2] / "README.md"
HEADER = "| row | target | year | plan | projected | verdict | first met |\n|---|---|---|---|---|---|---|\n"


def verdict_rows(name: str) -> str:
    """Judged rows of one scenario's plan as a table: duplicates and rows of other verdicts are left out."""
    scenario = load_scenario(name)
    result = project(scenario)
    targets = read_targets(list(scenario.target_files.values()))
    verdicts = check_targets(result.dataset, targets, backcast=result.histories)
    lines = []
    for verdict in verdicts:
        if verdict.verdict in ("met", "missed") and not verdict.duplicate_of and "superseded" not in verdict.flags:
            lines.append(
                f"| {verdict.id} | {verdict.name_en} | {verdict.year} "
                f"| {verdict.operator} {verdict.printed} {verdict.unit} | {verdict.projected_text} "
                f"| {verdict.verdict} | {verdict.first_year_met or '-'} |\n"
            )
    return "".join(lines)


def block(text: str, name: str) -> str:
    """What stands between the markers of one scenario's table."""
    match = re.search(rf"<!-- verdicts {name} -->\n(.*?)<!-- end -->", text, re.S)
    assert match is not None
    return match[1]


def test_the_verdict_table_is_what_the_engine_says() -> None:
    name = "jiangxi/baseline"
    assert block(README.read_text(encoding="utf-8"), name) == HEADER + verdict_rows(name)


def test_every_file_the_readme_links_to_is_there() -> None:
    links = re.findall(r"\]\(([^)#]+)\)", README.read_text(encoding="utf-8"))
    assert len(links) >= 8
    for link in links:
        assert (README.parent / link).exists(), link
