"""No number of a result comes from a function whose last bits depend on the processor."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

ASIDE = {"plot", "bureau", "expected.py"}
"""Pictures, and what judges the tables of a bureau and expected values by a limit: no digit of a result is theirs."""

IN_THE_PATH = [
    *(
        path
        for path in sorted((ROOT / "simengine").rglob("*.py"))
        if not ASIDE & {path.stem.partition("_")[0], path.parent.name, path.name}
    ),
    ROOT / "calibration" / "backtest" / "information.py",
]
"""The package without those, and what the backtest puts into the inputs of a lane."""

SEVERAL_VERSIONS = {
    *("exp", "exp2", "expm1", "log", "log2", "log10", "log1p", "logaddexp", "logaddexp2"),
    *("power", "float_power", "pow", "cbrt", "hypot", "sinc", "erf", "erfc", "gamma", "lgamma"),
    *("sin", "cos", "tan", "arcsin", "arccos", "arctan", "arctan2", "asin", "acos", "atan", "atan2"),
    *("sinh", "cosh", "tanh", "arcsinh", "arccosh", "arctanh", "asinh", "acosh", "atanh"),
    *("geomspace", "logspace"),
}
"""Functions of numpy or of the C library that have a version of their own for some processors, and what calls them."""

ANY_ORDER = {
    *("dot", "vdot", "inner", "matmul", "matvec", "vecmat", "vecdot", "tensordot", "einsum", "linalg", "kron"),
    *("convolve", "correlate", "corrcoef", "cov", "polyfit"),
    *("argsort", "argpartition"),
}
"""Sums whose order a linear algebra library chooses, and sorts that put equal keys in an order of their own."""

METHODS = {"dot", "argsort", "argpartition"}
ANSWER = "take simengine.common.elementwise, or sums and products in a stated order"


def faults(source: str) -> Iterator[str]:
    """Every use of such a function in a source, with its line."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] in ("numpy", "math"):
            yield f"line {node.lineno}: import the whole of {node.module}, so that its functions are seen"
        elif isinstance(node, ast.Attribute):
            whose = node.value.id if isinstance(node.value, ast.Name) else ""
            banned = whose in ("np", "numpy", "math") and node.attr in SEVERAL_VERSIONS | ANY_ORDER
            if banned or node.attr in METHODS:
                yield f"line {node.lineno}: {ast.unparse(node)}: {ANSWER}"
        elif isinstance(node, ast.BinOp | ast.AugAssign) and isinstance(node.op, ast.MatMult | ast.Pow):
            right = node.right if isinstance(node, ast.BinOp) else node.value
            left = node.left if isinstance(node, ast.BinOp) else node.target
            squared = isinstance(right, ast.Constant) and right.value == 2
            stated = isinstance(left, ast.Constant) and isinstance(right, ast.Constant)
            if isinstance(node.op, ast.MatMult) or not (squared or stated):
                yield f"line {node.lineno}: {ast.unparse(node)}: {ANSWER}"


@pytest.mark.parametrize("path", IN_THE_PATH, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_module__takes_no_function_whose_bits_depend_on_the_processor(path: Path) -> None:
    assert list(faults(path.read_text(encoding="utf-8"))) == []


@pytest.mark.parametrize(
    "source",
    [
        *("np.exp(x)", "numpy.linalg.inv(x)", "f = np.power", "from numpy import log", "from math import log"),
        *("math.exp(x)", "math.pow(x, y)", "x ** y", "10.0 ** x", "x **= 3"),
        *("x @ y", "x @= y", "x.dot(y)", "x.argsort()"),
    ],
)
def test_rule__sees(source: str) -> None:
    assert len(list(faults(source))) == 1


@pytest.mark.parametrize(
    "source", ["elementwise.exp(x)", "x ** 2", "2 ** 63", "np.sqrt(x)", "math.sqrt(x)", "math.prod(x)", "f(**x)"]
)
def test_rule__lets_pass(source: str) -> None:
    assert list(faults(source)) == []
