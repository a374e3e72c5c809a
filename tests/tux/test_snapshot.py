"""What is in memory of a guild: loaded by one statement, right after every write, gone with the guild."""

from __future__ import annotations

import asyncio

import pytest
from pydantic import BaseModel, ValidationError
from support import added, logged

from plugins.guild import LEVELS, PREFIX
from plugins.guild.models import Guild, GuildConfig, GuildLevelRole
from tux import BaseCog, Plugin, SnapshotPart
from tux.core import SETTINGS, SWITCHES
from tux.errors import DatabaseConnectionError
from tux.plugin import SNAPSHOT
from tux.registry import State
from tux.snapshot import Snapshots
from tux.testing import max_queries

MINE, OTHER = 1, 2


class Loudness(BaseModel):
    volume: int = 5


@pytest.fixture
def loud(db, monkeypatch):
    record = db.registry.records["moderation"]
    monkeypatch.setattr(record, "plugin", record.plugin.model_copy(update={"settings": Loudness}))


async def seen(db, guild_id=MINE):
    snapshot = await db.snapshot(guild_id)
    return (
        PREFIX.of(snapshot),
        dict(LEVELS.of(snapshot)),
        dict(SWITCHES.of(snapshot)),
        dict(SETTINGS.of(snapshot)),
    )


async def saved(prefix):
    row = await GuildConfig.get(guild_id=MINE)
    row.prefix = prefix
    await row.save()


NEW = {
    "update_guild_prefix": (lambda db: db.guild_config.update_guild_prefix(MINE, "$"), ("$", {5: 3}, {}, {})),
    "row.save": (lambda _: saved("$"), ("$", {5: 3}, {}, {})),
    "queryset": (lambda _: GuildConfig.filter(prefix="?").update(prefix="$"), ("$", {5: 3}, {}, {})),
    "raw": (lambda db: db.service.execute("UPDATE guild_configs SET prefix = '$'"), ("$", {5: 3}, {}, {})),
    "level": (lambda db: db.guild_config.update_perm_level_role(MINE, 4, 5), ("?", {5: 4}, {}, {})),
    "no level": (lambda db: db.guild_config.update_perm_level_role(MINE, 3, None), ("?", {}, {}, {})),
    "levels by queryset": (lambda _: GuildLevelRole.filter(role_id=5).delete(), ("?", {}, {}, {})),
    "switch": (
        lambda db: db.switches.turn(MINE, "moderation", enabled=False),
        ("?", {5: 3}, {"moderation": False}, {}),
    ),
    "setting": (
        lambda db: db.settings.change(MINE, Loudness, volume=7),
        ("?", {5: 3}, {}, {"moderation": '{"volume": 7}'}),
    ),
    "guild": (lambda _: Guild.filter(guild_id=MINE).delete(), (None, {}, {}, {})),
}


@pytest.fixture
async def known(db, loud):
    for guild_id in (MINE, OTHER):
        await db.guild_config.update_guild_prefix(guild_id, "?")
        await db.guild_config.update_perm_level_role(guild_id, 3, 5)
        await db.snapshot(guild_id)
    with max_queries(0):
        assert await seen(db) == await seen(db, OTHER) == ("?", {5: 3}, {}, {})


async def test_all_of_a_guild_is_one_statement_on_first_sight_however_many_look(db):
    with max_queries(1) as sent:
        found = await asyncio.gather(*(db.snapshot(MINE) for _ in range(50)))
        again = await db.snapshot(MINE)
    assert len(sent) == 1
    assert all(each is again for each in found)


async def test_a_guild_of_which_nothing_is_stored_has_the_defaults(db):
    assert db.snapshot.peek(MINE) is None
    assert await seen(db) == (None, {}, {}, {})
    assert PREFIX.of(db.snapshot.peek(MINE)) is None


@pytest.mark.usefixtures("known")
@pytest.mark.parametrize(("write", "after"), NEW.values(), ids=NEW)
async def test_it_is_right_after_every_write(db, write, after):
    await write(db)
    assert await seen(db) == after
    assert await db.snapshot(MINE) is db.snapshot.peek(MINE)


@pytest.mark.usefixtures("known")
@pytest.mark.parametrize("name", ["update_guild_prefix", "row.save", "level", "switch", "setting"])
async def test_what_was_rolled_back_drops_nothing_and_is_seen_inside_alone(db, name):
    write, after = NEW[name]

    async def write_and_fail():
        async with db.transaction():
            await write(db)
            assert await seen(db) == after
            assert PREFIX.of(db.snapshot.peek(MINE)) == "?"
            raise LookupError

    with pytest.raises(LookupError):
        await write_and_fail()
    with max_queries(0):
        assert await seen(db) == ("?", {5: 3}, {}, {})


@pytest.mark.usefixtures("known")
async def test_a_write_in_one_guild_leaves_the_others_in_memory(db):
    before = db.snapshot.peek(OTHER)
    await db.guild_config.update_guild_prefix(MINE, "$")
    await db.guild_config.update_perm_level_role(MINE, 4, 5)
    await db.switches.turn(MINE, "moderation", enabled=False)
    await db.settings.change(MINE, Loudness, volume=7)
    await db.case.create(case_type="WARN", case_user_id=1, case_moderator_id=1, guild_id=OTHER)
    await Guild.filter(guild_id=MINE).delete()
    assert db.snapshot.peek(OTHER) is before
    assert db.snapshot.peek(MINE) is None


@pytest.mark.usefixtures("known")
async def test_nobody_can_change_it_for_the_others(db):
    snapshot = await db.snapshot(MINE)
    for target in (snapshot, LEVELS.of(snapshot), SWITCHES.of(snapshot)):
        with pytest.raises(TypeError):
            target["key"] = "value"


@pytest.mark.usefixtures("known")
async def test_settings_are_read_from_memory(db):
    await db.settings.change(MINE, Loudness, volume=7)
    assert db.settings.peek(MINE, Loudness) is None
    assert await db.settings.read(MINE, Loudness) == Loudness(volume=7)
    with max_queries(0):
        assert db.settings.peek(MINE, Loudness) == await db.settings.read(MINE, Loudness) == Loudness(volume=7)
        assert db.settings.peek(OTHER, Loudness) == Loudness()


async def test_looks_are_counted(db):
    before = db.snapshot.statistics()
    await db.snapshot(MINE)
    await db.snapshot(MINE)
    after = db.snapshot.statistics()
    assert (after.hits - before.hits, after.misses - before.misses) == (1, 1)


def contribute(db, monkeypatch, *parts):
    record = db.registry.records["moderation"]
    plugin = record.plugin.model_copy(update={"contributes": record.plugin.contributes | {SNAPSHOT: parts}})
    monkeypatch.setattr(record, "plugin", plugin)
    return Snapshots(db.registry)


def part(**changes):
    given = {
        "name": "moderation.cases",
        "sql": "SELECT count(*) FROM moderation_cases WHERE guild_id = $1",
        "tables": ("moderation_cases",),
        "default": -1,
    }
    return SnapshotPart(**given | changes)


async def test_a_plugin_brings_parts_of_its_own_in_the_same_statement(db, monkeypatch):
    cases = part()
    snapshots = contribute(db, monkeypatch, cases)
    with max_queries(1):
        assert cases.of(await snapshots(MINE)) == 0
    await db.case.create(case_type="WARN", case_user_id=1, case_moderator_id=1, guild_id=MINE)
    assert cases.of(await snapshots(MINE)) == 1


async def test_a_part_of_a_plugin_that_is_not_running_has_its_default(db, monkeypatch):
    cases = part()
    snapshots = contribute(db, monkeypatch, cases)
    record = db.registry.records["moderation"]
    monkeypatch.setattr(record, "state", State.BLOCKED)
    assert cases.of(await snapshots(MINE)) == -1
    monkeypatch.setattr(record, "state", State.READY)
    assert cases.of(await snapshots(OTHER)) == 0
    assert cases.of(await snapshots(MINE)) == 0


async def test_a_part_that_asks_for_no_guild_is_the_same_in_all(db, monkeypatch):
    everywhere = part(sql="SELECT count(*) FROM moderation_cases")
    snapshots = contribute(db, monkeypatch, everywhere)
    assert everywhere.of(await snapshots(MINE)) == 0
    await db.case.create(case_type="WARN", case_user_id=1, case_moderator_id=1, guild_id=MINE)
    assert everywhere.of(await snapshots(MINE)) == 1


BROKEN = {
    "its statement": part(sql="SELECT nonsense FROM moderation_cases"),
    "too many rows": part(sql="SELECT generate_series(1, 2)"),
    "its decoder": part(decode=lambda _: 1 // 0),
    "a value that can be changed": part(decode=lambda value: [value]),
    "a table that nobody has": part(tables=("nobodys_table",)),
}


@pytest.mark.parametrize("broken", BROKEN.values(), ids=BROKEN)
async def test_a_broken_part_has_its_default_and_takes_no_other_along(db, monkeypatch, broken):
    await db.guild_config.update_guild_prefix(MINE, "?")
    snapshots = contribute(db, monkeypatch, broken)
    with logged() as lines:
        snapshot = await snapshots(MINE)
    assert (PREFIX.of(snapshot), broken.of(snapshot)) == ("?", -1)
    assert any("moderation" in line and "moderation.cases" in line and "ERROR" in line for line in lines)


async def test_a_broken_statement_is_tried_once(db, monkeypatch):
    snapshots = contribute(db, monkeypatch, BROKEN["its statement"])
    with logged():
        await snapshots(MINE)
    with max_queries(1), logged() as lines:
        await snapshots(OTHER)
    assert lines == []


@pytest.mark.parametrize("wrong", [part(name="guild.cases"), part(tables=()), "SELECT 1"])
def test_a_manifest_with_a_part_that_cannot_work_is_refused(wrong):
    with pytest.raises(ValidationError, match=r"moderation\.prefix"):
        Plugin(name="moderation", summary="x", version="1", contributes={SNAPSHOT: (wrong,)})


async def test_the_first_message_of_a_guild_costs_one_statement_and_the_next_none(discord, bot):
    alice = discord.member("alice")
    await discord.settle()  # who joins may be looked up, which is not the message's doing
    bot.db.snapshot.drop()
    with max_queries(1) as sent:
        await alice.says("hello")
    assert len(sent) == 1
    with max_queries(0):
        await alice.says("nothing for the bot here")


async def test_a_guild_that_the_bot_left_is_forgotten(discord, bot):
    other = await discord.join_guild("Short stay")
    await discord.member("alice", guild=other).says("hello")
    assert bot.db.snapshot.peek(other.id) is not None
    other.remove_bot()
    await discord.settle()
    assert bot.db.snapshot.peek(other.id) is None


class Listener(BaseCog):
    plugin = "moderation"

    def __init__(self, bot):
        super().__init__(bot)
        self.heard = []

    @BaseCog.listener()
    async def on_message(self, message):
        self.heard.append(message.content)


async def test_the_first_event_of_a_guild_waits_for_its_switches(discord, bot, db):
    Listener.__module__ = "plugins.moderation.cog"
    async with added(bot, cog := Listener(bot)):
        alice = discord.member("alice")
        await db.switches.turn(discord.guild.id, "moderation", enabled=False)
        assert db.snapshot.peek(discord.guild.id) is None
        await alice.says("silent")
        await alice.says("still silent")
        await db.switches.turn(discord.guild.id, "moderation", enabled=True)
        assert db.snapshot.peek(discord.guild.id) is None
        await alice.says("heard")
        await alice.says("heard, too")
    assert cog.heard == ["heard", "heard, too"]


@pytest.mark.parametrize("write", ["raw", "row.save", "queryset"])
async def test_a_prefix_works_at_once_by_whatever_path_it_was_written(discord, db, write):
    await db.guild_config.update_guild_prefix(discord.guild.id, "?")
    assert "`?`" in (await discord.owner.says("?prefix")).text
    row = await GuildConfig.get(guild_id=discord.guild.id)
    row.prefix = "$"
    await {
        "raw": lambda: db.service.execute("UPDATE guild_configs SET prefix = '$'"),
        "row.save": row.save,
        "queryset": lambda: GuildConfig.all().update(prefix="$"),
    }[write]()
    assert "`$`" in (await discord.owner.says("$prefix")).text


async def test_while_nothing_can_be_read_of_a_guild_the_default_prefix_holds_and_the_answer_says_why(
    discord, bot, monkeypatch
):
    async def refuse(_client, _guild_id):
        raise DatabaseConnectionError("cannot connect to nowhere:5432/tux: nobody listens there")

    monkeypatch.setattr(bot.db.snapshot, "_load", refuse)
    bot.db.snapshot.drop()
    with logged(discord):
        reply = await discord.owner.says("!prefix")
    assert "database" in reply.text.lower()
