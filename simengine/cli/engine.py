"""The one place where commands call the engine: project, check identities, judge targets, name the inputs."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from simengine.common.errors import ModelError
from simengine.common.messages import say

if TYPE_CHECKING:
    import pandas as pd
    import xarray as xr

    from simengine.common.progress import Reporter
    from simengine.judge.targets.verdicts import Verdict
    from simengine.scenario.scenario import Scenario


class IdentityError(ModelError):
    """An identity of the accounts does not hold: the results must not be used."""


@dataclass(frozen=True)
class Run:
    """Projections of several scenarios with their checks; verdicts are asked for scenario by scenario.

    Attributes
    ----------
    results : what the engine returned, by scenario; scenarios with the same years share one
    checks : every identity of every scenario and region
    """

    scenarios: Sequence[Scenario]
    results: Mapping[str, Any]
    checks: pd.DataFrame
    threads: int

    @property
    def failed(self) -> pd.DataFrame:
        """Checks whose residual exceeds the limit; one that is not a number fails."""
        return self.checks[~self.checks["ok"].astype(bool)]

    def checks_of(self, scenario: Scenario) -> pd.DataFrame:
        """Checks of one scenario."""
        return self.checks[self.checks["scenario"] == scenario.key]

    def projection(self, scenario: Scenario) -> xr.Dataset:
        """The projection of one scenario on its own regions."""
        from simengine.engine.results import part_of

        return part_of(self.results[scenario.key].dataset, scenario.key)

    def verdicts(self, scenario: Scenario) -> list[Verdict]:
        """Verdict on every row of the scenario's target files; empty when it names none."""
        if not scenario.target_files:
            return []
        from simengine.judge.checks.opening import factor_table
        from simengine.judge.indicators import Definitions
        from simengine.judge.targets.check import check_targets
        from simengine.judge.targets.compare import Options
        from simengine.judge.targets.files import read_targets
        from simengine.judge.targets.verdicts import flag_alignment

        targets = read_targets(scenario.target_files.values())
        options = Options(definitions=Definitions(**scenario.definitions))
        history = self.results[scenario.key].histories.get(scenario.basis)
        judged = check_targets(self.projection(scenario), targets, backcast=history, options=options)
        return flag_alignment(judged, factor_table(self.results[scenario.key]))

    def tables(self, scenario: Scenario) -> dict[str, pd.DataFrame]:
        """Opening and plausibility of one scenario, by the name of their files.

        opening: alignment factors; position: every opening figure beside the engine's; gap and free_run: the run
        before alignment against the past; plausibility: levels and yearly changes against stated ranges; exhaustion: of
        the pension funds under three subsidy conventions; branches: averages of the two smaller branches beside
        published ones.
        """
        from simengine.judge.checks.branches import branch_table
        from simengine.judge.checks.exhaustion import exhaustion_table
        from simengine.judge.checks.free_run import free_run_checks, gap_table
        from simengine.judge.checks.opening import factor_table, of_scenario, opening_table
        from simengine.judge.checks.plausibility import plausibility_table

        own = of_scenario(self.results[scenario.key], scenario.key)
        gap = gap_table(own)
        return {
            "opening": factor_table(own),
            "position": opening_table(own),
            "gap": gap,
            "free_run": free_run_checks(own, gap),
            "plausibility": plausibility_table(own),
            "exhaustion": exhaustion_table(own),
            "branches": branch_table(own),
        }

    def inputs(self, scenario: Scenario) -> dict[str, Any]:
        """Digests of everything the numbers rest on beside the scenario itself: the law and the bases."""
        return {"law": self.results[scenario.key].law.digest(), "bases": basis_digests([scenario.basis])}


def execute(scenarios: Sequence[Scenario], threads: int, reporter: Reporter) -> Run:
    """Project scenarios, those with the same years together, and check every identity."""
    from simengine.kernels import jit

    tell: Callable[[str], None] = reporter
    if jit.JIT_ENABLED and not jit.is_warm("lane.project_lane"):
        first = say("progress.compile", reporter.lang)
        tell = lambda stage: reporter(f"{reporter.words(stage)}; {first}")  # noqa: E731
        tell("read")
    import pandas as pd

    from simengine.engine.project import project
    from simengine.judge.checks.identities import run_checks

    groups: dict[tuple[int, int], list[Scenario]] = {}
    for scenario in scenarios:
        groups.setdefault(scenario.content.years, []).append(scenario)
    results: dict[str, Any] = {}
    checks: list[pd.DataFrame] = []
    for group in groups.values():
        result = project(group, threads=threads, progress=tell)
        results |= {scenario.key: result for scenario in group}
        reporter("check")
        checks.append(run_checks(result))
    return Run(scenarios, results, pd.concat(checks, ignore_index=True), threads)


def basis_digests(names: Iterable[str]) -> dict[str, str]:
    """sha256 over every file of the named bases and of all bases they rest on, by basis."""
    from simengine.common import resources, strict_yaml

    digests: dict[str, str] = {}
    waiting, folders = list(names), resources.basis_folders()
    while waiting:
        name = waiting.pop()
        if name in digests:
            continue
        folder = folders[name]
        digest = hashlib.sha256()
        for path in sorted(folder.iterdir()):
            digest.update(f"{path.name}\0{path.stat().st_size}\0".encode())
            digest.update(path.read_bytes())
        digests[name] = digest.hexdigest()
        card = strict_yaml.load(folder / "basis.yaml").data
        parents = [card.get("inherits"), card.get("spinup_parent"), *(card.get("partition") or ())]
        waiting += [parent for parent in parents if parent]
    return dict(sorted(digests.items()))
