"""`simengine history`: headline figures release by release, and the changelog's lines that explain the change."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from simengine.cli.session import AsJson, Lang, Session, begin

if TYPE_CHECKING:
    from simengine_calibration.ledger.releases import Line, Release, Row

WORDS = {
    "region": ("region", "地区"),
    "measure": ("measure", "指标"),
    "year": ("year", "年份"),
    "unit": ("unit", "单位"),
    "change": ("change %", "变动%"),
    "balance": ("own balance of the fund: {fund}", "基金自有结余：{fund}"),
    "numbers": (
        'CHANGELOG.md, "Numbers changed", {first} to {last}:',
        "CHANGELOG.md“Numbers changed”，{first}至{last}：",
    ),
    "none": ("  nothing is said", "  没有说明"),
    "absent": (
        "What changed and why is told in CHANGELOG.md of the source, section \"Numbers changed\"; it is not installed.",
        "变动原因见源代码中的 CHANGELOG.md“Numbers changed”一节；安装包不含该文件。",
    ),
    "unnamed": (
        "Moved by more than {limit:.0%} and named in no line: {which}",
        "变动超过{limit:.0%}而未见说明：{which}",
    ),
    "single": ("Only {name} is kept; --now computes the present figures.", "仅保存了{name}；--now 可计算当前数值。"),
    "kept": ("{path} written; announce it in CHANGELOG.md", "已写入{path}；请在 CHANGELOG.md 中说明"),
    "computing": ("computing the present headlines", "正在计算当前的主要结果"),
}  # fmt: skip


def history(
    region: Annotated[str | None, typer.Option("--region", help="One region only.")] = None,
    measure: Annotated[str | None, typer.Option("--measure", help="One measure only.")] = None,
    first: Annotated[str | None, typer.Option("--from", help="Older release; the one before --to by default.")] = None,
    last: Annotated[str | None, typer.Option("--to", help="Newer release, or now; the newest by default.")] = None,
    now: Annotated[bool, typer.Option("--now", help="Compute the present figures instead of reading them.")] = False,
    csv_file: Annotated[Path | None, typer.Option("--csv", help="Write the table in base units to a file.")] = None,
    keep: Annotated[
        str | None, typer.Option("--keep", metavar="VERSION", help="Developers: keep the present figures as a release.")
    ] = None,
    as_json: AsJson = False,
    lang: Lang = None,
) -> None:
    """Headline figures of the baselines by release, and what the changelog says about the change."""
    session = begin(lang, as_json=as_json)
    from simengine_calibration.ledger import releases as kept

    if keep is not None:
        _keep(session, keep)
        return
    releases = kept.read_releases()
    if now:
        session.note(word("computing", session))
    unreleased = kept.computed() if now else kept.present()
    if unreleased is not None:
        releases[unreleased.name] = unreleased
    names = kept.between(list(releases), first, last)
    shown = [releases[name] for name in names]
    rows = kept.table(shown, region, measure)
    path = kept.changelog()
    text = "" if path is None else path.read_text(encoding="utf-8")
    lines = kept.numbers_changed(text, names[0], names[-1])
    silent = kept.unnamed(rows, lines) if path is not None else []
    if csv_file is not None:
        csv_file.write_text(_csv(names, rows), encoding="utf-8")
    _tell(session, shown, rows, lines if path is not None else None, silent)
    session.result(
        {
            "releases": [{"release": one.name, "date": one.date} for one in shown],
            "rows": [_as_dict(names, row) for row in rows],
            "numbers_changed": [{"version": line.version, "text": line.text} for line in lines],
            "unnamed": [list(pair) for pair in silent],
        }
    )


def word(key: str, session: Session, **values: Any) -> str:
    """One text of this command in the language of the session."""
    return WORDS[key][session.lang == "zh"].format(**values)


def measure_name(measure: str, session: Session) -> tuple[str, str, float]:
    """Name of a measure, the unit it is shown in, and how many base units one of them is."""
    from simengine.judge.checks.headlines import BALANCE
    from simengine.judge.indicators import PLAN_UNITS, registry

    english = {"万人": "10k persons", "亿元": "100m yuan", "元/月": "yuan/month"}
    if measure.startswith(BALANCE):
        name, unit = word("balance", session, fund=measure.removeprefix(BALANCE)), "亿元"
    else:
        entry = registry()[measure]
        name, unit = (entry.zh if session.lang == "zh" else entry.en), entry.plan_unit
    return name, unit if session.lang == "zh" else english.get(unit, unit), PLAN_UNITS[unit][1]


def _tell(
    session: Session,
    shown: Sequence[Release],
    rows: Sequence[Row],
    lines: Sequence[Line] | None,
    silent: Sequence[tuple[str, str]],
) -> None:
    if session.json:
        return
    from simengine.report.tables.printer import TIE
    from simengine_calibration.ledger.releases import LARGE

    heads = [word(key, session) for key in ("region", "measure", "year", "unit")]
    dated = [one.name if one.date is None else f"{one.name}{TIE}({one.date})" for one in shown]
    body = []
    for row in rows:
        name, unit, size = measure_name(row.measure, session)
        values = [_number(value / size) for value in row.values]
        change = "" if math.isnan(row.change) or len(shown) < 2 else f"{row.change:+z.1%}"
        body.append([row.region, f"{row.measure} {name}", row.year, unit, *values, change])
    session.table(body, [*heads, *dated, word("change", session)])
    if len(shown) < 2:
        session.tell(word("single", session, name=shown[0].name))
        return
    if lines is None:
        session.tell(word("absent", session))
        return
    session.line("")
    session.tell(word("numbers", session, first=shown[0].name, last=shown[-1].name))
    for line in lines:
        session.tell(f"- [{line.version}] {line.text}", hang=2)
    if not lines:
        session.tell(word("none", session))
    if silent:
        which = ", ".join(f"{region} {measure}" for region, measure in silent)
        session.tell(word("unnamed", session, limit=LARGE, which=which))


def _number(value: float) -> str:
    """A number for the eye: as many decimals as its size asks for."""
    if math.isnan(value):
        return ""
    return f"{value:z,.0f}" if abs(value) >= 1000.0 else f"{value:z,.1f}" if abs(value) >= 10.0 else f"{value:z.3f}"


def _as_dict(names: Sequence[str], row: Row) -> dict[str, Any]:
    values = {name: _known(value) for name, value in zip(names, row.values, strict=True)}
    change = _known(row.change)
    return {"region": row.region, "measure": row.measure, "year": row.year, "values": values, "change": change}


def _known(value: float) -> float | None:
    return None if math.isnan(value) else value


def _csv(names: Sequence[str], rows: Sequence[Row]) -> str:
    import csv
    import io

    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(["region", "measure", "year", *names, "change"])
    for row in rows:
        numbers = ["" if math.isnan(value) else f"{value:z.9g}" for value in (*row.values, row.change)]
        writer.writerow([row.region, row.measure, row.year, *numbers])
    return stream.getvalue()


def _keep(session: Session, version: str) -> None:
    import datetime

    from simengine.common.errors import SimengineError
    from simengine_calibration.ledger import releases as kept

    if kept.present() is None:
        raise SimengineError("release_no_checkout", where="--keep")
    session.note(word("computing", session))
    today = datetime.datetime.now(tz=datetime.UTC).date()
    session.line(word("kept", session, path=kept.keep(version, today)))
