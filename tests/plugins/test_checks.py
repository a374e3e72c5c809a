"""A manager's own check holds on every way in which its rows are written, the statements of plugins included."""

from __future__ import annotations

from datetime import timedelta

import pytest

from plugins.moderation.kinds import CaseKind
from plugins.moderation.managers import CaseManager
from plugins.notes.managers import NoteManager
from plugins.polls.managers import PollManager
from plugins.reminders.managers import ReminderManager
from plugins.snippets.managers import SnippetManager
from plugins.starboard.managers import StarboardMessageManager
from tux.clock import now
from tux.errors import InvalidValue

GUILD = 4711


def refusing(manager, db):
    """Return a manager like this one, whose rules forbid everything."""

    class Strict(manager):
        def check(self, values):
            raise InvalidValue(f"forbidden: {', '.join(sorted(values))}")

    return Strict(db)


LATER = now() + timedelta(hours=1)
CASE = {"guild_id": GUILD, "case_user_id": 5, "case_moderator_id": 6}


@pytest.mark.parametrize(
    ("manager", "write", "column"),
    [
        (CaseManager, lambda m: m.create_case(case_type="WARN", **CASE), "case_type"),
        (CaseManager, lambda m: m.create_case(case_type="OWN", **CASE), "case_user_id"),
        (
            PollManager,
            lambda m: m.create_poll(guild_id=GUILD, channel_id=1, author_id=2, question="Which?", options=["a", "b"]),
            "question",
        ),
        (
            SnippetManager,
            lambda m: m.create_snippet_alias(guild_id=GUILD, snippet_name="a", snippet_alias="b", snippet_user_id=2),
            "alias",
        ),
        (SnippetManager, lambda m: m.make_alias(1, "b"), "alias"),
        (ReminderManager, lambda m: m.edit_reminder(1, 2, content="x"), "reminder_content"),
        (ReminderManager, lambda m: m.edit_reminder(1, 2, expires_at=LATER), "reminder_expires_at"),
        (ReminderManager, lambda m: m.snooze_reminder(1, 2, LATER), "reminder_expires_at"),
        (NoteManager, lambda m: m.edit_note(1, guild_id=GUILD, content="x"), "content"),
        (
            StarboardMessageManager,
            lambda m: m.note_stars(guild_id=GUILD, channel_id=1, message_id=2, author_id=3, count=4),
            "star_count",
        ),
    ],
)
async def test_what_a_manager_forbids_is_not_written_by_its_own_statements_either(db, manager, write, column):
    await db.case_kind.add_kind(GUILD, CaseKind("OWN", "seen"), actor_id=1)
    with pytest.raises(InvalidValue, match=f"forbidden: .*{column}"):
        await write(refusing(manager, db))
    assert await db[manager].count() == 0
