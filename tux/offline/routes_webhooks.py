"""Webhooks, and the followups of interactions, which share their addresses."""

from __future__ import annotations

from typing import TYPE_CHECKING

import discord

from tux.offline import routes_interactions as followups
from tux.offline.audit import Deed, record
from tux.offline.limits import Form, check_lengths
from tux.offline.messages import Draft, delete_message, edit_message, message_json, post_message
from tux.offline.permissions import require, require_in
from tux.offline.refusals import refuse, unknown
from tux.offline.routing import Call, Routes
from tux.offline.shapes import Json, new_user, without
from tux.offline.state import EPHEMERAL

if TYPE_CHECKING:
    from tux.offline.state import Channel, Message

NAME_LENGTH = 80
PER_CHANNEL = 15
BY_TOKEN = "/webhooks/{webhook}/{token}"  # noqa: S105 - a path
MESSAGE = BY_TOKEN + "/messages/{message}"
routes = Routes()


def find_webhook(call: Call, *, by_token: bool) -> Json:
    """Return the webhook of the path, or refuse with 10015 (unknown) or 50027 (wrong token)."""
    webhook = call.world.webhooks.get(call.params["webhook"])
    if webhook is None:
        raise unknown("Webhook")
    if by_token and webhook["token"] != call.params["token"]:
        raise refuse(401, 50027, "Invalid Webhook Token")
    return webhook


def is_followup(call: Call) -> bool:
    """Whether the address is that of an interaction's token."""
    return call.params["webhook"] == call.world.app_id


def announce(call: Call, channel_id: str) -> None:
    """Tell that a channel's webhooks changed."""
    channel = call.world.channel(channel_id)
    if channel.guild is not None:
        call.world.emit("WEBHOOKS_UPDATE", {"guild_id": channel.guild.id, "channel_id": channel_id}, channel=channel)


@routes.add("POST", "/channels/{channel}/webhooks")
def create_webhook(call: Call) -> object:
    """Create a webhook, at most 15 in a channel."""
    guild, channel = call.guild_channel
    require_in(call.world, channel, "manage_webhooks")
    form = Form()
    form.length(("name",), call.body.get("name"), NAME_LENGTH, 1)
    form.refuse()
    if sum(item["channel_id"] == channel.id for item in call.world.webhooks.values()) >= PER_CHANNEL:
        raise refuse(400, 30007, f"Maximum number of webhooks reached ({PER_CHANNEL})")
    number = call.world.snowflake()
    webhook: Json = {
        "id": number,
        "type": discord.WebhookType.incoming.value,
        "guild_id": guild.id,
        "channel_id": channel.id,
        "name": call.body["name"],
        "avatar": None,
        "token": f"webhook-{number}",
        "application_id": call.world.app_id,
        "user": call.world.bot,
        "url": f"https://discord.com/api/webhooks/{number}/webhook-{number}",
    }
    call.world.webhooks[number] = webhook
    record(call.world, guild, Deed(discord.AuditLogAction.webhook_create, number, call.doer))
    announce(call, channel.id)
    return webhook


@routes.add("GET", "/channels/{channel}/webhooks")
def list_channel(call: Call) -> object:
    """Return a channel's webhooks."""
    _, channel = call.guild_channel
    require_in(call.world, channel, "manage_webhooks")
    return [item for item in call.world.webhooks.values() if item["channel_id"] == channel.id]


@routes.add("GET", "/guilds/{guild}/webhooks")
def list_guild(call: Call) -> object:
    """Return a guild's webhooks."""
    guild = call.guild
    require(call.world, guild, "manage_webhooks")
    return [item for item in call.world.webhooks.values() if item["guild_id"] == guild.id]


@routes.add("GET", "/webhooks/{webhook}")
def get_webhook(call: Call) -> object:
    """Return a webhook."""
    return find_webhook(call, by_token=False)


@routes.add("GET", BY_TOKEN, open_to_all=True)
def get_by_token(call: Call) -> object:
    """Return a webhook to whoever has its token, without its creator."""
    return without(find_webhook(call, by_token=True), "user")


def _change(call: Call, webhook: Json) -> Json:
    check_lengths(call.body, {"name": NAME_LENGTH})
    webhook |= {key: call.body[key] for key in ("name", "channel_id") if key in call.body}
    announce(call, webhook["channel_id"])
    return webhook


@routes.add("PATCH", "/webhooks/{webhook}")
def edit_webhook(call: Call) -> object:
    """Rename or move a webhook."""
    webhook = find_webhook(call, by_token=False)
    require_in(call.world, call.world.channel(webhook["channel_id"]), "manage_webhooks")
    return _change(call, webhook)


@routes.add("PATCH", BY_TOKEN, open_to_all=True)
def edit_by_token(call: Call) -> object:
    """Rename a webhook by its token."""
    return without(_change(call, find_webhook(call, by_token=True)), "user")


@routes.add("DELETE", "/webhooks/{webhook}")
def delete_webhook(call: Call) -> object:
    """Delete a webhook."""
    webhook = find_webhook(call, by_token=False)
    require_in(call.world, call.world.channel(webhook["channel_id"]), "manage_webhooks")
    del call.world.webhooks[webhook["id"]]
    announce(call, webhook["channel_id"])
    return None


@routes.add("DELETE", BY_TOKEN, open_to_all=True)
def delete_by_token(call: Call) -> object:
    """Delete a webhook by its token."""
    webhook = find_webhook(call, by_token=True)
    del call.world.webhooks[webhook["id"]]
    announce(call, webhook["channel_id"])
    return None


def _target(call: Call, webhook: Json) -> Channel:
    return call.world.channel(call.query.get("thread_id", webhook["channel_id"]))


@routes.add("POST", BY_TOKEN, open_to_all=True)
def execute(call: Call) -> object:
    """Send as a webhook, or follow an interaction up."""
    if is_followup(call):
        return followups.follow_up(call)
    webhook = find_webhook(call, by_token=True)
    author = new_user(webhook["id"], call.body.get("username") or webhook["name"], bot=True)
    body = call.body | {"flags": (call.body.get("flags") or 0) & ~EPHEMERAL}
    draft = Draft(author, body, call.files, extra={"webhook_id": webhook["id"]})
    message = post_message(call.world, _target(call, webhook), draft)
    return message_json(call.world, message) if call.query.get("wait") in {"true", "1"} else None


def _written(call: Call) -> Message:
    webhook = find_webhook(call, by_token=True)
    message = call.world.message(_target(call, webhook), call.params["message"])
    if message.data.get("webhook_id") != webhook["id"]:
        raise refuse(403, 50005, "Cannot edit a message authored by another user")
    return message


@routes.add("GET", MESSAGE, open_to_all=True)
def get_message(call: Call) -> object:
    """Return a message that the webhook (or interaction) sent."""
    return followups.get_answer(call) if is_followup(call) else message_json(call.world, _written(call))


@routes.add("PATCH", MESSAGE, open_to_all=True)
def change_message(call: Call) -> object:
    """Edit a message that the webhook (or interaction) sent."""
    if is_followup(call):
        return followups.edit_answer(call)
    message = _written(call)
    edit_message(call.world, message, call.body, call.files)
    return message_json(call.world, message)


@routes.add("DELETE", MESSAGE, open_to_all=True)
def remove_message(call: Call) -> object:
    """Delete a message that the webhook (or interaction) sent."""
    if is_followup(call):
        return followups.delete_answer(call)
    delete_message(call.world, _written(call))
    return None
