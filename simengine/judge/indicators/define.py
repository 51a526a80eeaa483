"""How an indicator is made: one decorated function, and a trial run that records which variables it reads.

    @indicator(plan_unit="%", plausible=(0.3, 1.1), en="...", zh="...", definition_zh="...")
    def ui_coverage_rate(data: Dataset) -> DataArray:
        "Insured against unemployment over employees obliged to be insured."
        return ratio(data["unemployment_insured"], data["ui_obliged_population"])

The name of the function is the name in target files, and its docstring the English definition. Nothing else has to
know of it: `simengine list`, target files, verdicts and pictures find it in `registry`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache, cached_property
from typing import TYPE_CHECKING, Any, TypeVar, cast

from simengine.common.errors import ModelError, TargetError
from simengine.common.messages import near
from simengine.judge.indicators.definitions import ANY, READINGS, Definitions
from simengine.judge.indicators.plan_units import PLAN_UNITS
from simengine.registry.axes import LABELS
from simengine.registry.variables import VARIABLES

if TYPE_CHECKING:
    from xarray import DataArray, Dataset

Compute = TypeVar("Compute", bound=Callable[..., Any])


@dataclass(frozen=True)
class Indicator:
    """One measure.

    Attributes
    ----------
    id : name used in target files
    en, zh : names
    unit : base unit of the values
    plan_unit : unit in which plans print it
    definitions : what is measured, by language
    compute : the function of the projection and, where a definition is open, of the reading
    reading : open definition it depends on, if any
    plausible : lowest and highest credible value in base units; persons and yuan per head of the region's population.
        It catches targets written in the wrong unit and is never used in a projection.
    by_fund : True when values carry the dimension ``fund``
    signed : whether values below zero are possible
    beyond_one : why a rate may exceed one; empty where it may not (`simengine.judge.checks.bounds`)
    """

    id: str
    en: str
    zh: str
    unit: str
    plan_unit: str
    definitions: Mapping[str, str] = field(repr=False)
    compute: Callable[..., DataArray] = field(repr=False)
    reading: str | None
    plausible: tuple[float, float]
    by_fund: bool
    signed: bool = False
    beyond_one: str = ""

    @cached_property
    def reads(self) -> tuple[str, ...]:
        """Variables it reads, under any reading, in the order of a trial run."""
        recorder = Recorder(schema())
        for word in self.words():
            self.compute(cast("Dataset", recorder), *word)
        return tuple(recorder.seen)

    def words(self) -> Iterator[tuple[str, ...]]:
        """What follows the projection in a call of `compute`: each reading in turn, or nothing."""
        if self.reading is None:
            yield ()
        else:
            yield from ((word,) for word in READINGS[self.reading])

    def __call__(self, projection: Dataset, definitions: Definitions | None = None) -> DataArray:
        """Values in base units on scenario, draw, region, perhaps fund, and time.

        Time is ``year_end`` or ``year``; a measure that is itself a year has none.

        Raises
        ------
        ModelError
            naming every variable it needs that the projection does not hold.
        """
        if missing := self.missing_from(projection):
            raise ModelError("indicator_variables", name=self.id, missing=", ".join(missing))
        if self.reading is None:
            return self.compute(projection).rename(self.id)
        return self._by_region(projection, self.reading, definitions or Definitions()).rename(self.id)

    def missing_from(self, projection: Dataset) -> list[str]:
        """Variables it reads that a projection does not hold; a complete projection is told without a trial run."""
        if projection.data_vars.keys() >= VARIABLES.keys():
            return []
        return [name for name in self.reads if name not in projection]

    def _by_region(self, projection: Dataset, name: str, definitions: Definitions) -> DataArray:
        """Values by the reading in force in each region."""
        chosen = [definitions.reading(name, str(region)) for region in projection.region.values]
        parts = {word: self.compute(projection, word) for word in dict.fromkeys(chosen)}
        if len(parts) == 1:
            return next(iter(parts.values()))
        import xarray as xr

        pieces = [parts[word].isel(region=[position]) for position, word in enumerate(chosen)]
        return xr.concat(pieces, "region")

    def definition(self, lang: str, definitions: Definitions | None = None, region: str = ANY) -> str:
        """Definition in one language (``en`` or ``zh``), with the reading in force where it is open."""
        text = self.definitions[lang]
        if self.reading is None:
            return text
        word = (definitions or Definitions()).reading(self.reading, region)
        return f"{text} [{self.reading} = {word}: {READINGS[self.reading][word][lang]}]"

    @property
    def per_head(self) -> bool:
        """Whether the plausible range is per head of the region's population."""
        return self.unit in ("person", "yuan")


_KNOWN: dict[str, Indicator] = {}


def indicator(
    *,
    plan_unit: str,
    plausible: tuple[float, float],
    en: str,
    zh: str,
    definition_zh: str,
    reading: str | None = None,
    by_fund: bool = False,
    signed: bool = False,
    beyond_one: str = "",
) -> Callable[[Compute], Compute]:
    """Register the decorated function as the indicator of its name; parameters as the attributes of `Indicator`.

    The docstring of the function is the English definition, `definition_zh` the Chinese one. The base unit follows from
    the unit of plans.

    The function takes a projection (dims scenario, draw, region, [axis], year_end | year), after it the reading where
    `reading` names an open definition, and asks for variables by name alone. It is returned unchanged.
    """

    def register(compute: Compute) -> Compute:
        name = compute.__name__
        if name in _KNOWN:
            raise ValueError(f"indicator {name} is defined twice")
        if beyond_one and PLAN_UNITS[plan_unit][0] != "1":
            raise ValueError(f"indicator {name} is no rate: it needs no reason to exceed one")
        _KNOWN[name] = Indicator(
            id=name,
            en=en,
            zh=zh,
            unit=PLAN_UNITS[plan_unit][0],
            plan_unit=plan_unit,
            definitions={"en": " ".join((compute.__doc__ or "").split()), "zh": definition_zh},
            compute=compute,
            reading=reading,
            plausible=plausible,
            by_fund=by_fund,
            signed=signed,
            beyond_one=beyond_one,
        )
        return compute

    return register


def registry() -> Mapping[str, Indicator]:
    """Every indicator by its name, in the order of the modules of this package."""
    return _KNOWN


def find_indicator(name: str) -> Indicator:
    """The indicator of that name; a `TargetError` with the nearest name otherwise."""
    if name not in _KNOWN:
        raise TargetError("indicator_unknown", near=near(name, _KNOWN), name=name)
    return _KNOWN[name]


# --- the trial run ----------------------------------------------------------------------------------------------------


class Recorder:
    """A dataset that notes which of its variables are asked for; nothing but variables and labels can be had of it."""

    def __init__(self, data: Dataset) -> None:
        self._data = data
        self.seen: dict[str, None] = {}

    def __getitem__(self, name: str) -> DataArray:
        if name in self._data.data_vars:
            self.seen[name] = None
        return self._data[name]


@cache
def schema() -> Dataset:
    """Every variable of the results with its dimensions and labels: one lane, one year, every value one."""
    import numpy as np
    import xarray as xr

    lane: dict[str, Any] = {"scenario": [""], "draw": [0], "region": [""]}
    labels = {**lane, **LABELS, "year_end": [0, 1], "year": [1]}
    data = {}
    for name, variable in VARIABLES.items():
        dims = (*lane, *variable.axes, variable.time)
        data[name] = (dims, np.ones([len(labels[dim]) for dim in dims]))
    return xr.Dataset(data, coords=labels)
