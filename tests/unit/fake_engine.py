"""A stand-in for the engine in tests of the command line: made-up projections of the right form, no model.

Run as a script it is the command line with that engine: ``python -m tests.unit.fake_engine MODE ARGUMENTS...``.
"""

from __future__ import annotations

import contextlib
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import pandas as pd
import xarray as xr

from simengine import resources
from tests.unit.synthetic_projection import synthetic


@dataclass(frozen=True)
class FakeFactor:
    item: str = "members enterprise"
    before: float = 100.0
    opening: float = 110.0
    factor: float = 1.1
    large: bool = False


class FakeEngine:
    """Counts its calls; `worst` is the residual every check reports, `change` may alter the dataset."""

    def __init__(self) -> None:
        self.worst = 1e-12
        self.calls: list[tuple[str, ...]] = []
        self.change: Callable[[xr.Dataset], xr.Dataset] = lambda dataset: dataset

    def project(self, scenarios: Sequence[Any], threads: int, progress: Callable[[str], None]) -> SimpleNamespace:
        self.calls.append(tuple(scenario.key for scenario in scenarios))
        progress("projecting")
        regions = tuple(dict.fromkeys(scenario.basis.rsplit("-", 1)[0] for scenario in scenarios))
        base = synthetic(scenarios[0].base_year, 2030, regions=regions, draws=1).isel(scenario=[0])
        parts = []
        for scenario in scenarios:
            own = base.assign_coords(scenario=[scenario.key])
            parts.append(own.where(own.region == scenario.basis.rsplit("-", 1)[0]))
        dataset = self.change(xr.concat(parts, "scenario"))
        for variable in dataset.data_vars.values():
            variable.attrs["units"] = "person"
        factors = [(scenario.key, scenario.basis.rsplit("-", 1)[0], FakeFactor()) for scenario in scenarios]
        law = SimpleNamespace(digest=lambda: "0" * 64)
        return SimpleNamespace(dataset=dataset, histories={}, factors=factors, law=law)

    def run_checks(self, result: SimpleNamespace) -> pd.DataFrame:
        scenarios = [str(name) for name in result.dataset.scenario.values]
        return pd.DataFrame(
            {
                "check": ["money"] * len(scenarios),
                "scenario": scenarios,
                "region": ["jiangxi"] * len(scenarios),
                "worst": [self.worst] * len(scenarios),
                "year": [2025] * len(scenarios),
                "limit": [1e-9] * len(scenarios),
                "ok": [self.worst <= 1e-9] * len(scenarios),
            }
        )

    def modules(self) -> dict[str, ModuleType]:
        """Modules of the engine that this stand-in replaces."""
        project, identities = ModuleType("simengine.project"), ModuleType("simengine.checks.identities")
        project.project = self.project  # type: ignore[attr-defined]
        identities.run_checks = self.run_checks  # type: ignore[attr-defined]
        return {"simengine.project": project, "simengine.checks.identities": identities}


def fake_bases(folder: Path) -> Path:
    """Bases with one constant each, as far as the command line looks into them."""
    for name in ("jiangxi-2020", "hubei-2020", "jingdezhen-2015", "xuzhou-2020"):
        (folder / name).mkdir(parents=True)
        (folder / name / "basis.yaml").write_text(
            f"basis: {name}\nregion: {name[:-5]}\nbase_year: {name[-4:]}\ninherits: null\n", encoding="utf-8"
        )
        (folder / name / "constants.csv").write_text(
            "name,value,unit,evidence,source,low,high\nlayoff_share,0.6,1,assumption,x,0.0,1.0\n", encoding="utf-8"
        )
    return folder


def main() -> None:
    """The command line on the stand-in; MODE: quick, sleep or hang."""
    mode, bases, *arguments = sys.argv[1:]
    engine = FakeEngine()

    def wait(dataset: xr.Dataset) -> xr.Dataset:
        print("working", file=sys.stderr, flush=True)
        if mode == "sleep":
            time.sleep(60)
        end = time.monotonic() + 60.0
        while mode == "hang" and time.monotonic() < end:  # compiled code does not listen to interruptions either
            with contextlib.suppress(KeyboardInterrupt):
                time.sleep(60)
        return dataset

    engine.change = wait
    resources.bases_root = lambda package=None: Path(bases)  # type: ignore[assignment]
    sys.modules.update(engine.modules())
    sys.argv = ["simengine", *arguments]
    from simengine import cli

    cli.main()


if __name__ == "__main__":
    main()
