"""Uncertain returns: counted random numbers, their distribution, quantiles and the years of exhaustion."""

from __future__ import annotations

import math
import statistics
from typing import Any

import numpy as np
import pandas as pd
import pytest

from simengine.decide.fund import Flows, flows_of, study_fund
from simengine.decide.fund.draws import BLOCK, COUNTED, WORDS, drawn_returns, quantile, shocks, simulate
from simengine.decide.fund.flows import YEARS
from simengine.decide.fund.roll import TIMINGS, Timing, roll

NORMAL = statistics.NormalDist()
DRAWS = 20_000


def fund(opening: float, years: int, contributions: float, benefits: float) -> Flows:
    frame = pd.DataFrame({"year": range(2026, 2026 + years), "contributions": contributions, "benefits": benefits})
    return flows_of(frame, opening)


def simulated(opening: float, net: float, years: int, rate: float, spread: float, timing: Timing, seed: int = 3) -> Any:
    full = np.full(years, 1.0)
    return simulate(opening, net * full, full, rate * full, spread * full, timing, DRAWS, seed)


def test_shocks__are_words_of_the_counted_stream_put_through_the_inverse_distribution() -> None:
    """Draw d, year t: word 256·d + t; normal number of (word/2^11 + ½)/2^53, by the standard library."""
    found = shocks(11, 40, 3, 7)
    stream = np.random.Philox(key=11)
    words = stream.random_raw(43 * WORDS)
    for draw in range(3):
        for year in range(7):
            share = ((int(words[(40 + draw) * WORDS + year]) >> 11) + 0.5) / 2**53
            assert found[draw, year] == pytest.approx(NORMAL.inv_cdf(share), abs=1e-12)


def test_shocks__of_a_draw_depend_on_nothing_but_seed_draw_and_year() -> None:
    many = shocks(5, 0, BLOCK + 10, 30)
    assert np.array_equal(many[BLOCK + 3 : BLOCK + 5], shocks(5, BLOCK + 3, 2, 30))
    assert np.array_equal(many[:, :12], shocks(5, 0, BLOCK + 10, 12))
    assert not np.array_equal(many[0], shocks(6, 0, 1, 30)[0])
    assert WORDS % COUNTED == 0 and YEARS <= WORDS


def test_simulate__gives_each_draw_as_if_it_were_alone() -> None:
    ones = np.ones(20)
    arguments = (30.0, -2.0 * ones, 5.0 * ones, 0.03 * ones, 0.1 * ones, "middle")
    ratio, gone = simulate(*arguments, BLOCK + 50, 9)  # type: ignore[arg-type]
    few, few_gone = simulate(*arguments, 120, 9)  # type: ignore[arg-type]
    assert np.array_equal(ratio[:, :120], few) and np.array_equal(gone[:120], few_gone)
    for draw in (0, BLOCK + 49):
        returns = drawn_returns(arguments[3], arguments[4], shocks(9, draw, 1, 20))[:, 0]
        balance = [30.0]
        for rate in returns.tolist():
            balance.append(balance[-1] * (1.0 + rate) - 2.0 * math.sqrt(1.0 + rate))
        first = next((place for place, each in enumerate(balance) if each < 0.0), 21)
        assert gone[draw] == first
        told = [each / 5.0 if place < first else -math.inf for place, each in enumerate(balance[:-1])]
        assert ratio[:, draw].tolist() == pytest.approx(told, rel=1e-12)


@pytest.mark.parametrize(("timing", "half"), [("start", 1.0), ("end", 0.0)])
def test_simulate__mean_balance_is_that_of_the_mean_return(timing: Timing, half: float) -> None:
    """E[1 + R] = 1 + i and draws of years are independent, so E[V(n)] = V(0)·w^n + N·w^h·(w^n - 1)/(w - 1)."""
    years = 15
    drawn = drawn_returns(np.full(years, 0.04), np.full(years, 0.12), shocks(2, 0, DRAWS, years))
    closing = roll(50.0, np.full((years, 1), 3.0), drawn, timing)[-1]
    w = 1.04
    mean = 50.0 * w**years + 3.0 * w**half * (w**years - 1.0) / (w - 1.0)
    error = closing.std() / math.sqrt(DRAWS)
    assert abs(closing.mean() - mean) < 4.0 * error and error < 0.01 * mean


def test_drawn_returns__have_the_stated_mean_spread_and_median() -> None:
    """ln(1 + R) is normal: mean ln(1 + i) - σ²/2, standard deviation σ; five standard errors of each."""
    drawn = np.log(1.0 + drawn_returns(np.array([0.03]), np.array([0.08]), shocks(1, 0, DRAWS, 1))[0])
    assert abs(drawn.mean() - (math.log(1.03) - 0.0032)) < 5.0 * 0.08 / math.sqrt(DRAWS)
    assert abs(drawn.std() - 0.08) < 5.0 * 0.08 / math.sqrt(2.0 * DRAWS)


def test_exhaustion__of_one_year_is_the_normal_probability() -> None:
    """End: V(0)·(1 + R) < N'. 100·(1 + R) < 95 has probability Φ((ln .95 - ln 1.03 + σ²/2)/σ)."""
    _, gone = simulated(100.0, -95.0, 1, 0.03, 0.1, "end")
    exact = NORMAL.cdf((math.log(0.95) - math.log(1.03) + 0.005) / 0.1)
    assert abs((gone == 1).mean() - exact) < 4.0 * math.sqrt(exact * (1.0 - exact) / DRAWS)
    assert set(gone.tolist()) == {1, 2}  # the end of the first year, or beyond it


@pytest.mark.parametrize("timing", TIMINGS)
def test_without_spread__every_draw_is_the_fund_itself(timing: Timing) -> None:
    flows = fund(100.0, 12, 10.0, 22.0)
    study = study_fund(flows, returns=0.02, volatility=0.0, timing=timing, goals=[], draws=100)
    assert study.quantiles is not None and study.exhaustion_quantiles is not None
    ratio = study.years["fund_ratio"].where(study.years["year"] <= (study.exhaustion_year or 9999))
    for name in ("fund_ratio_p05", "fund_ratio_p50", "fund_ratio_p95"):
        assert study.quantiles[name].to_numpy() == pytest.approx(ratio.to_numpy(), rel=1e-13, nan_ok=True)
    assert set(study.exhaustion_quantiles.values()) == {study.exhaustion_year}
    used_up = (study.years["year"] >= study.exhaustion_year).astype(float)
    assert study.quantiles["probability_exhausted"].tolist() == used_up.tolist()


def test_quantiles__fall_away_as_the_probability_passes_them() -> None:
    """A quantile of a year is blank just where more draws than its share were used up before the year."""
    study = study_fund(fund(100.0, 25, 10.0, 16.0), returns=0.03, volatility=0.1, goals=[], draws=5_000)
    table = study.quantiles
    assert table is not None and table["probability_exhausted"].is_monotonic_increasing
    before = [0.0, *table["probability_exhausted"].tolist()[:-1]]
    blanks = 0
    for share in (5, 25, 50, 75, 95):
        blank = table[f"fund_ratio_p{share:02d}"].isna().tolist()
        assert blank == [share / 100.0 <= gone for gone in before]
        blanks += sum(blank)
    assert 0 < blanks < 125
    rising = table[["fund_ratio_p05", "fund_ratio_p50", "fund_ratio_p95"]].dropna().to_numpy()
    assert len(rising) and (np.diff(rising, axis=1) >= 0.0).all()
    error = np.sqrt(table["probability_exhausted"] * (1.0 - table["probability_exhausted"]) / 5_000)
    assert table["standard_error"].tolist() == pytest.approx(error.tolist())


def test_quantile__is_a_value_that_was_drawn() -> None:
    values = np.array([5.0, 1.0, 4.0, 2.0, 3.0])
    assert [float(quantile(values, share)) for share in (0.05, 0.2, 0.21, 0.5, 0.95)] == [1.0, 1.0, 2.0, 3.0, 5.0]
    assert float(quantile(np.append(values, -np.inf), 0.05)) == -math.inf


def test_study__years_without_outgo_have_no_ratio_and_an_opening_below_zero_is_gone_at_once() -> None:
    study = study_fund(fund(10.0, 3, 5.0, 0.0), returns=0.02, volatility=0.1, goals=[], draws=100)
    assert study.quantiles is not None and study.quantiles["fund_ratio_p50"].isna().all()
    below = study_fund(fund(-10.0, 3, 5.0, 6.0), returns=0.02, volatility=0.1, goals=[], draws=100)
    assert below.exhaustion_quantiles == {0.05: 2025, 0.5: 2025, 0.95: 2025}
    assert below.quantiles is not None and (below.quantiles["probability_exhausted"] == 1.0).all()


def test_study__the_seed_is_all_that_changes_the_draws() -> None:
    flows = fund(60.0, 20, 10.0, 14.0)

    def drawn(seed: int) -> Any:
        return study_fund(flows, returns=0.03, volatility=0.1, goals=[], draws=500, seed=seed).quantiles

    pd.testing.assert_frame_equal(drawn(4), drawn(4))
    assert not drawn(4).equals(drawn(5))
