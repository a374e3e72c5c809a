"""`/config panel`, `export` and `import`: generated from the settings model that a plugin declares."""

from __future__ import annotations

import tomllib
from enum import StrEnum
from typing import Annotated, Literal

import pytest
from pydantic import BaseModel, Field, model_validator

from plugins.levels.settings import LevelSettings
from tux.plugin import ChannelId, RoleId
from tux.testing import max_queries


class Mood(StrEnum):
    GOOD = "good"
    BAD = "bad"


class Shop(BaseModel):
    """Settings as a plugin declares them."""

    title: str = Field(default="Shop", max_length=20, description="What the shop is called")
    limit: int = Field(default=5, ge=1, le=10, description="How many a member may buy")
    open: bool = True
    size: Literal["small", "large"] = "small"
    mood: Mood = Mood.GOOD
    tags: list[str] = Field(default_factory=list)
    owner: int | None = None
    prices: dict[int, float] = Field(default_factory=dict)
    seller: RoleId | None = None
    counter: ChannelId = 0
    discounts: dict[RoleId, float] = Field(default_factory=dict)
    shelves: dict[Annotated[int, Field(ge=1)], ChannelId] = Field(default_factory=dict)
    low: int = 0
    high: int = 100

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


async def stored(discord):
    return await discord.bot.db.settings.read(discord.guild.id, Shop)


async def chosen(discord, *steps):
    """Open the panel as the owner and choose the plugin, then whatever the steps say."""
    panel = await discord.owner.slash("config panel")
    reply = await discord.owner.selects(panel, "Plugin", "moderation")
    for menu, value in steps:
        reply = await discord.owner.selects(reply, menu, value)
    return reply


async def change(discord, name, text):
    """Write a text into the form of a setting."""
    form = await discord.owner.clicks(await chosen(discord, ("Setting", name)), "Change")
    return await discord.owner.submits(form, text)


async def test_the_panel_shows_the_settings_of_a_plugin_with_their_values(discord):
    await discord.bot.db.settings.change(discord.guild.id, Shop, title="Mine")
    panel = await discord.owner.says("!config")
    assert "Choose a plugin" in panel.text
    text = (await discord.owner.selects(panel, "Plugin", "moderation")).text
    assert "Settings of moderation" in text
    for line in ("**title**: Mine", "**limit**: 5 (default)", "**open**: on (default)", "**owner**: not set (default)"):
        assert line in text.splitlines()


async def test_a_setting_is_shown_with_its_description_and_default(discord):
    assert "limit: How many a member may buy\nDefault: 5" in (await chosen(discord, ("Setting", "limit"))).text


@pytest.mark.parametrize(
    ("name", "value", "expected"), [("open", "off", False), ("size", "large", "large"), ("mood", "bad", Mood.BAD)]
)
async def test_few_values_are_chosen_in_a_menu(discord, name, value, expected):
    reply = await chosen(discord, ("Setting", name), ("New value", value))
    assert f"**{name}**: {value}" in reply.text.splitlines()
    assert getattr(await stored(discord), name) == expected


@pytest.mark.parametrize(
    ("name", "text", "expected", "shown"),
    [
        ("title", " My shop ", "My shop", "My shop"),
        ("limit", "7", 7, "7"),
        ("tags", "a, b,", ["a", "b"], "a, b"),
        ("tags", '["x, y"]', ["x, y"], "x, y"),
        ("owner", "123", 123, "123"),
        ("prices", '{"1": 2.5}', {1: 2.5}, '{"1": 2.5}'),
    ],
)
async def test_other_values_are_written_into_a_form(discord, name, text, expected, shown):
    reply = await change(discord, name, text)
    assert f"**{name}**: {shown}" in reply.text.splitlines()
    assert getattr(await stored(discord), name) == expected


async def test_a_role_is_picked_and_unset_again(discord):
    role = discord.guild.role("Sellers")
    reply = await discord.owner.selects(await chosen(discord, ("Setting", "seller")), "Role", role.id)
    assert "**seller**: @Sellers" in reply.text.splitlines()
    assert (await stored(discord)).seller == role.id
    reply = await discord.owner.selects(reply, "Role")
    assert "**seller**: not set" in reply.text.splitlines()
    assert (await stored(discord)).seller is None


async def test_a_channel_is_picked(discord):
    channel = discord.guild.channel("market")
    reply = await discord.owner.selects(await chosen(discord, ("Setting", "counter")), "Channel", channel.id)
    assert "**counter**: #market" in reply.text.splitlines()
    assert (await stored(discord)).counter == channel.id


async def test_an_entry_of_a_mapping_is_picked_and_its_other_side_written(discord):
    role, channel = discord.guild.role("Sellers"), discord.guild.channel("market")

    async def put(setting, menu, picked, text):
        form = await discord.owner.selects(await chosen(discord, ("Setting", setting)), menu, picked.id)
        return await discord.owner.submits(form, text)

    assert "**discounts**: @Sellers: 0.5" in (await put("discounts", "Role", role, "0.5")).text.splitlines()
    assert "**shelves**: 3: #market" in (await put("shelves", "Channel", channel, " 3 ")).text.splitlines()
    form = await discord.owner.selects(await chosen(discord, ("Setting", "shelves")), "Channel", channel.id)
    assert "For what (empty: take it out)" in str(form.interaction.modal)
    assert "valid number" in (await put("discounts", "Role", role, "half")).text
    assert "greater than or equal to 1" in (await put("shelves", "Channel", channel, "0")).text
    found = await stored(discord)
    assert (found.discounts, found.shelves) == ({role.id: 0.5}, {3: channel.id})
    await put("discounts", "Role", role, "")
    await put("shelves", "Channel", channel, "")
    found = await stored(discord)
    assert (found.discounts, found.shelves) == ({}, {})


async def test_the_rewards_and_factors_of_levels_are_chosen_in_the_panel(discord, db):
    role, channel = discord.guild.role("Regular"), discord.guild.channel("market")
    for setting, menu, picked, text in (
        ("rewards", "Role", role, "5"),
        ("role_factors", "Role", role, "2"),
        ("channel_factors", "Channel", channel, "0"),
    ):
        panel = await discord.owner.selects(await discord.owner.slash("config panel"), "Plugin", "levels")
        form = await discord.owner.selects(await discord.owner.selects(panel, "Setting", setting), menu, picked.id)
        await discord.owner.submits(form, text)
    found = await db.settings.read(discord.guild.id, LevelSettings)
    assert (found.rewards, found.role_factors, found.channel_factors) == ({5: role.id}, {role.id: 2}, {channel.id: 0})


async def test_an_emptied_form_unsets_what_may_be_unset(discord):
    await change(discord, "owner", "123")
    await change(discord, "owner", "")
    assert (await stored(discord)).owner is None


@pytest.mark.parametrize(
    ("name", "text", "words"),
    [
        ("limit", "many", "`limit`: Input should be a valid integer"),
        ("limit", "11", "`limit`: Input should be less than or equal to 10"),
        ("title", "x" * 21, "at most 20 characters"),
        ("prices", "[[[", "valid dictionary"),
        ("low", "101", "low must not be above high"),
    ],
)
async def test_a_wrong_value_is_refused_to_the_asker_alone_and_not_stored(discord, name, text, words):
    reply = await change(discord, name, text)
    assert words in reply.text
    assert reply.is_ephemeral
    assert await stored(discord) == Shop()


async def test_a_setting_is_reset_alone_and_all_of_them_together(discord):
    settings, guild_id = discord.bot.db.settings, discord.guild.id
    await settings.change(guild_id, Shop, title="Mine", limit=7, open=False)
    reply = await discord.owner.clicks(await chosen(discord, ("Setting", "limit")), "Reset")
    assert "**limit**: 5 (default)" in reply.text
    assert await stored(discord) == Shop(title="Mine", open=False)
    reply = await discord.owner.clicks(await chosen(discord), "Reset all")
    assert "**title**: Shop (default)" in reply.text
    assert await settings.changed_names(guild_id, Shop) == frozenset()


async def test_a_default_that_does_not_go_with_the_rest_is_refused(discord):
    await discord.bot.db.settings.change(discord.guild.id, Shop, low=150, high=200)
    reply = await discord.owner.clicks(await chosen(discord, ("Setting", "high")), "Reset")
    assert "low must not be above high" in reply.text
    assert (await stored(discord)).high == 200


async def test_a_panel_is_for_whoever_opened_it_and_for_administrators(discord):
    panel = await discord.owner.slash("config panel")
    alice = discord.member("alice")
    assert "belong to whoever asked" in (await alice.selects(panel, "Plugin", "moderation")).text
    for reply in (await alice.says("!config"), await alice.slash("config panel"), await alice.slash("config export")):
        assert "rank 7" in reply.text


async def test_a_panel_and_its_form_end_with_the_rank_of_whoever_opened_them(discord):
    bob = discord.member("bob")
    await discord.owner.says("!config members set @bob 7")
    shown = await bob.selects(await bob.slash("config panel"), "Plugin", "moderation")
    form = await bob.clicks(await bob.selects(shown, "Setting", "title"), "Change")
    await discord.owner.says("!config members remove @bob")
    for reply in (
        await bob.submits(form, "Mine"),
        await bob.clicks(shown, "Reset"),
        await bob.selects(shown, "Setting", "open"),
    ):
        assert "is for rank 7" in reply.text
        assert reply.is_ephemeral
    assert (await stored(discord)).title == "Shop"


async def test_a_change_in_the_panel_costs_one_transaction(discord):
    panel = await chosen(discord, ("Setting", "open"))
    # BEGIN, the write and the audit's row, each in a savepoint, COMMIT, and the snapshot for what is shown
    with max_queries(9):
        await discord.owner.selects(panel, "New value", "off")


async def test_an_export_shows_what_was_chosen_and_comments_the_rest(discord):
    await discord.bot.db.settings.change(discord.guild.id, Shop, title='My "shop"', prices={1: 2.5}, tags=["a"])
    for reply in (await discord.owner.slash("config export"), await discord.owner.says("!config export")):
        text = reply.last.attachments["settings.toml"].decode()
        assert tomllib.loads(text)["moderation"] == {"title": 'My "shop"', "prices": {"1": 2.5}, "tags": ["a"]}
        assert "# How many a member may buy\n# limit = 5\n" in text
        assert "# owner is not set" in text


async def import_file(discord, content):
    return await discord.owner.slash("config import", file=("settings.toml", content))


async def test_an_import_stores_what_another_server_exported_and_leaves_the_rest(discord):
    settings = discord.bot.db.settings
    await settings.change(discord.guild.id, Shop, title="Mine", prices={1: 2.5}, open=False)
    text = (await discord.owner.slash("config export")).last.attachments["settings.toml"]
    await settings.reset(discord.guild.id, Shop, *Shop.model_fields)
    await settings.change(discord.guild.id, Shop, limit=3)
    assert "3 settings of" in (await import_file(discord, text)).text
    assert await stored(discord) == Shop(title="Mine", prices={1: 2.5}, open=False, limit=3)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"[afk]\nmark_nicknames = false\n[moderation]\nlimit = 11\n", "moderation.limit: Input should be less than"),
        (b"[moderation]\ntitle = 'New'\nlimit = 11\n", "moderation.limit: Input should be less than"),
        (b"[moderation]\ntitle = 'New'\n[nonsense]\nx = 1\n", "No plugin 'nonsense' has settings"),
        (b"[moderation]\ntitle = 'New'\ncolour = 1\n", "no setting 'colour'"),
        (b"title = 'New'\n", "outside of a section"),
        (b"[moderation", "no TOML file"),
        (b"\xff\xfe", "no TOML file"),
        (b"x = " + b"[" * 30_000, "no TOML file"),
        (b"#" * 70_000, "longer than 64 KiB"),
    ],
)
async def test_an_import_with_anything_wrong_stores_nothing(discord, content, words):
    reply = await import_file(discord, content)
    assert words in reply.text
    assert await discord.bot.db.settings.count() == 0


async def test_who_changed_which_setting_is_noted_with_the_change(discord, db):
    await chosen(discord, ("Setting", "open"), ("New value", "off"))
    await discord.owner.clicks(await chosen(discord, ("Setting", "open")), "Reset")
    await import_file(discord, b"[moderation]\ntitle = 'New'\n")
    rows = await db.audit.get_all(order_by="id")
    assert [(row.before, row.after) for row in rows] == [
        ({"plugin": "moderation", "open": True}, {"plugin": "moderation", "open": False}),
        ({"plugin": "moderation", "open": False}, {"plugin": "moderation", "open": True}),
        ({"plugin": "moderation", "title": "Shop"}, {"plugin": "moderation", "title": "New"}),
    ]
    assert {(row.action, row.actor_id) for row in rows} == {("config.settings", discord.owner.id)}


async def test_an_entry_of_a_mapping_is_noted_as_it_was_and_is(discord, db):
    role = discord.guild.role("Sellers")
    for text in ("0.5", "0.25", ""):
        form = await discord.owner.selects(await chosen(discord, ("Setting", "discounts")), "Role", role.id)
        await discord.owner.submits(form, text)
    rows = await db.audit.get_all(order_by="id")
    found = [tuple(state["discounts"][str(role.id)] for state in (row.before, row.after)) for row in rows]
    assert found == [(None, 0.5), (0.5, 0.25), (0.25, None)]


async def test_a_switch_is_noted_and_nothing_is_once_the_witness_is_switched_off(discord, db):
    await discord.owner.says("!plugins disable points")
    await discord.owner.says("!plugins disable audit")
    await discord.owner.says("hello")
    await discord.owner.says("!plugins enable points")
    rows = await db.audit.get_all(order_by="id")
    assert [(row.before, row.after) for row in rows] == [
        ({"plugin": "points", "enabled": True}, {"plugin": "points", "enabled": False}),
        ({"plugin": "audit", "enabled": True}, {"plugin": "audit", "enabled": False}),
    ]
