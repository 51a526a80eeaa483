"""Projection of social insurance: members, benefits, funds, and the verdict on every target of a plan.

    import simengine

    scenario = simengine.load_scenario("jiangxi/baseline")
    result = simengine.project([scenario])
    result.dataset.fund_balance

    judged = simengine.judge_scenarios(["jiangxi/baseline"])
    judged["jiangxi/baseline"].verdicts

    wages = simengine.what_if("jiangxi/baseline", growth={"average_wage": 0.03})
    simengine.judge_scenarios(["jiangxi/baseline", wages])

    simengine.tabulate("jiangxi/baseline", ["ui_participants", "budget"], years="2025-2030").wide()
    simengine.compare(["jiangxi/baseline", "jiangxi/as_planned"]).flips
    simengine.sweep("jiangxi/baseline", growth={"average_wage": [0.02, 0.03]}).verdicts
    simengine.monitor("jiangxi", as_of="2022-09").rows  # where every row of the plan stands
    simengine.solve("china/baseline", lever="pension/rate_employer=16%..30%", goal="lasts=2060").answers
    simengine.stress("jiangxi/baseline").cells  # what breaks targets and funds
    simengine.reverse_stress("jiangxi/baseline", "JX-22-03").rows  # the smallest shocks that do
    simengine.sensitivity("china/baseline", "actuarial_balance_75", schemes="enterprise_pension").rows
    study = simengine.study_fund("flows.xlsx", returns=0.03)  # cash flows of your own
    study.needs

Nothing heavy is imported until one of these names is used.
"""

from __future__ import annotations

import warnings
from importlib import import_module
from typing import TYPE_CHECKING, Any

from simengine.common.version import __version__ as __version__
from simengine.kernels.compiler.notices import listen

_HOMES = {
    "load_scenario": ("simengine.scenario.scenario", "load_scenario"),
    "project": ("simengine.engine.project", "project"),
    "read_projection": ("simengine.engine.results", "read_projection"),
    "indicators": ("simengine.judge.indicators", None),
    "judge_scenarios": ("simengine.judge.run", "judge_scenarios"),
    "study_fund": ("simengine.decide.fund", "study_fund"),
    "tabulate": ("simengine.judge.quantities.table", "tabulate"),
    "compare": ("simengine.decide.compare", "compare"),
    "monitor": ("simengine.judge.monitor", "monitor"),
    "solve": ("simengine.decide.solve", "solve"),
    "stress": ("simengine.decide.stress.run", "stress"),
    "reverse_stress": ("simengine.decide.stress.reverse", "reverse_stress"),
    "sensitivity": ("simengine.decide.sensitivity", "sensitivity"),
    "sweep": ("simengine.decide.sweep", "sweep"),
    "what_if": ("simengine.engine.what_if", "what_if"),
}

__all__ = [
    "__version__",
    "compare",
    "indicators",
    "judge_scenarios",
    "load_scenario",
    "monitor",
    "project",
    "read_projection",
    "solve",
    "reverse_stress",
    "stress",
    "sensitivity",
    "study_fund",
    "sweep",
    "tabulate",
    "what_if",
]

if TYPE_CHECKING:
    from simengine.decide.compare import compare
    from simengine.decide.fund import study_fund
    from simengine.decide.sensitivity import sensitivity
    from simengine.decide.solve import solve
    from simengine.decide.stress.reverse import reverse_stress
    from simengine.decide.stress.run import stress
    from simengine.decide.sweep import sweep
    from simengine.engine.project import project
    from simengine.engine.results import read_projection
    from simengine.engine.what_if import what_if
    from simengine.judge import indicators
    from simengine.judge.monitor import monitor
    from simengine.judge.quantities.table import tabulate
    from simengine.judge.run import judge_scenarios
    from simengine.scenario.scenario import load_scenario


def __getattr__(name: str) -> Any:
    """Import the home of a public name when it is first used."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    module_name, attribute = _HOMES[name]
    module = import_module(module_name)
    value = module if attribute is None else getattr(module, attribute)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *_HOMES})


def _warn(code: str, values: dict[str, str]) -> None:
    """Tell a notice of the compiler as a Python warning."""
    from simengine.common.messages import say

    warnings.warn(say(f"kernels.{code}", **values), stacklevel=3)


listen(_warn)
