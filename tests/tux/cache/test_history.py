"""Random writes and reads at the same time: nobody reads what was overwritten and committed before they asked."""

from __future__ import annotations

import asyncio
import random
from contextlib import suppress
from functools import partial

import pytest
from shop_models import Guild, GuildSetting
from tortoise.transactions import in_transaction

from tux.cache import Cache
from tux.database.engine import active_client
from tux.database.writes import Writes
from tux.manager import Manager

pytestmark = pytest.mark.usefixtures("shop")

GUILDS = (1, 2, 3)
TASKS = 8
STEPS = 80


class Settings(Manager[GuildSetting], name="settings_of_history", cache=Cache(max_rows=2)):
    """Fewer rows than guilds, so that some are given up, too."""


settings = Settings()


class Refused(Exception):
    """Rolls back."""


async def save(guild_id, text):
    row = await GuildSetting.get_or_none(guild_id=guild_id) or GuildSetting(guild_id=guild_id)
    row.prefix = text
    await row.save()


async def insert_or_update(guild_id, text):
    sql = (
        "INSERT INTO shop_guild_settings AS s (guild_id, prefix) VALUES ($1, $2) "
        "ON CONFLICT (guild_id) DO UPDATE SET prefix = excluded.prefix"
    )
    await active_client().run(sql, [guild_id, text])


async def update_unclearly(guild_id, text):
    """Write one row by a statement that does not say which."""
    await settings.get_or_create(guild_id=guild_id)
    await active_client().run("UPDATE shop_guild_settings SET prefix = $1 WHERE guild_id + 0 = $2", [text, guild_id])


async def change_by_queryset(guild_id, text):
    await settings.get_or_create(guild_id=guild_id)
    await GuildSetting.filter(guild_id=guild_id).update(prefix=text)


async def write_in_bulk(guild_id, text):
    await settings.bulk_upsert([{"guild_id": guild_id, "prefix": text}], ["guild_id"], ["prefix"])


WRITES = (
    lambda guild_id, text: settings.upsert({"guild_id": guild_id}, prefix=text),
    lambda guild_id, text: GuildSetting.update_or_create({"prefix": text}, guild_id=guild_id),
    save,
    insert_or_update,
    update_unclearly,
    change_by_queryset,
    write_in_bulk,
)
DELETES = (
    settings.delete_by_id,
    lambda guild_id: GuildSetting.filter(guild_id=guild_id).delete(),
    lambda guild_id: settings.delete_where({"prefix__isnull": False, "guild_id": guild_id}),
    lambda guild_id: active_client().run("DELETE FROM shop_guild_settings WHERE guild_id = $1", [guild_id]),
)


class Row:
    """What one row was, write by write; the last few may be under way, the others are committed or rolled back."""

    def __init__(self):
        self.states = [None]
        self.committed = 0
        self.lock = asyncio.Lock()


async def write(dice, guild_id, row):
    async with row.lock:
        text = None if dice.random() < 0.2 else f"v{len(row.states)}"
        keep = dice.random() < 0.7
        if keep:
            row.states.append(text)
        how = dice.choice(DELETES) if text is None else dice.choice(WRITES)
        with suppress(Refused):
            await run(dice, partial(how, guild_id, *([text] if text else [])), keep=keep)
        if keep:
            row.committed = len(row.states) - 1


async def run(dice, work, *, keep):
    if keep and dice.random() < 0.4:
        await work()
        return
    async with dice.choice((in_transaction, lambda: active_client().open_transaction()))():
        if dice.random() < 0.3:
            async with active_client().open_transaction():
                await work()
        else:
            await work()
        if dice.random() < 0.5:
            await settings.get_by_id(dice.choice(GUILDS))
        if not keep:
            raise Refused


async def read(guild_id, row):
    since = row.committed
    found = await settings.get_by_id(guild_id)
    assert (found and found.prefix) in row.states[since:]


async def history(seed):
    await Guild.bulk_create([Guild(guild_id=number) for number in GUILDS])
    dice, rows = random.Random(seed), {number: Row() for number in GUILDS}  # noqa: S311 - nothing secret

    async def act():
        for _ in range(STEPS):
            guild_id = dice.choice(GUILDS)
            if dice.random() < 0.3:
                await write(dice, guild_id, rows[guild_id])
            else:
                await read(guild_id, rows[guild_id])

    async with asyncio.TaskGroup() as group:
        for _ in range(TASKS):
            group.create_task(act())
    for guild_id, row in rows.items():
        await read(guild_id, row)


@pytest.mark.parametrize("seed", range(5))
async def test_no_read_is_older_than_the_last_commit_before_it(seed):
    await history(seed)


async def is_noticed():
    """Tell whether a history finds a planted bug; the tasks take turns as the server answers, so one may miss it."""
    for seed in range(20):
        await Guild.all().delete()
        try:
            await history(seed)
        except ExceptionGroup as failed:
            return failed.split(AssertionError)[1] is None
    return False


async def test_the_history_notices_a_cache_that_nobody_tells_of_writes(monkeypatch):
    monkeypatch.setattr(Writes, "announce", lambda *_: None)
    assert await is_noticed()


async def test_the_history_notices_what_is_told_too_early(monkeypatch):
    told = Writes.touched_by

    def tell_at_once(self, sql, args):
        touched = told(self, sql, args)
        self.announce(touched)
        return frozenset()

    monkeypatch.setattr(Writes, "touched_by", tell_at_once)
    assert await is_noticed()
