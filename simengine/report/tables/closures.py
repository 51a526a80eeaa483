"""Results over the closures, printed: each with its baseline, its ends, and the closure that moves it most."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator, Mapping
from typing import IO, TYPE_CHECKING, Any

from simengine.common import resources
from simengine.common.messages import Language, say
from simengine.judge.closures.measures import FUND_YEARS
from simengine.law.regions import load_regions
from simengine.report.tables.printer import TIE, paragraph, show
from simengine.report.tables.verdicts import COMMA

if TYPE_CHECKING:
    import pandas as pd

    from simengine.judge.checks.anchors import FundVerdict
    from simengine.judge.closures.table import Over

FUND = "enterprise_pension"
SHOWN_YEARS = ("lasting_deficit_unaided", "exhaustion_unaided", "lasting_deficit", "exhaustion")
SCALES = {"yuan": 1e-8, "person": 1e-4, "1": 100.0}
COLUMNS = ("headline", "baseline", "lowest", "highest", "moved_most_by")


def year_text(year: float, low: float, high: float, horizon: int, lang: Language) -> str:
    """A year of a fund with its range, in words; a year that never comes is after the horizon.

    >>> year_text(2058.0, 2049.0, float("nan"), 2095, "en"), year_text(2058.0, 2049.0, 2074.0, 2095, "zh")
    ('2058 (2049 to after 2095)', '2058（2049至2074）')
    >>> year_text(2058.0, 2058.0, 2058.0, 2095, "en")
    '2058, over the whole set of closures'
    """
    if _never(year, low):
        return say("closures.never", lang, horizon=horizon)
    if low == high:
        return say("closures.same", lang, year=f"{year:z.0f}")
    return _range(year, low, high, horizon, lang)


def year_cell(year: float, low: float, high: float, horizon: int, lang: Language) -> str:
    """The same in a narrow column, whose legend (`cell_legend`) has the words.

    >>> year_cell(2058.0, 2058.0, 2058.0, 2095, "zh"), year_cell(*[float("nan")] * 3, 2095, "en")
    ('2058（均同）', 'none')
    """
    if _never(year, low):
        return say("closures.cell_never", lang)
    if low == high:
        return say("closures.cell_same", lang, year=f"{year:z.0f}").replace(" ", TIE)
    return _range(year, low, high, horizon, lang)


def cell_legend(cells: Iterable[str], horizon: int, lang: Language) -> Iterator[str]:
    """What the short words of `year_cell` mean, as far as they occur in the cells of a table."""
    shown = list(cells)
    if any(say("closures.cell_same", lang, year="").strip() in cell for cell in shown):
        yield say("closures.legend_same", lang)
    if say("closures.cell_never", lang) in shown:
        yield say("closures.legend_never", lang, horizon=horizon)


def _never(year: float, low: float) -> bool:
    """Whether a year comes nowhere in the set: its earliest is later than the horizon, and so is the baseline."""
    if low == low or year != year:
        return low != low
    raise ValueError(f"the year {year:z.0f} stands without its range")


def _range(year: float, low: float, high: float, horizon: int, lang: Language) -> str:
    said = {name: _year(value, horizon, lang) for name, value in (("year", year), ("low", low), ("high", high))}
    return say("closures.year", lang, **said)


def _year(value: float, horizon: int, lang: Language) -> str:
    return say("closures.after", lang, horizon=horizon) if value != value else f"{value:z.0f}"


def show_closures(
    over: Over,
    nation: Over | None,
    title: str,
    lang: Language,
    stream: IO[str] | None = None,
    nation_funds: FundVerdict | None = None,
) -> None:
    """Print the headline results of a region as ranges, and beside it when the nation's fund is used up.

    Parameters
    ----------
    nation_funds : whether the nation's funds are judged; where they are not, why stands in the place of their years
    """
    ranges = over.ranges()
    own = ranges[ranges["region"] == over.region]
    names = over.closures.names()
    named = {key: name.en if lang == "en" else name.local for key, name in names.items()}
    extremes = COMMA[lang].join(named[key] for key in over.closures.content.extremes)
    print(f"\n{paragraph(say('closures.title', lang, scenario=title, extremes=extremes))}", file=stream)
    headlines = sorted((row for row in own.to_dict("records") if _headline(row)), key=_place)
    rows = [_cells(row, over.horizon, named, lang) for row in headlines]
    show(rows, [say(f"column.{name}", lang) for name in COLUMNS], lang, stream=stream, keys=1)
    for sentence in closure_lines(over, nation, named, lang, nation_funds):
        print(paragraph(sentence, hang=4), file=stream)


def closure_lines(
    over: Over,
    nation: Over | None,
    named: Mapping[str, str],
    lang: Language,
    nation_funds: FundVerdict | None = None,
) -> list[str]:
    """What the table does not say: who holds no fund, what is not moved, and the nation's years."""
    regions = load_regions(resources.scenarios_root() / "regions.yaml")
    said = []
    if over.region in regions and not regions[over.region].holds_pension_fund:
        region = regions[over.region]
        said.append(say("closures.people_only", lang, region=region.name if lang == "en" else region.local_name))
    if over.stated:
        said.append(say("closures.stated", lang, names=COMMA[lang].join(named[key] for key in over.stated)))
    if nation_funds is not None and not nation_funds.given:
        said.append(nation_funds.text(lang))
    elif nation is not None:
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
