"""Read one law file into a `Parameter`, with an error for every fault found in it."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from simengine.common import strict_yaml
from simengine.common.errors import LawError, SimengineError, raise_all
from simengine.common.messages import Words, near
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
    "total",
    "maxima",
    "known_lag_months",
    "reference",
    "evidence",
    "regions",
)
_VALUE_KEYS = {"value", "reference", "evidence", "evidence_of", "enacted"}
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

    def fault(self, code: str, *keys: Any, near: str = "", **values: Any) -> None:
        """Note an error at the item under these keys."""
        self.errors.append(LawError(code, where=self.doc.where(*keys), near=near, key=self.key, **values))

    def field(self, name: str, value: Any, known: str) -> None:
        """Note that a key of the file has a value it cannot have."""
        self.fault("law_field", name.partition(" ")[0], field=name, value=value, known=known)

    def read(self) -> Parameter:
        data = self.doc.data
        if not isinstance(data, dict):
            raise LawError("law_file_form", where=self.doc.where(), key=self.key, known=", ".join(_REQUIRED))
        for word in data:
            if word not in _REQUIRED and word not in _OPTIONAL:
                known = (*_REQUIRED, *_OPTIONAL)
                self.fault("law_file_key", word, near=near(str(word), known), name=word, known=", ".join(known))
        for word in _REQUIRED:
            if word not in data:
                self.fault("law_file_missing", name=word)
        raise_all(self.errors)
        head = self.head(data)
        lag = head.known_lag_months
        national = self.dated(data["values"], ("values",), self.defaults(data, (), {}), lag)
        regional = self.regional(data.get("regions") or {}, self.defaults(data, (), {}), lag)
        if not national and not regional:
            self.fault("law_no_value", "values")
        parameter = replace(head, national=national, regional=regional)
        self.check_values(parameter)
        raise_all(self.errors)
        return parameter

    def head(self, data: dict[Any, Any]) -> Parameter:
        """Everything but the values."""
        name = data["name"]
        if not isinstance(name, dict) or set(name) != {"en", "local"} or not all(name.values()):
            self.fault("law_names", "name")
            name = {"en": "", "local": ""}
        if data["within_year"] not in WITHIN_YEAR:
            self.field("within_year", data["within_year"], ", ".join(WITHIN_YEAR))
        limits = data.get("range")
        if limits is not None and not (isinstance(limits, list) and len(limits) == 2 and limits[0] < limits[1]):
            self.field("range", limits, "[low, high]")
            limits = None
        symbol = data["unit"] if isinstance(data["unit"], str) else repr(data["unit"])
        self.months = symbol == "calendar month"
        allowed = data.get("allowed") or []
        if (symbol == "code") != bool(allowed):
            self.fault("law_code_list", "unit")
        null_value = data.get("null_value")
        if null_value is not None and (isinstance(null_value, bool) or not isinstance(null_value, (int, float))):
            self.field("null_value", null_value, "0, 0.5, ...")
        total = data.get("total")
        if total is not None and (
            isinstance(total, bool) or not isinstance(total, (int, float)) or not data.get("table")
        ):
            self.field("total", total, "1, for a table whose cells add up to it")
            total = None
        maxima = self.maxima(data.get("maxima"), data.get("table"))
        lag = data.get("known_lag_months", 0)
        if isinstance(lag, bool) or not isinstance(lag, int) or not 0 <= lag <= 60:
            self.field("known_lag_months", lag, "0 ... 60")
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
            total=total,
            maxima=maxima,
            known_lag_months=lag,
        )

    def maxima(self, entry: Any, table: Any) -> Words | None:
        """Article by which the national steps are the most that others may state."""
        if entry is None:
            return None
        if not isinstance(entry, dict) or set(entry) != {"en", "local"} or not all(entry.values()) or not table:
            self.field("maxima", entry, "{en: article, local: article}, for a table of steps")
            return None
        return Words(str(entry["en"]), str(entry["local"]))

    def extension(self, entry: Any) -> Extension:
        if not isinstance(entry, dict) or not {"rule", "reason"} <= set(entry) <= {
            "rule",
            "index",
            "lag",
            "evidence",
            "reason",
            "standing",
        }:
            self.fault("law_extension", "extension")
            return Extension(None, None, 0, "assumption", "")
        rule, index = entry["rule"], entry.get("index")
        if rule not in EXTENSION_RULES:
            self.field("extension rule", rule, "held, indexed, ended, null")
        if (rule == "indexed") != (index is not None) or (index is not None and index not in INDICES):
            self.fault("law_extension_index", "extension", index=index, rule=rule, known=", ".join(INDICES))
        evidence = entry.get("evidence", "assumption")
        if evidence not in EVIDENCE:
            self.field("extension evidence", evidence, ", ".join(EVIDENCE))
        if not isinstance(entry["reason"], str) or not entry["reason"].strip():
            self.fault("law_extension_reason", "extension")
        lag = entry.get("lag", 0)
        if lag not in (0, 1, 2) or isinstance(lag, bool):
            self.field("extension lag", lag, "0, 1, 2")
        standing = entry.get("standing", False)
        if standing not in (True, False) or (standing and rule != "held"):
            self.fault("law_extension_standing", "extension", value=standing, rule=rule)
        return Extension(rule, index, lag, evidence, str(entry["reason"]), standing is True)

    def before(self, entry: Any) -> Before | None:
        if entry is None:
            return None
        good = isinstance(entry, dict) and set(entry) == {"rule", "evidence", "reason"}
        if not good or entry["rule"] not in BEFORE_RULES or entry["evidence"] not in EVIDENCE or not entry["reason"]:
            self.fault("law_before", "before")
            return None
        return Before(entry["rule"], entry["evidence"], entry["reason"])

    def defaults(self, data: Mapping[Any, Any], path: tuple[Any, ...], outer: Mapping[str, str]) -> dict[str, str]:
        """Reference and evidence that hold for values without their own."""
        found = dict(outer)
        for word in _DEFAULT_KEYS:
            if word in data:
                if not isinstance(data[word], str) or not data[word].strip():
                    self.fault("law_file_empty", *path, word, name=word)
                else:
                    found[word] = data[word]
        return found

    def regional(self, data: Any, outer: dict[str, str], lag: int) -> dict[str, tuple[DatedValue, ...]]:
        if not isinstance(data, dict):
            self.fault("law_section", "regions", name="regions")
            return {}
        found = {}
        for region, entry in data.items():
            if region not in self.regions or region == NATION:
                self.fault("law_file_region", "regions", region, near=near(str(region), self.regions), region=region)
                continue
            if not isinstance(entry, dict):
                self.fault("law_file_region_empty", "regions", region, region=region)
                continue
            path = ("regions", region)
            dates = {day: value for day, value in entry.items() if day not in _DEFAULT_KEYS}
            found[region] = self.dated(dates, path, self.defaults(entry, path, outer), lag)
            if not found[region]:
                self.fault("law_file_region_empty", *path, region=region)
        return found

    def dated(self, data: Any, path: tuple[Any, ...], outer: dict[str, str], lag: int) -> tuple[DatedValue, ...]:
        if not isinstance(data, dict):
            self.fault("law_section", *path, name=path[-1])
            return ()
        found = []
        for day, entry in data.items():
            if not isinstance(day, datetime.date):
                self.fault("law_file_date", *path, day, value=day)
                continue
            value = self.one(day, entry, (*path, day), outer, lag)
            if value is not None:
                found.append(value)
        if [v.date for v in found] != sorted(v.date for v in found):
            self.fault("law_file_order", *path)
        return tuple(found)

    def one(self, day: datetime.date, entry: Any, path: tuple[Any, ...], outer: dict[str, str], lag: int) -> Any:
        if not isinstance(entry, dict):
            entry = {"value": entry}
        if "value" not in entry or not set(entry) <= _VALUE_KEYS:
            self.fault("law_file_value", *path)
            return None
        own = self.defaults(entry, path, outer)
        if "reference" not in own:
            self.fault("law_file_reference", *path)
        if own.get("evidence") not in EVIDENCE:
            self.fault("law_file_evidence", *path, value=own.get("evidence"), known=", ".join(EVIDENCE))
        enacted = entry.get("enacted")
        if enacted is not None and not isinstance(enacted, datetime.date):
            self.fault("law_file_date", *path, value=enacted)
            enacted = None
        known = enacted if enacted is not None else shifted(day, lag)
        number = months_as_numbers(entry["value"]) if self.months else entry["value"]
        apart = self.apart(entry, path) if "evidence_of" in entry else {}
        return DatedValue(
            day,
            number,
            own.get("reference", ""),
            own.get("evidence", ""),
            known,
            self.doc.where(*path),
            evidence_of=apart,
        )

    def apart(self, entry: Mapping[Any, Any], path: tuple[Any, ...]) -> dict[str | int, str]:
        """Evidence of single labels: the file lists the labels by tag, ``evidence_of: {secondary: [40, 41]}``."""
        stated, table = entry["evidence_of"], entry["value"]
        labels = list(table) if isinstance(table, dict) else []
        found: dict[str | int, str] = {}
        if not isinstance(stated, dict) or not all(isinstance(listed, list) for listed in stated.values()):
            self.fault("law_file_apart", *path, value=stated, known="{secondary: [40, 41]}")
            return found
        for tag, listed in stated.items():
            if tag not in EVIDENCE:
                self.fault("law_file_evidence", *path, value=tag, known=", ".join(EVIDENCE))
            for label in listed:
                if label not in labels or label in found:
                    known = ", ".join(map(str, labels)) or "-"
                    self.fault("law_file_apart", *path, value=label, known=known)
                found[label] = tag
        return found

    def check_values(self, parameter: Parameter) -> None:
        """Range, kind and table labels of every value."""
        labels = parameter.labels
        for dated in parameter.all_values():
            fault = parameter.fault(dated.value, dated.where)
            if fault is not None:
                self.errors.append(fault)
            elif labels and not parameter.ragged and dated.value is not None and _labels(dated.value) != labels:
                known = ", ".join(map(str, labels))
                self.errors.append(LawError("law_labels_differ", where=dated.where, key=self.key, known=known))


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
