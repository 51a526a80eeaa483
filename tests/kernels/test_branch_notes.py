"""Worked examples of the notes on residents, unemployment, work injury and funds, cell by cell, and their pitfalls.

The inputs are read from the note, the kernels are run on them, and every cell of every table of section 4 is compared.
"""

from __future__ import annotations

import importlib
import inspect
import re
from pathlib import Path

import numpy as np
import pytest

from simengine.kernels import layout as at
from simengine.kernels.branches import funds, resident
from simengine.registry.inputs import CONSTANTS, SERIES
from simengine.registry.units import EVIDENCE
from tests.calibration.test_settlement import other_rows, settlement_rows
from tests.helpers.branch_builder import Branch, neutral, open_year, resident_year
from tests.helpers.branch_note_rows import Rows, given, injury_tables, inputs_of, unemployment_tables
from tests.helpers.note_tables import assert_printed, note_tables, note_text, number_of, pitfalls_named

NOTES = ("resident", "unemployment", "injury", "fund")
PITFALLS_IN = {
    "resident": ("resident", "registration"),
    "unemployment": ("unemployment", "unemployment_rules"),
    "injury": ("injury", "floating"),
}
BESIDE_KERNELS = {"unemployment": ("properties.test_unemployment_agreement", "cases.test_case_unemployment")}
"""Pitfalls of a note that calculator and lane share."""
MAN = at.MALE


# --- residents -------------------------------------------------------------------------------------------------------


def resident_tables() -> dict[str, list[Rows]]:
    """Men who save from 45, turn 60 and draw for three years."""
    values = inputs_of("resident")
    heads, people, q = values["heads"], values["people"], values["death_prob"]
    years = 19
    case = given(neutral(years), values)
    case.register(MAN, 44, heads, dual=values["dual"]).fund(at.FUND_RESIDENT, 0.0)
    for age in range(45, 60):
        case.paused(MAN, age, values["dual"])
    death = np.zeros((2, at.AGES))
    death[:, 61:] = q
    case.death(death)
    saving: Rows = []
    payment: Rows = []
    turning: Rows = []
    for t in range(years):
        age = 45 + t
        before = case.state.beneficiaries[:, MAN, age - 1].copy()
        case.scratch.population_survived[:] = 0.0
        if age >= 60:
            case.people(MAN, age, people * (1.0 - q) ** (age - 60))
        resident_year(case, t)
        if age < 60:
            saving.append(_saving_row(case, t, age, heads))
        elif age == 60:
            turning = _turning_rows(case, t)
        else:
            payment.append(_payment_row(case, t, age, float(before[at.B_HEADS])))
    tables = {"4.2": [saving], "4.3": [_first_pensions(values)], "4.4": [turning], "4.5": [payment]}
    return {
        **tables,
        "4.6": [_used_up(values)],
        "4.7": [_registered_rows()],
        "4.8": [_double_rows(values)],
        "4.9": [_ceiling_rows()],
        "4.10": [_poor_rows(values)],
        "4.11": [_made_up_rows(values)],
    }


def _registered_rows() -> Rows:
    case = neutral(1).constant(hukou_ratio=1.05, hukou_ratio_16_59=1.2, first_year=2021, opening_year=2020)
    rows: Rows = []
    for row in note_tables("resident", "4.7")[0]:
        year, age = int(row["year"]), int(row["age"])
        ratio = resident.registered_ratio(year - 2021, age, case.constants)
        rows.append({"year": row["year"], "age": row["age"], "turned 60 in": str(year - age + 60), "ratio": ratio})
    return rows


def _double_rows(values: dict[str, float]) -> Rows:
    """Women of 30, 400 of them paused members; a year later four of these are left, and nobody else registers."""
    case = given(neutral(2), values).path(resident_registered=[500.0, 494.0]).constant(dual_share=0.02)
    case.people(at.FEMALE, 30, 1_000.0).paused(at.FEMALE, 30, 400.0)
    case.state.population[at.FEMALE, 30] = 1_000.0
    resident_year(case, 0)
    covered = case.stock("uncovered", 1)
    case.people(at.FEMALE, 30, 0.0).people(at.FEMALE, 31, 1_000.0).paused(at.FEMALE, 30, 0.0).paused(at.FEMALE, 31, 4.0)
    resident_year(case, 1)
    return [
        {"quantity": quantity, "formula": formula, "value": value}
        for quantity, formula, value in (
            ("registrations", "500 - 0", case.flow("resident_entries")),
            ("of them paused members", "0.02·500", case.flow("resident_dual_entries")),
            ("covered by either scheme", "400 + 500 - 10", 1_000.0 - covered),
            ("paid into an account in the year after", "560·1.03", case.flow("resident_credits", 1) * 1.03 / 500.0),
            ("double registrations ended", "10 - 4", case.flow("resident_dual_ended", 1)),
            ("account given back", "6·576.80", case.flow("resident_inherited", 1)),
            ("left registered", "500 - 6", case.stock("resident_contributors", 2) + case.stock("resident_paused", 2)),
            ("registered twice", "10 - 6", case.stock("dual_members", 2)),
        )
    ]


def _ceiling_rows() -> Rows:
    """Women of 30 and 65; 400 employees, 100 who draw, 10 counted in both schemes."""
    case = neutral(1).constant(hukou_ratio=0.9, hukou_ratio_16_59=1.2, coverage_ceiling=0.985, opening_year=2020)
    case.constant(first_year=2021).path(coverage_population_ratio=0.8).remember(ratio_resident=0.9)
    case.people(at.FEMALE, 30, 1_000.0).people(at.FEMALE, 65, 200.0)
    case.cells[at.HEADS, 1, at.ENTERPRISE, 30 - at.FIRST_AGE, 5] = 390.0
    case.paused(at.FEMALE, 30, 10.0).register(at.FEMALE, 29, 10.0, dual=10.0)
    case.state.beneficiaries[at.B_HEADS, at.FEMALE, 64] = 100.0
    open_year(case, 0)
    resident.relabel_resident(case.state)
    args = (0, case.paths, case.constants, case.tables, case.state, case.scratch)
    coverable = resident.coverable_people(0, case.constants, case.tables, case.scratch.population_survived)
    resident.count_employees(case.state, case.scratch)
    room = resident.room_to_register(*args)
    resident.register_residents(*args, case.out)
    free = neutral(1).constant(hukou_ratio_16_59=1.2).remember(ratio_resident=0.9).people(at.FEMALE, 30, 1_000.0)
    free.cells[at.HEADS, 1, at.ENTERPRISE, 30 - at.FIRST_AGE, 5] = 400.0
    resident_year(free, 0)
    registered = float(case.state.resident[: at.R_DUAL].sum())
    rate = (400.0 + 650.0 - 10.0 + 100.0) / (0.8 * coverable)
    case.remember(reached_coverage=rate)
    resident.count_employees(case.state, case.scratch)
    return [
        {"quantity": quantity, "formula": formula, "value": value}
        for quantity, formula, value in (
            ("coverable people", "1.2·1000 + 1·200", coverable),
            ("what the plan counts", "0.8·1400", 0.8 * coverable),
            ("room below 60", "0.985·1120 - 400 - 100 + 10", room),
            ("target by the last share", "0.9·(1.2·1000 - 400)", float(free.state.resident[: at.R_DUAL].sum())),
            ("registered", "the smaller", registered),
            ("coverage rate", "(400 + 613.2 - 10 + 100)/1120", (400.0 + registered - 10.0 + 100.0) / (0.8 * coverable)),
            ("rate known the year before", "(400 + 650 - 10 + 100)/1120", rate),
            ("registered after it", "1.01786·1120 - 400 - 100 + 10", resident.room_to_register(*args)),
        )
    ]


def _poor_rows(values: dict[str, float]) -> Rows:
    """The hundred men at 45, a tenth of them poor; the lowest tier is 100 yuan."""
    case = given(neutral(1), values).path(resident_poor_share=0.1, resident_poor_amount=100.0)
    case.register(MAN, 44, values["heads"]).fund(at.FUND_RESIDENT, 0.0)
    resident_year(case, 0)
    fund = at.FUND_RESIDENT
    return [
        {"item": item, "value": value}
        for item, value in {
            "own contributions": case.item(fund, "contributions"),
            "paid by budgets for the poor": case.flow("resident_poor_paid"),
            "contribution subsidies": case.item(fund, "fiscal_subsidy") - case.flow("resident_poor_paid"),
            "credited to accounts": case.flow("resident_credits"),
        }.items()
    ]


def _made_up_rows(values: dict[str, float]) -> Rows:
    """Hundred men who turn 60 with 5,000 yuan each and a stated mean of paid years."""
    rows: Rows = []
    for row in note_tables("resident", "4.11")[0]:
        year, mean = int(row["year"]), number_of(row["mean paid years"])
        case = given(neutral(1), values).path(resident_make_up_share=1.0)
        case.path(resident_required_years=min(15.0, year - 2011.0))
        case.state.resident[[at.R_PAYING, at.R_PAID_YEARS, at.R_ACCOUNT], MAN, 60] = 100.0, 100.0 * mean, 500_000.0
        resident.retire_residents(0, MAN, 60, case.paths, case.state, case.scratch, case.out)
        made_up = case.flow("resident_made_up")
        rows.append(
            {
                "year": row["year"],
                "required": case.value("resident_required_years"),
                "mean paid years": mean,
                "missing a head": made_up / 100.0 / values["resident_contribution"],
                "paid for them": made_up,
                "account part a head": float(case.state.beneficiaries[at.B_ACCOUNT_MASS, MAN, 60]) / 100.0,
            }
        )
    return rows


def _used_up(values: dict[str, float]) -> Rows:
    """One survivor with 400 yuan left on the account of 10,727.85."""
    case = given(neutral(1), values)
    monthly = 10_727.85 / values["resident_divisor"]
    case.state.beneficiaries[: at.B_BEYOND, MAN, 72] = 1.0, 0.0, monthly, 400.0
    resident_year(case, 0)
    beyond = case.item(at.FUND_RESIDENT, "fiscal_subsidy") - case.flow("resident_base_paid")
    return [
        {"item": item, "value": value}
        for item, value in {
            "account pension paid": case.flow("resident_account_paid"),
            "drawn from the account": case.flow("resident_drawn"),
            "paid by budgets beyond base and grants": beyond,
            "account left": float(case.state.beneficiaries[at.B_ACCOUNT, MAN, 73]),
        }.items()
    ]


def _saving_row(case: Branch, t: int, age: int, heads: float) -> dict[str, float | str]:
    cell = case.state.resident[:, MAN, age] / heads
    return {
        "age": age,
        "paid years": cell[at.R_PAID_YEARS],
        "own": case.item(at.FUND_RESIDENT, "contributions", t) / heads,
        "subsidy": case.item(at.FUND_RESIDENT, "fiscal_subsidy", t) / heads,
        "interest": case.flow("resident_interest_credited", t) / heads,
        "account": cell[at.R_ACCOUNT],
    }


def _first_pensions(values: dict[str, float]) -> Rows:
    rows: Rows = []
    for row in note_tables("resident", "4.3")[0]:
        case = given(neutral(1), values)
        account = number_of(row["account"])
        resident.start_pension(
            0, MAN, 60, 1.0, account, resident.FIRST_MONTHS, case.paths, case.state, case.scratch, case.out
        )
        part = float(case.state.beneficiaries[at.B_ACCOUNT_MASS, MAN, 60])
        rows.append({"account": account, "account part": part, "with base": part + case.value("basic_pension")})
    return rows


def _turning_rows(case: Branch, t: int) -> Rows:
    beneficiaries = case.state.beneficiaries[:, MAN, 60]
    return [
        {"item": item, "value": value}
        for item, value in {
            "own contributions": case.item(at.FUND_RESIDENT, "contributions", t),
            "contribution subsidies": case.flow("resident_credits", t)
            - case.item(at.FUND_RESIDENT, "contributions", t),
            "interest": case.flow("resident_interest_credited", t),
            "double registrations ended": case.flow("resident_dual_ended", t),
            "accounts refunded to them": case.flow("resident_inherited", t),
            "admitted without account": case.flow("resident_admitted", t),
            "new beneficiaries": case.flow("resident_new_beneficiaries", t),
            "base pensions paid": case.flow("resident_base_paid", t),
            "account pensions paid": case.flow("resident_account_paid", t),
            "account pensions a month": beneficiaries[at.B_ACCOUNT_MASS],
            "accounts left": beneficiaries[at.B_ACCOUNT],
            "benefits of the fund": case.item(at.FUND_RESIDENT, "benefits", t),
            "budget money": case.item(at.FUND_RESIDENT, "fiscal_subsidy", t),
        }.items()
    ]


def _payment_row(case: Branch, t: int, age: int, opening: float) -> dict[str, float | str]:
    return {
        "age": age,
        "opening heads": opening,
        "deaths": case.flow("resident_beneficiary_deaths", t),
        "base paid": case.flow("resident_base_paid", t),
        "account paid": case.flow("resident_account_paid", t),
        "interest": case.flow("resident_interest_credited", t),
        "inherited": case.flow("resident_inherited", t),
        "grants": case.flow("resident_funeral_paid", t),
        "budget money": case.item(at.FUND_RESIDENT, "fiscal_subsidy", t),
        "accounts left": float(case.state.beneficiaries[at.B_ACCOUNT, MAN, age]),
        "mean pension": case.stock("resident_pension_mass", t + 1) / case.stock("resident_beneficiaries", t + 1),
    }


# --- funds -----------------------------------------------------------------------------------------------------------


def fund_tables() -> dict[str, list[Rows]]:
    """Five years of a pension fund on the three accounts, and three of a resident fund."""
    values = inputs_of("fund")
    flows = note_tables("fund", "4.2")[0]
    case = given(neutral(len(flows)), values).fund(at.FUND_ENTERPRISE, values["opening_balance"])
    for name in ("return_enterprise_pension", "return_entrusted", "subsidy_enterprise"):
        case.path(**{name: [0.0] + [values[name]] * (len(flows) - 1)})
    case.state.entrusted[0] = values["entrusted_share_enterprise"] * values["opening_balance"]
    own: Rows = []
    financed: Rows = []
    unaided: Rows = []
    for t, row in enumerate(flows):
        _close_pension_year(case, t, number_of(row["contributions"]), number_of(row["benefits"]))
        own.append(_own_row(case, t, row["year"]))
        financed.append(_financed_row(case, t, row["year"]))
        unaided.append(_unaided_row(case, t, row["year"]))
    return {
        "4.2": [own],
        "4.3": [financed],
        "4.4": [_entrusted_rows(values)],
        "4.5": [unaided],
        "4.6": [_central_rows()],
        "4.7": [_pool_rows()],
        "4.8": [settlement_rows()],
        "4.9": [other_rows()],
        "4.10": [_adjustment_rows(), _province_rows()],
        "4.11": [_aid_rows()],
    }


def _central_rows() -> Rows:
    """8.0 million payers at 78,000 a year and 4.2 million pensioners, amounts in 100 million yuan."""
    case = neutral(1).path(previous_wage=78_000.0 / 12.0, central_adjustment_rate=0.045)
    case.path(central_adjustment_wage_share=0.9)
    case.path(central_adjustment_receipt=6_000.0)
    open_year(case, 0)
    case.scratch.payer_base[at.ENTERPRISE, 0], case.scratch.payer_base[at.FLEXIBLE, 0] = 6.5e6, 1.5e6
    case.state.pensioners[at.P_HEADS, 1, 0, 62] = 4.2e6
    funds.adjust_centrally(0, case.paths, case.state, case.scratch)
    paid = case.due(at.FUND_ENTERPRISE, "to_above") / 1e8
    received = case.due(at.FUND_ENTERPRISE, "from_above") / 1e8
    return [
        {"item": item, "formula": formula, "value": value}
        for item, formula, value in (
            ("to above", "0.9·78,000·8.0 million·0.045", paid),
            ("from above", "6,000·4.2 million", received),
            ("net", "252.00 - 252.72", received - paid),
        )
    ]


def _pool_rows() -> Rows:
    """A fund of 500 without returns that spends 1,000; the pool gives at most .09 and takes at most .01 of it."""
    table = note_tables("fund", "4.7")[0]
    fund = at.FUND_ENTERPRISE
    case = neutral(len(table)).path(pool_take_share=0.8, pool_give_share=0.25).fund(fund, 500.0)
    case.path(pool_receipt_limit=0.09, pool_payment_limit=0.01)
    rows: Rows = []
    for t, row in enumerate(table):
        net = number_of(row["income less outgo"])
        _close_pension_year(case, t, 1_000.0 + net, 1_000.0)
        found: dict[str, float | str] = {"year": row["year"], "income less outgo": net}
        found["share"] = (0.8 if net < 0.0 else 0.25) * abs(net)
        found["limit"] = 90.0 if net < 0.0 else 10.0
        found["pool"] = case.item(fund, "from_above", t) - case.item(fund, "to_above", t)
        found["closing"] = case.balance(fund, t + 1)
        rows.append(found | {"unaided": case.balance(fund, t + 1, at.UNAIDED)})
    return rows


def _aid_rows() -> Rows:
    """A fund of 1,500 that earns 4 %; 16 % of spending is claimed, at most up to twenty months."""
    table = note_tables("fund", "4.11")[0]
    fund = at.FUND_ENTERPRISE
    case = neutral(len(table)).path(
        return_enterprise_pension=0.04, subsidy_enterprise=0.16, subsidy_reserve_months=20.0
    )
    case.fund(fund, 1_500.0)
    rows: Rows = []
    for t, row in enumerate(table):
        benefits = number_of(row["benefits"])
        _close_pension_year(case, t, number_of(row["contributions"]), benefits)
        rows.append(
            {
                "year": row["year"],
                "opening": case.balance(fund, t),
                "contributions": case.item(fund, "contributions", t),
                "benefits": benefits,
                "claim": 0.16 * benefits,
                "twenty months": benefits / 12.0 * 20.0,
                "subsidy": case.item(fund, "fiscal_subsidy", t),
                "interest": case.item(fund, "interest", t),
                "closing": case.balance(fund, t + 1),
            }
        )
    return rows


def _adjustment_case() -> Branch:
    table = note_tables("fund", "4.10")[0]
    case = neutral(len(table)).path(
        return_unemployment=0.02, unemployment_adjustment_fund_rate=0.05, unemployment_adjustment_fund_months=6.0,
        unemployment_adjustment_fund_share=0.5,
    )  # fmt: skip
    return case.fund(at.FUND_UNEMPLOYMENT, 60.0)


def _close_unemployment_year(case: Branch, t: int, row: dict[str, str]) -> None:
    open_year(case, t)
    case.scratch.ledger[at.FUND_UNEMPLOYMENT, at.IN_CONTRIBUTIONS] = number_of(row["contributions"])
    case.scratch.ledger[at.FUND_UNEMPLOYMENT, at.OUT_BENEFITS] = number_of(row["benefits"])
    funds.close_funds(t, case.paths, case.constants, case.state, case.scratch, case.out)


def _adjustment_rows() -> Rows:
    """A locality of 60: a twentieth of the premiums goes up, half of a deficit comes down below six months."""
    case, fund = _adjustment_case(), at.FUND_UNEMPLOYMENT
    rows: Rows = []
    for t, row in enumerate(note_tables("fund", "4.10")[0]):
        _close_unemployment_year(case, t, row)
        down, closing = case.item(fund, "from_above", t), case.balance(fund, t + 1)
        benefits = number_of(row["benefits"])
        rows.append(
            {
                "year": row["year"],
                "opening": case.balance(fund, t),
                "contributions": number_of(row["contributions"]),
                "benefits": benefits,
                "to above": case.item(fund, "to_above", t),
                "interest": case.item(fund, "interest", t),
                "deficit": max(0.0, case.balance(fund, t) - (closing - down)),
                "six months": 0.5 * benefits,
                "from above": down,
                "closing": closing,
                "unaided": case.balance(fund, t + 1, at.UNAIDED),
            }
        )
    return rows


def _province_rows() -> Rows:
    """The same money as the fund of a whole province."""
    case, fund = _adjustment_case().constant(runs_adjustment_fund=1.0), at.FUND_UNEMPLOYMENT
    rows: Rows = []
    for t, row in enumerate(note_tables("fund", "4.10")[0]):
        _close_unemployment_year(case, t, row)
        items = {name: case.item(fund, name.replace(" ", "_"), t) for name in PASSED}
        rows.append({"year": row["year"], **items, "closing": case.balance(fund, t + 1)})
    return rows


PASSED = ("to above", "from below", "to below", "from above")


def _close_pension_year(case: Branch, t: int, contributions: float, benefits: float) -> None:
    open_year(case, t)
    case.scratch.ledger[at.FUND_ENTERPRISE, at.IN_CONTRIBUTIONS] = contributions
    case.scratch.ledger[at.FUND_ENTERPRISE, at.OUT_BENEFITS] = benefits
    funds.subsidise(t, case.paths, case.scratch, case.out)
    funds.close_funds(t, case.paths, case.constants, case.state, case.scratch, case.out)


def _own_row(case: Branch, t: int, year: str) -> dict[str, float | str]:
    fund = at.FUND_ENTERPRISE
    closing, benefits = case.balance(fund, t + 1), case.item(fund, "benefits", t)
    return {
        "year": year,
        "opening": case.balance(fund, t),
        "contributions": case.item(fund, "contributions", t),
        "subsidy": case.item(fund, "fiscal_subsidy", t),
        "interest": case.item(fund, "interest", t),
        "investment": case.item(fund, "investment", t),
        "benefits": benefits,
        "closing": closing,
        "entrusted": float(case.state.entrusted[0]),
        "payable months": closing / (benefits / 12.0),
    }


def _unaided_row(case: Branch, t: int, year: str) -> dict[str, float | str]:
    fund = at.FUND_ENTERPRISE
    closing = case.balance(fund, t + 1, at.UNAIDED)
    return {
        "year": year,
        "opening": case.balance(fund, t, at.UNAIDED),
        "interest": case.item(fund, "interest", t, at.UNAIDED),
        "investment": case.item(fund, "investment", t, at.UNAIDED),
        "closing": closing,
        "below the own account": case.balance(fund, t + 1) - closing,
    }


def _financed_row(case: Branch, t: int, year: str) -> dict[str, float | str]:
    fund = at.FUND_ENTERPRISE
    return {
        "year": year,
        "opening": case.balance(fund, t, at.FINANCED),
        "interest": case.item(fund, "interest", t, at.FINANCED),
        "investment": case.item(fund, "investment", t, at.FINANCED),
        "need": case.item(fund, "fiscal_subsidy", t, at.FINANCED) - case.item(fund, "fiscal_subsidy", t),
        "closing": case.balance(fund, t + 1, at.FINANCED),
    }


def _entrusted_rows(values: dict[str, float]) -> Rows:
    fund = at.FUND_RESIDENT
    flows = note_tables("fund", "4.4")[0]
    case = given(neutral(len(flows)), values).fund(fund, values["resident_opening_balance"])
    for name in ("return_resident", "return_entrusted"):
        case.path(**{name: [0.0] + [values[name]] * (len(flows) - 1)})
    rows: Rows = []
    for t, row in enumerate(flows):
        open_year(case, t)
        case.scratch.ledger[fund, at.IN_CONTRIBUTIONS] = number_of(row["income"])
        case.scratch.ledger[fund, at.OUT_BENEFITS] = number_of(row["spending"])
        funds.close_funds(t, case.paths, case.constants, case.state, case.scratch, case.out)
        rows.append(
            {
                "year": row["year"],
                "income": case.item(fund, "contributions", t),
                "spending": case.item(fund, "benefits", t),
                "interest": case.item(fund, "interest", t),
                "investment": case.item(fund, "investment", t),
                "closing": case.balance(fund, t + 1),
                "surplus": case.flow("resident_new_surplus", t),
                "newly entrusted": case.flow("resident_newly_entrusted", t),
                "entrusted": float(case.state.entrusted[1]),
            }
        )
    return rows


# --- the tests -------------------------------------------------------------------------------------------------------

TABLES = {
    "resident": resident_tables,
    "unemployment": unemployment_tables,
    "injury": injury_tables,
    "fund": fund_tables,
}


@pytest.mark.parametrize("note", NOTES)
def test_note__every_cell_of_the_worked_example(note: str) -> None:
    computed = TABLES[note]()
    headings = re.findall(r"^### (4\.\d+) ", note_text(note), flags=re.MULTILINE)
    assert headings == ["4.1", *computed]
    for heading, tables in computed.items():
        printed = note_tables(note, heading)
        assert len(printed) == len(tables)
        for rows, values in zip(printed, tables, strict=True):
            assert len(rows) == len(values), f"{note}.md {heading}"
            for row, expected in zip(rows, values, strict=True):
                assert list(row) == list(expected), f"{note}.md {heading}: columns"
                for column, value in expected.items():
                    what = f"{note}.md {heading}, {next(iter(row.values()))}, {column}"
                    if isinstance(value, str):
                        assert row[column] == value, what
                    else:
                        assert_printed(row[column], float(value), what)


@pytest.mark.parametrize("note", NOTES)
def test_note__inputs_are_used_by_name(note: str) -> None:
    own_names = {
        "resident": {"heads", "dual", "people", "death_prob"},
        "unemployment": {
            "payers", "old_claimants", "old_claimants_near_retirement", "mean_index", "premium_of_last_year",
            "opening_balance",
        },
        "injury": {
            "risk_class", "class_rate", "class_incidence", "insured", "own_wage", "premium_of_last_year",
            "opening_balance", "allowance", "nursing", "mean_pension", "death_prob",
        },
        "fund": {"opening_balance", "resident_opening_balance"},
    }[note]  # fmt: skip
    unknown = set(inputs_of(note)) - own_names - set(at.PATH_NAMES) - set(at.CONSTANT_NAMES)
    assert not unknown
    assert own_names <= set(inputs_of(note))


@pytest.mark.parametrize("note", NOTES)
def test_note__pitfalls_are_tests(note: str) -> None:
    modules = [importlib.import_module(f"tests.kernels.test_{name}_kernels") for name in PITFALLS_IN.get(note, (note,))]
    modules += [importlib.import_module(f"tests.{name}") for name in BESIDE_KERNELS.get(note, ())]
    members = [member for module in modules for member in inspect.getmembers(module, inspect.isfunction)]
    tests = {name for name, _ in members if name.startswith("test_")}
    named = pitfalls_named(note)
    assert len(named) >= 5
    assert named <= tests, f"{note}.md names tests that do not exist: {sorted(named - tests)}"


@pytest.mark.parametrize("note", NOTES)
def test_note__symbols_and_code_names_exist(note: str) -> None:
    """Names in code quotes of sections 2, 3 and 5 are names of the kernels."""
    modules = [f"simengine.kernels.{path.relative_to(KERNELS).with_suffix('')}".replace("/", ".") for path in SOURCES]
    known = {name for module in modules for name in vars(importlib.import_module(module))}
    known |= set(vars(at)) | {path.stem for path in SOURCES}
    known |= set(at.PATH_NAMES) | set(at.CONSTANT_NAMES) | set(at.FLOW_NAMES) | set(at.STOCK_NAMES)
    known |= set(SERIES) | set(CONSTANTS)
    known |= set(at.MEMORY_NAMES) | set(at.State.SHAPES) | set(at.Tables._fields) | set(at.Scratch.SHAPES)
    text = note_text(note)
    for number in (2, 3, 5):
        section = re.split(rf"\n## {number}\. ", text, maxsplit=1)[1].split("\n## ", 1)[0]
        names = {name for name in re.findall(r"`([A-Za-z_]+)`", section) if not name.startswith("test_")}
        assert names, f"{note}.md section {number} names nothing"
        assert names <= known, f"{note}.md section {number}: {sorted(names - known)}"


KERNELS = Path(at.__file__).parent
SOURCES = [path for path in sorted(KERNELS.rglob("*.py")) if path.stem not in ("__init__", "linked", "warm")]


@pytest.mark.parametrize("note", NOTES)
def test_note__sources_carry_evidence(note: str) -> None:
    rows = note_tables(note, "7")[0]
    assert len(rows) >= 5
    for row in rows:
        tags = set(row["evidence"].replace(";", " ").split())
        assert tags and tags <= set(EVIDENCE), row["item"]
