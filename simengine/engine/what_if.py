"""What if: a scenario with levers, values and growth stated in one call, without a file."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Mapping
from pathlib import Path

from simengine.engine.compile.paths import information_date
from simengine.engine.project import lane_bases
from simengine.law import last_review
from simengine.scenario.scenario import Scenario, load_scenario
from simengine.scenario.what_if import added, entered, plain

Values = float | Mapping[int, float] | Mapping[datetime.date, float] | Mapping[str, float]
"""One number, or numbers by year or day."""


def what_if(
    scenario: Scenario | str | Path,
    *,
    set: Mapping[str, Values] | Iterable[str] = (),
    growth: Mapping[str, Values] | Iterable[str] = (),
    levers: Iterable[str | Path] = (),
    actuals: Iterable[str | Path] = (),
) -> Scenario:
    """A scenario with what-ifs: what ``--set``, ``--growth``, ``--lever`` and ``--actuals`` make of it.

    The what-ifs are levers beside those of the scenario, under the same rules; the new name says them
    (``jiangxi/baseline+layoff_wave``). Rules: simengine/notes/scenarios.md, section 5.

    Parameters
    ----------
    scenario : loaded, or a name or file to be loaded
    set : values of series by year, of law parameters by day (date or ISO text), and of constants; each in its own unit
    growth : yearly growth of series by year [1]; of a coverage level beyond what the basis assumes. One rate alone acts
        from the year after the last known value on (`first_open_year`)
    levers : names of packaged levers, or own files ending in .yaml
    actuals : tables of known years (CSV, xlsx; simengine/notes/actuals.md), ``none`` or ``compare``

    Instead of a mapping `set` and `growth` take texts, as the options do: ``["average_wage=2030:9500"]``.

    Raises
    ------
    SimengineError or an ErrorList of them, with everything that is wrong at once; names the option instead of a file

    Examples
    --------
    >>> made = what_if("jiangxi/baseline", set={"average_wage": {2030: 9500}}, levers=["layoff_wave"])
    >>> made.key
    'jiangxi/baseline+average_wage_2030_9500+layoff_wave'
    """
    loaded = scenario if isinstance(scenario, Scenario) else load_scenario(scenario)
    known = entered(loaded, [str(name) for name in actuals])
    return added(known, first_open_year, [str(name) for name in levers], _texts(set), _texts(growth))


def _texts(given: Mapping[str, Values] | Iterable[str]) -> list[str]:
    """What-ifs as the options of the command line take them."""
    if not isinstance(given, Mapping):
        return list(given)
    return [f"{name}={_written(values)}" for name, values in given.items()]


def _written(values: Values) -> str:
    if not isinstance(values, Mapping):
        return plain(float(values))
    return ",".join(f"{at}:{plain(float(value))}" for at, value in values.items())


def first_open_year(scenario: Scenario, series: str) -> int:
    """First projected year of which no value of a series is known: from there a growth without a year acts.

    Known is what the basis states up to the day on which the law was last reviewed; of a series that no basis states,
    the law up to that day; of a scenario as known at its opening, what was known then.
    """
    reviewed = last_review()
    limit = scenario.base_year
    if scenario.information != "opening" and reviewed is not None:
        limit = max(limit, reviewed.year)
    known = [scenario.base_year]
    for basis in lane_bases(scenario):
        if series not in basis.series_names():  # it comes from the law or is made of other series
            known.append(limit)
            continue
        until = information_date(scenario, basis) if basis.rule(series).information == "dated" else None
        years = basis.owner(series).own_series[series].known_by(until).years
        known += [int(years[-1])] if years.size else []
    return min(max(known), limit) + 1
