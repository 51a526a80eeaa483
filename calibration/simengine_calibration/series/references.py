"""Published and recalled figures that a free run is held against: ``references.csv`` of the nation and the provinces.

The table is for comparison alone: no run reads it. A year may stand twice, once printed and once recalled, so that both
can be shown apart. Figures of a plan are those printed for a year at or before the opening (evidence ``seed``).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from simengine.common.errors import BasisError
from simengine.law.regions import NATION
from simengine.registry.axes import SPIN_UP_START
from simengine_calibration.series.tables import number_text
from simengine_calibration.sources.files import RECALLED, read_rows
from simengine_calibration.sources.histories import SCALED, STATISTICS, Figure, anchor, typed_history
from simengine_calibration.sources.plans import Plans
from simengine_calibration.sources.regions import collected_name

COLUMNS = ("series", "year", "value", "unit", "evidence", "source")
LAST_YEAR = 2024


@dataclass(frozen=True)
class Wanted:
    """Where the figures of one series stand.

    Attributes
    ----------
    scheme, measures : in the collected files
    typed : nation, years typed by hand (figures/national.yaml)
    anchor : column of the anchors of 2024
    plan : indicator of the plans' rows
    """

    unit: str
    scheme: str = ""
    measures: tuple[str, ...] = ()
    typed: str = ""
    anchor: str = ""
    plan: str = ""


SERIES: Mapping[str, Wanted] = {
    "participants": Wanted("persons", "uebps", ("participants_total",), "", "total", "uebps_participants"),
    "members": Wanted("persons", "uebps", ("participants_active",), "members_later", "active"),
    "pensioners": Wanted("persons", "uebps", ("retirees",), "pensioners_later", "retirees"),
    "contributions": Wanted("yuan", "uebps", ("contribution_income", "revenue_contributions")),
    "revenue": Wanted("yuan", "uebps", ("revenue",), "fund_revenue_later", "revenue"),
    "expenditure": Wanted("yuan", "uebps", ("expenditure",), "fund_expenditure_later", "expenditure"),
    "balance": Wanted("yuan", "uebps", ("balance_end",), "fund_balance_later", "balance"),
    "enterprise_revenue": Wanted("yuan", "enterprise_uebps", ("revenue",), "enterprise_revenue_later"),
    "enterprise_expenditure": Wanted("yuan", "enterprise_uebps", ("expenditure",), "enterprise_expenditure_later"),
    "enterprise_balance": Wanted("yuan", "enterprise_uebps", ("balance_end",), "enterprise_balance_later"),
    "recorded_accounts": Wanted("yuan", "enterprise_uebps", ("recorded_accounts",)),
    "mean_enterprise_pension": Wanted(
        "yuan per month", "enterprise_uebps", ("benefit_monthly_average",), plan="avg_enterprise_pension"
    ),
    "mean_enterprise_pension_growth": Wanted("1", plan="avg_enterprise_pension_growth"),
    "resident_participants": Wanted(
        "persons", "resident", ("participants_total",), "resident_participants_other", "resident_total",
        "resident_participants",
    ),
    "resident_recipients": Wanted(
        "persons", "resident", ("beneficiaries",), "resident_beneficiaries_other", "beneficiaries"
    ),
    "resident_revenue": Wanted("yuan", "resident", ("revenue",), "resident_revenue_other", "resident_revenue"),
    "resident_expenditure": Wanted(
        "yuan", "resident", ("expenditure",), "resident_finance_other", "resident_expenditure"
    ),
    "resident_balance": Wanted("yuan", "resident", ("balance_end",), "resident_balance_other", "resident_balance"),
    "unemployment_insured": Wanted(
        "persons", "unemployment", ("participants_total",), "unemployment_insured_other", "", "ui_participants"
    ),
    "unemployment_claimants": Wanted("persons", "unemployment", ("beneficiaries",), "claimants"),
    "unemployment_revenue": Wanted("yuan", "unemployment", ("revenue",)),
    "unemployment_expenditure": Wanted("yuan", "unemployment", ("expenditure",)),
    "unemployment_balance": Wanted("yuan", "unemployment", ("balance_end",)),
    "injury_insured": Wanted(
        "persons", "work_injury", ("participants_total",), "injury_insured_other", "", "wi_participants"
    ),
    "injury_revenue": Wanted("yuan", "work_injury", ("revenue",), "injury_revenue_later"),
    "injury_expenditure": Wanted("yuan", "work_injury", ("expenditure",)),
    "injury_balance": Wanted("yuan", "work_injury", ("balance_end",)),
}  # fmt: skip
"""Every series of the table but the registered residents, which are participants less recipients."""

Rows = dict[tuple[str, int, str], Figure]
"""Figures by series, year and evidence, in base units."""


def collected(root: Path) -> Iterator[tuple[tuple[str, str, str], int, Figure]]:
    """Every yearly figure of the collected files: (scheme, region, measure), year, figure in base units."""
    for file, tag in ((STATISTICS, "published"), (RECALLED, "recalled")):
        for row in read_rows(root / file):
            if not row["year"].isdigit():  # dated classes such as "2021-04" are no yearly figure
                continue
            scheme = row.get("scheme") or row.get("topic") or ""
            factor = next((size for unit, size in SCALED if row["unit"].startswith(unit)), 1.0)
            evidence = "secondary" if row.get("note", "").startswith("secondary") else tag
            text = f"{scheme} {row['measure']}: {row['source'].split(', http')[0]}"
            key = (scheme, row["region"], row["measure"])
            yield key, int(row["year"]), Figure(_number(row["value"], file) * factor, evidence, text)


def _number(text: str, file: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise BasisError("collected_no_number", where=file, text=text) from None


def reference_rows(root: Path, plans: Plans, region: str) -> list[tuple[str, int, str, str, str, str]]:
    """Rows of ``references.csv`` of one region, in the order of `COLUMNS`.

    Parameters
    ----------
    root : folder of the collected data
    plans : printed figures, for the years at or before an opening
    """
    names = {
        (wanted.scheme, collected_name(region), measure): series for series, wanted in SERIES.items()
        for measure in wanted.measures
    }  # fmt: skip
    rows: Rows = {}
    for key, year, figure in collected(root):
        if key in names and SPIN_UP_START < year <= LAST_YEAR:
            rows.setdefault((names[key], year, figure.evidence), figure)
    for series, wanted in SERIES.items():
        if region == NATION and wanted.typed:
            for year, figure in typed_history("national", wanted.typed).figures.items():
                if year > SPIN_UP_START and (series, year, "recalled") not in rows:
                    rows.setdefault((series, year, figure.evidence), figure)
        if wanted.anchor:
            found = anchor(region, wanted.anchor)
            rows.setdefault((series, LAST_YEAR, found.evidence), found)
        for year in range(SPIN_UP_START + 1, LAST_YEAR + 1):
            printed = plans.get(region, year, wanted.plan) if wanted.plan else None
            if printed is not None:
                text = f"plan figure, printed {printed.printed} {printed.plan_unit} ({printed.ids})"
                rows[series, year, "seed"] = Figure(printed.value, "seed", text)
    rows |= registered_residents(rows)
    order = [*SERIES, "resident_registered"]
    chosen = sorted(rows.items(), key=lambda item: (order.index(item[0][0]), item[0][1:]))
    return [
        (series, year, number_text(figure.value, _unit(series)), _unit(series), figure.evidence, figure.source)
        for (series, year, _), figure in chosen
        if figure.value > 0.0
    ]


def registered_residents(rows: Rows) -> Rows:
    """Registered residents: participants less recipients of the same evidence, or of memory beside recalled ones."""
    found: Rows = {}
    for (series, year, evidence), figure in rows.items():
        if series != "resident_participants":
            continue
        for tag in (evidence, "memory") if evidence == "recalled" else (evidence,):
            drawing = rows.get(("resident_recipients", year, tag))
            if drawing is not None:
                text = f"participants less recipients ({figure.source})"
                found["resident_registered", year, tag] = Figure(figure.value - drawing.value, tag, text)
                break
    return found


def _unit(series: str) -> str:
    return SERIES[series].unit if series in SERIES else "persons"
