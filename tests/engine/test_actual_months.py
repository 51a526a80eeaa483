"""Months among entered actuals: carried along the bureau's own growth where there is one, and said so."""

from __future__ import annotations

from pathlib import Path

import pytest

from simengine.basis.basis import load_basis
from simengine.engine.actuals import settle
from tests.helpers.actual_tables import scenario_with


def carried(folder: Path, years: str, *rows: str) -> tuple[float, str, str]:
    """The last entered value of Haiyan at its year end, and what is said of it in both languages."""
    settled = settle(scenario_with("haiyan/baseline", folder, years, *rows))
    (told,) = settled.remarks
    return settled.actuals["haiyan-2020"][-1].value, told.en, told.zh


def test_month__goes_on_from_the_last_entered_year_end(tmp_path: Path) -> None:
    """15.0万 at the end of 2023 and 15.4万 in August 2024, eight months: four more at the same growth."""
    value, english, chinese = carried(tmp_path, "2023,2024-08", "unemployment_insured,,万人,15.0,15.4,s,,,")
    assert value == pytest.approx(154_000 * (15.4 / 15.0) ** (4 / 8))
    assert "from 2023 to 2024-08 (4.03%)" in english and "15.4 万人" in english  # (15.4/15)^(12/8) - 1
    assert "2023至2024-08" in chinese and "15.4 万人" in chinese


def test_month__over_years_not_entered(tmp_path: Path) -> None:
    """From the end of 2021 to August 2024 are 32 months."""
    value, _, _ = carried(tmp_path, "2021,2024-08", "unemployment_insured,,万人,14.0,15.4,s,,,")
    assert value == pytest.approx(154_000 * (15.4 / 14.0) ** (4 / 32))


def test_month__early_in_the_year_takes_the_growth_of_the_years_before(tmp_path: Path) -> None:
    """Two months tell too little: the growth of 2023 carries February 2024 over the other ten."""
    value, english, _ = carried(tmp_path, "2022,2023,2024-02", "unemployment_insured,,万人,14.6,15.0,15.4,s,,,")
    assert value == pytest.approx(154_000 * (15.0 / 14.6) ** (10 / 12))
    assert "from 2022 to 2023" in english


def test_month__alone_goes_along_the_growth_of_the_basis(tmp_path: Path) -> None:
    value, english, chinese = carried(tmp_path, "2022-08", "unemployment_insured,,万人,14.5,s,,,")
    nation = load_basis("china-2020").path("unemployment_insured", [2021, 2022])
    assert value == pytest.approx(145_000 * (nation[1] / nation[0]) ** (4 / 12))
    assert "that year in china-2020" in english and "按china-2020的当年增速" in chinese


def test_months__of_areas_are_one_paragraph(tmp_path: Path) -> None:
    rows = [f"unemployment_insured,{area},万人,{value},s,,," for area, value in (("沛县", 7.2), ("丰县", 6.4))]
    (told,) = settle(scenario_with("xuzhou/baseline", tmp_path, "2022-08", *rows)).remarks
    assert "2 areas" in told.en and "Pei County 7.2 万人" in told.en and "Feng County 6.4 万人" in told.en
    assert "2个地区" in told.zh and "沛县7.2 万人" in told.zh and "丰县6.4 万人" in told.zh
