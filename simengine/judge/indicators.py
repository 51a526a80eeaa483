"""What a plan measures, computed from a projection.

An indicator is a name, a unit and a definition in two languages (``indicators.yaml``) and a function of the projection.
Values come in base units: persons, yuan, yuan/month, shares as fractions, months, years. Stocks carry ``year_end``,
flows and rates carry ``year``; a figure "of 2025" is the one labelled 2025. Where a plan leaves a definition open, the
reading is a named parameter of `Definitions`, never a hidden choice.

Variables read
--------------
Dimensions are ``(scenario, draw, region, [axis], year_end | year)``.

On ``year_end``:

=========================== ======== ================================================================================
population                  sex, age  residents [persons]
members                     status    employees' scheme, working age, paused included, ``dual`` included [persons]
enterprise_pensioners                 old-age pensioners of the enterprise fund [persons]
public_pensioners                     old-age pensioners of the public-sector fund [persons]
invalidity_recipients       any       on invalidity pay before the statutory age, not in members [persons]
resident_contributors                 resident scheme, paying this year, ``dual`` included [persons]
resident_paused                       resident scheme, registered below 60 and not paying [persons]
resident_beneficiaries                resident scheme, drawing [persons]
dual_members                          counted in both schemes' own figures, once in the all-pension total [persons]
unemployment_insured                  [persons]
unemployment_claimants                [persons]
injury_insured                        all insured, project-insured included [persons]
coverage_population                   denominator of the pension coverage rate [persons]
ui_obliged_population                 employees obliged to be insured against unemployment [persons]
enterprise_pension_mass               pensions in payment [yuan/month]
public_pension_mass                   [yuan/month]
resident_pension_mass                 base and account part [yuan/month]
fund_balance                fund      own account [yuan]
entrusted_principal         fund      [yuan]
=========================== ======== ================================================================================

On ``year``:

=========================== =========== =============================================================================
income                      fund, item  own account [yuan]
outgo                       fund, item  own account [yuan]
insurable_earnings          fund        contribution base of the payers [yuan]
enterprise_gross_enlargement            entrants as enterprise payers, switches included [persons]
entries_*, admitted_actives             entrants of the employees' scheme by way of entry [persons]
awards, new_award_mass                  new old-age pensions [persons], [yuan/month]
injury_cases                            recognised cases [persons]
wage, minimum_wage                      [yuan/month]
unemployment_benefit                    standard [yuan/month]
basic_pension_standard                  resident scheme [yuan/month]
rural_income, urban_income              disposable income a head [yuan]
surveyed_, registered_unemployment_rate  [1]
resident_new_surplus, _newly_entrusted  change of the resident fund's balance, entrusted part [yuan]
=========================== =========== =============================================================================
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from simengine.common import resources
from simengine.common.elementwise import root
from simengine.common.errors import ModelError, TargetError, closest
from simengine.registry.axes import INCOME_ITEM, OUTGO_ITEM, PAYER_STATUS

if TYPE_CHECKING:
    import xarray as xr

PENSION_FUND = ("enterprise_pension", "public_pension")
"""The two funds of the employees' scheme."""

KEPT = ("scenario", "draw", "region", "fund", "year_end", "year")
"""Dimensions an indicator may keep; every other axis is summed."""


# --- open definitions -----------------------------------------------------------------------------------------------

READINGS: dict[str, tuple[str, ...]] = {
    "pension_scope": ("all_participants", "insured_not_yet_drawing"),
    "payment_rate_def": ("payers_over_insured", "payers_and_recipients_over_participants"),
    "protection_level_def": ("average_to_rural_income", "base_to_rural_income", "average_to_urban_income"),
    "resident_benefit_def": ("year_end_average", "spending_per_recipient"),
}
"""Readings of each open definition, the default first; the texts are in ``indicators.yaml``."""

ANY = "*"
"""Stands for every region that a mapping of readings does not name."""


def _default_scope() -> dict[str, str]:
    """The scope of each plan that has one of its own (``scopes`` of ``indicators.yaml``); areas have their city's."""
    from simengine.law.regions import load_regions

    known = load_regions(resources.scenarios_root() / "regions.yaml")
    scopes = {one: word for key, word in words()["scopes"].items() for one in (key, *known.children(key))}
    return {ANY: "all_participants"} | scopes


@dataclass(frozen=True)
class Definitions:
    """The readings in force, each for all regions (a word) or by region (a mapping with ``"*"`` for the rest).

    Defaults: notes/targets.md, section 3.
    """

    pension_scope: str | Mapping[str, str] = field(default_factory=_default_scope)
    payment_rate_def: str | Mapping[str, str] = "payers_over_insured"
    protection_level_def: str | Mapping[str, str] = "average_to_rural_income"
    resident_benefit_def: str | Mapping[str, str] = "year_end_average"

    def __post_init__(self) -> None:
        for name, readings in READINGS.items():
            given = getattr(self, name)
            for word in [given] if isinstance(given, str) else given.values():
                if word not in readings:
                    raise TargetError(
                        f'{name} has no reading "{word}"', allowed=", ".join(readings), hint=closest(word, readings)
                    )

    def reading(self, name: str, region: str) -> str:
        """The reading of one definition in one region."""
        given: str | Mapping[str, str] = getattr(self, name)
        if isinstance(given, str):
            return given
        return given.get(region, given.get(ANY, READINGS[name][0]))

    def with_reading(self, name: str, word: str) -> Definitions:
        """A copy in which one definition is read in one way everywhere."""
        return replace(self, **{name: word})


Compute = Callable[["xr.Dataset", Definitions], "xr.DataArray"]


# --- helpers --------------------------------------------------------------------------------------------------------


def _total(values: xr.DataArray) -> xr.DataArray:
    """Sum over every axis but scenario, draw, region, fund and time."""
    return values.sum([dim for dim in values.dims if dim not in KEPT])


def _closing(stock: xr.DataArray) -> xr.DataArray:
    """A stock at the end of each year, labelled by the year."""
    return stock.isel(year_end=slice(1, None)).rename(year_end="year")


def _opening(stock: xr.DataArray) -> xr.DataArray:
    """A stock at the start of each year, labelled by the year."""
    return stock.isel(year_end=slice(None, -1)).rename(year_end="year").assign_coords(year=stock.year_end.values[1:])


def _exposed(stock: xr.DataArray) -> xr.DataArray:
    """Mean of opening and closing stock: persons exposed during the year."""
    return 0.5 * (_opening(stock) + _closing(stock))


def _ratio(numerator: xr.DataArray, denominator: xr.DataArray) -> xr.DataArray:
    """Quotient; not a number where the denominator is not positive."""
    return (numerator / denominator).where(denominator > 0)


def _growth(series: xr.DataArray, years: int) -> xr.DataArray:
    """Growth over a number of years; not a number before the series is that long."""
    time = "year_end" if "year_end" in series.dims else "year"
    return series / series.shift({time: years}) - 1.0


def _annual(growth: xr.DataArray, years: int) -> xr.DataArray:
    """Growth over several years as a mean rate a year."""
    return growth.copy(data=root(1.0 + growth.values, years)) - 1.0


def _status(projection: xr.Dataset, *names: str) -> xr.DataArray:
    return _total(projection.members.sel(status=list(names)))


def _fund(projection: xr.Dataset, variable: str, *names: str) -> xr.DataArray:
    return projection[variable].sel(fund=list(names)).sum("fund")


def _by_reading(name: str, readings: Mapping[str, Compute]) -> Compute:
    """A function that takes, region by region, the reading in force."""

    def compute(projection: xr.Dataset, definitions: Definitions) -> xr.DataArray:
        regions = [str(region) for region in projection.region.values]
        chosen = [definitions.reading(name, region) for region in regions]
        parts = {word: readings[word](projection, definitions) for word in dict.fromkeys(chosen)}
        if len(parts) == 1:
            return next(iter(parts.values()))
        import xarray as xr

        pieces = [parts[word].isel(region=[position]) for position, word in enumerate(chosen)]
        return xr.concat(pieces, "region")

    return compute


# --- persons --------------------------------------------------------------------------------------------------------


def _payers(p: xr.Dataset) -> xr.DataArray:
    return _status(p, *PAYER_STATUS)


def _pensioners(p: xr.Dataset) -> xr.DataArray:
    return p["enterprise_pensioners"] + p["public_pensioners"]


def _drawing(p: xr.Dataset) -> xr.DataArray:
    """Persons who draw from either pension scheme."""
    return _pensioners(p) + _total(p["invalidity_recipients"]) + p["resident_beneficiaries"]


def _insured(p: xr.Dataset) -> xr.DataArray:
    """Persons insured in either pension scheme and not yet drawing, each counted once."""
    return _total(p["members"]) + p["resident_contributors"] + p["resident_paused"] - p["dual_members"]


def _all_participants(p: xr.Dataset) -> xr.DataArray:
    return _insured(p) + _drawing(p)


def _payment_rate_of_insured(p: xr.Dataset, _: Definitions) -> xr.DataArray:
    return _ratio(_payers(p) + p["resident_contributors"], _insured(p))


def _payment_rate_with_recipients(p: xr.Dataset, _: Definitions) -> xr.DataArray:
    return _ratio(_payers(p) + p["resident_contributors"] + _drawing(p), _all_participants(p))


# --- benefits -------------------------------------------------------------------------------------------------------


def _average_pension(p: xr.Dataset) -> xr.DataArray:
    return _ratio(p["enterprise_pension_mass"], p["enterprise_pensioners"])


def _resident_average(p: xr.Dataset) -> xr.DataArray:
    return _ratio(p["resident_pension_mass"], p["resident_beneficiaries"])


def _resident_spending(p: xr.Dataset) -> xr.DataArray:
    """Benefits of the year over recipients at its end, a month."""
    spent = p["outgo"].sel(fund="resident", outgo_item=OUTGO_ITEM[0], drop=True).rename(year="year_end")
    return _ratio(spent.reindex(year_end=p["year_end"]) / 12.0, p["resident_beneficiaries"])


def _to_income(monthly: xr.DataArray, income: xr.DataArray) -> xr.DataArray:
    return _ratio(12.0 * _closing(monthly), income)


def _financing(p: xr.Dataset, _: Definitions) -> xr.DataArray:
    paid = p["income"].sel(fund="resident", income_item=INCOME_ITEM[0], drop=True)
    return _ratio(_ratio(paid, _closing(p["resident_contributors"])), p["rural_income"])


# --- funds ----------------------------------------------------------------------------------------------------------


def _spending(p: xr.Dataset) -> xr.DataArray:
    return p["outgo"].sel(outgo_item=list(OUTGO_ITEM)).sum("outgo_item")


def _contributions(p: xr.Dataset) -> xr.DataArray:
    return p["income"].sel(income_item=INCOME_ITEM[0], drop=True)


def _benefits(p: xr.Dataset) -> xr.DataArray:
    return p["outgo"].sel(outgo_item=OUTGO_ITEM[0], drop=True)


def _reserve_ratio(p: xr.Dataset, _: Definitions) -> xr.DataArray:
    return _ratio(_closing(p["fund_balance"]), _spending(p))


def _by_pension_fund(enterprise: xr.DataArray, public: xr.DataArray) -> xr.DataArray:
    import xarray as xr

    return xr.concat([enterprise, public], dim="fund").assign_coords(fund=list(PENSION_FUND))


def _fund_dependency(p: xr.Dataset, _: Definitions) -> xr.DataArray:
    return _by_pension_fund(
        _ratio(_exposed(p["enterprise_pensioners"]), _exposed(_status(p, "enterprise", "flexible"))),
        _ratio(_exposed(p["public_pensioners"]), _exposed(_status(p, "public"))),
    )


def _benefit_ratio(p: xr.Dataset, _: Definitions) -> xr.DataArray:
    pensioners = _by_pension_fund(_exposed(p["enterprise_pensioners"]), _exposed(p["public_pensioners"]))
    payers = _by_pension_fund(_exposed(_status(p, "enterprise", "flexible")), _exposed(_status(p, "public")))
    funds = list(PENSION_FUND)
    benefit = _ratio(_benefits(p).sel(fund=funds), pensioners)
    return _ratio(benefit, _ratio(p["insurable_earnings"].sel(fund=funds), payers))


def _first_year(condition: xr.DataArray) -> xr.DataArray:
    """First label at which a condition holds; not a number where it never does."""
    time = "year_end" if "year_end" in condition.dims else "year"
    return condition[time].where(condition).min(time).astype(float)


def _exhaustion(p: xr.Dataset, _: Definitions) -> xr.DataArray:
    return _first_year(p["fund_balance"] < 0)


def _first_deficit(p: xr.Dataset, _: Definitions) -> xr.DataArray:
    return _first_year(_closing(p["fund_balance"]) < _opening(p["fund_balance"]))


_ENTRIES = ("entries_enterprise", "entries_flexible", "entries_public", "catch_up_entries", "admitted_actives")
"""New entrants of the employees' scheme (schemes.md 7.3)."""


def _employees_scheme(p: xr.Dataset) -> xr.DataArray:
    return _total(p.members) + _pensioners(p) + _total(p.invalidity_recipients)


# --- the registry ---------------------------------------------------------------------------------------------------


def _simple(function: Callable[[Any], Any]) -> Compute:
    """A function of the projection alone."""
    return lambda projection, _: function(projection)


COMPUTE: dict[str, Compute] = {
    "population": _simple(lambda p: _total(p.population)),
    "uebps_participants": _simple(lambda p: _employees_scheme(p)),
    "uebps_payers": _simple(_payers),
    "uebps_paused": _simple(lambda p: _status(p, "paused")),
    "uebps_pensioners": _simple(_pensioners),
    "resident_participants": _simple(lambda p: p.resident_contributors + p.resident_paused + p.resident_beneficiaries),
    "resident_beneficiaries": _simple(lambda p: p.resident_beneficiaries),
    "pension_participants": _by_reading(
        "pension_scope", {"all_participants": _simple(_all_participants), "insured_not_yet_drawing": _simple(_insured)}
    ),
    "pension_coverage_rate": _simple(lambda p: _ratio(_all_participants(p), p.coverage_population)),
    "pension_payment_rate": _by_reading(
        "payment_rate_def",
        {
            "payers_over_insured": _payment_rate_of_insured,
            "payers_and_recipients_over_participants": _payment_rate_with_recipients,
        },
    ),
    "enterprise_expansion": _simple(lambda p: p.enterprise_gross_enlargement),
    "uebps_gross_enlargement": _simple(lambda p: sum(p[name] for name in _ENTRIES)),
    "uebps_net_growth": _simple(lambda p: _closing(_employees_scheme(p)) - _opening(_employees_scheme(p))),
    "ui_participants": _simple(lambda p: p.unemployment_insured),
    "ui_coverage_rate": _simple(lambda p: _ratio(p.unemployment_insured, p.ui_obliged_population)),
    "ui_claimants": _simple(lambda p: _total(p.unemployment_claimants)),
    "wi_participants": _simple(lambda p: p.injury_insured),
    "injury_incidence": _simple(lambda p: _ratio(p.injury_cases, _exposed(p.injury_insured))),
    "avg_enterprise_pension": _simple(_average_pension),
    "avg_public_pension": _simple(lambda p: _ratio(p.public_pension_mass, p.public_pensioners)),
    "avg_enterprise_pension_growth": _simple(lambda p: _growth(_average_pension(p), 5)),
    "resident_benefit_avg": _by_reading(
        "resident_benefit_def",
        {"year_end_average": _simple(_resident_average), "spending_per_recipient": _simple(_resident_spending)},
    ),
    "basic_pension_avg": _simple(lambda p: p.basic_pension_standard),
    "basic_pension_growth": _simple(lambda p: _growth(p.basic_pension_standard, 1)),
    "resident_protection_level": _by_reading(
        "protection_level_def",
        {
            "average_to_rural_income": _simple(lambda p: _to_income(_resident_average(p), p.rural_income)),
            "base_to_rural_income": _simple(lambda p: _ratio(12.0 * p.basic_pension_standard, p.rural_income)),
            "average_to_urban_income": _simple(lambda p: _to_income(_resident_average(p), p.urban_income)),
        },
    ),
    "resident_financing_ratio": _financing,
    "ui_benefit_month": _simple(lambda p: p.unemployment_benefit),
    "ui_benefit_to_minwage": _simple(lambda p: _ratio(p.unemployment_benefit, p.minimum_wage)),
    "min_wage": _simple(lambda p: p.minimum_wage),
    "min_wage_growth_5y": _simple(lambda p: _growth(p.minimum_wage, 5)),
    "min_wage_growth_avg": _simple(lambda p: _annual(_growth(p.minimum_wage, 5), 5)),
    "wage_growth_avg": _simple(lambda p: _annual(_growth(p.wage, 5), 5)),
    "surveyed_unemp_rate": _simple(lambda p: p.surveyed_unemployment_rate),
    "registered_unemp_rate": _simple(lambda p: p.registered_unemployment_rate),
    "oa_fund_size": _simple(lambda p: _fund(p, "fund_balance", "occupational_annuity")),
    "delegated_investment_stock": _simple(lambda p: _fund(p, "entrusted_principal", "resident")),
    "delegated_share_new_surplus": _simple(lambda p: _ratio(p.resident_newly_entrusted, p.resident_new_surplus)),
    "fund_balance_3schemes": _simple(
        lambda p: _fund(p, "fund_balance", *PENSION_FUND, "resident", "unemployment", "work_injury")
    ),
    "system_dependency_ratio": _simple(lambda p: _ratio(_pensioners(p), _payers(p))),
    "support_ratio": _simple(lambda p: _ratio(_payers(p), _pensioners(p))),
    "replacement_ratio_average": _simple(lambda p: _ratio(_closing(_average_pension(p)), p.wage)),
    "replacement_ratio_new_awards": _simple(lambda p: _ratio(_ratio(p.new_award_mass, p.awards), p.wage)),
    "fund_balance": _simple(lambda p: p.fund_balance),
    "reserve_ratio": _reserve_ratio,
    "payable_months": lambda p, d: 12.0 * _reserve_ratio(p, d),
    "payg_cost_rate": _simple(lambda p: _ratio(_benefits(p), p.insurable_earnings)),
    "effective_contribution_rate": _simple(lambda p: _ratio(_contributions(p), p.insurable_earnings)),
    "fund_dependency_ratio": _fund_dependency,
    "benefit_ratio": _benefit_ratio,
    "first_deficit_year": _first_deficit,
    "exhaustion_year": _exhaustion,
}
"""The function behind each indicator; everything else about it stands in ``indicators.yaml``."""


@dataclass(frozen=True)
class Indicator:
    """One measure.

    Attributes
    ----------
    id : name used in target files
    en, zh : names
    unit : base unit of the values
    plan_unit : unit in which plans print it
    reads : projection variables needed
    reading : open definition it depends on, if any
    plausible : lowest and highest credible value in base units; persons and yuan per head of the region's population
    by_fund : True when values carry the dimension ``fund``
    """

    id: str
    en: str
    zh: str
    unit: str
    plan_unit: str
    reads: tuple[str, ...]
    definitions: Mapping[str, str] = field(repr=False)
    reading: str | None = None
    plausible: tuple[float, float] = (float("-inf"), float("inf"))
    by_fund: bool = False

    def __call__(self, projection: xr.Dataset, definitions: Definitions | None = None) -> xr.DataArray:
        """Values in base units on ``year_end`` or ``year`` (neither for a measure that is itself a year)."""
        missing = [name for name in self.reads if name not in projection]
        if missing:
            raise ModelError(
                f"indicator {self.id} needs variables the projection does not hold: {', '.join(missing)}",
                where="projection",
                hint="Run the engine again with all outputs",
            )
        return COMPUTE[self.id](projection, definitions or Definitions()).rename(self.id)

    def definition(self, lang: str, definitions: Definitions | None = None, region: str = ANY) -> str:
        """Definition in one language (``en`` or ``zh``), with the reading in force where it is open."""
        text = self.definitions[lang]
        if self.reading is None:
            return text
        word = (definitions or Definitions()).reading(self.reading, region)
        return f"{text} [{self.reading} = {word}: {words()['readings'][self.reading][word][lang]}]"

    @property
    def per_head(self) -> bool:
        """Whether the plausible range is per head of the region's population."""
        return self.unit in ("person", "yuan")


@lru_cache(maxsize=1)
def words() -> dict[str, Any]:
    """Names, definitions and readings in two languages, as written in ``indicators.yaml``."""
    from simengine.common.strict_yaml import load

    table: dict[str, Any] = load(Path(__file__).with_name("indicators.yaml")).data
    return table


@lru_cache(maxsize=1)
def registry() -> dict[str, Indicator]:
    """Every indicator by its id, in the order of ``indicators.yaml``."""
    entries: dict[str, Indicator] = {}
    for name, entry in words()["indicators"].items():
        low, high = entry["plausible"]
        entries[name] = Indicator(
            id=name,
            en=entry["en"],
            zh=entry["zh"],
            unit=entry["unit"],
            plan_unit=entry["plan_unit"],
            reads=tuple(entry["reads"]),
            definitions=entry["definition"],
            reading=entry.get("reading"),
            plausible=(float(low), float(high)),
            by_fund=entry.get("by_fund", False),
        )
    return entries


def indicator(name: str) -> Indicator:
    """The indicator of that name; a `TargetError` with the nearest name otherwise."""
    known = registry()
    if name not in known:
        raise TargetError(f'unknown indicator "{name}"', hint=closest(name, known))
    return known[name]


# --- units of the plans ---------------------------------------------------------------------------------------------

PLAN_UNITS: dict[str, tuple[str, float]] = {
    **dict.fromkeys(("万人", "10k persons"), ("person", 1e4)),
    **dict.fromkeys(("人", "person"), ("person", 1.0)),
    **dict.fromkeys(("亿元", "100m yuan"), ("yuan", 1e8)),
    **dict.fromkeys(("万元", "10k yuan"), ("yuan", 1e4)),
    **dict.fromkeys(("元", "yuan"), ("yuan", 1.0)),
    **dict.fromkeys(("元/月", "yuan/month"), ("yuan/month", 1.0)),
    **dict.fromkeys(("%", "percent", "%/年"), ("1", 1e-2)),
    **dict.fromkeys(("‰", "per mille"), ("1", 1e-3)),
    "1": ("1", 1.0),
    **dict.fromkeys(("月", "month"), ("month", 1.0)),
    **dict.fromkeys(("年", "year"), ("year", 1.0)),
    "万张": ("count", 1e4),
    **dict.fromkeys(("张", "家", "名", "份"), ("count", 1.0)),
}
"""Unit as printed -> base unit and factor: 325 万人 are 325 x 10,000 persons."""


def to_plan_unit(value: float, unit: str) -> float:
    """A value in base units, in the unit of the plan."""
    return value / PLAN_UNITS[unit][1]
