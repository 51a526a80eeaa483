"""What a fit says and leaves behind: tables, the frozen basis, the kept fit; the fits that are packaged."""

from __future__ import annotations

import csv
import dataclasses
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from simengine.basis.basis import Basis, load_basis
from simengine.basis.overlay import Values, overlay
from simengine.common import resources, strict_yaml
from simengine.common.errors import BasisError
from simengine.judge.checks.free_run import RECALLED, SERIES, references
from simengine_calibration.fitting import report
from simengine_calibration.fitting.fit import Fit, finish
from simengine_calibration.fitting.freeze import fit_card, freeze_basis, keep_fit
from simengine_calibration.fitting.kept import COLUMNS, FITS, Row, fitted_rows, over_constants, over_paths, read_kept
from simengine_calibration.fitting.model import FITTED, Model, undo, unfitted
from simengine_calibration.fitting.solve import solve, uncertainty
from simengine_calibration.sources.histories import Figure, History
from tests.helpers.tiny_fit import HEAD, OBSERVATIONS, PARAMETERS, law, spec_of

WITH_CONSTANT = """\
  deemed:
    label: {en: deemed years of late entrants, local: 视同缴费年限}
    constant: deemed_entry_share
    prior: {mean: 0.4, sd: 0.1}
    bounds: [0.0, 1.0]
    evidence: assumption
    source: by hand
"""
TINY = HEAD + PARAMETERS.replace("{1998: 1, 2004: 1}", "{1998: 1, 2002: 1}") + WITH_CONSTANT + OBSERVATIONS
PROVINCE = (HEAD + PARAMETERS).replace("china-2020", "jiangxi-2020").replace("value:", "scale:")
PROVINCE = PROVINCE.replace("{1998: 1, 2004: 1}", "[1992, 2050]").replace("[1995, 2004]", "[1995, 2024]")
PROVINCE += "observations:\n  - {series: expenditure, years: [2005, 2008], spread: 0.03, why: yearbook}\n"


HALF_DIGIT = 5e-7
"""Half a unit of the last of seven digits, as a part of the number: at most this, of a number that begins with 1."""


def fitted(model: Model, steps: int = 4) -> Fit:
    found = solve(model, starts=1, max_steps=steps)
    return finish(model, found, uncertainty(model, found))


@pytest.fixture(scope="module")
def nation(tmp_path_factory: pytest.TempPathFactory) -> Fit:
    """A fit of the nation to 1999, one figure of 2000 left out."""
    return fitted(Model(spec_of(tmp_path_factory.mktemp("nation"), TINY).known_by(1999), law()))


@pytest.fixture(scope="module")
def province(tmp_path_factory: pytest.TempPathFactory) -> Fit:
    """A fit of Jiangxi over the nation's award factor and contribution base."""
    inherited = Values(series={"award_factor": None, "compliance_enterprise": None})
    basis = overlay(unfitted(load_basis("jiangxi-2020")), {"jiangxi-2020": inherited})
    return fitted(Model(spec_of(tmp_path_factory.mktemp("province"), PROVINCE, "province"), law(), basis=basis))


@pytest.fixture(scope="module")
def frozen(nation: Fit, tmp_path_factory: pytest.TempPathFactory) -> Basis:
    folder = freeze_basis(nation, tmp_path_factory.mktemp("frozen"))
    return load_basis("china-2020", folder)


# --- tables -----------------------------------------------------------------------------------------------------------


def test_residuals__printed_and_recalled_stand_apart(nation: Fit) -> None:
    table = report.residual_table(nation)
    rested = table["evidence"].isin(RECALLED)
    assert table.loc[rested, "printed"].isna().all() and table.loc[rested, "recalled"].notna().all()
    assert table.loc[~rested, "recalled"].isna().all() and table.loc[~rested, "printed"].notna().all()
    both = table[(table["series"] == "expenditure") & (table["year"] == 2005)]
    assert len(both) == 2 and both["printed"].notna().sum() == both["recalled"].notna().sum() == 1
    assert len(table) == len(references(nation.model.basis))


def test_residuals__say_what_the_fit_has_seen(nation: Fit) -> None:
    table = report.residual_table(nation)
    seen = table[table["use"] == "fitted"]
    assert {(row.series, row.year) for row in seen.itertuples()} == {
        (one.series, one.year) for one in nation.model.observations
    }
    assert nation.model.spec.until == 1999
    assert set(table.loc[table["year"] > 1999, "use"]) == {"later"}
    assert set(table.loc[table["year"] <= 1999, "use"]) == {"fitted", "beside"}
    assert (table.loc[table["series"] == "pensioners", "use"] != "fitted").all()


def test_residuals__are_engine_over_reference(nation: Fit) -> None:
    table = report.residual_table(nation)
    value = table["printed"].fillna(table["recalled"])
    assert table["gap"].to_numpy() == pytest.approx((table["engine"] / value - 1.0).to_numpy(), nan_ok=True)
    assert table["gap_before"].to_numpy() == pytest.approx(
        (table["engine_before"] / value - 1.0).to_numpy(), nan_ok=True
    )
    seen = table[table["use"] == "fitted"]
    count = len(nation.model.observations)
    assert sorted(seen["standardised"]) == pytest.approx(sorted(nation.solution.residuals[:count]))
    order = list(dict.fromkeys(table["series"]))
    assert order == [name for name in SERIES if name in order]


def test_summary__counts_every_figure_once_and_finds_the_largest(nation: Fit) -> None:
    table = report.residual_table(nation)
    short = report.summary(table)
    assert short["figures"].sum() == len(table)
    for row in short.itertuples():
        part = table[(table["series"] == row.series) & (table["use"] == row.use)]
        part = part[part["recalled"].isna() == (row.kind == "printed")]
        assert len(part) == row.figures
        assert abs(row.largest) == part["gap"].abs().max()
        assert row.mean == pytest.approx(part["gap"].abs().mean())


def test_parameters__edges_are_told(nation: Fit) -> None:
    table = report.parameter_table(nation).set_index("parameter")
    assert table["estimate"].tolist() == nation.solution.x.tolist()
    assert not table["at_bound"].any() and table.loc["base", "evidence"] == "computed"
    edge = nation.solution.x.copy()
    edge[0] = nation.model.high[0]
    moved = dataclasses.replace(nation, solution=dataclasses.replace(nation.solution, x=edge))
    assert report.parameter_table(moved).set_index("parameter").loc["award", "at_bound"]


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_report__has_a_row_for_everything(nation: Fit, lang: Any, tmp_path: Path) -> None:
    tables = {
        "parameters": report.parameter_table(nation),
        "residuals": report.residual_table(nation),
        "correlation": report.correlation_table(nation),
        "starts": report.start_table(nation),
    }
    tables["summary"] = report.summary(tables["residuals"])
    text = report.markdown(nation, tables, lang)
    assert all(f"`{name}`" in text for name in nation.model.names)
    lines = text.splitlines()
    assert sum(line.startswith("| `") for line in lines) == len(tables["residuals"]) + len(tables["summary"])
    assert "nan" not in text
    report.write_tables(tmp_path, tables, {"report.md": text})
    again = pd.read_csv(tmp_path / "correlation.csv", index_col=0)
    assert again.to_numpy() == pytest.approx(nation.known.correlation)
    assert {path.name for path in tmp_path.iterdir()} == {*(f"{name}.csv" for name in tables), "report.md"}


# --- frozen bases -----------------------------------------------------------------------------------------------------


def stored(fit: Fit, frozen: Basis) -> dict[str, Values]:
    """What a frozen basis holds where the fit has set a value, as it can be put over the basis before the fit."""
    found = {}
    for name, set_by_fit in fit.model.values(fit.solution.x).items():
        series = {
            one: {year: float(frozen.path(one, [year])[0]) for year in years or ()}
            for one, years in set_by_fit.series.items()
        }
        found[name] = Values(series=series, constants={one: frozen.constant(one) for one in set_by_fit.constants})
    return found


def test_freeze__the_frozen_basis_runs_as_the_fit(nation: Fit, frozen: Basis) -> None:
    """Values are stored with seven digits: the run is that of the stored values, to the bit.

    It is apart from the run of the fit by no more than half a unit of the last digit of every parameter moves it. The
    balance of 1999, what is left of seven years of revenue and expenditure, moves by 13 times what the base does.
    """
    model, x = nation.model, nation.solution.x
    again = Model(model.spec, law(), model.observations, frozen).measured(None, 2020)
    as_stored = overlay(model.basis, stored(nation, frozen))
    assert Model(model.spec, law(), model.observations, as_stored).measured(None, 2020) == again
    moved = [model.measured(x * (1.0 + HALF_DIGIT * one), 2020) for one in np.eye(x.size)]
    apart = 0
    for series in SERIES:
        for year, value in again[series].items():
            fit = nation.after[series][year]
            most = sum(abs(run[series][year] - fit) for run in moved)
            assert abs(value - fit) <= most + 1e-9 * abs(fit), (series, year)  # what curves is far smaller
            apart += value != fit
    assert apart > 100, "digits are lost where values are written"


def test_freeze__says_who_set_a_value(nation: Fit, frozen: Basis) -> None:
    origin = frozen.origin("award_factor", 1998)
    assert origin.evidence == "computed" and "parameter award" in origin.source and "before the fit 1" in origin.source
    assert origin.value == pytest.approx(nation.solution.x[0], rel=1e-6)
    added = frozen.origin("award_factor", 2002)
    assert added.value == origin.value and "no own value of this year before the fit" in added.source
    constant = frozen.find_constant("deemed_entry_share")
    assert constant.value == pytest.approx(nation.solution.x[2], rel=1e-6)
    assert constant.evidence == "computed" and constant.low <= constant.value <= constant.high


def test_freeze__an_earlier_fit_leaves_nothing_behind(nation: Fit, frozen: Basis) -> None:
    """A fit with fewer parameters than the packaged one starts from what stood before, and so does its basis."""
    packaged = load_basis("china-2020")
    begun = unfitted(packaged)
    assert (
        packaged.own_series["catch_up_entrants"].values.tolist()
        != begun.own_series["catch_up_entrants"].values.tolist()
    )
    for name in ("catch_up_entrants", "resident_takeup", "incidence_factor"):
        assert frozen.own_series[name].years.tolist() == begun.own_series[name].years.tolist()
        assert frozen.own_series[name].values == pytest.approx(begun.own_series[name].values, rel=1e-6)
    kept = {(cells[0], cells[2]) for cells in rows_of(frozen.folder / f"{FITTED}.csv")}
    cells_of = {"award": "award_factor", "base": "compliance_enterprise", "deemed": "deemed_entry_share"}
    assert kept == set(cells_of.items())


def test_unfitted__gives_back_the_values_before(nation: Fit, frozen: Basis) -> None:
    back, begun = unfitted(frozen), nation.model.basis
    for name, known in begun.own_series.items():
        assert back.own_series[name].years.tolist() == known.years.tolist(), name
        assert back.own_series[name].values == pytest.approx(known.values, rel=1e-6), name
    assert back.constant("deemed_entry_share") == pytest.approx(begun.constant("deemed_entry_share"))
    assert 2002 not in back.own_series["award_factor"].years and 2002 in frozen.own_series["award_factor"].years


def test_freeze__a_province_keeps_the_nation_with_its_fit(province: Fit, tmp_path: Path) -> None:
    model, nation = province.model, load_basis("china-2020")
    factor = nation.own_series["award_factor"]
    assert model.before["award"]["award_factor"] == dict(
        zip(factor.years.tolist(), factor.values.tolist(), strict=True)
    )
    folder = freeze_basis(province, tmp_path)
    frozen = load_basis("jiangxi-2020", folder)
    assert frozen.inherits is not None and frozen.inherits.digest() == nation.digest()
    own = frozen.own_series["award_factor"]
    assert own.values == pytest.approx(province.solution.x[0] * factor.values, rel=1e-6)
    again = Model(model.spec, law(), model.observations, frozen).measured(None, 2010)
    for series in ("pensioners", "expenditure", "contributions", "recorded_accounts"):
        for year, value in again[series].items():
            assert value == pytest.approx(province.after[series][year], rel=3e-6), (series, year)


def test_unfitted__gives_an_inherited_series_back(province: Fit, tmp_path: Path) -> None:
    """The next fit starts from what the nation says then, not from what it said before."""
    frozen = load_basis("jiangxi-2020", freeze_basis(province, tmp_path))
    assert "award_factor" in frozen.own_series
    back = undo(frozen)["jiangxi-2020"]
    assert back.series["award_factor"] is None
    moved = overlay(unfitted(frozen), {"china-2020": Values(series={"award_factor": {1998: 1.7}})})
    assert moved.path("award_factor", [1998])[0] == 1.7
    assert "award_factor" not in unfitted(frozen).own_series


def test_freeze__writes_over_nothing(nation: Fit, tmp_path: Path) -> None:
    (tmp_path / "china-2020").mkdir()
    with pytest.raises(BasisError, match="china-2020 is there already"):
        freeze_basis(nation, tmp_path)
    assert list((tmp_path / "china-2020").iterdir()) == []


# --- kept fits --------------------------------------------------------------------------------------------------------


def test_keep__reads_back_as_written(nation: Fit, tmp_path: Path) -> None:
    (path,) = keep_fit(nation, tmp_path)
    rows, card = read_kept("china-2020", tmp_path)
    wanted = fitted_rows(nation.model, nation.solution, nation.known)["china-2020"]
    assert path.name == "china-2020.csv" and [row.cells() for row in rows] == [row.cells() for row in wanted]
    assert card["calibration"] == "tiny.yaml" and card["source"] == fit_card(nation)["source"]
    assert read_kept("hubei-2020", tmp_path) == ([], {})
    path.write_text(
        path.read_text(encoding="utf-8").replace(",1998,", ",1998,", 1).replace("0.2,", "wide,", 1), "utf-8"
    )
    with pytest.raises(BasisError, match=r"china-2020\.csv, line \d+"):
        read_kept("china-2020", tmp_path)


def test_card__names_series_years_and_evidence(nation: Fit) -> None:
    card = fit_card(nation)
    assert "expenditure 1996-1999 (4)" in card["source"] and "revenue 1995-1995 (1)" in card["source"]
    assert f"{len(nation.model.observations)} recalled" in card["source"]
    assert "up to 1999" in card["method"] and "no plan target" in card["method"]


def row(kind: str, name: str, year: str, value: float) -> Row:
    return Row("p", kind, name, year, "1", value, "1", 1.0, 0.2, value, 0.05, "data")


def test_over_paths__sets_years_and_copies_what_is_inherited() -> None:
    own = {"a": History({2000: Figure(1.0, "published", "table")}, "1")}
    above = {"b": History({1992: Figure(2.0, "assumption", "why"), 2004: Figure(3.0, "assumption", "why")}, "1")}
    rows = [row("series", "a", "2001", 5.0), row("series", "b", "2004", 6.0), row("constant", "c", "", 7.0)]
    made = over_paths(own, rows, "calibration/tiny.yaml", above)
    assert made["a"].at(2000) == 1.0 and made["a"].at(2001) == 5.0
    assert made["b"].at(1992) == 2.0 and made["b"].at(2004) == 6.0 and above["b"].at(2004) == 3.0
    assert made["b"].figures[2004].evidence == "computed"
    assert "calibration/tiny.yaml, parameter p = 6" in made["b"].figures[2004].source
    assert set(own["a"].figures) == {2000} and set(made) == {"a", "b"}


def test_over_constants__widens_the_band() -> None:
    made = over_constants({"c": (1.0, "1", "assumption", "why", 0.5, 1.5)}, [row("constant", "c", "", 2.0)], "file")
    value, unit, evidence, source, low, high = made["c"]
    assert (value, unit, evidence, low, high) == (2.0, "1", "computed", 0.5, 2.0) and "parameter p" in source


# --- packaged fits ----------------------------------------------------------------------------------------------------


def rows_of(path: Path) -> list[list[str]]:
    with path.open(encoding="utf-8", newline="") as stream:
        return list(csv.reader(stream))[1:]


PACKAGED = sorted(path.stem for path in FITS.glob("*.csv"))


def test_packaged__the_nation_has_a_fit() -> None:
    assert "china-2020" in PACKAGED


@pytest.mark.parametrize("name", PACKAGED)
def test_packaged__every_row_stands_in_the_frozen_basis(name: str) -> None:
    folder = resources.bases_root() / name
    paths = {(cells[0], cells[1]): cells for cells in rows_of(folder / "paths.csv")}
    constants = {cells[0]: cells for cells in rows_of(folder / "constants.csv")}
    rows = rows_of(FITS / f"{name}.csv")
    assert rows
    for cells in rows:
        one = dict(zip(COLUMNS, cells, strict=True))
        series = one["kind"] == "series"
        place = paths[one["name"], one["year"]][1:] if series else constants[one["name"]]
        _, value, _, evidence, source = place[:5]
        assert value == one["value"], cells
        assert evidence == "computed" and f"parameter {one['parameter']} " in source
        assert (f"before the fit {one['before']}" if one["before"] else "no own value of this year") in source


@pytest.mark.parametrize("name", PACKAGED)
def test_packaged__the_basis_keeps_the_same_table(name: str) -> None:
    folder = resources.bases_root() / name
    assert (folder / f"{FITTED}.csv").read_bytes() == (FITS / f"{name}.csv").read_bytes()


def test_packaged__a_basis_without_a_fit_keeps_no_table() -> None:
    with_table = {path.parent.name for path in resources.bases_root().glob(f"*/{FITTED}.csv")}
    assert with_table == set(PACKAGED)


@pytest.mark.parametrize("name", PACKAGED)
def test_packaged__the_card_names_sources_and_years(name: str) -> None:
    for path in (FITS / f"{name}.yaml", resources.bases_root() / name / f"{FITTED}.yaml"):
        card = strict_yaml.load(path).data
        file = card["calibration"]
        assert (FITS.parents[1] / file).is_file() and card["fitted_by"] == file
        spec = strict_yaml.load(FITS.parents[1] / file).data
        for one in spec["observations"]:
            assert f"{one['series']} " in card["source"], one
        assert "figures by evidence" in card["source"] and "no plan target" in card["method"]
        assert card["evidence"] == "computed" and card["accessed"]


@pytest.mark.parametrize("name", PACKAGED)
def test_packaged__sets_what_its_file_frees(name: str) -> None:
    rows = rows_of(FITS / f"{name}.csv")
    card = strict_yaml.load(FITS / f"{name}.yaml").data
    spec = strict_yaml.load(FITS.parents[1] / card["calibration"]).data
    assert {cells[0] for cells in rows} == set(spec["parameters"])
    for cells in rows:
        one = dict(zip(COLUMNS, cells, strict=True))
        parameter = spec["parameters"][one["parameter"]]
        low, high = parameter["bounds"]
        assert low <= float(one["estimate"]) <= high
        prior = parameter["prior"]
        assert (float(one["prior_mean"]), float(one["prior_sd"])) == (prior["mean"], prior["sd"])
        if one["kind"] == "series" and one["name"] in parameter.get("value", {}):
            factor = parameter["value"][one["name"]][int(one["year"])]
            wanted = factor * float(one["estimate"])
        elif one["before"]:
            wanted = float(one["before"]) * float(one["estimate"])
        else:
            continue
        assert float(one["value"]) == pytest.approx(wanted, rel=1e-5, abs=1.0 if one["unit"] == "persons" else 0.0)


@pytest.mark.parametrize("name", [name for name in PACKAGED if name != "china-2020"])
def test_packaged__a_region_scales_the_nation_with_its_fit(name: str) -> None:
    """What a region inherits is scaled as the nation's fit has left it; a nation fitted anew asks for its regions."""
    nation = load_basis("china-2020")
    own = undo(load_basis(name)).get(name, Values()).series
    for cells in rows_of(FITS / f"{name}.csv"):
        one = dict(zip(COLUMNS, cells, strict=True))
        if one["unit"] != "persons" and one["name"] in nation.own_series and not one["before"]:
            assert own[one["name"]] is None
            known = nation.own_series[one["name"]]
            inherited = float(known.values[known.years.tolist().index(int(one["year"]))])
            assert float(one["value"]) == pytest.approx(inherited * float(one["estimate"]), rel=1e-5), cells
    assert own["award_factor"] is None, "fitted over a series of its own: take the fit back, build, and fit again"
