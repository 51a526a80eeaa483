"""Kernels know no law: a number in their source is arithmetic or a grid with its reason, or it comes as an argument."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from simengine import kernels

ROOM = Path(kernels.__file__).parent
LAYOUT = "layout.py"
FILES = {path.relative_to(ROOM).as_posix(): path for path in sorted(ROOM.rglob("*.py")) if "compiler" not in path.parts}
"""Source of the kernels; `compiler` sees to compilation and holds no formula."""

ALLOWED = {
    0.0: "nothing, the first one",
    1.0: "a whole, the next one",
    2.0: "both sexes, both schemes, a quadratic mean",
    0.5: "half: what is spread evenly lasts half of its span on average",
    12.0: "months of a year",
}
"""Numbers that are no law anywhere."""

BINS = "bins of a vector, by which a reduction over the 48 bins of a row is written out"
COLUMNS = "columns of a table of cases"
HAIR = "hair below which a half or a whole is taken for one"
OTHERS = {
    **{("members/rows.py", number): BINS for number in (3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 16.0, 24.0, 32.0, 40.0)},
    **{("cases.py", number): COLUMNS for number in (8.0, 9.0, 12.0, 15.0)},
    ("branches/unemployment.py", 3.0): "position of the benefits among the monthly results",
    ("rules/rounding.py", 100.0): "fen of one yuan",
    ("rules/rounding.py", 10.0): "jiao of one yuan",
    ("rules/rounding.py", 6.0): "codes of rounding",
    ("rules/rounding.py", 10_000.0): "four decimals",
    ("rules/rounding.py", 1e-9): HAIR,
    ("rules/rounding.py", 1e-13): HAIR,
}
"""Other numbers, by file, and why they stand there."""

GRID = {
    "axes and their ends": "AGES FIRST_AGE WORKING_AGES CAREERS STATUSES BINS ROW LADDER MONTHS PAID_YEAR_CLASSES "
    "RISK_CLASSES MOMENTS PAID_MOMENTS MOST_YEARS PENSIONER_ITEMS INVALID_ITEMS RESIDENT_ITEMS BENEFICIARY_ITEMS "
    "ANNUITANT_ITEMS FUNDS ACCOUNTS LEDGER_ITEMS RETIREMENT_ITEMS RETIREMENT_COUNTS WAYS ROW_ITEMS BIN_ITEMS "
    "INVALID_BRANCHES CAMPAIGN_STATUSES CAMPAIGN_SOURCES FIRST_BIRTH_AGE BIRTH_AGES BENDS BENDS_MOST",
    "grids on which the compilation writes tables": "FLOAT_STEP FLOAT_POINTS FLOAT_LEVELS FLOAT_BASE GAIN_FIRST "
    "GAIN_STEP GAIN_POINTS",
    "memory": "WIDTH CACHE_LINE LEAD",
    "what is too small or too many to count": "LEAST_SERVICE LEAST_SUM NO_HEADS NO_PART MOST_ROUNDS",
    "bounds of a pressure, -3 and 3": "LEAST_ODDS MOST_ODDS",
    "known years that count, and in how many a mean takes over": "KEPT_YEARS LEAST_OF_MEAN SETTLING_YEARS",
    "parts of a cell, so that none is emptied": "MOST_OF_CELL MOST_OF_POOL MOST_GROWTH",
    "definitions of statistics": "SENIOR_AGE NEAR_MINIMUM",
    "half of the months of a year": "HALF_YEAR",
    "assumptions on how groups behave, without a band": "ENTRY_FADE CAREER_START DEEMED_ENTRY_AGE ADMITTED_SERVICE "
    "LIKE_OWN LEAST_OTHER_MORTALITY",
}
"""Numbers that the layout names, by reason; positions that count on from zero need none."""


def is_number(node: ast.AST) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, int | float) and not isinstance(node.value, bool)


def literals(source: str) -> Iterator[tuple[int, float]]:
    """Line and value of every number in a source; docstrings and texts hold none."""
    for node in ast.walk(ast.parse(source)):
        if is_number(node):
            yield node.lineno, float(node.value)  # type: ignore[attr-defined]


def named_numbers(source: str) -> dict[str, float]:
    """Names that a source gives a number at its first level, alone or in a row."""
    found: dict[str, float] = {}
    for node in ast.parse(source).body:
        if not isinstance(node, ast.Assign) or len(node.targets) != 1:
            continue
        target, value = node.targets[0], node.value
        names = target.elts if isinstance(target, ast.Tuple) else [target]
        values = value.elts if isinstance(value, ast.Tuple) else [value]
        if len(names) == len(values):
            pairs = zip(names, values, strict=True)
            found |= {name.id: float(one.value) for name, one in pairs if is_number(one)}  # type: ignore[attr-defined]
    return found


def positions(source: str) -> set[str]:
    """Names of rows of numbers that count on from zero or one: positions, not sizes."""
    found: set[str] = set()
    for node in ast.parse(source).body:
        if (
            isinstance(node, ast.Assign)
            and isinstance(node.value, ast.Tuple)
            and isinstance(node.targets[0], ast.Tuple)
        ):
            values = [one.value for one in node.value.elts if is_number(one)]  # type: ignore[attr-defined]
            if values in (list(range(len(values))), list(range(1, len(values) + 1))):
                found |= {name.id for name in node.targets[0].elts}  # type: ignore[attr-defined]
    return found


@pytest.mark.parametrize("file", sorted(FILES.keys() - {LAYOUT}))
def test_kernel__holds_no_number_but_arithmetic(file: str) -> None:
    known = ALLOWED.keys() | {number for name, number in OTHERS if name == file}
    found = {
        (line, number) for line, number in literals(FILES[file].read_text(encoding="utf-8")) if number not in known
    }
    assert not found, (
        f"{file}: a number of the law is a series or table of the registry, another one stands here with its reason"
    )


def test_other_numbers__are_still_there() -> None:
    found = {(file, number) for file, path in FILES.items() for _, number in literals(path.read_text(encoding="utf-8"))}
    assert set(OTHERS) <= found


def test_layout__names_grids_and_says_why() -> None:
    source = FILES[LAYOUT].read_text(encoding="utf-8")
    listed = " ".join(GRID.values()).split()
    assert sorted(listed) == sorted(named_numbers(source).keys() - positions(source))


@pytest.mark.parametrize("law", ["if age >= 63:\n    pass", "RATE = 0.08", "x = months / 139.0", "def f(age=60): ..."])
def test_scan__finds_a_number_of_the_law(law: str) -> None:
    assert [number for _, number in literals(law) if number not in ALLOWED]
