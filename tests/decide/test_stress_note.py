"""Every number of the page on stress is what the engine gives (``python -m tests.helpers.stress_tables``)."""

from __future__ import annotations

import numpy as np

from simengine.decide.stress.forms import FORMS, Place
from simengine.decide.stress.library import Stress, stresses
from simengine.law import load_law
from simengine.scenario.levers import PathChange
from simengine.scenario.scenario import load_scenario
from tests.helpers.note_tables import assert_printed, note_tables
from tests.helpers.stress_tables import broken_rows, library_rows


def test_note__library_is_that_of_the_files() -> None:
    _, table = note_tables("stress", "1")
    assert table == library_rows()


def test_note__every_form_has_its_stresses() -> None:
    (forms, _) = note_tables("stress", "2")
    told = {row["form"]: {name.strip() for name in row["stresses"].split(",")} for row in forms}
    known: dict[str, set[str]] = {}
    for one in stresses().values():
        known.setdefault(one.content.form, set()).add(one.key)
    assert told == known and {*FORMS} <= {*told}


def test_note__growth_of_two_years_by_hand() -> None:
    (_, table) = note_tables("stress", "2")
    own = np.array([100.0, 105.0, 110.25, 115.7625])
    template = stresses()["wage_stagnation"]
    one = Stress("x", template.file, template.content.model_copy(update={"years": 2}), template.doc)
    place = Place(load_scenario("haiyan/baseline"), 2032, 0.0, load_law())
    change = PathChange.model_validate(FORMS["growth"](one, 0.02, place)["paths"]["average_wage"])
    under = change.apply(own, [2031, 2032, 2033, 2034])
    for row, values in zip(table, (own, under), strict=True):
        for year, value in enumerate(values, 1):
            assert_printed(row[str(year)], float(value), f"{row['year']} {year}")


def test_note__smallest_layoff_wave() -> None:
    (table,) = note_tables("stress", "6")
    assert table == broken_rows()
