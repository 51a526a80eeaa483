"""The table of the nation in notes/solve.md, made from the engine; run as a module it writes it into the page.

python -m tests.helpers.solve_table
"""

from __future__ import annotations

from pathlib import Path

import simengine
from simengine.decide.solve import Solution
from simengine.report.tables.solved import figure_text, goal_text

PAGE = Path(__file__).parents[2] / "simengine" / "notes" / "solve.md"
MARKS = ("<!-- table of china/baseline -->\n", "<!-- end -->")
LEVER = "pension/rate_employer=16%..60%!"
GOALS = (*("fund_ratio=1@2060", "fund_ratio=2@2060", "fund_ratio=5@2060", "no_deficit=2060", "constant_ratio=20@2060"),)
STARTS = (2028, 2033)


def solution() -> Solution:
    """Five goals by two first years."""
    return simengine.solve("china/baseline", lever=LEVER, goal=GOALS, start=STARTS, closures=False)


def table(found: Solution) -> str:
    """The text between the marks."""
    lines = ["| goal | " + " | ".join(f"from {year}" for year in STARTS) + " |", "|---|" + "---|" * len(STARTS)]
    for goal in found.goals:
        rows = found.answers[found.answers["goal"] == goal.text].to_dict("records")
        cells = []
        for row in rows:
            value = "none" if row["status"] == "none" else found.levers[0].shown(row["value"])
            cells.append(f"{value} ({figure_text(goal, row, row['reached'], 'en', unit=False)})")
        lines.append(f"| {goal_text(found, goal, 'en')} | {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"


def kept() -> str:
    """What stands between the marks of the page."""
    return PAGE.read_text(encoding="utf-8").split(MARKS[0], 1)[1].split(MARKS[1], 1)[0]


def main() -> None:
    """Write the table into the page."""
    text = PAGE.read_text(encoding="utf-8")
    head, rest = text.split(MARKS[0], 1)
    PAGE.write_text(head + MARKS[0] + table(solution()) + MARKS[1] + rest.split(MARKS[1], 1)[1], encoding="utf-8")


if __name__ == "__main__":
    main()
