"""The table a person reads about entered actuals beside the run."""

from __future__ import annotations

from typing import IO, TYPE_CHECKING

from simengine.common.messages import Language, say
from simengine.report.tables.printer import paragraph, show

if TYPE_CHECKING:
    import pandas as pd

COLUMNS = ("region", "item", "when", "unit", "value", "year_end_value", "run", "gap", "use")


def show_actuals(actuals: pd.DataFrame, lang: Language, stream: IO[str] | None = None) -> None:
    """Print the rows of `simengine.judge.checks.actuals.actuals_table`; nothing for an empty table.

    Numbers have six digits and stand in the unit of the figure, gaps are in per cent.
    """
    if not len(actuals):
        return
    print(f"\n{paragraph(say('actuals.title', lang))}", file=stream)
    rows = [
        [
            row.region, row.item, row.when, row.unit,
            *(f"{number / row.base_units:z,.6g}" for number in (row.value, row.year_end_value, row.run)),
            f"{row.gap:+z.2%}", say(f"actuals.{row.use}", lang),
        ]
        for row in actuals.itertuples()
    ]  # fmt: skip
    show(rows, [say(f"column.{name}", lang) for name in COLUMNS], lang, stream=stream)
