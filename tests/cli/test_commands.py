"""Every command on a real region in both languages: how it ends, and that all of it can be read on a narrow screen.

A command without an entry in the tables of examples below fails.
"""

from __future__ import annotations

import contextlib
import io
import json
import re
import shlex
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import typer
from rich.cells import cell_len

from simengine.cli import main as cli
from simengine.cli import session
from simengine.common.messages import LANGUAGES, table
from simengine.scenario.scenario import packaged

REGIONS = ("china", "jiangxi", "hubei", "xuzhou", "haiyan", "jingdezhen")
BASELINES = " ".join(f"{region}/baseline" for region in REGIONS)
WIDTH = 80

EXAMPLES = {
    "run": f"run {BASELINES} --out {{folder}}/all",
    "check": f"check {BASELINES}",
    "targets": f"targets {BASELINES}",
    "table": f"table {BASELINES} --indicator ui_participants,budget,unaided_exhaustion_year --years 2025,2030",
    "compare": "compare jiangxi/baseline jiangxi/as_planned --years 2025,2050",
    "sweep": "sweep xuzhou/baseline haiyan/baseline --growth average_wage=2%/3% --lever none,layoff_wave --years 2025",
    "monitor": "monitor jiangxi --as-of 2022-09",
    "solve": "solve china/baseline --lever pension/rate_employer=16%..30% --from 2028,2033 --goal lasts=2055",
    "fund": "fund {folder}/flows.csv",
    "stress": "stress haiyan/baseline --stress layoff_wave --stress low_fertility",
    "sensitivity": "sensitivity haiyan/baseline -o ui_participants --years 2030 --driver wages,enterprise_payers",
    "validate": f"validate {BASELINES} levers/indexation_2pct targets/haiyan {{folder}}/cases.yaml",
    "show": "show xuzhou/as_planned",
    "list": "list",
    "replay": "replay {folder}/out/short",
    "plot": "plot {folder}/out --figure dependency --out {folder}/figures",
    "template": "template scenario",
    "case": "case {folder}/cases.yaml",
    "law list": "law list",
    "law show": "law show pension/benefit_base --region haiyan",
    "law at": "law at 2026-07-01 --region xuzhou_pizhou",
    "law table retirement": "law table retirement",
    "law table shares": "law table shares --scenario haiyan/as_planned",
    "law table divisor": "law table divisor --region hubei",
    "law table minimum": "law table minimum",
    "history": "history",
}
"""Command -> the words to call it with, on real regions."""

LONG = {
    "calibrate": "calibrate {root}/calibration/haiyan.yaml --starts 1 --draws 0 --out {folder}/fit",
    "backtest": "backtest --cutoffs 2018 --no-plans --draws 0",
    "assumptions": "assumptions haiyan/baseline --only layoff_share",
    "bench": "bench --lanes 4 --scenarios 1 --rounds 1",
}
"""The same for commands that take minutes."""

ONE_LANGUAGE = ("bench",)
"""Commands for developers, which speak English alone."""

MORE = (
    "targets xuzhou/baseline xuzhou/as_planned",
    "targets jiangxi/as_planned jiangxi/baseline",
    "targets jiangxi/baseline --markdown",
    "table {folder}/out --indicator exhaustion_year,payable_months,members_by_age --sex all --age 16-59,60-79",
    "table xuzhou/baseline --indicator 失业保险参保人数 --region all --base-units",
    "compare haiyan/baseline --lever layoff_wave --indicator ui_participants,budget --scheme unemployment",
    "compare {folder}/out/short {folder}/out/short haiyan/as_planned --years 2025-2027",
    "sweep xuzhou/baseline --set unemployment_insured=2025:98万..102万 --points 3 -i ui_participants --years 2025-2027",
    "monitor xuzhou --as-of 2024-06 --full",
    "monitor targets/haiyan --as-of 2024",
    "solve xuzhou/baseline --lever campaign_unemployment=2025:0..2万 --goal row=XZ-14-04 --no-closures",
    "stress --list",
    "stress jiangxi/baseline --stress deflation --stress layoff_wave",
    "stress jiangxi/baseline --break JX-22-03 --stress layoff_wave --stress campaign_half",
    "sensitivity china/baseline -o actuarial_balance_75 --scheme public_pension --driver indexation,injuries",
    "sensitivity haiyan/baseline -o ui_participants --driver wages --map wages,enterprise_payers --points 2 --goal 20",
    "list indicators",
    "case {folder}/persons.csv",
    "law show pension/account_divisor",
    "show jingdezhen/baseline --diff",
    "show haiyan/baseline --growth average_wage=3% --set pension/rate_employer=2028-01-01:20% --lever layoff_wave",
    "targets haiyan/baseline --growth average_wage=3% --set pension/rate_employer=2028-01-01:20% --lever layoff_wave",
)
"""Other ways of calling commands whose output is laid out as a table."""


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Cases, a table of persons, and results of a short run of Haiyan."""
    made = tmp_path_factory.mktemp("commands")
    templates = {"cases.yaml": "template case", "persons.csv": "case --template award"}
    templates |= {"flows.csv": "template fund_example"}
    for name, words in templates.items():
        code, said, _ = call(words)
        assert code == cli.DONE
        (made / name).write_text(said, encoding="utf-8")
    (made / "short.yaml").write_text("extends: haiyan/baseline\nyears: [2021, 2030]\n", encoding="utf-8")
    assert call(f"run {made}/short.yaml --out {made}/out")[0] == cli.DONE
    return made


def call(words: str) -> tuple[int, str, str]:
    """Exit code, standard output and standard error of a command on a screen of eighty columns."""
    out, err = io.StringIO(), io.StringIO()
    with pytest.MonkeyPatch.context() as patch, contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        patch.setenv("COLUMNS", str(WIDTH))
        session.begin("en")
        code = cli.execute(shlex.split(words))
        session.begin("en")
    return code, out.getvalue(), err.getvalue()


@pytest.fixture(scope="session")
def said(folder: Path) -> Callable[[str, str], str]:
    """What a command prints in a language; it is called once, and must end well."""

    @cache
    def told(words: str, lang: str) -> str:
        root = Path(__file__).parents[2]
        words = words.format(folder=folder, root=root) + ("" if words.split()[0] in ONE_LANGUAGE else f" --lang {lang}")
        code, out, err = call(words)
        assert code == cli.DONE, (words, err)
        assert "Traceback" not in out + err
        return out

    return told


def commands() -> Iterator[str]:
    """Every command of the application, those of other packages and of groups among them, by its words."""

    def below(group: Any, words: tuple[str, ...]) -> Iterator[str]:
        for name in group.list_commands(None):
            command = group.get_command(None, name)
            if hasattr(command, "list_commands"):
                yield from below(command, (*words, name))
            else:
                yield " ".join((*words, name))

    yield from below(typer.main.get_command(cli.app), ())


def test_every_command__has_an_example() -> None:
    assert sorted(commands()) == sorted([*EXAMPLES, *LONG])
    assert {name.partition("/")[0] for name in packaged()} == set(REGIONS)
    for name, words in (EXAMPLES | LONG).items():
        assert words.startswith(f"{name} ") or words == name


def english_sentences() -> set[str]:
    """Texts of the catalogue of four words or more that must not be printed where Chinese is asked for."""
    texts = [entry["en"] for entry in table().values() if entry["en"] != entry["zh"]]
    parts = (part.strip(" .,;:()[]") for text in texts for part in re.split(r"\{[^}]*\}|\n", text))
    return {part for part in parts if len(part.split()) >= 4}


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("words", [*EXAMPLES.values(), *MORE])
def test_command__ends_well_and_speaks_the_language(said: Any, words: str, lang: str) -> None:
    printed = said(words, lang)
    assert printed.strip()
    if lang == "zh" and not words.startswith("template"):
        plain = " ".join(printed.split())
        assert len(english_sentences()) > 50
        assert [text for text in english_sentences() if text in plain] == []


@pytest.mark.release
@pytest.mark.parametrize(
    ("name", "lang"), [(name, lang) for name in LONG for lang in LANGUAGES if lang == "en" or name not in ONE_LANGUAGE]
)
def test_long_command__ends_well(said: Any, name: str, lang: str) -> None:
    assert said(LONG[name], lang).strip()


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("words", [words for words in [*EXAMPLES.values(), *MORE] if "--markdown" not in words])
def test_output__fits_eighty_columns_and_is_not_cut(said: Any, words: str, lang: str) -> None:
    if words.startswith(("template", "plot")):
        pytest.skip("prints files or their names as they are")
    lines = said(words, lang).splitlines()
    assert [line for line in lines if cell_len(line) > WIDTH and " " in line.strip()] == []
    assert "…" not in "".join(lines)
    assert [line for line in lines if line != line.rstrip()] == []


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("words", [f"targets {BASELINES}", "targets xuzhou/baseline xuzhou/as_planned"])
def test_targets__print_every_figure_of_their_json(said: Any, words: str, lang: str) -> None:
    found = json.loads(call(f"{words} --json")[1])
    printed = said(words, lang)
    pair = len(set(map(region_of, found))) == 1
    for scenario, rows in found.items():
        blocks = blocks_by_row(printed if pair else part_of(printed, scenario, found), [row["id"] for row in rows])
        for row in rows:
            block, first = blocks[row["id"]], scenario == next(iter(found))
            wanted = [str(row["year"]), row["printed"], row["projected_text"], row["actual"]]
            wanted += [f"{row['margin']:.10g}"] if row["margin"] is not None and (first or not pair) else []
            wanted += [f"{row['first_year_met']:.0f}"] if row["first_year_met"] and not pair else []
            for text in filter(None, wanted):
                assert re.search(rf"(?<![0-9A-Za-z.]){re.escape(text)}(?![\d.]*\d)", block), (text, block)


def region_of(scenario: str) -> str:
    return scenario.partition("/")[0]


def part_of(printed: str, scenario: str, known: dict[str, Any]) -> str:
    """What was printed about one scenario."""
    start = printed.index(f"{scenario}")
    later = [printed.find(other, start + 1) for other in known if other != scenario]
    return printed[start : min([place for place in later if place > 0], default=len(printed))]


def blocks_by_row(printed: str, ids: list[str]) -> dict[str, str]:
    """Lines of each row: the first one that begins with its id, and those that carry it on."""
    blocks: dict[str, str] = {}
    current = ""
    for line in printed.splitlines():
        start = line.split(" ", 1)[0]
        if not line.startswith(" "):
            current = start if start in ids and start not in blocks else ""
        if current:
            blocks[current] = f"{blocks.get(current, '')}\n{line}"
    assert set(blocks) == set(ids)
    return blocks


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("region", REGIONS)
def test_check__prints_the_tables_behind_the_opening(said: Any, region: str, lang: str) -> None:
    (found,) = json.loads(call(f"check {region}/baseline --json")[1])["scenarios"].values()
    known = set(re.findall(r"[\w.+-]+", said(f"check {BASELINES}", lang)))
    for name, columns in (("opening", "item"), ("free_run", "check"), ("plausibility", "measure")):
        for row in found[name]:
            if "_" not in row["region"]:  # areas of a city are left to the files
                assert set(re.findall(r"[\w.+-]+", row[columns])) <= known
    for row in found["plausibility"]:
        if "_" not in row["region"]:
            assert str(row["lowest_year"]) in known
