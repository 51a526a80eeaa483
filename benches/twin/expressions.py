"""One expression of a kernel as C text, with its kind. Operations keep the order and the rounding of the source."""

from __future__ import annotations

import ast
import math
from collections.abc import Callable
from typing import ClassVar, NoReturn

from benches.twin.kinds import (
    AND,
    ATOM,
    BOOL,
    CHOICE,
    EQUALITY,
    FLOAT,
    INT,
    OR,
    ORDER,
    PRODUCT,
    SUM,
    UNARY,
    Array,
    OutsideSubset,
    Record,
    Scalar,
    Translated,
    Value,
    join,
)
from benches.twin.sources import Module

KEYWORDS = """auto break case char const continue default do double else enum extern float for goto if inline int long
    register restrict return short signed sizeof static struct switch typedef union unsigned void volatile while"""
LIBRARY = "isnan fabs labs floor ceil sqrt round trunc exp log pow gamma j0 j1 jn y0 y1 yn main"
PRELUDE_NAMES = "least most least_long most_long floor_div"

RESERVED = frozenset(f"{KEYWORDS} {LIBRARY} {PRELUDE_NAMES}".split())
"""Names that mean something else in C, in math.h or in the prelude."""

BINARY: dict[type[ast.operator], tuple[str, int]] = {
    ast.Add: ("+", SUM),
    ast.Sub: ("-", SUM),
    ast.Mult: ("*", PRODUCT),
    ast.Div: ("/", PRODUCT),
}

COMPARED: dict[type[ast.cmpop], tuple[str, int]] = {
    ast.Lt: ("<", ORDER),
    ast.LtE: ("<=", ORDER),
    ast.Gt: (">", ORDER),
    ast.GtE: (">=", ORDER),
    ast.Eq: ("==", EQUALITY),
    ast.NotEq: ("!=", EQUALITY),
}

FOLDED: dict[type[ast.operator], Callable[[int, int], int]] = {
    ast.Add: lambda a, b: a + b,
    ast.Sub: lambda a, b: a - b,
    ast.Mult: lambda a, b: a * b,
    ast.FloorDiv: lambda a, b: a // b,
}

EXTREMES = {"min": "least", "max": "most"}


def c_name(name: str) -> str:
    """A Python name as a C name."""
    return f"{name}_" if name in RESERVED else name


def number(value: bool | int | float) -> Value:
    """A literal."""
    if isinstance(value, bool):
        return Value(BOOL, str(int(value)), constant=int(value))
    if isinstance(value, int):
        return Value(INT, str(value), ATOM if value >= 0 else UNARY, constant=value)
    if value != value:
        return Value(FLOAT, "NAN", constant=value)
    return Value(FLOAT, repr(value), ATOM if value >= 0.0 else UNARY, constant=value)


class Expressions:
    """Expressions of one function under translation."""

    kernel_call: Callable[[Expressions, ast.Call, str], Value]
    module: Module
    parameters: dict[str, Value]
    views: dict[str, Value]
    kinds: dict[str, Scalar]
    calls: dict[str, Translated]

    METHODS: ClassVar[dict[type[ast.expr], str]] = {
        ast.Constant: "literal",
        ast.Name: "name",
        ast.Attribute: "attribute",
        ast.Subscript: "element",
        ast.BinOp: "binary",
        ast.UnaryOp: "unary",
        ast.BoolOp: "logical",
        ast.Compare: "compared",
        ast.IfExp: "choice",
        ast.Call: "call",
    }

    def value(self, node: ast.expr) -> Value:
        """Any expression."""
        method = self.METHODS.get(type(node))
        if method is None:
            self.refuse(node, f"`{ast.unparse(node)}` ({type(node).__name__})")
        found: Value = getattr(self, method)(node)
        return found

    def refuse(self, node: ast.AST, what: str) -> NoReturn:
        """Stop at a construct outside the subset."""
        raise OutsideSubset(self.module.file, getattr(node, "lineno", 0), what)

    def scalar(self, node: ast.expr) -> Value:
        """An expression that must be a number."""
        value = self.value(node)
        if not isinstance(value.kind, Scalar):
            self.refuse(node, f"`{ast.unparse(node)}` as a number")
        return value

    def joined(self, node: ast.AST, *values: Value) -> Value:
        """Whether any of several operands reads or writes arrays.

        C may evaluate them in any order: what could then have another value is refused.
        """
        impure = sum(value.impure for value in values)
        reads = any(value.reads for value in values)
        if impure > 1 or (impure and reads):
            self.refuse(node, "a call that writes arrays beside another operand that reads or writes them")
        return Value(FLOAT, "", reads=reads, impure=bool(impure))

    # --- names and elements -------------------------------------------------------------------------------------------

    def literal(self, node: ast.Constant) -> Value:
        if not isinstance(node.value, int | float):
            self.refuse(node, f"the constant {node.value!r}")
        return number(node.value)

    def name(self, node: ast.Name) -> Value:
        for known in (self.views, self.parameters):
            if node.id in known:
                return known[node.id]
        if node.id in self.kinds:
            return Value(self.kinds[node.id], c_name(node.id))
        constant = self.module.constant(node.id)
        if constant is None:
            self.refuse(node, f"the name `{node.id}` (unknown here, or of a loop or block that has ended)")
        return number(constant)

    def attribute(self, node: ast.Attribute) -> Value:
        if isinstance(node.value, ast.Name) and node.value.id not in self.views | self.parameters:
            other = self.module.other(node.value.id)
            constant = getattr(other, node.attr, None) if other is not None else None
            if not isinstance(constant, int | float):
                self.refuse(node, f"`{ast.unparse(node)}`")
            return number(constant)
        base = self.value(node.value)
        if isinstance(base.kind, Array) and node.attr == "size" and len(base.kind.shape) == 1:
            return self.size(base.kind.shape[0])
        if not isinstance(base.kind, Record):
            self.refuse(node, f"`{ast.unparse(node)}`")
        shape = dict(base.kind.fields).get(node.attr)
        if shape is None:
            self.refuse(node, f"the field `{node.attr}`, which {base.kind.name} does not have,")
        return Value(Array(shape, f"{base.kind.name}.{node.attr}"), f"{base.text}->{c_name(node.attr)}")

    def size(self, size: int | str) -> Value:
        """One size of an array."""
        return number(size) if isinstance(size, int) else Value(INT, size)

    def indices(self, node: ast.Subscript) -> list[ast.expr]:
        """The index expressions of a subscript."""
        return list(node.slice.elts) if isinstance(node.slice, ast.Tuple) else [node.slice]

    def element(self, node: ast.Subscript) -> Value:
        """An element, or a view on the last axes."""
        if isinstance(node.value, ast.Attribute) and node.value.attr == "shape":
            shaped = self.value(node.value.value).kind
            place = self.scalar(node.slice).constant
            if isinstance(shaped, Array) and isinstance(place, int) and 0 <= place < len(shaped.shape):
                return self.size(shaped.shape[place])
            self.refuse(node, f"`{ast.unparse(node)}`")
        base = self.value(node.value)
        nodes = self.indices(node)
        if not isinstance(base.kind, Array) or len(nodes) > len(base.kind.shape):
            self.refuse(node, f"`{ast.unparse(node)}` as an element")
        places = [self.index(inner, size) for inner, size in zip(nodes, base.kind.shape, strict=False)]
        both = self.joined(node, base, *places)
        text = base.at_least(ATOM) + "".join(f"[{place.text}]" for place in places)
        rest = base.kind.shape[len(places) :]
        if rest:
            return Value(Array(rest, base.kind.origin), text, ATOM, both.reads, both.impure)
        return Value(FLOAT, text, ATOM, True, both.impure)

    def index(self, node: ast.expr, size: int | str) -> Value:
        """One index: a whole number, never one that counts from the end."""
        place = self.scalar(node)
        if place.kind == FLOAT:
            self.refuse(node, f"the floating-point index `{ast.unparse(node)}`")
        if place.constant is not None and not 0 <= place.constant < (size if isinstance(size, int) else math.inf):
            self.refuse(node, f"the index {place.constant} of an axis of {size}")
        return place

    # --- operators ----------------------------------------------------------------------------------------------------

    def binary(self, node: ast.BinOp) -> Value:
        return self.combined(node, node.op, self.scalar(node.left), self.scalar(node.right))

    def combined(self, node: ast.AST, op: ast.operator, left: Value, right: Value) -> Value:
        """An arithmetic operation on two numbers."""
        both = self.joined(node, left, right)
        kind = FLOAT if FLOAT in (left.kind, right.kind) else INT
        if kind == INT and isinstance(left.constant, int) and isinstance(right.constant, int) and type(op) in FOLDED:
            return number(FOLDED[type(op)](left.constant, right.constant))
        if isinstance(op, ast.FloorDiv) and kind == INT:
            return Value(INT, f"floor_div({left.text}, {right.text})", ATOM, both.reads, both.impure)
        if isinstance(op, ast.BitOr | ast.BitAnd) and left.kind == right.kind == BOOL:  # both sides are evaluated
            sign = "|" if isinstance(op, ast.BitOr) else "&"
            text = f"({left.at_least(ATOM)} {sign} {right.at_least(ATOM)})"
            return Value(BOOL, text, ATOM, both.reads, both.impure)
        if type(op) not in BINARY:
            self.refuse(node, f"the operator {type(op).__name__}")
        sign, binding = BINARY[type(op)]
        first = left.at_least(binding)
        if isinstance(op, ast.Div) and kind == INT:
            kind, first = FLOAT, f"(double){left.at_least(UNARY)}"
        return Value(kind, f"{first} {sign} {right.at_least(binding + 1)}", binding, both.reads, both.impure)

    def unary(self, node: ast.UnaryOp) -> Value:
        inner = self.scalar(node.operand)
        if isinstance(node.op, ast.Not):
            return Value(BOOL, f"!{inner.at_least(UNARY)}", UNARY, inner.reads, inner.impure)
        if not isinstance(node.op, ast.USub):
            self.refuse(node, f"the operator {type(node.op).__name__}")
        if inner.constant is not None:
            return number(-inner.constant)
        kind = FLOAT if inner.kind == FLOAT else INT
        return Value(kind, f"-{inner.at_least(ATOM)}", UNARY, inner.reads, inner.impure)

    def logical(self, node: ast.BoolOp) -> Value:
        sign, binding = ("&&", AND) if isinstance(node.op, ast.And) else ("||", OR)
        parts = [self.scalar(part) for part in node.values]
        if any(part.kind != BOOL for part in parts):
            self.refuse(node, f"`{ast.unparse(node)}` of values that are not truth values")
        both = self.joined(node, *parts)
        texts = [parts[0].at_least(binding + 1), *(part.at_least(binding + 1) for part in parts[1:])]
        return Value(BOOL, f" {sign} ".join(texts), binding, both.reads, both.impure)

    def compared(self, node: ast.Compare) -> Value:
        parts = [self.scalar(part) for part in (node.left, *node.comparators)]
        both = self.joined(node, *parts)
        if len(parts) > 2 and any(isinstance(inner, ast.Call) for part in node.comparators for inner in ast.walk(part)):
            self.refuse(node, "a call inside a chained comparison")
        texts = []
        for left, op, right in zip(parts, node.ops, parts[1:], strict=False):
            if type(op) not in COMPARED:
                self.refuse(node, f"the comparison {type(op).__name__}")
            sign, binding = COMPARED[type(op)]
            texts.append(Value(BOOL, f"{left.at_least(binding + 1)} {sign} {right.at_least(binding + 1)}", binding))
        if len(texts) == 1:
            return Value(BOOL, texts[0].text, texts[0].binding, both.reads, both.impure)
        text = " && ".join(part.at_least(AND + 1) for part in texts)
        return Value(BOOL, text, AND, both.reads, both.impure)

    def choice(self, node: ast.IfExp) -> Value:
        test, yes, no = self.scalar(node.test), self.scalar(node.body), self.scalar(node.orelse)
        both = self.joined(node, test, yes, no)
        kind = join(yes.kind, no.kind)
        assert isinstance(kind, Scalar)
        text = f"{test.at_least(CHOICE + 1)} ? {yes.at_least(CHOICE + 1)} : {no.at_least(CHOICE)}"
        return Value(kind, text, CHOICE, both.reads, both.impure)

    # --- calls --------------------------------------------------------------------------------------------------------

    def call(self, node: ast.Call) -> Value:
        if isinstance(node.func, ast.Attribute):
            return self.library_call(node, ast.unparse(node.func))
        if not isinstance(node.func, ast.Name):
            self.refuse(node, f"the call `{ast.unparse(node)}`")
        if node.func.id in EXTREMES:
            return self.extreme(node, EXTREMES[node.func.id])
        if node.func.id in ("int", "float", "abs"):
            return self.conversion(node, node.func.id)
        return self.kernel_call(self, node, node.func.id)

    def operand(self, node: ast.Call) -> Value:
        """The only argument of a call."""
        if len(node.args) != 1 or node.keywords:
            self.refuse(node, f"`{ast.unparse(node)}`: one argument is expected; it")
        return self.scalar(node.args[0])

    def conversion(self, node: ast.Call, name: str) -> Value:
        inner = self.operand(node)
        if name == "abs":
            text = f"{'fabs' if inner.kind == FLOAT else 'labs'}({inner.text})"
            return Value(inner.kind, text, ATOM, inner.reads, inner.impure)
        kind = INT if name == "int" else FLOAT
        if inner.constant is not None:
            return number(int(inner.constant) if name == "int" else float(inner.constant))
        if inner.kind == kind:
            return inner
        return Value(kind, f"({kind}){inner.at_least(UNARY)}", UNARY, inner.reads, inner.impure)

    def library_call(self, node: ast.Call, name: str) -> Value:
        inner = self.operand(node)
        if name == "math.isnan":
            return Value(BOOL, f"isnan({inner.text})", ATOM, inner.reads, inner.impure)
        if name == "math.sqrt":
            return Value(FLOAT, f"sqrt({inner.text})", ATOM, inner.reads, inner.impure)
        if name in ("math.floor", "math.ceil"):
            text = f"(long){name.removeprefix('math.')}({inner.text})"
            return Value(INT, text, UNARY, inner.reads, inner.impure)
        self.refuse(node, f"the call `{name}`")

    def extreme(self, node: ast.Call, name: str) -> Value:
        """`min` or `max`: the first argument stands unless a later one is strictly beyond it, as in Python."""
        values = [self.scalar(argument) for argument in node.args]
        if len(values) < 2 or node.keywords:
            self.refuse(node, f"`{ast.unparse(node)}`")
        both = self.joined(node, *values)
        kind = FLOAT if any(value.kind == FLOAT for value in values) else INT
        text = values[0].text
        for value in values[1:]:
            text = f"{name}{'' if kind == FLOAT else '_long'}({text}, {value.text})"
        return Value(kind, text, ATOM, both.reads, both.impure)
