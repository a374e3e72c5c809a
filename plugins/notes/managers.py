"""Notes about members: added, listed, edited, deleted."""

from __future__ import annotations

from plugins.notes.models import Note
from tux.clock import now
from tux.core.witness import note_change
from tux.database.engine import active_client
from tux.manager import Manager
from tux.manager.writing import read_values
from tux.models.meta import from_row

_EDIT = """
WITH old AS (SELECT id, content FROM notes_notes WHERE id = $1 AND guild_id = $2 FOR UPDATE)
UPDATE notes_notes AS n SET content = $3, updated_at = $4 FROM old WHERE n.id = old.id
RETURNING {returning}, old.content AS old_content
"""

_DELETE = "DELETE FROM notes_notes WHERE id = $1 AND guild_id = $2 RETURNING {returning}"


class NoteManager(Manager[Note], name="note"):
    """The notes of all guilds; a note is only reached from its own guild.

    A change with `actor_id` takes six statements: a transaction, and a savepoint for the entry in the audit log.
    """

    async def add_note(
        self, *, guild_id: int, user_id: int, author_id: int, content: str, actor_id: int | None = None
    ) -> Note:
        """Store a note about a member. With `actor_id` the audit log is told.

        Raises:
            InvalidValue: the note is blank or too long.
        """
        values = {"guild_id": guild_id, "user_id": user_id, "author_id": author_id, "content": content}
        if actor_id is None:
            return await self.create(**values)
        async with self.with_session():
            note = await self.create(**values)
            await self._note_action("note.add", note, actor_id, None, note.content)
        return note

    async def list_notes(self, *, guild_id: int, user_id: int, limit: int | None = None) -> list[Note]:
        """Return the notes about a member, newest first."""
        return await self.find_all({"guild_id": guild_id, "user_id": user_id}, "-id", limit)

    async def list_newest(self, *, guild_id: int, limit: int) -> list[Note]:
        """Return the newest notes of a guild."""
        return await self.find_all({"guild_id": guild_id}, "-id", limit)

    async def edit_note(self, note_id: int, *, guild_id: int, content: str, actor_id: int | None = None) -> Note | None:
        """Change what a note says; None when the guild has no such note. With `actor_id` the audit log is told.

        Raises:
            InvalidValue: the note is blank or too long.
        """
        text = read_values(self.table, {"content": content}, check=self.check)["content"]
        if actor_id is None:
            return (await self._edit(note_id, guild_id, text))[0]
        async with self.with_session():
            note, before = await self._edit(note_id, guild_id, text)
            if note is not None:
                await self._note_action("note.edit", note, actor_id, before, note.content)
        return note

    async def delete_note(self, note_id: int, *, guild_id: int, actor_id: int | None = None) -> bool:
        """Delete a note; False when the guild has no such note. With `actor_id` the audit log is told."""
        if actor_id is None:
            return await self.delete_where({"id": note_id, "guild_id": guild_id}) > 0
        async with self.with_session():
            note = await self.row(_DELETE.format(returning=self.columns()), note_id, guild_id)
            if note is not None:
                await self._note_action("note.delete", note, actor_id, note.content, None)
        return note is not None

    async def _edit(self, note_id: int, guild_id: int, text: object) -> tuple[Note | None, str]:
        """Return the note as it is now, and what it said before."""
        sql = _EDIT.format(returning=self.columns("n"))
        row = await active_client().fetch_row(sql, (note_id, guild_id, text, now()))
        return (None, "") if row is None else (from_row(Note, row), row["old_content"])

    async def _note_action(self, action: str, note: Note, actor_id: int, before: str | None, after: str | None) -> None:
        await note_change(
            self.db,
            action,
            guild_id=note.guild_id,
            actor_id=actor_id,
            target_id=note.user_id,
            before=_state(note, before),
            after=_state(note, after),
        )


def _state(note: Note, text: str | None) -> dict[str, object] | None:
    return None if text is None else {"note": note.id, "text": text}
