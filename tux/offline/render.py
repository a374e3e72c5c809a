"""Messages, embeds, components and forms as Discord sends them, as lines of text for a terminal.

Pure: API-shaped JSON in, styled lines out. `Transcript` decides what is shown; this module only how.
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, TypeAlias

from rich.text import Text

from tux.offline.shapes import items_of, part_of
from tux.offline.text import indented, styled, with_names, wrapped

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tux.offline.shapes import Json
    from tux.offline.text import Names

    Numbering: TypeAlias = Callable[[Json], int]

ACTION_ROW, BUTTON, SELECT, TEXT_INPUT = 1, 2, 3, 4
SECTION, TEXT_DISPLAY, SEPARATOR, CONTAINER, LABEL = 9, 10, 14, 17, 18
SELECTS = frozenset({3, 5, 6, 7, 8})
_PICKS = {5: "@user", 6: "&role", 7: "@user or &role", 8: "#channel"}
_LINK = 5
_BLANK = "\u200b"
_NAME_CELLS = 18
_FRESH_SECONDS = 60


def message_lines(message: Json, names: Names, width: int, number: Numbering) -> list[Text]:
    """Return everything a message shows below its author: text, files, embeds, components.

    `number` gives each button and select the number by which a person will click it.
    """
    lines: list[Text] = []
    if content := message.get("content"):
        lines += wrapped(styled(content, names), width)
    for attachment in items_of(message, "attachments"):
        lines.append(Text(f"[file {attachment['filename']}, {attachment['size']} bytes]", "dim"))
    for sticker in items_of(message, "sticker_items"):
        lines.append(Text(f"[sticker {sticker['name']}]", "dim"))
    if poll := message.get("poll"):
        lines += _poll_lines(poll, names, width)
    for embed in items_of(message, "embeds"):
        lines += embed_lines(embed, names, width)
    return lines + component_lines(items_of(message, "components"), names, width, number)


def embed_lines(embed: Json, names: Names, width: int) -> list[Text]:
    """Return an embed as a box that is open to the right, its edge in the embed's colour."""
    edge = f"#{embed['color']:06x}" if embed.get("color") else "dim"
    author = part_of(embed, "author").get("name")
    title = embed.get("title") or author or ""
    inner = width - 3
    head = wrapped(styled(title, names, "bold"), inner)
    body = [*head[1:], *_author_line(author, title), *_embed_body(embed, names, inner)]
    foot = wrapped(styled(_footer(embed, names), names, "dim"), inner)
    top = indented(head[:1], "╭─ ", style=edge)
    return [*top, *indented(body, "│ ", style=edge), *indented(foot, "╰─ ", "   ", style=edge)]


def _author_line(author: str | None, title: str) -> list[Text]:
    return [Text(author, "dim")] if author and author != title else []


def _embed_body(embed: Json, names: Names, width: int) -> list[Text]:
    lines: list[Text] = []
    if description := embed.get("description"):
        lines += wrapped(styled(description, names), width)
    lines += _field_lines(items_of(embed, "fields"), names, width)
    if image := part_of(embed, "image").get("url"):
        lines += wrapped(Text(f"[image {image.rsplit('/', 1)[-1]}]", "dim"), width)
    return lines


def _footer(embed: Json, names: Names) -> str:
    parts = [str(part_of(embed, "footer").get("text") or "")]
    if stamp := embed.get("timestamp"):
        when = datetime.fromisoformat(stamp)
        if abs((when - names.now()).total_seconds()) > _FRESH_SECONDS:
            parts.append(names.moment(when, "f"))
    return " · ".join(part for part in parts if part)


def _field_lines(fields: list[Json], names: Names, width: int) -> list[Text]:
    """Short fields as aligned `name  value` lines, long ones with the value below the name."""
    pairs = [(styled(field["name"], names, "bold"), styled(field["value"], names)) for field in fields]
    short = [name.cell_len for name, value in pairs if _fits(name, value, name.cell_len + 2, width)]
    column = max(short, default=0) + 2
    lines: list[Text] = []
    for name, value in pairs:
        if name.plain.strip() in ("", _BLANK):
            lines += wrapped(value, width)
        elif _fits(name, value, column, width):
            lines.append(Text.assemble(name, " " * (column - name.cell_len), value))
        else:
            lines += [*wrapped(name, width), *indented(wrapped(value, width - 2), "  ")]
    return lines


def _fits(name: Text, value: Text, column: int, width: int) -> bool:
    return (
        "\n" not in value.plain and name.cell_len <= min(column - 2, _NAME_CELLS) and column + value.cell_len <= width
    )


def _poll_lines(poll: Json, names: Names, width: int) -> list[Text]:
    lines = wrapped(styled(poll["question"].get("text") or "", names, "bold"), width)
    for answer in items_of(poll, "answers"):
        lines += indented(wrapped(styled(answer["poll_media"].get("text") or "", names), width - 4), "  ○ ", "    ")
    return lines


def component_lines(components: list[Json], names: Names, width: int, number: Numbering) -> list[Text]:
    """Return rows of buttons as `[1] Confirm  [2] Cancel`, selects with their choices, and the texts of layouts."""
    lines: list[Text] = []
    for component in components:
        kind = component["type"]
        children = items_of(component, "components")
        if kind == ACTION_ROW:
            lines += _row_lines(children, names, width, number)
        elif kind == TEXT_DISPLAY:
            lines += wrapped(styled(component["content"], names), width)
        elif kind == SEPARATOR:
            lines.append(Text("─" * min(width, 20), "dim"))
        elif kind == CONTAINER:
            lines += indented(component_lines(children, names, width - 2, number), "│ ")
        elif kind == SECTION:
            accessory = part_of(component, "accessory")
            row: list[Json] = [accessory] if accessory.get("type") == BUTTON else []
            lines += [
                *component_lines(children, names, width, number),
                *_row_lines(row, names, width, number),
            ]
    return lines


def _row_lines(row: list[Json], names: Names, width: int, number: Numbering) -> list[Text]:
    lines: list[Text] = []
    current = Text()
    for component in row:
        if component["type"] in SELECTS:
            lines += _select_lines(component, names, width, number)
            continue
        button = _button(component, names, number)
        if current and current.cell_len + 2 + button.cell_len > width:
            lines.append(current)
            current = Text()
        current = Text.assemble(current, "  ", button) if current else button
    return [*lines, current] if current else lines


def _button(component: Json, names: Names, number: Numbering) -> Text:
    emoji = str(part_of(component, "emoji").get("name") or "")
    label = with_names(f"{emoji} {component.get('label') or ''}".strip(), names)
    if component.get("style") == _LINK:
        return Text(f"{label} ({component.get('url')})", "blue")
    if component.get("disabled"):
        return Text(f"[-] {label}", "dim")
    return Text.assemble((f"[{number(component)}]", "bold cyan"), f" {label}")


def _select_lines(component: Json, names: Names, width: int, number: Numbering) -> list[Text]:
    disabled = bool(component.get("disabled"))
    mark = "[-]" if disabled else f"[{number(component)}]"
    choices = " / ".join(
        option["label"] + (" (chosen)" if option.get("default") else "") for option in items_of(component, "options")
    )
    placeholder = component.get("placeholder") or "Make a selection"
    text = styled(f"{placeholder}: {choices or _PICKS.get(component['type'], '')}", names)
    return indented(wrapped(text, width - 6), f"{mark} ▾ ", "      ", "dim" if disabled else "bold cyan")


def modal_lines(modal: Json, names: Names, width: int) -> list[Text]:
    """Return a form as a box with one numbered line for each field, and how to answer it."""
    top = indented(wrapped(styled(modal["title"], names, "bold"), width - 3), "╭─ ", "│  ")
    lines: list[Text] = []
    for number, field in enumerate(modal_fields(modal), 1):
        value = field.get("value")
        notes = [f"now: {value}"] if value else []
        notes += [] if field.get("required", True) else ["optional"]
        note = f" ({', '.join(notes)})" if notes else ""
        lines += indented(wrapped(styled(f"{field.get('label') or ''}{note}", names), width - 5), f"{number}. ", "   ")
    return [*top, *indented(lines, "│ "), Text("╰─ answer with :fill first|second|…", "dim")]


def modal_fields(modal: Json) -> list[Json]:
    """Return the fields of a form in order, each with its `label`."""
    return list(_fields(items_of(modal, "components")))


def _fields(components: list[Json]) -> Iterator[Json]:
    for component in components:
        if component["type"] == LABEL:
            inner: Json = component["component"]
            yield {**inner, "label": component["label"]}
        elif component["type"] == TEXT_INPUT:
            yield component
        else:
            yield from _fields(items_of(component, "components"))
