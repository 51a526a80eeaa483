"""Calibration files: what is wrong in them is told at once with file and line; what a fit may see; no plan target."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from simengine.basis.basis import load_basis
from simengine.common import strict_yaml
from simengine.common.errors import BasisError, SimengineError, each_error, localised
from simengine_calibration.fitting.model import Model
from simengine_calibration.fitting.spec import read_fit
from tests.helpers.tiny_fit import HEAD, OBSERVATIONS, PARAMETERS, THIRD, TINY, WIDE, law, spec_of

ROOT = Path(__file__).parents[2]
PACKAGED = sorted((ROOT / "calibration").glob("*.yaml"))
PLAN = re.compile(r"plan figure, printed (\S+) \S+ \(([^)]+)\)")


def told(folder: Path, text: str) -> list[str]:
    """Messages of a file, without its folder."""
    with pytest.raises(SimengineError) as caught:
        spec_of(folder, text)
    return [str(error).replace(f"{folder}/", "") for error in each_error(caught.value)]


def line_of(text: str, part: str) -> int:
    return next(number for number, line in enumerate(text.splitlines(), 1) if part in line)


# --- reading ----------------------------------------------------------------------------------------------------------


def test_read_fit__gives_what_the_file_says(tmp_path: Path) -> None:
    spec = spec_of(tmp_path, WIDE)
    assert (spec.key, spec.names, spec.until) == ("tiny", ("award", "base", "late"), 2000)
    one = spec.content.parameters["award"]
    assert one.value == {"award_factor": {1998: 1, 2004: 1}} and one.bounds == (0.5, 2.5)
    assert spec.content.parameters["late"].scale == {"catch_up_entrants": (2000, 2004)}
    assert [seen.series for seen in spec.content.observations] == ["expenditure", "revenue", "contributions"]


def test_digest__follows_the_content_and_the_last_year(tmp_path: Path) -> None:
    spec = spec_of(tmp_path)
    assert spec_of(tmp_path, TINY, "other").digest() == spec.digest()
    assert spec_of(tmp_path, TINY.replace("sd: 0.2", "sd: 0.3"), "wider").digest() != spec.digest()
    assert spec.known_by(1999).digest() != spec.digest()


@pytest.mark.parametrize(
    ("old", "new", "part", "says"),
    [
        ("bounds: [0.5, 2.5]", "bound: [0.5, 2.5]", "bound:", "bound"),
        ("mean: 1.1", "mean: 3.1", "award:", "prior mean 3.1 lies outside the bounds"),
        ("bounds: [0.5, 2.5]", "bounds: [2.5, 0.5]", "award:", "outside the bounds"),
        ("sd: 0.2", "sd: 0.0", "sd: 0.0", "sd is 0"),
        ("evidence: computed", "evidence: rumour", "base:", 'evidence "rumour"'),
        ("[1995, 2004]", "[2004, 1995]", "base:", "run backwards"),
        ("series: expenditure", "series: expenditur", "expenditur,", 'no measure "expenditur"'),
        ("years: [1996, 2000]", "years: [2000, 1996]", "expenditure", "run backwards"),
        ("spread: 0.015", "spread: 1.5", "spread: 1.5", "spread is 1.5. Allowed: up to 1"),
        ("spread: 0.015,", "spread: 0.015, value: 0.9,", "expenditure", "a value is stated for ratios alone"),
        ("series: revenue", "series: resident_ratio", "resident_ratio", "a value is stated for ratios alone"),
        ("basis: china-2020", "basis: China", "basis:", "basis"),
        ("[1995, 2000]", "[1991, 2000]", "1991", "1992"),
    ],
)  # fmt: skip
def test_fault__is_told_with_file_and_line(tmp_path: Path, old: str, new: str, part: str, says: str) -> None:
    assert old in TINY
    text = TINY.replace(old, new, 1)
    messages = told(tmp_path, text)
    assert any(says in message and f"tiny.yaml, line {line_of(text, part)}" in message for message in messages), (
        messages
    )


def test_unknown_series__comes_with_a_hint(tmp_path: Path) -> None:
    (message,) = told(tmp_path, TINY.replace("series: expenditure", "series: expenditur"))
    assert 'Did you mean "expenditure"' in message


def test_parameter__sets_series_or_a_constant_and_something(tmp_path: Path) -> None:
    both = TINY.replace("    scale: {comp", "    constant: deemed_entry_share\n    scale: {comp")
    none = TINY.replace("    scale: {compliance_enterprise: [1995, 2004]}\n", "")
    for text in (both, none):
        (message,) = told(tmp_path, text)
        assert "base sets both a constant and series, or nothing" in message


@pytest.mark.parametrize(
    ("old", "new", "cell"),
    [
        ("scale: {catch_up_entrants: [2000, 2004]}", "value: {award_factor: {2004: 1}}", "award_factor of 2004"),
        ("scale: {catch_up_entrants:", "scale: {compliance_enterprise:", "compliance_enterprise of 2000"),
    ],
)
def test_cell__belongs_to_one_parameter(tmp_path: Path, old: str, new: str, cell: str) -> None:
    messages = told(tmp_path, WIDE.replace(old, new))
    assert cell in messages[0] and "by late" in messages[0] and "Keep one" in messages[0]


def test_constant__belongs_to_one_parameter(tmp_path: Path) -> None:
    shared = "constant: deemed_entry_share"
    text = WIDE.replace("scale: {catch_up_entrants: [2000, 2004]}", shared)
    text = text.replace("scale: {compliance_enterprise: [1995, 2004]}", shared)
    (message,) = told(tmp_path, text)
    assert "deemed_entry_share is set by base and by late" in message


def test_faults__are_told_in_chinese(tmp_path: Path) -> None:
    text = TINY.replace("series: expenditure", "series: expenditur").replace("mean: 1.1", "mean: 3.1")
    with pytest.raises(SimengineError) as caught:
        spec_of(tmp_path, text)
    prior, measure = (localised(error, "zh") for error in each_error(caught.value))
    assert "award：先验均值3.1超出上下限；允许：大于0.5且小于2.5" in prior
    assert "没有指标“expenditur”" in measure and "是否想写“expenditure”" in measure


def test_faults__are_told_all_at_once(tmp_path: Path) -> None:
    text = TINY.replace("mean: 1.1", "mean: 3.1").replace("evidence: computed", "evidence: rumour")
    text = text.replace("series: revenue", "series: revenues").replace("[1996, 2000]", "[2000, 1996]")
    messages = told(tmp_path, text)
    assert len(messages) == 4
    lines = [int(re.search(r"tiny\.yaml, line (\d+)", message)[1]) for message in messages]  # type: ignore[index]
    assert lines == sorted(lines) and len(set(lines)) == 4


def test_repeated_key__is_refused(tmp_path: Path) -> None:
    text = HEAD + PARAMETERS + THIRD.replace("late:", "base:") + OBSERVATIONS
    (message,) = told(tmp_path, text)
    assert "base" in message and "tiny.yaml" in message


def test_model__tells_what_the_basis_has_not(tmp_path: Path) -> None:
    faults = {
        ("[1995, 2004]", "[1993, 1993]"): "compliance_enterprise has no value from 1993 to 1993",
        ("compliance_enterprise", "complience_enterprise"): "compliance_enterprise",
        ("revenue, years: [1995, 2000]", "revenue, years: [1996, 1999]"): "revenue: china-2020 has no reference",
        ("    scale: {comp", '    "on": hubei-2020\n    scale: {comp'): "on which china-2020 does not draw",
    }
    for (old, new), says in faults.items():
        with pytest.raises(BasisError) as caught:
            Model(spec_of(tmp_path, TINY.replace(old, new)), law())
        assert says in str(caught.value)


# --- information date -------------------------------------------------------------------------------------------------


def test_known_by__drops_later_parameters_and_observations() -> None:
    spec = read_fit(ROOT / "calibration" / "china.yaml")
    seen = spec.known_by(2015)
    assert seen.until == 2015
    assert all(one.years[1] <= 2015 for one in seen.content.observations)
    left_out = set(spec.names) - set(seen.names)
    assert {"award_2019", "base_compliance_2019", "unemployment_base_2016", "resident_takeup_2016"} <= left_out
    assert {"award_2014", "admitted_2016", "catch_up_2013", "base_compliance"} <= set(seen.names)
    assert seen.known_by(2015) == seen
    assert spec.known_by(2100).content == spec.content


def test_known_by__leaves_no_later_figure_in_the_fit() -> None:
    model = Model(read_fit(ROOT / "calibration" / "china.yaml", 2015), law())
    assert max(one.year for one in model.observations) == 2015 == model.last
    assert model.basis.base_year == 2020


def test_known_by__keeps_constants(tmp_path: Path) -> None:
    constant = THIRD.replace("scale: {catch_up_entrants: [2000, 2004]}", "constant: deemed_entry_share")
    spec = spec_of(tmp_path, HEAD + PARAMETERS + constant + OBSERVATIONS)
    assert spec.known_by(1996).names == ("base", "late")


# --- packaged files ---------------------------------------------------------------------------------------------------


def test_packaged__there_are_six() -> None:
    assert {path.stem for path in PACKAGED} == {"china", "jiangxi", "hubei", "xuzhou", "haiyan", "jingdezhen"}


@pytest.mark.parametrize("path", PACKAGED, ids=lambda path: path.stem)
def test_packaged__reads_and_knows_its_figures(path: Path) -> None:
    spec = read_fit(path)
    model = Model(spec, law())
    assert len(model.names) <= len(model.observations)
    assert all(one.why for one in spec.content.observations)
    if path.stem != "china":
        assert len(model.names) <= 4, "a region fits at most four scalars (model.md, section 11)"


@pytest.mark.parametrize("path", PACKAGED, ids=lambda path: path.stem)
def test_packaged__meets_references_and_no_target(path: Path) -> None:
    """Figures that plans print are actuals of years up to the opening, the ones the plan states as base or actual."""
    plans = {row["id"]: row for file in (ROOT / "scenarios" / "targets").glob("*.yaml") for row in targets(file)}
    model = Model(read_fit(path), law())
    opening = load_basis(model.spec.content.basis).base_year
    for one in model.observations:
        assert "target" not in one.source.lower(), one
        printed = PLAN.match(one.source)
        assert (printed is None) == ("plan figure" not in one.source), one
        if printed is None:
            continue
        assert one.evidence == "seed" and one.year <= opening, one
        for key in printed[2].split("|"):
            actuals = [plans[key].get(part) for part in ("base", "actual")]
            stated = {(int(part["year"]), str(part["printed"])) for part in actuals if part}
            assert (one.year, printed[1]) in stated, one


def targets(file: Path) -> list[dict[str, object]]:
    """Rows of a file of targets."""
    data = strict_yaml.load(file).data
    return list(data.get("targets") or []) if isinstance(data, dict) else []


@pytest.mark.parametrize("path", PACKAGED, ids=lambda path: path.stem)
def test_packaged__no_text_names_a_target(path: Path) -> None:
    text = path.read_text(encoding="utf-8").lower()
    assert "target" not in text.replace("no target", "")
