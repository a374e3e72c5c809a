"""What a guild chose for its moderation: types of cases and templates of reasons, both in memory while nobody writes."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

from plugins.moderation.errors import UnknownChoice
from plugins.moderation.kinds import CaseKind
from plugins.moderation.models import GuildCaseKind, ReasonTemplate
from tux.core.witness import note_change
from tux.manager import Manager, derived

if TYPE_CHECKING:
    from collections.abc import Mapping


class CaseKindManager(Manager[GuildCaseKind], name="case_kind"):
    """The types of cases that guilds added."""

    @derived(GuildCaseKind)
    async def guild_kinds(self, guild_id: int) -> Mapping[str, CaseKind]:
        """Return the types that a guild added, by name."""
        rows = await self.find_all({"guild_id": guild_id}, "name")
        return MappingProxyType(
            {
                row.name: CaseKind(
                    row.name, row.past, row.colour, row.emoji, restricts=row.restricts, expires=row.expires
                )
                for row in rows
            }
        )

    async def add_kind(self, guild_id: int, kind: CaseKind, *, actor_id: int) -> GuildCaseKind:
        """Give a guild a type of its own, or change the one of that name."""
        values = {"past": kind.past, "colour": kind.colour, "emoji": kind.emoji}
        async with self.with_session():
            row, _ = await self.upsert(
                {"guild_id": guild_id, "name": kind.name},
                None,
                **values,
                restricts=kind.restricts,
                expires=kind.expires,
            )
            after = {"name": kind.name, **values, "restricts": kind.restricts, "expires": kind.expires}
            await note_change(self.db, "casetype.set", guild_id=guild_id, actor_id=actor_id, after=after)
        return row

    async def remove_kind(self, guild_id: int, name: str, *, actor_id: int) -> None:
        """Take a type from a guild; cases of it stay.

        Raises:
            UnknownChoice: the guild has no type of that name.
        """
        async with self.with_session():
            if not await self.delete_where({"guild_id": guild_id, "name": name}):
                raise UnknownChoice(f"This server has no case type `{name}` of its own. `/casetypes list` shows them.")
            before = {"name": name}
            await note_change(self.db, "casetype.remove", guild_id=guild_id, actor_id=actor_id, before=before)


class ReasonTemplateManager(Manager[ReasonTemplate], name="reason_template"):
    """The templates of reasons of all guilds."""

    @derived(ReasonTemplate)
    async def guild_templates(self, guild_id: int) -> Mapping[str, str]:
        """Return the texts of a guild's templates by name, in the order of their names."""
        rows = await self.find_all({"guild_id": guild_id}, "name")
        return MappingProxyType({row.name: row.text for row in rows})

    async def set_template(self, guild_id: int, name: str, text: str, *, actor_id: int) -> ReasonTemplate:
        """Store a template, or change the one of that name.

        Raises:
            InvalidValue: the name or the text is blank or too long.
        """
        async with self.with_session():
            row, _ = await self.upsert({"guild_id": guild_id, "name": name}, None, text=text)
            after = {"name": name, "text": text}
            await note_change(self.db, "reason.set", guild_id=guild_id, actor_id=actor_id, after=after)
        return row

    async def remove_template(self, guild_id: int, name: str, *, actor_id: int) -> None:
        """Delete a template.

        Raises:
            UnknownChoice: the guild has no template of that name.
        """
        async with self.with_session():
            if not await self.delete_where({"guild_id": guild_id, "name": name}):
                raise UnknownChoice(f"There is no reason called `{name}` here. `/reasons list` shows those that exist.")
            before = {"name": name}
            await note_change(self.db, "reason.remove", guild_id=guild_id, actor_id=actor_id, before=before)
