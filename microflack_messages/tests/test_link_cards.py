"""Links of a message are shown as cards."""

import socket
import time

import pytest

from microflack_messages import models, store
from microflack_messages.models import db


@pytest.fixture
def settled(app):
    """Return a function that waits until no message waits for its cards."""

    def settled(timeout=10):
        end = time.monotonic() + timeout
        with app.app_context():
            while store.pending_cards(models.now(), 1):
                assert time.monotonic() < end, "cards are still to be made"
                time.sleep(0.01)

    return settled


@pytest.fixture
def post(post, client, settled):
    """Return a function that posts a message and returns it when it has its cards."""

    def post_and_wait(source):
        message = post(source)
        settled()
        return client.get(message["_links"]["self"]).json

    return post_and_wait


def cards(message):
    """Return the part of a message's HTML that is cards."""
    return "".join(message["html"].partition('<div class="link-card">')[1:])


def test_a_link_is_shown_with_title_and_description(client, post, web):
    url = web.titled("/page", "The title", "What it is about")
    message = post(f"look: {url}")
    assert cards(message) == (
        f'<div class="link-card"><a class="link-card-title" href="{url}" '
        'rel="nofollow noopener noreferrer" target="_blank">The title</a>'
        '<p class="link-card-description">What it is about</p>'
        '<span class="link-card-site">127.0.0.1</span></div>'
    )
    assert client.get(message["_links"]["self"]).json == message


def test_a_description_is_left_out_where_there_is_none(post, web):
    message = post(web.titled("/page", "The title"))
    assert "link-card-description" not in message["html"]


def test_open_graph_goes_before_the_title(post, web):
    url = web.page(
        "/og",
        '<title>no</title><meta name=description content="no">'
        '<meta property="og:title" content="Yes &amp; yes">'
        '<meta property="og:description" content="of   course\n!"></head>',
    )
    message = post(url)
    assert ">Yes &amp; yes</a>" in message["html"]
    assert ">of course !</p>" in message["html"]


def test_what_a_page_says_is_text(post, web):
    url = web.page(
        "/evil",
        "<title>&lt;script&gt;alert(1)&lt;/script&gt;</title>"
        "<meta name=description content='\"><img src=x onerror=alert(1)>'></head>",
    )
    html = post(url)["html"]
    assert "<script" not in html
    assert "<img" not in html
    assert "&lt;script&gt;" in html


def test_long_texts_are_cut(post, web):
    html = post(web.titled("/long", "t" * 500, "d" * 1000))["html"]
    assert f">{'t' * 119}…</a>" in html
    assert f">{'d' * 299}…</p>" in html


def test_the_first_three_distinct_links_are_shown(post, web):
    urls = [web.titled(f"/{n}", f"Page {n}") for n in range(5)]
    message = post(" ".join([urls[0], *urls]))
    assert message["html"].count("link-card-title") == 3
    assert sorted(web.asked) == ["/0", "/1", "/2"]


def test_an_edit_shows_the_cards_of_the_new_text(client, ada, post, settled, web):
    old, new = web.titled("/old", "Old"), web.titled("/new", "New")
    message = post(old)
    client.put(message["_links"]["self"], json={"source": new}, headers=ada)
    settled()
    html = client.get(message["_links"]["self"]).json["html"]
    assert ">New</a>" in html
    assert "Old" not in html


def test_redirects_are_followed_three_times(post, web):
    web.titled("/end", "The end")
    for n in range(4):
        web.redirect(f"/{n}", f"/{n - 1}" if n else "/end")
    assert ">The end</a>" in post(f"{web.url}/2")["html"]
    assert not cards(post(f"{web.url}/3"))


@pytest.mark.parametrize(
    ("header", "data", "title"),
    [
        ("text/html", "<title>Grüße</title>".encode(), "Grüße"),
        (
            "text/html; charset=iso-8859-1",
            b"<title>Gr\xfc\xdfe \x80</title>",
            "Grüße €",
        ),
        ("text/html", b"<meta charset=gbk><title>\xc4\xe3\xba\xc3</title>", "你好"),
        ("text/html; charset=nonsense", "<title>ü</title>".encode(), "ü"),
        ("text/html; charset=zip", "<title>ü</title>".encode(), "ü"),
        ("text/html", b"<title>\xff ok</title>", "ÿ ok"),
    ],
)
def test_the_page_is_read_in_its_character_set(post, web, header, data, title):
    url = web.page("/page", data, Content_Type=header)
    assert f">{title}</a>" in post(url)["html"]


@pytest.mark.parametrize(
    "options",
    [
        {"status": "404 Not Found"},
        {"status": "500 Oops"},
        {"Content_Type": "image/svg+xml"},
        {"Content_Type": "application/json"},
        {"Content_Type": ""},
        {"Content_Encoding": "gzip"},
        {"status": "302 Found", "Location": "javascript:alert(1)"},
        {"status": "302 Found", "Location": "http://[::1"},
        {"status": "302 Found", "Location": "file:///etc/passwd"},
        {"status": "302 Found"},
    ],
)
def test_what_is_no_page_has_no_card(post, web, options):
    message = post(web.titled("/page", "Title", **options))
    assert not cards(message)
    assert web.url in message["html"]


@pytest.mark.parametrize(
    "body", ["", "<title></title>", "<p>x</p>", "<![nonsense", "\x00" * 1000]
)
def test_a_page_without_a_title_has_no_card(post, web, body):
    assert not cards(post(web.page("/page", body)))


def test_a_server_that_is_not_there_leaves_the_message(post):
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{unused.getsockname()[1]}/"
        assert post(url)["source"] == url


def test_slow_pages_cost_at_most_their_time_all_together(post, web):
    begin = time.monotonic()
    slow = [web.titled(f"/{n}", "Slow", delay=2.8) for n in range(2)]
    message = post(" ".join([*slow, web.titled("/fast", "Fast")]))
    assert time.monotonic() - begin < 3.5
    assert message["html"].count("link-card-title") == 1
    assert ">Fast</a>" in message["html"]


def test_a_page_that_trickles_in_is_cut_off(post, web):
    def trickle():
        for _ in range(60):
            time.sleep(0.1)
            yield b"<!-- -->"

    begin = time.monotonic()
    assert not cards(post(web.page("/drops", trickle)))
    assert time.monotonic() - begin < 2.6


def test_a_page_without_end_is_read_to_its_limit(post, web):
    sent = []

    def endless():
        yield b"<title>Big</title>"
        while True:
            sent.append(1)
            yield b"x" * 65536

    assert ">Big</a>" in post(web.page("/big", endless))["html"]
    assert len(sent) < 200


def test_no_connection_to_the_database_is_held_meanwhile(app, post, web):
    seen = []

    def page():
        with app.app_context():
            pool = db.engine.pool
            end = time.monotonic() + 1
            # The writer keeps one. This test itself looks now and then whether the
            # cards are there.
            while pool.checkedout() > 1 and time.monotonic() < end:
                time.sleep(0.001)
            seen.append(pool.checkedout())
            stored = db.session.execute(db.text("SELECT source FROM messages")).all()
            seen.append(len(stored))
        yield b"<title>Seen</title>"

    assert ">Seen</a>" in post(web.page("/page", page))["html"]
    assert seen == [1, 1]


def test_an_edit_while_links_are_expanded_wins(app, client, ada, settled, web):
    def page():
        editor = app.test_client()
        editor.put("/api/messages/1", json={"source": "edited"}, headers=ada)
        yield b"<title>Late</title>"

    body = {"source": web.page("/page", page)}
    client.post("/api/messages", json=body, headers=ada)
    settled()
    message = client.get("/api/messages/1").json
    assert (message["source"], message["html"]) == ("edited", "edited")
