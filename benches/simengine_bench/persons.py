"""A table of persons for ``simengine case``, the same in every run."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from simengine.common.messages import month_text

REGIONS = ("jiangxi", "hubei", "xuzhou", "haiyan")
OLD_AGE = {"men": 720, "women_50": 600, "women_55": 660}
"""Statutory age before 2025 by career [months]."""


ACCOUNTS = 12 * 1995 + 9
"""First month of accounts in any of the regions."""
JOINING = 192
"""Age from which months are deemed [months]."""


def persons(count: int) -> pd.DataFrame:
    """Persons who reach the statutory age of before 2025 in one of the months of 2021 to 2034."""
    rng = np.random.default_rng(7)
    career = rng.integers(0, len(OLD_AGE), count)
    born = rng.integers(12 * 2021, 12 * 2035, count) - np.array(tuple(OLD_AGE.values()))[career]
    months = np.array([month_text(month) for month in range(12 * 1950, 12 * 2000)])
    paid = rng.integers(100, 300, count)
    possible = np.maximum(ACCOUNTS - born - JOINING, 0)
    columns = {
        "id": np.arange(count),
        "region": np.array(REGIONS)[rng.integers(0, len(REGIONS), count)],
        "career": np.array(tuple(OLD_AGE))[career],
        "born": months[born - 12 * 1950],
        "paid_months": paid,
        "index": rng.integers(6_000, 25_000, count) / 10_000,
        "deemed_months": np.where(rng.random(count) < 0.3, np.minimum(rng.integers(1, 100, count), possible), 0),
        "account": np.round(paid * rng.uniform(200.0, 600.0, count), 2),
    }
    return pd.DataFrame(columns)


def write_persons(path: Path, count: int) -> None:
    """Write persons as a CSV, or as a workbook with a title above the header as offices keep them."""
    frame = persons(count)
    if path.suffix == ".csv":
        frame.to_csv(path, index=False)
        return
    with pd.ExcelWriter(path, engine="xlsxwriter") as writer:
        frame.to_excel(writer, index=False, startrow=1)
        writer.sheets["Sheet1"].write(0, 0, "Persons of the bench")
