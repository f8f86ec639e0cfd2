"""How files look in the API, and what its document says of them."""

from typing import Any

from apiflask import Schema
from apiflask.fields import Integer, List, String
from apiflask.validators import Length, Range
from marshmallow import ValidationError

from microflack_messages.files.attachments import MOST_OF_A_MESSAGE
from microflack_messages.files.receive import MAX_BYTES, PART
from microflack_messages.models import MAX_ID

_BYTES: dict[str, Any] = {"schema": {"type": "string", "format": "binary"}}
_UPLOAD = {
    "content": {
        "multipart/form-data": {
            "schema": {
                "type": "object",
                "properties": {PART: {"type": "string", "format": "binary"}},
                "required": [PART],
            }
        }
    },
    "description": f"At most {MAX_BYTES} bytes",
}


class FileOut(Schema):
    """A file. Width and height are those of a picture, as it is shown."""

    id = Integer()
    name = String()
    type = String(metadata={"description": "By its content"})
    size = Integer(metadata={"description": "In bytes"})
    width = Integer()
    height = Integer()
    url = String(metadata={"description": "Where it is; asking needs the token, too"})
    thumbnail_url = String(metadata={"description": "Where a small WebP of it is"})


class UploadedFile(FileOut):
    """A file that is to be sent with a message."""


def file_ids() -> List:
    """Return the field of a message that says which files come with it."""
    return List(
        Integer(strict=True, validate=Range(1, MAX_ID, error="There is no such file.")),
        allow_none=True,
        validate=[
            Length(max=MOST_OF_A_MESSAGE, error="At most {max} of a message."),
            _check_distinct,
        ],
        metadata={"description": "Ids of files that the author has sent to the room"},
    )


def _check_distinct(ids: list[int]) -> None:
    if len(set(ids)) < len(ids):
        raise ValidationError("Each only once.")


def describe(document: dict[str, Any]) -> None:
    """Say in the API's document what goes to and fro besides JSON."""
    for path, methods in document["paths"].items():
        if "/files" not in path:
            continue
        if "post" in methods:
            methods["post"]["requestBody"] = _UPLOAD
        else:
            for status in ("200", "206"):
                methods["get"]["responses"][status]["content"] = {"*/*": _BYTES}
