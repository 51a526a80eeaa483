"""Growth of members after 2018 by its causes, as far as levels are published (notes/calibration.md, section 5.1).

`python -m tests.helpers.member_growth` writes its tables. No figure of it enters the model.
"""

from __future__ import annotations

import datetime
import math
from collections.abc import Mapping
from functools import cache

from simengine.basis.basis import load_basis
from simengine.judge.checks.free_run import RECALLED, references
from simengine.law import load_law
from simengine.report.tables.printer import markdown
from tests.helpers.pages import write_block

PAGE, BRANCHES, BY_YEAR, PROVINCES = "calibration", "growth by branch", "growth by year", "growth by province"
MEMBERS = "pension members without the public sector"
NATION = "china"
SPANS = ((2015, 2018), (2018, 2021), (2021, 2023))
RATE = "pension/rate_employer"
REGIONS = ("zhejiang", "jiangsu", "hubei", "jiangxi", NATION)
FIRST, LAST = 2010, 2024
NEEDED = ((FIRST, LAST), (FIRST, 2018), (2018, LAST))
"""Spans of a comparison with a control group; the last two would tell growth before and after the cut."""
BEGAN = {
    2019: "employer rate of 20 to 16 % from May [law, secondary]",
    2020: "no employer's premium of small firms from February to December [law, memory]; tax bureaux collect in most "
    "provinces by November [memory]",
    2021: "limits by household registration on flexible workers are lifted from this year on [memory]",
}
"""Causes by the year in which they begin."""
CUT = ((2018, 12, 31), (2024, 12, 31))
"""Days between which the employer rates were moved towards 16 %."""

Levels = Mapping[str, Mapping[int, float]]


@cache
def levels(region: str) -> dict[str, dict[int, float]]:
    """Published levels of a region by series and year; recalled ones where none was read."""
    found: dict[str, dict[int, float]] = {}
    read: set[tuple[str, int]] = set()
    for one in references(load_basis(f"{region}-2020")):
        if (one.series, one.year) not in read:
            found.setdefault(one.series, {})[one.year] = one.value
        if one.evidence not in RECALLED:
            read.add((one.series, one.year))
    return found


def growth(path: Mapping[int, float], first: int, last: int) -> float:
    """Mean log growth between two years [1/year]; not a number where one of them is not known."""
    if first not in path or last not in path:
        return math.nan
    return math.log(path[last] / path[first]) / (last - first)


def branches() -> dict[str, dict[int, float]]:
    """Insured persons of the nation by branch; of pensions without the public sector, which was admitted as a group."""
    known = levels(NATION)
    years = sorted(known["members"])
    public = dict(zip(years, load_basis(f"{NATION}-2020").path("public_payers", years).tolist(), strict=True))
    return {
        MEMBERS: {year: known["members"][year] - public[year] for year in years},
        "insured against unemployment": known["unemployment_insured"],
        "insured against work injury": known["injury_insured"],
    }


def rates(region: str) -> tuple[float, float]:
    """Employer rate of pensions before and after the cut [1]."""
    law, place = load_law(), None if region == NATION else region
    first, last = (float(law.value(RATE, datetime.date(*day), place)) for day in CUT)
    return first, last


def _percent(value: float) -> str:
    return "not published" if math.isnan(value) else f"{100.0 * value:+z.1f}"


def branch_table() -> str:
    """Growth of each branch over three spans, and how much faster it was after 2018."""
    rows = []
    for name, path in branches().items():
        found = [growth(path, *span) for span in SPANS]
        rows.append([name, *map(_percent, found), _percent(found[1] - found[0])])
    return markdown(rows, ["growth, % a year", *(f"{a}-{b}" for a, b in SPANS), "faster after 2018"])


def year_table() -> str:
    """Growth of pension members year by year, and what began in each year."""
    path = branches()[MEMBERS]
    years = range(SPANS[0][0] + 1, LAST + 1)
    rows = [[str(year), _percent(growth(path, year - 1, year)), BEGAN.get(year, "")] for year in years]
    return markdown(rows, ["year", "growth, %", "what began"])


def province_table() -> str:
    """Employer rate and members of the control group and of others, with every span that a comparison would need."""
    rows = []
    for region in REGIONS:
        members = levels(region)["members"]
        first, last = rates(region)
        rows.append([region, f"{100.0 * first:.1f}", f"{100.0 * (last - first):+.1f}",
                     *(_percent(growth(members, *span)) for span in NEEDED)])  # fmt: skip
    heads = ["region", "rate at the end of 2018, %", "change to 2024, points"]
    return markdown(rows, [*heads, *(f"members {first}-{last}, % a year" for first, last in NEEDED)])


def blocks() -> dict[str, str]:
    """Every table by its mark."""
    return {BRANCHES: branch_table(), BY_YEAR: year_table(), PROVINCES: province_table()}


def main() -> None:
    """Write the tables into the page, and print them."""
    for key, body in blocks().items():
        write_block(PAGE, key, body)
        print(body)


if __name__ == "__main__":
    main()
