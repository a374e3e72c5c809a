"""What becomes of a guild that the bot left for good."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tux.database.engine import active_client
from tux.database.statements import quote

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tux.privacy.columns import GuildTable

# no statement may last longer than `statement_timeout`, however many rows a guild has
BATCH_ROWS = 20_000


async def purge_guild(tables: Iterable[GuildTable], guild_id: int) -> dict[str, int]:
    """Delete all rows of a guild, and return how many there were by table; for inside a transaction."""
    purged: dict[str, int] = {}
    for table, column in tables:
        name, key = quote(table), quote(column)
        sql = f"DELETE FROM {name} WHERE ctid = ANY(ARRAY(SELECT ctid FROM {name} WHERE {key} = $1 LIMIT {BATCH_ROWS})) AND {key} = $1"  # noqa: S608 - names of columns, checked by the registry
        while count := await active_client().run(sql, (guild_id,)):
            purged[table] = purged.get(table, 0) + count
            if count < BATCH_ROWS:
                break
    return purged
