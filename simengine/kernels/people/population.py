"""The population step: ageing, survival, births, migration. Rule and worked example: notes/population.md.

Arrays are ``[sex, age]`` with sex 0 = male, 1 = female. A cell of year t is labelled by the age reached during t,
so one cell at a year end is one calendar-year birth cohort. The last age is open ("and over").
"""

from __future__ import annotations

from simengine.kernels import layout as at
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
def count_births(pop_open, pop_close, asfr, first_age=at.FIRST_BIRTH_AGE):
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
