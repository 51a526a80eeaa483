"""The table a person reads about regions beside the region they lie in."""

from __future__ import annotations

from typing import IO, TYPE_CHECKING

from simengine.common.messages import Language, say
from simengine.judge.checks.headlines import YEARS
from simengine.report.tables.printer import paragraph, show

if TYPE_CHECKING:
    import pandas as pd

COLUMNS = (
    *("parent", "children", "measure", "unit", "year", "parent_value", "children_value", "share", "population_share"),
)


def show_coherence(coherence: pd.DataFrame, lang: Language, stream: IO[str] | None = None) -> None:
    """Print the rows of `simengine.judge.checks.coherence.coherence_table` at the years of the headlines.

    Persons and yuan are whole; shares have three decimals. Nothing is printed for an empty table.
    """
    if not len(coherence):
        return
    print(f"\n{paragraph(say('coherence.title', lang))}", file=stream)
    chosen = coherence[coherence["year"].isin(YEARS)]
    whole = {name: chosen[name].round().astype("int64") for name in ("parent_value", "children_value")}
    rows = chosen.assign(**whole).round({"share": 3, "population_share": 3})[list(COLUMNS)].values.tolist()
    show(rows, [say(f"column.{name}", lang) for name in COLUMNS], lang, stream=stream)
