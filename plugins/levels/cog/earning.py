"""Messages earn XP, levels bring roles, silence takes XP where a guild wants that."""

from __future__ import annotations

from datetime import timedelta
from time import monotonic
from typing import TYPE_CHECKING

import discord
from cachetools import LRUCache, TTLCache
from discord.ext import commands
from loguru import logger

from plugins.guild import PREFIX
from plugins.levels.checks import move_roles
from plugins.levels.events import LevelChanged
from plugins.levels.formula import level_of
from plugins.levels.managers import LevelsManager
from plugins.levels.settings import LevelSettings
from plugins.levels.views import notice_embed
from tux.clock import now
from tux.cog import BaseCog, PluginBot, every
from tux.events import handles
from tux.snapshot import first_sight

if TYPE_CHECKING:
    from datetime import datetime

    from tux.plugin import Snapshot

# Whoever is forgotten costs one statement more, which their row refuses while they rest.
MAX_RESTING = 200_000
MAX_GUILDS = 50_000
LATE_SECONDS = 20
# So long Discord may take to tell of what the bot did.
UNTOLD_SECONDS = 60
DECAY_SECONDS = 3600
DECAY_ROWS = 1000

log = logger.bind(plugin="levels")


class EarningCog(BaseCog, name="Earning"):
    """Counts messages, and gives and takes the roles of levels."""

    def __init__(self, bot: PluginBot) -> None:
        super().__init__(bot)
        self.manager = self.db[LevelsManager]
        # When a message last earned, or was refused by the row: until the cooldown is over the next costs no statement.
        self._rested: LRUCache[tuple[int, int], datetime] = LRUCache(MAX_RESTING)
        # What was read of a guild's snapshot, as long as it is the one in memory; every message asks.
        self._chosen: LRUCache[int, tuple[Snapshot, LevelSettings]] = LRUCache(MAX_GUILDS)
        self._late: list[tuple[discord.Message, int]] = []
        # Whose roles are being moved, and whether their level moved again meanwhile.
        self._moving: dict[tuple[int, int], bool] = {}
        # Whose roles moved a moment ago: what is in memory of them may be older.
        self._moved: TTLCache[tuple[int, int], bool, float] = TTLCache(MAX_RESTING, UNTOLD_SECONDS, monotonic)

    @commands.Cog.listener("on_message")
    async def earn(self, message: discord.Message) -> None:
        """Let a message earn by one statement; one within its author's cooldown costs none.

        A message with which the bot first sees its guild has cost one already: it earns a moment later, as due work.
        """
        member, guild = message.author, message.guild
        if guild is None or member.bot or not isinstance(member, discord.Member):
            return
        settings = await self._settings(guild.id)
        moment, key = now(), (guild.id, member.id)
        rested = self._rested.get(key)
        if rested is not None and moment - rested < settings.cooldown:
            return
        places = (message.channel.id, getattr(message.channel, "parent_id", None) or 0)
        amount = settings.xp_of_message((role.id for role in member.roles), places)
        if not amount or await self._is_command(message, guild.id):
            return
        self._rested[key] = moment  # before anything is awaited, so that a second message finds it
        if first_sight.get():
            self._late.append((message, amount))
        else:
            await self._count(message, amount, settings)

    @every(LATE_SECONDS)
    async def earn_late(self) -> None:
        """Let the messages earn with which the bot first saw their guilds."""
        late, self._late = self._late, []
        for message, amount in late:
            if message.guild is not None:
                settings = await self._settings(message.guild.id)
                if not self.bot.is_silent(self.plugin, message.guild.id):
                    await self._count(message, amount, settings)

    @every(DECAY_SECONDS)
    async def decay(self) -> None:
        """Take XP for the days of silence that are over, in the guilds that want that and that this process serves."""
        for stored in await self.db.settings.find_all({"plugin": self.plugin}):
            if "decay_percent" not in stored.changed or self.bot.get_guild(stored.guild_id) is None:
                continue
            settings = await self._settings(stored.guild_id)
            if not settings.decay_percent or self.bot.is_silent(self.plugin, stored.guild_id):
                continue
            after, percent = timedelta(days=settings.decay_after_days), settings.decay_percent
            while (
                await self.manager.decay(stored.guild_id, after=after, percent=percent, limit=DECAY_ROWS) == DECAY_ROWS
            ):
                log.debug("Silence took XP from {} members of guild {}", DECAY_ROWS, stored.guild_id)

    @handles(LevelChanged)
    async def follow_level(self, event: LevelChanged) -> None:
        """Give the roles of a level, and take those that do not belong to it.

        While that is under way, other moves of the member only ask for another look, which reads the level as it is.
        """
        guild = self.bot.get_guild(event.guild_id)
        member = guild.get_member(event.member_id) if guild else None
        if member is None:
            return
        settings = await self._settings(event.guild_id)
        if not settings.rewards or self.bot.is_silent(self.plugin, event.guild_id):
            return
        key = (event.guild_id, event.member_id)
        if key in self._moving:
            self._moving[key] = True
            return
        self._moving[key] = False
        try:
            await self._move(member, settings, event.level)
            while self._moving[key]:
                self._moving[key] = False
                await self._move(member, settings, await self.manager.get_level(member.id, member.guild.id))
        finally:
            del self._moving[key]

    @commands.Cog.listener("on_member_join")
    async def welcome_back(self, member: discord.Member) -> None:
        """Give a member who comes back the roles of their level; costs nothing where levels bring none."""
        settings = await self._settings(member.guild.id)
        if settings.rewards and not member.bot:
            await self._move(member, settings, await self.manager.get_level(member.id, member.guild.id))

    async def _move(self, member: discord.Member, settings: LevelSettings, level: int) -> None:
        key = (member.guild.id, member.id)
        if await move_roles(member, settings, level, ask=key in self._moved):
            self._moved[key] = True

    async def _count(self, message: discord.Message, amount: int, settings: LevelSettings) -> None:
        member_id, guild_id = message.author.id, message.guild.id if message.guild else 0
        try:
            row = await self.manager.add_xp(
                member_id, guild_id, amount, cooldown=settings.cooldown, max_level=settings.max_level
            )
        except BaseException:  # nothing was earned, so nobody has to rest
            self._rested.pop((guild_id, member_id), None)
            raise
        if row is None:
            if settings.max_level and settings.decay_percent:
                await self.manager.note_capped(member_id, guild_id, settings.max_level)
        elif row.level > level_of(max(0.0, row.xp - amount)):
            await self._tell(message, row.level, settings)

    async def _tell(self, message: discord.Message, level: int, settings: LevelSettings) -> None:
        if settings.notice == "off":
            return
        place = message.channel if settings.notice == "here" else message.author
        try:
            await place.send(embed=notice_embed(message.author, level, settings))
        except discord.Forbidden:
            log.debug("Level {} of user {} could not be told: it is closed to the bot", level, message.author.id)

    async def _settings(self, guild_id: int) -> LevelSettings:
        snapshot = self.db.snapshot.peek(guild_id)
        known = self._chosen.get(guild_id)
        if known is not None and known[0] is snapshot:
            return known[1]
        settings = await self.db.settings.read(guild_id, LevelSettings)
        snapshot = self.db.snapshot.peek(guild_id)
        if snapshot is not None:
            self._chosen[guild_id] = (snapshot, settings)
        return settings

    async def _is_command(self, message: discord.Message, guild_id: int) -> bool:
        prefix = PREFIX.of(await self.db.snapshot(guild_id)) or self.bot.settings.bot.prefix
        mention = self.bot.user.mention if self.bot.user else prefix
        return message.content.startswith((prefix, mention))
