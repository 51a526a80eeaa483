"""Tables of `simengine law table` against the annexes, counts and cases typed in from the scheme rules."""

from __future__ import annotations

import csv
import json
import re
from collections import Counter
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from simengine.cli import main as cli
from simengine.cli import session
from simengine.law.annexes import annex_span, months_of_year
from simengine.law.retirement import AgePath, month_index
from simengine.registry.axes import CAREER

HERE = Path(__file__).parent
CASES: dict[str, Any] = YAML(typ="safe").load((HERE / "retirement.yaml").read_text(encoding="utf-8"))
OWN: dict[str, Any] = YAML(typ="safe").load((HERE / "law_tables.yaml").read_text(encoding="utf-8"))

Rows = dict[str, list[dict[str, Any]]]


@pytest.fixture(autouse=True)
def _language() -> None:
    session.begin("en")


@pytest.fixture
def ask(capsys: pytest.CaptureFixture[str]) -> Any:
    """Ask for one table as JSON."""

    def asked(*arguments: str) -> dict[str, Any]:
        assert cli.execute(["law", "table", *arguments, "--json"]) == cli.DONE, capsys.readouterr().err
        found: dict[str, Any] = json.loads(capsys.readouterr().out)
        return found

    return asked


@pytest.fixture
def rows(ask: Any) -> Any:
    """Ask for the rows of one table by career."""

    def asked(*arguments: str) -> Rows:
        return {name: table["rows"] for name, table in ask(*arguments)["tables"].items()}

    return asked


@pytest.fixture(scope="module")
def wide() -> Rows:
    """The three annexes over all births that matter, in one go."""
    import contextlib
    import io

    out = io.StringIO()
    with contextlib.redirect_stdout(out):
        assert cli.execute(["law", "table", "retirement", "--from", "1955", "--to", "1995", "--json"]) == cli.DONE
    return {name: table["rows"] for name, table in json.loads(out.getvalue())["tables"].items()}


def scenario_with(folder: Path, lever: str) -> str:
    """A scenario file with one packaged lever, or with the lever of that name in the worked cases."""
    name = lever
    if lever in OWN:
        path = folder / f"{lever}.yaml"
        content = {"name": {"en": "L", "local": "杠杆"}, "reason": "worked case", "retirement": OWN[lever]}
        path.write_text(json.dumps(content, ensure_ascii=False), encoding="utf-8")
        name = f"./{lever}.yaml"
    file = folder / "with.yaml"
    file.write_text(f"extends: jiangxi/baseline\nlevers: [{name}]\n", encoding="utf-8")
    return str(file)


def age_of(row: dict[str, Any]) -> str:
    return f"{row['age_years']}y{row['age_months']}m"


# --- annexes ----------------------------------------------------------------------------------------------------------


ANNEX = [(career, *row) for career, found in CASES["annex_rows"].items() for row in found]


@pytest.mark.parametrize(("career", "birth", "delay", "age", "month", "minimum", "divisor"), ANNEX)
def test_annex_row_is_printed(
    wide: Rows, career: str, birth: str, delay: int, age: str, month: str, minimum: float, divisor: float
) -> None:
    (row,) = [row for row in wide[career] if row["birth"] == birth]
    found = (row["delay_months"], age_of(row), row["retirement"], row["minimum_years"], row["divisor_interpolate"])
    assert found == (delay, age, month, minimum, divisor)
    whole = int(age.partition("y")[0])
    assert row["divisor_floor"] == CASES["law"]["divisor_months"][whole - CASES["law"]["divisor_first_age"]]


def test_annexes__begin_with_the_first_delayed_birth_and_end_with_the_final_age(rows: Any) -> None:
    found = rows("retirement")
    assert tuple(found) == CAREER
    for career, (first, last, count) in {
        "men": ("1965-01", "1976-09", 141),
        "women_55": ("1970-01", "1981-09", 141),
        "women_50": ("1975-01", "1984-11", 119),
    }.items():
        births = [row["birth"] for row in found[career]]
        assert (births[0], births[-1], len(births)) == (first, last, count)
        assert found[career][0]["delay_months"] == 1
        assert found[career][-1]["delay_months"] == found[career][-2]["delay_months"] + 1
        assert age_of(found[career][-1]) == f"{CASES['final_age'][career]}y0m"


@pytest.mark.parametrize("person", CASES["persons"], ids=lambda person: person["case"])
def test_person_is_printed(rows: Any, person: dict[str, Any]) -> None:
    """R1 to R3 of the worked examples."""
    arguments = ("--career", person["career"], "--from", person["birth"], "--to", person["birth"])
    ((row,),) = rows("retirement", *arguments).values()
    found = {"delay": row["delay_months"], "age": age_of(row), "minimum": row["minimum_years"]}
    found |= {key: row[key] for key in ("retirement", "earliest", "latest")}
    assert {key: found[key] for key in person if key in found} == {
        key: value for key, value in person.items() if key in found
    }


@pytest.mark.parametrize(("career", "birth", "earliest", "month", "latest"), OWN["flexible"])
def test_flexible_months(rows: Any, career: str, birth: str, earliest: str, month: str, latest: str) -> None:
    ((row,),) = rows("retirement", "--career", career, "--from", birth, "--to", birth).values()
    assert (row["earliest"], row["retirement"], row["latest"]) == (earliest, month, latest)


# --- pitfalls of the months ------------------------------------------------------------------------------------------


def used_months(wide: Rows, career: str) -> set[int]:
    return {month_index(*map(int, row["retirement"].split("-"))) for row in wide[career]}


@pytest.mark.parametrize("career", CAREER)
def test_table_retirement__nobody_retires_in_january_2025(wide: Rows, career: str) -> None:
    used = used_months(wide, career)
    assert month_index(2025, 1) not in used
    assert {month_index(2024, 12), month_index(2025, 2)} <= used


@pytest.mark.parametrize(
    ("career", "births", "last"), [("men", 4, (2039, 8)), ("women_55", 4, (2039, 8)), ("women_50", 2, (2039, 10))]
)
def test_table_retirement__one_month_stays_empty_after_every_step_of_births(
    wide: Rows, career: str, births: int, last: tuple[int, int]
) -> None:
    used = used_months(wide, career)
    span = range(month_index(2024, 1), month_index(2042, 1))
    empty = [month for month in span if month not in used]
    assert empty[0] == month_index(2025, 1)
    assert empty[-1] == month_index(*last)
    assert {later - earlier for earlier, later in pairwise(empty)} == {births + 1}


def test_table_retirement__june_2025_is_empty_for_men(wide: Rows) -> None:
    assert month_index(2025, 6) not in used_months(wide, "men")
    assert month_index(2025, 6) in used_months(wide, "women_50")


def test_table_retirement__birth_months_never_share_a_retirement_month(wide: Rows) -> None:
    for career in CAREER:
        assert len(used_months(wide, career)) == len(wide[career])


def test_table_retirement__the_minimum_is_that_of_the_delayed_year(wide: Rows) -> None:
    by_birth = {row["birth"]: row["minimum_years"] for row in wide["men"]}
    assert (by_birth["1968-12"], by_birth["1969-01"]) == (15, 15.5)  # 60 in January 2029, retires in February 2030


# --- shares ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("career", CAREER)
def test_birth_months_by_year_are_printed_in_full(rows: Any, career: str) -> None:
    (found,) = rows("shares", "--career", career).values()
    counts: dict[int, dict[int, int]] = {}
    for row in found:
        counts.setdefault(row["cohort"], {})[row["year"]] = row["birth_months"]
        assert row["share"] == pytest.approx(row["birth_months"] / 12, abs=1e-15)
    assert counts == CASES["birth_months_by_year"][career]


@pytest.mark.parametrize("career", CAREER)
def test_mean_delays_are_printed_in_full(rows: Any, career: str) -> None:
    case = CASES["mean_delay"][career]
    last = case["first_cohort"] + len(case["months"]) - 1
    asked = ("--career", career, "--from", str(case["first_cohort"]), "--to", str(last))
    (found,) = rows("shares", *asked).values()
    means = {row["cohort"]: row["mean_delay_months"] for row in found}
    assert list(means.values()) == case["months"]
    assert list(means) == list(range(case["first_cohort"], last + 1))


@pytest.mark.parametrize("career", CAREER)
def test_table_shares__nine_or_ten_male_and_eight_women_50_months_a_year(ask: Any, career: str) -> None:
    table = ask("shares", "--career", career)["tables"][career]
    years = table["months_of_year"]
    assert [years[str(year)] for year in range(2025, 2040)] == CASES["birth_months_of_year"][career]
    assert years["2040"] == 12
    summed = Counter[str]()
    for row in table["rows"]:
        summed[str(row["year"])] += row["birth_months"]
    assert dict(summed) == years  # no birth year outside the table retires in its years


@pytest.mark.parametrize("career", OWN["pension_year_share"])
def test_part_of_the_year_after_the_statutory_month(rows: Any, wide: Rows, career: str) -> None:
    (found,) = rows("shares", "--career", career).values()
    for cohort, years in OWN["pension_year_share"][career].items():
        own = {row["year"]: row["pension_year_share"] for row in found if row["cohort"] == cohort}
        assert own == pytest.approx({year: mean for year, (_, mean) in years.items()}, abs=1e-9)
        for year, (months, mean) in years.items():
            printed = [row["retirement"] for row in wide[career] if row["birth"].startswith(str(cohort))]
            assert [int(text[5:]) for text in printed if text.startswith(str(year))] == months
            assert sum(12 - month for month in months) / 12 / len(months) == pytest.approx(mean, abs=1e-9)


def test_table_shares__a_mean_delay_is_no_retirement_date(rows: Any) -> None:
    (found,) = rows("shares", "--career", "men", "--from", "1965", "--to", "1965").values()
    assert {row["mean_delay_months"] for row in found} == {2.0}
    assert {row["year"]: row["birth_months"] for row in found} == {2025: 9, 2026: 3}  # not 12 in 2025


# --- divisors ---------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def divisors() -> dict[str, tuple[float, float]]:
    import contextlib
    import io

    out = io.StringIO()
    with contextlib.redirect_stdout(out):
        assert cli.execute(["law", "table", "divisor", "--json"]) == cli.DONE
    table = json.loads(out.getvalue())["tables"]["divisor"]
    assert table["method"] == "interpolate"
    return {age_of(row): (row["divisor_interpolate"], row["divisor_floor"]) for row in table["rows"]}


def test_divisors_are_printed_in_full(divisors: dict[str, tuple[float, float]]) -> None:
    first, months = CASES["law"]["divisor_first_age"], CASES["law"]["divisor_months"]
    assert len(divisors) == 12 * (len(months) - 1) + 1
    for age, value in enumerate(months, first):
        assert divisors[f"{age}y0m"] == (value, value)
    shown = [case for case in CASES["divisors"] if case[0] in divisors]
    assert len(shown) >= 12
    for age, interpolated, floor in shown:
        assert divisors[age] == (interpolated, floor)


def test_table_divisor__age_47_is_208(divisors: dict[str, tuple[float, float]]) -> None:
    assert divisors["47y0m"] == (208.0, 208.0)


def test_table_divisor__ages_66_to_70(divisors: dict[str, tuple[float, float]]) -> None:
    assert [divisors[f"{age}y0m"][0] for age in range(66, 71)] == [93.0, 84.0, 75.0, 65.0, 56.0]


def test_table_divisor__60_years_3_months_rounds_up_and_floor_keeps_139(
    divisors: dict[str, tuple[float, float]],
) -> None:
    assert divisors["60y3m"] == (137.3, 139.0)  # 137.25


def test_table_divisor__was_120_at_every_age_before_2006(ask: Any) -> None:
    found = ask("divisor", "--on", "2005-12-31")["tables"]["divisor"]["rows"]
    assert {row["divisor_interpolate"] for row in found} == {120.0}
    ((row,),) = (
        table["rows"]
        for table in ask("retirement", "--career", "men", "--to", "1945-12", "--from", "1945-12")["tables"].values()
    )
    assert (row["retirement"], row["divisor_interpolate"], row["divisor_floor"]) == ("2005-12", 120.0, 120.0)


# --- minimum years ----------------------------------------------------------------------------------------------------


def test_minimum_years_are_printed_with_their_origin(rows: Any) -> None:
    asked = {year: years for year, years in CASES["minimum_years"].items() if year >= 2025}
    found = {row["year"]: row for row in rows("minimum", "--from", "2025", "--to", "2100")["minimum"]}
    assert {year: found[year]["years"] for year in asked} == asked
    assert {row["evidence"] for row in found.values()} == {"verified"}
    assert all(re.fullmatch(r"law/retirement/minimum_months\.yaml, line \d+", row["where"]) for row in found.values())
    shown = [row["year"] for row in rows("minimum")["minimum"]]
    assert shown[-2:] == [2039, 2040]
    assert shown[0] <= 2029


# --- under a scenario -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("lever", OWN["levers"])
def test_table_under_a_lever(rows: Any, tmp_path: Path, lever: str) -> None:
    name = scenario_with(tmp_path, lever)
    found = rows("retirement", "--scenario", name, "--from", "1964", "--to", "1992")
    for career, birth, delay, age, month, enacted in OWN["levers"][lever]:
        (row,) = [row for row in found[career] if row["birth"] == birth]
        assert (row["delay_months"], age_of(row), row["retirement"], row["enacted_month"]) == (
            delay,
            age,
            month,
            enacted,
        ), (career, birth)


def test_table_without_reform__nobody_is_delayed_and_nobody_chooses(ask: Any, tmp_path: Path) -> None:
    name = scenario_with(tmp_path, "no_retirement_reform")
    found = ask("retirement", "--scenario", name)
    assert found["scenario"] == "with"
    assert found["region"] == "jiangxi"
    for career, table in found["tables"].items():
        assert table["cap_months"] == 0, career
        assert all(row["earliest"] == row["retirement"] == row["latest"] for row in table["rows"])
    shares = ask("shares", "--scenario", name)["tables"]
    for table in shares.values():
        assert set(table["months_of_year"].values()) == {12}
        assert {row["birth_months"] for row in table["rows"]} == {12}


def test_table_as_planned__knows_neither_delay_nor_choice_nor_longer_minimum(rows: Any) -> None:
    asked = ("--career", "men", "--from", "1976-09", "--to", "1976-09")
    ((row,),) = rows("retirement", "--scenario", "jiangxi/as_planned", *asked).values()
    assert (row["delay_months"], row["retirement"], row["enacted_month"]) == (0, "2036-09", "2039-09")
    assert (row["earliest"], row["latest"], row["minimum_years"]) == ("2036-09", "2036-09", 15)


def test_table_under_a_lever_on_the_minimum(rows: Any, tmp_path: Path) -> None:
    (tmp_path / "lever.yaml").write_text(
        "name: {en: L, local: 杠杆}\nreason: worked case\nchanges: {retirement/minimum_months: {2031-01-01: 180}}\n",
        encoding="utf-8",
    )
    file = tmp_path / "own.yaml"
    file.write_text("extends: china/baseline\nlevers: [./lever.yaml]\n", encoding="utf-8")
    found = {row["year"]: row for row in rows("minimum", "--scenario", str(file), "--to", "2040")["minimum"]}
    assert [found[year]["years"] for year in (2029, 2030, 2031, 2040)] == [15, 15.5, 15, 15]
    assert found[2031]["evidence"] == "assumption"
    assert "lever.yaml, line 3" in found[2031]["where"]


# --- printing, files, errors -----------------------------------------------------------------------------------------


def test_csv__holds_the_rows_of_the_table(rows: Any, tmp_path: Path) -> None:
    file = tmp_path / "annex.csv"
    found = rows("retirement", "--from", "1975", "--to", "1976", "--csv", str(file))
    raw = file.read_bytes()
    assert raw.startswith(b"\xef\xbb\xbf")
    written = list(csv.DictReader(raw.decode("utf-8-sig").splitlines()))
    expected = [{"career": name} | row for name, own in found.items() for row in own]
    assert [row["career"] for row in written] == [row["career"] for row in expected]
    for text, row in zip(written, expected, strict=True):
        assert text["birth"] == row["birth"]
        assert text["retirement"] == row["retirement"]
        assert float(text["divisor_interpolate"]) == row["divisor_interpolate"]
    for kind in ("shares", "divisor", "minimum"):
        rows(kind, "--csv", str(file))
        assert len(file.read_text(encoding="utf-8-sig").splitlines()) > 10


def test_csv__in_a_place_that_cannot_be_written(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "file").write_text("x")
    assert cli.execute(["law", "table", "minimum", "--csv", str(tmp_path / "file" / "x.csv")]) == cli.ENVIRONMENT
    assert "x.csv" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "english", "chinese"),
    [
        (["retirement", "--career", "woman_50"], 'Did you mean "women_50"?', "没有名为“woman_50”的职业类别"),
        (["retirement", "--from", "1965-13"], '"1965-13" is not a month', "“1965-13”不是公历月份"),
        (["shares", "--to", "65"], '"65" is not a month', "“65”不是公历月份"),
        (["retirement", "--from", "1970", "--to", "1969"], "--to 1969-12 comes before --from 1970-01", "1969-12早于"),
        (["retirement", "--from", "1900"], "births from 1933-01", "允许：1933-01至"),
        (["shares", "--career", "men", "--from", "1990", "--to", "2100"], "births from 1933-01", "1993至2110年"),
        (["minimum", "--from", "1980"], "1980 lies outside", "1980年超出"),
        (["minimum", "--from", "2040", "--to", "2030"], "--to 2030 comes before --from 2040", "2030早于"),
        (["divisor", "--on", "2025-02-30"], '"2025-02-30" is not a day', "“2025-02-30”不是公历日期"),
        (["divisor", "--on", "1990"], "no value on 1990-01-01 in china; the first is dated 1992-12-31", "首个取值始于"),
        (["minimum", "--region", "jianxi"], 'Did you mean "jiangxi"?', "没有名为“jianxi”的地区"),
        (["minimum", "--scenario", "jiangxi/baselin"], 'Did you mean "jiangxi/baseline"?', "没有名为"),
    ],
)
def test_wrong_question__ends_with_two_and_says_what_is_allowed(
    capsys: pytest.CaptureFixture[str], arguments: list[str], english: str, chinese: str
) -> None:
    assert cli.execute(["law", "table", *arguments]) == cli.INPUT
    assert english in capsys.readouterr().err
    assert cli.execute(["law", "table", *arguments, "--lang", "zh"]) == cli.INPUT
    assert chinese in capsys.readouterr().err


def test_one_end_beyond_the_annex__gives_a_year(rows: Any) -> None:
    (late,) = rows("retirement", "--career", "men", "--from", "1980").values()
    assert (late[0]["birth"], late[-1]["birth"]) == ("1980-01", "1980-12")
    (early,) = rows("retirement", "--career", "men", "--to", "1950").values()
    assert (early[0]["birth"], early[-1]["birth"]) == ("1950-01", "1950-12")
    assert {row["year"] for row in rows("minimum", "--from", "2050")["minimum"]} == {2050}


# --- functions --------------------------------------------------------------------------------------------------------


def test_annex_span__counts_whole_steps_of_any_pace() -> None:
    fast = AgePath(720, 1, 60, delay_per_step=2)
    assert annex_span(fast) == (month_index(1965, 1), month_index(1965, 1) + 29)
    uneven = AgePath(720, 3, 5, delay_per_step=2)  # 2, 4, 5 months
    assert annex_span(uneven) == (month_index(1965, 1), month_index(1965, 7))
    assert annex_span(AgePath(720, 4, 0)) == (month_index(1965, 1), month_index(1965, 1))


def test_months_of_year__is_twelve_without_a_reform() -> None:
    assert {months_of_year(year, AgePath(720, 4, 0)) for year in range(2000, 2060)} == {12}
