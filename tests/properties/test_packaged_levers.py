"""Every packaged lever on its region: what it says moves, by how much, and nothing before its first year."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import numpy as np
import pytest
import xarray as xr

from simengine.basis.basis import load_basis
from simengine.engine.project import project
from simengine.scenario.scenario import load_scenario, packaged

HORIZON = {"jiangxi": (2021, 2036), "hubei": (2021, 2026), "haiyan": (2021, 2026), "xuzhou": (2021, 2026)}
HORIZON |= {"jingdezhen": (2016, 2021), "china": (2021, 2036)}
LEVERS = sorted(packaged("levers"))


@dataclass(frozen=True)
class Move:
    """One output in one year: over (`ratio`) or above (`plus`) that without the lever, or only in a direction."""

    variable: str
    year: int
    ratio: float | None = None
    plus: float | None = None
    more: bool = True
    of: dict[str, str] = field(default_factory=dict)
    near: float = 1e-9

    def read(self, data: xr.Dataset) -> float:
        found = data[self.variable].sel(self.of)
        return float(found.sel({"year_end" if "year_end" in found.dims else "year": self.year}))


ENTERPRISE, FLEXIBLE, PAUSED = ({"status": status} for status in ("enterprise", "flexible", "paused"))


def income(fund: str) -> dict[str, str]:
    return {"fund": fund, "income_item": "contributions"}


AID, INTEREST, POOL = (
    {"fund": "enterprise_pension", "income_item": item} for item in ("fiscal_subsidy", "interest", "from_above")
)
OWN = {"fund": "enterprise_pension"}
PREVENTION = {"fund": "work_injury", "outgo_item": "other_outgo"}
ANY: int | None = None  # later ages are chosen early too: years before the reform may move by a few persons
FERTILITY_2024 = float(load_basis("jiangxi-2020").fertility([2024]).sum())
"""Children per woman in the baseline of Jiangxi."""
RETIRED = (Move("enterprise_pensioners", 2030), Move("enterprise_pensioners", 2036))

MOVES: dict[str, tuple[int | None, tuple[Move, ...]]] = {
    # pensions: the factor is on the part of an award that is not the account's
    "award_factor_high": (
        2031,
        (Move("new_award_mass_enterprise", 2031), Move("new_award_mass_enterprise", 2036, ratio=1.027, near=0.006)),
    ),
    "award_factor_low": (
        2025,
        (
            Move("new_award_mass_enterprise", 2025, more=False),
            Move("new_award_mass_enterprise", 2036, ratio=0.83, near=0.03),
        ),
    ),
    # of the half of wages and prices, six tenths and four
    "indexation_wages_high": (2026, (Move("adjustment_ratio", 2027), Move("enterprise_pension_mass", 2035))),
    "account_interest_held": (2026, (Move("account_balance", 2035, more=False),)),
    "account_interest_high": (2026, (Move("account_balance", 2026), Move("account_balance", 2035))),
    "employer_rate_20": (
        2028,
        (  # 20 + 8 over 16 + 8 per cent, less for the flexible payers
            Move("income", 2028, of=income("enterprise_pension")),
            Move("income", 2028, ratio=1.14, near=28.0 / 24.0 - 1.14, of=income("enterprise_pension")),
        ),
    ),
    "indexation_2pct": (
        2027,
        (Move("adjustment_ratio", 2035, more=False), Move("enterprise_pension_mass", 2035, more=False)),
    ),
    "no_retirement_reform": (ANY, RETIRED),
    "slower_retirement_reform": (ANY, RETIRED),
    "xuzhou_basic_pension_8pct": (2021, (Move("basic_pension_standard", 2025, ratio=235.09 / 246.0),)),
    # coverage
    "coverage_growth_plus": (
        2026,
        (  # half a point a year beyond what entries at the pressure bring; half of ten years of it stays
            Move("members", 2026, ratio=1.005, near=1e-4, of=ENTERPRISE),
            Move("members", 2026, ratio=1.005, near=1e-4, of=FLEXIBLE),
            Move("members", 2035, ratio=1.025, near=5e-3, of=ENTERPRISE),
            Move("members", 2035, of=FLEXIBLE),
        ),
    ),
    "coverage_high": (2025, (Move("members", 2035, of=ENTERPRISE), Move("members", 2035, of=FLEXIBLE))),
    "coverage_low": (
        2025,
        (Move("members", 2035, more=False, of=ENTERPRISE), Move("members", 2035, more=False, of=FLEXIBLE)),
    ),
    "early_leaving_high": (2026, (Move("enterprise_pensioners", 2030), Move("awards_enterprise", 2026))),
    "early_leaving_low": (
        2026,
        (Move("enterprise_pensioners", 2030, more=False), Move("awards_enterprise", 2026, more=False)),
    ),
    # the known levels of 2021 to 2024 stand; 2025 grows by as much as the lever says beyond its ordinary entries
    "hubei_coverage_95": (
        2025,
        (
            Move("members", 2024, ratio=1.0, of=ENTERPRISE),
            Move("members", 2025, ratio=1.009374, near=1e-4, of=ENTERPRISE),
        ),
    ),
    # the known levels of 2021 to 2024 contain what the campaign brought
    "xuzhou_gross_210k_2023": (2021, (Move("members", 2023, ratio=1.0, of=ENTERPRISE),)),
    "xuzhou_gross_300k_2025": (2021, (Move("campaign_top_up_enterprise", 2025), Move("members", 2025, of=ENTERPRISE))),
    "xuzhou_payment_rate_88_90": (
        2021,
        (Move("members", 2025, of=PAUSED), Move("members", 2025, more=False, of=ENTERPRISE)),
    ),
    "jiangxi_new_form_workers": (
        2022,
        (  # the known levels of 2022 to 2024 contain three quarters of it
            Move("members", 2022, plus=0.0, of=FLEXIBLE),
            Move("campaign_top_up_flexible", 2025, plus=37_500.0),
            Move("members", 2025, of=FLEXIBLE),
            Move("platform_insured", 2025, ratio=1.0),
            Move("platform_insured", 2026, ratio=2.0),
        ),
    ),
    "xuzhou_flexible_workers": (
        2022,
        (  # the known levels of 2022 to 2024 contain three quarters of it
            Move("members", 2022, plus=0.0, of=FLEXIBLE),
            Move("campaign_top_up_flexible", 2025, plus=7_500.0),
            Move("members", 2025, of=FLEXIBLE),
        ),
    ),
    # resident funds: every yuan of new surplus instead of 80 per cent
    "hubei_entrusted_all": (2021, (Move("resident_newly_entrusted", 2021, ratio=1.25),)),
    # unemployment
    "layoff_wave": (
        2027,
        (  # two points of the labour force, six tenths of them payers
            Move("layoffs", 2027),
            Move("layoffs", 2028, more=False),
            Move("new_claimants", 2027, ratio=1.29, near=0.01),
            Move("members", 2027, more=False, of=ENTERPRISE),
            Move("income", 2028, more=False, of=income("enterprise_pension")),  # they pause at the year end
        ),
    ),
    "xuzhou_small_firms": (
        2021,
        (
            Move("campaign_top_up_unemployment", 2024),
            Move("unemployment_insured", 2025),
            Move("unemployment_insured", 2023, ratio=1.0),  # ordinary growth is more until then
        ),
    ),
    "phased_rates_end": (
        2027,
        (  # two and one per cent instead of .65 and .55: a tenth of the cut is withdrawn in 2027
            Move("income", 2027, ratio=2.5, of=income("unemployment")),
            Move("income", 2032, of=income("work_injury")),  # before, the reserve is too small for a cut
            Move("income", 2034, of=income("work_injury")),
        ),
    ),
    # funds: of a province both ends of each payment stay in its own fund
    "provincial_adjustment_funds": (
        2026,
        (
            Move("outgo", 2026, of={"fund": "unemployment", "outgo_item": "to_above"}),
            Move("income", 2026, of={"fund": "unemployment", "income_item": "from_below"}),
            Move("outgo", 2030, of={"fund": "public_pension", "outgo_item": "to_above"}),
            Move("fund_balance", 2035, ratio=1.0, of={"fund": "unemployment"}),
        ),
    ),
    # of Jiangxi's subsidy of .16 nothing is left, or .21 is paid; its reserve is below twelve months
    "subsidy_none": (2026, (Move("income", 2026, ratio=0.0, of=AID), Move("income", 2036, ratio=0.0, of=AID))),
    "subsidy_high": (2026, (Move("income", 2026, ratio=0.21 / 0.16, of=AID),)),
    "subsidy_to_12_months": (
        2026,
        (Move("income", 2026, ratio=0.0, of=AID), Move("fund_balance", 2036, more=False, of=OWN)),
    ),
    "subsidy_to_30_months": (2032, (Move("income", 2033, of=AID), Move("fund_balance", 2036, of=OWN))),
    "fund_return_low": (2026, (Move("income", 2026, ratio=0.96, near=1e-3, of=INTEREST),)),
    "fund_return_high": (2026, (Move("income", 2026, ratio=1.224, near=2e-3, of=INTEREST),)),
    # 4.5 and 6 for 5.1 per cent of the nation's spending, a province's part by its own
    "pool_volume_low": (2022, (Move("income", 2022, ratio=4.5 / 5.1, near=1e-3, of=POOL),)),
    "pool_volume_high": (2022, (Move("income", 2022, ratio=6.0 / 5.1, near=1e-3, of=POOL),)),
    # people
    "rates_of_the_un": (2021, (Move("deaths", 2021), Move("deaths", 2036), Move("births", 2021))),
    "un_low_fertility": (
        2024,
        (Move("births", 2024, ratio=1.0 - 0.25 / FERTILITY_2024), Move("births", 2034, more=False)),
    ),
    "un_high_fertility": (2024, (Move("births", 2024, ratio=1.0 + 0.25 / FERTILITY_2024), Move("births", 2034))),
    "un_constant_fertility": (2024, (Move("births", 2036),)),  # known births of 2023 were above the UN's
    "un_constant_mortality": (2024, (Move("deaths", 2024), Move("deaths", 2036))),
    "un_zero_migration": (2024, (Move("net_migration", 2024, ratio=0.0), Move("net_migration", 2036, ratio=0.0))),
    "un_instant_replacement": (2024, (Move("births", 2024), Move("births", 2036))),
    "un_momentum": (2024, (Move("births", 2024), Move("deaths", 2036), Move("net_migration", 2036, ratio=0.0))),
    # work injury
    "hubei_civil_servants": (2022, (Move("injury_insured", 2022, plus=1e5), Move("injury_insured", 2024, plus=3e5))),
    "haiyan_platform_workers": (2023, (Move("injury_insured", 2023, plus=1e3), Move("injury_insured", 2025, plus=3e3))),
    "jiangxi_construction_by_project": (
        2022,
        tuple(Move("injury_insured", year, plus=heads) for year, heads in ((2022, 2e4), (2025, 8e4), (2030, 8e4))),
    ),
    "jiangxi_pneumoconiosis_industries": (
        2022,
        tuple(Move("injury_insured", year, plus=heads) for year, heads in ((2022, 1e4), (2023, 2e4), (2030, 2e4))),
    ),
    "jingdezhen_injury_enlargement": (
        2018,
        (Move("injury_insured", 2020, plus=5e3), Move("campaign_top_up_injury", 2018, plus=5e3 / 3.0)),
    ),
    "industrial_accident_year": (
        2028,
        (
            Move("injury_cases", 2028, ratio=1.5),
            Move("fatal_cases", 2028, ratio=3.0),
            Move("injury_death_benefits", 2028, ratio=3.0),
            Move("injury_cases", 2029, ratio=1.0),
        ),
    ),
    "prevention_doubled": (
        2026,
        (  # a tenth fewer cases; the money is that of last year's premiums, which have not moved yet
            Move("injury_cases", 2026, ratio=0.9),
            Move("injury_cases", 2035, ratio=0.9),
            Move("outgo", 2026, ratio=2.0, of=PREVENTION),
        ),
    ),
}  # fmt: skip


def region_of(lever: str) -> str:
    """The region a lever is named after, the nation where no province has as many months of reserve, else Jiangxi."""
    if lever.startswith("subsidy_to_"):
        return "china"
    return next((region for region in HORIZON if lever.startswith(f"{region}_")), "jiangxi")


Runs = Callable[[str], dict[str, Any]]


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> Runs:
    """Every lever of a region beside its baseline, projected together; by lever, "" for none."""
    folder = tmp_path_factory.mktemp("levers")

    @cache
    def run(region: str) -> dict[str, Any]:
        keys = {}
        for lever in ["", *(name for name in LEVERS if region_of(name) == region)]:
            path = folder / f"{region}_with_{lever or 'none'}.yaml"
            text = f"extends: {region}/baseline\nyears: {list(HORIZON[region])}\n"
            path.write_text(text + (f"levers: [{lever}]\n" if lever else ""), encoding="utf-8")
            keys[lever] = load_scenario(path)
        data = project(list(keys.values())).dataset.sel(region=region).isel(draw=0)
        return {lever: data.sel(scenario=scenario.key) for lever, scenario in keys.items()}

    return run


def test_levers__each_file_says_here_what_it_moves() -> None:
    assert {*MOVES, "neutral"} == set(LEVERS)


@pytest.mark.slow
@pytest.mark.parametrize("lever", MOVES)
def test_lever__moves_what_it_says(runs: Runs, lever: str) -> None:
    found = runs(region_of(lever))
    with_lever, without = found[lever], found[""]
    first, moves = MOVES[lever]
    for move in moves:
        changed, known = move.read(with_lever), move.read(without)
        what = f"{lever}: {move.variable} {move.of or ''} in {move.year}"
        print(f"{what}: {known:.6g} -> {changed:.6g}")
        if move.plus is not None:
            assert changed - known == pytest.approx(move.plus, abs=max(1.0, 1e-6 * abs(known))), what
        elif move.ratio is not None:
            assert changed / known == pytest.approx(move.ratio, abs=move.near), what
        else:
            assert (changed > known) if move.more else (changed < known), what
    for name in without.data_vars if first else ():
        time = next((axis for axis in ("year", "year_end") if axis in without[name].dims), None)
        if time:
            before = [data[name].sel({time: data[time] < first}) for data in (with_lever, without)]
            assert np.array_equal(*before, equal_nan=True), f"{lever}: {name} moves before {first}"


@pytest.mark.slow
def test_neutral_lever__changes_no_bit(runs: Runs) -> None:
    found = runs("jiangxi")
    for name in found[""].data_vars:
        assert np.array_equal(found["neutral"][name], found[""][name], equal_nan=True), name


@pytest.mark.slow
def test_jingdezhen__grows_above_its_planned_insured_without_a_campaign(runs: Runs) -> None:
    """Jingdezhen plans 278,000 insured in 2020; the insured of its baseline are above them without any campaign."""
    insured = runs("jingdezhen")[""]["injury_insured"]
    assert float(insured.sel(year_end=2020)) > 278_000.0
    assert float(insured.sel(year_end=2020) - insured.sel(year_end=2017)) > 5_000.0


@pytest.mark.slow
def test_slower_reform__lies_between_the_enacted_one_and_none(runs: Runs) -> None:
    found = runs("jiangxi")
    pensioners = [
        float(found[name]["enterprise_pensioners"].sel(year_end=2036))
        for name in ("", "slower_retirement_reform", "no_retirement_reform")
    ]
    assert pensioners == sorted(pensioners)
