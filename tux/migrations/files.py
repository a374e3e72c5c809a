"""The migration files of a project: read one by one, and as a chain in which each names those that it follows.

A file is a plain Python module in aerich's form. Ours end with `BASED_ON` (the files it was written after), `SCHEMA`
and `DDL_STATE` (what holds after it).
"""

from __future__ import annotations

import ast
import hashlib
import importlib.util
import re
import traceback
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from tux.database.schema import FILES, migration_files
from tux.errors import MigrationError, TuxError
from tux.migrations.shapes import Schema, unpack

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path
    from types import ModuleType

    from tux.database.schema import Schema as AppliedSchema
    from tux.migrations.ddl import DdlState

CONSENT = re.compile(r"--\s*tux:\s*allow-destructive\b", re.IGNORECASE)
NAME_LENGTH = 60


@dataclass(frozen=True, slots=True)
class MigrationFile:
    """One migration file, imported."""

    name: str
    path: Path
    text: str
    module: ModuleType

    @property
    def number(self) -> int:
        """The number that its name begins with."""
        return int(self.name.partition("_")[0])

    @property
    def digest(self) -> str:
        """What tells whether it was edited, whatever ends its lines."""
        return hashlib.sha256("\n".join(self.text.splitlines()).encode()).hexdigest()

    @property
    def in_transaction(self) -> bool:
        """Whether all of it is applied or nothing."""
        return bool(getattr(self.module, "RUN_IN_TRANSACTION", True))

    @property
    def after_steps(self) -> tuple[str, ...]:
        """The data steps ("levels.fill_rank") that must have run before it."""
        return tuple(getattr(self.module, "AFTER_STEPS", ()))

    @property
    def consents(self) -> bool:
        """Whether its upgrade may destroy data: the comment stands in the function."""
        tree = ast.parse(self.text)
        functions = (node for node in tree.body if isinstance(node, ast.AsyncFunctionDef) and node.name == "upgrade")
        return any(CONSENT.search(ast.get_source_segment(self.text, node) or "") for node in functions)

    @property
    def schema(self) -> Schema:
        """The schema that holds after it.

        Raises:
            MigrationError: the file does not say.
        """
        packed = getattr(self.module, "SCHEMA", None)
        if packed is None:
            raise MigrationError(f"{self.name} has no SCHEMA, so nothing can be compared with it; restore the file")
        return unpack(packed)

    @property
    def declared(self) -> DdlState:
        """The declarations (`Model.ddl`) that hold after it."""
        state: DdlState = getattr(self.module, "DDL_STATE", {})
        return state

    @property
    def based_on(self) -> tuple[str, ...]:
        """The files that it follows."""
        return tuple(getattr(self.module, "BASED_ON", ()))

    async def upgrade_sql(self, db: Any) -> str:
        """Return the SQL that applies it; the function may have run statements on `db` itself.

        Raises:
            MigrationError: the function is wrong; says where. What PostgreSQL refused stays a DatabaseError.
        """
        return await self._call("upgrade", db)

    async def downgrade_sql(self, db: Any) -> str:
        """Return the SQL that takes it back; as `upgrade_sql`."""
        return await self._call("downgrade", db)

    async def _call(self, function: str, db: Any) -> str:
        try:
            sql = await getattr(self.module, function)(db)
        except TuxError:
            raise
        except Exception as error:
            raise MigrationError(self._fault(function, describe_error(error, str(self.path)))) from error
        if not isinstance(sql, str):
            raise MigrationError(self._fault(function, f": it returned {type(sql).__name__} instead of SQL"))
        return sql

    def _fault(self, function: str, what: str) -> str:
        done = "applied" if function == "upgrade" else "reverted"
        left = "nothing of it remains" if self.in_transaction or function == "downgrade" else "what it ran itself stays"
        return f"{FILES}/{self.name} was not {done}, its function {function} failed{what}. Mend it; {left}"


def describe_error(error: Exception, path: str) -> str:
    """Return what went wrong in the Python of a file, after the line where that was, if it was there."""
    frames = traceback.extract_tb(error.__traceback__)
    line = next((f", line {frame.lineno}" for frame in reversed(frames) if frame.filename == path), "")
    return f"{line}: {type(error).__name__}: {error}"


def load_file(root: Path, name: str) -> MigrationFile:
    """Import a migration file of the project.

    Raises:
        MigrationError: it is not there, or broken; says where.
    """
    path = root / FILES / name
    spec = importlib.util.spec_from_file_location(path.stem, path)
    if not path.is_file() or spec is None or spec.loader is None:
        raise MigrationError(f"{FILES}/{name} is not there; restore it, for example with `git checkout`")
    module = importlib.util.module_from_spec(spec)
    try:
        # a person may have edited it, and whatever is wrong then is one message
        exec(compile(path.read_bytes(), path, "exec"), module.__dict__)  # noqa: S102 - not spec.loader: no stale bytecode
    except Exception as error:
        raise MigrationError(f"{FILES}/{name} cannot be read: {type(error).__name__}: {error}") from error
    for function in ("upgrade", "downgrade"):
        if not callable(getattr(module, function, None)):
            raise MigrationError(f"{FILES}/{name} has no function {function}; restore the file")
    return MigrationFile(name, path, path.read_text(encoding="utf-8"), module)


def load_files(root: Path) -> list[MigrationFile]:
    """Import all migration files of the project, in the order in which they are applied."""
    return [load_file(root, name) for name in migration_files(root)]


def find_heads(files: Sequence[MigrationFile]) -> list[MigrationFile]:
    """Return the files that no other one follows: one, unless branches came together."""
    followed = {name for file in files for name in _parents(files, file)}
    return [file for file in files if file.name not in followed]


def single_head(files: Sequence[MigrationFile]) -> MigrationFile | None:
    """Return the newest file, None when there is none.

    Raises:
        MigrationError: two branches came together, or a file follows one that is not there.
    """
    known = {file.name for file in files}
    for file in files:
        if lost := [name for name in file.based_on if name not in known]:
            raise MigrationError(f"{file.name} follows {lost[0]}, which is not in {FILES}; restore that file")
    heads = find_heads(files)
    if len(heads) > 1:
        raise MigrationError(
            f"{', '.join(head.name for head in heads)} were written beside each other, on two branches; "
            "run `tux db merge`, which joins them"
        )
    return heads[0] if heads else None


def check_lineage(schema: AppliedSchema, files: Sequence[str]) -> None:
    """Refuse to go on with a database that others have migrated in another direction.

    Raises:
        MigrationError: it has migrations that the project lacks, and lacks some of the project's; names the former.
    """
    if schema.status(files) == "diverged":
        raise MigrationError(
            "the database has migrations that this project lacks, and lacks some of its: "
            f"{', '.join(schema.unknown(files))}; check out the code that they belong to, or restore those files and run "
            "`tux db merge`"
        )


def ancestors(files: Sequence[MigrationFile], file: MigrationFile) -> set[str]:
    """Return the names of all files that a file stands on."""
    by_name = {each.name: each for each in files}
    found: set[str] = set()
    waiting = [file]
    while waiting:
        parents = [name for name in _parents(files, waiting.pop()) if name not in found]
        found.update(parents)
        waiting += [by_name[name] for name in parents if name in by_name]
    return found


def next_name(files: Sequence[MigrationFile], message: str) -> str:
    """Return the name of the next file: its number, the time as aerich writes it, and what changes."""
    words = re.sub(r"[^a-z0-9]+", "_", message.lower()).strip("_")[:NAME_LENGTH] or "update"
    number = max((file.number for file in files), default=-1) + 1
    stamp = datetime.now().strftime("%Y%m%d%H%M%S")  # noqa: DTZ005 - the author's own time, as aerich has it
    return f"{number}_{stamp}_{'init' if number == 0 else words}.py"


def _parents(files: Sequence[MigrationFile], file: MigrationFile) -> tuple[str, ...]:
    """Return what a file follows; one that does not say follows the file before it."""
    if file.based_on or not hasattr(file.module, "upgrade"):
        return file.based_on
    if hasattr(file.module, "BASED_ON"):
        return ()
    place = [each.name for each in files].index(file.name)
    return (files[place - 1].name,) if place else ()
