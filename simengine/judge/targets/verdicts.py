"""A verdict as an object, as a sentence and as a table."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields, replace
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from simengine.judge.indicators import registry
from simengine.judge.targets.compare import SIGNIFICANT
from simengine.judge.targets.files import words

if TYPE_CHECKING:
    import pandas as pd

SET = "set"
"""An input of the scenario fixes the figure."""
WITHHELD = "withheld"
"""No verdict, as the region misses its anchors (`simengine.judge.targets.withheld`)."""

VERDICTS = ("met", "missed", "set", "closed", "statement", "base_year", "not_modelled", WITHHELD)
"""Codes of the eight verdicts; their words are in ``words.yaml``."""


@dataclass(frozen=True)
class Verdict:
    """The verdict on one row in one scenario; figures are in the unit of the plan.

    Attributes
    ----------
    projected : the engine's figure, unrounded; None where there is none
    projected_text : the same, rounded as the plan prints it
    margin : distance on the good side of the target (negative when missed), after rounding
    satisfied : whether the figure satisfies the printed sign; for closed rows the printed actual
    gap_to_actual : engine's figure less the printed actual
    eroded : amounts fixed in law that the figure rests on and that have lost 30 % of their real value by the year
    fact : measure and region whose growth path the figure rests on, where it is that of another region; rows of one
        path are one fact (`simengine.judge.targets.shared`)
    first_year_met : first year in which the measure satisfies the sign
    other_readings : reading -> rounded figure and whether it satisfies, for definitions the plan leaves open
    probability_met, probability_error : share of the random draws that satisfy the sign, and its standard error
    """

    id: str
    scenario: str
    region: str
    indicator: str
    name_en: str
    name_zh: str
    record_kind: str
    attribute: str
    year: int
    operator: str
    printed: str
    unit: str
    verdict: str
    projected: float | None = None
    projected_text: str = ""
    margin: float | None = None
    satisfied: bool | None = None
    actual: str = ""
    gap_to_actual: float | None = None
    first_year_met: int | None = None
    flags: tuple[str, ...] = ()
    eroded: tuple[str, ...] = ()
    fact: str = ""
    set_by: str = ""
    value_needed: str = ""
    reason: str = ""
    reason_values: Mapping[str, Any] = field(default_factory=dict)
    definition_en: str = ""
    definition_zh: str = ""
    other_readings: Mapping[str, tuple[str, bool]] = field(default_factory=dict)
    probability_met: float | None = None
    probability_error: float | None = None
    duplicate_of: str | None = None
    restates: str | None = None
    superseded_by: tuple[str, ...] = ()
    document: str = ""
    source: str = ""

    @property
    def headline(self) -> bool:
        """Whether the row enters the headline counts: judged, and no repetition of another row."""
        return self.verdict in ("met", "missed") and self.duplicate_of is None and self.restates is None

    @property
    def withheld(self) -> bool:
        """Whether no verdict is given on the row, which repeats no other, as the region misses its anchors."""
        return self.verdict == WITHHELD and self.duplicate_of is None and self.restates is None

    def reason_text(self, lang: str) -> str:
        """Why there is no judgement, empty when there is one."""
        if not self.reason:
            return ""
        values = dict(self.reason_values)
        if self.reason == "outside":
            values["text"] = words()["not_modelled"][self.indicator][lang]
        if self.reason == "anchors":
            values["text"] = values[lang].rstrip(".。")
        return str(words()["reasons"][self.reason][lang].format(**values))

    def set_by_text(self, lang: str) -> str:
        """The lever or input that fixes the measure, with its name in the files."""
        return f"{words()['set_by'][self.indicator][lang]} ({self.set_by})" if self.set_by else ""

    def text(self, lang: str = "en") -> str:
        """The verdict in one sentence; every figure in it is a field of this object."""
        say = words()["sentences"]
        outcome = say["reached" if self.satisfied else "not_reached"][lang]
        none = say["none"][lang]
        return str(
            say[self.verdict][lang].format(
                id=self.id,
                name=self.name_en if lang == "en" else self.name_zh,
                year=self.year,
                unit=self.unit,
                goal=f"{self.operator} {self.printed}".strip(),
                projected=self.projected_text or none,
                short="" if self.margin is None else _plain(-self.margin),
                first=self.first_year_met or none,
                actual=self.actual,
                outcome=outcome,
                set_by=self.set_by_text(lang),
                value_needed=self.value_needed,
                reason=self.reason_text(lang),
            )
        )


def _plain(value: float) -> str:
    return format(Decimal(format(value, SIGNIFICANT)).normalize(), "f")


def counts(verdicts: Iterable[Verdict]) -> dict[str, int]:
    """Rows by verdict, all eight listed; they add up to the number of verdicts."""
    tally = Counter(verdict.verdict for verdict in verdicts)
    return {name: tally.get(name, 0) for name in VERDICTS}


def headline(verdicts: Iterable[Verdict]) -> dict[str, int]:
    """Met and missed alone, repetitions left out."""
    tally = Counter(verdict.verdict for verdict in verdicts if verdict.headline)
    return {name: tally.get(name, 0) for name in ("met", "missed")}


LARGE_ALIGNMENT = "large_alignment"
"""Flag of a verdict that rests on a stock which alignment moved far from the spun-up one."""

RESTS_ON: Mapping[str, tuple[str, ...]] = {
    "enterprise_payers": ("members",),
    "flexible_payers": ("members",),
    "public_payers": ("members",),
    "paused_members": ("members",),
    "enterprise_pensioners": ("enterprise_pensioners",),
    "average_enterprise_pension": ("enterprise_pension_mass",),
    "public_pensioners": ("public_pensioners",),
    "average_public_pension": ("public_pension_mass",),
    "resident_registered": ("resident_contributors", "resident_paused"),
    "resident_paying_share": ("resident_contributors", "resident_paused"),
    "resident_beneficiaries": ("resident_beneficiaries",),
    "resident_account_pension": ("resident_pension_mass",),
    "unemployment_insured": ("unemployment_insured",),
    "unemployment_claimants": ("unemployment_claimants",),
    "injury_annuitants": ("injury_annuitants",),
    "fund_balance_occupational_annuity": (),
}
"""Item of an alignment factor -> variables of the projection that carry the aligned stock on."""

RESTS_ON_ALONE: Mapping[str, tuple[str, ...]] = {"fund_balance_occupational_annuity": ("oa_fund_size",)}
"""Item of an alignment factor -> indicators, where the variable holds other stocks beside."""


def flag_alignment(verdicts: Iterable[Verdict], factors: pd.DataFrame) -> list[Verdict]:
    """Verdicts with the flag ``large_alignment`` where their measure reads a stock whose factor is large.

    Parameters
    ----------
    factors : `simengine.judge.checks.opening.factor_table`: scenario, region, item, ..., large
    """
    large: dict[tuple[str, str], set[str]] = {}
    for row in factors[factors["large"].astype(bool)].to_dict("records"):
        large.setdefault((str(row["scenario"]), str(row["region"])), set()).add(str(row["item"]))
    return [_flagged(row, large.get((row.scenario, row.region), set())) for row in verdicts]


def _flagged(row: Verdict, items: set[str]) -> Verdict:
    """One verdict with the flag where it gives a figure that rests on one of the items."""
    measure = registry().get(row.indicator)
    if measure is None or row.projected is None or not items:
        return row
    variables = {name for item in items for name in RESTS_ON[item]}
    alone = {name for item in items for name in RESTS_ON_ALONE.get(item, ())}
    if variables.isdisjoint(measure.reads) and measure.id not in alone:
        return row
    return replace(row, flags=tuple(sorted({*row.flags, LARGE_ALIGNMENT})))


def to_frame(verdicts: Iterable[Verdict], lang: str = "en", *, for_readers: bool = False) -> pd.DataFrame:
    """Verdicts as a table, one row each; the columns are those of ``words.yaml``, in that order.

    Parameters
    ----------
    lang : language of names, reasons, definitions and sentences, ``en`` or ``zh``
    for_readers : translate the heads and the codes of kind, attribute, verdict and flags as well
    """
    import pandas as pd

    columns = words()["columns"]
    rows = [_cells(row, lang) for row in verdicts]
    frame = pd.DataFrame({name: [row[name] for row in rows] for name in columns}, columns=list(columns))
    if not for_readers:
        return frame
    for column, table in (("record_kind", "record_kinds"), ("attribute", "attributes"), ("verdict", "verdicts")):
        said = {code: entry[lang] for code, entry in words()[table].items()}
        frame[column] = [said.get(code, code) for code in frame[column]]
    flags = {code: entry[lang] for code, entry in words()["flags"].items()}
    frame["flags"] = ["; ".join(flags[flag] for flag in row.split("; ") if flag) for row in frame["flags"]]
    return frame.rename(columns={name: entry[lang] for name, entry in columns.items()})


def _cells(row: Verdict, lang: str) -> dict[str, Any]:
    """Cells of one row: figures as numbers, everything else as text."""
    readings = "; ".join(
        f"{word}: {text} ({words()['verdicts']['met' if met else 'missed'][lang]})"
        for word, (text, met) in sorted(row.other_readings.items())
    )
    plain = {item.name: getattr(row, item.name) for item in fields(Verdict)}
    return plain | {
        "name": row.name_en if lang == "en" else row.name_zh,
        "flags": "; ".join(row.flags),
        "eroded": "; ".join(row.eroded),
        "set_by": row.set_by_text(lang),
        "reason": row.reason_text(lang),
        "definition": row.definition_en if lang == "en" else row.definition_zh,
        "other_readings": readings,
        "duplicate_of": row.duplicate_of or "",
        "restates": row.restates or "",
        "superseded_by": "; ".join(row.superseded_by),
        "sentence": row.text(lang),
    }
