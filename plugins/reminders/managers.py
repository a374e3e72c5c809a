"""Reminders: set, listed, delivered once, repeated, put off; and the zones of users."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, tzinfo
from typing import TYPE_CHECKING, NotRequired, TypedDict, Unpack

from tortoise.expressions import Q

from plugins.reminders.models import Reminder, UserZone
from plugins.reminders.times import find_zone, next_time
from tux.clock import now
from tux.database.engine import active_client
from tux.manager import Manager
from tux.manager.core import whole_number
from tux.manager.writing import read_values

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from tux.manager import PaginationResult

LEASE = timedelta(minutes=1)

# Workers pass over each other's rows instead of waiting; a lease that ran out makes a row free again.
_CLAIM = """
WITH due AS (
    SELECT id FROM reminders_reminders
    WHERE reminder_sent_at IS NULL AND reminder_expires_at <= $1
      AND (reminder_claimed_until IS NULL OR reminder_claimed_until <= $1)
    ORDER BY reminder_expires_at, id LIMIT $2 FOR UPDATE SKIP LOCKED
), claimed AS (
    UPDATE reminders_reminders AS reminder
    SET reminder_claimed_until = $3, reminder_attempts = reminder.reminder_attempts + 1
    FROM due WHERE reminder.id = due.id RETURNING {columns}
)
SELECT * FROM claimed ORDER BY reminder_expires_at, id
"""

# A reminder that is claimed by somebody else by now, or was given another time, is not this caller's any more.
_FINISH = """
UPDATE reminders_reminders AS reminder SET
    reminder_sent_at = CASE WHEN done.next_at IS NULL THEN $4::timestamptz END,
    reminder_repeat_from =
        CASE WHEN done.next_at IS NOT NULL THEN COALESCE(reminder.reminder_repeat_from, reminder.reminder_expires_at) END,
    reminder_expires_at = COALESCE(done.next_at, reminder.reminder_expires_at),
    reminder_claimed_until = NULL,
    reminder_attempts = 0
FROM unnest($1::bigint[], $2::timestamptz[], $3::timestamptz[]) AS done (id, claimed_until, next_at)
WHERE reminder.id = done.id AND reminder.reminder_claimed_until = done.claimed_until
"""

_RELEASE = """
UPDATE reminders_reminders AS reminder
SET reminder_claimed_until = NULL, reminder_attempts = reminder.reminder_attempts - (NOT given.begun)::int
FROM unnest($1::bigint[], $2::timestamptz[], $3::bool[]) AS given (id, claimed_until, begun)
WHERE reminder.id = given.id AND reminder.reminder_claimed_until = given.claimed_until
"""

# Another time takes the reminder away from whoever is telling it just now.
_EDIT = """
UPDATE reminders_reminders SET
    reminder_content = COALESCE($3, reminder_content),
    reminder_expires_at = COALESCE($4::timestamptz, reminder_expires_at),
    reminder_repeat_from = CASE WHEN $4::timestamptz IS NULL THEN reminder_repeat_from END,
    reminder_claimed_until = CASE WHEN $4::timestamptz IS NULL THEN reminder_claimed_until END,
    reminder_attempts = CASE WHEN $4::timestamptz IS NULL THEN reminder_attempts ELSE 0 END
WHERE id = $1 AND reminder_user_id = $2 AND reminder_sent_at IS NULL
RETURNING {columns}
"""

_SNOOZE = """
WITH moved AS (
    UPDATE reminders_reminders
    SET reminder_expires_at = $3, reminder_sent_at = NULL, reminder_claimed_until = NULL, reminder_attempts = 0
    WHERE id = $1 AND reminder_user_id = $2 AND reminder_repeat_seconds IS NULL
    RETURNING {columns}
), copied AS (
    INSERT INTO reminders_reminders (
        guild_id, reminder_user_id, reminder_channel_id, reminder_by_dm, reminder_content, reminder_zone,
        reminder_created_at, reminder_expires_at
    )
    SELECT guild_id, reminder_user_id, reminder_channel_id, reminder_by_dm, reminder_content, reminder_zone, $4, $3
    FROM reminders_reminders WHERE id = $1 AND reminder_user_id = $2 AND reminder_repeat_seconds IS NOT NULL
    RETURNING {columns}
)
TABLE moved UNION ALL TABLE copied
"""


class NewReminder(TypedDict):
    """What a new reminder is made of; without a guild it is of a direct message."""

    reminder_content: str
    reminder_expires_at: datetime
    reminder_channel_id: int
    reminder_user_id: int
    guild_id: NotRequired[int | None]
    reminder_by_dm: NotRequired[bool]
    reminder_repeat_seconds: NotRequired[int | None]
    reminder_zone: NotRequired[str | None]


class ReminderManager(Manager[Reminder], name="reminder"):
    """The reminders of all users. Lists come in the order in which they are due."""

    async def create_reminder(self, **values: Unpack[NewReminder]) -> Reminder:
        """Store a reminder.

        Raises:
            InvalidValue: a time without a zone, or a zone that does not exist.
        """
        return await self.create(**values)

    insert_reminder = create_reminder

    async def get_reminders_by_user(self, user_id: int) -> list[Reminder]:
        """Return what a user will be told, in every guild."""
        return await self.find_all(
            {"reminder_user_id": user_id, "reminder_sent_at": None}, ["reminder_expires_at", "id"]
        )

    async def get_expired_reminders(self) -> list[Reminder]:
        """Return every reminder that is due and that nobody is at work on; `claim_due` is for those who deliver."""
        at = now()
        free = Q(reminder_claimed_until__isnull=True) | Q(reminder_claimed_until__lte=at)
        return await self.find_all(
            [{"reminder_sent_at": None, "reminder_expires_at": {"lte": at}}, free], ["reminder_expires_at", "id"]
        )

    async def delete_reminder(self, reminder_id: int) -> bool:
        """Delete a reminder; False when there was none."""
        return await self.delete_by_id(reminder_id)

    async def count_open(self, user_id: int) -> int:
        """Return how many reminders wait for their time, of one user."""
        return await self.count({"reminder_user_id": user_id, "reminder_sent_at": None})

    async def page_reminders(self, user_id: int, page: int, per_page: int) -> PaginationResult[Reminder]:
        """Return one page of what a user will be told, in every guild."""
        filters = {"reminder_user_id": user_id, "reminder_sent_at": None}
        return await self.paginate(page, per_page, filters, ["reminder_expires_at", "id"])

    async def cancel_reminder(self, reminder_id: int, user_id: int) -> bool:
        """Delete what a user would be told; False when this user has no such reminder, or it was told already."""
        mine = {"id": reminder_id, "reminder_user_id": user_id, "reminder_sent_at": None}
        return await self.delete_where(mine) > 0

    async def purge_told(self, before: datetime) -> int:
        """Delete the reminders that were told before a time, and return how many they were."""
        return await self.delete_where({"reminder_sent_at": {"lt": before}})

    async def edit_reminder(
        self, reminder_id: int, user_id: int, *, content: str | None = None, expires_at: datetime | None = None
    ) -> Reminder | None:
        """Change what a user will be told, or when; a repeating one counts from the new time.

        None when this user has no such reminder, or it was told already.
        """
        given = {"reminder_content": content, "reminder_expires_at": expires_at}
        changed = {name: value for name, value in given.items() if value is not None}
        row = read_values(self.table, changed, check=self.check)
        return await self.row(_EDIT.format(columns=self.columns()), reminder_id, user_id, *map(row.get, given))

    async def claim_due(self, limit: int = 100, lease: timedelta = LEASE) -> list[Reminder]:
        """Return reminders that are due, for this caller alone until the lease ends.

        Deliver them, then `finish_reminders`; what is not finished by then is claimed again.
        """
        at = now()
        sql = _CLAIM.format(columns=self.columns("reminder"))
        return await self.rows(sql, at, whole_number("limit", limit, least=0), at + lease)

    async def finish_reminders(self, reminders: Iterable[Reminder]) -> int:
        """Note that claimed reminders were told; a repeating one waits for its next time, those missed are skipped.

        Returns how many were still the caller's: a claim that ran out, or an edited time, is not.
        """
        at, done = now(), list(reminders)
        values = [[each.id for each in done], [each.reminder_claimed_until for each in done]]
        return await active_client().run(_FINISH, [*values, [_next_time(each, at) for each in done], at])

    async def release_reminders(self, reminders: Iterable[Reminder], begun: Collection[int] = ()) -> int:
        """Give claimed reminders back undelivered, as when the bot stops; return how many were still the caller's.

        Those whose ids are in `begun` may have been told in the last moment; that they were tried stays known.
        """
        given = list(reminders)
        values = [[each.id for each in given], [each.reminder_claimed_until for each in given]]
        return await active_client().run(_RELEASE, [*values, [each.id in begun for each in given]])

    async def snooze_reminder(self, reminder_id: int, user_id: int, until: datetime) -> Reminder | None:
        """Put a reminder off until a time, told already or not; None when this user has no such reminder.

        A repeating one goes on as before: a copy of it is told once more then.
        """
        row = read_values(self.table, {"reminder_expires_at": until}, check=self.check)
        return await self.row(_SNOOZE.format(columns=self.columns()), reminder_id, user_id, *row.values(), now())


class ReminderZoneManager(Manager[UserZone], name="reminder_zone"):
    """The zones of users."""

    async def get_zone(self, user_id: int) -> tzinfo:
        """Return the zone in which a user writes times, UTC for one who chose none."""
        row = await self.find_one({"user_id": user_id})
        return (find_zone(row.zone) if row else None) or UTC

    async def set_zone(self, user_id: int, zone: str) -> UserZone:
        """Choose a user's zone by its name, such as Europe/Berlin.

        Raises:
            InvalidValue: there is no such zone.
        """
        row, _ = await self.upsert({"user_id": user_id}, zone=zone)
        return row


def _next_time(reminder: Reminder, at: datetime) -> datetime | None:
    """Return when a reminder that was told is due again, None for never."""
    if reminder.reminder_repeat_seconds is None:
        return None
    first = reminder.reminder_repeat_from or reminder.reminder_expires_at
    zone = find_zone(reminder.reminder_zone) if reminder.reminder_zone else None
    return next_time(first, timedelta(seconds=reminder.reminder_repeat_seconds), at, zone)
