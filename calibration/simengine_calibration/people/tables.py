"""Write frozen population tables and the card beside each."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from simengine.registry.axes import SEX

ACCESSED = "2026-11-21"
UN = "United Nations, World Population Prospects 2024, CC BY 3.0 IGO"


@dataclass(frozen=True)
class Card:
    """What a reader must know about one table."""

    unit: str
    source: str
    method: str
    evidence: str
    fitted_by: str = "calibration/population.py"
    """Name of the builder. The digests of the bases contain it, so it stays when the file moves."""
    further: Mapping[str, int] = field(default_factory=dict)
    """Keys of this table alone, after the common ones."""


@dataclass
class TableWriter:
    """Writes tables under one root and remembers what it wrote."""

    root: Path
    written: list[str] = field(default_factory=list)

    def write(self, folder: str, table: str, header: Sequence[str], rows: Iterable[Sequence[str]], card: Card) -> None:
        """One table and its card; lines end with a newline everywhere, so the digest is the same everywhere."""
        place = self.root / folder
        place.mkdir(parents=True, exist_ok=True)
        text = "".join(",".join(row) + "\n" for row in [header, *rows])
        (place / table).write_bytes(text.encode("utf-8"))
        entries: dict[str, str] = {
            "table": table,
            "unit": card.unit,
            "source": card.source,
            "method": card.method,
            "evidence": card.evidence,
            "accessed": ACCESSED,
            "sha256": hashlib.sha256(text.encode("utf-8")).hexdigest(),
            "fitted_by": card.fitted_by,
        }
        lines = [f"{key}: {value if key == 'accessed' else quoted(value)}\n" for key, value in entries.items()]
        lines += [f"{key}: {value}\n" for key, value in card.further.items()]
        (place / table).with_suffix(".yaml").write_bytes("".join(lines).encode("utf-8"))
        self.written += [f"{folder}/{table}", f"{folder}/{Path(table).stem}.yaml"]

    def write_pyramid(self, folder: str, table: str, pyramid: np.ndarray, decimals: int, card: Card) -> None:
        """One number per sex and age: columns sex, age, value."""
        rows = [
            (sex, str(age), plain(value, decimals)) for s, sex in enumerate(SEX) for age, value in enumerate(pyramid[s])
        ]
        self.write(folder, table, ("sex", "age", "value"), rows, card)

    def write_by_year(
        self, folder: str, table: str, values: Mapping[int, np.ndarray], decimals: int | None, card: Card
    ) -> None:
        """Sex and age down, knot years across; `decimals` None writes the shortest exact text."""
        years = sorted(values)
        rows = [
            (sex, str(age), *(plain(values[year][s, age], decimals) for year in years))
            for s, sex in enumerate(SEX)
            for age in range(values[years[0]].shape[1])
        ]
        self.write(folder, table, ("sex", "age", *map(str, years)), rows, card)


def quoted(text: str) -> str:
    """Text as a double-quoted YAML scalar."""
    return json.dumps(text, ensure_ascii=False)


def plain(value: float, decimals: int | None) -> str:
    """A number without exponent and without a negative zero."""
    if decimals is None:
        return np.format_float_positional(value, trim="0")
    text = f"{value:.{decimals}f}"
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return "0" if text in ("-0", "") else text
