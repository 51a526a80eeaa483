"""What the commands of `simengine law` share: arguments read strictly, values and rules in words."""

from __future__ import annotations

import datetime
import re
from collections.abc import Sequence
from functools import cache
from typing import TYPE_CHECKING, Any

from simengine.common.errors import LawError
from simengine.common.messages import Language, month_text, near, say
from simengine.report.tables.printer import TIE

if TYPE_CHECKING:
    from simengine.cli.session import Session
    from simengine.law import DatedValue, LawTree, Parameter
    from simengine.law.holding import Holding


@cache
def law() -> LawTree:
    """The packaged law, read once."""
    from simengine.law import load_law

    return load_law()


# --- arguments --------------------------------------------------------------------------------------------------------


def keys_under(tree: LawTree, prefix: str | None) -> list[str]:
    """Keys that begin with a prefix (a branch, a key or a part of one), in order; all without one."""
    found = [key for key in tree if key.startswith(prefix or "")]
    if not found:
        branches = {key.partition("/")[0] for key in tree}
        raise key_unknown(tree, prefix or "", known=[*tree, *sorted(branches)])
    return found


def key_unknown(tree: LawTree, key: str, known: Sequence[str] = ()) -> LawError:
    """The error for a key that does not exist, with the nearest one: of that name, of a whole key or name like it."""
    names = {name.partition("/")[2]: name for name in reversed(list(tree))}
    alone = key.rpartition("/")[2]
    suggestion = names.get(alone, "") or near(key, known or list(tree)) or names.get(near(alone, names), "")
    return LawError("law_key_unknown", near=suggestion, key=key)


def known_region(tree: LawTree, text: str | None) -> str | None:
    """Key of a region given by key, code or name in either language; None stays None."""
    if text is None:
        return None
    named: dict[str, str] = {}
    for key, region in tree.regions.items():
        named |= {name.lower(): key for name in (region.code, region.name, region.local_name, key)}
    if text.lower() in named:
        return named[text.lower()]
    suggestion = named.get(near(text, named), "")
    raise LawError("law_region_unknown", near=suggestion, name=text, known=", ".join(tree.regions))


def day_of(text: str) -> datetime.date:
    """A day written 2025-07-01; 2025-07 and 2025 stand for their first day."""
    if re.fullmatch(r"\d{4}(-\d{2}){0,2}", text):
        try:
            return datetime.date.fromisoformat(f"{text}-01-01"[:10])
        except ValueError:
            pass
    raise LawError("law_day", text=text)


def month_of(text: str, *, last: bool = False) -> int:
    """Index of a month written 1965-01; a year alone stands for its January, or its December."""
    found = re.fullmatch(r"(\d{4})(?:-(\d{2}))?", text)
    month = (12 if last else 1) if found is None or found[2] is None else int(found[2])
    if found is None or not 1 <= month <= 12:
        raise LawError("law_month", text=text)
    return 12 * int(found[1]) + month - 1


def no_values(parameter: Parameter, place: str) -> LawError:
    """The error for a region that has no values, nor any region above it."""
    return LawError(
        "law_no_values", where=parameter.where, key=parameter.key, region=place, known=", ".join(parameter.regional)
    )


def refuse(found: Holding) -> None:
    """An error for a day before the first value, and for a region without values."""
    if found.status == "absent":
        raise no_values(found.parameter, found.region)
    if found.status == "before" and found.following is not None:
        first = found.following
        raise LawError(
            "law_too_early",
            where=first.where,
            key=found.parameter.key,
            day=found.day,
            region=found.region,
            first=first.date,
        )


# --- values and rules in words ----------------------------------------------------------------------------------------


def title_of(parameter: Parameter, lang: Language) -> str:
    """Name of a parameter in one language."""
    return parameter.name if lang == "en" else parameter.local_name


def region_text(tree: LawTree, key: str, lang: Language) -> str:
    """Key and name of a region."""
    region = tree.regions[key]
    return f"{key} ({region.name})" if lang == "en" else f"{key}（{region.local_name}）"


def plain_value(parameter: Parameter, value: Any) -> Any:
    """A value for JSON: months of the calendar as text, labels of tables as text."""
    if isinstance(value, dict):
        return {str(label): plain_value(parameter, leaf) for label, leaf in value.items()}
    if isinstance(value, list):
        return [plain_value(parameter, leaf) for leaf in value]
    if parameter.unit.symbol == "calendar month" and isinstance(value, int | float):
        return month_text(int(value))
    return value


def value_text(parameter: Parameter, value: Any, lang: Language, *, scaled: bool = False) -> str:
    """A value in words: numbers as the files write them (scaled ones to seven digits), tables as label and number."""
    value = plain_value(parameter, value)
    if scaled and isinstance(value, float):
        value = float(f"{value:z.7g}")
    if value is None:
        return say("law.none", lang)
    if isinstance(value, dict):
        return ", ".join(f"{label}:{TIE}{_number(leaf)}" for label, leaf in value.items())
    if isinstance(value, list):
        return ", ".join(map(_number, value))
    return _number(value)


def _number(value: Any) -> str:
    if isinstance(value, int | float) and not isinstance(value, bool):
        return f"{value:z.10g}" if value != int(value) or abs(value) < 10_000 else f"{int(value):_}"
    return str(value)


def unit_name(parameter: Parameter, lang: Language) -> str:
    """A unit in a word."""
    return say(f"law.unit_name.{parameter.unit.symbol}", lang)


def unit_text(parameter: Parameter, lang: Language) -> str:
    """A unit with its meaning."""
    meaning = say(f"law.unit.{parameter.unit.symbol}", lang)
    name = unit_name(parameter, lang)
    return f"{name} ({meaning})" if lang == "en" else f"{name}（{meaning}）"


def evidence_text(tag: str, lang: Language) -> str:
    """An evidence tag with its meaning."""
    return say("law.tagged", lang, tag=say(f"law.evidence.{tag}", lang), meaning=say(f"law.evidence_means.{tag}", lang))


def tags_text(dated: DatedValue, lang: Language) -> str:
    """The evidence of a value in a word, then labels with a tag of their own: ``verified; secondary: 40-54``."""
    said = [say(f"law.evidence.{dated.evidence}", lang)]
    for tag in dict.fromkeys(dated.evidence_of.values()):
        labels = [label for label, own in dated.evidence_of.items() if own == tag]
        values = {"tag": say(f"law.evidence.{tag}", lang), "labels": _labels_text(labels, lang)}
        said.append(say("law.apart", lang, **values))
    return ("; " if lang == "en" else "；").join(said)


def _labels_text(labels: list[str | int], lang: Language) -> str:
    """Labels in short: whole numbers that follow each other as first-last."""
    runs: list[list[str | int]] = []
    for label in labels:
        last = runs[-1][-1] if runs else None
        if isinstance(label, int) and isinstance(last, int) and label == last + 1:
            runs[-1].append(label)
        else:
            runs.append([label])
    said = [f"{run[0]}-{run[-1]}" if len(run) > 1 else str(run[0]) for run in runs]
    return (", " if lang == "en" else "、").join(said)


def extension_word(parameter: Parameter, lang: Language) -> str:
    """The extension rule in a word or two."""
    rule = parameter.extension
    if rule.rule == "indexed":
        return say("law.rule.indexed", lang, index=rule.index)
    return say("law.rule.standing" if rule.standing else f"law.rule.{rule.rule or 'undriven'}", lang)


def extension_text(tree: LawTree, parameter: Parameter, lang: Language, place: str | None) -> str:
    """The extension rule as a sentence, with its reason and evidence; the last year is that of a region's values."""
    rule = parameter.extension
    told = parameter.source_region(place) is not None or bool(parameter.national)
    last = max(dated.date.year for dated in (parameter.timeline(place) if told else parameter.all_values()))
    if rule.standing and tree.information_date is not None:
        said = say("law.extension.standing", lang, review=tree.information_date)
    elif rule.rule == "indexed":
        lag = say("law.lag", lang, years=rule.lag) if rule.lag else ""
        said = say("law.extension.indexed", lang, last=last, index=rule.index, lag=lag)
    else:
        name = f"law.extension.{rule.rule or 'undriven'}"
        null = "-" if parameter.null_value is None else _number(parameter.null_value)
        said = say(name, lang, last=last, null=null)
    evidence = say(f"law.evidence.{rule.evidence}", lang)
    return say("law.with_reason", lang, said=said, reason=rule.reason, evidence=evidence)


def use_text(key: str, lang: Language) -> str:
    """Who reads a parameter, on which day alone, and why no projection does."""
    from simengine.registry.inputs import LAW_KEYS, SERIES_INSTEAD

    row = LAW_KEYS[key]
    said = say(f"law.use.{row.use}", lang)
    if row.read_on == "opening":
        return said + say("law.use_opening", lang)
    if row.read_on:
        return said + say("law.use_day", lang, day=row.read_on)
    if row.projected:
        return said
    said += say("law.use_reason", lang, reason=row.en if lang == "en" else row.zh)
    series = SERIES_INSTEAD.get(key)
    return said + say("law.use_series", lang, series=series) if series else said


def use_json(key: str) -> dict[str, Any]:
    """Who reads a parameter, for JSON."""
    from simengine.registry.inputs import LAW_KEYS

    row = LAW_KEYS[key]
    return {
        "use": row.use,
        "read_on": row.read_on or None,
        "why_not_projected": {"en": row.en, "zh": row.zh} if row.en else None,
    }


def dated_json(parameter: Parameter, dated: DatedValue) -> dict[str, Any]:
    """One dated value for JSON."""
    return {
        "date": dated.date.isoformat(),
        "value": plain_value(parameter, dated.value),
        "reference": dated.reference,
        "evidence": dated.evidence,
        "evidence_of": {str(label): tag for label, tag in dated.evidence_of.items()},
        "enacted": dated.known.isoformat(),
        "where": dated.where,
    }


def extension_json(parameter: Parameter) -> dict[str, Any]:
    """The extension rule for JSON."""
    names = ("rule", "index", "lag", "standing", "evidence", "reason")
    return {name: getattr(parameter.extension, name) for name in names}


# --- print ------------------------------------------------------------------------------------------------------------


def ditto(texts: Sequence[str], lang: Language) -> list[str]:
    """Texts of rows that follow each other, one that repeats the row above said as such."""
    same = say("law.same", lang)
    return [same if at and text == texts[at - 1] else text for at, text in enumerate(texts)]


def tell_legend(session: Session, tags: Sequence[str]) -> None:
    """Print what the evidence tags that were printed mean, one line each."""
    from simengine.registry.units import EVIDENCE

    session.line(f"\n{say('law.tags', session.lang)}")
    for tag in (tag for tag in EVIDENCE if tag in tags):
        session.tell(evidence_text(tag, session.lang), margin=2, hang=2)
