"""Figures of the projection variants of the UN as levers state them: differences to the medium variant, held years.

    python -m simengine_calibration.people.variants --sources SOURCES

prints what the file of each lever must say, then total fertility of the three variants and the differences by year.

The UN defines its scenarios so (World Population Prospects 2024, Definition of Projection Scenarios): low and high
fertility differ from the medium variant by a number of children a woman; constant fertility and constant mortality keep
the rates of the last year that is estimated; zero migration, instant replacement (net reproduction rate one) and
momentum (replacement, constant mortality, zero migration) begin in the first year that is projected. The columns
`tfr_low` and `tfr_high` are these variants; those ending in 80l to 95u are bounds of the probabilistic projection.
"""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from simengine_calibration.sources.files import Sources

DECIMALS = 6
"""Decimals of the published total fertility."""


def differences(sources: Sources) -> dict[str, dict[int, float]]:
    """Total fertility of the low and of the high variant less the medium one, by year [children per woman]."""
    variants = sources.fertility_variants()
    return {
        name: {year: round(row[column] - row[0], DECIMALS) for year, row in variants.items()}
        for column, name in ((1, "low"), (2, "high"))
    }


def steps(values: Mapping[int, float]) -> dict[int, float]:
    """Values of the years in which they change; each holds until the next.

    Examples
    --------
    >>> steps({2024: 1.0, 2025: 1.0, 2026: 2.0})
    {2024: 1.0, 2026: 2.0}
    """
    return {year: value for year, value in values.items() if values.get(year - 1) != value}


def demography(sources: Sources) -> dict[str, dict[str, Any]]:
    """The section `demography` of each lever by its name."""
    variants, differ = sources.fertility_variants(), differences(sources)
    first = min(variants)
    held: dict[str, Any] = {"mortality": [{"hold": first - 1}]}
    closed: dict[str, Any] = {"migration": {"multiply": {first: 0.0}}}
    replaced: dict[str, Any] = {"fertility": {"replacement": first}}
    return {
        "un_low_fertility": {"fertility": {"add": steps(differ["low"])}},
        "un_high_fertility": {"fertility": {"add": steps(differ["high"])}},
        "un_constant_fertility": {"fertility": {"hold": first - 1}},
        "un_constant_mortality": held,
        "un_zero_migration": closed,
        "un_instant_replacement": replaced,
        "un_momentum": {**replaced, **held, **closed},
    }


def report(sources: Sources) -> str:
    """The levers, then every year's figures."""
    lines = [f"{name}: {content}" for name, content in demography(sources).items()]
    lines.append("year    medium       low      high  low - medium  high - medium   (children per woman)")
    differ = differences(sources)
    for year, (medium, low, high) in sources.fertility_variants().items():
        less, more = differ["low"][year], differ["high"][year]
        lines.append(f"{year} {medium:9.6f} {low:9.6f} {high:9.6f} {less:13.6f} {more:14.6f}")
    return "\n".join(lines)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Figures of the UN's projection variants, as levers state them.")
    parser.add_argument("--sources", type=Path, required=True, help="folder of the collected raw data")
    print(report(Sources(parser.parse_args().sources)))
