"""What a guild can set about snippets."""

from __future__ import annotations

from pydantic import BaseModel, Field


class SnippetSettings(BaseModel):
    """How snippets are recalled."""

    short_form: str = Field(
        default="$",
        max_length=3,
        pattern=r"^[^\w\s/@<#`]*$",
        description="What a name begins with to recall its snippet, as in $rules; empty for nothing",
    )
