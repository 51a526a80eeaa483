"""Turn the tables read from the printed plans into the target files of ``scenarios/targets``.

The script was run once; it stays because it is the origin of those files. It reads tables of two kinds,

* ``plan_targets.csv``: 155 rows, one printed figure each (outcome, target, lever or statement),
* ``plan_targets_CITY_counties.csv``: cells of the annual annex tables of a city (144 of Xuzhou),

and the plan texts (for the line of each annex cell). Every column is kept; nothing is rounded, joined or left out.
Three things are added: the region's key, the flags that follow from the noted contradictions, and for the annex
totals of 2025 the identifier of the row of the main table that prints the same figure (``restates``).

    python -m simengine_calibration.sources.import_targets --spec DIR --plans DIR [--out scenarios/targets]
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from simengine_calibration.sources.files import read_rows
from simengine_calibration.sources.histories import typed
from simengine_calibration.sources.plans import COUNTIES, TABLE, city_of
from simengine_calibration.sources.regions import engine_regions, region_of_code, region_row

FLAG_OF_CONFLICT = {
    "unit": "definition_unclear",
    "definition": "definition_unclear",
    "definition_change": "definition_unclear",
    "undefined": "definition_unclear",
    "gross_vs_net": "definition_unclear",
    "text_vs_table": "contradicts_itself",
    "base_mismatch": "contradicts_itself",
    "target_below_base": "contradicts_itself",
    "base_impossible": "contradicts_itself",
    "internal": "contradicts_itself",
    "obsolete": "below_legal_minimum",
}


def decimals(printed: str) -> int:
    """Number of decimals a figure is printed with."""
    return len(printed.partition(".")[2])


def figure(year: str, printed: str, operator: str = "", operator_printed: str = "") -> dict[str, Any] | None:
    """One printed figure as a mapping, or None for an empty cell."""
    if not printed:
        if year or operator:
            raise ValueError(f"a year ({year}) or operator ({operator}) without a value")
        return None
    entry: dict[str, Any] = {"year": int(year)}
    if operator:
        entry["operator"] = operator
    if operator_printed:
        entry["operator_printed"] = operator_printed
    return entry | {"printed": printed, "decimals": decimals(printed)}


def flags(row: Mapping[str, str]) -> list[str]:
    """Flags that follow from the printed text alone."""
    found = list(typed("plan_rows")["flags"].get(row["id"], ()))
    if row["conflict"]:
        found.append(FLAG_OF_CONFLICT[row["conflict"]])
    return sorted(set(found))


def plan_row(row: Mapping[str, str], group: str) -> dict[str, Any]:
    """One row of the main table; empty cells are left out."""
    actual = figure(row["actual_year"], row["actual_value"])
    bound = typed("plan_rows")["actual_operator"].get(row["id"])
    if actual is not None and bound is not None:
        actual["operator"] = bound
    attribute = {"kind": row["attribute"], "printed": row["attribute_zh"]} if row["attribute"] else None
    entry: dict[str, Any] = {
        "id": row["id"],
        "group": group,
        "record_kind": row["record_kind"],
        "scheme": row["scheme"],
        "indicator": row["indicator_id"],
        "name": {"en": row["indicator_en"], "local": row["indicator_zh"]},
        "unit": row["unit_zh"],
        "base": figure(row["base_year"], row["base_value"]),
        "previous": figure(row["prev_target_year"], row["prev_target_value"], row["prev_target_op"]),
        "target": figure(row["target_year"], row["target_value"], row["target_op"], row["target_op_printed"]),
        "actual": actual,
        "cumulative": True if row["cumulative"] == "1" else None,
        "attribute": attribute,
        "source": {"part": row["source_part"], "line": int(row["seed_line"]), "quote": row["quote_zh"]},
        "duplicate_of": row["duplicate_of"] or None,
        "conflict": row["conflict"] or None,
        "remarks": row["remarks"] or None,
        "flags": flags(row) or None,
    }
    return {key: value for key, value in entry.items() if value is not None}


def cell_row(row: Mapping[str, str], city: str, line: int, quote: str) -> dict[str, Any]:
    """One cell of an annex table of a city; the columns common to a table stand in its group."""
    key = "base" if row["value_kind"] == "base" else "target"
    operator = "" if key == "base" else ">="
    entry: dict[str, Any] = {
        "id": f"{region_row(city).plan}-T{row['table_no']}-{row['area_code']}-{row['year']}",
        "group": f"table_{row['table_no']}",
        "region": region_of_code(row["area_code"]),
        "record_kind": key,
        key: figure(row["year"], row["value"], operator),
        "area": {"code": row["area_code"], "en": row["area_en"], "local": row["area_zh"], "row_type": row["row_type"]},
        "value_kind": row["value_kind"],
        "source": {"line": line, "quote": quote},
    }
    if row["row_type"] == "total" and row["value_kind"] == "target":
        entry["restates"] = typed("plan_rows")["restated"][city][row["table_no"]]
    return entry


def scalar(value: Any) -> str:
    """Plain YAML for one value; text is quoted unless it is a plain word."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    text = str(value)
    plain = text.isascii() and text.replace("_", "a").replace("-", "a").isalnum() and text[0].isalpha()
    chinese = bool(text) and all("\u4e00" <= letter <= "\u9fff" for letter in text)
    return text if plain or chinese else json.dumps(text, ensure_ascii=False)


def flow(value: Any) -> str:
    """YAML flow style on one line."""
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{key}: {flow(item)}" for key, item in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(flow(item) for item in value) + "]"
    return scalar(value)


def block(entry: Mapping[str, Any]) -> Iterator[str]:
    """One list item, a line a key."""
    for position, (key, value) in enumerate(entry.items()):
        yield f"{'- ' if position == 0 else '  '}{key}: {flow(value)}"


def write(path: Path, title: str, common: Mapping[str, Any], groups: Mapping[str, Any], lines: Iterable[str]) -> None:
    """Write one target file: comment, common keys, groups, rows."""
    origin = "# Written by calibration/import_targets.py from the printed plan; a test compares every cell."
    text = [f"# {title}", origin]
    text += ["common:"] + [f"  {key}: {flow(value)}" for key, value in common.items()]
    text += ["groups:"] + [f"  {key}: {flow(value)}" for key, value in groups.items()]
    text += ["targets:", *lines]
    path.write_text("\n".join(text) + "\n", encoding="utf-8")


def import_plans(rows: list[dict[str, str]], out: Path) -> int:
    """Write one file per region from the main table; returns the number of rows written."""
    written = 0
    for code in dict.fromkeys(row["region_code"] for row in rows):
        mine = [row for row in rows if row["region_code"] == code]
        first = mine[0]
        common = {
            "region": region_of_code(code),
            "area": {"code": code, "en": first["region_en"], "local": first["region_zh"], "level": first["level"]},
            "document": first["doc_no"],
            "source": {"file": first["seed_file"]},
        }
        groups: dict[str, Any] = {}
        lines: list[str] = []
        for row in mine:
            shared = (row["doc_no"], row["seed_file"], row["region_en"], row["region_zh"], row["level"])
            if shared != (first["doc_no"], first["seed_file"], first["region_en"], first["region_zh"], first["level"]):
                raise ValueError(f"{row['id']}: document, file or name differs from the first row of the region")
            group = "plan_" + row["plan_period"].partition(" ")[0]
            start, end = int(row["period_start"]), int(row["period_end"])
            groups[group] = {"plan": {"period": row["plan_period"], "start": start, "end": end}}
            lines += block(plan_row(row, group))
            written += 1
        write(out / f"{region_of_code(code)}.yaml", f"{first['region_zh']} {first['doc_no']}", common, groups, lines)
    return written


def import_annex(city: str, rows: list[dict[str, str]], plan: Mapping[str, str], plans: Path, out: Path) -> int:
    """Write the annex cells of a city; returns the number of cells written.

    Parameters
    ----------
    city : key of the city
    plan : a row of the main table of the plan the annex belongs to
    """
    text = (plans / rows[0]["seed_file"]).read_text(encoding="utf-8").splitlines()
    groups: dict[str, Any] = {}
    lines: list[str] = []
    for row in rows:
        groups[f"table_{row['table_no']}"] = {
            "table": {"number": int(row["table_no"]), "title": row["title_zh"]},
            "scheme": row["scheme"],
            "indicator": row["indicator_id"],
            "unit": row["unit_zh"],
            "attribute": {"kind": row["attribute"]},
        }
        if row["indicator_id"] == "pension_participants":
            groups[f"table_{row['table_no']}"]["flags"] = ["definition_unclear"]
        line, quote = annex_line(text, row)
        lines.append("- " + flow(cell_row(row, city, line, quote)))
    start, end = int(plan["period_start"]), int(plan["period_end"])
    common = {
        "document": plan["doc_no"],
        "plan": {"period": plan["plan_period"], "start": start, "end": end},
        "source": {"part": "annex", "file": rows[0]["seed_file"]},
    }
    *first, last = dict.fromkeys(row["table_no"] for row in rows)
    title = f"{engine_regions()[city].local_name} annex tables {', '.join(first)} and {last} by area and year"
    write(out / f"{city}_counties.yaml", title, common, groups, lines)
    return len(lines)


def annex_line(text: list[str], row: Mapping[str, str]) -> tuple[int, str]:
    """Line number (from 1) and text of the annex row that holds a cell; the cell must be printed there."""
    start = next(number for number, line in enumerate(text) if line.strip() == row["title_zh"])
    for number in range(start + 1, start + 14):
        cells = text[number].split("\t")
        if cells[0].replace(" ", "") == row["area_zh"]:
            if row["value"] not in cells[1:]:
                raise ValueError(f"line {number + 1}: {row['value']} of {row['year']} is not printed there")
            return number + 1, text[number]
    raise ValueError(f"no row for {row['area_zh']} under {row['title_zh']}")


def main() -> None:
    """Read the tables and write a file for each plan and each annex."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--spec", type=Path, required=True, help="folder with the two tables")
    parser.add_argument("--plans", type=Path, required=True, help="folder with the plan texts")
    parser.add_argument("--out", type=Path, default=Path("scenarios/targets"))
    options = parser.parse_args()
    rows = read_rows(options.spec / TABLE)
    options.out.mkdir(parents=True, exist_ok=True)
    written, cells = import_plans(rows, options.out), 0
    for path in sorted(options.spec.glob(COUNTIES)):
        city, annex = city_of(path), read_rows(path)
        plan = next(row for row in reversed(rows) if region_of_code(row["region_code"]) == city)
        cells += import_annex(city, annex, plan, options.plans, options.out)
    print(f"{written} rows, {cells} cells")


if __name__ == "__main__":
    main()
