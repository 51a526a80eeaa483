"""`simengine assumptions`: every assumed or recalled figure moved to the ends of its band, and what that changes."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from simengine.cli.session import AsJson, Lang, Quiet, Session, Threads, begin, threads_to_use

if TYPE_CHECKING:
    from simengine_calibration.ledger.figures import Figure
    from simengine_calibration.ledger.run import Outcome

WORDS = {
    "running": ("moving assumptions, runs done", "正在逐项变动假设，已完成"),
    "told": (
        "Change at the low / high end of each band: balances in billion yuan, years in years, the rest in %.",
        "各区间低值/高值时的变动：结余为十亿元，年份为年，其余为%。",
    ),
    "quiet": (
        "{count} figures move no headline by {limit:g} %; --all prints them too.",
        "{count}项参数对各主要结果的影响均小于{limit:g}%；--all 可一并列出。",
    ),
    "written": ("written: {path}", "已写入：{path}"),
}


def assumptions(
    scenario: Annotated[str, typer.Argument(metavar="SCENARIO", help="Name (china/baseline) or file ending in .yaml.")],
    only: Annotated[list[str] | None, typer.Option("--only", help="Figures to move; all without one.")] = None,
    listing: Annotated[bool, typer.Option("--list", help="List the figures and their bands, run nothing.")] = False,
    everything: Annotated[bool, typer.Option("--all", help="Print figures without influence as well.")] = False,
    out: Annotated[Path | None, typer.Option("--out", help="Folder for assumptions.csv.")] = None,
    markdown: Annotated[Path | None, typer.Option("--markdown", help="File for the report in Markdown.")] = None,
    threads: Threads = None,
    as_json: AsJson = False,
    lang: Lang = None,
    quiet: Quiet = False,
) -> None:
    """How much each assumed or recalled figure matters: headline results at both ends of its band."""
    session = begin(lang, quiet=quiet, as_json=as_json)
    from simengine.scenario.scenario import load_scenario

    loaded = load_scenario(scenario)
    if listing:
        _list(session, loaded)
        return
    from simengine.common.progress import reporting
    from simengine_calibration.ledger.run import move_each

    with reporting(session.lang, quiet=quiet) as report:
        stage = word("running", session)
        outcome = move_each(loaded, only or (), threads_to_use(threads), lambda done, total: report(stage, done, total))
    if out is not None:
        _write_csv(session, out, outcome)
    if markdown is not None:
        _write_page(session, markdown, outcome, f"simengine assumptions {scenario} --markdown {markdown}")
    _tell(session, outcome, everything)
    session.result(_as_dict(outcome))


def word(key: str, session: Session, **values: Any) -> str:
    """One text of this command in the language of the session."""
    return WORDS[key][session.lang == "zh"].format(**values)


def _tell(session: Session, outcome: Outcome, everything: bool) -> None:
    if session.quiet or session.json:
        return
    from simengine_calibration.ledger.page import heads, row
    from simengine_calibration.ledger.run import SHOWS

    shown = [
        row(rank, effect, outcome, session.lang)
        for rank, effect in enumerate(outcome.effects, 1)
        if everything or outcome.shows(effect)
    ]
    session.table(shown, heads(session.lang))
    session.line(word("told", session))
    if len(shown) < len(outcome.effects):
        session.line(word("quiet", session, count=len(outcome.effects) - len(shown), limit=SHOWS))


def _write_csv(session: Session, folder: Path, outcome: Outcome) -> None:
    from simengine_calibration.ledger.page import csv_text

    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "assumptions.csv"
    path.write_text(csv_text(outcome), encoding="utf-8")
    session.line(word("written", session, path=path))


def _write_page(session: Session, path: Path, outcome: Outcome, command: str) -> None:
    import datetime

    from simengine.engine.project import lane_bases
    from simengine.law import load_law
    from simengine_calibration.ledger.page import page

    today = datetime.datetime.now(tz=datetime.UTC).date()
    path.write_text(page(outcome, lane_bases(outcome.scenario), load_law(), command, today), encoding="utf-8")
    session.line(word("written", session, path=path))


def _list(session: Session, scenario: Any) -> None:
    from simengine.engine.project import lane_bases
    from simengine.law import load_law
    from simengine_calibration.ledger.bands import read_bands
    from simengine_calibration.ledger.figures import list_figures
    from simengine_calibration.ledger.page import HEADS

    figures = list_figures(lane_bases(scenario), load_law(), read_bands(), scenario.information == "today")
    chosen = [HEADS[key][session.lang == "zh"] for key in ("kind", "figure", "tag", "value", "low", "high", "source")]
    if not session.json and not session.quiet:
        session.table([_listed(figure) for figure in figures], chosen)
    keys = ("kind", "figure", "evidence", "value", "low", "high", "band_source")
    session.result([dict(zip(keys, _listed(figure), strict=True)) for figure in figures])


def _listed(figure: Figure) -> list[str]:
    from simengine_calibration.ledger.page import one_line

    ends = [figure.moved.get(side, "") for side in ("low", "high")]
    return [figure.kind, figure.name, figure.tag, one_line(figure.value), *ends, figure.spread]


def _as_dict(outcome: Outcome) -> dict[str, Any]:
    from simengine_calibration.ledger.results import HEADLINES, as_plain

    return {
        "scenario": outcome.scenario.key,
        "inputs": dict(outcome.digests),
        "base": as_plain(outcome.base),
        "base_range": {one.key: outcome.span for one in HEADLINES if one.told == "years" and one.key in outcome.base},
        "figures": [
            {
                "kind": effect.figure.kind,
                "figure": effect.figure.name,
                "evidence": effect.figure.tag,
                "value": effect.figure.value,
                "moved": dict(effect.figure.moved),
                "results": {side: as_plain(found) for side, found in effect.results.items()},
            }
            for effect in outcome.effects
        ],
        "law_not_moved": list(outcome.law_not_moved),
    }
