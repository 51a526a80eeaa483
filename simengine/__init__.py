"""Projection of social insurance: members, benefits, funds, and the verdict on every target of a plan.

    import simengine

    scenario = simengine.load_scenario("jiangxi/baseline")
    result = simengine.project([scenario])
    result.dataset.fund_balance

Nothing heavy is imported until one of these names is used.
"""

from __future__ import annotations

import sys
from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"

_HOMES = {
    "load_scenario": ("simengine.scenario.scenario", "load_scenario"),
    "project": ("simengine.engine.project", "project"),
    "indicators": ("simengine.judge.indicators", None),
    "check_targets": ("simengine.judge.targets.check", "check_targets"),
}

__all__ = ["__version__", "check_targets", "indicators", "load_scenario", "project"]

if TYPE_CHECKING:
    from simengine.engine.project import project
    from simengine.judge import indicators
    from simengine.judge.targets.check import check_targets
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


class _Package(ModuleType):
    """Keeps ``simengine.engine.project`` the function: importing the module of that name would put the module there."""

    def __setattr__(self, name: str, value: Any) -> None:
        if not (isinstance(value, ModuleType) and name in _HOMES and _HOMES[name][1] is not None):
            super().__setattr__(name, value)


sys.modules[__name__].__class__ = _Package
