"""Every quantity that a table can show, found by its key or by its name in either language.

Indicators come from their registry, stocks, flows and measures from `simengine.registry.variables`. An item of a fund
is written ``income:FUND:ITEM`` or ``outgo:FUND:ITEM``; ``budget`` is the whole table of a fund in budget order.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache

from simengine.common.errors import ScenarioError, SimengineError, raise_all
from simengine.common.messages import say
from simengine.judge.indicators import registry
from simengine.registry.axes import BUDGET, LABELS, WORDS
from simengine.registry.units import Printed, as_it_is, printed
from simengine.registry.variables import VARIABLES

INDICATOR, VARIABLE, BUDGET_TABLE = "indicator", "variable", "budget"
LEDGER = {"income": "income_item", "outgo": "outgo_item"}
LEDGER_WORDS = {"income": "收入", "outgo": "支出"}
FUND_NAMES = {"企业养老": "enterprise_pension", "机关养老": "public_pension", "居民养老": "resident"}
FUND_NAMES |= {"失业": "unemployment", "失业保险": "unemployment", "工伤": "work_injury", "工伤保险": "work_injury"}
"""How offices call funds, beside their names."""

ALIASES = {"reserve_months": "payable_months", "备付月数": "payable_months", "可支付月份": "payable_months"}
"""Other names of quantities."""

SHOWN = 6
"""Names that an error offers in place of one that is not known."""


@dataclass(frozen=True)
class Quantity:
    """One quantity of a table.

    Attributes
    ----------
    key : name in commands and files; of an item of a fund ``income:FUND:ITEM``
    kind : `INDICATOR`, `VARIABLE` or `BUDGET_TABLE`
    source : the indicator or variable behind it
    unit : base unit of its values
    shown : unit in which tables for readers print it
    axes : its axes beside scenario, region and time
    fixed : labels that its name picks, by axis
    """

    key: str
    en: str
    zh: str
    kind: str
    source: str
    unit: str
    shown: Printed
    axes: tuple[str, ...] = ()
    fixed: Mapping[str, str] = field(default_factory=dict, hash=False)

    def name(self, lang: str) -> str:
        """What it is called in one language."""
        return self.zh if lang == "zh" else self.en

    def printed(self, base: bool) -> Printed:
        """The unit of a table: base units, or those of bureaus and plans."""
        return as_it_is(self.unit) if base else self.shown


@cache
def quantities() -> Mapping[str, Quantity]:
    """Every quantity by its key, items of funds and the table of a fund last.

    A variable and an indicator of one name and unit are one quantity: the variable, which has more axes, in the unit
    of plans. Where the units differ, the name is the indicator's and the variable is written ``variable:NAME``.
    """
    found: dict[str, Quantity] = {}
    for name, one in registry().items():
        unit = printed(one.unit, one.plan_unit)
        axes = ("fund",) if one.by_fund else ()
        found[name] = Quantity(name, one.en, one.zh, INDICATOR, name, one.unit, unit, axes)
    for name, row in VARIABLES.items():
        known = found.get(name)
        unit = known.shown if known else printed(row.unit, total=row.additive)
        en, zh = (known.en, known.zh) if known else (row.en, row.zh)
        key = name
        if known is not None and known.unit != row.unit:
            key, en, zh, unit = f"variable:{name}", row.en, row.zh, printed(row.unit, total=row.additive)
        found[key] = Quantity(key, en, zh, VARIABLE, name, row.unit, unit, row.axes)
    for fund in LABELS["fund"]:
        for ledger, axis in LEDGER.items():
            for item in LABELS[axis]:
                entry = _item(ledger, str(fund), str(item))
                found[entry.key] = entry
    en, zh = say("table.budget", "en"), say("table.budget", "zh")
    account = ("fund", "budget_line")
    found[BUDGET_TABLE] = Quantity(BUDGET_TABLE, en, zh, BUDGET_TABLE, "", "yuan", printed("yuan"), account)
    return found


def _item(ledger: str, fund: str, item: str) -> Quantity:
    """One item of one fund, named after both."""
    axis = LEDGER[ledger]
    of_fund, of_item = WORDS["fund", fund], WORDS[axis, item]
    key = f"{ledger}:{fund}:{item}"
    en, zh = f"{of_fund.en}: {of_item.en}", f"{of_fund.zh}：{of_item.zh}"
    fixed = {"fund": fund, axis: item}
    return Quantity(key, en, zh, VARIABLE, ledger, "yuan", printed("yuan"), VARIABLES[ledger].axes, fixed)


def find_quantities(names: Iterable[str], where: str = "--indicator") -> list[Quantity]:
    """The quantities of these names, each once, in their order.

    Parameters
    ----------
    names : keys, or names in either language; several in one text are parted by commas
    where : the option, for errors

    Raises
    ------
    ScenarioError or an ErrorList of them: for every name that is unknown or that two quantities bear, with near ones
    """
    found: dict[str, Quantity] = {}
    errors: list[SimengineError] = []
    for text in names:
        whole = _meant(text.strip())
        for part in [text.strip()] if whole else _parted(text):
            meant = _meant(part)
            if len(meant) == 1:
                found[meant[0].key] = meant[0]
            elif meant:
                errors.append(
                    ScenarioError("quantity_twice", where=where, name=part, known=", ".join(one.key for one in meant))
                )
            else:
                near, others = similar(part)
                errors.append(ScenarioError("quantity_unknown", where=where, near=near, name=part, known=others))
    raise_all(errors)
    return list(found.values())


def _parted(text: str) -> list[str]:
    for sign in "，、；;":
        text = text.replace(sign, ",")
    return [part.strip() for part in text.split(",") if part.strip()]


@cache
def _spoken_items() -> dict[str, Quantity]:
    """Items of funds by the names of ledger, fund and item in either language, with or without 基金."""
    found: dict[str, Quantity] = {}
    for fund in LABELS["fund"]:
        for ledger, axis in LEDGER.items():
            for item in LABELS[axis]:
                of_fund, of_item = WORDS["fund", str(fund)], WORDS[axis, str(item)]
                entry = quantities()[f"{ledger}:{fund}:{item}"]
                funds = {of_fund.en.lower(), of_fund.zh, of_fund.zh.removesuffix("基金"), str(fund)}
                funds |= {short for short, key in FUND_NAMES.items() if key == fund}
                items = {of_item.en.lower(), of_item.zh, str(item)}
                for one in funds:
                    for other in items:
                        for side in (LEDGER_WORDS[ledger], ledger):
                            found.setdefault(f"{side}:{one}:{other}", entry)
    return found


@cache
def _by_name() -> Mapping[str, tuple[Quantity, ...]]:
    """Quantities by every name they are known by, in small letters."""
    found: dict[str, list[Quantity]] = {}
    for one in quantities().values():
        for name in dict.fromkeys((one.key.lower(), one.en.lower(), one.zh.lower())):
            found.setdefault(name, []).append(one)
    for name, key in ALIASES.items():
        found.setdefault(name, [quantities()[key]])
    for name, entry in _spoken_items().items():
        found.setdefault(name, [entry])
    return {name: tuple(some) for name, some in found.items()}


def _meant(name: str) -> tuple[Quantity, ...]:
    """Quantities that a name may mean: of those that share it, the indicator or the one with that key alone."""
    some = _by_name().get(name.lower().replace("：", ":"), _by_name().get(name.lower(), ()))
    for first in (
        [one for one in some if one.key == name.lower()],
        [one for one in some if one.kind == INDICATOR],
    ):
        if len(first) == 1:
            return (first[0],)
    return some


def similar(name: str) -> tuple[str, str]:
    """The name nearest to a misspelt one, and the keys that may be meant with their names; words of it count."""
    word = name.lower()
    close = difflib.get_close_matches(word, list(_by_name()), n=SHOWN, cutoff=0.6)
    holding = [known for known in _by_name() if word and word in known]
    some = {one.key: one for known in (*close, *holding) for one in _by_name()[known]}
    told = [f"{one.key} ({one.zh})" for one in list(some.values())[:SHOWN]]
    return (close[0] if close else ""), ", ".join(told) or "simengine list indicators, simengine list variables"


def budget_word(line: str, lang: str) -> str:
    """What a line of the table of a fund is called."""
    for axis in ("budget_line", "income_item", "outgo_item"):
        if (axis, line) in WORDS:
            return str(getattr(WORDS[axis, line], lang))
    raise KeyError(line)


BUDGET_LINES = BUDGET
