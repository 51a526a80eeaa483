"""Heat map of stresses: every target and fund of a scenario under every stress."""

from __future__ import annotations

import math
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
    Look,
    dress,
    headline,
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
NARROW, TALL, WIDE = 0.62, 0.33, 8.4


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
    from matplotlib.figure import Figure

    rows, columns = table["id"].nunique(), table["stress"].nunique()
    figure = Figure(figsize=(max(WIDE, 3.4 + NARROW * columns), 2.7 + TALL * rows), layout="constrained", dpi=200)
    ax = figure.subplots()
    heat_map(found, table, ax, look_for(lang))
    figure.savefig(path, format="png", metadata={"Software": f"simengine {__version__}"})


def heat_map(found: Stressed, table: pd.DataFrame, ax: Axes, look: Look) -> Axes:
    """Draw the heat map: colours are changes against the baseline, numbers the distance; a frame marks a flip.

    Parameters
    ----------
    table : `stress_table`
    """
    lang = look.lang
    ids, names = list(dict.fromkeys(table["id"])), list(dict.fromkeys(table["stress"]))
    wide = {key: table.pivot(index="id", columns="stress", values=key).reindex(index=ids, columns=names)
            for key in ("change", "distance", "flips", "verdict")}  # fmt: skip
    change = wide["change"].to_numpy(dtype=float)
    ax.imshow(np.ma.masked_invalid(change), cmap=COLOURS, vmin=-BOLDEST, vmax=BOLDEST, aspect="auto")
    for row in range(len(ids)):
        for column in range(len(names)):
            _cell(ax, row, column, {key: of.iat[row, column] for key, of in wide.items()})
    first = table.drop_duplicates("id").set_index("id")
    labels = [_label(first.loc[name], name, look) for name in ids]
    ax.set_yticks(range(len(ids)), labels)
    titles = table.drop_duplicates("stress").set_index("stress")["title"]
    ax.set_xticks(
        range(len(names)), [str(titles[name]) for name in names], rotation=32, ha="right", rotation_mode="anchor"
    )
    ax.tick_params(length=0, labelsize=SMALL_SIZE)
    ax.xaxis.tick_bottom()
    scenario = found.scenarios[0]
    flips = int(table["flips"].sum())
    told: dict[str, Any] = {"title": scenario.title(lang), "count": flips, "cells": len(table)}
    headline(
        ax,
        look,
        say("stress.plot.title", lang, **told),
        say("stress.plot.subtitle", lang, start=found.starts[scenario.key]),
    )
    dress(ax, look)
    ax.tick_params(length=0, labelsize=SMALL_SIZE)
    for side in ax.spines.values():
        side.set_visible(False)
    _foot(ax, found, look)
    return ax


def _label(row: Any, name: str, look: Look) -> str:
    """Name of a target or fund, with its distance in the baseline."""
    base = number(float(row["base"]), 1)
    unit = "%" if row["kind"] == "target" else say("stress.plot.months", look.lang)
    text = say("stress.plot.row", look.lang, id=name, name=row["name"], base=base, unit=unit)
    fund = say("stress.plot.fund", look.lang, name=row["name"], base=base, unit=unit)
    return wrapped(text if row["kind"] == "target" else fund, 26.0, look, even=False)


def _cell(ax: Axes, row: int, column: int, of: dict[str, Any]) -> None:
    """The number of a cell, and a frame where the verdict flips."""
    from matplotlib.patches import Rectangle

    value = float(of["distance"]) if of["distance"] == of["distance"] else math.nan
    text = "–" if math.isnan(value) else number(value, 1)
    dark = not math.isnan(value) and abs(float(of["change"])) > 0.7 * BOLDEST
    ax.text(column, row, text, ha="center", va="center", fontsize=SMALL_SIZE - 1, color="white" if dark else INK)
    if of["flips"] is True or of["flips"] == 1:
        ax.add_patch(Rectangle((column - 0.48, row - 0.46), 0.96, 0.92, fill=False, edgecolor=INK, linewidth=1.8))
    elif of["verdict"] in (BELOW, "missed"):
        ax.text(column + 0.36, row + 0.33, "✗", ha="center", va="center", fontsize=5.5, color="white" if dark else SOFT)


def _foot(ax: Axes, found: Stressed, look: Look) -> None:
    """Unit, what frames mean, and the source, below the picture."""
    note = say("stress.plot.note", look.lang, year=found.year, before=found.before)
    key = found.scenarios[0].key
    if key in found.why:
        note += say("stress.plot.no_funds", look.lang)
    source = say("stress.plot.source", look.lang, version=__version__, key=key)
    figure: Figure = ax.figure  # type: ignore[assignment]
    width = figure.get_size_inches()[0] * 72.0 / (SOURCE_SIZE * 1.05)
    text = wrapped(f"{note} {source}", width, look, even=False)
    figure.supxlabel(text, x=0.01, ha="left", fontsize=SOURCE_SIZE, color=SOFT, fontfamily=list(look.families))
