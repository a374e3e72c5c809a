"""What a guild can set about levels."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import BaseModel, Field

from tux.plugin import ChannelId, RoleId

if TYPE_CHECKING:
    from collections.abc import Iterable

MAX_LEVEL = 1000
MAX_FACTOR = 10.0
# Powers of it over a year stay far from where a double ends.
MAX_DECAY_PERCENT = 50

Level = Annotated[int, Field(ge=1, le=MAX_LEVEL)]
Factor = Annotated[float, Field(ge=0, le=MAX_FACTOR)]


class LevelSettings(BaseModel):
    """How members earn XP, and what a level brings."""

    xp_per_message: int = Field(default=15, ge=1, le=1000, description="XP that a message earns")
    cooldown_seconds: int = Field(
        default=60, ge=0, le=86_400, description="Seconds in which further messages of a member earn nothing"
    )
    max_level: int = Field(
        default=0, ge=0, le=MAX_LEVEL, description="The level at which messages stop earning; 0 for none"
    )
    notice: Literal["here", "direct", "off"] = Field(
        default="here", description="Where a new level is told: in the channel, by direct message, or nowhere"
    )
    keep_rewards: bool = Field(default=True, description="Whether members keep the roles of the levels below theirs")
    decay_percent: int = Field(
        default=0, ge=0, le=MAX_DECAY_PERCENT, description="Per cent of the XP that a day of silence takes; 0 for none"
    )
    decay_after_days: int = Field(
        default=30, ge=1, le=3650, description="Days of silence before XP begins to go, where it does"
    )
    rewards: dict[Level, RoleId] = Field(
        default_factory=dict[int, int], description="Roles by the level that brings them: /levels reward"
    )
    role_factors: dict[RoleId, Factor] = Field(
        default_factory=dict[int, float], description="Factors of XP by role: /levels role-factor"
    )
    channel_factors: dict[ChannelId, Factor] = Field(
        default_factory=dict[int, float], description="Factors of XP by channel: /levels channel-factor"
    )

    @property
    def cooldown(self) -> timedelta:
        """The cooldown as a span."""
        return timedelta(seconds=self.cooldown_seconds)

    def xp_of_message(self, role_ids: Iterable[int], channel_ids: Iterable[int]) -> int:
        """Return what a message earns: whole points, so that sums stay exact.

        Of a member's roles the highest factor counts, of a thread and its channel the thread's.
        """
        by_role = [self.role_factors[role_id] for role_id in role_ids if role_id in self.role_factors]
        by_channel = [self.channel_factors[place] for place in channel_ids if place in self.channel_factors]
        factor = max(by_role, default=1.0) * (by_channel[0] if by_channel else 1.0)
        return max(1, round(self.xp_per_message * factor)) if factor else 0

    def roles_at(self, level: int) -> set[int]:
        """Return the ids of the roles that belong to a level."""
        reached = sorted(each for each in self.rewards if each <= level)
        return {self.rewards[each] for each in (reached if self.keep_rewards else reached[-1:])}
