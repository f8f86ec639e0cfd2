"""What the OpenAPI document says that its schemas cannot say for themselves."""

from microflack_common.description import Document

# One of these has to be given, and not as null.
CHANGES = {
    "nickname": "string",
    "password": "string",
    "admin": "boolean",
    "deactivated": "boolean",
}


def complete(document: Document) -> None:
    """Add it to the document."""
    document["components"]["schemas"]["UserPatch"]["anyOf"] = [
        {"required": [name], "properties": {name: {"type": kind}}}
        for name, kind in CHANGES.items()
    ]
