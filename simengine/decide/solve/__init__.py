"""The value of a lever, or the cheapest point on two, that meets a goal (notes/solve.md)."""

from __future__ import annotations

from simengine.decide.solve.study import Solution, solve

__all__ = ["Solution", "solve"]
