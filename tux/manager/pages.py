"""Pages by number, with the total, in one statement."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Generic

from tux.database.engine import active_client
from tux.database.statements import Numbers, page_sql, where_sql
from tux.manager.core import M, Order, whole_number
from tux.manager.reading import Reading

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tux.manager.filters import Filters


@dataclass(frozen=True)
class PaginationResult(Generic[M]):
    """One page of rows; pages count from 1."""

    items: list[M]
    total: int
    page: int
    per_page: int

    @property
    def pages(self) -> int:
        """How many pages there are; 0 without any row."""
        return -(-self.total // self.per_page)

    @property
    def has_prev(self) -> bool:
        """Whether there is a page before this one."""
        return self.page > 1

    @property
    def has_next(self) -> bool:
        """Whether there is a page after this one."""
        return self.page < self.pages


class Pages(Reading[M]):
    """paginate."""

    async def paginate(
        self,
        page: int = 1,
        per_page: int = 20,
        filters: Filters = None,
        order_by: Order = None,
        prefetch: Iterable[str] = (),
        **equals: object,
    ) -> PaginationResult[M]:
        """Return one page of the rows that match, with the true total, also beyond the last page.

        Rows that the order leaves equal come in the order of the key, so no row is on two pages.
        """
        table = self.table
        whole_number("page", page, least=1)
        whole_number("per_page", per_page, least=1)
        condition, values = self.condition(filters, equals)
        order = self.order(order_by)
        if table.key.name not in {name.removeprefix("-") for name in order}:
            order = (*order, table.key.name)
        shape = ("page", condition, order)
        sql = table.texts.find(shape)
        if sql is None:
            numbers = Numbers()
            where = where_sql(condition, numbers)
            limit, offset = numbers.take(2)
            tail = f" LIMIT {limit} OFFSET {offset}"
            text = page_sql(table.name, table.columns, where, order=self.order_sql(order), tail=tail)
            sql = table.texts.keep(shape, text)
        found = await active_client().fetch(sql, [*values, per_page, (page - 1) * per_page])
        key = table.key.column.strip('"')
        items = await self.hydrated([row for row in found if row[key] is not None])
        if prefetch:
            await self.fetch_relations(items, prefetch)
        return PaginationResult(items, found[0]["tux_total"], page, per_page)
