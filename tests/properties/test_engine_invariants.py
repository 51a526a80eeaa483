"""What never changes a bit: threads, a cut and a resume, a lever that does nothing, compiled or plain code."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from simengine.basis.basis import load_basis
from simengine.engine.project import Histories, copy_state, lane_bases, open_lane, project, run_lane
from simengine.judge.checks.identities import CHECKS, PARTITION, run_checks
from simengine.law import load_law
from simengine.scenario.scenario import load_scenario

REGIONS = ("china", "jiangxi", "hubei", "xuzhou", "haiyan", "jingdezhen")
EVERY_LEVER = (
    "coverage_growth_plus",
    "award_factor_high",
    "slower_retirement_reform",
    "indexation_2pct",
    "employer_rate_20",
    "xuzhou_gross_300k_2025",
    "xuzhou_payment_rate_88_90",
)


def short(folder: Path, extends: str, years: str, levers: tuple[str, ...] = (), name: str = "short") -> Path:
    """A scenario file of few years over a packaged one."""
    path = folder / f"{name}.yaml"
    text = f"extends: {extends}\nyears: {years}\n"
    if levers:
        text += "levers:\n" + "".join(f"  - {lever}\n" for lever in levers)
    path.write_text(text, encoding="utf-8")
    return path


def digest(arrays) -> str:
    """sha256 over the bytes of arrays."""
    total = hashlib.sha256()
    for array in arrays:
        total.update(np.ascontiguousarray(array).tobytes())
    return total.hexdigest()


def results(result) -> str:
    """One digest over the outputs and closing states of all lanes."""
    return digest([array for lane in result.lanes for array in (*lane.output, *lane.closing)])


@pytest.mark.parametrize("region", REGIONS)
@pytest.mark.parametrize("name", ("baseline", "as_planned"))
def test_identities_hold_in_every_packaged_scenario(region: str, name: str) -> None:
    result = project(load_scenario(f"{region}/{name}"))
    table = run_checks(result)
    assert set(table.check) == {*CHECKS, *([PARTITION] if region == "xuzhou" else [])}
    assert bool(table.ok.all()), table[~table.ok].to_string()
    for variable in (
        "population",
        "members",
        "enterprise_pensioners",
        "resident_beneficiaries",
        "unemployment_insured",
    ):
        assert float(result.dataset[variable].min()) >= 0.0


def test_identities_hold_in_the_spin_up() -> None:
    result = project(load_scenario("jiangxi/baseline"))
    history = result.histories["jiangxi-2020"]
    for name, check in CHECKS.items():
        residual = np.abs(check(history))
        assert float(np.nanmax(residual) if name == "cost_rate" else residual.max()) <= 1e-9, name


def test_identities_hold_with_every_lever_on(tmp_path: Path) -> None:
    path = short(tmp_path, "xuzhou/baseline", "[2021, 2050]", EVERY_LEVER)
    result = project(load_scenario(path))
    assert bool(run_checks(result).ok.all())


def test_threads_never_change_a_bit() -> None:
    scenario = load_scenario("xuzhou/baseline")
    assert results(project(scenario, threads=1)) == results(project(scenario, threads=2))


def test_a_neutral_lever_never_changes_a_bit(tmp_path: Path) -> None:
    plain = project(load_scenario(short(tmp_path, "jiangxi/baseline", "[2021, 2060]", name="plain")))
    neutral = project(load_scenario(short(tmp_path, "jiangxi/baseline", "[2021, 2060]", ("neutral",), name="neutral")))
    assert results(plain) == results(neutral)


@pytest.mark.parametrize("cut", (1, 2, 7, 40, 74))
def test_a_run_split_at_a_year_end_equals_the_unbroken_one(cut: int) -> None:
    scenario = load_scenario("jiangxi/baseline")
    law = load_law()
    lane = open_lane(scenario, lane_bases(scenario)[0], law, Histories(law, lambda text: None))
    years = lane.inputs.years.size
    whole = copy_state(lane.opening)
    unbroken = run_lane(lane.inputs, whole, 1, years)
    parts = copy_state(lane.opening)
    first = run_lane(lane.inputs, parts, 1, 1 + cut)
    saved = np.frombuffer(parts.tobytes(), dtype=parts.dtype).copy()[0]
    output = run_lane(lane.inputs, saved, 1 + cut, years)
    assert digest(saved) == digest(whole)
    # stocks: year ends up to the cut from the first part, the cut and later from the second
    assert np.array_equal(output.stocks[:, 1 + cut :], unbroken.stocks[:, 1 + cut :])
    assert np.array_equal(first.stocks[:, : 2 + cut], unbroken.stocks[:, : 2 + cut])
    assert np.array_equal(output.flows[:, 1 + cut :], unbroken.flows[:, 1 + cut :])
    assert np.array_equal(output.ledger[..., 1 + cut :], unbroken.ledger[..., 1 + cut :])


JIT_SCRIPT = """
import sys
import numpy as np
from simengine.basis.basis import load_basis
from simengine.engine.compile import compile_lane
from simengine.law import load_law
from simengine.engine.opening import stationary_state
from simengine.engine.project import run_lane
import hashlib

years = np.arange(1993, 2021)
basis = load_basis("jiangxi-2020")
inputs = compile_lane(basis, load_law(), years, None)
state = stationary_state(basis, inputs)
output = run_lane(inputs, state, 0, 6)
total = hashlib.sha256()
for array in (*state, *output):
    total.update(np.ascontiguousarray(array).tobytes())
print(total.hexdigest())
"""


def test_compiled_and_plain_python_agree_to_the_last_bit() -> None:
    digests = []
    for jit in ("1", "0"):
        done = subprocess.run(
            [sys.executable, "-c", JIT_SCRIPT],
            env=os.environ | {"SIMENGINE_JIT": jit},
            capture_output=True,
            text=True,
            check=True,
            timeout=600,
        )
        digests.append(done.stdout.strip())
    assert len(digests[0]) == 64
    assert digests[0] == digests[1]


def test_the_last_years_still_move() -> None:
    """No money series stops moving after the last data year (lessons: silent freezing)."""
    result = project(load_scenario("jiangxi/baseline"))
    late = result.dataset.sel(year=slice(2040, 2095))
    for name in (
        "wage",
        "benefit_base",
        "minimum_wage",
        "urban_income",
        "basic_pension_standard",
        "unemployment_benefit",
    ):
        growth = late[name].diff("year") / late[name].isel(year=slice(None, -1)).values
        assert float(growth.min()) > 0.005, name
    for fund in ("enterprise_pension", "public_pension", "resident", "unemployment", "work_injury"):
        for side, item in (("income", "contributions"), ("outgo", "benefits")):
            values = late[side].sel({f"{side}_item": item, "fund": fund})
            assert float(abs(values.diff("year")).min()) > 0.0, (fund, item)


def test_areas_share_their_parents_history() -> None:
    assert load_basis("xuzhou_fengxian-2020").spin_up.name == "jiangsu-2020"
    assert load_basis("jingdezhen-2015").spin_up.name == "jiangxi-2015"
