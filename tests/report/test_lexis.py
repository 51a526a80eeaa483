"""The Lexis surface: what is drawn is what the results hold, and its colours rise in lightness."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from matplotlib import colormaps
from matplotlib.figure import Figure

from simengine.report.figures import plot
from simengine.report.figures.lexis import COLOURS
from tests.helpers.pictures import BASELINE, FIRST, LAST, drawn

AGES = {year: {"men": 60.0 + 0.05 * (year - FIRST)} for year in range(FIRST, LAST + 1)}


def test_table__holds_members_and_pensioners_over_residents() -> None:
    data = drawn()
    table = plot.lexis_table(data, BASELINE, "hubei", AGES)
    own = data.sel(scenario=BASELINE, region="hubei", draw=0)
    surface = table[table.series == "covered_share"].set_index(["year", "age"]).value
    assert len(surface) == (LAST - FIRST + 1) * 64 and np.isfinite(surface).all()
    for year, age in ((2030, 27), (2045, 61), (2060, 79)):
        members = float(own.members_by_age.sel(year_end=year, working_age=age).sum())
        drawing = float(own.pensioners_by_age.sel(year_end=year, age=age).sum())
        people = float(own.population.sel(year_end=year, age=age).sum())
        assert surface[year, age] == pytest.approx((members + drawing) / people)
    lines = table[table.series == "statutory_age:men"].set_index("year").value
    assert lines.to_dict() == {year: ages["men"] for year, ages in AGES.items()}


@pytest.mark.parametrize(("lang", "name"), [("en", "Hubei"), ("zh", "湖北省")])
def test_title__gives_the_range_of_the_young(lang: Any, name: str) -> None:
    data = drawn()
    table = plot.lexis_table(data, BASELINE, "hubei")
    table.loc[(table.series == "covered_25_29") & (table.year == 2033), "value"] = 0.071
    table.loc[(table.series == "covered_25_29") & (table.year == 2047), "value"] = 0.934
    figure = Figure(layout="constrained")
    ax = plot.plot_lexis(figure.add_subplot(), data, BASELINE, "hubei", lang=lang, table=table)
    title = ax.get_title(loc="left").replace("\n", " ")
    assert all(part in title for part in (name, "7%", "2033", "93%", "2047"))


def test_colours__rise_in_lightness_from_band_to_band() -> None:
    """Even to a reader who sees no colour a higher share is lighter."""
    red, green, blue, _ = colormaps[COLOURS].resampled(11)(np.arange(11)).T
    assert (np.diff(0.2126 * red + 0.7152 * green + 0.0722 * blue) > 0.02).all()
