"""Boards of guilds, and who posts a starred message: exactly one of many listeners and processes."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, NamedTuple, Required, TypedDict, Unpack
from uuid import UUID, uuid4

from tortoise.expressions import Q

from plugins.starboard.models import Starboard, StarboardMessage
from tux.clock import now
from tux.database.engine import active_client
from tux.manager import Manager
from tux.manager.writing import read_values

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from tux.manager import PaginationResult

# How long whoever claimed a message may take to post it, before another one tries.
CLAIM_LEASE = timedelta(minutes=1)

_WITHOUT_POST = {"starboard_message_id": None, "starboard_channel_id": None}

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

_FORGET = """
DELETE FROM starboard_messages WHERE guild_id = $1 AND {column} = ANY ($2::bigint[]) RETURNING {returning}
"""

_SUMMARY = """
SELECT count(*) AS messages, count(starboard_message_id) AS posts, COALESCE(sum(star_count), 0) AS stars,
    (SELECT author_id FROM starboard_messages WHERE guild_id = $1
     GROUP BY author_id ORDER BY sum(star_count) DESC, author_id LIMIT 1) AS best_author_id
FROM starboard_messages WHERE guild_id = $1
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


class BoardSummary(NamedTuple):
    """A guild's starboard in numbers: messages that ever had enough stars, those shown now, and all their stars."""

    messages: int
    posts: int
    stars: int
    best_author_id: int | None


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
        stars = read_values(self.table, {"star_count": count}, check=self.check)["star_count"]
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

    async def list_unfinished(self, guild_ids: Collection[int], limit: int = 100) -> list[StarboardMessage]:
        """Return the messages of some guilds that somebody claimed and did not post in time, the oldest first."""
        late = {"claim": {"isnull": False}, "claimed_at": {"lt": now() - CLAIM_LEASE}}
        return await self.find_all({"guild_id": {"in": list(guild_ids)}, **late}, "claimed_at", limit)

    async def withdraw_post(self, message_id: int, starboard_message_id: int) -> bool:
        """Forget a message's post; True for the one caller who is to delete it, or who saw that it is gone."""
        posted = {"original_message_id": message_id, "starboard_message_id": starboard_message_id}
        return await self.update_where(posted, _WITHOUT_POST) > 0

    async def page_top(self, guild_id: int, page: int, per_page: int) -> PaginationResult[StarboardMessage]:
        """Return one page of a guild's messages that have stars, those with the most first."""
        starred = {"guild_id": guild_id, "star_count": {"gt": 0}}
        return await self.paginate(page, per_page, starred, ["-star_count", "id"])

    async def summarize_board(self, guild_id: int) -> BoardSummary:
        """Return a guild's starboard in numbers."""
        [row] = await active_client().fetch(_SUMMARY, (guild_id,))
        return BoardSummary(**row)

    async def list_misplaced(
        self, guild_id: int, threshold: int, after_id: int = 0, limit: int = 100
    ) -> list[StarboardMessage]:
        """Return messages that are shown with fewer stars than a threshold, or not with enough; by id, after one."""
        wrong = Q(starboard_message_id__isnull=False, star_count__lt=threshold) | Q(
            starboard_message_id__isnull=True, star_count__gte=threshold
        )
        return await self.find_all([{"guild_id": guild_id, "id": {"gt": after_id}}, wrong], "id", limit)

    async def forget_messages(self, guild_id: int, message_ids: Iterable[int]) -> list[StarboardMessage]:
        """Delete what is known of messages that are gone, and return it for the posts that go with them."""
        return await self._forget("original_message_id", guild_id, message_ids)

    async def forget_channel(self, guild_id: int, channel_id: int) -> list[StarboardMessage]:
        """Delete what is known of the messages of a channel that is gone, and return it."""
        return await self._forget("original_channel_id", guild_id, [channel_id])

    async def forget_posts(self, guild_id: int, post_ids: Iterable[int]) -> int:
        """Note that posts are gone; their messages come again with the next star. Returns how many there were."""
        return await self.update_where(
            {"guild_id": guild_id, "starboard_message_id": {"in": list(post_ids)}}, _WITHOUT_POST
        )

    async def forget_board_channel(self, guild_id: int, channel_id: int) -> int:
        """Note that all posts in a channel are gone with it; returns how many there were."""
        return await self.update_where({"guild_id": guild_id, "starboard_channel_id": channel_id}, _WITHOUT_POST)

    async def _forget(self, column: str, guild_id: int, ids: Iterable[int]) -> list[StarboardMessage]:
        return await self.rows(_FORGET.format(column=column, returning=self.columns()), guild_id, list(ids))
