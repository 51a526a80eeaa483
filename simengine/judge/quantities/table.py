"""The table of `simengine table`: any quantity by year, region, scenario, scheme, sex and age.

import simengine

table = simengine.tabulate(["jiangxi/baseline"], ["ui_participants", "budget"], years="2025-2030")
table.rows        # one number a row
table.wide()      # years across
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

from simengine.common.errors import ScenarioError, SimengineError, each_error, raise_all
from simengine.judge.quantities.catalogue import Quantity, find_quantities
from simengine.judge.quantities.select import Selection, read_selection
from simengine.judge.quantities.sources import Named, Run, Source, read_sources
from simengine.judge.quantities.tidy import CELLS, Reading, may_be_withheld, selection_faults, tidy
from simengine.judge.targets.withheld import reason, withheld_cells
from simengine.scenario.scenario import Scenario

if TYPE_CHECKING:
    import pandas as pd

    from simengine.judge.checks.anchors import FundVerdict
    from simengine.judge.run import Judged

KEYS = ("scenario", "region", "indicator", "name", *CELLS, "unit")
"""Columns that tell the rows of a wide table apart."""


@dataclass(frozen=True, eq=False)
class Table:
    """Quantities of some scenarios.

    Attributes
    ----------
    sources : the projections, in the order named
    quantities : what is shown, in the order named
    rows : one number a row (`tidy.COLUMNS`)
    reading : units and language
    """

    sources: Sequence[Source]
    quantities: Sequence[Quantity]
    rows: pd.DataFrame = field(repr=False)
    reading: Reading

    @cached_property
    def withheld(self) -> list[Withheld]:
        """What is not told, as funds are not judged."""
        return withheld_of(self.sources, self.rows, self.quantities)

    def wide(self) -> pd.DataFrame:
        """The same numbers with a column a year, behind `KEYS`; years of funds are left out, they belong to no year."""
        return wide(self.rows)

    def events(self) -> pd.DataFrame:
        """Rows that belong to no year: years of funds with their range over the closures."""
        return self.rows[self.rows["year"].isna()].reset_index(drop=True)


@dataclass(frozen=True)
class Withheld:
    """Figures of a region that are not told, as its funds are not judged (`simengine.judge.targets.withheld`).

    Attributes
    ----------
    keys : quantities of which some figure is withheld
    """

    scenario: str
    region: str
    keys: tuple[str, ...]
    decided: FundVerdict

    @property
    def told(self) -> dict[str, str]:
        """The same for JSON."""
        why = reason(self.decided)
        named = {"scenario": self.scenario, "region": self.region, "indicators": ", ".join(self.keys)}
        return named | {"reason_en": why.en, "reason_zh": why.zh}


def withheld_of(sources: Sequence[Source], rows: pd.DataFrame, quantities: Sequence[Quantity]) -> list[Withheld]:
    """What is withheld of some rows, by source and region; `rows` are tidy."""
    found = []
    for one in sources if may_be_withheld(quantities) else ():
        decided = one.decided()
        own = rows[rows["scenario"] == one.key]
        kept = own[withheld_cells(own, decided)]
        for region, part in kept.groupby("region", sort=False):
            keys = tuple(map(str, dict.fromkeys(part["indicator"])))
            found.append(Withheld(one.key, str(region), keys, decided[str(region)]))
    return found


def wide(rows: pd.DataFrame, keys: Sequence[str] = KEYS, value: str = "value") -> pd.DataFrame:
    """Tidy rows with a column a year, rows and years in their order."""
    import pandas as pd

    dated = rows[rows["year"].notna()]
    years = sorted({int(year) for year in dated["year"]})
    order = dated[list(keys)].drop_duplicates()
    index = pd.MultiIndex.from_frame(dated[[*keys, "year"]].astype({"year": int}))
    spread = pd.Series(dated[value].to_numpy(), index=index).unstack("year")
    spread = spread.reindex(pd.MultiIndex.from_frame(order))[years] if len(order) else spread
    return spread.reset_index()


def asked(
    indicators: str | Iterable[str],
    years: str | int | Iterable[int] | None,
    regions: str | Iterable[str] | None,
    sexes: str | Iterable[str] | None,
    ages: str | Iterable[str] | None,
    schemes: str | Iterable[str] | None,
) -> tuple[list[Quantity], Selection]:
    """Quantities and selection as a user wrote them; everything that is wrong with both is raised at once."""
    errors: list[SimengineError] = []
    names = [indicators] if isinstance(indicators, str) else list(indicators)
    quantities: list[Quantity] = []
    if not names:
        errors.append(ScenarioError("quantity_none", where="--indicator"))
    try:
        quantities = find_quantities(names)
    except SimengineError as error:
        errors += each_error(error)
    chosen, wrong = read_selection(years, regions, sexes, ages, schemes)
    raise_all([*errors, *wrong])
    return quantities, chosen


def tabulate(
    given: Scenario | Judged | str | Sequence[Named],
    indicators: str | Iterable[str],
    years: str | int | Iterable[int] | None = None,
    regions: str | Iterable[str] | None = None,
    sexes: str | Iterable[str] | None = None,
    ages: str | Iterable[str] | None = None,
    schemes: str | Iterable[str] | None = None,
    *,
    base_units: bool = False,
    lang: str = "en",
    run: Run | None = None,
) -> Table:
    """Quantities by year, region, scenario, scheme, sex or age: what `simengine table` prints.

    Parameters
    ----------
    given : scenarios or results: packaged names, files ending in .yaml, folders of an earlier run, loaded or judged
        scenarios
    indicators : indicators, stocks, flows and measures by key or by name in either language, items of a fund as
        ``income:FUND:ITEM`` and ``outgo:FUND:ITEM``, the account of a fund in budget order as ``budget``
    years : ``2025``, ``"2025-2035"``, ``"2025,2030"``, or numbers; all when left out
    regions : keys or names; the scenario's own region when left out, ``"all"`` for its areas too
    sexes : ``"men"``, ``"women"``, ``"all"`` for a row each; added up when left out
    ages : ``"60-64"``, ``"0-15,16-59"``, ``"all"`` for every single age; added up when left out
    schemes : funds, schemes and statuses by key or name; each of them when left out
    base_units : persons and yuan, instead of ten thousand persons and hundred million yuan
    lang : language of names and units, ``en`` or ``zh``
    run : runs scenarios; `judge_scenarios` when left out

    Raises
    ------
    SimengineError or an ErrorList of them, with everything that is wrong at once

    Examples
    --------
    >>> table = tabulate("haiyan/baseline", "ui_participants", years=2025)
    >>> table.rows[["region", "year", "unit"]].values.tolist()
    [['haiyan', 2025, '10k persons']]
    """
    quantities, chosen = asked(indicators, years, regions, sexes, ages, schemes)
    named = [given] if not isinstance(given, Sequence) or isinstance(given, str) else given
    sources = read_sources(named, run)
    return table_of(sources, quantities, chosen, Reading(base_units, lang))


def table_of(
    sources: Sequence[Source],
    quantities: Sequence[Quantity],
    chosen: Selection,
    reading: Reading,
    *,
    withholding: bool = True,
) -> Table:
    """The table of projections that have been read; without `withholding` what is not judged is left to the caller."""
    import pandas as pd

    errors: list[SimengineError] = []
    regions: dict[str, list[str]] = {}
    for one in sources:
        try:
            regions[one.key] = one.regions(chosen.regions)
        except SimengineError as error:
            errors += each_error(error)
        errors += selection_faults(one.data, quantities, chosen)
    raise_all(list({str(error): error for error in errors}.values()))
    parts = [
        tidy(
            one.data,
            quantities,
            chosen,
            regions[one.key],
            one.definitions,
            reading,
            one.ranges,
            one.decided if withholding else None,
        )
        for one in sources
    ]
    return Table(sources, quantities, pd.concat(parts, ignore_index=True), reading)
