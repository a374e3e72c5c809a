"""What every contender is: the operations by name, each for the number of a call; those it lacks are left out."""

from __future__ import annotations

import asyncio
import contextvars
import json
from contextlib import AsyncExitStack
from typing import TYPE_CHECKING, Any, TypeVar

from tests.benchmarks.data import USER

if TYPE_CHECKING:
    from collections.abc import Coroutine

    from tests.benchmarks.data import Size

T = TypeVar("T")
CONNECTIONS = 10
PER_PAGE = 20
DEEP_PAGE = 200
BULK_ROWS = 10_000
CHANGED_ROWS = 1_000
JSON_COLUMNS = frozenset({"case_user_roles", "case_metadata"})


class Contender:
    """Opens what it works with in a context of its own, in which all of its calls run."""

    name = ""

    def __init__(self, size: Size, number: int) -> None:
        self.size = size
        self.number = number
        self.fresh = number * 10**9
        self.context = contextvars.copy_context()
        self.stack = AsyncExitStack()

    async def open(self, url: str) -> None:
        """Connect."""
        raise NotImplementedError

    async def run(self, work: Coroutine[Any, Any, T]) -> T:
        """Await something in the contender's context."""
        return await asyncio.create_task(work, context=self.context)

    async def close(self) -> None:
        """Disconnect."""
        await self.stack.aclose()

    async def get_by_id(self, n: int) -> object:
        """Return a case by its key."""
        raise NotImplementedError

    async def add_xp(self, n: int) -> object:
        """Add points to a new member."""
        raise NotImplementedError

    async def create_case_one_guild(self, n: int) -> object:
        """Create a case in the guild of all such calls."""
        raise NotImplementedError

    async def author_get(self, n: int) -> object:
        """Return a case as a plugin's author who writes plain Tortoise reads it; what others do for a case."""
        return await self.get_by_id(n)

    async def crowd_get_by_id(self, n: int) -> object:
        """Return a case; many ask at once."""
        return await self.get_by_id(n)

    async def crowd_add_xp(self, n: int) -> object:
        """Add points to a new member; many do at once."""
        return await self.add_xp(n)

    async def crowd_create_case(self, n: int) -> object:
        """Create a case in one guild; many do at once."""
        return await self.create_case_one_guild(n)

    def new(self) -> int:
        """Return a number that nobody used before."""
        self.fresh += 1
        return self.fresh

    def case(self, number: int) -> dict[str, Any]:
        """Return the values of a new case."""
        return {
            "guild_id": self.size.guild(number),
            "case_type": "WARN",
            "case_user_id": 7,
            "case_moderator_id": 8,
            "case_reason": "A reason of usual length for a warning",
        }

    def members(self) -> list[int]:
        """Return the members whose points are asked for together."""
        return [USER + row for row in range(100)]

    def names(self) -> list[str]:
        """Return the names of the snippets to make."""
        return [f"bulk {row}" for row in range(BULK_ROWS)]

    def values(self, result: object) -> object:
        """Return a result in plain values, for comparison."""
        if isinstance(result, list | tuple):
            return [self.values(each) for each in result]
        if isinstance(result, dict):
            return {key: self.values(each) for key, each in result.items()}
        return result if result is None or isinstance(result, str | int | float) else self.columns(result)

    def columns(self, row: Any) -> dict[str, object]:
        """Return a row's columns by name."""
        return {
            name: json.loads(value) if name in JSON_COLUMNS and isinstance(value, str) else value
            for name, value in dict(row).items()
        }
