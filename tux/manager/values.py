"""Values on their way into a statement: converted to what the driver takes, or refused before any SQL runs.

A written value must satisfy the whole field (length, enum, validators). A value that is only compared need not: a name
that is too long, or an unknown member of an enum, matches nothing.
"""

from __future__ import annotations

import json
import math
import re
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from enum import Enum
from typing import TYPE_CHECKING, Any, SupportsFloat, cast
from uuid import UUID

from tortoise import fields
from tortoise.contrib.postgres.fields import ArrayField
from tortoise.exceptions import FieldError, ValidationError
from tortoise.fields.data import CharEnumFieldInstance, IntEnumFieldInstance
from tortoise.validators import MaxLengthValidator, MaxValueValidator, MinValueValidator

from tux.errors import InvalidValue, NotNullViolation
from tux.models.numbers import whole
from tux.models.texts import is_tidy, tidy
from tux.models.times import aware

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from tortoise.models import Model


_SHOWN_CHARACTERS = 60
_NUL_IN_JSON = re.compile(r"(?<!\\)(?:\\\\)*\\u0000")
_INTEGERS = {
    ("smallint", "int2"): (-(2**15), 2**15 - 1),
    ("int", "integer", "int4"): (-(2**31), 2**31 - 1),
    ("bigint", "int8"): (-(2**63), 2**63 - 1),
}
_AS_IT_IS: dict[type, type] = {fields.BooleanField: bool, fields.FloatField: float, fields.UUIDField: UUID}


class Codec:
    """Encodes the values of one column; `table` and the field's name appear in every refusal."""

    def __init__(self, model: type[Model], field: Any, table: str) -> None:
        self.model = model
        self.field = field
        self.table = table
        self.name: str = field.model_field_name
        self._convert = self._converter()
        self._fits = _plain_test(field)

    def write(self, value: object) -> object:
        """Return a value as the driver takes it, once it satisfies everything that the field asks for.

        Raises:
            InvalidValue: wrong type, too long, out of range, not of the enum, naive, refused by a validator.
            NotNullViolation: None for a column that needs a value.
        """
        if self._fits(value):  # what nearly every value is, told without a detour
            return value
        if value is None:
            self._refuse_null()
            return None
        found = self._tidied(self._converted(value))
        self._check_length(found)
        try:
            self.field.validate(value if isinstance(value, Enum) else found)
            return self._enumerated(found)
        except (ValidationError, FieldError) as error:
            raise self.refusal(str(error).removeprefix(f"{self.name}: ")) from None

    def match(self, value: object) -> object:
        """Return a value as the driver takes it in a comparison.

        Raises:
            InvalidValue: it is not of the column's type.
        """
        return self._converted(value)

    def json(self, value: object) -> str:
        """Return a value as the text of PostgreSQL's JSON.

        Raises:
            InvalidValue: JSON or PostgreSQL cannot hold it.
        """
        try:
            return _storable_json(json.dumps(value, allow_nan=False, ensure_ascii=False))
        except (TypeError, ValueError) as error:
            raise self.refusal(f"{_shown(value)} is no JSON: {error}") from None

    def text(self, value: str) -> str:
        """Return a text that is compared with this column in another way than `match` does it.

        Raises:
            InvalidValue: PostgreSQL cannot hold it.
        """
        try:
            return _storable_text(value)
        except ValueError as error:
            raise self.refusal(f"{_shown(value)} does not fit: {error}") from None

    def refusal(self, why: str) -> InvalidValue:
        """Return the error that says what is wrong with a value of this column."""
        return InvalidValue(f"{self.table}.{self.name}: {why}", table=self.table, column=self.name)

    def _refuse_null(self) -> None:
        if not self.field.null:
            raise NotNullViolation(f"{self.table}.{self.name} needs a value", table=self.table, column=self.name)

    def _converted(self, value: object) -> object:
        try:
            return self._convert(value)
        except InvalidValue as error:
            raise self.refusal(str(error).removeprefix(f"{self.name} ")) from None
        except (FieldError, ValidationError, ValueError, TypeError, OverflowError, InvalidOperation) as error:
            raise self.refusal(f"{_shown(value)} does not fit: {error}") from None

    def _tidied(self, found: object) -> object:
        try:
            return tidy(self.field, found)
        except InvalidValue as error:
            raise self.refusal(str(error).removeprefix(f"{self.name} ")) from None

    def _check_length(self, found: object) -> None:
        limit = getattr(self.field, "max_length", None)
        if limit is not None and isinstance(found, str) and len(found) > limit:
            raise self.refusal(f"{len(found)} characters, at most {limit} are allowed")

    def _enumerated(self, found: object) -> object:
        if isinstance(self.field, CharEnumFieldInstance | IntEnumFieldInstance):
            known = [member.value for member in self.field.enum_type]
            if found not in known:
                raise self.refusal(f"{_shown(found)} is not one of {', '.join(map(str, known))}")
        return found

    def _converter(self) -> Callable[[object], object]:
        for kind, convert in self._CONVERTERS.items():
            if isinstance(self.field, kind):
                return lambda value: convert(self, value)
        return self._other

    def _integer(self, value: object) -> int:
        number = whole(self.field, value)
        limits = self.field.constraints
        if number is None or not limits["ge"] <= number <= limits["le"]:
            raise self.refusal(f"{number} is out of range, {limits['ge']} to {limits['le']} fits the column")
        return number

    def _text(self, value: object) -> str:
        if isinstance(value, Enum):
            value = value.value
        if not isinstance(value, str | int | float | Decimal | UUID):
            raise TypeError(f"text is needed, not {type(value).__name__}")
        return _storable_text(str(value))

    def _boolean(self, value: object) -> bool:
        if value not in (True, False):
            raise ValueError("True or False is needed")
        return bool(value)

    def _float(self, value: object) -> float:
        if not isinstance(value, str | SupportsFloat):
            raise TypeError(f"a number is needed, not {type(value).__name__}")
        return float(value)

    def _decimal(self, value: object) -> Decimal:
        number = Decimal(str(value))
        digits = self.field.max_digits - self.field.decimal_places
        if not math.isfinite(number) or abs(number) >= Decimal(10) ** digits:
            raise self.refusal(f"{number} is out of range, at most {digits} digits fit before the point")
        return number

    def _datetime(self, value: object) -> object:
        moment = aware(self.field, value)
        if not isinstance(moment, datetime):
            raise TypeError(f"an aware datetime is needed, not {type(value).__name__}")
        return moment

    def _date(self, value: object) -> object:
        if isinstance(value, datetime):
            return value.date()
        return value if isinstance(value, date) else date.fromisoformat(self._text(value))

    def _uuid(self, value: object) -> UUID:
        return value if isinstance(value, UUID) else UUID(self._text(value))

    def _json_column(self, value: object) -> object:
        encoded = self.field.to_db_value(value, self.model)
        return _storable_json(encoded) if isinstance(encoded, str) else encoded

    def _array(self, value: object) -> object:
        """Check a list's elements by the type that PostgreSQL gives them, as it would without naming the column."""
        if not isinstance(value, list | tuple | set | frozenset):
            raise TypeError(f"a list is needed, not {type(value).__name__}")
        elements = list(cast("Iterable[object]", value))
        kind: str = self.field.element_type.lower()
        limits = next((limits for names, limits in _INTEGERS.items() if kind in names), None)
        for element in elements:
            if element is None:
                continue
            if limits is not None and (type(element) is not int or not limits[0] <= element <= limits[1]):
                raise ValueError(f"{_shown(element)} is no whole number from {limits[0]} to {limits[1]}")
            if kind.startswith(("text", "varchar", "char")):
                if not isinstance(element, str):
                    raise TypeError(f"{_shown(element)} is no text")
                _storable_text(element)
        return elements

    def _other(self, value: object) -> object:
        encoded: object = self.field.to_db_value(value, self.model)
        return encoded

    _CONVERTERS: dict[type, Callable[[Codec, object], object]] = {  # noqa: RUF012 - never changed
        fields.IntField: _integer,
        fields.CharField: _text,
        fields.TextField: _text,
        fields.BooleanField: _boolean,
        fields.FloatField: _float,
        fields.DecimalField: _decimal,
        fields.DatetimeField: _datetime,
        fields.DateField: _date,
        fields.UUIDField: _uuid,
        fields.JSONField: _json_column,
        ArrayField: _array,
    }


def _storable_text(text: str) -> str:
    if "\0" in text:
        raise ValueError("PostgreSQL keeps no NUL character in a text")
    text.encode()  # half of a surrogate pair is no character
    return text


def _storable_json(text: str) -> str:
    if "\\u0000" in text and _NUL_IN_JSON.search(text):
        raise ValueError("PostgreSQL keeps no NUL character in JSON")
    text.encode()
    return text


def _plain_test(field: Any) -> Callable[[object], bool]:
    """Return the test that a value is of the column's own type, within its limits, and goes to the driver as it is."""
    kind: Any = field.__class__
    own = {MaxLengthValidator, MinValueValidator, MaxValueValidator}
    if is_tidy(field) or any(type(validator) not in own for validator in field.validators):
        return _is_never_plain
    if kind is fields.CharField or kind is fields.TextField:
        limits = [v.max_length for v in field.validators if hasattr(v, "max_length")]
        limit = min([getattr(field, "max_length", None) or math.inf, *limits])
        return lambda value: type(value) is str and len(value) <= limit and value.isascii() and "\0" not in value
    if kind in (fields.BigIntField, fields.IntField, fields.SmallIntField):
        # the validators' own bounds too: `constraints` knows the column's type alone
        least = max([field.constraints["ge"], *(v.min_value for v in field.validators if hasattr(v, "min_value"))])
        most = min([field.constraints["le"], *(v.max_value for v in field.validators if hasattr(v, "max_value"))])
        return lambda value: type(value) is int and least <= value <= most
    if kind is fields.DatetimeField:
        return lambda value: type(value) is datetime and value.tzinfo is UTC
    plain = _AS_IT_IS.get(kind)
    return _is_never_plain if plain is None else lambda value: type(value) is plain


def _is_never_plain(_: object) -> bool:
    return False


def _shown(value: object) -> str:
    text = repr(value)
    return text if len(text) <= _SHOWN_CHARACTERS else f"{text[:_SHOWN_CHARACTERS]}…"
