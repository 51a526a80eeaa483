"""The task in cashflower: variables of one model point at a time, once by year and once as whole arrays.

cashflower reads the calls between variables from their source, so the variables are functions of this module and call
each other by name. `main` is the set of model points; cashflower puts one point after the other into it.
"""

# mypy: disable-error-code="import-not-found, untyped-decorator"
from __future__ import annotations

import contextlib
import io
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
from cashflower import Model, ModelPointSet, determine_calculation_order, get_settings, get_variables, variable

from benches.peers.task import VARIABLES, YEARS, Task, sample_assumptions

BASIS = sample_assumptions()
main = ModelPointSet(data=pd.DataFrame())


@variable()
def heads(t: int) -> Any:
    if t == 0:
        return main.get("heads")
    return heads(t - 1) * (1.0 - BASIS.death_prob[int(main.get("age")) + t - 1])


@variable()
def wage(t: int) -> Any:
    if t == 0:
        return main.get("wage_index") * BASIS.average_wage
    return wage(t - 1) * (1.0 + BASIS.wage_growth)


@variable()
def retired(t: int) -> Any:
    hazard = BASIS.retirement_prob[int(main.get("age")) + t]
    if t == 0:
        return hazard
    return retired(t - 1) + (1.0 - retired(t - 1)) * hazard


@variable()
def service(t: int) -> Any:
    if t == 0:
        return main.get("service")
    return service(t - 1) + 1.0 - retired(t - 1)


@variable()
def account(t: int) -> Any:
    if t == 0:
        return main.get("account")
    credited = BASIS.account_share * wage(t - 1) * (1.0 - retired(t - 1))
    return (account(t - 1) * (1.0 - retired(t - 1) / BASIS.divisor) + credited) * (1.0 + BASIS.interest)


@variable()
def contribution(t: int) -> Any:
    return BASIS.contribution_rate * heads(t) * wage(t) * (1.0 - retired(t))


@variable()
def pension(t: int) -> Any:
    return heads(t) * retired(t) * (BASIS.accrual * service(t) * wage(t) + account(t) / BASIS.divisor)


@variable()
def fund(t: int) -> Any:
    if t == 0:
        return main.get("heads") * main.get("account") * (1.0 + BASIS.interest) + contribution(t) - pension(t)
    return fund(t - 1) * (1.0 + BASIS.interest) + contribution(t) - pension(t)


BY_YEAR = {name: globals()[name] for name in VARIABLES}


def prepare(task: Task) -> Callable[[], np.ndarray]:
    """Variables by year, as the manual of cashflower starts."""
    return prepared(task, BY_YEAR)


def prepared(task: Task, variables: dict[str, Any]) -> Callable[[], np.ndarray]:
    """Order the variables; a run goes through all points and returns the sums of cashflower."""
    settings = get_settings({"T_MAX_CALCULATION": YEARS - 1, "T_MAX_OUTPUT": YEARS - 1, "SAVE_OUTPUT": False})
    ordered = determine_calculation_order(get_variables(list(variables.items()), settings), settings)

    def run() -> np.ndarray:
        main.data = pd.DataFrame(task.points._asdict())
        with contextlib.redirect_stdout(io.StringIO()):
            output, _ = Model(ordered, [main], settings).run()
        return np.asarray(output[list(VARIABLES)]).T

    return run
