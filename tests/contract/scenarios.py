"""Plays the calls of tests/contract/commands.toml through the local Discord, and counts their statements."""

from __future__ import annotations

import re
import tomllib
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from discord.ext import commands

from tux.database.engine import observers

STYLES = ("slash", "prefix")
Style = Literal["slash", "prefix"]
RANKS = {3: "alice", 7: "carol"}
EVERYBODY = "bob"
SCENARIOS = Path(__file__).with_name("commands.toml")

_NAMED = re.compile(r"\{([#@]?)([\w-]+)\}")
_SAID = re.compile(r"(?:by )?(\w+): ?(.*)", re.DOTALL)


@dataclass(frozen=True)
class Scenario:
    """One entry of commands.toml."""

    name: str
    sees: str
    args: str = ""
    slash: str | None = None
    prefix: str | None = None
    by: str | None = None
    before: list[str] = field(default_factory=list)
    then: list[str] = field(default_factory=list)
    file: str | None = None
    row: str | None = None
    gone: str | None = None
    refused: list[list[str]] = field(default_factory=list)
    again: str | None = None
    never: str | None = None
    only: Style | None = None
    why: str | None = None

    def given(self, style: Style) -> str:
        """Return what is written after the command."""
        own = self.slash if style == "slash" else self.prefix
        return self.args if own is None else own

    def refusals(self, style: Style) -> list[tuple[str | None, str, str]]:
        """Return who else, if not the usual one, writes which arguments, and what the refusal says."""
        found = []
        for args, says, *only in self.refused:
            if only and style not in only:
                continue
            other = _SAID.fullmatch(args) if args.startswith("by ") else None
            found.append((other[1], other[2], says) if other else (None, args, says))
        return found


def load_scenarios() -> dict[str, Scenario]:
    """Return the scenarios by the full names of their commands."""
    entries = tomllib.loads(SCENARIOS.read_text(encoding="utf-8"))["command"]
    found = {entry["name"]: Scenario(**entry) for entry in entries}
    assert len(found) == len(entries), "a command has two entries"
    return found


def slash_name(command) -> str | None:
    """Return the name of a command's slash form: of a group that of what stands for itself, None without one."""
    fallback = getattr(command, "fallback", None)
    if fallback is not None:
        return f"{command.qualified_name} {fallback}"
    return command.qualified_name if isinstance(command, commands.HybridCommand) else None


@contextmanager
def counted():
    """Yield the list of the statements that the block sends."""
    sent: list[str] = []
    observers.append(sent.append)
    try:
        yield sent
    finally:
        observers.remove(sent.append)


class Theatre:
    """A server with its people: alice has rank 3, carol 7, bob and dave none; mallory is no member."""

    def __init__(self, discord, db):
        self.discord = discord
        self.db = db
        self.last = None

    async def open(self):
        """Let everybody in, and let the bot know the server."""
        guild = self.discord.guild
        for name in ("Jailed", "Artists"):
            guild.role(name)
        moderators, administrators = guild.role("Moderators"), guild.role("Administrators")
        self.discord.member("alice", roles=[moderators])
        self.discord.member("carol", roles=[administrators])
        self.discord.member("bob")
        self.discord.member("dave")
        self.discord.stranger("mallory")
        guild.channel("mod-log")
        for rank, role in ((3, moderators), (7, administrators)):
            await self.db.guild_config.update_perm_level_role(guild.id, rank, role.id)
        await self.warm()

    async def warm(self):
        """Let the bot know of the server what every message needs, as it does but for the first one."""
        await self.discord.settle()
        await self.db.snapshot(self.discord.guild.id)

    def person(self, name):
        """Return who is called that."""
        return self.discord.owner if name == "owner" else self.discord.member(name)

    def filled(self, text):
        """Return a text with ids in place of `{bob}`, `{#general}`, `{@Artists}` and `{guild}`."""

        def find(match):
            sign, name = match.groups()
            if name == "guild":
                return str(self.discord.guild.id)
            found = {"#": self.discord.guild.channel, "@": self.discord.guild.role, "": self.person}[sign](name)
            return str(found.id)

        return _NAMED.sub(find, text)

    async def play(self, line, actor=None):
        """Do what a line says, "alice: /warn @bob spam"; with an actor it is theirs, without the name before it."""
        if actor is None:
            actor, line = _SAID.fullmatch(line).groups()
        line = self.filled(line)
        person = self.person(actor)
        if actor == "sql":
            await self.db.service.execute(line)
        elif line.startswith(":click "):
            self.last = await person.clicks(self.last, line.removeprefix(":click "))
        elif line.startswith("/"):
            self.last = await person.slash(line)
        else:
            self.last = await person.says(line)
        return self.last

    async def call(self, command, scenario, style, actor, args=None):
        """Use a command by slash or by prefix; with arguments of their own nothing is attached or clicked."""
        words = self.filled(scenario.given(style) if args is None else args)
        person = self.person(actor)
        if style == "prefix":
            files = {"settings.toml": scenario.file.encode()} if scenario.file else None
            reply = await person.says(f"!{command.qualified_name} {words}".rstrip(), files=files)
        elif scenario.file:
            reply = await person.slash(slash_name(command), file=("settings.toml", scenario.file.encode()))
        else:
            reply = await person.slash(f"/{slash_name(command)} {words}".rstrip())
        self.last = reply
        for line in scenario.then if args is None else ():
            reply = await self.play(line, actor) if line.startswith(":") else await self.play(line)
        return reply

    async def count(self, rows):
        """Return how many rows a piece of SQL, "table WHERE …", finds."""
        found = await self.db.service.fetch_one(f"SELECT count(*) AS n FROM {self.filled(rows)}")
        return found["n"]


def actor_of(scenario, rank):
    """Return who calls a command: a member of just the rank that it asks for."""
    return scenario.by or RANKS.get(rank, EVERYBODY)


def below(rank):
    """Return a member whose rank is too low."""
    return "alice" if rank == RANKS_OF["carol"] else EVERYBODY


RANKS_OF = {name: rank for rank, name in RANKS.items()}
