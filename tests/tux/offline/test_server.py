from __future__ import annotations

import json
from typing import TYPE_CHECKING

import aiohttp
import pytest

from tux.offline.building import add_guild
from tux.offline.server import Server
from tux.offline.world import World

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
async def server(tmp_path: Path):
    """A server without a bot, with one guild; `get(method, path, body)` returns status and answer."""
    server = Server(World())
    server.channel_id = next(iter(add_guild(server.world, "Guild").channels))
    await server.start(tmp_path / "socket")
    async with aiohttp.ClientSession(connector=aiohttp.UnixConnector(str(tmp_path / "socket"))) as client:

        async def ask(method, path, body=None, **headers):
            token = headers.pop("token", "offline")
            data = body if isinstance(body, str) or body is None else json.dumps(body)
            headers |= {"Authorization": f"Bot {token}", "Content-Type": "application/json"}
            async with client.request(method, f"http://discord/api/v10{path}", data=data, headers=headers) as answer:
                return answer.status, await answer.json()

        server.ask = ask
        yield server
    await server.stop()


async def test_a_wrong_token_is_unauthorized(server):
    assert (await server.ask("GET", "/users/@me", token="wrong"))[0] == 401
    assert (await server.ask("GET", "/users/@me"))[1]["username"] == "Tux"


@pytest.mark.parametrize("body", ["no json", [1]])
async def test_a_body_that_is_no_object_is_refused(server, body):
    status, answer = await server.ask("POST", f"/channels/{server.channel_id}/messages", body)
    assert (status, answer["code"]) == (400, 50109)


async def test_what_the_server_cannot_digest_is_named_and_not_tried_again(server):
    status, answer = await server.ask("POST", f"/channels/{server.channel_id}/messages", {"embeds": "none"})
    assert status == 501
    assert "AttributeError" in answer["message"]
    assert server.unknown[0].startswith(f"POST /channels/{server.channel_id}/messages (AttributeError")


async def test_a_route_that_is_missing_is_named(server):
    assert (await server.ask("GET", "/soundboard-default-sounds"))[0] == 501
    assert server.unknown == ["GET /soundboard-default-sounds"]


@pytest.mark.parametrize("query", ["limit=0", "limit=101", "limit=many"])
async def test_a_page_has_1_to_100_messages(server, query):
    status, answer = await server.ask("GET", f"/channels/{server.channel_id}/messages?{query}")
    assert (status, answer["code"]) == (400, 50035)
    assert "limit" in answer["errors"]


async def test_observers_get_every_exchange(server):
    seen = []
    server.observers.append(seen.append)
    await server.ask("POST", f"/channels/{server.channel_id}/messages", {"content": "hi"})
    await server.ask("GET", "/users/5")
    assert [(exchange.method, exchange.route, exchange.status) for exchange in seen] == [
        ("POST", "/channels/{channel}/messages", 200),
        ("GET", "/users/{user}", 404),
    ]
    assert (seen[0].body, seen[0].answer["content"]) == ({"content": "hi"}, "hi")
    assert list(server.requests) == seen
