"""`/remind`, and the delivery of what is due."""

from __future__ import annotations

from datetime import timedelta, tzinfo
from functools import cache
from typing import TYPE_CHECKING, Literal
from zoneinfo import available_timezones

import discord
from discord import app_commands
from discord.ext import commands
from loguru import logger

from plugins.reminders.checks import was_told
from plugins.reminders.delivery import deliver_due
from plugins.reminders.errors import InvalidTime, InvalidZone, NothingToSay, TooManyReminders, UnknownReminder
from plugins.reminders.managers import ReminderManager, ReminderZoneManager
from plugins.reminders.times import find_zone
from plugins.reminders.views import (
    Snooze,
    choice_text,
    created_embed,
    list_embed,
    snooze_buttons,
    told_embed,
)
from plugins.reminders.words import When, parse_when, split_when
from tux.clock import now
from tux.cog import BaseCog, PluginBot, every
from tux.ui import Pages, info, success
from tux.ui.spans import span_words

if TYPE_CHECKING:
    from plugins.reminders.models import Reminder
    from tux.manager import PaginationResult

DUE_SECONDS = 5.0
PURGE_SECONDS = 3600.0
PER_PAGE = 10
# Discord shows at most 25 choices. https://discord.com/developers/docs/interactions/application-commands
MAX_CHOICES = 25
MAX_CONTENT = 1000
MAX_REMINDERS = 100
MAX_AHEAD = timedelta(days=3650)
MIN_REPEAT = timedelta(minutes=5)
MAX_ATTEMPTS = 5
# So long the snooze buttons of a reminder work.
KEPT = timedelta(days=7)
EXAMPLES = ("in 10 minutes", "2h30m", "tomorrow 9am", "friday at 18:30", "in 3 days", "every day at 9")

log = logger.bind(plugin="reminders")

Context = commands.Context[PluginBot]
Place = Literal["here", "dm"]
# A trillion: far more reminders than there will be, and a number that Discord takes.
Number = commands.Range[int, 1, 2**40]

_WHEN = "10m, 2h30m, tomorrow 9am, in 3 days, every day at 9"


class RemindersCog(BaseCog, name="Reminders"):
    """Messages that you get later."""

    def __init__(self, bot: PluginBot) -> None:
        super().__init__(bot)
        self.manager = self.db[ReminderManager]
        self.zones = self.db[ReminderZoneManager]

    async def cog_load(self) -> None:
        """Answer the snooze buttons, of earlier runs as well."""
        self.bot.add_dynamic_items(Snooze)

    async def cog_unload(self) -> None:
        """Leave the snooze buttons unanswered."""
        self.bot.remove_dynamic_items(Snooze)

    @commands.hybrid_group(aliases=["remindme", "reminder"])
    async def remind(self, ctx: Context, *, text: str) -> None:
        """Be reminded: first when, then of what, such as `tomorrow 9am water the plants`."""
        await self._create(ctx, text)

    @remind.command(name="create", usage="<when> <about>")
    @app_commands.describe(when=_WHEN, place="Where; here unless you say otherwise", about="What of")
    async def create_reminder(self, ctx: Context, when: str, place: Place | None = None, *, about: str) -> None:
        """Be reminded of something, once or again and again."""
        if ctx.interaction is None:  # a time of several words runs on into what follows, and no word is a place
            await self._create(ctx, " ".join(filter(None, (when, place, about))))
        else:
            zone = await self.zones.get_zone(ctx.author.id)
            await self._store(ctx, _checked_when(when, parse_when(when, now(), zone)), about, place, zone)

    @remind.command(name="list")
    async def list_reminders(self, ctx: Context) -> None:
        """List your reminders, the next one first."""
        user_id = ctx.author.id

        async def load(page: int) -> PaginationResult[Reminder]:
            return await self.manager.page_reminders(user_id, page, PER_PAGE)

        await ctx.defer(ephemeral=True)  # they are nobody else's business
        await Pages.send(ctx, load, list_embed)

    @remind.command(name="edit")
    @app_commands.describe(reminder="Which one", when=f"The new time: {_WHEN}", about="The new words")
    async def edit_reminder(
        self, ctx: Context, reminder: Number, when: str | None = None, *, about: str | None = None
    ) -> None:
        """Change when you are reminded, or of what."""
        zone = await self.zones.get_zone(ctx.author.id)
        if ctx.interaction is None:
            text = " ".join(part for part in (when, about) if part)
            split = split_when(text, now(), zone)
            found, about = split or (None, text)
        else:
            found = None if when is None else _checked_when(when, parse_when(when, now(), zone))
        if found is not None:
            _check_time(found)
            if found.every is not None:
                raise InvalidTime("An edit changes when, not how often: cancel this one and create another.")
        if found is None and not about:
            raise NothingToSay("Say what to change: the time, the words, or both.")
        edited = await self.manager.edit_reminder(
            reminder, ctx.author.id, content=_checked_content(about) if about else None, expires_at=found and found.at
        )
        if edited is None:
            raise _unknown(reminder)
        await ctx.send(embed=created_embed(edited), ephemeral=True)

    @remind.command(name="cancel")
    @app_commands.describe(reminder="Which one")
    async def cancel_reminder(self, ctx: Context, reminder: Number) -> None:
        """Cancel one of your reminders."""
        if not await self.manager.cancel_reminder(reminder, ctx.author.id):
            raise _unknown(reminder)
        await ctx.send(embed=success("Cancelled", f"Reminder #{reminder} will not come."), ephemeral=True)

    @remind.command(name="zone")
    @app_commands.describe(zone="The zone, such as Europe/Berlin; leave it out to see yours")
    async def choose_zone(self, ctx: Context, zone: str | None = None) -> None:
        """Show or choose the time zone in which you write times."""
        if zone is None:
            mine = await self.zones.get_zone(ctx.author.id)
        else:
            mine = _find_zone(zone)
            await self.zones.set_zone(ctx.author.id, str(mine))
        text = f"You write times in **{mine}**, where it is {now().astimezone(mine):%H:%M} now."
        await ctx.send(embed=info("Time zone", text), ephemeral=True)

    @create_reminder.autocomplete("when")
    @edit_reminder.autocomplete("when")
    async def complete_when(
        self, interaction: discord.Interaction[PluginBot], typed: str
    ) -> list[app_commands.Choice[str]]:
        """Show how a time is understood; before anything is typed, examples."""
        if not typed.strip():
            return [app_commands.Choice(name=example, value=example) for example in EXAMPLES]
        zone = await self.zones.get_zone(interaction.user.id)
        when = parse_when(typed, now(), zone)
        if when is None or len(typed) > 50:  # noqa: PLR2004 - what follows must fit into a choice of 100 characters
            return [app_commands.Choice(name=each, value=each) for each in EXAMPLES if typed.lower() in each]
        again = f", every {span_words(when.every, exact=True).removeprefix('1 ')}" if when.every else ""
        shown = f"{typed.strip()}: {when.at.astimezone(zone):%a %d %b %H:%M}{again}"
        return [app_commands.Choice(name=shown, value=typed.strip())]

    @edit_reminder.autocomplete("reminder")
    @cancel_reminder.autocomplete("reminder")
    async def complete_reminder(
        self, interaction: discord.Interaction[PluginBot], typed: str
    ) -> list[app_commands.Choice[int]]:
        """Offer the user's reminders, the next one first."""
        mine = await self.manager.get_reminders_by_user(interaction.user.id)
        texts = [(choice_text(reminder), reminder.id) for reminder in mine]
        found = [app_commands.Choice(name=text, value=key) for text, key in texts if typed.lower() in text.lower()]
        return found[:MAX_CHOICES]

    @choose_zone.autocomplete("zone")
    async def complete_zone(self, _: discord.Interaction[PluginBot], typed: str) -> list[app_commands.Choice[str]]:
        """Offer the zones that contain what was typed."""
        wanted = typed.strip().replace(" ", "_").lower()
        found = [name for name in _zone_names() if wanted in name.lower()]
        return [app_commands.Choice(name=name, value=name) for name in found[:MAX_CHOICES]]

    @every(DUE_SECONDS)
    async def deliver_due(self) -> None:
        """Tell everything that is due."""
        await deliver_due(self.manager, self._tell)

    @every(PURGE_SECONDS)
    async def purge_told(self) -> None:
        """Delete what was told long ago."""
        await self.manager.purge_told(now() - KEPT)

    async def _tell(self, reminder: Reminder) -> bool:
        """Tell a reminder where it was asked for, else by the other way; False to try again later."""
        private = reminder.reminder_by_dm or await self._is_silent(reminder.guild_id)
        ways = (
            (self._tell_privately, self._tell_in_channel) if private else (self._tell_in_channel, self._tell_privately)
        )
        try:
            if reminder.reminder_attempts > 1 and await was_told(self.bot, reminder):
                return True
            for way in ways:
                if await way(reminder):
                    return True
        except (discord.HTTPException, OSError) as error:
            log.warning("Reminder {} could not be told, attempt {}: {}", reminder.id, reminder.reminder_attempts, error)
            return reminder.reminder_attempts >= MAX_ATTEMPTS
        log.info("Reminder {} has nowhere to go", reminder.id)
        return True

    async def _tell_privately(self, reminder: Reminder) -> bool:
        try:
            channel = await self.bot.create_dm(discord.Object(reminder.reminder_user_id))
            await channel.send(embed=told_embed(reminder), view=snooze_buttons(reminder))
        except (discord.Forbidden, discord.NotFound):
            return False
        return True

    async def _tell_in_channel(self, reminder: Reminder) -> bool:
        if await self._is_silent(reminder.guild_id):
            return False
        user = discord.Object(reminder.reminder_user_id)
        try:
            await self.bot.get_partial_messageable(reminder.reminder_channel_id).send(
                f"<@{user.id}>",
                embed=told_embed(reminder),
                view=snooze_buttons(reminder),
                allowed_mentions=discord.AllowedMentions(users=[user]),
            )
        except (discord.Forbidden, discord.NotFound):
            return False
        return True

    async def _is_silent(self, guild_id: int | None) -> bool:
        """Return whether a guild switched the plugin off: its channels hear nothing then."""
        if guild_id is not None:
            await self.db.snapshot(guild_id)
        return self.bot.is_silent(self.plugin, guild_id)

    async def _create(self, ctx: Context, text: str) -> None:
        """Create a reminder from a text that begins with its time."""
        zone = await self.zones.get_zone(ctx.author.id)
        split = split_when(text, now(), zone)
        if split is None:
            raise _unread(text)
        await self._store(ctx, split[0], split[1], None, zone)

    async def _store(self, ctx: Context, when: When, about: str, place: Place | None, zone: tzinfo) -> None:
        _check_time(when)
        content = _checked_content(about)
        if await self.manager.count_open(ctx.author.id) >= MAX_REMINDERS:
            raise TooManyReminders(f"You have {MAX_REMINDERS} reminders; cancel one of them first: `/remind list`.")
        private = place == "dm" or ctx.guild is None
        reminder = await self.manager.create_reminder(
            reminder_content=content,
            reminder_expires_at=when.at,
            reminder_channel_id=ctx.channel.id,
            reminder_user_id=ctx.author.id,
            guild_id=ctx.guild.id if ctx.guild else None,
            reminder_by_dm=private,
            reminder_repeat_seconds=None if when.every is None else int(when.every.total_seconds()),
            reminder_zone=None if when.every is None else str(zone),
        )
        await ctx.send(embed=created_embed(reminder), ephemeral=private)


def _checked_when(text: str, when: When | None) -> When:
    if when is None:
        raise _unread(text)
    return when


def _unread(text: str) -> InvalidTime:
    examples = ", ".join(f"`{example}`" for example in EXAMPLES)
    return InvalidTime(f"`{text[:50]}` begins with no time that I can read. Write it like {examples}.")


def _check_time(when: When) -> None:
    """Refuse a time that cannot be kept.

    Raises:
        InvalidTime: it has passed, is too far away, or comes again too soon.
    """
    if when.at <= now():
        raise InvalidTime("That time has passed. `/remind zone` shows in which time zone I read it.")
    if when.at > now() + MAX_AHEAD:
        raise InvalidTime("That is too far away: at most ten years.")
    if when.every is not None and when.every < MIN_REPEAT:
        raise InvalidTime(f"A reminder comes every {span_words(MIN_REPEAT)} at most.")


def _checked_content(about: str) -> str:
    content = about.strip()
    if not content:
        raise NothingToSay("Say what I shall remind you of, behind the time.")
    if len(content) > MAX_CONTENT:
        raise NothingToSay(f"A reminder has {MAX_CONTENT} characters at most; this one has {len(content)}.")
    return content


def _unknown(reminder_id: int) -> UnknownReminder:
    return UnknownReminder(f"You have no reminder #{reminder_id}. `/remind list` shows those that you have.")


def _find_zone(name: str) -> tzinfo:
    wanted = name.strip().replace(" ", "_")
    exact = next((zone for zone in _zone_names() if zone.lower() == wanted.lower()), wanted)
    zone = find_zone(exact)
    if zone is None:
        raise InvalidZone(f"`{name[:50]}` is no time zone. Write it like `Europe/Berlin`, `America/New_York` or `UTC`.")
    return zone


@cache
def _zone_names() -> tuple[str, ...]:
    return tuple(sorted(available_timezones()))
