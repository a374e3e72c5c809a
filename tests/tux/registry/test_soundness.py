"""What Tortoise refuses only when it connects all models is told of the one plugin that brings it."""

from __future__ import annotations

import itertools
import textwrap

import pytest

from tux.database.service import DatabaseService
from tux.registry import Registry, State
from tux.settings import load_settings

folders = itertools.count()
names = itertools.count()

TARGET = """
from tortoise import fields
from tux.models import Model

class {target}(Model):
    id = fields.BigIntField(primary_key=True)
    title = fields.TextField()
    code = fields.IntField(unique=True)
    class Meta(Model.Meta):
        table = "good_rows"
"""

TRIED = """
from tortoise import fields
from tux.models import Check, Index, Model

async def slow():
    return 1

class {tried}(Model):
    id = fields.BigIntField(primary_key=True)
{body}
    class Meta(Model.Meta):
        table = "{table}"
{meta}
{after}
"""


@pytest.fixture
def load(tmp_path):
    """Load a plugin `tried` with a model of these lines beside a good one that it may refer to."""

    def load(body="", meta="", after="", table="tried_rows"):
        folder, number = f"sound_{next(folders)}", next(names)
        words = {"target": f"Good{number}", "tried": f"Tried{number}", "table": table}
        sources = {
            "good": TARGET.format(**words),
            "tried": TRIED.format(
                body=textwrap.indent(body.format(**words), "    "),
                meta=textwrap.indent(meta, "        "),
                after=textwrap.indent(after, "    ") if not after.startswith("class") else after.format(**words),
                **words,
            ),
        }
        root = tmp_path / folder
        (root / "config").mkdir(parents=True)
        (root / "config" / "tux.toml").write_text(f'[plugins]\nfolder = "{folder}"\nentry_points = false\n')
        for name, models in sources.items():
            path = root / folder / name
            path.mkdir(parents=True)
            needs = 'needs=("good",)' if name == "tried" else ""
            (path / "__init__.py").write_text(
                f'from tux.plugin import Plugin\nplugin = Plugin(name="{name}", summary="s", version="1", {needs})\n'
            )
            (path / "models.py").write_text(models)
        return Registry.load(root, load_settings(root))

    return load


ONE = 'one = fields.ForeignKeyField("models.{target}"'
REFUSED = {
    "a key that is a field, too": (
        {"body": f"one_id = fields.BigIntField()\n{ONE}, related_name='as')"},
        "one_id is made by the relation already",
    ),
    "a backward name that is a column": ({"body": f"{ONE}, related_name='title')"}, "'title' is taken"),
    "a backward name that is a method": ({"body": f"{ONE}, related_name='save')"}, "'save' is taken"),
    "a backward name that is a look-up": ({"body": f"{ONE}, related_name='a__b')"}, "'a__b' is taken or no name"),
    "two relations without a backward name": (
        {"body": f'{ONE})\ntwo = fields.ForeignKeyField("models.{{target}}")'},
        "tried_rowss is another relation already; set related_name",
    ),
    "two many-to-many relations of one backward name": (
        {
            "body": 'a = fields.ManyToManyField("models.{target}", related_name="xs", through="tried_a")\n'
            'b = fields.ManyToManyField("models.{target}", related_name="xs", through="tried_b")'
        },
        "xs is another relation already",
    ),
    "a one-to-one whose backward name is a column": (
        {"body": 'a = fields.OneToOneField("models.{target}", related_name="code")'},
        "'code' is taken",
    ),
    "its own column": (
        {"body": 'a = fields.ForeignKeyField("models.{tried}", related_name="b", null=True)\nb = fields.IntField()'},
        "'b' is taken",
    ),
    "a reference to no field": ({"body": f"{ONE}, related_name='as', to_field='nope')"}, "nope, which is no unique"),
    "a reference to a field that repeats": (
        {"body": f"{ONE}, related_name='as', to_field='title')"},
        "title, which is no unique",
    ),
    "a unique pair of nothing": ({"meta": 'unique_together = (("id", "nope"),)'}, "unique_together names 'nope'"),
    "an index of nothing": ({"meta": 'indexes = (("nope",),)'}, "indexes names 'nope'"),
    "an order by nothing": ({"meta": 'ordering = ("-nope",)'}, "ordering names 'nope'"),
    "two fields of one column": (
        {"body": 'a = fields.IntField(source_field="z")\nb = fields.IntField(source_field="z")'},
        "column 'z' belongs to another field",
    ),
    "a field that reads like a look-up": ({"body": "a__b = fields.IntField()"}, "two underscores"),
    "a default that must be awaited": ({"body": "a = fields.IntField(default=slow)"}, "must be awaited"),
    "a table whose name is cut": ({"table": "tried_" + "x" * 58}, "longer than the 63 bytes"),
    "two models of one table": (
        {
            "after": "class Second{tried}(Model):\n    id = fields.BigIntField(primary_key=True)\n"
            '    class Meta(Model.Meta):\n        table = "tried_rows"'
        },
        "two of its models have the table 'tried_rows'",
    ),
    "a declaration that is text": ({"after": 'ddl = ("CREATE INDEX",)'}, "ddl is a tuple of Check, Index"),
    "a single declaration": ({"after": 'ddl = Check("id > 0")'}, "ddl is a tuple of Check, Index"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_models_that_cannot_be_connected_fail_their_plugin_alone(load, case):
    given, reason = REFUSED[case]
    registry = load(**given)
    assert registry.records["good"].state is State.READY
    assert registry.records["tried"].state is State.FAILED
    assert reason in registry.records["tried"].reason


ACCEPTED = (
    {"body": f"{ONE}, related_name='tries')\none_id: int", "meta": 'unique_together = (("one", "id"),)'},
    {"body": f"{ONE}, related_name=False)", "meta": 'indexes = (("one_id",),)\nordering = ("-pk",)'},
    {"body": f"{ONE}, related_name='tries', to_field='code')"},
    {"body": 'a = fields.ForeignKeyField("models.{tried}", related_name="children", null=True)'},
    {"body": 'a = fields.ManyToManyField("models.{target}", through="tried_links")'},
    {"after": 'ddl = [Check("id > 0"), Index("-id")]', "table": "tried_" + "x" * 57},
)


@pytest.mark.parametrize("given", ACCEPTED)
async def test_what_is_accepted_connects_also_a_second_time(load, given, tux_databases):
    registry = load(**given)
    assert {record.state for record in registry.records.values()} == {State.READY}
    url = tux_databases.server.url("postgres")
    for _ in range(2):
        service = DatabaseService(models=registry.model_modules())
        await service.connect(url)
        await service.disconnect()
        registry = Registry.load(registry.root, load_settings(registry.root))
        assert {record.reason for record in registry.records.values()} == {""}


def test_a_manager_is_not_called_like_a_keyword(tmp_path):
    folder = f"sound_{next(folders)}"
    path = tmp_path / folder / "tried"
    path.mkdir(parents=True)
    (tmp_path / "config").mkdir()
    (tmp_path / "config" / "tux.toml").write_text(f'[plugins]\nfolder = "{folder}"\nentry_points = false\n')
    (path / "__init__.py").write_text(
        'from tux import Plugin\nplugin = Plugin(name="tried", summary="s", version="1")\n'
    )
    (path / "models.py").write_text(TRIED.format(tried="Worded", body="", meta="", after="", table="tried_rows"))
    (path / "managers.py").write_text(
        'from tux import Manager\nfrom .models import Worded\nclass W(Manager[Worded], name="import"): ...\n'
    )
    record = Registry.load(tmp_path, load_settings(tmp_path)).records["tried"]
    assert "'import' has the name of a Python keyword" in record.reason


def test_a_plugin_is_not_called_like_a_keyword(tmp_path):
    folder = f"sound_{next(folders)}"
    path = tmp_path / folder / "class"
    path.mkdir(parents=True)
    (tmp_path / "config").mkdir()
    (tmp_path / "config" / "tux.toml").write_text(f'[plugins]\nfolder = "{folder}"\nentry_points = false\n')
    (path / "__init__.py").write_text(
        'from tux import Plugin\nplugin = Plugin(name="class", summary="s", version="1")\n'
    )
    record = Registry.load(tmp_path, load_settings(tmp_path)).records["class"]
    assert "rename the folder" in record.reason
