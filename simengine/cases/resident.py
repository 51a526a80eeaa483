"""Resident pension: yearly tiers, base, supplements, make-up years, death (国发〔2014〕8号; schemes.md 4)."""

from __future__ import annotations

import datetime
from collections.abc import Iterable
from typing import Any

from simengine.cases.drawdown import remaining
from simengine.cases.fields import YearSpanFields
from simengine.cases.law import LawUse, first_day, new_year
from simengine.cases.models import ResidentCase
from simengine.cases.sheet import Sheet
from simengine.common.messages import age_words, month_text
from simengine.kernels.rules.accounts import account_pension
from simengine.kernels.rules.resident import (
    basic_pension,
    credit_resident,
    required_years,
    resident_pension,
    years_to_make_up,
)
from simengine.kernels.rules.rounding import paid_out
from simengine.law.regions import NATION

BASE = "resident/basic_pension_minimum"
INTEREST = "resident/account_interest_rate"


def base_pension(sheet: Sheet, month: int) -> tuple[float, tuple[LawUse, ...]]:
    """Basic pension of a month: the standard of the region, but never below the nation's, with its law."""
    own = sheet.use(BASE, month)
    nation = sheet.use(BASE, month, NATION)
    return float(basic_pension(own.number, nation.number)), (own if own.number >= nation.number else nation,)


def resident(sheet: Sheet, case: ResidentCase) -> None:
    """Every line of a resident pension."""
    age = sheet.use("resident/pension_age", sheet.law.tree.information_date or first_day(case.born))
    reached = case.born + int(age.number)
    claims = case.claims if case.claims is not None else reached
    if claims < reached:
        keys: dict[str, Any] = {
            "month": month_text(claims),
            "reached": month_text(reached),
            "age": age_words(int(age.number)),
        }
        sheet.fail("case_claims_early", "claims", **keys)
    on = case.on if case.on is not None else claims + 1
    if on <= claims:
        sheet.fail("case_on_early", "on", month=month_text(on), first=month_text(claims + 1))
    early = case.died is not None and case.died < claims
    until = case.died if case.died is not None and early else claims
    spans = _spans(sheet, case, until)
    sheet.stop()
    if early:
        account, _ = _account(sheet, case, spans, until)
        _whole_account(sheet, until, account)
        return
    sheet.put("claim_month", claims, age, born=month_text(case.born), age=age_words(int(age.number)))
    account, years = _account(sheet, case, spans, claims)
    account = _make_up(sheet, case, account, years, claims, reached)
    _pension(sheet, case, account, years, claims, on)


# --- account --------------------------------------------------------------------------------------------------------


def _spans(sheet: Sheet, case: ResidentCase, claims: int) -> list[tuple[int, int, YearSpanFields]]:
    """Contribution years as (year, place in the file, stretch); overlaps and years after the claim are refused."""
    taken: dict[int, int] = {}
    rows: list[tuple[int, int, YearSpanFields]] = []
    for place, span in enumerate(case.contributions or ()):
        if span.to < span.first:
            sheet.fail("case_span_reversed", "contributions", place, first=span.first, last=span.to)
            continue
        if span.to > claims // 12:
            sheet.fail("case_after_claim", "contributions", place, year=span.to, month=month_text(claims))
            continue
        double = [year for year in range(span.first, span.to + 1) if year in taken]
        if double:
            sheet.fail("case_year_twice", "contributions", place, year=double[0])
        for year in range(span.first, span.to + 1):
            taken[year] = place
            rows.append((year, place, span))
        _check_tier(sheet, span, place)
    return sorted(rows, key=lambda row: row[0])


def _check_tier(sheet: Sheet, span: YearSpanFields, place: int) -> None:
    """Refuse a tier outside those of the region, each year for itself; one off the national list is remarked."""
    for year in range(span.first, span.to + 1) if span.tier else ():
        if not tier_allowed(sheet, span.tier, year, "contributions", place, "tier"):
            return
    if span.tier and any(span.tier not in _national(sheet, year) for year in range(span.first, span.to + 1)):
        sheet.note("tier_local", tier=f"{span.tier:g}")


def tier_allowed(sheet: Sheet, tier: float, year: int, *keys: str | int) -> bool:
    """Whether a tier lies between the lowest and the highest of a year; one that does not is noted as an error.

    A tier holds for the whole year: a list that begins inside the year counts, the wider one of its two ends.
    """
    last = datetime.date(year, 12, 31)
    low, high = (
        sheet.use("resident/tier_lowest", new_year(year)).number,
        sheet.use("resident/tier_highest", new_year(year)).number,
    )
    low = min(low, sheet.law.get("resident/tier_lowest", last).number)
    high = max(high, sheet.law.get("resident/tier_highest", last).number)
    if low <= tier <= high:
        return True
    sheet.fail("case_tier", *keys, value=f"{tier:g}", year=year, low=f"{low:g}", high=f"{high:g}")
    return False


def _national(sheet: Sheet, year: int) -> list[float]:
    """Tiers of the national list at the end of a year."""
    return [float(tier) for tier in sheet.law.get("resident/tiers", datetime.date(year, 12, 31)).value]


def subsidy_of(sheet: Sheet, span: YearSpanFields, year: int) -> tuple[float, tuple[LawUse, ...]]:
    """Government subsidy of one year [yuan/year]: stated, or the law's by tier; none for a year made up later."""
    if span.subsidy is not None:
        return span.subsidy, ()
    day = new_year(year)
    if span.made_up:
        rule = sheet.use("resident/made_up_years_subsidised", day)
        if rule.number == 0.0:
            return 0.0, (rule,)
    threshold = sheet.use("resident/subsidy_threshold", day)
    name = "upper_tiers" if span.tier >= threshold.number else "lowest_tier"
    use = sheet.use(f"resident/subsidy_{name}", day)
    return use.number, (threshold, use)


def _account(
    sheet: Sheet, case: ResidentCase, spans: Iterable[tuple[int, int, YearSpanFields]], claims: int
) -> tuple[float, int]:
    """Balance at the claim and paid years; each year a line."""
    if case.balance is not None:
        return float(sheet.put("resident_account", case.balance, variant="stated")), int(case.paid_years or 0)
    rows = list(spans)
    balance, by_year = 0.0, {year: span for year, _, span in rows}
    last_paid = max(by_year)
    for year in range(min(by_year), claims // 12 + 1):
        rate = sheet.use(INTEREST, new_year(year))
        part = (claims % 12 + 1) / 12.0 if year == claims // 12 and year > last_paid else 1.0
        span = by_year.get(year)
        own, subsidy, collective = 0.0, 0.0, 0.0
        law: tuple[LawUse, ...] = (rate,)
        if span is not None:
            subsidy, uses = subsidy_of(sheet, span, year)
            own, collective, law = span.tier, span.collective, (rate, *uses)
        r = rate.number * part
        paid = own + subsidy + collective
        closing, _ = credit_resident(balance, paid, rate.number, part)
        numbers = {"A": balance, "S": paid, "r": f"{100.0 * r:z.6g}%"}
        balance = float(sheet.put("balance", closing, *law, part=year, variant="resident", **numbers))
        step = {"year": year, "tier": own, "subsidy": subsidy, "collective": collective, "rate": r, "balance": balance}
        sheet.result.steps.append(step)
    sheet.put("resident_account", balance, variant="computed")
    return balance, len(by_year)


# --- years ----------------------------------------------------------------------------------------------------------


def _make_up(sheet: Sheet, case: ResidentCase, account: float, years: int, claims: int, reached: int) -> float:
    """Paid and missing years, and the account after missing years are paid at the claim."""
    minimum = sheet.use("resident/minimum_months", claims)
    required = int(minimum.number) // 12
    if case.scheme_start is not None:
        left = max(0, reached - case.scheme_start) // 12
        fewer = int(required_years(float(left), float(required)))
        if fewer < required:
            sheet.note("launch_rule", years=fewer)
        required = fewer
    sheet.put("paid_years", years)
    missing = int(years_to_make_up(float(years), float(required), 0.0))
    sheet.put("missing_years", missing, minimum, required=required, years=years)
    if missing == 0:
        return account
    if case.make_up_tier is None:
        tier = sheet.use("resident/tier_lowest", claims)
        sheet.put("make_up_cost", missing * tier.number, tier, variant="offer", years=missing, tier=tier.number)
        return account
    law = sheet.use("resident/made_up_years_subsidised", claims)
    if not tier_allowed(sheet, case.make_up_tier, claims // 12, "make_up_tier"):
        sheet.stop()
    cost = sheet.put("make_up_cost", missing * case.make_up_tier, law, years=missing, tier=case.make_up_tier)
    after = sheet.put("account_after_make_up", account + cost, A=account, S=cost)
    return float(after)


def _pension(sheet: Sheet, case: ResidentCase, account: float, years: int, claims: int, on: int) -> None:
    """Base, account part, supplements, pension; and what the heirs get."""
    missing = next(line.value for line in sheet.result.components if line.entry == "missing_years")
    entitled = missing == 0 or case.make_up_tier is not None
    left = 0 if case.make_up_tier is not None else missing
    sheet.put("entitled", entitled, variant="resident", missing=left)
    if not entitled:
        return
    years = max(years, years + missing if case.make_up_tier is not None else years)
    base, law = base_pension(sheet, on)
    divisor = sheet.use("resident/account_divisor", claims)
    part = float(paid_out(account_pension(account, divisor.number), int(sheet.rounding)))
    sheet.put("resident_base", base, *law, month=month_text(on))
    sheet.put("resident_account_pension", part, divisor, A=account, D=divisor.value)
    minimum = sheet.use("resident/minimum_months", claims)
    long = sheet.use("resident/long_service_supplement", on)
    above = max(0.0, years - minimum.number / 12.0)
    supplement = sheet.put("long_service", long.number * above, long, minimum, years=above, each=long.value)
    from_age, extra = sheet.use("resident/age_supplement_age", on), sheet.use("resident/age_supplement", on)
    old = on - case.born >= 12 * from_age.number
    by_age = sheet.put("age_supplement", extra.number if old else 0.0, extra, from_age, age=from_age.value)
    parts = [base, part, supplement, by_age]
    text = " + ".join(f"{value:z.2f}" for value in parts if value) or "0"
    sheet.put("resident_pension", sum(parts), *law, divisor, parts=text)
    sheet.put("pension_from", claims + 1, month=month_text(claims))
    if case.died is not None:
        _heirs(sheet, case.died, account, part, claims)


def _heirs(sheet: Sheet, died: int, account: float, monthly: float, claims: int) -> None:
    """What is left in the account goes to the heirs, beside a local funeral grant."""
    left = remaining(sheet, account, monthly, claims + 1, died, INTEREST) if died > claims else account
    sheet.put("account_to_heirs", left, A=account, m=monthly, months=max(0, died - claims))
    grant = sheet.use("resident/funeral_grant", died)
    sheet.put("resident_funeral", grant.number, grant)


def _whole_account(sheet: Sheet, died: int, account: float) -> None:
    """Death before the claim: the whole account goes to the heirs."""
    sheet.put("account_to_heirs", account, variant="stated", A=account)
    grant = sheet.use("resident/funeral_grant", died)
    sheet.put("resident_funeral", grant.number, grant)


def put_resident_estimate(sheet: Sheet, entry: str, account: float, born: int, month: int) -> None:
    """What the resident scheme would pay on an employees' account that moves there (schemes.md 7.5).

    Parameters
    ----------
    entry : component under which it is written
    """
    age = sheet.use("resident/pension_age", month)
    start = max(month, born + int(age.number))
    base, law = base_pension(sheet, month)
    divisor = sheet.use("resident/account_divisor", month)
    pension = paid_out(resident_pension(base, account, divisor.number, 0.0), int(sheet.rounding))
    sheet.put(
        entry,
        pension,
        *law,
        divisor,
        base=base,
        A=account,
        D=divisor.value,
        start=month_text(start + 1),
    )
