"""Cases: created with a number, listed, changed, voided."""

from __future__ import annotations

from typing import TYPE_CHECKING, Required, TypedDict, Unpack

from plugins.moderation.errors import UnknownCaseType, WrongCaseCall
from plugins.moderation.kinds import CaseKind, find_kinds
from plugins.moderation.models import Case, CaseType
from tux.clock import now
from tux.manager import Manager
from tux.manager.writing import new_row

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

MAX_NUMBER = 2**31 - 1

# One statement makes the guild's row when it is missing, takes the next number and inserts the case. Every caller locks
# guild, then counter, so two of them wait for each other instead of deadlocking; a rollback gives the number back.
# GREATEST heals a counter that is behind rows which were brought in with numbers of their own.
_CREATE = """
WITH guild AS (
    INSERT INTO guild_guilds (guild_id, case_count) VALUES ($1, 1)
    ON CONFLICT (guild_id) DO UPDATE SET case_count = guild_guilds.case_count + 1
    RETURNING guild_id
), counter AS (
    INSERT INTO moderation_case_counters AS taken (guild_id, last_number)
    SELECT guild_id, 1 + COALESCE((SELECT max(case_number) FROM moderation_cases WHERE guild_id = $1), 0) FROM guild
    ON CONFLICT (guild_id) DO UPDATE SET last_number = GREATEST(taken.last_number + 1, EXCLUDED.last_number)
    RETURNING last_number
)
INSERT INTO moderation_cases (guild_id, case_number, {columns})
SELECT $1, last_number, {values} FROM counter
RETURNING {returning}
"""

_VOID = """
UPDATE moderation_cases
SET case_status = FALSE, case_voided_at = $2, case_void_reason = $3, case_voided_by = $4
WHERE case_id = $1 AND case_voided_at IS NULL
RETURNING {returning}
"""

_END_TEMPBAN = """
UPDATE moderation_cases SET case_status = FALSE, case_processed = TRUE
WHERE case_id = $1 AND NOT case_processed
RETURNING {returning}
"""

_OPTIONS = {
    "user_id": "case_user_id",
    "moderator_id": "case_moderator_id",
    "case_type": "case_type",
    "status": "case_status",
}


class NewCase(TypedDict, total=False):
    """What a new case is made of."""

    case_type: Required[str]
    case_user_id: Required[int]
    case_moderator_id: Required[int]
    guild_id: Required[int]
    case_reason: str | None
    case_status: bool
    case_expires_at: datetime | None
    case_metadata: Mapping[str, object] | None
    case_user_roles: Sequence[int]


class CheckedCases(Manager[Case]):
    """How cases are written: with a number, and only of types that a plugin has; a filter for another matches nothing."""

    async def create(self, **values: object) -> Case:
        """Number and store a case, as `create_case` does; any column but the number may be given.

        Raises:
            UnknownCaseType: no plugin has that type; nothing is stored.
        """
        if "case_number" in values:
            raise WrongCaseCall("case_number is given out by the database; leave it out")
        row = new_row(self.table, {**values, "case_number": 0}, check=self.check)
        del row["case_number"]
        guild_id = row.pop("guild_id")
        fields = [self.table.fields[name] for name in row]
        shape = ("create_case", *row)
        sql = self.table.texts.find(shape) or self.table.texts.keep(
            shape,
            _CREATE.format(
                columns=", ".join(field.column for field in fields),
                values=", ".join(f"${number}::{field.sql_type}" for number, field in enumerate(fields, start=2)),
                returning=self.columns(),
            ),
        )
        return (await self.rows(sql, guild_id, *row.values()))[0]

    def check(self, values: Mapping[str, object]) -> None:
        """Refuse a type that no plugin has.

        Raises:
            UnknownCaseType: it is none; nothing is written.
        """
        if "case_type" in values and str(values["case_type"]) not in (kinds := self.kinds()):
            raise UnknownCaseType(
                f"no plugin has a case type {values['case_type']!r}; there are {', '.join(kinds)}", column="case_type"
            )

    def kinds(self) -> dict[str, CaseKind]:
        """Return every type of case that can be written, by name."""
        return find_kinds(record.plugin for record in self.db.registry.records.values())


class CaseQueries(Manager[Case]):
    """Questions about cases. Lists are ordered newest first, by case number, unless they say otherwise."""

    async def get_case_by_number(self, case_number: int, guild_id: int) -> Case | None:
        """Return a guild's case by its number, or None."""
        _check_number(case_number, "get_case_by_number(case_number, guild_id)")
        return await self.get_by_id((guild_id, case_number))

    async def get_cases_by_user(self, user_id: int, guild_id: int) -> list[Case]:
        """Return all cases about a user."""
        return await self.get_cases_by_options(guild_id, {"user_id": user_id})

    async def get_active_cases_by_user(self, user_id: int, guild_id: int) -> list[Case]:
        """Return the cases about a user that still stand."""
        return await self.get_cases_by_options(guild_id, {"user_id": user_id, "status": True})

    async def get_latest_case_by_user(self, user_id: int, guild_id: int) -> Case | None:
        """Return the newest case about a user, or None."""
        return await self.find_one({"guild_id": guild_id, "case_user_id": user_id}, "-case_number")

    async def get_recent_cases(self, guild_id: int, limit: int = 10) -> list[Case]:
        """Return the newest cases of a guild."""
        return await self.get_cases_by_guild(guild_id, limit)

    async def get_cases_by_type(self, guild_id: int, case_type: str) -> list[Case]:
        """Return a guild's cases of a type; a type that nobody has matches nothing."""
        return await self.get_cases_by_options(guild_id, {"case_type": case_type})

    async def get_cases_by_moderator(self, moderator_id: int, guild_id: int) -> list[Case]:
        """Return the cases that a moderator made."""
        return await self.get_cases_by_options(guild_id, {"moderator_id": moderator_id})

    async def get_cases_by_guild(self, guild_id: int, limit: int | None = None) -> list[Case]:
        """Return the cases of a guild."""
        return await self.find_all({"guild_id": guild_id}, "-case_number", limit)

    async def get_cases_by_options(self, guild_id: int, options: Mapping[str, object]) -> list[Case]:
        """Return a guild's cases by user_id, moderator_id, case_type and status; one that is None does not count.

        Raises:
            WrongCaseCall: an option of another name.
        """
        return await self.find_all(case_filters(guild_id, options), "-case_number")

    async def is_user_under_restriction(
        self, *, guild_id: int, user_id: int, active_restriction_type: str, inactive_restriction_type: str
    ) -> bool:
        """Say whether a restriction holds: the newest case of the two types is the active one, and still stands."""
        latest = await self.find_one(
            {
                "guild_id": guild_id,
                "case_user_id": user_id,
                "case_type": {"in": [str(active_restriction_type), str(inactive_restriction_type)]},
                "case_voided_at": {"isnull": True},
            },
            "-case_number",
        )
        return latest is not None and latest.case_status and latest.case_type == active_restriction_type

    async def get_expired_tempbans(self) -> list[Case]:
        """Return the temporary bans of all guilds that are over and not yet lifted, the longest overdue first."""
        return await self.find_all(
            {
                "case_type": CaseType.TEMPBAN.value,
                "case_status": True,
                "case_processed": False,
                "case_expires_at": {"lte": now()},
            },
            "case_expires_at",
        )

    async def get_case_count_by_guild(self, guild_id: int) -> int:
        """Count the cases of a guild."""
        return await self.count({"guild_id": guild_id})

    async def get_case_count_by_user(self, user_id: int, guild_id: int) -> int:
        """Count the cases about a user in a guild."""
        return await self.count({"guild_id": guild_id, "case_user_id": user_id})


class CaseManager(CaseQueries, CheckedCases, name="case"):
    """The cases of all guilds."""

    async def create_case(self, **values: Unpack[NewCase]) -> Case:
        """Number and store a case, in one statement; numbers of a guild start at 1 and have no gaps.

        Raises:
            UnknownCaseType: no plugin has that type; nothing is stored.
        """
        return await self.create(**values)

    insert_case = create_case

    async def update_case(self, case_id: int, **values: object) -> Case | None:
        """Change a case; None when there is none."""
        return await self.update_by_id(case_id, **values)

    async def update_case_by_number(self, guild_id: int, case_number: int, **values: object) -> Case | None:
        """Change the case of that number; None when there is none."""
        _check_number(case_number, "update_case_by_number(guild_id, case_number)")
        return await self.update_by_id((guild_id, case_number), **values)

    async def close_case(self, case_id: int) -> Case | None:
        """Let a case no longer stand; None when there is none."""
        return await self.update_by_id(case_id, case_status=False)

    async def delete_case(self, case_id: int) -> bool:
        """Delete a case for good; its number is not given out again. `void` keeps the history."""
        return await self.delete_by_id(case_id)

    async def void(self, case_id: int, reason: str, *, voided_by: int | None = None) -> Case | None:
        """Declare that a case never took effect; it stays, with the reason. None when there is none or it was voided."""
        return await self.row(_VOID.format(returning=self.columns()), case_id, now(), reason, voided_by)

    async def set_tempban_expired(self, case_id: int) -> Case | None:
        """Mark a temporary ban as lifted; None when that was done before, so that only one caller lifts it."""
        return await self.row(_END_TEMPBAN.format(returning=self.columns()), case_id)

    async def update_mod_log_message_id(self, case_id: int, message_id: int | None) -> Case | None:
        """Remember the message of the mod-log that shows a case."""
        return await self.update_by_id(case_id, mod_log_message_id=message_id)


def case_filters(guild_id: int, options: Mapping[str, object]) -> dict[str, object]:
    """Translate the options of `get_cases_by_options` into filters.

    Raises:
        WrongCaseCall: an option of another name.
    """
    if unknown := sorted(options.keys() - _OPTIONS.keys()):
        raise WrongCaseCall(f"cases have no option {unknown[0]!r}; there are {', '.join(_OPTIONS)}")
    chosen = {_OPTIONS[name]: value for name, value in options.items() if value is not None}
    return {"guild_id": guild_id, **chosen}


def _check_number(case_number: int, call: str) -> None:
    if case_number > MAX_NUMBER:
        raise WrongCaseCall(f"{case_number} is no case number; the order is {call}")
