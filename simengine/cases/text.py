"""Sheets as text, as rows of a table and as plain data for JSON, in English or Chinese."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from rich.cells import cell_len

from simengine.cases.expected import Check
from simengine.cases.law import LawUse, packaged_law
from simengine.cases.references import place_text, reference_text
from simengine.cases.sheet import MONEY, Case, CaseResult, Component, Remark
from simengine.cases.words import component_entry, shown, tables, word
from simengine.common.messages import Language, Words, age_text, filled, month_text

AGE = re.compile(r"(\d+)y(\d+)m")
"""An age as a file writes it."""


def name_of(component: Component, lang: Language) -> str:
    """What a component is called."""
    entry = component_entry(component.entry)
    text: str = _variant(component).get(lang, entry[lang])
    if not component.part:
        return text
    parts = tables()["parts"]
    return f"{text} {parts[component.part][lang] if component.part in parts else component.part}"


def value_text(component: Component, lang: Language) -> str:
    """A value as it is printed: money with two decimals, months and ages as such."""
    value, unit = component.value, component.unit
    if value is None:
        return word("labels", "none", lang)
    if unit == "truth":
        return word("labels", "holds" if value else "fails", lang)
    if unit == "word":
        return word("values", str(value), lang)
    if unit == "age":
        return age_text(int(value), lang)
    if unit == "calendar month":
        return month_text(int(value))
    said = f"{value:z.2f}" if unit in MONEY else f"{value:z.4f}" if unit == "index" else shown(value)
    return f"{said} {unit_text(unit, lang)}".rstrip()


def unit_text(unit: str, lang: Language) -> str:
    """Word of a unit; empty where the value says it itself."""
    return word("units", unit, lang)


def formula_of(component: Component, lang: Language) -> tuple[str, str, str]:
    """Formula in symbols, what joins it to the numbers, and the same with the numbers put in."""
    entry, variant = component_entry(component.entry), _variant(component)
    own = variant if "formula" in variant or "says" in variant else entry
    said = own.get("formula", own.get("says", ""))
    text = said[lang] if isinstance(said, Mapping) else str(said)
    colon = ": " if lang == "en" else "："
    numbers = filled(str(variant.get("numbers", entry["numbers"])), lang, component.numbers)
    return text, " = " if "formula" in own else colon, numbers


def documents_of(component: Component, lang: Language) -> str:
    """Articles and documents a component rests on."""
    rests = _variant(component).get("rests", component_entry(component.entry)["rests"])
    separator = "; " if lang == "en" else "；"
    return separator.join(word("documents", name, lang) for name in rests)


def _variant(component: Component) -> Mapping[str, Any]:
    variants: Mapping[str, Mapping[str, Any]] = component_entry(component.entry).get("variants", {})
    return variants.get(component.variant, {})


def evidence_of(use: LawUse, lang: Language) -> str:
    """Evidence tag of a law value, and of the extension where it is carried on; standing rules share a remark."""
    tag = word("evidence", use.evidence, lang)
    if not use.carried or use.parameter.extension.standing:
        return tag
    return word("labels", "carried", lang, tag=tag, extension=word("evidence", use.parameter.extension.evidence, lang))


def used_text(use: LawUse, lang: Language) -> str:
    """A law value beside its component: by its key, in Chinese by its name."""
    return f"{use.key if lang == 'en' else use.parameter.local_name} {law_value(use, lang)} [{evidence_of(use, lang)}]"


def title_of(use: LawUse, lang: Language) -> str:
    """Name of a law parameter."""
    return use.parameter.name if lang == "en" else use.parameter.local_name


def law_value(use: LawUse, lang: Language = "en") -> str:
    """A law value in short: a share in percent, a month as such, a code in words, a table by its number of entries."""
    if isinstance(use.value, dict | list):
        return f"[{len(use.value)}]"
    entries, codes = {**tables()["entries"], **tables()["cities"], **tables()["ranks"]}, tables()["codes"]
    entry = entries[use.label][lang] if use.label in entries else use.label
    label = f"{entry}{': ' if lang == 'en' else '：'}" if use.label else ""
    if use.parameter.unit.symbol == "calendar month" and use.value is not None:
        return label + month_text(int(use.value))
    if use.parameter.unit.symbol == "code" and use.value in codes:
        return label + str(codes[use.value][lang])
    return label + shown(use)


def remark_text(remark: Remark, lang: Language) -> str:
    """A remark as a sentence."""
    values: dict[str, Any] = {}
    for name, value in remark.values.items():
        if isinstance(value, LawUse):
            values[name] = value.parameter.extension.reason if name == "reason" else title_of(value, lang)
        elif isinstance(value, tuple):
            separator = ", " if lang == "en" else "、"
            values[name] = separator.join(title_of(use, lang) for use in value)
        else:
            values[name] = getattr(value, lang) if isinstance(value, Words) else value
    return word("remarks", remark.code, lang, **values)


# --- text -----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Sheet:
    """A whole sheet as text: paragraphs with their indent before and after the table of years.

    Attributes
    ----------
    before, after : indent and text of each paragraph; the table, where there is one, stands between them
    headings, steps : the years as a table
    """

    before: Sequence[tuple[int, str]]
    headings: Sequence[str]
    steps: Sequence[Sequence[str]]
    after: Sequence[tuple[int, str]]


def sheet_of(result: CaseResult, lang: Language, checks: Sequence[Check] = ()) -> Sheet:
    """Heading and components, the years, then law values, expected values and remarks."""
    case = result.case
    before = [
        (
            0,
            word(
                "labels", "case", lang, name=case.name, kind=word("kinds", case.kind, lang), region=place_of(case, lang)
            ),
        )
    ]
    before += [(2, case.content.remark)] if case.content.remark else []
    names = [name_of(component, lang) for component in result.components]
    width = max(map(cell_len, names), default=0)
    for name, component in zip(names, result.components, strict=True):
        before.append((2, f"{name}{' ' * (width - cell_len(name))}  {value_text(component, lang)}"))
        before += [(6, line) for line in _grounds(component, lang)]
    if result.steps:
        before.append((2, word("labels", "steps", lang)))
    parts = {
        "law": [law_line(use, lang) for use in result.law],
        "expected": [check_line(check, lang, names_of(result, lang)) for check in checks],
        "remarks": [f"- {remark_text(remark, lang)}" for remark in result.remarks],
    }
    after = []
    for label, texts in parts.items():
        after += [(2, word("labels", label, lang)), *((4, text) for text in texts)] if texts else []
    return Sheet(before, *step_table(result.steps, lang), after)


def place_of(case: Case, lang: Language) -> str:
    """The region: its key in English, as a file states it, its name in Chinese."""
    regions = packaged_law().regions
    return regions[case.region].local_name if lang == "zh" and case.region in regions else case.region


def _grounds(component: Component, lang: Language) -> Iterator[str]:
    """Lines under a component: formula with numbers, document with the evidence of the law values."""
    formula, joint, numbers = formula_of(component, lang)
    if formula or numbers:
        yield joint.join(part for part in (formula, numbers) if part)
    colon = ": " if lang == "en" else "："
    used = (", " if lang == "en" else "、").join(used_text(use, lang) for use in component.law)
    yield f"{word('labels', 'rests', lang)}{colon}" + " | ".join(
        part for part in (documents_of(component, lang), used) if part
    )


def law_line(use: LawUse, lang: Language) -> str:
    """One law value with its date, evidence and reference."""
    head = f"{use.key} ({title_of(use, lang)}) {law_value(use, lang)}"
    if lang == "zh":
        head = f"{title_of(use, lang)}（{use.key}）{law_value(use, lang)}"
    if use.evidence == "given":
        return f"{head} | {word('labels', 'given', lang, where=place_text(use.where, lang))}"
    since = word("labels", "since", lang, day=use.since) if use.since is not None else ""
    return " | ".join(
        part for part in (head, since, evidence_of(use, lang), reference_text(use.reference, use.key, lang)) if part
    )


def step_table(steps: Sequence[Mapping[str, Any]], lang: Language) -> tuple[list[str], list[list[str]]]:
    """The years as headings and rows."""
    columns = [name for name in tables()["steps"] if any(name in step for step in steps)]
    rows = [[_step_text(name, step.get(name)) for name in columns] for step in steps]
    return [word("steps", name, lang) for name in columns], rows


def _step_text(name: str, value: Any) -> str:
    if value is None:
        return ""
    if name in ("year", "months"):
        return str(int(value))
    if name == "rate":
        return f"{100.0 * value:z.4g}%"
    return f"{value:z.4f}" if name == "index" else f"{value:z.2f}"


def names_of(result: CaseResult, lang: Language) -> dict[str, str]:
    """What a file calls each component, and its name in the language; in English the former."""
    return {line.id: line.id if lang == "en" else name_of(line, lang) for line in result.components}


def check_line(check: Check, lang: Language, names: Mapping[str, str]) -> str:
    """One expected value."""
    name, colon = names.get(check.name, check.name), ": " if lang == "en" else "："
    if check.agrees:
        return f"{name} {_expected_text(check.expected, lang)}{colon}{word('labels', 'agrees', lang)}"
    if check.known:
        return f"{name}{colon}{word('labels', 'absent', lang, known=', '.join(check.known))}"
    texts = {"expected": _expected_text(check.expected, lang), "found": _expected_text(check.found, lang)}
    return f"{name}{colon}" + word("labels", "differs", lang, **texts)


def _expected_text(value: Any, lang: Language) -> str:
    """An expected or computed value; in Chinese ages, words of the sheet, true and false are said in it."""
    if lang == "zh":
        age = AGE.fullmatch(value) if isinstance(value, str) else None
        if age is not None:
            return age_text(12 * int(age[1]) + int(age[2]), lang)
        if isinstance(value, bool):
            return word("labels", "holds" if value else "fails", lang)
        if isinstance(value, str) and value in tables()["values"]:
            return word("values", value, lang)
    return str(value) if lang == "en" and not isinstance(value, bool) else shown(value)


# --- data -----------------------------------------------------------------------------------------------------------


def plain(result: CaseResult, lang: Language, checks: Sequence[Check] = ()) -> dict[str, Any]:
    """A whole sheet for JSON."""
    case = result.case
    content: dict[str, Any] = {
        "name": case.name,
        "kind": case.kind,
        "region": case.region,
        "where": case.where(),
        "components": [_plain_component(component, lang) for component in result.components],
        "remarks": [remark_text(remark, lang) for remark in result.remarks],
    }
    if result.steps:
        content["steps"] = result.steps
    if checks:
        content["expected"] = [
            {"name": check.name, "expected": check.expected, "found": check.found, "agrees": check.agrees}
            for check in checks
        ]
    return content


def _plain_component(component: Component, lang: Language) -> dict[str, Any]:
    formula, _, numbers = formula_of(component, lang)
    return {
        "id": component.id,
        "name": name_of(component, lang),
        "value": component.plain,
        "unit": component.unit,
        "formula": formula,
        "numbers": numbers,
        "documents": documents_of(component, lang),
        "law": [_plain_law(use) for use in component.law],
    }


def _plain_law(use: LawUse) -> dict[str, Any]:
    table = isinstance(use.value, dict)
    return {
        "key": use.key,
        "value": {str(label): leaf for label, leaf in use.value.items()} if table else use.value,
        "unit": use.parameter.unit.symbol,
        "since": use.since.isoformat() if use.since is not None else None,
        "reference": use.reference,
        "evidence": use.evidence,
        "carried": use.carried,
        "where": use.where,
    }


def rows_of(result: CaseResult, lang: Language) -> list[dict[str, Any]]:
    """A sheet as rows of a table, one a component."""
    case = {"case": result.case.name, "kind": result.case.kind, "region": result.case.region}
    if lang == "zh":
        case |= {"kind": word("kinds", result.case.kind, lang), "region": place_of(result.case, lang)}
    rows = []
    for component in result.components:
        plain = _plain_component(component, lang)
        spoken = ("truth",) if lang == "en" else ("truth", "word", "age")
        amount = value_text(component, lang) if component.unit in spoken else plain["value"]
        said = {"id": plain["id"], "component": plain["name"], "amount": amount}
        said |= {"unit": unit_text(component.unit, lang)}
        said |= {name: plain[name] for name in ("formula", "numbers", "documents")}
        row = case | said | {"evidence": "; ".join(used_text(use, lang) for use in component.law)}
        rows.append({word("row_columns", name, lang): value for name, value in row.items()})
    return rows
