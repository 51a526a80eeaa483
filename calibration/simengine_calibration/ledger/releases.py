"""Headline figures of every release, kept for good, and what the changelog says about the difference of two of them.

A release is a table ``releases/<version>.csv`` (region, measure, year, value in base units) and its card. What stands
between the last release and the next one is ``tests/regression/headlines.csv`` of a checkout, called ``now`` here.
"""

from __future__ import annotations

import csv
import datetime
import hashlib
import io
import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from simengine.common import resources, strict_yaml
from simengine.common.errors import InputFileError, SimengineError
from simengine.common.messages import near
from simengine.judge.checks.headlines import BALANCE, COLUMNS, MEASURES, YEARS, baseline_regions
from simengine_calibration.resources import data_root

RELEASES = data_root() / "releases"
NOW = "now"
"""Name of the figures between the last release and the next one."""
LARGE = 0.10
"""A headline that moved by more than this is to be named in the changelog."""
CARD_KEYS = ("release", "date", "table", "sha256", "columns", "law", "bases")

Key = tuple[str, str, int]
"""Region, measure, year."""

NAMED_BY: Mapping[str, tuple[str, ...]] = {
    "population": ("population",),
    "uebps_participants": ("member", "pensioner"),
    "uebps_payers": ("paying member", "payer"),
    "avg_enterprise_pension": ("mean enterprise pension",),
    "resident_participants": ("registered resident", "resident scheme", "participants of both"),
    "pension_coverage_rate": ("coverage rate",),
    "ui_participants": ("unemployment insured", "insured against unemployment"),
    "wi_participants": ("insured against work injury", "injury insured"),
    "system_dependency_ratio": ("pensioners per payer", "dependency"),
    "replacement_ratio_average": ("replacement", "mean enterprise pension"),
    "balance_enterprise_pension": ("enterprise fund", "enterprise's fund"),
    "balance_public_pension": ("public pension", "public fund"),
    "balance_occupational_annuity": ("annuity",),
    "balance_resident": ("resident fund",),
    "balance_unemployment": ("unemployment fund",),
    "balance_work_injury": ("balance of the fund", "injury fund", "payable months"),
}
"""Words of the changelog by which a line names a measure; one of them is enough."""


@dataclass(frozen=True)
class Release:
    """Headlines of one release.

    Attributes
    ----------
    date : day of the release; None for what is not released yet
    values : value in base units by region, measure and year
    card : content of the card; empty for what is not released yet
    """

    name: str
    date: datetime.date | None
    values: Mapping[Key, float]
    card: Mapping[str, Any]


@dataclass(frozen=True)
class Row:
    """One headline in the releases shown, in base units; not a number where a release does not have it."""

    region: str
    measure: str
    year: int
    values: tuple[float, ...]

    @property
    def change(self) -> float:
        """Relative change from the first release shown to the last, over the size of the first [1]."""
        first, last = self.values[0], self.values[-1]
        return (last - first) / abs(first) if first else math.nan


@dataclass(frozen=True)
class Line:
    """One line of the changelog's section on numbers, and the version it stands under."""

    version: str
    text: str


# --- releases ---------------------------------------------------------------------------------------------------------


def read_releases(folder: Path = RELEASES) -> dict[str, Release]:
    """Every kept release by version, oldest first; each table is checked against its card."""
    found = [read_release(path) for path in folder.glob("*.yaml")]
    return {release.name: release for release in sorted(found, key=lambda one: (one.date, _parts(one.name)))}


def read_release(card_file: Path) -> Release:
    """One release from its card and the table beside it."""
    card = strict_yaml.load(card_file).data
    missing = [key for key in CARD_KEYS if not isinstance(card, dict) or key not in card]
    if missing:
        raise InputFileError("release_card_short", where=str(card_file), missing=", ".join(missing))
    if card["release"] != card_file.stem or card["table"] != f"{card_file.stem}.csv":
        raise InputFileError(
            "release_card_other",
            where=str(card_file),
            release=card["release"],
            table=card["table"],
            name=card_file.stem,
        )
    if not isinstance(card["date"], datetime.date):
        raise InputFileError("release_date", where=str(card_file), date=card["date"])
    raw = card_file.with_suffix(".csv").read_bytes()
    if hashlib.sha256(raw).hexdigest() != card["sha256"]:
        raise InputFileError("release_changed", where=str(card_file), table=card["table"])
    return Release(card["release"], card["date"], read_values(raw.decode(), card_file.with_suffix(".csv")), card)


def read_values(text: str, where: Path) -> dict[Key, float]:
    """Headlines of one table: every number finite, no headline twice."""
    rows = csv.DictReader(io.StringIO(text))
    if tuple(rows.fieldnames or ()) != COLUMNS:
        raise InputFileError(
            "release_columns", where=str(where), given=", ".join(rows.fieldnames or ()), expected=", ".join(COLUMNS)
        )
    values: dict[Key, float] = {}
    for number, row in enumerate(rows, 2):
        key = (row["region"], row["measure"], int(row["year"]))
        value = float(row["value"])
        if key in values or not math.isfinite(value):
            raise InputFileError(
                "release_value", where=f"{where}, line {number}", headline=" ".join(map(str, key)), value=row["value"]
            )
        values[key] = value
    return values


def present(root: Path = resources.PACKAGE.parent) -> Release | None:
    """The headlines written down since the last release; None outside a checkout."""
    path = root / "tests" / "regression" / "headlines.csv"
    if not path.is_file():
        return None
    return Release(NOW, None, read_values(path.read_text(encoding="utf-8"), path), {})


def computed() -> Release:
    """The headlines of the packaged baselines as the engine gives them now."""
    from simengine.judge.checks.headlines import headline_table, headline_text

    return Release(NOW, None, read_values(headline_text(headline_table()), Path("engine")), {})


def _parts(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in re.findall(r"\d+", version))


# --- two of them ------------------------------------------------------------------------------------------------------


def between(releases: Sequence[str], first: str | None, last: str | None) -> list[str]:
    """Names from one release to another, both included; by default the last two.

    >>> between(["0.1.0", "0.2.0", "now"], None, None)
    ['0.2.0', 'now']
    >>> between(["0.1.0", "0.2.0", "now"], "0.1.0", "0.2.0")
    ['0.1.0', '0.2.0']
    """
    for name in (first, last):
        if name is not None and name not in releases:
            raise SimengineError("release_unknown", near=near(name, releases), name=name, known=", ".join(releases))
    end = len(releases) - 1 if last is None else releases.index(last)
    start = max(end - 1, 0) if first is None else releases.index(first)
    if start > end:
        raise SimengineError("release_order", first=first, last=last)
    return list(releases[start : end + 1])


def table(releases: Sequence[Release], region: str | None = None, measure: str | None = None) -> list[Row]:
    """Headlines of the releases side by side, of one region or measure where named; no row without any value."""
    regions = tuple(dict.fromkeys(key[0] for one in releases for key in one.values))
    measures = MEASURES
    if region is not None and region not in regions:
        raise SimengineError(
            "release_region", where="--region", near=near(region, regions), name=region, known=", ".join(regions)
        )
    if measure is not None and measure not in measures:
        raise SimengineError(
            "release_measure", where="--measure", near=near(measure, measures), name=measure, known=", ".join(measures)
        )
    rows = []
    for place in (region,) if region else regions:
        for name in (measure,) if measure else measures:
            for year in sorted({*YEARS, *(key[2] for one in releases for key in one.values)}):
                values = tuple(one.values.get((place, name, year), math.nan) for one in releases)
                if not all(math.isnan(value) for value in values):
                    rows.append(Row(place, name, year, values))
    return rows


def unnamed(rows: Sequence[Row], lines: Sequence[Line], limit: float = LARGE) -> list[tuple[str, str]]:
    """Region and measure of every headline that moved by more than `limit` and whose measure no line names."""
    text = " ".join(line.text for line in lines).lower()
    moved = dict.fromkeys((row.region, row.measure) for row in rows if abs(row.change) > limit)
    return [pair for pair in moved if not any(word in text for word in NAMED_BY[pair[1]])]


# --- the changelog ----------------------------------------------------------------------------------------------------

_HEAD = re.compile(r"^## \[(?P<version>[^]]+)\]")


def changelog(root: Path = resources.PACKAGE.parent) -> Path | None:
    """The changelog of a checkout; None where the package is installed without it."""
    path = root / "CHANGELOG.md"
    return path if path.is_file() else None


def numbers_changed(text: str, after: str, until: str) -> list[Line]:
    """Lines of the sections "Numbers changed" of the versions after one release and up to another.

    Parameters
    ----------
    text : the changelog, latest version first
    after, until : versions, or `NOW` for what is not released
    """
    lines: list[Line] = []
    inside = until == NOW
    for version, item in _items(text):
        inside = inside or version == until
        if version == after:
            break
        if inside:
            lines.append(Line(version, item))
    return lines


def _items(text: str) -> Iterator[tuple[str, str]]:
    """Version and text of each point under "Numbers changed", continuation lines joined."""
    version, section, item = "", "", ""
    for line in [*text.splitlines(), "## [end]"]:
        head = _HEAD.match(line)
        if item and (head or line.startswith(("#", "- ")) or not line.strip()):
            yield version, item
            item = ""
        if head:
            version, section = head["version"], ""
        elif line.startswith("### "):
            section = line[4:].strip()
        elif section == "Numbers changed" and line.startswith("- "):
            item = line[2:].strip()
        elif item:
            item = f"{item} {line.strip()}"


# --- keeping one ------------------------------------------------------------------------------------------------------


def keep(version: str, date: datetime.date, folder: Path = RELEASES, text: str | None = None) -> Path:
    """Write the present headlines as those of a release; a release that is kept is never overwritten.

    Parameters
    ----------
    text : the table, if it is known already; computed by default
    """
    if not re.fullmatch(r"\d+(\.\d+)+([ab]|rc)?\d*", version):
        raise SimengineError("release_version", where="--keep", version=version)
    path = folder / f"{version}.csv"
    if path.exists() or path.with_suffix(".yaml").exists():
        raise SimengineError("release_kept_already", where=str(path), version=version)
    if text is None:
        from simengine.judge.checks.headlines import headline_table, headline_text

        text = headline_text(headline_table())
    read_values(text, path)
    path.write_text(text, encoding="utf-8")
    path.with_suffix(".yaml").write_text(_card(version, date, text), encoding="utf-8")
    return path


def _card(version: str, date: datetime.date, text: str) -> str:
    from simengine.basis.basis import load_basis
    from simengine.law import load_law
    from simengine.scenario.scenario import load_scenario

    bases = {
        name: load_basis(name).digest()
        for name in (load_scenario(f"{one}/baseline").basis for one in baseline_regions())
    }
    lines = [
        "# Headline figures of one release; never changed afterwards. Written by: simengine history --keep VERSION",
        f'release: "{version}"',
        f"date: {date.isoformat()}",
        f"table: {version}.csv",
        f'sha256: "{hashlib.sha256(text.encode()).hexdigest()}"',
        "columns:",
        '  region: "region of the packaged baseline (REGION/baseline)"',
        f'  measure: "indicator, or {BALANCE}FUND: own balance of a fund at the end of the year"',
        '  year: "calendar year; stocks at its end"',
        '  value: "base units: persons, yuan, yuan per month, shares"',
        f'law: "{load_law().digest()}"',
        "bases:",
        *(f'  {name}: "{digest}"' for name, digest in bases.items()),
    ]
    return "".join(f"{line}\n" for line in lines)
