"""Cells of a table as offices write them: text of one width, numbers with separators and units, months of any form."""

from __future__ import annotations

import datetime
import re
import unicodedata

from simengine.common.workbook import plain_number

NONE = float("nan")

_GROUPED = re.compile(r"[+-]?\d{1,3}(,\d{3})+(\.\d*)?")
_SPAN = re.compile(
    r"(?:(?P<years>\d+(?:\.\d+)?)\s*(?:年|岁|years?))?(?:零|又)?(?:(?P<months>\d+)\s*(?:个?月|months?))?"
)
_UNIT = re.compile(r"(?P<number>[^a-z%元万年月个]+)(?P<unit>%|[a-z/ ]+|万?元(?:/月)?|个?月|年)")
_CURRENCY = re.compile(r"^(?:¥|rmb|人民币)\s*", re.IGNORECASE)

FIRST_SERIAL, LAST_SERIAL = 10_000, 73_050
"""Serial days of a spreadsheet that are read as dates: May 1927 to December 2099."""
SERIAL_START = datetime.date(1899, 12, 30)
"""Day nought of a spreadsheet (its leap day of 1900 never was)."""

_MONTHS = (
    re.compile(r"(?P<y>\d{4})[-/](?P<m>\d{1,2})(?:[-/](?P<d>\d{1,2}))?"),
    re.compile(r"(?P<y>\d{4})\.(?P<m>\d{2}|[2-9])"),
    re.compile(r"(?P<y>\d{4})\.(?P<m>\d{1,2})\.(?P<d>\d{1,2})"),
    re.compile(r"(?P<y>\d{4})(?P<m>\d{2})(?P<d>\d{2})?"),
    re.compile(r"(?P<y>\d{4})年(?P<m>\d{1,2})月?份?(?:(?P<d>\d{1,2})[日号]?)?"),
)
"""Forms of a month; 1965.1 may be January or a lost October, so one digit after a point counts from 2 on."""

_CLOCK = re.compile(r"[T ]0{1,2}:00(:00(\.0+)?)?$")


def plain_text(text: str) -> str:
    """Text of one width without blanks around it: full-width signs become the usual ones.

    >>> plain_text("　６５，０００ ")
    '65,000'
    """
    return text.strip() if text.isascii() else unicodedata.normalize("NFKC", text).strip()


def one_line(text: str) -> str:
    """A name as it is said: without line breaks, and without blanks between Chinese letters.

    >>> one_line("平均\\n缴费指数"), one_line("paid  months")
    ('平均缴费指数', 'paid months')
    """
    return ("" if not text.isascii() else " ").join(plain_text(text).split())


def tight(text: str) -> str:
    """A name as it is compared: one width, small letters, no blanks or line breaks, one spelling of 账户.

    >>> tight("个人帐户\\n储存额"), tight("Paid  Months"), tight("paid_months")
    ('个人账户储存额', 'paidmonths', 'paidmonths')
    """
    return re.sub(r"[\s_]+", "", plain_text(text).lower()).replace("帐", "账")


def number_of(text: str) -> float:
    """A number as offices write it: with separators of thousands, full width, or a sign of currency; else no number.

    >>> number_of("65,000"), number_of("６５，０００.5"), number_of("¥ 65000"), number_of("6,5000")
    (65000.0, 65000.5, 65000.0, nan)
    """
    found = plain_number(text)
    if found == found:
        return found
    plain = _CURRENCY.sub("", plain_text(text)).replace(" ", "")
    if _GROUPED.fullmatch(plain) is not None:
        plain = plain.replace(",", "")
    return plain_number(plain)


def span_of(text: str) -> float:
    """Months of a span with its units, such as 33年5个月, 33年 or 401个月; no number for everything else.

    >>> span_of("33年5个月"), span_of("401个月"), span_of("33")
    (401.0, 401.0, nan)
    """
    found = _SPAN.fullmatch(plain_text(text).lower().replace(" ", ""))
    if found is None or not (found["years"] or found["months"]):
        return NONE
    return 12.0 * float(found["years"] or 0) + float(found["months"] or 0)


def number_and_unit(text: str) -> tuple[float, str]:
    """A number and the unit written behind it, such as 9.65万元 or 85.23%; no number for everything else.

    >>> number_and_unit("9.65万元"), number_and_unit("85.23%"), number_and_unit("abc")
    ((9.65, '万元'), (85.23, '%'), (nan, ''))
    """
    found = _UNIT.fullmatch(plain_text(text).lower())
    return (number_of(found["number"]), found["unit"].strip()) if found is not None else (NONE, "")


def month_word(text: str) -> int:
    """Month index of a cell; -1 if it is none.

    Read are 1965-05, 1965/5, 1965.05, 196505 and 1965年5月, each with or without a day and in either width, and serial
    days of a spreadsheet.

    >>> month_word("196505") == month_word("1965/5/12") == month_word("1965.05") == month_word("23864") == 12 * 1965 + 4
    True
    """
    text = _CLOCK.sub("", plain_text(text))
    if not text.isascii():
        text = text.replace(" ", "")
    for pattern in _MONTHS:
        found = pattern.fullmatch(text)
        if found is not None:
            parts = found.groupdict()
            year, month, day = int(parts["y"]), int(parts["m"]), int(parts.get("d") or 1)
            good = 1900 <= year <= 2150 and 1 <= month <= 12 and 1 <= day <= 31
            return 12 * year + month - 1 if good else -1
    return _serial_month(text) if is_serial(text) else -1


def is_serial(text: str) -> bool:
    """Whether a cell is a serial day of a spreadsheet: a date whose format was lost."""
    return len(text) == 5 and text.isdigit() and FIRST_SERIAL <= int(text) <= LAST_SERIAL


def _serial_month(text: str) -> int:
    day = SERIAL_START + datetime.timedelta(days=int(text))
    return 12 * day.year + day.month - 1
