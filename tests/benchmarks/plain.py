"""Plain Tortoise active record on Tortoise's own engine, as its documentation writes it."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qs, urlsplit

from tortoise.context import TortoiseContext
from tortoise.transactions import in_transaction

from plugins.levels.formula import level_of
from tests.benchmarks import plain_models
from tests.benchmarks.contender import CHANGED_ROWS, CONNECTIONS, DEEP_PAGE, PER_PAGE, Contender
from tests.benchmarks.data import GUILD, NEW
from tests.benchmarks.plain_models import Case, Counter, GuildConfig, MemberLevel, Snippet
from tux.models.meta import meta_of


class Plain(Contender):
    """Model.get, save, querysets."""

    name = "tortoise"

    async def open(self, url: str) -> None:
        """Connect as a program of its own would."""
        parts = urlsplit(url)
        credentials: dict[str, object] = {
            "host": parse_qs(parts.query)["host"][0],
            "user": "postgres",
            "database": parts.path.strip("/"),
            "minsize": CONNECTIONS,
            "maxsize": CONNECTIONS,
        }
        context = await self.stack.enter_async_context(TortoiseContext())
        await context.init(
            config={
                "connections": {"default": {"engine": "tortoise.backends.asyncpg", "credentials": credentials}},
                "apps": {"models": {"models": [plain_models.__name__], "default_connection": "default"}},
                "use_tz": True,
                "timezone": "UTC",
            }
        )

    def columns(self, row: Any) -> dict[str, object]:
        return {column: getattr(row, name) for name, column in meta_of(row).fields_db_projection.items()}

    async def get_by_id(self, n: int) -> object:
        return await Case.get_or_none(case_id=self.size.case(n))

    async def find_one(self, n: int) -> object:
        guild, name = self.size.snippet(n)
        return await Snippet.filter(guild_id=guild, snippet_name=name).first()

    async def guild_config(self, n: int) -> object:
        return await GuildConfig.get_or_none(guild_id=self.size.guild(n))

    async def find_all_50(self, n: int) -> object:
        return await Case.filter(guild_id=self.size.guild(n)).order_by("-case_number").limit(50)

    async def find_all_1000(self, n: int) -> object:
        return await Case.filter(guild_id=GUILD).order_by("-case_number").limit(1000)

    async def count(self, n: int) -> object:
        return await Case.filter(guild_id=self.size.guild(n)).count()

    async def create_case(self, n: int) -> object:
        values = self.case(n)
        async with in_transaction():
            counter = await Counter.select_for_update().get(guild_id=values["guild_id"])
            counter.last_number += 1
            await counter.save(update_fields=["last_number"])
            return await Case.create(case_number=counter.last_number, **values)

    async def create_case_one_guild(self, n: int) -> object:
        return await self.create_case(0)

    async def update_by_id(self, n: int) -> object:
        case = await Case.get(case_id=self.size.case(n))
        case.case_reason = f"Changed {n}"
        await case.save(update_fields=["case_reason"])
        return case

    async def add_xp(self, n: int) -> object:
        guild_id = self.size.guild(n)
        row, _ = await MemberLevel.get_or_create(member_id=NEW + self.new(), guild_id=guild_id)
        row.xp += 5.0
        row.level = level_of(row.xp)
        await row.save(update_fields=["xp", "level", "updated_at"])
        return row

    async def get_or_create_hit(self, n: int) -> object:
        member, guild = self.size.level(n)
        return (await MemberLevel.get_or_create(member_id=member, guild_id=guild))[0]

    async def get_or_create_miss(self, n: int) -> object:
        return (await MemberLevel.get_or_create(member_id=NEW + self.new(), guild_id=self.size.guild(n)))[0]

    async def update_where(self, n: int) -> object:
        return await Case.filter(guild_id=self.size.guild(n), case_type="KICK").update(case_status=False)

    async def page_1(self, n: int) -> object:
        cases = Case.filter(guild_id=GUILD)
        return [await cases.count(), *await cases.order_by("-case_number").limit(PER_PAGE)]

    async def page_1_usual(self, n: int) -> object:
        cases = Case.filter(guild_id=self.size.guild(n))
        return [await cases.count(), *await cases.order_by("-case_number").limit(PER_PAGE)]

    async def page_200(self, n: int) -> object:
        cases = Case.filter(guild_id=GUILD)
        await cases.count()
        return await cases.order_by("-case_number").offset((DEEP_PAGE - 1) * PER_PAGE).limit(PER_PAGE)

    async def keyset_same_sql(self, n: int) -> object:
        before = self.size.big - (DEEP_PAGE - 1) * PER_PAGE + 1
        return await Case.filter(guild_id=GUILD, case_number__lt=before).order_by("-case_number").limit(PER_PAGE)

    async def get_levels_batch(self, n: int) -> object:
        rows = await MemberLevel.filter(member_id__in=self.members(), guild_id=self.size.guild(n))
        return {row.member_id: row for row in rows}

    async def bulk_create_10000(self, n: int) -> object:
        rows = [
            Snippet(guild_id=GUILD, snippet_name=name, snippet_content="Text", snippet_user_id=7)
            for name in self.names()
        ]
        await Snippet.bulk_create(rows)
        return len(rows)

    async def bulk_update_1000(self, n: int) -> object:
        rows = await MemberLevel.filter(id__lte=CHANGED_ROWS)
        for row in rows:
            row.xp = row.id % 100 + 0.25
        return await MemberLevel.bulk_update(rows, fields=["xp", "updated_at"])

    async def delete_where(self, n: int) -> object:
        return await Snippet.filter(guild_id=GUILD, alias=f"gone {self.number} {n}").delete()
