"""Tables of the notes beside the code, read for the tests that assert every printed number."""

from __future__ import annotations

import re
from pathlib import Path

NOTES = Path(__file__).parents[2] / "simengine" / "notes"


def note_text(note: str) -> str:
    """Text of one note."""
    return (NOTES / f"{note}.md").read_text(encoding="utf-8")


def note_tables(note: str, heading: str) -> list[list[dict[str, str]]]:
    """All tables under one numbered heading ("4.2" or "3."), each a list of {column: cell}."""
    section = re.split(rf"\n#+ {re.escape(heading)}[ .]", note_text(note), maxsplit=1)[1]
    section = re.split(r"\n#+ ", section, maxsplit=1)[0]
    tables: list[list[dict[str, str]]] = []
    lines = section.splitlines()
    for number, line in enumerate(lines):
        if re.fullmatch(r"\|[-| ]+\|", line):
            columns = cells_of(lines[number - 1])
            rows = []
            for row in lines[number + 1 :]:
                if not row.startswith("|"):
                    break
                rows.append(dict(zip(columns, cells_of(row), strict=True)))
            tables.append(rows)
    assert tables, f"{note}.md has no table under {heading}"
    return tables


def cells_of(line: str) -> list[str]:
    """Cells of one table line, without code quotes."""
    return [cell.strip().strip("`") for cell in line.strip().strip("|").split("|")]


def number_of(text: str) -> float:
    """The number a cell prints; thousands are set off by commas."""
    return float(text.replace(",", ""))


def assert_printed(text: str, value: float, what: str) -> None:
    """`value` rounds to the printed number: half a unit of the last decimal printed."""
    digits = text.replace(",", "")
    decimals = len(digits.split(".")[1]) if "." in digits else 0
    allowed = 0.5 * 10.0**-decimals * (1.0 + 1e-6)
    assert abs(value - float(digits)) <= allowed, f"{what}: the note prints {text}, the kernel gives {value!r}"


def assert_rows(rows: list[dict[str, str]], values: dict[str, float], column: str = "value") -> None:
    """Every row of a table, by its first column, has a value from the kernel; none is left over on either side."""
    name = next(iter(rows[0]))
    assert [row[name] for row in rows] == list(values), "rows of the note and values asserted differ"
    for row in rows:
        assert_printed(row[column], values[row[name]], row[name])


def pitfalls_named(note: str) -> set[str]:
    """Tests that a note names as its pitfalls; those of its table of flows stand apart."""
    return set(re.findall(r"`(test_\w+__\w+)`", note_text(note).partition(". Flows\n")[0]))
