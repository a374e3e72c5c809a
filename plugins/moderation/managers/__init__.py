"""The rules and queries of moderation: `cases` and their `lifecycle`, and the `choices` of guilds."""

from __future__ import annotations

from typing import TYPE_CHECKING, Unpack

from plugins.moderation.managers.cases import MAX_NUMBER, NewCase, case_filters, check_number
from plugins.moderation.managers.choices import CaseKindManager, ReasonTemplateManager
from plugins.moderation.managers.lifecycle import CaseLifecycle

if TYPE_CHECKING:
    from plugins.moderation.models import Case

__all__ = ["MAX_NUMBER", "CaseKindManager", "CaseManager", "ReasonTemplateManager", "case_filters"]


class CaseManager(CaseLifecycle, name="case"):
    """The cases of all guilds."""

    async def create_case(self, **values: Unpack[NewCase]) -> Case:
        """Number and store a case, in one statement; numbers of a guild start at 1 and have no gaps.

        Raises:
            UnknownCaseType: neither a plugin nor the guild has that type; nothing is stored.
        """
        return await self.create(**values)

    insert_case = create_case

    async def update_case(self, case_id: int, **values: object) -> Case | None:
        """Change a case; None when there is none."""
        return await self.update_by_id(case_id, **values)

    async def update_case_by_number(self, guild_id: int, case_number: int, **values: object) -> Case | None:
        """Change the case of that number; None when there is none."""
        check_number(case_number, "update_case_by_number(guild_id, case_number)")
        return await self.update_by_id((guild_id, case_number), **values)

    async def close_case(self, case_id: int) -> Case | None:
        """Let a case no longer stand; None when there is none."""
        return await self.update_by_id(case_id, case_status=False)

    async def delete_case(self, case_id: int) -> bool:
        """Delete a case for good; its number is not given out again. `void` keeps the history."""
        return await self.delete_by_id(case_id)

    async def set_tempban_expired(self, case_id: int) -> Case | None:
        """Mark a temporary ban as lifted; None when that was done before, so that only one caller lifts it."""
        return await self.end_case(case_id)

    async def update_mod_log_message_id(self, case_id: int, message_id: int | None) -> Case | None:
        """Remember the message of the mod-log that shows a case."""
        return await self.update_by_id(case_id, mod_log_message_id=message_id)
