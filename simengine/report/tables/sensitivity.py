"""Sensitivity, laid out for readers: the tornado as a table, the two-way map as a grid, and what was left as it is."""

from __future__ import annotations

from collections.abc import Mapping
from typing import IO, TYPE_CHECKING, Any

from simengine.common.errors import localised
from simengine.common.messages import Language, say
from simengine.decide.sensitivity.analysis import KEYS
from simengine.judge.quantities.catalogue import quantities
from simengine.report.tables.printer import paragraph, show
from simengine.report.tables.verdicts import COMMA
from simengine.report.tables.yearly import number, region_word, words_of

if TYPE_CHECKING:
    from simengine.decide.sensitivity import Sensitivity, TwoWay
    from simengine.scenario.sizes import Driver


def result_words(row: Mapping[Any, Any], lang: Language) -> str:
    """A result with its fund, region and year."""
    quantity = quantities()[str(row["indicator"])]
    told = words_of(row, quantity.axes, lang)
    parts = [region_word(str(row["region"]), lang), quantity.name(lang), *told.values(), str(int(row["year"]))]
    return say("table.between", lang).join(parts)


def decimals_of(found: Sensitivity, name: str) -> int:
    """Decimals of a result on a screen."""
    return quantities()[name].printed(found.reading.base).decimals


def difference_unit(unit: str, lang: Language) -> str:
    """Unit of a difference of results: points, where the result is in per cent."""
    return say("sensitivity.points", lang) if unit == "%" else unit


def show_sensitivity(found: Sensitivity, lang: Language, stream: IO[str] | None = None) -> None:
    """Print a table for each result, the widest driver first and those that move nothing last; then the map."""
    title = f"{found.scenario.title(lang)} ({found.scenario.key})"
    print(paragraph(say("sensitivity.title", lang, scenario=title)), file=stream)
    heads = [say(f"sensitivity.column.{name}", lang) for name in ("driver", "size", "low", "high", "down", "up")]
    for _, part in found.rows.groupby(list(KEYS), sort=False, dropna=False):
        first = part.iloc[0]
        decimals = decimals_of(found, str(first["indicator"]))
        base = number(float(first["base"]), decimals)
        said = {"name": result_words(first, lang), "unit": first["unit"], "base": base}
        print(f"\n{paragraph(say('sensitivity.result', lang, **said))}", file=stream)
        lines = [_line(found.drivers[str(row["driver"])], row, decimals, lang) for row in part.to_dict("records")]
        show(lines, heads, lang, stream=stream, essential=6)
    for sentence in remark_lines(found, lang):
        print(paragraph(sentence, hang=4), file=stream)
    if found.two_way is not None:
        show_two_way(found, found.two_way, lang, stream)


def _line(driver: Driver, row: Mapping[Any, Any], decimals: int, lang: Language) -> list[str]:
    name = say(f"sensitivity.kind.{driver.entry.kind}", lang, name=driver.name(lang))
    size, deviations = driver.size_text(lang), float(row["deviations"])
    if deviations == deviations:
        size = say("sensitivity.in_deviations", lang, size=size, count=f"{deviations:z.2g}")
    elif driver.entry.levers is None:
        size = say("sensitivity.no_record", lang, size=size)
    ends = [number(float(row[side]), decimals) for side in ("low", "high")]
    return [name, size, *ends, *(change_text(row, side, decimals, lang) for side in ("low", "high"))]


def change_text(row: Mapping[Any, Any], side: str, decimals: int, lang: Language) -> str:
    """What a side changes; a word where it cannot be moved further, though the other side moves the result."""
    if capped(row, side):
        return say("sensitivity.at_cap", lang)
    return change(float(row[f"{side}_difference"]), decimals)


def capped(row: Mapping[Any, Any], side: str) -> bool:
    """Whether a side stands as the baseline because a bound acts, or because there is nothing beyond it."""
    if row[f"{side}_status"] in ("impossible", "one_sided"):
        return True
    other = "high" if side == "low" else "low"
    return bool(row[f"{side}_status"] == "nothing" and row[f"{other}_status"] == "moved" and row["kind"] == "driver")


def change(value: float, decimals: int) -> str:
    """A difference with its sign; what is too small for the decimals keeps two digits, and nothing is a bare nought.

    >>> change(-1.25, 1), change(0.0, 1), change(0.00031, 1), change(2.0, 1)
    ('-1.2', '0', '+0.00031', '+2.0')
    """
    if value == 0.0:
        return "0"
    text = f"{value:+z,.{decimals}f}"
    return text if text.strip("+-0.,") else f"{value:+z.2g}"


def remark_lines(found: Sensitivity, lang: Language) -> list[str]:
    """What must be known of drivers that were not moved, or moved nothing."""
    said = []
    moving = set(found.rows[found.rows["status"] != "nothing"]["driver"])
    idle = sum(key not in moving for key in found.drivers)
    if idle:
        said.append(say("sensitivity.nothing", lang, count=idle))
    keys = dict.fromkeys(found.rows[found.rows["status"] == "stated"]["driver"])
    if keys:
        names = COMMA[lang].join(found.drivers[str(key)].name(lang) for key in keys)
        said.append(say("sensitivity.stated", lang, names=names))
    caps = dict(zip(found.rows["driver"], found.rows["cap"], strict=True))
    named = [
        say("sensitivity.capped_by", lang, name=found.drivers[str(key)].name(lang), cap=cap)
        for key, cap in caps.items()
        if cap
    ]
    if named:
        said.append(say("sensitivity.impossible", lang, names=COMMA[lang].join(named)))
    for key, error in found.reasons.items():
        said.append(say("sensitivity.refused", lang, name=found.drivers[key].name(lang), reason=localised(error, lang)))
    return said


def steps(driver: Driver, multiples: list[float], lang: Language) -> list[str]:
    """What each multiple of a size is called along an axis."""
    return [
        driver.size_text(lang, times, signed=True) if times else say("sensitivity.base", lang) for times in multiples
    ]


def show_two_way(found: Sensitivity, two_way: TwoWay, lang: Language, stream: IO[str] | None = None) -> None:
    """Print the map as a grid, and the points at which the goal is just met."""
    first = two_way.rows.iloc[0]
    x, y = two_way.drivers
    name = result_words(first, lang)
    said = {"name": name, "unit": first["unit"], "x": x.name(lang), "y": y.name(lang)}
    print(f"\n{paragraph(say('sensitivity.map', lang, **said))}", file=stream)
    table = two_way.rows.pivot(index="y", columns="x", values="value")
    across = [float(value) for value in table.columns]
    down = [float(value) for value in table.index]
    decimals = decimals_of(found, str(first["indicator"]))
    lines = [
        [label, *(number(float(value), decimals) for value in table.loc[at])]
        for label, at in zip(steps(y, down, lang), down, strict=True)
    ]
    heads = [say("sensitivity.corner", lang, x=x.name(lang), y=y.name(lang)), *steps(x, across, lang)]
    show(lines, heads, lang, stream=stream)
    if two_way.goal is None:
        return
    if not len(two_way.contour):
        print(paragraph(say("sensitivity.no_contour", lang, goal=two_way.goal.text)), file=stream)
        return
    on_axis = two_way.contour[(two_way.contour["y"] == 0.0) | (two_way.contour["x"] == 0.0)]
    shown = on_axis if len(on_axis) else two_way.contour
    points = [
        say(
            "sensitivity.point",
            lang,
            x=x.size_text(lang, float(row["x"]), signed=True),
            y=y.size_text(lang, float(row["y"]), signed=True),
        )
        for row in shown.to_dict("records")
    ]
    said = {"goal": two_way.goal.text, "points": say("table.between", lang).join(points)}
    print(paragraph(say("sensitivity.contour", lang, x=x.name(lang), y=y.name(lang), **said), hang=4), file=stream)
