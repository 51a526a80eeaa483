"""Rules of the law: one formula for the lane, the compilation of a lane and the case calculator (kernels/rules)."""

from __future__ import annotations

import ast
import doctest
import importlib
import re
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simengine.cases import Case, compute, load_cases
from simengine.cases.models import AwardCase
from simengine.engine.compile.standards import benefit_by_rule
from simengine.kernels import layout as at
from simengine.kernels import rules
from simengine.kernels.branches import funds, unemployment
from simengine.law import load_law
from tests.helpers.branch_builder import Branch, injury_year, neutral, resident_year
from tests.helpers.lane_builder import COMPENSATION, build_lane

ENGINE = Path(rules.__file__).parents[2]
FOLDER = ENGINE / "kernels" / "rules"
MODULES = tuple(path.stem for path in sorted(FOLDER.glob("*.py")) if path.stem != "__init__")
WORKED = Path(__file__).parents[1] / "worked"

ALONE = {
    "credit_year": "the lane credits the year in steps of its own (contributions, interest), with `credit_factor`",
    "eligible_share": "the mean over a bin of the test that the calculator makes for one person",
    "pension_increase": "the lane spreads the year's total over the same four parts",
    "mean_gain": "the mean over a spread of `compared_pension`",
    "sickness_months": "the lane ends a mean share of the limited allowances a year",
    "compensation_at": "the lane takes the mean over a bin, `compensation_spread`",
    "compensation_spread": "the mean over a bin of `compensation_at`",
    "own_base_benefit": "the compilation takes the mean over a spread of bases between the same bounds",
    "phased_rate": "the calculator has no case of an unemployment premium",
    "partly_cut": "the calculator has no case of an unemployment premium",
    "cut_withdrawn": "the calculator has no case of an unemployment premium",
    "half_up": "rounding is the calculator's alone",
    "up_to_jiao": "rounding is the calculator's alone",
    "paid_out": "rounding is the calculator's alone",
    "up_to_part": "rounding is the calculator's alone",
    "service_years": "rounding is the calculator's alone",
}
"""Rules that one room alone needs, and why."""

LADDER = np.array([12.0, 60.0, 120.0])
MONTHS = np.array(COMPENSATION)
COUNTED = (MONTHS, 1.0, 15.0)
GAINS = np.array([0.0, 0.1, 0.3])
WITH_TABLES = ("step_reached", "months_within", "compensation_at", "compensation_spread", "mean_gain")
"""Rules whose example needs a table: their values are asserted below."""

CENT = 0.0051
"""The calculator rounds to the cent, the lane does not."""


def functions(module: str) -> list[ast.FunctionDef]:
    tree = ast.parse((FOLDER / f"{module}.py").read_text(encoding="utf-8"))
    return [node for node in tree.body if isinstance(node, ast.FunctionDef)]


RULES = {function.name: module for module in MODULES for function in functions(module)}


def room_of(path: Path) -> str | None:
    """Room whose code calls a rule: the lane, the compilation, the calculator; none for the rest of the house."""
    parts = path.relative_to(ENGINE).parts
    if parts[0] == "cases" or parts == ("kernels", "cases.py"):
        return "cases"
    if parts[:2] == ("engine", "compile"):
        return "compile"
    return "lane" if parts[0] == "kernels" else None


def rules_named(path: Path) -> set[str]:
    """Rules a file names: imported by name, or taken from an imported module of rules."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    home = "simengine.kernels.rules"
    modules: dict[str, str] = {}
    found: dict[str, str] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module == home:
            modules |= {alias.asname or alias.name: alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and (node.module or "").startswith(f"{home}."):
            found |= {alias.asname or alias.name: alias.name for alias in node.names}
    used = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
    named = {rule for name, rule in found.items() if name in used}
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id in modules:
            named.add(node.attr)
    return named & RULES.keys()


@cache
def users() -> dict[str, set[str]]:
    """Rooms that use each rule, directly or through another rule."""
    found: dict[str, set[str]] = {name: set() for name in RULES}
    for path in sorted(ENGINE.rglob("*.py")):
        room = room_of(path)
        if room is not None and FOLDER not in path.parents:
            for name in rules_named(path):
                found[name].add(room)
    inner = {function.name: function for module in MODULES for function in functions(module)}
    calls = {
        name: {node.id for node in ast.walk(function) if isinstance(node, ast.Name)} & (RULES.keys() - {name})
        for name, function in inner.items()
    }
    for _ in RULES:
        for name, called in calls.items():
            for other in called:
                found[other] |= found[name]
    return found


def rule(name: str) -> Any:
    return getattr(importlib.import_module(f"simengine.kernels.rules.{RULES[name]}"), name)


# --- the package ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", RULES)
def test_rule__states_its_source_and_its_example_is_true(name: str) -> None:
    home = importlib.import_module(f"simengine.kernels.rules.{RULES[name]}")
    text = rule(name).__doc__
    assert "schemes.md" in f"{home.__doc__} {text}" or "model.md" in text, "no source"
    assert re.search(r"\[[a-z1].*\]|in one unit|in any unit|in the unit", text), "no unit"
    assert "    Examples\n" in text, "no worked value"
    test = doctest.DocTestParser().get_doctest(text, vars(home).copy(), name, None, None)
    assert test.examples or name in WITH_TABLES, "the example is not run"
    done = doctest.DocTestRunner().run(test)
    assert done.failed == 0


def test_by_row__example() -> None:
    assert doctest.testmod(rules).failed == 0
    assert rules.by_row(rule("own_base_bounds"), *np.ones((4, 3))).shape == (3, 2)


@pytest.mark.parametrize(
    ("name", "given", "expected"),
    [
        ("step_reached", [(11.0, LADDER), (59.0, LADDER), (60.0, LADDER), (400.0, LADDER)], [-1, 0, 1, 2]),
        (
            "months_within",
            [(14, MONTHS, 1.0, 15.0), (15, MONTHS, 1.0, 15.0), (15, MONTHS, 0.0, 15.0)],
            [9.0, 10.0, 9.0],
        ),
        (
            "compensation_at",
            [(15.0, MONTHS, 1.0, 15.0), (15.1, MONTHS, 1.0, 15.0), (38.0, MONTHS, 1.0, 15.0)],
            [9, 10, 24],
        ),
        ("compensation_spread", [(15.5, MONTHS, 1.0, 15.0)], [10.0]),
        ("mean_gain", [(1.2, GAINS, 0.9, 0.2), (0.8, GAINS, 0.9, 0.2), (1.5, GAINS, 0.9, 0.2)], [0.2, 0.0, 0.5]),
    ],
)
def test_rule__of_a_table_gives_the_values_of_its_example(
    name: str, given: list[tuple[Any, ...]], expected: list[float]
) -> None:
    assert [float(rule(name)(*one)) for one in given] == pytest.approx(expected)
    assert name in WITH_TABLES


def test_rules__serve_two_rooms_or_say_why_not() -> None:
    alone = {name for name, rooms in users().items() if len(rooms) < 2}
    assert alone == ALONE.keys(), "use the rule in a second room, delete it, or name it here with its reason"
    assert not [name for name, rooms in users().items() if not rooms], "nothing uses it"


def test_calculator__imports_nothing_of_the_projection() -> None:
    for path in sorted((ENGINE / "cases").glob("*.py")):
        assert "simengine.engine" not in path.read_text(encoding="utf-8"), path.name


# --- lane and calculator ----------------------------------------------------------------------------------------------


def worked(file: str, name: str) -> dict[str, Any]:
    """Components of a worked case by name."""
    (case,) = [case for case in load_cases(WORKED / f"cases_{file}.yaml") if case.name == name]
    return compute(case).values


def test_pension__of_a_middle_person_is_the_award_of_the_lane() -> None:
    """P3: one paused member with the same months, indexes and account, awarded in July at the same divisor."""
    lane = build_lane().path(benefit_base=7054.0, transition_coefficient=0.013)
    lane.awards("men", 60, {7: 1.0}, 137.8)
    years, index = 122.0 / 12.0, 1.05
    lane.members(
        "paused", 60, 1.0, 40.0, index=358.0 / 12.0 * index, deemed=years, deemed_index=years * index, account=168_400.0
    )
    lane.step()
    assert lane.flow("awards_enterprise") == pytest.approx(1.0)
    case = worked("pension", "P3 middle person")
    assert lane.flow("new_award_mass_enterprise") == pytest.approx(case["pension"], abs=CENT)


LIVES = st.tuples(
    st.sampled_from(["jiangxi", "hubei", "zhejiang", "jiangsu"]),
    st.sampled_from([2021, 2023, 2024, 2025]),
    st.integers(200, 420),
    st.integers(1, 150),
    st.integers(3000, 30_000).map(lambda part: part / 10_000),
    st.integers(500, 400_000).map(float),
)
"""Region, award year, paid and deemed months, mean index, account of a man awarded in July at sixty."""


@settings(max_examples=150, deadline=None)
@given(LIVES)
def test_lane__pays_what_the_calculator_computes(life: tuple[str, int, int, int, float, float]) -> None:
    """With rounding off a person's award is that of the lane, with what the packaged provinces vary."""
    region, year, paid, deemed, index, account = life
    person = {"sex": "man", "born": 12 * (year - 60) + 6}
    record = {"paid_months": paid, "index": index, "deemed_months": deemed, "deemed_index": index, "account": account}
    text = {"kind": "award", "region": region, "rounding": False, "record": record, "retires": f"{year}-07"}
    text["checked"] = ["account"]  # drawn at random: a balance may be out of scale
    born = f"{year - 60}-07" if year < 2025 else "1965-05"
    content = AwardCase.model_validate(text | {"person": person | {"born": born}})
    case = compute(Case(content, lambda *keys: region, region, {})).values
    law, years = load_law(), np.array([year])

    def value(key: str) -> float:
        return float(law.annual(f"pension/{key}", years, region)[0])

    new = value("transition_coefficient")
    former = value("transition_former_over_new") * new
    lane = build_lane().path(
        benefit_base=case["benefit_base"],
        transition_coefficient=rule("compared_pension")(former, new, value("transition_gain_share")),
        addon_fixed=value("addon_fixed") + value("addon_transition_fixed"),
        addon_index_years=value("addon_transition_per_index_year"),
    )
    age = 60
    lane.awards("men", age, {7: 1.0}, case["divisor"])
    counted = deemed / 12.0
    lane.members(
        *("paused", age, 1.0, (paid + deemed) / 12.0),
        index=paid / 12.0 * index, deemed=counted, deemed_index=counted * index, account=account,
    ).step()  # fmt: skip
    assert lane.flow("new_award_mass_enterprise") == pytest.approx(case["pension"], rel=1e-12)


def test_account__of_a_payer_is_credited_as_in_the_calculator() -> None:
    """P5: 400 yuan a month at 2.62 % beside 50 000 yuan."""
    lane = build_lane().path(previous_wage=5000.0, account_share=0.08, density_enterprise=1.0, account_interest=0.0262)
    lane.constant(current_year_interest=1.083 / 2.0).index("enterprise", 1.0)
    lane.members("enterprise", 40, 1.0, 10.0, account=50_000.0).step()
    balance = lane.moments("enterprise", 40)[at.ACCOUNT]
    assert balance == pytest.approx(worked("pension", "P5 m116")["balance_2024"], abs=CENT)


def test_unemployment__months_of_a_claim() -> None:
    """U2: thirty paid months, thirteen unused ones of the claim before."""
    case = neutral(1).path(separation_prob=0.12, unemployment_take_up=1.0)
    case.state.unemployment[:, 0, 30 // 12] = 100.0, 100.0 * 13.0
    unemployment.open_claims(0, case.paths, case.constants, case.tables, case.state, case.out)
    (months,) = np.flatnonzero(case.state.claimants.sum(axis=(0, 1)))
    assert months + 1 == worked("unemployment", "U2")["benefit_months"]


def benefit(region: str, year: int, wage: float, base: float, log_sd: float) -> float:
    """Benefit of a mean recipient as the compilation of a lane computes it; the own base is `base` times W = 1."""
    one = np.ones(1)
    (amount,) = benefit_by_rule(
        load_law(), region, np.array([year]), minimum_wage=wage * one, previous_wage=base * one, relative_wage=one,
        price=one, log_sd=log_sd,
    )  # fmt: skip
    return float(amount)


def unemployed(folder: Path, **values: str | float) -> float:
    """Benefit by the calculator of who has paid eight years."""
    path = folder / "case.yaml"
    text = "".join(f"{name}: {value}\n" for name, value in values.items())
    path.write_text(f"kind: unemployment\npaid_months: 96\n{text}", encoding="utf-8")
    (case,) = load_cases(path)
    return float(compute(case).values["unemployment_benefit"])


def test_unemployment__share_of_the_minimum_wage(tmp_path: Path) -> None:
    """As U3: nine tenths of the minimum wage of class 2."""
    law = "{economy/minimum_wage_class_2: 1870}"
    person = unemployed(tmp_path, region="jingdezhen", claims="2025-06", law=law)
    assert benefit("jingdezhen", 2025, 1870.0, 1.0, 1.0) == pytest.approx(person, abs=CENT)


@pytest.mark.parametrize("base", [2000.0, 4000.0, 4900.0])
def test_unemployment__share_of_the_own_base(tmp_path: Path, base: float) -> None:
    """As U4, without a spread of bases: the mean over the three shares by paid years, which weigh alike."""
    wage, share = 2070.0, "{unemployment/own_base_share: {0: %g}, economy/minimum_wage_class_2: 2070}"
    law = load_law()["unemployment/own_base_share"].at("2022-01-01", "xuzhou")
    persons = [
        unemployed(tmp_path, region="xuzhou", claims="2022-01", average_base=base, law=share % part)
        for part in law.values()
    ]
    assert benefit("xuzhou", 2022, wage, base, 1e-9) == pytest.approx(np.mean(persons), abs=CENT)


def injured(**terms: float) -> Branch:
    """One insured payer who is injured in the year."""
    case = neutral(1).path(previous_wage=6525.0, injury_insured=1.0, **terms).payers(1.0)
    case.tables.class_mix[0] = case.tables.class_incidence[0] = 1.0
    return case.remember(injury_insured=1.0)


def test_injury__benefits_of_grade_two() -> None:
    """I3: own wage 4500, average wage 6525, mostly dependent."""
    case = injured(
        injury_wage_ratio=4500.0 / 6525.0, injury_annuity_share=1.0, injury_lump_months=25.0,
        injury_allowance_share=0.85,
    ).path(injury_nursing_share=0.40)  # fmt: skip
    injury_year(case, 0)
    person = worked("injury", "I3 grade 2")
    assert case.flow("injury_lump_sums") == pytest.approx(person["disability_lump"], abs=CENT)
    assert case.state.annuitants[at.A_ALLOWANCE].sum() == pytest.approx(person["disability_allowance"], abs=CENT)
    assert case.state.annuitants[at.A_NURSING].sum() == pytest.approx(person["nursing_payment"], abs=CENT)


def test_injury__death_grants_and_survivors() -> None:
    """I4: the shares of the survivors add up to 130 % and are scaled to the own wage."""
    case = injured(
        injury_wage_ratio=5000.0 / 6525.0, injury_death_share=1.0, injury_funeral_months=6.0,
        injury_death_multiple=20.0, previous_national_urban_income=54_188.0,
    ).path(injury_survivor_share=1.0)  # fmt: skip
    injury_year(case, 0)
    person = worked("injury", "I4")
    grants = person["injury_funeral"] + person["death_grant"]
    assert case.flow("injury_death_benefits") == pytest.approx(grants, abs=CENT)
    monthly = person["survivor_pension_spouse"] + 3.0 * person["survivor_pension_other"]
    assert case.state.injury_survivors[1].sum() == pytest.approx(monthly, abs=2.0 * CENT)


def test_resident__pension_at_sixty() -> None:
    """D1: an account of 12 600 yuan, a basic pension of 143."""
    case = neutral(1).path(basic_pension=143.0).register(at.MALE, 59, 1.0, account=12_600.0)
    resident_year(case, 0, close=False)
    person = worked("resident", "D1 account 12600")
    mass = case.state.beneficiaries[at.B_ACCOUNT_MASS].sum()
    assert mass == pytest.approx(person["resident_account_pension"], abs=CENT)
    assert case.flow("resident_base_paid") / 5.5 + mass == pytest.approx(person["resident_pension"], abs=CENT)


def test_funds__entrusted_share_of_a_surplus() -> None:
    """D4: four fifths of a surplus of 57.5 亿元."""
    case = neutral(1).path(resident_entrusted_share=0.8).fund(at.FUND_RESIDENT, 0.0)
    case.state.funds[:, at.FUND_RESIDENT] = case.out.balance[:, at.FUND_RESIDENT, 1] = 57.5e8
    funds.entrust(0, case.paths, case.state, case.out)
    assert case.state.entrusted[1] / 1e8 == pytest.approx(worked("resident", "D4")["newly_entrusted"])
