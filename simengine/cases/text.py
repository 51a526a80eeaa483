"""Sheets as text, as rows of a table and as plain data for JSON, in English or Chinese."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from rich.cells import cell_len

from simengine.cases.expected import Check
from simengine.cases.law import LawUse
from simengine.cases.sheet import MONEY, CaseResult, Component, Remark
from simengine.cases.words import component_entry, shown, tables, word
from simengine.common.messages import Language, age_text, month_text


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
    numbers = str(variant.get("numbers", entry["numbers"])).format(**component.numbers)
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
    return f"{use.key if lang == 'en' else use.parameter.local_name} {law_value(use)} [{evidence_of(use, lang)}]"


def title_of(use: LawUse, lang: Language) -> str:
    """Name of a law parameter."""
    return use.parameter.name if lang == "en" else use.parameter.local_name


def law_value(use: LawUse) -> str:
    """A law value in short: a share in percent, a month as such, a table by its number of entries."""
    if isinstance(use.value, dict | list):
        return f"[{len(use.value)}]"
    label = f"{use.label}: " if use.label else ""
    if use.parameter.unit.symbol == "calendar month" and use.value is not None:
        return label + month_text(int(use.value))
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
            values[name] = value
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
        (0, word("labels", "case", lang, name=case.name, kind=word("kinds", case.kind, lang), region=case.region))
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
        "expected": [check_line(check, lang) for check in checks],
        "remarks": [f"- {remark_text(remark, lang)}" for remark in result.remarks],
    }
    after = []
    for label, texts in parts.items():
        after += [(2, word("labels", label, lang)), *((4, text) for text in texts)] if texts else []
    return Sheet(before, *step_table(result.steps, lang), after)


def _grounds(component: Component, lang: Language) -> Iterator[str]:
    """Lines under a component: formula with numbers, document with the evidence of the law values."""
    formula, joint, numbers = formula_of(component, lang)
    if formula or numbers:
        yield joint.join(part for part in (formula, numbers) if part)
    colon = ": " if lang == "en" else "："
    used = ", ".join(used_text(use, lang) for use in component.law)
    yield f"{word('labels', 'rests', lang)}{colon}" + " | ".join(
        part for part in (documents_of(component, lang), used) if part
    )


def law_line(use: LawUse, lang: Language) -> str:
    """One law value with its date, evidence and reference."""
    head = f"{use.key} ({title_of(use, lang)}) {law_value(use)}"
    if use.evidence == "given":
        return f"{head} | {word('labels', 'given', lang, where=use.where)}"
    since = word("labels", "since", lang, day=use.since) if use.since is not None else ""
    return " | ".join(part for part in (head, since, evidence_of(use, lang), use.reference) if part)


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


def check_line(check: Check, lang: Language) -> str:
    """One expected value."""
    if check.agrees:
        return f"{check.name} {check.expected}: {word('labels', 'agrees', lang)}"
    if check.known:
        return f"{check.name}: {word('labels', 'absent', lang, known=', '.join(check.known))}"
    said = word("labels", "differs", lang, expected=check.expected, found=shown(check.found))
    return f"{check.name}: {said}"


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
    rows = []
    for component in result.components:
        plain = _plain_component(component, lang)
        amount = value_text(component, lang) if component.unit == "truth" else plain["value"]
        said = {"id": plain["id"], "component": plain["name"], "amount": amount}
        said |= {"unit": unit_text(component.unit, lang)}
        said |= {name: plain[name] for name in ("formula", "numbers", "documents")}
        rows.append(case | said | {"evidence": "; ".join(used_text(use, lang) for use in component.law)})
    return rows
