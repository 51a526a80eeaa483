"""The law that a table of `simengine law` is computed from, its rows, and where they go: JSON and CSV."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from simengine.cli.law_words import known_region, law, month_of
from simengine.cli.session import Session
from simengine.common.errors import LawError
from simengine.common.messages import month_text, say
from simengine.registry.axes import CAREER

if TYPE_CHECKING:
    from simengine.law import LawTree
    from simengine.law.divisor import DivisorRule
    from simengine.law.retirement import AgePath, RetirementRules
    from simengine.scenario.levers import Retirement

FIRST_YEAR, LAST_YEAR = 1993, 2110
"""Calendar years of the retirement law that the engine reads."""


@dataclass(frozen=True)
class Setting:
    """The law a table is computed from: as enacted, or as a scenario lives under it.

    Attributes
    ----------
    tree, lever : law with the levers of the scenario, and its lever of the retirement age
    enacted : the packaged law
    region : region key
    scenario : name of the scenario, empty for the enacted law
    """

    tree: LawTree
    lever: Retirement | None
    enacted: LawTree
    region: str
    scenario: str

    @property
    def rules(self) -> RetirementRules:
        """Retirement rules as the projection compiles them."""
        from simengine.engine.compile.retirement import retirement_rules

        return retirement_rules(self.tree, self.region, self.lever, LAST_YEAR)

    @property
    def enacted_rules(self) -> RetirementRules:
        """Retirement rules without the scenario."""
        from simengine.engine.compile.retirement import retirement_rules

        return retirement_rules(self.enacted, self.region, None, LAST_YEAR)

    def divisor_rule(self, day: datetime.date, method: str | None = None) -> DivisorRule:
        """Account divisors on a day, between whole ages by a method or by the one in force."""
        from simengine.law.divisor import DivisorRule

        months: Any = self.tree["pension/account_divisor"].at(day, self.region)
        chosen = method or str(self.tree["pension/divisor_method"].at(day, self.region))
        return DivisorRule.from_mapping({int(age): int(value) for age, value in months.items()}, chosen)


def setting_of(region: str | None, scenario: str | None) -> Setting:
    """The law of a table, from the options of its command."""
    from simengine.common import resources, strict_yaml
    from simengine.law.regions import NATION

    tree = law()
    place = known_region(tree, region)
    if scenario is None:
        return Setting(tree, None, tree, place or NATION, "")
    from simengine.engine.compile import scenario_law
    from simengine.scenario.scenario import load_scenario

    loaded = load_scenario(scenario)
    if place is None:
        folder = resources.basis_folders().get(loaded.basis)
        place = NATION if folder is None else strict_yaml.load(folder / "basis.yaml").data["region"]
    return Setting(scenario_law(loaded, tree), loaded.settings.retirement, tree, place or NATION, loaded.key)


# --- annexes ----------------------------------------------------------------------------------------------------------


def span_asked(first: int | None, last: int | None, usual: tuple[int, int], alone: int = 0) -> tuple[int, int]:
    """Both ends of a table: those asked for, else the usual ones; one end alone outside these gives so many more."""
    begin_at, end_at = usual[0] if first is None else first, usual[1] if last is None else last
    if begin_at > end_at and last is None:
        return begin_at, begin_at + alone
    return (end_at - alone if begin_at > end_at and first is None else begin_at), end_at


def births_asked(name: str, paths: Sequence[AgePath], first: str | None, last: str | None) -> range:
    """Birth months of a table: those asked for, else from the first delayed one to the first with the final age.

    One end alone that lies outside these gives a year.
    """
    from simengine.law.annexes import annex_span

    begins, ends = zip(*map(annex_span, paths), strict=True)
    asked = None if first is None else month_of(first), None if last is None else month_of(last, last=True)
    begin_at, end_at = span_asked(*asked, (min(begins), max(ends)), alone=11)
    low = max(12 * FIRST_YEAR - path.old_age_months for path in paths)
    high = min(12 * LAST_YEAR + 11 - path.old_age_months - path.cap for path in paths)
    if end_at < begin_at:
        raise LawError("law_months_reversed", first=month_text(begin_at), last=month_text(end_at))
    if begin_at < low or end_at > high:
        wrong = month_text(begin_at if begin_at < low else end_at)
        span = {"low": month_text(low), "high": month_text(high)}
        raise LawError("law_births_outside", career=name, birth=wrong, **span, first=FIRST_YEAR, last=LAST_YEAR)
    return range(begin_at, end_at + 1)


def annex_rows(
    setting: Setting, name: str, rules: RetirementRules, enacted: RetirementRules, births: range
) -> list[dict[str, Any]]:
    """Rows of the annex of one career by the names of its columns; under a scenario also the enacted month."""
    from simengine.law.annexes import annex
    from simengine.law.divisor import METHODS, divisor_at

    found = annex(births, name, rules)
    before = annex(births, name, enacted).statutory if setting.scenario else None
    rows = []
    for at, birth in enumerate(births):
        age, month = int(found.age_months[at]), int(found.statutory[at])
        day = datetime.date(month // 12, month % 12 + 1, 1)
        rows.append(
            {
                "birth": month_text(birth),
                "delay_months": int(found.delay[at]),
                "age_years": age // 12,
                "age_months": age % 12,
                "retirement": month_text(month),
                "earliest": month_text(int(found.earliest[at])),
                "latest": month_text(int(found.latest[at])),
                "minimum_years": years_of(int(found.minimum_months[at])),
                **{f"divisor_{way}": divisor_at(age, setting.divisor_rule(day, way)) for way in METHODS},
                **({} if before is None else {"enacted_month": month_text(int(before[at]))}),
            }
        )
    return rows


def years_of(months: int) -> float:
    """Months as years of two decimals at most: 186 are 15.5."""
    return round(months / 12, 2)


# --- results ----------------------------------------------------------------------------------------------------------


def publish(
    session: Session,
    setting: Setting,
    heads: dict[str, dict[str, Any]],
    rows: dict[str, list[dict[str, Any]]],
    csv: Path | None,
) -> None:
    """Rows as JSON, and as one CSV where a file was named; where they belong to careers, the career comes first."""
    session.result(
        {
            "region": setting.region,
            "scenario": setting.scenario or None,
            "law_sha256": setting.tree.digest(),
            "tables": {name: head | {"rows": rows[name]} for name, head in heads.items()},
        }
    )
    if csv is None:
        return
    import pandas as pd

    from simengine.common.files import file_set, write_table

    careers = set(rows) <= set(CAREER)
    frame = pd.DataFrame([{"career": name} | row if careers else row for name, own in rows.items() for row in own])
    with file_set() as files:
        files.add(csv, partial(write_table, frame))
        files.commit()
    session.note(say("law.csv_written", session.lang, path=csv))
