"""Tux: what a cog writes."""

from __future__ import annotations

from functools import partial
from typing import Any

from tests.benchmarks.contender import CHANGED_ROWS, DEEP_PAGE, PER_PAGE, Contender
from tests.benchmarks.data import GUILD, NEW
from tests.benchmarks.figures import ROOT
from tux import open_database
from tux.models.hydrate import IS_ON, reader_of
from tux.models.meta import meta_of


class Managed(Contender):
    """The managers of the plugins."""

    name = "tux"

    async def open(self, url: str) -> None:
        """Open the project's database."""
        self.db = await self.stack.enter_async_context(open_database(url, root=ROOT))
        page = await self.db.case.page_after(
            None, (DEEP_PAGE - 1) * PER_PAGE, {"guild_id": GUILD}, order_by="-case_number"
        )
        self.cursor = page.next_cursor

    def columns(self, row: Any) -> dict[str, object]:
        return {column: getattr(row, name) for name, column in meta_of(row).fields_db_projection.items()}

    def slow_models(self) -> list[str]:
        """Return the models whose rows Tortoise makes, though compiled code could."""
        models = [manager.model for manager in (self.db.case, self.db.snippet, self.db.levels, self.db.guild_config)]
        return [model.__name__ for model in models if IS_ON and isinstance(reader_of(model), partial)]

    async def get_by_id(self, n: int) -> object:
        return await self.db.case.get_by_id(self.size.case(n))

    async def author_get(self, n: int) -> object:
        return await self.db.case.model.get_or_none(case_id=self.size.case(n))

    async def find_one(self, n: int) -> object:
        guild, name = self.size.snippet(n)
        return await self.db.snippet.find_one(guild_id=guild, snippet_name=name)

    async def guild_config(self, n: int) -> object:
        return await self.db.guild_config.find_one(guild_id=self.size.guild(n))

    async def find_all_50(self, n: int) -> object:
        return await self.db.case.find_all({"guild_id": self.size.guild(n)}, order_by="-case_number", limit=50)

    async def find_all_1000(self, n: int) -> object:
        return await self.db.case.find_all({"guild_id": GUILD}, order_by="-case_number", limit=1000)

    async def count(self, n: int) -> object:
        return await self.db.case.count(guild_id=self.size.guild(n))

    async def create_case(self, n: int) -> object:
        return await self.db.case.create_case(**self.case(n))

    async def create_case_same_sql(self, n: int) -> object:
        return await self.create_case(n)

    async def create_case_one_guild(self, n: int) -> object:
        return await self.create_case(0)

    async def update_by_id(self, n: int) -> object:
        return await self.db.case.update_by_id(self.size.case(n), case_reason=f"Changed {n}")

    async def add_xp(self, n: int) -> object:
        return await self.db.levels.add_xp(NEW + self.new(), self.size.guild(n), 5.0)

    async def get_or_create_hit(self, n: int) -> object:
        member, guild = self.size.level(n)
        return (await self.db.levels.get_or_create(member_id=member, guild_id=guild))[0]

    async def get_or_create_miss(self, n: int) -> object:
        return (await self.db.levels.get_or_create(member_id=NEW + self.new(), guild_id=self.size.guild(n)))[0]

    async def update_where(self, n: int) -> object:
        filters = {"guild_id": self.size.guild(n), "case_type": "KICK"}
        return await self.db.case.update_where(filters, {"case_status": False})

    async def page_1(self, n: int) -> object:
        page = await self.db.case.paginate(1, PER_PAGE, {"guild_id": GUILD}, order_by="-case_number")
        return [page.total, *page.items]

    async def page_1_usual(self, n: int) -> object:
        page = await self.db.case.paginate(1, PER_PAGE, {"guild_id": self.size.guild(n)}, order_by="-case_number")
        return [page.total, *page.items]

    async def page_200(self, n: int) -> object:
        return (await self.db.case.page_after(self.cursor, PER_PAGE, {"guild_id": GUILD}, "-case_number")).items

    async def keyset_same_sql(self, n: int) -> object:
        return await self.page_200(n)

    async def get_levels_batch(self, n: int) -> object:
        return await self.db.levels.get_levels_batch(self.members(), self.size.guild(n))

    async def bulk_create_10000(self, n: int) -> object:
        rows = [
            {"guild_id": GUILD, "snippet_name": name, "snippet_content": "Text", "snippet_user_id": 7}
            for name in self.names()
        ]
        return len(await self.db.snippet.bulk_create(rows, returning="keys"))

    async def bulk_update_1000(self, n: int) -> object:
        return await self.db.levels.bulk_update(
            [{"id": row, "xp": row % 100 + 0.25} for row in range(1, CHANGED_ROWS + 1)]
        )

    async def delete_where(self, n: int) -> object:
        return await self.db.snippet.delete_where(guild_id=GUILD, alias=f"gone {self.number} {n}")
