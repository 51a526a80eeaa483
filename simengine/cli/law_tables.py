"""Tables of the retirement law, month by month, as enacted or under the lever of a scenario."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from simengine.cli.law_rows import (
    FIRST_YEAR,
    LAST_YEAR,
    Setting,
    annex_rows,
    births_asked,
    publish,
    setting_of,
    span_asked,
    years_of,
)
from simengine.cli.law_words import day_of, month_of, refuse
from simengine.cli.session import AsJson, Lang, Quiet, Session, begin
from simengine.common.errors import LawError
from simengine.common.messages import age_text, month_text, say
from simengine.report.tables.printer import TIE

if TYPE_CHECKING:
    from simengine.law.retirement import AgePath

InRegion = Annotated[
    str | None,
    typer.Option("--region", help="Region by key, code or name; that of the scenario, else the nation, when left out."),
]
Under = Annotated[
    str | None,
    typer.Option(
        "--scenario",
        help="Scenario, by name or file, whose levers the table follows; the law as enacted when left out.",
    ),
]
Career = Annotated[
    str | None, typer.Option("--career", help="men, women_55 or women_50 (old ages 60, 55, 50); all when left out.")
]
Since = Annotated[str | None, typer.Option("--from", help="First birth month, 1965-01 or 1965.")]
Until = Annotated[str | None, typer.Option("--to", help="Last birth month, 1976-12 or 1976.")]
Csv = Annotated[Path | None, typer.Option("--csv", help="File to write the rows to as well, for a spreadsheet.")]

AGE_KEYS = (
    "retirement/old_age",
    "retirement/first_delayed_birth",
    "retirement/births_per_step",
    "retirement/delay_cap",
)
"""Law parameters behind the statutory month."""

CHOICE_KEYS = (
    "retirement/early_months_max",
    "retirement/late_months_max",
    "retirement/minimum_months",
    "pension/account_divisor",
)
"""Law parameters behind the other columns of the annexes."""

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    help="Print the tables of the retirement law.\n\nComputed from the law by the functions the projection uses: the "
    "annexes month by month, birth months by calendar year, account divisors, minimum years.",
)


def _careers(career: str | None) -> Sequence[str]:
    from simengine.common.messages import near
    from simengine.registry.axes import CAREER

    if career is None:
        return CAREER
    if career not in CAREER:
        raise LawError("law_career", near=near(career, CAREER), name=career, known=", ".join(CAREER))
    return [career]


# --- retirement -------------------------------------------------------------------------------------------------------


@app.command("retirement", epilog="Example: simengine law table retirement --career men --from 1967 --to 1967")
def retirement(
    career: Career = None,
    first: Since = None,
    last: Until = None,
    region: InRegion = None,
    scenario: Under = None,
    csv: Csv = None,
    json: AsJson = False,
    lang: Lang = None,
    quiet: Quiet = False,
) -> None:
    """Print annexes 1 to 3 month by month.

    For every birth month the delay, the new age, the retirement month, the first and last month of a flexible
    choice, the minimum contribution years and the divisor of the account by both methods. From the first delayed birth
    month to the first with the final age, unless told otherwise.
    """
    session = begin(lang, quiet=quiet, as_json=json)
    setting, wanted = setting_of(region, scenario), _careers(career)
    rules, enacted = setting.rules, setting.enacted_rules
    rows: dict[str, list[dict[str, Any]]] = {}
    for name in wanted:
        paths = (rules.career(name).path, enacted.career(name).path)
        rows[name] = annex_rows(setting, name, rules, enacted, births_asked(name, paths, first, last))
    publish(session, setting, {name: _path_json(rules.career(name).path) for name in wanted}, rows, csv)
    for name in wanted:
        session.tell(_path_line(session, name, rules.career(name).path))
        session.line("")
        _print_annex(session, rows[name])
        session.line("")
    _tell_origin(session, setting, (*AGE_KEYS, *CHOICE_KEYS))


def _print_annex(session: Session, rows: list[dict[str, Any]]) -> None:
    words = ["birth", "delay", "age", "retirement", "earliest", "latest", "minimum", "interpolate", "floor"]
    words += ["enacted"] if "enacted_month" in rows[0] else []
    said = [
        [
            row["birth"],
            str(row["delay_months"]),
            age_text(12 * row["age_years"] + row["age_months"], session.lang),
            row["retirement"],
            row["earliest"],
            row["latest"],
            f"{row['minimum_years']:g}",
            f"{row['divisor_interpolate']:z.1f}",
            f"{row['divisor_floor']:z.0f}",
            *([row["enacted_month"]] if "enacted_month" in row else []),
        ]
        for row in rows
    ]
    session.table(said, [say(f"law.annex.{word}", session.lang) for word in words], keys=1)


def _path_line(session: Session, name: str, path: AgePath) -> str:
    """One career and its age path in a sentence."""
    from simengine.law.annexes import annex_span

    lang = session.lang
    who = say(f"law.career.{name}", lang)
    if path.cap == 0:
        return say("law.path_none", lang, who=who, age=age_text(path.old_age_months, lang))
    first, last = annex_span(path)
    return say(
        "law.path",
        lang,
        who=who,
        age=age_text(path.old_age_months, lang),
        step=path.step,
        first=month_text(first),
        cap=path.cap,
        final=age_text(path.old_age_months + path.cap, lang),
        last=month_text(last),
    )


def _path_json(path: AgePath) -> dict[str, Any]:
    return {
        "old_age_months": path.old_age_months,
        "births_per_step": path.step,
        "cap_months": path.cap,
        "first_affected_month": month_text(path.first_affected_month),
    }


# --- shares -----------------------------------------------------------------------------------------------------------


@app.command("shares", epilog="Example: simengine law table shares --career women_50 --from 1975 --to 1980")
def shares(
    career: Career = None,
    first: Since = None,
    last: Until = None,
    region: InRegion = None,
    scenario: Under = None,
    csv: Csv = None,
    json: AsJson = False,
    lang: Lang = None,
    quiet: Quiet = False,
) -> None:
    """Print birth months by calendar year of retirement.

    How many of the twelve birth months of each birth year reach the statutory month in which calendar year, the mean
    delay, and the part of the year that is left after that month. Then all birth months of each calendar year: 12
    without a reform, 8 to 10 while ages rise.
    """
    session = begin(lang, quiet=quiet, as_json=json)
    from simengine.law.annexes import cohort_years, mean_delay, months_of_year

    setting, wanted = setting_of(region, scenario), _careers(career)
    rules, enacted = setting.rules, setting.enacted_rules
    rows: dict[str, list[dict[str, Any]]] = {}
    years: dict[str, dict[str, int]] = {}
    for name in wanted:
        path = rules.career(name).path
        births = births_asked(name, (path, enacted.career(name).path), first, last)
        cohorts = range(births[0] // 12, births[-1] // 12 + (2 if last is None else 1))
        rows[name] = [
            {"cohort": cohort, "mean_delay_months": mean_delay(cohort, path)}
            | {key: value for key, value in vars(row).items() if key != "cohort"}
            for cohort in cohorts
            for row in cohort_years(cohort, path)
        ]
        span = range(rows[name][0]["year"], rows[name][-1]["year"] + 1)
        years[name] = {str(year): months_of_year(year, path) for year in span}
    heads = {name: _path_json(rules.career(name).path) | {"months_of_year": years[name]} for name in wanted}
    publish(session, setting, heads, rows, csv)
    for name in wanted:
        session.tell(_path_line(session, name, rules.career(name).path))
        session.line("")
        _print_shares(session, rows[name], years[name])
    _tell_origin(session, setting, AGE_KEYS)


def _print_shares(session: Session, rows: list[dict[str, Any]], years: dict[str, int]) -> None:
    lang, said = session.lang, []
    for cohort in dict.fromkeys(row["cohort"] for row in rows):
        own = [row for row in rows if row["cohort"] == cohort]
        months = ", ".join(f"{row['year']}:{TIE}{row['birth_months']}" for row in own)
        left = ", ".join(f"{row['year']}:{TIE}{row['pension_year_share']:z.4f}" for row in own)
        said.append([str(cohort), f"{own[0]['mean_delay_months']:g}", months, left])
    heads = [say(f"law.shares.{word}", lang) for word in ("cohort", "delay", "months", "left")]
    session.table(said, heads)
    session.line("")
    session.line(say("law.shares.total", lang))
    session.tell(", ".join(f"{year}:{TIE}{count}" for year, count in years.items()), margin=2)
    session.line("")


# --- divisor and minimum ----------------------------------------------------------------------------------------------


@app.command("divisor", epilog="Example: simengine law table divisor --on 2005-12-31")
def divisor(
    on: Annotated[
        str | None, typer.Option("--on", help="Day whose annex counts; the review of the law if left out.")
    ] = None,
    region: InRegion = None,
    scenario: Under = None,
    csv: Csv = None,
    json: AsJson = False,
    lang: Lang = None,
    quiet: Quiet = False,
) -> None:
    """Print the divisor months of the account.

    By age at retirement in years and months: linear between two birthdays and rounded to a tenth (interpolate), and by
    completed years (floor), with the method in force.
    """
    session = begin(lang, quiet=quiet, as_json=json)
    from simengine.law.divisor import divisor_at
    from simengine.law.holding import holding

    setting = setting_of(region, scenario)
    day = day_of(on) if on is not None else setting.tree.information_date or datetime.date(LAST_YEAR, 12, 31)
    refuse(holding(setting.tree, "pension/account_divisor", day, setting.region))
    rule, floor = setting.divisor_rule(day, "interpolate"), setting.divisor_rule(day, "floor")
    method = setting.divisor_rule(day).method
    ages = range(12 * rule.first_age, 12 * (rule.first_age + len(rule.months) - 1) + 1)
    rows = [
        {
            "age_years": age // 12,
            "age_months": age % 12,
            "divisor_interpolate": divisor_at(age, rule),
            "divisor_floor": divisor_at(age, floor),
        }
        for age in ages
    ]
    publish(session, setting, {"divisor": {"day": day.isoformat(), "method": method}}, {"divisor": rows}, csv)
    by_age: dict[int, list[str]] = {}
    for row in rows:
        by_age.setdefault(int(row["age_years"]), []).append(f"{row['divisor_interpolate']:z.1f}")
    heads = [
        say("law.divisor.age", session.lang),
        *(say("law.divisor.month", session.lang, month=m) for m in range(12)),
    ]
    said = [[str(age), *line, *[""] * (12 - len(line))] for age, line in by_age.items()]
    session.tell(say("law.divisor.title", session.lang, day=day))
    session.line("")
    session.table(said, heads, keys=1)
    session.line("")
    session.tell(say("law.divisor.note", session.lang, method=method, low=rule.first_age, high=ages[-1] // 12))
    _tell_origin(session, setting, ("pension/account_divisor", "pension/divisor_method"))


@app.command("minimum", epilog="Example: simengine law table minimum --from 2029 --to 2040")
def minimum(
    first: Annotated[str | None, typer.Option("--from", help="First year of the statutory month.")] = None,
    last: Annotated[str | None, typer.Option("--to", help="Last year of the statutory month.")] = None,
    region: InRegion = None,
    scenario: Under = None,
    csv: Csv = None,
    json: AsJson = False,
    lang: Lang = None,
    quiet: Quiet = False,
) -> None:
    """Print the minimum contribution years (annex 4).

    By the year of the statutory month, which also counts for who retires later; who retires early needs the
    minimum of the chosen year.
    """
    session = begin(lang, quiet=quiet, as_json=json)
    from simengine.law.holding import holding
    from simengine.law.retirement import minimum_months

    setting, key = setting_of(region, scenario), "retirement/minimum_months"
    table, rows = setting.rules.minimum, []
    for year in _years_asked(setting, key, first, last):
        found = holding(setting.tree, key, datetime.date(year, 1, 1), setting.region)
        months = int(minimum_months(year, table))
        origin = {name: getattr(found.entry, name, "") for name in ("reference", "evidence", "where")}
        rows.append({"year": year, "months": months, "years": years_of(months), **origin})
    publish(session, setting, {"minimum": {"key": key}}, {"minimum": rows}, csv)
    heads = [say(f"law.minimum.{word}", session.lang) for word in ("year", "months", "years")]
    heads += [say(f"law.{word}", session.lang) for word in ("evidence", "line", "reference")]
    said = [
        [
            str(row["year"]),
            str(row["months"]),
            f"{row['years']:g}",
            say(f"law.evidence.{row['evidence']}", session.lang),
            str(row["where"]).rpartition(" ")[2],
            str(row["reference"]),
        ]
        for row in rows
    ]
    session.table(said, heads)
    session.line("")
    _tell_origin(session, setting, (key,))


def _years_asked(setting: Setting, key: str, first: str | None, last: str | None) -> range:
    """Calendar years of the minimum table: those asked for, else from the year before the review to the last rise."""
    change = setting.tree[key].timeline(setting.region)[-1].date.year
    review = setting.tree.information_date
    years = sorted((change, change if review is None else review.year))
    asked = [None if text is None else month_of(text) // 12 for text in (first, last)]
    begin_at, end_at = span_asked(asked[0], asked[1], (years[0] - 1, years[1] + 1))
    if end_at < begin_at:
        raise LawError("law_months_reversed", first=begin_at, last=end_at)
    if begin_at < FIRST_YEAR or end_at > LAST_YEAR:
        wrong = begin_at if begin_at < FIRST_YEAR else end_at
        raise LawError("law_year_outside", year=wrong, first=FIRST_YEAR, last=LAST_YEAR)
    return range(begin_at, end_at + 1)


def _tell_origin(session: Session, setting: Setting, keys: Sequence[str]) -> None:
    """Which parameters the table rests on, and the scenario whose levers it follows."""
    session.tell(say("law.computed_from", session.lang, keys=", ".join(keys)))
    if setting.scenario:
        session.tell(say("law.under", session.lang, scenario=setting.scenario, region=setting.region))
