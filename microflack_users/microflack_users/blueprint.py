"""What all endpoints of the service belong to."""

from apiflask import APIBlueprint

users = APIBlueprint("users", __name__, url_prefix="/api/users", tag="users")

ID = "/<int:user_id>"
