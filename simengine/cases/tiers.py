"""What a place or a person has of its own inside a province: the wage tier of a city, the index of a rank.

Hubei prints three wages, floors and caps a contribution year and a tier for every city (schemes.md 1.3). Deemed years
of public servants have an index by rank or post (schemes.md 3).
"""

from __future__ import annotations

from typing import Any

from simengine.cases.law import LawUse, first_day, new_year
from simengine.cases.models import AwardCase
from simengine.cases.sheet import Sheet
from simengine.cases.words import tables
from simengine.common.messages import near

TIERS = "pension/contribution_tier"
WAGES = "economy/average_wage_tiers"
RANKS = "public/deemed_index_by_rank"


def has_tiers(sheet: Sheet) -> bool:
    """Whether the region sorts its cities into wage tiers."""
    return sheet.law.tree[TIERS].source_region(sheet.case.region) is not None


def check_tier_city(sheet: Sheet, city: str | None) -> None:
    """Refuse a city that is in no tier, and any city where the region has no tiers; remark a city left out."""
    if not has_tiers(sheet):
        if city is not None:
            sheet.fail("case_tier_none", "city", city=city, region=sheet.case.region)
        return
    known = [str(label) for label in sheet.law.tree[TIERS].labels]
    if city is None:
        sheet.note("wage_tiers", known=", ".join(known))
    elif city not in known:
        sheet.fail("case_tier_city", "city", near=near(city, known), city=city, known=", ".join(known))


def tier_of(sheet: Sheet, month: int, city: str | None) -> LawUse | None:
    """Wage tier of a city in a month; None where the region has no tiers or knows none for the month."""
    if city is None or not has_tiers(sheet) or city not in sheet.law.tree[TIERS].labels:
        return None
    tiers = sheet.find(TIERS, month)
    return None if tiers is None else tiers.pick(city)


def tier_wage(sheet: Sheet, year: int, tier: LawUse | None) -> LawUse | None:
    """Average wage of a calendar year in a tier; None where the region's own wage has to do."""
    if tier is None or "economy/average_wage" in sheet.case.replaced:
        return None
    wages = sheet.find(WAGES, new_year(year))
    return None if wages is None else wages.pick(int(tier.number))


def tier_printed(sheet: Sheet, key: str, month: int, tier: LawUse) -> LawUse | None:
    """The printed floor or cap of a tier for the year of a month; None where none was printed for it."""
    found = sheet.law.find(f"{key}_tiers", first_day(month))
    return found.pick(int(tier.number)) if found is not None and not found.carried else None


# --- ranks ------------------------------------------------------------------------------------------------------------


def rank_key(stated: str) -> str:
    """Label of a rank, which may be written in Chinese: 正处 or 正处级 for division."""
    names = {str(entry["zh"]): key for key, entry in tables()["ranks"].items()}
    return names.get(stated, names.get(stated.removesuffix("级"), stated))


def rank_index(sheet: Sheet, rank: str, month: int) -> LawUse:
    """Index of the deemed years of a rank."""
    return sheet.use(RANKS, month).pick(rank_key(rank))


def check_rank(sheet: Sheet, case: AwardCase) -> None:
    """Refuse an unknown rank, one outside the public sector, and one beside a stated index of the deemed years."""
    if case.rank is None:
        return
    if case.scheme != "public":
        sheet.fail("case_rank_scheme", "rank", rank=case.rank)
        return
    labels = [str(label) for label in sheet.law.tree[RANKS].labels]
    if rank_key(case.rank) not in labels:
        words = tables()["ranks"]
        known = ", ".join(f"{label} {words[label]['zh']}" for label in labels)
        sheet.fail("case_rank", "rank", near=near(case.rank, labels), rank=case.rank, known=known)
    if case.record is not None and case.record.deemed_index is not None:
        sheet.fail("case_rank_twice", "record", "deemed_index")
    stretches: tuple[Any, ...] = case.career or ()
    for place, segment in enumerate(stretches):
        if segment.kind == "deemed" and segment.index is not None:
            sheet.fail("case_rank_twice", "career", place, "index")
    deemed = case.record.deemed_months if case.record is not None else any(s.kind == "deemed" for s in stretches)
    if not deemed:
        sheet.fail("case_rank_idle", "rank", rank=case.rank)
