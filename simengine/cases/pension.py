"""The parts of an employees' pension on a sheet; the arithmetic is `kernels.cases.award_parts` (schemes.md 1.6)."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from simengine.cases.law import LawUse
from simengine.cases.record import SCHEME_KEYS, Numbers
from simengine.cases.sheet import Sheet
from simengine.cases.words import shown
from simengine.kernels import cases as at
from simengine.kernels.rules.rounding import TO_FEN, UNROUNDED, UP_TO_JIAO

ROUNDING = {"half_up_to_fen": TO_FEN, "up_to_jiao": UP_TO_JIAO}
"""Code of the law -> code of the kernel."""


@dataclass(frozen=True)
class AwardLaw:
    """Law of the awards of one region, scheme and month; `row` is what the kernel takes.

    Attributes
    ----------
    base, accrual, coefficient : benefit base B, accrual a, transition coefficient k
    flat, per_index_year, fixed : transitional adjustment and supplement; None in the public scheme
    rounding : code of the law
    """

    base: LawUse
    accrual: LawUse
    coefficient: LawUse
    flat: LawUse | None
    per_index_year: LawUse | None
    fixed: LawUse | None
    rounding: LawUse

    def row(self, rounded: bool = True) -> np.ndarray:
        """Columns of the kernel [LAW_COLUMNS]."""
        row = np.zeros(at.LAW_COLUMNS)
        for column, use in ((at.FLAT, self.flat), (at.PER_INDEX_YEAR, self.per_index_year), (at.FIXED, self.fixed)):
            row[column] = 0.0 if use is None else use.number
        row[at.COEFFICIENT], row[at.BASE], row[at.ACCRUAL] = (
            self.coefficient.number,
            self.base.number,
            self.accrual.number,
        )
        row[at.ROUNDING] = ROUNDING[str(self.rounding.value)] if rounded else UNROUNDED
        return row


def benefit_base(sheet: Sheet, month: int, city: str | None = None) -> LawUse:
    """Benefit base B of an award month: the city's own where it has one, else the printed one of the region."""
    base, cities = "pension/benefit_base", "pension/benefit_base_cities"
    if base in sheet.case.replaced or (city is None and not _has_cities(sheet, cities)):
        return sheet.use(base, month)
    if city is None:
        known = ", ".join(str(label) for label in sheet.law.tree[cities].labels)
        sheet.note("city_bases", known=known)
        return sheet.use(base, month)
    use = sheet.use(cities, month)
    return replace(use, value=use.value[city])


def _has_cities(sheet: Sheet, key: str) -> bool:
    return sheet.law.tree[key].source_region(sheet.case.region) is not None


def award_law(sheet: Sheet, scheme: str, month: int, city: str | None = None) -> AwardLaw:
    """Law of an award month; the supplements belong to the enterprise scheme."""
    extras = [
        sheet.use(f"pension/{name}", month) if scheme == "enterprise" else None
        for name in ("addon_transition_fixed", "addon_transition_per_index_year", "addon_fixed")
    ]
    base = benefit_base(sheet, month, city)
    if base.carried:
        last = sheet.law.tree[base.key].timeline(sheet.case.region)[-1]
        sheet.note("base_provisional", last=last.date.year)
    accrual = sheet.use("pension/accrual_rate", month)
    if accrual.evidence == "assumption":
        sheet.note("before_formula")
    return AwardLaw(
        base,
        accrual,
        sheet.use(SCHEME_KEYS[scheme]["coefficient"], month),
        extras[0],
        extras[1],
        extras[2],
        sheet.use("pension/rounding_unit", month),
    )


def record_row(numbers: Numbers, divisor: float, floor: float = 0.0) -> np.ndarray:
    """Columns of the kernel [RECORD_COLUMNS]."""
    row = np.zeros(at.RECORD_COLUMNS)
    row[at.PAID], row[at.INDEX] = numbers.paid, numbers.index
    row[at.DEEMED], row[at.DEEMED_INDEX] = numbers.deemed, numbers.deemed_index
    row[at.BEFORE], row[at.BEFORE_INDEX] = numbers.before, numbers.before_index
    row[at.ACCOUNT], row[at.DIVISOR], row[at.FLOOR] = numbers.account, divisor, floor
    return row


def put_base_part(sheet: Sheet, law: AwardLaw, numbers: Numbers, value: float) -> float:
    """Write the base part with its formula."""
    mixed = numbers.deemed > 0 and numbers.deemed_index != numbers.index
    written: float = sheet.put(
        "base_pension",
        value,
        law.base,
        law.accrual,
        *numbers.deemed_law,
        variant="mixed" if mixed else "",
        B=law.base.value,
        I=numbers.index,
        N=numbers.recognised,
        n=numbers.paid,
        V=numbers.deemed,
        J=numbers.deemed_index,
        a=law.accrual,
    )
    return written


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
    row = record_row(numbers, divisor, floor[0] if floor is not None else 0.0)
    parts = [float(part) for part in at.award_parts(row, law.row(sheet.rounding))]
    put_base_part(sheet, law, numbers, parts[at.BASE_PART])
    B = law.base.value
    sheet.put(
        "transition_pension",
        parts[at.TRANSITION_PART],
        law.base,
        law.coefficient,
        *numbers.deemed_law,
        B=B,
        J=numbers.before_index,
        M=numbers.before,
        k=law.coefficient,
    )
    sheet.put("account_pension", parts[at.ACCOUNT_PART], A=numbers.account, D=divisor)
    if law.flat is not None and law.per_index_year is not None and (parts[at.ADJUSTMENT_PART] or law.flat.number):
        index = (numbers.paid * numbers.index + numbers.deemed * numbers.deemed_index) / max(numbers.recognised, 1)
        sheet.put(
            "transition_adjustment",
            parts[at.ADJUSTMENT_PART],
            law.flat,
            law.per_index_year,
            variant="" if numbers.before else "none",
            F=law.flat.value,
            p=law.per_index_year.value,
            I=round(index, 6),
            N=numbers.recognised,
        )
    if law.fixed is not None and law.fixed.number:
        sheet.put("fixed_supplement", parts[at.SUPPLEMENT], law.fixed, F=law.fixed.value)
    shown_parts = [parts[column] for column in range(at.TOP_UP) if parts[column]]
    if floor is not None:
        sum_of = " + ".join(shown(part) for part in shown_parts)
        sheet.put("floor_top_up", parts[at.TOP_UP], floor[1], s=floor[1], L=local_average, parts=sum_of)
        shown_parts += [parts[at.TOP_UP]] if parts[at.TOP_UP] else []
    whole = str(law.rounding.value) if sheet.rounding else ""
    text = " + ".join(shown(part) for part in shown_parts) or "0"
    pension = parts[at.PENSION]
    sheet.put("pension", pension, law.rounding, variant="jiao" if whole == "up_to_jiao" else "", parts=text)
    return pension
