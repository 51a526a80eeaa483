"""A fund of own cash flows: what the screen shows, the tables of the files, the object of JSON."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from simengine.common.messages import Language, say
from simengine.common.version import __version__
from simengine.decide.fund.draws import QUANTILES
from simengine.decide.fund.goals import Goal
from simengine.report.tables.printer import paragraph, show

if TYPE_CHECKING:
    import pandas as pd

    from simengine.decide.fund.study import FundStudy

COLUMNS = (
    *("item", "stated", "year", "contributions", "other_income", "benefits", "other_outgo", "outgo", "base", "return"),
    *(
        "opening",
        "investment_income",
        "closing",
        "fund_ratio",
        "reserve_ratio",
        "goal",
        "unit_of_goal",
        "lever",
        "unit",
    ),
    *("value", "status", "reached", "best", "low", "high", "fails_again", "direction", "further_rate"),
    *("probability_exhausted", "standard_error", *(f"fund_ratio_p{round(100 * share):02d}" for share in QUANTILES)),
)
"""Columns of the tables of the files."""

MONEY = ("opening", "contributions", "other_income", "benefits", "other_outgo", "outgo", "investment_income", "closing")
RATIOS = ("fund_ratio", "reserve_ratio")
SHEETS = ("settings", "years", "needs", "needed_return", "needed_return_wide", "fund_ratio", "fund_ratio_wide", "draws")
"""Tables of the files."""

SETTINGS = (
    *("file", "version", "money", "rates", "timing", "mend_from", "goal_year", "within", "rate_of", "draws", "seed"),
    "exhausted",
)
"""What the table of settings may hold."""

ROWS = 16
"""Years that are shown without leaving any out; beyond them those stated, every fifth, and the years that are told."""

BLANK = "-"
IN_PERCENT = ("1/year", "1")
"""Units that are shown in per cent."""


def show_fund(study: FundStudy, lang: Language) -> None:
    """Print a study: the years, when the fund is used up, what the goals need, both grids, the quantiles."""
    for remark in study.flows.remarks:
        print(paragraph(getattr(remark, lang)))
    print(paragraph(_head(study, lang)))
    print()
    names = [name for name in (*MONEY, *RATIOS) if name in RATIOS or bool((study.years[name] != 0.0).any())]
    if "other_outgo" not in names or "benefits" not in names:  # the one is the whole outgo
        names = [name for name in names if name not in ("benefits", "other_outgo")]
    shown = study.years[study.years["year"].isin(shown_years(study))]
    rows = [[str(row["year"]), *(_year_cell(study, row, name) for name in names)] for row in shown.to_dict("records")]
    show(rows, [say(f"fund.head.{name}", lang) for name in ("year", *names)], lang, keys=1)
    print()
    for text in _verdicts(study, lang):
        print(paragraph(text))
    _show_needs(study, lang)
    _show_grids(study, lang)
    _show_draws(study, lang)


def shown_years(study: FundStudy) -> list[int]:
    """Years of the table on the screen."""
    years = [int(year) for year in study.flows.years]
    if len(years) <= ROWS:
        return years
    told = {study.exhaustion_year, study.first_deficit_year, years[0], years[-1]}
    stated = set(study.flows.given) if len(study.flows.given) <= ROWS else set()
    return [year for year in years if year in told | stated or year % 5 == 0]


def unit_of(study: FundStudy, lang: Language) -> str:
    """Unit in which money is shown, in the language of the reader."""
    return say(f"fund.unit.{int(study.flows.unit_size)}", lang)


def _head(study: FundStudy, lang: Language) -> str:
    flows, returns = study.flows, study.years["return"]
    low, high = (_percent(float(value)) for value in (returns.min(), returns.max()))
    path = (
        say("fund.one_return", lang, value=low)
        if low == high
        else say("fund.path_of_returns", lang, low=low, high=high)
    )
    told = {"first": int(flows.years[0]), "last": int(flows.years[-1]), "count": len(flows.years)}
    return say(
        "fund.head", lang, name=flows.name, given=len(flows.given), unit=unit_of(study, lang), returns=path,
        timing=say(f"fund.timing.{study.settings['timing']}", lang), **told,
    )  # fmt: skip


def _percent(value: float) -> str:
    """A rate in per cent, with two decimals at most.

    >>> _percent(0.025), _percent(0.0431415)
    ('2.5', '4.31')
    """
    return f"{100.0 * value + 0.0:z.2f}".rstrip("0").rstrip(".")


def money(study: FundStudy, value: float) -> str:
    """An amount in the unit of the table; fewer decimals where the fund is large."""
    largest = max(abs(float(study.years[name].abs().max())) for name in ("closing", "outgo")) / study.flows.unit_size
    digits = 2 if largest < 100.0 else 1 if largest < 100_000.0 else 0
    return f"{value / study.flows.unit_size:z,.{digits}f}"


def _year_cell(study: FundStudy, row: Mapping[Any, Any], name: str) -> str:
    value = float(row[name])
    if not math.isfinite(value):
        return BLANK
    return f"{value:z.2f}" if name in RATIOS else money(study, value)


def _verdicts(study: FundStudy, lang: Language) -> Iterator[str]:
    first, last = int(study.flows.years[0]), int(study.flows.years[-1])
    if study.exhaustion_year is None:
        yield say("fund.lasts", lang, last=last)
    elif study.exhaustion_year < first:
        yield say("fund.exhausted_at_start", lang)
    else:
        yield say("fund.exhausted", lang, year=study.exhaustion_year)
    if study.first_deficit_year is None:
        yield say("fund.no_deficit", lang)
    else:
        yield say("fund.deficit", lang, year=study.first_deficit_year)


# --- needs ------------------------------------------------------------------------------------------------------------


def goal_text(study: FundStudy, goal: Goal, lang: Language) -> str:
    """A goal in words; money in the unit of the table."""
    amount = _with_unit(study, goal.unit, goal.amount, lang) if goal.kind == "balance" else f"{goal.amount:z.10g}"
    key = f"fund.goal.{goal.kind}"
    return say(key, lang, amount=amount) if goal.kind in ("ratio", "constant_ratio", "balance") else say(key, lang)


def _amount(study: FundStudy, unit: str, value: float) -> str:
    """A value of a lever: per cent, or money in the unit of the table."""
    return f"{100.0 * value + 0.0:z.2f}" if unit in IN_PERCENT else money(study, value)


def _with_unit(study: FundStudy, unit: str, value: float, lang: Language) -> str:
    text = _amount(study, unit, value)
    return f"{text}%" if unit in IN_PERCENT else say("fund.money", lang, value=text, unit=unit_of(study, lang))


def _need_cell(study: FundStudy, row: Mapping[Any, Any], unit: str, lang: Language) -> str:
    """The smallest value, or why there is none; the lowest value of the interval has a mark."""
    if row["status"] == "untouched":
        return "="
    if row["status"] == "none":
        return say("fund.status.none", lang)
    return ("≤" if row["status"] == "at_bound" else "") + _amount(study, unit, float(row["value"]))


def _show_needs(study: FundStudy, lang: Language) -> None:
    needs = study.needs
    if not len(needs):
        return
    start, end = study.settings["mend_from"], study.settings["goal_year"]
    print(f"\n{paragraph(say('fund.needs_title', lang, start=start, goal=end))}")
    levers = list(dict.fromkeys(needs["lever"]))
    rows = []
    for goal in study.goals:
        own = {row["lever"]: row for row in needs[needs["goal"] == goal.key].to_dict("records")}
        rows.append(
            [goal_text(study, goal, lang), *(_need_cell(study, own[name], own[name]["unit"], lang) for name in levers)]
        )
    show(rows, [say(f"fund.head.{name}", lang) for name in ("goal", *levers)], lang, keys=1)
    print(paragraph(say("fund.needs_keys", lang)))
    by_key = {goal.key: goal for goal in study.goals}
    for row in needs.to_dict("records"):
        text = _aside(study, by_key[row["goal"]], row, lang)
        if text:
            print(paragraph(text, hang=4))


def _aside(study: FundStudy, goal: Goal, row: Mapping[Any, Any], lang: Language) -> str:
    """What a cell cannot say: how near the best value comes, or where a goal that is met is missed again."""
    unit = row["unit"]
    told = {"goal": goal_text(study, goal, lang), "lever": say(f"fund.lever.{row['lever']}", lang)}
    if row["status"] == "none":
        value = f"{row['reached']:z.2f}" if goal.unit == "1" else _with_unit(study, goal.unit, row["reached"], lang)
        told |= {name: _with_unit(study, unit, row[name], lang) for name in ("low", "high", "best")}
        return say("fund.none", lang, reached=say(f"fund.reached.{goal.kind}", lang, value=value), **told)
    if row["fails_again"] == row["fails_again"]:
        value, again = (_with_unit(study, unit, row[name], lang) for name in ("value", "fails_again"))
        return say("fund.again", lang, value=value, again=again, **told)
    return ""


# --- grids and draws --------------------------------------------------------------------------------------------------


def _show_grids(study: FundStudy, lang: Language) -> None:
    corner = say(f"fund.rate_of.{study.settings['rate_of']}", lang)
    grid = study.return_grid
    if len(grid):
        print(f"\n{paragraph(say('fund.grid_returns_title', lang))}")
        rows = []
        for rate, part in grid.groupby("further_rate", sort=False):
            own = {row["goal"]: row for row in part.to_dict("records")}
            cells = [_need_cell(study, own[goal.key], "1/year", lang) for goal in study.goals]
            rows.append([_percent(float(rate)), *cells])
        show(rows, [corner, *(goal_text(study, goal, lang) for goal in study.goals)], lang, keys=1)
    if len(study.ratio_grid):
        year = study.settings["goal_year"]
        print(f"\n{paragraph(say('fund.grid_ratios_title', lang, year=year))}")
        rows = [
            [_percent(float(rate)), *(BLANK if value != value else f"{value:z.2f}" for value in part["fund_ratio"])]
            for rate, part in study.ratio_grid.groupby("further_rate", sort=False)
        ]
        heads = [_level(label, lang) for label in study.ratio_grid["return"].unique().tolist()]
        show(rows, [corner, *heads], lang, keys=1)


def _show_draws(study: FundStudy, lang: Language) -> None:
    table, ends, spread = study.quantiles, study.exhaustion_quantiles, study.flows.volatility
    if table is None or ends is None or spread is None:
        return
    low, high = _percent(float(spread.min())), _percent(float(spread.max()))
    said = f"{low}%" if low == high else f"{low}%-{high}%"
    told = {"count": f"{study.settings['draws']:,}", "seed": study.settings["seed"], "volatility": said}
    print(f"\n{paragraph(say('fund.draws_title', lang, **told))}")
    names = [f"fund_ratio_p{round(100 * share):02d}" for share in QUANTILES]
    rows = [
        [
            str(row["year"]),
            f"{100.0 * row['probability_exhausted']:z.1f}",
            *(BLANK if row[name] != row[name] else f"{row[name]:z.2f}" for name in names),
        ]
        for row in table[table["year"].isin(shown_years(study))].to_dict("records")
    ]
    heads = [say("fund.head.year", lang), say("fund.head.used_up", lang)]
    show(rows, [*heads, *(f"{round(100 * share)}%" for share in QUANTILES)], lang, keys=1)
    last = int(study.flows.years[-1])
    early, middle, late = (
        say("fund.after", lang, last=last) if ends[share] is None else str(ends[share]) for share in (0.05, 0.5, 0.95)
    )
    share = f"{100.0 * table['probability_exhausted'].iloc[-1]:z.1f}"
    if ends[0.05] is None and ends[0.95] is None:
        print(paragraph(say("fund.draws_end_late", lang, last=last, share=share)))
    else:
        print(paragraph(say("fund.draws_end", lang, last=last, share=share, early=early, middle=middle, late=late)))
    print(paragraph(say("fund.draws_note", lang)))


# --- files and JSON ---------------------------------------------------------------------------------------------------


def settings_of(study: FundStudy, lang: Language) -> list[tuple[str, Any]]:
    """What decided the numbers, with the units of the files."""
    timing = say(f"fund.timing.{study.settings['timing']}", lang)
    base = say(f"fund.column.{'contributions' if study.settings['rate_of'] == 'contributions' else 'base'}", lang)
    told = dict(study.settings) | {"timing": timing, "rate_of": base, "within": list(study.settings["within"])}
    known: dict[str, Any] = {"file": study.flows.name, "version": __version__, "money": "yuan", "rates": "1"} | told
    known["exhausted"] = study.exhaustion_year
    return [(say(f"fund.setting.{name}", lang), value) for name, value in known.items()]


def frames_of(study: FundStudy, lang: Language) -> dict[str, pd.DataFrame]:
    """Tables of the files by name, in base units, headings and words in the language asked for."""
    import pandas as pd

    settings = pd.DataFrame(settings_of(study, lang), columns=["item", "stated"])
    tables = {"settings": settings, "years": study.years, "needs": study.needs}
    tables |= {"needed_return": study.return_grid, "fund_ratio": study.ratio_grid}
    if study.quantiles is not None:
        tables["draws"] = study.quantiles
    told = {name: _in_words(study, table, lang) for name, table in tables.items()}
    goals = {goal.key: goal_text(study, goal, lang) if lang == "zh" else goal.key for goal in study.goals}
    told["needed_return_wide"] = _wide(study.return_grid, "goal", "value", goals, lang)
    levels = {label: _level(label, lang) for label in study.ratio_grid["return"].unique().tolist()}
    told["fund_ratio_wide"] = _wide(study.ratio_grid, "return", "fund_ratio", levels, lang)
    return told


def _level(label: float, lang: Language) -> str:
    """A column of the grid of ratios: the return as it is stated, or a level one."""
    return say("fund.as_stated", lang) if label != label else f"{_percent(label)}%"


def _wide(table: pd.DataFrame, across: str, cells: str, words: Mapping[Any, str], lang: Language) -> pd.DataFrame:
    """A grid with the further rates down; what has no number is blank."""
    import pandas as pd

    rates = table["further_rate"].unique().tolist()
    grid = table[cells].to_numpy().reshape(len(rates), -1) if len(table) else table[cells].to_numpy().reshape(0, 0)
    columns = {say("fund.column.further_rate", lang): rates}
    return pd.DataFrame(columns | dict(zip(words.values(), grid.T, strict=True)))


def sheet_name(name: str, lang: Language) -> str:
    """Name of a sheet of the workbook."""
    return say(f"fund.sheet.{name}", lang)


def _in_words(study: FundStudy, table: pd.DataFrame, lang: Language) -> pd.DataFrame:
    """A table with the headings of the files, and in Chinese with Chinese words."""
    table = table.copy()
    if "return" in table.columns and "further_rate" in table.columns:
        table["return"] = [say("fund.as_stated", lang) if level != level else level for level in table["return"]]
    if lang == "zh":
        goals = {goal.key: goal_text(study, goal, lang) for goal in study.goals}
        for name in [each for each in ("goal", "lever", "status", "direction") if each in table.columns]:
            table[name] = [goals[text] if name == "goal" else say(f"fund.{name}.{text}", lang) for text in table[name]]
    table.columns = [say(f"fund.column.{name}", lang) for name in table.columns]
    return table


def plain_of(study: FundStudy, rows: Any) -> dict[str, Any]:
    """The object of JSON: keys in English, money in yuan; `rows` makes records of a table."""
    return {
        "file": study.flows.name,
        "settings": dict(study.settings) | {"version": __version__, "money": "yuan"},
        "opening": study.flows.opening,
        "exhaustion_year": study.exhaustion_year,
        "first_deficit_year": study.first_deficit_year,
        "years": rows(study.years),
        "needs": rows(study.needs),
        "needed_return": rows(study.return_grid),
        "fund_ratio": rows(study.ratio_grid),
        "draws": None if study.quantiles is None else rows(study.quantiles),
        "exhaustion_quantiles": study.exhaustion_quantiles,
        "remarks": [str(remark) for remark in study.flows.remarks],
    }
