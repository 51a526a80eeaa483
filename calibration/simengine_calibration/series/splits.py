"""Members and pensioners of provinces by status where only totals are published.

Every rule is stated in ``simengine/notes/basis.md``; none uses a plan target. Counts are persons at year end.
"""

from __future__ import annotations

from dataclasses import dataclass

from simengine.common.errors import BasisError
from simengine.law.regions import NATION
from simengine_calibration.sources.histories import Figure, History, Statistics, anchor, history, typed_history
from simengine_calibration.sources.plans import Plans
from simengine_calibration.sources.regions import collected_name


@dataclass(frozen=True)
class Nation:
    """National counts by year."""

    active: History
    retirees: History
    public_active: History
    public_retirees: History
    registered: History
    beneficiaries: History
    payer_share: History
    flexible_share: History

    def participants(self, year: int) -> float:
        """Members and pensioners of the employees' scheme."""
        return self.active.at(year) + self.retirees.at(year)

    def resident(self, year: int) -> float:
        """Registered and recipients of the resident scheme."""
        return self.registered.at(year) + self.beneficiaries.at(year)


def _single(region: str, measure: str) -> History:
    found = anchor(region, measure)
    return History({2024: found}, "persons")


def nation(stats: Statistics) -> Nation:
    """National counts, collected and typed, 1992-2024."""

    def merged(measure: str, typed: str, last: str) -> History:
        return (
            stats.get("uebps", "China", measure, "persons")
            .over(typed_history("national", typed))
            .over(_single(NATION, last))
        )

    total = (
        stats.get("resident", "China", "participants_total", "persons")
        .over(typed_history("national", "resident_participants_other"))
        .over(_single(NATION, "resident_total"))
    )
    drawing = (
        typed_history("national", "resident_beneficiaries_other")
        .over(stats.get("resident", "China", "beneficiaries", "persons"))
        .over(_single(NATION, "beneficiaries"))
    )
    registered = History(
        {
            year: Figure(
                figure.value - drawing[year], "computed",
                f"participants less recipients, {_shorter(figure.evidence, drawing.figures[year].evidence)}",
            )
            for year, figure in total.figures.items()
            if year in drawing
        },
        "persons",
    )  # fmt: skip
    share = stats.get("enterprise_uebps", "China", "payer_share", "1").mapped(
        lambda _, percent: percent / 100.0, "recalled", "payers over active members of the enterprise scheme, bulletins"
    )
    public = stats.get("public_sector", "China", "participants_active", "persons")
    retired = stats.get("public_sector", "China", "retirees", "persons")
    late = history("10k persons", "assumption", "growth of 2019-2021 held", {2022: 2_095, 2023: 2_160, 2024: 2_225})
    return Nation(
        active=merged("participants_active", "members_later", "active"),
        retirees=merged("retirees", "pensioners_later", "retirees"),
        public_active=public.over(typed_history("national", "public_active_early")).over(
            typed_history("national", "public_active_late")
        ),
        public_retirees=retired.over(typed_history("national", "public_retirees_early")).over(late),
        registered=registered,
        beneficiaries=drawing,
        payer_share=share.over(typed_history("national", "payer_share_early")).over(
            typed_history("national", "payer_share_late")
        ),
        flexible_share=typed_history("national", "flexible_share_of_payers"),
    )


def _shorter(first: str, second: str) -> str:
    return first if first == second else f"{first} and {second}"


@dataclass(frozen=True)
class Split:
    """Members and pensioners of a region at one year end [persons], with the rule that gave them and bands."""

    active: float
    retirees: float
    registered: float
    beneficiaries: float
    source: str
    retirees_band: tuple[float, float]
    evidence: str = "assumption"

    @property
    def participants(self) -> float:
        return self.active + self.retirees


def retired_share(stats: Statistics, country: Nation, region: str, year: int) -> float:
    """Pensioners over participants: the nation's share times the region's relative share, linear 2010 to 2024."""
    active = stats.get("uebps", collected_name(region), "participants_active", "persons")
    retirees = stats.get("uebps", collected_name(region), "retirees", "persons")

    def relative(total: float, retired: float, when: int) -> float:
        return retired / total / (country.retirees.at(when) / country.participants(when))

    early = relative(active[2010] + retirees[2010], retirees[2010], 2010)
    late_retired = anchor(region, "retirees").value
    late = relative(anchor(region, "active").value + late_retired, late_retired, 2024)
    weight = (year - 2010) / 14.0
    ratio = early * (1.0 - weight) + late * weight
    return ratio * country.retirees.at(year) / country.participants(year)


def _back(region: str, measure: str, national: History, year: int) -> float:
    """The region's count of 2024 taken back by the nation's growth."""
    return anchor(region, measure).value * national.at(year) / national.at(2024)


def split_province(stats: Statistics, plans: Plans, country: Nation, region: str, year: int) -> Split:
    """Members and pensioners of a province in 2015 or 2020.

    Totals: the plan's, or the 2024 count taken back by national growth (Hubei: both schemes taken back, then scaled to
    the plan's total). Pensioners: the 2024 count taken back by the nation's growth (2020: the nearest count, four years
    off), the share rule alone before the public sector had entered (2015); the two ways are the band.
    """
    country_total = country.participants(year) / country.participants(2024)
    employees = (anchor(region, "active").value + anchor(region, "retirees").value) * country_total
    resident = anchor(region, "resident_total").value * country.resident(year) / country.resident(2024)
    rule = "2024 counts taken back by national growth"
    printed = {name: plans.get(region, year, f"{name}_participants") for name in ("uebps", "resident", "pension")}
    if printed["uebps"] and printed["resident"]:
        employees, resident = printed["uebps"].value, printed["resident"].value
        rule = f"plan totals {printed['uebps'].ids} and {printed['resident'].ids}, split by rule"
    elif printed["pension"]:
        scale = printed["pension"].value / (employees + resident)
        employees, resident = employees * scale, resident * scale
        rule += f", scaled to the plan total {printed['pension'].ids}"
    by_share = employees * retired_share(stats, country, region, year)
    taken_back = _back(region, "retirees", country.retirees, year)
    retirees = by_share if year < 2016 else taken_back
    beneficiaries = _back(region, "beneficiaries", country.beneficiaries, year)
    if not 0.0 < retirees < employees or not 0.0 < beneficiaries < resident:
        raise BasisError("split_leaves_totals", region=region, year=year)
    band = (min(by_share, taken_back, 0.95 * retirees), max(by_share, taken_back, 1.05 * retirees))
    return Split(employees - retirees, retirees, resident - beneficiaries, beneficiaries, rule, band)
