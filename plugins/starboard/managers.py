"""Boards of guilds, and who posts a starred message: exactly one of many listeners and processes."""

from __future__ import annotations

from datetime import timedelta
from typing import NamedTuple, Required, TypedDict, Unpack
from uuid import UUID, uuid4

from plugins.starboard.models import Starboard, StarboardMessage
from tux.clock import now
from tux.manager import Manager

# How long whoever claimed a message may take to post it, before another one tries.
CLAIM_LEASE = timedelta(minutes=1)

# The message's row is locked by the insert or by its conflict, so of all that count stars at the same time one at a
# time decides, and sees what the others wrote. $6 is this caller's claim; EXCLUDED carries it when there are enough
# stars. Messages that never had enough are not kept.
_NOTE_STARS = """
INSERT INTO starboard_messages AS known
    (guild_id, original_channel_id, original_message_id, author_id, star_count, claim, claimed_at, created_at, updated_at)
SELECT guild_id, $2::bigint, $3::bigint, $4::bigint, $5::int,
    CASE WHEN $5 >= threshold THEN $6::uuid END, CASE WHEN $5 >= threshold THEN $7::timestamptz END, $7, $7
FROM starboard_boards
WHERE guild_id = $1
    AND (threshold <= $5 OR EXISTS (SELECT FROM starboard_messages WHERE original_message_id = $3))
ON CONFLICT (original_message_id) DO UPDATE SET
    star_count = EXCLUDED.star_count,
    updated_at = EXCLUDED.updated_at,
    (claim, claimed_at) = (
        SELECT CASE WHEN free THEN EXCLUDED.claim ELSE known.claim END,
               CASE WHEN free THEN EXCLUDED.claimed_at ELSE known.claimed_at END
        FROM (SELECT EXCLUDED.claim IS NOT NULL AND known.starboard_message_id IS NULL
                     AND (known.claimed_at IS NULL OR known.claimed_at < $8::timestamptz)) AS state (free)
    )
RETURNING {returning}
"""

_RECORD_POST = """
UPDATE starboard_messages
SET starboard_message_id = $3, starboard_channel_id = $4, claim = NULL, claimed_at = NULL, updated_at = $5
WHERE original_message_id = $1 AND claim = $2 AND starboard_message_id IS NULL
RETURNING {returning}
"""


class BoardValues(TypedDict, total=False):
    """What a guild chooses for its starboard; what is left out stays, or has its default on a new one."""

    channel_id: Required[int]
    emoji: str
    threshold: int


class Stars(NamedTuple):
    """A starred message; `claim` is set when this caller, and nobody else, is to post it now."""

    message: StarboardMessage
    claim: UUID | None


class StarboardManager(Manager[Starboard], name="starboard"):
    """The boards of guilds, one each."""

    async def get_starboard_by_guild(self, guild_id: int) -> Starboard | None:
        """Return a guild's starboard, or None."""
        return await self.get_by_id((guild_id,))

    async def create_or_update_starboard(self, guild_id: int, **values: Unpack[BoardValues]) -> Starboard:
        """Set a guild's starboard up, or change it.

        Raises:
            InvalidValue: a threshold below 1, or an emoji that is blank or too long.
        """
        board, _ = await self.upsert({"guild_id": guild_id}, None, **values)
        return board

    async def delete_starboard(self, guild_id: int) -> bool:
        """Take a guild's starboard away; what was posted stays known, so it is not posted again. False: there was none."""
        return await self.delete_by_id((guild_id,))


class StarboardMessageManager(Manager[StarboardMessage], name="starboard_message"):
    """The messages that came onto starboards."""

    async def get_message_by_original(self, message_id: int) -> StarboardMessage | None:
        """Return what is known of a message by its own id, or None."""
        return await self.get_by_id((message_id,))

    async def update_star_count(self, message_id: int, count: int) -> StarboardMessage | None:
        """Store how many stars a known message has; None when it is not known."""
        return await self.update_by_id((message_id,), star_count=count)

    async def get_top_messages(self, guild_id: int, limit: int = 10) -> list[StarboardMessage]:
        """Return a guild's messages with the most stars; of equals the one that came first."""
        return await self.find_all({"guild_id": guild_id}, ["-star_count", "id"], limit)

    async def note_stars(
        self, *, guild_id: int, channel_id: int, message_id: int, author_id: int, count: int
    ) -> Stars | None:
        """Store how many stars a message has now, and decide who posts it, in one statement.

        None when the guild has no starboard, or the message too few stars and never had enough. With a claim the caller
        posts the message, then calls `record_post`, or `release_claim` if it cannot.
        """
        claim, time = uuid4(), now()
        stars = self.table.field("star_count").codec.write(count)
        row = await self.row(
            _NOTE_STARS.format(returning=self.columns("known")),
            guild_id,
            channel_id,
            message_id,
            author_id,
            stars,
            claim,
            time,
            time - CLAIM_LEASE,
        )
        return None if row is None else Stars(row, claim if row.claim == claim else None)

    async def record_post(
        self, message_id: int, claim: UUID, *, starboard_message_id: int, starboard_channel_id: int
    ) -> StarboardMessage | None:
        """Store where a claimed message was posted; None when another took the claim over: delete the post then."""
        sql = _RECORD_POST.format(returning=self.columns())
        return await self.row(sql, message_id, claim, starboard_message_id, starboard_channel_id, now())

    async def release_claim(self, message_id: int, claim: UUID) -> bool:
        """Let another caller try at once, after posting failed; False when the claim was used or taken over."""
        held = {"original_message_id": message_id, "claim": claim}
        return await self.update_where(held, {"claim": None, "claimed_at": None}) > 0

    async def withdraw_post(self, message_id: int, starboard_message_id: int) -> bool:
        """Forget a message's post; True for the one caller who is to delete it, or who saw that it is gone."""
        posted = {"original_message_id": message_id, "starboard_message_id": starboard_message_id}
        return await self.update_where(posted, {"starboard_message_id": None, "starboard_channel_id": None}) > 0
