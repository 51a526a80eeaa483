"""One catalogue of messages: nothing is missing, nothing is unused, and no refusal speaks English to a Chinese user."""

from __future__ import annotations

import ast
import re
import string
import typing
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from pydantic_core import core_schema

import simengine
import simengine_calibration
from simengine.basis.bureau.actuals import README_KEYS as ACTUALS_README
from simengine.basis.bureau.template import README_KEYS
from simengine.cli.session import language_in, language_of
from simengine.common import errors, strict_yaml
from simengine.common.errors import ErrorList, LawError, LeverError, SimengineError, each_error, localised
from simengine.common.messages import Words, near, refusals, say, shown, table, words
from simengine.common.problems import CODES
from simengine.decide.fund import flows as fund_flows
from simengine.decide.fund import goals as fund_goals
from simengine.decide.fund import levers as fund_levers
from simengine.decide.fund import solve as fund_solve
from simengine.decide.fund.roll import TIMINGS
from simengine.decide.fund.template import README_KEYS as FUND_README
from simengine.decide.solve import goals as solve_goals
from simengine.decide.solve.costs import COSTS
from simengine.decide.solve.levers import SECTIONS
from simengine.decide.solve.search import SIDES
from simengine.decide.stress import forms as stress_forms
from simengine.decide.stress import run as stress_run
from simengine.decide.stress import search as stress_search
from simengine.judge.checks import ages, anchors, free_run, people
from simengine.judge.checks.actuals import USES
from simengine.judge.checks.bounds import FAULTS
from simengine.judge.checks.entry import STATUSES as ENTERING
from simengine.judge.checks.exhaustion import ACCOUNTS, OPENING, PRINTED
from simengine.judge.closures import measures
from simengine.judge.measures.valuation import SUMMARISED
from simengine.judge.targets.files import SLIPS
from simengine.judge.targets.withheld import AFTER, ALWAYS
from simengine.law.holding import Status
from simengine.law.parameter import BEFORE_RULES, WITHIN_YEAR
from simengine.registry.axes import CAREER
from simengine.registry.inputs import LAW_USES
from simengine.registry.units import EVIDENCE, UNITS
from simengine.report.tables import closures
from simengine.report.tables import fund as fund_tables
from simengine.report.tables import stress as stress_tables
from tests.helpers.chinese import english_in

PACKAGE = Path(simengine.__file__).parent
CALIBRATION = Path(simengine_calibration.__file__).parent
LANGUAGES = ("en", "zh")
STATUSES = typing.get_args(Status)

CLOSURE_WORDS = (*measures.BALANCES, *measures.INDICATORS, *closures.SHOWN_YEARS)
SOLVE_HEADS = ("rank", "lever", "reached")
SIZE_WORDS = ("points", "growth", "percent", "more", "share")
FAMILIES: dict[str, typing.Iterable[str]] = {
    "entry.": ENTERING,
    "ages.": ("ages", "cohorts", "factors", "below"),
    "ages_group.": ages.GROUPS,
    "ages_measure.": ages.MEASURES,
    "ages_verdict.": (ages.INSIDE, ages.OUTSIDE),
    "bounds_fault.": FAULTS,
    "actuals.": USES,
    "closures.": CLOSURE_WORDS,
    "bureau.readme_": (*README_KEYS, *ACTUALS_README, *FUND_README),
    "anchors.": (anchors.WITHIN, anchors.MISSED, anchors.UNREACHED, anchors.NONE),
    "anchors.unit.": anchors.UNITS,
    "erosion.": ("projection", "cases", "nothing"),
    "exhaustion.": ("below", "below_at_start", "above"),
    "exhaustion.account.": (*ACCOUNTS, "both"),
    "exhaustion.on.": (PRINTED, OPENING),
    "exhaustion.start.": (PRINTED, OPENING),
    "fund.column.": fund_tables.COLUMNS,
    "fund.direction.": fund_solve.DIRECTIONS,
    "fund.form.": ("rate", "rates", "returns", "within"),
    "fund.goal.": fund_goals.KINDS,
    "fund.head.": ("year", "goal", "used_up", *fund_tables.MONEY, *fund_tables.RATIOS, *fund_levers.LEVERS),
    "fund.lever.": fund_levers.LEVERS,
    "fund.rate_of.": ("base", "contributions"),
    "fund.reached.": fund_goals.KINDS,
    "fund.setting.": fund_tables.SETTINGS,
    "fund.sheet.": fund_tables.SHEETS,
    "sensitivity.": ("stated", "impossible", "map_met", "map_not_met"),
    "sensitivity.column.": ("driver", "size", "low", "high", "down", "up"),
    "sensitivity.kind.": ("driver", "lever"),
    "sensitivity.sheet.": ("rows", "map", "contour"),
    "sensitivity.size.": SIZE_WORDS,
    "table.withheld_": (ALWAYS, AFTER),
    "valuation.": SUMMARISED,
    "valuation.column.": ("fund", "span"),
    "workers.column.": ("career", "cohort", "retires"),
    "fund.status.": fund_solve.STATUSES,
    "fund.timing.": TIMINGS,
    "fund.unit.": [str(int(size)) for size in fund_flows.UNIT_SIZES],
    "gap.": ("printed", "recalled"),
    "law.before.": BEFORE_RULES,
    "law.career.": CAREER,
    "law.evidence.": EVIDENCE,
    "law.evidence_means.": EVIDENCE,
    "law.open.": ("indexed", "undriven", "ended", "expired"),
    "law.use.": set(LAW_USES),
    "law.short.": set(STATUSES) - {"in_force", "standing"},
    "law.status.": set(STATUSES) - {"before", "absent"},
    "law.unit.": UNITS,
    "law.unit_name.": UNITS,
    "law.within.": WITHIN_YEAR,
    "people.": (*people.MEASURES, "inside", "outside", "title", "blind", "why"),
    "series.": free_run.SERIES,
    "slip.": SLIPS.values(),
    "solve.account.": solve_goals.ACCOUNTS,
    "solve.as_is_": (solve_goals.LASTS, solve_goals.NO_DEFICIT),
    "solve.as_it_stands_": SIDES,
    "solve.cell_": ("none", "untouched", "two", "as_is"),
    "solve.figure.": set(solve_goals.UNITS.values()),
    "solve.form_": ("retirement_step", "retirement_cap", "indexation", "campaign", "step", "from"),
    "solve.goal.": solve_goals.KINDS,
    "solve.goal_form_": solve_goals.KINDS,
    "solve.head.": ("goal", "start", "years", "baseline", "lowest", "highest", *COSTS, "cost", *SOLVE_HEADS),
    "solve.key.": SECTIONS,
    "solve.mark.": SIDES,
    "solve.sheet_": ("answers", "line", "needed"),
    "solve.try_": ("still", "impossible", "refused"),
    "stress.break_": ("row", "fund"),
    "stress.left_out.": stress_forms.REASONS,
    "stress.of_": stress_tables.KINDS,
    "stress.row_": stress_tables.KINDS,
    "stress.status.": set(stress_search.STATUSES) - {stress_search.ALREADY},
    "stress.verdict.": stress_run.VERDICTS,
}
"""Words whose key is put together, by their beginning: the ends the engine can give."""

NAMED_NEARBY = (
    "bureau.",
    "column.",
    "compare.",
    "compare.sheet_",
    "demography.",
    "judged.",
    "law.annex.",
    "law.extension.",
    "law.minimum.",
    "law.rule.",
    "law.shares.",
    "separator.",
    "stress.head.",
    "stress.sheet.",
    "sweep.sheet_",
    "workbook.",
)
"""Beginnings whose ends are written in the code, in the modules that put them together."""

NAMED_ANYWHERE = ("kernels.", "progress.")
"""Beginnings whose ends come from below: notices of the compiler, stages of the progress."""

ALWAYS = {"where", "near"}
"""Arguments of every error beside the values of its texts."""

WRAPPERS = {
    "refuse": set(),
    "fail": set(),
    "fault": {"key"},
    "problem": set(),
    "kind": set(),
    "among": {"name", "known"},
}
WRAPPERS |= {
    "note": {"value"},
    "_must_be_known": {"name", "known"},
    "Refused": set(),
}
WRAPPERS |= {"engine/compile/bounds.py:refuse": {"name", "value", "year"}, "slip": {"name", "key"}}
"""Functions that take a code and make an error of it, and the values that they add."""
PLACED = {"note": 3}
"""Arguments by place before the one that makes the values of every row, which no reading of the source can tell."""


# --- what stands in the catalogue -------------------------------------------------------------------------------------


def braces(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


@cache
def values_of(code: str) -> frozenset[str]:
    """What the texts of an error name in braces."""
    return frozenset().union(*(braces(said["en"]) for said in refusals()[code].values()))


def test_catalogue__says_the_same_in_both_languages() -> None:
    texts = {("words", key): entry for key, entry in table().items()}
    for code, entry in refusals().items():
        assert "message" in entry and set(entry) <= set(errors.PARTS), code
        texts |= {(code, part): said for part, said in entry.items()}
    for key, said in texts.items():
        assert set(said) == set(LANGUAGES), key
        assert all(said.values()), key
        assert braces(said["en"]) == braces(said["zh"]), key


def test_catalogue__no_code_stands_in_two_files() -> None:
    seen: dict[str, str] = {}
    for path in sorted((PACKAGE / "common" / "refusals").glob("*.yaml")):
        for code in strict_yaml.load(path).data:
            assert code not in seen, (code, path.name, seen[code])
            seen[code] = path.name
    assert set(seen) == set(refusals())


def test_catalogue__chinese_is_chinese() -> None:
    for code, entry in refusals().items():
        for part, said in entry.items():
            assert not english_in(re.sub(r"\{\w*\}", "", said["zh"])), (code, part, said["zh"])


# --- what the code says -----------------------------------------------------------------------------------------------


@cache
def trees() -> dict[str, ast.Module]:
    """Every module of the engine and of the calibration, by its path below the package; of the latter with its name."""
    files = {path.relative_to(PACKAGE).as_posix(): path for path in sorted(PACKAGE.rglob("*.py"))}
    files |= {path.relative_to(CALIBRATION.parent).as_posix(): path for path in sorted(CALIBRATION.rglob("*.py"))}
    return {name: ast.parse(path.read_text(encoding="utf-8")) for name, path in files.items()}


@cache
def error_classes() -> frozenset[str]:
    """Names of `SimengineError` and of everything derived from it."""
    found = {"SimengineError"}
    while True:
        more = {
            node.name
            for tree in trees().values()
            for node in ast.walk(tree)
            if isinstance(node, ast.ClassDef) and any(name_of(base) in found for base in node.bases)
        }
        if more <= found:
            return frozenset(found)
        found |= more


def name_of(node: ast.AST) -> str:
    return str(getattr(node, "id", "") or getattr(node, "attr", ""))


def text_of(node: ast.AST | None) -> str | None:
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else None


def calls(names: typing.Collection[str]) -> Iterator[tuple[str, str, ast.Call, str]]:
    """File, function around it, and call, of every call of one of these names; and that name."""
    for file, tree in trees().items():
        for inner in ast.walk(tree):
            if not isinstance(inner, ast.FunctionDef):
                continue
            for node in ast.walk(inner):
                if isinstance(node, ast.Call) and name_of(node.func) in names:
                    yield file, inner.name, node, name_of(node.func)


MADE_ELSEWHERE = {
    ("common/errors.py", "as_kind"),
    ("common/errors.py", "raise_all"),
    ("scenario/inputs.py", "fixed_constants"),
    ("common/strict_yaml.py", "load_text"),
    ("common/strict_yaml.py", "unreadable"),
    ("common/problems.py", "_translate"),
    ("common/files.py", "reported"),
    ("basis/bureau/slips.py", "_problem"),
    ("engine/actuals/sizes.py", "_other_scopes"),
    ("engine/compile/slips.py", "slip"),
    ("cases/table_faults.py", "problem"),
    ("cases/table_faults.py", "refusal"),
}
"""Where an error is made of a code that a variable holds; each such code is a constant of that file or of a wrapper."""


def constants(node: ast.AST) -> set[str]:
    return {inner.value for inner in ast.walk(node) if isinstance(inner, ast.Constant) and isinstance(inner.value, str)}


def test_every_error__names_a_code_of_the_catalogue_and_exactly_the_values_of_its_texts() -> None:
    seen = exact = 0
    for file, around, node, name in calls(error_classes() | set(WRAPPERS)):
        if name in ("TableRefused", "ErrorList", "TablesProblem"):  # of several errors, or with words of its own
            continue
        position = next((place for place, each in enumerate(node.args[:2]) if text_of(each) in refusals()), None)
        where = f"{file}:{node.lineno} {name}"
        if position is None:
            codes = constants(node.args[0]) if node.args else set()
            assert not any(" " in code for code in codes), f"{where}: a plain text instead of a code"
            if name in error_classes():
                allowed = (
                    around in WRAPPERS or (file, around) in MADE_ELSEWHERE or chosen_among_codes(file, around, node)
                )
                assert allowed, f"{where}: no code"
            continue
        seen += 1
        code = typing.cast(str, text_of(node.args[position]))
        given, whole = values_given(file, around, node)
        assert given <= values_of(code), (where, given - values_of(code))
        if whole:
            added = WRAPPERS.get(f"{file}:{name}", WRAPPERS.get(name, set()))
            assert values_of(code) - given <= added, (where, values_of(code) - given)
            exact += 1
    assert seen > 300 and exact > 0.9 * seen


def values_given(file: str, around: str, node: ast.Call) -> tuple[set[str], bool]:
    """Values that a call gives, and whether these are all; a mapping written out in the function is looked into."""
    given = {keyword.arg for keyword in node.keywords if keyword.arg} - ALWAYS
    whole = "values" not in given and len(node.args) <= PLACED.get(name_of(node.func), len(node.args))
    for keyword in node.keywords:
        if keyword.arg is None:
            found = written_out(file, around, name_of(keyword.value))
            whole = whole and bool(found)
            given |= found
    return given - {"values", "cells"}, whole


def written_out(file: str, around: str, name: str) -> set[str]:
    """Keys of a mapping that is written out under a name in a function; empty where it comes from elsewhere."""
    found: set[str] = set()
    for function in ast.walk(trees()[file]):
        if not isinstance(function, ast.FunctionDef) or function.name != around or not name:
            continue
        for node in ast.walk(function):
            targets = node.targets if isinstance(node, ast.Assign) else [getattr(node, "target", None)]
            if isinstance(node, ast.Assign | ast.AnnAssign | ast.AugAssign) and name in map(name_of_any, targets):
                found |= {typing.cast(str, text_of(key)) for each in ast.walk(node) for key in keys_of(each)}
            first = node.targets[0] if isinstance(node, ast.Assign) else None
            if isinstance(first, ast.Subscript) and name_of(first.value) == name:
                found.add(typing.cast(str, text_of(first.slice)))
    return found


def name_of_any(node: ast.AST | None) -> str:
    return "" if node is None else name_of(node)


def keys_of(node: ast.AST) -> list[ast.AST | None]:
    return [key for key in node.keys if text_of(key)] if isinstance(node, ast.Dict) else []


def chosen_among_codes(file: str, around: str, node: ast.Call) -> bool:
    """Whether the first argument is a variable or an expression, and the function around names the codes it takes."""
    function = next(
        inner for inner in ast.walk(trees()[file]) if isinstance(inner, ast.FunctionDef) and inner.name == around
    )
    return bool(node.args) and not text_of(node.args[0]) and bool(constants(function) & set(refusals()))


def test_every_code__is_used() -> None:
    used = set().union(*(constants(tree) for tree in trees().values())) | set(CODES.values())
    assert set(refusals()) - used == set()


def test_every_word__exists_where_it_is_said() -> None:
    for file, _, node, name in calls({"say", "words", "both", "has"}):
        key = text_of(node.args[0]) if node.args else None
        if key is None or takes_other_words(file, node):
            continue
        assert key in table(), f"{file}:{node.lineno} {key}"
        if name != "has" and not any(keyword.arg is None for keyword in node.keywords):
            given = {str(keyword.arg) for keyword in node.keywords}
            assert given == braces(table()[key]["en"]), f"{file}:{node.lineno} {key}"


def takes_other_words(file: str, node: ast.Call) -> bool:
    """Whether a call is of another table of words: of the verdicts, of a figure, of a case."""
    if isinstance(node.func, ast.Attribute):
        return name_of(node.func.value) not in ("session", "self") or file.startswith(("report/figures/", "cases/"))
    imported = {
        alias.asname or alias.name
        for inner in ast.walk(trees()[file])
        if isinstance(inner, ast.ImportFrom) and inner.module == "simengine.common.messages"
        for alias in inner.names
    }
    return name_of(node.func) not in imported and file != "common/messages.py"


def test_every_word__is_used_and_every_family_is_whole() -> None:
    for start, ends in FAMILIES.items():
        assert {f"{start}{end}" for end in ends} <= set(table()), start
    used = set().union(*(constants(tree) for tree in trees().values()))
    put_together = {f"{start}{end}" for start, ends in FAMILIES.items() for end in ends}
    for file, tree in trees().items():
        starts = {
            node.values[0].value
            for node in ast.walk(tree)
            if isinstance(node, ast.JoinedStr) and node.values and isinstance(node.values[0], ast.Constant)
        }
        for start in starts & {*NAMED_NEARBY, *NAMED_ANYWHERE}:
            ends = first_words() if start in NAMED_ANYWHERE else words_of(file)
            put_together |= {key for key in table() if key.startswith(start) and key.removeprefix(start) in ends}
    assert set(table()) - used - put_together == set()


@cache
def first_words() -> set[str]:
    """First words of the texts in the code: what may name a stage of the progress or a notice of the compiler."""
    return {word.partition(" ")[0] for tree in trees().values() for word in constants(tree)}


def words_of(file: str) -> set[str]:
    """Constants of a file and of those it takes names from."""
    tree = trees()[file]
    beside = {
        f"{node.module.removeprefix('simengine.').replace('.', '/')}.py"
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and node.module
    }
    return constants(tree).union(*(constants(trees()[each]) for each in beside & set(trees())))


# --- how an error is said ---------------------------------------------------------------------------------------------


def test_error__is_said_in_both_languages() -> None:
    error = LeverError("missing_key", where="a.yaml, line 3", near="basis", key="bases")
    english = (
        'a.yaml, line 3: "bases" is missing. Did you mean "basis"? Add it; simengine template shows a complete file.'
    )
    assert localised(error, "en") == str(error) == english
    assert localised(error, "zh").startswith("a.yaml第3行：缺少“bases”；是否想写“basis”？请补上")
    both = ErrorList([error, ErrorList([error])])
    assert each_error(both) == [error, error]
    assert str(both) == f"{english}\n{english}" and both.words().zh.count("缺少“bases”") == 2


def test_error__of_another_package_keeps_its_own_text() -> None:
    error = LeverError("plain words", where="x", allowed="y", hint="z")
    assert localised(error, "zh") == "x：plain words；允许：y；z。"


def test_error__of_another_kind_says_the_same() -> None:
    error = LawError("law_undated", where="a.yaml", key="pension/x")
    assert str(error.as_kind(LeverError)) == str(error) and isinstance(error.as_kind(LeverError), LeverError)


def test_words__among_the_values_are_said_in_the_language_of_the_text() -> None:
    error = SimengineError("case_law", text=Words("no rule", "没有规则"))
    assert "no rule" in localised(error, "en") and "没有规则" in localised(error, "zh")
    assert words("years", first=2021, last=2095).zh == say("years", "zh", first=2021, last=2095)


def test_values__are_shown_as_a_file_writes_them() -> None:
    assert [shown(value) for value in (None, True, 2.0, 260_000_000, 0.5, "x" * 70)] == [
        *("null", "true", "2", "260_000_000", "0.5", "x" * 57 + "..."),
    ]
    assert near("jiangxi/baselin", ["jiangxi/baseline"]) == "jiangxi/baseline"


@pytest.mark.parametrize(("text", "lang"), [("zh", "zh"), ("ZH", "zh"), ("zh_CN.UTF-8", "zh"), ("en-GB", "en")])
def test_language__is_known_in_every_form_of_a_locale(text: str, lang: str) -> None:
    assert language_of(text) == lang
    assert language_in(["run", f"--lang={text}"]) == language_in(["run", "--lang", text, "x"]) == lang
    assert language_of("fr") is None and language_in(["run"]) is None and language_in(["--lang"]) is None


def test_pydantic__every_kind_of_error_has_a_text() -> None:
    assert set(CODES) <= set(typing.get_args(core_schema.ErrorType))
    assert set(CODES.values()) <= set(refusals()) and "not_valid" in refusals()
