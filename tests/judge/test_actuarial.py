"""Actuarial measures: each beside plain Python, the obligations beside each other, and who is told nothing."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest
import xarray as xr

import simengine
from simengine.engine.project import project
from simengine.judge.indicators import registry
from simengine.judge.indicators.actuarial import ENTRY_AGE, SPANS, earned_part
from simengine.judge.indicators.sums import PENSION_FUND
from simengine.judge.measures.told import GIVES_VERDICT
from simengine.judge.measures.valuation import OBLIGATIONS, SUMMARISED, valuation_table
from simengine.judge.quantities.table import tabulate
from simengine.judge.run import Judged
from simengine.scenario.scenario import load_scenario
from tests.helpers.note_tables import assert_printed, note_tables

X = 0.01


@pytest.fixture(scope="module")
def china() -> Judged:
    """The nation as known today."""
    return simengine.judge_scenarios("china/baseline")["china/baseline"]


@pytest.fixture(scope="module")
def data(china: Judged) -> xr.Dataset:
    """Its projection."""
    return china.projection


def value(data: xr.Dataset, name: str, fund: str, year: int) -> float:
    """One number of an indicator."""
    found = registry()[name](data).squeeze(drop=True).sel(fund=fund)
    return float(found.sel({"year_end" if "year_end" in found.dims else "year": year}))


def plain(data: xr.Dataset, fund: str) -> dict[str, list[float]]:
    """Flows of a fund by year as lists: own income, own cost, base, return."""
    lane = data.squeeze(drop=True)
    income, outgo = lane["income"].sel(fund=fund), lane["outgo"].sel(fund=fund)
    return {
        "income": [
            float(sum(income.sel(income_item=name, year=year) for name in ("contributions", "collective_subsidy")))
            + float(sum(income.sel(income_item=name, year=year) for name in ("transfers_in", "other_income")))
            for year in lane.year.values
        ],
        "cost": [
            float(sum(outgo.sel(outgo_item=name, year=year) for name in ("benefits", "transfers_out", "other_outgo")))
            for year in lane.year.values
        ],
        "base": lane["insurable_earnings"].sel(fund=fund).values.tolist(),
        "rate": lane[f"return_{fund}"].values.tolist(),
    }


@pytest.mark.parametrize("fund", PENSION_FUND)
@pytest.mark.parametrize(("span", "at"), [(25, 2020), (25, 2040), (50, 2030), (75, 2020)])
def test_summarised_rates__are_the_sums_of_plain_python(data: xr.Dataset, fund: str, span: int, at: int) -> None:
    flows = plain(data, fund)
    worth, sums = 1.0, {"income": 0.0, "cost": 0.0, "base": 0.0}
    for place in range(at - 2020, at - 2020 + span):
        rate = flows["rate"][place]
        for name in sums:  # flows arrive in the middle of the year
            sums[name] += flows[name][place] * worth / math.sqrt(1.0 + rate)
        worth /= 1.0 + rate
    target = flows["cost"][at - 2020 + span - 1] * worth  # a year's cost in hand at the end
    held = float(data["fund_balance"].squeeze(drop=True).sel(fund=fund, year_end=at))
    income, cost = (held + sums["income"]) / sums["base"], (sums["cost"] + target) / sums["base"]
    assert value(data, f"summarised_income_rate_{span}", fund, at) == pytest.approx(income, rel=1e-11)
    assert value(data, f"summarised_cost_rate_{span}", fund, at) == pytest.approx(cost, rel=1e-11)
    assert value(data, f"actuarial_balance_{span}", fund, at) == pytest.approx(income - cost, rel=1e-10)


def test_valuation__has_no_number_where_the_run_is_too_short(data: xr.Dataset) -> None:
    for span in SPANS:
        found = registry()[f"actuarial_balance_{span}"](data).squeeze(drop=True)
        known = found.year_end.values[found.notnull().all("fund").values]
        assert known.tolist() == list(range(2020, 2095 - span + 1))


def test_year_rates__are_quotients_of_the_year(data: xr.Dataset) -> None:
    flows = plain(data, "enterprise_pension")
    for year in (2021, 2050, 2095):
        income, cost, base = (flows[name][year - 2021] for name in ("income", "cost", "base"))
        found = [
            value(data, name, "enterprise_pension", year) for name in ("income_rate", "cost_rate", "payable_share")
        ]
        assert found == pytest.approx([income / base, cost / base, income / cost], rel=1e-13)


def note_fund(data: xr.Dataset) -> xr.Dataset:
    """A run in which the enterprise fund has the constant flows of the note."""
    changed = data.copy(deep=True)
    here = {"fund": "enterprise_pension"}
    for name, item, amount in (("income", "contributions", 24.0), ("outgo", "benefits", 30.0)):
        changed[name].loc[here] = 0.0
        changed[name].loc[{**here, f"{name}_item": item}] = amount
    changed["insurable_earnings"].loc[here] = 100.0
    changed["fund_balance"].loc[here] = 50.0
    changed["return_enterprise_pension"][:] = 0.02
    return changed


def test_note__worked_example_of_a_constant_fund(data: xr.Dataset) -> None:
    changed = note_fund(data)
    ((*rows,),) = note_tables("actuarial", "3.1")
    for row in rows:
        span = int(row["span"])
        for name in SUMMARISED:
            found = 100.0 * value(changed, f"{name}_{span}", "enterprise_pension", 2020)
            assert_printed(row[name], found, f"{name} {span}")
        annuity = sum(
            1.02 ** -(year - 0.5) for year in range(1, span + 1)
        )  # by hand: a yuan in the middle of each year
        assert_printed(row["annuity"], annuity, f"annuity {span}")
        by_hand = (50.0 + 24.0 * annuity) / (100.0 * annuity) - (30.0 * annuity + 30.0 * 1.02**-span) / (
            100.0 * annuity
        )
        assert value(changed, f"actuarial_balance_{span}", "enterprise_pension", 2020) == pytest.approx(
            by_hand, rel=1e-11
        )


@pytest.mark.parametrize("key", ["china/baseline", "haiyan/baseline", "jiangxi/as_planned"])
def test_obligations__closed_group_and_new_entrants_are_the_open_group(key: str) -> None:
    run = project(load_scenario(key)).dataset
    names = ("open_group_obligation", "closed_group_obligation", "new_entrants_obligation")
    whole, closed, new = (registry()[name](run).squeeze(drop=True).sel(year_end=2020).values for name in names)
    assert np.isfinite(whole).all() and (np.abs(new) > 0.0).all()
    assert np.abs(closed + new - whole).max() <= 1e-9 * np.abs(whole).max()


def test_closed_group__is_everybody_of_16_and_over_and_nobody_else(data: xr.Dataset) -> None:
    """By hand, cohort by cohort: who is 15 at the valuation is a new entrant."""
    changed = data.copy(deep=True)
    fund = "enterprise_pension"
    for name in ("income", "outgo"):
        changed[name].loc[{"fund": fund}] = 0.0
    changed["outgo"].loc[{"fund": fund, "outgo_item": "benefits"}] = 1.0
    changed["fund_balance"].loc[{"fund": fund}] = 0.0
    changed["return_enterprise_pension"][:] = 0.0
    changed["adjustment_ratio"][:] = 0.0
    for born, closed in ((2020 - ENTRY_AGE, 75.0), (2020 - ENTRY_AGE + 1, 0.0)):
        mass = changed["pension_mass_by_age"]
        mass[:] = 0.0
        for year_end in range(2020, 2096):  # one cohort alone draws
            mass.loc[{"year_end": year_end, "age": year_end - born, "scheme": "enterprise"}] = 100.0
        assert value(changed, "closed_group_obligation", fund, 2020) == pytest.approx(closed, abs=1e-9)
        assert value(changed, "new_entrants_obligation", fund, 2020) == pytest.approx(75.0 - closed, abs=1e-9)


def test_accrued__is_all_of_the_old_and_nothing_of_who_has_not_paid(data: xr.Dataset) -> None:
    part = earned_part(data, ("scenario", "draw", "region"))[0, 0, 0, :, 0]
    assert part[85:] == pytest.approx(1.0) and (part[:ENTRY_AGE] == 0.0).all()
    assert (np.diff(part[25:60]) > 0.0).all() and ((part >= 0.0) & (part <= 1.0)).all()
    for fund in PENSION_FUND:
        accrued = value(data, "accrued_obligation", fund, 2020)
        held = float(data["fund_balance"].squeeze(drop=True).sel(fund=fund, year_end=2020))
        assert value(data, "implicit_debt", fund, 2020) == pytest.approx(accrued - held, rel=1e-12)
        flows, worth, cost = plain(data, fund), 1.0, 0.0
        for place in range(75):
            cost += flows["cost"][place] * worth / math.sqrt(1.0 + flows["rate"][place])
            worth /= 1.0 + flows["rate"][place]
        assert 0.1 * cost < accrued < 0.6 * cost  # a part of what the closed group will cost, and that of everybody


def lever(folder: Path, name: str, paths: dict[str, str]) -> Path:
    """A lever file that moves series in every projected year."""
    lines = [f"  {series}: {{{change}}}" for series, change in paths.items()]
    text = f"name: {{en: {name}, local: {name}}}\nreason: test\npaths:\n" + "\n".join(lines) + "\n"
    path = folder / f"{name}.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def test_balance__moves_by_what_the_pooled_rate_of_all_payers_moves(tmp_path: Path) -> None:
    """No cut is in force and no arrears are paid later: the rate x more in every year is x more of balance."""
    none = {"arrears_share": "set: {2021: 0.0}"}
    rates = ("employer_rate", "flexible_rate", "public_employer_rate")
    more = dict.fromkeys(rates, f"add: {{2021: {X}}}")
    bare, rise = lever(tmp_path, "bare", none), lever(tmp_path, "more", more)
    base = simengine.what_if("china/baseline", levers=[bare])
    moved = simengine.what_if("china/baseline", levers=[bare, rise])
    late = simengine.what_if("china/baseline", levers=[rise])
    runs = project([base, moved, load_scenario("china/baseline"), late]).dataset
    assert float(runs["members"].diff("scenario").max()) == 0.0  # nobody comes or goes for the rate
    balance = registry()["actuarial_balance_75"](runs).squeeze(drop=True).sel(year_end=2020)
    difference = balance.isel(scenario=1) - balance.isel(scenario=0)
    assert difference.values == pytest.approx([X, X], abs=1e-12)
    arrears = 1.0 + 716.515122 / 36173.615865  # of 2021, from the account of the fund: the share is one for all years
    enterprise = (balance.isel(scenario=3) - balance.isel(scenario=2)).sel(fund="enterprise_pension")
    assert float(enterprise) == pytest.approx(X * arrears, rel=2e-3)


def test_valuation_table__is_told_where_funds_are_judged_and_nowhere_else(china: Judged) -> None:
    told = china.valuation
    assert set(told["fund"]) == {*PENSION_FUND} and set(told["region"]) == {"china"}
    spans = told[told["measure"] == "actuarial_balance"]["span"].tolist()
    assert spans == [25, 25, 50, 50, 75, 75]
    assert set(OBLIGATIONS) <= set(told["measure"])
    nobody = valuation_table(china.projection, china.scenario.key, china.definitions, {"china"})
    assert not len(nobody) and nobody.columns.tolist() == told.columns.tolist()
    runs = simengine.judge_scenarios(["jiangxi/baseline", "haiyan/baseline"])
    for key, judged in runs.items():
        assert not len(judged.valuation), key  # anchors are missed; a county holds no fund
        rows = tabulate(judged, ["actuarial_balance_75", "cost_rate"], [2020, 2025]).rows
        assert rows[rows["indicator"] == "actuarial_balance_75"]["value"].isna().all()
        assert rows[rows["indicator"] == "cost_rate"]["value"].notna().any()
    shown = tabulate(china, GIVES_VERDICT, 2020).rows
    assert shown["value"].notna().all() and len(shown) == 2 * len(GIVES_VERDICT)


def test_by_age__adds_up_to_the_whole(data: xr.Dataset) -> None:
    earned = data["insurable_earnings_by_age"].sum(("sex", "age")).squeeze(drop=True).values
    whole = data["insurable_earnings"].sel(fund=list(PENSION_FUND)).squeeze(drop=True).values
    assert np.abs(earned / whole - 1.0).max() <= 1e-12
    members = data["service_by_age"].sel(age=slice(None, 40)).sum(("sex", "age")).squeeze(drop=True)
    assert (data["member_service"].squeeze(drop=True) > members).all() and float(members.min()) > 0.0
