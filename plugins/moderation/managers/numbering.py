"""The statements that number cases: one case, and several at once."""

from __future__ import annotations

from typing import TYPE_CHECKING

from plugins.moderation.models import Case
from tux.manager.table import table_of
from tux.manager.writing import Writer

if TYPE_CHECKING:
    from collections.abc import Sequence

    from asyncpg import Record

    from tux.database.engine import Client, Transaction
    from tux.manager.writing import Row

# One statement makes the guild's row when it is missing, takes the next number and inserts the case. Every caller locks
# guild, then counter, so two of them wait for each other instead of deadlocking; a rollback gives the number back.
# GREATEST heals a counter that is behind rows which were brought in with numbers of their own.
_ONE = """
WITH guild AS (
    INSERT INTO guild_guilds (guild_id, case_count) VALUES ({guild_id}, 1)
    ON CONFLICT (guild_id) DO UPDATE SET case_count = guild_guilds.case_count + 1
    RETURNING guild_id
), counter AS (
    INSERT INTO moderation_case_counters AS taken (guild_id, last_number)
    SELECT guild_id, 1 + COALESCE((SELECT max(case_number) FROM moderation_cases WHERE guild_id = {guild_id}), 0) FROM guild
    ON CONFLICT (guild_id) DO UPDATE SET last_number = GREATEST(taken.last_number + 1, EXCLUDED.last_number)
    RETURNING last_number
)
INSERT INTO moderation_cases (guild_id, case_number, {columns})
SELECT {guild_id}, last_number, {values} FROM counter
RETURNING {returning}
"""

# The same for several, which share out the numbers of each guild in the order in which they came. All guilds are locked
# in the order of their ids, then their counters: groups and single cases cannot wait for each other in a circle.
_SEVERAL = """
WITH given AS (
    SELECT * FROM unnest({arrays}) WITH ORDINALITY AS given (guild_id, {columns}, place)
), wanted AS (
    SELECT guild_id, count(*)::int AS cases FROM given GROUP BY guild_id
), guild AS (
    INSERT INTO guild_guilds (guild_id, case_count) SELECT guild_id, cases FROM wanted ORDER BY guild_id
    ON CONFLICT (guild_id) DO UPDATE SET case_count = guild_guilds.case_count + EXCLUDED.case_count
    RETURNING guild_id
), counter AS (
    INSERT INTO moderation_case_counters AS taken (guild_id, last_number)
    SELECT w.guild_id, w.cases + COALESCE(
        (SELECT max(case_number) FROM moderation_cases AS c WHERE c.guild_id = w.guild_id), 0
    )
    FROM guild JOIN wanted AS w USING (guild_id) ORDER BY w.guild_id
    ON CONFLICT (guild_id) DO UPDATE SET last_number = GREATEST(
        taken.last_number + (SELECT cases FROM wanted WHERE wanted.guild_id = taken.guild_id), EXCLUDED.last_number
    )
    RETURNING guild_id, last_number
)
INSERT INTO moderation_cases (guild_id, case_number, {columns})
SELECT guild_id, last_number + 1 - row_number() OVER (PARTITION BY guild_id ORDER BY place DESC), {values}
FROM given JOIN counter USING (guild_id) ORDER BY given.place
RETURNING {returning}
"""


async def insert_cases(client: Client | Transaction, cases: Sequence[Row]) -> list[Record]:
    """Insert cases that give the same columns but no number, and return them in their order, numbered."""
    if len(cases) == 1:
        return await client.fetch(_one_sql(cases[0]), [*cases[0].values()])
    names = [name for name in cases[0] if name != "guild_id"]
    table = table_of(Case)
    writer = Writer(table)
    guilds = writer.take([case["guild_id"] for case in cases])
    arrays = writer.arrays({name: [case[name] for case in cases] for name in names})
    sql = _SEVERAL.format(
        arrays=", ".join((f"{guilds}::bigint[]", *arrays)),
        columns=", ".join(writer.columns(names)),
        values=", ".join(map(writer.elements, names)),
        returning=table.columns,
    )
    return await client.fetch(sql, writer.values)


def _one_sql(case: Row) -> str:
    table = table_of(Case)
    shape = ("create_case", *case)
    sql = table.texts.find(shape)
    if sql is None:
        fields = {f"${number}": table.fields[name] for number, name in enumerate(case, start=1)}
        sql = _ONE.format(
            guild_id=next(number for number, field in fields.items() if field.name == "guild_id"),
            columns=", ".join(field.column for field in fields.values() if field.name != "guild_id"),
            values=", ".join(
                f"{number}::{field.sql_type}" for number, field in fields.items() if field.name != "guild_id"
            ),
            returning=table.columns,
        )
        table.texts.keep(shape, sql)
    return sql
