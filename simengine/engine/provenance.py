"""What a run was made from, as its manifest keeps it: own files and what-ifs as text; and the way back to a scenario.

Files of the package are kept by name and digest. No path of the machine is kept: own files are named relative to the
folder that holds them all, so that they still find one another where they are written again.
"""

from __future__ import annotations

import base64
import hashlib
import json
import os
import shlex
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path, PurePosixPath
from typing import Any

from simengine.common.errors import InputFileError
from simengine.common.files import file_digest
from simengine.engine.results import MANIFEST, ResultError
from simengine.engine.what_if import what_if
from simengine.scenario.actuals import is_table
from simengine.scenario.inherit import Source, is_file, key_of
from simengine.scenario.scenario import Scenario, load_scenario


def provenance(scenario: Scenario, remarks: Iterable[str] = ()) -> dict[str, Any]:
    """The part of a manifest that says what a scenario was made from.

    Parameters
    ----------
    remarks : what a reader must know of its levers

    Returns
    -------
    ``named``: name of the scenario, or its file; ``sources``: every file it was read from, with kind, name, sha256 and,
    of own files, relative file name and text (of a workbook its bytes in base64); ``what_if``: what was added without a
    file, as typed, and as options in one line (``options``); ``remarks``: as given, without folders
    """
    files = _relative(scenario.sources)
    sources = [_entry(source, files) for source in scenario.sources]
    told = [_without_paths(remark, scenario.sources, files) for remark in remarks]
    first = scenario.sources[0]
    content = {"named": files[first.file] if first.own else first.name, "sources": sources, "remarks": told}
    if not scenario.what_if:
        return content
    levers = {source.name: source for source in scenario.sources if source.kind == "lever"}
    tables = {source.name: source for source in scenario.sources if source.kind == "actuals"}
    stated = {option: list(scenario.what_if.get(option, ())) for option in ("lever", "set", "growth", "actuals")}
    stated["lever"] = [
        files[levers[key_of(name, Path(name))].file] if is_file(name) else name for name in stated["lever"]
    ]
    stated["actuals"] = [files[tables[Path(name).stem].file] if is_table(name) else name for name in stated["actuals"]]
    if not stated["actuals"]:
        del stated["actuals"]
    options = " ".join(f"--{option} {shlex.quote(text)}" for option, texts in stated.items() for text in texts)
    return {**content, "what_if": {**stated, "options": options}}


def _relative(sources: Sequence[Source]) -> dict[Path, str]:
    """Own files by their name relative to the nearest folder that holds all of them."""
    own = {source.file: os.path.abspath(source.file) for source in sources if source.own}
    if not own:
        return {}
    try:
        above = os.path.commonpath([os.path.dirname(path) for path in own.values()])
    except ValueError:  # on two drives
        return {file: file.name for file in own}
    return {file: Path(os.path.relpath(path, above)).as_posix() for file, path in own.items()}


def _entry(source: Source, files: Mapping[Path, str]) -> dict[str, str]:
    entry = {"kind": source.kind, "name": source.name}
    if not source.own:
        return {**entry, "sha256": hashlib.sha256(source.raw).hexdigest() if source.raw else file_digest(source.file)}
    raw = source.raw or source.file.read_bytes()
    digest = hashlib.sha256(raw).hexdigest()
    entry |= {"file": files[source.file], "sha256": digest}
    try:
        return {**entry, "text": raw.decode("utf-8")}
    except UnicodeDecodeError:  # a workbook, or a table in another encoding
        return {**entry, "base64": base64.b64encode(raw).decode("ascii")}


def _without_paths(remark: str, sources: Sequence[Source], files: Mapping[Path, str]) -> str:
    """A remark in which files are named without the folders they lie in."""
    for source in sources:
        remark = remark.replace(str(source.file), files.get(source.file, source.name))
    return remark


# --- the way back -----------------------------------------------------------------------------------------------------


def read_manifest(path: Path | str) -> dict[str, Any]:
    """The manifest of a run.

    Parameters
    ----------
    path : manifest.json, or the folder that holds it

    Raises
    ------
    InputFileError where it is absent; ResultError where it is damaged or older than the texts it should keep
    """
    path = Path(path)
    path = path / MANIFEST if path.is_dir() else path
    if not path.is_file():
        raise InputFileError("manifest_absent", where=str(path))
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise ResultError("manifest_damaged", where=str(path)) from error
    if not isinstance(content, dict):
        raise ResultError("manifest_damaged", where=str(path))
    if not {"named", "sources", "files", "run_id"} <= content.keys():
        raise ResultError("manifest_without_texts", where=str(path))
    return content


def restore(manifest: Mapping[str, Any], folder: Path, where: str = MANIFEST) -> Scenario:
    """Write the own files of a run again and load its scenario, what-ifs included.

        with tempfile.TemporaryDirectory() as folder:
            scenario = restore(read_manifest("out/mine"), Path(folder))

    Equal `digest` and `scenario_sha256` of the manifest mean equal assumptions. What is packaged comes from the package
    as it is now; own bases must lie where SIMENGINE_BASES says, as in the run.

    Parameters
    ----------
    folder : where the files are written; it should be empty
    where : the manifest, for errors

    Raises
    ------
    ResultError where the manifest contradicts itself or names a file outside the folder; SimengineError for whatever
    is wrong with the files
    """
    try:
        for entry in manifest["sources"]:
            if "text" in entry or "base64" in entry:
                raw = entry["text"].encode() if "text" in entry else base64.b64decode(entry["base64"])
                _write(folder, entry["file"], raw, entry["sha256"], where)
        named, stated = str(manifest["named"]), manifest.get("what_if", {})
        options = {option: [str(text) for text in stated.get(option, ())] for option in ("set", "growth")}
        levers = [folder / name if is_file(name) else name for name in stated.get("lever", ())]
        tables = [folder / name if is_table(name) else name for name in stated.get("actuals", ())]
    except (KeyError, TypeError, AttributeError, ValueError) as error:
        raise ResultError("manifest_damaged", where=where) from error
    scenario = load_scenario(folder / named if is_file(named) else named)
    return what_if(scenario, set=options["set"], growth=options["growth"], levers=levers, actuals=tables)


def _write(folder: Path, name: str, raw: bytes, digest: str, where: str) -> None:
    """Write one own file again, inside the folder, with the bytes it had."""
    relative = PurePosixPath(name)
    inside = not relative.is_absolute() and ".." not in relative.parts and ":" not in name and "\\" not in name
    if not inside or hashlib.sha256(raw).hexdigest() != digest:
        raise ResultError("manifest_damaged", where=where)
    path = folder / relative
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(raw)
