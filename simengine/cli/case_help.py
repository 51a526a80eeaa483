"""Help on cases: `simengine case --kinds` and `simengine case --fields KIND`, made from the models and their words."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from simengine.cli.session import Session

if TYPE_CHECKING:
    from simengine.cases.describe import Described

ROW = ("case.field", "case.field_unit", "case.field_needed", "case.field_meaning")
"""Headings of a table of fields."""

KIND_ROW = ("case.kind", "case.field_meaning")
"""Headings of the table of kinds."""


def print_kinds(session: Session) -> None:
    """Every kind with its meaning."""
    from simengine.cases.describe import field_words
    from simengine.cases.kinds import KINDS
    from simengine.common.messages import say

    meanings = {kind: field_words()["kinds"][kind][session.lang] for kind in KINDS}
    session.result({"kinds": meanings})
    session.say("case.kinds_heading")
    session.table(list(meanings.items()), [say(name, session.lang) for name in KIND_ROW], margin=2, keys=1)
    session.tell(say("case.kinds_hint", session.lang))


def print_fields(session: Session, kind: str) -> None:
    """Every field of a kind: its own, then those of every case."""
    from simengine.cases.describe import common_fields, field_words, models_of, own_fields
    from simengine.cases.kinds import KINDS
    from simengine.common.errors import CaseError
    from simengine.common.messages import near

    if kind not in KINDS:
        raise CaseError("case_kind_unknown", near=near(kind, KINDS), name=kind, known=", ".join(KINDS))
    models = models_of(kind)
    own = {_titled(kind, model): own_fields(model) for model in models}
    shared = common_fields()
    session.result({
        "kind": kind,
        "meaning": field_words()["kinds"][kind][session.lang],
        "fields": [_plain(each, title, session) for title, fields in own.items() for each in fields],
        "common": [_plain(each, "", session) for each in shared],
    })  # fmt: skip
    session.tell(f"{kind}: {field_words()['kinds'][kind][session.lang]}")
    for title, fields in own.items():
        session.line("")
        session.say("case.fields_own", kind=title)
        _table(session, fields)
    session.line("")
    session.say("case.fields_common")
    _table(session, shared)
    session.line("")
    session.say("case.fields_form")
    session.say("case.fields_example", kind="award_case" if kind == "award" else kind)


def _titled(kind: str, model: Any) -> str:
    """A kind, with its measure where it has several."""
    measure = model.model_fields.get("measure")
    return kind if measure is None else f"{kind}, measure: {measure.annotation.__args__[0]}"


def _table(session: Session, fields: Sequence[Described]) -> None:
    from simengine.common.messages import say

    yes = say("case.field_yes", session.lang)
    rows = [
        (each.path, each.unit_text(session.lang), yes if each.needed else "", getattr(each.meaning, session.lang))
        for each in fields
    ]
    headings = [say(name, session.lang) for name in ROW]
    session.table(rows, headings, margin=2, keys=1)


def _plain(each: Described, title: str, session: Session) -> dict[str, Any]:
    """A field as plain data."""
    said = {"field": each.path, "unit": each.unit_text(session.lang), "needed": each.needed}
    said["meaning"] = getattr(each.meaning, session.lang)
    return ({"of": title} if title else {}) | said
