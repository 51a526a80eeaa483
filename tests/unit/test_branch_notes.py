"""Worked examples of the notes on residents, unemployment, work injury and funds, cell by cell, and their pitfalls.

The inputs are read from the note, the kernels are run on them, and every cell of every table of section 4 is compared.
"""

from __future__ import annotations

import importlib
import inspect
import re

import numpy as np
import pytest

from simengine.compile.standards import carried_on
from simengine.kernels import funds, injury, resident, unemployment
from simengine.kernels import layout as at
from simengine.units import EVIDENCE
from tests.unit.branch_builder import (
    LADDER,
    Branch,
    injury_year,
    neutral,
    open_year,
    resident_year,
    unemployment_year,
)
from tests.unit.note_tables import assert_printed, note_tables, note_text, number_of, pitfalls_named

Rows = list[dict[str, float | str]]
NOTES = ("resident", "unemployment", "injury", "fund")
PITFALLS_IN = {"resident": ("resident", "registration")}
MAN = at.MALE


def inputs_of(note: str) -> dict[str, float]:
    """Inputs of an example: the table under 4.1."""
    return {row["input"]: number_of(row["value"]) for row in note_tables(note, "4.1")[0]}


def given(case: Branch, values: dict[str, float]) -> Branch:
    """Write the inputs that are series or constants of the kernels."""
    for name, value in values.items():
        if name in at.PATH_NAMES:
            case.path(**{name: value})
        elif name in at.CONSTANT_NAMES:
            case.constant(**{name: value})
    return case


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
            ("left registered", "500 - 6", case.stock("resident_paying", 2) + case.stock("resident_not_paying", 2)),
            ("registered twice", "10 - 6", case.stock("dual_members", 2)),
        )
    ]


def _ceiling_rows() -> Rows:
    """Women of 30 and 65; 400 employees, 100 who draw, 10 counted in both schemes."""
    case = neutral(1).constant(hukou_ratio=0.9, hukou_ratio_16_59=1.2, coverage_ceiling=0.985, opening_year=2020)
    case.constant(first_year=2021).path(coverage_population_ratio=0.8).remember(ratio_resident=0.9)
    case.people(at.FEMALE, 30, 1_000.0).people(at.FEMALE, 65, 200.0)
    case.state.members[at.HEADS, 1, at.ENTERPRISE, 30 - at.FIRST_AGE, 5] = 390.0
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
    free.state.members[at.HEADS, 1, at.ENTERPRISE, 30 - at.FIRST_AGE, 5] = 400.0
    resident_year(free, 0)
    registered = float(case.state.resident[: at.R_DUAL].sum())
    return [
        {"quantity": quantity, "formula": formula, "value": value}
        for quantity, formula, value in (
            ("coverable people", "1.2·1000 + 1·200", coverable),
            ("what the plan counts", "0.8·1400", 0.8 * coverable),
            ("room below 60", "0.985·1120 - 400 - 100 + 10", room),
            ("target by the last share", "0.9·(1.2·1000 - 400)", float(free.state.resident[: at.R_DUAL].sum())),
            ("registered", "the smaller", registered),
            ("coverage rate", "(400 + 613.2 - 10 + 100)/1120", (400.0 + registered - 10.0 + 100.0) / (0.8 * coverable)),
        )
    ]


def _used_up(values: dict[str, float]) -> Rows:
    """One survivor with 400 yuan left on the account of 10,727.85."""
    case = given(neutral(1), values)
    monthly = 10_727.85 / values["resident_divisor"]
    case.state.beneficiaries[:, MAN, 72] = 1.0, 0.0, monthly, 400.0
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
        resident.start_pension(0, MAN, 60, 1.0, account, case.paths, case.state, case.scratch, case.out)
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
        "grants": case.item(at.FUND_RESIDENT, "benefits", t)
        - case.flow("resident_base_paid", t)
        - case.flow("resident_account_paid", t)
        - case.flow("resident_inherited", t),
        "budget money": case.item(at.FUND_RESIDENT, "fiscal_subsidy", t),
        "accounts left": float(case.state.beneficiaries[at.B_ACCOUNT, MAN, age]),
        "mean pension": case.stock("resident_pension_mass", t + 1) / case.stock("resident_beneficiaries", t + 1),
    }


# --- unemployment ----------------------------------------------------------------------------------------------------


def unemployment_tables() -> dict[str, list[Rows]]:
    """A thousand payers of one class and a few old claimants through twelve months."""
    values = inputs_of("unemployment")
    case = _unemployment_case(values)
    months: Rows = []
    last: dict[str, float] = {}
    open_year(case, 0)
    for month in range(1, 13):
        unemployment.open_claims(0, month, case.paths, case.constants, case.tables, case.state, case.out)
        payers = float(case.state.unemployment[0, :, 1:].sum())
        unemployment.step_claimants(0, case.paths, case.constants, case.state, case.out)
        names = ("new_claimants", "claim_months", "claims_reemployed", "claims_ended")
        now = {name: case.flow(name) for name in names}
        months.append(
            {
                "month": month,
                "payers": payers,
                "new claims": now["new_claimants"] - last.get("new_claimants", 0.0),
                "paid": now["claim_months"] - last.get("claim_months", 0.0),
                "found work": now["claims_reemployed"] - last.get("claims_reemployed", 0.0),
                "ended": now["claims_ended"] - last.get("claims_ended", 0.0),
                "claimants": float(case.state.claimants.sum()),
                "unused months back": float(case.state.unemployment[1, 0, 0]),
            }
        )
        last = now
    before = case.state.unemployment.sum(axis=1)
    whole = _unemployment_case(values)
    unemployment_year(whole, 0, mean_index=values["mean_index"])
    after = whole.state.unemployment.sum(axis=1)
    classes: Rows = [
        {"class": k, "before": before[0, k], "after": after[0, k], "unused after": after[1, k]} for k in range(3)
    ]
    return {
        "4.2": [_ladder_rows()],
        "4.3": [_unused_rows()],
        "4.4": [months],
        "4.5": [classes],
        "4.6": [_unemployment_money(whole)],
        "4.7": [_layoff_rows(values)],
        "4.8": [_amount_rows()],
    }


def _unemployment_case(values: dict[str, float]) -> Branch:
    case = given(neutral(1), values)
    case.state.unemployment[0, 0, 1] = values["payers"]
    case.state.claimants[0, 0, 2] = values["old_claimants"]
    case.state.claimants[1, 0, 0] = values["old_claimants_near_retirement"]
    return case.remember(premium_unemployment=values["premium_of_last_year"]).fund(
        at.FUND_UNEMPLOYMENT, values["opening_balance"]
    )


def _ladder_rows() -> Rows:
    rows: Rows = []
    for row in note_tables("unemployment", "4.2")[0]:
        paid = number_of(row["paid months"])
        years = min(int(paid) // 12, at.PAID_YEAR_CLASSES - 1)
        step = unemployment.ladder_step(LADDER[years]) if LADDER[years] else "none"
        rows.append({"paid months": paid, "class": years, "months": LADDER[years], "step": step})
    return rows


def _unused_rows() -> Rows:
    rows: Rows = []
    for row in note_tables("unemployment", "4.3")[0]:
        entitled, unused = number_of(row["entitled"]), number_of(row["unused"])
        months = unemployment.claim_months(entitled, unused)
        case = neutral(1).path(separation_prob=12.0, unemployment_take_up=1.0)
        case.state.unemployment[:, 0, 1] = 1.0, unused
        case.tables.ladder_months[0, 1] = entitled
        unemployment.open_claims(0, 0, case.paths, case.constants, case.tables, case.state, case.out)
        heads = case.state.claimants.sum(axis=(0, 1))
        lower = int(months) - 1
        share = float(heads[lower + 1]) if lower + 1 < at.MONTHS else 0.0
        rows.append(
            {"entitled": entitled, "unused": unused, "months": months, "whole months": lower + 1.0, "one more": share}
        )
    return rows


def _layoff_rows(values: dict[str, float]) -> Rows:
    rows: Rows = []
    for row in note_tables("unemployment", "4.7")[0]:
        layoffs = number_of(row["laid off"])
        first, year = _unemployment_case(values), _unemployment_case(values)
        open_year(first, 0)
        first.out.flows[at.FLOW_LAYOFFS, 0] = layoffs
        unemployment.open_claims(0, 0, first.paths, first.constants, first.tables, first.state, first.out)
        unemployment_year(year, 0, mean_index=values["mean_index"], layoffs=layoffs)
        rows.append(
            {
                "laid off": layoffs,
                "claims of the first month": first.flow("new_claimants"),
                "claims of the year": year.flow("new_claimants"),
                "months paid": year.flow("claim_months"),
            }
        )
    return rows


def _amount_rows() -> Rows:
    table = note_tables("unemployment", "4.8")[0]
    years = np.array([int(row["year"]) for row in table])
    minimum, share = (np.array([number_of(row[name]) for row in table]) for name in ("minimum wage", "share"))
    rule = share * minimum
    last = int(years[0])
    follows, below = (
        carried_on(np.full(years.size, start), years, rule, last, start, last + 1) for start in (1_800.0, 1_700.0)
    )
    return [
        {
            "year": row["year"],
            "minimum wage": minimum[t],
            "share": share[t],
            "rule": rule[t],
            "benefit": follows[t],
            "benefit from 1,700": below[t],
        }
        for t, row in enumerate(table)
    ]


def _unemployment_money(case: Branch) -> Rows:
    fund = at.FUND_UNEMPLOYMENT
    return [
        {"item": item, "value": value}
        for item, value in {
            "insured at year end": case.stock("unemployment_insured", 1),
            "entries": case.flow("unemployment_entries"),
            "exits": case.flow("unemployment_exits"),
            "months paid": case.flow("claim_months"),
            "contributions": case.item(fund, "contributions"),
            "benefits": case.flow("unemployment_benefits"),
            "medical contributions": case.flow("unemployment_medical_paid"),
            "stabilisation refunds": case.flow("stabilisation_refunds"),
            "refunds and other": case.item(fund, "other_outgo"),
            "interest": case.item(fund, "interest"),
            "closing balance": case.balance(fund, 1),
        }.items()
    ]


# --- work injury -----------------------------------------------------------------------------------------------------


def injury_tables() -> dict[str, list[Rows]]:
    """One employer's year, and one annuitant of grade 2 through the statutory month."""
    values = inputs_of("injury")
    case = given(neutral(1), values)
    risk = int(values["risk_class"]) - 1
    case.tables.class_mix[risk] = 1.0
    case.tables.class_rate[:, risk] = values["class_rate"]
    case.tables.class_incidence[risk] = values["class_incidence"]
    case.payers(values["insured"]).path(injury_insured=values["insured"])
    case.path(injury_wage_ratio=values["own_wage"] / values["previous_wage"])
    case.remember(injury_insured=values["insured"], premium_injury=values["premium_of_last_year"])
    case.fund(at.FUND_INJURY, values["opening_balance"])
    injury_year(case, 0)
    return {"4.2": [_injury_money(case)], "4.3": [_annuitant_rows(values)], "4.4": [_factor_rows()]}


def _factor_rows() -> Rows:
    """A factor that is known in the first year and then follows the reserve, all years after one another."""
    case = neutral(1).constant(injury_rate_step=0.1, injury_months_low=12.0, injury_months_high=18.0)
    case.constant(injury_factor_low=0.5, injury_factor_high=1.5)
    rows: Rows = []
    for row in note_tables("injury", "4.4")[0]:
        balance, spent = number_of(row["balance"]), number_of(row["spent"])
        known = np.nan if row["known"] == "-" else number_of(row["known"])
        case.path(injury_rate_factor=known).fund(at.FUND_INJURY, balance).remember(spending_injury=spent)
        factor = float(injury.injury_rate_factor(0, case.paths, case.constants, case.state))
        case.remember(injury_rate_factor=factor)
        rows.append(
            {
                "year": row["year"],
                "known": row["known"],
                "balance": balance,
                "spent": spent,
                "payable months": 12.0 * balance / spent,
                "factor": factor,
            }
        )
    return rows


def _injury_money(case: Branch) -> Rows:
    fund = at.FUND_INJURY
    return [
        {"item": item, "value": value}
        for item, value in {
            "payroll": case.flow("injury_wage_bill"),
            "premium": case.item(fund, "contributions"),
            "recognised cases": case.flow("injury_cases"),
            "fatal cases": case.flow("fatal_cases"),
            "new annuitants": case.flow("new_annuitants"),
            "medical treatment": case.flow("injury_medical"),
            "lump sums and subsidies": case.flow("injury_lump_sums"),
            "allowances and nursing, half a year": case.flow("injury_allowances"),
            "funeral and death grants": case.flow("injury_death_benefits"),
            "survivors' pensions, half a year": case.flow("injury_survivor_pensions"),
            "benefits": case.item(fund, "benefits"),
            "prevention": case.item(fund, "other_outgo"),
            "interest": case.item(fund, "interest"),
            "closing balance": case.balance(fund, 1),
        }.items()
    ]


def _annuitant_rows(values: dict[str, float]) -> Rows:
    case = given(neutral(3), values).death(values["death_prob"])
    case.state.annuitants[:3, 0, 58] = 1.0, values["allowance"], values["nursing"]
    case.state.pensioners[at.P_HEADS, 0, 0, 70] = 1.0
    rows: Rows = []
    for t in range(3):
        age = 59 + t
        pension = values["mean_pension"] * (1.0 + values["adjustment_ratio"]) ** (t + 1)
        case.state.pensioners[at.P_MASS, 0, 0, 70 + t] = pension
        heads = float(case.state.annuitants[at.A_HEADS, 0, age - 1])
        injury_year(case, t)
        cell = case.state.annuitants[:, 0, age]
        rows.append(
            {
                "age": age,
                "allowance": cell[at.A_ALLOWANCE] / cell[at.A_HEADS],
                "nursing": cell[at.A_NURSING] / cell[at.A_HEADS],
                "mean pension": pension,
                "opening heads": heads,
                "deaths": case.flow("annuitant_deaths", t),
                "paid": case.flow("injury_allowances", t),
                "topped up": float(cell[at.A_TOPPED_UP]),
                "closing heads": float(cell[at.A_HEADS]),
            }
        )
    return rows


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
    return {"4.2": [own], "4.3": [financed], "4.4": [_entrusted_rows(values)], "4.5": [unaided]}


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
    modules = [importlib.import_module(f"tests.unit.test_{name}_kernels") for name in PITFALLS_IN.get(note, (note,))]
    members = [member for module in modules for member in inspect.getmembers(module, inspect.isfunction)]
    tests = {name for name, _ in members if name.startswith("test_")}
    named = pitfalls_named(note)
    assert len(named) >= 5
    assert named <= tests, f"{note}.md names tests that do not exist: {sorted(named - tests)}"


@pytest.mark.parametrize("note", NOTES)
def test_note__symbols_and_code_names_exist(note: str) -> None:
    """Names in code quotes of sections 2, 3 and 5 are names of the kernels."""
    kernels = [importlib.import_module(f"simengine.kernels.{name}") for name in _KERNEL_FILES]
    known = {name for kernel in kernels for name in vars(kernel)} | set(vars(at)) | set(_KERNEL_FILES)
    known |= set(at.PATH_NAMES) | set(at.CONSTANT_NAMES) | set(at.FLOW_NAMES) | set(at.STOCK_NAMES)
    known |= set(at.MEMORY_NAMES) | set(at.State._fields) | set(at.Tables._fields) | set(at.Scratch._fields)
    text = note_text(note)
    for number in (2, 3, 5):
        section = re.split(rf"\n## {number}\. ", text, maxsplit=1)[1].split("\n## ", 1)[0]
        names = {name for name in re.findall(r"`([A-Za-z_]+)`", section) if not name.startswith("test_")}
        assert names, f"{note}.md section {number} names nothing"
        assert names <= known, f"{note}.md section {number}: {sorted(names - known)}"


_KERNEL_FILES = ("resident", "unemployment", "injury", "funds", "accounts", "coverage", "lane", "turnover", "record")


@pytest.mark.parametrize("note", NOTES)
def test_note__sources_carry_evidence(note: str) -> None:
    rows = note_tables(note, "7")[0]
    assert len(rows) >= 5
    for row in rows:
        tags = set(row["evidence"].replace(";", " ").split())
        assert tags and tags <= set(EVIDENCE), row["item"]
