"""The commands of moderators: `punish` acts on members, `records` shows and changes cases."""

from plugins.moderation.cog.punish import ModerationCog
from plugins.moderation.cog.records import CasesCog

__all__ = ["CasesCog", "ModerationCog"]
