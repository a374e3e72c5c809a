"""The SQL from one schema to another, in an order that works on tables with rows.

Called twice for each migration file, the second time backwards for the downgrade; knows neither aerich nor Tortoise.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import TypeVar

from tux.errors import MigrationError
from tux.migrations.binding import referred_first, unbound, unfit_keys
from tux.migrations.columns import add_column, change_column, column_sql, comment_sql
from tux.migrations.shapes import Index, Reference, Schema, Table, pg_name
from tux.migrations.types import canonical

P = TypeVar("P", tuple[str, ...], Reference, Index)


@dataclass(frozen=True, slots=True)
class Renames:
    """What is the same under another name: old table → new, and by new table old column → new."""

    tables: Mapping[str, str] = field(default_factory=dict[str, str])
    columns: Mapping[str, Mapping[str, str]] = field(default_factory=dict[str, Mapping[str, str]])

    def backwards(self) -> Renames:
        """Return the renames of the way back."""
        tables = {new: old for old, new in self.tables.items()}
        return Renames(
            tables,
            {
                tables.get(table, table): {new: old for old, new in names.items()}
                for table, names in self.columns.items()
            },
        )


@dataclass(slots=True)
class Script:
    """Statements by the moment at which they run."""

    loosen: list[str] = field(default_factory=list[str])
    rename: list[str] = field(default_factory=list[str])
    create: list[str] = field(default_factory=list[str])
    change: list[str] = field(default_factory=list[str])
    bind: list[str] = field(default_factory=list[str])
    refer: list[str] = field(default_factory=list[str])
    remove: list[str] = field(default_factory=list[str])

    def statements(self) -> list[str]:
        """Return all of them in order."""
        return [*self.loosen, *self.rename, *self.create, *self.change, *self.bind, *self.refer, *self.remove]


def schema_sql(old: Schema, new: Schema, renames: Renames | None = None, *, back: bool = False) -> list[str]:
    """Return the statements that make the new schema of the old one; `back` never refuses.

    Raises:
        MigrationError: what is asked for would fail on a table with rows, or lose them; says what to do instead.
    """
    renames = renames or Renames()
    script = Script()
    moved = {renames.tables.get(name, name): (name, table) for name, table in old.items()}
    here = {
        name: renamed(table, renames.columns.get(name, {}), renames.tables)
        for name, (_, table) in moved.items()
        if name in new
    }
    order, circular = referred_first({name: table for name, table in new.items() if name not in moved})
    for name in order:
        later = [*circular.get(name, ()), *unfit_keys(new[name], here, new)]
        script.create += create_table(name, new[name], later)
        script.refer += [_add_key(name, key, new[name].references[key]) for key in later]
    for name in here:
        _alter(script, (moved[name][0], unbound(name, here, new)), (name, new[name]), renames, back=back)
    gone = {name: renamed(table, {}, renames.tables) for name, (_, table) in moved.items() if name not in new}
    order, circular = referred_first(gone)
    for name in order:
        earlier = [*circular.get(name, ()), *unfit_keys(gone[name], here, new, renames.columns)]
        script.loosen[:0] = [_drop_constraint(name, key) for key in earlier]
    script.remove += [f'DROP TABLE IF EXISTS "{name}"' for name in reversed(order)]
    return script.statements()


def create_table(name: str, table: Table, later: Collection[str] = ()) -> list[str]:
    """Return the statements that make a table with its constraints, but for foreign keys that come later, and indexes."""
    lines = [column_sql(column, table.columns[column], key=column == table.key) for column in table.columns]
    lines += [_unique_sql(unique, columns) for unique, columns in table.uniques.items()]
    lines += [_reference_sql(key, reference) for key, reference in table.references.items() if key not in later]
    body = ",\n    ".join(lines)
    return [
        f'CREATE TABLE IF NOT EXISTS "{name}" (\n    {body}\n)',
        *(_index_sql(index, name, part) for index, part in table.indexes.items()),
        *([comment_sql(f'TABLE "{name}"', table.comment)] if table.comment else []),
        *(comment_sql(f'COLUMN "{name}"."{key}"', each.comment) for key, each in table.columns.items() if each.comment),
    ]


def _alter(
    script: Script, before: tuple[str, Table], after: tuple[str, Table], renames: Renames, *, back: bool
) -> None:
    (old_name, here), (name, new) = before, after
    names = renames.columns.get(name, {})
    if old_name != name:
        script.rename.append(f'ALTER TABLE "{old_name}" RENAME TO "{name}"')
    for source, target in names.items():
        script.rename.append(f'ALTER TABLE "{name}" RENAME COLUMN "{source}" TO "{target}"')
    again = remade(here, new)
    here = replace(here, indexes={index: part for index, part in here.indexes.items() if not _names(part.body, again)})
    _keep_key(script, old_name, name, here, new, names)
    _match(
        script, before=(old_name, here.uniques), after=(name, new.uniques), rename=_rename_constraint, add=_add_unique
    )
    _match(
        script,
        before=(old_name, here.references),
        after=(name, new.references),
        rename=_rename_constraint,
        add=_add_key,
    )
    _match(script, before=(old_name, here.indexes), after=(name, new.indexes), rename=_rename_index, add=_add_index)
    gone = [column for column in here.columns if column not in new.columns]
    # A generated column goes before those it is made of, and comes after them.
    for column in (*sorted(gone, key=lambda each: not here.columns[each].generated), *again):
        script.change.insert(
            0 if column in again else len(script.change), f'ALTER TABLE "{name}" DROP COLUMN "{column}"'
        )
    for column, wanted in sorted(new.columns.items(), key=lambda each: bool(each[1].generated)):
        if column not in here.columns or column in again:
            script.change += add_column(name, column, new, back=back)
        else:
            script.change += change_column(name, column, here.columns[column], wanted, back=back)
    if here.comment != new.comment:
        script.bind.append(comment_sql(f'TABLE "{name}"', new.comment))


def renamed(table: Table, columns: Mapping[str, str], tables: Mapping[str, str]) -> Table:
    """Return a table with its columns and targets under their new names; constraints and indexes keep theirs."""

    def follow(body: str) -> str:
        return re.sub(r'"([^"]+)"', lambda found: f'"{columns.get(found[1], found[1])}"', body)

    return replace(
        table,
        key=columns.get(table.key, table.key),
        columns={
            columns.get(name, name): replace(column, generated=follow(column.generated))
            for name, column in table.columns.items()
        },
        uniques={name: tuple(columns.get(each, each) for each in unique) for name, unique in table.uniques.items()},
        references={
            name: replace(
                reference,
                column=columns.get(reference.column, reference.column),
                table=tables.get(reference.table, reference.table),
            )
            for name, reference in table.references.items()
        },
        indexes={name: replace(index, body=follow(index.body)) for name, index in table.indexes.items()},
    )


def remade(here: Table, new: Table) -> list[str]:
    """Return the generated columns that are dropped and made again: PostgreSQL changes neither them nor their sources."""
    both = [column for column in here.columns if column in new.columns]
    retyped = [name for name in both if canonical(here.columns[name].type) != canonical(new.columns[name].type)]
    return [
        name
        for name in both
        if here.columns[name].generated != new.columns[name].generated
        or (name in retyped and here.columns[name].generated)
        or _names(here.columns[name].generated, retyped)
    ]


def _names(text: str, columns: Iterable[str]) -> bool:
    return any(f'"{column}"' in text for column in columns)


def _keep_key(  # noqa: PLR0913, PLR0917 - both sides of a comparison
    script: Script, old_name: str, name: str, here: Table, new: Table, names: Mapping[str, str]
) -> None:
    """Let the names of the primary key and its sequence follow a renamed table or key."""
    if here.key == new.key == "":
        return
    gets = not here.key and new.key not in here.columns and new.columns[new.key].serial
    loses = not new.key and here.key not in new.columns
    if gets or loses:  # a many-to-many relation and a model of its table, which comes and goes with its key
        return
    if here.key != new.key or (here.key and here.columns[here.key].serial != new.columns[new.key].serial):
        raise MigrationError(
            f"the primary key of {name} would become another ({_key_name(here)} to {_key_name(new)}), which breaks "
            "what refers to it; make a new model, move the rows by a data step, and drop the old one later"
        )
    was, now = pg_name(old_name, "", "pkey"), pg_name(name, "", "pkey")
    if was != now:
        script.rename.append(_rename_constraint(name, was, now))
    if new.columns[new.key].serial:
        source = next((each for each, target in names.items() if target == new.key), new.key)
        was, now = pg_name(old_name, source, "seq"), pg_name(name, new.key, "seq")
        if was != now:
            script.rename.append(f'ALTER SEQUENCE "{was}" RENAME TO "{now}"')


def _key_name(table: Table) -> str:
    if not table.key:
        return "none"
    return f"{table.key}, {'numbered' if table.columns[table.key].serial else 'not numbered'} by the database"


def _match(
    script: Script,
    *,
    before: tuple[str, Mapping[str, P]],
    after: tuple[str, Mapping[str, P]],
    rename: Callable[[str, str, str], str],
    add: Callable[[str, str, P], str],
) -> None:
    """Rename the parts that are the same under another name, drop those that went and add the new ones."""
    (old_table, old), (table, new) = before, after
    spare = {name: part for name, part in old.items() if new.get(name) != part}
    for name, part in new.items():
        if old.get(name) == part:
            continue
        same = next((each for each, other in spare.items() if other == part), None)
        if same is None or name in old:  # a name that is still taken when others are renamed
            (script.refer if isinstance(part, Reference) else script.bind).append(add(table, name, part))
        else:
            del spare[same]
            script.rename.append(rename(table, same, name))
    for name, part in spare.items():
        gone = f'DROP INDEX IF EXISTS "{name}"' if isinstance(part, Index) else _drop_constraint(old_table, name)
        # A foreign key goes first: it may stand on a unique constraint of another table.
        script.loosen.insert(0 if isinstance(part, Reference) else len(script.loosen), gone)


def _unique_sql(name: str, columns: tuple[str, ...]) -> str:
    listed = ", ".join(f'"{column}"' for column in columns)
    return f'CONSTRAINT "{name}" UNIQUE ({listed})'


def _reference_sql(name: str, reference: Reference) -> str:
    return (
        f'CONSTRAINT "{name}" FOREIGN KEY ("{reference.column}") '
        f'REFERENCES "{reference.table}" ("{reference.target}") ON DELETE {reference.on_delete}'
    )


def _index_sql(name: str, table: str, index: Index) -> str:
    return f'CREATE {"UNIQUE " if index.unique else ""}INDEX "{name}" ON "{table}" {index.body}'


def _add_unique(table: str, name: str, columns: tuple[str, ...]) -> str:
    return f'ALTER TABLE "{table}" ADD {_unique_sql(name, columns)}'


def _add_key(table: str, name: str, reference: Reference) -> str:
    return f'ALTER TABLE "{table}" ADD {_reference_sql(name, reference)}'


def _add_index(table: str, name: str, index: Index) -> str:
    return _index_sql(name, table, index)


def _drop_constraint(table: str, name: str) -> str:
    return f'ALTER TABLE "{table}" DROP CONSTRAINT IF EXISTS "{name}"'


def _rename_constraint(table: str, old: str, new: str) -> str:
    return f'ALTER TABLE "{table}" RENAME CONSTRAINT "{old}" TO "{new}"'


def _rename_index(_table: str, old: str, new: str) -> str:
    return f'ALTER INDEX "{old}" RENAME TO "{new}"'
