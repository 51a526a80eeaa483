"""Scenario files: names of a basis, levers and targets, and the horizon; read, merged, checked, with every origin.

A scenario may extend another one. Its file is then a patch (JSON merge patch, RFC 7396): a mapping is merged key by
key, a list or a single value replaces, ``null`` removes. Each value of the result remembers the file and line it came
from. Names (``jiangxi/baseline``) are looked up in the packaged scenarios; what ends in ``.yaml`` is your own file.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, field_validator, model_validator
from pydantic_core import PydanticCustomError

from simengine.common.errors import ErrorList, ScenarioError, SimengineError, raise_all
from simengine.common.fields import Frozen, Name, Number, Text, Year, as_listed, as_tuple
from simengine.common.messages import Words, words
from simengine.common.problems import validated
from simengine.common.strict_yaml import Doc
from simengine.scenario.actuals import ActualTable, StatedActuals, read_stated
from simengine.scenario.combine import LawChange, Lever, Settings, combine, parse_lever, read_lever
from simengine.scenario.inherit import Keys, Merged, Source, find_file, is_file, key_of, merge_chain, nearest
from simengine.scenario.inherit import packaged as packaged
from simengine.scenario.levers import Checked, LeverFile, LeverName, PathChange


class ScenarioFile(Frozen):
    """What a scenario file may say, after `extends` has been resolved.

    checked : as in a lever file; counts for the levers of the scenario as well
    actuals : tables and figures of known years (`simengine.scenario.actuals`)
    """

    name: LeverName
    description: Text
    basis: Annotated[str, Field(strict=True, pattern=r"^[a-z][a-z0-9_]*-\d{4}$")]
    years: Annotated[tuple[Year, Year], BeforeValidator(as_tuple)]
    information: Literal["today", "opening"] = "today"
    levers: Annotated[tuple[Text, ...], BeforeValidator(as_tuple)] = ()
    targets: Annotated[tuple[Text, ...], BeforeValidator(as_tuple)] = ()
    definitions: dict[Name, Text] = Field(default_factory=dict)
    draws: Annotated[int, Field(strict=True, ge=1)] = 1
    seed: Annotated[int, Field(strict=True, ge=0, le=2**63 - 1)] = 7
    paths: dict[Name, PathChange] = Field(default_factory=dict)
    constants: dict[Name, Number] = Field(default_factory=dict)
    checked: Checked = ()
    actuals: Annotated[tuple[Text | dict[str, Any], ...], BeforeValidator(as_listed)] = ()

    @field_validator("draws")
    @classmethod
    def _one_draw(cls, value: int) -> int:
        if value != 1:
            raise PydanticCustomError("draws_above_one", "draws", {})
        return value

    @model_validator(mode="after")
    def _horizon(self) -> ScenarioFile:
        first, last = self.years
        base = int(self.basis[-4:])
        if last < first:
            raise PydanticCustomError("years_reversed", "years reversed", {"first": first, "last": last})
        if first != base + 1:
            raise PydanticCustomError(
                "horizon_start", "horizon", {"first": first, "expected": base + 1, "basis": self.basis}
            )
        return self


LEVER_SECTIONS = dict.fromkeys(
    sorted(LeverFile.model_fields.keys() - ScenarioFile.model_fields.keys() - {"reason", "source", "region"}),
    "section_of_a_lever",
)
"""Sections of a lever file that a scenario file does not have -> the error that says where they belong."""


@dataclass(frozen=True)
class Scenario:
    """One scenario, ready to be projected.

    Attributes
    ----------
    key : name it was asked for by; also the folder of its results
    content : the merged file
    levers : the levers in order of name
    settings : what the levers change together
    target_files : target files by name
    origins : file and line of each value of the merged file, by its keys
    remarks : what is said in the files and cannot act
    digest : sha256 over the merged content and all levers; equal digests mean equal assumptions
    sources : the files it was read from: those of the chain, of the levers, of the targets
    what_if : what was added without a file, as it was typed: texts of ``lever``, ``set``, ``growth`` and ``actuals``
    actuals : figures of known years
    """

    key: str
    file: Path
    content: ScenarioFile
    levers: tuple[Lever, ...]
    settings: Settings
    target_files: Mapping[str, Path]
    origins: Mapping[Keys, str] = field(repr=False)
    chain: tuple[Path, ...]
    remarks: tuple[Words, ...]
    digest: str
    sources: tuple[Source, ...] = field(default=(), repr=False)
    what_if: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    actuals: StatedActuals = field(default_factory=StatedActuals)

    @property
    def basis(self) -> str:
        """Name of the frozen basis."""
        return self.content.basis

    @property
    def years(self) -> range:
        """Projected calendar years."""
        first, last = self.content.years
        return range(first, last + 1)

    @property
    def base_year(self) -> int:
        """Year at whose end the projection opens."""
        return self.content.years[0] - 1

    @property
    def information(self) -> Literal["today", "opening"]:
        """``today``: law and actuals known now; ``opening``: only what was known at the opening."""
        return self.content.information

    @property
    def draws(self) -> int:
        """Number of stochastic draws: 1, the deterministic run, until draws exist."""
        return self.content.draws

    @property
    def seed(self) -> int:
        """Seed of the stochastic draws."""
        return self.content.seed

    @property
    def lever_names(self) -> tuple[str, ...]:
        """Names of the levers applied, in order of name."""
        return tuple(lever.key for lever in self.levers)

    @property
    def constants(self) -> dict[str, float]:
        """Changed constants: those of the scenario file, levers on top."""
        return {**self.content.constants, **self.settings.constants}

    @property
    def definitions(self) -> Mapping[str, str]:
        """Readings chosen for words the plan leaves open; the indicators' own default where the file is silent."""
        return self.content.definitions

    def where(self, *keys: Any) -> str:
        """File and line an item of the merged file came from, or its nearest parent's."""
        return nearest(self.origins, keys, self.file)

    def title(self, lang: Literal["en", "zh"] = "en") -> str:
        """Name of the scenario in one language."""
        return self.content.name.en if lang == "en" else self.content.name.local

    def changed_series(self) -> tuple[str, ...]:
        """Yearly series changed by the scenario file or by a lever."""
        return tuple(sorted({*self.content.paths, *self.settings.paths}))

    def coverage_factor(self, series: str, years: Any) -> Any:
        """Factor on a coverage level, and on its index after the last known level, from levers; shape (t,) [1].

        Product of ``1 + rate`` over the years from the first projected year on; a stated rate holds until the next
        stated year. Exactly one before the first projected year and without such a lever.
        """
        import numpy as np

        years = np.asarray(years)
        rates = self.settings.coverage_growth.get(series, {})
        at = np.array([min(rates, default=self.base_year + 1), *rates], dtype=np.int64)
        stated = np.array([0.0, *rates.values()])
        spell = np.arange(self.base_year + 1, max(int(years.max()), self.base_year) + 1)
        yearly = np.where(spell >= at[0], stated[np.searchsorted(at[1:], spell, side="right")], 0.0)
        factor = np.concatenate([[1.0], np.cumprod(1.0 + yearly)])
        return factor[np.clip(years - self.base_year, 0, factor.size - 1)]

    def changes(self, series: str, alone: bool = False) -> bool:
        """Whether the scenario or a lever changes a series: for all that follows it or, with `alone`, for itself."""
        return any(one.alone == alone for one in self._changes_of(series))

    def apply_paths(self, series: str, values: Any, years: Any, alone: bool = False, part: float = 1.0) -> Any:
        """A yearly series after the scenario's own change and then the levers' one; shapes (t,) in, (t,) out.

        Parameters
        ----------
        alone : take the changes that nothing else hears, instead of those that everything does that follows the series
        part : part of a stated number that falls to an area of a city [1]
        """
        for change in self._changes_of(series):
            if change.alone == alone:
                values = change.apply(values, years, part)
        return values

    def _changes_of(self, series: str) -> list[PathChange]:
        return [changes[series] for changes in (self.content.paths, self.settings.paths) if series in changes]

    def without_change(self, series: str) -> Scenario:
        """The scenario without any change of one series; for comparison, its name and digest stay."""
        own = {name: change for name, change in self.content.paths.items() if name != series}
        levers = {name: change for name, change in self.settings.paths.items() if name != series}
        content = self.content.model_copy(update={"paths": own})
        return replace(self, content=content, settings=replace(self.settings, paths=levers))

    def confirms(self, name: str, lever: str = "") -> bool:
        """Whether a name is listed under `checked`: by the scenario or, for what a lever states, by that lever."""
        own = next((one.content.checked for one in self.levers if one.key == lever), ())
        return name in self.content.checked or name in own

    def without_constant(self, name: str) -> Scenario:
        """The scenario without any change of one constant; for comparison, its name and digest stay."""
        own = {known: value for known, value in self.content.constants.items() if known != name}
        levers = {known: value for known, value in self.settings.constants.items() if known != name}
        content = self.content.model_copy(update={"constants": own})
        return replace(self, content=content, settings=replace(self.settings, constants=levers))

    def without_law(self, change: LawChange) -> Scenario:
        """The scenario without one change of the law; for comparison, its name and digest stay."""
        left = tuple(one for one in self.settings.law if one != change)
        return replace(self, settings=replace(self.settings, law=left))

    def touched(self, series: str, years: Any) -> Any:
        """Years in which the scenario or a lever changes a series [bool; t]."""
        import numpy as np

        parts = [change.profile(years)[1] for change in self._changes_of(series)]
        return np.any(parts, axis=0) if parts else np.zeros(np.size(years), dtype=bool)

    def stated_as_it_is(self, series: str) -> bool:
        """Whether every change of a series may well leave it as it is: a neutral one, or values set outright."""
        return all(change.neutral or change.operation == "set" for change in self._changes_of(series))

    def where_changed(self, series: str, year: int) -> str:
        """File and line of the value that counts in a year for a series: of the lever that states it, if one does."""
        found = ""
        for lever in self.levers:
            change = lever.content.paths.get(series)
            if change is not None and (not found or change.stated_for(year) <= year):
                found = lever.where("paths", series, change.operation, change.stated_for(year))
        if found or series not in self.content.paths:
            return found or self.where("paths", series)
        change = self.content.paths[series]
        return self.where("paths", series, change.operation, change.stated_for(year))


# --- loading ----------------------------------------------------------------------------------------------------------


def load_scenario(name: str | Path) -> Scenario:
    """Read a scenario by its packaged name (``jiangxi/baseline``) or by the path of a file.

    Raises
    ------
    ScenarioError, LeverError, InputFileError or an ErrorList of them, with everything that is wrong at once.
    """
    path = find_file(str(name), "", None, "")
    merged = merge_chain(str(name), path)
    if "reason" in merged.data and not {"basis", "years"} & merged.data.keys():
        raise ScenarioError("scenario_is_lever", where=merged.where(), name=str(name))
    content, errors = validated(ScenarioFile, merged.data, merged.where, ScenarioError, LEVER_SECTIONS)
    levers, lever_sources, lever_errors = _levers(merged)
    targets, target_sources, target_errors = _targets(merged)
    actuals, actual_errors = read_stated(merged)
    errors += lever_errors + target_errors + actual_errors
    if content is None:
        raise ErrorList(errors)
    settings, conflicts, remarks = combine(levers, content.years)
    raise_all([*errors, *conflicts, *_early_paths(content, merged)])
    levers = sorted(levers, key=lambda lever: lever.key)
    return Scenario(
        key=key_of(str(name), path),
        file=path,
        content=content,
        levers=tuple(levers),
        settings=settings,
        target_files=targets,
        origins=merged.origins,
        chain=merged.chain,
        remarks=tuple(remarks + _late_paths(content, merged)),
        digest=_digest(content, levers, actuals),
        sources=(*merged.sources, *lever_sources, *target_sources, *table_sources(actuals)),
        actuals=actuals,
    )


def with_levers(scenario: Scenario, key: str, levers: Mapping[str, Mapping[str, Any]]) -> Scenario:
    """A scenario under a new name with further levers, each stated as its file would state it; no file is read.

    For sweeps over the values of a lever. The checks are those of `load_scenario`; in errors ``<name>`` stands for
    the file.

    Parameters
    ----------
    levers : content of each lever by its name: its name, reason and changes

    Raises
    ------
    LeverError or an ErrorList of them, with everything that is wrong at once

    Examples
    --------
    >>> lever = {"name": {"en": "2 %", "local": "2%"}, "reason": "try", "indexation": {"rate": {2030: 0.02}}}
    >>> with_levers(load_scenario("jiangxi/baseline"), "low", {"low": lever}).lever_names
    ('low',)
    """
    read: list[Lever] = []
    errors: list[SimengineError] = []
    for name, content in levers.items():
        path = Path(f"<{name}>")
        lever, found = parse_lever(Doc(dict(content), str(path)), path, name)
        errors += found
        if lever is not None:
            read.append(lever)
    raise_all(errors)
    return join_levers(scenario, key, read)


def without_lever(scenario: Scenario, name: str) -> Scenario:
    """A scenario without one of its levers, under the same key."""
    left = [lever for lever in scenario.levers if lever.key != name]
    settings, errors, remarks = combine(left, scenario.content.years)
    raise_all(errors)
    stated = scenario.content.model_copy(update={"levers": tuple(lever.key for lever in left)})
    changed: dict[str, Any] = {"content": stated, "levers": tuple(left), "settings": settings}
    return replace(scenario, **changed, remarks=tuple(remarks), digest=_digest(stated, left, scenario.actuals))


def join_levers(scenario: Scenario, key: str, levers: Sequence[Lever]) -> Scenario:
    """A scenario under a new name with further levers that have been read.

    Raises
    ------
    ScenarioError for a lever of a name it already has, LeverError for conflicts; all of them at once
    """
    errors: list[SimengineError] = [
        ScenarioError("named_twice", where=str(lever.file), kind="levers", name=lever.key)
        for lever in levers
        if lever.key in scenario.lever_names
    ]
    joined = sorted([*scenario.levers, *levers], key=lambda lever: lever.key)
    settings, conflicts, remarks = combine(joined, scenario.content.years)
    raise_all([*errors, *conflicts])
    stated = scenario.content.model_copy(update={"levers": tuple(lever.key for lever in joined)})
    return replace(
        scenario,
        key=key,
        content=stated,
        levers=tuple(joined),
        settings=settings,
        remarks=tuple(dict.fromkeys([*scenario.remarks, *remarks])),
        digest=_digest(stated, joined, scenario.actuals),
    )


def _named(merged: Merged, kind: str) -> list[tuple[str, Path | None, str]]:
    """Names listed under levers or targets, the folder of the file that lists them, and where they stand."""
    names = merged.data.get(kind, [])
    if not isinstance(names, list):
        return []
    return [
        (name, merged.homes.get((kind, position)), merged.where(kind, position))
        for position, name in enumerate(names)
        if isinstance(name, str)
    ]


def lever_sources(lever: Lever, own: bool) -> list[Source]:
    """The file of a lever and the tables that it names; `own` where it was named as a file."""
    tables = lever.tables.items()
    found = [Source("lever", lever.key, lever.file, own, lever.doc.raw)]
    return found + [Source("table", f"{lever.key}/{name}", table.path, own, table.raw) for name, table in tables]


def _levers(merged: Merged) -> tuple[list[Lever], list[Source], list[SimengineError]]:
    levers: list[Lever] = []
    sources: list[Source] = []
    errors: list[SimengineError] = []
    for name, beside, where in _named(merged, "levers"):
        try:
            path = find_file(name, "levers", beside, where)
        except SimengineError as error:
            errors.append(error)
            continue
        key = key_of(name, path)
        if key in (lever.key for lever in levers):
            errors.append(ScenarioError("named_twice", where=where, kind="levers", name=key))
            continue
        lever, found = read_lever(path, key)
        errors += found
        if lever is not None:
            levers.append(lever)
            sources += lever_sources(lever, is_file(name))
    return levers, sources, errors


def _targets(merged: Merged) -> tuple[dict[str, Path], list[Source], list[SimengineError]]:
    files: dict[str, Path] = {}
    sources: list[Source] = []
    errors: list[SimengineError] = []
    for name, beside, where in _named(merged, "targets"):
        try:
            path = find_file(name, "targets", beside, where)
            key = key_of(name, path)
            if key in files:
                raise ScenarioError("named_twice", where=where, kind="targets", name=key)
            files[key] = path
            sources.append(Source("targets", key, path, is_file(name)))
        except SimengineError as error:
            errors.append(error)
    return files, sources, errors


def _early_paths(content: ScenarioFile, merged: Merged) -> Iterator[SimengineError]:
    first = content.years[0]
    for series, change in content.paths.items():
        for year in change.knots:
            if year < first:
                yield ScenarioError(
                    "path_before_start",
                    where=merged.where("paths", series, change.operation, year),
                    what=words("dated.in", name=series, day=year),
                    first=first,
                    base=first - 1,
                )


def _late_paths(content: ScenarioFile, merged: Merged) -> list[Words]:
    last = content.years[1]
    return [
        words(
            "remark.after_end",
            where=merged.where("paths", series, change.operation, year),
            lever=content.name.en,
            what=words("dated.in", name=series, day=year),
            last=last,
        )
        for series, change in content.paths.items()
        for year in change.knots
        if year > last
    ]


def table_sources(actuals: StatedActuals) -> list[Source]:
    """The files of tables of actuals."""
    return [part.source for part in actuals.parts if isinstance(part, ActualTable)]


def with_actuals(scenario: Scenario, key: str, actuals: StatedActuals) -> Scenario:
    """A scenario under a new name with other actuals."""
    kept = tuple(source for source in scenario.sources if source.kind != "actuals")
    digest = _digest(scenario.content, list(scenario.levers), actuals)
    sources = (*kept, *table_sources(actuals))
    return replace(scenario, key=key, actuals=actuals, digest=digest, sources=sources)


def _digest(content: ScenarioFile, levers: list[Lever], actuals: StatedActuals) -> str:
    """sha256 over what is assumed: the merged content, levers and actuals, without texts and what they confirm."""
    parts = {
        "scenario": content.model_dump(mode="json", exclude={"name", "description", "levers", "checked", "actuals"}),
        "levers": {lever.key: _stated(lever) for lever in levers},
        **actuals.stated(),
    }
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()


def _stated(lever: Lever) -> dict[str, Any]:
    """What a lever assumes: of a table its bytes count, not its path; no demography leaves no mark."""
    stated = lever.content.model_dump(mode="json", exclude={"name", "reason", "source", "checked"})
    if stated["demography"] is None:
        del stated["demography"]
    else:
        stated["demography"]["tables"] = {name: table.sha256 for name, table in sorted(lever.tables.items())}
    return stated
