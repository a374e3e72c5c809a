"""The four kinds of embed, each with its colour: one look over the whole bot."""

from __future__ import annotations

import discord

# Discord's limits: https://discord.com/developers/docs/resources/message#embed-object-embed-limits
MAX_TITLE = 256
MAX_DESCRIPTION = 4096


def _embed(colour: int, title: str, description: str) -> discord.Embed:
    return discord.Embed(
        colour=colour, title=shorten(title, MAX_TITLE), description=shorten(description, MAX_DESCRIPTION)
    )


def shorten(text: str, limit: int) -> str:
    """Return `text` with at most `limit` characters; what was cut is shown by an ellipsis."""
    return text if len(text) <= limit else text[: limit - 1] + "…"


def success(title: str, description: str = "") -> discord.Embed:
    """Return a green embed: it is done."""
    return _embed(0x2ECC71, title, description)


def info(title: str, description: str = "") -> discord.Embed:
    """Return a blue embed: an answer."""
    return _embed(0x3498DB, title, description)


def warning(title: str, description: str = "") -> discord.Embed:
    """Return a yellow embed: a question, or something to heed."""
    return _embed(0xF1C40F, title, description)


def danger(title: str, description: str = "") -> discord.Embed:
    """Return a red embed: it was refused or failed."""
    return _embed(0xE74C3C, title, description)
