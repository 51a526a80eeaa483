"""Sensitivity: what every driver and lever, moved alone by a stated size, does to a result (notes/sensitivity.md)."""

from __future__ import annotations

from simengine.decide.sensitivity.analysis import Sensitivity, TwoWay, sensitivity
from simengine.decide.sensitivity.asked import Goal

__all__ = ["Goal", "Sensitivity", "TwoWay", "sensitivity"]
