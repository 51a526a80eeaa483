"""A bureau's own tables in a fit: which figures count, where levels go, and the basis that is frozen for its region."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from simengine.basis.basis import Basis, basis_names, load_basis
from simengine.basis.bureau import Bureau, read_bureau
from simengine.basis.bureau.rows import ABOUT, LEVELS, OBSERVATIONS, OPENING
from simengine.basis.bureau.template import template_rows
from simengine.basis.overlay import overlay
from simengine.basis.paths import Series
from simengine.common import resources
from simengine.common.errors import SimengineError, each_error, localised
from simengine.engine.project import project
from simengine.judge.checks.free_run import references
from simengine.judge.checks.opening import opening_table
from simengine.law import LawTree, load_law
from simengine.registry.axes import SEX
from simengine.scenario.scenario import load_scenario
from simengine_calibration.fitting.bureau import carried
from simengine_calibration.fitting.bureau_basis import check_tables, freeze_bureau
from simengine_calibration.fitting.bureau_people import read_people
from simengine_calibration.fitting.fit import Fit, finish
from simengine_calibration.fitting.model import Model
from simengine_calibration.fitting.report import alignment_table, residual_table
from simengine_calibration.fitting.solve import Solution, run_key, uncertainty
from simengine_calibration.fitting.spec import FitSpec, read_fit
from tests.helpers.bureau_tables import Tables, copied, put, write_folder

SPEC = """\
name: {en: My City, local: 某市}
basis: jiangxi-2020
description: two parameters
borrowed: all else
parameters:
  award_level:
    label: {en: level of new awards, local: 新计发水平}
    scale: {award_factor: [1992, 2024]}
    prior: {mean: 1.0, sd: 0.2}
    bounds: [0.4, 2.0]
    evidence: assumption
    source: by hand
  pensioners_admitted:
    label: {en: admitted, local: 纳入}
    scale: {admitted_enterprise_pensioners: [1992, 2017], catch_up_entrants: [1992, 2017]}
    prior: {mean: 1.0, sd: 0.5}
    bounds: [0.0, 4.0]
    evidence: assumption
    source: by hand
observations:
  - {series: pensioners, years: [2015, 2020], spread: 0.02, why: bulletin}
  - {series: mean_enterprise_pension, years: [2015, 2020], spread: 0.03, why: bulletin}
"""
SCENARIO = """\
name: {en: My City, local: 某市}
description: own tables
basis: mycity-2020
years: [2021, 2030]
"""


def fill(tables: Tables, table: str, key: str, cells: dict[str, float], evidence: str = "published") -> None:
    """Figures of one row with their source."""
    for where, value in cells.items():
        put(tables, table, key, where, value)
    put(tables, table, key, "source", "bulletin")
    put(tables, table, key, "evidence", evidence)


def about(tables: Tables, **items: str | float) -> None:
    for key, value in items.items():
        put(tables, ABOUT, key, "value", value)


def city_tables() -> Tables:
    """A city of 1.6 million that borrows from Jiangxi."""
    tables = template_rows("mycity", (2015, 2022), parent="jiangxi-2020")
    about(tables, name_zh="某市", name_en="My City", population=160.0)
    fill(tables, OBSERVATIONS, "pensioners", {"2015": 11.5, "2018": 12.6, "2020": 13.2}, "secondary")
    fill(tables, OBSERVATIONS, "members", {"2015": 25.0, "2020": 30.5})
    fill(tables, OBSERVATIONS, "mean_enterprise_pension", {"2015": 1950.0, "2020": 2450.0})
    fill(tables, LEVELS, "enterprise_payers", {"2015": 17.0, "2018": 19.0, "2020": 20.5, "2022": 21.0}, "seed")
    fill(tables, LEVELS, "minimum_wage", {"2015": 1430.0, "2018": 1580.0})
    fill(tables, OPENING, "resident_registered", {"value": 38.0})
    fill(tables, OPENING, "unemployment_insured", {"value": 10.2})
    fill(tables, OPENING, "registered_unemployment_rate", {"value": 3.3})
    return tables


def spec_in(folder: Path, text: str = SPEC) -> FitSpec:
    file = folder / "mycity.yaml"
    file.write_text(text, encoding="utf-8")
    return read_fit(file)


def bureau_in(folder: Path, tables: Tables) -> Bureau:
    return read_bureau(write_folder(tables, folder / "tables"))


@pytest.fixture(scope="module")
def law() -> LawTree:
    return load_law()


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("city")


@pytest.fixture(scope="module")
def model(place: Path, law: LawTree) -> Model:
    return Model(spec_in(place), law, tables=bureau_in(place, city_tables()))


def fit_at(model: Model, x: np.ndarray) -> Fit:
    """A fit as it would be if it ended at `x`, without the search."""
    residuals = model.residuals(x)
    steps = 1e-3 * np.diag(model.sd)
    jacobian = np.column_stack([(model.residuals(x + step) - residuals) / step.sum() for step in steps])
    solution = Solution(x, float(residuals @ residuals) / 2.0, residuals, jacobian, ())
    return finish(model, solution, uncertainty(model, solution))


@pytest.fixture(scope="module")
def fit(model: Model) -> Fit:
    return fit_at(model, np.array([1.2, 2.0]))


@pytest.fixture(scope="module")
def frozen(fit: Fit, place: Path) -> Basis:
    return freeze_bureau(fit, place / "bases")


def said(error: SimengineError) -> str:
    return "\n".join(str(one) for one in each_error(error))


# --- figures ----------------------------------------------------------------------------------------------------------


def test_observations__are_the_bureaus_with_their_evidence(model: Model) -> None:
    found = {(one.series, one.year): one for one in model.observations}
    assert set(found) == {
        *(("pensioners", year) for year in (2015, 2018, 2020)),
        *(("mean_enterprise_pension", year) for year in (2015, 2020)),
    }
    assert found["pensioners", 2018].value == 126_000.0
    assert found["pensioners", 2018].evidence == "secondary"
    assert found["pensioners", 2018].source == "bulletin"


def test_run_of_the_lender__is_read_at_the_size_of_the_region(model: Model) -> None:
    assert model.tables is not None
    whole = load_basis("jiangxi-2020").population().sum() / 1.6e6
    assert model.tables.size == pytest.approx(whole)
    measured = model.measured(None, 2020)
    assert measured["members"][2020] == pytest.approx(335_000, rel=0.02)
    assert 1_500 < measured["mean_enterprise_pension"][2020] < 3_500


def test_levels__are_known_values_of_the_history_under_their_evidence(model: Model) -> None:
    assert model.tables is not None
    known = model.basis.own_series["enterprise_payers"]
    at = known.years.tolist().index(2018)
    assert known.values[at] == pytest.approx(190_000 * model.tables.size)
    assert known.evidence[at] == "seed"
    assert known.evidence[known.years.tolist().index(2010)] == "computed"
    assert model.basis.path("minimum_wage", [2018])[0] == 1580.0


def test_levels__years_between_and_outside_keep_the_ratio() -> None:
    years = np.array([2000, 2010, 2011, 2012, 2020])
    known = Series("x", "persons", years, np.array([0.0, 10.0, 12.0, 14.0, 20.0]), ("a",) * 5, ("b",) * 5, (1,) * 5, "")
    row = carried(known, {2010: (20.0, "published", "s"), 2012: (42.0, "published", "s")})
    assert [row[int(year)][0] for year in years] == pytest.approx([0.0, 20.0, 30.0, 42.0, 60.0])
    assert [row[int(year)][1] for year in years] == ["computed", "published", "computed", "published", "computed"]


def test_checkpoint__knows_observations_and_levels(model: Model, law: LawTree, place: Path, tmp_path: Path) -> None:
    tables = city_tables()
    put(tables, LEVELS, "enterprise_payers", "2018", 19.1)
    other = Model(model.spec, law, tables=bureau_in(tmp_path, tables))
    assert run_key(other) != run_key(model)


def test_residuals__show_every_figure_of_the_bureau(fit: Fit) -> None:
    table = residual_table(fit)
    assert set(table["series"]) == {"pensioners", "members", "mean_enterprise_pension"}
    row = table[(table["series"] == "pensioners") & (table["year"] == 2018)].iloc[0]
    assert (row["use"], row["evidence"], row["source"], row["printed"]) == ("fitted", "secondary", "bulletin", 126_000)
    assert set(table[table["series"] == "members"]["use"]) == {"beside"}


# --- the basis --------------------------------------------------------------------------------------------------------


def test_frozen__loads_with_its_own_history_and_leaves_the_packaged_names(frozen: Basis, place: Path) -> None:
    assert frozen.name == "mycity-2020"
    assert frozen.spin_up.name == "mycity_history-2020"
    assert frozen.inherits is frozen.spinup_parent
    assert not {one.parent.name for one in (place / "bases").glob("*/fitted.csv")} & {"jiangxi-2020"}
    assert "jiangxi-2020" not in basis_names(place / "bases")
    assert frozen.population().sum() == pytest.approx(1.6e6)
    assert frozen.openings["unemployment_insured"].kind == "published"
    assert frozen.openings["injury_insured"].evidence == "assumption"


def test_frozen__history_is_the_one_that_was_fitted(frozen: Basis, fit: Fit, law: LawTree) -> None:
    again = Model(fit.model.spec, law, fit.model.observations, frozen.spin_up, fit.model.tables).measured(None, 2020)
    for series in ("pensioners", "expenditure", "mean_enterprise_pension"):
        assert again[series][2020] == pytest.approx(fit.after[series][2020], rel=1e-5)
    model = fit.model
    assert overlay(model.basis, model.values(fit.solution.x)).path("award_factor", [2010])[0] == pytest.approx(
        frozen.path("award_factor", [2010])[0], rel=1e-6
    )


def test_frozen__levels_run_on_in_the_ratio_of_the_last_year(frozen: Basis) -> None:
    parent = load_basis("jiangxi-2020")
    payers = frozen.path("enterprise_payers", [2020, 2022, 2024])
    assert payers[:2] == pytest.approx([205_000, 210_000])
    theirs = parent.path("enterprise_payers", [2022, 2024])
    assert payers[2] / payers[1] == pytest.approx(theirs[1] / theirs[0], rel=1e-4)
    assert frozen.path("minimum_wage", [2020])[0] == pytest.approx(
        1580.0 * parent.path("minimum_wage", [2020])[0] / parent.path("minimum_wage", [2018])[0]
    )
    assert frozen.opening("minimum_wage") == pytest.approx(frozen.path("minimum_wage", [2020])[0], rel=1e-6)


def test_opening__totals_are_the_sums_of_their_parts(frozen: Basis) -> None:
    parts = ("enterprise_payers", "flexible_payers", "public_payers", "paused_members")
    members = sum(frozen.opening(name) for name in parts)
    assert members == pytest.approx(305_000, abs=3)  # observed at the end of the base year
    retired = frozen.opening("enterprise_pensioners") + frozen.opening("public_pensioners")
    assert retired == pytest.approx(132_000, abs=2)
    assert frozen.opening("uebps_participants") == pytest.approx(members + retired)
    rate = frozen.opening("pension_participants") / frozen.opening("coverage_population")
    assert frozen.opening("pension_coverage_rate") == pytest.approx(rate, rel=1e-6)


def test_worked_example__of_the_note(model: Model, frozen: Basis) -> None:
    assert model.tables is not None
    assert model.tables.carrier.population().sum() == pytest.approx(45_214_663, abs=1)
    assert model.tables.size == pytest.approx(28.25916, abs=5e-6)
    assert frozen.spin_up.path("enterprise_payers", [2020, 2022]) == pytest.approx([5_793_129, 5_934_425], abs=1)
    assert frozen.path("enterprise_payers", [2020, 2022]).tolist() == [205_000, 210_000]
    assert frozen.spin_up.path("minimum_wage", [2018, 2020]).tolist() == [1580.0, 1580.0]
    assert frozen.path("minimum_wage", [2020])[0] == 1580.0
    others = ("flexible_payers", "public_payers", "paused_members")
    assert sum(frozen.opening(name) for name in others) == pytest.approx(100_000, abs=2)


def test_alignment__is_that_of_the_bureaus_region(fit: Fit) -> None:
    table = alignment_table(fit).set_index("item")
    assert set(table["region"]) == {"mycity"}
    assert table.loc["enterprise_payers", "opening"] == 205_000
    assert table.loc["enterprise_payers", "factor"] == pytest.approx(1.0, abs=1e-3)


def test_own_bases__are_found_and_projected(
    frozen: Basis, place: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(resources.OWN_BASES, str(place / "bases"))
    assert "mycity-2020" in basis_names()
    assert "jiangxi-2020" in basis_names()
    file = tmp_path / "mycity.yaml"
    file.write_text(SCENARIO, encoding="utf-8")
    result = project(load_scenario(file))
    table = opening_table(result)
    assert table[~table["ok"].astype(bool)]["item"].tolist() == []
    members = result.dataset["members"].sum("status").values.reshape(-1)
    assert np.isfinite(members).all()
    assert 2e5 < members.min() <= members.max() < 6e5
    assert result.dataset["enterprise_pensioners"].values.reshape(-1)[-1] > 1.2e5


def test_command__runs_a_scenario_of_ones_own_basis(frozen: Basis, place: Path, tmp_path: Path) -> None:
    (tmp_path / "mine.yaml").write_text(SCENARIO, encoding="utf-8")
    command = [sys.executable, "-m", "simengine", "run", "mine.yaml", "--out", "out", "--lang", "en"]
    environment = {resources.OWN_BASES: str(place / "bases"), "PYTHONPATH": str(Path(__file__).parents[2])}
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "other opening figures are inside their band" in done.stdout
    assert (tmp_path / "out" / "mine" / "projection.nc").is_file()


def test_own_bases__must_be_a_folder(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(resources.OWN_BASES, "nowhere")
    with pytest.raises(SimengineError, match="nowhere: the variable SIMENGINE_BASES names no folder"):
        load_basis("china-2020")


def test_frozen__is_not_overwritten(fit: Fit, frozen: Basis, place: Path) -> None:
    with pytest.raises(SimengineError, match="mycity-2020 is there already"):
        freeze_bureau(fit, place / "bases")


# --- a region with a history of its own -------------------------------------------------------------------------------


def province_tables() -> Tables:
    tables = template_rows("jiangxi", (2015, 2022), parent="china-2020")
    about(tables, name_zh="江西省", name_en="Jiangxi", population=4519.0)
    fill(tables, OBSERVATIONS, "pensioners", {"2015": 250.0, "2018": 310.0})
    fill(tables, LEVELS, "enterprise_payers", {"2018": 405.0})
    fill(tables, OPENING, "enterprise_payers", {"value": 460.0})
    return tables


def test_own_history__takes_levels_and_lends_its_references(
    law: LawTree, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = SPEC.replace("[2015, 2020], spread: 0.02", "[2005, 2020], spread: 0.02")
    model = Model(spec_in(tmp_path, text), law, tables=bureau_in(tmp_path, province_tables()))
    assert model.tables is not None
    assert model.tables.size == 1.0
    seen = {one.year: one.value for one in model.observations if one.series == "pensioners"}
    lent = {one.year: one.value for one in references(load_basis("jiangxi-2020")) if one.series == "pensioners"}
    assert seen[2018] == 3_100_000
    assert seen[2005] == lent[2005]
    basis = freeze_bureau(fit_at(model, model.mean * 1.1), tmp_path / "bases")
    assert (basis.name, basis.region, basis.spinup_parent) == ("jiangxi-2020", "jiangxi", None)
    assert basis.path("enterprise_payers", [2018, 2020]) == pytest.approx([4_050_000, 4_600_000])
    assert basis.path("enterprise_payers", [2017])[0] == load_basis("jiangxi-2020").path("enterprise_payers", [2017])[0]
    assert basis.openings["uebps_participants"].kind == "estimated"
    assert basis.openings["injury_insured"].kind == "plan"
    assert {one.year for one in references(basis) if one.series == "pensioners"} >= {2005, 2018}
    monkeypatch.setenv(resources.OWN_BASES, str(tmp_path / "bases"))
    file = tmp_path / "mine.yaml"
    file.write_text(SCENARIO.replace("mycity", "jiangxi"), encoding="utf-8")
    table = opening_table(project(load_scenario(file)))
    assert table[~table["ok"].astype(bool)]["item"].tolist() == []


# --- errors -----------------------------------------------------------------------------------------------------------


def test_series_nobody_has__is_told_at_its_line(law: LawTree, place: Path, tmp_path: Path) -> None:
    text = SPEC + "  - {series: injury_revenue, years: [2015, 2020], spread: 0.1, why: bulletin}\n"
    text += "  - {series: resident_revenue, years: [2015, 2020], spread: 0.1, why: bulletin}\n"
    with pytest.raises(SimengineError) as caught:
        Model(spec_in(tmp_path, text), law, tables=bureau_in(tmp_path, city_tables()))
    lines = said(caught.value).splitlines()
    assert len(lines) == 2
    assert "mycity.yaml, line 23: injury_revenue: neither the tables in" in lines[0]
    assert "Fill the row injury_revenue" in lines[0]
    assert "没有本地区" in localised(each_error(caught.value)[1], "zh")


@pytest.mark.parametrize(
    ("items", "words"),
    [
        (
            {"base_year": 2019},
            "about.csv, line 6, column value: the base year is 2019, jiangxi-2020 opens at the end of 2020",
        ),
        ({"parent": "china-2020"}, "names jiangxi-2020, whose history is that of jiangxi-2020; the tables borrow from"),
        ({"parent": "haiyan-2020"}, "haiyan-2020 has no history of its own to borrow. Borrow from zhejiang-2020"),
        ({"region": "hubei"}, "hubei-2020 has a history of its own, the calibration file names jiangxi-2020"),
        ({"region": "jiangxi", "population": 3000.0}, "the population is 30_000_000, that of jiangxi-2020 45_"),
    ],
)
def test_about__must_agree_with_the_calibration_file(
    items: dict[str, str | float], words: str, law: LawTree, tmp_path: Path
) -> None:
    tables = template_rows("mycity", (2015, 2022), parent="jiangxi-2020")
    about(tables, name_zh="某市", name_en="My City", population=160.0)
    fill(tables, OBSERVATIONS, "mean_enterprise_pension", {"2015": 1950.0})
    about(tables, **items)
    with pytest.raises(SimengineError) as caught:
        Model(spec_in(tmp_path), law, tables=bureau_in(tmp_path, tables))
    assert words in said(caught.value)


def test_opening__that_cannot_agree_is_told_at_its_cell(law: LawTree, tmp_path: Path) -> None:
    tables = copied(city_tables())
    fill(tables, OPENING, "pension_coverage_rate", {"value": 95.0})
    fill(tables, OPENING, "coverage_population", {"value": 130.0})
    fill(tables, OPENING, "resident_average_benefit", {"value": 100.0})
    model = Model(spec_in(tmp_path), law, tables=bureau_in(tmp_path, tables))
    assert model.tables is not None
    with pytest.raises(SimengineError) as caught:
        check_tables(model.tables)
    told = said(caught.value)
    assert "pension_coverage_rate: the figure is 0.9500" in told
    assert "resident_average_benefit: the figure is 100.00" in told
    assert told.count("opening.csv, line") == 2


def test_population_file__is_the_pyramid_of_the_region(law: LawTree, tmp_path: Path) -> None:
    tables = city_tables()
    people = np.linspace(12_000, 1_000, 101)
    people *= 1.6e6 / 2.0 / people.sum()
    rows = [f"{sex},{age},{people[age]:.1f}" for sex in SEX for age in range(101)]
    about(tables, population_file="people.csv")
    folder = write_folder(tables, tmp_path / "tables")
    file = folder / "people.csv"
    file.write_text("\n".join(["sex,age,value", *rows]) + "\n", encoding="utf-8")
    model = Model(spec_in(tmp_path), law, tables=read_bureau(folder))
    assert model.tables is not None
    found = check_tables(model.tables)[1]
    assert found[0] == pytest.approx(people, abs=0.1)
    file.write_text("\n".join(["sex,age,value", *rows[:-2], "male,3,5", "female,x,1"]) + "\n", encoding="utf-8")
    told = [str(error) for error in read_people(file)[1]]
    assert len(told) == 2
    assert "line 202: the file of residents cannot be read: male 3 twice" in told[0]
    file.write_text("\n".join(["sex,age,value", *(row.replace(".", "0.") for row in rows)]), encoding="utf-8")
    with pytest.raises(SimengineError, match="adds up to"):
        check_tables(Model(spec_in(tmp_path), law, tables=read_bureau(folder)).tables)  # type: ignore[arg-type]
