"""Discord's refusals by their codes (docs.discord.com: opcodes and status codes, JSON error codes)."""

from __future__ import annotations

from tux.errors import DiscordRefusal

UNKNOWN = {
    "Application": 10002,
    "Channel": 10003,
    "Guild": 10004,
    "Invite": 10006,
    "Member": 10007,
    "Message": 10008,
    "Overwrite": 10009,
    "Role": 10011,
    "User": 10013,
    "Emoji": 10014,
    "Webhook": 10015,
    "Ban": 10026,
    "interaction": 10062,
    "application command": 10063,
}


def unknown(what: str) -> DiscordRefusal:
    """Return the 404 for a thing of a kind named in UNKNOWN."""
    return DiscordRefusal(404, UNKNOWN[what], f"Unknown {what}")


def missing_access() -> DiscordRefusal:
    """Return the 403 for a channel that the bot cannot see."""
    return DiscordRefusal(403, 50001, "Missing Access")


def missing_permissions() -> DiscordRefusal:
    """Return the 403 for a right that the bot lacks, hierarchy included."""
    return DiscordRefusal(403, 50013, "Missing Permissions")


def refuse(status: int, code: int, message: str) -> DiscordRefusal:
    """Return any other refusal."""
    return DiscordRefusal(status, code, message)
