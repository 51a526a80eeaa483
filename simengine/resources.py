"""Where the packaged data lies: scenarios (law, levers, targets) and frozen bases.

An installed wheel carries both inside the package (``simengine/data/scenarios``, ``simengine/data/bases``); a checkout
has them at the root (``scenarios/``, ``calibration/bases/``). Nothing else is searched, so that a run never picks up
files by accident.
"""

from __future__ import annotations

from pathlib import Path

from simengine.errors import SimengineError

PACKAGE = Path(__file__).resolve().parent
"""The folder of the package itself."""


def _first_folder(candidates: tuple[Path, ...], what: str) -> Path:
    for candidate in candidates:
        if candidate.is_dir():
            return candidate
    raise SimengineError(
        f"the {what} folder of the engine is missing",
        where=", ".join(str(candidate) for candidate in candidates),
        hint="Reinstall the package, or run from a complete checkout",
    )


def scenarios_root(package: Path = PACKAGE) -> Path:
    """Folder with ``regions.yaml``, ``law/``, ``levers/``, ``targets/`` and the scenarios."""
    return _first_folder((package / "data" / "scenarios", package.parent / "scenarios"), "scenarios")


def bases_root(package: Path = PACKAGE) -> Path:
    """Folder with one sub-folder a frozen basis."""
    return _first_folder((package / "data" / "bases", package.parent / "calibration" / "bases"), "bases")
