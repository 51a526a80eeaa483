"""Printed plan figures that are dated at a region's opening, in base units, with row id and printed decimals."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from simengine.common.errors import BasisError
from simengine_calibration.sources.files import read_rows
from simengine_calibration.sources.regions import region_of_code, region_of_plan, region_row

TABLE = "plan_targets.csv"
COUNTIES = "plan_targets_*_counties.csv"
"""Annex tables of a city by area and year; the star stands for its key."""

UNIT = {
    "万人": ("persons", 1e4), "亿元": ("yuan", 1e8), "%": ("1", 0.01), "元/月": ("yuan per month", 1.0),
}  # fmt: skip
MODELLED = (
    "uebps_participants", "resident_participants", "pension_participants", "pension_coverage_rate",
    "pension_payment_rate", "ui_participants", "ui_coverage_rate", "wi_participants", "registered_unemp_rate",
    "surveyed_unemp_rate", "avg_enterprise_pension", "avg_enterprise_pension_growth", "basic_pension_avg",
    "resident_protection_level", "ui_benefit_month", "oa_fund_size", "delegated_share_new_surplus",
    "fund_balance_3schemes", "min_wage",
)  # fmt: skip
"""Indicators of the plans that the engine models; card, job and training indicators are not among them."""


def city_of(annex: Path) -> str:
    """Key of the city whose annex tables a file holds.

    >>> city_of(Path("plan_targets_xuzhou_counties.csv"))
    'xuzhou'
    """
    before, _, after = COUNTIES.partition("*")
    return annex.name.removeprefix(before).removesuffix(after)


@dataclass(frozen=True)
class PlanFigure:
    """One printed figure.

    Attributes
    ----------
    value : in base units (persons, yuan, yuan per month, shares)
    printed : text as printed, in `plan_unit`
    ids : rows that print it, joined by ``|``
    """

    indicator: str
    year: int
    value: float
    unit: str
    printed: str
    plan_unit: str
    ids: str
    alternative: bool = False

    @property
    def decimals(self) -> int:
        return len(self.printed.partition(".")[2])

    @property
    def half_unit(self) -> float:
        """Half a unit of the last printed digit, in base units."""
        return 0.5 * 10.0**-self.decimals * UNIT[self.plan_unit][1]


class Plans:
    """Figures of the plans' rows, by region and opening year."""

    def __init__(self, spec: Path) -> None:
        self._found: dict[tuple[str, int], dict[str, list[PlanFigure]]] = {}
        for row in read_rows(spec / TABLE):
            region = region_of_plan(row["id"].split("-")[0])
            for year, printed in ((row["actual_year"], row["actual_value"]), (row["base_year"], row["base_value"])):
                if year and printed and row["indicator_id"] in MODELLED and not row["duplicate_of"]:
                    self._add(region, int(year), row["indicator_id"], printed, row["unit_zh"], row["id"])
        for annex in sorted(spec.glob(COUNTIES)):
            city = city_of(annex)
            for row in read_rows(annex):
                if row["value_kind"] == "base":
                    target = f"{region_row(city).plan}-T{row['table_no']}-{row['area_code']}-{row['year']}"
                    region = region_of_code(row["area_code"])
                    self._add(region, int(row["year"]), row["indicator_id"], row["value"], row["unit_zh"], target)

    def _add(self, region: str, year: int, indicator: str, printed: str, plan_unit: str, row_id: str) -> None:
        if plan_unit not in UNIT:
            raise BasisError("plan_unit", where=TABLE, unit=plan_unit, row=row_id, known=", ".join(UNIT))
        unit, factor = UNIT[plan_unit]
        known = self._found.setdefault((region, year), {}).setdefault(indicator, [])
        new = PlanFigure(
            indicator, year, round(float(printed) * factor, 9), unit, printed, plan_unit, row_id, bool(known)
        )
        for position, other in enumerate(known):
            if abs(other.value - new.value) <= max(other.half_unit, new.half_unit) * 1.0001:
                finest = other if other.decimals >= new.decimals else new
                ids = other.ids if row_id in other.ids.split("|") else f"{other.ids}|{row_id}"
                known[position] = PlanFigure(
                    indicator, year, finest.value, unit, finest.printed, plan_unit, ids, other.alternative
                )
                return
        known.append(new)

    def figures(self, region: str, year: int) -> list[PlanFigure]:
        """All figures of a region dated at one year end; a second, different value of an indicator is `alternative`."""
        found = self._found.get((region, year), {})
        return [figure for values in found.values() for figure in values]

    def get(self, region: str, year: int, indicator: str) -> PlanFigure | None:
        """The first printed value of an indicator, or None."""
        found = self._found.get((region, year), {}).get(indicator)
        return found[0] if found else None

    def must(self, region: str, year: int, indicator: str) -> PlanFigure:
        """The first printed value of an indicator."""
        found = self.get(region, year, indicator)
        if found is None:
            raise BasisError("plan_row_absent", where=TABLE, indicator=indicator, region=region, year=year)
        return found
