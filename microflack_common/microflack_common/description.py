"""Complete a service's OpenAPI document with what is true of every endpoint.

APIFlask describes what an endpoint takes and gives. It does not know that a token may
be left out, that a body is needed, or what the load balancer and the handlers of errors
answer. Reference: the OpenAPI Specification 3.1.
"""

from collections.abc import Callable, Iterator
from typing import Any

from apiflask import APIFlask

Document = dict[str, Any]

#: Stands in a security scheme, with true, where the credentials may be left out.
OPTIONAL = "x-optional"

_ERROR = {"application/json": {"schema": {"$ref": "#/components/schemas/HTTPError"}}}
_SECONDS = {"required": True, "schema": {"type": "integer", "minimum": 1}}
_TAG = {"required": True, "schema": {"type": "string"}}
_CHALLENGE = {"required": True, "schema": {"type": "string", "pattern": "^Bearer "}}

ALWAYS = {
    "429": ("Too many requests", {"Retry-After": _SECONDS}),
    "503": ("Something that it needs is away", {"Retry-After": _SECONDS}),
}
WITH_BODY: dict[str, tuple[str, Document]] = {
    "408": ("The body comes too slowly", {}),
    "413": ("The body is too large", {}),
    "415": ("The body is of another type", {}),
}
IF_NONE_MATCH = {
    "name": "If-None-Match",
    "in": "header",
    "schema": {"type": "string"},
    "description": "The `ETag` of the list that the client has",
}


def init_app(app: APIFlask, also: Callable[[Document], None] | None = None) -> None:
    """Have ``app`` serve the completed document.

    :param also: adds what only this service knows; it changes the document in place.
    """

    # In YAML it would be text.
    @app.spec_processor  # type: ignore[arg-type]
    def complete(document: Document) -> Document:
        if also:
            also(document)
        for operation in operations(document):
            _complete(operation, document["components"])
        return document


def operations(document: Document) -> Iterator[Document]:
    """Yield what the document says of each path and method."""
    for methods in document["paths"].values():
        yield from methods.values()


def _complete(operation: Document, components: Document) -> None:
    responses = operation["responses"]
    known = dict(ALWAYS)
    if body := operation.get("requestBody"):
        body["required"] = _is_needed(body, components["schemas"])
        known |= WITH_BODY
    for status, (sentence, headers) in known.items():
        said = responses.setdefault(status, {"description": sentence})
        said["content"] = _ERROR
        if headers:
            said["headers"] = headers
    if "401" in responses:
        responses["401"]["headers"] = {"WWW-Authenticate": _CHALLENGE}
    if "304" in responses:
        operation.setdefault("parameters", []).append(IF_NONE_MATCH)
        responses["304"].pop("content", None)
        for status in ("200", "304"):
            responses[status]["headers"] = {"ETag": _TAG}
    schemes = components.get("securitySchemes", {})
    named = [name for entry in operation.get("security", []) for name in entry]
    if any(schemes[name].get(OPTIONAL) for name in named):
        operation["security"].append({})


def _is_needed(body: Document, schemas: Document) -> bool:
    """Say whether a request without the body is refused."""
    (media,) = body["content"].values()
    schema = media["schema"]
    schema = schemas.get(schema.get("$ref", "").rpartition("/")[2], schema)
    return "required" in schema or "anyOf" in schema
