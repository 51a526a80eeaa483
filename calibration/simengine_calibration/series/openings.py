"""Opening positions: every figure a region starts from, printed, published, estimated or assumed, with a band.

A figure printed in the region's plan keeps the row id and the printed decimals. Estimates follow stated rules
(``simengine/notes/basis.md``, section 5); none uses a plan target.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from simengine.common.errors import BasisError
from simengine_calibration.series.tables import number_text
from simengine_calibration.sources.histories import typed_history
from simengine_calibration.sources.plans import PlanFigure, Plans

COLUMNS = (
    "indicator", "value", "unit", "decimals", "kind", "evidence", "source", "target_id", "band_low", "band_high",
    "plan_unit",
)  # fmt: skip
KINDS = ("plan", "published", "estimated", "assumed")
WIDTH = {"plan": 0.0, "published": 0.01, "estimated": 0.10, "assumed": 0.25}
"""Half width of the plausibility band relative to the value, unless a rule states its own."""

ADDITIVE_UNITS = ("persons", "yuan")

ENGINE_NAME = {
    "ui_participants": "unemployment_insured", "wi_participants": "injury_insured",
    "registered_unemp_rate": "registered_unemployment_rate", "surveyed_unemp_rate": "surveyed_unemployment_rate",
    "avg_enterprise_pension": "average_enterprise_pension", "basic_pension_avg": "basic_pension",
    "ui_benefit_month": "unemployment_benefit", "oa_fund_size": "occupational_annuity", "min_wage": "minimum_wage",
    "delegated_share_new_surplus": "resident_entrusted_share",
}  # fmt: skip
"""Plan indicators that the engine knows under another name; both names are written, with the same row id."""

OF_THE_YEARS_BEFORE = ("avg_enterprise_pension_growth",)
"""Plan indicators that measure the years before the opening: no position, but a reference of the free run."""


@dataclass(frozen=True)
class Opening:
    """One figure of an opening position, in base units.

    Attributes
    ----------
    decimals : printed decimals in the plan's unit, -1 when nothing is printed
    band : plausible low and high value
    """

    indicator: str
    value: float
    unit: str
    kind: str
    evidence: str
    source: str
    band: tuple[float, float]
    decimals: int = -1
    target_id: str = ""
    plan_unit: str = ""

    def row(self) -> tuple[object, ...]:
        """Cells in the order of `COLUMNS`."""
        return (
            self.indicator, number_text(self.value, self.unit), self.unit, self.decimals if self.decimals >= 0 else "",
            self.kind, self.evidence, self.source, self.target_id, number_text(self.band[0], self.unit),
            number_text(self.band[1], self.unit), self.plan_unit,
        )  # fmt: skip


class Position:
    """Openings of one basis in the making; printed figures win over estimates of the same name."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.rows: dict[str, Opening] = {}

    def __getitem__(self, indicator: str) -> float:
        return self.rows[indicator].value

    def __contains__(self, indicator: str) -> bool:
        return indicator in self.rows

    def put(
        self, indicator: str, value: float, unit: str, kind: str, evidence: str, source: str,
        band: tuple[float, float] | None = None, width: float | None = None,
    ) -> None:  # fmt: skip
        """Add one figure unless the plan prints it; persons and yuan are whole."""
        if indicator in self.rows:
            return
        if kind not in KINDS:
            raise ValueError(f'kind "{kind}" of {indicator} in {self.name}; allowed: {", ".join(KINDS)}')
        value = float(round(value)) if unit in ADDITIVE_UNITS else value
        half = WIDTH[kind] if width is None else width
        low, high = band or (value * (1.0 - half), value * (1.0 + half))
        self.rows[indicator] = Opening(
            indicator, value, unit, kind, evidence, source, (min(low, value), max(high, value))
        )

    def put_plan(self, figures: Iterable[PlanFigure]) -> None:
        """Add printed figures under their plan name and, where it differs, under the engine's name."""
        for figure in figures:
            if figure.indicator in OF_THE_YEARS_BEFORE:
                continue
            if figure.alternative:
                self.put_alternative(figure)
                continue
            name = figure.indicator
            value = float(round(figure.value)) if figure.unit in ADDITIVE_UNITS else figure.value
            band = (value - figure.half_unit, value + figure.half_unit)
            opening = Opening(
                name, value, figure.unit, "plan", "seed", f"plan figure, printed {figure.printed} {figure.plan_unit}",
                band, figure.decimals, figure.ids, figure.plan_unit,
            )  # fmt: skip
            self.rows[name] = opening
            engine = ENGINE_NAME.get(figure.indicator)
            if engine:
                self.rows[engine] = replace(opening, indicator=engine)

    def put_alternative(self, figure: PlanFigure) -> None:
        """A second, different value that the plan prints: the first one is taken, both together span the band."""
        taken = self.rows[figure.indicator]
        value = float(round(figure.value)) if figure.unit in ADDITIVE_UNITS else figure.value
        band = (min(taken.band[0], value - figure.half_unit), max(taken.band[1], value + figure.half_unit))
        text = (
            f"second value the plan prints, {figure.printed} {figure.plan_unit} ({figure.ids}); the opening takes the "
            f"first ({taken.target_id})"
        )
        self.put(f"{figure.indicator}_alternative", value, figure.unit, "published", "seed", text, band)

    def table(self) -> list[tuple[object, ...]]:
        return [opening.row() for opening in self.rows.values()]


# --- members and recipients -----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Heads:
    """Persons of a region at its opening, by the stated rules."""

    enterprise: float
    flexible: float
    public: float
    paused: float
    retirees: float
    public_retirees: float
    registered: float
    beneficiaries: float

    @property
    def active(self) -> float:
        return self.enterprise + self.flexible + self.public + self.paused


def put_heads(
    position: Position, heads: Heads, rule: str, widths: Mapping[str, float], retirees_band: tuple[float, float] | None,
    kind: str = "estimated", evidence: str = "assumption",
) -> None:  # fmt: skip
    """Members by status, pensioners by scheme and residents; `widths` are half widths of bands by indicator."""

    def put(indicator: str, value: float, band: tuple[float, float] | None = None) -> None:
        position.put(indicator, value, "persons", kind, evidence, rule, band, widths.get(indicator, 0.10))

    put("enterprise_payers", heads.enterprise)
    put("flexible_payers", heads.flexible)
    put("public_payers", heads.public)
    put("paused_members", heads.paused)
    enterprise_band = None
    if retirees_band is not None:
        enterprise_band = (retirees_band[0] - heads.public_retirees, retirees_band[1] - heads.public_retirees)
    put("enterprise_pensioners", heads.retirees - heads.public_retirees, enterprise_band)
    put("public_pensioners", heads.public_retirees)
    put("resident_registered", heads.registered)
    put("resident_beneficiaries", heads.beneficiaries)
    position.put(
        "dual_members", 0.0, "persons", "estimated", "computed",
        "printed totals of all pensions are the plain sum of both schemes (99,864 = 45,621 + 54,244 but for rounding)",
        (0.0, 0.03 * heads.registered),
    )  # fmt: skip


# --- benefits -------------------------------------------------------------------------------------------------------


def put_benefits(
    position: Position, enterprise: tuple[float, str, str, str], public: tuple[float, str],
    resident: tuple[float, float], others: Mapping[str, float],
) -> None:  # fmt: skip
    """Average pensions and standards.

    Parameters
    ----------
    enterprise : mean enterprise pension [yuan/month], kind, evidence, source
    public : mean public over mean enterprise pension, and what says so
    resident : mean resident pension in payment and the supplement in it [yuan/month]
    others : basic_pension, minimum_wage, unemployment_benefit of the year [yuan/month], from the basis's own paths
    """
    unit = "yuan per month"
    value, kind, evidence, source = enterprise
    position.put("average_enterprise_pension", value, unit, kind, evidence, source, width=0.05)
    mean = position["average_enterprise_pension"]
    position.put(
        "average_public_pension", mean * public[0], unit, "estimated", "assumption",
        f"enterprise mean x {public[0]:.3f} ({public[1]})", width=0.12,
    )  # fmt: skip
    for indicator, amount in others.items():
        position.put(
            indicator, amount, unit, "estimated", "assumption", "value of paths.csv in the opening year", width=0.08
        )
    text = "base, supplement and account part"
    position.put("resident_average_benefit", resident[0], unit, "estimated", "assumption", text, width=0.15)
    account = position["resident_average_benefit"] - position["basic_pension"] - resident[1]
    text = "mean pension less base and supplement"
    position.put("resident_account_pension", account, unit, "estimated", "computed", text, width=0.50)


# --- unemployment, injury, rates ------------------------------------------------------------------------------------


def put_branches(
    position: Position, insured: Mapping[str, tuple[float, str]], claimants: tuple[float, str], kind: str = "estimated"
) -> None:
    """Insured of unemployment and work injury, claimants, annuitants; `insured` gives value and source."""
    evidence = "computed" if kind == "estimated" else "published"
    for indicator, (value, source) in insured.items():
        position.put(indicator, value, "persons", kind, evidence, source)
    width = 0.30 if kind == "estimated" else 0.02
    position.put("unemployment_claimants", claimants[0], "persons", kind, evidence, claimants[1], width=width)
    position.put(
        "injury_annuitants", position["injury_insured"] * 0.0012, "persons", "assumed", "assumption",
        "12 per 10,000 insured: grades 1-4 of three decades", width=0.50,
    )  # fmt: skip


def put_rates(position: Position, rates: Mapping[str, float], unit: str = "1") -> None:
    """Rates taken from the basis's own paths in the opening year."""
    for indicator, value in rates.items():
        position.put(indicator, value, unit, "estimated", "assumption", "value of paths.csv in the opening year")


def put_coverage(position: Position, participants: float, adults: float, national_ratio: float, hukou: float) -> None:
    """Coverable population: participants over the printed rate, else adults at the national ratio [persons].

    A rate may count people with the province's registration only (Haiyan); registered adults at the national ratio
    are named beside such a denominator.
    """
    rate = position.rows.get("pension_coverage_rate")
    estimate = adults * min(hukou, 1.0) * national_ratio
    if rate is not None:
        value, source = participants / rate.value, "participants over the printed coverage rate"
        if hukou < 1.0:
            source += f"; registered adults at the national ratio would be {estimate:.0f}"
    else:
        value, source = estimate, f"people of 16 and over x {national_ratio:.4f}"
        if hukou < 1.0:
            source += f" x registered over resident {hukou:.3f}"
    position.put("coverage_population", value, "persons", "estimated", "assumption", source, width=0.05)
    if "pension_coverage_rate" not in position:
        text = "participants over coverable population"
        position.put("pension_coverage_rate", participants / value, "1", "estimated", "computed", text, width=0.03)


def put_obliged(position: Position) -> None:
    """Employees obliged to be insured against unemployment [persons]."""
    rate = position.rows.get("ui_coverage_rate")
    insured = position["unemployment_insured"]
    if rate is not None:
        position.put("ui_obliged_population", insured / rate.value, "persons", "estimated", "computed",
                     "insured over the printed coverage rate", width=0.02)  # fmt: skip
    else:
        position.put("ui_obliged_population", insured / 0.90, "persons", "assumed", "assumption",
                     "insured over 0.90, no rate printed", width=0.10)  # fmt: skip


# --- funds ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Balances:
    """Fund balances of a region at its opening [yuan]."""

    employees: float
    resident: float
    unemployment: float
    injury: float
    annuity: float

    def scaled(self, total: float) -> Balances:
        """Pension, resident, unemployment and injury funds scaled to a printed total of the three schemes."""
        factor = total / (self.employees + self.resident + self.unemployment + self.injury)
        return Balances(
            self.employees * factor,
            self.resident * factor,
            self.unemployment * factor,
            self.injury * factor,
            self.annuity,
        )


def put_funds(
    position: Position, balances: Balances, public_share: float, entrusted: tuple[float, float], rule: str, width: float
) -> None:
    """Six fund balances and the entrusted principal; `entrusted` is (resident, enterprise) in yuan."""
    values = {
        "fund_balance_enterprise_pension": balances.employees * (1.0 - public_share),
        "fund_balance_public_pension": balances.employees * public_share,
        "fund_balance_resident": balances.resident,
        "fund_balance_unemployment": balances.unemployment,
        "fund_balance_work_injury": balances.injury,
    }
    for indicator, value in values.items():
        position.put(indicator, value, "yuan", "estimated", "assumption", rule, width=width)
    text = "national fund by public payers"
    position.put("occupational_annuity", balances.annuity, "yuan", "estimated", "assumption", text, width=0.35)
    annuity = position.rows["occupational_annuity"]
    position.rows["fund_balance_occupational_annuity"] = replace(annuity, indicator="fund_balance_occupational_annuity")
    resident, enterprise = entrusted
    position.put("entrusted_resident", resident, "yuan", "estimated", "assumption",
                 "80 % of the new surplus of 2019 and 2020 (the programme's first years)", width=0.40)  # fmt: skip
    position.put("entrusted_enterprise", enterprise, "yuan", "estimated", "assumption",
                 "balance of the enterprise fund x national entrusted share", width=0.40)  # fmt: skip


def national_entrusted_share(year: int) -> float:
    """Entrusted part of the enterprise fund, nation [1]."""
    return typed_history("behaviour", "entrusted_share_enterprise").at(year)


# --- partition ------------------------------------------------------------------------------------------------------


def largest_remainder(total: float, weights: Sequence[float]) -> list[float]:
    """Whole parts of a whole total in proportion to weights; the parts add up exactly."""
    total = round(total)
    size = sum(weights)
    if size <= 0.0:
        raise BasisError("weights_all_zero")
    exact = [total * weight / size for weight in weights]
    parts = [int(value) for value in exact]
    order = sorted(range(len(parts)), key=lambda i: (parts[i] - exact[i], i))
    for i in order[: int(total - sum(parts))]:
        parts[i] += 1
    return [float(part) for part in parts]


def split_position(city: Position, areas: Mapping[str, Position], weights: Mapping[str, Sequence[float]]) -> None:
    """Openings of the areas of a partition: head counts and money split, everything else the city's.

    Parameters
    ----------
    areas : positions that already hold the printed figures of the areas
    weights : by indicator, one weight an area; ``*`` stands for the others. A printed figure of an area is kept.
    """
    names = list(areas)
    for indicator, opening in city.rows.items():
        if all(indicator in area for area in areas.values()):
            continue
        if opening.unit in ADDITIVE_UNITS:
            parts = largest_remainder(opening.value, weights.get(indicator, weights["*"]))
        else:
            parts = [opening.value] * len(names)
        for name, part in zip(names, parts, strict=True):
            kind = "estimated" if opening.kind == "plan" else opening.kind
            evidence = "assumption" if opening.kind == "plan" else opening.evidence
            how = "split of the city" if opening.unit in ADDITIVE_UNITS else "value of the city"
            low, high = opening.band
            factor = part / opening.value if opening.unit in ADDITIVE_UNITS and opening.value else 1.0
            areas[name].rows[indicator] = Opening(
                indicator, part, opening.unit, kind, evidence, f"{how}: {opening.source}", (low * factor, high * factor)
            )


def plan_position(name: str, plans: Plans, region: str, year: int) -> Position:
    """A position holding the printed figures of a region."""
    position = Position(name)
    position.put_plan(plans.figures(region, year))
    return position
