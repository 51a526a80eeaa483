"""Write frozen tables: a CSV with fixed formatting and beside it its card with a checksum."""

from __future__ import annotations

import csv
import hashlib
import io
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from simengine_calibration.sources.histories import History

CONSTANT_COLUMNS = ("name", "value", "unit", "evidence", "source", "low", "high")
PATH_COLUMNS = ("series", "year", "value", "unit", "evidence", "source")


def number_text(value: float, unit: str = "") -> str:
    """Shortest text of a number: whole persons and yuan above a thousand, else seven significant digits."""
    if unit in ("persons", "yuan") and abs(value) >= 1000.0:
        return str(round(value))
    if value == int(value) and abs(value) < 1e15:
        return str(int(value))
    return f"{value:.7g}"


def csv_text(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """CSV with the header, line feeds and minimal quoting."""
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(columns)
    for row in rows:
        if len(row) != len(columns):
            raise ValueError(
                f"a row has {len(row)} cells, the table {len(columns)} columns ({', '.join(columns)}): {str(row)[:80]}"
            )
        writer.writerow(row)
    return stream.getvalue()


def write_table(
    folder: Path, table: str, columns: Sequence[str], rows: Iterable[Sequence[object]], card: Mapping[str, Any]
) -> None:
    """Write ``<table>.csv`` and its card ``<table>.yaml``.

    Parameters
    ----------
    card : unit, source, method, evidence, accessed, fitted_by; further keys follow after the checksum
    """
    folder.mkdir(parents=True, exist_ok=True)
    raw = csv_text(columns, rows).encode()
    (folder / f"{table}.csv").write_bytes(raw)
    head: dict[str, Any] = {"table": f"{table}.csv"}
    for key in ("unit", "source", "method", "evidence", "accessed", "fitted_by"):
        if key not in card:
            raise ValueError(f'the card of {folder / table} has no "{key}"')
        head[key] = card[key]
    head["sha256"] = hashlib.sha256(raw).hexdigest()
    extra = {key: value for key, value in card.items() if key not in head}
    (folder / f"{table}.yaml").write_text(yaml_text({**head, **extra}), encoding="utf-8")


def write_paths(folder: Path, paths: Mapping[str, History], rules: Mapping[str, Any], card: Mapping[str, Any]) -> None:
    """Write ``paths.csv`` and ``paths.yaml``; the card carries the rule of every series it introduces."""
    rows = [
        (series, year, number_text(figure.value, known.unit), known.unit, figure.evidence, figure.source)
        for series, known in paths.items()
        for year, figure in sorted(known.figures.items())
    ]
    write_table(folder, "paths", PATH_COLUMNS, rows, {**card, "series": dict(rules)})


def yaml_text(data: Mapping[str, Any]) -> str:
    """Plain YAML: one key a line, nested values in flow style, every text quoted where it must be."""
    lines = []
    for key, value in data.items():
        if isinstance(value, Mapping) and value and all(isinstance(item, Mapping) for item in value.values()):
            lines.append(f"{key}:")
            lines += [f"  {_scalar(inner)}: {_flow(item)}" for inner, item in value.items()]
        else:
            lines.append(f"{key}: {_flow(value)}")
    return "\n".join(lines) + "\n"


def _flow(value: Any) -> str:
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{_scalar(key)}: {_flow(item)}" for key, item in value.items()) + "}"
    if isinstance(value, (list, tuple)):
        return "[" + ", ".join(_flow(item) for item in value) + "]"
    return _scalar(value)


def _scalar(value: Any) -> str:
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (int, float)):
        return repr(value)
    text = str(value)
    if text.replace("_", "").replace("-", "").isalnum() and text[0].isalpha() and text.lower() not in _RESERVED:
        return text
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


_RESERVED = frozenset({"null", "true", "false", "yes", "no", "on", "off", "y", "n"})
