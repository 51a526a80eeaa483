"""The plan under review: where every row stands on the straight path to its target (notes/monitor.md)."""

from __future__ import annotations

from simengine.judge.monitor.review import Monitor, monitor

__all__ = ["Monitor", "monitor"]
