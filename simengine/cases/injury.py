"""Work injury: premium, benefits by grade, death, prevention (schemes.md 6)."""

from __future__ import annotations

import math
from typing import Any

from simengine.cases.law import LawUse, new_year
from simengine.cases.models_branches import InjuryCase, InjuryDeathCase, InjuryPremiumCase, InjuryPreventionCase
from simengine.cases.sheet import Sheet
from simengine.cases.unemployment import minimum_wage, step_of
from simengine.kernels.rules.bounds import held_between
from simengine.kernels.rules.injury import (
    death_grant,
    disability_allowance,
    disability_lump,
    funeral_grant,
    leaving_subsidy,
    nursing_payment,
    premium_rate,
    prevention_cap,
    survivor_pension,
    topped_up,
)
from simengine.law.regions import NATION

LEAVING_GRADES = range(5, 11)
PENSIONED_GRADES = range(1, 5)


def injury_premium(sheet: Sheet, case: InjuryPremiumCase) -> None:
    """Premium: payroll times the class rate times the floating level, the phased cut where its condition is stated."""
    levels_key = "injury/float_levels_class_1" if case.risk_class == 1 else "injury/float_levels"
    levels = sheet.use(levels_key, case.month)
    if not any(math.isclose(case.level, float(level)) for level in levels.value):
        known = ", ".join(f"{level:g}" for level in levels.value)
        sheet.fail("case_level", "level", value=f"{case.level:g}", risk_class=case.risk_class, known=known)
        sheet.stop()
    cut = sheet.use("injury/phased_cut", case.month)
    cut_known = bool(cut.number) and case.payable_months is not None
    keys = ("injury/class_rate", "injury/cut_factor") if cut_known else ("injury/class_rate",)
    uses = sheet.together(case.month, *keys)
    rates = uses[0].pick(case.risk_class)
    base = rates.number
    factor, laws = 1.0, [rates, levels]
    if cut_known:
        factor, laws = step_of(uses[1], float(case.payable_months or 0.0)), [*laws, cut, uses[1]]
    elif cut.number:
        sheet.note("phased_cut")
    numbers: dict[str, Any] = {"base": f"{100.0 * base:g}%", "level": case.level, "cut": factor}
    rate = float(premium_rate(base, float(case.level), factor))
    sheet.put("injury_rate", round(100.0 * rate, 6), *laws, **numbers)
    sheet.put("injury_premium", case.payroll * rate, *laws, payroll=case.payroll, rate=f"{100.0 * rate:z.6g}%")


def average_wage(sheet: Sheet, month: int) -> LawUse:
    """Average wage of the pooling area of the year before."""
    return sheet.use("economy/average_wage", new_year(month // 12 - 1))


def own_wage(sheet: Sheet, month: int, stated: float) -> float:
    """Own wage held between 60 and 300 % of the average wage."""
    wage = average_wage(sheet, month)
    low, high = sheet.use("injury/wage_floor_share", month), sheet.use("injury/wage_cap_share", month)
    sheet.stop()
    value = float(held_between(stated, low.number * wage.number, high.number * wage.number))
    numbers: dict[str, Any] = {"stated": stated, "low": low, "high": high.value, "W": wage.value}
    return float(sheet.put("own_wage", value, low, high, wage, **numbers))


def injury(sheet: Sheet, case: InjuryCase) -> None:
    """Lump sum, monthly allowance, nursing, and the subsidies on leaving."""
    if case.leaves and case.grade not in LEAVING_GRADES:
        sheet.fail("case_leaves", "leaves", grade=case.grade)
    wage = own_wage(sheet, case.month, case.wage)
    lump = sheet.use("injury/disability_lump_months", case.month).pick(case.grade)
    sheet.put("disability_lump", disability_lump(lump.number, wage), lump, n=lump.value, w=wage)
    share = sheet.use("injury/disability_allowance_share", case.month).pick(case.grade)
    part = share.number
    if case.grade in PENSIONED_GRADES:
        _allowance(sheet, case, share, part, wage)
    elif part and not case.leaves:
        amount: dict[str, Any] = {"s": f"{100.0 * part:g}%", "w": wage}
        sheet.put("disability_allowance", disability_allowance(part, wage), share, variant="employer", **amount)
    if case.nursing is not None:
        nursing = sheet.use("injury/nursing_share", case.month).pick(case.nursing)
        average = average_wage(sheet, case.month)
        payment = nursing_payment(nursing.number, average.number)
        sheet.put("nursing_payment", payment, nursing, average, s=nursing, W=average.value)
    if case.leaves:
        _subsidies(sheet, case)


def _allowance(sheet: Sheet, case: InjuryCase, share: LawUse, part: float, wage: float) -> None:
    """Allowance of grades 1 to 4, topped up to the minimum wage by the fund."""
    own = disability_allowance(part, wage)
    amount = sheet.put("disability_allowance", own, share, s=f"{100.0 * part:g}%", w=wage)
    lowest = minimum_wage(sheet, case.month)
    added = topped_up(amount, lowest.number) - amount
    if added > 0.0:
        sheet.put("allowance_top_up", added, lowest, M=lowest.value, amount=amount)


def _subsidies(sheet: Sheet, case: InjuryCase) -> None:
    """Medical subsidy of the fund and employment subsidy of the employer, by months of the average wage or amounts."""
    rule = sheet.use("injury/subsidy_rule", case.month)
    unit = "months" if rule.value == "months" else "amount"
    average = average_wage(sheet, case.month)
    for which in ("medical", "employment"):
        tables, city = sheet.together(case.month, f"injury/{which}_subsidy_{unit}", "injury/subsidy_city_factor")
        table = tables.pick(case.grade)
        stated = table.number
        whole = leaving_subsidy(stated, average.number) if unit == "months" else stated * city.number
        taper, laws = 1.0, [rule, table, average if unit == "months" else city]
        if which == "employment":
            taper, more = _taper(sheet, case)
            laws += more
        variant = unit if taper == 1.0 else f"{unit}_tapered"
        numbers: dict[str, Any] = {"n": stated, "W": average.value, "f": city.value, "t": f"{100.0 * taper:g}%"}
        sheet.put(f"{which}_subsidy", whole * taper, *laws, variant=variant, **numbers)


def _taper(sheet: Sheet, case: InjuryCase) -> tuple[float, list[LawUse]]:
    """Part of the employment subsidy by full years to the statutory month."""
    if case.years_left is None:
        sheet.note("taper_unstated")
        return 1.0, []
    table = sheet.use("injury/employment_subsidy_taper", case.month)
    return step_of(table, math.floor(case.years_left)), [table]


def injury_death(sheet: Sheet, case: InjuryDeathCase) -> None:
    """Funeral grant, one-off death grant, monthly pensions of survivors."""
    if case.lonely > case.others + int(case.spouse):
        sheet.fail("case_lonely", "lonely", value=case.lonely, others=case.others + int(case.spouse))
    wage = own_wage(sheet, case.month, case.wage)
    average, funeral = average_wage(sheet, case.month), sheet.use("injury/funeral_months", case.month)
    grant = funeral_grant(funeral.number, average.number)
    sheet.put("injury_funeral", grant, funeral, average, n=funeral.value, W=average.value)
    if case.after_stop_work:
        sheet.note("no_death_grant")
    else:
        multiple = sheet.use("injury/death_income_multiple", case.month)
        income = sheet.use("economy/urban_income", new_year(case.month // 12 - 1), NATION)
        amount = death_grant(multiple.number, income.number)
        sheet.put("death_grant", amount, multiple, income, n=multiple.value, U=income.value)
    _survivors(sheet, case, wage)


def _survivors(sheet: Sheet, case: InjuryDeathCase, wage: float) -> None:
    """Monthly pensions by dependant, scaled where their sum would pass the own wage."""
    shares = sheet.use("injury/survivor_share", case.month)
    cap = sheet.use("injury/survivor_cap", case.month)
    spouse, other = float(shares.value["spouse"]), float(shares.value["other"])
    extra = float(shares.value["lonely_extra"])
    total = spouse * case.spouse + other * case.others + extra * case.lonely
    if total == 0.0:
        return
    rule = sheet.use("injury/survivor_scaling", case.month)
    scale = min(1.0, cap.number / total)
    sum_text: dict[str, Any] = {"total": f"{100.0 * total:g}%", "cap": cap}
    sheet.put("survivor_share_sum", round(100.0 * total, 4), shares, cap, **sum_text)
    lonely_spouse = case.spouse and case.lonely > case.others
    rows = [("spouse", spouse + extra * lonely_spouse, int(case.spouse))]
    lonely_others = case.lonely - int(lonely_spouse)
    rows += [("other_lonely", other + extra, lonely_others), ("other", other, case.others - lonely_others)]
    first = rows[0][1] * rows[0][2] if rule.value == "spouse_first" else 0.0
    held = min(first, cap.number)
    for which, share, count in rows:
        if first and total > cap.number:
            scale = held / first if which == "spouse" else (cap.number - held) / (total - first)
        if count:
            text: dict[str, Any] = {"s": f"{100.0 * share:g}%", "w": wage, "scale": f"{scale:z.6g}", "count": count}
            sheet.put("survivor_pension", survivor_pension(share * scale, wage), shares, cap, rule, part=which, **text)


def injury_prevention(sheet: Sheet, case: InjuryPreventionCase) -> None:
    """Highest prevention spending of a year."""
    share = sheet.use("injury/prevention_share_cap", new_year(case.year))
    highest = prevention_cap(share.number, float(case.premiums))
    sheet.put("prevention_cap", highest, share, premiums=case.premiums, share=share)
