"""What a guild can choose about its moderation."""

from __future__ import annotations

from pydantic import BaseModel, Field


class ModerationSettings(BaseModel):
    """Settings of the moderation plugin in a guild."""

    tell_members: bool = Field(default=True, description="Send members a message about what was done to them, and why")
    confirm_bans: bool = Field(
        default=True, description="Ask before a single user is banned; several are always asked for"
    )
