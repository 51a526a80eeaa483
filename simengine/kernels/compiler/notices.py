"""What compiling has to tell the user, as codes: the kernels know no language.

A code is told once in a process. `listen` says who hears it: the package warns in Python, the command line writes
a line. The texts are the words ``kernels.CODE`` of the catalogue.
"""

from __future__ import annotations

from collections.abc import Callable

Listener = Callable[[str, dict[str, str]], None]

_told: set[str] = set()
_listeners: list[Listener] = []


def listen(listener: Listener) -> None:
    """Let `listener` hear codes and the values of their texts from now on, in place of whoever heard them before."""
    _listeners[:] = [listener]


def tell(code: str, **values: str) -> None:
    """Tell a code with the values of its text, if this process has not told it yet."""
    if code not in _told:
        _told.add(code)
        for listener in _listeners:
            listener(code, values)
