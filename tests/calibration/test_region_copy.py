"""A region is data alone: a copy of one under another name, from the collected sources to the verdicts.

The copy is made in a copy of the repository whose Python files are not touched. Every name has as many letters as the
one it stands for, so that what the builder makes of the copy must be the same bytes after the names are exchanged.
"""

from __future__ import annotations

import csv
import io
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import xarray as xr

from simengine_calibration.build import differing, main
from simengine_calibration.sources import files, histories, plans
from simengine_calibration.sources.needed import needed_files

ROOT = Path(__file__).parents[2]
SHARED = ROOT.parent / "shared"
SOURCES, SPEC, PLANS = SHARED / "data", SHARED / "spec", SHARED / "seeds"
NEEDS_SOURCES = pytest.mark.skipif(
    not all(folder.is_dir() for folder in (SOURCES, SPEC, PLANS)),
    reason=f"the collected sources are not beside the repository ({SHARED})",
)
NAMES = {"hubei": "kopei", "Hubei": "Kopei", "HB": "KP", "420000": "429999", "湖北省": "仿北省"}
"""What is exchanged: key, name in the collected files, plan, code, own name."""


def renamed(text: str) -> str:
    """A text of the region as one of its copy."""
    return re.sub("|".join(NAMES), lambda found: NAMES[found.group()], text)


def add_block(path: Path) -> None:
    """Copy the entry of the region in a YAML file to a new entry of its copy, at the same depth."""
    lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
    start = next(number for number, line in enumerate(lines) if line.lstrip().startswith("hubei:"))
    depth = len(lines[start]) - len(lines[start].lstrip())
    end = start + 1
    while end < len(lines) and (not lines[end].strip() or len(lines[end]) - len(lines[end].lstrip()) > depth):
        end += 1
    lines[end:end] = [renamed(line) for line in lines[start:end]]
    path.write_text("".join(lines), encoding="utf-8")


def add_rows(path: Path, column: str, values: re.Pattern[str]) -> None:
    """Append the rows of the region once more as rows of its copy."""
    text = path.read_text(encoding="utf-8")
    table = csv.DictReader(io.StringIO(text, newline=""))
    if column not in (table.fieldnames or ()):
        return
    rows = [{key: renamed(cell) for key, cell in row.items()} for row in table if values.match(row[column])]
    with path.open("a", encoding="utf-8", newline="") as stream:
        csv.DictWriter(stream, table.fieldnames or (), lineterminator="\n").writerows(rows)


def copy_of_region(root: Path) -> None:
    """A copy of the repository, its sources and plans in which the region stands a second time, as data alone."""
    ignore = shutil.ignore_patterns("__pycache__")
    for folder in ("simengine", "scenarios", "calibration"):
        shutil.copytree(ROOT / folder, root / folder, ignore=ignore)
    shutil.copytree(SOURCES, root / "data")
    shutil.copytree(SPEC, root / "spec")
    data = root / "calibration"
    for name in ("regions", "provinces", "anchors"):
        add_block(data / "figures" / f"{name}.yaml")
    add_block(root / "scenarios" / "regions.yaml")
    for law in (root / "scenarios" / "law").rglob("*.yaml"):
        if re.search(r"^ +hubei:", law.read_text(encoding="utf-8"), re.MULTILINE):
            add_block(law)
    for kept in (*data.glob("hubei.yaml"), *(data / "fits").glob("hubei-*")):
        kept.with_name(renamed(kept.name)).write_text(renamed(kept.read_text(encoding="utf-8")), encoding="utf-8")
    (root / "scenarios" / "kopei").mkdir()
    for scenario in (root / "scenarios" / "hubei").glob("*.yaml"):
        text = renamed(scenario.read_text(encoding="utf-8"))
        (root / "scenarios" / "kopei" / scenario.name).write_text(text, encoding="utf-8")
    rows = data / "figures" / "plan_rows.yaml"
    text = rows.read_text(encoding="utf-8")
    rows.write_text(re.sub(r"(?m)^  HB-.*\n", lambda row: row[0] + renamed(row[0]), text), encoding="utf-8")
    for table in (data / "population_supplement.csv", *(root / "data").rglob("*.csv")):
        add_rows(table, "region", re.compile("Hubei$"))
    add_rows(root / "spec" / "plan_targets.csv", "id", re.compile("HB-"))
    shutil.rmtree(data / "bases")


def without_cards(folder: Path) -> dict[str, str]:
    """Tables of a basis and what the folder is; cards differ in the checksums of the names."""
    paths = (*folder.glob("*.csv"), folder / "basis.yaml")
    return {path.name: path.read_text(encoding="utf-8") for path in paths}


@NEEDS_SOURCES
@pytest.mark.slow
def test_copy__has_the_bases_the_fit_the_run_and_the_verdicts_of_the_region(tmp_path: Path) -> None:
    root = tmp_path / "repository"
    copy_of_region(root)
    path = os.pathsep.join([str(root), str(root / "calibration"), os.environ.get("PYTHONPATH", "")])

    def python(*arguments: str) -> str:
        run = [sys.executable, "-m", *arguments]
        environment = {**os.environ, "PYTHONPATH": path}
        done = subprocess.run(run, cwd=root, capture_output=True, text=True, env=environment, check=False)
        assert done.returncode == 0, done.stderr
        return done.stdout

    python("simengine_calibration.build", "--sources", "data", "--spec", "spec", "--out", "calibration/bases")
    bases = root / "calibration" / "bases"
    made, known = without_cards(bases / "kopei-2020"), without_cards(bases / "hubei-2020")
    assert made == {name: renamed(text) for name, text in known.items()}
    assert known == without_cards(ROOT / "calibration" / "bases" / "hubei-2020"), "the copy moves no other region"

    python("simengine_calibration.sources.import_targets", "--spec", "spec", "--plans", str(PLANS))
    targets = {
        path.stem: path.read_text(encoding="utf-8") for path in (root / "scenarios" / "targets").glob("*ei.yaml")
    }
    assert targets["kopei"] == renamed(targets["hubei"])

    for name in ("hubei", "kopei"):
        python("simengine", "calibrate", name, "--starts=1", "--draws=0", "--threads=1", "--out", f"fit/{name}")
    for table in ("parameters", "residuals", "alignment"):
        one, other = ((root / "fit" / name / f"{table}.csv").read_text(encoding="utf-8") for name in ("hubei", "kopei"))
        assert other == renamed(one), table

    told = {name: python("simengine", "targets", f"{name}/baseline", "--json") for name in ("hubei", "kopei")}
    assert told["kopei"] == renamed(told["hubei"])
    (verdicts,) = json.loads(told["kopei"]).values()
    assert {row["region"] for row in verdicts} == {"kopei"} and len({row["verdict"] for row in verdicts}) > 2

    python("simengine", "run", "hubei/baseline", "kopei/baseline", "--out", "results")
    with (
        xr.open_dataset(root / "results" / "hubei" / "baseline" / "projection.nc", engine="h5netcdf") as one,
        xr.open_dataset(root / "results" / "kopei" / "baseline" / "projection.nc", engine="h5netcdf") as other,
    ):
        assert set(one.data_vars) == set(other.data_vars) and len(one.data_vars) > 100
        assert [name for name in one.data_vars if not np.array_equal(one[name], other[name], equal_nan=True)] == []


# --- sources ----------------------------------------------------------------------------------------------------------


def constants() -> Iterator[str]:
    """Every source file that a module of the calibration names."""
    for module in (files, histories, plans):
        for value in vars(module).values():
            if isinstance(value, str) and re.fullmatch(r"[a-z0-9_/]+\.csv(\.gz)?", value):
                yield value


def test_sources__every_file_a_reader_names_is_listed_with_its_origin() -> None:
    listed = {**needed_files("data"), **needed_files("spec")}
    assert set(constants()) <= set(listed)
    assert all(re.match(r".{4,}: .{10,}", origin) for origin in listed.values())


def test_build__names_every_missing_source_at_once(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "wpp2024").mkdir()
    (tmp_path / "wpp2024" / "tfr_annual.csv").write_text("year\n", encoding="utf-8")
    assert main(["--sources", str(tmp_path), "--spec", str(tmp_path), "--check"]) == 1
    told = capsys.readouterr().err.splitlines()
    missing = {**needed_files("data"), **needed_files("spec")}
    missing.pop("wpp2024/tfr_annual.csv")
    assert len(told) == len(missing)
    for line, (name, origin) in zip(told, missing.items(), strict=True):
        assert f"the source file {name} is missing" in line and origin in line


def test_check__tells_what_differs_what_is_new_and_what_is_gone(tmp_path: Path) -> None:
    made, kept = tmp_path / "made", tmp_path / "kept"
    for folder, contents in ((made, {"a": "1", "b": "2", "c": "3"}), (kept, {"a": "1", "b": "1", "d": "4"})):
        (folder / "x").mkdir(parents=True)
        for name, text in contents.items():
            (folder / "x" / f"{name}.csv").write_text(text, encoding="utf-8")
    assert differing(made, kept) == ["x/b.csv: differs", "x/c.csv: built, but not kept", "x/d.csv: kept, but not built"]


@NEEDS_SOURCES
@pytest.mark.slow
def test_check__the_kept_bases_are_those_of_the_sources(capsys: pytest.CaptureFixture[str]) -> None:
    bases = ROOT / "calibration" / "bases"
    code = main(["--sources", str(SOURCES), "--spec", str(SPEC), "--out", str(bases), "--check"])
    told = capsys.readouterr().out
    assert (code, told.splitlines()[-1].endswith(": 0 files differ")) == (0, True), told
