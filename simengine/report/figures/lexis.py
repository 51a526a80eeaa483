"""Lexis surface: cover of the employees' scheme by single age and year end, with statutory ages and birth cohorts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from simengine.common.messages import Language
from simengine.judge.indicators import find_indicator
from simengine.judge.indicators.by_age import by_age
from simengine.registry.axes import CAREER, WORKING_AGE
from simengine.report.figures.background import Ages, finite, lane, region_name
from simengine.report.figures.style import (
    INK,
    SMALL_SIZE,
    TEXT_SIZE,
    Look,
    dress,
    figure_of,
    headline,
    look_for,
    number,
)
from simengine.report.figures.tables import frame, labels

if TYPE_CHECKING:
    import pandas as pd
    import xarray as xr
    from matplotlib.axes import Axes

COLOURS = "cividis"
"""Even in lightness, and told apart by readers of every kind of colour vision."""

BANDS = 10
"""Bands of the colour scale from 0 to 100 %."""

COHORTS = 10
"""Years between two birth cohorts whose lines are drawn."""

STYLES: Mapping[str, Any] = {"men": "-", "women_55": (0, (5, 2)), "women_50": (0, (1, 1.5))}


def lexis_table(projection: xr.Dataset, scenario: str, region: str, ages: Ages | None = None) -> pd.DataFrame:
    """Cover by single age and year end, the share of 25 to 29, and statutory ages.

    Series ``covered_share`` (members of all statuses and pensioners over residents [1], ages 16 to 79),
    ``covered_25_29`` (members over residents of 25 to 29 [1]) and ``statutory_age:<career>`` [years].

    Parameters
    ----------
    ages : year end -> career -> statutory age [years]; no lines when left out
    """
    own = lane(projection, scenario, region)
    one = own.squeeze(["scenario", "region"])
    known = labels(projection, "year_end")
    persons = by_age(one)
    span = slice(WORKING_AGE[0], WORKING_AGE[-1] + 1)
    with np.errstate(invalid="ignore", divide="ignore"):
        share = finite(persons.covered[span] / persons.people[span], "covered_share", region)
    young = finite(find_indicator("covered_25_29")(own).values.reshape(-1), "covered_25_29", region)
    common = {"scenario": scenario, "region": region}
    rows: list[dict[str, Any]] = []
    for place, year in enumerate(known):
        part = {**common, "year": year, "unit": "1"}
        rows += [
            {**part, "series": "covered_share", "age": age, "value": value}
            for age, value in zip(WORKING_AGE, share[:, place].tolist(), strict=True)
        ]
        rows.append({**part, "series": "covered_25_29", "value": float(young[place])})
        for career, age in (ages or {}).get(year, {}).items():
            rows.append({**part, "series": f"statutory_age:{career}", "value": age, "unit": "year"})
    return frame(rows)


def plot_lexis(
    ax: Axes,
    projection: xr.Dataset,
    scenario: str,
    region: str,
    *,
    statutory_ages: Ages | None = None,
    lang: Look | Language = "en",
    table: pd.DataFrame | None = None,
) -> Axes:
    """Cover of the employees' scheme as a surface of age and year end.

    Colours are the share of an age that is a member or draws; a birth cohort moves along a diagonal, so that a cohort
    which loses its cover, or a generation that is never enrolled, is seen at once.

    Parameters
    ----------
    statutory_ages : year end -> career -> age [years]; no lines when left out
    table : numbers to draw, from `lexis_table`; computed when left out
    """
    from matplotlib import colormaps
    from matplotlib.colors import BoundaryNorm

    look = lang if isinstance(lang, Look) else look_for(lang)
    if table is None:
        table = lexis_table(projection, scenario, region, statutory_ages)
    surface = table[table.series == "covered_share"].pivot(index="age", columns="year", values="value")
    years = surface.columns.to_numpy(dtype=float)
    edges = np.linspace(0.0, 100.0, BANDS + 1)
    colours = colormaps[COLOURS].resampled(BANDS + 1)
    mesh = ax.pcolormesh(
        np.append(years - 0.5, years[-1] + 0.5),
        np.append(surface.index.to_numpy(dtype=float), surface.index[-1] + 1.0),
        100.0 * surface.to_numpy(),
        cmap=colours,
        norm=BoundaryNorm(edges, colours.N, extend="max"),
        rasterized=True,
    )
    _scale(ax, mesh, look)
    _cohorts(ax, years)
    _age_lines(ax, table, look)
    _axes(ax, years, look)
    headline(ax, look, _title(table, region, look), look.say("lexis", "subtitle"))
    return dress(ax, look)


def _scale(ax: Axes, mesh: Any, look: Look) -> None:
    """The key of the colours, in per cent."""
    bar = figure_of(ax).colorbar(mesh, ax=ax, fraction=0.045, pad=0.015)
    bar.set_ticks([0.0, 20.0, 40.0, 60.0, 80.0, 100.0])
    bar.set_label(look.say("lexis", "unit"), fontsize=TEXT_SIZE, color=INK)
    dress(bar.ax, look)


def _outlined(colour: str) -> list[Any]:
    from matplotlib.patheffects import withStroke

    return [withStroke(linewidth=2.2, foreground=colour)]


def _cohorts(ax: Axes, years: np.ndarray) -> None:
    """One line every ten birth years, named where it enters the picture."""
    low, high = WORKING_AGE[0], WORKING_AGE[-1] + 1
    first, last = float(years[0]), float(years[-1])
    for born in range(int(first) - high, int(last) - low, 1):
        if born % COHORTS:
            continue
        start, end = max(first - 0.5, born + low), min(last + 0.5, born + high)
        ax.plot([start, end], [start - born, end - born], color="white", lw=0.6, alpha=0.75)
        if end - start > 12.0:
            ax.text(
                start + 1.2,
                start + 1.2 - born + 0.6,
                str(born),
                color="white",
                fontsize=SMALL_SIZE - 1.5,
                rotation=45.0,
                rotation_mode="anchor",
                transform_rotates_text=True,
                va="bottom",
                path_effects=_outlined(INK),
            )


def _age_lines(ax: Axes, table: pd.DataFrame, look: Look) -> None:
    """Statutory ages by career, named at the right."""
    for career in CAREER:
        own = table[table.series == f"statutory_age:{career}"].sort_values("year")
        if len(own):
            ax.plot(own.year, own.value, color="white", lw=3.0, solid_capstyle="butt")
            ax.plot(own.year, own.value, color=INK, lw=1.6, ls=STYLES[career])
            ax.text(
                float(own.year.iloc[-1]) - 0.5,
                float(own.value.iloc[-1]) + 0.7,
                look.say("lexis", career),
                ha="right",
                va="bottom",
                fontsize=SMALL_SIZE - 0.5,
                color=INK,
                path_effects=_outlined("white"),
            )


def _axes(ax: Axes, years: np.ndarray, look: Look) -> None:
    from matplotlib.ticker import MaxNLocator

    ax.set_xlim(float(years[0]) - 0.5, float(years[-1]) + 0.5)
    ax.set_ylim(WORKING_AGE[0], WORKING_AGE[-1] + 1)
    ax.xaxis.set_major_locator(MaxNLocator(9, integer=True, steps=[1, 2, 5, 10]))
    ax.set_yticks(range(20, WORKING_AGE[-1] + 2, 10))
    ax.set_xlabel(look.say("words", "year_end"), fontsize=TEXT_SIZE, color=INK)
    ax.set_ylabel(look.say("words", "age"), fontsize=TEXT_SIZE, color=INK)


def _title(table: pd.DataFrame, region: str, look: Look) -> str:
    """The range of the share of the young: the first thing a rule of entry gets wrong."""
    own = table[table.series == "covered_25_29"].set_index("year").value
    low, high = int(own.idxmin()), int(own.idxmax())
    said = {"region": region_name(region, look), "low": number(100.0 * float(own[low]), 0), "low_year": low}
    return look.say("lexis", "title", **said, high=number(100.0 * float(own[high]), 0), high_year=high)
