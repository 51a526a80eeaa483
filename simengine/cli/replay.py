"""The command that runs results again from what their manifest keeps, and compares both byte by byte."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated, Any

import typer

from simengine.cli.session import AsJson, Lang, Quiet, Threads, begin, threads_to_use

TOLD = {"run_id", "files", "environment", "started", "finished", "named", "sources", "remarks", "remarks_zh", "what_if"}
"""Parts of a manifest that are no cause of other numbers, or say them in another way."""


def replay(
    results: Annotated[
        Path, typer.Argument(metavar="RESULTS", help="Results folder of one scenario, or its manifest.")
    ],
    out: Annotated[
        Path | None, typer.Option("--out", help="Folder in which the new results are kept; none when left out.")
    ] = None,
    json: AsJson = False,
    lang: Lang = None,
    threads: Threads = None,
    quiet: Quiet = False,
) -> None:
    """Run results again and compare them.

    The scenario is made anew from the texts that manifest.json keeps, own files and what-ifs included; law, bases and
    packaged files are those of the installed engine. Every file must be equal to the last byte; where one is not, the
    command says what has changed since and ends with exit code 4.
    """
    session = begin(lang, quiet=quiet, as_json=json)
    from simengine.cli.engine import execute
    from simengine.cli.inputs import faults
    from simengine.cli.run import refused, write
    from simengine.common.errors import raise_all
    from simengine.common.files import locked
    from simengine.common.progress import reporting
    from simengine.engine.provenance import read_manifest, restore

    started = datetime.now(UTC).isoformat(timespec="seconds")
    used = threads_to_use(threads)
    kept = read_manifest(results)
    with ExitStack() as stack:
        held = Path(stack.enter_context(TemporaryDirectory(prefix="simengine-replay-")))
        reporter = stack.enter_context(reporting(session.lang, quiet=quiet))
        reporter("read")
        scenario = restore(kept, held / "files", str(results))
        raise_all(faults(scenario))
        destination = out or held / "results"
        stack.enter_context(locked(destination))
        done = execute([scenario], used, reporter)
        if not done.sound:
            raise refused(done)
        reporter("write")
        judged = done[scenario.key]
        write(done, {scenario.key: judged.verdicts}, {scenario.key: judged.tables}, destination, started)
        made = read_manifest(destination / scenario.key)
    changed = _changed_files(kept, made)
    session.result({"scenario": scenario.key, "run_id": made["run_id"], "same": not changed, "changed": changed})
    if changed:
        raise _differs(kept, made, changed, results)
    session.say("replay_same", scenario=scenario.key, count=len(made["files"]), run=made["run_id"])
    if out is not None:
        session.say("replay_kept", folder=destination / scenario.key)


def _changed_files(kept: Mapping[str, Any], made: Mapping[str, Any]) -> list[str]:
    """Files whose bytes are not those of the manifest, or that only one of both runs has."""
    before, after = kept["files"], made["files"]
    return [name for name in sorted({*before, *after}) if before.get(name) != after.get(name)]


def _differs(kept: Mapping[str, Any], made: Mapping[str, Any], changed: list[str], results: Path) -> Exception:
    """The error of results that are not equal, with what differs between both runs."""
    from simengine.common.messages import words
    from simengine.engine.results import ResultError

    before, after = kept.get("environment", {}), made["environment"]
    marks = [key for key in made if key not in TOLD and kept.get(key) != made[key]]
    machine = [key for key in after if key != "threads" and before.get(key) != after[key]]
    cause = words("replay.cause", known=", ".join(marks or machine)) if marks or machine else words("replay.no_cause")
    return ResultError("replay_differs", where=str(results), files=", ".join(changed), cause=cause)
