"""A stand-in for the engine in tests of the command line: made-up projections of the right form, no model.

Run as a script it is the command line with that engine: ``python -m tests.helpers.fake_engine MODE ARGUMENTS...``.
"""

from __future__ import annotations

import contextlib
import math
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import pandas as pd
import xarray as xr

from simengine.common import resources
from tests.helpers.registry_projection import synthetic


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
        lanes = [(scenario.key, scenario.basis.rsplit("-", 1)[0]) for scenario in scenarios]
        law = SimpleNamespace(digest=lambda: "0" * 64)
        return SimpleNamespace(dataset=dataset, histories={}, lanes=lanes, law=law)

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

    def of_scenario(self, result: SimpleNamespace, scenario: str) -> SimpleNamespace:
        own = [lane for lane in result.lanes if lane[0] == scenario]
        return SimpleNamespace(**{**vars(result), "lanes": own})

    def table(self, result: SimpleNamespace, columns: str, *rows: tuple[Any, ...]) -> pd.DataFrame:
        """Rows repeated for every scenario and region of a result, with the columns named in one text."""
        data = [(*lane, *row) for lane in result.lanes for row in rows]
        return pd.DataFrame(data, columns=["scenario", "region", *columns.split()])

    def factor_table(self, result: SimpleNamespace) -> pd.DataFrame:
        rows = [("enterprise_payers", 100.0, 110.0, 1.1, False), ("unemployment_insured", 100.0, 150.0, 1.5, True)]
        return self.table(result, "item spun_up opening factor large", *rows)

    def opening_table(self, result: SimpleNamespace) -> pd.DataFrame:
        columns = "item list kind evidence unit opening engine low high ok targets source"
        rows = [
            ("ui_participants", "equal", "plan", "seed", "万人", 292.0, 292.0, 291.5, 292.5, True, "JX-1", "printed"),
            ("paused_members", "band", "estimated", "assumption", "persons", 5.0, 9.0, 4.0, 6.0, False, "", "rule"),
        ]
        return self.table(result, columns, *rows)

    def gap_table(self, result: SimpleNamespace) -> pd.DataFrame:
        columns = "basis run series year unit engine reference evidence kind ratio source"
        rows = [
            ("b", "free run", "members", 2005, "persons", 9.0, 10.0, "published", "printed", 0.9, "a yearbook"),
            ("b", "free run", "members", 2006, "persons", 12.0, 10.0, "recalled", "recalled", 1.2, "a practitioner"),
        ]
        return self.table(result, columns, *rows)

    def free_run_checks(self, result: SimpleNamespace, gap: pd.DataFrame) -> pd.DataFrame:
        row = ("members", 2005, 2006, float(gap["ratio"].max()), 2006, 0.9, 1.1, "outside")
        return self.table(result, "check first last measured year low high verdict", row)

    def plausibility_table(self, result: SimpleNamespace) -> pd.DataFrame:
        columns = "measure unit lowest lowest_year highest highest_year low high change change_year step verdict"
        row = ("dependency_ratio", "1", 0.4, 2021, 1.9, 2030, 0.15, 1.6, 0.2, 2025, 0.05, "level and change")
        return self.table(result, columns, row)

    def exhaustion_table(self, result: SimpleNamespace) -> pd.DataFrame:
        columns = "fund first_deficit no_subsidy constant_share first_need need_to_horizon"
        return self.table(result, columns, ("enterprise_pension", 2024.0, 2026.0, math.nan, 2025.0, 3.5e9))

    def branch_table(self, result: SimpleNamespace) -> pd.DataFrame:
        columns = "measure year unit engine published ratio evidence source name_en name_zh why_en why_zh"
        texts = ("published", "a bulletin", "Income an insured", "人均收入", "wages of the region", "随地区工资")
        return self.table(result, columns, ("injury_premium", 2021, "yuan/year", 289.8, 346.0, 0.8376, *texts))

    def modules(self) -> dict[str, ModuleType]:
        """Modules of the engine that this stand-in replaces."""
        replaced: dict[str, dict[str, Any]] = {
            "project": {"project": self.project},
            "checks.identities": {"run_checks": self.run_checks},
            "checks.opening": {
                "factor_table": self.factor_table,
                "opening_table": self.opening_table,
                "of_scenario": self.of_scenario,
            },
            "checks.free_run": {"gap_table": self.gap_table, "free_run_checks": self.free_run_checks},
            "checks.plausibility": {"plausibility_table": self.plausibility_table},
            "checks.exhaustion": {"exhaustion_table": self.exhaustion_table},
            "checks.branches": {"branch_table": self.branch_table},
        }
        modules = {}
        for name, functions in replaced.items():
            module = ModuleType(f"simengine.{name}")
            module.__dict__.update(functions)
            modules[module.__name__] = module
        return modules


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
    from simengine.cli import main as cli

    cli.main()


if __name__ == "__main__":
    main()
