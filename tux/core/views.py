"""The panel of settings: choose a plugin, then a setting, then its value by a menu or a form."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import discord

from tux.core.fields import (
    NOTHING,
    SettingField,
    fields_of,
    may_unset,
    parse_entry,
    parse_value,
    shown_field,
    shown_value,
)
from tux.core.managers import SettingsManager
from tux.core.witness import note_change
from tux.ui import OwnedView, info
from tux.ui.embeds import shorten

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

    from pydantic import BaseModel

    from tux.coordinator import DatabaseCoordinator

    Interaction = discord.Interaction[Any]
    Choose = Callable[[Interaction, str], Awaitable[None]]
    Press = Callable[[Interaction], Awaitable[None]]

# Discord's limits: https://discord.com/developers/docs/components/reference#string-select
MAX_OPTIONS = 25
MAX_LABEL = 100
MAX_LINE = 200


class SettingsPanel(OwnedView):
    """Shows one plugin's settings at a time; what is chosen is stored at once."""

    def __init__(self, owner: discord.abc.Snowflake, db: DatabaseCoordinator, guild_id: int) -> None:
        super().__init__(owner)
        self.settings = db[SettingsManager]
        self.guild_id = guild_id
        self.plugin: str | None = None
        self.field: SettingField | None = None
        self._lay_out()

    @property
    def schema(self) -> type[BaseModel]:
        """The settings model of the plugin that was chosen."""
        return self.settings.schemas()[self.plugin or ""]

    async def embed(self) -> discord.Embed:
        """Return what is chosen so far, with all values."""
        if self.plugin is None:
            return info("Settings", "Choose a plugin. What you change holds at once.")
        values = await self.settings.read(self.guild_id, self.schema)
        changed = await self.settings.changed_names(self.guild_id, self.schema)
        lines: list[str] = []
        for field in fields_of(self.schema):
            mark = "" if field.name in changed else " (default)"
            lines.append(
                f"**{field.name}**: {shorten(shown_field(field, getattr(values, field.name)), MAX_LINE)}{mark}"
            )
        embed = info(f"Settings of {self.plugin}", "\n".join(lines))
        if self.field is not None:
            default = self.schema.model_fields[self.field.name].get_default(call_default_factory=True)
            text = f"{self.field.description}\nDefault: {shorten(shown_value(default), MAX_LINE)}"
            embed.add_field(name=self.field.name, value=text)
        return embed

    async def choose_plugin(self, interaction: Interaction, plugin: str) -> None:
        """Show the settings of a plugin."""
        self.plugin, self.field = plugin, None
        await self.refresh(interaction)

    async def choose_field(self, interaction: Interaction, name: str) -> None:
        """Show one setting, with what changes it."""
        self.field = next(field for field in fields_of(self.schema) if field.name == name)
        await self.refresh(interaction)

    async def store(self, interaction: Interaction, text: str) -> None:
        """Store a value of the chosen setting, and show it."""
        if self.field is not None:
            value = parse_value(self.schema, self.field.name, text)
            before = await self._plain(self.field.name)
            async with self.settings.with_session():
                values = await self.settings.change(self.guild_id, self.schema, **{self.field.name: value})
                await self._note(interaction, before, values.model_dump(mode="json", include={self.field.name}))
        await self.refresh(interaction)

    async def pick(self, interaction: Interaction, picked: int | None) -> None:
        """Store the role or channel that was picked; of a mapping ask for the other side of its entry first."""
        field = self.field
        if field is None:
            return
        if picked is None or field.entry is None:
            await self.store(interaction, NOTHING if picked is None else str(picked))
            return
        others = [value if field.entry == "key" else key for key, value in await self._entries(field, picked)]

        async def put(interaction: Interaction, text: str) -> None:
            await self._put(interaction, field, picked, text)

        label = f"{'Value' if field.entry == 'key' else 'For what'} (empty: take it out)"
        value = shown_value(others[0]) if others else NOTHING
        await interaction.response.send_modal(_Form(self, field, value, put, label=label))

    async def _entries(self, field: SettingField, picked: int) -> list[tuple[object, object]]:
        """Return the entries of a mapping that a picked id is in, on the side where it belongs."""
        values: dict[object, object] = getattr(await self.settings.read(self.guild_id, self.schema), field.name)
        return [(key, value) for key, value in values.items() if picked == (key if field.entry == "key" else value)]

    async def _put(self, interaction: Interaction, field: SettingField, picked: int, text: str) -> None:
        """Store one entry of a mapping; an emptied form takes out what the picked id is in."""
        old: dict[object, object] = getattr(await self.settings.read(self.guild_id, self.schema), field.name)
        if text.strip():
            entries = [parse_entry(self.schema, field, picked, text)]
        else:
            entries = [(key, None) for key, _ in await self._entries(field, picked)]
        async with self.settings.with_session():
            for key, value in entries:
                await self.settings.put_entry(self.guild_id, self.schema, field.name, key, value)
            before = {str(key): old.get(key) for key, _ in entries}
            after = {str(key): value for key, value in entries}
            await self._note(interaction, {field.name: before}, {field.name: after})
        await self.refresh(interaction)

    async def reset(self, interaction: Interaction) -> None:
        """Give the chosen setting, or all of the plugin, its default again, and show it."""
        names = [self.field.name] if self.field else list(self.schema.model_fields)
        before = await self._plain(*names)
        async with self.settings.with_session():
            values = await self.settings.reset(self.guild_id, self.schema, *names)
            await self._note(interaction, before, values.model_dump(mode="json", include=set(names)))
        await self.refresh(interaction)

    async def refresh(self, interaction: Interaction) -> None:
        """Show the panel as things are now."""
        self._lay_out()
        await interaction.response.edit_message(embed=await self.embed(), view=self)

    async def _plain(self, *names: str) -> dict[str, object]:
        """Return some settings as the audit log keeps them."""
        values = await self.settings.read(self.guild_id, self.schema)
        return values.model_dump(mode="json", include=set(names))

    async def _note(self, interaction: Interaction, before: Mapping[str, object], after: Mapping[str, object]) -> None:
        await note_change(
            self.settings.db,
            "config.settings",
            guild_id=self.guild_id,
            actor_id=interaction.user.id,
            before={"plugin": self.plugin, **before},
            after={"plugin": self.plugin, **after},
        )

    def _lay_out(self) -> None:
        self.clear_items()
        plugins = dict.fromkeys(self.settings.schemas(), "")
        self.add_item(_Menu("Plugin", plugins, self.plugin, self.choose_plugin))
        if self.plugin is None:
            return
        names = {field.name: field.description for field in fields_of(self.schema)}
        self.add_item(_Menu("Setting", names, self.field.name if self.field else None, self.choose_field))
        if self.field is not None and self.field.choices:
            self.add_item(_Menu("New value", dict.fromkeys(self.field.choices, ""), None, self.store))
        elif self.field is not None:
            if self.field.picks is not None:
                picker = _RolePicker if self.field.picks == "role" else _ChannelPicker
                self.add_item(picker(self, unset=self.field.entry is None and may_unset(self.schema, self.field.name)))
            self.add_item(_Button("Change", discord.ButtonStyle.primary, self._open_form))
        self.add_item(_Button("Reset" if self.field else "Reset all", discord.ButtonStyle.secondary, self.reset))

    async def _open_form(self, interaction: Interaction) -> None:
        if self.field is not None:
            values = await self.settings.read(self.guild_id, self.schema)
            await interaction.response.send_modal(
                _Form(self, self.field, shown_value(getattr(values, self.field.name)), self.store)
            )


class _Menu(discord.ui.Select[SettingsPanel]):
    """Choices with their descriptions; `act` is called with the one that was made."""

    def __init__(self, placeholder: str, options: Mapping[str, str], chosen: str | None, act: Choose) -> None:
        super().__init__(
            placeholder=placeholder,
            options=[
                discord.SelectOption(
                    label=name[:MAX_LABEL], value=name, description=text[:MAX_LABEL] or None, default=name == chosen
                )
                for name, text in list(options.items())[:MAX_OPTIONS]
            ],
        )
        self._act = act

    async def callback(self, interaction: Interaction) -> None:
        await self._act(interaction, self.values[0])


class _RolePicker(discord.ui.RoleSelect[SettingsPanel]):
    """The roles of the server; `unset` lets none be picked."""

    def __init__(self, panel: SettingsPanel, *, unset: bool) -> None:
        super().__init__(placeholder="Role", min_values=0 if unset else 1)
        self._panel = panel

    async def callback(self, interaction: Interaction) -> None:
        await self._panel.pick(interaction, self.values[0].id if self.values else None)


class _ChannelPicker(discord.ui.ChannelSelect[SettingsPanel]):
    """The channels of the server in which messages can be."""

    def __init__(self, panel: SettingsPanel, *, unset: bool) -> None:
        kinds = discord.ChannelType
        places = [kinds.text, kinds.news, kinds.voice, kinds.stage_voice, kinds.forum]
        super().__init__(placeholder="Channel", min_values=0 if unset else 1, channel_types=places)
        self._panel = panel

    async def callback(self, interaction: Interaction) -> None:
        await self._panel.pick(interaction, self.values[0].id if self.values else None)


class _Button(discord.ui.Button[SettingsPanel]):
    """A button that calls `act`."""

    def __init__(self, label: str, style: discord.ButtonStyle, act: Press) -> None:
        super().__init__(label=label, style=style)
        self._act = act

    async def callback(self, interaction: Interaction) -> None:
        await self._act(interaction)


class _Form(discord.ui.Modal):
    """Asks for the value of a setting, or of an entry in one, as a text; `act` stores it."""

    def __init__(self, panel: SettingsPanel, field: SettingField, value: str, act: Choose, *, label: str = "") -> None:
        super().__init__(title=shorten(field.name, 45), timeout=panel.timeout_seconds)
        self._panel = panel
        self._act = act
        self.text: discord.ui.TextInput[_Form] = discord.ui.TextInput(
            label=shorten(label or field.name, 45),
            default=None if value == NOTHING else value[:4000],
            placeholder=shorten(field.description, MAX_LABEL),
            required=False,
            style=discord.TextStyle.paragraph if len(value) > MAX_LABEL else discord.TextStyle.short,
        )
        self.add_item(self.text)

    async def on_submit(self, interaction: Interaction) -> None:
        await self._panel.interaction_check(interaction)
        await self._act(interaction, self.text.value)

    async def on_error(self, interaction: Interaction, error: Exception) -> None:  # type: ignore[override]  # discord.py's own Modal takes no item either
        await interaction.client.answer_failure(interaction, error)
