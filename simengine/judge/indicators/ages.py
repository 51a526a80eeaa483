"""Cover by age, and who retires among those who reach their statutory month [1].

Members of all statuses, and pensioners, are counted where they are insured, residents where they live: a share may
exceed one where people who live elsewhere work (notes/ages.md).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from simengine.judge.indicators.define import indicator
from simengine.judge.indicators.people import uebps_pensioners
from simengine.judge.indicators.sums import total
from simengine.judge.time import ratio

if TYPE_CHECKING:
    from xarray import DataArray, Dataset

ELSEWHERE = "people who live elsewhere are counted where they are insured"
YOUNG = (25, 29)


def of_ages(values: DataArray, first: int, last: int) -> DataArray:
    """Persons of an age span, both ends included, by year end."""
    return total(values.sel(age=slice(first, last)))


def members_of_ages(data: Dataset, first: int, last: int) -> DataArray:
    """Members of all statuses of an age span, as far as one can be a member [persons, year_end]."""
    return total(data["members_by_age"].sel(working_age=slice(first, last)))


def member_share(data: Dataset, first: int, last: int) -> DataArray:
    """Members of all statuses over residents of an age span [1]."""
    return ratio(members_of_ages(data, first, last), of_ages(data["population"], first, last))


def covered_share(data: Dataset, first: int, last: int) -> DataArray:
    """Members of all statuses and pensioners of the employees' scheme over residents of an age span [1]."""
    covered = members_of_ages(data, first, last) + of_ages(data["pensioners_by_age"], first, last)
    return ratio(covered, of_ages(data["population"], first, last))


def retirements(data: Dataset) -> DataArray:
    """New pensions, and members below the minimum at their statutory month, whatever they choose [persons/year]."""
    return data["awards"] + data["below_minimum"]


@indicator(
    plan_unit="%",
    plausible=(0.02, 1.5),
    beyond_one=ELSEWHERE,
    en="Covered share of ages 25 to 29",
    zh="25至29岁职工养老保险参保比例",
    definition_zh="年末25至29岁职工养老保险参保人员（各类身份，含中断）与同龄常住人口之比。",
)
def covered_25_29(data: Dataset) -> DataArray:
    """Members of the employees' scheme of all statuses over residents, ages 25 to 29, at the end of the year."""
    return ratio(data["members_25_29"], data["population_25_29"])


@indicator(
    plan_unit="%",
    plausible=(0.02, 1.5),
    beyond_one=ELSEWHERE,
    en="Members over people of working age",
    zh="在职参保人数占法定退休年龄以下人口比例",
    definition_zh="年末职工养老保险参保人员（各类身份，含中断，不含离退休）与16岁至法定退休年龄人口之比。",
)
def members_to_working_age(data: Dataset) -> DataArray:
    """Members of all statuses over people from 16 to their statutory month, at the end of the year."""
    return ratio(total(data["members"]), data["working_age_population"])


@indicator(
    plan_unit="%",
    plausible=(0.01, 1.5),
    beyond_one=ELSEWHERE,
    en="Pensioners of 60 to 64 over people of 60 to 64",
    zh="60至64岁离退休人员占同龄人口比例",
    definition_zh="年末60至64岁职工养老保险离退休人员与同龄常住人口之比。",
)
def pensioners_60_64(data: Dataset) -> DataArray:
    """Pensioners of the employees' scheme over residents, ages 60 to 64, at the end of the year."""
    return ratio(data["pensioners_60_64"], data["population_60_64"])


@indicator(
    plan_unit="%",
    plausible=(0.01, 1.5),
    beyond_one="pensioners who left early stand before their statutory month; " + ELSEWHERE,
    en="Pensioners over people past their statutory age",
    zh="离退休人员占已过法定退休年龄人口比例",
    definition_zh="年末职工养老保险离退休人员（任何年龄）与已过法定退休年龄的常住人口之比。",
)
def pensioners_past_age(data: Dataset) -> DataArray:
    """Pensioners of the employees' scheme of any age over residents past their statutory month, at the year end."""
    return ratio(uebps_pensioners(data), data["population_16"] - data["working_age_population"])


@indicator(
    plan_unit="%",
    plausible=(0.01, 2.0),
    beyond_one="who leaves early, or later, is not among those who reach the month in the year; " + ELSEWHERE,
    en="New pensions over people who reach their statutory month",
    zh="新退休人数与当年到达法定退休月人口之比",
    definition_zh="当年新退休人数（两基金、任何方式）与当年到达法定退休月的常住人口之比。",
)
def new_pensions_reaching(data: Dataset) -> DataArray:
    """New pensions of the year, of both funds and any way, over residents who reach their statutory month in it."""
    return ratio(data["awards"], total(data["people_reaching_month"]))


@indicator(
    plan_unit="%",
    plausible=(0.0, 1.0),
    en="Below the minimum with ten or more years, of the retirements of a year",
    zh="到龄年限不足但满十年者占当年退休人数比例",
    definition_zh="当年到龄、年限不足但已满十年的参保人员，占当年新退休人数与到龄年限不足人数之和的比例。",
)
def below_ten_years_share(data: Dataset) -> DataArray:
    """Members below the minimum at their statutory month with ten or more recognised years, over the retirements of
    the year: new pensions, and everybody below the minimum at the month.
    """
    return ratio(total(data["below_minimum_ten_years"]), retirements(data))


@indicator(
    plan_unit="%",
    plausible=(0.0, 1.0),
    en="Left without a pension with ten or more years, of the retirements of a year",
    zh="到龄满十年而未领职工养老金者占当年退休人数比例",
    definition_zh="已满十年的参保人员中，当年转入居民养老保险、领取个人账户或未申领，以及延长缴费期满仍不足年限者，占当年新退休人数与到龄年限不足人数之和的比例。",
)
def left_ten_years_share(data: Dataset) -> DataArray:
    """Members with ten or more recognised years who end without a pension of the employees' scheme, over the
    retirements of the year: who moves to the resident scheme, takes the account or does not claim, and who is still
    below the minimum when paying on ends (model.md, section 7).
    """
    return ratio(total(data["left_ten_years"]), retirements(data))


@indicator(
    plan_unit="%",
    plausible=(0.0, 1.0),
    en="Early leaving, of the new pensions of a year",
    zh="提前离岗占当年新退休人数比例",
    definition_zh="当年因特殊工种、病退和政策性安置等在原退休年龄前离岗领取养老金的人数，占当年新退休人数的比例；不含延迟退休改革的弹性提前。",
)
def early_leaving_share(data: Dataset) -> DataArray:
    """New pensions by early leaving before the old age (special jobs, illness, restructuring) over all new pensions of
    the year; months chosen under the law of 2025 are not among them.
    """
    return ratio(total(data["awards_early_leaving"]), data["awards"])
