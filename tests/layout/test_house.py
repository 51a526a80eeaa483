"""The house: what lies at the top, which room may look into which, how long a file may be, what a wheel carries."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
import tomllib
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from simengine import __version__

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "simengine"

TOP = {
    *("simengine", "scenarios", "calibration", "notebooks", "benches", "tests"),
    *("pyproject.toml", "README.md", "CHANGELOG.md", "CONTRIBUTING.md", "DECISIONS.md", "CITATION.cff", "LICENSE"),
    *("Makefile", ".ci", ".gitignore", "requirements.lock"),
}

LINES = 500
FUNCTION = 60

CONTRIBUTING = ROOT / "CONTRIBUTING.md"


def room_table() -> dict[str, tuple[str, frozenset[str]]]:
    """The rooms of CONTRIBUTING.md, in order: the sentence of each and the rooms it may import."""
    rows = re.findall(r"^\| `(\w+)` \| (.+?) \| ?(.*?) ?\|$", CONTRIBUTING.read_text(encoding="utf-8"), re.MULTILINE)
    names = [name for name, _, _ in rows]
    return {
        name: (sentence, frozenset(names if allowed == "all" else re.findall(r"`(\w+)`", allowed)))
        for name, sentence, allowed in rows
    }


ROOMS = room_table()
ORDER_OF_EVENTS = {("simengine.kernels.lane", "step_year")}
"""Functions that may be longer than the rest: one written order of events."""


def known_files() -> list[Path]:
    """Files of the repository: those git knows or would add."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, check=False)
    if done.returncode != 0:
        pytest.skip("not a git checkout")
    return [ROOT / name for name in done.stdout.decode().split("\0") if name and (ROOT / name).is_file()]


def python_files(folder: Path) -> list[Path]:
    return [path for path in sorted(folder.rglob("*.py")) if "__pycache__" not in path.parts]


def room_of(module: str) -> str:
    """Room of a module of the package; empty for the package itself."""
    parts = module.split(".")
    return parts[1] if len(parts) > 1 and parts[1] in ROOMS else ""


def module_of(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    if len(parts) > 1 and parts[1].startswith("simengine_"):  # imported from inside calibration/ and benches/
        parts = parts[1:]
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


CODE = [path for folder in ("simengine", "calibration", "benches") for path in python_files(ROOT / folder)]
PRIVATE = re.compile(r"_[a-z]", re.IGNORECASE)
OWN = ("simengine", "calibration", "benches", "tests")


def for_types_only(tree: ast.Module) -> set[ast.AST]:
    """Every node under ``if TYPE_CHECKING``: it imports nothing when the program runs."""
    hidden: set[ast.AST] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.If) and ast.unparse(node.test) in ("TYPE_CHECKING", "typing.TYPE_CHECKING"):
            hidden.update(inner for child in node.body for inner in ast.walk(child))
    return hidden


def imports(path: Path) -> Iterator[tuple[str, int]]:
    """Modules a file imports when it runs, wherever the import stands, each with its line."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    hidden = for_types_only(tree)
    package = module_of(path) if path.name == "__init__.py" else module_of(path).rpartition(".")[0]
    for node in ast.walk(tree):
        if node in hidden:
            continue
        if isinstance(node, ast.Import):
            yield from ((alias.name, node.lineno) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            if node.level:
                upper = package.split(".")
                base = ".".join([*upper[: len(upper) - node.level + 1], *([base] if base else [])])
            for alias in node.names:
                homes = (ROOT, ROOT / "calibration", ROOT / "benches")
                places = [home.joinpath(*base.split("."), alias.name) for home in homes]
                is_module = any(one.with_suffix(".py").is_file() or (one / "__init__.py").is_file() for one in places)
                yield (f"{base}.{alias.name}" if is_module else base), node.lineno


# --- what lies where --------------------------------------------------------------------------------------------------


def test_top_level__holds_the_house_and_nothing_else() -> None:
    found = {path.relative_to(ROOT).parts[0] for path in known_files()}
    assert found <= TOP, f"remove or move: {sorted(found - TOP)}"
    assert found >= TOP, f"missing: {sorted(TOP - found)}"


def test_ci_folder__holds_one_executable() -> None:
    script = ROOT / ".ci" / "run"
    assert [path.name for path in script.parent.iterdir()] == ["run"]
    assert script.stat().st_mode & 0o111
    assert script.read_text(encoding="utf-8").startswith("#!/usr/bin/env bash\n")


@pytest.mark.parametrize("path", CODE, ids=module_of)
def test_file__is_short_enough_to_read(path: Path) -> None:
    assert len(path.read_text(encoding="utf-8").splitlines()) <= LINES


def test_no_file_names_a_place_of_one_machine() -> None:
    place = re.compile(r"(?<![A-Za-z0-9_.])/(?:home|root|work|Users)/[A-Za-z0-9]")
    shown = []
    for path in known_files():
        if path.suffix in (".py", ".yaml", ".md", ".toml", ".cff", ".lock") or path.name in ("Makefile", "run"):
            for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
                if place.search(line):
                    shown.append(f"{path.relative_to(ROOT)}:{number}")
    assert shown == []


# --- imports ----------------------------------------------------------------------------------------------------------


def arrows() -> Iterator[tuple[str, str, int]]:
    """Every import of one module of the engine by another: importer, imported, line."""
    for path in python_files(PACKAGE):
        for name, line in imports(path):
            if name.split(".")[0] == "simengine":
                yield module_of(path), name, line


def test_rooms__are_the_packages_of_the_engine_each_with_its_sentence() -> None:
    packages = {path.parent.name for path in PACKAGE.glob("*/__init__.py")}
    assert packages == set(ROOMS)
    for name, (sentence, _) in ROOMS.items():
        text = ast.get_docstring(ast.parse((PACKAGE / name / "__init__.py").read_text(encoding="utf-8"))) or ""
        assert text.split("\n")[0] == sentence
    assert {path.stem for path in PACKAGE.glob("*.py")} == {"__init__", "__main__"}


def test_room__imports_itself_and_the_rooms_its_row_names() -> None:
    wrong = []
    for module, name, line in arrows():
        room, other = room_of(module), room_of(name)
        tools = module.startswith("simengine.kernels.compiler.") and other == "common"
        if room and room != other and other not in ROOMS[room][1] and not tools:
            wrong.append(f"{module}:{line}: {name}")
    assert wrong == []


def test_room_table__points_to_the_left() -> None:
    for place, (name, (_, allowed)) in enumerate(ROOMS.items()):
        if name != "cli":
            assert allowed <= set(list(ROOMS)[:place]), name


def test_engine__never_imports_what_calibrates_or_measures_it() -> None:
    found = [
        f"{module_of(path)}:{line}: {name}"
        for path in python_files(PACKAGE)
        for name, line in imports(path)
        if name.split(".")[0] in ("calibration", "benches", "tests", "simengine_calibration", "simengine_bench")
    ]
    assert found == []


def test_modules__import_each_other_in_no_circle() -> None:
    graph: dict[str, set[str]] = {}
    for path in CODE:
        graph[module_of(path)] = {name for name, _ in imports(path) if name != module_of(path)}
    for module in graph:
        graph[module] &= set(graph)
    done: set[str] = set()

    def walk(module: str, trail: tuple[str, ...]) -> None:
        assert module not in trail, " -> ".join([*trail[trail.index(module) :], module])
        if module not in done:
            for other in sorted(graph[module]):
                walk(other, (*trail, module))
            done.add(module)

    for module in sorted(graph):
        walk(module, ())


@pytest.mark.parametrize("path", CODE, ids=module_of)
def test_private_name__stays_in_its_file(path: Path) -> None:
    wrong = []
    tree = ast.parse(path.read_text(encoding="utf-8"))
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith(OWN):
            wrong += [f"line {node.lineno}: {alias.name}" for alias in node.names if PRIVATE.match(alias.name)]
    assert wrong == []


@pytest.mark.parametrize("path", CODE, ids=module_of)
def test_function__is_short_enough_to_read(path: Path) -> None:
    long = []
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.FunctionDef) and (module_of(path), node.name) not in ORDER_OF_EVENTS:
            length = (node.end_lineno or node.lineno) - node.lineno + 1
            if length > FUNCTION:
                long.append(f"{node.name}: {length} lines")
    assert long == []


@pytest.mark.parametrize("path", python_files(PACKAGE / "kernels"), ids=module_of)
def test_kernel__knows_numbers_and_nothing_else(path: Path) -> None:
    allowed = {"simengine", "numpy", "math", "numba", "__future__", "typing"}
    if path.parent.name == "compiler":  # no kernels: this package sees to their compilation
        allowed |= {"llvmlite", "fcntl"} | set(sys.stdlib_module_names) - {"pickle", "http", "socket", "urllib"}
    assert {name.split(".")[0] for name, _ in imports(path)} <= allowed


def test_import_rules__see_what_they_must_see(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "simengine" / "law"
    folder.mkdir(parents=True)
    text = (
        "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    import calibration\nimport numpy as np\n"
        "from simengine import cli\ndef f():\n    from ..project import run\n    import calibration.fit\n"
    )
    (folder / "x.py").write_text(text, encoding="utf-8")
    (tmp_path / "simengine" / "cli.py").write_text("", encoding="utf-8")
    monkeypatch.setattr(sys.modules[__name__], "ROOT", tmp_path)
    seen = {name for name, _ in imports(folder / "x.py")}
    assert seen == {"typing", "numpy", "simengine.cli", "simengine.project", "calibration.fit"}
    assert (room_of("simengine.cli.main"), room_of("simengine.law"), room_of("simengine")) == ("cli", "law", "")


def test_nothing_unsafe_is_called() -> None:
    banned = {"eval", "exec", "pickle", "dill", "shelve", "marshal"}
    found = []
    for path in python_files(PACKAGE):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            name = node.func.id if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) else ""
            names = {name} | ({alias.name for alias in node.names} if isinstance(node, ast.Import) else set())
            if names & banned:
                found.append(f"{module_of(path)}: {sorted(names & banned)}")
    assert found == []


# --- packaging --------------------------------------------------------------------------------------------------------


def project() -> dict[str, object]:
    return tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]


def locked() -> dict[str, tuple[str, int]]:
    """Locked version and number of hashes by package name."""
    packages: dict[str, tuple[str, int]] = {}
    name = ""
    for line in (ROOT / "requirements.lock").read_text(encoding="utf-8").splitlines():
        if found := re.match(r"([a-z0-9-]+)==(\S+)", line):
            name = found.group(1)
            packages[name] = (found.group(2), 0)
        elif re.fullmatch(r"    --hash=sha256:[0-9a-f]{64}(?: \\)?", line):
            packages[name] = (packages[name][0], packages[name][1] + 1)
        else:
            assert line.startswith("#"), f"neither package, hash nor remark: {line}"
    return packages


def test_lock__holds_every_dependency_with_hashes_and_no_address() -> None:
    packages = locked()
    assert all(hashes for _, hashes in packages.values())
    assert "://" not in (ROOT / "requirements.lock").read_text(encoding="utf-8")
    stated = project()
    wanted = [*stated["dependencies"], *stated["optional-dependencies"]["test"]]  # type: ignore[index, misc]
    wanted += stated["optional-dependencies"]["report"]  # type: ignore[index]
    for requirement in wanted:
        name = re.split(r"[<>=~!\[ ]", requirement)[0].lower().replace(".", "-").replace("_", "-")
        assert name in packages, f"{requirement} is not in requirements.lock"
    assert len(stated["dependencies"]) <= 25  # type: ignore[arg-type]


def test_every_imported_package_is_a_stated_dependency() -> None:
    modules = {"ruamel": "ruamel.yaml", "yaml": "pyyaml"}
    stated = {re.split(r"[<>=~! ]", text)[0] for text in project()["dependencies"]}  # type: ignore[attr-defined]
    extras = {"pylopdf_fonts_zh_cn"}
    used = {name.split(".")[0] for path in python_files(PACKAGE) for name, _ in imports(path)}
    third = used - set(sys.stdlib_module_names) - {"simengine", "pydantic_core", "llvmlite"} - extras
    assert {modules.get(name, name) for name in third} <= stated


def test_versions_agree() -> None:
    citation = (ROOT / "CITATION.cff").read_text(encoding="utf-8")
    assert f"version: {__version__}\n" in citation
    assert f"## [{__version__}]" in (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")


def test_license__is_the_apache_license_word_for_word() -> None:
    import hashlib

    digest = hashlib.sha256((ROOT / "LICENSE").read_bytes()).hexdigest()
    assert digest == "cfc7749b96f63bd31c3c42b5c471bf756814053e847c10f3eb003417bc523d30"


@pytest.mark.slow
def test_wheel__carries_code_scenarios_and_bases_and_runs_from_elsewhere(tmp_path: Path) -> None:
    pytest.importorskip("hatchling")
    build = [
        sys.executable,
        "-m",
        "pip",
        "wheel",
        "--no-deps",
        "--no-build-isolation",
        "--quiet",
        "-w",
        str(tmp_path),
        ".",
    ]
    done = subprocess.run(build, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    (wheel,) = tmp_path.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())
        archive.extractall(tmp_path / "site")
    tops = {name.split("/")[0] for name in names}
    assert tops == {"simengine", "simengine_calibration", "simengine_bench", f"simengine-{__version__}.dist-info"}
    for source, place in (("scenarios", "scenarios"), ("calibration/bases", "bases")):
        known = {
            path.relative_to(ROOT / source).as_posix() for path in known_files() if path.is_relative_to(ROOT / source)
        }
        carried = {name.removeprefix(f"simengine/data/{place}/") for name in names if f"data/{place}/" in name}
        assert carried == known
        assert carried
    assert {"simengine/common/messages.yaml", "simengine/templates/lever.yaml", "simengine/notes/scenarios.md"} <= names
    code = "from simengine.scenario.scenario import *; print(packaged()); print(load_scenario('jiangxi/baseline').file)"
    run = [sys.executable, "-c", code]
    environment = {"PYTHONPATH": str(tmp_path / "site"), "PATH": "/usr/bin"}
    done = subprocess.run(run, cwd=tmp_path, capture_output=True, text=True, env=environment, check=False)
    assert done.returncode == 0, done.stderr
    assert str(tmp_path / "site" / "simengine" / "data") in done.stdout
    for arguments, words in (
        (["--help"], ["one region over 75 years", "--lanes", "--save"]),
        (["--lanes", "4", "--scenarios", "1", "--rounds", "1"], ["| six regions |", "| 4 lanes, 75 years", "load"]),
    ):
        run = [sys.executable, "-m", "simengine", "bench", *arguments]
        done = subprocess.run(run, cwd=tmp_path, capture_output=True, text=True, env=environment, check=False)
        assert done.returncode == 0, done.stderr
        assert [word for word in words if word not in done.stdout] == []
    assert "only a checkout of the repository has it" in done.stderr
