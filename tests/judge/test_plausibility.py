"""Plausibility of every baseline, and how regions lie within the region above them."""

from __future__ import annotations

from pathlib import Path
from typing import Any, cast

import numpy as np
import pytest
import xarray as xr

from simengine.basis.basis import load_basis
from simengine.common.errors import InputFileError
from simengine.judge.checks import plausibility
from simengine.judge.checks.coherence import coherence_table
from simengine.judge.checks.plausibility import (
    MEASURES,
    RANGES,
    Range,
    compared,
    judged,
    last_known,
    plausibility_table,
    ranges,
    read_ranges,
)
from simengine.registry.axes import OUTGO_ITEM
from simengine.registry.units import EVIDENCE
from tests.helpers.findings import MONEY, REGIONS, baseline

# --- ranges -----------------------------------------------------------------------------------------------------------


def test_ranges__every_measure_has_one_with_evidence_and_source() -> None:
    stated = ranges()
    assert [item.measure for item in stated] == list(dict.fromkeys(item.measure for item in stated))
    assert {item.measure for item in stated} == set(MEASURES)
    for item in stated:
        assert (item.low < item.high and 0.0 < item.step <= 8.0) or item.unit == "month", item.measure
        assert item.evidence in EVIDENCE and len(item.source) > 20 and item.en and item.zh, item.measure
    assert set(MONEY) <= set(MEASURES)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("  dependency_ratio:", "  dependency_rate:", 'no measure is called "dependency_rate".*dependency_ratio'),
        ("    step: 0.060\n", "", "missing or unknown: step"),
        ("    step: 0.060\n", "    step: 0.060\n    steps: 1\n", "missing or unknown: steps"),
        ("    step: 0.060\n", "    step: 0.0\n", "the range is empty"),
        ("    high: 2.40\n", "    high: 0.10\n", "the range is empty"),
        ("    evidence: derived\n", "    evidence: hearsay\n", "no evidence or no source"),
        ("    from: data\n", "", "missing or unknown: from"),
        ("    from: data\n", "    from: birth\n", 'from is "birth"'),
        ("    levels: [nation, province]\n", "    levels: [nations]\n", 'levels is "nations".*nation'),
        ("    except: law_steps\n", "    except: breaks\n", 'except is "breaks".*law_steps'),
    ],
)
def test_ranges__a_wrong_file_is_refused(tmp_path: Path, old: str, new: str, said: str) -> None:
    text = RANGES.read_text(encoding="utf-8")
    assert old in text
    path = tmp_path / "ranges.yaml"
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(InputFileError, match=said):
        read_ranges(path)


def test_ranges__a_measure_without_a_range_is_named(tmp_path: Path) -> None:
    text = RANGES.read_text(encoding="utf-8")
    start, end = text.index("  coverage_rate:"), text.index("  employees_share:")
    path = tmp_path / "ranges.yaml"
    path.write_text(text[:start] + text[end:], encoding="utf-8")
    with pytest.raises(InputFileError, match="ranges are missing: coverage_rate"):
        read_ranges(path)


# --- judging ----------------------------------------------------------------------------------------------------------


def expected(**changes: object) -> Range:
    stated: dict[str, object] = {
        "measure": "m", "en": "m", "zh": "m", "unit": "1", "low": 0.2, "high": 0.6, "step": 0.1, "since": None,
        "until": None, "breaks": (), "series": "", "evidence": "assumption", "source": "a test",
    }  # fmt: skip
    return Range(**(stated | changes))  # type: ignore[arg-type]


def verdict_of(values: list[float], first: int = 2021, **changes: object) -> tuple[object, ...]:
    """Lowest, year, highest, year, change, year and verdict of a series from `first` on."""
    years = np.arange(first, first + len(values))
    cells = compared(expected(**changes), years, np.array(values))
    return (*cells[4:8], *cells[10:12], cells[13])


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ([0.3, 0.35, 0.4], "inside"), ([0.2, 0.3], "inside"), ([0.19, 0.25], "level"), ([0.55, 0.61], "level"),
        ([0.3, 0.45], "change"), ([0.45, 0.3], "change"), ([0.3, 0.9], "level and change"),
    ],
)  # fmt: skip
def test_verdict__on_level_and_change(values: list[float], said: str) -> None:
    assert verdict_of(values)[-1] == said


def test_verdict__names_the_years_of_the_extremes() -> None:
    found = verdict_of([0.30, 0.25, 0.55, 0.50])
    assert found[:4] == (0.25, 2022, 0.55, 2023)
    assert found[4] == pytest.approx(0.30) and found[5:] == (2023, "change")


def test_verdict__passes_over_a_change_of_definition_but_not_over_its_level() -> None:
    assert verdict_of([0.30, 0.45, 0.50], breaks=(2022,))[-1] == "inside"
    assert verdict_of([0.30, 0.45, 0.50], breaks=(2023,))[-1] == "change"
    assert verdict_of([0.30, 0.70, 0.50], breaks=(2022, 2023))[-1] == "level"


def test_verdict__steps_are_judged_once_the_measure_has_settled() -> None:
    years, values = np.arange(2025, 2030), np.array([0.30, 0.45, 0.45, 0.47, 0.48])
    assert compared(expected(), years, values, 2026)[13] == "change"
    settled = compared(expected(), years, values, 2027)
    assert settled[13] == "inside" and settled[10] == pytest.approx(0.02) and settled[11] == 2028
    assert compared(expected(high=0.44), years, values, 2027)[13] == "level"


def test_verdict__a_gap_in_the_years_is_no_change_of_one_year() -> None:
    years, values = np.array([2021, 2022, 2030]), np.array([0.3, 0.3, 0.5])
    assert compared(expected(), years, values)[13] == "inside"


def test_verdict__without_a_value_says_so() -> None:
    cells = compared(expected(), np.array([]), np.array([]))
    assert cells[13] == "no value"


def test_judged__keeps_finite_values_of_the_years_asked_for() -> None:
    values = xr.DataArray([np.nan, 1.0, 2.0, np.inf, 4.0, 5.0], coords={"year": range(2020, 2026)}, dims="year")
    years, found = judged(values, 2022, 2024)
    assert years.tolist() == [2022, 2024] and found.tolist() == [2.0, 4.0]


def test_table__judges_from_since_to_until(monkeypatch: pytest.MonkeyPatch) -> None:
    """0.9 before 2023 and after 2025 are not judged; a step into the first judged year is none."""
    values = xr.DataArray([0.9, 0.9, 0.3, 0.35, 0.4, 0.9], coords={"year": range(2021, 2027)}, dims="year")
    region = ("one", load_basis("jiangxi-2020"), xr.Dataset({"v": values}))
    monkeypatch.setattr(plausibility, "MEASURES", {"m": lambda data: data.v})
    monkeypatch.setattr(plausibility, "datasets", lambda result: iter([region]))
    both = "level and change"
    for span, said in (((2023, 2025), "inside"), ((None, 2025), both), ((2023, None), both)):
        stated = expected(since=span[0], until=span[1])
        monkeypatch.setattr(plausibility, "ranges", lambda stated=stated: (stated,))
        (row,) = plausibility_table(cast(Any, None)).to_dict("records")
        assert row["verdict"] == said
        assert (row["first"], row["last"]) == (span[0] or 2021, span[1] or 2026)


def test_table__judges_the_levels_of_region_that_a_range_names(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of a province and a county the range of provinces judges one, and leaves out years in which the law moves."""
    values = xr.DataArray([0.3, 0.9, 0.4], coords={"year": range(2024, 2027)}, dims="year")
    regions = [("one", load_basis(f"{name}-2020"), xr.Dataset({"v": values})) for name in ("jiangxi", "haiyan")]
    monkeypatch.setattr(plausibility, "MEASURES", {"m": lambda data: data.v})
    monkeypatch.setattr(plausibility, "datasets", lambda result: iter(regions))
    monkeypatch.setattr(plausibility, "_steps_of", lambda result, scenario, region: [2025])
    for law_steps, said in ((False, "level and change"), (True, "inside")):
        stated = expected(levels=("province",), law_steps=law_steps)
        monkeypatch.setattr(plausibility, "ranges", lambda stated=stated: (stated,))
        (row,) = plausibility_table(cast(Any, None)).to_dict("records")
        assert (row["region"], row["verdict"]) == ("jiangxi", said)


def test_ranges__since_and_until_are_read_from_the_file() -> None:
    spans = {item.measure: (item.since, item.until) for item in ranges()}
    assert spans["annuity_months"] == (2030, 2050)
    assert spans["public_months"] == (None, 2035)
    assert spans["dependency_ratio"] == (None, None)


# --- measures ---------------------------------------------------------------------------------------------------------


def over_years(**values: list[float] | xr.DataArray) -> xr.Dataset:
    """Stocks and flows of two years; a flow is one of the years, a stock has the opening before them."""
    arrays = {}
    for name, numbers in values.items():
        if isinstance(numbers, xr.DataArray):
            arrays[name] = numbers
        else:
            time = ("year_end", [2020, 2021, 2022]) if len(numbers) == 3 else ("year", [2021, 2022])
            arrays[name] = xr.DataArray(numbers, coords={time[0]: time[1]}, dims=time[0])
    return xr.Dataset(arrays)


def test_measure__take_up_of_the_registered_without_an_employees_pension() -> None:
    """Not of the residents, and not judged where a tenth of the registered are left: 72/80, 9/10, then 4 of 5."""
    data = over_years(
        registered_60=[100.0, 100.0, 100.0], population_60=[1.0, 1.0, 1.0], pensioners_60=[20.0, 90.0, 95.0],
        resident_beneficiaries=[72.0, 9.0, 4.0],
    )  # fmt: skip
    found = MEASURES["resident_take_up"](data).values
    assert found[:2] == pytest.approx([0.9, 0.9])
    assert np.isnan(found[2])


def test_measure__left_without_a_pension_is_not_below_the_minimum() -> None:
    """Of 40 below the minimum 25 go on or pay up: 15 are left without a pension, over 60 new ones."""
    data = over_years(
        below_minimum=[40.0, 40.0], choice_continue=[20.0, 20.0], pay_up_awards=[5.0, 5.0],
        choice_resident=[8.0, 0.0], choice_refund=[4.0, 0.0], choice_unclaimed=[3.0, 0.0], awards=[60.0, 60.0],
    )  # fmt: skip
    assert MEASURES["below_minimum_share"](data).values == pytest.approx([0.25, 0.0])


def test_measure__beyond_the_residents_over_all_participants() -> None:
    """30 of 300 participants: 100 members, 40 pensioners, 110 registered of whom ten are members too, 60 who draw."""
    members = xr.DataArray(
        [[60.0, 10.0, 10.0, 20.0]],
        coords={"year_end": [2020], "status": ["enterprise", "flexible", "public", "paused"]},
        dims=("year_end", "status"),
    )
    ones = {
        "enterprise_pensioners": 30.0, "public_pensioners": 10.0, "resident_beneficiaries": 60.0, "dual_members": 10.0,
        "resident_contributors": 70.0, "resident_paused": 40.0,
        "non_resident_members": 30.0, "coverage_population": 500.0, "invalidity_recipients": 0.0,
    }  # fmt: skip
    stocks = {name: xr.DataArray([value], coords={"year_end": [2020]}, dims="year_end") for name, value in ones.items()}
    data = xr.Dataset({"members": members, **stocks})
    assert MEASURES["non_resident_share"](data).values == pytest.approx([0.1])


def test_measure__public_months_are_those_of_the_financed_account() -> None:
    """A month's outgo of ten, pensions and transfers: 20 in hand once budgets have filled up, nothing of its own.

    50 are paid up and 30 down inside the fund of a province: neither counts.
    """
    funds = ["enterprise_pension", "public_pension"]
    spending = xr.DataArray(
        [[[100.0, 20.0, 30.0, 50.0, 0.0]] * 2] * 2,
        coords={"year": [2021, 2022], "fund": funds, "outgo_item": list(OUTGO_ITEM)},
        dims=("year", "fund", "outgo_item"),
    )
    below = xr.DataArray(
        [[[50.0]] * 2] * 2,
        coords={"year": [2021, 2022], "fund": funds, "income_item": ["from_below"]},
        dims=("year", "fund", "income_item"),
    )
    balance = xr.DataArray(
        [[5.0, 5.0], [5.0, 20.0], [5.0, 10.0]], coords={"year_end": [2020, 2021, 2022], "fund": funds},
        dims=("year_end", "fund"),
    )  # fmt: skip
    data = over_years(outgo=spending, income=below, fund_balance_financed=balance, fund_balance=-balance)
    assert MEASURES["public_months"](data).values == pytest.approx([2.0, 1.0])


def test_last_known__is_the_last_value_of_the_series_itself() -> None:
    basis = load_basis("jiangxi-2020")
    own = basis.own_series["average_wage"].years[-1]
    assert last_known(basis, "average_wage") == own >= 2024
    assert last_known(basis, "price_index") == load_basis("china-2020").own_series["price_index"].years[-1]


# --- regions within regions -------------------------------------------------------------------------------------------


@pytest.mark.slow
def test_coherence__prints_what_remains_of_the_parent() -> None:
    runs = [baseline(region) for region in REGIONS]
    table = coherence_table(runs)
    pairs = set(zip(table["parent"], table["children"], strict=True))
    assert pairs == {
        ("china", "jiangxi"), ("china", "hubei"), ("china", "jiangxi+hubei"), ("jiangxi", "jingdezhen"),
    }  # fmt: skip
    np.testing.assert_allclose(table["difference"], table["parent_value"] - table["children_value"])
    inner = table[table["parent"] == "jiangxi"]
    assert inner["year"].min() == 2020 and inner["year"].max() == 2090  # Jingdezhen opens in 2015 and ends earlier
    assert table.loc[table["parent"] == "china", "year"].max() == 2095
    city, province = (baseline(name).dataset.isel(scenario=0, draw=0) for name in ("jingdezhen", "jiangxi"))
    row = inner[(inner["measure"] == "ui_participants") & (inner["year"] == 2024)].iloc[0]
    part = float(city.unemployment_insured.sel(region="jingdezhen", year_end=2024))
    whole = float(province.unemployment_insured.sel(region="jiangxi", year_end=2024))
    assert row["children_value"] == part and row["parent_value"] == whole
    assert row["share"] == pytest.approx(part / whole)
    people = float(city.population.sel(region="jingdezhen", year_end=2024).sum())
    people /= float(province.population.sel(region="jiangxi", year_end=2024).sum())
    assert row["population_share"] == pytest.approx(people)
    both = table[(table["children"] == "jiangxi+hubei") & (table["year"] == 2030)].set_index("measure")
    each = table[table["children"].isin(("jiangxi", "hubei")) & (table["year"] == 2030)]
    for measure, total in each.groupby("measure")["children_value"].sum().items():
        assert both.loc[measure, "children_value"] == pytest.approx(total, rel=1e-12)
    heads = inner[inner["unit"] == "person"]
    assert (heads["difference"] > 0.0).all()  # a part is not larger than what it lies in
    print(inner[inner["year"].isin((2020, 2030, 2050))].to_string())


@pytest.mark.slow
def test_coherence__asks_for_years_and_needs_a_parent_among_the_runs() -> None:
    assert coherence_table([baseline("jingdezhen"), baseline("hubei")]).empty
    table = coherence_table([baseline("jiangxi"), baseline("jingdezhen")], years=(2025, 2030))
    assert set(table["year"]) == {2025, 2030}
