"""Pictures of a projection: each states its finding, carries its units and its source, and has its numbers beside it.

Every ``plot_*`` function draws on the axes it is given and returns them; `save_figures` writes a set of them. The rules
are in notes/figures.md.

    from matplotlib.figure import Figure
    from simengine import plot

    figure = Figure(layout="constrained")
    plot.plot_fund(figure.add_subplot(), result.dataset, "jiangxi/baseline", "jiangxi", lang="zh")
    plot.save_figures(result, "figures", "zh")
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from simengine.common.errors import ScenarioError
from simengine.common.messages import Language, near
from simengine.registry.axes import FUND
from simengine.report.figures.background import Background, background, dataset_of, statutory_ages
from simengine.report.figures.lexis import lexis_table, plot_lexis
from simengine.report.figures.money import plot_fund
from simengine.report.figures.people import plot_coverage, plot_dependency, plot_population_pyramid, pyramid_years
from simengine.report.figures.style import SOFT, SOURCE_SIZE, FigureWarning, Look, look_for, wrapped
from simengine.report.figures.tables import (
    BRANCHES,
    coverage_table,
    dependency_table,
    fund_table,
    population_table,
)

if TYPE_CHECKING:
    import pandas as pd
    import xarray as xr
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from simengine.common.files import FileSet
    from simengine.engine.project import Result
    from simengine.scenario.scenario import Scenario

__all__ = [
    "BRANCHES",
    "FIGURES",
    "FigureWarning",
    "Subject",
    "background",
    "coverage_table",
    "dependency_table",
    "draw_figure",
    "fund_table",
    "lexis_table",
    "look_for",
    "plot_coverage",
    "plot_dependency",
    "plot_fund",
    "plot_lexis",
    "plot_population_pyramid",
    "population_table",
    "save_figures",
    "statutory_ages",
]

SIZE = (8.0, 5.4)
"""Inches: half a printed page, readable in a document and on a slide."""

DOTS = 200
FORMATS = ("png", "svg")


@dataclass(frozen=True)
class Subject:
    """What one picture is about, with what stands beside it."""

    projection: xr.Dataset
    scenario: str
    region: str
    beside: Background
    look: Look

    @property
    def lane(self) -> tuple[xr.Dataset, str, str]:
        """Projection, scenario and region."""
        return self.projection, self.scenario, self.region


@dataclass(frozen=True)
class FigureKind:
    """One picture of the set: how its numbers are gathered, how they are drawn, whether it rests on rows of a plan."""

    table: Callable[[Subject], pd.DataFrame]
    draw: Callable[[Axes, Subject, pd.DataFrame], Axes]
    plan_rows: bool = False


def _population() -> FigureKind:
    def table(of: Subject) -> pd.DataFrame:
        years = pyramid_years(of.projection, None, None)
        return population_table(*of.lane, years, of.beside.ages(of.region, years))

    def draw(ax: Axes, of: Subject, rows: pd.DataFrame) -> Axes:
        return plot_population_pyramid(ax, *of.lane, lang=of.look, table=rows)

    return FigureKind(table, draw)


def _lexis() -> FigureKind:
    def table(of: Subject) -> pd.DataFrame:
        years = [int(year) for year in of.projection.year_end.values]
        return lexis_table(*of.lane, of.beside.ages(of.region, years))

    def draw(ax: Axes, of: Subject, rows: pd.DataFrame) -> Axes:
        return plot_lexis(ax, *of.lane, lang=of.look, table=rows)

    return FigureKind(table, draw)


def _coverage(branch: str) -> FigureKind:
    def table(of: Subject) -> pd.DataFrame:
        history, definitions = of.beside.history(of.region), of.beside.definitions
        return coverage_table(*of.lane, branch, targets=of.beside.targets, history=history, definitions=definitions)

    def draw(ax: Axes, of: Subject, rows: pd.DataFrame) -> Axes:
        definitions = of.beside.definitions
        return plot_coverage(ax, *of.lane, branch=branch, definitions=definitions, lang=of.look, table=rows)

    return FigureKind(table, draw, plan_rows=True)


def _fund(fund: str) -> FigureKind:
    def table(of: Subject) -> pd.DataFrame:
        return fund_table(*of.lane, fund, ranges=of.beside.ranges, anchors=of.beside.anchors)

    def draw(ax: Axes, of: Subject, rows: pd.DataFrame) -> Axes:
        return plot_fund(ax, *of.lane, fund=fund, lang=of.look, table=rows)

    return FigureKind(table, draw)


def _dependency() -> FigureKind:
    def table(of: Subject) -> pd.DataFrame:
        return dependency_table(*of.lane)

    def draw(ax: Axes, of: Subject, rows: pd.DataFrame) -> Axes:
        return plot_dependency(ax, *of.lane, lang=of.look, table=rows)

    return FigureKind(table, draw)


FIGURES: dict[str, FigureKind] = {
    "population_pyramid": _population(),
    "lexis_coverage": _lexis(),
    **{f"coverage_{branch}": _coverage(branch) for branch in BRANCHES},
    **{f"fund_{fund}": _fund(fund) for fund in FUND},
    "dependency": _dependency(),
}
"""The set of pictures by name; names are also the names of the files."""


def save_figures(
    result: Result | xr.Dataset,
    folder: str | Path,
    lang: Language = "en",
    *,
    names: Sequence[str] | None = None,
    scenario: str | None = None,
    regions: Iterable[str] | None = None,
    font: str | Path | None = None,
    made_from: Scenario | None = None,
    ranges: pd.DataFrame | None = None,
    anchors: pd.DataFrame | None = None,
) -> list[Path]:
    """Write pictures of one scenario as PNG and SVG, each with its numbers as CSV of the same name.

    Equal projections give equal files, byte for byte. The files appear together or not at all.

    Parameters
    ----------
    result : a run, or a projection read from a file; a run also shows its history before the opening
    folder : where to write; made when absent
    names : some of `FIGURES`; all when left out
    scenario : which one, when the run holds several; the first when left out
    regions : regions to draw, in the file name when it is not the scenario's first; the first when left out
    font : family or file of a Chinese font, see `look_for`
    made_from : scenario of a projection that was read, for plan and law beside it; a packaged one is found by its name
    ranges : ranges over the closures (`Judged.ranges`, the ``ranges.csv`` of a run); without them no year is told in
        which a fund falls or is used up
    anchors : what was printed beside the run (`Judged.anchors`, the ``anchors.csv`` of a run); the pictures of funds of
        a region that misses it say that there is no verdict, and why

    Returns
    -------
    the files written
    """
    from simengine.common.files import file_set
    from simengine.engine.results import part_of

    dataset = dataset_of(result)
    chosen = list(FIGURES) if names is None else list(names)
    for name in chosen:
        if name not in FIGURES:
            raise ScenarioError("figure_unknown", near=near(name, FIGURES), name=name, known=", ".join(FIGURES))
    look = look_for(lang, font)
    scenario = str(dataset.scenario.values[0]) if scenario is None else scenario
    beside = replace(background(result, scenario, look, made_from), ranges=ranges, anchors=anchors)
    own = part_of(dataset, scenario) if scenario in dataset.scenario.values else dataset
    main = str(own.region.values[0])
    with file_set() as files:
        for region in [main] if regions is None else regions:
            of = Subject(dataset, scenario, region, beside, look)
            for name in chosen:
                stem = Path(folder) / (name if region == main else f"{name}_{region}")
                table = FIGURES[name].table(of)
                _add(files, stem, draw_figure(FIGURES[name], of, table), table)
        return files.commit()


def _add(files: FileSet, stem: Path, figure: Figure, table: pd.DataFrame) -> None:
    """The files of one picture."""
    from simengine.common.files import write_table

    for kind in FORMATS:
        files.add(stem.with_name(f"{stem.name}.{kind}"), lambda path, kind=kind: write_figure(figure, path, kind))  # type: ignore[misc]
    files.add(stem.with_name(f"{stem.name}.csv"), lambda path: write_table(table, path))


def draw_figure(kind: FigureKind, of: Subject, table: pd.DataFrame) -> Figure:
    """One picture with its source line."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=SIZE, layout="constrained", facecolor="white")
    FigureCanvasAgg(figure)
    kind.draw(figure.add_subplot(), of, table)
    rows = [str(row) for row in table.row.dropna().unique()] if kind.plan_rows else []
    extra = of.look.say("footer", "plan", rows=", ".join(rows)) if rows else ""
    limit = 0.97 * SIZE[0] * 72.0 / SOURCE_SIZE
    lines = of.beside.footer(of.look, extra).split("\n")
    text = "\n".join(wrapped(line, limit, of.look, even=False) for line in lines)
    families = list(of.look.families)
    figure.supxlabel(text, x=0.012, ha="left", fontsize=SOURCE_SIZE, color=SOFT, fontfamily=families, linespacing=1.4)
    return figure


def write_figure(figure: Figure, path: Path, kind: str) -> None:
    """One file; nothing in it tells when or by which version of the plotting library it was made."""
    import matplotlib

    settings: dict[str, Any] = {"svg.hashsalt": "simengine", "svg.fonttype": "path"}
    with matplotlib.rc_context(settings):  # type: ignore[arg-type]
        figure.savefig(path, format=kind, dpi=DOTS, metadata={"Date": None} if kind == "svg" else {"Software": None})
