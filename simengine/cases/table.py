"""Awards of a table of persons: the same law, checks and kernel as a single case, over arrays.

Rows are put into groups that share their law (region, city, scheme, award month); the kernel then runs row by row.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from simengine.cases.law import packaged_law
from simengine.cases.pension import award_law
from simengine.cases.record import counted_until, deemed_index
from simengine.cases.retirement import divisor_rule
from simengine.cases.sheet import CaseResult
from simengine.cases.table_checks import check_records, check_rows, floor_shares
from simengine.cases.table_columns import SCHEMES
from simengine.cases.table_doubts import check_doubts
from simengine.cases.table_persons import Persons, groups, persons_of
from simengine.cases.table_read import IntArray, Table, read_table
from simengine.cases.text import remark_text
from simengine.cases.words import tables, word
from simengine.common.errors import raise_all
from simengine.common.messages import Language, month_text, say
from simengine.kernels import cases as at
from simengine.kernels.rules.rounding import FEN, half_up
from simengine.law import LawTree
from simengine.law.divisor import divisor_at

if TYPE_CHECKING:
    import pandas as pd

Progress = Callable[..., None]

PARTS = {
    "base_pension": at.BASE_PART,
    "transition_pension": at.TRANSITION_PART,
    "account_pension": at.ACCOUNT_PART,
    "transition_adjustment": at.ADJUSTMENT_PART,
    "index_wage_supplement": at.YEARLY_PART,
    "fixed_supplement": at.SUPPLEMENT,
    "floor_top_up": at.TOP_UP,
    "pension": at.PENSION,
}
"""Columns of the result and of the kernel."""


SCREEN = (
    *("row", "id", "name", "region", "award_month", "recognised_months", "entitled"),
    *("base_pension", "transition_pension", "account_pension", "pension"),
)
"""Columns shown on a screen."""


@dataclass
class AwardTable:
    """Awards of a table.

    Attributes
    ----------
    frame : one row a person, amounts in yuan a month; empty where the minimum months are missed
    total : rows of the file; refused_rows : those with an error, listed in `refused` where they were skipped
    carried : sheets of the regions, with what the law carries on
    local_names : names of the regions in their own language
    """

    frame: pd.DataFrame
    total: int
    notes: list[tuple[str, dict[str, Any]]]
    carried: list[CaseResult]
    refused_rows: int = 0
    refused: pd.DataFrame | None = None
    local_names: Mapping[str, str] = field(default_factory=dict)

    def remarks(self, lang: Language) -> list[str]:
        """What the reader has to know about the table as a whole."""
        said = [say(key, lang, **values) for key, values in self.notes]
        said += [say("remark", lang, text=remark_text(r, lang)) for result in self.carried for r in result.remarks]
        return list(dict.fromkeys(said))

    def summary(self) -> dict[str, Any]:
        """Counts and the mean pension, for JSON."""
        entitled = self.frame["entitled"].to_numpy() == 1
        pensions = self.frame["pension"].to_numpy()[entitled]
        mean = float(pensions.mean()) if pensions.size else None
        return {
            "persons": len(self.frame),
            "entitled": int(entitled.sum()),
            "mean_pension": None if mean is None else round(mean, 2),
            "refused": self.refused_rows,
            "rows": self.total,
        }

    def summary_text(self) -> dict[str, Any]:
        """The summary as the sentence names it."""
        found = self.summary()
        mean = "-" if found["mean_pension"] is None else f"{found['mean_pension']:z.2f}"
        return {"count": found["persons"], "entitled": found["entitled"], "mean": mean}

    def plain(self) -> dict[str, Any]:
        """Everything for JSON; what is not a number is null."""
        rows = [
            {name: None if value != value else value for name, value in row.items()}
            for row in self.frame.astype(object).to_dict("records")
        ]
        return {"summary": self.summary(), "persons": rows}

    def first(self, count: int, lang: Language) -> tuple[list[str], list[list[str]]]:
        """Headings and the first rows as text, their main columns alone."""
        columns = [name for name in SCREEN if name in self.frame]
        shown = self.frame.head(count)[columns].astype(object).itertuples(index=False)
        names = self.local_names if lang == "zh" else {}
        rows = [
            [_screen(names.get(value, value), name, lang) for value, name in zip(row, columns, strict=True)]
            for row in shown
        ]
        return [word("columns", name, lang) for name in columns], rows

    def written(self, lang: Language) -> pd.DataFrame:
        """The result as it is written: names of columns and codes in English, everything in words in Chinese."""
        if lang == "en":
            return self.frame
        frame = self.frame.assign(
            region=self.frame["region"].cat.rename_categories(dict(self.local_names)),
            entitled=np.where(
                self.frame["entitled"] == 1, word("labels", "holds", lang), word("labels", "fails", lang)
            ),
        )
        return in_words(frame, lang)

    def refusals_path(self, out: Path) -> Path:
        """File of the refusals beside the results."""
        return out.with_name(f"{out.stem}.refused.csv")


def in_words(frame: pd.DataFrame, lang: Language) -> pd.DataFrame:
    """A table with the names of its columns as they are written; those in English are for programs too."""
    if lang == "en":
        return frame
    known = tables()["columns"]
    return frame.rename(columns={name: word("columns", name, lang) for name in frame.columns if name in known})


def _screen(value: Any, name: str, lang: Language) -> str:
    """One cell on the screen."""
    if value is None or value != value:
        return "-"
    if name == "entitled":
        return word("labels", "holds" if value else "fails", lang)
    return f"{value:z.2f}" if isinstance(value, float) else str(value)


def award_table(
    path: str | Path,
    *,
    skip_bad: bool = False,
    rounded: bool = True,
    law: LawTree | None = None,
    lang: Language = "en",
    progress: Progress | None = None,
) -> AwardTable:
    """Compute the awards of a table of persons.

    Parameters
    ----------
    path : CSV or workbook; columns: notes/cases.md
    skip_bad : compute the good rows and list the others, instead of refusing the table
    rounded : round as the law says; False computes without rounding
    law : law tree; the packaged one by default

    Raises
    ------
    SimengineError
        naming row and column of the first twenty errors and counting all, unless `skip_bad`.
    """
    tell = progress if progress is not None else _silent
    tree = law if law is not None else packaged_law()
    tell("case_read")
    table = read_table(Path(path))
    tell("case_check")
    persons = persons_of(table, tree)
    check_rows(table, persons)
    check_records(table, persons)
    check_doubts(table, persons)
    refuse(table, skip_bad)
    tell("case_award")
    frame = _awards(table, persons, rounded)
    carried = [sheet.finish() for sheet in persons.sheets]
    refused = in_words(table.faults.frame(lang), lang) if table.faults.count else None
    names = {key: tree.regions[key].local_name for key in persons.regions}
    return AwardTable(frame, table.rows, table.notes, carried, int(table.faults.bad.sum()), refused, names)


def refuse(table: Table, skip_bad: bool) -> None:
    """Raise what is wrong with the header together with the bad cells; a wrong header cannot be skipped."""
    cells = [table.faults.refusal()] if table.faults.count and (table.errors or not skip_bad) else []
    raise_all([*table.errors, *cells])


def _silent(stage: str, done: int = 0, total: int = 0) -> None:
    """Progress that says nothing."""


# --- awards ---------------------------------------------------------------------------------------------------------


def _awards(table: Table, persons: Persons, rounded: bool) -> pd.DataFrame:
    """Awards of the good rows."""
    good = np.flatnonzero(~table.faults.bad)
    here = persons.at(good)
    numbers = {name: np.nan_to_num(values[good]) for name, values in table.numbers.items()}
    stated = {name: ~np.isnan(values[good]) for name, values in table.numbers.items()}
    records = np.zeros((good.size, at.RECORD_COLUMNS))
    records[:, at.PAID], records[:, at.INDEX] = numbers["paid_months"], numbers["index"]
    records[:, at.DEEMED], records[:, at.ACCOUNT] = numbers["deemed_months"], numbers["account"]
    records[:, at.FORMER] = np.where(stated["former_transition"], numbers["former_transition"], np.nan)
    laws, group, bases, estimated = _laws(here, rounded)
    _deemed(records, here, numbers, stated)
    _note_former(here, records, laws[group, at.GAIN])
    records[:, at.DIVISOR] = _divisors(here)
    share = floor_shares(here)
    records[:, at.FLOOR] = np.where(stated["local_average_pension"], share * numbers["local_average_pension"], 0.0)
    untested = (share > 0.0) & ~stated["local_average_pension"]
    if untested.any():
        row = int(np.flatnonzero(untested)[0])
        here.sheets[int(here.region[row])].note("floor_untested", share=f"{share[row]:z.0%}")
    if rounded:
        records[:, at.FLOOR] = _to_cents(records[:, at.FLOOR])
    awards = np.empty((good.size, at.AWARD_COLUMNS))
    at.award_rows(records, laws, group, awards)
    estimates = _estimates(records, laws, group, estimated, awards)
    return _frame(table, good, here, records, bases[group], awards, estimates)


def _to_cents(amounts: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Half up to 0.01, as the kernel does it."""
    unique, inverse = np.unique(amounts, return_inverse=True)
    return np.array([half_up(float(value), FEN) for value in unique])[inverse]


def _estimates(
    records: npt.NDArray[np.float64],
    laws: npt.NDArray[np.float64],
    group: IntArray,
    estimated: npt.NDArray[np.float64],
    awards: npt.NDArray[np.float64],
) -> npt.NDArray[np.float64]:
    """Pension on the estimated base where the award is provisional; not a number elsewhere."""
    found = np.full(len(awards), np.nan)
    rows = np.flatnonzero(~np.isnan(estimated[group]))
    if rows.size:
        other = laws.copy()
        other[:, at.BASE] = np.where(np.isnan(estimated), laws[:, at.BASE], estimated)
        again = np.empty((rows.size, at.AWARD_COLUMNS))
        at.award_rows(records[rows], other, group[rows], again)
        found[rows] = again[:, at.PENSION]
    return found


def _laws(
    here: Persons, rounded: bool
) -> tuple[npt.NDArray[np.float64], IntArray, npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """Law of every group of region, city, scheme and award month, the group of every person, and by group the benefit
    base and its estimate where it is provisional (not a number elsewhere).
    """
    unique, group = groups(here.region, here.city, here.scheme, here.month)
    rows, bases = np.zeros((len(unique), at.LAW_COLUMNS)), np.zeros(len(unique))
    estimated = np.full(len(unique), np.nan)
    for place, (region, city, scheme, month) in enumerate(unique):
        name = here.cities[city] if city >= 0 else None
        law = award_law(here.sheets[region], SCHEMES[scheme], int(month), name)
        rows[place], bases[place] = law.row(rounded), law.base.number
        estimate = here.sheets[region].law.estimated(law.base)
        if estimate is not None:
            estimated[place] = estimate.number
    return rows, group, bases, estimated


def _note_former(here: Persons, records: npt.NDArray[np.float64], gain: npt.NDArray[np.float64]) -> None:
    """Remark that a former transition pension is assumed for persons whose row states none.

    Parameters
    ----------
    gain : part of the gain over the former amount that is paid, of every person [1]
    """
    assumed = (gain < 1.0) & np.isnan(records[:, at.FORMER]) & (records[:, at.BEFORE] + records[:, at.APART] > 0.0)
    for region in np.unique(here.region[assumed]):
        here.sheets[int(region)].note("former_unknown")


def _deemed(records: Any, here: Persons, numbers: dict[str, Any], stated: dict[str, Any]) -> None:
    """Index of deemed months, and the months that earn the transition pension, where the table leaves them open."""
    unique, group = groups(here.region, here.scheme, here.month)
    index, counted = np.zeros(len(unique)), np.zeros(len(unique), dtype=bool)
    for place, (region, scheme, month) in enumerate(unique):
        sheet, name = here.sheets[region], SCHEMES[scheme]
        index[place] = deemed_index(sheet, name, -1.0, int(month))[0]  # below zero: the index of the paid months
        counted[place] = counted_until(sheet, name, int(month)) is not None
    own = records[:, at.INDEX]
    by_rule = np.where(index[group] < 0.0, own, index[group])
    by_rule = np.where(records[:, at.DEEMED] > 0.0, by_rule, own)
    records[:, at.DEEMED_INDEX] = np.where(stated["deemed_index"], numbers["deemed_index"], by_rule)
    every = counted[group]
    months, unstated = numbers["months_before_accounts"], every & ~stated["months_before_accounts"]
    use = every & stated["index_before_accounts"]
    if unstated.any():
        here.sheets[int(here.region[unstated][0])].note("months_before_unstated")
    apart = np.where(every, numbers["deemed_after_accounts"], 0.0)
    records[:, at.BEFORE] = np.where(every & ~unstated, months, numbers["deemed_months"] - apart)
    records[:, at.APART], records[:, at.APART_INDEX] = apart, records[:, at.DEEMED_INDEX]
    records[:, at.BEFORE_INDEX] = np.where(use, numbers["index_before_accounts"], records[:, at.DEEMED_INDEX])


def _divisors(here: Persons) -> npt.NDArray[np.float64]:
    """Divisor of every person by region, award month and age."""
    unique, group = groups(here.region, here.month)
    rules: dict[Any, int] = {}
    place = np.zeros(len(unique), dtype=np.int64)
    for number, (region, month) in enumerate(unique):
        sheet = here.sheets[region]
        annex = sheet.use("pension/account_divisor", int(month))
        method = sheet.use("pension/divisor_method", int(month))
        place[number] = rules.setdefault(divisor_rule(annex, str(method.value)), len(rules))
    divisors = np.zeros(here.month.size)
    for rule, number in rules.items():
        mask = place[group] == number
        divisors[mask] = divisor_at(here.month[mask] - here.born[mask], rule)
    return divisors


# --- result ---------------------------------------------------------------------------------------------------------


def _frame(
    table: Table,
    good: IntArray,
    here: Persons,
    records: npt.NDArray[np.float64],
    bases: npt.NDArray[np.float64],
    awards: npt.NDArray[np.float64],
    estimates: npt.NDArray[np.float64],
) -> pd.DataFrame:
    """The result, one row a person; the estimate is there where an award is provisional."""
    import pandas as pd

    recognised = (records[:, at.PAID] + records[:, at.DEEMED]).astype(np.int64)
    entitled = recognised >= here.minimum
    content: dict[str, Any] = {"row": table.lines[good]}
    for name, series in table.texts.items():
        content[name] = series.iloc[good].reset_index(drop=True)
    content["region"] = pd.Categorical.from_codes(here.region, here.regions)
    content["born"] = _months(here.born)
    content["statutory_month"] = _months(here.statutory)
    content["award_month"] = _months(here.month)
    content["recognised_months"], content["minimum_months"] = recognised, here.minimum
    content["entitled"] = entitled.astype(np.int64)
    content["missing_months"] = np.maximum(0, here.minimum - recognised)
    content["divisor"], content["benefit_base"] = records[:, at.DIVISOR], bases
    for name, column in PARTS.items():
        content[name] = np.where(entitled, awards[:, column], np.nan)
    content["pension_estimate"] = np.where(entitled, estimates, np.nan)
    return pd.DataFrame(content)


def _months(months: IntArray) -> pd.Categorical:
    """Months as text, each text once."""
    import pandas as pd

    unique, codes = np.unique(months, return_inverse=True)
    return pd.Categorical.from_codes(codes.reshape(-1), [month_text(int(month)) for month in unique])
