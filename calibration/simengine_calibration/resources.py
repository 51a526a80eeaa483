"""Where the data of the calibration lies: typed figures, kept fits, references, releases, calibration files.

An installed wheel carries them inside the package (``simengine_calibration/data``); in a checkout they lie one folder
above it (``calibration/``). Frozen bases are data of the engine: `simengine.common.resources` finds them.
"""

from __future__ import annotations

from pathlib import Path

from simengine.common.errors import InputFileError
from simengine.common.messages import near

PACKAGE = Path(__file__).resolve().parent
"""The folder of the package itself."""


def data_root(package: Path = PACKAGE) -> Path:
    """Folder with ``figures/``, ``fits/``, ``references/``, ``releases/`` and the calibration files."""
    candidates = (package / "data", package.parent)
    for candidate in candidates:
        if (candidate / "figures").is_dir():
            return candidate
    raise InputFileError("calibration_folder", where=", ".join(str(candidate) for candidate in candidates))


def in_checkout(package: Path = PACKAGE) -> bool:
    """Whether the data is that of a checkout, where a command may write to it."""
    return data_root(package) == package.parent


def calibration_files() -> dict[str, Path]:
    """Packaged calibration files by name, such as ``hubei``."""
    return {path.stem: path for path in sorted(data_root().glob("*.yaml"))}


def calibration_file(given: Path) -> Path:
    """The calibration file that is meant: a packaged one by its name (``hubei``), any other by its path.

    >>> calibration_file(Path("hubei")).name
    'hubei.yaml'
    """
    if given.suffix == ".yaml" or given.is_file():
        return given
    packaged = calibration_files()
    if str(given) not in packaged:
        raise InputFileError(
            "calibration_file_unknown", near=near(str(given), packaged), name=given, known=", ".join(packaged)
        )
    return packaged[str(given)]
