"""What a plugin writes every day, which both checkers must accept; `assert_type` says what they must know."""

from __future__ import annotations

from typing import TYPE_CHECKING, assert_type

import tux
from plugins.moderation.managers import CaseManager
from plugins.moderation.models import Case
from tux import BaseCog, Manager, PaginationResult

if TYPE_CHECKING:
    from tux.database.service import Session


class Cog(BaseCog):
    async def use_managers(self) -> None:
        case = await self.db.case.create_case(guild_id=1, case_type="BAN", case_user_id=2, case_moderator_id=3)
        assert_type(case, Case)
        assert_type(case.case_number, int)
        assert_type(await self.db.case.get_by_id(1), Case | None)
        assert_type(await self.db.case.get_cases_by_user(2, 1), list[Case])
        assert_type(await self.db.case.paginate(1, 20, {"guild_id": 1}), PaginationResult[Case])
        assert_type(self.db[CaseManager], CaseManager)
        assert_type(self.db.find(CaseManager), CaseManager | None)
        assert_type(await self.bot.db.switches.list_all(), dict[tuple[int, str], bool])

    async def use_transactions(self) -> None:
        async with self.db.transaction(isolation="serializable") as session:
            row = await session.fetch_one("SELECT 1 AS one")
            assert row is not None
            await self.db.on_commit(lambda: None)
        async with self.db.case.with_session() as session:
            assert_type(await session.execute("SELECT 1"), int)
        assert_type(await self.db.retry(self.take_case, attempts=5), Case | None)

    async def take_case(self) -> Case | None:
        return await self.db.case.get_latest_case_by_user(2, 1)


class OtherCases(Manager[Case]):
    async def use_neighbours(self) -> str | None:
        config = await self.db.guild_config.get_config_by_guild_id(1)
        return config.prefix if config else None


async def use_elsewhere(session: Session) -> None:
    async with tux.open_database() as db:
        assert_type(await db.case.count({"guild_id": 1}), int)
    assert_type(await tux.get_db().case.get_case_by_number(1, 2), Case | None)
    assert_type(await session.execute("SELECT 1"), int)


def use_database(db: tux.DatabaseCoordinator) -> CaseManager:
    return db.case
