"""What is Chinese, and what is English left in it."""

from __future__ import annotations

import re

CHINESE = re.compile("[\u4e00-\u9fff]")
WORD = re.compile(r"[A-Za-z][A-Za-z']*")


def english_in(text: str) -> str:
    """The first run of four or more English words outside quotes, commands, paths and keys; empty without one."""
    bare = re.sub(r'“[^”]*”|"[^"]*"|simengine [a-z -]*|python -m \S*|pip install \S*', "；", text)
    bare = re.sub(r"\S*[/_.=<>\[\]{}:-]\S*", "；", bare)
    for run in re.findall(r"[A-Za-z'][A-Za-z' ]*", bare):
        if len(WORD.findall(run)) >= 4:
            return str(run)
    return ""
