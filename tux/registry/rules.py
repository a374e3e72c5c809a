"""What the registry refuses: models and managers that would clash once they share one database.

Tortoise finds most of these too, but for all plugins at once, or silently: the last class of a name wins.
"""

from __future__ import annotations

from collections import ChainMap
from dataclasses import dataclass, field
from keyword import iskeyword
from typing import TYPE_CHECKING, Any, TypeVar, cast

from tortoise import Model
from tortoise.fields.relational import (
    BackwardFKRelation,
    ForeignKeyFieldInstance,
    ManyToManyFieldInstance,
)

from tux.errors import PluginError
from tux.models.meta import meta_of
from tux.registry.soundness import check_backward, check_declared, check_fields

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, MutableMapping

    from tux.manager import Manager
    from tux.registry.records import PluginRecord

K = TypeVar("K", str, tuple[str, str])

APP = "models"

# The attributes of the coordinator, which is written above this layer; a test holds the two together.
RESERVED = frozenset(
    {
        "emit",
        "events",
        "find",
        "on_commit",
        "registry",
        "retry",
        "running",
        "service",
        "session",
        "snapshot",
        "transaction",
    }
)


@dataclass(slots=True)
class Claims:
    """Names that are taken, each with the plugin that has it."""

    models: MutableMapping[str, str] = field(default_factory=dict[str, str])
    tables: MutableMapping[str, str] = field(default_factory=dict[str, str])
    relations: MutableMapping[tuple[str, str], str] = field(default_factory=dict[tuple[str, str], str])
    managers: dict[str, str] = field(default_factory=dict[str, str])
    classes: MutableMapping[str, type[Model]] = field(default_factory=dict[str, "type[Model]"])

    def take_models(self, record: PluginRecord, models: Iterable[type[Model]]) -> tuple[str, ...]:
        """Check a plugin's models against all others and claim their names; return the tables, in order.

        Nothing is claimed when one is refused.

        Raises:
            PluginError: names both sides and the remedy.
        """
        own = Claims()
        trial = Claims(
            ChainMap(own.models, self.models),
            ChainMap(own.tables, self.tables),
            ChainMap(own.relations, self.relations),
            classes=ChainMap(own.classes, self.classes),
        )
        models = tuple(models)
        for model in models:
            _check_meta(record, model)
            if table_of(model) in own.tables:
                raise PluginError(record.name, f"two of its models have the table {table_of(model)!r}; rename one")
            trial._claim(trial.models, model.__name__, record, "a model class")
            trial._claim(trial.tables, table_of(model), record, "a table")
            own.classes[model.__name__] = model
        for model in models:
            trial._take_relations(record, model)
        self.models.update(own.models)
        self.tables.update(own.tables)
        self.relations.update(own.relations)
        self.classes.update(own.classes)
        return tuple(own.tables)

    def take_managers(self, record: PluginRecord, managers: Iterable[type[Manager[Any]]]) -> None:
        """Check a plugin's manager names and claim them.

        Raises:
            PluginError: names both sides and the remedy.
        """
        own: dict[str, str] = {}
        trial = ChainMap(own, self.managers)
        for manager in managers:
            if iskeyword(manager.name):
                raise PluginError(record.name, f"manager {manager.name!r} has the name of a Python keyword; rename it")
            if manager.name in RESERVED or manager.name.startswith("_"):
                raise PluginError(record.name, f"manager {manager.name!r} would shadow db.{manager.name}; rename it")
            model: type[Model] = vars(manager)["model"]
            if model not in record.models:
                owner = model.__name__
                raise PluginError(record.name, f"manager {manager.name!r} is for {owner}, a model of another plugin")
            if manager.name in own:
                raise PluginError(record.name, f"two of its managers are called {manager.name!r}; rename one of them")
            self._claim(trial, manager.name, record, "a manager")
        self.managers.update(own)

    def _claim(self, taken: MutableMapping[K, str], name: K, record: PluginRecord, what: str) -> None:
        owner = taken.setdefault(name, record.name)
        if owner != record.name:
            label = name if isinstance(name, str) else ".".join(name)
            raise PluginError(record.name, f"{what} called {label!r} is also in plugin {owner!r}; rename one of them")

    def _take_relations(self, record: PluginRecord, model: type[Model]) -> None:
        for name, relation in _declared_relations(model):
            target = _target_name(record, model, name, relation)
            owner = self.models.get(target)
            where = f"{model.__name__}.{name}"
            if owner is None:
                raise PluginError(
                    record.name,
                    f"{where} points at {target!r}, a model that no running plugin has; "
                    "check the name, and that its plugin is in needs and works",
                )
            if owner not in {record.name, "core", *record.needs}:
                raise PluginError(
                    record.name, f"{where} points at {target!r} of plugin {owner!r}; add {owner!r} to needs"
                )
            self._take_backward(record, model, where, relation, target)
            if isinstance(relation, ManyToManyFieldInstance) and relation.through:
                _check_prefix(record, relation.through, where)
                self._claim(self.tables, relation.through, record, "a table")

    def _take_backward(self, record: PluginRecord, model: type[Model], where: str, relation: Any, target: str) -> None:
        if relation.related_name is False:
            return
        name = relation.related_name or f"{table_of(model)}s"  # as Tortoise calls it
        taken = self.relations.get((target, name))
        self._claim(self.relations, (target, name), record, "a relation")
        if meta_of(model)._inited:  # noqa: SLF001 - connected before, so the target has it
            return
        if taken is not None:
            raise PluginError(record.name, f"{where}: {target}.{name} is another relation already; set related_name")
        check_backward(record, where, name, relation, self.classes[target])


def table_of(model: type[Model]) -> str:
    """Return the table of a model, or "" when its Meta names none."""
    table: str = meta_of(model).db_table
    return table


def _declared_relations(model: type[Model]) -> Iterator[tuple[str, Any]]:
    meta = meta_of(model)
    for name in sorted(meta.fk_fields | meta.o2o_fields | meta.m2m_fields):
        relation: Any = meta.fields_map[name]
        if not getattr(relation, "_generated", False) and not isinstance(relation, BackwardFKRelation):
            yield name, relation


def _target_name(record: PluginRecord, model: type[Model], name: str, relation: Any) -> str:
    reference = cast("ForeignKeyFieldInstance[Any]", relation).model_name
    if not isinstance(reference, str):
        return reference.__name__
    app, _, target = reference.partition(".")
    if app != APP or not target:
        raise PluginError(
            record.name, f"{model.__name__}.{name} points at {reference!r}; write {APP!r}, a dot, and the model's name"
        )
    return target


def _check_meta(record: PluginRecord, model: type[Model]) -> None:
    meta = meta_of(model)
    if not meta.db_table:
        raise PluginError(record.name, f'{model.__name__} needs `table = "{record.name}_..."` in its Meta')
    if meta.schema:
        raise PluginError(record.name, f"{model.__name__} sets Meta.schema, which migrations do not support; remove it")
    for base in model.__mro__[1:]:
        base_meta = meta_of(base) if issubclass(base, Model) else None
        if base_meta is not None and base_meta.abstract and base_meta.db_table:
            raise PluginError(record.name, f"abstract model {base.__name__} names a table; name it in {model.__name__}")
    _check_prefix(record, meta.db_table, model.__name__)
    check_fields(record, model)
    check_declared(record, model)


def _check_prefix(record: PluginRecord, table: str, where: str) -> None:
    if not table.startswith(f"{record.name}_"):
        raise PluginError(record.name, f'{where}: table {table!r} must begin with "{record.name}_"')
