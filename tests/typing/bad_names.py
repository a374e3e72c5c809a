"""What both checkers must report: each line with an error says so, and no other has one."""

from __future__ import annotations

import tux
from plugins.moderation.models import Case
from tux import BaseCog, Manager


class Cog(BaseCog):
    async def misspell(self) -> None:
        await self.db.cas.get_all()  # error
        await self.db.case.creat_case(guild_id=1)  # error
        await self.bot.db.case.get_case_by_nmber(1, 2)  # error
        await self.db.case.get_case_by_number(guild=1, number=2)  # error
        case = await self.db.case.get_by_id(1)
        print(case.case_id)  # error
        async with self.db.transaction(isolation="snapshot"):  # error
            await self.db.case.count(1)  # error


class OtherCases(Manager[Case]):
    async def misspell(self) -> None:
        await self.db.guild_confg.get_all()  # error
        await self.db.guild_config.update_confg(1, prefix="?")  # error


async def elsewhere(db: tux.DatabaseCoordinator) -> str:
    await db.case.close_cases(1)  # error
    return await db.case.count()  # error
