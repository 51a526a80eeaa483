"""The package of the calibration: which folder may import which, no circle, no private name, the data in the wheel."""

from __future__ import annotations

import ast
import importlib
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from simengine.cli.main import app
from simengine.law.regions import NATION
from simengine_calibration.sources.regions import engine_regions, regions

ROOT = Path(__file__).parents[2]
DATA = ROOT / "calibration"
NAME = "simengine_calibration"
PACKAGE = DATA / NAME

IMPORTS = {
    "resources": set(),
    "sources": {"resources"},
    "people": {"resources", "sources"},
    "series": {"resources", "sources"},
    "backtest": {"sources"},
    "ledger": {"resources"},
    "fitting": {"resources", "sources", "series", "backtest"},
    "places": {"sources", "series", "fitting"},
    "build": {"resources", "sources", "people", "series", "fitting", "places"},
    "commands": {"resources", "fitting", "backtest", "ledger"},
}
"""Each folder (or module beside them) of the package and those it may import besides the engine."""


def module_of(path: Path) -> str:
    """Dotted name of a file of the package."""
    parts = path.relative_to(DATA).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


FILES = {module_of(path): path for path in sorted(PACKAGE.rglob("*.py"))}


def imported(path: Path) -> list[tuple[str, str]]:
    """Modules and names a file imports, those for type checking among them: (module, name)."""
    found = []
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found += [(alias.name, "") for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            assert not node.level, f"{path}: line {node.lineno}: a relative import"
            base = node.module or ""
            found += [
                (f"{base}.{alias.name}", "") if f"{base}.{alias.name}" in FILES else (base, alias.name)
                for alias in node.names
            ]
    return found


@pytest.mark.parametrize("module", FILES)
def test_module__imports_only_what_its_folder_may(module: str) -> None:
    parts = module.split(".")
    if len(parts) == 1:
        assert imported(FILES[module]) == []
        return
    allowed = IMPORTS[parts[1]] | {parts[1]}
    wrong = [name for name, _ in imported(FILES[module]) if name in FILES and name.split(".")[1] not in allowed]
    assert wrong == []


@pytest.mark.parametrize("module", FILES)
def test_module__takes_no_private_name_of_another_file(module: str) -> None:
    taken = [
        f"{source}.{name}"
        for source, name in imported(FILES[module])
        if source.startswith("simengine")
        and any(part.startswith("_") and not part.startswith("__") for part in (*source.split("."), name))
    ]
    assert taken == []


def test_modules__form_no_circle() -> None:
    left = {module: {name for name, _ in imported(path) if name in FILES} for module, path in FILES.items()}
    while free := {module for module, needs in left.items() if not needs & set(left)}:
        left = {module: needs for module, needs in left.items() if module not in free}
    assert sorted(left) == []


def documentation(tree: ast.Module) -> set[int]:
    """Identity of every text that stands alone: docstrings and descriptions of constants."""
    bodies = [node.body for node in ast.walk(tree) if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef)]
    return {id(line.value) for body in bodies for line in body if isinstance(line, ast.Expr)}


@pytest.mark.parametrize("module", FILES)
def test_module__names_no_region_but_the_nation(module: str) -> None:
    """Regions are rows of figures/regions.yaml and scenarios/regions.yaml; a new one touches no Python file."""
    words = {row.collected for key, row in regions().items() if key != NATION}
    for key, one in engine_regions().items():
        if key != NATION:
            words |= {key, one.code, one.name, one.local_name}
    named = re.compile("|".join(rf"(?<![a-z]){re.escape(word)}(?![a-z])" for word in words if word), re.IGNORECASE)
    tree = ast.parse(FILES[module].read_text(encoding="utf-8"))
    told = documentation(tree)
    texts = [one for one in ast.walk(tree) if isinstance(one, ast.Constant) and isinstance(one.value, str)]
    assert [f"line {one.lineno}: {one.value}" for one in texts if id(one) not in told and named.search(one.value)] == []


def test_engine__loads_without_its_calibration() -> None:
    """No import of the calibration at run time either: every module of the engine loads where it cannot be found."""
    code = (
        "import importlib, pkgutil, sys\n"
        "sys.modules['calibration'] = sys.modules['simengine_calibration'] = None\n"
        "import simengine\n"
        "names = [one.name for one in pkgutil.walk_packages(simengine.__path__, 'simengine.')]\n"
        "names = [name for name in names if not name.endswith(('__main__', 'kernels.warm'))]\n"
        "[importlib.import_module(name) for name in names]\n"
        "print(len(names))\n"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert int(done.stdout) > 100


def entry_points() -> dict[str, str]:
    """Commands that the project file gives to `simengine`, by name: module and function."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    return dict(project["project"]["entry-points"]["simengine.commands"])


@pytest.mark.parametrize("name", entry_points())
def test_entry_point__leads_to_a_function_of_the_name_of_its_command(name: str) -> None:
    module, _, function = entry_points()[name].partition(":")
    assert function == name
    assert callable(getattr(importlib.import_module(module), function))


def test_texts__name_commands_that_exist() -> None:
    """A command that was renamed is named by its new name wherever a reader is told to type it."""
    known = {info.name or info.callback.__name__ for info in app.registered_commands if info.callback}
    known |= {info.name for info in app.registered_groups} | set(entry_points())
    texts = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *(ROOT / "simengine").rglob("*.md")]
    texts += [*(ROOT / "simengine").rglob("*.yaml"), *(ROOT / "scenarios").rglob("*.yaml"), *PACKAGE.rglob("*.py")]
    texts += [*(DATA / "figures").glob("*.yaml"), *(ROOT / "notebooks").glob("*.md"), ROOT / "Makefile"]
    called = re.compile(r"(?:`|^ *|-m )simengine ([a-z][a-z_-]+)\b", re.MULTILINE)
    lost = {
        f"{path.relative_to(ROOT)}: {name}"
        for path in texts for name in called.findall(path.read_text(encoding="utf-8")) if name not in known
    }  # fmt: skip
    assert not lost


def data_files() -> set[str]:
    """Data of the calibration that its commands read, by path below its folder; bases are data of the engine."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z", "calibration"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, check=False)
    if done.returncode != 0:
        pytest.skip("not a git checkout")
    names = {name.removeprefix("calibration/") for name in done.stdout.decode().split("\0") if name}
    return {name for name in names if not name.startswith(("bases/", f"{NAME}/")) and (DATA / name).is_file()}


@pytest.mark.slow
def test_wheel__carries_the_data_and_its_commands_work_elsewhere(tmp_path: Path) -> None:
    """Fit, backtest, history and assumptions from an unpacked wheel, with neither the repository nor its folder."""
    build = [sys.executable, "-m", "pip", "wheel", "--no-deps", "--no-build-isolation", "-q", "-w", str(tmp_path), "."]
    done = subprocess.run(build, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    (wheel,) = tmp_path.glob("*.whl")
    site, elsewhere = tmp_path / "site", tmp_path / "elsewhere"
    elsewhere.mkdir()
    subprocess.run([sys.executable, "-m", "zipfile", "-e", str(wheel), str(site)], check=True)
    carried = site / NAME / "data"
    assert {path.relative_to(carried).as_posix() for path in carried.rglob("*") if path.is_file()} == data_files()

    def command(*arguments: str) -> str:
        where = "import sys; sys.path.insert(0, sys.argv.pop(1)); from simengine.cli.main import main; main()"
        run = [sys.executable, "-I", "-c", where, str(site), *arguments]
        done = subprocess.run(run, cwd=elsewhere, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        return done.stdout

    assert "--cutoffs" in command("backtest", "--help")
    assert "0.1.0" in command("history", "--from", "0.1.0", "--to", "0.1.0")
    assert "award_factor" in command("assumptions", "china/baseline", "--list", "--json")
    command("calibrate", "hubei", "--starts", "1", "--draws", "0", "--threads", "1", "--out", "fit")
    assert (elsewhere / "fit" / "parameters.csv").is_file()
    command("backtest", "--cutoffs", "2018", "--draws", "0", "--no-plans", "--out", "backtest")
    assert (elsewhere / "backtest" / "backtest.md").is_file()
