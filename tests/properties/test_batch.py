"""A batch of lanes: the bits of single runs, whatever threads, blocks, order and restarts."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from simengine.common.errors import ModelError, ScenarioError
from simengine.engine.batch import Base, Batch, make_batch, run_batch
from simengine.engine.project import Histories, Lane, copy_state, lane_bases, open_lane, run_lane
from simengine.kernels import layout as at
from simengine.law import load_law
from simengine.scenario.scenario import load_scenario

OUTPUTS = (
    "members_enterprise",
    "pension_paid_enterprise",
    "fund_balance:enterprise_pension",
    "income:resident:fiscal_subsidy",
)
LANES = 70
YEARS = 6


def opened(name: str) -> Lane:
    scenario = load_scenario(name)
    law = load_law()
    return open_lane(scenario, lane_bases(scenario)[0], law, Histories(law, lambda text: None))


def cut(lane: Lane) -> Base:
    """The first years of an opened lane."""
    from dataclasses import replace

    inputs = replace(lane.inputs, years=lane.inputs.years[: YEARS + 1], paths=lane.inputs.paths[:, : YEARS + 1].copy())
    return Base(inputs, lane.opening)


@pytest.fixture(scope="module")
def bases() -> list[Base]:
    return [cut(opened("jiangxi/baseline")), cut(opened("hubei/baseline"))]


@pytest.fixture(scope="module")
def batch(bases: list[Base]) -> Batch:
    """Two regions, wages of their own in every lane."""
    of = np.arange(LANES) % 2
    growth = 1.0 + 0.01 * np.arange(LANES)[:, None] / LANES * np.arange(YEARS + 1)[None, :]
    wage = np.stack([bases[base].inputs.paths[at.PATH_AVERAGE_WAGE] for base in of]) * growth
    return make_batch(bases, OUTPUTS, of, {"average_wage": wage, "previous_wage": wage / 1.03})


@pytest.fixture(scope="module")
def whole(batch: Batch) -> np.ndarray:
    return run_batch(batch, threads=1)


@pytest.mark.parametrize("threads", (1, 2))
@pytest.mark.parametrize("block", (1, 7, 64, 1000))
def test_run_batch__threads_and_blocks_do_not_change_a_bit(
    batch: Batch, whole: np.ndarray, threads: int, block: int
) -> None:
    assert run_batch(batch, threads=threads, block=block).tobytes() == whole.tobytes()


def test_run_batch__the_order_of_lanes_does_not_change_a_bit(batch: Batch, whole: np.ndarray) -> None:
    order = np.random.default_rng(1).permutation(LANES)
    turned = Batch(batch.bases, batch.of[order], {name: one[order] for name, one in batch.series.items()}, OUTPUTS)
    assert run_batch(turned).tobytes() == np.ascontiguousarray(whole[:, :, order]).tobytes()


def test_run_batch__a_run_that_was_stopped_goes_on(batch: Batch, whole: np.ndarray, tmp_path: Path) -> None:
    def stop(stage: str, done: int, total: int) -> None:
        if done >= 20:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run_batch(batch, threads=1, block=10, keep=tmp_path, progress=stop)
    kept = np.load(tmp_path / "done.npy")
    assert 20 <= kept.sum() < LANES
    seen: list[int] = []
    again = run_batch(batch, block=7, keep=tmp_path, progress=lambda stage, done, total: seen.append(done))
    assert np.asarray(again).tobytes() == whole.tobytes()
    assert min(seen) > 20


def test_run_batch__a_folder_of_another_batch_is_refused(batch: Batch, tmp_path: Path) -> None:
    run_batch(make_batch(batch.bases, OUTPUTS[:1]), keep=tmp_path)
    with pytest.raises(ScenarioError, match="another batch"):
        run_batch(batch, keep=tmp_path)


def test_run_batch__a_lane_is_what_a_single_run_gives(batch: Batch, whole: np.ndarray) -> None:
    from dataclasses import replace

    lane = 33
    base = batch.bases[batch.of[lane]]
    paths = base.inputs.paths.copy()
    for name, values in batch.series.items():
        paths[at.PATH_NAMES.index(name)] = values[lane]
    output = run_lane(replace(base.inputs, paths=paths), copy_state(base.opening), 1, YEARS + 1)
    assert np.array_equal(whole[0, :, lane], output.stocks[at.STOCK_NAMES.index(OUTPUTS[0]), 2:])
    assert np.array_equal(whole[1, :, lane], output.flows[at.FLOW_NAMES.index(OUTPUTS[1]), 1:])
    assert np.array_equal(whole[2, :, lane], output.balance[at.OWN, at.FUND_ENTERPRISE, 2:])
    assert np.array_equal(whole[3, :, lane], output.ledger[at.OWN, at.FUND_RESIDENT, at.IN_FISCAL, 1:])
    assert (whole[:3].std(axis=2) > 0.0).all()


def test_make_batch__tells_what_is_wrong(bases: list[Base]) -> None:
    with pytest.raises(ScenarioError, match=r"no outputs of these names: memebrs_enterprise.*members_enterprise"):
        make_batch(bases, ["memebrs_enterprise"])
    with pytest.raises(ScenarioError, match="no output is named"):
        make_batch(bases, [])
    with pytest.raises(ScenarioError, match=r"no series is called \"average_wages\""):
        make_batch(bases, OUTPUTS, series={"average_wages": np.zeros((2, YEARS + 1))})
    with pytest.raises(ScenarioError, match=r"shape \(2, 3\)"):
        make_batch(bases, OUTPUTS, series={"average_wage": np.zeros((2, 3))})
    with pytest.raises(ValueError, match="a batch needs lanes"):
        make_batch(bases, OUTPUTS, of=np.array([0, 2]))


def test_run_batch__a_number_that_is_not_finite_is_refused(bases: list[Base]) -> None:
    wage = np.full((2, YEARS + 1), np.nan)
    with pytest.raises(ModelError, match="not finite"):
        run_batch(make_batch(bases, OUTPUTS, series={"previous_wage": wage}))
