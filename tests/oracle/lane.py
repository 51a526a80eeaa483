"""The whole lane: the order of events of notes/order.md, with the steps of the members cell by cell.

Steps that know no cells (population, pensioners, resident scheme, unemployment, work injury, what the funds collect,
the record of a year) are those of the engine; they read the heads of a row, which the oracle tells them
(`Year.publish`). The close of the funds is the oracle's own.
"""

from __future__ import annotations

import numpy as np

from simengine.kernels import layout as at
from simengine.kernels.branches import pensions, resident, resident_campaign
from simengine.kernels.branches.funds import (
    adjust_centrally,
    book_published_other,
    collect_contributions,
    settle_public,
    subsidise,
)
from simengine.kernels.branches.injury import injury_target, settle_injury
from simengine.kernels.branches.unemployment import settle_unemployment, unemployment_target
from simengine.kernels.lane import book_pensions, close_population, count_employed, relabel_population
from simengine.kernels.people.mortality import close_mortality
from simengine.kernels.people.population import survive_population
from simengine.kernels.record import record_stocks
from tests.oracle.cells import Members, read_members, write_members
from tests.oracle.coverage import receive_migrants
from tests.oracle.entries import enrol
from tests.oracle.funds import close_funds
from tests.oracle.members import merge_arrivals, refund_oldest, settle_members
from tests.oracle.year import Year


def open_year(year: Year) -> None:
    """Steps 0 to 3: labels, the adjustment of 1 January, survivors, probabilities of dying."""
    t, state, scratch = year.t, year.state, year.scratch
    year.out.flows[:, t] = 0.0
    year.out.retirements[t] = 0.0
    year.out.departures[t] = 0.0
    scratch.ledger[:, :] = 0.0
    relabel_population(state.population, scratch.population_open)
    year.members.grow_older()
    year.publish()
    pensions.relabel_pensioners(state)
    resident.relabel_resident(state)
    pensions.relabel_annuities(state)
    pensions.set_award_levels(t, year.paths, year.constants, state, scratch)
    pensions.adjust_pensions(t, year.paths, state)
    tables = year.tables
    survive_population(state.population, tables.death_prob[t], tables.migration[t], scratch.population_survived)
    close_mortality(t, year.constants, tables, state, scratch, year.out)


def settle_people(year: Year) -> None:
    """Steps 4 to 6: members, opening pensioners and residents; migrants, returns, entries, half a year of arrivals."""
    t, paths, constants, tables = year.t, year.paths, year.constants, year.tables
    state, scratch, out = year.state, year.scratch, year.out
    scratch.new_pensioners[...] = 0.0
    pensions.expect_annuities(t, tables, state, scratch)
    pensions.pay_invalids(t, paths, constants, tables, state, scratch, out)
    settle_members(year)
    pensions.pay_pensions(t, paths, tables, state, scratch, out)
    resident.pay_beneficiaries(t, paths, state, scratch, out)
    resident.pay_contributors(t, paths, state, scratch, out)
    refund_oldest(year)
    receive_migrants(year)
    enrol(year)
    merge_arrivals(year)
    pensions.admit_pensioners(t, paths, state, scratch, out)
    pensions.settle_annuities(t, paths, tables, state, scratch)
    resident.admit_elderly(t, paths, constants, state, scratch, out)
    resident_campaign.enlarge_residents(t, paths, constants, tables, state, scratch, out)
    resident.register_residents(t, paths, constants, tables, state, scratch, out)
    resident_campaign.top_up_residents(t, paths, constants, tables, state, scratch, out)


def settle_branches(year: Year) -> None:
    """Step 7: levels of unemployment insurance and work injury from employed residents and payers."""
    t, paths, constants, tables = year.t, year.paths, year.constants, year.tables
    state, scratch, out = year.state, year.scratch, year.out
    employed = count_employed(t, paths, tables, scratch)
    year.book("employed", employed)
    injured = injury_target(t, employed, paths, state, out)
    payers, public = year.members.count(at.ENTERPRISE), year.members.count(at.PUBLIC)
    insured = unemployment_target(t, float(payers), float(public), injured, paths, state, out)
    exposure, base = scratch.payer_base[at.ENTERPRISE].tolist()
    settle_unemployment(
        t, insured, base / exposure if exposure > 0.0 else 0.0, paths, constants, tables, state, scratch, out
    )
    settle_injury(t, injured, paths, constants, tables, state, scratch, out)


def close_year(year: Year) -> None:
    """Steps 8 and 9: awards join the pensioners, births, funds close, stocks are recorded."""
    t, paths, tables = year.t, year.paths, year.tables
    state, scratch, out = year.state, year.scratch, year.out
    pensions.join_new_pensioners(state, scratch)
    resident.join_from_employees(t, paths, state, scratch, out)
    close_population(t, paths, tables, state, scratch, out)
    book_pensions(t, scratch, out)
    collect_contributions(t, paths, scratch, out)
    settle_public(t, paths, state, scratch, out)
    adjust_centrally(t, paths, state, scratch)
    subsidise(t, paths, scratch, out)
    book_published_other(t, paths, scratch)
    close_funds(year)
    record(year, t + 1, t)


def record(year: Year, end: int, t: int) -> None:
    """Stocks of year end `end` by the standards of year t."""
    year.publish()
    base = year.paths[at.PATH_BASIC_PENSION, t] + year.paths[at.PATH_RESIDENT_SUPPLEMENT, t]
    record_stocks(end, t, base, year.constants, year.tables, year.state, year.scratch, year.out)


def project_lane(
    paths: np.ndarray,
    constants: np.ndarray,
    tables: at.LaneTables,
    state: at.State,
    scratch: at.Scratch,
    out: at.LaneOutput,
    first: int,
    last: int,
) -> None:
    """Step one lane through the years first..last-1, as the kernel of the name does."""
    members: Members = read_members(state.members)
    for t in range(first, last):
        year = Year(t, paths, constants, tables, state, scratch, out, members)
        if t == first:
            record(year, first, max(first - 1, 0))
        open_year(year)
        settle_people(year)
        settle_branches(year)
        close_year(year)
        members = year.members
    write_members(members, state.members)
