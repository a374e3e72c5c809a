"""The fields of a settings model, as a person sees and writes them: in a panel, a form or a TOML file."""

from __future__ import annotations

import json
import tomllib
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, Annotated, Any, Literal, cast, get_args, get_origin

from pydantic import BaseModel, TypeAdapter, ValidationError
from pydantic_core import to_jsonable_python

from tux.core.errors import InvalidSetting

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping


# Discord's limit of a select menu: https://discord.com/developers/docs/components/reference#string-select
MAX_CHOICES = 25
MAX_TOML_BYTES = 64 * 1024
NOTHING = "not set"


@dataclass(frozen=True, slots=True)
class SettingField:
    """A setting: `choices` are all values that it takes, where these are few; else it is written as a text."""

    name: str
    description: str
    choices: tuple[str, ...]


def fields_of(schema: type[BaseModel]) -> list[SettingField]:
    """Return the settings of a model, in their order."""
    return [
        SettingField(name, field.description or name.replace("_", " ").capitalize(), _choices(field.annotation))
        for name, field in schema.model_fields.items()
    ]


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
    field = schema.model_fields[name]
    adapter: TypeAdapter[object] = TypeAdapter(cast("Any", Annotated)[field.annotation, field])
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
