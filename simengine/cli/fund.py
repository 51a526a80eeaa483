"""`simengine fund`: what a fund of own cash flows does and needs; and the table to fill for it."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from simengine.cli.session import AsJson, Lang, Quiet, Session, begin, records

if TYPE_CHECKING:
    from simengine.common.errors import FundError, SimengineError
    from simengine.decide.fund.flows import Flows
    from simengine.decide.fund.goals import Goal

YEARS = "2026-2035"
EXAMPLE = "fund_example"
TIMINGS = {"年初": "start", "年中": "middle", "年末": "end"}
EPILOG = """
The table: one row a year with year, opening (first row alone), contributions, benefits; where wanted other,
other_outgo, base, return, volatility. Headings in English or Chinese, units in brackets or in a row below; or
the same with the years side by side. Years may be left out (straight lines), cells may not.
simengine template fund --out flows.xlsx writes one to fill, simengine template fund_example an invented one.

表格每年一行：年份、年初结余（仅首行）、缴费收入、待遇支出；可另加其他收入、其他支出、缴费基数总额、收益率、波动率。
年份也可横排；年份可省略（直线内插），单元格不可空缺。
"""


Table = Annotated[Path, typer.Argument(metavar="FLOWS", help="Table of cash flows, .csv or .xlsx.")]
Returns = Annotated[
    str | None,
    typer.Option("--return", help="Yearly return in place of the column: 3%, or by year 2026:3%,2035:2.5%."),
]
Volatility = Annotated[
    str | None, typer.Option("--volatility", help="Standard deviation of a year's return, such as 8%.")
]
When = Annotated[
    str, typer.Option("--timing", help="When the flows of a year are paid: start, middle or end; 年初, 年中 or 年末.")
]
Goals = Annotated[
    list[str] | None,
    typer.Option(
        "--goal",
        help="ratio=1, lasts, no_deficit, constant_ratio=20 or balance=500; may be repeated; lasts and five others "
        "when left out.",
    ),
]
From = Annotated[int | None, typer.Option("--from", help="First year of a needed return or further contribution.")]
GoalYear = Annotated[int | None, typer.Option("--goal-year", help="Year of the goals; the last when left out.")]
Rates = Annotated[
    str | None,
    typer.Option("--rates", help="Further rates of both grids: 0%,2%,4% of the base, else of contributions."),
]
Levels = Annotated[str | None, typer.Option("--returns", help="Returns of the second grid, such as 2%,3%,4%.")]
Within = Annotated[
    str | None, typer.Option("--within", help="Interval of the needed return, 0%,15% or 0%..15% [0%,15%].")
]
Draws = Annotated[int, typer.Option("--draws", help="Draws, where there is a volatility.")]
Seed = Annotated[int, typer.Option("--seed", help="Seed of the draws.")]
Out = Annotated[
    Path | None, typer.Option("--out", help="Workbook (.xlsx) or folder of CSV files with all years and tables.")
]


def fund(
    file: Table,
    returns: Returns = None,
    volatility: Volatility = None,
    timing: When = "middle",
    goal: Goals = None,
    mend_from: From = None,
    goal_year: GoalYear = None,
    rates: Rates = None,
    levels: Levels = None,
    within: Within = None,
    draws: Draws = 10_000,
    seed: Seed = 1,
    out: Out = None,
    json: AsJson = False,
    lang: Lang = None,
    quiet: Quiet = False,
) -> None:
    """Study a fund from cash flows of your own: no projection is run.

    Prints balances, fund ratio (opening fund over the year's outgo) and reserve ratio (closing fund over it), when the
    fund is used up, which return or further contribution each goal needs, needed return by further rate and goal, fund
    ratio by further rate and return; with a volatility the quantiles of the ratio and the probability that the fund is
    used up.
    """
    session = begin(lang, quiet=quiet, as_json=json)
    from simengine.common.progress import reporting
    from simengine.decide.fund import read_flows, study_fund
    from simengine.report.tables.fund import plain_of, show_fund

    _check_out(out)
    flows = read_flows(file)
    asked = _Asked()
    options = {
        "returns": asked.taken("--return", returns, _returns, "returns"),
        "volatility": asked.taken("--volatility", volatility, _rate, "rate"),
        "goals": asked.goals(goal, flows) if goal else None,
        "rates": asked.taken("--rates", rates, _rates, "rates"),
        "levels": asked.taken("--returns", levels, _rates, "rates"),
        "within": asked.taken("--within", within, _pair, "within"),
    }
    asked.seed(seed)
    asked.end()
    stated: dict[str, Any] = {name: value for name, value in options.items() if value is not None}
    stated |= {"timing": TIMINGS.get(timing, timing), "mend_from": mend_from, "goal_year": goal_year}
    with reporting(session.lang, quiet=session.quiet or session.json) as report:
        study = study_fund(flows, draws=draws, seed=seed, progress=report, **stated)
    session.result(plain_of(study, records))
    if not (session.quiet or session.json):
        show_fund(study, session.lang)
    if out is not None:
        _write(session, study, out)


class _Asked:
    """Options as they are read, and everything that is wrong with them."""

    def __init__(self) -> None:
        self.errors: list[SimengineError] = []

    def taken(self, option: str, text: str | None, read: Callable[[str], Any], form: str) -> Any:
        """Value of an option; None where it is left out or cannot be read."""
        from simengine.common.errors import FundError
        from simengine.common.messages import words
        from simengine.scenario.what_if import FULL_WIDTH

        if text is None:
            return None
        value = read(text.translate(FULL_WIDTH).replace("，", ",").replace(" ", ""))
        if value is None:
            self.errors.append(FundError("fund_option", option=option, value=text, form=words(f"fund.form.{form}")))
        return value

    def goals(self, texts: list[str], flows: Flows) -> list[Goal]:
        """Goals; one stated twice counts once."""
        from simengine.common.errors import FundError
        from simengine.decide.fund.goals import goal_of

        found: dict[str, Goal] = {}
        for text in texts:
            try:
                one = goal_of(text, flows.unit_size)
                found[one.key] = one
            except FundError as error:
                self.errors.append(error)
        return list(found.values())

    def seed(self, value: int) -> None:
        """A seed that the stream takes."""
        from simengine.common.errors import FundError

        if not 0 <= value < 2**64:
            self.errors.append(FundError("fund_seed", value=value))

    def end(self) -> None:
        """Raise everything that is wrong."""
        from simengine.common.errors import raise_all

        raise_all(self.errors)


def _rate(text: str) -> float | None:
    from simengine.scenario.what_if import number

    return number(text)


def _rates(text: str) -> list[float] | None:
    """Rates between commas; each once, none beyond 100 %."""
    found = [_rate(part) for part in text.split(",")]
    rates = [value for value in found if value is not None and abs(value) <= 1.0]
    return list(dict.fromkeys(rates)) if len(rates) == len(found) else None


def _pair(text: str) -> tuple[float, float] | None:
    found = [_rate(part) for part in text.replace("..", ",").split(",")]
    return (found[0], found[1]) if len(found) == 2 and None not in found else None  # type: ignore[return-value]


def _returns(text: str) -> float | dict[int, float] | None:
    """One return, or returns by year."""
    if ":" not in text:
        return _rate(text)
    found: dict[int, float] = {}
    for part in text.split(","):
        year, _, rest = part.partition(":")
        rate = _rate(rest)
        if not (year.isdigit() and len(year) == 4) or rate is None or int(year) in found:
            return None
        found[int(year)] = rate
    return found


# --- files ------------------------------------------------------------------------------------------------------------


def _excel_missing() -> FundError | None:
    from simengine.cli.case_files import EXCEL_WRITER
    from simengine.common.errors import FundError

    return FundError("fund_excel") if importlib.util.find_spec(EXCEL_WRITER) is None else None


def _check_out(out: Path | None) -> None:
    """Tell before any work that a result cannot be written as it is asked."""
    from simengine.common.errors import FundError

    if out is None:
        return
    if out.suffix.lower() == ".xlsx":
        missing = _excel_missing()
        if missing is not None:
            raise missing
    elif not out.is_dir() and (out.suffix or out.exists()):
        raise FundError("fund_out", path=out)


def _write(session: Session, study: object, out: Path) -> None:
    """Write every table: sheets of one workbook, or CSV files of a folder; all appear together."""
    from simengine.cli.case_files import write_frames, write_workbook
    from simengine.report.tables.fund import frames_of, sheet_name

    frames = frames_of(study, session.lang)  # type: ignore[arg-type]
    if out.suffix.lower() == ".xlsx":
        write_workbook(out, {sheet_name(name, session.lang): frame for name, frame in frames.items()})
        session.say("fund.written", files=out)
        return
    files = {out / f"{name}.csv": frame for name, frame in frames.items()}
    write_frames(files)
    session.say("fund.written", files=", ".join(map(str, files)))


def write_template(session: Session, kind: str, out: Path | None, years: str | None) -> None:
    """Write the table to fill, or the invented example: into a file, or as CSV on standard output.

    Raises
    ------
    SimengineError
        a wrong option, or a file that exists already.
    """
    from simengine.cli.bureau import YEARS as SPAN
    from simengine.common.errors import BasisError, FundError, ScenarioError
    from simengine.common.files import file_set
    from simengine.decide.fund.template import example_text, template_csv, template_workbook

    found = SPAN.fullmatch(years or YEARS)
    if found is None or not 1900 <= int(found[1]) <= int(found[2]) <= 2300:
        raise BasisError("bureau_years_option", value=years)
    span = (int(found[1]), int(found[2]))
    if out is not None and out.suffix.lower() not in (".csv", *(() if kind == EXAMPLE else (".xlsx",))):
        raise FundError("fund_file_kind", where=str(out))
    if out is not None and out.suffix.lower() == ".xlsx":
        missing = _excel_missing()
        if missing is not None:
            raise missing
        content = template_workbook(span)
    else:
        content = example_text().encode("utf-8-sig") if kind == EXAMPLE else template_csv(span)
    if out is None:
        session.file(content.decode("utf-8"))
        return
    if out.exists():
        raise ScenarioError("template_exists", path=out)
    with file_set() as files:
        files.content(out, content)
        files.commit()
    session.say("fund.example_written" if kind == EXAMPLE else "fund.template_written", path=out)
