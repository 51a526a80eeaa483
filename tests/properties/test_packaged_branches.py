"""Unemployment and work injury of every packaged region and year: ceilings between them, dated rules, continuity."""

from __future__ import annotations

import numpy as np
import pytest

from simengine.basis.basis import load_basis
from simengine.engine.compile import compile_lane
from simengine.engine.project import lane_bases, project
from simengine.kernels import layout as at
from simengine.law import load_law
from simengine.scenario.scenario import load_scenario

REGIONS = ("china", "jiangxi", "hubei", "xuzhou", "haiyan", "jingdezhen")
ROUNDING = 1e-9


def path_of(region: str, name: str, last: int = 2045) -> dict[int, float]:
    """One series of the first lane of a region's baseline, by year."""
    scenario = load_scenario(f"{region}/baseline")
    basis = lane_bases(scenario)[0]
    inputs = compile_lane(basis, load_law(), np.arange(basis.base_year, last + 1), scenario)
    row = inputs.paths[at.PATH_NAMES.index(name)]
    return {int(year): float(value) for year, value in zip(inputs.years, row, strict=True)}


@pytest.mark.slow
@pytest.mark.parametrize("region", REGIONS)
@pytest.mark.parametrize("name", ["baseline", "as_planned"])
def test_ceilings__unemployment_insured_at_most_injury_insured_at_most_employed(region: str, name: str) -> None:
    """Schemes.md 7.1 and model.md 9, every lane and year to the horizon: a known figure alone may pass, and is told."""
    result = project(load_scenario(f"{region}/{name}"))
    names = ("unemployment_insured", "injury_insured", "injury_project_share")
    for lane in result.lanes:
        known = {key: lane.inputs.paths[at.PATH_NAMES.index(key), 1:] for key in names}
        flow = {
            key: lane.output.flows[at.FLOW_NAMES.index(key), 1:]
            for key in ("employed", "unemployment_over_injury", "injury_over_employed")
        }
        unemployment, injury = (
            lane.output.stocks[at.STOCK_NAMES.index(key), 2:] for key in ("unemployment_insured", "injury_insured")
        )
        by_wages = injury * (1.0 - known["injury_project_share"])
        where = f"{region}/{name}, {lane.basis.name}"
        np.testing.assert_allclose(
            np.maximum(unemployment - injury, 0.0),
            flow["unemployment_over_injury"],
            atol=ROUNDING * injury.max(),
            err_msg=where,
        )
        np.testing.assert_allclose(
            np.maximum(by_wages - flow["employed"], 0.0),
            flow["injury_over_employed"],
            atol=ROUNDING * injury.max(),
            err_msg=where,
        )
        for key, over in (
            ("unemployment_insured", "unemployment_over_injury"),
            ("injury_insured", "injury_over_employed"),
        ):
            free = np.isnan(known[key])
            assert free.any()
            assert flow[over][free].max() <= ROUNDING * injury.max(), f"{where}: {key} passes its ceiling unknown"


@pytest.mark.parametrize("region", REGIONS)
def test_pension_refund__from_2025_to_2039_and_in_no_other_year(region: str) -> None:
    """人社部发〔2024〕76号: twenty per cent of 60 % of the average wage of the year before."""
    refund, wage = path_of(region, "unemployment_pension_refund"), path_of(region, "previous_wage")
    for year, amount in refund.items():
        assert amount == pytest.approx(0.2 * 0.6 * wage[year] if 2025 <= year <= 2039 else 0.0, rel=1e-12), year


def test_refund_rates__law_times_the_shares_of_firms_after_the_last_known_year() -> None:
    """Half of the premiums eligible, six tenths of them small: 0.5·(0.6·0.9 + 0.4·0.5) = 0.37, ordinary 0.24.

    2025 is half a year of either: 181 of 365 days at 0.6·0.6 + 0.4·0.3 = 0.48, 184 at 0.74. A fund below its reserve
    refunds nothing in the first half and the ordinary 0.24 in the second.
    """
    basis = load_basis("jiangxi-2020")
    assert [basis.constant(name) for name in ("refund_eligible", "refund_small_firms")] == [0.5, 0.6]
    share, low = path_of("jiangxi", "stabilisation_share"), path_of("jiangxi", "stabilisation_low_share")
    reserve = path_of("jiangxi", "refund_reserve_months")
    assert share[2026] == share[2040] == pytest.approx(0.37)
    assert share[2025] == pytest.approx(0.5 * (181.0 * 0.48 + 184.0 * 0.74) / 365.0)
    assert [low[year] for year in range(2025, 2046)] == pytest.approx([0.24 * 184.0 / 365.0] + [0.24] * 20)
    assert (reserve[2024], reserve[2025], reserve[2040]) == (0.0, 12.0, 12.0)


@pytest.mark.slow
@pytest.mark.parametrize("region", ["jiangxi", "hubei", "haiyan"])
def test_injury_rate__leaves_its_last_known_factor_by_cut_reserve_and_floating_alone(region: str) -> None:
    """Premium over wages and base rates of 2023 and 2024, rebuilt from the months, the marks and the levels."""
    result = project(load_scenario(f"{region}/baseline"))
    lane = result.lanes[0]
    years = list(lane.inputs.years)
    last, late = years.index(2023), years.index(2024)
    flows, tables = lane.output.flows, lane.inputs.tables
    paid = lane.output.ledger[at.OWN, at.FUND_INJURY, at.IN_CONTRIBUTIONS]
    paid = paid - flows[at.FLOW_NAMES.index("injury_project_premiums")]
    base = flows[at.FLOW_NAMES.index("injury_wage_bill")] * (tables.class_mix * tables.class_rate).sum(axis=1)
    known = lane.inputs.paths[at.PATH_NAMES.index("injury_rate_factor")]
    factor = np.divide(paid, base, out=np.full(base.size, np.nan), where=base > 0.0)
    assert factor[last] == pytest.approx(known[last], rel=1e-12)
    assert np.isnan(known[late])

    def months(t: int) -> float:
        spent = lane.output.ledger[at.OWN, at.FUND_INJURY, at.OUT_BENEFITS :, t - 1].sum()
        return float(12.0 * lane.output.balance[at.OWN, at.FUND_INJURY, t] / spent)

    cut = {t: float(np.interp(months(t), [12.0, 18.0, 24.0], [1.0, 0.8, 0.5])) for t in (last, late)}
    reserve = 1.1 if months(late) < 12.0 else 1.0
    floating = factor[late] / known[last] / (cut[late] / cut[last]) / reserve
    print(f"{region}: {known[last]:.4f} -> {factor[late]:.4f}; cut {cut[last]:.3f} -> {cut[late]:.3f}")
    print(f"reserve {reserve}, floating {floating:.4f}")
    assert 0.95 < floating < 1.25  # claims ratios of two years: no class moves by a whole level on average
