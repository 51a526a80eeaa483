"""One person's amounts, rounded as they are paid; the table of cases runs the same functions row by row.

The formulas are those of the lane (`rules`); rounding and what single provinces vary are the case calculator's alone.
"""

from __future__ import annotations

import math

from simengine.kernels.compiler.jit import kernel
from simengine.kernels.rules.accounts import account_pension
from simengine.kernels.rules.pension import addon_pension, base_pension, compared_pension, transition_pension
from simengine.kernels.rules.rounding import FOURTH_PLACE, UP_TO_JIAO, half_up, paid_out, service_years, up_to_jiao

FLAT, PER_INDEX_YEAR, FIXED, COEFFICIENT, BASE, ACCRUAL, ROUNDING, SERVICE_ROUNDING, WAGE_ROUNDING = range(9)
INDEX_ROUNDING, ONE_INDEX, MEAN_WAGE, YEARLY_SHARE, GAIN, FORMER_SHARE = range(9, 15)
"""Columns of the law of a group of awards."""
LAW_COLUMNS = 15

PAID, INDEX, DEEMED, DEEMED_INDEX, BEFORE, BEFORE_INDEX, APART, APART_INDEX = range(8)
ACCOUNT, DIVISOR, FLOOR, FORMER = range(8, 12)
"""Columns of the record of a person."""
RECORD_COLUMNS = 12

BASE_PART, TRANSITION_PART, ACCOUNT_PART, ADJUSTMENT_PART, YEARLY_PART, SUPPLEMENT, TOP_UP, PENSION = range(8)
"""Columns of an award."""
AWARD_COLUMNS = 8


@kernel
def overall_index(record, law):
    """Index of the whole service [1]: the printed one, or the mean of the paid and the deemed index by months.

    Parameters
    ----------
    record, law : as in `award_parts`; INDEX_ROUNDING 1 takes the mean to four decimals
    """
    months = record[PAID] + record[DEEMED]
    if law[ONE_INDEX] > 0.0 or months <= 0.0 or record[DEEMED] <= 0.0:
        return record[INDEX]
    mean = (record[PAID] * record[INDEX] + record[DEEMED] * record[DEEMED_INDEX]) / months
    return half_up(mean, FOURTH_PLACE) if law[INDEX_ROUNDING] > 0.0 else mean


@kernel
def index_wage(index, law):
    """Benefit base times an index [yuan/month], to the cent where the law says so (schemes.md 0.2)."""
    return paid_out(law[BASE] * index, int(law[WAGE_ROUNDING]))


@kernel
def base_part(record, law):
    """Pooled part of one pension [yuan/month]: P_base = (B + B·Ī)/2·N·a, with the law's accrual a (schemes.md 1.6).

    Parameters
    ----------
    record, law : as in `award_parts`

    Examples
    --------
    >>> import numpy as np
    >>> record, law = np.zeros(RECORD_COLUMNS), np.zeros(LAW_COLUMNS)
    >>> record[PAID], record[INDEX], law[BASE], law[ACCRUAL] = 327.0, 0.8523, 7054.0, 0.01
    >>> round(base_part(record, law), 2)  # schemes.md P2
    1780.26
    """
    years = service_years(record[PAID] + record[DEEMED], int(law[SERVICE_ROUNDING]))
    wage = index_wage(overall_index(record, law), law)
    return base_pension(law[BASE], law[ACCRUAL], years, years * (wage / law[BASE]), 0.0)


@kernel
def transition_part(record, law):
    """Transition pension by the method in force [yuan/month], before a former one is compared (schemes.md 1.6).

        X·k·N_pre,  X the index wage of these years, or the mean of benefit base and index wage

    Deemed months after the accounts began stand apart, with an index and rounded years of their own.

    Parameters
    ----------
    record, law : as in `award_parts`
    """
    rounding = int(law[SERVICE_ROUNDING])
    amount = 0.0
    for months, index in ((record[BEFORE], record[BEFORE_INDEX]), (record[APART], record[APART_INDEX])):
        wage = index_wage(index, law)
        wage += law[MEAN_WAGE] * (0.5 * (law[BASE] + wage) - wage)
        years = service_years(months, rounding)
        amount += transition_pension(law[BASE], years * (wage / law[BASE]), law[COEFFICIENT])
    return amount


@kernel
def phased_transition(record, law, new):
    """Transition pension as paid: the former amount and the share of the gain over it [yuan/month] (schemes.md 1.6).

    Where the former amount is not known (not a number), it is FORMER_SHARE of the new one.
    """
    if law[GAIN] >= 1.0 and math.isnan(record[FORMER]):
        return new
    former = law[FORMER_SHARE] * new if math.isnan(record[FORMER]) else record[FORMER]
    return compared_pension(former, new, law[GAIN])


@kernel
def award_parts(record, law):
    """Parts of one monthly pension and their sum, each rounded as the law says [yuan/month].

        P = P_base + P_trans + P_acct + adjustment + yearly share + supplement, at least the floor

    The adjustment is paid only with months before the accounts. Source: 国发〔2005〕38号 (schemes.md 0.2, 1.6).

    Parameters
    ----------
    record : PAID, DEEMED months, BEFORE that earn the transition pension and APART deemed ones after the accounts that
        do, the mean index of each, ACCOUNT [yuan], DIVISOR [month], FLOOR [yuan/month], FORMER transition pension
        [yuan/month], not a number where unknown
    law : FLAT and PER_INDEX_YEAR of the adjustment, FIXED supplement, COEFFICIENT k, BASE B, ACCRUAL a, ROUNDING of
        amounts, SERVICE_ROUNDING of years, WAGE_ROUNDING of index wages, INDEX_ROUNDING of the overall index,
        ONE_INDEX for the whole service, MEAN_WAGE for the transition pension, YEARLY_SHARE of the index wage, GAIN
        share paid, FORMER_SHARE

    Returns
    -------
    base, transition, account part, adjustment, yearly share, supplement, top-up to the floor, pension
    """
    rounding = int(law[ROUNDING])
    years = service_years(record[PAID] + record[DEEMED], int(law[SERVICE_ROUNDING]))
    index = overall_index(record, law)
    base = paid_out(base_part(record, law), rounding)
    new = paid_out(transition_part(record, law), rounding)
    transition = paid_out(phased_transition(record, law, new), rounding)
    account = paid_out(account_pension(record[ACCOUNT], record[DIVISOR]), rounding)
    adjustment = 0.0
    if record[BEFORE] + record[APART] > 0.0:
        adjustment = paid_out(addon_pension(law[FLAT], law[PER_INDEX_YEAR], index * years), rounding)
    yearly = paid_out(law[YEARLY_SHARE] * index_wage(index, law) * years, rounding)
    supplement = paid_out(law[FIXED], rounding)
    pension = paid_out(base + transition + account + adjustment + yearly + supplement, rounding)
    top_up = paid_out(max(0.0, record[FLOOR] - pension), rounding)
    pension = paid_out(pension + top_up, rounding)
    if rounding == UP_TO_JIAO:
        pension = up_to_jiao(pension)
    return base, transition, account, adjustment, yearly, supplement, top_up, pension


@kernel
def award_rows(records, laws, group, awards):
    """Awards of a table of persons: row i under the law of its group.

    Parameters
    ----------
    records : [person, RECORD_COLUMNS]; laws : [group, LAW_COLUMNS]; group : position of each person's law
    awards : [person, AWARD_COLUMNS], written in place
    """
    for i in range(records.shape[0]):
        parts = award_parts(records[i], laws[group[i]])
        awards[i, BASE_PART] = parts[BASE_PART]
        awards[i, TRANSITION_PART] = parts[TRANSITION_PART]
        awards[i, ACCOUNT_PART] = parts[ACCOUNT_PART]
        awards[i, ADJUSTMENT_PART] = parts[ADJUSTMENT_PART]
        awards[i, YEARLY_PART] = parts[YEARLY_PART]
        awards[i, SUPPLEMENT] = parts[SUPPLEMENT]
        awards[i, TOP_UP] = parts[TOP_UP]
        awards[i, PENSION] = parts[PENSION]
