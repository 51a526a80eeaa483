"""Plain arithmetic of funds and head counts, each formula shown (schemes.md 1.12, 4.4, 7)."""

from __future__ import annotations

from simengine.cases.law import new_year
from simengine.cases.models import (
    AverageBenefitCase,
    CentralAdjustmentCase,
    CoverableCase,
    EnlargementCase,
    EntrustedCase,
    GrowthCase,
    PayableMonthsCase,
)
from simengine.cases.sheet import Sheet
from simengine.kernels.rules import funds as rules

HUNDRED_MILLION = 100_000_000.0
TEN_THOUSAND = 10_000.0


def entrusted(sheet: Sheet, case: EntrustedCase) -> None:
    """Share of the new surplus to be entrusted, and the principal after the year where one is stated [亿元]."""
    share = sheet.use("resident/entrusted_share", new_year(case.year))
    surplus = sheet.put("new_surplus", case.income - case.expenditure, income=case.income, expenditure=case.expenditure)
    newly = rules.newly_entrusted(share.number, surplus)
    newly = sheet.put("newly_entrusted", newly, share, share=share, surplus=surplus)
    if case.principal is not None:
        after = rules.entrusted_after(case.principal, case.principal * case.return_rate, newly)
        rate = f"{100.0 * case.return_rate:z.6g}%"
        sheet.put("entrusted_principal", after, share, E=case.principal, r=rate, new=newly)


def growth_of_standard(sheet: Sheet, case: GrowthCase) -> None:
    """A standard grown at a rate beside the listed one of the last year."""
    years = case.end - case.start
    law = ()
    standard = case.standard
    if standard is None:
        use = sheet.use(case.key, new_year(case.start))
        standard, law = use.number, (use,)  # type: ignore[assignment]
    elif (known := sheet.law.find(case.key, new_year(case.start))) is not None:
        sheet.check_slip(standard, known.number, "standard")
        sheet.stop()
    grown = standard
    for _ in range(years):
        grown *= 1.0 + case.rate
    rate = f"{100.0 * case.rate:z.6g}%"
    grown = sheet.put("grown_standard", grown, *law, standard=standard, rate=rate, years=years)
    listed = sheet.law.find(case.key, new_year(case.end))
    if listed is None or listed.carried:
        sheet.note("standard_not_listed", year=case.end)
        return
    sheet.put("listed_standard", listed.number, listed, year=case.end)
    sheet.put("standard_reached", listed.number >= grown, listed, listed=listed.value, grown=grown)


def central_adjustment(sheet: Sheet, case: CentralAdjustmentCase) -> None:
    """Paid up, received and net of the central adjustment fund [亿元]."""
    rate = sheet.use("pension/central_adjustment_rate", new_year(case.year))
    share = sheet.use("pension/central_adjustment_wage_share", new_year(case.year))
    paid = float(rules.central_payment(case.wage, share.number, case.insured, rate.number))
    up = sheet.put(
        "paid_up", paid / HUNDRED_MILLION, share, rate, share=share, wage=case.wage, insured=case.insured, rate=rate
    )
    down = case.retirees * case.per_retiree / HUNDRED_MILLION
    down = sheet.put("received", down, retirees=case.retirees, each=case.per_retiree)
    sheet.put("net_received", down - up, down=down, up=up)


def coverable(sheet: Sheet, case: CoverableCase) -> None:
    """Coverable population behind a rate, and the heads of a target rate on it [万人]."""
    if case.rate == 0.0:
        sheet.fail("case_rate_zero", "rate")
        sheet.stop()
    rate = f"{100.0 * case.rate:z.6g}%"
    population = sheet.put("coverable", case.participants / case.rate, participants=case.participants, rate=rate)
    if case.target_rate is not None:
        target = f"{100.0 * case.target_rate:z.6g}%"
        sheet.put("target_heads", population * case.target_rate, population=population, rate=target)


def enlargement(sheet: Sheet, case: EnlargementCase) -> None:
    """Exits and switches hidden between gross enlargement and net growth [万人]."""
    sheet.put("exits_inside", case.gross - case.net, gross=case.gross, net=case.net)


def payable_months(sheet: Sheet, case: PayableMonthsCase) -> None:
    """Balance over a month of spending."""
    months = float(rules.payable_months(float(case.balance), float(case.expenditure)))
    sheet.put("payable_months", months, balance=case.balance, expenditure=case.expenditure)


def average_benefit(sheet: Sheet, case: AverageBenefitCase) -> None:
    """Mean monthly benefit, beside a target where one is stated."""
    yearly = case.expenditure * HUNDRED_MILLION / (case.recipients * TEN_THOUSAND)
    mean = sheet.put("average_benefit", yearly / 12.0, expenditure=case.expenditure, recipients=case.recipients)
    if case.target is not None:
        sheet.check_slip(case.target, float(mean), "target")
        sheet.put("target_met", mean >= case.target, mean=mean, target=case.target)
