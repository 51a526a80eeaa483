"""The waterfall of a comparison: what is drawn is what the steps say, and no text lies on another."""

from __future__ import annotations

import pandas as pd
import pytest

import simengine
from simengine.common.messages import Language
from simengine.decide.compare import Comparison
from simengine.report.figures.waterfall import draw_waterfalls


@pytest.fixture(scope="module")
def found() -> Comparison:
    base = simengine.load_scenario("hubei/baseline")
    levers = [simengine.what_if(base, set=[f"pension/rate_employer=2028-01-01:{rate}%"]) for rate in (14, 20)]
    return simengine.compare([base, *levers, "hubei/as_planned"], "ui_participants", years=2050)


@pytest.fixture(scope="module")
def steps(found: Comparison) -> pd.DataFrame:
    return found.bridge()


def test_bars__are_the_steps_that_add_something(found: Comparison, steps: pd.DataFrame) -> None:
    figures = draw_waterfalls(found, steps)
    assert {*figures} == {f"waterfall_{fund}" for fund in steps["scheme"]}
    own = steps[steps["scheme"] == "enterprise_pension"]
    axes = figures["waterfall_enterprise_pension"].axes
    assert len(axes) == own["scenario"].nunique() == 3
    for ax, (_, rows) in zip(axes, own.groupby("scenario", sort=False), strict=True):
        moved = rows[(rows["value"] != 0.0) & ~rows["item"].isin(["base", "closing"])]
        assert [bar.get_width() for bar in ax.patches] == pytest.approx(moved["value"].tolist())  # type: ignore[attr-defined]
        ends = [bar.get_x() + bar.get_width() for bar in ax.patches]  # type: ignore[attr-defined]
        assert ends == pytest.approx(moved["running"].tolist())
        low, high = ax.get_xlim()
        assert low < rows["running"].min() and rows["running"].max() < high


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_no_text__lies_on_another_or_outside(found: Comparison, steps: pd.DataFrame, lang: Language) -> None:
    for figure in draw_waterfalls(found, steps, lang).values():
        figure.canvas.draw()
        renderer = figure.canvas.get_renderer()  # type: ignore[attr-defined]
        for ax in figure.axes:
            labels = [text for text in ax.get_yticklabels() if text.get_text()]
            boxes = [text.get_window_extent(renderer) for text in [*labels, *ax.texts]]
            assert all(box.x0 >= 0.0 and box.x1 <= figure.bbox.x1 for box in boxes)
            for place, box in enumerate(boxes):
                assert not any(box.overlaps(other) for other in boxes[place + 1 :])
        said = " ".join(text.get_text() for text in figure.texts)
        assert "simengine" in said and ("2050" in said) and ("100m yuan" in said or "亿元" in said)
