"""The manifest of a plugin, the one object that its `__init__.py` holds, and what a manifest contributes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Generic, Literal, Self, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

T = TypeVar("T")

Snapshot = Mapping[str, Any]
"""What is in memory of a guild, by the names of parts; read it by a part: `PREFIX.of(snapshot)`."""

SNAPSHOT = "core.snapshot"
"""Under this a manifest contributes a tuple of `SnapshotPart`s."""

WITNESS = "core.witness"
"""Under this a manifest contributes a tuple of names of managers, whose `log_action` `tux.core.witness` tells of changes."""

PluginName = Annotated[str, Field(pattern=r"^[a-z][a-z0-9]*$", max_length=30)]


@dataclass(frozen=True)
class Picked:
    """Marks an id in a settings model, so that panels offer what the server has instead of asking for a number."""

    kind: Literal["role", "channel"]


RoleId = Annotated[int, Picked("role")]
"""In a plugin's settings: a role, `RoleId | None`, or a key or value of a mapping, such as `dict[RoleId, float]`."""

ChannelId = Annotated[int, Picked("channel")]
"""The same for a channel."""


def _as_tuple(value: object) -> object:
    """Refuse a bare string where names are listed: ("guild") is not ("guild",)."""
    if isinstance(value, str):
        msg = f'a tuple of names is needed; write ("{value}",)'
        raise ValueError(msg)  # noqa: TRY004 - pydantic reports ValueError as a wrong value
    return value


Names = Annotated[tuple[str, ...], BeforeValidator(_as_tuple)]


def _as_it_is(value: Any) -> Any:
    return value


@dataclass(frozen=True)
class SnapshotPart(Generic[T]):
    """A value that hot paths read of each guild, without a statement of its own.

    Args:
        name: plugin and part, such as "guild.prefix".
        sql: a SELECT of one value for the guild `$1`; several rows by array_agg or jsonb_object_agg (a text to decode).
        tables: all tables that it reads; a write of these drops the snapshot.
        default: what holds where it gives NULL or nothing.
        decode: makes the value, one that nobody can change, of what asyncpg gives.
    """

    name: str
    sql: str
    tables: tuple[str, ...]
    default: T
    decode: Callable[[Any], T] = _as_it_is

    def of(self, snapshot: Snapshot) -> T:
        """Return the part's value in a snapshot."""
        value: T = snapshot.get(self.name, self.default)
        return value


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

    @model_validator(mode="after")
    def _check_snapshot(self) -> Self:
        for part in self.contributes.get(SNAPSHOT, ()):
            if not isinstance(part, SnapshotPart) or not part.name.startswith(f"{self.name}.") or not part.tables:
                msg = f'{SNAPSHOT!r} takes SnapshotParts with a name such as "{self.name}.prefix" and their tables, got {part}'
                raise ValueError(msg)
        return self
