"""Who a row belongs to: plain Tortoise fields with a mark that privacy, the registry and managers read.

The mark is an attribute of the field and never a subclass: aerich would see the type of the field change.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from tortoise import fields
from tortoise.fields.relational import ForeignKeyFieldInstance

from tux.errors import TuxError

Forget = Literal["delete", "null", "keep"]
GUILD_MODEL = "models.Guild"
_ATTRIBUTE = "tux_mark"


@dataclass(frozen=True)
class FieldMark:
    """What a column identifies; `forget` and `reason` are set on columns that hold a user's id."""

    kind: Literal["guild_key", "guild_column", "user_column"]
    forget: Forget | None = None
    reason: str | None = None


def field_mark(field: object) -> FieldMark | None:
    """Return the mark of a field; the column behind a relation has the mark of its relation."""
    source: object = getattr(field, "reference", None) or field
    mark = vars(source).get(_ATTRIBUTE)
    return mark if isinstance(mark, FieldMark) else None


def is_guild_reference(field: object) -> bool:
    """Tell whether a field is a foreign key to the guild, made by `guild_key` or written out."""
    return isinstance(field, ForeignKeyFieldInstance) and field.model_name == GUILD_MODEL


def guild_key(*, related_name: str, **options: Any) -> Any:
    """Return a foreign key to the guild: column `guild_id`, gone with the guild.

    Args:
        related_name: what `Guild` calls the rows, e.g. "levels".
        options: further options of Tortoise's ForeignKeyField.
    """
    options.setdefault("source_field", "guild_id")
    make: Any = fields.ForeignKeyField
    key = make(GUILD_MODEL, related_name=related_name, on_delete=fields.CASCADE, **options)
    return _marked(key, FieldMark("guild_key"))


def guild_column(**options: Any) -> int:
    """Return a guild's id without a foreign key, for plugins that do not need the guild plugin."""
    field: int = _marked(fields.BigIntField(**options), FieldMark("guild_column"))
    return field


def user_column(*, forget: Forget, reason: str | None = None, **options: Any) -> int:
    """Return a user's id, with what happens to the row when that user asks for deletion.

    Args:
        forget: "delete" the row, set the column to "null", or "keep" it and say why.
        reason: why it is kept; shown to the user.
        options: further options of Tortoise's BigIntField.

    Raises:
        TuxError: "keep" without a reason, or "null" on a column that refuses NULL.
    """
    if forget not in ("delete", "null", "keep"):
        raise TuxError(f'user_column(forget={forget!r}): use "delete", "null" or "keep"')
    if forget == "keep" and not reason:
        raise TuxError('user_column(forget="keep") needs a reason: the user is told why the data stays')
    if forget == "null" and not options.setdefault("null", True):
        raise TuxError('user_column(forget="null") needs null=True, or the column could not be emptied')
    field: int = _marked(fields.BigIntField(**options), FieldMark("user_column", forget, reason))
    return field


def _marked(field: Any, mark: FieldMark) -> Any:
    vars(field)[_ATTRIBUTE] = mark
    return field
