"""Pictures of persons: the population pyramid, coverage against the plan, and the two dependency ratios."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from simengine.common.messages import Language
from simengine.judge.indicators import READINGS, Definitions, Indicator, find_indicator
from simengine.judge.targets.rows import Target
from simengine.registry.axes import SEX
from simengine.report.figures.background import Ages, region_name
from simengine.report.figures.style import (
    BLUE,
    GREEN,
    GRID,
    INK,
    ORANGE,
    PURPLE,
    SAND,
    SKY,
    SMALL_SIZE,
    SOFT,
    TEXT_SIZE,
    Look,
    Scale,
    dress,
    headline,
    label_ends,
    label_gap,
    look_for,
    nice_ceiling,
    number,
    scale_for,
    spread,
)
from simengine.report.figures.tables import BRANCHES, coverage_table, dependency_table, labels, population_table

if TYPE_CHECKING:
    import pandas as pd
    import xarray as xr
    from matplotlib.axes import Axes

OLD = 60
PYRAMID_SPAN = 30
"""Years between the filled pyramid and the outline when the years are left open."""

MARKERS: dict[str, dict[str, Any]] = {
    "base": {"marker": "o", "facecolor": "white", "edgecolor": SOFT},
    "actual": {"marker": "o", "facecolor": INK, "edgecolor": INK},
    "step": {"marker": "s", "facecolor": PURPLE, "edgecolor": "white"},
    "met": {"marker": "^", "facecolor": GREEN, "edgecolor": GREEN},
    "missed": {"marker": "v", "facecolor": "white", "edgecolor": ORANGE},
    "target": {"marker": "D", "facecolor": SOFT, "edgecolor": SOFT},
    "superseded": {"marker": "D", "facecolor": "white", "edgecolor": SOFT},
}
"""Figures of a plan: a shape each, so that colour is never needed to tell them apart."""

PATH = ("base", "step", "met", "missed")
"""Figures joined by the path of the plan."""

MARKER_WORDS = {
    "base": "base",
    "step": "step",
    "actual": "actual",
    "met": "target_met",
    "missed": "target_missed",
    "target": "target",
    "superseded": "superseded",
}


def _looks(look: Look | Language) -> Look:
    return look if isinstance(look, Look) else look_for(look)


# --- population -------------------------------------------------------------------------------------------------------


def plot_population_pyramid(
    ax: Axes,
    projection: xr.Dataset,
    scenario: str,
    region: str,
    *,
    year: int | None = None,
    second_year: int | None = None,
    statutory_ages: Ages | None = None,
    lang: Look | Language = "en",
    table: pd.DataFrame | None = None,
) -> Axes:
    """Residents by single age: men left, women right, a later year as outline, the statutory age of each sex as lines.

    Parameters
    ----------
    year, second_year : year ends of bars and outline; the opening and thirty years later when left out
    statutory_ages : year end -> career -> age [years]; no lines when left out
    lang : ``en`` or ``zh``, or a `Look` when several pictures share one
    table : numbers to draw, from `population_table`; computed when left out
    """
    look = _looks(lang)
    if table is None:
        years = pyramid_years(projection, year, second_year)
        table = population_table(projection, scenario, region, years, statutory_ages)
    people = table[table.series == "population"]
    drawn = [int(label) for label in people.year.unique()]
    scale = scale_for("persons", float(people.value.max()) * 10.0, look.lang)
    limit = 1.42 * float(people.value.max()) / scale.factor
    for sex, side, colour in zip(SEX, (-1.0, 1.0), (SKY, SAND), strict=True):
        own = people[people.sex == sex]
        first = own[own.year == drawn[0]]
        ax.barh(first.age + 0.5, side * first.value / scale.factor, height=1.0, color=colour, linewidth=0)
        if len(drawn) > 1:
            later = own[own.year == drawn[1]]
            edges = [*later.age.astype(float), float(later.age.iloc[-1]) + 1.0]
            ax.stairs(side * later.value.to_numpy() / scale.factor, edges, orientation="horizontal", color=INK, lw=1.1)
        name = look.say("words", sex)
        ax.text(side * limit * 0.5, 103.0, name, ha="center", va="bottom", fontsize=TEXT_SIZE, color=INK)
    ax.axvline(0.0, color="white", lw=1.2)
    _age_lines(ax, table, drawn, limit, look)
    _pyramid_axes(ax, scale, limit, look)
    _pyramid_key(ax, drawn, look)
    with_lines = bool((table.series != "population").any())
    subtitle = look.say("population", "subtitle" if with_lines else "subtitle_plain", unit=scale.unit)
    headline(ax, look, _pyramid_title(people, drawn, region, look), subtitle)
    return dress(ax, look)


def pyramid_years(projection: xr.Dataset, year: int | None, second_year: int | None) -> list[int]:
    """Year ends of bars and outline."""
    known = labels(projection, "year_end")
    first = known[0] if year is None else year
    second = min(first + PYRAMID_SPAN, known[-1]) if second_year is None else second_year
    return [first, second] if second != first else [first]


def _pyramid_axes(ax: Axes, scale: Scale, limit: float, look: Look) -> None:
    step = nice_ceiling(limit / 4.0)
    ticks = [side * step * count for count in range(int(limit / step) + 1) for side in (-1, 1)]
    ticks = sorted(set(ticks))
    ax.set_xticks(ticks, [number(abs(tick)) for tick in ticks])
    ax.set_yticks([0, 20, 40, 60, 80, 100], ["0", "20", "40", "60", "80", "100+"])
    ax.set_yticks([10, 30, 50, 70, 90], minor=True)
    ax.set_xlim(-limit, limit)
    ax.set_ylim(0.0, 110.0)
    ax.set_xlabel(scale.unit, fontsize=TEXT_SIZE, color=INK)
    ax.set_ylabel(look.say("words", "age"), fontsize=TEXT_SIZE, color=INK)
    ax.grid(axis="x", color=GRID, lw=0.7)


def _pyramid_key(ax: Axes, drawn: list[int], look: Look) -> None:
    """What is filled and what is an outline; the upper corners of a pyramid are empty."""
    from matplotlib.lines import Line2D
    from matplotlib.patches import Patch

    handles: list[Any] = [Patch(facecolor="#C9CDD1", edgecolor="none")]
    handles += [Line2D([], [], color=INK, lw=1.1)] if len(drawn) > 1 else []
    names = [look.say("words", "end_of", year=year) for year in drawn]
    ax.legend(
        handles,
        names,
        loc="upper left",
        bbox_to_anchor=(0.0, 0.94),
        frameon=False,
        fontsize=SMALL_SIZE,
        handlelength=1.4,
    )


def _age_lines(ax: Axes, table: pd.DataFrame, drawn: list[int], limit: float, look: Look) -> None:
    """Statutory ages as lines from the middle to the edge of the bars, each named in the margin beyond."""
    lines = table[table.series.str.startswith("statutory_age:")]
    for sex, side in (("male", -1.0), ("female", 1.0)):
        own = lines[lines.sex == sex].sort_values("value")
        heights = spread([float(age) for age in own.value], 4.2, 0.0, 100.0)
        for row, height in zip(own.itertuples(), heights, strict=True):
            later = len(drawn) > 1 and row.year == drawn[1]
            edge, margin = 0.76 * side * limit, 0.79 * side * limit
            style: dict[str, Any] = {"color": PURPLE, "lw": 0.9, "ls": (0, (4, 2)) if later else "-"}
            ax.plot([0.0, edge], [row.value] * 2, **style)
            ax.plot([edge, margin], [row.value, height], **{**style, "ls": "-", "lw": 0.6})
            age = number(round(float(row.value), 2))
            said = look.say("words", str(row.series).partition(":")[2], age=age, year=row.year)
            ax.text(
                margin + 0.01 * side * limit,
                height,
                said,
                ha="right" if side < 0 else "left",
                va="center_baseline",
                fontsize=SMALL_SIZE - 1.0,
                color=PURPLE,
            )


def _pyramid_title(people: pd.DataFrame, drawn: list[int], region: str, look: Look) -> str:
    shares = []
    for year in drawn:
        own = people[people.year == year]
        shares.append(100.0 * float(own[own.age >= OLD].value.sum()) / float(own.value.sum()))
    said = {"region": region_name(region, look), "first": number(shares[0], 1), "first_year": drawn[0]}
    if len(drawn) == 1:
        return look.say("population", "title_one", **said)
    return _moved("population", said, shares[0], shares[1], 1, drawn[1], look)


def _moved(
    group: str, said: Mapping[str, Any], first: float, last: float, decimals: int | None, last_year: int, look: Look
) -> str:
    """A title that tells a change, or that there is none at the printed precision."""
    texts = number(first, decimals), number(last, decimals)
    values = {**said, "last_year": last_year, "last": said.get("last", texts[1])}
    if texts[0] == texts[1]:
        return look.say(group, "title_level", **values)
    return look.say(group, "title", move=look.say("words", "up" if last > first else "down"), **values)


# --- coverage ---------------------------------------------------------------------------------------------------------


def plot_coverage(
    ax: Axes,
    projection: xr.Dataset,
    scenario: str,
    region: str,
    *,
    branch: str = "unemployment",
    targets: Iterable[Target] = (),
    history: xr.Dataset | None = None,
    actuals: Mapping[int, float] | None = None,
    definitions: Definitions | None = None,
    against: str | None = None,
    first: int | None = None,
    last: int | None = None,
    lang: Look | Language = "en",
    table: pd.DataFrame | None = None,
) -> Axes:
    """Insured persons of one branch beside the plan: its base, its path and its targets, met or missed.

    Parameters
    ----------
    branch : one of `BRANCHES`
    targets : rows of target files; those of this region and measure are drawn
    history : run over the years before the opening
    actuals : published figures by year, in base units, beside those the plan prints
    against : second scenario of the projection, as a dashed line
    table : numbers to draw, from `coverage_table`; computed when left out
    """
    look = _looks(lang)
    if table is None:
        table = coverage_table(
            projection,
            scenario,
            region,
            branch,
            targets=targets,
            history=history,
            actuals=actuals,
            definitions=definitions,
            against=against,
            first=first,
            last=last,
        )
    measure = find_indicator(BRANCHES[branch])
    largest = float(table.value.max())
    scale = Scale(0.01, "%", "%", look.lang) if measure.unit == "1" else scale_for("persons", largest, look.lang)
    ends = _coverage_lines(ax, table, scale)
    _plan_marks(ax, table, scale)
    _coverage_axes(ax, table, scale, look)
    _name_goals(ax, table, scale)
    if len(ends) > 1:
        label_ends(ax, ends)
    named = _measure_name(measure, definitions or Definitions(), region, look)
    subtitle = look.say("coverage", "subtitle", measure=named, unit=scale.unit)
    headline(ax, look, _coverage_title(table, measure.id, region, scale, look), subtitle)
    return dress(ax, look)


def _coverage_lines(ax: Axes, table: pd.DataFrame, scale: Scale) -> list[tuple[float, str, str]]:
    """The paths; returns end, name and colour of those to be named at the edge when there is more than one."""
    ends = []
    styles: tuple[tuple[str, dict[str, Any]], ...] = (
        ("backcast", {"color": SOFT, "lw": 1.2, "ls": (0, (1, 1.5))}),
        ("against", {"color": ORANGE, "lw": 1.6, "ls": (0, (5, 2))}),
        ("projected", {"color": BLUE, "lw": 2.2}),
    )
    for series, style in styles:
        own = table[table.series == series]
        if len(own):
            ax.plot(own.year, own.value / scale.factor, **style)
        if len(own) and series != "backcast":
            ends.append((float(own.value.iloc[-1]) / scale.factor, str(own.scenario.iloc[-1]), str(style["color"])))
    return ends


def _measure_name(measure: Indicator, definitions: Definitions, region: str, look: Look) -> str:
    """Name of a measure, with the reading in force where its definition is open."""
    name = getattr(measure, look.lang)
    if measure.reading is None:
        return str(name)
    word = definitions.reading(measure.reading, region)
    return look.say("coverage", "reading", name=name, reading=READINGS[measure.reading][word][look.lang])


def _plan_marks(ax: Axes, table: pd.DataFrame, scale: Scale) -> None:
    """Printed figures as markers, and the straight path between them."""
    path = _plan_path(table)
    if len(path) > 1:
        ax.plot(path.year, path.value / scale.factor, color=PURPLE, lw=1.0, ls=(0, (2, 2)), zorder=2.4)
    for series, style in MARKERS.items():
        own = table[table.series == series]
        if len(own):
            size = 26 if series in ("base", "actual", "step") else 52
            above = 3.2 if series == "superseded" else 3.5
            ax.scatter(own.year, own.value / scale.factor, s=size, linewidths=1.3, zorder=above, **style)


def _name_goals(ax: Axes, table: pd.DataFrame, scale: Scale) -> None:
    """The number of each target: alone in its year above or below it, away from the path; several to their right."""
    goals = table[table.series.isin(["met", "missed", "target", "superseded"])]
    near = table[table.series.isin(["projected", "actual"])].groupby("year").value.max().to_dict()
    for year, own in goals.groupby("year"):
        own = own.sort_values("series", key=lambda names: names == "superseded", kind="stable")
        own = own.drop_duplicates(["value", "sign"])
        heights = [float(value) / scale.factor for value in own.value]
        if len(own) > 1:
            heights = _kept_apart(ax, heights)
        for row, height in zip(own.itertuples(), heights, strict=True):
            above = row.value >= near.get(year, row.value)
            alone = len(own) == 1
            ax.annotate(
                f"{_sign(row.sign)} {scale.digits(row.value, row.precision)}",
                (row.year, height),
                xytext=(0, 8 if above else -8) if alone else (8, 0),
                textcoords="offset points",
                ha="center" if alone else "left",
                va="center_baseline" if not alone else "bottom" if above else "top",
                fontsize=SMALL_SIZE - 0.5,
                color=MARKERS[str(row.series)]["edgecolor"],
            )


def _kept_apart(ax: Axes, heights: list[float]) -> list[float]:
    """Heights in data units moved until labels of one line do not touch."""
    low, high = ax.get_ylim()
    placed = spread([(height - low) / (high - low) for height in heights], label_gap(ax), 0.0, 1.0)
    return [low + place * (high - low) for place in placed]


def _plan_path(table: pd.DataFrame) -> pd.DataFrame:
    """The plan's figures from the opening on, in order of years."""
    opening = table[table.series == "projected"].year.min()
    return table[table.series.isin(PATH) & (table.year >= opening)].sort_values("year")


def _sign(operator: Any) -> str:
    return {">=": "≥", "<=": "≤"}.get(str(operator), str(operator))


def _coverage_axes(ax: Axes, table: pd.DataFrame, scale: Scale, look: Look) -> None:
    from matplotlib.lines import Line2D
    from matplotlib.ticker import FuncFormatter, MaxNLocator

    values = table.value / scale.factor
    low, high = float(values.min()), float(values.max())
    room = max(0.16 * (high - low), 0.02 * abs(high))
    ax.set_ylim(low - room if low - room > 0.4 * high else 0.0, high + room)
    ax.set_xlim(int(table.year.min()) - 0.7, int(table.year.max()) + 0.7)
    ax.xaxis.set_major_locator(MaxNLocator(9, integer=True, steps=[1, 2, 5, 10]))
    ax.yaxis.set_major_formatter(FuncFormatter(lambda value, _: number(value)))
    ax.set_ylabel(scale.unit, fontsize=TEXT_SIZE, color=INK)
    ax.set_xlabel(look.say("words", "year_end"), fontsize=TEXT_SIZE, color=INK)
    ax.grid(axis="y", color=GRID, lw=0.7)
    present = set(table.series)
    handles = [Line2D([], [], color=BLUE, lw=2.2, label=look.say("coverage", "projected"))]
    if "backcast" in present:
        line = Line2D([], [], color=SOFT, lw=1.2, ls=(0, (1, 1.5)), label=look.say("coverage", "backcast"))
        handles.append(line)
    if len(_plan_path(table)) > 1:
        handles.append(Line2D([], [], color=PURPLE, lw=1.0, ls=(0, (2, 2)), label=look.say("coverage", "plan")))
    for series, key in MARKER_WORDS.items():
        if series in present:
            style = MARKERS[series]
            handles.append(
                Line2D(
                    [],
                    [],
                    ls="",
                    marker=style["marker"],
                    mfc=style["facecolor"],
                    mec=style["edgecolor"],
                    mew=1.3,
                    ms=6,
                    label=look.say("coverage", key),
                )
            )
    ax.legend(
        handles=handles,
        loc="upper center",
        bbox_to_anchor=(0.5, -0.16),
        ncols=len(handles) if len(handles) < 5 else (len(handles) + 1) // 2,
        frameon=False,
        fontsize=SMALL_SIZE,
        handlelength=1.8,
        columnspacing=1.6,
    )


def _coverage_title(table: pd.DataFrame, measure: str, region: str, scale: Scale, look: Look) -> str:
    own = table[table.series == "projected"].set_index("year").value
    said = {"region": region_name(region, look), "measure": look.say("measures", measure)}
    judged = table[table.series.isin(["met", "missed"])].sort_values("year")
    if len(judged):
        goal = judged.iloc[-1]
        year = int(goal.year)
        return look.say(
            "coverage",
            f"title_{goal.series}",
            year=year,
            value=scale.text(float(own[year]), goal.precision),
            goal=f"{_sign(goal.sign)} {scale.text(float(goal.value), goal.precision)}",
            **said,
        )
    first, last = int(own.index[0]), int(own.index[-1])
    texts = scale.text(float(own[first])), scale.text(float(own[last]))
    said |= {"first": texts[0], "first_year": str(first), "last": texts[1], "last_year": str(last)}
    if texts[0] == texts[1]:
        return look.say("coverage", "title_level", **said)
    move = look.say("words", "up" if own[last] > own[first] else "down")
    return look.say("coverage", "title_move", move=move, **said)


# --- dependency -------------------------------------------------------------------------------------------------------


def plot_dependency(
    ax: Axes,
    projection: xr.Dataset,
    scenario: str,
    region: str,
    *,
    against: str | None = None,
    first: int | None = None,
    last: int | None = None,
    lang: Look | Language = "en",
    table: pd.DataFrame | None = None,
) -> Axes:
    """Pensioners per 100 payers beside residents of 60 and over per 100 of 16 to 59.

    Parameters
    ----------
    against : second scenario of the projection, as dashed lines
    table : numbers to draw, from `dependency_table`; computed when left out
    """
    from matplotlib.lines import Line2D
    from matplotlib.ticker import FuncFormatter, MaxNLocator

    look = _looks(lang)
    if table is None:
        table = dependency_table(projection, scenario, region, against=against, first=first, last=last)
    ends, others = [], []
    for series, colour in (("system", BLUE), ("old_age", ORANGE)):
        own = table[table.series == series]
        ax.plot(own.year, 100.0 * own.value, color=colour, lw=2.2)
        ends.append((100.0 * float(own.value.iloc[-1]), look.say("dependency", f"{series}_short"), colour))
        other = table[table.series == f"against:{series}"]
        if len(other):
            ax.plot(other.year, 100.0 * other.value, color=colour, lw=1.4, ls=(0, (5, 2)))
            others = [str(own.scenario.iloc[0]), str(other.scenario.iloc[0])]
    ax.set_ylim(0.0, 108.0 * float(table.value.max()))
    ax.set_xlim(int(table.year.min()), int(table.year.max()))
    ax.xaxis.set_major_locator(MaxNLocator(9, integer=True, steps=[1, 2, 5, 10]))
    ax.yaxis.set_major_formatter(FuncFormatter(lambda value, _: number(value)))
    ax.set_ylabel(look.say("dependency", "axis"), fontsize=TEXT_SIZE, color=INK)
    ax.set_xlabel(look.say("words", "year_end"), fontsize=TEXT_SIZE, color=INK)
    ax.grid(axis="y", color=GRID, lw=0.7)
    if others:
        styles = ("-", (0, (5, 2)))
        handles = [Line2D([], [], color=INK, lw=1.4, ls=style) for style in styles]
        ax.legend(handles, others, loc="upper left", frameon=False, fontsize=SMALL_SIZE)
    label_ends(ax, ends)
    system = table[table.series == "system"]
    values = 100.0 * float(system.value.iloc[0]), 100.0 * float(system.value.iloc[-1])
    said = {
        "region": region_name(region, look),
        "first": number(values[0], 1),
        "first_year": int(system.year.iloc[0]),
        "last": number(values[1], 1),
    }
    title = _moved("dependency", said, values[0], values[1], 1, int(system.year.iloc[-1]), look)
    headline(ax, look, title, look.say("dependency", "subtitle"))
    return dress(ax, look)
