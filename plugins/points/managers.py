"""Members of guilds: their points, their activity, what they gave each other."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from tortoise.expressions import Q

from plugins.moderation.models import Case
from plugins.points.errors import InvalidTransfer, TooFewPoints, TooManyPoints
from plugins.points.models import MAX_POINTS, PointsTransaction, User
from tux.clock import now
from tux.core.witness import note_change
from tux.manager import Manager
from tux.models import column

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from tux.manager import PaginationResult

PAGE_SIZE = 50

# Both rows are locked in the order of their ids, whoever gives: two transfers in opposite directions wait for each other
# instead of deadlocking. The new balances are counted from the locked rows: `member.points + …` would first be checked
# on the balance that the statement saw when it began, and refuse one that is long since higher.
_TRANSFER = """
WITH pair AS MATERIALIZED (
    SELECT id, guild_id, points FROM points_users WHERE id IN ($1, $2) ORDER BY id FOR NO KEY UPDATE
), allowed AS (
    SELECT giver.guild_id
    FROM pair AS giver JOIN pair AS taker ON taker.guild_id = giver.guild_id
    WHERE giver.id = $1 AND taker.id = $2 AND giver.points >= $3::int AND taker.points <= $4::int - $3::int
), moved AS (
    UPDATE points_users AS member
    SET points = pair.points + CASE WHEN pair.id = $1 THEN -$3::int ELSE $3::int END, updated_at = $5
    FROM pair, allowed WHERE member.id = pair.id
)
INSERT INTO points_transactions (guild_id, from_user_id, to_user_id, amount, created_at)
SELECT guild_id, $1, $2, $3::int, $5 FROM allowed
RETURNING (SELECT points FROM pair WHERE id = $1) - $3::int AS kept
"""


class Person(NamedTuple):
    """A member as Discord knows them: their id and name."""

    discord_id: int
    name: str


class UserManager(Manager[User], name="user"):
    """The members of guilds. `user_id` is the row's `id`; (guild_id, discord_id) identifies it as well."""

    async def get_user(self, user_id: int) -> User | None:
        """Return a member, or None."""
        return await self.get_by_id(user_id)

    async def create_user(self, **values: object) -> User:
        """Store a member: discord_id, guild_id and username, and any other column.

        Raises:
            InvalidValue: a blank name, or points out of range.
            UniqueViolation: the guild has that member already.
        """
        return await self.create(**values)

    async def update_user(self, user_id: int, **values: object) -> User | None:
        """Change a member; None when there is none."""
        return await self.update_by_id(user_id, **values)

    update_user_stats = update_user

    async def delete_user(self, user_id: int) -> bool:
        """Delete a member; False when there was none."""
        return await self.delete_by_id(user_id)

    async def update_user_points(self, user_id: int, points: int) -> User | None:
        """Set a member's points; None when there is no such member.

        Raises:
            InvalidValue: not between 0 and MAX_POINTS.
        """
        return await self.update_by_id(user_id, points=points)

    async def update_multiple_users(self, updates: Iterable[Mapping[str, object]]) -> int:
        """Change members, each with its `id` and the columns to change, and return how many there were."""
        return await self.bulk_update(updates)

    async def find_users_by_guild(self, guild_id: int) -> list[User]:
        """Return the members of a guild, in the order in which they were stored."""
        return await self.find_all({"guild_id": guild_id}, "id")

    async def get_top_users_by_activity(self, guild_id: int, limit: int = 10) -> list[User]:
        """Return the members with the most messages; of equals whoever was active last."""
        return await self.find_all({"guild_id": guild_id}, ["-message_count", "-last_active"], limit)

    async def get_all_users_paginated(self, guild_id: int, page: int = 1) -> PaginationResult[User]:
        """Return a page of fifty members of a guild, in the order in which they were stored."""
        return await self.paginate(page, PAGE_SIZE, {"guild_id": guild_id}, "id")

    async def get_user_with_cases(self, user_id: int) -> User | None:
        """Return a member with `cases` loaded, oldest first, in two statements: one a table. None when there is none."""
        return await self.find_one({"id": user_id}, prefetch=["cases"])

    async def get_users_with_active_cases(self, guild_id: int) -> list[User]:
        """Return the members with a case that still stands, all their `cases` loaded, in two statements: one a table."""
        standing = User.cases.any(column(Case.case_status) == True, guild_id=guild_id)  # noqa: E712 - a condition
        return await self.find_all([{"guild_id": guild_id}, standing], "id", prefetch=["cases"])

    async def transfer_points(self, from_user: int, to_user: int, points: int) -> bool:
        """Move points between two members of a guild and note it as a PointsTransaction, in one statement.

        False, and nothing moved, when the giver has too few, the taker would have more than MAX_POINTS, or one of them
        does not exist there.

        Raises:
            InvalidTransfer: less than one point, or to oneself.
        """
        return await self._move(from_user, to_user, points) is not None

    async def give(self, guild_id: int, giver: Person, taker: Person, points: int) -> int:
        """Give points to another member, whose row is made when it is missing, and return what the giver keeps.

        At most three statements; only the last moves points, and it decides by the balances of its own moment.

        Raises:
            TooFewPoints: the giver has less. TooManyPoints: the taker would have more than MAX_POINTS.
            InvalidTransfer: less than one point, or to oneself.
        """
        ids = [giver.discord_id, taker.discord_id]
        found = {row.discord_id: row for row in await self.find_all({"guild_id": guild_id, "discord_id": {"in": ids}})}
        own, other = found.get(giver.discord_id), found.get(taker.discord_id)
        if own is None or own.points < points:
            raise TooFewPoints(f"You have {own.points if own else 0:,} points, so you cannot give {points:,}.")
        if other is None:
            keys = {"guild_id": guild_id, "discord_id": taker.discord_id}
            other, _ = await self.upsert(keys, username=taker.name)
        kept = await self._move(own.id, other.id, points)
        if kept is None:
            if other.points + points > MAX_POINTS:
                raise TooManyPoints(f"Nobody can have more than {MAX_POINTS:,} points.")
            raise TooFewPoints("You gave points away this moment, so there are too few left. Look at your balance.")
        return kept

    async def set_points(self, guild_id: int, member: Person, points: int, *, actor_id: int) -> User:
        """Set a member's points, whose row is made when it is missing; the audit log is told in the same transaction.

        It takes six statements: a transaction, and a savepoint for the entry in the audit log.
        """
        async with self.with_session():
            keys = {"guild_id": guild_id, "discord_id": member.discord_id}
            row, _ = await self.upsert(keys, username=member.name, points=points)
            whom, after = member.discord_id, {"points": points}
            await note_change(self.db, "points.set", guild_id=guild_id, actor_id=actor_id, target_id=whom, after=after)
        return row

    async def _move(self, from_user: int, to_user: int, points: int) -> int | None:
        """Move points and return what the giver keeps, by the balance of that moment; None when nothing moved."""
        if isinstance(points, bool) or not isinstance(points, int) or points < 1:  # pyright: ignore[reportUnnecessaryIsInstance] - callers are not all checked
            raise InvalidTransfer(f"{points!r} points cannot be given; the least is 1.")
        if from_user == to_user:
            raise InvalidTransfer("Nobody can give points to themselves.")
        if points > MAX_POINTS:
            return None
        done = await self.db.service.fetch_one(_TRANSFER, from_user, to_user, points, MAX_POINTS, now())
        return None if done is None else int(done["kept"])


class PointsTransactionManager(Manager[PointsTransaction], name="points_transaction"):
    """What members gave each other."""

    async def list_transactions(self, user_id: int, *, limit: int = 20) -> list[PointsTransaction]:
        """Return what a member gave and received, newest first."""
        return await self.find_all(Q(from_user_id=user_id) | Q(to_user_id=user_id), "-id", limit)
