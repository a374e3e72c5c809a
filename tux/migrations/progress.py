"""What takes long says how far it is: a bar on a terminal, a line in the log every ten seconds elsewhere."""

from __future__ import annotations

import asyncio
import sys
import time
from contextlib import asynccontextmanager, contextmanager, suppress
from typing import TYPE_CHECKING

from loguru import logger

from tux.errors import DatabaseError

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable, Generator

    from tux.database.engine import Client

    Advance = Callable[[int, int | None], None]

LOG_SECONDS = 10.0
POLL_SECONDS = 0.5

_INDEX = """
SELECT phase, greatest(blocks_done, tuples_done) AS done, greatest(blocks_total, tuples_total) AS total
FROM pg_catalog.pg_stat_progress_create_index WHERE datname = current_database()
"""


@contextmanager
def progress(label: str) -> Generator[Advance]:
    """Yield a function that takes how much is done and the total, None while nobody knows it."""
    if not sys.stderr.isatty():
        yield _logging(label)
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(label, total=None)

        def show(done: int, total: int | None) -> None:
            bar.update(task, completed=done, total=total)

        yield show


@asynccontextmanager
async def index_progress(client: Client, label: str) -> AsyncGenerator[None]:
    """Show how far PostgreSQL is with the indexes that are being built meanwhile."""

    async def watch() -> None:
        with progress(label) as advance, suppress(DatabaseError):  # the statement itself says what is wrong
            while True:
                await asyncio.sleep(POLL_SECONDS)
                if rows := await client.fetch(_INDEX):
                    advance(rows[0]["done"], rows[0]["total"] or None)

    watcher = asyncio.create_task(watch())
    try:
        yield
    finally:
        watcher.cancel()
        await asyncio.wait([watcher])


def _logging(label: str) -> Advance:
    last = time.monotonic()

    def show(done: int, total: int | None) -> None:
        nonlocal last
        if time.monotonic() - last >= LOG_SECONDS:
            last = time.monotonic()
            logger.info("{}: {} of {}", label, done, "?" if total is None else total)

    return show
