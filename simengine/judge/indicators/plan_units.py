"""Units in which plans print their figures."""

from __future__ import annotations

PLAN_UNITS: dict[str, tuple[str, float]] = {
    **dict.fromkeys(("万人", "10k persons"), ("person", 1e4)),
    **dict.fromkeys(("人", "person"), ("person", 1.0)),
    **dict.fromkeys(("亿元", "100m yuan"), ("yuan", 1e8)),
    **dict.fromkeys(("万元", "10k yuan"), ("yuan", 1e4)),
    **dict.fromkeys(("元", "yuan"), ("yuan", 1.0)),
    **dict.fromkeys(("元/月", "yuan/month"), ("yuan/month", 1.0)),
    **dict.fromkeys(("%", "percent", "%/年"), ("1", 1e-2)),
    **dict.fromkeys(("‰", "per mille"), ("1", 1e-3)),
    "1": ("1", 1.0),
    **dict.fromkeys(("月", "month"), ("month", 1.0)),
    **dict.fromkeys(("年", "year"), ("year", 1.0)),
    "万张": ("count", 1e4),
    **dict.fromkeys(("张", "家", "名", "份"), ("count", 1.0)),
}
"""Unit as printed -> base unit and factor: 325 万人 are 325 x 10,000 persons."""


def to_plan_unit(value: float, unit: str) -> float:
    """A value in base units, in the unit of the plan."""
    return value / PLAN_UNITS[unit][1]
