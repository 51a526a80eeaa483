"""The population step: ageing, survival, births, migration. Rule and worked example: notes/population.md.

Arrays are ``[sex, age]`` with sex 0 = male, 1 = female. A cell of year t is labelled by the age reached during t,
so one cell at a year end is one calendar-year birth cohort. The last age is open ("and over").
"""

from __future__ import annotations

from simengine.kernels.compiler.jit import kernel


@kernel
def survive_population(pop_open, q, mig, pop_close):
    """Carry every cohort alive at the opening to the closing of the year; births enter later.

        P'(s, a) = P(s, a-1)·(1 - q(s, a)) + M(s, a)              0 < a < ω
        P'(s, ω) = (P(s, ω-1) + P(s, ω))·(1 - q(s, ω)) + M(s, ω)

    Parameters
    ----------
    pop_open : population at the opening year end, by age then [persons; sex, age]
    q : probability that a person who would reach age a by the end of the year dies in it [1; sex, age]
    mig : net migrants of the year still there at its end, by the age reached [persons; sex, age]
    pop_close : written: population at the closing year end; age 0 is set to zero [persons; sex, age]
    """
    last = pop_open.shape[1] - 1
    for s in range(pop_open.shape[0]):
        pop_close[s, 0] = 0.0
        for a in range(1, last):
            pop_close[s, a] = pop_open[s, a - 1] * (1.0 - q[s, a]) + mig[s, a]
        reaching_last = pop_open[s, last - 1] + pop_open[s, last]
        pop_close[s, last] = reaching_last * (1.0 - q[s, last]) + mig[s, last]


@kernel
def count_births(pop_open, pop_close, asfr, first_age=15):
    """Live births of the year, both sexes [persons/year].

    Rates are by the mother's completed age at the birth. Women of that age over the year are the mean of the two
    year ends, which is why the closing number (known before births enter) belongs in the exposure:

        B = Σ f(a)·(W(a) + W'(a))/2

    Parameters
    ----------
    pop_open, pop_close : population at the opening and at the closing year end [persons; sex, age]
    asfr : births per woman-year, the first for `first_age` [1/year; age]
    first_age : completed age of the first rate [years]
    """
    births = 0.0
    for i in range(asfr.shape[0]):
        a = first_age + i
        births += asfr[i] * 0.5 * (pop_open[1, a] + pop_close[1, a])
    return births


@kernel
def split_births(births, sex_ratio):
    """Boys and girls among the births, from the number of boys per girl [persons/year].

    Examples
    --------
    >>> split_births(210.0, 1.1)
    (110.0, 100.0)
    """
    girls = births / (1.0 + sex_ratio)
    return births - girls, girls


@kernel
def enter_births(boys, girls, q, mig, pop_close):
    """Write age 0 of the closing population: births of the year that survive to its end, plus infant migrants.

    P'(s, 0) = B(s)·(1 - q(s, 0)) + M(s, 0)
    """
    pop_close[0, 0] = boys * (1.0 - q[0, 0]) + mig[0, 0]
    pop_close[1, 0] = girls * (1.0 - q[1, 0]) + mig[1, 0]


@kernel
def count_deaths(pop_open, boys, girls, q, deaths):
    """Deaths of the year by sex and by the age that would have been reached [persons/year].

    Rebuilt from the opening stock and the births, not from the closing stock, so that
    opening + births - deaths + migration = closing is a check and not a tautology.
    """
    last = pop_open.shape[1] - 1
    deaths[0, 0] = boys * q[0, 0]
    deaths[1, 0] = girls * q[1, 0]
    for s in range(pop_open.shape[0]):
        for a in range(1, last):
            deaths[s, a] = pop_open[s, a - 1] * q[s, a]
        deaths[s, last] = (pop_open[s, last - 1] + pop_open[s, last]) * q[s, last]


@kernel
def project_grouped(pop_open, person_years, fertility, migrants, width, radix, sex_ratio, births, pop_close):
    """Textbook female projection by one step of `width` years in age groups of `width` years.

    Half of the migrants of the step are there from its start, half arrive at its end. The last group is open:

        P'(i)   = (P(i-1) + M(i-1)/2)·L(i)/L(i-1) + M(i)/2
        P'(n)   = (P(n-1) + M(n-1)/2 + P(n) + M(n)/2)·L(n)/(L(n-1) + L(n)) + M(n)/2
        B(i)    = width·F(i)·(P(i) + M(i)/2 + P'(i))/2
        P'(1)   = ΣB/(1 + sex_ratio)·L(1)/(width·radix) + M(1)/2

    Source: Preston, Heuveline and Guillot (2001), Demography, section 6.3 (cohort component method).

    Parameters
    ----------
    pop_open : women by group at the start [persons; group]
    person_years : life-table person-years L of the group, the last one T of the open group [person-years; group]
    fertility : births of both sexes per woman-year [1/year; group]
    migrants : net female migrants during the step [persons; group]
    width : years of a step and of a closed group [years]
    radix : births of the life table [persons]
    sex_ratio : boys per girl at birth [1]
    births : written: births of both sexes during the step by the mother's group [persons; group]
    pop_close : written: women by group at the end [persons; group]
    """
    last = pop_open.shape[0] - 1
    for i in range(1, last):
        start = pop_open[i - 1] + 0.5 * migrants[i - 1]
        pop_close[i] = start * person_years[i] / person_years[i - 1] + 0.5 * migrants[i]
    start = pop_open[last - 1] + pop_open[last] + 0.5 * (migrants[last - 1] + migrants[last])
    survival = person_years[last] / (person_years[last - 1] + person_years[last])
    pop_close[last] = start * survival + 0.5 * migrants[last]
    pop_close[0] = 0.0
    total = 0.0
    for i in range(last + 1):
        women = 0.5 * (pop_open[i] + 0.5 * migrants[i] + pop_close[i])
        births[i] = width * fertility[i] * women
        total += births[i]
    pop_close[0] = total / (1.0 + sex_ratio) * person_years[0] / (width * radix) + 0.5 * migrants[0]
