"""Reads: one row, several, how many; each is one statement."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tortoise.exceptions import FieldError

from tux.database.engine import Transaction, active_client
from tux.database.statements import Leaf, Numbers, select_sql, where_sql
from tux.errors import InvalidQuery
from tux.manager.batching import Batcher, batcher_of, keep_batcher
from tux.manager.caching import Caching
from tux.manager.core import PLAIN_KEYS, Identity, M, Order, whole_number
from tux.manager.many import refuse_single
from tux.manager.matched import load_matched
from tux.models.columns import Relation
from tux.models.matched import matched_of
from tux.models.meta import from_row

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from tux.database.engine import Client
    from tux.manager.filters import Filters

PREFETCH_ROWS = 10_000  # Tortoise makes one parameter a row, and a statement takes 32,767


class Reading(Caching[M]):
    """get_by_id, find_one, find_all, get_all, get_many, exists, count."""

    async def get_by_id(self, identity: Identity, /) -> M | None:
        """Return the row with this key, or with this tuple in the order of `Meta.unique_together[0]`.

        Where the manager declares a cache, it answers from memory. Reads by key of more than a few tasks at once become
        one statement, outside of transactions.
        """
        table = self.table
        sql = table.by_key.get(self.sees_deleted) if type(identity) in PLAIN_KEYS else None
        if sql is None:
            condition, values = self.identity(identity)
            sql = self.selecting(condition, (), " LIMIT 1")
            if type(identity) in PLAIN_KEYS:
                table.by_key[self.sees_deleted] = sql
        else:
            values = [table.key.codec.match(identity)]
        if self.cache is not None:
            return await self.cached_row(identity, sql, values)
        client = active_client()
        if isinstance(client, Transaction) or isinstance(identity, tuple):
            return await self.row(sql, *values)
        batcher = batcher_of(client, sql) or self._batcher(client, sql)
        if batcher.is_busy:
            record = await batcher.read(client, values[0])
        else:
            batcher.running += 1
            try:
                records = await client.fetch(sql, values)
            finally:
                batcher.running -= 1
            record = records[0] if records else None
        return None if record is None else from_row(self.model, record)

    async def find_one(
        self, filters: Filters = None, order_by: Order = None, prefetch: Iterable[str] = (), **equals: object
    ) -> M | None:
        """Return the first row that matches, in this order; without an order any one of them."""
        sql, values = self.reading_one(filters, equals, order_by)
        records = await active_client().fetch(sql, values)
        found = from_row(self.model, records[0]) if records else None
        if prefetch:
            await self.fetch_relations([found] if found else [], prefetch)
        return found

    async def find_all(
        self,
        filters: Filters = None,
        order_by: Order = None,
        limit: int | None = None,
        offset: int | None = None,
        prefetch: Iterable[str] = (),
        **equals: object,
    ) -> list[M]:
        """Return the rows that match, in this order; without one in the order of the model's Meta, or in none."""
        sql, values = self.listing(filters, equals, order_by, limit, offset)
        found = await self.rows(sql, *values)
        if prefetch:
            await self.fetch_relations(found, prefetch)
        return found

    async def get_all(self, filters: Filters = None, order_by: Order = None, **equals: object) -> list[M]:
        """Return every row that matches, as find_all does without a limit."""
        sql, values = self.listing(filters, equals, order_by)
        return await self.rows(sql, *values)

    async def get_many(self, identities: Iterable[Identity]) -> list[M]:
        """Return the rows with these identities, in the order asked, each once; those that do not exist are left out."""
        refuse_single(identities)
        wanted = list(identities)
        if not wanted:
            return []
        condition, values, keys = self.identities(wanted)
        found = await self.rows(self.selecting(condition, (), ""), *values)
        by_identity = {self.identity_of(row, composite=isinstance(wanted[0], tuple)): row for row in found}
        return [by_identity[key] for key in dict.fromkeys(keys) if key in by_identity]

    async def exists(self, filters: Filters = None, **equals: object) -> bool:
        """Tell whether any row matches."""
        condition, values = self.condition(filters, equals)
        shape = ("exists", condition)
        sql = self.table.texts.find(shape)
        if sql is None:
            inner = select_sql(self.table.name, "1", where_sql(condition, Numbers()))
            sql = self.table.texts.keep(shape, f"SELECT EXISTS ({inner}) AS found")
        [record] = await active_client().fetch(sql, values)
        return bool(record[0])

    async def count(self, filters: Filters = None, **equals: object) -> int:
        """Return how many rows match."""
        condition, values = self.condition(filters, equals)
        shape = ("count", condition)
        sql = self.table.texts.find(shape)
        if sql is None:
            text = select_sql(self.table.name, "count(*)", where_sql(condition, Numbers()))
            sql = self.table.texts.keep(shape, text)
        [record] = await active_client().fetch(sql, values)
        found: int = record[0]
        return found

    def listing(
        self,
        filters: Filters,
        equals: Mapping[str, object],
        order_by: Order,
        limit: int | None = None,
        offset: int | None = None,
    ) -> tuple[str, list[object]]:
        """Return the statement of find_all and its values."""
        condition, values = self.condition(filters, equals)
        numbers = Numbers(len(values) + 1)
        tail = ""
        for word, count in (("LIMIT", limit), ("OFFSET", offset)):
            if count is not None:
                tail += f" {word} {numbers.one()}"
                values.append(whole_number(word.lower(), count, least=0))
        return self.selecting(condition, self.order(order_by), tail), values

    def _batcher(self, client: Client, sql: str) -> Batcher:
        table = self.table
        several = self.selecting(self.visible(Leaf(table.key.column, "in")), (), "")
        return keep_batcher(client, sql, Batcher(several, table.key.column.strip('"'), client.pool_maxsize))

    async def fetch_relations(self, rows: list[M], prefetch: Iterable[str]) -> None:
        """Load relations of all rows at once: one statement for each relation and 10,000 rows.

        Raises:
            InvalidQuery: no such relation.
        """
        several = [prefetch] if isinstance(prefetch, str | Relation) else prefetch
        given = [each.name if isinstance(each, Relation) else each for each in several]
        matched = matched_of(self.model)
        names = [name for name in given if name not in matched]
        for name in names:
            if name.partition("__")[0] not in self.table.nested:
                known = ", ".join(sorted({*self.table.nested, *matched})) or "none"
                raise InvalidQuery(
                    f"{self.model.__name__} has no relation {name!r} to prefetch; it has {known}",
                    table=self.table.label,
                )
        if names:
            for first in range(0, len(rows), PREFETCH_ROWS):
                try:
                    await self.model.fetch_for_list(rows[first : first + PREFETCH_ROWS], *names)
                except FieldError as error:  # of a relation behind the first
                    raise InvalidQuery(f"prefetch of {', '.join(names)}: {error}", table=self.table.label) from None
        for name in given:
            if name in matched and rows:
                await load_matched(rows, matched[name])
