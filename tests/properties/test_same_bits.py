"""A processor with fewer instructions gives the same results: numpy and the C library then take other functions."""

from __future__ import annotations

import os
import subprocess
import sys

import numpy as np
import pytest

from simengine.common import elementwise

SCRIPT = """
import hashlib
import sys

import numpy as np

from simengine.basis.basis import load_basis
from simengine.law import load_law
from simengine.engine.project import label_history, project, spin_up
from simengine.scenario.scenario import load_scenario

exponents = np.linspace(-30.0, 30.0, 100_001)
print("numpy", hashlib.sha256(np.exp(exponents).tobytes()).hexdigest())
history = label_history(spin_up(load_basis("hubei-2020"), load_law(), last=1996))
scenario = load_scenario("haiyan/as_planned")
for data in (history, project(scenario).dataset):
    for name in sorted(data.data_vars):
        print(name, hashlib.sha256(np.ascontiguousarray(data[name].values).tobytes()).hexdigest())
"""


NO_FMA = "glibc.cpu.hwcaps=-AVX2,-AVX512F,-FMA,-FMA4,-AVX2_Usable,-FMA_Usable"
"""Makes the GNU C library take its functions for processors without fused products; others do not read it."""


def printed(**environment: str) -> list[str]:
    """Digests of a short history and of one region, computed in a process of its own."""
    clean = {name: value for name, value in os.environ.items() if name != "NPY_DISABLE_CPU_FEATURES"}
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT], capture_output=True, text=True, check=False, env={**clean, **environment}
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


def dispatched() -> list[str]:
    """Instruction sets beyond its lowest that numpy takes on this processor, as it calls them."""
    found = np.show_config(mode="dicts")["SIMD Extensions"]
    return list(found.get("found", []))


@pytest.mark.slow
def test_every_variable__has_the_same_bits_at_the_lowest_level_of_the_processor() -> None:
    levels = dispatched()
    if not levels:
        pytest.skip("this processor has no instructions beyond the lowest level of numpy")
    here = printed()
    lowest = printed(NPY_DISABLE_CPU_FEATURES=" ".join(levels), GLIBC_TUNABLES=NO_FMA)
    assert len(here) > 300
    assert here[1:] == lowest[1:]
    if "X86_V4" in levels:
        assert here[0] != lowest[0], "numpy's exponential no longer differs: this test shows nothing"


@pytest.mark.parametrize("name", ["exp", "expm1", "log", "log1p"])
def test_elementwise__is_the_function_of_numpy_to_its_last_bits(name: str) -> None:
    """Both are within a few units of the last place of the true value; special values are equal."""
    special = [0.0, -0.0, 1.0, -1.0, -2.0, np.inf, -np.inf, np.nan, 709.0, 710.0, -800.0, 5e-324, 1e308]
    values = np.concatenate([special, np.linspace(-40.0, 40.0, 4_001)]).reshape(2, -1)
    with np.errstate(all="ignore"):
        known = getattr(np, name)(values)
    found = getattr(elementwise, name)(values)
    assert found.shape == values.shape
    np.testing.assert_array_max_ulp(found, known, maxulp=4)
    assert np.array_equal(np.signbit(found), np.signbit(known) & ~np.isnan(known))


def test_elementwise__takes_scalars_and_empty_arrays() -> None:
    assert float(elementwise.exp(0.0)) == 1.0
    assert elementwise.log(np.zeros((0, 3))).shape == (0, 3)
    assert elementwise.log(np.zeros(2)).tolist() == [-np.inf, -np.inf]
