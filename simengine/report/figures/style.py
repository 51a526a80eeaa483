"""How every picture looks: fonts, colours, words, numbers and the order of labels; notes/figures.md says why.

Nothing here touches global settings of the plotting library: fonts and sizes are set on the texts themselves.
"""

from __future__ import annotations

import math
import os
import unicodedata
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from simengine.common import strict_yaml
from simengine.common.errors import SimengineError
from simengine.common.messages import LANGUAGES, Language, near
from simengine.judge.targets.compare import rounded

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from matplotlib.text import Text

FONT_VARIABLE = "SIMENGINE_FONT"
"""Environment variable that names a Chinese font: a family, or the path of a font file."""

LATIN = "DejaVu Sans"
"""Comes with the plotting library, so English pictures look the same everywhere."""

CHINESE = (
    *("Noto Sans CJK SC", "Noto Sans SC", "Source Han Sans SC", "Source Han Sans CN", "Microsoft YaHei"),
    *("PingFang SC", "Hiragino Sans GB", "WenQuanYi Micro Hei", "WenQuanYi Zen Hei", "SimHei", "Heiti SC", "STHeiti"),
    *("Noto Serif CJK SC", "Noto Serif SC", "Source Han Serif SC", "Songti SC", "SimSun", "FangSong", "KaiTi"),
)
"""Families looked for among the installed fonts, sans serif first."""

PROBE = "保险基金年龄亿"
"""Characters a font must have to be taken for a Chinese one."""

BLUE, ORANGE, GREEN, PURPLE = "#0072B2", "#D55E00", "#006D2C", "#8C4A86"
SKY, SAND = "#9CC7E4", "#F3C6A0"
INK, SOFT, GRID = "#26323B", "#5F6B73", "#DDE2E6"
"""Colours told apart with any kind of colour vision; lines differ in dash as well, markers in shape."""

TITLE_SIZE, TEXT_SIZE, SMALL_SIZE, SOURCE_SIZE = 12.5, 9.5, 8.5, 7.0
"""Points, for a picture of about eight inches."""


class FigureWarning(UserWarning):
    """Something a picture had to leave out or say differently."""


@cache
def words() -> Mapping[str, Mapping[str, Any]]:
    """The key table of the pictures (plot.yaml)."""
    table: Mapping[str, Mapping[str, Any]] = strict_yaml.load(Path(__file__).with_name("plot.yaml")).data
    return table


# --- fonts ------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Look:
    """Language and font families of one picture."""

    lang: Language
    families: tuple[str, ...]

    def say(self, group: str, key: str, /, **values: Any) -> str:
        """One text of the key table with its values filled in."""
        text: str = words()[group][key][self.lang]
        return text.format(**values)

    def width(self, text: str) -> float:
        """Width of a line in units of its font size, as the fonts of the picture set it."""
        return _width(text, self.families)


@cache
def _width(text: str, families: tuple[str, ...]) -> float:
    from matplotlib.font_manager import FontProperties
    from matplotlib.textpath import text_to_path

    width, _, _ = text_to_path.get_text_width_height_descent(
        text, FontProperties(family=list(families), size=100), False
    )
    return float(width) / 100.0


def look_for(lang: Language = "en", font: str | Path | None = None) -> Look:
    """Language and fonts to draw with.

    Chinese text takes the first font found: the one named, an installed one, the one of the extra ``report``. When
    there is none the picture is labelled in English and one `FigureWarning` says how to get Chinese.

    Parameters
    ----------
    font : family or file of a Chinese font; else the environment variable ``SIMENGINE_FONT``

    Raises
    ------
    SimengineError
        when the named font is not there or has no Chinese characters
    """
    if lang not in LANGUAGES:
        raise SimengineError("language_unknown", name=lang, known=", ".join(LANGUAGES))
    family = chinese_family(str(font or os.environ.get(FONT_VARIABLE) or ""))
    if family is None and lang == "zh":
        text = words()["fonts"]["none"]
        warnings.warn("\n".join(text[each].format(variable=FONT_VARIABLE) for each in LANGUAGES), FigureWarning, 2)
        lang = "en"
    if family is None:
        return Look(lang, (LATIN,))
    return Look(lang, (family, LATIN) if lang == "zh" else (LATIN, family))


def chinese_family(named: str = "") -> str | None:
    """Family of the Chinese font to use, registered with the plotting library; None when there is none."""
    if named:
        return _named_family(named)
    return _installed_family() or _packaged_family()


def _named_family(named: str) -> str:
    path = Path(named).expanduser()
    if path.is_file():
        return _register(path)
    known = _installed()
    if named not in known:
        raise SimengineError("font_unknown", near=near(named, known), name=named)
    return _checked(known[named], named)


def _installed() -> dict[str, str]:
    from matplotlib.font_manager import fontManager

    return {entry.name: entry.fname for entry in fontManager.ttflist}


def _installed_family() -> str | None:
    known = _installed()
    return next((name for name in CHINESE if name in known and _has_chinese(known[name])), None)


def _packaged_family() -> str | None:
    try:
        from pylopdf_fonts_zh_cn import sans_path
    except ImportError:  # the extra is not installed
        return None
    return _register(Path(sans_path()))


def _register(path: Path) -> str:
    """Add a font file to the plotting library once; returns its family."""
    from matplotlib.font_manager import fontManager
    from matplotlib.ft2font import FT2Font

    try:
        family = str(FT2Font(str(path)).family_name)
    except RuntimeError as error:
        raise SimengineError("font_file", where=str(path)) from error
    _checked(str(path), family)
    if str(path) not in {entry.fname for entry in fontManager.ttflist}:
        fontManager.addfont(str(path))
    return family


def _checked(path: str, family: str) -> str:
    if not _has_chinese(path):
        raise SimengineError("font_not_chinese", where=path, name=family)
    return family


@cache
def _has_chinese(path: str) -> bool:
    from matplotlib.ft2font import FT2Font

    font = FT2Font(path)
    return all(font.get_char_index(ord(letter)) for letter in PROBE)


# --- numbers ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Scale:
    """A unit to print in: base units over `factor` are `unit`; `short` is the unit inside a sentence."""

    factor: float
    unit: str
    short: str
    lang: Language

    def text(self, value: float, precision: float = 0.0) -> str:
        """A value in base units as a number with its unit, for sentences and labels.

        Parameters
        ----------
        precision : size of the last digit to print, in base units; by size of the number when left out
        """
        blank = "" if self.lang == "zh" or self.unit == "%" else "\u00a0"  # a number and its unit share a line
        return f"{self.digits(value, precision)}{blank}{self.short}"

    def digits(self, value: float, precision: float = 0.0) -> str:
        """The number alone, rounded half up to the precision of what it is compared with."""
        if precision <= 0.0 or value != value:
            return number(value / self.factor)
        places = max(0, round(math.log10(self.factor / precision)))
        return number(rounded(value / self.factor, places), places)


def scale_for(kind: str, largest: float, lang: Language) -> Scale:
    """The scale of persons or yuan in which the largest value is at least one; the smallest scale otherwise."""
    rows = words()["scales"][kind][lang]
    row = next((row for row in rows if largest >= row["factor"]), rows[-1])
    return Scale(float(row["factor"]), row["unit"], row.get("short", row["unit"]), lang)


def number(value: float | Decimal, decimals: int | None = None) -> str:
    """A number for readers: whole from 1,000 on, else one decimal from 100 on and two below; a true minus sign.

    >>> number(1234.56), number(311.04), number(3.456), number(-0.001), number(-12.0)
    ('1,235', '311', '3.46', '0', '−12')
    """
    size = abs(float(value))
    places = (0 if size >= 1000 else 1 if size >= 100 else 2) if decimals is None else decimals
    text = f"{size:z,.{places}f}"
    if decimals is None and "." in text:
        text = text.rstrip("0").rstrip(".")
    return f"−{text}" if value < 0 and text.strip("0.,") else text


# --- the look of axes -------------------------------------------------------------------------------------------------


def dress(ax: Axes, look: Look) -> Axes:
    """Calm frame, light grid, and the fonts of the picture on every text of the axes."""
    families = list(look.families)
    ax.set_facecolor("white")
    for side in ("top", "right"):
        ax.spines[side].set_visible(False)
    for side in ("left", "bottom"):
        ax.spines[side].set_color(SOFT)
    ax.set_axisbelow(True)
    ax.tick_params(colors=SOFT, labelcolor=INK, labelsize=SMALL_SIZE, labelfontfamily=families, length=3)
    for text in _texts(ax):
        text.set_fontfamily(families)
    return ax


def _texts(ax: Axes) -> list[Text]:
    legend = ax.get_legend()
    titles = [text for text in ax.get_children() if type(text).__name__ in ("Text", "Annotation")]
    parts = [*titles, ax.xaxis.label, ax.yaxis.label, ax.xaxis.get_offset_text(), ax.yaxis.get_offset_text()]
    return [*parts, *(legend.get_texts() if legend is not None else ())]


def figure_of(ax: Axes) -> Figure:
    """The figure axes stand in."""
    figure = ax.get_figure(root=True)
    if figure is None:
        raise ValueError("the axes stand in no figure")
    return figure


def points(ax: Axes) -> tuple[float, float]:
    """Width and height of axes before any layout [points]."""
    box, size = ax.get_position(), figure_of(ax).get_size_inches()
    return float(box.width * size[0]) * 72.0, float(box.height * size[1]) * 72.0


def headline(ax: Axes, look: Look, title: str, subtitle: str) -> None:
    """What the picture finds, and below it what is drawn; the title is broken to the width of the axes."""
    grown = 1.1 if figure_of(ax).get_layout_engine() is not None else 1.0  # a layout engine will widen the axes
    lines = wrapped(title, grown * points(ax)[0] / TITLE_SIZE, look)
    ax.set_title(lines, loc="left", fontsize=TITLE_SIZE, color=INK, pad=22, linespacing=1.3)
    ax.annotate(
        subtitle,
        (0.0, 1.0),
        xycoords="axes fraction",
        xytext=(0, 7),
        textcoords="offset points",
        fontsize=SMALL_SIZE,
        color=SOFT,
        va="bottom",
    )


def wrapped(text: str, limit: float, look: Look, *, even: bool = True) -> str:
    """Break a text so that no line is wider than the limit [font sizes]: at blanks, and between Chinese characters.

    A line never begins with closing punctuation nor ends with an opening one, and numbers stay whole.

    Parameters
    ----------
    even : make the lines of about equal length, as a title needs
    """
    pieces: list[str] = []
    for letter in text:
        before = pieces[-1][-1] if pieces else ""
        glued = letter in " ，。；：、）％%”" or before in "（“"
        word = not (_is_wide(letter) or before == " " or _is_wide(before))
        if pieces and (glued or word):
            pieces[-1] += letter
        else:
            pieces.append(letter)
    lines = _filled(pieces, limit, look)
    for share in (
        (0.6, 0.65, 0.7, 0.75, 0.8, 0.85, 0.9, 0.95) if even else ()
    ):  # the narrowest setting with as many lines is even
        narrower = _filled(pieces, share * limit, look)
        if len(narrower) == len(lines) > 1:
            lines = narrower
            break
    return "\n".join(lines)


def _filled(pieces: Sequence[str], limit: float, look: Look) -> list[str]:
    lines = [""]
    for piece in pieces:
        if lines[-1] and look.width((lines[-1] + piece).rstrip()) > limit:
            lines.append("")
        lines[-1] += piece if lines[-1] else piece.lstrip()
    return [line.rstrip() for line in lines]


def _is_wide(letter: str) -> bool:
    return bool(letter) and unicodedata.east_asian_width(letter) in "WF"


def spread(wanted: Sequence[float], gap: float, low: float, high: float) -> list[float]:
    """Positions in the order of `wanted`, as near to it as a least distance allows, within low..high where possible.

    >>> spread([0.5, 0.5, 0.9], 0.1, 0.0, 1.0)
    [0.45, 0.55, 0.9]
    """
    order = sorted(range(len(wanted)), key=lambda position: wanted[position])
    groups: list[list[float]] = []  # mean of the wanted centres, members
    for position in order:
        groups.append([wanted[position], 1.0])
        while len(groups) > 1 and groups[-1][0] - groups[-2][0] < gap * (groups[-1][1] + groups[-2][1]) / 2 - 1e-12:
            (centre, count), (other, more) = groups.pop(), groups.pop()
            groups.append([(centre * count + other * more) / (count + more), count + more])
    placed = [centre + gap * (place - (count - 1) / 2) for centre, count in groups for place in range(int(count))]
    for place in range(len(placed)):
        placed[place] = max(placed[place], low + gap * place)
    for place in reversed(range(len(placed))):
        placed[place] = min(placed[place], high - gap * (len(placed) - 1 - place))
    result = [0.0] * len(wanted)
    for place, position in enumerate(order):
        result[position] = round(placed[place], 12)
    return result


def label_ends(ax: Axes, entries: Sequence[tuple[float, str, str]]) -> None:
    """Name lines at the right edge instead of in a legend; labels keep their distance.

    Parameters
    ----------
    entries : height in data units, text, colour; the limits of the axes must be final
    """
    low, high = ax.get_ylim()
    gap = label_gap(ax, max((text.count("\n") + 1 for _, text, _ in entries), default=1))
    heights = spread([(height - low) / (high - low) for height, _, _ in entries], gap, 0.0, 1.0)
    for (_, text, colour), height in zip(entries, heights, strict=True):
        ax.annotate(
            text,
            (1.0, height),
            xycoords="axes fraction",
            xytext=(6, 0),
            textcoords="offset points",
            fontsize=SMALL_SIZE,
            color=colour,
            va="center",
        )


def label_gap(ax: Axes, lines: int = 1) -> float:
    """Least distance between small labels of some lines, as a share of the height of the axes."""
    return 1.35 * SMALL_SIZE * lines / points(ax)[1]


def nice_ceiling(value: float) -> float:
    """The smallest of 1, 1.2, 1.5, 2, 2.5, 3, 4, 5, 6, 8 times a power of ten that is not below the value."""
    if value <= 0.0:
        return 1.0
    power = 10.0 ** math.floor(math.log10(value))
    return next(step * power for step in (1, 1.2, 1.5, 2, 2.5, 3, 4, 5, 6, 8, 10) if step * power >= value * (1 - 1e-9))
