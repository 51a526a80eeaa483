"""Fund-only mode: cash flows that a user brings, and what they need (notes/fund_only.md)."""

from __future__ import annotations

from simengine.decide.fund.flows import Flows, flows_of
from simengine.decide.fund.goals import Goal
from simengine.decide.fund.read import read_flows
from simengine.decide.fund.study import FundStudy, study_fund

__all__ = ["Flows", "FundStudy", "Goal", "flows_of", "read_flows", "study_fund"]
