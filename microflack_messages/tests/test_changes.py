"""Change numbers: nothing is missed by who asks for what came after the last one."""

import threading
import time

import pytest

from microflack_common.testing import token_for


@pytest.fixture
def after(client):
    """Return a function that answers what came after a number, with other values."""

    def after(number, **query):
        answer = client.get("/api/messages", query_string={"after": number} | query)
        assert answer.status_code == 200, answer.json
        return answer.json

    return after


def sources(answer):
    return [message["source"] for message in answer["messages"]]


def test_what_came_after_a_number_is_answered_in_its_order(post, after, last):
    before = last()
    posted = [post(text) for text in ("one", "two", "three")]
    answer = after(before)
    assert answer["messages"] == posted
    numbers = [message["change"] for message in posted]
    assert numbers == [before + 1, before + 2, before + 3]
    assert answer["change"] == last() == before + 3
    assert sources(after(before + 2)) == ["three"]


def test_an_edit_is_another_change_of_the_same_message(client, ada, post, after, last):
    first, second = post("first"), post("second")
    before = last()
    client.put(first["_links"]["self"], json={"source": "other"}, headers=ada)
    (changed,) = after(before)["messages"]
    assert changed == client.get(first["_links"]["self"]).json
    assert (changed["id"], changed["change"]) == (first["id"], before + 1)
    # Who had heard of neither gets each message once, the edited one last.
    both = after(before - 2)["messages"]
    assert [one["id"] for one in both] == [second["id"], first["id"]]


def test_cards_are_a_change(client, post, after, last, web):
    before = last()
    post(web.titled("/page", "Title"))
    deadline = time.monotonic() + 10
    while "link-card" not in after(before)["messages"][0]["html"]:
        assert time.monotonic() < deadline
    assert after(before)["change"] == before + 2


def test_pages_are_continued_by_their_link(client, post, after, last):
    before = last()
    for number in range(5):
        post(str(number))
    page = after(before, limit=2)
    found, pages = sources(page), 1
    while "_links" in page:
        assert page["change"] == before + 5
        page = client.get(page["_links"]["next"]).json
        found += sources(page)
        pages += 1
    assert (found, pages) == (["0", "1", "2", "3", "4"], 3)


def test_nothing_new_is_an_empty_answer_with_the_same_number(post, after, last):
    post()
    number = last()
    assert after(number) == {"messages": [], "change": number}


def test_a_number_that_was_never_given_is_answered_with_the_last(post, after, last):
    post()
    assert after(last() + 1000) == {"messages": [], "change": last()}


@pytest.mark.parametrize(
    "query", ["after=-1", "after=x", "after=1&before_id=2", "after=1&updated_since=2"]
)
def test_a_wrong_question_is_refused(client, query):
    answer = client.get(f"/api/messages?{query}")
    assert answer.status_code == 400
    assert "after" in answer.json["error"]


class Reader(threading.Thread):
    """Asks again and again what came after the last number that it was told."""

    def __init__(self, app):
        super().__init__()
        self._client = app.test_client()
        self.done = threading.Event()
        self.numbers = []
        self.ids = set()

    def run(self):
        number = self._client.get("/api/messages").json["change"]
        while True:
            ends = self.done.is_set()
            answer = self._client.get(f"/api/messages?after={number}&limit=500").json
            self.numbers += [one["change"] for one in answer["messages"]]
            self.ids |= {one["id"] for one in answer["messages"]}
            number = answer["change"]
            if ends and not answer["messages"]:
                return


def stored(client, headers, source):
    """Post until there is an answer: a busy machine may ask to try again."""
    again = {"Idempotency-Key": source}
    while True:
        answer = client.post(
            "/api/messages", json={"source": source}, headers=headers | again
        )
        if answer.status_code != 503:
            return answer.json


def test_no_change_is_missed_whoever_writes_at_the_same_time(app, another):
    instances = [app, another(), another()]
    reader = Reader(app)
    reader.start()
    written = []

    def write(instance, author):
        client, headers = instance.test_client(), token_for(instance, author)
        for number in range(25):
            message = stored(client, headers, f"{author} {number}")
            written.append(message["id"])
            if number % 5 == 0:
                link = message["_links"]["self"]
                client.put(link, json={"source": "edited"}, headers=headers)

    writers = [
        threading.Thread(target=write, args=(instance, author))
        for author, instance in enumerate(instances * 2, 1)
    ]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    reader.done.set()
    reader.join()
    assert len(written) == 150
    assert reader.ids == set(written)
    assert reader.numbers == sorted(set(reader.numbers))
