"""Which source files a build needs, and where each comes from (``figures/sources.yaml``)."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from simengine.common.errors import InputFileError, SimengineError, raise_all
from simengine_calibration.sources.histories import typed

OPTION = {"data": "--sources", "spec": "--spec"}
"""Option of the build that names the folder of each kind."""


def needed_files(kind: str) -> dict[str, str]:
    """Files of one kind (``data`` or ``spec``) by path below their folder, with publisher, data set and copy in words.

    >>> needed_files("data")["wpp2024/tfr_annual.csv"].partition(":")[0]
    'United Nations, Population Division'
    """
    return {
        name: f"{entry['publisher']}: {entry['dataset']}" + (f"; read from: {entry['copy']}" if "copy" in entry else "")
        for name, entry in typed("sources")[kind].items()
    }


def check_sources(sources: Path, spec: Path) -> None:
    """Refuse to build where source files are missing.

    Raises
    ------
    InputFileError
        one for each file that is missing, all at once, with the publisher and the data set it comes from.
    """
    raise_all([*_missing(sources, "data"), *_missing(spec, "spec")])


def _missing(folder: Path, kind: str) -> Iterator[SimengineError]:
    for name, origin in needed_files(kind).items():
        if not (folder / name).is_file():
            yield InputFileError("source_missing", where=str(folder), name=name, origin=origin, option=OPTION[kind])
