"""notes/closures.md: every cell of the worked example, and the tables of the nation."""

from __future__ import annotations

import math
from typing import Any

import pytest

from simengine.judge.closures.table import range_of
from simengine.scenario.closures import read_closures
from tests.helpers.closure_tables import MARKS, PAGE, of_the_engine, tables
from tests.helpers.note_tables import note_tables


def value_of(cell: str) -> float:
    return math.nan if cell == "never" else float(cell)


def cell_of(value: Any) -> str:
    """A value as the example prints it; nothing moved by nobody is ``-``."""
    if isinstance(value, str):
        return value or "-"
    return "never" if value != value else f"{value:.0f}"


def test_example__every_cell_of_the_ranges_follows_from_the_values() -> None:
    given, told = note_tables("closures", "4.")
    assert len(given) == len(told) == 3
    for values, printed in zip(given, told, strict=True):
        name = next(iter(values.values()))
        rows = []
        for column, cell in list(values.items())[1:]:
            closure, _, variant = column.partition(": ")
            rows.append({"closure": closure, "variant": variant or closure, "value": value_of(cell)})
        found = range_of(rows)
        by = {key: found[key].replace(":", ": ") for key in ("low_by", "high_by")}
        cells = [found["low"], by["low_by"], found["high"], by["high_by"], found["moved_most_by"], found["most"]]
        assert [name, *map(cell_of, cells)] == list(printed.values()), name


def test_sources__every_closure_is_named() -> None:
    named = " ".join(row["item"] for row in note_tables("closures", "7.")[0])
    words = {
        "coverage_pressure": "pressure of entry", "award_factor": "level of new pensions", "subsidy": "subsidy",
        "indexation_mix": "yearly increase", "early_leaving": "early leaving", "account_interest": "account interest",
        "subsidy_months": "subsidy up to",
        "fund_return": "return", "pool": "national pool",
    }  # fmt: skip
    assert set(words) == set(read_closures().content.closures)
    assert all(word in named for word in words.values())


def test_tables__name_every_scenario_of_the_nations_set() -> None:
    found = note_tables("closures", "5.")
    content = read_closures().content
    alone = [
        f"{key}: {variant}" for key, entry in content.closures.items() if entry.where == "everywhere"
        for variant in entry.variants
    ]  # fmt: skip
    assert [row["moved"] for row in found[0]] == ["baseline", *alone, *content.extremes]
    assert [next(iter(part)).partition(":")[0] for part in (table[0] for table in found[1:])] == list(content.extremes)


def test_tables__the_parts_add_up_to_the_extreme() -> None:
    """Sum of the parts, pairs and all else make the extreme, as printed: half a hundredth for each line added."""
    for table in note_tables("closures", "5.")[1:]:
        for column in ("unaided 2050", "own 2050"):
            names = [next(iter(row.values())) for row in table]
            values = [float(row[column]) for row in table]
            place = names.index("sum of the parts")
            assert values[place] == pytest.approx(sum(values[:place]), abs=0.005 * (place + 1))
            rest = values[place:-1]
            assert values[-1] == pytest.approx(sum(rest), abs=0.005 * (len(rest) + 1))


@pytest.mark.release
def test_tables__are_those_of_this_engine() -> None:
    text = PAGE.read_text(encoding="utf-8")
    printed = text.split(MARKS[0])[1].split(MARKS[1])[0]
    assert printed == tables(*of_the_engine()), "run python -m tests.helpers.closure_tables"
