"""Mechanisms of the history, removed one at a time: each moves what it carries and leaves alone what it does not."""

from __future__ import annotations

import pandas as pd
import pytest

from simengine.basis.basis import Basis
from simengine.basis.overlay import Values, overlay
from simengine.engine.label import label_history
from simengine.engine.project import spin_up
from simengine.judge.checks.free_run import SERIES, by_year, references
from simengine_calibration.fitting.mechanisms import COLUMNS, MEASURES, MECHANISMS, YEARS, mechanism_table
from simengine_calibration.fitting.model import Model
from simengine_calibration.fitting.spec import read_fit
from tests.calibration.test_fitting_spec import ROOT
from tests.helpers.tiny_fit import law

STILL = 1e-12
TOUCHED = {
    "catch_up": {"catch_up_entrants"},
    "deemed": {"deemed_entry_share"},
    "early": set(),
    "admission": {"admitted_enterprise_pensioners", "admitted_public_pensioners"},
    "settlement": {"settled_pension_years", "settled_contribution_years"},
    "payer_share": {"enterprise_payers", "paused_members", "pause_enterprise", "pause_flexible"},
    "compliance": {"compliance_enterprise"},
    "award": {"award_factor"},
}
"""Series and constants each mechanism may move; early retirement is law."""


@pytest.fixture(scope="module")
def model() -> Model:
    return Model(read_fit(ROOT / "calibration" / "china.yaml"), law())


@pytest.fixture(scope="module")
def heard() -> list[str]:
    return []


@pytest.fixture(scope="module")
def table(model: Model, heard: list[str]) -> pd.DataFrame:
    return mechanism_table(model, model.basis, heard.append)


def change(table: pd.DataFrame, mechanism: str, series: str) -> dict[int, float]:
    """Relative change of a series by year when the mechanism is taken away."""
    rows = table[(table["mechanism"] == mechanism) & (table["series"] == series)]
    return dict(zip(rows["year"].tolist(), rows["change"].tolist(), strict=True))


@pytest.mark.parametrize(
    ("mechanism", "series", "sign"),
    [
        ("catch_up", "pensioners", -1),
        ("catch_up", "expenditure", -1),
        ("deemed", "expenditure", -1),
        ("deemed", "pensioners", -1),
        ("early", "pensioners", -1),
        ("early", "expenditure", -1),
        ("admission", "pensioners", -1),
        ("admission", "expenditure", -1),
        ("payer_share", "contributions", 1),
        ("payer_share", "recorded_accounts", 1),
        ("compliance", "contributions", 1),
        ("compliance", "recorded_accounts", 1),
        ("award", "expenditure", -1),
        ("award", "mean_enterprise_pension", -1),
    ],
)
def test_mechanism__removed_moves_what_it_carries(table: pd.DataFrame, mechanism: str, series: str, sign: int) -> None:
    moved = change(table, mechanism, series)
    assert set(moved) == set(YEARS)
    assert all(sign * value > 1e-4 for value in moved.values()), moved


def test_settlement__removed_lowers_spending_of_its_years_alone(model: Model) -> None:
    def run(basis: Basis) -> dict[str, dict[int, float]]:
        data = label_history(spin_up(basis, law(), 2020), by_age=False).isel(scenario=0, draw=0, region=0)
        return {name: by_year(data, SERIES[name]) for name in ("expenditure", "pensioners", "contributions")}

    whole = run(model.basis)
    left = run(overlay(model.basis, {model.basis.name: MECHANISMS["settlement"].values(model.basis)}))
    for year in range(2016, 2020):
        assert left["expenditure"][year] < 0.99 * whole["expenditure"][year], year
        assert left["contributions"][year] < whole["contributions"][year], year
    assert all(left["expenditure"][year] == whole["expenditure"][year] for year in range(1993, 2015))
    assert left["pensioners"] == whole["pensioners"]


@pytest.mark.parametrize(
    ("mechanism", "series"),
    [
        ("award", "pensioners"),
        ("award", "contributions"),
        ("award", "recorded_accounts"),
        ("compliance", "pensioners"),
        ("settlement", "pensioners"),
        ("settlement", "recorded_accounts"),
        ("settlement", "mean_enterprise_pension"),
    ],
)
def test_mechanism__removed_leaves_alone_what_it_does_not_carry(
    table: pd.DataFrame, mechanism: str, series: str
) -> None:
    assert all(abs(value) < STILL for value in change(table, mechanism, series).values())


@pytest.mark.parametrize("name", MECHANISMS)
def test_mechanism__sets_its_own_series_and_no_other(model: Model, name: str) -> None:
    one = MECHANISMS[name]
    values = one.values(model.basis)
    assert {*values.series, *values.constants} == TOUCHED[name]
    assert (one.law is not None) == (name == "early")
    for series, row in values.series.items():
        known = model.basis.own_series[series]
        assert row is not None and set(known.years.tolist()) <= set(row)


def test_payer_share__heads_of_both_groups_are_kept(model: Model) -> None:
    basis, values = model.basis, MECHANISMS["payer_share"].values(model.basis)
    payers, paused = values.series["enterprise_payers"], values.series["paused_members"]
    assert payers is not None and paused is not None and set(paused.values()) == {0.0}
    for year, value in payers.items():
        both = basis.path("enterprise_payers", [year])[0] + basis.path("paused_members", [year])[0]
        assert value == pytest.approx(both)


def test_empty_values__change_no_bit(model: Model) -> None:
    whole, same = (model.basis, overlay(model.basis, {model.basis.name: Values()}))
    runs = [spin_up(basis, law(), 2000) for basis in (whole, same)]
    for name in ("stocks", "flows", "ledger", "balance"):
        assert getattr(runs[0].output, name).tobytes() == getattr(runs[1].output, name).tobytes()


def test_table__has_every_mechanism_series_and_year(table: pd.DataFrame, heard: list[str], model: Model) -> None:
    assert tuple(table.columns) == COLUMNS and heard == list(MECHANISMS)
    assert len(table) == len(MECHANISMS) * len(MEASURES) * len(YEARS)
    assert (table["without"] / table["with"] - 1.0).tolist() == pytest.approx(table["change"].tolist())
    known = {(item.series, item.year) for item in references(model.basis)}
    stated = {(row.series, row.year) for row in table.itertuples() if row.reference == row.reference}
    assert stated == {(series, year) for series in MEASURES for year in YEARS if (series, year) in known}
    seen = table.dropna(subset="reference")
    assert (seen["with"] / seen["reference"] - 1.0).tolist() == pytest.approx(seen["gap_with"].tolist())
    assert all({"en", "zh"} == set(one.label) for one in MECHANISMS.values())
