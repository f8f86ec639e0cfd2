"""People find messages by their words, and only what they may read."""

from urllib.parse import quote

import pytest
from chat import statements
from some_rooms import leave, make_room, say

from microflack_common import database
from microflack_messages.models import db
from microflack_messages.search.indexing import backlogs, index_some

SECRET = "the treasure is under the old oak"


def index(app):
    """Index all that is not indexed yet; return how many rooms had something."""
    with app.app_context():
        with db.engine.connect() as connection:
            waiting = backlogs(connection)
        for left in waiting:
            while left:
                left = index_some(db.engine, left)
        return len(waiting)


@pytest.fixture(params=["indexed", "new"])
def ready(request, app):
    """Return a function that indexes what was said, or leaves that for later."""
    return (lambda: index(app)) if request.param == "indexed" else lambda: None


@pytest.fixture
def find(client, ada, ready):
    """Return a function for the sources of what is found."""

    def find(q, headers=ada, **query):
        ready()
        answer = ask(client, headers, q, **query)
        assert answer.status_code == 200, answer.json
        return [one["source"] for one in answer.json["messages"]]

    return find


def ask(client, headers, q, **query):
    query = "".join(f"&{name}={value}" for name, value in query.items())
    return client.get(f"/api/messages/search?q={quote(q)}{query}", headers=headers)


def test_the_newest_come_first(post, find):
    for text in ("a Cat", "a dog", "cats and dogs"):
        post(text)
    assert find("cat") == ["cats and dogs", "a Cat"]
    assert find("dog CAT") == ["cats and dogs"]
    assert find("bird") == []


def test_what_is_found_is_a_message_as_it_is_listed(client, ada, post, ready):
    message = post("a cat")
    client.put(f"{message['_links']['self']}/reactions/👍", headers=ada)
    ready()
    answer = ask(client, {}, "cat")
    assert answer.json["messages"] == client.get("/api/messages").json["messages"]
    assert "ETag" not in answer.headers


def test_parts_of_what_has_no_spaces_are_found(post, find):
    post("東京都に住んでいます")
    assert find("京都") == find("住") == ["東京都に住んでいます"]
    assert find("京東") == []


def test_an_edit_is_found_by_its_new_words_only(client, ada, post, find):
    message = post("old words")
    assert find("old") == ["old words"]
    client.put(message["_links"]["self"], json={"source": "new words"}, headers=ada)
    assert (find("old"), find("new")) == ([], ["new words"])


def test_a_deleted_message_is_not_found(client, ada, post, find):
    message = post(SECRET)
    assert find("treasure") == [SECRET]
    client.delete(message["_links"]["self"], headers=ada)
    assert find("treasure") == []


def test_pages_lead_to_all(client, ada, post, ready):
    ids = [post(f"cat {number}")["id"] for number in range(7)]
    ready()
    url, found = "/api/messages/search?q=c%C3%A1t&limit=3&author=1&room=1", []
    while url:
        page = client.get(url).json
        found.append([one["id"] for one in page["messages"]])
        url = page.get("_links", {}).get("next")
    ids.reverse()
    assert found == [ids[:3], ids[3:6], ids[6:]]


def test_it_can_be_of_one_author(post, find, bob):
    post("a cat")
    post("a cat of bob", bob)
    assert find("cat", author=2) == ["a cat of bob"]
    assert find("cat", author=3) == find("cat", author=2**40) == []


def test_it_can_be_before_a_message(post, find):
    ids = [post(f"cat {number}")["id"] for number in range(3)]
    assert find("cat", before_id=ids[2]) == ["cat 1", "cat 0"]
    assert find("cat", before_id=ids[0]) == []
    assert len(find("cat", before_id=2**50)) == 3


def test_nobody_finds_what_he_may_not_read(app, client, ada, bob, post, find):
    private, open_room = make_room(app, "private", 1), make_room(app, "public", 1)
    say(client, ada, private, SECRET)
    say(client, ada, open_room, "a treasure")
    post("treasure!")
    everything = ["treasure!", "a treasure", SECRET]
    assert find("treasure") == everything
    for headers in (bob, {}):
        assert find("treasure", headers) == everything[:2]
        assert find("treasure", headers, author=1) == everything[:2]
        assert find("oak", headers) == []
    assert find("treasure", room=private) == [SECRET]
    assert find("treasure", bob, room=open_room) == ["a treasure"]
    leave(app, private, 1)
    assert find("treasure") == everything[:2]


def test_a_room_that_one_may_not_read_is_not_there(app, client, ada, bob, ready):
    private = make_room(app, "private", 1)
    say(client, ada, private, SECRET)
    ready()
    answers = [ask(client, bob, "oak", room=one) for one in (private, 999, 2**40)]
    assert [one.status_code for one in answers] == [404] * 3
    errors = {one.json["error"].rpartition(" ")[0] for one in answers}
    assert errors == {"There is no room"}


@pytest.mark.parametrize(
    "query",
    [
        *("", "q=", "q=%20%09", "q=%E2%80%8B", "q=a%00b", "q=" + "x" * 201),
        *("q=a&room=x", "q=a&room=0", "q=a&author=-1", "q=a&before_id=1.5"),
        *("q=a&limit=0", "q=a&limit=501", "q=a&limit=x"),
    ],
)
def test_a_field_that_is_wrong_is_named(client, query):
    answer = client.get(f"/api/messages/search?{query}")
    assert answer.status_code == 400
    name = query.rpartition("&")[2].partition("=")[0] or "q"
    assert answer.json["error"].startswith(f"{name}: ")


def test_signs_alone_find_nothing(post, find):
    post("!!!")
    assert find("!!!") == []


def test_a_bad_token_is_refused(client):
    headers = {"Authorization": "Bearer x"}
    assert ask(client, headers, "cat").status_code == 401


def test_reading_of_members_only_needs_a_token(another, ada):
    client = another(ACCESS="members").test_client()
    assert ask(client, {}, "cat").status_code == 401
    assert ask(client, ada, "cat").status_code == 200


@pytest.mark.parametrize("q", ["treasure", "oak", "treasure under"])
def test_what_strangers_say_changes_nothing_that_is_asked(
    app, client, ada, bob, post, q
):
    post("a dog")
    make_room(app, "private", 2)
    den = make_room(app, "private", 1)
    asked = []
    for text in ("nothing", SECRET):
        say(client, ada, den, text)
        index(app)
        with statements(app, database.autocommit(app)) as run:
            assert ask(client, bob, q).json["messages"] == []
        asked.append(run)
    assert asked[0] == asked[1]
