"""Changes that are to be stored, for tests of what stores them."""

import time
from contextlib import contextmanager
from uuid import uuid4

from sqlalchemy import event

from microflack_messages.changes import NewMessage
from microflack_messages.models import EVERYONE
from microflack_messages.updates import MessageUpdate


def new(source, key=None, user_id=1):
    """Return a new message that is to be stored."""
    values = {"source": source, "html": source, "user_id": user_id}
    values |= {"idempotency_key": key, "room_id": EVERYONE, "revision": uuid4().hex}
    values["created_at"] = values["updated_at"] = int(time.time())
    return NewMessage(values, expects_cards=False)


def edit(message, source):
    """Return a new text that is to be stored."""
    values = {"source": source, "html": source, "revision": uuid4().hex}
    values["updated_at"] = int(time.time())
    return MessageUpdate(EVERYONE, message["id"], values)


@contextmanager
def listening(engine, name, function):
    """Have an event of the engine call a function while the block runs."""
    event.listen(engine, name, function)
    try:
        yield
    finally:
        event.remove(engine, name, function)
