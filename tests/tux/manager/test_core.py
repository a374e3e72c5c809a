from __future__ import annotations

from typing import TypeVar

import pytest
from shop_models import Guild, Member
from tortoise import fields
from tortoise.models import Model as TortoiseModel

from tux.errors import TuxError
from tux.manager import Manager
from tux.models import Model

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
