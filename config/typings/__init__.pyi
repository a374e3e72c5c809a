# Written by `tux sync` from the plugins of this project, for type checkers; do not edit.

from plugins.afk.managers import AfkManager
from plugins.audit.managers import AuditManager
from plugins.guild.managers import GuildConfigManager, GuildManager, LevelRoleManager, MemberStatusManager
from plugins.levels.managers import LevelsManager
from plugins.moderation.managers import CaseManager
from plugins.moderation.managers.choices import CaseKindManager, ReasonTemplateManager
from plugins.notes.managers import NoteManager
from plugins.permissions.managers import (
    GuildPermissionManager,
    PermissionAssignmentManager,
    PermissionCommandManager,
    PermissionRankManager,
)
from plugins.points.managers import PointsTransactionManager, UserManager
from plugins.polls.managers import PollManager, PollVoteManager
from plugins.reminders.managers import ReminderManager, ReminderZoneManager
from plugins.snippets.managers import SnippetManager
from plugins.starboard.managers import StarboardManager, StarboardMessageManager
from tux.coordinator import DatabaseCoordinator as DatabaseCoordinator
from tux.core.managers import PurgesManager, SettingsManager, SwitchesManager

class Managers:
    afk: AfkManager
    audit: AuditManager
    case: CaseManager
    case_kind: CaseKindManager
    guild: GuildManager
    guild_config: GuildConfigManager
    guild_permissions: GuildPermissionManager
    level_role: LevelRoleManager
    levels: LevelsManager
    member_status: MemberStatusManager
    note: NoteManager
    permission_assignments: PermissionAssignmentManager
    permission_commands: PermissionCommandManager
    permission_ranks: PermissionRankManager
    points_transaction: PointsTransactionManager
    poll: PollManager
    poll_vote: PollVoteManager
    purges: PurgesManager
    reason_template: ReasonTemplateManager
    reminder: ReminderManager
    reminder_zone: ReminderZoneManager
    settings: SettingsManager
    snippet: SnippetManager
    starboard: StarboardManager
    starboard_message: StarboardMessageManager
    switches: SwitchesManager
    user: UserManager
