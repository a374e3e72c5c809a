"""The SQL of plain querysets, kept by their shape: Tortoise builds each once, later ones only bring their values.

Only what is certain is kept: filters that compare columns with values of plain types, an order, a limit, an offset.
Whether the values are those that Tortoise would send is seen when it has built a statement; any other queryset is built
by Tortoise each time, and every one when Tortoise's querysets have changed.
"""

from __future__ import annotations

import operator
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any, NamedTuple, cast
from uuid import UUID

from loguru import logger
from tortoise.expressions import Q
from tortoise.filters import not_equal
from tortoise.queryset import AwaitableQuery, QuerySet

from tux.settings import FAST

if TYPE_CHECKING:
    from collections.abc import Hashable, Mapping, Sequence

_KEPT = "_tux_plans"
_MOST = 1000
_PLAIN = frozenset({bool, int, float, str, UUID, Decimal, date, datetime})
_COMPARING = (operator.eq, operator.ge, operator.gt, operator.le, operator.lt, not_equal)
# What decides over a queryset's SQL, as far as it is known here.
_KNOWN = {
    "fields", "_prefetch_map", "_prefetch_queries", "_single", "_raise_does_not_exist", "_db", "_limit", "_offset",
    "_fields_for_select", "_filter_kwargs", "_orderings", "_distinct", "_having", "_group_bys", "_select_for_update",
    "_select_for_update_nowait", "_select_for_update_skip_locked", "_select_for_update_of", "_select_for_update_no_key",
    "_select_related", "_select_related_idx", "_use_indexes", "_force_indexes", "query", "model", "_joined_tables",
    "_capabilities", "_annotations", "_custom_filters", "_q_objects",
}  # fmt: skip
_SHAPE = operator.attrgetter("_q_objects", "_orderings", "_limit", "_offset")
_NEGATED = operator.attrgetter("_is_negated")
_BESIDE = operator.attrgetter("_select_related_idx", "_annotations", "_prefetch_map", "_prefetch_queries")
_MORE = operator.attrgetter(
    "_annotations", "_prefetch_map", "_prefetch_queries", "_select_related", "_select_for_update", "_fields_for_select",
    "_custom_filters", "_distinct", "_having", "_group_bys", "_force_indexes", "_use_indexes",
)  # fmt: skip
_AWAITED = {"__await__", "_choose_db", "_db", "_execute", "_make_query", "_select_for_update"}


def _is_known() -> bool:
    moved = {*QuerySet.__slots__, *AwaitableQuery.__slots__} ^ _KNOWN
    moved |= set(cast("Any", QuerySet).__await__.__code__.co_names) ^ _AWAITED
    if moved:
        logger.warning("Tortoise's querysets have changed, so each builds its SQL anew: {}", sorted(moved))
    return not moved


IS_ON = FAST and _is_known()


class Plan(NamedTuple):
    """A statement, and the fields that encode its first values, in their order."""

    sql: str
    fields: tuple[Any, ...]


class Statement(NamedTuple):
    """A statement with its values."""

    sql: str
    values: list[object]


def statement_of(queryset: Any, db: Any) -> Statement | None:
    """Return what a queryset sends, when its shape was built before or can be kept from now on."""
    if not IS_ON or db.capabilities.dialect != "postgres" or any(_MORE(queryset)):
        return None
    trees, orderings, limit, offset = _SHAPE(queryset)
    compared = _comparisons(trees)
    if compared is None:
        return None
    names, given = compared
    model: type[Any] = queryset.model
    counts = [count for count in (limit, offset) if count is not None]
    shape = (*names, *orderings, limit is None, offset is None)
    plans = _plans(model)
    if shape not in plans:
        return _build(queryset, shape, compared, counts)
    plan = plans[shape]
    if plan is None:
        return None
    values = [field.to_db_value(value, model) for field, value in zip(plan.fields, given, strict=True)]
    return Statement(plan.sql, [*values, *counts])


def kept_statement(model: type[Any], equals: Mapping[str, object], limit: int, db: Any) -> Statement | None:
    """Return what a queryset sends that only compares these columns, when one of its shape was built before."""
    if not IS_ON or db.capabilities.dialect != "postgres" or not _PLAIN.issuperset(map(type, equals.values())):
        return None
    plan = _plans(model).get((*equals, False, True))
    if plan is None or len(plan.fields) != len(equals):  # it has look-ups that take no value
        return None
    values = [field.to_db_value(value, model) for field, value in zip(plan.fields, equals.values(), strict=True)]
    return Statement(plan.sql, [*values, limit])


def is_rows_alone(queryset: Any) -> bool:
    """Whether the rows of a queryset that Tortoise has built are those of its model, with nothing beside them."""
    sources, *more = _BESIDE(queryset)
    return len(sources) == 1 and not any(more)


def _plans(model: type[Any]) -> dict[Hashable, Plan | None]:
    """Return what is kept for a model; None stands for shapes that Tortoise builds each time."""
    if _KEPT not in vars(model):
        type.__setattr__(model, _KEPT, {})
    return cast("dict[Hashable, Plan | None]", vars(model)[_KEPT])


def _comparisons(trees: Sequence[Any]) -> tuple[list[str], list[object]] | None:
    """Return the look-ups of filters and the values of those that take one; None for filters that do more than compare."""
    names: list[str] = []
    given: list[object] = []
    for tree in trees:
        if (
            type(tree) is not Q
            or tree.children
            or (len(tree.filters) > 1 and tree.join_type != Q.AND)
            or _NEGATED(tree)
        ):
            return None
        for name, value in cast("dict[str, object]", tree.filters).items():
            if type(value) not in _PLAIN:
                return None
            if not name.endswith("__isnull"):
                given.append(value)
            elif value is not True:
                return None
            names.append(name)
    return names, given


def _build(queryset: Any, shape: Hashable, compared: tuple[list[str], list[object]], counts: list[object]) -> Statement:
    """Return the statement as Tortoise builds it, and keep its text when values can be told apart from it."""
    names, given = compared
    queryset._make_query()  # noqa: SLF001 - what this module is about
    sql, built = queryset.query.get_parameterized_sql()
    model = queryset.model
    fields = _encoding(model._meta, [name for name in names if not name.endswith("__isnull")])  # noqa: SLF001 - see above
    plan = None
    if fields is not None:
        values = [field.to_db_value(value, model) for field, value in zip(fields, given, strict=True)]
        if [(type(each), each) for each in [*values, *counts]] == [(type(each), each) for each in built]:
            plan = Plan(sql, fields)
    plans = _plans(model)
    if len(plans) >= _MOST:
        plans.clear()
    plans[shape] = plan
    return Statement(sql, list(built))


def _encoding(meta: Any, names: list[str]) -> tuple[Any, ...] | None:
    """Return the fields that encode the values of these look-ups; None when one does more than compare a column."""
    found: list[Any] = []
    for name in names:
        info = meta.filters.get(name)
        if info is None or info.keys() - {"field", "source_field", "operator"} or info["operator"] not in _COMPARING:
            return None
        found.append(meta.fields_map[info["field"]])
    return tuple(found)
