"""Where a database stands beside its project: what `tux db status` prints and its exit code says."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tux.database.schema import migration_files, read_schema
from tux.migrations.apply import edited_files
from tux.migrations.connection import migration_connection, open_client
from tux.migrations.ledger import read_ledger
from tux.migrations.steps import due_steps

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tux.database.schema import Status
    from tux.migrations.ledger import Ledger
    from tux.registry import Registry
    from tux.settings import Settings


@dataclass(frozen=True, slots=True)
class Report:
    """What is applied, pending, unknown and edited, and which data steps are due."""

    place: str
    status: Status
    applied: tuple[str, ...]
    pending: tuple[str, ...]
    unknown: tuple[str, ...]
    edited: tuple[str, ...]
    steps: tuple[str, ...]
    ledger: Ledger

    @property
    def is_settled(self) -> bool:
        """Whether there is nothing to do."""
        return self.status == "current" and not self.edited and not self.steps

    def lines(self) -> Iterator[str]:
        """Yield it for a person to read."""
        yield f"{self.place}: {self.status}, {len(self.applied)} applied"
        for label, names in (
            ("pending", self.pending),
            ("applied, but without a file here", self.unknown),
            ("edited after it was applied", self.edited),
            ("data step to run", self.steps),
            ("plugin off", self.ledger.off),
            ("plugin kept", tuple(self.ledger.kept)),
            ("plugin retired", self.ledger.retired),
        ):
            for name in names:
                yield f"  {label}: {name}"


async def read_report(settings: Settings, registry: Registry | None) -> Report:
    """Ask the database; without a registry nothing is said of data steps.

    Raises:
        DatabaseConnectionError: nobody answers there.
    """
    files = migration_files(settings.root)
    async with open_client(migration_connection(settings, settings.database_url)) as client:
        schema = await read_schema(client)
        return Report(
            client.label,
            schema.status(files),
            schema.applied,
            tuple(schema.pending(files)),
            tuple(schema.unknown(files)),
            tuple(await edited_files(client, settings.root)),
            tuple(each.full_name for each in (await due_steps(client, registry) if registry else ())),
            read_ledger(settings.root),
        )
