"""Database URLs: what they mean, and the Tortoise connection that the settings and a URL make."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import SplitResult, parse_qsl, unquote, urlsplit

from tux.errors import SettingsError

if TYPE_CHECKING:
    from tux.settings import DatabaseSettings, Settings

ENGINE: Final = "tux.database.engine"
DEFAULT_PORT: Final = 5432
SCHEMES: Final = ("postgresql", "postgres", "asyncpg", "postgresql+asyncpg")
SSL_MODES: Final = ("disable", "allow", "prefer", "require", "verify-ca", "verify-full")
_SSL_WORDS: Final = {
    "true": "require",
    "on": "require",
    "1": "require",
    "false": "disable",
    "off": "disable",
    "0": "disable",
}
_OPTIONS: Final = ("application_name", "host", "search_path", "ssl", "sslmode", "statement_cache_size")

# The client waits longer than the server, so that a statement is ended by the server when that still answers.
GRACE_SECONDS: Final = 5.0


@dataclass(frozen=True, slots=True)
class DatabaseUrl:
    """A URL taken apart; its repr and `label` hold no password."""

    host: str
    port: int
    database: str
    user: str | None = None
    password: str | None = field(default=None, repr=False)
    ssl: str | None = None
    options: tuple[tuple[str, str], ...] = ()

    @property
    def label(self) -> str:
        """Where it points to: "host:port/database"."""
        return f"{self.host}:{self.port}/{self.database}"


def parse_url(text: str) -> DatabaseUrl:
    """Take a URL apart: postgresql://user:password@host:port/database?sslmode=require, or ?host=/folder for a socket.

    Raises:
        SettingsError: something in it is wrong or unknown; says what, and never shows the password.
    """
    try:
        parts = urlsplit(text.strip())
        port = parts.port
    except ValueError:
        raise SettingsError(
            "the database URL has a wrong host or port; write postgresql://user@host:5432/name"
        ) from None
    if parts.scheme not in SCHEMES:
        raise SettingsError(
            f"the database URL {f'starts with {parts.scheme}://' if parts.scheme else 'has no scheme'}; write "
            f"postgresql://user@host:5432/name (Tux takes {_listed(SCHEMES)})"
        )
    if "," in parts.netloc.rpartition("@")[2]:
        raise SettingsError("the database URL names several hosts; name one, or a proxy in front of them")
    options = _options(parts)
    database = unquote(parts.path.removeprefix("/"))
    if not database or "/" in database:
        raise SettingsError("the database URL must end with one database name: postgresql://user@host:5432/name")
    return DatabaseUrl(
        host=options.pop("host", "") or unquote(parts.hostname or "") or "localhost",
        port=port or DEFAULT_PORT,
        database=database,
        user=unquote(parts.username) if parts.username else None,
        password=unquote(parts.password) if parts.password else None,
        ssl=_ssl_mode(options),
        options=tuple(sorted(options.items())),
    )


def _options(parts: SplitResult) -> dict[str, str]:
    options = dict(parse_qsl(parts.query, keep_blank_values=True))
    for name in options:
        if name not in _OPTIONS:
            raise SettingsError(f"the database URL has an unknown option {name!r}; Tux takes {_listed(_OPTIONS)}")
    if not re.fullmatch(r"\d{0,6}", options.get("statement_cache_size", "")):
        raise SettingsError("statement_cache_size in the database URL is not a number; 0 suits a proxy like pgbouncer")
    return options


def _ssl_mode(options: dict[str, str]) -> str | None:
    asked = options.pop("ssl", None)
    asked = options.pop("sslmode", asked)
    mode = _SSL_WORDS.get(asked, asked) if asked else None
    if mode is not None and mode not in SSL_MODES:
        raise SettingsError(f"the database URL asks for sslmode {mode!r}; there are {_listed(SSL_MODES)}")
    return mode


def _listed(words: tuple[str, ...]) -> str:
    return ", ".join(words)


def connection_config(settings: Settings, url: str | None) -> dict[str, Any]:
    """Return the Tortoise connection for a URL, or for the local PostgreSQL without one; opens nothing.

    Raises:
        SettingsError: the URL is wrong.
    """
    limits = settings.database
    credentials: dict[str, Any] = {
        "minsize": min(limits.pool_min_size, limits.pool_max_size),
        "maxsize": limits.pool_max_size,
        "acquire_timeout": limits.acquire_timeout,
        "recycle_after": limits.recycle_after,
        "timeout": limits.connect_timeout,
        "statement_cache_size": limits.statement_cache_size,
        "application_name": limits.application_name,
        "server_settings": _server_settings(limits),
    }
    if limits.statement_timeout:
        credentials["command_timeout"] = limits.statement_timeout + GRACE_SECONDS
    if url is None:
        folder = str(settings.path(settings.local.folder))
        credentials |= {"local": folder, "database": settings.local.database}
    else:
        credentials |= _address(parse_url(url))
    return {"engine": ENGINE, "credentials": credentials}


def _server_settings(limits: DatabaseSettings) -> dict[str, str]:
    """Return what each session starts with; a limit of 0 is not sent at all, as proxies refuse what they do not know."""
    spans = {
        "statement_timeout": limits.statement_timeout,
        "lock_timeout": limits.lock_timeout,
        "idle_in_transaction_session_timeout": limits.idle_in_transaction_timeout,
    }
    return {name: f"{round(span * 1000)}ms" for name, span in spans.items() if span}


def _address(url: DatabaseUrl) -> dict[str, Any]:
    found: dict[str, Any] = {
        "host": url.host,
        "port": url.port,
        "user": url.user,
        "password": url.password,
        "database": url.database,
    }
    if url.ssl:
        found["ssl"] = url.ssl
    for name, value in url.options:
        if name == "statement_cache_size":
            found[name] = int(value or 0)
        else:
            found["schema" if name == "search_path" else name] = value
    return found
