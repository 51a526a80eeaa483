"""Time of a table of cases: the award kernel alone, and a table from its file to its result. See README.md."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from benches.digests import digests, exact_digest
from simengine.cases import compute, read_cases
from simengine.cases.table import PARTS, award_table
from simengine.cases.words import month_text
from simengine.kernels import cases as at

PERSONS = 1_000_000
SIZE = "one_million_persons"
REGIONS = ("jiangxi", "hubei", "xuzhou", "haiyan")
OLD_AGE = {"men": 720, "women_55": 660, "women_50": 600}
CHECKED = 40
"""Rows that are also computed one by one."""


def persons() -> pd.DataFrame:
    """A table of persons at their statutory month, 2021 to 2034, the same in every run."""
    rng = np.random.default_rng(7)
    careers = np.array(tuple(OLD_AGE))[rng.integers(0, 3, PERSONS)]
    old = rng.integers(12 * 2021, 12 * 2035, PERSONS)
    born = old - np.array([OLD_AGE[name] for name in sorted(OLD_AGE)])[np.searchsorted(sorted(OLD_AGE), careers)]
    months = np.array([month_text(month) for month in range(12 * 1950, 12 * 2000)])
    paid = rng.integers(100, 300, PERSONS)
    return pd.DataFrame(
        {
            "id": np.arange(PERSONS),
            "region": np.array(REGIONS)[rng.integers(0, len(REGIONS), PERSONS)],
            "career": careers,
            "born": months[born - 12 * 1950],
            "paid_months": paid,
            "index": rng.integers(6_000, 25_000, PERSONS) / 10_000,
            "deemed_months": np.where(rng.random(PERSONS) < 0.3, rng.integers(1, 100, PERSONS), 0),
            "account": np.round(paid * rng.uniform(200.0, 600.0, PERSONS), 2),
        }
    )


@pytest.fixture(scope="module")
def table(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The table as a file."""
    path = tmp_path_factory.mktemp("cases") / "persons.csv"
    persons().to_csv(path, index=False)
    return path


def test_award_kernel(benchmark: Any) -> None:
    """The compiled kernel over arrays: no reading, no law."""
    rng = np.random.default_rng(7)
    records = np.zeros((PERSONS, at.RECORD_COLUMNS))
    records[:, at.PAID] = rng.integers(100, 400, PERSONS)
    records[:, at.INDEX] = records[:, at.DEEMED_INDEX] = rng.uniform(0.6, 2.5, PERSONS)
    records[:, at.DEEMED] = records[:, at.BEFORE] = rng.integers(0, 100, PERSONS)
    records[:, at.ACCOUNT], records[:, at.DIVISOR] = rng.uniform(2e4, 2e5, PERSONS), 137.8
    laws = np.zeros((2, at.LAW_COLUMNS))
    laws[:, at.BASE], laws[:, at.ACCRUAL], laws[:, at.COEFFICIENT] = (7054.0, 8433.0), 0.01, (0.013, 0.014)
    laws[:, at.ROUNDING] = (at.TO_FEN, at.UP_TO_JIAO)
    group = rng.integers(0, 2, PERSONS)
    awards = np.empty((PERSONS, at.AWARD_COLUMNS))
    seen: list[str] = []

    def once() -> None:
        at.award_rows(records, laws, group, awards)
        seen.append(exact_digest([awards]))

    benchmark.pedantic(once, rounds=5, iterations=1, warmup_rounds=1)
    assert len(set(seen)) == 1, "rounds of equal input differ"
    for row in range(CHECKED):
        assert tuple(awards[row]) == at.award_parts(records[row], laws[group[row]])
    benchmark.extra_info.update(size=SIZE, numbers=awards.size, **digests([awards]))


def test_award_table(benchmark: Any, table: Path) -> None:
    """What a user waits for before the result is written: read, check, look the law up, compute."""
    done = benchmark.pedantic(lambda: award_table(table), rounds=3, iterations=1, warmup_rounds=1)
    frame = done.frame
    assert len(frame) == PERSONS
    rows = frame[frame["entitled"] == 1].head(CHECKED)
    stated = pd.read_csv(table, nrows=int(rows["row"].max()))
    for place, row in rows.iterrows():
        person = stated.iloc[int(row["row"]) - 2]
        record = {name: person[name].item() for name in ("paid_months", "index", "deemed_months", "account")}
        who = {"career": str(person["career"]), "born": str(person["born"])}
        case = {"kind": "award", "region": str(person["region"]), "person": who, "record": record}
        single = compute(read_cases(case, lambda *keys: "row")[0])
        assert row["pension"] == single.value("pension"), place
    arrays = [np.nan_to_num(frame[name].to_numpy()) for name in PARTS]
    benchmark.extra_info.update(size=SIZE, rows=PERSONS, **digests(arrays))
