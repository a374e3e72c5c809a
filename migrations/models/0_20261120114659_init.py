from tortoise import BaseDBAsyncClient

RUN_IN_TRANSACTION = True


async def upgrade(db: BaseDBAsyncClient) -> str:
    return """
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
ALTER TABLE "moderation_cases" ADD CONSTRAINT "moderation_cases_number_check" CHECK (case_number > 0);
CREATE INDEX "moderation_cases_user" ON "moderation_cases" ("guild_id", "case_user_id", "case_number" DESC);
CREATE INDEX "moderation_cases_moderator" ON "moderation_cases" ("guild_id", "case_moderator_id", "case_number" DESC);
CREATE INDEX "moderation_cases_due_tempbans" ON "moderation_cases" ("guild_id", "case_expires_at") WHERE case_type = 'TEMPBAN' AND case_status AND NOT case_processed;
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
        DROP INDEX IF EXISTS "moderation_cases_due_tempbans";
        DROP INDEX IF EXISTS "moderation_cases_moderator";
        DROP INDEX IF EXISTS "moderation_cases_user";
        ALTER TABLE "moderation_cases" DROP CONSTRAINT IF EXISTS "moderation_cases_number_check";
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
        DROP TABLE IF EXISTS "moderation_cases";
        DROP TABLE IF EXISTS "moderation_case_counters";
        DROP TABLE IF EXISTS "levels_member_levels";
        DROP TABLE IF EXISTS "guild_member_statuses";
        DROP TABLE IF EXISTS "guild_level_roles";
        DROP TABLE IF EXISTS "guild_configs";
        DROP TABLE IF EXISTS "audit_entries";
        DROP TABLE IF EXISTS "afk_entries";
        DROP TABLE IF EXISTS "reminders_user_zones";
        DROP TABLE IF EXISTS "core_switches";
        DROP TABLE IF EXISTS "core_settings";
        DROP TABLE IF EXISTS "guild_guilds";"""


MODELS_STATE = (
    "eJztXVtz2ziy/isovSRTpeNy5MTJbk6dKsXjmfWMLynb2Z2aOVMMREIS1xSgISjL3t357w"
    "uA96tJUBeK6ZfEItEQ9XWz0Tc0/j1YMIs4/Oizs5rZ9I54nk1ng7+ifw8oXhDxR/GAIRrg"
    "5TK+LS94eOIoCpO5xOD+SHUHT7jnYtMTN6fY4URcsgg3XXvp2YyKq3TlOPIiM8VA/wEG93"
    "OCwkmQN8cewmi2sh0LzTFH5hzTGbGQTRGjBC3V031EaznO5kh8I6GeGml7HFlkileOdyQf"
    "ZkXtP1bE8NiMeHPiiq/67beBmtiwLTnAn2vw++/ib5ta5IlwOUh+XD4YU5s4Vgogn0pdN7"
    "znpbr2yZ5dUO8HNVb+sIlhMme1oPH45bM3ZzQisKknr84IJS72iPwGz11JpCQ2AbIheP5P"
    "iIf4T5mgCX5vAtmJEV8bGMb1zb1xd35vGIM6vAgumYxKPopH5QqAmXyE//nLaHRy8n50fH"
    "L64d3b9+/ffTj+IMaq583fev+n/zAxWv5UCrOLHy+u7+UDMSEsvijJC38qGuxhn0oxI0bf"
    "dInEy8BengvfizuevSDFfEhTZvhhBaRH4R9Z7oS8qGJPeCHmTyz+ETP+d7qipsQeeauno+"
    "Btk9/Ij8yV6woxNuSn/xtsiY0VHLm/uDq/ux9ffZbTLzj/w1Goju/P5Z2Ruvqcufr69Ls0"
    "C6NJ0D8u7v+G5Ef06831uQKdcW/mqm+Mx93/OpDPhFceMyhbG9hKIhdeDi+JobEwrJaWpj"
    "CkKUEYeiAMSZ1eXzunVoIXdfSmGN8TNR2DHyyiOejP5tgtBj6myMAufswhwr7AT4ZD6Myb"
    "i48nxxWI/n18e/a38e3rk+PM23Id3BmpW2mAAwMoj/BPdzfXJQteTJJVcLbpof8gx+Zbk/"
    "CEapuIV0yYdfxIfu0+VJmEKKXFQqBfX41/yfLg7PLmU1Y9yQk+CYZIm3D6kLBL5IUJNh/W"
    "2LWM3B02YmVj87cWo0X2CqZ4puCVv1j+vrRtvrY9cz4ot939+zVMdzWQ6JvuY99Qf8URW1"
    "NhfJs2V0saEwb5IxF2vP+uC8sdMRex6VQY7rYQyJW08V22FuY+QeLX2lPCPTHL10A4DEa/"
    "ojkTkIAlf6hLBFjyYLyBJQ/CAJZ8p9U0WPI7s+QJlT+8SLgZcwimxSAnqDIoTwTZAcJcJa"
    "g3N5cpXfXpIiO211+uPp3fvn6jYBeDbC8hzR2x0n+U+mhQYJ77Nyrtcl+XqX9bm+V+MF2a"
    "2BOmguXCBl/LQDkts6rr2s9d0dNgTAegqk8NNHeaanfae5C3gjamsN8c19HYYlSpylb3Mt"
    "EXzInAbUULzNMqWU/T7c4qOc7ie3wYAh4j/k9mUy1/IEXYEXfAdJj5cCTM3QLz/5qtX38H"
    "hr/6LodMPQ2WJ8g2wPBg8TgAO+kg+NvAGksKwiNxDFfYw7xA4QbEP/x8Sxys8MxzPmlrXc"
    "rZbsVkh2smx1cDCU29NwuymBDX4B72VnwjkF2pGe/UhH1FDQvhI1RM1Bax8fThXMzz3Fug"
    "VpbtbQgqOVWvwVKqqyVK/tun1FZfYZKWcUuUzsQUfYWHMq8tPNdiir7CsyTuwuYyy7iJxe"
    "5zNFv/8TKw+G9GF0SSt4IuRm0cTfkN4GeyxQJTa2PgnfnzfQPIuZg+bAy2WzFZbzFjcrgh"
    "BlCOVRShLWxqwvt4vr4iJ7wftyVWX8QUfYVnyZy2pulnMUVf4XHJQj5eWwm6DaY52FhTNU"
    "qc2sslaWs93Pmz9FWUuIfdCRNYtIUpnKf3QBkLwjmetfV6IsCu/On6hFujbHXC1WZ0as/K"
    "Yb2h5J6Jf2p6S2fRdD1UbnHCztffbRGTMYqzeLqeIKZTCRGITVk9RCxVL1VF+OKsXxbxj8"
    "TewlccYUus1racx2Ou3GjIOPmIrr9cXqIFEQZzWDnx6sVthVA20dGscnnZxNIlU/upSclE"
    "TKFVLtGxNzxTOnFap3Iim0BMFE6cZusmxEtsOGzWWNjTdFri3jWk91JF4WdudDiQpQQetK"
    "lk0WJBhhA4oF3S7NqPAiItJuRpgQ+6fHDJkrl66ihHClzQ5YJFHrVYkKYD/HXxlxjKrbmU"
    "OI15kKcFPmivy9h2tBlRQAycaMUJWeynx4YEJfBAlwc+RvovRDE98EOXH3FcXJcjZTMAT3"
    "R5wqjCUzyYLLWdNdpqU0S7ww03lHnye12PhI9WcXMTsaRRnV04o/JNOCO1B6fVVr5MxDXP"
    "rTCMrzh2IX4MpmYRY7L79g4q0FoWxBeXXbyOwtOp+LL47eIXE39T5dn47mz8/fngzw1vjY"
    "yr8styAqm6/ZfSApktA9o9COUMaC2zAMgvq+dRF5Oo+AipL5PNCIM8Qr3+JIoK2pN0SbmX"
    "pwacsPo6zYC7BXaccv8sJOpTA4KT0fvTCHr5oQrsu6vx5WVB6EfHum9r2HcUz11b9h1JN3"
    "4z4OeMlhcNkR+YS+wZ/Zk8b9sU6WhFQUtjZLc9HVJ748psl+wGupfMl4ItfK2rG5Ap1iq/"
    "gEHOSxCbqu7J4j/ZJTkwb4bSjpGfZfO2NXPrdluTtbbyT7BnOqN5quyZkF2NWJAggkWgTS"
    "wn0AJ1owUxRQ9bKm2nQ4ff7FSnm2CKEjpGdL6jABi3YNx2kQmHbtxGbQwKbNpki4NyUzbT"
    "UUGza5lvl8oYnDraY42f0dRli9Cq/agMWtk2eMYIF8MIlVeeEXYJkkiUm68JcyZiApivnd"
    "EtYL52iBXpPimLeDdNGv578lRWQZom64UhW2U6nf9yn7Kack3mI8vp8ub6x3B4tvN8xnOw"
    "g5WyiUEbEYEte1C27Ip6dkHG4YX21yERdD7rMm9l7hBTUtg/sqrtb4puh41/oytJvtY24h"
    "rzs2XH33R75SlzTY3+yjEZ4FwDZ2qbD037zSZp+rd96mRUI6x1MipvFT7KBbUcLDS3ZWit"
    "DDliWCG6vEJAJAsiWV1hwsFHsuIuk0WxrFQPyopoVrbtpVY864aS4PTaj8hW/ffXru15RB"
    "6HZYop5ElYKqLlD5KZWOJMhwhTC1HySFxExGOQ0hIzCF91RaEMK8JXQmpY8/hVkgq0u34A"
    "K+p5VtdQjSl6EbbaQf7Vw67QSY0lPEUGOxN0JXxChPda4IqVHw4aU7Q6G7Rj6FcAubFDQN"
    "Oh8cI+QeWwRwSAuj7qLsG8SJ+X5yJiij6EHXadhejZSZ1V+QiIS0BcAuISXWXCocclkuc6"
    "FAQmMsc+lEcm/DMmwprx+MQJ7U1vfsdpWRiOw/KbeHObH4uQIQp/25s6T1CeIGgR134kll"
    "+dI+4vyitvgkeF2puuap1hRfCiZ+s/HM4MJ3WDMGxEGFJqvb56TpGBeagd9nlaFhiDDsMl"
    "sPvDM3hP5fhtIX58tMmTSCvw+v7my6fLc/T59vzs4u4iiDlEr4q6KS/FBQ235+PLbGOu4h"
    "3fXdrsvYVzXUdv3r5/++Hk9G0kqdGVKgEtiEE6wkaWAazGtTcZSii/qVF+42DulVflvnBe"
    "aoYWCkO6vMZCAAYCMF1hwqEHYNSRkQWRl/AoyfKQi7zkqsMejOjoSu16EG8uPvhxFIyCmZ"
    "mLLNtCHhOX5L6VoaCWVjKxVImIrTY5Nek2pI6y8OeoH2hRRE11TYIIQi4bCrkkmFffIs1Q"
    "9Unvb8xMVRgpSHK4lteDpIh6WBLytk5FyNvygpC3+f34EjGtTXtZyj5J8Y7jAwrKaH3R40"
    "SWHNjRjh3NixcyZFDBoFHBICEsa8NSGZvIUO4wNhEaPUn4I0Oow5EJhdjSZSbhvHEoKE8M"
    "0aC6mKs1M2qAWrcirYC0VW1a26TMRLgwnk35kfy+giTMb79vR+9spVLNX0GJh6Wh35grSU"
    "KoF2zJBfK0tMUYnSR2nhwipl2OmPqHeOoXLeTJO5Kshk4KNdPSwfGBQY5D+/jBND1sT2jl"
    "+Dwy29J/H1PUoH67/PYl+TV51gg5pGjhrWv91unGHDK0EHhoHniA5C0kb7vChD4kb8/Yin"
    "oq21mYww1vDxukcgUgiqhdBb2sqUFyuiBtG2Z3/Ubsc8zRzH6Um/5X3kfEqPOMvvouhnqG"
    "r6opAOHIhtPlD0vfDCuSuKrOqnESN0PVJ/3fKomb0+xNtBCcBbbFFaCVVr9mauqcOlfXK/"
    "U4FSO4of7VVt3quAx5JkZchSMntBCeCE0d7YaC5iuHrIdh/xJEJ2D/EghDgTBAV/G9NWVa"
    "Ceg0WmIlySA2qB0bZMLlLepGXFEDGZP0sALyzXHdrliVbbFydZBdccf3DTYEAPfPhEMPAC"
    "rcP0enMA8KvMbskGGVAxkf6Bz20mgZA4zbYyiX0m+koZpqRGHAIVqL+6qvpxecNg3nLR6q"
    "rhmC0wl+BjidIAzgdHZZSaePYfFXfKOk24P0f87papEzBVPcKJpnd07R4Opc1oU3fNcGAw"
    "23aFTHKRqVu0QjcIj2Lf/gEL20qhysQxQ7OmPx74wuiPoJOa+ocFxt1whHNO3cIxfTB987"
    "kp5P4HD55x9g5QgJ/+iRfIw/cOlGDeVnSbnAz2qA+IM+N3Gc5FBwnDqlk8BxAlsZHCcQhm"
    "bCECryRso5QQSGo7bjJFfgPO53C+w45cgHNH2C/WT0/jQCWn6ogvbuanx5mccSPCDwgLrC"
    "hP54QGdsIUalDfnSQbV9H9Mn2JTjEyaCMH/gaMpccSH4BtVj3fY44qtJ+KVDZAu2EGzJHJ"
    "I6Is6/8Uo4RmtaswuYT2IoSMAD6oxOAg8IjF7wgEAYGm6tTWrznDhU1W6l6fpZwFWvfqvJ"
    "qYYu+WNlu+Id0vJ/ssR9MtvBETpAowMcoZdWiR44QrdS21R6QbeBPqrnAknt1XKDVej2mE"
    "JdqqRO6NAQmT2nykGqm8yRzw5+TGdUCvgxYLqCHwPC0DCTA+mEjVnRTX1B8AGb+YDJJ2sA"
    "c4asD82T0mC/qwX2uwqw38F2qb3bb+ASvrTgHq5LqA71vRfrJsemV7JhKj9oWOkYquGGF4"
    "/Xdw39rw6OExbmk3+OcGLnlDwLhzLpB35U3iK3LeJvp/IxtqKzijkii6X3DG06uq5uhhXu"
    "Il7IRlx5DpTvBY8I+qT0N3fSTb/c76rmx+BhZT0sqUv1zt/JUkKTBd2iOTBm9wi+eDe0xD"
    "9NB8IPzkTHnIlCLb8BZL8E0xyWcNfFNbuqpbAVD4Guv1xeDoo0CED7ArRpjVkC7H5cYAV8"
    "gdcbMuRFR1f+MH0Pd5zoASL9WvVyB76seCC0FJML61budJOb3tbIpohgc14vFWrZ3GSuBV"
    "vbOrUGDiEhCjkwSIiCMDQShoQub6Sf03TgLmq7i3Khb5pJTdJANrVeNtW3qxoEeWOC3Un3"
    "8XZFe2MR3vB8MrM4cF55xFmWtDfo7lhx2NyQibDHAs1RedJtim7Pxwpvf0He4Fm36nyMMs"
    "irDacMaUcsJ0hsNLGUIKgOQd2uMGEXFSJZ08lQ50gVSH9A/cPPt8TBJWVnVUUf/QhOFhib"
    "hktMIkArUhkAmgJtu2VIjjMorDxynJdisI7DDfVvixCsQJ77ay1LNR6L+zJD2VDX16AhBF"
    "UhjgZBVRCGZrvl55hS4jR2FtJ04C5ox0bCIFNTBqTpNlKD880slHDCUjfQD83OJgmFJE0P"
    "EwontRIKJxUJhZN8QoFQi2ss9wmyDaz1HZP4Xi3iDuN61n2SEHjcZR5DTBdiul1hwm5jum"
    "wZ7aFrE5l0nJtlzZDkoeCdUhCP4SHf7UD6e3CmeF8g2nbY9iZ81MLgbSxyL4VwE1KuFcS9"
    "oQRhytf+nlBzzpgktKlqmLp0sEn8vaNvygtn5YOEawXjtvoyqJrtzII0rAjwRvzK8aC6YU"
    "iSrk/2wSaahnjkqdHhv+H4HnqlH+o4pR/KfdIPBTVuTvOgY1JB9UhY92vMLoMcY0tbNkxV"
    "HhgL6pqyCdHTt2R3a6J10xnfvYWm4Cqxz0IoX7LOIs61afAYbHQSthknH9WhXmwlrlPk23"
    "4q8y6/CK0xRx5+IBRJFGoZbHDyced0bpW9Bgl5CO1BQh6EoUAY4OTjfaUj/WW4MfgpMkgG"
    "66IPHiF4hF1gwcY8wrxq2RCotfMYHdMrdZFNKdQudYu8JQsJXWG7jOjesMqbdINRsuA++E"
    "vbq7xjC+ELig+qaps4jnAxpSGAlLMpDa6PqqOG3zxSupTMsZAQsOfwXLX13HbEd3Hmj7E9"
    "ZApvdELQUvilbDqFou+ua/FhhY8ZSphej68ialhita2bCE7dgtuSCYAl7VkyeTasRQE3qr"
    "Ym54l3uD85upLkRe2Fo7EPvcGNybEUM+qRog359+TpxTcgpu1Frq0qfHH+y30K+jCn9vpq"
    "/Mt3qejF5c31j+HwBGfOLm8+lTJBOwpZMkVHIlBVu8Wv2fr1dxBrSgsCeVraYt42gpCeYl"
    "+CAMWkzRjvkqV4fw1OxI+1ilKTdSyS/CQQBWttlASgypot7XcyMwcUeB/EO/kv4bTnWV5e"
    "d5Qj7N85Oqdva9Qfnb4trT+St0reMy6zUy3WvQQ9vF8H8X6ZDhbMsIwV9eyCOHddwzc7C3"
    "D/ILiPPU+eg1Ng67x0UnXBBHtsCHfc2rI54OOpO/aidCJrt+tNSR3jwS72JG0ztyTbrf8q"
    "DbiSVuy/BsZdndySCtlLa1A/uXQ/JyqFhOQ0chvJem6b8zDDtHZtj3Dkl/hAkqjjSmNYkS"
    "TqRrnRN8OIGPimXl4r565rsbRteHe5pXE/evyO2ssl8YrUeHirUotzfxA3wj+0VfgYyR1J"
    "aCXXBKG45cMMkcz7++dFqguqEEBI1l8RsdXFr8HXhkmWr5LiK3ZszL/KMyQ58eqdvBHOoz"
    "CoXZUeUjXVSGk6WBw2szikeNhAV2XpeqizttL4PfPuNUmOFpD2IQy469SoUnRNRD0i6APa"
    "OxRxLbuzgBjCB7oGaKQxtIsAimeAGoCDCoyKd6lh3jekOOjg545fNimMhc21q2rMYiKoLa"
    "tRWwYdsr7dYHTXmHDo0eg7D7sTJqYZFMUxopvDykhGOMxQ/7bZPk9cEjaif8XlFgbXJRYK"
    "WuByhMVtPmdrOkSYWkj8hcQve1YDudzWIDfTlwaqE3EL2D3fGeUyrIhLwO55yOzD7nkQhr"
    "wwQDv7PTs6ZMH+aTcJoEUEuwsSD/5/NZq8O97W+5RJbtUJop2Wx9BOcyE0by5emDkrsq9L"
    "5TtFszvxPtmubG/skFBwHcF17AoTeuM6Xvnu2aDKgwzHDOs5kqHHp+1KjkOn0d/xPsdcpc"
    "SZkCTxwRoiQtlqNvc9x3KHkbn2zKbYMRKnsIDv2BntMgTfEdwF8B1BGBoJQ5FSb6SoSyYA"
    "01Dbm4wQ1fXrSyYAlmizZG8npgH8oS0sYF0VVYeV182kiPaYt++o+59zMJpXJpXMAOcy6o"
    "u5j6eu5i+bAQrGdHmidrzmmfDly8X3JQ5TSJDBfLWyrSNJdnjIV4DoH8zoG7BJ01T90AIk"
    "NQ/sS1LCluMu+xMQVIagcleYcOhB5TFxbXM+KAglB3eGVQFkHI/RCBoHlza8xfVbCfe2NN"
    "LLA7mPxOUNz45OkPRwS9Lo3bsaqWYxqjTXrO5l3H3xUjVAOBjeQ3S3shumdKPXT3c31yUW"
    "YOkGL8s2PfQf5Nj8EM2ECnAlGCmjL7fTK7upK2PNyQk+7XuL8J//BbgZS4E="
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
        'moderation_cases_due_tempbans': (
            'CREATE INDEX "moderation_cases_due_tempbans" ON "moderation_cases" ("guild_id", "case_expires_at") WHERE case_type = \'TEMPBAN\' AND case_status AND NOT case_processed',
            'DROP INDEX IF EXISTS "moderation_cases_due_tempbans"',
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
