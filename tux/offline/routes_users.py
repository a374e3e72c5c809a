"""Users, the bot itself, its application and the gateway's address."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tux.offline.building import remove_guild
from tux.offline.gateway import GATEWAY_URL
from tux.offline.limits import check_lengths
from tux.offline.routing import Call, Routes

if TYPE_CHECKING:
    from tux.offline.shapes import Json

USERNAME_LENGTH = 32
routes = Routes()


def me_json(call: Call) -> Json:
    """Return the bot as it sees itself."""
    return call.world.bot | {"mfa_enabled": False, "locale": "en-US", "verified": True, "email": None}


@routes.add("GET", "/users/@me")
def get_me(call: Call) -> object:
    """Return the bot."""
    return me_json(call)


@routes.add("PATCH", "/users/@me")
def edit_me(call: Call) -> object:
    """Rename the bot."""
    check_lengths(call.body, {"username": USERNAME_LENGTH})
    call.world.bot["username"] = call.body.get("username", call.world.bot["username"])
    call.world.emit("USER_UPDATE", me_json(call))
    return me_json(call)


@routes.add("GET", "/users/@me/guilds")
def list_guilds(call: Call) -> object:
    """Return the guilds that the bot is in, in short."""
    keys = ("id", "name", "icon", "features", "banner")
    return [
        {key: guild.data[key] for key in keys} | {"owner": False, "permissions": "0"}
        for guild in call.world.guilds.values()
    ]


@routes.add("DELETE", "/users/@me/guilds/{guild}")
def leave_guild(call: Call) -> object:
    """Let the bot leave a guild."""
    remove_guild(call.world, call.guild)
    return None


@routes.add("POST", "/users/@me/channels")
def open_private(call: Call) -> object:
    """Return the direct-message channel with a user."""
    return call.world.private_channel(str(call.body.get("recipient_id"))).data


@routes.add("GET", "/users/{user}")
def get_user(call: Call) -> object:
    """Return a user, or refuse with 10013."""
    return call.world.user(call.params["user"])


@routes.add("GET", "/gateway")
def get_gateway(_: Call) -> object:
    """Return where the gateway is."""
    return {"url": GATEWAY_URL}


@routes.add("GET", "/gateway/bot")
def get_bot_gateway(_: Call) -> object:
    """Return where the gateway is and how many shards to use."""
    limit = {"total": 1000, "remaining": 999, "reset_after": 0, "max_concurrency": 1}
    return {"url": GATEWAY_URL, "shards": 1, "session_start_limit": limit}


@routes.add("GET", "/oauth2/applications/@me")
@routes.add("GET", "/applications/@me")
def get_application(call: Call) -> object:
    """Return the bot's application; its owner is the world's owner."""
    world = call.world
    return {
        "id": world.app_id,
        "name": world.bot["username"],
        "icon": None,
        "description": "",
        "type": None,
        "verify_key": "0" * 64,
        "flags": world.application_flags(),
        "flags_new": str(world.application_flags()),
        "bot_public": True,
        "bot_require_code_grant": False,
        "redirect_uris": [],
        "interactions_endpoint_url": None,
        "role_connections_verification_url": None,
        "owner": world.owner,
        "team": None,
        "approximate_guild_count": len(world.guilds),
        "approximate_user_install_count": 0,
        "approximate_user_authorization_count": 0,
        "explicit_content_filter": 0,
        "eligible_oauth2_scopes": [],
        "bot": world.bot,
    }
