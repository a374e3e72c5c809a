"""How a guild's configuration looks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tux.ui import info

if TYPE_CHECKING:
    from collections.abc import Mapping

    import discord

    from plugins.guild.models import GuildConfig

_CHANNELS = {
    "mod_log_id": "Mod log",
    "audit_log_id": "Audit log",
    "join_log_id": "Join log",
    "private_log_id": "Private log",
    "report_log_id": "Report log",
    "dev_log_id": "Dev log",
    "general_channel_id": "General",
    "starboard_channel_id": "Starboard",
    "jail_channel_id": "Jail",
}


def config_embed(
    guild_name: str, config: GuildConfig | None, levels: Mapping[int, int], default_prefix: str
) -> discord.Embed:
    """Return an embed of everything that was chosen; `levels` are permission levels by role id."""
    prefix = config.prefix if config else None
    embed = info(f"Configuration of {guild_name}", f"Commands begin with `{prefix or default_prefix}`.")
    channels = [
        f"{label}: <#{channel_id}>" for name, label in _CHANNELS.items() if (channel_id := getattr(config, name, None))
    ]
    embed.add_field(name="Channels", value="\n".join(channels) or "None yet: `/config logs`, `/config channel`.")
    if config and config.jail_role_id:
        embed.add_field(name="Jail role", value=f"<@&{config.jail_role_id}>")
    roles = [f"Level {level}: <@&{role_id}>" for role_id, level in sorted(levels.items(), key=lambda pair: pair[1])]
    embed.add_field(name="Levels", value="\n".join(roles) or "None yet: `/config level`.")
    return embed
