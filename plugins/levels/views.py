"""How levels look: in notices, of one member, on the leaderboard, and what a guild chose."""

from __future__ import annotations

from typing import TYPE_CHECKING

from plugins.levels.formula import xp_of
from tux.ui import info, success
from tux.ui.scroll import ROWS

if TYPE_CHECKING:
    import discord

    from plugins.levels.models import MemberLevel
    from plugins.levels.settings import LevelSettings
    from tux.manager.keyset import CursorPage

BAR_LENGTH = 10
# Lines of about 50 characters, in a field of at most 1,024.
MAX_LINES = 19


def notice_embed(member: discord.abc.User, level: int, settings: LevelSettings) -> discord.Embed:
    """Return what is told when a member reaches a level, with the role that it brings."""
    role_id = settings.rewards.get(level)
    brings = f" and gets <@&{role_id}>" if role_id else ""
    return success(f"Level {level}", f"{member.mention} reached level {level}{brings}.")


def rank_embed(member: discord.abc.User, row: MemberLevel | None, position: int | None) -> discord.Embed:
    """Return what a member has, how far the next level is, and their position."""
    if row is None:
        return info(f"Rank of {member.display_name}", "No XP yet: it comes with messages.")
    begin, end = xp_of(row.level), xp_of(row.level + 1)
    done = min(BAR_LENGTH, max(0, int(BAR_LENGTH * (row.xp - begin) / (end - begin))))
    embed = info(f"Rank of {member.display_name}", "▰" * done + "▱" * (BAR_LENGTH - done))
    embed.add_field(name="Level", value=str(row.level))
    embed.add_field(name="XP", value=f"{row.xp:,.0f} of {end:,.0f}")
    embed.add_field(name="Position", value=f"#{position}" if position else "none: not counted here")
    return embed


class Board:
    """Shows the pages of one leaderboard as somebody turns them; members with as much share a place, also across pages."""

    def __init__(self) -> None:
        # By page: the place and the points with which it ends. A page is only shown after the one before it.
        self._ends: dict[int, tuple[int, float | None]] = {}

    def __call__(self, page: CursorPage[MemberLevel], number: int) -> discord.Embed:
        """Return one page of the leaderboard."""
        lines: list[str] = []
        place, before = self._ends.get(number - 1, (0, None))
        for position, row in enumerate(page.items, start=(number - 1) * ROWS + 1):
            place = place if row.xp == before else position
            before = row.xp
            lines.append(f"**{place}.** <@{row.member_id}>: level {row.level}, {row.xp:,.0f} XP")
        self._ends[number] = (place, before)
        embed = info("Leaderboard", "\n".join(lines) or "Nobody has earned XP yet: it comes with messages.")
        if page.has_next or number > 1:
            embed.set_footer(text=f"Page {number}")
        return embed


def settings_embed(settings: LevelSettings) -> discord.Embed:
    """Return how members of a guild earn XP, and what levels bring."""
    earns = f"A message earns {settings.xp_per_message} XP, the next one {settings.cooldown_seconds} s later."
    if settings.max_level:
        earns += f" Messages earn nothing from level {settings.max_level} on."
    if settings.decay_percent:
        earns += f" After {settings.decay_after_days} days of silence {settings.decay_percent} % go each day."
    embed = info("Levels", earns)
    rewards = [f"Level {level}: <@&{role_id}>" for level, role_id in sorted(settings.rewards.items())]
    factors = [f"<@&{role_id}>: x{factor:g}" for role_id, factor in settings.role_factors.items()]
    factors += [f"<#{channel_id}>: x{factor:g}" for channel_id, factor in settings.channel_factors.items()]
    embed.add_field(name="Rewards", value=_field(rewards) or "None yet: `/levels reward`.")
    embed.add_field(name="Factors", value=_field(factors) or "None yet: `/levels role-factor`.")
    return embed


def _field(lines: list[str]) -> str:
    more = [f"and {len(lines) - MAX_LINES} more"] if len(lines) > MAX_LINES else []
    return "\n".join(lines[:MAX_LINES] + more)
