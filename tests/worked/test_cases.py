"""All worked examples of the scheme rules as case files: to the cent, the month, the person."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from simengine.cases import Case, compute, load_cases
from simengine.cases.expected import agrees, checks_of

HERE = Path(__file__).parent
CASES: list[Case] = [case for path in sorted(HERE.glob("cases_*.yaml")) for case in load_cases(path)]

FIGURES = {
    "": 2 + 87 + 29,  # beyond the scheme page: price subsidy, cases_award_forms.yaml, cases_places.yaml
    **{"P1": 8, "P2": 10, "P3": 10, "P4": 10, "P5": 5, "P6": 7, "P7": 7, "P8": 5},
    **{"R1": 8, "R2": 8, "R3": 9},
    **{"C1": 2, "C2": 1, "C3": 3, "C4": 4, "C5": 4},
    **{"D1": 8, "D2": 2, "D3": 3, "D4": 2},
    **{"U1": 6, "U2": 1, "U3": 1, "U4": 2, "U5": 8, "U6": 3},
    **{"U7": 7, "U8": 9, "U9": 4, "U10": 7, "U11": 9, "U12": 7},
    **{"I1": 3, "I2": 3, "I3": 5, "I4": 5, "I5": 2, "I6": 1, "I7": 6},
    **{"A1": 2, "A2": 1, "A3": 4, "A4": 3},
}
"""Figures of each worked example, counted by hand in its files."""


def names(case: Case) -> str:
    return case.name


@pytest.mark.parametrize("case", CASES, ids=names)
def test_worked_example(case: Case) -> None:
    checks = checks_of(compute(case))
    assert checks
    assert [check for check in checks if not check.agrees] == []


def test_no_worked_example_is_missing() -> None:
    counted: Counter[str] = Counter()
    for case in CASES:
        counted[case.content.example] += len(case.content.expected)
    assert dict(counted) == FIGURES
    assert len({case.name for case in CASES}) == len(CASES)


def test_expected_values_can_disagree() -> None:
    assert not agrees(1780.26, 1780.27)
    assert not agrees("4311.5", 4311.56)
    assert not agrees("2028-01", "2028-02")
    assert not agrees(1, True)
    assert agrees("1.0500", 1.05004)
    assert agrees(None, None)
