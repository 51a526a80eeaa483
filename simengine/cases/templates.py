"""Files to start from: a commented case of every kind, and a table of persons."""

from __future__ import annotations

import csv
import io
import re
from pathlib import Path

from simengine.cases.table_columns import template_rows
from simengine.common.messages import Language

TABLE = "award"
"""Kind whose template is a table."""


def case_file() -> str:
    """The whole commented case file."""
    return (Path(__file__).parents[1] / "templates" / "case.yaml").read_text(encoding="utf-8")


def templates() -> list[str]:
    """Names of the templates: a table for awards, a case for every other kind, and one case of an award."""
    return [TABLE, "award_case", *(name for name in _cases() if name != TABLE)]


def template_text(name: str, lang: Language = "en") -> str:
    """One template: the table as CSV, or the case of a kind as it stands in the whole file."""
    if name == TABLE:
        return table_text(lang)
    return _cases()[TABLE if name == "award_case" else name]


def _cases() -> dict[str, str]:
    """Cases of the whole file by kind, each as a file of its own."""
    parts = re.split(r"(?m)^(?=  # -- )", case_file())[1:]
    found: dict[str, str] = {}
    for part in parts:
        kind = re.search(r"(?m)^  - kind: (\w+)", part)
        if kind is not None:
            found[kind[1]] = "cases:\n" + part.rstrip() + "\n"
    return found


def table_text(lang: Language = "en") -> str:
    """Header, units and an example row as CSV; with a byte order mark for spreadsheets."""
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(template_rows(lang))
    return "\ufeff" + text.getvalue()
