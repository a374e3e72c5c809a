"""`GET /healthz` of a bot that runs, of one that does not, and with a database that is gone."""

from __future__ import annotations

import asyncio
import socket

import aiohttp
import pytest

from tux.bot.client import Tux
from tux.errors import SettingsError
from tux.observe.healthz import health_endpoint
from tux.settings import HealthSettings, load_settings
from tux.testing import max_queries


@pytest.fixture
def port():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


@pytest.fixture
def ask(port):
    async def get(path="/healthz"):
        async with aiohttp.ClientSession() as session, session.get(f"http://127.0.0.1:{port}{path}") as answer:
            return answer.status, await answer.json(content_type=None) if path == "/healthz" else None

    return get


def on(port, bot):
    return bot.settings.model_copy(update={"health": HealthSettings(port=port)})


async def test_a_bot_at_work_is_healthy_and_says_how(bot, port, ask, monkeypatch):
    monkeypatch.setattr(bot, "settings", on(port, bot))
    async with health_endpoint(bot):
        status, told = await ask()
        assert (await ask("/"))[0] == 404
    assert (status, told["status"], told["discord"], told["plugins"]) == (200, "ok", "connected", {})
    database = told["database"]
    assert (database["role"], database["schema"]) == ("primary", "current")
    assert database["latency_ms"] >= 0
    assert database["pool"]["max"] >= database["pool"]["size"] >= database["pool"]["free"]


async def test_many_who_ask_at_once_cost_one_look_at_the_database(bot, port, ask, monkeypatch):
    monkeypatch.setattr(bot, "settings", on(port, bot))
    async with health_endpoint(bot):
        with max_queries(2):
            answers = await asyncio.gather(*(ask() for _ in range(20)))
    assert {status for status, _ in answers} == {200}


async def test_a_bot_that_is_not_connected_is_unavailable_though_its_database_answers(bot, db, port, ask):
    started = Tux(on(port, bot), db=db)
    async with health_endpoint(started):
        status, told = await ask()
    assert (status, told["status"], told["discord"]) == (503, "unavailable", "not connected")
    assert told["database"] == {"error": "not open yet"}


async def test_a_database_that_is_gone_is_unavailable_and_not_named(fresh_db, port, ask):
    lost = Tux(load_settings().model_copy(update={"health": HealthSettings(port=port)}), db=fresh_db)
    lost.db = fresh_db
    await fresh_db.service.disconnect()
    async with health_endpoint(lost):
        status, told = await ask()
    assert status == 503
    assert set(told["database"]) == {"error"}
    assert "/" not in told["database"]["error"]


async def test_without_a_port_nothing_listens(bot, port, ask):
    async with health_endpoint(bot):
        with pytest.raises(aiohttp.ClientConnectionError):
            await ask()


async def test_a_port_that_is_taken_is_named(bot, monkeypatch):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        monkeypatch.setattr(bot, "settings", on(port, bot))
        with pytest.raises(SettingsError, match=rf"health\.port: nothing can listen on 127\.0\.0\.1:{port}"):
            async with health_endpoint(bot):
                pass
