"""Sentences about verdicts and identities, and tables on the disk: every number comes from what they tell."""

from __future__ import annotations

import re
from pathlib import Path

import pandas as pd

from simengine.judge.targets.check import check_targets
from simengine.judge.targets.files import read_targets
from simengine.report.tables.verdicts import checks_line, summary
from tests.helpers.registry_projection import synthetic

ROWS = """\
- {id: R1, region: jiangxi, record_kind: target, indicator: ui_participants, unit: 万人,
   name: {en: Insured, local: 参保}, target: {year: 2025, operator: ">=", printed: "5", decimals: 0}, source: {text: t}}
- {id: R2, region: jiangxi, record_kind: target, indicator: ui_participants, unit: 万人,
   name: {en: "=Insured", local: 参保}, target: {year: 2025, operator: ">=", printed: "900.25", decimals: 2},
   source: {text: t}}
"""


def numbers(text: str) -> set[str]:
    return set(re.findall(r"\d+(?:\.\d+)?", text))


def test_summary__every_number_comes_from_a_verdict(tmp_path: Path) -> None:
    (tmp_path / "rows.yaml").write_text(ROWS, encoding="utf-8")
    targets = read_targets([tmp_path / "rows.yaml"])
    projection = synthetic(2020, 2030, regions=("jiangxi",), draws=1).isel(scenario=[0])
    seen = set()
    for factor in (1.0, 2.0, 1e3):
        changed = projection.assign(unemployment_insured=projection.unemployment_insured * factor)
        verdicts = check_targets(changed, targets)
        for lang in ("en", "zh"):
            said = " ".join(summary(verdicts, lang))  # type: ignore[arg-type]
            seen.add(said)
            cells = {str(len(verdicts)), "0", "1", "2"} | {
                number
                for verdict in verdicts
                for cell in (verdict.id, verdict.year, verdict.printed, verdict.projected_text, verdict.first_year_met)
                for number in numbers(str(cell))
            }
            cells |= {
                number for verdict in verdicts for number in numbers(f"{abs(verdict.margin or 0.0):.6f}".rstrip("0"))
            }
            assert numbers(said) <= cells, said
    assert len(seen) == 6


def test_checks_line__gives_the_worst_residual() -> None:
    frame = pd.DataFrame(
        {
            "check": ["a", "b"],
            "region": ["r", "r"],
            "scenario": ["s", "s"],
            "worst": [2e-13, 3e-12],
            "limit": [1e-9, 1e-9],
        }
    )
    assert "3e-12" in checks_line(frame.assign(ok=[True, True]), "en")
    failed = checks_line(frame.assign(ok=[True, False]), "zh")
    assert failed.splitlines()[0].startswith("1项")
    assert failed.splitlines()[1] == "b，r，s：残差3e-12，限值1e-09"
