"""The fields of a settings model, as a person sees and writes them: in a panel, a form or a TOML file."""

from __future__ import annotations

import json
import tomllib
from dataclasses import dataclass
from enum import Enum
from types import UnionType
from typing import TYPE_CHECKING, Annotated, Any, Literal, Union, cast, get_args, get_origin

from pydantic import BaseModel, TypeAdapter, ValidationError
from pydantic_core import to_jsonable_python

from tux.core.errors import InvalidSetting
from tux.plugin import Picked

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping


# Discord's limit of a select menu: https://discord.com/developers/docs/components/reference#string-select
MAX_CHOICES = 25
MAX_TOML_BYTES = 64 * 1024
NOTHING = "not set"


@dataclass(frozen=True, slots=True)
class SettingField:
    """A setting: `choices` are all values that it takes, where these are few; else it is written as a text.

    `picks` is what it takes the id of; `entry` says where in a mapping that id stands.
    """

    name: str
    description: str
    choices: tuple[str, ...]
    picks: Literal["role", "channel"] | None = None
    entry: Literal["key", "value"] | None = None


def fields_of(schema: type[BaseModel]) -> list[SettingField]:
    """Return the settings of a model, in their order."""
    return [
        SettingField(
            name,
            field.description or name.replace("_", " ").capitalize(),
            _choices(field.annotation),
            *_picks(field.annotation, *field.metadata),
        )
        for name, field in schema.model_fields.items()
    ]


def may_unset(schema: type[BaseModel], name: str) -> bool:
    """Return whether a setting may be None."""
    return _takes(_adapter(schema, name), None)


def shown_field(field: SettingField, value: object) -> str:
    """Return a value as text in which Discord shows roles and channels by their names."""
    if field.picks is None or not value:
        return shown_value(value)
    sign = "@&" if field.picks == "role" else "#"
    if not isinstance(value, dict):
        return f"<{sign}{value}>"
    pairs = cast("dict[object, object]", value).items()
    if field.entry == "key":
        return ", ".join(f"<{sign}{key}>: {each}" for key, each in pairs)
    return ", ".join(f"{key}: <{sign}{each}>" for key, each in pairs)


def parse_entry(schema: type[BaseModel], field: SettingField, picked: int, text: str) -> tuple[object, object]:
    """Return key and value of the entry of a mapping that a picked id and a text for its other side make.

    Raises:
        InvalidSetting: the text is none; says what is wrong with it.
    """
    pair = {picked: text.strip()} if field.entry == "key" else {text.strip(): picked}
    try:
        [entry] = cast("dict[object, object]", _adapter(schema, field.name).validate_python(pair)).items()
    except ValidationError as error:
        raise InvalidSetting(f"`{field.name}`: {error.errors(include_url=False)[0]['msg']}.") from None
    return entry


def shown_value(value: object) -> str:
    """Return a value as text that `parse_value` reads again; None and what is empty are told as such."""
    plain = to_jsonable_python(value)
    if plain is None or plain in ("", [], {}):
        return NOTHING
    if isinstance(plain, bool):
        return "on" if plain else "off"
    if isinstance(plain, list) and all(isinstance(each, str) for each in cast("list[object]", plain)):
        return ", ".join(cast("list[str]", plain))
    return plain if isinstance(plain, str) else json.dumps(plain, ensure_ascii=False)


def parse_value(schema: type[BaseModel], name: str, text: str) -> object:
    """Return the value that a text means for a setting: as it stands, as JSON, or as a list with commas.

    Raises:
        InvalidSetting: it means none; says what is wrong with it.
    """
    adapter = _adapter(schema, name)
    text = text.strip()
    if text.lower() in {"", NOTHING} and _takes(adapter, None):
        return None
    problem = ""
    for read in (str, json.loads, _split):
        try:
            return adapter.validate_python(read(text))
        except ValidationError as error:
            problem = problem or error.errors(include_url=False)[0]["msg"]
        except (json.JSONDecodeError, RecursionError):
            continue  # no JSON, so it may still be a list
    raise InvalidSetting(f"`{name}`: {problem}.")


def toml_text(sections: Iterable[tuple[str, BaseModel, frozenset[str]]]) -> str:
    """Return settings as TOML, by plugin with the names that were changed; the others stand there as comments."""
    lines: list[str] = []
    for plugin, values, changed in sections:
        plain: dict[str, object] = values.model_dump(mode="json")
        lines += [f"[{plugin}]"]
        for field in fields_of(type(values)):
            lines.append(f"# {field.description}")
            if plain[field.name] is None:
                lines.append(f"# {field.name} is not set")
            else:
                lines.append(f"{'' if field.name in changed else '# '}{field.name} = {_toml(plain[field.name])}")
        lines.append("")
    return "\n".join(lines)


def read_toml(content: bytes) -> dict[str, dict[str, object]]:
    """Return the settings by plugin that a TOML file holds.

    Raises:
        InvalidSetting: it is too long, no TOML, or holds something outside of a plugin's section.
    """
    if len(content) > MAX_TOML_BYTES:
        raise InvalidSetting(f"The file is longer than {MAX_TOML_BYTES // 1024} KiB.")
    try:
        found = tomllib.loads(content.decode())
    except (UnicodeDecodeError, tomllib.TOMLDecodeError, RecursionError) as error:
        raise InvalidSetting(f"That is no TOML file: {error}") from None
    for name, section in found.items():
        if not isinstance(section, dict):
            raise InvalidSetting(f"`{name}` stands outside of a section; put it below `[its plugin]`.")
    return found


def _adapter(schema: type[BaseModel], name: str) -> TypeAdapter[object]:
    field = schema.model_fields[name]
    return TypeAdapter(cast("Any", Annotated)[field.annotation, field])


def _picks(
    annotation: object, *marks: object
) -> tuple[Literal["role", "channel"] | None, Literal["key", "value"] | None]:
    """Return what a setting takes the id of, and where in a mapping."""
    for mark in (*marks, *getattr(annotation, "__metadata__", ())):
        if isinstance(mark, Picked):
            return mark.kind, None
    parts = get_args(annotation)
    if get_origin(annotation) is dict:
        for place, part in zip(("key", "value"), parts, strict=True):
            if kind := _picks(part)[0]:
                return kind, "key" if place == "key" else "value"
    elif get_origin(annotation) in {Union, UnionType}:
        return next((found for part in parts if (found := _picks(part))[0]), (None, None))
    return None, None


def _choices(annotation: object) -> tuple[str, ...]:
    if annotation is bool:
        return ("on", "off")
    if get_origin(annotation) is Literal:
        found = tuple(str(each) for each in get_args(annotation))
    elif isinstance(annotation, type) and issubclass(annotation, Enum):
        found = tuple(str(each.value) for each in annotation)
    else:
        return ()
    return found if len(found) <= MAX_CHOICES else ()


def _takes(adapter: TypeAdapter[object], value: object) -> bool:
    try:
        adapter.validate_python(value)
    except ValidationError:
        return False
    return True


def _split(text: str) -> list[str]:
    return [part.strip() for part in text.split(",") if part.strip()]


def _toml(value: object) -> str:
    if isinstance(value, dict):
        pairs = cast("Mapping[str, object]", value).items()
        return f"{{ {', '.join(f'{_toml(key)} = {_toml(each)}' for key, each in pairs if each is not None)} }}"
    if isinstance(value, list):
        return f"[{', '.join(_toml(each) for each in cast('list[object]', value))}]"
    # JSON's texts, numbers and booleans are TOML's, but for DEL, which TOML wants escaped
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
