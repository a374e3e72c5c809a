"""What plain Tortoise querysets of our models do more.

They stamp, make missing guilds, pass over deleted rows, and refuse a limit that Tortoise would ignore.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar, cast

from tortoise.exceptions import DoesNotExist, MultipleObjectsReturned
from tortoise.expressions import Q
from tortoise.manager import Manager
from tortoise.queryset import AwaitableQuery, BulkCreateQuery, BulkUpdateQuery, QuerySet, UpdateQuery

from tux import clock
from tux.errors import InvalidQuery, TuxError
from tux.models.compiled import is_rows_alone, kept_statement, statement_of
from tux.models.hydrate import reader_of, rows_of
from tux.models.meta import meta_of
from tux.models.parents import guilds_given, guilds_of, insert_of, maker_of

if TYPE_CHECKING:
    from collections.abc import Generator, Iterable

    from tortoise.models import Model
    from tortoise.queryset import DeleteQuery

M = TypeVar("M", bound="Model")
STAMP = "updated_at"
DELETED = "deleted_at"
SLOTS = frozenset({*QuerySet.__slots__, *AwaitableQuery.__slots__})
MOST = 2  # rows that `get` asks for: one more than there should be

if missing := {"_limit", "_offset"} - set(QuerySet.__slots__):
    raise TuxError(f"tortoise-orm moved {sorted(missing)} of QuerySet; install the version that pyproject.toml pins")


class ModelQuerySet(QuerySet[M]):
    """A queryset whose writes keep `updated_at` true, and whose rows are made by compiled code."""

    __slots__ = ()

    def __await__(self) -> Generator[Any, None, Any]:
        """Read the rows, or the one, by SQL that was built for a queryset of the same shape before."""
        self._choose_db_if_not_chosen(self._select_for_update)
        statement = statement_of(self, self._db)
        return super().__await__() if statement is None else self._read(*statement).__await__()

    async def _execute(self) -> Any:
        query: Any = self.query
        return await (self._read(*query.get_parameterized_sql()) if is_rows_alone(self) else super()._execute())

    async def _read(self, sql: str, values: list[Any]) -> Any:
        database: Any = self._db
        _, records = await database.execute_query(sql, values)
        rows = await rows_of(self.model, records) if len(records) != 1 else [reader_of(self.model)(records[0])]
        if not self._single:
            return rows
        if len(rows) > 1:
            raise MultipleObjectsReturned(self.model)
        if not rows and self._raise_does_not_exist:
            raise DoesNotExist(self.model)
        return rows[0] if rows else None

    def update(self, **kwargs: Any) -> UpdateQuery:
        """Return the update of the filtered rows; sets `updated_at` where the model has it."""
        self._refuse_limit("update")
        if self._is_stamped():
            kwargs.setdefault(STAMP, clock.now())
        if not (guilds := guilds_given(self.model, kwargs)):
            return super().update(**kwargs)
        made = Update(
            self.model,
            kwargs,
            self._db,
            self._q_objects,
            self._annotations,
            self._custom_filters,
            None,
            self._orderings,
        )
        made.guilds = guilds
        return made

    def delete(self) -> DeleteQuery:
        """Return the deletion of the filtered rows; those of a SoftDeleteModel are hidden instead."""
        self._refuse_limit("delete")
        if not self._hides():
            return super().delete()
        hidden: Any = self.filter(**{f"{DELETED}__isnull": True}).update(**{DELETED: clock.now()})
        return cast("DeleteQuery", hidden)  # awaiting either gives how many rows there were

    def purge(self) -> DeleteQuery:
        """Return the deletion of the filtered rows for good, of a SoftDeleteModel too."""
        self._refuse_limit("purge")
        return super().delete()

    def bulk_update(
        self, objects: Iterable[M], fields: Iterable[str], batch_size: int | None = None
    ) -> BulkUpdateQuery[M]:
        """Return the update of these fields of these rows; sets `updated_at` where the model has it."""
        rows, names = list(objects), list(fields)
        if self._is_stamped():
            now = clock.now()
            for row in rows:
                setattr(row, STAMP, now)
            names = list(dict.fromkeys([*names, STAMP]))
        plain = super().bulk_update(rows, names, batch_size)
        if not (guilds := guilds_of(rows, names)):
            return plain
        made = BulkUpdate(
            self.model,
            self._db,
            self._q_objects,
            self._annotations,
            self._custom_filters,
            self._limit,
            self._orderings,
            rows,
            names,
            batch_size,
        )
        made.guilds = guilds
        return made

    def bulk_create(
        self,
        objects: Iterable[M],
        batch_size: int | None = None,
        ignore_conflicts: bool = False,
        update_fields: Iterable[str] | None = None,
        on_conflict: Iterable[str] | None = None,
    ) -> BulkCreateQuery[M]:
        """Return the insert of these rows; one that updates on conflict sets `updated_at` too."""
        if update_fields and self._is_stamped():
            update_fields = {*update_fields, STAMP}
        rows = list(objects)
        plain = super().bulk_create(rows, batch_size, ignore_conflicts, update_fields, on_conflict)
        if not (guilds := guilds_of(rows)):
            return plain
        made = BulkCreate(self.model, self._db, rows, batch_size, ignore_conflicts, update_fields, on_conflict)
        made.guilds = guilds
        return made

    def _is_stamped(self) -> bool:
        return bool(getattr(self.model, "is_stamped", False))

    def _hides(self) -> bool:
        return bool(getattr(self.model, "hides_deleted", False))

    def _refuse_limit(self, what: str) -> None:
        if self._limit is not None or self._offset is not None:
            raise InvalidQuery(
                f"{self.model.__name__}: Tortoise ignores limit and offset in {what}(), which would reach every row; "
                "choose the ids first and filter by them",
                table=meta_of(self.model).db_table,
            )


class OneRow(ModelQuerySet[M]):
    """The queryset of `get` and `get_or_none`, which mostly is awaited at once: it is made up only when more is done with it.

    Until then it has no attribute but these: the model, the database, whether it raises, and the filters as they came.
    """

    __slots__ = ()

    def __init__(self, model: type[M], db: Any, filters: dict[str, Any], *, raises: bool) -> None:  # pyright: ignore[reportMissingSuperCall] - see above
        self.model = model
        self._db = db
        self._single = True
        self._raise_does_not_exist = raises
        self._filter_kwargs = filters

    def __await__(self) -> Generator[Any, None, Any]:
        """Read the row by SQL that was built for a queryset of the same shape before."""
        statement = kept_statement(self.model, self._filter_kwargs, MOST, self._db)
        if statement is not None:
            return self._read(*statement).__await__()
        self._make_up()
        return self.__await__()

    def __getattr__(self, name: str) -> Any:
        if name not in SLOTS:
            raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")
        self._make_up()
        return getattr(self, name)

    def _clone(self) -> QuerySet[M]:
        self._make_up()
        return self._clone()

    def __reduce_ex__(self, protocol: Any) -> Any:
        self._make_up()
        return self.__reduce_ex__(protocol)

    def _make_up(self) -> None:
        """Become the queryset that Tortoise makes of the same call; what is called again then is that one's."""
        db, filters, raises = self._db, self._filter_kwargs, self._raise_does_not_exist
        super().__init__(self.model)
        self._db, self.capabilities = db, db.capabilities
        self._q_objects = [Q(**{name: value}) for name, value in filters.items()]
        self._limit, self._single, self._raise_does_not_exist = MOST, True, raises
        self.__class__ = cast("Any", ModelQuerySet)


class BulkCreate(BulkCreateQuery[M]):
    """Tortoise's bulk insert, and before it that of the guilds that its rows refer to and that are missing."""

    __slots__ = ("guilds",)
    guilds: list[Model]

    def __await__(self) -> Generator[Any, None, None]:
        self._choose_db_if_not_chosen(True)
        inserts = [insert_of(guild) for guild in self.guilds]
        db: Any = self._db
        yield from db.execute_many(inserts[0][0], [values for _, values in inserts]).__await__()
        yield from super().__await__()


class Update(UpdateQuery):
    """Tortoise's update, with the guilds that it moves rows to and that are missing, in the same statement."""

    __slots__ = ("guilds",)
    guilds: list[Model]

    def _choose_db_if_not_chosen(self, for_write: bool = False) -> None:
        super()._choose_db_if_not_chosen(for_write)
        self._db = maker_of(self._db, self.guilds)


class BulkUpdate(BulkUpdateQuery[M]):
    """Tortoise's update of many rows, with the guilds that it moves them to and that are missing, as above."""

    __slots__ = ("guilds",)
    guilds: list[Model]

    def _choose_db_if_not_chosen(self, for_write: bool = False) -> None:
        super()._choose_db_if_not_chosen(for_write)
        self._db = maker_of(self._db, self.guilds)


class ModelManager(Manager):
    """The maker of querysets of one model, never shared between models."""

    _model: Any

    def get_queryset(self) -> QuerySet[Any]:
        """Return a queryset of all rows, of a SoftDeleteModel of those that are not deleted."""
        queryset: QuerySet[Any] = ModelQuerySet(self._model)
        if getattr(self._model, "hides_deleted", False):
            return queryset.filter(**{f"{DELETED}__isnull": True})
        return queryset
