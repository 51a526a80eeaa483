"""What the name of a plan stands for: a scenario, a region with a baseline, or a file of targets."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from simengine.common import strict_yaml
from simengine.common.errors import ScenarioError, SimengineError
from simengine.common.messages import near
from simengine.judge.targets.files import packaged_target_files, read_targets
from simengine.judge.targets.rows import Target
from simengine.law.regions import load_regions
from simengine.scenario.scenario import Scenario, load_scenario, packaged

BASELINE = "baseline"
PREFIX = "targets/"
KNOWN = ("today", "opening")
"""What the run beside a plan may know of law and figures: today's, or those of its opening."""


@dataclass(frozen=True)
class Plan:
    """A plan that is monitored.

    Attributes
    ----------
    key : name it was asked for by, or key of the scenario
    targets : its rows, in order
    scenario : the run beside it; None where no basis holds the regions of the rows
    """

    key: str
    targets: tuple[Target, ...]
    scenario: Scenario | None

    @property
    def regions(self) -> tuple[str, ...]:
        """Regions of its rows, in order."""
        return tuple(dict.fromkeys(row.region for row in self.targets))


def plan_of(given: Scenario | str | Path) -> Plan:
    """The plan behind a name.

    Parameters
    ----------
    given : a scenario; a region (``jiangxi``, 江西省), of which the baseline is run; a file of targets, packaged
        (``targets/jiangxi``) or own, for which the baseline of its region is run

    Raises
    ------
    SimengineError where nothing is called so, or the scenario names no file of targets
    """
    if isinstance(given, Scenario):
        return _of_scenario(given)
    name = str(given)
    if name in packaged():
        return _of_scenario(load_scenario(name))
    baseline = _baseline_of(name)
    if baseline:
        return _of_scenario(load_scenario(baseline))
    files = packaged_target_files()
    short = name.removeprefix(PREFIX)
    if name.startswith(PREFIX) and short in files:
        return _of_targets(name, files[short])
    if name.lower().endswith((".yaml", ".yml")):
        path = Path(name)
        if not path.is_file():
            raise ScenarioError("file_absent", name=name)
        return _of_targets(name, path) if _holds_rows(path) else _of_scenario(load_scenario(path))
    known = [*_baselines(), *packaged(), *(f"{PREFIX}{each}" for each in files)]
    told = ", ".join(_baselines())
    raise ScenarioError("monitor_plan", near=near(name, known), name=name, known=told)


def known_as_of(plan: Plan, known: str) -> Plan:
    """A plan beside the run that knows what is known today, or what was known at the opening.

    Raises
    ------
    ScenarioError where there is no such run on the basis of the plan, or the word is another one
    """
    if known not in KNOWN:
        near_to = near(known, KNOWN)
        raise ScenarioError("monitor_known", where="--known", near=near_to, name=known, known=", ".join(KNOWN))
    if plan.scenario is None or plan.scenario.information == known:
        return plan
    place = plan.scenario.key.partition("/")[0]
    for key in packaged():
        other = load_scenario(key) if key.startswith(f"{place}/") else None
        if other is not None and other.information == known and other.basis == plan.scenario.basis:
            scenario = replace(other, target_files=plan.scenario.target_files)
            own = plan.key == plan.scenario.key
            return Plan(key if own else plan.key, plan.targets, scenario)
    raise ScenarioError("monitor_known_absent", where="--known", name=known, scenario=plan.scenario.key)


def _of_scenario(scenario: Scenario) -> Plan:
    if not scenario.target_files:
        raise ScenarioError("monitor_no_targets", where=str(scenario.file), name=scenario.key)
    return Plan(scenario.key, tuple(read_targets(scenario.target_files.values())), scenario)


def _of_targets(name: str, path: Path) -> Plan:
    """Rows of one file, with the baseline that holds their regions."""
    rows = tuple(read_targets([path]))
    found = _holding(row.region for row in rows)
    if found is None:
        return Plan(name, rows, None)
    scenario = replace(load_scenario(found), target_files={path.stem: path})
    return Plan(name, rows, scenario)


def _holding(regions: Iterable[str]) -> str | None:
    """The packaged baseline of the nearest region that all these lie in."""
    known = load_regions()
    chains: Sequence[tuple[str, ...]] = [known.chain(region) for region in dict.fromkeys(regions)]
    common = [region for region in chains[0] if all(region in chain for chain in chains)]
    baselines = _baselines()
    held = [region for region in common[:1] if region in baselines]
    held += [region for region in common[1:] if region in baselines and known[common[0]].level == "area"]
    return f"{held[0]}/{BASELINE}" if held else None


def _baselines() -> list[str]:
    """Regions with a packaged baseline."""
    return [name.partition("/")[0] for name in packaged() if name.endswith(f"/{BASELINE}")]


def _baseline_of(name: str) -> str:
    """The baseline of a region that is named by its key or by its name, with or without what kind of region it is."""
    regions = load_regions()
    for key in _baselines():
        one = regions[key]
        local = one.local_name
        if name.lower() in (key, one.name.lower()) or name in (local, local.rstrip("省市县")):
            return f"{key}/{BASELINE}"
    return ""


def _holds_rows(path: Path) -> bool:
    """Whether a file holds rows of a plan, and no scenario."""
    try:
        data = strict_yaml.load(path).data
    except SimengineError:
        return False  # told by whoever reads it
    return isinstance(data, list) or (isinstance(data, dict) and "basis" not in data and "extends" not in data)
