"""Tables of the permissions plugin: ranks, who has them, and what commands ask for."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Any, ClassVar

from tortoise import fields
from tortoise.validators import MaxValueValidator, MinValueValidator

from tux.models import Check, Ddl, Index, Model, TimestampedModel, guild_key, text_column, user_column

if TYPE_CHECKING:
    from plugins.guild.models import Guild

MAX_RANK = 10
# A command's full name, such as "cases view": Discord allows three words of 32 characters.
MAX_COMMAND_LENGTH = 100


class PermissionLevel(StrEnum):
    """The eleven ranks by name, lowest first; a guild may call its ranks otherwise, but levels keep these names."""

    MEMBER = "MEMBER"
    TRUSTED = "TRUSTED"
    HELPER = "HELPER"
    MODERATOR = "MODERATOR"
    SENIOR_MODERATOR = "SENIOR_MODERATOR"
    HEAD_MODERATOR = "HEAD_MODERATOR"
    MANAGER = "MANAGER"
    ADMIN = "ADMIN"
    SENIOR_ADMIN = "SENIOR_ADMIN"
    CO_OWNER = "CO_OWNER"
    OWNER = "OWNER"

    @property
    def rank(self) -> int:
        """The number of the level, 0 to 10."""
        return list(PermissionLevel).index(self)


def _rank_field() -> Any:
    return fields.SmallIntField(validators=[MinValueValidator(0), MaxValueValidator(MAX_RANK)])


class PermissionRank(TimestampedModel):
    """What a guild calls one of the eleven ranks."""

    id: int = fields.BigIntField(primary_key=True)
    guild: fields.ForeignKeyRelation[Guild] = guild_key(related_name="permission_ranks")
    guild_id: int
    rank: int = _rank_field()
    name: str = text_column(max_length=100)
    description = fields.CharField(max_length=500, null=True)

    class Meta(Model.Meta):
        """Where the rows are."""

        table = "permissions_ranks"
        unique_together = (("guild_id", "rank"),)

    ddl: ClassVar[tuple[Ddl, ...]] = (
        Check(f"rank BETWEEN 0 AND {MAX_RANK}", name="permissions_ranks_rank_check"),
        Index("guild_id", "lower(name)", unique=True, name="permissions_ranks_name_key"),
    )


class PermissionAssignment(TimestampedModel):
    """The rank that the members with a role have; a role has one, a rank may have many roles."""

    id: int = fields.BigIntField(primary_key=True)
    guild: fields.ForeignKeyRelation[Guild] = guild_key(related_name="permission_assignments")
    guild_id: int
    role_id: int = fields.BigIntField()
    rank: int = _rank_field()

    class Meta(Model.Meta):
        """Where the rows are."""

        table = "permissions_assignments"
        unique_together = (("guild_id", "role_id"),)

    ddl: ClassVar[tuple[Ddl, ...]] = (
        Check(f"rank BETWEEN 0 AND {MAX_RANK}", name="permissions_assignments_rank_check"),
    )


class PermissionCommand(TimestampedModel):
    """The rank that a guild asks for a command and its subcommands, instead of the command's own."""

    id: int = fields.BigIntField(primary_key=True)
    guild: fields.ForeignKeyRelation[Guild] = guild_key(related_name="permission_commands")
    guild_id: int
    command_name: str = text_column(max_length=MAX_COMMAND_LENGTH)
    required_rank: int = _rank_field()

    class Meta(Model.Meta):
        """Where the rows are."""

        table = "permissions_commands"
        unique_together = (("guild_id", "command_name"),)

    ddl: ClassVar[tuple[Ddl, ...]] = (
        Check(f"required_rank BETWEEN 0 AND {MAX_RANK}", name="permissions_commands_rank_check"),
    )


class GuildPermission(TimestampedModel):
    """The level that one member of a guild has, whatever the roles."""

    id: int = fields.BigIntField(primary_key=True)
    guild: fields.ForeignKeyRelation[Guild] = guild_key(related_name="permissions")
    guild_id: int
    user_id: int = user_column(forget="delete")
    permission_level = fields.CharEnumField(
        PermissionLevel, max_length=20, description="", default=PermissionLevel.MEMBER
    )

    class Meta(Model.Meta):
        """Where the rows are."""

        table = "permissions_members"
        unique_together = (("guild_id", "user_id"),)
