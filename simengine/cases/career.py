"""From a dated career to the numbers of a record: months, index between floor and cap, account year by year.

Rules: base between floor and cap (schemes.md 1.3), index as base over last year's average wage (1.5), crediting of the
account (1.7). A month counts once; stretches follow each other without a gap, a break is `kind: none`.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from simengine.cases.fields import SegmentFields, in_year
from simengine.cases.law import LawUse, first_day, new_year
from simengine.cases.models import AwardCase
from simengine.cases.record import SCHEME_KEYS, Numbers, check_index, counted_until, deemed_index
from simengine.cases.sheet import Sheet
from simengine.cases.tiers import WAGES, has_tiers, rank_index, tier_of, tier_printed, tier_wage
from simengine.common.messages import month_text
from simengine.kernels.rules.accounts import credit_year
from simengine.kernels.rules.bounds import held_between
from simengine.kernels.rules.rounding import half_up, paid_out
from simengine.law.interest import INTEREST_TIMING

PAID_KINDS = ("enterprise", "flexible", "public")
CREDIT_KEYS = {
    "enterprise": "pension/account_credit_rate",
    "flexible": "pension/account_credit_rate_flexible",
    "public": "public/account_credit_rate",
}
FLOOR_KEYS = {"flexible": "pension/flexible_floor_share"}
INDEX_PLACES = 10_000.0
"""A mean index keeps four decimals (schemes.md 1.5)."""

WHOLE_YUAN = 1.0
"""A printed floor is in whole yuan."""

SLIP = 20.0
"""A wage so many times below the floor is taken for one in 万元, one so many times above the cap for a yearly one."""


@dataclass(frozen=True)
class Band:
    """Contribution base of a month: last year's average wage W, floor and cap [yuan/month], and the law behind them."""

    wage: float
    floor: float
    cap: float
    law: tuple[LawUse, ...]


@dataclass
class Year:
    """What a calendar year of a career adds up to."""

    months: int = 0
    index: float = 0.0
    base: float = 0.0
    credits: float = 0.0
    band: Band | None = None


@dataclass
class Tally:
    """Sums over the months of a career; `before` earns the transition pension, `apart` is deemed after it."""

    paid: int = 0
    index: float = 0.0
    deemed: int = 0
    deemed_index: float = 0.0
    deemed_stated: bool = True
    before: int = 0
    before_index: float = 0.0
    apart: int = 0
    apart_index: float = 0.0
    clamped: int = 0
    years: dict[int, Year] = field(default_factory=dict)
    law: dict[str, LawUse] = field(default_factory=dict)


def band_of(sheet: Sheet, month: int, status: str, city: str | None = None) -> Band | None:
    """Floor, cap and average wage of a month; None before the first value of the law.

    A printed amount of the year counts before the share. For a flexible worker a higher floor of his own counts before
    a printed one. It is higher where it passes the printed one on the wage of the year before last too, on which a
    printed floor may rest: Zhejiang's 4986 of 2025 is 60 % of the wage of 2023.
    A city takes wage, floor and cap of its wage tier where the province has tiers; years whose tiers are not known
    take those of the province, with a remark.
    """
    lag = sheet.find("pension/base_wage_lag", month)
    low = sheet.find("pension/base_floor_share", month)
    own = sheet.find(FLOOR_KEYS.get(status, "pension/base_floor_share"), month)
    high = sheet.find("pension/base_cap_share", month)
    if lag is None or low is None or own is None or high is None:
        return None
    year, tier = month // 12 - int(lag.number), tier_of(sheet, month, city)
    wage = tier_wage(sheet, year, tier)
    if wage is None:
        tier, wage = None, sheet.find("economy/average_wage", new_year(year))
        if city is not None and has_tiers(sheet) and "economy/average_wage" not in sheet.case.replaced:
            known = sheet.law.tree[WAGES].timeline(sheet.case.region)[0].date.year
            sheet.note("tier_unknown", city=city, first=known + int(lag.number))
    if wage is None:
        return None
    floor, cap = own.number * wage.number, high.number * wage.number
    law = [wage, own, high] if tier is None else [wage, tier, own, high]
    older = sheet.law.find("economy/average_wage", new_year(month // 12 - int(lag.number) - 1))
    for name in ("base_floor", "base_cap"):
        printed = _printed(sheet, f"pension/{name}", month, tier)
        if name == "base_floor" and own.number > low.number and printed is not None and older is not None:
            printed = None if own.number * older.number > printed.number + WHOLE_YUAN else printed
        if printed is not None:
            floor, cap = (printed.number, cap) if name == "base_floor" else (floor, printed.number)
            law.append(printed)
    return Band(wage.number, floor, cap, tuple(law))


def _printed(sheet: Sheet, key: str, month: int, tier: LawUse | None = None) -> LawUse | None:
    """A printed amount of the year of a month, of a tier where one is given; None where none was printed for it."""
    if tier is not None and key not in sheet.case.replaced:
        return tier_printed(sheet, key, month, tier)
    if sheet.law.tree[key].source_region(sheet.case.region) is None and key not in sheet.case.replaced:
        return None
    found = sheet.law.find(key, first_day(month))
    return found if found is not None and not found.carried else None


def check_wage(sheet: Sheet, value: float, band: Band, *keys: object) -> None:
    """Refuse a wage in 万元 or a yearly one."""
    if 0.0 < value < band.floor / SLIP:
        meant = f"{value * 10_000.0:z.0f}"
        sheet.doubt("case_wage_slip", *keys, key=keys[-1], value=f"{value:g}", meant=meant, low=f"{band.floor:z.0f}")
    elif value > band.cap * SLIP:
        sheet.doubt("case_wage_yearly", *keys, key=keys[-1], value=f"{value:g}", high=f"{band.cap:z.0f}")


# --- dates ----------------------------------------------------------------------------------------------------------


def stretches(sheet: Sheet, case: AwardCase, month: int) -> list[tuple[int, int, int, SegmentFields]]:
    """Stretches in order of time: first month, last month, place in the file, stretch; gaps and overlaps refused."""
    rows = sorted(enumerate(case.career or ()), key=lambda row: row[1].first)
    found: list[tuple[int, int, int, SegmentFields]] = []
    before: int | None = None
    for place, segment in rows:
        first, last = segment.first, segment.to if segment.to is not None else month
        if segment.to is None and place != rows[-1][0]:
            sheet.fail("case_open_segment", "career", place)
            continue
        if last < first:
            sheet.fail("case_segment_reversed", "career", place, first=month_text(first), last=month_text(last))
            continue
        if before is not None and first > before + 1:
            sheet.fail("case_gap", "career", place, last=month_text(before), first=month_text(first))
        if before is not None and first <= before:
            sheet.fail("case_overlap", "career", place, last=month_text(before), first=month_text(first))
        found.append((first, last, place, segment))
        before = last if before is None else max(before, last)
    if before is not None and before < month:
        sheet.fail("case_gap_end", "career", rows[-1][0], last=month_text(before), month=month_text(month))
    if before is not None and before > month:
        sheet.fail("case_after_award", "career", rows[-1][0], last=month_text(before), month=month_text(month))
    return found


# --- months ---------------------------------------------------------------------------------------------------------


def tally_of(sheet: Sheet, case: AwardCase, month: int) -> Tally:
    """Sums over every month of the career up to the award month."""
    tally = Tally()
    starts = {
        kind: int(sheet.use(SCHEME_KEYS["public" if kind == "public" else "enterprise"]["start"], month).number)
        for kind in {segment.kind for segment in case.career or ()} - {"deemed", "none"}
    }
    starts["deemed"] = int(sheet.use(SCHEME_KEYS[case.scheme]["start"], month).number)
    until = counted_until(sheet, case.scheme, month) or starts["deemed"]
    for first, last, place, segment in stretches(sheet, case, month):
        start = starts.get(segment.kind, 0)
        if segment.kind == "deemed" and last >= start:
            sheet.doubt("case_deemed_late", "career", place, last=month_text(last), start=month_text(start))
        for here in range(first, min(last, month) + 1):
            if segment.kind == "deemed":
                _add_deemed(tally, segment, here, until)
            elif segment.kind in PAID_KINDS and not _add_paid(
                sheet, tally, segment, here, (start, until), place, case.city
            ):
                break
    unknown = tally.deemed and not tally.deemed_stated and case.rank is None
    if tally.paid == 0 and unknown and not sheet.errors:
        sheet.fail("case_deemed_index", "career")
    if case.known_account is not None and case.known_account.year >= month // 12:
        known = case.known_account.year
        sheet.fail("case_known_late", "known_account", "year", year=known, month=month_text(month))
    return tally


def _add_deemed(tally: Tally, segment: SegmentFields, month: int, until: int) -> None:
    index = in_year(segment.index, month // 12) if segment.index is not None else None
    tally.deemed += 1
    tally.deemed_index += index or 0.0
    tally.deemed_stated = tally.deemed_stated and index is not None
    if month < until:
        tally.before += 1
        tally.before_index += index or 0.0
    else:
        tally.apart += 1
        tally.apart_index += index or 0.0


def _add_paid(
    sheet: Sheet,
    tally: Tally,
    segment: SegmentFields,
    month: int,
    bounds: tuple[int, int],
    place: int,
    city: str | None,
) -> bool:
    """Add one paid month; False where its year cannot be computed, so that the error is said once.

    Parameters
    ----------
    bounds : first month with an account, first month that no longer earns the transition pension
    """
    year = month // 12
    name = next(name for name in ("index", "base", "wage") if getattr(segment, name) is not None)
    value = in_year(getattr(segment, name), year)
    if value is None:
        sheet.fail("case_year_missing", "career", place, name, key=name, year=year)
        return False
    band = band_of(sheet, month, segment.kind, city)
    if band is None:
        if name != "index":
            sheet.fail("case_no_wage", "career", place, name, year=year)
            return False
        index, base = value, 0.0
    else:
        index, base = _base_of(sheet, tally, band, name, value, place)
    if index < 0.0:
        return False
    here = tally.years.setdefault(year, Year())
    here.months += 1
    here.index += index
    here.base += base
    here.band = band
    tally.paid += 1
    tally.index += index
    if month < bounds[1]:
        tally.before += 1
        tally.before_index += index
    if month >= bounds[0] and band is not None:
        credit = sheet.find(CREDIT_KEYS[segment.kind], month)
        if credit is not None:
            here.credits += base * credit.number
            tally.law[credit.key] = credit
    return True


def _base_of(sheet: Sheet, tally: Tally, band: Band, name: str, value: float, place: int) -> tuple[float, float]:
    """Index and base of a month between floor and cap; an index below zero marks a refused value."""
    known = len(sheet.errors)
    if name == "index":
        check_index(sheet, value, "career", place, name)  # type: ignore[arg-type]
    else:
        check_wage(sheet, value, band, "career", place, name)
    if len(sheet.errors) > known:
        return -1.0, 0.0
    stated = value * band.wage if name == "index" else value
    base = float(held_between(stated, band.floor, band.cap))
    if abs(base - stated) > 0.01:
        tally.clamped += 1
    for use in band.law:
        tally.law[use.key] = use
    return base / band.wage, base


# --- account --------------------------------------------------------------------------------------------------------


def credited(sheet: Sheet, tally: Tally, case: AwardCase, month: int) -> tuple[float, list[LawUse]]:
    """Balance of the account at the award month, one step a year; the law behind it.

    The award year earns the part of its rate that its months make (schemes.md 1.7).
    """
    years = [year for year, entry in tally.years.items() if entry.credits > 0.0]
    known = case.known_account
    first = min(years, default=month // 12)
    balance = 0.0
    if known is not None:
        first, balance = known.year + 1, known.balance
        sheet.result.steps.append({"year": known.year, "balance": balance})
    law: list[LawUse] = []
    for year in range(first, month // 12 + 1):
        rate = sheet.use("pension/account_interest_rate", new_year(year))
        timing = sheet.use("pension/account_interest_timing", new_year(year))
        part = (month % 12 + 1) / 12.0 if year == month // 12 else 1.0
        entry = tally.years.get(year, Year())
        share = INTEREST_TIMING[str(timing.value)]
        credits = float(paid_out(entry.credits, int(sheet.rounding)))
        closing = float(credit_year(balance, rate.number * part, credits, share))
        closing = float(paid_out(closing, int(sheet.rounding)))
        sheet.result.steps.append(_step(year, entry, rate.number * part, credits, closing))
        balance = closing
        law = [rate, timing]
    return balance, law


def _step(year: int, entry: Year, rate: float, credits: float, balance: float) -> dict[str, float]:
    """One year as it is printed."""
    step: dict[str, float] = {"year": year, "months": entry.months}
    if entry.months:
        step["index"] = round(entry.index / entry.months, 4)
    if entry.band is not None and entry.months:
        step |= {
            "average_wage": entry.band.wage,
            "base_floor": round(entry.band.floor, 2),
            "base_cap": round(entry.band.cap, 2),
            "base": round(entry.base / entry.months, 2),
        }
    return step | {"credits": credits, "rate": rate, "balance": balance}


def _early_steps(sheet: Sheet, tally: Tally) -> None:
    """Years before the account, put before those with a balance."""
    listed = {step["year"] for step in sheet.result.steps}
    early = [
        {name: value for name, value in _step(year, entry, 0.0, 0.0, 0.0).items() if name not in ("rate", "balance")}
        for year, entry in sorted(tally.years.items())
        if year not in listed
    ]
    sheet.result.steps[:] = sorted([*early, *sheet.result.steps], key=lambda step: float(step["year"]))


# --- the whole ------------------------------------------------------------------------------------------------------


def numbers_from_career(sheet: Sheet, case: AwardCase, month: int) -> Numbers:
    """Numbers of a record from a dated career, each written as a line of the sheet."""
    tally = tally_of(sheet, case, month)
    sheet.stop()
    index = _mean(sheet, tally.index, tally.paid)
    rest = index
    law: tuple[LawUse, ...] = ()
    if tally.deemed:
        if case.rank is not None:
            use = rank_index(sheet, case.rank, month)
            rest, law = use.number, (use,)
        elif tally.deemed_stated:
            rest = _mean(sheet, tally.deemed_index, tally.deemed)
        else:
            rest, law = deemed_index(sheet, case.scheme, index, month)
    before, before_index, apart, apart_index = tally.deemed, rest, 0, rest
    if counted_until(sheet, case.scheme, month) is not None:
        before, apart = tally.before, tally.apart
        unstated = 0.0 if tally.deemed_stated else (tally.deemed - tally.apart) * rest
        before_index = _mean(sheet, tally.before_index + unstated, tally.before) if before else rest
        if apart and tally.deemed_stated:
            apart_index = _mean(sheet, tally.apart_index, apart)
    balance, credit_law = credited(sheet, tally, case, month)
    _early_steps(sheet, tally)
    uses = tuple(tally.law.values())
    sheet.put("paid_months", tally.paid)
    sheet.put("deemed_months", tally.deemed)
    sheet.put("paid_index", index, *uses, total=round(tally.index, 4), months=tally.paid)
    sheet.put("account", balance, *credit_law)
    if tally.clamped:
        sheet.note("clamped", months=tally.clamped)
    if credit_law and case.known_account is None:
        sheet.note("credited_from_start")
    counts = (tally.paid, index, tally.deemed, rest, before, before_index, balance)
    return Numbers(*counts, apart, apart_index, case.former_transition, tally.apart, law)


def _mean(sheet: Sheet, total: float, months: int) -> float:
    """Mean index, at four decimals."""
    mean = total / months if months else 0.0
    return float(half_up(mean, INDEX_PLACES)) if sheet.rounding else mean
