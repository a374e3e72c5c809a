"""SQLAlchemy 2 async as bots write it: a session per call, pre-ping, select → change → flush → refresh."""

from __future__ import annotations

from typing import Any

from sqlalchemy import MetaData, delete, func, select, update
from sqlalchemy.ext.asyncio import async_sessionmaker, create_async_engine
from sqlalchemy.orm import registry

from plugins.levels.formula import level_of
from tests.benchmarks.contender import CHANGED_ROWS, CONNECTIONS, DEEP_PAGE, PER_PAGE, Contender
from tests.benchmarks.data import GUILD, NEW
from tux.clock import now


class Case:
    """A row."""


class Counter:
    """A row."""


class GuildConfig:
    """A row."""


class MemberLevel:
    """A row."""


class Snippet:
    """A row."""


TABLES = {
    "moderation_cases": Case,
    "moderation_case_counters": Counter,
    "guild_configs": GuildConfig,
    "levels_member_levels": MemberLevel,
    "snippets_snippets": Snippet,
}


class Alchemy(Contender):
    """A session for each call."""

    name = "sqlalchemy"

    async def open(self, url: str) -> None:
        """Connect, and read the tables."""
        engine = create_async_engine(
            url.replace("postgresql:", "postgresql+asyncpg:"),
            pool_size=CONNECTIONS,
            max_overflow=0,
            pool_pre_ping=True,
        )
        self.stack.push_async_callback(engine.dispose)
        metadata, mapped = MetaData(), registry()
        async with engine.connect() as connection:
            await connection.run_sync(metadata.reflect, only=list(TABLES))
        for name, row in TABLES.items():
            mapped.map_imperatively(row, metadata.tables[name])
        self.stack.callback(mapped.dispose)
        self.session = async_sessionmaker(engine, expire_on_commit=False)

    def columns(self, row: Any) -> dict[str, object]:
        return {column.key: getattr(row, column.key) for column in row.__table__.columns}

    async def one(self, query: Any) -> Any:
        """Return the first row or None."""
        async with self.session() as session:
            return (await session.execute(query)).scalars().first()

    async def all(self, query: Any) -> list[Any]:
        """Return all rows."""
        async with self.session() as session:
            return list((await session.execute(query)).scalars().all())

    async def add(self, row: Any) -> Any:
        """Store a row and read it back."""
        async with self.session() as session:
            session.add(row)
            await session.commit()
            await session.refresh(row)
            return row

    async def touched(self, statement: Any) -> int:
        """Return how many rows a statement touched."""
        async with self.session() as session:
            result = await session.execute(statement)
            await session.commit()
            return result.rowcount

    def of_guild(self, guild_id: int) -> Any:
        return select(Case).where(Case.guild_id == guild_id).order_by(Case.case_number.desc())

    async def get_by_id(self, n: int) -> object:
        async with self.session() as session:
            return await session.get(Case, self.size.case(n))

    async def find_one(self, n: int) -> object:
        guild, name = self.size.snippet(n)
        return await self.one(select(Snippet).where(Snippet.guild_id == guild, Snippet.snippet_name == name).limit(1))

    async def guild_config(self, n: int) -> object:
        async with self.session() as session:
            return await session.get(GuildConfig, self.size.guild(n))

    async def find_all_50(self, n: int) -> object:
        return await self.all(self.of_guild(self.size.guild(n)).limit(50))

    async def find_all_1000(self, n: int) -> object:
        return await self.all(self.of_guild(GUILD).limit(1000))

    async def count(self, n: int) -> object:
        return await self.one(select(func.count()).select_from(Case).where(Case.guild_id == self.size.guild(n)))

    async def create_case(self, n: int) -> object:
        values = self.case(n)
        async with self.session() as session:
            counter = await session.get(Counter, values["guild_id"], with_for_update=True)
            counter.last_number += 1
            case = Case()
            for name, value in {**values, "case_number": counter.last_number}.items():
                setattr(case, name, value)
            case.case_user_roles, case.case_created_at = [], now()
            session.add(case)
            await session.commit()
            await session.refresh(case)
            return case

    async def create_case_one_guild(self, n: int) -> object:
        return await self.create_case(0)

    async def update_by_id(self, n: int) -> object:
        async with self.session() as session:
            case = await session.get(Case, self.size.case(n))
            case.case_reason = f"Changed {n}"
            await session.commit()
            await session.refresh(case)
            return case

    def new_level(self, guild_id: int) -> tuple[Any, Any]:
        member = NEW + self.new()
        row = MemberLevel()
        row.member_id, row.guild_id, row.created_at, row.updated_at = member, guild_id, now(), now()
        return select(MemberLevel).where(MemberLevel.member_id == member, MemberLevel.guild_id == guild_id), row

    async def add_xp(self, n: int) -> object:
        query, made = self.new_level(self.size.guild(n))
        row = await self.one(query) or await self.add(made)
        async with self.session() as session:
            row = await session.get(MemberLevel, row.id)
            row.xp += 5.0
            row.level, row.updated_at = level_of(row.xp), now()
            await session.commit()
            await session.refresh(row)
            return row

    async def get_or_create_hit(self, n: int) -> object:
        member, guild = self.size.level(n)
        return await self.one(select(MemberLevel).where(MemberLevel.member_id == member, MemberLevel.guild_id == guild))

    async def get_or_create_miss(self, n: int) -> object:
        query, made = self.new_level(self.size.guild(n))
        return await self.one(query) or await self.add(made)

    async def update_where(self, n: int) -> object:
        matching = Case.guild_id == self.size.guild(n), Case.case_type == "KICK"
        return await self.touched(update(Case).where(*matching).values(case_status=False))

    async def total(self, guild: int = GUILD) -> int:
        return await self.one(select(func.count()).select_from(Case).where(Case.guild_id == guild))

    async def page_1(self, n: int) -> object:
        return [await self.total(), *await self.all(self.of_guild(GUILD).limit(PER_PAGE))]

    async def page_1_usual(self, n: int) -> object:
        guild = self.size.guild(n)
        return [await self.total(guild), *await self.all(self.of_guild(guild).limit(PER_PAGE))]

    async def page_200(self, n: int) -> object:
        await self.total()
        return await self.all(self.of_guild(GUILD).offset((DEEP_PAGE - 1) * PER_PAGE).limit(PER_PAGE))

    async def keyset_same_sql(self, n: int) -> object:
        before = self.size.big - (DEEP_PAGE - 1) * PER_PAGE + 1
        return await self.all(self.of_guild(GUILD).where(Case.case_number < before).limit(PER_PAGE))

    async def get_levels_batch(self, n: int) -> object:
        matching = MemberLevel.member_id.in_(self.members()), MemberLevel.guild_id == self.size.guild(n)
        return {row.member_id: row for row in await self.all(select(MemberLevel).where(*matching))}

    async def bulk_create_10000(self, n: int) -> object:
        rows: list[Snippet] = []
        for name in self.names():
            row = Snippet()
            row.guild_id, row.snippet_name, row.snippet_content, row.snippet_user_id = GUILD, name, "Text", 7
            rows.append(row)
        async with self.session() as session:
            session.add_all(rows)
            await session.commit()
        return len(rows)

    async def bulk_update_1000(self, n: int) -> object:
        async with self.session() as session:
            rows = (await session.execute(select(MemberLevel).where(MemberLevel.id <= CHANGED_ROWS))).scalars().all()
            for row in rows:
                row.xp, row.updated_at = row.id % 100 + 0.25, now()
            await session.commit()
        return len(rows)

    async def delete_where(self, n: int) -> object:
        matching = Snippet.guild_id == GUILD, Snippet.alias == f"gone {self.number} {n}"
        return await self.touched(delete(Snippet).where(*matching))
