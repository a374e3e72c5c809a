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
CREATE TABLE IF NOT EXISTS "core_purges" (
    "guild_id" BIGINT NOT NULL PRIMARY KEY,
    "left_at" TIMESTAMPTZ NOT NULL,
    "due_at" TIMESTAMPTZ NOT NULL
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
    "decayed_at" TIMESTAMPTZ,
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
        CREATE INDEX "core_purges_due" ON "core_purges" ("due_at");
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
        CREATE INDEX "moderation_cases_due" ON "moderation_cases" ("case_expires_at") WHERE NOT case_processed AND case_expires_at IS NOT NULL;
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
        CREATE INDEX "starboard_messages_top" ON "starboard_messages" ("guild_id", "star_count" DESC, "id");
        CREATE INDEX "starboard_messages_claims" ON "starboard_messages" ("claimed_at") WHERE claim IS NOT NULL;"""


async def downgrade(db: BaseDBAsyncClient) -> str:
    return """
        DROP INDEX IF EXISTS "starboard_messages_claims";
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
        DROP INDEX IF EXISTS "core_purges_due";
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
        DROP TABLE IF EXISTS "core_purges";
        DROP TABLE IF EXISTS "core_migrations";
        DROP TABLE IF EXISTS "guild_guilds";"""


MODELS_STATE = (
    "eJztXW1z27ay/isYfWk6o5txZcfJae7cGdt1W5/4JWM7p532dmhYhCTUFKESlGXfc/rfLw"
    "C+v4oEZRli9ktikVhQena52F3sLv49mDObOPzt0WLhUGJf0KmHfcrcwffo3wMXz4n4o3LM"
    "EA3wYpGMkBd8fO8oojHziDWPxqp7+J77Hh774vYEO5yISzbhY48uwke6S8eRF9lYDKTuVM"
    "7zywz7CLsIB09H8ZRoQh2CZsSxh4gz5MtxzCXBHyvMEbGpLwjwxCfeCns2R5Qjl/l0TOy3"
    "8vssXfrXklg+mxJ/RjzxtN//EJepa5MnwqOPiwdrQsVTMpA8Eo+HEKiblv+8UDdOZtj7UQ"
    "2XP+TeGjNnOXdzJItnf8bcmEb8WHl1SlwifhqxU/hIREJEo0vBtxYXfG9J4q9rJxdsMsFL"
    "x0/heW8l1waWdXl1a92c3lrWoAkHwktjwUTBPer6XCExx0+WQ9ypPxMfR+/e/R08KEEjGC"
    "af+K+j65Ofj67fiFHfykcyIQSBkFyGt0bBvb/VJNjHwTSKBQnmNp0S7reBPKHYDOLRhQTy"
    "RI63jvnhQQPIDw8qEZe3JOAJwOErZuESkH8QMPl0TsqBzlLmwLZD0rfRHzsIfQ3Ut2cXpz"
    "e3Rxef5fRzzv9yFF5Ht6fyzkhdfc5dfXOYY0s8Cfrl7PZnJD+i364uTxWcjPtTTz0xGXf7"
    "20B+J7z0meWylYXtNCbR5ehShs0+Yw8WJ+IX2rzI6B8dhv1yLucJc3yeSMp+8faHqy/H56"
    "fo8/XpydnN2dVllpnqprwkLoilRl67Pj06F2+VXDcmDyktJi/c4/GDXIeswh02YlVji7fm"
    "o3n+CnbxVOEmf6D8OeGKLV5afOOTRdlqHt9bv4pzMUx/Af+ZrcRoD2EkNTuSkyE2ER8Xzn"
    "JKXbEof49suXCvqD9DdxPqUj5TuuRuiMT3ESs6Q/cEiTdgOZfruY/uxCtB5SPvqtbx3wfB"
    "7PK2+uF/NF3ZqV18J47p9MyteCmC8blXQYhW/kUIF2dzF/Sp/Ar/9Y/RaH///Whv//DDu4"
    "P379992PsgxqrvW7z1vubVOT776ezyNqvl5IX6NT7hWtM1PqHo4Rq/v9dgjd/fq1zj5a3s"
    "Gq/+bwFvNL6H4B42AfewGtzDAriRWioC/M+bq8sK+U3R5A0nOvbRf5BDeZNlNVQWpmBdg6"
    "0EI2MsRZi+uTj6NQ/3yfnVcd4KkhMc57D32Ipbch1pp74zZOu1+KaEfC+P+t5uaO4Eb+5j"
    "z9dyFrKU4CwY7SykzLG2fM6RboDRu6PidoLPhngpPy2pY39eekqNFfyU1N3hWk9lIcfpuy"
    "pHaCqfFoQQhSuB7pmPHDLxh2g1Y8ITUR4M9sQfxCEyuLiaEVeNlBKMZpijMZuLhy1dh3Ae"
    "z0E5klih+2d5ye0afVTf0mrrqaSpNrPSgcMykNKhoRtTZLAAGqcY0wugLd7R9vxNqIC9xr"
    "HXkHXvs4pc3BDfD8AuLH3ZAetXPx6M1F//bsVyFU0SLII4XBHVyjbDrvghiLpqny0IvHwU"
    "SyBWC5x4InF9NZL6HIVSVx2gyyxHQRAHgnQ7seaNPYL1XL8s5WupxsF/T5buWO0h+8unt+"
    "HbJp/I346XnifE2JKf/mcACnTt+rhc2JrCkKUEYeiBMJjimLx2nPlVInKwd/LCeyehAdQm"
    "up8i6RTc76ra7sUrJsw6/lY+9jVU2cZi/mYZ7yvqj2eDats9uN/AdFcDu4euvuGIrVxhfI"
    "8pV0saEwb5I0l228U15iE2mXxU++1sKW18j61UqEr8Wjoh3Bez3IXCYTH3Ds2YgAQs+V1d"
    "IsCSB+MNLHkQBrDkjVbTYMlvzZInrvzhZcLNmEOwWw5yiiqH8r0g20GY6wT16uo8o6uOz3"
    "Jie/nl4vj0+s13CvYkAzaQZkOsdLV5PCgxz4MbtXZ5oMvUvxveUaZc2uCyRIXCVvCuaelq"
    "YzoAtW2CZZZqe9p7ULSCNqawv9trorHFqEqVre7loi+YE4Hb0i0xT+tkPUsHKX7NzZA/GX"
    "W1/IEMoSHuwNhh44e3wtwtMf8v2erNt2D4m5PQAol+r5XwkBaER+JYnrCHS6rEjkPiHz9d"
    "EyeuBs5xPm1rncvZrsVku2smJ1dDCc28N3MyvyeexX3sL/lGILtQM96oCfuKGhbCR1wxUV"
    "fEjiYPp2Ke594CtbSpvyGo5FS9Bkupro4oBW+fUlt9hUlaxh1ROhFT9Bke64GWVkm3VuYS"
    "qE9irr6C5RHM5U8n84XAo6tYXavZbsPJ+oqZyzoDdcn6C8+CeHPKedQ9puML+Dmerf94WV"
    "j8N3XnRJJ3gi5B7Sie8ivAb8zmc9xZ8SfgnQTzfQXIedh92Bhs12Ky3mLG5HBLDHA5Hvvd"
    "tdxnNeFtMl9fkRPutdcRqy9iir7Cs2BOV9/ns5iir/B4ZC6/XlcJug6n2dlgZj1K3KWLBe"
    "lqPdwEs/RVlGQjg3smOwt2hCmap/dAWXPCOZ529XpiwC6C6fqEW6t0iFSwgrkTOq2G9col"
    "t0z80zRcEU/XQ+WW7AgH+rsrYjK2c5JM1xPEdFJtQrGpSrhJpGpd2k0gzl27xsY58diey2"
    "YkYh6febKSlXHyEV1+OT9HcyIM5ig155u1dauQl2No2kJNTzmPTOhTkRE12ZQxhVY+jmFv"
    "eC4357BJak5+hzqVmXOYT8wRL7HlsGlrYc/SaYm7aUi/SppOsDWow4E8JfCgS6qUFgtyhM"
    "AB7Zx5jz4KiLSYUKQFPujywSML5umpowIpcEGXCzZ51GJBlg7w18VfYihrv13itOZBkRb4"
    "oL0uY+poM6KEGDjRiRMym1SPDSlK4IEuDwKM9F+Icnrghy4/kri4LkeqZgCe6PKEuQpP8c"
    "VkLve0VS1XGe0WK7pc5lthc+1BgSf5mxs59qlJmdeousprpIq8OtWK5iKuRW5FYXzFsTPx"
    "Y7A7LmNMvjB0pwKtVUF8cdnDqzg8nYkvi98edDFWMn10c3L0w+ng7w3X3iZlH1V7ApnCkH"
    "XbArmaFO0ml3KGsKVzULfB4zY5cfIRUg+T3S7DfYRmDXAUFfS/MUm513VvDtP7swy4mWPH"
    "qfbPIqI+dbjYH70/jKGXH+rAvrk4Oj8vCf3oWPddDXtD8dy2ZW/IduNXA37BaFlriPzIPE"
    "Kn7ify/NKmiKEZBR2Nke02DckUX1bZLvkKzXXmS0mNaOfsBjQWa1WQwCDnJfJsPdmeW/wn"
    "23CH5s1Q2jHys+wOuGJe03Z+MtdW/gn2jDGap86eidjVigUpIlgEusRyQi3QNFqQUPSwZ9"
    "fLtIAJuunqtKvMUEJLEuNbVoBxC8atiUzYdeM27pNRYtOme2hUm7K5lh2abfECu1TG4NTZ"
    "MSv8jCYem0dW7Udl0Mq+1FNGeHzM2rM6fE0iUW2+psyZmAlgvhqjW8B8NYgV2UY886SaJg"
    "v/LXmqyiDNkvXCkK0znU5/vc1YTYVTDGLL6fzq8qdoeP5og5znQMOVso1BGxOBLbtTtuzS"
    "9WnJjsOa/uoREbTWM5m3cu8Qu6S0QWldX+kM3RY7S8dX0nxtbMS15mfHltLZ/t0T5o1J+w"
    "beCRng3ABnl44f2jY0TtP0r3xqf9QgrLU/qu5FPyoEtRwsNLdtaa0MBWJYIUxeISCSBZEs"
    "U5iw85GspI1pWSwr0+S0JpqV76uqFc+6ckl4PPJHRNUBDyuP+j6R562NxRTyqDUV0QoGyZ"
    "1Y4kyGCLs2cskj8RARX4NUpphB+MoUhTKsCV8JqWHt41dpKtDu+gGsuOdZU0M1oehF2GoL"
    "+68+9oROai3hGTKoTNCV8HsivNcSV6z69NmEotPhs4ahXwPkxk6ZzYbGS/sEVcMeEwDq+q"
    "gHDaXb7EUkFH0IO2x7F6JnR8HW7UdAXALiEhCXMJUJux6XSB8cUhKYyJ0rUh2ZCA4xiXLG"
    "kyNNtIvego7TMjEcR+k3SXFbEIuQIYqg7E0dWCmPqLSJRx+JHWTniPvz6syb8KtC7o2pWm"
    "dYE7zo2foPp3/DUfAgDBsRhoxab66eM2RgHmqHfZ4WJcagw3AF7MHwHN4TOf6lEN97u8mj"
    "bmvw+uHqy/H5Kfp8fXpydnMWxhziV0XdlJeShIbr06PzfGOu8opvk4q9X+Dg4NF3B+8PPu"
    "wfHsSSGl+pE9CSGKQjbGQZwGqde5OjhPSbBuk3DuZ+dVbumgN5c7SQGGLyGmuTMX7WMriy"
    "lMBlk7kMYTYIs5nChF0Ps6mTZ0via9GJtNWBNXnJU0d6WPEJuNpZP/5MfAiiZRiFMzMP2d"
    "RGPhOXZHXSUFBLX4jYKhGIqlK2Nj2l1IElwRzNw2mKqK2uSRFBYG1DgbUU8wq8qGdEQtUn"
    "vb8xZ0RhpCAp4Fqd9ZMh6mHiz0GTvJ+D6rSfg2LXBYmYVmlmnrJPUrzlKJCCMl5f9DiRJw"
    "d2dGNH+xSVHBnkqWjkqUgIq5rt1EagcpRbjEBFRk8a/tgQMjj+pBBbeGxMOG8d8CsSQ8yv"
    "KeZqzYzb3DbNOywh7ZSB2HXr7V64MD51+Vv5vJKttt//eBm98yL5iMEKSnwsDf3WXEkTQl"
    "ZoRy6QpwUVY3RSFYrkEDE1OWIaHNWqn5pSJDckJQH6ZbQQgAVx5aEKWgZIQgrmR1Pzo1tJ"
    "eukMoGZNfsuio1jD/WLto1yz9FDq1Sm88Miorb/qZajh7TP57Uvz6/5ZI7CXoYW3rvNbpx"
    "vZy9FCeK99eA9SJCBFwhQm9CFF4oQJE1zlFJRmSkS3hy0SJgQgiqhbNZLMT0RyujA5Isqh"
    "CA61mGGOpvRRNlBZ+h8Rc51ndBc48uo73KkGK4Qj6nftmWKKxoFUiSBntXWqRI6qT/q/U6"
    "pEQbO30UJwruILrgDdjyeSuvuTwKRMr2cHtNLsD4KiS1d3yXRZYKr0ekahC3eour1VNttN"
    "/RyoGt0Jjd26OWiXxqDGKekXTrxaYF4S+6kGNxrfQ3Bf5jgh5rBlq6TMmACMjLKuzHP2J2"
    "0jsDHBFg/JLm63bUxIPzSR0Q/VIvqhIKEekV9g7LdNdcrQwb5Xk47iQVJAS5xTVIByA5RN"
    "8bXNULwQ3YPonr4feK32GW7JfOFg9YUKjmBuxLChJxhsYFh+SNfFHwymyniC3/CkTIojlx"
    "BbOIw+cYdoKeTAE8P4jHk+kr8F/MVd1DlD8BebWIv7TazF/Wprcb/Ynpc8tfIXo/E9BPdd"
    "I3/xXY2/+K7oL4L1AtaLKUzYdevlkpXbLOp6raXiihHcUv9qWya/SIOEuSRVsS0ntBG+Z0"
    "s/7o8IxzGYriHqbA3oaAg5dtDREIShRBjgnOHXyrEUfJnpHJKTJoMMV+0MV+b6peeT1vTL"
    "SEh66Cd+t9d0Y7F2ZxFcxdeWcnAV163cO+sqKtw/E29OOQ9+ennKU2rIsM6BXMTjou76HT"
    "NZk4b5yqUMWuurNvtxMusQrcR9ddKf7P2l6vObRbcjswMC3MbomiE4neBngNMJwgBOp8lK"
    "OpVIGa/4VkX/d+n/nLrLecEUzCZYlsyzxdS1i1OZZtPyXQvS21q6RaMmTtGo2iUagUP02v"
    "IPDtG6VWVnHaLE0TkS/07dOVE/oeAVlY5r7BrhmKabe+Rh9yHwjqTnEzpcwYnoWDlCwj96"
    "JB+TD1y6UUP5WVLO8bMaIP5wn9s4TnIoOE5G6SRwnMBWBscJhKGdMESKvJVyThGB4ajtOM"
    "kVuIj7zRw7TjXyIU2fYN8fvT+MgZYf6qC9uTg6P4fah1cXZPCA1i0PPfCATthcjCqtgy8O"
    "auz7jAOCTTk+cRE8f+BowmSRQ/gEdeoy9Tniy/vooUNEBVsIloURymcKb3wjHKOV2/DEmI"
    "DEgtoIs3QSeEBg9IIHBMLQskFkWpsXxKEudytL188Ers03hvDIX0vqiXdIy//JE/fJbAdH"
    "aAeNDnCE1q0SPXCErqW2qfWCrkN91MwFktqrY4FV5PaMhbpUmzqRQ0Pk7rmrHKSmmznyu4"
    "MfY4xKAT8GTFfwY0AYWu7kwHbCxqxo6KTxsj5g+pu1gDlH1ocjAKCzRv/sN3AJ1y24u+sS"
    "MvlLbsW6yfHYryiYKg4a1jqGarjlJ+P1XcPg0cHG2EqYT2jisXm6cspnCLtM+oEflbfIqU"
    "2CcqoAYzsaSDki84X/DG06TFc3wxp3Ec/lcRJFDlTXgscEfVL6G+vC2zP3u+6gTPCw8h6W"
    "1KWWVqVRnhKaLOgmzYEx+4rgi3dDS/yzdCD84EwY5kyUavkNIPslnGa3hLsprvlVLYOt+B"
    "Lo8sv5+aBMgwC0a6DNaswKYF/HBVbAl3i9EUPWOrryh3Xpe530AJF+rXq5Q19WfCG0EJML"
    "61ZWusmitxWiLiJ4PGu2FWpTPmaeDaVtRq2BQ9gQhT0w2BAFYWglDCld3ko/Z+nAXdR2F+"
    "VC33YnNU0Du6nNdlMDu6pFkDch2J50772saG8switULReGb3AOczvFUSDtDbpbVhyUW3Ij"
    "7LFEc9SeGJah2+KZYZHVvd0FeYNHh6lTnqsgrzeccqSGWE6wsdHGUoKgOgR1TWHCNjJE8q"
    "aTNRXaqyQT7Tik/vHTNXFwRdpZXdJHP4KTJcam5ZExEaCVqQwATYH2smlIjjMozTxynHUx"
    "WMfhlvq3QwhWIM+DtZZlGo8lfZkhbcj0NWgIQVWIo0FQFYShXbX8DLsucVo7C1k6cBe0Yy"
    "NRkKktA7J0G8nB+WoWSjhhyQz0I7OzzYZCmqaHGwr7jTYU9ms2FPaLGwrEtbnGcp8i28Ba"
    "b5jE92oRdxjXs+7ThMBjk3kMMV2I6ZrChO3GdNkirqHrEpl0nKtFw5DkruCdURCP0SHf3U"
    "D6V3imeF8geumw7VX0VUuDt4nIrQvhpqRcK4h75RKEXb4KakLHM8YkIXVVw9SFg8ckqB39"
    "rjpxVn6RaK1gnKqHQdasMQvSsCbAG/OrwIP6hiFpuj7ZB5toGuKTp1aH/0bje+iVfmjilH"
    "6o9kk/lOS4Oe2DjmkF1SNhfV1jdhHuMXa0ZaOtyh1jQVNTNiV6+pbsdk00M53x7VtoCq4K"
    "+yyCcp11FnOuS4PHsNBJ2GacfFSHerGluO6iwPZTO+/yQWiFOfLxA3GRRKGRwQYnHxunc+"
    "vsNdiQh9AebMiDMJQIA5x8/FrbkcEy3Br8DBlsBuuiDx4heIQmsGBjHmFRtWwI1Mb7GIbp"
    "labIZhSqSd0ir8lcQlfaLiO+N6zzJr1wlEy4D//S9ipv2Fz4guKDytomjiNcTGkIIOVsSo"
    "Pro+qoETSPlC4lc2wkBOw5OldtNaOOeBZnwRjqo7HwRu8JWgi/lE0mkPRtuhYf1viYkYTp"
    "9fgqo4YlVtu6ieHUTbitmABY0p0l98+WPS/hRl1pcpF4i/XJ8ZU0LxovHK196A0WJidSzF"
    "yflBXk35KntW9AQtuLvba68MXpr7cZ6KM9tTcXR79+m4lenF9d/hQNT3Hm5PzquJIJ2lHI"
    "iikMiUDVVYtfstWbbyHWlBUE8rSgYt4ugpCd4rUEAZJJ2zHeIwvx/lqciB9rl21NNrFIip"
    "NAFKyzURKCKnO2tN/J3ByQ4L0T7+T/Cae9yPLqvKMCYf/O0Tk8aJB/dHhQmX8kb1W8Z1zu"
    "TnVY91L08H7txPs1drBghm0tXZ+WxLmbGr75WYD7O8F97PvyHJwSW2fdSdUlE7xiQ7i9zp"
    "bNDh9PbdiLYsSu3baLkgzjwTZqkl5yb0m2W/9NGnAVrdh/C427JntLKmQvrUH9zaXbGVFb"
    "SEhOI8tIVjM6nkU7TCuP+oSjIMUHNokMVxrDmk0iM9KNvhpGJMC39fI6OXemxdJewrsrLI"
    "2vo8dvXLpYEL9MjUe3arU4DwZxK/pDW4UfIVmRhJZyTRCKW36ZIZL7/sF5keqCSgQQkvU9"
    "IlRdvAsfG22y3EmKO+xQzO/kGZKc+M1O3ojmURg0zkqPqNpqpCwdLA6bWRwyPGyhq/J0Pd"
    "RZL9L4PffutdkcLSHtQxhw21ujStG1EfWYoA9ob1HEtezOEmIIH+gaoLHG0E4CKJ8BcgB2"
    "KjAq3qWW+74RxU4HP7f8sklhLG2uXZdjlhBBblmD3DLokPX1BqNNY8KuR6NvfOzdMzHNoC"
    "yOEd8c1kYyomGW+rdL+TzxSNSI/hsuSxg8j9gobIHLERa3+Yyt3CHCro3EX0j8smc1kMuy"
    "BllMXxmoTsUtoHreGOUyrIlLQPU87OxD9TwIQ1EYoJ39Kzs6ZM7+pG0CaDHB9oLEg/9dju"
    "7f7b3U+5Tb3GoSRDusjqEdFkJo/ky8MDNWZl9XyneGZnvivf+ysr2xQ0LBdQTX0RQm9MZ1"
    "vAjcs0GdBxmNGTZzJCOPT9uVPIqcxqDifYa52hJnQpLEB3uIiMuW01ngOVY7jMyjU+pix0"
    "qdwgK+ozHaZQi+I7gL4DuCMLQShjKl3kpRV0wApqG2NxkjquvXV0wALNFmyaudmAbwR7aw"
    "gHVZlh1WnTeTIXrFfXtD3f+Cg9E+M6liBjiXUV/MAzx1NX/VDJAwpssTVfFaZMKXL2c/VD"
    "hMEUEO8+WS2m8l2e4hXwNicDBjYMCmTVP1Q0uQ1DywL00JJccm+xMQVIagsilM2PWg8hHx"
    "6Hg2KAklh3eGdQFknIzRCBqHlzZc4vq1hHs7GunVgdxH4vGWZ0enSHpYkjR6967BVrMYVb"
    "nXrO7l3H3xUrVAOBzeQ3RfpBqmstDrnzdXlxUWYGWBl03HPvoPcijfRTOhBlwJRsboK1R6"
    "5Yu6ctacnOD4tUuE//5/yGzIkg=="
)

BASED_ON = ()

SCHEMA = (
    "eNrtXVlz47gR/itTenFSlQddtuy8eTTKxomvkuSt1E5cLIiEZKx5LUF67UzNfw8OHqAIWaJMsSlLL7JImsQnoPvrAw3wRwvhgJhP"
    "rb9/+dEyPTtyXCq+I9+PzzkOdkP2vdX625eWhecostPDObHt5PsCuzhAIbaSE25k22hmY3Y8RzbF7BRljSFbORG++fx669fL8fCf"
    "l+O/dNrtv7Z+sgum54ay3dow/Gtyd/tVNE6sXbYbBpHa7NXtVDT6ggNKPBei17unp6zXZbfnGiauhV+xkAh+9Rm/8Suse9iB41lY"
    "wLiUEsROBXiOA+ya2R2RS/6I4kN+jObPBnt+QOS5vMixaw6mFC1wnZ0wHf1HDoBpI+Jgy4jckNgVIojHezWAq5vRZHp5cz/9TeDA"
    "7twLTLxOBv/BH6PiSE98qDu+3t1dCxiLiNiWsVtVKDR+9UuiDrXqoNKuS8xnFzm4RgFI1LDXldzn48BB7nr227UEUMJUeQ2G4cN4"
    "PLqdGqkQq3i0Fz+mrEu6Aq2rEftPIB3Zmq7nzyPGwG9FwlbZ2UjU35jLxyRczR+RUgN7hOca7ME4FNiGl5Ph5bcRPx/Gvyf+Z/FJ"
    "5YVggcPcY34umYpWxNpVwcTdbAx685nZZf/yPe15lakepY2JLBKutjJmCGRlU9+GQfACOGZF8xAHNepM5lfNMLNsGKRpM8D8GQYq"
    "41Lunr8O1MiywaCVKuFa3k6cPMk+1fb4usY/zNic0FZytsp2oKwd/74AGw5ZsL5iNEt1caVNyuph5WpnkQWmIYQROOtLGxB63rNB"
    "MQtzLVonjm93D1+vR1/ux6Ph1eTq7nbPQs8EaU49pEjdJEK3WSQqBNWPmFQXhdSKMLCAAtsFG89DyB7YWB5UTksF4hd+8p4PbQlR"
    "oDgMibsoCoP5hNwFLjMSJz9+nlSYjTq6Lk1yXXw7WhAQquzF4UPkW42Th21dm3vRmxOpe2u1VcSFirYm7o4x6897aCbiQpUR4rF6"
    "VLQ8xH5RxefEJfSpaq+kbC4BLONVbbZrc1colmd4jfI9SirOCmwemQben9SwPHfdGLTV5ttVUillzn0I65Nvyx/fUIgmTKfLUAen"
    "AEMKnXGKUG+ABHHEYpgohEoaf5LQfNL4iQ21zNjld9ZrmA981uDoFezAKxBqV0azxQ2pU3BxbvZQ932nQF5gUficaFx/mVuxvQVM"
    "vki08ALavnyMbfAgyMU2HA5YWvkdEfg+ECACz8ZwCDxmMiHFkbcNPQyMpUD7wHNnHgosFi8xV2Z9rcSJ64VG7OGd5LIUyxeqyecl"
    "LjXjbPIKMIneOUsAkBf2KNChCrDvBbAGhA+wkBdYvakgoTcURlozA5Kz4fAzILn7ChEDophBjdbWduwu2gM2pbL5DXIOJ3m2Oql+"
    "Hp6bs008ZuAal+qT8aUyUxWo7mZpeHm/jV+wdHOK2nOgwaXokjp/8+Tm8vo6NWKVe5w7L3ESQnfNe23MwK80GYqowZc7qZCSCHbQ"
    "PTMtVIhgpTyoAayDnRkOuDcXRhSvnMNqPNUdqILLcQOtSdvDQkah5TdC8ieyA1cp+pJ6NEXZBaxU2TsXA9Q2C8qeDIxUd6H6NPlB"
    "8qig7TMbmc82oSF4DXlDE+QWNtEb9HTfoToziIY7WOZRtvc38akqjsHSBJJUXrCRb+JMATv/6tc7HMVKuG0NkbRBwt/UmCAdZcNb"
    "IAVVAs3oX8w6g3NhgTIZLdbX898tK+2MLJ2Bg8aFa4Jp3Ij/kDoRVJDvGrJuHcpe1QjUqv6HT30tI3smri4H5tleVP+Q8Ilxx/ud"
    "QKWdzmNPG7/6JMD0uLrvkGqd+sm0CIIpO0/jPCZ5YUDMEFT+PhTxcXL8N/v3DZhR8A+8rVVgpdHeaa/b6cwL0Z5SerT0Y1bNJTRk"
    "0bIEs2m4B5xmEmBjHoYNAgUSKDIUjTs4RCweQDCr8gQCKeiQSyIFDiBXMWnexy6f1IfO2AgogccolcKnjzgYuLWCovmNcrNT9kgV"
    "QnJcYTfEZ8E8FwECMEucg6BOD6505L8/5l35+LiqVTkczIvHzDuwgHIM0LlMFcjs7SBLBJOysDi12fAym8TvWM46rHeqG+pPm+fn"
    "CBf9adWwF9xqqbhGiB3fZh1/rDcADpKTUvYQv4IEyaciSN42OB0LaZrGwvS+Ii1LXjN16nxw0enN3otRXY+DF5+a4vnwqWqfvoQ5"
    "ANhATkm2JE7Tcelug3itoRNfe1h6cetpGU6hA/jJCL6LGqF8twhqIPZ34fKfuTeL+A51ZyDkPh9iqeNnW8GXKt9lqnoawliho/Du"
    "kAosLdA67WOzU3CHEqF5LLAO7ziknwEVFwwoR7tz9E+auSvaHxEJ2HCAkuDnpKGhVLk1HJRobDMJaGAN2t3TYo5DZZMiC8lSnqPf"
    "0/ANBNIRM8ou9zi5Gd18HY2rX8N5jJcqLVXPyGgNC8Ua20wSmrdPz3F3TZm6eiM3ZnvDPhamZkD8mjcDyicgj9VZcNVRR8erasdr"
    "zLv0fb4TDNFMtjvvD9qajeWEnMRU5xEesYbsFJV7i2tS4c4GK753U1nSTJqdB56zg2KC/ZkthmLY0APs9q3JRKjYNNMwHZ8U1dBQ"
    "pUzHKjkpXGaWyWj65fbh+jpHLXEr/J4lauGkomeDeoltBYZs3HUoFKmooBu0yXj1jn3xBQk1vQB8q4yD4yhCDS62L2Vcwen4YVRd"
    "wZ1YOVQaw+4lMqktMku6E5XuHyNVudbW92ACFzZ02dayPlDtCjOVrRvgl2dosnIvjAeaci+FshPv3Lap4fl6vxws2cdQwfH6DnY7"
    "LhfoQtV3nX9EVe7ZmN35K71PRcyMeHh1CpOM/Cb6Ih8qPtc6WbGipChSDP0+Ywg5Z6C0nYqAqiWypaaVce1i17pSRee2R8HLq5u6"
    "z7RFj3toANgP0BpzdoqzDtRb9Hrtz7jhNaPelWZFfoK6YSqQTPgMieS7Ko+qQXnR1gU3lMygdFk6DWCqDOuKHmeYq8uR2vav+qpc"
    "RRmNVNp0NJKJ4ubuaRJa6ZOhWcOwPnEew+Ci0x/0ln3i/Ax2gB3e7yz+Tb/VsTyohObCVanJ/mBKy9evrE0FVbxtU75gN8EyezMs"
    "B3i1cgoGPGbJkDRkd4gMUP2rctLVshmIPdmmIgW8k60qtocTYJ91oJhea4JMxXCqf5lqqZ3+YzCUNQsbE6dQYBfrpzD+t/7VZruo"
    "pRIv2t1+LacEr/GmNI4B/FqnDIoYdN7lzcl2w8phxeJX7kXPH5mX+Y0DX/vyK93Ip1P9SXyed22pS3wfh9RIvhRzvjZBFEBnOw2p"
    "f7Q98xl885t4dHbgMm28v0gKYU8cpgQv2D7ucfvgdawJENASO+VNBDW/5WZj2lUERqXfiTytsf4F7oSfHlcgZWWrc9TpF4v0c/IZ"
    "G4P0/VDiU//qCNgJuIZOfm2wl2xulc5/o+7stH1S+euTD7WS9YlFxE+eXab53qeuRNrW2ZwkFKDjuyV6aADdZYhSuuvhM3xm5elu"
    "md7iOap6ChzKFRggUmce5eHh6lvW8LG04VhYoExGBmRB3F2977dMD6RIdlLrUAYJpxCAituGvcBTx6VwkcVntL438Ttx3jPCiRGD"
    "NcMaPDrZSNNPWsF55A/N2XPHiJXeuDAvcO9M3KvjAWbaf/4fkBV3Eg=="
)

DDL_STATE = {
    "aerich": {
        "uid_aerich_app_version": (
            'CREATE UNIQUE INDEX "uid_aerich_app_version" ON "aerich" ("app", "version")',
            'DROP INDEX IF EXISTS "uid_aerich_app_version"',
        ),
    },
    "afk_entries": {
        "afk_entries_guild": (
            'CREATE INDEX "afk_entries_guild" ON "afk_entries" ("guild_id", "since")',
            'DROP INDEX IF EXISTS "afk_entries_guild"',
        ),
        "afk_entries_due": (
            'CREATE INDEX "afk_entries_due" ON "afk_entries" ("until") WHERE until IS NOT NULL',
            'DROP INDEX IF EXISTS "afk_entries_due"',
        ),
    },
    "audit_entries": {
        "audit_entries_newest": (
            'CREATE INDEX "audit_entries_newest" ON "audit_entries" ("guild_id", "created_at" DESC, "id" DESC)',
            'DROP INDEX IF EXISTS "audit_entries_newest"',
        ),
        "audit_entries_actor": (
            'CREATE INDEX "audit_entries_actor" ON "audit_entries" ("guild_id", "actor_id", "created_at" DESC, "id" DESC)',
            'DROP INDEX IF EXISTS "audit_entries_actor"',
        ),
        "audit_entries_target": (
            'CREATE INDEX "audit_entries_target" ON "audit_entries" ("guild_id", "target_id", "created_at" DESC, "id" DESC)',
            'DROP INDEX IF EXISTS "audit_entries_target"',
        ),
        "audit_entries_age": (
            'CREATE INDEX "audit_entries_age" ON "audit_entries" USING brin ("created_at")',
            'DROP INDEX IF EXISTS "audit_entries_age"',
        ),
    },
    "core_purges": {
        "core_purges_due": (
            'CREATE INDEX "core_purges_due" ON "core_purges" ("due_at")',
            'DROP INDEX IF EXISTS "core_purges_due"',
        ),
    },
    "guild_configs": {
        "guild_configs_prefix_check": (
            'ALTER TABLE "guild_configs" ADD CONSTRAINT "guild_configs_prefix_check" CHECK (prefix <> \'\')',
            'ALTER TABLE "guild_configs" DROP CONSTRAINT IF EXISTS "guild_configs_prefix_check"',
        ),
    },
    "guild_level_roles": {
        "guild_level_roles_level_check": (
            'ALTER TABLE "guild_level_roles" ADD CONSTRAINT "guild_level_roles_level_check" CHECK (level BETWEEN 0 AND 10)',
            'ALTER TABLE "guild_level_roles" DROP CONSTRAINT IF EXISTS "guild_level_roles_level_check"',
        ),
    },
    "levels_member_levels": {
        "levels_member_levels_xp_check": (
            'ALTER TABLE "levels_member_levels" ADD CONSTRAINT "levels_member_levels_xp_check" CHECK (xp BETWEEN 0 AND 1000000000000000)',
            'ALTER TABLE "levels_member_levels" DROP CONSTRAINT IF EXISTS "levels_member_levels_xp_check"',
        ),
        "levels_member_levels_level_check": (
            'ALTER TABLE "levels_member_levels" ADD CONSTRAINT "levels_member_levels_level_check" CHECK (level >= 0)',
            'ALTER TABLE "levels_member_levels" DROP CONSTRAINT IF EXISTS "levels_member_levels_level_check"',
        ),
        "levels_member_levels_board": (
            'CREATE INDEX "levels_member_levels_board" ON "levels_member_levels" ("guild_id", "blacklisted", "xp", "member_id")',
            'DROP INDEX IF EXISTS "levels_member_levels_board"',
        ),
    },
    "moderation_case_kinds": {
        "moderation_case_kinds_colour_check": (
            'ALTER TABLE "moderation_case_kinds" ADD CONSTRAINT "moderation_case_kinds_colour_check" CHECK (colour BETWEEN 0 AND 16777215)',
            'ALTER TABLE "moderation_case_kinds" DROP CONSTRAINT IF EXISTS "moderation_case_kinds_colour_check"',
        ),
        "moderation_case_kinds_name_check": (
            'ALTER TABLE "moderation_case_kinds" ADD CONSTRAINT "moderation_case_kinds_name_check" CHECK (name ~ \'^[A-Z][A-Z0-9_]*$\')',
            'ALTER TABLE "moderation_case_kinds" DROP CONSTRAINT IF EXISTS "moderation_case_kinds_name_check"',
        ),
    },
    "moderation_cases": {
        "moderation_cases_number_check": (
            'ALTER TABLE "moderation_cases" ADD CONSTRAINT "moderation_cases_number_check" CHECK (case_number > 0)',
            'ALTER TABLE "moderation_cases" DROP CONSTRAINT IF EXISTS "moderation_cases_number_check"',
        ),
        "moderation_cases_user": (
            'CREATE INDEX "moderation_cases_user" ON "moderation_cases" ("guild_id", "case_user_id", "case_number" DESC)',
            'DROP INDEX IF EXISTS "moderation_cases_user"',
        ),
        "moderation_cases_moderator": (
            'CREATE INDEX "moderation_cases_moderator" ON "moderation_cases" ("guild_id", "case_moderator_id", "case_number" DESC)',
            'DROP INDEX IF EXISTS "moderation_cases_moderator"',
        ),
        "moderation_cases_due": (
            'CREATE INDEX "moderation_cases_due" ON "moderation_cases" ("case_expires_at") WHERE NOT case_processed AND case_expires_at IS NOT NULL',
            'DROP INDEX IF EXISTS "moderation_cases_due"',
        ),
        "moderation_cases_pending": (
            'CREATE INDEX "moderation_cases_pending" ON "moderation_cases" ("case_claimed_until") WHERE case_pending',
            'DROP INDEX IF EXISTS "moderation_cases_pending"',
        ),
    },
    "notes_notes": {
        "notes_notes_member": (
            'CREATE INDEX "notes_notes_member" ON "notes_notes" ("guild_id", "user_id", "id" DESC)',
            'DROP INDEX IF EXISTS "notes_notes_member"',
        ),
    },
    "permissions_assignments": {
        "permissions_assignments_rank_check": (
            'ALTER TABLE "permissions_assignments" ADD CONSTRAINT "permissions_assignments_rank_check" CHECK (rank BETWEEN 0 AND 10)',
            'ALTER TABLE "permissions_assignments" DROP CONSTRAINT IF EXISTS "permissions_assignments_rank_check"',
        ),
    },
    "permissions_commands": {
        "permissions_commands_rank_check": (
            'ALTER TABLE "permissions_commands" ADD CONSTRAINT "permissions_commands_rank_check" CHECK (required_rank BETWEEN 0 AND 10)',
            'ALTER TABLE "permissions_commands" DROP CONSTRAINT IF EXISTS "permissions_commands_rank_check"',
        ),
    },
    "permissions_ranks": {
        "permissions_ranks_rank_check": (
            'ALTER TABLE "permissions_ranks" ADD CONSTRAINT "permissions_ranks_rank_check" CHECK (rank BETWEEN 0 AND 10)',
            'ALTER TABLE "permissions_ranks" DROP CONSTRAINT IF EXISTS "permissions_ranks_rank_check"',
        ),
        "permissions_ranks_name_key": (
            'CREATE UNIQUE INDEX "permissions_ranks_name_key" ON "permissions_ranks" ("guild_id", (lower(name)))',
            'DROP INDEX IF EXISTS "permissions_ranks_name_key"',
        ),
    },
    "points_transactions": {
        "points_transactions_amount_check": (
            'ALTER TABLE "points_transactions" ADD CONSTRAINT "points_transactions_amount_check" CHECK (amount > 0)',
            'ALTER TABLE "points_transactions" DROP CONSTRAINT IF EXISTS "points_transactions_amount_check"',
        ),
        "points_transactions_guild": (
            'CREATE INDEX "points_transactions_guild" ON "points_transactions" ("guild_id", "id" DESC)',
            'DROP INDEX IF EXISTS "points_transactions_guild"',
        ),
        "points_transactions_given": (
            'CREATE INDEX "points_transactions_given" ON "points_transactions" ("from_user_id", "id" DESC)',
            'DROP INDEX IF EXISTS "points_transactions_given"',
        ),
        "points_transactions_received": (
            'CREATE INDEX "points_transactions_received" ON "points_transactions" ("to_user_id", "id" DESC)',
            'DROP INDEX IF EXISTS "points_transactions_received"',
        ),
    },
    "points_users": {
        "points_users_points_check": (
            'ALTER TABLE "points_users" ADD CONSTRAINT "points_users_points_check" CHECK (points BETWEEN 0 AND 1000000000)',
            'ALTER TABLE "points_users" DROP CONSTRAINT IF EXISTS "points_users_points_check"',
        ),
        "points_users_message_count_check": (
            'ALTER TABLE "points_users" ADD CONSTRAINT "points_users_message_count_check" CHECK (message_count >= 0)',
            'ALTER TABLE "points_users" DROP CONSTRAINT IF EXISTS "points_users_message_count_check"',
        ),
        "points_users_username_check": (
            'ALTER TABLE "points_users" ADD CONSTRAINT "points_users_username_check" CHECK (btrim(username) <> \'\')',
            'ALTER TABLE "points_users" DROP CONSTRAINT IF EXISTS "points_users_username_check"',
        ),
        "points_users_richest": (
            'CREATE INDEX "points_users_richest" ON "points_users" ("guild_id", "points" DESC, "id")',
            'DROP INDEX IF EXISTS "points_users_richest"',
        ),
        "points_users_most_active": (
            'CREATE INDEX "points_users_most_active" ON "points_users" ("guild_id", "message_count" DESC, "last_active" DESC)',
            'DROP INDEX IF EXISTS "points_users_most_active"',
        ),
    },
    "polls_options": {
        "polls_options_position_check": (
            'ALTER TABLE "polls_options" ADD CONSTRAINT "polls_options_position_check" CHECK (position BETWEEN 1 AND 10)',
            'ALTER TABLE "polls_options" DROP CONSTRAINT IF EXISTS "polls_options_position_check"',
        ),
    },
    "polls_polls": {
        "polls_polls_guild": (
            'CREATE INDEX "polls_polls_guild" ON "polls_polls" ("guild_id", "id" DESC)',
            'DROP INDEX IF EXISTS "polls_polls_guild"',
        ),
        "polls_polls_due": (
            'CREATE INDEX "polls_polls_due" ON "polls_polls" ("ends_at") WHERE closed_at IS NULL AND ends_at IS NOT NULL',
            'DROP INDEX IF EXISTS "polls_polls_due"',
        ),
    },
    "polls_votes": {
        "polls_votes_option": (
            'CREATE INDEX "polls_votes_option" ON "polls_votes" ("option_id") WHERE option_id IS NOT NULL',
            'DROP INDEX IF EXISTS "polls_votes_option"',
        ),
    },
    "reminders_reminders": {
        "reminders_reminders_repeat_check": (
            'ALTER TABLE "reminders_reminders" ADD CONSTRAINT "reminders_reminders_repeat_check" CHECK (reminder_repeat_seconds > 0)',
            'ALTER TABLE "reminders_reminders" DROP CONSTRAINT IF EXISTS "reminders_reminders_repeat_check"',
        ),
        "reminders_reminders_guild": (
            'CREATE INDEX "reminders_reminders_guild" ON "reminders_reminders" ("guild_id", "reminder_expires_at")',
            'DROP INDEX IF EXISTS "reminders_reminders_guild"',
        ),
        "reminders_reminders_user": (
            'CREATE INDEX "reminders_reminders_user" ON "reminders_reminders" ("reminder_user_id", "reminder_expires_at")',
            'DROP INDEX IF EXISTS "reminders_reminders_user"',
        ),
        "reminders_reminders_due": (
            'CREATE INDEX "reminders_reminders_due" ON "reminders_reminders" ("reminder_expires_at", "id") WHERE reminder_sent_at IS NULL',
            'DROP INDEX IF EXISTS "reminders_reminders_due"',
        ),
        "reminders_reminders_sent": (
            'CREATE INDEX "reminders_reminders_sent" ON "reminders_reminders" ("reminder_sent_at") WHERE reminder_sent_at IS NOT NULL',
            'DROP INDEX IF EXISTS "reminders_reminders_sent"',
        ),
    },
    "snippets_snippets": {
        "snippets_snippets_name_check": (
            'ALTER TABLE "snippets_snippets" ADD CONSTRAINT "snippets_snippets_name_check" CHECK (snippet_name <> \'\')',
            'ALTER TABLE "snippets_snippets" DROP CONSTRAINT IF EXISTS "snippets_snippets_name_check"',
        ),
        "snippets_snippets_content_check": (
            'ALTER TABLE "snippets_snippets" ADD CONSTRAINT "snippets_snippets_content_check" CHECK (num_nonnulls(snippet_content, alias) = 1)',
            'ALTER TABLE "snippets_snippets" DROP CONSTRAINT IF EXISTS "snippets_snippets_content_check"',
        ),
        "snippets_snippets_uses_check": (
            'ALTER TABLE "snippets_snippets" ADD CONSTRAINT "snippets_snippets_uses_check" CHECK (uses >= 0)',
            'ALTER TABLE "snippets_snippets" DROP CONSTRAINT IF EXISTS "snippets_snippets_uses_check"',
        ),
        "snippets_snippets_spelling": (
            'CREATE INDEX "snippets_snippets_spelling" ON "snippets_snippets" ("guild_id", (lower(snippet_name) COLLATE "C"))',
            'DROP INDEX IF EXISTS "snippets_snippets_spelling"',
        ),
        "snippets_snippets_popular": (
            'CREATE INDEX "snippets_snippets_popular" ON "snippets_snippets" ("guild_id", "uses" DESC, "snippet_id")',
            'DROP INDEX IF EXISTS "snippets_snippets_popular"',
        ),
    },
    "starboard_boards": {
        "starboard_boards_threshold_check": (
            'ALTER TABLE "starboard_boards" ADD CONSTRAINT "starboard_boards_threshold_check" CHECK (threshold >= 1)',
            'ALTER TABLE "starboard_boards" DROP CONSTRAINT IF EXISTS "starboard_boards_threshold_check"',
        ),
    },
    "starboard_messages": {
        "starboard_messages_star_count_check": (
            'ALTER TABLE "starboard_messages" ADD CONSTRAINT "starboard_messages_star_count_check" CHECK (star_count >= 0)',
            'ALTER TABLE "starboard_messages" DROP CONSTRAINT IF EXISTS "starboard_messages_star_count_check"',
        ),
        "starboard_messages_top": (
            'CREATE INDEX "starboard_messages_top" ON "starboard_messages" ("guild_id", "star_count" DESC, "id")',
            'DROP INDEX IF EXISTS "starboard_messages_top"',
        ),
        "starboard_messages_claims": (
            'CREATE INDEX "starboard_messages_claims" ON "starboard_messages" ("claimed_at") WHERE claim IS NOT NULL',
            'DROP INDEX IF EXISTS "starboard_messages_claims"',
        ),
    },
}
