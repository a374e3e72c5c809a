from __future__ import annotations

from typing import TypeVar

import pytest
from shop_models import Guild, Member
from tortoise import fields
from tortoise.expressions import F
from tortoise.models import Model as TortoiseModel

from tux.errors import InvalidValue, TuxError
from tux.manager import Manager
from tux.models import Model
from tux.testing.blocks import max_queries

T = TypeVar("T", bound=TortoiseModel)


class Members(Manager[Member], name="members"):
    """Of the tests."""


def test_a_manager_knows_its_model_and_name():
    assert (Members.model, Members.name) == (Member, "members")


def test_a_subclass_of_a_manager_keeps_the_model():
    class Fewer(Members, name="fewer"):
        pass

    assert (Fewer.model, Fewer.name, Members.name) == (Member, "fewer", "members")


def test_a_generic_manager_in_between_leaves_the_model_to_its_subclasses():
    class Between(Manager[T]):
        pass

    class Guilds(Between[Guild], name="guilds"):
        pass

    assert (Guilds.model, Between.name) == (Guild, "")
    assert not hasattr(Between, "model")


def test_a_named_manager_without_a_model_is_refused():
    with pytest.raises(TuxError, match=r"does not say whose manager it is; write Manager\[YourModel\]"):

        class Nobody(Manager, name="nobody"):
            pass


@pytest.mark.parametrize("name", ["two words", "Case", "1st", "a-b"])
def test_a_name_that_is_no_attribute_is_refused(name):
    with pytest.raises(TuxError, match="lower-case identifier"):

        class Wrong(Manager[Member], name=name):
            pass


def test_a_model_without_a_connection_says_what_to_do():
    class Lonely(Model):
        guild = fields.ForeignKeyField("models.Guild", related_name="lonely")

        class Meta(Model.Meta):
            table = "shop_lonely"

    class Lonelies(Manager[Lonely], name="lonelies"):
        pass

    with pytest.raises(TuxError, match="connect the database first"):
        Lonelies().columns()


def test_with_session_is_the_transaction_of_the_coordinator():
    class Db:
        def transaction(self):
            return "scope"

    assert Members(Db()).with_session() == "scope"


def test_a_manager_says_what_it_manages():
    assert repr(Members()) == "<Members of Member>"


class Checked(Manager[Member], name="checked"):
    """Refuses a name, and remembers what it was asked."""

    def __init__(self):
        super().__init__()
        self.asked = []

    def check(self, values):
        self.asked.append(dict(values))
        if "bad" in (values.get("name"), values.get("note")):
            raise InvalidValue("that is bad")


@pytest.mark.usefixtures("shop")
async def test_a_filter_counts_also_after_a_read_of_the_same_form_without_one():
    members = Members()
    await members.bulk_create([{"member_id": number, "guild_id": 1, "level": number % 2} for number in range(4)])
    assert len(await members.find_all({})) == 4
    assert [row.member_id for row in await members.find_all({"member_id": 3})] == [3]
    assert len(await members.find_all({}, level=1)) == 2
    assert [row.member_id for row in await members.find_all({"member_id": 3}, level=1)] == [3]


WRITES = {
    "create": lambda m, v: m.create(member_id=1, guild_id=1, **v),
    "update_by_id": lambda m, v: m.update_by_id(1, **v),
    "update_where": lambda m, v: m.update_where({"id": 1}, v),
    "upsert_values": lambda m, v: m.upsert({"member_id": 1, "guild_id": 1}, **v),
    "upsert_defaults": lambda m, v: m.upsert({"member_id": 1, "guild_id": 1}, v, xp=1),
    "get_or_create": lambda m, v: m.get_or_create(v, member_id=9, guild_id=1),
    "bulk_create": lambda m, v: m.bulk_create([{"member_id": 1, "guild_id": 1}, {"member_id": 2, "guild_id": 1, **v}]),
    "bulk_create_instances": lambda m, v: m.bulk_create([Member(member_id=2, guild_id=1, **v)], returning="keys"),
    "bulk_update": lambda m, v: m.bulk_update([{"id": 1, "xp": 1}, {"id": 2, **v}]),
    "bulk_upsert": lambda m, v: m.bulk_upsert(
        [{"member_id": 1, "guild_id": 1, **v}], ["member_id", "guild_id"], list(v)
    ),
}


@pytest.mark.usefixtures("shop")
@pytest.mark.parametrize("write", WRITES)
@pytest.mark.parametrize("values", [{"name": "bad"}, {"note": "bad"}])
async def test_every_write_is_checked_before_any_statement(write, values):
    with max_queries(0 if write != "get_or_create" else 1), pytest.raises(InvalidValue, match="that is bad"):
        await WRITES[write](Checked(), values)


@pytest.mark.usefixtures("shop")
async def test_a_check_gets_what_was_given_by_the_names_of_columns():
    checked = Checked()
    guild = await Guild.create(guild_id=7)
    await checked.create(guild=guild, member_id=5)
    await checked.update_by_id(1, name="x", xp=F("xp") + 1)
    await checked.increment(1, level=2)
    assert checked.asked[0] == {"guild_id": 7, "member_id": 5}
    assert checked.asked[1].keys() == {"name", "xp"}
    assert checked.asked[2].keys() == {"level"}
    assert (await checked.get_by_id(1)).xp == 1
