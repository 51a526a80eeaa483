"""A first pension: window, minimum months, parts, floor, and the choices below the minimum (schemes.md 1.6 to 1.8)."""

from __future__ import annotations

from simengine.cases.career import band_of, numbers_from_career
from simengine.cases.doubts import check_scale, check_service
from simengine.cases.law import LawUse, known_regions, place_words
from simengine.cases.models import AwardCase
from simengine.cases.pension import award_law, put_pension
from simengine.cases.public import put_comparison
from simengine.cases.record import Numbers, numbers_of
from simengine.cases.resident import put_resident_estimate
from simengine.cases.retirement import (
    Window,
    check_award_month,
    divisor_rule,
    minimum_of,
    put_divisor,
    put_window,
    window_of,
)
from simengine.cases.sheet import Sheet
from simengine.cases.tiers import check_rank, rank_index
from simengine.common.messages import age_words, month_text
from simengine.kernels.rules.accounts import account_pension
from simengine.kernels.rules.rounding import paid_out
from simengine.law.divisor import divisor_at

PUBLIC_WOMEN = "women_55"
"""Path of women in the public sector, whose posts count as technical or cadre ones."""


def award(sheet: Sheet, case: AwardCase) -> None:
    """Every line of an award, or of the choices of who misses the minimum months."""
    window = window_of(sheet, case.person, PUBLIC_WOMEN if case.scheme == "public" else None)
    month = case.retires if case.retires is not None else window.statutory
    if month <= case.person.born:
        sheet.fail("case_birth_after", "person", "born", born=month_text(window.born), month=month_text(month))
        sheet.stop()
    check_city(sheet, case.city)
    _check_former(sheet, case, month)
    check_rank(sheet, case)
    sheet.stop()
    numbers = _numbers(sheet, case, month)
    check_award_month(sheet, window, month, numbers.recognised, "retires" if case.retires is not None else "person")
    sheet.stop()
    put_window(sheet, window)
    sheet.put("award_month", month, statutory=month_text(window.statutory))
    age = month - window.born
    sheet.put("award_age", age, born=month_text(window.born), month=month_text(month))
    if not _reached(sheet, window, numbers, month):
        _choices(sheet, case, numbers, month, window)
        return
    divisor = put_divisor(sheet, month, age)
    law = award_law(sheet, case.scheme, month, case.city)
    sheet.put("benefit_base", law.base.number, law.base, year=month // 12)
    floor = _floor(sheet, case, month)
    average = case.local_average_pension or 0.0
    pension = put_pension(sheet, law, numbers, divisor, floor=floor, local_average=average)
    sheet.put("pension_from", month + 1, month=month_text(month))
    if case.floor_variant:
        _floor_variant(sheet, month, age, numbers)
    if case.scheme == "public":
        put_comparison(sheet, case, month, age, pension)


def _numbers(sheet: Sheet, case: AwardCase, month: int) -> Numbers:
    """Numbers of the record, from the summary or the career."""
    if case.record is None:
        numbers = numbers_from_career(sheet, case, month)
        begun = min(stretch.first for stretch in case.career or () if stretch.kind != "none")
        check_service(sheet, numbers, case.person.born, month, case.scheme, "career", begun)
        return numbers
    deemed = None if case.rank is None else rank_index(sheet, case.rank, month)
    numbers = numbers_of(sheet, case.record, case.scheme, month, "record", deemed=deemed)
    check_service(sheet, numbers, case.person.born, month, case.scheme, "record")
    check_scale(sheet, numbers, month, case.local_average_pension)
    if case.record.account is None:
        sheet.fail("case_account_missing", "record")
    first = case.record.first_insured
    if first is not None and not case.person.born < first <= month:
        sheet.fail("case_first_insured", "record", "first_insured", month=month_text(first))
    return numbers


def _check_former(sheet: Sheet, case: AwardCase, month: int) -> None:
    """Refuse a former transition pension where no new one is phased in, or beside the wrong kind of record."""
    keys = ("former_transition",) if case.record is None else ("record", "former_transition")
    if case.record is not None and case.former_transition is not None:
        sheet.fail("case_former_place", "former_transition")
    stated = case.former_transition if case.record is None else case.record.former_transition
    parameter = sheet.law.tree["pension/transition_gain_share"]
    known = ", ".join(parameter.regional)
    if stated is not None and (case.scheme == "public" or parameter.source_region(sheet.case.region) is None):
        sheet.fail("case_former_none", *keys, region=sheet.case.region, known=known)


def check_city(sheet: Sheet, city: str | None) -> None:
    """Refuse a city the region prints no base for."""
    from simengine.common.messages import near

    parameter = sheet.law.tree["pension/benefit_base_cities"]
    if city is None:
        return
    if "region" not in sheet.case.content.model_fields_set:
        sheet.fail("case_region_missing", "city", uses=parameter.key, known=known_regions(sheet.law.tree))
        return
    if parameter.source_region(sheet.case.region) is None:
        sheet.fail("case_city_none", "city", city=city, region=place_words(sheet.law.tree, sheet.case.region))
        return
    known = [str(label) for label in parameter.labels]
    if city not in known:
        sheet.fail("case_city", "city", near=near(city, known), city=city, known=", ".join(known))


def _reached(sheet: Sheet, window: Window, numbers: Numbers, month: int) -> bool:
    """Write the minimum and the recognised months; whether they suffice."""
    minimum = minimum_of(sheet, window, month)
    needed = int(minimum.number)
    sheet.put("minimum_months", needed, minimum, year=month // 12)
    sheet.put("recognised_months", numbers.recognised, paid=numbers.paid, deemed=numbers.deemed)
    reached = numbers.recognised >= needed
    sheet.put("entitled", reached, minimum, months=numbers.recognised, minimum=needed)
    return reached


def _floor(sheet: Sheet, case: AwardCase, month: int) -> tuple[float, LawUse] | None:
    """Lowest first pension where the law has a floor and the local average is known."""
    share = sheet.use("pension/minimum_share_of_local_average", month)
    if case.scheme == "public" or share.number == 0.0:
        return None
    if case.local_average_pension is None:
        sheet.note("floor_untested", share=f"{share.number:z.0%}")
        return None
    return float(paid_out(share.number * case.local_average_pension, int(sheet.rounding))), share


def _floor_variant(sheet: Sheet, month: int, age: int, numbers: Numbers) -> None:
    """The account part with the divisor of the completed age."""
    annex = sheet.use("pension/account_divisor", month)
    divisor = float(divisor_at(age, divisor_rule(annex, "floor")))
    whole = min(max(age // 12, min(annex.value)), max(annex.value))
    sheet.put("divisor_floor", divisor, annex.pick(whole), age=age_words(age))
    sheet.put("account_pension_floor", account_pension(numbers.account, divisor), A=numbers.account, D=divisor)


# --- below the minimum ----------------------------------------------------------------------------------------------


def _choices(sheet: Sheet, case: AwardCase, numbers: Numbers, month: int, window: Window) -> None:
    """What Social Insurance Law art. 16 and 人社部令第13号 leave to who misses the minimum months."""
    minimum = minimum_of(sheet, window, month)
    missing = int(minimum.number) - numbers.recognised
    sheet.put("missing_months", missing, minimum, minimum=int(minimum.number), months=numbers.recognised)
    sheet.put("choice_continue_until", month + missing, months=missing, month=month_text(month))
    if month < window.statutory:
        sheet.note("early_needs_minimum", statutory=month_text(window.statutory))
    _purchase(sheet, case, missing, month)
    put_resident_estimate(sheet, "choice_resident_pension", numbers.account, case.person.born, month)
    sheet.put("choice_lump_sum", numbers.account, A=numbers.account)
    extra = sheet.use("pension/lump_sum_extra_months", month)
    if extra.number:
        sheet.note("lump_sum_extra", months=extra.number)
    cutoff = int(sheet.use("pension/purchase_cutoff", month).number)
    longest = sheet.use("pension/late_payment_months_max", month).number
    years = sheet.use("resident/minimum_months", month).number / 12.0
    sheet.note("choice_conditions", cutoff=month_text(cutoff), longest=f"{longest:g}", years=f"{years:g}")


def _purchase(sheet: Sheet, case: AwardCase, missing: int, month: int) -> None:
    """Buying the months still missing after the longest extension, for those insured before the cutoff."""
    cutoff = sheet.use("pension/purchase_cutoff", month)
    longest = sheet.use("pension/late_payment_months_max", month)
    first = case.record.first_insured if case.record is not None else min(s.first for s in case.career or ())
    open_to = first is None or first < int(cutoff.number)
    if first is None:
        sheet.note("purchase_if_insured_before", cutoff=month_text(int(cutoff.number)))
    elif not open_to:
        sheet.note("purchase_closed", cutoff=month_text(int(cutoff.number)), first=month_text(first))
        return
    left = max(0, missing - int(longest.number))
    sheet.put("choice_purchase_months", left, cutoff, longest, missing=missing, longest=longest.number)
    if left == 0:
        return
    rate = sheet.use("pension/purchase_price_rate", month)
    band = band_of(sheet, month, "flexible", case.city)
    bases = {"own": case.purchase_base} if case.purchase_base is not None else {}
    if not bases and band is not None:
        bases = {"floor": round(band.floor, 2), "cap": round(band.cap, 2)}
    for which, base in bases.items():
        price = left * float(base or 0.0) * rate.number
        uses = (rate, *(band.law if band is not None and which != "own" else ()))
        sheet.put("choice_purchase_price", price, *uses, part=which, months=left, base=base, rate=rate)
