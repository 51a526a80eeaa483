"""Individual accounts: crediting while working, draw-down while in payment."""

from __future__ import annotations

from simengine.kernels.jit import kernel


@kernel
def pay_account(balance, monthly, heads_share_dying, rate):
    """One year of an account cell in payment.

    The account part is paid monthly; the dying share receives half a year and leaves its balance to heirs.
    When the balance does not suffice the account pays what it has and the pooled fund pays the rest.

        closing = A·(1-q)·(1+i) - drawn·(1+i/2)

    Parameters
    ----------
    balance : opening balance of the cell [yuan]
    monthly : account part of the pension after adjustment [yuan/month]
    heads_share_dying : probability of dying q [1]
    rate : crediting rate i [1/year]

    Returns
    -------
    closing balance, interest, drawn, inherited [yuan]; opening + interest - drawn - inherited = closing
    """
    q = heads_share_dying
    living = balance * (1.0 - q)
    dying = balance * q
    drawn_living = min(12.0 * monthly * (1.0 - q), living * (1.0 + rate) / (1.0 + 0.5 * rate))
    drawn_dying = min(6.0 * monthly * q, dying)
    interest_living = living * rate - drawn_living * 0.5 * rate
    interest_dying = dying * rate * 0.5
    closing = living + interest_living - drawn_living
    inherited = dying + interest_dying - drawn_dying
    return max(closing, 0.0), interest_living + interest_dying, drawn_living + drawn_dying, inherited
