"""Reads and writes of settings and switches; values are validated by the plugin's own settings model."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from pydantic import BaseModel, ValidationError

from tux.clock import now
from tux.core.errors import InvalidSetting, UnknownPlugin
from tux.core.events import PluginSwitched
from tux.core.models import PluginSetting, PluginSwitch
from tux.manager import Manager

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tux.registry import Registry

S = TypeVar("S", bound=BaseModel)


def _as_json(schema: type[BaseModel], values: Mapping[str, object]) -> str:
    return schema.model_construct(set(values), **values).model_dump_json(include=set(values), warnings=False)


class SettingsManager(Manager[PluginSetting], name="settings"):
    """Per-guild settings of plugins, declared by `Plugin.settings`."""

    async def read(self, guild_id: int, schema: type[S]) -> S:
        """Return a guild's settings of the plugin that declares `schema`, defaults filled in."""
        row = await self.find_one({"guild_id": guild_id, "plugin": self._plugin_of(schema)})
        return schema.model_validate(row.changed if row else {})

    async def change(self, guild_id: int, schema: type[S], **values: object) -> S:
        """Validate and store some settings of a guild, and return all of them.

        Raises:
            InvalidSetting: an unknown name or a wrong value; nothing is stored.
        """
        plugin = self._plugin_of(schema)
        if unknown := sorted(values.keys() - schema.model_fields.keys()):
            known = ", ".join(sorted(schema.model_fields))
            raise InvalidSetting(f"{plugin} has no setting {unknown[0]!r}; it has {known}")
        async with self.with_session():
            # one statement merges what is new into what is there; a wrong result is rolled back
            rows = await self.rows(
                f"INSERT INTO core_settings AS s (guild_id, plugin, changed, created_at, updated_at) "  # noqa: S608 - column names of the model
                "VALUES ($1, $2, $3::jsonb, $4, $4) ON CONFLICT (guild_id, plugin) "
                "DO UPDATE SET changed = s.changed || excluded.changed, updated_at = excluded.updated_at "
                f"RETURNING {self.columns('s')}",
                guild_id,
                plugin,
                _as_json(schema, values),
                now(),
            )
            try:
                return schema.model_validate(rows[0].changed)
            except ValidationError as error:
                problem = error.errors(include_url=False)[0]
                where = ".".join(str(part) for part in problem["loc"])
                raise InvalidSetting(f"{plugin}.{where}: {problem['msg']}") from None

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
            UnknownPlugin: there is no such plugin, or it is `core`, which is always on.
        """
        if plugin == "core" or plugin not in self.db.registry.records:
            known = ", ".join(sorted(name for name in self.db.registry.records if name != "core"))
            raise UnknownPlugin(f"There is no plugin {plugin!r} to switch; there are {known}.")
        await self.upsert({"guild_id": guild_id, "plugin": plugin}, enabled=enabled)
        await self.db.emit(PluginSwitched(guild_id, plugin, enabled))

    async def list_all(self) -> dict[tuple[int, str], bool]:
        """Return every decision of every guild, by (guild id, plugin)."""
        return {(row.guild_id, row.plugin): row.enabled for row in await self.get_all()}
