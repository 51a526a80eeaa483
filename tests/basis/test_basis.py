"""Loader of frozen bases: checks, inheritance, rules between, before and after values, information date, origins."""

from __future__ import annotations

import hashlib
import math
import shutil
from pathlib import Path

import numpy as np
import pytest

from simengine.basis.basis import Basis, basis_names, load_basis
from simengine.basis.paths import Series, read_rules, run
from simengine.basis.values import SIGNED_SERIES
from simengine.common import resources, strict_yaml
from simengine.common.errors import BasisError, ErrorList
from simengine.registry.axes import SEX

YEARS = np.arange(1993, 2101)
ALL = basis_names()
SHARES = ("continue_share", "pay_up_share", "resident_share", "refund_share", "unclaimed_share")
LEVELS = ("enterprise_payers", "flexible_payers", "public_payers", "paused_members", "resident_registered")
PLAN_UNITS = {"万人": 1e4, "亿元": 1e8, "%": 0.01, "元/月": 1.0}
AREAS = ("fengxian", "peixian", "pizhou", "xinyi", "suining", "tongshan", "urban")


@pytest.fixture(scope="module")
def bases() -> dict[str, Basis]:
    return {name: load_basis(name) for name in ALL}


@pytest.fixture
def copied(tmp_path: Path) -> Path:
    """A copy of the two bases of Jiangxi 2020 that a test may damage."""
    for name in ("china-2020", "jiangxi-2020"):
        shutil.copytree(resources.bases_root() / name, tmp_path / name)
    return tmp_path


def edit(folder: Path, table: str, old: str, new: str, sign: bool = True) -> None:
    """Replace text in a table and, with `sign`, bring its card's checksum up to date."""
    path = folder / f"{table}.csv"
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    if sign:
        card = path.with_suffix(".yaml")
        lines = card.read_text(encoding="utf-8").splitlines()
        digest = hashlib.sha256(path.read_bytes()).hexdigest()
        lines = [f'sha256: "{digest}"' if line.startswith("sha256:") else line for line in lines]
        card.write_text("\n".join(lines) + "\n", encoding="utf-8")


def series(values: dict[int, float]) -> Series:
    years = np.array(sorted(values))
    numbers = np.array([values[int(year)] for year in years])
    count = len(years)
    return Series("toy", "1", years, numbers, ("assumption",) * count, ("toy",) * count, (2,) * count, "toy.csv")


def follow(values: dict[int, float], years: list[int], **rule: object) -> list[float]:
    """A toy series under one rule."""
    given = {"between": "linear", "before": "held", "after": "held", "reason": "toy"} | rule
    return run(
        series(values), read_rules({"toy": given}, "toy")["toy"], np.array(years), lambda _, at: at * 2.0
    ).tolist()


# --- all packaged bases ---------------------------------------------------------------------------------------------


def test_bases__sixteen_are_packaged() -> None:
    assert len(ALL) == 16
    assert {"china-2020", "jiangxi-2015", "jingdezhen-2015", "haiyan-2020"}.issubset(ALL)


@pytest.mark.parametrize("name", ALL)
@pytest.mark.parametrize("opening", [False, True])
def test_path__every_series_runs_past_2095(bases: dict[str, Basis], name: str, opening: bool) -> None:
    basis = bases[name]
    for item in basis.series_names():
        values = basis.path(item, YEARS, basis.base_year if opening else None)
        known = values
        if basis.rule(item).after == "none":
            until = basis.base_year if opening else int(YEARS[-1])
            last = max(year for year in basis.owner(item).own_series[item].years if year <= until)
            assert last >= basis.base_year or item == "injury_rate_factor", (item, last)
            assert not np.isfinite(values[last < YEARS]).any(), item
            known = values[last >= YEARS]
        assert np.isfinite(known).all(), (item, YEARS[~np.isfinite(values)][:1])
        if not item.startswith(SIGNED_SERIES):
            assert (known >= 0.0).all(), item


@pytest.mark.parametrize("name", ALL)
def test_path__money_series_keep_moving_after_their_last_value(bases: dict[str, Basis], name: str) -> None:
    for item in ("average_wage", "benefit_base", "price_index", "minimum_wage", "basic_pension", "rural_income"):
        growth = np.diff(np.log(bases[name].path(item, np.arange(2027, 2100))))
        assert (growth > 0.01).all(), item


@pytest.mark.parametrize("name", ALL)
def test_path__choices_below_the_minimum_add_up_to_one(bases: dict[str, Basis], name: str) -> None:
    for known_until in (None, bases[name].base_year):
        total = sum(bases[name].path(item, YEARS, known_until) for item in SHARES)
        assert np.abs(total - 1.0).max() < 1e-9


@pytest.mark.parametrize("name", ALL)
def test_openings__levels_of_paths_are_the_opening_figures(bases: dict[str, Basis], name: str) -> None:
    basis = bases[name]
    for item in (*LEVELS, "unemployment_insured", "injury_insured"):
        level = basis.path(item, [basis.base_year])[0]
        assert level == pytest.approx(basis.opening(item), rel=2e-6), item


@pytest.mark.parametrize("name", ALL)
def test_openings__parts_add_up_to_the_participants(bases: dict[str, Basis], name: str) -> None:
    basis = bases[name]
    members = sum(basis.opening(item) for item in LEVELS[:4])
    employees = members + basis.opening("enterprise_pensioners") + basis.opening("public_pensioners")
    residents = basis.opening("resident_registered") + basis.opening("resident_beneficiaries")
    assert basis.opening("uebps_participants") == pytest.approx(employees, abs=3.0)
    assert basis.opening("resident_participants") == pytest.approx(residents, abs=3.0)


@pytest.mark.parametrize("name", ALL)
def test_openings__unemployment_insured_fit_into_payers(bases: dict[str, Basis], name: str) -> None:
    basis = bases[name]
    payers = basis.opening("enterprise_payers") + basis.opening("public_payers")
    if basis.base_year >= 2020:  # in 2015 institutions outside the pension pilots were insured already
        assert basis.opening("unemployment_insured") <= 1.01 * payers


def test_openings__every_modelled_figure_of_the_plans_is_there(bases: dict[str, Basis]) -> None:
    """Read from the target files, which another program writes from the plans."""
    of_region = {basis.region: basis for basis in bases.values() if basis.base_year == 2020}
    of_region["jingdezhen"] = bases["jingdezhen-2015"]
    modelled = {"uebps_participants", "resident_participants", "pension_participants", "ui_participants",
                "wi_participants", "registered_unemp_rate", "pension_coverage_rate", "avg_enterprise_pension",
                "basic_pension_avg", "ui_benefit_month", "oa_fund_size", "fund_balance_3schemes", "surveyed_unemp_rate",
                "delegated_share_new_surplus", "min_wage", "pension_payment_rate",
                "resident_protection_level"}  # fmt: skip
    found = 0
    for file in ("jiangxi", "hubei", "xuzhou", "haiyan", "jingdezhen", "xuzhou_counties"):
        data = strict_yaml.load(resources.scenarios_root() / "targets" / f"{file}.yaml").data
        for row in data["targets"]:
            group = data["groups"][row["group"]]
            basis = of_region.get(row.get("region", data["common"].get("region", "")))
            indicator = row.get("indicator", group.get("indicator", ""))
            for cell in (row.get("base"), row.get("actual")):
                if basis is None or cell is None or cell["year"] != basis.base_year or indicator not in modelled:
                    continue
                if row.get("duplicate_of"):
                    continue
                unit = PLAN_UNITS[row.get("unit", group.get("unit", ""))]
                value = float(cell["printed"]) * unit
                candidates = [
                    o for o in basis.openings.values() if row["id"] in o.target_ids or f"({row['id']})" in o.source
                ]  # a second, different value of a plan is named by its source
                assert candidates, row["id"]
                half = 0.5 * 10.0 ** -cell["decimals"] * unit
                assert any(abs(o.value - value) <= half * 1.001 for o in candidates), row["id"]
                found += 1
    assert found >= 50


def test_openings__areas_add_up_exactly_to_the_city(bases: dict[str, Basis]) -> None:
    city = bases["xuzhou-2020"]
    assert city.partition == tuple(f"xuzhou_{area}-2020" for area in AREAS)
    parts = [bases[name] for name in city.partition]
    insured = [part.opening("pension_participants") for part in parts]
    for item, figure in city.openings.items():
        values = [part.opening(item) for part in parts]
        if figure.unit in ("persons", "yuan"):
            assert sum(values) == figure.value, item
        elif item == "pension_payment_rate":  # an area has that of its own payers
            mean = np.average(values, weights=insured)
            assert mean == pytest.approx(figure.value, abs=1e-5) and len(set(values)) > 1
        else:
            assert values == [figure.value] * len(parts), item


def test_openings__areas_share_every_other_parameter_of_the_city(bases: dict[str, Basis]) -> None:
    city = bases["xuzhou-2020"]
    for name in city.partition:
        area = bases[name]
        assert area.own_constants.keys() <= {"fertility_factor"}
        for item in city.series_names():
            unit = city.owner(item).own_series[item].unit
            if unit != "persons" and item not in ("coverage_population_ratio", "ui_obliged_ratio"):
                np.testing.assert_array_equal(area.path(item, YEARS), city.path(item, YEARS), item)


def test_openings__xuzhou_counts_the_insured_who_do_not_draw_yet(bases: dict[str, Basis]) -> None:
    for name in ("xuzhou-2020", *bases["xuzhou-2020"].partition):
        basis = bases[name]
        assert sum(basis.opening(item) for item in LEVELS) == basis.opening("pension_participants")


def test_openings__printed_payment_rate_of_xuzhou_is_met(bases: dict[str, Basis]) -> None:
    basis = bases["xuzhou-2020"]
    paying = sum(basis.opening(item) for item in LEVELS[:3])
    paying += basis.opening("resident_registered") * basis.path("resident_paying_share", [2020])[0]
    assert paying / basis.opening("pension_participants") == pytest.approx(0.835, abs=1e-5)


def test_openings__three_funds_of_jiangxi_are_the_printed_total(bases: dict[str, Basis]) -> None:
    basis = bases["jiangxi-2020"]
    funds = ("enterprise_pension", "public_pension", "resident", "unemployment", "work_injury")
    total = sum(basis.opening(f"fund_balance_{fund}") for fund in funds)
    assert total == pytest.approx(110_000_000_000, abs=5)


def test_profiles__shapes_are_normed(bases: dict[str, Basis]) -> None:
    basis = bases["china-2020"]
    assert basis.shape("initial_pensioner").sum() == pytest.approx(1.0, abs=1e-3)
    assert basis.shape("catch_up").sum() == pytest.approx(1.0, abs=1e-3)
    weights = basis.shape("level", "enterprise") * basis.population()
    mean = (basis.wage_profile()[0] * weights).sum() / weights.sum()
    assert mean == pytest.approx(1.0, abs=1e-3)
    mix, incidence = basis.injury_classes()
    assert float(mix @ incidence) == pytest.approx(0.0042, rel=0.01)


def test_profiles__unknown_kind_is_named(bases: dict[str, Basis]) -> None:
    with pytest.raises(BasisError, match='no profile by age is called "entry paused"'):
        bases["china-2020"].shape("entry", "paused")


# --- inheritance and history ----------------------------------------------------------------------------------------


def test_inheritance__region_takes_national_rows_it_lacks(bases: dict[str, Basis]) -> None:
    region, nation = bases["jiangxi-2020"], bases["china-2020"]
    assert region.owner("price_index") is region.inherits
    np.testing.assert_array_equal(region.path("price_index", YEARS), nation.path("price_index", YEARS))
    assert region.constant("wage_log_sd_enterprise") == nation.constant("wage_log_sd_enterprise")
    assert region.find_table("death_prob").path.parent.name == "china-2020"
    assert not np.array_equal(region.path("average_wage", YEARS), nation.path("average_wage", YEARS))


def test_inheritance__child_has_the_history_of_its_parent(bases: dict[str, Basis]) -> None:
    for child, parent in (("xuzhou-2020", "jiangsu-2020"), ("haiyan-2020", "zhejiang-2020"),
                          ("jingdezhen-2015", "jiangxi-2015"), ("xuzhou_urban-2020", "jiangsu-2020")):  # fmt: skip
        own = bases[child]
        assert own.spin_up.name == parent
        before = np.arange(1993, own.base_year)
        for item in ("enterprise_payers", "injury_insured", "minimum_wage", "average_wage"):
            np.testing.assert_array_equal(own.path(item, before), bases[parent].path(item, before))
        opening = own.path("enterprise_payers", [own.base_year])[0]
        assert opening < 0.2 * bases[parent].path("enterprise_payers", [own.base_year])[0]


def test_inheritance__head_counts_of_another_region_are_refused(copied: Path) -> None:
    folder = copied / "jiangxi-2020"
    lines = (folder / "paths.csv").read_text(encoding="utf-8").splitlines()
    kept = [line for line in lines if not line.startswith("injury_insured,")]
    edit(folder, "paths", "\n".join(lines), "\n".join(kept))
    with pytest.raises(BasisError, match="counts the persons of another region"):
        load_basis("jiangxi-2020", copied).path("injury_insured", [2010])


def test_inheritance__population_is_never_inherited(copied: Path) -> None:
    for suffix in ("csv", "yaml"):
        (copied / "jiangxi-2020" / f"population.{suffix}").unlink()
    with pytest.raises(BasisError, match="belongs to one region and year"):
        load_basis("jiangxi-2020", copied).population()


def test_load__circle_is_found(copied: Path) -> None:
    identity = copied / "china-2020" / "basis.yaml"
    identity.write_text(identity.read_text(encoding="utf-8").replace("inherits: null", "inherits: jiangxi-2020"))
    with pytest.raises(BasisError, match="refer to each other in a circle: jiangxi-2020 -> china-2020 -> jiangxi-2020"):
        load_basis("jiangxi-2020", copied)


def test_load__misspelt_name_has_a_suggestion() -> None:
    with pytest.raises(BasisError, match='Did you mean "jiangxi-2020"'):
        load_basis("jianxi-2020")


# --- tables and cards -----------------------------------------------------------------------------------------------


def test_table__changed_cell_without_new_checksum_is_refused(copied: Path) -> None:
    edit(copied / "china-2020", "constants", "0.55,1", "0.56,1", sign=False)
    with pytest.raises(BasisError, match=r"constants\.csv: the table was changed"):
        load_basis("jiangxi-2020", copied)


def test_table__without_card_is_refused(copied: Path) -> None:
    (copied / "china-2020" / "births.yaml").unlink()
    with pytest.raises(BasisError, match=r"births\.csv: the table has no card"):
        load_basis("china-2020", copied)


def test_table__card_without_table_is_refused(copied: Path) -> None:
    (copied / "china-2020" / "births.csv").unlink()
    with pytest.raises(BasisError, match="the card has no table"):
        load_basis("china-2020", copied)


def test_table__all_damaged_tables_are_reported_at_once(copied: Path) -> None:
    edit(copied / "china-2020", "constants", "0.55,1", "0.56,1", sign=False)
    edit(copied / "china-2020", "wage_profile", "enterprise,male", "enterprise,woman", sign=False)
    with pytest.raises(ErrorList) as caught:
        load_basis("china-2020", copied)
    assert "constants.csv" in str(caught.value) and "wage_profile.csv" in str(caught.value)


@pytest.mark.parametrize("bad", ["nan", "inf", "-0.5", "a lot"])
def test_series__a_value_that_is_no_plausible_number_is_refused(copied: Path, bad: str) -> None:
    edit(copied / "china-2020", "paths", "pause_enterprise,1992,0.025", f"pause_enterprise,1992,{bad}")
    with pytest.raises(BasisError, match=r"paths\.csv, line \d+"):
        load_basis("jiangxi-2020", copied).path("pause_enterprise", [2020])


def test_series__repeated_year_is_refused(copied: Path) -> None:
    edit(copied / "china-2020", "paths", "pause_enterprise,1997", "pause_enterprise,1992")
    with pytest.raises(BasisError, match="pause_enterprise 1992 is given twice"):
        load_basis("jiangxi-2020", copied).path("pause_enterprise", [2020])


def test_series__unknown_evidence_is_refused(copied: Path) -> None:
    edit(
        copied / "china-2020",
        "paths",
        "pause_enterprise,1992,0.025,1,assumption",
        "pause_enterprise,1992,0.025,1,rumour",
    )
    with pytest.raises(BasisError, match='evidence is "rumour"'):
        load_basis("jiangxi-2020", copied).path("pause_enterprise", [2020])


def test_series__misspelt_name_has_a_suggestion(bases: dict[str, Basis]) -> None:
    with pytest.raises(BasisError, match='Did you mean "average_wage"'):
        bases["china-2020"].path("avrage_wage", [2020])
    with pytest.raises(BasisError, match='Did you mean "layoff_share"'):
        bases["china-2020"].constant("layof_share")
    with pytest.raises(BasisError, match='Did you mean "dual_members"'):
        bases["china-2020"].opening("dual_member")


def test_series__too_early_year_is_refused(bases: dict[str, Basis]) -> None:
    with pytest.raises(BasisError, match="asked for 1990, but its first value is of 1991"):
        bases["china-2020"].path("average_wage", [1990])


def test_table__structured_array_has_typed_columns(bases: dict[str, Basis]) -> None:
    table = bases["jiangxi-2020"].table("age_shapes")
    assert table.dtype.names == ("kind", "status", "sex", "age", "value")
    assert table["age"].dtype.kind == "i" and table["value"].dtype.kind == "f" and table["kind"].dtype.kind == "U"


def test_digest__moves_with_a_parent_table_only_when_it_is_used(copied: Path) -> None:
    before = {name: load_basis(name, copied).digest() for name in ("china-2020", "jiangxi-2020")}
    edit(copied / "china-2020", "constants", "layoff_share,0.6,", "layoff_share,0.7,")
    after = {name: load_basis(name, copied).digest() for name in before}
    assert before["china-2020"] != after["china-2020"] and before["jiangxi-2020"] != after["jiangxi-2020"]
    edit(copied / "jiangxi-2020", "openings", "assumed,assumption", "assumed,memory")
    assert load_basis("china-2020", copied).digest() == after["china-2020"]
    assert load_basis("jiangxi-2020", copied).digest() != after["jiangxi-2020"]


# --- rules ----------------------------------------------------------------------------------------------------------


def test_rule__between() -> None:
    known = {2000: 1.0, 2004: 16.0}
    assert follow(known, [2000, 2002, 2004]) == [1.0, 8.5, 16.0]
    assert follow(known, [2002], between="log") == pytest.approx([4.0], rel=1e-12)
    assert follow(known, [2003, 2004], between="step") == [1.0, 16.0]


def test_rule__before_and_after() -> None:
    known = {2000: 2.0, 2001: 3.0}
    assert follow(known, [1990, 2009]) == [2.0, 3.0]
    assert follow(known, [2002, 2009], after="level", level=0.5) == [0.5, 0.5]
    assert math.isnan(follow(known, [2002], after="none")[0])
    with pytest.raises(BasisError, match="its first value is of 2000"):
        follow(known, [1999], before="error")


def test_rule__growth_rates_are_linear_between_years() -> None:
    found = follow({2020: 100.0}, [2021, 2022, 2023], after="growth", growth=[[2021, 0.10], [2023, 0.0]])
    assert found == pytest.approx([110.0, 110.0 * 1.05, 110.0 * 1.05])
    assert follow({2020: 1.0}, [2022], after="growth", growth=0.5) == pytest.approx([2.25])


def test_rule__ratio_and_convergence() -> None:
    assert follow({2000: 500.0}, [2000, 2500], after="ratio", ratio="other") == pytest.approx([500.0, 625.0])
    converge = {"series": "other", "lag": 1, "ratio": 1.0, "year": 2010}
    found = follow({2000: 2.0 * 2.0 * 1999}, [2005, 2010, 2020], after="converge", converge=converge)
    assert found == pytest.approx([1.5 * 2.0 * 2004, 2.0 * 2009, 2.0 * 2019])


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"between": "cubic"}, 'between is "cubic"'),
        ({"after": "growth"}, "growth is not given"),
        ({"reason": " "}, "gives no reason"),
        ({"aftr": "held"}, "Did you mean"),
        ({"after": "growth", "growth": [[2030, 0.1], [2020, 0.1]]}, "not ascending"),
    ],
)
def test_rule__what_cannot_be_meant_is_refused(change: dict[str, object], message: str) -> None:
    given = {"between": "linear", "before": "held", "after": "held", "reason": "toy"} | change
    with pytest.raises(BasisError, match=message):
        read_rules({"toy": given}, "paths.yaml")


def test_path__benefit_base_is_last_years_wage_before_2020_and_from_2030(bases: dict[str, Basis]) -> None:
    for name in ("china-2020", "jiangxi-2020", "xuzhou-2020"):
        years = np.array([1995, 2010, 2019, 2030, 2050, 2095])
        ratio = bases[name].path("benefit_base", years) / bases[name].path("average_wage", years - 1)
        np.testing.assert_allclose(ratio, 1.0, rtol=2e-6)


# --- information date -----------------------------------------------------------------------------------------------


def test_known_until__later_values_are_replaced_by_the_rule(bases: dict[str, Basis]) -> None:
    basis = bases["jiangxi-2020"]
    today, planned = (basis.path("average_wage", [2020, 2021, 2024], known) for known in (None, 2020))
    assert today.tolist() == [5548.0, 5880.0, 6525.0]
    assert planned[0] == 5548.0
    known, rates = zip(*basis.rule("average_wage").growth, strict=True)
    growth = 1.0 + np.interp([2021, 2022, 2023, 2024], known, rates)
    assert planned[2] > today[2]  # wages rose less than was expected in 2020
    assert planned[2] == pytest.approx(5548.0 * growth.prod())


def test_known_until__levels_after_the_opening_are_open(bases: dict[str, Basis]) -> None:
    basis = bases["jiangxi-2020"]
    assert np.isfinite(basis.path("enterprise_payers", [2020, 2022, 2024])).all()
    assert np.isnan(basis.path("enterprise_payers", [2022, 2024], 2020)).all()


def test_known_until__no_value_of_a_later_anchor_leaks(copied: Path) -> None:
    before = load_basis("jiangxi-2020", copied).path("enterprise_payers", YEARS, 2020)
    lines = (copied / "jiangxi-2020" / "paths.csv").read_text(encoding="utf-8").splitlines()
    later = next(line for line in lines if line.startswith("enterprise_payers,2024,"))
    edit(copied / "jiangxi-2020", "paths", later, later.replace(later.split(",")[2], "1"))
    np.testing.assert_array_equal(load_basis("jiangxi-2020", copied).path("enterprise_payers", YEARS, 2020), before)


def test_known_until__series_without_a_date_keep_all_values(bases: dict[str, Basis]) -> None:
    basis = bases["china-2020"]
    assert basis.rule("pay_up_share").information == "none"
    np.testing.assert_array_equal(basis.path("pay_up_share", YEARS, 2015), basis.path("pay_up_share", YEARS))


# --- population -----------------------------------------------------------------------------------------------------


def test_death_prob__factor_works_on_the_force_of_mortality(bases: dict[str, Basis]) -> None:
    nation, region = bases["china-2020"], bases["xuzhou-2020"]
    factor = region.table("mortality_factor")
    assert tuple(factor["sex"]) == SEX
    expected = 1.0 - (1.0 - nation.death_prob([2020])) ** factor["value"][None, :, None]
    np.testing.assert_allclose(region.death_prob([2020]), expected, rtol=1e-12)


def test_knots__log_linear_between_and_held_after(copied: Path) -> None:
    path = copied / "china-2020" / "death_prob.csv"
    text = path.read_text(encoding="utf-8")
    rows = [line.split(",") for line in text.splitlines()]
    keep = [0, 1, rows[0].index("2000"), rows[0].index("2010")]
    edit(path.parent, "death_prob", text, "\n".join(",".join(row[i] for i in keep) for row in rows) + "\n")
    basis = load_basis("china-2020", copied)
    early, middle, late, after = basis.death_prob([2000, 2005, 2010, 2090], known_until=2020)
    np.testing.assert_allclose(middle, np.sqrt(early * late), rtol=1e-12)
    np.testing.assert_array_equal(late, after)
    with pytest.raises(BasisError, match="death_prob is asked for 1999"):
        basis.death_prob([1999])


def test_knots__rates_between_knots_of_fertility_are_linear(copied: Path) -> None:
    path = copied / "china-2020" / "fertility.csv"
    text = path.read_text(encoding="utf-8")
    rows = [line.split(",") for line in text.splitlines()]
    keep = [0, rows[0].index("2000"), rows[0].index("2010")]
    edit(path.parent, "fertility", text, "\n".join(",".join(row[i] for i in keep) for row in rows) + "\n")
    early, middle, late = load_basis("china-2020", copied).fertility([2000, 2005, 2010])
    np.testing.assert_allclose(middle, 0.5 * (early + late), rtol=1e-12)


def test_net_migration__is_zero_before_the_opening_and_has_a_planned_variant(bases: dict[str, Basis]) -> None:
    basis = bases["xuzhou-2020"]
    assert not basis.net_migration([1995, 2020]).any()
    today, planned = basis.net_migration([2021]).sum(), basis.net_migration([2021], known_until=2020).sum()
    assert today != planned and planned < 0.0


def test_fertility__has_the_regional_factor(bases: dict[str, Basis]) -> None:
    nation, region = bases["china-2020"], bases["jiangxi-2020"]
    ratio = region.fertility([2025])[0, 15:50] / nation.fertility([2025])[0, 15:50]
    np.testing.assert_allclose(ratio, region.constant("fertility_factor") / nation.constant("fertility_factor"))


def test_births__years_outside_the_table_are_refused(bases: dict[str, Basis]) -> None:
    assert bases["china-2020"].births([1993, 2020]).shape == (2, 2)
    with pytest.raises(BasisError, match="the births of 2021 are missing"):
        bases["china-2020"].births([2020, 2021])


# --- origins --------------------------------------------------------------------------------------------------------


def test_origin__value_gap_and_rule(bases: dict[str, Basis]) -> None:
    basis = bases["jiangxi-2020"]
    stated = basis.origin("average_wage", 2024)
    assert (stated.value, stated.evidence, stated.how, stated.basis) == (6525.0, "secondary", "value", "jiangxi-2020")
    assert "paths.csv, line" in stated.where
    assert basis.origin("price_index", 2040).how.startswith("growth")
    assert basis.origin("rural_income", 2040).evidence == "assumption"
    assert basis.origin("return_entrusted", 2010).how == "between values (linear)"
    assert bases["xuzhou-2020"].origin("enterprise_payers", 2010).basis == "jiangsu-2020"


def test_origin__constants_carry_band_and_evidence(bases: dict[str, Basis]) -> None:
    for basis in bases.values():
        for name in basis.constants:
            found = basis.find_constant(name)
            assert found.low <= found.value <= found.high and found.source
