"""What plans leave open: the possible readings of a definition, and which one is in force where."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import partial

from simengine.common.errors import TargetError
from simengine.common.messages import near
from simengine.law.regions import load_regions

READINGS: Mapping[str, Mapping[str, Mapping[str, str]]] = {
    "pension_scope": {
        "all_participants": {"en": "everybody insured or drawing", "zh": "全部参保人员，含领取待遇人员"},
        "insured_not_yet_drawing": {"en": "insured persons who do not draw yet", "zh": "尚未领取待遇的参保人员"},
    },
    "payment_rate_def": {
        "payers_over_insured": {
            "en": "payers over participants without retirees and recipients",
            "zh": "缴费人数 ÷（参保人数 − 离退休人数 − 领取人数）",
        },
        "payers_and_recipients_over_participants": {
            "en": "payers, retirees and recipients over participants",
            "zh": "（缴费人数 + 离退休及领取人数）÷ 参保人数",
        },
    },
    "protection_level_def": {
        "average_to_rural_income": {
            "en": "average pension over rural income",
            "zh": "月人均养老金×12 ÷ 农村居民人均可支配收入",
        },
        "base_to_rural_income": {
            "en": "base pension over rural income",
            "zh": "月人均基础养老金×12 ÷ 农村居民人均可支配收入",
        },
        "average_to_urban_income": {
            "en": "average pension over urban income",
            "zh": "月人均养老金×12 ÷ 城镇居民人均可支配收入",
        },
    },
    "resident_benefit_def": {
        "year_end_average": {
            "en": "pensions in payment at the end of the year over recipients",
            "zh": "年末月待遇总额 ÷ 年末领取人数",
        },
        "spending_per_recipient": {
            "en": "benefits of the year over recipients at its end and twelve",
            "zh": "当年待遇支出 ÷ 年末领取人数 ÷ 12",
        },
    },
}
"""Open definition -> its readings, the default first -> what each means, in two languages."""

ANY = "*"
"""Stands for every region that a mapping of readings does not name."""


def stated_readings(name: str) -> dict[str, str]:
    """Reading of one definition by region: what ``regions.yaml`` states for it or one above it, else the default."""
    found = {ANY: next(iter(READINGS[name]))}
    regions = load_regions()
    for key, region in regions.items():
        for odd in set(region.readings) - set(READINGS):
            where, known = f"regions.yaml, {key}", ", ".join(READINGS)
            raise TargetError("definition_unknown", where=where, near=near(odd, READINGS), name=odd, known=known)
        nearest = next((word for above in regions.chain(key) if (word := regions[above].readings.get(name))), None)
        if nearest is not None:
            found[key] = nearest
    return found


@dataclass(frozen=True)
class Definitions:
    """The readings in force, each for all regions (a word) or by region (a mapping with ``"*"`` for the rest).

    Defaults are `stated_readings`; reasons are in notes/targets.md, section 3.

    Raises
    ------
    TargetError
        for a word that is no reading of its definition.
    """

    pension_scope: str | Mapping[str, str] = field(default_factory=partial(stated_readings, "pension_scope"))
    payment_rate_def: str | Mapping[str, str] = field(default_factory=partial(stated_readings, "payment_rate_def"))
    protection_level_def: str | Mapping[str, str] = field(
        default_factory=partial(stated_readings, "protection_level_def")
    )
    resident_benefit_def: str | Mapping[str, str] = field(
        default_factory=partial(stated_readings, "resident_benefit_def")
    )

    def __post_init__(self) -> None:
        for name, readings in READINGS.items():
            given = getattr(self, name)
            for word in [given] if isinstance(given, str) else given.values():
                if word not in readings:
                    stated = {"name": name, "reading": word, "known": ", ".join(readings)}
                    raise TargetError("definition_reading", near=near(word, readings), **stated)

    def reading(self, name: str, region: str) -> str:
        """The reading of one definition in one region."""
        given: str | Mapping[str, str] = getattr(self, name)
        if isinstance(given, str):
            return given
        return given.get(region, given.get(ANY, next(iter(READINGS[name]))))

    def with_reading(self, name: str, word: str) -> Definitions:
        """A copy in which one definition is read in one way everywhere."""
        return replace(self, **{name: word})
