"""Pages are asked with care: public addresses only, and not for long."""

import socket
import threading
import time

import pytest
from web import Trickle

from microflack_messages.link_cards.fetch import Card, CardFetcher


def test_headers_that_trickle_in_are_cut_off():
    with socket.create_server(("127.0.0.1", 0)) as server:
        url = f"http://127.0.0.1:{server.getsockname()[1]}/"
        fetcher = CardFetcher(local=True, timeout_seconds=0.4)
        begin = time.monotonic()
        with Trickle(server):
            assert fetcher.fetch_card(url) is None
        assert time.monotonic() - begin < 2


def test_a_site_that_was_too_slow_is_left_alone_for_a_while(web):
    fetcher = CardFetcher(local=True, timeout_seconds=0.2)
    slow = web.titled("/slow", "Slow", delay=1)
    assert fetcher.fetch_card(slow) is None
    assert fetcher.fetch_card(web.titled("/fast", "Fast")) is None
    assert web.asked == ["/slow"]


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1", "127.8.8.8", "0.0.0.0", "10.1.2.3", "172.16.0.1",
        "192.168.1.1", "169.254.169.254", "100.64.0.1", "192.0.0.1", "198.18.0.1",
        "224.0.0.1", "240.0.0.1", "255.255.255.255", "2130706433", "0x7f000001",
        "0177.0.0.1", "127.1", "[::1]", "[::]", "[fe80::1]", "[fc00::1]", "[fec0::1]",
        "[ff02::1]", "[::ffff:127.0.0.1]", "[::ffff:10.0.0.1]", "[::127.0.0.1]",
        "[64:ff9b::7f00:1]", "[64:ff9b:1::7f00:1]", "[2002:7f00:1::]", "[2001:db8::1]",
    ],
)  # fmt: skip
def test_private_addresses_are_never_asked(host, caplog):
    caplog.set_level("INFO")
    for scheme in ("http", "https"):
        assert CardFetcher().fetch_card(f"{scheme}://{host}/") is None
    assert caplog.messages.count("No link card: InvalidIPAddress") == 2


def test_a_public_page_cannot_lead_to_a_private_address(caplog, web):
    caplog.set_level("INFO")
    web.redirect("/", "http://10.0.0.1/")
    assert CardFetcher(local=True).fetch_card(f"{web.url}/") is None
    assert "No link card: InvalidIPAddress" in caplog.messages


@pytest.mark.parametrize(
    "url",
    ["http://1.1.1.1:22/", "http://1.1.1.1:8080/", "http://a:b@1.1.1.1/", "ftp://1.1.1.1/",
     "http://1.1.1.1:99999/", "http:///x", "http://", "http://[::1", "http://a..b/"],
)  # fmt: skip
def test_only_plain_web_addresses_are_asked(url):
    begin = time.monotonic()
    assert CardFetcher().fetch_card(url) is None
    assert time.monotonic() - begin < 0.5


def test_a_page_that_breaks_its_reader_costs_only_its_own_card():
    class Breaking(CardFetcher):
        def fetch_card(self, url):
            if "bad" in url:
                raise AssertionError("unforeseen")
            return Card(url, "Good", "", "good.example")

    found = Breaking().fetch_cards(["http://bad.example", "http://good.example"])
    assert [card.title for card in found] == ["Good"]


def test_a_redirect_may_be_written_in_any_script(web):
    path = "/путь".encode().decode("latin-1")
    web.titled(path, "Way")
    card = CardFetcher(local=True).fetch_card(web.redirect("/from", path))
    assert card.title == "Way"
    assert web.asked == ["/from", path]


def test_a_title_far_into_a_page_is_found_and_no_more_is_read(web):
    sent = []

    def page():
        yield b"<script>" + b"x = 1;" * 50_000 + b"</script>"
        yield b'<meta property="og:title" content="Far"><meta property="og:'
        yield b'description" content="d">'
        while True:
            sent.append(1)
            yield b"<p>" * 20_000

    assert CardFetcher(local=True).fetch_card(web.page("/far", page)).title == "Far"
    assert len(sent) < 100


def test_what_came_of_a_page_before_the_time_was_over_is_enough(web):
    over = threading.Event()

    def page():
        yield b"<title>Slow</title></head><body>"
        over.wait(30)
        yield b"<p>"

    fetcher = CardFetcher(local=True, timeout_seconds=1)
    card = fetcher.fetch_card(web.page("/slow", page))
    over.set()
    assert card.title == "Slow"


def test_a_card_names_the_host_that_was_asked(web):
    elsewhere = web.titled("/page", "Title").replace(
        "127.0.0.1", "\uff11\uff12\uff17.0.0.1"
    )
    url = web.redirect("/from", elsewhere.encode().decode("latin-1"))
    assert CardFetcher(local=True).fetch_card(url).site == "127.0.0.1"
