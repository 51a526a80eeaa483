"""Levers of the UN's projection variants: what the data say, and what they move on real regions."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pytest
import xarray as xr

from simengine.engine.project import project
from simengine.scenario.combine import read_lever
from simengine.scenario.demography import Demography
from simengine.scenario.scenario import load_scenario, packaged
from simengine_calibration.people.un_gap import UN_BASIS, write_un_basis
from simengine_calibration.people.variants import demography, differences, report, steps
from simengine_calibration.sources.files import TOTALS, Sources

SHARED = Path(__file__).parents[3] / "shared" / "data"
NEEDS_SOURCES = pytest.mark.skipif(
    not SHARED.is_dir(), reason=f"the collected sources are not beside the repository ({SHARED})"
)
LEVERS = sorted(name for name in packaged("levers") if name.startswith("un_"))


def said(lever: str) -> Demography:
    read, errors = read_lever(packaged("levers")[lever], lever)
    assert read is not None and read.content.demography is not None, errors
    return read.content.demography


def projected(folder: Path, region: str, years: tuple[int, int], basis: str = "") -> dict[str, xr.Dataset]:
    """The baseline of a region, "", and every lever of the UN on it; `basis`: another one than the packaged."""
    keys = {}
    for lever in ["", *LEVERS]:
        path = folder / f"{region}_{lever or 'none'}.yaml"
        text = f"extends: {region}/baseline\nyears: {list(years)}\n"
        text += f"basis: {basis}\n" if basis else ""
        path.write_text(text + (f"levers: [{lever}]\n" if lever else ""), encoding="utf-8")
        keys[lever] = load_scenario(path)
    data = project(list(keys.values())).dataset.sel(region=region).isel(draw=0)
    return {lever: data.sel(scenario=scenario.key) for lever, scenario in keys.items()}


@cache
def sources() -> Sources:
    return Sources(SHARED)


@NEEDS_SOURCES
def test_files__say_what_the_data_give() -> None:
    wanted = demography(sources())
    assert sorted(wanted) == LEVERS
    for lever, content in wanted.items():
        assert said(lever) == Demography.model_validate(content), lever


@NEEDS_SOURCES
def test_low_and_high_columns__are_the_half_child_variants_and_no_bounds() -> None:
    differ = differences(sources())
    assert min(differ["low"]) == 2024 and max(differ["low"]) == 2100
    assert {year: -value for year, value in differ["low"].items()} == differ["high"]
    assert set(differ["high"].values()) == {0.25, 0.4, 0.5}
    assert steps(differ["high"]) == {2024: 0.25, 2029: 0.4, 2034: 0.5}
    printed = report(sources())
    assert all(f"\n{year} " in printed for year in range(2024, 2101))


def test_un_levers__move_a_region_as_they_say(tmp_path: Path) -> None:
    found = projected(tmp_path, "jiangxi", (2021, 2031))
    births = {lever: float(data.births.sel(year=slice(2024, None)).sum()) for lever, data in found.items()}
    deaths = {lever: float(data.deaths.sel(year=2031)) for lever, data in found.items()}
    assert births["un_low_fertility"] < births[""] < births["un_high_fertility"] < births["un_instant_replacement"]
    assert births["un_constant_fertility"] > births[""]  # the level of known births of 2023 is higher than later ones
    assert deaths["un_constant_mortality"] > deaths[""]
    for lever in ("un_zero_migration", "un_momentum"):
        assert (found[lever].net_migration.sel(year=slice(2024, None)) == 0.0).all()
    young = {lever: float(data.births.sel(year=2031)) for lever, data in found.items()}
    assert young["un_zero_migration"] > young[""]  # Jiangxi keeps the young who would move to other provinces
    for lever in LEVERS:
        for name in ("births", "deaths", "net_migration"):
            early = slice(None, 2023)
            assert (found[lever][name].sel(year=early) == found[""][name].sel(year=early)).all(), (lever, name)


@NEEDS_SOURCES
@pytest.mark.slow
def test_low_and_high_population_of_the_nation__move_as_the_un_projects(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Over the medium variant: within 0.1 % in 2050 and 0.8 % in 2095; births of the high variant are younger there."""
    monkeypatch.setenv("SIMENGINE_BASES", str(tmp_path))
    write_un_basis(tmp_path)  # the pyramid and the rates of the UN
    found = projected(tmp_path, "china", (2021, 2095), UN_BASIS)
    rows = {int(row["year"]): row for row in sources().rows(TOTALS)}
    people = {
        lever: data.population.sum([axis for axis in data.population.dims if axis != "year_end"])
        for lever, data in found.items()
    }
    for year, near in ((2050, 1e-3), (2095, 8e-3)):
        for variant in ("low", "high"):
            ratio = float(people[f"un_{variant}_fertility"].sel(year_end=year) / people[""].sel(year_end=year))
            un = float(rows[year][f"pop_{variant}"]) / float(rows[year]["pop"])
            print(f"{variant} {year}: {ratio:.4f}, UN {un:.4f}")
            assert ratio == pytest.approx(un, rel=near)
