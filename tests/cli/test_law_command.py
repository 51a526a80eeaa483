"""`simengine law list`, `show` and `at`: what they print, where each number comes from, how wrong questions end."""

from __future__ import annotations

import json
import re
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import typer
from rich.cells import cell_len

from simengine.cli import main as cli
from simengine.cli import session
from simengine.cli.law_words import day_of, ditto, law, month_of
from simengine.common import resources
from simengine.common.errors import LawError
from simengine.common.messages import age_text, has, month_text, table
from simengine.law import LawTree
from simengine.law.holding import holding
from simengine.registry.units import EVIDENCE, UNITS
from simengine.report.tables.printer import TIE

ROOT = Path(__file__).parents[2]
NOTE = ROOT / "simengine" / "notes" / "law.md"


@pytest.fixture(autouse=True)
def _screen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "120")
    session.begin("en")


@pytest.fixture
def said(capsys: pytest.CaptureFixture[str]) -> Any:
    """Run a command of `simengine law` and give what it prints."""

    def run(*arguments: str, code: int = cli.DONE) -> str:
        assert cli.execute(["law", *arguments]) == code, capsys.readouterr().err
        printed = capsys.readouterr()
        return printed.out if code == cli.DONE else printed.err

    return run


@pytest.fixture
def asked(said: Any) -> Any:
    """The same as JSON."""
    return lambda *arguments: json.loads(said(*arguments, "--json"))


def text_at(where: str) -> str:
    """The line of the law folder that a "file, line n" names."""
    file, line = re.fullmatch(r"(law/\S+\.yaml), line (\d+)", where).groups()  # type: ignore[union-attr]
    return (resources.scenarios_root() / file).read_text(encoding="utf-8").splitlines()[int(line) - 1]


# --- real value -------------------------------------------------------------------------------------------------------


def test_show__an_amount_held_flat_says_what_it_is_still_worth(said: Any, asked: Any) -> None:
    """150 yuan of 2011 at the prices of Haiyan: 2.370368 / (2.975485 x 1.02) = .781 in 2026, .70 is passed in 2032."""
    words = " ".join(said("show", "pension/addon_fixed", "--region", "haiyan").split())
    assert "78 % of that of 2011-01-01 is left in 2026; 30 % are lost in 2032 (prices of haiyan/baseline)" in words
    chinese = said("show", "pension/addon_fixed", "--region", "haiyan", "--lang", "zh")
    assert "2026年为2011-01-01的78%；2032年降低三成（价格：haiyan/baseline）" in re.sub(r"\s", "", chinese)
    found = asked("show", "pension/addon_fixed", "--region", "haiyan")["real_value"]
    assert found["worth"] == pytest.approx(2.370368 / (2.975485 * 1.02), rel=1e-6)
    assert (found["date"], found["year"], found["eroded_year"]) == ("2011-01-01", 2026, 2032)


@pytest.mark.parametrize(
    ("key", "region", "prices"),
    [
        ("resident/tier_lowest", None, "china/baseline"),
        ("resident/tier_lowest", "zhejiang", "china/baseline"),  # the province has no baseline of its own
        ("resident/tier_lowest", "jiangxi", "jiangxi/baseline"),
        ("pension/addon_fixed", None, None),  # the nation pays none: nothing is lost of nothing
        ("pension/benefit_base", "jiangxi", None),  # carried on by an index
        ("pension/rate_employer", "jiangxi", None),  # no money
        ("injury/medical_subsidy_amount", "jiangsu", "china/baseline"),
    ],
)
def test_show__takes_the_prices_of_the_region_or_the_nearest_above(
    asked: Any, key: str, region: str | None, prices: str | None
) -> None:
    found = asked("show", key, *(["--region", region] if region else []))["real_value"]
    assert (found and found["prices"]) == prices


# --- starting ---------------------------------------------------------------------------------------------------------


def test_help__of_every_law_command_imports_no_law() -> None:
    code = (
        "import sys, simengine.cli.main\n"
        "for words in (['--help'], ['law', '--help'], ['law', 'table', 'retirement', '--help']):\n"
        "    simengine.cli.main.execute(words)\n"
        "heavy = {'numpy', 'pandas', 'rich', 'ruamel', 'simengine.law', 'simengine.engine.compile'}\n"
        "sys.exit(len(heavy & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, check=False)
    assert done.returncode == 0, done.stderr
    assert re.search(r"^  law +\S", done.stdout, re.MULTILINE)


def every_command() -> dict[str, Any]:
    """Every command below `simengine law`, by its words."""
    group: Any = typer.main.get_command(cli.app).commands["law"]  # type: ignore[attr-defined]
    found = {f"law {name}": command for name, command in group.commands.items() if not hasattr(command, "commands")}
    tables = {f"law table {name}": command for name, command in group.commands["table"].commands.items()}
    return found | tables


def test_every_command__teaches_with_an_example_that_runs(capsys: pytest.CaptureFixture[str]) -> None:
    commands = every_command()
    assert len(commands) == 7
    for words, command in commands.items():
        example = re.fullmatch(r"Example: simengine (.+)", command.epilog).group(1)  # type: ignore[union-attr]
        assert example.startswith(words), words
        assert cli.execute(shlex.split(example)) == cli.DONE, (example, capsys.readouterr().err)
        assert capsys.readouterr().out
        assert {"--json", "--lang"} <= {option for each in command.params for option in each.opts}


def test_note__names_only_commands_that_run(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    section = NOTE.read_text(encoding="utf-8").split("## 11.")[1]
    lines = re.findall(r"^simengine (law [^#\n]+)", section, re.MULTILINE)
    assert len(lines) >= 8
    for line in lines:
        assert cli.execute(shlex.split(line)) == cli.DONE, (line, capsys.readouterr().err)
    for output in re.findall(r"```text\n(.*?)```", section, re.DOTALL):
        command, _, expected = output.partition("\n")
        capsys.readouterr()
        assert cli.execute(shlex.split(command.removeprefix("$ simengine "))) == cli.DONE
        assert capsys.readouterr().out == expected


@pytest.mark.parametrize("lang", ["en", "zh"])
@pytest.mark.parametrize(
    "words",
    [
        "list",
        "at 2026-07-01",
        "at 2030 --region xuzhou_pizhou",
        "at 1993-01-01 --region haiyan",
        "show pension/benefit_base --region haiyan",
        "show pension/benefit_base_cities",
        "show pension/account_divisor",
        "at pension/account_divisor 2026",
        "table retirement",
        "table shares",
        "table divisor",
        "table minimum",
        "table retirement --scenario jiangxi/as_planned",
    ],
)
def test_output__fits_120_columns(said: Any, lang: str, words: str) -> None:
    lines = said(*words.split(), "--lang", lang).splitlines()
    assert len(lines) > 5
    assert [line for line in lines if cell_len(line) > 120] == []
    assert TIE not in "".join(lines)


def test_every_parameter_can_be_shown_in_both_languages(said: Any) -> None:
    for key in law():
        for lang in ("en", "zh"):
            lines = said("show", key, "--lang", lang).splitlines()
            assert lines[0] == key
            assert max(map(cell_len, lines)) <= 120, key


def test_words__cover_every_tag_unit_rule_and_status() -> None:
    for tag in EVIDENCE:
        assert has(f"law.evidence.{tag}")
        assert has(f"law.evidence_means.{tag}")
    for symbol, unit in UNITS.items():
        assert has(f"law.unit.{symbol}")
        assert table()[f"law.unit_name.{symbol}"]["en"] == symbol
        if symbol != "calendar month" and not symbol.startswith(("10", "100")):
            assert table()[f"law.unit.{symbol}"]["en"] == unit.meaning
    for rule in ("standing", "held", "indexed", "ended", "undriven"):
        assert has(f"law.rule.{rule}")
        assert has(f"law.extension.{rule}")
    for status in ("in_force", "standing", "held", "indexed", "expired", "undriven", "ended"):
        assert has(f"law.status.{status}")


# --- list -------------------------------------------------------------------------------------------------------------


def test_list__names_every_key_with_its_last_date(said: Any, asked: Any) -> None:
    rows = {row["key"]: row for row in asked("list")}
    files = (resources.scenarios_root() / "law").glob("*/*.yaml")
    assert set(rows) == {f"{path.parent.name}/{path.stem}" for path in files}
    row = rows["pension/benefit_base"]
    assert set(row["own_regions"]) == {"jiangxi", "hubei", "jiangsu", "zhejiang"}
    assert (row["last"], row["extension"]["rule"], row["extension"]["index"]) == (
        "2025-01-01",
        "indexed",
        "benefit_base",
    )
    assert rows["pension/base_floor"]["national"] is False
    printed = said("list", "--lang", "zh")
    assert re.search(r"^  minimum_months +最低缴费年限 +月 +2039-01-01 +持续有效$", printed, re.MULTILINE)
    assert f"共{len(rows)}个参数" in printed


def test_list__takes_a_branch_or_the_beginning_of_a_key(asked: Any) -> None:
    assert [row["key"] for row in asked("list", "pension/rate_")] == [
        "pension/rate_employee",
        "pension/rate_employer",
        "pension/rate_flexible",
    ]
    assert {row["key"].partition("/")[0] for row in asked("list", "injury")} == {"injury"}


# --- show -------------------------------------------------------------------------------------------------------------


def test_show__gives_every_value_with_its_line(asked: Any) -> None:
    found = asked("show", "pension/rate_employer")
    national = {row["date"]: row for row in found["values"]}
    assert national["2019-05-01"]["value"] == 0.16
    assert national["2019-05-01"]["evidence"] == "secondary"
    assert found["unit"] == "1"
    assert set(found["regions"]) == {"jiangxi", "hubei", "jiangsu", "zhejiang"}
    every = [*found["values"], *(row for rows in found["regions"].values() for row in rows)]
    for row in every:
        line = text_at(row["where"])
        assert line.strip().startswith(f"{row['date']}:")
        assert row["reference"] in line or "reference" not in line
    assert found["extension"]["standing"] is True


def test_show__in_a_county_names_province_and_nation(said: Any, asked: Any) -> None:
    found = asked("show", "pension/benefit_base", "--region", "haiyan")
    assert [step["region"] for step in found["chain"]] == ["haiyan", "zhejiang", "china"]
    assert (found["chain"][0]["own_values"], found["source"]) == (0, "zhejiang")
    timeline = {row["date"]: row for row in found["timeline"]}
    assert [timeline[f"{year}-01-01"]["value"] for year in (2021, 2025)] == [6594, 8433]
    assert (timeline["2025-01-01"]["region"], timeline["2025-01-01"]["scaled"]) == ("zhejiang", False)
    earlier = timeline["2019-01-01"]
    assert (earlier["region"], earlier["scaled"], earlier["evidence"]) == ("china", True, "derived")
    printed = said("show", "pension/benefit_base", "--region", "海盐县")
    assert "haiyan (Haiyan): no values of its own\n" in printed
    assert "zhejiang (Zhejiang): 6 values, taken\n" in printed
    assert re.search(r"^  china \(China\): \d+ values, taken before the first one", printed, re.MULTILINE)
    assert "×: the value of the region above" in printed
    assert "secondary: found in an unofficial source" in printed


def test_show__of_an_area_stops_at_the_nearest_values(asked: Any, said: Any) -> None:
    found = asked("show", "economy/minimum_wage_class", "--region", "xuzhou_pizhou")
    assert found["source"] in ("xuzhou_pizhou", "xuzhou", "jiangsu")
    steps = {step["region"]: step["own_values"] for step in found["chain"]}
    assert list(steps) == ["xuzhou_pizhou", "xuzhou", "jiangsu", "china"]
    nearest = next(region for region, count in steps.items() if count)
    assert found["source"] == nearest
    assert ", not needed" in said("show", "economy/minimum_wage_class", "--region", "xuzhou_pizhou")


@pytest.mark.parametrize("text", ["330424", "haiyan", "HAIYAN", "Haiyan", "海盐县"])
def test_region__may_be_key_code_or_name(asked: Any, text: str) -> None:
    assert asked("at", "pension/benefit_base", "2025", "--region", text)["region"] == "haiyan"


def test_show__says_when_a_value_was_known(said: Any) -> None:
    printed = said("show", "retirement/minimum_months")
    assert re.search(
        r"^  2030-01-01 +186 +verified +2024-09-13 +\d+ +Standing Committee decision", printed, re.MULTILINE
    )
    assert re.search(r"^  2031-01-01 +192 +verified +2024-09-13 +\d+ +as above$", printed, re.MULTILINE)
    assert "verified: read in the text of the statute or notice" in printed
    assert re.search(r"^  2031-01-01 .* 同上$", said("show", "retirement/minimum_months", "--lang", "zh"), re.MULTILINE)


# --- at ---------------------------------------------------------------------------------------------------------------


HELD = [
    # key, day, region, value, status, date of the entry, evidence, source; numbers from the scheme rules
    ("pension/rate_employer", "2019-04-30", "jiangxi", 0.19, "in_force", "2016-05-01", "memory", "jiangxi"),
    ("pension/rate_employer", "2019-05-01", None, 0.16, "in_force", "2019-05-01", "secondary", "china"),
    ("pension/rate_employer", "2025-07-01", "jingdezhen", 0.16, "standing", "2019-05-01", "secondary", "jiangxi"),
    ("pension/rate_employer", "2060", None, 0.16, "held", "2019-05-01", "secondary", "china"),
    ("pension/adjustment_ratio", "2023-06-30", None, 0.038, "in_force", "2023-01-01", "verified", "china"),
    ("pension/adjustment_ratio", "2026", None, 0.02, "held", "2025-01-01", "verified", "china"),
    ("pension/account_interest_rate", "2016", None, 0.0831, "in_force", "2016-01-01", "secondary", "china"),
    ("pension/account_interest_rate", "2024-12-31", "xuzhou", 0.0262, "in_force", "2024-01-01", "secondary", "china"),
    ("pension/benefit_base", "2023-01-01", "haiyan", 8020, "in_force", "2023-01-01", "secondary", "zhejiang"),
    ("pension/benefit_base", "2027", "jingdezhen", None, "indexed", "2025-01-01", "secondary", "jiangxi"),
    ("resident/basic_pension_minimum", "2014-12-31", "zhejiang", 70, "in_force", "2014-07-01", "verified", "china"),
    ("resident/basic_pension_minimum", "2024-01-01", None, 123, "in_force", "2024-01-01", "verified", "china"),
    ("retirement/minimum_months", "2034-12-31", None, 210, "in_force", "2034-01-01", "verified", "china"),
    ("pension/divisor_method", "2025", None, "interpolate", "standing", "1992-12-31", "secondary", "china"),
    ("pension/entrusted_return", "2030", None, None, "undriven", "2024-01-01", "memory", "china"),
    ("pension/central_adjustment_rate", "2021-12-31", None, 0.045, "in_force", "2021-01-01", "memory", "china"),
    ("pension/central_adjustment_rate", "2024", None, 0, "ended", "2022-01-01", "memory", "china"),
]


@pytest.mark.parametrize(("key", "day", "region", "value", "status", "since", "evidence", "source"), HELD)
def test_at(
    asked: Any, key: str, day: str, region: str | None, value: Any, status: str, since: str, evidence: str, source: str
) -> None:
    found = asked("at", key, day, *(["--region", region] if region else []))
    assert (found["value"], found["status"], found["source"]) == (value, status, source)
    assert (found["entry"]["date"], found["entry"]["evidence"]) == (since, evidence)
    assert text_at(found["entry"]["where"]).strip().startswith(f"{since}:")
    assert (found["extension"] is not None) == (status in ("held", "indexed", "expired", "undriven"))


def test_at__says_entry_tag_and_what_comes_next(said: Any) -> None:
    printed = said("at", "retirement/minimum_months", "2031-05")
    for words in (
        "  Day         2031-05-01\n",
        "  Value       192 [month]\n",
        "  Evidence    verified: read in the text of the statute or notice\n",
        "  Enacted     2024-09-13\n",
        "  Next        198 from 2032-01-01\n",
    ):
        assert words in printed
    assert re.search(r"^  Entry +law/retirement/minimum_months\.yaml, line \d+$", printed, re.MULTILINE)
    carried = said("at", "pension/benefit_base", "2027", "--region", "haiyan", "--lang", "zh")
    assert "随推演变动" in carried
    assert "haiyan -> zhejiang -> china；本值：zhejiang" in carried
    assert "2025年后按指数benefit_base" in carried


def test_at__without_a_key_tells_every_parameter(said: Any, asked: Any) -> None:
    every = asked("at", "2025-07-01")
    assert [row["key"] for row in every] == list(law())
    absent = {row["key"] for row in every if row["status"] == "absent"}
    assert absent == {key for key, parameter in law().items() if not parameter.national}
    assert {row["key"] for row in asked("at", "retirement", "2025-07-01")} == {
        key for key in law() if key.startswith("retirement/")
    }
    printed = said("at", "2025-07-01")
    assert "no values here; regions with values: jiangxi" in printed
    early = said("at", "pension", "1990")
    assert "no value yet; the first is dated 1992-12-31" in early


def test_at__agrees_with_the_yearly_paths() -> None:
    tree = law()
    index = {name: np.full(60, 1.0) for name in ("wage", "benefit_base", "price", "minimum_wage", "urban_income")}
    years = range(1994, 2054)
    compared = 0
    for key, parameter in tree.items():
        if not parameter.unit.numeric or parameter.table is not None or parameter.within_year == "weighted":
            continue
        for region in (None, "haiyan", "xuzhou_pizhou"):
            try:
                path = tree.annual(key, years, region, index)
            except LawError:
                continue
            for year, expected in zip(years, path, strict=True):
                found = holding(tree, key, f"{year}-01-01", region)
                value = found.entry.value if found.status == "indexed" and found.entry else found.value
                assert value == pytest.approx(expected, rel=1e-12), (key, region, year)
                compared += 1
    assert compared > 10_000


def test_standing__ends_with_the_year_of_the_review() -> None:
    tree = law()
    assert tree.information_date is not None
    year = tree.information_date.year
    assert holding(tree, "pension/rate_employee", f"{year}-12-31").status == "standing"
    assert holding(tree, "pension/rate_employee", f"{year + 1}-01-01").status == "held"
    unreviewed = LawTree(dict(tree), tree.regions)
    assert holding(unreviewed, "pension/rate_employee", f"{year}-12-31").status == "held"


# --- wrong questions --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "english", "chinese"),
    [
        (
            "show pension/rate_employr",
            'Did you mean "pension/rate_employer"?',
            "没有名为“pension/rate_employr”的法规参数",
        ),
        ("show rate_employer", 'Did you mean "pension/rate_employer"?', "是否想写“pension/rate_employer”？"),
        ("list pensoin", 'Did you mean "pension"?', "simengine law list列出全部键"),
        ("at pension/rte 2025", "simengine law list shows every key", "没有名为“pension/rte”的法规参数"),
        ("at pension/rate_employer 2025-13", '"2025-13" is not a day', "“2025-13”不是公历日期"),
        ("at 2025-02-29", '"2025-02-29" is not a day', "允许：2025-07-01"),
        ("at 20250701", '"20250701" is not a day', "“20250701”不是公历日期"),
        ("at pension/rate_employer", "is not a key and a day", "例如：simengine law at"),
        ("at pension rate_employer 2025", "is not a key and a day", "不是“键 日期”"),
        (
            "at pension/rate_employer 1990",
            "has no value on 1990-01-01 in china; the first is dated 1992-12-31",
            "首个取值始于1992-12-31",
        ),
        (
            "at pension/base_floor 2025",
            "one of jiangxi, hubei, jiangsu, zhejiang",
            "jiangxi, hubei, jiangsu, zhejiang之一",
        ),
        ("show pension/base_floor --region china", "has no values for china", "对china及其上级均没有取值"),
        ("show pension/base_floor --region xuzhuo", 'Did you mean "xuzhou"?', "没有名为“xuzhuo”的地区"),
        ("at 2025 --region 江西", 'Did you mean "jiangxi"?', "是否想写“jiangxi”？"),
    ],
)
@pytest.mark.parametrize("form", [[], ["--json"]])
def test_wrong_question__ends_with_two_in_both_languages(
    said: Any, form: list[str], arguments: str, english: str, chinese: str
) -> None:
    assert english in said(*arguments.split(), *form, code=cli.INPUT)
    assert chinese in said(*arguments.split(), *form, "--lang", "zh", code=cli.INPUT)


def test_too_early__names_file_and_line(said: Any) -> None:
    told = said("at", "pension/rate_employer", "1990", code=cli.INPUT)
    where = re.match(r"(law/\S+, line \d+):", told)
    assert where is not None
    assert "1992-12-31" in text_at(where.group(1))


def test_quiet__says_nothing(said: Any) -> None:
    for words in ("list", "show pension/rate_employer", "at 2025", "at pension/rate_employer 2025"):
        assert said(*words.split(), "--quiet") == ""
    for words in ("retirement", "shares", "divisor", "minimum"):
        assert said("table", words, "--quiet") == ""


# --- words and columns ------------------------------------------------------------------------------------------------


def test_days_and_months__are_read_strictly() -> None:
    assert [str(day_of(text)) for text in ("2025-07-31", "2025-07", "2025")] == [
        "2025-07-31",
        "2025-07-01",
        "2025-01-01",
    ]
    assert [month_text(month_of(text)) for text in ("1965-02", "1965")] == ["1965-02", "1965-01"]
    assert month_text(month_of("1965", last=True)) == "1965-12"
    assert (age_text(660), age_text(731, "zh")) == ("55y0m", "60岁11个月")


def test_ditto__says_what_repeats_the_row_above() -> None:
    assert ditto(["a", "a", "b", "a"], "en") == ["a", "as above", "b", "a"]
