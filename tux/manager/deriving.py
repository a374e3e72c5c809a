"""`@derived`: what a manager's method works out of several rows, kept until one of them is written."""

from __future__ import annotations

from functools import wraps
from inspect import signature
from typing import TYPE_CHECKING, ParamSpec, TypeVar, cast

from tortoise.models import Model

from tux.cache import Cache, Store
from tux.database.engine import Transaction, active_client
from tux.errors import TuxError
from tux.manager.watching import watch_guild

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Hashable

    from tux.database.writes import Writes

P = ParamSpec("P")
T = TypeVar("T")
SCOPE = "guild_id"


def derived(
    *models: type[Model], cache: Cache | None = None
) -> Callable[[Callable[P, Awaitable[T]]], Callable[P, Awaitable[T]]]:
    """Keep what a manager's method works out for a guild, until a row of these models is written in that guild.

    The method has a parameter `guild_id`, reads no other tables, and returns what nobody can change: all callers share
    it. It runs once, however many ask at once; inside a transaction every time.

    Args:
        models: all that the value derives from.
        cache: how many values are kept, and how long.

    Raises:
        TuxError: no model, or no `guild_id`; the call raises it when the value can be changed.
    """

    def decorate(method: Callable[P, Awaitable[T]]) -> Callable[P, Awaitable[T]]:
        names = list(signature(method).parameters)
        if SCOPE not in names or not models:
            raise TuxError(f"@derived on {method.__qualname__}: name the models, and give it a parameter {SCOPE}")
        position = names.index(SCOPE)

        def store_of(writes: Writes) -> Store[T]:
            store = cast("Store[T] | None", writes.stores.get(method))
            if store is None:
                store = Store[T](cache or Cache())
                writes.stores[method] = store
                for model in models:
                    watch_guild(writes, model, store.drop)
            return store

        @wraps(method)
        async def read(*args: P.args, **kwargs: P.kwargs) -> T:
            client = active_client()
            if isinstance(client, Transaction):
                return await method(*args, **kwargs)

            async def load() -> T:
                value = await method(*args, **kwargs)
                refuse_mutable(value, method.__qualname__)
                return value

            scope = cast("int", args[position] if len(args) > position else kwargs[SCOPE])
            key = (_whose(args[0]), _frozen(args[1:]), _frozen(kwargs))
            return await store_of(client.writes).get(key, load, scope)

        return read

    return decorate


def refuse_mutable(value: object, source: str) -> None:
    """Refuse what one reader could change for all others.

    Raises:
        TuxError: a list, dict, set or row; says what to give instead.
    """
    if type(value) in {list, dict, set} or isinstance(value, Model):
        raise TuxError(
            f"{source} gave a {type(value).__name__}, which all readers would share; "
            "give a tuple, a frozenset, a MappingProxyType or a frozen dataclass"
        )


def _whose(manager: object) -> Hashable:
    """Return what tells managers apart that inherit the same method, or see other rows."""
    return type(manager), getattr(manager, "sees_deleted", False)


def _frozen(value: object) -> Hashable:
    """Return arguments in a form that can be a key."""
    if type(value) is dict:
        return tuple((name, _frozen(each)) for name, each in sorted(cast("dict[str, object]", value).items()))
    if type(value) in {list, tuple}:
        return tuple(_frozen(each) for each in cast("list[object]", value))
    return frozenset(cast("set[object]", value)) if type(value) is set else value
