"""`/plugins` and `/health`."""

from __future__ import annotations

import re

import pytest

from tux.registry import State


async def test_plugins_shows_each_with_version_and_summary(discord):
    reply = await discord.member("alice").slash("plugins list")
    for name in ("core", "guild", "moderation"):
        assert f"**{name}** 1.0.0 — " in reply.text
    assert "🟢" in reply.text


async def test_plugins_shows_who_is_not_running_and_the_reason_to_the_owner_alone(discord, bot, monkeypatch):
    record = bot.registry.records["moderation"]
    monkeypatch.setattr(record, "state", State.FAILED)
    monkeypatch.setattr(record, "reason", "/srv/secret/path, line 3")
    for text in (
        (await discord.member("alice").says("!plugins")).text,
        (await discord.member("alice").slash("plugins list")).text,
    ):
        assert "🔴 **moderation**" in text
        assert "**failed**" in text
        assert "/srv" not in text
    reply = await discord.owner.slash("plugins list")
    assert "🔴 **moderation** 1.0.0 is **failed**: /srv/secret/path, line 3\n" in reply.text
    assert reply.is_ephemeral


async def test_plugins_shows_what_this_server_switched_off(discord, bot):
    await discord.owner.says("!plugins disable moderation")
    assert "(off in this server)" in (await discord.member("alice").says("!plugins")).text
    await discord.owner.says("!plugins enable moderation")
    assert "(off in this server)" not in (await discord.member("alice").says("!plugins")).text


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("core", "`core` is always on"),
        ("guild", "`guild` is always on"),
        ("nonsense", r"There is no plugin 'nonsense' to switch; there are .*\bmoderation\b"),
    ],
)
async def test_what_cannot_be_switched_is_refused(discord, db, name, words):
    reply = await discord.owner.slash("plugins disable", plugin=name)
    assert re.search(words, reply.text)
    assert await db.switches.count() == 0


async def test_the_plugins_to_switch_are_completed_those_that_matter_first(discord):
    await discord.owner.says("!plugins disable points")
    for command, first in (("enable", "points"), ("disable", "afk")):
        names = [choice["name"] for choice in await discord.owner.autocomplete(f"plugins {command}", "plugin")]
        assert names[0] == first
        assert not {"core", "guild"} & {*names}
    found = await discord.owner.autocomplete("plugins enable", "plugin", plugin="MOD")
    assert [choice["value"] for choice in found] == ["moderation"]


async def test_a_member_without_the_rank_switches_nothing(discord, db):
    for reply in (
        await discord.member("alice").says("!plugins disable moderation"),
        await discord.member("alice").slash("plugins disable", plugin="moderation"),
    ):
        assert "rank 7" in reply.text
    assert await db.switches.count() == 0


async def test_a_switch_needs_a_name(discord):
    assert "Write it as `!plugins disable <plugin>`" in (await discord.owner.says("!plugins disable")).text


async def test_health_is_shown_to_the_bots_owner(discord):
    reply = await discord.owner.slash("health")
    assert reply.is_ephemeral
    for word in ("PostgreSQL", "primary", "Schema", "current", "Pool", "Gateway", "Servers"):
        assert word in reply.text
    assert "nan" not in reply.text
    assert "inf" not in reply.text


@pytest.mark.parametrize("latency", [float("nan"), float("inf")])
async def test_health_before_the_first_heartbeat_says_that_nothing_was_measured(discord, bot, monkeypatch, latency):
    monkeypatch.setattr(type(bot), "latency", latency)
    assert "Gateway: not measured yet" in (await discord.owner.slash("health")).text


async def test_health_is_refused_to_others(discord):
    for reply in (await discord.member("alice").says("!health"), await discord.member("alice").slash("health")):
        assert "You do not own this bot" in reply.text
        assert "PostgreSQL" not in reply.text
