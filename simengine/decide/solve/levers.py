"""Levers that are solved for: one thing that moves between two ends, written as a what-if with a range.

    pension/rate_employer=2028-01-01:16%..30%         a rate in law from a day on
    pension/rate_employer=16%..30%                    the same, the day left to the first years that are asked for
    growth average_wage=2027:2%..5%                   yearly growth of a series
    indexation=2028:0%..4%                            yearly increase of pensions in payment
    retirement_step=2..8                              months of birth that share a month of delay
    retirement_cap=36..84                             months of delay at which the rise ends
    campaign_enterprise=2027-2030:0..200万            persons brought in over some years
    A=.. & B=..                                       several that move together along their ranges

A text that ends in ``!`` is meant as it stands, as with a what-if (`simengine.scenario.what_if`).
"""

from __future__ import annotations

import datetime
import math
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from pathlib import Path
from typing import Any

from simengine.common.errors import LeverError, ScenarioError, SimengineError, raise_all
from simengine.common.messages import near, words
from simengine.common.strict_yaml import Doc
from simengine.engine.what_if import first_open_year, what_if
from simengine.law import LawTree, load_law
from simengine.law.retirement_rules import FIRST_AFFECTED_MONTH
from simengine.registry.inputs import CONSTANTS, LEVER_SERIES, SERIES
from simengine.scenario.combine import Lever, parse_lever
from simengine.scenario.levers import POOLS, RESIDENT_POOLS
from simengine.scenario.scenario import Scenario, join_levers
from simengine.scenario.what_if import FULL_WIDTH, LONGEST_LEVER, UNITS, number, plain

BETWEEN, TOGETHER = "..", "&"
GROWTH, SET = "growth", "set"
STEP_LEVER, CAP_LEVER, INDEXATION, CAMPAIGN = "retirement_step", "retirement_cap", "indexation", "campaign_"
RETIREMENT = (STEP_LEVER, CAP_LEVER)
STATUSES = ("enterprise", "flexible", "resident", "unemployment", "injury")
SECTIONS = (*RETIREMENT, INDEXATION, *(f"{CAMPAIGN}{status}" for status in STATUSES))
"""Levers that are sections of a lever file; all others are what-ifs."""

CAREERS = ("men", "women_55", "women_50")
FINEST = Decimal("0.0001")
PARTS = 1000
"""Steps of an interval that is written without a sign of its unit, at least."""

ENDS = re.compile(r"(.+?)\.\.(.+)")
DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
SPELL = re.compile(r"(\d{4})(?:-(\d{4}))?", re.ASCII)


@dataclass(frozen=True)
class Span:
    """One stated value of a part: year, day or years before its colon (empty without), and its ends."""

    at: str
    low: float
    high: float


@dataclass(frozen=True)
class Part:
    """One key that moves: `option` is ``set``, ``growth`` or the name of a section."""

    option: str
    name: str
    spans: tuple[Span, ...]
    meant: str = ""

    @property
    def key(self) -> str:
        """What tells it from other parts."""
        return self.name if self.option != GROWTH else f"{GROWTH} {self.name}"


@dataclass(frozen=True)
class Solved:
    """A lever that is solved for.

    Attributes
    ----------
    text : as it was written
    parts : keys that move together; the value of the lever is that of the first range
    low, high : ends of the interval, in the unit of the key
    step : the answer is a multiple of it; whole : whether only multiples can be run
    sign : sign of the unit in which it was written: ``%``, ``万``, ``亿`` or none
    """

    text: str
    parts: tuple[Part, ...]
    low: float
    high: float
    step: Decimal
    whole: bool
    sign: str

    @property
    def name(self) -> str:
        """What tables call it."""
        return f" {TOGETHER} ".join(part.key for part in self.parts)

    @property
    def takes_start(self) -> bool:
        """Whether some part waits for the first year."""
        return any(_takes_date(part) and not span.at for part in self.parts for span in part.spans)

    def place(self, value: float) -> float:
        """Part of the way from the lower end to the upper one."""
        return (value - self.low) / (self.high - self.low)

    def on_grid(self, value: float, up: bool) -> float:
        """The nearest multiple of the step at or beyond a value, inside the interval; a hair's breadth is none."""
        turns = value / float(self.step)
        count = math.ceil(turns - 1e-6) if up else math.floor(turns + 1e-6)
        return min(max(float(self.step * count), self.low), self.high)

    def shown(self, value: float) -> str:
        """A value as it would be written."""
        if self.sign == "%":
            return f"{100.0 * value + 0.0:z.10g}%"
        size = float(UNITS[self.sign])
        return f"{value / size + 0.0:z,.10g}{self.sign}"


def _takes_date(part: Part) -> bool:
    return part.name not in RETIREMENT and not (part.option == SET and part.name in CONSTANTS)


# --- reading ----------------------------------------------------------------------------------------------------------


def read_lever(text: str, step: float | None = None) -> Solved:
    """A lever as it is written.

    Parameters
    ----------
    step : grid of the answer, in the unit of the key; by default .01 % under a per cent sign, a whole number where both
        ends are, and one, two or five thousandths of the interval or less else

    Raises
    ------
    SimengineError or an ErrorList of them, with everything that is wrong at once
    """
    parts: list[Part] = []
    errors: list[SimengineError] = []
    signs: list[str] = []
    for piece in text.translate(FULL_WIDTH).split(TOGETHER):
        try:
            part, sign = _part(piece.strip(), f"--lever {text}")
            parts.append(part)
            signs.append(sign)
        except SimengineError as error:
            errors.append(error)
    raise_all(errors)
    names = [part.key for part in parts]
    errors += [
        ScenarioError("solve_key_twice", where=f"--lever {text}", name=name)
        for name in dict.fromkeys(names)
        if names.count(name) > 1
    ]
    moving = [
        (span, sign) for part, sign in zip(parts, signs, strict=True) for span in part.spans if span.low != span.high
    ]
    if not moving:
        errors.append(ScenarioError("solve_no_range", where=f"--lever {text}"))
    raise_all(errors)
    lead, sign = moving[0]
    whole = any(part.name in RETIREMENT for part in parts) or _whole_in_law(parts)
    grid = Decimal(1) if whole else _step(lead, sign)
    if step is not None:
        grid = Decimal(repr(float(step)))
    if grid <= 0 or grid > Decimal(repr(lead.high - lead.low)) or (whole and grid != int(grid)):
        raise ScenarioError("solve_step", where="--step", value=plain(float(grid)), lever=text)
    return Solved(text, tuple(parts), lead.low, lead.high, grid, whole, sign)


def _step(lead: Span, sign: str) -> Decimal:
    if sign == "%":
        return FINEST
    size = Decimal(repr((lead.high - lead.low) / PARTS))
    return Decimal(1).scaleb(size.adjusted()).normalize()


def _whole_in_law(parts: Sequence[Part]) -> bool:
    """Whether a key of the law holds whole numbers alone, such as months."""
    law = load_law()
    for part in parts:
        if "/" in part.name and part.name in law and law[part.name].unit.symbol in ("month", "year"):
            values = [one.value for one in law[part.name].all_values() if isinstance(one.value, int | float)]
            if values and all(float(value).is_integer() for value in values):
                return True
    return False


def _part(piece: str, where: str) -> tuple[Part, str]:
    """One key with its values, and the sign of its unit."""
    meant = "!" if piece.endswith("!") else ""
    head, equals, rest = (side.strip() for side in piece.removesuffix("!").partition("="))
    option, _, name = head.rpartition(" ")
    option = option.strip() or SET
    if not (name and equals and rest) or option not in (SET, GROWTH):
        raise LeverError("solve_form", where=where, part=piece)
    _known(name, option, where)
    spans: list[Span] = []
    sign = ""
    for text in rest.split(","):
        at, _, value = (side.strip() for side in text.rpartition(":"))
        span, sign_here = _span(at, value, where)
        if not sign or span.low != span.high:
            sign = sign_here or sign
        spans.append(span)
    section = name in SECTIONS
    if section:
        _section_faults(name, spans, where)
    return Part(name if section else option, name, tuple(spans), meant), sign


def _known(name: str, option: str, where: str) -> None:
    """Refuse a name that is no key, with the nearest one; those of the law are known to the what-if itself."""
    law = load_law()
    known = (*LEVER_SERIES, *CONSTANTS, *SECTIONS, *law)
    if name not in SERIES and name not in known:
        meant = next((each for each in LEVER_SERIES if SERIES[each].zh == name), "") or near(name, known)
        raise LeverError("solve_lever_unknown", where=where, near=meant, name=name)
    if option == GROWTH and name not in LEVER_SERIES:
        raise LeverError("solve_lever_growth", where=where, name=name)


def _span(at: str, value: str, where: str) -> tuple[Span, str]:
    """Ends of one value, and the sign of its unit; a plain number has both ends there."""
    found = ENDS.fullmatch(value)
    first, last = (found[1].strip(), found[2].strip()) if found else (value, value)
    low, high = number(first), number(last)
    if low is None or high is None:
        raise LeverError("solve_form", where=where, part=value)
    if found and not low < high:
        code = "solve_bounds_equal" if low == high else "solve_bounds"
        raise LeverError(code, where=where, low=first, high=last)
    sign = next((mark for mark in ("%", "万", "亿") if last.endswith(mark)), "")
    return Span(at, float(low), float(high)), sign


def _section_faults(name: str, spans: Sequence[Span], where: str) -> None:
    """What a section cannot take: a date where it has none, no years, parts of a month."""
    wrong = False
    if name in RETIREMENT:
        ends = [end for span in spans for end in (span.low, span.high)]
        least = 1.0 if name == STEP_LEVER else 0.0
        wrong = len(spans) > 1 or bool(spans[0].at)
        wrong |= any(not end.is_integer() or not least <= end <= 240.0 for end in ends)
    elif name == INDEXATION:
        wrong = any(span.at and not re.fullmatch(r"\d{4}", span.at) for span in spans)
    else:
        years = SPELL.fullmatch(spans[0].at)
        wrong = len(spans) > 1 or years is None or int(years[2] or years[1]) < int(years[1]) or spans[0].low < 0.0
    if wrong:
        kind = "campaign" if name.startswith(CAMPAIGN) else name
        raise LeverError("solve_section", where=where, name=name, form=words(f"solve.form_{kind}"))


# --- what it makes of a scenario --------------------------------------------------------------------------------------


def in_time(lever: Solved, start: int | None, scenario: Scenario, law: LawTree) -> Solved:
    """The lever with every date that it takes: that of the first year asked for, else of the first that is open."""

    def dated(part: Part) -> Part:
        if not _takes_date(part) or all(span.at for span in part.spans):
            return part
        year = start if start is not None else _default_start(part, scenario, law)
        at = f"{year}-01-01" if "/" in part.name else str(year)
        return replace(part, spans=tuple(span if span.at else replace(span, at=at) for span in part.spans))

    return replace(lever, parts=tuple(dated(part) for part in lever.parts))


def _default_start(part: Part, scenario: Scenario, law: LawTree) -> int:
    """Year from which a part without a date acts where no year is asked for: the first of which nothing is known."""
    if part.name in SERIES:
        return first_open_year(scenario, part.name)
    reviewed = law.information_date
    known = scenario.base_year if scenario.information == "opening" or reviewed is None else reviewed.year
    return max(known, scenario.base_year) + 1


def start_year(levers: Iterable[Solved], scenario: Scenario) -> int:
    """First year in which one of some levers, with their dates (`in_time`), can act."""
    first = scenario.content.years[0]
    years = [_first_of(part, span, first) for one in levers for part in one.parts for span in part.spans]
    return max(min(years), first)


def _first_of(part: Part, span: Span, first: int) -> int:
    if part.name in RETIREMENT:
        return FIRST_AFFECTED_MONTH // 12
    return int(span.at[:4]) if span.at else first


def at_values(scenario: Scenario, levers: Sequence[Solved], values: Sequence[float | None], law: LawTree) -> Scenario:
    """The scenario with every lever, its dates stated (`in_time`), at a value, under a name that says them.

    A lever whose value is None is left out.

    Raises
    ------
    SimengineError or an ErrorList of them, with everything that is wrong at once
    """
    texts: dict[str, list[str]] = {SET: [], GROWTH: []}
    sections: list[tuple[Part, float, str]] = []
    for lever, value in zip(levers, values, strict=True):
        if value is None:
            continue
        place = lever.place(value)
        for part in lever.parts:
            stated = [(span.at, _at(span, lever, value, place)) for span in part.spans]
            if part.option in texts:
                said = ",".join(f"{at}{at and ':'}{plain(number_at)}" for at, number_at in stated)
                texts[part.option].append(f"{part.name}={said}{part.meant}")
            else:
                sections += [(part, number_at, at) for at, number_at in stated]
    made = what_if(scenario, set=texts[SET], growth=texts[GROWTH])
    return _with_sections(made, sections, law) if sections else made


def _at(span: Span, lever: Solved, value: float, place: float) -> float:
    """The number of a span where the lever stands at a value; the ends and the lever's own range are exact."""
    if (span.low, span.high) == (lever.low, lever.high):
        return value
    if place in (0.0, 1.0) or span.low == span.high:
        return span.high if place == 1.0 else span.low
    return span.low + place * (span.high - span.low)


def _with_sections(scenario: Scenario, sections: Sequence[tuple[Part, float, str]], law: LawTree) -> Scenario:
    """The scenario with levers that are sections of a lever file; pace and end of the retirement age are one."""
    contents: dict[str, dict[str, Any]] = {}
    retirement = {part.name: value for part, value, _ in sections if part.name in RETIREMENT}
    if retirement:
        told = "_".join(
            f"{name.removeprefix('retirement_')}_{plain(value)}" for name, value in sorted(retirement.items())
        )
        contents[f"retirement_{told}"] = {"retirement": _retirement(retirement, law)}
    rates = {int(at[:4]): value for part, value, at in sections if part.name == INDEXATION}
    if rates:
        told = "_".join(f"{year}_{plain(value)}" for year, value in sorted(rates.items()))
        contents[f"{INDEXATION}_{told}"] = {INDEXATION: {"rate": rates}}
    for part, value, at in sections:
        if part.name.startswith(CAMPAIGN) and value > 0.0:  # of nobody there is no campaign
            contents[f"{part.name}_{plain(value)}"] = {"campaigns": [_campaign(part.name, value, at)]}
    return _joined(scenario, contents) if contents else scenario


def _joined(scenario: Scenario, contents: dict[str, dict[str, Any]]) -> Scenario:
    """The scenario with levers of these contents, checked as those of a file."""
    levers: list[Lever] = []
    errors: list[SimengineError] = []
    for key, content in contents.items():
        where = f"--lever {key}"
        full = {"name": {"en": key, "local": key}, "reason": where, **content}
        lever, found = parse_lever(Doc(full, where), Path(where), key[:LONGEST_LEVER])
        errors += found
        levers += [] if lever is None else [lever]
    raise_all(errors)
    return join_levers(scenario, "+".join([scenario.key, *sorted(lever.key for lever in levers)]), levers)


def _retirement(stated: dict[str, float], law: LawTree) -> dict[str, Any]:
    """Pace and end of the rise: what is not stated is as enacted; women of 50 keep their relation to the others.

    A pace that women of 50 cannot have in whole months is the slower one; their end lies as much later as enacted.
    """
    day = datetime.date(FIRST_AFFECTED_MONTH // 12, 12, 31)
    pace, end = (_of_careers(law.value(f"retirement/{key}", day)) for key in ("births_per_step", "delay_cap"))
    if STEP_LEVER in stated:
        men = pace["men"]
        pace = {career: math.ceil(stated[STEP_LEVER] * pace[career] / men) for career in CAREERS}
    if CAP_LEVER in stated:
        more = int(stated[CAP_LEVER]) - end["men"]
        end = {career: max(0, end[career] + more) for career in CAREERS}
    start = f"{FIRST_AFFECTED_MONTH // 12}-{FIRST_AFFECTED_MONTH % 12 + 1:02d}"
    return {"reform": "custom", "start": start, "step_months": pace, "cap_months": end}


def _of_careers(table: Any) -> dict[str, int]:
    return {career: int(table[career]) for career in CAREERS}


def _campaign(name: str, total: float, at: str) -> dict[str, Any]:
    """A campaign on top of the ordinary entries, from every pool of its status."""
    status = name.removeprefix(CAMPAIGN)
    first, last = SPELL.fullmatch(at).groups()  # type: ignore[union-attr]
    pools = RESIDENT_POOLS if status == "resident" else POOLS.get(status, ())
    made: dict[str, Any] = {"status": status, "kind": "additional", "total": total, "reason": name}
    made["years"] = [int(first), int(last or first)]
    return made | ({"pools": list(pools)} if pools else {})
