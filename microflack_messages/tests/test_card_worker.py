"""Cards are made in the background: nobody waits for them, and none is forgotten."""

import threading
import time

import pytest

from microflack_messages import models, store
from microflack_messages.link_cards.worker import CardWorker
from microflack_messages.models import db


@pytest.fixture
def hang(web):
    """Return the URL of a page that answers when told to: (url, asked, answer)."""
    asked, answer = threading.Event(), threading.Event()

    def page():
        asked.set()
        answer.wait(10)
        yield b"<title>At last</title>"

    yield web.page("/hang", page), asked, answer
    answer.set()


def wait_for(condition, timeout=10):
    """Wait until ``condition`` is true."""
    end = time.monotonic() + timeout
    while not condition():
        assert time.monotonic() < end, condition
        time.sleep(0.01)


def html_of(client, message):
    """Return what a message looks like now."""
    return client.get(message["_links"]["self"]).json["html"]


def test_the_answer_does_not_wait_for_the_pages(client, post, hang):
    url, asked, answer = hang
    message = post(url)
    assert "link-card" not in message["html"]
    assert asked.wait(5)
    answer.set()
    wait_for(lambda: ">At last</a>" in html_of(client, message))


def test_cards_change_the_time_of_the_message(client, app, post, web):
    message = post(web.titled("/page", "Title"))
    wait_for(lambda: "link-card" in html_of(client, message))
    changed = client.get(f"/api/messages?updated_since={message['updated_at']}")
    assert [one["id"] for one in changed.json["messages"]] == [message["id"]]


def test_a_hanging_site_holds_up_nobody_elses_cards(client, post, hang, web):
    url, asked, _ = hang
    post(url)
    assert asked.wait(5)
    message = post(web.titled("/fast", "Fast"))
    wait_for(lambda: ">Fast</a>" in html_of(client, message), timeout=1.5)


def test_what_a_crash_left_undone_is_done_at_the_next_start(
    app, another, client, post, monkeypatch, web
):
    # As if the process were killed right after the commit: its cards are not made.
    card_worker = app.extensions["microflack_card_worker"]
    monkeypatch.setattr(card_worker, "submit", lambda *_told: None)
    message = post(web.titled("/page", "Healed"))
    assert "link-card" not in message["html"]
    another().test_client().get("/healthz")
    wait_for(lambda: ">Healed</a>" in html_of(client, message))
    with app.app_context():
        wait_for(lambda: not store.pending_cards(models.now(), 1))


def test_what_finds_no_place_in_the_queue_is_found_in_the_database(
    app, post, monkeypatch, caplog
):
    class Busy:
        def __init__(self):
            self.asked, self.answer = threading.Event(), threading.Event()

        def fetch_cards(self, links):
            self.asked.set()
            self.answer.wait(10)
            return []

    fetcher, writer = Busy(), app.extensions["microflack_writer"]
    card_worker = CardWorker(
        app, fetcher, writer, threads=1, capacity=1, rescan_seconds=0.05
    )
    monkeypatch.setitem(app.extensions, "microflack_card_worker", card_worker)
    post("http://one.example")
    assert fetcher.asked.wait(5)
    for name in ("two", "three", "four"):
        post(f"http://{name}.example")
    assert caplog.text.count("Too many link cards") == 2
    with app.app_context():
        assert len(store.pending_cards(models.now(), 10)) == 4
        db.session.execute(db.text("UPDATE pending_cards SET since = since - 1"))
        db.session.commit()
        card_worker.start()
        fetcher.answer.set()
        wait_for(lambda: not store.pending_cards(models.now(), 1))
    card_worker.stop()


def test_a_message_stays_when_its_cards_cannot_be_stored(
    app, client, post, caplog, web
):
    def rename(old, new):
        with app.app_context():
            db.session.execute(db.text(f"ALTER TABLE {old} RENAME TO {new}"))
            db.session.commit()

    def page():
        rename("messages", "elsewhere")
        yield b"<title>Lost</title>"

    message = post(web.page("/page", page))
    wait_for(lambda: "Link cards have to wait" in caplog.text)
    rename("elsewhere", "messages")
    assert html_of(client, message) == message["html"]
    with app.app_context():
        assert store.pending_cards(models.now(), 1)


def test_cards_that_cannot_be_made_are_given_up(app, post, monkeypatch, caplog):
    class Broken:
        def fetch_cards(self, links):
            raise AssertionError("unforeseen")

    card_worker = app.extensions["microflack_card_worker"]
    monkeypatch.setattr(card_worker, "_fetcher", Broken())
    post("http://127.0.0.1:9/")
    with app.app_context():
        wait_for(lambda: not store.pending_cards(models.now(), 1))
    assert "cannot be made" in caplog.text
