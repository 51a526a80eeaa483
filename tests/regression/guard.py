"""The guard: one digest of every result that a change of the house must not move, to the last bit.

``python -m tests.regression.guard`` computes the 12 packaged scenarios, every packaged lever on its region, every
worked case and the targets tables, and compares them with the kept record ``guard.csv``. After a change that moves
numbers on purpose, ``--write`` writes the record anew; the change, its size and its reason belong into the changelog.

Rows of the record: what was computed (kind, name), which part of it (item), and the first 16 digits of its sha256.

========== ======================== ===================================================================================
kind       name                     item
========== ======================== ===================================================================================
scenario   haiyan/baseline          a variable of the projection, or ``axis NAME`` for the labels of one of its axes
lever      layoff_wave              a variable of the baseline of its region with this lever
targets    haiyan/baseline          a column of the table of verdicts
case       P1 wage 5000             ``values``, or ``en`` and ``zh`` for all that ``simengine case --json`` prints
========== ======================== ===================================================================================

Left out: what differs by design between two versions, such as run ids, times, and the lines of files.
"""

from __future__ import annotations

import argparse
import contextlib
import csv
import hashlib
import io
import json
import platform
import sys
import tempfile
import time
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from fnmatch import fnmatch
from functools import partial
from importlib import metadata
from pathlib import Path
from typing import Any

import numpy as np

from simengine.cli import main as cli
from simengine.cli.engine import execute
from simengine.common.processors import processors
from simengine.common.progress import Reporter
from simengine.engine.project import project
from simengine.engine.results import write_table
from simengine.judge.checks.headlines import REGIONS
from simengine.report.tables.verdicts import verdict_csv
from simengine.scenario.scenario import load_scenario, packaged

ROOT = Path(__file__).parents[2]
RECORD = Path(__file__).with_name("guard.csv")
COLUMNS = ("kind", "name", "item", "sha256")
CASES = sorted((ROOT / "tests" / "worked").glob("cases_*.yaml"))
DIGITS = 16

Key = tuple[str, str, str]
Rows = dict[Key, str]
Part = tuple[str, str, Callable[[], Iterator[tuple[Key, str]]]]
"""Kind, name, and what computes the rows."""


# --- digests ----------------------------------------------------------------------------------------------------------


def array_digest(dims: Iterable[Any], values: np.ndarray) -> str:
    """Digest of names of axes, type, shape and bytes; texts by their characters."""
    found = np.ascontiguousarray(values)
    kind = "text" if found.dtype.kind in "OU" else found.dtype.str
    content = json.dumps(found.tolist()).encode() if kind == "text" else found.tobytes()
    return digest(f"{[str(dim) for dim in dims]} {kind} {found.shape}\0".encode() + content)


def json_digest(content: Any) -> str:
    """Digest of a JSON object, whatever the order of its keys."""
    return digest(json.dumps(content, ensure_ascii=False, sort_keys=True).encode())


def digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()[:DIGITS]


# --- what is computed -------------------------------------------------------------------------------------------------


def scenario_rows(name: str) -> Iterator[tuple[Key, str]]:
    """Variables, axes and verdicts of one packaged scenario, as ``simengine run`` writes them."""
    scenario = load_scenario(name)
    done = execute([scenario], processors(), Reporter(quiet=True))
    data = done.projection(scenario)
    for variable in sorted(map(str, data.data_vars)):
        yield ("scenario", name, variable), array_digest(data[variable].dims, data[variable].values)
    for axis in sorted(map(str, data.coords)):
        yield ("scenario", name, f"axis {axis}"), array_digest(data[axis].dims, data[axis].values)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "targets.csv"
        write_table(verdict_csv(done.verdicts(scenario)), path)
        with path.open(encoding="utf-8-sig", newline="") as file:
            head, *rows = csv.reader(file)
    for place, column in enumerate(head):
        yield ("targets", name, column), json_digest([row[place] for row in rows])


def lever_rows(lever: str) -> Iterator[tuple[Key, str]]:
    """Variables of the baseline of a lever's region with this lever, and no other."""
    region = next((region for region in REGIONS if lever.startswith(f"{region}_")), "jiangxi")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"{lever}.yaml"
        path.write_text(f"extends: {region}/baseline\nlevers: [{lever}]\n", encoding="utf-8")
        data = project(load_scenario(path)).dataset
    for variable in sorted(map(str, data.data_vars)):
        yield ("lever", lever, variable), array_digest(data[variable].dims, data[variable].values)


def case_rows(path: Path) -> Iterator[tuple[Key, str]]:
    """Every case of a file, in both languages as printed, and its values alone."""
    for lang in ("en", "zh"):
        with contextlib.chdir(ROOT), contextlib.redirect_stdout(io.StringIO()) as printed:
            ended = cli.execute(["case", str(path.relative_to(ROOT)), "--json", "--quiet", "--lang", lang])
        if ended != cli.DONE:
            raise SystemExit(f"simengine case {path.name} ended with {ended}")
        for case in json.loads(printed.getvalue())["cases"]:
            yield ("case", case["name"], lang), json_digest(without(case, "where"))
            if lang == "en":
                values = [[part["id"], part["value"], part["unit"]] for part in case["components"]]
                yield ("case", case["name"], "values"), json_digest([values, case.get("steps")])


def without(content: Any, key: str) -> Any:
    """A JSON object without one key, at any depth."""
    if isinstance(content, Mapping):
        return {name: without(value, key) for name, value in content.items() if name != key}
    return [without(value, key) for value in content] if isinstance(content, list) else content


def parts() -> Iterator[Part]:
    """Everything that is guarded, in the order of the record."""
    for region in REGIONS:
        for view in ("baseline", "as_planned"):
            name = f"{region}/{view}"
            yield "scenario", name, partial(scenario_rows, name)
    for lever in sorted(packaged("levers")):
        yield "lever", lever, partial(lever_rows, lever)
    for path in CASES:
        yield "case", path.stem, partial(case_rows, path)


def chosen(kind: str, name: str, only: Sequence[str]) -> bool:
    """Whether a part is asked for; verdicts come with their scenario, cases with their file."""
    return not only or any(fnmatch(f"{kind}/{name}", pattern) for pattern in only)


def compute(only: Sequence[str] = (), say: Callable[[str], None] = lambda text: None) -> Rows:
    """The rows of today.

    Parameters
    ----------
    only : patterns of ``kind/name`` (``scenario/haiyan/*``, ``lever/*``, ``case/cases_injury``); everything by default
    say : called with a line of progress as each part begins
    """
    wanted = [part for part in parts() if chosen(part[0], part[1], only)]
    rows: Rows = {}
    for place, (kind, name, work) in enumerate(wanted, 1):
        say(f"{place}/{len(wanted)} {kind} {name}")
        for key, found in work():
            if key in rows:
                raise SystemExit(f"two results are called {' / '.join(key)}")
            rows[key] = found
    return rows


# --- the record -------------------------------------------------------------------------------------------------------


def environment() -> dict[str, str]:
    """What may move a last bit: processor, versions of what computes, C library."""
    found: dict[str, Any] = np.show_config(mode="dicts")  # type: ignore[assignment]
    levels = found.get("SIMD Extensions", {}).get("found", [])
    versions = {package: metadata.version(package) for package in ("numpy", "numba", "llvmlite", "scipy")}
    return {
        "machine": f"{sys.platform} {platform.machine()}",
        "numpy level": " ".join(levels) or "lowest",
        "python": platform.python_version(),
        **versions,
        "C library": " ".join(platform.libc_ver()).strip() or "unknown",
    }


def write(path: Path, rows: Rows) -> None:
    """Write a record: where it was computed as comments, then the rows."""
    with path.open("w", encoding="utf-8", newline="") as file:
        file.writelines(f"# {name}: {value}\n" for name, value in environment().items())
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(COLUMNS)
        writer.writerows([*key, found] for key, found in rows.items())


def head(path: Path) -> dict[str, str]:
    """Where a record was computed, as `environment` told it then."""
    with path.open(encoding="utf-8") as file:
        lines = [line[2:].rstrip("\n").partition(": ") for line in file if line.startswith("# ")]
    return {name: value for name, _, value in lines}


def read(path: Path) -> Rows:
    """The rows of a record."""
    with path.open(encoding="utf-8", newline="") as file:
        head, *rows = csv.reader(line for line in file if not line.startswith("#"))
    if tuple(head) != COLUMNS:
        raise SystemExit(f"{path} is not a record of the guard: its columns are {', '.join(head)}")
    return {(kind, name, item): found for kind, name, item, found in rows}


def differences(known: Rows, found: Rows, deleted: Collection[str] = ()) -> list[str]:
    """One line for each row that differs, is missing or is new; variables in `deleted` may be missing."""
    lines = [f"differs  {' / '.join(key)}" for key in known if key in found and known[key] != found[key]]
    lines += [f"missing  {' / '.join(key)}" for key in known if key not in found and key[2] not in deleted]
    return lines + [f"new      {' / '.join(key)}" for key in found if key not in known]


def belongs(key: Key, only: Sequence[str], computed: Collection[Key]) -> bool:
    """Whether a row of a record is among those asked for."""
    kind, name, _ = key
    if kind == "case":  # asked for by file, which the row does not name
        return not only or any(one[:2] == key[:2] for one in computed)
    return chosen("scenario" if kind == "targets" else kind, name, only)


def main(arguments: Sequence[str] | None = None) -> int:
    """Compare with a record, or write one; 1 when something differs."""
    parser = argparse.ArgumentParser(prog="python -m tests.regression.guard", description=__doc__.splitlines()[0])
    parser.add_argument("--write", nargs="?", const=RECORD, type=Path, metavar="FILE", help="write the record")
    parser.add_argument("--compare", type=Path, default=RECORD, metavar="FILE", help="another record than the kept one")
    parser.add_argument("--deleted", nargs="+", default=[], metavar="NAME", help="variables that may be missing")
    parser.add_argument("--only", nargs="+", default=[], metavar="PATTERN", help="scenario/haiyan/*, lever/*, case/*")
    asked = parser.parse_args(arguments)
    if asked.write == RECORD and asked.only:
        parser.error("the kept record is written whole: leave --only out, or name another file")
    start = time.monotonic()
    rows = compute(asked.only, lambda text: print(f"{time.monotonic() - start:5.0f} s  {text}", file=sys.stderr))
    if not rows:
        parser.error(f"nothing is called {' '.join(asked.only)}")
    if asked.write is not None:
        write(asked.write, rows)
        print(f"{len(rows)} rows in {asked.write}")
        return 0
    known = {key: found for key, found in read(asked.compare).items() if belongs(key, asked.only, rows)}
    lines = differences(known, rows, asked.deleted)
    for name, now in environment().items() if lines else ():
        print(f"{name}: {head(asked.compare).get(name)} in the record, {now} here")
    print("\n".join([*lines, f"{len(rows)} rows computed, {len(known)} in {asked.compare.name}, {len(lines)} differ"]))
    return 1 if lines else 0


if __name__ == "__main__":
    sys.exit(main())
