"""The central registry: finds plugins, validates and orders them, keeps their states, builds the Tortoise config.

It makes no instances and does no I/O but imports. The layer above (runtime, bot, config/orm.py) loads one and passes
it on; nothing is kept in this module.
"""

from __future__ import annotations

import heapq
from graphlib import CycleError, TopologicalSorter
from typing import TYPE_CHECKING, Any, TypeVar

from tortoise import Model

from tux.collector import collector_paused
from tux.errors import PluginError, PluginUnavailable, UnknownManager
from tux.manager import Manager
from tux.models.meta import meta_of
from tux.registry.discovery import find_migrated, find_plugins, import_part, own_classes
from tux.registry.names import publish_names
from tux.registry.records import PluginRecord, State
from tux.registry.rules import APP, RESERVED, Claims
from tux.registry.unloaded import declared_managers

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator
    from pathlib import Path
    from types import ModuleType

    from tux.settings import Settings

__all__ = ["APP", "REQUIRED", "RESERVED", "PluginRecord", "Registry", "State"]

T = TypeVar("T")

REQUIRED = ("core", "guild")


class Registry:
    """The plugins of a project, in the order in which they load."""

    def __init__(self, root: Path, folder: Path, records: list[PluginRecord]) -> None:
        self.root = root
        self.folder = folder
        self.records: dict[str, PluginRecord] = {record.name: record for record in records}
        self.managers: dict[str, type[Manager[Any]]] = {}
        self._owners: dict[str | type[Manager[Any]], PluginRecord] = {}
        self._claims = Claims()

    @classmethod
    def load(cls, root: Path, settings: Settings, *, off: Collection[str] = ()) -> Registry:
        """Find and register every plugin of the project at `root`; those named in `off` keep only their models.

        Never raises for a plugin's sake: what is wrong with one is in its record. When two want the same name, the one
        that has tables in the migrations keeps it, so that a newcomer cannot take a running plugin's place.
        """
        folder = settings.path(settings.plugins.folder)
        with collector_paused():
            found = find_plugins(root, folder, installed=settings.plugins.entry_points)
            registry = cls(root, folder, _ordered(found, {"core", *find_migrated(root)}))
            for record in registry.records.values():
                registry._register(record, off=record.name in off)
        return registry

    def check_required(self) -> None:
        """Refuse to go on without `core` and `guild`.

        Raises:
            PluginError: one of them is not ready; says why.
        """
        for name in REQUIRED:
            record = self.records.get(name)
            if record is None:
                raise PluginError(name, f"is missing from {self.folder}, and nothing starts without it")
            if record.state is not State.READY:
                raise PluginError(name, f"is {record.state}, and nothing starts without it: {record.reason}")

    def model_modules(self) -> list[str]:
        """Return the modules whose models are registered, in order: those of running and of switched-off plugins."""
        return [record.model_module for record in self.records.values() if record.model_module]

    def models(self) -> Iterator[type[Model]]:
        """Yield every registered model, plugin by plugin."""
        for record in self.records.values():
            yield from record.models

    def owner(self, manager: str | type[Manager[Any]]) -> PluginRecord:
        """Return the plugin that registered a manager, or would if it were running.

        Raises:
            UnknownManager: nobody did; lists the names that exist.
        """
        if manager in self._owners:
            return self._owners[manager]
        name = manager if isinstance(manager, str) else manager.__name__
        for record in self.records.values():
            if record.state is not State.READY and name in declared_managers(record.path):
                return record
        raise UnknownManager(
            f"no plugin has a manager {name!r}; there are: {', '.join(sorted(self.managers)) or 'none'}"
        )

    def manager(self, wanted: str | type[Manager[Any]]) -> type[Manager[Any]]:
        """Return a manager class by its name or itself, if its plugin is running.

        Raises:
            UnknownManager: nobody registered it.
            PluginUnavailable: its plugin is off, failed or blocked; says why.
        """
        record = self.owner(wanted)
        if record.state is not State.READY:
            raise PluginUnavailable(record.name, f"is {record.state}: {record.reason}")
        return self.managers[wanted] if isinstance(wanted, str) else wanted

    def plugin_of(self, module: str) -> str:
        """Return the name of the plugin that a module belongs to, "" when it is nobody's."""
        for record in self.records.values():
            if f"{module}.".startswith(f"{record.package}."):
                return record.name
        return ""

    def block(self, name: str, reason: str) -> None:
        """Take a plugin out of service, with all that need it; its models stay registered."""
        record = self.records[name]
        record.settle(State.BLOCKED, reason)
        self.block_dependents(record)

    def block_dependents(self, record: PluginRecord) -> None:
        """Block every ready plugin that needs this one, unless this one is ready."""
        for other in self.records.values():
            if record.state is not State.READY and record.name in other.needs and other.state is State.READY:
                self.block(other.name, _blocked_by(record))

    def _register(self, record: PluginRecord, *, off: bool) -> None:
        if record.state is not State.READY:
            return
        record.phase = "order"
        if missing := [need for need in record.needs if need not in self.records]:
            record.settle(State.BLOCKED, f"needs {missing[0]!r}, which is not there; add it to the plugins folder")
            return
        waiting = [self.records[need] for need in record.needs if self.records[need].state is not State.READY]
        if any(need.models == () and need.state is not State.OFF for need in waiting):
            record.settle(State.BLOCKED, _blocked_by(waiting[0]))
            return
        with record.loading("models"):
            self._register_models(record)
        if record.state is State.READY and not off:
            with record.loading("managers"):
                self._register_managers(record)
        if record.state is State.READY and off:
            record.settle(State.OFF, "switched off in migrations/plugins.toml")
        elif record.state is State.READY and waiting:
            record.settle(State.BLOCKED, _blocked_by(waiting[0]))

    def _register_models(self, record: PluginRecord) -> None:
        module = import_part(record, "models")
        if module is None:
            return
        models = tuple(model for model in _members(module, Model) if not meta_of(model).abstract)
        record.tables = self._claims.take_models(record, models)
        record.models = models
        record.model_module = module.__name__ if models else None
        publish_names(module)

    def _register_managers(self, record: PluginRecord) -> None:
        module = import_part(record, "managers")
        if module is not None:
            managers = tuple(manager for manager in _members(module, Manager) if manager.name)
            self._claims.take_managers(record, managers)
            record.managers = managers
            self.managers.update({manager.name: manager for manager in managers})
            self._owners.update({key: record for manager in managers for key in (manager, manager.name)})
            publish_names(module)
        if (record.path / "cog.py").is_file() or (record.path / "cog" / "__init__.py").is_file():
            record.cog_module = f"{record.package}.cog"


def _blocked_by(need: PluginRecord) -> str:
    return f"needs {need.name!r}, which is {need.state}: {need.reason}"


def _members(module: ModuleType, base: type[T]) -> list[type[T]]:
    return [member for _, member in own_classes(module) if issubclass(member, base)]


def _ordered(records: list[PluginRecord], settled: Collection[str]) -> list[PluginRecord]:
    """Sort by `needs` and `after`; where these leave a choice, `settled` ones come first, then by name.

    The members of a cycle are failed.
    """
    by_name = {record.name: record for record in records}
    while True:
        sorter: TopologicalSorter[str] = TopologicalSorter()
        for name in sorted(by_name):
            record = by_name[name]
            after = record.plugin.after if record.plugin and record.state is State.READY else ()
            needs = record.needs if record.state is State.READY else ()
            sorter.add(name, *(other for other in (*needs, *after) if other in by_name))
        try:
            sorter.prepare()
            break
        except CycleError as error:
            cycle: list[str] = error.args[1]
            for name in set(cycle):
                by_name[name].settle(State.FAILED, f"needs go round in a circle: {' → '.join(reversed(cycle))}")
    order: list[PluginRecord] = []
    choice: list[tuple[bool, str]] = []
    while sorter.is_active():
        for name in sorter.get_ready():
            heapq.heappush(choice, (name not in settled, name))
        _, name = heapq.heappop(choice)
        order.append(by_name[name])
        sorter.done(name)
    return order
