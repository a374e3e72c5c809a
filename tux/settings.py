"""The settings of a project: `config/tux.toml`, then `config/.env`, then the environment; the later one wins."""

from __future__ import annotations

import os
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, SecretStr, ValidationError
from pydantic_settings import (
    BaseSettings,
    NoDecode,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)
from pydantic_settings import SettingsError as UnreadableValue

from tux.errors import SettingsError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from pydantic_core import ErrorDetails

TOML = Path("config/tux.toml")
ENV = Path("config/.env")
FAST = os.environ.get("TUX_FAST", "1") != "0"
"""Whether short ways are taken that change nothing but time; `TUX_FAST=0` is for finding out whether that is true."""


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


def _as_ids(value: object) -> object:
    """Take `1, 2` and `[1, 2]`, as the environment has it, and a single number for a list."""
    if isinstance(value, str):
        return [part for part in value.strip("[] ").replace(",", " ").split() if part]
    return [value] if isinstance(value, int) else value


class BotSettings(_Section):
    """How the bot presents itself on Discord."""

    prefix: str = Field(default="!", min_length=1, max_length=10)
    owner_ids: Annotated[frozenset[int], NoDecode, BeforeValidator(_as_ids)] = frozenset()
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
    _check_toml(toml, _read_text(toml))
    _read_text(env)

    class ProjectSettings(Settings):
        model_config = SettingsConfigDict(toml_file=toml, env_file=env, env_file_encoding="utf-8")

    strays = list(_strays(os.environ))
    try:
        found = ProjectSettings(root=root)
    except UnreadableValue as error:  # it names the key and not the value
        raise _wrong(root, [f"{error}: a section is set key by key, such as TUX_LOG__LEVEL", *strays]) from None
    except ValidationError as error:
        raise _wrong(root, [*map(_explain, error.errors(include_url=False, include_input=False)), *strays]) from None
    if strays:
        raise _wrong(root, strays)
    return found


def _read_text(file: Path) -> str:
    if not file.is_file():
        return ""
    try:
        text = file.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise SettingsError(f"{file} is not UTF-8 text (byte {error.start + 1}); save it as UTF-8") from None
    except OSError as error:
        raise SettingsError(f"{file} cannot be read: {error.strerror}") from None
    if text.startswith("\ufeff"):
        raise SettingsError(f"{file} begins with a byte order mark; save it as UTF-8 without one")
    return text


def _check_toml(file: Path, text: str) -> None:
    """Refuse what is no TOML, and what is a setting but has its place elsewhere."""
    try:
        keys = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise SettingsError(f"{file} is not valid TOML: {error}") from error
    elsewhere = {key for name, field in Settings.model_fields.items() for key in (name, field.alias) if field.alias}
    for key in keys:
        if key in elsewhere:
            raise SettingsError(f"{key} has no place in {file}, which git keeps; put it into {ENV} or the environment")


def _strays(environment: Iterable[str]) -> Iterator[str]:
    """Find variables that look like a setting of a section that does not exist: pydantic passes over them."""
    sections = [name for name, field in Settings.model_fields.items() if not field.alias and name != "root"]
    for name in environment:
        head, nested, _ = name.upper().removeprefix("TUX_").partition("__")
        if nested and name.upper().startswith("TUX_") and head.lower() not in sections:
            yield f"{name}: unknown setting; the sections are: {', '.join(sections)}"


def _wrong(root: Path, problems: list[str]) -> SettingsError:
    places = f"{root / TOML}, {root / ENV} or the environment"
    return SettingsError(f"wrong settings ({places}):\n  " + "\n  ".join(problems))


def _explain(problem: ErrorDetails) -> str:
    key = ".".join(str(part) for part in problem["loc"])
    if problem["type"] == "extra_forbidden":
        return f"{key}: unknown setting; known here: {', '.join(_known_keys(problem['loc'][:-1]))}"
    if problem["type"] == "model_type":
        return f"{key}: is a section; set its keys: {', '.join(_known_keys(problem['loc']))}"
    return f"{key}: {problem['msg']}"


def _known_keys(path: tuple[int | str, ...]) -> list[str]:
    model: type[BaseModel] = Settings
    for part in path:
        field = model.model_fields.get(str(part))
        if field is None or not isinstance(field.annotation, type) or not issubclass(field.annotation, BaseModel):
            return []
        model = field.annotation
    return sorted(field.alias or name for name, field in model.model_fields.items() if name != "root")
