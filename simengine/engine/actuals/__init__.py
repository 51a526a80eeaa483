"""Entered actuals take their places: names become series, units base units, a city's heads those of its areas.

A scenario names tables and figures (`simengine.scenario.actuals`); what they say is read here, held against registry,
basis and plan, and put over the bases of the lanes (`simengine.basis.actuals`). Rules: notes/actuals.md.
"""

from __future__ import annotations

from simengine.engine.actuals.names import resolve
from simengine.engine.actuals.resolved import Resolved
from simengine.engine.actuals.settle import Settled, enter, settle

__all__ = ["Resolved", "Settled", "enter", "resolve", "settle"]
