"""The commands of moderators.

`punish` and `restrain` act on members, `records` shows and changes cases, `choices` holds what a server chose,
`channels` is about what is written, and `work` is what is due.
"""

from plugins.moderation.cog.channels import ChannelsCog
from plugins.moderation.cog.choices import ChoicesCog
from plugins.moderation.cog.punish import ModerationCog
from plugins.moderation.cog.records import CasesCog
from plugins.moderation.cog.restrain import RestrainCog
from plugins.moderation.cog.work import WorkCog

__all__ = ["CasesCog", "ChannelsCog", "ChoicesCog", "ModerationCog", "RestrainCog", "WorkCog"]
