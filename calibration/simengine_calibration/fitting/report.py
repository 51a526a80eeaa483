"""What a fit says: parameters, residuals of every series and year, correlations, alignment; as CSV and in words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import product
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from simengine.basis.basis import Basis, load_basis
from simengine.basis.overlay import overlay
from simengine.basis.own_level import history_inputs
from simengine.common.errors import BasisError
from simengine.common.messages import Language
from simengine.engine.compile import compile_lane
from simengine.engine.opening import align, scale_to_child
from simengine.engine.project import copy_state, spin_up
from simengine.judge.checks.free_run import RATIOS, RECALLED, SERIES
from simengine.kernels.layout import new_state
from simengine_calibration.fitting.bureau_basis import opened
from simengine_calibration.fitting.fit import Fit
from simengine_calibration.fitting.model import unfitted
from simengine_calibration.fitting.words import say

if TYPE_CHECKING:
    import pandas as pd

SHOWN = 8
"""Alignment factors the command prints; the table has all."""

RESIDUAL_COLUMNS = (
    "series", "year", "use", "unit", "engine_before", "engine", "printed", "recalled", "gap_before", "gap", "spread",
    "standardised", "evidence", "source",
)  # fmt: skip
PARAMETER_COLUMNS = (
    "parameter", "label", "label_zh", "estimate", "error", "prior_mean", "prior_sd", "low", "high", "at_bound",
    "decided_by", "shrinkage", "evidence", "source",
)  # fmt: skip


def parameter_table(fit: Fit) -> pd.DataFrame:
    """One row a parameter: estimate, standard error, prior, and who decides."""
    import pandas as pd

    model, known = fit.model, fit.known
    rows = []
    for place, (name, one) in enumerate(model.parameters.items()):
        value, (low, high) = float(fit.solution.x[place]), one.bounds
        edge = 1e-3 * (high - low)
        rows.append((
            name, one.label["en"], one.label["local"], value, float(known.errors[place]), one.prior.mean,
            one.prior.sd, low, high, value < low + edge or value > high - edge, known.decided_by(place),
            float(known.shrinkage[place]), one.evidence, one.source,
        ))  # fmt: skip
    return pd.DataFrame(rows, columns=PARAMETER_COLUMNS)


def residual_table(fit: Fit) -> pd.DataFrame:
    """Every reference of the basis beside the engine before and after the fit.

    Returns
    -------
    `use` is ``fitted``, ``later`` (not seen by the fit) or ``beside`` (seen years of figures that are not fitted);
    `gap` is engine over reference less one [1]; printed and recalled figures stand in columns of their own
    """
    import pandas as pd

    fitted = {(one.series, one.year, one.evidence): one for one in fit.model.observations}
    rows: list[tuple[Any, ...]] = []
    for item in fit.model.references():
        used = fitted.get((item.series, item.year, item.evidence))
        use = "fitted" if used else "later" if item.year > fit.model.spec.until else "beside"
        rows.append(_residual(fit, item.series, item.year, item.value, item.evidence, item.unit, use, item.source))
    for one in fit.model.observations:
        if one.series in RATIOS:
            rows.append(_residual(fit, one.series, one.year, one.value, one.evidence, one.unit, "fitted", one.source))
    table = pd.DataFrame(rows, columns=RESIDUAL_COLUMNS)
    order = {name: place for place, name in enumerate((*SERIES, *RATIOS))}
    return table.sort_values(["series", "year"], key=lambda part: part.map(order) if part.name == "series" else part)


def _residual(
    fit: Fit, series: str, year: int, value: float, evidence: str, unit: str, use: str, source: str
) -> tuple[Any, ...]:
    engine, before = fit.after[series].get(year, np.nan), fit.before[series].get(year, np.nan)
    printed, recalled = (np.nan, value) if evidence in RECALLED else (value, np.nan)
    spread = next((one.spread for one in fit.model.observations if (one.series, one.year) == (series, year)), np.nan)
    gap = engine / value - 1.0
    return (
        series, year, use, unit, before, engine, printed, recalled, before / value - 1.0, gap, spread,
        float(np.log(engine / value) / spread) if engine > 0.0 else np.nan, evidence, source,
    )  # fmt: skip


def correlation_table(fit: Fit) -> pd.DataFrame:
    """Correlations of the estimates [parameter, parameter]."""
    import pandas as pd

    return pd.DataFrame(fit.known.correlation, index=fit.model.names, columns=fit.model.names)


def summary(residuals: pd.DataFrame) -> pd.DataFrame:
    """By series, use and kind: number, mean and largest absolute gap, before and after.

    `kind` is ``printed``, ``recalled`` or ``stated`` (a point of a ratio that nobody publishes).
    """
    import pandas as pd

    rows = []
    for series, part in residuals.groupby("series", sort=False):
        stated = "stated" if series in RATIOS else "recalled"
        kinds = part["recalled"].notna().map({True: stated, False: "printed"})
        for use, kind in product(("fitted", "beside", "later"), ("printed", "recalled", "stated")):
            chosen = part[(part["use"] == use) & (kinds == kind)]
            if not chosen.empty:
                worst = chosen.loc[chosen["gap"].abs().idxmax()]
                rows.append((
                    series, use, kind, len(chosen), chosen["gap_before"].abs().max(), chosen["gap"].abs().mean(),
                    worst["gap"], int(worst["year"]),
                ))  # fmt: skip
    names = ["series", "use", "kind", "figures", "largest_before", "mean", "largest", "year"]
    return pd.DataFrame(rows, columns=names)


def start_table(fit: Fit) -> pd.DataFrame:
    """Every start: half the sum of squares, runs of the history, how it ended, where [start, ...]."""
    import pandas as pd

    rows = [(one.cost, one.evaluations, one.converged, one.message, *one.x) for one in fit.solution.starts]
    return pd.DataFrame(rows, columns=["cost", "evaluations", "converged", "ended", *fit.model.names])


def alignment_table(fit: Fit) -> pd.DataFrame:
    """Factors that bring the fitted history to the opening figures of every region that opens from it."""
    import pandas as pd

    rows = []
    for region, basis in _opened(fit):
        state = copy_state(spin_up(history_inputs(basis), fit.model.law).state)
        if basis.spinup_parent is not None:
            child = new_state()
            scale_to_child(child, state, basis.population())
            state = child
        inputs = compile_lane(basis, fit.model.law, np.array([basis.base_year, basis.base_year + 1]), None)
        rows += [
            (region, one.item, one.before, one.opening, one.factor, one.large) for one in align(state, basis, inputs)
        ]
    return pd.DataFrame(rows, columns=["region", "item", "before", "opening", "factor", "large"])


def _opened(fit: Fit) -> list[tuple[str, Basis]]:
    """Regions that open from the fitted history, and their bases: the bureau's own where its tables are fitted."""
    if fit.model.tables is not None:
        return [(fit.model.tables.bureau.about.region, opened(fit))]
    named = load_basis(fit.model.spec.content.basis)
    values = fit.model.values(fit.solution.x)
    parts = [load_basis(name) for name in named.partition] or [named]
    return [(part.region, overlay(unfitted(part), values)) for part in parts]


def short(fit: Fit, tables: Mapping[str, pd.DataFrame], lang: Language) -> list[str]:
    """What the command prints: parameters and the summary by series."""
    parameters = tables["parameters"][["parameter", "estimate", "error", "prior_mean", "prior_sd", "decided_by"]]
    lines = [say("title", lang, name=fit.model.spec.content.name["local" if lang == "zh" else "en"]), ""]
    lines += [parameters.to_string(index=False, float_format=lambda value: f"{value:z.4g}"), ""]
    shown = tables["summary"].copy()
    for column in ("largest_before", "mean", "largest"):
        shown[column] = shown[column].map(lambda value: f"{value:+z.1%}" if np.isfinite(value) else "")
    lines.append(shown.to_string(index=False))
    if not fit.solution.converged:
        lines += ["", say("not_converged", lang)]
    large = tables["alignment"][tables["alignment"]["large"]]
    told = [f"{row.region} {row.item} {row.factor:z.3f}" for row in large.itertuples()]
    if told:
        more = "" if len(told) <= SHOWN else " ..."
        lines += ["", say("large_factors", lang, count=len(told)), "  " + "; ".join(told[:SHOWN]) + more]
    return lines


def draw_table(names: Sequence[str], draws: np.ndarray) -> pd.DataFrame:
    """Draws of the parameters [draw, parameter]."""
    import pandas as pd

    table = pd.DataFrame(draws, columns=list(names))
    table.index.name = "draw"
    return table


# --- words ------------------------------------------------------------------------------------------------------------


def markdown(fit: Fit, tables: Mapping[str, pd.DataFrame], lang: Language) -> str:
    """The report in words and tables."""
    spec, local = fit.model.spec, lang == "zh"
    name = spec.content.name["local" if local else "en"]
    count, width = len(fit.model.observations), len(fit.model.names)
    singular = fit.known.singular
    lines = [
        f"# {say('title', lang, name=name)}",
        "",
        say("what", lang, basis=fit.model.basis.name, figures=count, parameters=width, until=spec.until),
        say("singular", lang, largest=f"{singular[0]:z.3g}", smallest=f"{singular[-1]:z.2g}",
            seen=int((singular > 1.0).sum()), total=width),
        say("borrowed", lang, text=spec.content.borrowed),
        *([] if fit.solution.converged else [say("not_converged", lang)]),
        "",
        f"## {say('parameters', lang)}",
        "",
        *_parameter_lines(tables["parameters"], lang),
        "",
        f"## {say('series', lang)}",
        "",
        *_summary_lines(tables["summary"], lang),
        "",
        f"## {say('years', lang)}",
        "",
        *_year_lines(tables["residuals"], lang),
    ]  # fmt: skip
    if "alignment" in tables:
        lines += ["", f"## {say('alignment', lang)}", "", *_alignment_lines(tables["alignment"], lang)]
    return "\n".join(lines) + "\n"


def notes_block(tables: Mapping[str, pd.DataFrame], command: str) -> str:
    """What a page of notes shows of a fit: the command, parameters, and the gaps by series."""
    parts = [
        f"`{command}`:",
        "",
        *_parameter_lines(tables["parameters"], "en"),
        "",
        *_summary_lines(tables["summary"], "en"),
    ]
    if "mechanisms" in tables:
        parts += ["", *_mechanism_lines(tables["mechanisms"])]
    return "\n".join(parts)


def renew_notes(path: Path, key: str, block: str) -> None:
    """Put a block between ``<!-- fit:key -->`` and ``<!-- /fit -->`` of a page."""
    from simengine.common.files import file_set

    text, begin, end = path.read_text(encoding="utf-8"), f"<!-- fit:{key} -->", "<!-- /fit -->"
    if begin not in text or end not in text[text.index(begin) :]:
        raise BasisError("fit_block_missing", where=str(path), begin=begin, end=end)
    start = text.index(begin) + len(begin)
    stop = text.index(end, start)
    with file_set() as files:
        files.text(path, f"{text[:start]}\n{block}\n{text[stop:]}")
        files.commit()


def _mechanism_lines(table: pd.DataFrame) -> list[str]:
    """Change of each series when a mechanism is removed, in 2010 and 2018."""
    lines = _head("en", "mechanism", "pensioners", "contributions", "expenditure", "recorded_accounts")
    for name, part in table.groupby("mechanism", sort=False):
        cells = []
        for series in ("pensioners", "contributions", "expenditure", "recorded_accounts"):
            chosen = part[part["series"] == series].set_index("year")["change"]
            cells.append(f"{chosen[2010]:+z.1%}, {chosen[2018]:+z.1%}")
        lines.append(f"| {name} | " + " | ".join(cells) + " |")
    return lines


def _head(lang: Language, *keys: str) -> list[str]:
    names = [say(f"column_{key}", lang) for key in keys]
    return ["| " + " | ".join(names) + " |", "|" + "---|" * len(names)]


def _parameter_lines(table: pd.DataFrame, lang: Language) -> list[str]:
    lines = _head(lang, "parameter", "estimate", "error", "prior", "decided", "source")
    label = "label_zh" if lang == "zh" else "label"
    for row in table.itertuples():
        edge = f" {say('at_bound', lang)}" if row.at_bound else ""
        lines.append(
            f"| {getattr(row, label)} (`{row.parameter}`) | {row.estimate:z.4g}{edge} | {row.error:z.2g} "
            f"| {row.prior_mean:g} ± {row.prior_sd:g} [{row.evidence}] "
            f"| {say(f'by_{row.decided_by}', lang)} | {row.source} |"
        )
    return lines


def _summary_lines(table: pd.DataFrame, lang: Language) -> list[str]:
    lines = _head(lang, "series", "use", "kind", "figures", "largest_before", "mean", "largest", "year")
    for row in table.itertuples():
        lines.append(
            f"| `{row.series}` | {say(f'use_{row.use}', lang)} | {say(f'kind_{row.kind}', lang)} | {row.figures} "
            f"| {row.largest_before:z.1%} "
            f"| {row.mean:z.1%} | {row.largest:+z.1%} | {row.year} |"
        )
    return lines


def _year_lines(table: pd.DataFrame, lang: Language) -> list[str]:
    lines = _head(lang, "series", "year", "use", "engine", "printed", "recalled", "gap_before", "gap")
    for row in table.itertuples():
        printed, recalled = (_number(value) for value in (row.printed, row.recalled))
        lines.append(
            f"| `{row.series}` | {row.year} | {say(f'use_{row.use}', lang)} | {_number(row.engine)} | {printed} "
            f"| {recalled} | {row.gap_before:+z.1%} | {row.gap:+z.1%} |"
        )
    return lines


def _alignment_lines(table: pd.DataFrame, lang: Language) -> list[str]:
    lines = _head(lang, "item", "before", "opening", "factor")
    for row in table.itertuples():
        flag = f" {say('flagged', lang)}" if row.large else ""
        lines.append(f"| `{row.item}` | {_number(row.before)} | {_number(row.opening)} | {row.factor:z.3f}{flag} |")
    return lines


def _number(value: float) -> str:
    return "" if not np.isfinite(value) else f"{value:z,.4g}" if abs(value) < 1e4 else f"{value:z,.0f}"


def write_tables(folder: Path, tables: Mapping[str, pd.DataFrame], texts: Mapping[str, str]) -> None:
    """All tables and texts of a fit, together or not at all."""
    from simengine.common.files import file_set

    with file_set() as files:
        for name, table in tables.items():
            indexed = name in ("correlation", "draws")
            files.text(folder / f"{name}.csv", table.to_csv(index=indexed, float_format="%.8g", lineterminator="\n"))
        for name, text in texts.items():
            files.text(folder / name, text)
        files.commit()
