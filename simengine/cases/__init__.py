"""What the dated law gives one person, to the cent, with every formula and origin."""

from __future__ import annotations

from simengine.cases.compute import KINDS, compute, compute_all
from simengine.cases.read import load_cases, read_cases
from simengine.cases.sheet import Case, CaseResult, Component, Remark

__all__ = ["KINDS", "Case", "CaseResult", "Component", "Remark", "compute", "compute_all", "load_cases", "read_cases"]
