"""The one printer of tables and paragraphs: as wide as the screen, and nothing is cut.

A table that does not fit gives up its columns from the right: what they held stands below each row as ``label: value``.
Where not even two columns fit, each record is a block with its first cell as heading. Widths are cells of a terminal,
of which a Chinese character takes two.
"""

from __future__ import annotations

import re
import shutil
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import IO, TYPE_CHECKING, Any

from simengine.common.messages import Language, say

if TYPE_CHECKING:
    from rich.console import RenderableType
    from rich.table import Table

ELSEWHERE = 100
"""Columns of output that goes to no terminal, where the variable COLUMNS does not say another width."""

NARROWEST = 40
"""Columns that are taken for granted."""

LINES, FEW = 4, 2
"""Lines a cell may take in a column that is essential, and in another."""

SHORT, HEAD = 10, 8
"""A text and a heading of so many cells are not broken."""

WHOLE = 12
"""A Chinese word between blanks is broken only where it takes more cells."""

GAP, INDENT = 2, 4
"""Blanks between columns, and before what stands below a row."""

TIE = "\N{NO-BREAK SPACE}"
"""Keeps two words on one line; printed as a space."""

_NUMBER = re.compile(r"-|[-+−≤]?[\d,_]+(\.\d+)?(e[-+]?\d+)?%?")
_WORD = re.compile(rf"(?:{TIE}|\S)+|[^\S{TIE}]+")
_OPEN, _CLOSE = r"（《〈“〔［(\[", r"，。；：、！？）》〉”〕］％)\],;:.!?"
_WIDE = re.compile(r"[一-鿿]{1,2}")
_PIECE = re.compile(rf"[{_OPEN}]*(?:[⺀-￯]|[^\s⺀-￯]+)[{_CLOSE}]*(?:{TIE}\S+)*|\S+")


@dataclass(frozen=True)
class Grid:
    """Rows under headings, all of them text.

    Attributes
    ----------
    rows : cells; a line break inside a cell is kept
    headings : one a column; none for a table without a head
    styles : a style of rich for each row, used on a terminal; none or one a row
    """

    rows: Sequence[Sequence[str]]
    headings: Sequence[str] = ()
    styles: Sequence[str] = ()

    def only(self, places: Sequence[int]) -> Grid:
        """The same rows with some of the columns."""
        rows = [[row[place] for place in places] for row in self.rows]
        heads = [self.headings[place] for place in places] if self.headings else ()
        return Grid(rows, heads, self.styles)

    def filled(self) -> Grid:
        """The same rows without the columns in which nothing stands."""
        places = range(len(self.rows[0]) if self.rows else 0)
        return self.only([place for place in places if any(row[place] for row in self.rows)])

    def part(self, rows: Sequence[int]) -> Grid:
        """Some of the rows, without the columns that are empty in them."""
        styles = [self.styles[at] for at in rows] if self.styles else ()
        return Grid([self.rows[at] for at in rows], self.headings, styles).filled()


def screen_width() -> int:
    """Cells of a line: those of the terminal, else the variable COLUMNS, else 100; never fewer than 40."""
    return max(shutil.get_terminal_size((ELSEWHERE, 24)).columns, NARROWEST)


def cell(value: Any) -> str:
    """One value as text: nothing for what is absent, no -0.0, whole floats without a point, a mark for true and false.

    >>> [cell(value) for value in (-0.0, float("nan"), 2.50, True, ("a", None), "x")]
    ['0', '', '2.5', '✓', 'a; ', 'x']
    """
    if value is None or (isinstance(value, float) and value != value):
        return ""
    if isinstance(value, bool):
        return "✓" if value else "✗"
    if isinstance(value, float):
        return f"{value:z.10g}"
    if isinstance(value, tuple | list):
        return "; ".join(cell(item) for item in value)
    return cell(value.item()) if hasattr(value, "item") else str(value)


# --- what a command calls ---------------------------------------------------------------------------------------------


def show(
    rows: Sequence[Sequence[Any]],
    headings: Sequence[str] = (),
    lang: Language = "en",
    *,
    stream: IO[str] | None = None,
    styles: Sequence[str] = (),
    groups: Sequence[str] = (),
    margin: int = 0,
    keys: int = 0,
    essential: int = 4,
) -> None:
    """Print rows under headings, without the columns in which nothing stands.

    Parameters
    ----------
    rows : values, put into text by `cell`; the first columns matter most
    headings, styles : as in `Grid`
    stream : standard output when left out; a terminal gets bold headings, a rule below them and coloured rows
    groups : none, or a name for each row: rows of one name that follow each other are a table under that name
    margin : blanks before every line
    keys : none, or the number of first columns behind which those that do not fit follow in a further table
    essential : first columns that stand beside each other even where their cells take several lines
    """
    from rich.console import Console
    from rich.padding import Padding
    from rich.text import Text

    stream = sys.stdout if stream is None else stream
    whole = Grid([[cell(value) for value in row] for row in rows], headings, styles)
    room = screen_width() - margin
    parts: list[RenderableType] = []
    for name, places in groupby(range(len(rows)), key=lambda at: groups[at] if groups else ""):
        grid = whole.part(list(places))
        if not any(grid.rows):
            continue
        parts += [*([Text(" ")] if parts else []), *([name] if name else [])]
        for number, panel in enumerate(_panels(grid, keys, room) if keys else [grid]):
            parts += [*([Text(" ")] if number else []), *_laid_out(panel, essential, room, lang, stream.isatty())]
    console = Console(file=stream, width=screen_width(), markup=False, highlight=False, emoji=False)
    with console.capture() as capture:
        for part in parts:
            console.print(Padding(part, (0, 0, 0, margin), expand=False))
    stream.writelines(f"{line.rstrip()}\n" for line in capture.get().splitlines())


def fits(rows: Sequence[Sequence[Any]], headings: Sequence[str]) -> bool:
    """Whether all columns stand beside each other on this screen."""
    grid = Grid([[cell(value) for value in row] for row in rows], headings).filled()
    return _widths(grid, range(len(grid.headings)), screen_width(), FEW) is not None


def markdown(rows: Sequence[Sequence[Any]], headings: Sequence[str]) -> str:
    """Rows under headings as a table of Markdown, every column kept; a bar inside a cell is escaped.

    >>> print(markdown([["a|b", 1.0]], ["k", "v"]), end="")
    | k | v |
    |---|---|
    | a\\|b | 1 |
    """
    lines = [list(headings), *([cell(value) for value in row] for row in rows)]
    said = ["| " + " | ".join(text.replace("|", "\\|") for text in line) + " |\n" for line in lines]
    return "".join([said[0], "|" + "---|" * len(headings) + "\n", *said[1:]])


def paragraph(text: str, margin: int = 0, hang: int = 0) -> str:
    """A text in lines that fit the screen, behind its own leading blanks; all but the first hang by some more."""
    own = len(text) - len(text.lstrip(" "))
    return str(_indented(text, margin + own, screen_width(), hang))


def entries(pairs: Mapping[str, str], margin: int = 2, indent: int = 12) -> str:
    """Labels with their texts beside them, each folded at the width of the screen."""
    from rich.cells import cell_len

    said = []
    for label, text in pairs.items():
        head = " " * margin + label + " " * max(indent - cell_len(label), 1)
        first, *rest = folded(text, screen_width() - margin - indent)
        said += [head + first, *(" " * (margin + indent) + line for line in rest)]
    return "\n".join(said)


def folded(text: str, width: int) -> list[str]:
    """Lines of at most `width` cells, broken at blanks and between Chinese characters; a longer word stays whole.

    >>> folded("账户记账利率 from 2016", 8), folded("职业年金基金结余额率", 18)
    (['账户记账', '利率', 'from', '2016'], ['职业年金基金结余', '额率'])
    """
    from rich.cells import cell_len

    lines = []
    for part in text.split("\n"):
        line = ""
        for piece in _pieces(part, min(width, WHOLE)):
            if line and cell_len(line + piece.rstrip()) > width:
                lines.append(line.rstrip())
                line = ""
            line += piece if line or piece.strip() else ""
        _keep_company(lines, line)
    return [line.replace(TIE, " ") for line in lines]


def _keep_company(lines: list[str], last: str) -> None:
    """Put the last line of a text behind the others; a Chinese character is not left alone on it."""
    text = last.rstrip()
    before = lines[-1] if lines else ""
    if len(text) == 1 and _WIDE.fullmatch(text) and len(before) > 2 and _WIDE.fullmatch(before[-2:-1] + before[-1]):
        lines[-1], text = before[:-1], before[-1] + text
    lines.append(text)


def _pieces(line: str, whole: int = WHOLE) -> Iterator[str]:
    """What a line may be broken between: words and blanks; of long Chinese words each character with its stops."""
    from rich.cells import cell_len

    for word in _WORD.findall(line):
        yield from [word] if cell_len(word) <= whole or word.isspace() else _PIECE.findall(word)


# --- how a table is laid out ------------------------------------------------------------------------------------------


def _widths(grid: Grid, places: Sequence[int], room: int, lines: int) -> list[int] | None:
    """Cells for some columns; None where they do not fit beside each other.

    No column is narrower than its longest word, nor so narrow that a short text is broken or a cell takes more than so
    many lines; as few lines as fit. What is left of the room goes to the columns that wish for least.
    """
    cells = [_measured([row[place] for row in grid.rows]) for place in places]
    heads = [_measured(grid.headings[place : place + 1]) for place in places]
    wish = [max(cell[0], head[0], 1) for cell, head in zip(cells, heads, strict=True)]
    room -= GAP * (len(wish) - 1)
    for tall in range(1, lines + 1):
        widths = [
            max(longest, word, min(natural, SHORT), min(head, HEAD), -(-natural // tall), -(-head // lines))
            for (natural, longest), (head, word) in zip(cells, heads, strict=True)
        ]
        spare = room - sum(widths)
        if widths and spare >= 0:
            for place in sorted(range(len(wish)), key=lambda at: wish[at] - widths[at]):
                more = min(max(wish[place] - widths[place], 0), spare)
                widths[place] += more
                spare -= more
            return widths
    return None


def _measured(texts: Sequence[str]) -> tuple[int, int]:
    """Cells of the longest line, and of the longest word."""
    from rich.cells import cell_len

    lines = {line for text in texts for line in text.split("\n")}
    pieces = {piece for line in lines for piece in _pieces(line)}
    return max(map(cell_len, lines), default=1), max(map(cell_len, pieces), default=1)


def _panels(grid: Grid, keys: int, room: int) -> Iterator[Grid]:
    """The columns in as many tables as it takes, each behind the first columns and without empty rows."""
    first, rest = list(range(keys)), list(range(keys, len(grid.headings)))
    while rest:
        count = next(n for n in range(len(rest), 0, -1) if n == 1 or _widths(grid, [*first, *rest[:n]], room, FEW))
        panel = grid.only([*first, *rest[:count]])
        yield panel.part([at for at, row in enumerate(panel.rows) if any(row[keys:])])
        rest = rest[count:]


def _laid_out(grid: Grid, essential: int, room: int, lang: Language, drawn: bool) -> Iterator[RenderableType]:
    """Tables of the columns that fit, and the texts between their rows."""
    count = len(grid.rows[0]) if grid.rows else 0
    while (widths := _widths(grid, range(count), room, LINES if count <= essential else FEW)) is None and count > 2:
        count -= 1
    if widths is None:
        yield from _blocks(grid, room, lang)
        return
    right = [all(map(_NUMBER.fullmatch, filter(None, (row[place] for row in grid.rows)))) for place in range(count)]
    table = _table(widths, right, grid.headings[:count], drawn)
    for at, row in enumerate(grid.rows):
        texts = ["\n".join(folded(text, width)) for text, width in zip(row[:count], widths, strict=True)]
        table.add_row(*texts, style=grid.styles[at] if grid.styles and drawn else None)
        below = _pairs(grid.headings[count:], row[count:], lang)
        if below:
            yield table
            yield _indented(below, INDENT, room)
            table = _table(widths, right, (), drawn)
    if table.row_count:
        yield table


def _blocks(grid: Grid, room: int, lang: Language) -> Iterator[RenderableType]:
    """One block a record: its first cell, and below it what the others hold, a line each."""
    from rich.text import Text

    for row in grid.rows:
        yield Text("\n".join(folded(row[0], room)))
        for place, text in enumerate(row[1:], 1):
            if text:
                yield _indented(_pairs(grid.headings[place : place + 1], [text], lang), INDENT, room, hang=2)


def _indented(text: str, indent: int, room: int, hang: int = 0) -> RenderableType:
    """A text in lines behind some blanks; all but the first hang by some more."""
    from rich.text import Text

    first, *rest = folded(text, room - indent - hang)
    return Text("\n".join([" " * indent + first, *(" " * (indent + hang) + line for line in rest)]))


def _pairs(labels: Sequence[str], texts: Sequence[str], lang: Language) -> str:
    """Labels and texts in one line, the empty ones left out."""
    parts = [
        say("table.pair", lang, label=label.replace("\n", " "), text=text) if label else text
        for label, text in zip(labels or [""] * len(texts), texts, strict=True)
        if text
    ]
    return say("table.between", lang).join(parts)


def _table(widths: Sequence[int], right: Sequence[bool], head: Sequence[str], drawn: bool) -> Table:
    """An empty table with columns of fixed width, some of them flush right."""
    from rich import box
    from rich.table import Table

    ruled = drawn and bool(head)  # a table with a rule has a blank of its own between columns
    table = Table(
        box=box.SIMPLE_HEAD if ruled else None,
        padding=(0, GAP - ruled, 0, 0),
        pad_edge=False,
        show_header=bool(head),
        show_edge=False,
        header_style="bold" if drawn else "",
    )
    for place, width in enumerate(widths):
        heading = "\n".join(folded(head[place], width)) if head else ""
        table.add_column(heading, width=width, overflow="fold", justify="right" if right[place] else "left")
    return table
