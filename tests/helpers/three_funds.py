"""Pension, unemployment and work-injury funds beside what is printed of all three: tables of notes/fund.md, section 9.

`python -m tests.helpers.three_funds` writes them into the page.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from simengine.basis.overlay import Values
from simengine.engine.project import Result, project
from simengine.engine.what_if import what_if
from simengine.judge.checks.free_run import RECALLED, SERIES, Reference, by_year, references
from simengine.report.tables.printer import markdown
from simengine.scenario.scenario import load_scenario
from tests.helpers.pages import write_block

PRINTED = Path(__file__).parents[1] / "judge" / "published_three_funds.csv"
PAGE = "fund"
SCHEMES: Mapping[str, tuple[str, str]] = {
    "": ("employees' pensions", "职工养老"),
    "resident_": ("residents' pensions", "居民养老"),
    "unemployment_": ("unemployment", "失业"),
    "injury_": ("work injury", "工伤"),
}
"""Schemes of the three funds by the beginning of their series, with their names; the pension fund has two of them."""
ITEMS = ("revenue", "expenditure", "balance")
HEADS: Mapping[str, str] = {
    "revenue": "members", "expenditure": "pensioners",
    "resident_revenue": "resident_registered", "resident_expenditure": "resident_recipients",
    "unemployment_revenue": "unemployment_insured", "unemployment_expenditure": "unemployment_claimants",
    "injury_revenue": "injury_insured", "injury_expenditure": "injury_insured",
}  # fmt: skip
"""Persons whom a flow is divided by to tell a miss of heads from one of money per head."""
BRANCHES = ("pension_participants", "unemployment_insured", "injury_insured")
UNITS = {"亿元": 1e8, "万人": 1e4}
NATION, YEAR, GOAL = "china", 2025, 0.03
REGION, MONTH, END, GOAL_REGION = "jiangxi", "2022-08", 2022, 0.05
ANCHOR = 2024
NOT_KNOWN = {"china-2020": Values(series={name: {YEAR: None} for name in ("unemployment_insured", "injury_insured")})}
"""Levels of 2025 that the basis carries; the run of section 9 knows data to 2024."""

Paths = Mapping[str, Mapping[int, float]]


# --- what is printed, and runs ----------------------------------------------------------------------------------------


def printed(region: str, date: str) -> dict[str, float]:
    """Figures of a region at a date by item, in base units."""
    with PRINTED.open(encoding="utf-8", newline="") as stream:
        rows = [row for row in csv.DictReader(stream) if (row["region"], row["date"]) == (region, date)]
    return {row["item"]: float(row["value"]) * UNITS[row["unit"]] for row in rows}


def paths_of(result: Result) -> dict[str, dict[int, float]]:
    """Every series of the references in the first lane of a run, and participants of both pension schemes."""
    data = result.dataset.isel(scenario=0, draw=0, region=0)
    found = {name: by_year(data, measure) for name, measure in SERIES.items()}
    both = found["participants"], found["resident_participants"]
    return found | {"pension_participants": {year: both[0][year] + both[1][year] for year in both[0]}}


@dataclass(frozen=True)
class Found:
    """A run by series and year, and the figures of its region's references, the last evidence of a year."""

    paths: Paths
    known: Mapping[tuple[str, int], Reference]

    def last(self, series: str) -> Reference:
        """The latest figure of a series up to 2024."""
        return self.known[series, max(year for name, year in self.known if name == series and year <= ANCHOR)]

    def miss(self, series: str, year: int) -> float:
        """Engine less printed, in base units."""
        return self.paths[series][year] - self.known[series, year].value

    def total(self, item: str, year: int) -> float:
        """An item over all schemes."""
        return sum(self.paths[prefix + item][year] for prefix in SCHEMES)

    def carried(self, series: str) -> float:
        """The last printed figure moved to 2025 by the engine: flows by its growth, balances by its change."""
        one, path = self.last(series), self.paths[series]
        moved = path[YEAR] - path[one.year] if series.endswith("balance") else one.value * (path[YEAR] / path[one.year])
        return one.value + moved if series.endswith("balance") else moved


def _found(result: Result) -> Found:
    """Recalled figures give way to those that were read somewhere."""
    known: dict[tuple[str, int], Reference] = {}
    for one in references(result.lanes[0].basis):
        kept = known.get((one.series, one.year))
        if kept is None or kept.evidence in RECALLED:
            known[one.series, one.year] = one
    return Found(paths_of(result), known)


def nation() -> Found:
    """The nation's baseline without the levels of 2025."""
    return _found(project(load_scenario(f"{NATION}/baseline"), values=NOT_KNOWN))


def region() -> Found:
    """Jiangxi's baseline without its actuals of August 2022."""
    return _found(project(what_if(f"{REGION}/baseline", actuals=["none"])))


# --- tables -----------------------------------------------------------------------------------------------------------


def _money(value: float) -> str:
    return f"{value / UNITS['亿元']:z,.0f}"


def _signed(value: float) -> str:
    return f"{value / UNITS['亿元']:+z,.0f}"


def _heads(value: float) -> str:
    return f"{value / UNITS['万人']:z,.1f}"


def _percent(part: float) -> str:
    return f"{100.0 * part:+z.1f}"


def _verdict(miss: float, goal: float) -> str:
    return "met" if abs(miss) <= goal else "missed"


def totals_table(found: Found) -> str:
    """All three funds and their participants at the end of 2025, as run and carried from the last printed figures."""
    known, rows = printed(NATION, str(YEAR)), []
    for item in (*ITEMS, *BRANCHES):
        say = _money if item in ITEMS else _heads
        own = found.total(item, YEAR) if item in ITEMS else found.paths[item][YEAR]
        miss = own / known[item] - 1.0
        row = [item.replace("_", " "), say(known[item]), say(own), _percent(miss), _verdict(miss, GOAL)]
        if item in ITEMS:
            carried = sum(found.carried(prefix + item) for prefix in SCHEMES)
            miss = carried / known[item] - 1.0
            row += [say(carried), _percent(miss), _verdict(miss, GOAL)]
        rows.append([*row, *[""] * (8 - len(row))])
    goal = f"within {100.0 * GOAL:.0f} %"
    return markdown(rows, ["2025", "printed", "as run", "miss %", goal, "carried", "miss % carried", f"{goal} carried"])


def parts_table(found: Found) -> str:
    """The miss of each total: what each scheme missed in its last printed year, carried on, and growth since then."""
    known, rows = printed(NATION, str(YEAR)), []
    for item in ITEMS:
        total = found.total(item, YEAR) - known[item]
        left = total
        for prefix, (name, _) in SCHEMES.items():
            series = prefix + item
            last = found.last(series)
            part = found.paths[series][YEAR] - found.carried(series)
            left -= part
            tag = "recalled" if last.evidence in RECALLED else "printed"
            rows.append([item, name, f"{last.year} ({tag})", _money(last.value), _money(found.paths[series][last.year]),
                         _signed(part), _percent(part / known[item])])  # fmt: skip
        rows.append([item, "growth since, rounding", "", "", "", _signed(left), _percent(left / known[item])])
        rows.append([item, "**miss of 2025**", "", "", "", _signed(total), _percent(total / known[item])])
    return markdown(rows, ["item", "scheme", "last known", "figure", "engine", "of the miss", "% of the total"])


def causes_table(found: Found) -> str:
    """A miss in the last known year as heads times money per head."""
    rows = []
    for series, heads in HEADS.items():
        year = found.last(series).year
        miss = found.paths[series][year] / found.known[series, year].value
        if (heads, year) not in found.known:
            rows.append([series.replace("_", " "), str(year), _percent(miss - 1.0), heads.replace("_", " "), "", ""])
            continue
        persons = found.paths[heads][year] / found.known[heads, year].value
        cells = [_percent(one - 1.0) for one in (persons, miss / persons)]
        rows.append([series.replace("_", " "), str(year), _percent(miss - 1.0), heads.replace("_", " "), *cells])
    return markdown(rows, ["flow", "year", "miss %", "per", "miss of heads %", "miss per head %"])


def sums_table(found: Found) -> str:
    """The balance of 2024 of both pension schemes: what the opening and the flows of 2021-2024 missed."""
    rows, years = [], range(2021, ANCHOR + 1)
    for prefix, (name, _) in list(SCHEMES.items())[:2]:
        opening, closing = (found.miss(f"{prefix}balance", year) for year in (2020, ANCHOR))
        flows = [sum(found.miss(prefix + item, year) for year in years) for item in ITEMS[:2]]
        other = closing - opening - flows[0] + flows[1]
        rows.append([name, *(_signed(one) for one in (opening, flows[0], -flows[1], other, closing))])
    return markdown(rows, ["scheme", "opening", "revenue", "less expenditure", "other", "balance of 2024"])


def region_table(found: Found) -> str:
    """Jiangxi at the end of 2022 beside August 2022."""
    known, rows = printed(REGION, MONTH), []
    for item in (*BRANCHES, "balance"):
        money = item == "balance"
        own = found.total(item, END) if money else found.paths[item][END]
        miss = own / known[item] - 1.0
        say = _money if money else _heads
        rows.append([item.replace("_", " "), say(known[item]), say(own), _percent(miss), _verdict(miss, GOAL_REGION)])
    goal = f"within {100.0 * GOAL_REGION:.0f} %"
    return markdown(rows, ["Jiangxi", "31 August 2022, printed", "end of 2022", "miss %", goal])


def region_parts_table(found: Found) -> str:
    """From the opening to the end of 2022, scheme by scheme, and what is printed of all three."""
    rows, sums = [], [0.0] * 5
    for prefix, (name, _) in SCHEMES.items():
        start, end = (found.paths[f"{prefix}balance"][year] for year in (END - 2, END))
        flows = [sum(found.paths[prefix + item][year] for year in (END - 1, END)) for item in ITEMS[:2]]
        cells = [start, *flows, end - start - flows[0] + flows[1], end]
        sums = [total + cell for total, cell in zip(sums, cells, strict=True)]
        rows.append([name, *map(_money, cells)])
    rows.append(["**three funds**", *map(_money, sums)])
    start, end = printed(REGION, str(END - 2))["balance"], printed(REGION, MONTH)["balance"]
    rows.append(["printed", f"more than {_money(start)}", "", "", "", f"{_money(end)} (August)"])
    heads = ["Jiangxi", "opening", "revenue 2021-22", "expenditure 2021-22", "other", "end of 2022"]
    return markdown(rows, heads)


def region_anchors_table(found: Found) -> str:
    """What is printed of the region's pension schemes in 2024."""
    rows = []
    for series, year in found.known:
        if year == ANCHOR:
            value, own = found.known[series, year].value, found.paths[series][year]
            say = _money if found.known[series, year].unit == "yuan" else _heads
            rows.append([series.replace("_", " "), say(value), say(own), _percent(own / value - 1.0)])
    return markdown(rows, ["Jiangxi 2024", "printed", "engine", "miss %"])


def blocks(of_nation: Found, of_region: Found) -> dict[str, str]:
    """Every table by its mark."""
    return {
        "three funds of the nation": totals_table(of_nation),
        "parts of the miss": parts_table(of_nation),
        "heads and money per head": causes_table(of_nation),
        "balance as a sum": sums_table(of_nation),
        "three funds of Jiangxi": region_table(of_region),
        "parts in Jiangxi": region_parts_table(of_region),
        "anchors of Jiangxi": region_anchors_table(of_region),
    }


def main() -> None:
    """Write the tables into the page, and print them."""
    for key, body in blocks(nation(), region()).items():
        write_block(PAGE, key, body)
        print(body)


if __name__ == "__main__":
    main()
