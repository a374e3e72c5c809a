"""What aerich needs of a project: its settings, ledger, plugins, and the Tortoise config made of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tux.migrations.connection import migration_connection
from tux.migrations.ledger import Ledger, read_ledger
from tux.registry import APP, Registry
from tux.settings import Settings, load_settings

if TYPE_CHECKING:
    from pathlib import Path


TortoiseConfig = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Project:
    """A project as migrations see it; making one starts nothing and connects to nothing."""

    root: Path
    settings: Settings
    ledger: Ledger
    registry: Registry

    @classmethod
    def load(cls, root: Path) -> Project:
        """Read the project at `root` and import its plugins; broken ones are in the registry's records.

        Raises:
            SettingsError: the settings or the ledger are wrong.
        """
        settings, ledger = load_settings(root), read_ledger(root)
        return cls(root, settings, ledger, Registry.load(root, settings, off=ledger.off))

    def tortoise_config(self) -> TortoiseConfig:
        """Return the config for Tortoise: one app with every plugin's models and aerich's own."""
        return {
            "connections": {"default": migration_connection(self.settings, self.settings.database_url)},
            "apps": {
                APP: {"models": [*self.registry.model_modules(), "aerich.models"], "default_connection": "default"}
            },
            "use_tz": True,
            "timezone": "UTC",
        }
