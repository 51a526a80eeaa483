"""Tables a person reads about the opening position, the free run that leads to it, and what follows from it.

Areas of a partitioned city are left out on the screen; the files hold them.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from typing import IO, TYPE_CHECKING, Any

from simengine.common import resources
from simengine.common.messages import Language, say
from simengine.engine.compile.coverage import LEAST_SOLVED
from simengine.judge.checks.ages import AFTER, GROUPS, SHOWN
from simengine.law.regions import load_regions
from simengine.report.tables.erosion import show_erosion
from simengine.report.tables.exhaustion import show_exhaustion
from simengine.report.tables.printer import TIE, paragraph, show
from simengine.report.tables.verdicts import COMMA

if TYPE_CHECKING:
    import pandas as pd

Tables = Mapping[str, "pd.DataFrame"]
"""opening (factors), position, gap, free_run, people, plausibility, exhaustion, branches, erosion, entry and ages."""

AREA = "area"
LAST_BITS = 1e-9
ENTRY = ("region", "status", "known_levels", "pressure", "settled", "return_rate", "shortfall", "cut")
BRANCHES = ("region", "measure", "year", "engine", "published", "ratio")
CHECKED = ("region", "check", "first", "last", "measured", "year", "low", "high", "verdict")
PEOPLE = ("region", "measure", "year", "engine", "published", "gap_percent", "verdict")
JUDGED = ("region", "measure", "lowest", "highest", "low", "high", "change", "step", "verdict")


def summary_lines(tables: Tables, lang: Language) -> list[str]:
    """What the tables come to: printed figures, bands, large factors, checks of the free run, implausible measures."""
    position, factors = tables["position"], tables["opening"]
    said = []
    for name, key in (("equal", "opening.equal"), ("band", "opening.band")):
        chosen = position[position["list"] == name]
        if len(chosen):
            said.append(say(key, lang, ok=int(chosen["ok"].sum()), count=len(chosen)))
    large = _wholes(factors[factors["large"].astype(bool)])
    regions = large.groupby("region", sort=False)["item"].agg(list)
    parts = [f"{region}: {COMMA[lang].join(items)}" for region, items in regions.items()]
    said.append(say("opening.large" if len(large) else "opening.no_large", lang, parts="; ".join(parts)))
    outside = tables["plausibility"][tables["plausibility"]["verdict"] != "inside"]
    measures = list(dict.fromkeys(outside["measure"]))
    key = "plausibility.outside" if measures else "plausibility.inside"
    said.append(say(key, lang, count=len(measures), parts=COMMA[lang].join(measures)))
    return said


def show_tables(tables: Tables, lang: Language, stream: IO[str] | None = None) -> None:
    """Print opening rows that differ, factors, gaps by year, checks of the free run, official counts, plausibility."""
    position = tables["position"][~tables["position"]["ok"].astype(bool)]
    if len(position):
        _show(position, ("region", "item", "list", "unit", "opening", "engine", "low", "high"), lang, stream)
    _title("opening.factors", lang, stream)
    factors = tables["opening"]
    factors = factors.assign(flag=[say("opening.flag", lang) if large else "" for large in factors["large"]])
    _show(_wholes(factors), ("region", "item", "spun_up", "opening", "factor", "flag"), lang, stream)
    show_gap(tables["gap"], lang, stream)
    if len(tables["free_run"]):
        _title("opening.free_run", lang, stream)
        _show(tables["free_run"], CHECKED, lang, stream)
    if len(tables["people"]):
        show_people(_wholes(tables["people"]), lang, stream)
    show_exhaustion(tables["exhaustion"], lang, stream)
    show_erosion(_wholes(tables["erosion"]), lang, stream)
    if len(tables["branches"]):
        show_branches(_wholes(tables["branches"]), lang, stream)
    show_entry(tables["entry"], lang, stream)
    show_ages(_wholes(tables["ages"]), lang, stream)
    years = tables["plausibility"]
    looked = say("years", lang, first=int(years["first"].min()), last=int(years["last"].max())) if len(years) else "-"
    _title("plausibility.title", lang, stream, years=looked)
    _show(_dated(_wholes(tables["plausibility"])), JUDGED, lang, stream)


def show_entry(entry: pd.DataFrame, lang: Language, stream: IO[str] | None = None) -> None:
    """Known years and pressures of entry, region by region and status by status, with the rule of later years."""
    _title("entry.title", lang, stream)
    heads = [say(f"column.{name}", lang) for name in ENTRY]
    cells = [
        [row["region"], say(f"entry.{row['status']}", lang), f"{row['first']}-{row['last']}",
         *(_number(row[name]) for name in ("pressure", "settled", "return_rate")),
         *(f"{row[name]:z,.0f}" for name in ("shortfall", "cut"))]
        for row in entry.to_dict("records")
    ]  # fmt: skip
    show(cells, heads, lang, stream=stream)
    for rule, rows in entry.groupby("rule", sort=False):
        regions = COMMA[lang].join(dict.fromkeys(rows["region"]))
        told = {"regions": regions, "count": int(rows["solved"].iloc[0]), "least": LEAST_SOLVED}
        print(paragraph(say(str(rule), lang, **told)), file=stream)
    trend = COMMA[lang].join(dict.fromkeys(entry[entry["own_trend"]]["region"]))
    if trend:
        print(paragraph(say("entry.trend", lang, regions=trend)), file=stream)


def show_ages(ages: pd.DataFrame, lang: Language, stream: IO[str] | None = None) -> None:
    """Cover by age and cohort, new pensions by factor, who is below the minimum: a table each, region by region."""
    for (region, part), rows in ages.groupby(["region", "part"], sort=False):
        known = int(rows["known_year"].iloc[0])
        _title(f"ages.{part}", lang, stream, region=region, known=known, settled=known + AFTER)
        years = [str(known), str(known + AFTER), *(str(year) for year in SHOWN)]
        heads = [say("column.measure", lang), *years]
        heads += [say(f"column.{name}", lang) for name in ("extreme", "limit")]
        show([_age_cells(row, lang) for row in rows.to_dict("records")], heads, lang, stream=stream, keys=1)


def _age_cells(row: Mapping[Hashable, Any], lang: Language) -> list[str]:
    """One row of `show_ages`: measure with its group, values (persons in ten thousand), largest, limit, verdict."""
    scale = 1e-4 if row["unit"] == "person" else 1.0
    values = [scale * row[name] for name in ("known", "after_3", *(str(year) for year in SHOWN))]
    if row["measure"] == "residual":  # the last bits of a sum are nothing to read
        values = [0.0 if abs(value) < LAST_BITS else value for value in values]
    group = say(f"ages_group.{row['group']}", lang) if row["group"] in GROUPS else str(row["group"])
    named = " ".join([say(f"ages_measure.{row['measure']}", lang), *([group] if group else [])])
    limit = _number(row["limit"])
    if row["verdict"]:
        limit = limit + TIE + say(f"ages_verdict.{row['verdict']}", lang)
    return [named, *map(_number, values), _with_year(row["extreme"], row["extreme_year"]), limit]


def show_gap(gap: pd.DataFrame, lang: Language, stream: IO[str] | None = None) -> None:
    """Ratios of engine over reference, years in rows, series in columns; printed and recalled figures apart."""
    for (region, kind), part in gap.groupby(["region", "kind"], sort=False):
        series = list(dict.fromkeys(part["series"]))
        ratios = part.pivot_table(index="year", columns="series", values="ratio", aggfunc="first")[series]
        _title(f"gap.{kind}", lang, stream, region=region)
        rows = [[str(year), *(_number(value) for value in values)] for year, *values in ratios.itertuples()]
        heads = [say("column.year", lang), *(say(f"series.{name}", lang) for name in series)]
        show(rows, heads, lang, stream=stream, keys=1)


def show_people(people: pd.DataFrame, lang: Language, stream: IO[str] | None = None) -> None:
    """Residents, births and deaths beside the official counts of each known year, then why some are missed."""
    _title("people.title", lang, stream)
    shown = people.assign(
        measure=[say(f"people.{name}", lang) for name in people["measure"]],
        year=people["year"].astype(str),
        engine=[f"{value / 1e4:z,.1f}" for value in people["engine"]],
        published=[f"{value / 1e4:z,.1f}" for value in people["official"]],
        gap_percent=[f"{100.0 * value:+z.2f}" for value in people["gap"]],
        verdict=[say(f"people.{name}", lang) for name in people["verdict"]],
    )
    _show(shown, PEOPLE, lang, stream)
    why = f"why_{lang}"
    for (region, reason), part in people[people[why] != ""].groupby(["region", why], sort=False):
        names = dict.fromkeys(say(f"people.{name}", lang) for name in part["measure"])
        said = say("people.why", lang, region=region, measures=COMMA[lang].join(names), why=reason)
        print(paragraph(said, hang=4), file=stream)


def show_branches(branches: pd.DataFrame, lang: Language, stream: IO[str] | None = None) -> None:
    """Averages of the two smaller branches beside published national ones, then why a region may differ."""
    _title("branches.title", lang, stream)
    name, why = f"name_{lang}", f"why_{lang}"
    named = branches.assign(measure=[f"{row[name]} [{row['unit']}]" for _, row in branches.iterrows()])
    _show(named, BRANCHES, lang, stream)
    for _, row in branches.drop_duplicates("measure").iterrows():
        print(paragraph(say("branches.why", lang, measure=row[name], why=row[why]), hang=4), file=stream)


# --- helpers ----------------------------------------------------------------------------------------------------------


def _wholes(frame: pd.DataFrame) -> pd.DataFrame:
    """Rows of regions that stand for themselves, not for a part of a city."""
    known = load_regions(resources.scenarios_root() / "regions.yaml")
    return frame[frame["region"].map(lambda region: known[str(region)].level != AREA).astype(bool)]


def _dated(plausibility: pd.DataFrame) -> pd.DataFrame:
    """Plausibility with the year behind its lowest and highest level and its largest change."""

    names = ("lowest", "highest", "change")
    pairs = {name: zip(plausibility[name], plausibility[f"{name}_year"], strict=True) for name in names}
    return plausibility.assign(**{name: [_with_year(*pair) for pair in found] for name, found in pairs.items()})


def _with_year(value: float, year: float) -> str:
    return f"{_number(value)}{TIE}({year:z.0f})" if value == value and year == year else _number(value)


def _title(key: str, lang: Language, stream: IO[str] | None, **values: object) -> None:
    print(f"\n{paragraph(say(key, lang, **values))}", file=stream)


def _show(frame: pd.DataFrame, names: tuple[str, ...], lang: Language, stream: IO[str] | None) -> None:
    """Print some columns; the region is named where there are several."""
    chosen = [name for name in names if name != "region" or frame["region"].nunique() > 1]
    rows = [
        [_number(value) if isinstance(value, float) else str(value) for value in row]
        for row in frame[chosen].itertuples(index=False, name=None)
    ]
    show(rows, [say(f"column.{name}", lang) for name in chosen], lang, stream=stream, keys=1 + ("region" in chosen))


def _number(value: float) -> str:
    """A number short enough for a column: whole from a thousand on, else three to four digits; nothing for none."""
    if value != value:
        return ""
    if abs(value) >= 1000.0:
        return f"{value:z.0f}"
    return f"{value:z.1f}" if abs(value) >= 10.0 else f"{value:z.3f}" if abs(value) >= 0.1 else f"{value:z.3g}"
