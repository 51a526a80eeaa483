"""Actuarial measures of the two funds of the employees' scheme: rates, summarised rates, balances, obligations.

A valuation stands at a year end and looks over the years behind it. Flows of a year arrive evenly and are discounted
by the return of the fund's own money; aid of budgets and what funds pay each other are no income and no cost. Formulas,
sources and an example by hand: notes/actuarial.md.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from simengine.judge.indicators.define import indicator
from simengine.judge.indicators.sums import PENSION_FUND
from simengine.judge.indicators.valued import OWN_COST, OWN_INCOME, Discounts
from simengine.judge.time import falls, lasting_year, ratio
from simengine.registry.axes import AGE, PAYER_STATUS, WORKING_AGE

if TYPE_CHECKING:
    from xarray import DataArray, Dataset

SPANS = (25, 50, 75)
"""Years of a valuation."""
LONGEST = SPANS[-1]
ENTRY_AGE = 16
"""Who has reached it at the valuation belongs to the closed group: the first age at which the scheme insures."""
OLDEST = int(AGE[-1])
rate = partial(indicator, plan_unit="%", by_fund=True)
money = partial(indicator, plan_unit="亿元", by_fund=True, signed=True, plausible=(-1e7, 1e7))
event = partial(indicator, plan_unit="年", by_fund=True, plausible=(1990.0, 2200.0))


# --- flows and discounting --------------------------------------------------------------------------------------------


def own_income(data: Dataset) -> DataArray:
    """Income of the year without returns, aid and payments of other funds [yuan; fund, year]."""
    return data["income"].sel(fund=list(PENSION_FUND), income_item=list(OWN_INCOME)).sum("income_item")


def own_cost(data: Dataset) -> DataArray:
    """Outgo of the year without payments to other funds [yuan; fund, year]."""
    return data["outgo"].sel(fund=list(PENSION_FUND), outgo_item=list(OWN_COST)).sum("outgo_item")


def base(data: Dataset) -> DataArray:
    """Contribution base of the year [yuan; fund, year]."""
    return data["insurable_earnings"].sel(fund=list(PENSION_FUND))


def assets(data: Dataset) -> DataArray:
    """Own account of the fund at year ends: what is in hand at a valuation [yuan; fund, year_end]."""
    return data["fund_balance"].sel(fund=list(PENSION_FUND))


class Valued(Discounts):
    """Arrays of a valuation on (lanes..., fund, year), and their discount factors."""

    def __init__(self, data: Dataset) -> None:
        own = [data[f"return_{fund}"] for fund in PENSION_FUND]
        self.lanes = tuple(str(dim) for dim in own[0].dims if dim != "year")
        super().__init__(np.stack([one.transpose(*self.lanes, "year").values for one in own], axis=-2))
        years = own[0]["year"].values
        self.coords = {name: data[name].values for name in self.lanes}
        self.coords["year_end"] = np.concatenate([years[:1] - 1, years])  # flows alone have no year ends

    def array(self, flow: DataArray) -> np.ndarray:
        """Values of a flow in the order of the axes of the valuation."""
        return np.asarray(flow.transpose(*self.lanes, "fund", "year").values)

    def held(self, data: Dataset, span: int) -> np.ndarray:
        """Assets at every year end that has a valuation over the span [yuan]."""
        stock = assets(data).transpose(*self.lanes, "fund", "year_end").values
        return np.asarray(stock[..., : self.starts(span)])

    def at_ends(self, values: np.ndarray) -> DataArray:
        """Values by year end, labelled; year ends beyond the given ones are not a number."""
        import xarray as xr

        full = np.full(self.at_end.shape, np.nan)
        full[..., : values.shape[-1]] = values
        coords = {**self.coords, "fund": list(PENSION_FUND)}
        return xr.DataArray(full, coords, (*self.lanes, "fund", "year_end"))


# --- rates by year ----------------------------------------------------------------------------------------------------


@rate(
    plausible=(0.01, 3.0),
    beyond_one="income beside contributions is no part of a base",
    en="Income rate",
    zh="收入率",
    definition_zh="当年自有收入（缴费、集体补助、转移和其他收入，不含收益、财政补贴及上下级调剂）与当年缴费基数总额之比。",
)
def income_rate(data: Dataset) -> DataArray:
    """Own income of the year over its contribution base: contributions, collective subsidies, transfers and other
    income, without returns, without subsidies of budgets and without payments of other funds.
    """
    return ratio(own_income(data), base(data))


@rate(
    plausible=(0.01, 3.0),
    beyond_one="benefits are no part of a base",
    en="Cost rate",
    zh="成本率",
    definition_zh="当年待遇、转移和其他支出（不含上解和补助下级）与当年缴费基数总额之比。",
)
def cost_rate(data: Dataset) -> DataArray:
    """Benefits, transfers and other outgo of the year over its contribution base, without payments to other funds."""
    return ratio(own_cost(data), base(data))


@rate(
    plausible=(-3.0, 3.0),
    signed=True,
    beyond_one="benefits are no part of a base",
    en="Balance of the year over the base",
    zh="当年收支率差",
    definition_zh="收入率减成本率。",
)
def annual_balance_rate(data: Dataset) -> DataArray:
    """Income rate less cost rate."""
    return income_rate(data) - cost_rate(data)


@rate(
    plausible=(0.05, 5.0),
    beyond_one="income may exceed cost",
    en="Per cent payable from own income",
    zh="自有收入可支付比例",
    definition_zh="当年自有收入与当年成本之比；基金耗尽后即为仍可支付的待遇比例。",
)
def payable_share(data: Dataset) -> DataArray:
    """Own income of the year over its cost: what could still be paid of every yuan once the fund is used up."""
    return ratio(own_income(data), own_cost(data))


# --- summarised rates and balances ------------------------------------------------------------------------------------


def summarised(data: Dataset, span: int, *, income: bool, cost: bool) -> DataArray:
    """Summarised income rate, cost rate, or the first less the second [1; fund, year_end]."""
    valued = Valued(data)
    whole = valued.array(base(data))
    rates = []
    if income:
        rates.append(valued.income_rate(valued.held(data, span), valued.array(own_income(data)), whole, span))
    if cost:
        rates.append(valued.cost_rate(valued.array(own_cost(data)), whole, span))
    return valued.at_ends(rates[0] - rates[1] if len(rates) == 2 else rates[0])


def _define_span(span: int) -> None:
    """The three summarised measures of one span."""

    def income(data: Dataset) -> DataArray:
        return summarised(data, span, income=True, cost=False)

    def cost(data: Dataset) -> DataArray:
        return summarised(data, span, income=False, cost=True)

    def balance(data: Dataset) -> DataArray:
        return summarised(data, span, income=True, cost=True)

    income.__name__ = f"summarised_income_rate_{span}"
    income.__doc__ = f"""Assets at the valuation, the year end, and the present value of own income of the {span} years
        behind it, over that of the contribution base."""
    cost.__name__ = f"summarised_cost_rate_{span}"
    cost.__doc__ = f"""Present value of the cost of the {span} years behind the valuation, the year end, and of one
        year's cost in hand at their end (the cost of the last year), over that of the contribution base."""
    balance.__name__ = f"actuarial_balance_{span}"
    balance.__doc__ = f"""Summarised income rate less summarised cost rate over {span} years: points of the contribution
        base that are left over, or missing below zero, for every year of the span."""
    beyond = "assets and benefits are no part of a base"
    rate(
        plausible=(-3.0, 3.0),
        signed=True,
        beyond_one=beyond,
        en=f"Summarised income rate, {span} years",
        zh=f"{span}年综合收入率",
        definition_zh=f"估值时点（年末）基金结余与其后{span}年自有收入现值之和，与同期缴费基数现值之比。",
    )(income)
    rate(
        plausible=(0.01, 3.0),
        beyond_one=beyond,
        en=f"Summarised cost rate, {span} years",
        zh=f"{span}年综合成本率",
        definition_zh=f"估值时点（年末）其后{span}年成本现值与期末目标基金（末年一年成本）现值之和，与同期缴费基数现值之比。",
    )(cost)
    rate(
        plausible=(-3.0, 3.0),
        signed=True,
        beyond_one=beyond,
        en=f"Actuarial balance, {span} years",
        zh=f"{span}年精算平衡",
        definition_zh=f"{span}年综合收入率减综合成本率，负值为缺口，以缴费基数的百分点计。",
    )(balance)


for _span in SPANS:
    _define_span(_span)


# --- obligations by birth cohort --------------------------------------------------------------------------------------


def _grown(stock: np.ndarray) -> np.ndarray:
    """A stock at the start of a year by the age reached in it [..., age, year]; the last age collects."""
    moved = np.zeros_like(stock[..., :-1])
    moved[..., 1:, :] = stock[..., :-1, :-1]
    moved[..., -1, :] += stock[..., -1, :-1]
    return moved


def _parted(whole: np.ndarray, weight: np.ndarray) -> np.ndarray:
    """Money of a year parted among ages as weights stand [..., age, year]; where nobody stands, nothing is parted."""
    total = weight.sum(axis=-2, keepdims=True)
    share = np.divide(weight, total, out=np.zeros_like(weight), where=total > 0.0)
    return np.asarray(whole[..., None, :] * share)


def cost_by_age(data: Dataset, valued: Valued) -> np.ndarray:
    """Cost of every year by the age reached in it [yuan; ..., fund, age, year].

    It is parted as pensions in payment stand, the mean of both year ends with the adjustment of 1 January.
    """
    mass = data["pension_mass_by_age"].sum("sex").transpose(*valued.lanes, "scheme", "age", "year_end").values
    rise = 1.0 + data["adjustment_ratio"].transpose(*valued.lanes, "year").values[..., None, None, :]
    return _parted(valued.array(own_cost(data)), 0.5 * (rise * _grown(mass) + mass[..., 1:]))


def income_by_age(data: Dataset, valued: Valued) -> np.ndarray:
    """Own income of every year by the age reached in it, parted as the contribution base stands [yuan]."""
    earned = data["insurable_earnings_by_age"].sum("sex").transpose(*valued.lanes, "scheme", "age", "year").values
    return _parted(valued.array(own_income(data)), earned)


def earned_part(data: Dataset, lanes: tuple[str, ...]) -> np.ndarray:
    """Part of the whole career of a cohort that lies behind each year end [..., age, year_end] [1].

    φ(a, v) = S/(S + F): recognised years of its members and pensioners, and years that its payers will add
    """
    done = data["service_by_age"].sum("sex").transpose(*lanes, "age", "year_end").values
    paying = data["members_by_age"].sel(status=list(PAYER_STATUS)).sum(("status", "sex"))
    heads = exposed_by_age(paying.transpose(*lanes, "working_age", "year_end").values, done.shape)
    ahead = np.zeros_like(done)
    for year in range(done.shape[-1] - 2, -1, -1):
        ahead[..., :-1, year] = (heads[..., year] + ahead[..., year + 1])[..., 1:]
    whole = done + ahead
    return np.asarray(np.divide(done, whole, out=np.zeros_like(done), where=whole > 0.0))


def exposed_by_age(working: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
    """Mean heads of every year by the age reached in it, on all ages [..., age, year]."""
    full = np.zeros(shape)
    first = int(WORKING_AGE[0])
    full[..., first : first + working.shape[-2], :] = working
    return np.asarray(0.5 * (_grown(full) + full[..., 1:]))


def by_cohort(valued: Valued, flow: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Present value over the longest span of the flows of cohorts, each with its weight [..., fund, year_end].

    Parameters
    ----------
    flow : [..., fund, age reached, year]; weights : by age at the valuation, below zero for the unborn
        [..., age + span, year_end]; the lanes of both agree
    """
    count = valued.starts(LONGEST)
    found = np.zeros((*flow.shape[:-2], count))
    ages = np.arange(flow.shape[-2])[:, None] - np.arange(1, LONGEST + 1)[None, :] + LONGEST  # place in the weights
    for start in range(count):
        window = slice(start, start + LONGEST)
        worth = flow[..., window] * valued.in_year[..., None, window]
        chosen = weights[..., start][..., ages]
        found[..., start] = (worth * chosen[..., None, :, :]).sum(axis=(-2, -1)) / valued.at_end[..., start]
    return found


def _of_ages(shape: tuple[int, ...], closed: bool) -> np.ndarray:
    """Weights that are one in the closed group, or one in everybody else [..., age + span, year_end]."""
    ages = np.arange(-LONGEST, OLDEST + 1)
    chosen = (ages >= ENTRY_AGE) if closed else (ages < ENTRY_AGE)
    return np.broadcast_to(chosen[:, None].astype(float), (*shape[:-2], chosen.size, shape[-1]))


def obligation(data: Dataset, group: str) -> DataArray:
    """Present value of cost less own income over 75 years of a group: ``open``, ``closed``, ``new``; [yuan].

    From the open and the closed group the assets are taken.
    """
    valued = Valued(data)
    if group == "open":
        net = valued.array(own_cost(data)) - valued.array(own_income(data))
        return valued.at_ends(valued.present(net, LONGEST) - valued.held(data, LONGEST))
    weights = _of_ages((*valued.at_end.shape[:-2], 1, valued.years + 1), group == "closed")
    found = by_cohort(valued, cost_by_age(data, valued) - income_by_age(data, valued), weights)
    return valued.at_ends(found - valued.held(data, LONGEST) if group == "closed" else found)


def accrued(data: Dataset) -> tuple[Valued, np.ndarray]:
    """The valuation, and the present value of the part of the closed group's cost that was earned by then [yuan]."""
    valued = Valued(data)
    part = earned_part(data, valued.lanes)
    weights = np.zeros((*part.shape[:-2], LONGEST + OLDEST + 1, part.shape[-1]))
    weights[..., LONGEST + ENTRY_AGE :, :] = part[..., ENTRY_AGE:, :]
    return valued, by_cohort(valued, cost_by_age(data, valued), weights)


@money(
    en="Open-group obligation, 75 years",
    zh="开放群体未备付义务（75年）",
    definition_zh="估值时点其后75年全部成本现值减自有收入现值，再减基金结余；正值为缺口。",
)
def open_group_obligation(data: Dataset) -> DataArray:
    """Present value of the cost of the 75 years behind the valuation less that of own income, less assets: what is
    missing for everybody, those included who enter later.
    """
    return obligation(data, "open")


@money(
    en="Closed-group obligation, 75 years",
    zh="封闭群体未备付义务（75年）",
    definition_zh="估值时点已满16岁人群其后75年成本现值减自有收入现值，再减基金结余。",
)
def closed_group_obligation(data: Dataset) -> DataArray:
    """The same of the people who had reached 16 by the valuation: present value of their cost less that of their own
    income, less assets.
    """
    return obligation(data, "closed")


@money(
    en="Obligation of new entrants, 75 years",
    zh="新进入群体净义务（75年）",
    definition_zh="估值时点未满16岁及其后出生人群其后75年成本现值减自有收入现值；通常为负，即净贡献。",
)
def new_entrants_obligation(data: Dataset) -> DataArray:
    """The same of the people who reach 16 later: present value of their cost less that of their own income; below zero
    where they pay in more than they draw in the span.
    """
    return obligation(data, "new")


@indicator(
    plan_unit="亿元",
    plausible=(0.0, 1e7),
    by_fund=True,
    en="Accrued obligation",
    zh="已积累养老金义务",
    definition_zh="估值时点已满16岁人群其后75年成本现值中，按已累计缴费年限占其全部缴费年限的比例归属于过去的部分。",
)
def accrued_obligation(data: Dataset) -> DataArray:
    """Present value of the cost of the people of 16 and over in the 75 years behind the valuation, as far as earned by
    then: the recognised years of a cohort over these and the years that its payers will still add.
    """
    valued, found = accrued(data)
    return valued.at_ends(found)


@money(
    en="Implicit debt",
    zh="隐性债务",
    definition_zh="已积累养老金义务减基金结余。",
)
def implicit_debt(data: Dataset) -> DataArray:
    """Accrued obligation less the assets of the fund at the valuation."""
    valued, found = accrued(data)
    return valued.at_ends(found - valued.held(data, LONGEST))


# --- years in which it lasts ------------------------------------------------------------------------------------------


@event(
    en="Year from which the deficit lasts",
    zh="持续当期缺口起始年份",
    definition_zh="自该年起至预测期末，自有账户年末结余逐年低于年初。",
)
def lasting_deficit_year(data: Dataset) -> DataArray:
    """Year from which the own account closes below its opening in every year to the horizon."""
    return lasting_year(falls(data["fund_balance"]))


@event(
    en="Year from which the deficit lasts, without aid",
    zh="持续当期缺口起始年份（无补贴）",
    definition_zh="自该年起至预测期末，无补贴账户年末结余逐年低于年初。",
)
def unaided_lasting_deficit_year(data: Dataset) -> DataArray:
    """Year from which the unaided account closes below its opening in every year to the horizon."""
    return lasting_year(falls(data["fund_balance_unaided"]))


@event(
    en="Year from which the fund is used up",
    zh="持续耗尽起始年份",
    definition_zh="自该年年末起至预测期末，自有账户结余持续为负。",
)
def lasting_exhaustion_year(data: Dataset) -> DataArray:
    """Year end from which the own account stays below zero to the horizon."""
    return lasting_year(data["fund_balance"] < 0)


@event(
    en="Year from which the fund is used up, without aid",
    zh="持续耗尽起始年份（无补贴）",
    definition_zh="自该年年末起至预测期末，无补贴账户结余持续为负。",
)
def unaided_lasting_exhaustion_year(data: Dataset) -> DataArray:
    """Year end from which the unaided account stays below zero to the horizon."""
    return lasting_year(data["fund_balance_unaided"] < 0)
