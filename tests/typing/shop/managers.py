from __future__ import annotations

from plugins.shop.models import ShopItem

from tux import Manager


class ItemManager(Manager[ShopItem], name="item"):
    async def list_cheap(self, guild_id: int, price: int) -> list[ShopItem]:
        return await self.find_all({"guild_id": guild_id, "price__lte": price}, order_by="price")

    async def sell(self, guild_id: int, title: str) -> None:
        async with self.with_session() as session:
            await session.execute("SELECT pg_advisory_xact_lock($1)", guild_id)
            config = await self.db.guild_config.get_or_create_config(guild_id)
            await self.db.item.create(guild_id=guild_id, title=title, price=len(config.prefix or ""))

    async def misspell(self) -> None:
        await self.db.itm.get_all()  # error
        await self.db.item.list_chep(1, 2)  # error
