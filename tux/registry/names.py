"""Publishes what plugins register under the import paths that existing callers use.

`from tux.database.models import Case` and `from tux.database.controllers import CaseController` resolve once the plugin
is registered, although tux imports no plugin.
"""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING

from tortoise import Model

from tux.database import controllers, models
from tux.manager import Manager
from tux.registry.discovery import own_classes

if TYPE_CHECKING:
    from types import ModuleType


def publish_names(module: ModuleType) -> None:
    """Put the models, enums and managers that `module` defines into tux.database.models and .controllers."""
    for name, member in own_classes(module):
        if issubclass(member, Manager):
            controllers.published[name] = member
            controllers.published[name.removesuffix("Manager") + "Controller"] = member
        elif issubclass(member, Model | Enum):
            models.published[name] = member
