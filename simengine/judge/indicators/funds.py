"""Balances of the funds [yuan], how long they last [month, year], and the rates behind them [1]."""

from __future__ import annotations

from typing import TYPE_CHECKING

from simengine.judge.indicators.define import indicator
from simengine.judge.indicators.sums import PENSION_FUND, members_of, of_funds, outgo_of
from simengine.judge.time import closing, exposed, falls, first_year, ratio
from simengine.registry.axes import INCOME_ITEM, OUTGO_ITEM

if TYPE_CHECKING:
    from xarray import DataArray, Dataset


def benefits(data: Dataset) -> DataArray:
    """Benefits of the year, by fund [yuan]."""
    return data["outgo"].sel(outgo_item=OUTGO_ITEM[0], drop=True)


def pensioners_and_payers(data: Dataset) -> tuple[DataArray, DataArray]:
    """Mean pensioners and mean payers of the year, by pension fund; flexible payers pay into the enterprise fund."""
    pensioners = exposed(data["enterprise_pensioners"]), exposed(data["public_pensioners"])
    payers = exposed(members_of(data, "enterprise", "flexible")), exposed(members_of(data, "public"))
    return by_pension_fund(*pensioners), by_pension_fund(*payers)


def by_pension_fund(enterprise: DataArray, public: DataArray) -> DataArray:
    """The two pension funds side by side, on a new axis ``fund``."""
    import xarray as xr

    return xr.concat([enterprise, public], dim="fund").assign_coords(fund=list(PENSION_FUND))


@indicator(
    plan_unit="亿元",
    plausible=(5.0, 50000.0),
    en="Occupational annuity fund",
    zh="职业年金基金规模",
    definition_zh="年末职业年金基金结余。",
)
def oa_fund_size(data: Dataset) -> DataArray:
    """Balance of the occupational annuity fund at the end of the year."""
    return of_funds(data["fund_balance"], "occupational_annuity")


@indicator(
    plan_unit="亿元",
    plausible=(5.0, 50000.0),
    en="Resident pension money entrusted for investment",
    zh="城乡居民基本养老保险基金委托投资资金总额",
    definition_zh="年末城乡居民养老保险基金委托投资本金。",
)
def delegated_investment_stock(data: Dataset) -> DataArray:
    """Entrusted principal of the resident fund at the end of the year."""
    return of_funds(data["entrusted_principal"], "resident")


@indicator(
    plan_unit="%",
    plausible=(0.05, 1.0),
    beyond_one="money of earlier years is entrusted as well",
    en="Share of the resident fund's new surplus that is entrusted",
    zh="城乡居民养老保险基金新增结余委托投资比例",
    definition_zh="当年新增委托投资与当年新增结余之比；无结余时无定义。",
)
def delegated_share_new_surplus(data: Dataset) -> DataArray:
    """Money newly entrusted in the year over the surplus of the year; undefined without a surplus."""
    return ratio(data["resident_newly_entrusted"], data["resident_new_surplus"])


@indicator(
    plan_unit="亿元",
    plausible=(10.0, 100000.0),
    signed=True,
    en="Balance of pension, unemployment and injury funds",
    zh="三项社会保险基金累计结余",
    definition_zh="企业、机关事业和居民养老保险与失业、工伤保险基金自有账户结余合计，不含职业年金。",
)
def fund_balance_3schemes(data: Dataset) -> DataArray:
    """Enterprise, public-sector and resident pension, unemployment and injury funds together, own accounts, without the
    occupational annuity.
    """
    return of_funds(data["fund_balance"], *PENSION_FUND, "resident", "unemployment", "work_injury")


@indicator(
    plan_unit="亿元",
    plausible=(1.0, 200000.0),
    by_fund=True,
    signed=True,
    en="Fund balance without aid",
    zh="基金累计结余（无补贴）",
    definition_zh="年末基金无补贴账户结余：养老保险基金不计财政补贴和全国统筹调剂。",
)
def unaided_fund_balance(data: Dataset) -> DataArray:
    """Unaided account at the end of the year, the headline: pension funds without subsidy and national pool."""
    return data["fund_balance_unaided"]


@indicator(
    plan_unit="亿元",
    plausible=(1.0, 200000.0),
    by_fund=True,
    signed=True,
    en="Fund balance",
    zh="基金累计结余",
    definition_zh="年末基金自有账户结余。",
)
def fund_balance(data: Dataset) -> DataArray:
    """Own account at the end of the year."""
    return data["fund_balance"]


@indicator(
    plan_unit="月",
    plausible=(-600.0, 960.0),
    by_fund=True,
    signed=True,
    en="Payable months without aid",
    zh="可支付月数（无补贴）",
    definition_zh="年末无补贴账户结余除以当年月均支出。",
)
def unaided_payable_months(data: Dataset) -> DataArray:
    """Unaided account at the end of the year over a twelfth of the year's outgo."""
    return 12.0 * ratio(closing(data["fund_balance_unaided"]), outgo_of(data))


@indicator(
    plan_unit="1",
    plausible=(-50.0, 80.0),
    by_fund=True,
    signed=True,
    beyond_one="years of outgo",
    en="Reserve ratio",
    zh="备付率",
    definition_zh="年末自有账户结余与当年支出之比，即可支付年数。",
)
def reserve_ratio(data: Dataset) -> DataArray:
    """Own account at the end of the year over the year's outgo: years of outgo in hand."""
    return ratio(closing(data["fund_balance"]), outgo_of(data))


@indicator(
    plan_unit="月",
    plausible=(-600.0, 960.0),
    by_fund=True,
    signed=True,
    en="Payable months",
    zh="可支付月数",
    definition_zh="年末自有账户结余除以当年月均支出。",
)
def payable_months(data: Dataset) -> DataArray:
    """Own account at the end of the year over a twelfth of the year's outgo."""
    return 12.0 * reserve_ratio(data)


@indicator(
    plan_unit="%",
    plausible=(0.0001, 3.0),
    by_fund=True,
    beyond_one="benefits are no part of a base",
    en="Pay-as-you-go cost rate",
    zh="现收现付成本率",
    definition_zh="当年待遇支出与当年缴费基数总额之比。",
)
def payg_cost_rate(data: Dataset) -> DataArray:
    """Benefits of the year over the year's contribution base."""
    return ratio(benefits(data), data["insurable_earnings"])


@indicator(
    plan_unit="%",
    plausible=(0.0001, 1.0),
    by_fund=True,
    en="Effective contribution rate",
    zh="实际缴费率",
    definition_zh="当年缴费收入与当年缴费基数总额之比。",
)
def effective_contribution_rate(data: Dataset) -> DataArray:
    """Contributions of the year over the year's contribution base."""
    return ratio(data["income"].sel(income_item=INCOME_ITEM[0], drop=True), data["insurable_earnings"])


@indicator(
    plan_unit="%",
    plausible=(0.01, 5.0),
    by_fund=True,
    beyond_one="pensioners are no part of the payers",
    en="Pensioners per payer, by pension fund",
    zh="分基金赡养率",
    definition_zh="当年平均离退休人数与平均缴费人数之比，企业（含灵活就业）与机关事业分列。",
)
def fund_dependency_ratio(data: Dataset) -> DataArray:
    """Mean pensioners of the year over mean payers of the year, enterprise (with flexible) and public fund apart."""
    return ratio(*pensioners_and_payers(data))


@indicator(
    plan_unit="%",
    plausible=(0.01, 3.0),
    by_fund=True,
    beyond_one="a benefit is no part of a base",
    en="Benefit per pensioner over base per payer",
    zh="人均待遇与人均缴费基数之比",
    definition_zh="平均每名离退休人员待遇与平均每名缴费人员基数之比；乘以赡养率即成本率。",
)
def benefit_ratio(data: Dataset) -> DataArray:
    """Benefits a mean pensioner over contribution base a mean payer; times the dependency ratio it is the cost rate."""
    pensioners, payers = pensioners_and_payers(data)
    funds = list(PENSION_FUND)
    benefit = ratio(benefits(data).sel(fund=funds), pensioners)
    return ratio(benefit, ratio(data["insurable_earnings"].sel(fund=funds), payers))


@indicator(
    plan_unit="年",
    plausible=(1990.0, 2200.0),
    by_fund=True,
    en="First year of deficit without aid",
    zh="首次当期缺口年份（无补贴）",
    definition_zh="无补贴账户年末结余首次低于年初的年份。",
)
def unaided_first_deficit_year(data: Dataset) -> DataArray:
    """First year in which the unaided account closes below its opening."""
    return first_year(falls(data["fund_balance_unaided"]))


@indicator(
    plan_unit="年",
    plausible=(1990.0, 2200.0),
    by_fund=True,
    en="Year of exhaustion without aid",
    zh="基金耗尽年份（无补贴）",
    definition_zh="无补贴账户年末首次为负的年份。",
)
def unaided_exhaustion_year(data: Dataset) -> DataArray:
    """First year end at which the unaided account is below zero."""
    return first_year(data["fund_balance_unaided"] < 0)


@indicator(
    plan_unit="年",
    plausible=(1990.0, 2200.0),
    by_fund=True,
    en="First year of deficit",
    zh="首次当期缺口年份",
    definition_zh="自有账户年末结余首次低于年初的年份。",
)
def first_deficit_year(data: Dataset) -> DataArray:
    """First year in which the own account closes below its opening."""
    return first_year(falls(data["fund_balance"]))


@indicator(
    plan_unit="年",
    plausible=(1990.0, 2200.0),
    by_fund=True,
    en="Year of exhaustion",
    zh="基金耗尽年份",
    definition_zh="自有账户年末首次为负的年份。",
)
def exhaustion_year(data: Dataset) -> DataArray:
    """First year end at which the own account is below zero."""
    return first_year(data["fund_balance"] < 0)
