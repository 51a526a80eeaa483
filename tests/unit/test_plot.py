"""Pictures: what is drawn is what the numbers say, nothing overlaps, every character has a font."""

from __future__ import annotations

import doctest
import json
import os
import re
import subprocess
import sys
import warnings
from collections.abc import Iterator
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import xarray as xr
from hypothesis import example, given, settings
from hypothesis import strategies as st
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.collections import PathCollection
from matplotlib.figure import Figure

from simengine import io, plot, plot_background, plot_style
from simengine.checks.target_files import packaged_target_files, read_targets
from simengine.checks.targets import check_targets
from simengine.compile.retirement import retirement_rules
from simengine.errors import ModelError, ScenarioError, SimengineError
from simengine.indicators import indicator
from simengine.law import load_law
from simengine.messages import LANGUAGES
from simengine.scenario import load_scenario
from tests.unit.synthetic_projection import synthetic

BASELINE, OTHER = "jiangxi/baseline", "jiangxi/as_planned"
RUN = "0123456789abcdef"
BLUE, ORANGE = plot_style.BLUE, plot_style.ORANGE
packaged_font = pytest.mark.skipif(
    plot_style.chinese_family() is None, reason="no Chinese font: install the extra report"
)


def drawable(end: int = 2060) -> xr.Dataset:
    """The made-up projection with what only pictures read: single ages and prices."""
    dataset = synthetic(2020, end).drop_vars("population")
    dataset = dataset.assign_coords(scenario=[BASELINE, OTHER], age=np.arange(101))
    age = dataset.age
    moving = np.exp(-(((age - 40.0 - 0.5 * (dataset.year_end - 2020)) / 26.0) ** 2))
    weight = xr.DataArray([1.0, 0.94], dims="sex", coords={"sex": ["male", "female"]})
    size = dataset.unemployment_insured.isel(year_end=0, drop=True) * 0.2
    dataset["population"] = (size * weight * moving).transpose("scenario", "draw", "region", "sex", "age", "year_end")
    people = dataset.population.sum("sex")
    dataset["population_60"] = people.sel(age=slice(60, 100)).sum("age")
    dataset["population_16_59"] = people.sel(age=slice(16, 59)).sum("age")
    dataset["price_index"] = dataset.wage / dataset.wage * 1.02 ** (dataset.year - 2000)
    return dataset


@pytest.fixture(scope="module")
def projection() -> xr.Dataset:
    return drawable()


@pytest.fixture(scope="module")
def stamped() -> xr.Dataset:
    """The same as `simengine run` would have written it: on today's law and target files."""
    dataset = drawable().sel(scenario=[BASELINE])
    marks = io.stamp(load_scenario(BASELINE), {"law": load_law().digest()}) | {"run_id": RUN}
    return io.stamped(dataset, "A run", marks)


@pytest.fixture(scope="module")
def beside(stamped: xr.Dataset) -> plot_background.Background:
    """What stands beside it."""
    return plot.background(stamped, BASELINE, plot.look_for("en"))


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


# --- fonts and languages ----------------------------------------------------------------------------------------------


def missing_glyphs(caught: list[warnings.WarningMessage]) -> list[str]:
    return [str(each.message) for each in caught if "missing from font" in str(each.message)]


@packaged_font
@pytest.mark.parametrize("lang", LANGUAGES)
def test_save_figures__writes_the_whole_set_and_every_character_has_a_glyph(
    stamped: xr.Dataset, tmp_path: Path, lang: Any
) -> None:
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        written = plot.save_figures(stamped, tmp_path / "new" / "folder", lang)
    assert missing_glyphs(caught) == []
    assert [str(each.message) for each in caught if issubclass(each.category, UserWarning)] == []
    names = {f"{name}.{kind}" for name in plot.FIGURES for kind in ("png", "svg", "csv")}
    assert {path.name for path in written} == {path.name for path in (tmp_path / "new" / "folder").iterdir()} == names
    assert min(path.stat().st_size for path in written) > 500


@packaged_font
def test_missing_glyphs__are_noticed_where_the_font_is_wrong(projection: xr.Dataset, ax: Any) -> None:
    look = plot_style.Look("zh", (plot_style.LATIN,))
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        plot.plot_dependency(ax, projection, BASELINE, "jiangxi", lang=look)
        ax.figure.canvas.draw()
    assert len(missing_glyphs(caught)) > 5


def test_look_for__without_a_chinese_font_says_so_once_and_speaks_english(
    stamped: xr.Dataset, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(plot_style.FONT_VARIABLE, raising=False)
    monkeypatch.setattr(plot_style, "_installed_family", lambda: None)
    monkeypatch.setattr(plot_style, "_packaged_family", lambda: None)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        plot.save_figures(stamped, tmp_path / "zh", "zh", names=["dependency", "fund_resident"])
        said = [str(each.message) for each in caught if each.category is plot.FigureWarning]
        plot.save_figures(stamped, tmp_path / "en", "en", names=["dependency", "fund_resident"])
    assert len(said) == 1 and "simengine[report]" in said[0] and plot_style.FONT_VARIABLE in said[0]
    assert missing_glyphs(caught) == []
    for name in ("dependency.png", "fund_resident.svg"):
        assert (tmp_path / "zh" / name).read_bytes() == (tmp_path / "en" / name).read_bytes()


def test_look_for__takes_the_font_the_user_names_first(monkeypatch: pytest.MonkeyPatch) -> None:
    fonts = pytest.importorskip("pylopdf_fonts_zh_cn")
    assert plot.look_for("zh", fonts.serif_path()).families[0] == "Noto Serif SC"
    monkeypatch.setenv(plot_style.FONT_VARIABLE, str(fonts.serif_path()))
    assert plot.look_for("zh").families == ("Noto Serif SC", plot_style.LATIN)
    assert plot.look_for("en").families == (plot_style.LATIN, "Noto Serif SC")


@pytest.mark.parametrize(("font", "said"), [("No Such Font", "neither a file"), (plot_style.LATIN, "no Chinese")])
def test_look_for__refuses_a_font_that_cannot_be_used(font: str, said: str) -> None:
    with pytest.raises(SimengineError, match=said):
        plot.look_for("zh", font)


def test_look_for__refuses_a_file_that_is_no_font(tmp_path: Path) -> None:
    path = tmp_path / "font.otf"
    path.write_text("not a font")
    with pytest.raises(SimengineError, match="not a font file"):
        plot.look_for("zh", path)


def test_words__every_text_has_both_languages_and_the_same_blanks() -> None:
    def entries(value: Any) -> Iterator[dict[str, Any]]:
        if set(value) == set(LANGUAGES):
            yield value
        else:
            for inner in value.values():
                yield from entries(inner)

    found = [each for each in entries(plot_style.words()) if isinstance(each["en"], str)]
    assert len(found) > 60
    for each in found:
        blanks = [set(re.findall(r"{(\w+)}", each[lang])) for lang in LANGUAGES]
        assert blanks[0] == blanks[1], each


# --- nothing overlaps, nothing is cut off -----------------------------------------------------------------------------


def visible_texts(figure: Figure) -> list[tuple[str, Any]]:
    """Every text of a drawn figure with its extent in pixels."""
    found = []
    for each in figure.axes:
        for axis in (each.xaxis, each.yaxis):
            low, high = sorted(axis.get_view_interval())
            for tick in axis.get_major_ticks():
                if tick.label1.get_visible() and tick.label1.get_text() and low <= tick.get_loc() <= high:
                    found.append(tick.label1)
            found.append(axis.label)
        found += [each.title, each._left_title, *each.texts]
        found += each.get_legend().get_texts() if each.get_legend() else []
    found += [text for text in (figure._supxlabel,) if text is not None]
    renderer = figure.canvas.get_renderer()
    return [(text.get_text(), text.get_window_extent(renderer)) for text in found if text.get_text().strip()]


@packaged_font
@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("name", plot.FIGURES)
def test_figures__texts_neither_overlap_nor_leave_the_picture(
    stamped: xr.Dataset, beside: Any, name: str, lang: Any
) -> None:
    subject = plot.Subject(stamped, BASELINE, "jiangxi", beside, plot.look_for(lang))
    table = plot.FIGURES[name].table(subject)
    figure = plot.draw_figure(plot.FIGURES[name], subject, table)
    figure.canvas.draw()
    texts = visible_texts(figure)
    assert len(texts) >= 10
    width, height = figure.canvas.get_width_height()
    for text, box in texts:
        assert box.x0 >= 0 and box.y0 >= 0 and box.x1 <= width and box.y1 <= height, text
    for (first, one), (second, other) in combinations(texts, 2):
        across = min(one.x1, other.x1) - max(one.x0, other.x0)
        down = min(one.y1, other.y1) - max(one.y0, other.y0)
        assert across < 1.5 or down < 2.5, f"{first!r} lies over {second!r}"


def test_style__examples_in_the_text_hold() -> None:
    done = doctest.testmod(plot_style)
    assert done.attempted >= 2 and not done.failed


@settings(deadline=None)
@given(
    wanted=st.lists(st.floats(0.0, 1.0), min_size=1, max_size=8),
    gap=st.floats(0.01, 0.1),
)
def test_spread__keeps_order_distance_and_bounds(wanted: list[float], gap: float) -> None:
    placed = plot_style.spread(wanted, gap, 0.0, 1.0)
    order = np.argsort(wanted, kind="stable")
    assert (np.diff(np.array(placed)[order]) >= gap - 1e-9).all()
    assert min(placed) >= -1e-9 and max(placed) <= 1.0 + 1e-9
    if len(wanted) == 1:
        assert placed == pytest.approx(wanted)


@packaged_font
@settings(deadline=None, max_examples=300)
@example(text="00%%。 %%", limit=6.0)
@given(text=st.text(alphabet="社保基金，（）。2025 a%", min_size=1, max_size=60), limit=st.floats(6.0, 30.0))
def test_wrapped__loses_nothing_and_keeps_punctuation_in_place(text: str, limit: float) -> None:
    look = plot.look_for("zh")
    lines = plot_style.wrapped(text, limit, look).split("\n")
    assert "".join(lines).replace(" ", "") == text.replace(" ", "")
    for line in lines[1:]:
        assert not line.startswith(("，", "）", "。", "%"))
    for line in lines:
        if look.width(line) > limit:  # then there is no place to break it
            assert "\n" not in plot_style.wrapped(line, 0.1, look, even=False)


@pytest.mark.parametrize("pair", list(combinations(("BLUE", "ORANGE", "GREEN", "PURPLE"), 2)), ids=" ".join)
def test_colours__differ_for_every_kind_of_colour_vision(pair: tuple[str, str]) -> None:
    """Severe loss of one cone each (matrices of Machado, Oliveira and Fernandes 2009), distance in linear light."""
    cones = {
        "normal": np.eye(3),
        "protan": [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]],
        "deutan": [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]],
        "tritan": [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.303900]],
    }

    def light(name: str) -> np.ndarray:
        code = getattr(plot_style, name).removeprefix("#")
        value = np.array([int(code[at : at + 2], 16) for at in (0, 2, 4)]) / 255.0
        return np.where(value <= 0.04045, value / 12.92, ((value + 0.055) / 1.055) ** 2.4)

    for name in pair:  # readable on white
        assert 1.05 / (light(name) @ [0.2126, 0.7152, 0.0722] + 0.05) > 3.0, name
    for kind, matrix in cones.items():
        seen = [np.clip(np.asarray(matrix) @ light(name), 0.0, 1.0) ** (1 / 2.2) for name in pair]
        assert np.linalg.norm(seen[0] - seen[1]) > 0.15, kind


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
    own = indicator("ui_participants")(projection).sel(scenario=BASELINE, region="jiangxi", draw=0)
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
    history = drawable(2060).sel(scenario=[OTHER]).assign_coords(scenario=["history"])
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
        (-1.0, "turns negative in 2022", "exhausted 2022"),
        (0.0, "stays positive to 2060", None),
        (7.0, "stays positive to 2060", None),
    ],
)
def test_fund__title_and_mark_follow_the_balance(
    projection: xr.Dataset, ax: Any, later: float, title: str, mark: str | None
) -> None:
    plot.plot_fund(ax, with_fund(projection, later=later), BASELINE, "jiangxi", lang="en")
    assert title in " ".join(ax.get_title("left").split("\n"))
    texts = {text.get_text() for text in ax.figure.axes[1].texts}
    assert texts & {"exhausted 2022"} == ({mark} if mark else set())
    vertical = [line for line in ax.lines if list(line.get_xdata()) == [2022, 2022]]
    assert len(vertical) == (1 if mark else 0)


def test_fund__a_balance_that_recovers_is_not_told_as_lasting(projection: xr.Dataset, ax: Any) -> None:
    changed = with_fund(projection, later=-1.0)
    changed.fund_balance.loc[{"region": "jiangxi", "fund": "enterprise_pension", "year_end": slice(2030, None)}] = 1e8
    plot.plot_fund(ax, changed, BASELINE, "jiangxi", lang="en")
    assert "below zero from 2022 to 2029" in " ".join(ax.get_title("left").split("\n"))


def test_fund__below_the_province_it_is_notional_and_has_no_exhaustion(projection: xr.Dataset, ax: Any) -> None:
    plot.plot_fund(ax, with_fund(projection, later=-1.0, region="haiyan"), BASELINE, "haiyan", lang="en")
    assert "notional" in ax.get_title("left")
    assert not any("exhausted" in text.get_text() for each in ax.figure.axes for text in each.texts)


def test_fund__constant_prices_divide_by_the_price_index(projection: xr.Dataset) -> None:
    nominal = plot.fund_table(projection, BASELINE, "jiangxi", "resident").set_index(["series", "year"]).value
    real = plot.fund_table(projection, BASELINE, "jiangxi", "resident", money="prices").set_index(["series", "year"])
    assert set(real[real.unit != "year"].unit) == {"yuan of 2021"}
    assert real.value["outgo", 2041] == pytest.approx(nominal["outgo", 2041] / 1.02**20, rel=1e-12)
    assert real.value["balance", 2020] == nominal["balance", 2020]


def test_fund__a_second_scenario_is_dashed(projection: xr.Dataset, ax: Any) -> None:
    plot.plot_fund(ax, projection, BASELINE, "jiangxi", against=OTHER, lang="en")
    other = projection.outgo.sum("outgo_item").sel(scenario=OTHER, region="jiangxi", draw=0, fund="enterprise_pension")
    line = line_of(ax, ORANGE, dashed=True)
    np.testing.assert_allclose(line.get_ydata(), other.sel(year=line.get_xdata().astype(int)) / 1e9, rtol=1e-12)
    assert {BASELINE, OTHER} <= {text.get_text() for text in ax.figure.axes[1].texts}


@pytest.mark.parametrize(("later", "said"), [(-1.0, "negative in 2022"), (7.0, "never negative")])
def test_fund__the_subtitle_tells_what_the_dashed_lines_come_to(
    projection: xr.Dataset, ax: Any, later: float, said: str
) -> None:
    changed = with_fund(projection, later=7.0)
    own = {"scenario": OTHER, "region": "jiangxi", "fund": "enterprise_pension", "year_end": slice(2022, None)}
    changed.fund_balance.loc[own] = later * 1e8
    plot.plot_fund(ax, changed, BASELINE, "jiangxi", against=OTHER, lang="en")
    assert any(text.get_text().endswith(f"dashed: {OTHER}, {said}") for text in ax.texts)


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


# --- the set ----------------------------------------------------------------------------------------------------------


def test_save_figures__the_csv_holds_what_is_drawn(stamped: xr.Dataset, tmp_path: Path, ax: Any) -> None:
    import pandas as pd

    plot.save_figures(stamped, tmp_path, "en", names=["fund_resident"])
    numbers = pd.read_csv(tmp_path / "fund_resident.csv", encoding="utf-8-sig")
    plot.plot_fund(ax, stamped, BASELINE, "jiangxi", fund="resident", lang="en")
    outgo = numbers[numbers.series == "outgo"]
    line = line_of(ax, ORANGE)
    np.testing.assert_allclose(outgo.value / 1e9, line.get_ydata(), rtol=1e-12)
    assert outgo.year.tolist() == line.get_xdata().astype(int).tolist()
    assert set(outgo.unit) == {"yuan"}


def test_save_figures__equal_projections_give_equal_bytes(stamped: xr.Dataset, tmp_path: Path) -> None:
    names = ["population_pyramid", "coverage_unemployment"]
    first = plot.save_figures(stamped, tmp_path / "1", "en", names=names)
    second = plot.save_figures(stamped.copy(deep=True), tmp_path / "2", "en", names=names)
    assert [path.read_bytes() for path in first] == [path.read_bytes() for path in second]
    changed = stamped.copy(deep=True)
    changed.unemployment_insured.loc[{"year_end": 2023}] *= 1.05
    third = plot.save_figures(changed, tmp_path / "3", "en", names=names)
    differ = [one.name for one, other in zip(first, third, strict=True) if one.read_bytes() != other.read_bytes()]
    assert set(differ) == {f"coverage_unemployment.{kind}" for kind in ("png", "svg", "csv")}


def source_line(figure: Figure) -> str:
    return str(figure._supxlabel.get_text())  # type: ignore[union-attr]


def test_figure__says_where_it_comes_from(stamped: xr.Dataset) -> None:
    look = plot.look_for("en")
    subject = plot.Subject(stamped, BASELINE, "jiangxi", plot.background(stamped, BASELINE, look), look)
    kind = plot.FIGURES["coverage_unemployment"]
    said = source_line(plot.draw_figure(kind, subject, kind.table(subject)))
    law = load_law().information_date
    assert law is not None
    flat = said.replace("\n", " ")
    for part in (BASELINE, "jiangxi-2020", f"run {RUN}", law.isoformat(), "JX-22-02", "not a forecast"):
        assert part in flat, part


def test_figure__without_a_stamp_names_the_digest_of_its_data(projection: xr.Dataset) -> None:
    look = plot.look_for("en")
    digest = plot_background.dataset_digest(projection)
    assert f"data {digest[:16]}" in plot.background(projection, BASELINE, look).footer(look)
    changed = projection.copy(deep=True)
    changed.wage[0, 0, 0, 0] = np.nextafter(changed.wage[0, 0, 0, 0].item(), np.inf)
    assert plot_background.dataset_digest(changed) != digest


def test_background__a_changed_scenario_or_law_is_not_drawn_beside_old_numbers(stamped: xr.Dataset) -> None:
    look = plot.look_for("en")
    current = plot.background(stamped, BASELINE, look)
    assert current.targets and current.ages("jiangxi", [2050])[2050]["men"] == 63.0
    inputs = json.dumps({"law": "another"})
    for change in ({"scenario_sha256": "another"}, {"inputs": inputs}, {"targets": json.dumps({"jiangxi": "another"})}):
        with pytest.warns(plot.FigureWarning, match="has changed since this run"):
            old = plot.background(stamped.assign_attrs(change), BASELINE, look)
        assert not old.targets and not old.ages("jiangxi", [2050])
    mine = stamped.assign_coords(scenario=["mine"])
    with pytest.warns(plot.FigureWarning, match="not a packaged scenario"):
        assert not plot.background(mine, "mine", look).targets


def test_save_figures__other_regions_carry_their_name(stamped: xr.Dataset, tmp_path: Path) -> None:
    written = plot.save_figures(stamped, tmp_path, "en", names=["dependency"], regions=["jiangxi", "hubei"])
    assert {path.name for path in written if path.suffix == ".png"} == {"dependency.png", "dependency_hubei.png"}


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ({"names": ["fund_residents"]}, 'Did you mean "fund_resident"'),
        ({"regions": ["jiangxy"]}, 'Did you mean "jiangxi"'),
        ({"scenario": "jiangxi/basline"}, "jiangxi/basline"),
    ],
)
def test_save_figures__names_what_it_does_not_know_and_writes_nothing(
    projection: xr.Dataset, tmp_path: Path, arguments: dict[str, Any], said: str
) -> None:
    with pytest.raises(ScenarioError, match=re.escape(said)):
        plot.save_figures(projection, tmp_path / "out", "en", **arguments)
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    "call",
    [
        lambda ax, p: plot.plot_coverage(ax, p, BASELINE, "jiangxi", branch="health"),
        lambda ax, p: plot.plot_fund(ax, p, BASELINE, "jiangxi", fund="health"),
        lambda ax, p: plot.plot_fund(ax, p, BASELINE, "jiangxi", money="gold"),
        lambda ax, p: plot.plot_dependency(ax, p, BASELINE, "jiangxi", first=2100),
        lambda ax, p: plot.plot_population_pyramid(ax, p, BASELINE, "jiangxi", year=1999),
    ],
)
def test_plots__name_what_they_cannot_draw(projection: xr.Dataset, ax: Any, call: Any) -> None:
    with pytest.raises(ScenarioError) as caught:
        call(ax, projection)
    assert caught.value.allowed


def test_plots__refuse_numbers_that_are_none(projection: xr.Dataset, ax: Any) -> None:
    changed = projection.copy(deep=True)
    changed.income.loc[{"region": "jiangxi", "year": 2030}] = np.nan
    with pytest.raises(ModelError, match="income of enterprise_pension of jiangxi"):
        plot.plot_fund(ax, changed, BASELINE, "jiangxi")


def test_plot__loads_nothing_heavy_and_leaves_the_settings_of_the_library_alone(tmp_path: Path) -> None:
    """In a fresh process: importing is light; drawing neither imports pyplot nor changes a setting."""
    path = tmp_path / "projection.nc"
    io.write_projection(drawable(), path)
    code = f"""
import sys
from simengine import plot
heavy = [name for name in ("matplotlib", "pandas", "xarray", "numba") if name in sys.modules]
assert not heavy, heavy
import matplotlib, xarray
before = dict(matplotlib.rcParams)
dataset = xarray.load_dataset({str(path)!r}, engine="h5netcdf")
plot.save_figures(dataset, {str(tmp_path)!r}, "zh", names=["dependency", "population_pyramid"])
assert "matplotlib.pyplot" not in sys.modules
assert dict(matplotlib.rcParams) == before
"""
    root = Path(plot.__file__).parents[1]
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, cwd=root, env={**os.environ, "MPLBACKEND": "Agg"}
    )
    assert done.returncode == 0, done.stderr
