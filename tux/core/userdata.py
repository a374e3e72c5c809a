"""Where the data of users and guilds lie in the database at hand, plugins that were archived included."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from tux.clock import now
from tux.migrations.ledger import read_ledger
from tux.privacy import DataMap, UserColumn, export_user, map_data

if TYPE_CHECKING:
    from tux.coordinator import DatabaseCoordinator
    from tux.privacy import TableReport


async def data_map(db: DatabaseCoordinator) -> DataMap:
    """Return where data lie, over all plugins: ready, off or kept."""
    kept = read_ledger(db.registry.root).kept
    columns = [
        UserColumn(name, each.table, each.column, each.forget, each.reason)
        for name, left in kept.items()
        for each in left.users
    ]
    tables = [table for left in kept.values() for table in left.tables]
    return await map_data(db.registry, left_columns=columns, left_tables=tables)


async def exported_json(db: DatabaseCoordinator, user_id: int) -> str:
    """Return all that is kept about a user as a JSON document."""
    found = await data_map(db)
    document: dict[str, object] = {
        "user_id": user_id,
        "exported_at": now().isoformat(),
        "tables": await export_user(found.users, user_id),
    }
    if found.unreadable:
        document["not_reachable"] = list(found.unreadable)
    return json.dumps(document, indent=2, ensure_ascii=False)


def report_lines(report: list[TableReport]) -> list[str]:
    """Return what became of a user's rows, one line a table."""
    lines: list[str] = []
    for each in report:
        counts = {"deleted": each.deleted, "anonymised": each.anonymised, "kept": each.kept}
        told = ", ".join(f"{count} {word}" for word, count in counts.items() if count)
        why = f" ({'; '.join(each.reasons)})" if each.reasons else ""
        lines.append(f"{each.table}: {told}{why}")
    return lines
