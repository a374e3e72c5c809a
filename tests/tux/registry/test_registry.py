"""Whatever is wrong with one plugin is in its record, and the others run."""

from __future__ import annotations

import gc
import itertools
import sys
import textwrap
import traceback
from pathlib import Path

import pytest

from tux.errors import PluginError, PluginUnavailable, UnknownManager, UnknownName
from tux.registry import Registry, State
from tux.settings import load_settings

folders = itertools.count()

MODELS = """
from tortoise import fields
from tux.models import Model

class {cls}(Model):
    id = fields.BigIntField(primary_key=True)
    class Meta(Model.Meta):
        table = "{table}"
"""

MANAGERS = """
from tux.manager import Manager
from .models import {cls}

class {cls}Manager(Manager[{cls}], name="{manager}"):
    pass
"""


class Project:
    """A project folder; each has a plugins folder of its own name, since Python imports a name once."""

    def __init__(self, root):
        self.root = root
        self.folder = f"plugs_{next(folders)}"
        (root / "config").mkdir()
        (root / "config" / "tux.toml").write_text(f'[plugins]\nfolder = "{self.folder}"\nentry_points = false\n')

    def plugin(self, name, manifest="", **files):
        path = self.root / self.folder / name
        path.mkdir(parents=True)
        text = f'from tux.plugin import Plugin\nplugin = Plugin(name="{name}", summary="s", version="1", {manifest})\n'
        (path / "__init__.py").write_text(files.pop("init", text))
        for file, content in files.items():
            (path / f"{file}.py").write_text(textwrap.dedent(content))

    def table(self, name, cls, manifest="", manager=None, table=None):
        self.plugin(
            name,
            manifest,
            models=MODELS.format(cls=cls, table=table or f"{name}_rows"),
            managers=MANAGERS.format(cls=cls, manager=manager or name),
        )

    def load(self, **options):
        return Registry.load(self.root, load_settings(self.root), **options)


@pytest.fixture
def project(tmp_path):
    return Project(tmp_path)


def test_plugins_are_ordered_by_needs_and_after(project):
    project.plugin("alpha", 'needs=("zulu",)')
    project.plugin("bravo", 'after=("mike",)')
    project.plugin("mike")
    project.plugin("zulu")
    order = list(project.load().records)
    assert order[0] == "core"
    assert order.index("zulu") < order.index("alpha")
    assert order.index("mike") < order.index("bravo")


def test_models_managers_and_tables_are_registered(project):
    project.table("alpha", "AlphaRow")
    registry = project.load()
    record = registry.records["alpha"]
    assert (record.state, record.reason) == (State.READY, "")
    assert record.tables == ("alpha_rows",)
    assert [model.__name__ for model in record.models] == ["AlphaRow"]
    assert registry.manager("alpha").model is record.models[0]
    assert registry.model_modules() == ["tux.core.models", f"{project.folder}.alpha.models"]


def test_published_names_resolve_at_the_older_import_paths(project):
    project.table("alpha", "AlphaPublished")
    registry = project.load()
    from tux.database import controllers, models

    assert models.AlphaPublished is registry.records["alpha"].models[0]
    assert controllers.AlphaPublishedManager is controllers.AlphaPublishedController
    with pytest.raises(UnknownName, match=r"tux\.database\.models has no 'Nothing'; it has "):
        _ = models.Nothing
    with pytest.raises(UnknownName, match=r"subclass tux\.Manager"):
        _ = controllers.BaseController


def failure(project, name="bad"):
    project.table("good", "GoodRow")
    registry = project.load()
    record = registry.records[name]
    assert registry.records["good"].state is State.READY
    assert record.state is State.FAILED
    assert not record.models or record.model_module
    return record.reason


def test_a_syntax_error_fails_one_plugin_and_says_where(project):
    project.plugin("bad", models="class Broken(:\n    pass\n")
    assert "bad/models.py, line 1" in failure(project)


def test_a_broken_import_fails_one_plugin(project):
    project.plugin("bad", models="import there_is_no_such_module\n")
    assert "there_is_no_such_module" in failure(project)


def test_a_failure_is_traced_from_the_first_line_of_the_plugin(project):
    project.plugin("bad", models="def build():\n    raise LookupError('no such row')\n\nbuild()\n")
    error = project.load().records["bad"].error
    frames = traceback.extract_tb(error.__traceback__)
    assert [(Path(frame.filename).name, frame.name) for frame in frames] == [
        ("models.py", "<module>"),
        ("models.py", "build"),
    ]


def test_half_of_a_broken_module_is_not_left_behind(project):
    project.plugin("bad")
    package = project.root / project.folder / "bad" / "models"
    package.mkdir()
    (package / "__init__.py").write_text("from . import whole\nraise LookupError('no')\n")
    (package / "whole.py").write_text("VALUE = 1\n")  # Python itself takes out the broken one alone
    failure(project)
    assert [name for name in sys.modules if name.startswith(f"{project.folder}.bad.models")] == []


def test_a_missing_manifest_is_said(project):
    project.plugin("bad", init="")
    assert "must hold `plugin = Plugin(...)`" in failure(project)


def test_a_manifest_of_another_name_is_said(project):
    project.plugin("bad", init='from tux.plugin import Plugin\nplugin = Plugin(name="x", summary="s", version="1")\n')
    assert "name='x'" in failure(project)


def test_an_unknown_manifest_key_is_named(project):
    project.plugin("bad", "colour='red'")
    assert "colour" in failure(project)


def test_a_bare_text_where_names_are_listed_is_refused(project):
    project.plugin("bad", 'needs=("good")')
    assert 'write ("good",)' in failure(project)


def test_a_missing_requirement_is_named(project):
    project.plugin("bad", 'requires=("no-such-distribution>=2",)')
    assert "requires 'no-such-distribution>=2', which is not installed" in failure(project)


def test_an_installed_but_older_requirement_is_named(project):
    project.plugin("bad", 'requires=("loguru>=99",)')
    assert "requires 'loguru>=99', but loguru 0" in failure(project)


def test_a_plugin_for_another_tux_is_refused(project):
    project.plugin("bad", 'tux=">=99"')
    assert "is made for tux >=99" in failure(project)


def test_a_table_without_the_prefix_is_refused(project):
    project.table("bad", "BadRow", table="rows")
    assert "table 'rows' must begin with \"bad_\"" in failure(project)


def test_a_model_without_a_table_is_refused(project):
    project.plugin("bad", models="from tux.models import Model\nclass BadNameless(Model):\n    pass\n")
    assert "BadNameless needs `table" in failure(project)


def test_a_model_class_of_another_plugin_is_refused_naming_both(project):
    project.table("first", "SameRow")
    project.table("second", "SameRow")
    registry = project.load()
    assert registry.records["first"].state is State.READY
    second = registry.records["second"]
    assert "'SameRow' is also in plugin 'first'" in second.reason
    assert str(second.error) == f"plugin 'second': {second.reason}"


def test_a_manager_name_of_another_plugin_is_refused_naming_both(project):
    project.table("first", "FirstRow", manager="rows")
    project.table("second", "SecondRow", manager="rows")
    registry = project.load()
    assert registry.records["first"].state is State.READY
    assert "a manager called 'rows' is also in plugin 'first'" in registry.records["second"].reason
    assert registry.records["second"].models  # its tables stay known to the migrations


def test_two_managers_of_one_name_in_one_plugin_are_refused(project):
    project.plugin(
        "bad",
        models="""
        from tux.models import Model
        class BadTwin(Model):
            class Meta(Model.Meta):
                table = "bad_twins"
        """,
        managers="""
        from .models import BadTwin
        from tux.manager import Manager
        class FirstTwins(Manager[BadTwin], name="twins"):
            pass
        class SecondTwins(Manager[BadTwin], name="twins"):
            pass
        """,
    )
    assert "two of its managers are called 'twins'" in failure(project)


def test_nothing_of_a_refused_plugin_is_claimed(project):
    project.table("first", "FirstKept")
    project.plugin(
        "second",
        models="""
        from tux.models import Model
        class SecondFree(Model):
            class Meta(Model.Meta):
                table = "second_free"
        class SecondWrong(Model):
            class Meta(Model.Meta):
                table = "wrong_prefix"
        """,
    )
    project.table("third", "SecondFree")
    registry = project.load()
    assert registry.records["second"].state is State.FAILED
    assert registry.records["third"].state is State.READY


def test_the_collector_of_garbage_works_again_after_loading(project):
    project.table("one", "OneRow")
    assert gc.isenabled()
    project.load()
    assert gc.isenabled()


def test_a_manager_may_not_shadow_the_coordinator(project):
    project.table("bad", "BadShadow", manager="transaction")
    assert "would shadow db.transaction" in failure(project)


def test_a_foreign_key_to_nowhere_fails_one_plugin(project):
    project.plugin(
        "bad",
        models="""
        from tortoise import fields
        from tux.models import Model
        class BadLink(Model):
            other = fields.ForeignKeyField("models.Nowhere")
            class Meta(Model.Meta):
                table = "bad_links"
        """,
    )
    assert "BadLink.other points at 'Nowhere'" in failure(project)


def test_a_foreign_key_outside_needs_is_refused(project):
    project.table("first", "FirstTarget")
    project.plugin(
        "second",
        models="""
        from tortoise import fields
        from tux.models import Model
        class SecondLink(Model):
            other = fields.ForeignKeyField("models.FirstTarget")
            class Meta(Model.Meta):
                table = "second_links"
        """,
    )
    assert "add 'first' to needs" in project.load().records["second"].reason


def test_two_relations_of_one_name_are_refused(project):
    project.table("first", "FirstGoal")
    link = """
        from tortoise import fields
        from tux.models import Model
        class {cls}(Model):
            other = fields.ForeignKeyField("models.FirstGoal", related_name="links")
            class Meta(Model.Meta):
                table = "{name}_links"
        """
    project.plugin("second", 'needs=("first",)', models=link.format(cls="SecondGoal", name="second"))
    project.plugin("third", 'needs=("first",)', models=link.format(cls="ThirdGoal", name="third"))
    registry = project.load()
    assert registry.records["second"].state is State.READY
    assert "'FirstGoal.links' is also in plugin 'second'" in registry.records["third"].reason


def test_what_needs_a_failed_plugin_is_blocked_and_says_by_whom(project):
    project.plugin("bad", models="raise LookupError('no')\n")
    project.plugin("child", 'needs=("bad",)')
    project.plugin("grandchild", 'needs=("child",)')
    records = project.load().records
    assert records["child"].state is State.BLOCKED
    assert "needs 'bad', which is failed: LookupError: no" in records["child"].reason
    assert records["grandchild"].state is State.BLOCKED


def test_a_missing_need_blocks(project):
    project.plugin("child", 'needs=("nobody",)')
    record = project.load().records["child"]
    assert record.state is State.BLOCKED
    assert "needs 'nobody', which is not there" in record.reason


def test_a_circle_of_needs_fails_its_members_only(project):
    project.plugin("alpha", 'needs=("bravo",)')
    project.plugin("bravo", 'needs=("alpha",)')
    project.table("good", "GoodCircle")
    records = project.load().records
    assert records["good"].state is State.READY
    assert {records["alpha"].state, records["bravo"].state} == {State.FAILED}
    assert "alpha" in records["bravo"].reason


def test_a_switched_off_plugin_keeps_its_models_and_blocks_what_needs_it(project):
    project.table("alpha", "AlphaOff")
    project.table("child", "ChildOfOff", 'needs=("alpha",)')
    registry = project.load(off={"alpha"})
    assert registry.records["alpha"].state is State.OFF
    assert registry.records["alpha"].tables == ("alpha_rows",)
    assert registry.records["child"].state is State.BLOCKED
    assert registry.records["child"].tables == ("child_rows",)


def test_asking_for_a_manager_says_who_exists_or_why_not(project):
    project.table("alpha", "AlphaAsked")
    project.table("child", "ChildAsked", 'needs=("alpha",)')
    registry = project.load()
    with pytest.raises(
        UnknownManager, match=r"no plugin has a manager 'alhpa'; there are: alpha, child, purges, settings, switches"
    ):
        registry.manager("alhpa")
    registry.block("alpha", "its schema is behind")
    with pytest.raises(PluginUnavailable, match="plugin 'child': is blocked: needs 'alpha', which is blocked"):
        registry.manager("child")


@pytest.mark.parametrize(
    ("name", "broken", "reason"),
    [
        ("resting", {}, "is off: switched off"),
        ("importless", {"models": "import nothing_of_that_name"}, "is failed: .*nothing_of_that_name"),
        ("typo", {"models": "def ("}, "is failed"),
        ("waiting", {}, "is blocked: needs 'nobody'"),
    ],
)
def test_asking_for_the_manager_of_a_plugin_that_is_not_running_says_why(project, name, broken, reason):
    project.plugin(
        name,
        'needs=("nobody",)' if name == "waiting" else "",
        models=broken.get("models", ""),
        managers=f"""
            from tux.manager import Manager
            class {name.title()}Manager(Manager, name="{name}_rows"):
                pass
        """,
    )
    registry = project.load(off={"resting"})
    with pytest.raises(PluginUnavailable, match=f"plugin '{name}': {reason}"):
        registry.manager(f"{name}_rows")
    with pytest.raises(UnknownManager):
        registry.manager(f"{name}_row")


def test_managers_that_cannot_be_read_are_nobodys(project):
    project.plugin("garbled", managers="class (:")
    registry = project.load()
    assert registry.records["garbled"].state is State.FAILED
    with pytest.raises(UnknownManager):
        registry.manager("garbled")


def test_nothing_starts_without_the_guild_plugin(project):
    with pytest.raises(PluginError, match="plugin 'guild': is missing"):
        project.load().check_required()


def test_an_installed_plugin_is_found_by_its_entry_point(project, tmp_path, monkeypatch):
    site = tmp_path / "site"
    package = site / "acme_bits" / "levels"
    package.mkdir(parents=True)
    (site / "acme_bits" / "__init__.py").write_text("")
    (package / "__init__.py").write_text(
        'from tux.plugin import Plugin\nplugin = Plugin(name="acme", summary="s", version="1")\n'
    )
    (package / "models.py").write_text(MODELS.format(cls="AcmeRow", table="acme_rows"))
    info = site / "acme_bits-1.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: acme-bits\nVersion: 1\n")
    (info / "entry_points.txt").write_text("[tux.plugins]\nacme = acme_bits.levels\ngone = acme_gone.nothing\n")
    monkeypatch.syspath_prepend(str(site))
    (project.root / "config" / "tux.toml").write_text(f'[plugins]\nfolder = "{project.folder}"\n')
    records = project.load().records
    assert records["acme"].state is State.READY
    assert records["acme"].tables == ("acme_rows",)
    assert records["gone"].state is State.FAILED
    assert "acme_gone" in records["gone"].reason


def test_a_package_of_the_same_name_elsewhere_is_not_taken_for_the_plugin(project, tmp_path, monkeypatch):
    other = tmp_path / "elsewhere" / project.folder
    (other / "alpha").mkdir(parents=True)
    (other / "__init__.py").write_text("")
    (other / "alpha" / "__init__.py").write_text("")
    monkeypatch.syspath_prepend(str(tmp_path / "elsewhere"))
    __import__(project.folder)
    project.plugin("alpha")
    record = project.load().records["alpha"]
    assert record.state is State.FAILED
    assert "another installed package is called" in record.reason
