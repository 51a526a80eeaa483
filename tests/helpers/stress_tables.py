"""Tables of the page on stress, made by the engine: ``python -m tests.helpers.stress_tables`` prints them."""

from __future__ import annotations

import simengine
from simengine.decide.stress.library import stresses
from simengine.report.tables.printer import markdown

BROKEN = ("jiangxi/baseline", "JX-22-03", "layoff_wave")
"""Scenario, row and stress of the example of a smallest shock."""


def library_rows() -> list[dict[str, str]]:
    """Every stress that has a record: what its size is drawn from, at printed precision."""
    rows = []
    for one in stresses().values():
        stated, record = one.content.stated, one.content.record
        if stated is None or record is None:
            continue
        five = stated.worst_five
        rows.append(
            {
                "stress": one.key,
                "unit": one.unit("en"),
                "record": f"{record.years[0]}-{record.years[1]}",
                "figures": str(stated.count),
                "mean": one.printed(stated.mean),
                "worst year": f"{one.printed(stated.worst_year[1])} ({stated.worst_year[0]})",
                "worst five": "-" if five is None else f"{one.printed(five[2])} ({five[0]}-{five[1]})",
                "size": one.printed(one.content.size),
                "sd": one.printed(stated.sd),
                "in sd": f"{one.in_sd(one.content.size):.1f}",
                "15 % of sd": one.printed(one.sensitivity or 0.0),
                "evidence": record.evidence,
            }
        )
    return rows


def broken_rows() -> list[dict[str, str]]:
    """The smallest layoff wave that misses a row of Jiangxi's plan."""
    scenario, row, stress = BROKEN
    (found,) = simengine.reverse_stress(scenario, row, stress).rows.to_dict("records")
    return [
        {
            "failure": row,
            "stress": stress,
            "smallest shock": str(found["printed"]),
            "in sd": f"{found['in_sd']:.1f}",
            "times the size": f"{found['of_library']:.2f}",
            "nearest year": str(found["nearest_year"]),
        }
    ]


def main() -> None:
    for rows in (library_rows(), broken_rows()):
        print(markdown([list(row.values()) for row in rows], list(rows[0])))


if __name__ == "__main__":
    main()
