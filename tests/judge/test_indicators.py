"""Indicators: every one is computed, moves with what it measures, and says in two languages what it is."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import xarray as xr

from simengine.common import resources
from simengine.common.errors import ModelError, TargetError
from simengine.judge.indicators import (
    ANY,
    READINGS,
    Definitions,
    find_indicator,
    registry,
    to_plan_unit,
)
from simengine.judge.indicators.define import Recorder, indicator, schema
from simengine.judge.indicators.definitions import stated_readings
from simengine.judge.measures.told import GIVES_VERDICT
from simengine.law.regions import load_regions
from simengine.registry.axes import FUND
from tests.helpers.registry_projection import PER_HEAD, REGIONS, synthetic

TIME = {"year_end", "year"}


@pytest.fixture(scope="module")
def projection() -> xr.Dataset:
    """The unemployment fund runs dry after ten to twenty years, another year in each region: events have to vary."""
    data = synthetic(2010, 2040)
    left = 1.0 - np.arange(31)[:, None] / np.linspace(10.0, 20.0, data.sizes["region"])
    here = data["fund_balance"].fund == "unemployment"
    falling = 1e9 * xr.DataArray(left, dims=("year_end", "region"))
    for name in ("fund_balance", "fund_balance_unaided"):
        data[name] = data[name].where(~here, falling).transpose(*data[name].dims)
    return data


@pytest.fixture(scope="module")
def valued() -> xr.Dataset:
    """Years enough for two valuations over 75 years and more, with the variables by age."""
    return synthetic(2020, 2097, regions=REGIONS[:3], draws=1, last=2097)


@pytest.fixture
def fitting(name: str, projection: xr.Dataset, valued: xr.Dataset) -> xr.Dataset:
    """The projection on which an indicator is a number."""
    return valued if name in GIVES_VERDICT else projection


def one(**changes: float) -> xr.Dataset:
    """One lane, two year ends, hand-made figures; sums over the axes are easy to do by head."""
    stocks = {
        "enterprise_pensioners": 30.0,
        "public_pensioners": 10.0,
        "invalidity_recipients": 2.0,
        "resident_contributors": 100.0,
        "resident_paused": 20.0,
        "resident_beneficiaries": 50.0,
        "dual_members": 5.0,
        "coverage_population": 400.0,
    } | {name: value for name, value in changes.items() if name != "members"}
    data = {
        name: (("scenario", "draw", "region", "year_end"), np.full((1, 1, 2, 2), value))
        for name, value in stocks.items()
    }
    heads = np.array([60.0, 15.0, 5.0, 20.0])  # enterprise, flexible, public, paused
    data["members"] = (("scenario", "draw", "region", "status", "year_end"), np.tile(heads[:, None], (1, 1, 2, 1, 2)))
    coords = {
        "scenario": ["s"],
        "draw": [0],
        "region": ["jiangxi", "xuzhou"],
        "year_end": [2020, 2021],
        "status": ["enterprise", "flexible", "public", "paused"],
    }
    return xr.Dataset(data, coords=coords)


def value(name: str, data: xr.Dataset, definitions: Definitions | None = None, region: str = "jiangxi") -> float:
    return float(find_indicator(name)(data, definitions).sel(region=region).isel(year_end=-1).squeeze())


# --- gross enlargement and net growth ---------------------------------------------------------------------------------

ENTRIES = ("entries_enterprise", "entries_flexible", "entries_public", "catch_up_entries", "admitted_actives")


def growing(entries: tuple[float, ...], members: tuple[float, float], pensioners: tuple[float, float]) -> xr.Dataset:
    """One region, two year ends: entrants by way, participants at work and drawing, in persons."""
    dims = ("scenario", "draw", "region", "year_end")
    flows = {
        name: (("scenario", "draw", "region", "year"), [[[[heads]]]])
        for name, heads in zip(ENTRIES, entries, strict=True)
    }
    stocks = {
        "members": ((*dims[:3], "status", "year_end"), [[[[list(members)]]]]),
        "enterprise_pensioners": (dims, [[[list(pensioners)]]]),
        "public_pensioners": (dims, [[[[20_000.0, 21_000.0]]]]),
        "invalidity_recipients": (dims, [[[[1_000.0, 2_000.0]]]]),
    }
    coords = {"scenario": ["s"], "draw": [0], "region": ["xuzhou"], "year_end": [2020, 2023], "year": [2023]}
    return xr.Dataset(flows | stocks, coords=coords | {"status": ["enterprise"]})


def test_gross_and_net__differ_by_those_who_left() -> None:
    """schemes.md A2, Xuzhou 2020-2023: 210,000 entered, participants grew by 120,000, so 90,000 left."""
    data = growing(
        (150_000.0, 40_000.0, 10_000.0, 7_000.0, 3_000.0), (1_500_000.0, 1_608_000.0), (300_000.0, 310_000.0)
    )
    gross, net = (
        float(find_indicator(f"uebps_{name}")(data).squeeze()) for name in ("gross_enlargement", "net_growth")
    )
    assert (gross, net) == (210_000.0, 120_000.0)
    assert to_plan_unit(gross, "万人") - to_plan_unit(net, "万人") == pytest.approx(9.0)


@pytest.mark.parametrize("position", range(len(ENTRIES)))
def test_gross_enlargement__counts_every_way_in_once(position: int) -> None:
    heads = [0.0] * len(ENTRIES)
    heads[position] = 5_000.0
    data = growing(tuple(heads), (1_000.0, 1_000.0), (0.0, 0.0))
    assert float(find_indicator("uebps_gross_enlargement")(data).squeeze()) == 5_000.0


def test_net_growth__a_retirement_is_none() -> None:
    data = growing((0.0,) * 5, (1_000_000.0, 990_000.0), (300_000.0, 308_000.0))
    assert float(find_indicator("uebps_net_growth")(data).squeeze()) == 0.0


@pytest.mark.parametrize("name", sorted(registry()))
def test_every_indicator_has_the_right_dimensions_and_varies(name: str, fitting: xr.Dataset) -> None:
    measure = registry()[name]
    values = measure(fitting)
    expected = {"scenario", "draw", "region"} | ({"fund"} if measure.by_fund else set())
    assert set(values.dims) - TIME == expected
    assert len(set(values.dims) & TIME) == (0 if name.endswith("_year") else 1)
    found = values.values[np.isfinite(values.values)]
    assert found.size > 10
    assert np.ptp(found) > 0.0
    if TIME & set(values.dims):
        along = values.isel(scenario=0, draw=0, region=0)
        along = along.isel(fund=0) if measure.by_fund else along
        lane = along.values[np.isfinite(along.values)]
        assert np.unique(lane).size > 1


@pytest.mark.parametrize("name", sorted(registry()))
def test_every_indicator_moves_with_each_variable_it_reads(name: str, fitting: xr.Dataset) -> None:
    """A variable named as read but unused would make the error about missing variables lie."""
    projection = fitting
    measure = registry()[name]
    every_reading = [Definitions()]
    if measure.reading:
        every_reading += [Definitions().with_reading(measure.reading, word) for word in READINGS[measure.reading]]
    rng = np.random.default_rng(3)
    for variable in measure.reads:
        noise = np.exp(rng.normal(0.0, 0.3, projection[variable].shape))
        sign = -1.0 if name.endswith("_year") else 1.0
        changed = projection.assign({variable: sign * projection[variable] * noise + 1.0})
        assert any(
            not np.array_equal(measure(projection, reading).values, measure(changed, reading).values, equal_nan=True)
            for reading in every_reading
        ), variable


@pytest.mark.parametrize("name", sorted(registry()))
def test_a_missing_variable_is_named(name: str, projection: xr.Dataset) -> None:
    measure = registry()[name]
    with pytest.raises(ModelError, match=measure.reads[0]):
        measure(projection.drop_vars(measure.reads[0]))


def test_plausible_range_is_not_empty() -> None:
    for measure in registry().values():
        low, high = measure.plausible
        assert low < high, measure.id


def test_texts_are_complete_in_both_languages_and_differ() -> None:
    for name, entry in registry().items():
        assert entry.en and entry.zh and entry.en != entry.zh, name
        assert set(entry.definitions) == {"en", "zh"}, name
        assert not any("\u4e00" <= letter <= "\u9fff" for letter in entry.en + entry.definitions["en"]), name
        assert any("\u4e00" <= letter <= "\u9fff" for letter in entry.definitions["zh"]), name
    assert {entry.reading for entry in registry().values() if entry.reading} == set(READINGS)
    for readings in READINGS.values():
        for texts in readings.values():
            assert texts["en"] and texts["zh"] and texts["en"] != texts["zh"]


def test_members_of_the_employees_scheme_count_retirees_and_the_paused() -> None:
    assert value("uebps_participants", one()) == 60 + 15 + 5 + 20 + 30 + 10 + 2


def test_all_pension_members_count_a_dual_member_once() -> None:
    both = value("uebps_participants", one()) + value("resident_participants", one())
    assert value("pension_participants", one()) == both - 5.0


def test_scope_default_differs_by_region() -> None:
    data = one()
    assert value("pension_participants", data, region="xuzhou") == 100 + 100 + 20 - 5
    assert value("pension_participants", data, region="jiangxi") == 100 + 100 + 20 - 5 + 30 + 10 + 2 + 50


def test_scope_can_be_set_for_one_region_or_all() -> None:
    data = one()
    everywhere = Definitions(pension_scope="all_participants")
    assert value("pension_participants", data, everywhere, "xuzhou") == value("pension_participants", data)
    swapped = Definitions(pension_scope={"*": "insured_not_yet_drawing", "xuzhou": "all_participants"})
    assert value("pension_participants", data, swapped) == 215.0
    assert value("pension_participants", data, swapped, "xuzhou") == 307.0


def test_regions_keep_their_order_when_readings_differ(projection: xr.Dataset) -> None:
    values = find_indicator("pension_participants")(projection)
    assert tuple(values.region.values) == REGIONS
    alone = find_indicator("pension_participants")(projection.sel(region=["haiyan"]))
    assert np.array_equal(values.sel(region="haiyan").values, alone.sel(region="haiyan").values)


def test_payment_rate_in_both_readings() -> None:
    payers = 60 + 15 + 5 + 100
    assert value("pension_payment_rate", one()) == pytest.approx(payers / 215.0, rel=1e-15)
    other = Definitions(payment_rate_def="payers_and_recipients_over_participants")
    assert value("pension_payment_rate", one(), other) == pytest.approx((payers + 92.0) / 307.0, rel=1e-15)


def test_coverage_rate_counts_everybody_whatever_the_scope() -> None:
    assert value("pension_coverage_rate", one(), region="xuzhou") == 307.0 / 400.0


def test_a_share_of_nothing_is_infinite() -> None:
    assert value("pension_coverage_rate", one(coverage_population=0.0)) == np.inf


def test_cost_rate_is_dependency_times_benefit_ratio(projection: xr.Dataset) -> None:
    funds = ["enterprise_pension", "public_pension"]
    product = find_indicator("fund_dependency_ratio")(projection) * find_indicator("benefit_ratio")(projection)
    cost = find_indicator("payg_cost_rate")(projection).sel(fund=funds)
    np.testing.assert_allclose(product.transpose(*cost.dims).values, cost.values, rtol=1e-12)


def test_payable_months_are_twelve_times_the_reserve_ratio(projection: xr.Dataset) -> None:
    months, ratio = find_indicator("payable_months")(projection), find_indicator("reserve_ratio")(projection)
    np.testing.assert_array_equal(months.values, 12.0 * ratio.values)


@pytest.mark.parametrize(
    ("balance", "outgo", "months"), [(902.3, 1557.2, 6.95), (1039.0, 3139.5, 3.97), (5624.0, 4982.5, 13.55)]
)
def test_payable_months_of_published_balances(balance: float, outgo: float, months: float) -> None:
    """Balances and spending of 2024 of three provinces (hundred million yuan) give the published months.

    What localities pay to the adjustment fund of the province (a tenth of the spending) and get back (a twentieth)
    stands on both sides of the province's own fund and is no spending of it.
    """
    dims = ("scenario", "draw", "region", "fund")
    shares = (0.5, 0.3, 0.05, 0.1, 0.2)  # up and down, a tenth and a twentieth, come on top of the spending
    data = xr.Dataset(
        {
            "fund_balance": ((*dims, "year_end"), np.full((1, 1, 1, 1, 2), balance)),
            "income": ((*dims, "income_item", "year"), np.full((1, 1, 1, 1, 1, 1), 0.1 * outgo)),
            "outgo": ((*dims, "outgo_item", "year"), outgo * np.array(shares).reshape(1, 1, 1, 1, 5, 1)),
        },
        coords={
            "fund": ["enterprise_pension"],
            "income_item": ["from_below"],
            "outgo_item": ["benefits", "transfers_out", "to_below", "to_above", "other_outgo"],
            "year_end": [2023, 2024],
            "year": [2024],
        },
    )
    assert round(float(find_indicator("payable_months")(data).squeeze()), 2) == months


def test_resident_average_of_published_spending() -> None:
    """15.65 billion yuan over 5.775 million recipients in 2024 are 225.83 yuan a month."""
    dims = ("scenario", "draw", "region")
    data = xr.Dataset(
        {
            "resident_beneficiaries": ((*dims, "year_end"), np.full((1, 1, 1, 2), 5_775_000.0)),
            "resident_pension_mass": ((*dims, "year_end"), np.full((1, 1, 1, 2), 5_775_000.0 * 200.0)),
            "outgo": ((*dims, "fund", "outgo_item", "year"), np.full((1, 1, 1, 1, 1, 1), 15_650_000_000.0)),
        },
        coords={
            "region": ["jiangxi"],
            "fund": ["resident"],
            "outgo_item": ["benefits"],
            "year_end": [2023, 2024],
            "year": [2024],
        },
    )
    spending = Definitions(resident_benefit_def="spending_per_recipient")
    assert round(value("resident_benefit_avg", data, spending), 2) == 225.83
    assert value("resident_benefit_avg", data) == 200.0


def series(name: str, figures: list[float]) -> xr.Dataset:
    years = list(range(2015, 2015 + len(figures)))
    shape = (1, 1, 1, len(figures))
    return xr.Dataset(
        {name: (("scenario", "draw", "region", "year"), np.array(figures).reshape(shape))},
        coords={"year": years, "region": ["xuzhou"]},
    )


def test_growth_over_five_years_and_its_mean_a_year() -> None:
    data = series("minimum_wage", [1460.0, 1520.0, 1600.0, 1650.0, 1700.0, 1830.0])
    total = find_indicator("min_wage_growth_5y")(data).squeeze()
    assert float(total.sel(year=2020)) == pytest.approx(1830.0 / 1460.0 - 1.0, rel=1e-14)
    assert np.isnan(float(total.sel(year=2019)))
    mean = float(find_indicator("min_wage_growth_avg")(data).squeeze().sel(year=2020))
    assert (1.0 + mean) ** 5 == pytest.approx(1830.0 / 1460.0, rel=1e-12)


def awards(service: float, heads: float) -> xr.Dataset:
    """One region, one year: recognised years of all new pensioners, and how many these are."""
    dims = ("scenario", "draw", "region", "year")
    flows = {"award_service": (dims, [[[[service]]]]), "awards": (dims, [[[[heads]]]])}
    return xr.Dataset(flows, coords={"scenario": ["s"], "draw": [0], "region": ["haiyan"], "year": [2025]})


def test_award_years__is_the_mean_of_the_new_pensioners() -> None:
    """1,000 people with 25 years and 500 with 37 have 29 years on average."""
    assert float(find_indicator("award_years")(awards(1_000 * 25.0 + 500 * 37.0, 1_500.0)).squeeze()) == 29.0
    assert np.isnan(float(find_indicator("award_years")(awards(0.0, 0.0)).squeeze()))


def test_eight_per_cent_a_year_from_160_is_235_after_five() -> None:
    figures = [160.0 * 1.08**step for step in range(6)]
    growth = find_indicator("basic_pension_growth")(series("basic_pension_standard", figures)).squeeze()
    np.testing.assert_allclose(growth.values[1:], 0.08, rtol=1e-12)
    assert round(figures[-1], 2) == 235.09


def balances(*figures: float) -> xr.Dataset:
    shape = (1, 1, 1, 1, len(figures))
    return xr.Dataset(
        {"fund_balance": (("scenario", "draw", "region", "fund", "year_end"), np.array(figures).reshape(shape))},
        coords={"year_end": list(range(2020, 2020 + len(figures))), "fund": ["enterprise_pension"]},
    )


def test_deficit_and_exhaustion_years() -> None:
    data = balances(10.0, 12.0, 9.0, 4.0, -1.0, 3.0)
    assert float(find_indicator("first_deficit_year")(data).squeeze()) == 2022.0
    assert float(find_indicator("exhaustion_year")(data).squeeze()) == 2024.0


def test_years_without_aid__are_those_of_the_unaided_account() -> None:
    """The own account rises all the time; the unaided one falls first in 2021 and is below zero first in 2023."""
    data = balances(10.0, 12.0, 14.0, 16.0)
    data["fund_balance_unaided"] = data["fund_balance"].copy(
        data=np.array([10.0, 9.0, 9.5, -1.0]).reshape(1, 1, 1, 1, 4)
    )
    found = {
        name: float(find_indicator(f"unaided_{name}")(data).squeeze())
        for name in ("first_deficit_year", "exhaustion_year")
    }
    assert found == {"first_deficit_year": 2021.0, "exhaustion_year": 2023.0}
    assert find_indicator("unaided_fund_balance")(data).squeeze().values.tolist() == [10.0, 9.0, 9.5, -1.0]


def test_a_fund_that_never_runs_dry_has_no_year() -> None:
    data = balances(1.0, 2.0, 3.0)
    assert np.isnan(float(find_indicator("exhaustion_year")(data).squeeze()))
    assert np.isnan(float(find_indicator("first_deficit_year")(data).squeeze()))


def test_incidence_uses_the_mean_of_opening_and_closing_insured() -> None:
    dims = ("scenario", "draw", "region")
    data = xr.Dataset(
        {
            "injury_insured": ((*dims, "year_end"), np.array([100_000.0, 140_000.0]).reshape(1, 1, 1, 2)),
            "injury_cases": ((*dims, "year"), np.array([720.0]).reshape(1, 1, 1, 1)),
        },
        coords={"year_end": [2024, 2025], "year": [2025]},
    )
    rate = float(find_indicator("injury_incidence")(data).squeeze())
    assert to_plan_unit(rate, "‰") == pytest.approx(6.0, rel=1e-12)


def test_three_schemes_leave_out_the_occupational_annuity(projection: xr.Dataset) -> None:
    others = [fund for fund in FUND if fund != "occupational_annuity"]
    expected = projection.fund_balance.sel(fund=others).sum("fund")
    np.testing.assert_allclose(find_indicator("fund_balance_3schemes")(projection).values, expected.values, rtol=1e-12)


def test_protection_level_of_eleven_per_cent() -> None:
    """Near 300 yuan a month on 31,930 yuan of rural income are the 11 % a plan prints for 2020."""
    dims = ("scenario", "draw", "region")
    data = xr.Dataset(
        {
            name: ((*dims, "year_end"), np.full((1, 1, 1, 2), figure))
            for name, figure in {
                "resident_beneficiaries": 1.0,
                "resident_pension_mass": 293.0,
            }.items()
        }
        | {
            name: ((*dims, "year"), np.full((1, 1, 1, 1), figure))
            for name, figure in {
                "rural_income": 31_930.0,
                "urban_income": 62_699.0,
                "basic_pension_standard": 165.0,
            }.items()
        },
        coords={"year_end": [2019, 2020], "year": [2020], "region": ["haiyan"]},
    )
    found = {
        word: float(find_indicator("resident_protection_level")(data, Definitions(protection_level_def=word)).squeeze())
        for word in READINGS["protection_level_def"]
    }
    assert round(100.0 * found["average_to_rural_income"]) == 11
    assert round(100.0 * found["base_to_rural_income"]) == 6
    assert round(100.0 * found["average_to_urban_income"]) == 6


READ = {
    "ui_participants": {"unemployment_insured"},
    "award_years": {"award_service", "awards"},
    "injury_incidence": {"injury_cases", "injury_insured"},
    "resident_benefit_avg": {"resident_pension_mass", "resident_beneficiaries", "outgo"},
    "resident_protection_level": {
        *("resident_pension_mass", "resident_beneficiaries", "basic_pension_standard", "rural_income", "urban_income"),
    },
    "payable_months": {"fund_balance", "income", "outgo"},
    "unaided_payable_months": {"fund_balance_unaided", "income", "outgo"},
}


@pytest.mark.parametrize("name", READ)
def test_reads__are_recorded_under_every_reading(name: str) -> None:
    assert set(registry()[name].reads) == READ[name]


def test_recorder__lets_no_variable_out_unseen() -> None:
    recorder = Recorder(schema())
    assert not hasattr(recorder, "awards")
    with pytest.raises(KeyError):
        recorder["no_such_variable"]
    assert recorder["year"].dims == ("year",) and not recorder.seen
    assert recorder["awards"].dims == ("scenario", "draw", "region", "year") and set(recorder.seen) == {"awards"}


def test_indicator__of_a_name_that_is_taken_is_refused() -> None:
    def award_years(data: xr.Dataset) -> xr.DataArray:
        return data["awards"]

    texts = {"en": "a", "zh": "一", "definition_zh": "一"}
    with pytest.raises(ValueError, match="award_years is defined twice"):
        indicator(plan_unit="%", plausible=(0.0, 1.0), **texts)(award_years)


def test_unknown_indicator_suggests_the_nearest() -> None:
    with pytest.raises(TargetError, match="ui_participants"):
        find_indicator("ui_participant")


def test_reading__stated_for_a_city_holds_in_its_parts_and_nowhere_else() -> None:
    areas = {key for key in load_regions() if key.startswith("xuzhou_")}
    assert len(areas) == 7
    stated = stated_readings("pension_scope")
    assert stated == {ANY: "all_participants"} | dict.fromkeys(("xuzhou", *areas), "insured_not_yet_drawing")
    assert stated_readings("payment_rate_def") == {ANY: "payers_over_insured"}


def test_reading__of_a_region_that_is_none_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    text = (resources.scenarios_root() / "regions.yaml").read_text(encoding="utf-8")
    monkeypatch.setattr(resources, "scenarios_root", lambda: tmp_path)
    for old, new, said in (
        ("insured_not_yet_drawing", "everybody", 'pension_scope cannot be read as "everybody"'),
        ("pension_scope", "pension_scop", 'xuzhou: definitions: "pension_scop" .*pension_scope'),
    ):
        (tmp_path / "regions.yaml").write_text(text.replace(old, new), encoding="utf-8")
        with pytest.raises(TargetError, match=said):
            Definitions()


def test_unknown_reading_lists_what_is_allowed() -> None:
    with pytest.raises(TargetError, match="insured_not_yet_drawing"):
        Definitions(pension_scope="insured_not_drawing")
    with pytest.raises(TargetError, match="payers_over_insured"):
        Definitions(payment_rate_def={"xuzhou": "payers"})


def test_definition_text_names_the_reading_in_force() -> None:
    measure = find_indicator("pension_participants")
    assert "insured_not_yet_drawing" in measure.definition("en", region="xuzhou_urban")
    assert "all_participants" in measure.definition("zh", region="hubei")
    assert "[" not in find_indicator("ui_participants").definition("en")


def test_scale_of_the_population_scales_heads_and_leaves_rates_alone(
    projection: xr.Dataset, valued: xr.Dataset
) -> None:
    twice = [one.assign({name: 2.0 * one[name] for name in PER_HEAD if name in one}) for one in (projection, valued)]
    for name, measure in registry().items():
        own, doubled = (valued, twice[1]) if name in GIVES_VERDICT else (projection, twice[0])
        if name.endswith("_year"):
            continue
        factor = 2.0 if measure.per_head else 1.0
        np.testing.assert_allclose(measure(doubled).values, factor * measure(own).values, rtol=1e-12, err_msg=name)
