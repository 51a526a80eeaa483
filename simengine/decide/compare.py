"""Scenarios beside one of them: levels, differences and per cent by year, verdicts that flip, balances that move.

import simengine

found = simengine.compare(["jiangxi/baseline", "jiangxi/as_planned"], years="2025-2030")
found.rows        # levels, differences and per cent, one year a row
found.flips       # rows of the plan whose verdict differs
found.balances    # balances of funds that move, and since when
found.bridge(2030)  # what every item of income and outgo adds to their difference
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from simengine.common.errors import ScenarioError, SimengineError, raise_all
from simengine.decide.bridge import bridges
from simengine.judge.closures.measures import INDICATOR_YEARS
from simengine.judge.quantities.catalogue import Quantity, find_quantities
from simengine.judge.quantities.select import COLUMN_OF, Selection
from simengine.judge.quantities.sources import Named, Run, Source, read_sources
from simengine.judge.quantities.table import Table, Withheld, asked, table_of, withheld_of
from simengine.judge.quantities.tidy import CELLS, Reading, may_be_withheld
from simengine.judge.targets.withheld import AFTER, rule_of, withheld_cells

if TYPE_CHECKING:
    import pandas as pd

HEADLINES = (
    *("pension_participants", "ui_participants", "wi_participants"),
    *("uebps_payers", "uebps_pensioners", "replacement_ratio_average"),
)
"""Indicators that are compared where none are named; balances of funds are compared always."""

ACCOUNTS = ("fund_balance", "fund_balance_unaided")
"""Balances that are compared: the own account and the one without aid."""

PLACE = ("region", "indicator", "name", *CELLS)
ROWS = ("scenario", "base", *PLACE, "year", "unit", "base_value", "value", "difference", "per_cent")
"""Columns of the rows: the scenario, the one it is compared with, the place of the figure, and four numbers."""

FLIPS = (
    *("scenario", "base", "id", "region", "name", "year", "goal", "unit"),
    *("base_verdict", "verdict", "base_projected", "projected"),
)
BALANCES = (*ROWS[:-4], "moves_from", *ROWS[-4:])


@dataclass(frozen=True, eq=False)
class Comparison:
    """Some scenarios beside the first.

    Attributes
    ----------
    sources : the projections, the base first
    quantities : what is compared, beside the balances
    rows : every figure in both, by year (`ROWS`); per cent is empty where the base is zero
    flips : rows of the plan whose verdict is another one (`FLIPS`)
    compared : rows of the plan that both have, by scenario
    balances : balances that move (`BALANCES`), with the first year end at which they differ
    chosen : regions, schemes and years that were asked for
    years : first and last year that all have
    withheld : levels that are not told, as funds are not judged; differences of balances are sums of flows and are told
    planned : target years of the rows of the plan that both have
    """

    sources: Sequence[Source]
    quantities: Sequence[Quantity]
    rows: pd.DataFrame = field(repr=False)
    flips: pd.DataFrame = field(repr=False)
    compared: Mapping[str, int]
    balances: pd.DataFrame = field(repr=False)
    chosen: Selection
    years: tuple[int, int]
    reading: Reading
    withheld: Sequence[Withheld] = ()
    planned: Sequence[int] = ()

    @property
    def last(self) -> int:
        """Year of a bridge: the last that was asked for and that all have, else the last target year of their plan.

        Without a plan it is the last year of the horizon.
        """
        first, last = self.years
        shown = [year for year in self.chosen.years or () if first < year <= last]
        planned = [int(year) for year in self.planned if first < year <= last]
        return max(shown, default=max(planned, default=last))

    def bridge(self, year: int | None = None) -> pd.DataFrame:
        """Steps from the balance of the base to that of every other, at the end of a year (`bridge.BRIDGE`).

        Parameters
        ----------
        year : `last` when left out

        Raises
        ------
        ScenarioError for a year that not all of them have
        """
        at = self.last if year is None else year
        if not self.years[0] < at <= self.years[1]:
            raise ScenarioError("compare_bridge_year", year=at, first=self.years[0] + 1, last=self.years[1])
        return bridges(self.sources, self.chosen, self.reading, self.years, at)


def compare(
    given: Sequence[Named],
    indicators: str | Iterable[str] | None = None,
    years: str | int | Iterable[int] | None = None,
    regions: str | Iterable[str] | None = None,
    sexes: str | Iterable[str] | None = None,
    ages: str | Iterable[str] | None = None,
    schemes: str | Iterable[str] | None = None,
    *,
    base_units: bool = False,
    lang: str = "en",
    run: Run | None = None,
) -> Comparison:
    """Two scenarios or more beside the first of them: what `simengine compare` prints.

    Parameters
    ----------
    given : the base and what is compared with it, as `simengine.tabulate` takes them; of one region
    indicators : `HEADLINES` when left out
    years, regions, sexes, ages, schemes, base_units, lang, run : as `simengine.tabulate` takes them

    Raises
    ------
    SimengineError or an ErrorList of them, with everything that is wrong at once

    Examples
    --------
    >>> found = compare(["haiyan/baseline", "haiyan/baseline"], "ui_participants", years=2030)
    >>> found.rows["difference"].tolist(), len(found.flips), len(found.balances)
    ([0.0], 0, 0)
    """
    quantities, chosen = wanted(indicators, years, regions, sexes, ages, schemes)
    return compare_sources(read_sources(given, run), quantities, chosen, Reading(base_units, lang))


def wanted(indicators: str | Iterable[str] | None, *selection: Any) -> tuple[list[Quantity], Selection]:
    """Quantities and selection of a comparison; a year in which something happens to a fund is refused."""
    quantities, chosen = asked(HEADLINES if indicators is None else indicators, *selection)
    wrong = [one.key for one in quantities if one.key in INDICATOR_YEARS]
    raise_all([ScenarioError("compare_event", where="--indicator", name=name) for name in wrong])
    return quantities, chosen


def compare_sources(
    sources: Sequence[Source], quantities: Sequence[Quantity], chosen: Selection, reading: Reading
) -> Comparison:
    """The comparison of projections that have been read, with the first."""
    import pandas as pd

    _refuse(sources)
    first = max(int(one.data.year_end.values[0]) for one in sources)
    last = min(int(one.data.year_end.values[-1]) for one in sources)
    base, *others = sources
    apart = any(COLUMN_OF[axis] == "scheme" for one in quantities for axis in one.axes)
    accounts = find_quantities(ACCOUNTS)
    whole = Selection(regions=chosen.regions, schemes=chosen.schemes)
    money = table_of(sources, accounts, whole, reading, withholding=False)  # refuses a scheme that no fund has
    table = table_of(
        sources, quantities, chosen if apart else replace(chosen, schemes=None), reading, withholding=False
    )
    rows = pd.concat([_beside(table, base, other) for other in others], ignore_index=True)
    balances = pd.concat([_moved(_beside(money, base, one), chosen) for one in others], ignore_index=True)
    pairs = [_flips(base, other, reading.lang) for other in others]
    flips = pd.concat([found for found, _, _ in pairs], ignore_index=True)
    compared = {other.key: count for other, (_, count, _) in zip(others, pairs, strict=True)}
    planned = sorted({year for _, _, years in pairs for year in years})
    kept = withheld_of(sources, table.rows, quantities)
    kept += withheld_of(sources, money.rows, accounts) if len(balances) else []
    return Comparison(
        sources, quantities, rows, flips, compared, balances, chosen, (first, last), reading, kept, planned
    )


def _refuse(sources: Sequence[Source]) -> None:
    """Fewer than two scenarios, different regions, and horizons without a common year."""
    errors: list[SimengineError] = []
    if len(sources) < 2:
        raise ScenarioError("compare_one", name=", ".join(one.key for one in sources))
    base, *others = sources
    for other in others:
        if other.region != base.region:
            values = {"first": base.key, "of_first": base.region, "second": other.key, "of_second": other.region}
            errors.append(ScenarioError("compare_regions", **values))
        ends = [(int(one.data.year_end.values[0]), int(one.data.year_end.values[-1])) for one in (base, other)]
        if ends[0][0] > ends[1][1] or ends[1][0] > ends[0][1]:
            errors.append(ScenarioError("compare_years", first=base.key, second=other.key))
    raise_all(errors)


def _beside(table: Table, base: Source, other: Source) -> pd.DataFrame:
    """Figures of two scenarios in the years that both have (`ROWS`)."""
    keys = [*PLACE, "year", "unit"]
    rows = table.rows
    first, second = (rows[rows["scenario"] == one.key] for one in (base, other))
    both = first.merge(second[[*keys, "value"]], on=keys, suffixes=("_of_base", ""), validate="one_to_one")
    both = both.rename(columns={"value_of_base": "base_value"})
    difference = both["value"].to_numpy() - both["base_value"].to_numpy()
    level = np.abs(both["base_value"].to_numpy())
    part = np.divide(100.0 * difference, level, out=np.full_like(difference, np.nan), where=level > 0.0)
    both = both.assign(scenario=other.key, base=base.key, difference=difference, per_cent=part)
    return _withheld(both[list(ROWS)], (base, other), table.quantities)


def _withheld(rows: pd.DataFrame, pair: Sequence[Source], quantities: Sequence[Quantity]) -> pd.DataFrame:
    """Rows without the levels that either scenario withholds; of balances the difference stays, a sum of flows."""
    if not may_be_withheld(quantities):
        return rows
    kept = np.logical_or(*(withheld_cells(rows, one.decided()) for one in pair))
    flows = np.array(
        [rule_of(str(key), str(item)) == AFTER for key, item in zip(rows["indicator"], rows["item"], strict=True)]
    )
    levels = {name: rows[name].mask(kept) for name in ("base_value", "value", "per_cent")}
    return rows.assign(**levels, difference=rows["difference"].mask(kept & ~flows.astype(bool)))


def _moved(rows: pd.DataFrame, chosen: Selection) -> pd.DataFrame:
    """Balances that differ at some year end, with the first of these, in the years that were asked for."""
    keys = ["region", "indicator", "scheme"]
    moved = rows[rows["difference"] != 0.0].groupby(keys)["year"].min().rename("moves_from")
    found = rows.merge(moved.reset_index(), on=keys)
    if chosen.years is not None:
        found = found[found["year"].isin(list(chosen.years))]
    return found[list(BALANCES)].reset_index(drop=True)


def _flips(base: Source, other: Source, lang: str) -> tuple[pd.DataFrame, int, set[int]]:
    """Rows of the plan that both have and that are judged differently; number and years of the rows that both have."""
    import pandas as pd

    first, second = (_judged(one) for one in (base, other))
    both = [name for name in first if name in second]
    rows = []
    for name in both:
        before, after = first[name], second[name]
        if before["verdict"] == after["verdict"]:
            continue
        goal = f"{before['operator']} {before['printed']}".strip()
        title = before["name_zh" if lang == "zh" else "name"]
        place = [name, before["region"], title, int(before["year"]), goal, before["unit"]]
        rows.append([other.key, base.key, *place, before["verdict"], after["verdict"], *map(_figure, (before, after))])
    return pd.DataFrame(rows, columns=list(FLIPS)), len(both), {int(first[name]["year"]) for name in both}


def _figure(row: Mapping[Any, Any]) -> float:
    """The projected figure, unrounded, in the unit of the plan; not a number where there is none."""
    value = row["projected"]
    return float("nan") if value is None or value == "" else float(value)


def _judged(source: Source) -> dict[str, Mapping[Any, Any]]:
    """Rows of the plan by their name."""
    frame = source.verdicts()
    clean = frame.astype(object).where(frame.notna(), "")
    own = clean[clean["duplicate_of"] == ""]  # a repetition carries the verdict of its original
    signs = own["operator"].map(lambda text: str(text).removeprefix("'"))  # the mark of a file against formulas
    return {str(row["id"]): row for row in own.assign(operator=signs).to_dict("records")}
