"""Stresses laid out for readers: the heat table, the library with its sizes, and the smallest shocks that break."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import IO, TYPE_CHECKING, Any

from simengine.common.messages import Language, say
from simengine.common.version import __version__
from simengine.decide.stress.reverse import Reversed
from simengine.decide.stress.run import BASELINE, BELOW, HOLDS, IMPOSSIBLE, NO_FUND
from simengine.decide.stress.search import ALREADY, FOUND, MODEL_LIMIT, NONE
from simengine.judge.targets.verdicts import WITHHELD
from simengine.report.tables.printer import paragraph, show
from simengine.report.tables.verdicts import COMMA, word
from simengine.report.tables.yearly import number, region_word

if TYPE_CHECKING:
    import pandas as pd

    from simengine.decide.stress.failure import Failure
    from simengine.decide.stress.library import Stress
    from simengine.decide.stress.run import Stressed

SAME, LOST, WON = "=", "✗", "✓"
"""Cell that is as in the baseline, mark of a verdict that falls to missed, and of one that rises to met."""

DECIMALS = 1
HUNDRED_MILLION = 1e8

KINDS = ("target", "fund")


def show_library(chosen: Sequence[Stress], lang: Language, stream: IO[str] | None = None) -> None:
    """Print the stresses: size in its unit, in standard deviations, the record, and the unit of sensitivity."""
    print(paragraph(say("stress.library", lang)), file=stream)
    lines = [_library_line(place, one, lang) for place, one in enumerate(chosen, 1)]
    heads = [say(f"stress.head.{name}", lang) for name in ("number", "stress", "size", "sd", "record", "sensitivity")]
    print(file=stream)
    show(lines, heads, lang, stream=stream, essential=4)


def _library_line(place: int, one: Stress, lang: Language) -> list[str]:
    content, stated = one.content, one.content.stated
    size = one.sized(content.size, lang)
    name = say("stress.named", lang, name=one.title(lang), key=one.key)
    if stated is None or content.record is None:
        rule = "" if content.no_record is None else getattr(content.no_record, "en" if lang == "en" else "local")
        return [str(place), name, size, "-", rule, "-"]
    values: dict[str, Any] = {"year": stated.worst_year[0], "worst": one.printed(stated.worst_year[1])}
    values |= {"mean": one.printed(stated.mean), "count": stated.count}
    values["evidence"] = say(f"law.evidence.{content.record.evidence}", lang)
    told = "stress.record" if stated.worst_five else "stress.record_short"
    if stated.worst_five:
        values |= {"first": stated.worst_five[0], "last": stated.worst_five[1]}
        values["five"] = one.printed(stated.worst_five[2])
    sensitivity = one.printed(one.sensitivity or 0.0)
    return [str(place), name, size, f"{one.in_sd(content.size):z.1f}", say(told, lang, **values), sensitivity]


def show_stress(found: Stressed, lang: Language, stream: IO[str] | None = None) -> None:
    """Print the heat table of every scenario under its legend."""
    places = {one.key: str(place) for place, one in enumerate(found.stresses, 1)}
    print(paragraph(say("stress.legend", lang)), file=stream)
    for one in found.stresses:
        print(paragraph(f"{places[one.key]:>3} {_legend(one, lang)}", hang=4), file=stream)
    for scenario in found.scenarios:
        _show_scenario(found, scenario.key, places, lang, stream)


def _legend(one: Stress, lang: Language) -> str:
    size = one.sized(one.content.size, lang)
    sd = "" if one.content.stated is None else say("stress.in_sd", lang, value=f"{one.in_sd(one.content.size):z.1f}")
    return say("stress.legend_line", lang, name=one.title(lang), size=size, sd=sd)


def _show_scenario(
    found: Stressed, key: str, places: Mapping[str, str], lang: Language, stream: IO[str] | None
) -> None:
    scenario = next(one for one in found.scenarios if one.key == key)
    print(file=stream)
    start = found.starts[key]
    print(paragraph(say("stress.scenario", lang, key=key, title=scenario.title(lang), start=start)), file=stream)
    cells = found.cells[found.cells["scenario"] == key]
    own = cells[cells["region"].isin(found.shown[key])]
    late = own[(own["kind"] == "fund") | (own["year"] >= start)]
    used = [one for one in places if one in {*own["stress"]}]
    heads = ["", say("stress.head.base", lang), *(places[one] for one in used)]
    for kind in KINDS:
        part = late[late["kind"] == kind]
        if len(part):
            told = say(f"stress.of_{kind}", lang, year=found.year, before=found.before)
            print(file=stream)
            print(paragraph(told), file=stream)
            plain = part["base_verdict"].isin([WITHHELD, NO_FUND]).all()  # no cell to stand beside a name
            show(list(_lines(part, used, lang)), heads, lang, stream=stream, keys=0 if plain else 2)
    for sentence in _remarks(found, key, cells, late, lang):
        print(paragraph(sentence, hang=4), file=stream)


def region_of(found: Stressed, key: str) -> str:
    """The scenario's own region."""
    return next(one.basis.rpartition("-")[0] for one in found.scenarios if one.key == key)


def _lines(part: pd.DataFrame, used: Sequence[str], lang: Language) -> Iterator[list[str]]:
    """A line a target or fund: its name, the baseline, and every stress."""
    for _, own in part.groupby("id", sort=False):
        rows = {str(row["stress"]): row for row in own.to_dict("records")}
        base = rows[BASELINE]
        kind, verdict = str(base["kind"]), str(base["verdict"])
        name = say(f"stress.row_{kind}", lang, id=base["id"], name=base["name"], year=base["year"])
        if verdict in (WITHHELD, NO_FUND):
            yield [name, verdict_word(verdict, lang), *[""] * len(used)]
            continue
        yield [
            name,
            _marked(base, verdict in (HOLDS, "met"), verdict in (BELOW, "missed")),
            *(cell(rows[one], base) if one in rows else "-" for one in used),
        ]


def cell(row: Mapping[Any, Any], base: Mapping[Any, Any]) -> str:
    """One cell: its distance, marked where the verdict flips; ``=`` where it is as in the baseline."""
    verdict = str(row["verdict"])
    if verdict == IMPOSSIBLE:
        return "?"
    same = _figure(row) == _figure(base)
    if not bool(row["flips"]):
        return SAME if same else _figure(row)
    return _marked(row, verdict in (HOLDS, "met"), verdict in (BELOW, "missed"))


def _figure(row: Mapping[Any, Any]) -> str:
    return number(float(row["distance"]), DECIMALS)


def _marked(row: Mapping[Any, Any], good: bool, bad: bool) -> str:
    return f"{_figure(row)}{WON if good else LOST if bad else ''}"


def verdict_word(code: str, lang: Language) -> str:
    """A verdict of a target or a fund in words."""
    if code in (HOLDS, BELOW, NO_FUND, IMPOSSIBLE):
        return say(f"stress.verdict.{code}", lang)
    return word("verdicts", code, lang)


def _remarks(found: Stressed, key: str, cells: pd.DataFrame, shown: pd.DataFrame, lang: Language) -> Iterator[str]:
    """What the table does not say: who has no verdict, what is left out, flips of other regions."""
    if key in found.why and lang in found.why[key]:
        yield found.why[key][lang]
    elif key in found.why:
        yield say("stress.no_fund", lang, region=region_word(region_of(found, key), lang))
    else:
        yield say("stress.fund_note", lang)
    out = found.left_out[found.left_out["scenario"] == key]
    for reason, part in out.groupby("reason", sort=False):
        names = COMMA[lang].join(one.title(lang) for one in found.stresses if one.key in {*part["stress"]})
        yield say(f"stress.left_out.{reason}", lang, names=names)
    rows = cells[cells["kind"] == "target"]
    early = rows[rows["year"] < found.starts[key]]["id"].nunique()
    if early:
        yield say("stress.early", lang, count=early, start=found.starts[key])
    if found.rows_left_out[key]:
        yield say("stress.rows_left_out", lang, count=found.rows_left_out[key])
    others = rows[~rows["region"].isin({*shown["region"]}) & (rows["year"] >= found.starts[key])]
    if len(others):
        flipped = others[others["flips"].astype(bool)]
        counts = {"rows": others["id"].nunique(), "count": flipped["id"].nunique()}
        yield say("stress.elsewhere", lang, **counts)


# --- reverse stress ---------------------------------------------------------------------------------------------------


def show_reverse(found: Reversed, lang: Language, stream: IO[str] | None = None) -> None:
    """Print the smallest shocks, failure by failure."""
    scenario = found.scenario
    told = {"key": scenario.key, "title": scenario.title(lang), "start": found.start}
    print(paragraph(say("stress.reverse", lang, **told)), file=stream)
    heads = [say(f"stress.head.{name}", lang) for name in ("stress", "smallest", "sd", "nearest", "undone")]
    for failure in found.failures:
        own = found.rows[found.rows["failure"] == failure.text].to_dict("records")
        kind = "fund" if failure.row is None else "row"
        names = {"name": failure.name(lang), "text": failure.text, "before": failure.before}
        if failure.row is not None:
            names |= {"year": failure.row.year, "id": failure.row.id}
        print(file=stream)
        print(paragraph(say(f"stress.break_{kind}", lang, **names)), file=stream)
        hit = [row for row in own if row["status"] == FOUND]
        if hit:
            show([_reverse_line(row, found, lang) for row in hit], heads, lang, stream=stream, essential=5)
            if any(row["tried"] and not row["undone_by"] for row in hit):
                print(paragraph(say("stress.start_hint", lang, start=found.start), hang=4), file=stream)
        for status, rows in _others(own):
            if status == ALREADY:
                print(paragraph(_already(failure, rows[0], found, lang), hang=4), file=stream)
                continue
            names = {"names": COMMA[lang].join(_not_found(row, found, lang) for row in rows)}
            print(paragraph(say(f"stress.status.{status}", lang, **names), hang=4), file=stream)


def _others(rows: Sequence[Mapping[Any, Any]]) -> Iterator[tuple[str, list[Mapping[Any, Any]]]]:
    """Rows without a shock, by status."""
    codes = dict.fromkeys(str(row["status"]) for row in rows if row["status"] != FOUND)
    for code in codes:
        yield code, [row for row in rows if row["status"] == code]


def _already(failure: Failure, row: Mapping[Any, Any], found: Reversed, lang: Language) -> str:
    """That a failure is there without a shock: the figure of the baseline beside the goal, and what finds a mend."""
    key, value = found.scenario.key, float(row["as_is"])
    if failure.row is None:
        lowest = f"{value / HUNDRED_MILLION:z,.2f}"
        told = {"key": key, "lowest": lowest, "fund": failure.fund, "last": failure.until}
        return say("stress.already_fund", lang, **told)
    figure = number(value, failure.row.target.decimals + 1 if failure.row.target else DECIMALS)
    return say("stress.already_row", lang, key=key, figure=figure, goal=row["goal"], id=failure.row.id)


def _not_found(row: Mapping[Any, Any], found: Reversed, lang: Language) -> str:
    """A stress that breaks nothing, with the largest shock that was looked at."""
    one = _stress(row, found)
    if row["status"] != NONE:
        return one.title(lang)
    told = "stress.up_to_model" if row["limit"] == MODEL_LIMIT else "stress.up_to"
    return say(told, lang, name=one.title(lang), most=one.sized(float(row["most"]), lang))


def _stress(row: Mapping[Any, Any], found: Reversed) -> Stress:
    return next(one for one in found.stresses if one.key == row["stress"])


def _reverse_line(row: Mapping[Any, Any], found: Reversed, lang: Language) -> list[str]:
    one = _stress(row, found)
    times = f"{float(row['of_library']):z.2f}"
    shock = say("stress.shock", lang, size=one.sized(float(row["shock"]), lang), times=times)
    sd = "-" if one.content.stated is None else f"{float(row['in_sd']):z.1f}"
    near = "-"
    if one.content.stated is not None:
        values: dict[str, Any] = {"year": row["nearest_year"], "shock": one.printed(float(row["nearest_shock"]))}
        values |= {"region": region_word(str(row["nearest_region"]), lang)}
        values |= {"count": row["figures"], "as_bad": row["as_bad"]}
        near = say("stress.nearest" if int(row["as_bad"]) else "stress.beyond", lang, **values)
    tried = str(row["tried"]).split("; ") if row["tried"] else []
    undone = str(row["undone_by"]).replace("; ", COMMA[lang])
    if not undone:
        undone = (
            say("stress.undone_none", lang, names=COMMA[lang].join(tried))
            if tried
            else say("stress.undone_untried", lang)
        )
    return [one.title(lang), shock, sd, near, undone]


# --- workbooks --------------------------------------------------------------------------------------------------------


def about(found: Stressed | Reversed, lang: Language) -> list[list[str]]:
    """Lines of the first sheet of a workbook."""
    lines = [[say("workbook.title", lang)], [say("workbook.source", lang, version=__version__)], [""]]
    scenarios = [found.scenario] if isinstance(found, Reversed) else found.scenarios
    starts = {found.scenario.key: found.start} if isinstance(found, Reversed) else found.starts
    lines.append(
        [say(f"workbook.{name}", lang) for name in ("scenario", "name", "basis")] + [say("stress.starts", lang)]
    )
    lines += [[one.key, one.title(lang), one.basis, str(starts[one.key])] for one in scenarios]
    lines += [[""], [say("stress.head.stress", lang), say("stress.head.size", lang)]]
    lines += [[one.title(lang), _legend(one, lang)] for one in found.stresses]
    return [*lines, [""], [say("stress.fund_note", lang)]]


def heat(found: Stressed) -> pd.DataFrame:
    """Distances with a column a stress: what the screen shows, unrounded."""
    keys = ["scenario", "region", "kind", "id", "name", "goal", "unit", "year", "base_verdict"]
    order = [BASELINE, *(one.key for one in found.stresses)]
    rows = []
    for place, part in found.cells.groupby(keys, sort=False, dropna=False):
        values = dict(zip(part["stress"], part["distance"], strict=True))
        rows.append([*place, *(values.get(name) for name in order)])
    import pandas as pd

    return pd.DataFrame(rows, columns=[*keys, *order])
