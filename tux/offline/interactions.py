"""Interactions: how one is opened for the bot, and the rules by which it may be answered."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from discord import InteractionType

from tux.offline.messages import Draft, message_json, post_message
from tux.offline.permissions import ALL, channel_permissions
from tux.offline.refusals import refuse, unknown
from tux.offline.state import EPHEMERAL, Interaction

if TYPE_CHECKING:
    from tux.offline.shapes import Json
    from tux.offline.state import Channel, Message, Upload
    from tux.offline.world import World

ANSWER_WITHIN = timedelta(seconds=3)
TOKEN_LIVES = timedelta(minutes=15)
UPLOAD_LIMIT_BYTES = 10_485_760
CONTEXT_GUILD = 0
CONTEXT_BOT_DM = 1
CHAT_INPUT_COMMAND = 20


@dataclass(frozen=True, slots=True)
class Gesture:
    """What somebody does to the bot: who, where, which kind, on which message, in a form opened by which one."""

    user: Json
    channel: Channel
    kind: InteractionType
    data: Json
    message: Message | None = None
    opener: Interaction | None = None


def open_interaction(world: World, gesture: Gesture) -> Interaction:
    """Send the bot an interaction and return it, unanswered."""
    # discord.py judges by the id whether the token has expired, on the system's clock: a world whose clock
    # stands in the past must not open interactions that are already too old.
    number = world.snowflake(max(world.now(), datetime.now(UTC)))
    place = (gesture.kind.value, gesture.user, gesture.channel)
    interaction = Interaction(
        number, f"token-{number}", *place, world.now(), _metadata(number, gesture), gesture.message
    )
    world.interactions[interaction.token] = interaction
    world.emit("INTERACTION_CREATE", _payload(world, interaction, gesture.data), channel=gesture.channel)
    return interaction


def _metadata(number: str, gesture: Gesture) -> Json:
    guild = gesture.channel.guild
    metadata: Json = {
        "id": number,
        "type": gesture.kind.value,
        "user": gesture.user,
        "authorizing_integration_owners": {"0": guild.id if guild is not None else "0"},
    }
    if gesture.kind is InteractionType.component and gesture.message is not None:
        metadata["interacted_message_id"] = gesture.message.id
    if gesture.opener is not None:
        metadata["triggering_interaction_metadata"] = gesture.opener.metadata
    return metadata


def _payload(world: World, interaction: Interaction, data: Json) -> Json:
    channel, user = interaction.channel, interaction.user
    payload: Json = {
        "id": interaction.id,
        "application_id": world.app_id,
        "type": interaction.kind,
        "data": data,
        "token": interaction.token,
        "version": 1,
        "locale": "en-US",
        "entitlements": [],
        "attachment_size_limit": UPLOAD_LIMIT_BYTES,
        "channel_id": channel.id,
        "app_permissions": str(channel_permissions(world, channel, world.bot["id"])),
    }
    if interaction.message is not None:
        payload["message"] = message_json(world, interaction.message)
    guild = channel.guild
    if guild is None:
        owners = {"authorizing_integration_owners": {"0": "0"}, "context": CONTEXT_BOT_DM}
        return payload | owners | {"user": user, "channel": channel.data, "app_permissions": str(ALL)}
    permissions = {"permissions": str(channel_permissions(world, channel, user["id"]))}
    return payload | {
        "guild_id": guild.id,
        "guild_locale": guild.data["preferred_locale"],
        "guild": {"id": guild.id, "locale": guild.data["preferred_locale"], "features": guild.data["features"]},
        "context": CONTEXT_GUILD,
        "authorizing_integration_owners": {"0": guild.id},
        "channel": channel.data | permissions,
        "member": guild.members[user["id"]] | permissions,
    }


def unanswered(world: World, token: str) -> Interaction:
    """Return the interaction that may still get its first answer.

    Raises:
        DiscordRefusal: 10062 when it is unknown or older than three seconds, 40060 when it has its answer.
    """
    interaction = world.interactions.get(token)
    if interaction is None:
        raise unknown("interaction")
    if interaction.acked is not None:
        raise refuse(400, 40060, "Interaction has already been acknowledged.")
    if world.now() - interaction.opened_at > ANSWER_WITHIN:
        raise unknown("interaction")
    return interaction


def answered(world: World, token: str) -> Interaction:
    """Return the interaction whose token may send followups.

    Raises:
        DiscordRefusal: 10015 before the first answer, 50027 when the token is older than fifteen minutes.
    """
    interaction = world.interactions.get(token)
    if interaction is None or interaction.acked is None:
        raise unknown("Webhook")
    if world.now() - interaction.opened_at > TOKEN_LIVES:
        raise refuse(401, 50027, "Invalid Webhook Token")
    return interaction


def answer_message(world: World, interaction: Interaction, body: Json, files: tuple[Upload, ...] = ()) -> Message:
    """Post a message of the bot in answer to an interaction; ephemeral when its flags or a deferral say so."""
    hidden = bool((body.get("flags") or 0) & EPHEMERAL)
    is_command = interaction.kind == InteractionType.application_command.value
    extra: Json = {
        "application_id": world.app_id,
        "webhook_id": world.app_id,
        "interaction_metadata": interaction.metadata,
    }
    if is_command and interaction.original is None:
        extra["type"] = CHAT_INPUT_COMMAND
    draft = Draft(world.bot, body, files, interaction.user["id"] if hidden else None, extra)
    return post_message(world, interaction.channel, draft)


def callback_json(world: World, interaction: Interaction, message: Message | None) -> Json:
    """Return Discord's answer to a callback that asked for one."""
    about: Json = {
        "id": interaction.id,
        "type": interaction.kind,
        "response_message_ephemeral": interaction.ephemeral,
        "response_message_loading": interaction.original is None,
    }
    if message is None:
        return {"interaction": about}
    about["response_message_id"] = message.id
    return {"interaction": about, "resource": {"type": interaction.acked, "message": message_json(world, message)}}
