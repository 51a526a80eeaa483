"""Real projections that pictures are drawn from, and a measure of whether the texts of a picture touch."""

from __future__ import annotations

from functools import cache
from itertools import combinations
from typing import Any

import xarray as xr
from matplotlib.figure import Figure

from simengine.engine import results as io
from simengine.engine.project import project
from simengine.law import load_law
from simengine.scenario.scenario import load_scenario

BASELINE, OTHER = "jiangxi/baseline", "jiangxi/as_planned"
REGIONS = ("jiangxi", "hubei", "xuzhou", "jingdezhen", "haiyan")
RUN = "0123456789abcdef"
FIRST, LAST = 2020, 2060


@cache
def _lanes() -> xr.Dataset:
    """Both packaged scenarios of five regions, run once, under the names of the two scenarios of Jiangxi."""
    sides = []
    for name in (BASELINE, OTHER):
        kind = name.partition("/")[2]
        scenarios = [load_scenario(f"{region}/{kind}") for region in REGIONS]
        parts = []
        for years in dict.fromkeys(scenario.content.years for scenario in scenarios):
            group = [scenario for scenario in scenarios if scenario.content.years == years]
            dataset = project(group).dataset
            parts += [io.part_of(dataset, scenario.key).isel(scenario=0, drop=True) for scenario in group]
        span = {"year_end": slice(FIRST, LAST), "year": slice(FIRST + 1, LAST)}
        sides.append(xr.concat([part.sel(span) for part in parts], "region"))
    return xr.concat(sides, "scenario").assign_coords(scenario=[BASELINE, OTHER])


def drawn() -> xr.Dataset:
    """A copy of the projections: two scenarios, one draw, five regions and the areas of Xuzhou, 2020 to 2060."""
    return _lanes().copy(deep=True)


def stamped_projection() -> xr.Dataset:
    """The same as `simengine run` would have written it: on today's law and target files."""
    marks = io.stamp(load_scenario(BASELINE), {"law": load_law().digest()}) | {"run_id": RUN}
    return io.stamped(drawn().sel(scenario=[BASELINE]), "A run", marks)


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


def assert_apart(figure: Figure) -> None:
    """No text leaves the figure or lies over another one."""
    texts = visible_texts(figure)
    width, height = figure.canvas.get_width_height()
    for text, box in texts:
        assert box.x0 >= 0 and box.y0 >= 0 and box.x1 <= width and box.y1 <= height, text
    for (first, one), (second, other) in combinations(texts, 2):
        across = min(one.x1, other.x1) - max(one.x0, other.x0)
        down = min(one.y1, other.y1) - max(one.y0, other.y0)
        assert across < 1.5 or down < 2.5, f"{first!r} lies over {second!r}"
