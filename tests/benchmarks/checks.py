"""What must hold before anything is timed: equal results, no more round trips than recorded, the fast path taken."""

from __future__ import annotations

import asyncio
from datetime import datetime
from typing import TYPE_CHECKING, Any

from tests.benchmarks.managed import Managed
from tests.benchmarks.raw import Pooled
from tux.database import direct
from tux.database.engine import observers
from tux.models import compiled, hydrate
from tux.settings import FAST

if TYPE_CHECKING:
    from collections.abc import Callable

    import asyncpg

    from tests.benchmarks.contender import Contender
    from tests.benchmarks.operations import Operation

WARMING = 3  # calls before the one that is looked at
CROWD = 50
POINTS = 5.0
GAPS = """
SELECT count(*) = max(case_number) AND count(DISTINCT case_number) = max(case_number) FROM moderation_cases
WHERE guild_id = $1
"""


async def check(
    operation: Operation, running: list[Contender], admin: asyncpg.Connection, trips: Callable[[], int]
) -> tuple[dict[str, int], list[str]]:
    """Compare what the contenders return; return the round trips of each for a call, and what is wrong."""
    reference: object = None
    counts: dict[str, int] = {}
    wrong: list[str] = []
    for who in sorted(able(running, operation), key=lambda each: each.name != Pooled.name):
        calls = 2 if operation.is_bulk else WARMING + 1
        await around(admin, operation.before, who, calls)
        seen: list[str] = []
        for number in range(calls):
            if number and operation.is_bulk:
                await around(admin, operation.after, who, 0)
            before = trips()
            seen.clear()
            returned = await observed(who, operation.name, number, seen.append)
        counts[who.name] = trips() - before
        await around(admin, operation.after, who, 0)
        if isinstance(who, Managed):
            wrong += slower(operation, who, counts[who.name], seen)
        found = described(who.values(returned), operation.made)
        if who.name == Pooled.name:
            reference = found
        elif found != reference:
            wrong.append(f"{operation.name}: {who.name} differs: {difference(found, reference)}")
    return counts, wrong


async def observed(who: Contender, name: str, number: int, see: Callable[[str], None]) -> object:
    """Return what a call returns, with the statements of Tux seen."""
    observers.append(see)
    try:
        return await who.run(getattr(who, name)(number))
    finally:
        observers.remove(see)


def slower(operation: Operation, who: Managed, trips: int, seen: list[str]) -> list[str]:
    """Return what became worse in a way that no machine is to blame for."""
    wrong = [f"rows of {name} are no longer made by compiled code" for name in who.slow_models()]
    if FAST and trips > operation.trips:
        wrong.append(
            f"{operation.name}: {trips} round trips for {len(seen)} statements, recorded are {operation.trips}:"
            f" {str(seen)[:200]}"
        )
    return wrong


def switched_off() -> list[str]:
    """Return the modules of the fast path that are off although they should not be: what they build on has changed."""
    modules = (direct, compiled, hydrate) if FAST else ()
    return [f"{module.__name__} is off: what it builds on has changed" for module in modules if not module.IS_ON]


async def check_crowd(who: Contender, admin: asyncpg.Connection) -> list[str]:
    """Return what 50 tasks at once got wrong: an error, a number twice, a gap, a lost addition."""
    guild = who.case(0)["guild_id"]
    member = 1
    made = await who.run(together([who.create_case_one_guild(0) for _ in range(CROWD)]))
    wrong = [f"50 cases at once: {error!r}" for error in made if isinstance(error, BaseException)][:1]
    if not await admin.fetchval(GAPS, guild):
        wrong.append("50 cases at once: their numbers have a gap, or one is there twice")
    if isinstance(who, Managed):
        added = await who.run(together([who.db.levels.add_xp(member, guild, POINTS) for _ in range(CROWD)]))
        wrong += [f"50 additions at once: {error!r}" for error in added if isinstance(error, BaseException)][:1]
        xp = await admin.fetchval("SELECT xp FROM levels_member_levels WHERE member_id = $1", member)
        if xp != CROWD * POINTS:
            wrong.append(f"50 additions of {POINTS} at once make {xp}: some were lost")
    return wrong


async def together(calls: list[Any]) -> list[object]:
    """Return what came of calls that run at once, errors included."""
    return await asyncio.gather(*calls, return_exceptions=True)


def able(running: list[Contender], operation: Operation) -> list[Contender]:
    """Return those who have the operation."""
    return [each for each in running if hasattr(each, operation.name)]


async def around(admin: asyncpg.Connection, sql: str, who: Contender, calls: int) -> None:
    """Put the tables in order."""
    if sql:
        await admin.execute(sql.format(number=who.number, calls=calls) if "{" in sql else sql)


def described(value: object, made: frozenset[str]) -> object:
    """Return a value with its types and time zones, which `==` would let pass."""
    if isinstance(value, dict):
        return {
            name: described(type(each).__name__ if name in made else each, made)
            for name, each in sorted(value.items(), key=lambda pair: str(pair[0]))
        }
    if isinstance(value, list):
        return [described(each, made) for each in value]
    return type(value).__name__, value, str(value.tzinfo) if isinstance(value, datetime) else ""


def difference(found: object, wanted: object) -> str:
    """Return the first thing in which two results differ."""
    if isinstance(found, dict) and isinstance(wanted, dict) and found.keys() == wanted.keys():
        return next(f"{key}: {difference(found[key], wanted[key])}" for key in found if found[key] != wanted[key])
    if isinstance(found, list) and isinstance(wanted, list) and len(found) == len(wanted):
        return next(difference(*pair) for pair in zip(found, wanted, strict=True) if pair[0] != pair[1])
    return f"{str(found)[:300]} instead of {str(wanted)[:300]}"
