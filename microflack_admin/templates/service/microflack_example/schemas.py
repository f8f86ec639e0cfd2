"""The bodies and query strings of the API: they check it and describe it."""

from apiflask import Schema
from apiflask.fields import Integer, List, Nested, String
from apiflask.validators import Length

from microflack_common.fields import Body, Count, Text
from microflack_example.models import MAX_TEXT_CHARACTERS

# A list has at most this many items; ``before_id`` leads on.
LIST_LIMIT = 100


class ItemIn(Body):
    """A new item."""

    text = Text(required=True, validate=Length(1, MAX_TEXT_CHARACTERS))


class ItemOut(Schema):
    """An item. Times are Unix seconds."""

    id = Integer()
    created_at = Integer()
    user_id = Integer()
    text = String()


class ItemList(Schema):
    """Items, the newest first."""

    items = List(Nested(ItemOut))


class ListQuery(Schema):
    """Which items are listed."""

    before_id = Count(1, metadata={"description": "only what came before that item"})
    limit = Count(1, LIST_LIMIT, load_default=LIST_LIMIT)


class Place(Schema):
    """The headers of what was made."""

    location = String(data_key="Location", required=True)
