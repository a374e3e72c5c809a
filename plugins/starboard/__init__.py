"""Shows the messages that members starred most in a channel of their own."""

from __future__ import annotations

import json
from dataclasses import dataclass

from tux.plugin import SNAPSHOT, Plugin, SnapshotPart


@dataclass(frozen=True, slots=True)
class Board:
    """What listeners must know of a guild's starboard."""

    channel_id: int
    emoji: str
    threshold: int


BOARD: SnapshotPart[Board | None] = SnapshotPart(
    "starboard.board",
    "SELECT jsonb_build_array(channel_id, emoji, threshold)::text FROM starboard_boards WHERE guild_id = $1",
    ("starboard_boards",),
    None,
    lambda text: Board(*json.loads(text)),
)
"""The guild's starboard; None: it has none, and no reaction, edit or deletion there costs anything."""

plugin = Plugin(
    name="starboard",
    summary="Messages with enough stars are posted once to a channel of their own",
    version="1.0.0",
    needs=("guild",),
    contributes={SNAPSHOT: (BOARD,)},
)
