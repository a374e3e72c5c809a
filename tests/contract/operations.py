"""A call of every operation that a manager of core or of a plugin has of its own, on rows that are arranged for all of them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import UUID

from plugins.afk.models import AfkEntry
from plugins.levels.settings import LevelSettings
from plugins.moderation.kinds import CaseKind
from plugins.moderation.models import Case
from plugins.points.managers import Person
from plugins.reminders.models import Reminder
from tests.counting import Call
from tux.clock import now
from tux.core.managers import Shards

GUILD, EMPTY, NEW = 8101, 8102, 8103  # with the rows below; with its own row alone; with none
BOB, ALICE, CAROL = 8201, 8202, 8203
CHANNEL, ROLE, MESSAGE, POST, BOARD = 8301, 8302, 8303, 8304, 8305
LONG_AGO, LATER = datetime(2026, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC)
DAY = timedelta(days=1)
CLAIM = UUID(int=1)
PRAISE = CaseKind("PRAISE", "praised")
LOGS = ("mod", "audit", "join", "private", "report", "dev")
CHOICES = (
    *(f"{name}_log_id" for name in LOGS),
    "jail_role_id",
    "jail_channel_id",
    "starboard_channel_id",
    "general_channel_id",
)
WARN, TEMPBAN, JAIL, POLLBAN, SNIPPETBAN, PENDING, CLOSED = range(1, 8)  # the cases, by their ids and numbers
A_CASE = {"case_user_id": BOB, "case_moderator_id": ALICE, "guild_id": GUILD}
CLAIMED = Reminder(id=2, reminder_claimed_until=LATER, reminder_expires_at=LONG_AGO)

# Why some are not one statement, in the words of their docstrings.
KEPT = "kept in memory"
NOTED = "six statements: a transaction, and a savepoint for the entry in the audit log"
READ_FIRST = "A seventh statement reads what there was, unless it is in memory"
CHECKED = "a transaction, so three statements"
MADE = "when it is missing, in two statements then"


def in_memory(run):
    """Return a call that is answered from memory the second time."""
    return Call(run, 1, KEPT, again=0)


async def arrange(db):
    """Store what the calls find."""
    await db.guild.sync_guilds({GUILD: "Ducks", EMPTY: "Geese"})
    await db.guild_config.update_config(GUILD, **dict.fromkeys(CHOICES, CHANNEL), prefix="?")
    await db.guild_config.update_perm_level_role(GUILD, 3, ROLE)
    await db.settings.change(GUILD, LevelSettings, max_level=5)
    await db.switches.upsert({"guild_id": GUILD, "plugin": "afk"}, enabled=True)
    await db.purges.create(guild_id=GUILD, left_at=LONG_AGO, due_at=LONG_AGO)
    await arrange_cases(db)
    await arrange_members(db)
    await arrange_messages(db)


async def arrange_cases(db):
    """Store cases, what the guild chose for them, and what the audit log tells."""
    await db.case_kind.create(guild_id=GUILD, name=PRAISE.name, past=PRAISE.past, colour=PRAISE.colour)
    await db.reason_template.create(guild_id=GUILD, name="spam", text="Spam.")
    await db.case.create_case(**A_CASE, case_type="WARN")
    await db.case.create_case(**A_CASE, case_type="TEMPBAN", case_expires_at=LONG_AGO)
    for kind in ("JAIL", "POLLBAN", "SNIPPETBAN"):
        await db.case.create_case(**A_CASE, case_type=kind)
    await db.case.create_case(**A_CASE, case_type="KICK", case_pending=True, case_claimed_until=LONG_AGO)
    await db.case.create_case(**A_CASE, case_type="WARN", case_status=False)
    await db.audit.create(guild_id=GUILD, actor_id=ALICE, action="config.update", created_at=LONG_AGO)
    await db.note.add_note(guild_id=GUILD, user_id=BOB, author_id=ALICE, content="late again")
    await db.permission_ranks.create_permission_rank(GUILD, 3, "Mod")
    await db.permission_assignments.assign_permission_rank(GUILD, 3, ROLE)
    await db.permission_commands.set_command_permission(GUILD, "config", 7)


async def arrange_members(db):
    """Store points, levels, absences and reminders."""
    await db.user.bulk_create(
        [{"discord_id": each, "guild_id": GUILD, "username": f"u{each}", "points": 50} for each in (BOB, ALICE)]
    )
    await db.user.transfer_points(1, 2, 1)
    await db.levels.update_xp_and_level(BOB, GUILD, xp=1000, level=9, timestamp=LONG_AGO)
    await db.levels.blacklist_member(ALICE, GUILD)
    await db.afk.set_member_afk(BOB, GUILD, "lunch")
    await db.afk.set_member_afk(ALICE, GUILD, "tea", until=LONG_AGO)
    reminder = {"reminder_user_id": BOB, "reminder_channel_id": CHANNEL, "reminder_content": "tea", "guild_id": GUILD}
    for state in ({}, {"reminder_claimed_until": LATER}, {"reminder_sent_at": LONG_AGO}):
        await db.reminder.create(**reminder, reminder_expires_at=LONG_AGO, **state)
    await db.member_status.set_status(GUILD, BOB, "new")
    await db.reminder_zone.set_zone(BOB, "Europe/Berlin")


async def arrange_messages(db):
    """Store what is shown in messages: starred ones, snippets, polls."""
    await db.starboard.create_or_update_starboard(GUILD, channel_id=BOARD, threshold=3)
    starred = {"guild_id": GUILD, "original_channel_id": CHANNEL, "author_id": BOB, "star_count": 5}
    await db.starboard_message.create(**starred, original_message_id=MESSAGE, claim=CLAIM, claimed_at=LONG_AGO)
    await db.starboard_message.create(
        **starred, original_message_id=MESSAGE + 1, starboard_message_id=POST, starboard_channel_id=BOARD
    )
    await db.snippet.create_snippet(
        snippet_name="rules", snippet_content="Be kind.", snippet_user_id=BOB, guild_id=GUILD
    )
    await new_poll(db)
    await new_poll(db, ends_at=LONG_AGO)
    await db.poll.update_by_id(1, message_id=MESSAGE)


async def new_case(db, **changes):
    return await db.case.create_case(**{**A_CASE, "case_type": "WARN", **changes})


async def new_reminder(db, **changes):
    values = {"reminder_content": "tea", "reminder_expires_at": LATER, "reminder_channel_id": CHANNEL}
    return await db.reminder.create_reminder(**{**values, "reminder_user_id": BOB, "guild_id": GUILD, **changes})


async def new_snippet(db, guild_id=GUILD):
    return await db.snippet.create_snippet(
        snippet_name="law", snippet_content="Be kind.", snippet_user_id=BOB, guild_id=guild_id
    )


async def new_alias(db, guild_id=GUILD):
    return await db.snippet.create_snippet_alias(
        snippet_name="law", snippet_alias="rules", snippet_user_id=BOB, guild_id=guild_id
    )


async def new_poll(db, guild_id=GUILD, **changes):
    values = {"guild_id": guild_id, "channel_id": CHANNEL, "author_id": ALICE, "question": "What to drink?"}
    return await db.poll.create_poll(options=["tea", "coffee"], **values, **changes)


async def stars(db):
    return await db.starboard_message.note_stars(
        guild_id=GUILD, channel_id=CHANNEL, message_id=MESSAGE, author_id=BOB, count=4
    )


def written(field):
    """Return the call that chooses a field of the guild's configuration."""
    return lambda db: getattr(db.guild_config, f"update_{field}")(GUILD, CHANNEL)


def read(field):
    """Return the call that reads a field of the guild's configuration, or some."""
    return in_memory(lambda db: getattr(db.guild_config, f"get_{field}")(GUILD))


OPERATIONS = {
    "settings": {
        "read": in_memory(lambda db: db.settings.read(GUILD, LevelSettings)),
        "changed_names": in_memory(lambda db: db.settings.changed_names(GUILD, LevelSettings)),
        "change": Call(lambda db: db.settings.change(GUILD, LevelSettings, max_level=6), 3, CHECKED),
        "put_entry": Call(lambda db: db.settings.put_entry(GUILD, LevelSettings, "rewards", 5, ROLE), 3, CHECKED),
        "reset": Call(lambda db: db.settings.reset(GUILD, LevelSettings, "max_level"), 3, CHECKED),
    },
    "switches": {
        "turn": lambda db: db.switches.turn(GUILD, "afk", enabled=False),
        "list_all": lambda db: db.switches.list_all(),
    },
    "purges": {
        "plan": lambda db: db.purges.plan([EMPTY], DAY),
        "plan_missing": lambda db: db.purges.plan_missing([], Shards(1, (0,)), DAY),
        "cancel": lambda db: db.purges.cancel([GUILD]),
        "claim_next": lambda db: db.purges.claim_next(now()),
    },
    "guild": {
        "get_or_create_guild": lambda db: db.guild.get_or_create_guild(GUILD),
        "get_or_create_guild of a missing row": Call(lambda db: db.guild.get_or_create_guild(NEW), 2, MADE),
        "update_by_id": lambda db: db.guild.update_by_id(GUILD, guild_name="Swans"),
        "sync_guilds": lambda db: db.guild.sync_guilds({GUILD: "Swans", NEW: "Owls"}),
        "mark_left": lambda db: db.guild.mark_left(GUILD),
        "update_user_status": lambda db: db.guild.update_user_status(GUILD, BOB, "known"),
    },
    "member_status": {"set_status": lambda db: db.member_status.set_status(GUILD, BOB, "known")},
    "guild_config": {
        "update_config": lambda db: db.guild_config.update_config(GUILD, prefix="!", mod_log_id=CHANNEL),
        "update_config in an unknown guild": lambda db: db.guild_config.update_config(NEW, prefix="!"),
        "get_config_field": in_memory(lambda db: db.guild_config.get_config_field(GUILD, "prefix")),
        "get_log_channel": in_memory(lambda db: db.guild_config.get_log_channel(GUILD, "mod")),
        "get_or_create_config": lambda db: db.guild_config.get_or_create_config(GUILD),
        "get_or_create_config of a missing row": Call(lambda db: db.guild_config.get_or_create_config(EMPTY), 2, MADE),
        "update_guild_prefix": lambda db: db.guild_config.update_guild_prefix(GUILD, "!"),
        "delete_guild_prefix": lambda db: db.guild_config.delete_guild_prefix(GUILD),
        "update_perm_level_role": lambda db: db.guild_config.update_perm_level_role(GUILD, 4, ROLE),
        "update_perm_level_role to none": lambda db: db.guild_config.update_perm_level_role(GUILD, 3, None),
        "get_perm_level_role": lambda db: db.guild_config.get_perm_level_role(GUILD, 3),
        **{f"get_{each}": read(each) for each in (*CHOICES, "jail_config", "config_by_guild_id", "log_channel_ids")},
        **{f"update_{each}": written(each) for each in CHOICES},
    },
    "case": {
        "create_case": new_case,
        "create_case in an unknown guild": lambda db: new_case(db, guild_id=NEW),
        "create_case of a type of the guild's own": Call(
            lambda db: new_case(db, case_type="PRAISE"),
            2,
            "The guild's own types are asked for in a statement before, and kept in memory",
            again=1,
        ),
        "insert_case": lambda db: db.case.insert_case(**A_CASE, case_type="WARN"),
        "create": lambda db: db.case.create(**A_CASE, case_type="WARN"),
        "update_by_id": lambda db: db.case.update_by_id(WARN, case_reason="spam"),
        "update_case": lambda db: db.case.update_case(WARN, case_reason="spam"),
        "update_case_by_number": lambda db: db.case.update_case_by_number(GUILD, WARN, case_reason="spam"),
        "close_case": lambda db: db.case.close_case(WARN),
        "delete_case": lambda db: db.case.delete_case(WARN),
        "set_tempban_expired": lambda db: db.case.set_tempban_expired(TEMPBAN),
        "update_mod_log_message_id": lambda db: db.case.update_mod_log_message_id(WARN, POST),
        "kinds_in": in_memory(lambda db: db.case.kinds_in(GUILD)),
        "get_case_by_number": lambda db: db.case.get_case_by_number(WARN, GUILD),
        "get_cases_by_user": lambda db: db.case.get_cases_by_user(BOB, GUILD),
        "get_active_cases_by_user": lambda db: db.case.get_active_cases_by_user(BOB, GUILD),
        "get_latest_case_by_user": lambda db: db.case.get_latest_case_by_user(BOB, GUILD),
        "get_recent_cases": lambda db: db.case.get_recent_cases(GUILD),
        "get_cases_by_type": lambda db: db.case.get_cases_by_type(GUILD, "WARN"),
        "get_cases_by_moderator": lambda db: db.case.get_cases_by_moderator(ALICE, GUILD),
        "get_cases_by_guild": lambda db: db.case.get_cases_by_guild(GUILD, 2),
        "get_cases_by_options": lambda db: db.case.get_cases_by_options(GUILD, {"user_id": BOB, "status": True}),
        "is_user_under_restriction": lambda db: db.case.is_user_under_restriction(
            guild_id=GUILD, user_id=BOB, active_restriction_type="JAIL", inactive_restriction_type="UNJAIL"
        ),
        "get_expired_tempbans": lambda db: db.case.get_expired_tempbans(),
        "get_case_count_by_guild": lambda db: db.case.get_case_count_by_guild(GUILD),
        "get_case_count_by_user": lambda db: db.case.get_case_count_by_user(BOB, GUILD),
        "begin_case": Call(lambda db: db.case.begin_case(pending=True, **A_CASE, case_type="BAN"), 6, NOTED),
        "confirm_case": lambda db: db.case.confirm_case(
            Case(case_id=PENDING, guild_id=GUILD, case_user_id=BOB), ends=["JAIL"], message_id=POST
        ),
        "void": Call(lambda db: db.case.void(WARN, "a mistake", voided_by=ALICE), 6, NOTED),
        "void_by_number": Call(lambda db: db.case.void_by_number(GUILD, WARN, "a mistake", voided_by=ALICE), 6, NOTED),
        "change_case": Call(lambda db: db.case.change_case(GUILD, WARN, actor_id=ALICE, reason="spam"), 6, NOTED),
        "reopen_case": Call(lambda db: db.case.reopen_case(GUILD, CLOSED, actor_id=ALICE), 6, NOTED),
        "find_jailed": lambda db: db.case.find_jailed(GUILD, [BOB, ALICE]),
        "list_jailing": lambda db: db.case.list_jailing([GUILD]),
        "end_case": lambda db: db.case.end_case(TEMPBAN),
        "claim_due": lambda db: db.case.claim_due([GUILD], limit=10),
        "claim_pending": lambda db: db.case.claim_pending([GUILD], limit=10),
    },
    "case_kind": {
        "guild_kinds": in_memory(lambda db: db.case_kind.guild_kinds(GUILD)),
        "add_kind": Call(lambda db: db.case_kind.add_kind(GUILD, PRAISE, actor_id=ALICE), 7, READ_FIRST),
        "remove_kind": Call(lambda db: db.case_kind.remove_kind(GUILD, "PRAISE", actor_id=ALICE), 6, NOTED),
    },
    "reason_template": {
        "guild_templates": in_memory(lambda db: db.reason_template.guild_templates(GUILD)),
        "set_template": Call(
            lambda db: db.reason_template.set_template(GUILD, "spam", "No spam.", actor_id=ALICE), 7, READ_FIRST
        ),
        "remove_template": Call(lambda db: db.reason_template.remove_template(GUILD, "spam", actor_id=ALICE), 6, NOTED),
    },
    "audit": {
        "log_action": lambda db: db.audit.log_action(guild_id=GUILD, actor_id=BOB, action="x.y", before={"a": 1}),
        "log_action in an unknown guild": lambda db: db.audit.log_action(guild_id=NEW, actor_id=BOB, action="x.y"),
        "list_entries": lambda db: db.audit.list_entries(
            guild_id=GUILD, actor_id=ALICE, action="config.", since=LONG_AGO
        ),
        "list_actions": lambda db: db.audit.list_actions(guild_id=GUILD),
        "purge_before": lambda db: db.audit.purge_before(LATER, guild_id=GUILD),
        "purge_before in all guilds": lambda db: db.audit.purge_before(LATER),
        "purge_expired": lambda db: db.audit.purge_expired(1, limit=10),
    },
    "note": {
        "add_note": lambda db: db.note.add_note(guild_id=GUILD, user_id=BOB, author_id=ALICE, content="late"),
        "list_notes": lambda db: db.note.list_notes(guild_id=GUILD, user_id=BOB),
        "list_newest": lambda db: db.note.list_newest(guild_id=GUILD, limit=5),
        "edit_note": lambda db: db.note.edit_note(1, guild_id=GUILD, content="on time"),
        "edit_note by an actor": Call(
            lambda db: db.note.edit_note(1, guild_id=GUILD, content="on time", actor_id=ALICE), 6, NOTED
        ),
        "delete_note": lambda db: db.note.delete_note(1, guild_id=GUILD),
        "delete_note by an actor": Call(lambda db: db.note.delete_note(1, guild_id=GUILD, actor_id=ALICE), 6, NOTED),
    },
    "permission_ranks": {
        "create_permission_rank": lambda db: db.permission_ranks.create_permission_rank(GUILD, 4, "Boss"),
        "get_permission_ranks_by_guild": lambda db: db.permission_ranks.get_permission_ranks_by_guild(GUILD),
    },
    "permission_assignments": {
        "assign_permission_rank": lambda db: db.permission_assignments.assign_permission_rank(GUILD, 4, ROLE),
        "remove_role_assignment": lambda db: db.permission_assignments.remove_role_assignment(GUILD, ROLE),
        "get_user_permission_rank": Call(
            lambda db: db.permission_assignments.get_user_permission_rank(GUILD, BOB, [ROLE, *range(100)]),
            1,
            "Kept in memory until one of these changes in the guild",
            again=0,
        ),
    },
    "permission_commands": {
        "set_command_permission": lambda db: db.permission_commands.set_command_permission(GUILD, "ban", 4),
        "get_command_permission": lambda db: db.permission_commands.get_command_permission(GUILD, "config logs mod"),
    },
    "snippet": {
        "create_snippet": new_snippet,
        "create_snippet in an unknown guild": lambda db: new_snippet(db, NEW),
        "create_snippet_alias": new_alias,
        "create_snippet_alias in an unknown guild": lambda db: new_alias(db, NEW),
        "make_alias": lambda db: db.snippet.make_alias(1, "other"),
        "get_snippet_by_name_and_guild_id": lambda db: db.snippet.get_snippet_by_name_and_guild_id("RULES", GUILD),
        "resolve_snippet": lambda db: db.snippet.resolve_snippet("rules", GUILD),
        "use_snippet": lambda db: db.snippet.use_snippet("rules", GUILD),
        "get_all_snippets_by_guild_id": lambda db: db.snippet.get_all_snippets_by_guild_id(GUILD),
        "search_snippets": lambda db: db.snippet.search_snippets(GUILD, "kind"),
        "complete_names": lambda db: db.snippet.complete_names(GUILD, "ru", limit=5),
        "is_banned": lambda db: db.snippet.is_banned(BOB, GUILD),
        "get_popular_snippets": lambda db: db.snippet.get_popular_snippets(GUILD),
        "increment_snippet_uses": lambda db: db.snippet.increment_snippet_uses(1),
        "toggle_snippet_lock_by_id": lambda db: db.snippet.toggle_snippet_lock_by_id(1),
        "update_snippet_by_id": lambda db: db.snippet.update_snippet_by_id(1, "Be nice."),
        "delete_snippet_by_id": lambda db: db.snippet.delete_snippet_by_id(1),
    },
    "levels": {
        "get_xp_and_level": lambda db: db.levels.get_xp_and_level(BOB, GUILD),
        "get_xp": lambda db: db.levels.get_xp(BOB, GUILD),
        "get_level": lambda db: db.levels.get_level(BOB, GUILD),
        "get_last_message_time": lambda db: db.levels.get_last_message_time(BOB, GUILD),
        "get_levels_batch": lambda db: db.levels.get_levels_batch([BOB, ALICE], GUILD),
        "add_xp": lambda db: db.levels.add_xp(BOB, GUILD, 1),
        "add_xp of a message": lambda db: db.levels.add_xp(BOB, GUILD, 1, cooldown=DAY),
        "add_xp in an unknown guild": lambda db: db.levels.add_xp(BOB, NEW, 1),
        "update_xp_and_level": lambda db: db.levels.update_xp_and_level(BOB, GUILD, 1, 1, LONG_AGO),
        "set_xp": lambda db: db.levels.set_xp(BOB, GUILD, 1),
        "set_level": lambda db: db.levels.set_level(BOB, GUILD, 1),
        "reset_xp": lambda db: db.levels.reset_xp(BOB, GUILD),
        "note_capped": lambda db: db.levels.note_capped(BOB, GUILD, 1),
        "recompute_levels": lambda db: db.levels.recompute_levels(GUILD),
        "derive_levels": lambda db: db.levels.derive_levels(GUILD),
        "decay": lambda db: db.levels.decay(GUILD, after=DAY, percent=1),
        "get_top_members": lambda db: db.levels.get_top_members(GUILD, 10),
        "get_member_rank": lambda db: db.levels.get_member_rank(BOB, GUILD),
        "toggle_blacklist": lambda db: db.levels.toggle_blacklist(BOB, GUILD),
        "is_blacklisted": lambda db: db.levels.is_blacklisted(ALICE, GUILD),
        "blacklist_member": lambda db: db.levels.blacklist_member(BOB, GUILD),
        "unblacklist_member": lambda db: db.levels.unblacklist_member(ALICE, GUILD),
    },
    "afk": {
        "set_member_afk": lambda db: db.afk.set_member_afk(BOB, GUILD, "tea", nickname="Bobby"),
        "set_member_afk in an unknown guild": lambda db: db.afk.set_member_afk(BOB, NEW, "tea"),
        "is_member_afk": lambda db: db.afk.is_member_afk(BOB, GUILD),
        "get_afk_by_member": lambda db: db.afk.get_afk_by_member(BOB, GUILD),
        "get_afk_batch": lambda db: db.afk.get_afk_batch([BOB, *range(100)], GUILD),
        "get_afk_batch of nobody": Call(lambda db: db.afk.get_afk_batch([], GUILD), 0, "of nobody without a statement"),
        "get_all_afk_members": lambda db: db.afk.get_all_afk_members(GUILD),
        "remove_member_afk": lambda db: db.afk.remove_member_afk(BOB, GUILD),
        "come_back": lambda db: db.afk.come_back(BOB, GUILD),
        "page_away": lambda db: db.afk.page_away(GUILD, 1, 10),
        "list_expired_guilds": lambda db: db.afk.list_expired_guilds(),
        "claim_expired": lambda db: db.afk.claim_expired(),
        "claim_expired in one guild": lambda db: db.afk.claim_expired(guild_id=GUILD),
        "end_expired": lambda db: db.afk.end_expired(AfkEntry(id=2, guild_id=GUILD)),
        "remove_left": lambda db: db.afk.remove_left(BOB, GUILD),
    },
    "reminder": {
        "create_reminder": new_reminder,
        "create_reminder in an unknown guild": lambda db: new_reminder(db, guild_id=NEW),
        "create_reminder in a direct message": lambda db: new_reminder(db, guild_id=None),
        "insert_reminder": lambda db: db.reminder.insert_reminder(
            reminder_content="tea", reminder_expires_at=LATER, reminder_channel_id=CHANNEL, reminder_user_id=BOB
        ),
        "get_reminders_by_user": lambda db: db.reminder.get_reminders_by_user(BOB),
        "get_expired_reminders": lambda db: db.reminder.get_expired_reminders(),
        "delete_reminder": lambda db: db.reminder.delete_reminder(1),
        "count_open": lambda db: db.reminder.count_open(BOB),
        "page_reminders": lambda db: db.reminder.page_reminders(BOB, 1, 10),
        "cancel_reminder": lambda db: db.reminder.cancel_reminder(1, BOB),
        "purge_told": lambda db: db.reminder.purge_told(LATER),
        "edit_reminder": lambda db: db.reminder.edit_reminder(1, BOB, content="x", expires_at=LATER),
        "claim_due": lambda db: db.reminder.claim_due(),
        "finish_reminders": lambda db: db.reminder.finish_reminders([CLAIMED, Reminder(id=1), Reminder(id=3)]),
        "release_reminders": lambda db: db.reminder.release_reminders([CLAIMED, Reminder(id=1)], begun=[2]),
        "snooze_reminder": lambda db: db.reminder.snooze_reminder(3, BOB, LATER),
    },
    "reminder_zone": {
        "get_zone": lambda db: db.reminder_zone.get_zone(BOB),
        "set_zone": lambda db: db.reminder_zone.set_zone(BOB, "Asia/Tokyo"),
    },
    "starboard": {
        "get_starboard_by_guild": lambda db: db.starboard.get_starboard_by_guild(GUILD),
        "create_or_update_starboard": lambda db: db.starboard.create_or_update_starboard(GUILD, channel_id=CHANNEL),
        "create_or_update_starboard in an unknown guild": lambda db: db.starboard.create_or_update_starboard(
            NEW, channel_id=CHANNEL
        ),
        "delete_starboard": lambda db: db.starboard.delete_starboard(GUILD),
    },
    "starboard_message": {
        "get_message_by_original": lambda db: db.starboard_message.get_message_by_original(MESSAGE),
        "update_star_count": lambda db: db.starboard_message.update_star_count(MESSAGE, 6),
        "get_top_messages": lambda db: db.starboard_message.get_top_messages(GUILD),
        "note_stars": stars,
        "record_post": lambda db: db.starboard_message.record_post(
            MESSAGE, CLAIM, starboard_message_id=POST + 1, starboard_channel_id=BOARD
        ),
        "release_claim": lambda db: db.starboard_message.release_claim(MESSAGE, CLAIM),
        "list_unfinished": lambda db: db.starboard_message.list_unfinished([GUILD]),
        "withdraw_post": lambda db: db.starboard_message.withdraw_post(MESSAGE + 1, POST),
        "page_top": lambda db: db.starboard_message.page_top(GUILD, 1, 10),
        "summarize_board": lambda db: db.starboard_message.summarize_board(GUILD),
        "list_misplaced": lambda db: db.starboard_message.list_misplaced(GUILD, 3),
        "forget_messages": lambda db: db.starboard_message.forget_messages(GUILD, [MESSAGE, MESSAGE + 1]),
        "forget_channel": lambda db: db.starboard_message.forget_channel(GUILD, CHANNEL),
        "forget_posts": lambda db: db.starboard_message.forget_posts(GUILD, [POST]),
        "forget_board_channel": lambda db: db.starboard_message.forget_board_channel(GUILD, BOARD),
    },
    "user": {
        "get_user": lambda db: db.user.get_user(1),
        "create_user": lambda db: db.user.create_user(discord_id=CAROL, guild_id=GUILD, username="carol"),
        "update_user": lambda db: db.user.update_user(1, username="bobby"),
        "update_user_stats": lambda db: db.user.update_user_stats(1, message_count=1),
        "delete_user": lambda db: db.user.delete_user(1),
        "update_user_points": lambda db: db.user.update_user_points(1, 7),
        "update_multiple_users": lambda db: db.user.update_multiple_users(
            [{"id": each, "points": 7} for each in (1, 2)]
        ),
        "find_users_by_guild": lambda db: db.user.find_users_by_guild(GUILD),
        "get_top_users_by_activity": lambda db: db.user.get_top_users_by_activity(GUILD),
        "get_all_users_paginated": lambda db: db.user.get_all_users_paginated(GUILD),
        "get_user_with_cases": Call(lambda db: db.user.get_user_with_cases(1), 2, "in two statements: one a table"),
        "get_users_with_active_cases": Call(
            lambda db: db.user.get_users_with_active_cases(GUILD), 2, "in two statements: one a table"
        ),
        "transfer_points": lambda db: db.user.transfer_points(1, 2, 5),
        "give": Call(
            lambda db: db.user.give(GUILD, Person(BOB, "bob"), Person(ALICE, "alice"), 5),
            2,
            "At most three statements; only the last moves points",
        ),
        "give to somebody new": Call(
            lambda db: db.user.give(GUILD, Person(BOB, "bob"), Person(CAROL, "carol"), 5),
            3,
            "At most three statements; only the last moves points",
        ),
        "set_points": Call(lambda db: db.user.set_points(GUILD, Person(BOB, "bob"), 7, actor_id=ALICE), 6, NOTED),
    },
    "points_transaction": {"list_transactions": lambda db: db.points_transaction.list_transactions(1)},
    "poll": {
        "create_poll": Call(new_poll, 2, "in two statements: the first asks moderation for a poll ban"),
        "create_poll in an unknown guild": Call(
            lambda db: new_poll(db, NEW), 2, "in two statements: the first asks moderation for a poll ban"
        ),
        "is_poll_banned": lambda db: db.poll.is_poll_banned(guild_id=GUILD, user_id=BOB),
        "get_poll_by_message": lambda db: db.poll.get_poll_by_message(MESSAGE),
        "get_results": lambda db: db.poll.get_results(1),
        "close_poll": lambda db: db.poll.close_poll(1),
        "close_due_polls": lambda db: db.poll.close_due_polls(),
    },
    "poll_vote": {"vote": lambda db: db.poll_vote.vote(poll_id=1, user_id=BOB, position=1)},
}
