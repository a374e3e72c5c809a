"""`GET /healthz`: what a load balancer, a container or a monitor asks."""

from __future__ import annotations

import asyncio
import math
from contextlib import asynccontextmanager
from time import monotonic
from typing import TYPE_CHECKING, Any

from aiohttp import web
from loguru import logger

from tux.errors import DatabaseError, SettingsError
from tux.registry import State

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from tux.bot.client import Tux

ANSWER_SECONDS = 5.0
# However often somebody asks, the database is asked once in this time.
KEPT_SECONDS = 1.0


@asynccontextmanager
async def health_endpoint(bot: Tux) -> AsyncGenerator[None]:
    """Answer on the port of the settings while inside; without a port there is nothing.

    The status is 200 when Discord is connected and the database answers, else 503; the body says which of them fails.

    Raises:
        SettingsError: the port is taken, or is not this process's to open.
    """
    place = bot.settings.health
    if place.port is None:
        yield
        return
    app = web.Application()
    app.router.add_get("/healthz", Report(bot).answer)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    try:
        try:
            await web.TCPSite(runner, place.host, place.port).start()
        except OSError as error:
            where = f"{place.host}:{place.port}"
            raise SettingsError(
                f"health.port: nothing can listen on {where} ({error.strerror}); choose another port or host"
            ) from error
        logger.info("GET /healthz is answered on {}:{}", place.host, place.port)
        yield
    finally:
        await runner.cleanup()


class Report:
    """How the bot is, kept for a moment."""

    def __init__(self, bot: Tux) -> None:
        self._bot = bot
        self._lock = asyncio.Lock()
        self._made_at = -math.inf
        self._kept: dict[str, Any] = {}

    async def answer(self, _request: web.Request) -> web.Response:
        """Answer a request; those that come at once share one look at the database."""
        async with self._lock:
            if monotonic() - self._made_at > KEPT_SECONDS:
                self._kept = await self._make()
                self._made_at = monotonic()
        return web.json_response(self._kept, status=200 if self._kept["status"] == "ok" else 503)

    async def _make(self) -> dict[str, Any]:
        bot = self._bot
        database = await self._database()
        is_connected = bot.is_ready() and not bot.is_closed()
        registry = getattr(bot, "registry", None)
        records = registry.records.values() if registry else ()
        return {
            "status": "ok" if is_connected and "error" not in database else "unavailable",
            "discord": "connected" if is_connected else "not connected",
            "database": database,
            "plugins": {each.name: str(each.state) for each in records if each.state is not State.READY},
        }

    async def _database(self) -> dict[str, Any]:
        db = getattr(self._bot, "db", None)
        if db is None:
            return {"error": "not open yet"}
        try:
            async with asyncio.timeout(ANSWER_SECONDS):
                found = await db.service.health()
        except (DatabaseError, TimeoutError) as error:
            return {"error": type(error).__name__}  # its text may name the host
        return {
            "latency_ms": round(found.latency_seconds * 1000, 1),
            "server_version": found.server_version,
            "role": found.role,
            "schema": found.schema,
            "pool": {
                "size": found.pool_size,
                "free": found.pool_free,
                "max": found.pool_max,
                "waiting": found.pool_waiting,
            },
        }
