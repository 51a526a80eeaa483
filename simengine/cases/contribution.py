"""Contributions of a month, and an account credited year by year (schemes.md 1.2, 1.3, 1.7)."""

from __future__ import annotations

from typing import Any

from simengine.cases.career import CREDIT_KEYS, FLOOR_KEYS, Band, band_of, check_wage
from simengine.cases.fields import in_year
from simengine.cases.law import LawUse, new_year
from simengine.cases.models import AccountCase, ContributionCase
from simengine.cases.sheet import Sheet
from simengine.cases.tiers import TIERS, check_tier_city
from simengine.cases.words import shown, word
from simengine.common.messages import Words, month_text
from simengine.kernels.rules.accounts import credit_year
from simengine.kernels.rules.bounds import held_between
from simengine.kernels.rules.resident import credit_resident
from simengine.kernels.rules.rounding import paid_out
from simengine.law.interest import INTEREST_TIMING

RATE_KEYS = {
    "enterprise": ("pension/rate_employer", "pension/rate_employee"),
    "public": ("public/rate_employer", "public/rate_employee"),
}
OVER_CAP = 1.2
"""Credits above those of the cap by more than this are not believed: the cap moves inside a year."""

INTEREST_KEYS = {
    "enterprise": "pension/account_interest_rate",
    "public": "pension/account_interest_rate",
    "annuity": "public/annuity_recorded_interest",
    "resident": "resident/account_interest_rate",
}


def contribution(sheet: Sheet, case: ContributionCase) -> None:
    """Base between floor and cap, what employer and employee pay, what goes to the account and to the pool."""
    check_tier_city(sheet, case.city)
    sheet.stop()
    band = band_of(sheet, case.month, case.status, case.city)
    if band is None:
        sheet.fail("case_no_wage", "month", year=case.month // 12)
        sheet.stop()
        return
    base = _base(sheet, case, band)
    sheet.stop()
    shares = {use.key: use for use in band.law}
    cap = shares["pension/base_cap_share"]
    floor = next(use for use in band.law if use.key in ("pension/base_floor_share", *FLOOR_KEYS.values()))
    low, high = (_first(shares, key, f"{key}_tiers") for key in ("pension/base_floor", "pension/base_cap"))
    wage, tier = band.law[0], [shares[TIERS]] if TIERS in shares else []
    sheet.put("base_floor", band.floor, *_laws(low, wage, floor), *tier, variant=_how(low), share=floor, W=band.wage)
    sheet.put("base_cap", band.cap, *_laws(high, wage, cap), *tier, variant=_how(high), share=cap.value, W=band.wage)
    stated: Any = case.wage if case.wage is not None else case.base
    if case.at is not None:
        stated = Words(case.at, word("parts", case.at, "zh"))
    base = sheet.put("contribution_base", base, *band.law, stated=stated, low=band.floor, high=band.cap)
    _amounts(sheet, case, base)


def _first(uses: dict[str, LawUse], *keys: str) -> LawUse | None:
    return next((uses[key] for key in keys if key in uses), None)


def _laws(printed: LawUse | None, wage: LawUse, share: LawUse) -> tuple[LawUse, ...]:
    return (printed,) if printed is not None else (wage, share)


def _how(printed: LawUse | None) -> str:
    return "printed" if printed is not None else ""


def _base(sheet: Sheet, case: ContributionCase, band: Band) -> float:
    """Contribution base: an employee's wage is held in the band, a chosen base must lie in it."""
    if case.at is not None:
        return band.floor if case.at == "floor" else band.cap
    name = "wage" if case.wage is not None else "base"
    stated = case.wage if case.wage is not None else float(case.base or 0.0)
    check_wage(sheet, stated, band, name)
    if name in sheet.doubted and name not in sheet.case.content.checked:
        return stated
    if case.status == "flexible" and not band.floor - 0.005 <= stated <= band.cap + 0.005:
        sheet.fail("case_base_chosen", name, value=f"{stated:g}", low=f"{band.floor:z.2f}", high=f"{band.cap:z.2f}")
    return float(held_between(stated, band.floor, band.cap))


def _amounts(sheet: Sheet, case: ContributionCase, base: float) -> None:
    """Amounts of the payers, the account's part and the pooled rest."""
    if case.status == "flexible":
        rate = sheet.use("pension/rate_flexible", case.month)
        total = _put(sheet, "flexible_contribution", base, rate, case.months)
        own = total
    else:
        employer_key, employee_key = RATE_KEYS[case.status]
        employer = _put(sheet, "employer_contribution", base, sheet.use(employer_key, case.month), case.months)
        own = _put(sheet, "employee_contribution", base, sheet.use(employee_key, case.month), case.months)
        total = sheet.put("total_contribution", employer + own, employer=employer, employee=own)
        if case.status == "enterprise":
            due = sheet.law.get("pension/employer_share_due", case.month)
            if due.number < 1.0:
                sheet.note("relief", use=due, share=f"{due.number:z.0%}")
    credit = _put(sheet, "account_credit", base, sheet.use(CREDIT_KEYS[case.status], case.month), case.months)
    sheet.put("pooled_part", total - credit, total=total, credit=credit)


def _put(sheet: Sheet, entry: str, base: float, rate: LawUse, months: int) -> float:
    """One amount on the base; rounded month by month."""
    monthly = float(paid_out(base * rate.number, int(sheet.rounding)))
    written: float = sheet.put(entry, monthly * months, rate, base=base, rate=rate, months=months)
    return written


# --- account --------------------------------------------------------------------------------------------------------


def account(sheet: Sheet, case: AccountCase) -> None:
    """Balance after each year: A' = A·(1 + r) + S·(1 + r·τ); residents A' = (A + S)·(1 + r)."""
    stated = case.credits if case.credits is not None else case.monthly
    if case.credits is not None and case.monthly is not None:
        sheet.fail("case_credits_twice", "monthly")
        sheet.stop()
    years = sorted(year for year in stated or {} if year)
    early = [year for year in years if year <= case.year]
    if early:
        name = "credits" if case.credits is not None else "monthly"
        sheet.fail("case_credit_early", name, early[0], year=early[0], known=case.year)
    _check_credits(sheet, case)
    last = max([case.year, *years])
    until = case.until if case.until is not None else 12 * last + 11
    if until // 12 <= case.year and case.until is not None:
        sheet.fail("case_until", "until", month=month_text(until), year=case.year)
    sheet.stop()
    balance = case.balance
    for year in range(case.year + 1, until // 12 + 1):
        months = until % 12 + 1 if year == until // 12 else 12
        balance = _credit(sheet, case, year, months, balance)
    sheet.put("account", balance, variant="end", until=month_text(until))


def _check_credits(sheet: Sheet, case: AccountCase) -> None:
    """Doubt credits above those of the cap of the base or the highest tier of residents, of a month and of a year."""
    for name, months in (("monthly", 1), ("credits", 12)):
        for year, value in (getattr(case, name) or {}).items():
            most = months * _most_credited(sheet, case.scheme, int(year or case.year + 1))
            if most and value > OVER_CAP * most:
                sheet.doubt("case_credit_high", name, *([year] if year else []), key=name, value=shown(value),
                            most=shown(round(most, 2)), months=months)  # fmt: skip


def _most_credited(sheet: Sheet, scheme: str, year: int) -> float:
    """Highest credit of an ordinary month [yuan/month]; zero where the law of the year does not say."""
    if scheme == "resident":
        tier = sheet.law.find("resident/tier_highest", new_year(year))
        return 0.0 if tier is None else tier.number / 12.0
    band = band_of(sheet, 12 * year, "public" if scheme == "annuity" else scheme)
    annuity = [f"public/annuity_rate_{payer}" for payer in ("employer", "employee")]
    rates = [sheet.law.find(key, new_year(year)) for key in (annuity if scheme == "annuity" else [CREDIT_KEYS[scheme]])]
    return 0.0 if band is None else band.cap * sum(rate.number for rate in rates if rate is not None)


def _credit(sheet: Sheet, case: AccountCase, year: int, months: int, balance: float) -> float:
    """One year of crediting; a part of a year earns its part of the rate."""
    rate = sheet.use(INTEREST_KEYS[case.scheme], new_year(year))
    monthly = in_year(case.monthly, year) if case.monthly is not None else None
    credits = months * monthly if monthly is not None else (in_year(case.credits or {}, year) or 0.0)
    r = rate.number * months / 12.0
    if case.scheme == "resident":
        closing, _ = credit_resident(balance, float(credits), rate.number, months / 12.0)
        uses: tuple[LawUse, ...] = (rate,)
        numbers: dict[str, Any] = {"A": balance, "S": credits, "r": f"{100.0 * r:z.6g}%"}
        written = sheet.put("balance", closing, *uses, part=year, variant="resident", **numbers)
    else:
        timing = sheet.use("pension/account_interest_timing", new_year(year))
        share = INTEREST_TIMING[str(timing.value)]
        closing = credit_year(balance, r, credits, share)
        numbers = {"A": balance, "S": credits, "r": f"{100.0 * r:z.6g}%", "t": f"{share:z.4g}"}
        written = sheet.put("balance", closing, rate, timing, part=year, **numbers)
    return float(written)
