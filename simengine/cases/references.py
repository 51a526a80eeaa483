"""References of the law in Chinese: document numbers as they are, English parts by a table, what it lacks left out."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from simengine.cases.words import word
from simengine.common import strict_yaml
from simengine.common.messages import Language

ENGLISH = re.compile("[A-Za-z]{2}")
CHINESE = re.compile("[\u4e00-\u9fff]")
ARTICLE = re.compile(r"(?P<law>[A-Z][A-Za-z ]+?) art\. (?P<articles>\d+(?:-\d+)?(?:, \d+)*)")
DECISION = re.compile(r"Standing Committee decision of (?P<day>\d{4}-\d{2}-\d{2})(?P<rest>.*)")
PLACE = re.compile(r"(?P<file>.+), line (?P<line>\d+)")
BREAKS = re.compile(r"; |: |, (?!\d)| \(|\)|, read in |; read in | and (?=transition)")


@cache
def _tables() -> Mapping[str, Mapping[str, str]]:
    data: Mapping[str, Mapping[str, str]] = strict_yaml.load(Path(__file__).with_name("reference_words.yaml")).data
    return data


def reference_text(reference: str, key: str, lang: Language) -> str:
    """A reference in a language; where nothing of it can be said in Chinese, where the whole one stands."""
    if lang == "en" or not ENGLISH.search(reference):
        return reference
    said = [text for part in BREAKS.split(reference) if (text := _part(part.strip()))]
    return "；".join(said) or word("labels", "reference", lang, name=key)


def place_text(where: str, lang: Language) -> str:
    """File and line in a language."""
    found = PLACE.fullmatch(where)
    return where if lang == "en" or found is None else f"{found['file']}第{found['line']}行"


def _part(part: str) -> str:
    """One part in Chinese; empty where the tables do not know it."""
    tables = _tables()
    if part in tables["parts"]:
        return tables["parts"][part]
    decision = DECISION.fullmatch(part)
    if decision is not None:
        return f"全国人大常委会{decision['day']}决定{_articles(decision['rest'])}"
    article = ARTICLE.search(part)
    if article is not None and article["law"] in tables["laws"]:
        return f"{tables['laws'][article['law']]}第{_numbers(article['articles'])}条"
    annexes = re.fullmatch(r"annex(?:es)? ([\d-]+)", part)
    if annexes is not None:
        return f"附件{_numbers(annexes[1])}"
    if not ENGLISH.search(part):
        return part if CHINESE.search(part) else ""
    known = re.match(r"[^A-Za-z]*〕\d+号", part)
    return known[0].strip() if known is not None else ""


def _articles(rest: str) -> str:
    found = re.search(r"art\. (\d+)", rest)
    return "" if found is None else f"第{found[1]}条"


def _numbers(text: str) -> str:
    return text.replace("-", "至").replace(", ", "、")
