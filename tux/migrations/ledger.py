"""migrations/plugins.toml: what the maintainer decided about plugins whose code or service is gone.

The runtime and config/orm.py read it and tell the registry which plugins are off; the guard asks it whose tables may be
missing from the models. `tux plugin off|on|keep|drop` write it.
"""

from __future__ import annotations

import json
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, model_validator

from tux.errors import SettingsError
from tux.plugin import PluginName

if TYPE_CHECKING:
    from collections.abc import Iterable

LEDGER = Path("migrations/plugins.toml")

_HEADER = """\
# What becomes of plugins that are not running. Written by `tux plugin off|on|keep|drop`; may be edited by hand.
#   off      the code stays in place, its models stay registered, nothing of it runs
#   kept     the code is gone, the tables stay, and requests about a user's data still reach them
#   retired  the code is gone, and the next migration drops its tables
"""


def _sorted_names(names: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(sorted(set(names)))


Names = Annotated[tuple[PluginName, ...], AfterValidator(_sorted_names)]
SqlName = Annotated[str, Field(pattern=r"^[a-z_][a-z0-9_]*$", max_length=63)]


class _Entry(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class UserColumn(_Entry):
    """A column that holds a Discord user's id, and what a request to forget the user does to its rows."""

    table: SqlName
    column: SqlName
    forget: Literal["delete", "null", "keep"]
    reason: str = ""


class KeptPlugin(_Entry):
    """The data that a plugin left behind."""

    tables: tuple[SqlName, ...] = Field(min_length=1)
    users: tuple[UserColumn, ...] = ()

    @model_validator(mode="after")
    def _check_users(self) -> Self:
        if lost := sorted({user.table for user in self.users} - set(self.tables)):
            raise ValueError(f"users names {lost[0]!r}, which is not in tables")
        return self


class Ledger(_Entry):
    """The three lists; a plugin is in one of them at most."""

    off: Names = ()
    retired: Names = ()
    kept: dict[PluginName, KeptPlugin] = Field(default_factory=dict)

    @property
    def kept_tables(self) -> frozenset[str]:
        """The tables of all kept plugins."""
        return frozenset(table for plugin in self.kept.values() for table in plugin.tables)

    @model_validator(mode="after")
    def _check_lists(self) -> Self:
        for name in sorted({*self.off, *self.retired, *self.kept}):
            lists = [word for word in ("off", "retired", "kept") if name in getattr(self, word)]
            if len(lists) > 1:
                raise ValueError(f"{name!r} is in {' and in '.join(lists)}; leave it in one")
        for name, plugin in self.kept.items():
            if wrong := [table for table in plugin.tables if not table.startswith(f"{name}_")]:
                raise ValueError(f"kept.{name}: table {wrong[0]!r} does not begin with {name + '_'!r}")
        return self


def read_ledger(root: Path) -> Ledger:
    """Return what migrations/plugins.toml of the project says; an empty ledger when there is no file.

    Raises:
        SettingsError: the file is not TOML, has an unknown key or a wrong value; each is named.
    """
    path = root / LEDGER
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return Ledger()
    try:
        return Ledger.model_validate(tomllib.loads(text))
    except tomllib.TOMLDecodeError as error:
        raise SettingsError(f"{path} is not valid TOML: {error}") from error
    except ValidationError as error:
        raise SettingsError(f"{path} is wrong:\n  " + "\n  ".join(_explain(error))) from None


def write_ledger(root: Path, ledger: Ledger) -> None:
    """Put the ledger in place of the file at once, so that a reader never sees half of it."""
    path = root / LEDGER
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_suffix(".toml.new")
    fresh.write_text(_HEADER + "\n" + "\n".join(_toml_lines(ledger)) + "\n", encoding="utf-8")
    fresh.replace(path)


def _toml_lines(ledger: Ledger) -> Iterable[str]:
    yield f"off = {_toml_list(ledger.off)}"
    yield f"retired = {_toml_list(ledger.retired)}"
    for name, plugin in sorted(ledger.kept.items()):
        yield ""
        yield f"[kept.{name}]"
        yield f"tables = {_toml_list(plugin.tables)}"
        for user in plugin.users:
            yield ""
            yield f"[[kept.{name}.users]]"
            yield from (f"{key} = {_toml_text(value)}" for key, value in user.model_dump().items() if value)


def _toml_list(values: Iterable[str]) -> str:
    return f"[{', '.join(_toml_text(value) for value in values)}]"


def _toml_text(value: str) -> str:
    # A JSON string is a TOML basic string, but for DEL, which TOML wants escaped.
    return json.dumps(value).replace("\x7f", "\\u007f")


def _explain(error: ValidationError) -> Iterable[str]:
    for problem in error.errors(include_url=False, include_input=False):
        key = ".".join(str(part) for part in problem["loc"])
        if problem["type"] == "extra_forbidden":
            yield f"{key}: unknown key; known here: {', '.join(_known_keys(problem['loc'][:-1]))}"
        else:
            text = problem["msg"].removeprefix("Value error, ")
            yield f"{key}: {text}" if key else text


def _known_keys(path: tuple[int | str, ...]) -> list[str]:
    model = (Ledger, Ledger, KeptPlugin, KeptPlugin, UserColumn)[len(path)]
    return sorted(model.model_fields)
