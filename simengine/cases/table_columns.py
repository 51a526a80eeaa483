"""Columns of a table of persons: names in both languages, units, words, ranges; how a header is read."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from simengine.common.errors import CaseError
from simengine.common.messages import near
from simengine.registry.axes import CAREER

TRUE_WORDS = {"1": 1, "yes": 1, "true": 1, "是": 1, "0": 0, "no": 0, "false": 0, "否": 0}

HEADER = re.compile(r"(?P<name>.*?)\s*(?:[\[(（](?P<unit>[^\])）]*)[\])）])?")

MONEY_UNITS = {"yuan": 1.0, "元": 1.0, "10k yuan": 10_000.0, "万元": 10_000.0}
MONTHLY_UNITS = {"yuan/month": 1.0, "元/月": 1.0, "yuan": 1.0, "元": 1.0}
MONTH_UNITS = {"month": 1.0, "months": 1.0, "月": 1.0, "个月": 1.0, "year": 12.0, "years": 12.0, "年": 12.0}
PLAIN_UNITS = {"1": 1.0, "index": 1.0, "指数": 1.0}
DATE_UNITS = {"yyyy-mm": 1.0, "年月": 1.0}
TEXT_UNITS = {"text": 1.0, "文本": 1.0, "key": 1.0, "word": 1.0}


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
SCHEME_WORDS = {"enterprise": 0, "public": 1, "企业": 0, "企业职工": 0, "机关事业": 1, "机关事业单位": 1}
SEX_WORDS = {"man": 0, "male": 0, "男": 0, "woman": 1, "female": 1, "女": 1}
CAREER_WORDS = {
    **{name: position for position, name in enumerate(CAREER)},
    **{"男职工": 0, "女干部": 1, "女55": 1, "女工人": 2, "女50": 2},
}

COLUMNS = (
    Column("id", "text", ("编号", "序号"), TEXT_UNITS, example="A-001"),
    Column("name", "text", ("姓名",), TEXT_UNITS, example="example 1"),
    Column("region", "word", ("地区", "参保地"), TEXT_UNITS, required=True, example="jiangxi"),
    Column("city", "text", ("市州",), TEXT_UNITS),
    Column("scheme", "word", ("制度", "险种"), TEXT_UNITS, SCHEME_WORDS, example="enterprise"),
    Column("sex", "word", ("性别",), TEXT_UNITS, SEX_WORDS, example="man"),
    Column("career", "word", ("退休类别",), TEXT_UNITS, CAREER_WORDS),
    Column("special_job", "word", ("特殊工种",), TEXT_UNITS, TRUE_WORDS),
    Column("born", "month", ("出生年月",), DATE_UNITS, required=True, example="1965-05"),
    Column("retires", "month", ("退休年月",), DATE_UNITS, example="2025-07"),
    Column("paid_months", "whole", ("实际缴费月数",), MONTH_UNITS, high=900.0, required=True, example="327"),
    Column("index", "number", ("平均缴费指数",), PLAIN_UNITS, high=1_000.0, required=True, example="0.8523"),
    Column("deemed_months", "whole", ("视同缴费月数",), MONTH_UNITS, high=900.0, example="0"),
    Column("deemed_index", "number", ("视同缴费指数",), PLAIN_UNITS, high=1_000.0),
    Column("account", "number", ("个人账户储存额",), MONEY_UNITS, high=1e9, required=True, example="96500.00"),
    Column("months_before_accounts", "whole", ("建账前月数",), MONTH_UNITS, high=900.0),
    Column("index_before_accounts", "number", ("建账前指数",), PLAIN_UNITS, high=1_000.0),
    Column("deemed_after_accounts", "whole", ("建账后视同月数",), MONTH_UNITS, high=900.0),
    Column("former_transition", "number", ("原办法过渡性养老金",), MONTHLY_UNITS, high=1e6),
    Column("local_average_pension", "number", ("当地上年平均养老金",), MONTHLY_UNITS, high=1e6),
)
"""Every column, in the order of the template."""

BY_NAME = {column.name: column for column in COLUMNS}


def alias_table() -> dict[str, str]:
    """Every way a column may be called -> its name."""
    named = {name.lower(): column.name for column in COLUMNS for name in (column.name, *column.names)}
    return named | {name.replace("_", " "): own for name, own in named.items()}


@dataclass(frozen=True)
class Header:
    """One header cell: the column it names and the factor of its unit."""

    column: Column
    written: str
    unit: str
    factor: float


def read_header(written: str, where: str) -> Header | CaseError:
    """What a header cell means, or what is wrong with it."""
    found = HEADER.fullmatch(written.strip())
    name, unit = (found["name"], (found["unit"] or "").strip()) if found is not None else (written, "")
    aliases = alias_table()
    key = aliases.get(name.lower().strip())
    if key is None:
        suggestion = aliases.get(near(name, aliases), "")
        known = ", ".join(column.name for column in COLUMNS)
        return CaseError("case_column_unknown", where=where, near=suggestion, name=written, known=known)
    return with_unit(BY_NAME[key], written, unit, where)


def with_unit(column: Column, written: str, unit: str, where: str) -> Header | CaseError:
    """A column with a unit stated in its header or in a units row."""
    if not unit or unit in ("-",):
        return Header(column, written, "", 1.0)
    if unit.lower() not in column.units:
        known = ", ".join(column.units)
        return CaseError("case_column_unit", where=where, name=column.name, unit=unit, known=known)
    return Header(column, written, unit, column.units[unit.lower()])


def is_unit(text: str) -> bool:
    """Whether a cell of the second row is a unit of any column, or a dash."""
    return text in ("", "-") or any(text.lower() in column.units for column in COLUMNS)


def month_word(text: str) -> int:
    """Month index of a cell: 1965-05, 1965-5, 1965/5, 196505, 1965年5月, each with or without a day; -1 if it is none.

    >>> month_word("196505") == month_word("1965/5/12") == 12 * 1965 + 4
    True
    """
    text = text.strip().removesuffix(" 00:00:00")
    for pattern in _MONTHS:
        found = pattern.fullmatch(text)
        if found is not None:
            year, month, day = int(found["y"]), int(found["m"]), int(found["d"] or 1)
            good = 1900 <= year <= 2150 and 1 <= month <= 12 and 1 <= day <= 31
            return 12 * year + month - 1 if good else -1
    return -1


_MONTHS = (
    re.compile(r"(?P<y>\d{4})[-/](?P<m>\d{1,2})(?:[-/](?P<d>\d{1,2}))?"),
    re.compile(r"(?P<y>\d{4})(?P<m>\d{2})(?P<d>\d{2})?"),
    re.compile(r"(?P<y>\d{4})年(?P<m>\d{1,2})月(?:(?P<d>\d{1,2})日?)?"),
)


def template_rows() -> list[list[str]]:
    """Header, units and one example row of the template."""
    return [
        [column.name for column in COLUMNS],
        [column.unit for column in COLUMNS],
        [column.example for column in COLUMNS],
    ]
