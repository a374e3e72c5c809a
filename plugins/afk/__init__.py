"""Members who say that they are away, and why."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

from plugins.afk.holds import HOLD_SQL, Hold
from plugins.afk.settings import AfkSettings
from tux.plugin import SNAPSHOT, Plugin, SnapshotPart

if TYPE_CHECKING:
    from collections.abc import Mapping

AWAY: SnapshotPart[Mapping[int, Hold]] = SnapshotPart(
    "afk.away",
    f"SELECT array_agg(ARRAY[user_id, {HOLD_SQL}::bigint]) FROM afk_entries WHERE guild_id = $1",  # noqa: S608 - a constant
    ("afk_entries",),
    MappingProxyType({}),
    lambda pairs: MappingProxyType({user_id: Hold(hold) for user_id, hold in pairs}),
)
"""Who may be away, by user id; one whose time is over stays in it until the due work has been there."""

plugin = Plugin(
    name="afk",
    summary="Members who are away: until they write, until a time, or until they say so",
    version="1.0.0",
    needs=("guild",),
    settings=AfkSettings,
    contributes={SNAPSHOT: (AWAY,)},
)
