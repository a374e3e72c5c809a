"""Declarations that aerich cannot see, from the model to the database and back."""

from __future__ import annotations


async def test_the_first_migration_makes_what_the_models_declare(migrated):
    assert "levels_members_xp" in await migrated.constraints("levels_members")
    definition = await migrated.fetch("SELECT indexdef FROM pg_indexes WHERE indexname = 'levels_members_top'")
    assert "(guild_id, xp DESC)" in definition[0]["indexdef"]


async def test_an_added_a_changed_and_a_removed_declaration_are_migrated_and_reverted(migrated):
    top = 'Index("guild_id", "-xp", name="levels_members_top")'
    migrated.edit(
        "levels",
        f'(Check("xp >= 0", name="levels_members_xp"), {top})',
        r"""(Check("xp >= -5", name="levels_members_xp"), Check(r"name !~ '^\d'", name="levels_members_name"))""",
    )
    assert migrated.aerich("migrate", "--offline", "--name", "checks").returncode == 0
    done = migrated.aerich("upgrade")
    assert done.returncode == 0, done.stderr
    checks = (
        "SELECT conname || ' ' || pg_get_constraintdef(oid) FROM pg_constraint WHERE contype = 'c' AND conrelid <> 0"
    )
    assert await migrated.names(checks) == [
        r"levels_members_name CHECK (((name)::text !~ '^\d'::text))",
        "levels_members_xp CHECK ((xp >= '-5'::integer))",
    ]
    assert "levels_members_top" not in await migrated.indexes("levels_members")
    assert migrated.aerich("migrate", "--offline").stdout.strip() == "No changes detected"
    done = migrated.aerich("downgrade", "--yes", TUX_ALLOW_DESTRUCTIVE="1")
    assert done.returncode == 0, done.stderr
    assert await migrated.names(checks) == ["levels_members_xp CHECK ((xp >= 0))"]
    assert "levels_members_top" in await migrated.indexes("levels_members")


async def test_a_new_model_comes_with_its_declarations_and_goes_with_them(migrated):
    migrated.plugin(
        "notes",
        """
class Note(Model):
    id: int = fields.BigIntField(primary_key=True)
    guild = guild_key(related_name="notes")
    text: str = fields.TextField()

    class Meta(Model.Meta):
        table = "notes_notes"

    ddl = (
        Check("text <> ''", name="notes_text"),
        Sql(
            "CREATE FUNCTION notes_loud() RETURNS text LANGUAGE sql AS $$ SELECT 'a'; $$",
            "DROP FUNCTION IF EXISTS notes_loud()",
        ),
    )


class Tag(Model):
    id: int = fields.BigIntField(primary_key=True)
    note = fields.ForeignKeyField("models.Note", related_name="tags")

    class Meta(Model.Meta):
        table = "notes_tags"
""",
        more='needs=("guild",)',
    )
    assert migrated.aerich("migrate", "--offline").returncode == 0
    done = migrated.aerich("upgrade")
    assert done.returncode == 0, done.stderr
    functions = "SELECT proname FROM pg_proc WHERE proname LIKE 'notes%'"
    assert "notes_text" in await migrated.constraints("notes_notes")
    assert await migrated.names(functions) == ["notes_loud"]
    done = migrated.aerich("downgrade", "--yes", TUX_ALLOW_DESTRUCTIVE="1")
    assert done.returncode == 0, done.stderr
    assert not {"notes_notes", "notes_tags"} & set(await migrated.tables())
    assert await migrated.names(functions) == []


async def test_the_declarations_follow_a_renamed_table_and_come_back_with_it(migrated):
    migrated.edit("levels", 'table = "levels_members"', 'table = "levels_people"')
    migrated.edit("levels", 'name="levels_members_xp"', 'name="levels_people_xp"')
    assert migrated.aerich("migrate", "--offline").returncode == 0
    done = migrated.aerich("upgrade")
    assert done.returncode == 0, done.stderr
    assert "levels_people_xp" in await migrated.constraints("levels_people")
    done = migrated.aerich("downgrade", "--yes", TUX_ALLOW_DESTRUCTIVE="1")
    assert done.returncode == 0, done.stderr
    assert "levels_members_xp" in await migrated.constraints("levels_members")
    assert "levels_members_top" in await migrated.indexes("levels_members")
