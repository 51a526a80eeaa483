"""Net migration of regions: level from censuses and published totals, ages 16-35, fading to zero in 2050."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from simengine_calibration.people.basis import CardText
from simengine_calibration.people.cohorts import DeathTable, run_with_births
from simengine_calibration.people.mortality import AGES

FADE_END = 2050
"""First year in which regions have no net migration [assumption]."""
MIGRANT_AGES = (16, 35)
STORED_DECIMALS = 3


@dataclass(frozen=True)
class Flow:
    """Net migration of a region as stored."""

    yearly: float
    """Level from which the path fades [persons/year]."""
    knots: Mapping[int, np.ndarray]
    text: CardText


def migrant_shape() -> np.ndarray:
    """Shares of net migrants by sex and age: half a sine wave over 16-35, both sexes alike [1; sex, age]."""
    first, last = MIGRANT_AGES
    shape = np.zeros((2, AGES))
    shape[:, first : last + 1] = np.sin(np.pi * (np.arange(last - first + 1) + 0.5) / (last - first + 1))
    return shape / shape.sum()


def level_between_totals(opening: np.ndarray, births: np.ndarray, deaths: DeathTable, year: int, total: float) -> float:
    """All net migrants from a year end to the base year [persons].

    Those of the base year carried back without migration give the earlier population had nobody moved; what it
    exceeds the published one by has moved in.
    """
    return float(run_with_births(opening, births, deaths)[year].sum() - total)


def fading_knots(yearly: float, last_known: int) -> dict[int, np.ndarray]:
    """The two knots of a straight line from the level in the last known year to zero in 2050."""
    first = yearly * (FADE_END - last_known - 1) / (FADE_END - last_known)
    return {last_known + 1: np.round(first * migrant_shape(), STORED_DECIMALS), FADE_END: np.zeros((2, AGES))}


def planned_flow(level: str, yearly: float, base_year: int) -> Flow:
    """The path as it could be stated at the base year."""
    method = (
        f"level {yearly:,.0f} a year ({level}); ages 16-35 as half a sine wave, sexes alike; straight line from the "
        f"base year to zero in {FADE_END}; knots {base_year + 1} and {FADE_END}, linear between, zero after"
    )
    text = CardText("2010 and 2020 censuses or published year-end totals", method, "assumption")
    return Flow(yearly, fading_knots(yearly, base_year), text)


def flow_with_actuals(planned: Flow, window: int, flows: Mapping[int, float], level: float | None = None) -> Flow:
    """The path with the years of published totals as they were, then fading from the mean of all years known.

    Parameters
    ----------
    planned : path known at the base year; its level is a mean over `window` years
    flows : net migrants of the years with published totals [persons/year]
    level : replaces the mean where another basis of the region has it [persons/year]
    """
    if not flows:
        return planned
    last = max(flows)
    mean = (window * planned.yearly + sum(flows.values())) / (window + len(flows)) if level is None else level
    knots = {year: np.round(flow * migrant_shape(), STORED_DECIMALS) for year, flow in flows.items()}
    actual = ", ".join(f"{year} {flow:,.0f}" for year, flow in sorted(flows.items()))
    method = (
        f"to {last} what the published year-end totals leave after births and deaths ({actual}); then from a level of "
        f"{mean:,.0f} a year (mean of the years before and after the base year; before: {planned.yearly:,.0f}) in a "
        f"straight line to zero in {FADE_END}; ages 16-35 as half a sine wave, sexes alike; linear between knots, zero "
        "after"
    )
    return Flow(mean, knots | fading_knots(mean, last), CardText(planned.text.source, method, "assumption"))
