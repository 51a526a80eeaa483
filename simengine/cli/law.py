"""Commands that read the dated law: list, show and at; the tables of the retirement law are in `law_tables`."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from typing import TYPE_CHECKING, Annotated, Any

import typer

from simengine.cli import law_tables
from simengine.cli.law_words import (
    dated_json,
    day_of,
    ditto,
    evidence_text,
    extension_json,
    extension_text,
    extension_word,
    key_unknown,
    keys_under,
    known_region,
    law,
    no_values,
    plain_value,
    refuse,
    region_text,
    tags_text,
    tell_legend,
    title_of,
    unit_name,
    unit_text,
    use_json,
    use_text,
    value_text,
)
from simengine.cli.law_worth import worth_of, worth_text
from simengine.cli.session import AsJson, Lang, Quiet, Session, begin
from simengine.common.errors import LawError
from simengine.common.messages import say

if TYPE_CHECKING:
    from simengine.common.messages import Language
    from simengine.law import DatedValue, LawTree, Parameter
    from simengine.law.holding import Holding

InRegion = Annotated[
    str | None,
    typer.Option("--region", help="Region by key, code or name (haiyan, 330424, 海盐县); the nation when left out."),
]

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    help="Look into the dated law.\n\nEvery legal number with its date, source and evidence: list the keys, show one "
    "parameter whole, ask what holds on a day, print the tables of the retirement law.",
)
app.add_typer(law_tables.app, name="table")


@app.command("list", epilog="Example: simengine law list retirement")
def list_keys(
    prefix: Annotated[
        str | None, typer.Argument(metavar="[PREFIX]", help="Branch or beginning of a key (pension, pension/rate).")
    ] = None,
    json: AsJson = False,
    lang: Lang = None,
    quiet: Quiet = False,
) -> None:
    """List the parameters of the law.

    Each with its title, unit, number of regions with values of their own, last date, and the rule by which it is
    carried on past that date.
    """
    session = begin(lang, quiet=quiet, as_json=json)
    tree = law()
    keys = keys_under(tree, prefix)
    listed: list[dict[str, Any]] = [
        {
            "key": key,
            "name": tree[key].name,
            "local_name": tree[key].local_name,
            "unit": tree[key].unit.symbol,
            "national": bool(tree[key].national),
            "own_regions": list(tree[key].regional),
            "last": max(dated.date for dated in tree[key].all_values()).isoformat(),
            "extension": extension_json(tree[key]),
        }
        for key in keys
    ]
    session.result(listed)
    words = ("law.parameter", "title", "unit", "law.own_regions", "law.last_date", "law.past_it")
    for branch, own in groupby(listed, key=lambda row: row["key"].partition("/")[0]):
        rows = [_list_row(tree[row["key"]], row["last"], session.lang) for row in own]
        session.line(f"{branch}/")
        session.table(rows, [say(word, session.lang) for word in words], margin=2, essential=6)
        session.line("")
    session.tell(say("law.listed", session.lang, count=len(keys), example=keys[0]))


def _list_row(parameter: Parameter, last: str, lang: Language) -> tuple[Any, ...]:
    """One parameter in the list of its branch."""
    name, regions = parameter.key.partition("/")[2], len(parameter.regional) or ""
    return name, title_of(parameter, lang), unit_name(parameter, lang), regions, last, extension_word(parameter, lang)


# --- show -------------------------------------------------------------------------------------------------------------


@app.command("show", epilog="Example: simengine law show pension/benefit_base --region haiyan")
def show(
    key: Annotated[str, typer.Argument(metavar="KEY", help="Key as listed (pension/rate_employer).")],
    region: InRegion = None,
    json: AsJson = False,
    lang: Lang = None,
    quiet: Quiet = False,
) -> None:
    """Show one parameter whole.

    Unit, note, every dated value with reference and evidence, the values of regions, and how it is carried on past the
    last date. With a region: where its values come from, area before city, province, nation.
    """
    session = begin(lang, quiet=quiet, as_json=json)
    tree = law()
    if key not in tree:
        raise key_unknown(tree, key)
    parameter = tree[key]
    place = known_region(tree, region)
    if place is not None and not _timeline(parameter, place):
        raise no_values(parameter, place)
    session.result(_shown(tree, parameter, place))
    tags = _print_head(session, tree, parameter, place)
    tags += _print_own(session, tree, parameter) if place is None else _print_region(session, tree, parameter, place)
    tell_legend(session, tags)


def _shown(tree: LawTree, parameter: Parameter, place: str | None) -> dict[str, Any]:
    """One parameter for JSON."""
    from simengine.law.holding import own_values, source_of
    from simengine.law.regions import NATION

    before = parameter.before
    content: dict[str, Any] = {
        "key": parameter.key,
        "name": parameter.name,
        "local_name": parameter.local_name,
        "unit": parameter.unit.symbol,
        "unit_meaning": parameter.unit.meaning,
        "base": parameter.base,
        "within_year": parameter.within_year,
        "table": parameter.table,
        "null_value": plain_value(parameter, parameter.null_value),
        "note": parameter.note,
        "file": parameter.where,
        **use_json(parameter.key),
        "extension": extension_json(parameter),
        "real_value": worth_of(tree, parameter, place),
        "before": None if before is None else vars(before) | {},
        "values": [dated_json(parameter, dated) for dated in parameter.national],
        "regions": {
            key: [dated_json(parameter, dated) for dated in values] for key, values in parameter.regional.items()
        },
    }
    if place is not None:
        chain = tree.regions.chain(place)
        timeline = _timeline(parameter, place)
        content["region"] = place
        content["chain"] = [{"region": key, "own_values": len(own_values(parameter, key))} for key in chain]
        content["source"] = parameter.source_region(place) or (NATION if parameter.national else None)
        content["timeline"] = [
            dated_json(parameter, dated)
            | dict(zip(("region", "scaled"), source_of(parameter, dated, place), strict=True))
            for dated in timeline
        ]
    return content


def _timeline(parameter: Parameter, place: str | None) -> tuple[DatedValue, ...]:
    """Values for a region; none where neither it nor the nation has any."""
    return parameter.timeline(place) if parameter.source_region(place) or parameter.national else ()


def _print_head(session: Session, tree: LawTree, parameter: Parameter, place: str | None) -> list[str]:
    """Names, unit, rules and file; returns the evidence tags printed."""
    lang, before = session.lang, parameter.before
    session.line(parameter.key)
    session.tell(f"{parameter.name}\n{parameter.local_name}" if lang == "en" else parameter.local_name, margin=2)
    entries = {
        "unit": unit_text(parameter, lang),
        "law.base": parameter.base,
        "law.table": parameter.table,
        "law.in_a_year": say(f"law.within.{parameter.within_year}", lang),
        "law.note": parameter.note,
        "law.read_by": use_text(parameter.key, lang),
        "law.file": parameter.where,
        "law.past": extension_text(tree, parameter, lang, place),
        "law.real": worth_text(tree, parameter, place, lang),
    }
    tags = [parameter.extension.evidence]
    if before is not None:
        said = say(f"law.before.{before.rule}", lang)
        evidence = say(f"law.evidence.{before.evidence}", lang)
        entries["law.earlier"] = say("law.with_reason", lang, said=said, reason=before.reason, evidence=evidence)
        tags.append(before.evidence)
    session.entries({say(word, lang): text for word, text in entries.items() if text})
    return tags


def _print_values(
    session: Session, parameter: Parameter, values: Sequence[DatedValue], origins: Sequence[str] = ()
) -> list[str]:
    """A table of dated values, with the region each comes from where that is told; returns their evidence tags."""
    lang = session.lang
    references = ditto([dated.reference for dated in values], lang)
    rows = [
        (
            str(dated.date),
            value_text(parameter, dated.value, lang, scaled="×" in origin),
            origin,
            tags_text(dated, lang),
            "" if dated.known == dated.date else str(dated.known),
            dated.where.rpartition(" ")[2],
            reference,
        )
        for dated, origin, reference in zip(values, origins or [""] * len(values), references, strict=True)
    ]
    words = ("law.from", "value", "law.of", "law.evidence", "law.known", "law.line", "law.reference")
    session.table(rows, [say(word, lang) for word in words], margin=2)
    return [tag for dated in values for tag in dated.tags]


def _print_own(session: Session, tree: LawTree, parameter: Parameter) -> list[str]:
    """National values, then the own values of every region."""
    lang, tags = session.lang, []
    session.line(f"\n{say('law.national' if parameter.national else 'law.no_national', lang)}")
    if parameter.national:
        tags += _print_values(session, parameter, parameter.national)
    for key, values in parameter.regional.items():
        session.line(f"\n{say('law.own', lang, region=region_text(tree, key, lang))}")
        tags += _print_values(session, parameter, values)
    session.tell(f"\n{say('law.order' if parameter.regional else 'law.everywhere', lang)}")
    return tags


def _print_region(session: Session, tree: LawTree, parameter: Parameter, place: str) -> list[str]:
    """Where a region's values come from, then its whole timeline."""
    from simengine.law.holding import own_values, source_of

    lang, source = session.lang, parameter.source_region(place)
    session.line(f"\n{say('law.chain', lang, region=region_text(tree, place, lang))}")
    timeline = _timeline(parameter, place)
    origins = [source_of(parameter, dated, place) for dated in timeline]
    taken = {key for key, _ in origins}
    for key in tree.regions.chain(place):
        count = len(own_values(parameter, key))
        word = "law.chain_none" if not count else "law.chain_taken" if key in taken else "law.chain_passed"
        if count and key in taken and source is not None and key != source:
            word = "law.chain_before"
        session.tell(say(word, lang, region=region_text(tree, key, lang), count=count), margin=2, hang=2)
    session.line("")
    said = [f"{key} ×" if scaled else key for key, scaled in origins]
    tags = _print_values(session, parameter, timeline, said)
    if any(scaled for _, scaled in origins):
        session.tell(f"\n{say('law.scaled', lang)}")
    return tags


# --- at ---------------------------------------------------------------------------------------------------------------


@app.command("at", epilog="Example: simengine law at pension/rate_employer 2019-04-30 --region zhejiang")
def at(
    words: Annotated[
        list[str],
        typer.Argument(
            metavar="[KEY] DATE",
            help="Key or beginning of keys, all when left out; then the day: 2025-07-01, or 2025-07 and 2025 for "
            "their first day.",
        ),
    ],
    region: InRegion = None,
    json: AsJson = False,
    lang: Lang = None,
    quiet: Quiet = False,
) -> None:
    """Say what holds on a day.

    The value in force, the entry it stands in (file and line) with reference and evidence, or the rule by which it is
    carried on past the last dated value. Without a key: every parameter on that day.
    """
    session = begin(lang, quiet=quiet, as_json=json)
    from simengine.law.holding import holding

    tree = law()
    if len(words) > 2 or (len(words) == 1 and not words[0][:1].isdigit()):
        raise LawError("law_at_words", given=" ".join(words))
    wanted = words[0] if len(words) == 2 else None
    date, place = day_of(words[-1]), known_region(tree, region)
    if wanted is not None and wanted in tree:
        found = holding(tree, wanted, date, place)
        refuse(found)
        session.result(_held(found))
        _print_holding(session, tree, found)
        return
    all_found = [holding(tree, name, date, place) for name in keys_under(tree, wanted)]
    session.result([_held(found) for found in all_found])
    _print_holdings(session, tree, all_found)


def _held(found: Holding) -> dict[str, Any]:
    """What holds, for JSON."""
    parameter, entry, after = found.parameter, found.entry, found.following
    return {
        "key": parameter.key,
        "day": found.day.isoformat(),
        "region": found.region,
        "status": found.status,
        "value": plain_value(parameter, found.value),
        "unit": parameter.unit.symbol,
        "entry": None if entry is None else dated_json(parameter, entry),
        "source": found.source or None,
        "scaled": found.scaled,
        "extension": extension_json(parameter) if found.status in ("held", "indexed", "expired", "undriven") else None,
        "next": None if after is None else dated_json(parameter, after),
    }


def _value_said(found: Holding, session: Session) -> str:
    if found.value is None and found.status in ("indexed", "undriven", "ended", "expired"):
        return say(f"law.open.{found.status}", session.lang)
    said = value_text(found.parameter, found.value, session.lang, scaled=found.scaled)
    return f"{said} [{unit_name(found.parameter, session.lang)}]"


def _print_holding(session: Session, tree: LawTree, found: Holding) -> None:
    """What holds, line by line."""
    parameter, entry, lang = found.parameter, found.entry, session.lang
    session.tell(f"{parameter.key}: {title_of(parameter, lang)}", hang=2)
    entries: dict[str, str] = {"law.day": f"{found.day}", "value": _value_said(found, session)}
    if entry is not None:
        if found.status == "indexed":
            moved = value_text(parameter, entry.value, lang, scaled=found.scaled)
            entries["law.moved"] = f"{moved} [{unit_name(parameter, lang)}]"
        entries["law.from"] = f"{entry.date}"
        entries["law.entry"] = entry.where
        entries["law.reference"] = entry.reference
        entries["law.evidence"] = tags_text(entry, lang) if entry.evidence_of else evidence_text(entry.evidence, lang)
        if entry.known != entry.date:
            entries["law.known"] = f"{entry.known}"
    entries["law.values_of"] = say("law.arrow", lang).join(tree.regions.chain(found.region))
    if found.source:
        entries["law.values_of"] += say("law.taken_from", lang, region=found.source)
    entries["law.stands"] = say(f"law.status.{found.status}", lang, review=tree.information_date)
    if found.status in ("held", "indexed", "expired", "undriven"):
        entries["law.past"] = extension_text(tree, parameter, lang, found.region)
    if found.following is not None:
        following = value_text(parameter, found.following.value, lang, scaled=found.scaled)
        entries["law.next"] = say("law.next_is", lang, value=following, day=found.following.date)
    session.entries({say(word, lang): text for word, text in entries.items()})
    if found.scaled:
        session.tell(say("law.scaled", lang), margin=2)


def _print_holdings(session: Session, tree: LawTree, every: list[Holding]) -> None:
    """What holds for many parameters, two paragraphs each, and the tags at the end."""
    lang = session.lang
    tags: list[str] = []
    place = region_text(tree, every[0].region, lang)
    session.tell(say("law.on_day", lang, day=every[0].day, region=place, count=len(every)) + "\n")
    for found in every:
        entry = found.entry
        head = f"{found.parameter.key}: {title_of(found.parameter, lang)}"
        if entry is None:
            first = found.following.date if found.following is not None else ", ".join(found.parameter.regional)
            said = [say(f"law.short.{found.status}", lang, first=first)]
        else:
            tags += entry.tags
            values = {"day": entry.date, "entry": entry.where.rpartition(" ")[2], "reference": entry.reference}
            values |= {"evidence": tags_text(entry, lang), "region": found.source}
            carried = say(f"law.short.{found.status}", lang) if found.status not in ("in_force", "standing") else ""
            said = [_value_said(found, session), say("law.short_entry", lang, **values) + carried]
        session.tell(head)
        for text in said:
            session.tell(text, margin=4)
    tell_legend(session, tags)
