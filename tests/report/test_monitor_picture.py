"""The picture of the plan monitor: what is drawn is what the points say."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
from matplotlib.figure import Figure

import simengine
from simengine.judge.monitor import Monitor
from simengine.report.figures.monitor import PANELS, draw_monitor, panels_of, plot_monitor, save_monitor
from simengine.report.figures.style import look_for


@pytest.fixture(scope="module")
def jiangxi() -> Monitor:
    return simengine.monitor("jiangxi", as_of="2022-09")


def lines_of(figure: Figure, panel: int = 0) -> dict[str, tuple[list[float], list[float]]]:
    found = {}
    for line in figure.axes[panel].get_lines():
        label = str(line.get_label())
        if not label.startswith("_"):
            found[label] = (list(map(float, line.get_xdata())), list(map(float, line.get_ydata())))
    return found


def test_panel__draws_the_points_of_its_row(jiangxi: Monitor) -> None:
    figure = Figure()
    ax = plot_monitor(figure.add_subplot(), jiangxi, "JX-22-02")
    drawn = lines_of(figure)
    assert drawn["straight path"] == ([2020.0, 2025.0], [292.0, 400.0])
    assert drawn["actual"] == ([2021 + 8 / 12], [355.25])
    assert drawn["target"] == ([2025.0], [400.0])
    points = jiangxi.points[(jiangxi.points["id"] == "JX-22-02") & (jiangxi.points["series"] == "projection")]
    assert drawn["projection"] == (points["at"].tolist(), points["value"].tolist())
    assert "JX-22-02 [万人]: ahead 1.3" in ax.get_title(loc="left")


def test_target__is_filled_where_it_would_be_met_and_open_where_not(jiangxi: Monitor) -> None:
    faces = {}
    for name in ("JX-22-02", "JX-22-03"):
        ax = plot_monitor(Figure().add_subplot(), jiangxi, name)
        line = next(line for line in ax.get_lines() if line.get_label() == "target")
        faces[name] = line.get_markerfacecolor()
    assert faces["JX-22-02"] == "white" != faces["JX-22-03"]


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_picture__says_source_unit_and_day_and_no_text_lies_on_another(jiangxi: Monitor, lang: str) -> None:
    look = look_for(lang)  # type: ignore[arg-type]
    figure = draw_monitor(jiangxi, panels_of(jiangxi), look)
    figure.canvas.draw()
    texts = [text for text in figure.texts if text.get_text().strip()]
    said = " ".join(text.get_text() for text in texts)
    assert "2022-09-30" in said and "Workers' Daily" in said and "simengine" in said
    renderer = figure.canvas.get_renderer()  # type: ignore[attr-defined]
    legend = figure.legends[0].get_window_extent(renderer)
    titles = [ax.title.get_window_extent(renderer) for ax in figure.axes] + [
        ax._left_title.get_window_extent(renderer)  # type: ignore[attr-defined]
        for ax in figure.axes
        if ax.get_title(loc="left")
    ]
    subtitle = next(text for text in texts if "2022-09-30" in text.get_text()).get_window_extent(renderer)
    assert not legend.overlaps(subtitle)
    assert not any(legend.overlaps(box) for box in titles if box.width)
    assert legend.x1 < figure.bbox.x1 and subtitle.x1 < figure.bbox.x1


def test_many_rows__go_to_further_pictures(tmp_path: Path) -> None:
    found = simengine.monitor("xuzhou", as_of=2024)
    names = panels_of(found)
    pages = -(-len(names) // PANELS)
    files = save_monitor(found, tmp_path / "m")
    assert pages > 1 and len(files) == 3 * pages and (tmp_path / f"m_picture_{pages}.svg").is_file()
    drawn = [pd.read_csv(path, encoding="utf-8-sig")["Row"].unique() for path in files if path.suffix == ".csv"]
    assert sorted(name for page in drawn for name in page) == sorted(names)
