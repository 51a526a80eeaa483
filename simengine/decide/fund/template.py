"""The table of cash flows a user fills: empty, as CSV or workbook; and an invented example."""

from __future__ import annotations

from pathlib import Path

from simengine.basis.bureau.template import Rows, csv_bytes, heading, workbook_bytes
from simengine.decide.fund.flows import AMOUNTS, RATES
from simengine.decide.fund.read import HEADINGS, TABLE

README_KEYS = ("fund_fill", "fund_years", "fund_units", "fund_opening", "fund_other", "fund_run")
MONEY_UNIT, RATE_UNIT = "亿元", "%"


def template_rows(years: tuple[int, int]) -> Rows:
    """Rows of an empty table: headings in both languages, units, a row a year."""
    units = dict.fromkeys(("opening", *AMOUNTS), MONEY_UNIT) | dict.fromkeys(RATES, RATE_UNIT)
    rows: Rows = [[f"{local} {key}" for key, local in HEADINGS.items()]]
    rows.append([heading("unit"), *(units.get(key) for key in list(HEADINGS)[1:])])
    return rows + [[year, *[None] * (len(HEADINGS) - 1)] for year in range(years[0], years[1] + 1)]


def template_csv(years: tuple[int, int]) -> bytes:
    """The empty table as CSV."""
    return csv_bytes(template_rows(years))


def template_workbook(years: tuple[int, int]) -> bytes:
    """The empty table as a workbook, what to do on its first sheet."""
    return workbook_bytes({TABLE: template_rows(years)}, README_KEYS, fixed=1)


def example_text() -> str:
    """An invented table that runs as it stands."""
    path = Path(__file__).parents[2] / "templates" / "fund_example.csv"
    return path.read_text(encoding="utf-8-sig")
