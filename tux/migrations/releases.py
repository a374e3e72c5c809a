"""migrations/releases.toml: where each released version's migrations end, so that nobody edits what is out there.

`tux db release` writes it, `tux db check` goes by it, and tests/migrations/test_releases.py upgrades from each of them.
"""

from __future__ import annotations

import hashlib
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from tux.errors import MigrationError
from tux.migrations.files import ancestors, load_files, single_head

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tux.migrations.files import MigrationFile

RELEASES = Path("migrations/releases.toml")

_HEADER = """\
# The newest migration of each released version, and a digest of all that it stands on. Written by `tux db release`.
"""


class Release(BaseModel):
    """A version that was released with the migrations up to `head`."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    version: str = Field(pattern=r"^[0-9][\w.+-]*$")
    head: str
    digest: str


class _File(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    release: tuple[Release, ...] = ()


def read_releases(root: Path) -> tuple[Release, ...]:
    """Return what was released, oldest first; nothing without the file.

    Raises:
        MigrationError: the file is wrong; says where.
    """
    try:
        return _File.model_validate(tomllib.loads((root / RELEASES).read_text(encoding="utf-8"))).release
    except FileNotFoundError:
        return ()
    except tomllib.TOMLDecodeError as error:
        raise MigrationError(f"{RELEASES} is not valid TOML: {error}") from error
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        raise MigrationError(f"{RELEASES} is wrong: {'.'.join(map(str, first['loc']))}: {first['msg']}") from None


def note_release(root: Path, version: str) -> Release:
    """Note that a version is released with the migrations that are here, and return that.

    Raises:
        MigrationError: the version was released before, or there is not one newest file.
    """
    known, files = read_releases(root), load_files(root)
    if any(each.version == version for each in known):
        raise MigrationError(f"{version} was released before; {RELEASES} has it")
    head = single_head(files)
    if head is None:
        raise MigrationError("there is no migration to release; run `aerich init-migrations` to write the first")
    try:
        release = Release(version=version, head=head.name, digest=_digest(files, head))
    except ValidationError:
        raise MigrationError(f"{version!r} is no version; write it as 1.2.0") from None
    blocks = (
        f'\n[[release]]\nversion = "{each.version}"\nhead = "{each.head}"\ndigest = "{each.digest}"\n'
        for each in (*known, release)
    )
    (root / RELEASES).write_text(_HEADER + "".join(blocks), encoding="utf-8")
    return release


def chain(files: Sequence[MigrationFile], head: MigrationFile) -> list[MigrationFile]:
    """Return a file and all that it stands on, in the order in which they are applied."""
    names = ancestors(files, head) | {head.name}
    return [file for file in files if file.name in names]


def release_problems(root: Path, files: Sequence[MigrationFile]) -> list[str]:
    """Return a sentence for each release whose files are not what they were."""
    by_name = {file.name: file for file in files}
    found: list[str] = []
    for release in read_releases(root):
        head = by_name.get(release.head)
        if head is None:
            found.append(f"{release.version} was released with {release.head}, which is not here; restore it")
        elif _digest(files, head) != release.digest:
            found.append(
                f"a migration that {release.version} was released with was edited or taken out (up to {release.head}); "
                "databases have run it as it was: restore it, and write what you need into a new one"
            )
    return found


def _digest(files: Sequence[MigrationFile], head: MigrationFile) -> str:
    lines = "\n".join(f"{file.name} {file.digest}" for file in chain(files, head))
    return hashlib.sha256(lines.encode()).hexdigest()
