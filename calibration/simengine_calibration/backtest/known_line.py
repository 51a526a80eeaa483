"""A projection made elsewhere beside the backtest: its mean misses, and the engine's over as many years."""

from __future__ import annotations

import datetime
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated

from pydantic import Field

from simengine.common import strict_yaml
from simengine.common.errors import BasisError, ErrorList
from simengine.common.fields import Frozen, Text
from simengine.common.messages import Language
from simengine.common.problems import validated
from simengine.report.tables.printer import markdown
from simengine.scenario.levers import LeverName
from simengine_calibration.backtest.score import Backtest, Guess, bias, mape
from simengine_calibration.backtest.words import series_name, word
from simengine_calibration.sources.histories import FIGURES

FILE = FIGURES / "known_lines.yaml"
LINE = "trustees_2014"


class KnownLine(Frozen):
    """What one report missed: mean misses [1] by series of the backtest, over the years it spoke of."""

    name: LeverName
    years: tuple[int, int]
    misses: Annotated[dict[Text, Annotated[float, Field(gt=0.0, lt=1.0)]], Field(min_length=1)]
    source: Text
    evidence: Text
    accessed: datetime.date


@dataclass(frozen=True)
class Beside:
    """One series: their mean miss, and the engine's errors at one cut-off or at all of them.

    Attributes
    ----------
    theirs : mean miss of the known line [1]
    own : guesses of the cut-off at which the known line was made; empty where it was not run
    every : guesses of all cut-offs no further ahead than the known line looked
    """

    series: str
    theirs: float
    own: tuple[Guess, ...]
    every: tuple[Guess, ...]


def read_line(key: str = LINE) -> KnownLine:
    """One known line of the packaged file.

    Raises
    ------
    BasisError or an ErrorList for anything wrong in the file
    """
    doc = strict_yaml.load(FILE)
    if key not in doc.data:
        raise BasisError("figures_key_absent", where=str(FILE), key=key)
    content, errors = validated(KnownLine, doc.data[key], lambda *keys: doc.where(key, *keys), BasisError)
    if content is None:
        raise ErrorList(errors) if len(errors) > 1 else errors[0]
    return content


def beside(line: KnownLine, guesses: Sequence[Guess]) -> list[Beside]:
    """Every series of a known line with what the engine said over as many years."""
    first, last = line.years
    found = []
    for series, theirs in line.misses.items():
        own = [g for g in guesses if g.series == series and g.lead <= last - first]
        found.append(Beside(series, theirs, tuple(g for g in own if g.cutoff == first), tuple(own)))
    return found


def growth_of_what_came(guesses: Sequence[Guess]) -> float:
    """Mean log growth of the figures that guesses of one cut-off are held against [1/year]; none with a single year."""
    if len(guesses) < 2:
        return math.nan
    first, last = (end(guesses, key=lambda g: g.year) for end in (min, max))
    return math.log(last.actual / first.actual) / (last.year - first.year)


def line_section(found: Backtest, lang: Language) -> str:
    """Their mean misses beside the engine's, and what is different in what is compared."""
    line = read_line()
    rows = [
        [series_name(one.series, lang), _percent(one.theirs), *_cells(one.own), *_cells(one.every),
         _percent(growth_of_what_came(one.own), True)]
        for one in beside(line, found.guesses)
    ]  # fmt: skip
    told: Mapping[str, object] = {
        "name": line.name.local if lang == "zh" else line.name.en,
        "first": line.years[0],
        "last": line.years[1],
        "most": line.years[1] - line.years[0],
    }
    own, every = (word(key, lang, **told) for key in ("line_own", "line_every"))
    heads = [word("series", lang), word("line_theirs", lang, **told)]
    heads += [f"{of} {word(key, lang)}" for of in (own, every) for key in ("count", "engine", "bias")]
    heads.append(word("line_growth", lang))
    lines = [word(key, lang, **told) for key in ("line_source", "line_differs", "line_reserve")]
    return markdown(rows, heads) + "\n" + "\n".join(f"- {each}" for each in lines) + "\n"


def _cells(guesses: Sequence[Guess]) -> list[str]:
    """Number of figures, mean absolute error and mean error with its sign; nothing where there are none."""
    errors = [g.error() for g in guesses]
    return [str(len(errors)), _percent(mape(errors)), _percent(bias(errors), True)] if errors else ["", "", ""]


def _percent(value: float, sign: bool = False) -> str:
    if not math.isfinite(value):
        return ""
    return f"{100.0 * value:+z.1f}" if sign else f"{100.0 * value:z.1f}"
