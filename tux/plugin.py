"""The manifest of a plugin, the one object that its `__init__.py` holds."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

PluginName = Annotated[str, Field(pattern=r"^[a-z][a-z0-9]*$", max_length=30)]


def _as_tuple(value: object) -> object:
    """Refuse a bare string where names are listed: ("guild") is not ("guild",)."""
    if isinstance(value, str):
        msg = f'a tuple of names is needed; write ("{value}",)'
        raise ValueError(msg)  # noqa: TRY004 - pydantic reports ValueError as a wrong value
    return value


Names = Annotated[tuple[str, ...], BeforeValidator(_as_tuple)]


class Plugin(BaseModel):
    """What a plugin says of itself; unknown keys are refused.

    `name` is the folder, the prefix of the tables, the key of the settings and the label in logs. `needs` are plugins
    that must be ready first, `after` only orders, `requires` are PEP 508 requirements, checked but never installed.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, arbitrary_types_allowed=True)

    name: PluginName
    summary: str = Field(min_length=1, max_length=200)
    version: str = Field(pattern=r"^\d+(\.\d+)*([a-z0-9.+-]*)$")
    needs: Names = ()
    after: Names = ()
    requires: Names = ()
    tux: str = ""
    settings: type[BaseModel] | None = None
    contributes: Mapping[str, Any] = Field(default_factory=dict)
    default_on: bool = True
    intents: Names = ()
    privacy: Literal["none", "members"] = "members"
