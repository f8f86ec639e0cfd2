"""Field types for request bodies and query strings, and the schema that holds them."""

import re
from typing import Any

from apiflask import Schema
from apiflask.fields import Integer, String
from apiflask.validators import Range
from marshmallow import EXCLUDE, ValidationError

# The largest whole number that JavaScript can hold, and every database too.
MAX_SAFE_INTEGER = 2**53 - 1
# Python would take "1_000", " 1 " and the digits of other scripts, too.
NUMBER = re.compile(r"-?[0-9]+")


class Body(Schema):
    """A JSON object; unknown fields are ignored, as newer clients may send them."""

    class Meta:
        """How marshmallow loads it."""

        unknown = EXCLUDE


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
