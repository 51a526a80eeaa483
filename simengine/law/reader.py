"""Read one law file into a `Parameter`, with an error for every fault found in it."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from simengine.common import strict_yaml
from simengine.common.errors import LawError, SimengineError, closest, raise_all
from simengine.law.parameter import (
    BEFORE_RULES,
    EXTENSION_RULES,
    INDICES,
    WITHIN_YEAR,
    Before,
    DatedValue,
    Extension,
    Parameter,
    shifted,
)
from simengine.law.regions import NATION, Regions
from simengine.registry.units import EVIDENCE, month_index, unit

_REQUIRED = ("name", "unit", "within_year", "extension", "values")
_OPTIONAL = (
    "note",
    "base",
    "before",
    "table",
    "ragged",
    "allowed",
    "range",
    "null_value",
    "known_lag_months",
    "reference",
    "evidence",
    "regions",
)
_VALUE_KEYS = {"value", "reference", "evidence", "enacted"}
_DEFAULT_KEYS = ("reference", "evidence")


def parse_parameter(raw: bytes, name: str, key: str, regions: Regions, shown: str) -> Parameter:
    """Read the bytes of the file ``name`` as the parameter ``key``; ``shown`` is the file name used in errors."""
    return _Reader(replace(strict_yaml.load_bytes(raw, name), path=shown), key, regions).read()


class _Reader:
    def __init__(self, doc: strict_yaml.Doc, key: str, regions: Regions) -> None:
        self.doc = doc
        self.key = key
        self.regions = regions
        self.months = False
        self.errors: list[SimengineError] = []

    def fault(self, message: str, *keys: Any, allowed: str = "", hint: str = "") -> None:
        where = self.doc.where(*keys)
        self.errors.append(LawError(f"{self.key}: {message}", where=where, allowed=allowed, hint=hint))

    def read(self) -> Parameter:
        data = self.doc.data
        if not isinstance(data, dict):
            raise LawError(f"{self.key}: not a mapping", where=self.doc.where(), allowed=", ".join(_REQUIRED))
        for word in data:
            if word not in _REQUIRED and word not in _OPTIONAL:
                hint = closest(str(word), (*_REQUIRED, *_OPTIONAL))
                self.fault(f'key "{word}" is unknown', word, allowed=", ".join((*_REQUIRED, *_OPTIONAL)), hint=hint)
        for word in _REQUIRED:
            if word not in data:
                self.fault(f'"{word}" is missing')
        raise_all(self.errors)
        head = self.head(data)
        lag = head.known_lag_months
        national = self.dated(data["values"], ("values",), self.defaults(data, (), {}), lag)
        regional = self.regional(data.get("regions") or {}, self.defaults(data, (), {}), lag)
        if not national and not regional:
            self.fault("no values at all", "values")
        parameter = replace(head, national=national, regional=regional)
        self.check_values(parameter)
        raise_all(self.errors)
        return parameter

    def head(self, data: dict[Any, Any]) -> Parameter:
        """Everything but the values."""
        name = data["name"]
        if not isinstance(name, dict) or set(name) != {"en", "local"} or not all(name.values()):
            self.fault("no names", "name", allowed="name: {en: ..., local: ...}")
            name = {"en": "", "local": ""}
        if data["within_year"] not in WITHIN_YEAR:
            self.fault(f"within_year {data['within_year']!r}", "within_year", allowed=", ".join(WITHIN_YEAR))
        limits = data.get("range")
        if limits is not None and not (isinstance(limits, list) and len(limits) == 2 and limits[0] < limits[1]):
            self.fault(f"range {limits!r}", "range", allowed="[low, high]")
            limits = None
        symbol = data["unit"] if isinstance(data["unit"], str) else repr(data["unit"])
        self.months = symbol == "calendar month"
        allowed = data.get("allowed") or []
        if (symbol == "code") != bool(allowed):
            self.fault('unit "code" and the list "allowed" go together', "unit")
        null_value = data.get("null_value")
        if null_value is not None and (isinstance(null_value, bool) or not isinstance(null_value, (int, float))):
            self.fault(f"null_value {null_value!r} is not a number", "null_value")
        lag = data.get("known_lag_months", 0)
        if isinstance(lag, bool) or not isinstance(lag, int) or not 0 <= lag <= 60:
            self.fault(f"known_lag_months {lag!r}", "known_lag_months", allowed="0 to 60")
            lag = 0
        extension = self.extension(data["extension"])
        before = self.before(data.get("before"))
        raise_all(self.errors)
        return Parameter(
            key=self.key,
            name=name["en"],
            local_name=name["local"],
            unit=unit(symbol, where=self.doc.where("unit")),
            within_year=data["within_year"],
            extension=extension,
            national=(),
            regional={},
            regions=self.regions,
            where=self.doc.path,
            before=before,
            base=data.get("base"),
            note=data.get("note") or "",
            table=data.get("table"),
            ragged=bool(data.get("ragged", False)),
            allowed=tuple(allowed),
            range=(float(limits[0]), float(limits[1])) if limits else None,
            null_value=null_value,
            known_lag_months=lag,
        )

    def extension(self, entry: Any) -> Extension:
        if not isinstance(entry, dict) or not {"rule", "reason"} <= set(entry) <= {
            "rule",
            "index",
            "lag",
            "evidence",
            "reason",
            "standing",
        }:
            self.fault("extension is incomplete", "extension", allowed="{rule, index, lag, standing, evidence, reason}")
            return Extension(None, None, 0, "assumption", "")
        rule, index = entry["rule"], entry.get("index")
        if rule not in EXTENSION_RULES:
            self.fault(f"extension rule {rule!r}", "extension", allowed="held, indexed, ended, null")
        if (rule == "indexed") != (index is not None) or (index is not None and index not in INDICES):
            self.fault(f"extension index {index!r} with rule {rule!r}", "extension", allowed=", ".join(INDICES))
        evidence = entry.get("evidence", "assumption")
        if evidence not in EVIDENCE:
            self.fault(f"evidence {evidence!r}", "extension", allowed=", ".join(EVIDENCE))
        if not isinstance(entry["reason"], str) or not entry["reason"].strip():
            self.fault("extension has no reason", "extension")
        lag = entry.get("lag", 0)
        if lag not in (0, 1, 2) or isinstance(lag, bool):
            self.fault(f"extension lag {lag!r}", "extension", allowed="0, 1, 2")
        standing = entry.get("standing", False)
        if standing not in (True, False) or (standing and rule != "held"):
            self.fault(f"extension standing {standing!r} with rule {rule!r}", "extension", allowed="true with held")
        return Extension(rule, index, lag, evidence, str(entry["reason"]), standing is True)

    def before(self, entry: Any) -> Before | None:
        if entry is None:
            return None
        good = isinstance(entry, dict) and set(entry) == {"rule", "evidence", "reason"}
        if not good or entry["rule"] not in BEFORE_RULES or entry["evidence"] not in EVIDENCE or not entry["reason"]:
            self.fault("before is incomplete", "before", allowed="{rule: parent | parent_scaled, evidence, reason}")
            return None
        return Before(entry["rule"], entry["evidence"], entry["reason"])

    def defaults(self, data: Mapping[Any, Any], path: tuple[Any, ...], outer: Mapping[str, str]) -> dict[str, str]:
        """Reference and evidence that hold for values without their own."""
        found = dict(outer)
        for word in _DEFAULT_KEYS:
            if word in data:
                if not isinstance(data[word], str) or not data[word].strip():
                    self.fault(f"{word} is empty", *path, word)
                else:
                    found[word] = data[word]
        return found

    def regional(self, data: Any, outer: dict[str, str], lag: int) -> dict[str, tuple[DatedValue, ...]]:
        if not isinstance(data, dict):
            self.fault("regions is not a mapping", "regions")
            return {}
        found = {}
        for region, entry in data.items():
            if region not in self.regions or region == NATION:
                hint = closest(str(region), self.regions) or "National values stand under values"
                self.fault(f'region "{region}" is unknown', "regions", region, hint=hint)
                continue
            if not isinstance(entry, dict):
                self.fault(f'region "{region}" has no dated values', "regions", region)
                continue
            path = ("regions", region)
            dates = {day: value for day, value in entry.items() if day not in _DEFAULT_KEYS}
            found[region] = self.dated(dates, path, self.defaults(entry, path, outer), lag)
            if not found[region]:
                self.fault(f'region "{region}" has no dated values', *path)
        return found

    def dated(self, data: Any, path: tuple[Any, ...], outer: dict[str, str], lag: int) -> tuple[DatedValue, ...]:
        if not isinstance(data, dict):
            self.fault("values is not a mapping of dates", *path)
            return ()
        found = []
        for day, entry in data.items():
            if not isinstance(day, datetime.date):
                self.fault(f"{day!r} is not a date", *path, day, allowed="2019-05-01")
                continue
            value = self.one(day, entry, (*path, day), outer, lag)
            if value is not None:
                found.append(value)
        if [v.date for v in found] != sorted(v.date for v in found):
            self.fault("dates are not in order", *path, hint="Earliest first")
        return tuple(found)

    def one(self, day: datetime.date, entry: Any, path: tuple[Any, ...], outer: dict[str, str], lag: int) -> Any:
        if not isinstance(entry, dict):
            entry = {"value": entry}
        if "value" not in entry or not set(entry) <= _VALUE_KEYS:
            self.fault("value is incomplete", *path, allowed="{value, reference, evidence, enacted}")
            return None
        own = self.defaults(entry, path, outer)
        if "reference" not in own:
            self.fault("value has no reference", *path, hint="Name the document, or why it is assumed")
        if own.get("evidence") not in EVIDENCE:
            self.fault(f"value has evidence {own.get('evidence')!r}", *path, allowed=", ".join(EVIDENCE))
        enacted = entry.get("enacted")
        if enacted is not None and not isinstance(enacted, datetime.date):
            self.fault(f"enacted {enacted!r} is not a date", *path)
            enacted = None
        known = enacted if enacted is not None else shifted(day, lag)
        number = months_as_numbers(entry["value"]) if self.months else entry["value"]
        return DatedValue(day, number, own.get("reference", ""), own.get("evidence", ""), known, self.doc.where(*path))

    def check_values(self, parameter: Parameter) -> None:
        """Range, kind and table labels of every value."""
        labels = parameter.labels
        for dated in parameter.all_values():
            message, allowed = parameter.fault(dated.value)
            if message:
                self.errors.append(LawError(message, where=dated.where, allowed=allowed))
            elif labels and not parameter.ragged and dated.value is not None and _labels(dated.value) != labels:
                self.errors.append(
                    LawError(
                        f"{self.key}: the table has other labels than the first one",
                        where=dated.where,
                        allowed=", ".join(map(str, labels)),
                    )
                )


def months_as_numbers(value: Any) -> Any:
    """``"1965-01"`` (also inside a table) as 12·year + month - 1; anything else unchanged."""
    if isinstance(value, str):
        index = month_index(value)
        return value if index is None else index
    if isinstance(value, dict):
        return {label: months_as_numbers(leaf) for label, leaf in value.items()}
    if isinstance(value, list):
        return [months_as_numbers(leaf) for leaf in value]
    return value


def _labels(value: Any) -> tuple[Any, ...]:
    return tuple(value) if isinstance(value, dict) else tuple(range(len(value)))
