"""asyncpg as an expert writes it: on its pool, and on connections that are kept."""

from __future__ import annotations

import asyncio
from collections import deque
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

import asyncpg

from plugins.levels.formula import level_sql
from tests.benchmarks.contender import CHANGED_ROWS, CONNECTIONS, DEEP_PAGE, PER_PAGE, Contender
from tests.benchmarks.data import GUILD, NEW
from tux.clock import now

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

CASE = (
    "case_id, guild_id, case_number, case_type, case_user_id, case_moderator_id, case_reason, case_status,"
    " case_processed, case_user_roles, case_metadata, case_expires_at, case_created_at, case_pending,"
    " case_claimed_until, mod_log_message_id, case_voided_at, case_voided_by, case_void_reason"
)
CONFIG = (
    "guild_id, prefix, mod_log_id, audit_log_id, join_log_id, private_log_id, report_log_id, dev_log_id,"
    " log_channel_id, jail_channel_id, jail_role_id, general_channel_id, starboard_channel_id, onboarding_stage"
)
LEVEL = "id, guild_id, member_id, xp, level, blacklisted, last_message, decayed_at, created_at, updated_at"
SNIPPET = (
    "snippet_id, guild_id, snippet_name, snippet_content, alias, snippet_user_id, snippet_created_at, uses, locked"
)
PAGE = f"SELECT {CASE} FROM moderation_cases WHERE guild_id = $1 ORDER BY case_number DESC, case_id LIMIT $2 OFFSET $3"
COUNT = "SELECT count(*) FROM moderation_cases WHERE guild_id = $1"
NEXT = f"""
SELECT {CASE} FROM moderation_cases WHERE guild_id = $1 AND case_number < $2 ORDER BY case_number DESC, case_id LIMIT $3
"""
NUMBER = """
INSERT INTO moderation_case_counters AS taken (guild_id, last_number) VALUES ($1, 1)
ON CONFLICT (guild_id) DO UPDATE SET last_number = taken.last_number + 1 RETURNING last_number
"""
INSERT = f"""
INSERT INTO moderation_cases (guild_id, case_number, case_type, case_user_id, case_moderator_id, case_reason,
                              case_user_roles, case_created_at)
VALUES ($1, $2, $3, $4, $5, $6, '[]', now()) RETURNING {CASE}
"""
BOTH = f"""
WITH guild AS (
    INSERT INTO guild_guilds (guild_id, case_count) VALUES ($1, 1)
    ON CONFLICT (guild_id) DO UPDATE SET case_count = guild_guilds.case_count + 1 RETURNING guild_id
), counter AS (
    INSERT INTO moderation_case_counters AS taken (guild_id, last_number)
    SELECT guild_id, 1 + COALESCE((SELECT max(case_number) FROM moderation_cases WHERE guild_id = $1), 0) FROM guild
    ON CONFLICT (guild_id) DO UPDATE SET last_number = GREATEST(taken.last_number + 1, EXCLUDED.last_number)
    RETURNING last_number
)
INSERT INTO moderation_cases (guild_id, case_number, case_type, case_user_id, case_moderator_id, case_reason,
                              case_status, case_processed, case_user_roles, case_created_at, case_pending)
SELECT $1, last_number, $2::VARCHAR, $3::BIGINT, $4::BIGINT, $5::TEXT, $6::BOOL, $7::BOOL, $8::JSONB, $9::TIMESTAMPTZ,
       $10::BOOL
FROM counter RETURNING {CASE}
"""
_FIRST = "LEAST(GREATEST(0, given.amount), 'Infinity')"
_NEXT = "GREATEST(0, known.xp + $3::float8)"
_SUM = f"GREATEST(LEAST({_NEXT}, 'Infinity'), LEAST({_NEXT}, known.xp))"
ADD = f"""
WITH guild AS (INSERT INTO guild_guilds (guild_id) VALUES ($2::bigint) ON CONFLICT DO NOTHING)
INSERT INTO levels_member_levels AS known (member_id, guild_id, xp, level, last_message, created_at, updated_at)
SELECT member_id, guild_id, {_FIRST}, {level_sql(_FIRST)}, NULL, at, at
FROM (VALUES ($1::bigint, $2::bigint, $3::float8, $4::timestamptz)) AS given (member_id, guild_id, amount, at)
ON CONFLICT (member_id, guild_id) DO UPDATE SET
    xp = CASE WHEN known.blacklisted THEN known.xp ELSE {_SUM} END,
    level = CASE WHEN known.blacklisted THEN known.level ELSE {level_sql(_SUM)} END,
    last_message = COALESCE(EXCLUDED.last_message, known.last_message), updated_at = EXCLUDED.updated_at
RETURNING {LEVEL}
"""
ONE_LEVEL = f"SELECT {LEVEL} FROM levels_member_levels WHERE member_id = $1 AND guild_id = $2"
MAKE_LEVEL = f"""
INSERT INTO levels_member_levels (member_id, guild_id, created_at, updated_at) VALUES ($1, $2, now(), now())
ON CONFLICT DO NOTHING RETURNING {LEVEL}
"""
CHANGE = """
UPDATE levels_member_levels AS known SET xp = given.xp, updated_at = now()
FROM unnest($1::bigint[], $2::float8[]) AS given (id, xp) WHERE known.id = given.id
"""


class Pooled(Contender):
    """`pool.fetch*`, default settings."""

    name = "asyncpg"

    async def open(self, url: str) -> None:
        """Make the pool."""
        self.pool = await self.stack.enter_async_context(
            asyncpg.create_pool(url, min_size=CONNECTIONS, max_size=CONNECTIONS)
        )

    def connection(self) -> Any:
        """Return a context manager for a connection."""
        return self.pool.acquire()

    async def fetch(self, sql: str, *args: object) -> list[asyncpg.Record]:
        """Return rows."""
        return await self.pool.fetch(sql, *args)

    async def fetch_row(self, sql: str, *args: object) -> asyncpg.Record | None:
        """Return a row."""
        return await self.pool.fetchrow(sql, *args)

    async def execute(self, sql: str, *args: object) -> int:
        """Return how many rows were touched."""
        return int((await self.pool.execute(sql, *args)).rpartition(" ")[2])

    async def get_by_id(self, n: int) -> object:
        return await self.fetch_row(f"SELECT {CASE} FROM moderation_cases WHERE case_id = $1", self.size.case(n))

    async def find_one(self, n: int) -> object:
        return await self.fetch_row(
            f"SELECT {SNIPPET} FROM snippets_snippets WHERE guild_id = $1 AND snippet_name = $2 LIMIT 1",
            *self.size.snippet(n),
        )

    async def guild_config(self, n: int) -> object:
        return await self.fetch_row(f"SELECT {CONFIG} FROM guild_configs WHERE guild_id = $1", self.size.guild(n))

    async def find_all_50(self, n: int) -> object:
        return await self.fetch(PAGE, self.size.guild(n), 50, 0)

    async def find_all_1000(self, n: int) -> object:
        return await self.fetch(PAGE, GUILD, 1000, 0)

    async def count(self, n: int) -> object:
        return (await self.fetch_row(COUNT, self.size.guild(n)))[0]

    async def create_case(self, n: int) -> object:
        case = self.case(n)
        guild_id = case.pop("guild_id")
        async with self.connection() as connection, connection.transaction():
            number = await connection.fetchval(NUMBER, guild_id)
            return await connection.fetchrow(INSERT, guild_id, number, *case.values())

    async def create_case_same_sql(self, n: int) -> object:
        return await self.fetch_row(BOTH, *self.case(n).values(), True, False, "[]", now(), False)

    async def create_case_one_guild(self, n: int) -> object:
        return await self.create_case(0)

    async def update_by_id(self, n: int) -> object:
        return await self.fetch_row(
            f"UPDATE moderation_cases SET case_reason = $2 WHERE case_id = $1 RETURNING {CASE}",
            self.size.case(n),
            f"Changed {n}",
        )

    async def add_xp(self, n: int) -> object:
        return await self.fetch_row(ADD, NEW + self.new(), self.size.guild(n), 5.0, now())

    async def get_or_create_hit(self, n: int) -> object:
        return await self.fetch_row(ONE_LEVEL, *self.size.level(n))

    async def get_or_create_miss(self, n: int) -> object:
        keys = NEW + self.new(), self.size.guild(n)
        row = await self.fetch_row(ONE_LEVEL, *keys)
        return row or await self.fetch_row(MAKE_LEVEL, *keys) or await self.fetch_row(ONE_LEVEL, *keys)

    async def update_where(self, n: int) -> object:
        return await self.execute(
            "UPDATE moderation_cases SET case_status = $3 WHERE guild_id = $1 AND case_type = $2",
            self.size.guild(n),
            "KICK",
            False,
        )

    async def page_1(self, n: int) -> object:
        return [(await self.fetch_row(COUNT, GUILD))[0], *await self.fetch(PAGE, GUILD, PER_PAGE, 0)]

    async def page_1_usual(self, n: int) -> object:
        guild = self.size.guild(n)
        return [(await self.fetch_row(COUNT, guild))[0], *await self.fetch(PAGE, guild, PER_PAGE, 0)]

    async def page_200(self, n: int) -> object:
        await self.fetch_row(COUNT, GUILD)
        return await self.fetch(PAGE, GUILD, PER_PAGE, (DEEP_PAGE - 1) * PER_PAGE)

    async def keyset_same_sql(self, n: int) -> object:
        before = self.size.big - (DEEP_PAGE - 1) * PER_PAGE + 1
        return (await self.fetch(NEXT, GUILD, before, PER_PAGE + 1))[:PER_PAGE]

    async def get_levels_batch(self, n: int) -> object:
        guild, members = self.size.guild(n), self.members()
        rows = await self.fetch(
            f"SELECT {LEVEL} FROM levels_member_levels WHERE member_id = ANY($1) AND guild_id = $2", members, guild
        )
        return {row["member_id"]: row for row in rows}

    async def bulk_create_10000(self, n: int) -> object:
        rows = [(GUILD, name, "Text", 7) for name in self.names()]
        columns = ["guild_id", "snippet_name", "snippet_content", "snippet_user_id"]
        async with self.connection() as connection:
            tag = await connection.copy_records_to_table("snippets_snippets", columns=columns, records=rows)
        return int(tag.rpartition(" ")[2])

    async def bulk_update_1000(self, n: int) -> object:
        rows = range(1, CHANGED_ROWS + 1)
        return await self.execute(CHANGE, list(rows), [row % 100 + 0.25 for row in rows])

    async def delete_where(self, n: int) -> object:
        return await self.execute(
            "DELETE FROM snippets_snippets WHERE guild_id = $1 AND alias = $2", GUILD, f"gone {self.number} {n}"
        )


class Leased(Pooled):
    """The same on connections that are kept, so that no reset is paid for, lent in the cheapest way there is."""

    name = "leased"

    async def open(self, url: str) -> None:
        """Make the connections."""
        self.free: list[Any] = []
        self.waiting: deque[asyncio.Future[Any]] = deque()
        for _ in range(CONNECTIONS):
            connection = await asyncpg.connect(url)
            self.stack.push_async_callback(connection.close)
            self.free.append(connection)

    async def lend(self) -> Any:
        """Return a connection once one is free; whoever waits longest comes first."""
        waiter = asyncio.get_running_loop().create_future()
        self.waiting.append(waiter)
        return await waiter

    def take_back(self, connection: Any) -> None:
        """Give a connection to the next who waits."""
        if self.waiting:
            self.waiting.popleft().set_result(connection)
        else:
            self.free.append(connection)

    @asynccontextmanager
    async def connection(self) -> AsyncGenerator[Any]:
        """Lend a connection."""
        connection = self.free.pop() if self.free else await self.lend()
        try:
            yield connection
        finally:
            self.take_back(connection)

    async def fetch(self, sql: str, *args: object) -> list[asyncpg.Record]:
        """Return rows."""
        connection = self.free.pop() if self.free else await self.lend()
        try:
            return await connection.fetch(sql, *args)
        finally:
            self.take_back(connection)

    async def fetch_row(self, sql: str, *args: object) -> asyncpg.Record | None:
        """Return a row."""
        connection = self.free.pop() if self.free else await self.lend()
        try:
            return await connection.fetchrow(sql, *args)
        finally:
            self.take_back(connection)

    async def execute(self, sql: str, *args: object) -> int:
        """Return how many rows were touched."""
        connection = self.free.pop() if self.free else await self.lend()
        try:
            return int((await connection.execute(sql, *args)).rpartition(" ")[2])
        finally:
            self.take_back(connection)
