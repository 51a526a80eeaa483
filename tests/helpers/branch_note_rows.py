"""Worked examples of the notes on unemployment and work injury, computed by the kernels row by row.

`test_branch_notes.py` compares every row with the notes; the inputs are read from the notes.
"""

from __future__ import annotations

import math
from statistics import NormalDist

import numpy as np

from simengine.engine.compile.standards import carried_on
from simengine.engine.compile.tables import float_shifts
from simengine.kernels import layout as at
from simengine.kernels.branches import injury, unemployment
from simengine.kernels.rules.unemployment import claim_months
from simengine.law import load_law
from tests.helpers.branch_builder import LADDER, LADDER_STEP, Branch, injury_year, neutral, open_year, unemployment_year
from tests.helpers.note_tables import note_tables, number_of

Rows = list[dict[str, float | str]]


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


# --- unemployment ----------------------------------------------------------------------------------------------------


def unemployment_tables() -> dict[str, list[Rows]]:
    """A thousand payers of one class and a few old claimants through twelve months."""
    values = inputs_of("unemployment")
    case = _unemployment_case(values)
    months: Rows = []
    last: dict[str, float] = {}
    open_year(case, 0)
    for month in range(1, 13):
        unemployment.open_claims(0, case.paths, case.constants, case.tables, case.state, case.out)
        payers = float(case.state.unemployment[0, :, 1:].sum())
        unemployment.step_claimants(0, 0.0, case.paths, case.constants, case.state, case.out)
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
        "4.9": [_death_rows()],
        "4.10": [_refund_rows()],
        "4.11": [_level_rows()],
        "4.12": [_price_rows(values)],
        "4.13": [_cut_rows()],
    }


def _price_rows(values: dict[str, float]) -> Rows:
    """The year of 4.6 with the price growth of each row."""
    rows: Rows = []
    for row in note_tables("unemployment", "4.12")[0]:
        growth = number_of(row["price growth"])
        case = _unemployment_case(values).path(previous_price_index=2.0, price_index=2.0 * (1.0 + growth))
        case.path(living_standard=800.0, price_trigger=0.035)
        unemployment_year(case, 0, mean_index=values["mean_index"])
        paid = case.flow("unemployment_price_subsidies")
        rows.append({"price growth": growth, "a month": paid / case.flow("claim_months"), "paid": paid})
    return rows


def _death_rows() -> Rows:
    """One month of two groups of claimants, of whom some die."""
    rows: Rows = []
    for row, (near, left, heads) in zip(
        note_tables("unemployment", "4.9")[0], ((0, 11, 1_200.0), (1, 0, 120.0)), strict=True
    ):
        case = neutral(1).path(reemployment_prob=0.05, unemployment_pension_refund=0.2 * 0.6 * 6_525.0)
        case.path(funeral_months=2.0, compensation_factor=1.0, previous_urban_income=48_000.0)
        case.constant(near_reemployment_factor=0.2, near_extension_exit=1.0 / 6.0, near_last_year_share=0.5)
        case.scratch.death_months[0] = 3.0
        case.state.claimants[near, 0, left] = heads
        unemployment.step_claimants(0, 0.024, case.paths, case.constants, case.state, case.out)
        present = float(case.state.claimants.sum())
        unemployment.pay_out(0, 0.0, 1.0, case.paths, case.constants, case.state, case.scratch, case.out)
        flows = ("claim_months", "claimant_deaths", "claims_reemployed", "claims_ended")
        names = ("paid", "died", "found work", "ended")
        rows.append(
            {
                "claimants": row["claimants"],
                **{name: case.flow(flow) for name, flow in zip(names, flows, strict=True)},
                "left": present,
                "pension refunds": case.flow("pension_refunds"),
                "death benefits": case.flow("claimant_death_benefits"),
            }
        )
    return rows


def _cut_rows() -> Rows:
    """A thousand insured at 6,525 yuan and an index of .8; the balance of each year is set to its payable months."""
    case = neutral(1).path(previous_wage=6_525.0, cut_none_months=12.0, cut_full_months=18.0)
    case.path(unemployment_employer_rate=0.005, unemployment_employer_uncut_rate=0.02)
    case.path(unemployment_employee_rate=0.005, unemployment_employee_uncut_rate=0.01)
    case.constant(unemployment_cut_step=0.1)
    case.state.unemployment[0, 0, 1] = 1_000.0
    rows: Rows = []
    for row in note_tables("unemployment", "4.13")[0]:
        months = number_of(row["payable months"])
        open_year(case, 0)
        case.fund(at.FUND_UNEMPLOYMENT, months * 100_000.0).remember(spending_unemployment=1.2e6)
        unemployment.pay_out(0, 1_000.0, 0.8, case.paths, case.constants, case.state, case.scratch, case.out)
        part = case.flow("unemployment_cut_withdrawn")
        rows.append(
            {
                "year": row["year"],
                "payable months": months,
                "withdrawn": part,
                "employer rate": 0.005 + 0.015 * part,
                "employee rate": 0.005 + 0.005 * part,
                "premium": case.due(at.FUND_UNEMPLOYMENT, "contributions"),
            }
        )
    return rows


def _refund_rows() -> Rows:
    rows: Rows = []
    for row in note_tables("unemployment", "4.10")[0]:
        balance = number_of(row["own balance"])
        case = neutral(1).path(stabilisation_share=0.37, stabilisation_low_share=0.24, refund_reserve_months=12.0)
        case.fund(at.FUND_UNEMPLOYMENT, balance).remember(spending_unemployment=1.2e6, premium_unemployment=1e6)
        share = float(unemployment.refund_share(0, case.paths, case.state))
        unemployment_year(case, 0)
        refunded = case.flow("stabilisation_refunds")
        months = balance / 100_000.0
        rows.append({"own balance": balance, "payable months": months, "share": share, "refunded": refunded})
    return rows


def _level_rows() -> Rows:
    """A level through a known year, a campaign, and a ceiling."""
    table = note_tables("unemployment", "4.11")[0]
    case = neutral(len(table))
    case.path(unemployment_insured=[np.nan if row["known"] == "-" else number_of(row["known"]) for row in table])
    case.path(campaign_gross_unemployment=[number_of(row["gross campaign"]) for row in table])
    rows: Rows = []
    for t, row in enumerate(table):
        payers, ceiling = number_of(row["enterprise payers"]), number_of(row["injury insured"])
        unemployment_year(case, t, payers=payers, ceiling=ceiling)
        rows.append(
            {
                "year": row["year"],
                "known": row["known"],
                "enterprise payers": payers,
                "gross campaign": case.value("campaign_gross_unemployment", t),
                "injury insured": ceiling,
                "insured": case.stock("unemployment_insured", t + 1),
                "added": case.flow("campaign_top_up_unemployment", t),
                "above injury insured": case.flow("unemployment_over_injury", t),
            }
        )
    return rows


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
        step = int(LADDER_STEP[years]) if LADDER[years] else "none"
        rows.append({"paid months": paid, "class": years, "months": LADDER[years], "step": step})
    return rows


def _unused_rows() -> Rows:
    rows: Rows = []
    for row in note_tables("unemployment", "4.3")[0]:
        entitled, unused = number_of(row["entitled"]), number_of(row["unused"])
        months = claim_months(entitled, unused, 24.0)
        case = neutral(1).path(separation_prob=12.0, unemployment_take_up=1.0)
        case.state.unemployment[:, 0, 1] = 1.0, unused
        case.tables.ladder_months[0, 1] = entitled
        unemployment.open_claims(0, case.paths, case.constants, case.tables, case.state, case.out)
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
        unemployment.open_claims(0, first.paths, first.constants, first.tables, first.state, first.out)
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
    case = _employer(values)
    injury_year(case, 0)
    return {
        "4.2": [_injury_money(case)],
        "4.3": [_annuitant_rows(values)],
        "4.4": [_factor_rows()],
        "4.5": [_shift_rows()],
        "4.6": [_class_rows()],
        "4.7": [_project_rows(values)],
        "4.8": [_minimum_rows()],
    }


def _employer(values: dict[str, float], years: int = 1) -> Branch:
    """The employer of 4.1, all in one risk class."""
    case = given(neutral(years), values)
    risk = int(values["risk_class"]) - 1
    case.tables.class_mix[risk] = 1.0
    case.tables.class_rate[:, risk] = values["class_rate"]
    case.tables.class_incidence[risk] = values["class_incidence"]
    case.payers(values["insured"]).path(injury_insured=values["insured"])
    case.path(injury_wage_ratio=values["own_wage"] / values["previous_wage"])
    case.remember(injury_insured=values["insured"], premium_injury=values["premium_of_last_year"])
    return case.fund(at.FUND_INJURY, values["opening_balance"])


def _shift_rows() -> Rows:
    """Normal probabilities of employers' ratios, and the kernel's mean change of level at the class's ratio."""
    rows: Rows = []
    for row in note_tables("injury", "4.5")[0]:
        ratio = number_of(row["claims ratio"])
        centre = NormalDist(math.log(ratio) - 0.5, 1.0)
        case = neutral(1).path(rerating_interval=1.0)
        case.tables.float_shift[:] = float_shifts(load_law(), np.array([2021]), "jiangxi", 1.0)
        case.state.injury_classes[:, 3] = 2.0, ratio, 1.0
        injury.rerate_classes(0, case.paths, case.tables, case.state)
        rows.append(
            {
                "claims ratio": ratio,
                "below 0.3": centre.cdf(math.log(0.3)),
                "above 1.2": 1.0 - centre.cdf(math.log(1.2)),
                "above 2": 1.0 - centre.cdf(math.log(2.0)),
                "mean change": float(case.state.injury_classes[at.C_LEVEL, 3]) - 2.0,
            }
        )
    return rows


def _class_rows() -> Rows:
    """Class 4 with steady claims; a rate is its premium over 0.9 % of the payroll."""
    table = note_tables("injury", "4.6")[0]
    case = neutral(len(table)).path(injury_insured=200.0, previous_wage=5_000.0, injury_wage_ratio=1.0)
    case.path(injury_rate_factor=np.nan, rerating_interval=2.0, medical_cost=180_000.0).remember(injury_insured=200.0)
    case.remember(injury_rate_factor=1.0).fund(at.FUND_INJURY, 1e9).payers(200.0)
    case.constant(injury_months_high=18.0)
    case.tables.class_mix[3], case.tables.class_rate[:, 3], case.tables.class_incidence[3] = 1.0, 0.009, 0.0045
    case.tables.float_shift[:] = float_shifts(load_law(), np.array([2021]), "jiangxi", 1e-6)
    rows: Rows = []
    for t, row in enumerate(table):
        _, claims, premiums = case.state.injury_classes[:, 3]
        injury_year(case, t)
        premium = case.item(at.FUND_INJURY, "contributions", t)
        rows.append(
            {
                "year": row["year"],
                "claims ratio since": float(claims / premiums) if t % 2 else "-",
                "level": float(case.state.injury_classes[at.C_LEVEL, 3]),
                "rate over base": premium / 108_000.0,
                "premium": premium,
            }
        )
    return rows


def _project_rows(values: dict[str, float]) -> Rows:
    case = _employer(values).path(injury_project_share=0.14, injury_project_premium=0.0015 * 200_000.0)
    case.path(injury_stop_work_months=2.5, injury_employment_months=1.9)
    injury_year(case, 0)
    twice = _employer(values).path(prevention_base=0.5 * values["prevention_share"]).constant(prevention_effect=0.1)
    injury_year(twice, 0)
    by_project = case.flow("injury_project_premiums")
    return [
        {"item": item, "value": value}
        for item, value in {
            "payroll": case.flow("injury_wage_bill"),
            "premium by class": case.item(at.FUND_INJURY, "contributions") - by_project,
            "premium by project": by_project,
            "recognised cases": case.flow("injury_cases"),
            "cases with twice the prevention": twice.flow("injury_cases"),
            "stop-work pay and employment subsidies of the employer": case.flow("injury_employer_paid"),
        }.items()
    ]


def _minimum_rows() -> Rows:
    rows: Rows = []
    for row in note_tables("injury", "4.8")[0]:
        minimum = number_of(row["minimum wage"])
        paid = []
        for age in (40, 65):
            case = neutral(1).path(minimum_wage=minimum)
            case.state.annuitants[:2, 0, age] = 1.0, 1_500.0
            case.state.pensioners[at.P_HEADS : at.P_MASS + 1, 0, 0, 80] = 1.0, 1_600.0
            injury_year(case, 0)
            paid.append(case.flow("injury_allowances") / 12.0)
        rows.append({"minimum wage": minimum, "paid before": paid[0], "paid after": paid[1]})
    return rows


def _factor_rows() -> Rows:
    """A factor that is known in the first year and then follows cut and reserve, all years after one another."""
    case = neutral(1).constant(injury_rate_step=0.1, injury_months_low=12.0, injury_months_high=18.0)
    case.tables.cut_factor[:] = 1.0, 0.8, 0.5
    rows: Rows = []
    for row in note_tables("injury", "4.4")[0]:
        balance, spent = number_of(row["balance"]), number_of(row["spent"])
        known = np.nan if row["known"] == "-" else number_of(row["known"])
        case.path(injury_rate_factor=known).fund(at.FUND_INJURY, balance).remember(spending_injury=spent)
        factor = float(injury.injury_rate_factor(0, case.paths, case.constants, case.tables, case.state))
        cut = float(injury.phased_cut(0, 12.0 * balance / spent, case.tables))
        rows.append(
            {
                "year": row["year"],
                "known": row["known"],
                "balance": balance,
                "spent": spent,
                "payable months": 12.0 * balance / spent,
                "cut": cut,
                "reserve factor": case.memory("injury_reserve_factor"),
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
                "closing heads": float(cell[at.A_HEADS]),
            }
        )
    return rows
