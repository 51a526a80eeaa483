"""Columns of a table of persons: names in both languages, units, words, ranges; how a header is read."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache

from simengine.cases.table_cells import one_line, plain_text, tight
from simengine.common.errors import CaseError
from simengine.common.messages import Language, Words, near
from simengine.registry.axes import CAREER

TRUE_WORDS = {"1": 1, "yes": 1, "true": 1, "是": 1, "有": 1, "√": 1, "0": 0, "no": 0, "false": 0, "否": 0, "无": 0}

HEADER = re.compile(r"(?P<name>.*?)(?:[\[(【](?P<unit>[^\])】]*)[\])】]|[/:](?P<loose>[^/:]+))?")
"""A name with its unit in brackets, or behind a stroke or colon; read after `tight`."""

UNIT_WORD = re.compile(r"^(单位|unit)[:：]?")

MONEY_UNITS = {"yuan": 1.0, "元": 1.0, "10k yuan": 10_000.0, "万元": 10_000.0, "人民币元": 1.0}
MONTHLY_UNITS = {"yuan/month": 1.0, "元/月": 1.0, "yuan": 1.0, "元": 1.0, "yuan/year": 1 / 12, "元/年": 1 / 12}
MONTH_UNITS = {"month": 1.0, "months": 1.0, "月": 1.0, "个月": 1.0, "year": 12.0, "years": 12.0, "年": 12.0}
PLAIN_UNITS = {"1": 1.0, "index": 1.0, "指数": 1.0, "%": 0.01}
DATE_UNITS = {"yyyy-mm": 1.0, "年月": 1.0, "yyyy-mm-dd": 1.0, "年月日": 1.0, "yyyymm": 1.0, "yyyymmdd": 1.0}
TEXT_UNITS = {"text": 1.0, "文本": 1.0, "key": 1.0, "word": 1.0, "省": 1.0, "市": 1.0}
YEARS_NAMED = ("年限", "years")
"""Ends of a name that says years, where the header states no unit."""


@dataclass(frozen=True)
class Column:
    """One column of the table.

    Attributes
    ----------
    kind : text, word, month, number, whole
    names : other names under which it is read
    units : unit as written -> factor to the unit of the engine; the first one is that of the template
    words : word as written -> position, for words
    low, high : range of a number in the unit of the engine
    required : every row needs a value
    """

    name: str
    kind: str
    names: tuple[str, ...]
    units: Mapping[str, float] = field(default_factory=dict)
    words: Mapping[str, int] = field(default_factory=dict)
    low: float = 0.0
    high: float = 0.0
    required: bool = False
    example: str = ""

    @property
    def unit(self) -> str:
        """Unit of the template."""
        return next(iter(self.units), "")

    @property
    def limits(self) -> dict[str, str]:
        """Range of a number as a refusal says it."""
        return {"low": f"{self.low:g}", "high": f"{self.high:g}"}


SCHEMES = ("enterprise", "public")
SCHEME_WORDS = {
    **{"enterprise": 0, "public": 1, "企业": 0, "企业职工": 0, "职工": 0, "城镇职工": 0, "企业职工基本养老保险": 0},
    **{"机关事业": 1, "机关事业单位": 1, "机关": 1, "事业": 1, "机关事业单位基本养老保险": 1},
}
SEX_WORDS = {"man": 0, "male": 0, "m": 0, "男": 0, "男性": 0, "woman": 1, "female": 1, "f": 1, "女": 1, "女性": 1}
WORKER, CADRE = len(CAREER), len(CAREER) + 1
"""Positions of words that name a career together with the sex alone."""
CAREER_WORDS = {
    **{name: position for position, name in enumerate(CAREER)},
    **{"男职工": 0, "男": 0, "女干部": 1, "女55": 1, "女职工55": 1, "女工人": 2, "女50": 2, "女职工50": 2},
    **{"worker": WORKER, "工人": WORKER, "工勤": WORKER, "工勤岗": WORKER, "生产岗": WORKER, "生产操作岗": WORKER},
    **{"cadre": CADRE, "干部": CADRE, "管理岗": CADRE, "管理技术岗": CADRE, "专业技术岗": CADRE, "技术岗": CADRE},
}

REGION_NAMES = ("地区", "参保地", "参保地区", "统筹地区", "统筹区", "省份", "参保省份", "参保省", "province", "area")
CITY_NAMES = ("市州", "地市", "参保地市", "参保城市", "参保市", "参保市州", "城市")
BORN_NAMES = (
    "出生年月",
    "出生日期",
    "出生时间",
    "出生年月日",
    "生日",
    "birth",
    "birthdate",
    "dateofbirth",
    "birthmonth",
)
RETIRES_NAMES = ("退休年月", "退休日期", "退休时间", "退休年月日", "办理退休时间", "retirement", "retirementdate")
PAID_NAMES = ("实际缴费月数", "实际缴费年限", "实缴月数", "实缴年限", "实际缴费", "实际年限", "paidyears")
DEEMED_NAMES = ("视同缴费月数", "视同缴费年限", "视同月数", "视同年限", "视同缴费", "deemedyears")
TOTAL_NAMES = ("累计缴费月数", "累计缴费年限", "总缴费月数", "总缴费年限", "合计缴费月数", "合计缴费年限", "累计年限")
UNCLEAR_TOTALS = ("缴费年限", "缴费月数")
"""Names of all months in law, which offices also give to the paid ones: clear only where nothing is deemed, or where
the paid months stand beside it."""
INDEX_NAMES = (
    "平均缴费指数",
    "缴费指数",
    "平均缴费工资指数",
    "本人平均缴费工资指数",
    "月平均缴费工资指数",
    "实际缴费指数",
    "实际平均缴费指数",
)
CAREER_NAMES = ("退休类别", "身份", "人员身份", "职工身份", "个人身份", "岗位", "岗位类别")
BEFORE_NAMES = ("建账前月数", "建账前缴费月数", "建账前年限", "建账前缴费年限")
AVERAGE_NAMES = ("当地上年平均养老金", "上年当地平均养老金", "当地平均养老金")
SCHEME_NAMES = ("制度", "险种", "参保险种", "养老保险类型")
ACCOUNT_NAMES = (
    "个人账户储存额",
    "个人账户累计储存额",
    "个人账户余额",
    "个人账户",
    "账户储存额",
    "账户余额",
    "个账储存额",
)

COLUMNS = (
    Column("id", "text", ("编号", "序号", "个人编号", "人员编号", "职工编号", "no.", "number"), TEXT_UNITS,
           example="A-001"),
    Column("name", "text", ("姓名", "职工姓名", "参保人", "参保人姓名"), TEXT_UNITS, example="example 1"),
    Column("region", "word", REGION_NAMES, TEXT_UNITS, required=True, example="jiangxi"),
    Column("city", "word", CITY_NAMES, TEXT_UNITS),
    Column("scheme", "word", SCHEME_NAMES, TEXT_UNITS, SCHEME_WORDS, example="enterprise"),
    Column("sex", "word", ("性别", "gender"), TEXT_UNITS, SEX_WORDS, example="man"),
    Column("career", "word", CAREER_NAMES, TEXT_UNITS, CAREER_WORDS),
    Column("special_job", "word", ("特殊工种",), TEXT_UNITS, TRUE_WORDS),
    Column("born", "month", BORN_NAMES, DATE_UNITS, required=True, example="1965-05"),
    Column("retires", "month", RETIRES_NAMES, DATE_UNITS, example="2025-07"),
    Column("paid_months", "whole", PAID_NAMES, MONTH_UNITS, high=900.0, required=True, example="327"),
    Column("index", "number", INDEX_NAMES, PLAIN_UNITS, high=1_000.0, required=True, example="0.8523"),
    Column("deemed_months", "whole", DEEMED_NAMES, MONTH_UNITS, high=900.0, example="0"),
    Column("deemed_index", "number", ("视同缴费指数", "视同指数"), PLAIN_UNITS, high=1_000.0),
    Column("account", "number", ACCOUNT_NAMES, MONEY_UNITS, high=1e9, required=True, example="96500.00"),
    Column("months_before_accounts", "whole", BEFORE_NAMES, MONTH_UNITS, high=900.0),
    Column("index_before_accounts", "number", ("建账前指数", "建账前缴费指数"), PLAIN_UNITS, high=1_000.0),
    Column("deemed_after_accounts", "whole", ("建账后视同月数", "建账后视同缴费月数"), MONTH_UNITS, high=900.0),
    Column("former_transition", "number", ("原办法过渡性养老金",), MONTHLY_UNITS, high=1e6),
    Column("local_average_pension", "number", AVERAGE_NAMES, MONTHLY_UNITS, high=1e6),
    Column("total_months", "whole", (*TOTAL_NAMES, *UNCLEAR_TOTALS), MONTH_UNITS, high=900.0),
    Column("checked", "word", ("已核", "已核对", "已复核", "核对"), TEXT_UNITS, TRUE_WORDS),
)  # fmt: skip
"""Every column, in the order of the template."""

BY_NAME = {column.name: column for column in COLUMNS}

IDLE = (
    *("身份证", "身份证号", "身份证号码", "公民身份号码", "证件号码", "证件号", "社会保障号", "社会保障号码", "社保号"),
    *(
        "单位",
        "单位名称",
        "工作单位",
        "所在单位",
        "单位编号",
        "联系电话",
        "电话",
        "手机",
        "手机号",
        "地址",
        "住址",
        "户籍",
    ),
    *(
        "民族",
        "备注",
        "说明",
        "年龄",
        "参加工作时间",
        "参加工作年月",
        "首次参保时间",
        "首次参保年月",
        "银行账号",
        "开户行",
    ),
    *("idcard", "idnumber", "phone", "address", "remark", "remarks", "note", "notes", "employer", "age"),
)
"""Columns that tables often carry and that no award uses: left out, and the reader is told."""


@cache
def alias_table() -> Mapping[str, str]:
    """Every way a column may be called, as `tight` writes it -> its name."""
    return {tight(name): column.name for column in COLUMNS for name in (column.name, *column.names)}


@dataclass(frozen=True)
class Header:
    """One header cell: the column it names and the factor of its unit.

    Attributes
    ----------
    place : column of the file; written : the cell as it stands; unit : "" where none is stated or implied
    key : the name as it was compared
    """

    column: Column
    written: str
    unit: str
    factor: float
    place: int = 0
    key: str = ""


def split_header(written: str) -> tuple[str, str]:
    """Name and unit of a header cell, both as they are compared.

    >>> split_header("个人账户储存额（万元）"), split_header("account [10k yuan]"), split_header("缴费年限/年")
    (('个人账户储存额', '万元'), ('account', '10k yuan'), ('缴费年限', '年'))
    """
    whole = plain_text(written)
    if tight(whole) in alias_table():
        return tight(whole), ""
    found = HEADER.fullmatch(re.sub(r"\s+", " ", whole))
    if found is None:
        return tight(whole), ""
    unit = found["unit"] if found["unit"] is not None else found["loose"] or ""
    return tight(found["name"]), UNIT_WORD.sub("", unit.strip().lower()).strip()


def is_header(written: str) -> bool:
    """Whether a cell names a column, one in use or one known to be idle."""
    name = split_header(written)[0]
    return name in alias_table() or name in IDLE


def read_header(written: str, where: str, place: int = 0) -> Header | CaseError | None:
    """What a header cell means, or what is wrong with it; None for a column that no award uses."""
    key, unit = split_header(written)
    if key in IDLE:
        return None
    aliases = alias_table()
    if key not in aliases:
        alias = near(key, aliases)
        nearest = aliases[alias] if alias and alias.isascii() else alias
        known = Words(", ".join(column.name for column in COLUMNS), "、".join(column.names[0] for column in COLUMNS))
        return CaseError("case_column_unknown", where=where, near=nearest, name=one_line(written), known=known)
    column = BY_NAME[aliases[key]]
    implied = "年" if column.kind == "whole" and key.endswith(YEARS_NAMED) else ""
    return with_unit(column, one_line(written), unit or implied, where, place, key)


def with_unit(column: Column, written: str, unit: str, where: str, place: int, key: str) -> Header | CaseError:
    """A column with a unit stated in its header or in a units row."""
    if not unit or unit in ("-",):
        return Header(column, written, "", 1.0, place, key)
    if unit.lower() not in column.units:
        known = ", ".join(column.units)
        return CaseError("case_column_unit", where=where, name=written, unit=unit, known=known)
    return Header(column, written, unit, column.units[unit.lower()], place, key)


def is_unit(text: str) -> bool:
    """Whether a cell of the second row is a unit of any column, or a dash."""
    return text in ("", "-") or any(text.lower() in column.units for column in COLUMNS)


EXAMPLES = {"jiangxi": "江西省", "man": "男", "enterprise": "企业职工", "example 1": "例1"}
"""Words of the example row in Chinese."""


def template_rows(lang: Language = "en") -> list[list[str]]:
    """Header, units and one example row of the template."""
    if lang == "en":
        return [
            [column.name for column in COLUMNS],
            [column.unit for column in COLUMNS],
            [column.example for column in COLUMNS],
        ]
    units = [next((unit for unit in column.units if not unit.isascii()), column.unit) for column in COLUMNS]
    examples = [EXAMPLES.get(column.example, column.example) for column in COLUMNS]
    return [[column.names[0] for column in COLUMNS], units, examples]
