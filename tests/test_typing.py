"""R3: both checkers know `self.db.case.create_case(...)`, of dropped-in plugins too, and report what is misspelt."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tux.registry import Registry
from tux.registry.facade import FACADE, facade_text
from tux.settings import load_settings

ROOT = Path(__file__).parent.parent
BIN = Path(sys.executable).parent
OWN = ("plugins/guild/", "plugins/moderation/")  # `make lint` checks these


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    """A project of its own with two plugins of this one, one that was dropped in, and what `tux sync` made of them."""
    root = tmp_path_factory.mktemp("typing")
    for folder in ("plugins/guild", "plugins/moderation", "tests/typing/shop"):
        copied = root / "plugins" / Path(folder).name
        shutil.copytree(ROOT / folder, copied, ignore=shutil.ignore_patterns("__pycache__"))
    for file in (ROOT / "tests/typing").glob("*.py"):
        shutil.copy(file, root)
    (root / "config").mkdir()
    shutil.copy(ROOT / "config/tux.toml", root / "config")
    synced = subprocess.run([BIN / "tux", "sync"], cwd=root, capture_output=True, text=True, check=False)
    assert synced.returncode == 0, synced.stderr
    assert "    item: ItemManager\n" in (root / FACADE).read_text()
    return root


def expected(root):
    """The lines that end in `# error`, as "file:line"."""
    return {
        f"{file.relative_to(root)}:{number}"
        for file in (*root.glob("*.py"), *root.glob("plugins/shop/*.py"))
        for number, line in enumerate(file.read_text().splitlines(), start=1)
        if line.endswith("# error")
    }


def test_mypy_knows_the_managers_and_reports_exactly_the_wrong_lines(project):
    command = [BIN / "mypy", "--strict", "--explicit-package-bases", "--cache-dir=.mypy", "--exclude=guild|mod", "."]
    found = subprocess.run(command, cwd=project, capture_output=True, text=True, check=False).stdout
    lines = set(re.findall(r"(?m)^(\S+:\d+): error", found))
    assert {line for line in lines if not line.startswith(OWN)} == expected(project), found


def test_pyright_knows_the_managers_and_reports_exactly_the_wrong_lines(project):
    rules = {
        "include": ["*.py", "plugins/shop"],
        "typeCheckingMode": "strict",
        "venvPath": str(BIN.parent.parent),
        "venv": BIN.parent.name,
        "reportUnusedExpression": False,
    }
    (project / "pyrightconfig.json").write_text(json.dumps(rules))
    command = [BIN / "pyright", "--outputjson"]
    report = subprocess.run(command, cwd=project, capture_output=True, text=True, check=False).stdout
    found = {
        f"{Path(each['file']).relative_to(project)}:{each['range']['start']['line'] + 1}"
        for each in json.loads(report)["generalDiagnostics"]
        if each["severity"] == "error"
    }
    assert found == expected(project), report


def test_the_facade_of_this_project_is_fresh():
    settings = load_settings(ROOT)
    managers = Registry.load(ROOT, settings).managers
    assert (ROOT / FACADE).read_text() == facade_text(managers), f"{FACADE} is stale; run `tux sync`"
