"""Errors with their sign by series and lead, scores against two rivals, and how often an interval held the truth.

Every error is predicted over actual less one; printed and recalled figures are scored apart, and only printed ones
count in a comparison that decides anything.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np

from simengine.basis.basis import Basis
from simengine.basis.overlay import Values
from simengine.law import LawTree
from simengine_calibration.backtest.information import WINDOW, Information, information
from simengine_calibration.backtest.rivals import ROLLOUT, constant_shares, drift
from simengine_calibration.backtest.run import Actuals, Prediction, predict, published_at

if TYPE_CHECKING:
    import pandas as pd

HEADLINES = (
    "members", "pensioners", "revenue", "expenditure", "balance", "resident_recipients", "unemployment_insured",
    "injury_insured",
)  # fmt: skip
"""Series by which the whole is judged."""

LAST = 2024
COVER = 0.80
"""Part of the figures an interval is meant to hold."""

Estimate = Mapping[str, Values]
FitAt = Callable[[int], tuple[Estimate, Sequence[Estimate]]]
"""What a calibration with the information of a year gives: its best values and draws of them, by name of the basis."""


Progress = Callable[[str, int, int], None]
"""Told what is being done (a key of `words.WORDS`), how much of it is done and how much there is."""


def silent(stage: str, done: int, total: int) -> None:
    """Say nothing."""


def no_fit(cutoff: int) -> tuple[Estimate, Sequence[Estimate]]:
    """The values of the bases as they stand, without draws."""
    return {}, ()


@dataclass(frozen=True)
class Guess:
    """What was said at one cut-off about one series and year, and what came; base units of the series.

    Attributes
    ----------
    drift, shares : the two rivals; None where one has nothing to start from
    low, high : 80 % interval from the errors of earlier cut-offs; None without any
    draw_low, draw_high : 80 % interval of the draws; None without draws
    """

    cutoff: int
    series: str
    year: int
    printed: float | None
    recalled: float | None
    engine: float
    drift: float | None = None
    shares: float | None = None
    low: float | None = None
    high: float | None = None
    draw_low: float | None = None
    draw_high: float | None = None

    @property
    def lead(self) -> int:
        """Years from the cut-off."""
        return self.year - self.cutoff

    @property
    def actual(self) -> float:
        """The printed figure, else the recalled one."""
        return (self.recalled or math.nan) if self.printed is None else self.printed

    @property
    def kind(self) -> str:
        """Which figure it is held against."""
        return "printed" if self.printed is not None else "recalled"

    def error(self, name: str = "engine") -> float:
        """Relative error with its sign [1]; not a number where that one said nothing."""
        said = getattr(self, name)
        return math.nan if said is None else said / self.actual - 1.0

    def inside(self, low: str = "low", high: str = "high") -> bool | None:
        """Whether the interval held the figure; None without an interval."""
        bottom, top = getattr(self, low), getattr(self, high)
        return None if bottom is None or top is None else bool(bottom <= self.actual <= top)


# --- spread -----------------------------------------------------------------------------------------------------------


def growth_of_spread(lead: float) -> float:
    """How a spread widens with the years: as that of a random walk whose drift was measured over `WINDOW` years.

        s(h) = sqrt(h * (1 + h / k))

    Innovations add up, and so does the error of the growth rate, estimated over k years.
    """
    return math.sqrt(lead * (1.0 + lead / WINDOW))


def spread_known(guesses: Iterable[Guess], series: str, cutoff: int) -> float | None:
    """Half width of an 80 % interval after no time at all, in logarithms, seen in errors known at a cut-off.

    The 0.8 quantile of |ln(said / came)| over `growth_of_spread`, without a distribution; bias is part of it. Only
    guesses of earlier cut-offs about years up to this one count. None with fewer than three errors or a single cut-off.
    """
    seen = [g for g in guesses if g.series == series and g.cutoff < cutoff and g.year <= cutoff and g.engine > 0.0]
    if len(seen) < 3 or len({g.cutoff for g in seen}) < 2:
        return None
    return float(np.quantile([abs(math.log(g.engine / g.actual)) / growth_of_spread(g.lead) for g in seen], COVER))


# --- one cut-off and all of them --------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Backtest:
    """All that was said and what came: guesses, the runs behind them, and how many draws each cut-off had.

    Attributes
    ----------
    growth : growth of the coverage ratios seen before each cut-off [1/year]
    solved : years whose pressure of entry was known at each cut-off
    """

    region: str
    guesses: tuple[Guess, ...]
    predictions: Mapping[int, Prediction]
    growth: Mapping[int, Mapping[str, float]]
    undated: Mapping[int, tuple[str, ...]]
    solved: Mapping[int, tuple[int, ...]]
    draws: Mapping[int, int] = field(default_factory=dict)


def usable(series: str, cutoff: int) -> bool:
    """Resident series begin two years after the roll-out: before, neither a level nor a drift means anything."""
    return not series.startswith("resident") or cutoff >= ROLLOUT + 2


def guess(prediction: Prediction, actuals: Actuals, draws: Sequence[Prediction] = ()) -> list[Guess]:
    """A prediction beside its rivals and what came, without an interval from earlier errors."""
    found = []
    for series, path in prediction.values.items():
        cutoff, known = prediction.cutoff, actuals[series]
        years = [year for year in sorted(known) if cutoff < year <= LAST and year in path and known[year].value > 0.0]
        first = ROLLOUT if series.startswith("resident") else 0
        walk = drift(known, cutoff, years, first)
        same = constant_shares(series, known[cutoff].value, cutoff, prediction.drivers, years)
        for year in years:
            said = [draw.values[series][year] for draw in draws if series in draw.values]
            low, high = np.quantile(said, [0.5 - COVER / 2, 0.5 + COVER / 2]) if len(said) > 1 else (None, None)
            figure = known[year]
            found.append(Guess(cutoff, series, year, figure.printed, figure.recalled, path[year], walk.get(year),
                               same[year], draw_low=low, draw_high=high))  # fmt: skip
    return found


def backtest(
    basis: Basis,
    law: LawTree,
    actuals: Actuals,
    cutoffs: Sequence[int],
    fit_at: FitAt = no_fit,
    earlier: Sequence[int] = (),
    draws: int | None = None,
    progress: Progress = silent,
) -> Backtest:
    """Predictions at several cut-offs, scored.

    Parameters
    ----------
    actuals : figures by series and year; only those up to a cut-off enter its prediction
    fit_at : calibration with the information of a cut-off
    earlier : further cut-offs before the first, run only for the spread of errors, with the estimate of the first
    draws : most draws taken at a cut-off; all by default
    """
    guesses: list[Guess] = []
    seen: list[Guess] = []
    runs: dict[int, Prediction] = {}
    told: dict[int, Information] = {}
    taken: dict[int, int] = {}
    before = [year for year in sorted(set(earlier)) if year < min(cutoffs)]
    fits = {min(cutoffs): fit_at(min(cutoffs))}
    for number, cutoff in enumerate(before):
        progress("earlier", number, len(before))
        seen += guess(_predicted(basis, law, actuals, cutoff, fits[min(cutoffs)][0])[1], actuals)
    for number, cutoff in enumerate(sorted(set(cutoffs))):
        progress("cutoffs", number, len(set(cutoffs)))
        if cutoff not in fits:
            fits[cutoff] = fit_at(cutoff)
        estimate, drawn = fits[cutoff][0], fits[cutoff][1][:draws]
        told[cutoff], runs[cutoff] = _predicted(basis, law, actuals, cutoff, estimate)
        others = []
        for place, values in enumerate(drawn):
            progress(f"{cutoff}", place, len(drawn))
            others.append(_predicted(basis, law, actuals, cutoff, values)[1])
        new, taken[cutoff] = guess(runs[cutoff], actuals, others), len(others)
        guesses += with_spread(new, seen)
        seen += new
    growth = {cutoff: one.growth for cutoff, one in told.items()}
    undated = {cutoff: one.undated for cutoff, one in told.items()}
    solved = {cutoff: one.solved for cutoff, one in told.items()}
    return Backtest(basis.region, tuple(guesses), runs, growth, undated, solved, taken)


def _predicted(
    basis: Basis, law: LawTree, actuals: Actuals, cutoff: int, estimate: Estimate
) -> tuple[Information, Prediction]:
    """What was known at a cut-off and what would have been said."""
    published = {name: level for name, level in published_at(actuals, cutoff).items() if usable(name, cutoff)}
    known = information(basis, law, cutoff, estimate)
    return known, predict(known, published, LAST)


def with_spread(new: Sequence[Guess], seen: Sequence[Guess]) -> list[Guess]:
    """Guesses with the interval that the errors known at their cut-off give."""
    spreads = {key: spread_known(seen, *key) for key in {(g.series, g.cutoff) for g in new}}
    found = []
    for g in new:
        spread = spreads[g.series, g.cutoff]
        if spread is not None and g.engine > 0.0:
            width = math.exp(spread * growth_of_spread(g.lead))
            g = replace(g, low=g.engine / width, high=g.engine * width)
        found.append(g)
    return found


# --- scores -----------------------------------------------------------------------------------------------------------

LEADS = ((1, 2), (3, 5), (6, 14))


def mape(errors: Iterable[float]) -> float:
    """Mean absolute error [1]; not a number without any."""
    found = [abs(error) for error in errors if math.isfinite(error)]
    return sum(found) / len(found) if found else math.nan


def bias(errors: Iterable[float]) -> float:
    """Mean error with its sign [1]; positive: too high."""
    found = [error for error in errors if math.isfinite(error)]
    return sum(found) / len(found) if found else math.nan


def rmse(errors: Iterable[float]) -> float:
    """Root of the mean squared error [1]."""
    found = [error * error for error in errors if math.isfinite(error)]
    return math.sqrt(sum(found) / len(found)) if found else math.nan


def coverage(inside: Iterable[bool | None]) -> float:
    """Share of the intervals that held the figure [1]; not a number without intervals."""
    found = [held for held in inside if held is not None]
    return sum(found) / len(found) if found else math.nan


def better(guesses: Sequence[Guess], rival: str) -> bool | None:
    """Whether the engine's mean absolute error is smaller where both said something; None without such a case."""
    both = [g for g in guesses if getattr(g, rival) is not None]
    return mape(g.error() for g in both) < mape(g.error(rival) for g in both) if both else None


def scores(guesses: Sequence[Guess]) -> pd.DataFrame:
    """One row a series and kind of figure (``printed``, ``recalled``), shares as fractions of one.

    Returns
    -------
    columns series, kind, count, mape, bias, rmse, drift_mape, shares_mape, beats_drift, beats_shares, covered,
    draws_covered; the error of the rivals is over the cases both rivals speak of
    """
    import pandas as pd

    rows = []
    for series in dict.fromkeys(g.series for g in guesses):
        for kind in ("printed", "recalled"):
            own = [g for g in guesses if g.series == series and g.kind == kind]
            if own:
                errors = [g.error() for g in own]
                rows.append((
                    series, kind, len(own), mape(errors), bias(errors), rmse(errors),
                    mape(g.error("drift") for g in own), mape(g.error("shares") for g in own),
                    better(own, "drift"), better(own, "shares"),
                    coverage(g.inside() for g in own), coverage(g.inside("draw_low", "draw_high") for g in own),
                ))  # fmt: skip
    columns = ["series", "kind", "count", "mape", "bias", "rmse", "drift_mape", "shares_mape", "beats_drift",
               "beats_shares", "covered", "draws_covered"]  # fmt: skip
    return pd.DataFrame(rows, columns=columns)


def lead_table(guesses: Sequence[Guess]) -> pd.DataFrame:
    """Mean error with sign and mean absolute errors by series and span of leads, printed and recalled figures together.

    Returns
    -------
    columns series, first, last (years of lead), count, bias, mape, drift_mape, shares_mape, covered
    """
    import pandas as pd

    rows = []
    for series in dict.fromkeys(g.series for g in guesses):
        for first, last in LEADS:
            own = [g for g in guesses if g.series == series and first <= g.lead <= last]
            if own:
                rows.append((series, first, last, len(own), bias(g.error() for g in own), mape(g.error() for g in own),
                             mape(g.error("drift") for g in own), mape(g.error("shares") for g in own),
                             coverage(g.inside() for g in own)))  # fmt: skip
    columns = ["series", "first", "last", "count", "bias", "mape", "drift_mape", "shares_mape", "covered"]
    return pd.DataFrame(rows, columns=columns)


def error_table(guesses: Sequence[Guess]) -> pd.DataFrame:
    """Every guess with both kinds of figure, what was said, its errors and intervals; base units of the series."""
    import pandas as pd

    rows = [
        (g.series, g.cutoff, g.year, g.lead, g.printed, g.recalled, g.engine, g.drift, g.shares, g.error(),
         g.error("drift"), g.error("shares"), g.low, g.high, g.inside(), g.draw_low, g.draw_high,
         g.inside("draw_low", "draw_high"))
        for g in sorted(guesses, key=lambda g: (g.series, g.cutoff, g.year))
    ]  # fmt: skip
    columns = [
        "series", "cutoff", "year", "lead", "printed", "recalled", "engine", "drift", "shares", "error", "drift_error",
        "shares_error", "low", "high", "inside", "draw_low", "draw_high", "inside_draws",
    ]  # fmt: skip
    return pd.DataFrame(rows, columns=columns)


def relief_table(basis: Basis, law: LawTree, actuals: Actuals, estimate: Estimate, cutoff: int = 2018) -> pd.DataFrame:
    """Revenue at a cut-off under the law as known then and under the law as enacted up to `LAST`, year by year.

    Returns
    -------
    columns series, year, printed, recalled, known_law, later_law, error_known, error_later; base units and fractions
    """
    import pandas as pd

    published = {name: level for name, level in published_at(actuals, cutoff).items() if usable(name, cutoff)}
    known = information(basis, law, cutoff, estimate)
    runs = [predict(known, published, LAST), predict(known, published, LAST, law.known_on(f"{LAST}-12-31"))]
    rows = []
    for series in ("revenue", "contributions", "unemployment_revenue", "injury_revenue"):
        for year in range(cutoff + 1, LAST + 1):
            figure = actuals.get(series, {}).get(year)
            if figure is not None and series in runs[0].values:
                said = [run.values[series][year] for run in runs]
                errors = [value / figure.value - 1.0 for value in said]
                rows.append((series, year, figure.printed, figure.recalled, *said, *errors))
    columns = ["series", "year", "printed", "recalled", "known_law", "later_law", "error_known", "error_later"]
    return pd.DataFrame(rows, columns=columns)
