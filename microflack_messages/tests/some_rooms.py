"""Rooms with people in them, for tests of what is said there."""

import time

from microflack_messages.models import Room, RoomMember, db


def make_room(app, kind, *user_ids, **values):
    """Make a room with members, and return its id."""
    with app.app_context():
        at = int(time.time())
        room = Room(name="den", kind=kind, last_change=0, **values)
        room.created_at = room.updated_at = at
        db.session.add(room)
        db.session.flush()
        for user_id in user_ids:
            db.session.add(RoomMember(room_id=room.id, user_id=user_id))
        db.session.commit()
        return room.id


def leave(app, room_id, user_id):
    """Take somebody out of a room."""
    with app.app_context():
        db.session.query(RoomMember).filter_by(
            room_id=room_id, user_id=user_id
        ).delete()
        db.session.commit()


def say(client, headers, room_id, source="hello", **fields):
    """Say something in a room, and return the message."""
    body = {"source": source, "room_id": room_id} | fields
    answer = client.post("/api/messages", json=body, headers=headers)
    assert answer.status_code == 201, answer.json
    return answer.json
