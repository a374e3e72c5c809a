"""Values on their way into a statement: converted to what the driver takes, or refused before any SQL runs.

A written value must satisfy the whole field (length, enum, validators). A value that is only compared need not: a name
that is too long, or an unknown member of an enum, matches nothing.
"""

from __future__ import annotations

import json
import math
from datetime import UTC, datetime
from decimal import InvalidOperation
from functools import partial
from types import NoneType
from typing import TYPE_CHECKING, Any
from uuid import UUID

from tortoise import fields
from tortoise.exceptions import FieldError, ValidationError
from tortoise.expressions import Expression
from tortoise.fields.data import CharEnumFieldInstance, IntEnumFieldInstance
from tortoise.models import Model
from tortoise.validators import MaxLengthValidator, MaxValueValidator, MinValueValidator

from tux.errors import InvalidValue, NotNullViolation
from tux.manager.converters import converter_of, shown, storable_json, storable_text
from tux.models.texts import is_tidy, tidy

if TYPE_CHECKING:
    from collections.abc import Callable

_ENUMS = (CharEnumFieldInstance, IntEnumFieldInstance)
_AS_IT_IS: dict[type, type] = {fields.BooleanField: bool, fields.FloatField: float, fields.UUIDField: UUID}


class Codec:
    """Encodes the values of one column; `table` and the field's name appear in every refusal."""

    def __init__(self, model: type[Model], field: Any, table: str) -> None:
        self.model = model
        self.field = field
        self.table = table
        self.name: str = field.model_field_name
        self._convert = partial(converter_of(field), field)
        self.fits = _plain_test(
            field
        )  # whether `write` would return a value as it is: true of nearly all, so ask first
        self._all_fit = _plain_test_of_all(field, self.fits)

    def write(self, value: object) -> object:
        """Return a value as the driver takes it, once it satisfies everything that the field asks for.

        Raises:
            InvalidValue: wrong type, too long, out of range, not of the enum, naive, refused by a validator.
            NotNullViolation: None for a column that needs a value.
        """
        if self.fits(value):
            return value
        if value is None:
            self._refuse_null()
            return None
        if isinstance(value, Expression | Model):
            raise self.refusal(f"{shown(value)} is no value")
        found = self._tidied(self._converted(value))
        self._check_length(found)
        try:
            self.field.validate(found)
            return self._enumerated(found)
        except (ValidationError, FieldError) as error:
            raise self.refusal(str(error).removeprefix(f"{self.name}: ")) from None

    def write_all(self, values: list[object]) -> list[object]:
        """Return values as `write` does it, which is little to do when all of them are of the column's own type."""
        kinds = {*map(type, values)}
        if NoneType in kinds and self.field.null:
            kinds.discard(NoneType)
            present = [value for value in values if value is not None]
        else:
            present = values
        if len(kinds) == 1 and self._all_fit(present, *kinds):
            return values
        return [self.write(value) for value in values]

    def match(self, value: object) -> object:
        """Return a value as the driver takes it in a comparison.

        Raises:
            InvalidValue: it is not of the column's type.
        """
        return value if self.fits(value) else self._converted(value)

    def match_all(self, values: list[object]) -> list[object]:
        """Return values as the driver takes them in a comparison; the same list, when all are that already.

        Raises:
            InvalidValue: one is not of the column's type.
        """
        return values if all(map(self.fits, values)) else [self.match(value) for value in values]

    def json(self, value: object) -> str:
        """Return a value as the text of PostgreSQL's JSON.

        Raises:
            InvalidValue: JSON or PostgreSQL cannot hold it.
        """
        try:
            return storable_json(json.dumps(value, allow_nan=False, ensure_ascii=False))
        except (TypeError, ValueError, RecursionError) as error:
            raise self.refusal(f"{shown(value)} is no JSON: {error}") from None

    def text(self, value: str) -> str:
        """Return a text that is compared with this column in another way than `match` does it.

        Raises:
            InvalidValue: PostgreSQL cannot hold it.
        """
        try:
            return storable_text(value)
        except ValueError as error:
            raise self.refusal(f"{shown(value)} does not fit: {error}") from None

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
            raise self.refusal(f"{shown(value)} does not fit: {error}") from None

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
        if isinstance(self.field, _ENUMS):
            known = [member.value for member in self.field.enum_type]
            if found not in known:
                raise self.refusal(f"{shown(found)} is not one of {', '.join(map(str, known))}")
        return found


def _plain_test(field: Any) -> Callable[[object], bool]:
    """Return the test that a value is of the column's own type, within its limits, and goes to the driver as it is."""
    kind: Any = field.__class__
    own = {MaxLengthValidator, MinValueValidator, MaxValueValidator}
    if is_tidy(field) or any(type(validator) not in own for validator in field.validators):
        return _is_never_plain
    if kind in (fields.BigIntField, fields.IntField, fields.SmallIntField):
        least, most = field.constraints["ge"], field.constraints["le"]  # of the type; the model may want less
        least = max([least, *(each.min_value for each in field.validators if type(each) is MinValueValidator)])
        most = min([most, *(each.max_value for each in field.validators if type(each) is MaxValueValidator)])
        return lambda value: type(value) is int and least <= value <= most
    if kind in (fields.CharField, fields.TextField):
        return partial(_is_plain_text, getattr(field, "max_length", None) or math.inf)
    if kind is fields.DatetimeField:
        return lambda value: type(value) is datetime and value.tzinfo is UTC
    plain = _AS_IT_IS.get(kind)
    return _is_never_plain if plain is None else lambda value: type(value) is plain


def _plain_test_of_all(field: Any, fits: Callable[[object], bool]) -> Callable[[list[Any], type], bool]:
    """Return the test that values, all of one type, are as `_plain_test` asks: told by their extremes."""
    if fits is _is_never_plain:
        return _are_never_plain
    kind: Any = field.__class__
    if kind in (fields.BigIntField, fields.IntField, fields.SmallIntField):
        return lambda values, given: given is int and fits(min(values)) and fits(max(values))
    if kind in (fields.CharField, fields.TextField):
        limit = getattr(field, "max_length", None) or math.inf

        def is_text(values: list[Any], given: type) -> bool:
            return given is str and max(map(len, values)) <= limit and _is_plain_text(math.inf, "".join(values))

        return is_text
    if plain := _AS_IT_IS.get(kind):
        return lambda _, given: given is plain
    return lambda values, _: all(map(fits, values))


def _are_never_plain(_: object, __: object) -> bool:
    return False


def _is_plain_text(limit: float, value: object) -> bool:
    return type(value) is str and len(value) <= limit and value.isascii() and "\0" not in value


def _is_never_plain(_: object) -> bool:
    return False
