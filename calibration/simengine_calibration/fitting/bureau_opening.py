"""The opening of a bureau's region: its own figures, else those of the basis it borrows from, at its population.

What is not given moves with what is: claimants with the insured, balances with those they are for, totals with their
parts. Every figure keeps kind, evidence, source and band. Rule: notes/bureau.md.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from simengine.basis.basis import Basis
from simengine.basis.values import Opening as Known
from simengine.common.errors import SimengineError
from simengine.judge.checks.free_run import RECALLED
from simengine_calibration.fitting.bureau import ADDITIVE, FittedTables, TablesProblem, source_of
from simengine_calibration.series.openings import ENGINE_NAME, WIDTH, Opening

STATUSES = ("enterprise_payers", "flexible_payers", "public_payers", "paused_members")
PENSIONERS = ("enterprise_pensioners", "public_pensioners")
RESIDENTS = ("resident_registered", "resident_beneficiaries")
EMPLOYEES_FUNDS = ("fund_balance_enterprise_pension", "fund_balance_public_pension")
HEAD_LEVELS = (*STATUSES, "resident_registered", "unemployment_insured", "injury_insured")
"""Opening figures that are levels of the run as well."""

STANDARDS = ("basic_pension", "minimum_wage", "unemployment_benefit")
RATES = ("registered_unemployment_rate", "surveyed_unemployment_rate", "resident_paying_share")
"""Opening figures that are series of the same name."""

OBSERVED_AS = {
    "resident_registered": "resident_registered", "resident_recipients": "resident_beneficiaries",
    "unemployment_insured": "unemployment_insured", "unemployment_claimants": "unemployment_claimants",
    "injury_insured": "injury_insured", "mean_enterprise_pension": "average_enterprise_pension",
    "resident_balance": "fund_balance_resident", "unemployment_balance": "fund_balance_unemployment",
    "injury_balance": "fund_balance_work_injury",
}  # fmt: skip
"""Observations of the base year that are an opening figure, where the bureau leaves the latter empty."""

TOTALS = {
    "members": STATUSES, "pensioners": PENSIONERS, "participants": (*STATUSES, *PENSIONERS),
    "resident_participants": RESIDENTS, "balance": EMPLOYEES_FUNDS,
}  # fmt: skip
"""Observations of the base year that are shared by opening figures the bureau leaves empty."""

FOLLOWS = {
    "unemployment_claimants": "unemployment_insured", "ui_obliged_population": "unemployment_insured",
    "injury_annuitants": "injury_insured", "average_public_pension": "average_enterprise_pension",
    "fund_balance_enterprise_pension": "enterprise_pensioners", "fund_balance_public_pension": "public_pensioners",
    "fund_balance_resident": "resident_beneficiaries", "fund_balance_unemployment": "unemployment_insured",
    "fund_balance_work_injury": "injury_insured", "occupational_annuity": "public_payers",
    "entrusted_enterprise": "fund_balance_enterprise_pension", "entrusted_resident": "fund_balance_resident",
}  # fmt: skip
"""Figures left empty -> the given figure they move with."""

OF_A_PLAN = (*ENGINE_NAME, "resident_entrusted_share", "fund_balance_3schemes", "pension_payment_rate")
"""Figures of the lending region's plan that no bureau is asked for: not borrowed."""

SUM_GAP = 0.03


@dataclass
class OwnOpening:
    """Opening of a bureau's region in the making.

    Attributes
    ----------
    given : figures that rest on the bureau's tables, not on the basis borrowed from
    """

    tables: FittedTables
    lender: Basis
    rows: dict[str, Opening] = field(default_factory=dict)
    given: set[str] = field(default_factory=set)
    faults: list[SimengineError] = field(default_factory=list)

    def value(self, indicator: str) -> float:
        """Value of one figure in base units."""
        return self.rows[indicator].value

    def put(self, indicator: str, value: float, unit: str, evidence: str, source: str, own: bool = True) -> None:
        """Set one figure; persons and yuan are whole, the band has the width of its kind."""
        value = float(round(value)) if unit in ADDITIVE else value
        kind = kind_of(evidence)
        half = WIDTH[kind] * abs(value)
        self.rows[indicator] = Opening(
            indicator, value, unit, kind, evidence, source, (max(0.0, value - half), value + half)
        )
        if own:
            self.given.add(indicator)


def kind_of(evidence: str) -> str:
    """Kind of an opening figure by its evidence."""
    if evidence in RECALLED or evidence in ("computed", "derived"):
        return "assumed" if evidence == "assumption" else "estimated"
    return "published"


def opening_of(tables: FittedTables, lender: Basis) -> OwnOpening:
    """Opening of a bureau's region, consistent in itself; what cannot agree is in its `faults`.

    Parameters
    ----------
    lender : the region's own basis, or the one it borrows from
    """
    made = OwnOpening(tables, lender)
    made.rows = {name: _borrowed(one, tables, lender) for name, one in lender.openings.items() if _kept(name, tables)}
    before = {name: row.value for name, row in made.rows.items()}
    _put_given(made)
    _put_totals(made)
    if not tables.own:
        _follow(made, before)
    _put_residents(made)
    _put_sums(made)
    _put_aliases(made)
    return made


def _kept(name: str, tables: FittedTables) -> bool:
    return tables.own or not (name in OF_A_PLAN or name.endswith("_alternative"))


def _borrowed(known: Known, tables: FittedTables, lender: Basis) -> Opening:
    """A figure of the lender: as it stands where it is the region's own, else at the share of population."""
    decimals = -1 if known.decimals is None else known.decimals
    as_is = Opening(
        known.indicator, known.value, known.unit, known.kind, known.evidence, known.source, known.band, decimals,
        "|".join(known.target_ids), known.plan_unit,
    )  # fmt: skip
    if tables.own:
        return as_is
    share = 1.0 / tables.size if known.unit in ADDITIVE else 1.0
    value = float(round(known.value * share)) if known.unit in ADDITIVE else known.value
    low, high = (bound * share for bound in known.band)
    half = WIDTH["estimated"] * value
    how = f"{lender.name} x {share:z.6g}, share of population" if share != 1.0 else f"value of {lender.name}"
    return Opening(
        known.indicator, value, known.unit, "estimated", "assumption", f"{how}: {known.source}",
        (min(low, value - half), max(high, value + half)),
    )  # fmt: skip


def _put_given(made: OwnOpening) -> None:
    """The bureau's figures: the opening, else the level, else the observation of the base year."""
    bureau = made.tables.bureau
    year = bureau.about.base_year
    for figure in bureau.opening:
        text = figure.source or "assumption of the bureau, no source stated"
        made.put(figure.indicator, figure.value, figure.unit, figure.evidence, text)
    for level in bureau.levels:
        if level.year == year and level.series in made.rows and level.series not in made.given:
            made.put(level.series, level.value, level.unit, level.evidence, source_of(level))
    for seen in bureau.observations:
        name = OBSERVED_AS.get(seen.series, "")
        if seen.year == year and name and name not in made.given:
            made.put(name, max(0.0, seen.value), seen.unit, seen.evidence, source_of(seen))


def _put_totals(made: OwnOpening) -> None:
    """Totals observed at the end of the base year, shared by what is not given in the lender's proportions."""
    bureau = made.tables.bureau
    seen = {one.series: one for one in bureau.observations if one.year == bureau.about.base_year}
    for series, parts in TOTALS.items():
        if series not in seen or seen[series].value <= 0.0:
            continue
        total = seen[series]
        stated = sum(made.value(name) for name in parts if name in made.given)
        left = [name for name in parts if name not in made.given]
        rest = total.value - stated
        gap = abs(rest) > SUM_GAP * total.value if not left else rest < 0.0
        if gap:
            values = {"name": series, "value": f"{total.value:z_.0f}", "implied": f"{stated:z_.0f}"}
            made.faults.append(TablesProblem("share_sum", where=total.where, **values))
            continue
        whole = sum(made.value(name) for name in left)
        for name in left:
            text = f"{series} of {total.year} less the parts given, in the proportions of {made.lender.name}"
            part = rest * made.value(name) / whole if whole > 0.0 else rest / len(left)
            made.put(name, part, total.unit, "computed", f"{text}; {source_of(total)}")


def _follow(made: OwnOpening, before: Mapping[str, float]) -> None:
    """What is left empty moves with what is given."""
    for name, leader in FOLLOWS.items():
        if name in made.given or name not in made.rows or not before.get(leader):
            continue
        factor = made.value(leader) / before[leader]
        if factor != 1.0:
            row = made.rows[name]
            text = f"{row.source}; x {factor:z.5g} with {leader}"
            value = float(round(row.value * factor)) if row.unit in ADDITIVE else row.value * factor
            low, high = (bound * factor for bound in row.band)
            made.rows[name] = replace(row, value=value, source=text, band=(min(low, value), max(high, value)))


def _put_residents(made: OwnOpening) -> None:
    """Mean pension of residents = base pension + supplement + account pension, whichever is not given."""
    base, year = made.value("basic_pension"), made.tables.bureau.about.base_year
    supplement = float(made.lender.path("resident_supplement", [year])[0])
    account, mean, unit = "resident_account_pension", "resident_average_benefit", "yuan per month"
    if mean in made.given and account not in made.given:
        made.put(account, made.value(mean) - base - supplement, unit, "computed", "mean pension less base, supplement")
    elif {"basic_pension", account} & made.given and mean not in made.given:
        made.put(mean, base + supplement + made.value(account), unit, "computed", "base, supplement, account pension")
    row, implied = made.rows[mean], base + supplement + made.value(account)
    if made.value(account) < 0.0 or abs(implied / row.value - 1.0) > WIDTH["estimated"]:
        where = next((one.where for one in made.tables.bureau.opening if one.indicator == mean), "")
        values = {"name": mean, "value": f"{row.value:z.2f}", "implied": f"{base + supplement:z.2f} + account pension"}
        made.faults.append(TablesProblem("share_sum", where=where, **values))
    made.rows[mean] = replace(row, band=(min(row.band[0], implied), max(row.band[1], implied)))


def _put_sums(made: OwnOpening) -> None:
    """Totals of both schemes, and the coverage rate with its denominator."""
    sums = {
        "uebps_participants": (*STATUSES, *PENSIONERS), "resident_participants": RESIDENTS,
        "pension_participants": (*STATUSES, *PENSIONERS, *RESIDENTS),
    }  # fmt: skip
    for name, parts in sums.items():
        if not made.tables.own or made.given & set(parts):
            total = sum(made.value(part) for part in parts)
            made.put(name, total, "persons", "computed", "members, pensioners and residents by part", own=False)
            made.rows.pop(f"{name}_alternative", None)
            made.given |= {name} if made.tables.own else set()
    people = made.value("pension_participants")
    rate, coverable = "pension_coverage_rate", "coverage_population"
    touched = not made.tables.own or bool({"pension_participants", rate, coverable} & made.given)
    if rate in made.given and coverable in made.given:
        implied = people / made.value(coverable)
        if abs(implied / made.value(rate) - 1.0) > SUM_GAP:
            where = next(one.where for one in made.tables.bureau.opening if one.indicator == rate)
            values = {"name": rate, "value": f"{made.value(rate):z.4f}", "implied": f"{implied:z.4f}"}
            made.faults.append(TablesProblem("share_sum", where=where, **values))
        low, high = made.rows[rate].band
        made.rows[rate] = replace(made.rows[rate], band=(min(low, implied), max(high, implied)))
    elif rate in made.given:
        made.put(coverable, people / made.value(rate), "persons", "computed", f"participants over {rate}", own=False)
    elif touched:
        value = people / made.value(coverable)
        made.put(rate, value, "1", "computed", "participants over coverable population", own=False)


def _put_aliases(made: OwnOpening) -> None:
    """The occupational annuity under both its names; names of a plan for figures the bureau has replaced."""
    annuity = made.rows["occupational_annuity"]
    fund = "fund_balance_occupational_annuity"
    made.rows[fund] = replace(annuity, indicator=fund)
    for alias, name in ENGINE_NAME.items():
        if alias in made.rows and name in made.given:
            made.rows[alias] = replace(made.rows[name], indicator=alias)
            made.rows.pop(f"{alias}_alternative", None)
    if {
        *EMPLOYEES_FUNDS,
        "fund_balance_resident",
        "fund_balance_unemployment",
        "fund_balance_work_injury",
    } & made.given:
        made.rows.pop("fund_balance_3schemes", None)
    if {*STATUSES, "resident_registered", "resident_paying_share"} & made.given:
        made.rows.pop("pension_payment_rate", None)
