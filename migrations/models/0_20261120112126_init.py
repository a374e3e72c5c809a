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
CREATE TABLE IF NOT EXISTS "aerich" (
    "id" SERIAL NOT NULL PRIMARY KEY,
    "version" VARCHAR(255) NOT NULL,
    "app" VARCHAR(100) NOT NULL,
    "content" JSONB NOT NULL
);
CREATE UNIQUE INDEX "uid_aerich_app_version" ON "aerich" ("app", "version");
ALTER TABLE "guild_configs" ADD CONSTRAINT "guild_configs_prefix_check" CHECK (prefix <> '');
ALTER TABLE "guild_level_roles" ADD CONSTRAINT "guild_level_roles_level_check" CHECK (level BETWEEN 0 AND 10);
ALTER TABLE "moderation_cases" ADD CONSTRAINT "moderation_cases_number_check" CHECK (case_number > 0);
CREATE INDEX "moderation_cases_user" ON "moderation_cases" ("guild_id", "case_user_id", "case_number" DESC);
CREATE INDEX "moderation_cases_moderator" ON "moderation_cases" ("guild_id", "case_moderator_id", "case_number" DESC);
CREATE INDEX "moderation_cases_due_tempbans" ON "moderation_cases" ("guild_id", "case_expires_at") WHERE case_type = 'TEMPBAN' AND case_status AND NOT case_processed;"""


async def downgrade(db: BaseDBAsyncClient) -> str:
    return """
        DROP INDEX IF EXISTS "moderation_cases_due_tempbans";
        DROP INDEX IF EXISTS "moderation_cases_moderator";
        DROP INDEX IF EXISTS "moderation_cases_user";
        ALTER TABLE "moderation_cases" DROP CONSTRAINT IF EXISTS "moderation_cases_number_check";
        ALTER TABLE "guild_level_roles" DROP CONSTRAINT IF EXISTS "guild_level_roles_level_check";
        ALTER TABLE "guild_configs" DROP CONSTRAINT IF EXISTS "guild_configs_prefix_check";
        DROP INDEX IF EXISTS "uid_aerich_app_version";
        DROP TABLE IF EXISTS "moderation_cases";
        DROP TABLE IF EXISTS "moderation_case_counters";
        DROP TABLE IF EXISTS "guild_member_statuses";
        DROP TABLE IF EXISTS "guild_level_roles";
        DROP TABLE IF EXISTS "guild_configs";
        DROP TABLE IF EXISTS "guild_guilds";
        DROP TABLE IF EXISTS "core_switches";
        DROP TABLE IF EXISTS "core_settings";"""


MODELS_STATE = (
    "eJztXWtz2zYW/SsYfYk7k/U48iu76XRGdp3UW1vq2Oq200yGgUiIwoYCVBC07Onmvy8Aku"
    "KbFkFZoVR8SUQAFyTPAS8OgAv4r96cOsjzD3/xAheTe8Q5Jm7vX+CvHoFzJH6UF3gNenCx"
    "SLJlAocTT1nYlCHLD0uqHDjxOYM2F5lT6PlIJDnItxlecEyJSCWB58lEaouC4QP0xjME4k"
    "oAn0EOIHAD7DlgBn1gzyBxkQMwAZQgsFBP9w4sZTnsA3FHRLgqibkPHDSFgccP5cMEBP8Z"
    "IItTF/EZYuJWHz/2VMUWdmSBsK7ep0/iNyYOekS+LCQvF1+sKUaekwEotFLpFn9aqLQL7F"
    "4T/l6VlS82sWzqBXOSlF888RklKwNMuEx1EUEMciTvwFkgkZLYRMjG4IWvkBQJnzJlE71v"
    "CtmJlaT1LGs4Glv3V2PL6q3DRZRkUyJ5FI/qKwBc+Qj/+Ge/f3x83j86Pnt7enJ+fvr26K"
    "0oq563mHX+NXyYBK2wKoXZ9Yfr4Vg+EBWNJWxKMuGrsoEchlaKjAR9myGJlwV5kYUfRQ7H"
    "c1TOQ9Yyx4cTmR7GP/LsxFzU0RMnJPwkzX9FxvfTgNgSe8CDx0Pbo/aXQ0KXP/ReiLYaBs"
    "bXt1f348HtL7L6ue//6SkUB+MrmdNXqU+51IOz77KUrSoBv12PfwLyEvwxGl4pkKnPXabu"
    "mJQb/9GTzwQDTi3x4hZ00kjFyXGSKJqQHywcTfKzlob8HSQ/7bPX974ZT/+sD94U0Xvihh"
    "Pwo06yAP3lDLJy4BOLHOziZXYR9jl8tDxEXD4Tl8dHNYj+Z3B3+dPg7uD4KPe1DKOcvsrK"
    "AhwJnCLC/74fDSs6tMQk79CwzcH/gIf9F2vhKVc2EZ+YkG3+obztt3BlEqKMF4uBPrgd/J"
    "7n4PJmdJF3T7KCC0GI1HzTLyndIRMm0P6yhMyxCjm0T6vKFrPm/Xk+BRLoKnjlG8v3y2rv"
    "Jeb2rFetzcP8NaS5Koj0pfkgFOKvfECXRIhrG/uqC6NCcD8godPDb10oc0AZoNOpEOZYNM"
    "hAanhGl0LOIyDeFk+Rz0Utn6PGYVHyGcyogMQo9V3tIoxSN2LNKHVDvlHqRql3BPYXVuqI"
    "yBcva9yUegiScpBTVjmUJ8JsB2Gua6ij0U3GV11c55rt8Nfbi6u7gzcKdlEI81Rr7ogK/y"
    "D9Ua9EfocZtbo79GXq39ayO5wMlxJ6QtVkt9DYSznRTapU87r6uCt+2ojlCFR11cBzZ622"
    "5717RRW0MYf95mgdjy1KVbpslZebXYE+ErgFpESO1rX1rN32VMlRHt+j3WjgCeL/pZho6f"
    "+M4Q7I/yFdHnxnhL+6l4emXIPylNkGCI86jx3QSTvBbwM1lm4ID8izmNDDfonDjYzf/3yH"
    "PKjwLDKf1lo3srY7UdnuyuQkNWqhme9mjuYTxCyfQx74G4HsVtV4ryrcV9Rk59wSq0tRxT"
    "7B02g8lEKSkil2q6EcETSm4p81G9/lqrqddNXPt7pQEiK2CcRkE7xMqtsTxHTG2lGzqRpx"
    "J63quXF32Jz1B96/paLPXvkAOnNMsKyHUyZD0aiP3oHhrzc3YI4g8eOx+atnA8/MwLyj45"
    "bqgfmCoSl+bDSdurLQGpB37AvPDc7P1hmb5yVqamh+lh+Zi4/Y8qjbuLFn7bSae9eQ/ibj"
    "dBg4mGsxkLc0HLSZK9GiIGdoGNBeNGP4QUCkRULR1vCgywNDC8r03FHB1LCgy4KDHrQoyN"
    "oZ/HXxlxjK4E6CvMYcFG0ND9r9MsSeNhElxoaJVkzI6WQ9GlKWhgNdDkKM9D+IcnvDhy4f"
    "PodsQuW0ri4jVTUYTnQ5oUThKR5MLua4jYI5ymy3GNJBKJf3ZRzFj1aTuYm5pP46cR796j"
    "CPvoryaBUslptxLbIVT+Mrxq7Fy0BilxGTjwzbqYnWqkl8kczgcjU9nZlfFu8u3hiFYXuX"
    "g/vLwY9Xva8bDr5L1n2r1gQyK8PPLQvkFqW1d6nLGsBSrgKAcOHWX+2DQWyOfbU5Rt1Mbl"
    "eP1hHW2+GirMwGly459+qlgZCsAgH3c+h51eOz2GifQtyP++dnK+jlRR3Y97eDm5uSqR8d"
    "dd9W2HcUz20r+44sN/5twC+IlmeFyHvKEHbJz+jppaVIRyMKWoqR7e4ayERfVWmXfIjWc/"
    "KlJEisdXQDsEVfFQYwyHoRoFN1vo74T56jE8mb11LHyGu5/XdJ2br7dcVjMvnT6JnOeJ46"
    "PRPT1YiClJHpBNrM5UReYN3ZgsRiDzftvcwekPC4DJ396BlLsyeh8zHrRtwacdtFEnZd3K"
    "pw+RI9G4fRV0tYmcRUJLS1CtvXUq8joU75TFzEZ0RGNVMGHOzIM2kgkJrktbCW4hU56iwa"
    "IWClyG0wFafivMM61hewyqipr0kZGSm7obNnUuQVuKgnIrHaJ7/ff3NyfvL2+OxkRcMqpQ"
    "79olJVGClIGojVjNEe6tWTdeTqSbVaPSnfsKw1IMtb7lMr3vKoTEG56l/0mMibGzra0cEQ"
    "9GnJ8TZj9FhHQ2K2D5sy6sZnV7+PM0OzwlmIq+HZzWj4IS6ePyCxBPmqOYraY29ylls8+i"
    "YWPWn4V0KoYyfeFLBeMGoj3298ylDReIuIr1LSkK+t7L855qrPrNiyXnMIa9G0G4exyvuV"
    "TA19/PQyfmdjZ7AWO2DEoRT6jVlJG7biZHe8/8uxgB4XWJTRmT0tmptTPro8YxrucNc/vb"
    "VobqbMd6oBxHtr50JFQLf5hFa5vYkqbjXweaDY0f8eM9bG/Xb560vzNXnSmHLI2JqvrvVX"
    "pzvnkLM1Ew/NJx7M4q1ZvO0KCfuweBsfNFWxhps6h2rtpdz4LKx2eyo86HMgq4uWbYt/Ad"
    "DFD4gAGvB3gBLvCXwOhxjqGT6DJcMcyT/+Z45e2il/87pmEVe2ieaLuDmrffL/rRZxzUa5"
    "rvYArbz6ADFc/leiopxaXw6TMhqeO0pq4W3L/OzfJdq7ZUhGtd98EJ0xLhuvVAdopEz2MD"
    "yjf3q6zlbj09PqvcYyL3dwmvioGiAcFd9DdF8mWJsKTVl2Wn/Nmk9isv0VuB1f7mklDtp2"
    "Zl//Dw4qmKk="
)

DDL_STATE = {
    'aerich': {
        'uid_aerich_app_version': (
            'CREATE UNIQUE INDEX "uid_aerich_app_version" ON "aerich" ("app", "version")',
            'DROP INDEX IF EXISTS "uid_aerich_app_version"',
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
}
