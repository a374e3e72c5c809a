"""Settings and switches of plugins in each guild."""

from __future__ import annotations

import asyncio

import pytest
from pydantic import BaseModel, Field, model_validator
from support import logged

from tux.core.errors import InvalidSetting, UnknownPlugin
from tux.core.events import PluginSwitched


class Shop(BaseModel):
    """Settings as a plugin declares them."""

    title: str = "Shop"
    limit: int = Field(default=5, ge=1, le=10)
    low: int = 0
    high: int = 100
    tags: list[str] = []
    owner: int | None = None

    @model_validator(mode="after")
    def _check_order(self):
        if self.low > self.high:
            msg = "low must not be above high"
            raise ValueError(msg)
        return self


@pytest.fixture(autouse=True)
def declared(db, monkeypatch):
    record = db.registry.records["moderation"]
    monkeypatch.setattr(record, "plugin", record.plugin.model_copy(update={"settings": Shop}))


async def test_a_guild_that_changed_nothing_has_the_defaults(db):
    assert await db.settings.read(1, Shop) == Shop()


async def test_changes_are_merged_and_kept_for_each_guild(db):
    assert await db.settings.change(1, Shop, title="One", owner=10**18) == Shop(title="One", owner=10**18)
    assert await db.settings.change(1, Shop, limit=7, tags=["a"]) == Shop(
        title="One", owner=10**18, limit=7, tags=["a"]
    )
    assert await db.settings.read(1, Shop) == Shop(title="One", owner=10**18, limit=7, tags=["a"])
    assert await db.settings.read(2, Shop) == Shop()


async def test_only_what_was_changed_is_stored_so_that_a_new_default_reaches_the_rest(db):
    await db.settings.change(1, Shop, limit=7)
    row = await db.settings.find_one({"guild_id": 1})
    assert (row.plugin, row.changed) == ("moderation", {"limit": 7})


async def test_an_unknown_setting_is_refused_with_those_that_exist(db):
    with pytest.raises(InvalidSetting, match=r"moderation has no setting 'colour'; it has high, limit, low, owner"):
        await db.settings.change(1, Shop, colour="red", title="New")
    assert await db.settings.count() == 0


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"limit": 11}, r"moderation\.limit: .*less than or equal to 10"),
        ({"limit": "many"}, r"moderation\.limit: .*integer"),
        ({"tags": [1]}, r"moderation\.tags\.0: .*string"),
        ({"low": 101}, "low must not be above high"),
        ({"title": object()}, "moderation: a value cannot be stored"),
    ],
)
async def test_a_wrong_value_is_refused_and_nothing_of_the_call_is_stored(db, values, message):
    await db.settings.change(1, Shop, title="Before")
    with pytest.raises(InvalidSetting, match=message):
        await db.settings.change(1, Shop, **{"owner": 5, **values})
    assert await db.settings.read(1, Shop) == Shop(title="Before")


async def test_concurrent_changes_of_different_settings_all_arrive(db):
    await asyncio.gather(
        *(
            db.settings.change(1, Shop, **{name: value})
            for name, value in {"title": "x", "limit": 2, "low": 1, "high": 9}.items()
        )
    )
    assert await db.settings.read(1, Shop) == Shop(title="x", limit=2, low=1, high=9)


async def test_two_changes_that_are_wrong_together_cannot_both_win(db):
    results = await asyncio.gather(
        db.settings.change(1, Shop, low=60), db.settings.change(1, Shop, high=40), return_exceptions=True
    )
    assert [type(result) for result in results].count(InvalidSetting) == 1
    found = await db.settings.read(1, Shop)
    assert found.low <= found.high


async def test_what_an_older_version_stored_and_this_one_does_not_take_has_its_default(db):
    await db.settings.create(guild_id=1, plugin="moderation", changed={"limit": 99, "title": "Kept", "gone": True})
    with logged() as lines:
        assert await db.settings.read(1, Shop) == Shop(title="Kept")
    assert any("limit" in line and line.startswith("WARNING") for line in lines)
    assert await db.settings.change(1, Shop, owner=3) == Shop(title="Kept", owner=3)


async def test_settings_that_nobody_declared_are_refused(db):
    class Other(BaseModel):
        pass

    with pytest.raises(UnknownPlugin, match="no plugin declares Other"):
        await db.settings.read(1, Other)


async def test_a_switch_is_stored_once_for_each_guild_and_plugin(db):
    for enabled in (False, True, False):
        await db.switches.turn(1, "moderation", enabled=enabled)
    await db.switches.turn(2, "moderation", enabled=True)
    assert await db.switches.list_all() == {(1, "moderation"): False, (2, "moderation"): True}


async def test_a_switch_of_a_rolled_back_transaction_is_neither_stored_nor_told(db):
    told = []

    async def note(event):
        told.append(event)

    async def fail_after_it():
        async with db.transaction():
            await db.switches.turn(1, "moderation", enabled=False)
            raise LookupError

    db.events.subscribe(PluginSwitched, note, plugin="test")
    try:
        with pytest.raises(LookupError):
            await fail_after_it()
        assert (told, await db.switches.list_all()) == ([], {})
        await db.switches.turn(1, "moderation", enabled=False)
        assert told == [PluginSwitched(1, "moderation", enabled=False)]
    finally:
        db.events.unsubscribe(note)
