"""The nation's long run beside a published study: tables of notes/long_run.md; run as a module it writes them.

python -m tests.helpers.long_run
"""

from __future__ import annotations

import csv
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from simengine.engine.project import Result, project
from simengine.judge.checks.accounts import Start, returns_of, unaided_from_print
from simengine.judge.checks.exhaustion import starts_of
from simengine.judge.closures.measures import FUND_YEARS, START, UNAIDED
from simengine.judge.indicators import registry
from simengine.judge.time import closing, opening
from simengine.registry.axes import FUND
from simengine.report.tables.printer import markdown
from simengine.scenario.closures import Closures, dated_from, read_closures, scenarios_beside
from simengine.scenario.combine import read_lever
from simengine.scenario.inherit import packaged
from simengine.scenario.scenario import Scenario, join_levers, load_scenario, with_levers
from tests.helpers.pages import write_block

if TYPE_CHECKING:
    import xarray as xr

STUDIES = Path(__file__).parents[1] / "judge" / "published_studies.csv"
PAGE, BESIDE, CLOSEST = "long_run", "table of the long run", "table of the causes"
FUND_MOVES, PEOPLE_MOVES = "moves of the fund", "moves of people"
NOT_EXPLAINED = "not explained by any of them"
BASELINE, PLANNED = "china/baseline", "china/as_planned"
ENTERPRISE = "enterprise_pension"
PAYING, INSURED = ("enterprise", "flexible"), ("enterprise", "flexible", "paused")
HISTORY, MIDDLE, LAST = 2019, 2035, 2050

MOST_LEFT = 0.5
"""Part of a difference that may be left, on either side, where an explanation is said to make it."""

Key = tuple[str, int | None]
Values = Mapping[Key, float]
PEOPLE = ("retirees", "payers", "insured", "dependency_payers", "dependency_insured")


# --- measures ---------------------------------------------------------------------------------------------------------


def _heads(data: xr.Dataset, statuses: Sequence[str]) -> xr.DataArray:
    return data.members.sel(status=list(statuses)).sum("status")


def _change(account: str) -> Callable[[Any], Any]:
    return lambda data: closing(data[account].sel(fund=ENTERPRISE)) - opening(data[account].sel(fund=ENTERPRISE))


def _of_fund(indicator: str) -> Callable[[Any], Any]:
    return lambda data: registry()[indicator](data).sel(fund=ENTERPRISE)


MEASURES: Mapping[str, tuple[Callable[[Any], Any], float, int, str]] = {
    "retirees": (lambda data: data.enterprise_pensioners, 1e-6, 0, "retirees, million"),
    "payers": (lambda data: _heads(data, PAYING), 1e-6, 0, "payers, million"),
    "insured": (lambda data: _heads(data, INSURED), 1e-6, 0, "insured workers, million"),
    "dependency_payers": (lambda data: data.enterprise_pensioners / _heads(data, PAYING), 1.0, 3, "retirees per payer"),
    "dependency_insured": (
        lambda data: data.enterprise_pensioners / _heads(data, INSURED), 1.0, 3, "retirees per insured worker"),
    "dependency_system": (registry()["system_dependency_ratio"], 1.0, 3, "retirees per payer, whole system"),
    "cost_rate": (_of_fund("payg_cost_rate"), 100.0, 1, "cost rate, %"),
    "months": (_of_fund("payable_months"), 1.0, 1, "months of reserve, with aid"),
    "months_unaided": (_of_fund("unaided_payable_months"), 1.0, 1, "months of reserve, without aid"),
    "balance": (lambda data: data.fund_balance.sel(fund=ENTERPRISE), 1e-12, 2, "balance, trillion yuan, with aid"),
    "yearly_balance": (_change("fund_balance"), 1e-12, 2, "balance of the year, trillion yuan, with aid"),
    "yearly_balance_unaided": (
        _change("fund_balance_unaided"), 1e-12, 2, "balance of the year, trillion yuan, without aid"),
}  # fmt: skip
"""Figures of one year by name: how a projection gives them, their scale, decimals and name; enterprise fund."""

YEARS: Mapping[str, tuple[str, str]] = {
    "first_deficit": ("first_deficit", "first deficit, with aid"),
    "lasting_deficit": ("lasting_deficit", "lasting deficit, with aid"),
    "exhaustion": ("exhaustion", "used up for good, with aid"),
    "lasting_deficit_unaided": ("lasting_deficit_unaided", "lasting deficit, without aid"),
    "exhaustion_unaided": ("exhaustion_unaided", "used up for good, without aid"),
}
"""Years of the fund by name: the year over the closures (`FUND_YEARS`) and its name in the table."""

ROWS: tuple[Key, ...] = (
    *((name, HISTORY) for name in ("retirees", "insured", "dependency_payers")),
    ("balance", 2027),
    *((name, None) for name in YEARS),
    *((name, year) for name in ("months", "months_unaided", "cost_rate") for year in (MIDDLE, LAST)),
    *(("dependency_system", year) for year in (MIDDLE, LAST)),
    *((name, LAST) for name in ("retirees", "payers", "insured", "dependency_payers", "dependency_insured")),
    *((name, LAST) for name in ("yearly_balance", "yearly_balance_unaided")),
)
"""What is put side by side, in the order of the table."""


def values(result: Result, scenario: Scenario, starts: Mapping[str, Start]) -> dict[Key, float]:
    """Every row of the table in one scenario of a run, in the unit of the table; not a number: a year never comes.

    Parameters
    ----------
    starts : where the judgement of the funds starts, the same for every scenario that is compared
    """
    data = result.dataset.sel(scenario=scenario.key).isel(draw=0, region=0)
    (lane,) = [lane for lane in result.lanes if lane.scenario.key == scenario.key]
    unaided, own = (data[name].transpose("fund", "year_end") for name in ("fund_balance_unaided", "fund_balance"))
    own = result.dataset["fund_balance"].sel(scenario=BASELINE).isel(draw=0, region=0).transpose(*own.dims)
    judged_from = unaided_from_print(unaided.values, own.values, returns_of(lane), scenario.base_year, starts)
    history = next(iter(result.histories.values())).isel(scenario=0, draw=0, region=0)
    since = [starts[fund].year if fund in starts else scenario.base_year for fund in FUND]
    judged = data.assign({START: (("fund",), since), UNAIDED: unaided.copy(data=judged_from)})
    found = {}
    for name, year in ROWS:
        if year is None:
            found[name, year] = float(FUND_YEARS[YEARS[name][0]](judged).sel(fund=ENTERPRISE))
        else:
            of, scale, _, _ = MEASURES[name]
            path = of(history if year <= HISTORY else data)
            found[name, year] = scale * float(path.sel({path.dims[-1]: year}))
    return found


def published() -> dict[Key, float]:
    """Figures of the study as printed."""
    with STUDIES.open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    return {(row["measure"], int(row["year"]) if row["year"] else None): float(row["value"]) for row in rows}


# --- runs -------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Explanation:
    """A run that takes away one reason why the study and the baseline differ."""

    name: str
    scenario: Callable[[Closures], Scenario]


def _with(base: str, *levers: str) -> Callable[[Closures], Scenario]:
    """A scenario with packaged levers, which act from its first year on."""

    def made(closures: Closures) -> Scenario:
        scenario = load_scenario(base)
        known = [_lever(name, closures) for name in levers]
        key = "+".join((base, *levers))
        return join_levers(scenario, key, [dated_from(lever, scenario.content.years[0]) for lever in known])

    return made


def _lever(name: str, closures: Closures) -> Any:
    lever, errors = read_lever(packaged("levers")[name], name)
    assert lever is not None and not errors, errors
    return lever


def _stating(key: str, section: Mapping[str, Any], base: Scenario | None = None) -> Scenario:
    """The baseline, or another scenario, with one lever of this page."""
    stated = {"name": {"en": key, "local": key}, "reason": "A reason for a difference from a study, taken away."}
    return with_levers(base or load_scenario(BASELINE), key, {key: stated | dict(section)})


def _study_pays(*levers: str) -> Callable[[Closures], Scenario]:
    """As many of the insured pay as in the study's last year, beside packaged levers."""
    theirs = published()
    rate = round(theirs["payers", LAST] / theirs["insured", LAST], 3)
    key = "+".join(("study_pays", *levers))
    return lambda closures: _stating(key, {"payment_rate_employees": {2026: rate}}, _with(BASELINE, *levers)(closures))


def _never_aided(closures: Closures) -> Scenario:
    """The baseline in which budgets pay nothing to the fund, in the years since the opening neither."""
    return _stating("never_aided", {"paths": {"subsidy_enterprise": {"set": {2021: 0.0}}}})


NO_REFORM, COVERAGE = "no_retirement_reform", "coverage_low"
EXPLANATIONS = (
    Explanation("no retirement reform", _with(BASELINE, NO_REFORM)),
    Explanation("lower pressure of entry", _with(BASELINE, COVERAGE)),
    Explanation("no reform, lower pressure", _with(BASELINE, NO_REFORM, COVERAGE)),
    Explanation("as many insured pay as in the study", _study_pays()),
    Explanation("no reform, as many insured pay", _study_pays(NO_REFORM)),
    Explanation("higher new pensions", _with(BASELINE, "award_factor_high")),
    Explanation("faster yearly increase", _with(BASELINE, "indexation_wages_high")),
    Explanation("early leaving stays", _with(BASELINE, "early_leaving_high")),
    Explanation("aid stops at 12 months", _with(BASELINE, "subsidy_to_12_months")),
    Explanation("no aid since the opening", _never_aided),
    Explanation("no aid from 2026", _with(BASELINE, "subsidy_none")),
    Explanation("as known at the opening", lambda closures: load_scenario(PLANNED)),
    Explanation("as known at the opening, no aid", _with(PLANNED, "subsidy_none")),
)
"""Closures and rules that can make the difference, alone and together; each is a run."""


@dataclass(frozen=True)
class LongRun:
    """Values of the baseline, of every scenario of the closures' set, of every explanation, and those of the study."""

    base: Values
    over: Mapping[str, Values]
    explained: Mapping[str, Values]
    theirs: Values
    horizon: int

    def ends(self, key: Key) -> tuple[float, float]:
        """Lowest and highest value over the closures, baseline included; a year that never comes is the latest."""
        found = sorted((one[key] for one in (self.base, *self.over.values())), key=late)
        return found[0], found[-1]

    def share(self, name: str, key: Key) -> float:
        """Part of the difference between study and baseline that an explanation makes up [1]."""
        return (self.explained[name][key] - self.base[key]) / (self.theirs[key] - self.base[key])

    def closest(self, key: Key) -> str:
        """The explanation that comes nearest to the study; empty where none leaves less than half of the difference."""
        left = {name: abs(self.share(name, key) - 1.0) for name in self.explained}
        left = {name: part for name, part in left.items() if part <= MOST_LEFT}
        return min(left, key=lambda name: left[name], default="")


def late(value: float) -> float:
    """A value for ordering."""
    return math.inf if math.isnan(value) else value


def of_the_engine() -> LongRun:
    """The nation's run, its set of closures, and every explanation."""
    base = load_scenario(BASELINE)
    closures = read_closures()
    beside, _ = scenarios_beside(base, closures, True)
    explained = {one.name: one.scenario(closures) for one in EXPLANATIONS}
    result = project([base, *(one.scenario for one in beside), *explained.values()])
    start = starts_of(result.openings.bases(base)[0])
    over = {f"{one.closure}:{one.variant}": values(result, one.scenario, start) for one in beside}
    return LongRun(
        values(result, base, start),
        over,
        {name: values(result, scenario, start) for name, scenario in explained.items()},
        published(),
        base.years[-1],
    )


# --- print ------------------------------------------------------------------------------------------------------------


def name_of(key: Key) -> str:
    """What a row is called."""
    name, year = key
    return YEARS[name][1] if year is None else f"{MEASURES[name][3]}, {year}"


def text_of(key: Key, value: float, horizon: int) -> str:
    """A value as its row prints it; a year that never comes is later than the horizon."""
    if key[1] is None:
        return f">{horizon}" if math.isnan(value) else f"{value:.0f}"
    return f"{value:z.{MEASURES[key[0]][2]}f}"


def beside_table(found: LongRun) -> str:
    """Ours as a range with the baseline before it, theirs as printed."""
    rows = []
    for key in ROWS:
        low, high = (text_of(key, end, found.horizon) for end in found.ends(key))
        own = text_of(key, found.base[key], found.horizon)
        theirs = f"{text_of(key, found.theirs[key], found.horizon)} (printed)" if key in found.theirs else "-"
        between = "-" if key[1] is None else " to "
        rows.append([name_of(key), own if low == high == own else f"{own} ({low}{between}{high})", theirs])
    return markdown(rows, ["enterprise fund of the nation", "baseline (range over the closures)", "CASS 2019"])


def compared(found: LongRun) -> list[Key]:
    """Rows of projected years that the study prints and the baseline reaches."""
    return [key for key in ROWS if key in found.theirs and key[1] != HISTORY and not math.isnan(found.base[key])]


def differences_table(found: LongRun, people: bool) -> str:
    """What each explanation moves of the baseline, and the part of the difference that it makes up.

    Parameters
    ----------
    people : rows of persons and their ratios; else those of the fund
    """
    keys = [key for key in compared(found) if (key[0] in PEOPLE) == people]
    rows = [["CASS 2019 less baseline", *(_moved(key, found.theirs[key] - found.base[key]) for key in keys)]]
    for name, moved in found.explained.items():
        cells = []
        for key in keys:
            part = found.share(name, key)
            told = "" if not math.isfinite(part) else f" ({100.0 * part:z.0f} %)"
            cells.append(_moved(key, moved[key] - found.base[key]) + told)
        rows.append([name, *cells])
    return markdown(rows, ["moved by", *(name_of(key) for key in keys)])


def _moved(key: Key, value: float) -> str:
    if key[1] is None:
        return "beyond the horizon" if math.isnan(value) else f"{value:+.0f} years"
    return f"{value:+z.{MEASURES[key[0]][2]}f}"


def causes_table(found: LongRun) -> str:
    """For each row the explanation that comes nearest, with the part of the difference that it makes up."""
    rows = []
    for key in compared(found):
        name = found.closest(key)
        rows.append([name_of(key), name or NOT_EXPLAINED, f"{100.0 * found.share(name, key):z.0f} %" if name else "-"])
    return markdown(rows, ["row", "nearest to the study", "of the difference"])


def blocks(found: LongRun) -> dict[str, str]:
    """Every table of the page by its mark."""
    return {
        BESIDE: beside_table(found),
        FUND_MOVES: differences_table(found, people=False),
        PEOPLE_MOVES: differences_table(found, people=True),
        CLOSEST: causes_table(found),
    }


def main() -> None:
    """Write the tables into the page, and print them."""
    for key, body in blocks(of_the_engine()).items():
        write_block(PAGE, key, body)
        print(body)


if __name__ == "__main__":
    main()
