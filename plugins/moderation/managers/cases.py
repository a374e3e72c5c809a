"""Cases: created with a number, and asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Required, TypedDict

from plugins.moderation.errors import UnknownCaseType, WrongCaseCall
from plugins.moderation.kinds import KINDS, CaseKind, find_kinds
from plugins.moderation.managers.choices import CaseKindManager
from plugins.moderation.managers.numbering import insert_cases
from plugins.moderation.models import Case, CaseType
from tux.clock import now
from tux.manager import Manager
from tux.manager.grouping import in_group
from tux.manager.writing import new_row
from tux.models.meta import from_row

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from tux.manager import Identity

MAX_NUMBER = 2**31 - 1

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
    case_pending: bool
    case_claimed_until: datetime | None


class CheckedCases(Manager[Case]):
    """How cases are written: with a number, and only of types that a plugin has or their guild.

    A filter for another type matches nothing. The guild's own types are asked for in a statement before, and kept in memory.
    """

    async def create(self, **values: object) -> Case:
        """Number and store a case, as `create_case` does; any column but the number may be given.

        Raises:
            UnknownCaseType: neither a plugin nor the guild has that type; nothing is stored.
        """
        if "case_number" in values:
            raise WrongCaseCall("case_number is given out by the database; leave it out")
        known = await self._is_guilds_own(values.get("case_type"), values.get("guild_id"))
        row = new_row(self.table, {**values, "case_number": 0}, check=self._check_own if known else self.check)
        del row["case_number"]
        return from_row(Case, await in_group(insert_cases, row, line=tuple(row)))

    async def update_by_id(self, identity: Identity, /, **values: object) -> Case | None:
        """Change a case and return it as it is now; None when there is none.

        Raises:
            WrongCaseCall: its number or its guild, which would leave a gap.
        """
        if kept := {"case_number", "guild_id", "guild"} & values.keys():
            raise WrongCaseCall(f"a case keeps its number and its guild; leave {kept.pop()} out")
        return await super().update_by_id(identity, **values)

    def check(self, values: Mapping[str, object]) -> None:
        """Refuse a type that no plugin has; `create` also takes those of the guild.

        Raises:
            UnknownCaseType: it is none; nothing is written.
        """
        if "case_type" not in values or (name := str(values["case_type"])) in KINDS:
            return
        if name not in (kinds := self.kinds()):
            raise UnknownCaseType(
                f"no plugin has a case type {values['case_type']!r}; there are {', '.join(kinds)}", column="case_type"
            )

    def _check_own(self, values: Mapping[str, object]) -> None:
        """Check a row whose type is the guild's own: everything but that."""
        self.check({name: value for name, value in values.items() if name != "case_type"})

    def kinds(self) -> dict[str, CaseKind]:
        """Return every type of case that the plugins have, by name."""
        return find_kinds(record.plugin for record in self.db.registry.records.values())

    async def kinds_in(self, guild_id: int) -> dict[str, CaseKind]:
        """Return every type of case that can be written in a guild, by name: those of the plugins win over its own."""
        return {**await self.db[CaseKindManager].guild_kinds(guild_id), **self.kinds()}

    async def _is_guilds_own(self, name: object, guild_id: object) -> bool:
        if not isinstance(name, str) or not isinstance(guild_id, int) or name in KINDS or str(name) in self.kinds():
            return False
        return str(name) in await self.db[CaseKindManager].guild_kinds(guild_id)


class CaseQueries(Manager[Case]):
    """Questions about cases. Lists are ordered newest first, by case number, unless they say otherwise."""

    async def get_case_by_number(self, case_number: int, guild_id: int) -> Case | None:
        """Return a guild's case by its number, or None."""
        check_number(case_number, "get_case_by_number(case_number, guild_id)")
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
        """Say whether a restriction holds: the newest case of the two types is the active one, stands and is not over."""
        latest = await self.find_one(
            {
                "guild_id": guild_id,
                "case_user_id": user_id,
                "case_type": {"in": [str(active_restriction_type), str(inactive_restriction_type)]},
                "case_voided_at": {"isnull": True},
            },
            "-case_number",
        )
        if latest is None or not latest.case_status or latest.case_type != active_restriction_type:
            return False
        return latest.case_expires_at is None or latest.case_expires_at > now()

    async def get_expired_tempbans(self) -> list[Case]:
        """Return the temporary bans of all guilds that are over and not yet lifted, the longest overdue first."""
        return await self.find_all(
            {
                "case_type": CaseType.TEMPBAN.value,
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


def case_filters(guild_id: int, options: Mapping[str, object]) -> dict[str, object]:
    """Translate the options of `get_cases_by_options` into filters.

    Raises:
        WrongCaseCall: an option of another name.
    """
    if unknown := sorted(options.keys() - _OPTIONS.keys()):
        raise WrongCaseCall(f"cases have no option {unknown[0]!r}; there are {', '.join(_OPTIONS)}")
    chosen = {_OPTIONS[name]: value for name, value in options.items() if value is not None}
    return {"guild_id": guild_id, **chosen}


def check_number(case_number: int, call: str) -> None:
    """Refuse what can only be an id in the place of a number.

    Raises:
        WrongCaseCall: says the order of the call.
    """
    if isinstance(case_number, int) and case_number > MAX_NUMBER:  # pyright: ignore[reportUnnecessaryIsInstance] - callers are not all checked
        raise WrongCaseCall(f"{case_number} is no case number; the order is {call}")
