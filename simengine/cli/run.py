"""Commands that project: run, check and targets."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from simengine.cli.session import AsJson, Lang, Names, Quiet, Session, Threads, begin, records, threads_to_use
from simengine.cli.what_if import Actuals, Growth, Lever, SetTo, WhatIfs

if TYPE_CHECKING:
    from simengine.common.messages import Language
    from simengine.judge.run import IdentityError, ImpossibleError, Judged, JudgedRun
    from simengine.judge.targets.verdicts import Verdict
    from simengine.report.tables.opening import Tables
    from simengine.scenario.scenario import Scenario

Out = Annotated[Path, typer.Option("--out", help="Folder of the results; one sub-folder a scenario.")]
FailOnMiss = Annotated[bool, typer.Option("--fail-on-miss", help="Exit with 3 when a target is missed.")]
Markdown = Annotated[
    bool,
    typer.Option(
        "--markdown",
        help="Print only the judged rows in force, as a Markdown table: met or missed, no repetition, no row that a "
        "later official target replaced.",
    ),
]

MISSED = 3
"""Exit code when a target is missed and the user asked to be told so."""

FAILED_CHECKS = "failed_checks.csv"


Only = Annotated[
    str | None,
    typer.Option(
        "--only", metavar="tables|closures|valuation", help="Show one section; every check is made all the same."
    ),
]


def run(
    scenarios: Names,
    out: Out = Path("out"),
    lever: Lever = None,
    set_to: SetTo = None,
    growth: Growth = None,
    actuals: Actuals = None,
    json: AsJson = False,
    lang: Lang = None,
    threads: Threads = None,
    fail_on_miss: FailOnMiss = False,
    quiet: Quiet = False,
) -> None:
    """Project scenarios and write their results.

    Each scenario gets a folder with projection.nc, targets.csv, checks.csv, opening.csv, position.csv, gap.csv,
    free_run.csv, people.csv, plausibility.csv, anchors.csv, exhaustion.csv, branches.csv, erosion.csv, entry.csv,
    ages.csv, closures.csv, ranges.csv and manifest.json. Headline results are printed as ranges over the closures: over
    what no published figure identifies. A region that misses what was printed after its opening gets no verdict on its
    funds.
    Verdicts of two scenarios of one region, such as jiangxi/baseline jiangxi/as_planned, are printed side by side.
    """
    session = begin(lang, quiet=quiet, as_json=json)
    from simengine.cli.engine import execute
    from simengine.cli.inputs import load_all
    from simengine.common.files import locked
    from simengine.common.progress import reporting

    started = datetime.now(UTC).isoformat(timespec="seconds")
    used = threads_to_use(threads)
    with reporting(session.lang, quiet=quiet) as reporter:
        reporter("read")
        chosen = load_all(scenarios, WhatIfs(lever, set_to, growth, actuals))
        with locked(out):
            done = execute(chosen, used, reporter)
            if not done.sound:
                raise refused(done, _keep_failed(done, out))
            reporter("targets")
            verdicts = {scenario.key: done[scenario.key].verdicts for scenario in chosen}
            tables = {scenario.key: done[scenario.key].tables for scenario in chosen}
            reporter("write")
            written = write(done, verdicts, tables, out, started)
    _tell_remarks(session, done)
    missed = _tell(session, done, verdicts, tables, written, out)
    if fail_on_miss and missed:
        raise typer.Exit(MISSED)


def check(
    scenarios: Names,
    lever: Lever = None,
    set_to: SetTo = None,
    growth: Growth = None,
    actuals: Actuals = None,
    json: AsJson = False,
    lang: Lang = None,
    threads: Threads = None,
    only: Only = None,
    quiet: Quiet = False,
) -> None:
    """Project scenarios and check them.

    The identities of persons and money of every lane and year decide, and whether all results are possible. Beside them
    are shown: the opening position against its figures, the free run against the past, residents, births and deaths
    against the official counts, how every region enters, cover by age and birth cohort, new pensions by factor, every
    year in which a fund crosses zero, what amounts fixed in law are still worth, and plausibility. So is what campaigns
    could not find, and what the parts of a region come to where it is run together with them. Headline results and
    years of the funds are ranges over the closures. The pension funds are valued over 25, 50 and 75 years, and
    stylised workers told with what they pay and get. Nothing is written.
    """
    session = begin(lang, quiet=quiet, as_json=json)
    from simengine.report.tables.coherence import show_coherence
    from simengine.report.tables.verdicts import checks_line, show_checks

    parts = _sections(only)
    done = _project(scenarios, WhatIfs(lever, set_to, growth, actuals), session, threads)
    _tell_remarks(session, done)
    if not (quiet or json) and TABLES in parts:
        show_checks(done.identities, session.lang)
    session.tell(checks_line(done.identities, session.lang))
    beside: dict[str, Any] = {"bounds": records(done.bounds)} if len(done.bounds) else {}
    if not done.sound:
        failed = len(done.failed) + len(done.impossible)
        session.result({"checks": records(done.identities), "failed": failed, **beside})
        raise refused(done)
    tables = {scenario.key: done[scenario.key].tables for scenario in done.scenarios}
    for scenario in done.scenarios:
        _tell_sections(session, scenario, done[scenario.key], tables[scenario.key], parts)
    if only is not None:
        session.say("check.only", name=only)
    if not (quiet or json) and TABLES in parts:
        show_coherence(done.coherence, session.lang)
    printed = {key: {name: records(table) for name, table in found.items()} for key, found in tables.items()}
    beside |= {"coherence": records(done.coherence)} if len(done.coherence) else {}
    entered = {scenario.key: records(done[scenario.key].actuals) for scenario in done.scenarios}
    beside |= {"actuals": {key: rows for key, rows in entered.items() if rows}} if any(entered.values()) else {}
    asked = {scenario.key: records(done[scenario.key].campaigns) for scenario in done.scenarios}
    beside |= {"campaigns": {key: rows for key, rows in asked.items() if rows}} if any(asked.values()) else {}
    funds = {key: _fund_verdicts(one, session.lang) for key, one in done.items()}
    beside |= {"fund_verdicts": {key: rows for key, rows in funds.items() if rows}} if any(funds.values()) else {}
    session.result({"checks": records(done.identities), "failed": 0, "scenarios": printed, **beside})


def targets(
    scenarios: Names,
    lever: Lever = None,
    set_to: SetTo = None,
    growth: Growth = None,
    actuals: Actuals = None,
    json: AsJson = False,
    lang: Lang = None,
    threads: Threads = None,
    fail_on_miss: FailOnMiss = False,
    quiet: Quiet = False,
    markdown: Markdown = False,
) -> None:
    """Project scenarios and judge their targets.

    The verdict on every row of the plan, in full; nothing is written. Two scenarios of one region that were held to
    the same rows are printed side by side.
    """
    session = begin(lang, quiet=quiet, as_json=json)
    if markdown and json:
        from simengine.common.errors import SimengineError

        raise SimengineError("markdown_and_json")
    from simengine.cli.verdicts import arranged, tell, tell_markdown
    from simengine.judge.targets.verdicts import to_frame

    done = _project(scenarios, WhatIfs(lever, set_to, growth, actuals), session, threads)
    _tell_remarks(session, done)
    if not done.sound:
        raise refused(done)
    verdicts = {scenario.key: done[scenario.key].verdicts for scenario in done.scenarios}
    arrangement = list(arranged(done.scenarios, verdicts))
    if markdown:
        tell_markdown(session, arrangement, verdicts)
        for judged in done.values():
            _tell_findings(session, judged, aside=True)
    else:
        for together in arrangement:
            tell(session, together, verdicts, command="targets", full=True)
            for scenario in together:
                _tell_findings(session, done[scenario.key])
    session.result({key: records(to_frame(rows)) for key, rows in verdicts.items()})
    if fail_on_miss and any(map(_missed, verdicts.values())):
        raise typer.Exit(MISSED)


TABLES, CLOSURES, VALUATION = SECTIONS = ("tables", "closures", "valuation")


def _sections(only: str | None) -> tuple[str, ...]:
    """Parts of `check` that are shown; every check is made all the same."""
    from simengine.common.errors import ScenarioError
    from simengine.common.messages import near

    if only is not None and only not in SECTIONS:
        meant = near(only, SECTIONS)
        raise ScenarioError("quantity_format", where="--only", near=meant, name=only, known=", ".join(SECTIONS))
    return SECTIONS if only is None else (only,)


def _tell_sections(session: Session, scenario: Scenario, judged: Judged, tables: Tables, parts: Sequence[str]) -> None:
    """What `simengine check` prints of one scenario, the sections that were asked for."""
    from simengine.report.tables.actuals import show_actuals

    if TABLES in parts:
        if VALUATION in parts:
            _tell_valuation(session, judged, full=False)  # the short answer, near the top
        _tell_tables(session, scenario, tables, full=True)
    if CLOSURES in parts:
        _tell_closures(session, judged)
    if VALUATION in parts:
        _tell_valuation(session, judged, full=True)
    if TABLES in parts and not (session.quiet or session.json):
        show_actuals(judged.actuals, session.lang)
    _tell_findings(session, judged)


# --- steps ------------------------------------------------------------------------------------------------------------


def _tell_remarks(session: Session, done: JudgedRun) -> None:
    """What a reader must know of the levers of each scenario."""
    from simengine.common.messages import say

    for scenario in done.scenarios:
        for remark in done[scenario.key].remarks:
            session.note(say("remark", session.lang, text=getattr(remark, session.lang)))


def _project(names: list[str], what_ifs: WhatIfs, session: Session, threads: int | None) -> JudgedRun:
    from simengine.cli.engine import execute
    from simengine.cli.inputs import load_all
    from simengine.common.progress import reporting

    used = threads_to_use(threads)
    with reporting(session.lang, quiet=session.quiet) as reporter:
        reporter("read")
        return execute(load_all(names, what_ifs), used, reporter)


def write(
    done: JudgedRun, verdicts: Mapping[str, list[Verdict]], found: Mapping[str, Tables], out: Path, started: str
) -> dict[str, list[Path]]:
    """All files of all scenarios, complete on the disk before the first replaces an earlier one."""
    from simengine.common.files import file_set
    from simengine.common.messages import LANGUAGES
    from simengine.engine import results as io
    from simengine.engine.provenance import provenance
    from simengine.report.tables.verdicts import verdict_csv

    place = io.environment(done.threads)
    with file_set() as files:
        for scenario in done.scenarios:
            marks = io.stamp(scenario, done[scenario.key].inputs)
            part = io.stamped(done[scenario.key].projection, scenario.title(), marks)
            tables = {
                "targets": verdict_csv(verdicts[scenario.key]),
                "checks": done[scenario.key].identities,
                **found[scenario.key],
            }
            if len(done[scenario.key].actuals):
                tables["actuals"] = done[scenario.key].actuals
            told = {"environment": place, "started": started}
            english, chinese = (provenance(scenario, _remarks(done[scenario.key], lang)) for lang in LANGUAGES)
            manifest = {**marks, **told, **english, "remarks_zh": chinese["remarks"]}
            io.add_results(files, out / scenario.key, part, tables, manifest)
        paths = files.commit()
    (out / FAILED_CHECKS).unlink(missing_ok=True)  # of an earlier run that failed
    return {scenario.key: [path for path in paths if path.parent == out / scenario.key] for scenario in done.scenarios}


def refused(done: JudgedRun, kept: Path | None = None) -> IdentityError | ImpossibleError:
    """The error of a run that must not be used; `kept` is the file of the failed checks, where one was written."""
    from simengine.common.messages import Words, say
    from simengine.judge.run import IdentityError, ImpossibleError
    from simengine.report.tables.findings import campaign_lines, impossible_lines
    from simengine.report.tables.verdicts import checks_line

    def told(lang: Language) -> str:
        lines = [checks_line(done.identities, lang)] if len(done.failed) else []
        short = [line for judged in done.values() for line in campaign_lines(judged.campaigns, lang)]
        found = impossible_lines(done.bounds, lang)
        named = sorted({lever.key for one in done.scenarios for lever in one.levers} if found else ())
        ways = [say("impossible_levers", lang, names=", ".join(named))] if named else []
        tables = [judged.actuals for judged in done.values() if found]
        items = sorted({item for table in tables for item in table["item"][table["use"].isin(("entered", "solved"))]})
        ways += [say("impossible_actuals", lang, names=", ".join(items))] if items else []
        return "\n".join([*lines, *found, *short, *ways])

    text = Words(told("en"), told("zh"))
    kind = IdentityError if len(done.failed) else ImpossibleError
    return kind("identities_fail", text=text) if kept is None else kind("identities_unwritten", text=text, path=kept)


def _keep_failed(done: JudgedRun, out: Path) -> Path:
    """Write the failed checks, identities before impossible results, touching no earlier result; returns their file."""
    import pandas as pd

    from simengine.common.files import file_set, write_table

    path = out / FAILED_CHECKS
    impossible = done.impossible.rename(columns={"measure": "check", "value": "worst"})
    parts = [part for part in (done.failed, impossible) if len(part)]
    failed = pd.concat(parts, ignore_index=True).drop(columns=["reason", "reason_zh"], errors="ignore")
    with file_set() as files:
        files.add(path, lambda temporary: write_table(failed, temporary))
        files.commit()
    return path


def _remarks(judged: Judged, lang: Language) -> list[str]:
    """What is said in words: remarks on the levers, and what is told of the results."""
    from simengine.report.tables.findings import told_lines

    own = [str(getattr(remark, lang)) for remark in judged.remarks]
    return own + told_lines(judged.bounds, judged.campaigns, lang)


def _tell_findings(session: Session, judged: Judged, *, aside: bool = False) -> None:
    """What is told and fails nothing: known rates above one, and what campaigns could not find; `aside` as notes."""
    from simengine.report.tables.findings import told_lines

    for sentence in told_lines(judged.bounds, judged.campaigns, session.lang):
        if aside:
            session.note(sentence)
        else:
            session.tell(sentence, hang=4)


def _tell(
    session: Session,
    done: JudgedRun,
    verdicts: Mapping[str, list[Verdict]],
    tables: Mapping[str, Tables],
    written: Mapping[str, list[Path]],
    out: Path,
) -> int:
    """Print what was done; returns the number of missed targets."""
    from simengine.cli.verdicts import arranged, tell
    from simengine.judge.targets.shared import facts
    from simengine.judge.targets.verdicts import headline, to_frame
    from simengine.report.tables.verdicts import checks_line

    files = {key: [path.name for path in paths] for key, paths in written.items()}
    for together in arranged(done.scenarios, verdicts):
        tell(session, together, verdicts, command="run", full=False)
        for scenario in together:
            _tell_tables(session, scenario, tables[scenario.key], full=False)
            _tell_closures(session, done[scenario.key])
            _tell_valuation(session, done[scenario.key], full=False)
            _tell_findings(session, done[scenario.key])
            names = ", ".join(files[scenario.key])
            session.say("run_done", scenario=scenario.key, files=names, folder=out / scenario.key)
    printed = [
        {
            "scenario": scenario.key,
            "folder": str(out / scenario.key),
            "files": files[scenario.key],
            "targets": records(to_frame(verdicts[scenario.key])),
            "checks": records(done[scenario.key].identities),
            "bounds": records(done[scenario.key].bounds),
            "campaigns": records(done[scenario.key].campaigns),
            "headline": {"rows": headline(verdicts[scenario.key]), "facts": facts(verdicts[scenario.key])},
            "ranges": records(done[scenario.key].ranges),
            "anchors": records(done[scenario.key].anchors),
            "fund_verdicts": _fund_verdicts(done[scenario.key], session.lang),
            "remarks": _remarks(done[scenario.key], session.lang),
        }
        for scenario in done.scenarios
    ]
    session.tell(checks_line(done.identities, session.lang))
    session.say("summary.projection")
    session.result({"scenarios": printed})
    return sum(_missed(rows) for rows in verdicts.values())


def _tell_tables(session: Session, scenario: Scenario, tables: Tables, *, full: bool) -> None:
    """The opening position and plausibility in a few lines; `full` prints the tables behind them."""
    from simengine.report.tables.opening import show_tables, summary_lines

    if session.quiet or session.json:
        return
    session.say("opening.title", scenario=f"{scenario.title(session.lang)} ({scenario.key})")
    for sentence in summary_lines(tables, session.lang):
        session.tell(sentence, hang=4)
    if full:
        show_tables(tables, session.lang)


def _tell_closures(session: Session, judged: Judged) -> None:
    """Whether funds are judged, and headline results as ranges over the closures."""
    from simengine.report.tables.anchors import show_anchors
    from simengine.report.tables.closures import show_closures

    if not (session.quiet or session.json):
        show_anchors(judged.fund_verdicts.values(), session.lang)
        title = f"{judged.scenario.title(session.lang)} ({judged.scenario.key})"
        show_closures(judged.over, judged.nation, title, session.lang, nation_funds=judged.nation_funds)


def _tell_valuation(session: Session, judged: Judged, *, full: bool) -> None:
    """The actuarial balance of every judged fund in a line; `full` prints the valuation and the stylised workers."""
    from simengine.report.tables.valuation import show_valuation, show_workers, valuation_lines

    if session.quiet or session.json:
        return
    if full:
        show_valuation(judged.valuation, session.lang)
        show_workers(judged.workers, session.lang)
        return
    for sentence in valuation_lines(judged.valuation, session.lang):
        session.tell(sentence, hang=4)


def _fund_verdicts(judged: Judged, lang: Language) -> list[dict[str, Any]]:
    """Whether the funds of each region are judged, and why, as records."""
    return [
        {"region": region, "given": found.given, "why": found.why, "text": found.text(lang)}
        for region, found in judged.fund_verdicts.items()
    ]


def _missed(verdicts: list[Verdict]) -> int:
    return sum(verdict.verdict == "missed" for verdict in verdicts)
