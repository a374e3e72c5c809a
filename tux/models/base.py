"""The base of every plugin's models: Tortoise's own `Model` with columns on the class and four traps taken out.

- `class Meta(Base.Meta)` no longer inherits `abstract`, which would register nothing, silently.
- A manager in a base's Meta is copied: shared, it would query the table of the last model that was made.
- Comments and docstrings no longer become COMMENT ON, where editing one would be a migration; reading them from the
  source files is also most of what making a model costs.
- A naive datetime is refused wherever one is given, instead of being taken for UTC; so is a number that an integer
  column would cut or that was rounded before.
"""

from __future__ import annotations

from datetime import datetime  # noqa: TC003 - evaluated by whoever reads the annotations
from inspect import iscoroutinefunction
from typing import TYPE_CHECKING, Any, ClassVar, cast

from tortoise import fields
from tortoise.exceptions import ValidationError
from tortoise.fields.base import Field
from tortoise.fields.data import IntEnumFieldInstance
from tortoise.models import Model as TortoiseModel
from tortoise.models import ModelMeta as TortoiseModelMeta

from tux import clock
from tux.errors import InvalidValue
from tux.models.columns import Column, named_relation
from tux.models.export import Exported
from tux.models.jsons import refuse_lost
from tux.models.meta import meta_of, pending_keys
from tux.models.numbers import refuse_rounded
from tux.models.parents import GuildMaker, guilds_of
from tux.models.querysets import STAMP, ModelManager, OneRow
from tux.models.times import current_time, refuse_naive

if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Self

    from tortoise.backends.base.client import BaseDBAsyncClient
    from tortoise.expressions import Q
    from tortoise.queryset import QuerySetSingle

    from tux.models.ddl import Ddl


def _has_key(bases: tuple[type, ...], attrs: dict[str, object]) -> bool:
    """Tell whether a field named `id` or any primary key is declared here or in a base."""
    candidates = dict(attrs)
    for base in bases:
        for each in base.__mro__:
            candidates.update(vars(each))
        if issubclass(base, TortoiseModel):
            candidates.update(meta_of(base).fields_map)
    return any(isinstance(value, Field) and (value.pk or name == "id") for name, value in candidates.items())


def _validate(field: Any, value: object) -> None:
    try:
        field.validate(value)
    except ValidationError as error:
        name: str = field.model_field_name
        raise InvalidValue(f"{name}: {str(error).removeprefix(f'{name}: ')}", column=name) from None


class ModelMeta(TortoiseModelMeta):
    """Makes model classes; on a class, `Case.case_type` is a `Column` and `User.cases` a `Relation`."""

    def __new__(cls, name: str, bases: tuple[type, ...], attrs: dict[str, object]) -> ModelMeta:  # noqa: PYI034 - Self means nothing in a metaclass
        """Make a model's class, with the traps taken out."""
        declared = cast("type", attrs.get("Meta", type("Meta", (), {})))
        own = vars(declared)
        options = {
            "abstract": own.get("abstract", False),
            "manager": own.get("manager") or type(getattr(declared, "manager", ModelManager()))(),
            "__doc__": declared.__doc__,
        }
        attrs = {**attrs, "Meta": type("Meta", (declared,), options), "_no_comments": True}
        if name != "Model" and not options["abstract"] and not _has_key(bases, attrs):
            attrs = {"id": fields.BigIntField(primary_key=True), **attrs}
        if any(isinstance(each, Field) and iscoroutinefunction(each.default) for each in attrs.values()):
            attrs.setdefault(
                "__setattr__", cast("Any", TortoiseModel).__setattr__
            )  # which drops a default that is awaited later
        made = super().__new__(cls, name, bases, attrs)
        meta = meta_of(cast("type[TortoiseModel]", made))
        meta.table_description = getattr(declared, "table_description", "")
        for field in meta.fields_map.values():
            if isinstance(field, fields.DatetimeField):
                refuse_naive(field)
            elif isinstance(field, fields.IntField) and not isinstance(field, IntEnumFieldInstance):
                refuse_rounded(field)
            elif isinstance(field, fields.JSONField):
                refuse_lost(field)
        return cast("ModelMeta", made)

    if not TYPE_CHECKING:  # a checker would take any misspelt name for a column

        def __getattr__(cls, name: str) -> Column:  # noqa: N805 - of a metaclass
            meta = cls.__dict__.get("_meta")
            if meta is not None and (name in meta.fields_db_projection or name in pending_keys(meta)):
                return Column(cls, name)
            raise AttributeError(f"type object {cls.__name__!r} has no attribute {name!r}")

    def __setattr__(cls, name: str, value: object) -> None:  # noqa: N805 - of a metaclass
        meta = cls.__dict__.get("_meta")
        if isinstance(value, property) and meta is not None and name in meta.fetch_fields:
            value = named_relation(value, name, is_key=name in meta.fk_fields or name in meta.o2o_fields)
        super().__setattr__(name, value)


class Model(Exported, TortoiseModel, metaclass=ModelMeta):
    """The base of every table; without a key of its own it gets `id`, a bigint.

    `ddl` declares what aerich cannot see; the migrations write it.
    """

    ddl: ClassVar[tuple[Ddl, ...]] = ()
    is_stamped: ClassVar[bool] = False
    hides_deleted: ClassVar[bool] = False

    if not TYPE_CHECKING:  # Python's own, a dozen times as fast as Tortoise's; relations check themselves what they get
        __setattr__ = object.__setattr__

    def __init__(self, **values: Any) -> None:
        """Make a row in memory; no database is needed, and none has to have been connected.

        Raises:
            InvalidValue: a value that its column would refuse; names both.
        """
        meta = meta_of(type(self))
        is_connected = meta.default_connection is not None
        if not is_connected and (early := values.keys() & (meta.fk_fields | meta.o2o_fields)):
            name = min(early)
            raise InvalidValue(f"{name}: no database was connected yet; give the key instead: {name}_id=…", column=name)
        super().__init__(**values)
        if not is_connected:
            for key in pending_keys(meta):
                setattr(self, key, values.get(key))
        for name in values:
            if (field := meta.fields_map.get(name)) is not None and field.validators:
                _validate(field, getattr(self, name))

    @classmethod
    def get(cls, *args: Q, using_db: BaseDBAsyncClient | None = None, **kwargs: Any) -> QuerySetSingle[Self]:
        """Return what reads the one row that matches when it is awaited; see `OneRow`.

        Raises:
            DoesNotExist: no row matches.
            MultipleObjectsReturned: more than one does.
        """
        if args or not cls._is_plainly_read():
            return super().get(*args, using_db=using_db, **kwargs)
        return cast("QuerySetSingle[Self]", OneRow(cls, using_db or cls._choose_db(), kwargs, raises=True))

    @classmethod
    def get_or_none(
        cls, *args: Q, using_db: BaseDBAsyncClient | None = None, **kwargs: Any
    ) -> QuerySetSingle[Self | None]:
        """Return what reads the one row that matches, or None, when it is awaited; see `OneRow`.

        Raises:
            MultipleObjectsReturned: more than one row matches.
        """
        if args or not cls._is_plainly_read():
            return super().get_or_none(*args, using_db=using_db, **kwargs)
        return cast("QuerySetSingle[Self | None]", OneRow(cls, using_db or cls._choose_db(), kwargs, raises=False))

    @classmethod
    def _is_plainly_read(cls) -> bool:
        """Whether querysets of all rows are of our own kind and have no filter yet."""
        return type(meta_of(cls).manager) is ModelManager and not cls.hides_deleted

    @classmethod
    def _db_queryset(cls, using_db: BaseDBAsyncClient | None = None, for_write: bool = False) -> Any:
        """Return a queryset of all rows on one database; one that nobody else has is not copied first."""
        manager: Any = meta_of(cls).manager
        if type(manager) is not ModelManager:
            return super()._db_queryset(using_db, for_write)
        made: Any = manager.get_queryset()
        made._db = db = using_db or cls._choose_db(for_write)  # noqa: SLF001 - as its own `using_db` does
        made.capabilities = db.capabilities
        return made

    async def save(
        self,
        using_db: BaseDBAsyncClient | None = None,
        update_fields: Iterable[str] | None = None,
        force_create: bool = False,
        force_update: bool = False,
    ) -> None:
        """Write the row; makes the guild that it refers to when that is missing, in the same statement."""
        if guilds := guilds_of([self], None if force_create else update_fields):
            using_db = cast("BaseDBAsyncClient", GuildMaker(using_db or self._choose_db(for_write=True), guilds))
        await super().save(using_db, update_fields, force_create, force_update)


class TimestampedModel(Model):
    """A table that knows when each row was made and last written, by Tux's clock, whatever path wrote it."""

    is_stamped: ClassVar[bool] = True

    created_at: datetime = fields.DatetimeField(default=current_time)
    updated_at: datetime = fields.DatetimeField(default=current_time)

    if not TYPE_CHECKING:  # a checker would refuse `class Meta(Model.Meta)` in the models below this one

        class Meta(Model.Meta):
            """No table of its own."""

            abstract = True

    async def save(
        self,
        using_db: BaseDBAsyncClient | None = None,
        update_fields: Iterable[str] | None = None,
        force_create: bool = False,
        force_update: bool = False,
    ) -> None:
        """Write the row, with `updated_at` set to now unless it is inserted."""
        if (self._saved_in_db or force_update or update_fields) and not force_create:
            self.updated_at = clock.now()
            if update_fields is not None:
                update_fields = {*update_fields, STAMP}
        await super().save(using_db, update_fields, force_create, force_update)
