"""Tables of people that a lever brings: every cell once, values that can be meant, errors with file and line."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from simengine.basis.basis import load_basis
from simengine.basis.people import EXAMPLES, people_at, people_table
from simengine.common.errors import BasisError, localised
from simengine.common.resources import bases_root

NATION = bases_root() / "china-2020"
Rows = list[list[str]]


def rows_of(name: str) -> Rows:
    """The nation's own table, its columns of 2021 and 2022 alone."""
    lines = [line.split(",") for line in (NATION / f"{name}.csv").read_text(encoding="utf-8").splitlines()]
    kept = [place for place, cell in enumerate(lines[0]) if not cell.isdigit() or cell in ("2021", "2022")]
    return [[line[place] for place in kept] for line in lines]


def raw(rows: Rows) -> bytes:
    return "".join(",".join(row) + "\n" for row in rows).encode()


@pytest.mark.parametrize("name", ["fertility", "death_prob", "net_migration"])
def test_table_of_the_nation__is_a_table_of_people(name: str) -> None:
    whole = (NATION / f"{name}.csv").read_bytes()
    years = np.arange(2021, 2031)
    own = load_basis("china-2020")
    known = {
        "fertility": own.fertility(years, known_until=2020),  # without the levels of known births
        "net_migration": own.net_migration(years),
        "death_prob": own.knots("death_prob", years, log=True),
    }
    values = people_at(people_table(name, Path("x.csv"), whole), years)
    assert np.array_equal(values, known[name])


def test_mark_of_utf_8_and_windows_lines__are_read() -> None:
    plain = raw(rows_of("fertility"))
    marked = people_table("fertility", Path("x.csv"), b"\xef\xbb\xbf" + plain.replace(b"\n", b"\r\n"))
    years = np.array([2021, 2022])
    assert np.array_equal(people_at(marked, years), people_at(people_table("fertility", Path("x.csv"), plain), years))


def cell(row: int, column: int, value: str) -> Callable[[Rows], None]:
    def change(rows: Rows) -> None:
        rows[row][column] = value

    return change


@pytest.mark.parametrize(
    ("name", "change", "code", "line"),
    [
        ("fertility", cell(0, 0, "sex"), "table_columns", ", line 1"),
        ("fertility", cell(1, 0, "14"), "table_cell_wrong", ", line 2"),
        ("fertility", cell(2, 0, "15"), "table_cell_wrong", ", line 3"),
        ("fertility", lambda rows: rows.pop(), "table_cell_missing", ""),
        ("fertility", cell(5, 2, "103.5"), "table_births", ", line 6"),
        ("fertility", cell(5, 1, "-0.1"), "table_negative", ", line 6"),
        ("fertility", cell(0, 1, "2022"), "table_columns_twice", ", line 1"),
        ("death_prob", cell(3, 0, "men"), "table_cell_wrong", ", line 4"),
        ("death_prob", lambda rows: rows.pop(7), "table_cell_missing", ""),
        ("death_prob", cell(9, 2, "8.1"), "table_probability", ", line 10"),
        ("death_prob", cell(9, 2, "0"), "table_probability", ", line 10"),
        ("net_migration", cell(9, 2, "many"), "table_number", ", line 10"),
        ("net_migration", lambda rows: rows.pop(7), "table_cell_missing", ""),
    ],
)
def test_wrong_table__is_refused_where_it_is_wrong(
    name: str, change: Callable[[Rows], None], code: str, line: str
) -> None:
    rows = rows_of(name)
    change(rows)
    with pytest.raises(BasisError) as caught:
        people_table(name, Path("x.csv"), raw(rows))
    assert (caught.value.code, caught.value.where) == (code, f"x.csv{line}")
    assert localised(caught.value, "zh") != str(caught.value)


PLAIN = "age,2025\n15,0.0004\n"


@pytest.mark.parametrize(
    ("name", "content", "code", "line"),
    [
        ("fertility", b"", "people_empty", ""),
        ("fertility", b"\xef\xbb\xbf\n \n", "people_empty", ""),
        ("death_prob", b"sex,age,2025\n", "people_empty", ""),
        ("fertility", PLAIN.encode("utf-16"), "people_encoding", ""),
        ("fertility", PLAIN.encode("utf-16-le"), "people_encoding", ""),
        ("net_migration", "sex,age,2025\n男,0,1\n".encode("gbk"), "people_encoding", ""),
        ("fertility", PLAIN.replace(",", ";").encode(), "people_separator", ", line 1"),
        ("fertility", b"age;2025\n15;0,0004\n", "people_separator", ", line 1"),
        ("death_prob", b"sex\tage\t2025\nmale\t0\t0.005\n", "people_separator", ", line 1"),
        ("fertility", PLAIN.replace(",", "，").encode(), "people_separator", ", line 1"),
        ("fertility", PLAIN.replace(",", "；").encode(), "people_separator", ", line 1"),
        ("fertility", b"age,births\n15,0.0004\n", "people_years", ", line 1"),
        ("death_prob", b'sex,age,2025\n"male,0,0.005\n', "people_form", ""),
    ],
)
def test_file_that_is_no_table__is_told_what_it_should_look_like(
    name: str, content: bytes, code: str, line: str
) -> None:
    with pytest.raises(BasisError) as caught:
        people_table(name, Path("x.csv"), content)
    error = caught.value
    assert (error.code, error.where) == (code, f"x.csv{line}")
    for said in (localised(error, "en"), localised(error, "zh")):
        assert EXAMPLES[name] in said
        assert "simengine_calibration" not in said


@pytest.mark.parametrize("name", EXAMPLES)
def test_example_of_a_table__has_its_columns(name: str) -> None:
    head, row = (line.split(",") for line in EXAMPLES[name].split(" / "))
    kept = rows_of(name)
    assert [cell for cell in head if not cell.isdigit()] == [cell for cell in kept[0] if not cell.isdigit()]
    assert len(head) == len(row) and row[: len(head) - 2] == kept[1][: len(head) - 2]
