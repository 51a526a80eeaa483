"""Sources of the kernels as syntax trees, with what their names stand for."""

from __future__ import annotations

import ast
import importlib
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType


@dataclass(frozen=True)
class Module:
    """One source file: its functions, and where its imported functions come from."""

    name: str
    file: str
    functions: dict[str, ast.FunctionDef]
    imported: dict[str, tuple[str, str]]
    values: dict[str, object]

    def constant(self, name: str) -> int | float | None:
        """A number of the module by name; None if the name is no number of it."""
        value = self.values.get(name)
        return value if isinstance(value, int | float) else None

    def other(self, name: str) -> ModuleType | None:
        """The module a name of this one stands for."""
        value = self.values.get(name)
        return value if isinstance(value, ModuleType) else None


def read_module(module: ModuleType) -> Module:
    """Parse the source file of an imported module."""
    path = Path(str(module.__file__))
    tree = ast.parse(path.read_text(encoding="utf-8"))
    functions = {node.name: node for node in tree.body if isinstance(node, ast.FunctionDef)}
    imported = {
        alias.asname or alias.name: (str(node.module), alias.name)
        for node in tree.body
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    }
    return Module(module.__name__, path.name, functions, imported, vars(module))


class Sources:
    """Modules by name, each read once."""

    def __init__(self) -> None:
        self._known: dict[str, Module] = {}

    def module(self, name: str) -> Module:
        """A module by its full name."""
        if name not in self._known:
            self._known[name] = read_module(importlib.import_module(name))
        return self._known[name]

    def function(self, module: Module, name: str) -> tuple[Module, ast.FunctionDef] | None:
        """The definition a name of a module stands for; None if it is no function with a source."""
        if name in module.functions:
            return module, module.functions[name]
        if name not in module.imported:
            return None
        source, original = module.imported[name]
        return self.function(self.module(source), original)
