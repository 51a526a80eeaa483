"""Where the packaged data lies: scenarios (law, levers, targets) and frozen bases.

An installed wheel carries both inside the package (``simengine/data/scenarios``, ``simengine/data/bases``); a checkout
has them at the root (``scenarios/``, ``calibration/bases/``). Own bases are found only in the folder that the variable
SIMENGINE_BASES names; nothing else is searched, so that a run never picks up files by accident.
"""

from __future__ import annotations

import os
from pathlib import Path

from simengine.common.errors import SimengineError

PACKAGE = Path(__file__).resolve().parents[1]
"""The folder of the package itself."""

OWN_BASES = "SIMENGINE_BASES"
"""Environment variable: a folder of own bases, searched before the packaged ones, and of their ``regions.yaml``."""


def _first_folder(candidates: tuple[Path, ...], name: str) -> Path:
    for candidate in candidates:
        if candidate.is_dir():
            return candidate
    raise SimengineError("engine_folder", name=name, where=", ".join(str(candidate) for candidate in candidates))


def scenarios_root(package: Path = PACKAGE) -> Path:
    """Folder with ``regions.yaml``, ``law/``, ``levers/``, ``targets/`` and the scenarios."""
    return _first_folder((package / "data" / "scenarios", package.parent / "scenarios"), "scenarios")


def bases_root(package: Path = PACKAGE) -> Path:
    """Folder with one sub-folder a frozen basis."""
    return _first_folder((package / "data" / "bases", package.parent / "calibration" / "bases"), "bases")


def own_bases() -> Path | None:
    """Folder of the user's own bases; None where the variable SIMENGINE_BASES is not set."""
    named = os.environ.get(OWN_BASES, "").strip()
    if not named:
        return None
    folder = Path(named).expanduser()
    if not folder.is_dir():
        raise SimengineError("own_bases", where=named, name=OWN_BASES)
    return folder


def bases_roots() -> tuple[Path, ...]:
    """Folders of bases in the order they are searched: the user's own, then the packaged ones."""
    own = own_bases()
    return (bases_root(),) if own is None else (own, bases_root())


def basis_folders() -> dict[str, Path]:
    """Folder of every basis by name; an own basis goes before a packaged one of its name."""
    found: dict[str, Path] = {}
    for root in bases_roots():
        for card in sorted(root.glob("*/basis.yaml")):
            found.setdefault(card.parent.name, card.parent)
    return found


def own_regions() -> Path | None:
    """File of the regions that own bases add; None where there is none."""
    own = own_bases()
    path = None if own is None else own / "regions.yaml"
    return path if path is not None and path.is_file() else None
