"""Wages and unemployment: what is given to a run [yuan/month, 1]."""

from __future__ import annotations

from typing import TYPE_CHECKING

from simengine.judge.indicators.define import indicator
from simengine.judge.time import annual, growth

if TYPE_CHECKING:
    from xarray import DataArray, Dataset


@indicator(
    plan_unit="元/月",
    plausible=(200.0, 12000.0),
    en="Minimum wage",
    zh="最低工资标准",
    definition_zh="当年月最低工资标准，为输入值。",
)
def min_wage(data: Dataset) -> DataArray:
    """Monthly minimum wage of the year, an input."""
    return data["minimum_wage"]


@indicator(
    plan_unit="%",
    plausible=(-0.2, 3.0),
    signed=True,
    beyond_one="growth",
    en="Minimum wage, growth over five years",
    zh="最低工资标准五年增长",
    definition_zh="最低工资标准与五年前之比减一。",
)
def min_wage_growth_5y(data: Dataset) -> DataArray:
    """Minimum wage over that of five years earlier, less one."""
    return growth(data["minimum_wage"], 5)


@indicator(
    plan_unit="%",
    plausible=(-0.1, 0.5),
    signed=True,
    beyond_one="growth",
    en="Minimum wage, mean yearly growth over five years",
    zh="最低工资标准年均增长率",
    definition_zh="最近五年几何年均增长率。",
)
def min_wage_growth_avg(data: Dataset) -> DataArray:
    """Geometric mean growth a year over the last five years."""
    return annual(growth(data["minimum_wage"], 5), 5)


@indicator(
    plan_unit="%",
    plausible=(-0.2, 0.5),
    signed=True,
    beyond_one="growth",
    en="Wages, mean yearly growth over five years",
    zh="职工工资年均增长率",
    definition_zh="最近五年平均工资几何年均增长率。",
)
def wage_growth_avg(data: Dataset) -> DataArray:
    """Geometric mean growth a year of the average wage over the last five years."""
    return annual(growth(data["wage"], 5), 5)


@indicator(
    plan_unit="%",
    plausible=(0.005, 0.3),
    en="Surveyed urban unemployment rate",
    zh="城镇调查失业率",
    definition_zh="当年城镇调查失业率，为输入值。",
)
def surveyed_unemp_rate(data: Dataset) -> DataArray:
    """Surveyed urban unemployment rate of the year, an input."""
    return data["surveyed_unemployment_rate"]


@indicator(
    plan_unit="%",
    plausible=(0.005, 0.3),
    en="Registered urban unemployment rate",
    zh="城镇登记失业率",
    definition_zh="当年城镇登记失业率，为输入值。",
)
def registered_unemp_rate(data: Dataset) -> DataArray:
    """Registered urban unemployment rate of the year, an input."""
    return data["registered_unemployment_rate"]
