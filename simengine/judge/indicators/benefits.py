"""What pensioners, residents and the unemployed receive [yuan/month], alone and beside wages and incomes [1]."""

from __future__ import annotations

from typing import TYPE_CHECKING

from simengine.judge.indicators.define import indicator
from simengine.judge.time import closing, growth, ratio
from simengine.registry.axes import INCOME_ITEM, OUTGO_ITEM

if TYPE_CHECKING:
    from xarray import DataArray, Dataset


def resident_average(data: Dataset) -> DataArray:
    """Resident pensions in payment over recipients, by year end [yuan/month]."""
    return ratio(data["resident_pension_mass"], data["resident_beneficiaries"])


def resident_spending(data: Dataset) -> DataArray:
    """Benefits of the year over recipients at its end, by year end; the opening has none [yuan/month]."""
    spent = data["outgo"].sel(fund="resident", outgo_item=OUTGO_ITEM[0], drop=True).rename(year="year_end")
    return ratio(spent.reindex(year_end=data["year_end"]) / 12.0, data["resident_beneficiaries"])


@indicator(
    plan_unit="元/月",
    plausible=(300.0, 15000.0),
    en="Average monthly pension of enterprise retirees",
    zh="企业退休人员月均基本养老金",
    definition_zh="年末企业基金月养老金总额除以退休人数。",
)
def avg_enterprise_pension(data: Dataset) -> DataArray:
    """Monthly pensions in payment by the enterprise fund at the end of the year, a pensioner."""
    return ratio(data["enterprise_pension_mass"], data["enterprise_pensioners"])


@indicator(
    plan_unit="元/月",
    plausible=(500.0, 30000.0),
    en="Average monthly pension of public-sector retirees",
    zh="机关事业单位退休人员月均基本养老金",
    definition_zh="年末机关事业单位基金月养老金总额除以退休人数。",
)
def avg_public_pension(data: Dataset) -> DataArray:
    """Monthly pensions in payment by the public-sector fund at the end of the year, a pensioner."""
    return ratio(data["public_pension_mass"], data["public_pensioners"])


@indicator(
    plan_unit="%",
    plausible=(-0.5, 3.0),
    signed=True,
    beyond_one="growth",
    en="Enterprise retirees' pension, growth over five years",
    zh="企业退休人员养老金比五年前增长",
    definition_zh="企业月均养老金与五年前之比减一。",
)
def avg_enterprise_pension_growth(data: Dataset) -> DataArray:
    """Average monthly enterprise pension over that of five years earlier, less one."""
    return growth(avg_enterprise_pension(data), 5)


@indicator(
    plan_unit="%",
    plausible=(0.05, 1.5),
    beyond_one="a pension is no part of a wage",
    en="Average enterprise pension over average wage",
    zh="企业养老金平均替代率",
    definition_zh="年末企业月均养老金与当年月平均工资之比。",
)
def replacement_ratio_average(data: Dataset) -> DataArray:
    """Average monthly enterprise pension at the end of the year over the average monthly wage of the year."""
    return ratio(closing(avg_enterprise_pension(data)), data["wage"])


@indicator(
    plan_unit="%",
    plausible=(0.05, 1.5),
    beyond_one="a pension is no part of a wage",
    en="New pension over average wage",
    zh="新退休人员替代率",
    definition_zh="当年新核定月养老金平均数与当年月平均工资之比。",
)
def replacement_ratio_new_awards(data: Dataset) -> DataArray:
    """Average first monthly pension of the year's awards over the average monthly wage of the year."""
    return ratio(ratio(data["new_award_mass"], data["awards"]), data["wage"])


@indicator(
    plan_unit="年",
    plausible=(10.0, 45.0),
    en="Recognised years of new pensioners",
    zh="新退休人员平均缴费年限",
    definition_zh="当年新领取职工基本养老金人员的平均缴费年限，含视同缴费年限。",
)
def award_years(data: Dataset) -> DataArray:
    """Mean recognised years of contribution of those whose old-age pension from the employees' scheme began in the
    year, deemed years included.
    """
    return ratio(data["award_service"], data["awards"])


@indicator(
    plan_unit="元/月",
    plausible=(30.0, 5000.0),
    reading="resident_benefit_def",
    en="Average monthly resident pension",
    zh="城乡居民基本养老保险月人均待遇",
    definition_zh="基础养老金与个人账户养老金合计，按领取人月平均，为全地区平均数；不模拟区内最低水平。",
)
def resident_benefit_avg(data: Dataset, reading: str) -> DataArray:
    """Base and account pension together, a recipient and month, as the mean of the region; the lowest place inside the
    region is not modelled.
    """
    return {"year_end_average": resident_average, "spending_per_recipient": resident_spending}[reading](data)


@indicator(
    plan_unit="元/月",
    plausible=(30.0, 3000.0),
    en="Average monthly base pension of residents",
    zh="城乡居民月均基础养老金",
    definition_zh="当年基础养老金平均标准，不含缴费年限和高龄加发部分。",
)
def basic_pension_avg(data: Dataset) -> DataArray:
    """Base part alone, the mean standard of the year; supplements for long contribution and old age are not in it."""
    return data["basic_pension_standard"]


@indicator(
    plan_unit="%/年",
    plausible=(0.002, 0.6),
    signed=True,
    beyond_one="growth",
    en="Yearly rise of the standard base pension",
    zh="基础养老金标准年调整增幅",
    definition_zh="当年基础养老金标准与上年之比减一。",
)
def basic_pension_growth(data: Dataset) -> DataArray:
    """Standard base pension of the year over that of the year before, less one."""
    return growth(data["basic_pension_standard"], 1)


@indicator(
    plan_unit="%",
    plausible=(0.01, 0.7),
    reading="protection_level_def",
    beyond_one="a pension is no part of an income",
    en="Protection level of the resident pension",
    zh="城乡居民养老保险保障水平",
    definition_zh="按年末水平计算的十二个月居民养老金与人均可支配收入之比；规划未给出公式。",
)
def resident_protection_level(data: Dataset, reading: str) -> DataArray:
    """Resident pension of twelve months at the year-end level over disposable income a head; the plan gives
    no formula.
    """
    if reading == "base_to_rural_income":
        return ratio(12.0 * data["basic_pension_standard"], data["rural_income"])
    income = data["urban_income"] if reading == "average_to_urban_income" else data["rural_income"]
    return ratio(12.0 * closing(resident_average(data)), income)


@indicator(
    plan_unit="%",
    plausible=(0.001, 0.5),
    beyond_one="a contribution may be paid by others",
    en="Resident scheme contributions a payer over rural income",
    zh="城乡居民养老保险人均筹资与农村人均收入之比",
    definition_zh="当年缴费收入除以缴费人数，再与农村人均可支配收入相比。",
)
def resident_financing_ratio(data: Dataset) -> DataArray:
    """Contributions of the year a payer over rural disposable income a head."""
    paid = data["income"].sel(fund="resident", income_item=INCOME_ITEM[0], drop=True)
    return ratio(ratio(paid, closing(data["resident_contributors"])), data["rural_income"])


@indicator(
    plan_unit="元/月",
    plausible=(100.0, 8000.0),
    en="Monthly unemployment benefit standard",
    zh="失业保险金月标准",
    definition_zh="当年失业保险金月标准。",
)
def ui_benefit_month(data: Dataset) -> DataArray:
    """Standard monthly benefit of the year."""
    return data["unemployment_benefit"]


@indicator(
    plan_unit="%",
    plausible=(0.3, 1.0),
    beyond_one="a benefit is no part of a wage",
    en="Unemployment benefit over minimum wage",
    zh="失业保险金与最低工资标准之比",
    definition_zh="失业保险金月标准与适用最低工资标准之比。",
)
def ui_benefit_to_minwage(data: Dataset) -> DataArray:
    """Standard monthly benefit over the minimum wage that applies."""
    return ratio(data["unemployment_benefit"], data["minimum_wage"])
