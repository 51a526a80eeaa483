"""Levers that cannot act so are refused: what, the lever's own line, what is allowed, what to do, in both languages."""

from __future__ import annotations

from pathlib import Path

import pytest

from simengine.cli.inputs import check_file, faults
from simengine.common.errors import SimengineError, localised
from simengine.registry.inputs import LEVER_ROWS, SERIES
from simengine.scenario.inputs import SERIES_CODES
from simengine.scenario.levers import OPERATIONS
from simengine.scenario.scenario import Scenario, load_scenario

HEAD = "name: {en: mine, local: 自拟}\nreason: a test\n"


def under(folder: Path, lever: str, base: str = "jiangxi/baseline", scenario: str = "") -> Scenario:
    """A scenario with a lever of its own, whose sections begin in line 3."""
    (folder / "mine.yaml").write_text(HEAD + lever, encoding="utf-8")
    file = folder / "own.yaml"
    file.write_text(f"extends: {base}\nlevers: [./mine.yaml]\n{scenario}", encoding="utf-8")
    return load_scenario(file)


def refused(folder: Path, lever: str, base: str = "jiangxi/baseline") -> list[SimengineError]:
    return faults(under(folder, lever, base))


CASES = {
    "enterprise_payers: {multiply: {2026: 1.1}}": ("series_level", "coverage_growth with enterprise_payers"),
    "payment_rate: {add: {2026: 0.1}}": ("series_rate", "payment_rate in a lever"),
    "previous_wage: {multiply: {2026: 1.1}}": ("series_source", "Change average_wage"),
    "births_male: {set: {2026: 100_000}}": ("series_births", "demography with fertility"),
    "campaign_gross_flexible: {set: {2026: 100_000}}": ("series_campaign", "under campaigns of a lever"),
    "resident_index: {multiply: {2026: 1.1}}": ("series_index", "coverage_growth with resident_registered"),
    "flexible_growth: {set: {2026: 0.1}}": ("series_index", "coverage_growth with flexible_payers"),
    "entry_odds_flexible: {multiply: {2026: 1.1}}": ("series_pressure", "entry_pressure_flexible"),
    "paused_members: {multiply: {2026: 1.1}}": ("series_paused", "payment_rate"),
    "prevention_base: {set: {2026: 0.05}}": ("series_reference", "Change prevention_share"),
    "adjustment_level: {set: {2026: 0.3}}": ("series_rest", "adjustment_fixed"),
    "verage_wage: {set: {2026: 8_000}}": ("series_unknown", 'Did you mean "average_wage"?'),
    "catch_up_entrants: {multiply: {2026: 1.5}}": ("lever_without_change", "it is zero in those years"),
    "admitted_public_pension: {set: {2026: 6_000}}": ("lever_without_reader", "admitted_public_pensioners"),
    "living_standard: {multiply: {2026: 1.5}}": ("lever_without_subsidy", "Lower price_trigger"),
    "compensation_count_up: {set: {2026: 0.5}}": ("path_flag", "1 (yes) or 0 (no)"),
    "rerating_interval: {set: {2026: 1.5}}": ("path_whole", "a whole number"),
    "resident_divisor: {set: {2026: 0}}": ("path_positive", "divided by it"),
    "refund_share: {set: {2030: 0.30}}": ("shares_add_up", "add to 1.26"),
    "adjustment_fixed: {set: {2030: 0.80}}": ("parts_add_up", "zero to one"),
}
"""Change -> code of the refusal, and words of it."""


@pytest.mark.parametrize("change", CASES)
def test_a_change_that_cannot_act_so__is_refused_at_its_own_line(tmp_path: Path, change: str) -> None:
    code, words = CASES[change]
    (error,) = refused(tmp_path, f"paths:\n  average_wage: {{multiply: {{2026: 1.0}}}}\n  {change}\n")
    assert error.code == code
    assert words in str(error)
    assert "mine.yaml, line 5" in str(error)
    assert any("一" <= letter <= "鿿" for letter in localised(error, "zh"))
    (alone,) = check_file(tmp_path / "mine.yaml")  # a lever file alone is held against the packaged baselines
    assert alone.code == code


def test_shares_of_the_law_that_do_not_add_up__are_refused(tmp_path: Path) -> None:
    (error,) = refused(tmp_path, "changes:\n  pension/adjustment_split: {2030-01-01: {fixed: 0.5}}\n")
    assert error.code == "law_total" and "add up to 1.15" in str(error) and "line 4" in str(error)
    whole = "{fixed: 0.5, years: 0.2, level: 0.25, tilt: 0.05}"
    assert refused(tmp_path, f"changes:\n  pension/adjustment_split: {{2030-01-01: {whole}}}\n") == []


def test_a_later_date_for_the_whole_reform__is_refused(tmp_path: Path) -> None:
    (error,) = refused(tmp_path, "changes:\n  retirement/delay_cap: {2030-01-01: {men: 24}}\n")
    assert error.code == "law_whole_reform" and "reform: custom" in str(error) and "line 4" in str(error)
    assert "2025-01-01" in localised(error, "zh")
    assert refused(tmp_path, "changes:\n  retirement/delay_cap: {2025-01-01: {men: 24}}\n") == []


def test_all_errors_come_at_once(tmp_path: Path) -> None:
    found = refused(
        tmp_path,
        "paths:\n  verage_wage: {set: {2026: 1}}\n  previous_wage: {add: {2026: 1}}\n"
        "constants: {layoff_share: 9}\nchanges: {pension/rate_employr: {2027-01-01: 0.2}}\n",
    )
    codes = [error.code for error in found]
    assert codes == ["series_unknown", "series_source", "constant_range", "law_key_unknown"]
    slips = refused(tmp_path, "paths:\n  employer_rate: {set: {2026: 16}}\n  return_resident: {set: {2026: 3}}\n")
    assert [error.code for error in slips] == ["path_rate", "path_share"]


def test_every_reason_of_the_registry__has_its_refusal() -> None:
    for name, row in LEVER_ROWS.items():
        taken = [operation for operation in OPERATIONS if row.takes(operation)]
        if row.refused:
            assert row.refused in SERIES_CODES and taken in ([], ["set"]), name
        else:
            assert taken == list(OPERATIONS), name
        assert name in SERIES or row.refused == "rest", name
        assert all(gate in SERIES or gate == "price_subsidy" for gate in row.acts_where), name


def test_five_shares_that_add_to_one__pass(tmp_path: Path) -> None:
    shares = "refund_share: 0.1, continue_share: 0.3, pay_up_share: 0.2, resident_share: 0.3, unclaimed_share: 0.1"
    pairs = [part.split(":") for part in shares.split(",")]
    paths = "".join(f"  {name.strip()}: {{set: {{2030:{share}}}}}\n" for name, share in pairs)
    assert refused(tmp_path, "paths:\n" + paths) == []


def test_a_factor_on_nothing__is_refused_and_heads_from_nothing_are_shared(tmp_path: Path) -> None:
    """Nobody buys missing years after 2020: added entrants are shared over the areas, a factor on none is refused."""
    (error,) = refused(tmp_path, "paths: {catch_up_entrants: {multiply: {2026: 2.0}}}\n", "xuzhou/baseline")
    assert error.code == "lever_without_change"
    assert refused(tmp_path, "paths: {catch_up_entrants: {add: {2026: 7_000}}}\n", "xuzhou/baseline") == []


def test_a_horizon_too_long__is_refused_with_its_line_by_the_check_and_the_run(tmp_path: Path) -> None:
    file = tmp_path / "long.yaml"
    file.write_text("extends: haiyan/baseline\nyears: [2021, 2160]\n", encoding="utf-8")
    (error,) = faults(load_scenario(file))
    assert error.code == "lane_years" and "long.yaml, line 2" in str(error)


def test_a_lever_for_some_regions_alone__passes_by_itself(tmp_path: Path) -> None:
    """A campaign of 2,000 is a slip in the nation and right in Haiyan."""
    (tmp_path / "mine.yaml").write_text(
        HEAD + "campaigns:\n  - {status: flexible, kind: additional, total: 2_000, years: [2026, 2027], pools: [none], "
        "reason: x}\n",
        encoding="utf-8",
    )
    assert check_file(tmp_path / "mine.yaml") == []
    (tmp_path / "mine.yaml").write_text(
        HEAD + "region: jiangx\nchanges: {pension/rate_employer: {2027-01-01: 0.2}}\n", "utf-8"
    )
    (error,) = check_file(tmp_path / "mine.yaml")
    assert error.code == "law_region_unknown"
