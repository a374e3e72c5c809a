from __future__ import annotations

import pytest
from tortoise import fields

from tux.database.schema import Schema, migration_files, missing_parts
from tux.models import Model

FILES = ["0_1_init.py", "1_2_more.py"]


class Seen(Model):
    id: int = fields.BigIntField(primary_key=True)
    size: int = fields.IntField()

    class Meta(Model.Meta):
        table = "schema_seen"


def schema(*applied: str, **tables: list[str]) -> Schema:
    return Schema(applied, {name: frozenset(columns) for name, columns in tables.items()})


@pytest.mark.parametrize(
    ("applied", "status"),
    [
        ((), "empty"),
        (("0_1_init.py",), "behind"),
        (("0_1_init.py", "1_2_more.py"), "current"),
        (("0_1_init.py", "1_2_more.py", "2_3_later.py"), "ahead"),
        (("0_1_init.py", "1_2_other.py"), "diverged"),
    ],
)
def test_the_status_follows_from_what_is_pending_and_what_is_unknown(applied, status):
    assert schema(*applied).status(FILES) == status


def test_a_project_without_migrations_is_current_on_an_empty_database():
    assert schema().status([]) == "current"


def test_pending_and_unknown_are_named_in_order():
    found = schema("0_1_init.py", "1_2_other.py")
    assert found.pending(FILES) == ["1_2_more.py"]
    assert found.unknown(FILES) == ["1_2_other.py"]


def test_files_are_ordered_by_number_and_others_left_out(tmp_path):
    folder = tmp_path / "migrations" / "models"
    folder.mkdir(parents=True)
    for name in ("10_3_c.py", "9_2_b.py", "0_1_a.py", "__init__.py", "notes_1.py", "1_1_x.txt"):
        (folder / name).touch()
    assert migration_files(tmp_path) == ["0_1_a.py", "9_2_b.py", "10_3_c.py"]


def test_missing_tables_and_columns_of_a_model_are_named():
    assert missing_parts(schema(), Seen) == ["schema_seen"]
    assert missing_parts(schema(schema_seen=["id"]), Seen) == ["schema_seen.size"]
    assert missing_parts(schema(schema_seen=["id", "size", "extra"]), Seen) == []
