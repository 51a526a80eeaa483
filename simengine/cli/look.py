"""Commands that run nothing: validate, show, list, template; and plot, which draws what was run."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Annotated, Any

import typer

from simengine.cli.session import AsJson, Lang, Quiet, Session, begin
from simengine.cli.what_if import Actuals, Growth, Lever, SetTo, WhatIfs

if TYPE_CHECKING:
    import xarray as xr

    from simengine.common.messages import Language
    from simengine.scenario.scenario import Scenario

TEXTS = ("name", "description", "reason", "source")
"""What says why and changes nothing; left out of the merged values."""

SECTIONS = ("scenarios", "levers", "target_files", "actuals", "bases", "indicators", "series", "constants", "variables")
"""What `simengine list` prints, in its order."""

KINDS = ("scenario", "lever", "targets", "case", "schema")
FUND_KINDS = ("fund", "fund_example")


def validate(
    files: Annotated[
        list[str],
        typer.Argument(metavar="FILE", help="Scenarios, levers, target files, by name or path; tables of a bureau."),
    ],
    lever: Lever = None,
    set_to: SetTo = None,
    growth: Growth = None,
    actuals: Actuals = None,
    json: AsJson = False,
    lang: Lang = None,
    quiet: Quiet = False,
) -> None:
    """Find every error in files, without running.

    Scenarios, levers and target files, packaged or your own, and tables of a bureau (a folder of CSV files or a
    workbook, from template basis); all errors at once.
    """
    session = begin(lang, quiet=quiet, as_json=json)
    from simengine.cli.inputs import check_name, remarks_of_name
    from simengine.common.errors import localised, raise_all
    from simengine.common.messages import say

    stated = WhatIfs(lever, set_to, growth, actuals)
    errors = {name: check_name(name, stated) for name in files}
    found = list({str(error): error for name in files for error in errors[name]}.values())
    session.result({name: [localised(error, session.lang) for error in errors[name]] for name in files})
    raise_all(found)
    for remark in (remark for name in files for remark in remarks_of_name(name, stated)):
        session.note(say("remark", session.lang, text=getattr(remark, session.lang)))
    session.say("all_valid", count=len(files))


def show(
    scenario: Annotated[str, typer.Argument(metavar="SCENARIO", help="Name or file ending in .yaml.")],
    diff: Annotated[bool, typer.Option("--diff", help="Only what differs from the scenario it extends.")] = False,
    lever: Lever = None,
    set_to: SetTo = None,
    growth: Growth = None,
    actuals: Actuals = None,
    json: AsJson = False,
    lang: Lang = None,
    quiet: Quiet = False,
) -> None:
    """Print a merged scenario and its origins.

    Every value of the scenario and of its levers with the file and line it came from.
    """
    session = begin(lang, quiet=quiet, as_json=json)
    from simengine.cli.inputs import remarks_of
    from simengine.common.messages import say
    from simengine.scenario.scenario import load_scenario

    loaded = WhatIfs(lever, set_to, growth, actuals).on(load_scenario(scenario))
    session.tell(f"{loaded.title(session.lang)}: {loaded.content.description}")
    rows: list[tuple[str, ...]] = [*_entries(loaded), *_figures(loaded)]
    headings = [say(key, session.lang) for key in ("key", "value", "origin")]
    if diff:
        earlier = _parent_values(loaded)
        rows = [(*row, earlier.get(row[0], "")) for row in rows if earlier.get(row[0], "") != row[1]]
        headings.append(say("was", session.lang))
        if not rows:
            parent = loaded.chain[1] if len(loaded.chain) > 1 else say("no_parent", session.lang)
            session.say("nothing_differs", parent=parent)
    names = ("key", "value", "from", "was")
    session.result([dict(zip(names, row, strict=False)) for row in rows])
    session.table(rows, headings)
    for series, heard in _heard_by(loaded):
        text = say("heard_by", session.lang, name=series, others=", ".join(heard)) if heard else ""
        session.tell(text or say("heard_alone", session.lang, name=series))
    for remark in remarks_of(loaded):
        session.note(say("remark", session.lang, text=getattr(remark, session.lang)))


def _heard_by(scenario: Scenario) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Every changed series and those that move with it; none where the change is said to act alone."""
    from simengine.cli.inputs import law
    from simengine.engine.compile import moved_with
    from simengine.engine.project import lane_bases

    if scenario.changed_series():
        bases = lane_bases(scenario)
        for series in scenario.changed_series():
            yield series, moved_with(series, scenario, bases, law())


def _entries(scenario: Scenario) -> Iterator[tuple[str, str, str]]:
    """Every value of the merged scenario and of its levers (texts left out): key, value, file and line."""
    from simengine.common.messages import say

    content = scenario.content.model_dump(mode="json", exclude_none=True, exclude={*TEXTS})
    for keys, value in _flat(content):
        origin = _near_here(scenario.where(*_typed(keys))) if keys[:1] in scenario.origins else say("default_value")
        yield ".".join(map(str, keys)), value, origin
    for lever in scenario.levers:
        stated = lever.content.model_dump(mode="json", exclude_defaults=True, exclude_none=True, exclude={*TEXTS})
        for keys, value in _flat(stated):
            yield f"levers.{lever.key}." + ".".join(map(str, keys)), value, _near_here(lever.where(*_typed(keys)))


def _figures(scenario: Scenario) -> Iterator[tuple[str, str, str]]:
    """Every entered actual: what it is of, its value in the unit it is written in, its place and source."""
    from simengine.engine.actuals import settle

    for row in settle(scenario).rows:
        one = row.statement
        name = ".".join(filter(None, ("actuals", one.item, one.area, one.when)))
        yield name, row.said(row.value), f"{_near_here(one.where)} ({one.source})"


def _near_here(where: str) -> str:
    """File and line, the file relative to the current folder when it lies inside it."""
    return where.removeprefix(f"{Path.cwd()}{os.sep}")


def _typed(keys: tuple[Any, ...]) -> tuple[Any, ...]:
    """Keys as they stand in the file: years are whole numbers there."""
    return tuple(int(key) if isinstance(key, str) and key.isdigit() else key for key in keys)


def _flat(value: Any, keys: tuple[Any, ...] = ()) -> Iterator[tuple[tuple[Any, ...], str]]:
    """Leaves of nested mappings; a list of plain values is one leaf."""
    if isinstance(value, dict) and value:
        for key, item in value.items():
            yield from _flat(item, (*keys, key))
    elif isinstance(value, list) and any(isinstance(item, dict) for item in value):
        for position, item in enumerate(value):
            yield from _flat(item, (*keys, position))
    else:
        yield keys, _written(value)


def _written(value: Any) -> str:
    if isinstance(value, list):
        return "[" + ", ".join(_written(item) for item in value) + "]"
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        value = int(value)
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) >= 10_000:
        return f"{value:_}"
    return "null" if value is None else str(value)


def _parent_values(scenario: Scenario) -> dict[str, str]:
    """Values of the scenario this one extends; of the defaults when it extends none."""
    from simengine.scenario.scenario import load_scenario

    if len(scenario.chain) > 1:
        parent = load_scenario(scenario.chain[1])
        return {key: value for key, value, _ in (*_entries(parent), *_figures(parent))}
    fields = type(scenario.content).model_fields
    silent = {
        name: field.get_default(call_default_factory=True) for name, field in fields.items() if not field.is_required()
    }
    return {".".join(map(str, keys)): value for keys, value in _flat({k: _listed(v) for k, v in silent.items()})}


def _listed(value: Any) -> Any:
    return list(value) if isinstance(value, tuple) else value


def list_all(
    section: Annotated[
        str | None, typer.Argument(metavar=f"[{'|'.join(SECTIONS)}]", help="One section; all when left out.")
    ] = None,
    json: AsJson = False,
    lang: Lang = None,
    quiet: Quiet = False,
) -> None:
    """Print scenarios, levers, indicators, series.

    Also target files, bases, the constants that levers can change, and the variables of a result; each quantity with
    its meaning and unit.
    """
    session = begin(lang, quiet=quiet, as_json=json)
    if section is not None:
        _must_be_known("section_unknown", section, list(SECTIONS))
    content = {name: _entries_of(name, session.lang) for name in ([section] if section else SECTIONS)}
    session.result(content)
    for heading, entries in content.items():
        session.say(heading)
        session.table(list(entries.items()), margin=2)


def _entries_of(section: str, lang: Language) -> dict[str, str]:
    """Names of one section and what they are called, empty where they have no other name."""
    from simengine.cli.inputs import constants, known_bases, known_series
    from simengine.registry.units import in_words
    from simengine.scenario.scenario import packaged

    if section in ("scenarios", "levers"):
        files = packaged("levers" if section == "levers" else "")
        return {name: _title(path, lang) for name, path in files.items()}
    if section == "target_files":
        return dict.fromkeys(packaged("targets"), "")
    if section == "indicators":
        from simengine.judge.indicators import registry

        return {name: f"{getattr(entry, lang)} [{in_words(entry.unit, lang)}]" for name, entry in registry().items()}
    if section == "actuals":
        from simengine.scenario.actuals import packaged_actuals

        return dict.fromkeys(packaged_actuals(), "")
    if section == "bases":
        return dict.fromkeys(known_bases(), "")
    from simengine.registry.inputs import CONSTANTS, SERIES
    from simengine.registry.variables import VARIABLES

    rows: Mapping[str, Any] = {"series": SERIES, "constants": CONSTANTS, "variables": VARIABLES}[section]
    shown = frozenset(rows)
    if section == "series":
        shown = known_series()
    elif section == "constants":
        shown = frozenset(name for basis in known_bases() for name in constants(basis))
    return {name: f"{getattr(row, lang)} [{in_words(row.unit, lang)}]" for name, row in rows.items() if name in shown}


def _title(path: Path, lang: str) -> str:
    """Name of a scenario or lever file; of the scenario it extends when it has none of its own."""
    from simengine.common import strict_yaml

    data = strict_yaml.load(path).data
    name = data.get("name", {}) if isinstance(data, dict) else {}
    return str(name.get("en" if lang == "en" else "local", ""))


def template(
    kind: Annotated[
        str, typer.Argument(metavar="scenario|lever|targets|case|schema|basis|actuals|fund", help="What to write.")
    ] = "",
    out: Annotated[
        Path | None,
        typer.Option("--out", help="File to write, standard output when left out; of basis (and actuals): the folder."),
    ] = None,
    basis: Annotated[bool, typer.Option("--basis", help="As basis: the tables a bureau fills.")] = False,
    region: Annotated[str, typer.Option("--region", help="Of basis and actuals: key of the region.")] = "my_region",
    years: Annotated[
        str | None,
        typer.Option(
            "--years",
            help="Of basis: years of the tables, 2015-2024; of actuals: since the opening; of fund.",
        ),
    ] = None,
    lang: Lang = None,
    quiet: Quiet = False,
) -> None:
    """Print a complete file to start from.

    A commented scenario, lever, target or case file, or the JSON Schema of scenario and lever files; with basis, a
    folder of tables (CSV and workbook) that a bureau fills with its own statistics, checked by validate; with actuals,
    the table of what can be entered of known years (--actuals); with fund, the table of cash flows that simengine fund
    reads, with fund_example an invented one.
    """
    session = begin(lang, quiet=quiet)
    if basis or kind == "basis":
        from simengine.cli.bureau import write_template

        write_template(session, out, region, years or "2015-2024")
        return
    if kind == "actuals":
        from simengine.cli.bureau import write_actuals

        write_actuals(session, out, region, years)
        return
    if kind in FUND_KINDS:
        from simengine.cli.fund import write_template as write_flows

        write_flows(session, kind, out, years)
        return
    from simengine.common.errors import ScenarioError
    from simengine.common.messages import near

    if kind not in KINDS:
        known = (*KINDS, "basis", "actuals", *FUND_KINDS)
        raise ScenarioError("template_unknown", near=near(kind, known), name=kind, known=", ".join(known))
    text = _schema() if kind == "schema" else _template_text(kind)
    _write_text(session, text, out)


def _write_text(session: Session, text: str, out: Path | None) -> None:
    """Print a template, or write it into a file that is not there yet."""
    from simengine.common.errors import ScenarioError

    if out is None:
        session.file(text)
        return
    from simengine.common.files import file_set

    if out.exists():
        raise ScenarioError("template_exists", path=out)
    with file_set() as files:
        files.text(out, text)
        files.commit()
    session.say("template_written", path=out)


def _template_text(kind: str) -> str:
    return (Path(__file__).parents[1] / "templates" / f"{kind}.yaml").read_text(encoding="utf-8")


def _schema() -> str:
    import json

    from simengine.scenario.levers import LeverFile
    from simengine.scenario.scenario import ScenarioFile

    both = {"scenario": ScenarioFile.model_json_schema(), "lever": LeverFile.model_json_schema()}
    return json.dumps(both, ensure_ascii=False, indent=2) + "\n"


def plot(
    results: Annotated[Path, typer.Argument(metavar="RESULTS", help="Results folder: of one scenario, or above it.")],
    figure: Annotated[list[str] | None, typer.Option("--figure", help="Figure to draw; all when left out.")] = None,
    scenario: Annotated[
        str | None, typer.Option("--scenario", help="Which scenario, where RESULTS holds several: jiangxi/baseline.")
    ] = None,
    region: Annotated[
        list[str] | None,
        typer.Option("--region", help="Region to draw, such as an area of a city (xuzhou_pizhou); may be repeated."),
    ] = None,
    font: Annotated[
        str | None, typer.Option("--font", help="Chinese font, a family or a file [SIMENGINE_FONT, else found].")
    ] = None,
    out: Annotated[
        Path | None, typer.Option("--out", help="Folder of the figures; figures beside the projection if left out.")
    ] = None,
    lang: Lang = None,
    quiet: Quiet = False,
) -> None:
    """Draw figures of a scenario that was run.

    Each figure comes with its numbers as CSV beside it. The scenario's own region is drawn unless others are named.
    """
    session = begin(lang, quiet=quiet)
    from simengine.common.files import reported
    from simengine.engine import results as io
    from simengine.report.figures.plot import FIGURES, save_figures

    known = list(FIGURES)
    for name in figure or ():
        _must_be_known("figure_unknown", name, known)
    source, wanted = _projection_file(results, scenario)
    projection = io.read_projection(source)
    projection = io.part_of(projection, _scenario_in(projection, source, wanted))
    for name in region or ():
        _must_be_known("region_absent", name, [str(label) for label in projection.region.values])
    destination = out or source.parent / "figures"
    with reported(destination), TemporaryDirectory(prefix="simengine-plot-") as held:
        destination.mkdir(parents=True, exist_ok=True)
        made_from = _made_from(source, Path(held))
        options: dict[str, Any] = {"names": figure or known, "regions": region or None, "font": font}
        options |= {name: io.read_table(source, f"{name}.csv") for name in ("ranges", "anchors")}
        written = save_figures(projection, destination, session.lang, made_from=made_from, **options)
    for path in written:
        session.line(str(path))


def _made_from(projection: Path, folder: Path) -> Scenario | None:
    """The scenario of a projection as its manifest keeps it, own files written into a folder; None where it cannot be
    restored: the figures then say what they lack."""
    from simengine.common.errors import SimengineError
    from simengine.engine.provenance import read_manifest, restore

    try:
        return restore(read_manifest(projection.parent), folder)
    except SimengineError:
        return None


def _projection_file(results: Path, scenario: str | None) -> tuple[Path, str | None]:
    """File of the projection to draw, and the scenario still to be found in it.

    A folder without a projection of its own is searched below: there folders are named after their scenarios.

    Raises
    ------
    ScenarioError when there is none, several could be meant, or the one named is not among them
    """
    from simengine.common.errors import ScenarioError
    from simengine.engine import results as io

    path = results / io.PROJECTION if results.is_dir() else results
    if not results.exists():
        raise ScenarioError("results_absent", path=results)
    if path.is_file() or not results.is_dir():
        return path, scenario
    below = {file.parent.relative_to(results).as_posix(): file for file in sorted(results.rglob(io.PROJECTION))}
    if not below:
        raise ScenarioError("results_absent", path=results)
    if scenario is None and len(below) > 1:
        raise ScenarioError("scenario_open", path=results, known=", ".join(below))
    name = next(iter(below)) if scenario is None else scenario.removeprefix(f"{results.name}/")
    _must_be_known("scenario_absent", name, list(below))
    return below[name], None


def _scenario_in(projection: xr.Dataset, source: Path, scenario: str | None) -> str:
    """Name of the scenario to draw in a projection that was read."""
    from simengine.common.errors import ScenarioError

    held = [str(label) for label in projection.scenario.values]
    if scenario is not None:
        _must_be_known("scenario_absent", scenario, held)
        return scenario
    if len(held) > 1:
        raise ScenarioError("scenario_open", path=source, known=", ".join(held))
    return held[0]


def _must_be_known(code: str, name: str, known: list[str]) -> None:
    from simengine.common.errors import ScenarioError
    from simengine.common.messages import near

    if name not in known:
        raise ScenarioError(code, near=near(name, known), name=name, known=", ".join(known))
