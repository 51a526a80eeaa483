"""Lever files: one change of policy or assumption with its reason, checked on reading, combined without order.

A scenario names its levers. Two levers that change the same thing (a law parameter, a series in the same year or in
another way, retirement, indexation, the payment rate, a constant, a campaign, the same people) are an error that names
both, so that the order in which levers are named can never change a number. The rule of each kind: notes/scenarios.md.
"""

from __future__ import annotations

import math
import re
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, model_validator
from pydantic_core import PydanticCustomError

from simengine.common.fields import (
    Frozen,
    Growth,
    Indexation,
    LawDate,
    LawKey,
    LawValue,
    Name,
    Number,
    Persons,
    Share,
    Text,
    Year,
    as_tuple,
)
from simengine.scenario.demography import Demography

Operation = Literal["set", "add", "multiply", "growth"]
OPERATIONS: tuple[Operation, ...] = ("set", "add", "multiply", "growth")

MemberAge = Annotated[int, Field(strict=True, ge=16, le=100)]

EVER = 1993
"""Year under which a growth stated without a year is kept: it acts in every projected year."""


def _by_year(value: Any) -> Any:
    return {EVER: value} if isinstance(value, int | float) and not isinstance(value, bool) else value


class PathChange(Frozen):
    """One change of one yearly series.

    Exactly one operation. A stated value counts in its year; between and after the stated years `shape` decides:
    ``step`` holds it until the next stated year, ``ramp`` goes linearly to the next one and holds the last,
    ``pulse`` counts in the stated years alone. Years before the first stated one are never touched.

    What follows the series follows it as changed. ``alone: true`` changes the series alone: what follows it goes on as
    if nothing had happened. The persons or the money that ``set`` and ``add`` state for a city are shared over its
    areas.
    """

    set: dict[Year, Number] | None = None
    add: dict[Year, Number] | None = None
    multiply: dict[Year, Annotated[float, Field(strict=True, ge=0.0, le=100.0)]] | None = None
    growth: dict[Year, Growth] | None = None
    shape: Literal["step", "ramp", "pulse"] = "step"
    alone: Annotated[bool, Field(strict=True)] = False

    @model_validator(mode="after")
    def _one_operation(self) -> PathChange:
        stated = [name for name in OPERATIONS if getattr(self, name) is not None]
        if len(stated) != 1 or not getattr(self, stated[0]):
            raise PydanticCustomError("one_operation", "one operation", {"given": ", ".join(stated) or "-"})
        return self

    @property
    def operation(self) -> Operation:
        """Which of the four operations is stated."""
        return next(name for name in OPERATIONS if getattr(self, name) is not None)

    @property
    def manner(self) -> str:
        """Operation, shape and reach: what two levers on one series must share."""
        return f"{self.operation}, {self.shape}" + (", alone" if self.alone else "")

    @property
    def neutral(self) -> bool:
        """Whether the change leaves any series as it is: a factor of one or a shift of zero."""
        idle = {"multiply": 1.0, "add": 0.0}.get(self.operation)
        return idle is not None and set(self.knots.values()) == {idle}

    def stated_for(self, year: int) -> int:
        """The stated year whose value counts in a year; the first one before all of them."""
        return max((knot for knot in self.knots if knot <= year), default=min(self.knots))

    @property
    def knots(self) -> dict[int, float]:
        """Stated values by year, in order of years."""
        stated: dict[int, float] = getattr(self, self.operation)
        return dict(sorted(stated.items()))

    def profile(self, years: Any) -> tuple[Any, Any]:
        """Value of the change in every year and whether it acts there.

        Parameters
        ----------
        years : calendar years, shape (t,)

        Returns
        -------
        values and mask, both of shape (t,)
        """
        import numpy as np

        years = np.asarray(years)
        at = np.fromiter(self.knots, dtype=np.int64)
        stated = np.fromiter(self.knots.values(), dtype=np.float64)
        if self.shape == "pulse":
            mask = np.isin(years, at)
            return stated[np.clip(np.searchsorted(at, years), 0, at.size - 1)], mask
        mask = years >= at[0]
        if self.shape == "ramp":
            return np.interp(years, at, stated), mask
        return stated[np.clip(np.searchsorted(at, years, side="right") - 1, 0, at.size - 1)], mask

    def apply(self, values: Any, years: Any, part: float = 1.0) -> Any:
        """The changed series; the given one stays as it is.

        Parameters
        ----------
        values : yearly series [its own unit], shape (t,)
        years : consecutive calendar years, shape (t,)
        part : part of what ``set`` and ``add`` state that falls to an area of a city [1]

        ``multiply`` by 1 and ``add`` of 0 return every bit of the series. ``growth`` g(t) replaces the growth of the
        series: ``v'(t) = v'(t-1)·(1 + g(t))`` where it acts, the series' own growth elsewhere.
        """
        import numpy as np

        series = np.array(values, dtype=np.float64)
        change, acts = self.profile(years)
        if self.operation == "set":
            return np.where(acts, change * part, series)
        if self.operation == "add":
            return np.where(acts, series + change * part, series)
        if self.operation == "multiply":
            return np.where(acts, series * change, series)
        if acts[0]:
            raise ValueError("growth needs the year before its first year in the series")
        moved = series.copy()
        for t in range(int(np.argmax(acts)), series.size) if acts.any() else ():
            own = series[t] / series[t - 1] if series[t - 1] != 0.0 else 1.0
            moved[t] = moved[t - 1] * (1.0 + change[t] if acts[t] else own)
        return moved


class ByCareer(Frozen):
    """Months by column of the retirement-age law."""

    men: Annotated[int, Field(strict=True, ge=0, le=240)]
    women_55: Annotated[int, Field(strict=True, ge=0, le=240)]
    women_50: Annotated[int, Field(strict=True, ge=0, le=240)]


class Flexible(Frozen):
    """Shares of a cohort that choose the earliest or a later month."""

    early_share: Share | None = None
    late_share: Share | None = None

    @model_validator(mode="after")
    def _at_most_all(self) -> Flexible:
        if (self.early_share or 0.0) + (self.late_share or 0.0) > 1.0:
            raise PydanticCustomError("shares_above_one", "shares above one", {})
        return self


class Retirement(Frozen):
    """Statutory retirement age: as enacted, not reformed, or another start, pace and end.

    step_months : one month of delay for every so many months of birth
    cap_months : delay at which the rise ends
    """

    reform: Literal["enacted", "none", "custom"] = "enacted"
    start: Annotated[str, Field(strict=True, pattern=r"^(19|20|21)\d\d-(0[1-9]|1[0-2])$")] | None = None
    step_months: ByCareer | None = None
    cap_months: ByCareer | None = None
    flexible: Flexible | None = None

    @model_validator(mode="after")
    def _complete(self) -> Retirement:
        stated = [name for name in ("start", "step_months", "cap_months") if getattr(self, name) is not None]
        if self.reform == "custom" and len(stated) < 3:
            raise PydanticCustomError("custom_incomplete", "custom incomplete", {"given": ", ".join(stated) or "-"})
        if self.reform != "custom" and stated:
            raise PydanticCustomError("custom_only", "custom only", {"given": ", ".join(stated), "reform": self.reform})
        if self.step_months is not None and 0 in self.step_months.model_dump().values():
            raise PydanticCustomError("step_zero", "step of zero months", {})
        return self

    @property
    def start_month(self) -> tuple[int, int] | None:
        """Year and month of the first delayed retirement, for a custom reform."""
        if self.start is None:
            return None
        year, month = re.fullmatch(r"(\d+)-(\d+)", self.start).groups()  # type: ignore[union-attr]
        return int(year), int(month)


class IndexationRule(Frozen):
    """Yearly increase of pensions in payment on 1 January; a stated rate holds until the next stated year."""

    rate: Annotated[dict[Year, Indexation], Field(min_length=1)]


Pool = Literal["paused", "none", "resident", "elderly"]
POOLS: dict[str, tuple[Pool, ...]] = {
    "enterprise": ("paused", "none", "resident"),
    "flexible": ("paused", "none", "resident"),
    "resident": ("elderly", "paused", "none"),
}
"""Where the campaigns of a status may find people; the branches raise a level and draw on none."""

RESIDENT_POOLS: tuple[Pool, ...] = ("elderly", "paused")
"""Pools of a residents' campaign that names none: the old who never were insured, then who stopped paying."""


class Campaign(Frozen):
    """Enlargement of coverage (扩面) by a total number of persons over some years.

    kind : ``gross`` tops up the ordinary entries of the years to the total; ``additional`` comes on top of them
    total : persons over all years, both ends included
    increments : persons by year when they are not equal parts
    status : whom it brings in: payers of the employees' scheme, or ``resident``, people into the residents' scheme;
        ``unemployment`` and ``injury`` raise the insured of these branches
    pools : where they come from, drawn in this order; none for the two branches. Employees: ``paused``, ``none``,
        ``resident``. Residents: ``elderly`` (of the pension age, without any pension), ``paused`` (registered, not
        paying), ``none``; by default the first two
    limits : most persons a year from a pool; without one as many as it holds
    ages : first and last age of those who enter; by default from 35 to the last age from which the minimum years can
        still be reached by the statutory month, for the residents' scheme every age
    """

    id: Name | None = None
    status: Literal["enterprise", "flexible", "resident", "unemployment", "injury"]
    kind: Literal["gross", "additional"]
    total: Persons
    years: Annotated[tuple[Year, Year], BeforeValidator(as_tuple)]
    increments: dict[Year, Annotated[float, Field(strict=True, ge=0.0)]] | None = None
    pools: Annotated[tuple[Pool, ...], BeforeValidator(as_tuple)] = ()
    limits: dict[Pool, Annotated[float, Field(strict=True, gt=0.0)]] = Field(default_factory=dict)
    ages: Annotated[tuple[MemberAge, MemberAge], BeforeValidator(as_tuple)] | None = None
    reason: Text

    @model_validator(mode="before")
    @classmethod
    def _pools_of_residents(cls, stated: Any) -> Any:
        if isinstance(stated, dict) and stated.get("status") == "resident" and "pools" not in stated:
            return {**stated, "pools": list(RESIDENT_POOLS)}
        return stated

    @model_validator(mode="after")
    def _consistent(self) -> Campaign:
        first, last = self.years
        if last < first:
            raise PydanticCustomError("years_reversed", "years reversed", {"first": first, "last": last})
        if self.ages is not None and self.ages[1] < self.ages[0]:
            raise PydanticCustomError("ages_reversed", "ages", {"first": self.ages[0], "last": self.ages[1]})
        if self.ages is not None and not self.pools:
            raise PydanticCustomError("ages_of_branch", "ages", {"status": self.status})
        if len(set(self.pools)) < len(self.pools):
            raise PydanticCustomError("pools_repeated", "pools repeated", {"given": ", ".join(self.pools)})
        if (self.status in POOLS) != bool(self.pools):
            raise PydanticCustomError("pools_of_branch", "pools", {"status": self.status})
        strange = [pool for pool in self.pools if pool not in POOLS[self.status]]
        if strange:
            known = ", ".join(POOLS[self.status])
            raise PydanticCustomError(
                "pool_of_status", "pool", {"pool": strange[0], "status": self.status, "known": known}
            )
        unused = [pool for pool in self.limits if pool not in self.pools]
        if unused:
            given = ", ".join(self.pools)
            raise PydanticCustomError("limit_without_pool", "limit", {"pool": unused[0], "given": given})
        if self.increments is not None:
            outside = [year for year in self.increments if not first <= year <= last]
            if outside:
                raise PydanticCustomError("increment_outside", "increment outside", {"year": outside[0]})
            stated = math.fsum(self.increments.values())
            if not math.isclose(stated, self.total, rel_tol=1e-9):
                raise PydanticCustomError(
                    "increments_total", "increments", {"stated": f"{stated:_.0f}", "total": f"{self.total:_.0f}"}
                )
        return self

    def by_year(self) -> dict[int, float]:
        """Persons of each year [persons/year]; they add up to `total`."""
        first, last = self.years
        if self.increments is not None:
            return {year: self.increments.get(year, 0.0) for year in range(first, last + 1)}
        return dict.fromkeys(range(first, last + 1), self.total / (last - first + 1))


Checked = Annotated[tuple[Text, ...], BeforeValidator(as_tuple)]
"""Names under which a file states what looks like a slip of unit and is meant."""


class LeverName(Frozen):
    """What a lever is called in tables, in English and in the local language."""

    en: Text
    local: Text


class LeverFile(Frozen):
    """What a lever file may say. Every key but name and reason is optional, at least one change is needed.

    checked : series, parameters of the law, constants, campaigns and sections whose values are meant as they stand
        though they look like a slip of unit
    """

    name: LeverName
    reason: Text
    source: Text | None = None
    region: Name | None = None
    changes: dict[LawKey, Annotated[dict[LawDate, LawValue], Field(min_length=1)]] = Field(default_factory=dict)
    paths: dict[Name, PathChange] = Field(default_factory=dict)
    constants: dict[Name, Number] = Field(default_factory=dict)
    retirement: Retirement | None = None
    indexation: IndexationRule | None = None
    campaigns: Annotated[tuple[Campaign, ...], BeforeValidator(as_tuple)] = ()
    demography: Demography | None = None
    payment_rate: dict[Year, Share] = Field(default_factory=dict)
    payment_rate_employees: dict[Year, Share] = Field(default_factory=dict)
    payment_rate_resident: dict[Year, Share] = Field(default_factory=dict)
    coverage_growth: dict[Name, Annotated[dict[Year, Growth], BeforeValidator(_by_year), Field(min_length=1)]] = Field(
        default_factory=dict
    )
    checked: Checked = ()

    @model_validator(mode="after")
    def _changes_something(self) -> LeverFile:
        kinds = ("changes", "paths", "constants", "retirement", "indexation", "campaigns", "demography", "payment_rate")
        schemes = ("payment_rate_employees", "payment_rate_resident")
        if not any(getattr(self, kind) for kind in (*kinds, *schemes, "coverage_growth")):
            raise PydanticCustomError("lever_empty", "lever empty", {})
        if self.region is not None and not self.changes:
            raise PydanticCustomError("region_without_changes", "region alone", {"region": self.region})
        return self
