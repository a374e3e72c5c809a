"""The settings of a project: `config/tux.toml`, then `config/.env`, then the environment; the later one wins."""

from __future__ import annotations

import os
import tomllib
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationError
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)

from tux.errors import SettingsError

TOML = Path("config/tux.toml")
ENV = Path("config/.env")
FAST = os.environ.get("TUX_FAST", "1") != "0"
"""Whether short ways are taken that change nothing but time; `TUX_FAST=0` is for finding out whether that is true."""


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class BotSettings(_Section):
    """How the bot presents itself on Discord."""

    prefix: str = Field(default="!", min_length=1, max_length=10)
    owner_ids: frozenset[int] = frozenset()
    sync_commands: bool = True
    purge_after_days: int = Field(default=30, ge=1)


class DatabaseSettings(_Section):
    """The connection pool; spans are in seconds."""

    pool_min_size: int = Field(default=1, ge=0)
    pool_max_size: int = Field(default=10, ge=1)
    acquire_timeout: float = Field(default=10, gt=0)
    connect_timeout: float = Field(default=10, gt=0)
    recycle_after: float = Field(default=1800, gt=0)
    statement_timeout: float = Field(default=30, ge=0)
    lock_timeout: float = Field(default=10, ge=0)
    idle_in_transaction_timeout: float = Field(default=60, ge=0)
    statement_cache_size: int = Field(default=1000, ge=0)
    application_name: str = Field(default="tux", min_length=1, max_length=63)
    auto_upgrade: bool | None = None
    migration_lock_seconds: float = Field(default=300, ge=0)


class LocalSettings(_Section):
    """The PostgreSQL that starts by itself when no URL is given."""

    folder: Path = Path(".tux")
    database: str = Field(default="tux", pattern=r"^[a-z][a-z0-9_]{0,62}$")


class LogSettings(_Section):
    """What is logged, and how."""

    level: Literal["TRACE", "DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"
    json_lines: bool = False


class HealthSettings(_Section):
    """Where `GET /healthz` is answered; without a port it is not."""

    host: str = Field(default="127.0.0.1", min_length=1)
    port: int | None = Field(default=None, ge=1, le=65535)


class PluginSettings(_Section):
    """Where plugins are looked for."""

    folder: Path = Path("plugins")
    entry_points: bool = True


class Settings(BaseSettings):
    """Every setting; `root` is the project's folder. Secrets come from the environment only."""

    model_config = SettingsConfigDict(
        env_prefix="TUX_", env_nested_delimiter="__", extra="forbid", frozen=True, populate_by_name=True
    )

    root: Path = Field(default=Path(), exclude=True)
    environment: Literal["dev", "prod"] | None = Field(default=None, alias="TUX_ENV")
    token: SecretStr | None = Field(default=None, alias="DISCORD_TOKEN")
    default_url: SecretStr | None = Field(default=None, alias="DATABASE_URL")
    dev_url: SecretStr | None = Field(default=None, alias="DEV_DATABASE_URL")
    prod_url: SecretStr | None = Field(default=None, alias="PROD_DATABASE_URL")
    bot: BotSettings = BotSettings()
    database: DatabaseSettings = DatabaseSettings()
    local: LocalSettings = LocalSettings()
    log: LogSettings = LogSettings()
    health: HealthSettings = HealthSettings()
    plugins: PluginSettings = PluginSettings()

    @property
    def database_url(self) -> str | None:
        """The URL that `TUX_ENV` picks, else `DATABASE_URL`, else None: the local PostgreSQL."""
        chosen = {"dev": self.dev_url, "prod": self.prod_url, None: None}[self.environment] or self.default_url
        return chosen.get_secret_value() or None if chosen else None

    def path(self, relative: Path) -> Path:
        """Return a path of the settings as an absolute one; relative ones start at the project's folder."""
        return relative if relative.is_absolute() else self.root / relative

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003 - pydantic's signature; no secrets folder here
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Put the TOML file last, so that the environment wins over it."""
        toml = TomlConfigSettingsSource(settings_cls, settings_cls.model_config.get("toml_file"))
        return init_settings, env_settings, dotenv_settings, toml


def find_root(start: Path | None = None) -> Path:
    """Return the project's folder: `TUX_ROOT`, else the nearest folder upwards that holds config/tux.toml.

    Raises:
        SettingsError: there is none.
    """
    if given := os.environ.get("TUX_ROOT"):
        root = Path(given).expanduser().resolve()
        if (root / TOML).is_file():
            return root
        msg = f"TUX_ROOT is {root}, but {TOML} is not there; point it at the folder that holds {TOML}"
        raise SettingsError(msg)
    here = (start or Path.cwd()).resolve()
    for folder in (here, *here.parents):
        if (folder / TOML).is_file():
            return folder
    msg = f"no {TOML} in {here} or above; run this inside a Tux project, or set TUX_ROOT to its folder"
    raise SettingsError(msg)


def load_settings(root: Path | None = None) -> Settings:
    """Read the settings of the project at `root` (default: `find_root()`).

    Raises:
        SettingsError: a key is unknown or a value is wrong; each is named, with the place it can come from.
    """
    root = find_root() if root is None else root.resolve()
    toml, env = root / TOML, root / ENV

    class ProjectSettings(Settings):
        model_config = SettingsConfigDict(toml_file=toml, env_file=env)

    try:
        return ProjectSettings(root=root)
    except tomllib.TOMLDecodeError as error:
        msg = f"{root / TOML} is not valid TOML: {error}"
        raise SettingsError(msg) from error
    except ValidationError as error:
        raise SettingsError(_explain(error, root)) from None


def _explain(error: ValidationError, root: Path) -> str:
    lines: list[str] = []
    for problem in error.errors(include_url=False, include_input=False):
        key = ".".join(str(part) for part in problem["loc"])
        known = _known_keys(problem["loc"][:-1])
        if problem["type"] == "extra_forbidden":
            lines.append(f"{key}: unknown setting; known here: {', '.join(known)}")
        else:
            lines.append(f"{key}: {problem['msg']}")
    return f"wrong settings ({root / TOML}, {root / ENV} or the environment):\n  " + "\n  ".join(lines)


def _known_keys(path: tuple[int | str, ...]) -> list[str]:
    model: type[BaseModel] = Settings
    for part in path:
        field = model.model_fields.get(str(part))
        if field is None or not isinstance(field.annotation, type) or not issubclass(field.annotation, BaseModel):
            return []
        model = field.annotation
    return sorted(field.alias or name for name, field in model.model_fields.items() if name != "root")
