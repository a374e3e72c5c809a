"""The composition root: the real discord.py client with the database, the plugins and one error handler."""

from tux.bot.client import Tux

__all__ = ["Tux"]
