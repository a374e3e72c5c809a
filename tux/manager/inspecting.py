"""How a table is: its size, its use, and the plan of a read."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tux.database.engine import active_client
from tux.errors import TuxError
from tux.manager.core import M, Order
from tux.manager.reading import Reading

if TYPE_CHECKING:
    from tux.manager.filters import Filters

_STATISTICS = """
SELECT (SELECT count(*) FROM {table}) AS rows, pg_table_size(relid) AS table_bytes, pg_indexes_size(relid) AS index_bytes,
pg_total_relation_size(relid) AS total_bytes, n_dead_tup AS dead_rows, seq_scan AS table_scans,
COALESCE(idx_scan, 0) AS index_scans, ARRAY(
    SELECT (indexrelname, idx_scan, pg_relation_size(indexrelid))
    FROM pg_stat_all_indexes AS index WHERE index.relid = tables.relid ORDER BY indexrelname
) AS indexes
FROM pg_stat_all_tables AS tables WHERE relid = $1::text::regclass
"""


@dataclass(frozen=True, slots=True)
class IndexStatistics:
    """One index: how often it was used since the statistics began, and its size."""

    name: str
    scans: int
    size_bytes: int


@dataclass(frozen=True, slots=True)
class TableStatistics:
    """A table: `rows` is counted, `dead_rows` and scans are what PostgreSQL last reported, some seconds late."""

    rows: int
    table_bytes: int
    index_bytes: int
    total_bytes: int
    dead_rows: int
    table_scans: int
    index_scans: int
    indexes: tuple[IndexStatistics, ...]


class Inspecting(Reading[M]):
    """statistics, explain."""

    async def statistics(self) -> TableStatistics:
        """Return rows (hidden ones included), sizes in bytes, dead rows and the use of indexes; reads the whole table."""
        table = self.table
        row = await active_client().fetch_row(_STATISTICS.format(table=table.name), [table.name])
        if row is None:
            raise TuxError(f"PostgreSQL knows nothing of {table.label}")
        found: dict[str, Any] = dict(row)
        found["indexes"] = tuple(IndexStatistics(*index) for index in found["indexes"])
        return TableStatistics(**found)

    async def explain(
        self,
        filters: Filters = None,
        order_by: Order = None,
        limit: int | None = None,
        *,
        analyze: bool = False,
        **equals: object,
    ) -> str:
        """Return PostgreSQL's plan of what find_all reads with these arguments, as text.

        With `analyze` the read is run, and the plan has true times and rows.
        """
        sql, values = self.listing(filters, equals, order_by, limit)
        options = "ANALYZE, BUFFERS" if analyze else "COSTS"
        return "\n".join(row[0] for row in await active_client().fetch(f"EXPLAIN ({options}) {sql}", values))
