"""The part of Tortoise that turns look-ups into SQL, with the keys of JSON paths quoted."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from tortoise import filters
from tortoise.backends.asyncpg.executor import AsyncpgExecutor
from tortoise.contrib.postgres import json_functions

from tux.errors import InvalidQuery

if TYPE_CHECKING:
    from collections.abc import Callable

    from pypika_tortoise.terms import Criterion, Term


def quoted_json_filter(field: Term, value: Any) -> Criterion:
    """Return the condition of a `<column>__filter`; Tortoise puts the keys between quotes as they come.

    Raises:
        InvalidQuery: it is not one path with its value.
    """
    path: dict[object, object] = dict(value)
    if len(path) != 1:
        raise InvalidQuery(f"a JSON filter is one path with its value, got {len(path)} of them")
    condition_of: Callable[..., Criterion] = cast("Any", json_functions).postgres_json_filter
    return condition_of(field, {str(key).replace("'", "''"): wanted for key, wanted in path.items()})


# A table, not a method around Tortoise's: at the start it is asked for each look-up of each column of each model.
_conditions: dict[object, object] = cast("Any", AsyncpgExecutor).FILTER_FUNC_OVERRIDE
CONDITIONS: Any = {**_conditions, cast("Any", filters).json_filter: quoted_json_filter}


class Executor(AsyncpgExecutor):
    """Tortoise's executor, but for look-ups into JSON: a user's text may be a key in one."""

    FILTER_FUNC_OVERRIDE = CONDITIONS
