"""Work injury: premium, lump sums, monthly benefits, death, prevention, 工伤保险条例 (schemes.md 6).

The own wage w is that of the twelve months before the injury, between 60 and 300 % of the average wage W. An amount
for a group takes the sum of its shares.
"""

from __future__ import annotations

from simengine.kernels.jit import inlined


@inlined
def premium_rate(base_rate, level, factor):
    """Premium rate [1]: base rate of the class, times the level it floats on, times the cut in force.

    Source: 人社部发〔2015〕71号, 人社部发〔2018〕25号 (schemes.md 6.1).

    Examples
    --------
    >>> round(12_000_000.0 * premium_rate(0.009, 1.2, 1.0), 2)  # schemes.md I1
    129600.0
    """
    return base_rate * level * factor


@inlined
def disability_lump(months, wage):
    """One-off disability grant [yuan]: months by grade times the own wage, 工伤保险条例 art. 35-37 (schemes.md 6.4).

    Examples
    --------
    >>> disability_lump(25.0, 4500.0)  # schemes.md I3
    112500.0
    """
    return months * wage


@inlined
def disability_allowance(share, wage):
    """Monthly disability allowance [yuan/month]: share by grade times the own wage, art. 35-36 (schemes.md 6.4).

    Examples
    --------
    >>> disability_allowance(0.85, 4500.0)  # schemes.md I3
    3825.0
    """
    return share * wage


@inlined
def topped_up(allowance, minimum_wage):
    """Allowance with what the fund adds to reach the minimum wage [yuan/month], art. 35 (schemes.md 6.4).

    Examples
    --------
    >>> topped_up(1700.0, 2000.0), topped_up(3825.0, 2000.0)
    (2000.0, 3825.0)
    """
    return max(allowance, minimum_wage)


@inlined
def nursing_payment(share, average_wage):
    """Monthly nursing payment [yuan/month]: share by dependence times W, 工伤保险条例 art. 34 (schemes.md 6.4).

    Examples
    --------
    >>> nursing_payment(0.4, 6525.0)  # schemes.md I3
    2610.0
    """
    return share * average_wage


@inlined
def leaving_subsidy(months, average_wage):
    """Medical or employment subsidy of who leaves the employer [yuan]: months by grade times W, art. 36-37.

    Source: 工伤保险条例 art. 36-37; 浙江省工伤保险条例 art. 27 (schemes.md 6.4).

    Examples
    --------
    >>> leaving_subsidy(10.0, 8433.0)  # schemes.md I2
    84330.0
    """
    return months * average_wage


@inlined
def funeral_grant(months, average_wage):
    """Funeral grant after a death by work injury [yuan]: six months of W, 工伤保险条例 art. 39 (schemes.md 6.5).

    Examples
    --------
    >>> funeral_grant(6.0, 6525.0)  # schemes.md I4
    39150.0
    """
    return months * average_wage


@inlined
def death_grant(multiple, national_income):
    """One-off death grant [yuan]: a multiple of the nation's urban income of the year before [yuan/year], art. 39.

    Source: 工伤保险条例 art. 39 (schemes.md 6.5).

    Examples
    --------
    >>> death_grant(20.0, 54_188.0)  # schemes.md I4
    1083760.0
    """
    return multiple * national_income


@inlined
def survivor_pension(share, wage):
    """Monthly pension of survivors [yuan/month]: share by kinship times the own wage, art. 39 (schemes.md 6.5).

    Parameters
    ----------
    share : scaled down where the shares of one death add up to more than the law allows

    Examples
    --------
    >>> round(survivor_pension(0.40 / 1.30, 5000.0), 2)  # schemes.md I4
    1538.46
    """
    return share * wage


@inlined
def prevention_cap(share, premiums):
    """Highest prevention spending of a year [yuan]: a share of last year's premiums.

    Source: 人社部规〔2017〕13号 (schemes.md 6.1).

    Examples
    --------
    >>> prevention_cap(0.03, 200_000_000.0)  # schemes.md I6
    6000000.0
    """
    return share * premiums
