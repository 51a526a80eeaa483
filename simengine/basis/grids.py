"""Tables of a basis spread over sex, age and calendar years; what follows from the cells of one table is made once."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from simengine.basis.files import Table, wide_values
from simengine.common import elementwise
from simengine.common.errors import BasisError
from simengine.registry.axes import AGE, SEX

AGES = len(AGE)
GRIDS = 32
"""Grids kept by one table; a sweep over horizons would need a new one each time."""


def fill(target: np.ndarray, table: Table, values: np.ndarray, rows: Sequence[int] | None = None) -> None:
    """Write values[..., row] into target[..., sex, age] by the table's own columns sex and age.

    Parameters
    ----------
    rows : rows of the table to write; all when left out
    """
    sexes = np.array([SEX.index(sex) if sex in SEX else -1 for sex in table.text("sex")])
    ages = table.integers("age")
    chosen = np.arange(len(table)) if rows is None else np.asarray(rows, dtype=np.int64)
    wrong = (sexes[chosen] < 0) | (ages[chosen] < 0) | (ages[chosen] >= AGES)
    if wrong.any():
        row = int(chosen[wrong][0])
        raise BasisError("table_sex_age", where=table.where(row), sex=table.text("sex")[row], age=ages[row])
    target[..., sexes[chosen], ages[chosen]] = values[..., chosen]


def interpolate(known: np.ndarray, values: np.ndarray, wanted: np.ndarray) -> np.ndarray:
    """Rows of `values` (knots, cells) at the wanted years, linear, held outside."""
    right = np.clip(np.searchsorted(known, wanted, side="left"), 1, known.size - 1) if known.size > 1 else None
    if right is None:
        return np.repeat(values, wanted.size, axis=0)
    left = right - 1
    weight = np.clip((wanted - known[left]) / (known[right] - known[left]), 0.0, 1.0)[:, None]
    exact = values[left] * (1.0 - weight) + values[right] * weight
    return np.where(weight == 1.0, values[right], np.where(weight == 0.0, values[left], exact))


def at_years(table: Table, wanted: np.ndarray, log: bool, flows: bool) -> np.ndarray:
    """A wide table of columns sex, age and knot years at every year asked for [year, sex, age 0..100].

    Linear between knots, or log-linear; held after the last knot. Before the first knot a flow is zero and a
    rate is an error.
    """

    def make() -> np.ndarray:
        known, values = wide_values(table, ("sex", "age"))
        if not flows and wanted.size and wanted.min() < known[0]:
            raise BasisError("table_early", where=str(table.path), name=table.name, year=wanted.min(), first=known[0])
        mixed = interpolate(known, elementwise.log(values) if log else values, wanted)
        mixed = elementwise.exp(mixed) if log else mixed
        if flows:
            mixed[wanted < known[0]] = 0.0
        result = np.zeros((wanted.size, len(SEX), AGES))
        fill(result, table, mixed)
        return result

    return _once(table, ("at_years", log, flows, wanted.tobytes()), make)


def fertility_at(table: Table, wanted: np.ndarray) -> np.ndarray:
    """A table of births per woman-year by age and knot years at every year asked for [year, age 0..100]."""
    known, values = wide_values(table, ("age",))
    result = np.zeros((wanted.size, AGES))
    result[:, table.integers("age")] = interpolate(known, values, wanted)
    return result


def profile(table: Table, kind: str, status: str) -> np.ndarray:
    """One age profile of age_shapes.csv [sex, age 0..100]; ages without a row are zero."""

    def make() -> np.ndarray:
        kinds, statuses = table.text("kind"), table.text("status")
        chosen = [row for row in range(len(table)) if kinds[row] == kind and statuses[row] == status]
        if not chosen:
            known = sorted({f"{a} {b}" for a, b in zip(kinds, statuses, strict=True)})
            raise BasisError("table_profile", where=str(table.path), name=f"{kind} {status}", known=", ".join(known))
        result = np.zeros((len(SEX), AGES))
        fill(result, table, table.numbers("value"), chosen)
        return result

    return _once(table, ("profile", kind, status), make)


def _once(table: Table, key: tuple[Any, ...], make: Callable[[], np.ndarray]) -> np.ndarray:
    """A copy of what was made of a table, or now is made and kept."""
    found = table.made.get(key)
    if found is None:
        found = make()
        if len(table.made) >= GRIDS:
            table.made.clear()
        table.made[key] = found
    return found.copy()
