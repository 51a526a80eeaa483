"""Every variable of a projection: axes, unit, kind and meaning, in English and Chinese.

Stocks carry ``year_end`` (the opening first), flows ``year``. Each also carries ``scenario``, ``draw`` and ``region``.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Variable:
    """One variable of the results: extra axes, unit, kind (stock or flow) and meaning."""

    name: str
    axes: tuple[str, ...]
    unit: str
    kind: str
    doc: str
    local: str


REGISTRY: dict[str, Variable] = {}


def define(name: str, axes: tuple[str, ...], unit: str, kind: str, doc: str, local: str) -> Variable:
    """Register a variable; a second definition of the same name is an error."""
    if name in REGISTRY:
        raise ValueError(f"variable {name} is defined twice")
    if kind not in ("stock", "flow"):
        raise ValueError(f"variable {name}: kind {kind} is neither stock nor flow")
    REGISTRY[name] = Variable(name, axes, unit, kind, doc, local)
    return REGISTRY[name]


def _define_all(kind: str, axes: tuple[str, ...], unit: str, rows: str) -> None:
    for line in rows.strip().splitlines():
        name, doc, local = (part.strip() for part in line.split("|"))
        define(name, axes, unit, kind, doc, local)


define("population", ("sex", "age"), "person", "stock", "Residents by sex and age last birthday.", "常住人口")
define("members", ("status",), "person", "stock", "Members of the employees' scheme below retirement.", "在职参保人数")
define(
    "members_by_age", ("status", "sex", "working_age"), "person", "stock", "Members by status and age.", "分年龄参保"
)
define(
    "pensioners_by_age", ("scheme", "sex", "age"), "person", "stock", "Pensioners by fund and age.", "分年龄退休人员"
)
define("resident_by_age", ("sex", "age"), "person", "stock", "Registered residents by age.", "分年龄居民参保")
define("beneficiaries_by_age", ("sex", "age"), "person", "stock", "Resident beneficiaries by age.", "分年龄居民领取")
define("fund_balance", ("fund",), "yuan", "stock", "Balance on the own account; below zero it is debt.", "基金累计结余")
define("fund_balance_financed", ("fund",), "yuan", "stock", "Balance with emergency financing.", "补足后结余")
define("fund_balance_unaided", ("fund",), "yuan", "stock", "Balance without pension subsidies.", "无补贴结余")
define("entrusted_principal", ("fund",), "yuan", "stock", "Principal under entrusted investment.", "委托投资规模")
define("income", ("fund", "income_item"), "yuan", "flow", "Income of the own account by item.", "基金收入")
define("outgo", ("fund", "outgo_item"), "yuan", "flow", "Outgo of the own account by item.", "基金支出")
define("financing_need", ("fund",), "yuan", "flow", "What keeps the financed account at its minimum.", "资金缺口")
define("insurable_earnings", ("fund",), "yuan", "flow", "Contribution base of the payers.", "缴费基数总额")

_define_all(
    "stock",
    (),
    "person",
    """
enterprise_pensioners | Pensioners of the enterprise fund. | 企业退休人员
public_pensioners | Pensioners of the public-sector fund. | 机关事业退休人员
invalidity_recipients | Recipients of the sickness allowance before old age. | 病残津贴领取人数
legacy_survivors | Survivors under the rule that ended in 2021-09. | 原遗属待遇人数
resident_contributors | Registered residents who paid in the year. | 居民缴费人数
resident_paused | Registered residents who did not pay in the year. | 居民未缴费人数
dual_members | Resident contributors with a dormant employees' account. | 重复参保人数
resident_beneficiaries | Recipients of a resident pension. | 居民领取待遇人数
unemployment_insured | Insured against unemployment. | 失业保险参保人数
unemployment_claimants | Claimants of unemployment benefit at year end. | 领取失业保险金人数
injury_insured | Insured against work injury, project workers included. | 工伤保险参保人数
platform_insured | Platform workers in the pilot, counted apart. | 职业伤害保障人数
injury_annuitants | Recipients of a disability allowance, grades 1 to 4. | 伤残津贴领取人数
injury_survivors | Dependants of workers killed at work. | 供养亲属人数
non_resident_members | Members beyond the residents of their sex and age. | 非常住参保人数
uncovered | Residents without any status of the schemes, no students. | 未参保人数
students | Residents in school without any status of the schemes. | 在校学生
population_16_59 | Residents of 16 to 59. | 16-59岁人口
population_60 | Residents of 60 and over. | 60岁及以上人口
population_16 | Residents of 16 and over. | 16岁及以上人口
working_age_population | Residents of 16 and over before their statutory month. | 法定退休年龄以下人口
pensioners_60 | Employees' pensioners of 60 and over. | 60岁以上退休人员
registered_60 | Registered (hukou) people of 60 and over. | 60岁及以上户籍人口
coverage_population | Denominator of the pension coverage rate. | 应参保人数
ui_obliged_population | Employees obliged to be insured against unemployment. | 失业保险应参保人数
""",
)
_define_all(
    "stock",
    (),
    "yuan/month",
    """
enterprise_pension_mass | Monthly pensions of the enterprise fund. | 企业养老金月总额
public_pension_mass | Monthly pensions of the public-sector fund. | 机关养老金月总额
resident_pension_mass | Monthly resident pensions, base and account. | 居民养老金月总额
resident_base_mass | Monthly base part of resident pensions. | 居民基础养老金月总额
""",
)
_define_all(
    "stock",
    (),
    "yuan",
    """
account_balance | Recorded accounts of members. | 个人账户记账额
pensioner_account_balance | Remaining accounts of pensioners and sickness allowance recipients. | 退休人员账户余额
resident_account_balance | Accounts of registered residents. | 居民个人账户
resident_pensioner_account | Remaining accounts of resident beneficiaries. | 居民领取人员账户余额
annuity_fund | Occupational annuity: accounts of members and of those drawing. | 职业年金基金
annuity_recorded | Occupational annuity: recorded employer part, not yet real. | 职业年金记账部分
""",
)
define("member_service", (), "year", "stock", "Recognised years of all members.", "缴费年限合计")

_define_all(
    "flow",
    (),
    "person",
    """
births | Live births. | 出生人数
deaths | Deaths. | 死亡人数
net_migration | Net migrants. | 净迁移
employed | Employed residents. | 就业人数
entries_enterprise | Entrants as enterprise payers. | 企业新增参保
entries_flexible | Entrants as flexible payers, catch-up apart. | 灵活就业新增参保
entries_public | Entrants as public payers, admissions apart. | 机关事业新增参保
admitted_actives | Public employees admitted as a group. | 机关事业整体纳入
catch_up_entries | Entrants who buy the missing years. | 一次性补缴参保
entries_from_resident | Of all entrants, those leaving the resident scheme. | 居民转入职工
returns_enterprise | Paused members back as enterprise payers. | 企业恢复缴费
returns_flexible | Paused members back as flexible payers. | 灵活恢复缴费
pauses_enterprise | Enterprise payers who paused. | 企业断缴
pauses_flexible | Flexible payers who paused. | 灵活断缴
switches_to_flexible | Enterprise payers who turned flexible. | 企业转灵活
switches_to_enterprise | Flexible payers who turned to enterprises. | 灵活转企业
campaign_top_up_enterprise | Members campaigns must add beyond ordinary entries. | 扩面补足(企业)
campaign_top_up_flexible | Members campaigns must add beyond ordinary entries. | 扩面补足(灵活)
campaign_from_paused | Of them, paused members who came back. | 扩面来源：断缴
campaign_from_none | Of them, people without any pension insurance. | 扩面来源：未参保
campaign_from_resident | Of them, from the resident scheme. | 扩面来源：居民
enterprise_gross_enlargement | New enterprise payers: entrants and switches. | 企业新增扩面
member_deaths | Deaths of members. | 在职死亡
awards_enterprise | New pensions of the enterprise fund. | 企业新退休
awards_public | New pensions of the public-sector fund. | 机关新退休
awards | New pensions of both funds. | 新退休人数
pay_up_awards | Of the new pensions, those with missing years paid up. | 趸缴退休
below_minimum | Members below the minimum years at their statutory month. | 到龄年限不足
choice_continue | Of them, who continue to pay. | 延缴
choice_resident | Members who moved to the resident scheme at old age. | 转入居民
choice_refund | Members who took the account and left. | 终止领取账户
choice_unclaimed | Of those below the minimum, who do nothing. | 未办理
final_refunds | Unclaimed accounts refunded at 79. | 到期退还
members_in | Insured in-migrants. | 转入参保
members_out | Members who left the region. | 转出参保
new_invalids | New recipients of the sickness allowance. | 新增病残津贴
invalid_to_pension | Recipients of the sickness allowance who reached old age. | 病残转养老
invalid_deaths | Deaths of recipients of the sickness allowance. | 病残死亡
invalid_ended | Sickness allowances that ended. | 病残停发
layoffs | Enterprise payers laid off by a rise of unemployment. | 失业冲击裁员
shortfall_enterprise | Enterprise target not reached (below zero: exceeded). | 企业目标差
shortfall_flexible | Flexible target not reached (below zero: exceeded). | 灵活目标差
shortfall_public | Public target not reached (below zero: exceeded). | 机关目标差
shortfall_paused | Paused target not reached (below zero: exceeded). | 断缴目标差
shortfall_resident | Resident target not reached (below zero: exceeded). | 居民目标差
shortfall_admitted | Pensioners of a group who found no profile to join. | 整体纳入差额
pensioner_deaths_enterprise | Deaths of enterprise pensioners. | 企业退休死亡
pensioner_deaths_public | Deaths of public pensioners. | 机关退休死亡
admitted_pensioners | Public pensioners admitted as a group. | 机关退休整体纳入
resident_entries | New registrations in the resident scheme. | 居民新增参保
resident_to_employees | Registered residents who joined the employees' scheme. | 居民转职工
resident_contributor_deaths | Deaths of registered residents. | 居民参保死亡
resident_new_beneficiaries | New resident pensions. | 居民新领取
resident_admitted | Of them, without earlier registration. | 其中未参保直接领取
resident_beneficiary_deaths | Deaths of resident beneficiaries. | 居民领取死亡
resident_dual_entries | Registrations of paused members of the employees' scheme. | 重复参保新增
resident_dual_ended | Double registrations that ended. | 重复参保清理
resident_from_employees | Arrivals from the employees' scheme. | 职工转入居民
new_claimants | New claims of unemployment benefit. | 新增领取失业金
claims_ended | Claims that ran out. | 领取期满
claims_reemployed | Claims ended by work. | 重新就业
unemployment_entries | New insured against unemployment. | 失业保险新增
unemployment_exits | Insured against unemployment who left. | 失业保险退出
campaign_top_up_unemployment | Unemployment insured campaigns add beyond ordinary growth. | 扩面补足(失业)
campaign_top_up_injury | Work-injury insured campaigns add beyond ordinary growth. | 扩面补足(工伤)
unemployment_over_injury | Unemployment insured beyond the injury-insured (known figures). | 失业参保超工伤参保
injury_over_employed | Injury-insured, project-insured apart, beyond the employed (known figures). | 工伤参保超就业
claimant_deaths | Deaths of claimants. | 领金期间死亡
injury_cases | Recognised work injuries. | 工伤认定人数
fatal_cases | Fatal work injuries. | 工亡人数
new_annuitants | New disability allowances. | 新增伤残津贴
annuitant_deaths | Deaths of recipients of a disability allowance. | 伤残津贴死亡
new_injury_survivors | New dependants' pensions. | 新增供养亲属
injury_survivor_exits | Dependants' pensions ended. | 供养亲属停发
claim_months | Months of unemployment benefit paid, in person-months. | 领取失业金人月
exposure_enterprise | Paying person-years, enterprise. | 企业缴费人年
exposure_flexible | Paying person-years, flexible. | 灵活缴费人年
exposure_public | Paying person-years, public. | 机关缴费人年
""",
)
_define_all(
    "flow",
    (),
    "yuan",
    """
account_credits | Credits to members' accounts. | 个人账户计入
account_interest_credited | Interest on members' accounts. | 个人账户计息
account_inherited | Members' accounts paid to heirs. | 个人账户继承
account_refunded | Members' accounts refunded. | 个人账户退还
account_to_pension | Accounts of new pensioners. | 转入领取账户
account_transferred_in | Accounts arriving with members. | 账户转入
account_transferred_out | Accounts leaving with members. | 账户转出
pension_account_in | Accounts entering payment. | 领取账户转入
pension_account_interest | Interest on accounts in payment. | 领取账户计息
pension_account_drawn | Accounts drawn down. | 领取账户支付
pension_account_inherited | Accounts in payment paid to heirs. | 领取账户继承
survivor_benefits | Funeral grants and compensation. | 丧葬抚恤金
pension_paid_enterprise | Pensions paid, enterprise fund. | 企业养老金支出
pension_paid_public | Pensions paid, public-sector fund. | 机关养老金支出
catch_up_income | Years bought by catch-up entrants. | 一次性补缴收入
pay_up_income | Missing years paid up at old age. | 趸缴收入
arrears | Arrears and back payments. | 清欠收入
settled_pensions | Pensions of the public sector settled for the months before it joined. | 机关清算待遇
settled_contributions | Contributions of the public sector settled for the months before it joined. | 机关清算缴费
published_other | History: movement of the published balance beyond revenue less expenditure. | 其他变动（历史）
resident_credits | Credits to residents' accounts. | 居民账户计入
resident_interest_credited | Interest on residents' accounts. | 居民账户计息
resident_inherited | Residents' accounts paid to heirs or refunded. | 居民账户继承
resident_drawn | Residents' accounts drawn down. | 居民账户支付
resident_account_in | Accounts arriving from the employees' scheme. | 居民账户转入
resident_account_out | Accounts leaving for the employees' scheme. | 居民账户转出
resident_base_paid | Resident base pensions paid. | 居民基础养老金支出
resident_account_paid | Resident account pensions paid. | 居民账户养老金支出
resident_new_surplus | Change of the resident fund's balance. | 居民基金当年结余
resident_newly_entrusted | Resident money newly entrusted. | 居民新增委托
unemployment_benefits | Unemployment benefits. | 失业保险金支出
unemployment_medical_paid | Medical contributions for claimants. | 代缴医保支出
stabilisation_refunds | Stabilisation refunds. | 稳岗返还
injury_medical | Medical treatment of injured workers. | 工伤医疗支出
injury_lump_sums | Lump sums to injured workers. | 一次性伤残支出
injury_allowances | Disability and nursing allowances. | 伤残津贴护理支出
injury_death_benefits | Funeral and death grants. | 工亡待遇支出
injury_survivor_pensions | Dependants' pensions. | 供养亲属抚恤金
injury_project_premiums | Premiums of work-injury insurance by project. | 按项目工伤保费
injury_employer_paid | Stop-work pay and employment subsidies of employers. | 用人单位承担的工伤待遇
pension_refunds | Pension contributions refunded to claimants near the statutory age. | 临近退休领金人员养老费返还
claimant_death_benefits | Death benefits of claimants. | 领金期间死亡待遇
skill_subsidies | Skill subsidies. | 技能提升补贴
injury_wage_bill | Payroll insured against work injury. | 工伤缴费工资总额
""",
)
_define_all(
    "flow",
    (),
    "yuan/month",
    """
new_award_mass | Monthly amount of new pensions, both funds. | 新退休养老金月总额
new_award_mass_enterprise | Monthly amount of new pensions, enterprise fund. | 企业新退休养老金月总额
new_award_mass_public | Monthly amount of new pensions, public fund. | 机关新退休养老金月总额
wage | Average wage W of the year. | 平均工资
previous_wage | Average wage of the year before: the year's contribution base rests on it. | 上年平均工资
benefit_base | Benefit base B of the year. | 计发基数
minimum_wage | Minimum wage of the region's class. | 最低工资
unemployment_benefit | Standard of unemployment benefit. | 失业保险金标准
basic_pension_standard | Resident base pension, average standard. | 基础养老金标准
""",
)
_define_all(
    "flow",
    (),
    "1",
    """
surveyed_unemployment_rate | Surveyed urban unemployment rate. | 城镇调查失业率
registered_unemployment_rate | Registered urban unemployment rate. | 城镇登记失业率
price_index | Consumer prices, 1992 = 1. | 居民消费价格指数
adjustment_ratio | Adjustment of pensions in payment on 1 January. | 养老金调整比例
account_interest | Crediting rate of accounts. | 记账利率
mortality_factor_max | Largest rescaling of stated mortality multipliers. | 死亡率调整系数
""",
)
_define_all(
    "flow",
    (),
    "yuan/year",
    """
urban_income | Disposable income per head, urban. | 城镇居民人均可支配收入
rural_income | Disposable income per head, rural. | 农村居民人均可支配收入
""",
)
define("award_service", (), "year", "flow", "Recognised years of new pensioners.", "新退休缴费年限合计")
