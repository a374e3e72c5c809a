"""Reads inside of JSON, arrays and texts, by the index that the model declares for them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Final, NamedTuple, cast

from tortoise import fields as tortoise_fields

from tux.database.statements import Numbers, Raw, select_sql, where_sql
from tux.errors import InvalidQuery, InvalidValue
from tux.manager.core import M, Order, whole_number
from tux.manager.filters import joined
from tux.manager.reading import Reading
from tux.models.ddl import SearchIndex, search_vector

if TYPE_CHECKING:
    from collections.abc import Hashable, Sequence

    from tux.manager.filters import Filters
    from tux.manager.table import Field

# PostgreSQL refuses a longer word than 2,046 bytes in a search, and a character takes up to four.
MAX_SEARCH_CHARACTERS: Final = 500
ANY_VALUE: Final = object()


class Match(NamedTuple):
    """A condition whose `$1` is its first value, and the order that shows the best match first."""

    condition: Raw
    values: list[object]
    best: str = ""


class Searching(Reading[M]):
    """find_json, find_array_contains, search; each ends with what find_all takes: filters, order, limit, offset."""

    async def find_json(
        self,
        path: str | Sequence[str | int],
        value: object = ANY_VALUE,
        *,
        filters: Filters = None,
        order_by: Order = None,
        limit: int | None = None,
        **equals: object,
    ) -> list[M]:
        """Return the rows whose JSON has this value at a path; without a value, anything at all, null included.

        A dict is found in one that has more entries, a list in one that has more elements. `Index("extra
        jsonb_path_ops", using="gin")` in the model's `ddl` serves it, unless the path has a position or the value is left out.

        Args:
            path: "extra.colour.name": a JSON column and the keys below it; as a list where a key has a dot, or for a
                position in a JSON list: ("extra", "tags", 0).
            value: what JSON can hold.
            filters: as everywhere, like the arguments after it.
            order_by: as in find_all.
            limit: at most so many rows.
            equals: further filters.

        Raises:
            InvalidQuery: the path does not begin with a JSON column.
            InvalidValue: the value is not one of JSON.
        """
        if not path:
            raise InvalidQuery("a JSON path begins with a column, as in 'extra.colour'", table=self.table.label)
        name, *keys = path.split(".") if isinstance(path, str) else path
        field = self._column(name, tortoise_fields.JSONField, "a JSON column")
        if any(isinstance(key, bool) or not isinstance(key, str | int) for key in keys):  # pyright: ignore[reportUnnecessaryIsInstance] - callers are not all checked
            raise InvalidQuery(f"a JSON path is made of texts and numbers, got {path!r}", table=self.table.label)
        return await self._matching(_json_match(field, keys, value), filters, equals, order_by, limit)

    async def find_array_contains(
        self,
        field: str,
        values: object,
        *,
        filters: Filters = None,
        order_by: Order = None,
        limit: int | None = None,
        **equals: object,
    ) -> list[M]:
        """Return the rows whose array, or JSON list, has a value, or all of several.

        `Index("labels", using="gin")` in the model's `ddl` serves it; for JSON, `Index("tags jsonb_path_ops", using="gin")`.

        Raises:
            InvalidQuery: the column is neither an array nor JSON.
            InvalidValue: a value is not of the array's type.
        """
        column = self.table.field(field)
        if not column.is_structured:
            raise InvalidQuery(f"{self.table.label}.{field} is no array and no JSON", table=self.table.label)
        several = isinstance(values, Iterable) and not isinstance(values, str | bytes | Mapping)
        wanted: list[object] = list(cast("Iterable[object]", values)) if several else [values]
        value = column.codec.match(wanted) if column.is_array else column.codec.json(wanted)
        match = Match(Raw(f"{column.column} @> $1::{column.sql_type}", 1), [value])
        return await self._matching(match, filters, equals, order_by, limit)

    async def search(
        self,
        text: str,
        fields: Sequence[str] | None = None,
        *,
        filters: Filters = None,
        order_by: Order = None,
        limit: int | None = None,
        **equals: object,
    ) -> list[M]:
        """Return the rows whose text columns have the words of `text`, the best match first.

        Words as on the web: `one two` needs both, `one or two` either, `"one two"` side by side, `-two` no `two`. Any
        text is allowed and means at most nothing. `SearchIndex("title", "text")` in the model's `ddl` serves it.

        Args:
            text: at most 500 characters.
            fields: those of one `SearchIndex`, whose language counts; without them, of the first one declared.
                Others are searched word for word and without an index.
            filters: as everywhere, like the arguments after it.
            order_by: another order than the best match.
            limit: at most so many rows.
            equals: further filters.

        Raises:
            InvalidQuery: no such text column, or none given and no SearchIndex declared.
            InvalidValue: the text is none, or too long.
        """
        vector, language, column = self._searched(fields)
        if not isinstance(text, str) or len(text) > MAX_SEARCH_CHARACTERS:  # pyright: ignore[reportUnnecessaryIsInstance] - callers are not all checked
            raise InvalidValue(
                f"a search of {self.table.label} takes a text of up to {MAX_SEARCH_CHARACTERS} characters"
            )
        words = f"websearch_to_tsquery('{language}'::regconfig, $1)"
        best = f"ts_rank({vector}, {words}) DESC, {self.table.key.column}"
        match = Match(Raw(f"{vector} @@ {words}", 1), [column.codec.text(text)], best)
        return await self._matching(match, filters, equals, order_by, limit)

    async def _matching(
        self, match: Match, filters: Filters, equals: Mapping[str, object], order_by: Order, limit: int | None
    ) -> list[M]:
        table = self.table
        condition, more = self.condition(filters, equals)
        values = [*match.values, *more]
        names = self.order(order_by) if order_by is not None or not match.best else ()
        shape: Hashable = ("matching", match.condition, condition, names, limit is None)
        sql = table.texts.find(shape)
        if sql is None:
            numbers = Numbers()
            where = where_sql(joined("AND", [match.condition, condition]), numbers)
            order = self.order_sql(names) or (f" ORDER BY {match.best}" if match.best else "")
            tail = "" if limit is None else f" LIMIT {numbers.one()}"
            sql = table.texts.keep(shape, select_sql(table.name, table.columns, where, order=order, tail=tail))
        return await self.rows(sql, *values, *([] if limit is None else [whole_number("limit", limit, least=0)]))

    def _searched(self, names: Sequence[str] | None) -> tuple[str, str, Field]:
        """Return the words of the searched columns, their language and the first column."""
        table = self.table
        declared = [each for each in getattr(self.model, "ddl", ()) if isinstance(each, SearchIndex)]
        given = [names] if isinstance(names, str) else list(names or ())
        texts = (tortoise_fields.CharField, tortoise_fields.TextField)
        columns = tuple(self._column(name, texts, "a text column").column.strip('"') for name in given)
        for index in declared:
            if not columns or index.fields == columns:
                return index.columns[0], index.language, table.by_column[f'"{index.fields[0]}"']
        if not columns:
            raise InvalidQuery(
                f"{self.model.__name__} declares no SearchIndex in its ddl; pass the fields to search",
                table=table.label,
            )
        return search_vector(columns, "simple"), "simple", table.by_column[f'"{columns[0]}"']

    def _column(self, name: object, kind: type | tuple[type, ...], wanted: str) -> Field:
        if not isinstance(name, str):
            raise InvalidQuery(f"names of fields are text, got {name!r}", table=self.table.label)
        field = self.table.field(name)
        if not isinstance(field.codec.field, kind):
            raise InvalidQuery(f"{self.table.label}.{name} is not {wanted}", table=self.table.label)
        return field


def _json_match(field: Field, keys: Sequence[str | int], value: object) -> Match:
    """Return the condition for a value at a path: containment, which an index can answer, where the path has names only."""
    if value is not ANY_VALUE and not any(isinstance(key, int) for key in keys):
        for key in reversed(keys):
            value = {key: value}
        return Match(Raw(f"{field.column} @> $1::jsonb", 1), [field.codec.json(value)])
    places = [field.codec.text(str(key)) for key in keys]
    if value is ANY_VALUE:
        return Match(Raw(f"{field.column} #> $1::text[] IS NOT NULL", 1), [places])
    return Match(Raw(f"{field.column} #> $1::text[] @> $2::jsonb", 2), [places, field.codec.json(value)])
