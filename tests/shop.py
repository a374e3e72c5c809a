"""A database of small models for the tests of models, managers and correctness, on the server of the run."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest_asyncio
from tortoise.context import TortoiseContext

from tux.testing.fixtures import WORKER

sys.path.insert(0, str(Path(__file__).parent / "tux"))

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from tux.testing.databases import Databases

TABLES = (
    "shop_guilds, shop_members, shop_teams, shop_things, shop_guild_settings, shop_team_members, shop_notes, "
    "shop_receipts, shop_shelves, shop_boxes"
)


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def shop_context(tux_databases: Databases) -> AsyncGenerator[TortoiseContext]:
    """Tortoise over the shop's tables."""
    import shop_models

    from tux.database.context import use_context
    from tux.database.engine import active_client

    name = f"shop_{WORKER}"  # workers share the server
    await tux_databases.server.create_database(name)
    credentials = {**tux_databases.server.credentials(name), "maxsize": 12}
    config = {
        "connections": {"default": {"engine": "tux.database.engine", "credentials": credentials}},
        "apps": {"models": {"models": ["shop_models"], "default_connection": "default"}},
    }
    context = TortoiseContext()
    with use_context(context):
        await context.init(config=config, use_tz=True, timezone="UTC")
        await context.generate_schemas()
        for model in (shop_models.Note,):
            for part in model.ddl:
                await active_client().run(part.create_sql(model._meta.db_table))
    yield context
    with use_context(context):
        await context.close_connections()


@pytest_asyncio.fixture(loop_scope="session")
async def shop(shop_context: TortoiseContext) -> AsyncGenerator[None]:
    """Empty tables, and their database as that of the test."""
    from tux.database.context import use_context
    from tux.database.engine import active_client

    with use_context(shop_context):
        await active_client().run(f"TRUNCATE {TABLES} RESTART IDENTITY CASCADE")
        yield
