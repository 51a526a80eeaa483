"""The ledger as a table, as CSV and as the page of the notes; every figure comes from the runs."""

from __future__ import annotations

import csv
import datetime
import io
import math
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from simengine.basis.basis import Basis
from simengine.common.messages import Language
from simengine.law import LawTree
from simengine_calibration.ledger.figures import Figure, tag_text
from simengine_calibration.ledger.results import HEADLINES, Headline, change_text, text
from simengine_calibration.ledger.run import SHOWS, Effect, Outcome

HEADS = {
    "rank": ("rank", "序号"),
    "kind": ("kind", "类别"),
    "figure": ("figure", "参数"),
    "tag": ("evidence", "依据"),
    "value": ("value", "取值"),
    "low": ("low", "低值"),
    "high": ("high", "高值"),
    "source": ("why this band", "区间理由"),
}
KIND_NAMES = {
    "constant": "常数",
    "series": "序列",
    "rule": "外推规则",
    "opening": "期初值",
    "law": "法规取值",
    "law after": "法规外推",
}
CSV_COLUMNS = (
    *("rank", "kind", "figure", "evidence", "value", "side", "moved_to", "headline", "base", "moved", "change", "told"),
    *("source", "band_source", "where", "base_range"),
)


def heads(lang: Language, both: bool = False) -> list[str]:
    """Column heads of the table, in one language or in both."""
    pairs = [HEADS[name] for name in ("rank", "kind", "figure", "tag", "value", "low", "high")]
    pairs += [(f"{one.en}{_unit(one)[0]}", f"{one.zh}{_unit(one)[1]}") for one in HEADLINES]
    return [f"{en} {zh}" if both else zh if lang == "zh" else en for en, zh in pairs]


def _unit(one: Headline) -> tuple[str, str]:
    return {"share": (" %", "%"), "money": ("", ""), "years": (" (years)", "（年）")}[one.told]


def row(rank: int, effect: Effect, outcome: Outcome, lang: Language) -> list[str]:
    """One figure: what it is, its band, and the change of each headline at the low and at the high end."""
    figure = effect.figure
    kind = KIND_NAMES[figure.kind] if lang == "zh" else figure.kind
    ends = [figure.moved.get(side, "") for side in ("low", "high")]
    return [str(rank), kind, figure.name, figure.tag, one_line(figure.value), *ends, *changes(effect, outcome)]


def changes(effect: Effect, outcome: Outcome) -> list[str]:
    """Change of each headline, ``low / high``; one side where only one moves."""
    cells = []
    for one in HEADLINES:
        if one.key not in outcome.base:
            cells.append("")
            continue
        found = outcome.changes(effect, one.key)
        shown = [change_text(one, found[side]) for side in ("low", "high") if side in found]
        cells.append("0" if set(shown) <= {"0"} else " / ".join(shown))
    return cells


def one_line(value: str) -> str:
    """A value that fits into a table."""
    return value if len(value) <= 40 else f"{value[:37]}..."


def csv_text(outcome: Outcome) -> str:
    """Long form: a row a figure, side and headline, in base units."""
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(CSV_COLUMNS)
    for rank, effect in enumerate(outcome.effects, 1):
        figure = effect.figure
        for side, found in effect.results.items():
            for one in HEADLINES:
                if one.key in found:
                    change = one.change(outcome.base[one.key], found[one.key])
                    writer.writerow(
                        [rank, figure.kind, figure.name, figure.tag, figure.value, side, figure.moved[side], one.key,
                         _number(outcome.base[one.key]), _number(found[one.key]), _number(change), one.told,
                         figure.source, figure.spread, figure.where,
                         outcome.span if one.told == "years" else ""]
                    )  # fmt: skip
    return stream.getvalue()


def _number(value: float) -> str:
    return "" if math.isnan(value) else f"{value:z.9g}"


# --- counts -----------------------------------------------------------------------------------------------------------


def rows_by_tag(bases: Iterable[Basis], law: LawTree) -> dict[str, Counter[str]]:
    """Rows by evidence of every table of the bases, of those they rest on, and of the law.

    A table without a column of its own counts its rows under the evidence of its card.
    """
    counts: dict[str, Counter[str]] = {}
    sources = {one.name: one for basis in bases for one in basis.sources()}
    for basis in sources.values():
        for name, table in basis.tables.items():
            own = counts.setdefault(f"{name}.csv", Counter())
            if "evidence" in table.columns:
                own.update(table.text("evidence"))
            else:
                own[str(table.card["evidence"])] += len(table)
    counts["law"] = Counter(value.evidence for parameter in law.values() for value in parameter.all_values())
    return dict(sorted(counts.items()))


# --- the page ---------------------------------------------------------------------------------------------------------


def page(outcome: Outcome, bases: Sequence[Basis], law: LawTree, command: str, day: datetime.date) -> str:
    """The page of the notes."""
    lines = [*_head(outcome, command, day), *_base(outcome), *_tornado(outcome), *_reasons(outcome)]
    lines += [*_without_influence(outcome), *_outside(outcome, bases), *_counts(bases, law)]
    return "\n".join(lines) + "\n"


def _head(outcome: Outcome, command: str, day: datetime.date) -> Iterator[str]:
    moved = sum(len(effect.results) for effect in outcome.effects)
    yield "# Assumptions and how much each matters 假设及其影响"
    yield ""
    yield f"Written by `{command}` on {day.isoformat()}; do not edit. Every figure of this page is computed by it."
    yield f"本页由上述命令于{day.isoformat()}生成，请勿手工修改。"
    yield ""
    digests = ", ".join(f"{name} `{digest[:12]}`" for name, digest in outcome.digests.items())
    yield f"Digests of the inputs: {digests}. Another digest means that the page is out of date."
    yield ""
    yield f"{len(outcome.effects)} figures that no document at hand prints are moved one at a time to both ends of"
    yield f"their band ({moved} runs), from 1992 on: history, opening and projection all see the moved value, and"
    yield "nothing is fitted again. `[assumed]`: set by hand; `[recalled]`: remembered or written down from memory;"
    yield "`[computed]`: worked out from such figures. Bands of constants and opening figures are in their tables, all"
    yield "others with their reason in `calibration/figures/bands.yaml`; a band is an assumption as well. One at a time"
    yield "says nothing about two together, and a move that spoils the fit of the past is not taken back elsewhere."
    yield ""


def _base(outcome: Outcome) -> Iterator[str]:
    yield f"## 1. Results of `{outcome.scenario.key}` 基准结果"
    yield ""
    yield "A year stands with its range over the closures (notes/closures.md). 年份之后的括号内为闭合假设范围。"
    yield ""
    yield "| result 结果 | value 数值 | unit 单位 |"
    yield "|---|---|---|"
    for one in HEADLINES:
        if one.key in outcome.base:
            unit = "billion yuan 十亿元" if one.told == "money" or "outgo" in one.key else (
                "year 年" if one.told == "years" else "yuan a month 元/月" if "mean" in one.key else "10k persons 万人"
            )  # fmt: skip
            span = f" ({outcome.span})" if one.told == "years" else ""
            yield f"| {one.en} {one.zh} | {text(one, outcome.base[one.key])}{span} | {unit} |"
    yield ""


def _tornado(outcome: Outcome) -> Iterator[str]:
    yield "## 2. Influence, largest on the enterprise fund first 影响排序"
    yield ""
    yield "Change at the low / at the high end of the band: balances in billion yuan (十亿元), years in years, all else"
    yield "in %."
    yield f"Figures that move no headline by {SHOWS:g} % stand in section 4; balances of the public and of the resident"
    yield "fund are no headlines. `-`: not below zero within the horizon."
    yield ""
    names = heads("en", both=True)
    yield f"| {' | '.join(names)} |"
    yield f"|{'---|' * len(names)}"
    for rank, effect in enumerate(outcome.effects, 1):
        if outcome.shows(effect):
            yield f"| {' | '.join(_cell(cell) for cell in row(rank, effect, outcome, 'en'))} |"
    yield ""


def _cell(value: str) -> str:
    return value.replace("|", "/")


def _reasons(outcome: Outcome) -> Iterator[str]:
    yield "## 3. Where each comes from, and why its band 来源与区间理由"
    yield ""
    yield "| figure 参数 | evidence 依据 | source 来源 | band 区间理由 |"
    yield "|---|---|---|---|"
    for effect in outcome.effects:
        if outcome.shows(effect):
            one = effect.figure
            spread = "as its source" if one.spread == one.source else one.spread
            yield f"| {one.name} ({one.kind}) | {one.tag} | {_cell(one.source)} | {_cell(spread)} |"
    yield ""


def _without_influence(outcome: Outcome) -> Iterator[str]:
    quiet = [effect.figure for effect in outcome.effects if not outcome.shows(effect)]
    yield f"## 4. Figures that move no headline by {SHOWS:g} % 影响可忽略的假设"
    yield ""
    yield "| figure 参数 | kind 类别 | evidence 依据 | value 取值 | band 区间 |"
    yield "|---|---|---|---|---|"
    for one in sorted(quiet, key=lambda figure: (figure.kind, figure.name)):
        yield f"| {one.name} | {one.kind} | {one.tag} | {_cell(one_line(one.value))} | {_ends(one)} |"
    yield ""


def _ends(figure: Figure) -> str:
    return " to ".join(figure.moved[side] for side in ("low", "high") if side in figure.moved) or "none"


def _outside(outcome: Outcome, bases: Sequence[Basis]) -> Iterator[str]:
    yield "## 5. Assumed or recalled, and not moved 未作变动的假设"
    yield ""
    keys = ", ".join(f"`{key}`" for key in outcome.law_not_moved)
    yield f"Law parameters with assumed or recalled values [assumed] [recalled]: {keys}."
    yield ""
    tables = sorted(
        {
            f"{one.name}/{name}.csv {tag_text([str(table.card['evidence'])])}"
            for basis in bases
            for one in basis.sources()
            for name, table in one.tables.items()
            if "evidence" not in table.columns and table.card["evidence"] in ("assumption", "memory", "recalled")
        }
    )
    yield f"Whole tables: {', '.join(tables) or 'none'}."
    yield ""


def _counts(bases: Sequence[Basis], law: LawTree) -> Iterator[str]:
    counts = rows_by_tag(bases, law)
    tags = sorted({tag for counter in counts.values() for tag in counter})
    yield "## 6. Rows by evidence 各类依据的行数"
    yield ""
    names = ", ".join(basis.name for basis in bases)
    yield f"Tables of {names} and of all bases it rests on; a table without tags of its own counts by its card."
    yield ""
    yield f"| table 表 | {' | '.join(tags)} | all 合计 |"
    yield f"|{'---|' * (len(tags) + 2)}"
    for name, counter in counts.items():
        cells = " | ".join(str(counter[tag]) if counter[tag] else "" for tag in tags)
        yield f"| {name} | {cells} | {counter.total()} |"
    total: Counter[str] = sum(counts.values(), Counter())
    yield f"| all 合计 | {' | '.join(str(total[tag]) for tag in tags)} | {total.total()} |"
