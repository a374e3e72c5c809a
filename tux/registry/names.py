"""Publishes what plugins register under the import paths that existing callers use.

`from tux.database.models import Case` and `from tux.database.controllers import CaseController` resolve once the plugin
is registered, although tux imports no plugin.
"""

from __future__ import annotations

import inspect
from enum import Enum
from typing import TYPE_CHECKING, Any

from tortoise import Model

from tux.database import controllers, models
from tux.manager import Manager

if TYPE_CHECKING:
    from types import ModuleType


def publish_names(module: ModuleType) -> None:
    """Put the models, enums and managers that `module` defines into tux.database.models and .controllers."""
    members: list[tuple[str, type[Any]]] = inspect.getmembers_static(module, inspect.isclass)
    for name, member in members:
        if not f"{member.__module__}.".startswith(f"{module.__name__}."):
            continue
        if issubclass(member, Manager):
            controllers.published[name] = member
            controllers.published[name.removesuffix("Manager") + "Controller"] = member
        elif issubclass(member, Model | Enum):
            models.published[name] = member
