"""The object `db`: hands out the managers of every plugin, and the transactions that they share."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar, cast, overload

from tux.errors import PluginUnavailable, TuxError, UnknownManager
from tux.events import EventBus, after_commit
from tux.manager import Manager
from tux.snapshot import Snapshots

if TYPE_CHECKING:
    from config.typings import Managers  # of the project at hand, written by `tux sync`
    from tux.database.service import DatabaseService
    from tux.registry import Registry
else:
    Managers = object

T = TypeVar("T", bound=Manager[Any])


class DatabaseCoordinator(Managers):
    """Managers by name (`db.case`) or class (`db[CaseManager]`), each built on first use.

    `snapshot` is what hot paths read of a guild; `transaction` (also `session`) and `retry` are the service's; `emit` and `on_commit` wait for the commit of the
    transaction that is open, if one is.

    Raises on access: `UnknownManager` for a name that nobody registered, `PluginUnavailable` while its plugin is off,
    failed or blocked.
    """

    on_commit = staticmethod(after_commit)

    running: ClassVar[list[DatabaseCoordinator]] = []

    def __init__(self, service: DatabaseService | None = None, registry: Registry | None = None) -> None:
        if service is None or registry is None:
            raise TuxError(
                "DatabaseCoordinator is not built by hand: use self.db in a cog or manager, get_db(ctx), "
                "or `async with tux.open_database() as db:`"
            )
        self.service = service
        self.registry = registry
        self.transaction = self.session = service.transaction
        self.retry = service.retry
        self.snapshot = Snapshots(registry)
        self.events = EventBus()
        self.emit = self.events.emit
        self._managers: dict[type[Manager[Any]], Manager[Any]] = {}

    if not TYPE_CHECKING:  # checkers know the names from config.typings; here any misspelt one would pass

        def __getattr__(self, name: str) -> Manager[Any]:
            """Return the manager registered under a name."""
            if name.startswith("_"):
                raise AttributeError(name)
            built = self[self.registry.manager(name)]
            vars(self)[name] = built  # where Python finds it by itself, until the plugin enters another state
            self.registry.owner(name).leaving.append(partial(vars(self).pop, name, None))
            return built

    def __getitem__(self, manager: type[T]) -> T:
        """Return the one instance of a manager class."""
        built = self._managers.get(manager)
        if built is None or self.registry.owner(manager).state != "ready":
            built = self._managers[manager] = self.registry.manager(manager)(self)
        return cast("T", built)

    @overload
    def find(self, wanted: str) -> Manager[Any] | None: ...
    @overload
    def find(self, wanted: type[T]) -> T | None: ...
    def find(self, wanted: str | type[Manager[Any]]) -> Manager[Any] | None:
        """Return a manager by name or class, or None when its plugin is absent or not running."""
        try:
            return self[self.registry.manager(wanted)]
        except (UnknownManager, PluginUnavailable):
            return None
