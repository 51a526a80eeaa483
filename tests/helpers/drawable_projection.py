"""A made-up projection with all that pictures read, and a measure of whether their texts touch."""

from __future__ import annotations

from itertools import combinations
from typing import Any

import numpy as np
import xarray as xr
from matplotlib.figure import Figure

from simengine.engine import results as io
from simengine.law import load_law
from simengine.scenario.scenario import load_scenario
from tests.helpers.registry_projection import synthetic

BASELINE, OTHER = "jiangxi/baseline", "jiangxi/as_planned"
RUN = "0123456789abcdef"


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


def stamped_projection() -> xr.Dataset:
    """The same as `simengine run` would have written it: on today's law and target files."""
    marks = io.stamp(load_scenario(BASELINE), {"law": load_law().digest()}) | {"run_id": RUN}
    return io.stamped(drawable().sel(scenario=[BASELINE]), "A run", marks)


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
