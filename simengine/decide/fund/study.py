"""One call: cash flows, what becomes of the fund, what it needs, how it stands under other rates and returns."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from simengine.common.errors import FundError, SimengineError, raise_all
from simengine.decide.fund.draws import MOST, Progress, quantile, quantile_table, simulate
from simengine.decide.fund.flows import LARGEST_RATE, Flows, straight
from simengine.decide.fund.goals import Goal, default_goals
from simengine.decide.fund.levers import Case, return_lever
from simengine.decide.fund.read import read_flows
from simengine.decide.fund.roll import TIMINGS, Timing, over, roll
from simengine.decide.fund.solve import Answer, smallest

if TYPE_CHECKING:
    import pandas as pd

RATES_OF_BASE = (0.0, 0.01, 0.02, 0.03, 0.04, 0.05, 0.06, 0.07)
"""Further rates of the grids in points of the contribution base."""
RATES_OF_CONTRIBUTIONS = (0.0, 0.05, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5)
"""Further rates of the grids as shares of contributions, where no base is stated."""
LEVELS = (0.0, 0.01, 0.02, 0.03, 0.04, 0.05)
"""Returns of the grid of ratios, beside the return as it is stated."""
WITHIN = (0.0, 0.15)
"""Interval in which a needed return is sought."""
FEWEST = 100


@dataclass(frozen=True)
class FundStudy:
    """What a fund does and needs; money in yuan, rates as parts of one.

    Attributes
    ----------
    flows : the flows, with the return and the volatility that were used
    goals : what was asked
    settings : timing, years of mend and goal, interval of the needed return, draws, seed
    years : by year: flows, outgo, return, opening, investment income, closing, fund ratio (opening over outgo), reserve
        ratio (closing over outgo)
    exhaustion_year : first year end below zero, the year before the first where the opening is; None where there is
        none; first_deficit_year : first year in which the fund falls
    needs : by goal and lever: the smallest value that meets the goal, its status, the interval and the best value
    return_grid : by further rate and goal: the needed return
    ratio_grid : by further rate and return: the fund ratio of the goal year, not a number where the fund is used up
        before
    quantiles : by year: probability that the fund is used up by its end, quantiles of the fund ratio; None without a
        volatility
    exhaustion_quantiles : year of exhaustion by share of the draws, None where that draw lasts; None without a
        volatility
    """

    flows: Flows
    goals: tuple[Goal, ...]
    settings: Mapping[str, Any]
    years: pd.DataFrame
    exhaustion_year: int | None
    first_deficit_year: int | None
    needs: pd.DataFrame
    return_grid: pd.DataFrame
    ratio_grid: pd.DataFrame
    quantiles: pd.DataFrame | None
    exhaustion_quantiles: Mapping[float, int | None] | None


def study_fund(
    flows: Flows | str | Path,
    *,
    returns: float | Mapping[int, float] | None = None,
    volatility: float | None = None,
    timing: Timing = "middle",
    goals: Sequence[Goal] | None = None,
    mend_from: int | None = None,
    goal_year: int | None = None,
    rates: Sequence[float] | None = None,
    levels: Sequence[float] = LEVELS,
    within: tuple[float, float] = WITHIN,
    draws: int = 10_000,
    seed: int = 1,
    progress: Progress | None = None,
) -> FundStudy:
    """Study a fund from the cash flows of its own forecast: those of `flows_of`, or a file for `read_flows`.

    Parameters
    ----------
    returns : yearly return [1/year], one or by year with straight lines between, in place of that of the flows
    volatility : standard deviation of ln(1 + return) [1], in place of that of the flows
    timing : flows of a year at its ``start``, in its ``middle`` (on average) or at its ``end``
    goals : by default those of the Korean valuation, and that the fund lasts (`default_goals`)
    mend_from, goal_year : first year of what a goal needs, and year of the goals; the first and the last by default
    rates : further rates of both grids [1], of the contribution base where the flows state one, else of contributions
    levels : level returns of the grid of ratios [1/year]; within : where the needed return is sought [1/year]
    draws, seed : of the simulation, where there is a volatility

    Raises
    ------
    FundError for everything that cannot be asked, at once

    Examples
    --------
    >>> import pandas as pd
    >>> from simengine.decide.fund import flows_of
    >>> frame = pd.DataFrame({"year": [2025, 2034], "contributions": 100.0, "benefits": 110.0})
    >>> study = study_fund(flows_of(frame, 99.0), returns=0.0, timing="end", goals=[Goal("lasts")])
    >>> study.exhaustion_year, study.needs["value"].round(6).tolist()[1:]
    (2034, [0.001, 0.1])
    """
    case = _case(flows, returns, volatility, timing, mend_from, goal_year)
    asked = tuple(goals) if goals is not None else default_goals(case.last)
    _check(case, asked, levels, within, draws)
    rates = _default_rates(case) if rates is None else rates
    balance, drawn = case.balance(), _drawn(case, draws, seed, progress)
    return FundStudy(
        flows=case.flows,
        goals=asked,
        settings=_settings(case, within, None if drawn is None else {"draws": draws, "seed": seed}),
        years=_years(case),
        exhaustion_year=_first(case.flows, balance < 0.0),
        first_deficit_year=_first(case.flows, np.append(False, np.diff(balance) < 0.0)),
        needs=_needs(case, asked, within),
        return_grid=_return_grid(case, asked, rates, within),
        ratio_grid=_ratio_grid(case, rates, levels),
        quantiles=None if drawn is None else quantile_table(case.flows.years, *drawn),
        exhaustion_quantiles=None if drawn is None else _exhaustion_quantiles(case.flows, drawn[1]),
    )


def _check(case: Case, goals: Sequence[Goal], levels: Sequence[float], within: tuple[float, float], draws: int) -> None:
    """Refuse goals without a meaning, an interval the wrong way round, returns and draws out of scale."""
    found = [goal.fault(case.flows.years, case.flows.outgo, case.first, case.last) for goal in goals]
    errors: list[SimengineError] = [error for error in found if error is not None]
    if not -1.0 < within[0] < within[1] <= 1.0:
        errors.append(FundError("fund_within", low=_percent(within[0]), high=_percent(within[1])))
    errors += [FundError("fund_level", value=_percent(level)) for level in levels if abs(level) > LARGEST_RATE]
    if case.flows.volatility is not None and not FEWEST <= draws <= MOST:
        errors.append(FundError("fund_draws", value=draws, least=FEWEST, most=MOST))
    raise_all(errors)


def _default_rates(case: Case) -> Sequence[float]:
    return RATES_OF_CONTRIBUTIONS if case.flows.base is None else RATES_OF_BASE


def _settings(case: Case, within: tuple[float, float], drawn: Mapping[str, int] | None) -> dict[str, Any]:
    """What decided the numbers, beside the flows."""
    years = case.flows.years
    return {
        "timing": case.timing,
        "mend_from": int(years[case.first]),
        "goal_year": int(years[case.last]),
        "within": within,
        "rate_of": case.rate_of,
        **(drawn or {}),
    }


def _percent(value: float) -> str:
    return f"{100.0 * value:z.6g}%"


def _case(
    stated: Flows | str | Path,
    returns: float | Mapping[int, float] | None,
    volatility: float | None,
    timing: Timing,
    mend_from: int | None,
    goal_year: int | None,
) -> Case:
    """Flows with the return that is used, and the places of the years of mend and goal."""
    flows = stated if isinstance(stated, Flows) else read_flows(stated)
    years = flows.years
    errors: list[SimengineError] = []
    if returns is not None:
        path = returns if isinstance(returns, Mapping) else {int(years[0]): float(returns)}
        errors += [FundError("fund_level", value=_percent(rate)) for rate in path.values() if abs(rate) > LARGEST_RATE]
        flows = replace(flows, returns=straight(path, years))
    elif flows.returns is None:
        errors.append(FundError("fund_no_return"))
    if volatility is not None:
        if not 0.0 <= volatility <= LARGEST_RATE:
            errors.append(FundError("fund_volatility", value=_percent(volatility), limit=_percent(LARGEST_RATE)))
        flows = replace(flows, volatility=np.full(len(years), float(volatility)))
    if timing not in TIMINGS:
        errors.append(FundError("fund_timing", value=str(timing)))
    places = []
    for year, default in ((mend_from, 0), (goal_year, len(years) - 1)):
        if year is not None and not years[0] <= year <= years[-1]:
            errors.append(FundError("fund_year_outside", year=year, first=int(years[0]), last=int(years[-1])))
        places.append(default if year is None else int(year - years[0]))
    if places[0] > places[1] and not errors:
        errors.append(FundError("fund_years_crossed", first=int(years[places[0]]), last=int(years[places[1]])))
    raise_all(errors)
    return Case(flows, timing, *places)


def _years(case: Case) -> pd.DataFrame:
    """Every year of the fund as it is stated."""
    import pandas as pd

    flows, balance = case.flows, case.balance()
    opening, closing = balance[:-1], balance[1:]
    return pd.DataFrame({
        "year": flows.years,
        "contributions": flows.contributions,
        "other_income": flows.other_income,
        "benefits": flows.benefits,
        "other_outgo": flows.other_outgo,
        "outgo": flows.outgo,
        "return": case.returns,
        "opening": opening,
        "investment_income": closing - opening - flows.net,
        "closing": closing,
        "fund_ratio": over(opening, flows.outgo),
        "reserve_ratio": over(closing, flows.outgo),
    })  # fmt: skip


def _first(flows: Flows, holds: np.ndarray) -> int | None:
    """First year end of those from the opening on at which something holds."""
    found = np.flatnonzero(holds)
    return int(flows.years[0]) - 1 + int(found[0]) if found.size else None


# --- needs and grids --------------------------------------------------------------------------------------------------


def _row(answer: Answer) -> dict[str, Any]:
    names = ("value", "status", "reached", "best", "low", "high", "fails_again", "direction")
    return {name: getattr(answer, name) for name in names}


def _needs(case: Case, goals: Sequence[Goal], within: tuple[float, float]) -> pd.DataFrame:
    """Needed return and needed further contributions of every goal."""
    import pandas as pd

    rows = []
    for goal in goals:
        for lever in case.levers(within):
            answer = smallest(case.reached(goal, lever.balance), lever.low, lever.high)
            told = {"goal": goal.key, "unit_of_goal": goal.unit, "lever": lever.name, "unit": lever.unit}
            rows.append(told | _row(answer))
    return pd.DataFrame(rows)


def _return_grid(
    case: Case, goals: Sequence[Goal], rates: Sequence[float], within: tuple[float, float]
) -> pd.DataFrame:
    """Needed return by further rate and goal."""
    import pandas as pd

    rows = []
    for rate in rates:
        lever = return_lever(case.with_rate(rate), within)
        for goal in goals:
            answer = smallest(case.reached(goal, lever.balance), lever.low, lever.high)
            rows.append({"further_rate": rate, "goal": goal.key, "unit_of_goal": goal.unit} | _row(answer))
    return pd.DataFrame(rows)


def _ratio_grid(case: Case, rates: Sequence[float], levels: Sequence[float]) -> pd.DataFrame:
    """Fund ratio of the goal year by further rate and return; none where a year end before lies below zero."""
    import pandas as pd

    rows = []
    for rate in rates:
        more = case.with_rate(rate)
        for label, returns in _paths(case, levels):
            balance = roll(case.flows.opening, more.net, returns, case.timing)
            lasts = bool((balance[: case.last + 1] >= 0.0).all())
            ratio = over(balance[:-1], case.flows.outgo)[case.last]
            rows.append({"further_rate": rate, "return": label, "fund_ratio": float(ratio) if lasts else np.nan})
    return pd.DataFrame(rows)


def _paths(case: Case, levels: Sequence[float]) -> Iterator[tuple[float | None, np.ndarray]]:
    """The return as it is stated, then level ones from the first year of the mend on."""
    yield None, case.returns
    for level in levels:
        yield level, case.with_level(np.array([level]))[:, 0]


def _drawn(case: Case, draws: int, seed: int, progress: Progress | None) -> tuple[np.ndarray, np.ndarray] | None:
    if case.flows.volatility is None:
        return None
    return simulate(
        case.flows.opening, case.net, case.flows.outgo, case.returns, case.flows.volatility,
        case.timing, draws, seed, progress,
    )  # fmt: skip


def _exhaustion_quantiles(flows: Flows, gone: np.ndarray) -> dict[float, int | None]:
    """Year end by which a share of the draws is used up: an early, the middle and a late one."""
    found = {share: int(quantile(gone, share)) for share in (0.05, 0.5, 0.95)}
    last = len(flows.years)
    return {share: None if place > last else int(flows.years[0]) - 1 + place for share, place in found.items()}
