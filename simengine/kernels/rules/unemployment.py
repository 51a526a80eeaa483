"""Unemployment insurance: months and amount of the benefit, pension refund (schemes.md 5)."""

from __future__ import annotations

from simengine.kernels.compiler.jit import inlined
from simengine.kernels.rules.bounds import held_between


@inlined
def phased_rate(cut, reduced, statutory):
    """Contribution rate of a payer [1]: the reduced rate while the phased cut is in force, else the statutory one.

        c·reduced + (1 - c)·statutory

    Exact for a year in which the cut begins or ends. Source: 人社部发〔2015〕24号 and its successors (schemes.md 5.1).

    Parameters
    ----------
    cut : part of the year in which the cut is in force c [1]; reduced, statutory : rates [1]

    Examples
    --------
    >>> phased_rate(1.0, 0.005, 0.02), phased_rate(0.0, 0.005, 0.02)
    (0.005, 0.02)
    """
    return cut * reduced + (1.0 - cut) * statutory


@inlined
def cut_withdrawn(before, months, none, full, step):
    """Part of the phased cut that is withdrawn in the year, by the payable months on 1 January [1].

        below m0: min(1, w + d);   from m1 on: max(0, w - d);   between: w

    So the rate moves by a step a year, as the work-injury rate does outside its marks. The months and the step are
    assumed (`unemployment/cut_none_months`, `unemployment/cut_full_months`, `unemployment_cut_step`).

    Parameters
    ----------
    before : part w withdrawn the year before [1]; months : payable months of the fund; none, full : marks m0 and m1
        [month]; step : d [1]

    Examples
    --------
    >>> cut_withdrawn(0.3, 11.0, 12.0, 18.0, 0.1), cut_withdrawn(0.3, 12.0, 12.0, 18.0, 0.1)
    (0.4, 0.3)
    >>> cut_withdrawn(0.3, 18.0, 12.0, 18.0, 0.2), cut_withdrawn(0.05, 30.0, 12.0, 18.0, 0.1)
    (0.09999999999999998, 0.0)
    """
    if months < none:
        return min(1.0, before + step)
    if months >= full:
        return max(0.0, before - step)
    return before


@inlined
def partly_cut(withdrawn, rate, uncut):
    """Contribution rate of which a part of the cut is withdrawn [1]: r + w·max(0, r0 - r).

    Parameters
    ----------
    withdrawn : part w of the cut [1]; rate : r under the whole cut; uncut : r0 without it

    Examples
    --------
    >>> partly_cut(0.0, 0.005, 0.02), partly_cut(0.5, 0.005, 0.02), partly_cut(0.5, 0.02, 0.02)
    (0.005, 0.0125, 0.02)
    """
    return rate + withdrawn * max(0.0, uncut - rate)


@inlined
def claim_months(entitled, unused, cap):
    """Longest duration of a new claim [months]: those of its paid months and unused ones of the claim before, capped.

    Source: Social Insurance Law art. 46 (schemes.md 5.3).

    Parameters
    ----------
    entitled : months by the paid months since the claim before; unused : months left of it; cap : at most so many

    Examples
    --------
    >>> claim_months(12.0, 13.0, 24.0), claim_months(12.0, 5.0, 24.0)  # schemes.md U2
    (24.0, 17.0)
    """
    return min(cap, entitled + unused)


@inlined
def minimum_wage_benefit(share, minimum_wage):
    """Benefit as a share of the minimum wage [yuan/month]: s·M, 人社部发〔2017〕71号 (schemes.md 5.4).

    Examples
    --------
    >>> round(minimum_wage_benefit(0.90, 1870.0), 2)  # schemes.md U3
    1683.0
    """
    return share * minimum_wage


@inlined
def price_subsidy(living_standard, growth, trigger):
    """What a claimant gets for dear prices beside the benefit [yuan/month].

        L·g  while prices have grown by the trigger or more, else nothing

    Source: 发改价格规〔2016〕1835号, 发改价格〔2021〕1553号 (价格联动机制; Xuzhou's plan, schemes.md 8).

    Parameters
    ----------
    living_standard : urban minimum living standard L [yuan/month]
    growth : growth of consumer prices over a year g [1]; trigger : least growth that starts the subsidy [1]

    Examples
    --------
    >>> round(price_subsidy(815.0, 0.036, 0.035), 2), price_subsidy(815.0, 0.02, 0.035)
    (29.34, 0.0)
    """
    return living_standard * growth if growth >= trigger else 0.0


@inlined
def own_base_bounds(low, living_standard, high, minimum_wage):
    """Floor and cap of a benefit by the own base [yuan/month]: l·L and h·M, the cap never below the floor.

    Source: Social Insurance Law art. 47 and the provincial rule, in Jiangsu 1.5·L and M (schemes.md 5.4).

    Parameters
    ----------
    low, high : l, h [1]; living_standard : urban minimum living standard L [yuan/month]; minimum_wage : M [yuan/month]

    Examples
    --------
    >>> own_base_bounds(1.5, 750.0, 1.0, 2070.0)
    (1125.0, 2070.0)
    """
    floor = low * living_standard
    return floor, max(floor, high * minimum_wage)


@inlined
def own_base_benefit(share, base, floor, cap):
    """Benefit as a share of the own contribution base [yuan/month]: s·b between floor and cap (schemes.md 5.4).

    Source: Social Insurance Law art. 47 and the provincial rule.

    Parameters
    ----------
    share : s by paid years [1]; base : mean base b of the last twelve months [yuan/month]
    floor, cap : `own_base_bounds` [yuan/month]

    Examples
    --------
    >>> own_base_benefit(0.45, 4900.0, 1125.0, 2070.0)  # schemes.md U4
    2070.0
    """
    return held_between(share * base, floor, cap)


@inlined
def pension_refund(base_share, rate, average_wage):
    """Pension contribution of a month near old age that the fund refunds [yuan/month]: b·ρ·W (schemes.md 5.5).

    The lowest standard of flexible payers. Source: 人社部发〔2024〕76号.

    Parameters
    ----------
    base_share : b [1]; rate : ρ [1]; average_wage : W of the year before [yuan/month]

    Examples
    --------
    >>> round(pension_refund(0.6, 0.2, 6525.0), 2)
    783.0
    """
    return base_share * rate * average_wage
