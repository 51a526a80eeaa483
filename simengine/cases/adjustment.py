"""Yearly increase of one pension in payment (Social Insurance Law art. 18; schemes.md 1.11)."""

from __future__ import annotations

from typing import Any

from simengine.cases.law import LawUse, new_year
from simengine.cases.models import AdjustmentCase
from simengine.cases.sheet import Sheet
from simengine.kernels.rules.pension import pension_increase


def adjustment(sheet: Sheet, case: AdjustmentCase) -> None:
    """Yearly increase of one pension by the provincial notice, or by the overall ratio where none is stated."""
    years = case.months / 12.0
    if case.rule is None:
        ratio = sheet.use("pension/adjustment_ratio", new_year(case.year))
        increase = sheet.put("increase", case.pension * ratio.number, ratio, variant="ratio", P=case.pension, g=ratio)
        sheet.note("mean_increase")
        sheet.put("increased_pension", case.pension + increase, P=case.pension, increase=increase)
        return
    rule = case.rule
    tilt, tilt_law = _tilt(sheet, case)
    fixed = float(pension_increase(0.0, 0.0, rule.fixed, rule.tier_years, 0.0, 0.0, 0.0, 0.0))
    by_years = float(pension_increase(0.0, years, 0.0, rule.tier_years, rule.below, rule.above, 0.0, 0.0))
    by_level = float(pension_increase(case.pension, 0.0, 0.0, rule.tier_years, 0.0, 0.0, rule.level, 0.0))
    numbers: dict[str, Any] = {"N": round(years, 4), "tier": rule.tier_years, "below": rule.below, "above": rule.above}
    parts = [
        sheet.put("increase_fixed", fixed, F=rule.fixed),
        sheet.put("increase_years", by_years, **numbers),
        sheet.put("increase_level", by_level, P=case.pension, q=f"{100.0 * rule.level:z.6g}%"),
        sheet.put("increase_tilt", tilt, *tilt_law, tilt=rule.tilt),
    ]
    text = " + ".join(f"{part:z.10g}" for part in parts if part) or "0"
    increase = sheet.put("increase", sum(parts), parts=text)
    sheet.put("increased_pension", case.pension + increase, P=case.pension, increase=increase)


def _tilt(sheet: Sheet, case: AdjustmentCase) -> tuple[float, tuple[LawUse, ...]]:
    """The tilt of the notice; where the birth month is stated, only from the age of the law on."""
    rule = case.rule
    if rule is None or rule.tilt == 0.0 or case.born is None:
        return (rule.tilt if rule is not None else 0.0), ()
    age = sheet.use("pension/adjustment_tilt_age", new_year(case.year))
    reached = case.born + 12 * int(age.number) <= 12 * case.year - 1
    return (rule.tilt if reached else 0.0), (age,)
