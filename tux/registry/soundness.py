"""What Tortoise would refuse only when it connects all models, and so for every plugin at once: found per plugin here."""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING, Any, cast

from tux.errors import PluginError
from tux.models import Check, Exclude, Index, Sql
from tux.models.meta import meta_of, pending_keys

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from tortoise import Model

    from tux.registry.records import PluginRecord

# PostgreSQL cuts longer names silently (NAMEDATALEN - 1 bytes).
MAX_NAME_BYTES = 63


def check_fields(record: PluginRecord, model: type[Model]) -> None:
    """Refuse a model whose fields, or what its Meta says of them, do not fit together.

    Raises:
        PluginError: says which of them, and what to do.
    """
    meta = meta_of(model)
    if meta._inited:  # noqa: SLF001 - Tortoise connected it before in this process, and found nothing
        return
    for problem in (*_problems(meta), *_column_problems(meta)):
        raise PluginError(record.name, f"{model.__name__}{problem}")


def check_backward(record: PluginRecord, where: str, name: str, relation: Any, target: type[Model]) -> None:
    """Refuse a relation that the model it points at has no room for, under its name there.

    Raises:
        PluginError: says which name is taken, and what to do.
    """
    known = meta_of(target).fields_map
    wanted = getattr(relation, "to_field", None)
    if wanted and (wanted not in known or not known[wanted].unique):
        raise PluginError(record.name, f"{where} refers to {target.__name__}.{wanted}, which is no unique field of it")
    taken = {"pk", *known, *pending_keys(meta_of(target))} | {each for base in target.__mro__ for each in vars(base)}
    if not name.isidentifier() or "__" in name or name in taken:
        raise PluginError(
            record.name, f"{where}: related_name {name!r} is taken or no name on {target.__name__}; choose another"
        )


def check_declared(record: PluginRecord, model: type[Model]) -> None:
    """Refuse a `ddl` that is no tuple of declarations.

    Raises:
        PluginError: shows what is none.
    """
    given: object = getattr(model, "ddl", ())
    declared = cast("Sequence[object]", given) if isinstance(given, tuple | list) else (given,)
    for each in declared:
        if not isinstance(each, Check | Index | Exclude | Sql) or each is given:
            raise PluginError(
                record.name, f"{model.__name__}.ddl is a tuple of Check, Index, Exclude and Sql; got {each!r}"
            )


def _problems(meta: Any) -> Iterator[str]:
    for key in (f"{name}_id" for name in sorted(meta.fk_fields | meta.o2o_fields)):
        if key in meta.fields_map:
            yield f".{key} is made by the relation already; write `{key}: int`, without a field"
    if len(meta.db_table.encode()) > MAX_NAME_BYTES:
        yield f": the table {meta.db_table!r} is longer than the {MAX_NAME_BYTES} bytes that PostgreSQL keeps"
    known = {"pk", *meta.fields_map, *pending_keys(meta)}
    for option, names in _named(meta):
        for name in names:
            if name not in known:
                yield f".Meta.{option} names {name!r}, which is no field of the model"


def _column_problems(meta: Any) -> Iterator[str]:
    columns: set[str] = set()
    for name, column in meta.fields_db_projection.items():
        if "__" in name:
            yield f".{name}: two underscores in a name are read as a look-up; use one"
        if column in columns:
            yield f".{name}: the column {column!r} belongs to another field already"
        if inspect.iscoroutinefunction(meta.fields_map[name].default):
            yield f".{name}: a default that must be awaited is not supported; use a plain function"
        columns.add(column)


def _named(meta: Any) -> Iterator[tuple[str, Iterable[str]]]:
    for names in meta.unique_together:
        yield "unique_together", names
    for index in meta.indexes:
        yield "indexes", index if isinstance(index, tuple | list) else index.fields
    yield "ordering", [name for name, _ in meta._default_ordering]  # noqa: SLF001 - the public one asks a connected model
