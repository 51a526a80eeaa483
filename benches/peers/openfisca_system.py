"""The task in openfisca-core: one variable class per variable, yearly periods, arrays over the persons.

Values are float32, the type that openfisca-core gives to every variable declared as `float`.
"""

# mypy: disable-error-code="import-not-found"
from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from openfisca_core.entities import build_entity
from openfisca_core.periods import DateUnit
from openfisca_core.simulations import SimulationBuilder
from openfisca_core.taxbenefitsystems import TaxBenefitSystem
from openfisca_core.variables import Variable

from benches.peers.task import VARIABLES, YEARS, Assumptions, Task

START = 2001
"""Calendar year of t = 0."""

PERSON = build_entity(key="person", plural="persons", label="Model point", is_person=True)

Formula = Callable[[Any, Any, Any], Any]


def formulas(basis: Assumptions) -> dict[str, Formula]:
    """The formulas by name; values of the first year are inputs, so a formula may ask for last year."""
    deaths, hazards = basis.death_prob.astype(np.float32), basis.retirement_prob.astype(np.float32)
    growth = np.float32(1.0 + basis.interest)

    def heads(person: Any, period: Any, parameters: Any) -> Any:
        before = period.last_year
        return person("heads", before) * (1 - deaths[person("age", before)])

    def wage(person: Any, period: Any, parameters: Any) -> Any:
        return person("wage", period.last_year) * np.float32(1.0 + basis.wage_growth)

    def retired(person: Any, period: Any, parameters: Any) -> Any:
        before = person("retired", period.last_year)
        return before + (1 - before) * hazards[person("age", period)]

    def service(person: Any, period: Any, parameters: Any) -> Any:
        return person("service", period.last_year) + 1 - person("retired", period.last_year)

    def account(person: Any, period: Any, parameters: Any) -> Any:
        before = period.last_year
        retired = person("retired", before)
        credited = np.float32(basis.account_share) * person("wage", before) * (1 - retired)
        return (person("account", before) * (1 - retired / np.float32(basis.divisor)) + credited) * growth

    def contribution(person: Any, period: Any, parameters: Any) -> Any:
        paid = np.float32(basis.contribution_rate) * person("heads", period) * person("wage", period)
        return paid * (1 - person("retired", period))

    def pension(person: Any, period: Any, parameters: Any) -> Any:
        earned = np.float32(basis.accrual) * person("service", period) * person("wage", period)
        drawn = person("account", period) / np.float32(basis.divisor)
        return person("heads", period) * person("retired", period) * (earned + drawn)

    def fund(person: Any, period: Any, parameters: Any) -> Any:
        net = person("contribution", period) - person("pension", period)
        return person("fund", period.last_year) * growth + net

    def age(person: Any, period: Any, parameters: Any) -> Any:
        return person("age", period.last_year) + 1

    every = (age, heads, wage, retired, service, account, contribution, pension, fund)
    return {formula.__name__: formula for formula in every}


def system(basis: Assumptions) -> Any:
    """The tax and benefit system with one variable class per formula."""
    made = TaxBenefitSystem([PERSON])
    for name, formula in formulas(basis).items():
        body = {
            "value_type": int if name == "age" else float,
            "entity": PERSON,
            "definition_period": DateUnit.YEAR,
            "label": name,
            "formula": formula,
        }
        made.add_variable(type(name, (Variable,), body))
    return made


def prepare(task: Task) -> Callable[[], np.ndarray]:
    """Build the system; a run makes a simulation, sets the inputs and calculates year by year."""
    points, basis = task
    made = system(basis)
    inputs = {
        "age": points.age,
        "heads": points.heads,
        "wage": points.wage_index * basis.average_wage,
        "retired": basis.retirement_prob[points.age],
        "service": points.service,
        "account": points.account,
    }

    def run() -> np.ndarray:
        simulation = SimulationBuilder().build_default_simulation(made, count=len(points.age))
        for name, values in inputs.items():
            simulation.set_input(name, str(START), values)
        simulation.set_input("fund", str(START - 1), points.heads * points.account)
        years = [str(START + t) for t in range(YEARS)]
        return np.array([[simulation.calculate(name, t).sum(dtype=float) for name in VARIABLES] for t in years]).T

    return run
