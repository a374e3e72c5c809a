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

_REMOVE_KIND = "DELETE FROM moderation_case_kinds WHERE guild_id = $1 AND name = $2 RETURNING {returning}"
_REMOVE_TEMPLATE = "DELETE FROM moderation_reason_templates WHERE guild_id = $1 AND name = $2 RETURNING {returning}"


class CaseKindManager(Manager[GuildCaseKind], name="case_kind"):
    """The types of cases that guilds added.

    A change takes six statements: a transaction, and a savepoint for the entry in the audit log.
    """

    @derived(GuildCaseKind)
    async def guild_kinds(self, guild_id: int) -> Mapping[str, CaseKind]:
        """Return the types that a guild added, by name; they are kept in memory."""
        rows = await self.find_all({"guild_id": guild_id}, "name")
        return MappingProxyType({row.name: _kind(row) for row in rows})

    async def add_kind(self, guild_id: int, kind: CaseKind, *, actor_id: int) -> GuildCaseKind:
        """Give a guild a type of its own, or change the one of that name.

        A seventh statement reads what there was, unless it is in memory.
        """
        values = {"past": kind.past, "colour": kind.colour, "emoji": kind.emoji}
        old = (await self.guild_kinds(guild_id)).get(kind.name)
        async with self.with_session():
            row, _ = await self.upsert(
                {"guild_id": guild_id, "name": kind.name},
                None,
                **values,
                restricts=kind.restricts,
                expires=kind.expires,
            )
            before = _facts(old) if old else None
            await note_change(
                self.db, "casetype.set", guild_id=guild_id, actor_id=actor_id, before=before, after=_facts(kind)
            )
        return row

    async def remove_kind(self, guild_id: int, name: str, *, actor_id: int) -> None:
        """Take a type from a guild; cases of it stay.

        Raises:
            UnknownChoice: the guild has no type of that name.
        """
        async with self.with_session():
            row = await self.row(_REMOVE_KIND.format(returning=self.columns()), guild_id, name)
            if row is None:
                raise UnknownChoice(f"This server has no case type `{name}` of its own. `/casetypes list` shows them.")
            before = _facts(_kind(row))
            await note_change(self.db, "casetype.remove", guild_id=guild_id, actor_id=actor_id, before=before)


class ReasonTemplateManager(Manager[ReasonTemplate], name="reason_template"):
    """The templates of reasons of all guilds.

    A change takes six statements: a transaction, and a savepoint for the entry in the audit log.
    """

    @derived(ReasonTemplate)
    async def guild_templates(self, guild_id: int) -> Mapping[str, str]:
        """Return the texts of a guild's templates by name, in the order of their names; they are kept in memory."""
        rows = await self.find_all({"guild_id": guild_id}, "name")
        return MappingProxyType({row.name: row.text for row in rows})

    async def set_template(self, guild_id: int, name: str, text: str, *, actor_id: int) -> ReasonTemplate:
        """Store a template, or change the one of that name.

        A seventh statement reads what there was, unless it is in memory.

        Raises:
            InvalidValue: the name or the text is blank or too long.
        """
        old = (await self.guild_templates(guild_id)).get(name)
        async with self.with_session():
            row, _ = await self.upsert({"guild_id": guild_id, "name": name}, None, text=text)
            before = {"name": name, "text": old} if old is not None else None
            after = {"name": name, "text": row.text}
            await note_change(self.db, "reason.set", guild_id=guild_id, actor_id=actor_id, before=before, after=after)
        return row

    async def remove_template(self, guild_id: int, name: str, *, actor_id: int) -> None:
        """Delete a template.

        Raises:
            UnknownChoice: the guild has no template of that name.
        """
        async with self.with_session():
            row = await self.row(_REMOVE_TEMPLATE.format(returning=self.columns()), guild_id, name)
            if row is None:
                raise UnknownChoice(f"There is no reason called `{name}` here. `/reasons list` shows those that exist.")
            before = {"name": name, "text": row.text}
            await note_change(self.db, "reason.remove", guild_id=guild_id, actor_id=actor_id, before=before)


def _kind(row: GuildCaseKind) -> CaseKind:
    return CaseKind(row.name, row.past, row.colour, row.emoji, restricts=row.restricts, expires=row.expires)


def _facts(kind: CaseKind) -> dict[str, object]:
    looks = {"past": kind.past, "colour": kind.colour, "emoji": kind.emoji}
    return {"name": kind.name, **looks, "restricts": kind.restricts, "expires": kind.expires}
