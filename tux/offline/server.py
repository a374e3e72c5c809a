"""The local Discord's front door: REST, gateway and CDN on one unix socket."""

from __future__ import annotations

import json
from base64 import b64decode
from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import unquote

from aiohttp import web
from loguru import logger

from tux.errors import DiscordRefusal
from tux.offline import (
    routes_channels,
    routes_commands,
    routes_emojis,
    routes_guilds,
    routes_interactions,
    routes_members,
    routes_messages,
    routes_roles,
    routes_threads,
    routes_users,
    routes_webhooks,
)
from tux.offline.audit import Doer
from tux.offline.gateway import Gateway
from tux.offline.happenings import RequestRefused
from tux.offline.limits import AUDIT_REASON_LENGTH, invalid
from tux.offline.refusals import refuse
from tux.offline.routing import Call, Route
from tux.offline.state import Upload

if TYPE_CHECKING:
    import re
    from collections.abc import Awaitable, Callable
    from pathlib import Path

    from tux.offline.world import World

API = "/api/v10"
MODULES = (
    routes_users,
    routes_guilds,
    routes_members,
    routes_roles,
    routes_channels,
    routes_messages,
    routes_threads,
    routes_interactions,
    routes_commands,
    routes_webhooks,
    routes_emojis,
)
observers: list[Callable[[Exchange], None]] = []
"""What gets every exchange of every server, as the tests' check against Discord's OpenAPI document does."""
REQUESTS_KEPT = 2000
UPLOADS_BYTES = 2**25
SHUTDOWN_SECONDS = 0.1
HTTP_NO_CONTENT, HTTP_TOO_MANY, HTTP_UNABLE = 204, 429, 501
PIXEL = b64decode("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==")
"""A real PNG of one pixel: every avatar, icon and emoji."""


@dataclass(frozen=True, slots=True)
class Exchange:
    """One request and its answer; `route` is the template, as `/channels/{channel}/messages`."""

    method: str
    route: str
    path: str
    body: object
    status: int
    answer: object


@dataclass(slots=True)
class Failure:
    """A refusal that a test asked for; it strikes `times` times."""

    method: str
    path: re.Pattern[str]
    refusal: DiscordRefusal
    times: int


class Server:
    """Serves one world; `observers` get every exchange, `unknown` names what it could not answer."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.gateway = Gateway(world)
        self.observers: list[Callable[[Exchange], None]] = []
        self.requests: deque[Exchange] = deque(maxlen=REQUESTS_KEPT)
        self.failures: list[Failure] = []
        self.unknown: list[str] = []
        self.in_flight = 0
        self._runner: web.AppRunner | None = None

    async def start(self, socket: Path) -> None:
        """Listen on the unix socket."""
        self._runner = web.AppRunner(self._application(), access_log=None, shutdown_timeout=SHUTDOWN_SECONDS)
        await self._runner.setup()
        await web.UnixSite(self._runner, str(socket)).start()

    async def stop(self) -> None:
        """Close every connection and the socket."""
        await self.gateway.drop(code=1001)
        if self._runner is not None:
            await self._runner.cleanup()

    def _application(self) -> web.Application:
        application = web.Application(client_max_size=UPLOADS_BYTES)
        for module in MODULES:
            for route in module.routes.table:
                application.router.add_route(route.method, API + route.path, self._handler(route))
        application.router.add_route("*", API + "/{tail:.*}", self._handler(None))
        application.router.add_get("/", self.gateway.connect)
        application.router.add_get("/{tail:.+}", self._asset)
        return application

    def _handler(self, route: Route | None) -> Callable[[web.Request], Awaitable[web.Response]]:
        async def handle(request: web.Request) -> web.Response:
            self.in_flight += 1
            try:
                return await self._serve(route, request)
            finally:
                self.in_flight -= 1

        return handle

    async def _serve(self, route: Route | None, request: web.Request) -> web.Response:
        path, payload = request.path.removeprefix(API), None
        try:
            payload, files = await read_body(request)
            status, answer = self._answer(route, request, payload, files)
        except DiscordRefusal as refusal:
            status, answer = refusal.status, refusal.body
            self.world.tell(RequestRefused(request.method, path, status, refusal.body))
        except Exception as error:  # noqa: BLE001 - one request: a 500 would be tried again, so it is said as what it is
            logger.opt(exception=True).error("The local Discord failed at {} {}", request.method, path)
            self.unknown.append(f"{request.method} {path} ({error!r})")
            status, answer = HTTP_UNABLE, {"message": f"The local Discord failed: {error!r}", "code": 0}
        template = route.path if route is not None else path
        exchange = Exchange(request.method, template, path, payload, status, answer)
        self.requests.append(exchange)
        for observer in (*observers, *self.observers):
            observer(exchange)
        return respond(status, answer)

    def _answer(
        self, route: Route | None, request: web.Request, payload: object, files: tuple[Upload, ...]
    ) -> tuple[int, object]:
        path = request.path.removeprefix(API)
        authorized = request.headers.get("Authorization") == f"Bot {self.world.token}"
        if not authorized and not (route is not None and route.open_to_all):
            raise refuse(401, 0, "401: Unauthorized")
        self._strike(request.method, path)
        if route is None:
            name = f"{request.method} {path}"
            self.unknown.append(name)
            logger.warning("The local Discord has no route {}", name)
            raise refuse(HTTP_UNABLE, 0, f"The local Discord has no route {name}")
        reason = unquote(request.headers.get("X-Audit-Log-Reason", "")) or None
        if reason is not None and len(reason) > AUDIT_REASON_LENGTH:
            raise invalid("reason", "BASE_TYPE_MAX_LENGTH", f"Must be {AUDIT_REASON_LENGTH} or fewer in length.")
        call = Call(self.world, request.match_info, request.query, payload, files, Doer(reason=reason))
        answer = route.handler(call)
        return (HTTP_NO_CONTENT if answer is None else route.status), answer

    def _strike(self, method: str, path: str) -> None:
        for failure in self.failures:
            if failure.method == method and failure.path.search(path) and failure.times > 0:
                failure.times -= 1
                raise failure.refusal

    async def _asset(self, request: web.Request) -> web.Response:
        for path, content in self.world.assets:
            if path == request.path:
                return web.Response(body=content)
        if request.path.startswith("/attachments/"):
            return web.Response(status=404)
        return web.Response(body=PIXEL, content_type="image/png")


async def read_body(request: web.Request) -> tuple[object, tuple[Upload, ...]]:
    """Return a request's JSON and files, whether it came plain or as a form."""
    if request.content_type == "application/json" and request.can_read_body:
        try:
            return json.loads(await request.read()), ()
        except ValueError:
            raise refuse(400, 50109, "The request body contains invalid JSON.") from None
    if not request.content_type.startswith("multipart/"):
        return None, ()
    payload: object = None
    plain: dict[str, object] = {}
    files: list[Upload] = []
    for name, value in (await request.post()).items():
        if isinstance(value, web.FileField):
            files.append(Upload(name, value.filename, value.file.read()))
        elif name == "payload_json":
            payload = json.loads(str(value))
        else:
            plain[name] = value
    return payload if payload is not None else plain, tuple(files)


def respond(status: int, answer: object) -> web.Response:
    """Return the answer as discord.py wants it: it compares the content type as a text."""
    if status == HTTP_NO_CONTENT:
        return web.Response(status=status)
    headers = {"Content-Type": "application/json"}
    if status == HTTP_TOO_MANY:
        headers["Via"] = "1.1 local"
    return web.Response(body=json.dumps(answer).encode(), status=status, headers=headers)
