"""Tables and sentences a person reads about the verdicts of one scenario, and the sentence about its identities.

Every number in a sentence or a table comes from a verdict or a check; nothing is typed in here.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import IO, TYPE_CHECKING

from simengine.common import resources
from simengine.common.messages import Language, say
from simengine.report.tables.printer import TIE, paragraph, show

if TYPE_CHECKING:
    import pandas as pd

    from simengine.judge.targets.verdicts import Verdict

STYLE = {"met": "green", "missed": "bold yellow"}
COMMA = {"en": ", ", "zh": "、"}
SHORT = ("id", "name", "year", "plan", "projected_text", "verdict", "margin", "first_year_met")
FULL = ("attribute", "eroded", "set_by", "value_needed", "other_readings", "probability_met", "reason")
"""Columns of the table, the most wanted ones first; on a narrow screen the last ones stand below their row."""


# --- tables -----------------------------------------------------------------------------------------------------------


def show_verdicts(
    verdicts: Sequence[Verdict], lang: Language, *, full: bool = False, stream: IO[str] | None = None
) -> None:
    """Print verdicts, one row each; `full` adds what fixes a measure, other readings and reasons.

    Flags are letters behind the verdict, with their words below the table. Where the plan speaks of several regions,
    the name of each stands before its rows.
    """
    from simengine.judge.targets.verdicts import to_frame

    names, letters = (*SHORT, *FULL) if full else SHORT, marks(verdicts)
    heads = {name: word("columns", name, lang) for name in names if name != "plan"}
    frame = to_frame(verdicts, lang, for_readers=True).rename(columns={head: name for name, head in heads.items()})
    frame["plan"] = [plan_figure(row, lang) for row in verdicts]
    frame["verdict"] = [verdict_text(row, letters, lang) for row in verdicts]
    heads |= {"plan": say("pair.plan", lang), "projected_text": say("pair.value", lang)}
    styles = [STYLE.get(row.verdict, "") for row in verdicts]
    rows = frame[list(names)].astype(object).values.tolist()
    regions = region_names(verdicts, lang)
    show(rows, [heads[n] for n in names], lang, stream=stream, styles=styles, groups=regions, essential=6)
    for line in legend(letters, lang):
        print(line, file=stream)


def plan_figure(row: Verdict, lang: Language) -> str:
    """Sign, figure and unit of the plan; the printed actual beside it where it is another figure."""
    figure = TIE.join(part for part in (row.operator, row.printed, row.unit if row.printed else "") if part)
    if row.actual and row.actual != row.printed:
        figure = f"{figure} ({say('pair.actual', lang, actual=row.actual).replace(' ', TIE)})".strip()
    return figure


def verdict_text(row: Verdict, letters: Mapping[str, str], lang: Language) -> str:
    """The word of a verdict and the letters of its flags."""
    raised = ("," if lang == "en" else "、").join(letter for flag, letter in letters.items() if flag in row.flags)
    return word("verdicts", row.verdict, lang) + (f" ({raised})" if raised else "")


def marks(verdicts: Sequence[Verdict]) -> dict[str, str]:
    """A letter for every flag that occurs, in the order of words.yaml."""
    from simengine.judge.targets.files import words

    raised = {flag for row in verdicts for flag in row.flags}
    return dict(zip((flag for flag in words()["flags"] if flag in raised), "abcdefghijklmnopqrstuvwxyz", strict=False))


def legend(letters: Mapping[str, str], lang: Language) -> Iterator[str]:
    """What the letters behind the verdicts mean."""
    for flag, letter in letters.items():
        yield paragraph(f"({letter}) {word('flags', flag, lang)}", hang=4)


def region_names(verdicts: Sequence[Verdict], lang: Language) -> list[str]:
    """Name of the region of each row; none where all rows are of one region."""
    from simengine.law.regions import load_regions

    if len({row.region for row in verdicts}) < 2:
        return []
    known = load_regions(resources.scenarios_root() / "regions.yaml")
    return [known[row.region].name if lang == "en" else known[row.region].local_name for row in verdicts]


def word(table: str, code: str, lang: Language) -> str:
    """One word of words.yaml."""
    from simengine.judge.targets.files import words

    return str(words()[table][code][lang])


def verdict_csv(verdicts: Sequence[Verdict]) -> pd.DataFrame:
    """Verdicts as a table for files: codes and English texts, names and sentences in Chinese beside them."""
    from simengine.judge.targets.verdicts import to_frame

    frame, local = to_frame(verdicts, "en"), to_frame(verdicts, "zh")
    frame.insert(frame.columns.get_loc("name") + 1, "name_zh", local["name"])
    return frame.assign(sentence_zh=local["sentence"])


def show_checks(checks: pd.DataFrame, lang: Language, stream: IO[str] | None = None) -> None:
    """Print the identities with their largest residual; the scenario is named where there are several."""
    names = ["check", "region", "scenario", "worst", "limit", "ok"]
    if checks["scenario"].nunique() < 2:
        names.remove("scenario")
    texts = checks.assign(worst=checks["worst"].map(_small), limit=checks["limit"].map(_small))
    show(texts[names].values.tolist(), [say(f"column.{name}", lang) for name in names], lang, stream=stream)


# --- sentences --------------------------------------------------------------------------------------------------------


def summary(verdicts: Sequence[Verdict], lang: Language) -> list[str]:
    """What the verdicts come to: the headline, the other verdicts by count, a sentence a row missed or withheld."""
    told = (row for row in verdicts if (row.verdict == "missed" and row.headline) or row.withheld)
    return [*count_lines(verdicts, lang), *(row.text(lang) for row in told)]


def count_lines(verdicts: Sequence[Verdict], lang: Language) -> list[str]:
    """How many targets are met and missed, and how many rows have other verdicts."""
    from simengine.judge.targets.files import words
    from simengine.judge.targets.verdicts import counts, headline

    judged = headline(verdicts)
    total = judged["met"] + judged["missed"]
    said = [say("summary.counts", lang, judged=total, **judged) if total else say("summary.none_judged", lang)]
    said += fact_lines(verdicts, lang)
    others = {name: count for name, count in counts(verdicts).items() if count and name not in ("met", "missed")}
    if others:
        parts = [
            say("summary.other_part", lang, count=count, verdict=words()["verdicts"][name][lang])
            for name, count in others.items()
        ]
        said.append(say("summary.others", lang, parts=COMMA[lang].join(parts)))
    return said


def fact_lines(verdicts: Sequence[Verdict], lang: Language) -> list[str]:
    """How many facts the judged rows are, and which of them rest on one growth path; nothing where none do."""
    from simengine.judge.checks.anchors import region_name
    from simengine.judge.indicators import registry
    from simengine.judge.targets.shared import facts, shared_rows
    from simengine.judge.targets.verdicts import headline

    groups = shared_rows(verdicts)
    if not groups:
        return []
    shared = sum(len(rows) for rows in groups.values())
    said = [say("summary.facts", lang, judged=sum(headline(verdicts).values()), shared=shared, **facts(verdicts))]
    for fact, rows in groups.items():
        measure, _, region = fact.partition("@")
        tally = headline(rows)
        name = registry()[measure].en if lang == "en" else registry()[measure].zh
        said.append(say("summary.shared", lang, name=name, count=len(rows), region=region_name(region, lang), **tally))
    return said


def checks_line(checks: pd.DataFrame, lang: Language) -> str:
    """Whether every identity holds; which ones do not, with residual and limit."""
    failed = checks[~checks["ok"].astype(bool)]
    if not len(failed):
        return say(
            "checks_ok",
            lang,
            count=len(checks),
            worst=_small(checks["worst"].max()),
            limit=_small(checks["limit"].max()),
        )
    said = [say("checks_failed", lang, count=len(failed))]
    for row in failed.to_dict("records"):
        values = {**row, "worst": _small(row["worst"]), "limit": _small(row["limit"])}
        said.append(say("check_failed_line", lang, **{str(key): value for key, value in values.items()}))
    return "\n".join(said)


def _small(value: float) -> str:
    return f"{value:z.3g}"
