"""Where the time of an operation goes, in per cent by what the code is for; profiling makes Python's part larger."""

from __future__ import annotations

import cProfile
import pstats
from collections import defaultdict
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Awaitable, Mapping

    Place = tuple[str, int, str]

WAITING, SENDING, ROWS, DRIVER, LOOP, TUX, TORTOISE, REST = KINDS = (
    "waiting for PostgreSQL",
    "sending",
    "making rows",
    "asyncpg",
    "event loop",
    "Tux",
    "Tortoise",
    "the rest",
)
_BUILTIN = "~"
_CALLS = {"poll": WAITING, "send": SENDING, "astimezone": ROWS, "loads": ROWS}
_FOLDERS = (
    ("/tux/models/", ROWS),
    ("<string>", ROWS),
    ("/tortoise/fields/", ROWS),
    ("/asyncpg/", DRIVER),
    ("/asyncio/", LOOP),
    ("selectors.py", LOOP),
    ("/contextvars", LOOP),
    ("/tux/", TUX),
    ("/plugins/", TUX),
    ("/tortoise/", TORTOISE),
    ("/pypika_tortoise/", TORTOISE),
)


async def shares(work: Awaitable[object]) -> dict[str, float]:
    """Return the share of each kind of code in the time of some work, from 0 to 1."""
    profile = cProfile.Profile()
    profile.enable()
    try:
        await work
    finally:
        profile.disable()
    stats: Any = pstats.Stats(profile)
    return shared(stats.stats)


def shared(
    stats: Mapping[Place, tuple[int, int, float, float, Mapping[Place, tuple[int, int, float, float]]]],
) -> dict[str, float]:
    """Return the share of each kind, of what cProfile saw; a built-in function's time is its callers'."""
    seconds: dict[str, float] = defaultdict(float)
    for place, (_, _, own, _, callers) in stats.items():
        kind = _kind(place)
        if kind:
            seconds[kind] += own
            continue
        for caller, (_, _, part, _) in callers.items():
            seconds[_kind(caller) or REST] += part
        if not callers:
            seconds[REST] += own
    total = sum(seconds.values()) or 1.0
    return {kind: seconds[kind] / total for kind in KINDS}


def _kind(place: Place) -> str:
    """Return what a function is for; "" for a built-in one that says nothing of that."""
    file, _, name = place
    if file == _BUILTIN:
        return next((kind for word, kind in _CALLS.items() if f"'{word}'" in name or name.endswith(f".{word}>")), "")
    path = file.replace("\\", "/")
    return next((kind for folder, kind in _FOLDERS if folder in path), REST)
