"""Slips of unit and of the decimal point, told by proportion: to residents, to wages, to other rows, to other years.

Rows are judged in an order in which each is held against rows judged before it: heads, wages, amounts a head, money of
a year, balances, the opening. A figure found wrong serves as no yardstick. Rules and bounds: notes/bureau.md.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from simengine.basis.bureau.jumps import find_jumps
from simengine.basis.bureau.records import Line, Reading
from simengine.basis.bureau.rows import LAUNCH, OBSERVATIONS, OPENING, SUMS, Rule
from simengine.basis.bureau.scale import Scale, yard_words
from simengine.basis.bureau.units import FLOW, HEADS, MONTHLY, SHARE, STOCK, YEARLY, meant_unit, slips_of
from simengine.common.errors import BasisError, SimengineError
from simengine.common.messages import Words, words
from simengine.registry.slips import both_ways, nearest, times

STAGES = (HEADS, SHARE, MONTHLY, YEARLY, FLOW, STOCK)

MISFIT = 0.6
"""Share of the figures of heads that must be off against the population before the population is taken to be wrong."""

PARTICIPANTS = ("participants", "resident_participants")
COVERED = (0.25, 1.3)
"""Participants of both pensions over residents, once the residents' scheme runs everywhere."""
MIDDLE = 0.7


@dataclass(frozen=True)
class Suspicion:
    """A figure outside a rule.

    Attributes
    ----------
    off : factor by which it seems too large (below one: too small); None where no usual slip explains it
    """

    rule: Rule
    ratio: float
    off: float | None


def find_slips(reading: Reading) -> list[SimengineError]:
    """Every slip in tables that have been read, in the order in which rows are judged."""
    wrong_population = list(_population(reading))
    if wrong_population:
        return wrong_population + _rows(reading, Scale(float("nan"), reading.about.parent))
    scale = Scale(reading.about.population, reading.about.parent)
    found = _rows(reading, scale)
    off = _coverage_off(scale)
    if off is not None:
        mended = _rows(reading, Scale(reading.about.population / off, reading.about.parent))
        if len(mended) <= len(found):
            return [_population_problem(reading, off), *mended]
    return found


def _rows(reading: Reading, scale: Scale) -> list[SimengineError]:
    """Errors of all rows, each held against those judged before it."""
    found: list[SimengineError] = []
    wrong: set[tuple[str, str, int]] = set()
    lines = [line for line in sorted(reading.lines, key=_stage) if line.table != OPENING or reading.about.base_year]
    heads = [line for line in lines if line.row.kind == HEADS and line.table == OBSERVATIONS]
    for group in (heads, [line for line in lines if line not in heads]):
        for line in group:
            errors, years = _judged(line, scale)
            found += errors
            wrong |= {(line.table, line.row.key, year) for year in years}
            scale.learn(line.row.key, {year: value for year, value in line.plain.items() if year not in years})
        if group is heads:
            found += _sums(heads, wrong)
            for _, series, year in wrong:
                scale.forget(series, year)
    return found


def _stage(line: Line) -> tuple[int, int, int, int]:
    """Order in which rows are judged."""
    kind = STAGES.index(line.row.kind)
    first = line.row.key in ("average_wage", "members") or line.row.key.endswith("expenditure")
    return int(line.table == OPENING), kind, int(not first), int(line.table != OBSERVATIONS)


# --- one row ----------------------------------------------------------------------------------------------------------


def _judged(line: Line, scale: Scale) -> tuple[list[SimengineError], set[int]]:
    """Errors of one row, and the years whose figure is wrong."""
    if line.checked:
        return [], set()
    suspects = {
        year: suspicion
        for year, value in line.plain.items()
        if (suspicion := _suspicion(line, value, year, scale)) is not None
    }
    errors: list[SimengineError] = []
    factors = {suspicion.off for suspicion in suspects.values()}
    if len(suspects) == len(line.figures) >= 2 and len(factors) == 1 and None not in factors:
        year = next(iter(suspects))
        errors.append(_slip("bureau_slip_row", line, year, suspects[year], line.unit_where))
        return errors, set(suspects)
    errors += [_slip("bureau_slip", line, year, found, line.figures[year][2]) for year, found in suspects.items()]
    good = {year: value for year, value in line.plain.items() if year not in suspects and value > 0.0}
    middle = _middles(line, good, scale)
    jumps = find_jumps(good, line.row.kind, line.row.launch, middle)
    for year, jump in jumps.items():
        off = nearest_slip(jump.factor, line.row.kind)
        errors.append(_problem("bureau_jump", line, year, off, line.figures[year][2],
                               times=f"{jump.factor:.3g}", other=jump.other))  # fmt: skip
    return errors, {*suspects, *jumps}


def _suspicion(line: Line, value: float, year: int, scale: Scale) -> Suspicion | None:
    """First rule that a figure breaks; None where it keeps all that can be tried."""
    for rule in line.row.rules:
        yard = scale.yard(rule.yard, year)
        if value == 0.0 or yard is None:
            continue
        ratio = abs(value) / yard
        if not rule.low <= ratio <= rule.high:
            return Suspicion(rule, ratio, _explained(ratio, rule, line))
    return None


def _explained(ratio: float, rule: Rule, line: Line) -> float | None:
    """Slip that brings a ratio back between the bounds: one between two units where there is one, else the nearest to
    the middle."""
    middle = 0.5 * math.log(rule.low * rule.high)
    fits = [off for off in both_ways(slips_of(line.row.kind)) if rule.low <= ratio / off <= rule.high]
    units = [off for off in fits if meant_unit(line.row.kind, line.unit, off)]
    return min(units or fits, key=lambda off: abs(math.log(ratio / off) - middle), default=None)


def nearest_slip(factor: float, kind: str) -> float | None:
    """Usual slip nearest to a factor; None where none is within a third of it."""
    return nearest(factor, slips_of(kind), 1.5)


def _middles(line: Line, good: Mapping[int, float], scale: Scale) -> dict[int, float]:
    """How far each figure is from the middle of its first rule, to tell which of two is the odd one."""
    rule = line.row.rules[0]
    yards = {year: scale.yard(rule.yard, year) for year in good}
    middle = 0.5 * math.log(rule.low * rule.high)
    return {year: abs(math.log(good[year] / yard) - middle) for year, yard in yards.items() if yard is not None}


# --- messages ---------------------------------------------------------------------------------------------------------


def _slip(code: str, line: Line, year: int, found: Suspicion, where: str) -> BasisError:
    bounds = {"low": f"{found.rule.low:g}", "high": f"{found.rule.high:g}"}
    yard = yard_words(found.rule.yard)
    return _problem(code, line, year, found.off, where, ratio=times(found.ratio), yard=yard, **bounds)


def _problem(code: str, line: Line, year: int, off: float | None, where: str, **values: Any) -> BasisError:
    name = Words(line.row.english, line.row.name)
    stated = line.figures[year][1]
    guess = guess_words(line.row.kind, line.unit, off)
    return BasisError(code, where=where, name=name, year=year, value=stated, unit=line.unit, guess=guess, **values)


def guess_words(kind: str, unit: str, off: float | None) -> Words:
    """What seems to have happened, and what to do."""
    if off is None:
        return words("bureau.guess_none")
    meant = meant_unit(kind, unit, off)
    if meant:
        return words("bureau.guess_unit", meant=meant, unit=unit)
    return (
        words("bureau.guess_large", times=f"{off:g}")
        if off > 1.0
        else words("bureau.guess_small", times=f"{1 / off:g}")
    )


# --- whole tables -----------------------------------------------------------------------------------------------------


def _population(reading: Reading) -> Iterator[SimengineError]:
    """The population itself, when most figures of heads are off against it in the same way."""
    population = reading.about.population
    if population != population:
        return
    factors: list[float | None] = []
    total = 0
    for line in reading.lines:
        rule = line.row.rules[0]
        if line.row.kind != HEADS or rule.yard != ("population",):
            continue
        ratios = [value / population for value in line.plain.values() if value > 0.0]
        total += len(ratios)
        outside = [ratio for ratio in ratios if not rule.low <= ratio <= rule.high]
        factors += [_explained(ratio, rule, line) for ratio in outside]
    if total >= 3 and len(factors) >= MISFIT * total:
        off = max(set(factors), key=factors.count)
        yield _population_problem(reading, None if off is None else 1.0 / off)


def _population_problem(reading: Reading, off: float | None) -> BasisError:
    guess = guess_words(HEADS, "", off)
    value = f"{reading.about.population:_.0f}"
    return BasisError("bureau_population", where=reading.about.population_where, value=value, guess=guess)


def _coverage_off(scale: Scale) -> float | None:
    """Factor by which the population seems too large against the participants of both pensions, in the last year in
    which both are known; None where they agree."""
    years = set.intersection(*(set(scale.known.get(series, {})) for series in PARTICIPANTS))
    last = max((year for year in years if year >= LAUNCH), default=None)
    if last is None or scale.population != scale.population:
        return None
    ratio = sum(scale.known[series][last] for series in PARTICIPANTS) / scale.population
    return None if COVERED[0] <= ratio <= COVERED[1] else nearest_slip(MIDDLE / ratio, HEADS)


def _sums(heads: list[Line], wrong: set[tuple[str, str, int]]) -> Iterator[SimengineError]:
    """Totals that are not the sum of their parts; the cell whose slip explains the gap is named, else the total."""
    lines = {line.row.key: line for line in heads}
    for total, parts, gap in SUMS:
        if not {total, *parts} <= lines.keys() or lines[total].checked:
            continue
        own = {key: lines[key].figures for key in (total, *parts)}
        for year in sorted(set.intersection(*(set(figures) for figures in own.values()))):
            if any((OBSERVATIONS, key, year) in wrong for key in own):
                continue
            values = {key: figures[year][0] for key, figures in own.items()}
            if abs(sum(values[part] for part in parts) / values[total] - 1.0) <= gap:
                continue
            key, off = _odd_one(values, total, parts, gap)
            wrong.add((OBSERVATIONS, key, year))
            names = Words(" + ".join(lines[part].row.english for part in parts),
                          "+".join(lines[part].row.name for part in parts))  # fmt: skip
            said = {"total": Words(lines[total].row.english, lines[total].row.name), "parts": names}
            share = f"{sum(values[part] for part in parts) / values[total]:.3g}"
            yield _problem("bureau_sum", lines[key], year, off, lines[key].figures[year][2], share=share, **said)


def _odd_one(values: Mapping[str, float], total: str, parts: tuple[str, ...], gap: float) -> tuple[str, float | None]:
    """Figure that a slip explains, and the slip."""
    for key in (total, *parts):
        for off in both_ways(slips_of(HEADS)):
            mended = {**values, key: values[key] / off}
            if abs(sum(mended[part] for part in parts) / mended[total] - 1.0) <= gap:
                return key, off
    return total, None
