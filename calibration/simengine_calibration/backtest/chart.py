"""Error by lead with both rivals, one small picture a headline series."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path

from simengine.common.messages import Language
from simengine.report.figures.style import BLUE, ORANGE, PURPLE, dress, look_for
from simengine_calibration.backtest.score import HEADLINES, Guess, mape
from simengine_calibration.backtest.words import series_name, word

LINES = (("engine", BLUE, "-", "o"), ("drift", ORANGE, "--", "s"), ("shares", PURPLE, ":", "^"))
MOST = 60.0
"""Upper end of an axis [%]: a rival beyond it leaves the picture instead of flattening the others."""


def error_by_lead(guesses: Sequence[Guess], series: str, said: str) -> list[tuple[int, float]]:
    """Mean absolute error [%] of one series by lead, over all cut-offs and figures."""
    leads = sorted({g.lead for g in guesses if g.series == series})
    found = [(lead, 100.0 * mape(g.error(said) for g in guesses if g.series == series and g.lead == lead))
             for lead in leads]  # fmt: skip
    return [(lead, value) for lead, value in found if math.isfinite(value)]


def draw(guesses: Sequence[Guess], path: Path, lang: Language = "en") -> Path:
    """The picture as a file; its numbers are those of errors.csv."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    shown = [series for series in HEADLINES if any(g.series == series for g in guesses)]
    columns = 2
    rows = max(1, math.ceil(len(shown) / columns))
    figure = Figure(figsize=(8.0, 2.3 * rows + 0.4), layout="constrained")
    FigureCanvasAgg(figure)
    look = look_for(lang)
    for position, series in enumerate(shown):
        ax = figure.add_subplot(rows, columns, position + 1)
        top = 0.0
        for said, colour, dash, marker in LINES:
            points = error_by_lead(guesses, series, said)
            values = [value for _, value in points]
            top = max([top, *values])
            ax.plot([lead for lead, _ in points], values, dash, color=colour, marker=marker, ms=3.0, lw=1.3,
                    label=word(said, lang))  # fmt: skip
        ax.set_ylim(0.0, min(MOST, 1.08 * top) or 1.0)
        ax.set_title(series_name(series, lang), fontsize=9.5, loc="left")
        if position % columns == 0:
            ax.set_ylabel(word("axis", lang), fontsize=8.0)
        if position >= len(shown) - columns:
            ax.set_xlabel(word("leads_axis", lang), fontsize=8.0)
        if position == 0:
            ax.legend(fontsize=8.0, frameon=False)
        dress(ax, look)
    figure.savefig(path, dpi=150)
    return path
