"""Plausibility of every baseline, and how regions lie within the region above them."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import xarray as xr

from simengine.basis import load_basis
from simengine.basis_files import EVIDENCE
from simengine.checks.coherence import coherence_table
from simengine.checks.plausibility import (
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
from simengine.errors import InputFileError
from simengine.project import Result, project
from simengine.scenario import load_scenario

REGIONS = ("china", "jiangxi", "hubei", "xuzhou", "haiyan", "jingdezhen")
FINDINGS = Path(__file__).with_name("plausibility_findings.csv")
"""Measures known to leave their range, by region; a baseline may leave no other. Remove a row once it is mended."""

MONEY = (
    *("wage_growth", "benefit_base_growth", "minimum_wage_growth", "price_growth", "unemployment_benefit_growth"),
    *("basic_pension_growth", "urban_income_growth", "rural_income_growth", "adjustment"),
)
"""What must keep moving in every region, with no exception."""


@cache
def baseline(region: str) -> Result:
    """The packaged baseline of a region over its whole horizon, run once."""
    return project(load_scenario(f"{region}/baseline"))


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
        ("  dependency_ratio:", "  dependency_rate:", 'measure "dependency_rate" is unknown.*dependency_ratio'),
        ("    step: 0.055\n", "", "missing or unknown step"),
        ("    step: 0.055\n", "    step: 0.055\n    steps: 1\n", "missing or unknown steps"),
        ("    step: 0.055\n", "    step: 0.0\n", "empty range"),
        ("    high: 1.60\n", "    high: 0.10\n", "empty range"),
        ("    evidence: derived\n", "    evidence: hearsay\n", "no evidence or source"),
        ("    from: data\n", "", "missing or unknown from"),
        ("    from: data\n", "    from: birth\n", 'from "birth"'),
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
    with pytest.raises(InputFileError, match="no range for coverage_rate"):
        read_ranges(path)


# --- judging ----------------------------------------------------------------------------------------------------------


def expected(**changes: object) -> Range:
    stated: dict[str, object] = {
        "measure": "m", "en": "m", "zh": "m", "unit": "1", "low": 0.2, "high": 0.6, "step": 0.1, "until": None,
        "breaks": (), "series": "", "evidence": "assumption", "source": "a test",
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


def test_last_known__is_the_last_value_of_the_series_itself() -> None:
    basis = load_basis("jiangxi-2020")
    own = basis.own_series["average_wage"].years[-1]
    assert last_known(basis, "average_wage") == own >= 2024
    assert last_known(basis, "price_index") == load_basis("china-2020").own_series["price_index"].years[-1]


# --- the baselines ----------------------------------------------------------------------------------------------------


def findings(table: pd.DataFrame) -> set[tuple[str, str]]:
    outside = table[table["verdict"] != "inside"]
    return set(zip(outside["region"], outside["measure"], strict=True))


@pytest.mark.slow
@pytest.mark.parametrize("region", REGIONS)
def test_baseline__leaves_no_range_but_those_known(region: str) -> None:
    table = plausibility_table(baseline(region))
    regions = 8 if region == "xuzhou" else 1
    assert len(table) == regions * len(MEASURES)
    assert set(table["verdict"]) <= {"inside", "level", "change", "level and change"}
    assert not table[["lowest", "highest", "change"]].isna().any().any()
    money = table[table["measure"].isin(MONEY)]
    assert (money["verdict"] == "inside").all(), money.loc[money["verdict"] != "inside", "measure"].tolist()
    known = pd.read_csv(FINDINGS)
    new = findings(table) - set(zip(known["region"], known["measure"], strict=True))
    shown = [
        "region",
        "measure",
        "lowest",
        "lowest_year",
        "highest",
        "highest_year",
        "change",
        "change_year",
        "verdict",
    ]
    rows = table[[key in new for key in zip(table["region"], table["measure"], strict=True)]]
    print(table.loc[table["verdict"] != "inside", shown].round(4).to_string())
    assert not new, f"not known before:\n{rows[shown].round(4).to_string()}"


@pytest.mark.slow
def test_baseline__money_moves_in_every_single_year_after_the_data() -> None:
    """Looked at once more without ranges: no nominal series stands still."""
    for region in REGIONS:
        data = baseline(region).dataset.isel(scenario=0, draw=0).sel(region=region)
        for name in ("wage", "benefit_base", "minimum_wage", "unemployment_benefit", "basic_pension_standard"):
            moved = np.diff(data[name].sel(year=slice(2027, None)).values)
            assert (moved > 0.0).all(), (region, name)
        mean = (data.enterprise_pension_mass / data.enterprise_pensioners).values
        assert (np.diff(mean) > 0.0).all(), region


def test_findings__name_known_regions_and_measures_once() -> None:
    known = pd.read_csv(FINDINGS)
    assert list(known.columns) == ["region", "measure", "why"]
    assert not known[["region", "measure"]].duplicated().any()
    assert (known["why"].str.len() > 20).all()
    assert set(known["measure"]) <= set(MEASURES) - set(MONEY)
    assert {name.split("_")[0] for name in known["region"]} <= set(REGIONS)


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
