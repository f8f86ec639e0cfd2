"""What a receiver of traces is told of one request, wherever that leads."""

import json
import os

import pytest
from room_listeners import Listener, token_of


def unique(word):
    return f"{word}-{os.urandom(6).hex()}"


def told_of(receiver, request_id, *names):
    """Return the spans of a request by their names, once these are among them."""

    def are_there(spans):
        found = {one.name for one in spans if is_of(one)}
        return set(names) <= found

    def is_of(span):
        return span.attributes.get("request.id") == request_id

    spans = receiver.wait_for(are_there)
    return {one.name: one for one in spans if is_of(one)}


def id_of(answer):
    return answer.headers["X-Request-ID"]


@pytest.fixture
def ada(person):
    return person("ada")


def test_the_status_says_who_is_told(platform, receiver):
    told = json.loads(platform.run("mfstatus", "--json").stdout)["traces"]
    assert told == {"to": receiver.url, "share": 1}
    assert f"Traces are sent to {receiver.url}." in platform.run("mfstatus").stdout


def test_a_sign_in_is_one_trace_through_two_services(receiver, ada):
    auth = ada.nickname, ada.password
    answer = ada.send("POST", "/api/tokens", headers={"Authorization": None}, auth=auth)
    names = ("POST /api/tokens", "GET", "GET /api/users/me", "SELECT")
    spans = told_of(receiver, id_of(answer), *names)
    assert len({one.trace_id for one in spans.values()}) == 1
    asked, call, answered, *_ = (spans[name] for name in names)
    assert (asked.service, asked.parent_id) == ("tokens", "")
    assert (call.service, call.parent_id) == ("tokens", asked.span_id)
    assert (answered.service, answered.parent_id) == ("users", call.span_id)
    for secret in (ada.password, answer.json()["token"]):
        assert secret.encode() not in receiver.bodies


def test_a_message_is_followed_to_those_who_hear_it(receiver, ada):
    word = unique("word")
    # Nobody is asked for that page, but that is found out later.
    body = {"source": f"{word} http://127.0.0.1:9/{word}"}
    strange = {"traceparent": "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"}
    answer = ada.send("POST", "/api/messages", json=body, headers=strange)
    names = ("POST /api/messages", "store changes", "publish Message")
    names += ("deliver updated_model", "make link cards")
    spans = told_of(receiver, id_of(answer), *names)
    posted, stored, published, heard, cards = (spans[name] for name in names)
    assert (posted.service, posted.parent_id) == ("messages", "")
    assert stored.parent_id == published.parent_id == posted.span_id
    assert (heard.service, heard.parent_id) == ("socketio", published.span_id)
    assert cards.trace_id != posted.trace_id
    assert cards.links == [posted.trace_id]
    assert word.encode() not in receiver.bodies


def test_a_message_through_a_socket_is_one_trace(platform, receiver, ada):
    listener = Listener("ada", platform.url)
    try:
        told = listener.call("post_message", {"source": "hello"}, token_of(ada))
    finally:
        listener.close()
    assert told["source"] == "hello"
    # Other tests have posted so, too: none of them says which trace is whose.
    receiver.wait_for(lambda spans: any(map(is_whole, by_trace(spans))))


def by_trace(spans):
    """Return the spans of each trace."""
    traces = {}
    for one in spans:
        traces.setdefault(one.trace_id, []).append(one)
    return traces.values()


def is_whole(trace):
    """Say whether one request was followed from a socket to those who hear of it."""
    names = {one.name for one in trace}
    services = {one.service for one in trace}
    ids = {one.attributes.get("request.id") for one in trace}
    ends = {"post_message", "deliver updated_model"}
    return ends <= names and services == {"socketio", "messages"} and len(ids) == 1
