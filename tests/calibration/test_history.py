"""Kept headlines of the releases, and the changelog's lines between two of them."""

from __future__ import annotations

import datetime
import json
from pathlib import Path

import pytest

from simengine.common.errors import SimengineError
from simengine.judge.checks.headlines import MEASURES, YEARS, baseline_regions
from simengine_calibration.commands import history as command
from simengine_calibration.ledger import releases as kept

CHANGELOG = """# Changelog

## [Unreleased]

### Changed

- A name.

### Numbers changed

- Rule one: mean enterprise pension
  2035 lower.
- Rule two: balance of the unemployment fund.

## [0.2.0] - 2027-01-01

### Numbers changed

- Rule three.

## [0.1.0] - 2026-11-21

### Numbers changed

- None.
"""


@pytest.mark.parametrize("card", sorted(kept.RELEASES.glob("*.yaml")), ids=lambda path: path.stem)
def test_release__is_complete(card: Path) -> None:
    release = kept.read_release(card)
    wanted = {(region, measure, year) for region in baseline_regions() for measure in MEASURES for year in YEARS}
    assert wanted <= set(release.values)
    assert {path.stem for path in kept.RELEASES.glob("*.csv")} == set(kept.read_releases())
    assert set(release.card["bases"]) and len(release.card["law"]) == 64


def test_release__of_the_first_version_is_dated_and_knows_its_figures() -> None:
    release = kept.read_releases()["0.1.0"]
    assert release.date == datetime.date(2026, 11, 21)
    assert release.values["china", "uebps_participants", 2025] == pytest.approx(541_726_750, rel=1e-8)


def test_release__changed_table_is_refused(tmp_path: Path) -> None:
    for suffix in (".csv", ".yaml"):
        (tmp_path / f"0.1.0{suffix}").write_bytes((kept.RELEASES / f"0.1.0{suffix}").read_bytes())
    text = (tmp_path / "0.1.0.csv").read_text()
    (tmp_path / "0.1.0.csv").write_text(text.replace("541726750", "541726751"))
    with pytest.raises(SimengineError, match="not the one of its card"):
        kept.read_releases(tmp_path)


def test_every_measure_has_words_that_name_it() -> None:
    assert set(kept.NAMED_BY) == set(MEASURES)


def test_changelog__explains_what_moved_since_the_last_release() -> None:
    now, path = kept.present(), kept.changelog()
    assert now is not None
    assert path is not None
    last = list(kept.read_releases().values())[-1]
    rows = kept.table([last, now])
    lines = kept.numbers_changed(path.read_text(encoding="utf-8"), last.name, kept.NOW)
    if any(abs(row.change) > 0.01 for row in rows):
        assert lines, f"headlines moved since {last.name}: say so in CHANGELOG.md under Numbers changed"
    assert kept.unnamed(rows, lines) == []


def test_numbers_changed__are_those_after_one_release_up_to_another() -> None:
    lines = kept.numbers_changed(CHANGELOG, "0.1.0", kept.NOW)
    assert [line.version for line in lines] == ["Unreleased", "Unreleased", "0.2.0"]
    assert lines[0].text == "Rule one: mean enterprise pension 2035 lower."
    assert [line.text for line in kept.numbers_changed(CHANGELOG, "0.1.0", "0.2.0")] == ["Rule three."]
    assert [line.version for line in kept.numbers_changed(CHANGELOG, "0.2.0", kept.NOW)] == ["Unreleased"] * 2


def test_unnamed__are_large_changes_no_line_speaks_of() -> None:
    rows = [
        kept.Row("china", "avg_enterprise_pension", 2035, (100.0, 80.0)),
        kept.Row("china", "balance_unemployment", 2035, (-10.0, 5.0)),
        kept.Row("china", "balance_resident", 2035, (100.0, 111.0)),
        kept.Row("china", "balance_work_injury", 2035, (100.0, 109.0)),
    ]
    lines = kept.numbers_changed(CHANGELOG, "0.2.0", kept.NOW)
    assert rows[1].change == 1.5
    assert kept.unnamed(rows, lines) == [("china", "balance_resident")]


def test_between__unknown_release_is_named_with_the_known_ones() -> None:
    with pytest.raises(SimengineError, match=r'no headlines of "0\.1".*0\.1\.0, now'):
        kept.between(["0.1.0", "now"], "0.1", None)
    with pytest.raises(SimengineError, match="later"):
        kept.between(["0.1.0", "now"], "now", "0.1.0")


def test_keep__writes_once_and_never_again(tmp_path: Path) -> None:
    text = (kept.RELEASES / "0.1.0.csv").read_text()
    kept.keep("0.2.0", datetime.date(2027, 1, 1), tmp_path, text)
    again = kept.read_releases(tmp_path)["0.2.0"]
    assert again.values == kept.read_releases()["0.1.0"].values
    with pytest.raises(SimengineError, match="kept already"):
        kept.keep("0.2.0", datetime.date(2027, 1, 2), tmp_path, text)
    with pytest.raises(SimengineError, match="no version"):
        kept.keep("next", datetime.date(2027, 1, 2), tmp_path, text)


def test_command__prints_table_and_lines(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    command.history(region="china", measure="uebps_payers", csv_file=tmp_path / "h.csv")
    said = capsys.readouterr().out
    assert "0.1.0 (2026-11-21)" in said
    assert "- [Unreleased]" in said
    assert (tmp_path / "h.csv").read_text().splitlines()[0] == "region,measure,year,0.1.0,now,change"
    command.history(region="china", measure="uebps_payers", as_json=True, lang="zh")
    content = json.loads(capsys.readouterr().out)
    assert [row["year"] for row in content["rows"]] == list(YEARS)
    assert set(content["rows"][0]["values"]) == {"0.1.0", "now"}
