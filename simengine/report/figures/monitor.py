"""Picture of the plan monitor: a panel a row with straight path, actuals, projection and target."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from simengine.common.messages import Language
from simengine.common.version import __version__
from simengine.judge.monitor.words import word
from simengine.report.figures.plot import FORMATS, write_figure
from simengine.report.figures.style import (
    BLUE,
    GREEN,
    GRID,
    INK,
    ORANGE,
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
from simengine.report.tables.monitor import BETWEEN, listed_rows, points_words, region_word, state_text

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.artist import Artist
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from matplotlib.ticker import Locator

    from simengine.judge.monitor import Monitor

COLUMNS, PANELS = 3, 12
"""Panels beside each other, and in one picture."""

WIDTH, HEIGHT, HEAD = 10.5, 2.55, 1.25
"""Inches: of a picture, of a row of panels, and of title and source together."""


def panels_of(found: Monitor) -> list[str]:
    """Rows that are drawn: those that the screen lists and the last target of every area, the reported ones first.

    Left out are rows without a path in time and rows of which neither an actual nor a projection is known.
    """
    rows = found.rows[~found.rows["closed"] & (found.rows["superseded_by"] == "")]
    projected = rows["projected"].notna() & (rows["projected_from"] != "set")  # what is stated is no projection
    rows = rows[~rows["kind"].isin(("event", "yes_no")) & (rows["actual"].notna() | projected)]
    listed = {row["id"] for row in listed_rows(found)[0]}
    whole = {row["region"] for row in listed_rows(found)[0]}
    last = rows.groupby(["document", "indicator", "fund", "region"])["year"].transform("max")
    rows = rows[rows["id"].isin(listed) | ((rows["year"] == last) & ~rows["region"].isin(whole))]
    return [str(name) for name in (*rows.loc[rows["actual"].notna(), "id"], *rows.loc[rows["actual"].isna(), "id"])]


def save_monitor(found: Monitor, stem: str | Path, lang: Language = "en", font: str | Path | None = None) -> list[Path]:
    """Write the picture as PNG and SVG, and its numbers as CSV of the same name; further pictures where rows are many.

    Parameters
    ----------
    stem : path without ending; ``_picture`` is put behind it
    font : family or file of a Chinese font (`simengine.report.figures.style.look_for`)

    Returns
    -------
    the files written; none where no row has an actual or a projection
    """
    from simengine.common.files import file_set, write_table

    look = look_for(lang, font)
    names = panels_of(found)
    stem = Path(stem)
    with file_set() as files:
        for page, start in enumerate(range(0, len(names), PANELS), 1):
            drawn = names[start : start + PANELS]
            name = f"{stem.name}_picture" + (f"_{page}" if page > 1 else "")
            figure = draw_monitor(found, drawn, look)
            for kind in FORMATS:
                path = stem.with_name(f"{name}.{kind}")
                files.add(path, lambda at, kind=kind, figure=figure: write_figure(figure, at, kind))  # type: ignore[misc]
            own = points_words(found, look.lang)[found.points["id"].isin(drawn)]
            files.add(stem.with_name(f"{name}.csv"), lambda at, own=own: write_table(own, at))  # type: ignore[misc]
        return files.commit()


def draw_monitor(found: Monitor, names: Sequence[str], look: Look) -> Figure:
    """One picture with a panel for each of some rows."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    deep = -(-len(names) // COLUMNS)
    size = (WIDTH, HEAD + HEIGHT * deep)
    figure = Figure(figsize=size, layout="constrained", facecolor="white")
    FigureCanvasAgg(figure)
    places = figure.subplots(deep, min(COLUMNS, len(names)), squeeze=False).ravel()
    for ax, name in zip(places, names, strict=False):
        plot_monitor(ax, found, name, look)
    for ax in places[len(names) :]:
        ax.set_axis_off()
    families = list(look.families)
    figure.suptitle(
        f"{_finding(found, names, look)}\n \n \n ",
        x=0.012,
        ha="left",
        fontsize=TITLE_SIZE,
        color=INK,
        fontfamily=families,
    )
    said = word("picture", "subtitle", look.lang, day=found.as_of.isoformat())
    _below_title(figure, said, 0, families)
    text = wrapped(_source(found, names, look.lang), 0.97 * WIDTH * 72.0 / SOURCE_SIZE, look, even=False)
    figure.supxlabel(text, x=0.012, ha="left", fontsize=SOURCE_SIZE, color=SOFT, fontfamily=families, linespacing=1.4)
    handles, labels = _legend(list(places[: len(names)]))
    legend = figure.legend(
        handles, labels, loc="upper left", bbox_to_anchor=(0.004, _height(figure, 1)), ncols=len(labels), frameon=False,
        fontsize=SMALL_SIZE, borderaxespad=0.0,
    )  # fmt: skip
    legend.set_in_layout(False)
    for one in legend.get_texts():
        one.set_fontfamily(families)
    return figure


def _height(figure: Figure, line: int) -> float:
    """Height of a line below the title, as a part of the figure."""
    return 1.0 - (1.75 * TITLE_SIZE + 1.9 * SMALL_SIZE * line) / (72.0 * float(figure.get_figheight()))


def _below_title(figure: Figure, text: str, line: int, families: list[str]) -> None:
    """A small line below the title."""
    height = _height(figure, line)
    said = figure.text(0.012, height, text, fontsize=SMALL_SIZE, color=SOFT, fontfamily=families, va="top")
    said.set_in_layout(False)


def plot_monitor(ax: Axes, found: Monitor, name: str, lang: Language | Look = "en") -> Axes:
    """One row of a plan: straight path, actuals, the run or the straight continuation, and the target.

    Parameters
    ----------
    found : from `simengine.monitor`
    name : id of the row
    """
    look = lang if isinstance(lang, Look) else look_for(lang)
    row = found.rows[found.rows["id"] == name].iloc[0]
    points = found.points[found.points["id"] == name]

    def of(series: str) -> pd.DataFrame:
        return points[points["series"] == series].sort_values("at", kind="stable")

    def said(series: str) -> str:
        return word("series", series, look.lang)

    path, actual, projection, target = map(of, ("path", "actual", "projection", "target"))
    ax.plot(path["at"], path["value"], color=SOFT, linewidth=1.2, linestyle=(0, (5, 3)), label=said("path"))
    ax.plot(path["at"][:1], path["value"][:1], color=SOFT, marker="s", markersize=3.5, linestyle="",
            label=word("picture", "base", look.lang))  # fmt: skip
    if len(projection):
        straight = row["projected_from"] == "straight"
        ends, line = [len(projection) - 1], (0, (1, 1.5)) if straight else "-"
        ax.plot(projection["at"], projection["value"], color=BLUE, linewidth=1.5, linestyle=line, marker="o",
                markevery=ends, markersize=5.5, markerfacecolor="white",
                label=said("straight" if straight else "projection"))  # fmt: skip
    ax.plot(actual["at"], actual["value"], color=INK, marker="o", markersize=4.5, linestyle="", label=said("actual"))
    marker = {"<": "v", ">": "^"}.get(str(row["operator"])[0], "D")
    met = str(row["outlook"]) == "True"  # one that is not known is no yes
    ax.plot(target["at"], target["value"], color=GREEN if met else ORANGE, marker=marker, markersize=7.5,
            markerfacecolor=GREEN if met else "white", linestyle="", label=said("target"))  # fmt: skip
    _frame(ax, row, points, look)
    return ax


def _frame(ax: Axes, row: pd.Series, points: pd.DataFrame, look: Look) -> None:
    """Title, axes and limits of a panel."""
    where = region_word(str(row["region"]), look.lang)
    lines = wrapped(f"{where}  {row[f'name_{look.lang}']}", 23.0, look, even=False).split("\n")
    kept = lines if len(lines) <= 2 else [lines[0], f"{lines[1]}…"]
    head = word("picture", "head", look.lang, id=row["id"], unit=row["unit"], state=state_text(row, look.lang))
    ax.set_title("\n".join([*kept, head]), loc="left", fontsize=SMALL_SIZE, color=INK, linespacing=1.3)
    low, high = float(points["value"].min()), float(points["value"].max())
    room = 0.12 * (high - low) or 0.05 * abs(high) or 1.0
    ax.set_ylim(low - room, high + room)
    first, last = float(points["at"].min()), float(points["at"].max())
    first = min(first, last - 1.0)
    ax.set_xlim(first - 0.25, last + 0.25)
    ax.set_xticks(range(int(first), int(last) + 1))
    ax.yaxis.set_major_locator(_few())
    ax.yaxis.set_major_formatter(lambda value, _: number(value))
    ax.grid(axis="y", color=GRID, linewidth=0.7)
    dress(ax, look)


def _few() -> Locator:
    from matplotlib.ticker import MaxNLocator

    return MaxNLocator(4)


def _legend(places: Sequence[Axes]) -> tuple[list[Artist], list[str]]:
    """Every kind of mark once, in the order of the panels."""
    found: dict[str, Artist] = {}
    for ax in places:
        for handle, label in zip(*ax.get_legend_handles_labels(), strict=True):
            found.setdefault(label, handle)
    return list(found.values()), list(found)


def _finding(found: Monitor, names: Sequence[str], look: Look) -> str:
    """How many rows stand how."""
    rows = found.rows[found.rows["id"].isin(names)]
    reported = rows[rows["actual"].notna()]
    parts = [
        word("screen", "part", look.lang, count=int(count), state=word("states", str(state), look.lang))
        for state, count in reported["state"].value_counts(sort=False).items()
    ]
    told = BETWEEN[look.lang].join(parts) or word("picture", "none", look.lang)
    return f"{_title(found, look.lang)}: " + word("picture", "title", look.lang, count=len(reported), parts=told)


def _title(found: Monitor, lang: Language) -> str:
    """The plan by the name of its first region, and of its run."""
    regions = list(dict.fromkeys(found.rows["region"]))
    return region_word(str(regions[0]), lang) if regions else found.plan


def _once(texts: Iterable[str]) -> str:
    """Sources behind each other, each part of them once."""
    return "; ".join(dict.fromkeys(part.strip() for text in texts for part in text.split(";") if part.strip()))


def _source(found: Monitor, names: Sequence[str], lang: Language) -> str:
    rows = found.rows[found.rows["id"].isin(names)]
    none = word("picture", "none", lang)
    sources, documents = (_once(rows[name]) or none for name in ("source", "document"))
    run = found.judged.scenario.title(lang) if found.judged is not None else none
    run = word("picture", "discarded", lang) if found.discarded else run
    return word("picture", "source", lang, documents=documents, sources=sources, scenario=run, version=__version__)
