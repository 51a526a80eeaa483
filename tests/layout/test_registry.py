"""The registry: every flow balances, has a page that explains it, and a test that works it out."""

from __future__ import annotations

import ast
import csv
import dataclasses
import re
from pathlib import Path

import pytest

from simengine.registry import inputs, variables
from simengine.registry.rows import HERE, read_rows
from simengine.registry.variables import ALL, Variable

ROOT = Path(__file__).parents[2]
NOTES = ROOT / "simengine" / "notes"
FLOWS = sorted(name for name, row in ALL.items() if row.kind == "flow" and not row.hidden)
LEDGER = {"income", "outgo"}
"""Flows by item of a fund: notes/fund.md explains them as the fourteen items."""


def worked_out() -> dict[str, list[tuple[str, str]]]:
    """Page and test by flow, from the tables of flows in the notes."""
    found: dict[str, list[tuple[str, str]]] = {}
    for page in sorted(NOTES.glob("*.md")):
        section = page.read_text(encoding="utf-8").partition(". Flows\n")[2]
        for flow, test in re.findall(r"^\| `(\w+)` \| `(test_\w+)` \|$", section, re.MULTILINE):
            found.setdefault(flow, []).append((page.stem, test))
    return found


def every_test() -> dict[str, str]:
    """Source of every test function with its decorators, by name."""
    found = {}
    for path in sorted((ROOT / "tests").rglob("test_*.py")):
        source = path.read_text(encoding="utf-8")
        for node in ast.parse(source).body:
            if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
                first = min([node.lineno, *(one.lineno for one in node.decorator_list)])
                found[node.name] = "\n".join(source.splitlines()[first - 1 : node.end_lineno])
    return found


def test_flow__stands_on_one_page_with_a_test_that_works_it_out() -> None:
    pages, tests = worked_out(), every_test()
    assert sorted(pages) == sorted(set(FLOWS) - LEDGER), "give a new flow a row in the table of flows of its page"
    for flow, rows in pages.items():
        assert len(rows) == 1, f"{flow} stands on several pages: {rows}"
        page, test = rows[0]
        assert test in tests, f"{page}.md: {flow} is worked out in {test}, which does not exist"
        named = rf"\b{flow}\b|FLOW_{flow.upper()}\b"
        assert re.search(named, tests[test]), f"{page}.md: {test} does not look at {flow}"


def row_of(name: str) -> dict[str, object]:
    return {field.name: getattr(ALL[name], field.name) for field in dataclasses.fields(Variable)}


@pytest.mark.parametrize(
    ("name", "change", "said"),
    [
        ("new_claimants", {"into": (), "out_of": ()}, "no identity holds the flow"),
        ("new_claimants", {"why": "it is small"}, "not a reason"),
        ("uncovered", {"main": ""}, "no identity holds the stock"),
        ("employed", {"why": ""}, "says why"),
        ("employed", {"into": ("members",)}, "balances nothing"),
        ("births", {"zh": ""}, "both languages"),
        ("births", {"sign": ("perhaps",)}, "the sign is empty"),
        ("births", {"sign": ("any", "positive")}, "the sign is empty"),
        ("income", {"sign": ("interest", "any")}, "the sign is empty"),
        ("births", {"beyond_one": "a count"}, "only what has the unit 1"),
        ("births", {"city": ""}, "how a city follows"),
        ("population", {"city": "employed"}, "how a city follows"),
    ],
)
def test_row__that_no_identity_holds_is_refused(name: str, change: dict[str, object], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        Variable(**{**row_of(name), **change})  # type: ignore[arg-type]


def test_variable__adds_up_or_says_how_a_city_follows_from_its_areas() -> None:
    """Amounts a head, rates and indices are no sums; persons, money and years are."""
    for name, row in ALL.items():
        a_head = row.source[0] == "series" and row.unit != "yuan"
        assert row.additive is not (a_head or row.why in ("a factor", "a share")), name
        assert row.additive or row.unit in ("1", "yuan/month", "yuan/year"), name


def test_mean_of_a_city__is_weighted_by_what_adds_up_and_is_never_below_zero() -> None:
    weights = {row.city for row in ALL.values() if row.city not in (variables.SUM, variables.LARGEST)}
    assert weights and all(ALL[name].additive and not ALL[name].signed and not ALL[name].axes for name in weights)


def test_rows__are_refused_with_file_and_line(tmp_path: Path) -> None:
    with (HERE / "results.csv").open(encoding="utf-8", newline="") as handle:
        table = list(csv.reader(handle))
    table[3][table[0].index("unit")] = "persons"
    with (tmp_path / "results.csv").open("w", encoding="utf-8", newline="") as handle:
        csv.writer(handle).writerows(table)
    with pytest.raises(ValueError, match=r"results\.csv, line 4: unit persons"):
        read_rows("results.csv", Variable, tmp_path)


def test_positions__fill_the_arrays_of_the_kernels_and_nothing_else() -> None:
    from simengine.kernels import layout as at

    assert (len(inputs.PATH_NAMES), len(inputs.CONSTANT_NAMES)) == (at.PATHS, at.CONSTANTS)
    assert (len(variables.FLOW_NAMES), len(variables.STOCK_NAMES)) == (at.FLOWS, at.STOCKS)
    assert set(at.Tables._fields) == set(inputs.TABLES)


def test_labels__stand_in_the_order_of_the_kernels() -> None:
    from simengine.kernels import layout as at
    from simengine.registry.axes import CAREER, FUND, INCOME_ITEM, OUTGO_ITEM, SEX, STATUS

    assert (len(INCOME_ITEM), len(OUTGO_ITEM), at.LEDGER_ITEMS) == (9, 5, 14)
    ledger = (
        "CONTRIBUTIONS",
        "INTEREST",
        "INVESTMENT",
        "FISCAL",
        "COLLECTIVE",
        "TRANSFERS",
        "FROM_ABOVE",
        "FROM_BELOW",
    )
    places = [getattr(at, f"IN_{name}") for name in (*ledger, "OTHER")]
    places += [getattr(at, f"OUT_{name}") for name in ("BENEFITS", "TRANSFERS", "TO_BELOW", "TO_ABOVE", "OTHER")]
    assert places == list(range(14))
    for name, item in zip((*ledger, "BENEFITS"), (*INCOME_ITEM[:8], OUTGO_ITEM[0]), strict=True):
        assert item.startswith(name.lower().partition("_")[0])
    funds = ("ENTERPRISE", "PUBLIC", "ANNUITY", "RESIDENT", "UNEMPLOYMENT", "INJURY")
    for place, (short, fund) in enumerate(zip(funds, FUND, strict=True)):
        assert getattr(at, f"FUND_{short}") == place and short.lower() in fund
    assert [getattr(at, name.upper()) for name in STATUS] == list(range(at.STATUSES))
    assert [getattr(at, name.upper()) for name in SEX] == [0, 1] and len(CAREER) == at.CAREERS


def test_rows__that_kernels_count_on_from_one_position_follow_each_other() -> None:
    from simengine.kernels import layout as at
    from simengine.registry.axes import CAREER, SCHEME, STATUS

    for first, names in (
        (at.STOCK_MEMBERS_ENTERPRISE, [f"STOCK_MEMBERS_{name}" for name in STATUS]),
        (at.STOCK_ENTERPRISE_PENSIONERS, [f"STOCK_{name}_PENSIONERS" for name in SCHEME]),
        (at.STOCK_ENTERPRISE_PENSION_MASS, [f"STOCK_{name}_PENSION_MASS" for name in SCHEME]),
        (at.CONSTANT_OLD_AGE_MEN, [f"CONSTANT_OLD_AGE_{name}" for name in CAREER]),
    ):
        assert [getattr(at, name.upper()) for name in names] == list(range(first, first + len(names)))


@pytest.mark.parametrize("file", sorted(path.name for path in HERE.glob("*.csv")))
def test_file_of_the_registry__is_read(file: str) -> None:
    source = "".join(path.read_text(encoding="utf-8") for path in HERE.glob("*.py"))
    assert f'"{file}"' in source


def test_registry__says_what_every_constant_and_series_of_the_bases_is() -> None:
    from simengine.basis.basis import basis_names, load_basis

    for name in basis_names():
        basis = load_basis(name)
        assert set(basis.constants) <= set(inputs.CONSTANTS), name
