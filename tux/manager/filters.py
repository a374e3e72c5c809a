"""Filters in every form that callers write, as one condition tree and its values."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from enum import Enum
from typing import TYPE_CHECKING, cast

from pypika_tortoise.terms import Term
from tortoise.expressions import Expression, Q
from tortoise.models import Model
from tortoise.queryset import AwaitableQuery

from tux.database.statements import EVERYTHING, Condition, Group, Leaf, Not
from tux.errors import InvalidQuery
from tux.manager.fallback import condition_of, is_negated
from tux.models.columns import RelatedQ, q

if TYPE_CHECKING:
    from tux.manager.table import Field, Table

# `bool` is what a strict checker takes `Case.case_type == "BAN"` for; a real one is refused.
Filters = Q | bool | Mapping[str, object] | Sequence["Q | bool | Mapping[str, object]"] | None

Piece = Q | tuple[str, object]
"""A condition, or one look-up with its value."""

_ALIASES = {"": "eq", "eq": "eq", "ne": "not", "not": "not"}
_COMPARED = {"eq", "not", "gt", "gte", "lt", "lte"}
_TEXTS = {
    "contains": ("like", "%{}%"),
    "icontains": ("ilike", "%{}%"),
    "startswith": ("like", "{}%"),
    "istartswith": ("ilike", "{}%"),
    "endswith": ("like", "%{}"),
    "iendswith": ("ilike", "%{}"),
    "iexact": ("ilike", "{}"),
}
_ALWAYS = {"eq", "not", "isnull", "not_isnull"}
_NATIVE = {*_ALWAYS, *_COMPARED, "in", "not_in", "range", *_TEXTS}
KNOWN_OPERATORS = ("eq", "ne", "gt", "gte", "lt", "lte", "in", "not_in", "range", "isnull", "not_isnull", *_TEXTS)


class _UnusualError(Exception):
    """The condition is one for Tortoise's builder."""


class FilterReader:
    """Reads filters of one table; `values` fills in the order in which the condition names them."""

    def __init__(self, table: Table) -> None:
        self.table = table
        self.values: list[object] = []

    def read(self, filters: Filters, equals: Mapping[str, object] | None = None) -> Condition:
        """Return the condition for filters and keywords together; EVERYTHING when they ask for nothing.

        Whatever asks for something across the same relation asks for one related row that has all of it, in which form
        ever it is written.
        """
        parts: list[Condition] = []
        unusual: list[Q] = []
        for each in (*self._pieces(filters), *self._pieces(equals)):
            before = len(self.values)
            try:
                parts.append(self._q(each) if isinstance(each, Q) else self._leaf(*each))
            except _UnusualError:
                del self.values[before:]
                unusual.append(each if isinstance(each, Q) else q(*each))
        if unusual:
            parts.append(self._fallback(Q(*unusual)))
        return joined("AND", parts)

    def _pieces(self, filters: object) -> Iterable[Piece]:
        """Give the conditions that must hold all."""
        if isinstance(filters, Q):
            yield from _pieces_of(filters)
        elif isinstance(filters, Mapping):
            for key, value in cast("Mapping[str, object]", filters).items():
                yield from self._operators(key, value)
        elif isinstance(filters, Sequence) and not isinstance(filters, str | bytes):
            for part in cast("Sequence[object]", filters):
                if part is None:
                    raise self._no_filter(part)
                yield from self._pieces(part)
        elif filters is not None:
            raise self._no_filter(filters)

    def _no_filter(self, given: object) -> InvalidQuery:
        hint = "compare columns of the class, as in Case.case_id == 1" if isinstance(given, bool) else "see docs"
        return InvalidQuery(
            f"filters of {self.table.model.__name__} are a dict, a Q, a column expression or a list of these, "
            f"got {given!r} ({hint})",
            table=self.table.label,
        )

    def _operators(self, key: object, value: object) -> Iterable[tuple[str, object]]:
        """Split `{"xp": {"gte": 5, "lt": 9}}` into look-ups; a dict for a JSON column may be a value of its own."""
        if not isinstance(key, str):
            raise InvalidQuery(f"names of fields are text, got {key!r}", table=self.table.label)
        if not isinstance(value, Mapping):
            return [(key, value)]
        given = cast("Mapping[str, object]", value)
        name, _, operator = key.partition("__")
        field = self.table.fields.get(name)
        if (
            field is not None
            and field.is_structured
            and (operator or not all(self._is_operator(name, each) for each in given))
        ):
            return [(key, given)]
        if not given:
            raise InvalidQuery(f"{key}: an empty dict is no condition", table=self.table.label)
        return [(f"{key}__{operator}", each) for operator, each in given.items()]

    def _is_operator(self, key: str, operator: object) -> bool:
        return operator in KNOWN_OPERATORS or f"{key}__{operator}" in self.table.look_ups

    def _q(self, tree: Q) -> Condition:
        if isinstance(tree, RelatedQ):
            raise _UnusualError
        if tree.filters:
            parts = [self._leaf(name, value) for name, value in cast("dict[str, object]", tree.filters).items()]
        else:
            parts = [self._q(child) for child in tree.children]
        found = joined(tree.join_type, parts)
        return Not(found) if is_negated(tree) and found != EVERYTHING else found

    def _fallback(self, tree: Q) -> Condition:
        condition, values = condition_of(self.table, tree)
        self.values += values
        return condition

    def _leaf(self, look_up: str, value: object) -> Condition:
        name, _, operator = look_up.partition("__")
        if name in self.table.nested and name not in self.table.relations:
            raise _UnusualError
        if isinstance(value, Expression | Term | AwaitableQuery):
            raise _UnusualError
        field = self.table.field(name)
        operator = _ALIASES.get(operator, operator)
        if operator not in (_ALWAYS if field.is_structured else _NATIVE):
            self._refuse_unknown(name, look_up, operator)
            raise _UnusualError
        return self._condition(field, operator, self.table.value(name, value))

    def _condition(self, field: Field, operator: str, value: object) -> Condition:
        if value is None and operator in {"eq", "not"}:
            return Leaf(field.column, "isnull" if operator == "eq" else "not_isnull")
        if operator in {"isnull", "not_isnull"}:
            return self._null_test(field, operator, value)
        if operator in {"in", "not_in", "range"}:
            return self._several(field, operator, value)
        if value is None:
            raise field.codec.refusal(f"nothing is {operator} None; use isnull")
        if operator in _COMPARED:
            self.values.append(field.codec.match(value))
            return Leaf(field.column, operator)
        like, pattern = _TEXTS[operator]
        self.values.append(pattern.format(_escaped(str(value.value if isinstance(value, Enum) else value), field)))
        return Leaf(field.column, like)

    def _null_test(self, field: Field, operator: str, value: object) -> Condition:
        if not isinstance(value, bool):
            raise field.codec.refusal(f"{operator} takes True or False, got {value!r}")
        return Leaf(field.column, operator if value else {"isnull": "not_isnull", "not_isnull": "isnull"}[operator])

    def _several(self, field: Field, operator: str, value: object) -> Condition:
        if isinstance(value, str | bytes) or not isinstance(value, Iterable):
            raise field.codec.refusal(f"{operator} takes a list of values, got {value!r}")
        given = [
            self.table.value(field.name, each) if isinstance(each, Model) else each
            for each in cast("Iterable[object]", value)
        ]
        if None in given:
            raise field.codec.refusal(f"None in {operator} matches nothing; add an isnull condition")
        found = field.codec.match_all(given)
        if operator != "range":
            self.values.append(found)
        elif len(found) == 2:  # noqa: PLR2004 - a low and a high end
            self.values += found
        else:
            raise field.codec.refusal(f"range takes two values, got {len(found)}")
        return Leaf(field.column, operator)

    def _refuse_unknown(self, name: str, look_up: str, operator: str) -> None:
        first = operator.partition("__")[0]
        if name in self.table.relations or look_up in self.table.look_ups or f"{name}__{first}" in self.table.look_ups:
            return
        known = ", ".join(KNOWN_OPERATORS)
        raise InvalidQuery(
            f"{self.table.model.__name__}.{name} has no look-up {operator!r}; there are {known}", table=self.table.label
        )


def _escaped(text: str, field: Field) -> str:
    field.codec.text(text)  # refuses what PostgreSQL cannot keep
    return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")


def _pieces_of(tree: Q) -> Iterable[Piece]:
    """Give the conditions of a tree that must hold all: the tree itself, where that is not to be told from outside."""
    if is_negated(tree) or isinstance(tree, RelatedQ) or tree.join_type != Q.AND:
        yield tree
        return
    for child in tree.children:
        yield from _pieces_of(child)
    yield from cast("dict[str, object]", tree.filters).items()


def joined(joiner: str, parts: Iterable[Condition]) -> Condition:
    """Return conditions as one; EVERYTHING when none of them asks for anything."""
    kept = tuple(part for part in parts if part != EVERYTHING)
    return kept[0] if len(kept) == 1 else Group(joiner, kept) if kept else EVERYTHING


def compared_columns(condition: Condition) -> list[str] | None:
    """Return the columns of a condition that only compares each with one value, in the order of the values."""
    parts = condition.parts if isinstance(condition, Group) and condition.joiner == "AND" else (condition,)
    leaves = [part for part in parts if isinstance(part, Leaf) and part.operator in _COMPARED]
    return [leaf.column for leaf in leaves] if len(leaves) == len(parts) else None


def equal_values(table: Table, filters: Filters) -> dict[str, object] | None:
    """Return filters as field → value when they only say that fields equal values, else None."""
    if isinstance(filters, Mapping):
        pairs = list(filters.items())
    elif isinstance(filters, Q):
        pairs = _equalities(filters)
    elif isinstance(filters, Sequence):
        found = [equal_values(table, each) for each in filters]
        pairs = [] if None in found else [pair for each in found for pair in (each or {}).items()]
    else:
        pairs = []
    plain = all(name in table.names and not isinstance(value, Mapping | Expression) for name, value in pairs)
    return dict(pairs) if pairs and plain else None


def _equalities(tree: Q) -> list[tuple[str, object]]:
    single = len(tree.filters) + len(tree.children) == 1
    if isinstance(tree, RelatedQ) or is_negated(tree) or (tree.join_type != Q.AND and not single):
        return []
    if tree.filters:
        return list(cast("dict[str, object]", tree.filters).items())
    return [pair for child in tree.children for pair in _equalities(child)]
