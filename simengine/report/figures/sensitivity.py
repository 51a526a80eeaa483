"""Pictures of a sensitivity: the tornado of a result, and the two-way map with the line on which a goal is just met."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from simengine.common.messages import Language, say
from simengine.common.version import __version__
from simengine.decide.sensitivity.analysis import KEYS
from simengine.report.figures.style import (
    BLUE,
    INK,
    ORANGE,
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
from simengine.report.figures.ticks import decimals_for, label_ticks
from simengine.report.tables.sensitivity import capped, change, decimals_of, difference_unit, result_words
from simengine.report.tables.verdicts import COMMA
from simengine.report.tables.yearly import number

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from simengine.decide.sensitivity import Sensitivity, TwoWay

WIDTH, ROW, FRAME = 8.6, 0.235, 2.3
"""Inches: width of a picture, height of a bar, and what stands above and below the bars."""
MAP_SIZE = (8.0, 6.2)
HEAD_SIZE, TICK = 11.0, 9.0
MOST = 40
"""Bars of a tornado; of more the widest are drawn, and the picture says how many are left to the CSV."""


def draw_all(found: Sensitivity, lang: Language = "en", font: str | Path | None = None) -> dict[str, Figure]:
    """Every picture of a sensitivity by the end of its file name: a tornado a result, and the map."""
    look = look_for(lang, font)
    figures: dict[str, Figure] = {}
    groups = list(found.rows.groupby(list(KEYS), sort=False, dropna=False))
    for place, (_, part) in enumerate(groups, 1):
        name = "tornado" if len(groups) == 1 else f"tornado_{place}"
        figures[name] = tornado(found, part, look)
    if found.two_way is not None:
        figures["map"] = two_way_map(found, look)
    return figures


def _figure(
    size: tuple[float, float], found: Sensitivity, look: Look, note: str, above: str = ""
) -> tuple[Figure, Axes]:
    """An empty picture with its source line, and a line above that."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=size, layout="constrained", facecolor="white")
    FigureCanvasAgg(figure)
    parts = [
        look.say("footer", "engine", version=__version__),
        look.say("footer", "scenario", scenario=found.scenario.key),
        look.say("footer", "basis", basis=found.scenario.basis),
        note,
        look.say("footer", "projection"),
    ]
    line = say("table.between", look.lang).join(parts)
    room = 0.97 * size[0] * 72.0 / SOURCE_SIZE
    text = "\n".join(wrapped(one, room, look, even=False) for one in (above, line) if one)
    families = list(look.families)
    figure.supxlabel(text, x=0.012, ha="left", fontsize=SOURCE_SIZE, color=SOFT, fontfamily=families, linespacing=1.4)
    return figure, figure.add_subplot()


def _head(figure: Figure, look: Look, title: str, subtitle: str) -> None:
    """What the picture finds, over its whole width, and below it what is drawn."""
    width = 0.95 * float(figure.get_size_inches()[0]) * 72.0
    lines = [wrapped(title, width / HEAD_SIZE, look), wrapped(subtitle, width / HEAD_SIZE, look)]
    families = list(look.families)
    figure.suptitle("\n".join(lines), x=0.012, ha="left", fontsize=HEAD_SIZE, color=INK, fontfamily=families)


def tornado(found: Sensitivity, part: pd.DataFrame, look: Look) -> Figure:
    """Bars of one result around the baseline, the widest on top; those that move nothing share one line below."""
    moving = part[part["swing"] > 0.0]
    shown = moving.iloc[:MOST] if len(moving) else part.iloc[:1]
    still = [found.drivers[str(key)].name(look.lang) for key in part["driver"] if key not in {*moving["driver"]}]
    first = shown.iloc[0]
    decimals = decimals_of(found, str(first["indicator"]))
    note = say("sensitivity.note", look.lang)
    if len(moving) > len(shown):
        note = say("sensitivity.left_out", look.lang, count=len(moving) - len(shown), note=note)
    above = ""
    if still:
        above = say("sensitivity.idle_line", look.lang, names=COMMA[look.lang].join(still))
    figure, ax = _figure((WIDTH, FRAME + ROW * len(shown)), found, look, note, above)
    base = float(first["base"])
    widest = float(np.abs(shown[["low_difference", "high_difference"]].to_numpy(float)).max()) or 1.0
    labels = []
    for place, row in enumerate(shown.to_dict("records")):
        driver = found.drivers[str(row["driver"])]
        labels.append(say("sensitivity.bar", look.lang, name=driver.name(look.lang), size=driver.size_text(look.lang)))
        for side, colour, hatch in (("low", SAND, "////"), ("high", SKY, "")):
            move = float(row[f"{side}_difference"])
            ax.barh(place, move, color=colour, edgecolor=SOFT, linewidth=0.5, hatch=hatch, height=0.72)
        _ends(ax, place, row, decimals, look)
    ax.axvline(0.0, color=INK, linewidth=1.0)
    ax.set_yticks(range(len(labels)), labels)
    ax.set_ylim(len(labels) - 0.4, -0.6)
    ax.set_xlim(-1.28 * widest, 1.28 * widest)
    label_ticks(ax.xaxis)
    ax.set_xlabel(
        say(
            "sensitivity.axis",
            look.lang,
            unit=difference_unit(str(first["unit"]), look.lang),
            base=number(base, decimals),
        ),
        color=INK,
    )
    ax.xaxis.label.set_fontsize(TEXT_SIZE)
    ax.grid(axis="x", color="#DDE2E6", linewidth=0.6)
    _legend(ax, look)
    top = found.drivers[str(first["driver"])].name(look.lang)
    if float(first["swing"]) > 0.0:
        ends = {side: number(float(first[side]), decimals) for side in ("low", "high")}
        title = say(
            "sensitivity.finding",
            look.lang,
            name=result_words(first, look.lang),
            driver=top,
            unit=first["unit"],
            **ends,
        )
    else:
        title = say("sensitivity.finding_none", look.lang, name=result_words(first, look.lang))
    _head(figure, look, title, say("sensitivity.subtitle", look.lang))
    dress(ax, look)
    return figure


def _ends(ax: Axes, place: int, row: Mapping[Any, Any], decimals: int, look: Look) -> None:
    """Differences at the ends of a bar; a word on the side that cannot be moved further."""
    moves = [float(row[f"{side}_difference"]) for side in ("low", "high")]
    caps = [capped(row, side) for side in ("low", "high")]
    for right in (False, True):
        end = max(0.0, *moves) if right else min(0.0, *moves)
        text = (
            change(end, decimals) if end else say("sensitivity.at_cap", look.lang) if any(caps) and any(moves) else ""
        )
        if not any(moves):
            text = "0" if right else ""
        if text:
            ax.annotate(
                text, (end, place), xytext=(3 if right else -3, 0), textcoords="offset points",
                ha="left" if right else "right", fontsize=SOURCE_SIZE, va="center", color=INK if end else SOFT,
                fontfamily=list(look.families),
            )  # fmt: skip


def _legend(ax: Axes, look: Look) -> None:
    from matplotlib.patches import Patch

    handles = [
        Patch(facecolor=SAND, edgecolor=SOFT, hatch="////", label=say("sensitivity.column.low", look.lang)),
        Patch(facecolor=SKY, edgecolor=SOFT, label=say("sensitivity.column.high", look.lang)),
    ]
    legend = ax.legend(handles=handles, loc="lower right", fontsize=SMALL_SIZE, frameon=False)
    for text in legend.get_texts():
        text.set_fontfamily(list(look.families))


def two_way_map(found: Sensitivity, look: Look) -> Figure:
    """The result over two drivers, with the line on which the goal is just met and the baseline marked."""
    two_way = found.two_way
    if two_way is None:
        raise ValueError("no two drivers were moved together")
    first = two_way.rows.iloc[0]
    figure, ax = _figure(MAP_SIZE, found, look, say("sensitivity.map_note", look.lang))
    table = two_way.rows.pivot(index="y", columns="x", values="value")
    values = np.ma.masked_invalid(table.to_numpy(float))
    xs, ys = table.columns.to_numpy(float), table.index.to_numpy(float)
    flat = float(values.max()) == float(values.min())
    mesh = ax.pcolormesh(xs, ys, values, cmap="cividis", shading="nearest")
    bar = figure.colorbar(mesh, ax=ax, pad=0.02)
    bar.set_label(str(first["unit"]), fontsize=TEXT_SIZE, color=INK, fontfamily=list(look.families))
    bar.ax.tick_params(labelsize=SMALL_SIZE, colors=SOFT)
    label_ticks(bar.ax.yaxis)
    if not flat:
        ticks = [float(level) for level in bar.get_ticks() if two_way.goal is None or level != two_way.goal.value]
        lines = ax.contour(xs, ys, values, levels=ticks, colors="white", linewidths=0.7, linestyles="solid")
        places = decimals_for(ticks)
        ax.clabel(lines, fontsize=SOURCE_SIZE, fmt=lambda value: number(value, places))
    if two_way.goal is not None and len(two_way.contour):
        ax.contour(xs, ys, values, levels=[two_way.goal.value], colors=ORANGE, linewidths=2.6, linestyles="solid")
        ax.plot(
            [], [], color=ORANGE, linewidth=2.6, label=say("sensitivity.just_met", look.lang, goal=two_way.goal.text)
        )
    ends = {"color": "white", "markeredgecolor": BLUE, "markeredgewidth": 1.8, "linestyle": "none"}
    ax.plot([0.0], [0.0], marker="D", markersize=7, label=say("sensitivity.base", look.lang), **ends)  # type: ignore[arg-type]
    for axis, driver, places in ((ax.xaxis, two_way.drivers[0], xs), (ax.yaxis, two_way.drivers[1], ys)):
        texts = [driver.size_text(look.lang, float(at), signed=True) if at else "0" for at in places]
        texts = [wrapped(text, TICK, look, even=False) for text in texts]  # a long unit does not run into the next tick
        axis.set_ticks(places, texts)
        axis.set_label_text(driver.name(look.lang), fontsize=TEXT_SIZE, color=INK)
    legend = ax.legend(loc="upper center", bbox_to_anchor=(0.5, -0.14), ncols=2, fontsize=SMALL_SIZE, frameon=False)
    for text in legend.get_texts():
        text.set_fontfamily(list(look.families))
    _head(
        figure,
        look,
        _map_title(two_way, look, flat=flat),
        say("sensitivity.map_subtitle", look.lang, unit=first["unit"]),
    )
    dress(ax, look)
    return figure


def _map_title(two_way: TwoWay, look: Look, *, flat: bool) -> str:
    """What the map finds."""
    x, y = two_way.drivers
    said = {"name": result_words(two_way.rows.iloc[0], look.lang), "x": x.name(look.lang), "y": y.name(look.lang)}
    if flat:
        return say("sensitivity.map_flat", look.lang, **said)
    if two_way.goal is None:
        return say("sensitivity.map_title", look.lang, **said)
    key = "sensitivity.map_met" if len(two_way.contour) else "sensitivity.map_not_met"
    return say(key, look.lang, goal=two_way.goal.text, **said)
