"""Refuses to write a migration that would drop what a missing or broken plugin owns.

Plain functions over the registry, the ledger and names of tables, called before a file is written.
"""

from __future__ import annotations

import traceback
from typing import TYPE_CHECKING

from tux.errors import MigrationError, PluginError
from tux.migrations.ddl import OWN
from tux.migrations.ledger import LEDGER
from tux.migrations.renames import GIVEN
from tux.registry import State

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

    from tux.migrations.ledger import Ledger
    from tux.registry import PluginRecord


def check_imports(records: Iterable[PluginRecord]) -> None:
    """Refuse while a plugin's models could not be registered: its tables would look deleted, or be forgotten.

    Raises:
        MigrationError: names the plugin, with the traceback of its failure when its own code raised one.
    """
    broken = [record for record in records if _lacks_models(record)]
    if not broken:
        return
    parts = [f"{_name(record)} is {record.state} in {record.phase}: {record.reason}" for record in broken]
    errors = [record.error for record in broken if record.error and not isinstance(record.error, PluginError)]
    traces = ["".join(traceback.format_exception(error)).rstrip() for error in errors]
    raise MigrationError(
        "no migration was written, because the models of a plugin could not be read:\n  "
        + "\n  ".join(parts)
        + "".join(f"\n\n{trace}" for trace in traces)
        + f"\n\nRepair it; or move its folder away and list it in {LEDGER} under [kept.<name>], if it has tables."
    )


def check_tables(last: Iterable[str], here: Collection[str], registered: Iterable[str], ledger: Ledger) -> None:
    """Refuse when a table of the last migration belongs to a plugin that is neither here, nor kept, nor retired.

    `last` and `here` name the tables that the newest file has, and those that the models make.

    Raises:
        MigrationError: names the plugins and their tables, and says what can be done.
    """
    known = {*registered, *ledger.retired}
    orphans: dict[str, list[str]] = {}
    for table in sorted(last):
        owner = table.partition("_")[0]
        if table not in here and table not in OWN and table not in ledger.kept_tables and owner not in known:
            orphans.setdefault(owner, []).append(table)
    if orphans:
        raise MigrationError(_orphans_message(orphans))


def _lacks_models(record: PluginRecord) -> bool:
    if record.state not in (State.FAILED, State.BLOCKED) or record.model_module:
        return False
    return (record.path / "models.py").is_file() or (record.path / "models").is_dir() or record.plugin is None


def _name(record: PluginRecord) -> str:
    return f"plugin {record.name!r}"


def _orphans_message(orphans: Mapping[str, list[str]]) -> str:
    listing = "\n".join(f"  plugin {name!r}: {', '.join(tables)}" for name, tables in orphans.items())
    name, tables = next(iter(orphans.items()))
    quoted = ", ".join(f'"{table}"' for table in tables)
    ways = (
        f"Put plugins/{name} back; or say what becomes of its data:\n"
        f"  its tables stay: write into {LEDGER}, below what is there\n"
        f"    [kept.{name}]\n"
        f"    tables = [{quoted}]\n"
        f"  its tables go, with all rows: run `tux db retire {name}`, which writes the migration\n"
        f"  they are another plugin's now, under other names: say {GIVEN}={tables[0]}=<its new name>, all with commas between"
    )
    return (
        f"no migration was written, because it would drop the tables of a plugin that is not here:\n{listing}\n{ways}"
    )
