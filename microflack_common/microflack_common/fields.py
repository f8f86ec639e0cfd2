"""Field types for request bodies and query strings, and the schema that holds them."""

import re
from typing import Any

from apiflask import Schema
from apiflask.fields import Boolean, Field, Integer, String
from apiflask.validators import Range
from marshmallow import EXCLUDE, ValidationError, pre_load

# The largest whole number that JavaScript can hold, and every database too.
MAX_SAFE_INTEGER = 2**53 - 1
# Python would take "1_000", " 1 " and the digits of other scripts, too.
NUMBER = re.compile(r"-?[0-9]+")


class Body(Schema):
    """A JSON object; unknown fields are ignored, as newer clients may send them."""

    class Meta:
        """How marshmallow loads it."""

        unknown = EXCLUDE


class OptionalBody(Body):
    """A body where null is as if a field that may be missing were left out."""

    def on_bind_field(self, field_name: str, field_obj: "Field[Any]") -> None:
        """Describe that null is taken; ``leave_out_null`` sees to it."""
        field_obj.allow_none = not field_obj.required

    @pre_load
    def leave_out_null(self, data: Any, **_options: object) -> Any:
        """Drop what is null, unless it is required."""
        if not isinstance(data, dict):
            return data
        return {
            name: value
            for name, value in data.items()
            if value is not None or self.fields.get(name, String()).required
        }


class Flag(Boolean):
    """A JSON boolean, and nothing that could be taken for one."""

    def _deserialize(self, value: Any, *args: Any, **kwargs: Any) -> bool:
        if not isinstance(value, bool):
            raise self.make_error("invalid", input=value)
        return value


class Number(Integer):
    """A JSON number without a fraction, from ``minimum`` to ``maximum``.

    :param error: what to say of one that is not.
    """

    def __init__(
        self, minimum: int, maximum: int, *, error: str | None = None, **options: Any
    ) -> None:
        validate = Range(minimum, maximum, error=error)
        super().__init__(strict=True, validate=validate, **options)

    def _deserialize(self, value: Any, *args: Any, **kwargs: Any) -> int:
        # 1.0 is a whole number, which some programs write so.
        is_number = isinstance(value, int | float) and not isinstance(value, bool)
        if not is_number or value % 1:
            raise self.make_error("invalid", input=value)
        return int(value)


class Text(String):
    """A JSON string that can be stored as UTF-8 and shown as text.

    Refuses NUL and lone surrogates, which no database takes.
    """

    def _deserialize(self, value: Any, *args: Any, **kwargs: Any) -> str:
        text: str = super()._deserialize(value, *args, **kwargs)
        if "\x00" in text:
            raise ValidationError("Must not contain the NUL character.")
        try:
            text.encode()
        except UnicodeEncodeError as error:
            raise ValidationError("Must be valid Unicode.") from error
        return text


class Count(Integer):
    """A whole number in a query string, from ``minimum`` to ``maximum``."""

    def __init__(
        self, minimum: int = 0, maximum: int = MAX_SAFE_INTEGER, **options: Any
    ) -> None:
        super().__init__(validate=Range(minimum, maximum), **options)

    def _deserialize(self, value: Any, *args: Any, **kwargs: Any) -> int:
        if not NUMBER.fullmatch(value):
            raise self.make_error("invalid", input=value)
        number: int = super()._deserialize(value, *args, **kwargs)
        return number
