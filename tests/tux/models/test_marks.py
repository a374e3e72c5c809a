from __future__ import annotations

import pytest
from shop_models import GuildSetting, Member
from tortoise import fields
from tortoise.fields.relational import ForeignKeyFieldInstance

from tux.errors import TuxError
from tux.models import FieldMark, field_mark, guild_column, guild_key, user_column
from tux.models.marks import is_guild_reference


def test_a_guild_key_is_a_cascading_foreign_key_to_the_guild():
    key = guild_key(related_name="things")
    assert type(key) is ForeignKeyFieldInstance
    assert (key.model_name, key.related_name, key.on_delete) == ("models.Guild", "things", fields.CASCADE)
    assert field_mark(key) == FieldMark("guild_key")


def test_a_guild_column_is_a_plain_bigint():
    column = guild_column(null=True)
    assert (type(column), column.null) == (fields.BigIntField, True)
    assert field_mark(column) == FieldMark("guild_column")


def test_a_user_column_says_what_happens_on_deletion():
    assert field_mark(user_column(forget="delete")) == FieldMark("user_column", "delete")
    assert field_mark(user_column(forget="keep", reason="law")) == FieldMark("user_column", "keep", "law")
    emptied = user_column(forget="null")
    assert (emptied.null, field_mark(emptied).forget) == (True, "null")


@pytest.mark.parametrize("options", [{"forget": "keep"}, {"forget": "null", "null": False}, {"forget": "never"}])
def test_a_user_column_that_could_not_be_forgotten_is_refused(options):
    with pytest.raises(TuxError, match="user_column"):
        user_column(**options)


def test_an_unmarked_field_has_no_mark():
    assert field_mark(fields.IntField()) is None


@pytest.mark.usefixtures("shop")
async def test_the_column_behind_a_relation_has_the_mark_of_the_relation():
    assert field_mark(Member._meta.fields_map["guild_id"]) == FieldMark("guild_key")
    assert field_mark(Member._meta.fields_map["member_id"]) == FieldMark("user_column", "delete")


def test_a_reference_to_the_guild_is_known_however_it_is_written():
    assert is_guild_reference(GuildSetting._meta.fields_map["guild"])
    assert is_guild_reference(guild_key(related_name="x"))
    assert not is_guild_reference(fields.ForeignKeyField("models.Other"))
    assert not is_guild_reference(fields.BigIntField())


def test_marks_survive_the_copies_that_abstract_models_make():
    class Base(Member.__mro__[1]):
        owner_id = user_column(forget="delete")

        class Meta:
            abstract = True

    class Owned(Base):
        class Meta(Base.Meta):
            table = "owned"

    assert field_mark(Owned._meta.fields_map["owner_id"]) == FieldMark("user_column", "delete")
