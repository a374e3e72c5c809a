"""Which database the current task uses: Tortoise's context variable, behind names of our own."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, cast

from tortoise import context as tortoise_context
from tortoise.connection import ConnectionHandler
from tortoise.context import TortoiseContext, get_current_context, set_global_context
from tortoise.exceptions import ConfigurationError

from tux.errors import TuxError

if TYPE_CHECKING:
    from collections.abc import Callable, Generator
    from contextvars import ContextVar

    from tortoise.backends.base.client import BaseDBAsyncClient

for _owner, _name in ((tortoise_context, "_current_context"), (ConnectionHandler, "_get_storage")):
    if not hasattr(_owner, _name):
        raise TuxError(
            f"{_owner.__name__} of Tortoise has no {_name} any more; "
            "install the version that Tux pins: pip install tortoise-orm==1.1.9"
        )
_current: ContextVar[TortoiseContext | None] = cast("Any", tortoise_context)._current_context  # noqa: SLF001 - what this module is about
_clients_of: Callable[[ConnectionHandler], dict[str, Any]] = cast("Any", ConnectionHandler)._get_storage  # noqa: SLF001 - see above


def open_client(name: str) -> BaseDBAsyncClient | None:
    """Return a client of this context that is open in this loop; None when Tortoise has to be asked for one."""
    context = get_current_context()
    client = None if context is None else _clients_of(context.connections).get(name)
    return client if client is not None and client._check_loop() else None  # noqa: SLF001 - Tortoise's own question


def enter_context(context: TortoiseContext) -> None:
    """Use a context from here on, and in tasks made earlier that have none of their own, unless another is there first."""
    _current.set(context)
    try:
        set_global_context(context)
    except ConfigurationError:
        return  # another service is the one of tasks without a context


def leave_context(context: TortoiseContext) -> None:
    """Stop using a context here."""
    if _current.get() is context:
        _current.set(None)


@contextmanager
def use_context(context: TortoiseContext) -> Generator[None]:
    """Use a context inside the block, whatever the task uses otherwise."""
    if get_current_context() is context:
        yield
        return
    before = _current.get()
    _current.set(context)
    try:
        yield
    finally:
        _current.set(before)
