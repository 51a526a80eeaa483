"""notes/order.md: one cell of members through a whole year, every printed number against the kernel."""

from __future__ import annotations

import ast
import inspect
from pathlib import Path

import pytest

from simengine.kernels import lane as lane_module
from simengine.kernels import layout as at
from tests.helpers.lane_builder import STATUSES, Lane, award_sums, build_lane
from tests.helpers.note_tables import assert_printed, assert_rows, note_tables, number_of, pitfalls_named

MONTHS_OF_INCOME = 12.0


def given(groups: tuple[str, ...]) -> Lane:
    """The lane of section 4.1 with some of its groups; index, hazard and fund are stated in the text of the section."""
    series, constants, months, cells = note_tables("order", "4.1")
    lane = build_lane()
    lane.path(**{row["series"]: number_of(row["value"]) for row in series})
    lane.constant(**{row["constant"]: number_of(row["value"]) for row in constants})
    shares = {int(row["award month"]): number_of(row["share w"]) for row in months}
    divisors = {int(row["award month"]): number_of(row["divisor D"]) for row in months}
    lane.awards("men", 60, shares, divisors, hazard=0.25)
    lane.index("enterprise", 0.85, 60).index("enterprise", 0.8, 40).index("enterprise", 0.7, 30).index("flexible", 0.6)
    lane.tables.entry_open[..., 60 - at.FIRST_AGE] = 0.0  # nobody starts in the months before his statutory one
    lane.state.funds[:, at.FUND_ENTERPRISE] = 50_000_000.0
    for row in cells:
        if row["group"] not in groups:
            continue
        age, heads = int(row["age reached"]), number_of(row["heads"])
        lane.people(at.MALE, age, number_of(row["residents"]), number_of(row["q"]))
        if row["status"] in STATUSES:
            s, x, v, j, a = (number_of(row[name]) for name in "sxvja")
            lane.members(row["status"], age, heads, s, index=x, deemed=v, deemed_index=j, account=a)
    return lane


@pytest.fixture(scope="module")
def alone() -> Lane:
    """The cell alone, after the year; no target is known, so nobody returns or enters."""
    return given(("the cell",)).step()


@pytest.fixture(scope="module")
def full() -> Lane:
    """All groups and the targets of 4.6, after the year."""
    lane = given(("the cell", "paused men", "without insurance"))
    return lane.path(enterprise_payers=760.0, flexible_payers=20.0, paused_members=210.0).step()


def per_head(lane: Lane, status: str, age: int, moment: int) -> float:
    sums = lane.moments(status, age)
    return float(sums[moment] / sums[at.HEADS])


def test_order__is_the_order_of_the_lane() -> None:
    rows = note_tables("order", "3")[0]
    named = [name.strip("`") for row in rows for name in row["kernels"].split()]
    source = ast.parse(Path(inspect.getfile(lane_module)).read_text(encoding="utf-8"))
    step = next(node for node in source.body if isinstance(node, ast.FunctionDef) and node.name == "step_year")
    calls = [node for node in ast.walk(step) if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)]
    calls.sort(key=lambda call: (call.lineno, call.col_offset))
    called = [call.func.id for call in calls if isinstance(call.func, ast.Name) and call.func.id != "range"]
    assert named == called


def test_mortality_and_deaths(alone: Lane) -> None:
    rows = note_tables("order", "4.2")[0]
    payer, other = alone.scratch.death[at.Q_PAYER, 0, 60], alone.scratch.death[at.Q_OTHER, 0, 60]
    deaths = alone.flow("member_deaths")
    income = 48_000.0 / MONTHS_OF_INCOME
    # The cell again, with everybody dying: its flows are those of the dead alone.
    dead = given(("the cell",))
    dead.tables.death_prob[:, 0, 60] = 1.0
    dead.constant(mortality_payer=1.0)
    dead.step()
    scale = deaths / dead.flow("member_deaths")
    credits = dead.flow("account_credits") * scale
    assert_rows(
        rows,
        {
            "multiplier of the others": other / 0.01,
            "q of payers": payer,
            "q of the others": other,
            "credit of a full year": 2.0 * credits / deaths,
            "deaths": deaths,
            "credits of the dying": credits,
            "interest of the dying": dead.flow("account_interest_credited") * scale,
            "inherited": alone.flow("account_inherited"),
            "survivor months": alone.flow("survivor_benefits") / deaths / income,
            "survivor benefits": alone.flow("survivor_benefits"),
            "exposure of the dying": dead.flow("exposure_enterprise") * scale,
        },
    )


def test_awards_by_month(alone: Lane) -> None:
    """Each award month alone gives its line; the sums of both give the cell."""
    by_month, sums, totals = note_tables("order", "4.3")
    for row, given_row in zip(by_month, note_tables("order", "4.1")[2], strict=True):
        month, divisor = int(row["award month"]), number_of(given_row["divisor D"])
        assert month == int(given_row["award month"])
        one = given(("the cell",)).awards("men", 60, {month: 1.0}, divisor, hazard=0.25).step()
        new = one.scratch.new_pensioners[:, 0, 0, 60]
        heads = one.flow("awards_enterprise")
        transition = 7000.0 * 0.013 * 4.0
        account_part = new[at.P_ACCOUNT_MASS] / heads
        values = {
            "award month": month,
            "s": one.flow("award_service") / heads,
            "x": 14.76 + one_year_index(one) * month / 12.0,
            "account": one.flow("account_to_pension") / heads,
            "base part": new[at.P_MASS] / heads - account_part - transition,
            "transition part": transition,
            "account part": account_part,
            "pension": new[at.P_MASS] / heads,
            "months paid": one.flow("pension_paid_enterprise") / new[at.P_MASS],
            "paid per head": one.flow("pension_paid_enterprise") / heads,
        }
        assert list(row) == list(values)
        for column, value in values.items():
            assert_printed(row[column], value, f"month {month}, {column}")
    table = alone.tables.retirement[0, 0, 60]
    order = (
        at.RET_MONTH,
        at.RET_INVERSE_DIVISOR,
        at.RET_MONTH_INVERSE_DIVISOR,
        at.RET_PENSION_SHARE,
        at.RET_MONTH_PENSION_SHARE,
        at.RET_INVERSE_DIVISOR_PENSION_SHARE,
        at.RET_MONTH_INVERSE_DIVISOR_PENSION_SHARE,
    )
    assert_rows(sums, {row["sum"]: float(table[item]) for row, item in zip(sums, order, strict=True)})
    heads, new = alone.flow("awards_enterprise"), alone.scratch.new_pensioners[:, 0, 0, 60]
    at_award = alone.flow("account_to_pension")
    month = award_sums({3: 0.25, 9: 0.75}, {3: 139.0, 9: 136.0})[at.RET_MONTH]
    assert_rows(
        totals,
        {
            "awards": heads,
            "growth of the account in a full year": (at_award / heads - 60_000.0) / month,
            "mean pension": new[at.P_MASS] / heads,
            "mass of the awards": alone.flow("new_award_mass_enterprise"),
            "pensions paid in the year": alone.flow("pension_paid_enterprise"),
            "of it from the accounts": alone.flow("pension_account_drawn"),
            "accounts at the award": at_award,
            "interest after the award": alone.flow("pension_account_interest"),
            "accounts of the awards at year end": float(alone.state.pensioners[at.P_ACCOUNT, 0, 0, 60]),
            "service at the award": alone.flow("award_service"),
            "exposure as payers": exposure_of_awards(alone),
        },
    )


def one_year_index(lane: Lane) -> float:
    """Index-years a full year adds, from the enterprise payers' exposure and base."""
    return float(lane.scratch.payer_base[at.ENTERPRISE, 1] / lane.scratch.payer_base[at.ENTERPRISE, 0])


def exposure_of_awards(lane: Lane) -> float:
    """Exposure of the awards: the cell with everybody awarded, scaled to the cell's awards."""
    every = given(("the cell",))
    every.tables.retirement[:, 0, 60, at.RET_HAZARD] = 1.0
    every.tables.death_prob[:, 0, 60] = 0.0
    every.step()
    return every.flow("exposure_enterprise") * lane.flow("awards_enterprise") / every.flow("awards_enterprise")


def test_movers_and_stayers(alone: Lane) -> None:
    moments = (at.SERVICE, at.INDEX, at.ACCOUNT)
    paused, switched, stayed = (
        [per_head(alone, status, 60, moment) for moment in moments] for status in ("paused", "flexible", "enterprise")
    )
    movers = 0.5 * (alone.heads("paused") + alone.heads("flexible"))
    names = ("service", "index-years", "account")
    values = {
        "pausing": alone.flow("pauses_enterprise"),
        "switching": alone.flow("switches_to_flexible"),
        "stayers": alone.heads("enterprise"),
    }
    for group, found in (("a pausing head", paused), ("a switching head", switched), ("a stayer", stayed)):
        values |= {f"{name} of {group}": value for name, value in zip(names, found, strict=True)}
    values |= {
        "deemed years of a stayer": per_head(alone, "enterprise", 60, at.DEEMED),
        "deemed index-years of a stayer": per_head(alone, "enterprise", 60, at.DEEMED_INDEX),
        "exposure of the movers": movers,
        "exposure of the cell as enterprise payers": alone.flow("exposure_enterprise"),
    }
    assert_rows(note_tables("order", "4.4")[0], values)
    assert alone.heads("paused") == pytest.approx(values["pausing"], rel=1e-14)
    rest = values["exposure of the cell as enterprise payers"] - alone.heads("enterprise") - movers
    assert rest == pytest.approx(4.0 + exposure_of_awards(alone), rel=1e-12)


def test_bins_at_year_end(alone: Lane) -> None:
    for row, status in zip(note_tables("order", "4.5")[0], ("enterprise", "paused", "flexible"), strict=True):
        heads = alone.cell(status, 60)[at.HEADS]
        for k in (20, 21, 22):
            assert_printed(row[f"bin {k}"], heads[k], f"{row['group']}, bin {k}")
        assert heads[[20, 21, 22]].sum() == pytest.approx(heads.sum(), rel=1e-15)


def test_returns_and_entries(alone: Lane, full: Lane) -> None:
    back = [per_head(full, "enterprise", 40, moment) for moment in (at.SERVICE, at.INDEX, at.ACCOUNT)]
    new = [per_head(full, "enterprise", 30, moment) for moment in (at.SERVICE, at.INDEX, at.ACCOUNT)]
    returned = full.flow("returns_enterprise") + full.flow("returns_flexible")
    alive = float(full.moments("paused", 40)[at.HEADS]) + returned
    missing = 760.0 - alone.heads("enterprise"), 20.0 - alone.heads("flexible")
    assert_rows(
        note_tables("order", "4.6")[0],
        {
            "paused men alive": alive,
            "missing enterprise payers": missing[0],
            "missing flexible payers": missing[1],
            "paused above the target": alone.heads("paused") + alive - 210.0,
            "returns to enterprise": full.flow("returns_enterprise"),
            "returns to flexible": full.flow("returns_flexible"),
            "entries to enterprise": full.flow("entries_enterprise"),
            "entries to flexible": full.flow("entries_flexible"),
            "service of a man back in enterprise": back[0],
            "index-years of a man back in enterprise": back[1],
            "account of a man back in enterprise": back[2],
            "service of an entrant to enterprise": new[0],
            "index-years of an entrant to enterprise": new[1],
            "account of an entrant to enterprise": new[2],
            "enterprise payers at year end": full.stock("members_enterprise"),
            "flexible payers at year end": full.stock("members_flexible"),
            "paused members at year end": full.stock("members_paused"),
        },
    )
    assert returned + full.flow("entries_enterprise") + full.flow("entries_flexible") == pytest.approx(sum(missing))


def test_enterprise_fund(full: Lane) -> None:
    fund = at.FUND_ENTERPRISE
    assert_rows(
        note_tables("order", "4.7")[0],
        {
            "opening": full.balance(fund, 0),
            "insurable earnings, enterprise": full.flow("insurable_earnings_enterprise"),
            "insurable earnings, flexible": full.flow("insurable_earnings_flexible"),
            "contributions": full.ledger(fund, at.IN_CONTRIBUTIONS),
            "inherited accounts": full.flow("account_inherited"),
            "survivor benefits": full.flow("survivor_benefits"),
            "pensions": full.flow("pension_paid_enterprise"),
            "benefits in all": full.ledger(fund, at.OUT_BENEFITS),
            "interest": full.ledger(fund, at.IN_INTEREST),
            "closing": full.balance(fund),
        },
    )


def test_identities(full: Lane) -> None:
    fund = full.out.ledger[at.OWN, at.FUND_ENTERPRISE, :, 0]
    flow = full.flow
    found = {
        "population": (2600.0, flow("births"), flow("deaths"), full.stock("population_total")),
        "members": (
            1200.0,
            flow("entries_enterprise") + flow("entries_flexible"),
            flow("member_deaths") + flow("awards_enterprise"),
            float(full.cells[at.HEADS].sum()),
        ),
        "members' accounts": (
            64_000_000.0,
            flow("account_credits") + flow("account_interest_credited"),
            flow("account_inherited") + flow("account_to_pension"),
            full.stock("account_balance"),
        ),
        "pensioners": (0.0, flow("awards_enterprise"), 0.0, full.stock("enterprise_pensioners")),
        "accounts in payment": (
            0.0,
            flow("pension_account_in") + flow("pension_account_interest"),
            flow("pension_account_drawn"),
            full.stock("pensioner_account_balance"),
        ),
        "enterprise fund": (
            full.balance(at.FUND_ENTERPRISE, 0),
            float(fund[: at.OUT_BENEFITS].sum()),
            float(fund[at.OUT_BENEFITS :].sum()),
            full.balance(at.FUND_ENTERPRISE),
        ),
    }
    rows = note_tables("order", "4.8")[0]
    assert [row["what"] for row in rows] == list(found)
    for row in rows:
        opening, income, outgo, closing = found[row["what"]]
        for column, value in zip(("opening", "in", "out", "closing"), found[row["what"]], strict=True):
            assert_printed(row[column], value, f"{row['what']}, {column}")
        assert opening + income - outgo == pytest.approx(closing, rel=1e-12)
    by_status = 2000.0 * 0.01 - 8.0, flow("member_deaths") - 8.0
    assert by_status == (pytest.approx(12.0), pytest.approx(0.4))
    assert flow("deaths") == pytest.approx(8.0 + 12.0 + 0.4 + 0.4, rel=1e-14)


def test_pitfalls_are_tests() -> None:
    source = (Path(__file__).parent / "test_member_kernels.py").read_text(encoding="utf-8")
    named = pitfalls_named("order")
    assert named
    assert {name for name in named if f"def {name}(" not in source} == set()
