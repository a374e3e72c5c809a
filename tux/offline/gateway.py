"""The gateway: sessions that identify, resume and get the events which their intents ask for."""

from __future__ import annotations

import asyncio
import json
from collections import deque
from typing import TYPE_CHECKING, cast

from aiohttp import WSMsgType, web
from discord import Intents
from loguru import logger

from tux.offline.building import guild_create_json
from tux.offline.shapes import without
from tux.offline.streams import packer_for
from tux.offline.visibility import is_wanted, visible_data
from tux.offline.world import PRIVILEGED, Event, World

if TYPE_CHECKING:
    from tux.offline.shapes import Json
    from tux.offline.state import Guild
    from tux.offline.streams import Pack

HEARTBEAT_MS = 41_250
HISTORY_FRAMES = 500
LARGE_GUILD = 250
CHUNK_MEMBERS = 1000
GATEWAY_URL = "wss://gateway.discord.gg"
SHARD_SHIFT = 22
OP_DISPATCH, OP_HEARTBEAT, OP_IDENTIFY, OP_PRESENCE = 0, 1, 2, 3
OP_RESUME, OP_RECONNECT, OP_MEMBERS, OP_INVALID, OP_HELLO, OP_ACK = 6, 7, 8, 9, 10, 11
CLOSE_UNKNOWN_OP, CLOSE_NOT_AUTHENTICATED, CLOSE_AUTHENTICATION = 4001, 4003, 4004
CLOSE_AUTHENTICATED, CLOSE_DISALLOWED_INTENTS = 4005, 4014


class Session:
    """One identified shard; it outlives its connection so that the bot can resume."""

    def __init__(self, session_id: str, identify: Json) -> None:
        shard = identify.get("shard") or [0, 1]
        self.id = session_id
        self.intents = int(identify.get("intents") or 0)
        self.shard_id, self.shard_count = int(shard[0]), int(shard[1])
        self.large = int(identify.get("large_threshold") or 50)
        self.presence: object = identify.get("presence")
        self.sequence = 0
        self.history: deque[tuple[int, str]] = deque(maxlen=HISTORY_FRAMES)
        self.queue: asyncio.Queue[str] = asyncio.Queue()
        self.is_connected = False

    def dispatch(self, name: str, data: Json) -> None:
        """Queue an event, frozen as it is now."""
        self.sequence += 1
        frame = json.dumps({"op": OP_DISPATCH, "t": name, "s": self.sequence, "d": data})
        self.history.append((self.sequence, frame))
        self.queue.put_nowait(frame)

    def replay(self, after: int) -> None:
        """Queue again what was sent after a sequence number."""
        self.queue = asyncio.Queue()
        for sequence, frame in self.history:
            if sequence > after:
                self.queue.put_nowait(frame)

    def has_guild(self, guild: Guild) -> bool:
        """Whether the guild belongs to this session's shard."""
        return (int(guild.id) >> SHARD_SHIFT) % self.shard_count == self.shard_id


class Gateway:
    """All sessions; takes the world's events and answers what the bot sends."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.sessions: dict[str, Session] = {}
        self._sockets: set[web.WebSocketResponse] = set()
        world.sinks.append(self.deliver)

    def open(self, session: Session) -> None:
        """Keep a session; it replaces those of the same shard, which nobody will resume."""
        kept = {key: old for key, old in self.sessions.items() if old.shard_id != session.shard_id}
        self.sessions = kept | {session.id: session}

    def deliver(self, event: Event) -> None:
        """Hand an event to each session that is meant to see it."""
        for session in self.sessions.values():
            mine = session.has_guild(event.guild) if event.guild is not None else session.shard_id == 0
            if not mine or not is_wanted(self.world, session.intents, event):
                continue
            if event.name == "GUILD_CREATE" and event.guild is not None:
                # without it the guild is a new one; with it, one that was known and is available again
                session.dispatch(event.name, without(self._guild(session, event.guild), "unavailable"))
            else:
                session.dispatch(event.name, visible_data(self.world, session.intents, event))

    def _guild(self, session: Session, guild: Guild) -> Json:
        # Discord sends all members of a small guild only to sessions with the presences intent. Here the members
        # intent is enough: discord.py would fetch them by op 8, of which it allows itself 110 a minute.
        wanted = Intents(members=True).value | Intents(presences=True).value
        with_members = bool(session.intents & wanted) and len(guild.members) <= min(session.large, LARGE_GUILD)
        return guild_create_json(self.world, guild, with_members=with_members)

    async def connect(self, request: web.Request) -> web.WebSocketResponse:
        """Serve one connection of the bot until either side closes it."""
        socket = web.WebSocketResponse(max_msg_size=0)
        await socket.prepare(request)
        connection = Connection(self, socket, packer_for(request.query.get("compress")))
        self._sockets.add(socket)
        try:
            await connection.serve()
        finally:
            self._sockets.discard(socket)
        return socket

    async def drop(self, code: int = 4000) -> None:
        """Close every connection, as a network does that fails; sessions can be resumed."""
        for socket in tuple(self._sockets):
            await socket.close(code=code)


class Connection:
    """One web socket of the bot and the session that it carries."""

    def __init__(self, gateway: Gateway, socket: web.WebSocketResponse, pack: Pack | None) -> None:
        self.gateway = gateway
        self.world = gateway.world
        self.socket = socket
        self.pack = pack
        self.session: Session | None = None
        self.pump: asyncio.Task[None] | None = None

    async def serve(self) -> None:
        """Greet the bot, then answer its frames until the socket closes."""
        await self.send({"op": OP_HELLO, "d": {"heartbeat_interval": HEARTBEAT_MS}, "s": None, "t": None})
        try:
            async for received in self.socket:
                if received.type is WSMsgType.TEXT:
                    await self.receive(json.loads(received.data))
        finally:
            if self.pump is not None:
                self.pump.cancel()
            if self.session is not None:
                self.session.is_connected = False

    async def send(self, frame: Json | str) -> None:
        """Send one frame, compressed as the client asked."""
        text = frame if isinstance(frame, str) else json.dumps(frame)
        if self.pack is None:
            await self.socket.send_str(text)
        else:
            await self.socket.send_bytes(self.pack(text))

    async def receive(self, frame: Json) -> None:
        """Act on one frame of the bot."""
        op, data = frame["op"], frame.get("d")
        if op == OP_HEARTBEAT:
            await self.send({"op": OP_ACK, "d": None, "s": None, "t": None})
        elif op == OP_IDENTIFY:
            await self.identify(data or {})
        elif op == OP_RESUME:
            await self.resume(data or {})
        elif self.session is None:
            await self.close(CLOSE_NOT_AUTHENTICATED, "Not authenticated.")
        elif op == OP_MEMBERS:
            self.send_members(self.session, data or {})
        elif op == OP_PRESENCE:
            self.session.presence = data
        else:
            await self.close(CLOSE_UNKNOWN_OP, "Unknown opcode.")

    async def close(self, code: int, message: str) -> None:
        """Close the connection and say why in the log, since the client may only show the code."""
        logger.debug("The local gateway closed a connection with {}: {}", code, message)
        await self.socket.close(code=code, message=message.encode())

    async def identify(self, data: Json) -> None:
        """Open a session, or refuse the token or the intents."""
        world = self.world
        if self.session is not None:
            return await self.close(CLOSE_AUTHENTICATED, "Already authenticated.")
        if data.get("token") != world.token:
            return await self.close(CLOSE_AUTHENTICATION, "Authentication failed.")
        disabled = [name for name in PRIVILEGED if not world.has_intent(name)]
        if int(data.get("intents") or 0) & Intents(**dict.fromkeys(disabled, True)).value:
            return await self.close(CLOSE_DISALLOWED_INTENTS, "Disallowed intent(s).")
        session = Session(world.snowflake(), data)
        self.gateway.open(session)
        guilds = [guild for guild in world.guilds.values() if session.has_guild(guild)]
        ready = {
            "v": 10,
            "user": world.bot | {"mfa_enabled": False, "locale": "en-US", "verified": True, "email": None},
            "guilds": [{"id": guild.id, "unavailable": True} for guild in guilds],
            "session_id": session.id,
            "resume_gateway_url": GATEWAY_URL,
            "shard": [session.shard_id, session.shard_count],
            "application": {"id": world.app_id, "flags": world.application_flags()},
        }
        session.dispatch("READY", ready)
        for guild in guilds:
            self.gateway.deliver(Event("GUILD_CREATE", {}, guild))
        return self.carry(session)

    async def resume(self, data: Json) -> None:
        """Take a session up again, or tell the bot that it must identify anew."""
        session = self.gateway.sessions.get(str(data.get("session_id")))
        if data.get("token") != self.world.token:
            return await self.close(CLOSE_AUTHENTICATION, "Authentication failed.")
        if session is None:
            return await self.send({"op": OP_INVALID, "d": False, "s": None, "t": None})
        session.replay(int(data.get("seq") or 0))
        session.dispatch("RESUMED", {})
        return self.carry(session)

    def carry(self, session: Session) -> None:
        """Send the session's events over this connection from now on."""
        self.session = session
        session.is_connected = True
        self.pump = asyncio.create_task(self._pump(session), name="local Discord: gateway")

    async def _pump(self, session: Session) -> None:
        while True:
            await self.send(await session.queue.get())

    def send_members(self, session: Session, data: Json) -> None:
        """Answer op 8: the members asked for by id or by the beginning of their name, in chunks."""
        guild = self.world.guilds[str(data["guild_id"])]
        found, missing = members_asked(guild, data)
        chunks = [found[start : start + CHUNK_MEMBERS] for start in range(0, len(found), CHUNK_MEMBERS)] or [[]]
        for index, members in enumerate(chunks):
            chunk: Json = {
                "guild_id": guild.id,
                "members": members,
                "chunk_index": index,
                "chunk_count": len(chunks),
                "not_found": missing,
                "presences": [],
            }
            session.dispatch("GUILD_MEMBERS_CHUNK", chunk | ({"nonce": data["nonce"]} if data.get("nonce") else {}))


def members_asked(guild: Guild, data: Json) -> tuple[list[Json], list[str]]:
    """Return the members that a request means, and the ids that are no members."""
    wanted: list[object] | object = data.get("user_ids")
    if wanted:
        ids = [str(item) for item in (cast("list[object]", wanted) if isinstance(wanted, list) else [wanted])]
        present = [guild.members[key] for key in ids if key in guild.members]
        return present, [key for key in ids if key not in guild.members]
    start = str(data.get("query") or "").lower()
    found = [item for item in guild.members.values() if item["user"]["username"].lower().startswith(start)]
    return found[: int(data.get("limit") or 0) or None], []
