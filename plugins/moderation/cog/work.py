"""What happens without a moderator: temporary cases end, and what a dead process left is looked at."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import discord
from discord.ext import commands
from loguru import logger

from plugins.moderation.checks import DISCORD_TROUBLE, find_ban, is_refusal
from plugins.moderation.cog.bans import lift_ban
from plugins.moderation.cog.jail import free, jail_roles, lock_up
from plugins.moderation.cog.modlog import as_done, post_case, show_case
from plugins.moderation.managers import CaseManager
from tux.clock import now
from tux.cog import BaseCog, every

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from plugins.moderation.models import Case
    from tux.cog import PluginBot

# How late the end of a ban may be, and how soon after a crash its leftovers are looked at.
DUE_SECONDS = 10
PENDING_SECONDS = 30
BATCH = 50
# What Discord forbids now it forbids in a minute, too; what it did not answer it may answer then.
PAUSE = timedelta(hours=1)
SHORT_PAUSE = timedelta(minutes=1)
# What Discord carries out; every other case happened when it was stored, and waits for its message alone.
DISCORDS = frozenset({"BAN", "HACKBAN", "TEMPBAN", "UNBAN", "KICK", "TIMEOUT", "UNTIMEOUT", "JAIL", "UNJAIL"})
# Discord rounds the end of a time-out.
_ROUNDING = timedelta(seconds=2)

log = logger.bind(plugin="moderation")


class WorkCog(BaseCog, name="Moderation work"):
    """Any number of processes run it: each takes the cases of its own guilds that no other one has."""

    def __init__(self, bot: PluginBot) -> None:
        super().__init__(bot)
        self.cases = self.db[CaseManager]

    @every(DUE_SECONDS)
    async def end_due(self) -> None:
        """End the cases that are over, those of all guilds by one query a batch."""
        await self._work_off(self.cases.claim_due, self._end)

    @every(PENDING_SECONDS)
    async def reconcile(self) -> None:
        """Ask Discord about the cases of which nobody came back to say whether they happened."""
        await self._work_off(self.cases.claim_pending, self._settle)

    @commands.Cog.listener("on_member_join")
    async def jail_again(self, member: discord.Member) -> None:
        """Put a jailed member who left and came back into jail again; a guild without a jail costs no statement."""
        if await self._jail_of(member.guild) is not None:
            for case in await self.cases.list_jailing([member.guild.id], member.id):
                await self._jail(member, case)

    @commands.Cog.listener("on_ready")
    async def jail_returned(self) -> None:
        """Do the same for those who came back while the bot was not running; asked for all guilds at once."""
        guilds = {guild.id: guild for guild in self.bot.guilds if not guild.unavailable}
        for case in await self.cases.list_jailing(list(guilds)) if guilds else ():
            member = guilds[case.guild_id].get_member(case.case_user_id)
            if member is None or member.joined_at is None or member.joined_at <= case.case_created_at:
                continue  # whoever never left was let out by hand, or is in jail
            await self.db.snapshot(case.guild_id)
            if not self.bot.is_silent(self.plugin, case.guild_id):
                await self._jail(member, case)

    async def _jail(self, member: discord.Member, case: Case) -> None:
        role = await self._jail_of(member.guild)
        if role is None or any(map(member.get_role, jail_roles(case, role.id))):
            return
        try:
            await lock_up(member, role, f"Case #{case.case_number} still stands")
        except DISCORD_TROUBLE as error:
            log.warning("A member who came back could not be jailed in guild {}: {}", member.guild.id, error)

    async def _jail_of(self, guild: discord.Guild) -> discord.Role | None:
        role_id = await self.db.guild_config.get_jail_role_id(guild.id)
        return guild.get_role(role_id) if role_id is not None else None

    async def _work_off(
        self, claim: Callable[..., Awaitable[list[Case]]], handle: Callable[[discord.Guild, Case], Awaitable[None]]
    ) -> None:
        guilds = {guild.id: guild for guild in self.bot.guilds if not guild.unavailable}
        while guilds:
            claimed = await claim(list(guilds), limit=BATCH)
            for case in claimed:
                try:
                    await handle(guilds[case.guild_id], case)
                except DISCORD_TROUBLE as error:
                    log.warning("Case {} of guild {} has to wait: {}", case.case_number, case.guild_id, error)
                    pause = PAUSE if is_refusal(error) else SHORT_PAUSE
                    await self.cases.update_case(case.case_id, case_claimed_until=now() + pause)
            if len(claimed) < BATCH:
                return

    async def _end(self, guild: discord.Guild, case: Case) -> None:
        why = f"Case #{case.case_number} is over"
        if case.case_type == "TEMPBAN":
            await lift_ban(guild, case, why)
        elif case.case_type == "JAIL":
            role_id = await self.db.guild_config.get_jail_role_id(guild.id)
            member = await _find(guild, case.case_user_id)
            if member is not None:
                await free(member, jail_roles(case, role_id), case.case_user_roles, why)
        ended = await self.cases.end_case(case.case_id)
        if ended is not None:
            await show_case(self.bot, ended)

    async def _settle(self, guild: discord.Guild, case: Case) -> None:
        if case.case_type not in DISCORDS or await self._happened(guild, case):
            kind = self.cases.kinds().get(case.case_type)
            message_id = await post_case(self.bot, as_done(case), fresh=False)
            done = await self.cases.confirm_case(case, ends=kind.ends if kind else (), message_id=message_id)
            for closed in done.closed:
                await show_case(self.bot, closed)
            return
        voided = await self.cases.void(case.case_id, "The bot stopped before this was done.")
        if voided is not None:
            await show_case(self.bot, voided)

    async def _happened(self, guild: discord.Guild, case: Case) -> bool:
        """Say whether Discord is in the state that a case would have brought about."""
        if case.case_type in {"BAN", "HACKBAN", "TEMPBAN", "UNBAN"}:
            banned = await find_ban(guild, discord.Object(case.case_user_id)) is not None
            return banned is not (case.case_type == "UNBAN")
        member = await _find(guild, case.case_user_id)
        if case.case_type == "KICK":
            return member is None
        if member is None:
            return False
        if case.case_type == "TIMEOUT":
            until, wanted = member.timed_out_until, case.case_expires_at
            return until is not None and wanted is not None and abs(until - wanted) <= _ROUNDING
        if case.case_type == "UNTIMEOUT":
            return not member.is_timed_out()
        role_id = await self.db.guild_config.get_jail_role_id(guild.id)
        jailed = any(map(member.get_role, jail_roles(case, role_id)))
        return jailed is (case.case_type == "JAIL")


async def _find(guild: discord.Guild, user_id: int) -> discord.Member | None:
    """Return a member as Discord has them now: what is in memory may be older than the crash."""
    try:
        return await guild.fetch_member(user_id)
    except discord.NotFound:
        return None
