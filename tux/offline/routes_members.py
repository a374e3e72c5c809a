"""Members and bans: reading, changing, kicking, banning."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from tux.offline.limits import BAN_DELETE_SECONDS, NICKNAME_LENGTH, TIMEOUT_DAYS, Form, invalid, query_number
from tux.offline.members import ban_user, change_member, find_member, kick_member, unban_user
from tux.offline.messages import delete_message
from tux.offline.permissions import (
    ADMINISTRATOR,
    guild_permissions,
    outranks,
    require,
    require_above,
    require_role_below,
)
from tux.offline.refusals import missing_permissions, refuse, unknown
from tux.offline.routing import Call, Routes

if TYPE_CHECKING:
    from tux.offline.shapes import Json
    from tux.offline.state import Guild

routes = Routes()
MEMBERS = "/guilds/{guild}/members"
MEMBER = MEMBERS + "/{user}"
BANS = "/guilds/{guild}/bans"
PAGE = 1000
BULK_BANS = (1, 200)
NEEDED = {
    "nick": "manage_nicknames",
    "roles": "manage_roles",
    "mute": "mute_members",
    "deaf": "deafen_members",
    "channel_id": "move_members",
    "communication_disabled_until": "moderate_members",
}


@routes.add("GET", MEMBERS)
def list_members(call: Call) -> object:
    """Return members by id, after `after`; needs the members intent."""
    if not call.world.has_intent("members"):
        raise refuse(403, 50001, "Missing Access")
    after, limit = int(call.query.get("after", "0")), query_number(call.query, "limit", 1, PAGE)
    ids = sorted(int(key) for key in call.guild.members if int(key) > after)
    return [call.guild.members[str(key)] for key in ids[:limit]]


@routes.add("GET", MEMBERS + "/search")
def search_members(call: Call) -> object:
    """Return members whose name or nick begins with `query`."""
    start, limit = call.query.get("query", "").lower(), query_number(call.query, "limit", 1, PAGE)
    found = [
        member
        for member in call.guild.members.values()
        if member["user"]["username"].lower().startswith(start) or (member["nick"] or "").lower().startswith(start)
    ]
    return found[:limit]


@routes.add("PATCH", MEMBERS + "/@me")
def edit_self(call: Call) -> object:
    """Change the bot's own nick."""
    member = call.guild.members[call.world.bot["id"]]
    if "nick" in call.body:
        require(call.world, call.guild, "change_nickname")
        _check_nick(call.body)
        change_member(call.world, call.guild, member, {"nick": call.body["nick"] or None}, call.doer)
    return member


@routes.add("GET", MEMBER)
def get_member(call: Call) -> object:
    """Return a member, or refuse with 10007 (no member) or 10013 (no user)."""
    guild = call.guild
    if call.params["user"] not in guild.members:
        call.world.user(call.params["user"])
    return find_member(guild, call.params["user"])


@routes.add("PATCH", MEMBER)
def edit_member(call: Call) -> object:
    """Change nick, roles, voice state or time-out of a member."""
    guild, user_id = call.guild, call.params["user"]
    member = find_member(guild, user_id)
    fields: Json = {key: call.body[key] for key in NEEDED if key in call.body}
    for key in fields:
        require(call.world, guild, NEEDED[key])
    if user_id != call.world.bot["id"] and {"nick", "communication_disabled_until"} & set(fields):
        require_above(call.world, guild, user_id)
    _check_nick(fields)
    if "nick" in fields:
        fields["nick"] = fields["nick"] or None
    if "roles" in fields:
        fields["roles"] = _checked_roles(call, member, [str(item) for item in fields["roles"] or ()])
    if "communication_disabled_until" in fields:
        fields["communication_disabled_until"] = _checked_timeout(call, member, fields["communication_disabled_until"])
    if fields.keys() & {"mute", "deaf", "channel_id"}:
        raise refuse(400, 40032, "Target user is not connected to voice.")
    change_member(call.world, guild, member, fields, call.doer)
    return member


def _check_nick(fields: Json) -> None:
    form = Form()
    form.length(("nick",), fields.get("nick"), NICKNAME_LENGTH)
    form.refuse()


def _checked_roles(call: Call, member: Json, wanted: list[str]) -> list[str]:
    for role_id in set(wanted) ^ set(member["roles"]):
        require_role_below(call.world, call.guild, role_id)
    return wanted


def _checked_timeout(call: Call, member: Json, until: str | None) -> str | None:
    if until is None:
        return None
    user_id = member["user"]["id"]
    if user_id == call.world.bot["id"] or guild_permissions(call.guild, user_id) & ADMINISTRATOR:
        raise missing_permissions()
    moment = datetime.fromisoformat(until)
    if moment > call.world.now() + timedelta(days=TIMEOUT_DAYS):
        message = f"Must be at most {TIMEOUT_DAYS} days in the future."
        raise invalid("communication_disabled_until", "TIMEOUT_TOO_LONG", message)
    return moment.isoformat()


@routes.add("DELETE", MEMBER)
def remove_member(call: Call) -> object:
    """Kick a member."""
    guild, user_id = call.guild, call.params["user"]
    require(call.world, guild, "kick_members")
    find_member(guild, user_id)
    require_above(call.world, guild, user_id)
    kick_member(call.world, guild, user_id, call.doer)
    return None


@routes.add("PUT", MEMBER + "/roles/{role}")
def give_role(call: Call) -> object:
    """Give a member a role that is below the bot's highest."""
    member, role_id = _role_change(call)
    if role_id not in member["roles"]:
        change_member(call.world, call.guild, member, {"roles": [*member["roles"], role_id]}, call.doer)
    return None


@routes.add("DELETE", MEMBER + "/roles/{role}")
def take_role(call: Call) -> object:
    """Take a role from a member."""
    member, role_id = _role_change(call)
    kept = [key for key in member["roles"] if key != role_id]
    change_member(call.world, call.guild, member, {"roles": kept}, call.doer)
    return None


def _role_change(call: Call) -> tuple[Json, str]:
    require(call.world, call.guild, "manage_roles")
    member = find_member(call.guild, call.params["user"])
    if call.params["role"] == call.guild.id:
        raise missing_permissions()
    return member, str(require_role_below(call.world, call.guild, call.params["role"])["id"])


@routes.add("GET", BANS)
def list_bans(call: Call) -> object:
    """Return bans by user id, between `after` and `before`."""
    require(call.world, call.guild, "ban_members")
    after, before = int(call.query.get("after", "0")), int(call.query.get("before", str(2**63)))
    ids = sorted(int(key) for key in call.guild.bans if after < int(key) < before)
    limit = query_number(call.query, "limit", PAGE, PAGE)
    chosen = ids[-limit:] if "before" in call.query else ids[:limit]
    return [call.guild.bans[str(key)] for key in chosen]


@routes.add("GET", BANS + "/{user}")
def get_ban(call: Call) -> object:
    """Return a ban, or refuse with 10026."""
    require(call.world, call.guild, "ban_members")
    ban = call.guild.bans.get(call.params["user"])
    if ban is None:
        raise unknown("Ban")
    return ban


@routes.add("PUT", BANS + "/{user}")
def create_ban(call: Call) -> object:
    """Ban a user, member or not, and delete what they wrote in the last seconds."""
    guild, user_id = call.guild, call.params["user"]
    require(call.world, guild, "ban_members")
    call.world.user(user_id)
    seconds = _delete_seconds(call)
    if user_id == call.world.bot["id"]:
        raise missing_permissions()
    require_above(call.world, guild, user_id)
    ban_user(call.world, guild, user_id, call.doer)
    delete_recent(call, guild, user_id, seconds)
    return None


def _delete_seconds(call: Call) -> int:
    form = Form()
    asked = call.query.get("delete_message_seconds") or call.body.get("delete_message_seconds") or 0
    seconds = int(asked) if str(asked).isdigit() else asked
    form.number(("delete_message_seconds",), seconds, 0, BAN_DELETE_SECONDS)
    form.refuse()
    return int(seconds)


def delete_recent(call: Call, guild: Guild, user_id: str, seconds: int) -> None:
    """Delete what a user wrote in a guild in the last seconds."""
    oldest = call.world.now() - timedelta(seconds=seconds)
    places = (*guild.channels.values(), *guild.threads.values())
    for message in [message for place in places for message in place.messages.values()]:
        if seconds and message.author_id == user_id and datetime.fromisoformat(message.data["timestamp"]) >= oldest:
            delete_message(call.world, message)


@routes.add("DELETE", BANS + "/{user}")
def remove_ban(call: Call) -> object:
    """Lift a ban."""
    require(call.world, call.guild, "ban_members")
    unban_user(call.world, call.guild, call.params["user"], call.doer)
    return None


@routes.add("POST", "/guilds/{guild}/bulk-ban")
def bulk_ban(call: Call) -> object:
    """Ban up to 200 users; refuse with 500000 when none of them could be banned."""
    guild = call.guild
    require(call.world, guild, "ban_members", "manage_guild")
    form = Form()
    form.length(("user_ids",), call.body.get("user_ids"), BULK_BANS[1], BULK_BANS[0])
    form.refuse()
    seconds, banned, failed = _delete_seconds(call), list[str](), list[str]()
    for user_id in map(str, call.body["user_ids"]):
        known = user_id in call.world.users and user_id != call.world.bot["id"] and user_id not in guild.bans
        if known and (user_id not in guild.members or outranks(guild, call.world.bot["id"], user_id)):
            ban_user(call.world, guild, user_id, call.doer)
            delete_recent(call, guild, user_id, seconds)
            banned.append(user_id)
        else:
            failed.append(user_id)
    if not banned:
        raise refuse(400, 500000, "Failed to ban users")
    return {"banned_users": banned, "failed_users": failed}
