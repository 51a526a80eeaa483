"""Sensitivity: what every driver and lever, moved alone by a stated size, does to a result (notes/sensitivity.md)."""

from __future__ import annotations

from simengine.decide.sensitivity.analysis import Goal, Sensitivity, TwoWay, sensitivity

__all__ = ["Goal", "Sensitivity", "TwoWay", "sensitivity"]
