"""The commands of moderators: `punish` and `restrain` act on members, `records` shows and changes cases; `work` is due."""

from plugins.moderation.cog.punish import ModerationCog
from plugins.moderation.cog.records import CasesCog
from plugins.moderation.cog.restrain import RestrainCog
from plugins.moderation.cog.work import WorkCog

__all__ = ["CasesCog", "ModerationCog", "RestrainCog", "WorkCog"]
