"""A socket before PostgreSQL's: counts how often it says it is ready, or keeps its answers back as a network would."""

from __future__ import annotations

import asyncio
from collections import deque
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlsplit

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

READY = ord("Z")
HEAD = 5  # a letter and four bytes of length, which count themselves but not the letter


class Wire:
    """A second address of the same server; `trips` counts the answers that end with ReadyForQuery.

    With a delay answers come that much later, in their order, and nothing is counted.
    """

    def __init__(self, url: str, folder: str, delay_seconds: float) -> None:
        self.delay_seconds = delay_seconds
        parts = urlsplit(url)
        host, port = parse_qs(parts.query)["host"][0], parts.port or int(parse_qs(parts.query).get("port", ["5432"])[0])
        self.trips = 0
        self.socket = str(Path(host, f".s.PGSQL.{port}"))
        self.own = str(Path(folder, f".s.PGSQL.{port}"))
        self.url = url.replace(parts.query, parts.query.replace(host, folder)) if host in parts.query else ""
        if not self.url:
            message = f"the server's socket is not in {parts.query!r}"
            raise SystemExit(message)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Pass on what a client says, and count what it is answered."""
        answers, orders = await asyncio.open_unix_connection(self.socket)
        told = asyncio.ensure_future(_pass(reader, orders))
        if self.delay_seconds:
            await _pass_later(answers, writer, self.delay_seconds)
            told.cancel()
            return
        with suppress(asyncio.IncompleteReadError, ConnectionError):
            while True:
                head = await answers.readexactly(HEAD)
                body = await answers.readexactly(int.from_bytes(head[1:], "big") - 4)
                self.trips += head[0] == READY
                writer.write(head + body)
        writer.close()
        told.cancel()


async def _pass(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with suppress(ConnectionError):
        while part := await reader.read(65536):
            writer.write(part)
            await writer.drain()
    writer.close()


async def _pass_later(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, seconds: float) -> None:
    late: deque[bytes] = deque()
    loop = asyncio.get_running_loop()
    with suppress(ConnectionError):
        while part := await reader.read(65536):
            late.append(part)
            loop.call_later(seconds, lambda: writer.write(late.popleft()))
    loop.call_later(seconds, writer.close)


@asynccontextmanager
async def counted(url: str, *, delay_seconds: float = 0.0) -> AsyncGenerator[Wire]:
    """Give a server another address for a while, on which round trips are counted, or take longer."""
    with TemporaryDirectory(prefix="wire") as folder:
        wire = Wire(url, folder, delay_seconds)
        server = await asyncio.start_unix_server(wire.serve, wire.own)
        try:
            yield wire
        finally:
            server.close()
