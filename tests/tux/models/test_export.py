from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from enum import Enum

import pytest
from pydantic import BaseModel, ValidationError
from shop_models import Guild, GuildSetting, Member, Rank, Size, Team, Thing

from tux.models.schemas import schema_of

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)


@pytest.fixture
async def ann(shop):
    await Guild.create(guild_id=1, guild_name="Home")
    return await Member.create(guild_id=1, member_id=2**62, name="Ann", rank=Rank.ADMIN, seen_at=NOON, extra={"a": [1]})


async def test_a_row_is_a_dict_of_its_columns(ann):
    found = ann.to_dict()
    assert list(found) == list(Member._meta.fields_db_projection)
    assert (found["member_id"], found["rank"], found["seen_at"], found["extra"]) == (
        2**62,
        Rank.ADMIN,
        NOON,
        {"a": [1]},
    )
    assert "guild" not in found


async def test_names_can_be_left_out(ann):
    await ann.fetch_related("guild")
    assert not {"extra", "guild"} & ann.to_dict(exclude=("extra", "guild")).keys()


async def test_relations_that_were_fetched_are_included(ann):
    team = await Team.create(name="red")
    await team.members.add(ann)
    await GuildSetting.create(guild_id=1)
    guild = await Guild.get(guild_id=1).prefetch_related("members__teams", "setting")
    found = guild.to_dict()
    assert found["setting"]["guild_id"] == 1
    assert [member["name"] for member in found["members"]] == ["Ann"]
    assert [team["name"] for team in found["members"][0]["teams"]] == ["red"]
    assert "notes" not in found


async def test_a_relation_without_a_row_is_none(ann):
    guild = await Guild.get(guild_id=1).prefetch_related("setting", "members__notes")
    found = guild.to_dict()
    assert found["setting"] is None
    assert found["members"][0]["notes"] == []


async def test_a_row_that_contains_itself_ends(ann):
    await ann.fetch_related("guild__members__guild")
    ann.guild.members.related_objects[0] = ann
    found = ann.to_dict()
    assert "guild" not in found["guild"]["members"][0]
    assert found["guild"]["members"][0]["name"] == "Ann"


async def test_the_json_form_holds_only_what_json_takes(shop):
    thing = await Thing.create(
        price=Decimal("1.50"),
        size=Size.LARGE,
        span=timedelta(hours=1),
        data=b"\xff\x00",
        day=date(2026, 1, 2),
        tags=["x"],
    )
    found = thing.to_dict("json")
    assert json.loads(json.dumps(found, allow_nan=False)) == found
    assert not any(isinstance(value, Enum) for value in found.values())
    assert (found["id"], found["price"], found["size"], found["data"], found["day"]) == (
        str(thing.id),
        "1.50",
        2,
        "_wA=",
        "2026-01-02",
    )


async def test_numbers_that_json_lacks_become_none(ann):
    ann.xp = float("nan")
    assert ann.to_dict("json")["xp"] is None


def test_a_row_in_memory_has_none_where_the_database_will_put_a_value():
    assert Thing().to_dict()["made_at"] is None


async def test_a_partial_row_gives_what_it_has(ann):
    row = await Member.filter(name="Ann").only("name", "xp").get()
    assert row.to_dict() == {"name": "Ann", "xp": 0}


async def test_a_row_becomes_a_pydantic_model_of_its_table(ann):
    schema = schema_of(Member)
    made = ann.to_pydantic(schema)
    assert made.model_dump() == ann.to_dict()
    assert schema.model_validate(ann) == made
    assert schema.model_fields["note"].is_required() is False
    assert schema.model_json_schema()["properties"]["name"]["maxLength"] == 12
    with pytest.raises(ValidationError, match="name"):
        schema.model_validate({**ann.to_dict(), "name": "x" * 13})


async def test_every_kind_of_column_has_a_type(shop):
    thing = await Thing.create(numbers=[1], size=Size.SMALL, span=timedelta(hours=1), data=b"x", price=Decimal(1))
    thing = await Thing.get(id=thing.id)
    assert thing.to_pydantic(schema_of(Thing)).model_dump() == thing.to_dict()


async def test_a_row_becomes_an_authors_own_pydantic_model(ann):
    class GuildView(BaseModel):
        guild_name: str

    class MemberView(BaseModel):
        name: str
        guild: GuildView

    await ann.fetch_related("guild")
    assert ann.to_pydantic(MemberView) == MemberView(name="Ann", guild=GuildView(guild_name="Home"))
    with pytest.raises(ValidationError, match="guild"):
        (await Member.get(name="Ann")).to_pydantic(MemberView)
