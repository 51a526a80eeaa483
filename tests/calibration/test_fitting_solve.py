"""Least squares: finds what is known, keeps to its bounds, goes on where it stopped, says how sure it is."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy.stats import norm

from simengine.common.errors import BasisError
from simengine.registry.units import EVIDENCE
from simengine_calibration.fitting import solve as solving
from simengine_calibration.fitting.model import Model
from simengine_calibration.fitting.solve import (
    Checkpoint,
    Start,
    laplace_draws,
    refuse_too_many,
    run_key,
    solve,
    start_points,
    uncertainty,
)  # fmt: skip
from simengine_calibration.fitting.spec import read_fit
from tests.helpers.note_tables import assert_printed, assert_rows, note_tables, note_text, number_of, pitfalls_named
from tests.helpers.tiny_fit import (
    TINY,
    TRUTH,
    LinearModel,
    at,
    known_world,
    law,
    linear_model,
    posterior,
    spec_of,
    tiny_model,
)

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Model:
    return tiny_model(tmp_path_factory.mktemp("tiny"))


@pytest.fixture(scope="module")
def world(tiny: Model) -> Model:
    """Figures the engine makes of TRUTH, known to a ten-thousandth."""
    return known_world(tiny, spread=1e-4)


class Stopped(Exception):
    """A run that is killed."""


# --- the engine's own figures -----------------------------------------------------------------------------------------


def test_solve__recovers_known_parameters(world: Model) -> None:
    found = solve(world, starts=1)
    assert np.abs((found.x - TRUTH) / world.sd).max() < 1e-3
    count = len(world.observations)
    assert np.abs(found.residuals[:count] * world.spreads).max() < 1e-5
    assert found.residuals[count:] == pytest.approx((TRUTH - world.mean) / world.sd, abs=1e-3)
    assert found.cost == pytest.approx(0.5 * found.residuals @ found.residuals)


def test_residuals__are_logarithms_over_spreads_and_priors_over_deviations(tiny: Model) -> None:
    x = np.array([1.3, 0.95])
    measured, rows = tiny.measured(x), tiny.residuals(x)
    for place, one in enumerate(tiny.observations):
        assert rows[place] == pytest.approx(np.log(measured[one.series][one.year] / one.value) / one.spread)
    assert rows[len(tiny.observations) :] == pytest.approx([1.0, -0.5])


def test_model__values_are_put_on_the_cells_of_the_file_alone(tiny: Model) -> None:
    (values,) = tiny.values(np.array([1.3, 0.95])).values()
    assert values.series["award_factor"] == {1998: 1.3, 2004: 1.3}
    scaled = values.series["compliance_enterprise"]
    assert scaled is not None
    known = tiny.basis.own_series["compliance_enterprise"]
    before = {int(year): float(value) for year, value in zip(known.years, known.values, strict=True)}
    assert scaled == {year: 0.95 * value for year, value in before.items() if 1995 <= year <= 2004}
    assert set(values.series) == {"award_factor", "compliance_enterprise"} and not values.constants


def test_model__one_figure_a_year_and_the_printed_one_first(tmp_path: Path) -> None:
    text = TINY.replace("years: [1995, 2000]", "years: [2000, 2005]")
    found = [one for one in tiny_model(tmp_path, text).observations if one.series == "revenue"]
    assert [(one.year, one.evidence) for one in found] == [(2000, "recalled"), (2005, "published")]


def test_solve__keeps_to_the_bounds(tmp_path: Path, world: Model) -> None:
    spec = spec_of(tmp_path, TINY.replace("bounds: [0.5, 2.5]", "bounds: [0.5, 1.2]"), "bounded")
    model = Model(spec, law(), world.observations, world.basis)
    found = solve(model, starts=1)
    assert (found.x > model.low).all() and (found.x < model.high).all()
    assert found.x[0] == pytest.approx(1.2, abs=1e-3) and found.x[0] < TRUTH[0]


def test_solve__threads_change_no_bit(world: Model) -> None:
    one, two = (solve(world, starts=1, threads=threads, max_steps=3) for threads in (1, 2))
    assert one.x.tobytes() == two.x.tobytes()
    assert one.jacobian.tobytes() == two.jacobian.tobytes() and one.cost == two.cost


def test_solve__killed_after_two_steps_it_ends_where_the_unbroken_one_does(world: Model, tmp_path: Path) -> None:
    path = tmp_path / "checkpoint.json"
    with pytest.raises(Stopped):
        solve(world, starts=1, checkpoint=path, say=stop_after(2))
    begun = json.loads(path.read_text(encoding="utf-8"))
    assert list(begun["at"]) == ["0"] and not begun["ended"]
    heard: list[str] = []
    found = solve(world, starts=1, checkpoint=path, say=lambda key, **values: heard.append(key))
    assert heard[0] == "going_on"
    assert np.abs((found.x - TRUTH) / world.sd).max() < 1e-3


def stop_after(steps: int) -> Any:
    """A `say` that stops the run after accepted steps."""
    seen: list[str] = []

    def say(key: str, **values: object) -> None:
        seen.append(key)
        if seen.count("step") == steps:
            raise Stopped

    return say


# --- more free than told ----------------------------------------------------------------------------------------------


def test_refuse__more_parameters_than_figures(tiny: Model) -> None:
    few = Model(tiny.spec, tiny.law, tiny.observations[:1], tiny.basis)
    with pytest.raises(BasisError, match="2 parameters and 1 figures"):
        refuse_too_many(few)
    refuse_too_many(Model(tiny.spec, tiny.law, tiny.observations[:2], tiny.basis))


def test_refuse__nothing_free(tmp_path: Path) -> None:
    spec = spec_of(tmp_path)
    bare = dataclasses.replace(spec, content=spec.content.model_copy(update={"parameters": {}}))
    with pytest.raises(BasisError, match="nothing is free"):
        refuse_too_many(Model(bare, law()))


# --- checkpoints, on a model that costs nothing -----------------------------------------------------------------------


def bent(text: str = "bent") -> Any:
    """A model whose residuals are not linear, so that a fit takes steps."""
    model = linear_model(text)
    model.bend = lambda made: made + 0.3 * np.sin(2.0 * made)
    return model


def test_checkpoint__a_killed_run_ends_at_the_same_estimate(tmp_path: Path) -> None:
    whole = solve(bent(), starts=3)
    path = tmp_path / "checkpoint.json"
    for steps in (1, 2, 3, 5):
        with pytest.raises(Stopped):
            solve(bent(), starts=3, checkpoint=path, say=stop_after(steps))
    again = solve(bent(), starts=3, checkpoint=path)
    assert again.x == pytest.approx(whole.x, abs=1e-5) and again.cost == pytest.approx(whole.cost, rel=1e-8)
    assert len(again.starts) == 3


def test_checkpoint__finished_starts_are_not_run_again(tmp_path: Path) -> None:
    path = tmp_path / "checkpoint.json"
    first = bent()
    whole = solve(first, starts=3, checkpoint=path)
    second = bent()
    again = solve(second, starts=3, checkpoint=path)
    assert second.runs == 1 + len(second.names), "one run at the estimate, one a parameter for its Jacobian"
    assert first.runs > 4 * second.runs
    assert again.x.tobytes() == whole.x.tobytes() and again.starts == whole.starts


@pytest.mark.parametrize("change", ["file", "figure", "spread", "starts"])
def test_checkpoint__something_else_starts_anew(tmp_path: Path, change: str) -> None:
    path = tmp_path / "checkpoint.json"
    solve(bent(), starts=2, checkpoint=path)
    other = bent("changed" if change == "file" else "bent")
    if change in ("figure", "spread"):
        name = "value" if change == "figure" else "spread"
        moved = dataclasses.replace(other.observations[0], **{name: 0.3})
        other.observations = (moved, *other.observations[1:])
    heard: list[str] = []
    starts = 1 if change == "starts" else 2
    solve(other, starts=starts, checkpoint=path, say=lambda key, **values: heard.append(key))
    assert "going_on" not in heard and other.runs > 1 + len(other.names)


def test_checkpoint__reads_what_it_wrote(tmp_path: Path) -> None:
    kept = Checkpoint(tmp_path / "c.json", "key")
    assert not kept.resumed
    kept.step(0, np.array([0.1, 1 / 3]))
    kept.end(1, Start((2 / 3,), 0.5, 7, "done", True))
    again = Checkpoint(tmp_path / "c.json", "key")
    assert again.at == {0: [0.1, 1 / 3]} and again.ended == {1: Start((2 / 3,), 0.5, 7, "done", True)}
    assert not Checkpoint(tmp_path / "c.json", "other").resumed


def test_run_key__follows_basis_and_law() -> None:
    keys = set()
    for part in ("none", "basis", "law"):
        model = bent()
        if part != "none":
            getattr(model, part).text = "moved"
        keys.add(run_key(model))
    assert len(keys) == 3


# --- starts -----------------------------------------------------------------------------------------------------------


def test_start_points__inside_the_bounds_and_the_same_again() -> None:
    model = linear_model()
    model.low, model.high = np.array([0.8, -1.0]), np.array([1.1, 1.05])
    points = start_points(model, 9)
    assert points.shape == (9, 2) and points[0].tolist() == model.mean.tolist()
    assert (points > model.low).all() and (points < model.high).all()
    assert points.tobytes() == start_points(model, 9).tobytes()
    assert len({tuple(point) for point in points}) == 9


def test_solve__takes_the_best_of_all_starts(monkeypatch: pytest.MonkeyPatch) -> None:
    far = np.array([[1.0, 1.0], [2.9, 2.9], [1.4, 0.7]])
    monkeypatch.setattr(solving, "start_points", lambda model, count: far[:count])
    found = solve(bent(), starts=3)
    assert found.cost == min(one.cost for one in found.starts)


# --- how sure ---------------------------------------------------------------------------------------------------------


def test_uncertainty__of_a_linear_model_is_the_closed_form() -> None:
    model = linear_model()
    found = solve(model, starts=1)
    mean, covariance = posterior(model)
    known = uncertainty(model, found)
    assert found.x == pytest.approx(mean, abs=1e-7)
    assert known.covariance == pytest.approx(covariance, rel=1e-6)
    assert known.errors == pytest.approx(np.sqrt(np.diag(covariance)), rel=1e-6)
    shrinkage = 1.0 - np.diag(covariance) / model.sd**2
    assert known.shrinkage == pytest.approx(shrinkage, rel=1e-6)
    assert known.correlation[0, 1] == pytest.approx(covariance[0, 1] / np.sqrt(covariance[0, 0] * covariance[1, 1]))
    assert known.singular == pytest.approx(np.linalg.svd(model.design / model.spread * model.sd)[1], rel=1e-6)


def test_uncertainty__says_who_decides() -> None:
    """A parameter no figure sees keeps its prior; one seen well has lost it; one seen as well as believed is shared."""
    model = linear_model()
    model.names, model.mean, model.sd = ("seen", "shared", "unseen"), np.ones(3), np.full(3, 0.5)
    rows = np.diag([100.0, 3.0, 0.0])
    model.observations = model.observations[:3]
    model.residuals = lambda x: np.zeros(6)
    known = uncertainty(model, at(model, np.ones(3), np.vstack([rows, np.eye(3) / 0.5])))
    assert [known.decided_by(place) for place in range(3)] == ["data", "both", "prior"]
    assert known.shrinkage == pytest.approx([1 - 4 / 10_004, 1 - 4 / 13, 0.0])
    assert known.singular == pytest.approx([50.0, 1.5, 0.0])


def test_laplace_draws__have_the_covariance_and_keep_to_the_bounds() -> None:
    model = linear_model()
    mean, covariance = posterior(model)
    found = solve(model, starts=1)
    known = uncertainty(model, found)
    drawn = laplace_draws(model, found, known, 4_000, seed=3)
    assert drawn.mean(axis=0) == pytest.approx(mean, abs=4.0 * np.sqrt(np.diag(covariance) / 4_000).max())
    assert np.cov(drawn.T) == pytest.approx(covariance, rel=0.15, abs=1e-4)
    assert drawn.tobytes() == laplace_draws(model, found, known, 4_000, seed=3).tobytes()
    assert drawn.tobytes() != laplace_draws(model, found, known, 4_000, seed=4).tobytes()
    model.low, model.high = mean - 0.02, mean + 0.01
    tight = laplace_draws(model, found, known, 100, seed=3)
    assert (tight > model.low).all() and (tight < model.high).all(), "drawn anew, not laid on the bound"


def test_laplace_draws__on_a_bound_follow_the_cut_normal_form() -> None:
    """A fit that is held back by a bound is drawn around its free peak, which lies beyond the bound."""
    model = linear_model()
    mean, covariance = posterior(model)
    model.high = np.array([mean[0] - 0.01, 3.0])
    found = solve(model, starts=1)
    assert found.x[0] == pytest.approx(model.high[0], abs=1e-4)
    drawn = laplace_draws(model, found, uncertainty(model, found), 4_000, seed=3)
    error = np.sqrt(covariance[0, 0])
    cut = -0.01 / error
    wanted = mean[0] - error * norm.pdf(cut) / norm.cdf(cut)
    assert drawn[:, 0].max() < model.high[0] and drawn[:, 0].mean() == pytest.approx(wanted, abs=0.05 * error)


# --- worked example of notes/calibration.md ---------------------------------------------------------------------------


def example() -> Any:
    """Spending of two years as a function of one parameter, inputs read from the note."""
    values = {row["input"]: number_of(row["value"]) for row in note_tables("calibration", "4.1")[0]}
    model = LinearModel(np.array([[20.0], [30.0]]), np.array([206.0, 229.0]), values["spread"])
    model.mean, model.sd = np.array([values["prior_mean"]]), np.array([values["prior_sd"]])
    model.engine = lambda x: np.array([180.0, 190.0]) + model.design @ x

    def residuals(x: np.ndarray) -> np.ndarray:
        return np.append(np.log(model.engine(x) / model.figures) / model.spread, (x - model.mean) / model.sd)

    model.residuals = residuals
    return model


def test_note__residuals_of_the_example() -> None:
    model = example()
    found = solve(model, starts=1)
    rows = note_tables("calibration", "4.2")[0]
    begun, after = model.engine(model.mean), model.engine(found.x)
    for place, row in enumerate(rows):
        printed = {"residual at 1": model.residuals(model.mean)[place]}
        printed |= {"residual at estimate": found.residuals[place], "derivative": found.jacobian[place, 0]}
        if place < 2:
            for name, engine in (("1", begun), ("estimate", after)):
                printed |= {f"engine at {name}": engine[place]}
                printed |= {f"gap at {name}": np.log(engine[place] / model.figures[place])}
        assert set(printed) == {name for name, cell in row.items() if cell != "-"} - {"row"}
        for name, value in printed.items():
            assert_printed(row[name], float(value), f"{row['row']}, {name}")


def test_note__estimate_of_the_example() -> None:
    model = example()
    found = solve(model, starts=1)
    known = uncertainty(model, found)
    begun = model.residuals(model.mean)
    slope = np.append(np.array([20.0, 30.0]) / model.engine(model.mean) / model.spread, 1.0 / model.sd)
    *numbers, decided = note_tables("calibration", "4.3")[0]
    values = {
        "half the sum of squares at 1": 0.5 * begun @ begun,
        "first step": -(slope @ begun) / (slope @ slope),
        "estimate": found.x[0],
        "half the sum of squares there": found.cost,
        "standard error": known.errors[0],
        "shrinkage": known.shrinkage[0],
        "singular value": known.singular[0],
    }
    assert_rows(numbers, {name: float(value) for name, value in values.items()})
    assert decided["value"] == known.decided_by(0)


def test_note__pitfalls_are_tests() -> None:
    files = [*Path(__file__).parent.glob("test_fitting_*.py"), Path(__file__).with_name("test_mechanisms.py")]
    text = "\n".join(file.read_text(encoding="utf-8") for file in files)
    named = pitfalls_named("calibration")
    assert len(named) > 10
    assert not [name for name in named if f"def {name}(" not in text]


def test_note__sources_carry_evidence() -> None:
    for row in note_tables("calibration", "9")[0]:
        tags = set(row["evidence"].replace(";", " ").split())
        assert tags and tags <= set(EVIDENCE), row["item"]


def test_note__names_what_the_files_free() -> None:
    text = note_text("calibration")
    for region in ("china", "jiangxi"):
        for name in read_fit(ROOT / "calibration" / f"{region}.yaml").names:
            short = [f"`{name}`", *(f"`{name[:end]}...`" for end in range(4, len(name) + 1))]
            assert any(part in text for part in short) or name.startswith("award_20"), name
