"""The /api/example endpoints."""

from typing import Any

from apiflask import APIBlueprint
from flask import Response, abort, jsonify, url_for

from microflack_common.auth import current_user_id, reader_auth, token_auth
from microflack_example import models, schemas
from microflack_example.models import Item

URL = "/api/example"
ID = "/<int:item_id>"
# No item has a higher one.
LARGEST_ID = 2**31 - 1

blueprint = APIBlueprint("example", __name__, url_prefix=URL, tag="items")


@blueprint.post("")
@blueprint.auth_required(token_auth)
@blueprint.input(schemas.ItemIn)
@blueprint.output(schemas.ItemOut, status_code=201, headers=schemas.Place)
def create(json_data: dict[str, str]) -> Response:
    """Add an item. For everybody who has signed in."""
    item = models.add(current_user_id(), json_data["text"])
    response = jsonify(item.to_dict())
    response.status_code = 201
    response.headers["Location"] = url_for(".show", item_id=item.id)
    return response


@blueprint.get("")
@blueprint.auth_required(reader_auth)
@blueprint.input(schemas.ListQuery, location="query")
@blueprint.output(schemas.ItemList)
def index(query_data: dict[str, Any]) -> dict[str, Any]:
    """List items, the newest first. For everybody who may read."""
    items = models.newest(query_data.get("before_id"), query_data["limit"])
    return {"items": [item.to_dict() for item in items]}


@blueprint.get(ID)
@blueprint.auth_required(reader_auth)
@blueprint.output(schemas.ItemOut)
def show(item_id: int) -> dict[str, Any]:
    """Return one item. For everybody who may read."""
    return _find(item_id).to_dict()


@blueprint.delete(ID)
@blueprint.auth_required(token_auth)
@blueprint.output({}, status_code=204)
@blueprint.doc(responses={403: "Not yours"})
def remove(item_id: int) -> tuple[str, int]:
    """Delete an item. For who has written it."""
    item = _find(item_id)
    if item.user_id != current_user_id():
        abort(403, "You can delete your own items only.")
    models.remove(item)
    return "", 204


def _find(item_id: int) -> Item:
    item = models.find(item_id) if item_id <= LARGEST_ID else None
    if item is None:
        abort(404, f"There is no item {item_id}.")
    return item
