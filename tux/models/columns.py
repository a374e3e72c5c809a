"""Columns and relations as seen on a model's class: comparing them makes Tortoise's `Q`, ordering them makes a string.

A strict checker sees the annotation (`case_type: str`), so `Case.case_type == "BAN"` is a bool to it, which every manager
accepts as a filter; the methods need `column(Case.case_id).in_(ids)` and `relation(User.cases).any(...)`. The reasons are in
docs/decisions/0002-column-expressions.md.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from pypika_tortoise.queries import Table
from tortoise.expressions import F, Q, Subquery
from tortoise.fields.relational import BackwardFKRelation, ManyToManyFieldInstance
from tortoise.query_utils import QueryModifier

from tux.errors import InvalidQuery
from tux.models.meta import meta_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tortoise.expressions import ResolveContext
    from tortoise.models import Model


class Column:
    """A column of a model; it belongs to no row."""

    __slots__ = ("model", "name")

    def __init__(self, model: type[Model], name: str) -> None:
        self.model = model
        self.name = name

    def __repr__(self) -> str:
        return f"<column {self.model.__name__}.{self.name}>"

    def __hash__(self) -> int:
        return hash((self.model, self.name))

    def __bool__(self) -> bool:
        raise InvalidQuery(f"{self!r} is neither true nor false; compare it, or ask a row", column=self.name)

    def __eq__(self, other: object) -> Q:  # type: ignore[override]  # pyright: ignore[reportIncompatibleMethodOverride] - the point of a column
        return self.is_null() if other is None else self._look_up("", other)

    def __ne__(self, other: object) -> Q:  # type: ignore[override]  # pyright: ignore[reportIncompatibleMethodOverride] - the point of a column
        return self.is_null(is_null=False) if other is None else self._look_up("not", other)

    def __lt__(self, other: object) -> Q:
        return self._look_up("lt", other)

    def __le__(self, other: object) -> Q:
        return self._look_up("lte", other)

    def __gt__(self, other: object) -> Q:
        return self._look_up("gt", other)

    def __ge__(self, other: object) -> Q:
        return self._look_up("gte", other)

    def in_(self, values: Iterable[object]) -> Q:
        """Return the condition that the column is one of the values."""
        return self._look_up("in", list(values))

    def not_in(self, values: Iterable[object]) -> Q:
        """Return the condition that the column is none of the values; NULL is none of them."""
        return self._look_up("not_in", list(values))

    def is_null(self, *, is_null: bool = True) -> Q:
        """Return the condition that the column is NULL, or with `is_null=False` that it is not."""
        return self._look_up("isnull", is_null)

    def between(self, low: object, high: object) -> Q:
        """Return the condition that the column lies between the two, both included."""
        return self._look_up("range", (low, high))

    def contains(self, text: object) -> Q:
        """Return the condition that the text occurs in the column; on arrays and JSON: that it has these elements."""
        return self._look_up("contains", text)

    def icontains(self, text: str) -> Q:
        """Return the condition that the text occurs in the column, in any case."""
        return self._look_up("icontains", text)

    def startswith(self, text: str) -> Q:
        """Return the condition that the column begins with the text."""
        return self._look_up("startswith", text)

    def asc(self) -> str:
        """Return the order by this column, smallest first."""
        return self.name

    def desc(self) -> str:
        """Return the order by this column, greatest first; NULLs come before all others."""
        return f"-{self.name}"

    def _look_up(self, operator: str, value: Any) -> Q:
        if isinstance(value, Column):
            value = F(value.name)
        return Comparison(**{f"{self.name}__{operator}" if operator else self.name: value})


class Relation:
    """A relation of a model, to another model's rows."""

    __slots__ = ("model", "name")

    def __init__(self, model: type[Model], name: str) -> None:
        self.model = model
        self.name = name

    def __repr__(self) -> str:
        return f"<relation {self.model.__name__}.{self.name}>"

    def any(self, *conditions: Q | bool, **equals: object) -> Q:
        """Return the condition that at least one related row meets all of these; without any: that one exists."""
        wrong = [each for each in conditions if not isinstance(each, Q)]
        if wrong:
            raise InvalidQuery(f"{self!r}.any takes conditions on columns of the related model, got {wrong[0]!r}")
        given = [each for each in conditions if isinstance(each, Q)]
        return RelatedQ(self.model, self.name, Q(*given, *(q(name, value) for name, value in equals.items())))


class Comparison(Q):
    """What comparing a column gives: a `Q` that `and`, `or`, `not` and `1 < x < 5` cannot drop unseen.

    Python asks the left one whether it is true and then takes one of the two, so a filter would lose a condition.
    """

    __slots__ = ()

    def __bool__(self) -> bool:
        raise InvalidQuery(
            "a condition is neither true nor false here: join conditions with & and |, each in parentheses, negate with ~, "
            "and use .in_() and .between()"
        )

    def __and__(self, other: Q) -> Q:
        return _guarded(super().__and__(other))

    def __or__(self, other: Q) -> Q:
        return _guarded(super().__or__(other))

    def __rand__(self, other: Q) -> Q:
        return _guarded(Q(other, self, join_type=Q.AND))

    def __ror__(self, other: Q) -> Q:
        return _guarded(Q(other, self, join_type=Q.OR))

    def __invert__(self) -> Q:
        opposite = Comparison(*self.children, join_type=self.join_type, **cast("Any", self.filters))
        if not self._is_negated:
            opposite.negate()
        return opposite


def _guarded(joined: Q) -> Q:
    return Comparison(*joined.children, join_type=joined.join_type)


class RelatedQ(Comparison):
    """A condition on related rows, as a sub-select: unlike a join it never repeats a row."""

    __slots__ = ("inner", "model", "relation")

    def __init__(self, model: type[Model], relation: str, inner: Q) -> None:
        super().__init__()
        self.model = model
        self.relation = relation
        self.inner = inner

    def __eq__(self, other: object) -> bool:
        same = isinstance(other, RelatedQ) and (self.model, self.relation) == (other.model, other.relation)
        return same and self.inner == cast("RelatedQ", other).inner

    def __hash__(self) -> int:
        return hash((self.model, self.relation))

    def __invert__(self) -> Q:
        around = Comparison(self)
        around.negate()
        return around

    def resolve(self, resolve_context: ResolveContext) -> QueryModifier:
        """Return Tortoise's form of the condition."""
        meta = meta_of(self.model)
        field = meta.fields_map[self.relation]
        own, related_column = _joined_columns(self.model, field)
        found: Any = Subquery(field.related_model.filter(self.inner).values_list(related_column))
        if _is_a(field, ManyToManyFieldInstance):
            through = cast("Any", Table(field.through))
            between: Any = meta.db.query_class.from_(through).select(through[field.backward_key])
            found = between.where(through[field.forward_key].isin(found))
        own_column: Any = resolve_context.table[meta.fields_db_projection[own]]
        return QueryModifier(where_criterion=own_column.isin(found))


def _joined_columns(model: type[Model], field: Any) -> tuple[str, str]:
    """Return the field of the model and that of the related model which are equal in related rows."""
    if _is_a(field, ManyToManyFieldInstance):
        return meta_of(model).pk_attr, meta_of(field.related_model).pk_attr
    if _is_a(field, BackwardFKRelation):
        return field.to_field_instance.model_field_name, field.relation_field
    return field.source_field, field.to_field_instance.model_field_name


def _is_a(field: object, kind: type) -> bool:
    return isinstance(field, kind)


def q(name: str, value: Any) -> Q:
    """Return one look-up as a `Q`."""
    return Q(**{name: value})


class RelationProperty(property):
    """Tortoise's property of a relation, which on the class itself is a `Relation`.

    Where it `is_key`, a row takes nothing but a row of the related model, which in Tortoise `Model.__setattr__` looks after.
    """

    name = ""
    is_key = False

    def __get__(self, instance: Any, owner: type | None = None, /) -> Any:
        if instance is None:
            return Relation(cast("type[Model]", owner), self.name)
        return super().__get__(instance, owner)

    def __set__(self, instance: Any, value: Any, /) -> None:
        if self.is_key:
            instance._validate_relation_type(self.name, value)  # noqa: SLF001 - as Tortoise's `__setattr__` does
        super().__set__(instance, value)


def named_relation(made: property, name: str, *, is_key: bool) -> RelationProperty:
    """Return the property that Tortoise made for a relation, as one that knows its name."""
    relation_property = RelationProperty(made.fget, made.fset, made.fdel)
    relation_property.name = name
    relation_property.is_key = is_key
    return relation_property


def column(of: object) -> Column:
    """Return a class's column with its methods, for strict checkers: `column(Case.case_id).in_(ids)`."""
    if isinstance(of, Column):
        return of
    raise InvalidQuery(f"column() takes a column of a model's class, as in column(Case.case_id), got {of!r}")


def relation(of: object) -> Relation:
    """Return a class's relation with its methods, for strict checkers: `relation(User.cases).any(...)`."""
    if isinstance(of, Relation):
        return of
    raise InvalidQuery(
        f"relation() takes a relation of a connected model's class, as in relation(User.cases), got {of!r}"
    )
