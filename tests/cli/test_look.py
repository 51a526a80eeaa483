"""Commands that run nothing: plot, show, validate, list, template; and commands of other packages."""

from __future__ import annotations

import json
import re
import sys
from importlib import metadata
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest
import typer
import xarray as xr

from simengine.cli import main as cli
from simengine.cli.look import SECTIONS
from simengine.common import resources
from simengine.judge.indicators import registry
from simengine.report.figures import plot as figures
from tests.cli.conftest import Ran

# --- reading results --------------------------------------------------------------------------------------------------


@pytest.fixture
def plot(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, ...]]:
    """What the command asks of the figures, in place of drawing them."""
    asked: list[tuple[str, ...]] = []

    def save_figures(projection: xr.Dataset, folder: Path, lang: str, *, names: list[str], **handed: Any) -> list[Path]:
        regions, font, ranges = handed["regions"], handed["font"], handed["ranges"]
        assert handed.keys() == {"made_from", "regions", "font", "ranges", "anchors"} and len(ranges)
        chosen = (*(regions or ()), *((font,) if font else ()))
        asked.append((*names, *chosen, lang, *(str(name) for name in projection.scenario.values)))
        return [folder / f"{name}.png" for name in names]

    monkeypatch.setattr(figures, "save_figures", save_figures)
    return asked


def test_plot__draws_what_was_run(here: Path, ran: Ran, plot: list[tuple[str, ...]]) -> None:
    ran.copy(here)
    assert cli.execute(["plot", "out/option", "--figure", "dependency", "--lang", "zh"]) == cli.DONE
    assert cli.execute(["plot", "out/option/projection.nc"]) == cli.DONE
    assert plot == [("dependency", "zh", "option"), (*figures.FIGURES, "zh", "option")]
    assert cli.execute(["plot", "out/option", "--figure", "dependancy"]) == cli.INPUT


def test_plot_without_results__is_bad_input(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (here / "empty").mkdir()
    for name in ("nothing", "empty"):
        assert cli.execute(["plot", name, "--lang", "en"]) == cli.INPUT
        assert f"there are no results at {name}" in capsys.readouterr().err
        assert cli.execute(["plot", name, "--lang", "zh"]) == cli.INPUT
        assert f"{name}没有推演结果" in capsys.readouterr().err


def test_plot__of_a_folder_of_several_scenarios_asks_which(
    here: Path, ran: Ran, plot: list[tuple[str, ...]], capsys: pytest.CaptureFixture[str]
) -> None:
    from shutil import copytree

    copytree(ran.copy(here), here / "out" / "haiyan" / "other")
    assert cli.execute(["plot", "out/haiyan", "--figure", "dependency"]) == cli.DONE  # the only one below
    assert cli.execute(["plot", "out", "--figure", "dependency"]) == cli.INPUT
    said = capsys.readouterr()
    assert "haiyan/other, option" in said.err
    for folder, name in (("out", "option"), ("out/option", "option")):
        assert cli.execute(["plot", folder, "--figure", "dependency", "--scenario", name]) == cli.DONE
    assert f"{Path('out/option/figures/dependency.png')}\n" in capsys.readouterr().out
    for folder in ("out", "out/option"):
        assert cli.execute(["plot", folder, "--scenario", "optio"]) == cli.INPUT
        assert 'Did you mean "option"?' in capsys.readouterr().err


def test_plot__hands_on_region_and_font(
    here: Path, ran: Ran, plot: list[tuple[str, ...]], capsys: pytest.CaptureFixture[str]
) -> None:
    ran.copy(here)
    chosen = ["--figure", "dependency", "--region", "haiyan", "--font", "Some Font"]
    assert cli.execute(["plot", "out/option", *chosen]) == cli.DONE
    assert plot == [("dependency", "haiyan", "Some Font", "en", "option")]
    assert cli.execute(["plot", "out/option", "--region", "haian", "--lang", "zh"]) == cli.INPUT
    said = capsys.readouterr().err
    assert "推演结果中没有地区“haian”" in said and "haiyan" in said
    assert len(plot) == 1


def test_changed_results__are_found_before_they_are_read(here: Path, ran: Ran, plot: list[tuple[str, ...]]) -> None:
    path = ran.copy(here) / "projection.nc"
    raw = path.read_bytes()
    rng = np.random.default_rng(5)
    for position in rng.integers(0, len(raw), 40):
        changed = bytearray(raw)
        changed[position] ^= 1 << int(rng.integers(8))
        path.write_bytes(bytes(changed))
        assert cli.execute(["plot", "out/option"]) == cli.INTEGRITY
    path.write_bytes(raw[: len(raw) // 2])
    assert cli.execute(["plot", "out/option"]) == cli.INTEGRITY
    path.write_bytes(raw)
    manifest = path.with_name("manifest.json")
    good = manifest.read_text(encoding="utf-8")
    for bad in ("{}", "[]", "{", '{"files": {}}'):
        manifest.write_text(bad, encoding="utf-8")
        assert cli.execute(["plot", "out/option"]) == cli.INTEGRITY
    manifest.unlink()
    assert cli.execute(["plot", "out/option"]) == cli.INTEGRITY
    manifest.write_text(good, encoding="utf-8")
    assert cli.execute(["plot", "out/option"]) == cli.DONE


def test_plot__refuses_ranges_that_were_changed_and_does_without_where_none_were_written(
    here: Path, ran: Ran, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Ranges are checked like the projection; results of a run that wrote none are drawn without years of funds."""
    handed: list[Any] = []
    monkeypatch.setattr(figures, "save_figures", lambda *given, **more: handed.append(more["ranges"]) or [])
    ranges = ran.copy(here) / "ranges.csv"
    good = ranges.read_bytes()
    ranges.write_bytes(good.replace(b"2022", b"2023"))
    assert cli.execute(["plot", "out/option"]) == cli.INTEGRITY and "ranges.csv" in capsys.readouterr().err
    ranges.write_bytes(good)
    assert cli.execute(["plot", "out/option"]) == cli.DONE
    manifest = ranges.with_name("manifest.json")
    known = json.loads(manifest.read_text(encoding="utf-8"))
    del known["files"]["ranges.csv"]
    manifest.write_text(json.dumps(known), encoding="utf-8")
    assert cli.execute(["plot", "out/option"]) == cli.DONE
    assert [part is None for part in handed] == [False, True]


# --- show, validate, list, template -----------------------------------------------------------------------------------


def test_show__names_file_and_line_of_every_value(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.execute(["show", "option.yaml"]) == cli.DONE
    said = capsys.readouterr().out
    assert re.search(r"^years +\[2021, 2026\] +option\.yaml, line 2$", said, re.MULTILINE)
    assert re.search(r"^basis +haiyan-2020 +.*baseline\.yaml, line \d+$", said, re.MULTILINE)
    assert re.search(r"^seed +7 +default$", said, re.MULTILINE)
    assert cli.execute(["show", "option.yaml", "--diff", "--json"]) == cli.DONE
    rows = {row["key"]: row for row in json.loads(capsys.readouterr().out)}
    assert set(rows) == {"years", "targets"}
    assert rows["years"]["was"] == "[2021, 2095]"


def test_show__a_lever_with_its_own_lines(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (here / "x.yaml").write_text("extends: jiangxi/baseline\nlevers: [employer_rate_20]\n")
    assert cli.execute(["show", "x.yaml", "--json"]) == cli.DONE
    rows = {row["key"]: row for row in json.loads(capsys.readouterr().out)}
    row = rows["levers.employer_rate_20.changes.pension/rate_employer.2028-01-01"]
    assert row["value"] == "0.2"
    line = int(row["from"].rsplit(" ", 1)[1])
    text = (resources.scenarios_root() / "levers" / "employer_rate_20.yaml").read_text(encoding="utf-8")
    assert "2028-01-01: 0.20" in text.splitlines()[line - 1]


def test_show_diff__of_a_twin_says_so(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (here / "twin.yaml").write_text("extends: jiangxi/baseline\n")
    assert cli.execute(["show", "twin.yaml", "--diff"]) == cli.DONE
    assert "Nothing differs from" in capsys.readouterr().out


@pytest.mark.parametrize("kind", ["scenario", "lever", "targets"])
def test_template__is_valid_as_it_stands(here: Path, kind: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.execute(["template", kind, "--out", f"{kind}.yaml"]) == cli.DONE
    assert cli.execute(["validate", f"{kind}.yaml"]) == cli.DONE, capsys.readouterr().err
    assert cli.execute(["template", kind, "--out", f"{kind}.yaml"]) == cli.INPUT
    capsys.readouterr()
    assert cli.execute(["template", kind]) == cli.DONE
    assert capsys.readouterr().out == Path(f"{kind}.yaml").read_text(encoding="utf-8")


def test_schema__names_every_key(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.execute(["template", "schema"]) == cli.DONE
    schema = json.loads(capsys.readouterr().out)
    assert "information" in schema["scenario"]["properties"]
    assert "campaigns" in schema["lever"]["properties"]
    assert cli.execute(["template", "poem"]) == cli.INPUT


def test_validate__tells_files_apart_and_finds_all(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (here / "odd.yaml").write_text("hello: 1\n")
    (here / "torn.yaml").write_text("hello: [1\n")
    (here / "empty").mkdir()
    names = ["option.yaml", "rows.yaml", "odd.yaml", "torn.yaml", "absent.yaml", "levers/indexation_2pct", "empty"]
    assert cli.execute(["validate", *names, "--lang", "zh"]) == cli.INPUT
    said = capsys.readouterr().err
    assert "odd.yaml第1行：这既不是情景、杠杆，也不是目标文件" in said
    assert "torn.yaml" in said
    assert "没有文件absent.yaml" in said
    assert "“empty”是目录" in said
    assert "共4处错误" in said
    assert (
        cli.execute(["validate", "option.yaml", "rows.yaml", "levers/indexation_2pct", "jiangxi/baseline"]) == cli.DONE
    )


@pytest.mark.parametrize("name", ["empty", "folder.yaml"])
def test_validate__of_a_folder_without_tables_says_what_may_be_named(
    here: Path, capsys: pytest.CaptureFixture[str], name: str
) -> None:
    (here / name).mkdir()
    assert cli.execute(["validate", name]) == cli.INPUT
    assert f'"{name}" is a folder and holds no tables of a bureau' in capsys.readouterr().err


def test_list__shows_what_can_be_named(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.execute(["list", "--json"]) == cli.DONE
    listed = json.loads(capsys.readouterr().out)
    assert tuple(listed) == SECTIONS
    assert "jiangxi/baseline" in listed["scenarios"]
    assert listed["levers"]["indexation_2pct"].startswith("Pensions in payment")
    assert "average_wage" in listed["series"]
    assert "ui_participants" in listed["indicators"]
    assert cli.execute(["list", "--lang", "zh"]) == cli.DONE
    assert re.search(r"^  indexation_2pct +养老金每年调整2%$", capsys.readouterr().out, re.MULTILINE)


@pytest.mark.parametrize("section", SECTIONS)
def test_list__of_one_section_is_that_part_of_the_whole(
    here: Path, capsys: pytest.CaptureFixture[str], section: str
) -> None:
    assert cli.execute(["list", "--json"]) == cli.DONE
    whole = json.loads(capsys.readouterr().out)
    assert cli.execute(["list", section, "--json"]) == cli.DONE
    assert json.loads(capsys.readouterr().out) == {section: whole[section]}


def test_list_indicators__as_the_template_of_targets_says(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    template = resources.scenarios_root() / "targets" / "template_2026_2030.yaml"
    (command,) = set(re.findall(r"simengine (list \w+)", template.read_text(encoding="utf-8")))
    assert cli.execute(command.split()) == cli.DONE
    assert {line.split()[0] for line in capsys.readouterr().out.splitlines() if line.startswith("  ")} >= set(
        registry()
    )
    assert cli.execute(["list", "indicator"]) == cli.INPUT
    assert 'Did you mean "indicators"?' in capsys.readouterr().err


# --- commands of other packages ---------------------------------------------------------------------------------------


def test_commands_of_other_packages__are_listed_and_called(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    app = typer.Typer()

    @app.command()
    def fit(level: int = 1, fail: bool = False) -> None:
        print(f"fitted at level {level}")
        if fail:
            raise typer.Exit(4)

    module = ModuleType("other_package")
    module.app, module.plain = app, fit  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "other_package", module)
    entries = [
        metadata.EntryPoint("fit", "other_package:app", cli.PLUGINS),
        metadata.EntryPoint("plain", "other_package:plain", cli.PLUGINS),
    ]
    monkeypatch.setattr(cli.metadata, "entry_points", lambda group: entries if group == cli.PLUGINS else [])
    assert cli.execute(["--help"]) == cli.DONE
    assert re.search(r"^  fit +From other_package", capsys.readouterr().out, re.MULTILINE)
    assert cli.execute(["fit", "--level", "3"]) == cli.DONE
    assert cli.execute(["plain"]) == cli.DONE
    assert capsys.readouterr().out == "fitted at level 3\nfitted at level 1\n"
    assert cli.execute(["fit", "--fail"]) == cli.INTEGRITY
    assert cli.execute(["fit", "--levle", "3"]) == cli.INPUT
    capsys.readouterr()
    assert cli.execute(["fit", "--help"]) == cli.DONE
    assert "--level" in capsys.readouterr().out


def test_help__says_what_each_command_of_another_package_does(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    text = '"""A module."""\nraise SystemExit\n\n\ndef dust():\n    """Dust the floor.\n\n    More.\n    """\n'
    (tmp_path / "broom_package.py").write_text(text, encoding="utf-8")
    monkeypatch.syspath_prepend(str(tmp_path))
    entries = [
        metadata.EntryPoint("dust", "broom_package:dust", cli.PLUGINS),
        metadata.EntryPoint("brush", "broom_package:app", cli.PLUGINS),
        metadata.EntryPoint("gone", "no_such_package:app", cli.PLUGINS),
    ]
    monkeypatch.setattr(cli.metadata, "entry_points", lambda group: entries if group == cli.PLUGINS else [])
    assert cli.execute(["--help"]) == cli.DONE
    said = capsys.readouterr().out
    for name, line in (("dust", "Dust the floor."), ("brush", "A module."), ("gone", "From no_such_package.")):
        assert re.search(rf"^  {name} +{line}$", said, re.MULTILINE)
