from tortoise import BaseDBAsyncClient

RUN_IN_TRANSACTION = True


async def upgrade(db: BaseDBAsyncClient) -> str:
    return """
        CREATE TABLE IF NOT EXISTS "core_migrations" (
    "version" VARCHAR(255) NOT NULL PRIMARY KEY,
    "digest" VARCHAR(64) NOT NULL,
    "applied_at" TIMESTAMPTZ NOT NULL,
    "took_seconds" DOUBLE PRECISION NOT NULL
);
CREATE TABLE IF NOT EXISTS "core_steps" (
    "id" BIGSERIAL NOT NULL PRIMARY KEY,
    "plugin" VARCHAR(30) NOT NULL,
    "name" VARCHAR(60) NOT NULL,
    "position" JSONB,
    "rows_done" BIGINT NOT NULL DEFAULT 0,
    "started_at" TIMESTAMPTZ NOT NULL,
    "finished_at" TIMESTAMPTZ,
    CONSTRAINT "uid_core_steps_plugin_5aa37a" UNIQUE ("plugin", "name")
);
CREATE TABLE IF NOT EXISTS "core_settings" (
    "created_at" TIMESTAMPTZ NOT NULL,
    "updated_at" TIMESTAMPTZ NOT NULL,
    "id" BIGSERIAL NOT NULL PRIMARY KEY,
    "guild_id" BIGINT NOT NULL,
    "plugin" VARCHAR(30) NOT NULL,
    "changed" JSONB NOT NULL,
    CONSTRAINT "uid_core_settin_guild_i_b4f3ab" UNIQUE ("guild_id", "plugin")
);
CREATE TABLE IF NOT EXISTS "core_switches" (
    "created_at" TIMESTAMPTZ NOT NULL,
    "updated_at" TIMESTAMPTZ NOT NULL,
    "id" BIGSERIAL NOT NULL PRIMARY KEY,
    "guild_id" BIGINT NOT NULL,
    "plugin" VARCHAR(30) NOT NULL,
    "enabled" BOOL NOT NULL,
    CONSTRAINT "uid_core_switch_guild_i_98c3a2" UNIQUE ("guild_id", "plugin")
);
CREATE TABLE IF NOT EXISTS "guild_guilds" (
    "guild_id" BIGINT NOT NULL PRIMARY KEY,
    "guild_name" VARCHAR(100) NOT NULL DEFAULT '',
    "case_count" BIGINT NOT NULL DEFAULT 0,
    "joined_at" TIMESTAMPTZ NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "left_at" TIMESTAMPTZ
);
CREATE TABLE IF NOT EXISTS "guild_configs" (
    "prefix" VARCHAR(16),
    "mod_log_id" BIGINT,
    "audit_log_id" BIGINT,
    "join_log_id" BIGINT,
    "private_log_id" BIGINT,
    "report_log_id" BIGINT,
    "dev_log_id" BIGINT,
    "log_channel_id" BIGINT,
    "jail_channel_id" BIGINT,
    "jail_role_id" BIGINT,
    "general_channel_id" BIGINT,
    "starboard_channel_id" BIGINT,
    "onboarding_stage" VARCHAR(20) NOT NULL DEFAULT 'not_started',
    "guild_id" BIGINT NOT NULL PRIMARY KEY REFERENCES "guild_guilds" ("guild_id") ON DELETE CASCADE
);
CREATE TABLE IF NOT EXISTS "guild_level_roles" (
    "id" BIGSERIAL NOT NULL PRIMARY KEY,
    "level" SMALLINT NOT NULL,
    "role_id" BIGINT NOT NULL,
    "guild_id" BIGINT NOT NULL REFERENCES "guild_guilds" ("guild_id") ON DELETE CASCADE,
    CONSTRAINT "uid_guild_level_guild_i_726cda" UNIQUE ("guild_id", "level")
);
CREATE TABLE IF NOT EXISTS "guild_member_statuses" (
    "id" BIGSERIAL NOT NULL PRIMARY KEY,
    "user_id" BIGINT NOT NULL,
    "status" VARCHAR(100) NOT NULL,
    "changed_at" TIMESTAMPTZ NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "guild_id" BIGINT NOT NULL REFERENCES "guild_guilds" ("guild_id") ON DELETE CASCADE,
    CONSTRAINT "uid_guild_membe_guild_i_197a0c" UNIQUE ("guild_id", "user_id")
);
CREATE TABLE IF NOT EXISTS "afk_entries" (
    "id" BIGSERIAL NOT NULL PRIMARY KEY,
    "user_id" BIGINT NOT NULL,
    "afk_message" TEXT NOT NULL,
    "since" TIMESTAMPTZ NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "until" TIMESTAMPTZ,
    "permanent" BOOL NOT NULL DEFAULT False,
    "enforced" BOOL NOT NULL DEFAULT False,
    "nickname" VARCHAR(32),
    "claimed_until" TIMESTAMPTZ,
    "guild_id" BIGINT NOT NULL REFERENCES "guild_guilds" ("guild_id") ON DELETE CASCADE,
    CONSTRAINT "uid_afk_entries_user_id_73fbc2" UNIQUE ("user_id", "guild_id")
);
CREATE TABLE IF NOT EXISTS "audit_entries" (
    "id" BIGSERIAL NOT NULL PRIMARY KEY,
    "actor_id" BIGINT NOT NULL,
    "action" VARCHAR(100) NOT NULL,
    "target_id" BIGINT,
    "before" JSONB,
    "after" JSONB,
    "reason" TEXT,
    "created_at" TIMESTAMPTZ NOT NULL,
    "guild_id" BIGINT NOT NULL REFERENCES "guild_guilds" ("guild_id") ON DELETE CASCADE
);
CREATE TABLE IF NOT EXISTS "levels_member_levels" (
    "created_at" TIMESTAMPTZ NOT NULL,
    "updated_at" TIMESTAMPTZ NOT NULL,
    "id" BIGSERIAL NOT NULL PRIMARY KEY,
    "member_id" BIGINT NOT NULL,
    "xp" DOUBLE PRECISION NOT NULL DEFAULT 0,
    "level" INT NOT NULL DEFAULT 0,
    "blacklisted" BOOL NOT NULL DEFAULT False,
    "last_message" TIMESTAMPTZ,
    "guild_id" BIGINT NOT NULL REFERENCES "guild_guilds" ("guild_id") ON DELETE CASCADE,
    CONSTRAINT "uid_levels_memb_member__49b178" UNIQUE ("member_id", "guild_id")
);
CREATE TABLE IF NOT EXISTS "moderation_cases" (
    "case_id" BIGSERIAL NOT NULL PRIMARY KEY,
    "case_number" INT NOT NULL,
    "case_type" VARCHAR(40) NOT NULL,
    "case_user_id" BIGINT NOT NULL,
    "case_moderator_id" BIGINT NOT NULL,
    "case_reason" TEXT,
    "case_status" BOOL NOT NULL DEFAULT True,
    "case_processed" BOOL NOT NULL DEFAULT False,
    "case_user_roles" JSONB NOT NULL DEFAULT '[]',
    "case_metadata" JSONB,
    "case_expires_at" TIMESTAMPTZ,
    "case_created_at" TIMESTAMPTZ NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "case_pending" BOOL NOT NULL DEFAULT False,
    "case_claimed_until" TIMESTAMPTZ,
    "mod_log_message_id" BIGINT,
    "case_voided_at" TIMESTAMPTZ,
    "case_voided_by" BIGINT,
    "case_void_reason" TEXT,
    "guild_id" BIGINT NOT NULL REFERENCES "guild_guilds" ("guild_id") ON DELETE CASCADE,
    CONSTRAINT "uid_moderation__guild_i_c88aef" UNIQUE ("guild_id", "case_number")
);
CREATE TABLE IF NOT EXISTS "moderation_case_counters" (
    "last_number" INT NOT NULL,
    "guild_id" BIGINT NOT NULL PRIMARY KEY REFERENCES "guild_guilds" ("guild_id") ON DELETE CASCADE
);
CREATE TABLE IF NOT EXISTS "moderation_case_kinds" (
    "id" BIGSERIAL NOT NULL PRIMARY KEY,
    "name" VARCHAR(40) NOT NULL,
    "past" VARCHAR(100) NOT NULL,
    "colour" INT NOT NULL,
    "emoji" VARCHAR(80) NOT NULL DEFAULT '',
    "restricts" BOOL NOT NULL DEFAULT False,
    "expires" BOOL NOT NULL DEFAULT False,
    "guild_id" BIGINT NOT NULL REFERENCES "guild_guilds" ("guild_id") ON DELETE CASCADE,
    CONSTRAINT "uid_moderation__guild_i_53211f" UNIQUE ("guild_id", "name")
);
CREATE TABLE IF NOT EXISTS "moderation_reason_templates" (
    "id" BIGSERIAL NOT NULL PRIMARY KEY,
    "name" VARCHAR(30) NOT NULL,
    "text" VARCHAR(500) NOT NULL,
    "guild_id" BIGINT NOT NULL REFERENCES "guild_guilds" ("guild_id") ON DELETE CASCADE,
    CONSTRAINT "uid_moderation__guild_i_87913b" UNIQUE ("guild_id", "name")
);
CREATE TABLE IF NOT EXISTS "notes_notes" (
    "created_at" TIMESTAMPTZ NOT NULL,
    "updated_at" TIMESTAMPTZ NOT NULL,
    "id" BIGSERIAL NOT NULL PRIMARY KEY,
    "user_id" BIGINT NOT NULL,
    "author_id" BIGINT,
    "content" VARCHAR(1000) NOT NULL,
    "guild_id" BIGINT NOT NULL REFERENCES "guild_guilds" ("guild_id") ON DELETE CASCADE
);
CREATE TABLE IF NOT EXISTS "permissions_members" (
    "created_at" TIMESTAMPTZ NOT NULL,
    "updated_at" TIMESTAMPTZ NOT NULL,
    "id" BIGSERIAL NOT NULL PRIMARY KEY,
    "user_id" BIGINT NOT NULL,
    "permission_level" VARCHAR(20) NOT NULL,
    "guild_id" BIGINT NOT NULL REFERENCES "guild_guilds" ("guild_id") ON DELETE CASCADE,
    CONSTRAINT "uid_permissions_guild_i_f058e2" UNIQUE ("guild_id", "user_id")
);
CREATE TABLE IF NOT EXISTS "permissions_assignments" (
    "created_at" TIMESTAMPTZ NOT NULL,
    "updated_at" TIMESTAMPTZ NOT NULL,
    "id" BIGSERIAL NOT NULL PRIMARY KEY,
    "role_id" BIGINT NOT NULL,
    "rank" SMALLINT NOT NULL,
    "guild_id" BIGINT NOT NULL REFERENCES "guild_guilds" ("guild_id") ON DELETE CASCADE,
    CONSTRAINT "uid_permissions_guild_i_154ec1" UNIQUE ("guild_id", "role_id")
);
CREATE TABLE IF NOT EXISTS "permissions_commands" (
    "created_at" TIMESTAMPTZ NOT NULL,
    "updated_at" TIMESTAMPTZ NOT NULL,
    "id" BIGSERIAL NOT NULL PRIMARY KEY,
    "command_name" VARCHAR(100) NOT NULL,
    "required_rank" SMALLINT NOT NULL,
    "guild_id" BIGINT NOT NULL REFERENCES "guild_guilds" ("guild_id") ON DELETE CASCADE,
    CONSTRAINT "uid_permissions_guild_i_7d7025" UNIQUE ("guild_id", "command_name")
);
CREATE TABLE IF NOT EXISTS "permissions_ranks" (
    "created_at" TIMESTAMPTZ NOT NULL,
    "updated_at" TIMESTAMPTZ NOT NULL,
    "id" BIGSERIAL NOT NULL PRIMARY KEY,
    "rank" SMALLINT NOT NULL,
    "name" VARCHAR(100) NOT NULL,
    "description" VARCHAR(500),
    "guild_id" BIGINT NOT NULL REFERENCES "guild_guilds" ("guild_id") ON DELETE CASCADE,
    CONSTRAINT "uid_permissions_guild_i_8470ab" UNIQUE ("guild_id", "rank")
);
CREATE TABLE IF NOT EXISTS "points_users" (
    "created_at" TIMESTAMPTZ NOT NULL,
    "updated_at" TIMESTAMPTZ NOT NULL,
    "id" BIGSERIAL NOT NULL PRIMARY KEY,
    "discord_id" BIGINT NOT NULL,
    "username" VARCHAR(100) NOT NULL,
    "points" INT NOT NULL,
    "message_count" BIGINT NOT NULL,
    "is_active" BOOL NOT NULL,
    "last_active" TIMESTAMPTZ NOT NULL,
    "guild_id" BIGINT NOT NULL REFERENCES "guild_guilds" ("guild_id") ON DELETE CASCADE,
    CONSTRAINT "uid_points_user_guild_i_cee7ef" UNIQUE ("guild_id", "discord_id")
);
CREATE TABLE IF NOT EXISTS "points_transactions" (
    "id" BIGSERIAL NOT NULL PRIMARY KEY,
    "amount" INT NOT NULL,
    "created_at" TIMESTAMPTZ NOT NULL,
    "from_user_id" BIGINT REFERENCES "points_users" ("id") ON DELETE SET NULL,
    "guild_id" BIGINT NOT NULL REFERENCES "guild_guilds" ("guild_id") ON DELETE CASCADE,
    "to_user_id" BIGINT REFERENCES "points_users" ("id") ON DELETE SET NULL
);
CREATE TABLE IF NOT EXISTS "polls_polls" (
    "created_at" TIMESTAMPTZ NOT NULL,
    "updated_at" TIMESTAMPTZ NOT NULL,
    "id" BIGSERIAL NOT NULL PRIMARY KEY,
    "channel_id" BIGINT NOT NULL,
    "message_id" BIGINT UNIQUE,
    "author_id" BIGINT,
    "question" VARCHAR(300) NOT NULL,
    "ends_at" TIMESTAMPTZ,
    "closed_at" TIMESTAMPTZ,
    "guild_id" BIGINT NOT NULL REFERENCES "guild_guilds" ("guild_id") ON DELETE CASCADE
);
CREATE TABLE IF NOT EXISTS "polls_options" (
    "id" BIGSERIAL NOT NULL PRIMARY KEY,
    "position" SMALLINT NOT NULL,
    "text" VARCHAR(80) NOT NULL,
    "poll_id" BIGINT NOT NULL REFERENCES "polls_polls" ("id") ON DELETE CASCADE,
    CONSTRAINT "uid_polls_optio_poll_id_441005" UNIQUE ("poll_id", "position")
);
CREATE TABLE IF NOT EXISTS "polls_votes" (
    "created_at" TIMESTAMPTZ NOT NULL,
    "updated_at" TIMESTAMPTZ NOT NULL,
    "id" BIGSERIAL NOT NULL PRIMARY KEY,
    "user_id" BIGINT NOT NULL,
    "option_id" BIGINT REFERENCES "polls_options" ("id") ON DELETE CASCADE,
    "poll_id" BIGINT NOT NULL REFERENCES "polls_polls" ("id") ON DELETE CASCADE,
    CONSTRAINT "uid_polls_votes_poll_id_791473" UNIQUE ("poll_id", "user_id")
);
CREATE TABLE IF NOT EXISTS "reminders_reminders" (
    "id" BIGSERIAL NOT NULL PRIMARY KEY,
    "reminder_user_id" BIGINT NOT NULL,
    "reminder_channel_id" BIGINT NOT NULL,
    "reminder_by_dm" BOOL NOT NULL DEFAULT False,
    "reminder_content" TEXT NOT NULL,
    "reminder_created_at" TIMESTAMPTZ NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "reminder_expires_at" TIMESTAMPTZ NOT NULL,
    "reminder_repeat_seconds" BIGINT,
    "reminder_repeat_from" TIMESTAMPTZ,
    "reminder_zone" VARCHAR(64),
    "reminder_sent_at" TIMESTAMPTZ,
    "reminder_claimed_until" TIMESTAMPTZ,
    "reminder_attempts" SMALLINT NOT NULL DEFAULT 0,
    "guild_id" BIGINT REFERENCES "guild_guilds" ("guild_id") ON DELETE CASCADE
);
CREATE TABLE IF NOT EXISTS "reminders_user_zones" (
    "id" BIGSERIAL NOT NULL PRIMARY KEY,
    "user_id" BIGINT NOT NULL UNIQUE,
    "zone" VARCHAR(64) NOT NULL
);
CREATE TABLE IF NOT EXISTS "snippets_snippets" (
    "snippet_id" BIGSERIAL NOT NULL PRIMARY KEY,
    "snippet_name" VARCHAR(100) NOT NULL,
    "snippet_content" TEXT,
    "alias" VARCHAR(100),
    "snippet_user_id" BIGINT,
    "snippet_created_at" TIMESTAMPTZ NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "uses" BIGINT NOT NULL DEFAULT 0,
    "locked" BOOL NOT NULL DEFAULT False,
    "guild_id" BIGINT NOT NULL REFERENCES "guild_guilds" ("guild_id") ON DELETE CASCADE,
    CONSTRAINT "uid_snippets_sn_guild_i_8fa142" UNIQUE ("guild_id", "snippet_name")
);
CREATE TABLE IF NOT EXISTS "starboard_boards" (
    "created_at" TIMESTAMPTZ NOT NULL,
    "updated_at" TIMESTAMPTZ NOT NULL,
    "id" BIGSERIAL NOT NULL PRIMARY KEY,
    "channel_id" BIGINT NOT NULL,
    "emoji" VARCHAR(60) NOT NULL,
    "threshold" INT NOT NULL,
    "guild_id" BIGINT NOT NULL REFERENCES "guild_guilds" ("guild_id") ON DELETE CASCADE,
    CONSTRAINT "uid_starboard_b_guild_i_3e6e6d" UNIQUE ("guild_id")
);
CREATE TABLE IF NOT EXISTS "starboard_messages" (
    "created_at" TIMESTAMPTZ NOT NULL,
    "updated_at" TIMESTAMPTZ NOT NULL,
    "id" BIGSERIAL NOT NULL PRIMARY KEY,
    "original_message_id" BIGINT NOT NULL,
    "original_channel_id" BIGINT NOT NULL,
    "author_id" BIGINT NOT NULL,
    "star_count" INT NOT NULL,
    "starboard_message_id" BIGINT UNIQUE,
    "starboard_channel_id" BIGINT,
    "claim" UUID,
    "claimed_at" TIMESTAMPTZ,
    "guild_id" BIGINT NOT NULL REFERENCES "guild_guilds" ("guild_id") ON DELETE CASCADE,
    CONSTRAINT "uid_starboard_m_origina_9c9e36" UNIQUE ("original_message_id")
);
CREATE TABLE IF NOT EXISTS "aerich" (
    "id" SERIAL NOT NULL PRIMARY KEY,
    "version" VARCHAR(255) NOT NULL,
    "app" VARCHAR(100) NOT NULL,
    "content" JSONB NOT NULL
);
        CREATE UNIQUE INDEX "uid_aerich_app_version" ON "aerich" ("app", "version");
        CREATE INDEX "afk_entries_guild" ON "afk_entries" ("guild_id", "since");
        CREATE INDEX "afk_entries_due" ON "afk_entries" ("until") WHERE until IS NOT NULL;
        CREATE INDEX "audit_entries_newest" ON "audit_entries" ("guild_id", "created_at" DESC, "id" DESC);
        CREATE INDEX "audit_entries_actor" ON "audit_entries" ("guild_id", "actor_id", "created_at" DESC, "id" DESC);
        CREATE INDEX "audit_entries_target" ON "audit_entries" ("guild_id", "target_id", "created_at" DESC, "id" DESC);
        CREATE INDEX "audit_entries_age" ON "audit_entries" USING brin ("created_at");
        ALTER TABLE "guild_configs" ADD CONSTRAINT "guild_configs_prefix_check" CHECK (prefix <> '');
        ALTER TABLE "guild_level_roles" ADD CONSTRAINT "guild_level_roles_level_check" CHECK (level BETWEEN 0 AND 10);
        ALTER TABLE "levels_member_levels" ADD CONSTRAINT "levels_member_levels_xp_check" CHECK (xp BETWEEN 0 AND 1000000000000000);
        ALTER TABLE "levels_member_levels" ADD CONSTRAINT "levels_member_levels_level_check" CHECK (level >= 0);
        CREATE INDEX "levels_member_levels_board" ON "levels_member_levels" ("guild_id", "blacklisted", "xp", "member_id");
        ALTER TABLE "moderation_case_kinds" ADD CONSTRAINT "moderation_case_kinds_colour_check" CHECK (colour BETWEEN 0 AND 16777215);
        ALTER TABLE "moderation_case_kinds" ADD CONSTRAINT "moderation_case_kinds_name_check" CHECK (name ~ '^[A-Z][A-Z0-9_]*$');
        ALTER TABLE "moderation_cases" ADD CONSTRAINT "moderation_cases_number_check" CHECK (case_number > 0);
        CREATE INDEX "moderation_cases_user" ON "moderation_cases" ("guild_id", "case_user_id", "case_number" DESC);
        CREATE INDEX "moderation_cases_moderator" ON "moderation_cases" ("guild_id", "case_moderator_id", "case_number" DESC);
        CREATE INDEX "moderation_cases_due" ON "moderation_cases" ("case_expires_at") WHERE case_status AND NOT case_processed AND case_expires_at IS NOT NULL;
        CREATE INDEX "moderation_cases_pending" ON "moderation_cases" ("case_claimed_until") WHERE case_pending;
        CREATE INDEX "notes_notes_member" ON "notes_notes" ("guild_id", "user_id", "id" DESC);
        ALTER TABLE "permissions_assignments" ADD CONSTRAINT "permissions_assignments_rank_check" CHECK (rank BETWEEN 0 AND 10);
        ALTER TABLE "permissions_commands" ADD CONSTRAINT "permissions_commands_rank_check" CHECK (required_rank BETWEEN 0 AND 10);
        ALTER TABLE "permissions_ranks" ADD CONSTRAINT "permissions_ranks_rank_check" CHECK (rank BETWEEN 0 AND 10);
        CREATE UNIQUE INDEX "permissions_ranks_name_key" ON "permissions_ranks" ("guild_id", (lower(name)));
        ALTER TABLE "points_transactions" ADD CONSTRAINT "points_transactions_amount_check" CHECK (amount > 0);
        CREATE INDEX "points_transactions_guild" ON "points_transactions" ("guild_id", "id" DESC);
        CREATE INDEX "points_transactions_given" ON "points_transactions" ("from_user_id", "id" DESC);
        CREATE INDEX "points_transactions_received" ON "points_transactions" ("to_user_id", "id" DESC);
        ALTER TABLE "points_users" ADD CONSTRAINT "points_users_points_check" CHECK (points BETWEEN 0 AND 1000000000);
        ALTER TABLE "points_users" ADD CONSTRAINT "points_users_message_count_check" CHECK (message_count >= 0);
        ALTER TABLE "points_users" ADD CONSTRAINT "points_users_username_check" CHECK (btrim(username) <> '');
        CREATE INDEX "points_users_richest" ON "points_users" ("guild_id", "points" DESC, "id");
        CREATE INDEX "points_users_most_active" ON "points_users" ("guild_id", "message_count" DESC, "last_active" DESC);
        ALTER TABLE "polls_options" ADD CONSTRAINT "polls_options_position_check" CHECK (position BETWEEN 1 AND 10);
        CREATE INDEX "polls_polls_guild" ON "polls_polls" ("guild_id", "id" DESC);
        CREATE INDEX "polls_polls_due" ON "polls_polls" ("ends_at") WHERE closed_at IS NULL AND ends_at IS NOT NULL;
        CREATE INDEX "polls_votes_option" ON "polls_votes" ("option_id") WHERE option_id IS NOT NULL;
        ALTER TABLE "reminders_reminders" ADD CONSTRAINT "reminders_reminders_repeat_check" CHECK (reminder_repeat_seconds > 0);
        CREATE INDEX "reminders_reminders_guild" ON "reminders_reminders" ("guild_id", "reminder_expires_at");
        CREATE INDEX "reminders_reminders_user" ON "reminders_reminders" ("reminder_user_id", "reminder_expires_at");
        CREATE INDEX "reminders_reminders_due" ON "reminders_reminders" ("reminder_expires_at", "id") WHERE reminder_sent_at IS NULL;
        CREATE INDEX "reminders_reminders_sent" ON "reminders_reminders" ("reminder_sent_at") WHERE reminder_sent_at IS NOT NULL;
        ALTER TABLE "snippets_snippets" ADD CONSTRAINT "snippets_snippets_name_check" CHECK (snippet_name <> '');
        ALTER TABLE "snippets_snippets" ADD CONSTRAINT "snippets_snippets_content_check" CHECK (num_nonnulls(snippet_content, alias) = 1);
        ALTER TABLE "snippets_snippets" ADD CONSTRAINT "snippets_snippets_uses_check" CHECK (uses >= 0);
        CREATE INDEX "snippets_snippets_spelling" ON "snippets_snippets" ("guild_id", (lower(snippet_name) COLLATE "C"));
        CREATE INDEX "snippets_snippets_popular" ON "snippets_snippets" ("guild_id", "uses" DESC, "snippet_id");
        ALTER TABLE "starboard_boards" ADD CONSTRAINT "starboard_boards_threshold_check" CHECK (threshold >= 1);
        ALTER TABLE "starboard_messages" ADD CONSTRAINT "starboard_messages_star_count_check" CHECK (star_count >= 0);
        CREATE INDEX "starboard_messages_top" ON "starboard_messages" ("guild_id", "star_count" DESC, "id");"""


async def downgrade(db: BaseDBAsyncClient) -> str:
    return """
        DROP INDEX IF EXISTS "starboard_messages_top";
        ALTER TABLE "starboard_messages" DROP CONSTRAINT IF EXISTS "starboard_messages_star_count_check";
        ALTER TABLE "starboard_boards" DROP CONSTRAINT IF EXISTS "starboard_boards_threshold_check";
        DROP INDEX IF EXISTS "snippets_snippets_popular";
        DROP INDEX IF EXISTS "snippets_snippets_spelling";
        ALTER TABLE "snippets_snippets" DROP CONSTRAINT IF EXISTS "snippets_snippets_uses_check";
        ALTER TABLE "snippets_snippets" DROP CONSTRAINT IF EXISTS "snippets_snippets_content_check";
        ALTER TABLE "snippets_snippets" DROP CONSTRAINT IF EXISTS "snippets_snippets_name_check";
        DROP INDEX IF EXISTS "reminders_reminders_sent";
        DROP INDEX IF EXISTS "reminders_reminders_due";
        DROP INDEX IF EXISTS "reminders_reminders_user";
        DROP INDEX IF EXISTS "reminders_reminders_guild";
        ALTER TABLE "reminders_reminders" DROP CONSTRAINT IF EXISTS "reminders_reminders_repeat_check";
        DROP INDEX IF EXISTS "polls_votes_option";
        DROP INDEX IF EXISTS "polls_polls_due";
        DROP INDEX IF EXISTS "polls_polls_guild";
        ALTER TABLE "polls_options" DROP CONSTRAINT IF EXISTS "polls_options_position_check";
        DROP INDEX IF EXISTS "points_users_most_active";
        DROP INDEX IF EXISTS "points_users_richest";
        ALTER TABLE "points_users" DROP CONSTRAINT IF EXISTS "points_users_username_check";
        ALTER TABLE "points_users" DROP CONSTRAINT IF EXISTS "points_users_message_count_check";
        ALTER TABLE "points_users" DROP CONSTRAINT IF EXISTS "points_users_points_check";
        DROP INDEX IF EXISTS "points_transactions_received";
        DROP INDEX IF EXISTS "points_transactions_given";
        DROP INDEX IF EXISTS "points_transactions_guild";
        ALTER TABLE "points_transactions" DROP CONSTRAINT IF EXISTS "points_transactions_amount_check";
        DROP INDEX IF EXISTS "permissions_ranks_name_key";
        ALTER TABLE "permissions_ranks" DROP CONSTRAINT IF EXISTS "permissions_ranks_rank_check";
        ALTER TABLE "permissions_commands" DROP CONSTRAINT IF EXISTS "permissions_commands_rank_check";
        ALTER TABLE "permissions_assignments" DROP CONSTRAINT IF EXISTS "permissions_assignments_rank_check";
        DROP INDEX IF EXISTS "notes_notes_member";
        DROP INDEX IF EXISTS "moderation_cases_pending";
        DROP INDEX IF EXISTS "moderation_cases_due";
        DROP INDEX IF EXISTS "moderation_cases_moderator";
        DROP INDEX IF EXISTS "moderation_cases_user";
        ALTER TABLE "moderation_cases" DROP CONSTRAINT IF EXISTS "moderation_cases_number_check";
        ALTER TABLE "moderation_case_kinds" DROP CONSTRAINT IF EXISTS "moderation_case_kinds_name_check";
        ALTER TABLE "moderation_case_kinds" DROP CONSTRAINT IF EXISTS "moderation_case_kinds_colour_check";
        DROP INDEX IF EXISTS "levels_member_levels_board";
        ALTER TABLE "levels_member_levels" DROP CONSTRAINT IF EXISTS "levels_member_levels_level_check";
        ALTER TABLE "levels_member_levels" DROP CONSTRAINT IF EXISTS "levels_member_levels_xp_check";
        ALTER TABLE "guild_level_roles" DROP CONSTRAINT IF EXISTS "guild_level_roles_level_check";
        ALTER TABLE "guild_configs" DROP CONSTRAINT IF EXISTS "guild_configs_prefix_check";
        DROP INDEX IF EXISTS "audit_entries_age";
        DROP INDEX IF EXISTS "audit_entries_target";
        DROP INDEX IF EXISTS "audit_entries_actor";
        DROP INDEX IF EXISTS "audit_entries_newest";
        DROP INDEX IF EXISTS "afk_entries_due";
        DROP INDEX IF EXISTS "afk_entries_guild";
        DROP INDEX IF EXISTS "uid_aerich_app_version";
        DROP TABLE IF EXISTS "polls_votes";
        DROP TABLE IF EXISTS "polls_options";
        DROP TABLE IF EXISTS "points_transactions";
        DROP TABLE IF EXISTS "starboard_messages";
        DROP TABLE IF EXISTS "starboard_boards";
        DROP TABLE IF EXISTS "snippets_snippets";
        DROP TABLE IF EXISTS "reminders_reminders";
        DROP TABLE IF EXISTS "polls_polls";
        DROP TABLE IF EXISTS "points_users";
        DROP TABLE IF EXISTS "permissions_ranks";
        DROP TABLE IF EXISTS "permissions_members";
        DROP TABLE IF EXISTS "permissions_commands";
        DROP TABLE IF EXISTS "permissions_assignments";
        DROP TABLE IF EXISTS "notes_notes";
        DROP TABLE IF EXISTS "moderation_reason_templates";
        DROP TABLE IF EXISTS "moderation_cases";
        DROP TABLE IF EXISTS "moderation_case_kinds";
        DROP TABLE IF EXISTS "moderation_case_counters";
        DROP TABLE IF EXISTS "levels_member_levels";
        DROP TABLE IF EXISTS "guild_member_statuses";
        DROP TABLE IF EXISTS "guild_level_roles";
        DROP TABLE IF EXISTS "guild_configs";
        DROP TABLE IF EXISTS "audit_entries";
        DROP TABLE IF EXISTS "afk_entries";
        DROP TABLE IF EXISTS "reminders_user_zones";
        DROP TABLE IF EXISTS "core_switches";
        DROP TABLE IF EXISTS "core_steps";
        DROP TABLE IF EXISTS "core_settings";
        DROP TABLE IF EXISTS "core_migrations";
        DROP TABLE IF EXISTS "guild_guilds";"""


MODELS_STATE = (
    "eJztXVtz4zay/isovWRSpTPlyB7PbGZrq2zHSbzjy5Tt2U0lJ0XDIiQxpgiFoCz77Oa/Hz"
    "R4v4oEZZni9MuMRaIh8etmo7vR3fjPYM5NZou3R4uFbTHzwpq61LO4M/ie/Gfg0DmTf5SO"
    "GZIBXSziEXDBo/e2IhpzlxnzcKy6R++F59KxJ29PqC2YvGQyMXatRfCVztK24SIfy4GWM4"
    "V5/j2jHqEOof63k2hKMrFsRmbMNodEcOLBOO4w/48VFYSZlicJ6MRj7oq6piCWIA73rDEz"
    "38LvWTrWn0tmeHzKvBlz5bf99ru8bDkme2Ii/Lh4MCaW/JYUJI/MFQEE6qbhPS/UjZMZdX"
    "9Uw+FB7o0xt5dzJ0OyePZm3Ilo5MPC1SlzmHw0ZibwAUQCRMNL/q+WFzx3yaKfa8YXTDah"
    "S9tL4HlvxNcGhnF5dWvcnN4axqAOB4JLY8lEyT3L8YRCYk6fDJs5U28mP47evfvL/6IYDX"
    "8YfOO/jq5Pfj66fiNHfQtfyaUQ+EJyGdwa+ff+UpNQj/rTKBbEmJvWlAmvCeQxxWYQDy/E"
    "kMdyvHXMDw9qQH54UIo43ALAY4CDV8ygBSD/IGHyrDkrBjpNmQHbDEjfhn/sIPQVUN+eXZ"
    "ze3B5dfIbp50L8aSu8jm5P4c5IXX3OXH1zmGFLNAn599ntzwQ+kl+vLk8VnFx4U1d9Yzzu"
    "9tcB/Ca69Ljh8JVBzSQm4eXwUorNHucPhmDyCU2RZ/SPNqdeMZezhBk+T4CyX7z94erL8f"
    "kp+Xx9enJ2c3Z1mWamugmX5AW51MC169Ojc/lWwboxeUhoMbhwT8cPsA4ZuTt8xMvG5m/N"
    "R/PsFerQqcINHhAeJ1ix5UtLbzy2KFrNo3vrV3Ehh+kv4D/zlRztEkpAsxOYjPCJ/Liwl1"
    "PLkYvy98SEhXtleTNyN7EcS8yULrkbEvl75IrOyT0j8g1YzmE998idfCUs+Mq7snX8t4E/"
    "O9xWD/573ZXdMvPvxLE1PXNKXgp/fOZVkKKVfRGCxbm7C/oUfsL//G002t9/P9rbP/zw7u"
    "D9+3cf9j7Iser35m+9r3h1js9+Oru8TWs5uFC9xsdcq7vGxxQ9XOP392qs8ft7pWs83Eqv"
    "8er/BvCG43sI7mEdcA/LwT3MgRuqpTzA/7y5uiyR3wRN1nCyxh75L7EtUWdZDZRFV7CuwB"
    "bASBlLIaZvLo5+ycJ9cn51nLWCYILjDPYuXwkD1pFm6jtFtl6Lb0rI97Ko7+2G5o7xFh51"
    "PS1nIU2JzkKnnYWEOdaUzxnSDTB6d1TcTvC5I17KZ2XB3TDP88HOuSrpAcP1/oo/Ut9luZ"
    "0xEk7ixxMpmS4t2yQzKsh4Rh35IET6LuC2+AboR7KCcZYg8huZ46mRlidIIHXljoqa2Ajc"
    "CN+YRWelQ0teubMydhnVWwLTlK+1BA7+Plk6YxVL95ZPb4O3Db5RvB0vXVeKsQGf/jFABb"
    "p2oVwuTE1hSFOiMPRAGJI6vb52Tq0EW3NFeqKmMYa0tRhSYAA1iXIkSFoFOdqqtnv5ikmz"
    "TryFr30NVbax2Ee3jPeV5Y1ng3Lb3b9fw3RXA5m+6X7kG+rfCMJXjjS+x5ZQSxqXBvkji3"
    "cd5DXuEj6ZfFT7DnwJNr7LV9LcZ0Q+rTVhwpOz3AXCYXDnjsy4hAQt+V1dItCSR+MNLXkU"
    "BrTkO62m0ZLfmiXPHHjwIuHm3GbUKQY5QZVB+V6S7SDMVYJ6dXWe0lXHZxmxvfxycXx6/e"
    "Y7BXucCeRLc0es9J9AHw0KzHP/RqVd7usy9W9rs9wPpoOJfc9VsFza4JCqazltE3K7oqfR"
    "mA5AbZpokqbanvYe5K2gjSns7/bqaGw5qlRlq3uZ6AsVTOK2dArM0ypZT9NhqkN9M+QPbj"
    "la/kCKsCPuwNjm44e30twtMP8v+erNt2j4q++y2cTTYHmCDBMeusbfBtZYUhAemW240h4u"
    "yJY/Doh//HTNbFqSx5e0tc5htms52e6ayfHVQEJT782cze+ZawiPekuxEcgu1Iw3asK+ok"
    "al8DFHTtQWsaPJw6mc57m3QC1Ny9sQVDBVr8FSqqslSv7bp9RWX2ECy7glSidyij7DYzxY"
    "hdVijZU5APVJztVXsFxGBTw6my8kHm3F6lrNdhtM1lfMHN4aqEveX3gWzJ1bQoRV9C1fwM"
    "/RbP3Hy6Dyv6kzZ0DeCroYtaNoyq8AvzGfz2lrxR+Dd+LP9xUg51LnYWOwXcvJeosZh+GG"
    "HOAIOvbaa7nPasLbeL6+Iifda7clVl/kFH2FZ8Httr7PZzlFX+Fx2Rx+XlsJug6m2dlgZj"
    "VKwrEWC9bWerjxZ+mrKEFB5z2HDkstYQrn6T1QxpwJQadtvZ4IsAt/uj7h1igdIhGs4M7E"
    "mpbDeuWwWy7/qRuuiKbroXKLd4R9/d0WMYjtnMTT9QQxnVSbQGzKEm5iqVqXduOLc9vueV"
    "FOPDXnUJQt5/G4C5WsXLCP5PLL+TmZM2kwh6k536ytW8W8nI6mLVT01nHZxHrKM6IimzKi"
    "0MrH6dgbnsnNOayTmpPdoU5k5hxmE3PkS2zYfNpY2NN0WuLeNaRfJU3H3xrU4UCWEnnQJl"
    "VKiwUZQuSAds68az1KiLSYkKdFPujywWUL7uqpoxwpckGXCyZ71GJBmg7x18UfMITab4fZ"
    "jXmQp0U+aK/L1LK1GVFAjJxoxQnIJtVjQ4ISeaDLAx8j/ReimB75ocuPOC6uy5GyGZAnuj"
    "zhjsJT/jDI5Z42quUqot1iRZfDPSNoMjrI8SR7cyPHX9Qp8xqVV3mNVJFXq1rRTMQ1z60w"
    "jK84diYfhjrjIsZkC0N3KtBaFsSXl126isLTqfiyfHb5xMyv2j05ujk5+uF08NeGa2/jso"
    "+yPYFUYci6bYFMTYp2k0uYgaxgF4D4dRsiapMTJR8R9WXQ7TLYR6jXAEdRYf+bLin38q0B"
    "O0zvTzPgZk5tu9w/C4n61OFif/T+MIIePlSBfXNxdH5eEPrRse7bGvYdxXPbln1Hthu/Gv"
    "BzRstaQ+RH7jJr6nxizy9tinQ0o6ClMbLdpiGp4ssy2yVbobnOfCmoEW2d3UDGcq3yExhg"
    "XgZnDEF7bvkftOEOzJsh2DHwGboDrrhbt50f5NrCn2jPdEbzVNkzIbsasSBBhItAm1hOoA"
    "XqRgtiih727HqZFjB+N12ddpUpSmxJ0vmWFWjconHbRSbsunEb9ckosGmTPTTKTdlMyw7N"
    "tni+XQoxOHV2zIo+k4nL56FV+1EZtNCXesqZkMOYA1eeCXUZASTKzdeEORMxAc3XzugWNF"
    "87xIp0I555XE2Thv+WPZVlkKbJemHIVplOp7/cpqym3CkGkeV0fnX5Uzg8e7RBxnOwgpWy"
    "iUEbEaEtu1O27NLxrIIdhzX91UMibK3XZd7C3iF1WGGD0qq+0im6LXaWjq4k+VrbiGvMz5"
    "YtpdP9uyfcHbPmDbxjMsS5Bs6ONX5ofHJ2gqZ/5VP7oxphrf1ReS/6US6oZVOpuU1Da2XI"
    "EeMK0eUVAiNZGMnqChN2PpIVtzEtimWlmpxWRLOyfVW14llXDguOR/5ILHXAw8q1PI/BeW"
    "tjOQUctaYiWv4g2Ill9mRIqGMShz0ylzD5M1hpihmGr7qiUIYV4SspNbx5/CpJhdpdP4AV"
    "9Tyra6jGFL0IW21h/9WjrtRJjSU8RYaVCboSfs+k91rgipWfPhtTtDp8tmPoVwC5sVNm06"
    "Hxwj5B5bBHBIi6Pup+Q+kmexExRR/CDtvehejZUbBV+xEYl8C4BMYlusqEXY9LJA8OKQhM"
    "ZM4VKY9M+IeYhDnj8ZEm2kVvfsdpSAynYfpNXNzmxyIgROGXvakDK+GISpO51iMz/ewceX"
    "9ennkT/FTMvemq1hlWBC96tv7j6d94FDwKw0aEIaXW66vnFBmah9phn6dFgTFoc1oCuz88"
    "g/cExr8U4ntvN3nUbQVeP1x9OT4/JZ+vT0/Obs6CmEP0qqibcClOaLg+PTrPNuYqrvjuUr"
    "H3CxwcPPru4P3Bh/3Dg0hSoytVAloQg7SljQwBrMa5NxlKTL+pkX5jU+GVZ+WuOZA3Q4uJ"
    "IV1eYzEAgwGYrjBh1wMw6kzSgshLeFZpecgFLrnqsAcjOhtVOx/Em8kPfhyFkmBm7hLTMo"
    "nH5SWoWxlKarCSmalSRCxV5NSk25A6ysKfo36gRRE11TUJIgy5bCjkkmBefYs0Q9Unvb8x"
    "M1VhpCDJ4VqeD5Ii6mFKyEGdjJCD8oSQg3w9PiCmVbSXpeyTFG85PqCgjNYXPU5kyZEd7d"
    "jRPHkhQ4YZDBoZDABhWRuWythEhnKLsYnQ6EnCHxlCHY5MKMQWLh8zIRqHgvLEGA2qi7la"
    "M6MGqHUz0gpIW+Wmtd2UuZcujGc54i18X8EmzG+/v4zeeZFMNX8FZR4FQ78xV5KEmC/Ykg"
    "vsaWHJMTqb2HlyjJh2OWLqH+Kpn7SQJ+/IZjV2UmggAAvmQLt9LQMkJkXzo6750a5YuXAG"
    "VLNdfsvCQzqDnUTtQz7T9FgE1Cq88MgtU3/VS1Hj29flty/Jr/tnjcBeihbfutZvnW5kL0"
    "OL4b3m4T1MkcAUia4woQ8pEidcmuAqp6AwUyK8PWyQMCEBUUTt6lQgc43AdEFyRJhD4R93"
    "MKOCTK1HaK2x9D4S7tjP5M535NVvuFOtN5gglte2m0ZXNA6mSvjZjI1TJTJUfdL/rVIlcp"
    "q9iRbCE/decAVof3AN6O5PEpMivZ4e0EizP0iKNv2+gelQeqj0ekqhS3eovPFROttNPQ7W"
    "E+6Exm7cNrJNy8jOKekXTrxaUFEQ+ykHNxzfQ3Bf5qAZbvNlo6TMiACNjKJ+vXP+h9VEYC"
    "OCLR6fnN9u25iQfqgjox/KRfRDTkJdBj9g7DVNdUrR4b5XnV7TflJAQ5wTVIhyDZS74mt3"
    "Q/FidA+je/p+4LXaZ7hl84VN1Q/KOYKZEcOanqC/gWF4AV0bf9CfKuUJfiPiMilBHMZM6T"
    "B6zBmSpZQDVw4TM+56BJ4F/cVd1DlD9BfrWIv7dazF/XJrcT/fuJU9NfIXw/E9BPddLX/x"
    "XYW/+C7vL6L1gtZLV5iw69bLJS+2WdT1SkvFkSOEof7VtkzU0epwfnpcsQ0TmoTe86UXdc"
    "7DRv1d1xBVtgb2usMcO+x1h8JQIAx4Au1r5VhKvsx0jk9JkmGGq3aGK3e8wpMrK/plxCQ9"
    "9BO/26u7sVi5s4iu4mtLObqK61bunXUVFe6fmTu3hPAfvTjlKTFkWOVALqJxYd/1lpmscS"
    "t15VL6TddVA/YomXVIVvK+OgMOen+p+vx60e3Q7MAAd2d0zRCdTvQz0OlEYUCns8tKOpFI"
    "Ga34RklncPB/Tp3lPGcKphMsC+bZYuraxSmk2TR81/z0toZu0aiOUzQqd4lG6BC9tvyjQ7"
    "RuVdlZhyh2dI7kv1NnztQj5LyiwnG1XSMa0bRzj1zqPPjeEXg+gcPln5VNlSMk/aNH9jH+"
    "IMCNGsJnoJzTZzVA/uE8N3GcYCg6Tp3SSeg4oa2MjhMKQzNhCBV5I+WcIELDUdtxghU4j/"
    "vNnNp2OfIBTZ9g3x+9P4yAhg9V0N5cHJ2fY+3DqwsyekDrloceeEAnfC5HFdbB5wfV9n3G"
    "PsGmHJ+oCF48CDLhUOQQfIM6j9fyBBHL+/BLh8SSbGEUCiOUzxTc+EY6Riun5okxPomBtR"
    "Hd0knoAaHRix4QCkPDBpFJbZ4Th6rcrTRdPxO4Nt8YwmV/Li1XvkNa/k+WuE9mOzpCO2h0"
    "oCO0bpXogSN0Ddqm0gu6DvRRPRcItFfLAqvQ7RlLdak2dUKHhsHuuaMcpLqbOfDb0Y/pjE"
    "pBPwZNV/RjUBga7uTgdsLGrGjspPGyPmDylzWAOUPWhyMAsLNG/+w3dAnXLbi76xJyeJJb"
    "uW4KOvZKCqbyg4aVjqEabnjxeH3X0P9qf2NsJc0nMnH5PFk55XFCHQ5+4EflLQrLZH45lY"
    "+xGQ60BGHzhfeMbTq6rm6GFe4incNxEnkOlNeCRwR9Uvob68LbM/e76qBM9LCyHhboUkOr"
    "0ihLiU0WdJPm0Jh9RfDlu6El/mk6FH50JjrmTBRq+Q0g+yWYZreEuy6u2VUtha38EeTyy/"
    "n5oEiDILRroE1rzBJgX8cFVsAXeL0hQ9Y6uvBgbfpexz1AwK9VL3fgy8ofRBZycmndQqUb"
    "FL2tiOUQRsezeluhpiXG3DWxtK1Ta+AQN0RxDww3RFEYGglDQpc30s9pOnQXtd1FWOib7q"
    "QmaXA3td5uqm9XNQjyxgTbk+69lxXtjUV4paoV0vD1z2FupjhypL1Bd8uKwxIGbIQ9FmiO"
    "yhPDUnRbPDMstLq3uyBv8OgwdcpzGeTVhlOGtCOWE25sNLGUMKiOQd2uMGEbGSJZ08mYSu"
    "1VkIl2HFD/+Oma2bQk7awq6aMfwckCY9Nw2ZhJ0IpUBoKmQHvZNCTbHhRmHtn2uhisbQtD"
    "/dsiBCuRF/5ay1ONx+K+zJg21PU1aIhBVYyjYVAVhaFZtfyMOg6zGzsLaTp0F7RjI2GQqS"
    "kD0nQbycH5ahZKPGGpG+iHZmeTDYUkTQ83FPZrbSjsV2wo7Oc3FJhjCo3lPkG2gbW+YxLf"
    "q0Xc5kLPuk8SIo+7zGOM6WJMtytM2G5Mly+iGro2kUnbvlrUDEnuCt4pBfEYHvLdDqR/BW"
    "eK9wWilw7bXoU/tTB4G4vcuhBuQsq1grhXDiPUESu/JnQ84xwILUc1TF3YdMz82tHvyhNn"
    "4YeEawUXlvoyzJrtzII0rAjwRvzK8aC6YUiSrk/2wSaahnjsqdHhv+H4HnqlH+o4pR/Kfd"
    "IPBTludvOgY1JB9UhYX9eYXQR7jC1t2XCrcsdYUNeUTYieviW7XROtm8749i00BVeJfRZC"
    "uc46izjXpsFjUOgkbTPBPqpDvfhSXneIb/upnXf4IrKignj0gTkEUKhlsOHJx53TuVX2Gm"
    "7IY2gPN+RRGAqEAU8+fq3tSH8Zbgx+igw3g3XRR48QPcIusGBjHmFetWwI1Nr7GB3TK3WR"
    "TSnULnWLvGZzgK6wXUZ0b1jlTbrBKEi4D/7S9ipv+Fz6gvKDytpmti1dTDAEiHI2weD6qD"
    "pq+M0jwaXktkmkgD2H56qtZpYtv0twf4zlkbH0Ru8ZWUi/lE8mmPTddS0+rPAxQwnT6/FV"
    "RI1LrLZ1E8Gpm3BbMgGypD1L7p8Nc17AjarS5DzxFuuToytJXtReOBr70BssTI6lmDseKy"
    "rIv2VPa9+AmLYXe21V4YvTX25T0Id7am8ujn75NhW9OL+6/CkcnuDMyfnVcSkTtKOQJVN0"
    "JAJVVS1+yVdvvsVYU1oQ2NPCkvO2EYT0FK8lCJhM2ozxLlvI99cQTD6sWbQ1WcciyU+CUb"
    "DWRkkAKuRsab+TmTkwwXsn3sn/k057nuXleUc5wv6do3N4UCP/6PCgNP8IbpW8ZwJ2p1qs"
    "ewl6fL924v0a21QywzSWjmcVxLnrGr7ZWZD7O8F96nlwDk6BrbPupOqCCV6xIdxea8tmh4"
    "+n7tiL0oldu20XJXWMB9uoSXrJvSVot/4rGHAlrdh/DYy7OntLKmQP1qD+5tLtjKktJALT"
    "QBnJamaNZ+EO08q1PCaIn+KDm0QdVxrDik2ibqQbfTWMiIFv6uW1cu66Fkt7Ce8utzS+jh"
    "6/cazFgnlFajy8VanFhT9IGOEf2ir8iEBFElnCmiAVN/yYIYF9f/+8SHVBJQJIyfqeMEtd"
    "vAu+NtxkuQOKO2pbVNzBGZKCefVO3gjnURjUzkoPqZpqpDQdLg6bWRxSPGygq7J0PdRZL9"
    "L4PfPuNdkcLSDtQxhw21ujStE1EfWIoA9ob1HEtezOAmIMH+gaoJHG0E4CKJ4BcwB2KjAq"
    "36WG+74hxU4HP7f8soEwFjbXrsoxi4kwt6xGbhl2yPp6g9FdY8KuR6NvPOrecznNoCiOEd"
    "0cVkYywmGG+rdN+TxzWdiI/hsBJQyuy0wStMAVhMrbYsZXzpBQxyTyLyKf7FkNFFDWAMX0"
    "pYHqRNwCq+c7o1yGFXEJrJ7HnX2snkdhyAsDtrN/ZUeHzfkfVpMAWkSwvSDx4H+Xo/t3ey"
    "/1PmU2t+oE0Q7LY2iHuRCaN5MvzIwX2del8p2i2Z5477+sbG/skFB0HdF17AoTeuM6Xvju"
    "2aDKgwzHDOs5kqHHp+1KHoVOo1/xPqNCbYlzKUnygzkkzOHL6cz3HMsdRu5aU8uhtpE4hQ"
    "V9x85olyH6juguoO+IwtBIGIqUeiNFXTIBmoba3mSEqK5fXzIBskSbJa92YhrCH9rCEtZl"
    "UXZYed5MiugV9+076v7nHIzmmUklM+C5jPpi7uOpq/nLZsCEMV2eqIrXPBO+fDn7ocRhCg"
    "kymC+XlvkWyHYP+QoQ/YMZfQM2aZqqBy1AUvPAviQllhx32Z/AoDIGlbvChF0PKh8x1xrP"
    "BgWh5ODOsCqATOMxGkHj4NKGS1y/lnBvSyO9PJD7yFzR8OzoBEkPS5JG797V2GqWo0r3mt"
    "W9jLsvX6oGCAfDe4jui1TDlBZ6/fPm6rLEAiwt8DKtsUf+S2xL7KKZUAEugJEy+nKVXtmi"
    "row1BxMcv3aJ8F//D9j89V4="
)

BASED_ON = ()

SCHEMA = (
    "eNrtXVtz4jgW/itdeclu1T5AICHZt3Sanc1uLl1ApramN+UStiCa+DaWnUm2q//76mLZMhYBE+NjGl4ItmPrQzrnOxcdyd+PEI6I"
    "/XT090/fj+zATTyfiu8oDNNznof9mH0/OvrbpyMHz1DiZocz4rrq+xz7OEIxdtQJP3FdNHUxO54hl2J2irLGkKudiN9Cfv3o18vR"
    "1T8vR3/pdjp/PfrBLtiBH8t2G8Pwr/H93WfROHG22W4cJXqz13cT0egLjigJfIhePzk9Zb0uu73QMPEd/IqFRPCrz/iNX2Hdww68"
    "wMECxqWUIHYqwjMcYd/O70h88keSHvJjNHu22PMjIs8VRY5d8zClaI6b7ITJ8D9yAGwXEQ87VuLHxK0RQTreywFc3w7Hk8vbr5Pf"
    "BA7sz4LIxqtk8B/8MTqO7MSHuuPz/f2NgDFPiOtY21WFUuPXvyh1aFQHtXZ9Yj/7yMMNCoBSw96J5L4QRx7yV7PftiWAEqbKKzBc"
    "PYxGw7uJlQmxjsd48WPKuqAr0LqasP8E0pGN6Xr2PGQM/FYmbJ2dLaX+1kw+RnE1f0RGDewRgW+xB+NYYLu6HF9dfhny83H6e9J/"
    "Fp9UXojmOC485seCqThKWLs6mLSbrUFvNrVP2L98y3peZ6pHaWMSh8TLrYwdA1nZzLdhEIIIjlnRLMZRgzqT+1VTzCwbBmnajjB/"
    "hoWquJTb5689NbJsMGitSriSt5WTJ9mn3h5f1fiHGZsT2lLO1tkOlLXT3xdhyyNz1leMZqkprnRJVT2sXe0cMsc0hjACZ31pA+Ig"
    "eLYoZmGuQ5vE8eX+4fPN8NPX0fDqenx9f7djoadCWlAPKVK3SujWi0SFoFIcx8Sfl8XUfkL+HFchiePvP45rTEEc7FWb7FXoJnMC"
    "oh+91GdMQqd18rCpPfsqenMsdW+ltopgQNNWZeOsaX/WQ1MRDOimLR2rR03LYxyWVXxGfEKf6jZFVQNIsDRHvSmO9e1fKs/wGhUG"
    "lNQcCq4fjkTBn9RyAn/VGHT05jt1UillHl0M64htyh9fUIzGTKerUAenAEsKnXWKUG+ABHGkYqgUQieNP0lsPxkSCC21zNjndzZr"
    "mPc8VXzwCrbgFQi1q6LZ4obMKbg4t3vo5H2nQF5godeMGFx/GVC7wRwmSSBaeAFtXz7GtXgQ5GMXDgcsrfyOCHwfCBBR4GI4BAEz"
    "mZDiyNuGHgbGUqB9EPjTAEUOi5eYK7N6gvzYD2Ir9fCOC1mKxQv1JHGUS804m7wCzJx2zxQA8sIeBTpUEQ6DCNaA8AEW8gKrN2t7"
    "ArqlzvyBX/jJK2GkDWnvgg2HT3sX7itFDIhiBjVZOaG/vWgP2JTK5tfIORwX2eq4/slXbs7W8ZiBCxtcPIsBM1M1qO56aXh5v4tf"
    "sHRzytqzp8Gl6JImf/P49vLmJjNitXucW69rEUJ3w3ttxMAvNRmaqMHXuOiQVAQ7ODmzHVSKYKU86AGsh70pjrg3FycUL53Daj3V"
    "7amCy3EDLUTaweo1oeW3QvLHsgOXKfqCerRF2QWsTNm7FwPUsUvKrgZGqrtQfap+kDwqafvURfazS2gMXjh8mLpulR+BaLyFsvqq"
    "85zruDM1hz9Z7kbqDdjItzFJz86/hs0OR7nyaFMbIOlfuHoG9jexJTz5a6gUNKt/Me0OzgX55zJarmfmv1tWNll5JgFHrYuUBNP4"
    "Cf8hTSKoIdV0xbr1SvaqQaCW9T981mkR2TPxTemnwA2S5oeEz0l7we8EKuNznjq5+DUkEaaH1VT7VGbUVzMSCKbMNwuxmOTFEbFj"
    "UPn7ULDFyfHf7N/XYEbBP/C2VoOVBVqnvZNud1YKtLSqn4UfsyyN35JFohLMupEWcIZHgE15GLbcUiCBIkPRuIdjxOIBBLMKSiCQ"
    "gg65BE3gAHIVVfMh9vl8OnSyRECJAkapFD5zw8HArc0Sza+VFp2wR+oQ1HGN3ZCeBfNcBAjABG0Bgj4zt9SR//ZYdOXT47oWxHAw"
    "LwEz78ACyjFArxrQgUzf9rI6T1VkpanNlle4KL9jMeuw2qluqT9tn58jXPandcNecqul4lox9kKXdfxhqh84SFZV5DF+BQmST0WQ"
    "vGlwOhLSNEmF6X1FWpS8durU+eCi25u+F6P6AQcvPg116/FT3T59BXMAsGGXlmxRTtNh6rFFvNbSia8drHq4C4wMp9EB/GQE37WK"
    "UL46n1qI/Z37/GfuzPq5fd2JBfnP+1hl+LMtnsuU7zJTPQNhLNFReHdIB5bVRp32sd0tuUNKaB5LrMM7DplnQMUFC8rR7h78k3bu"
    "QvVHQiI2HKAk+HPS0JVUuRUcpDS2nQQ0cAadk9NyjkNnkzILyVKeg9/T8rX72YhZVVdaHN8Obz8PR/UvnzzES7VWiedktIKFUo1t"
    "JwnNOqfn+GRFhbh+IzdmO8M+DqZ2RMKG9+EpJiAP1Vlw1VEHx6tux2vEu/R9vhMM0U62O+8POoY93YScpFQXEB6xxuwUlXs5G1Lh"
    "3hqLrbdTWdJOmp1FgbeFYoLdmS2GYtg4AOz2jclEqNgk1zATn5TV0NKlzMQqBSlcZJbxcPLp7uHmpkAtaSv8ngVq4aRiZoNmiW0J"
    "hnzcTSg0qaihG4zJeP2OXfEFCbWDCHyXir3jKEItLrYvVVzByehhWF/BnVg5VBnD9iVS1RbZFd2JWrdukarcaOs7MIELG7psalkf"
    "qHGFmc7WLfDLczR5uRfGA0O5l0bZyjt3XWoFodkvB0v2MVRwvL6FjYarBbpQ9V3nH1GVr2zM7sOl3qcmZlY6vCaFUSO/jr7Ih4rP"
    "lU5WqigZigxDv88YQs4ZaG1nIqBriWypbWVc29gwrlLRuRtQ8PLqtm7x7AAvn9pTDxm0xpyd4qwD9dayXudn3GuaUe9SsyI/Qd0w"
    "HUgufJZE8k2XR92gvBjrgltKZlC6LJ0GMFWGdUUPM8z15Uhd91dzVa6mjFYmbSYayUVxffdUhVbmZGjeMKxPXMQwuOj2B71Fn7g4"
    "gx1hj/c7i3+zb00sD6qguXBVarI/mNLy9SsrU0E1b9tULNhVWKZvluMBr1bOwIDHLDmSluwOkQNqflVOtlo2B7Ej21RkgLeyVcXm"
    "cCIcsg4U02ttkKkUTv0vr6y0yX4KhrJmYWPiDArsYv0Mxv9Wv1VsG7VU4sWmm6/llOAN3pTBMYBf65RDEYPOu7w92W5YOaxZ/Kq9"
    "WPcj8zK/ceAr3ztlGvlsql/F50XXlvokDHFMLfWlnPN1CaIAOtttSf2jG9jP4JvfpKOzBZdp7f1FMgg74jApvGBbqKftg9exKiCg"
    "JXbaSwAafsHM2rSrCYxOv2N52mD9S9wJPz2uQcrLVmeo2y8X6RfkMzUG2auZxKf5rQ2wE3AtnfxaYy/Zwiqd/yYn09POce1vLt7X"
    "StYnFhE/BW6V5ns/dSXSps7mWFGAie8W6KEFdJcjyuiuh8/wmVOku0V6S+eomilwqFZggEiTeZSHh+svecOH0oZDYYE2GRmROfG3"
    "9ardKj2QIdlKrUPVF9MDVNy27N2ZJi6Fiyx+Rut7m74T5z0jrIwYrBk24DHJRpZ+MgrOI39owZ57Vqr01oV9gXtn4l4TDzDT/uP/"
    "yT+ypQ=="
)

DDL_STATE = {
    'aerich': {
        'uid_aerich_app_version': (
            'CREATE UNIQUE INDEX "uid_aerich_app_version" ON "aerich" ("app", "version")',
            'DROP INDEX IF EXISTS "uid_aerich_app_version"',
        ),
    },
    'afk_entries': {
        'afk_entries_guild': (
            'CREATE INDEX "afk_entries_guild" ON "afk_entries" ("guild_id", "since")',
            'DROP INDEX IF EXISTS "afk_entries_guild"',
        ),
        'afk_entries_due': (
            'CREATE INDEX "afk_entries_due" ON "afk_entries" ("until") WHERE until IS NOT NULL',
            'DROP INDEX IF EXISTS "afk_entries_due"',
        ),
    },
    'audit_entries': {
        'audit_entries_newest': (
            'CREATE INDEX "audit_entries_newest" ON "audit_entries" ("guild_id", "created_at" DESC, "id" DESC)',
            'DROP INDEX IF EXISTS "audit_entries_newest"',
        ),
        'audit_entries_actor': (
            'CREATE INDEX "audit_entries_actor" ON "audit_entries" ("guild_id", "actor_id", "created_at" DESC, "id" DESC)',
            'DROP INDEX IF EXISTS "audit_entries_actor"',
        ),
        'audit_entries_target': (
            'CREATE INDEX "audit_entries_target" ON "audit_entries" ("guild_id", "target_id", "created_at" DESC, "id" DESC)',
            'DROP INDEX IF EXISTS "audit_entries_target"',
        ),
        'audit_entries_age': (
            'CREATE INDEX "audit_entries_age" ON "audit_entries" USING brin ("created_at")',
            'DROP INDEX IF EXISTS "audit_entries_age"',
        ),
    },
    'guild_configs': {
        'guild_configs_prefix_check': (
            'ALTER TABLE "guild_configs" ADD CONSTRAINT "guild_configs_prefix_check" CHECK (prefix <> \'\')',
            'ALTER TABLE "guild_configs" DROP CONSTRAINT IF EXISTS "guild_configs_prefix_check"',
        ),
    },
    'guild_level_roles': {
        'guild_level_roles_level_check': (
            'ALTER TABLE "guild_level_roles" ADD CONSTRAINT "guild_level_roles_level_check" CHECK (level BETWEEN 0 AND 10)',
            'ALTER TABLE "guild_level_roles" DROP CONSTRAINT IF EXISTS "guild_level_roles_level_check"',
        ),
    },
    'levels_member_levels': {
        'levels_member_levels_xp_check': (
            'ALTER TABLE "levels_member_levels" ADD CONSTRAINT "levels_member_levels_xp_check" CHECK (xp BETWEEN 0 AND 1000000000000000)',
            'ALTER TABLE "levels_member_levels" DROP CONSTRAINT IF EXISTS "levels_member_levels_xp_check"',
        ),
        'levels_member_levels_level_check': (
            'ALTER TABLE "levels_member_levels" ADD CONSTRAINT "levels_member_levels_level_check" CHECK (level >= 0)',
            'ALTER TABLE "levels_member_levels" DROP CONSTRAINT IF EXISTS "levels_member_levels_level_check"',
        ),
        'levels_member_levels_board': (
            'CREATE INDEX "levels_member_levels_board" ON "levels_member_levels" ("guild_id", "blacklisted", "xp", "member_id")',
            'DROP INDEX IF EXISTS "levels_member_levels_board"',
        ),
    },
    'moderation_case_kinds': {
        'moderation_case_kinds_colour_check': (
            'ALTER TABLE "moderation_case_kinds" ADD CONSTRAINT "moderation_case_kinds_colour_check" CHECK (colour BETWEEN 0 AND 16777215)',
            'ALTER TABLE "moderation_case_kinds" DROP CONSTRAINT IF EXISTS "moderation_case_kinds_colour_check"',
        ),
        'moderation_case_kinds_name_check': (
            'ALTER TABLE "moderation_case_kinds" ADD CONSTRAINT "moderation_case_kinds_name_check" CHECK (name ~ \'^[A-Z][A-Z0-9_]*$\')',
            'ALTER TABLE "moderation_case_kinds" DROP CONSTRAINT IF EXISTS "moderation_case_kinds_name_check"',
        ),
    },
    'moderation_cases': {
        'moderation_cases_number_check': (
            'ALTER TABLE "moderation_cases" ADD CONSTRAINT "moderation_cases_number_check" CHECK (case_number > 0)',
            'ALTER TABLE "moderation_cases" DROP CONSTRAINT IF EXISTS "moderation_cases_number_check"',
        ),
        'moderation_cases_user': (
            'CREATE INDEX "moderation_cases_user" ON "moderation_cases" ("guild_id", "case_user_id", "case_number" DESC)',
            'DROP INDEX IF EXISTS "moderation_cases_user"',
        ),
        'moderation_cases_moderator': (
            'CREATE INDEX "moderation_cases_moderator" ON "moderation_cases" ("guild_id", "case_moderator_id", "case_number" DESC)',
            'DROP INDEX IF EXISTS "moderation_cases_moderator"',
        ),
        'moderation_cases_due': (
            'CREATE INDEX "moderation_cases_due" ON "moderation_cases" ("case_expires_at") WHERE case_status AND NOT case_processed AND case_expires_at IS NOT NULL',
            'DROP INDEX IF EXISTS "moderation_cases_due"',
        ),
        'moderation_cases_pending': (
            'CREATE INDEX "moderation_cases_pending" ON "moderation_cases" ("case_claimed_until") WHERE case_pending',
            'DROP INDEX IF EXISTS "moderation_cases_pending"',
        ),
    },
    'notes_notes': {
        'notes_notes_member': (
            'CREATE INDEX "notes_notes_member" ON "notes_notes" ("guild_id", "user_id", "id" DESC)',
            'DROP INDEX IF EXISTS "notes_notes_member"',
        ),
    },
    'permissions_assignments': {
        'permissions_assignments_rank_check': (
            'ALTER TABLE "permissions_assignments" ADD CONSTRAINT "permissions_assignments_rank_check" CHECK (rank BETWEEN 0 AND 10)',
            'ALTER TABLE "permissions_assignments" DROP CONSTRAINT IF EXISTS "permissions_assignments_rank_check"',
        ),
    },
    'permissions_commands': {
        'permissions_commands_rank_check': (
            'ALTER TABLE "permissions_commands" ADD CONSTRAINT "permissions_commands_rank_check" CHECK (required_rank BETWEEN 0 AND 10)',
            'ALTER TABLE "permissions_commands" DROP CONSTRAINT IF EXISTS "permissions_commands_rank_check"',
        ),
    },
    'permissions_ranks': {
        'permissions_ranks_rank_check': (
            'ALTER TABLE "permissions_ranks" ADD CONSTRAINT "permissions_ranks_rank_check" CHECK (rank BETWEEN 0 AND 10)',
            'ALTER TABLE "permissions_ranks" DROP CONSTRAINT IF EXISTS "permissions_ranks_rank_check"',
        ),
        'permissions_ranks_name_key': (
            'CREATE UNIQUE INDEX "permissions_ranks_name_key" ON "permissions_ranks" ("guild_id", (lower(name)))',
            'DROP INDEX IF EXISTS "permissions_ranks_name_key"',
        ),
    },
    'points_transactions': {
        'points_transactions_amount_check': (
            'ALTER TABLE "points_transactions" ADD CONSTRAINT "points_transactions_amount_check" CHECK (amount > 0)',
            'ALTER TABLE "points_transactions" DROP CONSTRAINT IF EXISTS "points_transactions_amount_check"',
        ),
        'points_transactions_guild': (
            'CREATE INDEX "points_transactions_guild" ON "points_transactions" ("guild_id", "id" DESC)',
            'DROP INDEX IF EXISTS "points_transactions_guild"',
        ),
        'points_transactions_given': (
            'CREATE INDEX "points_transactions_given" ON "points_transactions" ("from_user_id", "id" DESC)',
            'DROP INDEX IF EXISTS "points_transactions_given"',
        ),
        'points_transactions_received': (
            'CREATE INDEX "points_transactions_received" ON "points_transactions" ("to_user_id", "id" DESC)',
            'DROP INDEX IF EXISTS "points_transactions_received"',
        ),
    },
    'points_users': {
        'points_users_points_check': (
            'ALTER TABLE "points_users" ADD CONSTRAINT "points_users_points_check" CHECK (points BETWEEN 0 AND 1000000000)',
            'ALTER TABLE "points_users" DROP CONSTRAINT IF EXISTS "points_users_points_check"',
        ),
        'points_users_message_count_check': (
            'ALTER TABLE "points_users" ADD CONSTRAINT "points_users_message_count_check" CHECK (message_count >= 0)',
            'ALTER TABLE "points_users" DROP CONSTRAINT IF EXISTS "points_users_message_count_check"',
        ),
        'points_users_username_check': (
            'ALTER TABLE "points_users" ADD CONSTRAINT "points_users_username_check" CHECK (btrim(username) <> \'\')',
            'ALTER TABLE "points_users" DROP CONSTRAINT IF EXISTS "points_users_username_check"',
        ),
        'points_users_richest': (
            'CREATE INDEX "points_users_richest" ON "points_users" ("guild_id", "points" DESC, "id")',
            'DROP INDEX IF EXISTS "points_users_richest"',
        ),
        'points_users_most_active': (
            'CREATE INDEX "points_users_most_active" ON "points_users" ("guild_id", "message_count" DESC, "last_active" DESC)',
            'DROP INDEX IF EXISTS "points_users_most_active"',
        ),
    },
    'polls_options': {
        'polls_options_position_check': (
            'ALTER TABLE "polls_options" ADD CONSTRAINT "polls_options_position_check" CHECK (position BETWEEN 1 AND 10)',
            'ALTER TABLE "polls_options" DROP CONSTRAINT IF EXISTS "polls_options_position_check"',
        ),
    },
    'polls_polls': {
        'polls_polls_guild': (
            'CREATE INDEX "polls_polls_guild" ON "polls_polls" ("guild_id", "id" DESC)',
            'DROP INDEX IF EXISTS "polls_polls_guild"',
        ),
        'polls_polls_due': (
            'CREATE INDEX "polls_polls_due" ON "polls_polls" ("ends_at") WHERE closed_at IS NULL AND ends_at IS NOT NULL',
            'DROP INDEX IF EXISTS "polls_polls_due"',
        ),
    },
    'polls_votes': {
        'polls_votes_option': (
            'CREATE INDEX "polls_votes_option" ON "polls_votes" ("option_id") WHERE option_id IS NOT NULL',
            'DROP INDEX IF EXISTS "polls_votes_option"',
        ),
    },
    'reminders_reminders': {
        'reminders_reminders_repeat_check': (
            'ALTER TABLE "reminders_reminders" ADD CONSTRAINT "reminders_reminders_repeat_check" CHECK (reminder_repeat_seconds > 0)',
            'ALTER TABLE "reminders_reminders" DROP CONSTRAINT IF EXISTS "reminders_reminders_repeat_check"',
        ),
        'reminders_reminders_guild': (
            'CREATE INDEX "reminders_reminders_guild" ON "reminders_reminders" ("guild_id", "reminder_expires_at")',
            'DROP INDEX IF EXISTS "reminders_reminders_guild"',
        ),
        'reminders_reminders_user': (
            'CREATE INDEX "reminders_reminders_user" ON "reminders_reminders" ("reminder_user_id", "reminder_expires_at")',
            'DROP INDEX IF EXISTS "reminders_reminders_user"',
        ),
        'reminders_reminders_due': (
            'CREATE INDEX "reminders_reminders_due" ON "reminders_reminders" ("reminder_expires_at", "id") WHERE reminder_sent_at IS NULL',
            'DROP INDEX IF EXISTS "reminders_reminders_due"',
        ),
        'reminders_reminders_sent': (
            'CREATE INDEX "reminders_reminders_sent" ON "reminders_reminders" ("reminder_sent_at") WHERE reminder_sent_at IS NOT NULL',
            'DROP INDEX IF EXISTS "reminders_reminders_sent"',
        ),
    },
    'snippets_snippets': {
        'snippets_snippets_name_check': (
            'ALTER TABLE "snippets_snippets" ADD CONSTRAINT "snippets_snippets_name_check" CHECK (snippet_name <> \'\')',
            'ALTER TABLE "snippets_snippets" DROP CONSTRAINT IF EXISTS "snippets_snippets_name_check"',
        ),
        'snippets_snippets_content_check': (
            'ALTER TABLE "snippets_snippets" ADD CONSTRAINT "snippets_snippets_content_check" CHECK (num_nonnulls(snippet_content, alias) = 1)',
            'ALTER TABLE "snippets_snippets" DROP CONSTRAINT IF EXISTS "snippets_snippets_content_check"',
        ),
        'snippets_snippets_uses_check': (
            'ALTER TABLE "snippets_snippets" ADD CONSTRAINT "snippets_snippets_uses_check" CHECK (uses >= 0)',
            'ALTER TABLE "snippets_snippets" DROP CONSTRAINT IF EXISTS "snippets_snippets_uses_check"',
        ),
        'snippets_snippets_spelling': (
            'CREATE INDEX "snippets_snippets_spelling" ON "snippets_snippets" ("guild_id", (lower(snippet_name) COLLATE "C"))',
            'DROP INDEX IF EXISTS "snippets_snippets_spelling"',
        ),
        'snippets_snippets_popular': (
            'CREATE INDEX "snippets_snippets_popular" ON "snippets_snippets" ("guild_id", "uses" DESC, "snippet_id")',
            'DROP INDEX IF EXISTS "snippets_snippets_popular"',
        ),
    },
    'starboard_boards': {
        'starboard_boards_threshold_check': (
            'ALTER TABLE "starboard_boards" ADD CONSTRAINT "starboard_boards_threshold_check" CHECK (threshold >= 1)',
            'ALTER TABLE "starboard_boards" DROP CONSTRAINT IF EXISTS "starboard_boards_threshold_check"',
        ),
    },
    'starboard_messages': {
        'starboard_messages_star_count_check': (
            'ALTER TABLE "starboard_messages" ADD CONSTRAINT "starboard_messages_star_count_check" CHECK (star_count >= 0)',
            'ALTER TABLE "starboard_messages" DROP CONSTRAINT IF EXISTS "starboard_messages_star_count_check"',
        ),
        'starboard_messages_top': (
            'CREATE INDEX "starboard_messages_top" ON "starboard_messages" ("guild_id", "star_count" DESC, "id")',
            'DROP INDEX IF EXISTS "starboard_messages_top"',
        ),
    },
}
