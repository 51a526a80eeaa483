"""Enacted retirement rules built by hand, and the tables of one cohort by plain loops, as an independent reference.

Only the parameter classes and `divisor_at`, itself tested against fractions, are the engine's.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from simengine.law.divisor import DivisorRule, divisor_at
from simengine.law.retirement import AgePath, CareerRules, RetirementRules, RetirementTables, YearTable
from simengine.registry.axes import CAREER

MEN, WOMEN_55, WOMEN_50 = AgePath(720, 4, 36), AgePath(660, 4, 36), AgePath(600, 2, 60)
ANNEX = (233, 230, 226, 223, 220, 216, 212, 208, 204, 199, 195, 190, 185, 180, 175, 170)
ANNEX += (164, 158, 152, 145, 139, 132, 125, 117, 109, 101, 93, 84, 75, 65, 56)
DIVISOR = DivisorRule(40, ANNEX)
MINIMUM = YearTable.of(2029, range(180, 241, 6))
CHOICE = {
    "early_limit": YearTable.constant(36.0),
    "late_limit": YearTable.constant(36.0),
    "early_window": YearTable.constant(5.0),
    "chosen_minimum": YearTable.constant(1.0),
}
"""Widest choice either way [months], ages before the old one that may leave early, minimum of the chosen month."""
FADE = (0.11, 0.09, 0.07, 0.05)
"""Early hazard to 2024, of 2025, of 2026, and from 2027 on."""


def career(
    path: AgePath,
    *,
    early: float = 0.35,
    late: float = 0.03,
    arduous: float = 0.02,
    arduous_age: int | None = None,
    hazard: tuple[float, ...] = FADE,
) -> CareerRules:
    arduous_age = arduous_age or {720: 660}.get(path.old_age_months, 540)
    constant = YearTable.constant
    return CareerRules(path, constant(early), constant(late), arduous_age, arduous, YearTable.of(2024, hazard))


def make(paths: tuple[AgePath, ...] = (MEN, WOMEN_55, WOMEN_50), **shares: Any) -> RetirementRules:
    careers = tuple(career(path, **shares) for path in paths)
    return RetirementRules(careers, MINIMUM, DIVISOR, earliest_share=0.5, **CHOICE)


def reference_cohort(cohort: int, position: int, rules: RetirementRules) -> dict[int, dict[str, float]]:
    """Tables of one cohort by plain loops over birth months, choices and years."""
    law = rules.careers[position]
    path = law.path
    awards: list[tuple[int, float, float, float]] = []  # month, weight, divisor, threshold months

    def add(birth: int, month: int, weight: float, minimum_year: int) -> None:
        need = rules.minimum.values[min(max(minimum_year - rules.minimum.first_year, 0), len(rules.minimum.values) - 1)]
        awards.append((month, weight / 12, float(divisor_at(month - birth, rules.divisor)), need))

    for birth in range(12 * cohort, 12 * cohort + 12):
        n = birth + path.old_age_months - path.first_affected_month
        delay = 0 if n < 0 else min(path.cap, (n // path.step + 1) * path.delay_per_step)
        statutory = birth + path.old_age_months + delay
        year = statutory // 12
        rest, hard = 1.0, birth + law.arduous_age_months
        if rules.arduous_from <= hard < statutory and law.arduous_share:
            add(birth, hard, law.arduous_share, hard // 12)
            rest -= law.arduous_share
        stays = 1.0
        if rules.flexible_from is not None:
            earliest = max(
                birth + path.old_age_months + max(0, delay - int(rules.early_limit.at(year))), rules.flexible_from
            )
            share = float(law.early_share.at(year)) if earliest < statutory else 0.0
            others = list(range(earliest + 1, statutory))
            if share:
                deciding = earliest // 12 if rules.chosen_minimum.at(earliest // 12) else year
                add(birth, earliest, rest * share * (rules.earliest_share if others else 1.0), deciding)
            for month in others:
                deciding = month // 12 if rules.chosen_minimum.at(month // 12) else year
                add(birth, month, rest * share * (1 - rules.earliest_share) / len(others), deciding)
            late = float(law.late_share.at(year)) if statutory >= rules.flexible_from else 0.0
            latest = int(rules.late_limit.at(year))
            late = late if latest else 0.0
            for month in range(statutory + 1, statutory + latest + 1):
                add(birth, month, rest * late / latest, year)
            stays -= share + late
        add(birth, statutory, rest * stays, year)

    found: dict[int, dict[str, float]] = {}
    old_age, present = path.old_age_months // 12, 1.0
    for year in range(cohort, cohort + 80):
        cell_awards = [award for award in awards if award[0] // 12 == year and award[1] > 0]
        left = sum(award[1] for award in awards if award[0] // 12 >= year)
        if left == 0:
            break
        scale = present / left
        mine = [(month % 12 + 1, weight * scale, divisor, need) for month, weight, divisor, need in cell_awards]
        table, exposed = law.early_hazard, old_age - rules.early_window.at(year) <= year - cohort < old_age
        position = min(max(year - table.first_year, 0), len(table.values) - 1)
        hazard = table.values[position] if exposed else 0.0
        if hazard:
            mine = [(m, w * (1 - hazard), d, need) for m, w, d, need in mine]
            for birth_month in range(1, 13):
                age = 12 * (year - cohort) + rules.undated_month - birth_month
                need = float(rules.minimum.at(year))
                mine.append((rules.undated_month, present * hazard / 12, float(divisor_at(age, rules.divisor)), need))
        total = sum(w for _, w, _, _ in mine)
        if total == 0:
            continue
        terms = {
            "mean_month": lambda m, d: m / 12,
            "inverse_divisor": lambda m, d: 1 / d,
            "month_inverse_divisor": lambda m, d: m / 12 / d,
            "pension_year_share": lambda m, d: (12 - m) / 12,
            "month_pension_share": lambda m, d: m / 12 * (12 - m) / 12,
            "inverse_divisor_pension_share": lambda m, d: (12 - m) / 12 / d,
            "month_inverse_divisor_pension_share": lambda m, d: m / 12 * (12 - m) / 12 / d,
        }
        found[year] = {name: sum(w * term(m, d) for m, w, d, _ in mine) / total for name, term in terms.items()}
        found[year]["threshold_years"] = sum(w * need / 12 for _, w, _, need in mine) / total
        found[year]["hazard"] = total / present
        found[year]["weight"] = total
        present -= total
    return found


def year_weights(tables: RetirementTables, cohort: int, who: str) -> np.ndarray:
    """Share of a cohort that retires in each year, rebuilt from the hazards; zero outside the table's ages [year]."""
    ages = tables.years - cohort
    inside = (ages >= 0) & (ages < tables.hazard.shape[2])
    hazard = np.zeros(len(tables.years))
    hazard[inside] = tables.hazard[np.flatnonzero(inside), CAREER.index(who), ages[inside]]
    return np.asarray(np.concatenate(([1.0], np.cumprod(1.0 - hazard)[:-1])) * hazard)
