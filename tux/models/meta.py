"""The one way to what Tortoise knows about a model: `_meta`, which its own documentation tells extensions to use."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tortoise.models import Model


def meta_of(model: type[Model] | Model) -> Any:
    """Return Tortoise's record of a model: table, key, fields and their columns."""
    return model._meta  # noqa: SLF001  # pyright: ignore[reportPrivateUsage] - see above
