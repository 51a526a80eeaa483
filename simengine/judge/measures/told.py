"""Measures that are a verdict on a fund: told only where funds are judged (notes/fund.md, section 1)."""

from __future__ import annotations

from simengine.judge.indicators.actuarial import SPANS

GIVES_VERDICT = (
    *(f"{name}_{span}" for span in SPANS for name in ("summarised_income_rate", "summarised_cost_rate")),
    *(f"actuarial_balance_{span}" for span in SPANS),
    *("open_group_obligation", "closed_group_obligation", "new_entrants_obligation"),
    *("accrued_obligation", "implicit_debt"),
)
"""Indicators that say whether a fund suffices over a span, or what it lacks."""

PROOF = "exhaustion"
"""Year over the closures that every judged fund has, and no other one."""
