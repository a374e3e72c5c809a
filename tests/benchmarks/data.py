"""What the operations run on: guilds, cases, levels and snippets, loaded by COPY, and which row each call meets."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, NamedTuple

import asyncpg

if TYPE_CHECKING:
    from collections.abc import Iterator

GUILD, USER, ROLE, NEW = 10**17, 2 * 10**17, 3 * 10**17, 4 * 10**17
STARTED = datetime(2026, 1, 1, tzinfo=UTC)
KINDS = ("BAN", "WARN", "KICK", "TIMEOUT", "JAIL")
STRIDE = 7919  # a prime: calls that follow each other meet rows that do not


class Size(NamedTuple):
    """How many rows there are."""

    guilds: int
    cases: int
    levels: int
    snippets: int
    big: int
    """The cases of the first guild, through which the pages go; the other guilds share the rest."""

    def guild(self, number: int) -> int:
        """Return the id of a guild that is not the first one."""
        return GUILD + 1 + number * STRIDE % (self.guilds - 1)

    def case(self, number: int) -> int:
        """Return the id of a case."""
        return 1 + number * STRIDE % self.cases

    def level(self, number: int) -> tuple[int, int]:
        """Return member and guild of a row of points."""
        row = number * STRIDE % self.levels
        return USER + row // self.guilds, GUILD + row % self.guilds

    def snippet(self, number: int) -> tuple[int, str]:
        """Return guild and name of a snippet."""
        row = number * STRIDE % self.snippets
        return GUILD + row % self.guilds, f"snippet {row // self.guilds}"


FULL = Size(2_000, 200_000, 200_000, 20_000, big=20_000)
SMALL = Size(100, 10_000, 10_000, 1_000, big=5_000)


def _cases(size: Size) -> Iterator[tuple[object, ...]]:
    for row in range(size.cases):
        other = row - size.big
        guild, number = (0, row + 1) if other < 0 else (1 + other % (size.guilds - 1), 1 + other // (size.guilds - 1))
        yield (
            row + 1,
            GUILD + guild,
            number,
            KINDS[row % len(KINDS)],
            USER + row % 97,
            USER + row % 11,
            f"The reason of case {row}, in a sentence of usual length.",
            json.dumps([ROLE + row % 5, ROLE + 7]),
            json.dumps({"source": "benchmark", "row": row, "flags": [True, None, 1.5]}),
            STARTED + timedelta(minutes=row) if row % 3 else None,
            STARTED + timedelta(seconds=row),
        )


_CASE = (
    "case_id guild_id case_number case_type case_user_id case_moderator_id case_reason case_user_roles case_metadata"
    " case_expires_at case_created_at"
)


async def fill(url: str, size: Size) -> None:
    """Load all rows, and let PostgreSQL count them."""
    connection = await asyncpg.connect(url)

    async def load(table: str, columns: str, rows: Iterator[tuple[object, ...]]) -> None:
        await connection.copy_records_to_table(table, columns=columns.split(), records=rows)

    numbers = range(size.guilds)
    await load("guild_guilds", "guild_id guild_name", ((GUILD + each, f"Guild {each}") for each in numbers))
    await load("guild_configs", "guild_id prefix mod_log_id", ((GUILD + each, "?", NEW + each) for each in numbers))
    await load("moderation_cases", _CASE, _cases(size))
    await load(
        "levels_member_levels",
        "id guild_id member_id xp level last_message created_at updated_at",
        (
            (
                row + 1,
                GUILD + row % size.guilds,
                USER + row // size.guilds,
                row % 5000 + 0.5,
                row % 50,
                STARTED + timedelta(seconds=row),
                STARTED,
                STARTED,
            )
            for row in range(size.levels)
        ),
    )
    await load(
        "snippets_snippets",
        "snippet_id guild_id snippet_name snippet_content snippet_user_id",
        (
            (row + 1, GUILD + row % size.guilds, f"snippet {row // size.guilds}", f"Text {row}", USER + row % 97)
            for row in range(size.snippets)
        ),
    )
    await connection.execute(
        "INSERT INTO moderation_case_counters (guild_id, last_number)"
        " SELECT guild_id, max(case_number) FROM moderation_cases GROUP BY guild_id"
    )
    for table, key in (
        ("moderation_cases", "case_id"),
        ("levels_member_levels", "id"),
        ("snippets_snippets", "snippet_id"),
    ):
        await connection.execute(f"SELECT setval(pg_get_serial_sequence('{table}', '{key}'), max({key})) FROM {table}")
    await connection.execute("VACUUM ANALYZE")
    await connection.close()
