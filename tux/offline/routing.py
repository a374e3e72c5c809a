"""The table of REST routes, and what a handler gets to answer a request with."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias, cast

from tux.offline.permissions import VIEW, channel_permissions
from tux.offline.refusals import missing_access, refuse

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from tux.offline.audit import Doer
    from tux.offline.shapes import Json
    from tux.offline.state import Channel, Guild, Message, Upload
    from tux.offline.world import World


@dataclass(slots=True)
class Call:
    """One request: its place, its body and the world that it is about."""

    world: World
    params: Mapping[str, str]
    query: Mapping[str, str]
    payload: object
    files: tuple[Upload, ...]
    doer: Doer

    @property
    def body(self) -> Json:
        """The body as an object, empty when there is none."""
        if self.payload is None:
            return {}
        payload = self.payload
        if not isinstance(payload, dict):
            raise refuse(400, 50109, "The request body contains invalid JSON.")
        return cast("Json", payload)

    @property
    def rows(self) -> list[Json]:
        """The body as a list of objects."""
        payload = self.payload
        if not isinstance(payload, list):
            raise refuse(400, 50109, "The request body contains invalid JSON.")
        return cast("list[Json]", payload)

    @property
    def guild(self) -> Guild:
        """The guild of the path, or a refusal with 10004."""
        return self.world.guild(self.params["guild"])

    @property
    def channel(self) -> Channel:
        """The channel of the path that the bot can see, or a refusal with 10003 or 50001."""
        channel = self.world.channel(self.params["channel"])
        if not channel_permissions(self.world, channel, self.world.bot["id"]) & VIEW:
            raise missing_access()
        return channel

    @property
    def guild_channel(self) -> tuple[Guild, Channel]:
        """The channel of the path with its guild, or a refusal with 50024 when it is a private one."""
        channel = self.channel
        if channel.guild is None:
            raise refuse(400, 50024, "Cannot execute action on this channel type")
        return channel.guild, channel

    @property
    def message(self) -> Message:
        """The message of the path, or a refusal with 10008; ephemeral ones are unknown to these routes."""
        message = self.world.message(self.channel, self.params["message"])
        if message.only_for is not None:
            return self.world.message(self.channel, "")
        return message


Handler: TypeAlias = "Callable[[Call], object]"


@dataclass(frozen=True, slots=True)
class Route:
    """One route; `open_to_all` ones carry their secret in the path instead of the bot's token."""

    method: str
    path: str
    handler: Handler
    status: int
    open_to_all: bool


class Routes:
    """The routes of one module, in the order in which they are tried."""

    def __init__(self) -> None:
        self.table: list[Route] = []

    def add(
        self, method: str, path: str, *, status: int = 200, open_to_all: bool = False
    ) -> Callable[[Handler], Handler]:
        """Return a decorator that registers a handler; one that returns None answers 204."""

        def register(handler: Handler) -> Handler:
            self.table.append(Route(method, path, handler, status, open_to_all))
            return handler

        return register
