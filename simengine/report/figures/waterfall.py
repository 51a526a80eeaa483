"""Waterfall of a comparison: from the balance of one scenario to that of another, item by item."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from simengine.common.messages import Language, say
from simengine.common.version import __version__
from simengine.decide.bridge import BASE, BRIDGE, PLACE
from simengine.judge.quantities.catalogue import quantities
from simengine.judge.quantities.select import label_word
from simengine.judge.targets.withheld import reason
from simengine.registry.axes import CLOSING, INCOME_ITEM, OPENING
from simengine.report.figures.style import (
    BLUE,
    INK,
    SAND,
    SKY,
    SMALL_SIZE,
    SOFT,
    SOURCE_SIZE,
    TEXT_SIZE,
    Look,
    dress,
    look_for,
    wrapped,
)
from simengine.report.figures.ticks import label_ticks
from simengine.report.tables.yearly import number, region_word

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from simengine.decide.compare import Comparison

WIDTH, ROW, FRAME, PANEL = 8.6, 0.27, 1.5, 0.75
"""Inches: width of a picture, height of a step, and what stands around the steps: once, and round each panel."""
HEAD_SIZE = 11.0
MARK = 10
"""Points between the middle of a mark and its number, so that a minus sign is clear of it."""


def draw_waterfalls(
    found: Comparison, steps: pd.DataFrame, lang: Language = "en", font: str | Path | None = None
) -> dict[str, Figure]:
    """A picture for every fund that moves, a panel for every scenario beside the base, by the end of its file name.

    Parameters
    ----------
    steps : `Comparison.bridge`
    """
    look = look_for(lang, font)
    several = steps["region"].nunique() > 1
    figures = {}
    for (region, scheme), part in steps.groupby(list(PLACE), sort=False):
        name = f"waterfall_{scheme}" + (f"_{region}" if several else "")
        figures[name] = waterfall(found, part, look)
    return figures


def waterfall(found: Comparison, part: pd.DataFrame, look: Look) -> Figure:
    """The picture of one fund; steps that add nothing are left out of it, the table keeps them."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    panels = [_shown(own, found) for _, own in part.groupby("scenario", sort=False)]
    count = sum(len(rows) for rows in panels)
    size = (WIDTH, FRAME + PANEL * len(panels) + ROW * count)
    figure = Figure(figsize=size, layout="constrained", facecolor="white")
    FigureCanvasAgg(figure)
    axes = figure.subplots(len(panels), 1, squeeze=False, height_ratios=[len(rows) for rows in panels])[:, 0]
    for ax, rows in zip(axes, panels, strict=True):
        _panel(ax, rows, found, look)
    width = 0.95 * WIDTH * 72.0
    title = _finding(panels[0], found, look)
    families = list(look.families)
    figure.suptitle(wrapped(title, width / HEAD_SIZE, look), x=0.012, ha="left", fontsize=HEAD_SIZE, color=INK,
                    fontfamily=families)  # fmt: skip
    first = panels[0][0]
    source = say("compare.plot.source", look.lang, first=first["first_year"], year=first["year"], version=__version__,
                 base=first["base"])  # fmt: skip
    region = str(first["region"])
    whys = [reason(one.decided) for one in found.withheld if one.region == region]
    if whys and withheld(panels[0]):
        source = f"{whys[0].zh}{source}" if look.lang == "zh" else f"{whys[0].en} {source}"
    text = wrapped(source, 0.97 * WIDTH * 72.0 / SOURCE_SIZE, look, even=False)
    figure.supxlabel(text, x=0.012, ha="left", fontsize=SOURCE_SIZE, color=SOFT, fontfamily=families)
    return figure


def decimals_of(found: Comparison) -> int:
    """Decimals of the numbers of a picture."""
    return quantities()["fund_balance"].printed(found.reading.base).decimals


def _shown(rows: pd.DataFrame, found: Comparison) -> list[dict[str, Any]]:
    """Both balances and the steps between them that add something that is printed; the largest one stays always."""
    ends = rows["item"].isin([BASE, CLOSING])
    size = rows["value"].abs().mask(ends, 0.0)
    limit = 0.5 * 10.0 ** -decimals_of(found)
    kept = rows[ends | (size >= limit) | ((size == size.max()) & (size > 0.0))]
    return [dict(zip(BRIDGE, row, strict=True)) for row in kept[list(BRIDGE)].itertuples(index=False)]


def _panel(ax: Axes, rows: Sequence[Mapping[str, Any]], found: Comparison, look: Look) -> None:
    """Steps downward; both balances as marks, so that no bar is cut off where the axis does not begin at zero."""
    decimals = decimals_of(found)
    before = float(rows[0]["running"])
    ends = [float(row["running"]) for row in rows]
    room = 0.16 * ((max(ends) - min(ends)) or abs(ends[0]) or 1.0)
    for place, row in enumerate(rows):
        value, reached = float(row["value"]), float(row["running"])
        total = row["item"] in (BASE, CLOSING)
        if total:
            ax.plot([reached], [place], marker="D", markersize=7, color=BLUE, linestyle="none")
        else:
            colour, hatch = (SKY, "") if value > 0.0 else (SAND, "////")
            ax.barh(place, value, left=before, color=colour, hatch=hatch, edgecolor=SOFT, linewidth=0.5, height=0.66)
        if place + 1 < len(rows):
            ax.plot([reached, reached], [place, place + 1], color=SOFT, linewidth=0.7)
        text = number(value, decimals) if total else _signed(value, decimals)
        if total and value != value:
            text = say("compare.plot.kept", look.lang)
        right = max(before, reached)
        ax.annotate(text, (right, place), xytext=(MARK if total else 6, 0), textcoords="offset points",
                    fontsize=SMALL_SIZE, va="center", color=INK)  # fmt: skip
        before = reached
    ax.set_yticks(range(len(rows)), [_label(row, found, look) for row in rows])
    ax.set_ylim(len(rows) - 0.4, -0.6)
    ax.set_xlim(min(ends) - room, max(ends) + 2.0 * room)
    if min(ends) < 0.0 < max(ends):
        ax.axvline(0.0, color=INK, linewidth=1.0)
    axis = "compare.plot.axis_gap" if withheld(rows) else "compare.plot.axis"
    ax.set_xlabel(say(axis, look.lang, year=rows[0]["year"], unit=rows[0]["unit"]), color=INK)
    ax.xaxis.label.set_fontsize(TEXT_SIZE)
    label_ticks(ax.xaxis)
    ax.grid(axis="x", color="#DDE2E6", linewidth=0.6)
    dress(ax, look)


def withheld(rows: Sequence[Mapping[str, Any]]) -> bool:
    """Whether the balances of a panel are not told."""
    return float(rows[0]["value"]) != float(rows[0]["value"])


def _signed(value: float, decimals: int) -> str:
    text = number(value, decimals)
    return text if value < 0.0 else f"+{text}"


def _label(row: Mapping[str, Any], found: Comparison, look: Look) -> str:
    """What a step is: a scenario by its name, an item by its label."""
    if row["item"] in (BASE, CLOSING):
        key = row["base"] if row["item"] == BASE else row["scenario"]
        title = next(one.title for one in found.sources if one.key == key)[look.lang]
        return wrapped(say("compare.plot.balance", look.lang, title=title), 24.0, look)
    if row["item"] == OPENING:
        return say("compare.plot.opening", look.lang)
    axis = "income_item" if row["item"] in INCOME_ITEM else "outgo_item"
    return label_word(axis, str(row["item"]), look.lang)


def _finding(rows: Sequence[Mapping[str, Any]], found: Comparison, look: Look) -> str:
    """What the first panel finds: where the balance goes, and what moves it most."""
    lang = look.lang
    decimals = decimals_of(found)
    first, last, steps = rows[0], rows[-1], rows[1:-1]
    most = max(steps, key=lambda row: abs(float(row["value"])))
    values = {
        "region": region_word(str(first["region"]), lang),
        "fund": label_word("fund", str(first["scheme"]), lang),
        "year": first["year"],
        "base": number(float(first["value"]), decimals),
        "other": number(float(last["value"]), decimals),
        "unit": first["unit"],
        "item": _label(most, found, look),
        "move": _signed(float(most["value"]), decimals),
    }
    if withheld(rows):
        return say("compare.plot.finding_withheld", lang, gap=_signed(float(last["running"]), decimals), **values)
    return say("compare.plot.finding", lang, **values)
