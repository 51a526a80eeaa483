"""Where regions stand in 2024, the award path of the nation, and the openings that rest on 2024."""

from __future__ import annotations

from pathlib import Path

import pytest

from simengine.basis.basis import load_basis
from simengine.common import strict_yaml
from simengine.law import load_law
from simengine_calibration.fitting.balances import STEP, found_balance, keep, kept_balance, provinces
from simengine_calibration.resources import data_root
from tests.helpers.pages import block
from tests.helpers.rebase_tables import (
    ANCHORS,
    AWARDS,
    DRIFT,
    PAGE,
    PROVINCES,
    PUBLISHED_SERVICE,
    REGIONS,
    SPAN,
    anchor_gaps,
    blocks,
    new_over_old,
    stock_service,
)  # fmt: skip


def levels_of_awards() -> dict[int, float]:
    """Years that the parameters of the nation's fit set in the award factor, and the number beside each."""
    content = strict_yaml.load(data_root() / "china.yaml").data["parameters"]
    rows = [one["value"]["award_factor"] for one in content.values() if "award_factor" in one.get("value", {})]
    return {int(year): float(value) for row in rows for year, value in row.items()}


def test_award_path__has_at_most_four_levels_after_2005_and_one_holds_from_2019() -> None:
    content = strict_yaml.load(data_root() / "china.yaml").data["parameters"]
    free = [one for one in content.values() if max(one.get("value", {}).get("award_factor", {0: 0})) > 2005]
    assert len(free) <= 4
    path = load_basis("china-2020").path("award_factor", [2019, 2024, 2030, 2050, 2080])
    assert path[0] == path[1] == path[2] and path[3] == path[4]


def test_award_path__a_tenth_is_the_service_that_the_engine_lacks() -> None:
    """30 published years over the 26.9 of the engine's stock: the factor of 2050 is that of 2030 times 26.9/30."""
    year, published = PUBLISHED_SERVICE
    assert levels_of_awards()[2050] == pytest.approx(stock_service(year) / published, abs=0.002)
    path = load_basis("china-2020").path("award_factor", [2030, 2050])
    assert path[1] / path[0] == pytest.approx(levels_of_awards()[2050], rel=1e-6)


MISSED = {"jiangxi": {"balance"}, "zhejiang": {"expenditure"}}
"""What a province misses by more than 5 %: known and told (notes/calibration.md, 5.3)."""


@pytest.mark.parametrize("name", PROVINCES)
def test_anchors__of_2024_are_met_within_five_per_cent_but_for_known_misses(name: str) -> None:
    gaps = {item: engine / printed - 1.0 for item, (engine, printed) in anchor_gaps(name).items()}
    beyond = {item for item, gap in gaps.items() if abs(gap) > 0.05}
    assert beyond == MISSED.get(name, set()), gaps


ABOVE = {"haiyan": {2022: 1.152, 2023: 1.160}}
"""Years in which new pensions of a region lie outside 0.85 to 1.15 of old ones: known and told (section 5.4)."""


@pytest.mark.parametrize("region", REGIONS)
def test_new_over_old__stays_in_its_range_in_the_near_years_but_for_known_ones(region: str) -> None:
    near = new_over_old(region)[0].sel(year=SPAN)
    pairs = zip(near.year.values.tolist(), near.values.tolist(), strict=True)
    beyond = {year: value for year, value in pairs if not 0.85 <= value <= 1.15}
    assert beyond == pytest.approx(ABOVE.get(region, {}), abs=1e-3)


@pytest.mark.parametrize("mark", [AWARDS, ANCHORS, DRIFT])
def test_page__has_the_tables_of_the_engine(mark: str) -> None:
    assert block(PAGE, mark) == blocks()[mark], "run python -m tests.helpers.rebase_tables"


# --- openings solved on the balance of 2024 --------------------------------------------------------------------------


def test_balances__kept_are_those_found_and_jiangxis_is_printed() -> None:
    assert provinces() == ("hubei-2020", "jiangsu-2020", "zhejiang-2020")
    for name in provinces():
        assert found_balance(name, load_law()) == pytest.approx(kept_balance(name), abs=0.6 * STEP), (
            "run python -m simengine_calibration.fitting.balances --keep, then build"
        )


def test_keep__writes_the_balance_of_its_province_alone(tmp_path: Path) -> None:
    file = tmp_path / "provinces.yaml"
    row = '  balance_2020: {unit: 100m yuan, source: "s", values: {2020: 1000}}\n'
    file.write_text(f"hubei:\n  a: {{b: 1}}\n{row}jiangsu:\n{row}", encoding="utf-8")
    keep({"jiangsu-2020": 7 * STEP}, file)
    changed = row.replace("1000", "7")
    assert file.read_text(encoding="utf-8") == f"hubei:\n  a: {{b: 1}}\n{row}jiangsu:\n{changed}"
    with pytest.raises(ValueError, match="does not stand there once"):
        keep({"zhejiang-2020": STEP}, file)
