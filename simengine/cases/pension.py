"""The parts of an employees' pension on a sheet; the arithmetic is `kernels.cases.award_parts` (schemes.md 1.6)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from simengine.cases.law import LawUse
from simengine.cases.record import SCHEME_KEYS, Numbers
from simengine.cases.sheet import Sheet
from simengine.cases.words import shown
from simengine.kernels import cases as at
from simengine.kernels.rules.rounding import (
    EXACT_YEARS,
    HALF_YEARS_UP,
    HUNDREDTHS,
    TEN_THOUSANDTHS,
    TENTHS,
    TO_FEN,
    UNROUNDED,
    UP_TO_JIAO,
    WHOLE_YEARS_UP,
    paid_out,
    service_years,
)

ROUNDING = {"half_up_to_fen": TO_FEN, "up_to_jiao": UP_TO_JIAO}
"""Code of the law -> code of the kernel."""

SERVICE_ROUNDING = {
    "none": EXACT_YEARS,
    "decimals_1": TENTHS,
    "decimals_2": HUNDREDTHS,
    "decimals_4": TEN_THOUSANDTHS,
    "half_years_up": HALF_YEARS_UP,
    "whole_years_up": WHOLE_YEARS_UP,
}

ENTERPRISE_KEYS = (
    *("addon_transition_fixed", "addon_transition_per_index_year", "addon_fixed", "addon_index_wage_share"),
    *("base_index_rule", "transition_base_rule"),
)
"""What a province adds or varies in the enterprise scheme alone, under ``pension/``."""


@dataclass(frozen=True)
class AwardLaw:
    """Law of the awards of one region, city, scheme and month; `row` is what the kernel takes.

    Attributes
    ----------
    base, accrual, coefficient : benefit base B, accrual a, transition coefficient k
    gain, former : share of the gain over the former transition pension in the first month of pension; former over new;
        None in the public scheme
    rounding, service, wage : rounding of amounts, of years of service, of the index wage
    overall : rounding of the overall index; None in the enterprise scheme
    varied : what a province adds or varies, by the end of its key; empty in the public scheme
    """

    base: LawUse
    accrual: LawUse
    coefficient: LawUse
    gain: LawUse | None
    former: LawUse | None
    rounding: LawUse
    service: LawUse
    wage: LawUse
    overall: LawUse | None
    varied: Mapping[str, LawUse]

    def amount(self, name: str) -> float:
        """An add-on of the province, zero where there is none."""
        return self.varied[name].number if name in self.varied else 0.0

    def is_varied(self, name: str, code: str) -> bool:
        """Whether a rule of the province has a code."""
        return name in self.varied and self.varied[name].value == code

    def row(self, rounded: bool = True) -> np.ndarray:
        """Columns of the kernel [LAW_COLUMNS]."""
        row = np.zeros(at.LAW_COLUMNS)
        row[at.FLAT] = self.amount("addon_transition_fixed")
        row[at.PER_INDEX_YEAR] = self.amount("addon_transition_per_index_year")
        row[at.FIXED] = self.amount("addon_fixed")
        row[at.YEARLY_SHARE] = self.amount("addon_index_wage_share")
        row[at.ONE_INDEX] = self.is_varied("base_index_rule", "one_printed")
        row[at.MEAN_WAGE] = self.is_varied("transition_base_rule", "mean_of_base_and_index_wage")
        row[at.COEFFICIENT], row[at.BASE], row[at.ACCRUAL] = (
            self.coefficient.number,
            self.base.number,
            self.accrual.number,
        )
        row[at.GAIN] = self.gain.number if self.gain is not None else 1.0
        row[at.FORMER_SHARE] = self.former.number if self.former is not None else 1.0
        if rounded:
            row[at.ROUNDING] = ROUNDING[str(self.rounding.value)]
            row[at.SERVICE_ROUNDING] = SERVICE_ROUNDING[str(self.service.value)]
            row[at.WAGE_ROUNDING] = TO_FEN if self.wage.value == "half_up_to_fen" else UNROUNDED
            row[at.INDEX_ROUNDING] = self.overall is not None and self.overall.value != "none"
        return row


def city_use(sheet: Sheet, key: str, month: int, city: str | None) -> LawUse:
    """A value of the region, or that of its city where the key has a table of cities (``KEY_cities``) in the region."""
    cities = f"{key}_cities"
    if city is None or key in sheet.case.replaced or cities not in sheet.law.tree or not _has_cities(sheet, cities):
        return sheet.use(key, month)
    table = sheet.find(cities, month)
    if table is None or city not in table.value:
        return sheet.use(key, month)
    return table.pick(city)


def benefit_base(sheet: Sheet, month: int, city: str | None = None) -> LawUse:
    """Benefit base B of an award month: the city's own where it has one, else the printed one of the region."""
    base, cities = "pension/benefit_base", "pension/benefit_base_cities"
    if base in sheet.case.replaced or (city is None and not _has_cities(sheet, cities)):
        return sheet.use(base, month)
    if city is None:
        known = ", ".join(str(label) for label in sheet.law.tree[cities].labels)
        sheet.note("city_bases", known=known)
        return sheet.use(base, month)
    return sheet.use(cities, month).pick(city)


def _has_cities(sheet: Sheet, key: str) -> bool:
    return sheet.law.tree[key].source_region(sheet.case.region) is not None


def award_law(sheet: Sheet, scheme: str, month: int, city: str | None = None) -> AwardLaw:
    """Law of an award month; what provinces add or vary belongs to the enterprise scheme."""
    base = benefit_base(sheet, month, city)
    if base.carried == "outdated":
        last = sheet.law.tree[base.key].timeline(sheet.case.region)[-1]
        sheet.note("base_provisional", last=last.date.year, amount=base.value)
        sheet.told(base)
    accrual = sheet.use("pension/accrual_rate", month)
    if accrual.evidence == "assumption":
        sheet.note("before_formula")
    enterprise = scheme == "enterprise"
    return AwardLaw(
        base,
        accrual,
        sheet.use(SCHEME_KEYS[scheme]["coefficient"], month),
        sheet.use("pension/transition_gain_share", month + 1) if enterprise else None,
        sheet.use("pension/transition_former_over_new", month + 1) if enterprise else None,
        sheet.use("pension/rounding_unit", month),
        city_use(sheet, "pension/service_rounding", month, city),
        city_use(sheet, "pension/index_wage_rounding", month, city),
        None if enterprise else sheet.use("public/overall_index_rounding", month),
        {name: sheet.use(f"pension/{name}", month) for name in ENTERPRISE_KEYS} if enterprise else {},
    )


def record_row(numbers: Numbers, divisor: float, floor: float = 0.0) -> np.ndarray:
    """Columns of the kernel [RECORD_COLUMNS]."""
    row = np.zeros(at.RECORD_COLUMNS)
    row[at.PAID], row[at.INDEX] = numbers.paid, numbers.index
    row[at.DEEMED], row[at.DEEMED_INDEX] = numbers.deemed, numbers.deemed_index
    row[at.BEFORE], row[at.BEFORE_INDEX] = numbers.before, numbers.before_index
    row[at.APART], row[at.APART_INDEX] = numbers.apart, numbers.apart_index
    row[at.ACCOUNT], row[at.DIVISOR], row[at.FLOOR] = numbers.account, divisor, floor
    row[at.FORMER] = np.nan if numbers.former is None else numbers.former
    return row


def years_text(months: float, law: np.ndarray) -> str:
    """Years of service as a formula takes them: months over twelve, or the rounded number."""
    rounding = int(law[at.SERVICE_ROUNDING])
    return f"{months:g}/12" if rounding == EXACT_YEARS else shown(round(float(service_years(months, rounding)), 6))


def put_base_part(sheet: Sheet, law: AwardLaw, numbers: Numbers, row: np.ndarray, value: float) -> float:
    """Write the overall index where it is a mean, and the base part with its formula.

    Parameters
    ----------
    row : columns of the kernel; value : the base part as paid [yuan/month]
    """
    record = record_row(numbers, 1.0)
    index = float(at.overall_index(record, row))
    mixed = numbers.deemed > 0 and numbers.deemed_index != numbers.index and not row[at.ONE_INDEX]
    if mixed:
        means: dict[str, Any] = {"n": numbers.paid, "I": numbers.index, "V": numbers.deemed, "J": numbers.deemed_index}
        rounding = (law.overall,) if law.overall is not None else ()
        sheet.put("overall_index", index, *numbers.deemed_law, *rounding, N=numbers.recognised, **means)
    rule = law.varied.get("base_index_rule")
    uses = (law.base, law.accrual, law.service, *((rule,) if rule is not None and numbers.deemed else ()))
    wage = _wage_text(index, law, row)
    years = years_text(numbers.recognised, row)
    deemed_law = () if mixed else numbers.deemed_law
    written: float = sheet.put(
        "base_pension", value, *uses, *deemed_law, B=law.base.value, W=wage, N=years, a=law.accrual
    )
    return written


def _wage_text(index: float, law: AwardLaw, row: np.ndarray) -> str:
    """The index wage as a formula takes it: base times index, or the amount to the cent."""
    if row[at.WAGE_ROUNDING]:
        return shown(float(at.index_wage(index, row)))
    return f"{shown(law.base)} × {shown(round(index, 6))}"


def _put_transition(sheet: Sheet, law: AwardLaw, numbers: Numbers, row: np.ndarray, paid: float) -> None:
    """Write the transition pension: by the method in force, or the part of it that is paid while it is phased in."""
    record = record_row(numbers, 1.0)
    mean = bool(row[at.MEAN_WAGE])
    terms = [(numbers.before, numbers.before_index), (numbers.apart, numbers.apart_index)]
    texts = []
    for months, index in terms[: 2 if numbers.apart else 1]:
        wage = _wage_text(index, law, row)
        texts.append(f"{f'({shown(law.base)} + {wage})/2' if mean else wage} × {years_text(months, row)}")
    whole = f"({' + '.join(texts)})" if len(texts) > 1 else texts[0]
    varied = [law.varied[name] for name in ("transition_base_rule",) if mean]
    uses = (law.base, law.coefficient, law.service, *varied, *numbers.deemed_law)
    new = float(paid_out(at.transition_part(record, row), int(row[at.ROUNDING])))
    said: dict[str, Any] = {"variant": "mean" if mean else "", "X": whole, "k": law.coefficient}
    laws = (law.gain, law.former)
    if laws[0] is None or laws[1] is None or not new or (laws[0].number == 1.0 and numbers.former is None):
        sheet.put("transition_pension", paid, *uses, **said)
        return
    sheet.put("transition_new", new, *uses, **said)
    _put_phase(sheet, (laws[0], laws[1]), numbers, row, new, paid)


def _put_phase(
    sheet: Sheet, laws: tuple[LawUse, LawUse], numbers: Numbers, row: np.ndarray, new: float, paid: float
) -> None:
    """Write the former amount, what is paid of the gain, and what later first of Januaries bring.

    Parameters
    ----------
    laws : share of the gain in the first month of pension; former over new
    new, paid : transition pension by the new method, and as it is paid [yuan/month]
    """
    gain, assumed = laws
    if numbers.former is not None:
        former = sheet.put("transition_former", numbers.former, new=new)
    else:
        former = sheet.put("transition_former", assumed.number * new, assumed, variant="estimate", f=assumed, new=new)
        sheet.note("former_unknown")
    sheet.put("transition_pension", paid, gain, variant="phased", g=gain, old=former, new=new)
    record, later, share = record_row(numbers, 1.0), row.copy(), gain.number
    if not share:
        return  # first paid before the phase: the former method is kept
    for dated in gain.parameter.timeline(sheet.case.region):
        if dated.date.year > gain.day.year and dated.value != share:
            use = sheet.law.get(gain.key, dated.date)
            later[at.GAIN] = share = use.number
            amount = float(paid_out(at.phased_transition(record, later, new), int(row[at.ROUNDING])))
            sheet.put("transition_from", amount, use, part=dated.date.year, g=use, old=former, new=new)


def put_pension(
    sheet: Sheet,
    law: AwardLaw,
    numbers: Numbers,
    divisor: float,
    *,
    floor: tuple[float, LawUse] | None = None,
    local_average: float = 0.0,
) -> float:
    """Write every part of the pension and the pension itself; returns the pension [yuan/month].

    Parameters
    ----------
    floor : lowest first pension [yuan/month] with the law behind it; local_average : what it is a share of
    """
    row = law.row(sheet.rounding)
    record = record_row(numbers, divisor, floor[0] if floor is not None else 0.0)
    parts = [float(part) for part in at.award_parts(record, row)]
    put_base_part(sheet, law, numbers, row, parts[at.BASE_PART])
    _put_transition(sheet, law, numbers, row, parts[at.TRANSITION_PART])
    sheet.put("account_pension", parts[at.ACCOUNT_PART], A=numbers.account, D=divisor)
    _put_addons(sheet, law, numbers, row, parts)
    shown_parts = [parts[column] for column in range(at.TOP_UP) if parts[column]]
    if floor is not None:
        sum_of = " + ".join(shown(part) for part in shown_parts)
        sheet.put("floor_top_up", parts[at.TOP_UP], floor[1], s=floor[1], L=local_average, parts=sum_of)
        shown_parts += [parts[at.TOP_UP]] if parts[at.TOP_UP] else []
    whole = str(law.rounding.value) if sheet.rounding else ""
    text = " + ".join(shown(part) for part in shown_parts) or "0"
    pension = parts[at.PENSION]
    variant = "provisional" if law.base.carried == "outdated" else ""
    variant = f"{variant}_jiao".strip("_") if whole == "up_to_jiao" else variant
    sheet.put("pension", pension, law.rounding, variant=variant, parts=text)
    if law.base.carried == "outdated":
        _put_estimate(sheet, law, record, row)
    return pension


def _put_addons(sheet: Sheet, law: AwardLaw, numbers: Numbers, row: np.ndarray, parts: list[float]) -> None:
    """Write what the province adds: transitional adjustment, share of the index wage, fixed supplement."""
    if not law.varied:
        return
    index = float(at.overall_index(record_row(numbers, 1.0), row))
    years = years_text(numbers.recognised, row)
    flat, yearly = law.varied["addon_transition_fixed"], law.varied["addon_index_wage_share"]
    if parts[at.ADJUSTMENT_PART] or flat.number:
        each = law.varied["addon_transition_per_index_year"]
        said = {"F": flat.value, "p": each.value, "I": round(index, 6), "N": years}
        none = not numbers.before + numbers.apart
        sheet.put(
            "transition_adjustment", parts[at.ADJUSTMENT_PART], flat, each, variant="none" if none else "", **said
        )
    if yearly.number:
        wage = _wage_text(index, law, row)
        sheet.put("index_wage_supplement", parts[at.YEARLY_PART], law.base, yearly, s=yearly, W=wage, N=years)
    fixed = law.varied["addon_fixed"]
    if fixed.number:
        sheet.put("fixed_supplement", parts[at.SUPPLEMENT], fixed, F=fixed.value)


def _put_estimate(sheet: Sheet, law: AwardLaw, record: np.ndarray, row: np.ndarray) -> None:
    """Beside a provisional award what it would come to on a base carried on by its index."""
    estimate = sheet.law.estimated(law.base)
    if estimate is None:
        return
    other = row.copy()
    other[at.BASE] = estimate.number
    amount = float(at.award_parts(record, other)[at.PENSION])
    sheet.put("pension_estimate", amount, estimate, B=estimate.number, factor=round(estimate.factor, 4))
