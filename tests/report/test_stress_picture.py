"""The look of the heat map: nothing touches, nothing floats, everything can be read and lies inside the picture."""

from __future__ import annotations

from itertools import combinations

import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from matplotlib.text import Text

import simengine
from simengine.decide.stress.run import Stressed
from simengine.report.figures.stress import LOST, contrast, stress_figure, stress_table

READABLE = 3.9
"""Contrast of a number on its cell, at least; the better of white and ink on the middle of the colour scale."""


@pytest.fixture(scope="module")
def found() -> Stressed:
    """A row that a layoff wave flips to missed, and long names."""
    return simengine.stress("xuzhou/baseline", ["layoff_wave", "deflation"])


@pytest.fixture(scope="module", params=["en", "zh"])
def drawn(request: pytest.FixtureRequest, found: Stressed) -> Figure:
    figure = stress_figure(found, stress_table(found, request.param), request.param)
    FigureCanvasAgg(figure).draw()
    return figure


def numbers(figure: Figure) -> list[Text]:
    return list(figure.axes[0].texts)


def labels(figure: Figure) -> list[Text]:
    ax = figure.axes[0]
    return [*ax.get_yticklabels(), *ax.get_xticklabels()]


def test_every_text__lies_inside_the_picture(drawn: Figure) -> None:
    whole = drawn.bbox
    for text in (*drawn.texts, *labels(drawn), *numbers(drawn)):
        box = text.get_window_extent()
        assert whole.x0 <= box.x0 and box.x1 <= whole.x1 and whole.y0 <= box.y0 and box.y1 <= whole.y1, text.get_text()


def test_title_subtitle_and_notes__touch_neither_each_other_nor_the_map(drawn: Figure) -> None:
    boxes = [text.get_window_extent() for text in drawn.texts]
    boxes.append(drawn.axes[0].get_tightbbox())  # type: ignore[arg-type]
    assert len(boxes) == 4
    assert not [pair for pair in combinations(boxes, 2) if pair[0].overlaps(pair[1])]


def test_labels__overlap_no_number_and_no_other_label_of_their_side(drawn: Figure) -> None:
    rows = [text.get_window_extent() for text in drawn.axes[0].get_yticklabels()]
    cells = [text.get_window_extent() for text in numbers(drawn)]
    assert not [pair for pair in combinations(rows, 2) if pair[0].overlaps(pair[1])]
    assert not [1 for row in rows for cell in cells if row.overlaps(cell)]
    for text in drawn.axes[0].get_xticklabels():
        assert not any(text.get_window_extent().overlaps(cell) for cell in cells)


def test_numbers__stay_inside_their_cells_and_can_be_read(drawn: Figure) -> None:
    ax = drawn.axes[0]
    image = ax.images[0]
    values = image.get_array()
    assert values is not None
    for text in numbers(drawn):
        column, row = (round(at) for at in text.get_position())
        (x0, y0), (x1, y1) = ax.transData.transform([(column - 0.5, row + 0.5), (column + 0.5, row - 0.5)])
        box = text.get_window_extent()
        assert x0 <= box.x0 and box.x1 <= x1 and y0 <= box.y0 and box.y1 <= y1, text.get_text()
        back = image.cmap(image.norm(values[row, column]))
        assert contrast(text.get_color(), back) >= READABLE, text.get_text()


def test_what_is_missed__has_its_mark_at_its_number_flipped_or_not(found: Stressed, drawn: Figure) -> None:
    table = stress_table(found, "en")
    ids, names = list(dict.fromkeys(table["id"])), list(dict.fromkeys(table["stress"]))
    missed = {
        (names.index(row["stress"]), ids.index(row["id"]))
        for row in table.to_dict("records")
        if row["verdict"] in ("missed", "below_zero")
    }
    flipped = {(names.index(row["stress"]), ids.index(row["id"])) for row in table[table["flips"]].to_dict("records")}
    marked = {(round(text.get_position()[0]), round(text.get_position()[1])) for text in numbers(drawn)
              if text.get_text().endswith(LOST)}  # fmt: skip
    frames = [part for part in drawn.axes[0].patches if isinstance(part, Rectangle)]
    assert flipped and flipped <= missed == marked and len(frames) == len(flipped)
