"""What the public sector's late entry left to be settled: person-years between October 2014 and the real start.

国发〔2015〕2号 counts from October 2014; units joined from 2015 to 2018. Pensions and contributions of the months
between were settled by the funds later. How fast is not published: a typed share of all that was owed a year.
"""

from __future__ import annotations

from simengine_calibration.series.economy import Paths
from simengine_calibration.sources.histories import Figure, History, typed_history

REFORM = 2014.75
ENTRY = range(2015, 2019)


def owed_years(admitted: History) -> float:
    """Person-years between the reform and the middle of the year of entry, of all admitted 2015-2018."""
    return sum(admitted[year] * (year + 0.5 - REFORM) for year in ENTRY)


def settlement_paths(admitted: Paths) -> Paths:
    """Person-years of pensions and of contributions settled a year, nation [persons for a whole year].

    Parameters
    ----------
    admitted : the series ``admitted_public_pensioners`` and ``admitted_public_actives``
    """
    share = typed_history("behaviour", "settled_share")
    made = {}
    for name, source in (("pension", "admitted_public_pensioners"), ("contribution", "admitted_public_actives")):
        owed = owed_years(admitted[source])
        text = f"share settled in the year x {owed / 1e6:.2f} million person-years owed by those admitted 2015-2018"
        figures = {
            year: Figure(value.value * owed, "assumption", f"{text}; {value.source}")
            for year, value in share.figures.items()
        }
        made[f"settled_{name}_years"] = History(figures, "persons")
    return made


def published_other(revenue: History, spending: History, balance: History) -> History:
    """What the published balance moved beyond published revenue less expenditure, nation [yuan].

    The item `other` of history, to the opening of 2020 (model.md, section 10): transfers, revisions, rounding.
    """
    figures = {1992: Figure(0.0, "assumption", "not told before 1993")}
    for year in range(1993, 2021):
        if all(year in known for known in (revenue, spending, balance)) and year - 1 in balance:
            value = balance[year] - balance[year - 1] - revenue[year] + spending[year]
            tag = balance.figures[year].evidence
            figures[year] = Figure(value, "computed", f"{tag} balance less last balance less revenue plus expenditure")
    return History(figures, "yuan")


def no_other() -> History:
    """Provinces: no fund series is published after 2011, so nothing can be told."""
    return History({1992: Figure(0.0, "assumption", "no provincial fund series is published")}, "yuan")
