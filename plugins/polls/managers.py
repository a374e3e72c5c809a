"""Polls: started by whoever may, voted on, counted, closed."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, Required, TypedDict, Unpack

from plugins.moderation.managers import CaseManager
from plugins.moderation.models import CaseType
from plugins.polls.errors import InvalidPoll, PollBanned
from plugins.polls.models import MAX_OPTIONS, MIN_OPTIONS, Poll, PollOption, PollVote
from tux.clock import now
from tux.manager import Manager
from tux.manager.table import table_of
from tux.manager.writing import new_row

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

# The guild's row where it is missing, the poll and its options. Constraints are checked when all of them are there.
_CREATE = """
WITH guild AS (
    INSERT INTO guild_guilds (guild_id) VALUES ($1) ON CONFLICT DO NOTHING
), poll AS (
    INSERT INTO polls_polls (guild_id, {columns}) VALUES ($1, {values}) RETURNING {returning}
), choice AS (
    INSERT INTO polls_options (poll_id, position, text)
    SELECT poll.id, given.position, given.text
    FROM poll, unnest($2::text[]) WITH ORDINALITY AS given (text, position)
)
SELECT {returning} FROM poll
"""

_RESULTS = """
SELECT choice.position, choice.text, count(vote.id) AS votes
FROM polls_options AS choice LEFT JOIN polls_votes AS vote ON vote.option_id = choice.id
WHERE choice.poll_id = $1
GROUP BY choice.id ORDER BY choice.position
"""

# Other processes skip the polls that this one is closing.
_CLOSE_DUE = """
UPDATE polls_polls SET closed_at = $1, updated_at = $1
WHERE id IN (
    SELECT id FROM polls_polls WHERE closed_at IS NULL AND ends_at <= $1
    ORDER BY ends_at LIMIT $2 FOR UPDATE SKIP LOCKED
)
RETURNING {returning}
"""

# FOR SHARE makes a vote and the closing of its poll wait for each other; votes do not wait for votes of others. A vote
# that was taken back keeps its row, so that of two clicks at once the second sees the first and takes it back.
_VOTE = """
INSERT INTO polls_votes AS mine (poll_id, option_id, user_id, created_at, updated_at)
SELECT poll.id, choice.id, $3, $4, $4
FROM polls_polls AS poll JOIN polls_options AS choice ON choice.poll_id = poll.id
WHERE poll.id = $1 AND choice.position = $2 AND poll.closed_at IS NULL AND (poll.ends_at IS NULL OR poll.ends_at > $4)
FOR SHARE OF poll
ON CONFLICT (poll_id, user_id) DO UPDATE SET
    option_id = CASE WHEN mine.option_id = EXCLUDED.option_id THEN NULL ELSE EXCLUDED.option_id END,
    updated_at = EXCLUDED.updated_at
RETURNING {returning}
"""


class NewPoll(TypedDict, total=False):
    """What a new poll is made of; without `ends_at` it is open until somebody closes it."""

    guild_id: Required[int]
    channel_id: Required[int]
    author_id: Required[int]
    question: Required[str]
    ends_at: datetime | None


class OptionResult(NamedTuple):
    """An option, in its place from 1, and how many members chose it."""

    position: int
    text: str
    votes: int


class PollManager(Manager[Poll], name="poll"):
    """The polls of all guilds."""

    async def create_poll(self, *, options: Sequence[str], **values: Unpack[NewPoll]) -> Poll:
        """Start a poll with its options, in two statements: the first asks moderation for a poll ban.

        Raises:
            PollBanned: the author may not start polls; nothing is stored.
            InvalidPoll: not two to ten different options.
            InvalidValue: a question or an option that is blank or too long.
        """
        texts = _checked_options(options)
        row = new_row(self.table, values, check=self.check)
        if await self.is_poll_banned(guild_id=values["guild_id"], user_id=values["author_id"]):
            raise PollBanned("You may not start polls in this server; ask a moderator why.")
        guild_id = row.pop("guild_id")
        fields = [self.table.fields[name] for name in row]
        sql = _CREATE.format(
            columns=", ".join(field.column for field in fields),
            values=", ".join(f"${number}::{field.sql_type}" for number, field in enumerate(fields, start=3)),
            returning=self.columns(),
        )
        return (await self.rows(sql, guild_id, texts, *row.values()))[0]

    async def is_poll_banned(self, *, guild_id: int, user_id: int) -> bool:
        """Say whether the newest of a member's poll bans and their liftings is a ban."""
        return await self.db[CaseManager].is_user_under_restriction(
            guild_id=guild_id,
            user_id=user_id,
            active_restriction_type=CaseType.POLLBAN,
            inactive_restriction_type=CaseType.POLLUNBAN,
        )

    async def get_poll_by_message(self, message_id: int) -> Poll | None:
        """Return the poll that a message shows, or None."""
        return await self.find_one({"message_id": message_id})

    async def get_results(self, poll_id: int) -> list[OptionResult]:
        """Return the options of a poll in their order, each with its votes; nothing for an unknown poll."""
        found = await self.db.service.fetch(_RESULTS, poll_id)
        return [OptionResult(row["position"], row["text"], row["votes"]) for row in found]

    async def close_poll(self, poll_id: int) -> bool:
        """Take no more votes; True for the one caller who closed it."""
        return await self.update_where({"id": poll_id, "closed_at": None}, {"closed_at": now()}) > 0

    async def close_due_polls(self, limit: int = 100) -> list[Poll]:
        """Close polls of all guilds that are over, and return them; no other process gets the same ones."""
        return await self.rows(_CLOSE_DUE.format(returning=self.columns()), now(), limit)


class PollVoteManager(Manager[PollVote], name="poll_vote"):
    """The votes of members, at most one each."""

    async def vote(self, *, poll_id: int, user_id: int, position: int) -> PollVote | None:
        """Choose an option by its place from 1: instead of another one, or take the vote back if it was this one.

        The answer has no option when the vote was taken back; None when the poll is over or has no such option.
        """
        return await self.row(_VOTE.format(returning=self.columns("mine")), poll_id, position, user_id, now())


def _checked_options(options: Sequence[str]) -> list[str]:
    codec = table_of(PollOption).field("text").codec
    texts = [str(codec.write(text)) for text in options]
    if not MIN_OPTIONS <= len(texts) <= MAX_OPTIONS:
        raise InvalidPoll(
            f"A poll has {MIN_OPTIONS} to {MAX_OPTIONS} options, not {len(texts)}. Write them as `pizza | pasta`."
        )
    if len({text.casefold() for text in texts}) < len(texts):
        raise InvalidPoll("Two options of the poll are the same; change one.")
    return texts
