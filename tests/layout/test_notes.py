"""The notes: every page is on the map, every link leads somewhere, and what a page names in code quotes exists."""

from __future__ import annotations

import importlib.util
import re
from pathlib import Path

import pytest

from tests.helpers.first_order import Size, named_rules, stated_sizes

ROOT = Path(__file__).parents[2]
NOTES = ROOT / "simengine" / "notes"
MAP = NOTES / "README.md"
PAGES = sorted(NOTES.rglob("*.md"))
ROOTS = [ROOT, ROOT / "simengine", ROOT / "scenarios", ROOT / "calibration", ROOT / "benches"]
"""Folders a path in a note may start from."""
TOPS = {folder.name for folder in (*ROOT.iterdir(), *(ROOT / "simengine").iterdir()) if folder.is_dir()} - {"out"}
"""First parts of paths that name something of the repository, not a file of a run."""
PACKAGES = ("simengine", "simengine_calibration", "simengine_bench")
TESTS = "\n".join(path.read_text(encoding="utf-8") for path in (ROOT / "tests").rglob("test_*.py"))
PYTHON = {path.relative_to(ROOT).as_posix() for path in ROOT.rglob("*.py")}

page = pytest.mark.parametrize("page", PAGES, ids=lambda path: path.relative_to(NOTES).as_posix())


def links(text: str) -> list[str]:
    """Targets of the links of a text, without anchors; addresses of the web are left out."""
    return [link for link in re.findall(r"\]\(([^)#\s]+)[^)]*\)", text) if "://" not in link]


def quoted(text: str) -> list[str]:
    """Words in code quotes and in blocks of code, without trailing punctuation."""
    blocks = re.findall(r"```.*?\n(.*?)```", text, re.DOTALL)
    spans = re.findall(r"`([^`\n]+)`", re.sub(r"```.*?```", "", text, flags=re.DOTALL))
    return [word.strip("()[]{}\"',;:") for part in (*spans, *blocks) for word in part.split()]


def missing_file(word: str) -> bool:
    """A word that names a Python file, or a file or folder of the repository, which is not there."""
    word = re.sub(r"<\w+>", "*", word)
    if re.fullmatch(r"[\w*]+\.py", word):
        return not any(re.search(rf"(^|/){word.replace('.', '[.]').replace('*', '.*')}$", path) for path in PYTHON)
    first, _, rest = word.partition("/")
    if not rest or not re.fullmatch(r"[\w*][\w./*-]+", word) or not (first in TOPS or word.endswith((".py", ".yaml"))):
        return False
    return not any(any(folder.glob(word.rstrip("/"))) for folder in ROOTS)


def missing_module(word: str) -> bool:
    """A dotted name of one of the packages that is neither a module nor a name inside one."""
    if not re.fullmatch(rf"({'|'.join(PACKAGES)})(\.\w+)+", word):
        return False
    parts = word.split(".")
    for length in range(len(parts), 0, -1):
        try:
            found = importlib.util.find_spec(".".join(parts[:length]))
        except ModuleNotFoundError:
            continue
        if found is not None:
            inside: object = importlib.import_module(".".join(parts[:length]))
            for name in parts[length:]:
                if not hasattr(inside, name):
                    return True
                inside = getattr(inside, name)
            return False
    return True


@pytest.mark.parametrize("language", ["en", "zh"])
def test_map__names_every_page_once(language: str) -> None:
    english, chinese = MAP.read_text(encoding="utf-8").split("\n# ", 1)
    found = links(english if language == "en" else chinese)
    assert sorted(found) == sorted(path.relative_to(NOTES).as_posix() for path in PAGES if path != MAP)


def test_map__is_the_same_in_both_languages() -> None:
    english, chinese = MAP.read_text(encoding="utf-8").split("\n# ", 1)
    assert links(english) == links(chinese)


@page
def test_page__links_lead_to_files(page: Path) -> None:
    lost = [link for link in links(page.read_text(encoding="utf-8")) if not (page.parent / link).exists()]
    assert not lost


@page
def test_page__names_files_and_modules_that_exist(page: Path) -> None:
    words = quoted(page.read_text(encoding="utf-8"))
    assert not sorted({word for word in words if missing_file(word) or missing_module(word)})


@page
def test_page__names_tests_that_exist(page: Path) -> None:
    named = set(re.findall(r"`(test_\w+?)`", page.read_text(encoding="utf-8")))
    assert not sorted(name for name in named if f"def {name}(" not in TESTS)


# --- first-order rules ------------------------------------------------------------------------------------------------


def test_first_order__every_rule_has_a_size() -> None:
    assert set(stated_sizes()) == named_rules()


def test_first_order__a_size_begins_with_a_number_and_its_test_computes_it() -> None:
    for rule, size in stated_sizes().items():
        assert re.match(r"-?[\d.,]+(e-?\d+)? ", size.text), (rule, size.text)
        assert size.number >= 0.0 and f"def {size.test}(" in TESTS, (rule, size.test)


def test_first_order__no_page_names_one_outside_its_section() -> None:
    """A rule called first-order stands in a section of that name, or in the one form that is searched for."""
    pages = {rule.partition(":")[0] for rule in named_rules()}
    for path in PAGES:
        if re.search("first.order", path.read_text(encoding="utf-8").replace("first_order", ""), re.IGNORECASE):
            assert path.stem in pages | {"README", "first_order"}, path.name


@pytest.mark.parametrize(
    ("size", "number", "digit"), [("0.21 % of x", 0.21, 0.01), ("1e-9 of y", 1e-9, 1e-9), ("1,200 heads", 1_200.0, 1.0)]
)
def test_first_order__numbers_are_read_with_their_last_digit(size: str, number: float, digit: float) -> None:
    found = Size("rule", size, "test")
    assert (found.number, found.digit) == pytest.approx((number, digit))


# --- the search itself ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "word",
    [
        "kernels/no_such_file.py",
        "no_such_file.py",
        "tests/layout/test_nothing*.py",
        "simengine/no_such_room/",
        "simengine.engine.no_such_module",
        "simengine.engine.batch.no_such_name",
    ],
)
def test_search__sees_what_is_missing(word: str) -> None:
    assert missing_file(word) or missing_module(word)


@pytest.mark.parametrize(
    "word",
    ["kernels/lane.py", "lane.py", "tests/kernels/test_*.py", "calibration/fits/<basis>.csv", "simengine.engine.batch"],
)
def test_search__finds_what_is_there(word: str) -> None:
    assert not missing_file(word)
    assert not missing_module(word)
