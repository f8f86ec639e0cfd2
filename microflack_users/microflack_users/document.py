"""What the OpenAPI document says that its schemas cannot say for themselves."""

from microflack_common.description import Document
from microflack_users import pictures

# One of these has to be given, and not as null.
CHANGES = {
    "nickname": "string",
    "password": "string",
    "admin": "boolean",
    "deactivated": "boolean",
}


_BYTES = {"type": "string", "format": "binary"}
_PICTURE = {
    "content": {
        "multipart/form-data": {
            "schema": {
                "type": "object",
                "properties": {pictures.PART: _BYTES},
                "required": [pictures.PART],
            }
        }
    },
    "description": f"At most {pictures.MAX_BYTES} bytes",
}


def complete(document: Document) -> None:
    """Add it to the document."""
    picture = document["paths"]["/api/users/{user_id}/picture"]
    picture["put"]["requestBody"] = _PICTURE
    picture["get"]["responses"]["200"]["content"] = {
        pictures.MEDIA_TYPE: {"schema": _BYTES}
    }
    document["components"]["schemas"]["UserPatch"]["anyOf"] = [
        {"required": [name], "properties": {name: {"type": kind}}}
        for name, kind in CHANGES.items()
    ]
