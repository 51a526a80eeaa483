"""Kinds of values in the kernels' subset of Python, and one expression of it as C text."""

from __future__ import annotations

from dataclasses import dataclass, replace


class OutsideSubset(Exception):
    """A construct the translator does not know; the text names file and line."""

    def __init__(self, file: str, line: int, what: str) -> None:
        super().__init__(f"{file}, line {line}: {what} is outside the subset that can be translated")


@dataclass(frozen=True)
class Scalar:
    """A number: truth value, whole number or floating point."""

    c_name: str
    rank: int

    def __str__(self) -> str:
        return self.c_name


BOOL = Scalar("int", 0)
INT = Scalar("long", 1)
FLOAT = Scalar("double", 2)


@dataclass(frozen=True)
class Several:
    """What a function returns that returns a tuple of numbers."""

    items: tuple[Scalar, ...]

    def __str__(self) -> str:
        return "struct returned_" + "".join(item.c_name[0] for item in self.items)


@dataclass(frozen=True)
class Array:
    """Numbers in C order. A size that is known at run time only is the name of a C variable.

    `origin` names the block of memory: views of one origin may overlap, views of two never do.
    """

    shape: tuple[int | str, ...]
    origin: str


@dataclass(frozen=True)
class Record:
    """A group of arrays in one block of memory (`layout.Group`)."""

    name: str
    fields: tuple[tuple[str, tuple[int, ...]], ...]


Kind = Scalar | Several | Array | Record


# How tightly C operators bind; an operand that binds less than its place asks for is put in brackets.
ATOM, UNARY, PRODUCT, SUM, ORDER, EQUALITY, AND, OR, CHOICE = 16, 14, 13, 12, 10, 9, 5, 4, 3


@dataclass(frozen=True)
class Value:
    """One expression.

    Attributes
    ----------
    reads : takes an array element whose value a call in the same expression could change
    impure : contains a call that writes arrays
    constant : its value, where the translator knows it
    """

    kind: Kind
    text: str
    binding: int = ATOM
    reads: bool = False
    impure: bool = False
    constant: int | float | None = None

    def at_least(self, binding: int) -> str:
        """The text, in brackets if it binds less than asked for."""
        return self.text if self.binding >= binding else f"({self.text})"

    def named(self, text: str) -> Value:
        """The same value under a name of its own: nothing is left to evaluate."""
        return replace(self, text=text, binding=ATOM, reads=False, impure=False)


@dataclass(frozen=True)
class Translated:
    """One function for arguments of given kinds: its C text and the functions it calls."""

    name: str
    returned: Kind | None
    impure: bool
    head: str
    lines: tuple[str, ...]
    calls: tuple[Translated, ...]

    def text(self) -> str:
        """The definition in C."""
        return "\n".join([self.head, "{", *self.lines, "}"])


def join(one: Kind | None, other: Kind | None) -> Kind | None:
    """The kind that holds both; None (nothing yet) gives way. Raises TypeError where there is none."""
    if one is None or other is None:
        return one or other
    if isinstance(one, Scalar) and isinstance(other, Scalar):
        return one if one.rank >= other.rank else other
    if isinstance(one, Several) and isinstance(other, Several) and len(one.items) == len(other.items):
        return Several(tuple(a if a.rank >= b.rank else b for a, b in zip(one.items, other.items, strict=True)))
    if one == other:
        return one
    raise TypeError(f"{one} and {other}")


def overlap(one: Kind, other: Kind) -> bool:
    """Whether the memory of two arguments can be the same."""
    if isinstance(one, Record) and isinstance(other, Record):
        return one.name == other.name
    if isinstance(one, Record) and isinstance(other, Array):
        return other.origin.partition(".")[0] == one.name
    if isinstance(one, Array) and isinstance(other, Record):
        return overlap(other, one)
    return isinstance(one, Array) and isinstance(other, Array) and one.origin == other.origin
