"""Who may hear of something: whatever is published or kept says for whom it is.

An audience is known by the name of the Socket.IO room that its connections are in.
"""

from typing import NewType

Audience = NewType("Audience", str)

# All who are connected. No connection has to be in a room for it.
EVERYBODY = Audience("everybody")


def room(room_id: int) -> Audience:
    """Return those who may read this room."""
    return Audience(f"room:{room_id}")


def user(user_id: int) -> Audience:
    """Return the connections of this user."""
    return Audience(f"user:{user_id}")
