"""Yearly paths that several parameters make together, so that no caller repeats the rule."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from simengine.common.errors import LawError
from simengine.law.tree import LawTree

Index = Mapping[str, np.ndarray]


def unemployment_rates(law: LawTree, years: Sequence[int], region: str | None = None) -> tuple[np.ndarray, np.ndarray]:
    """Employer and employee rates of unemployment insurance [1], the phased cut included.

        rate = c·reduced + (1 - c)·statutory          c = unemployment/phased_cut

    Exact for a cut that begins or ends inside a year, because the reduced rate has its value before the cut begins.
    """
    cut = law.annual("unemployment/phased_cut", years, region)
    rates = []
    for payer in ("employer", "employee"):
        reduced = law.annual(f"unemployment/rate_{payer}_reduced", years, region)
        statutory = law.annual(f"unemployment/rate_{payer}_statutory", years, region)
        rates.append(cut * reduced + (1.0 - cut) * statutory)
    return rates[0], rates[1]


def minimum_wage(
    law: LawTree, years: Sequence[int], region: str | None = None, index: Index | None = None
) -> np.ndarray:
    """Minimum wage [yuan/month] of the class that applies in a region, by year."""
    classes = law.annual("economy/minimum_wage_class", years, region)
    result = np.empty(len(classes))
    for level in np.unique(classes):
        path = law.annual(f"economy/minimum_wage_class_{int(level)}", years, region, index)
        result[classes == level] = path[classes == level]
    return result


def resident_basic_pension(
    law: LawTree, years: Sequence[int], region: str | None = None, index: Index | None = None
) -> np.ndarray:
    """Minimum basic pension of residents [yuan/month]: the provincial standard, but never below the national one."""
    key = "resident/basic_pension_minimum"
    own = law.annual(key, years, region, index)
    higher: np.ndarray = np.maximum(own, law.annual(key, years, None, index))
    return higher


def benefit_base(law: LawTree, years: Sequence[int], wage: np.ndarray, region: str | None = None) -> np.ndarray:
    """Mean benefit base B of a region [yuan/month], carried beyond the last published year.

    Published years take the law; later ones rest on the wage of the year before,

        B(t) = r(t)·W(t-1)

    where r is 1 for a merged region, and otherwise goes in a straight line from its last published value to 1 in the
    convergence year. The regional factor (cities with bases of their own) multiplies both.

    Parameters
    ----------
    years : consecutive calendar years
    wage : average wage W of the same years [yuan/month], actual and projected
    """
    key = "pension/benefit_base"
    wanted = [int(year) for year in years]
    if wanted != list(range(wanted[0], wanted[0] + len(wanted))) or len(wage) != len(wanted):
        raise LawError(f"{key} needs consecutive years and one wage for each", where="derived.benefit_base")
    last = law[key].timeline(region)[-1].date.year
    result = np.empty(len(wanted))
    published = [year for year in wanted if year <= last]
    if published:
        result[: len(published)] = law.annual(key, published, region)
    late = wanted[len(published) :]
    if late:
        if last - 1 < wanted[0]:
            raise LawError(
                f"{key} is carried on from {last} and needs the wage of {last - 1}",
                where="derived.benefit_base",
                hint=f"Begin the years at {last - 1} or before",
            )
        law.note_extension(key, wanted, region)
        merged = law.codes("pension/benefit_base_rule", [last], region)[0] == "merged"
        end = 0 if merged else int(law.annual("pension/benefit_base_convergence_year", [last], region)[0])
        lagged = np.asarray(wage, dtype=float)[len(published) - 1 : -1]
        start_ratio = result[len(published) - 1] / float(wage[len(published) - 2])
        result[len(published) :] = lagged * _converging(start_ratio, last, end, late)
    result *= law.annual("pension/benefit_base_factor", wanted, region)
    return result


def _converging(start: float, last: int, end: int, years: Sequence[int]) -> np.ndarray:
    """A ratio that goes from ``start`` in ``last`` to 1 in ``end`` in a straight line; 1 from then on."""
    if end <= last:
        return np.ones(len(years))
    passed: np.ndarray = np.clip((np.asarray(years, dtype=float) - last) / (end - last), 0.0, 1.0)
    ratio: np.ndarray = start + (1.0 - start) * passed
    return ratio
