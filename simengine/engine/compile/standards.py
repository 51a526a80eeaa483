"""Amounts that the law carries on where the published ones end: unemployment benefit, residents' basic pension.

The basis knows what recipients got, the law what its rule gives. Beyond the last year T that the basis knows,

    x(t) = x(T)·L(t)/L(T)          L: amount of the rule, for a mean recipient

so a lever on the law acts and the last known year stays what it is. Where the basis follows the rule, x(T) = L(T) and
x(t) is the amount of the rule itself.
"""

from __future__ import annotations

import calendar
import datetime
from collections.abc import Mapping

import numpy as np

from simengine.basis.basis import Basis
from simengine.basis.economy import Economy
from simengine.common.errors import LawError
from simengine.kernels.rules import by_row
from simengine.kernels.rules import resident as resident_rules
from simengine.kernels.rules.bounds import held_between
from simengine.kernels.rules.unemployment import minimum_wage_benefit, own_base_bounds
from simengine.law import LawTree
from simengine.law.contribution_base import clamped_mean
from simengine.law.together import coupling
from simengine.registry.axes import SPIN_UP_START

BASIC_PENSION = "resident/basic_pension_minimum"

BENEFIT_LAW = (
    "unemployment/benefit_rule", "unemployment/benefit_share", "unemployment/own_base_floor",
    "unemployment/own_base_cap", "unemployment/own_base_share", "economy/urban_living_standard",
    "pension/base_floor_share", "pension/base_cap_share",
)  # fmt: skip
"""Parameters that the amount of unemployment benefit rests on."""


def last_published(basis: Basis, series: str, known_until: int | None) -> int:
    """Year of the last value of a series that the basis knows on the information date."""
    known = basis.owner(series).own_series[series]
    return int(known.known_by(known_until if basis.rule(series).information == "dated" else None).years[-1])


def carried_on(
    published: np.ndarray,
    years: np.ndarray,
    amount: np.ndarray,
    last: int,
    last_value: float,
    first: int,
    name: str = "amount",
) -> np.ndarray:
    """A series as published, from year `first` on as the rule carries it on from year `last`.

    Parameters
    ----------
    years : consecutive calendar years, shape (t,)
    amount : amount of the rule in the consecutive years that end with the last of `years`, `last` among them
    last_value : the series in `last`
    name : what an error calls the series

    Raises
    ------
    LawError where the rule gives nothing in `last`: no ratio to it can be carried on

    Examples
    --------
    >>> years = np.arange(2023, 2027)
    >>> carried_on(np.full(4, 90.0), years, np.array([100.0, 100.0, 125.0, 150.0]), 2024, 90.0, 2025).tolist()
    [90.0, 90.0, 112.5, 135.0]
    """
    late = years >= first
    result = published.copy()
    anchor = amount[last - int(years[-1]) - 1]
    if late.any() and not anchor > 0.0:
        raise LawError("rule_gives_nothing", name=name, year=last, first=last + 1)
    result[late] = last_value * (amount[amount.size - years.size :][late] / anchor)
    return result


def basic_pension(law: LawTree, economy: Economy, years: np.ndarray) -> np.ndarray:
    """Mean basic pension of residents [yuan/month; t]: the basis, and the law's standard from the day of a lever on.

    The standard is decided year by year, so without a lever the basis says how it goes on. A lever on it replaces that:
    from its first day on the standard rules, and recipients stand to it as in the last year known before. The year of
    the lever is the mean over its days of what the basis says and of the standard.
    """
    basis, parameter = economy.basis, law[BASIC_PENSION]
    published = economy.stated("basic_pension", years)
    first = parameter.levered_from(basis.region)
    if first is None or first > years[-1]:
        return published
    last = min(last_published(basis, "basic_pension", economy.known_until), first - 1)
    span = np.arange(SPIN_UP_START + 1, int(years[-1]) + 1)
    index = {"urban_income": economy.carrying("urban_income", span, last)}
    standard = basic_standard(law, basis.region, span, index)
    value = float(economy.stated("basic_pension", np.array([last]))[0])
    result = carried_on(published, years, standard, last, value, first, "basic_pension")
    day = next(dated.date for dated in parameter.timeline(basis.region) if dated.lever)
    before = (day - datetime.date(first, 1, 1)).days / (366.0 if calendar.isleap(first) else 365.0)
    if before > 0.0:  # the standard of that year holds a part that the basis speaks of
        at = span == first
        enacted = basic_standard(law.enacted([BASIC_PENSION]), basis.region, span, index)[at]
        own = published[years == first]
        result[years == first] += before * (own - value * enacted / standard[span == last])
    return result


def basic_standard(law: LawTree, region: str, years: np.ndarray, index: Mapping[str, np.ndarray]) -> np.ndarray:
    """Minimum basic pension of residents by the law [yuan/month; t]: the region's standard, never below the nation's.

    Parameters
    ----------
    index : series of `years` by which the law carries its values on
    """
    own, nation = (law.annual(BASIC_PENSION, years, place, index=index) for place in (region, None))
    return by_row(resident_rules.basic_pension, own, nation)


def unemployment_benefit(law: LawTree, economy: Economy, log_sd: float) -> np.ndarray:
    """Unemployment benefit of a mean recipient [yuan/month; t]: as published, then by the rule of the region.

    Parameters
    ----------
    log_sd : spread of contribution wages, `wage_log_sd_enterprise`
    """
    basis, years = economy.basis, economy.years
    published = economy.stated("unemployment_benefit")
    last = last_published(basis, "unemployment_benefit", economy.known_until)
    stated = [law[key] for key in BENEFIT_LAW if law[key].stated_in(basis.region)]
    levers = [year for parameter in stated if (year := parameter.levered_from(basis.region)) is not None]
    last = min([last, *(year - 1 for year in levers)])  # a lever in known years stands on the year before it
    if years[-1] <= last:
        return published
    span = np.arange(SPIN_UP_START + 1, int(years[-1]) + 1)
    amount = benefit_by_rule(
        law,
        basis.region,
        span,
        minimum_wage=economy.carrying("minimum_wage", span, last),
        previous_wage=economy.carrying("average_wage", span - 1, last - 1),
        relative_wage=economy.carrying("compliance_enterprise", span, last),
        price=economy.carrying("price_index", span, last),
        log_sd=log_sd,
    )
    value = float(economy.stated("unemployment_benefit", np.array([last]))[0])
    return carried_on(published, years, amount, last, value, last + 1, "unemployment_benefit")


def benefit_by_rule(
    law: LawTree,
    region: str,
    years: np.ndarray,
    *,
    minimum_wage: np.ndarray,
    previous_wage: np.ndarray,
    relative_wage: np.ndarray,
    price: np.ndarray,
    log_sd: float,
) -> np.ndarray:
    """What the rule of a region gives a mean recipient [yuan/month; t]: a share of the minimum wage or of the own base.

    Parameters
    ----------
    minimum_wage, previous_wage : minimum wage and W(t-1) [yuan/month]
    relative_wage : mean contribution wage of enterprise payers over W(t-1), before floor and cap [1]
    price : price index, which carries the minimum living standard on
    """
    amount = by_row(minimum_wage_benefit, law.annual("unemployment/benefit_share", years, region), minimum_wage)
    amount *= share_with_wage(law, years, region)
    by_own_base = np.array([rule == "own_base_share" for rule in law.codes("unemployment/benefit_rule", years, region)])
    if by_own_base.any():
        own = _own_base_benefit(law, region, years, minimum_wage, previous_wage, relative_wage, price, log_sd)
        amount = np.asarray(np.where(by_own_base, own, amount))
    return amount


def share_with_wage(law: LawTree, years: np.ndarray, region: str) -> np.ndarray:
    """What the days make of share x minimum wage beside the product of the yearly means [1; t].

    The basis gives the minimum wage of a year; the law gives the days on which it changes.
    """
    share = law["unemployment/benefit_share"]
    levels = law.annual("economy/minimum_wage_class", years, region)
    factor = np.ones(len(years))
    for level in sorted(set(levels.tolist())):
        wage = law[f"economy/minimum_wage_class_{int(level)}"]
        of_level = levels == level
        factor[of_level] = coupling([share, wage], years[of_level], region, one_amount=True)
    return factor


def _own_base_benefit(
    law: LawTree,
    region: str,
    years: np.ndarray,
    minimum_wage: np.ndarray,
    previous_wage: np.ndarray,
    relative_wage: np.ndarray,
    price: np.ndarray,
    log_sd: float,
) -> np.ndarray:
    """Mean of the own-base rule: share x base, between a floor in living standards and a cap in minimum wages [t].

    Bases are the clamped lognormal wages of the contributions. Clamping share x base again is a clamp of the wage by
    other bounds, so the mean has the closed form of the base. The classes of paid years weigh alike (no statistics).
    """
    standard = law.annual("economy/urban_living_standard", years, region, index={"price": price})
    low, high = (law.annual(f"unemployment/own_base_{end}", years, region) for end in ("floor", "cap"))
    floor, cap = by_row(own_base_bounds, low, standard, high, minimum_wage).T
    lowest = law.annual("pension/base_floor_share", years, region)
    highest = law.annual("pension/base_cap_share", years, region)
    shares = law.annual("unemployment/own_base_share", years, region, table=True)
    total = np.zeros(len(years))
    for share in shares.T:
        unit = share * previous_wage  # yuan a month that a base of one W gives
        low, high = (by_row(held_between, unit * bound, floor, cap) / unit for bound in (lowest, highest))
        total += unit * clamped_mean(relative_wage, log_sd, low, high)
    return np.asarray(total / shares.shape[1])
