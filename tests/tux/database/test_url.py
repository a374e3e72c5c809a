"""Database URLs, and the Tortoise connection that comes of them."""

from __future__ import annotations

from pathlib import Path

import pytest

from tux.database.url import connection_config, parse_url
from tux.errors import SettingsError
from tux.settings import DatabaseSettings, Settings


@pytest.mark.parametrize("scheme", ["postgresql", "postgres", "asyncpg", "postgresql+asyncpg"])
def test_all_four_schemes_mean_the_same(scheme):
    url = parse_url(f"{scheme}://ann:secret@db.example:6543/tux")
    assert (url.host, url.port, url.user, url.password, url.database) == ("db.example", 6543, "ann", "secret", "tux")


def test_what_is_left_out_has_a_default():
    url = parse_url("postgresql:///tux")
    assert (url.host, url.port, url.user, url.password, url.ssl) == ("localhost", 5432, None, None, None)


def test_quoted_characters_are_unquoted():
    url = parse_url("postgresql://a%40b:p%2Fw%3A%40%20d@[::1]:1/my%20db")
    assert (url.user, url.password, url.host, url.database) == ("a@b", "p/w:@ d", "::1", "my db")


def test_a_socket_folder_is_a_host():
    url = parse_url("postgresql://postgres@/tux?host=/var/run/post%20gres")
    assert (url.host, url.database) == ("/var/run/post gres", "tux")


@pytest.mark.parametrize(
    ("query", "mode"),
    [
        ("sslmode=require", "require"),
        ("ssl=disable", "disable"),
        ("ssl=true", "require"),
        ("ssl=0", "disable"),
        ("sslmode=verify-full&ssl=false", "verify-full"),
        ("", None),
    ],
)
def test_ssl_modes(query, mode):
    assert parse_url(f"postgres://h/d?{query}").ssl == mode
    credentials = connection_config(Settings(), f"postgres://h/d?{query}")["credentials"]
    assert credentials.get("ssl") == mode


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "has no scheme; write postgresql://"),
        ("sqlite://x.db", "sqlite://"),
        ("mysql://ann:sesame@h/d", "mysql://"),
        ("postgresql://ann:sesame@h", "database name"),
        ("postgresql://ann:sesame@h/a/b", "database name"),
        ("postgresql://ann:sesame@h:port/d", "wrong host or port"),
        ("postgresql://ann:sesame@h:99999/d", "wrong host or port"),
        ("postgresql://ann:sesame@[::1/d", "wrong host or port"),
        ("postgresql://ann:sesame@h1:1,h2:2/d", "host"),
        ("postgresql://ann:sesame@h/d?sslmode=please", "please"),
        ("postgresql://ann:sesame@h/d?pool=3", "'pool'"),
        ("postgresql://ann:sesame@h/d?statement_cache_size=many", "statement_cache_size"),
    ],
)
def test_a_wrong_url_is_refused_with_its_reason_and_without_its_password(text, reason):
    with pytest.raises(SettingsError, match="database URL") as caught:
        parse_url(text)
    assert reason in str(caught.value)
    assert "sesame" not in str(caught.value)
    assert caught.value.__cause__ is None


def test_neither_label_nor_repr_show_the_password():
    url = parse_url("postgresql://ann:sesame@h:1/d")
    assert url.label == "h:1/d"
    assert "sesame" not in repr(url)


def test_settings_and_url_become_a_tortoise_connection():
    limits = DatabaseSettings(
        pool_min_size=2,
        pool_max_size=7,
        acquire_timeout=3,
        connect_timeout=4,
        recycle_after=60,
        statement_timeout=1.5,
        lock_timeout=0,
        idle_in_transaction_timeout=9,
        statement_cache_size=50,
        application_name="bot",
    )
    config = connection_config(
        Settings(database=limits), "postgresql://ann:pw@h:1/d?application_name=mine&search_path=a"
    )
    assert config["engine"] == "tux.database.engine"
    assert config["credentials"] == {
        "host": "h",
        "port": 1,
        "user": "ann",
        "password": "pw",
        "database": "d",
        "schema": "a",
        "minsize": 2,
        "maxsize": 7,
        "acquire_timeout": 3,
        "recycle_after": 60,
        "timeout": 4,
        "statement_cache_size": 50,
        "command_timeout": 6.5,
        "application_name": "mine",
        "server_settings": {"statement_timeout": "1500ms", "idle_in_transaction_session_timeout": "9000ms"},
    }


def test_no_statement_timeout_means_none_in_the_client_either():
    limits = DatabaseSettings(statement_timeout=0)
    assert "command_timeout" not in connection_config(Settings(database=limits), "postgres://h/d")["credentials"]


def test_a_proxy_that_keeps_no_statements_is_named_in_the_url():
    credentials = connection_config(Settings(), "postgres://h/d?statement_cache_size=0")["credentials"]
    assert credentials["statement_cache_size"] == 0


def test_without_a_url_the_connection_names_the_local_folder():
    credentials = connection_config(Settings(root=Path("/project")), None)["credentials"]
    assert (credentials["local"], credentials["database"]) == ("/project/.tux", "tux")
    assert "host" not in credentials
