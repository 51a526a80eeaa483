"""What a case may say, field by field: made from the models and one table of words, `field_words.yaml`."""

from __future__ import annotations

import typing
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from simengine.cases.fields import CaseFile
from simengine.cases.kinds import KINDS, MEASURES
from simengine.common import strict_yaml
from simengine.common.messages import Language, Words
from simengine.common.problems import item_type


@cache
def field_words() -> Mapping[str, Mapping[str, Any]]:
    """Tables of field_words.yaml: units, kinds, models."""
    data: Mapping[str, Mapping[str, Any]] = strict_yaml.load(Path(__file__).with_name("field_words.yaml")).data
    return data


@dataclass(frozen=True)
class Described:
    """One field of a case.

    Attributes
    ----------
    path : where it stands, ``person.born`` or, inside a list, ``career[].from``
    needed : whether a case without it is refused
    choices : words that may stand there; empty where any value of the unit may
    unit : key of the units of the table
    """

    path: str
    needed: bool
    choices: tuple[str, ...]
    unit: str
    meaning: Words

    def unit_text(self, lang: Language) -> str:
        """Unit in a language; of a word that must be one of several, these."""
        if self.choices:
            return ", ".join(self.choices)
        text: str = field_words()["units"][self.unit][lang]
        return text


def models_of(kind: str) -> list[type[CaseFile]]:
    """Models of a kind; of coverage one for each measure."""
    return [each.model for each in MEASURES.values()] if kind == "coverage" else [KINDS[kind].model]


def common_fields() -> list[Described]:
    """Fields that every case may state."""
    return list(_fields(CaseFile, ""))


def own_fields(model: type[CaseFile]) -> list[Described]:
    """Fields of one kind that not every case has, those inside others after them."""
    shared = set(CaseFile.model_fields)
    return [each for each in _fields(model, "") if each.path.partition(".")[0] not in shared]


def words_of(model: type[BaseModel], name: str) -> Mapping[str, Any]:
    """Entry of a field in the table: of the model itself, or of what every case shares."""
    models = field_words()["models"]
    entry: Mapping[str, Any] = models[model.__name__].get(name) or models["CaseFile"][name]
    return entry


def _fields(model: type[BaseModel], before: str) -> Iterator[Described]:
    order = {name: place for place, name in enumerate(field_words()["models"][model.__name__])}
    for name, info in sorted(model.model_fields.items(), key=lambda each: order.get(each[0], -1)):
        if model is not CaseFile and issubclass(model, CaseFile) and name in CaseFile.model_fields:
            continue
        entry, inner = words_of(model, name), item_type(info.annotation)
        path = f"{before}{name}"
        choices = tuple(map(str, typing.get_args(inner))) if typing.get_origin(inner) is typing.Literal else ()
        yield Described(path, info.is_required(), choices, entry["unit"], Words(entry["en"], entry["zh"]))
        if isinstance(inner, type) and issubclass(inner, BaseModel):
            yield from _fields(inner, f"{path}[]." if entry["unit"] == "list" else f"{path}.")


def stated_fields(
    model: type[BaseModel], data: Mapping[str, Any], before: tuple[Any, ...] = ()
) -> Iterator[tuple[tuple[Any, ...], FieldInfo, Mapping[str, Any], Any]]:
    """Fields that a case states: keys, field, its entry of the table and the value as it stands in the file."""
    for name, info in model.model_fields.items():
        if name not in data:
            continue
        value, inner, path = data[name], item_type(info.annotation), (*before, name)
        yield path, info, words_of(model, name), value
        if isinstance(inner, type) and issubclass(inner, BaseModel):
            items = enumerate(value) if isinstance(value, list | tuple) else [(None, value)]
            for place, item in items:
                if isinstance(item, Mapping):
                    yield from stated_fields(inner, item, path if place is None else (*path, place))
