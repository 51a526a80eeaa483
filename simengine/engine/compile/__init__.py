"""Names become positions: one lane's scenario, law and basis as the arrays that the kernels read."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from simengine.basis.basis import Basis
from simengine.common.errors import ModelError
from simengine.engine.compile.constants import fill_constants
from simengine.engine.compile.paths import fill_paths
from simengine.engine.compile.tables import fill_tables
from simengine.kernels.layout import MOST_YEARS, LaneTables, Tables, pack
from simengine.law import LawTree
from simengine.scenario.scenario import Scenario


@dataclass(frozen=True)
class LaneInputs:
    """Everything one lane reads.

    Attributes
    ----------
    years : calendar years, shape (t,)
    paths : one value a year and series [series, t]
    constants : one value a name
    tables : tables by year, sex, age, career or class
    """

    years: np.ndarray
    paths: np.ndarray
    constants: np.ndarray
    tables: Tables

    @cached_property
    def packed(self) -> LaneTables:
        """The tables as the kernel receives them.

        Raises
        ------
        ModelError when they hold more years than a lane has room for
        """
        if self.years.size > MOST_YEARS:
            raise ModelError(
                f"a lane of {self.years.size} years ({self.years[0]} to {self.years[-1]})",
                allowed=f"at most {MOST_YEARS} years",
                hint="Choose an earlier horizon",
            )
        return pack(self.tables)


def compile_lane(
    basis: Basis, law: LawTree, years: np.ndarray, scenario: Scenario | None, known_until: int | None = None
) -> LaneInputs:
    """Inputs of one lane over consecutive years.

    Parameters
    ----------
    law : as the scenario lives under it (information date and levers already applied)
    scenario : changes of series and constants; None for the spin-up, which knows no lever
    known_until : information date of the basis and, with it, the year from which extension rules run; by default that
        of the scenario
    """
    years = np.asarray(years, dtype=np.int64)
    book = fill_paths(basis, law, years, scenario, known_until)
    changed = dict(scenario.constants) if scenario is not None else {}
    if known_until is not None:
        changed["opening_year"] = float(known_until)
    constants = fill_constants(basis, law, years, changed)
    lever = scenario.settings.retirement if scenario is not None else None
    tables = fill_tables(basis, law, book, lever, changed, scenario)
    return LaneInputs(years, np.ascontiguousarray(book.array()), constants, tables)
