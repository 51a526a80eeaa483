"""Rows on the money of a fund get no verdict where the region misses its anchors, and say so in their place."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from functools import cache

from simengine.judge.checks.anchors import FundVerdict
from simengine.judge.indicators import registry
from simengine.judge.measures.told import GIVES_VERDICT
from simengine.judge.targets.verdicts import WITHHELD, Verdict
from simengine.registry.variables import VARIABLES

JUDGED = ("met", "missed", "set")
DECIDED = ("met_at_base", "reading_decides")
"""Flags that tell how a figure compares with a target."""


@cache
def holdings() -> frozenset[str]:
    """Variables that hold the money of funds, or what they lack: stocks by fund, and the need."""
    stocks = {name for name, one in VARIABLES.items() if one.axes == ("fund",) and one.kind == "stock"}
    return frozenset(stocks | {"financing_need"})


def on_a_fund(indicator: str) -> bool:
    """Whether a measure reads the money of a fund: its size, how long it lasts, when it falls or is used up."""
    measure = registry().get(indicator)
    return indicator in GIVES_VERDICT or (measure is not None and not holdings().isdisjoint(measure.reads))


def withhold(verdicts: Iterable[Verdict], found: Mapping[str, FundVerdict]) -> list[Verdict]:
    """Verdicts in which a judged row on a fund is `withheld` where the funds of its region are not judged.

    Parameters
    ----------
    found : regions that hold funds, with what was decided of them (`fund_verdicts`)
    """
    return [_withheld(row, found.get(row.region)) for row in verdicts]


def _withheld(row: Verdict, decided: FundVerdict | None) -> Verdict:
    if decided is None or decided.given or row.verdict not in JUDGED or not on_a_fund(row.indicator):
        return row
    bare = replace(
        row,
        projected=None,
        projected_text="",
        margin=None,
        satisfied=None,
        first_year_met=None,
        other_readings={},
        probability_met=None,
        probability_error=None,
        flags=tuple(flag for flag in row.flags if flag not in DECIDED),
    )
    if row.verdict == "set":
        return bare
    said = {"en": decided.text("en"), "zh": decided.text("zh")}
    return replace(bare, verdict=WITHHELD, reason="anchors", reason_values=said)
