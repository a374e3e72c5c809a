from __future__ import annotations

from tux import BaseCog


class ShopCog(BaseCog):
    async def show(self, guild_id: int) -> list[str]:
        return [item.title for item in await self.db.item.list_cheap(guild_id, 10)]

    async def misspell(self) -> None:
        await self.db.item.list_cheap("1", 10)  # error
        await self.db.items.get_all()  # error
