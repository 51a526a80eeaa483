"""Recovery: ranks of known truths are uniform if estimates and errors are right; replicates are kept one by one."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from simengine_calibration.fitting import recovery
from simengine_calibration.fitting.model import Model
from simengine_calibration.fitting.recovery import LEAST, RANKS, made_up, rank_table, recover, stream, truth
from tests.helpers.tiny_fit import linear_model, posterior, tiny_model

# --- ranks, on a linear model whose posterior is known ----------------------------------------------------------------


def replicates(count: int, narrow: float = 1.0, shift: float = 0.0) -> list[dict[str, Any]]:
    """Truths from the priors, figures with noise, ranks among draws of the closed form; errors may be wrong."""
    model = linear_model()
    generator = np.random.default_rng(5)
    _, covariance = posterior(model)
    root = np.linalg.cholesky(covariance) * narrow
    errors = np.sqrt(np.diag(covariance)) * narrow
    found = []
    for number in range(count):
        x = model.mean + model.sd * generator.standard_normal(2)
        model.figures = model.design @ x + model.spread * generator.standard_normal(4)
        estimate = posterior(model)[0] + shift * errors
        drawn = estimate + generator.standard_normal((RANKS, 2)) @ root.T
        rank = (drawn < x).sum(axis=0).tolist()
        found.append({"number": number, "truth": x.tolist(), "estimate": estimate.tolist(), "rank": rank})
        found[-1]["error"] = errors.tolist()
    return found


def test_rank_table__right_errors_pass() -> None:
    table = rank_table(linear_model(), replicates(400))
    assert table["passes"].all() and (table["p_rank"] > LEAST).all()
    assert table["rms_error"].to_numpy() == pytest.approx([1.0, 1.0], abs=0.12)
    assert table["mean_error"].to_numpy() == pytest.approx([0.0, 0.0], abs=0.2)
    assert table["covered_80"].to_numpy() == pytest.approx([0.8, 0.8], abs=0.07)
    assert table["replicates"].tolist() == [400, 400] and table["parameter"].tolist() == ["p0", "p1"]


@pytest.mark.parametrize(("narrow", "shift"), [(0.5, 0.0), (2.0, 0.0), (1.0, 0.7), (1.0, -0.7)])
def test_rank_table__wrong_errors_or_estimates_fail(narrow: float, shift: float) -> None:
    table = rank_table(linear_model(), replicates(400, narrow, shift))
    assert not table["passes"].any()


def test_rank_table__counts_ten_bins_of_ten_ranks() -> None:
    """Ranks 0 to 99, each once: chi-square nought; all in the lowest bin: hopeless."""
    model = linear_model()
    one = {"truth": [0.0, 0.0], "estimate": [0.0, 0.0], "error": [1.0, 1.0]}
    table = rank_table(model, [{**one, "rank": [rank, rank % 10]} for rank in range(RANKS + 1)])
    assert table["p_rank"].tolist() == [1.0, pytest.approx(0.0, abs=1e-12)]
    assert table["passes"].tolist() == [True, False]


# --- random numbers ---------------------------------------------------------------------------------------------------


def test_stream__replicates_share_no_number() -> None:
    numbers = [set(stream(11, number).random(4_000).tolist()) for number in range(4)]
    assert all(not a & b for place, a in enumerate(numbers) for b in numbers[:place])
    assert stream(11, 2).random(5).tolist() == stream(11, 2).random(5).tolist()
    assert stream(12, 2).random(5).tolist() != stream(11, 2).random(5).tolist()


def test_truth__is_the_prior_inside_the_bounds() -> None:
    model = linear_model()
    model.low, model.high = np.array([0.9, -1.0]), np.array([1.6, 3.0])
    drawn = np.array([truth(model, stream(1, number)) for number in range(600)])
    assert (drawn > model.low).all() and (drawn < model.high).all()
    assert drawn[:, 1].mean() == pytest.approx(1.0, abs=0.1) and drawn[:, 1].std() == pytest.approx(0.5, abs=0.06)
    assert drawn[:, 0].mean() > 1.1, "cut on the left"


# --- the engine -------------------------------------------------------------------------------------------------------

COUNT = 6


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Model:
    return tiny_model(tmp_path_factory.mktemp("tiny"))


@pytest.fixture(scope="module")
def kept(tiny: Model, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, pd.DataFrame]:
    folder = tmp_path_factory.mktemp("recovery")
    return folder, recover(tiny, COUNT, folder)


def lines_of(folder: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (folder / "recovery.jsonl").read_text(encoding="utf-8").splitlines()]


def test_recover__estimates_lie_near_the_truth(tiny: Model, kept: tuple[Path, pd.DataFrame]) -> None:
    folder, table = kept
    _, *found = lines_of(folder)
    assert sorted(one["number"] for one in found) == list(range(COUNT))
    for one in found:
        gap = (np.array(one["estimate"]) - one["truth"]) / one["error"]
        assert np.abs(gap).max() < 4.0, one
        assert (np.array(one["error"]) < tiny.sd).all() and all(0 <= rank <= RANKS for rank in one["rank"])
    assert len({tuple(one["truth"]) for one in found}) == COUNT
    assert table["parameter"].tolist() == list(tiny.names) and (table["replicates"] == COUNT).all()
    assert (table["rms_error"] < 2.5).all()


def test_made_up__without_noise_is_what_the_engine_measures(tiny: Model) -> None:
    x = np.array([1.2, 0.95])
    measured = tiny.measured(x)

    class Still:
        @staticmethod
        def standard_normal() -> float:
            return 0.0

    made = made_up(tiny, x, Still())  # type: ignore[arg-type]
    assert [one.value for one in made] == [measured[one.series][one.year] for one in tiny.observations]
    assert [one.spread for one in made] == [one.spread for one in tiny.observations]


def count_runs(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Numbers of the replicates that are really run."""
    run: list[int] = []
    whole = recovery.replicate

    def counted(model: Model, number: int, jacobian: np.ndarray, seed: int) -> dict[str, Any]:
        run.append(number)
        return whole(model, number, jacobian, seed)

    monkeypatch.setattr(recovery, "replicate", counted)
    return run


def test_recover__goes_on_after_a_line_that_was_cut_off(
    tiny: Model, kept: tuple[Path, pd.DataFrame], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = (kept[0] / "recovery.jsonl").read_text(encoding="utf-8")
    path = tmp_path / "recovery.jsonl"
    path.write_text(text[:-40], encoding="utf-8")
    cut = lines_of(kept[0])[-1]["number"]
    run = count_runs(monkeypatch)
    again = recover(tiny, COUNT, tmp_path, threads=1)
    assert run == [cut]
    assert path.read_text(encoding="utf-8") == text, "the same replicate, to the bit, on a line of its own"
    pd.testing.assert_frame_equal(again, kept[1])
    recover(tiny, COUNT, tmp_path)
    assert run == [cut]


@pytest.mark.parametrize("lines", [0, 1])
def test_kept__a_file_cut_off_in_its_first_lines_starts_anew(lines: int, tmp_path: Path) -> None:
    path = tmp_path / "recovery.jsonl"
    path.write_text('{"key": "k"}\n'[: 7 if lines == 0 else None] + ('{"numb' if lines else ""), encoding="utf-8")
    assert recovery._kept(path, "k") == {}
    assert (path.read_text(encoding="utf-8") if path.is_file() else "") == ('{"key": "k"}\n' if lines else "")


def test_kept__lines_of_another_fit_are_dropped(tmp_path: Path) -> None:
    path = tmp_path / "recovery.jsonl"
    path.write_text('{"key": "k"}\n{"number": 3}\n', encoding="utf-8")
    assert recovery._kept(path, "k") == {3: {"number": 3}}
    assert recovery._kept(path, "other") == {} and not path.exists()
