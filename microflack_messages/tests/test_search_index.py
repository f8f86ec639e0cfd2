"""The index is filled beside the requests, whoever has written what."""

import threading
import time
from uuid import uuid4

import pytest
from some_rooms import make_room, say
from sqlalchemy import insert, select, update
from test_search import ask, index

from microflack_messages import purge
from microflack_messages.models import EVERYONE, Message, Room, db
from microflack_messages.search import indexing
from microflack_messages.search.bitmaps import BLOCK_SIZE, decode
from microflack_messages.search.tables import SearchPosting

BLOCKS = 3


@pytest.fixture
def fill(app):
    """Return a function that stores many messages, as an older release does."""

    def fill(sources, first_id=1):
        with app.app_context():
            last = db.session.scalar(select(Room.last_change).filter_by(id=EVERYONE))
            rows = [
                {
                    **dict.fromkeys(("created_at", "updated_at"), int(time.time())),
                    "id": message_id,
                    "revision": uuid4().hex,
                    "source": source,
                    "html": source,
                    "user_id": 7,
                    "change": last + number,
                }
                for number, (message_id, source) in enumerate(
                    enumerate(sources, first_id), 1
                )
            ]
            db.session.execute(insert(Message.__table__), rows)
            numbered = update(Room.__table__).where(Room.id == EVERYONE)
            db.session.execute(numbered.values(last_change=last + len(rows)))
            db.session.commit()

    return fill


def postings(app):
    with app.app_context():
        rows = db.session.execute(select(SearchPosting.term, SearchPosting.bits))
        return {term: decode(bits) for term, bits in rows}


def test_what_was_said_before_there_was_an_index_is_found(app, client, fill):
    fill(f"message {number}" for number in range(500))
    assert index(app) == 1
    found = ask(client, {}, "message", limit=500).json["messages"]
    assert [one["id"] for one in found] == list(range(500, 0, -1))
    assert index(app) == 0


def test_many_blocks_are_looked_at(app, client, fill):
    for block in range(BLOCKS):
        fill([f"rare {block}", "common"], first_id=1 + block * 50 * BLOCK_SIZE)
    index(app)
    found = ask(client, {}, "rare").json["messages"]
    assert [one["source"] for one in found] == ["rare 2", "rare 1", "rare 0"]
    assert ask(client, {}, "rare common").json["messages"] == []


def test_the_words_of_a_deleted_message_are_forgotten(app, client, ada, post):
    kept, gone = post("common words"), post("common secret")
    index(app)
    assert b"wsecret" in postings(app)
    client.delete(gone["_links"]["self"], headers=ada)
    index(app)
    left = postings(app)
    assert b"wsecret" not in left
    assert left[b"wcommon"] == left[b"r1"] == 1 << kept["id"]


def test_the_words_of_a_deleted_room_are_forgotten(app, chat, post):
    room = chat.make()
    chat.say(room["id"], source="common secret")
    kept = post("common words")
    index(app)
    assert b"wsecret" in postings(app)
    assert chat.delete(room["_links"]["self"]) == 204
    with app.app_context():
        purge.remove_all()
    left = postings(app)
    assert b"wsecret" not in left
    assert left[b"wcommon"] == 1 << kept["id"]


def test_what_changed_without_its_words_is_not_written_again(app, client, ada, post):
    message = post("words")
    index(app)
    before = postings(app)
    client.put(f"{message['_links']['self']}/reactions/👍", headers=ada)
    assert index(app) == 1
    assert postings(app) == before


def test_instances_that_index_at_once_lose_nothing(app, client, ada, fill, another):
    rooms = [make_room(app, "private", 1) for _ in range(4)]
    for number in range(40):
        say(client, ada, rooms[number % 4], f"common word{number}")
    fill((f"common text{number}" for number in range(600)), first_id=1000)
    instances = [app, another(), another()]
    begin = threading.Barrier(len(instances))

    def work(one):
        begin.wait(60)
        while index(one):
            pass

    threads = [threading.Thread(target=work, args=[one]) for one in instances]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    left = postings(app)
    assert left[b"wcommon"].bit_count() == 640
    for number in range(40):
        assert left[b"wword%d" % number].bit_count() == 1


def test_a_worker_indexes_by_itself(app, another, client, post):
    post("a cat")
    another().test_client().get("/api/messages")
    end = time.monotonic() + 60
    while b"bcat" not in postings(app):
        assert time.monotonic() < end, "nothing was indexed"
        time.sleep(0.05)


def test_a_batch_ends_where_the_next_one_begins(app, client, fill):
    fill(f"text {number}" for number in range(indexing.BATCH_SIZE))
    index(app)
    assert len(ask(client, {}, "text", limit=500).json["messages"]) == 500
