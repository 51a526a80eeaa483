"""The set of pictures: every character has a font, no text touches another, each says where it comes from."""

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
from matplotlib.figure import Figure

from simengine.common.errors import ModelError, ScenarioError, SimengineError
from simengine.common.messages import LANGUAGES
from simengine.engine import results as io
from simengine.law import load_law
from simengine.report.figures import background as plot_background
from simengine.report.figures import plot
from simengine.report.figures import style as plot_style
from tests.helpers.pictures import (
    BASELINE,
    OTHER,
    RUN,
    assert_apart,
    drawn,
    stamped_projection,
    visible_texts,
)

packaged_font = pytest.mark.skipif(
    plot_style.chinese_family() is None, reason="no Chinese font: install the extra report"
)


@pytest.fixture(scope="module")
def projection() -> xr.Dataset:
    return drawn()


@pytest.fixture(scope="module")
def stamped() -> xr.Dataset:
    """As written by a run."""
    return stamped_projection()


@pytest.fixture(scope="module")
def beside(stamped: xr.Dataset) -> plot_background.Background:
    """What stands beside it."""
    return plot.background(stamped, BASELINE, plot.look_for("en"))


@pytest.fixture
def ax() -> Any:
    figure = Figure(figsize=plot.SIZE, layout="constrained")
    FigureCanvasAgg(figure)
    return figure.add_subplot()


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


def test_save_figures__of_a_later_scenario_draws_its_own_region(tmp_path: Path) -> None:
    both = drawn().sel(region=["jiangxi", "hubei"])
    held = both.where((both.scenario == BASELINE) == (both.region == "jiangxi"))  # as a run of two regions holds them
    written = plot.save_figures(held, tmp_path, names=["dependency"], scenario=OTHER)
    assert {path.name for path in written} == {f"dependency.{kind}" for kind in ("png", "svg", "csv")}
    assert ",hubei," in (tmp_path / "dependency.csv").read_text(encoding="utf-8-sig").splitlines()[1]
    named = plot.save_figures(both, tmp_path, names=["dependency"], scenario=OTHER, regions=["jiangxi", "hubei"])
    assert {path.stem for path in named} == {"dependency", "dependency_hubei"}


# --- nothing overlaps, nothing is cut off -----------------------------------------------------------------------------


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
    assert len(visible_texts(figure)) >= 10
    assert_apart(figure)


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


# --- the set ----------------------------------------------------------------------------------------------------------


def test_save_figures__the_csv_holds_what_is_drawn(stamped: xr.Dataset, tmp_path: Path, ax: Any) -> None:
    import pandas as pd

    plot.save_figures(stamped, tmp_path, "en", names=["fund_resident"])
    numbers = pd.read_csv(tmp_path / "fund_resident.csv", encoding="utf-8-sig")
    plot.plot_fund(ax, stamped, BASELINE, "jiangxi", fund="resident", lang="en")
    outgo = numbers[numbers.series == "outgo"]
    (line,) = [each for each in ax.lines if each.get_color() == plot_style.ORANGE and len(each.get_xdata()) > 1]
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
    io.write_projection(drawn(), path)
    code = f"""
import sys
from simengine.report.figures import plot
heavy = [name for name in ("matplotlib", "pandas", "xarray", "numba") if name in sys.modules]
assert not heavy, heavy
import matplotlib, xarray
before = dict(matplotlib.rcParams)
dataset = xarray.load_dataset({str(path)!r}, engine="h5netcdf")
plot.save_figures(dataset, {str(tmp_path)!r}, "zh", names=["dependency", "population_pyramid"])
assert "matplotlib.pyplot" not in sys.modules
assert dict(matplotlib.rcParams) == before
"""
    root = Path(plot.__file__).parents[3]
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, cwd=root, env={**os.environ, "MPLBACKEND": "Agg"}
    )
    assert done.returncode == 0, done.stderr
