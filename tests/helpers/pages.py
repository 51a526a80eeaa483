"""Blocks of a note that a command writes: found and replaced between two marks, everything else stays."""

from __future__ import annotations

from pathlib import Path

NOTES = Path(__file__).parents[2] / "simengine" / "notes"


def block(page: str, key: str) -> str:
    """What stands in a note between the marks of a key."""
    begin, end = _marks(key)
    return (NOTES / f"{page}.md").read_text(encoding="utf-8").split(begin)[1].split(end)[0]


def write_block(page: str, key: str, body: str) -> None:
    """Put a body between the marks of a key."""
    begin, end = _marks(key)
    path = NOTES / f"{page}.md"
    before, rest = path.read_text(encoding="utf-8").split(begin)
    path.write_text(before + begin + body + end + rest.split(end, 1)[1], encoding="utf-8")


def _marks(key: str) -> tuple[str, str]:
    return f"<!-- {key} -->\n", f"<!-- end of {key} -->\n"
