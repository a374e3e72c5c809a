"""Writes down for type checkers which managers a project has: the text of `config/typings/__init__.pyi`.

`tux` imports no plugin. It names `config.typings` for checkers alone, and so `self.db.case` has the type of the project's
own manager. Where the file is missing, as for a plugin's author before the first `tux sync`, a manager is an `Any`.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tux.manager import Manager

FACADE = Path("config/typings/__init__.pyi")
WIDTH = 120

_HEAD = "# Written by `tux sync` from the plugins of this project, for type checkers; do not edit.\n\n"
_COORDINATOR = "tux.coordinator", "DatabaseCoordinator as DatabaseCoordinator"  # "as": managers find it here


def facade_text(managers: Mapping[str, type[Manager[Any]]]) -> str:
    """Return the stub with one attribute for each manager of a registry, in the form that ruff gives it."""
    shared = Counter(manager.__name__ for manager in set(managers.values()))
    imports = defaultdict[str, list[str]](list)
    imports[_COORDINATOR[0]].append(_COORDINATOR[1])
    attributes: list[str] = []
    for name, manager in sorted(managers.items()):
        known = manager.__name__
        if shared[known] > 1:  # two plugins chose one class name
            known = f"{name.title().replace('_', '')}{known}"
            imports[manager.__module__].append(f"{manager.__name__} as {known}")
        else:
            imports[manager.__module__].append(known)
        attributes.append(f"    {name}: {known}")
    lines = [_import_line(module, sorted(names)) for module, names in sorted(imports.items())]
    body = "\n".join(attributes) or "    ..."
    return f"{_HEAD}{''.join(lines)}\nclass Managers:\n{body}\n"


def _import_line(module: str, names: list[str]) -> str:
    line = f"from {module} import {', '.join(names)}\n"
    if len(line) <= WIDTH + 1:
        return line
    listed = "".join(f"    {name},\n" for name in names)
    return f"from {module} import (\n{listed})\n"
