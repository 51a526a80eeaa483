"""Names of results become positions: which rows of a lane's output a batch of lanes keeps."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from simengine.common.errors import ScenarioError
from simengine.common.messages import near
from simengine.kernels import layout as at
from simengine.kernels.layout import Output
from simengine.registry.axes import FUND, INCOME_ITEM, OUTGO_ITEM

ITEMS = (*INCOME_ITEM, *OUTGO_ITEM)


@dataclass(frozen=True)
class Picked:
    """Where the kept outputs stand.

    Attributes
    ----------
    names : as asked for, in this order
    places : by output: array of `Output`, and the index before its year axis
    """

    names: tuple[str, ...]
    places: tuple[tuple[str, tuple[int, ...]], ...]

    def read(self, output: Output, first: int) -> np.ndarray:
        """Values of one lane [output, year]: flows of the years first.., stocks of the ends of those years."""
        rows = []
        for array, index in self.places:
            values = getattr(output, array)[index]
            rows.append(values[first + (array in ("stocks", "balance")) :])
        return np.stack(rows)


def known_outputs() -> list[str]:
    """Every name a batch can keep: flows, stocks, and by fund its balance, `income:fund:item` and `outgo:fund:item`."""
    names = [*at.FLOW_NAMES, *at.STOCK_NAMES]
    names += [f"fund_balance:{fund}" for fund in FUND]
    names += [f"income:{fund}:{item}" for fund in FUND for item in INCOME_ITEM]
    return names + [f"outgo:{fund}:{item}" for fund in FUND for item in OUTGO_ITEM]


def pick_outputs(names: Sequence[str]) -> Picked:
    """Positions of the outputs named.

    Raises
    ------
    ScenarioError for names that do not exist, all at once, and when none is named
    """
    known = known_outputs()
    if not names:
        raise ScenarioError("outputs_none")
    if wrong := [name for name in names if name not in known]:
        suggestion = next(filter(None, (near(name, known) for name in wrong)), "")
        raise ScenarioError("outputs_unknown", near=suggestion, names=", ".join(wrong))
    return Picked(tuple(names), tuple(_place(name) for name in names))


def _place(name: str) -> tuple[str, tuple[int, ...]]:
    if name in at.FLOW_NAMES:
        return "flows", (at.FLOW_NAMES.index(name),)
    if name in at.STOCK_NAMES:
        return "stocks", (at.STOCK_NAMES.index(name),)
    kind, fund, *rest = name.split(":")
    if kind == "fund_balance":
        return "balance", (at.OWN, FUND.index(fund))
    return "ledger", (at.OWN, FUND.index(fund), ITEMS.index(rest[0]))
