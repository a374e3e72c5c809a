"""Knowing, without sleeping, when the bot has done all that it is going to do.

Settled means: no request is being answered, the bot has read the last gateway event, and none of discord.py's own
tasks is at work. A handler that waits on purpose (for a click, for an event, for time to pass) does not count.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, TypeAlias

import discord

from tux.errors import TuxError, Unsettled

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tux.offline.gateway import Gateway
    from tux.offline.server import Server

AnyTask: TypeAlias = "asyncio.Task[Any]"
"""A task of anybody, whatever it returns."""
WORKERS = (
    "discord.py: ",
    "CommandTree-invoker",
    "discord-ui-view-dispatch-",
    "discord-ui-view-timeout-",
    "discord-ui-modal-dispatch-",
    "discord-ui-dynamic-item-",
)
"""How the names of discord.py's tasks that run a bot's handlers begin."""
UNNAMED_WORKERS = frozenset({"ConnectionState._chunk_and_dispatch"})
PARKED_IN = frozenset({"BaseView.wait", "View.wait", "Modal.wait"})
CALM_TURNS = 4
POLL_SECONDS = 0.002


def frames_of(task: AnyTask) -> Iterator[Any]:
    """Yield what a task waits in, from its own coroutine to the innermost awaitable."""
    awaitable: Any = task.get_coro()
    while awaitable is not None:
        yield awaitable
        awaitable = getattr(awaitable, "cr_await", None) or getattr(awaitable, "ag_await", None)


def is_parked(task: AnyTask, waited_for: set[int]) -> bool:
    """Whether a handler waits on purpose: in View.wait, in sleep, or in wait_for of an event of the client."""
    for awaitable in frames_of(task):
        name = getattr(awaitable, "__qualname__", "")
        if name in PARKED_IN or id(awaitable) in waited_for:
            return True
        if name == "sleep":
            return asyncio.isfuture(awaitable.cr_frame.f_locals.get("future"))
        frame = getattr(awaitable, "cr_frame", None)
        if name == "wait_for" and frame is not None and id(frame.f_locals.get("fut")) in waited_for:
            return True
    return False


class Settler:
    """Waits for one bot; `also_busy` are further reasons to wait, as a queue of the bot that is not empty."""

    def __init__(self, server: Server, bot: discord.Client) -> None:
        if "_listeners" not in vars(bot):
            raise TuxError(f"discord.py {discord.__version__} keeps what wait_for waits for elsewhere: adapt settle.py")
        self.server = server
        self.bot = bot
        self.also_busy: list[Callable[[], bool]] = []

    def busy_tasks(self) -> list[AnyTask]:
        """Return the tasks that are running a handler of the bot now."""
        waited_for = awaited_futures(self.bot)
        return [task for task in asyncio.all_tasks() if is_worker(task) and not is_parked(task, waited_for)]

    def is_behind(self) -> bool:
        """Whether an answer is on its way or the gateway has told more than the bot has read."""
        is_listening = not self.bot.is_closed()
        return self.server.in_flight > 0 or (is_listening and is_unread(self.server.gateway, self.bot))

    async def settle(self, within_seconds: float) -> None:
        """Return when the bot has come to rest.

        Raises:
            Unsettled: it did not within `within_seconds`.
        """
        loop = asyncio.get_running_loop()
        end = loop.time() + within_seconds
        calm = 0
        while calm < CALM_TURNS:
            busy = self.busy_tasks()
            if busy or self.is_behind() or any(check() for check in self.also_busy):
                calm = 0
                if loop.time() > end:
                    raise Unsettled(describe(busy, within_seconds))
                await pause(busy)
            else:
                calm += 1
                await asyncio.sleep(0)


async def pause(busy: list[AnyTask]) -> None:
    """Wait until one of the tasks ends, but not long: one may park itself, which nothing announces."""
    if busy:
        await asyncio.wait(busy, timeout=POLL_SECONDS, return_when=asyncio.FIRST_COMPLETED)
    else:
        await asyncio.sleep(POLL_SECONDS / 4)


def is_worker(task: AnyTask) -> bool:
    """Whether a task is one in which discord.py runs handlers."""
    if task.done():
        return False
    name = getattr(task.get_coro(), "__qualname__", "")
    return task.get_name().startswith(WORKERS) or name in UNNAMED_WORKERS


def awaited_futures(bot: discord.Client) -> set[int]:
    """Return the identities of the futures that `Client.wait_for` handed out."""
    listeners: dict[str, list[tuple[asyncio.Future[object], object]]] = vars(bot)["_listeners"]
    return {id(future) for waiting in listeners.values() for future, _ in waiting}


def is_unread(gateway: Gateway, bot: discord.Client) -> bool:
    """Whether a session has events that its shard of the bot has not read."""
    read = read_sequences(bot)
    return any(session.sequence > read.get(session.shard_id, 0) for session in gateway.sessions.values())


def read_sequences(bot: discord.Client) -> dict[int, int]:
    """Return the number of the last event that each shard has read."""
    shards: dict[int, Any] | None = vars(bot).get("_AutoShardedClient__shards")
    if shards is not None:
        return {number: shard.ws.sequence or 0 for number, shard in shards.items()}
    socket: Any = bot.ws
    return {bot.shard_id or 0: (socket.sequence or 0) if socket else 0}


def describe(busy: list[AnyTask], seconds: float) -> str:
    """Return a message that names the tasks and where each one waits."""
    places: list[str] = []
    for task in busy:
        innermost = [str(getattr(item, "__qualname__", type(item).__name__)) for item in frames_of(task)]
        places.append(f"{task.get_name()} in {' > '.join(innermost[-3:])}")
    doing = "; ".join(places) or "it has not read all events, or a request is not answered"
    return f"the bot did not settle within {seconds:g} seconds: {doing}"
