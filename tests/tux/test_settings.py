from __future__ import annotations

import pytest

from tux.errors import SettingsError
from tux.settings import find_root, load_settings


@pytest.fixture
def project(tmp_path, monkeypatch):
    for name in ("DATABASE_URL", "DEV_DATABASE_URL", "PROD_DATABASE_URL", "TUX_ENV", "DISCORD_TOKEN", "TUX_ROOT"):
        monkeypatch.delenv(name, raising=False)
    (tmp_path / "config").mkdir()
    (tmp_path / "config" / "tux.toml").write_text("")
    return tmp_path


def write(project, text):
    (project / "config" / "tux.toml").write_text(text)


def test_an_empty_file_gives_the_defaults(project):
    settings = load_settings(project)
    assert settings.bot.prefix == "!"
    assert settings.database_url is None


def test_the_environment_wins_over_the_file(project, monkeypatch):
    write(project, '[bot]\nprefix = "?"\n')
    assert load_settings(project).bot.prefix == "?"
    monkeypatch.setenv("TUX_BOT__PREFIX", "%")
    assert load_settings(project).bot.prefix == "%"


def test_the_env_file_lies_between_both(project, monkeypatch):
    (project / "config" / ".env").write_text("DATABASE_URL=postgresql://file/tux\nDISCORD_TOKEN=abc\n")
    settings = load_settings(project)
    assert settings.database_url == "postgresql://file/tux"
    assert settings.token is not None
    monkeypatch.setenv("DATABASE_URL", "postgresql://environment/tux")
    assert load_settings(project).database_url == "postgresql://environment/tux"


@pytest.mark.parametrize(("environment", "url"), [("dev", "postgresql://d/x"), ("prod", "postgresql://p/x")])
def test_tux_env_picks_the_url(project, monkeypatch, environment, url):
    monkeypatch.setenv("DATABASE_URL", "postgresql://plain/x")
    monkeypatch.setenv("DEV_DATABASE_URL", "postgresql://d/x")
    monkeypatch.setenv("PROD_DATABASE_URL", "postgresql://p/x")
    assert load_settings(project).database_url == "postgresql://plain/x"
    monkeypatch.setenv("TUX_ENV", environment)
    assert load_settings(project).database_url == url


def test_without_an_own_url_the_environment_falls_back_to_the_plain_one(project, monkeypatch):
    monkeypatch.setenv("TUX_ENV", "prod")
    monkeypatch.setenv("DATABASE_URL", "postgresql://plain/x")
    assert load_settings(project).database_url == "postgresql://plain/x"


def test_an_unknown_key_is_named_with_those_that_exist(project):
    write(project, '[bot]\nprefx = "?"\n')
    with pytest.raises(
        SettingsError,
        match=r"bot\.prefx: unknown setting; known here: owner_ids, prefix, purge_after_days, sync_commands",
    ):
        load_settings(project)


def test_a_wrong_value_is_named(project):
    write(project, "[database]\npool_max_size = 0\n")
    with pytest.raises(SettingsError, match=r"database\.pool_max_size: .*greater than or equal to 1"):
        load_settings(project)


def test_broken_toml_is_named(project):
    write(project, "[bot\n")
    with pytest.raises(SettingsError, match=r"tux\.toml is not valid TOML"):
        load_settings(project)


@pytest.mark.parametrize("file", ["tux.toml", ".env"])
@pytest.mark.parametrize(
    ("content", "words"),
    [(b"# caf\xe9\n", r"is not UTF-8 text \(byte 6\)"), (b"\xef\xbb\xbf# x\n", "begins with a byte order mark")],
)
def test_a_file_in_another_encoding_is_named(project, file, content, words):
    (project / "config" / file).write_bytes(content)
    with pytest.raises(SettingsError, match=rf"config/{file} {words}"):
        load_settings(project)


@pytest.mark.parametrize("key", ["DISCORD_TOKEN", "token", "DATABASE_URL", "TUX_ENV"])
def test_what_belongs_into_the_environment_is_refused_in_the_file_that_git_keeps(project, key):
    write(project, f'{key} = "hunter2"\n')
    with pytest.raises(SettingsError, match=rf"{key} has no place in .*tux\.toml.*put it into config/\.env") as caught:
        load_settings(project)
    assert "hunter2" not in str(caught.value)


@pytest.mark.parametrize("name", ["TUX_BOTS__PREFIX", "tux_bots__prefix"])
def test_a_variable_of_an_unknown_section_is_named_with_the_sections(project, monkeypatch, name):
    monkeypatch.setenv(name, "?")
    monkeypatch.setenv("TUX_LOG__LEVEL", "LOUD")
    with pytest.raises(SettingsError, match=rf"{name}: unknown setting; the sections are: bot, ") as caught:
        load_settings(project)
    assert "log.level: " in str(caught.value)
    monkeypatch.setenv("TUX_LOG__LEVEL", "DEBUG")
    with pytest.raises(SettingsError, match=f"{name}: unknown setting"):
        load_settings(project)


@pytest.mark.parametrize(("value", "words"), [("loud", 'field "log"'), ("1", "log: is a section; set its keys: json")])
def test_a_section_that_is_set_as_a_whole_is_named(project, monkeypatch, value, words):
    monkeypatch.setenv("TUX_LOG", value)
    with pytest.raises(SettingsError, match=words):
        load_settings(project)


@pytest.mark.parametrize(
    ("text", "ids"),
    [("12", {12}), ("12, 13", {12, 13}), ("[12,13]", {12, 13}), ("12 13", {12, 13}), ("", set())],
)
def test_the_owners_are_listed_in_the_environment_as_one_would_write_them(project, monkeypatch, text, ids):
    monkeypatch.setenv("TUX_BOT__OWNER_IDS", text)
    assert load_settings(project).bot.owner_ids == ids


def test_a_single_owner_in_the_file_needs_no_list(project):
    write(project, "[bot]\nowner_ids = 12\n")
    assert load_settings(project).bot.owner_ids == {12}


def test_secrets_do_not_show(project, monkeypatch):
    monkeypatch.setenv("DATABASE_URL", "postgresql://me:hunter2@host/x")
    monkeypatch.setenv("DISCORD_TOKEN", "topsecret")
    shown = repr(load_settings(project))
    assert "hunter2" not in shown
    assert "topsecret" not in shown


def test_the_root_is_found_from_a_folder_below(project):
    below = project / "plugins" / "levels"
    below.mkdir(parents=True)
    assert find_root(below) == project.resolve()


def test_outside_of_a_project_the_error_says_what_to_do(tmp_path, monkeypatch):
    monkeypatch.delenv("TUX_ROOT", raising=False)
    with pytest.raises(SettingsError, match=r"run this inside a Tux project, or set TUX_ROOT"):
        find_root(tmp_path)


def test_a_wrong_tux_root_is_named(tmp_path, monkeypatch):
    monkeypatch.setenv("TUX_ROOT", str(tmp_path / "nowhere"))
    with pytest.raises(SettingsError, match=r"TUX_ROOT is .*nowhere"):
        find_root()
