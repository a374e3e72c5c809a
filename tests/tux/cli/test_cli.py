"""What a maintainer types: one clear line for what is wrong, and honest exit codes."""

from __future__ import annotations

import json
import shutil
import sys
from pathlib import Path

import pytest
import pytest_asyncio
from loguru import logger
from support import CLEARED, copy_project, run_in
from typer.testing import CliRunner

import tux
from tux.cli import common, db
from tux.cli.app import app
from tux.errors import PluginError
from tux.runtime import load_registry
from tux.settings import load_settings
from tux.testing import scratch_database

BIN = Path(sys.executable).parent
DEAD = "postgresql://tux:hunter2@127.0.0.1:1/nowhere"


@pytest.fixture(scope="module")
def pristine(tmp_path_factory):
    return copy_project(tmp_path_factory.mktemp("pristine") / "project")


@pytest.fixture
def project(pristine, tmp_path, monkeypatch):
    """A copy of the project, as the current folder."""
    root = tmp_path / "project"
    shutil.copytree(pristine, root, ignore=shutil.ignore_patterns("__pycache__"))
    for name in CLEARED:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(root)
    monkeypatch.setattr(sys, "path", list(sys.path))
    # it would take away the sinks by which the fixtures of this process hear of errors
    monkeypatch.setattr(common, "configure_logging", lambda _settings: None)
    before = set(sys.modules)
    yield root
    logger.enable("tux.registry")
    for name in sys.modules.keys() - before:  # later tests of this process want the plugins of the repository
        if f"{name}.".startswith("plugins."):
            del sys.modules[name]


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def url(tux_databases):
    async with scratch_database() as made:
        yield made


class Shell:
    """Runs commands in this process and keeps what they print, wide enough for every line."""

    def run(self, *words, program=app):
        return CliRunner().invoke(program, list(words), prog_name="tux")


@pytest.fixture
def shell(project):
    return Shell()


def test_start_without_a_token_is_one_sentence_with_the_remedy(project):
    done = run_in(project, BIN / "tux", "start")
    assert (done.returncode, done.stdout) == (1, "")
    [line] = done.stderr.splitlines()
    assert line.startswith("tux: no token: put DISCORD_TOKEN=")
    assert "tux console" in line


def test_health_of_a_dead_database_says_where_and_not_the_password(project):
    done = run_in(project, BIN / "db", "health", DATABASE_URL=DEAD)
    assert (done.returncode, done.stdout) == (1, "")
    [line] = done.stderr.splitlines()
    assert "127.0.0.1:1/nowhere" in line
    assert "hunter2" not in line


@pytest.mark.parametrize("words", [["db", "current"], ["db", "history"], ["db", "upgrade"], ["db", "downgrade", "-y"]])
def test_every_command_on_a_dead_database_is_one_sentence(shell, monkeypatch, words):
    monkeypatch.setenv("DATABASE_URL", DEAD)
    done = shell.run(*words)
    assert done.exit_code == 1
    assert "127.0.0.1:1/nowhere" in done.stderr
    assert "hunter2" not in done.output
    assert "Traceback" not in done.output


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ('[bot]\nprefx = "?"\n', ["bot.prefx: unknown setting", "prefix"]),
        ("[bott]\n", ["bott: unknown setting", "bot"]),
        ('[database]\npool_max_size = "many"\n', ["database.pool_max_size"]),
        ("[bot\n", ["not valid TOML"]),
    ],
)
def test_a_wrong_setting_is_named_with_what_is_known(shell, project, change, words):
    (project / "config" / "tux.toml").write_text(change)
    for command in (["start"], ["plugin", "list"], ["db", "health"]):
        done = shell.run(*command)
        assert done.exit_code == 1
        for word in words:
            assert word in done.stderr
        assert "tux.toml" in done.stderr
        assert "Traceback" not in done.output


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("off = [", "not valid TOML"),
        ('of = ["moderation"]\n', "of: unknown key; known here: kept, off, retired"),
        ('off = ["moderation"]\nretired = ["moderation"]\n', "'moderation' is in off and in retired"),
    ],
)
def test_a_broken_ledger_is_named(shell, project, text, words):
    (project / "migrations" / "plugins.toml").write_text(text)
    done = shell.run("plugin", "list")
    assert done.exit_code == 1
    assert "plugins.toml" in done.stderr
    assert words in done.stderr


def test_outside_of_a_project_it_says_so(tmp_path, monkeypatch):
    for name in CLEARED:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path)
    done = Shell().run("plugin", "list")
    assert done.exit_code == 1
    assert "run this inside a Tux project" in done.stderr


def test_plugin_list_as_json_is_an_object_a_line(project):
    (project / "migrations" / "plugins.toml").write_text('off = ["moderation"]\n')
    done = run_in(project, BIN / "tux", "plugin", "list", "--json")
    facts = {line["name"]: line for line in map(json.loads, done.stdout.splitlines())}
    assert done.returncode == 0
    assert facts["guild"]["state"] == "ready"
    assert facts["guild"]["tables"][0] == "guild_guilds"
    assert facts["moderation"]["state"] == "off"
    assert facts["moderation"]["reason"] == "switched off in migrations/plugins.toml"
    assert facts["moderation"]["tables"]
    assert facts["core"]["took_seconds"] >= 0


def test_brackets_and_colons_in_a_reason_are_shown_as_they_are(shell, project):
    folder = project / "plugins" / "bracketed"
    folder.mkdir()
    (folder / "__init__.py").write_text("raise LookupError('[red]see[/] list[int] :bomb:')\n")
    done = shell.run("plugin", "list")
    assert done.exit_code == 0
    assert "bracketed is failed: LookupError: [red]see[/] list[int] :bomb: (" in done.stdout


def test_version_is_printed(shell):
    assert shell.run("version").stdout.strip() == tux.__version__


def test_health_tells_what_the_database_is(shell, monkeypatch, url):
    monkeypatch.setenv("DATABASE_URL", url)
    done = shell.run("db", "health")
    assert done.exit_code == 0, done.stderr
    for word in (
        "round trip",
        "PostgreSQL",
        ", primary",
        "scratch_",
        "schema          current",
        "10 at most, 0 waiting",
    ):
        assert word in done.stdout


def test_health_of_a_schema_that_is_behind_is_told_and_fails(shell, project, monkeypatch, url):
    monkeypatch.setenv("DATABASE_URL", url)
    (project / "migrations" / "models" / "99_20300101000000_later.py").write_text("")
    done = shell.run("db", "health")
    assert done.exit_code == 1
    assert "schema          behind" in done.stdout
    assert "the schema is behind; run `tux db upgrade`" in done.stderr


def test_sync_writes_the_facade_of_the_plugins_that_are_there(project):
    facade = project / "config/typings/__init__.pyi"
    facade.unlink()
    done = run_in(project, BIN / "tux", "sync")
    assert (done.returncode, done.stderr) == (0, "")
    managers = [line.split(":")[0].strip() for line in facade.read_text().splitlines() if line.startswith("    ")]
    assert {"case", "guild", "guild_config", "settings", "switches"} <= set(managers)
    assert "snippet" not in managers  # its plugin is not in this project
    assert done.stdout == f"wrote config/typings/__init__.pyi: {len(managers)} managers\n"


def test_sync_knows_plugins_that_are_off_too(project):
    (project / "migrations" / "plugins.toml").write_text('off = ["moderation"]\n')
    assert run_in(project, BIN / "tux", "sync").returncode == 0
    assert "    case: CaseManager\n" in (project / "config/typings/__init__.pyi").read_text()


def test_sync_without_a_broken_plugin_says_so_and_fails(project):
    broken = project / "plugins" / "moderation" / "managers" / "__init__.py"
    broken.write_text("import nowhere_to_be_found")
    done = run_in(project, BIN / "tux", "sync")
    assert done.returncode == 1
    assert done.stderr.startswith("without moderation, which is failed: ModuleNotFoundError")
    assert "CaseManager" not in (project / "config/typings/__init__.pyi").read_text()


def test_current_and_history_know_an_up_to_date_database(shell, monkeypatch, url):
    monkeypatch.setenv("DATABASE_URL", url)
    done = shell.run("db", "current")
    assert (done.exit_code, done.stdout.split(":")[0]) == (0, "current")
    done = shell.run("db", "history")
    assert done.exit_code == 0
    assert {line.split()[0] for line in done.stdout.splitlines()} == {"applied"}
    assert "up to date" in shell.run("db", "upgrade").stdout
    assert "up to date" in shell.run("migrate-push", program=db.app).stdout


def test_current_fails_when_a_migration_is_pending(shell, project, monkeypatch, url):
    monkeypatch.setenv("DATABASE_URL", url)
    (project / "migrations" / "models" / "99_20300101000000_later.py").write_text("")
    done = shell.run("db", "current")
    assert done.exit_code == 1
    assert done.stdout.startswith("behind: ")
    assert "pending 99_20300101000000_later.py" in done.stdout


def test_downgrade_asks_before_it_drops_and_no_means_no(shell, monkeypatch, url):
    monkeypatch.setenv("DATABASE_URL", url)
    done = shell.run("db", "downgrade")
    assert done.exit_code == 1
    assert "Take back 1 migration" in done.output
    assert shell.run("db", "current").exit_code == 0


def test_more_steps_than_were_applied_are_refused(shell, monkeypatch, url):
    monkeypatch.setenv("DATABASE_URL", url)
    done = shell.run("db", "downgrade", "50", "--yes")
    assert done.exit_code == 1
    assert "cannot revert 50 migration(s)" in done.stderr
    assert "wrote" not in done.stdout, "nothing goes, so there is no backup"
    assert shell.run("db", "downgrade", "0").exit_code == 2


def test_a_script_that_is_not_there_is_named(shell):
    done = shell.run("console", "nowhere.txt")
    assert done.exit_code == 1
    assert "there is no script nowhere.txt" in done.stderr


def test_a_plugins_folder_that_is_not_there_is_named(shell, project):
    (project / "config" / "tux.toml").write_text('[plugins]\nfolder = "addons"\n')
    done = shell.run("plugin", "list")
    assert "core" in done.stdout
    assert f"there is no folder {project / 'addons'}; see [plugins] in config/tux.toml" in done.stderr
    loaded = load_registry(load_settings(project))
    with pytest.raises(PluginError, match=r"is missing from .*/addons, and nothing starts without it"):
        loaded.check_required()


def test_without_a_word_the_commands_are_listed(shell):
    for words in ([], ["db"], ["plugin"]):
        assert "Commands" in shell.run(*words).output
