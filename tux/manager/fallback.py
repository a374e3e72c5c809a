"""Conditions that only Tortoise's query builder can write: across relations, into JSON, over parts of a date.

They become `key IN (SELECT key …)` inside our own statement, so every operation takes them, in one statement, and a
join never repeats a row. This is the one module that reads the builder's internals.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, cast

from pypika_tortoise.terms import Parameterizer, Term
from tortoise.exceptions import FieldError, OperationalError, ValidationError
from tortoise.expressions import Expression, Q, ResolveContext
from tortoise.queryset import AwaitableQuery, QuerySet

from tux.database.statements import Raw
from tux.errors import InvalidQuery, InvalidValue, TuxError
from tux.models.columns import RelatedQ, q
from tux.models.matched import matched_of
from tux.models.meta import meta_of
from tux.models.querysets import DELETED

if TYPE_CHECKING:
    from tortoise.models import Model

    from tux.manager.table import Table

_WORDS = frozenset(
    {"eq", "ne", "not", "gt", "gte", "lt", "lte", "in", "not_in", "range", "isnull", "not_isnull", "contains"}
    | {"icontains", "startswith", "istartswith", "endswith", "iendswith", "iexact"}
)

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


def in_tortoise_words(tree: Q, model: type[Model]) -> Q:
    """Return a tree as Tortoise spells it, which passes over hidden rows of relations.

    Raises:
        InvalidValue: a value with which its look-up cannot do anything.
    """
    if isinstance(tree, RelatedQ):
        return type(tree)(tree.model, tree.relation, in_tortoise_words(tree.inner, _related_by(tree)))
    children = [in_tortoise_words(child, model) for child in tree.children]
    children += [_spelt(name, value, model) for name, value in cast("dict[str, object]", tree.filters).items()]
    # a group of one is that one: Tortoise takes a negation around another for a single one
    same = children[0] if len(children) == 1 else Q(*children, join_type=tree.join_type)
    return ~same if is_negated(tree) else same


def is_negated(tree: Q) -> bool:
    """Tell whether a tree is the negation of what it holds."""
    return tree._is_negated  # noqa: SLF001  # pyright: ignore[reportPrivateUsage] - Q has no public word for it


def _related_by(tree: RelatedQ) -> type[Model]:
    matched = matched_of(tree.model).get(tree.relation)
    related: Any = matched.related if matched else meta_of(tree.model).fields_map[tree.relation].related_model
    return cast("type[Model]", related)


def _spelt(name: str, value: object, model: type[Model]) -> Q:
    """Return one look-up in Tortoise's words."""
    base, _, operator = name.rpartition("__")
    if not base or operator not in _WORDS:
        base, operator = name, ""
    if isinstance(value, Expression | Term | AwaitableQuery):
        value = cast("Any", value)
    else:
        value = _checked(name, operator, value)
    if value is None and operator in {"", "eq", "ne", "not"} and _has_null_test(model, base):
        operator, value = ("isnull", operator in {"", "eq"})  # Tortoise takes `not` None for None, too
    if operator in {"isnull", "not_isnull"} and base in _many(model):
        some = RelatedQ(model, base, Q())  # no joined row at all would be asked of those with hidden ones only
        return ~some if value is (operator == "isnull") else some
    word = {"": "", "eq": "", "ne": "__not"}.get(operator, f"__{operator}")
    return Q(q(f"{base}{word}", value), *hidden_guards(model, name))


def _checked(name: str, operator: str, value: object) -> object:
    """Return a value with which its look-up can do something; what is left to Tortoise is not looked at by a codec.

    Raises:
        InvalidValue: it cannot.
    """
    if operator in {"isnull", "not_isnull"} and not isinstance(value, bool):
        raise InvalidValue(f"{name} takes True or False, got {value!r:.60}")
    if operator in {"gt", "gte", "lt", "lte"} and value is None:
        raise InvalidValue(f"{name}: nothing is {operator} None; use isnull")
    if operator not in {"in", "not_in", "range"}:
        return value
    if isinstance(value, str | bytes) or not isinstance(value, Iterable):
        raise InvalidValue(f"{name} takes a list of values, got {value!r:.60}")
    several = list(cast("Iterable[object]", value))
    if None in several:
        raise InvalidValue(f"None in {name} matches nothing; add an isnull condition")
    if operator == "range" and len(several) != 2:  # noqa: PLR2004 - a low and a high end
        raise InvalidValue(f"{name} takes two values, got {len(several)}")
    return several


def _has_null_test(model: type[Model], path: str) -> bool:
    """Tell whether a path, which may lead across relations, ends at a column that can be asked whether it is NULL."""
    *relations, last = path.split("__")
    for name in relations:
        field: Any = meta_of(model).fields_map.get(name)
        if name not in meta_of(model).fetch_fields:
            return False
        model = field.related_model
    return last in _many(model) or f"{last}__isnull" in meta_of(model).filters


def _many(model: type[Model]) -> set[str]:
    """Return the relations of a model that lead to rows which refer to its own."""
    meta = meta_of(model)
    return {*meta.backward_fk_fields, *meta.backward_o2o_fields, *meta.m2m_fields}


def condition_of(table: Table, condition: Q) -> tuple[Raw, list[object]]:
    """Return Tortoise's form of a condition, and its values.

    Raises:
        InvalidQuery: it names a field, relation or look-up that does not exist.
        InvalidValue: a value that the field refuses.
    """
    try:
        tree = in_tortoise_words(condition, table.model)
        query: Any = QuerySet(table.model).filter(tree).order_by(table.key.name).values_list(table.key.name)
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
