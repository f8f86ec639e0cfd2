"""What the OpenAPI document says of signing in, which is done in three ways."""

from microflack_common.description import Document
from microflack_tokens import session_cookie

_TEXT = {"type": "string"}


def complete(document: Document) -> None:
    """Add it to the document."""
    sign_in = document["paths"]["/api/tokens"]["post"]
    # A refresh token takes the place of the password.
    sign_in["security"].append({})
    sign_in["requestBody"] = {
        "content": {"application/json": {"schema": _schema(document)}}
    }
    sign_in["parameters"] = [
        {
            "name": session_cookie.HEADER,
            "in": "header",
            "schema": _TEXT,
            "description": "`cookie`: the refresh token goes into the cookie",
        },
        {
            "name": session_cookie.NAME,
            "in": "cookie",
            "schema": _TEXT,
            "description": "A refresh token that was put there",
        },
    ]


def _schema(document: Document) -> Document:
    schemas = document["components"]["schemas"]
    schemas["RefreshTokenIn"] = {
        "type": "object",
        "properties": {"refresh_token": {"type": ["string", "null"]}},
    }
    return {"$ref": "#/components/schemas/RefreshTokenIn"}
