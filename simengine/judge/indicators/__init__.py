"""What a plan measures, computed from a projection.

An indicator is one decorated function (`define.indicator`) in the module of its subject; adding one touches that file
alone. Values come in base units: persons, yuan, yuan/month, shares as fractions, months, years. Stocks carry
``year_end``, flows and rates carry ``year``; a figure "of 2025" is the one labelled 2025. Where a plan leaves a
definition open, the reading is a named parameter of `Definitions`, never a hidden choice.
"""

from simengine.judge.indicators import people, ages, benefits, labour, funds, actuarial  # isort: skip  # noqa: F401
from simengine.judge.indicators.define import Indicator, find_indicator, registry
from simengine.judge.indicators.definitions import ANY, READINGS, Definitions
from simengine.judge.indicators.plan_units import PLAN_UNITS, to_plan_unit
from simengine.judge.indicators.sums import PENSION_FUND

__all__ = [
    "ANY",
    "PENSION_FUND",
    "PLAN_UNITS",
    "READINGS",
    "Definitions",
    "Indicator",
    "find_indicator",
    "registry",
    "to_plan_unit",
]
