"""Tables a bureau fills with its own statistics: templates, reading, slips of unit. Rule: notes/bureau.md."""

from __future__ import annotations

from simengine.bureau.problems import BureauProblem
from simengine.bureau.read import About, Bureau, Figure, OpeningFigure, read_bureau
from simengine.bureau.template import template_files

__all__ = ["About", "Bureau", "BureauProblem", "Figure", "OpeningFigure", "read_bureau", "template_files"]
