from __future__ import annotations

import copy
import json
import pickle
from datetime import UTC, datetime, timedelta, timezone

import pytest
from shop_models import Guild, Member, Team
from tortoise import fields
from tortoise.exceptions import ValidationError
from tortoise.manager import Manager as TortoiseManager

from tux.clock import clock
from tux.errors import InvalidQuery, InvalidValue
from tux.models import Model, TimestampedModel

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
NAIVE = datetime(2026, 1, 1)  # noqa: DTZ001


def test_a_model_without_a_key_gets_a_bigint_id():
    assert Team._meta.pk_attr == "id"
    assert type(Team._meta.pk) is fields.BigIntField
    assert Guild._meta.pk_attr == "guild_id"


def test_a_meta_that_inherits_abstract_does_not_make_its_model_abstract():
    class Base(Model):
        name = fields.CharField(max_length=5)

        class Meta(Model.Meta):
            abstract = True

    class Concrete(Base):
        class Meta(Base.Meta):
            table = "concrete"

    assert Base._meta.abstract is True
    assert (Concrete._meta.abstract, Concrete._meta.db_table) == (False, "concrete")
    assert set(Concrete._meta.fields_map) == {"id", "name"}


def test_a_manager_in_a_bases_meta_is_not_shared():
    class Own(TortoiseManager):
        pass

    class Base(Model):
        class Meta(Model.Meta):
            abstract = True
            manager = Own()

    class One(Base):
        class Meta(Base.Meta):
            table = "one"

    class Two(Base):
        class Meta(Base.Meta):
            table = "two"

    managers = [model._meta.manager for model in (One, Two)]
    assert [type(manager) for manager in managers] == [Own, Own]
    assert [manager._model for manager in managers] == [One, Two]


def test_docstrings_and_comments_do_not_reach_the_database():
    class Documented(Model):
        """A sentence that may be edited."""

        #: And so may this.
        name = fields.CharField(max_length=5)

        class Meta(Model.Meta):
            table = "documented"

    assert Documented._meta.table_description == ""
    assert Documented._meta.fields_map["name"].description is None


def test_a_description_that_is_asked_for_does():
    class Described(Model):
        class Meta(Model.Meta):
            table = "described"
            table_description = "for people with psql"

    assert Described._meta.table_description == "for people with psql"


def test_fields_are_tortoises_own():
    types = {name: type(field) for name, field in Member._meta.fields_map.items()}
    assert types["member_id"] is fields.BigIntField
    assert types["created_at"] is fields.DatetimeField


@pytest.mark.usefixtures("shop")
async def test_a_model_describes_itself_for_aerich_as_json():
    first, second = (json.dumps(Member.describe(), default=str, sort_keys=True) for _ in range(2))
    assert first == second
    described = {field["name"]: field for field in json.loads(first)["data_fields"]}
    assert described["created_at"]["default"] == "<function tux.models.times.current_time>"
    assert described["member_id"]["field_type"] == "BigIntField"


def test_rows_are_made_in_memory_copied_and_pickled():
    row = Member(id=1, member_id=5, guild_id=6, xp=2.5)
    again = pickle.loads(pickle.dumps(row))  # noqa: S301
    assert (again.xp, again.member_id, again == row) == (2.5, 5, True)
    assert copy.copy(row).xp == copy.deepcopy(row).xp == 2.5
    assert row.clone().id is None


@pytest.mark.usefixtures("shop")
async def test_a_relation_takes_rows_of_its_own_model_alone():
    guild, team = await Guild.create(guild_id=1), await Team.create(name="red")
    with pytest.raises(ValidationError, match="Expected model type 'Guild', but got 'Team'"):
        Member(member_id=1, guild=team)
    row = Member(member_id=1, guild=guild)
    with pytest.raises(ValidationError, match="Expected model type 'Guild', but got 'Team'"):
        row.guild = team
    assert row.guild is guild
    row.guild = None
    assert row.guild_id is None


def test_a_relation_of_a_model_that_no_database_knows_is_asked_for_by_its_key():
    class Early(Model):
        guild = fields.ForeignKeyField("models.Guild")

        class Meta(Model.Meta):
            table = "early"

    with pytest.raises(InvalidValue, match="guild: no database was connected yet; give the key instead: guild_id=…"):
        Early(guild=Guild(guild_id=1))


def test_a_value_takes_the_place_of_a_default_that_is_awaited():
    async def later():
        return "later"

    class Patient(Model):
        name = fields.CharField(max_length=5, default=later)

        class Meta(Model.Meta):
            table = "patient"

    class Heir(Patient):
        class Meta(Model.Meta):
            table = "heir"

    for model in (Patient, Heir):
        row = model()
        assert list(row._await_when_save) == ["name"]
        row.name = "now"
        assert row._await_when_save == {}


def test_a_new_row_is_stamped_by_the_clock_of_tux():
    with clock.freeze(NOON):
        row = Member(member_id=1, guild_id=1)
    assert (row.created_at, row.updated_at) == (NOON, NOON)


@pytest.mark.usefixtures("shop")
async def test_tortoises_own_writes_are_stamped():
    await Guild.create(guild_id=1)
    with clock.freeze(NOON):
        row = await Member.create(member_id=1, guild_id=1)
        await Member.bulk_create([Member(member_id=2, guild_id=1)])
    for hour, write in enumerate(
        (
            lambda: Member.update_or_create({"xp": 2}, member_id=1, guild_id=1),
            lambda: Member.filter(member_id=1).update(xp=3),
            lambda: Member.bulk_create(
                [Member(member_id=1, guild_id=1)], update_fields=["xp"], on_conflict=["member_id", "guild_id"]
            ),
        ),
        start=1,
    ):
        with clock.freeze(NOON + timedelta(hours=hour)):
            await write()
        await row.refresh_from_db()
        assert row.updated_at == NOON + timedelta(hours=hour)
    assert row.created_at == NOON
    assert await Member.filter(updated_at=NOON).count() == 1


@pytest.mark.usefixtures("shop")
@pytest.mark.parametrize("how", [{"update_fields": ["name"]}, {"force_update": True}])
async def test_a_row_that_was_never_read_is_stamped_when_it_is_updated(how):
    with clock.freeze(NOON):
        await Guild.create(guild_id=1)
        row = await Member.create(member_id=1, guild_id=1)
        other = Member(id=row.id, member_id=1, guild_id=1, name="ann")
    with clock.freeze(NOON + timedelta(hours=1)):
        await other.save(**how)
    await row.refresh_from_db()
    assert (row.name, row.created_at, row.updated_at) == ("ann", NOON, NOON + timedelta(hours=1))


@pytest.mark.usefixtures("shop")
async def test_a_queryset_with_a_limit_neither_updates_nor_deletes():
    for query in (Team.all().limit(1), Team.all().offset(1), Team.filter(hits=0).limit(1)):
        with pytest.raises(InvalidQuery, match="ignores limit"):
            query.update(hits=1)
        with pytest.raises(InvalidQuery, match="ignores limit"):
            query.delete()
    await Team.create(name="red")
    assert await Team.all().update(hits=1) == 1
    assert await Team.all().delete() == 1


@pytest.mark.usefixtures("shop")
async def test_a_naive_datetime_is_refused_wherever_it_is_given():
    await Guild.create(guild_id=1)
    row = await Member.create(member_id=1, guild_id=1)
    with pytest.raises(InvalidValue, match="seen_at takes an aware datetime and got the naive"):
        Member(member_id=2, guild_id=1, seen_at=NAIVE)
    with pytest.raises(InvalidValue, match="naive"):
        row.update_from_dict({"seen_at": NAIVE})
    row.seen_at = NAIVE
    for write in (
        row.save,
        lambda: Member.filter(seen_at__gt=NAIVE).count(),
        lambda: Member.filter(id=1).update(seen_at=NAIVE),
        lambda: Member.bulk_create([row]),
        lambda: Member.bulk_update([row], ["seen_at"]),
        lambda: Member.get_or_none(seen_at="2026-01-01 10:00"),
    ):
        with pytest.raises(InvalidValue, match="naive"):
            await write()


@pytest.mark.usefixtures("shop")
async def test_an_aware_datetime_of_any_zone_is_kept():
    await Guild.create(guild_id=1)
    row = await Member.create(member_id=1, guild_id=1, seen_at=NOON.astimezone(timezone(timedelta(hours=-3))))
    await row.refresh_from_db()
    assert (row.seen_at, row.seen_at.utcoffset()) == (NOON, timedelta())


def test_a_model_may_bring_stamps_and_a_key_of_its_own():
    class Owned(TimestampedModel):
        owner_id = fields.BigIntField(primary_key=True, generated=False)

        class Meta(Model.Meta):
            table = "owned"

    assert set(Owned._meta.fields_map) == {"owner_id", "created_at", "updated_at"}
