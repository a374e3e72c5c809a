"""A row as plain data: a dict, what JSON takes, or a pydantic model."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, TypeVar, cast

from tortoise.fields.base import DatabaseDefault
from tortoise.fields.relational import ReverseRelation
from tortoise.models import Model

from tux.models.matched import matched_of
from tux.models.meta import meta_of, pending_keys

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from pydantic import BaseModel

S = TypeVar("S", bound="BaseModel")


class Exported:
    """What every row can be turned into."""

    def to_dict(self, mode: Literal["python", "json"] = "python", *, exclude: Collection[str] = ()) -> dict[str, Any]:
        """Return the row's columns, and the relations that were fetched, by name; a relation leads to dicts in turn.

        A row inside of itself (a guild's member's guild) is given once, the inner one without its relations.

        Args:
            mode: "json" gives what `json.dumps` takes: texts for times, UUIDs and decimals, base64 for bytes, None for
                a float that is no number.
            exclude: names of this row's own columns and relations to leave out.
        """
        found = _as_dict(cast("Model", self), frozenset(exclude), ())
        if mode == "python":
            return found
        from pydantic_core import to_jsonable_python  # heavy, and most rows are never exported

        plain: dict[str, Any] = to_jsonable_python(found, bytes_mode="base64", inf_nan_mode="null")
        return plain

    def to_pydantic(self, schema: type[S]) -> S:
        """Return the row, with the relations that were fetched, as an instance of a pydantic model.

        `tux.models.schemas.schema_of(Case)` makes one that has all columns.

        Raises:
            pydantic.ValidationError: the row does not fit; names the fields.
        """
        return schema.model_validate(self.to_dict())


def _as_dict(row: Model, exclude: frozenset[str], above: tuple[Model, ...]) -> dict[str, Any]:
    known, meta = vars(row), meta_of(row)
    columns = (*meta.fields_db_projection, *pending_keys(meta))
    names = [name for name in columns if name in known and name not in exclude]
    found = {name: None if isinstance(known[name], DatabaseDefault) else known[name] for name in names}
    if any(row is each for each in above):
        return found
    for name, related in _fetched(row):
        if name in exclude:
            continue
        if isinstance(related, Model):
            found[name] = _as_dict(related, frozenset(), (*above, row))
        else:
            found[name] = related and [_as_dict(each, frozenset(), (*above, row)) for each in related]
    return found


def _fetched(row: Model) -> Iterable[tuple[str, Model | list[Model] | None]]:
    """Give the relations of a row that need no database any more."""
    known = vars(row)
    for name in sorted(meta_of(row).fetch_fields):
        related = known.get(f"_{name}")
        if isinstance(related, ReverseRelation):
            if related._fetched:  # noqa: SLF001  # pyright: ignore[reportPrivateUsage] - it has no public word for it
                yield name, list(cast("ReverseRelation[Model]", related))
        elif isinstance(related, Model) or (related is None and f"_{name}" in known):
            yield name, related
    for name in matched_of(type(row)):
        if name in known:
            yield name, known[name]
