"""The Mermaid diagram of the tables: what it draws, and what the command says."""

from __future__ import annotations

import re

from tux.migrations.diagram import er_diagram
from tux.migrations.shapes import Column, Reference, Table

GUILDS = Table("guild.Guild", "guild_id", {"guild_id": Column("BIGINT")})


def test_columns_have_their_type_and_their_part_in_keys():
    columns = {"id": Column("BIGINT"), "guild_id": Column("BIGINT"), "name": Column("VARCHAR(50)")}
    columns["tags"] = Column("DOUBLE PRECISION[]", nullable=True)
    references = {"fk": Reference("guild_id", "guild_guilds", "guild_id", "CASCADE")}
    tags = Table("tags.Tag", "id", columns, {"uid": ("name",), "pair": ("guild_id", "name")}, references)
    assert er_diagram({"guild_guilds": GUILDS, "tags_tags": tags}).splitlines() == [
        "erDiagram",
        "    guild_guilds {",
        "        BIGINT guild_id PK",
        "    }",
        "    tags_tags {",
        "        BIGINT id PK",
        "        BIGINT guild_id FK",
        "        VARCHAR_50 name UK",
        "        DOUBLE_PRECISION[] tags",
        "    }",
        "    guild_guilds ||--o{ tags_tags : guild_id",
    ]


def test_a_reference_that_may_be_empty_or_is_the_key_has_its_own_ends():
    columns = {"id": Column("BIGINT"), "parent_id": Column("BIGINT", nullable=True)}
    references = {
        "own": Reference("parent_id", "tree_nodes", "id", "SET NULL"),
        "one": Reference("id", "guild_guilds", "guild_id", "CASCADE"),
    }
    drawn = er_diagram({"tree_nodes": Table("tree.Node", "id", columns, {}, references)})
    assert "    tree_nodes |o--o{ tree_nodes : parent_id" in drawn
    assert "    guild_guilds ||--o| tree_nodes : id" in drawn


async def test_the_command_draws_all_tables_or_those_of_some_plugins(repository):
    whole = repository.tux("db", "diagram")
    assert whole.returncode == 0
    tables = set(re.findall(r"^    (\w+) \{$", whole.stdout, re.MULTILINE))
    assert {"guild_guilds", "moderation_cases", "core_settings", "starboard_messages"} <= tables
    assert not {table for table in tables if table.startswith("aerich")}
    notes = repository.tux("db", "diagram", "notes")
    assert re.findall(r"^    (\w+) \{$", notes.stdout, re.MULTILINE) == ["notes_notes"]
    assert "guild_guilds ||--o{ notes_notes : guild_id" in notes.stdout
    refused = repository.tux("db", "diagram", "nope")
    assert refused.returncode == 1
    assert "plugin 'nope' has no tables; these have: afk, audit" in refused.stderr
