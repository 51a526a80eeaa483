"""Drawn levers on people: what validate passes runs, and every identity holds."""

from __future__ import annotations

import dataclasses
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from simengine.basis.basis import load_basis
from simengine.cli.inputs import faults
from simengine.common.errors import SimengineError
from simengine.engine.project import project
from simengine.judge.checks.identities import run_checks
from simengine.scenario.scenario import load_scenario, with_levers

FIRST, LAST = 2021, 2030
YEAR = st.integers(FIRST, LAST)
SHAPE = st.sampled_from(("step", "ramp", "pulse"))
CELLS = st.fixed_dictionaries(
    {},
    optional={
        "sex": st.sampled_from(("men", "women")),
        "ages": st.tuples(st.integers(0, 100), st.integers(0, 100)).map(lambda pair: sorted(pair)),
    },
)


def by_year(low: float, high: float) -> st.SearchStrategy[dict[int, float]]:
    return st.dictionaries(YEAR, st.floats(low, high, allow_subnormal=False), min_size=1, max_size=3)


def shaped(operation: str, low: float, high: float) -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries({operation: by_year(low, high), "shape": SHAPE})


def on_cells(change: st.SearchStrategy[dict[str, Any]]) -> st.SearchStrategy[dict[str, Any]]:
    return st.tuples(CELLS, change).map(lambda parts: {**parts[0], **parts[1]})


HELD = YEAR.map(lambda year: {"hold": year})
FERTILITY = st.one_of(
    shaped("multiply", 0.0, 3.0),
    shaped("add", -1.5, 3.0),
    shaped("set", 0.0, 8.0),
    HELD,
    YEAR.map(lambda year: {"replacement": year}),
)
FORCE = on_cells(st.one_of(shaped("multiply", 0.2, 5.0), shaped("pace", -0.05, 0.05)))
MORTALITY = st.one_of(st.lists(FORCE, min_size=1, max_size=3), HELD.map(lambda held: [held]))
ADDED = by_year(-0.001, 0.01).map(lambda shares: {"add": shares, "by": "residents"})  # of the residents
MIGRATION = on_cells(st.one_of(shaped("multiply", 0.0, 2.0), ADDED))
DEMOGRAPHY = st.fixed_dictionaries(
    {}, optional={"fertility": FERTILITY, "mortality": MORTALITY, "migration": MIGRATION}
).filter(bool)


@settings(max_examples=30, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(region=st.sampled_from(("haiyan", "jiangxi", "china")), said=DEMOGRAPHY)
def test_drawn_demography__is_refused_by_both_or_runs_soundly(region: str, said: dict[str, Any]) -> None:
    baseline = load_scenario(f"{region}/baseline")
    short = dataclasses.replace(baseline, content=baseline.content.model_copy(update={"years": (FIRST, LAST)}))
    if "add" in said.get("migration", {}):
        residents = load_basis(baseline.basis).population().sum()
        added = {year: round(share * residents) for year, share in said["migration"]["add"].items()}
        said = {**said, "migration": {**said["migration"], "add": {year: float(one) for year, one in added.items()}}}
    lever = {"name": {"en": "x", "local": "甲"}, "reason": "A test.", "demography": said}
    scenario = with_levers(short, "drawn", {"drawn": lever})
    found = faults(scenario)
    try:
        result = project(scenario)
    except SimengineError as error:
        assert [each.code for each in found] == [error.code]
        return
    assert found == []
    table = run_checks(result)
    assert bool(table.ok.all()), table[~table.ok].to_string()
    assert float(result.dataset.births.min()) >= 0.0
