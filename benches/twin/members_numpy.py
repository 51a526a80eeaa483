"""The heavy part of the year in vectorised NumPy: `settle_members` and `merge_arrivals` over whole arrays.

The same arithmetic as the kernels of `turnover.py`, `exits.py` and `arrivals.py`, over [career, age, bin] of one status
at a time (which keeps the working set in cache) and over the rows concerned where only some are. It reads and writes
the same records, but skips nothing: empty rows are computed as all others.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from benches.twin.members_exits import award_and_choose, retire_unable
from benches.twin.members_rows import Rows, climb, exposure, fill_rows, grow, send, terms
from simengine.kernels import layout as at

A = np.ndarray
AGED = slice(1, None)
"""Rows by the age reached: nobody reaches the first one."""


class Keep(NamedTuple):
    """Who of every bin stays after awards and choices, heads and moments apart, and their mean service."""

    heads: A
    moments: A
    service: A


def inverse_of(numbers: A) -> A:
    """1/x; zero where x is not above zero."""
    return np.asarray(np.divide(1.0, numbers, out=np.zeros_like(numbers), where=numbers > 0.0))


def month_table(t: int, paths: A, tables: Any) -> A:
    """Months of compensation inside each year of service, from the year before service begins."""
    months = tables["compensation"][t]
    whole = np.arange(-1, at.ROW + 1)
    if paths[at.PATH_COMPENSATION_COUNT_UP, t] > 0.5:
        whole = np.where(whole >= 15, whole + 1, whole)
    return np.asarray(months[np.clip(whole, 0, months.size - 1)])


def settle_deaths(rows: Rows, service: A, account: A) -> None:
    """Deaths: half a year of exposure, accounts to heirs, survivor benefits by bin."""
    t, status, shared, paths, scratch = rows.t, rows.status, rows.shared, rows.paths, rows.scratch
    rate = shared[at.ROW_DEATH]
    dying = scratch["heads"][:, status, AGED] * rate
    balance = scratch["accounts"][:, status, AGED] * rate
    credit = 0.5 * shared[at.ROW_CREDIT]
    interest = 0.5 * shared[at.ROW_INTEREST]
    left = (balance * (1.0 + interest) + dying * credit).sum()
    flows = rows.flows
    flows[at.FLOW_MEMBER_DEATHS] += dying.sum()
    flows[at.FLOW_ACCOUNT_CREDITS] += (dying * credit).sum()
    flows[at.FLOW_ACCOUNT_INTEREST_CREDITED] += (balance * interest).sum()
    flows[at.FLOW_ACCOUNT_INHERITED] += left
    scratch["ledger"][rows.fund, at.OUT_BENEFITS] += left
    exposure(rows, 0.5 * dying, shared)
    income = shared[at.ROW_INCOME_MONTH]
    funeral = paths[at.PATH_FUNERAL_MONTHS, t]
    factor = paths[at.PATH_COMPENSATION_FACTOR, t]
    least = (funeral + factor * rows.tables["compensation"][t, 0]) * income - credit
    place = np.minimum(service + 0.5, float(at.ROW))
    whole = place.astype(np.intp)
    months = scratch["months"]
    first = months[whole]
    paid = funeral + factor * (first + (place - whole) * (months[whole + 1] - first))
    short = np.clip(paths[at.PATH_COMPENSATION_LIMIT_YEARS, t] + 0.5 - service, 0.0, 1.0)
    over = np.maximum(0.0, least[..., None] - account * (1.0 + interest)[..., None])
    dead = rate[..., None] * rows.opening[:, :, at.HEADS]
    scratch["survivor_sums"][rows.fund] += (dead * (paid * income[..., None] - short * over)).sum((0, 1))


def pause_weights(service: A, threshold: A, years_left: A, constants: A) -> A:
    """Share of the pause probability that holds, by bin."""
    missing = threshold[..., None] - service
    slack = years_left[..., None] - missing
    free = (missing <= at.LEAST_SERVICE) | (slack < -at.LEAST_SERVICE)
    return np.where(free, 1.0, np.minimum(1.0, slack / constants[at.CONSTANT_PRESSING_YEARS]))


def move_group(rows: Rows, keep: Keep, part: A, group: A) -> None:
    """Of who is still here, a part of every bin, into `group` [career, age, moment, bin]."""
    np.multiply(rows.opening[:, :, 1:], (keep.moments * part)[:, :, None], out=group[:, :, 1:])
    np.multiply(rows.opening[:, :, at.HEADS], keep.heads * part, out=group[:, :, at.HEADS])


def settle_movers(rows: Rows, keep: Keep, group: A) -> A:
    """Pauses, switches and out-migration; returns the part of every bin that stays on."""
    shared, status, flows = rows.shared, rows.status, rows.flows
    paying = status in (at.ENTERPRISE, at.FLEXIBLE)
    pause: A | float = 0.0
    switch: A | float = 0.0
    if paying:
        weight = pause_weights(keep.service, shared[at.ROW_THRESHOLD], shared[at.ROW_YEARS_LEFT], rows.constants)
        reached = np.clip(keep.service + 0.5 - shared[at.ROW_THRESHOLD][..., None], 0.0, 1.0)
        hazard = shared[at.ROW_PAUSE][..., None] * weight
        pause = np.minimum(0.95, hazard + shared[at.ROW_STOP][..., None] * reached)
        switch = np.maximum(0.0, np.minimum(0.95 - pause, shared[at.ROW_SWITCH][..., None]))
    leave = shared[at.ROW_LEAVE][..., None] * (1.0 - pause - switch) * np.ones_like(keep.service)
    stay = 1.0 - pause - switch - leave
    if status == at.ENTERPRISE:
        kept = leave * rows.constants[at.CONSTANT_LEAVE_PAUSED]
        pause, leave = pause + kept, leave - kept
    if paying:
        enterprise = status == at.ENTERPRISE
        move_group(rows, keep, np.asarray(pause), group)
        heads = send(rows, group, at.PAUSED)
        flows[at.FLOW_PAUSES_ENTERPRISE if enterprise else at.FLOW_PAUSES_FLEXIBLE] += heads
        move_group(rows, keep, np.asarray(switch), group)
        heads = send(rows, group, at.FLEXIBLE if enterprise else at.ENTERPRISE)
        flows[at.FLOW_SWITCHES_TO_FLEXIBLE if enterprise else at.FLOW_SWITCHES_TO_ENTERPRISE] += heads
    send_away(rows, keep, leave)
    return np.asarray(stay)


def send_away(rows: Rows, keep: Keep, leave: A) -> None:
    """Members who leave the region with their account."""
    shared, flows = rows.shared, rows.flows
    heads = np.einsum("cak,cak,cak->ca", rows.opening[:, :, at.HEADS], keep.heads, leave)
    account = np.einsum("cak,cak,cak->ca", rows.opening[:, :, at.ACCOUNT], keep.moments, leave)
    credit = 0.5 * shared[at.ROW_CREDIT] * heads
    interest = 0.5 * shared[at.ROW_INTEREST] * account
    moved = (account + credit + interest).sum()
    flows[at.FLOW_MEMBERS_OUT] += heads.sum()
    flows[at.FLOW_ACCOUNT_CREDITS] += credit.sum()
    flows[at.FLOW_ACCOUNT_INTEREST_CREDITED] += interest.sum()
    flows[at.FLOW_ACCOUNT_TRANSFERRED_OUT] += moved
    rows.scratch["ledger"][rows.fund, at.OUT_TRANSFERS] += moved
    exposure(rows, 0.5 * heads, shared)


def settle_stayers(rows: Rows, keep: Keep, stay: A, group: A) -> None:
    """A full year in the status; the group becomes the row of the age reached."""
    shared, flows = rows.shared, rows.flows
    move_group(rows, keep, stay, group)
    people = group[:, :, at.HEADS]
    heads = people.sum(-1)
    account = group[:, :, at.ACCOUNT].sum(-1)
    credit = shared[at.ROW_CREDIT]
    credited = credit * shared[at.ROW_CREDIT_FACTOR]
    interest = shared[at.ROW_INTEREST]
    grow(group, shared[at.ROW_GAIN], shared[at.ROW_INDEX], 1.0 + interest, credited)
    flows[at.FLOW_ACCOUNT_CREDITS] += (heads * credit).sum()
    flows[at.FLOW_ACCOUNT_INTEREST_CREDITED] += (account * interest + heads * (credited - credit)).sum()
    exposure(rows, heads, shared)
    members = rows.state["members"][:, rows.status]
    members[:] = 0.0
    climb(group, shared[at.ROW_GAIN], members[:, AGED])
    rows.scratch["heads"][:, rows.status, AGED] = heads


def settle_status(rows: Rows, group: A) -> None:
    """Every row of one status through the year."""
    shared, status, scratch = rows.shared, rows.status, rows.scratch
    inverse = inverse_of(rows.opening[:, :, at.HEADS])
    service = rows.opening[:, :, at.SERVICE] * inverse
    settle_deaths(rows, service, rows.opening[:, :, at.ACCOUNT] * inverse)
    alive = 1.0 - shared[at.ROW_DEATH]
    unable = alive * shared[at.ROW_INVALID]
    if unable.any():
        retire_unable(rows, np.nonzero(unable > 0.0), unable, service)
        alive = alive - unable
    opening = scratch["heads"][:, status, AGED].copy()
    keep = Keep(np.repeat(alive[..., None], at.ROW, 2), np.repeat(alive[..., None], at.ROW, 2), service)
    awarded = np.zeros_like(alive)
    at_choice = np.nonzero((shared[at.ROW_HAZARD] > 0.0) | (shared[at.ROW_CHOICE] > 0.0))
    if at_choice[0].size:
        awarded[at_choice], *kept = award_and_choose(rows, at_choice, alive[at_choice], service[at_choice])
        for array, part in zip(keep, kept, strict=True):
            array[at_choice] = part
    if status == at.PUBLIC:
        scratch["public_share"][0, :, AGED] += opening * shared[at.ROW_DEATH]
        scratch["public_share"][1, :, AGED] += awarded
        scratch["public_share"][2, :, AGED] += opening
    stay = settle_movers(rows, keep, group)
    settle_stayers(rows, keep, stay, group)


def settle_members(t: int, paths: A, constants: A, tables: Any, state: Any, scratch: Any, out: Any) -> None:
    """`turnover.settle_members`."""
    for name in ("public_share", "payer_base", "resident_in", "survivor_sums"):
        scratch[name][:] = 0.0
    scratch["months"][:] = month_table(t, paths, tables)
    scratch["death_months"][0] = tables["compensation"][t, 0]
    flows = np.zeros(at.FLOWS)
    group = np.empty((at.CAREERS, at.WORKING_AGES - 1, at.MOMENTS, at.ROW))
    for status in range(at.STATUSES):
        shared = fill_rows(t, status, paths, constants, tables, scratch)[:, :, AGED]
        opening = state["members"][:, status, :-1]
        settle_status(Rows(t, status, shared, opening, flows, paths, constants, tables, state, scratch), group)
    benefits = scratch["survivor_sums"].sum(-1)
    flows[at.FLOW_SURVIVOR_BENEFITS] += benefits.sum()
    scratch["ledger"][:2, at.OUT_BENEFITS] += benefits
    out["flows"][:, t] += flows


def merge_arrivals(t: int, paths: A, constants: A, tables: Any, state: Any, scratch: Any, out: Any) -> None:
    """`arrivals.merge_arrivals`: half a year in the new status, then the arrivals are members."""
    flows = out["flows"]
    age = at.FIRST_AGE + np.arange(at.WORKING_AGES)
    extended = age > constants[at.CONSTANT_OLD_AGE_MEN : at.CONSTANT_OLD_AGE_MEN + at.CAREERS, None]
    factor = 1.0 + constants[at.CONSTANT_CURRENT_YEAR_INTEREST] * paths[at.PATH_ACCOUNT_INTEREST, t]
    for status in range(at.STATUSES):
        density, account_share, index = terms(t, status, paths, tables)
        gain = np.full((at.CAREERS, at.WORKING_AGES), 0.5 * density)
        if status != at.PUBLIC:
            gain[extended] *= constants[at.CONSTANT_EXTENSION_PAYMENT_SHARE]
        credit = gain * (12.0 * paths[at.PATH_PREVIOUS_WAGE, t]) * index * account_share
        arrivals = scratch["arrivals"][:, status]
        heads = arrivals[:, :, at.HEADS].sum(-1)
        flows[at.FLOW_ACCOUNT_CREDITS, t] += (heads * credit).sum()
        flows[at.FLOW_ACCOUNT_INTEREST_CREDITED, t] += (heads * credit * (factor - 1.0)).sum()
        if status != at.PAUSED:
            scratch["payer_base"][status] += (0.5 * heads.sum(), (heads * gain * index).sum())
        grow(arrivals, gain, index, 1.0, credit * factor)
        climb(arrivals, gain, state["members"][:, status])
    scratch["arrivals"][:] = 0.0
    scratch["arrived"][:] = 0.0
    for name, moment in (("heads", at.HEADS), ("accounts", at.ACCOUNT), ("service", at.SERVICE)):
        np.sum(state["members"][:, :, :, moment], axis=-1, out=scratch[name])
