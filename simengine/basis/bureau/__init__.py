"""Tables that a bureau fills with its own statistics: templates, reading, errors of unit. Rule: notes/bureau.md."""

from __future__ import annotations

from simengine.basis.bureau.read import read_bureau
from simengine.basis.bureau.records import About, Bureau, Figure, OpeningFigure
from simengine.basis.bureau.template import template_files
from simengine.common.errors import BasisError

__all__ = ["About", "Bureau", "BasisError", "Figure", "OpeningFigure", "read_bureau", "template_files"]
