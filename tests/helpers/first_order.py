"""First-order rules: those the pages name, the page that states their sizes, and the comparison of a size with it."""

from __future__ import annotations

import re
from dataclasses import dataclass

from tests.helpers.note_tables import NOTES, note_text

PAGE = "first_order"
SHARE = 0.05
"""A size is stated to two digits or so: it may be off by half its last digit, or by a twentieth."""


@dataclass(frozen=True)
class Size:
    """One row of the page: the rule, its size as printed, and the test that computes it."""

    rule: str
    text: str
    test: str

    @property
    def number(self) -> float:
        """The number with which the size begins."""
        return float(self.text.split()[0].replace(",", ""))

    @property
    def digit(self) -> float:
        """One unit of the last printed digit."""
        mantissa, _, exponent = self.text.split()[0].replace(",", "").partition("e")
        return 10.0 ** (int(exponent or 0) - len(mantissa.partition(".")[2]))


def named_rules() -> set[str]:
    """Every first-order rule of the notes as `page: rule`: the points, and the rows, of the sections on them."""
    found = set()
    for path in sorted(NOTES.glob("*.md")):
        text = path.read_text(encoding="utf-8")
        if path.stem == PAGE:
            continue
        for section in re.findall(r"^## \d+\. First-order rules\n(.*?)(?=^## )", text, re.MULTILINE | re.DOTALL):
            found |= {
                f"{path.stem}: {name.strip().rstrip('.')}" for name in re.findall(r"^- \*([^*]+)\*", section, re.M)
            }
            found |= {f"{path.stem}: {row}" for row in re.findall(r"^\| ([^|]+?) \|", section, re.M) if row != "rule"}
        found |= {f"{path.stem}: {name}" for name in re.findall(r"([A-Z][\w ]+) is a first-order rule", text)}
    return {name for name in found if not name.endswith(": ---")}


def stated_sizes() -> dict[str, Size]:
    """Rows of the page by `page: rule`."""
    rows = re.findall(r"^\| (\w+: [^|]+?) \| ([^|]+?) \| [^|]+ \| `(test_\w+)` \|$", note_text(PAGE), re.MULTILINE)
    return {rule: Size(rule, text, test) for rule, text, test in rows}


def assert_size(rule: str, found: float) -> None:
    """A size is the one that the page states; the found one is printed."""
    size = stated_sizes()[rule]
    print(f"{rule}: {found:.6g} (stated: {size.text})")
    assert abs(found - size.number) <= max(0.5 * size.digit, SHARE * abs(size.number)), (rule, found, size.text)
