"""Results over the closures, printed: each with its baseline, its ends, and the closure that moves it most."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from typing import IO, TYPE_CHECKING, Any

from simengine.common import resources
from simengine.common.messages import Language, say
from simengine.judge.closures.measures import FUND_YEARS
from simengine.law.regions import load_regions
from simengine.report.tables.printer import paragraph, show
from simengine.report.tables.verdicts import COMMA

if TYPE_CHECKING:
    import pandas as pd

    from simengine.judge.closures.table import Over

FUND = "enterprise_pension"
SHOWN_YEARS = ("lasting_deficit_unaided", "exhaustion_unaided", "lasting_deficit", "exhaustion")
SCALES = {"yuan": 1e-8, "person": 1e-4, "1": 100.0}
COLUMNS = ("headline", "baseline", "lowest", "highest", "moved_most_by")


def year_text(year: float, low: float, high: float, horizon: int, lang: Language) -> str:
    """A year of a fund with its range, in words; a year that never comes is after the horizon.

    >>> year_text(2058.0, 2049.0, float("nan"), 2095, "en"), year_text(2058.0, 2049.0, 2074.0, 2095, "zh")
    ('2058 (2049 to after 2095)', '2058（2049至2074）')
    """
    said = {name: _year(value, horizon, lang) for name, value in (("year", year), ("low", low), ("high", high))}
    return say("closures.year", lang, **said)


def _year(value: float, horizon: int, lang: Language) -> str:
    return say("closures.after", lang, horizon=horizon) if value != value else f"{value:z.0f}"


def year_cells(table: pd.DataFrame, lang: Language) -> pd.DataFrame:
    """A table of `range_columns` with every year as text that holds its range, and without the columns of the ends.

    A table without these columns is an error: its years cannot be told.
    """
    ends = {str(name): (table[f"{name}_low"], table[f"{name}_high"]) for name in table.columns if name in FUND_YEARS}
    told = {
        name: [
            year_text(year, low, high, horizon, lang)
            for year, low, high, horizon in zip(table[name], *ends[name], table["horizon"], strict=True)
        ]
        for name in ends
    }
    return table.assign(**told).drop(columns=[f"{name}_{end}" for name in told for end in ("low", "high")])


def show_closures(over: Over, nation: Over | None, title: str, lang: Language, stream: IO[str] | None = None) -> None:
    """Print the headline results of a region as ranges, and beside it when the nation's fund is used up."""
    ranges = over.ranges()
    own = ranges[ranges["region"] == over.region]
    names = over.closures.names()
    named = {key: name.en if lang == "en" else name.local for key, name in names.items()}
    extremes = COMMA[lang].join(named[key] for key in over.closures.content.extremes)
    print(f"\n{paragraph(say('closures.title', lang, scenario=title, extremes=extremes))}", file=stream)
    headlines = sorted((row for row in own.to_dict("records") if _headline(row)), key=_place)
    rows = [_cells(row, over.horizon, named, lang) for row in headlines]
    show(rows, [say(f"column.{name}", lang) for name in COLUMNS], lang, stream=stream, keys=1)
    for sentence in closure_lines(over, nation, named, lang):
        print(paragraph(sentence, hang=4), file=stream)


def closure_lines(over: Over, nation: Over | None, named: Mapping[str, str], lang: Language) -> list[str]:
    """What the table does not say: who holds no fund, what is not moved, and the nation's years."""
    regions = load_regions(resources.scenarios_root() / "regions.yaml")
    said = []
    if over.region in regions and not regions[over.region].holds_pension_fund:
        region = regions[over.region]
        said.append(say("closures.people_only", lang, region=region.name if lang == "en" else region.local_name))
    if over.stated:
        said.append(say("closures.stated", lang, names=COMMA[lang].join(named[key] for key in over.stated)))
    if nation is not None:
        rows = nation.ranges()
        rows = rows[(rows["region"] == nation.region) & (rows["fund"] == FUND)].set_index("measure")
        found = {name: rows.loc[name] for name in ("exhaustion_unaided", "exhaustion")}
        years = {
            key: _range_text(found[name], nation.horizon, lang)
            for key, name in (("unaided", "exhaustion_unaided"), ("own", "exhaustion"))
        }
        most = named.get(str(found["exhaustion_unaided"]["moved_most_by"]), say("closures.none", lang))
        said.append(say("closures.nation", lang, scenario=nation.scenario, most=most, **years))
    return said


def _range_text(row: pd.Series, horizon: int, lang: Language) -> str:
    """A year of a fund with its range, from a row of `Over.ranges`."""
    year, low, high = (float(row[name]) for name in ("baseline", "low", "high"))
    return year_text(year, low, high, horizon, lang)


def _headline(row: Mapping[Hashable, Any]) -> bool:
    """Whether a range is printed: balances, people, replacement, and four years of the enterprise fund."""
    return row["measure"] not in FUND_YEARS or (row["fund"] == FUND and row["measure"] in SHOWN_YEARS)


def _place(row: Mapping[Hashable, Any]) -> int:
    """Years in the order of `SHOWN_YEARS`, behind all else, which keeps its order."""
    return 1 + SHOWN_YEARS.index(row["measure"]) if row["measure"] in SHOWN_YEARS else 0


def _cells(row: Mapping[Hashable, Any], horizon: int, named: Mapping[str, str], lang: Language) -> list[str]:
    values = [_value(row[name], row["unit"], horizon, lang) for name in ("baseline", "low", "high")]
    label = say(f"closures.{row['measure']}", lang, year=row["year"])
    return [label, *values, named.get(str(row["moved_most_by"]), "-")]


def _value(value: float, unit: str, horizon: int, lang: Language) -> str:
    if unit == "year":
        return say("closures.after", lang, horizon=horizon) if value != value else f"{value:z.0f}"
    scaled = value * SCALES[unit]
    return f"{scaled:z.1f}" if unit == "1" else f"{scaled:z,.0f}"
