"""Heat map of stresses: every target and fund of a scenario under every stress."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from simengine.common.errors import ScenarioError
from simengine.common.messages import Language, say
from simengine.common.version import __version__
from simengine.decide.stress.run import BASELINE, BELOW, NO_FUND
from simengine.judge.targets.verdicts import WITHHELD
from simengine.report.figures.style import (
    INK,
    SMALL_SIZE,
    SOFT,
    SOURCE_SIZE,
    TITLE_SIZE,
    Look,
    dress,
    look_for,
    number,
    wrapped,
)

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from simengine.decide.stress.run import Stressed

COLOURS = "PuOr"
"""Orange is worse, purple better: told apart with every kind of colour vision, and even in lightness."""

BOLDEST = 5.0
"""Per cent of the goal, or months of outgo, at which the colour is full."""

COLUMNS = (
    *("scenario", "kind", "id", "name", "year", "stress", "title", "base", "distance", "change"),
    "flips",
    "verdict",
)
NARROW, TALL, WIDE = 0.66, 0.33, 8.4
UNDER, EDGE, GAP = 1.35, 0.12, 0.06
"""Room for the names of the stresses, edge of the picture, and gap between the labels of two rows [in]."""

LINE, INCH = 1.3, 72.0
LOST = "✗"


def stress_table(found: Stressed, lang: Language) -> pd.DataFrame:
    """What the heat map draws: rows of the own region that a shock can reach, and funds with a verdict.

    `change` is the distance under the stress less that of the baseline: points of the goal, or months of outgo.

    Raises
    ------
    ScenarioError where there is no such row
    """
    import pandas as pd

    (scenario,) = found.scenarios
    cells = found.cells[found.cells["region"].isin(found.shown[scenario.key])]
    reached = cells[(cells["kind"] == "fund") | (cells["year"] >= found.starts[scenario.key])]
    reached = reached[~reached["base_verdict"].isin([WITHHELD, NO_FUND])]
    if not len(reached):
        raise ScenarioError("stress_plot_empty", where="--plot", scenario=scenario.key)
    base = reached[reached["stress"] == BASELINE].set_index("id")["distance"]
    titles = {one.key: one.title(lang) for one in found.stresses}
    rows = [
        [row["scenario"], row["kind"], row["id"], row["name"], row["year"], row["stress"], titles[row["stress"]],
         base[row["id"]], row["distance"], row["distance"] - base[row["id"]], bool(row["flips"]), row["verdict"]]
        for row in reached[reached["stress"] != BASELINE].to_dict("records")
    ]  # fmt: skip
    return pd.DataFrame(rows, columns=list(COLUMNS))


def draw_stress(found: Stressed, table: pd.DataFrame, path: Path, lang: Language) -> None:
    """Write the heat map as a PNG."""
    figure = stress_figure(found, table, lang)
    figure.savefig(path, format="png", metadata={"Software": f"simengine {__version__}"})


def stress_figure(found: Stressed, table: pd.DataFrame, lang: Language) -> Figure:
    """The heat map under its title and above its notes, both broken to the width of the whole picture."""
    from matplotlib.figure import Figure
    from matplotlib.layout_engine import ConstrainedLayoutEngine

    look = look_for(lang)
    columns = table["stress"].nunique()
    first = table.drop_duplicates("id")
    labels = [_label(row, str(row["id"]), look) for row in first.to_dict("records")]
    tall = max(TALL, (max(label.count("\n") for label in labels) + 1) * LINE * SMALL_SIZE / INCH + GAP)
    width = max(WIDE, 3.4 + NARROW * columns)
    above, below = _above(found, table, look, width), _below(found, look, width)
    height = above[-1].low + tall * len(labels) + UNDER + below.size + 2.0 * EDGE
    room = (below.size + EDGE) / height
    layout = ConstrainedLayoutEngine(rect=(0.0, room, 1.0, 1.0 - room - above[-1].low / height))
    figure = Figure(figsize=(width, height), layout=layout, dpi=200)
    for line in (*above, below):
        at = line.low if line is below else height - line.low
        told: dict[str, Any] = {
            "fontsize": line.font,
            "color": line.colour,
            "fontfamily": list(look.families),
            "linespacing": LINE,
        }
        figure.text(EDGE / width, at / height, line.text, ha="left", va="bottom", **told)
    heat_map(found, table, figure.subplots(), look, labels)
    return figure


@dataclass(frozen=True)
class _Line:
    """A text beside the map; `low` is its lower edge, from the top, of the notes from the bottom [in]."""

    text: str
    font: float
    colour: str
    low: float

    @property
    def size(self) -> float:
        """Height of its lines [in]."""
        return (self.text.count("\n") + 1) * LINE * self.font / INCH


def _broken(text: str, font: float, width: float, look: Look, *, even: bool = False) -> str:
    return wrapped(text, 0.97 * (width - 2.0 * EDGE) * INCH / font, look, even=even)


def _above(found: Stressed, table: pd.DataFrame, look: Look, width: float) -> list[_Line]:
    """Title and subtitle, one below the other."""
    scenario = found.scenarios[0]
    told: dict[str, Any] = {"title": scenario.title(look.lang), "count": int(table["flips"].sum()), "cells": len(table)}
    title = _Line(
        _broken(say("stress.plot.title", look.lang, **told), TITLE_SIZE, width, look, even=True), TITLE_SIZE, INK, 0.0
    )
    title = replace(title, low=EDGE + title.size)
    words = say("stress.plot.subtitle", look.lang, start=found.starts[scenario.key])
    below = _Line(_broken(words, SMALL_SIZE, width, look), SMALL_SIZE, SOFT, 0.0)
    return [title, replace(below, low=title.low + 0.04 + below.size)]


def _below(found: Stressed, look: Look, width: float) -> _Line:
    """Unit, what frames and marks mean, and the source."""
    note = say("stress.plot.note", look.lang, year=found.year, before=found.before)
    key = found.scenarios[0].key
    if key in found.why:
        note += say("stress.plot.no_funds", look.lang)
    source = say("stress.plot.source", look.lang, version=__version__, key=key)
    lines = (_broken(text.strip(), SOURCE_SIZE, width, look) for text in (note, source))
    return _Line("\n".join(lines), SOURCE_SIZE, SOFT, EDGE)


def heat_map(found: Stressed, table: pd.DataFrame, ax: Axes, look: Look, labels: Sequence[str] | None = None) -> Axes:
    """Draw the heat map: colours are changes against the baseline, numbers the distance; a frame marks a flip.

    Parameters
    ----------
    table : `stress_table`
    labels : of the rows, as they are broken; made here when left out
    """
    from matplotlib import colormaps
    from matplotlib.colors import Normalize

    ids, names = list(dict.fromkeys(table["id"])), list(dict.fromkeys(table["stress"]))
    wide = {key: table.pivot(index="id", columns="stress", values=key).reindex(index=ids, columns=names)
            for key in ("change", "distance", "flips", "verdict")}  # fmt: skip
    change = wide["change"].to_numpy(dtype=float)
    colours, scale = colormaps[COLOURS], Normalize(-BOLDEST, BOLDEST, clip=True)
    ax.imshow(np.ma.masked_invalid(change), cmap=colours, norm=scale, aspect="auto")
    for row in range(len(ids)):
        for column in range(len(names)):
            of = {key: values.iat[row, column] for key, values in wide.items()}
            back = "white" if math.isnan(change[row, column]) else colours(scale(change[row, column]))
            _cell(ax, row, column, of, readable_on(back))
    if labels is None:
        labels = [_label(row, str(row["id"]), look) for row in table.drop_duplicates("id").to_dict("records")]
    ax.set_yticks(range(len(ids)), list(labels))
    titles = table.drop_duplicates("stress").set_index("stress")["title"]
    said = [wrapped(str(titles[name]), 17.0, look) for name in names]
    ax.set_xticks(range(len(names)), said, rotation=40, ha="right", rotation_mode="anchor")
    ax.xaxis.tick_bottom()
    dress(ax, look)
    ax.tick_params(length=0, labelsize=SMALL_SIZE)
    for label in ax.get_yticklabels():
        label.set_linespacing(LINE)
    for side in ax.spines.values():
        side.set_visible(False)
    return ax


def readable_on(colour: Any) -> str:
    """White or ink, whichever stands out more on a colour."""
    return max(("white", INK), key=lambda ink: contrast(ink, colour))


def contrast(one: Any, two: Any) -> float:
    """Contrast of two colours as accessibility rules count it: 1 for the same, 21 for black on white."""
    from matplotlib.colors import to_rgb

    def light(colour: Any) -> float:
        parts = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in to_rgb(colour)]
        return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]

    low, high = sorted((light(one), light(two)))
    return (high + 0.05) / (low + 0.05)


def _label(row: Any, name: str, look: Look) -> str:
    """Name of a target or fund, with its distance in the baseline."""
    base = number(float(row["base"]), 1)
    unit = "%" if row["kind"] == "target" else say("stress.plot.months", look.lang)
    text = say("stress.plot.row", look.lang, id=name, name=row["name"], base=base, unit=unit)
    fund = say("stress.plot.fund", look.lang, name=row["name"], base=base, unit=unit)
    return wrapped(text if row["kind"] == "target" else fund, 26.0, look, even=False)


def _cell(ax: Axes, row: int, column: int, of: dict[str, Any], ink: str) -> None:
    """The number of a cell with the mark of what is missed behind it, and a frame where the verdict flips."""
    from matplotlib.patches import Rectangle

    value = float(of["distance"]) if of["distance"] == of["distance"] else math.nan
    text = "–" if math.isnan(value) else number(value, 1)
    if of["verdict"] in (BELOW, "missed"):
        text += LOST
    ax.text(column, row, text, ha="center", va="center", fontsize=SMALL_SIZE - 1, color=ink)
    if of["flips"] is True or of["flips"] == 1:
        ax.add_patch(Rectangle((column - 0.46, row - 0.43), 0.92, 0.86, fill=False, edgecolor=INK, linewidth=1.8))
