"""Rows that compiled code makes are, attribute by attribute, those that Tortoise makes."""

from __future__ import annotations

import uuid
from datetime import UTC, date, datetime, timedelta, timezone
from enum import Enum, IntEnum

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tortoise import fields
from tortoise.context import TortoiseContext
from tortoise.contrib.postgres.fields import ArrayField
from tortoise.exceptions import FieldError
from tortoise.models import Model as PlainModel

from tux.models import Model, hydrate
from tux.models.hydrate import reader_of


class Colour(Enum):
    RED = "red"
    NONE = ""


class Size(IntEnum):
    NO = 0
    BIG = 2


class Shouting(fields.CharField):
    def to_python_value(self, value):
        return None if value is None else value.upper()


class Everything(Model):
    id = fields.BigIntField(primary_key=True)
    small = fields.SmallIntField(null=True)
    number = fields.IntField(null=True, source_field="whole_number")
    name = fields.CharField(max_length=50, null=True)
    text = fields.TextField(null=True)
    flag = fields.BooleanField(null=True)
    share = fields.FloatField(null=True)
    price = fields.DecimalField(max_digits=12, decimal_places=3, null=True)
    at = fields.DatetimeField(null=True)
    day = fields.DateField(null=True)
    hour = fields.TimeField(null=True)
    span = fields.TimeDeltaField(null=True)
    data = fields.JSONField(null=True)
    token = fields.UUIDField(null=True)
    blob = fields.BinaryField(null=True)
    colour = fields.CharEnumField(Colour, null=True)
    size = fields.IntEnumField(Size, null=True)
    tags = ArrayField("text", null=True)
    loud = Shouting(max_length=50, null=True)


class Plainest(PlainModel):
    token = fields.UUIDField(primary_key=True)
    at = fields.DatetimeField(auto_now=True)
    data = fields.JSONField(default=dict)


class Overriding(Model):
    name = fields.CharField(max_length=50)

    @classmethod
    def _init_from_db(cls, **kwargs):
        made = super()._init_from_db(**kwargs)
        made.read_by = "its own"
        return made


class Constructed(Model):
    name = fields.CharField(max_length=50)

    def __new__(cls, **values):
        made = super().__new__(cls)
        made.made_by = "its own"
        return made


class Noting(Model):
    name = fields.CharField(max_length=50)

    def __setattr__(self, name, value):
        super().__setattr__(name, f"{value}!" if name == "name" else value)


class Watched(Model):
    name = fields.CharField(max_length=50)


class Watching:
    def __get__(self, row, owner):
        return row and row.__dict__["seen"]

    def __set__(self, row, value):
        row.__dict__["seen"] = f"seen {value}"


@pytest.fixture(scope="module", autouse=True)
async def models():
    """The models, connected to a database that nobody asks anything."""
    connection = {"engine": "tux.database.engine", "credentials": {"host": "nowhere", "port": 1, "database": "none"}}
    async with TortoiseContext() as context:
        await context.init(
            config={
                "connections": {"default": connection},
                "apps": {"models": {"models": [__name__], "default_connection": "default"}},
                "use_tz": True,
                "timezone": "UTC",
            }
        )
        yield


def attributes(row):
    return [(name, type(each), each, getattr(each, "tzinfo", None)) for name, each in vars(row).items()]


def date_time(year):
    return datetime(year, 1, 1)  # noqa: DTZ001 - hypothesis adds the zone


times = st.datetimes(date_time(1900), date_time(2200), timezones=st.sampled_from([UTC, timezone(timedelta(hours=2))]))
texts = st.text(max_size=50)
a_row = st.fixed_dictionaries(
    {
        "id": st.integers(1, 2**63 - 1),
        **{
            name: st.none() | values
            for name, values in {
                "small": st.integers(-(2**15), 2**15 - 1),
                "whole_number": st.integers(-(2**31), 2**31 - 1),
                "name": texts,
                "text": texts,
                "flag": st.booleans(),
                "share": st.floats(allow_nan=False),
                "price": st.decimals(-(10**6), 10**6, places=3) | st.integers(0, 10**6),
                "at": times,
                "day": st.dates(date(1900, 1, 1)),
                "hour": st.times(timezones=st.just(UTC)) | st.times(),
                "span": st.integers(-(10**15), 10**15),
                "data": st.sampled_from(['{"a": [1, 2.5, null]}', "[]", '"x"', "null", "0"]),
                "token": st.uuids() | st.uuids().map(str),
                "blob": st.binary(max_size=20),
                "colour": st.sampled_from(["red", ""]),
                "size": st.sampled_from([0, 2]),
                "tags": st.lists(texts, max_size=3),
                "loud": texts,
            }.items()
        },
    }
)


@settings(max_examples=150, deadline=None)
@given(a_row)
def test_a_compiled_row_is_the_row_that_tortoise_makes(row):
    made, wanted = reader_of(Everything)(row), Everything._init_from_db(**row)
    assert type(made) is Everything
    assert attributes(made) == attributes(wanted)


def test_every_field_is_read_by_compiled_code_unless_it_is_switched_off(monkeypatch):
    assert ("_tux_reader" in vars(Everything)) is hydrate.IS_ON
    monkeypatch.setattr(hydrate, "IS_ON", False)
    assert reader_of(Everything).func is hydrate._plain


def test_a_model_of_tortoise_alone_is_read_alike():
    row = {"token": uuid.uuid4(), "at": datetime(2026, 1, 1, tzinfo=UTC), "data": '{"a": 1}'}
    assert attributes(reader_of(Plainest)(row)) == attributes(Plainest._init_from_db(**row))


def test_columns_that_the_model_lacks_are_left_out():
    made = reader_of(Watched)({"id": 1, "name": "ann", "tux_total": 3})
    assert "tux_total" not in vars(made)


def test_a_row_without_some_columns_is_partial():
    made = reader_of(Watched)({"id": 1})
    assert made._partial
    assert "name" not in vars(made)


def test_what_a_field_refuses_is_refused_in_its_own_words():
    with pytest.raises(FieldError, match="invalid json"):
        reader_of(Plainest)({"token": uuid.uuid4(), "at": None, "data": "{"})


@pytest.mark.parametrize("value", ["blue", 7])
def test_a_value_that_no_member_has_is_an_error_as_before(value):
    column = "colour" if isinstance(value, str) else "size"
    row = dict.fromkeys(field.source_field or name for name, field in Everything._meta.fields_map.items())
    with pytest.raises(ValueError, match="is not a valid"):
        reader_of(Everything)({**row, "id": 1, column: value})


def test_a_model_that_reads_rows_in_its_own_way_keeps_it():
    assert reader_of(Overriding)({"id": 1, "name": "ann"}).read_by == "its own"
    assert reader_of(Constructed)({"id": 1, "name": "ann"}).made_by == "its own"


def test_a_model_that_is_set_in_its_own_way_is_read_as_tortoise_reads_it():
    made = reader_of(Noting)({"id": 1, "name": "ann"})
    assert (type(made), made.name) == (Noting, "ann")
    assert attributes(made) == attributes(Noting._init_from_db(id=1, name="ann"))
    made.name = "bob"
    assert made.name == "bob!"


def test_a_field_behind_a_descriptor_is_set_through_it(monkeypatch):
    vars_before = dict(vars(Watched))
    type.__setattr__(Watched, "name", Watching())
    try:
        if "_tux_reader" in vars_before:
            type.__delattr__(Watched, "_tux_reader")
        assert reader_of(Watched)({"id": 1, "name": "ann"}).name == "seen ann"
    finally:
        type.__delattr__(Watched, "name")


def test_rows_share_nothing():
    read = reader_of(Plainest)
    row = {"token": uuid.uuid4(), "at": None, "data": "{}"}
    first, second = read(row), read(row)
    assert first._await_when_save is not second._await_when_save
    assert first.data is not second.data
