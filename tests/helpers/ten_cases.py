"""The script of ten cases typed from the help alone: read from its page, run, and printed again.

`python -m tests.helpers.ten_cases` writes the page anew after a change of what a case prints.
"""

from __future__ import annotations

import contextlib
import io
import os
import re
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

from simengine.cli import main as cli

PAGE = Path(__file__).parents[1] / "worked" / "ten_cases.md"
WIDTH = "120"
LANGUAGES = ("en", "zh")

BLOCK = re.compile(r"## (?P<kind>\w+)\n\n```yaml\n(?P<case>.*?)```\n(?P<printed>(?:\n```text\n.*?```\n)*)", re.DOTALL)
PRINTED = re.compile(r"```text\n\$ simengine case \w+\.yaml --lang (?P<lang>\w+)\n(?P<text>.*?)```", re.DOTALL)


@dataclass(frozen=True)
class Typed:
    """One case of the page: what was typed, and what was printed by language."""

    kind: str
    case: str
    printed: dict[str, str] = field(default_factory=dict)


def typed() -> list[Typed]:
    """Every case of the page."""
    page = PAGE.read_text(encoding="utf-8")
    return [
        Typed(found["kind"], found["case"], {each["lang"]: each["text"] for each in PRINTED.finditer(found["printed"])})
        for found in BLOCK.finditer(page)
    ]


def run(case: Typed, lang: str, folder: Path) -> tuple[int, str]:
    """Exit code and what one case prints, in a folder of its own."""
    before, width = Path.cwd(), os.environ.get("COLUMNS")
    (folder / f"{case.kind}.yaml").write_text(case.case, encoding="utf-8")
    os.chdir(folder)
    os.environ["COLUMNS"] = WIDTH
    said = io.StringIO()
    try:
        with contextlib.redirect_stdout(said):
            code = cli.execute(["case", f"{case.kind}.yaml", "--lang", lang])
    finally:
        os.chdir(before)
        os.environ.pop("COLUMNS")
        if width is not None:
            os.environ["COLUMNS"] = width
    return code, said.getvalue()


def page_of(cases: list[Typed]) -> str:
    """The page with what every case prints now."""
    head = PAGE.read_text(encoding="utf-8").partition("\n## ")[0].rstrip()
    parts = [head]
    with TemporaryDirectory() as folder:
        for case in cases:
            blocks = [f"## {case.kind}\n\n```yaml\n{case.case}```"]
            for lang in LANGUAGES:
                _, text = run(case, lang, Path(folder))
                blocks.append(f"```text\n$ simengine case {case.kind}.yaml --lang {lang}\n{text}```")
            parts.append("\n\n".join(blocks))
    return "\n\n".join(parts) + "\n"


if __name__ == "__main__":
    PAGE.write_text(page_of(typed()), encoding="utf-8")
