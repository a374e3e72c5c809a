"""What the files around the code promise: locks, settings files, the wheel, the set-up script."""

from __future__ import annotations

import ast
import re
import shutil
import subprocess
import sys
import tomllib
import zipfile
from importlib.metadata import packages_distributions, requires
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tux.registry.unloaded import declared_managers
from tux.settings import Settings, load_settings

ROOT = Path(__file__).parent.parent
LOCKS = ("requirements.lock", ".ci/installer.lock", ".ci/node.lock", ".ci/mutants.lock")
INSTALL_FILES = ("pyproject.toml", "requirements.lock", ".ci/installer.lock", ".ci/install")


def pins(lock: str) -> dict[str, str]:
    """Return name → version of a lock file, checking that every entry is pinned with hashes."""
    entries = re.split(r"\n(?=\S)", (ROOT / lock).read_text().strip())
    found: dict[str, str] = {}
    for entry in entries:
        requirement = Requirement(entry.partition(" \\\n")[0])
        assert re.fullmatch(r"==[^*,]+", str(requirement.specifier)), entry
        assert "--hash=sha256:" in entry, entry
        found[canonicalize_name(requirement.name)] = str(requirement.specifier).removeprefix("==")
    return found


@pytest.mark.parametrize("lock", LOCKS)
def test_locks_pin_with_hashes_and_name_no_host_and_no_folder(lock: str) -> None:
    assert pins(lock)
    assert not re.findall(r"(?m)://|^#|^ *-(?!-hash=sha256:)|[~/]", (ROOT / lock).read_text())


def test_lock_satisfies_what_pyproject_asks_for() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    extras = project["project"]["optional-dependencies"]
    groups = project["dependency-groups"]
    asked = {
        "requirements.lock": [*project["project"]["dependencies"], *project["build-system"]["requires"]]
        + [line for extra in ("embedded", "speed", "dev") for line in extras[extra]],
        ".ci/installer.lock": groups["installer"],
        ".ci/node.lock": groups["node"],
        ".ci/mutants.lock": groups["mutants"],
    }
    for lock, lines in asked.items():
        locked = pins(lock)
        for requirement in map(Requirement, lines):
            assert requirement.specifier.contains(locked[canonicalize_name(requirement.name)]), (lock, requirement)


def imported_packages() -> set[str]:
    """Return the distributions that tux imports by name, but for the pytest plugin's."""
    roots: set[str] = set()
    for path in (ROOT / "tux").rglob("*.py"):
        if "testing" in path.relative_to(ROOT).parts:
            continue
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Import):
                roots.update(alias.name.partition(".")[0] for alias in node.names)
            elif isinstance(node, ast.ImportFrom) and not node.level:
                roots.add(node.module.partition(".")[0])
    owners = packages_distributions()
    third_party = (
        roots - set(sys.stdlib_module_names) - {"tux", "config"}
    )  # config.typings: the project's, for checkers
    return {canonicalize_name(owner) for root in third_party for owner in owners[root]}


def test_every_package_that_tux_imports_is_declared_or_brought_by_its_framework() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    extras = [line for extra, lines in project["optional-dependencies"].items() if extra != "dev" for line in lines]
    brought = [
        line for framework in ("tortoise-orm", "aerich", "discord.py", "pydantic") for line in requires(framework)
    ]
    declared = {Requirement(line).name for line in [*project["dependencies"], *extras, *brought]}
    assert imported_packages() <= set(map(canonicalize_name, declared))


def test_settings_file_shows_every_setting_with_its_default() -> None:
    text = (ROOT / "config/tux.toml").read_text()
    shown = tomllib.loads(re.sub(r"(?m)^# (?=[a-z_]+ = )", "", text))
    defaults = {
        section: {key: field.default for key, field in model.annotation.model_fields.items()}
        for section, model in Settings.model_fields.items()
        if section in {"bot", "database", "local", "log", "health", "plugins"}
    }
    defaults["bot"]["owner_ids"] = list(defaults["bot"]["owner_ids"])
    defaults["local"]["folder"] = str(defaults["local"]["folder"])
    defaults["plugins"]["folder"] = str(defaults["plugins"]["folder"])
    assert shown["database"].pop("auto_upgrade") is True  # TOML has no word for None, so they stand as comments
    del defaults["database"]["auto_upgrade"]
    assert shown["health"].pop("port")
    del defaults["health"]["port"]
    assert shown == defaults


def test_filled_example_of_the_environment_is_accepted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("TUX_ENV", "DATABASE_URL", "DEV_DATABASE_URL", "PROD_DATABASE_URL", "DISCORD_TOKEN", "TUX_LOG__LEVEL"):
        monkeypatch.delenv(name, raising=False)
    (tmp_path / "config").mkdir()
    shutil.copy(ROOT / "config/tux.toml", tmp_path / "config")
    example = (ROOT / "config/.env.example").read_text()
    (tmp_path / "config/.env").write_text(re.sub(r"(?m)^#(?=[A-Z_]+=)", "", example))
    settings = load_settings(tmp_path)
    assert (settings.environment, settings.log.level, settings.database_url) == ("dev", "DEBUG", None)


def test_wheel_holds_tux_alone(tmp_path: Path) -> None:
    build = [sys.executable, "-m", "pip", "wheel", "-q", "--no-deps", "--no-build-isolation", "-w", tmp_path, ROOT]
    subprocess.run(build, check=True, capture_output=True)
    (wheel,) = tmp_path.glob("tux-*.whl")
    with zipfile.ZipFile(wheel) as archive:
        tops = {name.partition("/")[0] for name in archive.namelist()}
    assert tops == {"tux", f"{wheel.name.removesuffix('-py3-none-any.whl')}.dist-info"}


def install(folder: Path, python: str) -> subprocess.CompletedProcess[str]:
    """Run the set-up script in a folder that holds only what it reads, with another interpreter's name."""
    for name in INSTALL_FILES:
        target = folder / name
        target.parent.mkdir(exist_ok=True)
        shutil.copy(ROOT / name, target)
    command = ["bash", folder / ".ci/install"]
    environment = {"PYTHON": python, "PATH": "/usr/bin:/bin", "HOME": str(folder)}
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)


def test_setup_names_an_interpreter_that_is_too_old(tmp_path: Path) -> None:
    old = tmp_path / "old python"
    old.write_text('#!/bin/sh\n[ "$1" = -V ] && echo Python 3.10.9 || exit 1\n')
    old.chmod(0o755)
    done = install(tmp_path, str(old))
    assert done.returncode == 1
    assert done.stderr == (
        f"Tux needs Python 3.11 or newer and {old} is Python 3.10.9; name another: make PYTHON=/path/to/python\n"
    )
    assert not (tmp_path / ".venv").exists()


def test_setup_names_an_interpreter_that_does_not_exist(tmp_path: Path) -> None:
    done = install(tmp_path, "python9.9")
    assert done.returncode == 1
    assert done.stderr == (
        "python9.9 does not run here; install Python 3.11 or newer, or name one: make PYTHON=/path/to/python\n"
    )


FEATURES = sorted(path.name for path in (ROOT / "plugins").iterdir() if (path / "__init__.py").is_file())
# DESIGN: core and guild are always there, every other plugin stands on them.
STANDING = {"guild"}


def strings_of(tree: ast.Module) -> list[str]:
    """Return the strings of a module but for its docstrings and what stands alone as one."""
    told = {node.value for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    found = [node for node in ast.walk(tree) if isinstance(node, ast.Constant) and node not in told]
    return [node.value for node in found if isinstance(node.value, str)]


def managers_of(plugin: str) -> set[str]:
    return {name for name in declared_managers(ROOT / "plugins" / plugin) if name.islower()}


@pytest.mark.parametrize("plugin", [name for name in FEATURES if name not in STANDING])
def test_the_framework_knows_no_plugin_by_name(plugin: str) -> None:
    [init] = (ROOT / "migrations" / "models").glob("0_*.py")
    tables = set(re.findall(rf'CREATE TABLE IF NOT EXISTS "({plugin}_\w+)"', init.read_text()))
    managers = managers_of(plugin)
    assert tables, "every plugin has tables"
    assert managers, "every plugin has managers"
    named = re.compile(rf"\b({'|'.join(tables)}|plugins\.{plugin})\b|^{plugin}\.[a-z]")
    guilty: list[str] = []
    for path in sorted((ROOT / "tux").rglob("*.py")):
        words = (
            set() if "offline" in path.parts else {plugin}
        )  # there "permissions" and "audit" are Discord's own words
        tree = ast.parse(path.read_text())
        told = [text for text in strings_of(tree) if named.search(text) or text in words]
        used = [node for node in ast.walk(tree) if isinstance(node, ast.Attribute) and node.attr in managers]
        told += [ast.unparse(node) for node in used if ast.unparse(node.value).endswith("db")]
        guilty += [f"{path.relative_to(ROOT)}: {each}" for each in told]
    assert guilty == []


def test_the_framework_imports_no_plugin() -> None:
    for path in (ROOT / "tux").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            assert not [name for name in names if name.partition(".")[0] == "plugins"], path
