"""Identities of every lane and year (model.md, section 13), rebuilt from the results, never from the recursion.

A check returns a residual relative to the size of what it adds up. It reports; it repairs nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from simengine.judge.time import closing, opening

if TYPE_CHECKING:
    import pandas as pd
    import xarray as xr

LIMIT = 1e-9


def flow_residual(
    stock: xr.DataArray, gains: list[xr.DataArray], losses: list[xr.DataArray], size: xr.DataArray | None = None
) -> xr.DataArray:
    """(opening + gains - losses - closing) over the largest of stocks and flows [1]."""
    at_start, at_end = opening(stock), closing(stock)
    moved = sum(gains) - sum(losses)
    gross = sum(abs(item) for item in gains) + sum(abs(item) for item in losses)
    scale = abs(at_start) + abs(at_end) + gross
    if size is not None:
        scale = scale + size
    return (at_start + moved - at_end) / scale.where(scale > 0.0, 1.0)


def population(data: xr.Dataset) -> xr.DataArray:
    """Residents: opening + births - deaths + net migration = closing."""
    return flow_residual(data.population.sum(("sex", "age")), [data.births, data.net_migration], [data.deaths])


def main_statuses(data: xr.Dataset) -> xr.DataArray:
    """Main statuses add up to the residents plus the non-resident members; who is in two schemes counts once."""
    parts = (
        data.members.sum("status")
        + data.enterprise_pensioners
        + data.public_pensioners
        + data.invalidity_recipients
        + data.resident_contributors
        + data.resident_paused
        - data.dual_members
        + data.resident_beneficiaries
        + data.uncovered
        + data.students
    )
    people = data.population.sum(("sex", "age")) + data.non_resident_members
    residual: xr.DataArray = (parts - people) / people
    return residual


def members(data: xr.Dataset) -> xr.DataArray:
    """Members of the employees' scheme by scheme flows."""
    gains = [
        data.entries_enterprise,
        data.entries_flexible,
        data.entries_public,
        data.admitted_actives,
        data.catch_up_entries,
        data.members_in,
    ]
    losses = [
        data.member_deaths,
        data.awards,
        data.choice_resident,
        data.choice_refund,
        data.final_refunds,
        data.members_out,
        data.new_invalids,
    ]
    return flow_residual(data.members.sum("status"), gains, losses)


def pensioners(data: xr.Dataset) -> xr.DataArray:
    """Pensioners of both funds."""
    gains = [data.awards, data.admitted_pensioners, data.invalid_to_pension]
    losses = [data.pensioner_deaths_enterprise, data.pensioner_deaths_public]
    return flow_residual(data.enterprise_pensioners + data.public_pensioners, gains, losses)


def invalids(data: xr.Dataset) -> xr.DataArray:
    """Recipients of the sickness allowance."""
    losses = [data.invalid_deaths, data.invalid_ended, data.invalid_to_pension]
    return flow_residual(data.invalidity_recipients, [data.new_invalids], losses)


def residents(data: xr.Dataset) -> xr.DataArray:
    """Everyone in the resident scheme, registered or drawing."""
    stock = data.resident_contributors + data.resident_paused + data.resident_beneficiaries
    gains = [data.resident_entries, data.resident_from_employees, data.resident_admitted]
    losses = [
        data.resident_to_employees,
        data.resident_contributor_deaths,
        data.resident_beneficiary_deaths,
        data.resident_dual_ended,
    ]
    return flow_residual(stock, gains, losses)


def claimants(data: xr.Dataset) -> xr.DataArray:
    """Claimants of unemployment benefit."""
    losses = [data.claims_ended, data.claims_reemployed, data.claimant_deaths]
    return flow_residual(data.unemployment_claimants, [data.new_claimants], losses)


def unemployment_insured(data: xr.Dataset) -> xr.DataArray:
    """Insured against unemployment: a claim leaves the payers, work brings back."""
    gains = [data.unemployment_entries, data.claims_reemployed]
    return flow_residual(data.unemployment_insured, gains, [data.unemployment_exits, data.new_claimants])


def annuitants(data: xr.Dataset) -> xr.DataArray:
    """Recipients of a disability allowance."""
    return flow_residual(data.injury_annuitants, [data.new_annuitants], [data.annuitant_deaths])


def injury_survivors(data: xr.Dataset) -> xr.DataArray:
    """Dependants of workers killed at work."""
    return flow_residual(data.injury_survivors, [data.new_injury_survivors], [data.injury_survivor_exits])


def accounts(data: xr.Dataset) -> xr.DataArray:
    """Members' accounts: opening + credits + interest + in - inherited - refunded - to pensions - out = closing."""
    gains = [data.account_credits, data.account_interest_credited, data.account_transferred_in]
    losses = [
        data.account_inherited,
        data.account_refunded,
        data.account_to_pension,
        data.account_transferred_out,
    ]
    return flow_residual(data.account_balance, gains, losses)


def pension_accounts(data: xr.Dataset) -> xr.DataArray:
    """Accounts in payment."""
    gains = [data.pension_account_in, data.pension_account_interest]
    losses = [data.pension_account_drawn, data.pension_account_inherited]
    return flow_residual(data.pensioner_account_balance, gains, losses)


def resident_accounts(data: xr.Dataset) -> xr.DataArray:
    """Residents' accounts, saving and in payment together."""
    stock = data.resident_account_balance + data.resident_pensioner_account
    gains = [data.resident_credits, data.resident_interest_credited, data.resident_account_in]
    losses = [data.resident_inherited, data.resident_drawn, data.resident_account_out]
    return flow_residual(stock, gains, losses)


def funds(data: xr.Dataset) -> xr.DataArray:
    """Each fund: opening + nine incomes - five outgoes = closing."""
    residual = flow_residual(data.fund_balance, [data.income.sum("income_item")], [data.outgo.sum("outgo_item")])
    return residual


def annuity_accounts(data: xr.Dataset) -> xr.DataArray:
    """The annuity fund is the sum of its accounts."""
    balance = closing(data.fund_balance.sel(fund="occupational_annuity", drop=True))
    accounts_total = closing(data.annuity_fund)
    scale = abs(balance) + abs(accounts_total)
    return (balance - accounts_total) / scale.where(scale > 0.0, 1.0)


def cost_rate(data: xr.Dataset) -> xr.DataArray:
    """Pay-as-you-go cost rate = dependency ratio x benefit ratio, enterprise fund."""
    spending = data.outgo.sel(fund="enterprise_pension", drop=True).sum("outgo_item")
    base = data.insurable_earnings.sel(fund="enterprise_pension", drop=True)
    heads = data.exposure_enterprise + data.exposure_flexible
    drawing = closing(data.enterprise_pensioners)
    dependency = drawing / heads
    benefit = (spending / drawing) / (base / heads)
    residual: xr.DataArray = dependency * benefit / (spending / base) - 1.0
    return residual


CHECKS: dict[str, Callable[[Any], Any]] = {
    "population": population,
    "main_statuses": main_statuses,
    "members": members,
    "pensioners": pensioners,
    "invalids": invalids,
    "residents": residents,
    "claimants": claimants,
    "unemployment_insured": unemployment_insured,
    "annuitants": annuitants,
    "injury_survivors": injury_survivors,
    "member_accounts": accounts,
    "pension_accounts": pension_accounts,
    "resident_accounts": resident_accounts,
    "funds": funds,
    "annuity_accounts": annuity_accounts,
    "cost_rate": cost_rate,
}


def run_checks(result: Any) -> pd.DataFrame:
    """All identities of a result: worst residual of each by scenario and region, with the limit.

    Returns
    -------
    columns check, scenario, region, worst, year, limit, ok
    """
    import numpy as np
    import pandas as pd

    data = result.dataset
    rows = []
    for name, check in CHECKS.items():
        residual = abs(check(data))
        time = "year" if "year" in residual.dims else "year_end"
        extra = [dim for dim in residual.dims if dim not in ("scenario", "region", time)]
        worst = residual.max(extra) if extra else residual
        for scenario in data.scenario.values:
            for region in data.region.values:
                line = worst.sel(scenario=scenario, region=region)
                values = line.values
                if np.isnan(values).all():
                    continue  # a region that this scenario does not run
                position = int(np.nanargmax(values)) if np.isfinite(values).any() else 0
                value = float(np.nan if np.isnan(values).any() else values[position])
                rows.append((name, scenario, region, value, int(line[time].values[position]), LIMIT, value <= LIMIT))
    return pd.DataFrame(rows, columns=["check", "scenario", "region", "worst", "year", "limit", "ok"])
