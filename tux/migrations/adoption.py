"""Refuses to take a table for this project's that was in the database before.

Migration files say CREATE TABLE IF NOT EXISTS, as Tortoise and aerich write it. Over a table of another program, or one that
was made by hand, that does nothing, and the models would write into it.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from tux.errors import MigrationError
from tux.migrations.ddl import OWN
from tux.migrations.sql import bare

if TYPE_CHECKING:
    from tux.database.engine import Transaction
    from tux.migrations.files import MigrationFile

_CREATE = re.compile(r'\s*CREATE\s+TABLE\s+IF\s+NOT\s+EXISTS\s+"([^"]+)"', re.IGNORECASE)
_TAKEN = """
SELECT CASE c.relkind WHEN 'r' THEN 'table' WHEN 'p' THEN 'table' WHEN 'v' THEN 'view' WHEN 'S' THEN 'sequence'
  WHEN 'i' THEN 'index' ELSE 'relation' END AS kind
FROM pg_catalog.pg_class c WHERE c.relname = $1 AND c.relnamespace = current_schema()::regnamespace
"""


async def refuse_taken(session: Transaction, file: MigrationFile, statement: str, made: set[str]) -> None:
    """Refuse a statement of a file that makes a table of its schema, where there is something of that name.

    `made` are the tables that the file made before, and takes this one: two relations may share a table.

    Raises:
        MigrationError: names it, and says what to do.
    """
    found = _CREATE.match(bare(statement))
    if found is None or found[1] in OWN or found[1] in made or found[1] not in file.schema:
        return
    name = found[1]
    made.add(name)
    row = await session.fetch_row(_TAKEN, [name])
    if row is None:
        return
    raise MigrationError(
        f"{file.name} was not applied: the database has a {row['kind']} {name} already, which no migration of this project "
        f'made. If it is another program\'s, rename it (ALTER TABLE "{name}" RENAME TO ...), or give the model another table '
        "in its Meta and write the migration anew. If this project shall take it over as it is, record the migration without "
        "running it (`aerich upgrade --fake`, which records all that is pending), and compare with `tux db check --database`"
    )
