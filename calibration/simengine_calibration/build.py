"""Rebuild every frozen basis from the collected sources.

    python -m simengine_calibration.build --sources ../shared/data --spec ../shared/spec --out calibration/bases
    python -m simengine_calibration.build --sources ../shared/data --spec ../shared/spec --check

First the population tables, then series, constants, profiles and openings of the nation, the provinces, the cities and
counties, and their areas. The same sources give the same bytes; with --check nothing is written and the files that
differ from those of the sources are printed.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from simengine.common.errors import BasisError, SimengineError
from simengine.law.regions import NATION
from simengine_calibration.fitting.kept import over_constants, over_paths, read_kept, remove_fitted, write_fitted
from simengine_calibration.people.build import build_population
from simengine_calibration.people.published import region_counts
from simengine_calibration.places.localities import area_paths, build_areas, build_local
from simengine_calibration.places.regions import Constants, build_china, build_earlier, build_province
from simengine_calibration.places.workshop import Workshop
from simengine_calibration.series.openings import COLUMNS as OPENING_COLUMNS
from simengine_calibration.series.openings import Position
from simengine_calibration.series.references import COLUMNS as REFERENCE_COLUMNS
from simengine_calibration.series.references import reference_rows
from simengine_calibration.series.shapes import (
    CLASS_COLUMNS,
    SHAPE_COLUMNS,
    WAGE_COLUMNS,
    age_shape_rows,
    class_mixes,
    injury_class_rows,
    mean_incidence,
    wage_profile_rows,
)
from simengine_calibration.series.tables import CONSTANT_COLUMNS, number_text, write_paths, write_table, yaml_text
from simengine_calibration.sources.files import Sources
from simengine_calibration.sources.histories import typed
from simengine_calibration.sources.needed import check_sources
from simengine_calibration.sources.regions import BasisPlan, basis_plans, collected_name, nation_basis, region_row

COUNT_COLUMNS = ("measure", "year", "value", "unit", "evidence", "source")
ACCESSED = "2026-11-21"
FITTED_BY = "calibration/build.py"
"""Name of this builder on the cards. The digests of the bases contain it, so it stays when the file moves."""
SERIES_SOURCE = (
    "collected statistics (ministry bulletins, yearbooks), recalled rows, schemes.md, typed figures "
    "(calibration/figures); each row names its own"
)


def card(unit: str, source: str, method: str, evidence: str = "by row") -> dict[str, str]:
    """Head of a card of this builder."""
    return {
        "unit": unit, "source": source, "method": method, "evidence": evidence, "accessed": ACCESSED,
        "fitted_by": FITTED_BY,
    }  # fmt: skip


def write_series(shop: Workshop, plan: BasisPlan, own: Mapping[str, object]) -> None:
    """paths.csv of one basis; the nation carries the rules, a region names what it inherits."""
    rules = typed("rules")
    unknown = sorted(set(own) - set(rules))
    if unknown:
        raise BasisError("series_without_rule", where="calibration/figures/rules.yaml", names=", ".join(unknown))
    if plan.inherits is None:
        missing = sorted(set(rules) - set(own))
        if missing:
            raise BasisError("rule_without_series", where="calibration/figures/rules.yaml", names=", ".join(missing))
        method = "sparse years; rules below fill between, before and after; see simengine/notes/basis.md"
        write_paths(shop.out / plan.name, own, rules, card("by row", SERIES_SOURCE, method))  # type: ignore[arg-type]
        return
    inherited = [name for name in rules if name not in own]
    method = f"own series only; rules and every other series come from {plan.inherits}: {', '.join(inherited)}"
    if plan.spinup_parent:
        method += f"; history before {plan.base_year} is that of {plan.spinup_parent}"
    write_paths(shop.out / plan.name, own, {}, card("by row", SERIES_SOURCE, method))  # type: ignore[arg-type]


def write_constants(folder: Path, constants: Constants) -> None:
    """constants.csv of one basis."""
    rows = [
        (name, number_text(value, unit), unit, evidence, source, number_text(low, unit), number_text(high, unit))
        for name, (value, unit, evidence, source, low, high) in constants.items()
    ]
    method = "assumptions with a plausible band; a constant not listed here is inherited"
    write_table(folder, "constants", CONSTANT_COLUMNS, rows, card("by row", "model.md, schemes.md", method))


def write_openings(plan: BasisPlan, folder: Path, position: Position) -> None:
    """openings.csv of one basis."""
    method = (
        f"31 December {plan.base_year}; printed figures keep row id and decimals; estimates by the rules of "
        "simengine/notes/basis.md, section 5; no plan target is used"
    )
    source = "plans' base-year figures, bulletins, 2024 yearbook anchors"
    write_table(folder, "openings", OPENING_COLUMNS, position.table(), card("by row", source, method))


def _is_nation_or_province(plan: BasisPlan) -> bool:
    """Whether a basis is the nation's, or that of a province on it; an earlier opening of a province is not."""
    return plan.inherits in (None, nation_basis())


def write_references(shop: Workshop, plan: BasisPlan, folder: Path) -> None:
    """references.csv of the nation and the provinces at their latest opening: figures a free run is held against."""
    if not _is_nation_or_province(plan):
        return
    rows = reference_rows(shop.sources, shop.plans, plan.region)
    method = "printed and recalled figures as they stand, by year; no run reads them; see simengine/notes/opening.md"
    source = "yearbooks and bulletins as collected, recalled rows, 2024 yearbook anchors, plans' figures of past years"
    write_table(folder, "references", REFERENCE_COLUMNS, rows, card("by row", source, method))


def write_counts(shop: Workshop, plan: BasisPlan, folder: Path) -> None:
    """official_people.csv of a basis that stands for its region: published people, births and deaths by year."""
    if not region_row(plan.region).collected:
        return
    figures = region_counts(Sources(shop.sources), collected_name(plan.region))
    rows = [
        (measure, year, number_text(figure.value, "persons"), "persons", figure.evidence, figure.source)
        for measure, known in figures.items()
        for year, figure in known.items()
        if year > plan.base_year
    ]
    if rows:
        method = (
            "counts after the opening as published, by year; levels and net migration of the basis meet those it uses"
        )
        source = "communiques of the bureaus of statistics; each row names its own"
        write_table(folder, "official_people", COUNT_COLUMNS, rows, card("persons", source, method))


def write_shapes(shop: Workshop, plan: BasisPlan) -> None:
    """Age profiles (nation) and class mix (where a basis has its own)."""
    folder = shop.out / plan.name
    if plan.inherits is None:
        shapes = typed("shapes")
        texts = "; ".join(f"{kind}: {entry['source']}" for kind, entry in shapes.items() if "profiles" in entry)
        method = "typed knots, linear between ages; zero rows left out"
        write_table(folder, "age_shapes", SHAPE_COLUMNS, age_shape_rows(), card("1", texts, method, "assumption"))
        method = "cross-section, mean 1 over the level profile times the population of the opening"
        rows = wage_profile_rows(shop.pyramid(plan.name))
        write_table(
            folder, "wage_profile", WAGE_COLUMNS, rows, card("1", shapes["wage"]["source"], method, "assumption")
        )
    mix = class_mixes().get(plan.name)
    if mix is not None:
        method = f"incidence per 1000 insured-years; mean of the mix {mean_incidence(mix):.3f}"
        source = typed("shapes")["injury_classes"]["source"]
        rows = injury_class_rows(mix)
        write_table(
            folder,
            "injury_classes",
            CLASS_COLUMNS,
            rows,
            card("mix: 1; incidence: per 1000", source, method, "assumption"),
        )


def write_basis(plan: BasisPlan, folder: Path) -> None:
    """basis.yaml: what the folder is."""
    folder.mkdir(parents=True, exist_ok=True)
    data = {
        "basis": plan.name, "region": plan.region, "base_year": plan.base_year, "inherits": plan.inherits,
        "spinup_parent": plan.spinup_parent, "partition": list(plan.partition) or None,
    }  # fmt: skip
    name = f"name: {{en: {plan.title['en']}, local: {plan.title['local']}}}\n"
    (folder / "basis.yaml").write_text(yaml_text(data) + name, encoding="utf-8")


def build_economy(sources: Path, spec: Path, out: Path) -> list[str]:
    """Every table that is not population; returns the names of the bases built."""
    shop = Workshop(sources, spec, out)
    plans = basis_plans()
    positions: dict[str, Position] = {}
    partitions = {area: plan.name for plan in plans.values() for area in plan.partition}
    for name, plan in plans.items():
        folder = out / name
        constants: Constants
        if name in partitions:
            city = plans[partitions[name]]
            own, constants = area_paths(shop, plan, city, positions[name]), {}
        elif plan.region == NATION:
            own, constants, positions[name] = build_china(shop, plan)
        elif plan.spinup_parent is not None:
            own, constants, positions[name] = build_local(shop, plan, positions[plan.spinup_parent])
        elif _is_nation_or_province(plan):
            own, constants, positions[name] = build_province(shop, plan)
        else:
            own, constants, positions[name] = build_earlier(shop, plan)
        if plan.partition:
            positions |= build_areas(shop, plan, positions[name], {area: plans[area] for area in plan.partition})
        rows, kept = read_kept(name)
        shop.before[name] = {**shop.paths.get(name, {}), **own}
        if rows:
            if plan.inherits is not None:
                own = over_paths(own, rows, kept["calibration"], shop.national_paths())
            constants = over_constants(constants, rows, kept["calibration"])
            write_fitted(folder, rows, kept)
            shop.paths[name] = {**shop.paths.get(name, {}), **own}
        else:
            remove_fitted(folder)
        write_basis(plan, folder)
        write_series(shop, plan, own)
        if constants:
            write_constants(folder, constants)
        write_openings(plan, folder, positions[name])
        write_references(shop, plan, folder)
        write_counts(shop, plan, folder)
        write_shapes(shop, plan)
    return list(plans)


def build(sources: Path, spec: Path, out: Path) -> list[str]:
    """Population tables and everything else."""
    build_population(sources, out)
    return build_economy(sources, spec, out)


def differing(made: Path, kept: Path) -> list[str]:
    """Files of two folders that differ, each with what is wrong: another content, not kept, or not built."""
    names = {root: {path.relative_to(root) for path in root.rglob("*") if path.is_file()} for root in (made, kept)}
    found = []
    for name in sorted(names[made] | names[kept]):
        if name not in names[kept]:
            found.append(f"{name.as_posix()}: built, but not kept")
        elif name not in names[made]:
            found.append(f"{name.as_posix()}: kept, but not built")
        elif (made / name).read_bytes() != (kept / name).read_bytes():
            found.append(f"{name.as_posix()}: differs")
    return found


def check(sources: Path, spec: Path, kept: Path) -> int:
    """Build into a temporary folder and print which kept files differ, references beside the bases included.

    Returns
    -------
    number of files that differ, are missing or are too many
    """
    with tempfile.TemporaryDirectory() as folder:
        names = build(sources, spec, Path(folder) / "bases")
        found = [f"{kept.name}/{line}" for line in differing(Path(folder) / "bases", kept)]
        beside = kept.parent / "references"
        found += [f"references/{line}" for line in differing(Path(folder) / "references", beside)]
    print("\n".join([*found, f"{len(names)} bases built and compared with {kept}: {len(found)} files differ"]))
    return len(found)


def main(arguments: Sequence[str] | None = None) -> int:
    """Command line; the exit code is 1 where a source file is missing or a kept file differs (``--check``)."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--sources", type=Path, required=True, help="folder of the collected data")
    parser.add_argument("--spec", type=Path, required=True, help="folder with plan_targets.csv")
    parser.add_argument("--out", type=Path, default=Path("calibration/bases"), help="folder of the frozen bases")
    doing = parser.add_mutually_exclusive_group()
    doing.add_argument("--keep-population", action="store_true", help="use the population tables that are there")
    doing.add_argument("--check", action="store_true", help="write nothing: build elsewhere and compare with --out")
    given = parser.parse_args(arguments)
    try:
        check_sources(given.sources, given.spec)
    except SimengineError as error:
        print(error, file=sys.stderr)
        return 1
    if given.check:
        return 1 if check(given.sources, given.spec, given.out) else 0
    run = build_economy if given.keep_population else build
    names = run(given.sources, given.spec, given.out)
    print(f"{len(names)} bases built in {given.out}: {', '.join(names)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
