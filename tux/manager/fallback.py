"""Conditions that only Tortoise's query builder can write: across relations, into JSON, over parts of a date.

They become `key IN (SELECT key …)` inside our own statement, so every operation takes them, in one statement, and a
join never repeats a row. This is the one module that reads the builder's internals.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pypika_tortoise.terms import Parameterizer
from tortoise.exceptions import FieldError, OperationalError, ValidationError
from tortoise.expressions import ResolveContext
from tortoise.queryset import AwaitableQuery, QuerySet

from tux.database.statements import Raw
from tux.errors import InvalidQuery, InvalidValue, TuxError
from tux.models.columns import q
from tux.models.meta import meta_of
from tux.models.querysets import DELETED

if TYPE_CHECKING:
    from tortoise.expressions import Expression, Q
    from tortoise.models import Model

    from tux.manager.table import Table

for _name in ("_make_query", "_choose_db_if_not_chosen"):
    if not hasattr(AwaitableQuery, _name):
        raise TuxError(f"tortoise-orm moved AwaitableQuery.{_name}; install the version that pyproject.toml pins")


def expression_of(table: Table, expression: Expression) -> tuple[Raw, list[object]]:
    """Return an expression over the table's columns, such as `F("xp") + 5`, and its values."""
    meta = meta_of(table.model)
    context = ResolveContext(model=table.model, table=meta.basetable, annotations={}, custom_filters={})
    parameterizer: Any = Parameterizer()
    try:
        sql = expression.resolve(context).term.get_sql(
            meta.db.query_class.SQL_CONTEXT.copy(parameterizer=parameterizer)
        )
    except FieldError as error:
        raise InvalidQuery(f"{table.model.__name__}: {error}", table=table.label) from None
    return Raw(sql, len(parameterizer.values)), list(parameterizer.values)


def hidden_guards(model: type[Model], look_up: str) -> list[Q]:
    """Return the conditions under which a look-up across relations meets no hidden row of a SoftDeleteModel.

    Tortoise joins a path once, so a guard speaks of the same related row as the look-up. One that asks for `deleted_at`
    itself has no guard.
    """
    guards: list[Q] = []
    path = ""
    for name in look_up.split("__"):
        related: Any = meta_of(model).fields_map.get(name) if name in meta_of(model).fetch_fields else None
        if related is None:
            return [] if path and name == DELETED else guards
        model, path = related.related_model, f"{path}{name}__"
        if getattr(model, "hides_deleted", False):
            guards.append(q(f"{path}{DELETED}__isnull", True))
    return guards


def is_hiding(model: type[Model], name: str) -> bool:
    """Tell whether a name is that of a relation to rows that may be hidden: of a SoftDeleteModel, from its side."""
    meta = meta_of(model)
    if name not in meta.backward_fk_fields | meta.backward_o2o_fields | meta.m2m_fields:
        return False
    return bool(getattr(meta.fields_map[name].related_model, "hides_deleted", False))


def condition_of(table: Table, condition: Q) -> tuple[Raw, list[object]]:
    """Return Tortoise's form of a condition, and its values.

    Raises:
        InvalidQuery: it names a field, relation or look-up that does not exist.
        InvalidValue: a value that the field refuses.
    """
    try:
        query: Any = QuerySet(table.model).filter(condition).order_by(table.key.name).values_list(table.key.name)
        query._choose_db_if_not_chosen()  # noqa: SLF001 - checked above
        query._make_query()  # noqa: SLF001 - checked above
        sql, values = query.query.get_parameterized_sql()
    except KeyError as error:
        raise InvalidQuery(f"{table.model.__name__} has no look-up {error}", table=table.label) from None
    except (InvalidValue, ValidationError, ValueError, TypeError, AttributeError, IndexError) as error:
        raise InvalidValue(f"{table.label}: {error}", table=table.label) from None
    except (FieldError, OperationalError) as error:
        raise InvalidQuery(f"{table.model.__name__}: {error}", table=table.label) from None
    return Raw(f"{table.key.column} IN ({sql})", len(values)), list(values)
