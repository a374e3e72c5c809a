"""What a guild can choose about members who are away."""

from __future__ import annotations

from pydantic import BaseModel, Field


class AfkSettings(BaseModel):
    """Settings of the afk plugin in a guild."""

    mark_nicknames: bool = Field(default=True, description="Write [AFK] before the names of members who are away")
    tell_mentioners: bool = Field(default=True, description="Tell who mentions a member who is away that they are")
