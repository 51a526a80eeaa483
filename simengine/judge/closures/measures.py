"""What is measured over the closures: headline results, and the years in which funds fall and are used up.

Each lane is read once into `KEPT`; the measures are the indicators of the run itself, taken over all lanes at once.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from simengine.engine.label import common_or_mean
from simengine.judge.checks.accounts import Start, returns_of, unaided_from_print
from simengine.judge.indicators import registry
from simengine.judge.time import falls, first_year, lasting_year
from simengine.kernels import layout as at
from simengine.registry.axes import FUND, PAYER_STATUS
from simengine.registry.inputs import PATH_NAMES

if TYPE_CHECKING:
    import xarray as xr

    from simengine.engine.project import Lane
    from simengine.kernels.layout import Output

YEARS = (2035, 2050)
"""Years of the headline results."""

HEADS = ("enterprise_pensioners", "public_pensioners", "enterprise_pension_mass")
ACCOUNTS = {"fund_balance": at.OWN, "fund_balance_unaided": at.UNAIDED}
NEED = "financing_need"
WAGE = "wage"
MEMBERS = "members"
START = "judged_from"
UNAIDED = "unaided_judged"
"""The unaided account counted from the last printed balance (`unaided_from_print`)."""
RETURNS = "returns"
KEPT = (*HEADS, *ACCOUNTS, NEED, WAGE, MEMBERS)
"""Variables of the registry that a lane keeps."""


@dataclass(frozen=True)
class Measure:
    """One headline result: a figure of one year or, with no year, the year in which something happens to a fund."""

    key: str
    unit: str
    fund: str = ""
    year: int | None = None


# --- from a lane ------------------------------------------------------------------------------------------------------


def read_lane(lane: Lane, output: Output) -> dict[str, np.ndarray]:
    """What the measures need of one lane: stocks [year_end: n+1], flows [year: n], of funds [fund, ...]."""
    stocks = output.stocks[:, 1:]
    values = {name: stocks[at.STOCK_NAMES.index(name)].copy() for name in HEADS}
    values[MEMBERS] = np.array([stocks[at.STOCK_NAMES.index(f"members_{status}")] for status in PAYER_STATUS])
    values |= {name: output.balance[account, :, 1:].copy() for name, account in ACCOUNTS.items()}
    fiscal = output.ledger[:, :, at.IN_FISCAL, 1:]
    values[NEED] = fiscal[at.FINANCED] - fiscal[at.OWN]
    values[WAGE] = lane.inputs.paths[PATH_NAMES.index("average_wage"), 1:].copy()
    values[RETURNS] = returns_of(lane)
    values["weight"] = output.flows[at.FLOW_NAMES.index("exposure_enterprise"), 1:].copy()
    return values


def together(parts: Sequence[Mapping[str, np.ndarray]]) -> dict[str, np.ndarray]:
    """A region from its lanes: the one lane, or the sum of the areas of a city and their mean wage."""
    if len(parts) == 1:
        return {name: parts[0][name] for name in (*KEPT, RETURNS)}
    values = {name: np.sum([part[name] for part in parts], axis=0) for name in KEPT if name != WAGE}
    wages, weights = (np.array([part[name] for part in parts]) for name in (WAGE, "weight"))
    return values | {WAGE: common_or_mean(wages, weights)}


def as_dataset(
    lanes: Sequence[Mapping[str, np.ndarray]], base_year: int, starts: Mapping[str, Start] | None = None
) -> xr.Dataset:
    """All lanes on the axis ``scenario``, with the names that indicators read, and the unaided account as judged.

    Parameters
    ----------
    lanes : the baseline first: its own accounts say how a printed balance is parted
    starts : fund -> where its judgement starts (`start_of`); the opening for a fund that is not in it
    """
    import xarray as xr

    count = lanes[0][WAGE].shape[-1]
    years = np.arange(base_year + 1, base_year + 1 + count)
    ends = np.arange(base_year, base_year + 1 + count)
    axes = {MEMBERS: ("status", "year_end"), NEED: ("fund", "year"), WAGE: ("year",)}
    axes |= dict.fromkeys(ACCOUNTS, ("fund", "year_end"))
    arrays = {
        name: (("scenario", *axes.get(name, ("year_end",))), np.array([lane[name] for lane in lanes])) for name in KEPT
    }
    coords = {"status": list(PAYER_STATUS), "fund": list(FUND), "year": years, "year_end": ends}
    known = {} if starts is None else starts
    since = [known[fund].year if fund in known else base_year for fund in FUND]
    judged = [
        unaided_from_print(lane["fund_balance_unaided"], lanes[0]["fund_balance"], lane[RETURNS], base_year, known)
        if known
        else lane["fund_balance_unaided"]
        for lane in lanes
    ]
    arrays[UNAIDED] = (("scenario", *axes["fund_balance_unaided"]), np.array(judged))
    return xr.Dataset(arrays | {START: (("fund",), since)}, coords)


# --- measures ---------------------------------------------------------------------------------------------------------


def _falling(data: xr.Dataset, account: str) -> xr.DataArray:
    """Whether a balance falls in a year after the start of the judgement."""
    return falls(data[account]).where(data.year > data[START], False)


def _negative(data: xr.Dataset, account: str) -> xr.DataArray:
    """Whether a balance is below zero at the start of the judgement or a later year end."""
    return (data[account] < 0.0).where(data.year_end >= data[START], False)


INDICATOR_YEARS = (
    *("first_deficit_year", "exhaustion_year", "unaided_first_deficit_year", "unaided_exhaustion_year"),
    *("lasting_deficit_year", "unaided_lasting_deficit_year"),
    *("lasting_exhaustion_year", "unaided_lasting_exhaustion_year"),
)
"""Indicators that are years of a fund, as targets and pictures tell them: measures of that name, over the whole run."""

FUND_YEARS: Mapping[str, Callable[[xr.Dataset], xr.DataArray]] = {
    "first_deficit": lambda data: first_year(_falling(data, "fund_balance")),
    "lasting_deficit": lambda data: lasting_year(_falling(data, "fund_balance")),
    "lasting_deficit_unaided": lambda data: lasting_year(_falling(data, UNAIDED)),
    "no_subsidy": lambda data: first_year(_negative(data, UNAIDED)),
    "constant_share": lambda data: first_year(_negative(data, "fund_balance")),
    "exhaustion": lambda data: lasting_year(_negative(data, "fund_balance")),
    "exhaustion_unaided": lambda data: lasting_year(_negative(data, UNAIDED)),
    "first_need": lambda data: first_year((data[NEED] > 0.0).where(data.year > data[START], False)),
    **{name: registry()[name] for name in INDICATOR_YEARS},
}
"""Years of a fund: first year whose balance falls, year from which it falls to the horizon; first year end below zero
and year end from which it stays below zero, on the own and on the unaided account; first year that needs a fill. All
are judged from the same start as `exhaustion_table`, the unaided account from the printed balance. The last are
`INDICATOR_YEARS`: years of the run itself, the unaided account from the opening."""

INDICATORS = {"uebps_pensioners": "person", "uebps_payers": "person", "replacement_ratio_average": "1"}
BALANCES = {"fund_balance_unaided": UNAIDED, "fund_balance": "fund_balance"}
"""Balances among the headline results, the headline first, and the variable of each."""


def measures_of(horizon: int, holds_fund: bool) -> list[Measure]:
    """The measures of a region: people and replacement; funds where it holds them; years of every fund.

    A run that ends before the first of `YEARS` is measured in its last year.
    """
    years = [year for year in YEARS if year <= horizon] or [horizon]
    found = []
    if holds_fund:
        found += [Measure(name, "yuan", "enterprise_pension", year) for name in BALANCES for year in years]
    found += [Measure(name, unit, "", year) for name, unit in INDICATORS.items() for year in years]
    funds = [fund for fund in FUND if holds_fund or fund not in NOTIONAL]
    return found + [Measure(name, "year", fund) for fund in funds for name in FUND_YEARS]


NOTIONAL = ("enterprise_pension", "public_pension")
"""Funds that no region below the province holds in law."""


def values_of(data: xr.Dataset, measures: Sequence[Measure]) -> dict[Measure, np.ndarray]:
    """Each measure in every lane [scenario]; not a number where a year never comes."""
    found: dict[str, xr.DataArray] = {name: of(data) for name, of in FUND_YEARS.items()}
    found |= {name: data[variable] for name, variable in BALANCES.items()}
    found |= {name: registry()[name](data) for name in INDICATORS}
    values = {}
    for one in measures:
        chosen = found[one.key]
        if one.fund:
            chosen = chosen.sel(fund=one.fund)
        if one.year is not None:
            chosen = chosen.sel({"year_end" if "year_end" in chosen.dims else "year": one.year})
        values[one] = np.asarray(chosen.values, dtype=np.float64)
    return values
