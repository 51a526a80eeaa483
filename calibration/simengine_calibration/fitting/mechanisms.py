"""The mechanisms that carry the history, removed one at a time: what the free run would be without each."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from simengine.basis.basis import Basis
from simengine.basis.overlay import Values, overlay
from simengine.engine.label import label_history
from simengine.engine.project import spin_up
from simengine.judge.checks.free_run import SERIES, by_year
from simengine.law import LawTree
from simengine_calibration.fitting.model import Model

if TYPE_CHECKING:
    import pandas as pd

MEASURES = ("pensioners", "contributions", "expenditure", "balance", "recorded_accounts", "mean_enterprise_pension")
YEARS = (2005, 2010, 2015, 2018, 2020)
COLUMNS = ("mechanism", "series", "year", "with", "without", "change", "reference", "gap_with", "gap_without")


@dataclass(frozen=True)
class Mechanism:
    """One mechanism and what is left when it is taken away."""

    label: Mapping[str, str]
    values: Callable[[Basis], Values]
    law: Callable[[LawTree], LawTree] | None = None


def _all_years(basis: Basis, series: str, value: float | None = None, first: int | None = None) -> dict[int, float]:
    known = basis.owner(series).own_series[series]
    keep = first if first is not None else -1
    start = float(known.values[0]) if value is None else value
    return {int(year): start for year in known.years if year >= keep}


def _zero(*names: str) -> Callable[[Basis], Values]:
    def values(basis: Basis) -> Values:
        return Values(series={name: _all_years(basis, name, 0.0) for name in names})

    return values


def _no_deemed(basis: Basis) -> Values:
    """Late entrants bring bought years alone; whoever entered before the accounts keeps what 1992 gave."""
    return Values(constants={"deemed_entry_share": 0.0})


def _no_pausing(basis: Basis) -> Values:
    """Every member pays: paused members become enterprise payers, year by year."""
    paused = basis.owner("paused_members").own_series["paused_members"]
    payers = basis.owner("enterprise_payers").own_series["enterprise_payers"]
    years = sorted({*paused.years.tolist(), *payers.years.tolist()})
    both = [float(basis.path("enterprise_payers", [y])[0] + basis.path("paused_members", [y])[0]) for y in years]
    return Values(
        series={
            "enterprise_payers": dict(zip(map(int, years), both, strict=True)),
            "paused_members": {int(year): 0.0 for year in years},
            "pause_enterprise": _all_years(basis, "pause_enterprise", 0.0),
            "pause_flexible": _all_years(basis, "pause_flexible", 0.0),
        }
    )


def _early(law: LawTree) -> LawTree:
    dated = {f"{year}-01-01": 0.0 for year in (1993, 2008)}
    return law.with_changes({"retirement/early_hazard": dated}, origin="mechanisms")


MECHANISMS: Mapping[str, Mechanism] = {
    "catch_up": Mechanism({"en": "catch-up enrolment", "zh": "补缴参保"}, _zero("catch_up_entrants")),
    "deemed": Mechanism({"en": "deemed years of late entrants", "zh": "视同缴费年限"}, _no_deemed),
    "early": Mechanism(
        {"en": "early retirement before 2025", "zh": "2025年前提前退休"}, lambda basis: Values(), _early
    ),
    "admission": Mechanism(
        {"en": "groups admitted with their pensioners", "zh": "整体纳入"},
        _zero("admitted_enterprise_pensioners", "admitted_public_pensioners"),
    ),
    "settlement": Mechanism(
        {"en": "back settlement of the public sector", "zh": "机关事业单位清算"},
        _zero("settled_pension_years", "settled_contribution_years"),
    ),
    "payer_share": Mechanism({"en": "payer share below one", "zh": "缴费人数占比"}, _no_pausing),
    "compliance": Mechanism(
        {"en": "falling base compliance (kept at the first value)", "zh": "缴费基数水平下降"},
        lambda basis: Values(series={"compliance_enterprise": _all_years(basis, "compliance_enterprise")}),
    ),
    "award": Mechanism(
        {"en": "awards above the formula (factor 1)", "zh": "计发水平高于公式"},
        lambda basis: Values(series={"award_factor": _all_years(basis, "award_factor", 1.0)}),
    ),
}


def mechanism_table(model: Model, base: Basis, say: Callable[[str], None] | None = None) -> pd.DataFrame:
    """Free run with and without each mechanism beside the references.

    Parameters
    ----------
    base : basis of the free run, fitted or not
    """
    import pandas as pd

    known = {(item.series, item.year): item.value for item in model.references()}
    last = max(YEARS)

    def run(basis: Basis, law: LawTree) -> dict[str, dict[int, float]]:
        data = label_history(spin_up(basis, law, last), by_age=False).isel(scenario=0, draw=0, region=0)
        found = {name: by_year(data, SERIES[name]) for name in MEASURES}
        return found if model.tables is None else model.tables.sized(found)

    whole = run(base, model.law)
    rows = []
    for name, one in MECHANISMS.items():
        if say is not None:
            say(name)
        law = model.law if one.law is None else one.law(model.law)
        without = run(overlay(base, {base.name: one.values(base)}), law)
        for series in MEASURES:
            for year in YEARS:
                engine, left = whole[series][year], without[series][year]
                value = known.get((series, year), float("nan"))
                rows.append((
                    name, series, year, engine, left, left / engine - 1.0, value, engine / value - 1.0,
                    left / value - 1.0,
                ))  # fmt: skip
    return pd.DataFrame(rows, columns=COLUMNS)
