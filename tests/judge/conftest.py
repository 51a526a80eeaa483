"""What several tests of this room share."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from simengine.engine.project import Result, project
from simengine.scenario.scenario import load_scenario


@pytest.fixture(scope="module")
def ran() -> Callable[[str], Result]:
    """A packaged scenario, projected once a module."""
    known: dict[str, Result] = {}

    def run(key: str) -> Result:
        if key not in known:
            known[key] = project(load_scenario(key))
        return known[key]

    return run
