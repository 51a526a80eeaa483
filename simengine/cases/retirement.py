"""The lawful window of retirement of one person, exact to the month (schemes.md 2; notes/retirement.md)."""

from __future__ import annotations

from dataclasses import dataclass

from simengine.cases.fields import Person
from simengine.cases.law import LawUse, first_day
from simengine.cases.models import RetirementCase
from simengine.cases.sheet import Sheet
from simengine.cases.words import code_words
from simengine.common.messages import age_words, month_text
from simengine.law.divisor import DivisorRule, divisor_at
from simengine.law.retirement import AgePath, earliest_month, latest_month, retirement_month, statutory_delay

DEFAULT_CAREER = {"man": "men", "woman": "women_50"}
"""Path of the retirement law where the file states the sex alone."""


@dataclass(frozen=True)
class Window:
    """When one person may, must and does retire; months are month indexes, ages months.

    Attributes
    ----------
    old_age : statutory age before the reform; delay : months added to it
    statutory, earliest, latest : statutory month, first and last lawful month
    law : values of the law behind them
    """

    born: int
    career: str
    old_age: int
    delay: int
    statutory: int
    earliest: int
    latest: int
    law: tuple[LawUse, ...]


def career_of(sheet: Sheet, person: Person, default: str | None = None) -> str:
    """Path of the retirement law; for a woman without one the workers' path, with a remark."""
    if person.career is not None:
        return person.career
    sex = person.sex or "man"
    if sex == "woman":
        sheet.note("woman_career" if default is None else "woman_career_public")
        return default or DEFAULT_CAREER[sex]
    return DEFAULT_CAREER[sex]


def window_of(sheet: Sheet, person: Person, default: str | None = None) -> Window:
    """The lawful window of a person.

    Parameters
    ----------
    default : path of a woman whose file states none; the workers' one when left out
    """
    career = career_of(sheet, person, default)
    review = sheet.law.tree.information_date or first_day(person.born)
    old = sheet.use("retirement/old_age", review)
    first = sheet.use("retirement/first_delayed_birth", review)
    step = sheet.use("retirement/births_per_step", review)
    old, first, step = old.pick(career), first.pick(career), step.pick(career)
    old_age = int(old.number)
    cap = sheet.use("retirement/delay_cap", first_day(person.born + old_age)).pick(career)
    path = AgePath(old_age, int(step.number), int(cap.number), int(first.number) + old_age)
    statutory = int(retirement_month(person.born, path))
    early = sheet.use("retirement/early_months_max", statutory)
    late = sheet.use("retirement/late_months_max", statutory)
    earliest = min(statutory, int(earliest_month(person.born, path, int(early.number))))
    latest = int(latest_month(person.born, path, int(late.number)))
    uses = [old, first, step, cap, early, late]
    if person.special_job:
        special = sheet.use("retirement/special_jobs_age", statutory).pick(career)
        uses.append(special)
        earliest = min(earliest, person.born + int(special.number))
    delay = int(statutory_delay(person.born, path))
    return Window(person.born, career, old_age, delay, statutory, earliest, latest, tuple(uses))


def check_month(sheet: Sheet, window: Window, month: int, *keys: str) -> None:
    """Refuse an award month outside the lawful window."""
    if not window.earliest <= month <= window.latest:
        sheet.fail(
            "case_window",
            *keys,
            month=month_text(month),
            earliest=month_text(window.earliest),
            latest=month_text(window.latest),
            statutory=month_text(window.statutory),
        )


def check_award_month(sheet: Sheet, window: Window, month: int, recognised: int, *keys: str) -> None:
    """Refuse an award month that is neither inside the window nor the month in which paying on reaches the minimum.

    Who misses the minimum at the statutory month pays on until it is reached, and is awarded then, however late
    (Social Insurance Law art. 16): flexible retirement has a window, awards have none.

    Parameters
    ----------
    recognised : months recognised at the award month
    """
    if month <= window.latest:
        check_month(sheet, window, month, *keys)
        return
    minimum = int(minimum_of(sheet, window, month).number)
    at_statutory = recognised - (month - window.statutory)
    if at_statutory >= minimum or recognised < minimum:
        check_month(sheet, window, month, *keys)
        return
    reached = month - (recognised - minimum)
    if recognised > minimum:
        sheet.fail("case_paid_on", *keys, month=month_text(month), minimum=minimum, reached=month_text(reached))
        return
    sheet.note("paid_on", statutory=month_text(window.statutory), minimum=minimum)


def minimum_of(sheet: Sheet, window: Window, month: int) -> LawUse:
    """Minimum contribution months for an award month (annex 4).

    A late retiree keeps the number of the statutory month; an early one needs that of the month the law names.
    """
    deciding = window.statutory
    if month < window.statutory:
        rule = sheet.use("retirement/early_minimum_test", month)
        deciding = month if rule.value == "chosen_month" else window.statutory
    return sheet.use("retirement/minimum_months", deciding)


def divisor_rule(annex: LawUse, method: str) -> DivisorRule:
    """The annex of the account divisor with a reading of it."""
    return DivisorRule.from_mapping({int(age): int(months) for age, months in annex.value.items()}, method)


def put_divisor(sheet: Sheet, month: int, age: int) -> float:
    """Divisor months at an award month and age in months, written as a line."""
    annex = sheet.use("pension/account_divisor", month)
    method = sheet.use("pension/divisor_method", month)
    value = float(divisor_at(age, divisor_rule(annex, str(method.value))))
    ages = sorted(int(label) for label in annex.value)
    low = min(max(age // 12, ages[0]), ages[-1])
    high = min(low + 1, ages[-1])
    rest = age % 12 if ages[0] <= age // 12 < ages[-1] else 0
    between = method.value == "interpolate" and rest > 0
    uses = (annex.pick(low), annex.pick(high), method) if between else (annex.pick(low), method)
    numbers = {"age": age_words(age), "low": annex.value[low], "high": annex.value[high], "r": rest}
    sheet.put("divisor", value, *uses, variant="interpolate" if between else "", **numbers)
    return value


def put_window(sheet: Sheet, window: Window) -> None:
    """Write the delay and the statutory month with their origin."""
    old, first, step, cap = window.law[:4]
    passed = window.born - int(first.number)
    numbers = {"cap": cap.value, "n": passed, "k": step.value, "first": month_text(int(first.number))}
    sheet.put("delay", window.delay, first, step, cap, variant="none" if passed < 0 else "", **numbers)
    born, age = month_text(window.born), age_words(window.old_age)
    sheet.put("statutory_month", window.statutory, old, born=born, old_age=age, delay=window.delay)


def retirement(sheet: Sheet, case: RetirementCase) -> None:
    """Delay, statutory age and month, earliest and latest month, minimum months, divisor."""
    window = window_of(sheet, case.person)
    born = month_text(window.born)
    sheet.put("old_age", window.old_age, window.law[0], career=code_words(window.career))
    put_window(sheet, window)
    age = window.statutory - window.born
    sheet.put("statutory_age", age, window.law[0], old_age=age_words(window.old_age), delay=window.delay)
    minimum = sheet.use("retirement/minimum_months", window.statutory)
    sheet.put("minimum_months", int(minimum.number), minimum, year=window.statutory // 12)
    sheet.put("minimum_years", minimum.number / 12.0, minimum, months=minimum.number)
    early, late = window.law[4], window.law[5]
    sheet.put("earliest_month", window.earliest, early, statutory=month_text(window.statutory), limit=early.number)
    sheet.put("earliest_age", window.earliest - window.born, early, month=month_text(window.earliest), born=born)
    sheet.put("latest_month", window.latest, late, statutory=month_text(window.statutory), limit=late.number)
    if window.earliest < window.statutory:
        at_earliest = minimum_of(sheet, window, window.earliest)
        sheet.put("minimum_months_at_earliest", int(at_earliest.number), at_earliest, month=month_text(window.earliest))
    put_divisor(sheet, window.statutory, age)
