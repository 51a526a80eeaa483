"""Pictures of money: one fund, its income and outgo above, its balance below, and the year in which it runs out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from simengine.common.messages import Language
from simengine.judge.indicators import PENSION_FUND
from simengine.report.figures.background import holds_pension_fund
from simengine.report.figures.fund_words import UNAIDED, events_of, fund_title, is_year, second, told
from simengine.report.figures.style import (
    BLUE,
    GRID,
    INK,
    ORANGE,
    PURPLE,
    SAND,
    SKY,
    SMALL_SIZE,
    TEXT_SIZE,
    Look,
    Scale,
    dress,
    figure_of,
    headline,
    label_ends,
    look_for,
    number,
    points,
    scale_for,
)
from simengine.report.figures.tables import fund_table, labels

if TYPE_CHECKING:
    import pandas as pd
    import xarray as xr
    from matplotlib.axes import Axes

NOTIONAL = PENSION_FUND
"""Funds that a county or prefecture does not hold: collected by the province, pooled by the nation."""


def plot_fund(
    ax: Axes,
    projection: xr.Dataset,
    scenario: str,
    region: str,
    *,
    fund: str = "enterprise_pension",
    against: str | None = None,
    money: str = "nominal",
    first: int | None = None,
    last: int | None = None,
    lang: Look | Language = "en",
    balance_ax: Axes | None = None,
    table: pd.DataFrame | None = None,
    ranges: pd.DataFrame | None = None,
    anchors: pd.DataFrame | None = None,
) -> Axes:
    """One fund on its own account: income and outgo as lines, below them the balance, with the year it runs out.

    Parameters
    ----------
    fund : one of `axes.FUND`
    against : second scenario of the projection, as dashed lines
    money : ``nominal``, or ``prices`` of the first year of the run
    first, last : years to draw; at least thirty, and ten after the fund runs out, when left out
    balance_ax : axes of the balance; the lower part of `ax` is taken when left out
    table : numbers to draw, from `fund_table`; computed when left out
    ranges : ranges over the closures (`Judged.ranges`); without them no year is told
    anchors : what was printed beside the run (`Judged.anchors`); a region that misses it is told to have no verdict

    Returns
    -------
    the axes of income and outgo
    """
    look = lang if isinstance(lang, Look) else look_for(lang)
    if table is None:
        table = fund_table(
            *(projection, scenario, region, fund),
            against=against, money=money, first=first, last=last, ranges=ranges, anchors=anchors,
        )  # fmt: skip
    below = lower_part(ax) if balance_ax is None else balance_ax
    amounts = table[table.unit.str.startswith("yuan")]
    scale = scale_for("yuan", float(amounts.value.abs().max()), look.lang)
    deflated = str(amounts.unit.iloc[0]).partition("yuan of ")[2]
    unit = look.say("words", "prices_of", unit=scale.unit, year=deflated) if deflated else scale.unit
    _draw_flows(ax, table, scale)
    _draw_balance(below, table, scale)
    years = int(amounts.year.min()), int(amounts.year.max())
    notional = fund in NOTIONAL and not holds_pension_fund(region)
    for each in (ax, below):
        _money_axis(each, years)
    _name_axes(ax, below, unit, look)
    known = labels(projection, "year_end")
    _mark_events(ax, below, table, scale, years, known[-1], notional, look)
    _name_lines(ax, table, scale, look)
    titles = (fund_title(table, fund, region, known, notional, look), _subtitle(table, known[-1], notional, look))
    headline(ax, look, *titles)
    dress(below, look)
    figure_of(ax).align_ylabels([ax, below])
    return dress(ax, look)


def _subtitle(table: pd.DataFrame, horizon: int, notional: bool, look: Look) -> str:
    """What the account is, what the dashed lines are, and what stands in brackets."""
    said = look.say("fund", "subtitle_notional" if notional else "subtitle") + second(table, horizon, notional, look)
    ranged = any(name.endswith("_low") for name in table.series)
    return said + (look.say("fund", "bracket") if ranged else "")


def _name_axes(ax: Axes, below: Axes, unit: str, look: Look) -> None:
    """What the axes measure; the years stand below the lower ones."""
    ax.tick_params(labelbottom=False)
    ax.set_ylabel(look.say("words", "per_year", unit=unit), fontsize=TEXT_SIZE, color=INK)
    below.set_ylabel(look.say("fund", "balance_axis", unit=unit), fontsize=TEXT_SIZE, color=INK)
    below.set_xlabel(look.say("words", "year"), fontsize=TEXT_SIZE, color=INK)


def lower_part(ax: Axes, share: float = 0.46) -> Axes:
    """Axes in the lower part of the place of `ax`, which keeps the upper part."""
    figure = figure_of(ax)
    spec = ax.get_subplotspec()
    if spec is not None:
        rows = spec.subgridspec(2, 1, height_ratios=(1.0 - share, share), hspace=0.08)
        ax.set_subplotspec(rows[0])
        return figure.add_subplot(rows[1])
    box = ax.get_position()
    height = box.height * share
    ax.set_position((box.x0, box.y0 + height, box.width, box.height - height))
    return figure.add_axes((box.x0, box.y0, box.width, height * 0.86))


def _money_axis(ax: Axes, years: tuple[int, int]) -> None:
    from matplotlib.ticker import FuncFormatter, MaxNLocator

    ax.set_xlim(years[0] - 0.3, years[1] + 0.3)
    ax.xaxis.set_major_locator(MaxNLocator(9, integer=True, steps=[1, 2, 5, 10]))
    ax.yaxis.set_major_locator(MaxNLocator(5))
    ax.yaxis.set_major_formatter(FuncFormatter(lambda value, _: number(value)))
    ax.grid(axis="y", color=GRID, lw=0.7)


def _draw_flows(ax: Axes, table: pd.DataFrame, scale: Scale) -> None:
    for mark, width, dash in (("", 2.2, "-"), ("against:", 1.4, (0, (5, 2)))):
        for series, colour in (("income", BLUE), ("outgo", ORANGE)):
            own = table[table.series == mark + series]
            ax.plot(own.year, own.value / scale.factor, color=colour, lw=width, ls=dash)
    top = float(table[table.series.str.contains("income|outgo")].value.max()) / scale.factor
    ax.set_ylim(0.0, 1.12 * top)


def _draw_balance(below: Axes, table: pd.DataFrame, scale: Scale) -> None:
    own = table[table.series == "balance"]
    values = own.value.to_numpy() / scale.factor
    years = own.year.to_numpy(dtype=float)
    below.fill_between(years, values, 0.0, where=values >= 0.0, interpolate=True, color=SKY, lw=0)
    below.fill_between(years, values, 0.0, where=values <= 0.0, interpolate=True, color=SAND, lw=0)
    below.plot(years, values, color=INK, lw=1.6)
    other = table[table.series == "against:balance"]
    if len(other):
        below.plot(other.year, other.value / scale.factor, color=INK, lw=1.3, ls=(0, (5, 2)))
        name = str(other.scenario.iloc[0])
        both = [(float(values[-1]), str(own.scenario.iloc[0]), INK)]
        both.append((float(other.value.iloc[-1]) / scale.factor, name, INK))
    below.axhline(0.0, color=INK, lw=0.8)
    both_values = table[table.series.isin(["balance", "against:balance"])].value / scale.factor
    low, high = min(0.0, float(both_values.min())), max(0.0, float(both_values.max()))
    room = 0.14 * (high - low)
    below.set_ylim(low - (room if low < 0 else 0.0), high + room)
    if len(other):
        label_ends(below, both)


def _mark_events(
    ax: Axes,
    below: Axes,
    table: pd.DataFrame,
    scale: Scale,
    years: tuple[int, int],
    horizon: int,
    notional: bool,
    look: Look,
) -> None:
    """The first deficit where outgo passes income, the exhaustion where the balance passes zero, and its range."""
    events = events_of(table)
    deficit, gone = (told(events, name, horizon, look) for name in ("first_deficit", "exhaustion"))
    bare = "" if notional else told(events, UNAIDED, horizon, look)
    if bare and years[0] <= events[UNAIDED] <= years[1] and events[UNAIDED] != events.get("exhaustion"):
        for each in (ax, below):
            each.axvline(events[UNAIDED], color=INK, lw=0.9, ls=(0, (1, 2)), zorder=1.5)
        _beside_line(ax, look.say("fund", "unaided_mark", year=bare), events[UNAIDED], years)
    if deficit and years[0] <= events["first_deficit"] <= years[1]:
        at = events["first_deficit"]
        outgo = table[(table.series == "outgo") & (table.year == at)].value
        height = float(outgo.iloc[0]) / scale.factor
        ax.plot([at], [height], marker="o", ms=5, mfc="white", mec=ORANGE, mew=1.4, zorder=4)
        _note(ax, look.say("fund", "deficit_mark", year=deficit), (at, height), years, -1, ORANGE, look)
    if "exhaustion_low" in events and not notional:
        ends = (events["exhaustion_low"], events["exhaustion_high"])
        first, last = (min(max(end if end == end else horizon, years[0]), years[1]) for end in ends)
        if is_year(ends[0]) and first < last:
            for each in (ax, below):
                each.axvspan(first, last, color=PURPLE, alpha=0.07, lw=0, zorder=0.5)
    if gone and years[0] <= events["exhaustion"] <= years[1] and not notional:
        at = events["exhaustion"]
        for each in (ax, below):
            each.axvline(at, color=PURPLE, lw=1.0, ls=(0, (2, 2)), zorder=1.5)
        below.plot([at], [0.0], marker="D", ms=5.5, color=PURPLE, zorder=4)
        _note(below, look.say("fund", "exhaustion_mark", year=gone), (at, 0.0), years, 1, PURPLE, look)


def _beside_line(ax: Axes, text: str, year: float, years: tuple[int, int]) -> None:
    """A word at the top of a vertical line, on the side with more room."""
    left = year - years[0] > years[1] - year
    at = (year, 0.97 * ax.get_ylim()[1])
    ax.annotate(
        text,
        at,
        xytext=(-6 if left else 6, 0),
        textcoords="offset points",
        ha="right" if left else "left",
        va="top",
        fontsize=SMALL_SIZE,
        color=INK,
        bbox={"facecolor": "white", "edgecolor": "none", "pad": 0.8, "alpha": 0.85},
    )


def _note(
    ax: Axes, text: str, at: tuple[float, float], years: tuple[int, int], side: int, colour: str, look: Look
) -> None:
    """A word beside a point; where the room to its right is too small, to its left and on the other side.

    Below a point only where the axis leaves room for it.
    """
    room = points(ax)[0] * (years[1] - at[0]) / (years[1] - years[0])
    turned = room < look.width(text) * SMALL_SIZE + 10.0
    side = -side if turned else side
    bottom, top = ax.get_ylim()
    if side < 0 and points(ax)[1] * (at[1] - bottom) / (top - bottom) < 2.0 * SMALL_SIZE + 12.0:
        side = 1
    ax.annotate(
        text,
        at,
        xytext=(-8 if turned else 8, 12 * side),
        textcoords="offset points",
        ha="right" if turned else "left",
        va="bottom" if side > 0 else "top",
        fontsize=SMALL_SIZE,
        color=colour,
        bbox={"facecolor": "white", "edgecolor": "none", "pad": 0.8, "alpha": 0.85},
    )


def _name_lines(ax: Axes, table: pd.DataFrame, scale: Scale, look: Look) -> None:
    entries = []
    for series, colour in (("income", BLUE), ("outgo", ORANGE)):
        own = table[table.series == series]
        entries.append((float(own.value.iloc[-1]) / scale.factor, look.say("fund", series), colour))
    label_ends(ax, entries)
