"""Pages behind a cursor, whose cost does not grow with their depth, and streams made of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Generic, NamedTuple

from tux.database.keyset import OrderColumn, behind_sql, order_sql, ranges_sql
from tux.database.statements import EVERYTHING, Numbers, condition_sql, select_sql, where_sql
from tux.errors import InvalidQuery
from tux.manager.core import M, Order, whole_number
from tux.manager.cursors import Position, read_cursor, write_cursor
from tux.manager.reading import Reading
from tux.models.columns import Relation

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Iterable, Mapping, Sequence

    from tux.database.statements import Condition
    from tux.manager.filters import Filters


@dataclass(frozen=True)
class CursorPage(Generic[M]):
    """Some rows of a list, and the cursors of the pages around them; None where the list ends."""

    items: list[M]
    next_cursor: str | None
    previous_cursor: str | None

    @property
    def has_next(self) -> bool:
        """Whether there are rows behind this page."""
        return self.next_cursor is not None

    @property
    def has_prev(self) -> bool:
        """Whether there are rows before this page."""
        return self.previous_cursor is not None


class Query(NamedTuple):
    """The rows of a list and their order."""

    condition: Condition
    values: list[object]
    order: tuple[OrderColumn, ...]

    def reversed(self) -> Query:
        """Return the same rows in the opposite order."""
        return self._replace(order=tuple(each.reversed() for each in self.order))


class Keyset(Reading[M]):
    """page_after, page_before, iterate."""

    async def page_after(
        self,
        cursor: str | None = None,
        per_page: int = 20,
        filters: Filters = None,
        order_by: Order = None,
        prefetch: Iterable[str] = (),
        **equals: object,
    ) -> CursorPage[M]:
        """Return the rows behind a cursor, or the first ones; page 1,000 costs what page 2 does.

        That takes an index over what the filters compare, then the order, then the key. Rows that the order leaves
        equal come in the order of the key.

        Args:
            cursor: a page's `next_cursor`, of the same order and form of filters.
            per_page: at most so many rows.
            filters: as everywhere.
            order_by: without one, as the model's Meta says, at last by the key.
            prefetch: relations to load, in a further statement each.
            equals: further filters.

        Raises:
            InvalidQuery: the cursor is none, was changed, or belongs to another list.
        """
        page = await self._page(cursor, per_page, self._query(filters, equals, order_by), backwards=False)
        if prefetch:
            await self.fetch_relations(page.items, prefetch)
        return page

    async def page_before(
        self,
        cursor: str | None = None,
        per_page: int = 20,
        filters: Filters = None,
        order_by: Order = None,
        prefetch: Iterable[str] = (),
        **equals: object,
    ) -> CursorPage[M]:
        """Return the rows before a cursor (a page's `previous_cursor`), or the last ones, in the order of the list.

        Otherwise as `page_after`.
        """
        page = await self._page(cursor, per_page, self._query(filters, equals, order_by), backwards=True)
        if prefetch:
            await self.fetch_relations(page.items, prefetch)
        return page

    async def iterate(
        self,
        filters: Filters = None,
        order_by: Order = None,
        batch_size: int = 500,
        prefetch: Iterable[str] = (),
        **equals: object,
    ) -> AsyncGenerator[M]:
        """Give all rows that match, in constant memory: one statement for each `batch_size` rows.

        Without an order they come in that of the key; any other order needs an index, as in `page_after`. Between two
        batches no connection is held and nothing is locked, so the consumer may take its time or stop; what others write
        meanwhile may be seen. For one moment's view of all, iterate inside a transaction with "repeatable read".
        """
        whole_number("batch_size", batch_size, least=1)
        query = self._query(filters, equals, order_by or self.table.key.name)
        position: Position | None = None
        names = [prefetch] if isinstance(prefetch, str | Relation) else list(prefetch)
        while True:
            rows = await self._behind(position, batch_size, query)
            if names:
                await self.fetch_relations(rows, names)
            goes_on = len(rows) == batch_size
            if goes_on:
                position = self._position(rows[-1], query.order)  # before the consumer can change the row
            for row in rows:
                yield row
            if not goes_on:
                return

    async def _page(self, cursor: str | None, per_page: int, query: Query, *, backwards: bool) -> CursorPage[M]:
        whole_number("per_page", per_page, least=1)
        shape = (self.table.label, query.order, query.condition)
        position = None if cursor is None else read_cursor(cursor, shape)
        rows = await self._behind(position, per_page + 1, query.reversed() if backwards else query)
        goes_on, rows = len(rows) > per_page, rows[:per_page]
        before = behind = None
        if rows:
            before = position and self._position(rows[0], query.order)
            behind = self._position(rows[-1], query.order) if goes_on else None
        elif position is not None:  # the way back leads to the row that the cursor stands at, if it is still there
            before = position._replace(inclusive=not position.inclusive)
        texts = [None if end is None else write_cursor(end, shape) for end in (before, behind)]
        if backwards:
            return CursorPage(rows[::-1], next_cursor=texts[0], previous_cursor=texts[1])
        return CursorPage(rows, next_cursor=texts[1], previous_cursor=texts[0])

    async def _behind(self, position: Position | None, limit: int, query: Query) -> list[M]:
        table = self.table
        known = None if position is None else tuple(value is None for value in position.values)
        shape = ("behind", query.condition, query.order, known, position and position.inclusive)
        sql = table.texts.find(shape) or table.texts.keep(shape, self._behind_sql(position, query))
        given = [] if position is None else [value for value in position.values if value is not None]
        return await self.rows(sql, *query.values, limit, *given)

    def _behind_sql(self, position: Position | None, query: Query) -> str:
        table, numbers, condition = self.table, Numbers(), query.condition
        where = "" if condition == EVERYTHING else condition_sql(condition, numbers)
        tail = f"{order_sql(query.order)} LIMIT {numbers.one()}"
        if position is None:
            return select_sql(table.name, table.columns, where_sql(condition, Numbers()), tail=tail)
        given = [None if value is None else numbers.one() for value in position.values]
        ranges = ranges_sql(query.order, given, inclusive=position.inclusive)
        return behind_sql(table.name, table.columns, where, ranges, tail)

    def _query(self, filters: Filters, equals: Mapping[str, object], order_by: Order) -> Query:
        """Return what a list consists of, in an order that leaves no two rows equal: up to the key."""
        condition, values = self.condition(filters, equals)
        names = self.order(order_by)
        lists = self.table.lists
        return Query(condition, values, lists.find(names) or lists.keep(names, self._whole_order(names)))

    def _whole_order(self, names: Sequence[str]) -> tuple[OrderColumn, ...]:
        table = self.table
        order: list[OrderColumn] = []
        for name in (*names, table.key.name):
            field = table.fields[name.removeprefix("-")]
            if field.is_structured:
                raise InvalidQuery(
                    f"{table.label}.{field.name} has no order that a page could begin in", table=table.label
                )
            if field.column not in {each.column for each in order}:
                order.append(OrderColumn(field.column, name.startswith("-"), field.is_nullable))
            if field is table.key:
                break
        return tuple(order)

    def _position(self, row: M, order: Sequence[OrderColumn]) -> Position:
        table = self.table
        fields = [table.by_column[each.column] for each in order]
        values = [(field, getattr(row, field.name)) for field in fields]
        return Position(tuple(None if value is None else field.codec.match(value) for field, value in values))
