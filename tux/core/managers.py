"""Reads and writes of settings and switches; values are validated by the plugin's own settings model."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, NamedTuple, TypeVar

from loguru import logger
from pydantic import BaseModel, ValidationError
from pydantic_core import PydanticSerializationError

from tux.clock import now
from tux.core import SETTINGS
from tux.core.errors import InvalidSetting, UnknownPlugin
from tux.core.events import PluginSwitched
from tux.core.models import GuildPurge, PluginSetting, PluginSwitch
from tux.database.engine import active_client
from tux.database.statements import quote
from tux.manager import Manager
from tux.models.marks import GUILD_MODEL
from tux.models.meta import meta_of
from tux.registry import REQUIRED, State

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping
    from datetime import datetime, timedelta

    from tux.plugin import Snapshot
    from tux.registry import Registry

S = TypeVar("S", bound=BaseModel)

log = logger.bind(plugin="core")


def _as_json(schema: type[BaseModel], values: Mapping[str, object], plugin: str) -> str:
    try:
        return schema.model_construct(set(values), **values).model_dump_json(include=set(values), warnings=False)
    except (PydanticSerializationError, ValueError) as error:
        raise InvalidSetting(f"{plugin}: a value cannot be stored: {error}") from None


def _tolerant(schema: type[S], stored: Mapping[str, object]) -> S:
    """Validate what is stored without the entries that do not fit; a member can do nothing about those."""
    try:
        return schema.model_validate(stored)
    except ValidationError as error:
        wrong = {problem["loc"][0] for problem in error.errors(include_url=False) if problem["loc"]}
        log.warning("Stored settings do not fit any more, their defaults hold: {}", ", ".join(map(str, sorted(wrong))))
        return schema.model_validate({name: value for name, value in stored.items() if wrong and name not in wrong})


def _checked(schema: type[S], stored: Mapping[str, object], plugin: str, fresh: Collection[str]) -> S:
    """Validate all settings of a guild; only what is wrong with the `fresh` ones, or with all together, is refused."""
    try:
        return schema.model_validate(stored)
    except ValidationError as error:
        for problem in error.errors(include_url=False):
            if not problem["loc"] or problem["loc"][0] in fresh:
                where = ".".join((plugin, *map(str, problem["loc"])))
                raise InvalidSetting(f"{where}: {problem['msg']}") from None
        return _tolerant(schema, stored)


class Shards(NamedTuple):
    """Which of the bot's shards a process runs, and how many there are over all processes."""

    total: int
    own: tuple[int, ...]


ALL_SHARDS = Shards(1, (0,))

# https://discord.com/developers/docs/events/gateway#sharding
_ON_SHARDS = "(guild_id >> 22) % ${}::int = ANY(${}::int[])"


class SettingsManager(Manager[PluginSetting], name="settings"):
    """Per-guild settings of plugins, declared by `Plugin.settings`; those of a guild are kept in memory, in its snapshot.

    A change is a transaction, so three statements: it is undone when the settings do not go together.
    """

    async def read(self, guild_id: int, schema: type[S]) -> S:
        """Return a guild's settings of the plugin that declares `schema`, defaults filled in.

        What an earlier version of the plugin stored and this one does not take has its default again.
        """
        return self._settings_in(await self.db.snapshot(guild_id), schema)

    def peek(self, guild_id: int, schema: type[S]) -> S | None:
        """Return the same from memory alone, None when nothing is known of the guild yet."""
        snapshot = self.db.snapshot.peek(guild_id)
        return None if snapshot is None else self._settings_in(snapshot, schema)

    async def change(self, guild_id: int, schema: type[S], **values: object) -> S:
        """Validate and store some settings of a guild, and return all of them.

        Raises:
            InvalidSetting: an unknown name or a wrong value; nothing is stored.
        """
        plugin = self._plugin_of(schema)
        if unknown := sorted(values.keys() - schema.model_fields.keys()):
            known = ", ".join(sorted(schema.model_fields))
            raise InvalidSetting(f"{plugin} has no setting {unknown[0]!r}; it has {known}")
        as_json = _as_json(schema, values, plugin)
        async with self.with_session():
            # one statement merges what is new into what is there; a wrong result is rolled back
            rows = await self.rows(
                f"INSERT INTO core_settings AS s (guild_id, plugin, changed, created_at, updated_at) "  # noqa: S608 - column names of the model
                "VALUES ($1, $2, $3::jsonb, $4, $4) ON CONFLICT (guild_id, plugin) "
                "DO UPDATE SET changed = s.changed || excluded.changed, updated_at = excluded.updated_at "
                f"RETURNING {self.columns('s')}",
                guild_id,
                plugin,
                as_json,
                now(),
            )
            return _checked(schema, rows[0].changed, plugin, values)

    async def put_entry(self, guild_id: int, schema: type[S], name: str, key: object, value: object) -> S:
        """Set one entry of a setting that is a mapping, or take it out (None), and return all settings.

        What others write into the same mapping at the same time stays.

        Raises:
            InvalidSetting: a wrong key or value; nothing is stored.
        """
        plugin = self._plugin_of(schema)
        default = schema.model_fields[name].get_default(call_default_factory=True)
        [as_default, entry] = [
            json.dumps(json.loads(_as_json(schema, {name: given}, plugin))[name])
            for given in (default, {} if value is None else {key: value})
        ]
        fresh = "($4::jsonb - $5::text) || $6::jsonb"
        async with self.with_session():
            rows = await self.rows(
                f"INSERT INTO core_settings AS s (guild_id, plugin, changed, created_at, updated_at) "  # noqa: S608 - column names of the model
                f"VALUES ($1, $2, jsonb_build_object($3::text, {fresh}), $7, $7) ON CONFLICT (guild_id, plugin) "
                "DO UPDATE SET updated_at = excluded.updated_at, changed = s.changed || jsonb_build_object("
                "$3::text, (COALESCE(s.changed -> $3::text, $4::jsonb) - $5::text) || $6::jsonb) "
                f"RETURNING {self.columns('s')}",
                guild_id,
                plugin,
                name,
                as_default,
                str(key),
                entry,
                now(),
            )
            return _checked(schema, rows[0].changed, plugin, (name,))

    async def reset(self, guild_id: int, schema: type[S], *names: str) -> S:
        """Give some settings of a guild their defaults again, and return all of them.

        Raises:
            InvalidSetting: the defaults do not go together with what the guild chose; nothing is changed.
        """
        plugin = self._plugin_of(schema)
        async with self.with_session():
            rows = await self.rows(
                f"UPDATE core_settings AS s SET changed = changed - $3::text[], updated_at = $4 "  # noqa: S608 - column names of the model
                f"WHERE guild_id = $1 AND plugin = $2 RETURNING {self.columns('s')}",
                guild_id,
                plugin,
                list(names),
                now(),
            )
            return _checked(schema, rows[0].changed if rows else {}, plugin, names)

    async def changed_names(self, guild_id: int, schema: type[BaseModel]) -> frozenset[str]:
        """Return the settings of a plugin that a guild has chosen itself."""
        stored = SETTINGS.of(await self.db.snapshot(guild_id)).get(self._plugin_of(schema))
        return frozenset(json.loads(stored) if stored else ()) & schema.model_fields.keys()

    def schemas(self) -> dict[str, type[BaseModel]]:
        """Return the settings models of the plugins that are running, by plugin."""
        registry: Registry = self.db.registry
        return {
            record.name: record.plugin.settings
            for record in registry.records.values()
            if record.plugin is not None and record.plugin.settings is not None and record.state is State.READY
        }

    def _settings_in(self, snapshot: Snapshot, schema: type[S]) -> S:
        stored = SETTINGS.of(snapshot).get(self._plugin_of(schema))
        return _tolerant(schema, json.loads(stored) if stored else {})

    def _plugin_of(self, schema: type[BaseModel]) -> str:
        registry: Registry = self.db.registry
        for record in registry.records.values():
            if record.plugin is not None and record.plugin.settings is schema:
                return record.name
        raise UnknownPlugin(f"no plugin declares {schema.__name__} as its settings")


class SwitchesManager(Manager[PluginSwitch], name="switches"):
    """Per-guild switches: a plugin that is off in a guild answers no command and hears no event there."""

    async def turn(self, guild_id: int, plugin: str, *, enabled: bool) -> None:
        """Switch a plugin on or off in a guild.

        Raises:
            UnknownPlugin: there is no such plugin, or it is one that is always on.
        """
        if plugin in REQUIRED:
            raise UnknownPlugin(f"`{plugin}` is always on: the others stand on it.")
        if plugin not in self.db.registry.records:
            known = ", ".join(sorted(self.db.registry.records.keys() - set(REQUIRED))) or "none"
            raise UnknownPlugin(f"There is no plugin {plugin!r} to switch; there are {known}.")
        await self.upsert({"guild_id": guild_id, "plugin": plugin}, enabled=enabled)
        await self.db.emit(PluginSwitched(guild_id, plugin, enabled))

    async def list_all(self) -> dict[tuple[int, str], bool]:
        """Return every decision of every guild, by (guild id, plugin)."""
        return {(row.guild_id, row.plugin): row.enabled for row in await self.get_all()}


class PurgesManager(Manager[GuildPurge], name="purges"):
    """The guilds whose data are to be deleted, since the bot left them."""

    async def plan(self, guild_ids: Iterable[int], after: timedelta) -> None:
        """Let the data of guilds that the bot left go after a time; one that is planned already keeps its date."""
        left_at = now()
        await self.db.service.execute(
            "INSERT INTO core_purges (guild_id, left_at, due_at) SELECT guild_id, $2, $3 FROM unnest($1::bigint[]) AS left_guilds (guild_id) "
            "ORDER BY guild_id ON CONFLICT DO NOTHING",
            list(guild_ids),
            left_at,
            left_at + after,
        )

    async def plan_missing(self, present: Iterable[int], shards: Shards, after: timedelta) -> int:
        """Plan the same for the guilds of some shards that the bot was in and is not any more; return how many are new."""
        known = next(
            meta_of(model).db_table for model in self.db.registry.models() if meta_of(model).full_name == GUILD_MODEL
        )
        left_at = now()
        return await active_client().run(
            f"INSERT INTO core_purges (guild_id, left_at, due_at) SELECT guild_id, $2, $3 FROM {quote(known)} AS known "  # noqa: S608 - the table of a model
            "WHERE NOT EXISTS (SELECT FROM unnest($1::bigint[]) AS here (guild_id) WHERE here.guild_id = known.guild_id) "
            f"AND {_ON_SHARDS.format(4, 5)} ORDER BY guild_id ON CONFLICT DO NOTHING",
            (list(present), left_at, left_at + after, shards.total, list(shards.own)),
        )

    async def cancel(self, guild_ids: Iterable[int]) -> int:
        """Keep the data of guilds that the bot is in (again); return how many were to be purged."""
        return await self.delete_where({"guild_id": {"in": list(guild_ids)}})

    async def claim_next(self, moment: datetime, shards: Shards = ALL_SHARDS) -> GuildPurge | None:
        """Take the guild of some shards that has been due longest, until the end of the open transaction; None when none is free."""
        return await self.row(
            f"SELECT {self.columns()} FROM core_purges WHERE due_at <= $1 AND {_ON_SHARDS.format(2, 3)} "  # noqa: S608 - column names of the model
            "ORDER BY due_at LIMIT 1 FOR UPDATE SKIP LOCKED",
            moment,
            shards.total,
            list(shards.own),
        )
