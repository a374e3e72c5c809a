"""What a guild can choose about its audit log."""

from __future__ import annotations

from pydantic import BaseModel, Field

DEFAULT_DAYS = 90


class AuditSettings(BaseModel):
    """Settings of the audit plugin in a guild."""

    retention_days: int = Field(
        default=DEFAULT_DAYS, ge=1, le=3650, description="How many days a change stays in the audit log"
    )
