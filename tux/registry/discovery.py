"""Finds plugins: the built-in one, the folders of the project, and installed packages."""

from __future__ import annotations

import importlib
import importlib.util
import inspect
import os
import re
import sys
from importlib.metadata import PackageNotFoundError, entry_points, version
from keyword import iskeyword
from pathlib import Path
from typing import TYPE_CHECKING, Any

from packaging.requirements import InvalidRequirement, Requirement
from packaging.specifiers import InvalidSpecifier, SpecifierSet

from tux.errors import PluginError
from tux.plugin import Plugin
from tux.registry.records import PluginRecord, State

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import ModuleType

ENTRY_POINTS = "tux.plugins"
_MADE_TABLE = re.compile(r'CREATE TABLE IF NOT EXISTS "([a-z][a-z0-9]*)_')  # in the words of aerich


def find_plugins(root: Path, folder: Path, *, installed: bool) -> list[PluginRecord]:
    """Return a record for each plugin that exists, with its manifest read; the built-in `core` comes first.

    Two of one name: the one in the project's folder wins over an installed one, which is marked failed.
    """
    found: dict[str, PluginRecord] = {}
    for record in _candidates(root, folder, installed=installed):
        if record.name in found:
            other = found[record.name]
            reason = f"{record.package} and {other.package} are both called {record.name!r}; rename or remove one"
            record.name = record.package
            record.settle(State.FAILED, reason)
        found[record.name] = record
        if record.state is State.READY:
            with record.loading("manifest"):
                record.plugin = _manifest(record)
                _check_requirements(record.plugin)
    return list(found.values())


def find_migrated(root: Path) -> set[str]:
    """Return the plugins for which a migration of the project made tables, by the tables' prefixes."""
    files = (root / "migrations" / "models").glob("*.py")
    return {name for file in files for name in _MADE_TABLE.findall(file.read_text(encoding="utf-8"))}


def _candidates(root: Path, folder: Path, *, installed: bool) -> Iterator[PluginRecord]:
    yield PluginRecord("core", "tux.core", Path(__file__).parents[1] / "core")
    if folder.is_dir():
        importable = str(folder.parent)
        if importable not in sys.path:
            sys.path.insert(0, importable)
        for path in sorted(folder.iterdir()):
            # a folder without Python is no plugin: git leaves __pycache__ behind where one was
            if not path.name.startswith((".", "_")) and _has_code(path):
                yield PluginRecord(path.name, f"{folder.name}.{path.name}", path)
    if installed:
        for point in sorted(entry_points(group=ENTRY_POINTS), key=lambda p: p.name):
            yield PluginRecord(point.name, point.module, _folder_of(point.module) or root)


def _has_code(folder: Path) -> bool:
    return folder.is_dir() and any(name.endswith(".py") for name in os.listdir(folder))  # noqa: PTH208 - of 500 folders


def _folder_of(package: str) -> Path | None:
    """Return where an installed package is; None when it is gone, which importing its manifest will say."""
    try:
        spec = importlib.util.find_spec(package)
    except ImportError:
        return None
    return Path(spec.submodule_search_locations[0]) if spec and spec.submodule_search_locations else None


def _manifest(record: PluginRecord) -> Plugin:
    module = importlib.import_module(record.package)
    is_ours = str(record.path) in module.__path__
    if not is_ours and record.path.resolve() not in {Path(folder).resolve() for folder in module.__path__}:
        raise PluginError(
            record.name,
            f"{record.package} was imported from {module.__path__[0]}, not from {record.path}; "
            f"another installed package is called {record.package.partition('.')[0]!r}: remove it or rename the folder",
        )
    if iskeyword(record.name):
        raise PluginError(record.name, "a word of Python's cannot be imported from; rename the folder")
    plugin = getattr(module, "plugin", None)
    if not isinstance(plugin, Plugin):
        found = "nothing" if plugin is None else type(plugin).__name__
        raise PluginError(record.name, f"{record.package} must hold `plugin = Plugin(...)`; found {found}")
    if plugin.name != record.name:
        raise PluginError(record.name, f"the manifest says name={plugin.name!r}; it must be the folder's name")
    return plugin


def _check_requirements(plugin: Plugin) -> None:
    for text in plugin.requires:
        try:
            wanted = Requirement(text)
        except InvalidRequirement as error:
            raise PluginError(plugin.name, f"requires {text!r}, which is not a PEP 508 requirement: {error}") from None
        if wanted.marker and not wanted.marker.evaluate():
            continue
        try:
            have = version(wanted.name)
        except PackageNotFoundError:
            raise PluginError(plugin.name, f"requires {text!r}, which is not installed; install it") from None
        if have not in wanted.specifier:
            raise PluginError(plugin.name, f"requires {text!r}, but {wanted.name} {have} is installed")
    try:
        if plugin.tux and version("tux") not in SpecifierSet(plugin.tux):
            raise PluginError(plugin.name, f"is made for tux {plugin.tux}; this is {version('tux')}")
    except InvalidSpecifier:
        raise PluginError(plugin.name, f"tux={plugin.tux!r} is not a version range, such as '>=0.1,<1'") from None


def import_part(record: PluginRecord, part: str) -> ModuleType | None:
    """Import `models`, `managers` or `cog` of a plugin; None when it has no such file.

    A module whose import fails is taken out of sys.modules, so that nothing sees half of it.
    """
    name = f"{record.package}.{part}"
    if not ((record.path / f"{part}.py").is_file() or (record.path / part / "__init__.py").is_file()):
        return None
    try:
        return importlib.import_module(name)
    except BaseException:
        for loaded in [m for m in sys.modules if m == name or m.startswith(f"{name}.")]:
            del sys.modules[loaded]
        raise


def own_classes(module: ModuleType) -> list[tuple[str, type[Any]]]:
    """Return the classes that a module or package defines (not those it imports), with their names, by name."""
    prefix = f"{module.__name__}."
    found = [(name, value) for name, value in vars(module).items() if inspect.isclass(value)]
    return sorted(pair for pair in found if f"{pair[1].__module__}.".startswith(prefix))
