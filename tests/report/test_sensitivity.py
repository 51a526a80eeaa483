"""Tables and pictures of a sensitivity: what stands in them, in both languages, with the numbers as CSV beside."""

from __future__ import annotations

import io
import shlex
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

from simengine.cli import main as cli
from simengine.decide.sensitivity import Sensitivity, sensitivity
from simengine.report.figures.sensitivity import draw_all
from simengine.report.tables.sensitivity import change, show_sensitivity


@pytest.fixture(scope="module")
def found() -> Sensitivity:
    """Three drivers and a map with its line."""
    names = ["enterprise_payers", "entry", "injuries"]
    return sensitivity("haiyan/baseline", "ui_participants", years=2030, drivers=names,
                       map=("enterprise_payers", "flexible_payers"), points=3, reach=2.0, goal=21.0)  # fmt: skip


def texts(figure: object) -> list[str]:
    from matplotlib.text import Text

    return [text.get_text() for text in figure.findobj(Text) if text.get_text()]  # type: ignore[attr-defined]


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_pictures__hold_every_driver_the_unit_and_the_source(found: Sensitivity, lang: str) -> None:
    figures = draw_all(found, lang)  # type: ignore[arg-type]
    assert set(figures) == {"tornado", "map"}
    said = "\n".join(texts(figures["tornado"]))
    moving = {row["driver"] for row in found.rows.to_dict("records") if row["swing"]}
    assert moving == {"entry", "enterprise_payers"}
    flat = said.replace("\n", "" if lang == "zh" else " ")
    for key in found.rows["driver"]:  # injuries move nobody: they are named in one line, without a bar
        driver = found.drivers[key]
        assert driver.name(lang) in flat and (key not in moving or driver.size_text(lang) in said), key
    assert "simengine" in said and "haiyan/baseline" in said and "10k persons" in said
    mapped = "\n".join(texts(figures["map"]))
    assert "21 10k persons" in mapped and "10k persons" in mapped


def test_picture__draws_each_bar_from_the_centre(found: Sensitivity) -> None:
    from matplotlib.patches import Rectangle

    axes = draw_all(found)["tornado"].axes[0]
    widths = [bar.get_width() for bar in axes.patches if isinstance(bar, Rectangle)]
    moving = found.rows[found.rows["swing"] > 0.0]
    assert 0 < len(moving) < len(found.rows)
    expected = [float(row[side]) for _, row in moving.iterrows() for side in ("low_difference", "high_difference")]
    assert widths == pytest.approx(expected) and all(bar.get_x() == 0.0 for bar in axes.patches)


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_table__names_size_and_what_moves_nothing(found: Sensitivity, lang: str) -> None:
    out = io.StringIO()
    show_sensitivity(found, lang, out)  # type: ignore[arg-type]
    said = out.getvalue()
    assert "0.366" in said and "0.15" in said
    assert ("1 of them move nothing" if lang == "en" else "1项没有影响") in said


def test_change__of_nothing_is_a_bare_nought() -> None:
    assert [change(value, 2) for value in (0.0, -0.0, 1e-9, -3.14159)] == ["0", "0", "+1e-09", "-3.14"]


def test_files__a_picture_has_its_numbers_beside(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run: Callable[[str], int] = lambda words: cli.execute(shlex.split(words))  # noqa: E731
    words = "sensitivity haiyan/baseline -o ui_participants --years 2030 --driver wages,enterprise_payers -q"
    assert run(f"{words} --map wages,enterprise_payers --points 2 --to png,xlsx --out {tmp_path}/s") == cli.DONE
    names = {path.name for path in tmp_path.iterdir()}
    assert names == {"s.csv", "s_map.csv", "s_contour.csv", "s.xlsx", "s_tornado.png", "s_map.png"}
    table = pd.read_csv(tmp_path / "s.csv")
    assert {"driver", "size", "rule", "since", "base", "low", "high", "swing", "unit"} <= set(table.columns)
    assert run(f"{words} --to pdf") == cli.INPUT and "csv, xlsx, png, svg" in capsys.readouterr().err
