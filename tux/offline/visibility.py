"""What a gateway session gets to see: events by intents and rights, content by the privileged intent."""

from __future__ import annotations

from typing import TYPE_CHECKING

from discord import Intents

from tux.offline.permissions import bits, can_see, guild_permissions

if TYPE_CHECKING:
    from tux.offline.shapes import Json
    from tux.offline.world import Event, World

WITHHELD = ("content", "embeds", "attachments", "components")
MESSAGE_CONTENT = Intents(message_content=True).value

_GUILDS = Intents(guilds=True).value
_NEEDED = {
    "GUILD_MEMBER": Intents(members=True).value,
    "GUILD_AUDIT_LOG_ENTRY": Intents(moderation=True).value,
    "GUILD_BAN": Intents(moderation=True).value,
    "GUILD_EMOJIS": Intents(expressions=True).value,
    "GUILD_STICKERS": Intents(expressions=True).value,
    "GUILD_INTEGRATIONS": Intents(integrations=True).value,
    "WEBHOOKS": Intents(webhooks=True).value,
    "INVITE": Intents(invites=True).value,
    "VOICE_STATE": Intents(voice_states=True).value,
    "PRESENCE": Intents(presences=True).value,
    "THREAD_MEMBERS": _GUILDS,
    "GUILD": _GUILDS,
    "CHANNEL": _GUILDS,
    "THREAD": _GUILDS,
}
_IN_CHANNELS = {
    "MESSAGE_REACTION": (Intents(guild_reactions=True).value, Intents(dm_reactions=True).value),
    "TYPING": (Intents(guild_typing=True).value, Intents(dm_typing=True).value),
    "MESSAGE": (Intents(guild_messages=True).value, Intents(dm_messages=True).value),
}


def needed_intent(event: Event) -> int:
    """Return the intent without which an event is not sent; 0 for events that everybody gets."""
    for start, (in_guild, in_private) in _IN_CHANNELS.items():
        if event.name.startswith(start):
            return in_guild if event.guild is not None else in_private
    return next((intent for start, intent in _NEEDED.items() if event.name.startswith(start)), 0)


def is_wanted(world: World, intents: int, event: Event) -> bool:
    """Whether a session with these intents is sent the event."""
    bot_id = world.bot["id"]
    if event.name == "GUILD_MEMBER_UPDATE" and event.data["user"]["id"] == bot_id:
        return True
    needed = needed_intent(event)
    if needed and not intents & needed:
        return False
    if event.name.startswith(("MESSAGE", "TYPING")) and event.channel is not None:
        return can_see(world, event.channel, bot_id)
    if event.name.startswith("GUILD_AUDIT_LOG") and event.guild is not None:
        return bool(guild_permissions(event.guild, bot_id) & bits("view_audit_log"))
    return True


def visible_data(world: World, intents: int, event: Event) -> Json:
    """Return an event's data, a message's content withheld where the session may not read it."""
    if event.name not in {"MESSAGE_CREATE", "MESSAGE_UPDATE"} or event.guild is None:
        return event.data
    return event.data if intents & MESSAGE_CONTENT else withheld(world, event.data)


def withheld(world: World, message: Json) -> Json:
    """Return a message without its content, unless the bot wrote it or is mentioned in it."""
    bot_id = world.bot["id"]
    if message["author"]["id"] == bot_id or any(user["id"] == bot_id for user in message["mentions"]):
        return message
    return message | {key: "" if key == "content" else [] for key in WITHHELD}
