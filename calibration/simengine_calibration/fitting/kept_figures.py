"""Figures that the engine itself finds and the typed tables keep: shown beside each other, and written where asked.

A command of this kind prints found and kept values; with ``--keep`` it writes the found ones into a file of figures.
"""

from __future__ import annotations

import argparse
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from simengine_calibration.resources import data_root


@dataclass(frozen=True)
class Place:
    """One value of a typed table: the pattern around it, with the text before and behind as its two groups."""

    name: str
    pattern: str
    value: str


def of_series(series: str, values: Iterable[tuple[int, float]]) -> Place:
    """All the yearly values of a series that stands on one line."""
    stated = ", ".join(f"{year}: {value:g}" for year, value in values)
    return Place(series, rf"(?m)^({series}: .*values: \{{)[^}}]*(\}}\}})$", stated)


def write(places: Iterable[Place], file: Path) -> None:
    """Write values into a typed table; every other line stays as it is.

    Raises
    ------
    ValueError when a place does not stand there once; nothing is written then
    """
    text = file.read_text(encoding="utf-8")
    for place in places:
        text, count = re.subn(place.pattern, rf"\g<1>{place.value}\g<2>", text)
        if count != 1:
            raise ValueError(f"{file}: {place.name} does not stand there once")
    file.write_text(text, encoding="utf-8")


def command(
    about: str | None, arguments: Sequence[str] | None, table: str, show: Callable[[], bool],
    keep: Callable[[Path], None],
) -> int:  # fmt: skip
    """Print found and kept values, and write the found ones where asked; the exit code.

    Parameters
    ----------
    table : name of the file in ``figures``
    show : prints the values and says whether they agree
    keep : writes the found ones into a file
    """
    parser = argparse.ArgumentParser(description=about, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--keep", action="store_true", help=f"write the found values to figures/{table}")
    options = parser.parse_args(arguments)
    agree = show()
    if options.keep:
        keep(data_root() / "figures" / table)
        return 0
    return int(not agree)
