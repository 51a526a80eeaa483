"""Rebuild every frozen basis from the collected sources.

    python -m calibration.build --sources ../shared/data --spec ../shared/spec --out calibration/bases

First the population tables, then series, constants, profiles and openings of the nation, the provinces, the cities and
counties, and the areas of Xuzhou. The same sources give the same bytes.
"""

from __future__ import annotations

import argparse
from collections.abc import Mapping, Sequence
from pathlib import Path

from calibration.fitting.kept import over_constants, over_paths, read_kept, remove_fitted, write_fitted
from calibration.histories import typed
from calibration.localities import area_paths, build_areas, build_local
from calibration.openings import COLUMNS as OPENING_COLUMNS
from calibration.openings import Position
from calibration.population import build_population
from calibration.references_table import COLUMNS as REFERENCE_COLUMNS
from calibration.references_table import REGIONS as REFERENCE_REGIONS
from calibration.references_table import reference_rows
from calibration.regions import Constants, build_china, build_earlier, build_province
from calibration.shapes import (
    CLASS_COLUMNS,
    SHAPE_COLUMNS,
    WAGE_COLUMNS,
    age_shape_rows,
    class_mixes,
    injury_class_rows,
    mean_incidence,
    wage_profile_rows,
)
from calibration.tables import number_text, write_paths, write_table, yaml_text
from calibration.workshop import BasisPlan, Workshop, basis_plans
from simengine.common.errors import BasisError

ACCESSED = "2026-11-21"
FITTED_BY = "calibration/build.py"
CONSTANT_COLUMNS = ("name", "value", "unit", "evidence", "source", "low", "high")
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
        raise BasisError(f"series without a rule: {', '.join(unknown)}", where="calibration/figures/rules.yaml")
    if plan.inherits is None:
        missing = sorted(set(rules) - set(own))
        if missing:
            raise BasisError(f"rules without a series: {', '.join(missing)}", where="calibration/figures/rules.yaml")
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


def write_references(shop: Workshop, plan: BasisPlan, folder: Path) -> None:
    """references.csv of the nation and the provinces at their latest opening: figures a free run is held against."""
    if plan.region not in REFERENCE_REGIONS or plan.inherits not in (None, "china-2020"):
        return
    rows = reference_rows(shop.sources, shop.plans, plan.region)
    method = "printed and recalled figures as they stand, by year; no run reads them; see simengine/notes/opening.md"
    source = "yearbooks and bulletins as collected, recalled rows, 2024 yearbook anchors, plans' figures of past years"
    write_table(folder, "references", REFERENCE_COLUMNS, rows, card("by row", source, method))


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
        elif plan.region == "china":
            own, constants, positions[name] = build_china(shop, plan)
        elif plan.spinup_parent is not None:
            own, constants, positions[name] = build_local(shop, plan, positions[plan.spinup_parent])
        elif plan.inherits == "china-2020":
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
        write_shapes(shop, plan)
    return list(plans)


def build(sources: Path, spec: Path, out: Path) -> list[str]:
    """Population tables and everything else."""
    build_population(sources, out)
    return build_economy(sources, spec, out)


def main(arguments: Sequence[str] | None = None) -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--sources", type=Path, required=True, help="folder of the collected data")
    parser.add_argument("--spec", type=Path, required=True, help="folder with plan_targets.csv")
    parser.add_argument("--out", type=Path, default=Path("calibration/bases"), help="folder of the frozen bases")
    parser.add_argument("--keep-population", action="store_true", help="use the population tables that are there")
    given = parser.parse_args(arguments)
    run = build_economy if given.keep_population else build
    names = run(given.sources, given.spec, given.out)
    print(f"{len(names)} bases built in {given.out}: {', '.join(names)}")


if __name__ == "__main__":
    main()
