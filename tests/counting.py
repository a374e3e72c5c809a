"""Tables of calls whose statements are counted: one, unless the operation's docstring says why it is another number."""

from __future__ import annotations

import inspect
from collections.abc import Awaitable, Callable, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

from tux.testing import max_queries

if TYPE_CHECKING:
    from tux.manager import Manager


class Call(NamedTuple):
    """A call that is not one statement: `why`, in the words of a docstring, and `again` for the same call a second time."""

    run: Callable[..., Awaitable[object]]
    statements: int
    why: str
    again: int | None = None


# By the name of an operation; where it has several calls, more words tell them apart. A mere function takes one statement.
Table = Mapping[str, Call | Callable[..., Awaitable[object]]]


def calls_of(table: Table) -> dict[str, Call]:
    """Return the entries of a table in one form."""
    return {name: each if isinstance(each, Call) else Call(each, 1, "") for name, each in table.items()}


def operation_of(name: str) -> str:
    """Return which operation an entry calls."""
    return name.partition(" ")[0]


async def count(call: Call, *given: object) -> object:
    """Make a call, see that it sends as many statements as it shall, and return its answer."""
    with max_queries(call.statements) as sent:
        answer = await call.run(*given)
    assert len(sent) == call.statements, sent
    if call.again is not None:
        with max_queries(call.again) as sent:
            await call.run(*given)
        assert len(sent) == call.again, sent
    return answer


def operations(manager: type[Manager[Any]], *, beyond: type[Any] = object) -> set[str]:
    """Return the public coroutines and asynchronous iterators of a manager that another class has not, or has otherwise."""
    return {
        name
        for each in manager.__mro__
        if each not in beyond.__mro__
        for name, member in vars(each).items()
        if not name.startswith("_") and (inspect.iscoroutinefunction(member) or inspect.isasyncgenfunction(member))
    }


def unexplained(manager: type[Manager[Any]], table: Table, *, beyond: type[Any] = object) -> list[str]:
    """Return the entries whose reason is missing, not needed, or in no docstring.

    That is the docstring of the operation, or of a class that the manager is made of and another class is not.
    """
    classes = " ".join(_words(each) for each in manager.__mro__ if each not in beyond.__mro__)
    wrong: list[str] = []
    for name, (_, statements, why, again) in calls_of(table).items():
        said = f"{_words(getattr(manager, operation_of(name)))} {classes}"
        needed = (statements, again) != (1, None)
        if bool(why) != needed or why not in said:
            wrong.append(name)
    return wrong


def _words(documented: object) -> str:
    return " ".join((inspect.getdoc(documented) or "").split())
