"""What-ifs: levers that need no file, each stated in one text as the options of the command line take it.

    average_wage=2026:9500,2027:9_800        values of a series (``set``)
    pension/rate_employer=2028-01-01:20%     values of the law from a day on (``set``)
    layoff_share=0.5                         a constant (``set``)
    average_wage=2026:3%                     yearly growth of a series (``growth``)

A text that ends in ``!`` is meant as it stands, though it may look like a slip of unit (`checked` of a lever file).
Each text becomes a lever, checked and combined as a lever of a file is; in errors the option stands for the file.
Rules: simengine/notes/scenarios.md, section 5.
"""

from __future__ import annotations

import datetime
import hashlib
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

from simengine.common.errors import LeverError, ScenarioError, SimengineError, each_error, raise_all
from simengine.common.messages import near, shown, words
from simengine.common.strict_yaml import Doc
from simengine.registry.inputs import CONSTANTS, GROWN, LEVEL_SERIES, LEVER_ROWS, LEVER_SERIES, SERIES
from simengine.scenario.actuals import COMPARE, NONE, is_table, with_named
from simengine.scenario.combine import Lever, parse_lever, read_lever
from simengine.scenario.inherit import Source, find_file, is_file, key_of
from simengine.scenario.inputs import fixed_constants, series_faults
from simengine.scenario.levers import LeverName
from simengine.scenario.scenario import Scenario, join_levers, lever_sources, with_actuals

First = Callable[[Scenario, str], int]
"""Year from which the growth of a series acts where no year is stated."""

Items = dict[int, float] | dict[str, float]

CHECKABLE = ("changes", "paths", "constants", "coverage_growth")
"""Sections of the lever that a what-if becomes."""

FULL_WIDTH = str.maketrans("＝：，％！", "=:,%!")
"""Signs of a Chinese keyboard that are taken for their plain ones."""

UNITS = {"": Decimal(1), "%": Decimal("0.01"), "万": Decimal(10_000), "亿": Decimal(100_000_000)}
NUMBER = re.compile(r"([-+]?(?:0|[1-9]\d*|[1-9]\d{0,2}(?:_\d{3})+)(?:\.\d+)?)([%万亿]?)", re.ASCII)
YEAR = re.compile(r"\d{4}", re.ASCII)

LONGEST_LEVER, LONGEST_NAME = 48, 64
"""Characters of a lever's name and of what a scenario's name gains; longer ones end in a digest."""


def number(text: str) -> float | None:
    """A number as a what-if states it; None where the text is none.

    >>> [number(text) for text in ("100_000", "885万", "1.2亿", "3%", "-0.5", "1,000", "1e6")]
    [100000, 8850000, 120000000, 0.03, -0.5, None, None]
    """
    found = NUMBER.fullmatch(text)
    if found is None:
        return None
    value = Decimal(found[1].replace("_", "")) * UNITS[found[2]]
    whole = value == value.to_integral_value() and found[2] != "%" and ("." not in found[1] or found[2] != "")
    return int(value) if whole else float(value)


def plain(value: float) -> str:
    """A number without an exponent, as `number` reads it.

    >>> plain(9000.0), plain(1e-7)
    ('9000', '0.0000001')
    """
    return f"{Decimal(repr(value)).normalize():f}"


def added(
    scenario: Scenario,
    first: First,
    lever: Iterable[str] = (),
    set: Iterable[str] = (),
    growth: Iterable[str] = (),
) -> Scenario:
    """A scenario with what-ifs, under a name that says them; the scenario itself where there are none.

    Parameters
    ----------
    first : year from which a growth acts where none is stated
    lever : names of packaged levers and own files ending in .yaml
    set, growth : texts as the options of these names take them

    Raises
    ------
    SimengineError or an ErrorList of them, with everything that is wrong at once
    """
    stated = {"lever": tuple(lever), "set": tuple(set), "growth": tuple(growth)}
    if not any(stated.values()):
        return scenario
    levers: list[Lever] = []
    sources: list[Source] = []
    errors: list[SimengineError] = []
    for option, texts in stated.items():
        for text in texts:
            where = f"--{option} {text}"
            try:
                if option == "lever":
                    found, faults = _read(text, where)
                else:
                    bare = text.strip().translate(FULL_WIDTH).removesuffix("!")
                    key, content = (_set if option == "set" else _grown)(scenario, bare, where, first)
                    if bare != text.strip().translate(FULL_WIDTH):
                        content["checked"] = [name for part in CHECKABLE for name in content.get(part, ())]
                    found, faults = parse_lever(Doc(content, where), Path(where), key)
            except SimengineError as error:
                errors += each_error(error)
                continue
            errors += faults
            if found is None:
                continue
            if found.key in (*scenario.lever_names, *(other.key for other in levers)):
                errors.append(ScenarioError("named_twice", where=where, kind="levers", name=found.key))
                continue
            errors += [
                *series_faults(found.content, found.where),
                *fixed_constants(found.content.constants, found.where),
            ]
            levers.append(found)
            sources += lever_sources(found, is_file(text)) if option == "lever" else []
    raise_all(errors)
    made = join_levers(scenario, _named(scenario.key, levers), levers)
    return replace(
        made,
        content=made.content.model_copy(update={"name": _title(scenario, levers)}),
        sources=(*scenario.sources, *sources),
        what_if=_typed(scenario, stated),
    )


def _typed(scenario: Scenario, stated: Mapping[str, tuple[str, ...]]) -> dict[str, tuple[str, ...]]:
    """What was typed by option, after what was typed before."""
    more = {option: (*scenario.what_if.get(option, ()), *texts) for option, texts in stated.items()}
    return {**scenario.what_if, **more}


def entered(scenario: Scenario, names: Sequence[str]) -> Scenario:
    """A scenario with tables of actuals named beside it, ``none`` or ``compare``, under a name that says them.

    Raises
    ------
    ScenarioError where a table is absent or named twice
    """
    if not names:
        return scenario
    actuals = with_named(scenario.actuals, names, "--actuals")
    words_of = {name: f"actuals_{name}" for name in (NONE, COMPARE)}
    short = [Path(name).stem if is_table(name) else words_of.get(name, name) for name in names]
    key = scenario.key + _shortened("".join(f"+{name}" for name in short), LONGEST_NAME)
    made = with_actuals(scenario, key, actuals)
    title = scenario.content.name
    name = LeverName(en=f"{title.en}; {', '.join(short)}", local=f"{title.local}；{'，'.join(short)}")
    stated = _typed(scenario, {"actuals": tuple(names)})
    return replace(made, content=made.content.model_copy(update={"name": name}), what_if=stated)


def _read(name: str, where: str) -> tuple[Lever | None, list[SimengineError]]:
    """A lever that is named: packaged, or a file."""
    path = find_file(name, "levers", None, where)
    return read_lever(path, key_of(name, path))


def _named(key: str, levers: Sequence[Lever]) -> str:
    """Name of a scenario with further levers, fit to be that of a folder; the order of the levers is of no account."""
    return key + _shortened("".join(f"+{name}" for name in sorted(lever.key for lever in levers)), LONGEST_NAME)


def _shortened(text: str, longest: int) -> str:
    if len(text) <= longest:
        return text
    return f"{text[: longest - 7]}_{hashlib.sha256(text.encode()).hexdigest()[:6]}"


def _title(scenario: Scenario, levers: Sequence[Lever]) -> LeverName:
    """What the scenario is called in tables: its own name and those of the levers."""
    name = scenario.content.name
    return LeverName(
        en=f"{name.en}; {', '.join(lever.content.name.en for lever in levers)}",
        local=f"{name.local}；{'，'.join(lever.content.name.local for lever in levers)}",
    )


# --- one text ---------------------------------------------------------------------------------------------------------


def _set(scenario: Scenario, text: str, where: str, first: First) -> tuple[str, dict[str, Any]]:
    """Name and content of the lever that ``--set`` states: a series, a parameter of the law or a constant."""
    name, rest = _halves(text, where, "what_if.form_set")
    if "/" in name:
        dated = _dated(rest, where)
        return _lever(name, "", dated, where, {"changes": {name: dated}})
    if name in CONSTANTS and (":" not in rest or name not in SERIES):
        value = number(rest)
        if value is None:
            raise _unread(rest, where, "what_if.form_constant")
        return _lever(name, "", {"": value}, where, {"constants": {name: value}})
    _known(name, where, (*LEVER_SERIES, *CONSTANTS))
    if "%" in rest and SERIES[name].kind not in ("share", "rate"):
        raise LeverError("what_if_percent", where=where, name=name)
    values = _yearly(rest, where, "what_if.form_set")
    change: dict[str, Any] = {"set": values}
    if name in LEVEL_SERIES:  # a figure of its years, from which the level goes on
        change["shape"] = "pulse"
    return _lever(name, "", values, where, {"paths": {name: change}})


def _grown(scenario: Scenario, text: str, where: str, first: First) -> tuple[str, dict[str, Any]]:
    """Name and content of the lever that ``--growth`` states; a coverage level grows beyond what the basis assumes."""
    name, rest = _halves(text, where, "what_if.form_growth")
    _known(name, where, LEVER_SERIES)
    alone = number(rest)
    rates = _yearly(rest, where, "what_if.form_growth") if alone is None else {first(scenario, name): alone}
    if name in GROWN:
        return _lever(name, "_growth", rates, where, {"coverage_growth": {name: rates}})
    return _lever(name, "_growth", rates, where, {"paths": {name: {"growth": rates}}})


def _lever(
    name: str, kind: str, items: Mapping[Any, float], where: str, changes: dict[str, Any]
) -> tuple[str, dict[str, Any]]:
    """Name and content of a lever; the same what-if written in another way has the same name."""
    ordered = sorted(items.items())
    at = "".join(f"_{year}_{plain(value)}" if year else f"_{plain(value)}" for year, value in ordered)
    told = [(year, f"{100.0 * value:.6g}%" if kind else shown(value)) for year, value in ordered]
    said = ", ".join(f"{year}: {value}" if year else value for year, value in told)
    row = SERIES.get(name) or CONSTANTS.get(name)
    titles = {"en": f"{name}{' growth' if kind else ''} {said}"}
    titles["local"] = f"{row.zh if row is not None else name}{'增速' if kind else ''} {said}"
    key = _shortened(f"{name.replace('/', '_')}{kind}{at}", LONGEST_LEVER)
    return key, {"name": titles, "reason": where, **changes}


def _halves(text: str, where: str, form: str) -> tuple[str, str]:
    """What stands before and after the first equals sign."""
    name, sign, rest = (part.strip() for part in text.translate(FULL_WIDTH).partition("="))
    if not (name and sign and rest):
        raise _unread(text, where, form)
    return _meant(name), rest


def _meant(name: str) -> str:
    """The key of a series or constant that alone is called so in one of the languages; else the name as it is."""
    if name in SERIES or name in CONSTANTS or name in LEVER_ROWS:
        return name
    rows = {key: SERIES[key] for key in LEVER_SERIES} | dict(CONSTANTS)
    called = [key for key, row in rows.items() if name in (row.zh, row.en)]
    return called[0] if len(called) == 1 else name


def _known(name: str, where: str, known: Sequence[str]) -> None:
    """Refuse a name that is no series, with the nearest one; one may be asked for by its Chinese meaning."""
    if name not in SERIES and name not in LEVER_ROWS:
        meant = next((each for each in LEVER_SERIES if SERIES[each].zh == name), "") or near(name, known)
        raise LeverError("series_unknown", where=where, near=meant, name=name)


def _yearly(rest: str, where: str, form: str) -> dict[int, float]:
    """Numbers by year."""
    found: dict[int, float] = {}
    for part in rest.split(","):
        year, _, text = (side.strip() for side in part.partition(":"))
        value = number(text)
        if value is None or not YEAR.fullmatch(year):
            raise _unread(part.strip(), where, form)
        if int(year) in found:
            raise LeverError("what_if_twice", where=where, what=year)
        found[int(year)] = value
    return found


def _dated(rest: str, where: str) -> dict[str, float]:
    """Numbers by day, the days as ISO text."""
    found: dict[str, float] = {}
    for part in rest.split(","):
        day, _, text = (side.strip() for side in part.partition(":"))
        value = number(text)
        if value is None or not _is_day(day):
            raise _unread(part.strip(), where, "what_if.form_law")
        if day in found:
            raise LeverError("what_if_twice", where=where, what=day)
        found[day] = value
    return found


def _is_day(text: str) -> bool:
    try:
        return datetime.date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False


def _unread(part: str, where: str, form: str) -> LeverError:
    return LeverError("what_if_form", where=where, part=part, form=words(form))
