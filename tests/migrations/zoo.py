"""Edits to models, all in one project at once: what each was before, is after, and what its rows must hold."""

from __future__ import annotations

from dataclasses import dataclass

IMPORTS = """\
import enum
import uuid
from datetime import datetime, timedelta, timezone
from tortoise import fields
from tortoise.contrib.postgres.fields import ArrayField, TSVectorField
from tortoise.contrib.postgres.indexes import GinIndex
from tortoise.fields.db_defaults import Now
from tortoise.indexes import Index as TortoiseIndex, PartialIndex
from tux.clock import now
from tux.models import Check, Exclude, Index, Model, Sql

class Mood(str, enum.Enum):
    calm = "calm"
    angry = "angry"

"""


@dataclass(frozen=True)
class Edit:
    """An edit of a table `zoo_<name>`, whose model has the columns `id` and `keep` besides; two rows are in it."""

    name: str
    before: str = ""
    after: str = ""
    meta: tuple[str, str] = ("", "")
    ddl: tuple[str, str] = ("", "")
    columns: str = ""  # of the first rows, besides id and keep
    values: tuple[str, str] = ("", "")
    up: tuple[str, object] | None = None  # an expression over the rows after the upgrade, in the order of id
    down: tuple[str, object] | None = None  # and after the downgrade
    after_name: str = ""  # of the model's class
    after_table: str = ""
    more: tuple[str, str] = ("", "")  # other classes before and after

    @property
    def table(self) -> str:
        return f"zoo_{self.name}"

    @property
    def table_after(self) -> str:
        return self.after_table or self.table

    def model(self, *, after: bool) -> str:
        number = int(after)
        name = self.after_name if after and self.after_name else f"M{self.name.title().replace('_', '')}"
        lines = [self.more[number], f"class {name}(Model):", "    id: int = fields.BigIntField(primary_key=True)"]
        lines += ["    keep: int = fields.IntField(default=0)"]
        lines += [f"    {line}" for line in (self.after if after else self.before).splitlines()]
        lines += ["    class Meta(Model.Meta):", f'        table = "{self.table_after if after else self.table}"']
        lines += [f"        {line}" for line in self.meta[number].splitlines()]
        if self.ddl[number]:
            lines.append(f"    ddl = ({self.ddl[number]},)")
        return "\n".join(lines) + "\n\n"

    def insert(self) -> list[str]:
        extra = f", {self.columns}" if self.columns else ""
        return [
            f'INSERT INTO "{self.table}" (keep{extra}) VALUES ({number}{", " + value if value else ""})'
            for number, value in zip((7, 8), self.values, strict=True)
        ]


TARGET = """class Target{n}(Model):
    id: int = fields.BigIntField(primary_key=True)
    class Meta(Model.Meta):
        table = "zoo_target{n}"
"""

EDITS = (
    # a field added
    Edit("nullable", after="note: str = fields.TextField(null=True)", up=("note", [None, None])),
    Edit("defaulted", after='note: str = fields.CharField(max_length=9, default="it\'s")', up=("note", ["it's"] * 2)),
    Edit("db_defaulted", after="wins: int = fields.IntField(default=1, db_default=7)", up=("wins", [7, 7])),
    Edit("db_now", after="at = fields.DatetimeField(db_default=Now())", up=("at IS NOT NULL", [True] * 2)),
    Edit("auto_now", after="at = fields.DatetimeField(auto_now=True)", up=("at IS NOT NULL", [True] * 2)),
    Edit("auto_now_add", after="at = fields.DatetimeField(auto_now_add=True)", up=("at IS NOT NULL", [True] * 2)),
    Edit(
        "moment_ahead",
        after="at = fields.DatetimeField(default=lambda: now() + timedelta(days=30))",
        up=("round(extract(epoch FROM at - now()) / 86400)::int", [30, 30]),
    ),
    Edit(
        "moment_fixed",
        after="at = fields.DatetimeField(default=lambda: datetime(2020, 1, 2, tzinfo=timezone.utc))",
        up=("at::date::text", ["2020-01-02"] * 2),
    ),
    Edit("json_dict", after="flags: dict = fields.JSONField(default=dict)", up=("flags::text", ["{}"] * 2)),
    Edit("json_list", after="flags: list = fields.JSONField(default=list)", up=("flags::text", ["[]"] * 2)),
    Edit("json_filled", after='flags = fields.JSONField(default=lambda: {"a": [1]})', up=("flags->'a'->>0", ["1"] * 2)),
    Edit("array", after='tags = ArrayField("text", default=list)', up=("tags", [[], []])),
    Edit("array_filled", after='tags = ArrayField("int", default=lambda: [1, 2])', up=("tags", [[1, 2]] * 2)),
    Edit(
        "enumerated",
        after="mood = fields.CharEnumField(Mood, max_length=9, default=Mood.calm)",
        up=("mood", ["calm"] * 2),
    ),
    Edit("boolean", after="on = fields.BooleanField(default=False)", up=('"on"', [False] * 2)),
    Edit(
        "numeric",
        after='price = fields.DecimalField(max_digits=9, decimal_places=2, default="1.50")',
        up=("price::text", ["1.50"] * 2),
    ),
    Edit(
        "unique_uuid",
        after="token = fields.UUIDField(default=uuid.uuid4, unique=True)",
        up=("count(*) OVER ()", [2, 2]),
    ),
    Edit("unique_nullable", after="code: int = fields.IntField(null=True, unique=True)", up=("code", [None, None])),
    Edit(
        "commented", after='note = fields.TextField(null=True, description="what it\'s for")', up=("note", [None, None])
    ),
    Edit(
        "generated",
        before='text = fields.TextField(default="")',
        after='text = fields.TextField(default="")\nwords = TSVectorField(source_fields=["text"], config="simple", null=True)',
        meta=("", 'indexes = (GinIndex(fields=["words"]),)'),
        columns="text",
        values=("'one two'", "'three'"),
        up=("words @@ 'two'::tsquery", [True, False]),
    ),
    Edit(
        "regenerated",
        before='text = fields.TextField(default="")\nmore = fields.CharField(max_length=9, default="")\n'
        'words = TSVectorField(source_fields=["text"], config="simple", null=True)',
        after='text = fields.TextField(default="")\nmore = fields.CharField(max_length=12, default="")\n'
        'words = TSVectorField(source_fields=["text", "more"], config="simple", null=True)',
        meta=('indexes = (GinIndex(fields=["words"]),)',) * 2,
        columns="text, more",
        values=("'one two', 'x'", "'three', 'two'"),
        up=("words @@ 'two'::tsquery", [True, True]),
        down=("words @@ 'two'::tsquery", [True, False]),
    ),
    # dropped, renamed, retyped, bound
    Edit(
        "dropped",
        before='gone = fields.CharField(max_length=9, default="")',
        columns="gone",
        values=("'a'", "'b'"),
        down=("gone", ["", ""]),
    ),
    Edit(
        "dropped_required",
        before="gone = fields.TextField()",
        columns="gone",
        values=("'a'", "'b'"),
        down=("gone", ["", ""]),
    ),
    Edit(
        "renamed",
        before="xp = fields.IntField(db_index=True)",
        after="points = fields.IntField(db_index=True)",
        columns="xp",
        values=("1", "2"),
        up=("points", [1, 2]),
        down=("xp", [1, 2]),
    ),
    Edit(
        "renamed_unique",
        before="old_code = fields.CharField(max_length=9, unique=True)",
        after="new_code = fields.CharField(max_length=9, unique=True)",
        columns="old_code",
        values=("'a'", "'b'"),
        up=("new_code", ["a", "b"]),
    ),
    Edit(
        "wider",
        before="a = fields.IntField()\nb = fields.CharField(max_length=5)\nc = fields.IntField(primary_key=False, default=3)",
        after="a = fields.BigIntField()\nb = fields.TextField()\nc = fields.BigIntField(default=3)",
        columns="a, b, c",
        values=("1, 'x', 3", "2, 'y', 4"),
        up=("b", ["x", "y"]),
        down=("a", [1, 2]),
    ),
    Edit(
        "narrower",
        before="a = fields.BigIntField()\nb = fields.CharField(max_length=50)",
        after="a = fields.IntField()\nb = fields.CharField(max_length=5)",
        columns="a, b",
        values=("1, 'x'", "2, 'y'"),
        up=("b", ["x", "y"]),
        down=("a", [1, 2]),
    ),
    Edit(
        "retyped",
        before="a = fields.TextField()\nb = fields.BooleanField()\nc = fields.IntField(default=5, db_default=5)",
        after='a = fields.IntField()\nb = fields.IntField()\nc = fields.CharField(max_length=9, default="5", db_default="5")',
        columns="a, b",
        values=("'1', TRUE", "'2', FALSE"),
        up=("ARRAY[a, b, c::int]", [[1, 1, 5], [2, 0, 5]]),
        down=("a", ["1", "2"]),
    ),
    Edit(
        "array_retyped",
        before='a = ArrayField("int", default=list)',
        after='a = ArrayField("bigint", default=list)',
        columns="a",
        values=("'{1}'", "'{2}'"),
        up=("a", [[1], [2]]),
    ),
    Edit(
        "loosened",
        before="a = fields.IntField()",
        after="a = fields.IntField(null=True)",
        columns="a",
        values=("1", "2"),
        up=("a", [1, 2]),
    ),
    Edit(
        "bound",
        before="a = fields.IntField(null=True)",
        after="a = fields.IntField(default=4)",
        columns="a",
        values=("NULL", "2"),
        up=("a", [4, 2]),
    ),
    Edit(
        "default_set",
        before="a = fields.IntField(default=1)",
        after="a = fields.IntField(default=1, db_default=3)",
        columns="a",
        values=("1", "2"),
        up=("a", [1, 2]),
    ),
    Edit("default_changed", before="a = fields.IntField(db_default=1)", after="a = fields.IntField(db_default=3)"),
    Edit(
        "default_dropped",
        before="a = fields.IntField(db_default=1)",
        after="a = fields.IntField()",
        columns="a",
        values=("1", "2"),
    ),
    Edit(
        "comment_changed",
        before='a = fields.IntField(null=True, description="old")',
        after='a = fields.IntField(null=True, description="new")',
    ),
    Edit("table_comment", meta=('table_description = "old"', 'table_description = "new"')),
    # indexes and uniques
    Edit("indexed", before="a = fields.IntField(null=True)", after="a = fields.IntField(null=True, db_index=True)"),
    Edit("unindexed", before="a = fields.IntField(null=True, db_index=True)", after="a = fields.IntField(null=True)"),
    Edit(
        "made_unique",
        before="a = fields.IntField(null=True)",
        after="a = fields.IntField(null=True, unique=True)",
        columns="a",
        values=("1", "2"),
    ),
    Edit(
        "unique_to_index",
        before="a = fields.IntField(null=True, unique=True)",
        after="a = fields.IntField(null=True, db_index=True)",
        columns="a",
        values=("1", "2"),
    ),
    Edit(
        "together",
        before="a = fields.IntField(default=1)",
        after="a = fields.IntField(default=1)",
        meta=("", 'unique_together = (("a", "keep"),)'),
        columns="a",
        values=("1", "1"),
    ),
    Edit(
        "together_changed",
        before="a = fields.IntField(default=1)",
        after="a = fields.IntField(default=1)",
        meta=('unique_together = (("a", "keep"),)', 'unique_together = (("keep", "a"),)'),
        columns="a",
        values=("1", "1"),
    ),
    Edit(
        "indexes_changed",
        meta=(
            'indexes = (("keep",), PartialIndex(fields=("keep",), condition={"keep": 3}, name="zoo_p"))',
            'indexes = (("keep", "id"), PartialIndex(fields=("keep",), condition={"keep": 4}, name="zoo_p"))',
        ),
    ),
    Edit(
        "index_names_exchanged",
        meta=(
            'indexes = (TortoiseIndex(fields=("keep",), name="zoo_a"), TortoiseIndex(fields=("id", "keep"), name="zoo_b"))',
            'indexes = (TortoiseIndex(fields=("id", "keep"), name="zoo_a"), TortoiseIndex(fields=("keep",), name="zoo_b"))',
        ),
    ),
    # what aerich cannot see
    Edit("declared", ddl=('Check("keep > 0")', 'Check("keep > 1"), Index("-keep", where="keep IS NOT NULL")')),
    Edit("excluded", ddl=("", 'Sql("CREATE EXTENSION IF NOT EXISTS btree_gist", "SELECT 1"), Exclude("keep WITH =")')),
    Edit(
        "declared_generated",
        ddl=(
            "",
            'Sql("ALTER TABLE zoo_declared_generated ADD COLUMN twice INT GENERATED ALWAYS AS (keep * 2) STORED", "ALTER TABLE zoo_declared_generated DROP COLUMN IF EXISTS twice")',
        ),
        up=("twice", [14, 16]),
    ),
    Edit(
        "regenerated_declared",
        before='text = fields.TextField(default="")\nwords = TSVectorField(source_fields=["text"], config="simple", null=True)',
        after='text = fields.TextField(default="")\nwords = TSVectorField(source_fields=["text"], config="english", null=True)',
        ddl=('Index("words", using="gin"), Check("words IS NOT NULL")',) * 2,
        columns="text",
        values=("'the ones'", "'two'"),
        up=("words @@ 'one'::tsquery", [True, False]),
        down=("words @@ 'ones'::tsquery", [True, False]),
    ),
    Edit(
        "retyped_below_declared",
        before="a = fields.IntField()",
        after="a = fields.BigIntField()",
        ddl=(
            'Sql("ALTER TABLE zoo_retyped_below_declared ADD COLUMN twice BIGINT GENERATED ALWAYS AS (a * 2) STORED", "ALTER TABLE zoo_retyped_below_declared DROP COLUMN IF EXISTS twice"), Index("-twice")',
        )
        * 2,
        columns="a",
        values=("1", "2"),
        up=("twice", [2, 4]),
        down=("twice", [2, 4]),
    ),
    # relations
    Edit(
        "referring",
        after='target = fields.ForeignKeyField("models.Target1", null=True, related_name="a1")',
        more=(TARGET.format(n=1),) * 2,
        up=("target_id", [None, None]),
    ),
    Edit(
        "reference_renamed",
        before='target = fields.ForeignKeyField("models.Target2", null=True, related_name="a2")',
        after='goal = fields.ForeignKeyField("models.Target2", null=True, related_name="a2")',
        more=(TARGET.format(n=2),) * 2,
        columns="target_id",
        values=("1", "NULL"),
        up=("goal_id", [1, None]),
        down=("target_id", [1, None]),
    ),
    Edit(
        "reference_replaced",  # an exact match but for the table, whose rows are others
        before='target = fields.ForeignKeyField("models.Target10", null=True, related_name="a10")',
        after='goal = fields.ForeignKeyField("models.Target11", null=True, related_name="a11")',
        more=(TARGET.format(n=10) + TARGET.format(n=11),) * 2,
        columns="target_id",
        values=("1", "NULL"),
        up=("goal_id", [None, None]),
        down=("target_id", [None, None]),
    ),
    Edit(
        "on_delete",
        before='target = fields.ForeignKeyField("models.Target3", null=True, related_name="a3")',
        after='target = fields.ForeignKeyField("models.Target3", null=True, related_name="a3", on_delete=fields.SET_NULL)',
        more=(TARGET.format(n=3),) * 2,
        columns="target_id",
        values=("1", "NULL"),
        up=("target_id", [1, None]),
    ),
    Edit(
        "plain_column",
        before='target = fields.ForeignKeyField("models.Target4", null=True, related_name="a4")',
        after="target_id = fields.BigIntField(null=True)",
        more=(TARGET.format(n=4),) * 2,
        columns="target_id",
        values=("1", "NULL"),
        up=("target_id", [1, None]),
        down=("target_id", [1, None]),
    ),
    Edit(
        "from_plain",
        before="target_id = fields.BigIntField(null=True)",
        after='target = fields.ForeignKeyField("models.Target5", null=True, related_name="a5")',
        more=(TARGET.format(n=5),) * 2,
        columns="target_id",
        values=("1", "NULL"),
        up=("target_id", [1, None]),
    ),
    Edit(
        "one_to_one",
        after='target = fields.OneToOneField("models.Target6", null=True, related_name="a6")',
        more=(TARGET.format(n=6),) * 2,
    ),
    Edit(
        "self_reference",
        after='parent = fields.ForeignKeyField("models.MSelfReference", null=True, related_name="children")',
        up=("parent_id", [None, None]),
    ),
    Edit(
        "new_self_reference",
        more=(
            "",
            'class Node(Model):\n    id: int = fields.BigIntField(primary_key=True)\n    parent = fields.ForeignKeyField("models.Node", null=True, related_name="children")\n    class Meta(Model.Meta):\n        table = "zoo_nodes"\n',
        ),
    ),
    Edit(
        "many",
        after='targets = fields.ManyToManyField("models.Target7", related_name="a7", through="zoo_many_targets")',
        more=(TARGET.format(n=7),) * 2,
    ),
    Edit(
        "many_dropped",
        before='targets = fields.ManyToManyField("models.Target8", related_name="a8", through="zoo_many_gone")',
        more=(TARGET.format(n=8),) * 2,
    ),
    Edit(
        "many_unique",
        before='targets = fields.ManyToManyField("models.Target9", related_name="a9", through="zoo_many_unique_t", unique=False)',
        after='targets = fields.ManyToManyField("models.Target9", related_name="a9", through="zoo_many_unique_t")',
        more=(TARGET.format(n=9),) * 2,
    ),
    Edit(
        "many_to_model",
        before='targets = fields.ManyToManyField("models.Target12", related_name="a12", through="zoo_pairs")',
        after='targets = fields.ManyToManyField("models.Target12", related_name="a12", through="zoo_pairs")',
        more=(
            TARGET.format(n=12),
            TARGET.format(n=12)
            + """class Pair(Model):
    id: int = fields.BigIntField(primary_key=True)
    one = fields.ForeignKeyField("models.MManyToModel", related_name="pairs", source_field="zoo_many_to_model_id")
    two = fields.ForeignKeyField("models.Target12", related_name="pairs", source_field="target12_id")
    weight: int = fields.IntField(default=1)
    class Meta(Model.Meta):
        table = "zoo_pairs"
""",
        ),
    ),
    # models and tables
    Edit("class_renamed", after_name="Another", after="a = fields.IntField(null=True)", up=("a", [None, None])),
    Edit(
        "table_renamed",
        before="a = fields.IntField(null=True, db_index=True, unique=False)",
        after="a = fields.IntField(null=True, db_index=True)",
        after_table="zoo_table_named",
        columns="a",
        values=("1", "2"),
        up=("a", [1, 2]),
    ),
    Edit(
        "both_renamed",
        before="a = fields.IntField(null=True, unique=True)",
        after="a = fields.IntField(null=True, unique=True)",
        after_name="BothNamed",
        after_table="zoo_both_named",
        columns="a",
        values=("1", "2"),
        up=("a", [1, 2]),
    ),
    Edit(
        "model_dropped_beside",
        more=(
            'class Lost(Model):\n    id: int = fields.BigIntField(primary_key=True)\n    name = fields.CharField(max_length=9, unique=True, description="its name")\n    class Meta(Model.Meta):\n        table = "zoo_lost"\n    ddl = (Check("name <> \'\'"),)\n',
            "",
        ),
    ),
)


def models(*, after: bool) -> str:
    return IMPORTS + "".join(edit.model(after=after) for edit in EDITS)
