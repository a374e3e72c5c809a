"""The same tables as plain Tortoise models."""

from __future__ import annotations

from tortoise import fields
from tortoise.models import Model


class Guild(Model):
    guild_id = fields.BigIntField(primary_key=True, generated=False)
    guild_name = fields.CharField(max_length=100, default="")
    case_count = fields.BigIntField(default=0)
    joined_at = fields.DatetimeField(auto_now_add=True)
    left_at = fields.DatetimeField(null=True)

    class Meta:
        table = "guild_guilds"


class GuildConfig(Model):
    guild_id = fields.BigIntField(primary_key=True, generated=False)
    prefix = fields.CharField(max_length=16, null=True)
    mod_log_id = fields.BigIntField(null=True)
    audit_log_id = fields.BigIntField(null=True)
    join_log_id = fields.BigIntField(null=True)
    private_log_id = fields.BigIntField(null=True)
    report_log_id = fields.BigIntField(null=True)
    dev_log_id = fields.BigIntField(null=True)
    log_channel_id = fields.BigIntField(null=True)
    jail_channel_id = fields.BigIntField(null=True)
    jail_role_id = fields.BigIntField(null=True)
    general_channel_id = fields.BigIntField(null=True)
    starboard_channel_id = fields.BigIntField(null=True)
    onboarding_stage = fields.CharField(max_length=20, default="not_started")

    class Meta:
        table = "guild_configs"


class Counter(Model):
    guild_id = fields.BigIntField(primary_key=True, generated=False)
    last_number = fields.IntField()

    class Meta:
        table = "moderation_case_counters"


class Case(Model):
    case_id = fields.BigIntField(primary_key=True)
    guild_id = fields.BigIntField()
    case_number = fields.IntField()
    case_type = fields.CharField(max_length=40)
    case_user_id = fields.BigIntField()
    case_moderator_id = fields.BigIntField()
    case_reason = fields.TextField(null=True)
    case_status = fields.BooleanField(default=True)
    case_processed = fields.BooleanField(default=False)
    case_user_roles = fields.JSONField(default=list)
    case_metadata = fields.JSONField(null=True)
    case_expires_at = fields.DatetimeField(null=True)
    case_created_at = fields.DatetimeField(auto_now_add=True)
    case_pending = fields.BooleanField(default=False)
    case_claimed_until = fields.DatetimeField(null=True)
    mod_log_message_id = fields.BigIntField(null=True)
    case_voided_at = fields.DatetimeField(null=True)
    case_voided_by = fields.BigIntField(null=True)
    case_void_reason = fields.TextField(null=True)

    class Meta:
        table = "moderation_cases"


class MemberLevel(Model):
    id = fields.BigIntField(primary_key=True)
    guild_id = fields.BigIntField()
    member_id = fields.BigIntField()
    xp = fields.FloatField(default=0.0)
    level = fields.IntField(default=0)
    blacklisted = fields.BooleanField(default=False)
    last_message = fields.DatetimeField(null=True)
    decayed_at = fields.DatetimeField(null=True)
    created_at = fields.DatetimeField(auto_now_add=True)
    updated_at = fields.DatetimeField(auto_now=True)

    class Meta:
        table = "levels_member_levels"


class Snippet(Model):
    snippet_id = fields.BigIntField(primary_key=True)
    guild_id = fields.BigIntField()
    snippet_name = fields.CharField(max_length=100)
    snippet_content = fields.TextField(null=True)
    alias = fields.CharField(max_length=100, null=True)
    snippet_user_id = fields.BigIntField(null=True)
    snippet_created_at = fields.DatetimeField(auto_now_add=True)
    uses = fields.BigIntField(default=0)
    locked = fields.BooleanField(default=False)

    class Meta:
        table = "snippets_snippets"
