"""Translation of the kernels' restricted Python to C99, function by function, from the sources as they stand.

A function is translated once for each combination of argument kinds it is called with. What the translator does not
know raises `OutsideSubset` with file and line. Arithmetic keeps the order and the rounding of the source, so that a
compiler that keeps to IEEE arithmetic finds the same bits.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Mapping
from dataclasses import replace

from benches.twin.expressions import Expressions, c_name
from benches.twin.kinds import ATOM, Array, Kind, Record, Several, Translated, Value, overlap
from benches.twin.sources import Module, Sources
from benches.twin.statements import Body

PRELUDE = """\
#include <math.h>

/* The first argument stands unless the second is strictly beyond it, as in Python. */
static inline double least(double a, double b) { return b < a ? b : a; }
static inline double most(double a, double b) { return b > a ? b : a; }
static inline long least_long(long a, long b) { return b < a ? b : a; }
static inline long most_long(long a, long b) { return b > a ? b : a; }
static inline long floor_div(long a, long b)
{
    const long q = a / b;
    return a % b != 0 && (a < 0) != (b < 0) ? q - 1 : q;
}
"""


def general(kind: Kind) -> Kind:
    """A kind without the names of sizes that are known at run time only."""
    if isinstance(kind, Array):
        return replace(kind, shape=tuple(size if isinstance(size, int) else "*" for size in kind.shape))
    return kind


def widths(kind: Kind) -> list[str]:
    """Names of the sizes of an argument that are known at run time only."""
    return [size for size in kind.shape if isinstance(size, str)] if isinstance(kind, Array) else []


def argument(name: str, kind: Kind) -> Value:
    """An argument inside the function that receives it."""
    text = c_name(name)
    if isinstance(kind, Array):
        shape = tuple(size if isinstance(size, int) else f"{text}_size{axis}" for axis, size in enumerate(kind.shape))
        kind = replace(kind, shape=shape)
    return Value(kind, text)


def declaration(value: Value, alone: bool) -> str:
    """An argument in the head of a function; `alone`: no other argument can reach its memory."""
    restrict = "restrict " if alone else ""
    if isinstance(value.kind, Record):
        return f"struct {value.kind.name} *{restrict}{value.text}"
    if isinstance(value.kind, Array):
        sizes = "".join(f"long {width}, " for width in widths(value.kind))
        rest = "".join(f"[{size}]" for size in value.kind.shape[1:])
        return (
            f"{sizes}double *{restrict}{value.text}" if not rest else f"{sizes}double (*{restrict}{value.text}){rest}"
        )
    return f"{value.kind} {value.text}"


class Program:
    """Everything that is translated into one C file."""

    def __init__(self, sources: Sources) -> None:
        self.sources = sources
        self._known: dict[tuple[str, str, tuple[Kind, ...]], Translated] = {}
        self._names: dict[str, list[Translated]] = {}
        self._open: set[tuple[str, str]] = set()
        self._records: dict[str, Record] = {}
        self._several: dict[str, Several] = {}

    # --- calls --------------------------------------------------------------------------------------------------------

    def call(self, caller: Expressions, node: ast.Call, name: str) -> Value:
        """A call of a kernel by another one."""
        found = self.sources.function(caller.module, name)
        if found is None:
            caller.refuse(node, f"the call of `{name}`")
        module, function = found
        given = [caller.value(part) for part in self.arguments(caller, node, function)]
        if sum(value.impure for value in given) and any(value.reads for value in given):
            caller.refuse(node, "an argument that writes arrays beside one that reads them")
        both = caller.joined(node, *(replace(value, reads=False) for value in given))
        translated = self.function(module, function, [value.kind for value in given])
        texts = [part for value in given for part in (*widths(value.kind), value.text)]
        caller.calls[translated.name] = translated
        text = f"{translated.name}({', '.join(texts)})"
        kind = translated.returned if translated.returned is not None else Several(())
        return Value(kind, text, ATOM, False, both.impure or translated.impure)

    def arguments(self, caller: Expressions, node: ast.Call, function: ast.FunctionDef) -> list[ast.expr]:
        """The expressions for the parameters of a function, defaults included."""
        names = [part.arg for part in function.args.args]
        others = function.args.vararg or function.args.kwarg or function.args.kwonlyargs or function.args.posonlyargs
        if others or any(isinstance(part, ast.Starred) for part in node.args) or len(node.args) > len(names):
            caller.refuse(node, f"the call `{ast.unparse(node)}`")
        given: dict[str, ast.expr] = dict(
            zip(names[-len(function.args.defaults) :], function.args.defaults, strict=False)
        )
        given |= dict(zip(names, node.args, strict=False))
        given |= {keyword.arg: keyword.value for keyword in node.keywords if keyword.arg is not None}
        if set(given) != set(names):
            caller.refuse(node, f"the call `{ast.unparse(node)}` with missing or unknown arguments")
        return [given[name] for name in names]

    def function(self, module: Module, function: ast.FunctionDef, kinds: Iterable[Kind]) -> Translated:
        """A function for arguments of these kinds, translated at most once."""
        wanted = tuple(general(kind) for kind in kinds)
        key = (module.name, function.name, wanted)
        if key not in self._known:
            place = (module.name, function.name)
            names = [part.arg for part in function.args.args]
            values = {name: argument(name, kind) for name, kind in zip(names, wanted, strict=True)}
            body = Body(self.call, module, function, values)
            if place in self._open:
                body.refuse(function, f"recursion of `{function.name}`")
            self._open.add(place)
            lines = body.translate()
            self._open.remove(place)
            self._known[key] = self.named(function.name, body, lines)
            self.declare(wanted, body.returned)
        return self._known[key]

    def declare(self, kinds: Iterable[Kind], returned: Kind | None) -> None:
        """Remember the structures a function needs."""
        self._records |= {kind.name: kind for kind in kinds if isinstance(kind, Record)}
        if isinstance(returned, Several):
            self._several[str(returned)] = returned

    def named(self, name: str, body: Body, lines: list[str]) -> Translated:
        """A translated function under a name of its own; equal texts share one."""
        values = list(body.arguments.values())
        alone = [sum(overlap(value.kind, other.kind) for other in values) <= 1 for value in values]
        shown = ", ".join(declaration(value, free) for value, free in zip(values, alone, strict=True)) or "void"
        impure = body.stores or any(call.impure for call in body.calls.values())
        known = self._names.setdefault(name, [])
        chosen = c_name(name) if not known else f"{name}_{len(known) + 1}"
        returned = "void" if body.returned is None else str(body.returned)
        heads = {f"static {returned} {other.name}({shown})": other for other in known}
        for head, other in heads.items():
            if other.head == head and other.lines == tuple(lines):
                return other
        head = f"static {returned} {chosen}({shown})"
        made = Translated(chosen, body.returned, impure, head, tuple(lines), tuple(body.calls.values()))
        known.append(made)
        return made

    # --- the file -----------------------------------------------------------------------------------------------------

    def structures(self) -> str:
        """Groups of arrays and tuples of results as C structures."""
        texts = []
        for name, record in self._records.items():
            fields = [
                f"    double {c_name(field)}{''.join(f'[{n}]' for n in shape)};" for field, shape in record.fields
            ]
            texts.append("\n".join([f"struct {name} {{", *fields, "};"]))
            texts.append(f"const long size_of_{name} = sizeof(struct {name});")
        for several in self._several.values():
            items = " ".join(f"{item} item{place};" for place, item in enumerate(several.items))
            texts.append(f"{several} {{ {items} }};")
        return "\n\n".join(texts)

    def entry(self, module: str, name: str, kinds: Mapping[str, Kind]) -> tuple[str, Translated]:
        """A function that can be called from outside, as `enter_<name>`; kinds of its arguments by their names."""
        source = self.sources.module(module)
        function = source.functions[name]
        names = [part.arg for part in function.args.args]
        translated = self.function(source, function, [kinds[part] for part in names])
        values = [argument(part, general(kinds[part])) for part in names]
        shown = ", ".join(declaration(value, False) for value in values) or "void"
        given = ", ".join(text for value in values for text in (*widths(value.kind), value.text))
        returned = "void" if translated.returned is None else str(translated.returned)
        giving = "" if translated.returned is None else "return "
        text = f"{returned} enter_{name}({shown})\n{{\n    {giving}{translated.name}({given});\n}}"
        return text, translated

    def file(self, entries: Iterable[tuple[str, str]], kinds: Mapping[str, Kind]) -> str:
        """The whole C file for entries (module, function)."""
        made = [self.entry(module, name, kinds) for module, name in entries]
        needed: dict[str, Translated] = {}

        def need(one: Translated) -> None:
            for call in one.calls:
                need(call)
            needed.setdefault(one.name, one)

        for _, translated in made:
            need(translated)
        parts = [PRELUDE, self.structures(), *(one.text() for one in needed.values())]
        return "\n\n".join([*parts, *(text for text, _ in made)]) + "\n"


def translate(entries: Iterable[tuple[str, str]], kinds: Mapping[str, Kind], sources: Sources | None = None) -> str:
    """C text of functions (module, function) and of everything they call. `kinds`: of the arguments, by name."""
    return Program(sources or Sources()).file(entries, kinds)
