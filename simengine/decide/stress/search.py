"""The search of reverse stress: a mesh of shocks for each stress, the edge between passing and failing, and mends.

Scenarios are run in blocks: the mesh of one stress together, and every step of the search for all stresses together.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from simengine.common.errors import LeverError, ScenarioError, SimengineError, each_error
from simengine.decide.packaged import for_region
from simengine.decide.stress.batch import Base, Judged, judged
from simengine.decide.stress.failure import Failure
from simengine.decide.stress.forms import REASONS, STATED, Place, shocked, why_not
from simengine.decide.stress.library import Stress
from simengine.engine.what_if import what_if
from simengine.judge.run import ImpossibleError
from simengine.scenario.scenario import Scenario

if TYPE_CHECKING:
    from simengine.judge.targets.rows import Target

    Pair = tuple["Search", "Failure"]

DOUBLINGS = 3
"""Shocks of the mesh below the largest one, each half of the next."""

INSIDE, TURNS = 4, 2
"""Shocks that are run between the largest that the model takes and the next, and how often; 1/25 of the gap is left."""

CLOSE = 1e-3
"""Relative width within which the smallest shock is found; well below the one per cent that is checked."""

BELOW, ABOVE = 0.99, 1.01

FOUND, NONE, ALREADY, UNSURE = "found", "none", "already", "unsure"
"""What is found: a shock; none up to the largest; the baseline fails already; no shock that passes at 99 % and fails at
101 % (the verdict is not monotone there)."""

STATUSES = (NONE, ALREADY, UNSURE, *REASONS)
"""What is found where there is no smallest shock."""

FILE_LIMIT, MODEL_LIMIT = "file", "model"
"""What ends the shocks that are looked at: the largest of the file, or the largest that the model takes."""


class Search:
    """One stress at any size: what each size gives to every failure.

    Attributes
    ----------
    margins : shock -> margin of every failure by its text; not a number where the model does not take the shock
    mesh : shocks that are looked at first, from nothing up to the largest that is taken
    reason : why the stress does not apply; empty where it does
    limit : what ends the mesh
    """

    def __init__(
        self, base: Base, place: Place, stress: Stress, failures: Sequence[Failure], unshocked: Mapping[str, float]
    ) -> None:
        self.base, self.place, self.stress = base, place, stress
        self.failures = failures
        self.margins: dict[float, Mapping[str, float]] = {0.0: unshocked}
        self.mesh: list[float] = []
        self.reason = why_not(stress, place.scenario)
        self.limit = ""

    @property
    def applies(self) -> bool:
        """Whether the stress can be put on the scenario, as far as is known."""
        return not self.reason

    @property
    def most(self) -> float:
        """The largest shock that was looked at."""
        return max(self.mesh, default=math.nan)

    def lay_mesh(self) -> None:
        """Run the shocks that are looked at first, up to the largest that the model takes.

        A shock that the engine refuses, such as one that leaves fewer than no children, or whose result is impossible,
        is no failure: the mesh ends at the largest below the first of these.
        """
        if not self.applies:
            return
        most, size = self.stress.content.most, self.stress.content.size
        wanted = {math.ldexp(most, -halved) for halved in range(DOUBLINGS + 1)} | {size}
        run_all([(self, shock) for shock in wanted])
        for _ in range(TURNS):
            taken, first = self._taken()
            if not self.applies or first is None:
                break
            inside = np.linspace(taken[-1], first, INSIDE + 2)[1:-1].tolist()
            run_all([(self, shock) for shock in inside])
        if self.applies:
            self.mesh, first = self._taken()
            self.limit = FILE_LIMIT if first is None else MODEL_LIMIT

    def _taken(self) -> tuple[list[float], float | None]:
        """Shocks below the first one that the model does not take, and that one."""
        shocks = sorted(self.margins)
        first = next((shock for shock in shocks if not _finite(self.margins[shock])), None)
        return [shock for shock in shocks if first is None or shock < first], first

    def made(self, shock: float) -> Scenario | None:
        """The scenario under a shock; None where it is refused, and the reason is set where it is stated."""
        try:
            under = shocked(self.stress, shock, self.place, self.key(shock))
        except LeverError:
            return None
        except SimengineError as error:
            if not all(isinstance(one, LeverError) for one in each_error(error)):
                raise
            return None
        if under is None:
            self.reason = STATED
        return under

    def key(self, shock: float) -> str:
        """Name of the scenario under a shock, which no other one has."""
        return f"{self.base.scenario.key}~{self.stress.key}~{shock!r}"

    def edge(self, failure: Failure) -> tuple[float, float] | str:
        """The last shock of the mesh that passes and the first that fails, or why there are none."""
        if self.reason:
            return self.reason
        margins = [self.margins[shock][failure.text] for shock in self.mesh]
        after = next((place for place, margin in enumerate(margins) if margin < 0.0), None)
        return NONE if after is None else (self.mesh[after - 1], self.mesh[after])


def _finite(margins: Mapping[str, float]) -> bool:
    return not any(math.isnan(margin) for margin in margins.values())


def run_all(wanted: Iterable[tuple[Search, float]], *, between: bool = False) -> None:
    """Run shocks of some stresses of one baseline, those alone that are not known, and keep what they give.

    Parameters
    ----------
    between : they lie between shocks that were checked, and their results are not checked again
    """
    new = [(search, shock) for search, shock in dict.fromkeys(wanted) if shock not in search.margins]
    made = [(search, shock, search.made(shock)) for search, shock in new]
    if not made:
        return
    base = made[0][0].base
    rows = list({one.row.id: one.row for search, _ in new for one in search.failures if one.row is not None}.values())
    base.runs.checks = not between
    try:
        found = _judged(base, [under for *_, under in made if under is not None], rows)
    finally:
        base.runs.checks = True
    places = {} if found is None else {one.key: place for place, one in enumerate(found.scenarios)}
    for search, shock, under in made:
        place = None if under is None else places.get(under.key)
        search.margins[shock] = {
            one.text: math.nan if found is None or place is None else one.margin(found, place)
            for one in search.failures
        }


def _judged(base: Base, scenarios: Sequence[Scenario], rows: Sequence[Target]) -> Judged | None:
    """Scenarios of the search, judged; None where the engine refuses every one."""
    try:
        return judged(base, scenarios, rows) if scenarios else None
    except ImpossibleError:
        return None


# --- the edge ---------------------------------------------------------------------------------------------------------


def smallest_of(searches: Sequence[Search], failures: Sequence[Failure]) -> dict[Pair, tuple[str, float]]:
    """Status, and the smallest shock, of every failure under every stress whose mesh is laid."""
    found: dict[Pair, tuple[str, float]] = {}
    left: dict[Pair, tuple[float, float]] = {}
    for search in searches:
        for failure in failures:
            edge = search.edge(failure)
            if isinstance(edge, str):
                found[search, failure] = (edge, math.nan)
            else:
                left[search, failure] = edge
    for measure in (lambda margin: margin, _sign):
        if not left:
            break
        roots = _roots(left, measure)
        run_all([(search, part * root) for (search, _), root in roots.items() for part in (BELOW, ABOVE)])
        for pair, root in roots.items():
            below, above = (pair[0].margins[part * root][pair[1].text] for part in (BELOW, ABOVE))
            if below >= 0.0 > above:
                found[pair] = (FOUND, root)
                del left[pair]
    return found | dict.fromkeys(left, (UNSURE, math.nan))


def _sign(margin: float) -> float:
    return margin if math.isnan(margin) else 1.0 if margin >= 0.0 else -1.0


def _roots(edges: Mapping[Pair, tuple[float, float]], measure: Callable[[float], float]) -> dict[Pair, float]:
    """Where a measure of the margin changes its sign between two shocks, for all pairs step by step together."""
    from scipy.optimize.elementwise import find_root

    pairs = list(edges)

    def margins(shocks: np.ndarray, places: np.ndarray) -> np.ndarray:
        asked = [(pairs[int(place)], float(shock)) for place, shock in zip(places.flat, shocks.flat, strict=True)]
        run_all([(search, shock) for (search, _), shock in asked], between=True)
        values = [measure(search.margins[shock][failure.text]) for (search, failure), shock in asked]
        return np.array(values).reshape(shocks.shape)

    ends = np.array([edges[pair] for pair in pairs])
    done = find_root(
        margins, (ends[:, 0], ends[:, 1]), args=(np.arange(len(pairs)),),
        tolerances={"xatol": 0.0, "xrtol": CLOSE, "fatol": 0.0, "frtol": 0.0},
    )  # fmt: skip
    return {pair: float(root) for pair, root, ok in zip(pairs, done.x, done.success, strict=True) if ok}


# --- mends ------------------------------------------------------------------------------------------------------------


def undone_of(
    smallest: Mapping[Pair, tuple[str, float]], mends: Sequence[str]
) -> dict[Pair, tuple[list[str], list[str]]]:
    """Levers that undo each failure just beyond its smallest shock, and those that were tried, run together."""
    made: list[tuple[Pair, str, Scenario]] = []
    for (search, failure), (status, shock) in smallest.items():
        under = search.made(ABOVE * shock) if status == FOUND else None
        if under is not None:
            made += [((search, failure), name, mended) for name, mended in _mended(search, under, failure, mends)]
    if not made:
        return {}
    base = made[0][0][0].base
    rows = list({pair[1].row.id: pair[1].row for pair, *_ in made if pair[1].row is not None}.values())
    found = _judged(base, [scenario for *_, scenario in made], rows)
    places = {} if found is None else {one.key: place for place, one in enumerate(found.scenarios)}
    told: dict[Pair, tuple[list[str], list[str]]] = {}
    for pair, name, scenario in made:
        undone, tried = told.setdefault(pair, ([], []))
        place = places.get(scenario.key)
        if found is None or place is None or not found.possible[place]:
            continue  # it meets what the scenario states, or acts on nothing here
        tried.append(name)
        undone += [name] if pair[1].margin(found, place) >= 0.0 else []
    return told


def _mended(search: Search, under: Scenario, failure: Failure, mends: Sequence[str]) -> Iterable[tuple[str, Scenario]]:
    """A shocked scenario with each lever that can be put on it, under a name of its own."""
    names = [one for one in (*search.stress.content.undone_by, *mends) if for_region(one, search.base.region)]
    for place, name in enumerate(dict.fromkeys(names)):
        try:
            mended = what_if(under, levers=[name])
        except SimengineError as error:
            if all(isinstance(one, LeverError | ScenarioError) for one in each_error(error)):
                continue  # it meets what the scenario states, or is dated before the start
            raise
        yield name, replace(mended, key=f"{under.key}~{failure.text}~{place}")
