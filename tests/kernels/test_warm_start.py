"""What makes a first answer fast changes no answer: two YAML parsers, an own normal distribution, kernels from disk."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy.special import ndtr as scipy_ndtr

from simengine.common import plain_yaml
from simengine.common.strict_yaml import load_text
from simengine.kernels.compiler import jit
from simengine.kernels.compiler.warm import warm_up
from simengine.law.normal import ndtr

ROOT = Path(__file__).parents[2]
FOLDERS = ("scenarios", "calibration", "simengine")


# --- two parsers ------------------------------------------------------------------------------------------------------


Parsed = tuple[Any, dict[tuple[plain_yaml.Key, ...], int]]


def by_ruamel(text: str) -> Parsed:
    return plain_yaml._built(plain_yaml._events(text))


def by_libyaml(text: str) -> Parsed:
    return plain_yaml._built(plain_yaml._fast_events(text))


@pytest.mark.parametrize("folder", FOLDERS)
def test_parsers__give_every_packaged_file_the_same_data_and_lines(folder: str) -> None:
    pytest.importorskip("yaml.cyaml")
    fast = 0
    for path in sorted((ROOT / folder).rglob("*.yaml")):
        text = path.read_text(encoding="utf-8-sig")
        if not plain_yaml._LEFT_TO_PYTHON.search(text):
            one, other = by_libyaml(text), by_ruamel(text)
            assert repr(one) == repr(other), path
            fast += 1
    assert fast > 10


@pytest.mark.parametrize(
    "text",
    [
        "a:\tb",
        "a: 1\r\nb: 2",
        "a: b\u0085c: d",
        'a: "\\/"',
        'a: "\\ud83d"',
        "%YAML 1.1\n---\na: 1",
        "? a\n: b",
        "{? a: b}",
        'a: ["b":, c]',
        "a: >-\n \n   b\n  c",
        "a: >#-\n  b",
        "a: \U0001f600",
    ],
)
def test_parsers__what_they_may_read_apart_is_left_to_ruamel(text: str) -> None:
    assert plain_yaml._LEFT_TO_PYTHON.search(text)


@pytest.mark.parametrize(
    "text",
    ["a: [1, 2", "a: 1\na: 2", "a: &b 1", "a: *b", "a: !!int 1", "a: 1e9", "- yes", "a: 'b", "a: b: c", "", "a: {b: 1"],
)
def test_parsers__a_refusal_is_in_the_words_of_ruamel(text: str) -> None:
    with pytest.raises(plain_yaml.Refused) as alone:
        by_ruamel(text)
    with pytest.raises(plain_yaml.Refused) as told:
        plain_yaml.parse(text)
    assert told.value.args == alone.value.args


def test_parsers__without_libyaml_ruamel_reads_everything(monkeypatch: pytest.MonkeyPatch) -> None:
    text = 'a: {b: [1, 2.5, "x\\ty"], 2020-01-01: null}\nc: >-\n  long\n  text\n'
    fast = load_text(text)
    monkeypatch.setitem(sys.modules, "yaml", None)
    assert load_text(text) == fast
    assert fast.line("a", "b", 1) == 1


# --- the normal distribution ------------------------------------------------------------------------------------------


def test_ndtr__is_that_of_scipy_to_the_last_bits() -> None:
    """Only the exponential is another one: scipy's differs in its last bit between processors."""
    rng = np.random.default_rng(5)
    edges = [0.0, -0.0, 1.0, -1.0, np.sqrt(2.0), -np.sqrt(2.0), 8.0 * np.sqrt(2.0), 37.6, -37.6, -38.5, np.inf, -np.inf]
    values = np.concatenate([rng.normal(0.0, 3.0, 200_000), rng.uniform(-40.0, 40.0, 50_000), edges])
    np.testing.assert_array_max_ulp(ndtr(values), scipy_ndtr(values), maxulp=4)
    assert np.isnan(ndtr(np.array([np.nan]))).all()
    assert ndtr(values[:24].reshape(2, 3, 4)).shape == (2, 3, 4)


# --- a first answer ---------------------------------------------------------------------------------------------------

SCRIPT = """
import json, sys
import simengine
result = simengine.project(simengine.load_scenario("jiangxi/baseline"))
balance = float(result.lanes[0].output.balance[0, 0, -1])
heavy = ("scipy.special", "pandas", "xarray", "numba.np.linalg", "ruamel.yaml")
loaded = [name for name in heavy if name in sys.modules]
named = float(result.dataset.fund_balance.isel(year_end=-1, fund=0).item())
print(json.dumps([balance, named, loaded]))
"""


@pytest.mark.skipif(not jit.JIT_ENABLED, reason="plain Python loads no kernels")
def test_first_answer__imports_only_what_it_needs() -> None:
    warm_up()  # kernels are on disk from here on
    command = [sys.executable, "-c", SCRIPT]
    subprocess.run(command, cwd=ROOT, capture_output=True, check=True)
    done = subprocess.run(command, cwd=ROOT, capture_output=True, check=True, text=True)
    balance, named, loaded = json.loads(done.stdout)
    assert balance == named
    assert loaded == []
