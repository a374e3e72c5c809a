"""What is kept about a user or a guild, over all plugins: found by the marks of columns, exported, deleted, purged."""

from tux.privacy.columns import DataMap, GuildTable, UserColumn, map_data
from tux.privacy.guilds import purge_guild
from tux.privacy.users import TableReport, export_user, forget_user

__all__ = [
    "DataMap",
    "GuildTable",
    "TableReport",
    "UserColumn",
    "export_user",
    "forget_user",
    "map_data",
    "purge_guild",
]
