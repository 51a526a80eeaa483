"""The tables of the nation in notes/closures.md, made from the engine; run as a module it writes them into the page.

python -m tests.helpers.closure_tables
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import numpy as np

from simengine.engine.beside import run_beside
from simengine.engine.project import Result, project
from simengine.judge.checks.accounts import unaided_from_print
from simengine.judge.checks.exhaustion import starts_of
from simengine.judge.closures.measures import read_lane
from simengine.judge.closures.table import Over, over_closures
from simengine.scenario.closures import BASELINE, chosen
from simengine.scenario.scenario import join_levers, load_scenario

SCENARIO = "china/baseline"
PAGE = Path(__file__).parents[2] / "simengine" / "notes" / "closures.md"
MARKS = ("<!-- tables of china/baseline -->\n", "<!-- end -->")
FUND = "enterprise_pension"
MONEY = (("fund_balance_unaided", 2035), ("fund_balance_unaided", 2050), ("fund_balance", 2035), ("fund_balance", 2050))
YEARS = ("exhaustion_unaided", "exhaustion", "lasting_deficit_unaided", "lasting_deficit")
PEOPLE = ("uebps_pensioners", "uebps_payers", "replacement_ratio_average")
HEAD = (
    *("moved", "unaided 2035", "unaided 2050", "own 2035", "own 2050", "below zero: unaided", "below zero: own"),
    *("deficit: unaided", "deficit: own", "pensioners 2050", "payers 2050", "ratio 2050"),
)
UNAIDED_2050 = ("fund_balance_unaided", 2050)


def value_table(over: Over) -> dict[str, dict[tuple[str, int | None], float]]:
    """Values by ``closure:value`` or name of an extreme, and by measure and year."""
    found: dict[str, dict[tuple[str, int | None], float]] = {}
    for row in over.rows:
        if row["fund"] in ("", FUND):
            closure, variant = str(row["closure"]), str(row["variant"])
            name = closure if closure == variant else f"{closure}: {variant}"
            found.setdefault(name, {})[row["measure"], row["year"]] = float(row["value"])
    return found


def tables(result: Result, over: Over) -> str:
    """The text between the marks: every closure alone, then what makes each extreme."""
    values = value_table(over)
    parts = [_table(HEAD, (_row(name, found, over.horizon) for name, found in values.items()))]
    parts += [_parts(extreme, values, result, over) for extreme in over.closures.content.extremes]
    return "\n".join(parts)


def _row(name: str, found: Mapping[tuple[str, int | None], float], horizon: int) -> list[str]:
    years = [found[one, None] for one in YEARS]
    return [
        name,
        *(f"{found[one] / 1e12:z.1f}" for one in MONEY),
        *(f">{horizon}" if year != year else f"{year:.0f}" for year in years),
        *(f"{found[one, 2050] / 1e6:z.1f}" for one in PEOPLE[:2]),
        f"{100.0 * found[PEOPLE[2], 2050]:z.1f}",
    ]


def _parts(
    extreme: str, values: Mapping[str, Mapping[tuple[str, int | None], float]], result: Result, over: Over
) -> str:
    """Moves of the unaided and own balance of 2050: each part alone, their sum, pairs, all else, the extreme."""
    levers = dict(chosen(over.closures, extreme))
    stated = over.closures.content.extremes[extreme].values
    names = [name for name in levers if f"{name}: {stated[name]}" in values]
    balances = (UNAIDED_2050, ("fund_balance", 2050))
    base = np.array([values[BASELINE][one] for one in balances])

    def move(found: Mapping[tuple[str, int | None], float]) -> np.ndarray:
        return (np.array([found[one] for one in balances]) - base) / 1e12

    alone = {name: move(values[f"{name}: {stated[name]}"]) for name in names}
    pairs = list(itertools.combinations(names, 2))
    scenario = load_scenario(SCENARIO)
    runs = [join_levers(scenario, f"p{place}", [levers[name] for name in pair]) for place, pair in enumerate(pairs)]
    rows = [[f"{name}: {stated[name]}", *_texts(found)] for name, found in alone.items()]
    together = np.sum(list(alone.values()), axis=0)
    rows.append(["sum of the parts", *_texts(together)])
    met = np.zeros(2)
    found = []
    (lane,) = result.lanes
    opened, starts = scenario.base_year, starts_of(lane.basis)
    own = result.dataset["fund_balance"].isel(scenario=0, draw=0, region=0).transpose("fund", "year_end").values
    for pair, (kept,) in zip(pairs, run_beside(runs, result.openings, read_lane), strict=True):
        judged = unaided_from_print(kept["fund_balance_unaided"], own, kept["returns"], opened, starts)
        moved = np.array([one[0, 2050 - opened] for one in (judged, kept["fund_balance"])])
        beyond = (moved - base) / 1e12 - sum(alone[name] for name in pair)
        met += beyond
        found.append((pair, beyond))
    shown = sorted(found, key=lambda one: -abs(one[1][0]))[:4]
    rows += [[f"{' with '.join(pair)}", *_texts(beyond)] for pair, beyond in shown]
    rows.append(["other pairs", *_texts(met - sum(beyond for _, beyond in shown))])
    whole = move(values[extreme])
    rows.append(["three and more together", *_texts(whole - together - met)])
    rows.append([f"**{extreme}**", *_texts(whole)])
    return _table((f"{extreme}: what it moves", "unaided 2050", "own 2050"), rows)


def _texts(moves: np.ndarray) -> list[str]:
    return [f"{value:+z.2f}" for value in moves.tolist()]


def _table(head: Sequence[str], rows: Iterator[list[str]] | list[list[str]]) -> str:
    lines = [list(head), ["---"] * len(head), *rows]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines).replace("| --- ", "|---").replace("|--- |", "|---|")


def of_the_engine() -> tuple[Result, Over]:
    """The nation's run over the closures."""
    scenario = load_scenario(SCENARIO)
    result = project(scenario)
    return result, over_closures(result, scenario)


def main() -> None:
    """Write the tables into the page."""
    text = PAGE.read_text(encoding="utf-8")
    before, rest = text.split(MARKS[0])
    PAGE.write_text(
        before + MARKS[0] + tables(*of_the_engine()) + MARKS[1] + rest.split(MARKS[1], 1)[1], encoding="utf-8"
    )


if __name__ == "__main__":
    main()
