"""One person's amounts, rounded as they are paid; the table of cases runs the same functions row by row.

The formulas are those of the lane (`rules`); rounding is the case calculator's alone.
"""

from __future__ import annotations

from simengine.kernels.jit import kernel
from simengine.kernels.rules.accounts import account_pension
from simengine.kernels.rules.pension import addon_pension, base_pension, transition_pension
from simengine.kernels.rules.rounding import UP_TO_JIAO, paid_out, up_to_jiao

FLAT, PER_INDEX_YEAR, FIXED, COEFFICIENT, BASE, ACCRUAL, ROUNDING = range(7)
"""Columns of the law of a group of awards."""
LAW_COLUMNS = 7

PAID, INDEX, DEEMED, DEEMED_INDEX, BEFORE, BEFORE_INDEX, ACCOUNT, DIVISOR, FLOOR = range(9)
"""Columns of the record of a person."""
RECORD_COLUMNS = 9

BASE_PART, TRANSITION_PART, ACCOUNT_PART, ADJUSTMENT_PART, SUPPLEMENT, TOP_UP, PENSION = range(7)
"""Columns of an award."""
AWARD_COLUMNS = 7


@kernel
def base_part(benefit_base, accrual, paid, index, deemed, deemed_index):
    """Pooled part of one pension [yuan/month]: P_base = (B + B·Ī)/2·N·a, with the law's accrual a (schemes.md 1.6).

    Parameters
    ----------
    paid, deemed : months; index, deemed_index : mean index of each

    Examples
    --------
    >>> round(base_part(7054.0, 0.01, 327.0, 0.8523, 0.0, 0.0), 2)  # schemes.md P2
    1780.26
    """
    years = (paid + deemed) / 12.0
    return base_pension(benefit_base, accrual, years, paid / 12.0 * index, deemed / 12.0 * deemed_index)


@kernel
def award_parts(record, law):
    """Parts of one monthly pension and their sum, each rounded as the law says [yuan/month].

        P = P_base + P_trans + P_acct + adjustment + supplement, at least the floor

    The adjustment is paid only with months before the accounts. Source: 国发〔2005〕38号 (schemes.md 1.6).

    Parameters
    ----------
    record : PAID, DEEMED, BEFORE months, the mean index of each, ACCOUNT [yuan], DIVISOR [month], FLOOR [yuan/month]
    law : FLAT and PER_INDEX_YEAR of the adjustment, FIXED supplement, COEFFICIENT k, BASE B, ACCRUAL a, ROUNDING

    Returns
    -------
    base, transition, account part, adjustment, supplement, top-up to the floor, pension
    """
    rounding = int(law[ROUNDING])
    index_years = record[PAID] / 12.0 * record[INDEX] + record[DEEMED] / 12.0 * record[DEEMED_INDEX]
    base = paid_out(
        base_part(law[BASE], law[ACCRUAL], record[PAID], record[INDEX], record[DEEMED], record[DEEMED_INDEX]), rounding
    )
    transition = paid_out(
        transition_pension(law[BASE], record[BEFORE] / 12.0 * record[BEFORE_INDEX], law[COEFFICIENT]), rounding
    )
    account = paid_out(account_pension(record[ACCOUNT], record[DIVISOR]), rounding)
    adjustment = 0.0
    if record[BEFORE] > 0.0:
        adjustment = paid_out(addon_pension(law[FLAT], law[PER_INDEX_YEAR], index_years), rounding)
    supplement = paid_out(addon_pension(law[FIXED], 0.0, index_years), rounding)
    pension = paid_out(base + transition + account + adjustment + supplement, rounding)
    top_up = paid_out(max(0.0, record[FLOOR] - pension), rounding)
    pension = paid_out(pension + top_up, rounding)
    if rounding == UP_TO_JIAO:
        pension = up_to_jiao(pension)
    return base, transition, account, adjustment, supplement, top_up, pension


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
        awards[i, SUPPLEMENT] = parts[SUPPLEMENT]
        awards[i, TOP_UP] = parts[TOP_UP]
        awards[i, PENSION] = parts[PENSION]
