"""The driver: runs a real bot against a local Discord and hands out the people who talk to it."""

from __future__ import annotations

import asyncio
import re
import tempfile
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import aiohttp

from tux.clock import clock
from tux.errors import DiscordRefusal, TuxError
from tux.offline.actors import Actor
from tux.offline.building import BOT_PERMISSIONS, add_guild, find_role, remove_guild
from tux.offline.members import add_member, change_member
from tux.offline.permissions import bits
from tux.offline.places import GuildHandle
from tux.offline.refusals import UNKNOWN
from tux.offline.reply import Recorder
from tux.offline.server import Exchange, Failure, Server
from tux.offline.stage import ErrorCollector, Stage
from tux.offline.world import World

if TYPE_CHECKING:
    from collections import deque
    from collections.abc import AsyncGenerator, Callable, Iterable
    from datetime import datetime

    import discord

    from tux.offline.happenings import Happening
    from tux.offline.places import RoleHandle

GUILD_READY_SECONDS = 0.1
STOP_SECONDS = 5.0
GUILD_NAME = "Tux server"
TITLES = {code: f"Unknown {name}" for name, code in UNKNOWN.items()} | {
    50001: "Missing Access",
    50007: "Cannot send messages to this user",
    50013: "Missing Permissions",
}


class LocalDiscord(Stage):
    """A bot on stage: `async with LocalDiscord.run(factory) as discord: await discord.member("alice").says("hi")`."""

    guild: GuildHandle

    @classmethod
    @asynccontextmanager
    async def run(
        cls,
        bot_factory: Callable[..., discord.Client],
        *,
        token: str | None = None,
        world: World | None = None,
        now: Callable[[], datetime] = clock.now,
    ) -> AsyncGenerator[LocalDiscord]:
        """Start a server, connect the bot that `bot_factory(connector=…, guild_ready_timeout=…)` makes, yield both.

        Raises:
            discord.LoginFailure: `token` is not the world's.
            discord.PrivilegedIntentsRequired: the bot asks for intents that the world has not enabled.
        """
        world = world or World(now=now)
        server = Server(world)
        with tempfile.TemporaryDirectory(prefix="tux-discord-") as folder:
            socket = Path(folder) / "discord.sock"
            await server.start(socket)
            connector = aiohttp.UnixConnector(path=str(socket))
            bot = bot_factory(connector=connector, guild_ready_timeout=GUILD_READY_SECONDS)
            discord = cls(world, server, bot)
            if not world.guilds:
                add_guild(world, GUILD_NAME)
            discord.guild = GuildHandle(world, next(iter(world.guilds.values())))
            with ErrorCollector(discord.errors):
                try:
                    async with discord._connected(token or world.token):
                        yield discord
                finally:
                    await server.stop()

    @asynccontextmanager
    async def _connected(self, token: str) -> AsyncGenerator[None]:
        bot = self.bot
        async with bot:
            running = asyncio.create_task(bot.start(token), name="local Discord: bot")
            ready = asyncio.create_task(bot.wait_until_ready(), name="local Discord: ready")
            try:
                await asyncio.wait({running, ready}, return_when=asyncio.FIRST_COMPLETED)
                if running.done():
                    running.result()
                    raise TuxError("the bot ended before it was ready")
                await self.settle()
                yield
            finally:
                ready.cancel()
                await bot.close()
                await asyncio.wait({running}, timeout=STOP_SECONDS)
                running.cancel()
                await asyncio.gather(running, ready, return_exceptions=True)

    @property
    def requests(self) -> deque[Exchange]:
        """The last requests of the bot with their answers, oldest first."""
        return self.server.requests

    @property
    def owner(self) -> Actor:
        """The owner of the guilds and of the bot's application."""
        return Actor(self, self.world.owner, self.guild)

    def member(
        self,
        name: str,
        *,
        roles: Iterable[str | RoleHandle] = (),
        permissions: Iterable[str] = (),
        guild: GuildHandle | None = None,
    ) -> Actor:
        """Return the person of that name, who joins the guild when they are not in it.

        `roles` are given to them, made without permissions when there are none of that name; `permissions`
        (discord.py's names) come by a role of their own, below the bot's.
        """
        place = guild or self.guild
        known = (user for user in self.world.users.values() if user["username"] == name)
        user = next(known, None) or self.world.add_user(name)
        wanted = [str((place.role(role) if isinstance(role, str) else role).id) for role in roles]
        if permissions:
            wanted.append(str(place.role(f"{name}'s rights", *permissions).id))
        member = place.state.members.get(user["id"])
        if member is None:
            add_member(self.world, place.state, user, wanted)
        elif new := [role for role in wanted if role not in member["roles"]]:
            change_member(self.world, place.state, member, {"roles": [*member["roles"], *new]})
        return Actor(self, user, place)

    def stranger(self, name: str) -> Actor:
        """Return a person who is in no guild yet; `await it.joins()` lets them in."""
        return Actor(self, self.world.add_user(name), self.guild)

    def bot_permissions(self, *names: str) -> None:
        """Give the bot's own role in the guild exactly these permissions; its administrator right is never set."""
        role = find_role(self.guild.state, self.world.bot["username"])
        if role is None:
            raise TuxError("the bot has no role of its own in this guild")
        role["permissions"] = str(bits(*names) & BOT_PERMISSIONS)
        self.world.emit("GUILD_ROLE_UPDATE", {"guild_id": self.guild.state.id, "role": role}, guild=self.guild.state)

    async def join_guild(self, name: str) -> GuildHandle:
        """Add the bot to another guild."""
        state = add_guild(self.world, name)
        await self.settle()
        return GuildHandle(self.world, state)

    def fail(self, method: str, path: str, status: int = 403, code: int = 50013, *, times: int = 1_000_000) -> Failure:
        """Refuse requests whose path (below /api/v10) matches the pattern; set its `times` to 0 to stop.

        500, 502 and 504 make discord.py wait and try again, so a test wants 400, 403 or 404.
        """
        refusal = DiscordRefusal(status, code, TITLES.get(code, "Refused by the test"))
        failure = Failure(method, re.compile(path), refusal, times)
        self.server.failures.append(failure)
        return failure

    def watch(self, watcher: Callable[[Happening], None]) -> Callable[[], None]:
        """Call `watcher` with everything that a person could notice; returns what ends it."""
        self.world.watchers.append(watcher)
        return lambda: self.world.watchers.remove(watcher)

    def record(self) -> Recorder:
        """Return a context manager that writes down what happens: `reply_for(user_id)` reads it."""
        return Recorder(self.world)

    async def drop_connection(self) -> None:
        """Break the gateway's connection, as a network does; the bot resumes by itself."""
        await self.server.gateway.drop()

    async def reset(self) -> GuildHandle:
        """Return the world to its beginning with the bot still connected: all guilds are gone, a fresh one is joined."""
        world, server = self.world, self.server
        await self.settle()
        server.failures.clear()
        for guild in tuple(world.guilds.values()):
            remove_guild(world, guild)
        world.forget()
        self.guild = GuildHandle(world, add_guild(world, GUILD_NAME))
        await self.settle()
        server.requests.clear()
        server.unknown.clear()
        self.errors.clear()
        return self.guild
