"""What becomes of a case: begun, confirmed or voided, changed, ended. The audit log is told in the same transaction."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, NamedTuple, TypedDict, Unpack

from tortoise.expressions import Q

from plugins.moderation.errors import CaseCannotChange
from plugins.moderation.managers.cases import CaseQueries, CheckedCases, NewCase, check_number
from plugins.moderation.models import Case
from tux.clock import now
from tux.core.witness import note_change
from tux.database.engine import active_client
from tux.models.meta import from_row

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

# How long a process may be at work on a case before another one takes it for dead and looks itself.
LEASE = timedelta(minutes=2)

# A case that was voided because nobody came back in time stands again when the action did happen. Whoever slipped out of
# jail without their roles, by leaving the server, gets those back that the jail before took.
_CONFIRM = """
WITH closed AS (
    UPDATE moderation_cases SET case_status = FALSE, case_processed = TRUE
    WHERE guild_id = $2 AND case_user_id = $3 AND case_type = ANY($4::text[])
        AND (case_status OR NOT case_processed) AND NOT case_pending AND case_id <> $1
    RETURNING {returning}
), confirmed AS (
    UPDATE moderation_cases SET case_pending = FALSE, case_claimed_until = NULL,
        mod_log_message_id = COALESCE($5, mod_log_message_id),
        case_user_roles = CASE WHEN case_user_roles = '[]' THEN COALESCE((
            SELECT before.case_user_roles FROM closed AS before
            WHERE before.case_type = moderation_cases.case_type ORDER BY before.case_number DESC LIMIT 1
        ), '[]') ELSE case_user_roles END,
        case_status = case_status OR (case_voided_at IS NOT NULL AND case_voided_by IS NULL),
        case_processed = case_processed AND NOT (case_voided_at IS NOT NULL AND case_voided_by IS NULL),
        case_void_reason = CASE WHEN case_voided_by IS NULL THEN NULL ELSE case_void_reason END,
        case_voided_at = CASE WHEN case_voided_by IS NULL THEN NULL ELSE case_voided_at END
    WHERE case_id = $1 AND (case_pending OR case_voided_by IS NULL)
    RETURNING {returning}
)
SELECT * FROM confirmed UNION ALL SELECT * FROM closed
"""

# What a moderator voids did happen, so its end is still to come; what the bot voids never did, and cannot stand again.
_VOID = """
UPDATE moderation_cases
SET case_status = FALSE, case_pending = FALSE, case_claimed_until = NULL,
    case_processed = case_processed OR $3::bigint IS NULL,
    case_voided_at = $1, case_void_reason = $2, case_voided_by = $3
WHERE {which} AND case_voided_at IS NULL
RETURNING {returning}
"""

_REOPEN = """
UPDATE moderation_cases
SET case_status = TRUE, case_voided_at = NULL, case_void_reason = NULL, case_voided_by = NULL
WHERE guild_id = $1 AND case_number = $2 AND NOT case_status
    AND NOT (case_processed AND case_voided_at IS NOT NULL AND case_voided_by IS NULL)
RETURNING {returning}
"""

_CHANGE = """
WITH old AS (
    SELECT case_id, case_reason, case_status FROM moderation_cases
    WHERE guild_id = $1 AND case_number = $2 FOR UPDATE
)
UPDATE moderation_cases AS c SET case_reason = COALESCE($3, c.case_reason), case_status = COALESCE($4, c.case_status)
FROM old WHERE c.case_id = old.case_id
RETURNING {returning}, old.case_reason AS old_reason, old.case_status AS old_status
"""

_END = """
UPDATE moderation_cases SET case_status = FALSE, case_processed = TRUE, case_claimed_until = NULL
WHERE case_id = $1 AND NOT case_processed
RETURNING {returning}
"""

# Rows that another process looks at are passed over; what nobody has confirmed yet has not begun, so it cannot end.
# A case that a moderator closed or voided ends on its day all the same: Discord still holds what it began.
_CLAIM_DUE = """
UPDATE moderation_cases SET case_claimed_until = $2
WHERE case_id IN (
    SELECT case_id FROM moderation_cases
    WHERE NOT case_processed AND case_expires_at <= $1 AND NOT case_pending
        AND (case_claimed_until IS NULL OR case_claimed_until <= $1) AND guild_id = ANY($3::bigint[])
    ORDER BY case_expires_at LIMIT $4 FOR UPDATE SKIP LOCKED
)
RETURNING {returning}
"""

_CLAIM_PENDING = """
UPDATE moderation_cases SET case_claimed_until = $2
WHERE case_id IN (
    SELECT case_id FROM moderation_cases
    WHERE case_pending AND case_claimed_until <= $1 AND guild_id = ANY($3::bigint[])
    ORDER BY case_claimed_until LIMIT $4 FOR UPDATE SKIP LOCKED
)
RETURNING {returning}
"""


class Confirmed(NamedTuple):
    """A case whose action happened, and the older ones that it closed."""

    case: Case | None
    closed: list[Case]


class States(TypedDict, total=False):
    """How it was and how it is, for the audit log."""

    before: Mapping[str, object] | None
    after: Mapping[str, object] | None
    reason: str | None


class CaseLifecycle(CaseQueries, CheckedCases):
    """Each call that a moderator's decision stands behind is noted in the audit log, when there is one.

    It takes six statements: a transaction, and a savepoint for the entry in the audit log.
    """

    async def begin_case(self, *, pending: bool, **values: Unpack[NewCase]) -> Case:
        """Number and store a case; a `pending` one counts as carried out only once `confirm_case` was called.

        Raises:
            UnknownCaseType: neither a plugin nor the guild has that type; nothing is stored.
        """
        if pending:
            values["case_pending"], values["case_claimed_until"] = True, now() + LEASE
        async with self.with_session():
            case = await self.create(**values)
            await self._note("case.create", case, after=_facts(case))
        return case

    async def confirm_case(self, case: Case, *, ends: Sequence[str] = (), message_id: int | None = None) -> Confirmed:
        """Note that a case's action happened, and close the user's other cases of the types in `ends`."""
        sql = _CONFIRM.format(returning=self.columns())
        rows = await self.rows(sql, case.case_id, case.guild_id, case.case_user_id, list(ends), message_id)
        confirmed = next((row for row in rows if row.case_id == case.case_id), None)
        return Confirmed(confirmed, [row for row in rows if row.case_id != case.case_id])

    async def void(self, case_id: int, reason: str, *, voided_by: int | None = None) -> Case | None:
        """Declare that a case does not count; it stays, with the reason. None when there is none or it was voided.

        Without `voided_by` the action never happened, so nothing is left to end.

        Raises:
            CaseCannotChange: it is about whoever wants that.
        """
        return await self._void("case_id = $4", (case_id,), reason, voided_by)

    async def void_by_number(self, guild_id: int, case_number: int, reason: str, *, voided_by: int) -> Case | None:
        """Do the same with the case of that number, which did happen.

        Raises:
            CaseCannotChange: it is about whoever wants that.
        """
        check_number(case_number, "void_by_number(guild_id, case_number, reason)")
        return await self._void("guild_id = $4 AND case_number = $5", (guild_id, case_number), reason, voided_by)

    async def change_case(
        self,
        guild_id: int,
        case_number: int,
        *,
        actor_id: int,
        reason: str | None = None,
        active: bool | None = None,
    ) -> Case | None:
        """Change reason or status of a case, or both; None when the guild has no such case.

        Raises:
            CaseCannotChange: it is about the actor, or shall be active and was voided or is over.
        """
        check_number(case_number, "change_case(guild_id, case_number)")
        sql = _CHANGE.format(returning=self.columns("c"))
        async with self.with_session():
            row = await active_client().fetch_row(sql, (guild_id, case_number, reason, active))
            if row is None:
                return None
            case = from_row(Case, row)
            _check_actor(case, actor_id)
            if active and case.case_voided_at is not None:
                raise CaseCannotChange(
                    f"Case #{case_number} was voided. `/cases reopen {case_number}` lets it count again."
                )
            if active:
                _check_time(case)
            before = {"reason": row["old_reason"], "active": row["old_status"]}
            await self._note("case.modify", case, actor_id, before=before, after=_facts(case))
        return case

    async def reopen_case(self, guild_id: int, case_number: int, *, actor_id: int) -> Case | None:
        """Let a closed or voided case stand again; None when the guild has none, it stands, or it never happened.

        Raises:
            CaseCannotChange: it is about the actor, or is over.
        """
        check_number(case_number, "reopen_case(guild_id, case_number)")
        async with self.with_session():
            case = await self.row(_REOPEN.format(returning=self.columns()), guild_id, case_number)
            if case is not None:
                _check_actor(case, actor_id)
                _check_time(case)
                await self._note("case.reopen", case, actor_id)
        return case

    async def find_jailed(self, guild_id: int, user_ids: Sequence[int]) -> dict[int, Case]:
        """Return the newest case by which each of these users came into jail, by user; one that was closed may hold them still."""
        whom = {"guild_id": guild_id, "case_user_id": {"in": list(user_ids)}}
        not_over = {"case_type": "JAIL", "case_processed": False, "case_pending": False}
        return {case.case_user_id: case for case in await self.find_all({**whom, **not_over}, "case_number")}

    async def list_jailing(self, guild_ids: Sequence[int], user_id: int | None = None) -> list[Case]:
        """Return the cases that keep members of some guilds in jail now, or one user, in the order of their numbers."""
        stands = {"case_type": "JAIL", "case_status": True, "case_processed": False, "case_pending": False}
        whom = {"guild_id": {"in": list(guild_ids)}, **({} if user_id is None else {"case_user_id": user_id})}
        in_time = Q(case_expires_at__isnull=True) | Q(case_expires_at__gt=now())
        return await self.find_all([{**whom, **stands}, in_time], "case_number")

    async def end_case(self, case_id: int) -> Case | None:
        """Note that a temporary case is over; None when that was done before, so that only one caller ends it."""
        return await self.row(_END.format(returning=self.columns()), case_id)

    async def claim_due(self, guild_ids: Sequence[int], *, limit: int) -> list[Case]:
        """Take the cases of these guilds that are over, for `LEASE`; no other process gets them meanwhile."""
        return await self._claim(_CLAIM_DUE, guild_ids, limit)

    async def claim_pending(self, guild_ids: Sequence[int], *, limit: int) -> list[Case]:
        """Take the cases of these guilds that a process left without a word of whether they happened."""
        return await self._claim(_CLAIM_PENDING, guild_ids, limit)

    async def _claim(self, sql: str, guild_ids: Sequence[int], limit: int) -> list[Case]:
        moment = now()
        return await self.rows(sql.format(returning=self.columns()), moment, moment + LEASE, list(guild_ids), limit)

    async def _void(self, which: str, keys: tuple[int, ...], reason: str, voided_by: int | None) -> Case | None:
        sql = _VOID.format(which=which, returning=self.columns())
        async with self.with_session():
            case = await self.row(sql, now(), reason, voided_by, *keys)
            if case is not None:
                _check_actor(case, voided_by)
                await self._note("case.void", case, voided_by, reason=reason)
        return case

    async def _note(self, action: str, case: Case, actor_id: int | None = None, **states: Unpack[States]) -> None:
        number = {"case": case.case_number}
        before, after = states.get("before"), states.get("after")
        await note_change(
            self.db,
            action,
            guild_id=case.guild_id,
            actor_id=actor_id or case.case_moderator_id,
            target_id=case.case_user_id,
            before={**number, **before} if before else None,
            after={**number, **(after or {})},
            reason=states.get("reason"),
        )


def _check_actor(case: Case, actor_id: int | None) -> None:
    if case.case_user_id == actor_id:
        raise CaseCannotChange(f"Case #{case.case_number} is about you, so another moderator has to change it.")


def _check_time(case: Case) -> None:
    """Refuse to let a temporary case stand whose time has passed, or that was lifted before: nothing would end it again."""
    if case.case_expires_at is not None and (case.case_processed or case.case_expires_at <= now()):
        raise CaseCannotChange(f"Case #{case.case_number} is over, so it cannot stand again. Make a new one.")


def _facts(case: Case) -> dict[str, object]:
    facts: dict[str, object] = {"type": case.case_type, "reason": case.case_reason, "active": case.case_status}
    if case.case_expires_at is not None:
        facts["until"] = case.case_expires_at.isoformat()
    return facts
