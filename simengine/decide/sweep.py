"""Combinations of levers over regions in one batch: figures and verdicts of each, labelled by what it changes.

import simengine

found = simengine.sweep("xuzhou/baseline", set=["unemployment_insured=2025:98万/99万/100万"], years=2025)
found.dataset     # labelled xarray on scenario, combination, region, ... and year
found.rows        # one figure a row, with the values of every lever
found.verdicts    # one verdict a row of the plan and combination
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from simengine.basis.basis import load_basis
from simengine.common.errors import ScenarioError, SimengineError, each_error, raise_all
from simengine.common.processors import processors
from simengine.decide.design import OPTIONS, Combination, Design, designed, from_values
from simengine.decide.runs import Runs, decided_of
from simengine.engine.project import Openings
from simengine.engine.what_if import what_if
from simengine.judge.closures.measures import INDICATOR_YEARS
from simengine.judge.indicators import Definitions, registry
from simengine.judge.measures.told import GIVES_VERDICT
from simengine.judge.quantities.catalogue import Quantity
from simengine.judge.quantities.select import Selection
from simengine.judge.quantities.table import asked
from simengine.judge.quantities.tidy import CELLS, Reading, may_be_withheld, selection_faults, tidy, values_of
from simengine.judge.targets.check import check_targets
from simengine.judge.targets.compare import Options
from simengine.judge.targets.files import read_targets
from simengine.judge.targets.withheld import blanked, on_a_fund, withhold
from simengine.scenario.scenario import Scenario, load_scenario
from simengine.scenario.what_if import number

if TYPE_CHECKING:
    import pandas as pd
    import xarray as xr

    from simengine.common.progress import Progress
    from simengine.judge.checks.anchors import FundVerdict
    from simengine.judge.targets.verdicts import Verdict

INDICATORS = ("pension_participants", "ui_participants", "wi_participants", "unaided_fund_balance")
"""What a sweep shows where nothing is named."""

MOST_VALUES = 16
"""Values of an axis that are all opened before anything is run; of more numbers the smallest and the largest."""

IMPOSSIBLE = "impossible"
"""Verdict on every row of a combination with a result that cannot be."""

WHERE = ("scenario", "combination")
VERDICTS = ("id", "region", "name", "year", "goal", "unit", "verdict", "projected", "margin", "first_year_met")


@dataclass(frozen=True, eq=False)
class Swept:
    """What a sweep gives.

    Attributes
    ----------
    combinations : number, value on each axis, and what is stated, one combination a row
    axes : headings of what varies
    dataset : every quantity in base units on scenario, combination, region, its axes and time; each axis of the
        sweep is a coordinate of the combination
    rows : the same as tidy rows, for the years, regions and schemes asked for
    verdicts : every row of the plan in every combination (`VERDICTS`), repetitions left out
    impossible : combinations with a result that is impossible (`simengine check` says which): their verdicts are
        `IMPOSSIBLE`, and no figure of them is given
    idle : axes of a grid along which no figure and no verdict of the sweep moves
    """

    scenarios: Sequence[Scenario]
    combinations: pd.DataFrame = field(repr=False)
    axes: tuple[str, ...]
    quantities: Sequence[Quantity]
    dataset: xr.Dataset = field(repr=False)
    rows: pd.DataFrame = field(repr=False)
    verdicts: pd.DataFrame = field(repr=False)
    impossible: pd.DataFrame = field(repr=False)
    idle: tuple[str, ...]
    reading: Reading


def sweep(
    scenarios: Scenario | str | Path | Sequence[Scenario | str | Path],
    *,
    lever: Iterable[str] = (),
    set: Mapping[str, Any] | Iterable[str] = (),
    growth: Mapping[str, Any] | Iterable[str] = (),
    design: str | Design = "grid",
    points: int | None = None,
    seed: int = 0,
    indicators: str | Iterable[str] = INDICATORS,
    years: str | int | Iterable[int] | None = None,
    regions: str | Iterable[str] | None = None,
    schemes: str | Iterable[str] | None = None,
    base_units: bool = False,
    lang: str = "en",
    threads: int | None = None,
    progress: Progress | None = None,
) -> Swept:
    """Run every combination of levers on every scenario: what `simengine sweep` prints.

    Lanes are run in blocks, checked as `simengine check` checks them, and released: the memory is that of a few lanes
    and of the figures asked for. Each equals the same scenario with the same what-ifs run alone, to the last bit.

    Parameters
    ----------
    scenarios : one or more, of equal years
    lever, set, growth : what varies (`simengine.decide.design`): texts as the options take them; ``set`` and ``growth``
        also a mapping from a name to a list of alternatives or a pair of ends
    design : ``grid``, ``sobol``, ``halton``, ``latin``, or a list that was read (`read_list`), to whose combinations
        levers, values and growth with one alternative are added
    points : values a range takes in a grid; else combinations
    seed : of a quasi-random design
    indicators, years, regions, schemes, base_units, lang : as `simengine.tabulate` takes them
    threads : threads over lanes; the results do not depend on it
    progress : called with a stage, the combinations done and all of them

    Raises
    ------
    SimengineError or an ErrorList of them, with everything that is wrong at once; ModelError where an identity does not
    hold in a combination, and where all of them are impossible
    """
    asked_for = prepared(scenarios, lever, set, growth, design, points, seed, indicators, years, regions, schemes)
    return run_prepared(*asked_for, Reading(base_units, lang), threads, progress)


def run_prepared(
    quantities: Sequence[Quantity],
    chosen: Selection,
    plan: Design,
    bases: Sequence[Scenario],
    reading: Reading,
    threads: int | None = None,
    progress: Progress | None = None,
) -> Swept:
    """The sweep that `prepared` has checked."""
    made = _stated(bases, plan)
    runs = Runs(quantities, threads or processors(), progress, sum(map(len, made)))
    _refuse_values(made, plan, runs.openings)
    parts = [_part(base, mine, runs, quantities, chosen, reading) for base, mine in zip(bases, made, strict=True)]
    return _joined(bases, plan, parts, quantities, reading)


def prepared(
    scenarios: Scenario | str | Path | Sequence[Scenario | str | Path],
    lever: Iterable[str],
    set_to: Mapping[str, Any] | Iterable[str],
    growth: Mapping[str, Any] | Iterable[str],
    design: str | Design,
    points: int | None,
    seed: int,
    indicators: str | Iterable[str],
    *selection: Any,
) -> tuple[list[Quantity], Selection, Design, list[Scenario]]:
    """All that a sweep was told, checked; everything that is wrong is raised at once."""
    errors: list[SimengineError] = []
    quantities, chosen = [], Selection()  # type: ignore[var-annotated]
    plan = Design((), (), regular=False)
    years, regions, schemes = selection
    try:
        quantities, chosen = asked(indicators, years, regions, None, None, schemes)
        errors += [
            ScenarioError("sweep_event", where="--indicator", name=one.key)
            for one in quantities
            if one.key in INDICATOR_YEARS
        ]
    except SimengineError as error:
        errors += each_error(error)
    stated = {"lever": from_values(lever), "set": from_values(set_to), "growth": from_values(growth)}
    try:
        if isinstance(design, Design):
            plan = _with_all(design, stated)
        else:
            plan = designed(**stated, design=design, points=points, seed=seed)
    except SimengineError as error:
        errors += each_error(error)
    given = [scenarios] if isinstance(scenarios, Scenario | str | Path) else list(scenarios)
    bases: list[Scenario] = []
    for one in given:
        try:
            bases.append(one if isinstance(one, Scenario) else load_scenario(one))
        except SimengineError as error:
            errors += each_error(error)
    if not given:
        errors.append(ScenarioError("no_scenario"))
    keys = [one.key for one in bases]
    errors += [ScenarioError("scenario_twice", name=key) for key in dict.fromkeys(keys) if keys.count(key) > 1]
    errors += [
        ScenarioError("different_years", first=bases[0].key, second=one.key)
        for one in bases[1:]
        if one.content.years != bases[0].content.years
    ]
    raise_all(errors)
    return quantities, chosen, plan, bases


def _with_all(design: Design, stated: Mapping[str, Sequence[str]]) -> Design:
    """A list of combinations with what is stated beside it in each; that may have no alternatives."""
    if not any(stated.values()):
        return design
    always = _always(stated)
    combinations = tuple(
        Combination({option: (*always[option], *one.stated[option]) for option in OPTIONS}, one.labels)
        for one in design.combinations
    )
    return Design(design.axes, combinations, design.regular)


def _always(stated: Mapping[str, Sequence[str]]) -> Mapping[str, tuple[str, ...]]:
    """What-ifs with one alternative each, by option."""
    probe = designed(lever=["none,probe"], set=stated["set"], growth=stated["growth"])
    levers = [name for text in stated["lever"] for name in text.split(",")]
    if len(probe.axes) > 1 or len(levers) > len(stated["lever"]):
        raise ScenarioError("sweep_list_axes")
    return {"lever": tuple(levers), "set": tuple(stated["set"]), "growth": tuple(stated["growth"])}


def _stated(bases: Sequence[Scenario], plan: Design) -> list[list[Scenario]]:
    """Every scenario with the what-ifs of every combination; what is wrong with any is raised at once, each once."""
    errors: dict[str, SimengineError] = {}
    made: list[list[Scenario]] = []
    for base in bases:
        mine: list[Scenario] = []
        for one in plan.combinations:
            try:
                stated = one.stated
                mine.append(what_if(base, levers=stated["lever"], set=stated["set"], growth=stated["growth"]))
            except SimengineError as error:
                errors |= {str(each): each for each in each_error(error)}
        if not errors:
            keys = [scenario.key for scenario in mine]
            twice = next((key for key in keys if keys.count(key) > 1), None)
            if twice is not None:
                numbers = ", ".join(str(place) for place, key in enumerate(keys, 1) if key == twice)
                errors[twice] = ScenarioError("sweep_combination_twice", numbers=numbers)
        made.append(mine)
    raise_all(list(errors.values()))
    return made


def _refuse_values(made: Sequence[Sequence[Scenario]], plan: Design, openings: Openings) -> None:
    """Open combinations that hold every value of every axis, so that all that is refused is told before any is run."""
    errors: dict[str, SimengineError] = {}
    for mine in made:
        for place in _covering(plan):
            try:
                openings.lanes(mine[place])
            except SimengineError as error:
                errors |= {str(each): each for each in each_error(error)}
    raise_all(list(errors.values()))


def _covering(plan: Design) -> list[int]:
    """Places of combinations that together hold every value of every axis; of points of a sequence both extremes."""
    seen: set[tuple[int, str]] = set()
    wanted: set[tuple[int, str]] = set()
    for axis in range(len(plan.axes)):
        labels = list(dict.fromkeys(one.labels[axis] for one in plan.combinations))
        numbers = {label: number(label) for label in labels}
        if len(labels) > MOST_VALUES and None not in numbers.values():
            labels = [
                min(labels, key=lambda label: float(numbers[label] or 0)),
                max(labels, key=lambda label: float(numbers[label] or 0)),
            ]
        wanted |= {(axis, label) for label in labels[:MOST_VALUES]}
    found = []
    for place, one in enumerate(plan.combinations):
        new = {*enumerate(one.labels)} & wanted - seen
        if new:
            found.append(place)
            seen |= new
    return found


# --- the parts --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class _Part:
    """One scenario under every combination."""

    dataset: xr.Dataset
    rows: pd.DataFrame
    verdicts: list[Verdict]
    possible: list[bool]
    keys: list[str]


def _part(
    base: Scenario,
    scenarios: Sequence[Scenario],
    runs: Runs,
    quantities: Sequence[Quantity],
    chosen: Selection,
    reading: Reading,
) -> _Part:
    import xarray as xr

    definitions = Definitions(**base.definitions)
    targets = read_targets(base.target_files.values()) if base.target_files else []
    read = {name for row in targets if row.indicator in registry() for name in registry()[row.indicator].reads}
    data, possible = runs.of(scenarios, read, definitions)
    held = [str(name) for name in data.region.values]
    own = load_basis(base.basis).region
    regions = [own] if chosen.regions is None else list(chosen.regions) or held
    wrong = [name for name in regions if name not in held]
    if wrong:
        known = ", ".join(held)
        raise ScenarioError("quantity_region", where="--region", name=", ".join(wrong), scenario=base.key, known=known)
    raise_all(selection_faults(data, quantities, chosen))

    @cache
    def decided() -> dict[str, FundVerdict]:
        return decided_of(base, runs.openings, runs.threads)

    rows = tidy(data.isel(scenario=possible), quantities, chosen, regions, definitions, reading, decided=decided)
    history = runs.openings.histories.known
    past = {name: _history(runs.openings, name) for name in history if name == _source(base)}
    verdicts = check_targets(data, targets, backcast=past, options=Options(definitions=definitions)) if targets else []
    if any(on_a_fund(row.indicator) for row in verdicts):
        verdicts = withhold(verdicts, decided())
    valuations = [one.key for one in quantities if one.key in GIVES_VERDICT]
    told = [name for name in held if name in decided() and decided()[name].given] if valuations else []
    rows["value"] = rows["value"].where(~rows["indicator"].isin(valuations) | rows["region"].isin(told))
    held_back = data.scenario.isin(data.scenario.values[possible])
    values = {one.key: values_of(one, data, definitions).where(held_back) for one in quantities}
    values |= {name: values[name].where(data.region.isin(told)) for name in valuations}
    if may_be_withheld(quantities):
        values = {name: blanked(one, name, decided()) for name, one in values.items()}
    named = {
        key: one.rename(key).assign_attrs(units=quantity.unit, long_name=quantity.en, long_name_zh=quantity.zh)
        for (key, one), quantity in zip(values.items(), quantities, strict=True)
    }
    dataset = xr.Dataset(named).rename(scenario="combination").expand_dims(scenario=[base.key])
    keys = [str(key) for key in data.scenario.values]
    return _Part(dataset, rows, verdicts, possible, keys)


def _source(base: Scenario) -> str:
    """The basis whose history stands beside closed rows: that of the scenario, where it was spun up."""
    return base.basis


def _history(openings: Openings, name: str) -> xr.Dataset:
    from simengine.engine.label import label_history

    return label_history(openings.histories.known[name])


def _joined(
    bases: Sequence[Scenario], plan: Design, parts: Sequence[_Part], quantities: Sequence[Quantity], reading: Reading
) -> Swept:
    """The parts of all scenarios, labelled by the values of every axis."""
    import pandas as pd
    import xarray as xr

    numbers = range(1, len(plan.combinations) + 1)
    columns = {axis: [one.labels[place] for one in plan.combinations] for place, axis in enumerate(plan.axes)}
    stated = [
        "; ".join(f"{option} {text}" for option in OPTIONS for text in one.stated[option]) for one in plan.combinations
    ]
    combinations = pd.DataFrame({"combination": list(numbers), **columns, "stated": stated})
    coords = {axis: ("combination", labels) for axis, labels in columns.items()}
    sets = [
        part.dataset.assign_coords(combination=list(numbers), **coords, stated=("combination", stated))  # type: ignore[arg-type]
        for part in parts
    ]
    dataset = xr.concat(sets, "scenario", join="outer") if len(sets) > 1 else sets[0]
    rows, verdicts = [], []
    for base, part in zip(bases, parts, strict=True):
        place = {str(key): number for key, number in zip(part.keys, numbers, strict=True)}
        rows.append(part.rows.assign(combination=part.rows["scenario"].map(place), scenario=base.key))
        verdicts += list(_verdict_rows(base, part, reading.lang))
    labelled = pd.concat(rows, ignore_index=True).merge(combinations.drop(columns="stated"), on="combination")
    figures = ["region", "indicator", "name", *CELLS, "year", "unit", "value"]
    judged = pd.DataFrame(verdicts, columns=[*WHERE, *VERDICTS]).astype({"first_year_met": "Int64"})
    judged = judged.merge(combinations.drop(columns="stated"), on="combination")
    found = labelled[[*WHERE, *plan.axes, *figures]], judged[[*WHERE, *plan.axes, *VERDICTS]]
    idle = tuple(_idle(plan, *found)) if plan.regular else ()
    wrong = [
        (base.key, number)
        for base, part in zip(bases, parts, strict=True)
        for number, possible in zip(numbers, part.possible, strict=True)
        if not possible
    ]
    impossible = pd.DataFrame(wrong, columns=list(WHERE))
    return Swept(bases, combinations, plan.axes, quantities, dataset, *found, impossible, idle, reading)


def _verdict_rows(base: Scenario, part: _Part, lang: str) -> Iterator[list[Any]]:
    """Verdicts of one scenario, combination by combination; a repetition carries the verdict of its original."""
    each = len(part.verdicts) // len(part.possible)
    for place, row in enumerate(part.verdicts):
        if row.duplicate_of is None:
            name, goal = row.name_zh if lang == "zh" else row.name_en, f"{row.operator} {row.printed}".strip()
            told = [base.key, place // each + 1, row.id, row.region, name, row.year, goal, row.unit]
            if part.possible[place // each]:
                yield [*told, row.verdict, row.projected, row.margin, row.first_year_met]
            else:
                yield [*told, IMPOSSIBLE, None, None, None]


def _idle(plan: Design, rows: pd.DataFrame, verdicts: pd.DataFrame) -> Iterator[str]:
    """Axes of a grid along which nothing moves: every figure and verdict is the same under all its alternatives."""
    for axis in plan.axes:
        others = ["scenario", *(one for one in plan.axes if one != axis)]
        figures = rows.groupby([*others, "region", "indicator", *CELLS, "year"], dropna=False, sort=False)["value"]
        judged = verdicts.groupby([*others, "id"], dropna=False, sort=False)["projected"]
        if not (figures.nunique(dropna=False) > 1).any() and not (judged.nunique(dropna=False) > 1).any():
            yield axis


def flips(found: Swept) -> pd.DataFrame:
    """Rows of the plan whose verdict is not the same in all possible combinations of their scenario."""
    verdicts = found.verdicts[found.verdicts["verdict"] != IMPOSSIBLE]
    moved = verdicts.groupby(["scenario", "id"], sort=False)["verdict"].transform("nunique") > 1
    return verdicts[moved].reset_index(drop=True)


def counts(found: Swept, *, areas: bool = False) -> pd.DataFrame:
    """How many rows of the plan get each verdict, by scenario and combination, with the values of every axis.

    Columns are ``met`` and ``missed``, then every other verdict that occurs. Repetitions of a row are counted once;
    scenarios without a plan are left out.

    Parameters
    ----------
    areas : count the rows of the areas of a city in place of those of the scenario's own region
    """
    import pandas as pd

    frame = found.combinations.drop(columns="stated")
    kinds = list(dict.fromkeys(("met", "missed", *found.verdicts["verdict"])))
    parts = []
    for base in found.scenarios:
        own = found.verdicts[found.verdicts["scenario"] == base.key]
        own = own[(own["region"] != load_basis(base.basis).region) == areas]
        if not len(own):
            continue
        tally = {
            name: own[own["verdict"] == name].groupby("combination").size().reindex(frame["combination"], fill_value=0)
            for name in kinds
        }
        parts.append(frame.assign(scenario=base.key, **{name: np.asarray(of) for name, of in tally.items()}))
    if not parts:
        return frame.assign(scenario="", **dict.fromkeys(kinds, 0)).iloc[:0]
    return pd.concat(parts, ignore_index=True)
