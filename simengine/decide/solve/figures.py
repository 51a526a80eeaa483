"""What a run leaves for goals and costs: balances, flows and contribution bases of every fund, summed over areas."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from simengine.engine.project import Lane
from simengine.judge.checks.accounts import Start, returns_of, unaided_from_print
from simengine.kernels import layout as at
from simengine.kernels.layout import Output

OF_ACCOUNT = {"own": at.OWN, "unaided": at.UNAIDED}
OWN_INCOME = (at.IN_CONTRIBUTIONS, at.IN_COLLECTIVE, at.IN_TRANSFERS, at.IN_OTHER)
OWN_COST = (at.OUT_BENEFITS, at.OUT_TRANSFERS, at.OUT_OTHER)
"""Positions of what `simengine.judge.indicators.valued` names."""


@dataclass(frozen=True)
class Figures:
    """Money of one run by fund [yuan]; accounts by name, the unaided one as it is judged.

    Attributes
    ----------
    base_year : year of the opening; the first year is the one after it
    balance : [fund, year_end] by account
    outgo : of the own account, without what is passed inside [fund, year]
    contributions, subsidy, benefits : of the own account [fund, year]
    income, cost : what a valuation counts, without returns, aid and payments of other funds [fund, year]
    base : contribution base [fund, year]; returns : of the fund's own money [1; fund, year]
    """

    base_year: int
    balance: Mapping[str, np.ndarray]
    outgo: np.ndarray
    contributions: np.ndarray
    subsidy: np.ndarray
    benefits: np.ndarray
    income: np.ndarray
    cost: np.ndarray
    base: np.ndarray
    returns: np.ndarray


def read_figures(lane: Lane, output: Output) -> Figures:
    """The figures of one lane, the unaided account as the run counts it."""
    ledger = output.ledger[:, :, :, 1:]
    own = ledger[at.OWN]
    flows = output.flows[:, 1:]
    base = np.zeros((at.FUNDS, own.shape[-1]))
    base[at.FUND_ENTERPRISE] = flows[at.FLOW_INSURABLE_EARNINGS_ENTERPRISE] + flows[at.FLOW_INSURABLE_EARNINGS_FLEXIBLE]
    base[at.FUND_PUBLIC] = flows[at.FLOW_INSURABLE_EARNINGS_PUBLIC]
    inside = own[:, at.IN_FROM_BELOW] + own[:, at.OUT_TO_BELOW]
    return Figures(
        base_year=lane.scenario.base_year,
        balance={name: output.balance[place, :, 1:].copy() for name, place in OF_ACCOUNT.items()},
        outgo=own[:, at.OUT_BENEFITS :].sum(axis=1) - inside,
        contributions=own[:, at.IN_CONTRIBUTIONS].copy(),
        subsidy=own[:, at.IN_FISCAL].copy(),
        benefits=own[:, at.OUT_BENEFITS].copy(),
        income=own[:, list(OWN_INCOME)].sum(axis=1),
        cost=own[:, list(OWN_COST)].sum(axis=1),
        base=base,
        returns=returns_of(lane),
    )


def together(parts: Sequence[Figures]) -> Figures:
    """A region from its lanes: the one, or the sum of the areas of a city, whose returns are one."""
    if len(parts) == 1:
        return parts[0]
    accounts: dict[str, Any] = {
        "balance": {account: np.sum([part.balance[account] for part in parts], axis=0) for account in OF_ACCOUNT}
    }
    summed = ("outgo", "contributions", "subsidy", "benefits", "income", "cost", "base")
    sums: dict[str, Any] = {name: np.sum([getattr(part, name) for part in parts], axis=0) for name in summed}
    return replace(parts[0], **accounts, **sums)


def as_judged(figures: Figures, own: np.ndarray, starts: Mapping[str, Start]) -> Figures:
    """The figures with the unaided account counted from the printed balance (`unaided_from_print`).

    Parameters
    ----------
    own : own accounts of the baseline [fund, year_end]
    """
    if not starts:
        return figures
    unaided = unaided_from_print(figures.balance["unaided"], own, figures.returns, figures.base_year, starts)
    return replace(figures, balance={**figures.balance, "unaided": unaided})
