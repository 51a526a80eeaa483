"""Who is insured, pays and draws: head counts and rates of cover [persons, 1]."""

from __future__ import annotations

from typing import TYPE_CHECKING

from simengine.judge.indicators.define import indicator
from simengine.judge.indicators.sums import members_of, registered, total
from simengine.judge.time import closing, exposed, opening, ratio, share
from simengine.registry.axes import PAYER_STATUS

if TYPE_CHECKING:
    from xarray import DataArray, Dataset

ENTRIES = ("entries_enterprise", "entries_flexible", "entries_public", "catch_up_entries", "admitted_actives")
"""Ways into the employees' scheme (schemes.md 7.3)."""


def drawing(data: Dataset) -> DataArray:
    """Persons who draw from either pension scheme, by year end."""
    return uebps_pensioners(data) + total(data["invalidity_recipients"]) + data["resident_beneficiaries"]


def insured(data: Dataset) -> DataArray:
    """Persons insured in either pension scheme who do not draw yet, each counted once, by year end."""
    return total(data["members"]) + data["resident_contributors"] + data["resident_paused"] - data["dual_members"]


def all_participants(data: Dataset) -> DataArray:
    """Everybody in either pension scheme, insured or drawing, each counted once, by year end."""
    return insured(data) + drawing(data)


@indicator(
    plan_unit="万人",
    plausible=(0.2, 5.0),
    en="Resident population",
    zh="常住人口",
    definition_zh="年末常住人口，含全部年龄。",
)
def population(data: Dataset) -> DataArray:
    """Residents at the end of the year, all ages."""
    return total(data["population"])


@indicator(
    plan_unit="万人",
    plausible=(0.0001, 1.3),
    en="Members of the employees' pension scheme, retirees included",
    zh="城镇职工基本养老保险参保人数",
    definition_zh="年末参保职工（缴费与中断缴费，含企业、机关事业单位和灵活就业人员）加离退休人员和病残津贴领取人员。",
)
def uebps_participants(data: Dataset) -> DataArray:
    """Insured workers at the end of the year, paying or paused, of enterprises, public sector and flexible work, plus
    old-age pensioners and recipients of invalidity pay.
    """
    return total(data["members"]) + uebps_pensioners(data) + total(data["invalidity_recipients"])


@indicator(
    plan_unit="万人",
    plausible=(0.0001, 1.3),
    en="Payers in the employees' pension scheme",
    zh="城镇职工基本养老保险缴费人数",
    definition_zh="年末企业、灵活就业和机关事业单位缴费人员。",
)
def uebps_payers(data: Dataset) -> DataArray:
    """Enterprise, flexible and public-sector members who pay, at the end of the year."""
    return members_of(data, *PAYER_STATUS)


@indicator(
    plan_unit="万人",
    plausible=(0.0001, 1.3),
    en="Members of the employees' pension scheme who have paused",
    zh="城镇职工基本养老保险中断缴费人数",
    definition_zh="年末有缴费年限但未缴费的参保职工。",
)
def uebps_paused(data: Dataset) -> DataArray:
    """Members with recorded years who do not pay, at the end of the year."""
    return members_of(data, "paused")


@indicator(
    plan_unit="万人",
    plausible=(0.0001, 1.3),
    en="Pensioners of the employees' pension scheme",
    zh="城镇职工基本养老保险离退休人数",
    definition_zh="年末企业和机关事业单位离退休人员。",
)
def uebps_pensioners(data: Dataset) -> DataArray:
    """Old-age pensioners of the enterprise and the public-sector fund at the end of the year."""
    return data["enterprise_pensioners"] + data["public_pensioners"]


@indicator(
    plan_unit="万人",
    plausible=(0.0001, 1.3),
    en="Members of the resident pension scheme",
    zh="城乡居民基本养老保险参保人数",
    definition_zh="年末60岁以下参保人员（当年缴费或未缴费）加领取待遇人员；另有职工养老保险休眠账户者计入本项。",
)
def resident_participants(data: Dataset) -> DataArray:
    """Registered below 60, paying this year or not, plus persons who draw, at the end of the year. Holders of a dormant
    employees' account are included here.
    """
    return registered(data) + data["resident_beneficiaries"]


@indicator(
    plan_unit="万人",
    plausible=(0.0001, 1.3),
    en="Persons who draw a resident pension",
    zh="城乡居民基本养老保险领取待遇人数",
    definition_zh="年末城乡居民基本养老保险待遇领取人员。",
)
def resident_beneficiaries(data: Dataset) -> DataArray:
    """Persons who draw from the resident scheme at the end of the year."""
    return data["resident_beneficiaries"]


@indicator(
    plan_unit="万人",
    plausible=(0.0001, 1.3),
    reading="pension_scope",
    en="Members of basic pension insurance, both schemes",
    zh="基本养老保险参保人数",
    definition_zh="年末职工与城乡居民基本养老保险合计，同时参加两项者只计一次。",
)
def pension_participants(data: Dataset, reading: str) -> DataArray:
    """Employees' and resident scheme together at the end of the year; a person in both is counted once."""
    return {"all_participants": all_participants, "insured_not_yet_drawing": insured}[reading](data)


@indicator(
    plan_unit="%",
    plausible=(0.3, 1.1),
    en="Basic pension coverage rate",
    zh="基本养老保险参保率",
    definition_zh=(
        "两项养老保险全部参保人员（去重）与法定应参保人数之比；分母为地区输入值，规划同时印有参保率和参保人数"
        "时由二者反推。"
    ),
)
def pension_coverage_rate(data: Dataset) -> DataArray:
    """All participants of both schemes, each counted once, over the persons the law wants covered; the denominator is
    an input of the region, solved from the plan's own rate and head count where both are printed.
    """
    return share(all_participants(data), data["coverage_population"])


@indicator(
    plan_unit="%",
    plausible=(0.3, 1.0),
    reading="payment_rate_def",
    en="Pension payment rate",
    zh="基本养老保险参保缴费率",
    definition_zh="年末两项养老保险参保人员中缴费人员的比例；规划未给出公式。",
)
def pension_payment_rate(data: Dataset, reading: str) -> DataArray:
    """Payers among participants of both schemes at the end of the year; the plan gives no formula."""
    paying = uebps_payers(data) + data["resident_contributors"]
    if reading == "payers_and_recipients_over_participants":
        return share(paying + drawing(data), all_participants(data))
    return share(paying, insured(data))


@indicator(
    plan_unit="万人",
    plausible=(0.00001, 0.6),
    en="New enrolments of enterprise employees, gross",
    zh="企业职工参保新增扩面人数",
    definition_zh=(
        "当年成为企业职工缴费人员的人次：新参保（含由居民养老保险转入）和灵活就业转入，不含中断后恢复缴费，不"
        "扣除退出；累计指标自规划起始年起逐年相加。"
    ),
)
def enterprise_expansion(data: Dataset) -> DataArray:
    """Persons who became enterprise payers during the year: entrants (those who leave the resident scheme among them)
    and flexible payers who changed over; paused members who came back are not counted (schemes.md 7.3), exits are not
    deducted. A cumulative target adds the years from the start of the plan.
    """
    return data["enterprise_gross_enlargement"]


@indicator(
    plan_unit="万人",
    plausible=(0.0, 0.2),
    en="New participants of the employees' scheme, gross",
    zh="职工养老保险新增扩面人数",
    definition_zh="当年以各种身份新参加职工养老保险的人数（含由居民养老保险转入），不扣除退出。",
)
def uebps_gross_enlargement(data: Dataset) -> DataArray:
    """Persons who entered the employees' scheme during the year in any status, those who leave the resident scheme
    among them; exits are not deducted.
    """
    return sum((data[way] for way in ENTRIES[1:]), data[ENTRIES[0]])


@indicator(
    plan_unit="万人",
    plausible=(-0.2, 0.2),
    signed=True,
    en="Net growth of participants of the employees' scheme",
    zh="职工养老保险参保人数净增",
    definition_zh="年末参保人数减去年初参保人数，即参保人数目标所衡量的净增；等于新增扩面减去死亡、转出和终止。",
)
def uebps_net_growth(data: Dataset) -> DataArray:
    """Participants at the end of the year less those at its beginning: what a head-count target measures; gross
    enlargement less deaths, moves and refunds.
    """
    participants = uebps_participants(data)
    return closing(participants) - opening(participants)


@indicator(
    plan_unit="万人",
    plausible=(0.001, 0.9),
    en="Members of unemployment insurance",
    zh="失业保险参保人数",
    definition_zh="年末失业保险参保人数。",
)
def ui_participants(data: Dataset) -> DataArray:
    """Insured against unemployment at the end of the year."""
    return data["unemployment_insured"]


@indicator(
    plan_unit="%",
    plausible=(0.3, 1.1),
    en="Unemployment insurance coverage rate",
    zh="失业保险参保率",
    definition_zh="失业保险参保人数与应参保职工人数之比。",
)
def ui_coverage_rate(data: Dataset) -> DataArray:
    """Insured against unemployment over employees obliged to be insured."""
    return share(data["unemployment_insured"], data["ui_obliged_population"])


@indicator(
    plan_unit="万人",
    plausible=(0.000001, 0.1),
    en="Persons drawing unemployment benefit",
    zh="领取失业保险金人数",
    definition_zh="年末领取失业保险金人数。",
)
def ui_claimants(data: Dataset) -> DataArray:
    """Claimants of unemployment benefit at the end of the year."""
    return total(data["unemployment_claimants"])


@indicator(
    plan_unit="万人",
    plausible=(0.001, 1.2),
    en="Members of work injury insurance",
    zh="工伤保险参保人数",
    definition_zh="年末工伤保险参保人数：单位职工、已纳入的公务员，以及按项目参保的建筑业人员。",
)
def wi_participants(data: Dataset) -> DataArray:
    """Insured against work injury at the end of the year: employees, public servants where covered, and workers insured
    by construction project.
    """
    return data["injury_insured"]


@indicator(
    plan_unit="%",
    plausible=(0.05, 1.2),
    en="Work injury insurance coverage of the employed",
    zh="工伤保险参保人数占就业人数比",
    definition_zh="年末工伤保险参保人数与当年本地就业人数之比。",
)
def wi_coverage_rate(data: Dataset) -> DataArray:
    """Insured against work injury at the end of the year over employed residents of the year (model.md, section 6)."""
    return share(closing(data["injury_insured"]), data["employed"])


@indicator(
    plan_unit="‰",
    plausible=(0.0003, 0.05),
    en="Work injuries per insured person",
    zh="工伤事故发生率",
    definition_zh="当年认定工伤人次与年初年末参保人数均值之比；规划未说明分母。",
)
def injury_incidence(data: Dataset) -> DataArray:
    """Recognised cases of the year over the mean of opening and closing insured persons; the plan names no
    denominator.
    """
    return ratio(data["injury_cases"], exposed(data["injury_insured"]))


@indicator(
    plan_unit="%",
    plausible=(0.02, 3.0),
    beyond_one="pensioners are no part of the payers",
    en="Pensioners per payer",
    zh="制度赡养率",
    definition_zh="年末职工养老保险离退休人数与缴费人数之比。",
)
def system_dependency_ratio(data: Dataset) -> DataArray:
    """Pensioners over payers of the employees' scheme at the end of the year."""
    return ratio(uebps_pensioners(data), uebps_payers(data))


@indicator(
    plan_unit="1",
    plausible=(0.2, 50.0),
    beyond_one="payers are no part of the pensioners",
    en="Payers per pensioner",
    zh="抚养比（缴费人数比离退休人数）",
    definition_zh="年末职工养老保险缴费人数与离退休人数之比。",
)
def support_ratio(data: Dataset) -> DataArray:
    """Payers over pensioners of the employees' scheme at the end of the year."""
    return ratio(uebps_payers(data), uebps_pensioners(data))
