"""The employees' pension: award, yearly adjustment, transition of the public sector (schemes.md 1.6, 1.11, 3)."""

from __future__ import annotations

from simengine.kernels.compiler.jit import inlined, kernel


@inlined
def eligible_share(mean_service, threshold):
    """Share of a service bin at or above the minimum years: uniform spread of width one around the mean [1].

        min(1, max(0, s + 1/2 - R))

    Source: model.md section 7 (threshold test); Social Insurance Law art. 16 (minimum years).

    Parameters
    ----------
    mean_service : recognised years s [years]; threshold : minimum years R [years]

    Examples
    --------
    >>> eligible_share(16.0, 15.0)
    1.0
    >>> eligible_share(15.25, 15.0)
    0.75
    """
    return min(1.0, max(0.0, mean_service + 0.5 - threshold))


@inlined
def base_pension(benefit_base, accrual, service, index_years, deemed_index_years):
    """Pooled part of the monthly pension of a person, or of a group by its sums [yuan/month].

        P_base = (B + B·Ī)/2·N·a  =  B/(2/a)·(S + I + J)

    Source: 国发〔2005〕38号 (schemes.md 1.6). Linear in the sums, hence exact whatever the spread inside the group.

    Parameters
    ----------
    benefit_base : B [yuan/month]; accrual : a for each year, 1 % by the law [1/year]
    service, index_years, deemed_index_years : recognised years S, paid years times their index I, deemed years times
    theirs J, so that S·Ī = I + J [years]

    Examples
    --------
    >>> round(base_pension(7054.0, 0.01, 27.25, 27.25 * 0.8523, 0.0), 2)  # schemes.md P2
    1780.26
    """
    return benefit_base / (2.0 / accrual) * (service + index_years + deemed_index_years)


@inlined
def transition_pension(benefit_base, deemed_index_years, coefficient):
    """Part for the years before the account start [yuan/month]: P_trans = B·k·J, 国发〔2005〕38号 (schemes.md 1.6).

    Parameters
    ----------
    benefit_base : B [yuan/month]; coefficient : k of the province for each year [1/year]
    deemed_index_years : years before the accounts times their index, of a person or summed over a group J [years]

    Examples
    --------
    >>> round(transition_pension(7054.0, 122.0 / 12.0 * 1.05, 0.013), 2)  # schemes.md P3
    978.92
    """
    return benefit_base * coefficient * deemed_index_years


@inlined
def addon_pension(fixed, per_index_year, index_years):
    """Provincial extras [yuan/month]: a fixed amount and an amount for each index-year, e.g. 480 + 3·Ī·N in Zhejiang.

    Source: 浙人社发〔2018〕102号, 浙人社发〔2011〕146号 (schemes.md 1.6).

    Parameters
    ----------
    fixed : of a person or summed over a group [yuan/month]; per_index_year : [yuan/month/year]
    index_years : Ī·N [years]

    Examples
    --------
    >>> round(addon_pension(480.0, 3.0, 0.90 * 38.0), 2)  # schemes.md P4
    582.6
    """
    return fixed + per_index_year * index_years


@kernel
def pension_increase(pension, years, fixed, tier_years, below, above, level, tilt):
    """Yearly increase of one pension [yuan/month]: ΔP = F + tiers(N) + q·P + tilt (schemes.md 1.11).

    Source: Social Insurance Law art. 18; the provincial notice of the year gives the numbers.

    Parameters
    ----------
    pension : P [yuan/month]; years : N [years]; level : q [1]
    fixed : F; below, above : for each year up to and above `tier_years`; tilt : for age or hardship [yuan/month]

    Examples
    --------
    >>> round(pension_increase(3200.0, 32.0, 30.0, 15.0, 1.0, 1.5, 0.007, 20.0), 2)  # schemes.md P8
    112.9
    """
    return fixed + below * min(years, tier_years) + above * max(0.0, years - tier_years) + level * pension + tilt


@inlined
def compared_pension(old, new, gain_share):
    """Pension, or a part of it, while a new formula is phased in [yuan/month].

    Source: the ten-year transition of the public sector, 国发〔2015〕2号 (schemes.md 3); the transition pension of
    Jiangsu, 苏人社发〔2024〕4号 as quoted (schemes.md 1.6). The old amount is kept where it is higher; of a gain the
    stated share x is paid: old + x·max(0, new - old).

    Parameters
    ----------
    old, new : pension by the old and the new formula [yuan/month]; gain_share : x [1]

    Examples
    --------
    >>> compared_pension(5600.0, 6200.0, 0.5), compared_pension(5400.0, 5100.0, 0.7)  # schemes.md C1, C2
    (5900.0, 5400.0)
    """
    return old + gain_share * max(0.0, new - old)


@kernel
def mean_gain(ratio, table, first, step):
    """Mean of max(0, R - 1) over persons whose new-over-old ratio R has the mean `ratio` [1], by linear interpolation.

    `compared_pension` for a group: its members stand on both sides of R = 1 (国发〔2015〕2号, schemes.md 3).

    Parameters
    ----------
    table : values at first, first + step, ...: in closed form for a lognormal spread, 0 below and R - 1 above the table

    Examples
    --------
    With the means 0, 0.1 and 0.3 at the ratios 0.9, 1.1 and 1.3: the ratio 1.2 gives 0.2, 0.8 gives 0, 1.5 gives 0.5.
    """
    place = (ratio - first) / step
    if place <= 0.0:
        return 0.0
    if place >= table.size - 1:
        return ratio - 1.0
    below = int(place)
    share = place - below
    return (1.0 - share) * table[below] + share * table[below + 1]
