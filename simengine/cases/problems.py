"""Errors of case files and tables, in the catalogue of messages.yaml."""

from __future__ import annotations

from simengine.common.errors import InputFileError
from simengine.common.messages import CodedError


class CaseProblem(CodedError, InputFileError):
    """What is wrong with a case: where, what, what is allowed, what to do next."""
