"""Tables of actuals as a bureau writes them, and scenarios with them."""

from __future__ import annotations

from pathlib import Path

from simengine.engine.what_if import what_if
from simengine.scenario.scenario import Scenario

HEAD = "item,area,unit,{years},source,evidence,checked,use"


def table(folder: Path, years: str, *rows: str, name: str = "own") -> Path:
    """A CSV of actuals: columns of the years, and rows ``item,area,unit,values...,source,evidence,checked,use``."""
    path = folder / f"{name}.csv"
    path.write_text("\n".join([HEAD.format(years=years), *rows]) + "\n", encoding="utf-8")
    return path


def scenario_with(base: str, folder: Path, years: str, *rows: str, text: str = "") -> Scenario:
    """A scenario over a packaged one, with a table of actuals and further lines of its file."""
    path = table(folder, years, *rows)
    file = folder / "mine.yaml"
    file.write_text(f"extends: {base}\n{text}", encoding="utf-8")
    return what_if(file, actuals=[path])
