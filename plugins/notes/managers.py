"""Notes about members: added, listed, edited, deleted."""

from __future__ import annotations

from plugins.notes.models import Note
from tux.clock import now
from tux.manager import Manager

_EDIT = "UPDATE notes_notes SET content = $3, updated_at = $4 WHERE id = $1 AND guild_id = $2 RETURNING {returning}"


class NoteManager(Manager[Note], name="note"):
    """The notes of all guilds; a note is only reached from its own guild."""

    async def add_note(self, *, guild_id: int, user_id: int, author_id: int, content: str) -> Note:
        """Store a note about a member.

        Raises:
            InvalidValue: the note is blank or too long.
        """
        return await self.create(guild_id=guild_id, user_id=user_id, author_id=author_id, content=content)

    async def list_notes(self, *, guild_id: int, user_id: int, limit: int | None = None) -> list[Note]:
        """Return the notes about a member, newest first."""
        return await self.find_all({"guild_id": guild_id, "user_id": user_id}, "-id", limit)

    async def edit_note(self, note_id: int, *, guild_id: int, content: str) -> Note | None:
        """Change what a note says; None when the guild has no such note.

        Raises:
            InvalidValue: the note is blank or too long.
        """
        text = self.table.field("content").codec.write(content)
        return await self.row(_EDIT.format(returning=self.columns()), note_id, guild_id, text, now())

    async def delete_note(self, note_id: int, *, guild_id: int) -> bool:
        """Delete a note; False when the guild has no such note."""
        return await self.delete_where({"id": note_id, "guild_id": guild_id}) > 0
