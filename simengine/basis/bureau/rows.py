"""Rows of the tables a bureau fills: names in both languages, kind, and what each figure must be in proportion to."""

from __future__ import annotations

from dataclasses import dataclass, field

from simengine.basis.bureau.units import FLOW, HEADS, MONTHLY, SHARE, STOCK, YEARLY

OBSERVATIONS, LEVELS, OPENING, ABOUT = "observations", "levels", "opening", "about"
TABLES = (ABOUT, OBSERVATIONS, LEVELS, OPENING)
"""Tables in the order of the workbook."""

LAUNCH = 2012
"""Year from which the residents' scheme runs everywhere; before it pilots multiply from year to year."""


@dataclass(frozen=True)
class Rule:
    """A figure lies between two multiples of a yardstick.

    Attributes
    ----------
    yard : factors of the yardstick: ``population``, ``wage``, a number, a series (between its known years where the
        year is not known), ``same:`` and a series in that very year, ``parent:`` and a yearly series of the basis
        borrowed from
    low, high : bounds of figure over yardstick [1]
    """

    yard: tuple[str, ...]
    low: float
    high: float


@dataclass(frozen=True)
class Row:
    """One row.

    Attributes
    ----------
    key : series of references.csv or paths.csv, or indicator of openings.csv
    name, english : as printed in yearbooks, and in English
    zero : nought is a possible figure; negative : so is less
    launch : first year from which yearly changes are judged
    """

    key: str
    name: str
    english: str
    kind: str
    rules: tuple[Rule, ...] = field(default=())
    zero: bool = False
    negative: bool = False
    launch: int = 0


def _of(yard: str, low: float, high: float) -> Rule:
    return Rule(tuple(yard.split("*")), low, high)


_PAYROLL = "population*12*wage"
_SAME = (0.5, 2.0)

OBSERVED = (
    Row("members", "企业职工和机关事业单位养老保险参保职工（在职）", "Members of the employees' pensions (not retired)",
        HEADS, (_of("population", 0.004, 0.75),)),
    Row("pensioners", "企业和机关事业单位离退休人员", "Pensioners of the employees' pensions",
        HEADS, (_of("population", 0.001, 0.4), _of("members", 0.03, 1.6))),
    Row("participants", "城镇职工基本养老保险参保人数（职工和离退休）", "Participants of the employees' pensions",
        HEADS, (_of("population", 0.006, 0.95), _of("members", 1.0, 2.6))),
    Row("resident_registered", "城乡居民养老保险参保人数（未领取待遇）", "Registered residents, not yet drawing",
        HEADS, (_of("population", 0.0003, 0.7),), launch=LAUNCH),
    Row("resident_recipients", "城乡居民养老保险领取待遇人数", "Recipients of residents' pensions",
        HEADS, (_of("population", 0.0003, 0.4), _of("resident_registered", 0.05, 4.0)), launch=LAUNCH),
    Row("resident_participants", "城乡居民养老保险参保人数（含领取）", "Participants of residents' pensions",
        HEADS, (_of("population", 0.0005, 0.8),), launch=LAUNCH),
    Row("unemployment_insured", "失业保险参保人数", "Insured against unemployment",
        HEADS, (_of("population", 0.004, 0.75), _of("members", 0.12, 1.6))),
    Row("unemployment_claimants", "领取失业保险金人数（年末）", "Claimants of unemployment benefit at year end",
        HEADS, (_of("population", 1e-5, 0.03), _of("unemployment_insured", 0.0015, 0.08)), zero=True),
    Row("injury_insured", "工伤保险参保人数", "Insured against work injury",
        HEADS, (_of("population", 0.0008, 1.0), _of("members", 0.03, 2.0)), launch=2000),
    Row("mean_enterprise_pension", "企业退休人员月人均基本养老金", "Mean enterprise pension",
        MONTHLY, (_of("wage", 0.2, 1.2),)),
    Row("contributions", "城镇职工基本养老保险征缴收入", "Contribution income of the employees' pensions",
        FLOW, (_of("members*12*wage", 0.04, 0.4), _of(_PAYROLL, 0.001, 0.25))),
    Row("revenue", "城镇职工基本养老保险基金收入", "Revenue of the employees' pension funds",
        FLOW, (_of("members*12*wage", 0.05, 0.8), _of(_PAYROLL, 0.0015, 0.35))),
    Row("expenditure", "城镇职工基本养老保险基金支出", "Expenditure of the employees' pension funds",
        FLOW, (_of("pensioners*12*wage", 0.2, 1.8), _of(_PAYROLL, 0.001, 0.3))),
    Row("balance", "城镇职工基本养老保险基金累计结余", "Balance of the employees' pension funds",
        STOCK, (_of("expenditure", 0.002, 12.0), _of(_PAYROLL, 1e-5, 0.6)), zero=True, negative=True),
    Row("recorded_accounts", "职工个人账户记账额", "Recorded individual accounts of employees",
        STOCK, (_of("members*12*wage", 0.03, 2.0), _of(_PAYROLL, 0.001, 0.6)), zero=True),
    Row("resident_revenue", "城乡居民养老保险基金收入", "Revenue of the residents' pension fund",
        FLOW, (_of("resident_recipients*12*parent:basic_pension", 0.4, 20.0), _of("resident_expenditure", 0.4, 12.0)),
        launch=LAUNCH),
    Row("resident_expenditure", "城乡居民养老保险基金支出", "Expenditure of the residents' pension fund",
        FLOW, (_of("resident_recipients*12*parent:basic_pension", 0.35, 9.5),
               _of("population*wage", 1e-4, 0.1)), launch=LAUNCH),
    Row("resident_balance", "城乡居民养老保险基金累计结余", "Balance of the residents' pension fund",
        STOCK, (_of("resident_expenditure", 0.05, 15.0),), zero=True, negative=True, launch=LAUNCH),
    Row("unemployment_revenue", "失业保险基金收入", "Revenue of the unemployment fund",
        FLOW, (_of("unemployment_insured*12*wage", 0.0018, 0.036), _of(_PAYROLL, 5e-5, 0.012))),
    Row("unemployment_expenditure", "失业保险基金支出", "Expenditure of the unemployment fund",
        FLOW, (_of("unemployment_insured*12*wage", 0.0008, 0.03), _of(_PAYROLL, 2e-5, 0.012))),
    Row("unemployment_balance", "失业保险基金累计结余", "Balance of the unemployment fund",
        STOCK, (_of("unemployment_expenditure", 0.05, 20.0), _of("unemployment_insured*12*wage", 0.0005, 0.15)),
        zero=True, negative=True),
    Row("injury_revenue", "工伤保险基金收入", "Revenue of the work-injury fund",
        FLOW, (_of("injury_insured*12*wage", 0.0006, 0.014), _of(_PAYROLL, 1e-5, 0.008)), launch=2011),
    Row("injury_expenditure", "工伤保险基金支出", "Expenditure of the work-injury fund",
        FLOW, (_of("injury_insured*12*wage", 0.0005, 0.014), _of(_PAYROLL, 5e-6, 0.008)), launch=2011),
    Row("injury_balance", "工伤保险基金累计结余", "Balance of the work-injury fund",
        STOCK, (_of("injury_expenditure", 0.05, 12.0),), zero=True, negative=True),
)  # fmt: skip
"""What has been observed, year by year; the free run is held against it."""

COVERED = (
    Row("average_wage", "城镇单位就业人员月平均工资（全口径）", "Average wage of urban units, monthly",
        MONTHLY, (_of("parent:average_wage", 0.4, 2.5),)),
    Row("minimum_wage", "最低工资标准（月）", "Minimum wage, monthly",
        MONTHLY, (_of("wage", 0.12, 0.8),)),
    Row("enterprise_payers", "企业职工缴费人数", "Payers of enterprises",
        HEADS, (_of("population", 0.003, 0.7), _of("members", 0.2, 1.02))),
    Row("flexible_payers", "灵活就业人员缴费人数", "Flexible payers",
        HEADS, (_of("population", 1e-5, 0.3), _of("members", 0.0002, 0.6)), zero=True, launch=2000),
    Row("public_payers", "机关事业单位缴费人数", "Payers of the public sector",
        HEADS, (_of("population", 0.0003, 0.1), _of("members", 0.01, 0.5)), zero=True, launch=2000),
    Row("paused_members", "中断缴费人数", "Paused members",
        HEADS, (_of("population", 0.0002, 0.3), _of("members", 0.003, 0.6)), zero=True),
    Row("resident_registered", "城乡居民养老保险参保人数（未领取待遇）", "Registered residents, not yet drawing",
        HEADS, (_of("population", 0.0003, 0.7), _of("same:resident_registered", *_SAME)), zero=True, launch=LAUNCH),
    Row("unemployment_insured", "失业保险参保人数", "Insured against unemployment",
        HEADS, (_of("population", 0.004, 0.75), _of("members", 0.12, 1.6),
                _of("same:unemployment_insured", *_SAME))),
    Row("injury_insured", "工伤保险参保人数", "Insured against work injury",
        HEADS, (_of("population", 0.0008, 1.0), _of("members", 0.03, 2.0), _of("same:injury_insured", *_SAME)),
        launch=2000),
    Row("basic_pension", "城乡居民基础养老金标准（月）", "Base pension of residents, monthly",
        MONTHLY, (_of("wage", 0.006, 0.22), _of("parent:basic_pension", 0.4, 9.5)), zero=True),
    Row("resident_contribution", "城乡居民年人均缴费额", "Contribution of a paying resident, yearly",
        YEARLY, (_of("wage", 0.02, 0.65),)),
    Row("unemployment_benefit", "失业保险金标准（月）", "Unemployment benefit, monthly",
        MONTHLY, (_of("wage", 0.08, 0.6), _of("minimum_wage", 0.3, 1.8))),
)  # fmt: skip
"""Levels by year that a run is given."""

OPENED = (
    Row("enterprise_payers", "企业职工缴费人数", "Payers of enterprises",
        HEADS, (_of("population", 0.003, 0.7), _of("same:enterprise_payers", *_SAME))),
    Row("flexible_payers", "灵活就业人员缴费人数", "Flexible payers",
        HEADS, (_of("population", 1e-5, 0.3), _of("same:flexible_payers", *_SAME)), zero=True),
    Row("public_payers", "机关事业单位缴费人数", "Payers of the public sector",
        HEADS, (_of("population", 0.001, 0.1), _of("same:public_payers", *_SAME)), zero=True),
    Row("paused_members", "中断缴费人数", "Paused members",
        HEADS, (_of("population", 0.0002, 0.3), _of("same:paused_members", *_SAME)), zero=True),
    Row("enterprise_pensioners", "企业离退休人员", "Pensioners of enterprises",
        HEADS, (_of("population", 0.002, 0.4), _of("pensioners", 0.3, 1.4), _of("same:enterprise_payers", 0.05, 3.0))),
    Row("public_pensioners", "机关事业单位离退休人员", "Pensioners of the public sector",
        HEADS, (_of("population", 0.001, 0.06), _of("pensioners", 0.03, 0.7), _of("same:public_payers", 0.1, 2.0))),
    Row("resident_registered", "城乡居民养老保险参保人数（未领取待遇）", "Registered residents, not yet drawing",
        HEADS, (_of("population", 0.005, 0.7), _of("same:resident_registered", *_SAME))),
    Row("resident_beneficiaries", "城乡居民养老保险领取待遇人数", "Recipients of residents' pensions",
        HEADS, (_of("population", 0.003, 0.4), _of("same:resident_recipients", *_SAME),
                _of("resident_registered", 0.05, 4.0))),
    Row("dual_members", "同时参加职工和居民养老保险人数", "Members of both schemes",
        HEADS, (_of("population", 1e-6, 0.2),), zero=True),
    Row("unemployment_insured", "失业保险参保人数", "Insured against unemployment",
        HEADS, (_of("population", 0.004, 0.75), _of("same:unemployment_insured", *_SAME))),
    Row("unemployment_claimants", "领取失业保险金人数", "Claimants of unemployment benefit",
        HEADS, (_of("population", 1e-5, 0.03), _of("unemployment_insured", 0.0015, 0.08)), zero=True),
    Row("injury_insured", "工伤保险参保人数", "Insured against work injury",
        HEADS, (_of("population", 0.004, 1.0), _of("same:injury_insured", *_SAME))),
    Row("injury_annuitants", "工伤保险定期待遇领取人数", "Annuitants of work injury",
        HEADS, (_of("population", 1e-5, 0.01), _of("injury_insured", 2e-4, 0.01)), zero=True),
    Row("ui_obliged_population", "应参加失业保险人数", "Obliged to be insured against unemployment",
        HEADS, (_of("population", 0.01, 0.8), _of("unemployment_insured", 0.6, 5.0))),
    Row("coverage_population", "养老保险应参保人数", "Coverable population of pensions",
        HEADS, (_of("population", 0.3, 1.3),)),
    Row("average_enterprise_pension", "企业退休人员月人均养老金", "Mean enterprise pension",
        MONTHLY, (_of("wage", 0.2, 1.2), _of("same:mean_enterprise_pension", *_SAME))),
    Row("average_public_pension", "机关事业单位退休人员月人均养老金", "Mean public pension",
        MONTHLY, (_of("wage", 0.3, 2.0),)),
    Row("basic_pension", "城乡居民基础养老金标准（月）", "Base pension of residents, monthly",
        MONTHLY, (_of("wage", 0.006, 0.22), _of("same:basic_pension", *_SAME), _of("parent:basic_pension", 0.4, 9.5))),
    Row("minimum_wage", "最低工资标准（月）", "Minimum wage, monthly",
        MONTHLY, (_of("wage", 0.12, 0.8), _of("same:minimum_wage", *_SAME))),
    Row("unemployment_benefit", "失业保险金标准（月）", "Unemployment benefit, monthly",
        MONTHLY, (_of("wage", 0.08, 0.6), _of("same:unemployment_benefit", *_SAME))),
    Row("resident_average_benefit", "城乡居民月人均养老金", "Mean residents' pension",
        MONTHLY, (_of("wage", 0.007, 0.4), _of("parent:basic_pension", 0.4, 9.5), _of("same:basic_pension", 0.5, 7.5))),
    Row("resident_account_pension", "城乡居民月人均个人账户养老金", "Mean account pension of residents",
        MONTHLY, (_of("parent:basic_pension", 0.005, 4.0), _of("same:resident_average_benefit", 0.01, 0.95)),
        zero=True),
    Row("fund_balance_enterprise_pension", "企业养老保险基金累计结余", "Balance of the enterprise pension fund",
        STOCK, (_of("same:balance", 0.3, 1.2), _of("expenditure", 0.002, 12.0), _of(_PAYROLL, 1e-5, 0.6)),
        zero=True, negative=True),
    Row("fund_balance_public_pension", "机关事业养老保险基金累计结余", "Balance of the public pension fund",
        STOCK, (_of("expenditure", 1e-4, 3.0), _of(_PAYROLL, 1e-6, 0.1),
                _of("same:fund_balance_enterprise_pension", 0.008, 1.5)), zero=True, negative=True),
    Row("fund_balance_resident", "城乡居民养老保险基金累计结余", "Balance of the residents' pension fund",
        STOCK, (_of("same:resident_balance", *_SAME), _of("population*wage", 1e-3, 0.5)), zero=True, negative=True),
    Row("fund_balance_unemployment", "失业保险基金累计结余", "Balance of the unemployment fund",
        STOCK, (_of("same:unemployment_balance", *_SAME), _of("unemployment_insured*12*wage", 0.0005, 0.15)),
        zero=True, negative=True),
    Row("fund_balance_work_injury", "工伤保险基金累计结余", "Balance of the work-injury fund",
        STOCK, (_of("same:injury_balance", *_SAME), _of("injury_insured*12*wage", 0.0002, 0.05)),
        zero=True, negative=True),
    Row("occupational_annuity", "职业年金基金规模", "Occupational annuity fund",
        STOCK, (_of("population*wage", 1e-3, 1.0), _of("same:public_payers*12*wage", 0.03, 3.0)), zero=True),
    Row("entrusted_enterprise", "企业养老保险基金委托投资额", "Entrusted part of the enterprise fund",
        STOCK, (_of("population*wage", 1e-4, 1.0), _of("same:fund_balance_enterprise_pension", 1e-3, 1.05)), zero=True),
    Row("entrusted_resident", "城乡居民养老保险基金委托投资额", "Entrusted part of the residents' fund",
        STOCK, (_of("population*wage", 1e-4, 0.5), _of("same:fund_balance_resident", 1e-3, 1.05)), zero=True),
    Row("registered_unemployment_rate", "城镇登记失业率", "Registered unemployment rate",
        SHARE, (_of("1", 0.008, 0.15),)),
    Row("surveyed_unemployment_rate", "城镇调查失业率", "Surveyed unemployment rate",
        SHARE, (_of("1", 0.01, 0.25),)),
    Row("resident_paying_share", "城乡居民参保人员缴费率", "Paying share of registered residents",
        SHARE, (_of("1", 0.15, 1.0),)),
    Row("pension_coverage_rate", "基本养老保险参保率", "Coverage rate of basic pensions",
        SHARE, (_of("1", 0.3, 1.05),)),
)  # fmt: skip
"""Figures at the opening, the end of the base year."""

ROWS = {OBSERVATIONS: OBSERVED, LEVELS: COVERED, OPENING: OPENED}

SUMS = (
    ("participants", ("members", "pensioners"), 0.03),
    ("resident_participants", ("resident_registered", "resident_recipients"), 0.03),
)
"""Totals of the observations, their parts, and the gap that rounding and definitions may leave."""

NOT_ASKED = (
    "mean_enterprise_pension_growth", "enterprise_revenue", "enterprise_expenditure", "enterprise_balance",
)  # fmt: skip
"""Series the engine measures and no bureau has to give: they follow from another row, or are part of one."""


@dataclass(frozen=True)
class Item:
    """One line of the table about the region."""

    key: str
    name: str
    english: str
    unit: str = ""
    required: bool = True


ITEMS = (
    Item("region", "地区代码（小写字母、数字和下划线）", "Key of the region (small letters, digits, underscores)"),
    Item("name_zh", "地区名称（中文）", "Name in Chinese"),
    Item("name_en", "地区名称（英文）", "Name in English"),
    Item("parent", "借用的基础数据（如china-2020）", "Basis borrowed from for all that is not given"),
    Item("base_year", "基年（期初为该年年末）", "Base year: the opening is its end"),
    Item("population", "基年末常住人口", "Resident population at the end of the base year", "万人"),
    Item("population_file", "分年龄性别人口文件（可不填）", "File of residents by sex and age, if any", required=False),
)
"""Lines of the table ``about``."""


def row_of(table: str, key: str) -> Row | None:
    """Row of a table by its key; None where the table has no such row."""
    return next((row for row in ROWS[table] if row.key == key), None)


def names() -> dict[str, Row]:
    """First row of every key, for the names of yardsticks."""
    found: dict[str, Row] = {}
    for rows in (OBSERVED, COVERED, OPENED):
        for row in rows:
            found.setdefault(row.key, row)
    return found
