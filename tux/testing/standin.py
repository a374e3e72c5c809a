"""A `db` without a database, for authors who unit-test a cog that way."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from unittest.mock import AsyncMock, MagicMock, create_autospec

from tux.registry import RESERVED

if TYPE_CHECKING:
    from tux.manager import Manager


def stand_in(*managers: type[Manager[Any]]) -> Any:
    """Return mocks of managers as a coordinator hands them out, by name and by class; nothing else is there.

    A method that the manager does not have, or arguments that it does not take, are errors as with the real one.
    """
    made = {manager: create_autospec(manager, instance=True) for manager in managers}
    names = {manager.name: mock for manager, mock in made.items()}
    db = MagicMock(spec_set=["__getitem__", *RESERVED, *names])
    db.configure_mock(**names, emit=AsyncMock(), on_commit=AsyncMock())
    db.__getitem__.side_effect = made.__getitem__
    return db
