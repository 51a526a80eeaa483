"""Evidence: a tag says no more than what was read, for a whole value and for single labels of a table."""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from simengine.cases.law import CaseLaw, packaged_law
from simengine.common.errors import SimengineError
from simengine.engine.compile.standards import basic_standard
from simengine.law import LawTree, load_law
from simengine.law.parameter import DatedValue
from simengine.registry.inputs import LAW_KEYS
from simengine.registry.units import EVIDENCE
from tests.law.test_law_tree import RATE, tree

NOTE = Path(__file__).parents[2] / "simengine" / "notes" / "law.md"
SPEC_READ = {f"S{number:02d}" for number in (*range(1, 13), 16, 20, 21, 27, 28)}
"""Sources that the scheme rules tag as verified somewhere."""

TABLE = """name: {en: T, local: 表}
unit: month
within_year: start
table: age
extension: {rule: held, evidence: assumption, reason: none}
values:
  2006-01-01: {value: {40: 233, 41: 230, 55: 170}, reference: "annex, read", evidence: verified, EVIDENCE_OF}
"""


def sources() -> dict[str, list[str]]:
    """Forms in which a reference names a source that was read, by source, from the note on the law."""
    rows = re.findall(r"^\| (S\d\d) \| (.+?) \| [a-z ]+ \|$", NOTE.read_text(encoding="utf-8"), re.MULTILINE)
    return {source: forms.split("; ") for source, forms in rows}


def unread(reference: str, read: dict[str, list[str]]) -> bool:
    """Whether a reference names no source that was read."""
    return not any(form in reference for forms in read.values() for form in forms)


def verified(law: LawTree) -> Iterator[tuple[str, DatedValue]]:
    for key, parameter in law.items():
        for dated in parameter.all_values():
            if "verified" in dated.tags:
                yield key, dated


def test_verified__names_a_source_that_was_read() -> None:
    read = sources()
    found = [(key, str(dated.date), dated.reference) for key, dated in verified(load_law())]
    assert not [row for row in found if unread(row[-1], read)]


def test_sources__are_those_of_the_scheme_rules_and_each_is_used() -> None:
    read, used = sources(), [dated.reference for _, dated in verified(load_law())]
    assert set(read) == SPEC_READ
    idle = [form for forms in read.values() for form in forms if not any(form in reference for reference in used)]
    assert not idle


@pytest.mark.parametrize(
    "reference",
    [
        "statutory rates",
        "no refund",
        "国发〔1997〕26号: account / 120",
        "provincial bulletin",
        "ordinance of 2008: floor",
    ],
)
def test_unread__is_seen(reference: str) -> None:
    assert unread(reference, sources())


def test_verified__is_not_said_of_what_was_recalled() -> None:
    """A date or a month may be recalled or assumed beside a number that was read; the number may not."""
    for key, dated in verified(load_law()):
        said = dated.reference.replace("month assumed", "").replace("date from memory", "")
        assert not re.search("assumed|from memory|calculator parameter files", said), (key, dated.date, said)


# --- labels -----------------------------------------------------------------------------------------------------------


def test_divisor__was_read_from_55_on() -> None:
    """Scheme rules 1.7: ages 55 to 70 read, 40 to 54 from copies."""
    annex = load_law()["pension/account_divisor"].national[-1]
    assert {age: annex.tag(age) for age in annex.value} == {  # type: ignore[union-attr]
        age: "secondary" if age < 55 else "verified" for age in range(40, 71)
    }
    assert annex.tags == ("verified", "secondary")


@pytest.mark.parametrize(("age", "tag"), [(50, "secondary"), (54, "secondary"), (55, "verified"), (60, "verified")])
def test_pick__takes_the_tag_of_the_label(age: int, tag: str) -> None:
    use = CaseLaw(packaged_law(), "jiangxi").get("pension/account_divisor", datetime.date(2025, 7, 1))
    assert (use.evidence, use.pick(age).evidence) == ("verified", tag)


def test_labels__are_listed_by_tag(tmp_path: Path) -> None:
    text = TABLE.replace("EVIDENCE_OF", "evidence_of: {secondary: [40, 41]}")
    dated = tree(tmp_path, text)["pension/x"].national[0]
    assert [dated.tag(age) for age in (40, 41, 55)] == ["secondary", "secondary", "verified"]


@pytest.mark.parametrize(
    ("stated", "said"),
    [
        ("{secondary: [40, 39]}", "evidence_of names 39"),
        ("{secondary: [40], memory: [40]}", "evidence_of names 40"),
        ("{secondary: 40}", "evidence_of names"),
        ("[40]", "evidence_of names"),
        ("{sure: [40]}", "the evidence of the value is sure"),
    ],
)
def test_labels__faults_name_file_and_line(tmp_path: Path, stated: str, said: str) -> None:
    with pytest.raises(SimengineError, match=rf"x\.yaml, line 7.*{said}"):
        tree(tmp_path, TABLE.replace("EVIDENCE_OF", f"evidence_of: {stated}"))


def test_labels__only_a_table_has_them(tmp_path: Path) -> None:
    text = RATE.replace("evidence: memory}", "evidence: memory, evidence_of: {secondary: [a]}}", 1)
    assert text != RATE
    with pytest.raises(SimengineError, match="no label of the table"):
        tree(tmp_path, text)


def test_digest__tells_tags_of_labels_apart(tmp_path: Path) -> None:
    plain, one = (
        tree(tmp_path, TABLE.replace("EVIDENCE_OF", stated)).digest()
        for stated in ("enacted: 2006-01-01", "evidence_of: {secondary: [40]}")
    )
    assert plain != one


# --- extension --------------------------------------------------------------------------------------------------------

PROJECTED = {"economy/urban_living_standard": "price", "resident/basic_pension_minimum": "urban_income"}
"""Indexed parameters that a projection reads, with their index; all others stand in a basis as their own series."""


def test_indexed__says_why_and_by_which_index() -> None:
    law = load_law()
    indexed = {key: law[key].extension for key in law if law[key].extension.rule == "indexed"}
    assert {key: rule.index for key, rule in indexed.items() if LAW_KEYS[key].projected} == PROJECTED
    for key, rule in indexed.items():
        assert len(rule.reason) >= 20 and rule.evidence in EVIDENCE and not rule.standing, key
        assert LAW_KEYS[key].projected or (LAW_KEYS[key].en and LAW_KEYS[key].zh), key


@pytest.mark.parametrize("key", PROJECTED)
def test_indexed__a_projection_moves_the_last_value(key: str) -> None:
    """Growth of 3 % a year from the last value on: x 1.03 after one year, x 1.03^10 after ten."""
    law = load_law()
    last = law[key].timeline()[-1].date.year
    years = [last, last + 1, last + 10]
    found = law.annual(key, years, index={PROJECTED[key]: np.array([1.03**n for n in (0, 1, 10)])})
    assert found / found[0] == pytest.approx([1.0, 1.03, 1.343916379])


def test_indexed__the_standard_of_residents_follows_urban_incomes() -> None:
    years = np.arange(2026, 2037)
    found = basic_standard(load_law(), "jiangxi", years, {"urban_income": 1.04 ** np.arange(11.0)})
    assert found[-1] / found[0] == pytest.approx(1.04**10)
