"""Back settlement of the public sector's entry; what published balances moved beyond their flows (notes/fund.md)."""

from __future__ import annotations

import numpy as np
import pytest
import xarray as xr

from simengine.basis.basis import load_basis
from simengine.engine.compile import compile_lane
from simengine.judge.checks.free_run import SERIES
from simengine.kernels import layout as at
from simengine.kernels.branches import funds
from simengine.registry.axes import FUND, INCOME_ITEM, OUTGO_ITEM
from simengine_calibration.series.settlement import no_other, owed_years, published_other, settlement_paths
from simengine_calibration.sources.histories import Figure, History, typed_history
from tests.helpers.branch_builder import Branch, neutral, open_year
from tests.helpers.note_tables import note_tables, number_of
from tests.helpers.tiny_fit import law

ENTERPRISE, PUBLIC = at.FUND_ENTERPRISE, at.FUND_PUBLIC
Rows = list[dict[str, float | str]]


def heads(values: dict[int, float]) -> History:
    return History({year: Figure(value, "computed", "made up") for year, value in values.items()}, "persons")


def money(values: dict[int, float], evidence: str = "published") -> History:
    return History({year: Figure(value, evidence, "table") for year, value in values.items()}, "yuan")


# --- worked example of the note (asserted by test_branch_notes.py) ----------------------------------------------------


def settled() -> Branch:
    """A year of a fund that settles 210 person-years of pensions and 630 of contributions."""
    case = neutral(1).path(settled_pension_years=210.0, settled_contribution_years=630.0, previous_wage=5_000.0)
    case.path(public_employer_rate=0.20, public_employee_rate=0.08)
    open_year(case, 0)
    case.state.pensioners[: at.P_MASS + 1, 0, 1, 70] = 300.0, 300.0 * 7_000.0
    case.state.pensioners[: at.P_MASS + 1, 1, 1, 60] = 100.0, 100.0 * 3_000.0
    case.state.pensioners[: at.P_MASS + 1, 1, 0, 60] = 900.0, 900.0 * 2_000.0  # enterprise pensioners take no part
    case.scratch.payer_base[at.PUBLIC] = 1_000.0, 1_100.0
    case.scratch.payer_base[at.ENTERPRISE] = 5_000.0, 4_000.0
    funds.settle_public(0, case.paths, case.state, case.scratch, case.out)
    return case


def settlement_rows() -> Rows:
    owed = [owed_years(heads({2015: 0.0, 2016: value, 2017: 0.0, 2018: 0.0})) for value in (1_000.0, 3_000.0)]
    case = settled()
    values = {
        "person-years of pensions owed": ("1,000·(2016.5 - 2014.75)", owed[0]),
        "person-years of contributions owed": ("3,000·(2016.5 - 2014.75)", owed[1]),
        "pensions settled": ("0.12·1,750·12·6,000", case.flow("settled_pensions")),
        "contributions settled": ("0.12·5,250·12·5,000·1.1·0.28", case.flow("settled_contributions")),
        "moved out of the public fund": (
            "15,120,000 - 11,642,400",
            case.due(PUBLIC, "benefits") - case.due(PUBLIC, "other_income"),
        ),
    }
    return [{"quantity": name, "formula": formula, "value": value} for name, (formula, value) in values.items()]


def other_rows() -> Rows:
    """A fund of 100 whose published balance moves by more and by less than its flows."""
    table = note_tables("fund", "4.9")[0]
    columns = {name: {int(row["year"]): number_of(row[name]) for row in table} for name in list(table[0])[1:4]}
    balance = {2017: 100.0, **columns["published balance"]}
    found = published_other(money(columns["revenue"]), money(columns["expenditure"]), money(balance))
    case = neutral(len(table)).fund(ENTERPRISE, 100.0)
    rows: Rows = []
    for t, row in enumerate(table):
        year = int(row["year"])
        case.path(published_other=found[year])
        open_year(case, t)
        case.scratch.ledger[ENTERPRISE, [at.IN_CONTRIBUTIONS, at.OUT_BENEFITS]] = (
            columns["revenue"][year],
            columns["expenditure"][year],
        )
        funds.book_published_other(t, case.paths, case.scratch)
        funds.close_funds(t, case.paths, case.constants, case.state, case.scratch, case.out)
        rows.append({
            "year": row["year"], "revenue": columns["revenue"][year], "expenditure": columns["expenditure"][year],
            "published balance": columns["published balance"][year], "other": found[year],
            "other income": case.item(ENTERPRISE, "other_income", t),
            "other outgo": case.item(ENTERPRISE, "other_outgo", t), "closing": case.balance(ENTERPRISE, t + 1),
        })  # fmt: skip
    return rows


# --- person-years owed ------------------------------------------------------------------------------------------------


def test_owed_years__run_from_october_2014_to_the_middle_of_the_year_of_entry() -> None:
    admitted = heads({2014: 900.0, 2015: 100.0, 2016: 1_000.0, 2017: 500.0, 2018: 10.0, 2019: 700.0})
    assert owed_years(admitted) == pytest.approx(100 * 0.75 + 1_000 * 1.75 + 500 * 2.75 + 10 * 3.75)


def test_settlement_paths__are_the_typed_share_of_all_that_is_owed() -> None:
    admitted = {2015: 0.0, 2016: 1_000.0, 2017: 500.0, 2018: 0.0}
    made = settlement_paths({
        "admitted_public_pensioners": heads(admitted),
        "admitted_public_actives": heads({year: 3.0 * value for year, value in admitted.items()}),
    })  # fmt: skip
    share = typed_history("behaviour", "settled_share")
    assert set(made) == {"settled_pension_years", "settled_contribution_years"}
    for year, figure in share.figures.items():
        assert made["settled_pension_years"][year] == pytest.approx(figure.value * 3_125.0)
        assert made["settled_contribution_years"][year] == pytest.approx(figure.value * 9_375.0)
    one = made["settled_pension_years"].figures[2016]
    assert one.evidence == "assumption" and "0.00 million person-years owed" in one.source
    assert made["settled_pension_years"].unit == "persons"
    assert 0.0 < sum(figure.value for figure in share.figures.values()) < 1.0


def test_compiled__nothing_is_settled_before_the_law_orders_it() -> None:
    years = np.arange(2013, 2021)
    basis = load_basis("china-2020")
    inputs = compile_lane(basis, law(), years, None)
    for name in ("settled_pension_years", "settled_contribution_years"):
        compiled = inputs.paths[at.PATH_NAMES.index(name)]
        assert compiled[:2].tolist() == [0.0, 0.0]
        known = basis.path(name, years)
        assert compiled[3:] == pytest.approx(known[3:]) and compiled[2] == pytest.approx(known[2] * 363.0 / 365.0)


# --- money ------------------------------------------------------------------------------------------------------------


def test_settle_public__person_years_times_the_mean_public_pension() -> None:
    case = settled()
    assert case.flow("settled_pensions") == pytest.approx(210.0 * 12.0 * 6_000.0)
    assert case.due(PUBLIC, "benefits") == case.flow("settled_pensions")


def test_settle_public__contributions_at_the_mean_index_and_both_rates() -> None:
    case = settled()
    assert case.flow("settled_contributions") == pytest.approx(630.0 * 12.0 * 5_000.0 * 1.1 * 0.28)
    assert case.due(PUBLIC, "other_income") == case.flow("settled_contributions")


def test_settle_public__touches_the_public_fund_alone() -> None:
    case = settled()
    assert np.count_nonzero(case.scratch.ledger) == 2
    assert not case.scratch.ledger[[fund for fund in range(len(FUND)) if fund != PUBLIC]].any()


def test_settle_public__nothing_without_pensioners_and_payers() -> None:
    case = neutral(1).path(settled_pension_years=210.0, settled_contribution_years=630.0, previous_wage=5_000.0)
    open_year(case, 0)
    case.out.flows[:] = 99.0
    funds.settle_public(0, case.paths, case.state, case.scratch, case.out)
    assert case.flow("settled_pensions") == case.flow("settled_contributions") == 0.0
    assert not case.scratch.ledger.any()


# --- the item other ---------------------------------------------------------------------------------------------------


def test_published_other__closes_the_published_balance() -> None:
    revenue, spending = money({2018: 50.0, 2019: 60.0, 2021: 1.0}), money({2018: 45.0, 2019: 58.0, 2021: 1.0})
    found = published_other(revenue, spending, money({2017: 100.0, 2018: 112.0, 2019: 110.0, 2020: 9.0, 2021: 9.0}))
    assert {year: found[year] for year in found.years} == {1992: 0.0, 2018: 7.0, 2019: -4.0}
    assert "published balance" in found.figures[2018].source and found.figures[2018].evidence == "computed"


def test_published_other__needs_the_balance_of_the_year_before_and_ends_with_the_opening() -> None:
    flat = money(dict.fromkeys((2018, 2020, 2021), 1.0))
    assert published_other(flat, flat, flat).years == (1992,)
    assert no_other().years == (1992,) and no_other()[1992] == 0.0


@pytest.mark.parametrize(("other", "income", "outgo"), [(7.0, 7.0, 0.0), (-4.0, 0.0, 4.0), (0.0, 0.0, 0.0)])
def test_book_published_other__is_income_above_zero_and_outgo_below(other: float, income: float, outgo: float) -> None:
    case = neutral(1).path(published_other=other).fund(ENTERPRISE, 100.0)
    open_year(case, 0)
    funds.book_published_other(0, case.paths, case.scratch)
    assert (case.due(ENTERPRISE, "other_income"), case.due(ENTERPRISE, "other_outgo")) == (income, outgo)
    assert case.scratch.ledger.sum() == income + outgo
    funds.close_funds(0, case.paths, case.constants, case.state, case.scratch, case.out)
    assert [case.balance(ENTERPRISE, 1, account) for account in range(at.ACCOUNTS)] == [100.0 + other] * at.ACCOUNTS


@pytest.mark.parametrize("other", [7.0e9, -4.0e9])
def test_free_run__published_flows_leave_the_item_out(other: float) -> None:
    """Settled pensions are spending and settled contributions are revenue; the item is in neither."""
    axes = {"fund": list(FUND), "income_item": list(INCOME_ITEM), "outgo_item": list(OUTGO_ITEM), "year": [2018, 2019]}

    def nothing(*dims: str) -> xr.DataArray:
        return xr.DataArray(np.zeros([len(axes[dim]) for dim in dims]), [(dim, axes[dim]) for dim in dims])

    income, outgo = nothing("fund", "income_item", "year"), nothing("fund", "outgo_item", "year")
    outgo.loc["public_pension", "benefits"] = 3.0e9
    income.loc["public_pension", "other_income"] = 2.0e9
    income.loc["enterprise_pension", "other_income"] = max(0.0, other)
    outgo.loc["enterprise_pension", "other_outgo"] = max(0.0, -other)
    data = xr.Dataset({"income": income, "outgo": outgo, "published_other": nothing("year") + other})
    assert SERIES["expenditure"](data).values.tolist() == pytest.approx([3.0e9, 3.0e9])
    assert SERIES["revenue"](data).values.tolist() == pytest.approx([2.0e9, 2.0e9])
    for name in ("resident_revenue", "resident_expenditure"):
        assert SERIES[name](data).values.tolist() == [0.0, 0.0], "the item is one of the pension funds"
