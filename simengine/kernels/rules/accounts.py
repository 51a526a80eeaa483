"""Individual accounts: crediting while working, payment after the award (schemes.md 1.7)."""

from __future__ import annotations

from simengine.kernels.jit import inlined, kernel


@inlined
def account_pension(account, divisor):
    """Account part of a monthly pension or annuity [yuan/month]: P_acct = A/D.

    Source: annex of 国发〔2005〕38号 (schemes.md 1.6); residents: 国发〔2014〕8号 (schemes.md 4.2);
    annuities: 国办发〔2015〕18号 (schemes.md 3).

    Parameters
    ----------
    account : balance A [yuan]; divisor : D [month]

    Examples
    --------
    >>> round(account_pension(96_500.0, 137.8), 2), round(account_pension(12_600.0, 139.0), 2)  # schemes.md P2, D1
    (700.29, 90.65)
    """
    return account / divisor


@inlined
def credit_factor(rate, timing):
    """What one yuan credited during a year has become at its end [1]: 1 + r·τ, 劳办发〔1997〕116号 (schemes.md 1.7).

    Parameters
    ----------
    rate : crediting rate r of the year [1/year]; timing : τ, part of it that the year's own credits earn [1]

    Examples
    --------
    >>> round(credit_factor(0.0262, 1.083 / 2.0), 8)
    1.0141873
    """
    return 1.0 + rate * timing


@kernel
def credit_year(balance, rate, credited, timing):
    """Individual account after a year [yuan]: A' = A·(1+r) + S·(1 + r·τ), 劳办发〔1997〕116号 (schemes.md 1.7).

    Parameters
    ----------
    balance : A at the start of the year [yuan]; credited : S, the year's credits [yuan]
    timing : τ, part of the year's rate the credits earn [1] (m116: 1.083/2, none: 0, monthly: 1/2)

    Examples
    --------
    >>> round(credit_year(50_000.0, 0.0262, 4_800.0, 1.083 / 2.0), 2)  # schemes.md P5
    56178.1
    """
    return balance * (1.0 + rate) + credited * credit_factor(rate, timing)


@kernel
def pay_account(balance, monthly, dying, rate):
    """One year of an account in payment, or of the accounts of a group of which a share dies (schemes.md 1.7).

    The account part is paid monthly; the dying share receives half a year and leaves its balance to heirs (Social
    Insurance Law art. 14). When the balance does not suffice the account pays what it has and the pooled fund pays the
    rest.

        closing = A·(1-q)·(1+i) - drawn·(1+i/2)

    Parameters
    ----------
    balance : opening balance A [yuan]
    monthly : account part of the pension after adjustment [yuan/month]
    dying : probability of dying in the year q [1]
    rate : crediting rate i [1/year]

    Returns
    -------
    closing balance, interest, drawn, inherited [yuan]; opening + interest - drawn - inherited = closing

    Examples
    --------
    >>> [round(part, 2) for part in pay_account(96_500.0, 700.29, 0.0, 0.026)]
    [90496.27, 2399.75, 8403.48, 0.0]
    """
    q = dying
    living = balance * (1.0 - q)
    ending = balance * q
    drawn_living = min(12.0 * monthly * (1.0 - q), living * (1.0 + rate) / (1.0 + 0.5 * rate))
    drawn_ending = min(0.5 * 12.0 * monthly * q, ending)
    interest_living = living * rate - drawn_living * 0.5 * rate
    interest_ending = ending * rate * 0.5
    closing = living + interest_living - drawn_living
    inherited = ending + interest_ending - drawn_ending
    return max(closing, 0.0), interest_living + interest_ending, drawn_living + drawn_ending, inherited
