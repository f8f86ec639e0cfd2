"""What messages services say of rooms, and clients that hear of them."""

from instances import publish, push

EVERYONE = {"id": 1, "kind": "public", "role": "member"}


def public(room_id, **own):
    """Return a public room, as it is listed."""
    return {"id": room_id, "kind": "public", **own}


def private(room_id, role="member"):
    """Return a private room, as it is listed for who is in it."""
    return {"id": room_id, "kind": "private", "role": role}


def come(redis, user_id, room):
    """Tell a user that they are in a room."""
    publish(redis, room, f"user:{user_id}", "Room")


def go(redis, user_id, room_id):
    """Tell a user that they are not in a room any more."""
    told = {"class": "Room", "id": room_id}
    push(redis, "removed_model", told, f"user:{user_id}")


def say(redis, room_id, number, **more):
    """Publish a message of a room as the messages service does."""
    room = None if room_id == 1 else f"room:{room_id}"
    publish(redis, {"id": number, "room_id": room_id, **more}, room)


def heard_until_all(redis, number, *clients):
    """Say something to everybody; return what each client heard before, as ids.

    Clients that hear nothing of it fail the test.
    """
    heard = [[] for _ in clients]
    # The client itself handles events side by side: they may change places.
    for mark in (number, -number):
        say(redis, 1, mark)
        for client, ids in zip(clients, heard, strict=True):
            ids += _heard_until(client, mark)
    return [sorted(ids) for ids in heard]


def _heard_until(client, number):
    ids = []
    while True:
        told = client.next()
        if told["class"] == "Message":
            if told["model"]["id"] == number:
                return ids
            ids.append(told["model"]["id"])
