"""The law tree: every parameter of every scheme, by key ``branch/parameter``.

A tree is immutable but for the list of extensions it has been asked to make, which the report prints.
"""

from __future__ import annotations

import datetime
import hashlib
import json
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np

from simengine.common import resources, strict_yaml
from simengine.common.errors import LawError, LeverError, SimengineError, raise_all
from simengine.common.messages import Words, near, words
from simengine.law.annual import annual_values
from simengine.law.parameter import DatedValue, Parameter, as_date, value_in_force
from simengine.law.reader import months_as_numbers, parse_parameter
from simengine.law.regions import NATION, Files, Regions, region_files, regions_of

REVIEW_FILE = "reviewed.yaml"
"""File in the law folder with the day up to which the folder was checked against enacted law."""

MADE = 96
"""Results that `LawTree.once` keeps, enough for the areas of a city; the largest, a table of retirement, takes 2 MB."""
_MADE: dict[Hashable, tuple[Any, Mapping[str, Parameter]]] = {}
_LEVERED: dict[tuple[int, str, str, str | None], tuple[Parameter, Parameter]] = {}


@dataclass(frozen=True)
class ExtensionUse:
    """A parameter used beyond its last enacted year: which rule carried it, and over which years."""

    key: str
    region: str
    first_year: int
    last_year: int
    rule: str
    index: str | None
    evidence: str
    reason: str


@dataclass(frozen=True)
class Change:
    """Values that a lever put in: the law from the first date on is replaced by them."""

    key: str
    region: str | None
    dates: tuple[datetime.date, ...]
    origin: str


class LawTree(Mapping[str, Parameter]):
    """All parameters by key, with the regions in which they are looked up."""

    def __init__(
        self,
        parameters: Mapping[str, Parameter],
        regions: Regions,
        changes: tuple[Change, ...] = (),
        information_date: datetime.date | None = None,
    ) -> None:
        self._parameters = dict(parameters)
        self.regions = regions
        self.changes = changes
        self.information_date = information_date
        self._extensions: dict[tuple[str, str], ExtensionUse] = {}

    def __getitem__(self, key: str) -> Parameter:
        if key not in self._parameters:
            raise LawError("law_key_unknown", near=near(key, self._parameters), key=key)
        return self._parameters[key]

    def __contains__(self, key: object) -> bool:
        return key in self._parameters

    def __iter__(self) -> Iterator[str]:
        return iter(self._parameters)

    def __len__(self) -> int:
        return len(self._parameters)

    @property
    def extensions(self) -> tuple[ExtensionUse, ...]:
        """Every use beyond the last enacted year so far, by key and region."""
        return tuple(self._extensions[pair] for pair in sorted(self._extensions))

    def annual(
        self,
        key: str,
        years: Iterable[int],
        region: str | None = None,
        index: Mapping[str, np.ndarray] | None = None,
        table: bool = False,
    ) -> np.ndarray:
        """Numbers of one parameter by calendar year.

        Parameters
        ----------
        key : ``branch/parameter``
        years : ascending calendar years
        region : region key; None means the nation. A region without values takes those of its parent.
        index : yearly index numbers by name, aligned with ``years``, for parameters whose extension is ``indexed``
        table : True for a table; the result is then (years, labels), in the order of `labels`

        Returns
        -------
        array (years,) or (years, labels) in the parameter's unit

        Raises
        ------
        LawError
            for a year before the first value, an ended rule without a number, or no extension rule.
        """
        parameter = self[key]
        wanted = _checked_years(years, key)
        if parameter.unit.symbol == "code":
            raise LawError("law_is_code", where=parameter.where, key=key)
        if table != (parameter.table is not None) or parameter.ragged:
            code = "law_is_ragged" if parameter.ragged else "law_is_table" if parameter.table else "law_is_one_number"
            raise LawError(code, where=parameter.where, key=key)
        result = annual_values(parameter, wanted, region, index)
        self.note_extension(key, wanted, region)
        return result if table else result[:, 0]

    def value(self, key: str, date: datetime.date, region: str | None = None) -> Any:
        """Value in force on a day: a number, a code, a list or a table, as the parameter's unit and table say."""
        return self[key].at(date, region)

    def codes(self, key: str, years: Iterable[int], region: str | None = None) -> tuple[str | None, ...]:
        """Text codes of one parameter by calendar year: in force on 31 December under ``end``, else on 1 January."""
        parameter = self[key]
        wanted = _checked_years(years, key)
        if parameter.unit.symbol != "code":
            raise LawError("law_is_number", where=parameter.where, key=key)
        month, day = (12, 31) if parameter.within_year == "end" else (1, 1)
        found = tuple(parameter.at(datetime.date(year, month, day), region) for year in wanted)
        self.note_extension(key, wanted, region)
        return found  # type: ignore[return-value]

    def of_year(self, key: str, year: int, region: str | None = None) -> Any:
        """What one calendar year has of a parameter, read as its file says: a number, a table by label, or a code.

        A parameter keeps what it has once given; a table must not be changed.
        """
        kept = self[key].made.setdefault(("of_year", region), {})
        if year in kept:
            self.note_extension(key, [year], region)
        else:
            kept[year] = self._of_year(key, year, region)
        return kept[year]

    def _of_year(self, key: str, year: int, region: str | None) -> Any:
        if self[key].unit.symbol == "code":
            return self.codes(key, [year], region)[0]
        if self[key].table is None:
            return float(self.annual(key, [year], region)[0])
        row = self.annual(key, [year], region, table=True)[0]
        return dict(zip(self.labels(key), row.tolist(), strict=True))

    def labels(self, key: str) -> tuple[str | int, ...]:
        """Labels of a table, in the order of the columns of ``annual(..., table=True)``."""
        return self[key].labels

    def note_extension(self, key: str, years: Sequence[int], region: str | None = None) -> None:
        """Record that a parameter is used in ``years``; those after its last dated year count as an extension.

        A standing rule is in force until it is changed: for it only years after the information date count.
        """
        parameter = self[key]
        last = parameter.timeline(region)[-1]
        enacted = last.date.year
        if parameter.extension.standing and self.information_date is not None:
            enacted = max(enacted, self.information_date.year)
        late = [year for year in years if year > enacted]
        if not late or last.value is None:
            return
        pair = (parameter.key, region or NATION)
        known = self._extensions.get(pair)
        rule = parameter.extension
        self._extensions[pair] = ExtensionUse(
            key=parameter.key,
            region=pair[1],
            first_year=min(late[0], known.first_year) if known else late[0],
            last_year=max(late[-1], known.last_year) if known else late[-1],
            rule=str(rule.rule),
            index=rule.index,
            evidence=rule.evidence,
            reason=rule.reason,
        )

    def once(self, keys: Iterable[str], what: Hashable, make: Callable[[LawTree], Any]) -> Any:
        """Cache for results that depend only on these parameters; trees with the same parameters share it.

        A lever replaces the parameters it changes, so a tree with a lever shares everything else with the law.

        Parameters
        ----------
        keys : the parameters; `make` gets a tree with these and no others, so a missing one is an error
        what : name of the result, and every other value it depends on
        """
        parameters = {key: self[key] for key in keys}
        name = (what, tuple(parameters), *map(id, parameters.values()))
        found = _MADE.get(name)
        if found is None:
            made = make(LawTree(parameters, self.regions, (), self.information_date))
            while len(_MADE) >= MADE:
                _MADE.pop(next(iter(_MADE)), None)
            found = _MADE[name] = (made, parameters)  # kept alive with it: the place of a parameter is not given again
        return found[0]

    def with_changes(
        self, changes: Mapping[str, Mapping[Any, Any]], origin: str = "lever", region: str | None = None
    ) -> LawTree:
        """A new tree in which levers replace the law from their first date on.

        Parameters
        ----------
        changes : ``{key: {date: value}}``; dates as date or ISO text. Values of the law dated on or after the first
            date of a key are dropped, so that the lever holds until its own next value. A table may be changed in part:
            ``{date: {men: 24}}`` keeps the other labels as they stand on that date.
        origin : the lever file or option, kept with every value
        region : this region and those below it; None changes the nation and every region that has values of its own,
            "china" the national values alone

        Raises
        ------
        LeverError
            for an unknown key (naming the closest), an unknown region, or a value out of range; all faults together.
        """
        errors: list[SimengineError] = []
        parameters = dict(self._parameters)
        done = list(self.changes)
        if region is not None and region not in self.regions:
            suggestion, known = near(region, self.regions), ", ".join(self.regions)
            raise LeverError("law_region_unknown", where=origin, near=suggestion, name=region, known=known)
        for key, dated in changes.items():
            if key not in parameters:
                errors.append(LeverError("law_key_unknown", where=origin, near=near(key, parameters), key=key))
                continue
            try:
                parameters[key] = _changed_once(parameters[key], dated, origin, region)
            except SimengineError as error:
                errors.append(error)
                continue
            done.append(Change(key, region, tuple(sorted(as_date(day, where=origin) for day in dated)), origin))
        raise_all(errors)
        return LawTree(parameters, self.regions, tuple(done), self.information_date)

    def enacted(self, keys: Iterable[str]) -> LawTree:
        """The tree without levers on some parameters."""
        parameters = {**self._parameters, **{key: self[key].enacted for key in keys}}
        return LawTree(parameters, self.regions, self.changes, self.information_date)

    def seen_in(self, year: int, region: str | None) -> LawTree:
        """The tree as people of a year could see it (`Parameter.seen_in`)."""
        parameters = {key: parameter.seen_in(year, region) for key, parameter in self._parameters.items()}
        return LawTree(parameters, self.regions, self.changes, self.information_date)

    def known_on(self, date: datetime.date | str) -> LawTree:
        """The tree as it could be known on a day: values enacted or published later are left out.

        The years after the last known value then follow the extension rules, as a plan written on that day had to.
        """
        day = as_date(date, where="known_on")
        if self.information_date is not None and day > self.information_date:
            raise LawError("law_reviewed_before", day=day, reviewed=self.information_date)
        parameters = {key: parameter.known_on(day) for key, parameter in self._parameters.items()}
        return LawTree(parameters, self.regions, self.changes, day)

    def digest(self) -> str:
        """SHA-256 over keys, units, rules, dates, values, references and evidence, but not remarks or line numbers."""
        content = {key: _content(parameter) for key, parameter in self._parameters.items()}
        family = {key: self.regions[key].parent for key in self.regions}
        text = json.dumps([content, family], sort_keys=True, ensure_ascii=False, separators=(",", ":"))
        return hashlib.sha256(text.encode()).hexdigest()


def load_law(root: Path | None = None) -> LawTree:
    """Read the whole tree strictly; every fault of every file is reported in one error.

    Parameters
    ----------
    root : folder with ``regions.yaml`` and ``law/``; by default the packaged scenarios
    """
    root = resources.scenarios_root() if root is None else Path(root)
    folder = root / "law"
    if not folder.is_dir():
        raise LawError("law_no_folder", where=str(folder))
    files = tuple(
        (str(path), path.relative_to(folder).as_posix(), strict_yaml.read_bytes(path))
        for path in sorted(folder.rglob("*.yaml"))
        if path != folder / REVIEW_FILE
    )
    regions = region_files(root / "regions.yaml")
    parameters = _parameters(files, regions)
    return LawTree(parameters, regions_of(regions), information_date=_reviewed(folder / REVIEW_FILE))


def last_review() -> datetime.date | None:
    """The day on which the packaged law was last reviewed; no other file of it is read."""
    return _reviewed(resources.scenarios_root() / "law" / REVIEW_FILE)


@lru_cache(maxsize=4)
def _parameters(files: tuple[tuple[str, str, bytes], ...], region_files: Files) -> dict[str, Parameter]:
    """Parameters as these files say, told apart by every byte of them: what has not changed is not read again.

    Parameters
    ----------
    files : path, path inside the law folder and bytes of every file
    """
    regions = regions_of(region_files)
    parameters: dict[str, Parameter] = {}
    errors: list[SimengineError] = []
    for path, relative, raw in files:
        key = relative.removesuffix(".yaml")
        if relative.count("/") != 1:
            errors.append(LawError("law_file_place", where=path, key=key))
            continue
        try:
            parameters[key] = parse_parameter(raw, path, key, regions, f"law/{relative}")
        except SimengineError as error:
            errors.append(error)
    raise_all(errors)
    return parameters


def _reviewed(path: Path) -> datetime.date | None:
    """The day up to which the folder was checked against enacted law; None when it does not say."""
    if not path.exists():
        return None
    doc = strict_yaml.load(path)
    day = doc.data.get("reviewed") if isinstance(doc.data, dict) else None
    if not isinstance(day, datetime.date):
        raise LawError("law_no_review", where=doc.where())
    return day


def _checked_years(years: Iterable[int], key: str) -> list[int]:
    wanted = [int(year) for year in years]
    if not wanted or wanted != sorted(set(wanted)):
        raise ValueError(f"years for {key} are empty, repeated or not ascending")
    return wanted


def _changed_once(parameter: Parameter, dated: Mapping[Any, Any], origin: str, region: str | None) -> Parameter:
    """The parameter with lever values: one object for one change, so that what follows from it is made once."""
    name = (id(parameter), repr(dated), origin, region)
    found = _LEVERED.get(name)
    if found is None:
        made = _changed(parameter, dated, origin, region)
        while len(_LEVERED) >= MADE:
            _LEVERED.pop(next(iter(_LEVERED)), None)
        found = _LEVERED[name] = (made, parameter)  # kept alive with it, as in `once`
    return found[0]


def _changed(parameter: Parameter, dated: Mapping[Any, Any], origin: str, region: str | None) -> Parameter:
    """The parameter with lever values from their first date on."""
    if not isinstance(dated, Mapping) or not dated:
        raise LeverError("law_undated", where=origin, key=parameter.key)
    try:
        days = {as_date(day, where=f"{origin}, {parameter.key}"): value for day, value in dated.items()}
    except LawError as error:
        raise error.as_kind(LeverError) from error
    if region is not None and region != NATION:
        below = [key for key in parameter.regional if key != region and region in parameter.regions.chain(key)]
        targets: list[str | None] = [region, *below]
    else:
        targets = [None] if parameter.national else []
        if region is None:
            targets += list(parameter.regional)
    national, regional = parameter.national, dict(parameter.regional)
    for target in targets:
        values = _replaced(parameter, parameter.timeline(target), days, origin)
        if target is None:
            national = values
        else:
            regional[target] = values
    return replace(parameter, national=national, regional=regional, unlevered=parameter.enacted)


def _replaced(
    parameter: Parameter, timeline: tuple[DatedValue, ...], days: Mapping[datetime.date, Any], origin: str
) -> tuple[DatedValue, ...]:
    first = min(days)
    values = [dated for dated in timeline if dated.date < first]
    present = value_in_force(timeline, first)
    for day in sorted(days):
        value = days[day]
        if parameter.unit.symbol == "calendar month":
            value = months_as_numbers(value)
        if isinstance(value, Mapping) and parameter.table is not None:
            value = _merged(parameter, present, value, origin)
        if value is None and not parameter.may_end:
            raise LeverError("law_null", where=origin, key=parameter.key, day=day, instead=_instead_of_null(parameter))
        fault = parameter.fault(value, origin)
        if fault is not None:
            raise fault.as_kind(LeverError)
        if isinstance(value, list) and not parameter.ragged and len(value) != len(parameter.labels):
            counts: dict[str, Any] = {"count": len(value), "wanted": len(parameter.labels)}
            raise LeverError("law_count", where=origin, key=parameter.key, **counts)
        present = DatedValue(day, value, origin, "assumption", day, origin, lever=True)
        values.append(present)
    return tuple(values)


def _instead_of_null(parameter: Parameter) -> Words:
    """What a lever states where null has no meaning."""
    if parameter.unit.symbol == "code":
        return words("null.code", known=", ".join(parameter.allowed))
    if parameter.table is not None:
        return words("null.table", known=", ".join(map(str, parameter.labels)))
    low, high = parameter.limits
    return words("null.number", low=f"{low:g}", high=f"{high:g}", unit=parameter.unit.symbol)


def _merged(parameter: Parameter, present: DatedValue | None, value: Mapping[Any, Any], origin: str) -> Any:
    """A table in which the given labels are replaced and the others stay as they are on that date."""
    labels = parameter.labels
    if parameter.ragged and isinstance(value, dict):
        return parameter.completed(present.value if present else None, value)
    unknown = [label for label in value if label not in labels]
    if unknown:
        known = [str(label) for label in labels]
        suggestion = near(str(unknown[0]), known)
        values = {"key": parameter.key, "label": unknown[0], "known": ", ".join(known)}
        raise LeverError("law_label_unknown", where=origin, near=suggestion, **values)
    if isinstance(present.value if present else None, list):
        merged: Any = list(present.value)  # type: ignore[arg-type, union-attr]
        for label, leaf in value.items():
            merged[label] = leaf
        return merged
    merged = dict(present.value) if present is not None and isinstance(present.value, dict) else {}
    merged.update(value)
    if tuple(sorted(map(str, merged))) != tuple(sorted(map(str, labels))):
        missing = ", ".join(str(label) for label in labels if label not in merged)
        raise LeverError("law_labels_missing", where=origin, key=parameter.key, missing=missing)
    return {label: merged[label] for label in labels}


def _content(parameter: Parameter) -> list[Any]:
    def plain(values: tuple[DatedValue, ...]) -> list[Any]:
        return [
            [v.date.isoformat(), _jsonable(v.value), v.reference, _jsonable_tags(v), v.known.isoformat()]
            for v in values
        ]

    rule, before = parameter.extension, parameter.before
    return [
        parameter.unit.symbol,
        parameter.within_year,
        [rule.rule, rule.index, rule.lag, rule.standing, rule.evidence, rule.reason],
        [before.rule, before.evidence, before.reason] if before else None,
        parameter.table,
        parameter.null_value,
        plain(parameter.national),
        {region: plain(values) for region, values in parameter.regional.items()},
    ]


def _jsonable_tags(dated: DatedValue) -> Any:
    """The evidence of a value; with the labels that have their own, where there are any."""
    return [dated.evidence, _jsonable(dict(dated.evidence_of))] if dated.evidence_of else dated.evidence


def _jsonable(value: Any) -> Any:
    """Tables as lists of pairs, whole floats as they are: 1 and 1.0 are the same number and give the same text."""
    if isinstance(value, dict):
        return [[str(label), _jsonable(leaf)] for label, leaf in value.items()]
    if isinstance(value, list):
        return [_jsonable(leaf) for leaf in value]
    return float(value) if isinstance(value, int) else value
