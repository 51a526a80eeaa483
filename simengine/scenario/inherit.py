"""Find scenario files by name or path, and merge a file over those it extends, with the origin of every value."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from simengine.common import resources, strict_yaml
from simengine.common.errors import ScenarioError
from simengine.common.messages import near
from simengine.common.strict_yaml import Doc

Keys = tuple[Any, ...]


@dataclass(frozen=True)
class Source:
    """One file that a scenario was read from.

    Attributes
    ----------
    kind : ``scenario``, ``lever``, ``table`` (of a lever), ``targets`` or ``actuals``
    name : what it was named by; of an own file its name without the ending
    own : whether it was named as a file, not by the name of a packaged one
    raw : its bytes as they were read; empty for target files, which are read when they are judged
    """

    kind: Literal["scenario", "lever", "table", "targets", "actuals"]
    name: str
    file: Path
    own: bool
    raw: bytes = field(default=b"", repr=False)


# --- finding files ----------------------------------------------------------------------------------------------------


def packaged(folder: str = "") -> dict[str, Path]:
    """Packaged scenarios, or the files of ``levers`` or ``targets``, by name."""
    root = resources.scenarios_root()
    if folder:
        return {path.stem: path for path in sorted((root / folder).glob("*.yaml"))}
    files = sorted(root.glob("*/*.yaml"))
    return {
        f"{path.parent.name}/{path.stem}": path
        for path in files
        if path.parent.name not in ("law", "levers", "targets", "stress")
        and not path.parent.name.startswith(("_", "."))
    }


def find_file(name: str, folder: str, beside: Path | None, where: str) -> Path:
    """File behind a name (packaged) or a path ending in .yaml (relative to the file that names it).

    Parameters
    ----------
    folder : ``levers``, ``targets``, or empty for scenarios
    beside : folder of the file that names it; None for the current one
    where : what names it, for the error

    Raises
    ------
    ScenarioError where there is no such file or name, with the nearest one
    """
    if is_file(name):
        path = Path(name) if beside is None else beside / name
        if path.is_file():
            return path
        raise ScenarioError("file_absent", where=where, name=str(path))
    known = packaged(folder)
    if name in known:
        return known[name]
    code = {"": "scenario_unknown", "levers": "lever_unknown", "targets": "targets_unknown"}[folder]
    raise ScenarioError(code, where=where, near=near(name, known), name=name, known=", ".join(known) or "-")


def is_file(name: str) -> bool:
    """Whether a name is that of an own file, not of a packaged one."""
    return name.endswith((".yaml", ".yml"))


def key_of(name: str, path: Path) -> str:
    """What a file is known by: the packaged name, or the name of an own file without its ending."""
    return path.stem if is_file(name) else name


# --- inheritance ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Merged:
    """A scenario file merged over all that it extends; `origins` and `homes` name line and folder of each item."""

    data: dict[Any, Any]
    origins: dict[Keys, str]
    homes: dict[Keys, Path]
    chain: tuple[Path, ...]
    sources: tuple[Source, ...] = ()

    def where(self, *keys: Any) -> str:
        """File and line of an item of the merged data, or of its nearest parent."""
        return nearest(self.origins, keys, self.chain[0])


def nearest(origins: Mapping[Keys, str], keys: Keys, file: Path) -> str:
    """File and line of an item, or of its nearest parent that has one; else the file alone."""
    for length in range(len(keys), -1, -1):
        if keys[:length] in origins:
            return origins[keys[:length]]
    return str(file)


def _leaves(value: Any, keys: Keys = ()) -> Iterator[Keys]:
    yield keys
    if isinstance(value, dict):
        for key, item in value.items():
            yield from _leaves(item, (*keys, key))
    elif isinstance(value, list):
        for position, item in enumerate(value):
            yield from _leaves(item, (*keys, position))


def _patch(base: Any, patch: Any, doc: Doc, keys: Keys, merged: Merged) -> Any:
    """RFC 7396 merge of `patch` over `base`, recording for every changed item where it came from."""
    if isinstance(patch, dict):
        result = dict(base) if isinstance(base, dict) else {}
        if not isinstance(base, dict):
            _forget(keys, merged)
        merged.origins[keys] = doc.where(*keys)
        merged.homes[keys] = Path(doc.path).parent
        for key, item in patch.items():
            if item is None:
                result.pop(key, None)
                _forget((*keys, key), merged)
            else:
                result[key] = _patch(result.get(key), item, doc, (*keys, key), merged)
        return result
    _forget(keys, merged)
    for leaf in _leaves(patch, keys):
        merged.origins[leaf] = doc.where(*leaf)
        merged.homes[leaf] = Path(doc.path).parent
    return patch


def _forget(keys: Keys, merged: Merged) -> None:
    for known in [known for known in merged.origins if known[: len(keys)] == keys]:
        del merged.origins[known]
        del merged.homes[known]


def merge_chain(name: str, path: Path) -> Merged:
    """A scenario file and everything it extends, merged from the root of the chain to the file itself."""
    docs: list[Doc] = []
    seen: list[Path] = []
    sources: list[Source] = []
    beside, where, current = None, "", path
    while True:
        if current.resolve() in seen:
            names = " -> ".join(file.stem for file in [*seen, current])
            raise ScenarioError("extends_cycle", where=where, chain=names)
        seen.append(current.resolve())
        doc = strict_yaml.load(current)
        if not isinstance(doc.data, dict):
            raise ScenarioError("not_a_mapping", where=doc.where(), key="the file", value=str(doc.data)[:40])
        docs.append(doc)
        sources.append(Source("scenario", key_of(name, current), current, is_file(name), doc.raw))
        parent = doc.data.get("extends")
        if parent is None:
            break
        where, beside = doc.where("extends"), current.parent
        if not isinstance(parent, str):
            raise ScenarioError("not_text", where=where, key="extends", value=str(parent))
        name, current = parent, find_file(parent, "", beside, where)
    merged = Merged({}, {}, {}, tuple(Path(doc.path) for doc in docs))
    data: Any = {}
    for doc in reversed(docs):
        data = _patch(data, {key: item for key, item in doc.data.items() if key != "extends"}, doc, (), merged)
    return Merged(data, merged.origins, merged.homes, merged.chain, tuple(sources))
