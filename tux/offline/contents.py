"""The limits of a message: its text, embeds, components and modals."""

from __future__ import annotations

from typing import TYPE_CHECKING

from discord import ButtonStyle, ComponentType

from tux.offline.limits import Form
from tux.offline.refusals import refuse
from tux.offline.shapes import Json, items_of, part_of
from tux.offline.state import COMPONENTS_V2

if TYPE_CHECKING:
    from collections.abc import Iterator

CONTENT_LENGTH = 2000
EMBEDS = 10
EMBED_TOTAL = 6000
EMBED_FIELDS = 25
EMBED_TEXTS = {"title": 256, "description": 4096}
FOOTER_LENGTH = 2048
AUTHOR_LENGTH = 256
FIELD_NAME_LENGTH = 256
FIELD_VALUE_LENGTH = 1024
ROWS = 5
BUTTONS = 5
COMPONENTS_IN_ALL = 40
CUSTOM_ID_LENGTH = 100
LABEL_LENGTH = 80
OPTIONS = 25
OPTION_LENGTH = 100
PLACEHOLDER_LENGTH = 150
MODAL_TITLE_LENGTH = 45
MODAL_INPUTS = 5
INPUT_LABEL_LENGTH = 45
INPUT_VALUE_LENGTH = 4000
SELECTS = frozenset({3, 5, 6, 7, 8})
LAYOUTS_V1 = frozenset({ComponentType.action_row.value})


def check_message(body: Json, *, has_files: bool) -> None:
    """Refuse a message that is empty (50006) or outside the limits (50035)."""
    form = Form()
    content, embeds, components = body.get("content"), items_of(body, "embeds"), items_of(body, "components")
    form.length(("content",), content, CONTENT_LENGTH)
    check_embeds(form, embeds)
    new_layout = bool((body.get("flags") or 0) & COMPONENTS_V2)
    if new_layout and (content or embeds):
        form.fault(("content",), "MESSAGE_CANNOT_USE_LEGACY_FIELDS_WITH_COMPONENTS_V2", "Not with these components.")
    check_components(form, components, new_layout=new_layout)
    form.refuse()
    extras = body.get("sticker_ids") or body.get("poll") or has_files
    if not (content or embeds or components or extras):
        raise refuse(400, 50006, "Cannot send an empty message")


def check_embeds(form: Form, embeds: list[Json]) -> None:
    """Note what is wrong with the embeds, each alone and all together."""
    form.length(("embeds",), embeds, EMBEDS)
    for index, embed in enumerate(embeds):
        _check_embed(form, ("embeds", index), embed)
    if sum(embed_size(embed) for embed in embeds) > EMBED_TOTAL:
        form.fault(("embeds",), "MAX_EMBED_SIZE_EXCEEDED", f"Embed size exceeds maximum size of {EMBED_TOTAL}")


def _check_embed(form: Form, path: tuple[str | int, ...], embed: Json) -> None:
    for key, high in EMBED_TEXTS.items():
        form.length((*path, key), embed.get(key), high)
    form.length((*path, "footer", "text"), part_of(embed, "footer").get("text"), FOOTER_LENGTH)
    form.length((*path, "author", "name"), part_of(embed, "author").get("name"), AUTHOR_LENGTH)
    fields = items_of(embed, "fields")
    form.length((*path, "fields"), fields, EMBED_FIELDS)
    for index, entry in enumerate(fields):
        form.length((*path, "fields", index, "name"), entry.get("name"), FIELD_NAME_LENGTH, 1)
        form.length((*path, "fields", index, "value"), entry.get("value"), FIELD_VALUE_LENGTH, 1)


def embed_size(embed: Json) -> int:
    """Return how many characters of an embed count against the common limit."""
    texts: list[str | None] = [embed.get("title"), embed.get("description")]
    texts += [part_of(embed, "footer").get("text"), part_of(embed, "author").get("name")]
    for entry in items_of(embed, "fields"):
        texts += [entry.get("name"), entry.get("value")]
    return sum(len(text) for text in texts if text)


def walk(components: list[Json]) -> Iterator[Json]:
    """Yield all components, parents before children, accessories and labelled ones included."""
    for component in components:
        yield component
        yield from walk(items_of(component, "components"))
        yield from walk([component[key] for key in ("accessory", "component") if component.get(key)])


def check_components(form: Form, components: list[Json], *, new_layout: bool) -> None:
    """Note what is wrong with a message's components."""
    path = ("components",)
    if new_layout:
        if sum(1 for _ in walk(components)) > COMPONENTS_IN_ALL:
            form.fault(path, "COMPONENT_MAX_TOTAL_COMPONENTS_EXCEEDED", f"At most {COMPONENTS_IN_ALL} components.")
    else:
        form.length(path, components, ROWS)
        for index, row in enumerate(components):
            if row.get("type") not in LAYOUTS_V1:
                form.fault((*path, index, "type"), "UNION_TYPE_CHOICES", 'Value of field "type" must be one of (1,).')
    _check_custom_ids(form, components)
    for index, row in enumerate(components):
        _check_children(form, (*path, index), row)


def _check_custom_ids(form: Form, components: list[Json]) -> None:
    seen: set[str] = set()
    for component in walk(components):
        custom_id = component.get("custom_id")
        if custom_id is not None and custom_id in seen:
            form.fault(("components",), "COMPONENT_CUSTOM_ID_DUPLICATED", "Component custom id cannot be duplicated")
        seen.add(str(custom_id))


def _check_children(form: Form, path: tuple[str | int, ...], parent: Json) -> None:
    children = items_of(parent, "components")
    if parent.get("type") == ComponentType.action_row.value:
        form.length((*path, "components"), children, BUTTONS, 1)
        if len(children) > 1 and any(child["type"] in SELECTS for child in children):
            form.fault((*path, "components"), "COMPONENT_LAYOUT_WIDTH_EXCEEDED", "The row is too wide.")
    for index, child in enumerate(children):
        here = (*path, "components", index)
        if child["type"] == ComponentType.button.value:
            _check_button(form, here, child)
        elif child["type"] in SELECTS:
            check_select(form, here, child)
        else:
            _check_children(form, here, child)


def _check_button(form: Form, path: tuple[str | int, ...], button: Json) -> None:
    form.length((*path, "label"), button.get("label"), LABEL_LENGTH)
    if button.get("style") == ButtonStyle.link.value:
        form.length((*path, "url"), button.get("url"), 512, 1)
    else:
        form.length((*path, "custom_id"), button.get("custom_id"), CUSTOM_ID_LENGTH, 1)
    if not button.get("label") and not button.get("emoji"):
        form.fault(path, "BUTTON_COMPONENT_LABEL_OR_EMOJI_REQUIRED", "A label or an emoji is required")


def check_select(form: Form, path: tuple[str | int, ...], select: Json) -> None:
    """Note what is wrong with a select menu."""
    form.length((*path, "custom_id"), select.get("custom_id"), CUSTOM_ID_LENGTH, 1)
    form.length((*path, "placeholder"), select.get("placeholder"), PLACEHOLDER_LENGTH)
    form.number((*path, "min_values"), select.get("min_values", 1), 0, OPTIONS)
    form.number((*path, "max_values"), select.get("max_values", 1), 1, OPTIONS)
    if select["type"] != ComponentType.select.value:
        return
    options = items_of(select, "options")
    form.length((*path, "options"), options, OPTIONS, 1)
    for index, option in enumerate(options):
        for key, low in (("label", 1), ("value", 1), ("description", 0)):
            form.length((*path, "options", index, key), option.get(key), OPTION_LENGTH, low)
    values: list[str | None] = [option.get("value") for option in options]
    if len(set(values)) != len(values):
        form.fault((*path, "options"), "SELECT_COMPONENT_OPTION_VALUE_DUPLICATED", "An option value is used twice")


def check_modal(modal: Json) -> None:
    """Refuse a modal outside the limits."""
    form = Form()
    form.length(("data", "title"), modal.get("title"), MODAL_TITLE_LENGTH, 1)
    form.length(("data", "custom_id"), modal.get("custom_id"), CUSTOM_ID_LENGTH, 1)
    components = items_of(modal, "components")
    form.length(("data", "components"), components, MODAL_INPUTS, 1)
    _check_custom_ids(form, components)
    for index, component in enumerate(walk(components)):
        path = ("data", "components", index)
        if component["type"] == ComponentType.text_input.value:
            form.length((*path, "custom_id"), component.get("custom_id"), CUSTOM_ID_LENGTH, 1)
            form.length((*path, "label"), component.get("label"), INPUT_LABEL_LENGTH)
            form.length((*path, "placeholder"), component.get("placeholder"), OPTION_LENGTH)
            form.length((*path, "value"), component.get("value"), INPUT_VALUE_LENGTH)
        elif component["type"] in SELECTS:
            check_select(form, path, component)
    form.refuse()
