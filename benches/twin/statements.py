"""The body of one function as C statements; kinds of its variables are found by repeating until they stand still."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import ClassVar

from benches.twin.expressions import BINARY, Expressions, c_name, number
from benches.twin.kinds import ATOM, FLOAT, INT, Array, Kind, Record, Scalar, Several, Translated, Value, join
from benches.twin.sources import Module

Place = tuple[Value, list[int | str]]
"""Where a value goes, and the sizes of the axes it fills."""


def assigned_names(function: ast.FunctionDef) -> set[str]:
    """Names that statements other than loops give a value."""
    targets: list[ast.expr] = []
    for node in ast.walk(function):
        if isinstance(node, ast.Assign):
            targets.extend(node.targets)
        elif isinstance(node, ast.AugAssign):
            targets.append(node.target)
    inner = [part for target in targets for part in (target.elts if isinstance(target, ast.Tuple) else [target])]
    return {target.id for target in inner if isinstance(target, ast.Name)}


class Body(Expressions):
    """Translates the statements of one function for arguments of given kinds."""

    STATEMENTS: ClassVar[dict[type[ast.stmt], str]] = {
        ast.Assign: "assign",
        ast.AugAssign: "change",
        ast.Expr: "bare",
        ast.For: "loop",
        ast.If: "branch",
        ast.Return: "give",
        ast.Continue: "jump",
        ast.Break: "jump",
        ast.Pass: "nothing",
    }

    def __init__(
        self,
        kernel_call: Callable[[Expressions, ast.Call, str], Value],
        module: Module,
        function: ast.FunctionDef,
        arguments: dict[str, Value],
    ) -> None:
        self.kernel_call = kernel_call
        self.module = module
        self.function = function
        self.arguments = arguments
        self.assigned = assigned_names(function)
        self.kinds: dict[str, Scalar] = {}
        self.returned: Kind | None = None
        self.start()

    def start(self) -> None:
        """Forget the text of the last pass, keep the kinds."""
        self.lines: list[str] = []
        self.depth = 1
        self.unique = 0
        self.stores = False
        self.unrolled: list[bool] = []
        self.parameters = dict(self.arguments)
        self.views: dict[str, Value] = {}
        self.calls: dict[str, Translated] = {}

    def translate(self) -> list[str]:
        """The C statements, declarations first."""
        before: object = None
        while before != (self.kinds, self.returned):
            before = (dict(self.kinds), self.returned)
            self.start()
            self.block(self.function.body)
        declared = []
        for kind in sorted(set(self.kinds.values()), key=lambda kind: -kind.rank):
            names = ", ".join(sorted(c_name(name) for name, other in self.kinds.items() if other == kind))
            declared.append(f"    {kind} {names};")
        return declared + self.lines

    # --- lines --------------------------------------------------------------------------------------------------------

    def emit(self, text: str) -> None:
        """One line."""
        self.lines.append("    " * self.depth + text)

    def fresh(self, stem: str) -> str:
        """A name no other variable has."""
        self.unique += 1
        return f"{stem}__{self.unique}"

    @contextmanager
    def braces(self, head: str, tail: str = "}") -> Iterator[None]:
        """A block; views made or changed inside it are unknown after it."""
        before = dict(self.views)
        self.emit(f"{head} {{" if head else "{")
        self.depth += 1
        yield
        self.depth -= 1
        self.emit(tail)
        self.views = {name: view for name, view in before.items() if self.views.get(name) == view}

    def block(self, statements: list[ast.stmt]) -> None:
        """Statements one after the other."""
        for statement in statements:
            method = self.STATEMENTS.get(type(statement))
            if method is None:
                self.refuse(statement, f"the statement {type(statement).__name__}")
            getattr(self, method)(statement)

    # --- assignments --------------------------------------------------------------------------------------------------

    def local(self, node: ast.Name, kind: Scalar) -> str:
        """C name of a variable that receives a number of this kind."""
        if node.id in self.views:
            self.refuse(node, f"`{node.id}` as a number and as a view")
        if node.id in self.arguments:
            held = self.arguments[node.id].kind
            if not isinstance(held, Scalar) or held.rank < kind.rank:
                self.refuse(node, f"another kind of value in the argument `{node.id}`")
        elif node.id not in self.parameters:
            joined = join(self.kinds.get(node.id), kind)
            assert isinstance(joined, Scalar)
            self.kinds[node.id] = joined
        return c_name(node.id)

    def assign(self, node: ast.Assign) -> None:
        value = self.value(node.value)
        if isinstance(value.kind, Several):
            self.spread(node, value, value.kind)
        elif isinstance(value.kind, Array | Record):
            if len(node.targets) != 1 or not isinstance(node.targets[0], ast.Name):
                self.refuse(node, "a view that is not given one name")
            self.view(node.targets[0], node.value, value)
        elif len(node.targets) == 1 and isinstance(node.targets[0], ast.Subscript):
            self.store(node, node.targets[0], value)
        else:
            names = []
            for target in node.targets:
                if not isinstance(target, ast.Name):
                    self.refuse(node, f"`{ast.unparse(target)}` as one of several targets")
                names.append(self.local(target, value.kind))
            self.emit(f"{' = '.join(names)} = {value.text};")

    def spread(self, node: ast.Assign, value: Value, kind: Several) -> None:
        """The results of a call, each to its name."""
        target = node.targets[0]
        if len(node.targets) != 1 or not isinstance(target, ast.Tuple) or len(target.elts) != len(kind.items):
            self.refuse(node, f"`{ast.unparse(target)}` for {len(kind.items)} results")
        result = self.fresh("result")
        with self.braces(""):
            self.emit(f"const {kind} {result} = {value.text};")
            for place, (name, item) in enumerate(zip(target.elts, kind.items, strict=True)):
                if not isinstance(name, ast.Name):
                    self.refuse(node, f"`{ast.unparse(name)}` as one of several targets")
                self.emit(f"{self.local(name, item)} = {result}.item{place};")

    def view(self, name: ast.Name, node: ast.expr, value: Value) -> None:
        """A view gets a name: from now on its text stands for it."""
        if name.id in self.kinds or name.id in self.parameters:
            self.refuse(name, f"`{name.id}` as a view and as something else")
        if isinstance(node, ast.Subscript):
            base = self.value(node.value)
            text = base.at_least(ATOM) + "".join(f"[{self.lasting(place)}]" for place in self.indices(node))
            value = value.named(text)
        self.views[name.id] = value

    def lasting(self, node: ast.expr) -> str:
        """An index of a view: as it stands if nothing in it can change, else kept in a constant."""
        place = self.scalar(node)
        inner = [part for part in ast.walk(node) if isinstance(part, ast.expr)]
        simple = all(isinstance(part, ast.Constant | ast.Name | ast.Attribute | ast.BinOp) for part in inner)
        if simple and not any(isinstance(part, ast.Name) and part.id in self.assigned for part in inner):
            return place.text
        kept = self.fresh("place")
        self.emit(f"const long {kept} = {place.text};")
        return kept

    def target(self, node: ast.Subscript) -> Place:
        """An element to write, or the sizes of the axes a slice fills (`index` of axis n is `fill__n`)."""
        base = self.value(node.value)
        nodes = self.indices(node)
        if not isinstance(base.kind, Array) or len(nodes) != len(base.kind.shape):
            self.refuse(node, f"`{ast.unparse(node)}` as a target")
        places: list[Value] = []
        filled: list[int | str] = []
        for inner, size in zip(nodes, base.kind.shape, strict=True):
            if not isinstance(inner, ast.Slice):
                places.append(self.index(inner, size))
                continue
            if inner.lower or inner.upper or inner.step:
                self.refuse(node, "a slice with limits")
            places.append(Value(INT, f"fill__{len(filled)}"))
            filled.append(size)
        both = self.joined(node, base, *places)
        text = base.at_least(ATOM) + "".join(f"[{place.text}]" for place in places)
        return Value(FLOAT, text, ATOM, both.reads, both.impure), filled

    def store(self, node: ast.stmt, target: ast.Subscript, value: Value) -> None:
        """Write an element, or fill whole axes with one number."""
        self.stores = True
        place, filled = self.target(target)
        if place.impure or (value.impure and place.reads):
            self.refuse(node, "a call that writes arrays beside an index that reads them")
        if filled and (value.reads or value.impure):
            self.refuse(node, "a slice filled with something else than a number")
        for axis, size in enumerate(filled):
            self.emit(f"for (long fill__{axis} = 0; fill__{axis} < {size}; fill__{axis}++)")
        self.emit(f"{'    ' * len(filled)}{place.text} = {value.text};")

    def change(self, node: ast.AugAssign) -> None:
        """`x += a`: x is read before a is evaluated."""
        value = self.scalar(node.value)
        if isinstance(node.target, ast.Subscript):
            self.change_element(node, node.target, value)
            return
        if not isinstance(node.target, ast.Name):
            self.refuse(node, f"`{ast.unparse(node.target)}` as a target")
        before = self.scalar(node.target)
        after = self.combined(node, node.op, before, value)
        assert isinstance(after.kind, Scalar)
        name = self.local(node.target, after.kind)
        if type(node.op) in BINARY and not (isinstance(node.op, ast.Div) and before.kind == INT):
            self.emit(f"{name} {BINARY[type(node.op)][0]}= {value.text};")
        else:
            self.emit(f"{name} = {after.text};")

    def change_element(self, node: ast.AugAssign, target: ast.Subscript, value: Value) -> None:
        """`array[i] += a`."""
        self.stores = True
        place, filled = self.target(target)
        if filled or type(node.op) not in BINARY:
            self.refuse(node, f"`{ast.unparse(node)}`")
        if place.impure or (value.impure and place.reads):
            self.refuse(node, "a call that writes arrays beside an index that reads them")
        sign, _ = BINARY[type(node.op)]
        if not value.impure:
            self.emit(f"{place.text} {sign}= {value.text};")
            return
        before = self.fresh("before")
        with self.braces(""):
            self.emit(f"const double {before} = {place.text};")
            self.emit(f"{place.text} = {before} {sign} {value.at_least(ATOM)};")

    # --- order --------------------------------------------------------------------------------------------------------

    def bare(self, node: ast.Expr) -> None:
        """A call for its effect, or a docstring."""
        if isinstance(node.value, ast.Constant) and isinstance(node.value.value, str):
            return
        if not isinstance(node.value, ast.Call):
            self.refuse(node, f"the statement `{ast.unparse(node)}`")
        value = self.value(node.value)
        self.emit(f"{value.text};")

    def loop(self, node: ast.For) -> None:
        if node.orelse:
            self.refuse(node, "a loop with `else`")
        if isinstance(node.iter, ast.Tuple):
            self.unroll(node, node.iter)
        elif isinstance(node.iter, ast.Call) and ast.unparse(node.iter.func) == "range":
            self.count(node, node.iter)
        else:
            self.refuse(node, f"a loop over `{ast.unparse(node.iter)}`")

    def count(self, node: ast.For, calls: ast.Call) -> None:
        """A loop over a range; its limit is evaluated once."""
        if not isinstance(node.target, ast.Name) or calls.keywords or not 1 <= len(calls.args) <= 3:
            self.refuse(node, f"the loop over `{ast.unparse(node.iter)}`")
        if node.target.id in self.parameters or node.target.id in self.views:
            self.refuse(node, f"a loop variable named like something else (`{node.target.id}`)")
        limits = [self.scalar(argument) for argument in calls.args]
        start, stop = (number(0), limits[0]) if len(limits) == 1 else (limits[0], limits[1])
        step = limits[2].constant if len(limits) == 3 else 1
        if not isinstance(step, int) or step == 0 or FLOAT in (start.kind, stop.kind):
            self.refuse(node, f"the loop over `{ast.unparse(node.iter)}`")
        name = c_name(node.target.id)
        shared = node.target.id in self.assigned
        counter = self.fresh(name) if shared else name
        first, last = f"long {counter} = {start.text}", stop.text
        if stop.constant is None:
            last = self.fresh("last")
            first += f", {last} = {stop.text}"
        onward = (
            f"{counter}{'++' if step == 1 else '--' if step == -1 else f' += {step}' if step > 0 else f' -= {-step}'}"
        )
        with self.braces(f"for ({first}; {counter} {'<' if step > 0 else '>'} {last}; {onward})"):
            if shared:
                self.emit(f"{self.local(node.target, INT)} = {counter};")
            else:
                self.parameters[node.target.id] = Value(INT, name)
            self.inside(node.body, False)
        if not shared:
            del self.parameters[node.target.id]

    def inside(self, statements: list[ast.stmt], unrolled: bool) -> None:
        """The body of a loop."""
        self.unrolled.append(unrolled)
        self.block(statements)
        self.unrolled.pop()

    def unroll(self, node: ast.For, items: ast.Tuple) -> None:
        """A loop over a tuple of values, or of tuples of values: its body once for each."""
        targets = node.target.elts if isinstance(node.target, ast.Tuple) else [node.target]
        for item in items.elts:
            parts = item.elts if isinstance(item, ast.Tuple) else [item]
            if len(parts) != len(targets):
                self.refuse(node, f"`{ast.unparse(item)}` for `{ast.unparse(node.target)}`")
            given: dict[str, Value] = {}
            with self.braces(""):
                for target, part in zip(targets, parts, strict=True):
                    value = self.scalar(part)
                    if not isinstance(target, ast.Name) or target.id in self.assigned | set(self.parameters) | set(
                        given
                    ):
                        self.refuse(node, f"the loop variable `{ast.unparse(target)}`")
                    given[target.id] = value
                    if value.constant is None:
                        self.emit(f"const {value.kind} {c_name(target.id)} = {value.text};")
                        given[target.id] = value.named(c_name(target.id))
                self.parameters.update(given)
                self.inside(node.body, True)
            for name in given:
                del self.parameters[name]

    def jump(self, node: ast.Continue | ast.Break) -> None:
        word = "continue" if isinstance(node, ast.Continue) else "break"
        if not self.unrolled or self.unrolled[-1]:
            self.refuse(node, f"`{word}` in a loop over a tuple")
        self.emit(f"{word};")

    def nothing(self, node: ast.Pass) -> None:
        self.emit(";")

    def branch(self, node: ast.If) -> None:
        test = self.scalar(node.test)
        with self.braces(f"if ({test.text})", "}"):
            self.block(node.body)
        if node.orelse:
            with self.braces("else"):
                self.block(node.orelse)

    def give(self, node: ast.Return) -> None:
        """Return nothing, a number or a tuple of numbers."""
        if node.value is None:
            self.emit("return;")
            return
        parts = node.value.elts if isinstance(node.value, ast.Tuple) else [node.value]
        values = [self.value(part) for part in parts]
        self.joined(node, *values)
        kinds = []
        for part, value in zip(parts, values, strict=True):
            if not isinstance(value.kind, Scalar):
                self.refuse(node, f"returning `{ast.unparse(part)}`")
            kinds.append(value.kind)
        kind: Kind = Several(tuple(kinds)) if isinstance(node.value, ast.Tuple) else kinds[0]
        try:
            self.returned = join(self.returned, kind)
        except TypeError as error:
            self.refuse(node, f"returning kinds as different as {error}")
        texts = ", ".join(value.text for value in values)
        self.emit(f"return ({self.returned}){{{texts}}};" if isinstance(self.returned, Several) else f"return {texts};")
