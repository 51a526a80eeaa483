"""Constants that a scenario or lever cannot change: naming one is an error, not a change without effect.

Every other constant of a basis acts on the projection; a test changes each of them and compares the results.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from simengine.common.errors import SimengineError
from simengine.common.messages import LeverProblem

HISTORY = "constant_of_history"
BASIS = "constant_of_basis"
GIVEN = "constant_given"

FIXED: dict[str, str] = {
    **dict.fromkeys(
        (
            *("initial_members", "initial_pensioners", "initial_average_pension", "initial_fund", "initial_entry_age"),
            *("deemed_entry_before", "deemed_entry_share", "deemed_index"),
        ),
        HISTORY,
    ),
    **dict.fromkeys(("fertility_factor", "injury_leaver_share"), BASIS),
    **dict.fromkeys(
        (
            *("old_age_men", "old_age_women_55", "old_age_women_50", "public_deemed_index", "current_year_interest"),
            *("deemed_index_actual_average", "first_year", "opening_year"),
        ),
        GIVEN,
    ),
}
"""Constant -> error that says why a scenario cannot change it.

Of the history: read by the stationary start of 1992, or only in years before any opening (deemed years are brought by
entrants of the years before `deemed_entry_before`, 2014 at the latest). Of the basis: turned into a table or a yearly
series that a scenario does not see. Given: made from the law and the horizon.
"""


def fixed(names: Iterable[str], where: Callable[..., str]) -> Iterator[SimengineError]:
    """An error for every named constant that a scenario cannot change.

    Parameters
    ----------
    names : constants that a scenario or lever file states
    where : file and line of the item reached by the given keys of that file
    """
    for name in names:
        if name in FIXED:
            yield LeverProblem(FIXED[name], where=where("constants", name), name=name)
