"""The C twin of the kernels: what the translator writes, what it refuses, and that the lane is the kernel's."""

from __future__ import annotations

import importlib.util
import shutil
import textwrap
from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np
import pytest

from benches.twin.build import FAST, Twin, compile_text, find_gcc, lane_kinds, lane_twin
from benches.twin.compare import largest_difference, prepared
from benches.twin.kinds import BOOL, FLOAT, INT, Array, Kind, OutsideSubset, Record, Several, join, overlap
from benches.twin.sources import Module, Sources, read_module
from benches.twin.translate import translate
from simengine.kernels import layout
from simengine.kernels.lane import project_lane
from simengine_bench.lanes import opened

YEARS = 10
QUICK = ("-O1", "-ffp-contract=off")
"""Flags that compile fast; the benchmark compares the digests of the optimised code."""

needs_gcc = pytest.mark.skipif(shutil.which("gcc") is None, reason="gcc is not on the PATH: nothing to compile C with")

ROWS = Array((3, 4), "rows")
VECTOR = Array((4,), "vector")
KINDS: dict[str, Kind] = {"n": INT, "k": INT, "x": FLOAT, "y": FLOAT, "flag": BOOL, "rows": ROWS, "vector": VECTOR}

Written = Callable[[str], Sources]


class Text(Sources):
    """A module written for one test."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        spec = importlib.util.spec_from_file_location("small", path)
        assert spec is not None
        assert spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        self.small = read_module(module)

    def module(self, name: str) -> Module:
        return self.small if name == "small" else super().module(name)


@pytest.fixture
def written(tmp_path: Path) -> Written:
    """A module of the test, from its text."""

    def write(text: str) -> Sources:
        path = tmp_path / "small.py"
        path.write_text(textwrap.dedent(text), encoding="utf-8")
        return Text(path)

    return write


# --- the lane ---------------------------------------------------------------------------------------------------------


@needs_gcc
def test_twin_lane__is_the_kernel() -> None:
    """Every output and the closing state, on a real lane."""
    twin = lane_twin(QUICK)
    expected = prepared(opened(), YEARS, project_lane)()
    found = prepared(opened(), YEARS, partial(twin.call, "project_lane"))()
    assert sum(array.any() for array in expected) > 20
    assert largest_difference(expected, found) <= 1e-12
    unequal = sum(not np.array_equal(one, other) for one, other in zip(expected, found, strict=True))
    print(f"{unequal} arrays of {len(expected)} differ in their last bits")


def test_twin_lane__is_translated_from_every_kernel_it_calls() -> None:
    """The structures hold every array of the groups in its place, and the stages are there under their names."""
    text = translate([("simengine.kernels.lane", "project_lane")], lane_kinds())
    for group in (layout.State, layout.Scratch, layout.LaneTables, layout.LaneOutput):
        held = text.partition(f"struct {group.__name__} {{")[2].partition("};")[0].split(";")
        assert [field.split()[1].partition("[")[0].rstrip("_") for field in held if field.strip()] == list(group.SHAPES)
    for stage in ("settle_members", "merge_arrivals", "enrol", "close_funds", "record_stocks", "step_year"):
        assert f" {stage}(" in text


# --- small functions --------------------------------------------------------------------------------------------------

SMALL = """
    import math

    BASE = 3
    HALF = 0.5

    def loops(n, rows, vector):
        vector[:] = HALF
        total = 0
        for k in range(n - 1, -1, -1):
            row = rows[k]
            for j in range(row.size):
                if j == 2:
                    continue
                vector[j] += row[j]
            total += k
        for item, value in ((0, 10.0), (BASE, 20.0)):
            rows[0, item] = value
        rows[2, :] = -1.0
        return total

    def words(x, y):
        short = min(x, y, 1.0)
        double = max(0.0, x) if x > -2.0 and not y < 0.0 else 0.0
        return short, double

    def numbers(n, x):
        short, register = words(x, 2.0)
        whole = math.floor(x)
        if 0.0 < x <= 2.5:
            whole += 10
        if (x < -1.0) | (x > 2.6) & (n == 3):
            whole -= 100
        return short + register * 100.0 + whole * 1000.0 + (n - 10) // 4 * 1.0 + n / 4

    def is_short(n, flag):
        return n < 2 and flag

    def moved(n, rows):
        place = n
        row = rows[place]
        place = 0
        row[0] = 7.0
        rows[1, 1] += taken(rows)
        return row[0] + place

    def taken(rows):
        rows[1, 1] = 100.0
        return 1.0
"""


@needs_gcc
def test_translation__computes_what_python_computes(written: Written) -> None:
    sources = written(SMALL)
    values = sources.module("small").values
    names = ("loops", "numbers", "moved")
    twin = Twin([("small", name) for name in names], KINDS, sources=sources)
    for x in (-3.7, -0.25, 0.0, 1.5, 2.5, 2.75, 1e9):
        for n in (0, 3, 9):
            assert twin.call("numbers", n, x) == values["numbers"](n, x)  # type: ignore[operator]
    for name in ("loops", "moved"):
        for n in (1, 2):
            start = np.arange(12.0).reshape(3, 4) ** 1.5
            parts = {"rows": start.copy(), "vector": np.ones(4)}
            other = {key: array.copy() for key, array in parts.items()}
            given = [n, parts["rows"], parts["vector"]][: 3 if name == "loops" else 2]
            same = [n, other["rows"], other["vector"]][: len(given)]
            assert twin.call(name, *given) == values[name](*same)  # type: ignore[operator]
            assert all(np.array_equal(parts[key], other[key]) for key in parts), name


@needs_gcc
def test_not_a_number__goes_through_min_and_max_as_in_python(written: Written) -> None:
    sources = written("def ends(x, y):\n    return max(x, y) + 10.0 * min(x, y)")
    twin = Twin([("small", "ends")], KINDS, sources=sources)
    for x, y in ((np.nan, 1.0), (1.0, np.nan), (2.0, 1.0)):
        expected = max(x, y) + 10.0 * min(x, y)
        assert np.array_equal(twin.call("ends", x, y), expected, equal_nan=True)


def test_equal_texts__are_one_function(written: Written) -> None:
    text = """
    def first(n, rows, vector):
        fill(rows[0])
        fill(vector)
        return spread(1) + spread(1.0)
    def fill(row):
        for k in range(4):
            row[k] = 0.0
    def spread(x):
        return 2.0 * x
    """
    found = translate([("small", "first")], KINDS, sources=written(text))
    assert found.count("static void fill") == 1
    assert "static double spread(long x)" in found
    assert "static double spread_2(double x)" in found


def test_restrict__only_where_no_other_argument_reaches_the_memory(written: Written) -> None:
    text = """
    def first(rows, vector):
        move(rows[0], rows[1])
        move(rows[0], vector)
    def move(one, other):
        for k in range(4):
            other[k] += one[k]
    """
    found = translate([("small", "first")], KINDS, sources=written(text))
    assert "void move(double *one, double *other)" in found
    assert "void move_2(double *restrict one, double *restrict other)" in found


REFUSED = {
    "a power": ("def f(x):\n    return x ** 2", "line 2: the operator Pow"),
    "a while loop": ("def f(x):\n    while x > 0.0:\n        x -= 1.0", "line 2: the statement While"),
    "an unknown call": ("def f(x):\n    return print(x)", "line 2: the call of `print`"),
    "an unknown function of math": ("import math\ndef f(x):\n    return math.exp(x)", "line 3: the call `math.exp`"),
    "a name of a loop that has ended": ("def f(n):\n    for i in range(n):\n        pass\n    return i", "line 4"),
    "an index from the end": ("def f(vector):\n    return vector[-1]", "the index -1 of an axis of 4"),
    "an index beyond the axis": ("def f(vector):\n    return vector[4]", "the index 4 of an axis of 4"),
    "a floating-point index": ("def f(x, vector):\n    return vector[x]", "the floating-point index `x`"),
    "a slice with limits": ("def f(vector):\n    vector[1:] = 0.0", "a slice with limits"),
    "a view as a number": ("def f(rows):\n    return rows[0] + 1.0", "`rows[0]` as a number"),
    "a string": ("def f(x):\n    y = 'a'\n    return x", "the constant 'a'"),
    "truth of a number": ("def f(x, y):\n    return x or y", "values that are not truth values"),
    "recursion": ("def f(n):\n    return f(n - 1)", "line 1: recursion of `f`"),
    "a missing argument": ("def g(x, y):\n    return x\ndef f(x):\n    return g(x)", "missing or unknown arguments"),
    "a call that writes beside a read": (
        "def f(vector):\n    return vector[0] + g(vector)\ndef g(vector):\n    vector[0] = 1.0\n    return 2.0",
        "a call that writes arrays beside another operand",
    ),
    "different results": ("def f(x):\n    if x > 0.0:\n        return 1.0, x\n    return x", "returning kinds"),
    "a view that outlives its block": (
        "def f(n, rows):\n    for i in range(n):\n        row = rows[i]\n    return row[0]",
        "line 4: the name `row`",
    ),
    "break in an unrolled loop": ("def f(x):\n    for y in (1, 2):\n        break\n    return x", "`break` in a loop"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_is_outside_the_subset__is_refused_with_its_line(written: Written, case: str) -> None:
    text, told = REFUSED[case]
    sources = written(text)
    with pytest.raises(OutsideSubset) as error:
        translate([("small", "f")], KINDS, sources=sources)
    assert told in str(error.value)
    assert str(error.value).startswith("small.py, line ")


def test_kinds__join_and_overlap() -> None:
    assert join(INT, FLOAT) == FLOAT == join(None, FLOAT)
    assert join(Several((INT, FLOAT)), Several((FLOAT, INT))) == Several((FLOAT, FLOAT))
    state = Record("State", (("funds", (3, 6)),))
    assert overlap(state, Array((6,), "State.funds"))
    assert not overlap(state, Array((6,), "Scratch.funds"))
    assert not overlap(FLOAT, state)


# --- the compiler -----------------------------------------------------------------------------------------------------


def test_missing_compiler__is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "which", lambda name: None)
    with pytest.raises(RuntimeError, match="needs gcc, which is not on the PATH"):
        find_gcc()


@needs_gcc
def test_compile_text__tells_what_gcc_refuses() -> None:
    with pytest.raises(RuntimeError, match=r"gcc refuses[\s\S]*missing"):
        compile_text("double f(void) { return missing; }\n")


@needs_gcc
def test_fast_library__leaves_small_numbers_to_the_process() -> None:
    """Linked with -ffast-math a library would flush them to zero everywhere."""
    compile_text("double f(double x) { return 2.0 * x; }\n", FAST)
    assert np.float64(1e-310) * np.float64(0.5) > 0.0
