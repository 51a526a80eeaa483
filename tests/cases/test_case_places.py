"""Every kind of case that rests on the law of a place, in every region and city, after the last enacted amounts."""

from __future__ import annotations

from pathlib import Path

import pytest

from simengine.cases import compute, load_cases
from simengine.cases.text import sheet_of
from simengine.law import load_law

MAN = "person: {sex: man, born: 1966-01}\n"
CAREER = """\
career:
  - {from: 1990-01, to: 1995-08, kind: deemed, index: 1.0}
  - {from: 1995-09, to: 1997-12, kind: none}
  - {from: 1998-01, to: 2026-05, kind: enterprise, index: 1.0}
"""
WITH_CITY = {
    "public": f"kind: award\nscheme: public\n{MAN}"
    "record: {paid_months: 130, index: 1.2, deemed_months: 300, deemed_index: 1.1, account: 60_000}\n",
    "career": f"kind: award\n{MAN}{CAREER}",
    "switch": f"kind: switch\n{MAN}record: {{paid_months: 300, index: 0.7, account: 60_000}}\n"
    "resident: {paid_years: 6, balance: 4000}\n",
    "sickness": "kind: sickness\nperson: {sex: man, born: 1970-06}\nsince: 2026-03\n"
    "record: {paid_months: 264, index: 0.8, account: 60_000}\n",
    "contribution": "kind: contribution\nmonth: 2026-07\nwage: 6000\n",
}
ALONE = {
    "unemployment": "kind: unemployment\nclaims: 2026-10\npaid_months: 72\n",
    "survivor": "kind: survivor\ndied: 2026-06\nstatus: in_service\nmonths: 200\n",
    "resident": "kind: resident\nborn: 1966-10\nbalance: 12_000\npaid_years: 15\n",
    "injury": "kind: injury\nmonth: 2026-06\ngrade: 8\nwage: 6000\nleaves: true\n",
    "injury_death": "kind: injury_death\nmonth: 2026-06\nwage: 5000\n",
}
REGIONS = [key for key in load_law().regions if key != "china"]


@pytest.mark.parametrize("name", [*WITH_CITY, *ALONE])
def test_case_after_the_last_enacted_amounts__in_every_place(name: str, tmp_path: Path) -> None:
    """Amounts of 2026 are computed and printed in both languages, and every value carried on is remarked."""
    path, law = tmp_path / "case.yaml", load_law()
    cities = [str(city) for city in law["pension/benefit_base_cities"].labels] if name in WITH_CITY else []
    for region, city in [*((key, "") for key in REGIONS), *(("hubei", city) for city in cities)]:
        text = (WITH_CITY | ALONE)[name] + f"region: {region}\n" + (f"city: {city}\n" if city else "")
        if name == "unemployment" and "jiangsu" in law.regions.chain(region):
            text += "average_base: 4900\n"  # the benefit depends on it there
        path.write_text(text, encoding="utf-8")
        result = compute(load_cases(path)[0])
        for lang in ("en", "zh"):
            assert sheet_of(result, lang).before, (name, region, city)  # type: ignore[arg-type]
        carried = {use.key for use in result.law if use.carried in ("outdated", "held")}
        assert result.remarks or not carried, (name, region, city)
