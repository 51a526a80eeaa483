"""Single pictures: what is drawn is what the numbers say."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest
import xarray as xr
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.collections import PathCollection
from matplotlib.figure import Figure

from simengine.engine.compile.retirement import retirement_rules
from simengine.judge.indicators import find_indicator
from simengine.judge.targets.check import check_targets
from simengine.judge.targets.files import packaged_target_files, read_targets
from simengine.law import load_law
from simengine.report.figures import plot
from simengine.report.figures import style as plot_style
from tests.helpers.pictures import BASELINE, OTHER, assert_apart, drawn

BLUE, ORANGE = plot_style.BLUE, plot_style.ORANGE


@pytest.fixture(scope="module")
def projection() -> xr.Dataset:
    return drawn()


@pytest.fixture(scope="module")
def targets() -> list[Any]:
    """Rows of every packaged plan; the template with its example is none."""
    files = {name: path for name, path in packaged_target_files().items() if not name.startswith("template")}
    return read_targets(files.values())


@pytest.fixture
def ax() -> Any:
    figure = Figure(figsize=plot.SIZE, layout="constrained")
    FigureCanvasAgg(figure)
    return figure.add_subplot()


def with_fund(projection: xr.Dataset, **values: Any) -> xr.Dataset:
    """A copy in which the enterprise fund of Jiangxi has the balances 10, 5 and, from 2022 on, `later` [亿元]."""
    changed = projection.copy(deep=True)
    later = values["later"]
    path = np.array([10.0, 5.0, *([later] * (projection.year_end.size - 2))]) * 1e8
    changed.fund_balance.loc[{"region": values.get("region", "jiangxi"), "fund": "enterprise_pension"}] = path
    return changed


def ranges_of(scenario: str = BASELINE, region: str = "jiangxi", **ends: tuple[float, float]) -> pd.DataFrame:
    """Earliest and latest year of the enterprise fund over the closures, by measure."""
    rows = [
        {
            "scenario": scenario,
            "region": region,
            "fund": "enterprise_pension",
            "measure": name,
            "low": low,
            "high": high,
        }
        for name, (low, high) in ends.items()
    ]
    return pd.DataFrame(rows)


NEVER = math.nan
KNOWN = ranges_of(first_deficit_year=(2021.0, 2023.0), exhaustion_year=(2022.0, NEVER))


# --- population -------------------------------------------------------------------------------------------------------


def test_pyramid__men_left_women_right_on_one_scale_without_minus(projection: xr.Dataset, ax: Any) -> None:
    assert plot.plot_population_pyramid(ax, projection, BASELINE, "jiangxi", year=2020, second_year=2050) is ax
    people = projection.population.sel(scenario=BASELINE, region="jiangxi", draw=0, year_end=2020)
    widths = np.array([bar.get_width() for bar in ax.patches if hasattr(bar, "get_width")])
    for part, sex, side in ((widths[:101], "male", -1.0), (widths[101:], "female", 1.0)):
        np.testing.assert_allclose(part, side * people.sel(sex=sex).values / 1e6, rtol=1e-12)
    low, high = ax.get_xlim()
    assert low == -high
    ax.figure.canvas.draw()
    shown = [tick.get_text() for tick in ax.get_xticklabels()]
    assert "0" in shown and not any(set(text) & set("-−") for text in shown)
    assert ax.get_xlabel() == "million persons"


def test_pyramid__second_year_is_an_outline_of_its_own_numbers(projection: xr.Dataset, ax: Any) -> None:
    plot.plot_population_pyramid(ax, projection, BASELINE, "jiangxi", year=2020, second_year=2050)
    outlines = [patch for patch in ax.patches if type(patch).__name__ == "StepPatch"]
    people = projection.population.sel(scenario=BASELINE, region="jiangxi", draw=0, year_end=2050)
    for outline, sex, side in zip(outlines, ("male", "female"), (-1.0, 1.0), strict=True):
        np.testing.assert_allclose(outline.get_data().values, side * people.sel(sex=sex).values / 1e6, rtol=1e-12)


def test_pyramid__title_is_the_share_of_the_old(projection: xr.Dataset, ax: Any) -> None:
    plot.plot_population_pyramid(ax, projection, BASELINE, "jiangxi", year=2020, second_year=2050)
    people = projection.population.sel(scenario=BASELINE, region="jiangxi", draw=0).sum("sex")
    shares = (100.0 * people.sel(age=slice(60, 100)).sum("age") / people.sum("age")).sel(year_end=[2020, 2050]).values
    title = " ".join(ax.get_title("left").split("\n"))
    assert f"rise from {shares[0]:.1f}% at the end of 2020 to {shares[1]:.1f}% at the end of 2050" in title


def test_pyramid__lines_stand_at_the_statutory_ages(projection: xr.Dataset, ax: Any) -> None:
    ages = {2020: {"men": 60.0, "women_55": 55.0, "women_50": 50.0}, 2050: {"men": 63.0}}
    plot.plot_population_pyramid(
        ax, projection, BASELINE, "jiangxi", year=2020, second_year=2050, statutory_ages=ages, lang="en"
    )
    drawn = {
        (float(line.get_ydata()[0]), float(np.sign(line.get_xdata()[1])))
        for line in ax.lines
        if line.get_color() == plot_style.PURPLE and line.get_xdata()[0] == 0.0
    }
    assert drawn == {(60.0, -1.0), (63.0, -1.0), (55.0, 1.0), (50.0, 1.0)}
    assert {"60 in 2020", "63 in 2050", "55 cadres, 2020", "50 workers, 2020"} <= {text.get_text() for text in ax.texts}


def test_statutory_ages__follow_the_reform_month_by_month() -> None:
    """Who has just passed at the end of 2025: men born in 1965-09, whose month is 60 years and 3 months later; women of
    55 born in 1970-09, likewise; women of 50 born in 1975-08, 50 years and 4 months (steps of two birth months)."""
    law = load_law()
    rules = retirement_rules(law, "jiangxi", None, 2020)
    assert plot.statutory_ages(rules, 2024) == {"men": 60.0, "women_55": 55.0, "women_50": 50.0}
    assert plot.statutory_ages(rules, 2025) == {"men": 60.25, "women_55": 55.25, "women_50": 50.0 + 4.0 / 12.0}
    assert plot.statutory_ages(rules, 2050) == {"men": 63.0, "women_55": 58.0, "women_50": 55.0}
    assert plot.statutory_ages(rules.without_reform(), 2050) == {"men": 60.0, "women_55": 55.0, "women_50": 50.0}


# --- coverage ---------------------------------------------------------------------------------------------------------


def line_of(ax: Any, colour: str, dashed: bool = False) -> Any:
    (line,) = [
        each
        for each in ax.lines
        if each.get_color() == colour and each.is_dashed() == dashed and each.get_marker() == "None"
    ]
    return line


def test_coverage__draws_the_path_and_the_printed_figures(projection: xr.Dataset, targets: list[Any], ax: Any) -> None:
    plot.plot_coverage(ax, projection, BASELINE, "jiangxi", branch="unemployment", targets=targets)
    own = find_indicator("ui_participants")(projection).sel(scenario=BASELINE, region="jiangxi", draw=0)
    line = line_of(ax, BLUE)
    np.testing.assert_allclose(line.get_ydata(), own.sel(year_end=line.get_xdata().astype(int)) / 1e6, rtol=1e-12)
    marks = {
        (int(year), round(float(height), 6))
        for each in ax.collections
        if isinstance(each, PathCollection)
        for year, height in each.get_offsets()
    }
    # printed: 281 in 2015, 286 planned and 292 reached in 2020, 311 and later 400 planned for 2025 [万人]
    assert {(2015, 2.81), (2020, 2.86), (2020, 2.92), (2025, 3.11), (2025, 4.0)} <= marks
    assert ax.get_ylabel() == "million persons"


@pytest.mark.parametrize("branch", plot.BRANCHES)
@pytest.mark.parametrize("region", ["jiangxi", "hubei", "xuzhou", "haiyan", "jingdezhen"])
def test_coverage__judges_as_the_verdicts_do(
    projection: xr.Dataset, targets: list[Any], branch: str, region: str
) -> None:
    own = projection.sel(scenario=[BASELINE])
    table = plot.coverage_table(own, BASELINE, region, branch, targets=targets)
    verdicts = {verdict.id: verdict.verdict for verdict in check_targets(own, targets)}
    shown = table[table.series.isin(["met", "missed"])]
    assert [verdicts[row.row] for row in shown.itertuples()] == list(shown.series)


def test_coverage__the_title_turns_with_the_number(projection: xr.Dataset, targets: list[Any]) -> None:
    titles = []
    for persons in (3_994_999.0, 3_995_000.0):  # 399 and, rounded half up, 400 万人
        changed = projection.copy(deep=True)
        changed.unemployment_insured.loc[{"region": "jiangxi", "year_end": 2025}] = persons
        figure = Figure(figsize=plot.SIZE)
        plot.plot_coverage(
            figure.add_subplot(), changed, BASELINE, "jiangxi", branch="unemployment", targets=targets, lang="en"
        )
        titles.append(" ".join(figure.axes[0].get_title("left").split()))
    assert titles[0].endswith("3.99 million in 2025, the plan's ≥ 4.00 million is missed")
    assert titles[1].endswith("4.00 million in 2025, the plan's ≥ 4.00 million is met")


def test_coverage__a_superseded_target_is_shown_and_not_judged(projection: xr.Dataset, targets: list[Any]) -> None:
    table = plot.coverage_table(projection, BASELINE, "jiangxi", "unemployment", targets=targets)
    assert table[table.row == "JX-14-05"].series.tolist() == ["base", "superseded"]
    assert table[table.row == "JX-22-02"].series.tolist() in (["met"], ["missed"])


def test_coverage__targets_a_digit_apart_keep_their_numbers_apart(
    projection: xr.Dataset, targets: list[Any], ax: Any
) -> None:
    close = [
        replace(row, target=replace(row.target, printed="567")) if row.id == "JX-22-03" else row for row in targets
    ]
    plot.plot_coverage(ax, projection, BASELINE, "jiangxi", branch="injury", targets=close, lang="en")
    assert {"≥ 5.65", "≥ 5.67"} <= {text.get_text() for text in ax.texts}
    ax.figure.canvas.draw()
    assert_apart(ax.figure)


def test_coverage__actuals_and_a_second_scenario_are_drawn(projection: xr.Dataset, ax: Any) -> None:
    plot.plot_coverage(
        ax, projection, BASELINE, "jiangxi", branch="injury", actuals={2022: 6_000_000.0}, against=OTHER, lang="en"
    )
    line = line_of(ax, ORANGE, dashed=True)
    other = projection.injury_insured.sel(scenario=OTHER, region="jiangxi", draw=0)
    np.testing.assert_allclose(line.get_ydata(), other.sel(year_end=line.get_xdata().astype(int)) / 1e6, rtol=1e-12)
    offsets = [tuple(row) for each in ax.collections for row in each.get_offsets()]
    assert (2022.0, 6.0) in offsets
    assert {BASELINE, OTHER} <= {text.get_text() for text in ax.texts}


def test_coverage__a_history_is_drawn_before_the_opening(projection: xr.Dataset, targets: list[Any], ax: Any) -> None:
    history = drawn().sel(scenario=[OTHER]).assign_coords(scenario=["history"])
    history = history.assign_coords(year_end=history.year_end - 40, year=history.year - 40)
    plot.plot_coverage(
        ax, projection, BASELINE, "jiangxi", branch="injury", targets=targets, history=history, lang="en"
    )
    line = line_of(ax, plot_style.SOFT, dashed=True)
    assert line.get_xdata()[0] == 2015 and line.get_xdata()[-1] == 2020
    past = history.injury_insured.sel(scenario="history", region="jiangxi", draw=0)
    np.testing.assert_allclose(line.get_ydata(), past.sel(year_end=line.get_xdata().astype(int)) / 1e6, rtol=1e-12)


# --- funds ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("fund", ["enterprise_pension", "resident", "work_injury"])
def test_fund__draws_income_outgo_and_balance(projection: xr.Dataset, ax: Any, fund: str) -> None:
    assert plot.plot_fund(ax, projection, BASELINE, "jiangxi", fund=fund, lang="en") is ax
    own = projection.sel(scenario=BASELINE, region="jiangxi", draw=0, fund=fund)
    factor = 1e9 if ax.get_ylabel().startswith("billion") else 1e6
    for colour, flows in ((BLUE, own.income.sum("income_item")), (ORANGE, own.outgo.sum("outgo_item"))):
        line = line_of(ax, colour)
        np.testing.assert_allclose(line.get_ydata(), flows.sel(year=line.get_xdata().astype(int)) / factor, rtol=1e-12)
    below = ax.figure.axes[1]
    balance = next(line for line in below.lines if len(line.get_xdata()) > 2)
    years = balance.get_xdata().astype(int)
    assert years[0] == 2020
    np.testing.assert_allclose(balance.get_ydata(), own.fund_balance.sel(year_end=years) / factor, rtol=1e-12)
    assert ax.get_ylabel().endswith("yuan a year") and below.get_ylabel().startswith("Balance, ")


@pytest.mark.parametrize(
    ("later", "title", "mark"),
    [
        (
            -1.0,
            "turns negative in 2022 (2022->2060), its first deficit is in 2021 (2021-2023)",
            "exhausted 2022 (2022->2060)",
        ),
        (0.0, "stays positive to 2060; over the closures it turns negative in 2022 at the earliest", None),
        (7.0, "stays positive to 2060; over the closures it turns negative in 2022 at the earliest", None),
    ],
)
def test_fund__title_and_mark_follow_the_balance(
    projection: xr.Dataset, ax: Any, later: float, title: str, mark: str | None
) -> None:
    """The fund is at 10, 5 and `later`: it falls in 2021 and, below zero, is exhausted at the end of 2022."""
    plot.plot_fund(ax, with_fund(projection, later=later), BASELINE, "jiangxi", lang="en", ranges=KNOWN)
    assert title in " ".join(ax.get_title("left").split("\n"))
    texts = {text.get_text() for text in ax.figure.axes[1].texts}
    assert {text for text in texts if "exhausted" in text} == ({mark} if mark else set())
    vertical = [line for line in ax.lines if list(line.get_xdata()) == [2022, 2022]]
    assert len(vertical) == (1 if mark else 0)


@pytest.mark.parametrize("ranges", [None, KNOWN.iloc[:0], ranges_of(scenario=OTHER, exhaustion_year=(2022.0, 2030.0))])
def test_fund__without_its_range_no_year_is_told(projection: xr.Dataset, ax: Any, ranges: pd.DataFrame | None) -> None:
    changed = with_fund(projection, later=-1.0)
    plot.plot_fund(ax, changed, BASELINE, "jiangxi", lang="en", ranges=ranges)
    said = " ".join([ax.get_title("left"), *(text.get_text() for each in ax.figure.axes for text in each.texts)])
    flat = " ".join(said.split("\n"))
    assert "of Jiangxi, 2020 to 2060: no verdict is told without its range" in flat and "2022" not in said
    table = plot.fund_table(changed, BASELINE, "jiangxi", "enterprise_pension", ranges=ranges)
    assert not len(table[table.unit.isin(["year", "1"])]) and set(table.series) == {"income", "outgo", "balance"}


def test_fund__the_table_holds_each_year_with_its_ends(projection: xr.Dataset) -> None:
    table = plot.fund_table(with_fund(projection, later=-1.0), BASELINE, "jiangxi", "enterprise_pension", ranges=KNOWN)
    told = table[table.unit == "year"].set_index("series").value
    assert told["first_deficit"] == 2021 and (told["first_deficit_low"], told["first_deficit_high"]) == (2021, 2023)
    assert told["exhaustion"] == told["exhaustion_low"] == 2022 and math.isnan(told["exhaustion_high"])


def test_fund__a_balance_that_recovers_is_not_told_as_lasting(projection: xr.Dataset, ax: Any) -> None:
    changed = with_fund(projection, later=-1.0)
    changed.fund_balance.loc[{"region": "jiangxi", "fund": "enterprise_pension", "year_end": slice(2030, None)}] = 1e8
    plot.plot_fund(ax, changed, BASELINE, "jiangxi", lang="en", ranges=KNOWN)
    assert "is below zero for a time from 2022 (2022->2060) on" in " ".join(ax.get_title("left").split("\n"))


@pytest.mark.parametrize(
    ("rises", "falls", "times"), [([2030], [2045], 2), ([2023, 2050], [2040], 2), ([2030, 2050], [2040, 2055], 3)]
)
def test_fund__how_often_it_is_below_zero_is_told(
    projection: xr.Dataset, ax: Any, rises: list[int], falls: list[int], times: int
) -> None:
    """Debt of two spells is not told as one. Below zero in 2022, it rises and falls again in the years given."""
    changed = with_fund(projection, later=-1.0)
    for year, value in sorted([*((year, 1e8) for year in rises), *((year, -1e8) for year in falls)]):
        own = {"region": "jiangxi", "fund": "enterprise_pension", "year_end": slice(year, None)}
        changed.fund_balance.loc[own] = value
    table = plot.fund_table(changed, BASELINE, "jiangxi", "enterprise_pension", ranges=KNOWN)
    assert table[table.series == "times"].value.tolist() == [times]
    en = f"below zero {times} separate times, first at the end of 2022 (2022->2060)"
    for lang, said in (("en", en), ("zh", f"先后{times}次为负，首次为2022年（2022->2060）末")):
        plot.plot_fund(ax, changed, BASELINE, "jiangxi", lang=lang, ranges=KNOWN)
        title = ax.get_title("left").replace("\n", " " if lang == "en" else "")
        assert said in title


def test_fund__below_the_province_it_is_notional_and_has_no_exhaustion(projection: xr.Dataset, ax: Any) -> None:
    changed = with_fund(projection, later=-1.0, region="haiyan")
    plot.plot_fund(
        ax,
        changed,
        BASELINE,
        "haiyan",
        lang="en",
        ranges=ranges_of(region="haiyan", **{"constant_share": (2022.0, 2022.0)}),
    )
    assert "notional" in ax.get_title("left")
    assert not any("exhausted" in text.get_text() for each in ax.figure.axes for text in each.texts)


def test_fund__constant_prices_divide_by_the_price_index(projection: xr.Dataset) -> None:
    nominal = plot.fund_table(projection, BASELINE, "jiangxi", "resident").set_index(["series", "year"]).value
    real = plot.fund_table(projection, BASELINE, "jiangxi", "resident", money="prices").set_index(["series", "year"])
    assert set(real[real.unit != "year"].unit) == {"yuan of 2021"}
    prices = projection.price_index.sel(scenario=BASELINE, region="jiangxi", draw=0)
    rise = float(prices.sel(year=2041) / prices.sel(year=2021))
    assert rise > 1.2
    assert real.value["outgo", 2041] == pytest.approx(nominal["outgo", 2041] / rise, rel=1e-12)
    assert real.value["balance", 2020] == nominal["balance", 2020]


def test_fund__a_second_scenario_is_dashed(projection: xr.Dataset, ax: Any) -> None:
    plot.plot_fund(ax, projection, BASELINE, "jiangxi", against=OTHER, lang="en")
    other = projection.outgo.sum("outgo_item").sel(scenario=OTHER, region="jiangxi", draw=0, fund="enterprise_pension")
    line = line_of(ax, ORANGE, dashed=True)
    np.testing.assert_allclose(line.get_ydata(), other.sel(year=line.get_xdata().astype(int)) / 1e9, rtol=1e-12)
    assert {BASELINE, OTHER} <= {text.get_text() for text in ax.figure.axes[1].texts}


@pytest.mark.parametrize(
    ("later", "known", "said"),
    [
        (-1.0, True, "negative in 2022 (2022-2030)"),
        (-1.0, False, ""),
        (7.0, True, "not negative to the end of the run"),
        (7.0, False, ""),
    ],
)
def test_fund__the_subtitle_tells_what_the_dashed_lines_come_to(
    projection: xr.Dataset, ax: Any, later: float, known: bool, said: str
) -> None:
    changed = with_fund(projection, later=7.0)
    own = {"scenario": OTHER, "region": "jiangxi", "fund": "enterprise_pension", "year_end": slice(2022, None)}
    changed.fund_balance.loc[own] = later * 1e8
    ranges = ranges_of(OTHER, exhaustion_year=(2022.0, 2030.0)) if known else None
    plot.plot_fund(ax, changed, BASELINE, "jiangxi", against=OTHER, lang="en", ranges=ranges)
    subtitle = " ".join(text.get_text() for text in ax.texts)
    flat = " ".join(subtitle.split("\n"))
    assert f"dashed: {OTHER}, {said}" in flat if said else f"dashed: {OTHER}" in flat and f"{OTHER}, " not in flat


def test_fund__takes_the_place_of_its_axes_with_or_without_a_grid(projection: xr.Dataset) -> None:
    figure = Figure(figsize=plot.SIZE)
    free = figure.add_axes((0.1, 0.1, 0.4, 0.8))
    plot.plot_fund(free, projection, BASELINE, "jiangxi", lang="en")
    upper, lower = (each.get_position() for each in figure.axes)
    assert upper.y1 == pytest.approx(0.9) and lower.y0 == pytest.approx(0.1) and lower.y1 < upper.y0
    given = figure.add_axes((0.6, 0.1, 0.3, 0.3))
    plot.plot_fund(figure.add_axes((0.6, 0.5, 0.3, 0.3)), projection, BASELINE, "jiangxi", lang="en", balance_ax=given)
    assert len(figure.axes) == 4 and given.lines


# --- dependency -------------------------------------------------------------------------------------------------------


def test_dependency__is_burden_over_bearers_per_hundred(projection: xr.Dataset, ax: Any) -> None:
    assert plot.plot_dependency(ax, projection, BASELINE, "jiangxi", lang="en") is ax
    own = projection.sel(scenario=BASELINE, region="jiangxi", draw=0)
    payers = own.members.sel(status=["enterprise", "flexible", "public"]).sum("status")
    system = 100.0 * (own.enterprise_pensioners + own.public_pensioners) / payers
    np.testing.assert_allclose(line_of(ax, BLUE).get_ydata(), system.values, rtol=1e-12)
    old = 100.0 * own.population_60 / own.population_16_59
    np.testing.assert_allclose(line_of(ax, ORANGE).get_ydata(), old.values, rtol=1e-12)
    assert f"from {system.values[0]:.1f} in 2020 to {system.values[-1]:.1f} in 2060" in " ".join(
        ax.get_title("left").split("\n")
    )
    assert ax.get_ylabel() == "persons per 100"
