"""Several edits that meet in one migration: the models before and after, rows, and what the rows must be."""

from __future__ import annotations

from dataclasses import dataclass

ID = "id: int = fields.BigIntField(primary_key=True)"
NUMBER = "code: int = fields.IntField(primary_key=True, generated=False)"
WORD = "code = fields.CharField(primary_key=True, max_length=9)"
XP = "xp: int = fields.IntField(default=0)"


def model(name: str, table: str, *lines: str, meta: str = "", ddl: str = "") -> str:
    """Return the source of a model."""
    body = [*lines, "class Meta(Model.Meta):", f'    table = "{table}"']
    body += [f"    {line}" for line in meta.splitlines()]
    body += [f"ddl = ({ddl},)"] if ddl else []
    return "\n    ".join([f"class {name}(Model):", *body]) + "\n\n\n"


def key(name: str, target: str, more: str = "null=True", kind: str = "ForeignKey") -> str:
    """Return the source of a relation."""
    return f'{name} = fields.{kind}Field("models.{target}", related_name="of_{name}", {more})'


@dataclass(frozen=True)
class Pair:
    """The models of the plugins `zoo` and `ant`, before and after; "" is a plugin that is not there."""

    name: str
    before: tuple[str, str]
    after: tuple[str, str]
    rows: tuple[str, ...] = ()
    up: tuple[tuple[str, object], ...] = ()  # a query and its rows after the upgrade
    down: tuple[tuple[str, object], ...] = ()  # and after the downgrade
    rename: str = ""


def _moving(plugin: str, more: str = "") -> str:
    many = 'many = fields.ManyToManyField("models.G", related_name="every")'
    lines = (ID, many, "xp: int = fields.IntField(default=0, db_index=True)", key("parent", "M"), more)
    meta, ddl = 'unique_together = (("xp", "parent"),)', 'Check("xp >= 0"), Index("-xp", where="xp > 1")'
    return model("G", f"{plugin}_gs", ID) + model("M", f"{plugin}_ms", *lines, meta=meta, ddl=ddl)


def _circle(first: str, second: str, code: str, team: str) -> str:
    return model("T", first, code, key("leader", "P")) + model("P", second, code, key(team, "T"))


def _friends(name: str, code: str) -> str:
    return model(name, "zoo_ns", code, f'friends = fields.ManyToManyField("models.{name}", related_name="every")')


def _numbered(kind: str) -> str:
    partial = 'indexes = (PartialIndex(fields=("id",), condition={"xp": 3}),)'
    ddl = 'Index("id", where="xp > 2"), Check("xp >= 0")'
    return model("A", "zoo_as", ID, f"xp = fields.{kind}Field(default=0)", meta=partial, ddl=ddl)


def _viewed(kind: str, more: str = "") -> str:
    view = 'Sql("CREATE VIEW zoo_v AS SELECT xp FROM zoo_as", "DROP VIEW IF EXISTS zoo_v")'
    return model("A", "zoo_as", ID, f"xp: int = fields.{kind}Field(default=0)", more) + model(
        "B", "zoo_bs", ID, ddl=view
    )


PAIRS = (
    Pair(
        "model renamed, columns renamed, retyped, dropped and added, indexes and checks with them",
        (
            model("G", "zoo_gs", ID)
            + model(
                "A",
                "zoo_as",
                ID,
                key("g", "G"),
                "xp: int = fields.IntField(default=0, unique=True)",
                'name = fields.CharField(max_length=9, default="", db_index=True)',
                "old: int = fields.IntField(null=True)",
                meta='unique_together = (("g", "name"),)\n'
                'indexes = (PartialIndex(fields=("name",), condition={"xp": 3}, name="zoo_part"),)',
                ddl='Check("xp >= 0"), Index("-xp", where="old IS NULL")',
            ),
            "",
        ),
        (
            model("G", "zoo_hs", ID)
            + model(
                "Z",
                "zoo_zs",
                ID,
                key("h", "G", "null=True, on_delete=fields.SET_NULL", "OneToOne"),
                "points: int = fields.BigIntField(default=0)",
                'name = fields.TextField(default="q")',
                "fresh = fields.JSONField(default=dict)",
                key("above", "Z"),
                meta='unique_together = (("h", "points"),)\n'
                'indexes = (PartialIndex(fields=("name",), condition={"points": 3}, name="zoo_part"),)',
                ddl='Check("points >= 0"), Index("-points", where="name IS NOT NULL")',
            ),
            "",
        ),
        ("INSERT INTO zoo_gs DEFAULT VALUES", "INSERT INTO zoo_as (g_id, xp, name) VALUES (1, 3, 'a'), (NULL, 4, 'b')"),
        (("SELECT h_id, points, name FROM zoo_zs ORDER BY id", [(1, 3, "a"), (None, 4, "b")]),),
        (("SELECT g_id, xp, name FROM zoo_as ORDER BY id", [(1, 3, "a"), (None, 4, "b")]),),
        "zoo_as=zoo_zs,zoo_zs.g_id=h_id,zoo_zs.xp=points",
    ),
    Pair(
        "model moved to another plugin, and the key that it refers to retyped",
        (model("G", "zoo_gs", NUMBER) + model("M", "zoo_ms", ID, key("g", "G"), XP), "# as empty as can be"),
        (model("G", "zoo_gs", WORD), model("M", "ant_ms", ID, key("g", "G"), XP)),
        ("INSERT INTO zoo_gs VALUES (1)", "INSERT INTO zoo_ms (g_id, xp) VALUES (1, 5), (NULL, 6)"),
        (("SELECT g_id, xp FROM ant_ms ORDER BY id", [("1", 5), (None, 6)]),),
        (("SELECT g_id, xp FROM zoo_ms ORDER BY id", [(1, 5), (None, 6)]),),
    ),
    Pair(
        "target moved, its key renamed, and the foreign key renamed that refers to it",
        (model("M", "zoo_ms", ID, key("g", "G"), XP), model("G", "ant_gs", NUMBER)),
        (
            model("G", "zoo_gs", NUMBER.replace("code", "number"))
            + model("M", "zoo_ms", ID, key("h", "G", "null=True, on_delete=fields.RESTRICT"), XP),
            "# as empty as can be",
        ),
        ("INSERT INTO ant_gs VALUES (1)", "INSERT INTO zoo_ms (g_id, xp) VALUES (1, 5)"),
        (("SELECT h_id, xp, number FROM zoo_ms, zoo_gs", [(1, 5, 1)]),),
        (("SELECT g_id, xp, code FROM zoo_ms, ant_gs", [(1, 5, 1)]),),
    ),
    Pair(
        "two models moved with all they have, and their plugin gone",
        (_moving("zoo"), ""),
        ("", _moving("ant", 'note = fields.TextField(default="n")')),
        (
            "INSERT INTO zoo_gs DEFAULT VALUES",
            "INSERT INTO zoo_ms (xp) VALUES (5)",
            "INSERT INTO zoo_ms (xp, parent_id) VALUES (6, 1)",
            "INSERT INTO zoo_ms_zoo_gs VALUES (1, 1)",
        ),
        (
            ("SELECT xp, parent_id, note FROM ant_ms ORDER BY id", [(5, None, "n"), (6, 1, "n")]),
            ("SELECT * FROM ant_ms_ant_gs", [(1, 1)]),
        ),
        (
            ("SELECT xp, parent_id FROM zoo_ms ORDER BY id", [(5, None), (6, 1)]),
            ("SELECT * FROM zoo_ms_zoo_gs", [(1, 1)]),
        ),
    ),
    Pair(
        "column made unique, and referred to by an old and by a new table",
        (model("A", "zoo_as", ID, XP) + model("B", "zoo_aa", ID), ""),
        (
            model("A", "zoo_as", ID, XP.replace("=0", "=0, unique=True"))
            + model("B", "zoo_aa", ID, key("a", "A", 'null=True, to_field="xp"'))
            + model("C", "zoo_cs", ID, key("b", "A", 'null=True, to_field="xp"')),
            "",
        ),
        ("INSERT INTO zoo_as (xp) VALUES (1), (2)", "INSERT INTO zoo_aa DEFAULT VALUES"),
        (("SELECT id, a_id FROM zoo_aa", [(1, None)]),),
    ),
    Pair(
        "key retyped, and referred to by a new table",
        (model("G", "zoo_gs", NUMBER), ""),
        (model("G", "zoo_gs", WORD) + model("M", "zoo_ms", ID, key("g", "G")), ""),
        ("INSERT INTO zoo_gs VALUES (1)",),
        (("SELECT code FROM zoo_gs", [("1",)]),),
        (("SELECT code FROM zoo_gs", [(1,)]),),
    ),
    Pair(
        "circle of retyped keys in renamed tables",
        (_circle("zoo_ts", "zoo_ps", NUMBER, "team"), ""),
        (_circle("zoo_us", "zoo_qs", WORD, "side"), ""),
        ("INSERT INTO zoo_ts VALUES (1)", "INSERT INTO zoo_ps VALUES (2, 1)", "UPDATE zoo_ts SET leader_id = 2"),
        (("SELECT leader_id, side_id FROM zoo_us, zoo_qs", [("2", "1")]),),
        (("SELECT leader_id, team_id FROM zoo_ts, zoo_ps", [(2, 1)]),),
        "zoo_qs.team_id=side_id",
    ),
    Pair(
        "many of itself, its class renamed and its key retyped",
        (_friends("N", NUMBER), ""),
        (_friends("O", WORD), ""),
        ("INSERT INTO zoo_ns VALUES (1), (2)", "INSERT INTO zoo_ns_zoo_ns (zoo_ns_id, n_id) VALUES (1, 2)"),
        (("SELECT zoo_ns_id, o_id FROM zoo_ns_zoo_ns", [("1", "2")]),),
        (("SELECT zoo_ns_id, n_id FROM zoo_ns_zoo_ns", [(1, 2)]),),
        "zoo_ns_zoo_ns.n_id=o_id",
    ),
    Pair(
        "number retyped below conditions that stay as they are",
        (_numbered("Int"), ""),
        (_numbered("Float"), ""),
        ("INSERT INTO zoo_as (xp) VALUES (1), (3)",),
        (("SELECT id, xp FROM zoo_as ORDER BY id", [(1, 1), (2, 3)]),),
    ),
    Pair(
        "column retyped below the view of another model",
        (_viewed("Int"), ""),
        (_viewed("BigInt", "more: int = fields.IntField(null=True)"), ""),
        ("INSERT INTO zoo_as (xp) VALUES (1)",),
        (("SELECT * FROM zoo_v", [(1,)]),),
        (("SELECT * FROM zoo_v", [(1,)]),),
    ),
)

# name → models before, models after, what the refusal says
REFUSED = {
    "a table that gets the place of one that is dropped": (
        model("A", "zoo_as", ID, XP) + model("B", "zoo_bs", ID, 'note = fields.TextField(default="")'),
        model("B", "zoo_as", ID, 'note = fields.TextField(default="")'),
        "the model B of zoo_bs is in zoo_as now, the table of A, which is gone",
    ),
    "two indexes of one name": (
        model("A", "zoo_as", ID, XP),
        model("A", "zoo_as", ID, "xp: int = fields.IntField(default=0, db_index=True)", meta='indexes = (PartialIndex(fields=("xp",), condition={"xp": 3}),)'),
        "zoo_as has two indexes called",
    ),
    "two tables with an index of one name": (
        model("A", "zoo_as", ID),
        model("A", "zoo_as", ID, meta='indexes = (TortoiseIndex(fields=("id",), name="zoo_i"),)')
        + model("B", "zoo_bs", ID, meta='indexes = (TortoiseIndex(fields=("id",), name="zoo_i"),)'),
        "zoo_as and zoo_bs both have a table, index or unique constraint called zoo_i",
    ),
    "a foreign key for which there is no column": (
        model("A", "zoo_as", ID),
        model("A", "zoo_as", ID) + model("B", "zoo_bs", key("a", "A", "primary_key=True", "OneToOne")) + model("C", "zoo_cs", ID, key("b", "B")),
        "C.b would have no column",
    ),
    "a numbered key that becomes a text": (
        model("A", "zoo_as", ID),
        model("A", "zoo_as", "id = fields.CharField(primary_key=True, max_length=9)"),
        "the primary key of zoo_as would become another (id, numbered by the database to id, not numbered by the database)",
    ),
}  # fmt: skip
