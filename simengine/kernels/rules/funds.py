"""Funds: central adjustment, entrusting, payable months (schemes.md 1.12, 4.4)."""

from __future__ import annotations

from simengine.kernels.compiler.jit import inlined


@inlined
def central_payment(wage_year, wage_share, insured, rate):
    """Payment into the central adjustment fund [yuan/year]: share·wage·insured·ρ, 国发〔2018〕18号 (schemes.md 1.12).

    Parameters
    ----------
    wage_year : average wage [yuan/year]; wage_share : part of it that counts [1]; insured : [persons]; rate : ρ [1]

    Examples
    --------
    >>> central_payment(78_000.0, 0.9, 8.0e6, 0.045) / 1e8  # schemes.md A4
    252.72
    """
    return wage_share * wage_year * insured * rate


@inlined
def newly_entrusted(share, surplus):
    """Part of a year's new surplus of residents that must be entrusted, in the unit of the surplus.

    max(0, s·surplus), 人社部发〔2018〕47号 (schemes.md 4.4).

    Examples
    --------
    >>> newly_entrusted(0.8, 57.5), newly_entrusted(0.8, -3.0)  # schemes.md D4, in 亿元
    (46.0, 0.0)
    """
    return max(0.0, share * surplus)


@inlined
def entrusted_after(principal, earned, newly):
    """Entrusted principal after a year: E' = E + min(r, 0) + max(r, new), 人社部发〔2018〕47号 (schemes.md 4.4).

    The surplus already holds the return r, which stays entrusted: the kept return counts toward the share of the
    surplus that must be entrusted (DECISIONS.md, 14).

    Parameters
    ----------
    principal : E; earned : return r of the year; newly : `newly_entrusted`; all in one unit of money

    Examples
    --------
    >>> entrusted_after(100.0, 5.0, 46.0), entrusted_after(100.0, 5.0, 2.0), entrusted_after(100.0, -3.0, 2.0)
    (146.0, 105.0, 99.0)
    """
    return principal + min(earned, 0.0) + max(earned, newly)


@inlined
def payable_months(balance, spending):
    """Months a fund can pay from its balance [months]: 12·V/C (schemes.md 1.12).

    Parameters
    ----------
    balance : V at year end; spending : C of the year; both in one unit of money

    Examples
    --------
    >>> round(payable_months(902.3, 1557.2), 2)  # schemes.md A3, in 亿元
    6.95
    """
    return 12.0 * balance / spending
