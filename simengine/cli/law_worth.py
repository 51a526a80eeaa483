"""What an amount of the law that is held flat is still worth, for `simengine law show`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from simengine.common.messages import Language, say

if TYPE_CHECKING:
    from simengine.law import LawTree, Parameter
    from simengine.law.parameter import DatedValue

BASELINE = "baseline"


def worth_of(tree: LawTree, parameter: Parameter, place: str | None) -> dict[str, Any] | None:
    """Last dated value in force of an amount, and when it has lost 30 % of its real value; None for another parameter.

    The prices are those of the baseline of the region, or of the nearest region above it that has one. It is looked at
    in the year up to which the law folder was reviewed.

    Parameters
    ----------
    place : region; None means the nation
    """
    if not parameter.is_nominal or not parameter.stated_in(place):
        return None
    import numpy as np

    from simengine.basis.basis import load_basis
    from simengine.judge.checks.erosion import Amount, numbers_of, prices_of
    from simengine.law.regions import NATION
    from simengine.scenario.scenario import load_scenario, packaged

    last: DatedValue = parameter.timeline(place)[-1]
    if not any(number > 0.0 for number in numbers_of(last.value)):
        return None
    names = (f"{region}/{BASELINE}" for region in tree.regions.chain(place or NATION))
    name = next((one for one in names if one in packaged()), None)
    if name is None:
        return None
    scenario = load_scenario(name)
    years = np.arange(scenario.base_year, scenario.years[-1] + 1)
    prices = prices_of(load_basis(scenario.basis), tree, scenario, years)
    amount = Amount(parameter.key, "law", "", parameter.unit.symbol, last.value, last.date, prices.last, "")
    reviewed = last.date.year if tree.information_date is None else tree.information_date.year
    year = min(max(reviewed, last.date.year), prices.last)
    return {
        "date": last.date.isoformat(),
        "eroded_year": prices.eroded_year(amount),
        "year": year,
        "worth": prices.worth(last.date, year),
        "prices": name,
    }


def worth_text(tree: LawTree, parameter: Parameter, place: str | None, lang: Language) -> str:
    """The same in a sentence; empty for a parameter that is no amount held flat."""
    found = worth_of(tree, parameter, place)
    if found is None:
        return ""
    said = {**found, "percent": f"{100.0 * found['worth']:z.0f}"}
    return say("law.worth" if found["eroded_year"] else "law.worth_kept", lang, **said)
