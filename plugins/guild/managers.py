"""Rows of guilds, and what their administrators chose."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any, NamedTuple

from plugins.guild.errors import UnknownConfigField
from plugins.guild.events import PrefixChanged
from plugins.guild.models import MAX_LEVEL, Guild, GuildConfig, GuildLevelRole, GuildMemberStatus
from tux.cache import Cache
from tux.clock import now
from tux.manager import Manager
from tux.models.meta import meta_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tux.manager import Identity

LOG_TYPES = ("mod", "audit", "join", "private", "report", "dev")

# Rows are taken in the order of their ids, so that two processes which start together cannot deadlock.
_SYNC = """
INSERT INTO guild_guilds (guild_id, guild_name, joined_at)
SELECT guild_id, guild_name, $3 FROM unnest($1::bigint[], $2::text[]) AS seen (guild_id, guild_name) ORDER BY guild_id
ON CONFLICT (guild_id) DO UPDATE SET guild_name = EXCLUDED.guild_name, left_at = NULL
WHERE guild_guilds.guild_name <> EXCLUDED.guild_name OR guild_guilds.left_at IS NOT NULL
"""


class JailConfig(NamedTuple):
    """Where a jailed member goes, and the role that keeps them there; None is not chosen."""

    jail_role_id: int | None
    jail_channel_id: int | None


class MainLogs(NamedTuple):
    """The two log channels that nearly every guild has; None is not chosen."""

    audit_log_id: int | None
    mod_log_id: int | None


class GuildManager(Manager[Guild], name="guild"):
    """The guilds that the bot is or was in."""

    async def get_or_create_guild(self, guild_id: int) -> Guild:
        """Return a guild's row, made when it is missing, in two statements then."""
        guild, _ = await self.get_or_create(guild_id=guild_id)
        return guild

    async def update_by_id(self, identity: Identity, /, **values: object) -> Guild:
        """Change a guild's row, made when it is missing."""
        guild, _ = await self.upsert({"guild_id": identity}, None, **values)
        return guild

    async def sync_guilds(self, names: Mapping[int, str]) -> None:
        """Make or correct the rows of all guilds that the bot is in, by id and name, in one statement."""
        if names:
            await self.db.service.execute(_SYNC, list(names.keys()), list(names.values()), now())

    async def mark_left(self, guild_id: int) -> Guild:
        """Note that the bot is no longer in a guild; its data stay until they are purged."""
        return await self.update_by_id(guild_id, left_at=now())

    async def update_user_status(self, guild_id: int, user_id: int, status: str) -> GuildMemberStatus:
        """Note what a guild calls the state of one of its members."""
        statuses: MemberStatusManager = self.db[MemberStatusManager]
        return await statuses.set_status(guild_id, user_id, status)


class MemberStatusManager(Manager[GuildMemberStatus], name="member_status"):
    """The states of members, in the guild's own words."""

    async def set_status(self, guild_id: int, user_id: int, status: str) -> GuildMemberStatus:
        """Store a member's status and when it changed."""
        row, _ = await self.upsert({"guild_id": guild_id, "user_id": user_id}, status=status, changed_at=now())
        return row


class LevelRoleManager(Manager[GuildLevelRole], name="level_role"):
    """Which role has which permission level, 0 to 10."""


class ConfigFields(Manager[GuildConfig]):
    """The calls that read or write one field of a guild's configuration; a read of no row answers None."""

    async def update_config(self, guild_id: int, **values: object) -> GuildConfig:
        """Change some fields of a guild's configuration, made when it is missing, in one statement.

        A new prefix is told to whoever handles `PrefixChanged`; the bot itself reads the snapshot, which follows every write.

        Raises:
            UnknownConfigField: a name that is no field; nothing is stored.
        """
        for name in values:
            _check_field(name)
        config, _ = await self.upsert({"guild_id": guild_id}, None, **values)
        if "prefix" in values:
            await self.db.emit(PrefixChanged(guild_id, config.prefix))
        return config

    async def get_config_field(self, guild_id: int, field: str, default: object = None) -> Any:
        """Return one field of a guild's configuration, or `default` when nobody has chosen it.

        Raises:
            UnknownConfigField: a name that is no field.
        """
        _check_field(field)
        config = await self.get_by_id(guild_id)
        value = getattr(config, field) if config else None
        return default if value is None else value

    async def get_mod_log_id(self, guild_id: int) -> int | None:
        """Return the channel of moderation cases."""
        return await self.get_log_channel(guild_id, "mod")

    async def update_mod_log_id(self, guild_id: int, channel_id: int | None) -> GuildConfig:
        """Choose the channel of moderation cases; None for none."""
        return await self.update_config(guild_id, mod_log_id=channel_id)

    async def get_audit_log_id(self, guild_id: int) -> int | None:
        """Return the channel of changes to the guild."""
        return await self.get_log_channel(guild_id, "audit")

    async def update_audit_log_id(self, guild_id: int, channel_id: int | None) -> GuildConfig:
        """Choose the channel of changes to the guild; None for none."""
        return await self.update_config(guild_id, audit_log_id=channel_id)

    async def get_join_log_id(self, guild_id: int) -> int | None:
        """Return the channel of joins and leaves."""
        return await self.get_log_channel(guild_id, "join")

    async def update_join_log_id(self, guild_id: int, channel_id: int | None) -> GuildConfig:
        """Choose the channel of joins and leaves; None for none."""
        return await self.update_config(guild_id, join_log_id=channel_id)

    async def get_private_log_id(self, guild_id: int) -> int | None:
        """Return the channel of what only the staff may see."""
        return await self.get_log_channel(guild_id, "private")

    async def update_private_log_id(self, guild_id: int, channel_id: int | None) -> GuildConfig:
        """Choose the channel of what only the staff may see; None for none."""
        return await self.update_config(guild_id, private_log_id=channel_id)

    async def get_report_log_id(self, guild_id: int) -> int | None:
        """Return the channel of members' reports."""
        return await self.get_log_channel(guild_id, "report")

    async def update_report_log_id(self, guild_id: int, channel_id: int | None) -> GuildConfig:
        """Choose the channel of members' reports; None for none."""
        return await self.update_config(guild_id, report_log_id=channel_id)

    async def get_dev_log_id(self, guild_id: int) -> int | None:
        """Return the channel of the bot's own troubles."""
        return await self.get_log_channel(guild_id, "dev")

    async def update_dev_log_id(self, guild_id: int, channel_id: int | None) -> GuildConfig:
        """Choose the channel of the bot's own troubles; None for none."""
        return await self.update_config(guild_id, dev_log_id=channel_id)

    async def get_log_channel(self, guild_id: int, log_type: str) -> int | None:
        """Return the channel of a log: mod, audit, join, private, report or dev.

        Raises:
            UnknownConfigField: there is no such log.
        """
        if log_type not in LOG_TYPES:
            raise UnknownConfigField(f"there is no log {log_type!r}; there are {', '.join(LOG_TYPES)}")
        channel_id: int | None = await self.get_config_field(guild_id, f"{log_type}_log_id")
        return channel_id

    async def get_jail_role_id(self, guild_id: int) -> int | None:
        """Return the role that keeps a jailed member in."""
        return (await self.get_jail_config(guild_id)).jail_role_id

    async def update_jail_role_id(self, guild_id: int, role_id: int | None) -> GuildConfig:
        """Choose the role that keeps a jailed member in; None for none."""
        return await self.update_config(guild_id, jail_role_id=role_id)

    async def get_jail_channel_id(self, guild_id: int) -> int | None:
        """Return the channel that jailed members see."""
        return (await self.get_jail_config(guild_id)).jail_channel_id

    async def update_jail_channel_id(self, guild_id: int, channel_id: int | None) -> GuildConfig:
        """Choose the channel that jailed members see; None for none."""
        return await self.update_config(guild_id, jail_channel_id=channel_id)

    async def get_jail_config(self, guild_id: int) -> JailConfig:
        """Return role and channel of the jail."""
        config = await self.get_by_id(guild_id)
        return JailConfig(config.jail_role_id, config.jail_channel_id) if config else JailConfig(None, None)


class GuildConfigManager(ConfigFields, name="guild_config", cache=Cache(max_rows=20_000, ttl=timedelta(minutes=30))):
    """The configuration of a guild: one row, made by the first write and kept in memory until the next."""

    async def get_config_by_guild_id(self, guild_id: int) -> GuildConfig | None:
        """Return a guild's configuration, or None when nobody has changed anything."""
        return await self.get_by_id(guild_id)

    async def get_or_create_config(self, guild_id: int, **defaults: object) -> GuildConfig:
        """Return a guild's configuration, made from `defaults` when it is missing, in two statements then."""
        config, _ = await self.get_or_create(defaults, guild_id=guild_id)
        return config

    async def get_log_channel_ids(self, guild_id: int) -> MainLogs:
        """Return the channels of the audit log and of the mod-log, in this order."""
        config = await self.get_by_id(guild_id)
        return MainLogs(config.audit_log_id, config.mod_log_id) if config else MainLogs(None, None)

    async def get_starboard_channel_id(self, guild_id: int) -> int | None:
        """Return the channel of the starboard."""
        channel_id: int | None = await self.get_config_field(guild_id, "starboard_channel_id")
        return channel_id

    async def update_starboard_channel_id(self, guild_id: int, channel_id: int | None) -> GuildConfig:
        """Choose the channel of the starboard; None for none."""
        return await self.update_config(guild_id, starboard_channel_id=channel_id)

    async def get_general_channel_id(self, guild_id: int) -> int | None:
        """Return the channel where members talk."""
        channel_id: int | None = await self.get_config_field(guild_id, "general_channel_id")
        return channel_id

    async def update_general_channel_id(self, guild_id: int, channel_id: int | None) -> GuildConfig:
        """Choose the channel where members talk; None for none."""
        return await self.update_config(guild_id, general_channel_id=channel_id)

    async def update_guild_prefix(self, guild_id: int, prefix: str) -> GuildConfig:
        """Choose the guild's own prefix."""
        return await self.update_config(guild_id, prefix=prefix)

    async def delete_guild_prefix(self, guild_id: int) -> GuildConfig:
        """Go back to the bot's default prefix."""
        return await self.update_config(guild_id, prefix=None)

    async def update_perm_level_role(self, guild_id: int, level: int, role_id: int | None) -> None:
        """Choose the role of a permission level, 0 to 10; None for none.

        Raises:
            UnknownConfigField: there is no such level.
        """
        _check_level(level)
        roles = self.db[LevelRoleManager]
        if role_id is None:
            await roles.delete_where({"guild_id": guild_id, "level": level})
        else:
            await roles.upsert({"guild_id": guild_id, "level": level}, role_id=role_id)

    async def get_perm_level_role(self, guild_id: int, level: int) -> int | None:
        """Return the role of a permission level, or None.

        Raises:
            UnknownConfigField: there is no such level.
        """
        _check_level(level)
        row = await self.db[LevelRoleManager].find_one({"guild_id": guild_id, "level": level})
        return row.role_id if row else None


def _check_field(name: str) -> None:
    known = meta_of(GuildConfig).db_fields - {"guild_id"}
    if name not in known:
        raise UnknownConfigField(f"a guild's configuration has no field {name!r}; it has {', '.join(sorted(known))}")


def _check_level(level: int) -> None:
    if not 0 <= level <= MAX_LEVEL:
        raise UnknownConfigField(f"there is no permission level {level}; levels are 0 to {MAX_LEVEL}")
