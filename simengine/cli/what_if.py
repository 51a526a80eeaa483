"""What-ifs on the command line: the options every command shares that takes scenarios, and their place in its help."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any

import typer
from typer.core import TyperCommand

if TYPE_CHECKING:
    from simengine.scenario.scenario import Scenario

PANEL = "What if"

Lever = Annotated[
    list[str] | None,
    typer.Option(
        "--lever",
        metavar="NAME",
        rich_help_panel=PANEL,
        help="Add a lever: a packaged name (simengine list levers), or your own file ending in .yaml.",
    ),
]
SetTo = Annotated[
    list[str] | None,
    typer.Option(
        "--set",
        metavar="SERIES=YEAR:VALUE",
        rich_help_panel=PANEL,
        help="Set a series; each value holds until the next year stated: average_wage=2026:9500,2027:9_800. A "
        "coverage level counts in the years stated and goes on from there with the population. A "
        "parameter of the law takes days: pension/rate_employer=2028-01-01:20%; a constant takes one value: "
        "layoff_share=0.5. A ! at the end says that what looks like a slip of unit is meant.",
    ),
]
Growth = Annotated[
    list[str] | None,
    typer.Option(
        "--growth",
        metavar="SERIES=RATE",
        rich_help_panel=PANEL,
        help="Yearly growth of a series in place of its own: average_wage=3% from the year after its last known value "
        "on, average_wage=2026:3%,2031:2% from the years stated on. Of a coverage level, such as "
        "enterprise_payers=1%: growth beyond what the basis assumes, the coverage_growth of a lever file.",
    ),
]

Actuals = Annotated[
    list[str] | None,
    typer.Option(
        "--actuals",
        metavar="FILE",
        rich_help_panel=PANEL,
        help="Known figures of the region: a table (.csv, .xlsx) as simengine template actuals writes it. They replace "
        "known years, and growth goes on from the last one. none: leave out all actuals; compare: only hold the run "
        "against them.",
    ),
]

EPILOG = """What-ifs are levers without a file. They may be repeated and act on every scenario named; two that change
the same thing are refused. Numbers: 100_000, 885万 (8,850,000), 1.2亿 (120,000,000), 0.03 or 3%.

\b
数值：100_000；885万即8,850,000；1.2亿即120,000,000；0.03或3%。

Examples:

\b
  simengine {command} jiangxi/baseline --growth average_wage=3% --lever layoff_wave
  simengine {command} jiangxi/baseline --set unemployment_insured=2026:400万

simengine/notes/scenarios.md, section 5, explains each option."""


def epilog(command: str) -> str:
    """What stands below the options in the help of a command."""
    return EPILOG.replace("{command}", command)


class Grouped(TyperCommand):
    """A command whose help prints options under the heading of their panel."""

    def format_options(self, ctx: Any, formatter: Any) -> None:
        """Arguments, options, and options of each panel, in the order of their first parameter."""
        sections: dict[str, list[tuple[str, str]]] = {"Arguments": [], "Options": []}
        for parameter in self.get_params(ctx):
            record = parameter.get_help_record(ctx)
            if record is not None:
                kind = "Arguments" if parameter.param_type_name == "argument" else "Options"
                sections.setdefault(getattr(parameter, "rich_help_panel", None) or kind, []).append(record)
        for heading, records in sections.items():
            if records:
                with formatter.section(heading):
                    formatter.write_dl(records)


@dataclass(frozen=True)
class WhatIfs:
    """What-ifs as they were typed, options left out being None."""

    lever: list[str] | None = None
    set: list[str] | None = None
    growth: list[str] | None = None
    actuals: list[str] | None = None

    def __bool__(self) -> bool:
        return bool(self.lever or self.set or self.growth or self.actuals)

    def on(self, scenario: Scenario) -> Scenario:
        """A scenario with these what-ifs; the scenario itself where there are none."""
        if not self:
            return scenario
        from simengine.engine.what_if import what_if

        said = {"set": self.set or (), "growth": self.growth or (), "actuals": self.actuals or ()}
        return what_if(scenario, levers=self.lever or (), **said)


NONE = WhatIfs()
"""No what-if."""
