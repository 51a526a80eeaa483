"""What a lever is asked to reach: a condition on a fund, a row of the plan, or all rows of it at once.

    reserve_months=9@2050           payable months at the end of a year, or of every year: 9@2030-2050
    fund_ratio=1@2095               opening balance over the year's outgo (the last year where none is stated)
    balance=500亿@2050              balance at the end of a year
    lasts=2060                      no year end up to it below zero
    no_deficit=2050                 no year before it in which the fund falls
    constant_ratio=20               fund ratio of the last year not below that of so many years before, nor below zero
    actuarial_balance=75            balance over so many years from the first projected one not below zero
    row=JX-22-02, targets           a row of the plan met; all rows of it that are judged

Rules and formulas: simengine/notes/solve.md.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

import numpy as np

from simengine.common.errors import ScenarioError, SimengineError, raise_all
from simengine.common.messages import LANGUAGES, Words, near, words
from simengine.decide.solve.figures import Figures
from simengine.judge.indicators.valued import Discounts
from simengine.judge.targets.compare import Options, tolerance_of
from simengine.judge.targets.rows import Target
from simengine.judge.targets.verdicts import Verdict
from simengine.scenario.scenario import Scenario
from simengine.scenario.what_if import FULL_WIDTH, number

MONTHS, RATIO, BALANCE, LASTS, NO_DEFICIT, CONSTANT, ACTUARIAL, ROW, ALL = KINDS = (
    *("reserve_months", "fund_ratio", "balance", "lasts", "no_deficit", "constant_ratio", "actuarial_balance"),
    *("row", "targets"),
)
LOCAL = {
    "可支付月数": MONTHS, "基金率": RATIO, "结余": BALANCE, "不耗尽": LASTS, "无当期缺口": NO_DEFICIT,
    "基金率稳定": CONSTANT, "精算平衡": ACTUARIAL, "指标": ROW, "全部指标": ALL,
}  # fmt: skip
"""Goals as they are written in Chinese."""
OF_PLAN = (ROW, ALL)
UNITS = {MONTHS: "month", RATIO: "1", BALANCE: "yuan", LASTS: "yuan", NO_DEFICIT: "yuan", CONSTANT: "1", ACTUARIAL: "1"}
UNITS |= {ALL: "row"}
ACCOUNTS = ("own", "unaided")
SPAN = re.compile(r"(\d{4})(?:-(\d{4}))?", re.ASCII)
ABSENT = -1e12
"""Margin where there is no figure."""


@dataclass(frozen=True)
class Goal:
    """One goal.

    Attributes
    ----------
    amount : what is to be reached, in the unit of the kind (years of a constant ratio and of an actuarial balance)
    first, last : years it speaks of; first is last where it speaks of one
    row : row of the plan
    unrounded : whether a row is to be met by the figure itself, not by what it is rounded to
    """

    text: str
    kind: str
    amount: float = 0.0
    first: int = 0
    last: int = 0
    row: str = ""
    unrounded: bool = False

    @property
    def of_fund(self) -> bool:
        """Whether it is a condition on a fund."""
        return self.kind not in OF_PLAN

    @property
    def wanted(self) -> float:
        """Figure that meets it exactly, in its own unit."""
        return self.amount if self.kind in (MONTHS, RATIO, BALANCE) else 0.0


@dataclass(frozen=True)
class Reached:
    """How a goal stands in one run.

    Attributes
    ----------
    figure : what it is measured by, in its unit
    margin : distance on the good side over a scale of the goal, not below zero where it is met before rounding
    met : whether it is met; of a row of the plan as it is judged, rounded
    """

    figure: float
    margin: float
    met: bool


# --- reading ----------------------------------------------------------------------------------------------------------


def read_goal(text: str, scenario: Scenario) -> Goal:
    """A goal as it is written, in either language.

    Raises
    ------
    ScenarioError where it is unknown, cannot be read, or speaks of years that are not projected
    """
    where = f"--goal {text}"
    name, equals, rest = (side.strip() for side in text.translate(FULL_WIDTH).replace("＠", "@").partition("="))
    kind = LOCAL.get(name, name)
    if kind not in KINDS:
        known = (*KINDS, *LOCAL)
        raise ScenarioError("solve_goal", where=where, near=near(name, known), name=name, known=", ".join(KINDS))
    form = words(f"solve.goal_form_{kind}")
    if kind == ALL:
        if equals:
            raise ScenarioError("solve_goal_form", where=where, part=rest, form=form)
        return Goal(text, kind)
    if kind == ROW:
        if not rest:
            raise ScenarioError("solve_goal_form", where=where, part=text, form=form)
        return Goal(text, kind, row=rest)
    stated, at, years = (side.strip() for side in rest.partition("@"))
    first, last = scenario.content.years
    if kind in (LASTS, NO_DEFICIT):
        stated, years = "0", stated
    amount = number(stated)
    spell = SPAN.fullmatch(years.removesuffix("年")) if years else None
    wrong = amount is None or bool(years and spell is None) or bool(at and not years)
    wrong |= kind in (MONTHS, BALANCE, LASTS, NO_DEFICIT) and spell is None
    wrong |= kind == ACTUARIAL and bool(years)
    wrong |= kind in (CONSTANT, ACTUARIAL) and amount not in range(1, 201)
    wrong |= spell is not None and spell[2] is not None and (kind != MONTHS or int(spell[2]) < int(spell[1]))
    if wrong:
        raise ScenarioError("solve_goal_form", where=where, part=rest or text, form=form)
    begin, end = (int(spell[1]), int(spell[2] or spell[1])) if spell else (last, last)
    if kind == ACTUARIAL:
        begin, end = first, first + int(amount or 0) - 1
    if kind == CONSTANT:
        begin = end - int(amount or 0)
    if begin < first or end > last:
        raise ScenarioError("solve_goal_years", where=where, begin=begin, end=end, first=first, last=last)
    return Goal(text, kind, float(amount or 0.0), begin, end)


# --- a fund -----------------------------------------------------------------------------------------------------------


def reached_by_fund(goal: Goal, figures: Figures, fund: int, account: str, since: int) -> Reached:
    """How a condition on a fund stands.

    Parameters
    ----------
    fund : position of the fund
    since : first year in which a lever can act; what is asked of several years is asked from it on
    """
    balance, outgo = figures.balance[account][fund], figures.outgo[fund]
    size = scale_of(figures, fund)
    first, last, begin = (at - figures.base_year - 1 for at in (goal.first, goal.last, since))
    begin = min(max(begin, 0), last)
    if goal.kind == MONTHS:
        span = slice(max(first, 0), last + 1)
        months = 12.0 * _over(balance[1:][span], outgo[span])
        return _plain(float(months.min()), goal.amount, 1.0)
    if goal.kind == RATIO:
        return _plain(float(_over(balance[:-1], outgo)[last]), goal.amount, 1.0)
    if goal.kind == BALANCE:
        return _plain(float(balance[last + 1]), goal.amount, size)
    if goal.kind == LASTS:
        return _plain(float(balance[begin + 1 : last + 2].min()), 0.0, size)
    if goal.kind == NO_DEFICIT:
        return _plain(float(np.diff(balance)[min(begin, last - 1) : last].min()), 0.0, size)
    if goal.kind == CONSTANT:
        ratio = _over(balance[:-1], outgo)
        change = float(ratio[last] - ratio[first])
        return _judged(change, min(change, float(ratio[first])))
    return _plain(actuarial_balance(figures, fund, int(goal.amount)), 0.0, 1.0)


def scale_of(figures: Figures, fund: int) -> float:
    """Money by which margins are measured: the mean outgo of the fund [yuan]."""
    return float(figures.outgo[fund].mean()) or 1.0


def _over(balance: np.ndarray, outgo: np.ndarray) -> np.ndarray:
    return np.asarray(np.divide(balance, outgo, out=np.full_like(balance, np.nan), where=outgo > 0.0))


def _plain(figure: float, wanted: float, scale: float) -> Reached:
    return _judged(figure, (figure - wanted) / scale)


def _judged(figure: float, margin: float) -> Reached:
    if math.isnan(margin):
        return Reached(figure, ABSENT, False)
    return Reached(figure, margin, margin >= 0.0)


def actuarial_balance(figures: Figures, fund: int, years: int) -> float:
    """Actuarial balance of the fund over the first years of a projection [1], as indicators count it.

    Aid and payments of other funds are no income of it, so that it is the same on both accounts; no number where the
    fund has no contribution base.
    """
    part = slice(fund, fund + 1)
    discounts = Discounts(figures.returns[part, :years])
    base, held = figures.base[part, :years], figures.balance["own"][part]
    income = discounts.income_rate(held, figures.income[part, :years], base, years)
    return float((income - discounts.cost_rate(figures.cost[part, :years], base, years))[0, 0])


# --- the plan ---------------------------------------------------------------------------------------------------------


def reached_by_plan(goal: Goal, verdicts: Mapping[str, Verdict], targets: Mapping[str, Target]) -> Reached:
    """How a row of the plan, or all that are asked for, stand in one run; of all, the number met is told.

    A row that is not judged in this run is missed.
    """
    if goal.kind == ROW:
        verdict = verdicts[goal.row]
        margin = row_margin(targets[goal.row], verdict)
        if goal.unrounded and margin > ABSENT:
            margin -= half_digit(targets[goal.row])
            return Reached(math.nan if verdict.projected is None else verdict.projected, margin, margin >= 0.0)
        return Reached(math.nan if verdict.projected is None else verdict.projected, margin, bool(verdict.satisfied))
    margins = [row_margin(targets[name], one) for name, one in verdicts.items()]
    met = [bool(one.satisfied) for one in verdicts.values()]
    return Reached(float(sum(met)), min(margins), all(met))


def row_margin(target: Target, verdict: Verdict) -> float:
    """Distance of the unrounded figure from the one at which the rounded verdict changes, over the printed figure.

    A figure is rounded half up to the printed decimals; so 100 is met from 99.5 on.
    """
    goal = target.target
    if goal is None or verdict.projected is None:
        return 1.0 if verdict.satisfied else ABSENT
    half = float(Decimal(5).scaleb(-goal.decimals - 1))
    wanted, figure = float(goal.exact), verdict.projected
    size = abs(wanted) or 1.0
    if goal.operator in (">=", ">"):
        return (figure - (wanted - half if goal.operator == ">=" else wanted + half)) / size
    if goal.operator in ("<=", "<"):
        return ((wanted + half if goal.operator == "<=" else wanted - half) - figure) / size
    about = float(tolerance_of(target, goal, Options())) if goal.operator == "≈" else 0.0
    room = 2.0 * half * math.floor(about / (2.0 * half) + 1e-9) + half
    return (room - abs(figure - wanted)) / size


def half_digit(target: Target) -> float:
    """Half a unit of the last printed digit over the printed figure; nothing where a goal is not >= or <=."""
    goal = target.target
    if goal is None or goal.operator not in (">=", "<="):
        return 0.0
    return float(Decimal(5).scaleb(-goal.decimals - 1)) / (abs(float(goal.exact)) or 1.0)


def rows_wanted(goals: Sequence[Goal], targets: Mapping[str, Target], verdicts: Mapping[str, Verdict]) -> list[str]:
    """Rows that the goals need: those named, and for all of the plan those that are judged and repeat no other.

    Raises
    ------
    ScenarioError or an ErrorList of them: a row that is not there, one that is not judged, and a plan without any
    """
    errors: list[SimengineError] = []
    found: list[str] = []
    for goal in goals:
        if goal.kind == ROW:
            error = _row_fault(goal, targets, verdicts)
            if error is not None:
                errors.append(error)
            else:
                found.append(goal.row)
        elif goal.kind == ALL:
            judged = [name for name, one in verdicts.items() if one.headline]
            if not judged:
                errors.append(ScenarioError("solve_no_rows", where=f"--goal {goal.text}"))
            found += judged
    raise_all(errors)
    return list(dict.fromkeys(found))


def _row_fault(goal: Goal, targets: Mapping[str, Target], verdicts: Mapping[str, Verdict]) -> ScenarioError | None:
    where = f"--goal {goal.text}"
    if goal.row not in targets:
        return ScenarioError("solve_row_unknown", where=where, near=near(goal.row, targets), name=goal.row)
    verdict = verdicts[goal.row]
    if verdict.verdict in ("met", "missed"):
        return None
    because = Words(*(_because(verdict, lang) for lang in LANGUAGES))
    return ScenarioError("solve_row_not_judged", where=where, name=goal.row, because=because)


def _because(verdict: Verdict, lang: str) -> str:
    """Why a row is not judged; a lever or an input that sets it, else the reason, else the verdict in one sentence."""
    return verdict.set_by_text(lang) or verdict.reason_text(lang) or verdict.text(lang)
