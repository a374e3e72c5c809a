"""Buttons, select menus and modals: what Discord's client sends when a person uses them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from discord import AppCommandOptionType as Option
from discord import ComponentType

from tux.errors import CannotAct
from tux.offline.contents import SELECTS, walk
from tux.offline.reply import SeenMessage, label_of
from tux.offline.shapes import Json, items_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from tux.offline.slash import Filler

ENTITIES = {
    ComponentType.user_select.value: Option.user,
    ComponentType.role_select.value: Option.role,
    ComponentType.mentionable_select.value: Option.mentionable,
    ComponentType.channel_select.value: Option.channel,
}
INPUTS = SELECTS | {ComponentType.text_input.value}


def find_component(components: list[Json], wanted: str | int) -> Json:
    """Return the component by label, placeholder, emoji, custom id or number from 1.

    Raises:
        CannotAct: there is none, or it is disabled.
    """
    names = [label_of(item) for item in components]
    if isinstance(wanted, int):
        found = components[wanted - 1] if 0 < wanted <= len(components) else None
    else:
        matches = (
            item for item, name in zip(components, names, strict=True) if wanted in {name, item.get("custom_id")}
        )
        found = next(matches, None)
    if found is None:
        raise CannotAct(f"there is no {wanted!r} to use; there are: {', '.join(names) or 'none'}")
    if found.get("disabled"):
        raise CannotAct(f"{wanted!r} is disabled")
    return found


def pressed(message: SeenMessage, label: str | int) -> Json:
    """Return what identifies a clicked button."""
    buttons = [item for item in message.components if item["type"] == ComponentType.button.value]
    button = find_component(buttons, label)
    if "custom_id" not in button:
        raise CannotAct(f"{label!r} only opens a link")
    return {"custom_id": button["custom_id"], "id": button["id"]}


def picked_values(message: SeenMessage, menu: str | int, values: Sequence[object], filler: Filler) -> Json:
    """Return the interaction's data of a choice in a select menu."""
    select = find_component([item for item in message.components if item["type"] in SELECTS], menu)
    data: Json = {"component_type": select["type"], "custom_id": select["custom_id"], "id": select["id"]}
    data["values"] = chosen(select, values, filler)
    return data | ({"resolved": filler.resolved} if filler.resolved else {})


def chosen(select: Json, values: Sequence[object], filler: Filler) -> list[object]:
    """Return the values that a choice stands for: options by label or value, others by name or id."""
    low, high = int(select.get("min_values", 1)), int(select.get("max_values", 1))
    if not low <= len(values) <= high:
        raise CannotAct(f"{label_of(select)!r} takes {low} to {high} values, not {len(values)}")
    if select["type"] != ComponentType.select.value:
        option: Json = {"name": label_of(select), "type": ENTITIES[select["type"]].value}
        return [filler.convert(option, value) for value in values]
    by_name: Json = {
        str(item[key]): item["value"] for key in ("value", "label") for item in items_of(select, "options")
    }
    for value in values:
        if str(value) not in by_name:
            raise CannotAct(f"{label_of(select)!r} has no option {value!r}; it has: {', '.join(by_name)}")
    return [by_name[str(value)] for value in values]


def form_inputs(modal: Json) -> list[Json]:
    """Return the inputs of a modal in order, each with its label."""
    inputs: list[Json] = []
    label: str | None = None
    for component in walk(items_of(modal, "components")):
        if component["type"] in INPUTS:
            inputs.append(component | {"label": component.get("label") or label or component["custom_id"]})
        label = component.get("label")
    return inputs


def filled_form(modal: Json, texts: Sequence[object], values: Mapping[str, object], filler: Filler) -> Json:
    """Return the interaction's data of a filled modal.

    Raises:
        CannotAct: a value fits no input, or one that is required is missing.
    """
    inputs = form_inputs(modal)
    given: dict[str, object] = {}
    names = {name: item["custom_id"] for item in inputs for name in (slug(str(item["label"])), item["custom_id"])}
    for name, value in values.items():
        if name not in names:
            raise CannotAct(f"the form has no {name!r}; it has: {', '.join(names)}")
        given[names[name]] = value
    if len(texts) > len(inputs):
        raise CannotAct(f"the form has {len(inputs)} inputs, not {len(texts)}")
    given |= {item["custom_id"]: text for item, text in zip(inputs, texts, strict=False)}
    parts = [_filled(component, given, filler) for component in items_of(modal, "components")]
    data: Json = {"custom_id": modal["custom_id"], "components": parts}
    return data | ({"resolved": filler.resolved} if filler.resolved else {})


def slug(label: str) -> str:
    """Return a label as the name of a keyword."""
    return "_".join(label.lower().split())


def _filled(component: Json, given: Mapping[str, object], filler: Filler) -> Json:
    out: Json = {key: component[key] for key in ("type", "custom_id", "id") if key in component}
    if "components" in component:
        out["components"] = [_filled(child, given, filler) for child in component["components"]]
    if "component" in component:
        out["component"] = _filled(component["component"], given, filler)
    if component["type"] == ComponentType.text_input.value:
        out["value"] = _text(component, given.get(component["custom_id"], component.get("value") or ""))
    elif component["type"] in SELECTS:
        value = given.get(component["custom_id"], ())
        out["values"] = chosen(component, value if isinstance(value, (list, tuple)) else (value,), filler)  # pyright: ignore[reportUnknownArgumentType] - any list
    return out


def _text(component: Json, value: object) -> str:
    text = str(value)
    low, high = component.get("min_length") or 0, component.get("max_length") or 4000
    if component.get("required", True):
        low = max(low, 1)
    if not low <= len(text) <= high:
        raise CannotAct(f"{component['custom_id']!r} takes {low} to {high} characters, got {len(text)}")
    return text
