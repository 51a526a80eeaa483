"""How verdicts are told: scenario by scenario, or two of one region side by side."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from simengine.cli.session import Session

if TYPE_CHECKING:
    from simengine.judge.targets.verdicts import Verdict
    from simengine.report.tables.pairs import Pair
    from simengine.scenario.scenario import Scenario

TODAY, AS_PLANNED = "baseline", "as_planned"
"""Last parts of the two scenarios that every packaged region has."""


def arranged(
    scenarios: Sequence[Scenario], verdicts: Mapping[str, Sequence[Verdict]]
) -> Iterator[tuple[Scenario, ...]]:
    """Scenarios in the order named, two together where exactly two of one region were held to the same rows.

    Of two scenarios the one that knows today's law comes first when the other knows the law of the opening.
    """
    from simengine.report.tables.pairs import rows_of

    groups: dict[object, list[Scenario]] = {}
    group_of: dict[str, list[Scenario]] = {}
    for scenario in scenarios:
        rows = verdicts[scenario.key]
        key = (_region(scenario), rows_of(rows)) if rows else scenario.key
        group_of[scenario.key] = groups.setdefault(key, [])
        group_of[scenario.key].append(scenario)
    for scenario in scenarios:
        group = group_of[scenario.key]
        if len(group) != 2:
            yield (scenario,)
        elif scenario is group[0]:
            yield tuple(sorted(group, key=lambda one: one.information == "opening"))


def _region(scenario: Scenario) -> str:
    """Region of a scenario: a basis is called REGION-YEAR."""
    return scenario.basis.rpartition("-")[0]


def pair_of(scenarios: tuple[Scenario, ...], verdicts: Mapping[str, Sequence[Verdict]], session: Session) -> Pair:
    """Two scenarios as the sides of a table."""
    from simengine.report.tables.pairs import Side, labels

    first, second = scenarios
    names = labels(first.key, second.key)
    one, two = (
        Side(name, scenario.title(session.lang), verdicts[scenario.key])
        for name, scenario in zip(names, scenarios, strict=True)
    )
    return one, two


def tell(
    session: Session,
    scenarios: tuple[Scenario, ...],
    verdicts: Mapping[str, Sequence[Verdict]],
    *,
    command: str,
    full: bool,
) -> None:
    """Print the verdicts of one scenario, or of two side by side.

    Parameters
    ----------
    scenarios : one or two, as `arranged` gives them
    command : what the user called, for the line that says how to see two scenarios side by side
    full : say reasons and other readings as well
    """
    if session.quiet or session.json:
        return
    if len(scenarios) == 2:
        _tell_pair(session, scenarios, verdicts, full)
    else:
        _tell_one(session, scenarios[0], verdicts[scenarios[0].key], command, full)


def _tell_one(session: Session, scenario: Scenario, verdicts: Sequence[Verdict], command: str, full: bool) -> None:
    from simengine.report.tables.verdicts import show_verdicts, summary

    if not verdicts:
        session.say("no_targets", scenario=scenario.key)
        return
    session.say("verdicts_of", scenario=f"{scenario.title(session.lang)} ({scenario.key})")
    show_verdicts(verdicts, session.lang, full=full)
    for sentence in summary(verdicts, session.lang):
        session.tell(sentence, hang=4)
    other = counterpart(scenario)
    if other:
        session.say("pair.hint", command=command, first=scenario.key, second=other)


def counterpart(scenario: Scenario) -> str:
    """Name of the packaged scenario that lays what was known at the opening beside this one; empty when there is none.

    Only a packaged ``REGION/baseline`` has one.
    """
    from simengine.scenario.scenario import packaged

    folder, _, name = scenario.key.rpartition("/")
    other = f"{folder}/{AS_PLANNED}"
    return other if folder and name == TODAY and other in packaged() else ""


def _tell_pair(
    session: Session, scenarios: tuple[Scenario, ...], verdicts: Mapping[str, Sequence[Verdict]], full: bool
) -> None:
    from simengine.report.tables.pairs import pair_summary, show_pair

    pair = pair_of(scenarios, verdicts, session)
    session.say("pair.title", first=scenarios[0].key, second=scenarios[1].key)
    for side, scenario in zip(pair, scenarios, strict=True):
        session.say("pair.side", label=side.label, title=side.title, scenario=scenario.key)
    show_pair(pair, session.lang)
    for sentence in pair_summary(pair, session.lang, full=full):
        session.tell(sentence, hang=4)


def tell_markdown(
    session: Session, arrangement: Sequence[tuple[Scenario, ...]], verdicts: Mapping[str, Sequence[Verdict]]
) -> None:
    """Print the judged rows in force as Markdown: the table alone for one scenario or pair, headings before several."""
    from simengine.report.tables.markdown import markdown_pair, markdown_table

    for place, scenarios in enumerate(arrangement):
        if len(arrangement) > 1:
            titles = ", ".join(f"{scenario.title(session.lang)} ({scenario.key})" for scenario in scenarios)
            session.line(f"{'' if place == 0 else chr(10)}{titles}\n")
        table = (
            markdown_pair(pair_of(scenarios, verdicts, session), session.lang)
            if len(scenarios) == 2
            else markdown_table(verdicts[scenarios[0].key], session.lang)
        )
        session.line(table.rstrip("\n"))
